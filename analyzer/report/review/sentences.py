"""Sentences of a review: why the month came to what it did, in three, or four where the logs began to tell more."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from analyzer.finance.budget import Budget
from analyzer.finance.review import Review
from analyzer.report import amounts
from analyzer.report.amounts import percent, plain, priced, trace
from analyzer.report.review.change import bridge, difference, left_of, places
from analyzer.report.review.figures import money, rounded
from analyzer.report.review.listing import ratio
from analyzer.report.visible import visible

_SILENT = 3  # days without a call in a row from which they are told
_NOTABLE = Fraction(1, 20)  # the part of a month's calls from which an unknown cache split is told


def verdict(review: Review) -> str:
    """What changed, what drove it, and how it stands to the budget."""
    silence = silent_days(review)
    if not review.begun:
        parts = [_to_come(review)]
    elif not review.units and review.actual is None:
        parts = [] if silence else [f"No call of {review.month} is logged."]
    elif review.actual is None:
        parts = [f"Nothing in {review.month} has a price."]
    else:
        parts = [_change(review), _drivers(review), _split(review), _budget(review)]
    return " ".join(part for part in (*parts, silence and f"{silence[0].upper()}{silence[1:]}.") if part)


def silent_days(review: Review) -> str:
    """Days of which no log tells a call, if three or more follow each other: a long weekend, or a missing log."""
    runs: list[list[date]] = []
    for day in review.quiet_days:
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    longest = max(runs, key=len, default=[])
    if len(longest) < _SILENT:
        return ""
    whole, days = review.month.days, len(review.quiet_days)
    what = "no call" if days == whole else f"no call on {days} of the {whole} days"
    where = "" if days == whole else f", {longest[0]} to {longest[-1]}{' among them' if len(runs) > 1 else ''}"
    return f"the logs hold {what} of {review.month}{where}: nothing was called, or logs are missing"


def _change(review: Review) -> str:
    change, before = difference(review), money(review.previous)
    if not review.over:
        return _so_far(review)
    if change is None:
        return f"What {review.month.previous()} cost is not known: {_unknown_before(review)}."
    if not change:
        return f"{review.month} cost what {review.month.previous()} did."
    share = f" ({percent(money(review.difference), before)})" if before else ""
    word = "more" if change > 0 else "less"
    return f"{review.month} cost {_amount(abs(change), review)} {word} than {review.month.previous()}{share}."


def _unknown_before(review: Review) -> str:
    calls = review.units_before.requests if review.units_before else 0
    if not calls:
        return "the ledger does not reach back so far"
    return "its one call has no known price" if calls == 1 else f"none of its {calls:,} calls has a known price"


def _to_come(review: Review) -> str:
    """Of a month that has not begun; the month before is not whole, and nothing is held against it."""
    said = f"{review.month} has not begun"
    if review.forecast is None:
        return f"{said}, and the logs tell too little to forecast it: that takes four weeks of calls."
    ahead = rounded(review.forecast.amount, places(review))
    return f"{said}; by the {review.forecast.method} it comes to {_amount(ahead, review)}."


def _so_far(review: Review) -> str:
    """Of an open month: the month before is whole, and is held against the forecast."""
    digits = places(review)
    said = f"{review.month} so far cost {_amount(rounded(review.actual or 0, digits), review)}"
    if review.forecast is None:
        return f"{said}."
    ahead = money(review.forecast.amount) or Decimal(0)
    said += f"; by the {review.forecast.method} it comes to {_amount(ahead, review)}"
    change = amounts.difference(ahead, money(review.previous), digits)
    if change is None:
        return f"{said}."
    if not change:
        return f"{said}, as {review.month.previous()} did."
    return f"{said}, {_amount(abs(change), review)} {'more' if change > 0 else 'less'} than {review.month.previous()}."


def _drivers(review: Review) -> str:
    listing = bridge(review)
    if listing is None or review.variance is None or not review.over:
        return ""
    parts = [(str(row[0]), row[1]) for row in listing.values() if isinstance(row[1], Decimal)]
    largest = sorted(parts, key=lambda one: -abs(one[1]))[:2]
    said = [
        f"{name} ({'+' if amount > 0 else '-'}{_amount(abs(amount), review)})" for name, amount in largest if amount
    ]
    if not said:
        return ""
    where = ""
    if len(review.variance.endpoints) > 1:
        endpoint, drivers = review.variance.endpoints[0]
        change = rounded(sum(one.amount for one in drivers), places(review))
        name = "the endpoint without a name" if endpoint is None else visible(endpoint, 60)
        sign = "+" if change > 0 else "-"
        where = f"; the endpoint that moved it most is {name} ({sign}{_amount(abs(change), review)})"
    told = f"largest part is {said[0]}" if len(said) == 1 else f"largest parts are {' and '.join(said)}"
    return f"Its {told}{where}."


def _split(review: Review) -> str:
    """What the cache hit rate drove where one of the months does not tell what was cached, and the other does."""
    before, after = review.units_before, review.units
    if review.variance is None or not before or not before.requests or not after:
        return ""
    shares = [one.split_unknown or Fraction(0) for one in (before, after)]
    if (shares[0] >= _NOTABLE) == (shares[1] >= _NOTABLE):
        return ""
    place = 0 if shares[0] > shares[1] else 1
    month = (review.month.previous(), review.month)[place]
    return (
        f"Of {ratio(shares[place] * 100, 1)}% of the calls of {month} no log tells what was cached, so that they cost"
        " as all misses: the part of the cache hit rate is in part what the logs tell."
    )


def _budget(review: Review) -> str:
    planned = review.whole_budget
    if planned is None:
        return ""
    said = standing(review, planned, "of the budget is left")
    if planned.will_be_over and not planned.over:
        said += ", but by the forecast it will not do"
    return f"{said[0].upper()}{said[1:]}."


def standing(review: Review, budget: Budget, left: str) -> str:
    """How a month stands to a budget; ``left`` follows the amount that is left of it."""
    remains = left_of(budget, places(review))
    if remains is None:
        return "what is spent of the budget is unknown"
    if budget.over and not remains:
        return f"over the budget by {trace(places(review), review.analysis.view.currency)}"
    return f"{_amount(abs(remains), review)} {'over the budget' if remains < 0 else left}"


def known_until(review: Review) -> str:
    """Up to when the logs tell of an open month."""
    if review.begun or review.until < review.month.start:
        verb = "known until" if review.begun else "the logs end at"
        return f"{verb} {review.until:%Y-%m-%d %H:%M} UTC"
    return ""


def _amount(value: Decimal, review: Review) -> str:
    return priced(plain(value, places(review)), review.analysis.view.currency)
