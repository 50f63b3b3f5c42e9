"""Real logs of coding agents, if there are any at hand: SPEND_SAMPLES names a folder of them.

What the program finds is compared with sums that this module works out by itself, from the JSON, in plain Python.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import LoadLogs, counts, rows

SAMPLES = Path(os.environ.get("SPEND_SAMPLES", ""))
GIVEN = {"time": "2026-10-01T00:00:00Z", "model": "given"}

pytestmark = pytest.mark.skipif("SPEND_SAMPLES" not in os.environ, reason="SPEND_SAMPLES names no folder of real logs")

Record = dict[str, Any]
Sums = tuple[int, int, int, int]  # input, cache read, cache write, output
Calls = dict[str, Sums]


def records(log: Path) -> list[Record]:
    """The JSON objects of a log, whatever else stands there."""
    text = log.read_text(encoding="utf-8")
    try:
        whole = json.loads(text)
    except ValueError:
        whole = [json.loads(line) for line in text.splitlines() if line.strip()]
    return [record for record in (whole if isinstance(whole, list) else [whole]) if isinstance(record, dict)]


def beside(read: int, cached: int | None, written: int | None, made: int) -> Sums:
    return read + (cached or 0) + (written or 0), cached or 0, written or 0, made


def claude_code(log: list[Record]) -> Calls:
    found: Calls = {}
    for number, record in enumerate(log):
        message = record.get("message")
        if (
            not isinstance(message, dict)
            or not record.get("timestamp")
            or record.get("type", "assistant") != "assistant"
        ):
            continue
        usage = message.get("usage") or {}
        read, made = (
            usage.get("input_tokens", record.get("inputTokens")),
            usage.get("output_tokens", record.get("outputTokens")),
        )
        if read is None or made is None or message.get("model") in {None, "<synthetic>"}:
            continue
        cached = usage.get("cache_read_input_tokens", record.get("cacheReadInputTokens"))
        written = usage.get("cache_creation_input_tokens", record.get("cacheCreationInputTokens"))
        identity = message.get("id") or f"{number}"
        call = beside(read, cached, written, made)
        found[identity] = max(call, found.get(identity, call), key=lambda one: one[3])
    return found


def codex_usage(usage: Record) -> tuple[int, int, int, int]:
    """Input, cached, output and, where only so the total is right, the reasoning beside it."""
    reasoned = usage.get("reasoning_output_tokens", 0)
    read, made = usage["input_tokens"], usage["output_tokens"]
    extra = reasoned if usage.get("total_tokens") == read + made + reasoned else 0
    return read, usage.get("cached_input_tokens", 0), made + extra, reasoned


def codex(log: list[Record]) -> Calls:
    found: Calls = {}
    before = (0, 0, 0, 0)
    headers = [record for record in log if record["type"] == "session_meta"]
    for record in log:
        info = record["payload"].get("info") if record["payload"].get("type") == "token_count" else None
        if not info:
            continue
        total, last = info.get("total_token_usage"), info.get("last_token_usage")
        now = codex_usage(total) if total else None
        spawned = len(headers) > 1 and record["timestamp"] == headers[0]["timestamp"]
        if last:
            read, cached, made, _ = codex_usage(last)
        elif now:
            read, cached, made = (part - earlier for part, earlier in zip(now[:3], before[:3], strict=True))
        before = now or before
        if not spawned:
            found[f"{record['timestamp']} {now or (read, made)}"] = (read, cached, 0, made)
    return found


def codex_exec(log: list[Record]) -> Calls:
    found: Calls = {}
    for number, record in enumerate(log):
        usage = record.get("usage") or record["data"]["usage"]
        read, made = (
            usage.get("input_tokens", usage.get("prompt_tokens")),
            usage.get("output_tokens", usage.get("completion_tokens")),
        )
        found[str(number)] = (read, usage.get("cached_input_tokens", usage.get("cached_tokens", 0)), 0, made)
    return found


def opencode(log: list[Record]) -> Calls:
    found: Calls = {}
    for number, record in enumerate(log):
        tokens = record["tokens"]
        cache = tokens.get("cache", {})
        made = tokens["output"] + tokens.get("reasoning", 0)
        found[str(number)] = beside(tokens["input"], cache.get("read"), cache.get("write"), made)
    return found


def qwen_code(log: list[Record]) -> Calls:
    found: Calls = {}
    for number, record in enumerate(log):
        event = record.get("systemPayload", {}).get("uiEvent", {})
        if event.get("event.name") == "qwen-code.api_response":
            made = event["total_token_count"] - event["input_token_count"]
            found[str(number)] = (event["input_token_count"], event["cached_content_token_count"], 0, made)
        elif usage := record.get("usageMetadata"):
            made = usage["candidatesTokenCount"] + usage["thoughtsTokenCount"]
            found[str(number)] = (usage["promptTokenCount"], usage["cachedContentTokenCount"], 0, made)
    return found


def copilot_cli(log: list[Record]) -> Calls:
    found: Calls = {}
    for number, record in enumerate(log):
        told = record.get("attributes", {})
        if told.get("gen_ai.operation.name") == "chat":
            parts = ("input_tokens", "cache_read.input_tokens", "cache_creation.input_tokens", "output_tokens")
            read, cached, written, made = (told.get(f"gen_ai.usage.{part}", 0) for part in parts)
            found[str(number)] = (read, cached, written, made)
    return found


def simonw_llm(log: list[Record]) -> Calls:
    found: Calls = {}
    for record in log:
        details = json.loads(record["token_details"] or "{}")
        cached = details.get("prompt_tokens_details", {}).get("cached_tokens", 0)
        found[record["id"]] = (record["input_tokens"], cached, 0, record["output_tokens"])
    return found


def pi(log: list[Record]) -> Calls:
    usages = [record["message"]["usage"] for record in log]
    return {
        str(number): beside(usage["input"], usage.get("cacheRead"), usage.get("cacheWrite"), usage["output"])
        for number, usage in enumerate(usages)
        if "input" in usage
    }


def dsh(log: list[Record]) -> Calls:
    usages = [record["data"]["usage"] for record in log if record["type"] == "assistant/message"]
    return {
        str(number): beside(usage["inputTokens"], usage["cacheReadTokens"], None, usage["outputTokens"])
        for number, usage in enumerate(usages)
    }


def amp(log: list[Record]) -> Calls:
    events = {
        event["id"]: event["tokens"] for record in log for event in record.get("usageLedger", {}).get("events", [])
    }
    return {name: (tokens["input"], 0, 0, tokens["output"]) for name, tokens in events.items() if "input" in tokens}


def droid(log: list[Record]) -> Calls:
    found: Calls = {}
    for number, record in enumerate(log):
        used = record["tokenUsage"]
        made = used["outputTokens"] + used.get("thinkingTokens", 0)
        found[str(number)] = beside(
            used["inputTokens"], used.get("cacheReadTokens"), used.get("cacheCreationTokens"), made
        )
    return found


def nothing(_: list[Record]) -> Calls:
    return {}


# Which logs are of which format, and what they hold by another way to count.
SOURCES: dict[str, tuple[list[str], Callable[[list[Record]], Calls]]] = {
    "claude-code": (["claude-code/*.jsonl"], claude_code),
    "codex": (["codex/*.jsonl", "codex/ccusage_fixtures/*/*.jsonl"], codex),
    "codex-exec": (["codex/ccusage_fixtures/*/*.jsonl"], codex_exec),
    "gemini-cli": (["gemini-cli/*.jsonl"], nothing),
    "opencode": (["opencode/*.json*", "other-agents/*kilo.jsonl"], opencode),
    "qwen-code": (["qwen-code/*.jsonl"], qwen_code),
    "copilot-cli": (["copilot-cli/ccusage_fixtures/*/*.jsonl"], copilot_cli),
    "simonw-llm": (["simonw-llm/*.json*"], simonw_llm),
    "pi": (["other-agents/*pi.jsonl"], pi),
    "dsh": (["other-agents/*dsh*.jsonl"], dsh),
    "amp": (["other-agents/*amp.jsonl"], amp),
    "droid": (["other-agents/*droid.jsonl"], droid),
}


def logs() -> list[tuple[str, Path]]:
    """Every log with the format it is of: in Codex's folder the events without a payload are of ``codex exec``."""
    found = [
        (name, log)
        for name, (patterns, _) in SOURCES.items()
        for log in sorted(path for pattern in patterns for path in SAMPLES.glob(pattern))
    ]
    return [
        (name, log)
        for name, log in found
        if not name.startswith("codex") or ("payload" in records(log)[0]) == (name == "codex")
    ]


@pytest.mark.parametrize(("name", "log"), logs(), ids=lambda value: value.stem if isinstance(value, Path) else value)
def test_every_call_of_a_log_counts_once(name: str, log: Path, load_logs: LoadLogs) -> None:
    """The calls with usage, by another way to count, are those in the ledger; nothing with usage is refused."""
    ledger, outcome = load_logs(log, given=GIVEN)
    assert not outcome.errors
    assert [loaded.format for loaded in outcome.loaded] == [name]
    found = rows(
        ledger,
        "SELECT input_tokens, coalesce(cache_read_tokens, 0), coalesce(cache_write_tokens, 0), output_tokens "
        "FROM requests WHERE input_tokens IS NOT NULL AND output_tokens IS NOT NULL",
    )
    assert sorted(found) == sorted(timely(SOURCES[name][1], log).values())
    counts(ledger)


def timely(count: Callable[[list[Record]], Calls], log: Path) -> Calls:
    """The calls of a log, but none of those whose instant is no date: nobody can tell their price."""
    return count(
        [
            record
            for record in records(log)
            if str(record.get("timestamp")) not in ("2026-99-99T00:00:00.000Z", "2026-02-29T00:00:00.000Z")
        ]
    )


@pytest.mark.parametrize("name", SOURCES)
def test_all_logs_of_a_source_again_add_nothing(name: str, load_logs: LoadLogs) -> None:
    paths = [log for known, log in logs() if known == name]
    ledger, _ = load_logs(*paths, given=GIVEN)
    before = rows(ledger, "SELECT * EXCLUDE (source_id) FROM requests ORDER BY ALL")
    load_logs(*reversed(paths), given=GIVEN)
    assert rows(ledger, "SELECT * EXCLUDE (source_id) FROM requests ORDER BY ALL") == before


def test_a_subagent_and_its_parent_are_1650_tokens(load_logs: LoadLogs) -> None:
    folder = SAMPLES / "codex/ccusage_fixtures/skips_replayed_parent_token_history_in_thread_spawn_subagent_files"
    ledger, _ = load_logs(*sorted(folder.glob("*.jsonl")))
    assert rows(ledger, "SELECT sum(input_tokens), sum(output_tokens) FROM requests") == [(1_650, 330)]
