"""The monthly finance review: one month of a ledger, and everything that is said of it.

All of its figures come from one relation, ``entries``, and from the analysis of the same month, whose total is the
same. Whoever shows a review, on paper or to a program, shows these.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import polars as pl

from analyzer.finance.adjustment import Adjustment, pin
from analyzer.finance.allocation import Allocation
from analyzer.finance.anomalies import Anomaly, anomalies
from analyzer.finance.budget import Budget, budgets
from analyzer.finance.cell import cells
from analyzer.finance.closing import closings
from analyzer.finance.edge import Edge, edge
from analyzer.finance.entries import asked, define_entries
from analyzer.finance.extent import cost_of, last_whole_day, quiet_days, told_until
from analyzer.finance.forecast import Accuracy, Forecast, accuracy, forecast
from analyzer.finance.month import Month
from analyzer.finance.plan import Budgets
from analyzer.finance.reconcile import Reconciliation
from analyzer.finance.settings import ReviewSettings
from analyzer.finance.showback import Showback, showback
from analyzer.finance.units import Units, units
from analyzer.finance.variance import Variance, variance
from analyzer.ledger import Ledger
from analyzer.prices import Book
from analyzer.simulate.analysis import Analysis, analyze
from analyzer.simulate.relations import View
from analyzer.simulate.requests import Here, Requests
from analyzer.simulate.scenario import Scenario

HISTORY = 12  # months before the one that is reviewed
MOST_LINES = 20_000  # cost lines that are listed one by one


@dataclass(frozen=True)
class Plan:
    """What ``spend.toml`` says of reviews."""

    allocation: Allocation = field(default_factory=Allocation)
    budgets: Budgets = field(default_factory=Budgets)
    settings: ReviewSettings = field(default_factory=ReviewSettings)


@dataclass(frozen=True)
class Review:
    """A month, reviewed. Money is units of 1e-15 of the currency; None is unknown.

    Attributes:
        month: the month.
        over: whether it is over; of an open one the logs tell as far as ``until``.
        until: the first instant after what the logs tell of it; before it where the logs end earlier.
        analysis: the same month as ``spend analyze`` sees it, with scenarios and data quality.
        history: unit economics of every month up to this one in which something was called.
        actual: what it cost; None where nothing is priced. One without calls cost 0 where the ledger knows of calls
            before and after it.
        previous: what the month before cost, in the same way.
        variance: why it cost more or less than the month before; None where one of them is unknown.
        showback: who used what.
        anomalies: days that cost much more or less than such days did.
        forecast: what an open month will come to.
        accuracy: what would have been forecast for earlier months at the same point; of a month that is over, for
            itself, too, half-way.
        budgets: what was planned, and how far that goes.
        adjustments: what became of closed months since, of those that are to be booked in this one.
        quiet_days: days on which nothing was called.
        edge: rows of usage exports whose bucket crosses an edge of the month.
        reconciliation: the ledger against the provider's bill for the month, where one was given.
        cost_lines: the month's entries by all that they can be charged by, and by price; see ``cost_lines.sql``.
        begun: whether it has begun.
    """

    month: Month
    over: bool
    until: datetime
    analysis: Analysis
    history: tuple[Units, ...]
    actual: int | None
    previous: int | None
    variance: Variance | None
    showback: Showback
    anomalies: tuple[Anomaly, ...]
    forecast: Forecast | None
    accuracy: tuple[Accuracy, ...]
    budgets: tuple[Budget, ...]
    adjustments: tuple[Adjustment, ...]
    quiet_days: tuple[date, ...]
    edge: Edge = field(default_factory=Edge)
    reconciliation: Reconciliation | None = None
    cost_lines: pl.DataFrame = field(default_factory=pl.DataFrame)
    begun: bool = True

    @property
    def units(self) -> Units | None:
        """The month's unit economics; None where nothing was called."""
        return next((one for one in self.history if one.month == self.month.first), None)

    @property
    def units_before(self) -> Units | None:
        """Those of the month before; None where nothing is known of it."""
        before = self.month.previous().first
        nothing = None if self.previous is None else Units.of_nothing(before)
        return next((one for one in self.history if one.month == before), nothing)

    @property
    def difference(self) -> int | None:
        """Actual less previous; None where one of them is unknown."""
        return None if self.actual is None or self.previous is None else self.actual - self.previous

    @property
    def whole_budget(self) -> Budget | None:
        """The budget for all of it."""
        return next((one for one in self.budgets if one.kind == "all"), None)


def review(
    ledger: Ledger,
    book: Book,
    view: View,
    month: Month,
    plan: Plan,
    scenarios: Sequence[Scenario],
    *,
    as_of: datetime,
    look_ahead: bool,
    reconciliation: Reconciliation | None = None,
    requests: Requests | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Review:
    """Review a month.

    Args:
        ledger: the ledger.
        book: the prices.
        view: how it is looked at; its period is that of the month.
        month: the month.
        plan: allocation, budgets, and when a day is out of the ordinary.
        scenarios: what else the month might have cost.
        as_of: nothing from this instant on is known. A month that ends after it is open.
        look_ahead: ask what follows from the scenarios as well; see :func:`analyze`.
        reconciliation: the ledger against the bill.
        requests: who has the requests; None for the ledger itself.
        tell: told what is being worked on, for people who wait.
    """
    having = requests or Here(ledger)
    over = month.end <= as_of
    end = min(month.end, as_of)
    seen = _between(view, month.start, end)
    analysis = analyze(ledger, book, seen, scenarios, look_ahead=look_ahead, requests=having, tell=tell)
    connection = ledger.connection
    tell("summing what was used and charged")
    known_from = _between(view, month.back(HISTORY).start, end)
    allocated = define_entries(ledger, book, known_from, plan.allocation, having)
    adjustments = _to_book(ledger, view, month, allocated)
    history = units(connection)
    tell("finding out why it changed")
    until = month.end if over else told_until(having, month, end)
    ahead = None if over else forecast(connection, book, view, month, until)
    actual, previous = (cost_of(having, history, one, as_of) for one in (month, month.previous()))
    # Of a month of which nothing is known nothing is known to be within a budget.
    known = actual is not None or any(one.month == month.first for one in history)
    lines = budgets(plan.budgets, connection, month, forecast=ahead, known=known)
    both = actual is not None and previous is not None
    return Review(
        month=month,
        over=over,
        until=until,
        analysis=analysis,
        history=tuple(one for one in history if one.month <= month.first),
        actual=actual,
        previous=previous,
        variance=variance(*(cells(connection, book, one) for one in (month.previous(), month))) if both else None,
        showback=showback(connection, month, plan.allocation, known_before=previous is not None),
        anomalies=anomalies(
            connection,
            month,
            book,
            floor=plan.settings.anomaly_floor,
            threshold=plan.settings.anomaly_score,
            through=last_whole_day(month, until),
        ),
        forecast=ahead,
        accuracy=accuracy(connection, book, view, month, until),
        budgets=lines,
        adjustments=adjustments,
        quiet_days=quiet_days(connection, month, until),
        edge=edge(having, month),
        reconciliation=_in_month(reconciliation, month),
        cost_lines=asked(connection, "cost_lines", month=month.local_start, most=MOST_LINES),
        begun=month.start <= as_of,
    )


def _to_book(ledger: Ledger, view: View, month: Month, allocated: str) -> tuple[Adjustment, ...]:
    """Let ``entries`` hold closed months as they were reported, and say what of them is to be booked in this one."""
    closed = closings(ledger, view)
    # Of months before those that are looked at nothing is defined: nothing of them is late, or missing.
    lately = [one for one in closed if month.back(HISTORY) <= one.month < month]
    adjustments = pin(ledger.connection, lately, closed, allocated)
    return tuple(one for one in adjustments if one.anything and one.booked_in == str(month))


def _in_month(found: Reconciliation | None, month: Month) -> Reconciliation | None:
    """The part of a reconciliation whose buckets begin in the month: a bill may tell of others, too."""
    if found is None:
        return None
    start, end = (moment.replace(tzinfo=None) for moment in (month.start, month.end))
    return replace(found, buckets=tuple(one for one in found.buckets if start <= one.start < end))


def _between(view: View, since: datetime, until: datetime) -> View:
    return View(view.currency, view.price_date, view.clock, view.tz, view.endpoint_by, since, until)
