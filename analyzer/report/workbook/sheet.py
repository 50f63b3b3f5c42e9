"""A sheet: tables one below the other, as people read them and as spreadsheets work with them."""

import textwrap
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from analyzer.report.amounts import UNKNOWN
from analyzer.report.review.listing import Kind, Listing, opened
from analyzer.report.visible import LONGEST, visible, width
from analyzer.report.workbook.formats import TEXTS, Formats, Side
from analyzer.report.workbook.placed import Placed
from analyzer.report.workbook.topics import table_name

_LINE = 100  # characters of a line of text that stands over a table
_LONGEST = {"words": 600}
_SAID = 4000  # characters of a text over a table
_WIDEST = {"name": 44, "words": 64}
_NARROWEST = 10
_ONE_LINE = 14  # characters up to which a head is not wrapped
_WRAPPED = 40  # a text of so many characters may need a second line
_FILTERED = 13  # lines from which on a table is worth to be filtered
_A3_FROM = 16  # columns from which on a page is A3
_A3, _A4 = 8, 9
# What spreadsheets warn of, and is meant: texts of digits, and formulas that are not like those beside them.
_MEANT = ("number_stored_as_text", "formula_differs", "formula_range")
_HEIGHT = 15  # of one line of text, in points


class Sheet:
    """One sheet that is being written, from its top down."""

    def __init__(self, book: Any, name: str, formats: Formats, footer: str) -> None:
        self.name = name
        self.formats = formats
        self.page = book.add_worksheet(name)
        self.row = 0
        self._widths: dict[int, int] = {}
        self._heads: list[int] = []
        self._long_last = False
        self._long: list[tuple[int, int, str]] = []
        page = self.page
        page.hide_gridlines(2)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        page.set_footer(footer)

    def lines(self, text: str, *, said: bool = False) -> None:
        """Write a text over as many rows as it needs: none is wider than a page, and no cells are merged.

        Args:
            text: it.
            said: it is what the sheet says, not a note on how to read it.
        """
        form = self.formats.styled(align="left") if said else self.formats.note()
        for line in textwrap.wrap(visible(text, _SAID), _LINE):
            self.page.write_string(self.row, 0, line, form)
            self.row += 1

    def title(self, text: str) -> None:
        """Write the title of the sheet, or of a further table of it."""
        first = self.row == 0
        self.page.write_string(self.row, 0, text, self.formats.title() if first else self.formats.subtitle())
        self.page.set_row(self.row, _HEIGHT * 1.5)
        self.row += 1

    def table(self, listing: Listing, *, titled: bool = True) -> Placed:
        """Write a table, with its title and what is said of it above."""
        if titled:
            self.title(listing.title)
            self.lines(listing.note)
            self.row += 1
        head = self.row
        placed = Placed(self.name, listing, listing.values(), head + 1)
        totals = listing.totals()
        self._heads.append(head)
        self._long_last = len(listing.rows) >= _FILTERED
        self._long += [(head, place, title) for place, title in enumerate(titles(listing))]
        self._tabled(placed, totals)
        for place in range(len(listing.columns)):
            for line, row in enumerate(placed.values):
                self.value(placed.top + line, place, row[place], listing)
            self._widths[place] = max(self._widths.get(place, _NARROWEST), _wide(placed, place, totals))
        if totals is not None:
            for place, value in enumerate(totals):
                self._total(placed, place, value)
        self.row = placed.last + (2 if totals is None else 3)
        return placed

    def value(self, row: int, place: int, value: object, listing: Listing, *, total: bool = False) -> None:
        """Write one cell: a number as a number, a text as a text, unknown as the word."""
        column = listing.columns[place].kind
        cell = opened(value, column)
        value, kind = cell.value, cell.kind
        side = _side(column)
        form = self.formats.cell(kind, listing.places, side=side, indent=_indent(place, side), total=total)
        if value is None and kind not in TEXTS:
            self.page.write_string(row, place, UNKNOWN, self.formats.unknown(total=total))
        elif isinstance(value, (int, Decimal, Fraction)):
            self.page.write_number(row, place, value, form)
        elif isinstance(value, date):
            self.page.write_datetime(row, place, value, form)
        else:
            self._text(row, place, listing.text(value, kind), column, total=total)

    def formula(self, row: int, place: int, formula: str, value: object, form: Any) -> None:
        """Write a live formula with the value that it has."""
        self.page.write_formula(row, place, formula, form, value)

    def finish(self) -> None:
        """Set widths; keep what names columns and rows in sight, on screen and on paper."""
        for place, wide in self._widths.items():
            self.page.set_column(place, place, wide)
        self.page.set_paper(_A3 if len(self._widths) >= _A3_FROM else _A4)
        self._heighten()
        everywhere = f"A1:{xl_rowcol_to_cell(max(self.row, 1), max(self._widths, default=0))}"
        self.page.ignore_errors(dict.fromkeys(_MEANT, everywhere))
        if len(self._heads) == 1:
            self.page.freeze_panes(self._heads[0] + 1, 1)
            self.page.repeat_rows(self._heads[0])
        else:
            # On paper, pages after a long last table's first one have its head; elsewhere it would be that of another.
            self.page.freeze_panes(1, 1)
            self.page.repeat_rows(self._heads[-1] if self._long_last else 0)

    def widen(self, place: int, wide: int) -> None:
        """Let a column be at least so wide."""
        self._widths[place] = max(self._widths.get(place, _NARROWEST), wide)

    def _text(self, row: int, place: int, text: str, column: Kind, *, total: bool) -> None:
        side = _side(column)
        form = self.formats.cell("words", 0, side=side, indent=_indent(place, side), total=total)
        if text:
            text = visible(text, _LONGEST.get(column, LONGEST))
            self.page.write_string(row, place, text, form)
            if len(text) > _WRAPPED:
                self._long.append((row, place, text))
        elif total:
            self.page.write_blank(row, place, None, form)

    def _heighten(self) -> None:
        """Let rows be as high as their longest text needs: not every program sees to it when it opens a file."""
        high: dict[int, int] = {}
        for row, place, text in self._long:
            room = max(1, self._widths[place] - 1)
            lines = max(len(textwrap.wrap(text, room)), -(-width(text) // room))
            high[row] = max(high.get(row, 1), lines)
        for row, lines in high.items():
            if lines > 1:
                self.page.set_row(row, _HEIGHT * lines)

    def _tabled(self, placed: Placed, totals: Sequence[object] | None) -> None:
        """Make the range a table."""
        columns: list[dict[str, object]] = []
        for place, (title, column) in enumerate(zip(titles(placed.listing), placed.listing.columns, strict=True)):
            told: dict[str, object] = {
                "header": title,
                "header_format": self.formats.head(_side(column.kind), _indent(place, _side(column.kind))),
            }
            if totals is not None:
                if _adds_up(totals[place]):
                    told["total_function"] = f"SUM({placed.here(place)})"
                else:
                    told["total_string"] = UNKNOWN if totals[place] is None else totals[place]
            columns.append(told)
        self.page.add_table(
            placed.top - 1, 0, placed.last + (totals is not None), len(columns) - 1,
            {
                "name": table_name(placed.listing), "style": "Table Style Light 1", "columns": columns,
                "total_row": totals is not None, "autofilter": len(placed.values) >= _FILTERED,
            },
        )  # fmt: skip

    def _total(self, placed: Placed, place: int, value: object) -> None:
        kind, row = placed.listing.columns[place].kind, placed.last + 1
        if _adds_up(value):
            form = self.formats.cell(kind, placed.listing.places, side=_side(kind), total=True)
            self.formula(row, place, f"=SUM({placed.here(place)})", _cached(value), form)
        else:
            self.value(row, place, value, placed.listing, total=True)


def titles(listing: Listing) -> list[str]:
    """Heads of its columns: in a table each has one, unlike the others whatever the case."""
    found: list[str] = []
    for place, column in enumerate(listing.columns):
        title = wanted = column.title or ("Detail" if place else "Item")
        number = 1
        while title.lower() in (one.lower() for one in found):
            number += 1
            title = f"{wanted} {number}"
        found.append(title)
    return found


def _side(column: Kind) -> Side:
    """On which side of a column its cells stand: numbers so that their digits stand below each other."""
    return "left" if column in (*TEXTS, "day") else "right"


def _indent(place: int, side: Side) -> int:
    """What keeps a text off the number before it."""
    return 1 if place and side == "left" else 0


def _adds_up(value: object) -> bool:
    return isinstance(value, (int, Decimal, Fraction))


def _cached(value: object) -> object:
    """A formula's value as it is kept in the file: in digits."""
    return float(value) if isinstance(value, Fraction) else value


def _wide(placed: Placed, place: int, totals: Sequence[object] | None) -> int:
    """The width of a column, in characters: that of its longest text or largest number, within bounds."""
    listing = placed.listing
    kind = listing.columns[place].kind
    cells = [row[place] for row in placed.values] + ([] if totals is None else [totals[place]])
    texts, largest = set[str](), dict[Kind, Any]()
    for cell in cells:
        inner = opened(cell, kind)
        value, what = inner.value, inner.kind
        if isinstance(value, (int, Decimal, Fraction)):
            largest[what] = max(largest.get(what, 0), abs(value))
        else:
            texts.add(listing.text(value, what))
    text = max((width(visible(one, 100)) for one in texts), default=0)
    numbers = [len(listing.text(value, what)) + 3 for what, value in largest.items()]
    head = titles(listing)[place]
    longest_word = len(head) if len(head) <= _ONE_LINE else max(len(word) for word in head.split())
    filtered = 3 if len(placed.values) >= _FILTERED else 0
    return max(
        min(text + 2, _WIDEST.get(kind, _WIDEST["name"])),
        *numbers,
        longest_word + 2 + filtered,
        (len(head) + 1) // 2,
        0,
    )
