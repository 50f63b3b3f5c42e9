"""Settling a staged batch: refused records get an address, each request keeps one row, every record is counted."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache
from importlib import resources
from typing import NamedTuple

import duckdb

from analyzer.ingest.duplicates import drop_duplicates
from analyzer.ingest.faults import blank_lines
from analyzer.ingest.forget import forget_outgrown
from analyzer.ingest.format import Format
from analyzer.ingest.kept import kept
from analyzer.ingest.reader import Reading
from analyzer.ingest.source import Source
from analyzer.ledger.columns import store

# What a format's SELECT may give, and what stands there when it does not.
CLAIM = {
    "record": "BIGINT", "records": "BIGINT", "calls": "BIGINT", "request_id": "VARCHAR", "skip": "VARCHAR",
    "refusal": "VARCHAR", "started_at": "VARCHAR", "completed_at": "VARCHAR", "bucket_end": "VARCHAR",
    "latency_ms": "VARCHAR", "latency_s": "VARCHAR", "endpoint": "VARCHAR", "model": "VARCHAR",
    "provider": "VARCHAR", "operation": "VARCHAR", "session_id": "VARCHAR", "api_key_name": "VARCHAR",
    "team": "VARCHAR", "user_name": "VARCHAR", "status": "VARCHAR", "input_tokens": "DOUBLE",
    "cache_read_tokens": "DOUBLE", "cache_write_tokens": "DOUBLE", "output_tokens": "DOUBLE",
    "reasoning_tokens": "DOUBLE", "total_tokens": "DOUBLE", "cache_beside": "BOOLEAN",
    "reasoning_beside": "BOOLEAN", "tool_calls": "BIGINT", "stated_cost": "VARCHAR", "stated_currency": "VARCHAR",
    "stated_input": "BIGINT", "stated_cache_read": "BIGINT", "stated_output": "BIGINT",
    "prefix_blocks": "VARCHAR[]", "block_size": "INTEGER", "service_tier": "VARCHAR",
    "cache_write_1h_tokens": "DOUBLE", "input_audio_tokens": "DOUBLE", "cache_read_audio_tokens": "DOUBLE",
    "output_audio_tokens": "DOUBLE", "input_image_tokens": "DOUBLE", "cache_read_image_tokens": "DOUBLE",
    "output_image_tokens": "DOUBLE", "searches": "DOUBLE", "fetches": "DOUBLE", "file_searches": "DOUBLE",
    "restated": "VARCHAR[]",  # of formats that number their records
}  # fmt: skip

# What the words of `macros.sql` say of NULL.
_OF_NULL = {
    **dict.fromkeys(("named", "routed", "outcome", "shown", "unkeyed"), "CAST(NULL AS VARCHAR)"),
    "instant": "CAST(NULL AS TIMESTAMP)",
    "measure": "CAST(NULL AS DOUBLE)",
    "money": "CAST(NULL AS DECIMAL(38, 15))",
    "miscounted": "false",
}
_SETTABLE = frozenset({"endpoint", "model", "session_id", "team"})  # by the user, for what a log leaves out
_given: dict[tuple[str, ...], frozenset[str]] = {}  # by a SELECT and what it reads: the columns that it gives


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


@cache
def _admit(given: frozenset[str]) -> str:
    """The judgement of rows, without words over columns that no row has: they take a fifth of the time to plan it."""

    def without(found: re.Match[str]) -> str:
        word, column = found.groups()
        absent = column in CLAIM and column not in given and not (word == "unkeyed" and column in _SETTABLE)
        return _OF_NULL[word] if absent else found[0]

    return re.sub(rf"\b({'|'.join(_OF_NULL)})\((\w+)\)", without, _sql("admit"))


def stage_text(connection: duckdb.DuckDBPyConnection, form: Format, reading: Reading) -> str:
    """The statement that stages a batch, put together from our own files.

    Where rows are made of several records, all of a log is read before the first row is there: a column that is found
    missing then would have all of it read anew. So the ledger stores what such a format can give from the beginning.

    Raises:
        ValueError: the format's SELECT gives a column that is no word of ``CLAIM``, or no ``source_id``. Formats are
            ours; a test reads with them all.
        duckdb.Error: it is no statement; a note says whose.
    """
    select = re.sub(r"\bCOUNT\b(?!\()", reading.count, form.select)
    select = select.replace("COUNT_CAST(", "CAST(" if reading.count == "DOUBLE" else "TRY_CAST(")
    records = form.records(reading.text)
    asked = (form.select, *form.columns)
    if asked not in _given:  # the same for all logs of a format
        probe = f"DESCRIBE WITH records AS ({records}) SELECT * FROM (\n{select}\n)"
        try:
            _given[asked] = frozenset(row[0] for row in connection.execute(probe, [0, *reading.parameters]).fetchall())
        except duckdb.Error as error:
            error.add_note(f"in formats/{form.name}.sql")
            raise
    given = _given[asked]
    if unknown := given - CLAIM.keys() - {"source_id"}:
        near = get_close_matches(min(unknown), CLAIM, n=1)
        meant = f" (nearest: {near[0]})" if near else "; CLAIM in ingest/settle.py has all words"
        raise ValueError(f"formats/{form.name}.sql: gives {', '.join(sorted(unknown))}, which nothing reads{meant}")
    if "source_id" not in given:
        raise ValueError(f"formats/{form.name}.sql: does not hand source_id through")
    if form.numbered:
        store(connection, given)
    columns = ", ".join(name if name in given else f"CAST(NULL AS {kind}) AS {name}" for name, kind in CLAIM.items())
    text = _sql("stage")
    for slot, part in (
        ("records", records),
        ("columns", f"source_id, {columns}"),
        ("select", select),
        ("kept", kept(connection)),
        ("admit", _admit(given)),
    ):
        text = text.replace("{" + slot + "}", part, 1)
    return text


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
    # In one statement, for the same reason.
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
