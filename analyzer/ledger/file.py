"""Files: that of a ledger, before DuckDB opens it; those that users write; full disks."""

import errno
from pathlib import Path

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

_MAGIC = b"DUCK"
_PLACE = 8  # behind a checksum


_MOST = 16 << 20  # bytes of settings, prices, a scenario: more is a device, or a file that was named by mistake


def text_of(path: Path) -> str:
    """What a user wrote, without a byte-order mark.

    Raises:
        OSError: it cannot be read, or is larger than anybody writes.
        UnicodeDecodeError: it is no UTF-8.
    """
    with path.open("rb") as file:
        content = file.read(_MOST + 1)
    if len(content) > _MOST:
        raise OSError(f"more than {_MOST >> 20} MB")
    return content.decode("utf-8-sig")


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
