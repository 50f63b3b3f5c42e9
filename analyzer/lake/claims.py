"""A format as another engine reads it: which of a record's values, when they are plain, and the format's SELECT.

The same file says all of it. What it takes apart by JSON's own functions, or sees only beside other records, is not
the same there: such a format is refused with the place. Values that are read the same way only while they are written
plainly (counts, mostly) make a record odd where they are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import sqlglot
from sqlglot import exp

from analyzer.engines.refusal import NotPortableError, remedy
from analyzer.engines.wording import Macros, expanded, macros
from analyzer.ingest.claim import CLAIM
from analyzer.ingest.format import Format, fields, is_struct

CARRIED = ("log_file", "log_line", "log_odd")
_SHARED = frozenset({"standing_beside"})  # words that are portable as the ledger has them
_DIGITS = 15  # of a count: more might not be the same in a double
_KINDS = {"VARCHAR": "STRING", "COUNT": "STRING", "JSON": "STRING", "BOOLEAN": "BOOLEAN", "INTEGER": "STRING"}
_TEXT = frozenset({"VARCHAR", "DOUBLE"})  # kinds of claims that are judged as text


@dataclass(frozen=True)
class Claims:
    """How the records of a format become claims there.

    Attributes:
        kinds: the format's columns and their types.
        schema: of a record, as Spark has it.
        odd: whether a record ``r`` holds what is not read alike, as Spark says it.
        records: the format's columns from ``r``, as Spark says them.
        envelope: the statement that adds what stands around a reply; None where the format has none.
        select: the format's own SELECT, with its words written out.
        given: the columns that it gives.
    """

    kinds: Mapping[str, str]
    schema: str
    odd: str
    records: str
    envelope: exp.Expr | None
    select: exp.Expr
    given: frozenset[str]

    def told(self) -> str:
        """All columns of a claim from what the SELECT gives: texts, as Spark says it."""
        kinds = {"VARCHAR[]": "ARRAY<STRING>", "INTEGER": "STRING"}
        columns = (
            f"CAST({_quoted(name) if name in self.given else 'NULL'} AS "
            f"{'STRING' if kind in _TEXT else kinds.get(kind, kind)}) AS {name}"
            for name, kind in CLAIM.items()
        )
        return ", ".join([*columns, "source_id", *CARRIED])


def claims(form: Format) -> Claims:
    """How another engine reads a format.

    Raises:
        NotPortableError: it says what is not the same there.
    """
    origin = f"formats/{form.name}.sql"
    if form.grain == "group":
        raise NotPortableError(origin, 1, "a row of it is made of several records", remedy(""))
    # Of lists `len` counts the elements; of texts formats say `length`.
    text = re.sub(r"\blen\(", "array_length(", form.select)
    text = re.sub(r"\bCOUNT\b(?!\()", "VARCHAR", text).replace("COUNT_CAST(", "CAST(")
    tree = sqlglot.parse_one(text, read="duckdb")
    more = _of_one_row(tree) if form.grain == "split" else []
    if more is None:
        raise NotPortableError(origin, 1, "a record of it can give several rows", remedy(""))
    tree = expanded(tree, words())
    if not isinstance(tree, exp.Select):
        raise NotPortableError(origin, 1, tree.sql("duckdb"), remedy(""))
    odd = [*_uncounted(form.columns), *(f"{_path(column)} IS NOT NULL" for column in _taken_apart(tree))]
    odd += (f"coalesce({_path(column)}, '0') <> '0'" for column in more)
    given = frozenset(one.alias_or_name for one in tree.expressions)
    for name in ("source_id", *CARRIED):
        if name not in given:
            tree.append("expressions", exp.column(name))
    envelope = None
    if form.records("x") != "x":
        envelope = sqlglot.parse_one(form.records("FROM decoded"), read="duckdb")
    return Claims(
        kinds=form.columns,
        schema=", ".join(f"{_quoted(name)} {spark_kind(kind)}" for name, kind in form.columns.items()),
        odd=" OR ".join(odd) or "false",
        records=", ".join(_read(name, kind) for name, kind in form.columns.items()),
        envelope=envelope,
        select=tree,
        given=given,
    )


@cache
def words() -> Macros:
    """The words of formats, as they hold for plain values."""
    ledger, lake = (
        resources.files(room).joinpath(file).read_text(encoding="utf-8")
        for room, file in (("analyzer.ledger", "macros.sql"), ("analyzer.lake", "words.sql"))
    )
    return {**macros(ledger, _SHARED), **macros(lake)}


@cache
def plain() -> exp.Expr:
    """The statement that judges claims, with its words written out."""
    text = resources.files("analyzer.lake").joinpath("plain.sql").read_text(encoding="utf-8")
    return expanded(sqlglot.parse_one(text, read="duckdb"), words())


def _taken_apart(tree: exp.Expr) -> list[exp.Column]:
    """What is read as text and taken apart as JSON only where there is some: left out, and its columns told."""
    found: list[exp.Column] = []
    for node in list(tree.find_all(exp.Cast)):
        inner = node.this
        if type(node) is exp.Cast and isinstance(inner, exp.TryCast) and inner.to.this == exp.DType.JSON:
            found += inner.find_all(exp.Column)
            node.replace(exp.Null())
    return found


def _of_one_row(tree: exp.Expr) -> list[exp.Column | exp.Dot] | None:
    """Leave of a record its first row, and tell the counts that are absent or 0 where there is no other.

    Such a format says ``unnest(CASE WHEN count > 0 THEN [0, 1] ELSE [0] END)``; None where it says anything else.
    """
    places = list(tree.find_all(exp.Explode, exp.Unnest))
    if not isinstance(tree, exp.Select) or len(places) != 1 or not isinstance(places[0].this, exp.Case):
        return None
    found = [_whole(column) for column in places[0].find_all(exp.Column)]
    places[0].replace(exp.Literal.number(0))
    tree.set("expressions", [one for one in tree.expressions if one.alias_or_name not in {"record", "records"}])
    return found


def _whole(column: exp.Column) -> exp.Column | exp.Dot:
    """A column with all the fields behind it: of a path longer than four steps only the beginning is a column."""
    found: exp.Column | exp.Dot = column
    while isinstance(found.parent, exp.Dot):
        found = found.parent
    return found


def _path(column: exp.Column | exp.Dot) -> str:
    return "r." + ".".join(_quoted(part.name) for part in column.parts)


def _uncounted(columns: Mapping[str, str]) -> Iterator[str]:
    """Whether any count is no plain one: all of them side by side must be digits and spaces."""
    counts = list(_counts(columns, "r"))
    if counts:
        yield rf"NOT concat_ws(' ', {', '.join(counts)}) RLIKE '^( ?[0-9]{{1,{_DIGITS}}})*\\z'"


def _counts(columns: Mapping[str, str], around: str) -> Iterator[str]:
    for name, kind in columns.items():
        place = f"{around}.{_quoted(name)}"
        if is_struct(kind):
            yield from _counts(fields(kind), place)
        elif kind in {"COUNT", "INTEGER"}:
            yield place
        elif kind.endswith("[]") and is_struct(kind[:-2]):
            for inner in _counts(fields(kind[:-2]), "one"):
                yield f"array_join(transform({place}, one -> {inner}), ' ')"


def _read(name: str, kind: str) -> str:
    place = f"r.{_quoted(name)}"
    return f"{f'try_cast({place} AS BIGINT)' if kind == 'INTEGER' else place} AS {_quoted(name)}"


def spark_kind(kind: str) -> str:
    """A type of a format's columns as Spark's: counts are read as text."""
    if kind.endswith("[]"):
        return f"ARRAY<{spark_kind(kind[:-2])}>"
    if is_struct(kind):
        return f"STRUCT<{', '.join(f'{_quoted(name)}: {spark_kind(of)}' for name, of in fields(kind).items())}>"
    return _KINDS[kind]


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
