"""Logs whose calls stand within the records of a logger, a container or a log store."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import LoadLogs, counts, empty, load_paths, rows, write_lines
from support import spend

from analyzer.ledger import Ledger

AT = "2026-10-05T09:12:44Z"
CALL = {"model": "gpt-4o", "prompt_tokens": 120, "cached_tokens": 64, "completion_tokens": 30, "route": "/chat"}
TOLD = json.dumps(CALL)
REPLY = {
    "id": "chatcmpl-1", "object": "chat.completion", "created": 1791191564, "model": "gpt-4o", "choices": [{"message": {"content": "CANARY"}}],
    "usage": {"prompt_tokens": 120, "prompt_tokens_details": {"cached_tokens": 64}, "completion_tokens": 30},
}  # fmt: skip
WHAT = "strftime(started_at, '%Y-%m-%dT%H:%M:%SZ'), endpoint, model, input_tokens, cache_read_tokens, output_tokens"
READ = (AT, "/chat", "gpt-4o", 120, 64, 30)

RECORDS: dict[str, dict[str, Any]] = {
    "loguru": {"text": "called\n", "record": {"extra": CALL, "message": "called", "time": {"repr": AT, "timestamp": 1791191564.0}}},
    "pino": {"level": 30, "time": 1791191564000, "pid": 1, "msg": "called", "llm": CALL},
    "winston": {"level": "info", "message": "called", "timestamp": AT, "metadata": CALL},
    "winston, an object as message": {"level": "info", "timestamp": AT, "message": CALL},
    "serilog": {"Timestamp": AT, "Level": "Information", "Properties": {**CALL, "SourceContext": "llm"}},
    "Elastic's common schema": {"@timestamp": AT, "log.level": "info", "llm": {**CALL, "ecs": {"version": 8}}},
    "Google Cloud Logging": {"insertId": "x1", "jsonPayload": CALL, "severity": "INFO", "timestamp": AT},
    "CloudWatch Logs Insights": {"@timestamp": "2026-10-05 09:12:44.000", "@message": TOLD, "@ptr": "p"},
    "Lambda": {"timestamp": AT, "level": "INFO", "message": CALL, "requestId": "1a"},
    "Docker": {"log": TOLD + "\n", "stream": "stdout", "time": AT},
    "Fluent Bit": {"date": 1791191564.0, "log": TOLD, "kubernetes": {"pod_name": "p", "labels": {"app": "api"}}},
    "Fluent Bit, merged": {"@timestamp": AT, "log": TOLD, "log_processed": CALL},
    "Loki": {"labels": {"app": "api"}, "line": TOLD, "timestamp": AT},
    "Elasticsearch": {"_index": "logs", "_id": "a", "_source": {"@timestamp": AT, "message": TOLD}},
    "Vercel": {"id": "1", "message": TOLD, "timestamp": 1791191564000, "type": "stdout", "path": "/api"},
    "Datadog": {"id": "AA", "type": "log", "attributes": {"timestamp": AT, "status": "info", "attributes": CALL}},
    "Datadog's archive": {"_id": "AA", "date": AT, "service": "api", "message": TOLD, "attributes": {}},
    "Splunk": {"preview": False, "result": {"_raw": TOLD, "_time": AT}},
    "Segment": {"event": "called", "timestamp": AT, "properties": CALL},
    "CloudEvents": {"specversion": "1.0", "type": "llm.call", "id": "e-1", "time": AT, "data": CALL},
    "Application Insights": {"timestamp": AT, "itemType": "trace", "customDimensions": TOLD},
    "a table of JSON": {"CREATED_AT": AT, "PAYLOAD": CALL},
}  # fmt: skip


def read(ledger: Ledger, log: Path) -> list[tuple[Any, ...]]:
    """What a log tells by itself."""
    empty(ledger)
    load_paths(ledger, log)
    return rows(ledger, f"SELECT {WHAT} FROM requests")


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_the_call_within_a_record_is_read(record: Mapping[str, Any], shared: Ledger, tmp_path: Path) -> None:
    assert read(shared, write_lines(tmp_path / "log.jsonl", record)) == [READ]


DOCUMENTS: dict[str, Any] = {
    "a search": {"took": 1, "hits": {"hits": [RECORDS["Elasticsearch"]]}},
    "a page of logs": {"data": [RECORDS["Datadog"]], "meta": {"page": {}}},
    "events": {"events": [{"timestamp": 1791191564000, "message": TOLD, "eventId": "1"}]},
    "a list": [RECORDS["Google Cloud Logging"]],
}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_so_is_that_within_a_record_of_a_list(document: Any, shared: Ledger, tmp_path: Path) -> None:
    (tmp_path / "log.json").write_text(json.dumps(document, indent=1), encoding="utf-8")
    assert read(shared, tmp_path / "log.json") == [READ]


def test_so_is_that_in_a_field_of_a_csv(shared: Ledger, tmp_path: Path) -> None:
    quoted = TOLD.replace('"', '""')
    (tmp_path / "log.csv").write_text(f'@timestamp,@message\n2026-10-05 09:12:44.000,"{quoted}"\n', encoding="utf-8")
    assert read(shared, tmp_path / "log.csv") == [READ]


@pytest.mark.parametrize(
    "before",
    [
        "2026-10-05T09:12:44.000000000Z stdout F ",
        "2026-10-05 09:12:44,000 INFO app.llm: ",
        "api-1  | 2026-10-05T09:12:44Z ",
        "[2026-10-05 11:12:44 +02:00] info: ",
    ],
)
def test_so_is_that_behind_other_text_whose_time_is_its_own(before: str, shared: Ledger, tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text(f"{before}{TOLD}\n", encoding="utf-8")
    assert read(shared, tmp_path / "app.log") == [READ]


def test_lines_of_pairs_are_records(load_logs: LoadLogs, tmp_path: Path) -> None:
    """As logfmt has them; a last line without its end may have lost digits, and waits."""
    pairs = 'level=info msg="called \\"it\\"" model=gpt-4o prompt_tokens=120 cached_tokens=64 completion_tokens=30 route=/chat'
    log = tmp_path / "app.log"
    log.write_text(f'time="{AT}" {pairs}\ntime="{AT}" level=info msg=stopping\ntime="{AT}" {pairs}', encoding="utf-8")
    ledger, outcome = load_logs(log)
    assert rows(ledger, f"SELECT {WHAT} FROM requests") == [READ]
    assert rows(ledger, "SELECT record FROM rejected") == [(2,)]
    assert [one.pending for one in outcome.loaded] == [len(f'time="{AT}" {pairs}')]


def test_a_log_of_prefixed_lines_that_has_grown_adds_what_is_new(load_logs: LoadLogs, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    for line in (f"{AT} info {TOLD}", f"2026-10-05T10:00:00Z info {TOLD}"):
        with log.open("a", encoding="utf-8") as out:
            out.write(f"{line}\n")
        ledger, _ = load_logs(log)
    assert rows(ledger, "SELECT CAST(started_at AS VARCHAR) FROM requests ORDER BY ALL") == [
        ("2026-10-05 09:12:44",),
        ("2026-10-05 10:00:00",),
    ]
    assert counts(ledger)["records"] == 2


def test_what_the_call_says_goes_before_what_stands_around_it(load_logs: LoadLogs, tmp_path: Path) -> None:
    """In whatever words: the outer `ts` would else go before the inner `time`. The nearest of those around it is taken."""
    call = CALL | {"time": AT, "user_id": "u-in"}
    around = {"ts": "2026-01-01", "path": "/out", "user": "u-out", "team": "t-out", "status": "info", "name": "app"}
    log = write_lines(tmp_path / "log.jsonl", around | {"data": {"team": "t-near", "call": call}})
    ledger, _ = load_logs(log)
    assert rows(ledger, f"SELECT {WHAT} FROM requests") == [READ]
    assert rows(ledger, "SELECT user_name, team, status FROM requests") == [("u-in", "t-near", None)]


def test_a_reply_within_is_read_as_its_format(load_logs: LoadLogs, tmp_path: Path) -> None:
    """And its texts are kept nowhere."""
    log = write_lines(tmp_path / "log.jsonl", {"timestamp": AT, "route": "/chat", "jsonPayload": REPLY})
    ledger, outcome = load_logs(log)
    assert [one.format for one in outcome.loaded] == ["openai-chat"]
    assert rows(ledger, f"SELECT request_id, {WHAT} FROM requests") == [("chatcmpl-1", *READ)]
    ledger.connection.execute("CHECKPOINT")
    assert b"CANARY" not in ledger.path.read_bytes()


def test_records_without_a_call_and_broken_ones_are_rejected_in_their_places(
    load_logs: LoadLogs, tmp_path: Path
) -> None:
    """A program tells of much before its first call."""
    lines = [{"time": AT, "log": f"starting {number}"} for number in range(40)]
    log = write_lines(tmp_path / "log.jsonl", *lines, RECORDS["Docker"])
    with log.open("a", encoding="utf-8") as out:
        out.write('{"time": \n')
    ledger, _ = load_logs(log)
    assert counts(ledger) == {"records": 42, "requests": 1, "duplicates": 0, "skipped": 0, "rejected": 41}
    assert rows(ledger, "SELECT record FROM rejected ORDER BY record") == [*((n,) for n in range(1, 41)), (42,)]


def test_records_that_name_a_model_or_counts_hold_no_other_call(load_logs: LoadLogs, tmp_path: Path) -> None:
    own = {"ts": AT, "model": "m", "input_tokens": 7, "output_tokens": 1, "upstream": CALL}
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", own))
    assert rows(ledger, "SELECT model, input_tokens FROM requests") == [("m", 7)]


def test_a_wrapped_log_that_has_grown_adds_what_is_new(load_logs: LoadLogs, tmp_path: Path) -> None:
    """No id tells its calls apart."""
    first, second = RECORDS["Docker"], RECORDS["Docker"] | {"time": "2026-10-05T10:00:00Z"}
    log = write_lines(tmp_path / "log.jsonl", first)
    load_logs(log)
    write_lines(log, first, second)
    ledger, _ = load_logs(log)
    assert rows(ledger, "SELECT CAST(started_at AS VARCHAR) FROM requests ORDER BY ALL") == [
        ("2026-10-05 09:12:44",),
        ("2026-10-05 10:00:00",),
    ]
    assert counts(ledger)["records"] == 2


def test_fractions_stay_as_they_are_written(load_logs: LoadLogs, tmp_path: Path) -> None:
    """A float has 16 digits; these are 23."""
    text = TOLD[:-1] + ', "cost": 12345678.123456789012345}'
    log = tmp_path / "log.jsonl"
    log.write_text(f'{{"time": "{AT}", "llm": {text}}}\n', encoding="utf-8")
    ledger, _ = load_logs(log)
    assert rows(ledger, "SELECT CAST(stated_cost AS VARCHAR) FROM requests") == [("12345678.123456789012345",)]


def test_a_format_that_is_asked_for_is_looked_for_within(shared: Ledger, tmp_path: Path) -> None:
    del shared
    log = write_lines(tmp_path / "log.jsonl", {"timestamp": AT, "jsonPayload": REPLY})
    run = spend("analyze", log, "--format", "openai-chat", "--no-report", "--json")
    assert run.document["totals"]["input_tokens"] == 120


def test_spend_formats_says_where_the_calls_stand(tmp_path: Path) -> None:
    run = spend("formats", write_lines(tmp_path / "log.jsonl", RECORDS["loguru"]))
    assert run.code == 0
    assert "each call stands within a record, under record.extra" in run.out


def test_a_log_in_capitals_is_one_in_its_own_words(load_logs: LoadLogs, tmp_path: Path) -> None:
    """As Snowflake writes its columns."""
    row = {"CREATED_AT": AT, **{key.upper(): value for key, value in CALL.items()}}
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", row))
    assert rows(ledger, f"SELECT {WHAT} FROM requests") == [READ]


def test_the_place_in_a_program_is_no_endpoint(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Go's zap tells it as `caller`, which is somebody's word for a feature."""
    call = {key: value for key, value in CALL.items() if key != "route"}
    lines = [{"ts": AT, **call, "caller": caller} for caller in ("llm/client.go:41", "search")]
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *lines))
    assert rows(ledger, "SELECT endpoint FROM requests ORDER BY ALL") == [("search",), (None,)]
