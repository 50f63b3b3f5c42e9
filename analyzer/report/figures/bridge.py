"""The way from what was spent to what a scenario comes to, step by step."""

from collections.abc import Mapping, Sequence
from typing import Any

from analyzer.report.against import against, digits
from analyzer.report.amounts import nearest, plain, plus, shown
from analyzer.report.drawing import label, short
from analyzer.report.figures.steps import Bar, steps
from analyzer.simulate.bridge import Step
from analyzer.simulate.result import Result

SHOWN = 3  # scenarios that are drawn; the table has all
DRIVERS = {
    "routing": "other models",
    "price": "other prices",
    "tokens": "other lengths",
    "waiting": "waiting for lower prices",
    "escalation": "escalations",
    "subscription": "subscription",
    "cache": "cache hits lost or won",
}


def driver(step: Step) -> str:
    """What a step comes from, in words."""
    return " and ".join(DRIVERS[each] for each in step.driver.split(" and "))


def bridge(bridges: Mapping[str, Sequence[Step]], results: Sequence[Result], currency: str) -> Any:
    """Bars from left to right and back: what was spent, each step, the scenario; None where nothing is compared."""
    bars: list[Bar] = []
    places = digits(results)
    drawn, compared = 0, 0
    for result in results[1:]:
        actual, difference = result.compared_actual, against(result, results[0], places)
        found = bridges.get(result.scenario.name, ())
        if actual is None or difference is None or not found:
            continue
        compared += 1
        if len(bars) >= SHOWN * 8:
            continue
        drawn += 1
        name = label(result.scenario.name)
        spent = plain(actual, places)
        bars.append(
            Bar(
                f"spent, before {name}",
                0.0,
                float(actual),
                "cost",
                short(spent, actual),
                f"what was spent: {spent} {currency}",
            )
        )
        reached = actual
        texts = shown([step.amount for step in found], places, difference)
        for step, text in zip(found, map(plus, texts), strict=True):
            kind = "less" if step.amount < 0 else "more"
            hover = f"{name}<br>{driver(step)}: {text} {currency}"
            bars.append(Bar(driver(step), float(reached), float(step.amount), kind, short(text, step.amount), hover))
            reached += step.amount
        comes = plain(nearest(actual, places) + difference, places)
        bars.append(Bar(name, 0.0, float(reached), "cost", short(comes, reached), f"{name}: {comes} {currency}"))
    if not bars:
        return None
    which = "each scenario" if drawn == compared else f"the first {drawn} of {compared} scenarios"
    title = f"From what was spent to {which}, over the requests priced in both, {currency}"
    return steps(bars, title, currency, {"cost": "cost", "less": "cheaper", "more": "dearer"})
