"""Closing: a month as it was reported, kept in the ledger.

A closed month keeps its entries, the prices they were charged by, and the pack that was made of them, byte for byte.
What becomes of it afterwards is in :mod:`analyzer.finance.adjustment`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, NoReturn

import duckdb

from analyzer import __version__
from analyzer.errors import LedgerError
from analyzer.finance.entries import sql
from analyzer.finance.look import in_words, look
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


class Taken(NamedTuple):
    """What a closing took up of what came late for a month closed before.

    Attributes:
        requests: calls.
        units: their cost, in units of 1e-15 of the currency.
        unpriced: those of them with usage but without a price.
    """

    requests: int
    units: int
    unpriced: int

    def less(self, *others: "Taken") -> "Taken":
        """What is left of it."""
        return Taken(*(mine - sum(parts) for mine, *parts in zip(self, *others, strict=True)))


@dataclass(frozen=True)
class Closing:
    """A month that was closed.

    Attributes:
        ident: its number in the ledger.
        month: the month.
        price_book: the version that it was priced with.
        program: the version of the program.
        taken: what was taken up in it of what came late for months closed before, by month.
    """

    ident: int
    month: Month
    price_book: str
    program: str
    taken: Mapping[str, Taken] = field(default_factory=dict)


def closings(ledger: Ledger, view: View) -> tuple[Closing, ...]:
    """The months that were closed as this view looks at them, in order."""
    found = ledger.connection.execute(
        "SELECT closing_id, month, price_book, program, taken FROM closings"
        " WHERE currency = ? AND tz = ? AND endpoint_by = ? AND clock = ? AND price_date = ? ORDER BY month",
        list(look(view)),
    ).fetchall()
    taken = {ident: json.loads(text) for ident, *_, text in found}
    unpriced = _unpriced_then(ledger, taken)
    return tuple(
        Closing(
            ident,
            Month(first, view.tz),
            book,
            program,
            {name: Taken(*(*one, unpriced.get((ident, name), 0))[:3]) for name, one in taken[ident].items()},
        )
        for ident, first, book, program, _ in found
    )


def _unpriced_then(ledger: Ledger, taken: Mapping[int, Mapping[str, list[int]]]) -> dict[tuple[int, str], int]:
    """Calls without a price that closings took up which kept calls and units alone, by closing and month.

    What was reported then tells: all that had come by then of the closed month, what was taken up before included.
    """
    found: dict[tuple[int, str], int] = {}
    reached: dict[str, int] = {}
    for ident in sorted(taken):
        short = [name for name, one in taken[ident].items() if len(one) < len(Taken._fields)]
        if not short:
            continue
        text = "SELECT document FROM closings WHERE closing_id = ?"
        document: dict[str, Any] = json.loads(ledger.connection.execute(text, [ident]).fetchall()[0][0])
        told = {one["month"]: int(one["unpriced"]) for one in document["adjustments"]}
        for name in short:
            found[ident, name] = told.get(name, 0) - reached.get(name, 0)
            reached[name] = told.get(name, 0)
    return found


def otherwise_closed(ledger: Ledger, month: Month, view: View) -> list[str]:
    """How a month was closed that is not closed as this view looks at it."""
    rows = ledger.connection.execute(
        "SELECT currency, tz, endpoint_by, clock, price_date FROM closings WHERE month = ? ORDER BY ALL", [month.first]
    ).fetchall()
    return [in_words(row) for row in rows if row != look(view)]


def pack(ledger: Ledger, closing: Closing) -> Pack:
    """What a month was reported as."""
    document, summary, page, workbook = ledger.connection.execute(
        "SELECT document, summary, page, workbook FROM closings WHERE closing_id = ?", [closing.ident]
    ).fetchall()[0]
    return Pack(document, summary, bytes(page), bytes(workbook))


def close(ledger: Ledger, month: Month, view: View, book: Book, taken: Mapping[str, Taken], given: Pack) -> None:
    """Close a month whose entries are defined, with the pack that was made of them.

    Args:
        ledger: holds it.
        month: the month.
        view: how it was looked at.
        book: what it was priced with.
        taken: what is taken up in it of what came late for months closed before, by month.
        given: what it was given out as.

    Raises:
        LedgerError: it is closed already.
    """
    known = closings(ledger, view)
    if any(closing.month == month for closing in known):
        refuse(month)
    connection = ledger.connection
    with ledger.transaction():
        ident = connection.execute("SELECT coalesce(max(closing_id), 0) + 1 FROM closings").fetchall()[0][0]
        inputs = [row[0] for row in connection.execute("SELECT fingerprint FROM sources ORDER BY ALL").fetchall()]
        currency, tz, endpoint_by, clock, price_date = look(view)
        connection.execute(
            "INSERT INTO closings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                ident, month.first, tz, currency, endpoint_by, clock, price_date, book.version, __version__,
                json.dumps(inputs), json.dumps(dict(taken)), given.document, given.summary, given.page, given.workbook,
            ],
        )  # fmt: skip
        connection.execute(
            "INSERT INTO closed_entries BY NAME SELECT $closing_id AS closing_id, * FROM entries WHERE month = $month",
            {"closing_id": ident, "month": month.local_start},
        )
        if taken:
            _take_up(connection, ident, known, [one.month.local_start for one in known if str(one.month) in taken])
        _define_prices(connection, month, view, book)
        connection.execute(
            "INSERT INTO closed_prices BY NAME SELECT $closing_id AS closing_id, * FROM month_prices"
            " WHERE hour >= $first AND hour < $after",
            {"closing_id": ident, "first": _first_hour(month), "after": naive(month.end)},
        )


def _take_up(
    connection: duckdb.DuckDBPyConnection, ident: int, known: Sequence[Closing], months: Sequence[datetime]
) -> None:
    """Keep the lines of what came late for closed months, whose entries of now are pinned."""
    for name, value in (("taker", ident), ("closings", [one.ident for one in known]), ("months", list(months))):
        connection.execute(f"SET VARIABLE {name} = ?", [value])
    connection.execute(sql("take_up"))


def _define_prices(connection: duckdb.DuckDBPyConnection, month: Month, view: View, book: Book) -> None:
    """Lay out the prices of all hours of a month, as ``month_prices``, for what was called in it."""
    days = [naive(moment).replace(hour=0, minute=0) for moment in (month.start, month.end)]
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
        raise LedgerError(f"{month} is not closed as {in_words(look(view))}", "`spend review` shows it as it is")
    later = [closing for closing in known if str(month) in closing.taken]
    if later:
        raise LedgerError(
            f"{month}: what came late for it was taken up in {later[0].month}, which is closed",
            f"reopen {later[-1].month} first",
        )
    with ledger.transaction():
        for table in ("closed_entries", "closed_prices", "taken_entries", "closings"):
            ledger.connection.execute(f"DELETE FROM {table} WHERE closing_id = ?", [found.ident])


def _first_hour(month: Month) -> datetime:
    """The hour, UTC without a zone, in which a month begins: some zones are half an hour off."""
    return naive(month.start).replace(minute=0)


def naive(moment: datetime) -> datetime:
    """An instant as relations hold it: UTC, without a zone."""
    return moment.replace(tzinfo=None)
