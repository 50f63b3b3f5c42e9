"""Private folders for what a command writes on its way: gone with it or, if it was killed, with the next one.

A process that is killed outright removes nothing, and what it spilled while it sorted millions of requests is
gigabytes. So each folder holds a file that its process keeps locked; the system gives the lock up when the process
ends, however it ends, and the next command removes the folders whose file nobody holds.
"""

import contextlib
import os
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path
from types import TracebackType

from analyzer.errors import LedgerError

_PREFIX = "spend-"
_MARK = ".in-use"
_SPILLED = "duckdb_temp_*"  # DuckDB's own names


class Spool:
    """A folder that only its owner can look into, until it is closed.

    Attributes:
        path: where it is.
    """

    def __init__(self) -> None:
        """Make it.

        Raises:
            LedgerError: there is no place for it.
        """
        _sweep()
        try:
            self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        except FileNotFoundError as error:  # Python's word for: may be written to nowhere
            raise LedgerError(
                f"no folder for temporary files may be written to ({error.strerror})",
                "let TMPDIR name one, and run again",
            ) from error
        self._mark = _marked(self.path)

    def close(self) -> None:
        """Remove it, with all that is in it; what cannot be removed now stays for the next command."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._mark is not None:
            os.close(self._mark)
            self._mark = None

    def __enter__(self) -> Path:
        return self.path

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def remove_spilled(folder: Path) -> None:
    """Remove what DuckDB spilled beside a ledger for a process that was killed.

    To be called with the ledger open, and nothing spilled yet: no other process has it then.
    """
    if not folder.is_dir():
        return
    with contextlib.suppress(OSError):
        for file in folder.glob(_SPILLED):
            file.unlink()
        folder.rmdir()  # unless there is something else in it


@cache
def _sweep() -> None:
    """Once in a process: remove folders that are nobody's any more."""
    if sys.platform == "win32":
        return
    import fcntl

    with contextlib.suppress(OSError):
        for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
            with contextlib.suppress(OSError):  # somebody else's, none of ours, or in use
                if folder.stat(follow_symlinks=False).st_uid != os.getuid():
                    continue
                mark = os.open(folder / _MARK, os.O_RDWR | os.O_NOFOLLOW)
                try:
                    fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder, ignore_errors=True)
                finally:
                    os.close(mark)


def _marked(folder: Path) -> int | None:
    """The folder's mark, open and locked; it gets its name when it is, so that no other command finds it free."""
    if sys.platform == "win32":
        return None
    import fcntl

    unnamed = folder / f"{_MARK}-not-yet"
    mark = os.open(unnamed, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    with contextlib.suppress(OSError):  # a file system without locks: then nothing tells it from one that is in use
        fcntl.flock(mark, fcntl.LOCK_EX)
        unnamed.rename(folder / _MARK)
    return mark
