"""What if: one scenario priced over the requests of a ledger, with its bounds."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date
from decimal import Decimal
from itertools import chain
from typing import Any

import duckdb
import polars as pl

from analyzer.engines.query import frame
from analyzer.errors import UsageError
from analyzer.ledger import Ledger
from analyzer.prices import Book, Rate, Sold
from analyzer.prices.effect import Use, is_known_elsewhere, without_effect
from analyzer.simulate.flows import Flows
from analyzer.simulate.idle import IdleWord, idle_words, nearest
from analyzer.simulate.laying import Laying
from analyzer.simulate.meaning import Meanings
from analyzer.simulate.pricing import sold, sql
from analyzer.simulate.relations import View
from analyzer.simulate.requests import Here, Requests
from analyzer.simulate.result import Result, decimals, result_of
from analyzer.simulate.routing import fits
from analyzer.simulate.scenario import ACTUAL, Scenario
from analyzer.simulate.undrawn import Undrawn, undrawn

_NOTHING_APART = "{'input': 0, 'hits': 0, 'all_hits': 0, 'output': 0, 'requests': 0}"


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
        self._called = sold(ledger.connection, summed=True)
        self._priced: list[Result] = []
        self._laying = Laying(ledger.connection, book, view, self._called)

    @property
    def currency(self) -> str:
        """Which of a provider's lists scenarios are priced by."""
        return self._view.currency

    @property
    def price_date(self) -> date | None:
        """The day whose cards price what has no day of its own; None for those in force at each instant."""
        return self._view.price_date

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

    def _define(self, scenario: Scenario) -> None:
        """Define prices and flows for a scenario."""
        if self._laying.define(scenario):
            self._requests.step()
            self._flows.forget()
        self._flows.define(scenario)
        self._flows.number_apart(scenario)

    def _price(self, scenario: Scenario) -> Result:
        self._define(scenario)
        waits = "true" if scenario.off_peak else "false"
        if scenario.off_peak and scenario.off_peak.endpoints:
            waits = f"coalesce({fits('logged_endpoint', scenario.off_peak.endpoints)}, false)"
        try:
            finer = self._flows.define_legs(scenario) + self._define_ratios(scenario)
            self._flows.define_shifts(scenario)
            # Through a table: a relation over so long a statement would be bound twice, at a quarter of the time.
            apart = sql("what_if_apart") if self._flows.apart else _NOTHING_APART
            legged = sql("legged").replace("{flows}", "numbered")
            text = sql("what_if").replace("{legged}", legged).replace("{waits}", waits).replace("{apart}", apart)
            self._connection.execute(f"CREATE OR REPLACE TEMP TABLE scenario_costs AS {text}")
            endpoints = frame(self._connection, "FROM scenario_costs")
        except (duckdb.OutOfRangeException, OverflowError) as error:
            raise UsageError(
                f"scenario {scenario.name}: its shares, rates and ratios are too fine for the sums of this history",
                "write them with fewer decimals, or let fewer of them take a part of the same requests",
            ) from error
        return result_of(scenario, endpoints, finer, self._strangers(scenario, endpoints), self._flows.idle)

    def _strangers(self, scenario: Scenario, endpoints: pl.DataFrame) -> tuple[str, ...]:
        """Models that requests leave for another maker's, without a word on how many tokens theirs are there."""
        untold = set(endpoints["untold_models"].explode().drop_nulls())
        if all(self._book.makes(target) for target in scenario.destinations):
            untold = {model for model in untold if not self._book.makes(model)}
        return tuple(sorted(untold))

    def idle_words(self, scenario: Scenario) -> tuple[IdleWord, ...]:
        """The words of a scenario by which no request goes. Of those that come with the program none is a slip."""
        if scenario.built_in or scenario == ACTUAL:
            return ()
        self._define(scenario)
        self._flows.define_legs(scenario)
        self._define_ratios(scenario)
        return (
            *idle_words(self._requests, scenario, self._book),
            *(
                IdleWord("prices", rate.model, nearest(rate.model, self._models(), self._book))
                for rate in self._without_effect(self._book, scenario.prices, scenario.targets, scenario.price_date)
            ),
        )

    def undrawn(self, scenario: Scenario) -> tuple[Undrawn, ...]:
        """The calls of which a rule's share cannot be drawn, by rule."""
        return undrawn(self._requests, scenario)

    def idle_prices(self, scenarios: Iterable[Scenario]) -> tuple[IdleWord, ...]:
        """The entries of own prices by which none is priced, nor would be in some scenarios.

        Of one that names a model that is known and was not called nothing is said: price lists hold many.
        """
        targets = sorted({target for scenario in scenarios for target in scenario.targets})
        bare = self._book.over((), instead=True)
        return tuple(
            IdleWord(rate.where, rate.model, nearest(rate.model, self._models(), bare))
            for rate in self._without_effect(bare, self._book.own, targets, None)
            if not is_known_elsewhere(rate, bare, self._uses(targets))
        )

    def _without_effect(
        self, book: Book, rates: Sequence[Rate], targets: Sequence[str], price_date: date | None
    ) -> Sequence[Rate]:
        asked = price_date or self._view.price_date
        return without_effect(book, rates, self._uses(targets), self._view.currency, asked) if rates else ()

    def _uses(self, targets: Iterable[str]) -> list[Use]:
        """What was called, and what would be."""
        found = [
            Use(Sold(*called), first.replace(tzinfo=UTC), last.replace(tzinfo=UTC))
            for *called, first, last in self._connection.execute(sql("uses")).fetchall()
        ]
        if found:
            first, last = min(use.start for use in found), max(use.end for use in found)
            found += [Use(Sold(target), first, last, target=True) for target in targets]
        return found

    def _models(self) -> list[str]:
        return [called.model for called in self._called]

    def self_test(self) -> pl.DataFrame:
        """Hold the cache model against the history as it was.

        Returns:
            By cache basis: requests, their input_tokens, and the hits observed and predicted of it; observed is null
            where the log does not know.
        """
        self._define(ACTUAL)
        self._flows.define_legs(ACTUAL)
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
        meanings = Meanings(connection, self._called, scenario.targets)
        to, away = scenario.output_ratio, scenario.input_ratio
        covers = dict.fromkeys(scenario.fixed_fee.covers if scenario.fixed_fee else (), Decimal(1))
        self._table("output_ratios (serves VARCHAR", meanings.moving_to(to), to, one_ratio)
        self._table("input_ratios (model VARCHAR, served VARCHAR", meanings.moving_from(away), away, one_ratio)
        self._table("covered (serves VARCHAR", meanings.covered(covers), covers, one_ratio)
        # One model may be covered by several words, of which none is said in vain.
        alone = chain.from_iterable(meanings.covered((word,)) for word in covers)
        self._table("covered_by (serves VARCHAR", alone, covers, one_ratio)
        return finer + finest

    def _table(self, shape: str, found: Iterable[tuple[Any, ...]], ratios: Mapping[str, Decimal], one: int) -> None:
        """Define a table of stretches of time, with a word and its ratio at the end, a whole number over ``one``."""
        name = shape.partition(" ")[0]
        time = "from_instant TIMESTAMP, to_instant TIMESTAMP"
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {shape}, {time}, word VARCHAR, factor HUGEINT)")
        rows = [(*key, word, int(ratios[word] * one)) for *key, word in found]
        if rows:
            self._connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(rows[0]))})", rows)
