"""The bridge from what was spent to what a scenario comes to: which part of the difference comes from what."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext

from analyzer.simulate.result import Result
from analyzer.simulate.routing import DIGITS
from analyzer.simulate.scenario import Scenario
from analyzer.simulate.whatif import Simulation


@dataclass(frozen=True)
class Step:
    """One pier of the bridge.

    Attributes:
        driver: ``routing``, ``price``, ``tokens``, ``waiting``, ``escalation``, ``cache`` or ``subscription``; several
            with ``and`` between where they cannot be told apart.
        amount: how much dearer the scenario is for it; negative where cheaper.
    """

    driver: str
    amount: Decimal


def bridge(simulation: Simulation, result: Result) -> tuple[Step, ...]:
    """Take a scenario's ingredients one after the other; the steps add up to its difference, to the last digit.

    First the same tokens with the same cache hits go where the scenario routes them, at the analysis' own prices; then
    come its prices, its ratios of tokens, waiting, escalation, a subscription, and last the cache hits that it loses or
    assumes. An ingredient without which some of the compared requests had no price cannot be told from the next.
    """
    if result.difference is None:
        return ()
    steps: list[Step] = []
    reached, joined = Decimal(0), []
    with localcontext(prec=DIGITS):
        for driver, variant in _ingredients(result.scenario):
            joined.append(driver)
            part = result if variant == result.scenario else simulation.price(variant)
            if driver == "cache" or _comparable(part, result):
                arrived = part.difference if driver == "cache" else _kept(part)
                steps.append(Step(" and ".join(joined), arrived - reached if arrived is not None else Decimal(0)))
                reached, joined = reached if arrived is None else arrived, []
        return tuple(step for step in steps if step.amount or len(steps) == 1)


def _ingredients(scenario: Scenario) -> Iterator[tuple[str, Scenario]]:
    """The scenario, built up; each with all that came before. The last is the scenario itself."""
    whole = scenario
    plain = replace(
        whole,
        price_date=None,
        prices=(),
        output_ratio={},
        input_ratio={},
        off_peak=None,
        escalate=None,
        fixed_fee=None,
        hit_rate=None,
    )
    stages: list[tuple[str, dict[str, object]]] = []
    if whole.destinations:
        stages.append(("routing", {}))
    if whole.price_date or whole.prices:
        stages.append(("price", {"price_date": whole.price_date, "prices": whole.prices}))
    if whole.output_ratio or whole.input_ratio:
        stages.append(("tokens", {"output_ratio": whole.output_ratio, "input_ratio": whole.input_ratio}))
    if whole.off_peak:
        stages.append(("waiting", {"off_peak": whole.off_peak}))
    if whole.escalate:
        stages.append(("escalation", {"escalate": whole.escalate}))
    if whole.fixed_fee:
        stages.append(("subscription", {"fixed_fee": whole.fixed_fee}))
    for driver, more in stages:
        plain = replace(plain, **more)  # type: ignore[arg-type]
        yield driver, whole if plain == whole else plain
    yield "cache", whole


def _comparable(part: Result, whole: Result) -> bool:
    """Whether the same requests are compared."""
    return (part.compared_requests, part.compared_actual) == (whole.compared_requests, whole.compared_actual)


def _kept(part: Result) -> Decimal | None:
    """The difference with the cache hits that were observed."""
    return None if part.difference is None or part.lost_cache is None else part.difference - part.lost_cache
