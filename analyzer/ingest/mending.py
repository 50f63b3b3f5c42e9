"""Logs without what cannot be read in them, and where that stood."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path

import duckdb

from analyzer.ingest.elements import elementwise
from analyzer.ingest.faults import Gap, clean_json, short_lined
from analyzer.ingest.format import Format
from analyzer.ingest.reader import Reading, read_as_text
from analyzer.ingest.rows import clean_csv
from analyzer.ingest.source import Source


@dataclass(frozen=True)
class Mended:
    """Logs that were mended.

    Attributes:
        sources: as they are read now; a log that has nothing to mend is as it was.
        gaps: by the place of a source, its lines that are no rows any more.
        names: those names of the format that occur, if they have been looked for.
    """

    sources: Sequence[Source]
    gaps: Mapping[int, Sequence[Gap]]
    names: frozenset[str] | None = None

    def differ_from(self, sources: Sequence[Source]) -> bool:
        """Whether anything was mended in them."""
        return any(one.file != other.file for one, other in zip(self.sources, sources, strict=True))


def mend(
    connection: duckdb.DuckDBPyConnection,
    form: Format,
    sources: Sequence[Source],
    folder: Path,
    names: frozenset[str] | None,
) -> Mended:
    """Find the broken lines of some logs, and write those logs anew without them.

    Args:
        connection: used to find the broken lines.
        form: the format to read.
        sources: logs of one layout, all small ones or all others.
        folder: where files may be written.
        names: those names of the format that occur, if they have been looked for.
    """
    if sources[0].layout == "csv":
        return _without_broken_rows(form, sources, folder)
    lined = [_lined(source, form, folder / f"{place}") for place, source in enumerate(sources)]
    plainly = replace(form, grain="record")  # for numbers of their own DuckDB would hold all records, in any order
    reading = read_as_text(connection, plainly, lined, folder / "joint", names=names)
    gaps: dict[int, Sequence[Gap]] = {}
    for place, suspects in _void_lines(connection, reading).items():
        clean = folder / f"{place}.clean"
        gaps[place] = clean_json(lined[place].file, suspects, form, clean)
        lined[place] = replace(lined[place], file=clean, in_place=False, counted=None)
    return Mended(lined, gaps, reading.names)


def _without_broken_rows(form: Format, sources: Sequence[Source], folder: Path) -> Mended:
    mended: list[Source] = []
    gaps: dict[int, Sequence[Gap]] = {}
    for place, source in enumerate(sources):
        clean = folder / f"{place}.clean"
        gaps[place] = list(clean_csv(source, form, clean))
        mended.append(replace(source, file=clean, in_place=False))
    return Mended(mended, gaps)


def _lined(source: Source, form: Format, written: Path) -> Source:
    """A log as JSON lines, none longer than need be."""
    if source.layout != "newline_delimited":
        source = elementwise(source, written.with_suffix(".lines"))
    return short_lined(source, form, written.with_suffix(".short"))


@cache
def _void() -> str:
    return resources.files("analyzer.ingest").joinpath("void.sql").read_text(encoding="utf-8")


def _void_lines(connection: duckdb.DuckDBPyConnection, reading: Reading) -> dict[int, list[int]]:
    """By the place of a source: the lines that gave nothing at all, by their places, blank ones not counted."""
    filled = " OR ".join(f'"{name}" IS NOT NULL' for name in reading.asked)
    text = _void().replace("{filled}", filled).replace("{records}", reading.text)
    void: dict[int, list[int]] = {}
    earlier = 0  # rows of the sources before
    for source, rows, places in connection.execute(text, [0, *reading.parameters]).fetchall():
        if places:
            void[source] = [place - earlier for place in places]
        earlier += rows
    return void
