"""A profile of the week: what each hour of the week usually uses, and what the hours ahead will therefore cost.

Usage of an hour is the mean over the same hour of the week in the time looked back on, hours without requests being
zeros. It is not changed on holidays. Its price is the one in force in the hour ahead: changes that the book knows, and
its calendar of peak hours, weekends and holidays, are applied. What audio, images and searches add stays what it
was. A month that is past is looked at with the book of today.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import duckdb

from analyzer.finance.entries import sql
from analyzer.finance.month import Month
from analyzer.ledger.rows import define_table
from analyzer.prices import Book, Interval
from analyzer.simulate.pricing import ANY_SIZE
from analyzer.simulate.relations import View

HOUR = timedelta(hours=1)
LEAST = timedelta(days=28)  # of history: each hour of the week has occurred four times
MOST = timedelta(days=56)
_SECONDS = 3600
_PRICES = {
    "model": "VARCHAR", "provider": "VARCHAR", "service_tier": "VARCHAR", "from_instant": "TIMESTAMP",
    "to_instant": "TIMESTAMP", "input_from": "BIGINT", "input_to": "BIGINT", "p_miss": "BIGINT", "p_read": "BIGINT",
    "p_write": "BIGINT", "p_write_1h": "BIGINT", "p_output": "BIGINT", "p_request": "BIGINT",
}  # fmt: skip
_POINTS = {
    "point": "INTEGER",
    "month": "TIMESTAMP",
    "since": "TIMESTAMP",
    "until": "TIMESTAMP",
    "ahead": "TIMESTAMP",
    "month_end": "TIMESTAMP",
}


@dataclass(frozen=True)
class Point:
    """An instant at which a month's cost is forecast.

    Attributes:
        month: the month.
        until: what came before is known; the start of an hour on the clocks of the reporting zone.
    """

    month: Month
    until: datetime

    @property
    def ahead(self) -> datetime:
        """From when on cost is expected: logs may end before the month begins."""
        return max(self.until, self.month.start)

    def since(self, first: datetime) -> datetime:
        """Where the time looked back on begins: eight weeks before, or with the hour of the first request."""
        hours = -((first - self.until) // HOUR)
        return self.until - min(max(hours, 0) * HOUR, MOST)


@dataclass(frozen=True)
class Sight:
    """What is known at a point, and what a profile makes of it. Money is in units of 1e-15.

    Attributes:
        spent: the cost of each day before the point.
        total: the cost of the whole month, as the ledger knows it now; None where it is not known.
        ahead: what each day after it is expected to cost.
        unpriced_ahead: the part of that for which the book knows no price: the mean of what those hours did cost.
        unpriced_requests: calls expected that have no price, and had none before: in no cost.
        priced: whether anything of it has a price, as far as there are calls; without one no cost is known.
        priced_here: the same of the month before the point.
    """

    spent: Mapping[date, int]
    total: int | None
    ahead: Mapping[date, Fraction]
    unpriced_ahead: Fraction
    unpriced_requests: Fraction
    priced: bool
    priced_here: bool

    @property
    def to_date(self) -> int:
        """What the month cost before the point."""
        return sum(self.spent.values())


def full_hour(instant: datetime, tz: str) -> datetime:
    """The first full hour on the clocks of a zone that is not before an instant."""
    local = instant.astimezone(ZoneInfo(tz))
    past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return (instant.astimezone(UTC) - past) + (HOUR if past else timedelta(0))


def first_hour(connection: duckdb.DuckDBPyConnection) -> datetime | None:
    """The hour of the first request that ``entries`` holds; None when it holds none."""
    found: datetime | None = connection.execute("SELECT min(hour) FROM entries").fetchall()[0][0]
    return found.replace(tzinfo=UTC) if found else None


def look(
    connection: duckdb.DuckDBPyConnection, book: Book, view: View, points: Sequence[Point], first: datetime
) -> list[Sight]:
    """Look ahead from each of some points, at once.

    Args:
        connection: where ``entries`` is defined.
        book: the prices.
        view: how ``entries`` was defined.
        points: where to look from.
        first: the hour of the first request.
    """
    end = max(point.month.end for point in points)
    define_table(connection, "forecast_prices", _PRICES, _prices(connection, book, view, first, end))
    define_table(
        connection, "forecast_points", _POINTS, [_row(place, point, first) for place, point in enumerate(points)]
    )
    connection.execute(sql("forecast_usage"))
    places = range(len(points))
    spent: list[dict[date, int]] = [{} for _ in places]
    totals = [0 for _ in places]
    for place, day, before, whole in connection.execute(sql("forecast_spent")).fetchall():
        spent[place][day] = before
        totals[place] += whole
    ahead: list[dict[date, Fraction]] = [{} for _ in places]
    money, requests = ([Fraction(0) for _ in places] for _ in range(2))
    for place, day, occurrences, priced, unpriced, uncounted in connection.execute(sql("forecast_ahead")).fetchall():
        share = occurrences * _SECONDS
        ahead[place][day] = ahead[place].get(day, Fraction(0)) + Fraction(priced + unpriced, share)
        money[place] += Fraction(unpriced, share)
        requests[place] += Fraction(uncounted, share)
    unknown = {place for (place,) in connection.execute(sql("forecast_unknown")).fetchall()}
    priced = {place: told for place, *told in connection.execute(sql("forecast_priced")).fetchall()}
    return [
        Sight(
            spent[place],
            None if place in unknown else totals[place],
            ahead[place],
            money[place],
            requests[place],
            *(told is not False for told in priced.get(place, (None, None))),
        )
        for place in places
    ]


def models_between(connection: duckdb.DuckDBPyConnection, since: datetime, until: datetime) -> frozenset[str]:
    """The models that were called in a stretch of time, after :func:`look`."""
    text = "SELECT DISTINCT model FROM forecast_usage WHERE instant >= ? AND instant < ?"
    found = connection.execute(text, [since.replace(tzinfo=None), until.replace(tzinfo=None)]).fetchall()
    return frozenset(model for (model,) in found)


def _row(place: int, point: Point, first: datetime) -> tuple[object, ...]:
    instants = (point.since(first), point.until, point.ahead, point.month.end)
    return (place, point.month.local_start, *(instant.replace(tzinfo=None) for instant in instants))


def _prices(
    connection: duckdb.DuckDBPyConnection, book: Book, view: View, first: datetime, end: datetime
) -> list[tuple[object, ...]]:
    """All prices of what was called, up to the end of the month: tables of prices hold those of busy days only."""
    called = connection.execute("SELECT DISTINCT model, provider, service_tier FROM entries ORDER BY ALL").fetchall()
    return [
        (model, provider, tier, *_figures(interval))
        for model, provider, tier in called
        for interval in book.logged(
            model, view.currency, first, end, price_date=view.price_date, provider=provider, service_tier=tier
        )
        if None not in (interval.input, interval.cache_read, interval.output)
    ]


def _figures(interval: Interval) -> tuple[object, ...]:
    """A price as entries have it: where writes are not billed apart they are misses."""
    write = interval.input if interval.cache_write is None else interval.cache_write
    hour = write if interval.cache_write_1h is None else interval.cache_write_1h
    return (
        interval.start.replace(tzinfo=None), interval.end.replace(tzinfo=None), interval.input_from,
        ANY_SIZE if interval.input_to is None else interval.input_to,
        interval.input, interval.cache_read, write, hour, interval.output, interval.request,
    )  # fmt: skip
