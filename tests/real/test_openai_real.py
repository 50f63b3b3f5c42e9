"""Real replies, streams, batches and gateway logs of OpenAI-compatible APIs: SPEND_SAMPLES names a folder of them.

What the program finds is compared with sums that this module works out by itself, from the JSON, in plain Python.
"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import LoadLogs, counts, rows

SAMPLES = Path(os.environ.get("SPEND_SAMPLES", ""))
SOURCES = (
    "azure-openai-api",
    "deepseek-api",
    "litellm",
    "openai-batch",
    "openai-chat",
    "openai-responses",
    "openrouter-api",
    "other-openai-compatible",
)
LOGS = sorted(log for source in SOURCES for log in (SAMPLES / source).glob("*.jsonl"))
IDS = [f"{log.parent.name}/{log.stem}" for log in LOGS]
GIVEN = {"time": "2026-10-01T00:00:00Z", "model": "command-r"}  # what replies of embeddings and of Cohere do not name

pytestmark = pytest.mark.skipif("SPEND_SAMPLES" not in os.environ, reason="SPEND_SAMPLES names no folder of real logs")

Record = dict[str, Any]
Sums = tuple[int, int, int, int, int]  # input, cache read, cache write, output, reasoning


def records(log: Path) -> Iterator[Record]:
    with log.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


def compatible(usage: Record | None, *, routed_on: bool = False) -> Sums | None:
    """OpenAI's words and rule, xAI's reasoning beside the output, and what OpenRouter tells twice."""
    if not usage:
        return None
    given: int = usage["prompt_tokens"] if "prompt_tokens" in usage else usage["input_tokens"]
    made: int = usage.get("completion_tokens", 0) or usage.get("output_tokens", 0)
    parts = usage.get("prompt_tokens_details") or usage.get("input_tokens_details") or {}
    read = usage.get("prompt_cache_hit_tokens", parts.get("cached_tokens", usage.get("cached_tokens")))
    read = int(usage.get("num_cached_tokens", 0) if read is None else read)
    written: int = parts.get("cache_write_tokens") or 0
    outputs = usage.get("completion_tokens_details") or usage.get("output_tokens_details") or {}
    reasoned: int = outputs.get("reasoning_tokens") or 0
    if usage["total_tokens"] == given + made + reasoned:
        made += reasoned
    if routed_on:
        written, reasoned = (0 if read + written > given else written), min(reasoned, made)
    return given, read, written, made, reasoned


def body(number: int, record: Record) -> tuple[str, Sums | None]:
    """A reply, a piece of a stream, or an embedding, which has no id."""
    usage = record.get("usage") or (record.get("x_groq") or {}).get("usage")
    identity = record.get("id") or f"line {number}"
    return identity, compatible(usage, routed_on=identity.startswith("gen-"))


def event(number: int, record: Record) -> tuple[str, Sums | None]:
    return body(number, record.get("response") or {})


def batch(number: int, record: Record) -> tuple[str, Sums | None]:
    return body(number, record["response"]["body"])


def cohere(number: int, record: Record) -> tuple[str, Sums | None]:
    counted = record.get("usage") or record.get("meta") or (record.get("delta") or {}).get("usage")
    identity = record.get("id") or record.get("response_id") or f"line {number}"
    if not counted:
        return identity, None
    billed = counted["billed_units"]
    free = counted["tokens"]["input_tokens"] - billed["input_tokens"]
    hits = max(counted.get("cached_tokens", 0) - free, 0)  # what cannot have been anything else
    return identity, (billed["input_tokens"], hits, 0, billed["output_tokens"], 0)


def gateway(_: int, record: Record) -> tuple[str, Sums | None]:
    """LiteLLM: nothing was counted where all is 0, and its own cache's answers are no calls."""
    told = record["metadata"]
    details = json.loads(told) if isinstance(told, str) else told
    usage = details.get("usage_object") or {}
    added = details.get("additional_usage_values") or {}
    identity = record.get("request_id") or record["id"]
    if str(record["cache_hit"]) == "True" or not record["total_tokens"]:
        return identity, None
    inputs = usage.get("prompt_tokens_details") or usage.get("input_tokens_details") or {}
    outputs = usage.get("completion_tokens_details") or usage.get("output_tokens_details") or {}
    read = usage.get("cache_read_input_tokens", added.get("cache_read_input_tokens", inputs.get("cached_tokens")))
    written = usage.get("cache_creation_input_tokens", inputs.get("cache_write_tokens"))
    reasoned = outputs.get("reasoning_tokens") or 0
    return identity, (record["prompt_tokens"], read or 0, written or 0, record["completion_tokens"], reasoned)


Reader = Callable[[int, Record], tuple[str, Sums | None]]


def expected(log: Path) -> tuple[str, Reader]:
    """The format that a log is, and how this module reads it."""
    name = log.stem
    if name.endswith("_errors"):
        return "generic", lambda number, _: (f"line {number}", None)
    if log.parent.name == "litellm":
        return ("litellm-spend-logs" if "spend_logs" in name else "litellm-standard-logging"), gateway
    if log.parent.name == "openai-batch":
        return "openai-batch", batch
    if name.startswith("cohere"):
        return ("cohere-chat-events" if "stream" in name else "cohere-chat"), cohere
    if name == "embeddings":
        return "openai-embeddings", body
    if "responses" in name or name.startswith("vercel_azure"):
        return ("openai-responses-events", event) if "stream" in name else ("openai-responses", body)
    return "openai-chat", body


def calls(log: Path, read: Reader) -> dict[str, Sums]:
    """Every call with usage once, of several records of one call the one with the largest output."""
    found: dict[str, Sums] = {}
    for number, record in enumerate(records(log), 1):
        identity, sums = read(number, record)
        if sums is not None:
            found[identity] = max(sums, found.get(identity, sums), key=lambda one: (one[3], one[0]))
    return found


@pytest.mark.parametrize("log", LOGS, ids=IDS)
def test_a_log_is_its_format_and_holds_every_call_once(log: Path, load_logs: LoadLogs) -> None:
    name, read = expected(log)
    ledger, outcome = load_logs(log, given=GIVEN)
    assert not outcome.errors
    assert [loaded.format for loaded in outcome.loaded] == [name]
    assert counts(ledger)["records"] == sum(1 for _ in records(log))
    wanted = calls(log, read)
    sums = ", ".join(
        f"coalesce(sum({part}_tokens), 0)" for part in ("input", "cache_read", "cache_write", "output", "reasoning")
    )
    found = rows(ledger, f"SELECT count(input_tokens), {sums} FROM requests")
    assert found == [(len(wanted), *(sum(one[part] for one in wanted.values()) for part in range(5)))]


@pytest.mark.parametrize("log", LOGS, ids=IDS)
def test_nothing_with_usage_is_rejected(log: Path, load_logs: LoadLogs) -> None:
    _, read = expected(log)
    ledger, _ = load_logs(log, given=GIVEN)
    lines = list(records(log))
    rejected = [number for (number,) in rows(ledger, "SELECT record FROM rejected")]
    assert [number for number in rejected if read(number, lines[number - 1])[1] is not None] == []


def test_all_logs_together_and_again_hold_every_call_once(load_logs: LoadLogs) -> None:
    """The gateway's log and the replies it was made of are the same calls; what is read again adds nothing."""
    ledger, outcome = load_logs(*LOGS, given=GIVEN)
    assert not outcome.errors
    named = [(log, identity) for log in LOGS for identity in calls(log, expected(log)[1])]
    once = {
        (log if len(identity) < 16 else None, identity) for log, identity in named
    }  # short ones are known in their log
    assert rows(ledger, "SELECT count(input_tokens) FROM requests") == [(len(once),)]
    before = counts(ledger)
    load_logs(*reversed(LOGS), given=GIVEN)
    assert counts(ledger) == before
