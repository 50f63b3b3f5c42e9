"""Flows: requests summed to where price, route and cache are one, and what a scenario does to their cache hits."""

from datetime import timedelta
from decimal import Decimal

import polars as pl

from analyzer.simulate.meaning import family_calls
from analyzer.simulate.pricing import sql
from analyzer.simulate.relations import define_log_beginnings
from analyzer.simulate.requests import Requests
from analyzer.simulate.result import decimals
from analyzer.simulate.routing import ROUTE_ALWAYS, Leg, deciding, legs, route
from analyzer.simulate.scenario import Scenario

_FINEST = 36  # decimals
_FEW = 8  # less than one in so many
_GRAINS = (("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))


class Flows:
    """The relations ``flows``, ``legs``, ``places`` and ``shifts``, of one scenario after another over the same calls.

    What takes a look at every request is kept: the sums of reality serve all scenarios that route by endpoint and model
    alone, and scenarios that differ in prices, ratios or plans share the sums and the shifts of their routing.
    """

    def __init__(self, requests: Requests) -> None:
        self._requests = requests
        self._connection = requests.ledger.connection
        self.idle: tuple[int, ...] = ()  # rules that take no part of any request, by their places
        self._salt = 0
        self._path = ROUTE_ALWAYS
        self._summed = ROUTE_ALWAYS
        self._table = ""
        self._turned: set[str] = set()
        self._sums: dict[tuple[str, str], str] = {}
        self._shifts: dict[tuple[object, ...], str] = {}

    def forget(self) -> None:
        """Sum anew: prices were laid out that change at other instants or sizes."""
        beside = [f"{table}_{what}" for table in self._sums.values() for what in ("apart", "kinds")]
        for table in (*self._sums.values(), *beside, *self._shifts.values()):
            self._connection.execute(f"DROP TABLE {table}")
        for table in self._turned:  # they are where the requests are: perhaps not here
            self._connection.execute(f"DROP TABLE IF EXISTS {table}_turns")
        self._sums.clear()
        self._turned.clear()
        self._shifts.clear()

    def define(self, scenario: Scenario) -> None:
        """Define ``flows``: the requests of the scenario, summed, with their routes."""
        grain = next(name for name, length in _GRAINS if scenario.cache_ttl >= length)
        path = self._path = route(scenario.rules, family_calls(self._connection, scenario.families))
        plain = all(rule.of_flows for rule in scenario.rules)
        summed, routed = (ROUTE_ALWAYS, path) if plain else (path, "route")
        self._summed = summed
        if (grain, summed) not in self._sums:
            table = f"flows_{len(self._sums)}"
            for name, made in (("flows", table), ("flows_kinds", f"{table}_kinds")):
                self._requests.sum(made, sql(name).replace("{grain}", grain).replace("{route}", summed), _file(name))
            self._connection.execute(sql("flows_apart").replace("{table}", table))
            self._sums[grain, summed] = table
        table = self._table = self._sums[grain, summed]
        slots = {"{table}": table, "{route}": routed, "{flow}": self._requests.flow}
        text = sql("flows_numbered")
        for slot, word in slots.items():
            text = text.replace(slot, word)
        self._connection.execute(text)
        self._connection.execute(f"CREATE OR REPLACE TEMP VIEW flows_apart AS FROM {table}_apart")

    @property
    def apart(self) -> bool:
        """Whether anything in the defined flows is billed apart."""
        return self._connection.execute("SELECT 1 FROM flows_apart LIMIT 1").fetchone() is not None

    def number_apart(self, scenario: Scenario) -> None:
        """See to it that no two flows have the same number, which one request is told to belong to."""
        while self._connection.execute(sql("clashes")).fetchone() != (0,):
            self._salt += 1
            self._requests.set(salt=self._salt)
            self._requests.step()
            self.forget()
            self.define(scenario)

    def define_legs(self, scenario: Scenario) -> int:
        """Define ``legs``: in which parts each route is served, and where.

        Returns:
            how many decimals weights have: they are whole numbers over that power of ten.

        Raises:
            OverflowError: they are too many for whole numbers of 128 bits.
        """
        routes = [
            path for (path,) in self._connection.execute("SELECT DISTINCT route FROM flows ORDER BY ALL").fetchall()
        ]
        taking = {place for path in routes if scenario.rules for place in deciding(path, scenario.rules)}
        self.idle = tuple(place for place in range(len(scenario.rules)) if place not in taking)
        parts = [leg for path in routes for leg in legs(path, scenario.rules, scenario.default)]
        rate = scenario.escalate.rate if scenario.escalate else Decimal(0)
        finer = decimals(*(leg.weight for leg in parts)) + decimals(rate)
        if finer > _FINEST:
            raise OverflowError
        one = 10**finer
        parts = [leg for leg in parts if leg.weight]  # what gets no part of the tokens decides nothing
        rows = [self._leg(leg, "served", leg.weight * one) for leg in parts]
        if scenario.escalate and rate:
            rows += [
                self._leg(
                    Leg(leg.route, leg.number, scenario.escalate.target, leg.weight),
                    "escalated",
                    leg.weight * rate * one,
                    leg.target,
                    scenario.escalate.source,
                )
                for leg in parts
            ]
        self._connection.execute(sql("legs"))
        if rows:
            self._connection.executemany("INSERT INTO legs VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        return finer

    @staticmethod
    def _leg(
        leg: Leg, kind: str, weight: Decimal, of_target: str | None = None, escalates: str | None = None
    ) -> tuple[object, ...]:
        return leg.route, leg.number, kind, leg.target, int(weight), of_target, escalates

    def define_shifts(self, scenario: Scenario) -> None:
        """Define ``shifts``: the cache hits that the scenario's moves take from, or give to, each flow."""
        cold = scenario.hit_rate is not None or not scenario.destinations
        ends = tuple((rule.to, rule.token_share) for rule in scenario.rules)
        how = (self._path, ends, scenario.default, scenario.cache_ttl, scenario.cache == "modelled")
        routing = () if cold else how
        if routing not in self._shifts:
            table = f"shifts_{len(self._shifts)}"
            kind = self._requests.flow_kind
            self._connection.execute(sql("shifts").replace("{table}", table).replace("{kind}", kind))
            self._shifts[routing] = table
            self._connection.execute(f"CREATE OR REPLACE TEMP VIEW shifts AS FROM {table}")
            if routing:
                self._fill_shifts(scenario, table)
        self._connection.execute(f"CREATE OR REPLACE TEMP VIEW shifts AS FROM {self._shifts[routing]}")

    def _fill_shifts(self, scenario: Scenario, table: str) -> None:
        """Nothing is looked at request by request where the sums tell it already."""
        connection = self._connection

        def shift(name: str, turns: str = "turns") -> None:
            text = sql(name).replace("{key}", self._requests.key).replace("{turns}", turns)
            self._requests.add(table, text, _file(name))

        self._define_places()
        moves = {basis: told for basis, *told in connection.execute(sql("moves")).fetchall()}
        if not any(any_moved for _, any_moved, *_ in moves.values()):
            return
        connection.execute(f"INSERT INTO {table} {sql('shifts_flows')}")
        self._place(scenario)
        moved, any_moved, moving, requests = moves.get("session", (False, False, 0, 0))
        if any_moved:
            self._turn()
            if scenario.cache == "modelled" and moved:
                connection.execute(sql("cold_starts"))
                self._requests.send("cold_starts")
                # To sort all sessions takes less than to find those that move, unless they are few.
                touched = "turns_touched" if moving * _FEW < requests else "turns"
                if touched != "turns":
                    self._requests.keep(touched, sql(touched), _file(touched))
                shift("shifts_sessions", touched)
                shift("shifts_cold_starts")
            else:
                shift("shifts_touched")
        if moves.get("blocks", (False, False))[1]:
            self._keep_blocks()
            shift("shifts_blocks")

    def _define_places(self) -> None:
        self._connection.execute(sql("places"))
        self._connection.execute(sql("going"))

    def _place(self, scenario: Scenario) -> None:
        """Define ``placed``, where the requests are."""
        self._requests.set(cache_ttl=scenario.cache_ttl)
        self._requests.send("places")
        slots = {"{route}": self._path, "{summed}": self._summed, "{flow}": self._requests.flow}
        text = sql("placed")
        for slot, word in slots.items():
            text = text.replace(slot, word)
        self._requests.keep("placed", text, _file("placed"))

    def _turn(self) -> None:
        """Define ``turns``, where the requests are: those of sessions, which are read once for the sums at hand."""
        self._requests.turn(self._table, self._summed, anew=self._table not in self._turned)
        self._turned.add(self._table)

    def self_test(self, scenario: Scenario) -> pl.DataFrame:
        """Hold the cache model against a scenario that is defined and moves nothing: reality."""
        self._define_places()
        self._place(scenario)
        self._turn()
        found = [self._requests.ask(sql("self_test"), _file("self_test"))]
        if self._connection.execute("SELECT 1 FROM flows WHERE cache_basis = 'blocks' LIMIT 1").fetchone():
            self._keep_blocks()
            text = sql("self_test_blocks").replace("{key}", self._requests.key)
            found.append(self._requests.ask(text, _file("self_test_blocks")))
        return pl.concat(found).sort("cache_basis")

    def _keep_blocks(self) -> None:
        define_log_beginnings(self._connection)
        self._requests.send("log_beginnings")
        text = sql("block_hits").replace("{key}", self._requests.key)
        self._requests.keep("block_hits", text, _file("block_hits"), made=True)


def _file(name: str) -> str:
    """Where a statement of this room stands, for messages."""
    return f"analyzer/simulate/{name}.sql"
