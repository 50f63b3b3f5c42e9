"""Cost against what a reader may wonder about: the share of Pro, and the hit rate; with the break-evens marked."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import plotly.graph_objects as go

from analyzer.report.amounts import places_for, plain
from analyzer.report.drawing import FIRST, HOVER, INK, LINE, SECOND, THIRD, money_axis, plain_layout
from analyzer.report.lines import Line, Lines, decimal

# Parts of the axis, on a phone: a label in the middle of a mark, or beside it, that is nearer to an end would be cut;
# labels of marks nearer to each other touch.
_EDGE, _BESIDE, _NEAR = Fraction(1, 20), Fraction(1, 5), Fraction(1, 3)
STEPS = [Fraction(step, 20) for step in range(21)]
WORDS = {"logged": "models as they were", "flash": "all on Flash", "pro": "all on Pro"}
_LOOKS = {"logged": (INK, "solid"), "flash": (FIRST, "dash"), "pro": (SECOND, "dot")}


def by_share(lines: Lines | None, currency: str) -> Any:
    """A line from all Flash to all Pro, and a mark where it meets what was spent; None where nothing is priced."""
    if lines is None:
        return None
    figure = go.Figure()
    digits = places_for(decimal(lines.spent))
    _curve(figure, "Pro and Flash by share", lines.by_share, "of all tokens on Pro", currency, digits, (FIRST, "solid"))
    _break_even(figure, [("Pro and Flash by share", lines.by_share)], lines.spent, "of all tokens on Pro")
    _spent(figure, lines.spent, currency, digits)
    _finish(
        figure, f"Cost by share of Pro, with the cache hits that there were, {currency}", currency, [lines.by_share]
    )
    figure.update_xaxes(title="share of tokens on Pro, %")
    return figure


def by_hits(lines: Lines | None, hit_rate: float | None, currency: str) -> Any:
    """A line for each way of serving, and marks where they meet what was spent; None where nothing is priced."""
    if lines is None:
        return None
    figure = go.Figure()
    digits = places_for(decimal(lines.spent))
    for way, line in lines.by_hits.items():
        _curve(figure, WORDS[way], line, "of all input from the cache", currency, digits, _LOOKS[way])
    named = [(WORDS[way], line) for way, line in lines.by_hits.items()]
    _break_even(figure, named, lines.spent, "of all input from the cache")
    _spent(figure, lines.spent, currency, digits)
    if hit_rate is not None:
        figure.add_shape(
            type="line", x0=hit_rate * 100, x1=hit_rate * 100, yref="paper", y0=0, y1=1,
            line={"color": LINE, "width": 2, "dash": "dot"}, name="hit rate as it was", showlegend=True,
        )  # fmt: skip
    _finish(figure, f"Cost by cache hit rate, {currency}", currency, lines.by_hits.values())
    figure.update_xaxes(title="cache hit rate, %")
    return figure


def _curve(figure: Any, name: str, line: Line, meaning: str, currency: str, digits: int, look: tuple[str, str]) -> None:
    costs = [decimal(line.at(step)) for step in STEPS]
    figure.add_scatter(
        name=name,
        mode="lines",
        x=[float(step * 100) for step in STEPS],
        y=[float(cost) for cost in costs],
        customdata=[
            f"{name}<br>{percent(step)} {meaning}: {plain(cost, digits)} {currency}"
            for step, cost in zip(STEPS, costs, strict=True)
        ],
        hovertemplate=HOVER,
        line={"color": look[0], "dash": look[1], "width": 3},
    )


def _spent(figure: Any, spent: Fraction, currency: str, digits: int) -> None:
    figure.add_scatter(
        name="what was spent",
        mode="lines",
        x=[0, 50, 100],
        y=[float(spent)] * 3,
        customdata=[f"what was spent: {plain(decimal(spent), digits)} {currency}"] * 3,
        hovertemplate=HOVER,
        line={"color": LINE, "dash": "dash", "width": 1},
    )


def _break_even(figure: Any, named: list[tuple[str, Line]], spent: Fraction, meaning: str) -> None:
    met = [(name, share) for name, line in named for share in [line.meets(spent)] if share is not None]
    found = sorted(met, key=lambda each: each[1])
    # Where two lines meet what was spent at one share, one mark speaks for both.
    shares = [share for _, share in found]
    names = {share: " and ".join(name for name, at in found if at == share) for share in shares}
    found = [(name, share) for share, name in names.items()]
    if found:
        texts, places = labels([share for _, share in found])
        figure.add_scatter(
            name="break-even",
            mode="markers+text",
            x=[float(share * 100) for _, share in found],
            y=[float(spent)] * len(found),
            text=texts,
            textposition=places,
            customdata=[
                f"break-even<br>{name}: as much as was spent at {percent(share)} {meaning}" for name, share in found
            ],
            hovertemplate=HOVER,
            marker={"symbol": "diamond", "size": 12, "color": THIRD, "line": {"color": INK, "width": 1}},
        )


def labels(shares: Sequence[Fraction]) -> tuple[list[str], list[str]]:
    """What stands at up to three break-evens, least share first, and where, so that each is read by itself.

    They are above and below their marks in turn. Where the two of the upper row are near each other, one stands to the
    left of its mark, the other to the right; where one of these would be cut, the last is a line higher.
    """
    texts = [percent(share) for share in shares]
    sides = ["right" if share < _EDGE else "left" if share > 1 - _EDGE else "center" for share in shares]
    if len(shares) > 2 and shares[2] - shares[0] < _NEAR:
        if shares[0] >= _BESIDE and shares[2] <= 1 - _BESIDE:
            sides[0], sides[2] = "left", "right"
        else:
            texts[2] += "<br>\u00a0"
    return texts, [f"{'bottom' if place % 2 else 'top'} {side}" for place, side in enumerate(sides)]


def _finish(figure: Any, title: str, currency: str, drawn: Iterable[Line]) -> None:
    figure.update_layout(**plain_layout(title, 380), showlegend=True)
    figure.update_xaxes(range=[-2, 102], showgrid=False, zeroline=False)
    figure.update_yaxes(**money_axis(currency, max(float(max(line.none, line.whole)) for line in drawn)))


def percent(share: Fraction) -> str:
    """A share as percent, to the tenth, half to even."""
    return f"{Decimal(round(share * 1000)).scaleb(-1):f}%"
