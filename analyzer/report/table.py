"""Tables and texts of the page. The one place where text becomes HTML: everything passes :func:`text`."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.report.amounts import UNKNOWN
from analyzer.report.glossary import linked
from analyzer.report.visible import LONGEST, visible

SENTENCE = 40  # characters: what is longer takes several lines
NAMED = 60  # characters of a name in a table; a longer one is cut in its middle, and unfolds
TALL = 40  # rows: a table of more scrolls in a box of its own
_NO_VALUES = {"", "–", UNKNOWN, "any", "none"}  # what stands among numbers where there is none
_SLASH = re.compile(r"(?<=[^\s/])/")


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
        cut: whether long names do not unfold: the table of endpoints has them whole.
    """

    ident: str
    caption: str
    titles: Row
    rows: Sequence[Row]
    foot: Sequence[Row] = ()
    query: str = ""
    sortable: str = ""
    cut: bool = False

    def html(self) -> str:
        """The table in a box of its own: a wide one scrolls there, and the page does not."""
        kinds = [_kind([row[place] for row in self.rows]) for place in range(1, len(self.titles))]
        head = "".join(_head(title, kind) for title, kind in zip(self.titles, ["", *kinds], strict=True))
        titles = [title.text if isinstance(title, Cell) else title for title in self.titles[1:]]
        # On a phone the cells of a table with sentences stand below each other: there each needs its title.
        names = titles if any("long" in kind for kind in kinds) else [""] * len(titles)
        body = "\n".join(_row(row, kinds, names, cut=self.cut) for row in self.rows)
        lines = "\n".join(_row(row, kinds, names) for row in self.foot)
        foot = f"\n<tfoot>\n{lines}\n</tfoot>" if self.foot else ""
        how = f' <a class="how" href="#how-{text(self.query)}">how computed</a>' if self.query else ""
        # It stands outside of the box: there it is read however far the table is moved.
        ident = text(self.ident)
        caption = f'<p class="caption" id="{ident}-caption">{linked(text(self.caption, 400))}{how}</p>'
        sortable = f' data-sortable="{text(self.sortable)}"' if self.sortable else ""
        box = "scroll tall" if len(self.rows) > TALL else "scroll"
        said = ' class="said"' if any("long" in kind for kind in kinds) else ""
        return (
            f'{caption}<div class="{box}" tabindex="0" role="region" aria-label="{text(self.caption)}">'
            f'<table id="{ident}"{said} aria-labelledby="{ident}-caption"{sortable}>\n'
            f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>{foot}\n</table></div>"
        )


def text(value: str, longest: int = LONGEST) -> str:
    """Any text as HTML: control characters spelled out, cut, escaped."""
    return html.escape(visible(value, longest))


def name(value: str | None) -> str:
    """A name from a log; where the log has none, that."""
    return "(none named)" if value is None else value


def _head(title: str | Cell, kind: str) -> str:
    # A head without a word would be read aloud as one.
    if not title:
        return "<td></td>"
    words = linked(text(title)) if isinstance(title, str) else _named(title.text, cut=True)
    return f'<th scope="col"{_classed(kind)}>{words}</th>'


def _kind(column: Sequence[str | Cell]) -> str:
    """How a column is set: numbers to the right, words to the left, and those that are sentences in several lines."""
    cells = [cell if isinstance(cell, Cell) else Cell(cell) for cell in column]
    said = [cell for cell in cells if cell.text not in _NO_VALUES]
    worded = [cell for cell in said if any(char.isalpha() for char in cell.text)]
    if 2 * len(worded) <= len(said):
        return ""
    return "long words" if max(len(cell.text) + len(cell.note) for cell in worded) > SENTENCE else "words"


def _classed(*names: str) -> str:
    found = " ".join(filter(None, names))
    return f' class="{text(found)}"' if found else ""


def _row(row: Row, kinds: Sequence[str], titles: Sequence[str], *, cut: bool = False) -> str:
    first, *rest = (cell if isinstance(cell, Cell) else Cell(cell) for cell in row)
    cells = "".join(
        f"<td{_classed(kind, cell.tone)}{_titled(title)}>{_inside(cell)}</td>"
        for cell, kind, title in zip(rest, kinds, titles, strict=True)
    )
    return f'<tr><th scope="row">{_named(first.text, cut=cut)}{_beside(first)}</th>{cells}</tr>'


def _titled(title: str) -> str:
    return f' data-title="{text(title)}"' if title else ""


def _named(value: str, *, cut: bool = False) -> str:
    """A name at the head of a row; a long one without its middle, which unfolds unless it is cut."""
    # A name may be written from right to left; what stands beside it may not turn around with it.
    # Paths break after a slash between their parts, before a name breaks anywhere.
    whole = f"<bdi>{_SLASH.sub('/<wbr>', text(value))}</bdi>"
    seen = visible(value)
    if len(seen) <= NAMED:
        return whole
    if cut:
        return f"<bdi>{html.escape(middle_cut(seen))}</bdi>"
    return f'<details class="name"><summary><bdi>{html.escape(middle_cut(seen))}</bdi></summary>{whole}</details>'


def middle_cut(seen: str, most: int = NAMED) -> str:
    """A name of more characters without its middle: names of services differ at either end."""
    return seen if len(seen) <= most else f"{seen[: most // 2 - 1]}…{seen[-most // 2 :]}"


def _inside(cell: Cell) -> str:
    return text(cell.text) + _beside(cell)


def _beside(cell: Cell) -> str:
    badge = f' <a class="badge" href="#word-{text(cell.badge)}">{text(cell.badge)}</a>' if cell.badge else ""
    note = f'<span class="note">{text(cell.note)}</span>' if cell.note else ""
    return badge + note
