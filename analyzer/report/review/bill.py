"""Listings of the ledger against the provider's bill, where one was given."""

from decimal import Decimal

from analyzer.finance.bucket import CAUSES, Bucket
from analyzer.finance.review import Review
from analyzer.report.amounts import difference, exact
from analyzer.report.reconcile import KINDS, causes_told, verdict
from analyzer.report.remarks import remarks
from analyzer.report.review.change import line_places, places
from analyzer.report.review.figures import money
from analyzer.report.review.listing import Cell, Column, Listing, alone

_MOST = 2_000  # lines that differ, the largest first


def causes(review: Review) -> Listing | None:
    """The difference by its causes, with the verdict."""
    found = review.reconciliation
    if found is None:
        return None
    told = causes_told(found)
    return Listing(
        "reconciliation",
        f"The bill against the ledger, {found.currency}",
        (Column("Cause", "words"), Column("Lines", "count"), Column("Billed less computed", "change")),
        tuple((CAUSES[cause], count, money(amount)) for cause, (count, amount) in told),
        total=("in all", sum(count for _, (count, _) in told), money(found.billed - found.computed)),
        places=places(review),
        note=f"{verdict(found)} Billed {exact(money(found.billed))} {found.bill_currency}, computed"
        f" {exact(money(found.computed))} {found.currency}, by the {found.clock} of requests."
        + "".join(f" {remark}" for remark in remarks(found)),
    )


def differing(review: Review) -> Listing | None:
    """The lines of the bill that are not what was computed; None where all are."""
    found = review.reconciliation
    lines = [] if found is None else [one for one in found.buckets if one.cause != "match"]
    if found is None or not lines:
        return None
    lines.sort(key=lambda one: (-abs(one.difference), one.start, str(one.model), str(one.api_key_name), one.type))
    shown, digits = lines[:_MOST], line_places(review)
    return Listing(
        "reconciliation-lines",
        f"Lines of the bill that differ, {found.currency}",
        (
            Column("From, UTC", "words"), Column("To, UTC", "words"), Column("Model", "name"), Column("Key", "name"),
            Column("What", "words"), Column("Billed", "money"), Column("Computed", "money"),
            Column("Difference", "change"), Column("Cause", "words"),
        ),
        tuple(
            (
                f"{one.start:%Y-%m-%d %H:%M}", f"{one.end:%Y-%m-%d %H:%M}", one.model, one.api_key_name,
                KINDS[one.type],
                alone(billed, digits), alone(computed, digits), Cell(difference(billed, computed, digits), "change"),
                CAUSES[one.cause],
            )
            for one in shown
            for billed, computed in [_sides(one)]
        ),
        places=digits,
        note=f"The {_MOST:,} largest of {len(lines):,}." if len(lines) > len(shown) else "",
    )  # fmt: skip


def _sides(one: Bucket) -> tuple[Decimal | None, Decimal | None]:
    """What is billed and computed of a line, each None where it is not known."""
    return money(one.billed) if one.billed_known else None, money(one.computed) if one.computed_known else None
