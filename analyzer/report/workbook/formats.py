"""Formats of cells: how numbers of each kind are shown, and what marks heads, totals and what is not known."""

from typing import Any, Literal

from analyzer.report.review.listing import PRICE_PLACES, Kind

INK, GREY, LINE, SHADE = "#1F2937", "#6B7280", "#9CA3AF", "#E5E7EB"
GOOD, BAD = {"font_color": "#065F46", "bg_color": "#D1FAE5"}, {"font_color": "#991B1B", "bg_color": "#FEE2E2"}
_SIGNS = {"USD": "[$$-409]", "CNY": "[$¥-804]"}
TEXTS = ("name", "words")
Side = Literal["left", "right"]


def number_format(kind: Kind, currency: str, places: int) -> str:
    """The number format of a kind of cell, as spreadsheets write it.

    Args:
        kind: what the cell holds.
        currency: its code; the two that have a list price have their signs, others stand before the amount.
        places: decimals of money.
    """
    if kind in TEXTS:
        return "@"  # a text stays one, even if somebody edits it and it begins like a formula
    plain = {"count": "#,##0", "rate": "0.0%", "day": "yyyy-mm-dd"}.get(kind)
    if plain is not None:
        return plain
    decimals = PRICE_PLACES if kind == "price" else places
    amount = f"{_SIGNS.get(currency, f'[${currency}] ')}#,##0{'.' + '0' * decimals if decimals else ''}"
    return f"+{amount};-{amount};{amount}" if kind == "change" else f"{amount};-{amount}"


class Formats:
    """The formats of one workbook, each made once."""

    def __init__(self, book: Any, currency: str) -> None:
        self._book = book
        self._currency = currency
        self._made: dict[tuple[tuple[str, object], ...], Any] = {}
        self._cells: dict[tuple[object, ...], Any] = {}

    def styled(self, **style: object) -> Any:
        """A format of these properties."""
        key = tuple(sorted(style.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format({"font_name": "Calibri", "font_size": 11, "valign": "top", **style})
        return self._made[key]

    def cell(self, kind: Kind, places: int, *, side: Side = "right", indent: int = 0, total: bool = False) -> Any:
        """That of a cell of a table."""
        key = (kind, places, side, indent, total)  # asked for each cell: found at once
        if key not in self._cells:
            text = {"text_wrap": True} if kind in TEXTS else {}
            form = number_format(kind, self._currency, places)
            self._cells[key] = self.styled(num_format=form, align=side, indent=indent, **text, **_marks(total=total))
        return self._cells[key]

    def unknown(self, *, total: bool = False) -> Any:
        """That of the word unknown where a number would stand."""
        return self.styled(num_format="@", align="right", italic=True, font_color=GREY, **_marks(total=total))

    def state(self, *, total: bool = False) -> Any:
        """That of a cell that says how a check came out."""
        return self.styled(num_format="General", align="center", bold=True, **({"top": 1} if total else {}))

    def head(self, side: Side, indent: int) -> Any:
        """That of a column's head."""
        return self.styled(
            bold=True, bg_color=SHADE, bottom=1, bottom_color=LINE, text_wrap=True, align=side, indent=indent
        )

    def title(self) -> Any:
        """That of a sheet's title."""
        return self.styled(bold=True, font_size=14, font_color=INK)

    def subtitle(self) -> Any:
        """That of the title of a further table of a sheet."""
        return self.styled(bold=True, font_size=12, font_color=INK)

    def note(self) -> Any:
        """That of what is said of a table."""
        return self.styled(font_color=GREY)

    def conditional(self, style: dict[str, str]) -> Any:
        """One that only marks: everything else is as the cell has it."""
        return self._book.add_format(style)


def _marks(*, total: bool) -> dict[str, object]:
    """What sets a total off from the lines above it."""
    return {"bold": True, "top": 1} if total else {}
