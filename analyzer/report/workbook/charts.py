"""Charts of the workbook: native ones, drawn from cells, so that they follow whoever changes them."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from analyzer.finance.review import Review
from analyzer.report.amounts import nearest, plain
from analyzer.report.review.change import places
from analyzer.report.review.figures import money
from analyzer.report.review.listing import Column, Listing
from analyzer.report.workbook.formats import INK, number_format
from analyzer.report.workbook.placed import Placed
from analyzer.report.workbook.sheet import Sheet

_MONTH, _MORE, _LESS = "#0072B2", "#D55E00", "#009E73"
_WIDE, _HIGH, _ROW = 900, 360, 20  # pixels
_ROWS = _HIGH // _ROW + 2
_MINUS = "\N{MINUS SIGN}"  # no line breaks after it
_FROM, _TO, _LABEL, _BASE, _WHOLE = range(1, 6)
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
        titles = ("Base", "Month", *parts)
        listing = Listing(
            "bridge-bars",
            f"What the picture is drawn from, {review.analysis.view.currency}",
            (
                Column("Step", "words"), Column("From", "money"), Column("To", "money"), Column("Label", "words"),
                *(Column(title, "money") for title in titles),
            ),
            tuple(
                (name, start, to, self._label(name, start, to, whole=whole), *bars[: 2 + len(parts)])
                for line, (name, start, to) in enumerate(steps)
                for whole in [line in (0, len(steps) - 1)]
                for bars in [_bars(start, to, whole=whole)]
            ),
            places=digits,
        )  # fmt: skip
        placed = self._sheet.table(listing)
        formats = self._sheet.formats
        money_form, text_form = formats.cell("money", digits), formats.cell("words", 0, side="left", indent=1)
        for line in range(len(steps)):
            for place, formula in self._formulas(placed, line, len(steps) - 1, len(parts)):
                form = text_form if place == _LABEL else money_form
                self._sheet.formula(placed.top + line, place, formula, placed.values[line][place], form)
        self._chart(placed, parts)

    def _label(self, name: str, start: Decimal, to: Decimal, *, whole: bool) -> str:
        """What stands under a bar: bars may be too thin to hold their amounts."""
        change = to - start
        sign = "" if whole or not change else "+" if change > 0 else _MINUS
        return f"{name} {sign}{plain(abs(change), places(self._review))}"

    def _steps(self) -> Iterator[tuple[str, Decimal, Decimal]]:
        """Each bar: its name, where it begins, and where it ends."""
        review, nothing = self._review, Decimal(0)
        reached = nearest(money(review.previous) or nothing, places(review))
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
        name, digits = xl_rowcol_to_cell(row, 0), places(self._review)
        if line in (0, last):
            yield _TO, f"={self._summary.cell(1, 1)}" if line == 0 else f"={before}"
            yield _LABEL, f'=CONCATENATE({name}," ",FIXED({to},{digits}))'
            yield _WHOLE, f"={to}"
            return
        amount = xl_rowcol_to_cell(self._bridge.top + line - 1, 1)
        yield _FROM, f"={before}"
        yield _TO, f"={start}+{amount}"
        sign = f'IF({amount}>0,"+",IF({amount}<0,"{_MINUS}",""))'
        yield _LABEL, f'=CONCATENATE({name}," ",{sign},FIXED(ABS({amount}),{digits}))'
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
        steps = _range(placed, _LABEL)
        chart.add_series(
            {"name": "Base", "categories": steps, "values": _range(placed, _BASE), "gap": 40,
             "fill": {"none": True}, "border": {"none": True}}
        )  # fmt: skip
        bars = [("Month", _WHOLE, _MONTH)]
        for place, name in enumerate(parts):
            bars.append((name, _WHOLE + 1 + place, _LESS if place % 2 else _MORE))
        for name, place, ink in bars:
            values = _range(placed, place)
            chart.add_series({"name": name, "categories": steps, "values": values, "fill": {"color": ink}})
        _dress(chart, f"From {self._review.month.previous()} to {self._review.month}", f"{amount};-{amount}")
        chart.set_legend({"position": "bottom", "delete_series": [0, *range(4, 2 + len(parts))]})
        told = "From last month to this one, driver by driver, as in the table above"
        self._sheet.page.insert_chart(self._row, 0, chart, {"description": told})


def _bars(start: Decimal, to: Decimal, *, whole: bool) -> tuple[Decimal, ...]:
    """Base, whole, more and less above nothing, more and less below it."""
    nothing, low, high = Decimal(0), min(start, to), max(start, to)
    if whole:
        return (nothing, to, nothing, nothing, nothing, nothing)
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
