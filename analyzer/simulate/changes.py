"""Price changes: when, within the time of a ledger, the list prices of what it holds became others."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import duckdb

from analyzer.errors import PriceError, UsageError
from analyzer.prices import Book, Period, Sold

_CLASSES = {"input": "cache miss", "cache_read": "cache hit", "output": "output"}


@dataclass(frozen=True, order=True)
class PriceChange:
    """One change of a model's list prices.

    Attributes:
        instant: from when on the new prices hold, UTC.
        model: the model, as logged.
        words: what changed, per 1M tokens: the window, the token class, the price before and after.
    """

    instant: datetime
    model: str
    words: str


def changes(
    connection: duckdb.DuckDBPyConnection, book: Book, currency: str, period: tuple[datetime, datetime] | None
) -> tuple[PriceChange, ...]:
    """The changes within a period of the prices of all that the relation ``usage`` holds: by time, then by model."""
    if period is None:
        return ()
    found: set[PriceChange] = set()
    called = connection.execute("SELECT DISTINCT model, provider, service_tier FROM usage ORDER BY ALL").fetchall()
    for model, *words in called:
        try:
            history = book.history(Sold(model, *words), currency)
        # Nothing is known of it, and its requests are listed as unpriced; or an own discount makes one of its prices
        # too fine, which is said where a request meets that price.
        except (PriceError, UsageError):
            continue
        found |= {change for change in _steps(model, history) if period[0] < change.instant < period[1]}
    return tuple(sorted(found))


def _steps(model: str, history: Iterable[Period]) -> Iterable[PriceChange]:
    cards: dict[datetime | None, dict[str, Period]] = {}
    for row in history:
        if not row.input_from:
            cards.setdefault(row.start, {})[row.window] = row
    before: dict[str, Period] = {}
    for start, card in sorted(cards.items(), key=lambda item: (item[0] is not None, item[0])):
        whole = before.get("all", before.get("standard"))  # what a window that is new was cut from
        words = [said for window, row in card.items() if (said := _difference(window, before.get(window, whole), row))]
        if before and words and start is not None:
            yield PriceChange(start, model, "; ".join(words))
        before = card


def _difference(window: str, before: Period | None, row: Period) -> str:
    """What is another price now; a window that was not there before has only new ones."""
    parts = []
    for name, word in _CLASSES.items():
        new, old = getattr(row, name), getattr(before, name) if before else None
        if new is not None and new != old:
            parts.append(f"{word} {_plain(old)} → {_plain(new)}" if old is not None else f"{word} {_plain(new)}")
    place = "" if window == "all" else f"{window}: "
    return place + ", ".join(parts) if parts else ""


def _plain(price: Decimal) -> str:
    return f"{price.normalize():f}"
