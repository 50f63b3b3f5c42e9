"""The connection to a ledger's file: made with our settings, or refused in the user's words.

No other module opens one.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from analyzer.errors import LedgerError
from analyzer.ledger.file import FULL, begin, is_begun, remove_begun
from analyzer.ledger.memory import memory_limit
from analyzer.ledger.spool import remove_spilled

if TYPE_CHECKING:  # duckdb takes 0.2 s to import; only what opens a ledger should pay for it
    import duckdb

# Written so that the DuckDB CLI of the previous major version, which most people have, opens a ledger as well. Older
# versions pack texts worse.
_STORAGE = "v1.3.0"
# What DuckDB says when it cannot open a file, what that means, and the remedy.
_REFUSALS = (
    ("lock on file|used by another process", "another program has this ledger open",
     "close it (or wait for it) and try again"),
    ("newer.*version|version.*newer|storage version|version number", "written by a newer DuckDB than this one",
     "pip install --upgrade duckdb"),
    ("permission|denied|read-only", "may not be opened for writing",
     "copy it to a place you may write to, and name the copy with --db"),
    ("replaying WAL", "its journal, {name}.wal, is damaged",
     "move the journal away, and read the latest logs again"),
    ("allocat|memory|" + os.strerror(errno.EAGAIN), "there is not enough memory to open it",  # also for threads
     "let the program have more, and run again"),
    (os.strerror(errno.EMFILE), "too many files are open", "raise the limit (ulimit -n), and run again"),
    ("|".join(("no space", *(os.strerror(number) for number in FULL))),
     "the disk is full", "free some space, or name another place with --db"),
)  # fmt: skip


def connect(path: Path, *, create: bool) -> tuple[duckdb.DuckDBPyConnection, LedgerError | None]:
    """A connection to a ledger's file, and what is to be said if the end of its journal had to be cut off for it.

    Raises:
        LedgerError: DuckDB cannot open it.
    """
    try:
        return _connected(path), None
    except LedgerError as error:
        from analyzer.ledger.journal import mend

        if is_begun(path) and (not create or remove_begun(path)):
            begin(path, create=create)
            return _connected(path), None
        kept = mend(path, str(error.__cause__))
        if kept is None:
            raise
    warning = LedgerError(
        f"{path}: the end of its journal was damaged, as by a power cut; all that was whole before it is kept",
        f"read the latest logs again; the journal as it was is {kept}",
    )
    return _connected(path), warning


def _connected(path: Path) -> duckdb.DuckDBPyConnection:
    """Connect with bounded memory, a private temporary folder beside the file, and UTC."""
    import duckdb

    spill = path.with_name(path.name + ".tmp")
    try:
        with private_files():
            connection = duckdb.connect(
                os.path.join(".", path),  # noqa: PTH118  (DuckDB takes `:memory:`, `md:x` and `sqlite:x` for no files)
                config={
                    "storage_compatibility_version": _STORAGE,
                    "memory_limit": f"{memory_limit()}B",
                    "temp_directory": str(spill),
                    "allow_community_extensions": "false",
                    "autoinstall_known_extensions": "false",
                    "autoload_known_extensions": "false",
                },
            )
    except duckdb.Error as error:
        raise _refusal(path, error) from error
    remove_spilled(spill)
    # Text without a zone means UTC, on every machine.
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET errors_as_json = false")
    # Progress is asked for by the command line, never printed by DuckDB.
    connection.execute("SET enable_progress_bar = true")
    connection.execute("SET enable_progress_bar_print = false")
    return connection


def _refusal(path: Path, error: Exception) -> LedgerError:
    """DuckDB's reason not to open a file, in the user's words."""
    text = str(error).replace(str(path), "")
    for words, told, remedy in _REFUSALS:
        if re.search(words, text, re.DOTALL | re.IGNORECASE):
            return LedgerError(f"{path}: {told.format(name=path.name)}", remedy)
    return no_ledger(path)


def no_ledger(path: Path) -> LedgerError:
    """What is to be said of a file that is something else."""
    return LedgerError(f"{path}: no ledger (not a DuckDB file, or damaged)", "name another file with --db")


@contextlib.contextmanager
def private_files() -> Iterator[None]:
    """Files that are made meanwhile can be read by their owner only."""
    old_umask = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(old_umask)
