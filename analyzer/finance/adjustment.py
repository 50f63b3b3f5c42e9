"""Adjustments: what has become of closed months since they were closed.

Calls that come late for a closed month are priced as its others were, and are to be booked in the first month after it
that is open. What newer prices would change is said, and changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import duckdb

from analyzer.finance.allocation import Allocation
from analyzer.finance.closing import Closing, Taken, closings, naive
from analyzer.finance.entries import asked, define_entries, entries_of, sql
from analyzer.finance.look import in_words
from analyzer.finance.month import Month
from analyzer.ledger import Ledger
from analyzer.prices import Book
from analyzer.simulate.relations import View
from analyzer.simulate.requests import Requests

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Adjustment:
    """What has become of a closed month since, in units of 1e-15 of the currency.

    Attributes:
        month: the closed month.
        booked_in: the first month after it that is open.
        taken_in: the closed months that have taken up something of it.
        requests: calls that came later, less those that were forgotten, less what was taken up already.
        unpriced: those of them with usage but without a price.
        late: what they cost at the prices of the closing, less what was taken up already.
        repriced: what the prices known today would change of the month; it is not charged.
        price_book: the version that it was closed with.
        outside: of what came late, what no line of a later closing holds: what is not taken up yet, and what was when
            closings kept no lines.
    """

    month: str
    booked_in: str
    taken_in: tuple[str, ...]
    requests: int
    unpriced: int
    late: int
    repriced: int
    price_book: str
    outside: Taken

    @property
    def anything(self) -> bool:
        """Whether there is anything to say of it."""
        return bool(self.to_book or self.repriced)

    @property
    def to_book(self) -> bool:
        """Whether there is anything to take up."""
        return bool(self.requests or self.unpriced or self.late)


def since(ledger: Ledger, book: Book, view: View, closing: Closing) -> Adjustment:
    """What has become of one closed month; ``entries`` is defined for it alone then."""
    month = closing.month
    allocated = define_entries(ledger, book, replace(view, since=month.start, until=month.end))
    return pin(ledger.connection, [closing], closings(ledger, view), allocated)[0]


def define_settled(
    ledger: Ledger,
    book: Book,
    view: View,
    allocation: Allocation | None = None,
    requests: Requests | None = None,
) -> tuple[Adjustment, ...]:
    """Define ``entries`` with closed months as they were reported, cut to what the view holds; see `define_entries`.

    What a closing took up of what came late for months before is in it as well, if the view holds the last hour of the
    month that was closed. Such entries have their own hour, and more columns say where they are booked, which are NULL
    of others: ``booked_month`` and ``booked_hour`` like ``month`` and ``hour``, and ``booked_day``.

    Returns:
        what became of the closed months that the view holds whole.
    """
    allocated = define_entries(ledger, book, view, allocation, requests)
    connection = ledger.connection
    every = closings(ledger, view)
    inside = [one for one in every if overlaps(one.month, view)]
    found: tuple[Adjustment, ...] = ()
    if inside:
        found = pin(connection, inside, every, allocated)
        for name, edge in (("since", view.since), ("until", view.until)):
            connection.execute(f"SET VARIABLE {name} = CAST(? AS TIMESTAMP)", [None if edge is None else naive(edge)])
        connection.execute(sql("outside"))
    for column in ("booked_month TIMESTAMP", "booked_hour TIMESTAMP", "booked_day DATE"):
        connection.execute(f"ALTER TABLE entries ADD COLUMN {column}")
    for one in inside:
        last = naive(one.month.end - _MOMENT).replace(minute=0, second=0, microsecond=0)
        if (view.until is None or last < naive(view.until)) and (view.since is None or last >= naive(view.since)):
            day = one.month.next().first - timedelta(days=1)
            connection.execute(
                "INSERT INTO entries BY NAME SELECT * EXCLUDE (closing_id), ? AS booked_month, ? AS booked_hour,"
                " ? AS booked_day FROM taken_entries WHERE closing_id = ?",
                [one.month.local_start, last, day, one.ident],
            )
    whole = {str(one.month) for one in inside if holds(view, one.month)}
    return tuple(one for one in found if one.month in whole)


def holds(view: View, month: Month) -> bool:
    """Whether a view holds all of a month."""
    return (view.since is None or view.since <= month.start) and (view.until is None or month.end <= view.until)


def overlaps(month: Month, view: View) -> bool:
    """Whether a view holds some of a month."""
    return (view.since is None or view.since < month.end) and (view.until is None or month.start < view.until)


def closed_in_other_views(ledger: Ledger, view: View) -> dict[str, list[Month]]:
    """Months of which a view holds some that are closed, but not as it looks at them: by how they are, in words."""
    mine = {one.month.first for one in closings(ledger, view)}
    text = "SELECT currency, tz, endpoint_by, clock, price_date, month FROM closings ORDER BY ALL"
    found: dict[str, list[Month]] = {}
    for *how, first in ledger.connection.execute(text).fetchall():
        currency, tz, endpoint_by, clock, price_date = how
        month = Month(first, tz)
        if first not in mine and overlaps(month, view):
            found.setdefault(in_words((currency, tz, endpoint_by, clock, price_date)), []).append(month)
    return found


def pin(
    connection: duckdb.DuckDBPyConnection, known: Sequence[Closing], every: Sequence[Closing], allocated: str
) -> tuple[Adjustment, ...]:
    """Let ``entries`` hold closed months as they were reported, and say what has become of them since.

    Args:
        connection: where ``entries`` and what it is made of are defined.
        known: the closings of these months.
        every: all closings of the view: each may have taken up something of another.
        allocated: how ``entries.sql`` meets those who pay.
    """
    if not known:
        return ()
    connection.execute(sql("closed_months"))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE pinned_entries AS {entries_of(allocated, which='false')}")
    for one in known:
        connection.execute("INSERT INTO closed_months VALUES (?, ?)", [one.ident, one.month.local_start])
        for name, value in (("closing", one.ident), ("closed_month", one.month.local_start)):
            connection.execute(f"SET VARIABLE {name} = ?", [value])
        connection.execute(sql("pinned_prices"))
        text = entries_of(allocated, prices="pinned_prices", which="s.month = getvariable('closed_month')")
        connection.execute(f"INSERT INTO pinned_entries BY NAME {text}")
    by_ident = {one.ident: one for one in known}
    rows = asked(connection, "late", view_closings=[one.ident for one in every]).iter_rows(named=True)
    adjustments = tuple(_adjustment(by_ident[row["closing_id"]], every, row) for row in rows)
    connection.execute("DELETE FROM entries WHERE month IN (SELECT month FROM closed_months)")
    connection.execute(
        "INSERT INTO entries BY NAME SELECT * EXCLUDE (closing_id) FROM closed_entries"
        " WHERE closing_id IN (SELECT closing_id FROM closed_months)"
    )
    return adjustments


def _adjustment(closing: Closing, every: Sequence[Closing], row: Mapping[str, Any]) -> Adjustment:
    name = str(closing.month)
    taken = {str(other.month): other.taken[name] for other in every if name in other.taken}
    late = Taken(row["requests"], int(row["late"]), row["unpriced"])
    lines = Taken(row["line_requests"], int(row["line_cost"]), row["line_unpriced"])
    requests, units, unpriced = late.less(*taken.values())
    return Adjustment(
        month=name,
        booked_in=str(_open_after(closing.month, every)),
        taken_in=tuple(taken),
        requests=requests,
        unpriced=unpriced,
        late=units,
        repriced=int(row["repriced"]),
        price_book=closing.price_book,
        outside=late.less(lines),
    )


def _open_after(month: Month, every: Sequence[Closing]) -> Month:
    """The first month after one that is not closed."""
    closed = {one.month for one in every}
    after = month.next()
    while after in closed:
        after = after.next()
    return after
