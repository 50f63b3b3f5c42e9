"""What a spreadsheet makes of the formulas in a workbook, worked out here from the cells, exactly: a second method."""

import re
from decimal import Decimal
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.utils import range_boundaries

# What a formula is made of, besides names of functions and signs that mean the same in Python.
PART = re.compile(
    r"""(?P<text>"[^"]*")
    |(?:(?P<sheet>'[^']+'|[A-Za-z]+)!)?(?P<cells>\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?)
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<equal>(?<![<>])=)""",
    re.VERBOSE,
)


class Formulas:
    """A workbook whose formulas are worked out anew; its cells can be changed."""

    def __init__(self, content: bytes) -> None:
        self.book: Workbook = load_workbook(BytesIO(content))
        self.kept: Workbook = load_workbook(BytesIO(content), data_only=True)

    def all(self) -> list[tuple[str, str]]:
        """Sheet and cell of every formula."""
        return [
            (sheet.title, cell.coordinate)
            for sheet in self.book
            for row in sheet.iter_rows()
            for cell in row
            if cell.data_type == "f"
        ]

    def value(self, sheet: str, cell: str) -> Any:
        """What stands in a cell: its own, or what its formula comes to; numbers as decimals."""
        found = self.book[sheet][cell].value
        if isinstance(found, str) and found.startswith("=") and self.book[sheet][cell].data_type == "f":
            return self._worked_out(sheet, found[1:])
        return Decimal(repr(found)) if isinstance(found, (int, float)) else found

    def _worked_out(self, sheet: str, formula: str) -> Any:
        def part(match: re.Match[str]) -> str:
            if match["cells"]:
                where = (match["sheet"] or sheet).strip("'")
                return f"at({where!r}, {match['cells'].replace('$', '')!r})"
            return "==" if match["equal"] else f"D({match[0]!r})" if match["number"] else match[0]

        said = PART.sub(part, formula)
        names = {
            "at": self._at, "D": Decimal, "SUM": _sum, "SUMPRODUCT": _products, "ROUND": _round,
            "IF": lambda test, yes, no: yes if test else no, "ABS": abs, "MIN": min, "MAX": max,
            "FIXED": lambda number, places: f"{number:,.{int(places)}f}", "CONCATENATE": lambda *texts: "".join(texts),
            "COUNTIF": lambda cells, word: _cells(cells).count(word), "ROWS": lambda cells: len(_cells(cells)),
        }  # fmt: skip
        return eval(said, {"__builtins__": {}}, names)

    def _at(self, sheet: str, cells: str) -> Any:
        if ":" not in cells:
            return self.value(sheet, cells)
        left, top, right, bottom = range_boundaries(cells)
        page = self.book[sheet]
        return [
            self.value(sheet, page.cell(row, column).coordinate)
            for row in range(top, bottom + 1)
            for column in range(left, right + 1)
        ]


def _cells(found: Any) -> list[Any]:
    """A range of one cell is named as that cell."""
    return found if isinstance(found, list) else [found]


def _sum(cells: Any) -> Decimal:
    return sum((cell for cell in _cells(cells) if isinstance(cell, Decimal)), Decimal(0))


def _products(one: Any, other: Any) -> Decimal:
    """Of pairs of numbers; a text counts for nothing."""
    pairs = zip(_cells(one), _cells(other), strict=True)
    return sum((a * b for a, b in pairs if isinstance(a, Decimal) and isinstance(b, Decimal)), Decimal(0))


def _round(value: Decimal, places: Decimal) -> Decimal:
    return round(value, int(places))
