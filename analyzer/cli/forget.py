"""``spend forget``: a source and what came from it out of the ledger again."""

import click

from analyzer.cli import options


@click.command(short_help="Take logs out of the ledger again.")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@options.ledger_option
@options.json_option
def forget(sources: tuple[str, ...], db: str | None, as_json: bool) -> None:
    """Take SOURCEs out of the ledger: paths as `spend status` shows them, or patterns with *.

    What other logs in the ledger told of the same requests stays. A log that was forgotten can be read again.
    """
    from analyzer.cli.book import the_book
    from analyzer.cli.subject import DEFAULT_LEDGER, opened
    from analyzer.ingest.forget import forget as take_out
    from analyzer.report.status import forgotten_text, status_document
    from analyzer.simulate.standing import standing

    path = db or DEFAULT_LEDGER
    with opened(path, ()) as ledger:
        gone = take_out(ledger, sources)
        document = status_document(ledger, standing(ledger, the_book(), wholly=as_json))
    if as_json:
        from analyzer.report.document import text

        click.echo(text(document), nl=False)
    else:
        click.echo(forgotten_text(gone, document, path), nl=False)
