"""JSON that is no JSON lines (a list, documents over several lines, lists in them), cut into one element a line."""

import codecs
import json
import mmap
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from analyzer.ingest.sample import AS_RECORDS
from analyzer.ingest.source import Source

# A text ends at its quote, or, where that is missing, with its line: no JSON text goes over a line's end.
_TOKEN = re.compile(rb'"(?:[^"\\\n]|\\.)*"?|[\[{]|[\]}]|,')


def elementwise(source: Source, lines: Path) -> Source:
    """The same log as JSON lines, so that a broken element spoils no other; record N is element N.

    Args:
        source: a log of JSON whose layout is not ``newline_delimited``.
        lines: the file to write.
    """
    with lines.open("wb") as out:
        out.writelines(elements(source))
    return replace(source, file=lines, layout="newline_delimited", in_place=False, counted=None)


def elements(source: Source) -> Iterator[bytes]:
    """The elements of a log of JSON whose layout is not ``newline_delimited``, each a line."""
    if source.layout in AS_RECORDS:
        with source.file.open("rb") as lines:
            yield from AS_RECORDS[source.layout](lines)
        return
    with (
        source.file.open("rb") as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as text,
    ):
        listed = _listed(text, source.under) if source.under else _elements(text, outer=source.layout == "array")
        for start, end in listed:
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


def _listed(text: mmap.mmap, under: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Where each element of the lists begins and ends that stand under some keys of the documents, one in the other.

    A document without such a list, as an API's error is among its pages, is an element itself: nothing is lost.
    """
    depth, start, begin = 0, 0, 0
    inside = 0  # how many of the keys the open objects, and the list, stand under
    found = False  # the list of this document
    name = ""  # the text before, which is a key where an object or a list follows
    for match in _TOKEN.finditer(text):
        char = match.group()
        if char in {b"{", b"["}:
            if depth == 0:
                yield start, match.start()  # what is neither, as a rule nothing
                begin, found = match.start(), False
            elif depth == inside + 1 <= len(under) and name == under[inside]:
                listed = char == b"["
                if listed == (depth == len(under)):
                    inside = depth
                    start, found = (match.end(), True) if listed else (start, found)
            depth += 1
        elif char in {b"}", b"]"}:
            depth = max(0, depth - 1)
            if depth == len(under) == inside:
                yield start, match.start()
                start = match.end()
            elif depth == 0:
                if not found:
                    yield begin, match.end()
                start = match.end()
            inside = min(inside, max(0, depth - 1))
        elif char == b"," and depth == len(under) + 1 == inside + 1:
            yield start, match.start()
            start = match.end()
        elif depth == inside + 1 and char[:1] == b'"':  # to read each text of the elements would take long
            name = _text(char)
    yield start, len(text)


def _text(quoted: bytes) -> str:
    """The text that a string of JSON stands for; what is none stands for nothing."""
    try:
        text = json.loads(quoted)
    except ValueError:
        return ""
    return text if isinstance(text, str) else ""
