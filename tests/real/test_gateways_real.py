"""Real logs of gateways, if there are any at hand: SPEND_SAMPLES names a folder of them.

What the program finds is compared with sums that this module works out by itself, from the JSON, in plain Python.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from conftest import LoadLogs, counts, rows

SAMPLES = Path(os.environ.get("SPEND_SAMPLES", ""))
SOURCES = ("kong-ai-gateway", "envoy-ai-gateway")
LOGS = sorted(log for source in SOURCES for log in (SAMPLES / source).glob("*.jsonl"))

pytestmark = pytest.mark.skipif("SPEND_SAMPLES" not in os.environ, reason="SPEND_SAMPLES names no folder of real logs")

Sums = tuple[int, int, int]  # input, cached, output


def kong(record: dict[str, Any]) -> list[Sums]:
    """One call for each plugin that used tokens, but none for an answer from the gateway's cache."""
    plugins = [part for part in record["ai"].values() if isinstance(part, dict) and "usage" in part]
    live = [part["usage"] for part in plugins if part.get("cache", {}).get("cache_status") != "Hit"]
    return [
        (
            usage["prompt_tokens"],
            usage.get("prompt_tokens_details", {}).get("cached_tokens", 0),
            usage["completion_tokens"],
        )
        for usage in live
    ]


def envoy(record: dict[str, Any]) -> list[Sums]:
    """One call, where there is usage in the line."""
    told = record.get("gen_ai.usage.input_tokens")
    return [] if told is None else [(told, 0, record["gen_ai.usage.output_tokens"])]


TOLD = {"kong-ai-gateway": kong, "envoy-ai-gateway": envoy}


@pytest.mark.parametrize("log", LOGS, ids=lambda log: f"{log.parent.name}/{log.stem}")
def test_totals_are_those_of_the_json(log: Path, load_logs: LoadLogs) -> None:
    """Each file is its source's format, every record is in one class, and every token is counted once."""
    source = log.parent.name
    records = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if line.strip()]
    expected = [call for record in records for call in TOLD[source](record)]
    ledger, outcome = load_logs(log, given={"time": "2026-10-01T00:00:00Z"})
    assert not outcome.errors
    assert [loaded.format for loaded in outcome.loaded] == [source]
    found = rows(
        ledger,
        "SELECT input_tokens, coalesce(cache_read_tokens, 0), output_tokens FROM requests WHERE input_tokens IS NOT NULL",
    )
    assert sorted(found) == sorted(expected)
    total = counts(ledger)
    assert total["records"] == len(records)
    assert total["rejected"] == 0
