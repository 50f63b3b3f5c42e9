"""Real logs, if there are any at hand: SPEND_SAMPLES names a folder with one folder of logs for each source.

What the program finds is compared with sums that this module works out by itself, record by record, in plain Python.
"""

import csv
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import LoadLogs, counts, rows

from analyzer.ledger import Ledger

SAMPLES = Path(os.environ.get("SPEND_SAMPLES", ""))
SOURCES = ("deepseek-api", "openai-chat", "openai-responses", "litellm")
LOGS = {source: sorted([*(SAMPLES / source).glob("*.jsonl"), *(SAMPLES / source).glob("*.csv")]) for source in SOURCES}

pytestmark = pytest.mark.skipif("SPEND_SAMPLES" not in os.environ, reason="SPEND_SAMPLES names no folder of real logs")
csv.field_size_limit(1 << 30)

Call = tuple[int, int, int]  # input, cached, output


def records(log: Path) -> Iterator[dict[str, Any]]:
    with log.open(newline="", encoding="utf-8") as file:
        if log.suffix == ".csv":
            yield from csv.DictReader(file)
        else:
            yield from (json.loads(line) for line in file if line.strip())


def told(record: dict[str, Any]) -> tuple[str | None, str | None, dict[str, Any] | None]:
    """The id, the model and the usage of the call that a record tells of, wherever they stand in it."""
    if "call_type" in record and "spend" in record:  # a gateway's row: nothing was counted when all is 0
        metadata = json.loads(record["metadata"])
        usage: dict[str, Any] = {
            "input_tokens": int(record["prompt_tokens"]),
            "output_tokens": int(record["completion_tokens"]),
        }
        added = metadata.get("additional_usage_values") or {}
        found = metadata.get("usage_object") or {}
        details = found.get("prompt_tokens_details") or found.get("input_tokens_details") or {}
        known = [
            added.get("cache_read_input_tokens"),
            found.get("cache_read_input_tokens"),
            details.get("cached_tokens"),
        ]
        usage["cached"] = next((count for count in known if count is not None), None)
        answered = str(record["cache_hit"]) == "True" or "_cache_hit" in record["request_id"]
        return (
            None if answered else record["request_id"],
            record["model"],
            usage if any(map(usage.get, ("input_tokens", "output_tokens"))) else None,
        )
    if "call_type" in record:  # what a gateway tells its callbacks, by the same rule
        whole = record | (record["metadata"].get("usage_object") or {})
        answered = record["cache_hit"] is True
        return None if answered else record["id"], record["model"], usage_of(whole) if record["total_tokens"] else None
    body = (
        record["response"] if str(record.get("type", "")).startswith("response.") and "response" in record else record
    )
    return body.get("id"), body.get("model"), usage_of(body) if "created" in body or "created_at" in body else None


def usage_of(body: dict[str, Any]) -> dict[str, Any] | None:
    usage = body.get("usage") or body
    given, made = (
        usage.get("prompt_tokens", usage.get("input_tokens")),
        usage.get("completion_tokens", usage.get("output_tokens")),
    )
    if given is None or made is None:
        return None
    details = usage.get("prompt_tokens_details") or usage.get("input_tokens_details") or {}
    reasoned = (usage.get("completion_tokens_details") or usage.get("output_tokens_details") or {}).get(
        "reasoning_tokens"
    ) or 0
    beside = reasoned if usage.get("total_tokens") == given + made + reasoned else 0
    cached = usage.get("prompt_cache_hit_tokens", details.get("cached_tokens"))
    return {"input_tokens": given, "output_tokens": made + beside, "cached": cached}


def calls(logs: list[Path]) -> dict[str, Call]:
    """Every call with usage once: of several records of one call the one with the largest output."""
    found: dict[str, Call] = {}
    for log in logs:
        for record in records(log):
            identity, model, usage = told(record)
            if identity and model and usage:
                call = (usage["input_tokens"], usage["cached"] or 0, usage["output_tokens"])
                found[identity] = max(call, found.get(identity, call), key=lambda one: (one[2], one[0], one[1]))
    return found


def check(ledger: Ledger, logs: list[Path]) -> None:
    expected = calls(logs)
    measured = "FROM requests WHERE input_tokens IS NOT NULL AND output_tokens IS NOT NULL AND request_id IS NOT NULL"
    found = {
        identity: call
        for identity, *call in rows(
            ledger, f"SELECT request_id, input_tokens, coalesce(cache_read_tokens, 0), output_tokens {measured}"
        )
    }
    assert {identity: tuple(call) for identity, call in found.items()} == expected
    sums = rows(ledger, f"SELECT sum(input_tokens), sum(coalesce(cache_read_tokens, 0)), sum(output_tokens) {measured}")
    assert sums == [tuple(sum(column) for column in zip(*expected.values(), strict=True))]
    assert counts(ledger)["records"] == sum(1 for log in logs for _ in records(log))


@pytest.mark.parametrize("source", SOURCES)
def test_every_call_of_a_source_counts_once(source: str, load_logs: LoadLogs) -> None:
    ledger, outcome = load_logs(*LOGS[source])
    assert not outcome.errors
    check(ledger, LOGS[source])


def test_all_sources_together_and_again_count_once(load_logs: LoadLogs) -> None:
    every = [log for logs in LOGS.values() for log in logs]
    ledger, _ = load_logs(*every)
    check(ledger, every)
    load_logs(*reversed(every))
    check(ledger, every)


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_rejected_has_no_usage_to_lose(source: str, load_logs: LoadLogs) -> None:
    ledger, _ = load_logs(*LOGS[source])
    for path, number in rows(ledger, "SELECT path, record FROM rejected JOIN sources USING (source_id)"):
        record = list(records(Path(path)))[number - 1]
        assert told(record)[0] is None or told(record)[2] is None
