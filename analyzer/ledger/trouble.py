"""What DuckDB can meet while it works that is neither a log's fault nor ours, in the user's words."""

import errno
import os

import duckdb

from analyzer.errors import LedgerError

_FULL = ("No space", os.strerror(errno.ENOSPC), os.strerror(errno.EFBIG), os.strerror(errno.EDQUOT))


def disk_is_full(error: Exception) -> bool:
    """Whether a statement failed because nothing more could be written."""
    kinds = (duckdb.IOException, duckdb.TransactionException, duckdb.FatalException, duckdb.OutOfMemoryException)
    return isinstance(error, kinds) and any(word in str(error) for word in _FULL)


def trouble(error: Exception, subject: str = "the ledger") -> LedgerError | None:
    """An error of DuckDB as one that the user can mend; None for one that only a statement of ours can cause."""
    if disk_is_full(error):
        return LedgerError(
            f"{subject}: the disk is full; what was read before is kept", "free some space and run again"
        )
    first = str(error).splitlines()[0] if str(error) else type(error).__name__
    if isinstance(error, duckdb.OutOfMemoryException):
        return LedgerError(f"{subject}: {first}", "free some space and memory, and run again")
    if isinstance(error, duckdb.PermissionException):
        return LedgerError(
            f"{subject}: something in it reaches for other files, which is not allowed",
            "somebody has changed it; make a new one from your logs with spend ingest",
        )
    if isinstance(error, (duckdb.IOException, duckdb.FatalException, duckdb.SerializationException)):
        return LedgerError(
            f"{subject}: cannot be read or written: {first}",
            "check the disk; if it is damaged, make a new one from your logs with spend ingest",
        )
    return None
