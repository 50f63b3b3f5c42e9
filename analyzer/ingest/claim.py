"""Claims: what a format's SELECT says of each call, and the statement that judges it and stages it in the ledger."""

import re
from difflib import get_close_matches
from functools import cache
from importlib import resources

import duckdb

from analyzer.ingest.format import Format
from analyzer.ingest.kept import kept
from analyzer.ingest.reader import Reading
from analyzer.ledger.columns import store

# What a format's SELECT may give, and what stands there when it does not.
CLAIM = {
    "record": "BIGINT", "records": "BIGINT", "calls": "BIGINT", "request_id": "VARCHAR", "skip": "VARCHAR",
    "refusal": "VARCHAR", "started_at": "VARCHAR", "completed_at": "VARCHAR", "bucket_end": "VARCHAR",
    "latency_ms": "VARCHAR", "latency_s": "VARCHAR", "endpoint": "VARCHAR", "model": "VARCHAR",
    "provider": "VARCHAR", "operation": "VARCHAR", "session_id": "VARCHAR", "api_key_name": "VARCHAR",
    "team": "VARCHAR", "user_name": "VARCHAR", "status": "VARCHAR", "input_tokens": "DOUBLE",
    "cache_read_tokens": "DOUBLE", "cache_write_tokens": "DOUBLE", "output_tokens": "DOUBLE",
    "reasoning_tokens": "DOUBLE", "total_tokens": "DOUBLE", "cache_beside": "BOOLEAN", "cache_loose": "BOOLEAN",
    "reasoning_beside": "BOOLEAN", "tool_calls": "BIGINT", "stated_cost": "VARCHAR", "stated_currency": "VARCHAR",
    "stated_input": "BIGINT", "stated_cache_read": "BIGINT", "stated_output": "BIGINT",
    "prefix_blocks": "VARCHAR[]", "block_size": "INTEGER", "service_tier": "VARCHAR",
    "cache_write_1h_tokens": "DOUBLE", "input_audio_tokens": "DOUBLE", "cache_read_audio_tokens": "DOUBLE",
    "output_audio_tokens": "DOUBLE", "input_image_tokens": "DOUBLE", "cache_read_image_tokens": "DOUBLE",
    "output_image_tokens": "DOUBLE", "searches": "DOUBLE", "fetches": "DOUBLE", "file_searches": "DOUBLE",
    "input_from": "BIGINT",  # of exports: the least input of each of the calls
    "restated": "VARCHAR[]",  # of formats that number their records
}  # fmt: skip

# What the words of `macros.sql` say of NULL, which `admit.sql` gets in place of words over columns that no row has.
# Where many formats are read, each with its statement to plan, those would take a tenth more of the time of it all.
_OF_NULL = {
    **dict.fromkeys(("named", "routed", "outcome", "shown", "unkeyed"), "CAST(NULL AS VARCHAR)"),
    "instant": "CAST(NULL AS TIMESTAMP)",
    "measure": "CAST(NULL AS DOUBLE)",
    "money": "CAST(NULL AS DECIMAL(38, 15))",
    "miscounted": "false",
}
_SETTABLE = frozenset({"endpoint", "model", "session_id", "team"})  # by the user, for what a log leaves out
_given: dict[tuple[str, ...], frozenset[str]] = {}  # by a SELECT and what it reads: the columns that it gives


@cache
def _sql(name: str) -> str:
    return resources.files("analyzer.ingest").joinpath(f"{name}.sql").read_text(encoding="utf-8")


@cache
def _admit(given: frozenset[str]) -> str:
    """The judgement of rows, without words over columns that no row has."""

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
        meant = f" (nearest: {near[0]})" if near else "; CLAIM in ingest/claim.py has all words"
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
