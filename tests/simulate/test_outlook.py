"""The whole outlook: plans, swings, curves and the self-test, and how the command tells them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from assumed import HISTORY, request
from support import BOOK, FLASH, MILLION, PRO, ROOT, call, cost, fill, scenario, spend, write

from analyzer.ledger import Ledger
from analyzer.simulate.analysis import Analysis, analyze
from analyzer.simulate.outlook import Outlook
from analyzer.simulate.relations import View, prepare
from analyzer.simulate.scenario import FLASH as ALL_FLASH
from analyzer.simulate.scenario import PRO as ALL_PRO
from analyzer.simulate.sensitivity import next_card, swings
from analyzer.simulate.whatif import Simulation


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    with Ledger.throwaway() as made:
        yield made


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    plan = scenario('[assume]\nfixed_fee = { amount = "0.01", covers = ["*-pro"] }', "plan")
    with Ledger.throwaway() as made:
        fill(made, HISTORY)
        return analyze(made, BOOK, View(), [ALL_PRO, plan])


def test_a_plan_pays_from_the_volume_on_whose_tokens_cost_its_fee(analysis: Analysis) -> None:
    """Two Pro requests are covered; as many times as they fit into the fee, so much volume is needed."""
    [plan] = analysis.outlook.plans

    by_tokens = cost(PRO, 9000, 1000, 40) + cost(PRO, 200, 9800, 900)
    assert (plan.fee, plan.replaced, plan.covered, plan.unpriced) == (Decimal("0.01"), by_tokens, 2, 0)
    assert plan.volume == round(Decimal("0.01") / by_tokens, 15)
    assert plan.requests_a_month == round(2 * Decimal("0.01") / by_tokens, 1)


def test_swings_are_the_costs_at_both_ends(analysis: Analysis) -> None:
    swings = {swing.assumption: swing for swing in analysis.outlook.swings if swing.scenario == "all-pro"}
    result = analysis.results[1]
    reads = [sum(row["input_tokens"] for row in HISTORY), sum(row["output_tokens"] for row in HISTORY)]

    assert (swings["cache"].cost_low, swings["cache"].cost_high) == (result.low, result.high)
    assert swings["hit_rate"].cost_low == cost(PRO, 0, reads[0], reads[1])
    assert swings["hit_rate"].cost_high == cost(PRO, reads[0], 0, reads[1])
    moved = (250 + 77) * PRO[2] / MILLION  # outputs of what Flash had answered
    assert result.cost is not None
    assert swings["output_ratio"].cost_low == result.cost - moved / 4
    assert swings["output_ratio"].cost_high == result.cost + moved / 2


def test_the_prices_of_the_next_card_are_a_swing(analysis: Analysis) -> None:
    """After May 1 Pro's next card is of August 16, at 16:00: August 17 is the first day that begins with it.

    Off-peak, 10:00 and 11:00 UTC, it says 0.66 for a miss, 0.022 for a hit, 1.98 for output.
    """
    [swing] = [
        each for each in analysis.outlook.swings if (each.scenario, each.assumption) == ("all-pro", "price_date")
    ]

    later = (Decimal("0.66"), Decimal("0.022"), Decimal("1.98"))
    assert swing.high == "2026-08-17"
    assert swing.cost_low == analysis.results[1].cost
    assert swing.cost_high == cost(later, 500 + 9000 + 200 + 1000, 300 + 1000 + 9800, 250 + 40 + 900 + 77)
    assert next_card(BOOK, ALL_PRO, datetime(2026, 9, 19, 1, tzinfo=UTC), "USD") is None


@pytest.mark.parametrize(
    ("end", "family", "day"),
    [
        ("2026-09-01T00:00:00", "pro", "2026-09-19"),
        ("2026-09-18T23:59:59", "pro", "2026-09-19"),
        ("2026-09-19T00:00:00", "pro", "2026-09-19"),
        ("2026-09-19T00:00:01", "pro", None),
        ("2026-09-10T00:00:00", "flash", "2026-09-11"),
        ("2026-09-10T04:00:00", "flash", "2026-09-11"),
        ("2026-09-10T04:00:01", "flash", None),
    ],
)
def test_the_next_card_begins_when_the_history_has_ended(end: str, family: str, day: str | None) -> None:
    """Pro's card of 2026-09-19 begins at 00:00, as far as is known; Flash's of 2026-09-10 at 04:00, after that day's 00:00.

    A history ends with the first instant that is no part of it: where a month is asked for, that is 00:00 of the next.
    """
    found = next_card(BOOK, scenario(f'default = "{family}"'), datetime.fromisoformat(end).replace(tzinfo=UTC), "USD")

    assert found == (date.fromisoformat(day) if day else None)


def test_a_swing_of_prices_says_which_were_asked_for(ledger: Ledger) -> None:
    """All is priced by the cards of May 10: that is one end of the swing, not the prices in force at each call."""
    fill(ledger, [request(started_at=datetime(2026, 9, 9, 12))])
    view = View(price_date=date(2026, 5, 10))
    prepare(ledger, BOOK, view)
    simulation = Simulation(ledger, BOOK, view)

    [swing] = [
        each
        for each in swings(simulation, BOOK, simulation.price(ALL_FLASH), datetime(2026, 9, 9, 13, tzinfo=UTC))
        if each.assumption == "price_date"
    ]

    later = (Decimal("0.15"), Decimal("0.003"), Decimal("0.6"))  # of V4.1 Flash, from 2026-09-10 on; off-peak at 12:00
    assert (swing.low, swing.cost_low) == ("2026-05-10", cost(FLASH, 400, 600, 100))
    assert (swing.high, swing.cost_high) == ("2026-09-11", cost(later, 400, 600, 100))


def test_points_lie_on_the_line_between_both_ends(analysis: Analysis) -> None:
    points = [
        point for point in analysis.outlook.points if (point.scenario, point.assumption) == ("all-pro", "hit_rate")
    ]

    costs = [point.cost for point in points if point.cost is not None]
    assert [point.value for point in points] == [Decimal(tenth) / 10 for tenth in range(11)]
    assert {later - earlier for earlier, later in pairwise(costs)} == {(costs[-1] - costs[0]) / 10}


def test_the_self_test_compares_follow_ups_of_sessions(analysis: Analysis) -> None:
    """The second Code request follows one of 10,040 tokens: 9,984 whole units of 128 are told, 9,800 were hit."""
    [row] = analysis.outlook.self_test.filter(pl.col("requests") > 0).rows(named=True)

    assert (row["cache_basis"], row["requests"], row["input_tokens"]) == ("session", 1, 10_000)
    assert (row["observed"], row["predicted"]) == (9800, 10_040 // 128 * 128) == (9800, 9984)


def test_nothing_priced_leaves_an_empty_outlook(ledger: Ledger) -> None:
    fill(ledger, [])
    assert analyze(ledger, BOOK, View(), [ALL_PRO]).outlook.bridges == Outlook().bridges


@pytest.mark.endurance
def test_simulate_prints_and_tells_programs_the_same(tmp_path: Path) -> None:
    log = write(tmp_path / "log.jsonl", *(call(id=str(number), session_id="s") for number in range(3)))

    text, document = spend("simulate", log, "--quiet"), spend("simulate", log, "--json").document

    assert "Break-even" in text.out
    assert document["schema"] == "spend.simulate/1"
    flash = next(each for each in document["scenarios"] if each["name"] == "all-pro")
    steps = [Decimal(step["amount"]) for step in flash["bridge"]]
    assert sum(steps) == Decimal(flash["difference"])
    assert {"self_test", "break_evens", "sensitivity", "curves", "advice", "off_peak", "plans"} <= document.keys()


@pytest.mark.endurance
def test_steps_in_the_terminal_add_up_as_they_are_shown() -> None:
    """On the sample logs each step of all-flash rounded alone would miss the difference by a cent."""
    told = spend("simulate", ROOT / "sample_logs", "--quiet").out.split("\n\n")
    [differences] = [part.splitlines()[2:] for part in told if part.startswith("What if ")]
    [steps] = [part.splitlines()[2:] for part in told if part.startswith("Difference, USD ")]
    cells = [line.split() for line in differences[1:4]]
    expected = {words[0].rstrip("*"): Decimal(words[2]) for words in cells}
    assert {words[0]: sum(map(Decimal, words[1:])) for words in map(str.split, steps)} == expected


def test_a_log_of_blocks_is_told_in_the_terminal(tmp_path: Path) -> None:
    """Every trace of prefix blocks: what their cache would have hit, and that they cost as misses without a word on that."""
    log = write(
        tmp_path / "log.jsonl", *(call(id=str(each), hash_ids=[1, 2], cache_read_tokens=...) for each in range(2))
    )

    run = spend("simulate", log, "--quiet")

    assert run.code == 0
    assert "by their blocks" in " ".join(run.out.split())
    assert "the cache of every prefix" in " ".join(run.out.split())


@pytest.mark.endurance
def test_a_history_without_a_call_has_no_blocks(tmp_path: Path) -> None:
    log = write(tmp_path / "log.jsonl", call())
    none = spend("simulate", log, "--json", "--month", "2026-10").document

    assert [(one["requests"], one["cache_basis"]) for one in none["scenarios"]] == [(0, "endpoint")] * 4


def test_scenarios_need_names_of_their_own(tmp_path: Path) -> None:
    log = write(tmp_path / "log.jsonl", call())
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.toml").write_text('default = "pro"\n')

    run = spend("simulate", log, "--scenario", tmp_path / "a" / "x.toml", "--scenario", tmp_path / "b" / "x.toml")

    assert run.code == 2
    assert run.err.splitlines() == [
        f"spend: two scenarios are named x: {tmp_path / 'a' / 'x.toml'} and {tmp_path / 'b' / 'x.toml'}",
        '  leave one of them out, or write name = "..." in its file',
    ]
