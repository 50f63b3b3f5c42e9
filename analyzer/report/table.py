"""Tables and texts of the page. The one place where text becomes HTML: everything passes :func:`text`."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.report.visible import LONGEST, visible


@dataclass(frozen=True)
class Cell:
    """A cell, as text.

    Attributes:
        text: what it says.
        note: a second, smaller line.
        badge: a short word beside it.
        tone: ``less`` or ``more``, for money saved or spent; its sign says the same.
    """

    text: str
    note: str = ""
    badge: str = ""
    tone: str = ""


Row = Sequence[str | Cell]


def text(value: str, longest: int = LONGEST) -> str:
    """Any text as HTML: control characters spelled out, cut, escaped."""
    return html.escape(visible(value, longest))


def name(value: str | None) -> str:
    """A name from a log; where the log has none, that."""
    return "(none named)" if value is None else value


def table(ident: str, caption: str, titles: Sequence[str], rows: Sequence[Row], total: Row | None = None) -> str:
    """A table whose first column names its rows and whose others are numbers.

    Args:
        ident: the ``id`` that figures refer to.
        caption: what it shows.
        titles: of the columns.
        rows: cells, as many as titles.
        total: the last line.
    """
    head = "".join(f'<th scope="col">{text(title)}</th>' for title in titles)
    body = "\n".join(_row(row) for row in rows)
    foot = f"\n<tfoot>\n{_row(total)}\n</tfoot>" if total is not None else ""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{text(caption)}">'
        f'<table id="{text(ident)}"><caption>{text(caption, 400)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>{foot}\n</table></div>"
    )


def _row(row: Row) -> str:
    first, *rest = (cell if isinstance(cell, Cell) else Cell(cell) for cell in row)
    cells = "".join(f"<td{_tone(cell)}>{_inside(cell)}</td>" for cell in rest)
    return f'<tr><th scope="row">{_inside(first)}</th>{cells}</tr>'


def _tone(cell: Cell) -> str:
    return f' class="{text(cell.tone)}"' if cell.tone else ""


def _inside(cell: Cell) -> str:
    badge = f' <span class="badge">{text(cell.badge)}</span>' if cell.badge else ""
    note = f'<span class="note">{text(cell.note)}</span>' if cell.note else ""
    return f"{text(cell.text)}{badge}{note}"
