"""The extent of what is known of a month: how far logs tell, whether its cost is known, on which days nobody called."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import duckdb

from analyzer.finance.entries import asked
from analyzer.finance.month import Month
from analyzer.finance.units import Units
from analyzer.simulate.requests import Requests


def told_until(requests: Requests, month: Month, end: datetime) -> datetime:
    """The first whole second after the last call before ``end``; the month's start where there is none."""
    last: datetime | None = requests.ask("SELECT max(until) AS last FROM calls", "calls").item()
    if last is None:  # the calls are those of a year
        requests.set(told_until=end.replace(tzinfo=None))
        text = "SELECT max(started_at) AS last FROM requests WHERE started_at < getvariable('told_until')"
        last = requests.ask(text, "requests").item()
    if last is None:
        return month.start
    return min(last.replace(microsecond=0, tzinfo=UTC) + timedelta(seconds=1), end)


def last_whole_day(month: Month, until: datetime) -> date:
    """The last day of a month that is whole."""
    if until >= month.end:
        return month.next().first - timedelta(days=1)
    return until.astimezone(month.zone).date() - timedelta(days=1)


def cost_of(requests: Requests, history: Sequence[Units], month: Month, as_of: datetime) -> int | None:
    """What a month cost. One without calls cost nothing where calls before and after it were known by then."""
    found = next((one for one in history if one.month == month.first), None)
    if found is not None:
        return found.cost
    requests.set(told_until=as_of.replace(tzinfo=None))
    text = (
        "SELECT min(started_at) AS first, max(started_at) AS last FROM requests"
        " WHERE started_at < getvariable('told_until')"
    )
    first, last = requests.ask(text, "requests").row(0)
    start, end = (moment.replace(tzinfo=None) for moment in (month.start, month.end))
    return 0 if first is not None and first < start and last >= end else None


def quiet_days(connection: duckdb.DuckDBPyConnection, month: Month, until: datetime) -> tuple[date, ...]:
    """The whole days of a month before an instant on which nothing was called."""
    last = last_whole_day(month, until)
    if last < month.first:
        return ()
    return tuple(asked(connection, "coverage", first_day=month.first, last_day=last)["day"])
