"""Instants, days and periods of the command line, in the reporting zone; and the clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from importlib.util import find_spec
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, reset_tzpath

import click

from analyzer.cli.settings import place
from analyzer.errors import UsageError

_PERIOD = ("since", "until", "month")
# Of Python's zones those that are this machine's own or of another count of seconds, which SQL does not know.
_NOT_EVERYWHERE = {"localtime", "posixrules", "right", "posix", "Factory"}

# The zone database of the packages alone, which is about as old as DuckDB's own. A machine's may be years older: months
# would begin at one instant here, and at another one in SQL.
if find_spec("tzdata"):
    reset_tzpath(to=())


@dataclass(frozen=True)
class Period:
    """A half-open period in UTC; None is open."""

    since: datetime | None
    until: datetime | None


def period_words(given: Mapping[str, Any]) -> tuple[str | None, str | None, str | None]:
    """What stands under ``--since``, ``--until`` and ``--month``.

    A period is one thing, however it is written: one on the command line wins over all that ``spend.toml`` says of it.
    """
    words = [given.get(name) for name in _PERIOD]
    context = click.get_current_context(silent=True)
    if context is not None:
        typed = [context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE for name in _PERIOD]
        if any(typed):
            words = [word if here else None for word, here in zip(words, typed, strict=True)]
    since, until, month = words
    return since, until, month


def period(since: str | None, until: str | None, month: str | None, tz: str) -> Period:
    """The period that is asked for, its days those of the reporting zone.

    Raises:
        UsageError: the zone is unknown, an instant cannot be read, or the period is empty.
    """
    zone(tz)
    if month is not None:
        if since or until:
            raise UsageError(f"{place('--month')} goes without --since and --until", "give one or the other")
        try:
            first = date.fromisoformat(f"{month}-01")
            after = (first + timedelta(days=32)).replace(day=1)
        except (ValueError, OverflowError) as error:
            raise UsageError(f"{place('--month')} {month}: no month", "write it as 2026-10") from error
        since, until = first.isoformat(), after.isoformat()
    begin = instant("--since", since, tz) if since else None
    end = instant("--until", until, tz) if until else None
    if begin and end and begin >= end:
        raise UsageError(
            f"{place('--since')} {since} is not before {place('--until')} {until}",
            "the period is half-open: until is the first instant after it",
        )
    return Period(begin, end)


def zone(name: str) -> ZoneInfo:
    """A time zone by its name.

    Raises:
        UsageError: there is none of that name.
    """
    try:
        found = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise _no_zone(name) from error
    if name.partition("/")[0] in _NOT_EVERYWHERE:
        raise _no_zone(name)
    return found


def _no_zone(name: str) -> UsageError:
    return UsageError(f"{place('--tz')} {name}: no such time zone", "name one as Europe/Berlin, Asia/Shanghai or UTC")


def instant(option: str, text: str, tz: str) -> datetime:
    """A day or an instant, in UTC; without an offset it is in the reporting zone."""
    try:
        moment = datetime.combine(date.fromisoformat(text), time()) if len(text) == 10 else datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone(tz))
        return moment.astimezone(zone("UTC"))
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"{place(option)} {text}: no day and no instant", "write 2026-10-01 or 2026-10-01T09:00"
        ) from error


def now() -> datetime:
    """The instant it is, UTC; the one place where the clock is read."""
    return datetime.now(UTC)


def known_at(text: str | None, tz: str) -> datetime:
    """``--as-of``: from which instant on nothing is known; now where it is not given.

    Raises:
        UsageError: it is no instant, or still to come: what is not over would be taken for whole.
    """
    present = now()
    if text is None:
        return present
    moment = instant("--as-of", text, tz)
    if moment > present:
        raise UsageError(f"--as-of {text}: is in the future", "leave it out to review the month as it is known now")
    return moment


def price_day(text: str) -> date | None:
    """``--price-date``: None for in-force.

    Raises:
        UsageError: it is neither in-force nor a day.
    """
    if text == "in-force":
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"{place('--price-date')} {text}: no day", "write in-force, or a day such as 2026-04-24"
        ) from error
