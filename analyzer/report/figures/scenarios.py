"""The scenarios beside each other, each with its bounds."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go

from analyzer.report.amounts import places_for
from analyzer.report.drawing import FIRST, HOVER, LINE, SECOND, label, money, money_axis, rows_layout
from analyzer.simulate.result import Result


def scenarios(results: Sequence[Result], currency: str) -> Any:
    """A dot for each scenario's cost, a line from its low to its high bound; None where no cost is known."""
    known = [(index, result) for index, result in enumerate(results) if result.cost is not None]
    if not known:
        return None
    actual = results[0].cost
    digits = places_for(next((each.cost for each in results if each.cost is not None), None))
    costs = [float(result.cost or 0) for _, result in known]
    hover = [
        f"{label(result.scenario.name)}<br>{money(result.cost, digits)} {currency}<br>"
        f"from {money(result.low, digits)} to {money(result.high, digits)}"
        for _, result in known
    ]
    figure = go.Figure()
    figure.add_scatter(
        mode="markers",
        x=costs,
        y=[index for index, _ in known],
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [_reach(result, result.high) for _, result in known],
            "arrayminus": [_reach(result, result.low) for _, result in known],
            "color": FIRST,
            "thickness": 3,
            "width": 7,
        },
        customdata=hover,
        hovertemplate=HOVER,
        marker={
            "size": 13,
            "color": [SECOND if index == 0 else FIRST for index, _ in known],
            "symbol": ["diamond" if index == 0 else "circle" for index, _ in known],
        },
    )
    names = [label(result.scenario.name) for result in results]
    shape = rows_layout(
        f"Cost of each scenario from its low to its high bound, {currency}; dashed: what was spent", names
    )
    figure.update_layout(**shape, showlegend=False)
    figure.update_yaxes(range=[len(names) - 0.5, -0.5], autorange=False)
    figure.update_xaxes(
        **money_axis(currency, max(map(float, (result.high or result.cost or 0 for _, result in known))))
    )
    if actual is not None:
        figure.add_shape(
            type="line", x0=float(actual), x1=float(actual), yref="paper", y0=0, y1=1, layer="between",
            line={"color": LINE, "width": 1, "dash": "dash"},
        )  # fmt: skip
    return figure


def _reach(result: Result, bound: Decimal | None) -> float:
    """How far a bound lies from the cost; one that is not known does not."""
    cost = result.cost or Decimal(0)
    return abs(float(cost if bound is None else bound) - float(cost))
