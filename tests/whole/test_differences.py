"""Shown differences: who subtracts two shown amounts finds the difference that is shown beside them, wherever it is."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from analyzer.finance.bucket import Bucket
from analyzer.finance.month import Month
from analyzer.finance.reconcile import Reconciliation
from analyzer.finance.review import Plan, Review, review
from analyzer.ledger import Ledger
from analyzer.report.against import against, alike, at_worst
from analyzer.report.amounts import difference, rounded
from analyzer.report.answer import answers
from analyzer.report.figures.bridge import bridge
from analyzer.report.page import render
from analyzer.report.reconcile import reconciliation_text
from analyzer.report.review.page import first_screen
from analyzer.report.review.sentences import verdict as why
from analyzer.report.review.tables import listings
from analyzer.report.review.text import review_text
from analyzer.report.summary import what_if
from analyzer.report.verdict import verdict
from analyzer.report.workbook.book import workbook
from analyzer.simulate.analysis import Analysis
from analyzer.simulate.relations import View
from tests.shown import Page
from tests.support import BOOK, fill, scenario

MAY = Month(date(2026, 5, 1))
UNIT = 10**15


def priced_at(output: str, name: str) -> Any:
    """All as it was, with another price of Flash's output."""
    prices = f'{{ input = "0.14", cache_read = "0.0028", output = "{output}" }}'
    return scenario(f'default = "as-logged"\n[prices]\n"deepseek-v4-flash" = {prices}\n', name)


# 35.736M tokens out at 0.28 are 10.00608. By hand, with what it is more than that, and with what is shown:
#   less    at 0.2799   10.0025064    -0.0035736    10.00 beside 10.01: -0.01
#   more    at 0.28022  10.01394192   +0.00786192   10.01 beside 10.01:  0.00
#   nearly  at 0.27999  10.00572264   -0.00035736   10.01 beside 10.01:  0.00
SPENT = {"input_tokens": 0, "cache_read_tokens": 0, "output_tokens": 35_736_000}
LESS, MORE, NEARLY = (priced_at(*each) for each in (("0.2799", "less"), ("0.28022", "more"), ("0.27999", "nearly")))
SHOWN = {"less": ("10.00", "-0.01"), "more": ("10.01", "0.00"), "nearly": ("10.01", "0.00")}


@pytest.fixture(scope="module")
def may() -> Iterator[Review]:
    with Ledger.throwaway() as ledger:
        fill(ledger, [{"started_at": datetime.fromisoformat("2026-05-10T10:00"), "endpoint": "/chat", **SPENT}])
        as_of = datetime(2026, 6, 2, tzinfo=UTC)
        scenarios = (LESS, MORE, NEARLY)
        yield review(ledger, BOOK, View(), MAY, Plan(), scenarios, as_of=as_of, look_ahead=True)


def without(analysis: Analysis, *names: str) -> Analysis:
    """The same, not asked for these scenarios."""
    return replace(analysis, results=tuple(one for one in analysis.results if one.scenario.name not in names))


@pytest.mark.parametrize(
    ("amount", "other", "shown"),
    [
        ("59.414", "59.406", "0.00"),  # 59.41 beside 59.41
        ("59.416", "59.414", "0.01"),  # 59.42 beside 59.41
        ("0.005", "0.015", "-0.02"),  # half to even: 0.00 beside 0.02
        ("-0.004", "0.004", "0.00"),
    ],
)
def test_a_difference_is_that_of_the_amounts_as_they_are_shown(amount: str, other: str, shown: str) -> None:
    found = difference(Decimal(amount), Decimal(other), 2)

    assert found == Decimal(shown)


def test_the_difference_to_an_unknown_amount_is_unknown() -> None:
    assert difference(None, Decimal(1), 2) is None
    assert difference(Decimal(1), None, 2) is None


amounts = st.decimals(-100, 100, places=5)


@given(lines=st.lists(st.tuples(amounts, amounts), min_size=1, max_size=9))
def test_differences_of_columns_that_add_up_add_up_themselves(lines: list[tuple[Decimal, Decimal]]) -> None:
    """Amounts by largest remainder, the differences of what came out: lines and columns tie at once."""
    left, right = (rounded(column, 2) for column in zip(*lines, strict=True))
    apart = [difference(one, other, 2) for one, other in zip(left, right, strict=True)]
    wholes = [sum(column, Decimal(0)) for column in zip(*lines, strict=True)]

    assert sum(filter(None, apart)) == difference(wholes[0], wholes[1], 2)


def test_the_what_if_table_of_the_terminal_ties(may: Review) -> None:
    lines = what_if(may.analysis).splitlines()
    table = [line.split() for line in lines[2:6]]

    assert table[0][:2] == ["actual", "10.01"]
    assert {row[0]: tuple(row[1:3]) for row in table[1:]} == SHOWN


def test_that_of_the_page_ties_and_so_does_its_bridge(may: Review) -> None:
    page = Page(render(may.analysis))
    actual, *rows = page.tables["what-if"][1:]

    assert actual[1] == "10.01"
    assert [tuple(row[1:3]) for row in rows] == list(SHOWN.values())
    # All of it is one step: other prices.
    assert {row[0]: row[1:] for row in page.tables["bridges"][1:]} == {
        "less": ["-0.01", "-0.01"],
        "more": ["0.00", "0.00"],
        "nearly": ["0.00", "0.00"],
    }


def test_the_bridge_leads_from_one_shown_amount_to_the_other(may: Review) -> None:
    figure = bridge(may.analysis.outlook.bridges, may.analysis.results, "USD")
    said = [str(text) for trace in figure.data for text in (trace.customdata if trace.customdata is not None else ())]

    assert "what was spent: 10.01 USD" in said
    assert "less<br>other prices: -0.01 USD" in said
    assert "less: 10.00 USD" in said


def test_sentences_say_what_the_tables_say(may: Review) -> None:
    assert verdict(may.analysis).startswith("Cheapest: less, $0.01 less than was spent (0.0%)")
    # Nothing moves, so cold caches change nothing.
    assert "Cheaper even with cold caches: less" not in answers(may.analysis)
    assert "Might have saved</dt><dd>$0.01<small>as less" in first_screen(may, "")


def test_a_saving_that_cold_caches_undo_is_none_without_warm_ones(may: Review) -> None:
    """10.00 instead of 10.01; with cold caches 10.02. The cards of the review say so, as the sentence does."""

    def otherwise(high: str) -> Review:
        results = (
            replace(one, high=Decimal(high)) if one.scenario.name == "less" else one for one in may.analysis.results
        )
        return replace(may, analysis=replace(may.analysis, results=tuple(results)))

    warm = "as less, if answers had been as good and caches warm<"

    assert warm in first_screen(otherwise("10.02"), "")
    assert "it would have cost more, not less" in verdict(otherwise("10.02").analysis)
    assert warm not in first_screen(may, "")


def test_a_saving_that_rounds_to_nothing_is_less_than_a_cent(may: Review) -> None:
    nearly = without(may.analysis, "less")

    assert verdict(nearly).startswith("Cheapest: nearly, by less than $0.01 (0.0%)")
    assert "less than $0.01<small>as nearly" in first_screen(replace(may, analysis=nearly), "")


def test_the_review_ties_in_terminal_page_and_workbook(may: Review) -> None:
    terminal = [line.split() for line in review_text(may).splitlines()]
    page = Page(render(may.analysis, may)).tables["what-if"]
    sheet = load_workbook(BytesIO(workbook(may)), data_only=True)["Scenarios"]
    cells = {str(row[0].value): (row[1].value, row[2].value) for row in sheet.iter_rows() if str(row[0].value) in SHOWN}

    assert {line[0]: tuple(line[1:3]) for line in terminal if line and line[0] in SHOWN} == SHOWN
    assert [tuple(row[1:3]) for row in page[2:]] == list(SHOWN.values())
    assert cells == {name: tuple(map(float, amounts)) for name, amounts in SHOWN.items()}


def result(cost: str, apart: str, high: str = "0") -> Any:
    return SimpleNamespace(difference=Decimal(apart), cost=Decimal(cost), high=Decimal(high))


def test_a_difference_over_other_calls_than_the_costs_stands_for_itself() -> None:
    """Of 3 calls, at 5.006 in all, a scenario has a price for 2: they cost 3.006 in reality and 1.004 there, 2.002 less.

    With a price for all, at 3.004, it is 2.002 less as well, between 3.00 and 5.01.
    """
    spent, some, all_of_it = result("5.006", "0"), result("1.004", "-2.002"), result("3.004", "-2.002")

    assert not alike(some, spent)
    assert against(some, spent, 2) == Decimal("-2.00")
    assert alike(all_of_it, spent)
    assert against(all_of_it, spent, 2) == Decimal("-2.01")


def test_a_scenario_without_a_price_for_some_calls_says_over_which_it_is_compared(may: Review) -> None:
    """Of two calls, at 10.006 in all, it prices one: 4 of it, and 0.5 less than that cost. All calls are in its count."""
    spent, less, *_ = may.analysis.results
    assert spent.cost is not None
    some = replace(less, requests=2, unpriced=1, compared_requests=1, cost=Decimal(4), difference=Decimal("-0.5"))
    analysis = replace(may.analysis, results=(replace(spent, requests=2), some))
    (listed,) = [one for one in listings(replace(may, analysis=analysis)) if one.ident == "scenarios"]
    (whole,) = [one for one in listings(may) if one.ident == "scenarios"]

    assert "Differences compare the 1 request that is priced both ways." in what_if(analysis)
    assert "Against actual: over the 1 request priced both ways." in Page(render(analysis)).text
    assert "over the requests priced both ways" in listed.note
    assert "priced both ways" not in what_if(may.analysis) + whole.note


def test_what_is_compared_with_nothing_is_unknown() -> None:
    spent, none = result("5.006", "0"), SimpleNamespace(difference=None, cost=None, high=None)

    assert against(none, spent, 2) is None  # type: ignore[arg-type]
    assert at_worst(none, spent, 2) is None  # type: ignore[arg-type]


def test_the_worst_case_is_that_of_the_shown_high_cost() -> None:
    """10.006 was spent: 10.01. With cold caches it is 9.994: 9.99. At least 0.02 are saved, not the 0.01 of 0.012."""
    assert at_worst(result("9.5", "-0.506", "9.994"), result("10.006", "0"), 2) == Decimal("-0.02")


def line(billed: str, computed: str | None, cause: str = "tokens") -> Bucket:
    units = [None if amount is None else int(Decimal(amount) * UNIT) for amount in (billed, computed)]
    hour = (datetime.fromisoformat("2026-05-10T10:00"), datetime.fromisoformat("2026-05-10T11:00"))
    known = units[1] is not None
    return Bucket(*hour, "deepseek-v4-flash", None, "output_tokens", units[0] or 0, units[1] or 0, cause, True, known)


def bill(*lines: Bucket) -> Reconciliation:
    read = {"records": 1, "requests": 1, "duplicates": 0, "skipped": 0, "rejected": 0}
    clock = SimpleNamespace(straddling=0, bill="unknown", by={"completion": 0, "start": 0})
    return Reconciliation("USD", "USD", "completion", clock, True, 0, 0, 0, read, "1", {}, {}, lines)  # type: ignore[arg-type]


def test_the_lines_of_a_bill_tell_their_hour_whatever_their_names() -> None:
    """Of 80 columns a long model, a long key and the longest cause leave too few: the names give way."""
    missing = line("123.45", "1.00", "missing-requests")
    long = replace(missing, model="deepseek-v4-flash-vision-exp", api_key_name="customer-support-eu")
    told = reconciliation_text(bill(long)).splitlines()
    (row,) = [each for each in told if each.startswith("2026-")]

    assert row.split() == [
        "2026-05-10",
        "10:00",
        "deeps…on-exp",
        "cust…rt-eu",
        "output",
        "122.450000",
        "missing-requests",
    ]
    assert max(map(len, told)) <= 80


def test_a_share_is_of_the_exact_amounts(may: Review) -> None:
    """1.006 after 1.004: shown as 1.01 and 1.00, so 0.01 more, and 0.2% more, not the 1% that cents would make."""
    found = replace(may, actual=1006 * UNIT // 1000, previous=1004 * UNIT // 1000, variance=None)

    assert why(found).startswith("2026-05 cost $0.01 more than 2026-04 (+0.2%).")
    assert "+$0.01<small>+0.2% of $1.00" in first_screen(found, "")


def test_lines_of_a_bill_tie(may: Review) -> None:
    """10.0000004 billed and 9.9999996 computed, both 10.000000 in six decimals: no 0.000001 stands beside them."""
    found = replace(may, reconciliation=bill(line("10.0000004", "9.9999996"), line("0.3", "0.1"), line("2", None)))
    (lines,) = [one for one in listings(found) if one.ident == "reconciliation-lines"]

    assert [row[5:8] for row in lines.texts()] == [
        ["2.000000", "unknown", "unknown"],
        ["0.300000", "0.100000", "+0.200000"],
        ["10.000000", "10.000000", "0.000000"],
    ]


def test_a_bill_and_what_was_computed_have_the_digits_in_which_they_differ() -> None:
    """10.004 and 10.006 differ by -0.002: three digits of that are five decimals, so all three have five."""
    said = reconciliation_text(bill(line("10.004", "10.006")))

    assert "Billed 10.00400 USD   computed 10.00600 USD   difference -0.00200" in said
    assert re.search(r"other counts of tokens, or of searches +1 +-0\.00200\n", said)
    assert "In all it comes to 0.00200 USD more than the bill." in " ".join(said.split())
