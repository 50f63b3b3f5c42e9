"""A listing: one table of a review, with the numbers that all ways of showing it show.

Money is rounded here, once, so that a column adds up to its total; the terminal, the page and the workbook show the
same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from analyzer.report.amounts import UNKNOWN, nearest, plain, rounded

# What a cell holds: a name from a log; words of ours; a whole number; money; money that was added or saved; the price
# of a million tokens or another ratio of money; a rate from 0 to 1; a day.
Kind = Literal["name", "words", "count", "money", "change", "price", "rate", "day"]
PRICE_PLACES = 6
NAMELESS = "(none named)"


@dataclass(frozen=True)
class Column:
    """A column: its title, and what its cells hold."""

    title: str
    kind: Kind


@dataclass(frozen=True)
class Cell:
    """A cell that holds something else than its column says."""

    value: object
    kind: Kind


@dataclass(frozen=True)
class Listing:
    """One table.

    Attributes:
        ident: its name for links and sheets.
        title: what it shows.
        columns: the first names the rows.
        rows: exact values: texts, ints, Decimals for money, Fractions for rates; None is unknown.
        total: the last line; None where nothing adds up.
        places: decimals of money.
        wholes: what money columns add up to as shown, by their place; others add up to their own sum.
        note: how it is to be read.
        nameless: what a row without a name is called.
    """

    ident: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[object, ...], ...]
    total: tuple[object, ...] | None = None
    places: int = 2
    wholes: tuple[tuple[int, Decimal], ...] = ()
    note: str = ""
    nameless: str = NAMELESS

    def values(self) -> list[list[object]]:
        """The rows as numbers: money rounded so that its column adds up."""
        found = [list(row) for row in self.rows]
        for place, column in enumerate(self.columns):
            if column.kind in ("money", "change"):
                plain_cells = [number for number, row in enumerate(found) if not isinstance(row[place], Cell)]
                amounts = [_money(found[number][place]) for number in plain_cells]
                whole = dict(self.wholes).get(place)
                for number, amount in zip(plain_cells, rounded(amounts, self.places, whole), strict=True):
                    found[number][place] = amount
        return found

    def totals(self) -> list[object] | None:
        """The last line as numbers."""
        if self.total is None:
            return None
        wholes = dict(self.wholes)
        return [
            wholes.get(place, nearest(value, self.places)) if isinstance(value, Decimal) else value
            for place, value in enumerate(self.total)
        ]

    def texts(self) -> list[list[str]]:
        """The rows as people read them."""
        return [self._texts(row) for row in self.values()]

    def total_texts(self) -> list[str] | None:
        """The last line as people read it."""
        totals = self.totals()
        return None if totals is None else self._texts(totals)

    def _texts(self, row: Sequence[object]) -> list[str]:
        return [self.text(value, column.kind) for value, column in zip(row, self.columns, strict=True)]

    def text(self, value: object, kind: Kind) -> str:
        """One cell as people read it."""
        inner = opened(value, kind)
        value, kind = inner.value, inner.kind
        if value is None:
            return self.nameless if kind == "name" else "" if kind == "words" else UNKNOWN
        if isinstance(value, str):
            return value
        if isinstance(value, date):
            return value.isoformat()
        return _number(value, kind, self.places)


def opened(value: object, kind: Kind) -> Cell:
    """A cell that says what it holds, where it does not itself."""
    return value if isinstance(value, Cell) else Cell(value, kind)


def alone(value: Decimal | None, places: int, kind: Kind = "money") -> Cell:
    """An amount that adds up with nothing around it: rounded by itself."""
    return Cell(None if value is None else nearest(value, places), kind)


def ratio(value: Fraction, places: int) -> Decimal:
    """A ratio as a decimal, half to even at the last place."""
    return Decimal(round(value * 10**places)).scaleb(-places)


def _number(value: object, kind: Kind, places: int) -> str:
    if kind == "count":
        return f"{value:,}"
    if kind == "rate":
        share = ratio(Fraction(value) * 100, 1) if isinstance(value, (Fraction, int)) else Decimal(0)
        return f"{share:,.1f}%"
    amount = value if isinstance(value, Decimal) else Decimal(0)
    if kind == "price":
        return plain(amount, PRICE_PLACES)
    return ("+" if kind == "change" and amount > 0 else "") + plain(amount, places)


def _money(value: object) -> Decimal | None:
    return value if isinstance(value, Decimal) else None
