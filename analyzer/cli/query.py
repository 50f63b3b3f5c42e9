"""``spend query``: run one of the questions, or list them."""

from pathlib import Path
from typing import Any

import click

from analyzer.cli import options


@click.command(short_help="Run a query of queries/; without a NAME list them.")
@click.argument("name", required=False)
@options.ledger_option
@options.engine_options
@options.view_options
@click.option(
    "--format",
    "shape",
    type=click.Choice(["table", "csv", "json", "parquet"]),
    default="table",
    show_default=True,
    help="How the answer is printed.",
)
def query(name: str | None, db: str | None, shape: str, engine: str, tables: tuple[str, ...], **given: Any) -> None:
    """Run a query of queries/ on the ledger, or on another engine's table; without a NAME list them."""
    from analyzer.engines.query import named, queries
    from analyzer.report.listing import WIDTH

    if name is None:
        from textwrap import fill

        for item in queries().values():
            click.echo(fill(f"{item.name:<24}{item.question}", WIDTH, subsequent_indent=" " * 24))
        return
    from analyzer.cli.book import the_book
    from analyzer.cli.subject import DEFAULT_LEDGER, opened, view_of
    from analyzer.simulate.relations import prepare

    question = named(name)
    view = view_of(given)
    book = the_book(given["own_prices"], given["currency"])
    if options.elsewhere(engine, tables, db):
        from analyzer.cli.engine import reached

        with reached(engine, tables) as far:
            far.define(book, view)
            show(question.name, shape, far.ledger.connection, far.fetched(question))
    else:
        with opened(db or DEFAULT_LEDGER, ()) as ledger:
            prepare(ledger, book, view)
            show(question.name, shape, ledger.connection, question.sql)


def show(name: str, shape: str, connection: Any, sql: str) -> None:
    """Print the answer of a statement."""
    from analyzer.engines.query import frame
    from analyzer.report.document import rows_document, text
    from analyzer.report.listing import as_table

    if shape == "csv":
        from analyzer.cli.output import to_standard_output
        from analyzer.report.dialect import write_csv

        to_standard_output(lambda path: write_csv(connection, sql, path))
        return
    answer = frame(connection, sql)
    if shape == "parquet":
        from analyzer.cli.output import to_standard_output

        to_standard_output(lambda path: _parquet(answer, path))
    elif shape == "json":
        click.echo(text({"schema": "spend.query/1", "query": name, "rows": rows_document(answer)}), nl=False)
    else:
        click.echo(as_table(answer), nl=False)


def _parquet(answer: Any, path: Path) -> int:
    answer.write_parquet(path)
    return int(answer.height)
