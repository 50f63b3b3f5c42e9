"""Files: that of a ledger, before DuckDB opens it; those that users write; full disks."""

import errno
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

from analyzer.errors import UsageError

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

_MAGIC = b"DUCK"
_PLACE = 8  # behind a checksum


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
