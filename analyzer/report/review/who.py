"""Listings of who spent it: by endpoint, team, cost centre, key and model."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from analyzer.finance.review import Review
from analyzer.report.amounts import difference
from analyzer.report.amounts import rounded as rounded_all
from analyzer.report.review.change import places
from analyzer.report.review.figures import money
from analyzer.report.review.listing import NAMELESS, Column, Listing

WORDS = {
    "endpoint": "endpoint",
    "team": "team",
    "cost_center": "cost centre",
    "api_key_name": "key",
    "model": "model",
}
UNALLOCATED = "unallocated"


def ident_of(dimension: str) -> str:
    """What the listing of a dimension is called."""
    return f"showback-{dimension.replace('_', '-')}"


def showback(review: Review, dimension: str) -> Listing | None:
    """Who used what; what has no name stands at the end, and is never spread."""
    lines = review.showback.lines[dimension]
    if not lines or (dimension == "cost_center" and all(line.name is None for line in lines)):
        return None
    digits = places(review)
    sharing = dimension == "team" and review.showback.sharing
    known = sum(line.cost for line in lines if line.cost is not None)
    borne = rounded_all([money((line.cost or 0) + line.shared) for line in lines], digits)
    used = rounded_all([money(line.cost) for line in lines], digits)
    rows = []
    nameless = NAMELESS if dimension in ("endpoint", "model") else UNALLOCATED
    unknown = any(line.cost is None and line.shared for line in lines)
    for line, after, own in zip(lines, borne, used, strict=True):
        share = Fraction(line.cost, known) if line.cost is not None and known else None
        mine = (line.requests, line.input_tokens, line.output_tokens)
        name = f'"{line.name}"' if line.name == nameless else line.name  # a log may call someone so
        row: list[object] = [name, *mine, money(line.cost), share, money(line.before)]
        if sharing:
            # What a team bears is unknown where its own part is.
            row += [difference(after, own or Decimal(0), digits), None if line.cost is None else after]
        rows.append((*row, line.unpriced))
    titles = [
        Column(WORDS[dimension].capitalize(), "name"), Column("Requests", "count"), Column("Input tokens", "count"),
        Column("Output tokens", "count"), Column("Cost", "money"), Column("Share", "rate"),
        Column(f"In {review.month.previous()}", "money"),
    ]  # fmt: skip
    if sharing:
        titles += [Column("Common costs", "change"), Column("After sharing", "money")]
    counts = [_sum([getattr(line, name) for line in lines]) for name in ("requests", "input_tokens", "output_tokens")]
    total: list[object] = [
        "in all",
        *counts,
        money(review.actual),
        Fraction(1) if known else None,
        money(_before(review)),
    ]
    if sharing:
        total += [money(0), None if unknown else money(review.actual)]
    return Listing(
        ident_of(dimension),
        f"By {WORDS[dimension]}, {review.analysis.view.currency}",
        (*titles, Column("Unpriced", "count")),
        tuple(rows),
        total=(*total, sum(line.unpriced for line in lines)),
        places=digits,
        nameless=nameless,
        note="What the rules of spend.toml share is in columns of its own; the cost is what each team used itself."
        if sharing
        else "",
    )


def _sum(counts: Sequence[int | None]) -> int | None:
    """What is known of them, added up; None where nothing is."""
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _before(review: Review) -> int | None:
    return review.units_before.cost if review.units_before else None
