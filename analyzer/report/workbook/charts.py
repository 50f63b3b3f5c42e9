"""Charts of the workbook: native ones, drawn from cells, so that they follow whoever changes them."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from analyzer.finance.review import Review
from analyzer.report.review.change import places
from analyzer.report.review.figures import money
from analyzer.report.review.listing import Column, Listing, round_money
from analyzer.report.workbook.formats import INK, number_format
from analyzer.report.workbook.placed import Placed
from analyzer.report.workbook.sheet import Sheet

_MONTH, _MORE, _LESS = "#0072B2", "#D55E00", "#009E73"
_WIDE, _HIGH, _ROW = 900, 360, 20  # pixels
_ROWS = _HIGH // _ROW + 2
_FROM, _TO, _BASE, _WHOLE = 1, 2, 3, 4
# Bars above and below nothing, each by direction: a bar that crosses it has both.
_PARTS = ("More", "Less", "More, below zero", "Less, below zero")


def months_chart(book: Any, sheet: Sheet, placed: Placed, currency: str) -> None:
    """Cost month by month, below the table."""
    place = placed.place("Cost")
    if place is None:
        return
    chart = book.add_chart({"type": "column"})
    chart.add_series(
        {
            "name": "Cost", "categories": _range(placed, 0), "values": _range(placed, place), "gap": 60,
            "fill": {"color": _MONTH},
            "data_labels": {"value": True, "num_format": number_format("money", currency, placed.listing.places)},
        }
    )  # fmt: skip
    _dress(chart, "Cost by month", number_format("money", currency, placed.listing.places))
    chart.set_legend({"none": True})
    sheet.page.insert_chart(sheet.row, 0, chart, {"description": "Cost by month, as in the table above"})
    sheet.row += _ROWS


class Waterfall:
    """The way from last month to this one: bars that stand on bars which are not seen."""

    def __init__(self, book: Any, sheet: Sheet, review: Review, bridge: Placed, summary: Placed) -> None:
        self._book, self._sheet, self._review = book, sheet, review
        self._bridge, self._summary = bridge, summary
        self._row = sheet.row
        sheet.row += _ROWS

    def draw(self) -> None:
        """Write the columns that it is drawn from at the end of the sheet, and draw it where it was given room."""
        review, digits = self._review, places(self._review)
        steps = list(self._steps())
        below = any(to < 0 for _, _, to in steps)
        parts = _PARTS if below else _PARTS[:2]
        titles = ("From", "To", "Base", "Month", *parts)
        listing = Listing(
            "bridge-bars",
            f"What the picture is drawn from, {review.analysis.view.currency}",
            (Column("Step", "words"), *(Column(title, "money") for title in titles)),
            tuple((name, start, to, *_bars(start, to, whole=not line or line == len(steps) - 1)[: 2 + len(parts)])
                  for line, (name, start, to) in enumerate(steps)),
            places=digits,
        )  # fmt: skip
        placed = self._sheet.table(listing)
        form = self._sheet.formats.cell("money", digits)
        for line in range(len(steps)):
            for place, formula in self._formulas(placed, line, len(steps) - 1, len(parts)):
                self._sheet.formula(placed.top + line, place, formula, placed.amount(line, place), form)
        self._chart(placed, parts)

    def _steps(self) -> Iterator[tuple[str, Decimal, Decimal]]:
        """Each bar: its name, where it begins, and where it ends."""
        review, nothing = self._review, Decimal(0)
        reached = round_money(money(review.previous) or nothing, places(review))
        yield str(review.month.previous()), nothing, reached
        for line, row in enumerate(self._bridge.values):
            amount = Decimal(self._bridge.amount(line, 1) or 0)
            yield str(row[0]), reached, reached + amount
            reached += amount
        yield str(review.month), nothing, reached

    def _formulas(self, placed: Placed, line: int, last: int, parts: int) -> Iterator[tuple[int, str]]:
        """The same as live formulas over the drivers above."""
        row = placed.top + line
        before = xl_rowcol_to_cell(row - 1, _TO)
        start, to = xl_rowcol_to_cell(row, _FROM), xl_rowcol_to_cell(row, _TO)
        if line in (0, last):
            yield _TO, f"={self._summary.cell(1, 1)}" if line == 0 else f"={before}"
            yield _WHOLE, f"={to}"
            return
        yield _FROM, f"={before}"
        yield _TO, f"={start}+{xl_rowcol_to_cell(self._bridge.top + line - 1, 1)}"
        low, high = f"MIN({start},{to})", f"MAX({start},{to})"
        yield _BASE, f"=MAX(0,{low})+MIN(0,{high})"
        above, below = f"MAX(0,{high})-MAX(0,{low})", f"MIN(0,{low})-MIN(0,{high})"
        for place in range(parts):
            sign = "<" if place % 2 else ">="
            yield _WHOLE + 1 + place, f"=IF({to}{sign}{start},{above if place < 2 else below},0)"

    def _chart(self, placed: Placed, parts: tuple[str, ...]) -> None:
        currency, digits = self._review.analysis.view.currency, places(self._review)
        amount = number_format("money", currency, digits).partition(";")[0]
        chart = self._book.add_chart({"type": "column", "subtype": "stacked"})
        steps = _range(placed, 0)
        chart.add_series(
            {"name": "Base", "categories": steps, "values": _range(placed, _BASE), "gap": 40,
             "fill": {"none": True}, "border": {"none": True}}
        )  # fmt: skip
        bars = [("Month", _WHOLE, _MONTH, f"{amount};-{amount};")]
        for place, name in enumerate(parts):
            more = place % 2 == 0
            sign = "+" if more else "-"
            bars.append((name, _WHOLE + 1 + place, _MORE if more else _LESS, f"{sign}{amount};{sign}{amount};"))
        # A bar that crosses nothing is two, and neither part is what it stands for: the table says it.
        crossing = [
            {"delete": True} if min(start, to) < 0 < max(start, to) else None
            for line in range(len(placed.values))
            for start, to in [(placed.amount(line, _FROM) or 0, placed.amount(line, _TO) or 0)]
        ]
        for name, place, ink, form in bars:
            font = {"color": "#FFFFFF" if name == "Month" else INK, "bold": True}
            labels = {"value": True, "num_format": form, "font": font, "custom": crossing}
            chart.add_series(
                {"name": name, "categories": steps, "values": _range(placed, place), "fill": {"color": ink},
                 "data_labels": labels}
            )  # fmt: skip
        _dress(chart, f"From {self._review.month.previous()} to {self._review.month}", f"{amount};-{amount}")
        chart.set_legend({"position": "bottom", "delete_series": [0, *range(4, 2 + len(parts))]})
        told = "From last month to this one, driver by driver, as in the table above"
        self._sheet.page.insert_chart(self._row, 0, chart, {"description": told})


def _bars(start: Decimal, to: Decimal, *, whole: bool) -> tuple[Decimal, ...]:
    """Base, whole, more and less above nothing, more and less below it."""
    nothing = Decimal(0)
    if whole:
        return (nothing, to, nothing, nothing, nothing, nothing)
    low, high = min(start, to), max(start, to)
    base = max(nothing, low) + min(nothing, high)
    above, below = max(nothing, high) - max(nothing, low), min(nothing, low) - min(nothing, high)
    if to >= start:
        return (base, nothing, above, nothing, below, nothing)
    return (base, nothing, nothing, above, nothing, below)


def _range(placed: Placed, place: int) -> list[object]:
    return [placed.sheet, placed.top, place, placed.last, place]


def _dress(chart: Any, title: str, form: str) -> None:
    font = {"color": INK, "size": 10, "bold": False}
    chart.set_title({"name": title, "name_font": {"color": INK, "size": 12}, "overlay": False})
    chart.set_x_axis({"num_font": font, "label_position": "low"})
    chart.set_y_axis(
        {"num_format": form, "num_font": font, "major_gridlines": {"visible": True, "line": {"color": "#E5E7EB"}}}
    )
    chart.set_size({"width": _WIDE, "height": _HIGH})
