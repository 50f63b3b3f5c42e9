"""What DuckDB can meet while it works that is neither a log's fault nor ours, in the user's words."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from analyzer.errors import CHANGED, LedgerError
from analyzer.ledger.file import FULL

_FULL = ("No space", os.strerror(errno.ENOSPC), os.strerror(errno.EFBIG), os.strerror(errno.EDQUOT))


def disk_is_full(error: Exception) -> bool:
    """Whether a statement failed because nothing more could be written."""
    kinds = (duckdb.IOException, duckdb.TransactionException, duckdb.FatalException, duckdb.OutOfMemoryException)
    return isinstance(error, kinds) and any(word in str(error) for word in _FULL)


def is_damaged(error: Exception) -> bool:
    """Whether a block of the ledger is not what was written there: DuckDB's checksums tell, in an error of no kind."""
    return isinstance(error, duckdb.Error) and "Corrupt database file" in str(error)


_CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)


@contextmanager
def room_in(folder: Path) -> Iterator[None]:
    """Files are written to a folder meanwhile.

    Raises:
        LedgerError: its disk is full.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise LedgerError(
            f"{folder}: the disk is full; what was read before is kept",
            "free some space there, or let TMPDIR name another place, and run again",
        ) from error


def trouble(error: Exception, subject: str = "the ledger") -> LedgerError | None:
    """An error of DuckDB as one that the user can mend; None for one that only a statement of ours can cause."""
    if disk_is_full(error):
        return LedgerError(
            f"{subject}: the disk is full; what was read before is kept", "free some space and run again"
        )
    written = isinstance(error, (duckdb.IOException, duckdb.TransactionException))
    if written and any(os.strerror(one) in str(error) for one in _CLOSED):
        return LedgerError(
            f"{subject}: nothing may be written beside it, where its journal goes",
            "name a place you may write to with --db",
        )
    first = str(error).splitlines()[0] if str(error) else type(error).__name__
    if isinstance(error, duckdb.OutOfMemoryException):
        return LedgerError(f"{subject}: {first}", "free some space and memory, and run again")
    if isinstance(error, duckdb.PermissionException):
        return LedgerError(
            f"{subject}: something in it reaches for other files, which is not allowed",
            CHANGED,
        )
    if written or is_damaged(error) or isinstance(error, (duckdb.FatalException, duckdb.SerializationException)):
        return LedgerError(
            f"{subject}: cannot be read or written: {first}",
            "check the disk; if it is damaged, make a new one from your logs with spend ingest",
        )
    return None


def raise_if_hopeless(ledger: Path, error: Exception) -> None:
    """Tell trouble with the disk, the memory or our own SQL, which no second try mends, from trouble with a log.

    Raises:
        LedgerError: it is with the ledger's place.
        Exception: our SQL is wrong.
    """
    if isinstance(error, (duckdb.BinderException, duckdb.ParserException, duckdb.CatalogException)):
        raise error
    hopeless = (duckdb.OutOfMemoryException, duckdb.FatalException, duckdb.TransactionException)
    beside_it = isinstance(error, duckdb.IOException) and f"{ledger.name}." in str(error)
    if disk_is_full(error) or is_damaged(error) or isinstance(error, hopeless) or beside_it:
        raise trouble(error, str(ledger)) or error from error
