"""The book against LiteLLM's table: what differs elsewhere is explained, what differs for DeepSeek is shown by the hour.

LiteLLM has one current price a name, and since its 1.11 DeepSeek's off-peak windows, but no dates and no holidays.
"""

import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import litellm_table as litellm
import pytest
from support import BOOK

pytestmark = pytest.mark.skipif(
    litellm.path() is None,
    reason="LiteLLM's price table is not here: SPEND_LITELLM_PRICES names none (the checks of the repository fetch it)",
)
HOUR = timedelta(hours=1)
NAMES = ["deepseek-flash", "deepseek-v4-flash", "deepseek-v4-flash-vision-exp", "deepseek-v4-pro"]
# Names of models, not names that DeepSeek's API takes (or took, in the time that the book covers).
NO_NAMES_OF_THE_API = {"deepseek-coder", "deepseek-r1", "deepseek-v3", "deepseek-v3.2"}
WHY = tomllib.loads(Path(__file__).with_name("litellm_differences.toml").read_text(encoding="utf-8"))["why"]


@cache
def differences() -> list[litellm.Difference]:
    return litellm.compared()[1]


def explains(why: dict[str, Any], one: litellm.Difference) -> bool:
    return (
        one.provider in why["providers"]
        and any(fnmatchcase(one.name, pattern) for pattern in why["models"])
        and any(fnmatchcase(one.figure, pattern) for pattern in why.get("figures", ["*"]))
    )


def test_most_figures_are_the_same() -> None:
    figures, different = litellm.compared()
    assert figures > 5_000
    assert len(different) < figures * 0.15


def test_every_difference_elsewhere_is_explained() -> None:
    elsewhere = [one for one in differences() if one.provider != "deepseek"]
    assert [one for one in elsewhere if not any(explains(why, one) for why in WHY)] == []


@pytest.mark.parametrize("why", WHY, ids=[f"{why['providers'][0]} {why['models'][0]}" for why in WHY])
def test_no_explanation_is_stale(why: dict[str, Any]) -> None:
    """Each of its providers, and each of its patterns, is one of a difference that it explains."""
    explained = [one for one in differences() if explains(why, one)]
    assert {one.provider for one in explained} == set(why["providers"])
    for pattern in why["models"]:
        assert any(fnmatchcase(one.name, pattern) for one in explained), pattern


# ---------------------------------------------------------------------------------------------------- DeepSeek


def theirs(name: str, instant: datetime) -> tuple[Decimal, ...]:
    """Miss, hit and output by LiteLLM's rule at an instant: its off-peak windows by UTC hour and weekday."""
    entry = litellm.entries()[name]
    off_peak = entry.get("off_peak_pricing", {})
    inside = any(
        instant.isoweekday() in window["weekdays"] and any(_within(hours, instant) for hours in _hours(window))
        for window in off_peak.get("windows", [])
    )
    prices = entry | off_peak if inside else entry
    keys = ("input_cost_per_token", "cache_read_input_token_cost", "output_cost_per_token")
    return tuple(prices[key] * 10**6 for key in keys)


def _hours(window: dict[str, Any]) -> list[str]:
    hours = window["hours_utc"]
    return [hours] if isinstance(hours, str) else hours


def _within(hours: str, instant: datetime) -> bool:
    opens, closes = (int(text[:2]) * 60 + int(text[3:]) for text in hours.split("-"))
    minute = instant.hour * 60 + instant.minute
    return opens <= minute < (closes or 24 * 60)


def ours(name: str, instant: datetime) -> tuple[Decimal, ...] | None:
    found = BOOK.at(name, instant, "USD")
    return found and tuple(Decimal(price or 0).scaleb(-9) for price in (found.input, found.cache_read, found.output))


def hours(start: str, end: str) -> Iterator[datetime]:
    instant = datetime.fromisoformat(start).replace(tzinfo=UTC)
    while instant < datetime.fromisoformat(end).replace(tzinfo=UTC):
        yield instant
        instant += HOUR


def test_the_names_it_sells_are_those_of_the_book_and_names_of_no_api() -> None:
    sold = {name for provider, name, _ in litellm.sold() if provider == "deepseek"}
    assert sold - set(BOOK.models()) == NO_NAMES_OF_THE_API
    assert set(BOOK.models()) - sold == {"deepseek-v3.2-speciale"}  # sold for two weeks


@pytest.mark.parametrize("name", NAMES)
def test_now_it_differs_on_chinese_holidays_alone(name: str) -> None:
    """Evidence: bills of 2026-09-25 and of 2026-10-01 to 07 have off-peak prices at peak hours."""
    different = [at for at in hours("2026-09-10T04:00", "2026-11-24") if ours(name, at) != theirs(name, at)]
    days = ["09-25", "10-01", "10-02", "10-05", "10-06", "10-07"]
    peaks = (1, 2, 3, 6, 7, 8, 9)
    assert different == [
        datetime.fromisoformat(f"2026-{day}T{hour:02}:00").replace(tzinfo=UTC) for day in days for hour in peaks
    ]
    for at in different:
        assert theirs(name, at) == tuple(2 * price for price in ours(name, at) or ())


@pytest.mark.parametrize(
    ("name", "spans"),
    [
        # Evidence: the exports of July and August have one flat price, 0.435 for a miss of Pro; and no weekday rule at first.
        ("deepseek-v4-pro", [("2026-04-24T00:00", "2026-08-16T16:00"), ("2026-08-22T01:00", "2026-08-22T10:00")]),
        # Evidence: the page and the exports before V4.1 answered to the name.
        ("deepseek-v4-flash", [("2026-04-24T00:00", "2026-09-10T04:00")]),
        # Evidence: the dated pages; only the price of V3.2 is LiteLLM's.
        ("deepseek-chat", [("2024-12-26T00:00", "2025-09-29T00:00"), ("2026-04-24T00:00", "2026-07-24T15:59")]),
        ("deepseek-reasoner", [("2025-01-20T00:00", "2025-09-29T00:00"), ("2026-04-24T00:00", "2026-07-24T15:59")]),
    ],
)
def test_before_it_differs_wherever_a_price_was_another(name: str, spans: list[tuple[str, str]]) -> None:
    """It has no dates: from the first price of a name to the summer of 2026, by the hour, outside of holidays."""
    first, last = spans[0][0], "2026-09-10T04:00"
    different = [at for at in hours(first, last) if ours(name, at) is not None and ours(name, at) != theirs(name, at)]
    within = [
        at
        for start, end in spans
        for at in hours(start, end)
        if name != "deepseek-v4-pro" or at < datetime(2026, 8, 16, 16, tzinfo=UTC) or at.hour in (1, 2, 3, 6, 7, 8, 9)
    ]
    assert different == within


def test_a_search_costs_the_same() -> None:
    entry = litellm.entries()["deepseek/search"]
    (fee,) = [one for one in BOOK.fees("deepseek-flash", "USD") if one.direct and one.kind == "search"]
    assert entry["input_cost_per_query"] == Decimal(fee.price).scaleb(-15)
