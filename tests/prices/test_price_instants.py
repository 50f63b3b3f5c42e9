"""What a token cost at instants chosen by hand: both sides of every change, window edge and kind of day.

The table was written from the provider's announcements and from bills, never from what the program says.
"""

import csv
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from analyzer.prices import Book, Interval, per_million

TABLE = Path(__file__).with_name("price_instants.csv")
with TABLE.open(encoding="utf-8", newline="") as lines:
    ROWS = list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def book() -> Book:
    return Book.load()


def figures(interval: Interval | None) -> list[Decimal | None]:
    if interval is None:
        return [None, None, None]
    prices = (interval.cache_read, interval.input, interval.output)
    return [None if price is None else per_million(price) for price in prices]


@pytest.mark.parametrize("currency", ["USD", "CNY"])
@pytest.mark.parametrize("row", ROWS, ids=[f"{row['model']}@{row['instant']}" for row in ROWS])
def test_price_at_instant(book: Book, row: dict[str, str], currency: str) -> None:
    """The book has the three figures of the table; an empty cell is no price, not zero."""
    cells = [row[f"{currency.lower()}_{bucket}"] for bucket in ("hit", "miss", "output")]

    interval = book.at(row["model"], datetime.fromisoformat(row["instant"]), currency)

    assert figures(interval) == [Decimal(cell) if cell else None for cell in cells], row["why"]


def test_table_stands_on_both_sides_of_every_change(book: Book) -> None:
    """Every card of every model has its first second in the table, and the second before it."""
    instants = {(row["model"], datetime.fromisoformat(row["instant"])) for row in ROWS}
    changes = {(model, period.start) for model in book.models() for period in book.history(model, "USD")}

    assert changes <= instants
    assert {(model, start - timedelta(seconds=1)) for model, start in changes} <= instants
