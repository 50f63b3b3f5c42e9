"""The two sides of a reconciliation: what a bill says, and what the ledger comes to in the bill's own buckets."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

import duckdb

from analyzer.finance.bucket import TYPES, Key, Side
from analyzer.prices import Book, Interval
from analyzer.prices.apart import added
from analyzer.simulate.requests import Requests

_CURRENCIES = ("USD", "CNY")
_TOKENS = TYPES[:-1]
_READ = dict(zip(_TOKENS, ("input_unread", "input_unread", "output_unread"), strict=True))
Row = Mapping[str, Any]
Sides = dict[Key, Side]


class Bill:
    """A provider's usage export.

    Attributes:
        rows: one for each bucket, model, key and set of prices.
        currency: the list that its prices stand in.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, book: Book, currency: str | None) -> None:
        self._book = book
        self._listed = cache(self._prices_listed)
        self.rows = _rows(connection, "bill")
        self.currency = currency or self._likely_currency()

    def names_keys_of(self, computed: Iterable[Row]) -> bool:
        """Whether keys can be told apart: the log names some of those that the bill names."""
        billed = {row["api_key_name"] for row in self.rows} - {None}
        return bool(billed & {row["api_key_name"] for row in computed})

    def sides(self, *, keyed: bool) -> Sides:
        """What it says, by bucket."""
        sides: Sides = {}
        for row in self.rows:
            listed = self._listed(row["model"], row["provider"], row["from_instant"], row["to_instant"], self.currency)
            key = _key(row, listed[0].serves if listed else row["model"], keyed=keyed)
            side = sides.setdefault(key, Side())
            prices, other = _prices(row), 0
            if all(price is None for price in prices.values()):
                if row["stated"] is not None:  # money alone, all of it in one
                    side.itemised, prices, other = (
                        False,
                        dict.fromkeys(_TOKENS, 0),
                        int(Decimal(row["stated"]).scaleb(15)),
                    )
                elif listed:  # tokens alone: at list prices
                    prices = dict(zip(_TOKENS, (listed[0].cache_read, listed[0].input, listed[0].output), strict=True))
                    other = row["writes"] * (listed[0].cache_write or listed[0].input or 0) + _added(row, listed[0])
            side.add(row["model"], row["requests"], _tokens(row), prices, other)
            if side.itemised:
                side.lacks(kind for kind, word in _READ.items() if row[word])
        return sides

    def _prices_listed(self, model: str, provider: str | None, start: Any, end: Any, currency: str) -> list[Interval]:
        first, after = start.replace(tzinfo=UTC), end.replace(tzinfo=UTC)
        return self._book.logged(model, currency, first, after, provider=provider)

    def _likely_currency(self) -> str:
        """The price list that most of the prices stand in."""
        votes = dict.fromkeys(_CURRENCIES, 0)
        for row in self.rows:
            told = (row["p_misses"], row["p_hits"], row["p_output"])
            for currency in _CURRENCIES if any(told) else ():
                listed = self._listed(row["model"], row["provider"], row["from_instant"], row["to_instant"], currency)
                votes[currency] += any(
                    all(price in (None, mine) for price, mine in zip(told, _figures(one), strict=True))
                    for one in listed
                )
        return max(_CURRENCIES, key=lambda currency: votes[currency])


def _added(row: Row, price: Interval) -> int:
    """What audio, images and searches add at a list price."""
    more = added({"input": price.input, "cache_read": price.cache_read, "output": price.output}, price.apart)
    return sum(amount * more.get(kind, 0) for told in row["apart"] or () for kind, amount in told.items())


def _figures(one: Interval) -> tuple[int | None, ...]:
    return one.input, one.cache_read, one.output


def define_buckets(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    """Tell the ledger's connection the buckets of a bill."""
    spans = sorted({(row["from_instant"], row["to_instant"]) for row in rows})
    connection.execute("CREATE OR REPLACE TEMP TABLE bill_buckets (from_instant TIMESTAMP, to_instant TIMESTAMP)")
    connection.execute(
        "INSERT INTO bill_buckets SELECT unnest(?::TIMESTAMP[]), unnest(?::TIMESTAMP[])",
        [list(edge) for edge in zip(*spans, strict=True)],
    )


def computed_rows(requests: Requests, clock: str) -> list[Row]:
    """The ledger's requests in the buckets of the bill, by a clock."""
    requests.set(clock=clock)
    return list(requests.ask(_sql("computed"), "analyzer/finance/computed.sql").iter_rows(named=True))


def computed_sides(rows: Iterable[Row], *, keyed: bool) -> Sides:
    """What the ledger comes to, by bucket."""
    sides: Sides = {}
    for row in rows:
        key = _key(row, row["serves"], keyed=keyed)
        side = sides.setdefault(key, Side())
        side.add(row["model"], row["requests"], _tokens(row), _prices(row), int(row["beside"] or 0))
    return sides


def count(requests: Requests, name: str) -> int:
    """The answer of one of this room's questions about the ledger's requests: ``straddling``, ``outside``."""
    return int(requests.ask(_sql(name), f"analyzer/finance/{name}.sql").item())


def _rows(connection: duckdb.DuckDBPyConnection, name: str) -> list[Row]:
    result = connection.execute(_sql(name))
    columns = [column[0] for column in result.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]


def _sql(name: str) -> str:
    return resources.files("analyzer.finance").joinpath(f"{name}.sql").read_text(encoding="utf-8")


def _key(row: Row, serves: str, *, keyed: bool) -> Key:
    return Key(row["from_instant"], row["to_instant"], serves, row["api_key_name"] if keyed else None)


def _prices(row: Row) -> dict[str, int | None]:
    return dict(zip(_TOKENS, (row["p_hits"], row["p_misses"], row["p_output"]), strict=True))


def _tokens(row: Row) -> dict[str, int]:
    return dict(zip(_TOKENS, (row["hits"], row["misses"], row["output"]), strict=True))
