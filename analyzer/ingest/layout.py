"""How a log's text is laid out, told by its first lines, and its first records."""

import csv
import io
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from analyzer.errors import SourceError
from analyzer.ingest.content import is_packed
from analyzer.ingest.evidence import Record

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
        *_, last = filter(None, rows_of(tail.decode(errors="replace"), delimiter))
        return quoted or len(last) >= width
    try:
        json.loads(tail)
    except (ValueError, RecursionError) as error:
        if isinstance(error, RecursionError) and tail.rstrip().endswith(b"}"):
            return True
        return not tail.lstrip().startswith(b"{")  # no beginning of a record: let the reader refuse it
    return True


# The first row of a CSV: names in quotes may have line ends in them.
_NAMES = re.compile(rb'(?:"(?:[^"]|"")*+"|[^"\n])*+')


_TAR, _TAR_AT = b"ustar", 257  # behind the name of its first file and what else is told of that

# Files that are known by how they begin, at which byte, and what to do with them.
_OTHERS = (
    (0, b"PAR1", "a Parquet file", "make lines of it: duckdb -c \"COPY (FROM 'FILE') TO 'LOG.jsonl' (FORMAT json)\""),
    (8, b"DUCK", "a DuckDB file", "name a ledger with --db, and no LOG"),
    (0, b"SQLite format 3\0", "an SQLite database", "have its tool export what it holds, as JSON lines or CSV"),
)

# The beginning of an event stream as it came over the wire: a line of `data:`, perhaps behind `event:` and others.
_EVENTS = re.compile(rb"(?:(?:event|id|retry)?:[^\n]*\n\s*)*+data:[ \t]*(?:\{|\[DONE\])")


def layout_of(path: str, head: bytes) -> tuple[str, str]:
    """How the text is laid out, and the delimiter of a CSV.

    Raises:
        SourceError: it is neither JSON nor CSV, an archive, or an event stream as it came over the wire.
    """
    if head[_TAR_AT:].startswith(_TAR) and b"\0" in head[:_TAR_AT]:
        raise SourceError(f"{path}: a tar archive", "unpack it (tar -xf ARCHIVE -C FOLDER), and name the folder")
    for at, mark, what, remedy in _OTHERS:
        if head[at:].startswith(mark):
            raise SourceError(f"{path}: {what}", remedy)
    if is_packed(head):
        raise SourceError(f"{path}: packed more than once", "unpack it by hand, and name what comes out of it")
    text = head.lstrip()
    if _EVENTS.match(text):
        raise SourceError(
            f"{path}: a raw event stream (lines of data: ...), not JSON lines",
            "strip the data: of its lines: sed -n 's/^data: *{/{/p' STREAM > EVENTS.jsonl",
        )
    if text.startswith(b"["):
        return "array", ","
    if text.startswith(b"{"):
        first = text.split(b"\n", 1)[0].strip()
        if first == b"{" or (not first.endswith(b"}") and _begins_pretty(text)):
            return "unstructured", ","
        return "newline_delimited", ","
    later = any(part.lstrip().startswith(b"{") for part in text.split(b"\n", 20)[1:])
    if not later and _is_prefixed(text.split(b"\n", 1)[0]):
        raise SourceError(
            f"{path}: its lines have other text before their JSON",
            "take it off: sed 's/^[^{]*//' LOG > LOG.jsonl",
        )
    named = _NAMES.match(text)
    line = max(text.split(b"\n", 1)[0], named[0] if named else b"", key=len)
    delimiter = max(",;\t|", key=lambda char: line.count(char.encode()))
    if b"\0" not in line and line.count(delimiter.encode()) >= 1:
        return "csv", delimiter
    # A broken first line must not hide the records behind it.
    if later:
        return "newline_delimited", ","
    raise SourceError(f"{path}: neither JSON lines nor CSV", "give API usage logs; `spend formats` lists what is known")


def holds_nothing(text: bytes) -> bool:
    """Whether a text is blank, or a list without elements: no records, in whatever layout."""
    return b"".join(text.split()) in {b"", b"[]"}


def are_names_alone(text: bytes, header: Sequence[str], delimiter: str) -> bool:
    """Whether a CSV is the names of its columns and no row; what begins with a digit is a value, and no name."""
    named = bool(header) and not any(name.strip()[:1].isdigit() for name in header)
    return named and not text[header_end(text, delimiter) :].strip()


def _is_prefixed(line: bytes) -> bool:
    """Whether a line is an object behind a time, a level or a name, as loggers write it; a CSV's names are none."""
    before, brace, rest = line.partition(b"{")
    if not brace or b'"' in before:
        return False
    try:
        return isinstance(json.loads(brace + rest), dict)
    except (ValueError, RecursionError):
        return False


def _begins_pretty(text: bytes) -> bool:
    """Whether a whole JSON object stands at the beginning, over several lines."""
    try:
        _, end = json.JSONDecoder().raw_decode(text.decode(errors="replace"))
    except (ValueError, RecursionError):
        return False
    return b"\n" in text[:end].strip()


def rows_of(lines: str | Iterable[str], delimiter: str, *, strict: bool = False) -> Iterator[list[str]]:
    """The rows of a CSV, whichever its line ends are, with fields of any length; blank lines are empty rows.

    Args:
        lines: the text.
        delimiter: what separates fields.
        strict: raise ``csv.Error`` where something stands between a quoted text and the next delimiter.
    """
    csv.field_size_limit(LONGEST_LINE)
    text = io.StringIO(lines, newline="") if isinstance(lines, str) else lines
    return csv.reader(text, delimiter=delimiter, strict=strict)


def header_of(head: bytes, delimiter: str) -> tuple[str, ...]:
    """The names of a CSV's columns."""
    line = head.lstrip(b"\r\n").decode(errors="replace")
    return tuple(next(rows_of(line, delimiter), ()))


def header_end(head: bytes, delimiter: str) -> int:
    """Where the row of names ends, its line end included."""
    text = head.decode("latin-1")  # a character for each byte
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    next(filter(None, rows), None)
    return sum(map(len, itertools.islice(io.StringIO(text, newline=""), rows.line_num)))


def is_plain(head: bytes, header: Sequence[str], delimiter: str) -> bool:
    """Whether the names of a CSV's columns are its first line, soundly quoted: else DuckDB 2.0 loses rows unsaid."""
    if head[:1] in b"\r\n" or any(end in name for name in header for end in "\r\n"):
        return False
    try:
        return bool(
            next(rows_of(head[: header_end(head, delimiter)].decode(errors="replace"), delimiter, strict=True), ())
        )
    except csv.Error:
        return False


def plain_header(head: bytes, header: Sequence[str], delimiter: str) -> bytes:
    """The names of a CSV's columns as its first line, with the line end that it has."""
    told = head[: header_end(head, delimiter)]
    if is_plain(head, header, delimiter):
        return told
    line = io.StringIO(newline="")
    csv.writer(line, delimiter=delimiter, lineterminator="").writerow(" ".join(name.splitlines()) for name in header)
    return line.getvalue().encode() + told[len(told.rstrip(b"\r\n")) :]


def sample_of(head: bytes, layout: str, header: Sequence[str], delimiter: str) -> Iterator[Record]:
    """The records that can be read."""
    if layout == "csv":
        rows = rows_of(head.decode(errors="replace"), delimiter)
        next(rows, None)
        names = [name.strip() for name in header]
        lowered = [name.lower() for name in names]  # columns are found whatever their case
        for row in filter(None, rows):
            yield dict(zip(lowered, row, strict=False)) | dict(zip(names, row, strict=False))
        return
    lines = map(_object, io.BytesIO(head))  # each is decoded by itself: most are not looked at
    found = lines if layout == "newline_delimited" else _objects(head.decode(errors="replace"))
    yield from (record for record in found if isinstance(record, dict))


def _object(line: bytes) -> object:
    """The record of a line; of several that were put together on one, the first."""
    try:
        return json.JSONDecoder().raw_decode(line.decode(errors="replace").strip())[0]
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


def read_part(file: Path, start: int, most: int) -> bytes:
    """At most so many bytes from a place on."""
    with file.open("rb") as stream:
        stream.seek(start)
        return stream.read(most)
