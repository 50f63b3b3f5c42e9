"""Laying out prices for scenarios: each table of hourly prices once, whichever scenarios share it."""

from datetime import timedelta

import duckdb

from analyzer.prices import Book, Sold
from analyzer.simulate.pricing import Side, add_steps, define_prices, define_served
from analyzer.simulate.relations import View
from analyzer.simulate.scenario import Scenario

_NOW = timedelta(0)
_SIDES: tuple[Side, ...] = ("logged", "target")


class Laying:
    """The relations ``scenario_prices``, ``served_logged`` and ``served_targets``, of one scenario after another."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, book: Book, view: View, called: list[Sold]) -> None:
        self._connection = connection
        self._book = book
        self._view = view
        self._called = called
        self._tables: dict[tuple[object, ...], str] = {}

    def define(self, scenario: Scenario) -> bool:
        """Define them for a scenario.

        Returns:
            whether prices change at instants or sizes that were not known before: sums made before are too coarse.
        """
        book = self._book.over(scenario.prices) if scenario.prices else self._book
        # Names that ratios and plans go by tell which model answers to them, too.
        asked = [*scenario.targets, *(name for name in scenario.mentions if book.knows(name))]
        targets = tuple(dict.fromkeys(filter(book.knows, asked)))
        waits = [_NOW, scenario.off_peak.longest] if scenario.off_peak else [_NOW]
        new: list[bool] = []
        parts = [
            (side, waiting, self._lay(book, scenario, side, targets if side == "target" else (), wait, new))
            for waiting, wait in enumerate(waits)
            for side in _SIDES
        ]
        rows = " UNION ALL ".join(
            f"SELECT '{side}' AS side, {waiting} = 1 AS waits, * FROM {table}" for side, waiting, table in parts
        )
        self._connection.execute(f"CREATE OR REPLACE TEMP VIEW scenario_prices AS {rows}")
        self._connection.execute("CREATE OR REPLACE TEMP VIEW served_logged AS FROM served")
        self._connection.execute(f"CREATE OR REPLACE TEMP VIEW served_targets AS FROM {parts[1][2]}_served")
        return any(new)

    def _lay(
        self,
        book: Book,
        scenario: Scenario,
        side: Side,
        targets: tuple[str, ...],
        wait: timedelta,
        new: list[bool],
    ) -> str:
        """The table of one side's prices, made if there is none yet; then ``new`` is told whether it has new steps."""
        asked = scenario.price_date or self._view.price_date
        key = (side, targets, asked, repr(scenario.prices), wait)
        if key not in self._tables:
            if side == "logged" and not wait and not scenario.prices and asked == self._view.price_date:
                return "prices"
            table = f"scenario_prices_{len(self._tables)}"
            define_prices(
                self._connection,
                table,
                book,
                self._called if side == "logged" else map(Sold, targets),
                side=side,
                currency=self._view.currency,
                price_date=asked,
                wait=wait,
            )
            define_served(self._connection, f"{table}_served")
            new.append(add_steps(self._connection))
            self._tables[key] = table
        return self._tables[key]
