"""Files: that of a ledger, before DuckDB opens it; those that users write; full disks."""

import errno
import os
import sys
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

from analyzer.errors import LedgerError, UsageError

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

_MAGIC = b"DUCK"
_PLACE = 8  # behind a checksum
_HEAD = 3 * 4096  # bytes that DuckDB writes first, before any data

_MOST = 16 << 20  # bytes of settings, prices, a scenario: more is a device, or a file that was named by mistake


_WHY = {
    errno.EISDIR: "is a folder, and no file",
    errno.EACCES: "may not be read",
    errno.EPERM: "may not be read",
}


def text_of(path: Path, remedy: str, missing: str = "no such file") -> str:
    """What a user wrote, without a byte-order mark.

    Args:
        path: the file.
        remedy: what to do where it is not there, or cannot be read.
        missing: what is said where it is not there.

    Raises:
        UsageError: it cannot be read, is larger than anybody writes, or is no UTF-8.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MOST + 1)
    except OSError as error:
        absent = error.errno in {errno.ENOENT, errno.ENOTDIR}
        why = missing if absent else _WHY.get(error.errno or 0, f"cannot be read ({error.strerror or error})")
        raise UsageError(f"{path}: {why}", remedy) from error
    except ValueError as error:  # a name that no file can have
        raise UsageError(f"{path}: {missing}", remedy) from error
    if len(content) > _MOST:
        raise UsageError(f"{path}: more than {_MOST >> 20} MB", remedy)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is no UTF-8 text, from byte {error.start + 1} on", "save it as UTF-8") from error


def toml_of(text: str, where: str) -> dict[str, Any]:
    """What a text in TOML says, its numbers exactly as they are written.

    Raises:
        UsageError: it is no TOML.
    """
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{where}: no valid TOML: {error}", "mend the line that is named") from error
    except RecursionError as error:
        raise UsageError(f"{where}: its lists or tables are nested too deeply", "write fewer inside another") from error
    except ValueError as error:  # of the reader itself: a number has more digits than Python reads
        raise UsageError(f"{where}: a number in it is too long", "write it with fewer digits") from error


def is_other(path: Path) -> bool:
    """Whether a file has something in it and is no DuckDB file. DuckDB opens some of them all the same, as JSON."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            head = file.read(_PLACE + len(_MAGIC))
    except OSError:
        return False  # DuckDB says why
    return bool(head) and head[_PLACE:] != _MAGIC


def is_text(path: Path) -> bool:
    """Whether DuckDB can be told of the path."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def begin(path: Path, *, create: bool) -> None:
    """See to it that a file that only its owner can read can be made, before any data is in it.

    Raises:
        LedgerError: it cannot, or none is to be made.
    """
    if not create:
        raise LedgerError(f"{path}: no ledger here", f"make one with: spend ingest --db {path} LOG...")
    try:
        path = Path(os.path.realpath(path)) if path.is_symlink() else path
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        path.unlink()  # DuckDB wants to make the file itself; it will be as private
    except OSError as error:
        raise LedgerError(
            f"{path}: cannot be made ({error.strerror})", "name a place you may write to with --db"
        ) from error


def is_begun(path: Path) -> bool:
    """Whether not even the head of a ledger was written to a file, as a full disk or ``kill -9`` leaves it.

    To be asked when DuckDB has refused it.
    """
    try:
        return path.is_file() and path.stat().st_size < _HEAD and not is_other(path)
    except OSError:
        return False


def remove_begun(path: Path) -> bool:
    """Remove such a file, but none that another program is making at this moment; whether it is gone."""
    try:
        with path.open("r+b") as file:
            if not _locked(file.fileno()) or not is_begun(path):
                return False
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):  # else it is another one by now
                Path(os.path.realpath(path)).unlink()
    except OSError:
        return False
    return True


def _locked(descriptor: int) -> bool:
    """Whether nobody else has the file: DuckDB locks it in the same way."""
    if sys.platform == "win32":
        return True  # nobody can open what another program has open
    import fcntl

    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
