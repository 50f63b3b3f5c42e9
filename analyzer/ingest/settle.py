"""Settling a staged batch: refused records get an address, each request keeps one row, every record is counted."""

from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import NamedTuple

import duckdb

from analyzer.ingest.duplicates import Lost, drop_duplicates
from analyzer.ingest.faults import blank_lines
from analyzer.ingest.forget import forget_outgrown
from analyzer.ingest.format import Format
from analyzer.ingest.reader import Reading
from analyzer.ingest.source import Source
from analyzer.ledger.rows import add_rows, define_table


class Tally(NamedTuple):
    """How the records of a source ended.

    Attributes:
        records: all of them; the next four say how they ended.
        renewed: duplicates that an earlier version of the same log had told.
        unsettled: whether its earlier part, read without it, may say more of its cache counts, or it of those.
    """

    records: int
    requests: int
    duplicates: int
    skipped: int
    rejected: int
    renewed: int = 0
    unsettled: bool = False

    def less(self, lost: Lost) -> "Tally":
        """The same with what was lost counted as duplicates."""
        requests, duplicates = self.requests - lost.records, self.duplicates + lost.records
        return self._replace(requests=requests, duplicates=duplicates, renewed=lost.renewed)


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
    connection: duckdb.DuckDBPyConnection,
    first: int,
    sources: Sequence[Source],
    form: Format,
    reading: Reading,
    given: str | None,
) -> list[Tally]:
    """Settle the rows that were just staged for ``sources``, whose ids begin at ``first``, read with what was given."""
    marked = _settle_beside(connection, first)
    if form.numbered:
        connection.execute(_sql("restated"))
        connection.execute(_sql("torn"))
    refused = [len(reading.refused(place)) for place in range(len(sources))]
    tallies, put_aside = _tallies(connection, first, refused)
    if put_aside:
        _keep_refused(connection, first, sources, tallies, reading)
    for lost in _lost(connection, first, sources):
        tallies[lost.source_id - first] = tallies[lost.source_id - first].less(lost)
    rows = []
    for source_id, (source, tally) in enumerate(zip(sources, tallies, strict=True), first):
        unsettled = source_id in marked and source.continues is not None and not source.anew
        tallies[source_id - first] = tally._replace(unsettled=unsettled)
        whole = source.whole
        lines = source.start + tally.records if source.layout == "csv" else whole.lines
        content = (source.opening, whole.fingerprint, whole.bytes, lines)
        ends = (tally.records, tally.requests, tally.duplicates, tally.skipped, tally.rejected)
        rows.append((source_id, source.path, form.name, *content, *ends, source.pending, source.continues, given))
    connection.execute("DELETE FROM standing")  # it was counted without these
    add_rows(connection, "sources", ("INTEGER", *["VARCHAR"] * 4, *["BIGINT"] * 8, "VARCHAR", "VARCHAR"), rows)
    return tallies


def _settle_beside(connection: duckdb.DuckDBPyConnection, first: int) -> frozenset[int]:
    """Settle rows whose cache counts other records say more of; the ids of the sources with any, which are few."""
    text = "SELECT DISTINCT source_id FROM requests WHERE source_id >= ? AND starts_with(fate, 'cache:')"
    marked = frozenset(source_id for (source_id,) in connection.execute(text, [first]).fetchall())
    if marked:
        connection.execute(_sql("beside"))
    return marked


def _tallies(connection: duckdb.DuckDBPyConnection, first: int, refused: Sequence[int]) -> tuple[list[Tally], bool]:
    """How the records of each source ended, duplicates still among the requests, and whether any row is no request.

    Of each source so many records (``refused``) never became rows.
    """
    ended = {row[0]: [int(count or 0) for count in row[1:]] for row in connection.execute(_sql("tally")).fetchall()}
    each = [(ended.get(source_id, [0, 0, 0, 0, 0]), more) for source_id, more in enumerate(refused, first)]
    tallies = [
        Tally(records + more, requests, 0, skipped, rejected + more)
        for (records, requests, skipped, rejected, _), more in each
    ]
    return tallies, any(refused) or any(put_aside for (*_, put_aside), _ in each)


def _keep_refused(
    connection: duckdb.DuckDBPyConnection,
    first: int,
    sources: Sequence[Source],
    tallies: Sequence[Tally],
    reading: Reading,
) -> None:
    """Write down rejected and skipped records, then take their rows out of the requests."""
    starts: list[tuple[int, int]] = []
    shifts: list[tuple[int, int]] = []
    unread: list[tuple[int, int, str]] = []
    for place, (source, tally) in enumerate(zip(sources, tallies, strict=True)):
        source_id = first + place
        starts.append((source_id, source.start))
        # Blank lines matter to where a rejected record stands, and take long to find.
        sought = tally.rejected and source.layout == "newline_delimited"
        gaps = reading.gaps.get(place) or (blank_lines(source.file) if sought else [])
        # The n-th gap moves on all rows from its own place less the gaps before it.
        shifts += [(source_id, gap.place - earlier) for earlier, gap in enumerate(gaps)]
        unread += [(source_id, source.start + number, reason) for number, reason in reading.refused(place)]
    define_table(connection, "starts", {"source_id": "INTEGER", "start": "BIGINT"}, starts)
    define_table(connection, "gaps", {"source_id": "INTEGER", "shift": "BIGINT"}, shifts)
    connection.execute(_sql("refused"))
    add_rows(connection, "rejected", ("INTEGER", "BIGINT", "VARCHAR"), unread)
    connection.execute(_sql("skipped"))
    connection.execute("DELETE FROM requests WHERE source_id >= ? AND fate IS NOT NULL", [first])


def _lost(connection: duckdb.DuckDBPyConnection, first: int, sources: Sequence[Source]) -> list[Lost]:
    """Leave one row for each request; what the new sources lost."""
    logs = [
        # A log that has grown, and is read as a whole again, goes on from nothing.
        (number, s.path, s.opening, s.whole.fingerprint, None if s.anew else s.continues)
        for number, s in enumerate(sources, first)
    ]
    return drop_duplicates(connection, logs)
