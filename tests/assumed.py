"""Requests of the long calm and what simulations of them cost: for tests of what a scenario assumes, and of what follows."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from support import BOOK, MILLION, fill

from analyzer.ledger import Ledger
from analyzer.simulate.relations import View, prepare
from analyzer.simulate.result import Result
from analyzer.simulate.scenario import Scenario
from analyzer.simulate.whatif import Simulation

AS_LOGGED = 'default = "as-logged"\n'
ALL_TO_PRO = 'default = "pro"\n'

# Wednesday 2026-10-21, 02:00 UTC: a peak, at which both models cost twice. USD per 1M tokens then: miss, hit, output.
PEAK = {"model": "deepseek-v4-flash", "started_at": datetime(2026, 10, 21, 2)}
DEAR_FLASH = (Decimal("0.30"), Decimal("0.006"), Decimal("1.20"))
DEAR_PRO = (Decimal("1.32"), Decimal("0.044"), Decimal("3.96"))


def simulated(ledger: Ledger, rows: Sequence[dict[str, Any]], view: View | None = None) -> Simulation:
    fill(ledger, rows)
    view = view or View()
    prepare(ledger, BOOK, view)
    return Simulation(ledger, BOOK, view)


def priced(
    ledger: Ledger, rows: Sequence[dict[str, Any]], *scenarios: Scenario, view: View | None = None
) -> list[Result]:
    simulation = simulated(ledger, rows, view)
    return [simulation.price(each) for each in scenarios]


def request(misses: int = 400, hits: int | None = 600, output: int = 100, **more: Any) -> dict[str, Any]:
    """A Flash request of the long calm of May 2026, its tokens by class."""
    return {
        "started_at": datetime(2026, 5, 1, 10),
        "endpoint": "/chat",
        "input_tokens": misses + (hits or 0),
        "cache_read_tokens": hits,
        "output_tokens": output,
        **more,
    }


def prices(figures: Sequence[Decimal], misses: Decimal | int, hits: Decimal | int, output: Decimal | int) -> Decimal:
    """The cost by hand of tokens that need not be whole."""
    return (misses * figures[0] + hits * figures[1] + output * figures[2]) / MILLION


HISTORY = [
    request(500, 300, 250),
    request(9000, 1000, 40, model="deepseek-v4-pro", endpoint="/code", session_id="s"),
    request(
        200, 9800, 900, model="deepseek-v4-pro", endpoint="/code", session_id="s", started_at=datetime(2026, 5, 1, 11)
    ),
    request(1000, None, 77, endpoint=None),
]
