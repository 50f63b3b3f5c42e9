"""The analysis: a ledger, narrowed and priced as the user asked, and the answers to all standing questions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl

from analyzer.engines.query import base, frame, queries
from analyzer.ledger import Ledger
from analyzer.prices import Book, Sold
from analyzer.simulate.pricing import (
    define_days,
    define_export_instants,
    define_prices,
    define_steps,
    define_summarised,
    sold,
    sql,
)
from analyzer.simulate.scenario import ACTUAL, Scenario

_UNIT = Decimal(1).scaleb(-15)
# Questions about logs, not about calls.
_OF_THE_LEDGER = {"rejected", "rejected_reasons", "sources"}


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


@dataclass(frozen=True)
class Counts:
    """How all records of the ledger ended, and what is not known of its calls.

    ``set_aside`` are the records of exports that stand in no total, because the calls that they summarise are there one
    by one.
    """

    sources: int
    records: int
    requests: int
    duplicates: int
    skipped: int
    rejected: int
    unmeasured: int
    unpriced: int
    cache_unknown: int
    set_aside: int


@dataclass(frozen=True)
class Result:
    """What one scenario comes to. Money is exact, in the view's currency; None where nothing is priced.

    Attributes:
        scenario: the scenario.
        requests: calls in the view.
        unpriced: calls with usage that it has no price for.
        compared_requests: calls priced both here and in reality.
        compared_actual: cost in reality, over those.
        difference: cost here less cost in reality, over those.
        before_first_price: calls priced with the first card of a target that was not on sale yet.
        moved: calls that another model would have served.
        cost: the cost.
        low: with the caches transferred: every call keeps its hits.
        high: with the caches cold: every call misses that shares a domain with one that moved.
        cache_basis: what a cache's domain was: ``session``, ``endpoint``, or ``mixed``.
        endpoints: the same figures by endpoint.
    """

    scenario: Scenario
    requests: int
    unpriced: int
    compared_requests: int
    compared_actual: Decimal | None
    difference: Decimal | None
    before_first_price: int
    moved: int
    cost: Decimal | None
    low: Decimal | None
    high: Decimal | None
    cache_basis: str
    endpoints: pl.DataFrame


@dataclass(frozen=True)
class Analysis:
    """Everything that the summary, the JSON document and the report show."""

    view: View
    price_book: str
    own_prices: tuple[str, ...]
    counts: Counts
    period: tuple[datetime, datetime] | None
    totals: dict[str, object]
    answers: dict[str, pl.DataFrame] = field(default_factory=dict)
    results: tuple[Result, ...] = ()

    @property
    def actual(self) -> Result:
        """Reality, as a scenario."""
        return self.results[0]


def prepare(ledger: Ledger, book: Book, view: View, *, kind: str = "TEMP") -> None:
    """Define what queries read: prices, calls, charges, usage and costs.

    With ``kind=""`` they stay in the ledger, so that a query runs by hand in the DuckDB CLI.
    """
    connection = ledger.connection
    settings = {
        "clock": view.clock,
        "tz": view.tz,
        "endpoint_by": view.endpoint_by,
        "since": view.since,
        "until": view.until,
    }
    for name, value in settings.items():
        connection.execute(
            f"SET VARIABLE {name} = ?", [value.replace(tzinfo=None) if isinstance(value, datetime) else value]
        )

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
        return define_steps(connection, kind)

    # Rows of exports need prices before anything can be summed; otherwise the sums themselves tell what was called.
    exported = connection.execute("SELECT 1 FROM requests WHERE bucket_end IS NOT NULL LIMIT 1").fetchone()
    early = exported is not None or not kind
    if early:
        define_days(connection)
    else:
        connection.execute("CREATE OR REPLACE TEMP TABLE busy_days (day TIMESTAMP)")
    define(sold(connection) if early else [])
    define_export_instants(connection, book, kind=kind)
    if exported:
        define_summarised(connection, "prices", kind=kind)
    else:
        connection.execute(f"CREATE OR REPLACE {kind} TABLE summarised (row_id BIGINT)")
    for name in ("calls", "charges"):
        connection.execute(f"CREATE OR REPLACE {kind} VIEW {name} AS {base()[name].sql}")
    # Summed once for all questions; in the ledger itself they stay views, which take no room.
    shape = "TABLE" if kind else "VIEW"
    connection.execute(f"CREATE OR REPLACE {kind} {shape} usage AS {base()['usage'].sql}")
    if kind:
        called = connection.execute("SELECT DISTINCT model, provider, service_tier FROM usage ORDER BY ALL").fetchall()
        if not early:
            define_days(connection, summed=True)
        if define(Sold(*row) for row in called):  # the sums are too coarse for these prices
            connection.execute(f"CREATE OR REPLACE {kind} TABLE usage AS {base()['usage'].sql}")
    connection.execute(f"CREATE OR REPLACE {kind} {shape} costs AS {base()['costs'].sql}")


def keep_definitions(ledger: Ledger, book: Book) -> None:
    """Leave prices and views in the ledger, as of the default view, for work by hand."""
    with ledger.transaction():
        prepare(ledger, book, View(), kind="")


def analyze(ledger: Ledger, book: Book, view: View, scenarios: Sequence[Scenario]) -> Analysis:
    """Answer all standing questions about a ledger, and price the scenarios."""
    connection = ledger.connection
    prepare(ledger, book, view)
    answers = {name: query.frame(connection) for name, query in queries().items() if name not in _OF_THE_LEDGER}
    first, last = connection.execute("SELECT min(instant), max(instant) FROM calls").fetchall()[0]
    period = None
    if first is not None:
        # Half-open, in whole seconds: from the first request to the second after the last.
        begin, end = (moment.replace(microsecond=0, tzinfo=UTC) for moment in (first, last))
        period = (view.since or begin, view.until or end + timedelta(seconds=1))
    return Analysis(
        view=view,
        price_book=book.version,
        own_prices=tuple(map(str, book.own)),
        counts=counts(ledger),
        period=period,
        totals=answers["totals"].row(0, named=True),
        answers=answers,
        results=tuple(price(ledger, book, view, scenario) for scenario in (ACTUAL, *scenarios)),
    )


def price(ledger: Ledger, book: Book, view: View, scenario: Scenario) -> Result:
    """Price one scenario over the calls that :func:`prepare` defined."""
    connection = ledger.connection
    price_date = scenario.price_date or view.price_date
    if scenario.price_date is None or scenario.price_date == view.price_date:
        connection.execute("CREATE OR REPLACE TEMP VIEW logged AS FROM prices")
    else:
        connection.execute("DROP VIEW IF EXISTS temp.logged")
        define_prices(
            connection,
            "logged_on",
            book,
            sold(connection),
            side="logged",
            currency=view.currency,
            price_date=price_date,
        )
        connection.execute("CREATE OR REPLACE TEMP VIEW logged AS FROM logged_on")
    define_prices(
        connection,
        "targets",
        book,
        map(Sold, scenario.targets),
        side="target",
        currency=view.currency,
        price_date=price_date,
    )
    connection.execute("SET VARIABLE cache = ?", [scenario.cache])
    endpoints = frame(connection, sql("whatif").replace("{target}", scenario.target()))
    return _result(scenario, endpoints)


def _result(scenario: Scenario, endpoints: pl.DataFrame) -> Result:
    whole = {name: _sum(endpoints, name) for name in endpoints.columns if name != "endpoint"}
    sessions, requests = whole["in_sessions"] or 0, whole["requests"] or 0
    compared, actual = whole["compared_cost"], whole["compared_actual"]
    return Result(
        scenario=scenario,
        requests=requests,
        unpriced=whole["unpriced"] or 0,
        compared_requests=whole["compared_requests"] or 0,
        compared_actual=money(actual),
        difference=None if compared is None or actual is None else money(compared - actual),
        before_first_price=whole["before_first_price"] or 0,
        moved=whole["moved"] or 0,
        cost=money(whole["cost"]),
        low=money(whole["low"]),
        high=money(whole["high"]),
        cache_basis="session" if sessions == requests else "mixed" if sessions else "endpoint",
        endpoints=endpoints,
    )


def _sum(table: pl.DataFrame, column: str) -> int | None:
    """A column's exact sum; None when nothing in it is known."""
    known = [int(value) for value in table[column] if value is not None]
    return sum(known) if known else None


def money(units: int | None) -> Decimal | None:
    """Units of 1e-15 of the currency as an exact amount; None stays None."""
    return None if units is None else Decimal(units) * _UNIT


def counts(ledger: Ledger) -> Counts:
    """How all records ended, and what is not known of the calls that :func:`prepare` defined."""
    records = ledger.connection.execute(
        "SELECT count(*), sum(records), sum(requests), sum(duplicates), sum(skipped), sum(rejected) FROM sources"
    ).fetchall()[0]
    unknown = ledger.connection.execute(
        "SELECT sum(requests) - sum(measured), sum(unpriced), sum(cache_unknown) FROM costs"
    ).fetchall()[0]
    aside = ledger.connection.execute(
        "SELECT sum(records) FROM requests WHERE rowid IN (SELECT row_id FROM summarised)"
    ).fetchall()[0]
    return Counts(*(int(value or 0) for value in (*records, *unknown, *aside)))
