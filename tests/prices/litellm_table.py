"""LiteLLM's price table against the book: every figure that both have, and where they differ.

The table is read out of its package, which is too heavy to install for one file: ``SPEND_LITELLM_PRICES`` names the
``model_prices_and_context_window_backup.json`` of its wheel. The checks of the repository fetch it.
"""

import importlib.util
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from support import BOOK

from analyzer.prices import Interval

FILE = "model_prices_and_context_window_backup.json"
MODES = {"chat", "completion", "responses", "embedding"}
# A calm instant: Saturday noon, no peak anywhere.
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
_BASE = {
    "input": "input_cost_per_token",
    "cache_read": "cache_read_input_token_cost",
    "cache_write": "cache_creation_input_token_cost",
    "cache_write_1h": "cache_creation_input_token_cost_above_1hr",
    "output": "output_cost_per_token",
    "input_audio": "input_cost_per_audio_token",
    "cache_read_audio": "cache_read_input_audio_token_cost",
    "output_audio": "output_cost_per_audio_token",
    "output_image": "output_cost_per_image_token",
}
_TIERS = {"batch": "_batches", "priority": "_priority", "flex": "_flex"}
_ABOVE = re.compile(r"_above_(\d+)k_tokens$")


@dataclass(frozen=True)
class Difference:
    """One figure that is not the same; prices per 1M tokens."""

    provider: str
    name: str
    figure: str
    theirs: Decimal
    ours: Decimal | None


def path() -> Path | None:
    """The table, if it is on this machine."""
    if named := os.environ.get("SPEND_LITELLM_PRICES"):
        return Path(named)
    installed = importlib.util.find_spec("litellm")  # found, not imported: that takes seconds
    return Path(str(installed.origin)).with_name(FILE) if installed and installed.origin else None


@cache
def entries() -> dict[str, dict[str, Any]]:
    """Everything that it lists, by name."""
    found = path()
    assert found is not None
    table: dict[str, dict[str, Any]] = json.loads(
        found.read_text(encoding="utf-8"), parse_float=Decimal, parse_int=Decimal
    )
    return {name: entry for name, entry in table.items() if isinstance(entry, dict)}


def sold() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Provider, model and entry of all that it sells by the token."""
    for name, entry in entries().items():
        provider = entry.get("litellm_provider")
        if isinstance(provider, str) and entry.get("mode") in MODES and entry.get("input_cost_per_token"):
            yield provider, name.removeprefix(f"{provider}/"), entry


def compared() -> tuple[int, list[Difference]]:
    """How many figures both have, and those that differ."""
    figures, differences = 0, []
    for provider, name, entry in sold():
        for figure, theirs, ours in _figures(provider, name, entry):
            figures += 1
            # Both keep binary fractions of decimal figures here and there.
            if ours is None or abs(theirs - ours) > theirs * Decimal("1e-9"):
                differences.append(Difference(provider, name, figure, theirs, ours))
    return figures, differences


def _figures(provider: str, name: str, entry: dict[str, Any]) -> Iterator[tuple[str, Decimal, Decimal | None]]:
    """Figure, theirs and ours; nothing of what one of the two does not list."""
    sizes = {int(match[1]) * 1000 for key in entry if (match := _ABOVE.search(key))}
    for tier, ending in ((None, ""), *_TIERS.items()):
        found = BOOK.logged(name, "USD", NOON, NOON + timedelta(seconds=1), provider=provider, service_tier=tier)
        for size in (0, *sorted(sizes)):
            above = f"_above_{size // 1000}k_tokens" if size else ""
            one = next((each for each in found if each.input_from <= size + 1 and _reaches(each, size + 1)), None)
            for figure, key in _BASE.items():
                theirs = entry.get(key + above + ending)
                if one is not None and theirs:
                    where = "".join(
                        part for part in (figure, f" above {size:,}" if size else "", f", {tier}" if tier else "")
                    )
                    yield where, theirs * 10**6, _ours(one, figure)


def _reaches(one: Interval, size: int) -> bool:
    return one.input_to is None or size < one.input_to


def _ours(one: Interval, figure: str) -> Decimal | None:
    price = getattr(one, figure, None) if hasattr(one, figure) else dict(one.apart).get(figure)
    return None if price is None else Decimal(price).scaleb(-9)
