"""Sensitivity: what a scenario costs if an assumption is otherwise, one at a time, the rest held."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal, localcontext

from analyzer.prices import Book
from analyzer.simulate.result import Result, total
from analyzer.simulate.routing import DIGITS
from analyzer.simulate.scenario import Scenario
from analyzer.simulate.whatif import Simulation

_MOMENT, _DAY = timedelta(microseconds=1), timedelta(days=1)
_SHORTER, _LONGER = Decimal("0.75"), Decimal("1.5")
_TENTHS = tuple(Decimal(tenth) / 10 for tenth in range(11))
_RATIOS = tuple(Decimal(quarter) / 4 for quarter in range(2, 9))


@dataclass(frozen=True)
class Swing:
    """One assumption at both of its ends.

    Attributes:
        scenario: the scenario's name.
        assumption: ``cache``, ``hit_rate``, ``output_ratio`` or ``price_date``.
        low: the assumption at one end, in words.
        high: and at the other.
        cost_low: cost at the first end; None where nothing is priced.
        cost_high: cost at the other end.
    """

    scenario: str
    assumption: str
    low: str
    high: str
    cost_low: Decimal | None
    cost_high: Decimal | None


@dataclass(frozen=True)
class Point:
    """Cost at one value of an assumption.

    Attributes:
        scenario: the scenario's name.
        assumption: ``hit_rate``, ``output_ratio`` or ``pro_share``.
        value: of the assumption.
        cost: then; None where nothing is priced.
    """

    scenario: str
    assumption: str
    value: Decimal
    cost: Decimal | None


def swings(simulation: Simulation, book: Book, result: Result, end: datetime | None) -> Iterator[Swing]:
    """Each assumption's low and high.

    The cache from transferred to cold; the hit rate from 0 to 1; outputs of requests that move from three quarters to
    one and a half times as long; and the prices of the next card that begins after the history, where one is known.

    Args:
        simulation: what priced the result.
        book: the prices.
        result: of the scenario.
        end: the first instant after the history; None where there is none.
    """
    scenario = result.scenario
    yield Swing(scenario.name, "cache", "transferred", "cold", result.low, result.high)
    yield Swing(scenario.name, "hit_rate", "100%", "0%", result.all_hits, result.all_misses)
    if result.moved:
        shorter, longer = (_between(*_by_output(result), ratio) for ratio in (_SHORTER, _LONGER))
        yield Swing(scenario.name, "output_ratio", f"x {_SHORTER}", f"x {_LONGER}", shorter, longer)
    after = next_card(book, scenario, end, simulation.currency)
    if after is not None and scenario.price_date is None:
        then = simulation.price(replace(scenario, price_date=after)).cost
        now = simulation.price_date.isoformat() if simulation.price_date else "in-force"
        yield Swing(scenario.name, "price_date", now, after.isoformat(), result.cost, then)


def next_card(book: Book, scenario: Scenario, end: datetime | None, currency: str) -> date | None:
    """The first day after the history that begins with another card of a target; None where none is known.

    A price date means the cards in force at its 00:00 UTC, so a card that begins later on a day is that of the next.
    """
    if end is None:
        return None
    starts = {
        (row.start - _MOMENT).date() + _DAY
        for target in scenario.targets
        for row in book.over(scenario.prices).history(target, currency)
        if row.start is not None and row.start >= end
    }
    return min(starts, default=None)


def curves(result: Result) -> Iterator[Point]:
    """Cost against the hit rate, and against the length of the outputs of what moves.

    Cost is linear in both, so two prices tell the whole line, exactly.
    """
    name, ends = result.scenario.name, (result.all_misses, result.all_hits)
    yield from (Point(name, "hit_rate", value, _between(*ends, value)) for value in _TENTHS)
    if result.moved:
        ends = _by_output(result)
        yield from (Point(name, "output_ratio", value, _between(*ends, value)) for value in _RATIOS)


def mix(flash: Result, pro: Result) -> Iterator[Point]:
    """Cost against the share of all tokens that Pro takes and Flash leaves, each with the hits that were observed."""
    on_flash, on_pro = (result.money(total(result.endpoints, "transferred")) for result in (flash, pro))
    for share in _TENTHS:
        yield Point("flash and pro", "pro_share", share, _between(on_flash, on_pro, share))


def _by_output(result: Result) -> tuple[Decimal | None, Decimal | None]:
    """What a scenario costs if requests that move have no output, and if they have as much as they had."""
    if result.cost is None or result.moving_outputs is None or result.logged_outputs is None:
        return None, None
    with localcontext(prec=DIGITS):
        none = result.cost - result.moving_outputs
        return none, none + result.logged_outputs


def _between(at_0: Decimal | None, at_1: Decimal | None, value: Decimal) -> Decimal | None:
    with localcontext(prec=DIGITS):
        return None if at_0 is None or at_1 is None else at_0 + (at_1 - at_0) * value
