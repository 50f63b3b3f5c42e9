"""The listing of unit economics."""

from collections.abc import Callable
from fractions import Fraction

from analyzer.finance.review import Review
from analyzer.finance.units import Units
from analyzer.report.review.change import places
from analyzer.report.review.figures import per, rounded
from analyzer.report.review.listing import Cell, Column, Kind, Listing


def unit_economics(review: Review) -> Listing:
    """What a unit of work cost, this month and the one before."""
    now, before = review.units, review.units_before
    digits = places(review)
    rows = []
    for title, kind, value in _METRICS:
        cells = [Cell(_shown(value(one), kind, digits) if one else None, kind) for one in (before, now)]
        rows.append((title, *cells))
    return Listing(
        "unit-economics",
        f"What a unit of work cost, {review.analysis.view.currency}",
        (
            Column("", "words"),
            Column(str(review.month.previous()), "price"),
            Column(str(review.month), "price"),
        ),
        tuple(rows),
        places=digits,
        note="Ratios of sums, never means of ratios; over priced calls where money is in them.",
    )


_METRICS: tuple[tuple[str, Kind, Callable[[Units], object]], ...] = (
    ("Requests", "count", lambda one: one.requests),
    ("Cost", "money", lambda one: one.cost),
    ("Cost per 1,000 requests", "price", lambda one: one.per_thousand_requests),
    ("Cost per successful request", "price", lambda one: one.per_success),
    ("Cost per 1M tokens, in and out", "price", lambda one: one.per_million_tokens),
    ("Effective price of 1M input tokens", "price", lambda one: one.input_price),
    ("Price of 1M output tokens", "price", lambda one: one.output_price),
    ("Cache hit rate", "rate", lambda one: one.hit_rate),
    ("Saved by cache hits", "money", lambda one: one.cache_saving),
    ("Paid more for cache writes", "money", lambda one: one.cache_premium),
    ("Saved by calling off-peak", "money", lambda one: one.off_peak_saving),
    ("Spent on failed requests", "money", lambda one: one.failed_cost),
    ("their share of the cost of known outcome", "rate", lambda one: one.failed_share),
)


def _shown(value: object, kind: str, digits: int) -> object:
    if kind == "money" and isinstance(value, int):
        return rounded(value, digits)
    if kind == "price" and isinstance(value, Fraction):
        return per(value)
    return value
