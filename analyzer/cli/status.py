"""``spend status``: what is in the ledger."""

import click

from analyzer.cli import options


@click.command()
@options.db_option
@options.json_option
def status(db: str | None, as_json: bool) -> None:
    """Show the ledger: its sources, how their records ended, and the rejected ones."""
    from analyzer.cli.book import the_book
    from analyzer.cli.subject import DEFAULT_LEDGER, opened
    from analyzer.report.document import status_document, text
    from analyzer.report.status import status_text
    from analyzer.simulate.analysis import View, prepare

    path = db or DEFAULT_LEDGER
    with opened(path, ()) as ledger:
        prepare(ledger, the_book(), View())
        document = status_document(ledger)
    click.echo(text(document) if as_json else status_text(document, path), nl=False)
