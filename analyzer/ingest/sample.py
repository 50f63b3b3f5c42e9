"""The first records of a log, whatever its layout, for its format to be told by."""

import io
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from analyzer.ingest import logfmt, prefixed
from analyzer.ingest.evidence import Record
from analyzer.ingest.header import rows_of, spellings
from analyzer.ingest.stretch import LONGEST_LINE, SAMPLE_BYTES, read_part

SAMPLE_RECORDS = 32
# Layouts of text whose lines become records: as JSON lines, one for each.
AS_RECORDS = {"prefixed": prefixed.laid_out, "logfmt": logfmt.laid_out}


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


def sample_of(head: bytes, layout: str, header: Sequence[str], delimiter: str) -> Iterator[Record]:
    """The records that can be read."""
    if layout == "csv":
        rows = rows_of(head.decode(errors="replace"), delimiter)
        next(rows, None)
        names = [name.strip() for name in header]
        lowered, joined = ([spellings(name)[way] for name in names] for way in (0, 1))  # as columns are looked for
        for row in filter(None, rows):
            yield {name: value for titles in (joined, lowered, names) for name, value in zip(titles, row, strict=False)}
        return
    text: Iterable[bytes] = io.BytesIO(head)
    if layout in AS_RECORDS:
        text = AS_RECORDS[layout](text)
    lines = map(_object, text)  # each is decoded by itself: most are not looked at
    listed = layout not in {"newline_delimited", *AS_RECORDS}
    found = _objects(head.decode(errors="replace")) if listed else lines
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
