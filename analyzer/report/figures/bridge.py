"""The way from what was spent to what a scenario comes to, step by step."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go

from analyzer.report.amounts import places_for, plain
from analyzer.report.cells import signed
from analyzer.report.drawing import FIRST, HOVER, SECOND, THIRD, label, money_axis, rows_layout
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
    rows: list[tuple[str, float, float, str, str]] = []  # name, base, width, kind, hover
    digits = places_for(results[0].cost)
    for result in results[1:]:
        actual, difference = result.compared_actual, result.difference
        steps = bridges.get(result.scenario.name, ())
        if actual is None or difference is None or not steps or len(rows) >= SHOWN * 8:
            continue
        name = label(result.scenario.name)
        spent = f"what was spent: {plain(actual, digits)} {currency}"
        rows.append((f"spent, before {name}", 0.0, float(actual), "cost", spent))
        reached = actual
        for step in steps:
            kind = "cheaper" if step.amount < 0 else "dearer"
            hover = f"{name}<br>{driver(step)}: {signed(step.amount, digits)} {currency}"
            rows.append((driver(step), float(reached), float(step.amount), kind, hover))
            reached += step.amount
        comes = f"{name}: {plain(actual + difference, digits)} {currency}"
        rows.append((name, 0.0, float(actual + difference), "cost", comes))
    if not rows:
        return None
    figure = go.Figure()
    for kind, colour in (("cost", FIRST), ("cheaper", THIRD), ("dearer", SECOND)):
        mine = [(place, row) for place, row in enumerate(rows) if row[3] == kind]
        if mine:
            figure.add_bar(
                name=kind,
                orientation="h",
                width=0.65,
                y=[place for place, _ in mine],
                x=[row[2] for _, row in mine],
                base=[row[1] for _, row in mine],
                text=[_amount(row[2], digits, signed_=kind != "cost") for _, row in mine],
                textposition="outside",
                cliponaxis=False,
                customdata=[row[4] for _, row in mine],
                hovertemplate=HOVER,
                marker={"color": colour},
            )
    title = f"From what was spent to each scenario, over the requests priced in both, {currency}"
    figure.update_layout(**rows_layout(title, [row[0] for row in rows]), barmode="overlay", showlegend=True)
    figure.update_yaxes(range=[len(rows) - 0.5, -0.5], autorange=False)
    most = max(max(row[1], row[1] + row[2]) for row in rows)
    figure.update_xaxes(**money_axis(currency), range=[0, most * 1.2])
    return figure


def _amount(value: float, digits: int, *, signed_: bool) -> str:
    amount = Decimal(repr(value))
    return signed(amount, digits) if signed_ else plain(amount, digits)
