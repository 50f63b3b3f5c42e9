"""What if: one scenario priced over the requests of a ledger, with its bounds."""

from collections.abc import Mapping
from decimal import Decimal
from fnmatch import fnmatchcase

import duckdb
import polars as pl

from analyzer.engines.query import frame
from analyzer.errors import UsageError
from analyzer.ledger import Ledger
from analyzer.prices import Book
from analyzer.simulate.flows import Flows
from analyzer.simulate.laying import Laying
from analyzer.simulate.pricing import sold, sql
from analyzer.simulate.relations import View
from analyzer.simulate.requests import Here, Requests
from analyzer.simulate.result import Result, decimals, result_of
from analyzer.simulate.routing import fits
from analyzer.simulate.scenario import ACTUAL, Scenario


class Simulation:
    """Scenarios over the requests of a ledger whose relations are prepared.

    What one scenario had to work out is kept for the next.
    """

    def __init__(self, ledger: Ledger, book: Book, view: View, requests: Requests | None = None) -> None:
        self._connection = ledger.connection
        self._requests = requests or Here(ledger)
        self._book = book
        self._view = view
        self._flows = Flows(self._requests)
        self._called = sold(ledger.connection)
        self._priced: list[Result] = []
        self._laying = Laying(ledger.connection, book, view, self._called)

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
        if self._laying.define(scenario):
            self._requests.step()
            self._flows.forget()
        self._flows.define(scenario)
        self._flows.number_apart(scenario)
        waits = "true" if scenario.off_peak else "false"
        if scenario.off_peak and scenario.off_peak.endpoints:
            waits = f"coalesce({fits('logged_endpoint', scenario.off_peak.endpoints)}, false)"
        try:
            finer = self._flows.define_legs(scenario) + self._define_ratios(scenario)
            self._flows.define_shifts(scenario)
            # Through a table: a relation over so long a statement would be bound twice, at a quarter of the time.
            text = sql("what_if").replace("{waits}", waits)
            self._connection.execute(f"CREATE OR REPLACE TEMP TABLE scenario_costs AS {text}")
            endpoints = frame(self._connection, "FROM scenario_costs")
        except (duckdb.OutOfRangeException, OverflowError) as error:
            raise UsageError(
                f"scenario {scenario.name}: its shares, rates and ratios are too fine for the sums of this history",
                "write them with fewer decimals, or let fewer of them take a part of the same requests",
            ) from error
        return result_of(scenario, endpoints, finer, self._strangers(scenario, endpoints))

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
        return self._flows.self_test(ACTUAL)

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
