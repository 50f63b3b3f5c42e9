"""What no log tells is unknown in every table, never 0: tokens of calls without usage, what of them was cached."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from analyzer.engines.query import named
from analyzer.finance.month import Month
from analyzer.finance.review import Plan, Review, review
from analyzer.ledger import Ledger
from analyzer.report.page import render
from analyzer.report.review.document import review_document
from analyzer.report.review.tables import listings
from analyzer.report.summary import summary
from analyzer.report.workbook.book import workbook
from analyzer.simulate.relations import View, prepare
from tests.shown import Page, filled
from tests.support import BOOK, call, fill, spend, write

MAY = Month(date(2026, 5, 1))
USAGE = {"input_tokens": 1000, "cache_read_tokens": 600, "output_tokens": 100}
# Two failures without usage, a call whose log splits no input, one cut before its output, and all of April without usage.
ROWS: tuple[dict[str, object], ...] = (
    {"endpoint": "/dead", "started_at": datetime.fromisoformat("2026-04-12T10:00")},
    {"endpoint": "/chat", **USAGE},
    {"endpoint": "/dead"},
    {"endpoint": "/dead"},
    {"endpoint": "/split", "input_tokens": 1000, "output_tokens": 100},
    {"endpoint": "/cut", "input_tokens": 1000},
)
UNKNOWN = "unknown"


@pytest.fixture(scope="module")
def may() -> Iterator[Review]:
    with Ledger.throwaway() as ledger:
        fill(ledger, ROWS)
        yield review(ledger, BOOK, View(), MAY, Plan(), (), as_of=datetime(2026, 6, 2, tzinfo=UTC), look_ahead=False)


def texts(found: Review, ident: str) -> dict[str, list[str]]:
    (listing,) = [one for one in listings(found) if one.ident == ident]
    return {row[0]: row[1:] for row in [*listing.texts(), listing.total_texts() or [""]]}


def test_tokens_that_no_log_tells_are_unknown_in_a_showback(may: Review) -> None:
    found = {name: cells[:3] for name, cells in texts(may, "showback-endpoint").items()}

    assert found == {
        "/split": ["1", "1,000", "100"],
        "/chat": ["1", "1,000", "100"],
        "/cut": ["1", "1,000", UNKNOWN],
        "/dead": ["2", UNKNOWN, UNKNOWN],
        "in all": ["5", "3,000", "200"],  # of what is known
    }


def test_and_in_the_months(may: Review) -> None:
    found = texts(may, "months")

    assert found["2026-04"][:4] == ["1", UNKNOWN, UNKNOWN, UNKNOWN]
    assert found["2026-05"][:3] == ["5", "3,000", "200"]


def test_and_in_the_workbook_where_totals_add_up_what_is_known(may: Review) -> None:
    book = load_workbook(BytesIO(workbook(may)), data_only=True)
    cells = {row[0]: row[1:4] for row in book["By endpoint"].iter_rows(values_only=True)}

    assert cells["/dead"] == (2, UNKNOWN, UNKNOWN)
    assert cells["in all"] == (5, 3000, 200)
    assert {row[6] for row in book["Checks"].iter_rows(min_row=5, values_only=True) if row[6]} == {"Check", "OK"}


def test_documents_keep_whole_numbers(may: Review) -> None:
    """As of totals and endpoints: a sum over nothing is 0 there, and how many calls are unmeasured stands beside it."""
    document = review_document(may)
    (dead,) = [one for one in document["showback"]["endpoint"] if one["name"] == "/dead"]

    assert (dead["input_tokens"], dead["output_tokens"]) == (0, 0)
    assert document["unit_economics"][0]["input_tokens"] == 0


def test_who_used_nothing_is_known_to_have_used_nothing() -> None:
    """Of May alone nothing is called at /dead; it stands there for what it was in April."""
    with Ledger.throwaway() as ledger:
        fill(ledger, ROWS[:2])
        found = review(ledger, BOOK, View(), MAY, Plan(), (), as_of=datetime(2026, 6, 2, tzinfo=UTC), look_ahead=False)

    assert texts(found, "showback-endpoint")["/dead"][:3] == ["0", "0", "0"]


@pytest.mark.endurance
def test_nothing_is_said_of_cache_writes_where_no_log_splits_the_input() -> None:
    """What hits saved is not known there either. With one call that tells, DeepSeek's writes cost nothing more."""
    split, whole = ({**USAGE}, {"input_tokens": 1000, "output_tokens": 100})
    found = []
    for row in (whole, split):
        with Ledger.throwaway() as ledger:
            fill(ledger, [row])
            made = review(
                ledger, BOOK, View(), MAY, Plan(), (), as_of=datetime(2026, 6, 2, tzinfo=UTC), look_ahead=False
            )
        rows = texts(made, "unit-economics")
        found.append([rows[name][1] for name in ("Saved by cache hits", "Paid more for cache writes")])

    # 600 hits at 0.14 - 0.0028 a million.
    assert found == [[UNKNOWN, UNKNOWN], ["0.0000823", "0.0000000"]]


@pytest.mark.endurance
def test_the_report_says_it_as_well() -> None:
    page = Page(render(filled(ROWS)))

    for ident, name in (("endpoints", "/dead"), ("months", "2026-04")):
        (row,) = [row for row in page.tables[ident] if row[0] == name]
        assert row[3:6] == [UNKNOWN, UNKNOWN, UNKNOWN]
    (row,) = [row for row in page.tables["endpoints"] if row[0] == "/cut"]
    assert row[3:5] == ["1,000", UNKNOWN]
    (total,) = [row for row in page.tables["endpoints"] if row[0] == "Total"]
    assert total[3:5] == ["3,000", "200"]


def test_where_nothing_is_measured_the_totals_are_unknown() -> None:
    analysis = filled(ROWS[2:4])
    page = Page(render(analysis))

    assert "2 requests, unknown tokens in, unknown out, cache hit rate unknown" in summary(analysis, None)
    assert "no log tells what was cached" in page.text
    assert "0 tokens read from cache" not in page.text
    assert page.tables["endpoints"][-1][3:6] == [UNKNOWN, UNKNOWN, UNKNOWN]


def test_without_a_request_nothing_was_used_and_that_is_known() -> None:
    assert "0 requests, 0 tokens in, 0 out" in summary(filled([]), None)


USED = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")


def test_a_query_says_null_where_no_log_tells_and_sums_what_is_known() -> None:
    """Cache writes are none where the input is known: few providers bill any, and few logs name them."""
    with Ledger.throwaway() as ledger:
        fill(ledger, [*ROWS, {"endpoint": "/none", **dict.fromkeys(USED, 0)}])
        prepare(ledger, BOOK, View())
        found = {}
        for name, key in (("endpoints", "endpoint"), ("months", "month"), ("totals", "requests")):
            for row in named(name).rows(ledger.connection):
                found[row[key]] = tuple(row[used] for used in USED)
        (dead,) = [row for row in named("workloads").rows(ledger.connection) if row["endpoint"] == "/dead"]

    assert found == {
        "/chat": (1000, 600, 0, 100, None),
        "/dead": (None,) * 5,
        "/split": (1000, None, 0, 100, None),
        "/cut": (1000, None, 0, None, None),
        "/none": (0, 0, 0, 0, 0),
        "2026-04": (None,) * 5,
        "2026-05": (3000, 600, 0, 200, 0),
        7: (3000, 600, 0, 200, 0),
    }
    assert dead["output_tokens"] is None


def test_an_export_of_costs_leaves_empty_what_no_log_tells(tmp_path: Path) -> None:
    log = write(tmp_path / "log.jsonl", *(call(**row) for row in CALLS))
    rows = list(csv.DictReader(io.StringIO(spend("export", log, "--csv", "--output", "-", "--quiet").out)))
    told = {row["endpoint"]: [row[column] for column in TOLD] for row in rows}

    assert told == {
        "/chat": ["1000", "400", "600", "0", "100"],
        "/dead": ["", "", "", "", ""],
        # All of it costs as misses: that is said of it, and not that nothing was a hit.
        "/split": ["1000", "1000", "", "0", "100"],
        "/cut": ["1000", "1000", "", "0", ""],
    }


TOLD = ("input_tokens", "cache_miss_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens")
NONE: dict[str, object] = dict.fromkeys(("input_tokens", "cache_read_tokens", "output_tokens"), ...)
CALLS: tuple[dict[str, object], ...] = (
    {"endpoint": "/chat"},
    {**NONE, "endpoint": "/dead", "status": "500"},
    {"endpoint": "/split", "cache_read_tokens": ...},
    {**NONE, "endpoint": "/cut", "input_tokens": 1000},
)
