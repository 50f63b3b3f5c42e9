"""The schema of a ledger: its migrations, and which of them a file has had."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analyzer.errors import CHANGED, LedgerError

if TYPE_CHECKING:  # see ledger.py
    import duckdb


@cache
def migrations() -> Mapping[int, str]:
    """Migration scripts by number, in their order. Append one; never edit one that was released."""
    folder = resources.files("analyzer.ledger").joinpath("migrations")
    scripts = {
        int(item.name.partition("_")[0]): item.read_text(encoding="utf-8")
        for item in folder.iterdir()
        if item.name.endswith(".sql")
    }
    return dict(sorted(scripts.items()))


def version_of(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    """The number of the last migration that a file has had; 0 for an empty file.

    Raises:
        LedgerError: the file holds tables, but not those of a ledger; or its version is none, or a newer one.
    """
    # SHOW ALL TABLES would describe them all, at ten times the work.
    text = "SELECT table_name FROM information_schema.tables"
    tables = {name for (name,) in connection.execute(text).fetchall()}
    if not tables:
        return 0
    row = _told(connection, path) if "ledger" in tables else None
    if row is None or row[0] != "spend":
        raise LedgerError(f"{path}: a DuckDB file, but no ledger of spend", "name another file with --db")
    version, newest = row[1], max(migrations())
    if not isinstance(version, int) or version < 1:
        raise LedgerError(f"{path}: its version, {version}, is none that a ledger can have", CHANGED)
    if version > newest:
        raise LedgerError(
            f"{path}: written by a newer version of spend (schema {version}, this program knows {newest})",
            "update with: pip install --upgrade spend-analyzer",
        )
    return version


def _told(connection: duckdb.DuckDBPyConnection, path: Path) -> tuple[Any, ...] | None:
    """What the table that tells a ledger from other files says; None where it is somebody else's.

    Raises:
        LedgerError: it cannot be read.
    """
    import duckdb

    try:
        return connection.execute("SELECT application, version FROM ledger").fetchone()
    except duckdb.Error as error:
        from analyzer.ledger.trouble import is_damaged, trouble

        if is_damaged(error):
            raise trouble(error, str(path)) or error from error
    return None


@contextmanager
def fitting(path: Path, version: int) -> Iterator[None]:
    """A migration is made meanwhile.

    Raises:
        LedgerError: it does not fit what is there, which has not the version that it says.
    """
    import duckdb

    try:
        yield
    except (
        duckdb.CatalogException,
        duckdb.BinderException,
        duckdb.ConversionException,
        duckdb.ConstraintException,
    ) as error:
        raise LedgerError(
            f"{path}: its tables are not those of version {version}, which it says to have", CHANGED
        ) from error
