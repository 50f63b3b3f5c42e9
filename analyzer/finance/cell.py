"""Cells: what a month, or any days, used and cost by endpoint, line, window and size. Variances compare cells."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import duckdb

from analyzer.finance.entries import sql
from analyzer.finance.lines import lines
from analyzer.finance.month import Month
from analyzer.prices import Book

# Windows that one list of prices has beside each other; others side by side mean that the list itself has changed.
_REGIMES = ({"all"}, {"standard", "off-peak"}, {"peak", "off-peak"})
Key = tuple[str | None, str, str, int]


class Cell(NamedTuple):
    """Priced calls of one endpoint, line, window and size. Money is in units of 1e-15 of the currency.

    Attributes:
        endpoint: as the review groups them; None where the log names none.
        line: what the team chose; see :mod:`analyzer.finance.lines`.
        window: all, standard, off-peak or peak.
        requests: calls; 0 where a usage export does not count them.
        input_tokens: all that was read, cached or not.
        read_tokens: the part served from the cache.
        write_tokens: the part written to it.
        output_tokens: all that was written, reasoning included.
        miss_cost: cost of what was neither.
        read_cost: cost of what came from the cache.
        write_cost: cost of what was written to it.
        output_cost: cost of the output.
        request_cost: the price of requests themselves, where a provider asks one.
        apart_cost: what audio, images and searches add.
        size: the least input of such requests, among the sizes by which their model is ever priced; 0 where it is not.
    """

    endpoint: str | None
    line: str
    window: str
    requests: int
    input_tokens: int = 0
    read_tokens: int = 0
    write_tokens: int = 0
    output_tokens: int = 0
    miss_cost: int = 0
    read_cost: int = 0
    write_cost: int = 0
    output_cost: int = 0
    request_cost: int = 0
    apart_cost: int = 0
    size: int = 0

    @property
    def key(self) -> Key:
        """What tells it from other cells."""
        return self.endpoint, self.line, self.window, self.size

    @property
    def cost(self) -> int:
        """All that it cost."""
        return sum(self[8:14])

    @property
    def miss_tokens(self) -> int:
        """The part of the input that the cache had no part in."""
        return self.input_tokens - self.read_tokens - self.write_tokens

    def times(self, number: int) -> "Cell":
        """As many of the same."""
        return Cell._make((*self[:3], *(number * value for value in self[3:14]), self.size))

    @property
    def used(self) -> bool:
        """Whether anything was."""
        return any(self[3:14])

    @classmethod
    def empty(cls, key: Key) -> "Cell":
        """Nothing of some kind."""
        return cls(*key[:3], 0, size=key[3])


def cells(connection: duckdb.DuckDBPyConnection, book: Book, month: Month) -> tuple[Cell, ...]:
    """The cells of a month, from ``entries``."""
    return tuple(_asked(connection, book, month.first, month.next().first).get(None, ()))


def daily_cells(
    connection: duckdb.DuckDBPyConnection, book: Book, first: date, last: date, endpoints: Iterable[str | None]
) -> dict[date | None, tuple[Cell, ...]]:
    """The cells of each day from ``first`` to ``last``, in the reporting zone, at least those of some endpoints."""
    named = [endpoint for endpoint in endpoints if endpoint is not None]
    return _asked(connection, book, first, last + timedelta(days=1), by_day=True, endpoints=named)


def _asked(
    connection: duckdb.DuckDBPyConnection,
    book: Book,
    first: date,
    after: date,
    *,
    by_day: bool = False,
    endpoints: list[str] | None = None,
) -> dict[date | None, tuple[Cell, ...]]:
    line_of = lines(connection, book)
    variables = {"cells_from": first, "cells_until": after, "cells_by_day": by_day, "cells_of": endpoints}
    for name, value in variables.items():
        connection.execute(f"SET VARIABLE {name} = ?", [value])
    found: dict[date | None, list[Cell]] = {}
    for row in connection.execute(sql("cells")).fetchall():
        found.setdefault(row[0], []).append(Cell(row[1], line_of[row[2:6]], *row[6:]))
    return {day: tuple(summed(some).values()) for day, some in found.items()}


def summed(some: Iterable[Cell]) -> dict[Key, Cell]:
    """Cells by what tells them apart, those of the same added."""
    found: dict[Key, Cell] = {}
    for cell in some:
        key = cell.key
        other = found.get(key)
        found[key] = (
            cell if other is None else Cell._make((*key[:3], *map(int.__add__, other[3:14], cell[3:14]), cell.size))
        )
    return found


def comparable(before: Sequence[Cell], after: Sequence[Cell]) -> tuple[dict[Key, Cell], dict[Key, Cell]]:
    """The cells of two months, of which each window means the same in both.

    Where a line was sold at one price all day in one month, and by the hour in the other, its windows are put together:
    what follows from the provider's new list is a change of price, not of the hours at which the team called.
    """
    seen: dict[str, set[str]] = {}
    for cell in (*before, *after):
        seen.setdefault(cell.line, set()).add(cell.window)
    changed = {line for line, windows in seen.items() if not any(windows <= regime for regime in _REGIMES)}

    def put(some: Sequence[Cell]) -> dict[Key, Cell]:
        return summed(cell._replace(window="all") if cell.line in changed else cell for cell in some)

    return put(before), put(after)


def by_endpoint(some: Mapping[Key, Cell]) -> dict[str | None, int]:
    """The cost of every endpoint of which anything was used."""
    found: dict[str | None, int] = {}
    for cell in some.values():
        if cell.used:
            found[cell.endpoint] = found.get(cell.endpoint, 0) + cell.cost
    return found
