"""Bars from left to right and back: an amount, what leads away from it step by step, and what it comes to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from analyzer.report.drawing import FIRST, HOVER, LINE, SECOND, THIRD, money_axis, rows_layout

COLOURS = {"cost": FIRST, "less": THIRD, "more": SECOND}


@dataclass(frozen=True)
class Bar:
    """One bar.

    Attributes:
        name: beside it, harmless.
        base: where it begins.
        width: how far it goes, to the left where it is less than nothing.
        kind: ``cost``, ``less`` or ``more``.
        text: the amount beside it.
        hover: what it says when pointed at.
    """

    name: str
    base: float
    width: float
    kind: str
    text: str
    hover: str


def steps(bars: Sequence[Bar], title: str, currency: str, legend: Mapping[str, str]) -> Any:
    """Draw them, the first on top.

    Args:
        bars: in their order.
        title: of the figure.
        currency: of the amounts.
        legend: what the kinds are called.
    """
    figure = go.Figure()
    for kind, colour in COLOURS.items():
        mine = [(place, bar) for place, bar in enumerate(bars) if bar.kind == kind]
        if mine:
            figure.add_bar(
                name=legend[kind],
                orientation="h",
                width=0.65,
                y=[place for place, _ in mine],
                x=[bar.width for _, bar in mine],
                base=[bar.base for _, bar in mine],
                customdata=[bar.hover for _, bar in mine],
                hovertemplate=HOVER,
                marker={"color": colour},
            )
    # Right of the bar, whichever way it goes: on its left are the names.
    figure.add_scatter(
        mode="text",
        x=[max(bar.base, bar.base + bar.width) for bar in bars],
        y=list(range(len(bars))),
        text=[f"\u2009{bar.text}" for bar in bars],  # a little off the bar
        textposition="middle right",
        cliponaxis=False,
        customdata=[bar.hover for bar in bars],
        hovertemplate=HOVER,
        showlegend=False,
    )
    figure.update_layout(**rows_layout(title, [bar.name for bar in bars]), barmode="overlay", showlegend=True)
    figure.update_yaxes(range=[len(bars) - 0.5, -0.5], autorange=False)
    ends = [end for bar in bars for end in (bar.base, bar.base + bar.width)]
    # Steps may lead below nothing and back, as early in a month; right of the last bar is room for its amount.
    least, most = min(0.0, *ends), max(0.0, *ends)
    span = most - least
    figure.update_xaxes(**money_axis(currency, span), range=[least - (0.03 * span if least else 0), most + 0.2 * span])
    if least:
        figure.update_xaxes(zeroline=True, zerolinecolor=LINE, zerolinewidth=1)
    return figure
