"""Ways to count OpenTelemetry spans wrongly: each with the true total worked out from its spans."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conftest import LoadLogs, counts, rows, write_lines

SUMS = "SELECT sum(input_tokens), sum(output_tokens) FROM requests"

Span = dict[str, Any]


def span(
    number: int, inside: int | None, attributes: Mapping[str, object], scope: str = "test", trace: int = 1
) -> Span:
    """An export of one span: ``number`` in its trace, ``inside`` another one."""
    kinds = {int: "intValue", str: "stringValue"}
    written = {
        "traceId": f"{trace:032x}",
        "spanId": f"{number:016x}",
        "parentSpanId": f"{inside:016x}" if inside else "",
        "name": "span",
        "startTimeUnixNano": str(1_790_841_600_000_000_000 + number),
        "endTimeUnixNano": str(1_790_841_601_000_000_000 + number),
        "attributes": [{"key": key, "value": {kinds[type(v)]: str(v)}} for key, v in attributes.items()],
        "status": {},
    }
    return {"resourceSpans": [{"resource": {}, "scopeSpans": [{"scope": {"name": scope}, "spans": [written]}]}]}


def said(operation: str, read: int, made: int, answer: str | None = None) -> dict[str, object]:
    """The attributes of the conventions."""
    return {
        "gen_ai.operation.name": operation,
        "gen_ai.request.model": "claude-sonnet-4-6",
        "gen_ai.usage.input_tokens": read,
        "gen_ai.usage.output_tokens": made,
    } | ({"gen_ai.response.id": answer} if answer else {})


def seen(kind: str, read: int, made: int) -> dict[str, object]:
    """The attributes of OpenInference, which has no response id."""
    return {
        "openinference.span.kind": kind,
        "llm.model_name": "claude-sonnet-4-6",
        "llm.token_count.prompt": read,
        "llm.token_count.completion": made,
        "llm.token_count.total": read + made,
    }


def naive(*logged: Span) -> tuple[int, int]:
    """What adding up the usage of all spans gives."""
    counted = [
        {
            one["key"]: one["value"].get("intValue", "0")
            for one in line["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["attributes"]
        }
        for line in logged
    ]
    given = [int(a.get("gen_ai.usage.input_tokens", a.get("llm.token_count.prompt", 0))) for a in counted]
    made = [int(a.get("gen_ai.usage.output_tokens", a.get("llm.token_count.completion", 0))) for a in counted]
    return sum(given), sum(made)


def test_trap_11_parent_spans_restate_their_children(load_logs: LoadLogs, tmp_path: Path) -> None:
    """An agent's span holds the sum of its calls: with it everything counts exactly twice."""
    logged = [
        span(2, 1, said("chat", 1000, 50, "msg_1")),
        span(3, 1, said("chat", 2000, 70, "msg_2")),
        span(1, None, said("invoke_agent", 3000, 120)),
    ]
    ledger, _ = load_logs(write_lines(tmp_path / "spans.jsonl", *logged))
    true = (1000 + 2000, 50 + 70)
    assert naive(*logged) == (2 * true[0], 2 * true[1])
    assert rows(ledger, SUMS) == [true]
    assert counts(ledger) | {"requests": 2, "skipped": 1} == counts(ledger)


def test_trap_11_every_level_restates_the_one_below(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Agent, chain and call tell of the same tokens: three times as much."""
    logged = [
        span(3, 2, seen("LLM", 900, 30)),
        span(2, 1, seen("CHAIN", 900, 30)),
        span(1, None, seen("AGENT", 900, 30)),
    ]
    ledger, _ = load_logs(write_lines(tmp_path / "spans.jsonl", *logged))
    assert naive(*logged) == (3 * 900, 3 * 30)
    assert rows(ledger, SUMS) == [(900, 30)]


def test_trap_11_a_sum_that_calls_itself_a_chat(load_logs: LoadLogs, tmp_path: Path) -> None:
    """A client that calls tools by itself has one span around several calls, with the last one's id: exactly twice."""
    logged = [
        span(2, 1, said("chat", 100, 10, "msg_1")),
        span(3, 1, said("chat", 200, 20, "msg_2")),
        span(1, None, said("chat", 300, 30, "msg_2")),
    ]
    ledger, _ = load_logs(write_lines(tmp_path / "spans.jsonl", *logged))
    assert naive(*logged) == (600, 60)
    assert rows(ledger, SUMS) == [(300, 30)]


def test_trap_12_two_instrumentations_beside_each_other(load_logs: LoadLogs, tmp_path: Path) -> None:
    """The SDK's own span and an instrumentor's, in two traces: one response id is one call, and the SDK knows best."""
    logged = [
        span(1, None, said("chat", 702, 176, "msg_1"), "opentelemetry.instrumentation.anthropic", trace=1),
        span(2, None, said("chat", 1591, 175, "msg_1"), "com.anthropic.sdk.python", trace=2),
        span(3, None, said("chat", 1007, 60, "msg_2"), "opentelemetry.instrumentation.anthropic", trace=3),
        span(4, None, said("chat", 1007, 59, "msg_2"), "com.anthropic.sdk.python", trace=4),
    ]
    ledger, _ = load_logs(write_lines(tmp_path / "spans.jsonl", *logged))
    true = (1591 + 1007, 175 + 59)
    assert naive(*logged) == (true[0] + 702 + 1007, true[1] + 176 + 60)
    assert rows(ledger, SUMS) == [true]
    assert counts(ledger) | {"requests": 2, "duplicates": 2} == counts(ledger)


def test_trap_12_two_instrumentations_inside_each_other(load_logs: LoadLogs, tmp_path: Path) -> None:
    """The outer span has no id, the SDK's inside it has one: still one call, exactly twice if added."""
    logged = [
        span(2, 1, said("chat", 8855, 193, "msg_1"), "com.anthropic.sdk.python"),
        span(1, None, seen("LLM", 8855, 193), "openinference.instrumentation.anthropic"),
    ]
    ledger, _ = load_logs(write_lines(tmp_path / "spans.jsonl", *logged))
    assert naive(*logged) == (2 * 8855, 2 * 193)
    assert rows(ledger, SUMS) == [(8855, 193)]
    assert rows(ledger, "SELECT request_id FROM requests") == [("msg_1",)]


def test_trap_12_the_outer_span_comes_later(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Inner spans end first. A log that was read before the outer span was written does not count the call again."""
    inner = span(2, 1, said("chat", 500, 20))
    log = write_lines(tmp_path / "spans.jsonl", inner)
    ledger, _ = load_logs(log)
    assert rows(ledger, SUMS) == [(500, 20)]
    write_lines(log, inner, span(1, None, seen("LLM", 500, 20)))
    load_logs(log)
    assert rows(ledger, SUMS) == [(500, 20)]


def test_trap_12_a_call_inside_another_call_is_its_own(load_logs: LoadLogs, tmp_path: Path) -> None:
    """What a tool asks of a model while a stream is open stands inside it, with an id of its own: both count."""
    logged = [span(2, 1, said("chat", 60, 6, "msg_2")), span(1, None, said("chat", 50, 5, "msg_1"))]
    ledger, _ = load_logs(write_lines(tmp_path / "spans.jsonl", *logged))
    assert rows(ledger, SUMS) == [(60 + 50, 6 + 5)]


def test_trap_02_vercels_older_spans_of_bedrock_leave_the_cache_out(load_logs: LoadLogs, tmp_path: Path) -> None:
    """1,000 tokens were read anew and 900 from the cache; a span of today's tells the 1,900 and how they divide."""
    call = {
        "ai.operationId": "ai.generateText.doGenerate",
        "ai.model.id": "anthropic.claude-sonnet-4",
        "ai.model.provider": "amazon-bedrock",
        "ai.usage.outputTokens": 10,
        "ai.usage.cachedInputTokens": 900,
    }
    older = call | {"ai.usage.inputTokens": 1000, "ai.usage.totalTokens": 1010}
    details = {"ai.usage.inputTokenDetails.noCacheTokens": 1000, "ai.usage.inputTokenDetails.cacheReadTokens": 900}
    newer = call | {"ai.usage.inputTokens": 1900, "ai.usage.totalTokens": 1910} | details
    log = write_lines(tmp_path / "log.jsonl", span(1, None, older), span(2, None, newer))
    ledger, _ = load_logs(log)
    assert rows(ledger, "SELECT input_tokens, cache_read_tokens FROM requests") == [(1900, 900)] * 2


def test_trap_16_a_number_below_a_thousand_is_no_response_id(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Ollama draws its ids anew: two calls of two traces have the same one, and are two calls."""
    spans = [span(1, None, said("chat", 100 * trace, 10, "chatcmpl-417"), trace=trace) for trace in (1, 2)]
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *spans))
    assert rows(ledger, SUMS) == [(300, 20)]


def test_trap_11_a_trace_that_was_sent_forty_times(load_logs: LoadLogs, tmp_path: Path) -> None:
    """An exporter tries again. Were every copy of a parent looked through, its eight levels had 40^8 ways up."""
    depth, copies = 8, 40
    trace = [span(level, level - 1 or None, said("invoke_agent", 900, 30)) for level in range(1, depth)]
    trace.append(span(depth, depth - 1, said("chat", 900, 30)))
    ledger, _ = load_logs(write_lines(tmp_path / "spans.jsonl", *trace * copies))
    assert naive(*trace * copies) == (depth * copies * 900, depth * copies * 30)
    assert rows(ledger, SUMS) == [(900, 30)]
    assert counts(ledger) | {"requests": 1, "duplicates": copies - 1, "skipped": (depth - 1) * copies} == counts(ledger)


def test_trap_11_spans_in_a_circle(load_logs: LoadLogs, tmp_path: Path) -> None:
    """No tree: each says that it stands inside the other. Each has an id of its own, so both count, and reading them ends."""
    logged = [span(1, 2, said("chat", 60, 6, "msg_1")), span(2, 1, said("chat", 50, 5, "msg_2"))] * 3
    ledger, _ = load_logs(write_lines(tmp_path / "spans.jsonl", *logged))
    assert rows(ledger, SUMS) == [(60 + 50, 6 + 5)]
    assert counts(ledger) | {"requests": 2, "rejected": 0} == counts(ledger)
