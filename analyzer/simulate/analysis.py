"""The analysis: a ledger, narrowed and priced as the user asked, and the answers to all questions that are shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import polars as pl

from analyzer.engines.query import queries
from analyzer.ledger import Ledger
from analyzer.prices import Book
from analyzer.simulate.changes import PriceChange, changes
from analyzer.simulate.counts import Counts, SetAside, counts, set_aside
from analyzer.simulate.idle import IdleWord
from analyzer.simulate.outlook import Outlook, outlook
from analyzer.simulate.pricing import sql
from analyzer.simulate.relations import View
from analyzer.simulate.requests import Here, Requests
from analyzer.simulate.result import Result
from analyzer.simulate.scenario import ACTUAL, Scenario
from analyzer.simulate.servings import Servings, define_servings
from analyzer.simulate.whatif import Simulation

# Questions whose answers are shown of an analysis. The others are for whoever asks them by `spend query`.
_SHOWN = (
    "apart", "costliest_by_day", "endpoints", "endpoints_by_month", "input_prices", "inputs", "models", "months",
    "outcomes", "straddling", "token_distribution", "token_histogram", "totals", "uncertain_days", "uncertain_prices",
    "unpriced", "week_hours", "windows", "workloads",
)  # fmt: skip


@dataclass(frozen=True)
class Analysis:
    """Everything that the summary, the JSON document and the report show.

    ``exported`` counts the calls for which rows of usage exports stand, ``summed`` the rows with usage that are sums of
    several calls, or of nobody knows how many.
    """

    view: View
    price_book: str
    own_prices: tuple[str, ...]
    counts: Counts
    period: tuple[datetime, datetime] | None
    totals: dict[str, object]
    exported: int = 0
    summed: int = 0
    aside: SetAside = field(default_factory=SetAside)
    answers: dict[str, pl.DataFrame] = field(default_factory=dict)
    results: tuple[Result, ...] = ()
    outlook: Outlook = field(default_factory=Outlook)
    price_changes: tuple[PriceChange, ...] = ()
    servings: Servings = field(default_factory=Servings)
    idle_prices: tuple[IdleWord, ...] = ()

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """Of the contents of all logs, in order; none where they are not known, as of a table elsewhere."""
        each = sorted(self.answers["inputs"]["fingerprint"])
        return () if "" in each else tuple(each)

    @property
    def of_table(self) -> bool:
        """Whether all of it is told by a table elsewhere: what came into none of its rows is not known here."""
        return not self.fingerprints and not self.answers["inputs"].is_empty()

    @property
    def actual(self) -> Result:
        """Reality, as a scenario."""
        return self.results[0]


def analyze(
    ledger: Ledger,
    book: Book,
    view: View,
    scenarios: Sequence[Scenario],
    budget: Decimal | None = None,
    *,
    look_ahead: bool = True,
    requests: Requests | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Analysis:
    """Answer all questions about a ledger whose answers are shown, and price the scenarios.

    Args:
        ledger: the ledger.
        book: the prices.
        view: how the ledger is looked at.
        scenarios: beside reality.
        budget: what the share of traffic on Pro may cost in all; None for what was spent.
        look_ahead: ask what follows from the scenarios as well, which prices many more of them.
        requests: who has the requests; None for the ledger itself.
        tell: told what is being worked on, for people who wait.
    """
    connection = ledger.connection
    having = requests or Here(ledger)
    tell("laying out prices, and summing calls")
    having.prepare(book, view)
    servings = define_servings(having, book, view.currency, view.price_date)
    simulation = Simulation(ledger, book, view, having)
    answers = {}
    for name in _SHOWN:
        tell(f"asking for {name.replace('_', ' ')}")
        answers[name] = having.answer(queries()[name])
    first, last, closed, exported, summed = having.ask(sql("spanned"), "analyzer/simulate/spanned.sql").row(0)
    period = None if first is None else _period(view, first, last, closed)
    results = []
    for scenario in (ACTUAL, *scenarios):
        tell(f"pricing {scenario.name}")
        result = simulation.price(scenario)
        idle, undrawn = simulation.idle_words(scenario), simulation.undrawn(scenario)
        results.append(replace(result, idle_words=idle, undrawn=undrawn))
    if look_ahead:
        tell("looking at what follows from that")
    found = counts(ledger)
    return Analysis(
        view=view,
        price_book=book.version,
        own_prices=tuple(map(str, book.own)),
        counts=found,
        exported=exported,
        summed=summed,
        aside=set_aside(ledger) if found.set_aside else SetAside(),
        period=period,
        totals=answers["totals"].row(0, named=True),
        answers=answers,
        results=tuple(results),
        outlook=outlook(simulation, book, tuple(results), answers, period[1] if period else None, budget)
        if look_ahead
        else Outlook(),
        servings=servings,
        idle_prices=simulation.idle_prices(scenarios) if book.own else (),
        price_changes=() if view.price_date else changes(connection, book, view.currency, period),
    )


def _period(view: View, first: datetime, last: datetime, closed: datetime | None) -> tuple[datetime, datetime]:
    """Half-open, in whole seconds: from the first request to the second after the last, or to the end of its bucket."""
    begin, end = (moment.replace(microsecond=0, tzinfo=UTC) for moment in (first, last))
    return view.since or begin, view.until or end + timedelta(seconds=last != closed)
