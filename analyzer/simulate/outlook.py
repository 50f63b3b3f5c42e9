"""The outlook: everything that is asked of scenarios once they are priced."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, localcontext

import polars as pl

from analyzer.prices import Book
from analyzer.simulate.advice import Advice, advice
from analyzer.simulate.breakeven import BreakEven, break_evens
from analyzer.simulate.bridge import Step, bridge
from analyzer.simulate.offpeak import Shift, shifts
from analyzer.simulate.result import DECIMALS, Result, total
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
        replaced: what the requests that it covers would have cost by tokens.
        volume: how many times the history's volume costs as much as the fee; None where no tokens that have a price
            are saved.
        requests_a_month: the same in calls a month, within the months that it was paid for.
    """

    scenario: str
    fee: Decimal
    replaced: Decimal
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
    last: date | None,
    budget: Decimal | None = None,
) -> Outlook:
    """Answer what is asked of priced scenarios.

    Args:
        simulation: what priced them.
        book: the prices.
        results: reality first.
        answers: the standing questions' answers.
        last: the history's last day.
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
        plans=tuple(_plan(simulation, result) for result in others if result.scenario.fixed_fee),
        swings=tuple(swing for result in others for swing in swings(simulation, book, result, last)),
        points=(*mix(flash, pro), *(point for result in others for point in curves(simulation, result))),
        advice=tuple(advice(answers["workloads"], answers["outcomes"], evens)),
        shifts=tuple(shifts(simulation, actual)) if _has_windows(answers["windows"]) else (),
    )


def _has_windows(windows: pl.DataFrame) -> bool:
    """Whether anything was paid at an hour's own price: else no wait changes one."""
    return any(window not in {None, "all"} for window in windows["price_window"])


def _plan(simulation: Simulation, result: Result) -> PlanBreakEven:
    """Compare the fee with what the covered requests cost by tokens in the same scenario without the plan."""
    by_tokens = simulation.price(replace(result.scenario, fixed_fee=None))
    covered = total(result.endpoints, "covered_requests") or 0
    with localcontext(prec=DIGITS):
        replaced = (by_tokens.cost or Decimal(0)) - ((result.cost or result.fee) - result.fee)
        # Less than nothing where what is covered has no price by tokens, and what a cascade asks again has.
        if replaced <= 0 or not result.fee_months:
            return PlanBreakEven(result.scenario.name, result.fee, replaced, None, None)
        volume = result.fee / replaced
        monthly = round(volume * covered / result.fee_months, 1)
        return PlanBreakEven(result.scenario.name, result.fee, replaced, round(volume, DECIMALS), monthly)
