"""The two sides of a reconciliation: what a bill says, and what the ledger comes to in the bill's own buckets."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any

import duckdb

from analyzer.finance.bucket import OTHER, TYPES, Key, Side
from analyzer.finance.sellers import Row, Sellers
from analyzer.ledger.rows import define_table
from analyzer.prices import UNITS_PER_CURRENCY, Book, Interval
from analyzer.prices.apart import added
from analyzer.simulate.requests import Requests

_CURRENCIES = ("USD", "CNY")
_TOKENS = TYPES[:-1]
_READ = dict(zip(_TOKENS, ("input_unread", "input_unread", "output_unread"), strict=True))
Sides = dict[Key, Side]


class Bill:
    """A provider's usage export.

    Attributes:
        rows: one for each bucket, model, key and set of prices.
        currency: the list that its prices stand in.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, book: Book, currency: str | None, statement: str = "bill"
    ) -> None:
        self._book = book
        self._listed = cache(self._prices_listed)
        self.rows = _rows(connection, statement)
        self.currency = currency or self.likely_currency() or _CURRENCIES[0]

    def sides(self, sellers: Sellers) -> Sides:
        """What it says, by bucket."""
        sides: Sides = {}
        for row in self.rows:
            listed = self._at_list(row, self.currency)
            # A name may have got another model within the bucket: which of both it was, the row's own prices tell.
            one = next((price for price in listed if _agrees(row, price)), listed[0] if listed else None)
            side = sides.setdefault(sellers.key(row, one.serves if one else row["model"]), Side())
            _count(side, row, one)
            if len(listed) > 1 and _alone(row):
                side.widen(_off(row, listed))
        return sides

    def _at_list(self, row: Row, currency: str) -> list[Interval]:
        """The list prices that a row may be of: those of sizes of input that its calls cannot have had are not."""
        words = ("model", "provider", "service_tier", "from_instant", "to_instant")
        listed, least = self._listed(*(row[word] for word in words), currency), row["input_from"] or 0
        return [one for one in listed if one.input_to is None or one.input_to > least]

    def _prices_listed(
        self, model: str, provider: str | None, tier: str | None, start: Any, end: Any, currency: str
    ) -> list[Interval]:
        first, after = start.replace(tzinfo=UTC), end.replace(tzinfo=UTC)
        return self._book.logged(model, currency, first, after, provider=provider, service_tier=tier)

    def likely_currency(self) -> str | None:
        """The price list that most of the prices stand in; None where none of them stands in any."""
        votes = Counter(currency for row in self.rows for currency in self._stands_in(row))
        return max(_CURRENCIES, key=lambda currency: votes[currency]) if votes else None

    def currencies(self) -> set[str]:
        """The price lists that some of the prices stand in alone: more than one where bills were mixed."""
        return {currency for row in self.rows if len(told := self._stands_in(row)) == 1 for currency in told}

    def _stands_in(self, row: Row) -> list[str]:
        """The price lists that have the prices of a row; none where it has no price."""
        return [
            currency
            for currency in (_CURRENCIES if any(_prices(row).values()) else ())
            if any(_agrees(row, price) for price in self._at_list(row, currency))
        ]


def billed_in(connection: duckdb.DuckDBPyConnection, book: Book) -> list[str]:
    """The currencies of the usage exports in a ledger, the usual one first; none where no list has their prices.

    One that only some of the exports are in is told where their prices stand in no other list.
    """
    bill = Bill(connection, book, None, "stated_prices")
    likely = bill.likely_currency()
    return [] if likely is None else [likely, *sorted(bill.currencies() - {likely})]


def _count(side: Side, row: Row, listed: Interval | None) -> None:
    """Count a row of a bill: at its own prices; else the money that it states; else at list prices."""
    prices, tokens = _prices(row), _tokens(row)
    other: int | None = 0
    alone = all(price is None for price in prices.values())
    if alone and not _alone(row):
        side.itemised, prices, other = False, dict.fromkeys(_TOKENS, 0), _units(row["stated"])
    elif alone and listed:
        prices = dict(zip(_TOKENS, _in_order(listed), strict=True))
        other = _written(row, listed) + _added(row, listed)
    elif alone:
        other = None
    side.add(row["model"], row["requests"], tokens, prices, other)
    side.tells_hits = side.tells_hits or row["tells_hits"]
    side.tells_writes = side.tells_writes or row["tells_writes"]
    if alone and row["money_unread"]:
        side.lacks([OTHER])
    if side.itemised:
        side.lacks(kind for kind, word in _READ.items() if row[word])


def _alone(row: Row) -> bool:
    """Whether a row of a bill states tokens alone, and no money."""
    return all(price is None for price in _prices(row).values()) and row["stated"] is None and not row["money_unread"]


def _off(row: Row, listed: Sequence[Interval]) -> dict[str, tuple[int, int]]:
    """By how much the money of a row, at the first of some prices, may be off: were all of it at another of them."""
    tokens = _tokens(row)
    first, *_ = at = [
        {
            **{kind: tokens[kind] * (price or 0) for kind, price in zip(_TOKENS, _in_order(one), strict=True)},
            OTHER: _written(row, one) + _added(row, one),
        }
        for one in listed
    ]
    return {
        kind: (min(one[kind] for one in at) - first[kind], max(one[kind] for one in at) - first[kind]) for kind in TYPES
    }


def _agrees(row: Row, price: Interval) -> bool:
    """Whether a list price has the prices that a row states; true of one that states none."""
    told = _prices(row).values()
    return all(stated in (None, mine) for stated, mine in zip(told, _in_order(price), strict=True))


def _in_order(one: Interval) -> tuple[int | None, ...]:
    return one.cache_read, one.input, one.output


def _units(stated: Decimal | None) -> int:
    """Money in whole units, with all of its digits: a decimal context would keep 28. What is not stated is none."""
    return int(Fraction(stated or 0) * UNITS_PER_CURRENCY)


def _written(row: Row, price: Interval) -> int:
    """What tokens cost that were written to a cache, for five minutes or for an hour."""
    short = price.cache_write if price.cache_write is not None else price.input or 0
    long = price.cache_write_1h if price.cache_write_1h is not None else short
    return int((row["writes"] - row["writes_1h"]) * short + row["writes_1h"] * long)


def _added(row: Row, price: Interval) -> int:
    """What audio, images and searches add at a list price."""
    more = added({"input": price.input, "cache_read": price.cache_read, "output": price.output}, price.apart)
    return sum(amount * more.get(kind, 0) for told in row["apart"] or () for kind, amount in told.items())


def define_buckets(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    """Tell the ledger's connection the buckets of a bill."""
    spans = sorted({(row["from_instant"], row["to_instant"]) for row in rows})
    define_table(connection, "bill_buckets", {"from_instant": "TIMESTAMP", "to_instant": "TIMESTAMP"}, spans)


def computed_rows(requests: Requests, clock: str) -> list[Row]:
    """The ledger's requests in the buckets of the bill, by a clock."""
    requests.set(clock=clock)
    return asked(requests, "computed")


def computed_sides(rows: Iterable[Row], sellers: Sellers, billed: Sides) -> tuple[Sides, Sides]:
    """What the ledger comes to, by bucket: of the bill's sellers, and of others, or nobody knows whom."""
    mine: Sides = {}
    others: Sides = {}
    for row in rows:
        key = sellers.key(row, row["serves"])
        if sellers.owns(row):
            sides = mine
        elif sellers.bills(row):  # it lies in another bucket, of its own seller
            continue
        else:  # a seller that only the log names may be a gateway of one's own
            sides = mine if key in billed else others
        side = sides.setdefault(key, Side(tells_hits=True, tells_writes=True))
        beside = row["beside"]
        side.add(row["model"], row["requests"], _tokens(row), _prices(row), None if beside is None else int(beside))
    return mine, others


def asked(requests: Requests, name: str) -> list[Row]:
    """The answer of a question about the ledger's requests: ``computed``, ``held``, ``straddling``."""
    return list(requests.ask(_sql(name), f"analyzer/finance/{name}.sql").iter_rows(named=True))


def _rows(connection: duckdb.DuckDBPyConnection, name: str) -> list[Row]:
    result = connection.execute(_sql(name))
    columns = [column[0] for column in result.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]


def _sql(name: str) -> str:
    return resources.files("analyzer.finance").joinpath(f"{name}.sql").read_text(encoding="utf-8")


def _prices(row: Row) -> dict[str, int | None]:
    return dict(zip(_TOKENS, (row["p_hits"], row["p_misses"], row["p_output"]), strict=True))


def _tokens(row: Row) -> dict[str, int]:
    return dict(zip(TYPES, (row["hits"], row["misses"], row["output"], row["writes"]), strict=True))
