"""How a log's text is laid out, told by its first lines."""

import json
import re
from collections.abc import Sequence

from analyzer.errors import SourceError
from analyzer.ingest.header import rows_of
from analyzer.ingest.logfmt import is_logfmt
from analyzer.ingest.packing import is_packed
from analyzer.ingest.prefixed import is_prefixed


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
        return _is_row(tail, width, delimiter, quoted=quoted)
    if layout == "logfmt":  # a count that is cut is a count, too
        return False
    if layout == "prefixed":
        tail = tail[tail.find(b"{") :]
    try:
        json.loads(tail)
    except (ValueError, RecursionError) as error:
        if isinstance(error, RecursionError) and tail.rstrip().endswith(b"}"):
            return True
        return not tail.lstrip().startswith(b"{")  # no beginning of a record: let the reader refuse it
    return True


def _is_row(tail: bytes, width: int, delimiter: str, *, quoted: bool) -> bool:
    if (tail.count(b'"') + quoted) % 2:
        return False
    *_, last = filter(None, rows_of(tail.decode(errors="replace"), delimiter))
    return quoted or len(last) >= width


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
    later = any(part.lstrip().startswith(b"{") for part in text.split(b"\n", 20)[1:])
    if not later and (layout := _of_lines(text.split(b"\n", 20)[:20])):
        return layout, ","
    if text.startswith(b"["):
        return "array", ","
    if text.startswith(b"{"):
        first = text.split(b"\n", 1)[0].strip()
        if first == b"{" or (not first.endswith(b"}") and _begins_pretty(text)):
            return "unstructured", ","
        return "newline_delimited", ","
    named = _NAMES.match(text)
    line = max(text.split(b"\n", 1)[0], named[0] if named else b"", key=len)
    delimiter = max(",;\t|", key=lambda char: line.count(char.encode()))
    if b"\0" not in line and line.count(delimiter.encode()) >= 1:
        return "csv", delimiter
    # A broken first line must not hide the records behind it.
    if later:
        return "newline_delimited", ","
    raise SourceError(f"{path}: neither JSON lines nor CSV", "give API usage logs; `spend formats` lists what is known")


def _of_lines(first: Sequence[bytes]) -> str:
    """The layout of a text whose lines are neither JSON nor rows; empty where they may be either."""
    if first[0].startswith(b"{"):
        return ""
    return "prefixed" if is_prefixed(first) else "logfmt" if is_logfmt(first[0]) else ""


def holds_nothing(text: bytes) -> bool:
    """Whether a text is blank, or a list without elements: no records, in whatever layout."""
    return b"".join(text.split()) in {b"", b"[]"}


def _begins_pretty(text: bytes) -> bool:
    """Whether a whole JSON object stands at the beginning, over several lines."""
    try:
        _, end = json.JSONDecoder().raw_decode(text.decode(errors="replace"))
    except (ValueError, RecursionError):
        return False
    return b"\n" in text[:end].strip()
