"""JSON that is no JSON lines, a list or documents over several lines, cut into one element a line."""

import codecs
import mmap
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from analyzer.ingest.source import Source

# A text ends at its quote, or, where that is missing, with its line: no JSON text goes over a line's end.
_TOKEN = re.compile(rb'"(?:[^"\\\n]|\\.)*"?|[\[{]|[\]}]|,')


def elementwise(source: Source, lines: Path) -> Source:
    """The same log as JSON lines, so that a broken element spoils no other; record N is element N.

    Args:
        source: a log whose layout is ``array`` or ``unstructured``.
        lines: the file to write.
    """
    with lines.open("wb") as out:
        out.writelines(elements(source))
    return replace(source, file=lines, layout="newline_delimited", in_place=False, counted=None)


def elements(source: Source) -> Iterator[bytes]:
    """The elements of a log whose layout is ``array`` or ``unstructured``, each a line of JSON."""
    with (
        source.file.open("rb") as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as text,
    ):
        for start, end in _elements(text, outer=source.layout == "array"):
            element = text[start:end].strip().removeprefix(codecs.BOM_UTF8).strip()
            if element:
                yield element.replace(b"\r", b" ").replace(b"\n", b" ") + b"\n"


def _elements(text: mmap.mmap, *, outer: bool) -> Iterator[tuple[int, int]]:
    """Where each element begins and ends: between the commas of a list, or from bracket to bracket outside of one."""
    depth, start = 0, 0
    listed = False  # the outermost bracket that is open is a list, whose elements are sought
    for match in _TOKEN.finditer(text):
        char = match.group()
        if char in {b"{", b"["}:
            if depth == 0:
                yield start, match.start()  # what is neither, as a rule nothing
                listed = outer and char == b"["
                start = match.end() if listed else match.start()
            depth += 1
        elif char in {b"}", b"]"}:
            depth = max(0, depth - 1)
            if depth == 0:
                yield start, match.start() if listed else match.end()
                listed, start = False, match.end()
        elif char == b"," and depth == listed:
            yield start, match.start()
            start = match.end()
    yield start, len(text)
