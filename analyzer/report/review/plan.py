"""Listings of what was planned, what is to come, and what came late."""

from fractions import Fraction

from analyzer.counted import counted
from analyzer.finance.budget import Budget
from analyzer.finance.review import Review
from analyzer.report.amounts import difference
from analyzer.report.review.change import late, left_of, places
from analyzer.report.review.figures import money
from analyzer.report.review.listing import Cell, Column, Listing, alone

_KINDS = {"all": "all", "api_key_name": "key", "cost_center": "cost centre"}


def budgets(review: Review) -> Listing | None:
    """Each budget, what was spent of it, and whether that is too much; None where none is set."""
    if not review.budgets:
        return None
    digits = places(review)
    unknown = any(one.actual is None for one in review.budgets)
    rows = []
    for one in review.budgets:
        kind = _KINDS.get(one.kind, one.kind)
        amount, spent = (alone(money(units), digits) for units in (one.amount, one.actual))
        ahead = Cell("", "words") if one.forecast is None else alone(money(one.forecast), digits)
        left = left_of(one, digits)
        used = Fraction(one.actual, one.amount) if one.amount and one.actual is not None else None
        name = kind if one.kind == "all" else f"{kind} {one.name}"
        rows.append((name, amount, spent, Cell(left, "change"), used, ahead, _state(one)))
    return Listing(
        "budgets",
        f"Budgets, {review.analysis.view.currency}",
        (
            Column("Of", "words"), Column("Budget", "money"), Column("Spent", "money"), Column("Left", "change"),
            Column("Used", "rate"), Column("Forecast", "money"), Column("", "words"),
        ),
        tuple(rows),
        places=digits,
        note="Budgets overlap where one call counts for several; they are not added up."
        + (" Unknown: nothing of it has a known cost." if unknown else ""),
    )  # fmt: skip


def _state(one: Budget) -> str:
    if one.over:
        return "over"
    if one.will_be_over:
        return "will be over"
    if not one.matches:
        return "matches nothing"
    return "unknown" if one.actual is None else "within"


def flexible(review: Review) -> Listing | None:
    """The difference to the budget, by how much was called and by what a call cost."""
    planned = review.whole_budget
    if planned is None or planned.flexible is None or planned.actual is None:
        return None
    digits = places(review)
    less = difference(money(planned.actual), money(planned.amount), digits)
    return Listing(
        "flexible-budget",
        f"Why it is not what was planned, {review.analysis.view.currency}",
        (Column("Part", "words"), Column("Change", "change")),
        (
            ("activity: more or fewer requests, at the planned cost of one", money(planned.flexible.activity)),
            ("efficiency: each at another cost", money(planned.flexible.efficiency)),
        ),
        total=(
            f"spent{'' if review.over else ' so far'} less the month's budget",
            money(planned.actual - planned.amount),
        ),
        places=digits,
        wholes=((1, less),) if less is not None else (),
        note="Requests are those that have a known cost"
        + (
            f"; {counted(planned.without_cost, 'other is', 'others are')} in neither part."
            if planned.without_cost
            else "."
        ),
    )


def accuracy(review: Review) -> Listing | None:
    """What would have been forecast for earlier months at the same point."""
    if not review.accuracy:
        return None
    digits = places(review)
    return Listing(
        "forecast-accuracy",
        f"What would have been forecast, and what came, {review.analysis.view.currency}",
        (
            Column("Month", "words"), Column("Known until, UTC", "words"), Column("By", "words"),
            Column("Forecast", "money"), Column("Actual", "money"), Column("Off by", "rate"),
        ),
        tuple(
            (
                one.month, f"{one.at:%Y-%m-%d %H:%M}", one.method, alone(money(one.forecast), digits),
                alone(money(one.actual), digits), one.error,
            )
            for one in review.accuracy
        ),
        places=digits,
    )  # fmt: skip


def forecast_days(review: Review) -> Listing | None:
    """The month day by day: what was spent, and what is expected."""
    if review.forecast is None:
        return None
    return Listing(
        "forecast",
        f"Day by day, spent and expected, {review.analysis.view.currency}",
        (Column("Day", "day"), Column("Spent", "money"), Column("Expected", "money")),
        tuple((one.day, money(one.actual), money(one.expected)) for one in review.forecast.days),
        total=(
            "in all",
            money(sum(one.actual for one in review.forecast.days)),
            money(sum(one.expected for one in review.forecast.days)),
        ),
        places=places(review),
        note=". ".join(
            (
                f"By {review.forecast.method}, over {counted(review.forecast.history_days, 'day')} of history",
                *([f"No range: {review.forecast.few}"] if review.forecast.few else []),
                *(note[0].upper() + note[1:].rstrip(".") for note in review.forecast.notes),
            )
        )
        + ".",
    )


def adjustments(review: Review) -> Listing | None:
    """What became of closed months since; None where nothing did."""
    if not review.adjustments:
        return None
    return Listing(
        "adjustments",
        f"Closed months since they were closed, {review.analysis.view.currency}",
        (
            Column("Closed month", "words"), Column("Late requests", "count"), Column("Unpriced", "count"),
            Column("Adjustment", "change"),
            Column("Newer prices", "change"), Column("Closed with price book", "words"),
        ),
        tuple(
            (one.month, one.requests, one.unpriced, money(one.late), money(one.repriced), one.price_book)
            for one in review.adjustments
        ),
        total=(
            "in all",
            sum(one.requests for one in review.adjustments),
            sum(one.unpriced for one in review.adjustments),
            money(sum(one.late for one in review.adjustments)),
            money(sum(one.repriced for one in review.adjustments)),
            "",
        ),
        places=places(review),
        wholes=((3, late(review)),),
        note="Late records are priced as their month was, are in no figure of this month, and are to be booked in it."
        " Newer prices is what today's price book would change: it changes no closed month.",
    )  # fmt: skip
