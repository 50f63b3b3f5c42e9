"""Ways to count the logs of coding agents wrongly: each with the true total worked out from its records."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import LoadLogs, counts, rows, write_lines

SUMS = "SELECT sum(input_tokens), sum(output_tokens) FROM requests"
SONNET = "claude-sonnet-4-5-20250929"

Record = dict[str, object]


def line(second: int, message: str, made: int, *, request: str | None = "req_1", **fields: object) -> Record:
    """A line of a Claude Code transcript: one block of a message, whose output has grown to ``made``."""
    usage = {"input_tokens": 4, "cache_read_input_tokens": 90, "cache_creation_input_tokens": 6, "output_tokens": made}
    record: Record = {
        "type": "assistant",
        "timestamp": f"2026-10-01T08:00:{second:02}.000Z",
        "sessionId": "session-1",
        "uuid": f"00000000-0000-4000-8000-{second:012}",
        "isSidechain": False,
        "message": {"id": message, "role": "assistant", "model": SONNET, "content": [], "usage": usage},
    }
    return record | ({"requestId": request} if request else {}) | fields


def tokens(read: int, made: int, cached: int = 0, reasoned: int = 0) -> dict[str, int]:
    return {
        "input_tokens": read,
        "cached_input_tokens": cached,
        "output_tokens": made,
        "reasoning_output_tokens": reasoned,
        "total_tokens": read + made,
    }


def thread(identity: str, second: int = 0, **payload: object) -> Record:
    """The header of a Codex rollout."""
    return {
        "timestamp": f"2026-10-01T08:00:{second:02}.000Z",
        "type": "session_meta",
        "payload": {"id": identity, "cwd": "/work/shop", **payload},
    }


def turn(second: int, model: str = "gpt-5.3-codex") -> Record:
    return {
        "timestamp": f"2026-10-01T08:00:{second:02}.000Z",
        "type": "turn_context",
        "payload": {"model": model},
    }


def count(second: int, total: dict[str, int] | None, last: dict[str, int] | None = None) -> Record:
    """A ``token_count`` event: the thread's running total, and the last call; without a total only rate limits."""
    info = {"total_token_usage": total, "last_token_usage": last} if total or last else None
    return {
        "timestamp": f"2026-10-01T08:00:{second:02}.000Z",
        "type": "event_msg",
        "payload": {"type": "token_count", "info": info, "rate_limits": {"primary": {"used_percent": 3.0}}},
    }


def test_trap_05_reasoning_of_codex_is_inside_its_output(load_logs: LoadLogs, tmp_path: Path) -> None:
    """The total of all tokens holds the reasoning once: to add it makes a quarter more output."""
    usage = tokens(1_000, 400, reasoned=100)
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    naive, true = 400 + 100, 400
    assert naive / true == 1.25
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", turn(0), count(5, usage, usage)))
    assert rows(ledger, SUMS + " WHERE reasoning_tokens = 100") == [(1_000, true)]


def test_trap_05_thoughts_of_gemini_cli_are_beside_its_output(load_logs: LoadLogs, tmp_path: Path) -> None:
    """There the total leaves room for the thoughts and the tool's prompt: 97 % of the output is thoughts."""
    usage = {"input": 15_327, "cached": 15_000, "output": 23, "thoughts": 919, "tool": 7, "total": 16_276}
    true_input, true_output = 15_327 + 7, 23 + 919
    assert true_input + true_output == usage["total"]
    assert round(1 - usage["output"] / true_output, 3) == 0.976
    message = {"id": "m1", "timestamp": "2026-10-01T08:00:00Z", "type": "gemini", "model": "gemini-2.5-pro"}
    chat = {"sessionId": "s", "projectHash": "p", "startTime": "2026-10-01T08:00:00Z"}
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", chat, message | {"tokens": usage}))
    assert rows(ledger, SUMS) == [(true_input, true_output)]


def test_trap_07_the_last_of_growing_lines_is_the_call(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Each block of a message is a line, and the first one comes when hardly anything was written."""
    blocks = [line(1, "msg_1", 100), line(2, "msg_1", 180), line(3, "msg_1", 270)]
    naive, true = 100, 270
    assert true / naive == 2.7
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *blocks))
    assert rows(ledger, SUMS) == [(100, true)]
    assert counts(ledger)["duplicates"] == 2


def test_trap_08_lines_without_a_request_id_are_one_message(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Gateways give no request id; the message's own id is enough, and all lines together would be 130 % too much."""
    first = [line(1, "msg_1", 250, request=None), line(2, "msg_1", 450, request=None)]
    second = [line(3, "msg_2", 450, request=None), line(4, "msg_2", 550, request=None)]
    naive, true = 250 + 450 + 450 + 550 + 600, 450 + 550
    assert naive / true == 2.3
    once = line(5, "msg_2", 600, request=None) | {"message": {"id": "x", "model": "<synthetic>", "usage": {}}}
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *first, *second, once))
    assert rows(ledger, SUMS) == [(200, true)]


def test_a_call_of_codex_is_of_the_service_tier_set_before_it(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Fast mode is dearer by half and more. A tier holds until another one is set; a call that names its own has that."""

    def settings(second: int, tier: str | None) -> Record:
        told = {"model": "gpt-5.3-codex"} | ({} if tier is None else {"service_tier": tier})
        return turn(second) | {
            "type": "event_msg",
            "payload": {"type": "thread_settings_applied", "thread_settings": told},
        }

    own = count(40, tokens(500, 50))
    own["payload"] = {**own["payload"], "service_tier": "flex"}  # type: ignore[dict-item]
    log = [
        *(thread("a"), turn(1), count(10, tokens(100, 10))),
        *(settings(11, "priority"), settings(12, None), count(20, tokens(200, 20))),
        *(settings(21, "default"), count(30, tokens(300, 30)), own),
    ]
    # Another log that was put behind it begins without one.
    other = [thread("b", 55), turn(56), count(59, tokens(7, 1))]
    ledger, _ = load_logs(write_lines(tmp_path / "rollout-a.jsonl", *log, *other))
    assert rows(ledger, "SELECT service_tier, input_tokens FROM requests ORDER BY started_at") == [
        (None, 100),
        ("priority", 100),
        ("default", 100),
        ("flex", 200),
        (None, 7),
    ]


def test_settings_of_codex_name_a_model_where_no_turn_does(load_logs: LoadLogs, tmp_path: Path) -> None:
    settings = {"type": "thread_settings_applied", "thread_settings": {"model": "gpt-5.4"}}
    head = thread("a") | {"type": "event_msg", "payload": settings}
    log = [thread("a"), head, count(10, tokens(100, 10)), turn(11), count(20, tokens(200, 20))]
    ledger, _ = load_logs(write_lines(tmp_path / "rollout-a.jsonl", *log))
    assert rows(ledger, "SELECT model FROM requests ORDER BY started_at") == [("gpt-5.4",), ("gpt-5.3-codex",)]


def test_trap_09_a_running_total_is_no_usage(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Codex tells what the thread has used so far, and tells it again: the calls are what it grew by."""
    totals = [(1_000, 10), (1_000, 10), (3_000, 30), (6_000, 60), (6_000, 60)]
    events = [count(5 * n, tokens(*total)) for n, total in enumerate(totals, 1)]
    naive, true = sum(read for read, _ in totals), 6_000
    assert round(naive / true, 1) == 2.8
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", turn(0), *events))
    assert rows(ledger, SUMS) == [(true, 60)]
    assert counts(ledger) | {"requests": 3, "skipped": 3} == counts(ledger)


def test_trap_09_events_told_again_add_their_last_call_again(load_logs: LoadLogs, tmp_path: Path) -> None:
    """The last call stands in every event, also in those that only tell of new rate limits: +67 %."""
    calls = [tokens(1_000, 10), tokens(2_000, 20), tokens(3_000, 30)]
    totals = [tokens(1_000, 10), tokens(3_000, 30), tokens(6_000, 60)]
    told = [0, 0, 1, 2, 2]
    naive = sum(calls[n]["input_tokens"] for n in told)
    assert round(naive / 6_000, 2) == 1.67
    events = [count(5 + second, totals[n], calls[n]) for second, n in enumerate(told)]
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", turn(0), *events))
    assert rows(ledger, SUMS) == [(6_000, 60)]


def test_trap_09_a_total_that_falls_began_anew(load_logs: LoadLogs, tmp_path: Path) -> None:
    """A counter that starts again takes nothing back, and what it tells first was used after the start."""
    events = [count(5, tokens(5_000, 50)), count(10, tokens(700, 7)), count(15, tokens(900, 9))]
    true = 5_000 + 700 + (900 - 700)
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", turn(0), *events))
    assert rows(ledger, SUMS) == [(true, 59)]


def test_trap_09_records_of_responses_and_totals_are_the_same_calls(load_logs: LoadLogs, tmp_path: Path) -> None:
    """A response's own record and the total's growth are one call; the record has the provider's id."""
    usage, so_far = tokens(600, 60), tokens(1_000, 100)
    payload = {"thread_id": "t", "response_id": "resp_1", "usage": usage, "turn_token_usage": so_far}
    record: Record = {"timestamp": "2026-10-01T08:00:10Z", "type": "token_usage_record", "payload": payload}
    log = [thread("t"), turn(0), count(5, tokens(400, 40)), record, count(10, so_far, usage)]
    naive, true = 400 + 600 + 600, 400 + 600
    assert naive / true == 1.6
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *log))
    assert rows(ledger, SUMS) == [(true, 100)]
    assert rows(ledger, "SELECT input_tokens FROM requests WHERE request_id = 'resp_1'") == [(600,)]


def test_trap_10_a_subagent_begins_with_its_parents_history(load_logs: LoadLogs, tmp_path: Path) -> None:
    """The history is written again at the spawn, under its second; only what comes later is the subagent's own."""
    history = [tokens(1_000, 200), tokens(500, 100)]
    sums = [tokens(1_000, 200), tokens(1_500, 300)]
    own, own_sums = [tokens(100, 20), tokens(50, 10)], [tokens(100, 20), tokens(150, 30)]
    parent = [turn(0), *[count(5 * n, *pair) for n, pair in enumerate(zip(sums, history, strict=True), 1)]]
    spawned: dict[str, Any] = {"source": {"subagent": {"thread_spawn": {"parent_thread_id": "p"}}}}
    replay = [
        thread("c", 30, **spawned),
        thread("p", 30),
        turn(30),
        *[count(30, *pair) for pair in zip(sums, history, strict=True)],
    ]
    later = [count(40 + 5 * n, *pair) for n, pair in enumerate(zip(own_sums, own, strict=True))]
    naive, true = 1_500 + 1_500 + 150, 1_500 + 150
    assert round(naive / true, 2) == 1.91
    logs = [write_lines(tmp_path / "p.jsonl", *parent), write_lines(tmp_path / "c.jsonl", *replay, *later)]
    ledger, _ = load_logs(*logs)
    assert rows(ledger, SUMS) == [(true, 330)]
    assert rows(ledger, "SELECT DISTINCT session_id FROM requests WHERE endpoint = 'codex/subagent'") == [("c",)]


def test_threads_that_were_put_together_are_told_apart(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Two threads in one log, each of 1,000 tokens in two calls: the second is no history of the first."""

    def told(name: str, begun: int) -> list[Record]:
        usage, so_far = tokens(600, 60), tokens(1_000, 100)
        payload = {"thread_id": name, "response_id": f"resp_{name}", "usage": usage}
        record: Record = {
            "timestamp": f"2026-10-01T08:00:{begun + 10}Z",
            "type": "token_usage_record",
            "payload": payload,
        }
        rest = [turn(begun), count(begun + 5, tokens(400, 40)), record, count(begun + 10, so_far, usage)]
        return [thread(name, begun), *rest]

    for name, log in (("one.jsonl", told("a", 10) + told("b", 40)), ("turned.jsonl", told("d", 42) + told("c", 12))):
        ledger, _ = load_logs(write_lines(tmp_path / name, *log))
    told_of = rows(
        ledger, "SELECT session_id, sum(input_tokens), sum(output_tokens) FROM requests GROUP BY 1 ORDER BY 1"
    )
    assert told_of == [("a", 1_000, 100), ("b", 1_000, 100), ("c", 1_000, 100), ("d", 1_000, 100)]


def test_trap_10_a_branch_copies_what_was_before_it(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Copies under their old instants are the same calls, whatever log they stand in."""
    before = [turn(0), count(5, tokens(1_000, 200))]
    branch = write_lines(tmp_path / "branch.jsonl", *before, count(15, tokens(1_600, 450)))
    ledger, _ = load_logs(write_lines(tmp_path / "parent.jsonl", *before), branch)
    naive, true = 1_000 + 1_600, 1_600
    assert naive / true == 1.625
    assert rows(ledger, SUMS) == [(true, 450)]
    assert counts(ledger)["duplicates"] == 1


def test_trap_10_sidechains_replay_messages_under_new_request_ids(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Three subagents each begin with the parent's messages: four times the tokens, and the parent is the one to keep."""
    history = [line(1, "msg_1", 100), line(2, "msg_2", 200)]
    logs = [write_lines(tmp_path / "main.jsonl", *history)]
    for agent in range(3):
        replay = [record | {"isSidechain": True, "requestId": f"req_{agent}"} for record in history]
        logs.append(write_lines(tmp_path / f"agent-{agent}.jsonl", *replay))
    naive, true = 4 * 300, 300
    assert naive / true == 4
    ledger, _ = load_logs(*reversed(logs))
    assert rows(ledger, SUMS) == [(200, true)]
    assert rows(ledger, "SELECT DISTINCT endpoint FROM requests") == [("claude-code",)]


def test_trap_10_a_fork_of_opencode_gives_copies_new_ids(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Eight forks of a session hold its message eight times, each under an id of its own, one of them not yet ended."""
    usage = {"input": 1_000, "output": 500, "reasoning": 0, "cache": {"read": 200, "write": 100}}
    told = {"role": "assistant", "modelID": SONNET, "providerID": "anthropic", "tokens": usage}
    made = {"time": {"created": 1_790_000_000_000, "completed": 1_790_000_005_000}}
    copies = [{"id": f"msg_{n}", "sessionID": f"ses_{n}"} | told | made for n in range(8)]
    copies[0]["time"] = {"created": 1_790_000_000_000}
    naive, true = 8 * 1_300, 1_300
    assert naive / true == 8
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *copies))
    assert rows(ledger, SUMS) == [(true, 500)]


def test_trap_07_a_message_of_opencode_holds_the_counts_of_its_last_step(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Three steps read 100, 200 and 300 and wrote 10, 20 and 30: the message says 300 and 30, and the cost of all three."""

    def told(read: int, made: int) -> Record:
        return {"input": read, "output": made, "reasoning": 0, "cache": {"read": 5, "write": 0}}

    def message(identity: str) -> Record:
        return {
            "id": identity,
            "sessionID": "ses_1",
            "role": "assistant",
            "modelID": SONNET,
            "providerID": "anthropic",
            "time": {"created": 1790000000000, "completed": 1790000009000},
            "cost": 0.06,
            "tokens": told(300, 30),
        }

    steps = [
        {"type": "step-finish", "reason": "tool-calls", "cost": read / 10000, "tokens": told(read, read // 10)}
        for read in (100, 200, 300)
    ]
    text: Record = {"type": "text", "text": "CANARY"}
    head = {"time": {"created": 1790000000000}}
    exported = {"info": {"id": "ses_1"} | head, "messages": [{"info": message("msg_1"), "parts": [text, *steps]}]}
    ledger, _ = load_logs(
        write_lines(tmp_path / "export.json", exported),
        write_lines(tmp_path / "msg_1.json", message("msg_1")),  # the message's own file tells of its last step again
        write_lines(tmp_path / "fork.json", exported | {"info": {"id": "ses_2"} | head}),
    )
    assert rows(ledger, SUMS) == [(600 + 3 * 5, 60)]
    assert counts(ledger) == {"records": 3, "requests": 1, "duplicates": 2, "skipped": 0, "rejected": 0}
    assert rows(ledger, "SELECT CAST(sum(stated_cost) AS DECIMAL(18, 2)) FROM requests WHERE fate IS NULL") == [
        (Decimal("0.06"),)
    ]


def test_trap_12_an_answer_of_copilot_stands_three_times(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Agent span, inference log and chat span tell of one answer; the chat span is the call, though it is the smallest."""

    def told(operation: str | None, read: int, made: int, **more: object) -> dict[str, object]:
        usage = {"gen_ai.usage.input_tokens": read, "gen_ai.usage.output_tokens": made}
        named = {"gen_ai.response.id": "resp_1", "gen_ai.response.model": "gpt-5.4-mini"}
        return usage | named | ({"gen_ai.operation.name": operation} if operation else {}) | more

    span: Record = {"type": "span", "traceId": "t"}
    log: list[Record] = [
        span | {"spanId": "1", "name": "invoke_agent Copilot", "attributes": told("invoke_agent", 100, 30)},
        {
            "hrTime": [1_790_000_000, 0],
            "attributes": told(None, 80, 20, **{"event.name": "gen_ai.client.inference.operation.details"}),
        },
        span | {"spanId": "2", "name": "chat gpt-5.4-mini", "attributes": told("chat", 60, 10)},
    ]
    naive, true = 100 + 80 + 60, 60
    assert naive / true == 4
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *log))
    assert rows(ledger, SUMS) == [(true, 10)]
    assert counts(ledger)["skipped"] == 2


def test_trap_12_an_answer_that_only_the_log_of_copilot_tells(load_logs: LoadLogs, tmp_path: Path) -> None:
    """One trace, two answers: the span of the second has no usage, its log record has. Both are calls, 300 tokens."""

    def told(answer: str, **more: object) -> dict[str, object]:
        return {"gen_ai.response.id": answer, "gen_ai.response.model": "gpt-5.4-mini"} | more

    def used(read: int) -> dict[str, int]:
        return {"gen_ai.usage.input_tokens": read, "gen_ai.usage.output_tokens": 10}

    chat = {"gen_ai.operation.name": "chat"}
    details = {"event.name": "gen_ai.client.inference.operation.details"}
    span: Record = {"type": "span", "traceId": "t", "name": "chat gpt-5.4-mini", "endTime": [1_790_000_000, 0]}
    of_log: Record = {"hrTime": [1_790_000_000, 0], "spanContext": {"traceId": "t", "spanId": "3"}, "_body": ""}
    log: list[Record] = [
        span | {"spanId": "1", "attributes": told("resp_1", **chat, **used(100))},
        span | {"spanId": "2", "attributes": told("resp_2", **chat, **{"error.type": "timeout"})},
        of_log | {"attributes": told("resp_1", **details, **used(100))},
        of_log | {"attributes": told("resp_2", **details, **used(200))},
    ]
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *log))
    assert rows(ledger, SUMS) == [(300, 20)]
    assert counts(ledger) == {"records": 4, "requests": 2, "duplicates": 1, "skipped": 1, "rejected": 0}


def test_an_event_of_qwen_code_tells_of_one_line_only(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Two answers happen to have equal counts, and one of them has an event: 200 tokens. A failure's zeros are no usage."""

    def event(name: str, at: int, read: int, made: int) -> Record:
        told = {"event.timestamp": f"2026-10-01T08:00:0{at}Z", "input_token_count": read, "output_token_count": made}
        return {
            "type": "system",
            "sessionId": "s",
            "systemPayload": {"uiEvent": told | {"event.name": name, "model": "m"}},
        }

    def answer(at: int) -> Record:
        identity = {"uuid": f"00000000-0000-4000-8000-{at:012}", "timestamp": f"2026-10-01T08:00:0{at}Z"}
        usage = {"promptTokenCount": 100, "candidatesTokenCount": 10, "totalTokenCount": 110}
        return {"type": "assistant", "sessionId": "s", "model": "m", "usageMetadata": usage} | identity

    told = event("qwen-code.api_response", 1, 100, 10), event("qwen-code.api_error", 2, 0, 0)
    log = write_lines(
        tmp_path / "log.jsonl", *(line | {"timestamp": "2026-10-01T08:00:03Z"} for line in told), answer(4), answer(5)
    )
    ledger, _ = load_logs(log)
    assert rows(ledger, SUMS) == [(200, 20)]
    assert rows(ledger, "SELECT status FROM requests WHERE input_tokens IS NULL") == [("error",)]


def test_sessions_that_were_put_together_are_told_apart(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Two sessions of dsh in one log: the second was broken off at a step that the first one ended."""
    step = {"turn": 1, "step": 1}
    usage = {"inputTokens": 100, "outputTokens": 10}
    message = {"id": "m-1", "source": {"model": "deepseek-v4-flash"}}
    log: list[Record] = [
        {"type": "session", "id": "s-1", "delegationDepth": 0},
        {"type": "assistant/message", "seq": 1, "time": 1_790_000_000_000, "data": step | {"message": message, "usage": usage}},
        {"type": "session", "id": "s-2", "delegationDepth": 0},
        {"type": "assistant/chunk", "seq": 1, "time": 1_790_000_060_000, "data": step | {"chunk": {"type": "usage", "usage": usage}}},
    ]  # fmt: skip
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *log), given={"model": "deepseek-v4-flash"})
    assert rows(ledger, SUMS) == [(200, 20)]


def test_trap_18_an_advisor_stands_only_in_the_iterations(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Two lines of one message; the advisor of another model is asked between its two iterations, the totals leave it out."""
    kinds = {
        "type": "message",
        "input_tokens": 2,
        "output_tokens": 5,
        "cache_read_input_tokens": 45,
        "cache_creation_input_tokens": 3,
    }
    advisor = kinds | {
        "type": "advisor_message",
        "model": "claude-opus-4-7",
        "input_tokens": 159_419,
        "output_tokens": 7_805,
    }
    blocks = [line(second, "msg_1", 10) for second in (1, 2)]
    for block in blocks:
        block["message"]["usage"]["iterations"] = [kinds, advisor, kinds]  # type: ignore[index]
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *blocks))
    told = "SELECT model, operation, input_tokens, cache_read_tokens, output_tokens, calls FROM requests ORDER BY input_tokens"
    assert rows(ledger, told) == [
        (SONNET, "chat", 4 + 90 + 6, 90, 10, 1),
        ("claude-opus-4-7", "advisor_message", 159_419 + 45 + 3, 45, 7_805, 1),
    ]
    assert counts(ledger) == {"records": 2, "requests": 1, "duplicates": 1, "skipped": 0, "rejected": 0}


def step(kind: str, at: int, read: int | None = None, made: int = 0, **data: Any) -> Record:
    """An event of dsh about the first step of a session, with the usage that its stream told."""
    usage = {"inputTokens": read, "outputTokens": made}
    told = {"stream": [{"type": "chunk", "chunk": {"type": "usage", "usage": usage}}]} if read is not None else {}
    return {"type": kind, "seq": at, "time": 1_790_000_000_000 + at, "data": {"turn": 1, "step": 1} | told | data}


SESSION: Record = {"type": "session", "id": "s-1", "version": 3, "delegationDepth": 0}
ANSWER = {"id": "m-1", "source": {"model": "deepseek-v4-flash"}}


@pytest.mark.parametrize("chunks", [True, False])
def test_trap_17_an_attempt_that_failed_is_billed_like_the_one_that_followed(
    chunks: bool, load_logs: LoadLogs, tmp_path: Path
) -> None:
    """Two broken-off attempts at a step, and one that came to an end: 10 + 30 + 100 read. Older logs have chunks alone."""
    retry = step("llm/retry-started", 3)
    log = [SESSION, step("request/context", 1, model="deepseek-v4-flash")]
    for place, (read, made) in enumerate([(10, 4), (30, 5)]):
        usage = {"type": "usage", "usage": {"inputTokens": read, "outputTokens": made}}
        broken = step("assistant/chunk", 2, chunk=usage) if chunks else step("assistant/attempt", 2, read, made)
        log += [broken | {"seq": 10 * place + 2}, retry | {"seq": 10 * place + 3}]
    ledger, _ = load_logs(
        write_lines(tmp_path / "log.jsonl", *log, step("assistant/message", 30, 100, 10, message=ANSWER))
    )
    assert rows(ledger, "SELECT input_tokens, output_tokens, status FROM requests ORDER BY input_tokens") == [
        (10, 4, "interrupted"),
        (30, 5, "interrupted"),
        (100, 10, None),
    ]


def test_an_attempt_of_which_a_message_came_is_told_by_it(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Nothing was tried again between the two; a message without counts leaves them to the attempt."""
    log = [SESSION, step("assistant/attempt", 1, 10, 4)]
    whole = write_lines(tmp_path / "whole.jsonl", *log, step("assistant/message", 2, 100, 10, message=ANSWER))
    ledger, _ = load_logs(whole)
    assert rows(ledger, SUMS) == [(100, 10)]
    other: Record = SESSION | {"id": "s-2"}
    nothing = step("assistant/message", 2, message=ANSWER | {"id": "m-2"})
    ledger, _ = load_logs(
        write_lines(tmp_path / "other.jsonl", other, step("request/context", 0, model="m"), log[1], nothing)
    )
    assert rows(ledger, SUMS) == [(110, 14)]
    assert counts(ledger)["requests"] == 2


@pytest.mark.parametrize("version", [1, 3])
def test_trap_10_a_fork_of_dsh_begins_with_its_parents_events(
    version: int, load_logs: LoadLogs, tmp_path: Path
) -> None:
    """A broken-off attempt has no id but its session's, and a fork is another session."""
    usage = {"type": "usage", "usage": {"inputTokens": 100, "outputTokens": 10}}
    history = [step("request/context", 1, model="m"), step("assistant/chunk", 2, chunk=usage)]
    end = [step("session/end-seed", 3, inherited=True)] if version > 1 else []
    seeded = {"isSeeded": True} if version > 1 else {"parentSession": "s-1", "seedLength": 3}
    fork: Record = SESSION | {"id": "s-2", "version": version} | seeded
    own = step("assistant/chunk", 4, chunk=usage, turn=2)
    load_logs(write_lines(tmp_path / "parent.jsonl", SESSION | {"version": version}, *history))
    ledger, _ = load_logs(write_lines(tmp_path / "fork.jsonl", fork, *history, *end, own))
    assert rows(ledger, SUMS) == [(200, 20)]
    assert counts(ledger)["requests"] == 2


def test_trap_20_a_turn_without_info_is_unmeasured_not_free(load_logs: LoadLogs, tmp_path: Path) -> None:
    """``info: null`` before a usage only tells rate limits; a turn that has nothing else is a call nobody measured."""
    measured = [turn(0), count(1, None), count(5, tokens(1_000, 100))]
    unmeasured = [turn(10, "gpt-5.3"), count(11, None), count(12, None)]
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *measured, *unmeasured))
    assert rows(ledger, "SELECT model, input_tokens, output_tokens FROM requests ORDER BY started_at") == [
        ("gpt-5.3-codex", 1_000, 100),
        ("gpt-5.3", None, None),
    ]
    assert counts(ledger) | {"requests": 2, "skipped": 4} == counts(ledger)


def test_trap_21_an_alias_is_not_priced_as_a_guess(load_logs: LoadLogs, tmp_path: Path) -> None:
    """``codex-auto-review`` names no model: it stays as it is, and no price is found for it."""
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", turn(0, "codex-auto-review"), count(5, tokens(10, 5))))
    assert rows(ledger, "SELECT model FROM requests") == [("codex-auto-review",)]


def test_trap_22_a_replay_keeps_the_day_of_the_call(load_logs: LoadLogs, tmp_path: Path) -> None:
    """A fork writes the history again under its own instant: the calls stay on the day when they were made."""
    history = tokens(1_000, 100)
    parent = [thread("p"), turn(0), count(5, history, history)]
    stamp: Record = {"timestamp": "2026-10-03T23:59:59Z"}
    fork = [record | stamp for record in (thread("f", forked_from_id="p"), *parent)]
    logs = [write_lines(tmp_path / "p.jsonl", *parent), write_lines(tmp_path / "f.jsonl", *fork)]
    ledger, _ = load_logs(*logs)
    days = rows(ledger, "SELECT CAST(CAST(started_at AS DATE) AS VARCHAR), sum(input_tokens) FROM requests GROUP BY 1")
    assert days == [("2026-10-01", 1_000)]


@pytest.mark.parametrize("events_first", [True, False])
@pytest.mark.parametrize("stored", ["file", "export", "database"])
def test_the_steps_of_a_run_of_opencode_are_those_of_its_storage(
    stored: str, events_first: bool, load_logs: LoadLogs, tmp_path: Path
) -> None:
    """Two steps, each 1,300 tokens read, are kept as events, and again in the storage: whichever comes first, they are two."""
    steps = [{"input": 1_000, "output": 500 + n, "reasoning": 0, "cache": {"read": 200, "write": 100}} for n in (1, 2)]
    events = [
        {"type": kind, "timestamp": 1_790_000_000_000 + n, "sessionID": "ses_1",
         "part": {"messageID": f"msg_{n}", "type": kind.replace("_", "-"), "tokens": used}}
        for n, used in enumerate(steps)
        for kind in ("step_start", "step_finish")
    ]  # fmt: skip
    told = {"sessionID": "ses_1", "role": "assistant", "modelID": SONNET, "providerID": "anthropic"}
    infos = [told | {"tokens": used, "time": {"created": 1_790_000_000_000 + n}} for n, used in enumerate(steps)]
    named = [{"id": f"msg_{n}"} | info for n, info in enumerate(infos)]
    kept = {
        "file": named,
        "export": [
            {
                "info": {"id": "ses_1", "time": {"created": 1}},
                "messages": [{"info": info, "parts": []} for info in named],
            }
        ],
        "database": [
            {"id": f"msg_{n}", "session_id": "ses_1", "time_created": info["time"]["created"], "data": json.dumps(info)}
            for n, info in enumerate(infos)
        ],
    }[stored]
    logs = [write_lines(tmp_path / "events.jsonl", *events), write_lines(tmp_path / "stored.jsonl", *kept)]
    ledger, outcome = load_logs(*(logs if events_first else reversed(logs)), given={"model": "given"})
    assert {loaded.format for loaded in outcome.loaded} == {"opencode-run", "opencode"}
    assert rows(ledger, "SELECT model, count(*), sum(input_tokens), sum(output_tokens) FROM requests GROUP BY ALL") == [
        (SONNET, 2, 2_600, 1_003)
    ]


@pytest.mark.parametrize("audit_first", [True, False])
def test_the_desktop_app_s_audit_log_tells_of_its_transcript_s_messages(
    audit_first: bool, load_logs: LoadLogs, tmp_path: Path
) -> None:
    """It has them as they began, the transcript as they ended: 500 tokens out, not 1 and not 501 (nor the sum of all in `result`)."""
    said = {"id": "msg_01AbCdEfGhIjKlMnOpQrStUv", "model": SONNET}
    usage = {"input_tokens": 10, "cache_read_input_tokens": 990, "cache_creation_input_tokens": 0}
    audit = [
        {"type": kind, "session_id": "s", "_audit_timestamp": "2026-10-01T08:00:00Z", "_audit_hmac": "x", **more}
        for kind, more in (
            ("assistant", {"message": said | {"usage": usage | {"output_tokens": 1}}}),
            ("result", {"usage": usage | {"output_tokens": 500}}),
        )
    ]
    line = {"type": "assistant", "sessionId": "s", "timestamp": "2026-10-01T08:00:05Z"}
    transcript = line | {"message": said | {"usage": usage | {"output_tokens": 500}}}
    logs = [write_lines(tmp_path / "audit.jsonl", *audit), write_lines(tmp_path / "s.jsonl", transcript)]
    ledger, _ = load_logs(*(logs if audit_first else reversed(logs)))
    assert rows(ledger, SUMS) == [(1_000, 500)]
    assert counts(ledger) == {"records": 3, "requests": 1, "duplicates": 1, "skipped": 1, "rejected": 0}


def test_an_audit_log_knows_a_gateway_s_answer_by_its_request(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Without a message's id the request's tells, in whichever word each of both logs has it."""
    said = {"message": {"model": SONNET, "usage": {"input_tokens": 10, "output_tokens": 5}}}
    audit = {
        "type": "assistant",
        "session_id": "s",
        "_audit_timestamp": "2026-10-01T08:00:00Z",
        "request_id": "req_011AbCdEfGh",
    }
    line = {"type": "assistant", "sessionId": "s", "timestamp": "2026-10-01T08:00:05Z", "requestId": "req_011AbCdEfGh"}
    ledger, _ = load_logs(
        write_lines(tmp_path / "audit.jsonl", audit | said), write_lines(tmp_path / "s.jsonl", line | said)
    )
    assert rows(ledger, SUMS) == [(10, 5)]
    assert counts(ledger) == {"records": 2, "requests": 1, "duplicates": 1, "skipped": 0, "rejected": 0}
