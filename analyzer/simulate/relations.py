"""Relations: what every question reads, defined on a ledger as the user wants it looked at."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from analyzer.engines.query import base
from analyzer.ledger import Ledger
from analyzer.prices import Book, Sold
from analyzer.simulate.pricing import (
    DAYS,
    add_steps,
    begin_steps,
    define_days,
    define_export_instants,
    define_prices,
    define_served,
    define_summarised,
    sold,
    sql,
)

# Relations that stay views: each is asked of the requests themselves.
VIEWS = ("calls", "lengths", "percentiles", "charges", "stretches", "extras")


@dataclass(frozen=True)
class View:
    """How a ledger is looked at.

    Attributes:
        currency: which of a provider's price lists; lists are never converted into each other.
        price_date: price every request with the cards of this day; None with those in force at its own instant.
        clock: ``completion`` or ``start``: which instant of a request decides its price window.
        tz: reporting zone, for days and months.
        endpoint_by: the column to group by.
        since: first instant, UTC; None for all.
        until: first instant after the period, UTC; None for all.
    """

    currency: str = "USD"
    price_date: date | None = None
    clock: str = "completion"
    tz: str = "UTC"
    endpoint_by: str = "endpoint"
    since: datetime | None = None
    until: datetime | None = None


def settings(view: View) -> dict[str, str | datetime | None]:
    """What relations ask for with ``getvariable``."""
    return {
        "clock": view.clock,
        "tz": view.tz,
        "endpoint_by": view.endpoint_by,
        "since": view.since,
        "until": view.until,
    }


def prepare(ledger: Ledger, book: Book, view: View, *, kind: str = "TEMP") -> None:
    """Define what queries read: prices, calls, charges, usage and costs.

    With ``kind=""`` they stay in the ledger, so that a query runs by hand in the DuckDB CLI.
    """
    connection = ledger.connection
    for name, value in settings(view).items():
        told = value.replace(tzinfo=None) if isinstance(value, datetime) else value
        connection.execute(f"SET VARIABLE {name} = ?", [told])

    def define(names: Iterable[Sold]) -> bool:
        define_prices(
            connection,
            "prices",
            book,
            names,
            side="logged",
            currency=view.currency,
            price_date=view.price_date,
            kind=kind,
        )
        define_served(connection, "served")
        return add_steps(connection, kind)

    # Rows of exports need prices before anything can be summed; otherwise the sums themselves tell what was called.
    exported = connection.execute("SELECT 1 FROM requests WHERE bucket_end IS NOT NULL LIMIT 1").fetchone()
    early = exported is not None or not kind
    if early:
        define_days(connection)
    else:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE busy_days ({DAYS})")
    begin_steps(connection, kind)
    define(sold(connection) if early else [])
    define_export_instants(connection, book, kind=kind)
    if exported:
        define_summarised(connection, kind)
    else:
        connection.execute(f"CREATE OR REPLACE {kind} TABLE summarised (row_id BIGINT)")
    for name in VIEWS:
        connection.execute(f"CREATE OR REPLACE {kind} VIEW {name} AS {base()[name].sql}")
    # Summed once for all questions; in the ledger itself they stay views, which take no room.
    shape = "TABLE" if kind else "VIEW"
    connection.execute(f"CREATE OR REPLACE {kind} {shape} usage AS {base()['usage'].sql}")
    if kind:
        called = sold(connection, summed=True)
        if not early:
            define_days(connection, summed=True)
        if define(called):  # the sums are too coarse for these prices
            connection.execute(f"CREATE OR REPLACE {kind} TABLE usage AS {base()['usage'].sql}")
    connection.execute(f"CREATE OR REPLACE {kind} {shape} costs AS {base()['costs'].sql}")
    connection.execute(f"CREATE OR REPLACE {kind} VIEW unpriced_models AS {base()['unpriced_models'].sql}")


def gather_lengths(connection: duckdb.DuckDBPyConnection) -> None:
    """Count lengths once, for all questions about them that follow."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE lengths_gathered AS {base()['lengths'].sql}")
    connection.execute("CREATE OR REPLACE TEMP VIEW lengths AS FROM lengths_gathered")


def keep_definitions(ledger: Ledger, book: Book) -> None:
    """Leave prices and views in the ledger, as of the default view, for work by hand."""
    with ledger.transaction():
        prepare(ledger, book, View(), kind="")
        ledger.connection.execute("DELETE FROM standing")


def define_log_beginnings(connection: duckdb.DuckDBPyConnection) -> None:
    """Define ``log_beginnings``: by source, the first part of the log that it is a part of."""
    connection.execute(sql("log_beginnings"))
