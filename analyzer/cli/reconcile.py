"""``spend reconcile``: the ledger against the provider's own usage export."""

from collections.abc import Sequence
from typing import Any

import click

from analyzer.cli import moments, options


@click.command(short_help="Hold the provider's usage EXPORT against the ledger.")
@click.argument("exports", nargs=-1, required=True, metavar="EXPORT...")
@options.ledger_option
@click.option("--currency", metavar="USD|CNY|...", help="Price list of the ledger's side. Default: that of the export.")
@click.option(
    "--clock",
    type=click.Choice(["completion", "start"]),
    default="completion",
    show_default=True,
    help="Which instant of a request decides its bucket and its price window.",
)
@options.prices_option
@options.bill_strict_option
@options.json_option
def reconcile(
    exports: tuple[str, ...], db: str | None, currency: str | None, clock: str, own_prices: tuple[str, ...],
    strict: bool, as_json: bool,
) -> None:  # fmt: skip
    """Hold the provider's usage EXPORT (zip or CSV) against the ledger, and say why they differ."""
    from analyzer.cli.book import the_book
    from analyzer.cli.subject import DEFAULT_LEDGER, opened
    from analyzer.report.document import text
    from analyzer.report.reconcile import reconciliation_document, reconciliation_text

    book = the_book(own_prices, currency or "USD")
    with opened(db or DEFAULT_LEDGER, ()) as ledger:
        result, sound = held(ledger, exports, book, currency=currency, clock=clock, as_of=moments.now())
    click.echo(text(reconciliation_document(result)) if as_json else reconciliation_text(result), nl=False)
    if strict and not strictly_billed(result.read["rejected"], result.unknown):
        sound = False
    click.get_current_context().exit(0 if sound else 1)


def held(ledger: Any, exports: tuple[str, ...], book: Any, *, month: Any = None, **how: Any) -> tuple[Any, bool]:
    """Exports held against a ledger, and whether all of them could be read.

    Args:
        ledger: holds the requests.
        exports: paths.
        book: prices the requests.
        month: that of a review, of which alone it is told what was taken from wallets.
        how: that of the comparison.
    """
    from analyzer.cli.pages import tell
    from analyzer.cli.subject import BILLS, manner, read_logs
    from analyzer.finance.cost_report import cost_reports
    from analyzer.finance.page import unfinished
    from analyzer.finance.reconcile import reconcile as hold
    from analyzer.finance.wallet import wallets
    from analyzer.ingest.discovery import find
    from analyzer.ledger import Ledger

    with Ledger.throwaway() as bill:
        sound = read_logs(bill, exports, manner(None, (), None), quiet=True, what=BILLS)
        paths = _lasting([found.path for found in find(exports)[0]])
        more = unfinished(paths)
        tell(more, "--json lists where they end")
        paid, costs = wallets(paths, month and (month.start, month.end)), cost_reports(paths)
        return hold(ledger, bill, book, paid=paid, costs=costs, unfinished=more, **how), sound


def _lasting(paths: Sequence[str]) -> list[str]:
    """Exports that can be read once more, for what stands in them beside usage; of others that is said."""
    from analyzer.cli.pages import lasting

    found = lasting(paths)
    if len(found) < len(paths):
        click.echo(
            "spend: note: what comes through a pipe is read once: its usage alone, and no money file or cost report;"
            " save it to a file for those",
            err=True,
        )
    return found


def strictly_billed(rejected: int, unknown: int) -> bool:
    """Whether ``--strict`` finds nothing in a bill; what it finds is said."""
    from analyzer.counted import counted

    if not rejected and not unknown:
        return True
    click.echo(
        f"spend: --strict: {counted(rejected, 'record')} of the bill rejected,"
        f" {counted(unknown, 'line')} of unknown money",
        err=True,
    )
    click.echo("  fetch the export again, give prices with --prices, or leave --strict out", err=True)
    return False
