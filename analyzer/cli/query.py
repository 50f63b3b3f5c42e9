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
    from analyzer.cli.subject import DEFAULT_LEDGER, opened
    from analyzer.report.document import rows_document, text
    from analyzer.report.listing import as_csv, as_table
    from analyzer.simulate.relations import View, prepare

    question = named(name)
    period = options.period(given["since"], given["until"], given["month"], given["tz"])
    view = View(
        given["currency"],
        options.price_day(given["price_date"]),
        given["clock"],
        given["tz"],
        given["endpoint_by"],
        period.since,
        period.until,
    )
    with opened(db or DEFAULT_LEDGER, ()) as ledger:
        prepare(ledger, the_book(given["own_prices"], given["currency"]), view)
        frame = question.frame(ledger.connection)
    if shape == "parquet":
        frame.write_parquet(sys.stdout.buffer)
    elif shape == "json":
        click.echo(text({"schema": "spend.query/1", "query": question.name, "rows": rows_document(frame)}), nl=False)
    else:
        click.echo(as_csv(frame) if shape == "csv" else as_table(frame), nl=False)
