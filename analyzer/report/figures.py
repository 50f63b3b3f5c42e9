"""Figures: answers of the queries in, Plotly figures out. They draw; exact numbers stand in the tables of the page.

Names from logs go into ``ticktext`` only, escaped, and are spoken of by their place: never in a hover text, never
as a key. Colours that belong to the page (text, grid, ground) are left to it: it knows whether it is dark.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go
import polars as pl

from analyzer.report.amounts import UNKNOWN, places_for, plain, rate
from analyzer.report.visible import visible
from analyzer.simulate.result import Result

DRAWN = 12  # bars of a figure; the table has the others
LABEL = 28  # characters of a name beside a bar

# Okabe and Ito's colours that keep 3:1 on white and on near-black; beyond four, a pattern tells them apart.
BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
_COLOURS = (BLUE, VERMILLION, GREEN, PURPLE)
_PATTERNS = ("", "/", "x")
_MONTHS = len(_COLOURS) * len(_PATTERNS)
_GREY = "#808080"

# Plotly reads a little HTML in every text, and formulas between dollar signs: as entities they are shown.
ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;"})


def label(name: str | None) -> str:
    """A name from a log as text that Plotly shows and does not obey."""
    shown = "(none named)" if name is None else visible(name)
    if len(shown) > LABEL:
        # Names of services differ at either end.
        shown = f"{shown[: LABEL // 2 - 1]}…{shown[-LABEL // 2 :]}"
    return shown.translate(ENTITIES)


def cost_by_month(endpoints: pl.DataFrame, by_month: pl.DataFrame, currency: str, word: str) -> Any:
    """Stacked bars: an endpoint each, costliest first, a colour for each month.

    Args:
        endpoints: answer of ``endpoints``.
        by_month: answer of ``endpoints_by_month``.
        currency: of the costs.
        word: what an endpoint is called here.

    Returns:
        The figure, or None where no cost is known.
    """
    rows = drawn(endpoints)
    place = {row["endpoint"]: index for index, row in enumerate(rows)}
    months = sorted(set(by_month["month"]))
    early, late = months[: -(_MONTHS - 1)], months[-(_MONTHS - 1) :]
    groups = [*([early] if early else []), *([month] for month in late)]
    cells: dict[tuple[int, str], list[Any]] = {}
    for row in by_month.iter_rows(named=True):
        if row["cost"] is not None:
            cells.setdefault((place.get(row["endpoint"], len(rows)), row["month"]), []).append(row)
    if not cells:
        return None
    names = [label(row["endpoint"]) + ("" if row["cost"] is not None else f" ({UNKNOWN})") for row in rows]
    if len(endpoints) > len(rows):
        names.append(f"{len(endpoints) - len(rows):,} more")
    figure = go.Figure()
    digits = places_for(_sum(endpoints["cost"]))
    for index, group in enumerate(groups):
        title = group[0] if len(group) == 1 else f"to {group[-1]}"
        widths: list[float | None] = []
        hover: list[str] = []
        for bar in range(len(names)):
            inside = [row for month in group for row in cells.get((bar, month), [])]
            cost = sum((row["cost"] for row in inside), Decimal(0))
            widths.append(float(cost) if inside else None)
            requests = sum(row["requests"] for row in inside)
            hover.append(f"{title}: {plain(cost, digits)} {currency}<br>{requests:,} requests")
        figure.add_bar(
            orientation="h",
            name=title,
            x=widths,
            y=list(range(len(names))),
            customdata=hover,
            hovertemplate="%{customdata}<extra></extra>",
            marker={
                "color": _COLOURS[index % len(_COLOURS)],
                "pattern": {
                    "shape": _PATTERNS[index // len(_COLOURS)],
                    "fillmode": "overlay",
                    "fgcolor": "rgba(255,255,255,0.8)",
                },
            },
        )
    when = groups[0][0] if len(months) == 1 else "month"
    title = f"Cost by {word} in {when}, {currency}" if len(months) == 1 else f"Cost by {word} and {when}, {currency}"
    figure.update_layout(**layout(title, names), barmode="stack", showlegend=len(groups) > 1)
    figure.update_xaxes(title=f"cost, {currency}", rangemode="tozero", exponentformat="none", separatethousands=True)
    return figure


def hit_rates(endpoints: pl.DataFrame, word: str) -> Any:
    """Bars of the cache hit rate of each endpoint, costliest endpoint first; None where no rate is known."""
    rows = drawn(endpoints)
    if all(row["cache_hit_rate"] is None for row in rows):
        return None
    shares = [row["cache_hit_rate"] for row in rows]
    texts = [rate(share) for share in shares]
    hover = [
        f"cache hit rate: {text}<br>{row['cache_read_tokens']:,} input tokens served from the cache"
        for row, text in zip(rows, texts, strict=True)
    ]
    names = [label(row["endpoint"]) for row in rows]
    figure = go.Figure()
    figure.add_bar(
        orientation="h",
        # An unknown rate has its word at the axis and no bar.
        x=[0 if share is None else share * 100 for share in shares],
        y=list(range(len(rows))),
        text=texts,
        textposition="outside",
        cliponaxis=False,
        customdata=hover,
        hovertemplate="%{customdata}<extra></extra>",
        marker={"color": BLUE},
    )
    figure.update_layout(**layout(f"Cache hit rate by {word}, percent of input tokens", names), showlegend=False)
    figure.update_xaxes(title="cache hit rate, %", range=[0, 114], tickvals=[0, 25, 50, 75, 100])
    return figure


def scenarios(results: Sequence[Result], currency: str) -> Any:
    """A dot for each scenario's cost, a line from its low to its high bound; None where no cost is known."""
    known = [(index, result) for index, result in enumerate(results) if result.cost is not None]
    if not known:
        return None
    actual = results[0].cost
    digits = places_for(actual)
    costs = [float(result.cost or 0) for _, result in known]
    hover = [
        f"{_money(result.cost, digits)} {currency}<br>"
        f"from {_money(result.low, digits)} to {_money(result.high, digits)}"
        for _, result in known
    ]
    ends: list[tuple[str, Callable[[Result], Decimal | None]]] = [
        ("low", lambda r: r.low),
        ("high", lambda r: r.high),
    ]
    reach = {
        end: [
            abs(float(bound(result) or result.cost or 0) - cost) for (_, result), cost in zip(known, costs, strict=True)
        ]
        for end, bound in ends
    }
    figure = go.Figure()
    figure.add_scatter(
        mode="markers",
        x=costs,
        y=[index for index, _ in known],
        error_x={
            "type": "data",
            "symmetric": False,
            "array": reach["high"],
            "arrayminus": reach["low"],
            "color": BLUE,
            "thickness": 3,
            "width": 7,
        },
        customdata=hover,
        hovertemplate="%{customdata}<extra></extra>",
        marker={
            "size": 13,
            "color": [VERMILLION if index == 0 else BLUE for index, _ in known],
            "symbol": ["diamond" if index == 0 else "circle" for index, _ in known],
        },
    )
    names = [label(result.scenario.name) for result in results]
    shape = layout(f"Cost of each scenario with its low and high bound, {currency}", names)
    figure.update_layout(**shape, showlegend=False)
    figure.update_yaxes(range=[len(names) - 0.5, -0.5], autorange=False)
    figure.update_xaxes(title=f"cost, {currency}", rangemode="tozero", exponentformat="none", separatethousands=True)
    if actual is not None:
        figure.add_shape(
            type="line",
            x0=float(actual),
            x1=float(actual),
            yref="paper",
            y0=0,
            y1=1,
            layer="below",
            line={"color": _GREY, "width": 1, "dash": "dash"},
        )
    return figure


def drawn(endpoints: pl.DataFrame) -> list[dict[str, Any]]:
    """The costliest endpoints; all of them if only one would be left out."""
    return list(endpoints.head(len(endpoints) if len(endpoints) <= DRAWN + 1 else DRAWN).iter_rows(named=True))


def _sum(costs: pl.Series) -> Decimal | None:
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal(0)) if known else None


def _money(amount: Decimal | None, digits: int) -> str:
    return UNKNOWN if amount is None else plain(amount, digits)


def layout(title: str, names: Sequence[str]) -> dict[str, Any]:
    """What all figures share: a row for each name, the first on top."""
    return {
        "template": None,
        "title": {"text": title},
        "height": 96 + 30 * max(2, len(names)),
        "margin": {"l": 8, "r": 12, "t": 30, "b": 8},
        "bargap": 0.35,
        "dragmode": False,
        "hovermode": "closest",
        "legend": {
            "orientation": "h",
            "x": 0,
            "y": 1.02,
            "xanchor": "left",
            "yanchor": "bottom",
            "traceorder": "normal",
        },
        "xaxis": {"automargin": True, "fixedrange": True},
        "yaxis": {
            "automargin": True,
            "fixedrange": True,
            "autorange": "reversed",
            "tickvals": list(range(len(names))),
            "ticktext": list(names),
            "showgrid": False,
            "zeroline": False,
        },
    }
