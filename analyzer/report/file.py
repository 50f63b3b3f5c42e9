"""Files that are written: whole or not at all, and what to do where they cannot be."""

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import duckdb

from analyzer.errors import OutputError
from analyzer.ledger.confinement import spool_of
from analyzer.ledger.spool import Spool

T = TypeVar("T")
IN_ORDER = "PRESERVE_ORDER true"  # of the rows as they come; an option of `copy`, for one file
_REMEDIES = {
    errno.ENOSPC: "free some space, or name another place with {option}",
    errno.EDQUOT: "free some space, or name another place with {option}",
    errno.EFBIG: "let files be larger (ulimit -f), or name another place with {option}",
    errno.EACCES: "name a place you may write to with {option}",
    errno.EPERM: "name a place you may write to with {option}",
    errno.EROFS: "name a place you may write to with {option}",
    errno.ENOENT: "make its folder first, or name another place with {option}",
    errno.ENOTDIR: "name a file in a folder with {option}",
    errno.EISDIR: "name a file, not a folder, with {option}",
    errno.ENAMETOOLONG: "name a shorter path with {option}",
}


@contextlib.contextmanager
def telling(path: Path, what: str, option: str) -> Iterator[None]:
    """Say of what the system refuses which file it was, and what to do.

    Args:
        path: as the user named it.
        what: what is written, such as ``report``.
        option: what names another place.

    Raises:
        OutputError: it could not be written.
    """
    try:
        yield
    except OSError as error:
        remedy = _REMEDIES.get(error.errno or 0, "name another place with {option}").format(option=option)
        raise OutputError(f"{path}: the {what} could not be written: {error.strerror or error}", remedy) from error


def ready(path: Path, what: str, option: str) -> None:
    """Find out before the work where a file cannot be made because of its folder, or because it is one.

    Raises:
        OutputError: it cannot.
    """
    target = Path(os.path.realpath(path))
    with telling(path, what, option):
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        target.parent.stat()
        if not target.parent.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))


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
    with telling(path, what, option):
        write_whole(path, lambda beside: beside.write_bytes(content))


def write_whole(path: Path, write: Callable[[Path], T]) -> T:
    """Let ``write`` make a file, and put it where it is wanted when it is complete.

    A link is followed, so that it still points to the file afterwards; a pipe or a device gets the bytes.

    Returns:
        what ``write`` returns.

    Raises:
        OSError: it could not be written.
    """
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    # Such a thing has nothing that could be replaced, and nothing may lie beside it.
    device = target.exists() and not target.is_file()
    with contextlib.ExitStack() as stack:
        beside = stack.enter_context(_elsewhere()) if device else target.with_name(f".spend-{os.getpid()}.tmp")
        try:
            beside.touch()  # what cannot be written is found out before the work
            told = write(beside)
            if device:
                with beside.open("rb") as made, target.open("wb") as out:
                    shutil.copyfileobj(made, out)
            else:
                beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
    return told


@contextlib.contextmanager
def _elsewhere() -> Iterator[Path]:
    """A place for a file in a private folder that goes away."""
    with Spool() as folder:
        yield folder / "made"


def copy(connection: duckdb.DuckDBPyConnection, sql: str, path: Path, options: str) -> int:
    """Let DuckDB write the rows of a statement to a file or folder; they never are in memory all at once.

    Returns:
        how many there are.

    Raises:
        OSError: it could not be written.
    """
    # A statement reaches no place but the ledger's spool: what it makes there is moved.
    with tempfile.TemporaryDirectory(dir=spool_of(connection)) as folder:
        made = Path(folder) / "made"
        place = str(made).replace("'", "''")
        try:
            rows = connection.execute(f"COPY ({sql}) TO '{place}' ({options})").fetchall()
        except duckdb.IOException as error:
            raise _as_system_error(path, str(error)) from error
        path.unlink(missing_ok=True)
        try:
            shutil.move(made, path)
        except shutil.Error as error:  # of a folder: a list of what went wrong with each of its files
            raise _as_system_error(path, str(error)) from error
    return int(rows[0][0])


def _as_system_error(path: Path, told: str) -> OSError:
    """What the system said to DuckDB."""
    for number in _REMEDIES:
        if os.strerror(number) in told:
            return OSError(number, os.strerror(number), str(path))
    return OSError(errno.EIO, told.splitlines()[0], str(path))
