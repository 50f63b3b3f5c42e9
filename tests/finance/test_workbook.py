"""The workbook of a review: what its cells hold, and that nothing in it is but what it says."""

import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook

from analyzer.finance import review as reviewing
from analyzer.finance.anomalies import Anomaly
from analyzer.finance.budget import Budget
from analyzer.finance.forecast import Day, Forecast
from analyzer.finance.month import Month
from analyzer.finance.review import Plan, Review, review
from analyzer.finance.variance import Driver, Variance
from analyzer.ledger import Ledger
from analyzer.report.review.listing import Column, Listing
from analyzer.report.visible import visible
from analyzer.report.workbook.book import workbook
from analyzer.report.workbook.checks import Check
from analyzer.report.workbook.formats import number_format
from analyzer.report.workbook.sheet import titles
from analyzer.report.workbook.ties import ties
from analyzer.report.workbook.topics import topics
from analyzer.simulate.relations import View
from tests.formulas import Formulas
from tests.support import BOOK, FLASH, PRO, ROOT, cost, fill, spend

SAMPLES = ROOT / "sample_logs"
UNIT = 10**15
JUNE = Month(date(2026, 6, 1))
CENT = Decimal("0.01")

# Names as logs may have them: formulas of several programs, links, what turns text around or ends an element.
HOSTILE = (
    "=1+1",
    "@SUM(A1)",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "{=1+1}",
    '=HYPERLINK("http://evil.example/")',
    "http://evil.example/",
    "mailto:a@evil.example",
    "internal:'Checks'!A1",
    "</x>",
    "&lt;]]>",
    "a\tb\rc\x00\x1b[2J",
    "\u202egnp.exe\u2066",
    "_x003D_1+1",
    "\ufffe\uffff",
    "12345",
    "TRUE",
    "x" * 40_000,
)


def request(day: str, model: str = "deepseek-v4-flash", **more: object) -> dict[str, object]:
    """Ten thousand tokens in, six thousand of them from the cache, two thousand out; what is given is otherwise."""
    usual = {"endpoint": "/chat", "team": "care", "api_key_name": "svc", "provider": "deepseek", "status": "200"}
    tokens = {"input_tokens": 10_000, "cache_read_tokens": 6_000, "output_tokens": 2_000}
    return {"started_at": datetime.fromisoformat(f"{day}T10:00"), "model": model, **usual, **tokens, **more}


def many(times: int, day: str, model: str = "deepseek-v4-flash", **more: object) -> list[dict[str, object]]:
    """The same so many times: tokens are theirs together, as in a row of an export."""
    one = request(day, model, **more)
    return [one | {name: int(str(one[name])) * times for name in one if name.endswith("_tokens")} | {"calls": times}]


USUAL = (
    *many(1000, "2026-05-10"),
    *many(2000, "2026-06-10"),
    *many(500, "2026-06-11", "deepseek-v4-pro", endpoint="/agents", team="platform"),
    *many(3, "2026-06-12", endpoint="/rag", team=None),
    request("2026-06-13", "a-model-nobody-sells", endpoint="/odd", team="labs"),
    request("2026-06-14", input_tokens=None, cache_read_tokens=None, output_tokens=None, status="500"),
    request("2026-06-15", cache_read_tokens=None),
)
# By hand: one call is 4,000 misses, 6,000 hits and 2,000 tokens out; one call's split is unknown: all misses.
ONE_FLASH, ONE_PRO = cost(FLASH, 4_000, 6_000, 2_000), cost(PRO, 4_000, 6_000, 2_000)
CHAT = 2000 * ONE_FLASH + cost(FLASH, 10_000, 0, 2_000)
AGENTS, RAG = 500 * ONE_PRO, 3 * ONE_FLASH
ALL = CHAT + AGENTS + RAG


def reviewed(ledger: Ledger, rows: Sequence[dict[str, object]], **view: Any) -> Review:
    """June, with nothing that only plans and other parts of a review would add."""
    fill(ledger, rows)
    made = review(
        ledger, BOOK, View(**view), JUNE, Plan(), (), as_of=datetime(2026, 7, 1, tzinfo=UTC), look_ahead=False
    )
    return replace(made, budgets=(), anomalies=(), accuracy=())


@pytest.fixture(scope="module")
def june() -> Iterator[Review]:
    with Ledger.throwaway() as ledger:
        yield reviewed(ledger, USUAL)


@pytest.fixture(scope="module")
def content(june: Review) -> bytes:
    return workbook(june)


@pytest.fixture(scope="module")
def book(content: bytes) -> Any:
    return load_workbook(BytesIO(content))


def lines(page: Any, first: str) -> dict[Any, dict[str, Any]]:
    """A table of a sheet: its cells by name of the line and head of the column.

    Args:
        page: the sheet.
        first: the head of the first column.
    """
    rows = iter(page.iter_rows())
    head = next([cell.value for cell in row if cell.value is not None] for row in rows if row[0].value == first)
    found: dict[Any, dict[str, Any]] = {}
    for row in rows:
        if row[0].value is None:
            break
        found[row[0].value] = dict(zip(head, row, strict=False))
    return found


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_EVEN)


def xml(content: bytes) -> dict[str, str]:
    """The files of a workbook."""
    with zipfile.ZipFile(BytesIO(content)) as packed:
        return {name: packed.read(name).decode() for name in packed.namelist()}


def test_each_topic_has_its_sheet(book: Any) -> None:
    assert book.sheetnames == [
        "Summary", "Bridge", "Bridge by endpoint", "Unit economics", "By team", "By endpoint", "By key", "By model",
        "Months", "Scenarios", "Cost lines", "Data quality", "Checks", "Notes",
    ]  # fmt: skip


def test_money_is_a_number_with_its_currency(book: Any) -> None:
    table = lines(book["By endpoint"], "Endpoint")
    shown = {name: cells["Cost"] for name, cells in table.items()}

    assert Decimal(repr(shown["/agents"].value)) == cents(AGENTS)
    assert shown["/agents"].number_format == "[$$-409]#,##0.00;-[$$-409]#,##0.00"
    assert table["/chat"]["Requests"].value == 2002
    assert table["/chat"]["Requests"].number_format == "#,##0"
    assert table["/agents"]["Share"].value == pytest.approx(float(AGENTS / ALL))
    assert table["/agents"]["Share"].number_format == "0.0%"


def test_a_column_adds_up_to_the_total_beside_it(book: Any) -> None:
    table = lines(book["By endpoint"], "Endpoint")
    total = table.pop("in all")["Cost"]
    known = [Decimal(repr(cells["Cost"].value)) for cells in table.values() if cells["Cost"].value != "unknown"]

    assert sum(known) == cents(ALL)
    assert total.value == f"=SUM($E${total.row - len(table)}:$E${total.row - 1})"


def test_unknown_is_a_word(book: Any) -> None:
    cell = lines(book["By endpoint"], "Endpoint")["/odd"]["Cost"]

    assert cell.value == "unknown"
    assert cell.font.italic
    assert lines(book["By team"], "Team")["unallocated"]["Requests"].value == 3


def test_a_change_has_its_sign(book: Any) -> None:
    cell = lines(book["Summary"], "Item")["Change"]["Amount"]

    assert Decimal(repr(cell.value)) == cents(ALL) - cents(1000 * ONE_FLASH)
    assert cell.number_format == "+[$$-409]#,##0.00;-[$$-409]#,##0.00;[$$-409]#,##0.00"


def test_cost_lines_are_quantities_times_prices(book: Any) -> None:
    line = {name: cell.value for name, cell in lines(book["Cost lines"], "Endpoint")["/agents"].items()}
    quantities = ("Cache misses", "Cache hits", "Output tokens")
    prices = ("Price of 1M misses", "Price of 1M hits", "Price of 1M output")

    assert [line[name] for name in quantities] == [2_000_000, 3_000_000, 1_000_000]
    assert [Decimal(repr(line[name])) for name in prices] == list(PRO)
    assert line["Input tokens"] == 5_000_000
    assert Decimal(repr(line["Cost"])) == AGENTS
    assert "Cache writes" not in line  # nothing was written


def test_what_a_line_does_not_tell_is_unknown(book: Any) -> None:
    rows = [[cell.value for cell in row] for row in book["Cost lines"].iter_rows()]
    head = next(row for row in rows if row[0] == "Endpoint")
    found = [dict(zip(head, row, strict=True)) for row in rows]
    unmeasured = next(row for row in found if row["Endpoint"] == "/chat" and row["Input tokens"] == "unknown")
    no_split = next(
        row for row in found if row["Endpoint"] == "/chat" and row["Cache hits"] == "unknown" and row != unmeasured
    )
    unpriced = next(row for row in found if row["Endpoint"] == "/odd")

    assert (unmeasured["Requests"], unmeasured["Cost"], unmeasured["Price of 1M misses"]) == (1, "unknown", 0.14)
    assert (no_split["Cache misses"], no_split["Cost of misses"]) == (10_000, 0.0014)
    assert (unpriced["Input tokens"], unpriced["Price of 1M misses"], unpriced["Cost"]) == (
        10_000,
        "unknown",
        "unknown",
    )


def test_the_dearest_lines_stand_alone(monkeypatch: pytest.MonkeyPatch, ledger: Ledger) -> None:
    """What is beyond them is one line, in no product of quantity and price, and in every total."""
    monkeypatch.setattr(reviewing, "MOST_LINES", 1)
    made = workbook(reviewed(ledger, USUAL))
    book = load_workbook(BytesIO(made))
    table = lines(book["Cost lines"], "Endpoint")

    assert list(table) == ["/agents" if AGENTS > 2000 * ONE_FLASH else "/chat", "others", "in all"]
    assert table["others"]["Requests"].value == 2506 - table["/chat"]["Requests"].value
    assert table["others"]["Price of 1M misses"].value is None
    assert "1 dearest lines stand alone; 5 more are one line" in " ".join(
        str(row[0].value) for row in book["Cost lines"].iter_rows(max_row=5)
    )
    assert states(Formulas(made)) == {"OK"}


def test_writes_to_the_cache_have_quantities_and_prices(ledger: Ledger) -> None:
    """One hour costs more than five minutes: the writes for an hour are part of all writes, at a price of their own."""
    usage = {"cache_write_tokens": 3_000_000, "cache_write_1h_tokens": 1_000_000, "input_tokens": 10_000_000}
    rows = [request("2026-06-10", "claude-sonnet-4-5", provider="anthropic", **usage)]
    made = workbook(reviewed(ledger, rows))
    line = {
        name: cell.value
        for name, cell in lines(load_workbook(BytesIO(made))["Cost lines"], "Endpoint")["/chat"].items()
    }

    five, hour = line["Price of 1M writes"], line["Price of 1M writes for an hour"]
    assert hour > five > 0
    assert line["Cost of writes"] == pytest.approx(2 * five + hour)
    found = Formulas(made)
    kept = {found.kept["Checks"][cell].value for sheet, cell in found.all() if (sheet, cell[0]) == ("Checks", "G")}
    assert states(found) == kept == {"OK"}, "for viewers that do not compute, too"


def states(found: Formulas) -> set[str]:
    """How the checks come out, all in all as well."""
    page = found.book["Checks"]
    cells = [row[6] for row in page.iter_rows() if len(row) > 6 and row[6].data_type == "f"]
    return {found.value("Checks", cell.coordinate) for cell in cells}


def test_formulas_come_to_the_values_beside_them(content: bytes) -> None:
    """Every live formula, worked out here from the cells, is what viewers that do not compute show."""
    found = Formulas(content)

    assert len(found.all()) > 100
    for sheet, cell in found.all():
        worked_out, kept = found.value(sheet, cell), found.kept[sheet][cell].value
        if isinstance(worked_out, Decimal):
            assert kept == pytest.approx(float(worked_out), rel=1e-12, abs=1e-12), (sheet, cell)
        else:
            assert kept == worked_out, (sheet, cell)


def test_all_checks_are_ok(content: bytes) -> None:
    found = Formulas(content)

    assert states(found) == {"OK"}
    assert found.value("Summary", told(found)) == "OK"


def test_a_showback_that_is_not_there_is_no_ok(june: Review) -> None:
    found = ties(june, {})

    assert {one.sheet for one in found} == {"By team", "By endpoint", "By key", "By model"}
    assert {one.state for one in found} == {"CHECK"}


def test_what_counts_no_calls_is_in_the_workbook(ledger: Ledger) -> None:
    found = Formulas(workbook(reviewed(ledger, [request("2026-06-10", calls=0), request("2026-05-10", calls=0)])))

    assert {"By team", "By endpoint", "By key", "By model"} <= set(found.book.sheetnames)
    assert states(found) == {"OK"}


def told(found: Formulas) -> str:
    """Where the first sheet tells how the checks came out."""
    return next(
        f"B{row[0].row}" for row in found.book["Summary"].iter_rows() if row[0].value == "All checks of this workbook"
    )


@pytest.mark.endurance
@pytest.mark.parametrize(
    ("sheet", "first", "line", "column"),
    [
        ("Summary", "Item", "Spent in 2026-06", "Amount"),
        ("Bridge by endpoint", "Endpoint", None, "Change"),
        ("Unit economics", "Item", "Cost", "2026-06"),
        ("Unit economics", "Item", "Requests", "2026-06"),
        ("By team", "Team", "platform", "Cost"),
        ("By team", "Team", "care", "Requests"),
        ("By endpoint", "Endpoint", "/agents", "In 2026-05"),
        ("By model", "Model", "deepseek-v4-pro", "Cost"),
        ("Months", "Month", "2026-06", "Cost"),
        ("Scenarios", "Scenario", "actual", "Cost"),
        ("Cost lines", "Endpoint", "/agents", "Output tokens"),
        ("Cost lines", "Endpoint", "/agents", "Price of 1M hits"),
        ("Cost lines", "Endpoint", "/agents", "Cost"),
    ],
)
def test_whoever_changes_a_number_is_told(
    content: bytes, sheet: str, first: str, line: str | None, column: str
) -> None:
    """A cent more, or one call: the check of that sheet, that of all and the first sheet say so."""
    found = Formulas(content)
    table = lines(found.book[sheet], first)
    cell = table[line if line is not None else next(iter(table))][column]
    cell.value = (cell.value if isinstance(cell.value, (int, float)) else 0) + (
        1 if cell.number_format == "#,##0" else 0.01
    )

    assert states(found) == {"OK", "CHECK"}
    assert found.value("Summary", told(found)) == "CHECK"
    failed = {row[0].value for row in found.book["Checks"].iter_rows(min_col=1, max_col=7)
              if row[6].data_type == "f" and row[0].value != "All checks" and found.value("Checks", row[6].coordinate) == "CHECK"}  # fmt: skip
    assert sheet in failed


@pytest.mark.parametrize(
    ("live", "state"), [("0.994", "CHECK"), ("0.995", "CHECK"), ("0.9951", "OK"), ("1.0049", "OK"), ("1.005", "CHECK")]
)
def test_a_check_bears_less_than_half_a_cent(live: str, state: str) -> None:
    check = Check("Sheet", "what", "A1", Decimal(live), Decimal(1), Decimal(1))

    assert check.state == state


def test_bars_of_the_bridge_stand_on_each_other(june: Review) -> None:
    """Each bar fills what lies between where it begins and where it ends, above nothing and below."""
    actual, before = june.actual or 0, june.previous or 0
    down, up = Driver("requests", -2 * before), Driver("new", actual + before)
    split = Variance((down, up), ((None, (down, up)),), (Driver("volume", actual - before),))
    found = Formulas(workbook(replace(june, variance=split)))
    bars = lines(found.book["Bridge"], "Step")

    for cells in bars.values():
        start, to, label, base, month, *parts = (
            found.value("Bridge", cell.coordinate) for name, cell in cells.items() if name != "Step"
        )
        above, below = month + parts[0] + parts[1], parts[2] + parts[3]
        filled = (max(base, 0) + above if above else max(base, 0)) - max(base, 0) - below
        assert filled == abs(to - start)
        assert Decimal(label.rpartition(" ")[2].replace("\N{MINUS SIGN}", "-")) == to - start
        assert min(base, 0) + below == min(start, to, 0) or not below
        assert max(base, 0) + above == max(start, to, 0) or not above
    assert bars["new"]["More, below zero"].value.startswith("=IF(")
    assert states(found) == {"OK"}


@pytest.fixture(scope="module")
def attacked() -> Iterator[bytes]:
    """A workbook of a month in which every name is hostile."""
    rows = [
        request("2026-06-10", endpoint=name, team=name, api_key_name=name, model=name if place % 2 else "deepseek-v4-pro",
                service_tier=name)
        for place, name in enumerate(HOSTILE)
    ]  # fmt: skip
    with Ledger.throwaway() as ledger:
        made = reviewed(ledger, rows)
        anomalies = tuple(
            Anomaly(date(2026, 6, 2), name, name, UNIT, 0, UNIT, None, new, ())
            for name in HOSTILE
            for new in (True, False)
        )
        budgets = tuple(Budget("team", name, UNIT, 2 * UNIT, None, -UNIT, True, None, 0) for name in HOSTILE)
        yield workbook(replace(made, anomalies=anomalies, budgets=budgets))


def test_no_name_is_a_formula_or_a_link(attacked: bytes) -> None:
    files = xml(attacked)

    for name, text in files.items():
        ElementTree.fromstring(text)  # well-formed
        assert "<hyperlink" not in text and "/hyperlink" not in text, name
        assert 'TargetMode="External"' not in text
    ours = re.compile(r"=(SUM|ROUND|IF|MAX|\(?SUMPRODUCT|'?[A-Z][a-z ]+'?!\$[A-Z]+\$\d+|[A-Z]\d+)")
    found = Formulas(attacked)
    for sheet, cell in found.all():
        formula = found.book[sheet][cell].value
        assert ours.match(formula), formula
        assert not any(word in formula for word in ("cmd", "evil", "1+1", "2+3", "SUM(A1)", "x003D"))


def test_names_are_shown_as_they_are(attacked: bytes) -> None:
    """As texts, control characters spelled out, cut where they are endless."""
    book = load_workbook(BytesIO(attacked))
    shown = [cell for (cell,) in book["By endpoint"].iter_rows(max_col=1)]
    texts = {cell.value for cell in shown}

    assert all(cell.data_type in ("s", "n") for cell in shown)
    for name in (*HOSTILE[:11], "12345", "TRUE"):
        assert name in texts
    assert visible("\u202egnp.exe\u2066") in texts
    assert visible("a\tb\rc\x00\x1b[2J") in texts
    assert max(len(str(text)) for text in texts) == 200
    assert all(cell.number_format == "@" for cell in shown if cell.value in HOSTILE)


def test_only_words_of_ours_name_sheets_and_columns(attacked: bytes) -> None:
    words = re.compile(r"[A-Za-z0-9 ,()\-]+")

    for name, text in xml(attacked).items():
        if name.startswith("xl/tables/"):
            table = ElementTree.fromstring(text)
            heads = [column.get("name") for column in table.iter("{*}tableColumn")]
            assert len(heads) == len({str(head).lower() for head in heads})
            assert all(words.fullmatch(str(head)) for head in (*heads, table.get("displayName")))
            assert re.fullmatch(r"[A-Za-z]+", str(table.get("displayName")))
        elif name.startswith("xl/charts/"):
            said = [
                part.text or ""
                for part in ElementTree.fromstring(text).iter(
                    "{http://schemas.openxmlformats.org/drawingml/2006/main}t"
                )
            ]
            assert all(words.fullmatch(part) for part in said)
    for sheet in load_workbook(BytesIO(attacked)).sheetnames:
        assert words.fullmatch(sheet)
        assert len(sheet) <= 31


def test_the_same_review_gives_the_same_bytes(june: Review, content: bytes) -> None:
    assert workbook(june) == content
    assert ">2026-06-01T00:00:00Z</dcterms:created>" in xml(content)["docProps/core.xml"]


def test_sheets_are_made_to_be_read_and_printed(book: Any) -> None:
    for page in book:
        assert not page.merged_cells.ranges
        assert page.freeze_panes is not None and page.freeze_panes.startswith("B")
        assert page.page_setup.orientation == "landscape"
        assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight, page.sheet_properties.pageSetUpPr.fitToPage) == (None, 0, True) or (
            page.page_setup.fitToWidth == 1 and page.page_setup.fitToHeight == 0
        )  # fmt: skip
        assert page.print_title_rows is not None
        assert "2026-06" in page.oddFooter.left.text and "&P" in page.oddFooter.right.text
    heads = {page.title: page.print_title_rows for page in book}
    assert book["By team"].freeze_panes == f"B{int(heads['By team'].rpartition('$')[2]) + 1}"
    assert [len(book[name]._charts) for name in ("Bridge", "Months", "By team")] == [1, 1, 0]


def test_days_are_days(june: Review) -> None:
    days = (Day(date(2026, 6, 1), UNIT, 0), Day(date(2026, 6, 2), 0, 2 * UNIT))
    ahead = Forecast("run rate", JUNE.start, JUNE.end, UNIT, 3 * UNIT, None, None, None, 0, 9, days, (), ())
    table = lines(load_workbook(BytesIO(workbook(replace(june, forecast=ahead))))["Forecast"], "Day")
    cells = list(table.values())

    assert [cells[0]["Day"].value, cells[0]["Day"].number_format] == [datetime(2026, 6, 1), "yyyy-mm-dd"]
    assert [cell["Expected"].value for cell in cells[:2]] == [0, 2]


def test_a_month_without_a_call(ledger: Ledger) -> None:
    """Nothing is known, so nothing is claimed: no check is made of money that is unknown."""
    made = workbook(reviewed(ledger, [request("2026-07-10")]))
    book = load_workbook(BytesIO(made))

    assert lines(book["Summary"], "Item")["Spent in 2026-06"]["Amount"].value == "unknown"
    assert "Cost lines" not in book.sheetnames
    assert "By endpoint" not in book.sheetnames
    assert "CHECK" not in states(Formulas(made))


@pytest.mark.endurance
def test_another_currency_has_its_sign(ledger: Ledger) -> None:
    table = lines(load_workbook(BytesIO(workbook(reviewed(ledger, USUAL, currency="CNY"))))["By team"], "Team")

    assert table["platform"]["Cost"].number_format == "[$¥-804]#,##0.00;-[$¥-804]#,##0.00"


@pytest.mark.parametrize(
    ("kind", "currency", "places", "expected"),
    [
        ("money", "EUR", 2, "[$EUR] #,##0.00;-[$EUR] #,##0.00"),
        ("money", "USD", 5, "[$$-409]#,##0.00000;-[$$-409]#,##0.00000"),
        ("price", "USD", 2, "[$$-409]#,##0.000000;-[$$-409]#,##0.000000"),
        ("name", "USD", 2, "@"),
    ],
)
def test_number_formats(kind: Any, currency: str, places: int, expected: str) -> None:
    assert number_format(kind, currency, places) == expected


def test_heads_of_columns_differ() -> None:
    words = tuple(Column(title, "words") for title in ("", "Number", "", "number", ""))

    assert titles(Listing("one", "One", words, ())) == ["Item", "Number", "Detail", "number 2", "Detail 2"]


def test_a_table_that_has_no_sheet_gets_one() -> None:
    column = (Column("", "words"),)
    new = Listing("something-that-is-quite-new-and-long", "New", column, (("line",),))
    empty = Listing("bridge", "Bridge", column, ())

    assert list(topics((empty, new))) == ["Summary", "Something that is quite new and", "Checks"]


@pytest.mark.endurance
def test_small_months_have_the_decimals_that_they_need(ledger: Ledger) -> None:
    """One call of a tenth of a cent: the sheets show it, and the checks are as strict as what is shown."""
    made = workbook(reviewed(ledger, [request("2026-06-10")]))
    cell = lines(load_workbook(BytesIO(made))["By team"], "Team")["care"]["Cost"]

    assert Decimal(repr(cell.value)) == round(ONE_FLASH, 5)
    assert cell.number_format.startswith("[$$-409]#,##0.00000;")
    assert states(Formulas(made)) == {"OK"}


OFFICE = shutil.which("soffice")


def computed(content: bytes, folder: Path, change: Callable[[str, str], str] = lambda _, text: text) -> Any:
    """A workbook as LibreOffice computes it: the values of formulas are taken out before it opens the file.

    Args:
        content: the workbook.
        folder: where to work.
        change: what else is changed of a file in it, by its name.
    """
    given = folder / "given.xlsx"
    with zipfile.ZipFile(given, "w") as packed:
        for name, text in xml(content).items():
            emptied = re.sub(r"(<f>[^<]*</f>)<v>[^<]*</v>", r"\1", text) if name.startswith("xl/worksheets/") else text
            packed.writestr(name, change(name, emptied))
    words = [
        str(OFFICE),
        "--headless",
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--convert-to",
        "xlsx",
    ]
    subprocess.run([*words, "--outdir", str(folder / "out"), str(given)], check=True, capture_output=True, timeout=120)
    return load_workbook(folder / "out" / "given.xlsx", data_only=True)


@pytest.fixture(scope="module")
def october(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The sample logs' October as it was known on its twentieth: open, with budgets, shared costs, all that there is."""
    path = tmp_path_factory.mktemp("samples") / "review.xlsx"
    words = ("review", "2026-10", SAMPLES, "--as-of", "2026-10-20T12:00", "--no-report", "--workbook", path, "--quiet")
    ended = spend("--config", SAMPLES / "spend.toml", *words)
    assert ended.code in (0, 1), ended.err
    return path.read_bytes()


@pytest.mark.endurance
def test_an_open_month_has_its_forecast_and_its_budgets(october: bytes) -> None:
    found = Formulas(october)

    assert {"By cost centre", "Budgets", "Forecast", "Anomalies"} <= set(found.book.sheetnames)
    assert states(found) == {"OK"}
    assert "The month is open" in found.book["Summary"]["A2"].value
    day = next(row[0].row for row in found.book["Forecast"].iter_rows() if row[0].value == "Day")
    assert found.book["Forecast"].print_title_rows == f"${day}:${day}"


@pytest.mark.office
@pytest.mark.skipif(OFFICE is None, reason="no soffice on the PATH; .ci/run installs it")
class TestLibreOffice:
    @pytest.mark.parametrize("which", ["content", "october"])
    def test_it_computes_the_values_that_are_in_the_file(
        self, which: str, request: pytest.FixtureRequest, tmp_path: Path
    ) -> None:
        content = request.getfixturevalue(which)
        ours, theirs = Formulas(content), computed(content, tmp_path)

        for sheet, cell in ours.all():
            kept, found = ours.kept[sheet][cell].value, theirs[sheet][cell].value
            assert found == (kept if isinstance(kept, str) else pytest.approx(kept, rel=1e-9, abs=1e-9)), (sheet, cell)
        assert {row[6].value for row in theirs["Checks"].iter_rows(min_row=6) if row[6].value} == {"Check", "OK"}

    def test_it_shows_texts_as_texts(self, attacked: bytes, tmp_path: Path) -> None:
        """A hostile name is no formula to it, and no link."""
        theirs = computed(attacked, tmp_path)
        texts = {cell.value for (cell,) in theirs["By endpoint"].iter_rows(max_col=1)}

        assert set(HOSTILE[:11]) <= texts
        assert not any(cell.hyperlink for sheet in theirs for row in sheet.iter_rows() for cell in row)
        assert theirs["Summary"][told(Formulas(attacked))].value == "OK"

    def test_it_tells_whoever_changes_a_number(self, content: bytes, tmp_path: Path) -> None:
        ours = Formulas(content)
        cell = lines(ours.book["By team"], "Team")["platform"]["Cost"]
        part = f"xl/worksheets/sheet{ours.book.sheetnames.index('By team') + 1}.xml"

        def dearer(name: str, text: str) -> str:
            if name != part:
                return text
            found = re.compile(rf'(<c r="{cell.coordinate}"[^>]*><v>)[^<]*')
            assert len(found.findall(text)) == 1
            return found.sub(rf"\g<1>{cell.value + 0.01}", text)

        theirs = computed(content, tmp_path, dearer)
        failed = {row[0].value for row in theirs["Checks"].iter_rows() if row[6].value == "CHECK"}

        assert failed == {"By team", "All checks"}
        assert theirs["Summary"][told(ours)].value == "CHECK"
