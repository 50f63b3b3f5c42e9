"""A panel: a figure, the table behind it, and how both were computed."""

from collections.abc import Sequence
from dataclasses import dataclass
from string import Template
from typing import Any

from analyzer.report.glossary import linked
from analyzer.report.methods import method
from analyzer.report.script import asset
from analyzer.report.table import text


@dataclass(frozen=True)
class Panel:
    """What the page shows of one question.

    Attributes:
        name: the slot of the page that it stands in.
        figure: the Plotly figure; its title says what it shows and in which units.
        how: how its numbers are computed, in words.
        query: the query that gives them.
        table_id: the ``id`` of the table with the same numbers.
        table: that table, where it stands nowhere else in the page.
    """

    name: str
    figure: Any
    how: str
    query: str
    table_id: str
    table: str = ""


def rendered(panels: Sequence[Panel]) -> tuple[dict[str, str], list[object]]:
    """The panels as HTML by slot, and what the page's script draws in them, in the same order."""
    place = Template(asset("figure.html"))
    pages: dict[str, str] = {}
    drawings: list[object] = []
    for panel in panels:
        drawing = panel.figure.to_dict()
        # The page shows the title itself: there it wraps on a phone and is read aloud.
        title = drawing["layout"].pop("title")["text"]
        same = (
            f"<details><summary>As a table</summary>{panel.table}</details>"
            if panel.table
            else f'<p><a href="#{text(panel.table_id)}">As a table</a></p>'
        )
        how = f"<p>{linked(text(panel.how, 2000))}</p>{method(panel.query)}"
        pages[panel.name] = place.substitute(
            number=len(drawings), title=text(title), table=text(panel.table_id), same=same, how=how
        )
        drawings.append(drawing)
    return pages, drawings
