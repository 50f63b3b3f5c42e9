"""Periods: the rows of a name's price history, for people to read."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from analyzer.prices.card import Price
from analyzer.prices.figure import per_million
from analyzer.prices.offer import EVER, Span


@dataclass(frozen=True, slots=True)
class Period:
    """One row of a name's price history: a card in one window, with prices per 1M tokens.

    Attributes:
        start: The first instant, in UTC.
        end: The first instant after it; None while the card is open.
        window: all, standard, off-peak or peak.
        rule: The window in words.
        input: Price per 1M input tokens that missed the cache; None, like all prices, where none was found.
        cache_read: Price per 1M input tokens served from the cache.
        cache_write: Price per 1M tokens written to the cache; None where the provider bills no writes.
        output: Price per 1M output tokens.
        certainty: certain, day, inferred or unknown.
        checked: The day on which the source was last compared.
        source: Where the price was read.
        note: What else a reader should know.
    """

    start: datetime
    end: datetime | None
    window: str
    rule: str
    input: Decimal | None
    cache_read: Decimal | None
    cache_write: Decimal | None
    output: Decimal | None
    certainty: str
    checked: date
    source: str
    note: str


def period(span: Span, price: Price) -> Period:
    """Make the history row of one price of a card, over the time the card holds for a name."""

    def decimal(figure: int | None) -> Decimal | None:
        return None if figure is None else per_million(figure)

    return Period(
        start=span.start,
        end=None if span.end == EVER else span.end,
        window=price.window,
        rule=span.card.schedule.rule[price.window],
        input=decimal(price.input),
        cache_read=decimal(price.cache_read),
        cache_write=decimal(price.cache_write),
        output=decimal(price.output),
        certainty=price.certainty,
        checked=price.checked,
        source=price.source,
        note=span.card.note,
    )
