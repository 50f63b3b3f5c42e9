"""What is wrong with a ledger that somebody changed by hand: looked for only when a statement of ours has failed."""

from functools import cache
from importlib import resources

import duckdb

from analyzer.errors import CHANGED, LedgerError

_CALLS = ("requests", "copies")
_MOST = 1 << 56  # tokens: each count of a log is less than 2^53, and few are added up

Columns = dict[str, tuple[str, bool]]  # the type of each, and whether it may be NULL
Shape = dict[str, Columns]  # by table


@cache
def _usual(scripts: tuple[str, ...]) -> Shape:
    """What the migrations make."""
    with duckdb.connect(":memory:") as connection:
        for script in scripts:
            connection.execute(script)
        return _shape(connection)[0]


def _shape(connection: duckdb.DuckDBPyConnection) -> tuple[Shape, set[str]]:
    """The tables and views of a file, and which of them are views."""
    found: Shape = {}
    views: set[str] = set()
    text = resources.files("analyzer.ledger").joinpath("shape.sql").read_text(encoding="utf-8")
    for table, column, kind, nullable, stored in connection.execute(text).fetchall():
        found.setdefault(table, {})[column] = (kind, nullable)
        if not stored:
            views.add(table)
    return found, views


def changed(connection: duckdb.DuckDBPyConnection, scripts: tuple[str, ...], subject: str) -> LedgerError | None:
    """What of a ledger is not as the program made it.

    Args:
        connection: to the ledger, of the newest version.
        scripts: the migrations, in their order.
        subject: the ledger, in the words of the error.

    Returns:
        None where it is as usual: then the mistake is ours.
    """
    try:
        told = _told(connection, _usual(scripts))
    except duckdb.Error:  # the connection is of no use any more
        return None
    return LedgerError(f"{subject}: {told}", CHANGED) if told else None


def _told(connection: duckdb.DuckDBPyConnection, usual: Shape) -> str | None:
    """The first thing that is wrong, in words."""
    found, views = _shape(connection)
    for table, columns in usual.items():
        if table not in found or table in views:
            return f"its {table} is a view, and no table" if table in views else f"it has no table {table}"
        odd = _odd_column(table, columns, found[table])
        for column, (kind, nullable) in columns.items():
            odd = odd or _wrong(connection, table, column, kind, nullable=nullable)
        if odd:
            return odd
    return None


def _odd_column(table: str, columns: Columns, found: Columns) -> str | None:
    for column, (kind, _) in columns.items():
        if column not in found:
            return f"its table {table} has no column {column}"
        if found[column][0] != kind:
            return f"its column {table}.{column} is of type {found[column][0]}, not {kind}"
    more = next((column for column in found if column not in columns), None)
    return f"its table {table} has a column {more} that no ledger has" if more else None


def _wrong(connection: duckdb.DuckDBPyConnection, table: str, column: str, kind: str, *, nullable: bool) -> str | None:
    """A value that the program would not have written there, in words."""
    tests = [] if nullable else [("nothing, where something must stand", "{} IS NULL")]
    if table in _CALLS and kind == "TIMESTAMP":
        tests.append(("an instant that no log may tell", "NOT isfinite({0}) OR year({0}) NOT BETWEEN 1 AND 9999"))
    if table in _CALLS and column.endswith("_tokens"):
        tests.append(("a count that no log may tell", f"{{0}} NOT BETWEEN 0 AND {_MOST}"))
    for wrong, test in tests:
        condition = test.format(f'"{column}"')
        if connection.execute(f"SELECT 1 FROM {table} WHERE {condition} LIMIT 1").fetchone():
            return f"its column {table}.{column} holds {wrong}"
    return None
