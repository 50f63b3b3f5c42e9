"""``spend query``: run one of the questions, or list them."""

import sys
from typing import Any

import click

from analyzer.cli import options


@click.command()
@click.argument("name", required=False)
@options.db_option
@options.view_options
@click.option(
    "--format",
    "shape",
    type=click.Choice(["table", "csv", "json", "parquet"]),
    default="table",
    show_default=True,
    help="How the answer is printed.",
)
def query(name: str | None, db: str | None, shape: str, **given: Any) -> None:
    """Run a query of queries/ on the ledger; without a NAME list them."""
    from analyzer.engines.query import named, queries

    if name is None:
        for item in queries().values():
            click.echo(f"{item.name:<24}{item.question}")
        return
    from analyzer.cli.book import the_book
    from analyzer.cli.subject import DEFAULT_LEDGER, opened, view_of
    from analyzer.report.document import rows_document, text
    from analyzer.report.listing import as_table
    from analyzer.simulate.relations import prepare

    question = named(name)
    view = view_of(given)
    with opened(db or DEFAULT_LEDGER, ()) as ledger:
        prepare(ledger, the_book(given["own_prices"], given["currency"]), view)
        if shape == "csv":
            from analyzer.cli.output import to_standard_output
            from analyzer.report.dialect import write_csv

            to_standard_output(lambda path: write_csv(ledger.connection, question.sql, path))
            return
        frame = question.frame(ledger.connection)
    if shape == "parquet":
        frame.write_parquet(sys.stdout.buffer)
    elif shape == "json":
        click.echo(text({"schema": "spend.query/1", "query": question.name, "rows": rows_document(frame)}), nl=False)
    else:
        click.echo(as_table(frame), nl=False)
