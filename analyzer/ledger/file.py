"""Files: that of a ledger, before DuckDB opens it; what the system says where nothing more can be written."""

import errno
from pathlib import Path

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

_MAGIC = b"DUCK"
_PLACE = 8  # behind a checksum


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
