"""A source: one log, known by its content, ready for DuckDB to read."""

import csv
import io
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from analyzer.errors import SourceError
from analyzer.ingest.content import Content
from analyzer.ingest.format import Record

_OPENING = 1024  # bytes whose hash finds the logs that this one may be a longer version of
_SAMPLE_BYTES = 256 << 10
_LONGEST_LINE = 256 << 20
_SAMPLE_RECORDS = 64


@dataclass(frozen=True)
class Part:
    """Content that the ledger already holds: its length, its lines, its fingerprint."""

    bytes: int
    lines: int
    fingerprint: str


@dataclass
class Known:
    """What the ledger has read before, found by fingerprint or, for logs that may have grown, by their opening."""

    fingerprints: set[str] = field(default_factory=set)
    parts: dict[str, list[Part]] = field(default_factory=dict)
    short: list[Part] = field(default_factory=list)

    def add(self, opening: str, part: Part) -> None:
        """Remember a source that has been loaded."""
        self.fingerprints.add(part.fingerprint)
        (self.parts.setdefault(opening, []) if part.bytes >= _OPENING else self.short).append(part)


@dataclass(frozen=True)
class Source:
    """One log and how to read it. ``file`` is plain UTF-8 and ends with a whole line."""

    path: str
    file: Path
    layout: str  # newline_delimited | array | unstructured (JSON), csv
    sample: tuple[Record, ...]
    header: tuple[str, ...]
    delimiter: str
    opening: str
    whole: Part  # the content up to its last whole line, earlier parts included
    start: int  # lines of the earlier part, which the ledger has already
    pending: int  # bytes of a cut last line
    truncated: bool
    in_place: bool  # `file` is the log itself, not a copy

    def grew(self) -> bool:
        """Whether the log was written to since it was fingerprinted."""
        return self.in_place and self.file.stat().st_size != self.whole.bytes

    def pinned(self, folder: Path) -> "Source":
        """The same content as a copy that nobody writes to."""
        if not self.in_place:
            return self
        copy = folder / f"{self.whole.fingerprint}.log"
        with copy.open("wb") as out:
            _copy(self.file, 0, self.whole.bytes, out)
        return replace(self, file=copy, in_place=False)

    @property
    def container(self) -> str:
        """``json`` or ``csv``."""
        return "csv" if self.layout == "csv" else "json"


@dataclass(frozen=True)
class Nothing:
    """A log that adds nothing, and why."""

    path: str
    reason: str


def open_source(content: Content, spool: Path, known: Known) -> Source | Nothing:
    """Read a log once: fingerprint it, find what of it is new, and lay it out for DuckDB.

    Args:
        content: the log.
        spool: a file that may be written when the log cannot be read where it lies.
        known: what the ledger holds already.

    Raises:
        SourceError: it cannot be read, or is neither JSON nor CSV.
    """
    scan = _Scan(known)
    # A packed or re-encoded log is written out while it is read; a plain one is read where it lies.
    packed = content.plain is None
    with spool.open("wb") if packed else io.BytesIO() as copy:
        for block in content.blocks():
            scan.feed(block)
            if packed or content.plain is None:
                copy.write(block)
    if content.plain is None and not packed:  # a byte-order mark came to light
        with spool.open("wb") as again:
            again.writelines(content.blocks())
    file = content.plain or spool
    if not scan.length:
        return Nothing(content.path, "is empty")
    head = _read(file, 0, _SAMPLE_BYTES)
    layout, delimiter = _layout(content.path, head)
    header = _header(head, delimiter) if layout == "csv" else ()
    kept = scan.finish(layout, len(header), delimiter)
    if kept.bytes == 0:
        return Nothing(content.path, "holds no whole line yet")
    if kept.fingerprint in known.fingerprints:
        return Nothing(content.path, "is in the ledger already")
    grown = scan.grown_from if layout in {"newline_delimited", "csv"} else None
    pending = scan.length - kept.bytes
    if grown or pending:
        start = grown.bytes if grown else 0
        cut = spool.with_suffix(".cut")
        with cut.open("wb") as out:
            if grown and layout == "csv":
                out.write(head[: head.index(b"\n") + 1])
            _copy(file, start, kept.bytes, out)
        if file == spool:
            spool.unlink()
        file = cut
    return Source(
        path=content.path,
        file=file,
        layout=layout,
        sample=tuple(_sample(_first_lines(file), layout, header, delimiter)),
        header=header,
        delimiter=delimiter,
        opening=scan.opening,
        whole=kept,
        start=grown.lines if grown else 0,
        pending=pending,
        truncated=content.truncated,
        in_place=file == content.plain,
    )


class _Scan:
    """Hashes content block by block, keeping the state at the last line's end and at each known length."""

    def __init__(self, known: Known) -> None:
        import blake3

        self._hash = blake3.blake3()
        self._at_line = self._hash.copy()
        self._known = known
        self._candidates: list[Part] | None = None
        self._head = b""
        self._tail = b""
        self._newlines = 0
        self._line_end = 0
        self.length = 0
        self.opening = ""
        self.grown_from: Part | None = None

    def feed(self, block: bytes) -> None:
        if self._candidates is None:  # the first block is a whole one, or all there is
            self._head = block[:_OPENING]
            self.opening = type(self._hash)(self._head).hexdigest()
            parts = [*self._known.short, *self._known.parts.get(self.opening, ())]
            self._candidates = sorted(parts, key=lambda part: part.bytes)
        while self._candidates and self._candidates[0].bytes <= self.length + len(block):
            part = self._candidates.pop(0)
            cut = part.bytes - self.length
            self._update(block[:cut])
            block = block[cut:]
            if self._hash.hexdigest() == part.fingerprint:
                self.grown_from = part
        self._update(block)

    def _update(self, block: bytes) -> None:
        self.length += len(block)
        end = block.rfind(b"\n") + 1
        if end:
            self._hash.update(block[:end])
            self._at_line = self._hash.copy()
            self._newlines += block.count(b"\n")
            self._line_end = self.length - len(block) + end
            self._tail = b""
        if end < len(block):
            self._hash.update(block[end:])
            self._tail += block[end:] if len(self._tail) < _SAMPLE_BYTES else b""

    def finish(self, layout: str, width: int, delimiter: str) -> Part:
        """The content that counts: all of it, or all but a cut last line."""
        if _whole(self._tail, layout, width, delimiter):
            return Part(self.length, self._newlines, self._hash.hexdigest())
        return Part(self._line_end, self._newlines, self._at_line.hexdigest())


def _whole(tail: bytes, layout: str, width: int, delimiter: str) -> bool:
    """Whether the text after the last line end is a whole record, not the beginning of one."""
    if not tail.strip() or layout in {"array", "unstructured"}:
        return True
    if layout == "csv":
        return b'"' in tail or len(tail.decode(errors="replace").split(delimiter)) >= width
    try:
        json.loads(tail)
    except ValueError:
        return not tail.lstrip().startswith(b"{")  # no beginning of a record: let the reader refuse it
    return True


def _layout(path: str, head: bytes) -> tuple[str, str]:
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


def _header(head: bytes, delimiter: str) -> tuple[str, ...]:
    line = head.lstrip(b"\r\n").decode(errors="replace")
    return tuple(next(csv.reader(io.StringIO(line), delimiter=delimiter), ()))


def _sample(head: bytes, layout: str, header: Sequence[str], delimiter: str) -> Iterator[Record]:
    """The first records that can be read."""
    text = head.decode(errors="replace")
    if layout == "csv":
        rows = csv.reader(io.StringIO(text), delimiter=delimiter)
        next(rows, None)
        yield from itertools.islice((dict(zip(header, row, strict=False)) for row in rows if row), _SAMPLE_RECORDS)
        return
    found = _objects(text) if layout != "newline_delimited" else map(_object, text.splitlines())
    yield from itertools.islice((record for record in found if isinstance(record, Mapping)), _SAMPLE_RECORDS)


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


def _first_lines(file: Path) -> bytes:
    """Enough of the file to hold a whole line, if any line of it may be held."""
    size = _SAMPLE_BYTES
    while b"\n" not in (head := _read(file, 0, size)) and len(head) == size < _LONGEST_LINE:
        size *= 8
    return head


def _read(file: Path, start: int, most: int) -> bytes:
    with file.open("rb") as stream:
        stream.seek(start)
        return stream.read(most)


def _copy(file: Path, start: int, end: int, out: io.BufferedIOBase | io.BufferedWriter) -> None:
    with file.open("rb") as stream:
        stream.seek(start)
        left = end - start
        while left and (block := stream.read(min(left, 1 << 20))):
            out.write(block)
            left -= len(block)
