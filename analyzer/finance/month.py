"""A month: a calendar month in the reporting zone, as the half-open stretch of time that a review is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from analyzer.errors import UsageError


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month.

    Attributes:
        first: its first day.
        tz: the reporting zone that its days are those of.
    """

    first: date
    tz: str = "UTC"

    @classmethod
    def named(cls, text: str, tz: str = "UTC") -> Month:
        """Read ``2026-10``.

        Raises:
            UsageError: that is no month.
        """
        try:
            month = cls(date.fromisoformat(f"{text}-01"), tz)
            month.previous(), month.next()  # they exist, too
        except (ValueError, OverflowError) as error:
            raise UsageError(f"{text}: no month", "write it as 2026-10") from error
        return month

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"

    def next(self) -> Month:
        """The month after it."""
        return Month((self.first + timedelta(days=32)).replace(day=1), self.tz)

    def previous(self) -> Month:
        """The month before it."""
        return Month((self.first - timedelta(days=1)).replace(day=1), self.tz)

    def back(self, months: int) -> Month:
        """The month so many months before it; the earliest that there is if that is before all dates."""
        month = self
        for _ in range(months):
            if month.first <= date(1, 2, 1):
                break
            month = month.previous()
        return month

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.next().first - self.first).days

    @property
    def zone(self) -> ZoneInfo:
        """The reporting zone."""
        return ZoneInfo(self.tz)

    @property
    def start(self) -> datetime:
        """Its first instant, UTC."""
        return datetime.combine(self.first, time(), self.zone).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """The first instant after it, UTC."""
        return self.next().start

    @property
    def local_start(self) -> datetime:
        """Its first instant on the clocks of the reporting zone, without a zone: as relations hold local times."""
        return datetime.combine(self.first, time())
