"""Many small logs as one file: DuckDB takes ten milliseconds to open a file of JSON, however little it holds."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from analyzer.ingest.elements import elements
from analyzer.ingest.source import Source

_SMALL = 1 << 20


def joins(source: Source) -> bool:
    """Whether a log is read together with others: it is JSON, and small."""
    return source.container == "json" and source.file.stat().st_size <= _SMALL


def join(sources: Sequence[Source], joint: Path) -> list[int]:
    """Write logs one after the other as JSON lines.

    Args:
        sources: logs that ``joins`` says yes to.
        joint: the file to write.

    Returns:
        For each line of the file the place of its log among the sources.
    """
    owners: list[int] = []
    with joint.open("wb") as out:
        for place, source in enumerate(sources):
            lines = list(_lines(source))
            out.writelines(lines)
            owners += [place] * len(lines)
    return owners


def _lines(source: Source) -> Iterator[bytes]:
    """The records, each with a line end: a blank line is none."""
    if source.layout != "newline_delimited":
        yield from elements(source)
        return
    for line in source.file.read_bytes().split(b"\n"):
        if line.strip():
            yield line + b"\n"
