"""Options that several commands share, and what they mean."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from importlib.util import find_spec
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, reset_tzpath

import click

from analyzer.cli.settings import place
from analyzer.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])

GROUPS = ("endpoint", "model", "provider", "operation", "session_id", "api_key_name", "team", "user", "status")
_PERIOD = ("since", "until", "month")
# Of Python's zones those that are this machine's own or of another count of seconds, which SQL does not know.
_NOT_EVERYWHERE = {"localtime", "posixrules", "right", "posix", "Factory"}
GIVEN = ("time", "model", "endpoint", "session", "team")

# The zone database of the packages alone, which is about as old as DuckDB's own. A machine's may be years older: months
# would begin at one instant here, and at another one in SQL.
if find_spec("tzdata"):
    reset_tzpath(to=())


def stacked(*decorators: Callable[[F], F]) -> Callable[[F], F]:
    """Several options as one."""

    def apply(function: F) -> F:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return apply


logs_argument = click.argument("logs", nargs=-1, metavar="[LOG]...")
db_option = click.option(
    "--db", type=click.Path(), help="The ledger, one DuckDB file. Default: none with LOGs, else spend.duckdb."
)
# Of commands that always have one.
ledger_option = click.option("--db", type=click.Path(), help="The ledger, one DuckDB file. Default: spend.duckdb.")
json_option = click.option(
    "--json", "as_json", is_flag=True, help="One JSON document on standard output, nothing else there."
)
quiet_option = click.option("--quiet", "--no-progress", "quiet", is_flag=True, help="No progress bar, no notes.")
reading_options = stacked(
    click.option(
        "--format",
        "format_name",
        metavar="NAME",
        help="Read every LOG as this format, instead of by its content; see `spend formats`.",
    ),
    click.option(
        "--set", "given", multiple=True, metavar="WORD=VALUE", help=f"What the logs leave out: {', '.join(GIVEN)}."
    ),
    click.option(
        "--map",
        "words",
        type=click.Path(),
        metavar="FILE.toml",
        help="Names the columns of logs in their own words, which no other format fits; with --format generic, of all.",
    ),
    quiet_option,
)
prices_option = click.option(
    "--prices",
    "own_prices",
    multiple=True,
    type=click.Path(),
    metavar="FILE",
    help="Own or negotiated prices, laid over the book; repeatable.",
)
_period_options = stacked(
    click.option("--since", metavar="INSTANT", help="First day or instant, in the reporting zone."),
    click.option("--until", metavar="INSTANT", help="First day or instant after the period."),
    click.option("--month", metavar="YYYY-MM", help="One month, instead of --since and --until."),
)
look_options = stacked(
    click.option("--tz", default="UTC", show_default=True, metavar="ZONE", help="Reporting zone for days and months."),
    click.option("--currency", default="USD", show_default=True, metavar="USD|CNY|...",
                 help="Which of the price lists; they are never converted."),
    prices_option,
    click.option("--price-date", default="in-force", show_default=True, metavar="in-force|DATE",
                 help="Price at each request's own instant, or all with the card of that day."),
    click.option("--clock", type=click.Choice(["completion", "start"]), default="completion", show_default=True,
                 help="Which instant decides the price window."),
    click.option("--endpoint-by", type=click.Choice(GROUPS), default="endpoint", show_default=True,
                 help="Group by this column instead."),
)  # fmt: skip
view_options = stacked(_period_options, look_options)
scenario_option = click.option(
    "--scenario",
    "scenarios",
    multiple=True,
    metavar="FILE|NAME",
    help="Instead of all-flash, all-pro and mixed; repeatable.",
)
engine_options = stacked(
    click.option("--engine", default="duckdb", show_default=True, metavar="duckdb|sc://HOST:PORT",
                 help="Where the requests are summed: here, or on Spark through Spark Connect."),
    click.option("--table", "tables", multiple=True, metavar="requests=PLACE",
                 help="With --engine: where the requests are, as it sees them: Parquet, Delta, a catalog's table, or "
                 "logs; repeatable."),
)  # fmt: skip
bill_strict_option = click.option(
    "--strict", is_flag=True, help="Exit 1 if a record of the bill was rejected, or money of a line is not known."
)
strict_option = click.option("--strict", is_flag=True, help="Exit 1 if a record was rejected or a request is unpriced.")


def elsewhere(engine: str, tables: tuple[str, ...], db: str | None, logs: tuple[str, ...] = ()) -> bool:
    """Whether another engine is asked, which has the requests; then there is neither a ledger nor a LOG.

    A ledger that ``spend.toml`` names gives way: the command line wins.

    Raises:
        UsageError: what is asked goes together with no engine, or not with this one.
    """
    if engine == "duckdb":
        if tables:
            raise UsageError(
                "--table goes with --engine", "name the engine that has the table: --engine sc://host:port"
            )
        return False
    context = click.get_current_context(silent=True)
    written = context is not None and context.get_parameter_source("db") is not click.core.ParameterSource.COMMANDLINE
    named = db is not None and not written
    if named or logs:
        raise UsageError(
            f"--engine goes without {'--db' if named else 'LOGs'}: it asks the table that --table names",
            "leave one of them out; `spend export --parquet` brings a ledger's requests to where a cluster reads them",
        )
    return True


def given_values(pairs: tuple[str, ...]) -> dict[str, str]:
    """``--set word=value`` as a mapping.

    Raises:
        UsageError: a word is unknown, has no value, or the time is no instant.
    """
    values: dict[str, str] = {}
    for pair in pairs:
        word, equals, value = pair.partition("=")
        if word not in GIVEN or not equals or not value:
            raise UsageError(f"--set {pair}: not understood", f"write --set WORD=VALUE with one of {', '.join(GIVEN)}")
        values[word] = value
    if "time" in values:
        values["time"] = instant("--set time", values["time"], "UTC").replace(tzinfo=None).isoformat(sep=" ")
    return values


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
