"""Listings of what a month came to, and why that is not what the month before came to."""

from collections.abc import Sequence
from decimal import Decimal

from analyzer.finance.budget import Budget
from analyzer.finance.review import Review
from analyzer.finance.variance import Driver
from analyzer.report import amounts
from analyzer.report.amounts import places_for
from analyzer.report.review.figures import money, rounded
from analyzer.report.review.listing import PRICE_PLACES, Cell, Column, Listing, alone

_LARGE = 100_000  # from this cost on, six decimals of thousands of lines are more than a spreadsheet's numbers hold


def places(review: Review) -> int:
    """Decimals of all money of a review: cents, or more where the whole month is less than one unit."""
    ahead = review.forecast.amount if review.forecast else None
    return places_for(money(review.actual) or money(review.previous) or money(ahead))


def line_places(review: Review) -> int:
    """Decimals of single lines: as many as unit prices have, so that small lines are not all nothing."""
    digits = places(review)
    return digits if (money(review.actual) or Decimal(0)) >= _LARGE else max(digits, PRICE_PLACES)


def difference(review: Review) -> Decimal | None:
    """Actual less previous as shown."""
    return amounts.difference(money(review.actual), money(review.previous), places(review))


def left_of(budget: Budget, digits: int) -> Decimal | None:
    """What is left of a budget as shown. None is unknown."""
    return amounts.difference(money(budget.amount), money(budget.actual), digits)


def to_be_booked(review: Review) -> Decimal | None:
    """What a month is booked with, exactly: its cost, and what came late for closed months. None where nothing did."""
    units = sum(one.late for one in review.adjustments)
    return money(review.actual + units) if units and review.actual is not None else None


def late(review: Review) -> Decimal:
    """What came late for closed months as shown, by itself or between what was spent and what is to be booked.

    Both of those are booked to the cent and stand in exports; what lies between them is what a reader subtracts.
    """
    units, booked, digits = sum(one.late for one in review.adjustments), to_be_booked(review), places(review)
    between = None if booked is None else amounts.difference(booked, money(review.actual), digits)
    return rounded(units, digits) if between is None else between


def headline(review: Review) -> Listing:
    """What was spent against what was before, what was planned, and what is to come."""
    digits = places(review)
    planned, ahead = review.whole_budget, review.forecast
    so_far = " so far" if review.begun and not review.over else ""
    rows: list[tuple[object, ...]] = [
        (f"Spent in {review.month}{so_far}", alone(money(review.actual), digits)),
        (f"Spent in {review.month.previous()}", alone(money(review.previous), digits)),
        ("Change", Cell(difference(review), "change")),
    ]
    booked = to_be_booked(review)
    if booked is not None:
        rows += [("Came late for closed months", Cell(late(review), "change"))]
        rows += [(f"To be booked in {review.month}", alone(booked, digits))]
    if planned:
        left = left_of(planned, digits)
        rows += [("Budget", alone(money(planned.amount), digits)), ("Left of the budget", Cell(left, "change"))]
    if ahead:
        parts = (("for the whole month", ahead.amount), ("low", ahead.low), ("high", ahead.high))
        rows += [(f"Forecast, {name}", alone(money(units), digits)) for name, units in parts if units is not None]
    return Listing(
        "summary",
        f"The month in a few figures, {review.analysis.view.currency}",
        (Column("", "words"), Column("Amount", "money")),
        tuple(rows),
        places=digits,
    )


def bridge(review: Review) -> Listing | None:
    """From last month to this one, driver by driver; None where a month is unknown."""
    change = difference(review)
    if review.variance is None or change is None:
        return None
    drivers = [one for one in review.variance.drivers if one.amount]
    return Listing(
        "bridge",
        f"From {review.month.previous()} to {review.month}, {review.analysis.view.currency}",
        (Column("Driver", "words"), Column("Change", "change")),
        tuple((one.name, money(one.amount)) for one in drivers),
        total=("all of the change", money(review.difference)),
        places=places(review),
        wholes=((1, change),),
        note="Each driver's part is what it adds on average over all orders in which the drivers may change (Shapley):"
        " none comes first. New endpoints are those without a cost in the month before, discontinued ones those without"
        " one in this month.",
    )


def by_endpoint(review: Review) -> Listing | None:
    """The same for each endpoint; drivers that changed nothing anywhere are left out."""
    change = difference(review)
    if review.variance is None or change is None:
        return None
    shown = [one.name for one in review.variance.drivers if one.amount or _anywhere(one.name, review)]
    parts = [_column(name, review.variance.endpoints) for name in shown]
    rows = tuple(
        (endpoint, *(money(column[place]) for column in parts), money(sum(one.amount for one in drivers)))
        for place, (endpoint, drivers) in enumerate(review.variance.endpoints)
    )
    named = bridge(review)
    told = {str(name): part for name, part in named.values()} if named else {}
    return Listing(
        "bridge-endpoints",
        f"The change of each endpoint, {review.analysis.view.currency}",
        (
            Column("Endpoint", "name"),
            *(Column(name.capitalize(), "change") for name in shown),
            Column("Change", "change"),
        ),
        rows,
        total=("all", *(money(sum(column)) for column in parts), money(review.difference)),
        places=places(review),
        # Each driver adds up to what the bridge says of it.
        wholes=(
            *((place, part) for place, name in enumerate(shown, 1) if isinstance(part := told.get(name), Decimal)),
            (len(shown) + 1, change),
        ),
    )


def price_volume_mix(review: Review) -> Listing | None:
    """The change as price, volume and mix of lines."""
    change = difference(review)
    if review.variance is None or change is None:
        return None
    return Listing(
        "price-volume-mix",
        f"The same change as price, volume and mix, {review.analysis.view.currency}",
        (Column("Part", "words"), Column("Change", "change")),
        tuple((one.name, money(one.amount)) for one in review.variance.price_volume_mix),
        total=("all of the change", money(review.difference)),
        places=places(review),
        wholes=((1, change),),
        note="A line is an endpoint, model, price window, size of input and class of tokens; its quantity is tokens."
        " Volume is the change of all tokens, mix that of their shares, price that of each line's price, each on"
        " average over all orders. The same calls in another window, at peak hours instead of off-peak say, are other"
        " lines: new ones and discontinued ones.",
    )


def _anywhere(name: str, review: Review) -> bool:
    endpoints = review.variance.endpoints if review.variance else ()
    return any(_amount(name, drivers) for _, drivers in endpoints)


def _column(name: str, endpoints: Sequence[tuple[str | None, Sequence[Driver]]]) -> list[int]:
    return [_amount(name, drivers) for _, drivers in endpoints]


def _amount(name: str, drivers: Sequence[Driver]) -> int:
    return sum(one.amount for one in drivers if one.name == name)
