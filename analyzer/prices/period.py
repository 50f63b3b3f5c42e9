"""Periods: the rows of a name's price history, for people to read."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from analyzer.prices.apart import REQUESTS, UNITS_PER_KILO, Apart
from analyzer.prices.card import Price
from analyzer.prices.figure import from_per_million, per_million
from analyzer.prices.interval import Interval
from analyzer.prices.offer import EVER, Span

BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)  # before the first price of any provider
LATEST = datetime(2100, 1, 1, tzinfo=UTC)  # after any change that is known


@dataclass(frozen=True, slots=True)
class Period:
    """One row of a name's price history: a card in one window, with prices per 1M tokens.

    Attributes:
        start: The first instant, in UTC; None where the beginning is not known.
        end: The first instant after it; None while the card is open.
        window: all, standard, off-peak or peak.
        rule: The window in words.
        input: Price per 1M input tokens that missed the cache; None, like all prices, where none was found.
        cache_read: Price per 1M input tokens served from the cache.
        cache_write: Price per 1M tokens written to the cache; None where the provider bills no writes.
        output: Price per 1M output tokens.
        certainty: certain, day, inferred or unknown.
        checked: The day on which the source was last compared; None for prices that are not ours.
        source: Where the price was read.
        note: What else a reader should know.
        cache_write_1h: Price per 1M tokens written to the cache for an hour; None where that is no other price.
        request: Price of a request itself; None where there is none.
        input_from: It is for requests with at least so much input,
        input_to: and with less than this; None where there is no such bound.
        apart: What is billed apart from text tokens, by kind: tokens per 1M, requests per 1,000.
    """

    start: datetime | None
    end: datetime | None
    window: str
    rule: str
    input: Decimal | None
    cache_read: Decimal | None
    cache_write: Decimal | None
    output: Decimal | None
    certainty: str
    checked: date | None
    source: str
    note: str
    cache_write_1h: Decimal | None = None
    request: Decimal | None = None
    input_from: int = 0
    input_to: int | None = None
    apart: tuple[tuple[str, Decimal], ...] = ()

    def holds(self, instant: datetime) -> bool:
        """Whether it is in force at an instant."""
        return (self.start is None or self.start <= instant) and (self.end is None or instant < self.end)

    def units(self, name: str) -> int | None:
        """One of its prices in units of 1e-15 of the currency per token."""
        price: Decimal | None = getattr(self, name)
        return None if price is None else from_per_million(price)


def period(span: Span, price: Price) -> Period:
    """Make the history row of one price of a card, over the time the card holds for a name."""
    return Period(
        start=span.start,
        end=None if span.end == EVER else span.end,
        window=price.window,
        rule=span.card.schedule.rule[price.window],
        input=_decimal(price.input),
        cache_read=_decimal(price.cache_read),
        cache_write=_decimal(price.cache_write),
        output=_decimal(price.output),
        certainty=price.certainty,
        checked=price.checked,
        source=price.source,
        note=span.card.note,
    )


def period_of(interval: Interval) -> Period:
    """Make a history row of a stretch of prices that are no card of ours."""
    size = [f"input of at least {interval.input_from:,} tokens"] if interval.input_from else []
    size += [f"input of fewer than {interval.input_to:,} tokens"] if interval.input_to else []
    return Period(
        start=None if interval.start == BEGINNING else interval.start,
        end=None if interval.end >= LATEST else interval.end,
        window=interval.window,
        rule=", ".join(size) or "at all times",
        input=_decimal(interval.input),
        cache_read=_decimal(interval.cache_read),
        cache_write=_decimal(interval.cache_write),
        output=_decimal(interval.output),
        certainty=interval.certainty,
        checked=None,
        source=interval.source,
        note="",
        cache_write_1h=_decimal(interval.cache_write_1h),
        request=Decimal(interval.request).scaleb(-15) if interval.request else None,
        input_from=interval.input_from,
        input_to=interval.input_to,
        apart=shown_apart(interval.apart),
    )


def shown_apart(apart: Apart) -> tuple[tuple[str, Decimal], ...]:
    """What is billed apart, per 1M tokens or per 1,000 requests."""
    return tuple(
        (kind, Decimal(price) / UNITS_PER_KILO if kind in REQUESTS else per_million(price)) for kind, price in apart
    )


def _decimal(figure: int | None) -> Decimal | None:
    return None if figure is None else per_million(figure)
