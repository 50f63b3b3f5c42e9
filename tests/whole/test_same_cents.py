"""The same figure is the same to the cent wherever it stands: terminal, JSON, page, workbook, CSV and FOCUS."""

import csv
import io
import re
from collections import defaultdict
from decimal import ROUND_HALF_EVEN, Decimal
from html import unescape
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.support import ROOT, spend

pytestmark = pytest.mark.endurance

SAMPLES = ROOT / "sample_logs"
CONFIG = ("--config", SAMPLES / "spend.toml")
CENT = Decimal("0.01")
Figures = dict[str, Decimal]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """October of the sample logs on every way out."""
    folder = tmp_path_factory.mktemp("out")
    page, book = folder / "page.html", folder / "book.xlsx"
    words = ("review", "2026-10", SAMPLES, "--quiet", "--as-of", "2026-11-03")
    text = spend(*CONFIG, *words, "--report", page, "--workbook", book).out
    exports = {
        shape: list(csv.DictReader(io.StringIO(spend(*CONFIG, "export", SAMPLES, "--month", "2026-10", f"--{shape}", "--output", "-", "--quiet").out)))
        for shape in ("csv", "focus")
    }  # fmt: skip
    return {
        "text": text,
        "document": spend(*CONFIG, *words, "--no-report", "--no-workbook", "--json").document,
        "page": page.read_text(encoding="utf-8"),
        "book": load_workbook(book, data_only=True),
        **exports,
    }


def exact(lines: list[dict[str, Any]]) -> Figures:
    return {line["name"] or "unallocated": Decimal(line["cost"]) for line in lines if line["cost"] is not None}


def printed(text: str, title: str) -> Figures:
    """The table of the terminal whose head begins with a title: names and their cost."""
    lines = text.splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith(title) and "requests" in line)
    found = {}
    for line in lines[start + 2 :]:
        if not line:
            break
        name, _, cost, *_ = [*re.split(r"\s{2,}", line.strip()), "", ""]  # how many more there are has no numbers
        if cost not in ("", "unknown"):
            found[name] = Decimal(cost.replace(",", ""))
    return found


def paged(page: str, ident: str) -> Figures:
    """The table of the page with an id: names and the column Cost."""
    table = re.search(rf'<table id="{ident}".*?</table>', page, re.DOTALL)
    assert table is not None
    cells = [
        [unescape(re.sub(r"<[^>]*>", "", cell)) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)]
        for row in re.findall(r"<tr>(.*?)</tr>", table[0], re.DOTALL)
    ]
    column = cells[0].index("Cost")
    return {row[0]: Decimal(row[column].replace(",", "")) for row in cells[1:] if row[column] != "unknown"}


def worked(book: Any, sheet: str) -> Figures:
    """A sheet of the workbook: names and the column Cost, the total as the live formula's value."""
    rows = [row for row in book[sheet].iter_rows(values_only=True) if any(cell is not None for cell in row)]
    head = next(place for place, row in enumerate(rows) if "Cost" in row)
    column = rows[head].index("Cost")
    return {
        str(row[0]): Decimal(repr(row[column])).quantize(CENT)
        for row in rows[head + 1 :]
        if isinstance(row[column], (int, float))
    }


def summed(rows: list[dict[str, str]], name: str, amount: str) -> Figures:
    found: Figures = defaultdict(Decimal)
    for row in rows:
        if row[amount]:
            found[row[name] or "unallocated"] += Decimal(row[amount])
    return dict(found)


@pytest.mark.parametrize(
    ("dimension", "title", "ident", "sheet"),
    [
        ("team", "Team", "showback-team", "By team"),
        ("endpoint", "Endpoint", "showback-endpoint", "By endpoint"),
    ],
)
def test_a_table_is_the_same_to_the_cent_in_terminal_page_and_workbook(
    out: dict[str, Any], dimension: str, title: str, ident: str, sheet: str
) -> None:
    page, book = paged(out["page"], ident), worked(out["book"], sheet)
    known = exact(out["document"]["showback"][dimension])
    whole = Decimal(out["document"]["actual"])

    assert page == book
    assert page.pop("in all") == whole.quantize(CENT, ROUND_HALF_EVEN) == sum(page.values())
    assert {name: page[name] for name in known} == {name: book[name] for name in known}
    assert all(abs(page[name] - cost) < CENT for name, cost in known.items())
    for name, cost in printed(out["text"], title).items():
        if name in known:
            assert cost == page[name]


def test_exports_have_the_exact_amounts_of_the_document(out: dict[str, Any]) -> None:
    teams = {name: cost for name, cost in exact(out["document"]["showback"]["team"]).items() if cost}

    assert summed(out["csv"], "team", "cost") == teams
    assert summed(out["focus"], "x_Team", "BilledCost") == teams


def test_the_total_is_one_everywhere(out: dict[str, Any]) -> None:
    whole = Decimal(out["document"]["actual"])
    cents = whole.quantize(CENT, ROUND_HALF_EVEN)

    assert f"Review of 2026-10: ${cents}" in out["text"]
    assert f"<dd>${cents}<small>" in out["page"]
    assert sum(summed(out["csv"], "team", "cost").values()) == whole
    assert sum(summed(out["focus"], "x_Team", "BilledCost").values()) == whole
    assert str(whole) in {str(cell) for row in out["book"]["Checks"].iter_rows(values_only=True) for cell in row}


def test_the_bridge_is_the_same_everywhere(out: dict[str, Any]) -> None:
    drivers = {one["driver"]: Decimal(one["amount"]) for one in out["document"]["variance"]}
    table = re.search(r'<table id="bridge".*?</table>', out["page"], re.DOTALL)
    assert table is not None
    paged_drivers = dict(re.findall(r"<bdi>([a-z ]+)</bdi></th><td[^>]*>([-+\d.,]+)</td>", table[0]))
    rows = [row for row in out["book"]["Bridge"].iter_rows(values_only=True) if row[0] in drivers]

    for name, amount in drivers.items():
        shown = Decimal(paged_drivers[name])
        assert abs(shown - amount) < CENT
        assert f"{name} " in out["text"]
        assert Decimal(repr(next(row[1] for row in rows if row[0] == name))).quantize(CENT) == shown
