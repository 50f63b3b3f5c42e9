"""What if: one scenario priced over the requests of a ledger, with its bounds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fnmatch import fnmatchcase

import duckdb
import polars as pl

from analyzer.engines.query import frame
from analyzer.errors import UsageError
from analyzer.ledger import Ledger
from analyzer.prices import Book, Sold
from analyzer.simulate.flows import Flows
from analyzer.simulate.pricing import Side, add_steps, define_prices, define_served, sold, sql
from analyzer.simulate.relations import View
from analyzer.simulate.routing import fits
from analyzer.simulate.scenario import ACTUAL, Scenario

DECIMALS = 15  # costs are counted in units of 1e-15 of the currency, or finer where ratios ask for it


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
        moved: calls that another model would have served, in whole or in part.
        cost: the cost.
        low: with the caches transferred: every call keeps its hits, and an unknown split is all hits.
        high: with the caches cold: every call misses that shares a domain with one that moved.
        lost_cache: the part of the difference that is lost hits: cost less cost with the hits that were observed.
        fee: the part of the cost that is a subscription.
        fee_months: for how many months it is paid.
        other_tokenizers: models as logged, of other makers than what serves their requests now, whose tokens are taken
            as they were: no ``input_ratio`` was given for them.
        cache_basis: what a cache's domain was: ``blocks``, ``session``, ``endpoint``, or ``mixed``.
        decimals: what the money of ``endpoints`` is counted in: 15 for units of 1e-15 of the currency, or finer.
        endpoints: the same figures by endpoint, without the fee; see ``what_if.sql``.
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
    lost_cache: Decimal | None
    fee: Decimal
    fee_months: int
    other_tokenizers: tuple[str, ...]
    cache_basis: str
    decimals: int
    endpoints: pl.DataFrame

    def money(self, units: int | None) -> Decimal | None:
        """A figure of ``endpoints`` as an amount; None stays None."""
        return None if units is None else exactly(units, self.decimals)


class Simulation:
    """Scenarios over the requests of a ledger whose relations are prepared.

    What one scenario had to work out is kept for the next.
    """

    def __init__(self, ledger: Ledger, book: Book, view: View) -> None:
        self._connection = ledger.connection
        self._book = book
        self._view = view
        self._flows = Flows(ledger.connection)
        self._called = sold(ledger.connection)
        self._priced: list[Result] = []
        self._laid: tuple[object, ...] | None = None

    def price(self, scenario: Scenario) -> Result:
        """Price one scenario.

        Raises:
            UsageError: its numbers are so fine that money in them does not fit.
        """
        known = next((result for result in self._priced if result.scenario == scenario), None)
        if known is None:
            known = self._price(scenario)
            self._priced.append(known)
        return known

    def _price(self, scenario: Scenario) -> Result:
        if self._lay_prices(scenario):
            self._flows.forget()
        self._flows.define(scenario)
        self._flows.number_apart(scenario)
        waits = "true" if scenario.off_peak else "false"
        if scenario.off_peak and scenario.off_peak.endpoints:
            waits = f"coalesce({fits('logged_endpoint', scenario.off_peak.endpoints)}, false)"
        try:
            finer = self._flows.define_legs(scenario) + self._define_ratios(scenario)
            self._flows.define_shifts(scenario)
            endpoints = frame(self._connection, sql("what_if").replace("{waits}", waits))
        except (duckdb.OutOfRangeException, OverflowError) as error:
            raise UsageError(
                f"scenario {scenario.name}: its shares, rates and ratios are too fine for the sums of this history",
                "write them with fewer decimals, or let fewer of them take a part of the same requests",
            ) from error
        return _result(scenario, endpoints, finer, self._strangers(scenario, endpoints))

    def _strangers(self, scenario: Scenario, endpoints: pl.DataFrame) -> tuple[str, ...]:
        """Models that requests leave for another maker's, without a word on how many tokens theirs are there."""
        moved = {model for models in endpoints["moved_models"] if models is not None for model in models}
        if all(self._book.makes(target) for target in scenario.destinations):
            moved = {model for model in moved if not self._book.makes(model)}
        return tuple(sorted(model for model in moved if not self._matching(scenario.input_ratio, {model})))

    def self_test(self) -> pl.DataFrame:
        """Hold the cache model against the history as it was.

        Returns:
            By cache basis: requests, their input_tokens, and the hits observed and predicted of it; observed is null
            where the log does not know.
        """
        self._price(ACTUAL)
        self._flows.define_history(ACTUAL)
        return frame(self._connection, sql("self_test"))

    def _lay_prices(self, scenario: Scenario) -> bool:
        """Define ``scenario_prices``, ``served_logged``, ``served_targets``; True if sums made before are coarser."""
        connection, view = self._connection, self._view
        book = self._book.over(scenario.prices) if scenario.prices else self._book
        # Names that ratios and plans go by tell which model answers to them, too.
        names = [*scenario.targets, *(name for name in scenario.mentions if book.knows(name))]
        laid = (names, scenario.price_date, scenario.prices, scenario.off_peak and scenario.off_peak.longest)
        if laid == self._laid:
            return False
        self._laid = laid
        asked = scenario.price_date or view.price_date
        finer = False

        def lay(table: str, side: Side, wait: timedelta = timedelta(0)) -> bool:
            define_prices(
                connection,
                table,
                book,
                self._called if side == "logged" else map(Sold, dict.fromkeys(filter(book.knows, names))),
                side=side,
                currency=view.currency,
                price_date=asked,
                wait=wait,
            )
            return add_steps(connection)

        if scenario.prices or asked != view.price_date:
            finer |= lay("logged_prices", "logged")
            logged = "logged_prices"
        else:
            logged = "prices"
        finer |= lay("target_prices", "target")
        define_served(connection, "served_targets")
        parts = [(logged, "logged", False), ("target_prices", "target", False)]
        if scenario.off_peak:
            finer |= lay("logged_waited", "logged", scenario.off_peak.longest)
            finer |= lay("target_waited", "target", scenario.off_peak.longest)
            parts += [("logged_waited", "logged", True), ("target_waited", "target", True)]
        rows = " UNION ALL ".join(
            f"SELECT '{side}' AS side, {waits} AS waits, * FROM {table}" for table, side, waits in parts
        )
        connection.execute(f"CREATE OR REPLACE TEMP VIEW scenario_prices AS {rows}")
        connection.execute("CREATE OR REPLACE TEMP VIEW served_logged AS FROM served")
        return finer

    def _define_ratios(self, scenario: Scenario) -> int:
        """Define ``input_ratios``, ``output_ratios``, ``covered`` and the variables beside them.

        Returns:
            by how many decimals costs are finer for their sake.
        """
        connection = self._connection
        finer = decimals(*scenario.output_ratio.values(), *scenario.input_ratio.values())
        finest = decimals(scenario.hit_rate or Decimal(0))
        one_ratio, one_hit = 10**finer, 10**finest
        hit_rate = None if scenario.hit_rate is None else int(scenario.hit_rate * one_hit)
        for name, value in (("one_ratio", one_ratio), ("one_hit", one_hit), ("hit_rate", hit_rate)):
            connection.execute(f"SET VARIABLE {name} = CAST(? AS HUGEINT)", [value])
        answering = connection.execute("SELECT DISTINCT name, serves FROM served_targets ORDER BY ALL").fetchall()
        logged = connection.execute("SELECT DISTINCT name, serves FROM served_logged ORDER BY ALL").fetchall()
        called = {(one.model, one.model) for one in self._called} | set(logged)
        serving = sorted({serves for _, serves in (*answering, *called)})
        self._table(
            "output_ratios (serves VARCHAR, factor HUGEINT)",
            [
                (serves, int(ratio * one_ratio))
                for serves in serving
                for ratio in self._matching(scenario.output_ratio, {serves, *_names(serves, answering)})
            ],
        )
        self._table(
            "input_ratios (model VARCHAR, served VARCHAR, factor HUGEINT)",
            [
                (model, served, int(ratio * one_ratio))
                for model, served in sorted(called)
                for ratio in self._matching(scenario.input_ratio, {model, served})
            ],
        )
        covers = dict.fromkeys(scenario.fixed_fee.covers if scenario.fixed_fee else (), Decimal(1))
        self._table(
            "covered (serves VARCHAR)",
            [
                (serves,)
                for serves in serving
                if any(self._matching(covers, {serves, *_names(serves, answering), *_names(serves, called)}))
            ],
        )
        return finer + finest

    @staticmethod
    def _matching(ratios: Mapping[str, Decimal], names: set[str]) -> list[Decimal]:
        """The first ratio whose name or glob fits one of some names; none where no one does."""
        return [ratio for pattern, ratio in ratios.items() if any(fnmatchcase(name, pattern) for name in names)][:1]

    def _table(self, shape: str, rows: list[tuple[object, ...]]) -> None:
        name = shape.partition(" ")[0]
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {shape}")
        if rows:
            self._connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(rows[0]))})", rows)


def _names(serves: str, answering: object) -> set[str]:
    return {name for name, other in answering if other == serves}  # type: ignore[attr-defined]


def _result(scenario: Scenario, endpoints: pl.DataFrame, finer: int, strangers: tuple[str, ...]) -> Result:
    texts = {"endpoint", "covered_months", "moved_models"}
    whole = {name: total(endpoints, name) for name in endpoints.columns if name not in texts}
    plan = scenario.fixed_fee
    months = {month for months in endpoints["covered_months"] if months is not None for month in months}
    fee = plan.amount * len(months) if plan else Decimal(0)
    places = DECIMALS + finer
    fee_units = int(Decimal(fee).scaleb(DECIMALS)) * 10**finer

    def units(name: str) -> int | None:
        found = whole[name]
        return None if found is None else found + fee_units

    def amount(found: int | None, less: int | None = 0) -> Decimal | None:
        return None if found is None or less is None else exactly(found - less, places)

    chosen = {"modelled": "modelled", "transferred": "transferred", "cold": "high"}[scenario.cache]
    actual = whole["compared_actual"]
    actual_units = None if actual is None else actual * 10**finer
    return Result(
        scenario=scenario,
        requests=whole["requests"] or 0,
        unpriced=whole["unpriced"] or 0,
        compared_requests=whole["compared_requests"] or 0,
        compared_actual=amount(actual_units),
        difference=amount(units(f"compared_{chosen}"), actual_units),
        before_first_price=whole["before_first_price"] or 0,
        moved=whole["moved"] or 0,
        cost=amount(units(chosen)),
        low=amount(units("low")),
        high=amount(units("high")),
        lost_cache=amount(units(f"compared_{chosen}"), units("compared_transferred")),
        fee=fee,
        fee_months=len(months),
        other_tokenizers=strangers,
        cache_basis=_basis(whole),
        decimals=places,
        endpoints=endpoints.with_columns(cost=pl.col(chosen), compared_cost=pl.col(f"compared_{chosen}")),
    )


def _basis(whole: Mapping[str, int | None]) -> str:
    requests, sessions, blocks = (whole[name] or 0 for name in ("requests", "in_sessions", "in_blocks"))
    if requests and sessions == requests:
        return "session"
    if requests and blocks == requests:
        return "blocks"
    return "mixed" if sessions or blocks else "endpoint"


def total(table: pl.DataFrame, column: str) -> int | None:
    """A column's exact sum; None when nothing in it is known."""
    known = [int(value) for value in table[column] if value is not None]
    return sum(known) if known else None


def exactly(units: int, decimals: int) -> Decimal:
    """A whole number of units as an amount, whatever its length; arithmetic would round it to 28 digits."""
    return Decimal(f"{int(units)}E-{decimals}")


def decimals(*numbers: Decimal) -> int:
    """How many decimals the finest of some numbers has."""
    return max((max(0, -int(number.normalize().as_tuple().exponent)) for number in numbers), default=0)
