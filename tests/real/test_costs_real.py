"""What gateways and providers themselves said that real calls cost, against what our prices come to.

SPEND_SAMPLES names a folder of real logs. A stated cost is another program's arithmetic with another price list.
"""

import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import LoadLogs, rows
from support import BOOK

from analyzer.ledger import Ledger
from analyzer.simulate.relations import View, prepare

SAMPLES = Path(os.environ.get("SPEND_SAMPLES", ""))

pytestmark = pytest.mark.skipif("SPEND_SAMPLES" not in os.environ, reason="SPEND_SAMPLES names no folder of real logs")

# Samples whose stated costs are a provider's or a gateway's own, not a test's invention.
FOLDERS = (
    "litellm",
    "openrouter-api",
    "openai-chat",
    "openai-responses",
    "other-openai-compatible",
    "envoy-ai-gateway",
)

SEARCHED = "the call searched the web: a fee on top of its tokens"
EXPLAINED = {
    "openai/gpt-4o-mini": SEARCHED,
    "openai/gpt-4.1-mini": SEARCHED,
    "deepseek/deepseek-chat": SEARCHED,
    "google/gemini-2.5-flash": "OpenRouter bills storing of the cache, which the reply does not count",
    "google/gemini-3.6-flash": "the price list has half of what was billed",
    "qwen/qwen3-30b-a3b-instruct-2507": "OpenRouter sends a call to one of several hosts, at that one's price",
    "grok-4.5": "the sample's cost was made up when it was published: 0.0000123456",
}


def stated(ledger: Ledger) -> list[tuple[Any, ...]]:
    """Model, stated cost and our cost of each call that has both."""
    text = """
        SELECT r.model, r.stated_cost, c.cost
        FROM requests AS r
        JOIN (SELECT endpoint, model, instant, output_tokens, input_tokens, any_value(cost) AS cost FROM charges GROUP BY ALL) AS c
          ON c.model = r.model AND c.instant = coalesce(r.completed_at, r.started_at)
          AND c.input_tokens = r.input_tokens AND c.output_tokens = r.output_tokens AND c.endpoint IS NOT DISTINCT FROM r.endpoint
        WHERE r.bucket_end IS NULL AND r.stated_cost > 0 AND c.cost IS NOT NULL
    """
    return rows(ledger, text)


def test_stated_costs_are_ours_or_differ_for_a_reason(load_logs: LoadLogs) -> None:
    folders = [SAMPLES / name for name in FOLDERS if (SAMPLES / name).is_dir()]
    ledger, _ = load_logs(*folders)
    prepare(ledger, BOOK, View())
    found = stated(ledger)
    agreeing = [
        model
        for model, theirs, ours in found
        if abs(theirs - Decimal(ours).scaleb(-15)) <= theirs * Decimal("0.000001")
    ]
    differing = {
        model for model, theirs, ours in found if abs(theirs - Decimal(ours).scaleb(-15)) > theirs * Decimal("0.000001")
    }
    assert differing <= set(EXPLAINED)
    assert len(agreeing) >= 40
