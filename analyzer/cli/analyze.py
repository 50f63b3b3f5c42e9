"""``spend analyze``, and what ``spend report`` and ``spend simulate`` share with it."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import click

from analyzer.cli import options
from analyzer.cli.output import apart
from analyzer.errors import UsageError

REPORT = "spend-report.html"


@click.command(short_help="Read LOGs: the analysis, the what-if table, the report.")
@options.logs_argument
@options.db_option
@click.option("--report", default=REPORT, show_default=True, type=click.Path(), help="Where the HTML report goes.")
@click.option("--no-report", is_flag=True, help="Write no report.")
@options.engine_options
@options.reading_options
@options.view_options
@options.scenario_option
@options.strict_option
@options.json_option
@click.pass_context
def analyze(ctx: click.Context, /, report: str, no_report: bool, as_json: bool, **given: Any) -> None:
    """Read LOGs, print the analysis and the what-if table, write the HTML report."""
    from analyzer.cli.settings import outdone
    from analyzer.report.document import analysis_document, text
    from analyzer.report.summary import summary

    where = None if no_report and not outdone("no_report", "report") else Path(report)
    apart({"--report": where}, given)
    analysis, sound = run(given, look_ahead=as_json or where is not None)
    if where is not None:
        from analyzer.report.page import write_report

        write_report(analysis, where)
    click.echo(text(analysis_document(analysis)) if as_json else summary(analysis, where), nl=False)
    ctx.exit(0 if sound else 1)


def run(given: dict[str, Any], budget: Decimal | None = None, *, look_ahead: bool = True) -> tuple[Any, bool]:
    """Read, price and answer as the options say.

    Returns:
        the analysis, and False if a LOG could not be read or ``--strict`` found something.
    """
    from analyzer.cli.book import the_book
    from analyzer.cli.engine import subject
    from analyzer.cli.progress import line
    from analyzer.cli.subject import manner, read_logs, view_of
    from analyzer.simulate.analysis import analyze as answer
    from analyzer.simulate.relations import keep_definitions

    book = the_book(given["own_prices"], given["currency"])
    view = view_of(given)
    how = manner(given["format_name"], given["given"], given["words"])
    scenarios = scenarios_named(given["scenarios"], book)
    with subject(given) as (ledger, far):
        sound = read_logs(ledger, given["logs"], how, quiet=given["quiet"])
        if given["db"] is not None and given["logs"]:
            keep_definitions(ledger, book)
        with line(quiet=given["quiet"]) as tell:
            analysis = answer(ledger, book, view, scenarios, budget, look_ahead=look_ahead, requests=far, tell=tell)
        if given["db"] is not None and not given["quiet"]:
            _tell_closed(ledger, view)
        if not given["quiet"]:
            tell_currency(ledger, book, given["currency"])
    if not given["quiet"]:
        tell_idle(analysis)
    if given["strict"] and not strictly(analysis.counts.rejected, analysis.counts.unpriced):
        sound = False
    return analysis, sound


def _tell_closed(ledger: Any, view: Any) -> None:
    """Say which of the months that are looked at were closed: their reviews stay as they were."""
    from analyzer.finance.adjustment import overlaps
    from analyzer.finance.closing import closings

    if closed := [one.month for one in closings(ledger, view) if overlaps(one.month, view)]:
        click.echo(f"spend: note: {_closed(closed)}; here it is computed anew", err=True)
        click.echo("  `spend review MONTH` shows a closed month as it was reported", err=True)
    tell_otherwise_closed(ledger, view)


def tell_otherwise_closed(ledger: Any, view: Any) -> None:
    """Say which of the months that are looked at are closed with other options, by which they are what was reported."""
    from analyzer.finance.adjustment import closed_in_other_views

    for how, months in closed_in_other_views(ledger, view).items():
        click.echo(f"spend: note: {_closed(months)} as {how}; this is another view, computed anew", err=True)
        click.echo("  `spend review` and exports with these options give a closed month as it was reported", err=True)


def _closed(months: Sequence[Any]) -> str:
    more = f" and {len(months) - 3:,} more" if len(months) > 3 else ""
    return f"{', '.join(map(str, months[:3]))}{more} {'is' if len(months) == 1 else 'are'} closed"


def tell_currency(ledger: Any, book: Any, currency: str) -> None:
    """Say when usage exports were billed by another of the provider's lists than the one that is looked at."""
    from analyzer.finance.sides import billed_in

    found = billed_in(ledger.connection, book)
    if not (others := [code for code in found if code != currency]):
        return
    if len(found) == 1:
        stated, remedy = f"the usage exports state prices in {found[0]}", f"--currency {found[0]} gives what was billed"
    else:
        stated = f"some of the usage exports state prices in {others[0]}"
        remedy = "each account's exports by themselves, with --currency, give what was billed"
    click.echo(f"spend: note: {stated}, and these amounts are in {currency}", err=True)
    click.echo(f"  {remedy}; nothing is converted", err=True)


def tell_idle(analysis: Any) -> None:
    """Say by which of the user's own words no request goes: one may be another than the log's."""
    from analyzer.report.idle import idle_notes

    for note, remedy in idle_notes(analysis):
        click.echo(f"spend: note: {note}", err=True)
        click.echo(f"  {remedy}", err=True)


def scenarios_named(words: Sequence[str], book: Any) -> list[Any]:
    """The scenarios that ``--scenario`` names, else the usual ones; ``actual`` is there without being asked for.

    Raises:
        UsageError: one is not known, says what is not in the vocabulary, or has the name of another.
    """
    from analyzer.cli.settings import placed
    from analyzer.simulate.scenario import ACTUAL
    from analyzer.simulate.vocabulary import DEFAULTS, read

    asked = [word for word in words or DEFAULTS if word != ACTUAL.name]
    with placed("--scenario"):
        scenarios = [read(word, book) for word in asked]
    for (one, place), (other, another) in combinations(zip(scenarios, asked, strict=True), 2):
        if one.name == other.name:
            raise UsageError(
                f"two scenarios are named {one.name}: {place} and {another}",
                'leave one of them out, or write name = "..." in its file',
            )
    return scenarios


def strictly(rejected: int, unpriced: int) -> bool:
    """Whether ``--strict`` finds nothing; what it finds is said."""
    from analyzer.counted import counted

    if not rejected and not unpriced:
        return True
    click.echo(
        f"spend: --strict: {counted(rejected, 'record')} rejected, {counted(unpriced, 'request')} unpriced", err=True
    )
    remedies = ["mend the records"] * bool(rejected) + ["give prices under [prices] in spend.toml"] * bool(unpriced)
    click.echo(f"  {', '.join(remedies)}, or leave --strict out", err=True)
    return False
