"""A source: one log, known by its content, ready for DuckDB to read."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from analyzer.errors import SourceError
from analyzer.ingest.content import Content
from analyzer.ingest.evidence import Record
from analyzer.ingest.format import Format
from analyzer.ingest.known import Known, Part, Scan
from analyzer.ingest.layout import (
    LONGEST_LINE,
    SAMPLE_BYTES,
    SAMPLE_RECORDS,
    are_names_alone,
    ends_whole,
    first_records,
    header_end,
    header_of,
    holds_nothing,
    is_plain,
    layout_of,
    plain_header,
    read_part,
)
from analyzer.ledger.file import FULL

# Longer than any line that is read; those between are rejected alone, and what follows them is read.
ENDLESS = 4 * LONGEST_LINE
_AGAIN = "run again to read it as it is then"
KNOWN = "is in the ledger already"


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
    continues: str | None  # the fingerprint of the earlier part
    start: int  # lines of the earlier part, which the ledger has already
    pending: int  # bytes of a cut last line
    truncated: bool
    in_place: bool  # `file` is the log itself, not a copy
    modified_ns: int = 0  # when it was written to last before it was fingerprinted, as the file system says
    texts: frozenset[str] = frozenset()  # what is a text in the sample that the format takes for an object
    objects: frozenset[str] = frozenset()  # what is one
    counted: int | None = None  # lines of `file`, where they are known
    strangers: tuple[str, ...] = ()  # other formats, which records of the sample have instead of the log's

    def sampled(self) -> "Source":
        """The same log, with all the records that are looked at."""
        return replace(self, sample=first_records(self.file, self.layout, self.header, self.delimiter))

    def told(self, form: Format) -> "Source":
        """The same log, with what is known of it for a format in place of the sample, which takes room."""
        texts: set[str] = set()
        objects: set[str] = set()
        for record in self.sample:
            for name in form.objects & record.keys():
                if record[name] is not None:
                    (objects if isinstance(record[name], dict) else texts).add(name)
        return replace(self, sample=(), texts=frozenset(texts), objects=frozenset(objects))

    def changed(self) -> bool:
        """Whether the log was written to, or taken away, since it was fingerprinted."""
        if not self.in_place:
            return False
        try:
            found = self.file.stat()
        except OSError:
            return True
        return (found.st_size, found.st_mtime_ns) != (self.whole.bytes, self.modified_ns)

    def lines(self) -> int:
        """How many lines ``file`` has, the last one with or without its end."""
        if self.counted is not None:
            return self.counted
        size = self.file.stat().st_size
        open_end = size > 0 and read_part(self.file, size - 1, 1) != b"\n"
        return _count(self.file, 0, size, b"\n") + open_end

    def pinned(self, folder: Path) -> "Source":
        """The same content as a copy that nobody writes to.

        Raises:
            SourceError: it is not the same any more.
        """
        if not self.in_place:
            return self
        import blake3

        copy = folder / f"{self.whole.fingerprint}.log"
        content = blake3.blake3()
        try:
            stream = self.file.open("rb")
        except OSError as error:
            raise gone(self.path, error) from error
        with stream, copy.open("wb") as out:
            for block in _parts(stream, self.whole.bytes):
                content.update(block)
                out.write(block)
        if content.hexdigest() != self.whole.fingerprint:
            copy.unlink()
            raise _not_the_same(self.path)
        return replace(self, file=copy, in_place=False)

    @property
    def container(self) -> str:
        """``json`` or ``csv``."""
        return "csv" if self.layout == "csv" else "json"


@dataclass(frozen=True)
class Nothing:
    """A log that adds nothing, and why.

    Attributes:
        path: the log.
        reason: in words.
        remedy: what to do to have it add something, where there is such.
        fingerprint: of what the ledger has already, where it was read again to know.
    """

    path: str
    reason: str
    remedy: str = ""
    fingerprint: str | None = None

    @property
    def known(self) -> bool:
        """Whether it is in the ledger."""
        return self.reason == KNOWN


def open_source(
    content: Content, spool: Path, known: Known, most: int = SAMPLE_RECORDS, *, counted: bool = False
) -> Source | Nothing:
    """Read a log once: fingerprint it, find what of it is new, and lay it out for DuckDB.

    Args:
        content: the log.
        spool: a file that may be written when the log cannot be read where it lies.
        known: what the ledger holds already.
        most: how many of its first records to look at.
        counted: whether somebody will ask for its lines.

    Raises:
        SourceError: it cannot be read, or is neither JSON nor CSV.
    """
    scan = Scan(known, counted=counted)
    modified_ns = content.plain.stat().st_mtime_ns if content.plain else 0
    # A packed or re-encoded log is written out while it is read; a plain one is read where it lies.
    packed = content.plain is None
    with spool.open("wb") if packed else io.BytesIO() as copy:
        for block in _looked_at(content, scan):
            if packed:
                copy.write(block)
    if content.plain is None and not packed:  # another encoding came to light, or a byte-order mark
        with spool.open("wb") as again:
            again.writelines(content.blocks())
    file = content.plain or spool
    if not scan.length:
        return _without(content, "is empty")
    head = read_part(file, 0, SAMPLE_BYTES)
    if len(head) == scan.length and holds_nothing(head):
        return Nothing(content.path, "holds no records")
    layout, delimiter = layout_of(content.path, head)
    header = header_of(head, delimiter) if layout == "csv" else ()
    if layout == "csv" and len(head) == scan.length and are_names_alone(head, header, delimiter):
        return Nothing(content.path, "holds no records")
    tail = scan.tail
    quoted = layout == "csv" and b'"' in tail and _count(file, 0, scan.line_end, b'"') % 2 == 1
    size, fingerprint = scan.finish(whole=ends_whole(tail, layout, len(header), delimiter, quoted=quoted))
    if size == 0:
        return _without(content, "holds no whole line yet")
    if fingerprint in known.fingerprints:
        return Nothing(content.path, KNOWN, fingerprint=fingerprint)
    grown = scan.grown_from if layout in {"newline_delimited", "csv"} else None
    begun = grown or Part(0, 0, "")
    # To count lines takes longer than to know the content, and most logs never grow.
    start = _count(file, 0, begun.bytes, b"\n") if begun.lines is None else begun.lines
    whole = Part(size, start + _count(file, begun.bytes, size, b"\n") if grown else None, fingerprint)
    pending = scan.length - size
    odd = layout == "csv" and not is_plain(head, header, delimiter)
    if grown or pending or odd:
        cut = spool.with_suffix(".cut")
        with cut.open("wb") as out:
            if layout == "csv":
                out.write(plain_header(head, header, delimiter))
            start_at = begun.bytes or (header_end(head, delimiter) if layout == "csv" else 0)
            if _copy(file, min(start_at, size), size, out) != size - min(start_at, size):  # the names may be cut
                raise _not_the_same(content.path)
        if file == spool:
            spool.unlink()
        file = cut
    return Source(
        path=content.path,
        file=file,
        layout=layout,
        sample=first_records(file, layout, header, delimiter, None if grown or pending or odd else head, most),
        header=header,
        delimiter=delimiter,
        opening=scan.opening,
        whole=whole,
        continues=grown.fingerprint if grown else None,
        start=start,
        pending=pending,
        truncated=content.truncated,
        in_place=file == content.plain,
        modified_ns=modified_ns,
        counted=None if grown or pending or odd else scan.lines,
    )


def _looked_at(content: Content, scan: Scan) -> Iterator[bytes]:
    """Feed what a log holds to a scan, and hand it on.

    Raises:
        SourceError: it is no log, or its first line has no end: then it is not read to its own, which it may not have.
    """
    layout = ""
    for block in content.blocks():
        if block and not scan.length and not block.isspace():
            layout, _ = layout_of(content.path, block[:SAMPLE_BYTES])
        scan.feed(block)
        if content.flowing and layout != "array" and scan.length - scan.line_end > ENDLESS:
            raise SourceError(
                f"{content.path}: a line of more than {ENDLESS >> 20:,} MB, whose end has not come",
                "give API usage logs, a record a line; what is larger is read from a file",
            )
        yield block


def gone(path: str, error: OSError) -> SourceError:
    """What is to be said of a log that could be opened, and now cannot be read.

    Raises:
        OSError: it is a disk that is full.
    """
    if error.errno in FULL:
        raise error
    problem = SourceError(f"{path}: cannot be read any more ({error.strerror or error})", _AGAIN)
    problem.__cause__ = error
    return problem


def _not_the_same(path: str) -> SourceError:
    return SourceError(f"{path}: was cut or replaced while it was read; nothing of it was taken", _AGAIN)


def _without(content: Content, reason: str) -> Nothing:
    """A log without a record that is whole.

    Raises:
        SourceError: it is packed, and had more before it was cut or damaged.
    """
    if content.truncated:
        told = f"{content.path}: is cut or damaged: no whole record can be unpacked of it"
        raise SourceError(told, "fetch it again") from EOFError()
    return Nothing(content.path, reason)


def _blocks(file: Path, start: int, end: int) -> Iterator[bytes]:
    with file.open("rb") as stream:
        stream.seek(start)
        yield from _parts(stream, end - start)


def _parts(stream: IO[bytes], left: int) -> Iterator[bytes]:
    while left and (block := stream.read(min(left, 1 << 20))):
        yield block
        left -= len(block)


def _copy(file: Path, start: int, end: int, out: io.BufferedIOBase | io.BufferedWriter) -> int:
    return sum(out.write(block) for block in _blocks(file, start, end))


def _count(file: Path, start: int, end: int, byte: bytes) -> int:
    return sum(block.count(byte) for block in _blocks(file, start, end))
