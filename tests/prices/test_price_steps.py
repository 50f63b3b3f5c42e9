"""Where prices change within an hour or with the size of a prompt, calls are summed no coarser than that; each by hand."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from assumed import priced, request
from statements import APRIL, asked, table
from support import PRO, cost, scenario

from analyzer.ledger import Ledger
from analyzer.simulate.pricing import sql

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
EDGES = "from_instant TIMESTAMP, to_instant TIMESTAMP, input_from BIGINT"
MOST = 2**63 - 1
# Until 12:15 UTC on 2026-04-26 a hit cost ten times as much; a miss and output cost the same before and after.
CHANGE = datetime(2026, 4, 26, 12, 15)


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    with Ledger.throwaway() as made:
        yield made


def interval(start: datetime, end: datetime, size: int = 0) -> dict[str, Any]:
    """A price from one instant to another, for inputs of this size and more."""
    return {"from_instant": start, "to_instant": end, "input_from": size}


def test_hours_within_which_a_price_begins_or_ends_are_known_once(memory: duckdb.DuckDBPyConnection) -> None:
    table(memory, "odd_hours", "hour TIMESTAMP", [(APRIL - DAY,)])
    prices = [
        interval(APRIL, APRIL + HOUR),  # on full hours
        interval(APRIL + HOUR, APRIL + 3 * HOUR + MINUTE),
        interval(APRIL + 3 * HOUR + MINUTE, APRIL + 4 * HOUR - MINUTE),
        interval(APRIL + 4 * HOUR - MINUTE, APRIL + 9 * HOUR),
        interval(APRIL - DAY + MINUTE, APRIL),  # in an hour that is known already
    ]

    for _ in range(2):
        asked(memory, sql("odd_hours"), "price_intervals", EDGES, prices)

        assert memory.execute("FROM odd_hours ORDER BY ALL").fetchall() == [(APRIL - DAY,), (APRIL + 3 * HOUR,)]


def test_sizes_go_from_one_step_to_the_next(memory: duckdb.DuckDBPyConnection) -> None:
    table(memory, "price_sizes", "size_from BIGINT, size_to BIGINT", [(0, 100), (100, MOST)])
    prices = [interval(APRIL, APRIL + DAY, size) for size in (0, 5, 100, 5, 200_001)]

    asked(memory, sql("price_sizes").replace("{kind}", ""), "price_intervals", EDGES, prices)

    steps = [(0, 5), (5, 100), (100, 200_001), (200_001, MOST)]
    assert memory.execute("FROM price_sizes ORDER BY ALL").fetchall() == steps


def test_prices_are_laid_out_for_the_days_of_calls_and_their_neighbours(memory: duckdb.DuckDBPyConnection) -> None:
    """A call that ends on a day may have begun on the one before, or the other way round; both clocks are compared."""
    told = "model VARCHAR, provider VARCHAR, service_tier VARCHAR, moment TIMESTAMP"
    called = [("a", "p", "batch", APRIL), ("a", "p", "batch", APRIL + DAY - MINUTE), ("b", None, None, APRIL + DAY)]
    rows = [dict(zip(("model", "provider", "service_tier", "moment"), one, strict=True)) for one in called]

    asked(memory, sql("summed_days"), "usage", told, rows)

    of_a = [("a", "p", "batch", APRIL + at * DAY) for at in (-1, 0, 1)]
    of_b = [("b", None, None, APRIL + at * DAY) for at in (0, 1, 2)]
    of_all = [(None, None, None, APRIL + at * DAY) for at in (-1, 0, 1, 2)]  # each once, whatever was called on it
    assert memory.execute("FROM busy_days ORDER BY ALL").fetchall() == of_a + of_b + of_all


def test_calls_of_one_hour_before_and_after_a_change_are_told_apart(ledger: Ledger) -> None:
    """Two calls within a minute of it, both on Flash in reality and on Pro in the scenario."""
    rows = [request(started_at=CHANGE - timedelta(seconds=1)), request(started_at=CHANGE)]
    before = (PRO[0], 10 * PRO[1], PRO[2])

    [result] = priced(ledger, rows, scenario('default = "pro"'))

    assert result.compared_actual == sum(
        cost((Decimal("0.14"), Decimal(hit), Decimal("0.28")), 400, 600, 100) for hit in ("0.028", "0.0028")
    )
    assert result.low == cost(before, 400, 600, 100) + cost(PRO, 400, 600, 100)
