"""How well the prompt cache does: by endpoint, and over time."""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import polars as pl

from analyzer.report.amounts import rate
from analyzer.report.drawing import (
    DRAWN,
    HOVER,
    INK,
    SERIES,
    day_words,
    label,
    period_of,
    row_bars,
    rows_layout,
    time_layout,
)
from analyzer.report.times import OTHERS, Times

LINES = 4  # endpoints with a line of their own; more would be a tangle
_DASHES = ("solid", "dash", "dot", "dashdot")
_PERCENT = {"title": "cache hit rate, %", "tickvals": [0, 25, 50, 75, 100]}


def drawn(endpoints: pl.DataFrame) -> list[dict[str, Any]]:
    """The costliest endpoints; all of them if only one would be left out."""
    return list(endpoints.head(len(endpoints) if len(endpoints) <= DRAWN + 1 else DRAWN).iter_rows(named=True))


def hit_rates(endpoints: pl.DataFrame, word: str) -> Any:
    """Bars of the cache hit rate of each endpoint, costliest endpoint first; None where no rate is known."""
    rows = drawn(endpoints)
    if all(row["cache_hit_rate"] is None for row in rows):
        return None
    shares = [row["cache_hit_rate"] for row in rows]
    texts = [rate(share) for share in shares]
    names = [label(row["endpoint"]) for row in rows]
    figure = go.Figure()
    # An unknown rate has its word at the axis and no bar.
    lengths = [0 if share is None else share * 100 for share in shares]
    told = [
        f"{name}<br>cache hit rate: {text}" + _read(row) for name, row, text in zip(names, rows, texts, strict=True)
    ]
    figure.add_bar(**row_bars(lengths, texts, told))
    figure.update_layout(**rows_layout(f"Cache hit rate by {word}, percent of input tokens", names), showlegend=False)
    figure.update_xaxes(**_PERCENT, range=[0, 114])
    return figure


def _read(row: Mapping[str, Any]) -> str:
    known = row["cache_read_tokens"]
    return "" if known is None else f"<br>{known:,} input tokens served from the cache"


def hit_rates_over_time(times: Times, word: str) -> Any:
    """Lines of the cache hit rate: all together, and the costliest endpoints; None where only one day knows it."""
    known = [step for step in times.steps if times.whole(step).hit_rate is not None]
    if len(known) < 2:
        return None
    step = "month" if times.monthly else "day"
    figure = go.Figure()
    _line(figure, f"all {word}s", times, [times.whole(each) for each in known], known)
    figure.data[0].update(line={"color": INK, "width": 3}, marker={"color": INK, "size": 6})
    for index, place in enumerate([place for place in times.places if place < OTHERS][:LINES]):
        if len(times.places) == 1:
            break
        own = [each for each in known if times.at(place, each).hit_rate is not None]
        if not own:
            continue
        _line(figure, label(times.names[place]), times, [times.at(place, each) for each in own], own)
        figure.data[-1].update(
            line={"color": SERIES[index], "width": 2, "dash": _DASHES[index]},
            marker={"color": SERIES[index], "size": 5},
        )
    title = f"Cache hit rate by {step}, percent of input tokens"
    layout = time_layout(title, times.steps, monthly=times.monthly, height=320)
    figure.update_layout(**layout, showlegend=True)
    figure.update_yaxes(**_PERCENT, range=[-3, 104])
    return figure


def _line(figure: Any, name: str, times: Times, used: list[Any], steps: list[Any]) -> None:
    figure.add_scatter(
        name=name,
        mode="lines+markers",
        x=[each.isoformat() for each in steps],
        y=[part.hit_rate * 100 for part in used],
        customdata=[
            f"{name}<br>{day_words(each, monthly=times.monthly)}: {rate(part.hit_rate)}"
            f"<br>{part.cache_read_tokens:,} of {part.known_input_tokens:,} input tokens"
            for each, part in zip(steps, used, strict=True)
        ],
        hovertemplate=HOVER,
        **period_of(monthly=times.monthly),
    )
