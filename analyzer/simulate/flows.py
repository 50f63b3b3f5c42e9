"""Flows: requests summed to where price, route and cache are one, and what a scenario does to their cache hits."""

from datetime import timedelta
from decimal import Decimal

import duckdb

from analyzer.simulate.pricing import sql
from analyzer.simulate.routing import ROUTE_ALWAYS, Leg, legs, route
from analyzer.simulate.scenario import Scenario

_GRAINS = (("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))


class Flows:
    """The relations ``flows``, ``legs``, ``places`` and ``shifts``, of one scenario after another over the same calls.

    Sums that the next scenario needs as well are kept: those of scenarios that route by endpoint and model alone are
    the sums of reality, and only others look at every request again.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._kept: set[str] = set()

    def forget(self) -> None:
        """Sum anew: prices were laid out that change at other instants or sizes."""
        self._kept.clear()

    def define(self, scenario: Scenario) -> None:
        """Define ``flows``: the requests of the scenario, summed, with their routes."""
        grain = next(name for name, length in _GRAINS if scenario.cache_ttl >= length)
        path = route(scenario.rules)
        if all(rule.of_flows for rule in scenario.rules):
            table, routed = f"flows_by_{grain}", path
            if table not in self._kept:
                self._sum(table, grain, ROUTE_ALWAYS)
                self._kept.add(table)
        else:
            table, routed = "flows_routed", "route"
            self._sum(table, grain, path)
        self._connection.execute(sql("flows_numbered").replace("{table}", table).replace("{route}", routed))

    def number_apart(self, scenario: Scenario) -> None:
        """See to it that no two flows have the same number, which one request is told to belong to."""
        while self._connection.execute(sql("clashes")).fetchone() != (0,):
            self._connection.execute("SET VARIABLE salt = coalesce(getvariable('salt'), 0) + 1")
            self.forget()
            self.define(scenario)

    def _sum(self, table: str, grain: str, path: str) -> None:
        text = sql("flows").replace("{table}", table).replace("{grain}", grain).replace("{route}", path)
        self._connection.execute(text)

    def define_legs(self, scenario: Scenario) -> int:
        """Define ``legs``: in which parts each route is served, and where.

        Returns:
            how many decimals weights have: they are whole numbers over that power of ten.
        """
        routes = [
            path for (path,) in self._connection.execute("SELECT DISTINCT route FROM flows ORDER BY ALL").fetchall()
        ]
        parts = [leg for path in routes for leg in legs(path, scenario.rules, scenario.default)]
        rate = scenario.escalate.rate if scenario.escalate else Decimal(0)
        finer = max([_decimals(leg.weight) for leg in parts], default=0) + _decimals(rate)
        one = 10**finer
        rows = [self._leg(leg, "served", leg.weight * one) for leg in parts]
        if scenario.escalate:
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
        """Define ``shifts``: the cache hits that the scenario's moves take from, or give to, each flow.

        Nothing is looked at request by request where the sums tell it already.
        """
        connection = self._connection
        connection.execute(sql("shifts"))
        if scenario.hit_rate is not None or not scenario.destinations:
            return
        connection.execute(sql("places"))
        ways = {
            basis: (ways, moved, any_moved)
            for basis, ways, moved, any_moved in connection.execute(sql("ways")).fetchall()
        }
        if not any(any_moved for _, _, any_moved in ways.values()):
            return
        self.number_apart(scenario)
        connection.execute("SET VARIABLE cache_ttl = ?", [scenario.cache_ttl])
        connection.execute(sql("placed").replace("{route}", route(scenario.rules)))
        connection.execute(sql("shifts_flows"))
        several, moved, any_moved = ways.get("session", (0, False, False))
        modelled = scenario.cache == "modelled" and moved
        if any_moved and several > 1:
            connection.execute(sql("session_domains"))
            connection.execute(sql("shifts_sessions" if modelled else "shifts_touched"))
        if modelled:
            connection.execute(sql("shifts_cold_starts"))
        if "blocks" in ways and ways["blocks"][2]:
            connection.execute(sql("block_hits"))
            connection.execute(sql("shifts_blocks"))

    def define_history(self, scenario: Scenario) -> None:
        """Define ``placed`` and ``block_hits`` for a scenario that is defined and moves nothing: reality."""
        self._connection.execute(sql("places"))
        self._connection.execute("SET VARIABLE cache_ttl = ?", [scenario.cache_ttl])
        self._connection.execute(sql("placed").replace("{route}", route(scenario.rules)))
        self._connection.execute(sql("block_hits"))


def _decimals(number: Decimal) -> int:
    """Places after the point that a number needs."""
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
