"""What is refused on another engine, where it stands, and how to write it instead."""

from collections.abc import Mapping

from analyzer.errors import EngineError

_LONGEST = 100
_INSTEAD: Mapping[str, str] = {
    "Anonymous": "leave this function out, or write it with CASE, coalesce and sums",
    "ApproxDistinct": "write count(DISTINCT ...), which is exact",
    "ApproxQuantile": "read the relation `percentiles`, whose figures are exact",
    "ArrayAgg": "write sums or min and max: the order within a list differs between engines",
    "ArgMax": "write it as row_number() with a total order, and keep place 1",
    "ArgMin": "write it as row_number() with a total order, and keep place 1",
    "AT TIME ZONE": "write (instant AT TIME ZONE 'UTC') AT TIME ZONE getvariable('tz')",
    "Avg": "write CAST(sum(x) AS DOUBLE) / nullif(count(x), 0)",
    "BitwiseAnd": "write (mask // bit) % 2 in a relation of DuckDB's, or a column for each bit",
    "DECIMAL": "write CAST(x AS DECIMAL(38, 0)), or HUGEINT, and multiply at the end",
    "DISTINCT ON": "write row_number() with a total order in a subquery, and keep place 1",
    "BY NAME": "name the columns on both sides, in one order",
    "Div": "write CAST(x AS DOUBLE) / nullif(y, 0): a division of whole numbers or decimals differs",
    "First": "write min(...) or max(...): which row is first differs between engines",
    "IgnoreNulls": "write min(...) or max(...): which value is any differs between engines",
    "GROUP BY ALL": "name the columns of GROUP BY",
    "GroupConcat": "write rows, not one text: their order differs between engines",
    "IntDiv": "write floor by comparisons: // rounds otherwise elsewhere",
    "LIMIT": "add ORDER BY with all ties broken",
    "Lambda": "write unnest(map_entries(x)) AS one in a subquery, and sums over its rows",
    "Last": "write min(...) or max(...): which row is last differs between engines",
    "Lateral": "write a subquery, or a CTE that is joined",
    "Median": "read the relation `percentiles`, whose figures are exact",
    "PercentileCont": "read the relation `percentiles`, whose figures are exact",
    "PercentileDisc": "read the relation `percentiles`, whose figures are exact",
    "Quantile": "read the relation `percentiles`, whose figures are exact",
    "Round": "leave rounding to whoever shows the figure",
    "TryCast": "test with regexp_matches first: what counts as a number differs between engines",
    "asof": "write valid_from <= ts AND ts < valid_to",
    "date_diff": "write date_diff('second', a, b), which is understood, and multiply",
    "date_trunc": "truncate to minute, hour, day or month",
    "frame": "leave ROWS and RANGE out: from the first row up to this one",
    "glob": "write * and ? only, or letters and digits in [...]",
    "join": "write JOIN, LEFT JOIN or CROSS JOIN with ON",
    "left": "write how many letters as a number: of fewer than none engines take other ones",
    "list": "write x[1], or unnest(numbered(x)) AS one: engines count lists from 1 or from 0",
    "list_sum": "write unnest(map_entries(x)) AS one in a subquery, and sum(one.value)",
    "qualify": "write row_number() in a subquery, and keep place 1 with WHERE",
    "recursive": "write the steps out as CTEs",
    "regexp_matches": "write a constant pattern of letters, digits and . | ( ) [ ] { } ^ $ * + ?, and no options",
    "regexp_replace": "write constants, and 'g' in a query, ^ or $ in a format: Spark replaces every match",
    "rounding": "round by comparisons first: CAST rounds to even, up or down, by engine",
    "star": "name the columns",
    "strftime": "write strftime(x, '%Y-%m'), which is understood",
    "text to number": "compare texts: what counts as a number differs between engines",
    "to text": "keep the value as it is: engines print numbers and instants differently",
    "type": "cast to BIGINT, HUGEINT, DOUBLE, DATE, TIMESTAMP, BOOLEAN or DECIMAL(38, 0)",
    "unnest": "write unnest(map_entries(x)) AS one, or numbered(x), in the list of columns",
    "unordered": "add ORDER BY with all ties broken",
}
_OTHERWISE = "write it in the portable subset of SQL that docs/spark.md lists"


class NotPortableError(EngineError):
    """A statement that cannot be had on another engine: its file, the line, the fragment, and how to write it."""

    def __init__(self, origin: str, line: int, fragment: str, remedy: str) -> None:
        short = " ".join(fragment.split())
        short = short if len(short) <= _LONGEST else short[:_LONGEST] + " …"
        super().__init__(f"{origin}, line {line}: not the same on Spark: {short}", remedy)


def remedy(topic: str) -> str:
    """How to write what was refused."""
    return _INSTEAD.get(topic, _OTHERWISE)
