"""How much a scenario's cost hangs on what was assumed: each assumption at both of its ends."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from analyzer.report.amounts import places_for
from analyzer.report.drawing import FIRST, HOVER, INK, LINE, SECOND, label, money, money_axis, rows_layout
from analyzer.simulate.result import Result
from analyzer.simulate.sensitivity import Swing

SHOWN = 16  # rows; the table has all
ASSUMPTIONS = {
    "cache": "cache hits after moves",
    "hit_rate": "hit rate",
    "output_ratio": "length of moved outputs",
    "price_date": "next known prices",
}


def swings(found: Sequence[Swing], results: Sequence[Result], currency: str) -> Any:
    """A dot for each end of an assumption, one for the scenario as it is; None where nothing is priced."""
    rows = [swing for swing in found if swing.cost_low is not None and swing.cost_high is not None][:SHOWN]
    if not rows:
        return None
    costs = {result.scenario.name: result.cost for result in results}
    digits = places_for(next((each.cost for each in results if each.cost is not None), None))
    figure = go.Figure()
    for place, swing in enumerate(rows):
        figure.add_shape(
            type="line", x0=float(swing.cost_low or 0), x1=float(swing.cost_high or 0), y0=place, y1=place,
            layer="below", line={"color": LINE, "width": 3},
        )  # fmt: skip
    ends = [
        ("assumption at one end", "circle", FIRST, [(swing.low, swing.cost_low) for swing in rows]),
        ("at its other end", "square", SECOND, [(swing.high, swing.cost_high) for swing in rows]),
        ("as the scenario assumes", "diamond", INK, [("as assumed", costs.get(swing.scenario)) for swing in rows]),
    ]
    for name, symbol, colour, values in ends:
        figure.add_scatter(
            name=name,
            mode="markers",
            x=[None if cost is None else float(cost) for _, cost in values],
            y=list(range(len(rows))),
            customdata=[
                f"{label(swing.scenario)}<br>{ASSUMPTIONS[swing.assumption]}, {words}: {money(cost, digits)} {currency}"
                for swing, (words, cost) in zip(rows, values, strict=True)
            ],
            hovertemplate=HOVER,
            marker={"symbol": symbol, "size": 11, "color": colour},
        )
    names = [f"{label(swing.scenario)}: {ASSUMPTIONS[swing.assumption]}" for swing in rows]
    title = f"What each scenario costs if one assumption is otherwise, {currency}"
    figure.update_layout(**rows_layout(title, names), showlegend=True)
    figure.update_yaxes(range=[len(names) - 0.5, -0.5], autorange=False)
    figure.update_xaxes(
        **money_axis(currency, max(float(each or 0) for swing in rows for each in (swing.cost_low, swing.cost_high)))
    )
    return figure
