"""``spend status``: what is in the ledger."""

import click

from analyzer.cli import options


@click.command(short_help="What is in the ledger, and what was skipped or rejected.")
@options.ledger_option
@options.json_option
def status(db: str | None, as_json: bool) -> None:
    """Show the ledger: its sources, how their records ended, and why some were skipped or rejected."""
    from analyzer.cli.book import the_book
    from analyzer.cli.subject import DEFAULT_LEDGER, opened
    from analyzer.report.status import status_document, status_text
    from analyzer.simulate.standing import standing

    path = db or DEFAULT_LEDGER
    with opened(path, ()) as ledger:
        document = status_document(ledger, standing(ledger, the_book(), wholly=as_json))
        if as_json:
            from analyzer.report.document import text

            click.echo(text(document), nl=False)
        else:
            click.echo(status_text(document, path), nl=False)
