"""Laying own prices over those of the book: over stretches of time and sizes of input, and over rows of a history."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import pairwise

from analyzer.prices.interval import Interval
from analyzer.prices.naming import Sold
from analyzer.prices.offer import EVER, Offer, midnight
from analyzer.prices.own import TEXT, Rate
from analyzer.prices.period import BEGINNING, Period, period_of

_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Called:
    """A half-open stretch of time in which all these names mean the model that answers."""

    start: datetime
    end: datetime
    names: frozenset[str]


def called(answered: Iterable[tuple[datetime, datetime, str]], ours: Mapping[str, Offer]) -> list[Called]:
    """By which names own prices may call what was called: those that mean, at that instant, the model that answers.

    A stretch ends where another model answers, or where any of the names begins or ceases to mean this one: it does
    not depend on where the prices that were asked for begin.

    Args:
        answered: from when to before when which model answers to what was called, ascending.
        ours: our models and families, by name.
    """
    answering: list[tuple[datetime, datetime, str]] = []
    for start, end, serves in answered:
        if answering and answering[-1][2] == serves and start <= answering[-1][1]:
            answering.append((answering[-1][0], max(answering.pop()[1], end), serves))
        else:
            answering.append((start, end, serves))
    found: list[Called] = []
    for start, end, serves in answering:
        offers = {name: offer for name, offer in ours.items() if serves in (model for _, model in offer.identities)}
        turns = {at for offer in offers.values() for at, _ in offer.identities if start < at < end}
        for left, right in pairwise(sorted({start, end} | turns)):
            found.append(Called(left, right, _meaning(serves, left, offers)))
    return found


def called_ever(offer: Offer, ours: Mapping[str, Offer]) -> list[Called]:
    """The same for all the time that something was on sale, whatever its price."""
    return called((one for span in offer.spans for one in offer.by_identity(span.start, span.end)), ours)


def called_on(day: date, answering: Offer | None, ours: Mapping[str, Offer]) -> list[Called]:
    """The same with a price date, whose one card holds all the time: names mean what they meant on that day.

    Args:
        day: the price date.
        answering: whose card it means for what was called; None where it means none.
        ours: our models and families, by name.
    """
    if answering is None:
        return []
    instant = midnight(day)
    return [Called(_EARLIEST, EVER, _meaning(answering.identity_at(instant), instant, ours))]


def _meaning(serves: str, instant: datetime, ours: Mapping[str, Offer]) -> frozenset[str]:
    return frozenset(name for name, offer in ours.items() if offer.identity_at(instant) == serves)


def covering(own: Iterable[Rate], stretches: Iterable[Called], sold: Sold, currency: str) -> Iterator[Rate]:
    """The entries that cover what was called, each only while it does.

    An entry under the log's own word for the model holds all its time. One under another name holds in the stretches
    where that name means the same.
    """
    for rate in own:
        if rate.covers(sold, currency):
            yield rate
            continue
        held: list[tuple[datetime, datetime]] = []
        for one in stretches:
            if any(rate.covers(replace(sold, model=name), currency) for name in one.names):
                # No seam between neighbours: a price changes where it becomes another one.
                start = held.pop()[0] if held and held[-1][1] == one.start else one.start
                held.append((start, one.end))
        for start, end in held:
            yield replace(rate, start=max(rate.start, start), end=min(rate.end, end))


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
        rates: the entries that cover what was called, while they do; of two the later one wins.
        sold: what was called.
        start: first instant.
        end: first instant after it.
        price_date: price with the cards of this day; None with those in force.
    """
    intervals = list(listed)
    for rate in rates:
        left, right = max(rate.start, start), min(rate.end, end)
        if price_date is not None:
            day = midnight(price_date)
            left, right = (start, end) if rate.start <= day < rate.end else (end, end)
        if left < right:
            intervals = sorted(_laid(intervals, rate, sold, left, right), key=lambda one: (one.start, one.input_from))
    return intervals


def agreed(rows: Sequence[Period], rates: Iterable[Rate], sold: Sold) -> list[Period]:
    """Lay own prices over the rows of a history, which do not tell at which hours their windows are.

    Args:
        rows: the book's.
        rates: the entries that cover what was called, while they do; of two the later one wins.
        sold: what was called.
    """
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
    return [
        stretches[one] if one in stretches else period_of(one)
        for one in over(list(stretches), rates, sold, BEGINNING, EVER, None)
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
