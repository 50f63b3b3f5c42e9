"""Options that several commands share, and what they mean."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from analyzer.cli.moments import instant
from analyzer.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])

GROUPS = (
    "endpoint",
    "endpoint_pattern",
    "model",
    "provider",
    "operation",
    "session_id",
    "api_key_name",
    "team",
    "user",
    "status",
)
GIVEN = ("time", "model", "endpoint", "session", "team")


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
quiet_option = click.option("-q", "--quiet", "--no-progress", "quiet", is_flag=True, help="No progress bar, no notes.")
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
                 help="Group by this column instead; endpoint_pattern is the endpoint with * for ids in its path."),
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
        if values.setdefault(word, value) != value:
            raise UsageError(
                f"--set {word}={values[word]} and --set {word}={value}: only one can hold", "leave one out"
            )
    if "time" in values:
        values["time"] = instant("--set time", values["time"], "UTC").replace(tzinfo=None).isoformat(sep=" ")
    return values
