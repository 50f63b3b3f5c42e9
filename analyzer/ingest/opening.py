"""Opening: a log is read once, known by its content, and laid out as a source."""

import io
from collections.abc import Iterator
from pathlib import Path

from analyzer.errors import SourceError
from analyzer.ingest.content import Content
from analyzer.ingest.header import are_names_alone, header_end, header_of, is_plain, plain_header
from analyzer.ingest.known import Known, Part, Scan
from analyzer.ingest.layout import ends_whole, holds_nothing, layout_of
from analyzer.ingest.sample import AS_RECORDS, SAMPLE_RECORDS, first_records
from analyzer.ingest.source import KNOWN, Nothing, Source, not_the_same
from analyzer.ingest.stretch import LONGEST_LINE, SAMPLE_BYTES, copy, count, read_part

# Longer than any line that is read; those between are rejected alone, and what follows them is read.
ENDLESS = 4 * LONGEST_LINE


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
    file = _read(content, spool, scan)
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
    quoted = layout == "csv" and b'"' in tail and count(file, 0, scan.line_end, b'"') % 2 == 1
    size, fingerprint = scan.finish(whole=ends_whole(tail, layout, len(header), delimiter, quoted=quoted))
    if size == 0:
        return _without(content, "holds no whole line yet")
    if fingerprint in known.fingerprints:
        return Nothing(content.path, KNOWN, fingerprint=fingerprint)
    grown = scan.grown_from if layout in {"newline_delimited", "csv", *AS_RECORDS} else None
    begun = grown or Part(0, 0, "")
    # To count lines takes longer than to know the content, and most logs never grow.
    start = count(file, 0, begun.bytes, b"\n") if begun.lines is None else begun.lines
    whole = Part(size, start + count(file, begun.bytes, size, b"\n") if grown else None, fingerprint)
    pending = scan.length - size
    odd = layout == "csv" and not is_plain(head, header, delimiter)
    apart = bool(grown or pending or odd)  # what is new cannot be read where it lies
    if apart:
        names = plain_header(head, header, delimiter) if layout == "csv" else b""
        begin = begun.bytes or (header_end(head, delimiter) if layout == "csv" else 0)
        file = _cut_out(content.path, file, min(begin, size), size, spool, names)  # the names may be cut
    return Source(
        path=content.path,
        file=file,
        layout=layout,
        sample=first_records(file, layout, header, delimiter, None if apart else head, most),
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
        counted=None if apart else scan.lines,
    )


def _read(content: Content, spool: Path, scan: Scan) -> Path:
    """Feed what a log holds to a scan; the file in which it stands plain: the log itself, or one written for it."""
    packed = content.plain is None
    with spool.open("wb") if packed else io.BytesIO() as out:
        for block in _looked_at(content, scan):
            if packed:
                out.write(block)
    if content.plain is None and not packed:  # another encoding came to light, or a byte-order mark
        with spool.open("wb") as again:
            again.writelines(content.blocks())
    return content.plain or spool


def _cut_out(path: str, file: Path, start: int, end: int, spool: Path, names: bytes) -> Path:
    """A file with a stretch of another one behind a line of names; the spool goes, where the stretch is of that.

    Raises:
        SourceError: not all of it is there any more.
    """
    cut = spool.with_suffix(".cut")
    with cut.open("wb") as out:
        out.write(names)
        whole = copy(file, start, end, out) == end - start
    if not whole:
        raise not_the_same(path)
    if file == spool:
        spool.unlink()
    return cut


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


def _without(content: Content, reason: str) -> Nothing:
    """A log without a record that is whole.

    Raises:
        SourceError: it is packed, and had more before it was cut or damaged.
    """
    if content.truncated:
        told = f"{content.path}: is cut or damaged: no whole record can be unpacked of it"
        raise SourceError(told, "fetch it again") from EOFError()
    return Nothing(content.path, reason)
