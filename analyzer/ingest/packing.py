"""Packings: which there are, how each is unpacked, and how much may come out."""

import bz2
import gzip
import lzma
import sys
import zipfile
import zlib
from collections.abc import Callable
from typing import IO, cast

from analyzer.errors import SourceError
from analyzer.ingest.discovery import spelled

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def _gzip(file: IO[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", gzip.GzipFile(fileobj=file))


def _bzip2(file: IO[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", bz2.BZ2File(file))


def _xz(file: IO[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", lzma.LZMAFile(file))


def _zstd(file: IO[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", zstd.ZstdFile(file))


# What is raised where a packed stream is cut or damaged.
DAMAGE = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, zstd.ZstdError)

# Raised for zip archives that are encrypted, packed in another way, of a later version, or damaged, in names as well.
NOT_OURS = (RuntimeError, UnicodeDecodeError, zipfile.BadZipFile)

# Told by the first bytes, never by the name.
PACKINGS: tuple[tuple[bytes, Callable[[IO[bytes]], IO[bytes]]], ...] = (
    (b"\x1f\x8b", _gzip),
    (b"\x28\xb5\x2f\xfd", _zstd),
    (b"BZh", _bzip2),
    (b"\xfd7zXZ\x00", _xz),
)
ZIP = b"PK\x03\x04"
ZIP_OF_NOTHING = b"PK\x05\x06"

# No log packs this well. What unpacks to more is a bomb, and would fill the disk.
MOST_TIMES = 250
ALWAYS_FINE = 1 << 30


class Unpacked:
    """How much came out of one packed file, whatever its members are; there is a limit."""

    def __init__(self, path: str, packed: int) -> None:
        self._path = path
        self._most = max(ALWAYS_FINE, MOST_TIMES * packed)
        self._bytes: dict[object, int] = {}

    def begin(self, member: object) -> None:
        """A member is read from its beginning."""
        self._bytes[member] = 0

    def add(self, member: object, size: int) -> None:
        """So many more bytes of it.

        Raises:
            SourceError: it is too much.
        """
        self._bytes[member] += size
        if sum(self._bytes.values()) > self._most:
            raise SourceError(
                f"{spelled(self._path)}: unpacks to more than {self._most >> 20:,} MB, {MOST_TIMES} times its size",
                "if that is right, unpack it by hand, and name what came out of it",
            )


def is_packed(head: bytes) -> bool:
    """Whether a text, which was unpacked already, begins as something packed does."""
    return head.startswith((ZIP, *(mark for mark, _ in PACKINGS)))
