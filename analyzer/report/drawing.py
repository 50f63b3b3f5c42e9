"""What all figures share: colours, names from logs made harmless, and the layouts.

Plotly reads a little HTML in every text. A name from a log passes :func:`label`, which makes it text, before it goes
into a tick, a legend or a hover text; it never stands in a template, and never is a key. A colour is the name of a
variable of the page's style: the page knows whether it is light, dark or on paper.
"""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from analyzer.report.amounts import UNKNOWN, plain
from analyzer.report.visible import visible

LABEL = 28  # characters of a name beside a bar
DRAWN = 12  # bars of a figure; the table has the others
DAILY = 92  # days that are drawn one by one; a longer time is drawn by month

# From little to much. On the first two text can be read, in light and in dark.
PALE, STRONG, STRONGEST = "var(--h1)", "var(--h2)", "var(--h3)"

# Seven series and the rest: variables of style.css, which keep their distance for colour-blind eyes, too.
SERIES = tuple(f"var(--s{number})" for number in range(1, 8))
REST = "var(--s8)"
FIRST, SECOND, THIRD = SERIES[:3]
LINE, INK = "var(--soft)", "var(--ink)"

_BESIDE = 9  # characters beside a bar: 99,999.99, +1,234.56
_DAY = 86_400_000  # milliseconds
_TRILLIONS = 5e14  # what is drawn up to here has room for a fifth more below 1e15

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

HOVER = "%{customdata}<extra></extra>"

# Plotly reads formulas between dollar signs, too: as entities they are shown.
ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;"})


def label(name: str | None) -> str:
    """A name from a log as text that Plotly shows and does not obey."""
    shown = "(none named)" if name is None else visible(name)
    if len(shown) > LABEL:
        # Names of services differ at either end.
        shown = f"{shown[: LABEL // 2 - 1]}…{shown[-LABEL // 2 :]}"
    return shown.translate(ENTITIES)


def money(amount: Decimal | None, digits: int) -> str:
    """An amount in a hover text."""
    return UNKNOWN if amount is None else plain(amount, digits)


def day_words(day: date, *, monthly: bool) -> str:
    """A day, or its month, as people say it; the same in every locale."""
    name = _MONTHS[day.month - 1]
    return f"{name} {day.year}" if monthly else f"{day.day} {name} {day.year}"


def rows_layout(title: str, names: Sequence[str], row: int = 30) -> dict[str, Any]:
    """A row for each name, the first on top, each as high as ``row``."""
    return {
        **_layout(title, 96 + row * max(2, len(names))),
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


def row_bars(lengths: Sequence[float], texts: Sequence[str], told: Sequence[str]) -> dict[str, Any]:
    """A bar in each row of :func:`rows_layout`.

    Args:
        lengths: of the bars.
        texts: what stands at their ends.
        told: what is told of each under the pointer.
    """
    return {
        "orientation": "h",
        "x": lengths,
        "y": list(range(len(lengths))),
        "text": texts,
        "textposition": "outside",
        "constraintext": "none",
        "cliponaxis": False,
        "customdata": told,
        "hovertemplate": HOVER,
        "marker": {"color": FIRST},
    }


def time_layout(title: str, steps: Sequence[date], *, monthly: bool, height: int = 360) -> dict[str, Any]:
    """Time from left to right, in days or months of the reporting zone, with no more than a dozen ticks or so."""
    axis = {"automargin": True, "fixedrange": True, "type": "date", "showgrid": False}
    return {
        **_layout(title, height),
        "xaxis": {**axis, **_ticks(steps[0], steps[-1], monthly=monthly)},
        "yaxis": {"automargin": True, "fixedrange": True, "rangemode": "tozero"},
    }


def _ticks(first: date, last: date, *, monthly: bool) -> dict[str, list[str]]:
    """Names in the middle of their days or months, where :func:`period_of` puts what is drawn of them.

    Plotly's own ticks stand at the beginning or in the middle, as many bars as there are.
    """
    if monthly:
        count, most = (last.year - first.year) * 12 + last.month - first.month + 1, 12
        starts = [_month(first, place) for place in range(count)]
        lengths = [timedelta(days=monthrange(start.year, start.month)[1]) for start in starts]
        texts = [f"{_MONTHS[start.month - 1][:3]} {start.year}" for start in starts]
    else:
        count, most = (last - first).days + 1, 10
        starts = [first + timedelta(days=place) for place in range(count)]
        lengths = [timedelta(days=1)] * count
        texts = [f"{start.day} {_MONTHS[start.month - 1][:3]}" for start in starts]
    middles = [datetime.combine(start, time()) + length / 2 for start, length in zip(starts, lengths, strict=True)]
    every = -(-count // most)
    return {"tickvals": [each.isoformat() for each in middles[::every]], "ticktext": texts[::every]}


def _month(first: date, later: int) -> date:
    years, month = divmod(first.month - 1 + later, 12)
    return date(first.year + years, month + 1, 1)


def plain_layout(title: str, height: int = 320) -> dict[str, Any]:
    """Two axes of numbers."""
    axis = {"automargin": True, "fixedrange": True}
    return {**_layout(title, height), "xaxis": dict(axis), "yaxis": dict(axis)}


def money_axis(currency: str, most: float = 0) -> dict[str, Any]:
    """An axis of money, from nothing on.

    From ten millions on its numbers are short (20M, 3B, 1T), and beyond that as 2e+15: for larger ones Plotly writes
    powers, in a style of their own that the page's policy refuses.

    Args:
        currency: of the amounts.
        most: what it must reach.
    """
    return {
        "title": f"cost, {currency}",
        "rangemode": "tozero",
        "exponentformat": "none" if most < 10_000_000 else "B" if most < _TRILLIONS else "e",
        "separatethousands": True,
    }


def period_of(*, monthly: bool) -> dict[str, Any]:
    """What puts a mark into the middle of its day or month."""
    return {"xperiod": "M1" if monthly else _DAY, "xperiodalignment": "middle"}


def period_of_bar(*, monthly: bool) -> dict[str, Any]:
    """What makes a bar cover its day or month, so that an instant within it lies on it."""
    return {**period_of(monthly=monthly), "width": _DAY * (20 if monthly else 0.65)}


def short(text: str, amount: Decimal) -> str:
    """An amount beside a bar: as it is shown elsewhere, in few characters where that would not fit a phone.

    Args:
        text: as it is shown elsewhere, perhaps with its sign.
        amount: the same; its exact digits stand in the table behind the figure.
    """
    if len(text) <= _BESIDE:
        return text
    if not amount:
        return "0"
    sign = "+" if text.startswith("+") else ""
    if 1 <= abs(amount) < 10**15:
        for power, letter in ((12, "T"), (9, "B"), (6, "M"), (3, "K")):
            if abs(amount) >= 10**power:
                return f"{sign}{amount.scaleb(-power):.1f}{letter}"
    return f"{sign}{amount:.2e}"


def _layout(title: str, height: int) -> dict[str, Any]:
    return {
        "template": None,
        "title": {"text": title},
        "height": height,
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
    }
