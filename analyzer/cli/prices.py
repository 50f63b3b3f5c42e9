"""``spend prices``: the price in force at an instant, or a model's whole history."""

from typing import Any

import click

from analyzer.cli import options


@click.command()
@click.argument("model", required=False)
@click.option("--at", metavar="INSTANT", help="The price in force then (UTC); without it the whole history.")
@click.option(
    "--currency", type=click.Choice(["USD", "CNY"]), default="USD", show_default=True, help="Which of the price lists."
)
@options.json_option
def prices(model: str | None, at: str | None, currency: str, as_json: bool) -> None:
    """Show the price book: the models known, or what MODEL cost, since when, and by which source."""
    from analyzer.errors import PriceError
    from analyzer.prices import Book
    from analyzer.report.document import period_document, text
    from analyzer.report.prices import history_table, period_text

    book = Book.load()
    if model is None:
        names = book.models()
        document: dict[str, Any] = {"schema": "spend.prices/1", "price_book": book.version, "models": names}
        click.echo(
            text(document)
            if as_json
            else "\n".join([f"Price book {book.version}; families: flash, pro", *names]) + "\n",
            nl=False,
        )
        return
    if at is None:
        rows = book.history(model, currency)
        document = {
            "schema": "spend.prices/1",
            "model": model,
            "currency": currency,
            "periods": [period_document(row) for row in rows],
        }
        click.echo(text(document) if as_json else history_table(model, currency, rows), nl=False)
        return
    moment = options.instant("--at", at, "UTC")
    row = book.period(model, moment, currency)
    if row is None or row.input is None:
        raise PriceError(
            f"no {currency} price is known for {model} at {at}",
            f"see its history with: spend prices {model} --currency {currency}",
        )
    document = {"schema": "spend.prices/1", "model": model, "at": moment, "currency": currency, **period_document(row)}
    click.echo(text(document) if as_json else period_text(model, currency, moment, row), nl=False)
