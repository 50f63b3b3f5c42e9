"""Reviews and exports of costs over a table of another engine: the same bytes as over a ledger of the same requests."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from elsewhere import VIEWS, ledgers, sail, tables
from openpyxl import load_workbook
from support import BOOK, EXPORT_HEAD, ROOT, Ended, call, export, spend, write

from analyzer.engines.reach import reach
from analyzer.finance.allocation import read_allocation
from analyzer.finance.entries import define_entries
from analyzer.finance.month import Month
from analyzer.finance.review import Plan, review
from analyzer.ledger import Ledger
from analyzer.report.document import text
from analyzer.report.review.document import review_document
from analyzer.simulate.relations import View
from analyzer.simulate.vocabulary import read

pytestmark = pytest.mark.sail
pytest.importorskip("pyspark", reason="the extra `sail` is not installed")

__all__ = ["ledgers", "sail", "tables"]  # fixtures

PLAN = ("--config", ROOT / "sample_logs" / "spend.toml")
QUIET = ("--no-report", "--no-workbook", "--quiet")


class Both:
    """The sample logs in a ledger, and as an export of it lies in a lake; both asked by the command line."""

    def __init__(self, folder: Path, address: str, *logs: Path) -> None:
        self.folder = folder
        self.db = ("--db", folder / "spend.duckdb")
        self.far = ("--engine", address, "--table", f"requests={folder / 'lake'}")
        assert spend("ingest", *logs, *self.db, "--quiet").code == 0
        laid = ("--parquet", "--what", "requests", "--partition", "--output", folder / "lake")
        assert spend("export", *laid, *self.db).code == 0

    def ask(self, *words: str | Path) -> tuple[Ended, Ended]:
        """What a command says here and there."""
        return spend(*words, *self.db), spend(*words, *self.far)

    def reviewed(self, *words: str | Path) -> tuple[dict[str, Any], dict[str, Any]]:
        """The documents of a review here and there, without what only a ledger tells."""
        here, there = self.ask(*PLAN, "review", *words, *QUIET, "--json")
        assert (there.code, there.err) == (here.code, here.err) == (0, "")
        documents = here.document, there.document
        for document in documents:
            for of_logs in ("sources", "records", "requests", "duplicates", "skipped", "rejected"):
                del document["ledger"][of_logs]
            document["inputs"] = []
        return documents


@pytest.fixture(scope="module")
def both(sail: str, tmp_path_factory: pytest.TempPathFactory) -> Both:
    return Both(tmp_path_factory.mktemp("both"), sail, ROOT / "sample_logs")


@pytest.mark.parametrize(
    "words",
    [
        ("2026-08",),
        ("2026-10", "--as-of", "2026-11-03"),
        ("2026-10", "--as-of", "2026-10-20T13:20", "--endpoint-by", "team"),
        ("2026-09", "--as-of", "2026-11-03", "--tz", "America/New_York", "--currency", "CNY", "--clock", "start"),
        ("2026-11", "--as-of", "2026-12-01"),  # nothing was called in it
    ],
    ids=" ".join,
)
def test_a_review_is_the_same(both: Both, words: tuple[str, ...]) -> None:
    here, there = both.reviewed(*words)

    assert json.dumps(there) == json.dumps(here)
    assert here["month"] == words[0]


def test_a_review_tells_which_logs_are_not_known(both: Both) -> None:
    here, there = both.ask("review", "2026-10", *QUIET, "--json", "--as-of", "2026-11-03")

    assert len(here.document["inputs"]) == 5
    assert there.document["inputs"] == []
    assert there.document["ledger"]["records"] == here.document["ledger"]["requests"]


OF_LOGS = re.compile(
    r'<table id="(data-quality|notes|inputs)".*?</table>|<dd>[^<]*</dd>(?=</div></dl>\s*<p class="caption" id="inputs-)|<p>[^<]* <a [^>]*>records</a> in .*?</p>'
    r"|<li>[^<]* <a [^>]*>records</a> .*?</li>",
    re.DOTALL,
)


def test_page_and_workbook_are_the_same_but_for_the_logs(both: Both, tmp_path: Path) -> None:
    """But for the tables that tell of logs, the sentences on their records, and their fingerprint."""
    put = [("--report", tmp_path / f"{side}.html", "--workbook", tmp_path / f"{side}.xlsx") for side in ("here", "far")]
    asked = (*PLAN, "review", "2026-10", "--as-of", "2026-11-03")

    here = spend(*asked, *put[0], *both.db)
    there = spend(*asked, *put[1], *both.far)

    assert (here.code, there.code) == (0, 0), there.err
    pages = [(tmp_path / f"{side}.html").read_text() for side in ("here", "far")]
    assert [len(OF_LOGS.findall(page)) for page in pages] == [6, 6]
    assert OF_LOGS.sub("", pages[1]) == OF_LOGS.sub("", pages[0])
    assert "before the requests came into the table: not known" in pages[1]
    assert ["before they came into it is not known" in page for page in pages] == [False, True]
    books = [load_workbook(tmp_path / f"{side}.xlsx") for side in ("here", "far")]
    assert books[0].sheetnames == books[1].sheetnames
    otherwise = {name for name in books[0].sheetnames if list(books[0][name].values) != list(books[1][name].values)}
    assert otherwise == {"Checks", "Data quality", "Notes"}


@pytest.mark.parametrize(
    "words",
    [
        ("--csv",),
        ("--csv", "--what", "hours", "--tz", "Asia/Shanghai", "--delimiter", ";"),
        ("--csv", "--endpoint-by", "user", "--month", "2026-09"),
        ("--focus", "--currency", "CNY"),
        ("--focus", "--focus-version", "1.4", "--billing-model", "prepaid", "--clock", "start"),
    ],
    ids=" ".join,
)
def test_an_export_of_costs_is_the_same(both: Both, words: tuple[str, ...]) -> None:
    here, there = both.ask(*PLAN, "export", *words, "--output", "-")

    assert there == here
    assert len(here.out.splitlines()) > 100


@pytest.mark.parametrize("shape", ["parquet", "focus"])
def test_a_file_of_costs_is_the_same(both: Both, tmp_path: Path, shape: str) -> None:
    for side, source in (("here", both.db), ("far", both.far)):
        ended = spend("export", f"--{shape}", "--output", tmp_path / f"{side}.parquet", *source)
        assert ended.code == 0, ended.err

    assert (tmp_path / "far.parquet").read_bytes() == (tmp_path / "here.parquet").read_bytes()


def test_a_sheet_of_costs_is_the_same_but_for_one_note(both: Both, tmp_path: Path) -> None:
    for side, source in (("here", both.db), ("far", both.far)):
        assert spend("export", "--xlsx", "--output", tmp_path / f"{side}.xlsx", *source).code == 0
    here, far = (load_workbook(tmp_path / f"{side}.xlsx") for side in ("here", "far"))

    assert list(far["Costs"].values) == list(here["Costs"].values)
    others = [pair for pair in zip(here["Notes"].values, far["Notes"].values, strict=True) if pair[0] != pair[1]]
    assert others == [(("Rejected records", "3"), ("Rejected records", "not known of a table"))]


# ------------------------------------------------------------------------------------------------ made requests

RULES = {
    "allocation": [
        {"to": "one", "cost_center": "1", "user": ["user-1*"], "model": ["deepseek-*"]},
        {"to": "two", "api_key_name": ["key-2"], "endpoint": ["/endpoint/*"]},
        {"cost_center": "3", "team": ["team-1"]},
    ],
    "share": [{"of": "one", "by": "tokens"}],
}


@pytest.mark.parametrize("view", ["usual", "other"])
def test_every_entry_is_the_same(
    sail: str, ledgers: Mapping[str, Ledger], tables: Mapping[str, Path], view: str
) -> None:
    """Images and searches, prices by size, hours within which prices change, rows of exports, rules about users."""
    rules = read_allocation(RULES, "spend.toml")
    define_entries(ledgers["made"], BOOK, VIEWS[view], rules)
    with far_of(sail, tables["made"]) as far:
        define_entries(far.ledger, BOOK, VIEWS[view], rules, far)
        here, there = (entries(one) for one in (ledgers["made"], far.ledger))

    assert there == here
    teams = ledgers["made"].connection.execute("SELECT DISTINCT team FROM entries").fetchall()
    assert {("one",), ("two",)} <= set(teams), "the rules take something"


def entries(ledger: Ledger) -> list[tuple[object, ...]]:
    """All of them; what is apart in order."""
    text = "SELECT * REPLACE (list_sort(apart) AS apart) FROM entries ORDER BY ALL"
    return ledger.connection.execute(text).fetchall()


def test_a_review_of_made_requests_is_the_same(
    sail: str, ledgers: Mapping[str, Ledger], tables: Mapping[str, Path]
) -> None:
    """In New York, whose midnight lies within the exports' days."""
    view = View(tz="America/New_York", endpoint_by="api_key_name")
    month = Month.named("2026-09", view.tz)
    plan, scenarios = Plan(read_allocation(RULES, "spend.toml")), [read("all-flash", BOOK)]
    as_of = datetime(2026, 12, 1, tzinfo=UTC)

    def told(ledger: Ledger, requests: Any = None) -> dict[str, Any]:
        found = review(ledger, BOOK, view, month, plan, scenarios, as_of=as_of, look_ahead=False, requests=requests)
        document = review_document(found)
        del document["ledger"], document["inputs"]
        return document

    here = told(ledgers["made"])
    with far_of(sail, tables["made"]) as far:
        there = told(far.ledger, far)

    assert text(there) == text(here)
    assert here["quality"]["month_edge"]["requests"] > 0


@contextlib.contextmanager
def far_of(address: str, table: Path) -> Iterator[Any]:
    """The requests of a table, until the context ends."""
    from analyzer.simulate.far import Far

    with reach(address) as spark, Ledger.throwaway() as outline:
        yield Far(spark, outline, str(table))


# ------------------------------------------------------------------------------------------------ bills, closing


def test_a_month_between_others_cost_nothing(sail: str, tmp_path: Path) -> None:
    """Nothing was called in June: there it cost 0, and no longer where nothing came after it."""
    log = write(tmp_path / "log.jsonl", call(), call(ts="2026-07-01T00:00:00Z"))

    here, there = Both(tmp_path, sail, log).reviewed("2026-06")

    assert (there["actual"], here["actual"]) == ("0", "0")
    (tmp_path / "alone").mkdir()
    _, alone = Both(tmp_path / "alone", sail, write(tmp_path / "one.jsonl", call())).reviewed("2026-06")
    assert alone["actual"] is None


def test_a_bill_is_reconciled(sail: str, tmp_path: Path) -> None:
    """The first of two days is billed as computed; on the second the bill has two calls more. One call lies outside."""
    million = {"api_key_name": "k", "input_tokens": 0, "cache_read_tokens": 0, "output_tokens": 1_000_000}
    bill = export(
        tmp_path / "usage.csv",
        EXPORT_HEAD,
        "u,2026-05-01,deepseek-v4-flash,k,sk-x,output_tokens,0.00000028,1000000",
        "u,2026-05-01,deepseek-v4-flash,k,sk-x,request_count,,1",
        "u,2026-05-02,deepseek-v4-flash,k,sk-x,output_tokens,0.00000028,3000000",
        "u,2026-05-02,deepseek-v4-flash,k,sk-x,request_count,,3",
    )
    log = write(
        tmp_path / "log.jsonl",
        *(
            call(ts=f"2026-05-{day:02}T23:59:59Z", completed_at=f"2026-05-{day + 1:02}T00:00:01Z", **million)
            for day in (1, 4)
        ),
        call(ts="2026-05-02T10:00:00Z", **million),
    )

    here, there = Both(tmp_path, sail, log).reviewed("2026-05", "--bill", bill, "--clock", "start")

    found = there["reconciliation"]
    assert found == here["reconciliation"]
    assert (found["billed"], found["computed"], found["difference"]) == ("1.12", "0.56", "0.56")
    assert [one["cause"] for one in found["buckets"]] == ["match", "missing-requests"]
    assert (found["requests_outside"], found["bill_clock"]["straddling"]) == (1, 1)


@pytest.mark.parametrize("option", ["--close", "--reopen"])
def test_a_month_is_closed_in_a_ledger(both: Both, option: str) -> None:
    ended = spend("review", "2026-10", option, *both.far)

    assert (ended.code, ended.out) == (2, "")
    said, remedy = ended.err.splitlines()
    assert f"{option} goes without --engine: a month is closed in a ledger" in said
    assert "spend ingest" in remedy


@pytest.mark.parametrize("words", [("--csv",), ("--parquet", "--partition", "--output", "out")], ids=["rows", "folder"])
def test_requests_stay_where_they_are(both: Both, words: tuple[str, ...]) -> None:
    ended = spend("export", "--what", "requests", *words, *both.far)

    assert (ended.code, ended.out) == (2, "")
    said, remedy = ended.err.splitlines()
    assert "--what requests goes without --engine" in said
    assert "--what costs or --what hours" in remedy


def test_neither_goes_with_a_ledger(both: Both, tmp_path: Path) -> None:
    for asked in (("review", "2026-10"), ("export", "--csv")):
        assert "goes without --db" in spend(*asked, *both.far, *both.db).err
        assert "--table goes with --engine" in spend(*asked, *both.db, "--table", "requests=/x/").err
        assert "no --table says" in spend(*asked, "--engine", both.far[1]).err
        assert "goes without LOGs" in spend(*asked, tmp_path / "x.jsonl", *both.far).err
