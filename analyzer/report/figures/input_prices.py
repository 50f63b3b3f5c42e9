"""What input really cost, after cache hits, against its list price."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go
import polars as pl

from analyzer.report.amounts import percent
from analyzer.report.drawing import FIRST, HOVER, LINE, SECOND, label, rows_layout
from analyzer.report.figures.hits import drawn

MILLION = 1_000_000


@dataclass(frozen=True)
class InputPrice:
    """What 1M input tokens of an endpoint cost.

    Attributes:
        endpoint: the endpoint.
        tokens: input tokens that were priced.
        effective: per 1M, after cache hits, to 9 decimals.
        listed: per 1M, had every token missed the cache, to 9 decimals.
        saved: what the cache saved in all, exact; negative where writes cost more than hits saved.
    """

    endpoint: str | None
    tokens: int
    effective: Decimal
    listed: Decimal
    saved: Decimal


def prices(endpoints: pl.DataFrame, answer: pl.DataFrame) -> list[InputPrice]:
    """Prices of the costliest endpoints with input, from the answers of ``endpoints`` and ``input_prices``."""
    by_name = {row["endpoint"]: row for row in answer.iter_rows(named=True) if row["input_tokens"]}
    known = [by_name[row["endpoint"]] for row in drawn(endpoints) if row["endpoint"] in by_name]
    return [
        InputPrice(
            endpoint=row["endpoint"],
            tokens=row["input_tokens"],
            effective=_per_million(row["input_cost"], row["input_tokens"]),
            listed=_per_million(row["list_cost"], row["input_tokens"]),
            saved=row["list_cost"] - row["input_cost"],
        )
        for row in known
    ]


def _per_million(cost: Decimal, tokens: int) -> Decimal:
    return (cost * MILLION / tokens).quantize(Decimal("1e-9"))


def input_prices(rows: list[InputPrice], currency: str, word: str) -> Any:
    """A dot for the list price, one for what was paid, and the way between; None where nothing is priced."""
    if not rows:
        return None
    names = [label(row.endpoint) for row in rows]
    figure = go.Figure()
    for place, row in enumerate(rows):
        figure.add_shape(
            type="line", x0=float(row.effective), x1=float(row.listed), y0=place, y1=place, layer="between",
            line={"color": LINE, "width": 3},
        )  # fmt: skip
    dots = [
        ("list price, no cache", "circle-open", SECOND, [row.listed for row in rows]),
        ("paid, after cache hits", "circle", FIRST, [row.effective for row in rows]),
    ]
    for kind, symbol, colour, values in dots:
        figure.add_scatter(
            name=kind,
            mode="markers",
            x=[float(value) for value in values],
            y=list(range(len(rows))),
            customdata=[
                f"{name}<br>{kind}: {value:.4f} {currency} per 1M input tokens"
                f"<br>the cache makes {percent(row.effective - row.listed, row.listed)}"
                for name, row, value in zip(names, rows, values, strict=True)
            ],
            hovertemplate=HOVER,
            marker={"symbol": symbol, "size": 12, "color": colour, "line": {"width": 2, "color": colour}},
        )
    title = f"What 1M input tokens cost after cache hits, against list price, by {word}, {currency}"
    figure.update_layout(**rows_layout(title, names), showlegend=True)
    figure.update_yaxes(range=[len(names) - 0.5, -0.5], autorange=False)
    figure.update_xaxes(title=f"{currency} per 1M input tokens", rangemode="tozero", exponentformat="none")
    return figure
