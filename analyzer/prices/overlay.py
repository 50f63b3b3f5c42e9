"""Laying own prices over those of the book: over stretches of time and sizes of input, and over rows of a history."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from itertools import groupby

from analyzer.prices.interval import Interval
from analyzer.prices.naming import Sold
from analyzer.prices.offer import EVER, Offer
from analyzer.prices.own import TEXT, Rate
from analyzer.prices.period import BEGINNING, Period, period_of


def runs(
    listed: Sequence[Interval], ours: Mapping[str, Offer], sold: Sold, start: datetime, end: datetime
) -> Iterator[tuple[set[Sold], Sequence[Interval], datetime, datetime]]:
    """Prices with the names that own prices may call them by.

    Those of our models are cut where another model begins to answer: until then own prices of any of its names hold,
    and those of its family while it is the member that the family means.

    Args:
        listed: the book's prices of what was called.
        ours: our models and families, by name; empty where what was called is none of them.
        sold: what was called.
        start: first instant.
        end: first instant after it.

    Yields:
        What it may be called, the prices, and the time that they are of.
    """
    if not listed or not ours:
        yield {sold}, listed, start, end
        return
    for serves, run in groupby(listed, key=lambda interval: interval.serves):
        intervals = list(run)
        opens, closes = intervals[0].start, max(interval.end for interval in intervals)
        names = {name for name, offer in ours.items() if offer.identity_at(opens) == serves}
        yield {replace(sold, model=name) for name in (sold.model, *names)}, intervals, opens, closes


def over(
    listed: Sequence[Interval],
    rates: Iterable[Rate],
    sold: Sold,
    start: datetime,
    end: datetime,
    price_date: date | None,
) -> list[Interval]:
    """Lay own prices over those of the book, within ``[start, end)``.

    With a price date the entries of that day hold all the time.

    Args:
        listed: the book's prices.
        rates: the entries that cover what was called; of two the later one wins.
        sold: what was called.
        start: first instant.
        end: first instant after it.
        price_date: price with the cards of this day; None with those in force.
    """
    intervals = list(listed)
    for rate in rates:
        left, right = max(rate.start, start), min(rate.end, end)
        if price_date is not None:
            day = datetime.combine(price_date, time(), UTC)
            left, right = (start, end) if rate.start <= day < rate.end else (end, end)
        if left < right:
            intervals = sorted(_laid(intervals, rate, sold, left, right), key=lambda one: (one.start, one.input_from))
    return intervals


def agreed(rows: Sequence[Period], rates: Iterable[Rate], sold: Sold, currency: str) -> list[Period]:
    """Lay own prices over the rows of a history, which do not tell at which hours their windows are."""
    stretches = {
        Interval(
            start=row.start or BEGINNING,
            end=row.end or EVER,
            window=row.window,
            input=row.units("input"),
            cache_read=row.units("cache_read"),
            cache_write=row.units("cache_write"),
            output=row.units("output"),
            serves=sold.model,
            certainty=row.certainty,
            day_start=None,
            before_first=False,
            source=row.source,
        ): row
        for row in rows
    }
    covering = [rate for rate in rates if rate.covers(sold, currency)]
    return [
        stretches[one] if one in stretches else period_of(one)
        for one in over(list(stretches), covering, sold, BEGINNING, EVER, None)
    ]


def _laid(intervals: Sequence[Interval], rate: Rate, sold: Sold, left: datetime, right: datetime) -> Iterator[Interval]:
    bare = left  # up to here the time of the rate is dealt with
    for interval in intervals:
        if bare < interval.start:
            yield from _new(rate, sold, bare, min(interval.start, right))
        bare = max(bare, min(interval.end, right))
        opens, closes = max(interval.start, left), min(interval.end, right)
        if opens >= closes:
            yield interval
            continue
        if interval.start < opens:
            yield replace(interval, end=opens)
        yield from _sized(replace(interval, start=opens, end=closes), rate)
        if closes < interval.end:
            yield replace(interval, start=closes)
    yield from _new(rate, sold, bare, right)


def _sized(interval: Interval, rate: Rate) -> Iterator[Interval]:
    """The agreed price for the sizes of input that it is for, the one before for smaller ones."""
    most = interval.input_to
    if most is not None and rate.least >= most:
        yield interval
    elif rate.least <= interval.input_from:
        yield rate.applied(interval)
    else:
        yield replace(interval, input_to=rate.least)
        yield rate.applied(replace(interval, input_from=rate.least))


def _new(rate: Rate, sold: Sold, start: datetime, end: datetime) -> Iterator[Interval]:
    """A price where the book has none: only from an entry that says what input and output cost."""
    if start < end and {"input", "output"} <= rate.figures.keys():
        given = rate.figures["input"]
        yield Interval(
            start=start,
            end=end,
            window="all",
            input=given,
            cache_read=rate.figures.get("cache_read", given),
            cache_write=rate.figures.get("cache_write", given),
            output=rate.figures["output"],
            serves=sold.model,
            certainty="certain",
            day_start=None,
            before_first=False,
            source=rate.where,
            input_from=rate.least,
            cache_write_1h=rate.figures.get("cache_write_1h"),
            apart=tuple(sorted((name, one) for name, one in rate.figures.items() if name not in TEXT)),
        )
