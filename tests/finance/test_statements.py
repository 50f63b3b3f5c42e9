"""Statements that sum money up, and the one that chooses between the rows of a request, each over rows in memory."""

import random
import re
from datetime import date, datetime, timedelta

import duckdb
import pytest
from statements import APRIL, MARCH, MAY, MONEY, TOKENS, Row, added, asked, drawn, groups, in_order
from support import ROOT

from analyzer.finance.entries import sql
from analyzer.ingest.duplicates import sql as settling


def test_a_showback_sums_each_name_of_both_months_apart(memory: duckdb.DuckDBPyConnection) -> None:
    """A name that was used in one of them alone is there, too; of a third month nothing is. Tokens of no usage are unknown."""
    types = (
        "endpoint VARCHAR, team VARCHAR, cost_center VARCHAR, api_key_name VARCHAR, model VARCHAR, month TIMESTAMP, "
        "requests BIGINT, measured BOOLEAN, priced BOOLEAN, input_tokens HUGEINT, output_tokens HUGEINT, cost HUGEINT"
    )
    rows = drawn(
        60,
        endpoint=["/a", "/b", None],
        team=["care", None],
        cost_center=["CC-1", "CC-2"],
        api_key_name=["k"],
        model=["m", "n", "o"],
        month=[MAY, MAY, APRIL, MARCH],
        requests=[0, 1, 5],
        measured=[True, True, False],
        priced=[True, False],
        input_tokens=TOKENS,
        output_tokens=TOKENS,
        cost=MONEY,
    )
    for row in rows:
        row["priced"] &= row["measured"]
        row["cost"] = row["cost"] if row["priced"] else None
    alone = {"/now": MAY, "/then": APRIL, "/long ago": MARCH}
    rows += [rows[0] | {"endpoint": name, "month": month} for name, month in alone.items()]

    found = asked(memory, sql("showback"), "entries", types, rows, month=MAY, before=APRIL)

    expected = []
    for dimension in ("endpoint", "team", "cost_center", "api_key_name", "model"):
        for (name,), some in groups((row for row in rows if row["month"] != MARCH), dimension).items():
            now, before = ([row for row in some if row["month"] == month] for month in (MAY, APRIL))
            expected.append(
                {
                    "dimension": dimension,
                    "name": name,
                    "requests": sum(row["requests"] for row in now),
                    "unpriced": sum(row["requests"] for row in now if row["measured"] and not row["priced"]),
                    **{
                        side: added([row for row in now if row["measured"] or row[side]], side)
                        for side in ("input_tokens", "output_tokens")
                    },
                    "cost": added(now, "cost"),
                    "entries_now": len(now),
                    "entries_before": len(before),
                    "before": added(before, "cost"),
                }
            )
    assert in_order(found) == in_order(expected)
    by_cost = [(row["dimension"], row["cost"] is None, -(row["cost"] or 0)) for row in found]
    assert by_cost == sorted(by_cost), "the dearest first, what has no price last"


CELL_TYPES = (
    'endpoint VARCHAR, model VARCHAR, serves VARCHAR, provider VARCHAR, service_tier VARCHAR, "window" VARCHAR, '
    "day DATE, priced BOOLEAN, size_class BIGINT, requests BIGINT, p_request BIGINT, input_tokens HUGEINT, "
    "read_tokens HUGEINT, write_tokens HUGEINT, output_tokens HUGEINT, miss_cost HUGEINT, read_cost HUGEINT, "
    "write_cost HUGEINT, output_cost HUGEINT, other_cost HUGEINT"
)
CELL_SUMS = (
    "requests", "input_tokens", "read_tokens", "write_tokens", "output_tokens", "miss_cost", "read_cost", "write_cost",
    "output_cost",
)  # fmt: skip
WORDS = ("endpoint", "model", "serves", "provider", "service_tier")


@pytest.mark.parametrize("by_day", [False, True])
@pytest.mark.parametrize("of", [None, ["/a"]])
def test_cells_sum_what_was_priced_within_their_days(
    memory: duckdb.DuckDBPyConnection, by_day: bool, of: list[str] | None
) -> None:
    """Both ends of the days; of endpoints that are asked for, what has none is always there."""
    first, until = date(2026, 5, 2), date(2026, 5, 4)
    rows = drawn(
        120,
        endpoint=["/a", "/b", None],
        model=["m"],
        serves=["m", "n"],
        provider=["p", None],
        service_tier=[None],
        window=["peak", "off-peak"],
        day=[first - timedelta(1), first, first + timedelta(1), until],
        priced=[True, True, True, False],
        size_class=[0, 200_000],
        requests=[0, 1, 5],
        p_request=[0, 10**12],
        **dict.fromkeys(CELL_SUMS[1:5], TOKENS),
        **dict.fromkeys((*CELL_SUMS[5:], "other_cost"), MONEY),
    )

    found = asked(
        memory, sql("cells"), "entries", CELL_TYPES, rows,
        cells_from=first, cells_until=until, cells_by_day=by_day, cells_of=of,
    )  # fmt: skip

    taken = [
        row | {"on_day": row["day"] if by_day else None}
        for row in rows
        if row["priced"] and first <= row["day"] < until and (of is None or row["endpoint"] in {None, *of})
    ]
    names = ("on_day", *WORDS, "window", "size_class")
    assert in_order(found) == in_order(
        dict(zip(names, key, strict=True))
        | {name: added(some, name) for name in CELL_SUMS}
        | {
            "request_cost": sum(row["requests"] * row["p_request"] for row in some),
            "apart_cost": sum(row["other_cost"] - row["requests"] * row["p_request"] for row in some),
        }
        for key, some in groups(taken, *names).items()
    )


def test_days_of_cost_keep_those_before_as_one(memory: duckdb.DuckDBPyConnection) -> None:
    """The first and the last day are among them; what has no usage is no day's; unpriced calls are counted."""
    first, through = date(2026, 5, 2), date(2026, 5, 4)
    rows = drawn(
        100,
        endpoint=["/a", None],
        model=["m"],
        serves=["m", "n"],
        provider=["p", None],
        service_tier=[None],
        day=[first + timedelta(number) for number in range(-2, 4)],
        measured=[True, True, False],
        priced=[True, False],
        requests=[0, 1, 5],
        cost=lambda row: random.Random(len(row)).choice(MONEY) if row["priced"] else None,
    )
    types = (
        "endpoint VARCHAR, model VARCHAR, serves VARCHAR, provider VARCHAR, service_tier VARCHAR, day DATE, "
        "measured BOOLEAN, priced BOOLEAN, requests BIGINT, cost HUGEINT"
    )

    found = asked(memory, sql("daily"), "entries", types, rows, daily_from=first, daily_through=through)

    taken = [
        row | {"on_day": row["day"] if row["day"] >= first else None}
        for row in rows
        if row["measured"] and row["day"] <= through
    ]
    names = ("on_day", *WORDS)
    assert in_order(found) == in_order(
        dict(zip(names, key, strict=True))
        | {
            "cost": added(some, "cost") or 0,
            "unpriced": sum(row["requests"] for row in some if not row["priced"]),
        }
        for key, some in groups(taken, *names).items()
    )


def test_a_bill_is_summed_by_bucket_and_price(memory: duckdb.DuckDBPyConnection) -> None:
    """Single calls are put into hours; a log without buckets and money is no bill; what one row does not tell is unread."""
    hour = datetime(2026, 5, 2, 13)
    rows = drawn(
        150,
        source_id=[1, 1, 1, 2, 3],
        started_at=[hour - timedelta(minutes=5), hour, hour + timedelta(minutes=59)],
        completed_at=[None, hour, hour + timedelta(minutes=59)],
        bucket_end=lambda row: hour + timedelta(days=1) if row["source_id"] == 1 else None,
        model=["m", "n"],
        provider=[None],
        service_tier=[None, "batch"],
        api_key_name=["k"],
        calls=[0, 1, 917],
        input_from=[None, 200_001],
        input_tokens=[None, *range(10**6, 10**6 + 9)],
        cache_read_tokens=[None, 3, 5000],
        cache_write_tokens=[None, None, 7, 700],
        cache_write_1h_tokens=[None, 1, 6],
        output_tokens=[None, *range(10**6, 10**6 + 9)],
        stated_input=[150, 300],
        stated_cache_read=[None],
        stated_output=[900],
        stated_cost=lambda row: row["calls"] * 10**15 + 1 if row["source_id"] == 2 or row["calls"] == 917 else None,
        stated_currency=[None, "USD"],
        apart=[None, {"search": 2}],
    )
    for row in rows:
        if row["source_id"] == 3:  # a plain log
            row["stated_cost"] = None
    types = (
        "source_id INTEGER, started_at TIMESTAMP, completed_at TIMESTAMP, bucket_end TIMESTAMP, model VARCHAR, "
        "provider VARCHAR, service_tier VARCHAR, api_key_name VARCHAR, calls BIGINT, input_from BIGINT, "
        "input_tokens BIGINT, cache_read_tokens BIGINT, cache_write_tokens BIGINT, cache_write_1h_tokens BIGINT, "
        "output_tokens BIGINT, stated_input BIGINT, stated_cache_read BIGINT, stated_output BIGINT, stated_cost HUGEINT, "
        "stated_currency VARCHAR, apart MAP(VARCHAR, BIGINT)"
    )

    found = asked(memory, sql("bill"), "requests", types, rows)

    taken = []
    for row in rows:
        if row["source_id"] == 3:
            continue
        moment = (row["completed_at"] or row["started_at"]).replace(minute=0)
        bucket = (row["started_at"], row["bucket_end"]) if row["bucket_end"] else (moment, moment + timedelta(hours=1))
        prices = {"p_hits": row["stated_cache_read"], "p_misses": row["stated_input"], "p_output": row["stated_output"]}
        taken.append(row | dict(zip(("from_instant", "to_instant"), bucket, strict=True)) | prices)
    names = (
        "from_instant", "to_instant", "model", "provider", "service_tier", "api_key_name", "input_from", "p_hits", "p_misses",
        "p_output",
    )  # fmt: skip
    expected = []
    for key, some in groups(taken, *names).items():
        whole = [row for row in some if row["input_tokens"] is not None]
        apart = [row["apart"] for row in some if row["apart"]]
        expected.append(
            dict(zip(names, key, strict=True))
            | {
                "requests": sum(row["calls"] for row in some),
                "hits": added(some, "cache_read_tokens") or 0,
                "misses": sum(
                    row["input_tokens"] - (row["cache_read_tokens"] or 0) - (row["cache_write_tokens"] or 0)
                    for row in whole
                ),
                "writes": added(some, "cache_write_tokens") or 0,
                "writes_1h": added(some, "cache_write_1h_tokens") or 0,
                "output": added(some, "output_tokens") or 0,
                "stated": added(some, "stated_cost"),
                "money_unread": any(
                    row["stated_cost"] is None and (row["bucket_end"] is None or row["stated_currency"] is not None)
                    for row in some
                ),
                "input_unread": any(row["input_tokens"] is None for row in some),
                "output_unread": any(row["output_tokens"] is None for row in some),
                "tells_hits": any(row["cache_read_tokens"] is not None for row in some),
                "tells_writes": any(row["cache_write_tokens"] is not None for row in some),
                "apart": apart or None,
            }
        )
    assert in_order(found) == in_order(expected)


# What decides between two rows of one request, the first of these before all others: of each the better and the worse.
NAMES = ("endpoint", "session_id", "api_key_name", "team", "user_name", "service_tier")
BETTER: list[tuple[Row, Row]] = [
    ({"input_tokens": 1}, {"input_tokens": None}),
    ({"cache_read_tokens": 0}, {"cache_read_tokens": None}),
    ({"output_tokens": 2}, {"output_tokens": 1}),
    ({"input_tokens": 2}, {"input_tokens": 1}),
    *(({name: "z"}, {name: None}) for name in NAMES),
    (
        {"calls": 0, "stated_output": 9},
        {"calls": 2, "stated_output": 9},
    ),  # a price tier without calls, the newer export's
    ({"calls": 2}, {"calls": 1}),
    ({"completed_at": MAY}, {"completed_at": APRIL}),
    ({"completed_at": MAY}, {"completed_at": None}),
    ({"started_at": MAY}, {"started_at": APRIL}),
    ({"model": "a"}, {"model": "b"}),
]
USUAL: Row = {
    "endpoint": None, "model": "m", "provider": None, "operation": None, "session_id": None, "api_key_name": None,
    "team": None, "user_name": None, "status": None, "service_tier": None, "input_tokens": 1, "cache_read_tokens": 0,
    "cache_write_tokens": 0, "output_tokens": 1, "reasoning_tokens": 0, "tool_calls": 0, "stated_cost": None,
    "stated_input": None, "stated_cache_read": None, "stated_output": None, "calls": 1, "started_at": APRIL,
    "completed_at": APRIL,
}  # fmt: skip


def rivals(place: int) -> tuple[Row, Row]:
    """Two rows of a request: better by one difference, and worse by all that come after it and are not of its column."""
    kept, lost = dict(USUAL), dict(USUAL)
    for number, (better, worse) in reversed([*enumerate(BETTER)][place:]):
        mine, other = (better, worse) if number == place else (worse, better)
        # One name more counts as much as another: they are one difference, as are the two of completions.
        if number == place or not (better.keys() & BETTER[place][0].keys() or better.keys() & {*NAMES}):
            kept |= mine
            lost |= other
    return kept, lost


TEXTS = {*NAMES, "request_id", "fate", "model", "provider", "operation", "status"}
TIMES = {"started_at", "completed_at", "bucket_end"}
DIFFERENCES = pytest.mark.parametrize(
    "place", range(len(BETTER)), ids=[", ".join(map(str, better)) for better, _ in BETTER]
)


def types_of(row: Row) -> str:
    return ", ".join(
        f"{name} {'VARCHAR' if name in TEXTS else 'TIMESTAMP' if name in TIMES else 'BIGINT'}" for name in row
    )


@DIFFERENCES
def test_of_two_rows_of_a_request_each_difference_decides_before_the_later_ones(
    memory: duckdb.DuckDBPyConnection, place: int
) -> None:
    kept, lost = rivals(place)
    rows = [
        {"request_id": "r", "fate": None, "source_id": source, "records": 1, **row}
        for source, row in ((1, lost), (2, kept), (3, lost))
    ]
    # What is no request is none of them, and of rows without an id none tells the same.
    rows += [rows[1] | {"source_id": 4, "fate": "rejected:"}, *[rows[1] | {"source_id": 5, "request_id": None}] * 2]
    memory.execute("CREATE OR REPLACE TABLE repeats AS SELECT 'r' AS request_id")
    memory.execute(settling("begin_duplicates"))

    asked(memory, settling("duplicates"), "requests", types_of(rows[0]), rows)

    found = memory.execute("SELECT source_id, kept_by, best_of_source FROM duplicates ORDER BY source_id").fetchall()
    assert found == [(1, 2, True), (3, 2, True)]


@DIFFERENCES
def test_of_a_table_of_requests_the_same_row_is_kept_as_of_logs(memory: duckdb.DuckDBPyConnection, place: int) -> None:
    """Each call once, whichever part tells it; an id that one row has alone, none, and an empty one tell of no other row."""
    kept, lost = rivals(place)
    beside = dict.fromkeys(("record", "cache_write_1h_tokens", "bucket_end"))
    rows = [
        {"request_id": name, "source_id": source, "records": 10**source, **beside, **row}
        for source, (name, row) in enumerate(
            (
                ("r", lost),
                ("r", kept),
                ("r", lost),
                ("s", kept),
                ("s", lost),
                ("alone", kept),
                *[(None, kept), ("", kept)] * 2,
            )
        )
    ]
    asked(memory, "SELECT 1", "requests_read", types_of(rows[0]), rows)
    for name in ("repeated", "ranked", "once"):
        text = choosing(name).replace(
            "{columns}", "r.request_id, CASE WHEN r.request_id IN ('r', 's') THEN r.source_id END AS source"
        )
        memory.execute(f"CREATE OR REPLACE VIEW requests_{name} AS {text}")

    told = memory.execute("FROM requests_once ORDER BY ALL").fetchall()

    # Of those that no id tells apart, rows that are alike are calls of their own.
    nameless = [("", None)] * 2 + [("alone", None)], [(None, None)] * 2
    assert told == [*nameless[0], ("r", 1), ("s", 3), *nameless[1]]
    assert memory.execute(choosing("repeats")).fetchall() == [(2,)]
    assert memory.execute(choosing("left_out")).fetchall() == [(10**0 + 10**2 + 10**4,)]


def choosing(name: str) -> str:
    return (ROOT / "analyzer" / "engines" / f"{name}.sql").read_text(encoding="utf-8")


def test_of_rows_that_say_the_same_tables_and_logs_keep_one_by_the_same_words() -> None:
    """Up to what only a ledger knows: the order of its rows."""

    def order(text: str) -> list[str]:
        found = re.search(r"PARTITION BY request_id\s+ORDER BY(.*?)\n    \)", text, re.DOTALL)
        assert found
        return " ".join(found[1].split()).split(", ")

    logs, tables = order(settling("duplicates")), order(choosing("ranked"))
    assert logs[-2:] == ["source_id", "row_id"]
    assert tables[: len(logs) - 2] == logs[:-2]
