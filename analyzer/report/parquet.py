"""Parquet: the rows of a statement for a warehouse, in one file or in a folder a month."""

import errno
import os
import re
import tempfile
from pathlib import Path

import duckdb

from analyzer.errors import OutputError
from analyzer.report.file import IN_ORDER, copy

_OPTIONS = "FORMAT parquet, COMPRESSION zstd"
_GATHERED = 122_880  # rows that wait until they are written to their months: a row group of DuckDB's
_OURS = re.compile(r"part-\d+\.parquet")


def write_parquet(connection: duckdb.DuckDBPyConnection, sql: str, path: Path) -> int:
    """Write the rows of a statement, as they come, to one file.

    Returns:
        how many there are.

    Raises:
        OSError: it could not be written.
    """
    return copy(connection, sql, path, f"{_OPTIONS}, {IN_ORDER}")


def months_in(folder: Path) -> dict[str, int]:
    """The months that exports left in a folder, each with a number that another export of it changes."""
    return {place.name: place.stat().st_ino for place in folder.glob("month=*") if place.is_dir()}


def write_partitions(connection: duckdb.DuckDBPyConnection, sql: str, folder: Path) -> int:
    """Write the rows of a statement into a folder for each value of their column ``month``: ``month=2026-10/``.

    Each month is put there whole, in place of what an earlier export left of it; other months stay.

    Returns:
        how many rows there are.

    Raises:
        OutputError: in the place of a month lies something else than an earlier export.
        OSError: it could not be written.
    """
    target = Path(os.path.realpath(folder))
    if target.exists() and not target.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    target.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".spend-", dir=target) as beside:
        made = Path(beside) / "made"
        connection.execute(f"SET partitioned_write_flush_threshold = {_GATHERED}")
        rows = copy(connection, sql, made, f"{_OPTIONS}, PARTITION_BY (\"month\"), FILENAME_PATTERN 'part-{{i}}'")
        months = sorted(made.glob("month=*"))
        for month in months:
            _refuse_strangers(target / month.name)
        for month in months:
            place = target / month.name
            if place.exists():
                place.replace(Path(beside) / month.name)
            month.replace(place)
    return rows


def _refuse_strangers(place: Path) -> None:
    """Only what an export left may be replaced."""
    if place.exists() and not (place.is_dir() and all(_OURS.fullmatch(item.name) for item in place.iterdir())):
        raise OutputError(f"{place}: holds files that no export wrote", "move them, or name another folder")
