"""Files that stand on the disk as they did when they were read: they need not be read again."""

import os
import stat
import time
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from analyzer.ingest.discovery import STANDARD_INPUT, spelled
from analyzer.ledger import Ledger

# A file that was written to a moment ago may be written to again without any sign of it: clocks of file systems tick.
_SETTLED_NS = 2_000_000_000


class _State(NamedTuple):
    path: str
    bytes: int
    modified_ns: int
    inode: int


class Seen:
    """What the ledger knows of files by their state, and what this run has come to know."""

    def __init__(self, ledger: Ledger) -> None:
        self._connection = ledger.connection
        self._known = set(map(_State._make, self._connection.execute("FROM seen").fetchall()))
        self._read: dict[_State, set[str]] = {}  # fingerprints that a file gave

    def unchanged(self, path: str, *, by_name: bool = False) -> bool:
        """Whether a file was read to its end before, and has not been written to since.

        Args:
            path: the file.
            by_name: only where a log of the ledger is called so: what else it holds is not known before it is read.
        """
        return bool(self._known) and _state(path) in self._known and (not by_name or spelled(path) in self._names)

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(path for (path,) in self._connection.execute("SELECT path FROM sources").fetchall())

    def begin(self, path: str) -> set[str]:
        """Note the state of a file that is now read; into the set go the fingerprints of what is in it."""
        state = _state(path)
        if state is None or time.time_ns() - state.modified_ns < _SETTLED_NS:
            return set()
        return self._read.setdefault(state, set())

    def keep(self, failed: Iterable[str]) -> None:
        """Write down the files all of whose content is in the ledger now.

        Args:
            failed: paths that could not be read.
        """
        loaded = {
            fingerprint for (fingerprint,) in self._connection.execute("SELECT fingerprint FROM sources").fetchall()
        }
        gone = {spelled(os.path.realpath(path)) for path in failed}
        whole = [state for state, prints in self._read.items() if prints <= loaded and state.path not in gone]
        if whole:
            columns = ", ".join(f"unnest(?::{kind}[])" for kind in ("VARCHAR", "BIGINT", "BIGINT", "UBIGINT"))
            self._connection.execute(
                f"INSERT OR REPLACE INTO seen SELECT {columns}", [list(column) for column in zip(*whole, strict=True)]
            )


def _state(path: str) -> _State | None:
    """How a file stands on the disk; None for what is no file, and for one whose state cannot be known."""
    if path == STANDARD_INPUT:
        return None
    try:
        found = Path(path).stat()
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return _State(spelled(os.path.realpath(path)), found.st_size, found.st_mtime_ns, found.st_ino)
