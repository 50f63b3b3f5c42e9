"""Cost over time, stacked by endpoint, with the days marked on which prices changed."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import plotly.graph_objects as go

from analyzer.counted import counted
from analyzer.report.amounts import places_for, plain
from analyzer.report.drawing import (
    HOVER,
    INK,
    LINE,
    REST,
    SERIES,
    day_words,
    label,
    money,
    money_axis,
    period_of,
    period_of_bar,
    row_bars,
    rows_layout,
    short,
    time_layout,
)
from analyzer.report.times import OTHERS, Times
from analyzer.simulate.changes import PriceChange


def costs(times: Times, changes: Sequence[PriceChange], currency: str, tz: str, word: str) -> Any:
    """Stacked bars: a day or month each, a colour for each of the costliest endpoints and one for all others.

    Args:
        times: what was used when.
        changes: price changes to mark, in UTC.
        currency: of the costs.
        tz: the reporting zone.
        word: what an endpoint is called here.

    Returns:
        The figure; of one day or month alone, bars of its endpoints. None where no cost is known, and where one bar
        would be all of it.
    """
    priced = {place for (place, _), used in times.used.items() if used.cost is not None}
    if not priced or len(times.steps) == len(priced) == 1:
        return None
    if len(times.steps) == 1:
        return _of_one(times, sorted(priced), currency, word)
    whole = sum((used.cost for used in times.used.values() if used.cost is not None), Decimal(0))
    digits = places_for(whole)
    figure = go.Figure()
    for place in [place for place in times.places if place in priced]:
        bars = [(step, times.at(place, step)) for step in times.steps]
        name = f"all other {word}s" if place == OTHERS else label(times.names[place])
        figure.add_bar(
            name=name,
            x=[step.isoformat() for step, _ in bars],
            y=[None if used.cost is None else float(used.cost) for _, used in bars],
            customdata=[
                f"{name}<br>{day_words(step, monthly=times.monthly)}: {money(used.cost, digits)} {currency}"
                f"<br>{counted(used.requests, 'request')}"
                for step, used in bars
            ],
            hovertemplate=HOVER,
            marker={"color": REST if place == OTHERS else SERIES[place - 1]},
            **period_of_bar(monthly=times.monthly),
        )
    step = "month" if times.monthly else "day"
    layout = time_layout(f"Cost by {step} and {word}, {currency}", times.steps, monthly=times.monthly)
    figure.update_layout(**layout, barmode="stack", showlegend=len(priced) > 1)
    figure.update_yaxes(**money_axis(currency, float(whole)))
    _unknown(figure, times)
    _mark(figure, changes, tz)
    # Few bars would fill the figure.
    first, last = times.steps[0], times.steps[-1]
    length, room = timedelta(days=31 if times.monthly else 1), max(0, 8 - len(times.steps)) / 2
    figure.update_xaxes(
        range=[(first - length * room).isoformat(), (last + length * (room + 1)).isoformat()], autorange=False
    )
    return figure


def _of_one(times: Times, priced: Sequence[int], currency: str, word: str) -> Any:
    """A bar for each endpoint of one day or month: there is no time to show."""
    (step,) = times.steps
    costs = [times.at(place, step).cost or Decimal(0) for place in priced]
    digits = places_for(sum(costs, Decimal(0)))
    names = [f"all other {word}s" if place == OTHERS else label(times.names[place]) for place in priced]
    figure = go.Figure()
    texts = [short(plain(cost, digits), cost) for cost in costs]
    told = [
        f"{name}: {money(cost, digits)} {currency}<br>{counted(times.at(place, step).requests, 'request')}"
        for name, cost, place in zip(names, costs, priced, strict=True)
    ]
    figure.add_bar(**row_bars([float(cost) for cost in costs], texts, told))
    when = day_words(step, monthly=times.monthly)
    figure.update_layout(**rows_layout(f"Cost by {word}, {when}, {currency}", names), showlegend=False)
    most = float(max(costs))
    figure.update_xaxes(**money_axis(currency, most), range=[0, most * 1.14 or 1])
    return figure


def _unknown(figure: Any, times: Times) -> None:
    """A mark at the foot of each day or month of which no cost is known: no bar would say that nothing was spent."""
    steps = [step for step in times.steps if times.whole(step).cost is None]
    if steps:
        figure.add_scatter(
            name="no cost known",
            mode="markers",
            x=[step.isoformat() for step in steps],
            y=[0] * len(steps),
            cliponaxis=False,
            customdata=[
                f"{day_words(step, monthly=times.monthly)}: no cost is known"
                f"<br>{counted(times.whole(step).requests, 'request')}"
                for step in steps
            ],
            hovertemplate=HOVER,
            marker={"symbol": "x-thin-open", "size": 9, "color": INK, "line": {"width": 2}},
            **period_of(monthly=times.monthly),
        )
        figure.update_layout(showlegend=True)


def _mark(figure: Any, changes: Sequence[PriceChange], tz: str) -> None:
    """A dashed line for each instant at which prices changed, and a mark at its top that says what did."""
    zone = ZoneInfo(tz)
    instants = sorted({change.instant for change in changes})
    if not instants:
        return
    local = [instant.astimezone(zone).replace(tzinfo=None) for instant in instants]
    for moment in local:
        figure.add_shape(
            type="line", x0=moment.isoformat(), x1=moment.isoformat(), yref="paper", y0=0, y1=1,
            line={"color": LINE, "width": 1, "dash": "dash"},
        )  # fmt: skip
    said = []
    for instant, moment in zip(instants, local, strict=True):
        lines = [
            f"{label(change.model)}<br>{change.words.replace('; ', '<br>')}"
            for change in changes
            if change.instant == instant
        ]
        more = [f"and {len(lines) - 4:,} more models"] if len(lines) > 4 else []
        said.append("<br>".join([f"price change, {moment:%Y-%m-%d %H:%M}", *lines[:4], *more]))
    figure.add_scatter(
        name="price change",
        mode="markers",
        x=[moment.isoformat() for moment in local],
        y=[1] * len(local),
        yaxis="y2",
        customdata=said,
        hovertemplate=HOVER,
        marker={"symbol": "triangle-down", "size": 11, "color": INK},
    )
    figure.update_layout(
        yaxis2={"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True}, showlegend=True
    )
