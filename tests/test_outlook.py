"""Break-evens, sensitivity, advice, off-peak: by hand, and by simulating on both sides of each break-even."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from support import BOOK, EXPORT_HEAD, FLASH, MILLION, PRO, ZONED_HEAD, call, cost, export, fill, scenario, spend, write

from analyzer.ledger import Ledger
from analyzer.report.outlook import plans as plans_told
from analyzer.report.verdict import verdict
from analyzer.simulate.advice import Advice, advice, undecided_share
from analyzer.simulate.analysis import Analysis, analyze
from analyzer.simulate.breakeven import BreakEven, break_evens
from analyzer.simulate.outlook import Outlook
from analyzer.simulate.relations import View, prepare
from analyzer.simulate.scenario import ACTUAL, Wait
from analyzer.simulate.scenario import FLASH as ALL_FLASH
from analyzer.simulate.scenario import PRO as ALL_PRO
from analyzer.simulate.sensitivity import next_card
from analyzer.simulate.whatif import Simulation

STEP = Decimal("0.000001")  # the finest share a scenario takes


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    with Ledger.throwaway() as made:
        yield made


def request(misses: int = 400, hits: int | None = 600, output: int = 100, **more: Any) -> dict[str, Any]:
    return {
        "model": "deepseek-v4-flash",
        "started_at": datetime(2026, 5, 1, 10),
        "endpoint": "/chat",
        "input_tokens": misses + (hits or 0),
        "cache_read_tokens": hits,
        "output_tokens": output,
        **more,
    }


def simulated(ledger: Ledger, rows: Sequence[dict[str, Any]]) -> Simulation:
    fill(ledger, rows)
    prepare(ledger, BOOK, View())
    return Simulation(ledger, BOOK, View())


HISTORY = [
    request(500, 300, 250),
    request(9000, 1000, 40, model="deepseek-v4-pro", endpoint="/code", session_id="s"),
    request(
        200, 9800, 900, model="deepseek-v4-pro", endpoint="/code", session_id="s", started_at=datetime(2026, 5, 1, 11)
    ),
    request(1000, None, 77, endpoint=None),
]


@pytest.fixture(scope="module")
def simulation() -> Iterator[Simulation]:
    """Of a ledger of its own, which no test fills anew."""
    with Ledger.throwaway() as made:
        yield simulated(made, HISTORY)


@pytest.fixture(scope="module")
def overall(simulation: Simulation) -> BreakEven:
    return break_evens(simulation.price(ALL_FLASH), simulation.price(ALL_PRO))[0]


def around(value: Fraction) -> tuple[Decimal, Decimal]:
    """The two numbers of six decimals beside a fraction."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(STEP, ROUND_FLOOR), exact.quantize(STEP, ROUND_CEILING)


def costs(simulation: Simulation, text: str, values: Sequence[Decimal]) -> list[Decimal]:
    found = [simulation.price(scenario(text.replace("VALUE", str(value)), str(value))).cost for value in values]
    assert None not in found
    return [each for each in found if each is not None]


# ------------------------------------------------------------------------------------------------ break-evens


def test_the_pro_share_of_a_budget_costs_the_budget(simulation: Simulation, overall: BreakEven) -> None:
    """Simulated a millionth below and above it, the cost lies on both sides of what was spent."""
    assert overall.pro_share is not None
    share = 'default = "flash"\n[[route]]\nto = "pro"\ntoken_share = VALUE\n[assume]\ncache = "transferred"'

    below, above = costs(simulation, share, around(overall.pro_share))

    spent = simulation.price(ACTUAL).cost
    assert spent is not None
    assert below <= spent <= above
    assert above - below < Decimal("1e-7")


def test_the_pro_share_of_another_budget(simulation: Simulation) -> None:
    """Half way between all on Flash and all on Pro, half of the tokens may go to Pro."""
    flash, pro = simulation.price(ALL_FLASH), simulation.price(ALL_PRO)
    ends = [
        result.money(sum(int(units) for units in result.endpoints["compared_transferred"])) for result in (flash, pro)
    ]
    assert ends[0] is not None
    assert ends[1] is not None

    [overall, *_] = break_evens(flash, pro, (ends[0] + ends[1]) / 2)

    assert overall.pro_share == Fraction(1, 2)


def test_from_the_escalation_rate_on_pro_alone_is_cheaper(simulation: Simulation, overall: BreakEven) -> None:
    assert overall.escalation_rate is not None
    cascade = (
        'default = "flash"\n[assume]\ncache = "transferred"\nescalate = { from = "flash", to = "pro", rate = VALUE }'
    )

    below, above = costs(simulation, cascade, around(overall.escalation_rate))

    [alone] = costs(simulation, 'default = "pro"\n[assume]\ncache = "transferred"', [Decimal(0)])
    assert below <= alone <= above


@pytest.mark.parametrize("target", ["flash", "pro"])
def test_at_the_hit_rate_a_move_costs_what_was_spent(ledger: Ledger, target: str) -> None:
    """More hits cost less, so the two sides are the other way round. A warm Pro session, and a cold one on Flash beside it."""
    simulation = simulated(ledger, [request(100, 9900, 10, model="deepseek-v4-pro"), request(600, 0, 10)])
    [overall, *_] = break_evens(simulation.price(ALL_FLASH), simulation.price(ALL_PRO))
    rate = overall.hit_rate_flash if target == "flash" else overall.hit_rate_pro
    assert rate is not None
    assert 0 < rate < 1

    below, above = costs(simulation, f'default = "{target}"\n[assume]\nhit_rate = VALUE', around(rate))

    spent = simulation.price(ACTUAL).cost
    assert spent is not None
    assert below >= spent >= above


def test_at_the_output_ratio_the_saving_is_eaten(ledger: Ledger) -> None:
    """Two move from Pro to Flash, and their outputs grow until nothing is saved; those of the third are there already."""
    warm = request(model="deepseek-v4-pro", session_id="s")
    simulation = simulated(ledger, [warm, request(50, 0, 900, model="deepseek-v4-pro"), request(50, 0, 5000)])
    [overall, *_] = break_evens(simulation.price(ALL_FLASH), simulation.price(ALL_PRO))
    assert overall.output_ratio_flash is not None

    below, above = costs(
        simulation,
        'default = "flash"\n[assume]\noutput_ratio = { flash = VALUE }',
        around(overall.output_ratio_flash),
    )

    spent = simulation.price(ACTUAL).cost
    assert spent is not None
    assert below <= spent <= above


def test_break_evens_by_hand(ledger: Ledger) -> None:
    """One Flash request of 400 misses, 600 hits and 100 tokens out, in May 2026."""
    simulation = simulated(ledger, [request()])

    overall, chat = break_evens(simulation.price(ALL_FLASH), simulation.price(ALL_PRO))

    spent, on_pro = cost(FLASH, 400, 600, 100), cost(PRO, 400, 600, 100)
    assert (chat.endpoint, chat.actual, chat.flash, chat.pro) == ("/chat", spent, spent, on_pro)
    assert chat.pro_share == 0
    assert chat.escalation_rate == Fraction(on_pro - spent) / Fraction(cost(PRO, 1000, 0, 100))
    assert chat.hit_rate_flash == Fraction(6, 10)
    assert chat.output_ratio_flash is None  # nothing moves to Flash
    rest = cost(PRO, 400, 600, 0)
    assert chat.output_ratio_pro == Fraction(spent - rest) / Fraction(on_pro - rest)
    saved = 1000 * (PRO[0] - PRO[1]) / MILLION
    assert chat.hit_rate_pro == Fraction(cost(PRO, 1000, 0, 100) - spent) / Fraction(saved)
    assert chat.hit_rate_pro > 1  # Pro costs more whatever it hits
    assert {**vars(overall), "endpoint": "/chat", "overall": False} == vars(chat)


def test_what_has_no_price_breaks_even_nowhere(ledger: Ledger) -> None:
    simulation = simulated(ledger, [request(model="acme-chat-9b")])

    for each in break_evens(simulation.price(ALL_FLASH), simulation.price(ALL_PRO)):
        assert {name: value for name, value in vars(each).items() if value is not None} in (
            {"overall": True},
            {"overall": False, "endpoint": "/chat"},
        )


def test_what_one_of_both_has_no_price_for_breaks_even_nowhere() -> None:
    """Two calls of /a cost 5 in reality, and 3 on Flash; Pro has a price for one of them, 4. /b is priced on both."""

    def result(**columns: list[Any]) -> Any:
        parts = {name: [0, 0] for name in ("missed", "saved", "output", "moved_output", "request")}
        whole = {f"compared_{name}": values for name, values in {**parts, **columns}.items()}
        return SimpleNamespace(endpoints=pl.DataFrame({"endpoint": ["/a", "/b"], **whole}))

    flash = result(requests=[2, 1], actual=[5, 7], transferred=[3, 6], modelled=[3, 6])
    pro = result(requests=[1, 1], actual=[2, 7], transferred=[4, 8], modelled=[4, 8])

    overall, one, other = break_evens(flash, pro)

    for each in (overall, one):
        assert {value for name, value in vars(each).items() if name not in {"endpoint", "overall"}} == {None}
    assert other.pro_share == Fraction(7 - 6, 8 - 6)


# ------------------------------------------------------------------------------------------------ the whole outlook


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
    assert next_card(BOOK, ALL_PRO, date(2026, 9, 19), "USD") is None


def test_a_card_that_begins_with_a_day_is_that_day_s() -> None:
    """Pro's card of 2026-09-19 begins at 00:00, as far as is known."""
    assert next_card(BOOK, ALL_PRO, date(2026, 9, 1), "USD") == date(2026, 9, 19)
    assert next_card(BOOK, ALL_PRO, date(2026, 9, 18), "USD") == date(2026, 9, 19)


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


# ------------------------------------------------------------------------------------------------ off-peak


def test_waiting_saves_at_most_half_of_what_was_paid_at_peak(ledger: Ledger) -> None:
    """Monday 2026-10-12, 09:00 UTC: peak until 10:00. An hour's wait halves the price."""
    rows = [
        request(model="deepseek-flash", started_at=datetime(2026, 10, 12, 9), endpoint="/late"),
        request(model="deepseek-flash", started_at=datetime(2026, 10, 12, 7), endpoint="/early"),
        request(model="deepseek-flash", started_at=datetime(2026, 10, 12, 12), endpoint="/cheap"),
    ]
    fill(ledger, rows)
    analysis = analyze(ledger, BOOK, View(), [])

    peak = {row["endpoint"]: row["cost"] for row in analysis.answers["endpoints"].iter_rows(named=True)}
    saved = {(shift.endpoint, shift.wait): shift.saving for shift in analysis.outlook.shifts}

    assert saved["/late", timedelta(hours=1)] == peak["/late"] / 2
    assert ("/early", timedelta(hours=2)) not in saved
    assert saved["/early", timedelta(hours=4)] == saved["/early", timedelta(hours=24)] == peak["/early"] / 2
    assert not any(endpoint == "/cheap" for endpoint, _ in saved)


PEAK: dict[str, Any] = {"model": "deepseek-flash", "ts": "2026-10-12T07:00:00Z"}


def off_peak(tmp_path: Path, *options: str, **fields: Any) -> list[str]:
    """What the terminal says of hours: a million tokens out, once."""
    log = write(
        tmp_path / "log.jsonl", call(**{"input_tokens": 0, "cache_read_tokens": 0, "output_tokens": 10**6, **fields})
    )
    lines = " ".join(spend("simulate", log, "--quiet", *options).out.split())
    return [
        words for words in ("other hours of the same list save half of it, $0.60", "Waiting saves") if words in lines
    ]


@pytest.mark.endurance
def test_the_ceiling_of_waiting_is_of_the_list_alone(tmp_path: Path) -> None:
    """Flash asks 1.20 for a million at peak hours. With an own price for all hours, no hour is cheaper."""
    own = write(tmp_path / "own.toml", "[prices]", '"deepseek-flash" = { output = "1.20" }')

    assert off_peak(tmp_path, **PEAK) == ["other hours of the same list save half of it, $0.60", "Waiting saves"]
    assert off_peak(tmp_path, "--prices", str(own), **PEAK) == []


@pytest.mark.endurance
def test_waiting_from_standard_hours_is_told(tmp_path: Path) -> None:
    """In 2025 nights were cheaper, and nothing was called peak."""
    assert off_peak(tmp_path, model="deepseek-reasoner", ts="2025-05-05T12:00:00Z") == ["Waiting saves"]


# ------------------------------------------------------------------------------------------------ advice


def told(**changes: Any) -> Advice:
    """Advice for an endpoint with 30 days of 100 calls, plain but for the changes; Pro costs $10 more than Flash."""
    row = {
        "endpoint": "/x", "requests": 100, "measured": 100, "seconds": 30 * 86400, "output_tokens": 5_000_000,
        "output_tokens_p90": 900.0, "input_tokens_p90": 9000.0, "cache_hit_rate": 0.5, "tool_calls_known": 0,
        "tool_calls_chained": 0, "reasoning_known": 0, "reasoning_share": None,
    }  # fmt: skip
    even = BreakEven(
        "/x", False, *[None] * 6, actual=Decimal(12), flash=Decimal(5), pro=Decimal(changes.pop("pro", 15))
    )
    outcomes = pl.DataFrame(
        [{"endpoint": "/x", "model": "m", "requests": 100, "failed": changes.pop("failed", 0)}],
    )
    [found] = advice(pl.DataFrame([row | changes]), outcomes, [even])
    return found


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, "flash"),
        ({"measured": 29}, "not enough data"),
        ({"measured": 30}, "flash"),
        ({"output_tokens": 999_999}, "either"),
        ({"output_tokens": 1_000_000}, "flash"),
        ({"output_tokens_p90": 10_000.0}, "flash"),
        ({"output_tokens_p90": 10_000.1}, "pro"),
        ({"input_tokens_p90": 100_000.0}, "flash"),
        ({"input_tokens_p90": 100_000.5}, "pro"),
        ({"tool_calls_known": 100, "tool_calls_chained": 50}, "flash"),
        ({"tool_calls_known": 100, "tool_calls_chained": 51}, "pro"),
        ({"tool_calls_known": 29, "tool_calls_chained": 29}, "flash"),
        ({"reasoning_known": 100, "reasoning_share": 0.5}, "flash"),
        ({"reasoning_known": 100, "reasoning_share": 0.51}, "pro"),
        ({"pro": 5}, "pro"),  # costs no more than Flash
        ({"output_tokens_p90": 10_001.0, "output_tokens": 10}, "pro"),  # cost does not decide; the work does
    ],
)
def test_the_guides_table_on_both_sides_of_its_bounds(changes: dict[str, Any], verdict: str) -> None:
    assert told(**changes).verdict == verdict


@pytest.mark.parametrize(
    ("tokens", "volume"), [(999_999, "small"), (1_000_000, "middle"), (10_000_000, "middle"), (10_000_001, "large")]
)
def test_volumes_are_of_30_days(tokens: int, volume: str) -> None:
    assert told(output_tokens=tokens).volume == volume
    assert told(output_tokens=tokens * 2, seconds=60 * 86400).volume == volume


def test_a_stake_of_thousands_of_millions_of_millions_is_exact() -> None:
    """10^16 and its last decimal are more digits than decimals have by themselves. A day of it is a thirtieth of 30."""
    pro = Decimal("10000000000000005.000000000000001")
    assert told(pro=pro, seconds=86400).at_stake == Decimal("300000000000000000.000000000000030")


def test_evidence_names_what_produced_it() -> None:
    found = told(cache_hit_rate=0.71, failed=3, output_tokens_p90=12_000.0)

    assert found.evidence[0].startswith("long outputs")
    assert "hit rate 71%: compared, Flash costs less than was spent" in found.evidence
    assert "failed: 3.0% on m" in found.evidence
    assert "hit rate" not in " ".join(told(cache_hit_rate=0.70).evidence)


def test_stakes_are_of_a_month_and_the_highest_come_first() -> None:
    """$10 more on Pro in 60 days are $5 in 30."""
    assert told(seconds=60 * 86400).at_stake == 5


def test_the_share_of_work_where_cost_does_not_decide() -> None:
    small, large = told(output_tokens=500_000), told(output_tokens=2_000_000)

    assert undecided_share([small, large]) == pytest.approx(0.2)
    assert undecided_share([]) is None


# ------------------------------------------------------------------------------------------------ the command


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
    told = spend("simulate", Path(__file__).parents[1] / "sample_logs", "--quiet").out.split("\n\n")
    [differences] = [part.splitlines()[2:] for part in told if part.startswith("What if ")]
    [steps] = [part.splitlines()[2:] for part in told if part.startswith("Difference, USD ")]
    cells = [line.split() for line in differences[1:4]]
    expected = {words[0].rstrip("*"): Decimal(words[2]) for words in cells}
    assert {words[0]: sum(map(Decimal, words[1:])) for words in map(str.split, steps)} == expected


def test_a_budget_decides_the_pro_share(tmp_path: Path) -> None:
    log = write(tmp_path / "log.jsonl", call())
    spent, on_pro = cost(FLASH, 400, 600, 100), cost(PRO, 400, 600, 100)

    document = spend("simulate", log, "--json", "--budget", str((spent + on_pro) / 2)).document

    assert document["break_evens"][0]["pro_share"] == pytest.approx(0.5)
    assert [spend("simulate", log, "--budget", text).code for text in ("much", "-1", "nan", "1e12")] == [2, 2, 2, 2]


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
def test_what_has_a_price_on_flash_alone_has_no_break_even(tmp_path: Path) -> None:
    """In euros only Flash has one, an own one: a quotient would set it against nothing."""
    own = write(tmp_path / "own.toml", '[prices]\nflash = { input = "1", output = "2", currency = "EUR" }')
    log = write(tmp_path / "log.jsonl", call())

    document = spend("simulate", log, "--json", "--currency", "EUR", "--prices", own).document

    (overall, chat) = document["break_evens"]
    assert document["totals"]["cost"] is not None
    assert [{name for name, value in each.items() if value is not None} for each in (overall, chat)] == [
        {"overall"},
        {"overall", "endpoint"},
    ]


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


def test_a_scenario_of_its_own_prices_has_a_bridge(tmp_path: Path) -> None:
    """Where only own prices know the target, routing and price are one step."""
    log = write(tmp_path / "log.jsonl", call())
    mine = tmp_path / "mine.toml"
    mine.write_text('default = "my-model"\n[prices]\n"my-model" = { input = "1", output = "1" }\n')

    [_, told] = spend("simulate", log, "--scenario", mine, "--json").document["scenarios"]

    assert [step["driver"] for step in told["bridge"]] == ["routing and price"]
    assert told["bridge"][0]["amount"] == told["difference"]


@pytest.mark.endurance
def test_what_a_plan_replaces_is_not_known_of_calls_without_a_price(ledger: Ledger) -> None:
    """Three calls are covered; of a house model no price is known. The fee replaces one on Flash, and two of nobody knows."""
    house = {"model": "house-model", "input_tokens": 1000, "cache_read_tokens": 0, "output_tokens": 100}
    fill(ledger, [house, house, house | {"model": "deepseek-v4-flash"}, house | {"model": "deepseek-v4-pro"}])
    prepare(ledger, BOOK, View())
    plans = [
        scenario(f'[assume]\nfixed_fee = {{ amount = "20", covers = [{covers}] }}', name)
        for name, covers in (("some", '"house-*", "*-flash"'), ("none", '"house-*"'), ("nothing", '"*-nobody"'))
    ]

    found = analyze(ledger, BOOK, View(), plans)

    some, none, nothing = found.outlook.plans
    by_tokens = cost(FLASH, 1000, 0, 100)
    assert (some.covered, some.unpriced, some.replaced) == (3, 2, by_tokens)
    assert some.volume == round(20 / by_tokens, 15)
    assert (none.covered, none.unpriced, none.replaced, none.volume, none.requests_a_month) == (2, 2, None, None, None)
    assert (nothing.fee, nothing.covered, nothing.unpriced, nothing.replaced) == (0, 0, 0, None)
    assert [result.covered_uncompared for result in found.results] == [0, 2, 2, 0]
    told = " ".join(plans_told(found).split())
    assert (
        "some: a fee of $20.000000 stands for $0.000168 by tokens and 2 of 3 calls whose price by tokens is not known"
        in told
    )
    assert "calls a month, at most." in told
    assert (
        "none: a fee of $20.000000 stands for 2 of 2 calls whose price by tokens is not known; when it pays is not"
        in told
    )
    assert "nothing: a fee of $0.000000 covers nothing here." in told
    assert "The fee of some also pays for 2 calls whose cost is not known" in verdict(found)


@pytest.mark.endurance
def test_a_plan_for_calls_without_a_price_has_no_volume_at_which_it_pays(ledger: Ledger) -> None:
    """A call from before there was Pro. Its answer is asked again of Flash in either case; only the plan makes it all priced."""
    call = {"model": "deepseek-v4-pro", "input_tokens": 1000, "cache_read_tokens": 0, "output_tokens": 100}
    fill(ledger, [call | {"started_at": datetime(2026, 3, 2)}])
    prepare(ledger, BOOK, View())
    cascade = 'escalate = { from = "pro", to = "flash", rate = 0.5 }'
    plan = scenario(f'[assume]\nfixed_fee = {{ amount = "20", covers = ["*-pro"] }}\n{cascade}', "plan")

    [told] = analyze(ledger, BOOK, View(), [plan]).outlook.plans

    assert (told.fee, told.volume, told.requests_a_month) == (20, None, None)
    assert (told.covered, told.unpriced, told.replaced) == (1, 1, None)


@pytest.mark.endurance
def test_volumes_of_exports_are_of_their_buckets(tmp_path: Path) -> None:
    """Two days of a usage export, a million tokens of output each: thirty million in thirty days."""
    log = export(
        tmp_path / "amount-2026-5.csv", EXPORT_HEAD,
        *(f"u,2026-05-0{day},deepseek-v4-flash,k,sk-***,{kind},{price},{amount}" for day in (1, 2) for kind, price, amount in (
            ("input_cache_miss_tokens", "0.00000014", 100), ("output_tokens", "0.00000028", 1_000_000), ("request_count", "", 40))),
    )  # fmt: skip

    document = spend("simulate", log, "--json").document

    assert document["period"] == {"from": "2026-05-01T00:00:00Z", "to": "2026-05-03T00:00:00Z"}
    [told] = document["advice"]
    assert (told["output_tokens_a_month"], told["volume"]) == (30_000_000, "large")


@pytest.mark.endurance
def test_init_writes_a_scenario_that_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the endpoints are called: names are data, and the example fits its costliest endpoint alone."""
    monkeypatch.chdir(tmp_path)
    hostile = 'a\\*"]\nto = "x"\n# \u202e[b]?'
    log = write(
        tmp_path / "log.jsonl", call(id="1", endpoint=hostile, input_tokens=10**6), call(id="2", endpoint="a-other")
    )

    made = spend("simulate", log, "--init", "mine", "--quiet")
    again = spend("simulate", log, "--init", "mine", "--quiet")
    run = spend("simulate", log, "--scenario", "mine.toml", "--json").document

    assert made.out == "mine.toml: a scenario to start from\n"
    assert (again.code, again.err.splitlines()[-2]) == (1, "spend: mine.toml: is there already")
    assert [each["name"] for each in run["scenarios"]] == ["actual", "mine"]
    assert run["scenarios"][1]["moved"] == 1
    text = (tmp_path / "mine.toml").read_text(encoding="utf-8")
    assert "\u202e" not in text
    commented = "\n".join(
        line.removeprefix("# ")
        for line in text.splitlines()
        if line.startswith(("# hit_rate =", "# output_ratio =", "# off_peak ="))
    )
    assert scenario(text.replace("[assume]", "[assume]\n" + commented, 1)).hit_rate == Decimal("0.80")


@pytest.mark.endurance
def test_init_asks_for_no_endpoint_where_a_log_names_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No glob fits what a log does not name: the rule would take nothing."""
    monkeypatch.chdir(tmp_path)
    log = write(
        tmp_path / "log.jsonl",
        call(id="1", endpoint=..., input_tokens=20_000),
        call(id="2", endpoint=..., input_tokens=19_999),
    )

    assert spend("simulate", log, "--init", "mine", "--quiet").code == 0
    run = spend("simulate", log, "--scenario", "mine.toml", "--json").document

    assert (run["scenarios"][1]["moved"], run["scenarios"][1]["idle_rules"]) == (1, [])
    text = (tmp_path / "mine.toml").read_text(encoding="utf-8")
    waiting = text.replace("# off_peak =", "off_peak =")
    assert scenario(waiting).off_peak == Wait((), timedelta(hours=8))


@pytest.mark.endurance
def test_init_speaks_of_endpoints_whatever_the_analysis_groups_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    log = write(tmp_path / "log.jsonl", call(endpoint="/chat", team="growth"))

    assert spend("simulate", log, "--endpoint-by", "team", "--init", "mine", "--quiet").code == 0

    text = (tmp_path / "mine.toml").read_text(encoding="utf-8")
    assert 'endpoint = ["/chat"]' in text
    assert "growth" not in text


@pytest.mark.endurance
def test_a_day_of_an_export_waits_from_the_first_hour_at_its_price(tmp_path: Path) -> None:
    """2026-10-21 is a Wednesday with peak hours from 01:00 to 04:00 UTC. Nobody knows at which of them the calls were."""
    price = {"input_cache_miss_tokens": "0.0000003", "output_tokens": "0.0000012", "request_count": ""}
    rows = [
        f"u,{{at}}deepseek-flash,k,sk-***,{kind},{price[kind]},{amount}"
        for kind, amount in (("input_cache_miss_tokens", 1000), ("output_tokens", 100), ("request_count", 7))
    ]
    days = export(tmp_path / "amount-days.csv", EXPORT_HEAD, *(row.format(at="2026-10-21,") for row in rows))
    at = "2026-10-21T03:00:00Z,2026-10-21T04:00:00Z,"
    hours = export(tmp_path / "amount-hours.csv", ZONED_HEAD, *(row.format(at=at) for row in rows))

    told = {log: spend("simulate", log, "--json").document["off_peak"] for log in (days, hours)}

    assert [one["wait"] for one in told[days]] == ["4h", "8h", "12h", "24h"]
    assert [one["wait"] for one in told[hours]] == ["1h", "2h", "4h", "8h", "12h", "24h"]
    assert {one["saving"] for one in (*told[days], *told[hours])} == {"0.00021"}
    said = "7 calls of usage exports wait from the first instant of their bucket at their price"
    assert said in " ".join(spend("simulate", days).out.split())
