"""The bytes of a log: unpacked, in UTF-8, without a byte-order mark."""

import codecs
import io
import os
import stat
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from analyzer.errors import SourceError
from analyzer.ingest.discovery import STANDARD_INPUT, spelled
from analyzer.ingest.packing import DAMAGE, NOT_OURS, PACKINGS, ZIP, ZIP_OF_NOTHING, Unpacked

# Two of these are held at a time. Of larger ones the C library gives the memory back after each, and to be given it
# anew takes longer than to read into it.
BLOCK = 256 << 10

_OFFICE = {"[Content_Types].xml", "META-INF/manifest.xml"}  # each archive of Microsoft's or LibreOffice's has one
# The mark of UTF-32 begins as that of UTF-16 does.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
# Without a mark: which of the first four bytes are zeros, where characters of ASCII stand (RFC 4627, section 3).
_ZEROS = {
    bytes((0, 1, 1, 1)): "utf-32-le", bytes((1, 1, 1, 0)): "utf-32-be",
    bytes((0, 1, 0, 1)): "utf-16-le", bytes((1, 0, 1, 0)): "utf-16-be",
}  # fmt: skip


def _encoding(first: bytes) -> tuple[bytes, str]:
    """The byte-order mark of a text that begins so, and its encoding."""
    usual = (b"", _ZEROS.get(bytes(byte == 0 for byte in first[:4]), "utf-8"))
    return next(((mark, name) for mark, name in _MARKS if first.startswith(mark)), usual)


Opener = Callable[[], AbstractContextManager[IO[bytes]]]


class Content:
    """One stream of text.

    Attributes:
        path: where it comes from.
        plain: the file itself when its bytes can be read as they are.
        flowing: it comes from a pipe or a device, which may never end.
    """

    def __init__(
        self, path: str, opener: Opener, plain: Path | None, unpacked: Unpacked | None = None, *, flowing: bool = False
    ) -> None:
        self.path = spelled(path)
        self.flowing = flowing
        self._unpacked = unpacked
        self.plain = plain
        self.truncated = False  # the packed stream ended before its end mark; known after blocks()
        self._opener = opener

    def blocks(self) -> Iterator[bytes]:
        """UTF-8 bytes in blocks of about a quarter of a megabyte.

        Raises:
            SourceError: the file cannot be read, or holds text that is not in its own encoding.
        """
        if self._unpacked is not None:
            self._unpacked.begin(self)
        try:
            with self._opener() as file:
                self.truncated = False
                first = self._block(file)
                mark, encoding = _encoding(first)
                self.plain = None if mark or encoding != "utf-8" else self.plain
                raw = self._raw(first[len(mark) :], file)
                if encoding == "utf-8":
                    yield from raw
                else:
                    decode = codecs.getincrementaldecoder(encoding)(errors="replace").decode
                    yield from (decode(block).encode() for block in raw)
        except OSError as error:
            if error.errno is None:  # not the system's: what is packed is damaged, or something stands behind it
                raise SourceError(
                    f"{self.path}: cannot be unpacked ({error})", "fetch it again, or unpack it by hand, and name that"
                ) from error
            raise SourceError(
                f"{self.path}: cannot be read ({error.strerror or error})", "check the file and its permissions"
            ) from error
        except NOT_OURS as error:
            raise SourceError(f"{self.path}: cannot be unpacked ({error})", "unpack it by hand, and name it") from error

    def _raw(self, first: bytes, file: IO[bytes]) -> Iterator[bytes]:
        block = first
        while block:
            if self._unpacked is not None:
                self._unpacked.add(self, len(block))
            yield block
            block = self._block(file)

    def _block(self, file: IO[bytes]) -> bytes:
        """The next block; what comes before a break in a packed stream is kept."""
        parts: list[bytes] = []
        left = BLOCK
        while left and not self.truncated:
            try:
                part: bytes = file.read1(left)  # type: ignore[attr-defined]
            except DAMAGE:
                self.truncated = True
            else:
                if not part:
                    break
                parts.append(part)
                left -= len(part)
        return b"".join(parts)


def contents(path: str, *, named: bool = True) -> list[Content]:
    """The streams in a file: one, or one for each file in an archive.

    Args:
        path: of the file; a pipe or a device can be read once, and only from its beginning to its end.
        named: the user named it; what else is found may be a pipe that nobody writes to, and is not waited for.

    Raises:
        SourceError: the file cannot be opened, or is none and was not named.
    """
    if path == STANDARD_INPUT:
        return [Content(path, _standard_input, None, flowing=True)]
    try:
        mode = Path(path).stat().st_mode
        if not stat.S_ISREG(mode):
            if not named:
                raise SourceError(f"{path}: is a pipe or a device, no file", "name it to read it")
            return [Content(path, lambda: Path(path).open("rb"), None, flowing=True)]
        with Path(path).open("rb") as file:
            magic = file.read(8)
        if magic.startswith(ZIP):
            return _members(path)
        if magic.startswith(ZIP_OF_NOTHING):
            return [_nothing(path)]
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror})", "check the file and its permissions") from error
    except NOT_OURS as error:
        raise SourceError(f"{path}: a damaged zip archive", "fetch it again") from error
    unpack = next((unpack for mark, unpack in PACKINGS if magic.startswith(mark)), None)
    if unpack is None:
        return [Content(path, lambda: Path(path).open("rb"), Path(path))]
    return [Content(path, lambda: _unpacked(path, unpack), None, Unpacked(path, Path(path).stat().st_size))]


def _standard_input() -> IO[bytes]:
    if sys.stdin is None:
        raise SourceError(f"{STANDARD_INPUT}: standard input is closed", "name a file, or send a log to it")
    return os.fdopen(os.dup(sys.stdin.fileno()), "rb")


@contextmanager
def _unpacked(path: str, unpack: Callable[[IO[bytes]], IO[bytes]]) -> Iterator[IO[bytes]]:
    with Path(path).open("rb") as packed, unpack(packed) as plain:
        yield plain


def _members(path: str) -> list[Content]:
    """The files of a zip archive, read where they lie: nothing is ever unpacked to a path that the archive names.

    Raises:
        SourceError: it is a workbook, which is an archive, too.
    """
    archive = _Archive(path)
    if any(one.filename in _OFFICE for one in archive.members):
        raise SourceError(
            f"{spelled(path)}: a workbook or another office document", "save the sheet as CSV, and give that"
        )
    unpacked = Unpacked(path, Path(path).stat().st_size)
    found = [Content(f"{path}/{one.filename}", partial(archive.member, one), None, unpacked) for one in archive.members]
    return found or [_nothing(path)]


class _Archive:
    """A zip archive whose directory is read once: anew for each of thousands of members that takes minutes.

    The file is open only while one of them is read, so that none stays open where reading is given up.
    """

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        with self._path.open("rb") as self._file:
            self._directory = zipfile.ZipFile(self)
        self.members = [item for item in self._directory.infolist() if not item.is_dir()]

    @contextmanager
    def member(self, one: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
        """A member, by its place in the archive: several may have one name."""
        with self._path.open("rb") as self._file, self._directory.open(one) as file:
            yield file

    # What `zipfile` asks of a file.

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True


def _nothing(path: str) -> Content:
    """What an archive without a file in it holds."""
    return Content(path, io.BytesIO, None)
