"""How much a scenario's cost hangs on what was assumed: each assumption at both of its ends."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import plotly.graph_objects as go

from analyzer.report.amounts import places_for
from analyzer.report.drawing import FIRST, HOVER, INK, LINE, SECOND, label, money, money_axis, rows_layout
from analyzer.simulate.result import Result
from analyzer.simulate.sensitivity import Swing

SHOWN = 16  # rows, of whole scenarios; the table has all
ASSUMPTIONS = {
    "cache": "cache hits after moves",
    "hit_rate": "hit rate",
    "output_ratio": "length of moved outputs",
    "price_date": "next known prices",
}


_ENDS = {"transferred": "kept", "in-force": "as they were"}


def end(words: str) -> str:
    """An end of an assumption in few words."""
    return _ENDS.get(words, words).replace("x ", "×")


def swings(found: Sequence[Swing], results: Sequence[Result], currency: str) -> Any:
    """A dot for each end of an assumption, one for the scenario as it is; None where nothing is priced."""
    known = [swing for swing in found if swing.cost_low is not None and swing.cost_high is not None]
    if not known:
        return None
    rows, named = _first(known)
    costs = {result.scenario.name: result.cost for result in results}
    digits = places_for(next((each.cost for each in results if each.cost is not None), None))
    figure = go.Figure()
    for place, swing in enumerate(rows):
        figure.add_shape(
            type="line", x0=float(swing.cost_low or 0), x1=float(swing.cost_high or 0), y0=place, y1=place,
            layer="between", line={"color": LINE, "width": 3},
        )  # fmt: skip
    ends = [
        ("the first that is named", "circle", FIRST, [(swing.low, swing.cost_low) for swing in rows]),
        ("the second", "square", SECOND, [(swing.high, swing.cost_high) for swing in rows]),
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
    parts = [
        (f"{label(swing.scenario)}:", f"{ASSUMPTIONS[swing.assumption]},", f"{end(swing.low)} or {end(swing.high)}")
        for swing in rows
    ]
    names = [" ".join(each) for each in parts]
    each = "each scenario costs" if len(rows) == len(known) else f"the first {named} scenarios cost"
    title = f"What {each} if one assumption is otherwise, {currency}"
    figure.update_layout(**rows_layout(title, names), showlegend=True, meta={"phone": list(map("<br>".join, parts))})
    figure.update_yaxes(range=[len(names) - 0.5, -0.5], autorange=False)
    figure.update_xaxes(
        **money_axis(currency, max(float(each or 0) for swing in rows for each in (swing.cost_low, swing.cost_high)))
    )
    return figure


def _first(known: Sequence[Swing]) -> tuple[list[Swing], int]:
    """As many rows as have room, of whole scenarios, and of how many these are."""
    by_scenario = {name: list(its) for name, its in groupby(known, key=lambda swing: swing.scenario)}
    rows: list[Swing] = []
    named = 0
    for its in by_scenario.values():
        if rows and len(rows) + len(its) > SHOWN:
            break
        rows += its
        named += 1
    return rows, named
