"""Logs that another engine reads: what is written plainly is judged there just as the ledger judges it, all else is odd.

Here DuckDB stands for the other engine: the statements are the same, and ``test_cluster.py`` compares them on a real one.
"""

import contextlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
from conftest import load_paths
from hypothesis import given, settings
from hypothesis import strategies as st
from support import ROOT, write

from analyzer.engines.refusal import NotPortableError
from analyzer.engines.translation import to_spark
from analyzer.engines.wording import FORMATS
from analyzer.ingest.claim import CLAIM
from analyzer.ingest.format import formats, named
from analyzer.lake.claims import CARRIED, claims, plain
from analyzer.ledger import Ledger

JUDGED = (
    "request_id, started_at, completed_at, bucket_end, endpoint, model, provider, operation, session_id, api_key_name, team, "
    "user_name, status, input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens, tool_calls, "
    "stated_cost, stated_currency, prefix_blocks, block_size, service_tier, cache_write_1h_tokens, input_from, records, calls"
)
# Some of those of which a record is one row, and that take nothing apart by functions of JSON: what docs/spark.md lists.
PORTABLE = {
    "anthropic-cost-csv", "burstgpt", "cloudflare-logpush", "cohere-chat", "deepseek-export-cost", "droid",
    "generic", "openai-batch", "openai-cost-csv", "openai-embeddings", "openai-responses", "openai-responses-events", "pi",
}  # fmt: skip
SETTINGS = {f"set_{name}": None for name in ("model", "endpoint", "session", "team", "time")}


def lake_sql(name: str) -> str:
    return resources.files("analyzer.lake").joinpath(f"{name}.sql").read_text(encoding="utf-8")


@contextlib.contextmanager
def plainly() -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB with the words of formats as they hold for plain values."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute((resources.files("analyzer.ledger") / "macros.sql").read_text(encoding="utf-8"))
        connection.execute(lake_sql("words"))
        yield connection


def judged_plainly(log: Path, name: str) -> list[dict[str, Any]]:
    """Every record of JSON lines, judged by what another engine runs."""
    form = named(name)
    select = form.select.replace("COUNT_CAST(", "CAST(").replace("COUNT", "VARCHAR")
    kinds = {column: kind.replace("COUNT", "VARCHAR") for column, kind in form.columns.items()}
    carried = ", ".join(CARRIED)
    with plainly() as connection:
        for setting in SETTINGS:
            connection.execute(f"SET VARIABLE {setting} = NULL")
        read = (
            "SELECT *, 1 AS source_id, 'log' AS log_file, '' AS log_line, false AS log_odd "
            f"FROM read_json('{log}', format = 'newline_delimited', columns = {json.dumps(kinds)})"
        )
        connection.execute(f"CREATE TEMP VIEW records AS {form.records(read)}")
        select = select.rstrip().rsplit("\nFROM ", 1)
        connection.execute(f"CREATE TEMP VIEW told AS {select[0]}, {carried}\nFROM {select[1]}")
        there = {column[0] for column in connection.execute("DESCRIBE told").fetchall()}
        told = ", ".join(
            f"CAST({column if column in there else 'NULL'} AS {'VARCHAR' if kind in {'DOUBLE', 'INTEGER'} else kind}) AS {column}"
            for column, kind in CLAIM.items()
        )
        connection.execute(f"CREATE TEMP VIEW claim AS SELECT {told}, source_id, {carried} FROM told")
        answer = connection.sql(f"SELECT {JUDGED}, skip, log_odd FROM ({lake_sql('plain')})")
        return [dict(zip(answer.columns, row, strict=True)) for row in answer.fetchall()]


def in_ledger(log: Path) -> dict[str, dict[str, Any]]:
    """The requests that a ledger makes of it, by their ids."""
    with Ledger.throwaway() as ledger:
        load_paths(ledger, log)
        answer = ledger.connection.sql(f"SELECT {JUDGED} FROM requests")
        return {row[0]: dict(zip(answer.columns, row, strict=True)) for row in answer.fetchall()}


def record(number: int, **said: Any) -> dict[str, Any]:
    """A record in plain words, with what else it says."""
    usual = {"ts": "2026-10-01T08:00:00Z", "model": "deepseek-v4-pro", "input_tokens": 100, "output_tokens": 20}
    return {"request_id": f"request-number-{number}", **usual, **said}


def both(folder: Path, records: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """How many records are judged plainly, and how many are odd; those that are judged are as the ledger has them."""
    log = write(folder / "log.jsonl", *records)
    there, here = judged_plainly(log, "generic"), in_ledger(log)
    judged = [row for row in there if not row["log_odd"]]
    for row in judged:
        expected = here[row["request_id"]]
        assert {name: row[name] for name in expected} == expected
    return len(judged), len(there) - len(judged)


PLAIN: list[dict[str, Any]] = [
    {},
    {"ts": "2026-10-01 08:00:00"},
    {"ts": "2026-10-01T08:00:00.123456+05:30"},
    {"ts": 1790000000},
    {"ts": 1790000000.25},
    {"ts": 1790000000123},
    {"ts": 1790000000123456},
    {"ended_at": "2026-10-01T08:00:01Z"},
    {"latency_ms": 1234.5678},
    {"latency": 0.0000125},
    {"latency": "1.2345678"},
    {"endpoint": "https://user:word@api.example/v1/chat?key=1#top"},
    {"endpoint": "/v1/chat?key=1"},
    {"endpoint": "Résumé écrit"},
    {"api_key": "sk-abcdefghijklmnopqrst"},
    {"api_key": "a1b2c3d4e5f6a7b8c9d0e1f2"},
    {"api_key": "batch-of-the-night"},
    {"status": 200},
    {"status": "a text that is no code, with a comma"},
    {"error": "quota"},
    {"error": "None"},
    {"cached_tokens": 64, "total_tokens": 120},
    {"usage": {"input_tokens": 10, "output_tokens": 5, "cache_read_input_tokens": 90, "cache_creation_input_tokens": 7}},
    {"usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}},
    {"usage": {"promptTokenCount": 10, "candidatesTokenCount": 5, "thoughtsTokenCount": 3, "totalTokenCount": 18}},
    {"input_tokens": None, "output_tokens": None},
    {"input_tokens": None, "prompt_cache_hit_tokens": 30, "prompt_cache_miss_tokens": 12},
    {"output_tokens": None, "total_tokens": 130},
    {"tool_calls": 3},
    {"tool_calls": "2.0"},
    {"cost": 0.00012345678901234567},
    {"cost": "$0.25"},
    {"cost": "1.5e-05"},
    {"cost": "1.5e+9"},
    {"hash_ids": [1, 2, 3], "block_size": 16},
    {"service_tier": "flex", "team": "a", "user": "b", "session_id": "c"},
    {"input_tokens": "100"},
]  # fmt: skip
ODD: list[dict[str, Any]] = [
    {"ts": "20261001T080000Z"},
    {"ts": "2026-10-01"},
    {"ts": "2026-02-30T08:00:00Z"},
    {"ts": "2026-10-01T25:00:00Z"},
    {"ts": 1790000000123456789},
    {"ts": "1999-10-01T08:00:00Z"},
    {"ts": None},
    {"model": ""},
    {"model": " deepseek-v4-pro"},
    {"endpoint": "[1, 2]"},
    {"endpoint": "call sk-abcdefghijklmnopqrst0123"},
    {"team": "x" * 1001},
    {"input_tokens": 10.5},
    {"input_tokens": -1},
    {"input_tokens": "1,000"},
    {"cached_tokens": 101},
    {"reasoning_tokens": 21},
    {"total_tokens": 119},
    {"cost": "-1"},
    {"cost": 1e23},
    {"cost": "1e99"},
    {"latency_ms": "fast"},
    {"usage": {"prompt_tokens": 10, "completion_tokens": 5, "prompt_tokens_details": {"audio_tokens": 3}}},
]


def test_what_is_written_plainly_is_judged_as_in_a_ledger(tmp_path: Path) -> None:
    assert both(tmp_path, [record(number, **said) for number, said in enumerate(PLAIN)]) == (len(PLAIN), 0)


def test_all_else_is_odd(tmp_path: Path) -> None:
    assert both(tmp_path, [record(number, **said) for number, said in enumerate(ODD)]) == (0, len(ODD))


# A claim written plainly, and what makes it odd: alone, or beside something else that the claim says.
CLAIMED = {
    "request_id": "request-number-1", "started_at": "2026-10-01T08:00:00Z", "model": "deepseek-v4-pro", "input_tokens": "100",
    "cache_read_tokens": "10", "output_tokens": "20", "reasoning_tokens": "5", "total_tokens": "120",
}  # fmt: skip
_NAMES = ("endpoint", "model", "provider", "operation", "session_id", "team", "user_name", "status", "service_tier")
_COUNTS = (
    "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "cache_write_1h_tokens", "reasoning_tokens",
    "total_tokens", "block_size",
)  # fmt: skip
_APART = (
    "input_audio_tokens", "cache_read_audio_tokens", "output_audio_tokens", "input_image_tokens", "cache_read_image_tokens",
    "output_image_tokens", "searches", "fetches", "file_searches",
)  # fmt: skip
BESIDE: list[dict[str, str | None]] = [
    *({name: " begins with a space"} for name in (*_NAMES, "api_key_name")),
    *({name: "[1]"} for name in (*_NAMES, "api_key_name")),
    *({name: "of sk-abcdefghijklmnop"} for name in _NAMES),
    *({count: "1e2"} for count in _COUNTS),
    *({count: "1"} for count in _APART),
    {"started_at": "yesterday", "completed_at": "2026-10-01T08:00:00Z"},
    {"completed_at": "tomorrow"},
    {"bucket_end": "the day after"},
    {"started_at": None},
    {"latency_ms": "fast"},
    {"latency_s": "-1"},
    {"request_id": "x" * 251},
    {"model": None},
    {"refusal": "it says so"},
    {"stated_cost": "much"},
    {"total_tokens": "119"},
    {"input_tokens": None, "total_tokens": "19", "cache_read_tokens": None, "reasoning_tokens": None},
    {"output_tokens": None, "total_tokens": "99", "reasoning_tokens": None},
    {"cache_read_tokens": "101"},
    {"reasoning_tokens": "21"},
    {"cache_write_1h_tokens": "1"},
]


def odd_claims(claims: Sequence[Mapping[str, str | None]], **set_: str) -> list[bool]:
    """Whether each of some claims is odd."""
    kinds = {"calls": "BIGINT", "tool_calls": "BIGINT", "prefix_blocks": "VARCHAR[]"}
    kinds |= dict.fromkeys(("stated_input", "stated_cache_read", "stated_output"), "BIGINT")
    kinds |= dict.fromkeys(("cache_beside", "reasoning_beside", "log_odd"), "BOOLEAN")
    names = [*CLAIM, "source_id", *CARRIED]
    with plainly() as connection:
        for setting in SETTINGS:
            connection.execute(f"SET VARIABLE {setting} = ?", [set_.get(setting)])
        columns = ", ".join(f"{name} {kinds.get(name, 'VARCHAR')}" for name in names)
        connection.execute(f"CREATE TEMP TABLE claim ({columns})")
        for place, said in enumerate(claims):
            told = {"log_file": str(place), **CLAIMED, **said}
            marks = ", ".join("?" * len(told))
            connection.execute(f"INSERT INTO claim ({', '.join(told)}) VALUES ({marks})", list(told.values()))
        answer = connection.execute(
            f"SELECT CAST(log_file AS BIGINT) AS place, log_odd FROM ({lake_sql('plain')}) ORDER BY place"
        )
        return [odd for _, odd in answer.fetchall()]


def test_each_thing_that_is_not_read_alike_makes_a_claim_odd() -> None:
    odd = odd_claims([{}, *BESIDE])
    assert odd[0] is False
    assert [said for said, is_odd in zip(BESIDE, odd[1:], strict=True) if not is_odd] == []


def test_what_is_skipped_is_skipped_whatever_else_it_says() -> None:
    assert odd_claims([{"skip": "a user turn", "model": None, "input_tokens": "many"}]) == [False]


def test_times_that_are_offsets_are_read_here() -> None:
    assert odd_claims([{}], set_time="2026-10-01T00:00:00Z") == [True]


def test_a_model_that_is_given_serves_a_claim_without_one() -> None:
    assert odd_claims([{"model": None}], set_model="deepseek-v4-pro") == [False]


VALUES = st.one_of(
    st.none(),
    st.integers(-5, 1 << 60),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=30),
    st.sampled_from(
        [value for said in (*PLAIN, *ODD) for value in said.values() if not isinstance(value, dict | list)]
    ),
)
WORDS = st.sampled_from(
    ["ts", "ended_at", "latency_ms", "latency", "model", "endpoint", "session_id", "team", "user", "api_key", "status", "provider",
     "input_tokens", "output_tokens", "total_tokens", "cached_tokens", "cache_write_tokens", "reasoning_tokens", "tool_calls",
     "cost", "service_tier", "error", "request_id"]
)  # fmt: skip


@pytest.mark.endurance
@settings(max_examples=60, deadline=None)
@given(said=st.lists(st.dictionaries(WORDS, VALUES, max_size=4), min_size=1, max_size=30))
def test_whatever_a_log_says_what_is_judged_is_as_in_a_ledger(
    tmp_path_factory: pytest.TempPathFactory, said: list[dict[str, Any]]
) -> None:
    records = [record(number) | one | {"request_id": f"request-number-{number}"} for number, one in enumerate(said)]
    both(tmp_path_factory.mktemp("law"), records)


@pytest.mark.parametrize("name", sorted(formats()))
def test_a_format_is_read_there_or_says_where_it_is_not_the_same(name: str) -> None:
    try:
        statements = translated(name)
    except NotPortableError as error:
        said = str(error)
        statements = []
    else:
        said = ""
    if statements:
        assert not re.search(r"\b(measure|whole|miscounted|shown|erred|list_filter)\(", "".join(statements))
    else:
        assert name not in PORTABLE
        assert re.match(rf"formats/{name}\.sql, line \d+: not the same on Spark: ", said)


@pytest.mark.parametrize(
    ("drawn", "odd"),
    [(None, False), ({"input_tokens": 0, "output_tokens": 0}, False), ({"input_tokens": 5, "output_tokens": 9}, True)],
)
@pytest.mark.parametrize("name", ["openai-responses", "openai-responses-events", "openai-batch"])
def test_a_record_that_tells_of_a_second_call_is_odd(name: str, drawn: object, odd: bool, tmp_path: Path) -> None:
    """There it would be one row; here it is two. Zeros, which most responses tell, are no call."""
    response = {
        "id": "resp_AbCdEfGhIjKlMnOp", "object": "response", "created_at": 1790000000, "model": "gpt-5.4", "status": "completed",
        "usage": {"input_tokens": 100, "output_tokens": 10, "total_tokens": 110}, "tool_usage": {"image_gen": drawn},
    }  # fmt: skip
    around = {
        "openai-responses": response,
        "openai-responses-events": {"type": "response.completed", "sequence_number": 1, "response": response},
        "openai-batch": {"id": "b", "custom_id": "c", "response": {"status_code": 200, "body": response}},
    }[name]
    log = write(tmp_path / "log.jsonl", around)
    how = claims(named(name))
    kinds = {column: kind.replace("COUNT", "VARCHAR") for column, kind in how.kinds.items()}
    with plainly() as connection:
        read = f"SELECT r FROM read_json('{log}', columns = {json.dumps(kinds)}) AS r"
        found = connection.execute(
            f"SELECT {sqlglot.transpile(how.odd, 'spark', 'duckdb')[0]} FROM ({read})"
        ).fetchall()
        connection.execute(
            f"CREATE VIEW records AS SELECT *, 1 AS source_id, 'log' AS log_file, '' AS log_line, {odd} AS log_odd "
            f"FROM read_json('{log}', columns = {json.dumps(kinds)})"
        )
        there = connection.execute(f"SELECT request_id FROM ({how.select.sql('duckdb')})").fetchall()
    assert (found, there) == ([(odd,)], [("resp_AbCdEfGhIjKlMnOp",)])


def is_portable(name: str) -> bool:
    """Whether another engine reads logs of a format."""
    try:
        return bool(translated(name))
    except NotPortableError:
        return False


def translated(name: str) -> list[str]:
    """The statements of a format as Spark runs them."""
    how = claims(named(name))
    statements = [how.select] if how.envelope is None else [how.envelope, how.select]
    return [to_spark(one, f"formats/{name}.sql", SETTINGS, subset=FORMATS) for one in statements]


def test_the_judgement_is_portable() -> None:
    there = to_spark(plain(), "analyzer/lake/plain.sql", SETTINGS, subset=FORMATS)
    assert "regexp_full_match" not in there.lower()


def test_the_page_lists_the_formats_that_are_read_there() -> None:
    page = (ROOT / "docs" / "spark.md").read_text(encoding="utf-8")
    listed = page.partition("| read there | |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`([\w-]+)`", listed)) == PORTABLE
