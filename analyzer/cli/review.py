"""``spend review``: the monthly finance review."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from analyzer.cli import moments, options, say
from analyzer.cli.analyze import scenarios_named, strictly, tell_currency, tell_idle
from analyzer.cli.output import apart
from analyzer.errors import UsageError


@click.command(short_help="The finance review of a MONTH: page, workbook, numbers.")
@click.argument("month", metavar="MONTH")
@options.logs_argument
@options.db_option
@click.option("--report", type=click.Path(), help="Where the page goes. Default: spend-review-MONTH.html.")
@click.option("--workbook", type=click.Path(), help="Where the workbook goes. Default: spend-review-MONTH.xlsx.")
@click.option("--no-report", is_flag=True, help="Write no page.")
@click.option("--no-workbook", is_flag=True, help="Write no workbook.")
@click.option("--as-of", metavar="INSTANT", help="Review the month as it was known then. Default: now.")
@click.option(
    "--bill",
    "bills",
    multiple=True,
    type=click.Path(),
    metavar="EXPORT",
    help="The provider's usage export, to be reconciled; repeatable.",
)
@click.option("--fail-over-budget", is_flag=True, help="Exit 1 if a budget is exceeded, or will be by the forecast.")
@click.option("--close", "closing", is_flag=True, help="Close the month: from now on its review stays as it is.")
@click.option("--reopen", is_flag=True, help="Give up that it was closed.")
@options.engine_options
@options.reading_options
@options.look_options
@options.scenario_option
@options.strict_option
@options.json_option
@click.pass_context
def review(
    ctx: click.Context, /, month: str, report: str | None, workbook: str | None, no_report: bool, no_workbook: bool,
    fail_over_budget: bool, as_json: bool, **given: Any,
) -> None:  # fmt: skip
    """Review MONTH (such as 2026-10): what was spent, why it changed, who spent it; as page, workbook and numbers."""
    from analyzer.cli.settings import outdone

    page = None if no_report and not outdone("no_report", "report") else Path(report or f"spend-review-{month}.html")
    sheets = None if no_workbook else Path(workbook or f"spend-review-{month}.xlsx")
    apart({"--report": page, "--workbook": sheets}, given)
    written: list[str] = []

    def put(pack: Any) -> None:
        from analyzer.report.file import write

        for path, content, option in ((page, pack.page, "--report"), (sheets, pack.workbook, "--workbook")):
            if path is not None:
                write(content, path, option)
                written.append(str(path))

    pack, sound = _reported(ctx, month, given, put, page=page is not None, workbook=sheets is not None)
    where = f"\nWritten: {', '.join(written)}\n" if written else ""
    click.echo(pack.document if as_json else pack.summary + where, nl=False)
    document = json.loads(pack.document)
    if given["strict"] and not strictly(document["ledger"]["rejected"], document["ledger"]["unpriced"]):
        sound = False
    if given["strict"] and not _billed_strictly(document["reconciliation"]):
        sound = False
    if fail_over_budget and not _within_budget(document):
        sound = False
    ctx.exit(0 if sound else 1)


def _reported(
    ctx: click.Context, name: str, given: dict[str, Any], put: Callable[[Any], None], *, page: bool, workbook: bool
) -> tuple[Any, bool]:
    """What the month is reported as, handed to ``put``, and whether all LOGs could be read."""
    from analyzer.cli.book import the_book
    from analyzer.cli.engine import subject
    from analyzer.cli.plan import the_plan
    from analyzer.cli.progress import line
    from analyzer.cli.subject import manner, read_logs, view_of
    from analyzer.finance import closing
    from analyzer.finance.month import Month
    from analyzer.finance.review import review as reviewed
    from analyzer.report.review.pack import pack_of
    from analyzer.simulate.relations import keep_definitions

    view = view_of(given)
    month = Month.named(name, given["tz"])
    _fitting(given)
    book, plan = the_book(given["own_prices"], given["currency"]), the_plan()
    how = manner(given["format_name"], given["given"], given["words"])
    scenarios = scenarios_named(given["scenarios"], book)
    as_of = moments.known_at(given["as_of"], given["tz"])
    with subject(given) as (ledger, far):
        sound = read_logs(ledger, given["logs"], how, quiet=given["quiet"])
        if given["db"] is not None and given["logs"]:
            keep_definitions(ledger, book)
        if given["reopen"]:
            closing.reopen(ledger, month, view)
        known = next((one for one in closing.closings(ledger, view) if one.month == month), None)
        if known is not None:
            if given["closing"]:
                closing.refuse(month)
            _tell_since(ledger, book, view, known, _idle(ctx))
            pack = closing.pack(ledger, known)
            put(pack)
            return pack, sound
        if given["closing"] and month.end > as_of:
            raise UsageError(f"{month} is not over", "a month can be closed after its last day")
        bill, whole = _reconciled(ledger, far, book, view, month, given["bills"], as_of)
        sound = sound and whole
        paged, tabled = (given["closing"] or wanted for wanted in (page, workbook))
        with line(quiet=given["quiet"]) as tell:
            result = reviewed(
                ledger, book, view, month, plan, scenarios,
                as_of=as_of, look_ahead=paged, reconciliation=bill, requests=far, tell=tell,
            )  # fmt: skip
        if not given["quiet"]:
            tell_idle(result.analysis)
            tell_currency(ledger, book, given["currency"])
            _tell_notes(
                ledger, view, result, as_of, closing=given["closing"], by_clock=given["as_of"] is None and far is None
            )
        pack = pack_of(result, page=paged, workbook=tabled)
        put(pack)  # what cannot be written is not closed
        if given["closing"]:
            taken = {
                one.month: closing.Taken(one.requests, one.late, one.unpriced)
                for one in result.adjustments
                if one.to_book
            }
            closing.close(ledger, month, view, book, taken, pack)
    return pack, sound


def _fitting(given: dict[str, Any]) -> None:
    """See to it that options of closing a month go together, and with where the requests are.

    Raises:
        UsageError: they do not.
    """
    if given["closing"] and given["reopen"]:
        raise UsageError("--close goes without --reopen", "give one of them")
    if (given["closing"] or given["reopen"]) and given["engine"] != "duckdb":
        raise UsageError(
            f"{'--close' if given['closing'] else '--reopen'} goes without --engine: a month is closed in a ledger",
            "keep what the review writes, or read the logs with `spend ingest` and close the month with --db",
        )
    if (given["closing"] or given["reopen"]) and given["logs"] and given["db"] is None:
        raise UsageError("a month is closed in a ledger, and these LOGs have none", "name one with --db")


def _reconciled(
    ledger: Any, far: Any, book: Any, view: Any, month: Any, bills: tuple[str, ...], as_of: Any
) -> tuple[Any, bool]:
    """The ledger against the bill, None where none was given; and whether all of it could be read."""
    if not bills:
        return None, True
    from analyzer.cli.reconcile import held

    how = {"currency": view.currency, "clock": view.clock, "as_of": as_of, "requests": far}
    return held(ledger, bills, book, month=month, **how)


def _billed_strictly(bill: dict[str, Any] | None) -> bool:
    """Whether ``--strict`` finds nothing in the bill, where there is one."""
    from analyzer.cli.reconcile import strictly_billed

    return bill is None or strictly_billed(bill["bill"]["rejected"], bill["unknown_lines"])


def _tell_notes(ledger: Any, view: Any, result: Any, as_of: Any, **how: bool) -> None:
    """What a reader of the review should know beside it."""
    from analyzer.report.review.notes import notes

    for note in notes(ledger, view, result, as_of, **how):
        click.echo(f"spend: note: {note}", err=True)


def _tell_since(ledger: Any, book: Any, view: Any, known: Any, idle: list[str]) -> None:
    """What has become of a closed month, and what changes nothing of it: its pack stays as it is."""
    from analyzer.finance.adjustment import since
    from analyzer.report.review.text import since_text

    click.echo(since_text(since(ledger, book, view, known), book.version), err=True, nl=False)
    if idle:
        click.echo(f"  {', '.join(idle)}: it is not looked at anew; its budgets are those of the closing", err=True)


def _idle(ctx: click.Context) -> list[str]:
    """Options that were given and change nothing of a month that is closed."""
    names = {"scenarios": "--scenario", "as_of": "--as-of", "bills": "--bill", "own_prices": "--prices"}
    here = click.core.ParameterSource.COMMANDLINE
    return [option for name, option in names.items() if ctx.get_parameter_source(name) is here]


def _within_budget(document: dict[str, Any]) -> bool:
    """Whether no budget is exceeded, nor will be; what is, is said."""
    from analyzer.report.amounts import told_apart
    from analyzer.report.visible import visible

    beyond = [one for one in document["budgets"] if one["over"] or one["will_be_over"]]
    if not document["budgets"]:  # as where spend.toml lies elsewhere: a gate that holds nothing back
        remedy = "write [budget] into spend.toml, or name the file that has one with --config"
        say(UsageError("no budget is set, so --fail-over-budget cannot fail", remedy), "spend: warning")
    for one in document["budgets"]:
        what = "all" if one["kind"] == "all" else f"{one['kind']} {visible(one['name'], 200)}"
        if not one["matches"]:
            click.echo(f"spend: note: the budget of {what} matches nothing", err=True)
        elif one["actual"] is None:
            calls = one["requests"]
            without = f"calls without a known cost: {calls:,}" if calls else "no call of it is logged"
            click.echo(f"spend: note: the budget of {what} cannot be judged; {without}", err=True)
        elif one["unpriced"]:
            without = f"{one['unpriced']:,} of its {one['requests']:,} calls: they have no price"
            click.echo(f"spend: note: the budget of {what} is without {without}", err=True)
        if one not in beyond:
            continue
        amounts = [Decimal(one["actual"] if one["over"] else one["forecast"]), Decimal(one["amount"])]
        reached, planned = told_apart(amounts, document["currency"])
        how = "was spent" if one["over"] else "is the forecast"
        click.echo(f"spend: over budget: {what}: {reached} {how}, {planned} was planned", err=True)
    if beyond:
        click.echo("  see the review for what drives it, or raise the budget in spend.toml", err=True)
    return not beyond
