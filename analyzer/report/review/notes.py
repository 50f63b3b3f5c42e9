"""Notes beside a review: what whoever runs it should know, and what is in none of its figures."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from analyzer.counted import counted
from analyzer.finance.closing import closings, otherwise_closed
from analyzer.finance.review import Review
from analyzer.ledger import Ledger
from analyzer.report.review.sentences import silent_days
from analyzer.simulate.relations import View

_SILENT = timedelta(days=2)


def notes(
    ledger: Ledger, view: View, review: Review, as_of: datetime, *, closing: bool, by_clock: bool = False
) -> Iterator[str]:
    """Each in a sentence without its stop.

    Args:
        ledger: the ledger; it holds the requests if ``by_clock``.
        view: how it is looked at.
        review: the review.
        as_of: nothing from this instant on is in it.
        closing: the month is about to be closed.
        by_clock: that instant is now.
    """
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
    if not review.over and as_of - review.until > _SILENT:
        yield _end(review, as_of)
    if silence := silent_days(review):
        yield silence
    if by_clock:
        yield from _ahead(ledger, as_of)


def _ahead(ledger: Ledger, now: datetime) -> Iterator[str]:
    """What the ledger knows that by this machine's clock has not happened yet."""
    text = "SELECT CAST(sum(calls) AS BIGINT) FROM requests WHERE started_at >= ?"
    calls = ledger.connection.execute(text, [now.astimezone(UTC).replace(tzinfo=None)]).fetchall()[0][0]
    if calls is not None:
        yield (
            f"it is {now:%Y-%m-%d %H:%M} UTC by this machine's clock, and the logs tell of {counted(calls, 'call')}"
            " after that, in no figure: see to the clock, or to the zone of the logs"
        )


def _end(review: Review, as_of: datetime) -> str:
    """Where the logs end that an open month is told by."""
    if not review.history and review.until == review.month.start:
        return f"the logs hold no call before {as_of:%Y-%m-%d %H:%M} UTC"
    days = (as_of.astimezone(UTC).date() - review.until.date()).days
    return f"the logs end at {review.until:%Y-%m-%d %H:%M} UTC, {counted(days, 'day')} before"
