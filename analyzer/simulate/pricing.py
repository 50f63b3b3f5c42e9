"""Prices as tables: the book's intervals for the models and the time of a ledger, ready for SQL to join."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import resources
from itertools import chain, pairwise
from typing import Literal

import duckdb

from analyzer.ledger.rows import define_table
from analyzer.prices import Book, Interval, Sold
from analyzer.prices.apart import Apart, added
from analyzer.simulate.waiting import waited

Side = Literal["logged", "target"]

DAYS = "model VARCHAR, provider VARCHAR, service_tier VARCHAR, day TIMESTAMP"  # of busy_days
ANY_SIZE = 9223372036854775807  # of an input, where a price has no upper bound
_COLUMNS = {
    "model": "VARCHAR", "provider": "VARCHAR", "service_tier": "VARCHAR", "from_instant": "TIMESTAMP",
    "to_instant": "TIMESTAMP", "window": "VARCHAR", "input": "BIGINT", "cache_read": "BIGINT", "cache_write": "BIGINT",
    "cache_write_1h": "BIGINT", "output": "BIGINT", "request": "BIGINT", "input_from": "BIGINT", "input_to": "BIGINT",
    "serves": "VARCHAR", "before_first": "BOOLEAN", "on_uncertain_day": "BOOLEAN", "cache_unit": "BIGINT",
    "apart": "MAP(VARCHAR, BIGINT)", "dearer_input": "BIGINT", "dearer_cache_read": "BIGINT",
    "dearer_cache_write": "BIGINT", "dearer_cache_write_1h": "BIGINT", "dearer_output": "BIGINT",
}  # fmt: skip
_IDENTITIES = {
    "name": "VARCHAR", "provider": "VARCHAR", "service_tier": "VARCHAR", "from_instant": "TIMESTAMP",
    "serves": "VARCHAR", "cache_unit": "BIGINT",
}  # fmt: skip
_NONE = (None,) * 5
_EVER = datetime(1, 1, 1)  # noqa: DTZ001  (instants are naive in DuckDB)


@cache
def sql(name: str) -> str:
    """A statement of this room."""
    return resources.files("analyzer.simulate").joinpath(f"{name}.sql").read_text(encoding="utf-8")


def span(connection: duckdb.DuckDBPyConnection) -> tuple[datetime, datetime] | None:
    """The time from the first to the last of the days that :func:`define_days` found; None when there is none."""
    first, last = connection.execute("SELECT min(day), max(day) FROM busy_days").fetchall()[0]
    if first is None:
        return None
    return first.replace(tzinfo=UTC), last.replace(tzinfo=UTC) + timedelta(days=1)


def sold(connection: duckdb.DuckDBPyConnection, where: str = "true", *, summed: bool = False) -> list[Sold]:
    """What was called, by the words of the logs: each set of them once.

    Args:
        connection: the ledger's.
        where: of which requests.
        summed: look at the relation ``usage``, which has but the period, not at the requests themselves.
    """
    table = "usage" if summed else "requests"
    text = f"SELECT DISTINCT model, provider, service_tier FROM {table} WHERE {where} ORDER BY ALL"
    return [Sold(*row) for row in connection.execute(text).fetchall()]


def define_days(connection: duckdb.DuckDBPyConnection, *, summed: bool = False) -> None:
    """Define for which days prices are laid out; every definition of prices uses them.

    Args:
        connection: the ledger's.
        summed: look at the relation ``usage``, not at the requests themselves.
    """
    connection.execute(sql("summed_days" if summed else "busy_days"))


def define_prices(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    book: Book,
    names: Iterable[Sold],
    *,
    side: Side,
    currency: str,
    price_date: date | None,
    wait: timedelta = timedelta(0),
    kind: str = "TEMP",
) -> None:
    """Define a table of hourly prices for some names, over the ledger's time.

    The intervals themselves stay in ``price_intervals`` until the next definition, and who answered to the names of our
    own providers, at any time, in ``price_identities``.

    Args:
        connection: where to define it.
        table: its name.
        book: the prices.
        names: what was called, or for targets models and families.
        side: ``logged`` prices names as they stand in a log, ``target`` as scenarios mean them.
        currency: which of the provider's lists.
        price_date: price with the cards of this day; None with those in force.
        wait: how long requests wait for a lower price.
        kind: ``TEMP``, or nothing for a table that stays in the ledger.
    """
    time = span(connection)

    def priced(name: Sold) -> Iterator[tuple[object, ...]]:
        if time is None:
            return iter(())
        begin, end = time
        if side == "logged":
            found = book.logged(
                name.model,
                currency,
                begin,
                end + wait,
                price_date=price_date,
                provider=name.provider,
                service_tier=name.service_tier,
            )
        else:
            found = book.target(name.model, currency, begin, end + wait, price_date=price_date)
        return _rows(name, waited(found, wait, end) if wait else found, book.cache_unit(name))

    every = list(names)
    define_table(connection, "price_intervals", _COLUMNS, chain.from_iterable(map(priced, every)))
    define_table(
        connection, "price_identities", _IDENTITIES, (row for name in every for row in _identities(book, name))
    )
    hourly = sql("hourly_prices").replace("{logged}", str(side == "logged"))
    connection.execute(f"CREATE OR REPLACE {kind} TABLE {table} AS {hourly}")


def define_served(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Define which model answers to the names, and when, that prices were just defined for."""
    connection.execute(sql("served").replace("{table}", table))


def begin_steps(connection: duckdb.DuckDBPyConnection, kind: str = "TEMP") -> None:
    """Define the places where prices change within an hour or with the size of the input: none so far."""
    connection.execute(f"CREATE OR REPLACE {kind} TABLE odd_hours (hour TIMESTAMP)")
    connection.execute(
        f"CREATE OR REPLACE {kind} TABLE price_sizes AS SELECT 0::BIGINT AS size_from, {ANY_SIZE} AS size_to"
    )


def add_steps(connection: duckdb.DuckDBPyConnection, kind: str = "TEMP") -> bool:
    """Add the places where prices that were just defined change within an hour or with the size of the input.

    Returns:
        whether one of them is new: sums that were made before are too coarse then.
    """

    def known() -> list[tuple[int]]:
        return connection.execute(
            "SELECT count(*) FROM odd_hours UNION ALL SELECT count(*) FROM price_sizes"
        ).fetchall()

    before = known()
    connection.execute(sql("odd_hours"))
    connection.execute(sql("price_sizes").replace("{kind}", kind))
    return known() != before


def define_export_instants(connection: duckdb.DuckDBPyConnection, book: Book, kind: str = "TEMP") -> None:
    """Define which instant prices each row of an export."""
    time = span(connection)
    exported = sold(connection, "bucket_end IS NOT NULL")
    found = [
        _rows(
            name,
            book.logged(name.model, currency, *time, provider=name.provider, service_tier=name.service_tier),
            book.cache_unit(name),
        )
        for name in exported
        for currency in ("USD", "CNY")
        if time
    ]
    define_table(connection, "price_lists", _COLUMNS, chain.from_iterable(found))
    connection.execute(f"CREATE OR REPLACE {kind} TABLE export_instants AS {sql('export_instants')}")


def define_summarised(connection: duckdb.DuckDBPyConnection, kind: str = "TEMP") -> None:
    """Define which rows of exports summarise requests that the ledger holds one by one; ``prices`` knows the names."""
    connection.execute(f"CREATE OR REPLACE {kind} TABLE summarised AS {named_sql('summarised')}")


def named_sql(name: str) -> str:
    """The statement of that name, which asks for models under all of their names."""
    return sql(name).replace("{names}", sql("called_names"))


def _identities(book: Book, name: Sold) -> Iterator[tuple[object, ...]]:
    """From when which model answered to a name; the first row stands for all the time before the second."""
    for place, (start, serves) in enumerate(book.identities(name)):
        begin = start.replace(tzinfo=None) if place else _EVER
        yield name.model, name.provider, name.service_tier, begin, serves, book.cache_unit(name)


def _rows(name: Sold, intervals: Iterable[Interval], cache_unit: int) -> Iterator[tuple[object, ...]]:
    """Intervals as rows; the day of a change whose hour is not known stands apart from the card's later days."""
    last: dict[str, tuple[int | None, ...]] = {}  # prices by window, of the card before
    changed: set[datetime] = set()  # starts of cards known to the day only that did change a price
    for interval in intervals:
        figures = _figures(interval)
        dearer = _figures(interval.dearer) if interval.dearer else _NONE
        apart = _apart(interval.input, interval.cache_read, interval.output, interval.apart)
        if interval.day_start and last.get(interval.window) != figures:
            changed.add(interval.day_start)
        last[interval.window] = figures
        edges = [interval.start, interval.end]
        day_end = interval.start
        if interval.day_start in changed:
            day_end = interval.day_start + timedelta(days=1)
            if interval.start < day_end < interval.end:
                edges.insert(1, day_end)
        for start, end in pairwise(edges):
            yield (
                name.model, name.provider, name.service_tier, start.replace(tzinfo=None), end.replace(tzinfo=None),
                interval.window, *figures, interval.request, interval.input_from, interval.input_to,
                interval.serves, interval.before_first, start < day_end, cache_unit, apart,
                *dearer,
            )  # fmt: skip


def _figures(interval: Interval) -> tuple[int | None, ...]:
    return interval.input, interval.cache_read, interval.cache_write, interval.cache_write_1h, interval.output


@cache
def _apart(given: int | None, read: int | None, made: int | None, apart: Apart) -> str | None:
    """What units that are billed apart add to a price, as the text of a MAP; None where nothing is."""
    more = added({"input": given, "cache_read": read, "output": made}, apart)
    return "{" + ", ".join(f"{kind}={amount}" for kind, amount in more.items()) + "}" if more else None
