"""Intervals: a card's windows laid over a stretch of time, one price each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from analyzer.prices.apart import Apart
from analyzer.prices.card import Card, Price
from analyzer.prices.offer import EVER


@dataclass(frozen=True, slots=True)
class Interval:
    """A half-open stretch of UTC time in which one price of one name holds.

    Prices are units of 1e-15 of the currency per token; None is an unknown price, never zero.

    Attributes:
        start: The first instant, in UTC.
        end: The first instant after it.
        window: all, standard, off-peak or peak.
        input: Price of an input token that missed the cache.
        cache_read: Price of an input token served from the cache.
        cache_write: Price of a token written to the cache; None where the provider bills no writes.
        output: Price of an output token, reasoning included.
        serves: The model that answers.
        certainty: certain, day, inferred or unknown. Inferred, too, where the holidays are not announced yet.
        day_start: The start of the card, where only its day is known and the card holds by its own dates.
        before_first: The name had no price yet, and its first card is taken.
        source: Where the price was read.
        cache_write_1h: Price of a token written to the cache for an hour; None where that is not another price.
        request: Price of the request itself.
        input_from: The price is for requests with at least so much input,
        input_to: and with less than this; None where there is no such bound.
        apart: Prices of what is billed apart from text tokens, by kind; of what is not in it none is known.
        dearer: What the same card asks in its dearest window, where that is another one than this and dearer; its
            bounds mean nothing. Own prices are laid over both.
    """

    start: datetime
    end: datetime
    window: str
    input: int | None
    cache_read: int | None
    cache_write: int | None
    output: int | None
    serves: str
    certainty: str
    day_start: datetime | None
    before_first: bool
    source: str
    cache_write_1h: int | None = None
    request: int = 0
    input_from: int = 0
    input_to: int | None = None
    apart: Apart = ()
    dearer: "Interval | None" = None


def intervals(
    card: Card,
    currency: str,
    start: datetime,
    end: datetime,
    *,
    serves: str,
    day_start: datetime | None,
    before_first: bool,
) -> Iterator[Interval]:
    """Lay a card's windows over ``[start, end)``; nothing where the card has no list in this currency."""
    prices = {window: price for (code, window), price in card.prices.items() if code == currency}
    if not prices or start >= end:
        return
    official_until = card.schedule.official_until() or EVER
    for opens, closes, official in (
        (start, min(end, official_until), True),
        (max(start, official_until), end, False),
    ):
        for stretch in card.schedule.stretches(opens, closes):
            price = prices[stretch.window]
            certainty = price.certainty if official or price.certainty == "unknown" else "inferred"
            found = Interval(
                stretch.start,
                stretch.end,
                stretch.window,
                price.input,
                price.cache_read,
                price.cache_write,
                price.output,
                serves,
                certainty,
                day_start,
                before_first,
                price.source,
            )
            yield replace(found, dearer=_dearer(found, prices.values()))


def _dearer(interval: Interval, prices: Iterable[Price]) -> Interval | None:
    """The dearest window of a card, by input and then output; None where none is dearer."""
    dearest = max(prices, key=lambda price: (price.input or 0, price.output or 0))
    if interval.input is None or (dearest.input or 0, dearest.output or 0) <= (interval.input, interval.output or 0):
        return None
    return replace(
        interval,
        start=EVER,
        end=EVER,
        window=dearest.window,
        input=dearest.input,
        cache_read=dearest.cache_read,
        cache_write=dearest.cache_write,
        output=dearest.output,
    )


def append(merged: list[Interval], interval: Interval) -> None:
    """Add an interval, or extend the one before it where only the bounds differ."""
    if merged and merged[-1].end == interval.start and merged[-1].window == interval.window:
        longer = replace(merged[-1], end=interval.end)
        if longer == replace(interval, start=longer.start):
            merged[-1] = longer
            return
    merged.append(interval)
