"""Settling a staged batch: refused records get an address, each request keeps one row, every record is counted."""

from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import NamedTuple

import duckdb

from analyzer.ingest.duplicates import drop_duplicates
from analyzer.ingest.faults import blank_lines
from analyzer.ingest.forget import forget_outgrown
from analyzer.ingest.format import Format
from analyzer.ingest.reader import Reading
from analyzer.ingest.source import Source


class Tally(NamedTuple):
    """How the records of a source ended, and how many duplicates an earlier version of the same log had told."""

    records: int
    requests: int
    duplicates: int
    skipped: int
    rejected: int
    renewed: int


@cache
def _sql(name: str) -> str:
    return resources.files("analyzer.ingest").joinpath(f"{name}.sql").read_text(encoding="utf-8")


def begin(connection: duckdb.DuckDBPyConnection, form: Format, sources: Sequence[Source]) -> int:
    """Make room for what ``sources`` tell, set what the staging SQL looks up, and give the first free source id."""
    forget_outgrown(connection, form, sources)
    row = connection.execute("SELECT coalesce(max(source_id), 0) + 1 FROM sources").fetchone()
    first = int(row[0]) if row else 1
    for name, value in (
        ("first_source", first),
        ("time_words", ", ".join(form.time_words)),
        ("model_words", ", ".join(form.model_words)),
    ):
        connection.execute(f"SET VARIABLE {name} = ?", [value])
    return first


def settle(
    connection: duckdb.DuckDBPyConnection, first: int, sources: Sequence[Source], form: Format, reading: Reading
) -> list[Tally]:
    """Settle the rows that were just staged for ``sources``, whose ids begin at ``first``."""
    if form.numbered:
        connection.execute(_sql("restated"))
        connection.execute(_sql("torn"))
    tally = {row[0]: [int(count or 0) for count in row[1:]] for row in connection.execute(_sql("tally")).fetchall()}
    refused = [gap for gap in reading.gaps if gap.reason is not None]  # only a source read alone has gaps
    counts = []
    for source_id, _ in enumerate(sources, first):
        records, requests, skipped, rejected = tally.get(source_id, [0, 0, 0, 0])
        counts.append([records + len(refused), requests, 0, skipped, rejected + len(refused)])
    if any(skipped or rejected for _, _, _, skipped, rejected in counts):
        _keep_refused(connection, first, sources, counts, reading)
    renewed = _count_once(connection, first, sources, counts, form)
    rows = []
    for source_id, (source, count) in enumerate(zip(sources, counts, strict=True), first):
        whole = source.whole
        lines = source.start + count[0] if source.layout == "csv" else whole.lines
        rows.append(
            (
                source_id,
                source.path,
                form.name,
                source.opening,
                whole.fingerprint,
                whole.bytes,
                lines,
                *count,
                source.pending,
                source.continues,
            )
        )
    connection.execute("DELETE FROM standing")
    # In one statement: one for each of thousands of sources takes longer than reading them.
    columns = ", ".join(f"unnest(?::{kind}[])" for kind in ("INTEGER", *["VARCHAR"] * 4, *["BIGINT"] * 8, "VARCHAR"))
    connection.execute(f"INSERT INTO sources SELECT {columns}", [list(column) for column in zip(*rows, strict=True)])
    return [Tally._make([*count, renewed.get(source_id, 0)]) for source_id, count in enumerate(counts, first)]


def _keep_refused(
    connection: duckdb.DuckDBPyConnection,
    first: int,
    sources: Sequence[Source],
    counts: Sequence[Sequence[int]],
    reading: Reading,
) -> None:
    """Write down rejected and skipped records, then take their rows out of the requests."""
    connection.execute("CREATE OR REPLACE TEMP TABLE starts (source_id INTEGER, start BIGINT)")
    connection.execute("CREATE OR REPLACE TEMP TABLE gaps (source_id INTEGER, shift BIGINT)")
    refused = [gap for gap in reading.gaps if gap.reason is not None]  # only a source read alone has gaps
    starts: list[int] = []
    owners: list[int] = []
    shifts: list[int] = []
    for source_id, (source, (_, _, _, _, rejected)) in enumerate(zip(sources, counts, strict=True), first):
        starts.append(source.start)
        # Blank lines matter to where a rejected record stands, and take long to find.
        sought = rejected and source.layout == "newline_delimited"
        gaps = reading.gaps or (blank_lines(source.file) if sought else [])
        owners += [source_id] * len(gaps)
        # The n-th gap moves on all rows from its own place less the gaps before it.
        shifts += [gap.place - earlier for earlier, gap in enumerate(gaps)]
    # In one statement each: one for each of thousands of sources takes longer than reading them.
    connection.execute(
        "INSERT INTO starts SELECT unnest(?::INTEGER[]), unnest(?::BIGINT[])",
        [list(range(first, first + len(starts))), starts],
    )
    connection.execute("INSERT INTO gaps SELECT unnest(?::INTEGER[]), unnest(?::BIGINT[])", [owners, shifts])
    connection.execute(_sql("refused"))
    if refused:
        connection.execute(
            "INSERT INTO rejected SELECT ?, ? + unnest(?::BIGINT[]), unnest(?::VARCHAR[])",
            [first, sources[0].start, [gap.place for gap in refused], [gap.reason for gap in refused]],
        )
    connection.execute(_sql("skipped"))
    connection.execute("DELETE FROM requests WHERE source_id >= ? AND fate IS NOT NULL", [first])


def _count_once(
    connection: duckdb.DuckDBPyConnection,
    first: int,
    sources: Sequence[Source],
    counts: list[list[int]],
    form: Format,
) -> dict[int, int]:
    """Leave one row for each request, and move the counts of those that went; give back who lost to an earlier self."""
    logs = [
        # A log of a grouping format that has grown is read as a whole again: it goes on from nothing.
        (number, s.path, s.opening, s.whole.fingerprint, None if form.grain == "group" else s.continues)
        for number, s in enumerate(sources, first)
    ]
    lost = drop_duplicates(connection, logs)
    for source in lost:
        counts[source.source_id - first][1] -= source.records
        counts[source.source_id - first][2] += source.records
    return {source.source_id: source.renewed for source in lost}
