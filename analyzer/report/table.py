"""Tables and texts of the page. The one place where text becomes HTML: everything passes :func:`text`."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.report.glossary import linked
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


@dataclass(frozen=True)
class Table:
    """A table whose first column names its rows and whose others are numbers.

    Attributes:
        ident: the ``id`` that figures refer to.
        caption: what it shows.
        titles: of the columns, words of ours; a :class:`Cell` is a name from a log.
        rows: cells, as many as titles.
        foot: lines that stay at the end: what is not listed, and the total.
        query: the query that its numbers come from.
        sortable: what its rows are, where readers may sort and search them.
    """

    ident: str
    caption: str
    titles: Row
    rows: Sequence[Row]
    foot: Sequence[Row] = ()
    query: str = ""
    sortable: str = ""

    def html(self) -> str:
        """The table in a box of its own: a wide one scrolls there, and the page does not."""
        head = "".join(f'<th scope="col">{_title(title)}</th>' for title in self.titles)
        body = "\n".join(_row(row) for row in self.rows)
        lines = "\n".join(_row(row) for row in self.foot)
        foot = f"\n<tfoot>\n{lines}\n</tfoot>" if self.foot else ""
        how = f' <a class="how" href="#how-{text(self.query)}">how computed</a>' if self.query else ""
        sortable = f' data-sortable="{text(self.sortable)}"' if self.sortable else ""
        return (
            f'<div class="scroll" tabindex="0" role="region" aria-label="{text(self.caption)}">'
            f'<table id="{text(self.ident)}"{sortable}><caption>{linked(text(self.caption, 400))}{how}</caption>\n'
            f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>{foot}\n</table></div>"
        )


def text(value: str, longest: int = LONGEST) -> str:
    """Any text as HTML: control characters spelled out, cut, escaped."""
    return html.escape(visible(value, longest))


def name(value: str | None) -> str:
    """A name from a log; where the log has none, that."""
    return "(none named)" if value is None else value


def _title(title: str | Cell) -> str:
    return linked(text(title)) if isinstance(title, str) else f"<bdi>{text(title.text)}</bdi>"


def _row(row: Row) -> str:
    first, *rest = (cell if isinstance(cell, Cell) else Cell(cell) for cell in row)
    cells = "".join(f"<td{_tone(cell)}>{_inside(cell)}</td>" for cell in rest)
    # A name may be written from right to left; what stands beside it may not turn around with it.
    return f'<tr><th scope="row"><bdi>{text(first.text)}</bdi>{_beside(first)}</th>{cells}</tr>'


def _tone(cell: Cell) -> str:
    return f' class="{text(cell.tone)}"' if cell.tone else ""


def _inside(cell: Cell) -> str:
    return text(cell.text) + _beside(cell)


def _beside(cell: Cell) -> str:
    badge = f' <a class="badge" href="#word-{text(cell.badge)}">{text(cell.badge)}</a>' if cell.badge else ""
    note = f'<span class="note">{text(cell.note)}</span>' if cell.note else ""
    return badge + note
