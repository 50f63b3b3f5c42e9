"""A stretch of a file, in blocks: read, copied, counted."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

LONGEST_LINE = 256 << 20  # bytes of a line that is read
SAMPLE_BYTES = 256 << 10  # bytes of a log that are looked at first
# Where a blank line may begin. Most logs have no such place, and a search for no more than that is quick.
_MAYBE_BLANK = re.compile(rb"\n[\n\r\t\v\f ]")


def blocks(file: Path, start: int, end: int) -> Iterator[bytes]:
    """The bytes of a file from one place up to another, or to its end where that comes first."""
    with file.open("rb") as stream:
        stream.seek(start)
        yield from first_blocks(stream, end - start)


def first_blocks(stream: IO[bytes], most: int) -> Iterator[bytes]:
    """The next bytes of a stream, so many at the most."""
    while most and (block := stream.read(min(most, 1 << 20))):
        yield block
        most -= len(block)


def copy(file: Path, start: int, end: int, out: IO[bytes]) -> int:
    """Write a stretch of a file to another one, and give back how many bytes it had."""
    return sum(out.write(block) for block in blocks(file, start, end))


def count(file: Path, start: int, end: int, byte: bytes) -> int:
    """How often a byte is there."""
    return sum(block.count(byte) for block in blocks(file, start, end))


def line_ends(block: bytes) -> int:
    """How many line ends there are."""
    if block.count(b"\n", 0, 4096) > 8:
        return block.count(b"\n")
    ends = 0  # of long lines `find`, which leaps from one to the next, takes a fifth of the time of `count`
    place = block.find(b"\n")
    while place >= 0:
        ends += 1
        place = block.find(b"\n", place + 1)
    return ends


def may_have_blank_lines(text: Iterable[bytes]) -> bool:
    """Whether it is worth looking for a line that says nothing in a text, given in blocks."""
    before = b"\n"
    for block in text:
        if _MAYBE_BLANK.search(before + block):
            return True
        before = block[-1:]
    return False


def read_part(file: Path, start: int, most: int) -> bytes:
    """At most so many bytes from a place on."""
    with file.open("rb") as stream:
        stream.seek(start)
        return stream.read(most)
