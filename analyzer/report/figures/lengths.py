"""How long prompts and answers are: the histogram of tokens by endpoint, with its exact percentiles over it."""

import math
from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import polars as pl

from analyzer.counted import counted
from analyzer.report.drawing import HOVER, INK, PALE, STRONG, label, rows_layout
from analyzer.report.figures.hits import drawn


def size(tokens: int) -> str:
    """A power of two as people say it: 512, 1k for 1,024, 1M for 1,048,576, and so on."""
    for power, letter in ((50, "P"), (40, "T"), (30, "G"), (20, "M"), (10, "k")):
        if tokens >= 1 << power:
            return f"{tokens >> power:,}{letter}"
    return str(tokens)


def span(place: int) -> str:
    """The lengths that a bin of ``token_histogram`` holds, in tokens."""
    if place < 1:
        return "0" if place < 0 else "1"
    return f"{1 << place:,} to {(2 << place) - 1:,}"


def lengths(
    endpoints: pl.DataFrame, histogram: pl.DataFrame, side: str
) -> tuple[list[str | None], list[int], list[list[int]]]:
    """What :func:`token_lengths` draws: endpoints, bins without a gap, and requests by endpoint and bin."""
    counts: dict[str | None, dict[int, int]] = {}
    for row in histogram.filter(pl.col("side") == side).iter_rows(named=True):
        counts.setdefault(row["endpoint"], {})[row["bin"]] = row["requests"]
    names = [row["endpoint"] for row in drawn(endpoints) if row["endpoint"] in counts]
    found = [place for name in names for place in counts[name]]
    bins = list(range(min(found), max(found) + 1)) if found else []
    return names, bins, [[counts[name].get(place, 0) for place in bins] for name in names]


TICKS = 16  # lengths that are named below a figure
MARKS = {"p50": "line-ns", "p90": "diamond", "p99": "triangle-right"}


def token_lengths(
    endpoints: pl.DataFrame, histogram: pl.DataFrame, distribution: pl.DataFrame, side: str, word: str
) -> Any:
    """How long the prompts (``input``) or answers (``output``) are: an endpoint's requests by doubling lengths.

    Args:
        endpoints: answer of ``endpoints``, for the order.
        histogram: answer of ``token_histogram``.
        distribution: answer of ``token_distribution``, for the percentiles.
        side: ``input`` or ``output``.
        word: what an endpoint is called here.

    Returns:
        The figure, or None where no request was logged by itself.
    """
    names, bins, counts = lengths(endpoints, histogram, side)
    if not bins:
        return None
    shares, texts, hover = [], [], []
    for name, row in zip(names, counts, strict=True):
        whole = sum(row)
        shares.append([count / whole * 100 if count else None for count in row])
        texts.append([_percent(count, whole) for count in row])
        hover.append(
            [
                f"{label(name)}<br>{span(place)} {side} tokens:<br>{count:,} of {counted(whole, 'request')}"
                + (f" ({count / whole:.1%})" if whole else "")
                for place, count in zip(bins, row, strict=True)
            ]
        )
    figure = go.Figure()
    figure.add_heatmap(
        x=bins,
        y=list(range(len(names))),
        z=shares,
        zmin=0,
        zmax=100,
        text=texts,
        texttemplate="%{text}",
        customdata=hover,
        hovertemplate=HOVER,
        hoverongaps=False,
        colorscale=[[0, PALE], [1, STRONG]],
        showscale=False,
        xgap=2,
        ygap=2,
    )
    _percentiles(figure, names, {row["endpoint"]: row for row in distribution.iter_rows(named=True)}, side)
    noun = "prompts" if side == "input" else "answers"
    title = f"How long the {noun} are: percent of each {word}'s requests by {side} tokens"
    # High enough that no mark lies on a number.
    figure.update_layout(**rows_layout(title, [label(name) for name in names], 38), showlegend=True)
    figure.update_layout(margin={"r": 24})  # the last name stands at the edge
    figure.update_xaxes(
        title=f"{side} tokens (1k = 1,024)",
        range=[bins[0] - 0.5, bins[-1] + 0.5],
        **_ticks(bins),
        showgrid=False,
        zeroline=False,
    )
    figure.update_yaxes(showgrid=False, autorange=False, range=[len(names) - 0.5, -0.5])
    return figure


def _ticks(bins: list[int]) -> dict[str, list[Any]]:
    """Lengths where they lie: at the edges of the bins, as the percentiles do; of many every other one, and so on."""
    every = -(-len(bins) // TICKS)
    edges = [edge for edge in range(max(bins[0], 0), bins[-1] + 2) if edge % every == 0]
    nothing = [-1] if bins[0] < 0 else []  # a bin of its own, without edges
    return {
        "tickvals": [*nothing, *(edge - 0.5 for edge in edges)],
        "ticktext": [*("0" for _ in nothing), *(size(1 << edge) for edge in edges)],
    }


def _percentiles(
    figure: Any, names: list[str | None], by_name: Mapping[str | None, Mapping[str, Any]], side: str
) -> None:
    """Marks at the exact percentiles, where they lie between the lengths."""
    for mark, symbol in MARKS.items():
        tokens = [by_name[name][f"{side}_tokens_{mark}"] for name in names]
        figure.add_scatter(
            name=mark,
            mode="markers",
            x=[position(each) for each in tokens],
            y=[place + 0.36 for place in range(len(names))],  # below the number of the field
            customdata=[
                f"{label(name)}<br>{mark}: {each:,.1f} {side} tokens" for name, each in zip(names, tokens, strict=True)
            ],
            hovertemplate=HOVER,
            marker={
                "symbol": symbol,
                "size": 9 if mark == "p50" else 7,
                "color": INK,
                "line": {"width": 2, "color": INK},
            },
        )


def position(tokens: float) -> float:
    """Where a length lies on an axis on which bin ``b`` reaches from ``b - 0.5`` to ``b + 0.5``."""
    return -1.0 if tokens < 1 else math.log2(tokens) - 0.5


def _percent(count: int, whole: int) -> str:
    if not count:
        return ""
    share = count / whole * 100
    return "&lt;1" if share < 1 else f"{share:.0f}"
