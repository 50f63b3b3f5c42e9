"""What tests of forecasts share: ledgers of a few calls, and forecasts made of them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from support import BOOK, fill

from analyzer.finance.entries import define_entries
from analyzer.finance.forecast import Forecast, forecast
from analyzer.finance.month import Month
from analyzer.ledger import Ledger
from analyzer.ledger.columns import store
from analyzer.prices import Book, own_rates
from analyzer.simulate.relations import View

UTC_VIEW = View()
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FLASH = "deepseek-v4-flash"


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def units(amount: str) -> int:
    """An amount of money in units of 1e-15."""
    return int(Decimal(amount).scaleb(15))


def million(at: datetime, misses: int = 1, **more: Any) -> dict[str, Any]:
    """A request that misses the cache with some million tokens and says nothing."""
    return {
        "started_at": at.astimezone(UTC).replace(tzinfo=None),
        "model": FLASH,
        "input_tokens": misses * 1_000_000,
        "cache_read_tokens": 0,
        "output_tokens": 0,
        **more,
    }


def pour(ledger: Ledger, rows: Sequence[Mapping[str, Any]]) -> None:
    """Let the ledger hold exactly these requests, all at once."""
    fill(ledger, [])
    kinds = {"started_at": "TIMESTAMP", **dict.fromkeys(("model", "provider", "service_tier"), "VARCHAR")}
    names = list(rows[0])
    store(ledger.connection, names)
    unnested = ", ".join(f"unnest(?::{kinds.get(name, 'BIGINT')}[])" for name in names)
    ledger.connection.execute(
        f"INSERT INTO requests (source_id, request_id, {', '.join(names)}) SELECT 1, uuid(), {unnested}",
        [[row[name] for row in rows] for name in names],
    )


def steady(ledger: Ledger, since: str, until: str, every: timedelta = HOUR, model: str = FLASH) -> None:
    """A ledger of one such request in each hour."""
    fill(ledger, [])
    ledger.connection.execute(
        "INSERT INTO requests (source_id, request_id, started_at, model, input_tokens, cache_read_tokens, output_tokens) "
        "SELECT 1, CAST(hour AS VARCHAR), hour, ?, 1000000, 0, 0 FROM (SELECT unnest(generate_series(?, ?, ?)) AS hour)",
        [model, instant(since).replace(tzinfo=None), instant(until).replace(tzinfo=None) - every, every],
    )


def made(ledger: Ledger, month: str, until: str, view: View = UTC_VIEW, book: Book = BOOK) -> Forecast | None:
    define_entries(ledger, book, view)
    return forecast(ledger.connection, book, view, Month.named(month, view.tz), instant(until))


def sure(found: Forecast | None) -> Forecast:
    assert found is not None
    assert sum(day.actual for day in found.days) == found.to_date
    assert sum(day.actual + day.expected for day in found.days) == found.amount
    return found


def of_price(model: str) -> Book:
    """A book in which a model costs $0.14 per million tokens, always."""
    return Book.load(own_rates({model: {"input": "0.14", "output": "0"}}, "own.toml"))
