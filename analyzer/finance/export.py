"""Exports: cost lines and requests as relations, for a warehouse or the ledger of finance.

What files they become is up to ``report``; their columns are described in ``docs/exports.md``.
"""

import re
from dataclasses import dataclass

import duckdb

from analyzer.finance.adjustment import Adjustment, define_settled
from analyzer.finance.allocation import Allocation, define_payers
from analyzer.finance.entries import asked, sql
from analyzer.ledger import Ledger
from analyzer.prices import Book
from analyzer.simulate.relations import View, define_log_beginnings, prepare
from analyzer.simulate.requests import Requests

_DAY = "coalesce(booked_day, day) AS day"
_HOUR = "coalesce(booked_hour, hour) AT TIME ZONE 'UTC' AS hour"
_GRAINS = {"costs": (_DAY, "day"), "hours": (f"{_HOUR}, {_DAY}", "hour, day")}


@dataclass(frozen=True)
class Export:
    """What is exported.

    Attributes:
        name: what it is, for a sheet or a file.
        sql: the statement whose rows it holds, on the connection that it was defined on. Money is DECIMAL(38,15),
            instants are TIMESTAMP WITH TIME ZONE, times of the reporting zone are TIMESTAMP and DATE.
        late: what became of closed months that it holds as they were reported.
    """

    name: str
    sql: str
    late: tuple[Adjustment, ...] = ()


def define_export(
    ledger: Ledger, book: Book, view: View, allocation: Allocation, kind: str, requests: Requests | None = None
) -> Export:
    """Define cost lines by day (``costs``) or hour (``hours``), or the requests one by one.

    Of months that were closed in this view, costs are as they were reported, with what they took up of what came late
    for months before; requests are as the ledger holds them.

    Args:
        ledger: what is exported.
        book: the prices.
        view: how the ledger is looked at.
        allocation: who pays, by the rules of ``spend.toml``.
        kind: ``costs``, ``hours`` or ``requests``.
        requests: who has the requests that costs are of; None for the ledger itself.
    """
    connection = ledger.connection
    connection.execute(sql("amounts"))
    connection.execute("SET VARIABLE export_currency = ?", [view.currency])
    if kind == "requests":
        prepare(ledger, book, view)
        text = sql("export_requests").replace("{allocated}", define_payers(connection, allocation))
        return Export(kind, _ordered(connection, text))
    late = define_settled(ledger, book, view, allocation, requests)
    time, when = _GRAINS[kind]
    return Export(kind, sql("export_costs").replace("{time}", time).replace("{when}", when), late)


def _ordered(connection: duckdb.DuckDBPyConnection, text: str) -> str:
    """The statement, sorted if it has to be: that takes memory.

    Of a join DuckDB keeps the order of the side that it does not hold in memory. That is the prices' where it takes the
    requests to be fewer.
    """
    unordered = text.replace("{order}", "")
    plan: str = connection.execute(f"EXPLAIN (FORMAT json) {unordered}").fetchall()[0][1]
    mixes = re.search(r'"Join Type": "(RIGHT|OUTER)', plan)
    return text.replace("{order}", "ORDER BY s.bucket_end IS NOT NULL, s.row_id") if mixes else unordered


def define_ledger_export(ledger: Ledger, book: Book, view: View) -> Export:
    """Define the requests as the ledger holds them, without prices, and the month that each belongs to."""
    prepare(ledger, book, view)
    define_log_beginnings(ledger.connection)
    return Export("requests", sql("export_ledger"))


def unpriced(ledger: Ledger) -> int:
    """Calls with usage but without a price among the entries that were defined for an export of costs."""
    return int(asked(ledger.connection, "settled")["unpriced"].item())
