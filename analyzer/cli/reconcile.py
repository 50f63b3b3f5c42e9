"""``spend reconcile``: the ledger against the provider's own usage export."""

import click

from analyzer.cli import options


@click.command()
@click.argument("exports", nargs=-1, required=True, metavar="EXPORT...")
@options.db_option
@click.option("--currency", metavar="USD|CNY|...", help="Price list of the ledger's side. Default: that of the export.")
@click.option(
    "--clock",
    type=click.Choice(["completion", "start"]),
    default="completion",
    show_default=True,
    help="Which instant of a request decides its bucket and its price window.",
)
@options.prices_option
@options.json_option
def reconcile(
    exports: tuple[str, ...], db: str | None, currency: str | None, clock: str, own_prices: tuple[str, ...],
    as_json: bool,
) -> None:  # fmt: skip
    """Hold the provider's usage EXPORT (zip or CSV) against the ledger, and say why they differ."""
    from analyzer.cli.book import the_book
    from analyzer.cli.subject import BILLS, DEFAULT_LEDGER, manner, opened, read_logs
    from analyzer.finance.reconcile import reconcile as hold
    from analyzer.finance.wallet import wallets
    from analyzer.ingest.discovery import find
    from analyzer.ledger import Ledger
    from analyzer.report.document import text
    from analyzer.report.reconcile import reconciliation_document, reconciliation_text

    book = the_book(own_prices, currency or "USD")
    with opened(db or DEFAULT_LEDGER, ()) as ledger, Ledger.throwaway() as bill:
        sound = read_logs(bill, exports, manner(None, (), None), quiet=True, what=BILLS)
        paid = wallets(found.path for found in find(exports)[0])
        result = hold(ledger, bill, book, paid=paid, currency=currency, clock=clock)
    click.echo(text(reconciliation_document(result)) if as_json else reconciliation_text(result), nl=False)
    click.get_current_context().exit(0 if sound else 1)
