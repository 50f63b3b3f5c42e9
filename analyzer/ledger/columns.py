"""Which columns of ``requests`` take room: those that every log fills, and those that some log has filled.

A column that is empty in all rows costs a log of a million requests as much to write as one that is not. So in a new
ledger the seldom ones are virtual: they read as what they would hold, and nothing is written. The first row that has
more to say in one makes it a stored column.
"""

from collections.abc import Collection

import duckdb

# What nearly every log has, what the loader itself writes, and what scenarios join and tell domains by: DuckDB takes a
# virtual column for a constant, thinks what is left of a condition to be rare, and joins the wrong way round.
_USUAL = frozenset(
    {
        "source_id", "request_id", "started_at", "completed_at", "endpoint", "model", "provider", "service_tier",
        "session_id", "prefix_blocks", "api_key_name", "team", "status", "input_tokens", "cache_read_tokens",
        "output_tokens", "reasoning_tokens", "fate",
    }
)  # fmt: skip
# Each row has its own. The usual way of packing texts looks for those that come twice, and takes twice as long.
_UNIQUE = "request_id"
_EMPTY = {"records": "1", "calls": "1"}  # what a row means that does not say; of all others NULL


def empty(column: str) -> str:
    """The value, as SQL, that a row has in a column which it leaves out."""
    return _EMPTY.get(column, "NULL")


def virtual(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The columns that are not stored, because no row has anything in them."""
    return _columns(connection, "ALWAYS")


def stored(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The others."""
    return _columns(connection, "NEVER")


def _columns(connection: duckdb.DuckDBPyConnection, generated: str) -> list[str]:
    text = "SELECT column_name FROM information_schema.columns WHERE table_name = 'requests' AND is_generated = ?"
    return [name for (name,) in connection.execute(text, [generated]).fetchall()]


def thin(connection: duckdb.DuckDBPyConnection) -> None:
    """Lay out the requests of a new ledger, which has none, with the seldom columns virtual."""
    described = connection.execute("DESCRIBE requests").fetchall()
    columns = ", ".join(
        f"{name} {kind}{'' if nullable == 'YES' else ' NOT NULL'}{' USING COMPRESSION zstd' if name == _UNIQUE else ''}"
        if name in _USUAL
        else f"{name} {kind} AS (CAST({empty(name)} AS {kind}))"
        for name, kind, nullable, *_ in described
    )
    connection.execute("DROP TABLE requests")
    connection.execute(f"CREATE TABLE requests ({columns})")


def store(connection: duckdb.DuckDBPyConnection, names: Collection[str]) -> None:
    """Make columns take values, where they are virtual. Rows that are there keep what they mean."""
    kinds = {row[0]: row[1] for row in connection.execute("DESCRIBE requests").fetchall()}
    for name in virtual(connection):
        if name in names:
            connection.execute(f"ALTER TABLE requests DROP COLUMN {name}")
            connection.execute(f"ALTER TABLE requests ADD COLUMN {name} {kinds[name]} DEFAULT {empty(name)}")
