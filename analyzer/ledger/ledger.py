"""A ledger: opening it, what it reaches, its transactions, its migrations."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Self

from analyzer.errors import LedgerError
from analyzer.ledger.connection import connect, no_ledger, private_files
from analyzer.ledger.file import begin, is_other, is_text
from analyzer.ledger.memory import frugal_limit, memory_limit
from analyzer.ledger.schema import fitting, migrations, version_of
from analyzer.ledger.spool import Spool

if TYPE_CHECKING:  # duckdb takes 0.2 s to import; only what opens a ledger should pay for it
    import duckdb

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
            raise no_ledger(path)
        connection, mended = connect(path, create=create)
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
        with private_files():  # DuckDB's journal and what it spills hold the same data as the ledger
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
        self.connection.execute(_macros())


def _duckdb_error() -> type[Exception]:
    import duckdb

    return duckdb.Error


@cache
def _macros() -> str:
    return resources.files("analyzer.ledger").joinpath("macros.sql").read_text(encoding="utf-8")
