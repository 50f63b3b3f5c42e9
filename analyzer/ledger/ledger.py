"""A ledger: opening it safely, its settings, its migrations. No other module opens a connection."""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Self

from analyzer.errors import LedgerError
from analyzer.ledger.file import FULL, begin, is_begun, is_other, is_text, remove_begun
from analyzer.ledger.memory import frugal_limit, memory_limit
from analyzer.ledger.schema import fitting, migrations, version_of
from analyzer.ledger.spool import Spool, remove_spilled

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
# What Python raises where a value is not what it must be.
_MISTAKES = (TypeError, ValueError, AttributeError, LookupError, ArithmeticError)


class Ledger:
    """One open ledger. Use :meth:`open` or :meth:`throwaway`, both as context managers."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        self.connection = connection
        self.path = path
        self.warnings: list[LedgerError] = []  # what the user should know of it
        self.kept = True  # whether it is there when the command has ended
        self._spool = Spool()
        self._reached: frozenset[Path] = frozenset()

    @classmethod
    def open(cls, path: Path, *, create: bool = False, reads: Iterable[Path] = ()) -> Self:
        """Open the ledger at ``path``; with ``create`` make it when it is not there.

        A new ledger can be read by its owner only. An open one reaches no files but its own, those in ``spool`` and
        those of ``reads``.

        Raises:
            LedgerError: it is not there, locked, damaged, no ledger, or written by a newer version.
        """
        if "?" in str(path):  # DuckDB would take what follows for settings, and the journal's name for another
            raise LedgerError(f"{path}: the path of a ledger may have no question mark in it", "name another with --db")
        if not is_text(path):
            raise LedgerError(f"{path}: the path of a ledger must be text in UTF-8", "name another with --db")
        if not path.exists():
            begin(path, create=create)
        elif path.is_dir():
            raise LedgerError(f"{path}: is a directory, not a ledger", "name a file with --db")
        elif is_other(path) or path.is_fifo():  # to open a pipe would wait for somebody to write to it
            raise _no_ledger(path)
        connection, mended = _connect_or_mend(path, create=create)
        ledger = cls(connection, path)
        if mended is not None:
            ledger.warnings.append(mended)
        try:
            ledger._confine(reads)
            ledger._prepare()
        except BaseException:
            ledger.close()
            raise
        return ledger

    @classmethod
    @contextlib.contextmanager
    def throwaway(cls, reads: Iterable[Path] = ()) -> Iterator[Self]:
        """A ledger in a private temporary folder, gone when the context ends."""
        with Spool() as folder:
            ledger = cls.open(folder / "ledger.duckdb", create=True, reads=reads)
            ledger.kept = False
            try:
                yield ledger
            finally:
                ledger.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """Close the file.

        Raises:
            LedgerError: what failed did so because somebody has changed the ledger.
        """
        try:
            told = self._changed(error)
        finally:
            self.close()
        if told is not None:
            raise told from error

    def _changed(self, error: BaseException | None) -> LedgerError | None:
        """What of the ledger somebody has changed, when something failed that cannot fail over a usual one."""
        if not isinstance(error, (_duckdb_error(), *_MISTAKES)):
            return None
        from analyzer.ledger.shape import changed
        from analyzer.ledger.trouble import trouble

        if trouble(error) is not None:
            return None

        return changed(self.connection, tuple(migrations().values()), str(self.path))

    def close(self) -> None:
        """Close the file; what is committed is kept."""
        self.connection.close()
        self._spool.close()

    @property
    def spool(self) -> Path:
        """A private folder for what statements read or write, gone when the ledger is closed."""
        return self._spool.path

    def reaches(self, file: Path) -> bool:
        """Whether a statement may read a file where it lies; else it reads a copy of it in ``spool``."""
        return file.is_relative_to(self.spool) or file.resolve() in self._reached

    def sources(self) -> int:
        """How many sources it holds."""
        row = self.connection.execute("SELECT count(*) FROM sources").fetchone()
        return int(row[0]) if row else 0

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing: commits at the end, rolls back on any exception."""
        with _private_files():  # DuckDB's journal and what it spills hold the same data as the ledger
            self.connection.begin()
            try:
                yield
            except BaseException:
                self.connection.rollback()
                raise
            self.connection.commit()

    @contextlib.contextmanager
    def frugal(self) -> Iterator[None]:
        """Hold less memory meanwhile: logs pass through, and what is gathered of them may lie on the disk."""
        self.connection.execute(f"SET memory_limit = '{frugal_limit()}B'")
        try:
            yield
        finally:
            self.connection.execute(f"SET memory_limit = '{memory_limit()}B'")

    def _confine(self, reads: Iterable[Path]) -> None:
        """From now on no statement leaves the ledger, the spool and these files."""
        from analyzer.ledger.confinement import confine

        self._reached = confine(self.connection, self.spool, reads)

    def _prepare(self) -> None:
        """Check whose file this is, bring the schema up to date, define the shared words."""
        version = version_of(self.connection, self.path)
        newest = max(migrations())
        scripts = {number: script for number, script in migrations().items() if number > version}
        if version == 0:  # a new ledger: at once
            scripts = {newest: "\n".join(scripts.values())}
        for number, script in scripts.items():
            with self.transaction(), fitting(self.path, version):
                self.connection.execute(script)
                self.connection.execute("UPDATE ledger SET version = ?", [number])
                if version == 0:
                    from analyzer.ledger.columns import thin

                    thin(self.connection)
        self.connection.execute(_shipped("macros.sql"))


def _duckdb_error() -> type[Exception]:
    import duckdb

    return duckdb.Error


@cache
def _shipped(name: str) -> str:
    return resources.files("analyzer.ledger").joinpath(name).read_text(encoding="utf-8")


@contextlib.contextmanager
def _private_files() -> Iterator[None]:
    """Files that are made meanwhile can be read by their owner only."""
    old_umask = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(old_umask)


def _connect_or_mend(path: Path, *, create: bool) -> tuple[duckdb.DuckDBPyConnection, LedgerError | None]:
    """A connection, and what is to be said if the end of the journal had to be cut off for it."""
    try:
        return _connect(path), None
    except LedgerError as error:
        from analyzer.ledger.journal import mend

        if is_begun(path) and (not create or remove_begun(path)):
            begin(path, create=create)
            return _connect(path), None
        kept = mend(path, str(error.__cause__))
        if kept is None:
            raise
    warning = LedgerError(
        f"{path}: the end of its journal was damaged, as by a power cut; all that was whole before it is kept",
        f"read the latest logs again; the journal as it was is {kept}",
    )
    return _connect(path), warning


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    """Connect with bounded memory, a private temporary folder beside the file, and UTC."""
    import duckdb

    spill = path.with_name(path.name + ".tmp")
    try:
        with _private_files():
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
    return _no_ledger(path)


def _no_ledger(path: Path) -> LedgerError:
    return LedgerError(f"{path}: no ledger (not a DuckDB file, or damaged)", "name another file with --db")
