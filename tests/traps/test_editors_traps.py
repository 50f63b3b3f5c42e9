"""Ways to count the logs of coding agents in editors wrongly: each with the true total worked out from its records."""

import json
from pathlib import Path

import pytest
from conftest import LoadLogs, counts, rows, write_lines
from support import ROOT

SPLIT = "SELECT input_tokens, cache_read_tokens, cache_write_tokens FROM requests ORDER BY started_at"


def started(second: int, **usage: object) -> dict[str, object]:
    """A message of a task that says that a call started, with what is known of it by now."""
    return {"ts": 1790000000000 + 1000 * second, "type": "say", "say": "api_req_started", "text": json.dumps(usage)}


def task(path: Path, *messages: dict[str, object]) -> Path:
    path.write_text(json.dumps([{"ts": 1790000000000, "type": "say", "say": "text", "text": "hello"}, *messages]))
    return path


def status(second: int, message: str, uncached: int, cached: int, made: int) -> dict[str, object]:
    """An event of Kimi CLI that tells a step's usage."""
    usage = {"input_other": uncached, "input_cache_read": cached, "input_cache_creation": 0, "output": made}
    return {
        "timestamp": 1790000000.5 + second,
        "message": {"type": "StatusUpdate", "payload": {"token_usage": usage, "message_id": message}},
    }


@pytest.mark.parametrize(
    ("protocol", "told", "true"),
    [
        # An OpenAI-compatible reply has cached tokens inside: 9,000 and not 17,000.
        ("openai", (9000, 8000, 0), (9000, 8000, 0)),
        # Anthropic's beside, as Roo Code wrote them at first: 4 + 11,000 + 2,000.
        ("anthropic", (4, 11000, 2000), (13004, 11000, 2000)),
        # The same call as it writes it since: all of it is the input.
        ("anthropic", (13004, 11000, 2000), (13004, 11000, 2000)),
        # What DeepSeek's reply calls a miss may stand as a cache write; 1,100 + 900 is all of the input.
        ("openai", (2000, 1100, 900), (2000, 1100, None)),
    ],
)
def test_trap_05_cached_tokens_of_roo_code_are_inside_or_beside(
    protocol: str,
    told: tuple[int, int, int],
    true: tuple[int, int, int | None],
    load_logs: LoadLogs,
    tmp_path: Path,
) -> None:
    names = ("tokensIn", "cacheReads", "cacheWrites")
    call = started(1, apiProtocol=protocol, tokensOut=10, **dict(zip(names, told, strict=True)))
    ledger, _ = load_logs(task(tmp_path / "ui_messages.json", call), given={"model": "m"})
    assert rows(ledger, SPLIT) == [true]


def test_a_call_of_cline_that_is_told_as_it_starts_and_as_it_ends_is_one(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Newer tasks have a message for each; two of them start calls, one has counts."""
    end = started(2, tokensIn=100, tokensOut=10, cacheReads=900, cacheWrites=0)
    ledger, _ = load_logs(task(tmp_path / "ui_messages.json", started(1), end), given={"model": "m"})
    assert rows(ledger, SPLIT) == [(1000, 900, 0)]
    assert counts(ledger)["skipped"] == 2


def test_a_task_of_cline_that_went_on_adds_what_is_new(load_logs: LoadLogs, tmp_path: Path) -> None:
    """It is written anew as a whole; the call that ran when it was first read has its counts now."""
    first = started(1, tokensIn=100, tokensOut=10, cacheReads=0, cacheWrites=0)
    second = started(9, tokensIn=50, tokensOut=10, cacheReads=100, cacheWrites=0)
    load_logs(task(tmp_path / "then.json", first, started(9, request="...")), given={"model": "m"})
    ledger, _ = load_logs(task(tmp_path / "now.json", first, second), given={"model": "m"})
    assert rows(ledger, SPLIT) == [(100, 0, 0), (150, 100, 0)]


def test_a_subagent_of_kimi_cli_is_told_by_its_session_too(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Session: 1,000 + 12,000 and, wrapped, 500 + 256 of its subagent, whose own file has that again: 13,756."""
    own = status(2, "chatcmpl-sub1", 500, 256, 60)
    wrapped = {
        "timestamp": own["timestamp"],
        "message": {"type": "SubagentEvent", "payload": {"subagent_type": "coder", "event": own["message"]}},
    }
    session = write_lines(tmp_path / "wire.jsonl", status(1, "chatcmpl-lead1", 1000, 12000, 250), wrapped)
    subagent = write_lines(tmp_path / "sub.jsonl", own)
    ledger, _ = load_logs(session, subagent, given={"model": "kimi-k2-thinking"})
    assert rows(
        ledger, "SELECT sum(input_tokens), sum(cache_read_tokens), sum(output_tokens), count(*) FROM requests"
    ) == [(13756, 12256, 310, 2)]
    assert counts(ledger)["duplicates"] == 1


def test_a_step_of_kimi_cli_that_is_told_as_it_goes_is_one_call(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Two statuses of one message, the later one with all of it: 20 + 5 read, and not 35."""
    log = write_lines(
        tmp_path / "wire.jsonl",
        status(1, "chatcmpl-step1", 10, 0, 1),
        status(2, "chatcmpl-step1", 20, 0, 2),
        status(3, "chatcmpl-step2", 5, 0, 1),
    )
    ledger, _ = load_logs(log, given={"model": "kimi-k2-thinking"})
    assert rows(ledger, "SELECT sum(input_tokens), sum(output_tokens), count(*) FROM requests") == [(25, 3, 2)]


def test_events_of_continue_without_a_time_are_not_taken_for_one(load_logs: LoadLogs, tmp_path: Path) -> None:
    """The first version wrote no more than this; two alike are two calls."""
    event = {"model": "deepseek-chat", "provider": "deepseek", "promptTokens": 10, "generatedTokens": 5}
    log = write_lines(tmp_path / "tokens.jsonl", event, event)
    ledger, _ = load_logs(log, given={"time": "2026-10-01T00:00:00Z"})
    assert rows(ledger, "SELECT sum(input_tokens), sum(output_tokens), count(*) FROM requests") == [(20, 10, 2)]


@pytest.mark.parametrize(
    ("log", "reasons"),
    [
        (
            "cline/ui_messages.json",
            {
                "a message, no call": 4,
                "a call whose usage is still to come, or told by another message": 1,
                "a sum of no calls": 1,
            },
        ),
        (
            "cline-history/api_conversation_history.json",
            {"a user turn": 2, "told by the task's ui_messages.json": 2},
        ),
    ],
)
def test_what_is_no_call_of_cline_says_what_it_is(log: str, reasons: dict[str, int], load_logs: LoadLogs) -> None:
    ledger, _ = load_logs(ROOT / "tests/formats" / log)
    assert dict(rows(ledger, "SELECT reason, records FROM skipped")) == reasons


def test_an_event_of_cursor_in_two_exports_counts_once(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Each month's export reaches into the next: 3 rows, 2 turns of 100 and 200 tokens of input."""
    head = "Date,Kind,Model,Max Mode,Input (w/ Cache Write),Input (w/o Cache Write),Cache Read,Output Tokens,Total Tokens,Cost\n"
    shared = '"2026-10-01T00:00:01.000Z","Included","gpt-5","No","0","100","0","10","110","Included"\n'
    later = '"2026-10-02T00:00:01.000Z","Included","gpt-5","No","0","200","0","10","210","Included"\n'
    (tmp_path / "september.csv").write_text(head + shared)
    (tmp_path / "october.csv").write_text(head + later + shared)
    ledger, _ = load_logs(tmp_path / "september.csv", tmp_path / "october.csv")
    assert rows(ledger, "SELECT sum(input_tokens), count(*) FROM requests") == [(300, 2)]


def openhands(conversation: str, *usages: tuple[str, str, int, float | None], **more: object) -> dict[str, object]:
    """The state of a conversation: for each usage of a model the id of its reply, its prompt, and when it was priced."""
    stats: dict[str, dict[str, list[object]]] = {}
    for usage, reply, prompt, at in usages:
        told = stats.setdefault(usage, {"costs": [], "token_usages": []})
        counts = {"model": "deepseek-v4-flash", "prompt_tokens": prompt, "completion_tokens": 1, "response_id": reply}
        told["token_usages"].append(counts)
        if at is not None:
            told["costs"].append({"cost": 0.001, "timestamp": at})
    return {"id": conversation, "execution_status": "finished", "stats": {"usage_to_metrics": stats}} | more


def test_a_conversation_of_openhands_restates_what_its_delegates_told(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Parent and delegate each write down the delegate's call: 100 + 40 tokens are no 180."""
    (tmp_path / "parent").mkdir()
    (tmp_path / "child").mkdir()
    own, sent = ("agent", "chatcmpl-own", 100, 1790000001.0), ("chatcmpl-sent", 40, 1790000002.0)
    parent = write_lines(tmp_path / "parent" / "base_state.json", openhands("p", own, ("delegate:c", *sent)))
    child = write_lines(tmp_path / "child" / "base_state.json", openhands("c", ("agent", *sent)))
    ledger, _ = load_logs(parent, child)
    assert rows(ledger, "SELECT count(*), sum(input_tokens) FROM requests") == [(2, 140)]
    assert counts(ledger)["duplicates"] == 1


def test_a_conversation_of_openhands_that_goes_on_is_written_anew(load_logs: LoadLogs, tmp_path: Path) -> None:
    first, then = ("agent", "chatcmpl-1", 100, 1790000001.0), ("agent", "chatcmpl-2", 200, 1790000002.0)
    log = tmp_path / "base_state.json"
    load_logs(write_lines(log, openhands("p", first)))
    ledger, _ = load_logs(write_lines(log, openhands("p", first, then)))
    assert rows(ledger, "SELECT count(*), sum(input_tokens) FROM requests") == [(2, 300)]


def test_only_where_each_call_of_openhands_has_a_cost_its_time_is_known(load_logs: LoadLogs, tmp_path: Path) -> None:
    """One of two calls was free: which of them the one cost, and the one time, belongs to, is not told."""
    usages = ("agent", "chatcmpl-1", 100, None), ("agent", "chatcmpl-2", 200, 1790000002.0)
    log = write_lines(tmp_path / "base_state.json", openhands("p", *usages))
    ledger, _ = load_logs(log)
    assert counts(ledger)["rejected"] == 2
    begun = write_lines(tmp_path / "page.json", {"items": [openhands("p", *usages, created_at="2026-10-01T08:00:00Z")]})
    ledger, _ = load_logs(begun)
    assert (
        rows(ledger, "SELECT CAST(started_at AS VARCHAR), stated_cost FROM requests")
        == [("2026-10-01 08:00:00", None)] * 2
    )


def test_the_sums_that_roo_code_keeps_of_a_task_are_no_call(load_logs: LoadLogs, tmp_path: Path) -> None:
    """It stands beside the calls and in a list of all tasks: read as one, there would be a call more, without usage."""
    calls = [started(second, tokensIn=100 * second, tokensOut=10) for second in (1, 2)]
    log = task(tmp_path / "ui_messages.json", *calls)
    sums = {
        "id": "t",
        "number": 1,
        "ts": 1790000002000,
        "task": "...",
        "tokensIn": 300,
        "tokensOut": 20,
        "totalCost": 0,
    }
    beside = write_lines(tmp_path / "history_item.json", sums)
    index = write_lines(tmp_path / "_index.json", {"version": 1, "updatedAt": 1790000003000, "entries": [sums]})
    ledger, _ = load_logs(log, beside, index, given={"model": "deepseek-v4-flash"})
    assert rows(ledger, "SELECT count(*), sum(input_tokens) FROM requests") == [(2, 300)]
