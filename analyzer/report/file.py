"""Files that are written: whole or not at all, and what to do where they cannot be."""

import errno
import os
from pathlib import Path

from analyzer.errors import OutputError

_REMEDIES = {
    errno.ENOSPC: "free some space, or name another place with {option}",
    errno.EDQUOT: "free some space, or name another place with {option}",
    errno.EACCES: "name a place you may write to with {option}",
    errno.EPERM: "name a place you may write to with {option}",
    errno.EROFS: "name a place you may write to with {option}",
    errno.ENOENT: "make its folder first, or name another place with {option}",
    errno.ENOTDIR: "name a file in a folder with {option}",
    errno.EISDIR: "name a file, not a folder, with {option}",
    errno.ENAMETOOLONG: "name a shorter path with {option}",
}


def write(content: bytes, path: Path, option: str, what: str = "file") -> None:
    """Write a file, whole or not at all: what was there stays until the new one is complete.

    Args:
        content: of the file.
        path: where it goes.
        option: of the command line, that names the path.
        what: the file is, in the words of an error.

    Raises:
        OutputError: it could not be written.
    """
    try:
        _write(content, path)
    except OSError as error:
        remedy = _REMEDIES.get(error.errno or 0, "name another place with {option}").replace("{option}", option)
        raise OutputError(f"{path}: the {what} could not be written: {error.strerror or error}", remedy) from error


def _write(content: bytes, path: Path) -> None:
    # A link is followed, so that it still points to the file afterwards.
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if target.exists() and not target.is_file():
        # A pipe or a device has nothing that could be replaced.
        target.write_bytes(content)
        return
    beside = target.with_name(f".spend-{os.getpid()}.tmp")
    try:
        beside.write_bytes(content)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
