"""Notes beside a review: what whoever runs it should know, and what is in none of its figures."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from analyzer.finance.closing import closings, otherwise_closed
from analyzer.finance.review import Review
from analyzer.ledger import Ledger
from analyzer.simulate.relations import View

_SILENT = timedelta(days=2)


def notes(ledger: Ledger, view: View, review: Review, as_of: datetime, *, closing: bool) -> Iterator[str]:
    """Each in a sentence without its stop."""
    month = review.month
    for other in otherwise_closed(ledger, month, view):
        yield f"{month} is closed as {other}; this is another view of it, computed anew"
    mine = {one.month for one in closings(ledger, view)}
    if (
        not mine
        and ledger.connection.execute("SELECT 1 FROM closings WHERE month < ? LIMIT 1", [month.first]).fetchone()
    ):
        yield "months before it are closed in another view; here they are computed anew"
    if closing and review.previous and month.previous() not in mine:
        yield f"{month.previous()} is not closed: what comes late for it changes no figure of {month} any more"
    silent = min(as_of, month.end) - review.until
    if not review.over and silent > _SILENT:
        yield f"the logs end at {review.until:%Y-%m-%d %H:%M} UTC, {silent.days} days before"
