"""Closing: a month as it was reported, kept in the ledger, and what has become of it since.

A closed month keeps its entries, the prices they were charged by, and the pack that was made of them, byte for byte.
Records that come later are priced as the month's others were, and shown as an adjustment in the month that is open;
what newer prices would have changed is said, and changes nothing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NoReturn

import duckdb

from analyzer import __version__
from analyzer.errors import LedgerError
from analyzer.finance.allocation import Allocation
from analyzer.finance.entries import asked, define_entries, entries_of, sql
from analyzer.finance.month import Month
from analyzer.ledger import Ledger
from analyzer.prices import Book, Sold
from analyzer.simulate.pricing import define_prices
from analyzer.simulate.relations import View


@dataclass(frozen=True)
class Pack:
    """What a review was given out as: the same bytes whenever it is asked for again."""

    document: str
    summary: str
    page: bytes
    workbook: bytes


@dataclass(frozen=True)
class Closing:
    """A month that was closed.

    Attributes:
        ident: its number in the ledger.
        month: the month.
        price_book: the version that it was priced with.
        program: the version of the program.
        taken: units of 1e-15 that were taken up in it of late records of months closed before, by month.
    """

    ident: int
    month: Month
    price_book: str
    program: str
    taken: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Adjustment:
    """What has become of a closed month since, in units of 1e-15 of the currency.

    Attributes:
        month: the closed month.
        requests: calls that came later, less those that were forgotten.
        late: what they cost at the prices of the closing, less what closed months have taken up of it already.
        repriced: what the prices known today would change of the month; it is not charged.
        price_book: the version that it was closed with.
    """

    month: str
    requests: int
    late: int
    repriced: int
    price_book: str


def closings(ledger: Ledger, view: View) -> tuple[Closing, ...]:
    """The months that were closed as this view looks at them, in order."""
    found = ledger.connection.execute(
        "SELECT closing_id, month, price_book, program, taken FROM closings"
        " WHERE tz = ? AND currency = ? AND endpoint_by = ? AND clock = ? ORDER BY month",
        [view.tz, view.currency, view.endpoint_by, view.clock],
    ).fetchall()
    return tuple(
        Closing(ident, Month(first, view.tz), book, program, json.loads(taken))
        for ident, first, book, program, taken in found
    )


def otherwise_closed(ledger: Ledger, month: Month, view: View) -> list[str]:
    """How a month was closed that is not closed as this view looks at it."""
    rows = ledger.connection.execute(
        "SELECT currency, tz, endpoint_by, clock FROM closings WHERE month = ? ORDER BY ALL", [month.first]
    ).fetchall()
    mine = (view.currency, view.tz, view.endpoint_by, view.clock)
    return [", ".join(row) for row in rows if row != mine]


def pack(ledger: Ledger, closing: Closing) -> Pack:
    """What a month was reported as."""
    document, summary, page, workbook = ledger.connection.execute(
        "SELECT document, summary, page, workbook FROM closings WHERE closing_id = ?", [closing.ident]
    ).fetchall()[0]
    return Pack(document, summary, bytes(page), bytes(workbook))


def close(ledger: Ledger, month: Month, view: View, book: Book, adjustments: Sequence[Adjustment], given: Pack) -> None:
    """Close a month whose entries are defined, with the pack that was made of them.

    Raises:
        LedgerError: it is closed already.
    """
    if any(closing.month == month for closing in closings(ledger, view)):
        refuse(month)
    connection = ledger.connection
    with ledger.transaction():
        ident = connection.execute("SELECT coalesce(max(closing_id), 0) + 1 FROM closings").fetchall()[0][0]
        inputs = [row[0] for row in connection.execute("SELECT fingerprint FROM sources ORDER BY ALL").fetchall()]
        options = {
            "endpoint_by": view.endpoint_by,
            "clock": view.clock,
            "price_date": view.price_date.isoformat() if view.price_date else "in-force",
        }
        taken = {one.month: one.late for one in adjustments if one.late}
        connection.execute(
            "INSERT INTO closings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                ident, month.first, view.tz, view.currency, view.endpoint_by, view.clock, book.version, __version__,
                json.dumps(options), json.dumps(inputs), json.dumps(taken), given.document, given.summary, given.page,
                given.workbook,
            ],
        )  # fmt: skip
        span = {
            "closing_id": ident,
            "first": _naive(month.start),
            "after": _naive(month.end),
            "month": month.local_start,
        }
        connection.execute(
            "INSERT INTO closed_entries BY NAME SELECT $closing_id AS closing_id, * FROM entries WHERE month = $month",
            {key: span[key] for key in ("closing_id", "month")},
        )
        _define_prices(connection, month, view, book)
        connection.execute(
            "INSERT INTO closed_prices BY NAME SELECT $closing_id AS closing_id, * FROM month_prices"
            " WHERE hour >= $first AND hour < $after",
            {key: span[key] for key in ("closing_id", "first", "after")},
        )


def _define_prices(connection: duckdb.DuckDBPyConnection, month: Month, view: View, book: Book) -> None:
    """Lay out the prices of all hours of a month, as ``month_prices``, for what was called in it."""
    days = [_naive(moment).replace(hour=0, minute=0) for moment in (month.start, month.end)]
    for name, value in zip(("month", "first_day", "last_day"), (month.local_start, *days), strict=True):
        connection.execute(f"SET VARIABLE {name} = ?", [value])
    connection.execute(sql("month_days"))
    called = connection.execute("SELECT DISTINCT model, provider, service_tier FROM busy_days ORDER BY ALL").fetchall()
    define_prices(
        connection,
        "month_prices",
        book,
        [Sold(*words) for words in called],
        side="logged",
        currency=view.currency,
        price_date=view.price_date,
    )


def refuse(month: Month) -> NoReturn:
    """Say that a month is closed already.

    Raises:
        LedgerError: always.
    """
    raise LedgerError(f"{month} is closed already", "its review is what was reported; --reopen gives that up")


def reopen(ledger: Ledger, month: Month, view: View) -> None:
    """Give a closing up: its month is computed anew from now on.

    Raises:
        LedgerError: the month is not closed, or a later one has taken up what came late for it.
    """
    known = closings(ledger, view)
    found = next((closing for closing in known if closing.month == month), None)
    if found is None:
        raise LedgerError(f"{month} is not closed in {view.currency}, {view.tz}", "`spend review` shows it as it is")
    later = [closing for closing in known if str(month) in closing.taken]
    if later:
        raise LedgerError(
            f"{month}: what came late for it was taken up in {later[0].month}, which is closed",
            f"reopen {later[-1].month} first",
        )
    with ledger.transaction():
        for table in ("closed_entries", "closed_prices", "closings"):
            ledger.connection.execute(f"DELETE FROM {table} WHERE closing_id = ?", [found.ident])


def since(ledger: Ledger, book: Book, view: View, closing: Closing) -> Adjustment:
    """What has become of one closed month; ``entries`` is defined for it alone then."""
    month = closing.month
    seen = replace(view, since=month.start, until=month.end)
    found = pin(ledger.connection, [closing], define_entries(ledger, book, seen))
    return found[0] if found else Adjustment(str(month), 0, 0, 0, closing.price_book)


def define_settled(ledger: Ledger, book: Book, view: View, allocation: Allocation | None = None) -> tuple[Closing, ...]:
    """Define ``entries`` with closed months as they were reported, cut to what the view holds.

    Returns:
        the closed months in it.
    """
    allocated = define_entries(ledger, book, view, allocation)
    inside = [
        one
        for one in closings(ledger, view)
        if (view.since is None or view.since < one.month.end) and (view.until is None or one.month.start < view.until)
    ]
    if inside:
        pin(ledger.connection, inside, allocated)
        for edge, outside in ((view.since, "hour < ?"), (view.until, "hour >= ?")):
            if edge is not None:
                ledger.connection.execute(f"DELETE FROM entries WHERE {outside}", [_naive(edge)])
    return tuple(inside)


def pin(connection: duckdb.DuckDBPyConnection, known: Sequence[Closing], allocated: str) -> tuple[Adjustment, ...]:
    """Let ``entries`` hold closed months as they were reported, and say what has become of them since.

    Args:
        connection: where ``entries`` and what it is made of are defined.
        known: the closings.
        allocated: how ``entries.sql`` meets those who pay.
    """
    if not known:
        return ()
    connection.execute("SET VARIABLE closing_ids = ?", [[closing.ident for closing in known]])
    connection.execute(sql("pinned_prices"))
    months = ", ".join(f"TIMESTAMP '{closing.month.local_start}'" for closing in known)
    text = entries_of(allocated, prices="pinned_prices", which=f"s.month IN ({months})")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE pinned_entries AS {text}")
    by_ident = {closing.ident: closing for closing in known}
    adjustments = []
    for row in asked(connection, "late").iter_rows(named=True):
        closing = by_ident[row["closing_id"]]
        taken = sum(other.taken.get(str(closing.month), 0) for other in known)
        adjustments.append(
            Adjustment(
                str(closing.month), row["requests"], int(row["late"]) - taken, int(row["repriced"]), closing.price_book
            )
        )
    connection.execute(f"DELETE FROM entries WHERE month IN ({months})")
    connection.execute(
        "INSERT INTO entries BY NAME SELECT * EXCLUDE (closing_id) FROM closed_entries"
        " WHERE closing_id IN (SELECT unnest(getvariable('closing_ids')))"
    )
    return tuple(adjustments)


def _naive(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)
