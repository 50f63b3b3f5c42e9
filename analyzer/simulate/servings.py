"""What every endpoint would cost as it was served, on Flash and on Pro, in parts: what the report's sliders add up."""

from dataclasses import dataclass, field
from datetime import date

import polars as pl

from analyzer.engines.query import base, frame
from analyzer.prices import Book, Sold, own_rates
from analyzer.simulate.pricing import add_steps, define_prices, sold, sql
from analyzer.simulate.requests import Requests, sum_usage

FAMILIES = ("flash", "pro")


@dataclass(frozen=True)
class Servings:
    """What sliders add up.

    Each line is one way of serving (``logged``, ``flash``, ``pro``) of an endpoint's measured requests, apart by the
    family whose own price would hold for them (``priced_as``; ``other`` for none), by whether another model than the
    logged one answers (``moved``), and by whether the requests have a price in reality, too (``compared``). Its money
    is in units of 1e-15 of the currency: ``miss_cost + hit_cost + write_cost + output_cost + request_cost`` is its cost
    with the hits as they were; ``all_missed_cost`` and ``all_hit_cost`` are those of all input, had nothing or
    everything been a hit. Audio and images are in these parts; searches and fetches in ``request_cost``.

    Attributes:
        lines: the lines.
    """

    lines: pl.DataFrame = field(default_factory=pl.DataFrame)


def define_servings(requests: Requests, book: Book, currency: str, price_date: date | None) -> Servings:
    """Usage and cost by endpoint and by who serves it, over the relations ``usage`` and ``prices``.

    To be asked before scenarios are priced: what they make finer, ``usage`` does not know.
    """
    connection = requests.ledger.connection
    define_prices(
        connection,
        "families",
        book,
        map(Sold, FAMILIES),
        side="target",
        currency=currency,
        price_date=price_date,
    )
    if add_steps(connection):  # the sums are too coarse for the families' prices
        requests.step()
        sum_usage(requests)
        requests.sum("serving_extras", base()["extras"].sql, "queries/base/extras.sql")
    else:
        connection.execute("CREATE OR REPLACE TEMP TABLE serving_extras AS FROM extras")
    # Which family's own price holds for a request is asked of the book itself: with prices that nobody has.
    probes = own_rates(
        {family: {"input": str(999_000 + at), "currency": currency} for at, family in enumerate(FAMILIES)}, "probe"
    )
    called = sold(connection, summed=True)
    define_prices(
        connection,
        "probed",
        book.over(probes),
        called,
        side="logged",
        currency=currency,
        price_date=price_date,
    )
    for probe in probes:
        connection.execute(f"SET VARIABLE probe_{probe.model} = ?", [probe.figures["input"]])
    connection.execute(sql("serving_usage"))
    lines = frame(connection, sql("servings"))
    connection.execute("DROP TABLE serving_usage")
    connection.execute("DROP TABLE serving_extras")
    return Servings(lines)
