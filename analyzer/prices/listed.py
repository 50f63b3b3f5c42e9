"""A model as another provider lists it, and what it costs: prices as the package ``genai-prices`` tells them.

What the package says is taken with these rulings:

* Its figures come from its readers, not from bills: their certainty is ``inferred``. They are in US dollars.
* A figure finer than 1e-9 per 1M tokens is what a binary fraction left of a rounder one, and is rounded.
* A price tier holds for the whole request whose input is larger than the tier's start.
* A token class without a figure is not billed apart: hits and writes are then input, one-hour writes are writes.
* Anthropic asks a tenth more for every token of a request that is to be answered in the United States alone
  (https://platform.claude.com/docs/en/manage-claude/data-residency), which the package does not tell.
* Prices for a service tier begin, there, on the day on which they were read; the first of them holds before as well.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from analyzer.prices.apart import UNITS_PER_KILO, Apart
from analyzer.prices.figure import from_per_million
from analyzer.prices.interval import Interval
from analyzer.prices.naming import STANDARD, in_us, tier

if TYPE_CHECKING:  # its data takes long to import; only what meets another provider's model should pay for it
    from genai_prices.types import ModelInfo, ModelPrice, Provider

CURRENCY = "USD"
# How the package names what a service tier means for a provider.
_WHEN = ("processing", "service_tier", "speed")
_CLASSES = {
    "input": "input_mtok",
    "cache_read": "cache_read_mtok",
    "cache_write": "cache_write_mtok",
    "cache_write_1h": "cache_write_1h_mtok",
    "output": "output_mtok",
}
_APART = {
    "input_audio": "input_audio_mtok",
    "cache_read_audio": "cache_audio_read_mtok",
    "input_image": "input_image_mtok",
    "cache_read_image": "cache_image_read_mtok",
    "output_audio": "output_audio_mtok",
    "output_image": "output_image_mtok",
    "search": "web_searches_kcount",
    "file_search": "storage_searches_kcount",
}
# Not listed because it costs nothing: https://docs.claude.com/en/docs/agents-and-tools/tool-use/web-fetch-tool
_FREE = {"anthropic": {"fetch": 0}}
_DEARER_IN_US = frozenset({"anthropic"})
_FINEST = Decimal(1).scaleb(-9)

_Stretch = tuple[datetime, datetime, dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Listed:
    """A model as a provider lists it."""

    provider: "Provider"
    model: "ModelInfo"

    @property
    def serves(self) -> str:
        """What answers: no other provider's model, and no other model of this one, shares its cache."""
        return f"{self.provider.id}/{self.model.id}"

    @property
    def source(self) -> str:
        """Where the package says that it read the prices."""
        return self.provider.pricing_urls[0] if self.provider.pricing_urls else "genai-prices"

    def intervals(
        self,
        service_tier: str | None,
        start: datetime,
        end: datetime,
        *,
        price_date: date | None = None,
    ) -> list[Interval]:
        """Its prices in a service tier, clipped to ``[start, end)``; empty where it is not sold in that."""
        wanted = tier(service_tier)
        if wanted is None or start >= end:
            return []
        if price_date is not None:
            day = datetime.combine(price_date, time(), UTC)
            stretches = [(start, end, _prices(self.model, wanted, day))]
        else:
            edges = [start, *(edge for edge in _edges(self.model, start, end)), end]
            stretches = _merged((left, right, _prices(self.model, wanted, left)) for left, right in pairwise(edges))
        found = [
            Interval(
                start=left,
                end=right,
                window="all",
                serves=self.serves,
                certainty="inferred",
                day_start=None,
                before_first=False,
                source=self.source,
                input_from=first,
                input_to=after,
                apart=_apart(prices, first, self.provider.id),
                dearer=None,
                **figures,
            )
            for left, right, prices in stretches
            if prices is not None
            for first, after, figures in _by_size(prices)
        ]
        return [_in_us(one) for one in found] if in_us(service_tier) and self.provider.id in _DEARER_IN_US else found


def _in_us(one: Interval) -> Interval:
    """The same prices, a tenth more for each token: exact, as no price has a digit behind 1e-8 per 1M tokens."""

    def dearer(price: int | None) -> int | None:
        return None if price is None else price * 11 // 10

    return replace(
        one,
        input=dearer(one.input),
        cache_read=dearer(one.cache_read),
        cache_write=dearer(one.cache_write),
        cache_write_1h=dearer(one.cache_write_1h),
        output=dearer(one.output),
    )


def _merged(stretches: Iterable[_Stretch]) -> list[_Stretch]:
    """Neighbours with the same prices as one: an edge may be that of another tier."""
    merged: list[_Stretch] = []
    for left, right, prices in stretches:
        if merged and merged[-1][2] == prices:
            merged[-1] = (merged[-1][0], right, prices)
        else:
            merged.append((left, right, prices))
    return merged


def _edges(model: "ModelInfo", start: datetime, end: datetime) -> list[datetime]:
    """Instants within the time at which some price of a model changes."""
    from genai_prices.types import StartDateConstraint, TimeOfDateConstraint

    listed = [] if not isinstance(model.prices, list) else [price.constraint for price in model.prices]
    constraints = [*listed, *(variant.constraint for variant in model.price_variants or ())]
    edges: set[datetime] = set()
    for constraint in constraints:
        if isinstance(constraint, StartDateConstraint):
            edges.add(datetime.combine(constraint.start_date, time(), UTC))
        elif isinstance(constraint, TimeOfDateConstraint):
            days = (start.date() + timedelta(days=day) for day in range((end.date() - start.date()).days + 1))
            for day in days:
                for clock in (constraint.start_time, constraint.end_time):
                    edges.add(datetime.combine(day, clock, clock.tzinfo or UTC).astimezone(UTC))
    return sorted(edge for edge in edges if start < edge < end)


def _prices(model: "ModelInfo", wanted: str, instant: datetime) -> "dict[str, Any] | None":
    """What each class costs a request of a tier at an instant; None where the model is not sold in that tier."""
    standard: ModelPrice = model.get_prices(instant)
    prices = {name: value for name, value in vars(standard).items() if value is not None}
    if wanted != STANDARD:
        fitting = [
            variant for variant in model.price_variants or () if any(variant.when == {word: wanted} for word in _WHEN)
        ]
        if not fitting:
            return None
        chosen = next((v for v in fitting if v.constraint is None or v.constraint.active(instant)), fitting[-1])
        prices |= {name: value for name, value in vars(chosen.prices).items() if value is not None}
    return prices if "input_mtok" in prices else None


def _by_size(prices: Mapping[str, Any]) -> Iterator[tuple[int, int | None, dict[str, int]]]:
    """Figures by how large the request's input is: from so many tokens, to fewer than so many."""
    keys = (*_CLASSES.values(), *_APART.values())
    starts = {level.start for key in keys for level in getattr(prices.get(key), "tiers", ())}
    edges = [0, *sorted(start + 1 for start in starts), None]
    for first, after in pairwise(edges):
        assert first is not None  # noqa: S101  (only the last edge is open)
        figures = {name: _figure(prices.get(key), first) for name, key in _CLASSES.items()}
        read, write = figures["cache_read"], figures["cache_write"]
        given = figures["input"] or 0
        write = given if write is None else write
        hour = figures["cache_write_1h"]
        yield (
            first,
            after,
            {
                "input": given,
                "cache_read": given if read is None else read,
                "cache_write": write,
                "cache_write_1h": write if hour is None else hour,
                "output": figures["output"] or 0,
                "request": _request_fee(prices.get("requests_kcount")),
            },
        )


def _figure(price: Any, size: int) -> int | None:
    """Units of 1e-15 of a dollar per token for a request of that much input."""
    if price is None:
        return None
    if isinstance(price, Decimal):
        return from_per_million(price.quantize(_FINEST, ROUND_HALF_EVEN))
    reached = [level.price for level in price.tiers if size > level.start]
    return _figure(reached[-1] if reached else price.base, size)


def _apart(prices: Mapping[str, Any], size: int, provider: str) -> Apart:
    """What is billed apart from text tokens, for a request of that much input."""
    found = dict(_FREE.get(provider, {}))
    for kind, key in _APART.items():
        if key.endswith("_kcount"):
            found |= {kind: _request_fee(prices[key])} if key in prices else {}
        elif (figure := _figure(prices.get(key), size)) is not None:
            found[kind] = figure
    return tuple(sorted(found.items()))


def _request_fee(price: Any) -> int:
    """Units of 1e-15 of a dollar per request, from dollars per 1,000."""
    return 0 if price is None else int(Decimal(price) * UNITS_PER_KILO)
