"""What every endpoint would cost as it was served, on Flash and on Pro, in parts: what the report's sliders add up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import duckdb
import polars as pl

from analyzer.engines.query import base, frame
from analyzer.prices import Book, Sold
from analyzer.simulate.pricing import add_steps, define_prices, sql

FAMILIES = ("flash", "pro")


@dataclass(frozen=True)
class Servings:
    """What sliders add up.

    Each line is one way of serving (``logged``, ``flash``, ``pro``) of an endpoint's measured requests, apart by the
    family whose own price would hold for them (``priced_as``; ``other`` for none), by whether another model than the
    logged one answers (``moved``), and by whether the requests have a price in reality, too (``compared``). Its money
    is in units of 1e-15 of the currency: ``miss_cost + hit_cost + write_cost + output_cost + request_cost`` is its cost
    with the hits as they were; ``all_missed_cost`` and ``all_hit_cost`` are those of all input, had nothing or
    everything been a hit.

    Attributes:
        lines: the lines.
        names: names in the log that are nothing but another word for a family, by family.
    """

    lines: pl.DataFrame = field(default_factory=pl.DataFrame)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def define_servings(
    connection: duckdb.DuckDBPyConnection, book: Book, currency: str, price_date: date | None
) -> Servings:
    """Usage and cost by endpoint and by who serves it, over the relations ``usage`` and ``prices``.

    To be asked before scenarios are priced: what they make finer, ``usage`` does not know.
    """
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
        connection.execute(f"CREATE OR REPLACE TEMP TABLE usage AS {base()['usage'].sql}")
    connection.execute(sql("serving_usage"))
    connection.execute(sql("serving_names"))
    lines = frame(connection, sql("servings"))
    connection.execute("DROP TABLE serving_usage")
    named = connection.execute("SELECT family, name FROM serving_names ORDER BY name").fetchall()
    return Servings(lines, {family: tuple(name for of, name in named if of == family) for family in FAMILIES})
