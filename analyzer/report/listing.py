"""Tables as text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from analyzer.report.amounts import exact
from analyzer.report.visible import fitted, visible, width

if TYPE_CHECKING:  # most commands print tables of their own, without it
    import polars as pl

WIDTH = 80


def table(title: Sequence[str], lines: Iterable[Sequence[str]], cut: Callable[[str, int], str] = fitted) -> str:
    """Columns, the first to the left and without its middle where the line would not fit, the others to the right.

    Args:
        title: what stands above each.
        lines: their cells.
        cut: how a cell of the first is made to fit.
    """
    rows = [list(title), *map(list, lines)]
    widths = [max(width(row[place]) for row in rows) for place in range(len(title))]
    widths[0] = max(8, min(widths[0], WIDTH - sum(widths[1:]) - 2 * (len(title) - 1)))
    out = []
    for row in rows:
        first = cut(row[0], widths[0])
        cells = [
            first + " " * (widths[0] - width(first)),
            *(" " * (widths[place] - width(cell)) + cell for place, cell in enumerate(row[1:], 1)),
        ]
        out.append("  ".join(cells).rstrip())
    out.insert(1, "  ".join("─" * each for each in widths))
    return "\n".join(out)


def as_table(frame: pl.DataFrame) -> str:
    """An answer as a table, however wide."""
    rows = [frame.columns, *([visible(_cell(value)) for value in row] for row in frame.iter_rows())]
    widths = [max(width(row[place]) for row in rows) for place in range(frame.width)]
    return "".join(
        "  ".join(cell + " " * (each - width(cell)) for cell, each in zip(row, widths, strict=True)).rstrip() + "\n"
        for row in rows
    )


def _cell(value: object) -> str:
    if value is None:
        return ""
    return exact(value) or "0" if isinstance(value, Decimal) else str(value)
