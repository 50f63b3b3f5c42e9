"""Confinement: DuckDB reaches the ledger, a private folder and the logs that were named, and no other file.

Our statements are our own and values are bound, so this is a second wall: whatever a log, a scenario or somebody else's
ledger should ever bring into a statement, it can neither read nor write another file, nor attach a database, nor load
an extension, nor undo this.
"""

from collections.abc import Iterable
from pathlib import Path

import duckdb

# What may still be set: how much is held in memory is told by what is done.
_FREE = ["memory_limit", "partitioned_write_flush_threshold"]


def confine(connection: duckdb.DuckDBPyConnection, folder: Path, files: Iterable[Path]) -> frozenset[Path]:
    """Close all ways from a connection to the machine but those to a folder and to some files, for good.

    Args:
        connection: all that is to be configured on it has been.
        folder: it may read and write there.
        files: it may reach these where they lie.

    Returns:
        the files, with their links resolved.
    """
    reached = frozenset(path for path in map(Path.resolve, files) if _sayable(path))
    for name, values in (
        ("allowed_directories", [str(folder.resolve())]),
        ("allowed_paths", sorted(map(str, reached))),
        ("allowed_configs", _FREE),
    ):
        connection.execute(f"SET {name} = [{', '.join(map(_literal, values))}]")
    connection.execute("SET VARIABLE spool = ?", [str(folder.resolve())])
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return reached


def spool_of(connection: duckdb.DuckDBPyConnection) -> Path:
    """The folder that a confined connection may read and write."""
    ((folder,),) = connection.execute("SELECT getvariable('spool')").fetchall()
    return Path(folder)


def _sayable(path: Path) -> bool:
    """Whether DuckDB takes the path as it stands: of Unicode, and without its own wildcards."""
    text = str(path)
    return text.isprintable() and not set("*?[") & set(text)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
