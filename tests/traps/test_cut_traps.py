"""What stands twice only when logs are put together: a trace that a log's rotation cut, a copy from before a call had ended."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from conftest import LoadLogs, counts, rows, write_lines

from analyzer.ingest import loader
from analyzer.ingest.forget import forget

Record = Mapping[str, object]
SUMS = "SELECT sum(input_tokens), sum(output_tokens) FROM requests"

A, B, C = (f"{digit}0000000-0000-4000-8000-000000000000" for digit in "123")


def weave(own: str, above: str | None, read: int, made: int, model: str = "gpt-5.6-sol") -> Record:
    """A call of Weave's; what it used is its own and that of all below it."""
    used = {"requests": 1, "prompt_tokens": read, "completion_tokens": made, "total_tokens": read + made}
    return {
        "id": own,
        "trace_id": "t",
        "parent_id": above,
        "op_name": "weave:///acme/shop/op/step:1",
        "started_at": "2026-10-01T08:00:00Z",
        "summary": {"usage": {model: used}},
    }


def langsmith(own: str, above: str | None, read: int, made: int) -> Record:
    """A run of a model: a client's, or that of a framework around one."""
    return {
        "id": own,
        "trace_id": A,
        "parent_run_id": above,
        "run_type": "llm",
        "start_time": "2026-10-01T08:00:00Z",
        "extra": {"metadata": {"ls_model_name": "gpt-5.6-sol"}},
        "outputs": {"usage_metadata": {"input_tokens": read, "output_tokens": made, "total_tokens": read + made}},
    }


def braintrust(own: str, above: str | None, read: int, made: int) -> Record:
    """A span of Braintrust's: a client's call, or a framework's around it."""
    return {
        "id": f"row-{own}",
        "span_id": own,
        "root_span_id": A,
        "span_parents": [above] if above else [],
        "span_attributes": {"name": "generateText", "type": "llm"},
        "metadata": {"model": "gpt-5.6-sol"},
        "metrics": {"start": 1_790_841_600.5, "prompt_tokens": read, "completion_tokens": made, "tokens": read + made},
    }


def span(own: str, above: str, read: int, made: int) -> Record:
    """A span that tells of usage and not of what it is."""
    counted = {"gen_ai.usage.input_tokens": read, "gen_ai.usage.output_tokens": made}
    told: list[Record] = [{"key": key, "value": {"intValue": str(value)}} for key, value in counted.items()]
    told.append({"key": "gen_ai.request.model", "value": {"stringValue": "gpt-5.6-sol"}})
    ids = {
        "traceId": "0" * 31 + "1",
        "spanId": own[:16].replace("-", "0"),
        "parentSpanId": above[:16].replace("-", "0"),
    }
    times = {"startTimeUnixNano": "1790841600000000000", "endTimeUnixNano": "1790841601000000000"}
    return {"resourceSpans": [{"scopeSpans": [{"spans": [ids | times | {"name": "step", "attributes": told}]}]}]}


# A call that sums up two, and these two: 100 + 200 read, 10 + 20 made.
SUM_AND_PARTS = {
    "weave": [weave(A, None, 300, 30), weave(B, A, 100, 10), weave(C, A, 200, 20)],
    "langsmith": [langsmith(A, None, 300, 30), langsmith(B, A, 100, 10), langsmith(C, A, 200, 20)],
    "braintrust": [braintrust(A, None, 300, 30), braintrust(B, A, 100, 10), braintrust(C, A, 200, 20)],
    "otlp-spans": [span(A, "", 300, 30), span(B, A, 100, 10), span(C, A, 200, 20)],
}

# Braintrust's are asked for in full where tests may take long: the short run has test_observers_traps.py.
FORMS = [pytest.param(form, marks=[pytest.mark.endurance] if form == "braintrust" else []) for form in SUM_AND_PARTS]


def dsh(kind: str, at: int, message: Record | None = None) -> Record:
    """A step's usage: as its stream told it, or with the whole message."""
    usage = {"inputTokens": 100, "outputTokens": 10}
    data = {"chunk": {"type": "usage", "usage": usage}} if message is None else {"message": message, "usage": usage}
    return {"type": kind, "seq": at, "time": 1_790_000_000_000 + at, "data": {"turn": 1, "step": 1} | data}


DSH_EARLY: list[Record] = [{"type": "session", "id": A, "delegationDepth": 0}, dsh("assistant/chunk", 1)]
DSH_WHOLE = [*DSH_EARLY, dsh("assistant/message", 2, {"id": B, "source": {"model": "deepseek-v4-flash"}})]

QWEN_LINE: Record = {
    "type": "assistant", "sessionId": "s", "uuid": B, "model": "qwen3", "timestamp": "2026-10-01T08:00:01Z",
    "usageMetadata": {"promptTokenCount": 100, "candidatesTokenCount": 10, "totalTokenCount": 110},
}  # fmt: skip
QWEN_EVENT: Record = {
    "type": "system", "sessionId": "s", "uuid": C, "timestamp": "2026-10-01T08:00:02Z",
    "systemPayload": {"uiEvent": {
        "event.name": "qwen-code.api_response", "event.timestamp": "2026-10-01T08:00:02Z", "response_id": "chatcmpl-a1b2",
        "model": "qwen3", "input_token_count": 100, "output_token_count": 10, "total_token_count": 110,
    }},
}  # fmt: skip

COPILOT_USAGE = {
    "gen_ai.usage.input_tokens": 100,
    "gen_ai.usage.output_tokens": 10,
    "gen_ai.request.model": "gpt-5-mini",
}
# The sum of an agent's span is written as its calls end, and its calls' spans may be in another file.
COPILOT_AGENT, COPILOT_CHAT = (
    {
        "type": "span", "traceId": "t1", "spanId": name[:4], "name": name, "startTime": [1_790_841_600, 0], "endTime": [1_790_841_601, 0],
        "attributes": COPILOT_USAGE | {"gen_ai.operation.name": name},
    }
    for name in ("invoke_agent", "chat")
)  # fmt: skip

# What a log was like before its call had ended, and all of it; each tells of 100 read and 10 made.
EARLY_AND_WHOLE = {
    "dsh": (DSH_EARLY, DSH_WHOLE),
    "qwen-code": ([QWEN_LINE], [QWEN_LINE, QWEN_EVENT]),
    "copilot-cli": ([COPILOT_AGENT], [COPILOT_AGENT, COPILOT_CHAT]),
    "weave": ([weave(A, None, 100, 10)], [weave(A, None, 100, 10), weave(B, A, 100, 10)]),
    "langsmith": ([langsmith(A, None, 100, 10)], [langsmith(A, None, 100, 10), langsmith(B, A, 100, 10)]),
}


@pytest.mark.parametrize("at_once", [pytest.param(True, marks=pytest.mark.endurance), False])
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.endurance
def test_trap_11_a_sum_and_its_parts_in_three_logs(
    form: str, order: tuple[int, ...], at_once: bool, load_logs: LoadLogs, tmp_path: Path
) -> None:
    logs = [write_lines(tmp_path / f"{place}.jsonl", SUM_AND_PARTS[form][place]) for place in order]
    for some in [logs] if at_once else [[log] for log in logs]:
        ledger, outcome = load_logs(*some)
        assert {loaded.format for loaded in outcome.loaded} == {form}
    assert rows(ledger, SUMS) == [(300, 30)]
    assert counts(ledger) == {"records": 3, "requests": 2, "duplicates": 1, "skipped": 0, "rejected": 0}


@pytest.mark.parametrize("form", FORMS)
def test_the_sum_comes_back_when_its_parts_are_forgotten(form: str, load_logs: LoadLogs, tmp_path: Path) -> None:
    total, *parts = SUM_AND_PARTS[form]
    ledger, _ = load_logs(write_lines(tmp_path / "sum.jsonl", total), write_lines(tmp_path / "parts.jsonl", *parts))
    forget(ledger, ["*parts.jsonl"])
    assert rows(ledger, SUMS) == [(300, 30)]
    assert counts(ledger) == {"records": 1, "requests": 1, "duplicates": 0, "skipped": 0, "rejected": 0}


@pytest.mark.parametrize("early_first", [True, False])
@pytest.mark.parametrize("form", EARLY_AND_WHOLE)
@pytest.mark.endurance
def test_trap_10_a_copy_from_before_the_call_had_ended(
    form: str, early_first: bool, load_logs: LoadLogs, tmp_path: Path
) -> None:
    early, whole = EARLY_AND_WHOLE[form]
    logs = [write_lines(tmp_path / "early.jsonl", *early), write_lines(tmp_path / "whole.jsonl", *whole)]
    for log in logs if early_first else reversed(logs):
        ledger, outcome = load_logs(log, given={"model": "deepseek-v4-flash"})
        assert [loaded.format for loaded in outcome.loaded] == [form]
    assert rows(ledger, SUMS) == [(100, 10)]
    assert counts(ledger)["requests"] == 1
    forget(ledger, ["*whole.jsonl"])
    assert rows(ledger, SUMS) == [(100, 10)]


def piece(created: int, read: int | None = None, made: int = 0) -> Record:
    """A chunk of a server that gives all its replies one id; the last one has the counts."""
    ends: Record = {"usage": {"prompt_tokens": read, "completion_tokens": made}} if read is not None else {}
    choice = {"index": 0, "delta": {}, "finish_reason": "stop" if ends else None}
    return {
        "id": "stub",
        "object": "chat.completion.chunk",
        "created": created,
        "model": "m",
        "choices": [choice],
    } | ends


@pytest.mark.parametrize("renamed", [True, False])
def test_trap_16_a_stream_under_a_static_id_that_grew(renamed: bool, load_logs: LoadLogs, tmp_path: Path) -> None:
    whole = [piece(1_790_000_000), piece(1_790_000_000, 30, 3), piece(1_790_000_060), piece(1_790_000_060, 100, 10)]
    write_lines(tmp_path / "log.jsonl", *whole[:3])
    load_logs(tmp_path / "log.jsonl")
    ledger, _ = load_logs(write_lines(tmp_path / ("copy.jsonl" if renamed else "log.jsonl"), *whole))
    assert rows(ledger, "SELECT input_tokens, output_tokens FROM requests ORDER BY started_at") == [(30, 3), (100, 10)]
    assert counts(ledger) == {"records": 4, "requests": 2, "duplicates": 2, "skipped": 0, "rejected": 0}


def test_a_log_whose_rows_take_many_records_is_read_once(
    load_logs: LoadLogs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new ledger leaves out columns that few logs fill; what fills them is known before the log is read."""
    staged = []
    stage = loader.stage_text
    monkeypatch.setattr(loader, "stage_text", lambda *given: staged.append(1) or stage(*given))
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *SUM_AND_PARTS["otlp-spans"]))
    assert (len(staged), rows(ledger, SUMS)) == (1, [(300, 30)])
