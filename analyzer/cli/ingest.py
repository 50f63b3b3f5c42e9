"""``spend ingest``: logs into the ledger, and no more."""

import click

from analyzer.cli import options


@click.command(short_help="Read LOGs into the ledger, and no more.")
@options.logs_argument
@options.ledger_option
@options.reading_options
@options.strict_option
@options.json_option
@click.pass_context
def ingest(
    ctx: click.Context, /, *, logs: tuple[str, ...], db: str | None, format_name: str | None, given: tuple[str, ...],
    words: str | None, quiet: bool, strict: bool, as_json: bool,
) -> None:  # fmt: skip
    """Read LOGs into the ledger (spend.duckdb unless --db names another)."""
    from analyzer.cli.analyze import strictly
    from analyzer.cli.book import the_book
    from analyzer.cli.subject import DEFAULT_LEDGER, manner, opened, read_logs
    from analyzer.report.status import status_document, status_text
    from analyzer.simulate.standing import standing

    if not logs:
        raise click.UsageError("name at least one LOG: a file, a folder, a glob, or - for standard input", ctx)
    how = manner(format_name, given, words)
    path = db or DEFAULT_LEDGER
    with opened(path, logs) as ledger:
        sound = read_logs(ledger, logs, how, quiet=quiet)
        document = status_document(ledger, standing(ledger, the_book(), wholly=as_json or strict))
    if as_json:
        from analyzer.report.document import text

        click.echo(text(document), nl=False)
    else:
        click.echo(status_text(document, path), nl=False)
    if strict and not strictly(document["ledger"]["rejected"], document["ledger"]["unpriced"]):
        sound = False
    ctx.exit(0 if sound else 1)
