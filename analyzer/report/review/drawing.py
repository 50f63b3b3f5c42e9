"""The figures of a review: the way from last month to this one, the days of an open month, the months."""

from decimal import Decimal
from typing import Any

import plotly.graph_objects as go

from analyzer.finance.review import Review
from analyzer.report.amounts import plain
from analyzer.report.drawing import FIRST, HOVER, REST, money_axis, period_of_bar, short, time_layout
from analyzer.report.figures.steps import Bar, steps
from analyzer.report.review.change import bridge, places
from analyzer.report.review.figures import money


def waterfall(review: Review) -> Any:
    """Last month, each driver, this month; None where a month is unknown."""
    listing = bridge(review)
    before, actual = money(review.previous), money(review.actual)
    if listing is None or before is None or actual is None:
        return None
    digits, currency = places(review), review.analysis.view.currency
    bars = [_whole(str(review.month.previous()), before, digits, currency)]
    reached = before
    for (name, part), (_, shown) in zip(listing.rows, listing.texts(), strict=True):
        amount = part if isinstance(part, Decimal) else Decimal(0)
        kind = "less" if amount < 0 else "more"
        bars.append(
            Bar(str(name), float(reached), float(amount), kind, short(shown, amount), f"{name}: {shown} {currency}")
        )
        reached += amount
    bars.append(_whole(str(review.month), actual, digits, currency))
    title = f"From {review.month.previous()} to {review.month}, {currency}"
    return steps(bars, title, currency, {"cost": "spent", "less": "less", "more": "more"})


def _whole(name: str, amount: Decimal, digits: int, currency: str) -> Bar:
    text = plain(amount, digits)
    return Bar(name, 0.0, float(amount), "cost", short(text, amount), f"{name}: {text} {currency}")


def days(review: Review, currency: str) -> Any:
    """The days of an open month, spent and expected; None of one that is over."""
    if review.forecast is None:
        return None
    digits, found = places(review), review.forecast.days
    figure = go.Figure()
    for name, colour, amounts in (
        ("spent", FIRST, [money(one.actual) for one in found]),
        ("expected", REST, [money(one.expected) for one in found]),
    ):
        known = [(one.day, amount) for one, amount in zip(found, amounts, strict=True) if amount]
        figure.add_bar(
            name=name,
            x=[day.isoformat() for day, _ in known],
            y=[float(amount) for _, amount in known],
            customdata=[f"{day.isoformat()}: {plain(amount, digits)} {currency} {name}" for day, amount in known],
            hovertemplate=HOVER,
            marker={"color": colour},
            **period_of_bar(monthly=False),
        )
    steps = [one.day for one in found]
    figure.update_layout(**time_layout(f"{review.month} by day, spent and expected, {currency}", steps, monthly=False))
    figure.update_layout(barmode="stack", showlegend=True)
    figure.update_yaxes(**money_axis(currency, max((float(money(one.actual) or 0) for one in found), default=0)))
    return figure


def months(review: Review, currency: str) -> Any:
    """The months that the ledger knows; None of one alone."""
    found = [(one.month, money(one.cost)) for one in review.history if one.cost is not None]
    if len(found) < 2:
        return None
    digits = places(review)
    figure = go.Figure()
    figure.add_bar(
        name="spent",
        x=[month.isoformat() for month, _ in found],
        y=[float(amount or 0) for _, amount in found],
        customdata=[f"{month:%Y-%m}: {plain(amount or Decimal(0), digits)} {currency}" for month, amount in found],
        hovertemplate=HOVER,
        marker={"color": FIRST},
        **period_of_bar(monthly=True),
    )
    if review.forecast is not None:
        rest = review.forecast.amount - review.forecast.to_date
        told = f"{review.month}: {plain(money(rest) or Decimal(0), digits)} {currency} expected"
        figure.add_bar(
            name="expected",
            x=[review.month.first.isoformat()],
            y=[float(money(rest) or 0)],
            customdata=[told],
            hovertemplate=HOVER,
            marker={"color": REST},
            **period_of_bar(monthly=True),
        )
    steps = [month for month, _ in found]
    figure.update_layout(**time_layout(f"Spent by month, {currency}", steps, monthly=True), barmode="stack")
    figure.update_layout(showlegend=review.forecast is not None)
    figure.update_yaxes(**money_axis(currency, max(float(amount or 0) for _, amount in found)))
    return figure
