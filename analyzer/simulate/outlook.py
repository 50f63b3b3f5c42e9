"""The outlook: everything that is asked of scenarios once they are priced."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, localcontext

import polars as pl

from analyzer.prices import Book
from analyzer.simulate.advice import Advice, advice
from analyzer.simulate.breakeven import BreakEven, break_evens
from analyzer.simulate.bridge import Step, bridge
from analyzer.simulate.offpeak import Shift, shifts
from analyzer.simulate.result import DECIMALS, Result
from analyzer.simulate.routing import DIGITS
from analyzer.simulate.scenario import FLASH, PRO
from analyzer.simulate.sensitivity import Point, Swing, curves, mix, swings
from analyzer.simulate.whatif import Simulation


@dataclass(frozen=True)
class PlanBreakEven:
    """When a scenario's subscription pays.

    Attributes:
        scenario: the scenario's name.
        fee: the subscription, over the whole history.
        covered: calls that it covers.
        unpriced: of these, calls that no price by tokens is known for. What they would have cost is in no figure here:
            there may be more that the fee replaces, and it may pay from less volume on.
        replaced: what the covered calls that have a price would have cost by tokens; None where none has one.
        volume: how many times the history's volume costs as much as the fee, or at most so many times where calls are
            without a price; None where nothing that has a price is saved.
        requests_a_month: the same in calls a month, within the months that it was paid for.
    """

    scenario: str
    fee: Decimal
    covered: int
    unpriced: int
    replaced: Decimal | None
    volume: Decimal | None
    requests_a_month: Decimal | None


@dataclass(frozen=True)
class Outlook:
    """What follows from the scenarios.

    Attributes:
        bridges: by scenario, the steps from what was spent to its cost.
        self_test: how well the cache model tells the history; see ``Simulation.self_test``.
        break_evens: overall first, then by endpoint.
        plans: when each scenario's subscription pays.
        swings: each assumption's low and high, one at a time.
        points: lines of cost against an assumption.
        advice: by endpoint, the most money at stake first.
        shifts: what waiting for cheaper hours saves.
    """

    bridges: dict[str, tuple[Step, ...]] = field(default_factory=dict)
    self_test: pl.DataFrame = field(default_factory=pl.DataFrame)
    break_evens: tuple[BreakEven, ...] = ()
    plans: tuple[PlanBreakEven, ...] = ()
    swings: tuple[Swing, ...] = ()
    points: tuple[Point, ...] = ()
    advice: tuple[Advice, ...] = ()
    shifts: tuple[Shift, ...] = ()


def outlook(
    simulation: Simulation,
    book: Book,
    results: Sequence[Result],
    answers: dict[str, pl.DataFrame],
    end: datetime | None,
    budget: Decimal | None = None,
) -> Outlook:
    """Answer what is asked of priced scenarios.

    Args:
        simulation: what priced them.
        book: the prices.
        results: reality first.
        answers: the standing questions' answers.
        end: the first instant after the history; None where there is none.
        budget: what Pro's share of the traffic may cost in all; None for what was spent.
    """
    actual, *others = results
    if actual.cost is None and all(result.cost is None for result in others):
        return Outlook(self_test=simulation.self_test())
    flash, pro = simulation.price(FLASH), simulation.price(PRO)
    evens = break_evens(flash, pro, budget)
    return Outlook(
        bridges={result.scenario.name: bridge(simulation, result) for result in others},
        self_test=simulation.self_test(),
        break_evens=tuple(evens),
        plans=tuple(_plan(result) for result in others if result.scenario.fixed_fee),
        swings=tuple(swing for result in others for swing in swings(simulation, book, result, end)),
        points=(*mix(flash, pro), *(point for result in others for point in curves(result))),
        advice=tuple(advice(answers["workloads"], answers["outcomes"], evens)),
        shifts=tuple(shifts(simulation, actual)) if _has_windows(answers["windows"]) else (),
    )


def _has_windows(windows: pl.DataFrame) -> bool:
    """Whether anything was paid at an hour's own price: else no wait changes one."""
    return any(window not in {None, "all"} for window in windows["price_window"])


def _plan(result: Result) -> PlanBreakEven:
    """Compare the fee with what the covered requests cost by tokens in the same scenario without the plan."""
    volume = monthly = None
    with localcontext(prec=DIGITS):
        if result.replaced and result.fee_months:
            volume = result.fee / result.replaced
            monthly = round(volume * result.covered / result.fee_months, 1)
            volume = round(volume, DECIMALS)
    known = (result.covered, result.covered_unpriced, result.replaced)
    return PlanBreakEven(result.scenario.name, result.fee, *known, volume, monthly)
