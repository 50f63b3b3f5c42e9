"""Placed: where a table stands in the workbook, so that formulas and charts can point to its cells."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from xlsxwriter.utility import quote_sheetname, xl_range_abs, xl_rowcol_to_cell

from analyzer.report.review.listing import Listing, opened


@dataclass(frozen=True)
class Placed:
    """A table that was written.

    Attributes:
        sheet: the sheet.
        listing: what it shows.
        values: its rows as they were written: money rounded so that it adds up.
        top: the row of its first line, from 0.
    """

    sheet: str
    listing: Listing
    values: Sequence[Sequence[object]]
    top: int

    @property
    def last(self) -> int:
        """The row of its last line, from 0; the total stands below."""
        return self.top + len(self.values) - 1

    def here(self, place: int, *, lines: int | None = None) -> str:
        """A column's cells as formulas of the same sheet name them; of the first ``lines`` alone."""
        last = self.last if lines is None else self.top + lines - 1
        return str(xl_range_abs(self.top, place, last, place))

    def column(self, place: int, *, lines: int | None = None) -> str:
        """The same as formulas of any sheet name them."""
        return f"{quote_sheetname(self.sheet)}!{self.here(place, lines=lines)}"

    def cell(self, line: int, place: int) -> str:
        """One cell."""
        return address(self.sheet, self.top + line, place)

    def amount(self, line: int, place: int) -> Decimal | int | None:
        """The number in it; None where it holds none."""
        value = opened(self.values[line][place], "words").value
        return value if isinstance(value, (Decimal, int)) else None

    def sum(self, place: int, *, lines: int | None = None) -> Decimal:
        """What a spreadsheet makes of the sum of a column: what is no number counts for nothing."""
        count = len(self.values) if lines is None else lines
        return sum((Decimal(self.amount(line, place) or 0) for line in range(count)), Decimal(0))

    def place(self, title: str) -> int | None:
        """The column of that title."""
        return next((place for place, one in enumerate(self.listing.columns) if one.title == title), None)


def address(sheet: str, row: int, place: int) -> str:
    """A cell as formulas of any sheet name it."""
    return f"{quote_sheetname(sheet)}!{xl_rowcol_to_cell(row, place, row_abs=True, col_abs=True)}"
