"""Many small logs as one file: DuckDB takes ten milliseconds to open a file of JSON, however little it holds."""

from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path

import duckdb

from analyzer.ingest.elements import elements
from analyzer.ingest.source import Source
from analyzer.ingest.stretch import may_have_blank_lines

SMALL = 1 << 20


def joins(source: Source) -> bool:
    """Whether a log is read together with others: it is JSON, and small."""
    return source.container == "json" and source.file.stat().st_size <= SMALL


def together(sources: Sequence[Source]) -> bool:
    """Whether logs are read as one file."""
    return len(sources) > 1 and all(map(joins, sources))


def join(connection: duckdb.DuckDBPyConnection, sources: Sequence[Source], joint: Path) -> None:
    """Write logs one after the other as JSON lines, and into the table ``owners`` whose each line is.

    Args:
        connection: gets the table: for each line the place of its log among the sources, ``source_place``.
        sources: logs that ``joins`` says yes to.
        joint: the file to write.
    """
    counts = []
    with joint.open("wb") as out:
        for source in sources:
            text = _lines(source)
            out.write(text)
            counts.append(text.count(b"\n"))
    connection.execute(_owners(), [counts])


@cache
def _owners() -> str:
    return resources.files("analyzer.ingest").joinpath("owners.sql").read_text(encoding="utf-8")


def _lines(source: Source) -> bytes:
    """The records, each with a line end: a blank line is none."""
    if source.layout != "newline_delimited":
        return b"".join(elements(source))
    text = source.file.read_bytes()
    if text and not text.endswith(b"\n"):
        text += b"\n"
    if may_have_blank_lines([text]):
        return b"".join(line + b"\n" for line in text.split(b"\n") if line.strip())
    return text
