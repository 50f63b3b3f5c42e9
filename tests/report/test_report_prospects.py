"""What follows from the scenarios, in the report: it adds up, and it is what the simulator says."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from shown import Page, analysis_of, cents, filled, request
from support import ROOT, ledger_of, scenario

from analyzer.report.amounts import places_for, plain
from analyzer.report.figures.bridge import bridge
from analyzer.report.figures.curves import percent
from analyzer.report.figures.swings import swings
from analyzer.report.lines import lines
from analyzer.report.page import render
from analyzer.simulate.analysis import Analysis


@pytest.fixture(scope="module")
def sample() -> Iterator[Analysis]:
    with ledger_of(ROOT / "sample_logs") as ledger:
        yield analysis_of(ledger)


@pytest.fixture(scope="module")
def page(sample: Analysis) -> Page:
    return Page(render(sample))


def test_the_steps_of_a_bridge_add_up_to_the_difference(sample: Analysis, page: Page) -> None:
    head, *rows = page.tables["bridges"]

    assert head == ["Scenario", "Other models", "Cache hits lost or won", "Against actual"]
    assert [row[0] for row in rows] == [result.scenario.name for result in sample.results[1:]]
    for row, result in zip(rows, sample.results[1:], strict=True):
        assert result.difference is not None
        assert cents(row[1:-1]) == cents(row[-1:]) == round(result.difference, 2)


def test_the_bridge_leads_from_what_was_spent_to_the_scenario(sample: Analysis) -> None:
    """Each group of bars: what was spent, steps that begin where the one before ended, the scenario."""
    figure = bridge(sample.outlook.bridges, sample.results, "USD")
    bars = {
        y: (base, base + x)
        for trace in figure.data
        if trace.type == "bar"
        for y, base, x in zip(trace.y, trace.base, trace.x, strict=True)
    }
    names = figure.layout.yaxis.ticktext

    assert sorted(bars) == list(range(len(names)))
    for result in sample.results[1:]:
        begin, end = names.index(f"spent, before {result.scenario.name}"), names.index(result.scenario.name)
        assert result.compared_actual is not None
        assert result.difference is not None
        assert bars[begin][1] == pytest.approx(float(result.compared_actual))
        for place in range(begin + 1, end):
            assert bars[place][0] == pytest.approx(bars[place - 1][1])
        assert bars[end] == pytest.approx((0, bars[end - 1][1]))
        assert bars[end][1] == pytest.approx(float(result.compared_actual + result.difference))


@pytest.mark.endurance
def test_a_scenario_with_prices_of_its_own_has_a_step_for_them() -> None:
    cheap = scenario(
        "default = 'pro'\n[prices]\npro = { input = '0.001', output = '0.001' }\n[assume]\noutput_ratio = { pro = 2 }",
        "cheap",
    )
    (head, row) = Page(render(filled([request(1), request(2)], scenarios=[cheap]))).tables["bridges"]

    assert head[1:-1] == ["Other models", "Other prices", "Other lengths"]
    assert row[1].startswith("+")
    assert row[2].startswith("-")


def test_two_ways_to_the_same_break_even(sample: Analysis, page: Page) -> None:
    """The report's lines and the simulator's closed forms are computed apart from each other."""
    found = lines(sample.servings.lines)
    whole = next(each for each in sample.outlook.break_evens if each.overall)
    assert found is not None

    assert found.by_share.meets(found.spent) == whole.pro_share
    assert found.by_hits["flash"].meets(found.spent) == whole.hit_rate_flash
    assert found.by_hits["pro"].meets(found.spent) == whole.hit_rate_pro
    assert page.tables["break-evens"][-1][1] == percent(whole.pro_share or Fraction(0))
    assert page.tables["by-share"][-1][1] == f"at {percent(whole.pro_share or Fraction(0))}"


@pytest.mark.endurance
def test_break_evens_outside_of_what_can_be_are_words() -> None:
    """All on Flash already: no share of Pro costs as little, and no hit rate on Flash is needed beyond its own."""
    seen = Page(render(filled([request(1, cache_read_tokens=0)])))
    row = seen.tables["break-evens"][1]

    assert row[1] == "0.0%"
    assert row[3] == "0.0%"
    assert row[6] == "none" or Decimal(row[6]) < 1
    dear = Page(render(filled([request(1, model="deepseek-v4-pro", cache_read_tokens=0)]))).tables["break-evens"][1]
    assert dear[1] == "100.0%"
    assert dear[3] == "any"


def test_advice_is_the_simulators_with_its_evidence(sample: Analysis, page: Page) -> None:
    rows = page.tables["advice"][1:]

    assert [row[0] for row in rows] == [each.endpoint for each in sample.outlook.advice]
    for row, each in zip(rows, sample.outlook.advice, strict=True):
        assert row[1].lower().startswith(each.verdict)
        assert each.test in row[1]
        assert all(evidence in row[2] for evidence in each.evidence)
    assert "No log has a measure of quality" in page.text


def test_longer_waiting_never_saves_less(sample: Analysis, page: Page) -> None:
    _, *rows, total = page.tables["waiting"]
    longest = max(shift.wait for shift in sample.outlook.shifts)
    whole = sum(shift.saving for shift in sample.outlook.shifts if shift.wait == longest)

    assert total[-1] == plain(Decimal(whole), 2)
    for row in [*rows, total]:
        grown = [Decimal(cell.replace(",", "")) for cell in row[1:]]  # nothing saved is 0, as in the terminal
        assert grown == sorted(grown)

    assert "waiting" not in Page(render(filled([request(1)]))).tables


@pytest.mark.endurance
def test_the_cache_model_is_held_against_the_history(sample: Analysis, page: Page) -> None:
    (_, row) = page.tables["self-test"]
    told = sample.outlook.self_test.row(0, named=True)

    assert row[:2] == [told["cache_basis"], f"{told['requests']:,}"]
    assert row[3:5] == [f"{int(told['observed']):,}", f"{int(told['predicted']):,}"]
    assert "self-test" not in Page(render(filled([request(1)]))).tables


def test_sensitivity_lists_both_ends(sample: Analysis, page: Page) -> None:
    rows = page.tables["sensitivity"][1:]
    places = places_for(sample.actual.cost)

    assert len(rows) == len(sample.outlook.swings)
    for row, swing in zip(rows, sample.outlook.swings, strict=True):
        assert swing.cost_low is not None
        assert swing.cost_high is not None
        assert (row[2], row[4]) == (swing.low, swing.high)
        assert (row[3], row[5]) == (plain(swing.cost_low, places), plain(swing.cost_high, places))
    figure = swings(sample.outlook.swings, sample.results, "USD")
    assert list(figure.data[0].x) == [float(swing.cost_low or 0) for swing in sample.outlook.swings]


@pytest.mark.endurance
def test_a_subscription_has_a_line() -> None:
    plan = scenario("[assume]\nfixed_fee = { amount = '5', per = 'month', covers = ['*'] }", "plan")
    rows = [request(number, started_at=datetime(2026, 9, 1) + timedelta(days=number)) for number in range(5)]
    (head, row) = Page(render(filled(rows, scenarios=[plan]))).tables["plans"]

    assert head[0] == "Scenario"
    assert row[0] == "plan"
    assert Decimal(row[1]) == 5
