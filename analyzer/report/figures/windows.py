"""When the money is spent: by hour of the day and price window, and by hour of the week."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go
import polars as pl

from analyzer.counted import counted
from analyzer.report.amounts import places_for, plain
from analyzer.report.drawing import HOVER, PALE, REST, SERIES, STRONG, STRONGEST, money_axis, plain_layout, rows_layout

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WINDOWS = ("peak", "off-peak", "standard", "all")
WORDS = {"peak": "at peak prices", "off-peak": "at off-peak prices", "standard": "at standard prices",
         "all": "at prices of all hours"}  # fmt: skip
_COLOURS: Mapping[str, str] = {"peak": SERIES[1], "off-peak": SERIES[0], "standard": SERIES[2], "all": REST}

Spent = dict[tuple[int, int, str], tuple[Decimal, int]]


def spent(answer: pl.DataFrame) -> Spent:
    """Cost and requests by weekday (1 to 7), hour and window, of what is priced."""
    return {
        (row["weekday"], row["hour_of_day"], row["price_window"]): (row["cost"], row["requests"])
        for row in answer.iter_rows(named=True)
        if row["cost"] is not None
    }


def part(
    cells: Spent, *, day: int | None = None, hour: int | None = None, window: str | None = None
) -> tuple[Decimal, int]:
    """Cost and requests of a weekday, an hour, a window; all of them where none is named."""
    inside = [
        cell
        for (its_day, its_hour, its_window), cell in cells.items()
        if day in {None, its_day} and hour in {None, its_hour} and window in {None, its_window}
    ]
    return sum((cost for cost, _ in inside), Decimal(0)), sum(requests for _, requests in inside)


def by_hour(cells: Spent, currency: str, tz: str) -> Any:
    """Stacked bars: an hour of the day each, a colour for each price window; None where nothing is priced."""
    if not cells:
        return None
    digits = places_for(part(cells)[0])
    figure = go.Figure()
    for window in [window for window in WINDOWS if any(key[2] == window for key in cells)]:
        hours = [part(cells, hour=hour, window=window) for hour in range(24)]
        figure.add_bar(
            name=WORDS[window],
            x=list(range(24)),
            y=[float(cost) if requests else None for cost, requests in hours],
            customdata=[
                f"{hour}:00 to {hour + 1}:00, {WORDS[window]}<br>{plain(cost, digits)} {currency}"
                f"<br>{counted(requests, 'request')}"
                for hour, (cost, requests) in enumerate(hours)
            ],
            hovertemplate=HOVER,
            marker={"color": _COLOURS[window]},
        )
    title = f"Cost by hour of the day and price window, {currency}"
    figure.update_layout(**plain_layout(title), barmode="stack", showlegend=True)
    figure.update_xaxes(title=f"hour of the day, {tz}", tickvals=list(range(0, 24, 2)), showgrid=False, zeroline=False)
    figure.update_yaxes(**money_axis(currency, float(part(cells)[0])))
    return figure


def by_week(cells: Spent, currency: str, tz: str) -> Any:
    """A field for each hour of the week, the stronger in colour the more was spent.

    None of one weekday, whose hours the other figure shows, and where nothing is priced.
    """
    if len({day for day, _, _ in cells}) < 2:
        return None
    digits = places_for(part(cells)[0])
    shades: list[list[float | None]] = []
    hover: list[list[str]] = []
    for day, name in enumerate(DAYS, 1):
        hours = [part(cells, day=day, hour=hour) for hour in range(24)]
        peaks = [part(cells, day=day, hour=hour, window="peak")[0] for hour in range(24)]
        shades.append([float(cost) if requests else None for cost, requests in hours])
        hover.append(
            [
                f"{name}, {hour}:00 to {hour + 1}:00"
                f"<br>{plain(cost, digits)} {currency}, {counted(requests, 'request')}"
                + (f"<br>{plain(peak, digits)} of it at peak prices" if peak else "")
                for hour, ((cost, requests), peak) in enumerate(zip(hours, peaks, strict=True))
            ]
        )
    most = max(part(cells, day=day, hour=hour)[0] for day in range(1, 8) for hour in range(24))
    figure = go.Figure()
    figure.add_heatmap(
        x=list(range(24)),
        y=list(range(7)),
        z=shades,
        zmin=0,
        customdata=hover,
        hovertemplate=HOVER,
        hoverongaps=False,
        colorscale=[[0, PALE], [0.5, STRONG], [1, STRONGEST]],
        showscale=False,
        xgap=2,
        ygap=2,
    )
    figure.update_layout(
        **rows_layout(
            f"Cost by hour of the week, {currency}: the stronger the colour, the more, up to {plain(most, digits)}",
            DAYS,
        ),
        showlegend=False,
    )
    figure.update_xaxes(title=f"hour of the day, {tz}", tickvals=list(range(0, 24, 2)), showgrid=False, zeroline=False)
    return figure
