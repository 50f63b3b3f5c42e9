"""``spend prices``: the price in force at an instant, a model's whole history, or a check of own prices."""

import shlex
from datetime import date
from pathlib import Path
from typing import Any

import click

from analyzer.cli import moments, options
from analyzer.cli.output import apart


@click.command(short_help="The price book: what MODEL costs, since when, its source.")
@click.argument("model", required=False)
@click.option("--at", metavar="INSTANT", help="The price in force then (UTC); without it the whole history.")
@click.option("--currency", default="USD", show_default=True, metavar="USD|CNY|...", help="Which of the price lists.")
@click.option("--provider", metavar="NAME", help="Who sells it, where the model does not say: azure, ...")
@click.option("--tier", metavar="NAME", help="Of this service tier: batch, flex, priority, fast.")
@options.prices_option
@click.option("--check", is_flag=True, help="Only check the own prices: those of --prices FILE, and of spend.toml.")
@click.option("--chart", type=click.Path(), metavar="FILE.html", help="Write the history as a step chart.")
@options.json_option
def prices(model: str | None, own_prices: tuple[str, ...], check: bool, currency: str, **asked: Any) -> None:
    """Show the price book: the models known, or what MODEL cost, since when, and by which source.

    MODEL is a name as it stands in logs, with the provider before it where that matters: openrouter/openai/gpt-5.
    """
    from analyzer.cli.book import the_book
    from analyzer.errors import UsageError

    if asked["chart"] and (model is None or check):
        raise UsageError("--chart needs a model", f"write spend prices flash --chart {asked['chart']}, say")
    if asked["chart"] and asked["at"]:
        raise UsageError("--chart goes without --at", "it draws the whole history; leave one of them out")
    if asked["at"] and (model is None or check):
        raise UsageError("--at needs a model", f"write spend prices flash --at {asked['at']}, say")
    if check and asked["as_json"]:
        raise UsageError("--check goes without --json", "its exit code tells: 0 where all own prices are sound")
    apart({"--chart": asked["chart"]}, {"own_prices": own_prices})
    book = the_book(own_prices, currency)
    if check:
        _checked(book)
    elif model is None:
        _listed(book, as_json=asked["as_json"])
    else:
        _shown(book, model, currency, **asked)


def _checked(book: Any) -> None:
    from analyzer.prices.soundness import prove
    from analyzer.report.visible import visible

    if not book.own:
        click.echo("No own prices: name a file with --prices, or write [prices] into spend.toml")
        return
    prove(book)
    for rate in book.own:
        known = "" if book.lists(rate) else "  (no list price under this name: it stands alone)"
        click.echo(f"{visible(str(rate))}{known}")
    click.echo(f"{len(book.own)} own prices, all sound; price book {book.version}")


def _listed(book: Any, *, as_json: bool) -> None:
    from analyzer.report.document import text

    names = book.models()
    if as_json:
        document = {"schema": "spend.prices/1", "price_book": book.version, "models": names}
        click.echo(text(document), nl=False)
        return
    click.echo(f"Price book {book.version}; families: flash, pro")
    for name in names:
        click.echo(name)
    click.echo(f"{len(book.other_models()):,} models of other providers: spend prices PROVIDER/MODEL")


def _shown(
    book: Any, model: str, currency: str, *, at: str | None, provider: str | None, tier: str | None,
    chart: str | None, as_json: bool,
) -> None:  # fmt: skip
    from analyzer.errors import PriceError, UsageError
    from analyzer.prices import Sold
    from analyzer.report.document import fee_document, period_document, text
    from analyzer.report.prices import history_table, period_text, write_chart

    sold = Sold(model, provider, tier)
    head: dict[str, Any] = {"schema": "spend.prices/1", "model": model}
    if at is None:
        rows = book.history(sold, currency)
        if not rows:
            raise PriceError(
                f"no {currency} price is known for {model}{f' in tier {tier}' if tier else ''}",
                f"other lists and tiers: spend prices {shlex.quote(model)} with another --currency or --tier",
            )
        if chart:
            write_chart(model, currency, rows, Path(chart))
        fees = book.fees(sold, currency)
        document = head | {"currency": currency, "periods": [period_document(row) for row in rows]}
        if fees:
            document["fees"] = [fee_document(fee) for fee in fees]
        click.echo(text(document) if as_json else history_table(model, currency, rows, fees), nl=False)
        return
    moment = moments.instant("--at", at, "UTC")
    if moment.year == date.max.year:  # whose last day has no next one
        raise UsageError(f"--at {at}: no price list is for that day", "write a day up to 9998-12-31")
    row = book.period(sold, moment, currency)
    if row is None or row.input is None:
        raise PriceError(
            f"no {currency} price is known for {model}{f' in tier {tier}' if tier else ''} at {at}",
            f"its history, where it has one: spend prices {shlex.quote(model)} --currency {currency}"
            + (f" --tier {shlex.quote(tier)}" if tier else "")
            + (f" --provider {shlex.quote(provider)}" if provider else ""),
        )
    document = head | {"at": moment, "currency": currency, **period_document(row)}
    click.echo(text(document) if as_json else period_text(model, currency, moment, row), nl=False)
