"""A forecast: what an open month will have cost when it is over, and how good such forecasts were before.

With four weeks of history the method is a weekday profile: month to date, plus for every hour that remains what that
hour of the week usually uses, at the price in force then (see :mod:`analyzer.finance.profile`). With less it is the run
rate: month to date / time elapsed x the whole month.

The range comes from the errors that the same method made at the same point of earlier months: with A the month's
actual cost, F its forecast and T its cost to date, the month tells the ratio (A - T) / (F - T) of what remained. The
least and the greatest of them scale what remains now. The range always holds the forecast itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

import duckdb

from analyzer.counted import counted
from analyzer.finance.month import Month
from analyzer.finance.profile import Point, Sight, first_hour, full_hour, look, models_between
from analyzer.finance.projection import PROFILE, RUN_RATE, Projection, method, project
from analyzer.prices import Book
from analyzer.simulate.changes import PriceChange, changes
from analyzer.simulate.relations import View

MONTHS = 12  # how many earlier months are looked at
TELLING = 3  # from how many of them a range is made
_HALF = 15  # the day of a month that is over at whose end its forecast would have been made
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Day:
    """A day of the month: what it cost, and what the rest of it is expected to cost, in units of 1e-15."""

    day: date
    actual: int
    expected: int


@dataclass(frozen=True)
class Accuracy:
    """How good a forecast would have been.

    Attributes:
        month: the month, as ``2026-10``.
        at: the instant at which it would have been made.
        method: ``weekday profile`` or ``run rate``.
        forecast: the cost at completion, in units of 1e-15; None where none could have been made.
        actual: what the month did cost; None where that is not known, as none of its calls has a price.
        error: ``|forecast - actual| / actual``; None without one of them, or where the month cost nothing.
    """

    month: str
    at: datetime
    method: str
    forecast: int | None
    actual: int | None
    error: Fraction | None


@dataclass(frozen=True)
class Forecast:
    """The cost of a month at completion. Money is in units of 1e-15 of the currency.

    Attributes:
        method: ``weekday profile`` or ``run rate``.
        since: from when on history was looked back on.
        until: the first full hour, in the reporting zone, after what the logs tell. From then on, or from the month's
            start if that is later, cost is expected.
        to_date: the month's cost before that.
        amount: the cost at completion.
        low: the low end of its range; None where too few months tell.
        high: the high end.
        few: why there is no range; None where there is one.
        unpriced_ahead: the part of the amount for which the book knows no price ahead: the mean of what it did cost. 0
            for a run rate, which looks at no price.
        history_days: full days from the first request to ``until``.
        days: the days of the month; what they cost and what is expected adds up to the amount.
        price_changes_ahead: changes of list prices in the rest of the month, of models called since ``since``.
        notes: what a reader should know beside.
    """

    method: str
    since: datetime
    until: datetime
    to_date: int
    amount: int
    low: int | None
    high: int | None
    few: str | None
    unpriced_ahead: int
    history_days: int
    days: tuple[Day, ...]
    price_changes_ahead: tuple[PriceChange, ...]
    notes: tuple[str, ...]


def forecast(
    connection: duckdb.DuckDBPyConnection, book: Book, view: View, month: Month, until: datetime
) -> Forecast | None:
    """Forecast what a month will have cost.

    Args:
        connection: where ``entries`` is defined, over this month and those before it that may tell of past errors.
        book: the prices, with those ahead.
        view: how ``entries`` was defined.
        month: the month.
        until: the first instant after what the logs tell, UTC. It may be before the month: what is not logged of it is
            expected, like what is ahead.

    Returns:
        None where nothing can be said: no history, none with a price, or neither four weeks of it nor any time of the
        month elapsed.
    """
    point = Point(month, min(full_hour(until, month.tz), month.end))
    first = first_hour(connection)
    if first is None or first >= point.until:
        return None
    points = [point, *_before(point, first)]
    sights = look(connection, book, view, points, first)
    projected, *earlier = (project(*seen, first) for seen in zip(points, sights, strict=True))
    if projected is None:
        return None
    low, high, few = _range(projected, [past for past in earlier if past and past.method == projected.method])
    since = point.since(first) if projected.method == PROFILE else max(first, month.start)
    ahead = _changes(connection, book, view, since, point)
    return Forecast(
        method=projected.method,
        since=since,
        until=point.until,
        to_date=projected.to_date,
        amount=projected.amount,
        low=low,
        high=high,
        few=few,
        unpriced_ahead=round(sights[0].unpriced_ahead) if projected.method == PROFILE else 0,
        history_days=(point.until - first).days,
        days=tuple(_days(projected, sights[0].spent)),
        price_changes_ahead=ahead,
        notes=tuple(_notes(projected, sights[0], first, until, bool(ahead))),
    )


def accuracy(
    connection: duckdb.DuckDBPyConnection, book: Book, view: View, month: Month, at: datetime
) -> tuple[Accuracy, ...]:
    """What would have been forecast at the same point of earlier months that are whole in the ledger, the latest last.

    Args:
        connection: where ``entries`` is defined, over this month and those before it.
        book: the prices.
        view: how ``entries`` was defined.
        month: the month.
        at: the instant, UTC. Where the month is over by then, it is told of as well, and the point is the end of the
            15th.
    """
    first = first_hour(connection)
    if first is None:
        return ()
    if at >= month.end:
        point = Point(month, _at(month, timedelta(days=_HALF), time()))
        points = [*([point] if _whole(month, first) else []), *_before(point, first)]
    else:
        points = _before(Point(month, full_hour(at, month.tz)), first)
    if not points:
        return ()
    sights = look(connection, book, view, points, first)
    return tuple(reversed([_accuracy(point, sight, first) for point, sight in zip(points, sights, strict=True)]))


def _accuracy(point: Point, sight: Sight, first: datetime) -> Accuracy:
    projected = project(point, sight, first)
    amount = projected.amount if projected else None
    error = Fraction(abs(amount - sight.total), sight.total) if amount is not None and sight.total else None
    return Accuracy(str(point.month), point.until, method(point, first), amount, sight.total, error)


def _before(point: Point, first: datetime) -> list[Point]:
    """The same day and hour of earlier months that are whole in the ledger, or their ends; the latest first."""
    local = point.until.astimezone(ZoneInfo(point.month.tz))
    days = timedelta(days=(local.date() - point.month.first).days)
    months = [point.month.back(number) for number in range(1, MONTHS + 1)]
    return [Point(month, _at(month, days, local.time())) for month in months if _whole(month, first)]


def _at(month: Month, days: timedelta, clock: time) -> datetime:
    local = datetime.combine(month.first + days, clock, ZoneInfo(month.tz))
    return min(full_hour(local.astimezone(UTC), month.tz), month.end)


def _whole(month: Month, first: datetime) -> bool:
    """Whether the ledger begins before the month, or on its first day: nothing tells that more was to be logged."""
    return first < Month(month.first, month.tz).start + timedelta(days=1)


def _range(projected: Projection, earlier: Sequence[Projection]) -> tuple[int | None, int | None, str | None]:
    ratios = [ratio for past in earlier if (ratio := past.ratio) is not None]
    if len(ratios) < TELLING:
        told = (
            counted(len(ratios), "earlier month tells", "earlier months tell") if ratios else "no earlier months tell"
        )
        return None, None, f"{told} of the method's errors at this point; a range takes {TELLING}"
    low, high = min(*ratios, Fraction(1)), max(*ratios, Fraction(1))
    return round(projected.to_date + projected.rest * low), round(projected.to_date + projected.rest * high), None


def _days(projected: Projection, spent: Mapping[date, int]) -> Iterator[Day]:
    """All days of the month. Of what is expected the sums are rounded, so that the days add up to the amount."""
    month = projected.point.month
    days = [month.first + timedelta(days=number) for number in range(month.days)]
    sums = accumulate((projected.ahead.get(day, Fraction(0)) for day in days), initial=Fraction(projected.to_date))
    for day, (before, after) in zip(days, pairwise(map(round, sums)), strict=True):
        yield Day(day, spent.get(day, 0), after - before)


def _changes(
    connection: duckdb.DuckDBPyConnection, book: Book, view: View, since: datetime, point: Point
) -> tuple[PriceChange, ...]:
    if view.price_date is not None:  # one card prices everything
        return ()
    rest = (point.ahead - _MOMENT, point.month.end)  # a change at the very beginning is ahead, too
    called = models_between(connection, since, point.until)
    return tuple(change for change in changes(connection, book, view.currency, rest) if change.model in called)


def _notes(projected: Projection, sight: Sight, first: datetime, until: datetime, changed: bool) -> Iterator[str]:
    month = projected.point.month
    if until < month.start:
        yield "the logs end before the month: all of it is expected"
    elif until < projected.point.until:
        yield "cost is expected from the next full hour on, none for the rest of the hour in which the logs end"
    if projected.method == RUN_RATE:
        yield "the logs hold less than four weeks: month to date over the time elapsed, for the whole month"
        if first > month.start:
            yield "the logs begin within the month: what came before them counts as time without cost"
        if changed:
            yield "prices change in the rest of the month, which a run rate does not know"
    elif requests := round(sight.unpriced_requests):
        expected = counted(requests, "request without a known price is", "requests without a known price are")
        yield f"about {expected} expected besides, in no cost"
