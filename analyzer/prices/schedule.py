"""Schedules: the hours of the day, days of the week and holidays on which one of two prices holds."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from analyzer.prices.holiday import COUNTRIES, HolidayCalendar
from analyzer.prices.table import Table

KEYS = ("id", "hours", "inside", "outside", "days", "utc_offset", "holidays", "rule")
WINDOWS = ("all", "standard", "off-peak", "peak")
_DAYS = {"daily": range(7), "mon-fri": range(5)}
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_OFFSET = re.compile(r"([+-])(0\d|1[0-4]):([0-5]\d)", re.ASCII)
_DAY = timedelta(days=1)


class Stretch(NamedTuple):
    """A half-open stretch of UTC time in one window."""

    start: datetime
    end: datetime
    window: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """When the ``inside`` price holds; at all other times it is the ``outside`` price.

    Attributes:
        id: The name by which cards refer to it.
        hours: Openings in UTC; one that closes at or before its start closes on the next day.
        inside: The window within the hours.
        outside: The window at all other times.
        weekdays: On which days of the calendar the hours open, Monday = 0, by the date of the opening.
        offset: What the calendar's clock is ahead of UTC.
        holidays: On these days of the calendar the hours do not open.
        rule: Each window in words.
    """

    id: str
    hours: tuple[tuple[time, time], ...]
    inside: str
    outside: str
    weekdays: range
    offset: timedelta
    holidays: HolidayCalendar | None
    rule: Mapping[str, str]

    @property
    def windows(self) -> frozenset[str]:
        """The windows for which a card must give a price."""
        return frozenset({self.inside, self.outside})

    def official_until(self) -> datetime | None:
        """Return the instant from which holidays are calculated, not announced; None where none matter."""
        if self.holidays is None:
            return None
        return datetime(self.holidays.official_through() + 1, 1, 1, tzinfo=UTC) - self.offset

    def stretches(self, start: datetime, end: datetime) -> Iterator[Stretch]:
        """Cut ``[start, end)`` at every edge of a window; in order, without gap or overlap."""
        reached = start
        for opens, closes in self._openings(start, end):
            first, last = max(opens, reached), min(closes, end)
            if first < last:
                if reached < first:
                    yield Stretch(reached, first, self.outside)
                yield Stretch(first, last, self.inside)
                reached = last
        if reached < end:
            yield Stretch(reached, end, self.outside)

    def _openings(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        if not self.hours:
            return
        midnight = (
            datetime(start.year, start.month, start.day, tzinfo=UTC) - _DAY
        )  # an opening may begin the day before
        while midnight < end:
            for opens, closes in self.hours:
                opening = midnight + timedelta(hours=opens.hour, minutes=opens.minute)
                if self._is_open_on((opening + self.offset).date()):
                    closing = midnight + timedelta(hours=closes.hour, minutes=closes.minute)
                    yield opening, closing if opens < closes else closing + _DAY
            midnight += _DAY

    def _is_open_on(self, day: date) -> bool:
        if day.weekday() not in self.weekdays:
            return False
        return self.holidays is None or day not in self.holidays.days(day.year)


ALWAYS = Schedule("always", (), "all", "all", range(7), timedelta(0), None, {"all": "all hours"})


def read_schedule(table: Table) -> Schedule:
    """Read one ``[[schedule]]``.

    Raises:
        PriceError: A key is missing, unknown or malformed.
    """
    inside, outside = table.choice("inside", WINDOWS), table.choice("outside", WINDOWS)
    if inside == outside:
        raise table.error("'inside' and 'outside' are the same window", "Name two windows.")
    rule = table.table("rule", (inside, outside))
    return Schedule(
        id=table.text("id"),
        hours=_hours(table),
        inside=inside,
        outside=outside,
        weekdays=_DAYS[table.choice("days", tuple(_DAYS))] if "days" in table else _DAYS["daily"],
        offset=_offset(table) if "utc_offset" in table else timedelta(0),
        holidays=_holidays(table) if "holidays" in table else None,
        rule={window: rule.text(window) for window in (inside, outside)},
    )


def _hours(table: Table) -> tuple[tuple[time, time], ...]:
    openings: list[tuple[time, time]] = []
    for text in table.texts("hours"):
        found = _HOURS.fullmatch(text)
        if found is None:
            raise table.error(f"hours {text!r} are not understood", 'Write them in UTC, as in "16:30-00:30".')
        opens, closes = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
        if openings and (opens < openings[-1][1] or openings[-1][1] <= openings[-1][0]):
            raise table.error(f"hours {text!r} overlap the hours before", "List the hours in ascending order.")
        openings.append((opens, closes))
    return tuple(openings)


def _offset(table: Table) -> timedelta:
    found = _OFFSET.fullmatch(table.text("utc_offset"))
    if found is None:
        raise table.error("'utc_offset' is not understood", 'Write it as in "+08:00".')
    ahead = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return ahead if found[1] == "+" else -ahead


def _holidays(table: Table) -> HolidayCalendar:
    calendar = table.table("holidays", ("country", "confirmed_by_bills"))
    country = calendar.choice("country", COUNTRIES)
    confirmed = frozenset(
        day for day in calendar.items("confirmed_by_bills") if isinstance(day, date) and not isinstance(day, datetime)
    )
    if len(confirmed) != len(calendar.items("confirmed_by_bills")):
        raise calendar.error("'confirmed_by_bills' must hold dates, each once", "Write dates without quotes.")
    return HolidayCalendar(country, confirmed)
