"""A projection: what one method makes of what is known at a point of a month."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

from analyzer.finance.month import Month
from analyzer.finance.profile import LEAST, Point, Sight

PROFILE = "weekday profile"
RUN_RATE = "run rate"
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Projection:
    """One forecast and what became of it. Money is in units of 1e-15 of the currency.

    Attributes:
        point: where it was made.
        method: ``weekday profile`` or ``run rate``.
        to_date: the month's cost before that.
        ahead: what is expected after it, by day.
        total: the cost of the whole month, as the ledger knows it now; None where it is not known.
    """

    point: Point
    method: str
    to_date: int
    ahead: Mapping[date, Fraction]
    total: int | None

    @property
    def rest(self) -> Fraction:
        """What is expected in all."""
        return sum(self.ahead.values(), Fraction(0))

    @property
    def amount(self) -> int:
        """The cost at completion: the one place where it is rounded, half to even."""
        return round(self.to_date + self.rest)

    @property
    def ratio(self) -> Fraction | None:
        """What did come, to what was expected to; None where nothing was expected, or what came is not known."""
        return (self.total - self.to_date) / self.rest if self.rest and self.total is not None else None


def method(point: Point, first: datetime) -> str:
    """Which method a point's history is long enough for: four weeks, to the hour, make a profile."""
    return PROFILE if point.until - first >= LEAST else RUN_RATE


def project(point: Point, sight: Sight, first: datetime) -> Projection | None:
    """Make the forecast of a point.

    Args:
        point: the point.
        sight: what is known there.
        first: the hour of the first request.

    Returns:
        None where a run rate has no time of the month to go by, or no request; or where no call of it has a price: what
        is not known is no 0.
    """
    if method(point, first) == PROFILE:
        if not sight.priced:
            return None
        return Projection(point, PROFILE, sight.to_date, sight.ahead, sight.total)
    elapsed = point.until - point.month.start
    if elapsed <= timedelta(0) or point.until <= first or not sight.priced_here:
        return None
    rate = Fraction(sight.to_date, elapsed // _MOMENT)
    edges = [point.until, *(edge for edge in _midnights(point.month) if edge > point.until)]
    zone = ZoneInfo(point.month.tz)
    ahead = {start.astimezone(zone).date(): rate * ((end - start) // _MOMENT) for start, end in pairwise(edges)}
    return Projection(point, RUN_RATE, sight.to_date, ahead, sight.total)


def _midnights(month: Month) -> Iterator[datetime]:
    """Where its days begin, and where the last one ends."""
    for number in range(month.days + 1):
        yield datetime.combine(month.first + timedelta(days=number), time(), ZoneInfo(month.tz)).astimezone(UTC)
