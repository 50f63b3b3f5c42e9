"""How a log's text is laid out, told by its first lines, and its first records."""

import csv
import io
import itertools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from analyzer.errors import SourceError
from analyzer.ingest.format import Record

SAMPLE_BYTES = 256 << 10
LONGEST_LINE = 256 << 20
SAMPLE_RECORDS = 32


def ends_whole(tail: bytes, layout: str, width: int, delimiter: str, *, quoted: bool = False) -> bool:
    """Whether the text after the last line end is a whole record, not the beginning of one.

    Args:
        tail: that text.
        layout: of the whole log.
        width: columns of a CSV.
        delimiter: what separates them.
        quoted: the line end before it stands within a quoted field.
    """
    if not tail.strip() or layout in {"array", "unstructured"}:
        return True
    if layout == "csv":
        if (tail.count(b'"') + quoted) % 2:
            return False
        return quoted or len(next(csv.reader([tail.decode(errors="replace")], delimiter=delimiter))) >= width
    try:
        json.loads(tail)
    except ValueError:
        return not tail.lstrip().startswith(b"{")  # no beginning of a record: let the reader refuse it
    return True


def layout_of(path: str, head: bytes) -> tuple[str, str]:
    """How the text is laid out, and the delimiter of a CSV.

    Raises:
        SourceError: it is neither JSON nor CSV.
    """
    text = head.lstrip()
    if text.startswith(b"["):
        return "array", ","
    if text.startswith(b"{"):
        first = text.split(b"\n", 1)[0].strip()
        if first == b"{" or (not first.endswith(b"}") and _begins_pretty(text)):
            return "unstructured", ","
        return "newline_delimited", ","
    line = text.split(b"\n", 1)[0]
    delimiter = max(",;\t|", key=lambda char: line.count(char.encode()))
    if b"\0" not in head and line.count(delimiter.encode()) >= 1:
        return "csv", delimiter
    # A broken first line must not hide the records behind it.
    if any(part.lstrip().startswith(b"{") for part in text.split(b"\n", 20)[1:]):
        return "newline_delimited", ","
    raise SourceError(f"{path}: neither JSON lines nor CSV", "give API usage logs; `spend formats` lists what is known")


def _begins_pretty(text: bytes) -> bool:
    """Whether a whole JSON object stands at the beginning, over several lines."""
    try:
        _, end = json.JSONDecoder().raw_decode(text.decode(errors="replace"))
    except ValueError:
        return False
    return b"\n" in text[:end].strip()


def header_of(head: bytes, delimiter: str) -> tuple[str, ...]:
    """The names of a CSV's columns."""
    line = head.lstrip(b"\r\n").decode(errors="replace")
    return tuple(next(csv.reader(io.StringIO(line), delimiter=delimiter), ()))


def sample_of(head: bytes, layout: str, header: Sequence[str], delimiter: str) -> Iterator[Record]:
    """The records that can be read."""
    text = head.decode(errors="replace")
    if layout == "csv":
        rows = csv.reader(io.StringIO(text), delimiter=delimiter)
        next(rows, None)
        names = [name.strip() for name in header]
        lowered = [name.lower() for name in names]  # columns are found whatever their case
        for row in filter(None, rows):
            yield dict(zip(lowered, row, strict=False)) | dict(zip(names, row, strict=False))
        return
    found = _objects(text) if layout != "newline_delimited" else map(_object, io.StringIO(text))
    yield from (record for record in found if isinstance(record, dict))


def _object(line: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _objects(text: str) -> Iterator[object]:
    """JSON objects one after the other, in a list or not."""
    decoder = json.JSONDecoder()
    place = 0
    while (place := text.find("{", place)) >= 0:
        try:
            record, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            return
        yield record


def first_records(
    file: Path,
    layout: str,
    header: Sequence[str],
    delimiter: str,
    head: bytes | None = None,
    most: int = SAMPLE_RECORDS,
) -> tuple[Record, ...]:
    """The first records that can be read, from as much of the file as it takes to find one.

    Args:
        file: the log, laid out in this way.
        layout: see :func:`layout_of`.
        header: the columns of a CSV.
        delimiter: what separates them.
        head: the beginning of the file, where it is known.
        most: no more records than that.
    """
    size = SAMPLE_BYTES
    while True:
        head = read_part(file, 0, size) if head is None else head
        found = tuple(itertools.islice(sample_of(head, layout, header, delimiter), most))
        if found or len(head) < size or size >= LONGEST_LINE:
            return found
        size *= 8
        head = None


def read_part(file: Path, start: int, most: int) -> bytes:
    """At most so many bytes from a place on."""
    with file.open("rb") as stream:
        stream.seek(start)
        return stream.read(most)
