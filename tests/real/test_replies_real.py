"""Real replies of Anthropic, Bedrock and Gemini, if there are any at hand: SPEND_SAMPLES names a folder of them.

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
GIVEN = {"time": "2026-10-01T00:00:00Z", "model": "amazon.nova-pro-v1:0"}

pytestmark = pytest.mark.skipif("SPEND_SAMPLES" not in os.environ, reason="SPEND_SAMPLES names no folder of real logs")

Sums = tuple[int, int, int, int]  # input, cache read, cache write, output
Calls = dict[str, Sums]


def records(log: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [item for line in lines for item in (line if isinstance(line, list) else [line])]


def beside(usage: dict[str, Any]) -> Sums:
    """Anthropic's rule: all the input there is, and its parts."""
    read, written = usage.get("cache_read_input_tokens") or 0, usage.get("cache_creation_input_tokens") or 0
    return usage["input_tokens"] + read + written, read, written, usage["output_tokens"]


def messages(_: int, record: dict[str, Any]) -> Calls:
    if "usage" not in record:
        return {}
    usage = record["usage"]
    others = [part for part in usage.get("iterations") or [] if part["type"] in {"advisor_message", "compaction"}]
    return {record["id"]: beside(usage)} | {f"{record['id']} {n}": beside(part) for n, part in enumerate(others)}


def converse(number: int, record: dict[str, Any]) -> Calls:
    usage = record.get("usage")
    if usage is None or "outputTokens" not in usage:
        return {}
    read = usage.get("cacheReadInputTokens", usage.get("cacheReadInputTokenCount", 0))
    written = usage.get("cacheWriteInputTokens", usage.get("cacheWriteInputTokenCount", 0))
    assert usage["totalTokens"] == usage["inputTokens"] + read + written + usage["outputTokens"]
    return {str(number): (usage["totalTokens"] - usage["outputTokens"], read, written, usage["outputTokens"])}


def invoked(number: int, record: dict[str, Any]) -> Calls:
    if record.get("type") == "message":
        return {record["id"]: beside(record["usage"])}
    if "generation_token_count" in record:
        return {str(number): (record["prompt_token_count"], 0, 0, record["generation_token_count"])}
    if "inputTextTokenCount" in record:
        made = sum(result["tokenCount"] for result in record.get("results", []))
        return {str(number): (int(record["inputTextTokenCount"]), 0, 0, int(made))}
    if "completion_tokens" in record.get("usage", {}):
        usage = record["usage"]
        return {record["id"] or str(number): (usage["prompt_tokens"], 0, 0, usage["completion_tokens"])}
    return converse(number, record)


def logged(_: int, record: dict[str, Any]) -> Calls:
    return {record["requestId"]: (record["input"]["inputTokenCount"], 0, 0, record["output"]["outputTokenCount"])}


def gemini(number: int, record: dict[str, Any]) -> Calls:
    """Everything but the input is output, so that the total is the sum."""
    usage = record.get("usageMetadata") or {}
    if "totalTokenCount" not in usage:
        return {}
    given = usage["promptTokenCount"] + usage.get("toolUsePromptTokenCount", 0)
    identity = record.get("responseId") or str(number)
    return {identity: (given, usage.get("cachedContentTokenCount", 0), 0, usage["totalTokenCount"] - given)}


LOGS: list[tuple[str, str, Callable[[int, dict[str, Any]], Calls]]] = [
    ("anthropic-messages/messages.jsonl", "anthropic-messages", messages),
    ("anthropic-messages/messages_errors.jsonl", "anthropic-messages", messages),
    ("anthropic-messages/vercel_anthropic.jsonl", "anthropic-messages", messages),
    ("bedrock-api/converse.jsonl", "bedrock-converse", converse),
    ("bedrock-api/converse_errors.jsonl", "bedrock-converse", converse),
    ("bedrock-api/vercel_bedrock.jsonl", "bedrock-converse", converse),
    ("bedrock-api/invoke.jsonl", "bedrock-invoke", invoked),
    ("bedrock-invocation-logs/doc_examples.jsonl", "bedrock-invocation-logs", logged),
    ("gemini-api/gemini.jsonl", "gemini", gemini),
    ("gemini-api/gemini_errors.jsonl", "gemini", gemini),
    ("gemini-api/vercel_google.jsonl", "gemini", gemini),
    ("gemini-api/vertex.jsonl", "gemini", gemini),
    ("gemini-api/vertex_errors.jsonl", "gemini", gemini),
    ("gemini-api/vertex_stream_arrays.jsonl", "gemini", gemini),
    ("gemini-api/vertex_stream_chunks.jsonl", "gemini", gemini),
]


@pytest.mark.parametrize(("log", "format_name", "told"), LOGS, ids=[log for log, _, _ in LOGS])
def test_every_reply_counts_once(
    log: str, format_name: str, told: Callable[[int, dict[str, Any]], Calls], load_logs: LoadLogs
) -> None:
    """The sums over all calls of a file, of several records with one id the largest, are the ledger's."""
    expected: Calls = {}
    for number, record in enumerate(records(SAMPLES / log)):
        for identity, sums in told(number, record).items():
            expected[identity] = max(sums, expected.get(identity, sums), key=lambda one: (one[3], one[0]))
    ledger, outcome = load_logs(SAMPLES / log, given=GIVEN)
    assert not outcome.errors
    assert [loaded.format for loaded in outcome.loaded] == [format_name]
    columns = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens")
    added = ", ".join(f"coalesce(sum({column}), 0)" for column in columns)
    measured = "FROM requests WHERE input_tokens IS NOT NULL AND output_tokens IS NOT NULL"
    totals = [sum(call[place] for call in expected.values()) for place in range(4)]
    assert rows(ledger, f"SELECT count(*), {added} {measured}") == [(len(expected), *totals)]
    found = counts(ledger)
    assert found["records"] == len(records(SAMPLES / log))
    assert found["rejected"] == 0
