"""OpenTelemetry GenAI attributes as flat columns: what restates its calls, what has no place, and whose words they are."""

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import LoadLogs, counts, rows, write_lines

from analyzer.ingest.evidence import Evidence

TOKENS = "SELECT request_id, input_tokens, output_tokens FROM requests ORDER BY request_id"


def span(place: str, above: str | None, does: str, read: int, **more: Any) -> dict[str, Any]:
    """A span with usage, in Honeycomb's columns."""
    told = {
        "timestamp": "2026-10-01T08:00:00Z",
        "trace.trace_id": "t",
        "trace.span_id": place,
        "gen_ai.operation.name": does,
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.usage.input_tokens": read,
        "gen_ai.usage.output_tokens": 1,
    }
    return told | ({"trace.parent_id": above} if above else {}) | more


def test_trap_11_agents_restate_their_calls(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Two agents, one inside the other, tell the sums of three calls: naively 600 + 300 + 3 x 200 = 1500."""
    log = [
        span("a", None, "invoke_agent", 600),
        span("b", "a", "invoke_agent", 400),
        *(span(place, above, "chat", 200) for place, above in (("c", "a"), ("d", "b"), ("e", "b"))),
    ]
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *log))
    assert rows(ledger, TOKENS) == [(f"t:{place}", 200, 1) for place in "cde"]
    assert rows(ledger, "SELECT reason, records FROM skipped") == [("an aggregate of calls already counted", 2)]


def test_trap_12_two_instrumentations_of_a_call_are_one(load_logs: LoadLogs, tmp_path: Path) -> None:
    """A span inside the other, or beside it with the same response id, also where another log has it as OTLP's own."""
    same = {"gen_ai.response.id": "chatcmpl-same"}
    log = [
        span("a", None, "chat", 100),
        span("b", "a", "chat", 100),
        span("c", None, "chat", 70, **same),
        span("d", None, "chat", 70, **same),
    ]
    attributes = {key: value for key, value in span("z", None, "chat", 70, **same).items() if key.startswith("gen_ai")}
    context = {"trace_id": "0x9", "span_id": "0x8"}
    other = {"name": "chat", "context": context, "start_time": "2026-10-01T08:00:00Z", "attributes": attributes}
    ledger, outcome = load_logs(write_lines(tmp_path / "a.jsonl", *log), write_lines(tmp_path / "b.jsonl", other))
    assert [one.format for one in outcome.loaded] == ["otel-attributes", "otlp-spans"]
    assert rows(ledger, TOKENS) == [("chatcmpl-same", 70, 1), ("t:b", 100, 1)]


def test_bare_attributes_have_no_place_and_are_told_apart_by_nothing(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Objects of attributes alone: equal ones without a response id are calls of their own."""
    bare = {key: value for key, value in span("", None, "chat", 9).items() if key.startswith("gen_ai")}
    agent = bare | {"gen_ai.operation.name": "invoke_agent"}
    log = write_lines(tmp_path / "log.jsonl", bare, bare, agent, bare | {"gen_ai.response.id": "resp_1"})
    ledger, _ = load_logs(log, given={"time": "2026-10-01T08:00:00Z"})
    assert rows(ledger, TOKENS) == [("resp_1", 9, 1), (None, 9, 1), (None, 9, 1)]
    assert counts(ledger) == {"records": 4, "requests": 3, "duplicates": 0, "skipped": 1, "rejected": 0}


@pytest.mark.parametrize("dimensions", ["[]", "no JSON", "", "null", '{"gen_ai.request.model": "m"'])
def test_what_is_no_object_of_dimensions_tells_nothing(dimensions: str, load_logs: LoadLogs, tmp_path: Path) -> None:
    """Beside a call as Application Insights has it."""
    row = {"timestamp": "2026-10-01T08:00:00Z", "id": "s", "operation_Id": "o", "name": "GET /"}
    attributes = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "gen_ai.usage.input_tokens": "7"}
    call = row | {"id": "t", "customDimensions": json.dumps(attributes)}
    ledger, outcome = load_logs(write_lines(tmp_path / "log.jsonl", call, row | {"customDimensions": dimensions}))
    assert [one.format for one in outcome.loaded] == ["otel-attributes"]
    assert rows(ledger, TOKENS) == [("o:t", 7, None)]
    assert rows(ledger, "SELECT reason FROM skipped") == [("a span of other work, no call of a model",)]


def test_the_request_above_a_call_names_its_endpoint(load_logs: LoadLogs, tmp_path: Path) -> None:
    """As Application Insights has it: what the service was asked for, and what it called for that."""
    row = {"timestamp": "2026-10-01T08:00:00Z", "operation_Id": "o"}
    asked = row | {"itemType": "request", "id": "r", "customDimensions": {"http.route": "/chat"}}
    attributes = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "gen_ai.usage.input_tokens": "7"}
    called = {"itemType": "dependency", "id": "d", "operation_ParentId": "r", "customDimensions": attributes}
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", row | called, asked))
    assert rows(ledger, "SELECT request_id, endpoint FROM requests") == [("o:d", "/chat")]


@pytest.mark.parametrize("beside", [{"operation_Id": "o"}, {"customDimensions": "{}"}, {"Properties": {"a": 1}}])
def test_a_log_in_ones_own_words_stays_one(beside: dict[str, Any], load_logs: LoadLogs, tmp_path: Path) -> None:
    """Whatever ids and objects of Azure's stand beside them."""
    own = {"timestamp": "2026-10-01T08:00:00Z", "model": "m", "input_tokens": 7, "output_tokens": 1}
    ledger, outcome = load_logs(write_lines(tmp_path / "log.jsonl", own | beside))
    assert [one.format for one in outcome.loaded] == ["generic"]
    assert rows(ledger, TOKENS) == [(None, 7, 1)]


def test_true_is_no_count_of_an_attribute(load_logs: LoadLogs, tmp_path: Path) -> None:
    log = write_lines(tmp_path / "log.jsonl", span("a", None, "chat", 5) | {"gen_ai.usage.output_tokens": True})
    ledger, _ = load_logs(log)
    assert rows(ledger, "SELECT reason FROM rejected") == [
        ("output_tokens is no whole number from 0 to 2^53 - 1: not a number",)
    ]


def test_evidence_may_name_keys_with_dots() -> None:
    """In quotation marks, at the top level or in an object."""
    record = json.loads('{"a.b": 1, "c": {"d.e": [{"f": 2}]}}')
    for path, there in (('"a.b"', True), ("a.b", False), ('c."d.e"', True), ('c."d.e"[].f', True), ('"c.d.e"', False)):
        evidence = Evidence.parse(path)
        assert evidence.holds(record) == there
        assert bool(evidence.within(record.keys()).paths) == there
