"""Checks: what must be equal in the workbook, as live formulas beside the exact figures of the program."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from analyzer.report.amounts import exact
from analyzer.report.review.listing import Cell, Column, Kind, Listing
from analyzer.report.workbook.formats import BAD, GOOD
from analyzer.report.workbook.placed import address
from analyzer.report.workbook.sheet import Sheet

OK, CHECK = "OK", "CHECK"
_SPARE = 4  # digits below the last one shown in which a difference is told: beyond them spreadsheets are not exact
_LIVE, _SHOWN, _DIFFERENCE, _STATE = 2, 4, 5, 6


@dataclass(frozen=True)
class Check:
    """Something that must be equal.

    Attributes:
        sheet: where it stands.
        what: what is compared.
        formula: it, as the workbook has it, without the equals sign.
        live: its value.
        exactly: what the program says, in full precision.
        shown: the same as it is shown.
        kind: what it is.
        places: decimals of money.
    """

    sheet: str
    what: str
    formula: str
    live: Decimal | int
    exactly: Decimal | int
    shown: Decimal | int
    kind: Kind = "money"
    places: int = 2

    @property
    def half(self) -> Decimal:
        """Half a unit of the last place that is shown: what a difference must stay under."""
        return Decimal(5).scaleb(-1 - self._digits)

    @property
    def difference(self) -> Decimal:
        """The workbook's less the program's."""
        return round(Decimal(self.live) - Decimal(self.shown), self._digits + _SPARE)

    @property
    def state(self) -> str:
        """Whether it is as it must be."""
        return OK if abs(self.difference) < self.half else CHECK

    @property
    def spare(self) -> int:
        """Decimals in which the difference is told."""
        return self._digits + _SPARE

    @property
    def _digits(self) -> int:
        return 0 if self.kind == "count" else self.places


def write_checks(sheet: Sheet, checks: Sequence[Check], currency: str) -> tuple[str, str]:
    """Write the sheet of all checks.

    Returns:
        where it says whether all of them are as they must be, and what.
    """
    listing = Listing(
        "checks",
        f"Does the workbook say what the program says? {currency}",
        (
            Column("Sheet", "words"), Column("What", "words"), Column("In the workbook", "money"),
            Column("Exactly", "words"), Column("As shown", "money"), Column("Difference", "money"),
            Column("Check", "words"),
        ),
        tuple(_rows(checks)),
        places=max((one.places for one in checks), default=2),
        note="The workbook's figures are formulas over its sheets; whoever changes a number there sees it here."
        " Exactly is the program's figure in full precision, as shown the same as the sheet shows it. A check is OK if"
        " the difference is less than half a unit of the last place shown.",
    )  # fmt: skip
    placed = sheet.table(listing)
    for line, check in enumerate(checks):
        _line(sheet, placed.top + line, check)
    sheet.widen(_STATE, 10)
    states = xl_range_abs(placed.top, _STATE, placed.last, _STATE)
    state = OK if all(check.state == OK for check in checks) else CHECK
    row = sheet.row
    words = sheet.formats.cell("words", 0, side="left", total=True)
    sheet.page.write_string(row, 0, "All checks", words)
    for place in range(1, _STATE):
        sheet.page.write_blank(row, place, None, words)
    formula = f'=IF(COUNTIF({states},"{OK}")=ROWS({states}),"{OK}","{CHECK}")'
    sheet.formula(row, _STATE, formula, state, sheet.formats.state(total=True))
    colour(sheet, placed.top, _STATE, row)
    return address(sheet.name, row, _STATE), state


def colour(sheet: Sheet, row: int, place: int, last: int) -> None:
    """Let cells that say how a check came out be green or red."""
    for word, style in ((OK, GOOD), (CHECK, BAD)):
        form = sheet.formats.conditional(style)
        sheet.page.conditional_format(
            row, place, last, place, {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": form}
        )


def _rows(checks: Sequence[Check]) -> Iterator[tuple[object, ...]]:
    for one in checks:
        exactly = exact(one.exactly) if isinstance(one.exactly, Decimal) else str(one.exactly)
        numbers = [Cell(value, one.kind) for value in (one.live, one.shown, one.difference)]
        yield (one.sheet, one.what, numbers[0], exactly, *numbers[1:], one.state)


def _line(sheet: Sheet, row: int, check: Check) -> None:
    """Put the formulas where the table has their values."""
    live, shown, difference = (xl_rowcol_to_cell(row, place) for place in (_LIVE, _SHOWN, _DIFFERENCE))
    form = sheet.formats.cell(check.kind, check.places)
    sheet.formula(row, _LIVE, f"={check.formula}", check.live, form)
    sheet.page.write_number(row, _SHOWN, check.shown, form)
    sheet.formula(row, _DIFFERENCE, f"=ROUND({live}-{shown},{check.spare})", check.difference, form)
    half = f"{check.half:f}"
    formula = f'=IF(ABS({difference})<{half},"{OK}","{CHECK}")'
    sheet.formula(row, _STATE, formula, check.state, sheet.formats.state())
