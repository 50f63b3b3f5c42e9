"""Cascades by hand: both models are paid, and the second starts cold."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import pytest
from assumed import AS_LOGGED, priced, request
from support import BOOK, FLASH, PRO, cost, scenario

from analyzer.ledger import Ledger
from analyzer.simulate.scenario import ACTUAL


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    with Ledger.throwaway() as made:
        yield made


def test_a_cascade_pays_both_and_the_second_starts_cold(ledger: Ledger) -> None:
    """Flash answers all; 8% are asked again of Pro, which misses the whole prompt. A request on Pro is not asked again."""
    rows = [request(), request(endpoint="/code")]
    rules = 'default = "flash"\n[[route]]\nto = "pro"\nendpoint = "/code"\n'
    what_if = scenario(
        f'{rules}[assume]\ncache = "transferred"\nescalate = {{ from = "flash", to = "pro", rate = 0.08 }}'
    )

    [result] = priced(ledger, rows, what_if)

    chat = cost(FLASH, 400, 600, 100) + cost(PRO, 1000, 0, 100) * Decimal("0.08")
    assert result.cost == chat + cost(PRO, 400, 600, 100)
    assert result.requests == 2


def test_a_cascade_starts_cold_at_any_hit_rate(ledger: Ledger) -> None:
    """All of a million tokens hit on Flash, and miss on Pro, which is asked every time."""
    what_if = scenario('default = "flash"\n[assume]\nhit_rate = 1\nescalate = { from = "flash", to = "pro", rate = 1 }')

    [result] = priced(ledger, [request(1_000_000, 0, 0)], what_if)

    assert result.cost == FLASH[1] + PRO[0]


def test_a_cascade_knows_its_model_by_what_serves_it(ledger: Ledger) -> None:
    """As logged, on a name that is Flash by the identity timeline: after September 10 three names are one model."""
    rows = [request(model="deepseek-v4-flash", started_at=datetime(2026, 10, 3, 12))]
    what_if = scenario(f'{AS_LOGGED}[assume]\nescalate = {{ from = "deepseek-flash", to = "pro", rate = 0.5 }}')

    actual, result = priced(ledger, rows, ACTUAL, what_if)

    # A Saturday, off-peak, from 2026-09-19 on: Pro costs 0.66 a million misses and 1.98 out.
    price = BOOK.at("pro", datetime.fromisoformat("2026-10-03T12:00:00+00:00"), "USD")
    assert price is not None
    again = Decimal((price.input or 0) * 1000 + (price.output or 0) * 100).scaleb(-15)
    assert actual.cost is not None
    assert result.cost == actual.cost + again / 2
