"""Break-evens by hand, and by simulating on both sides of each."""

from collections.abc import Iterator, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from assumed import HISTORY, request, simulated
from support import FLASH, MILLION, PRO, call, cost, scenario, spend, write

from analyzer.ledger import Ledger
from analyzer.simulate.breakeven import BreakEven, break_evens
from analyzer.simulate.scenario import ACTUAL
from analyzer.simulate.scenario import FLASH as ALL_FLASH
from analyzer.simulate.scenario import PRO as ALL_PRO
from analyzer.simulate.whatif import Simulation


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    with Ledger.throwaway() as made:
        yield made


STEP = Decimal("0.000001")  # the finest share a scenario takes


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


def test_a_budget_decides_the_pro_share(tmp_path: Path) -> None:
    log = write(tmp_path / "log.jsonl", call())
    spent, on_pro = cost(FLASH, 400, 600, 100), cost(PRO, 400, 600, 100)

    document = spend("simulate", log, "--json", "--budget", str((spent + on_pro) / 2)).document

    assert document["break_evens"][0]["pro_share"] == pytest.approx(0.5)
    assert [spend("simulate", log, "--budget", text).code for text in ("much", "-1", "nan", "1e12")] == [2, 2, 2, 2]


CHEAPER_PRO = """
[prices]
flash = { input = "0.6", cache_read = "0.6", output = "2" }
pro = { input = "0.3", cache_read = "0.3", output = "1" }
"""


@pytest.mark.parametrize(
    ("budget", "told"),
    [
        ("0.00060", "from 50.0%"),  # 0.0008 on Flash, 0.0004 on Pro: half of it has to be there
        ("0.00081", "any"),
        ("0.00039", "none"),
    ],
)
@pytest.mark.endurance
def test_where_pro_is_the_cheaper_one_a_budget_says_how_much_has_to_be_there(
    budget: str, told: str, tmp_path: Path
) -> None:
    """1,000 tokens in, no hits, and 100 out: 1000 x 0.6 + 100 x 2, and half of it, per million."""
    own = write(tmp_path / "own.toml", CHEAPER_PRO)
    log = write(tmp_path / "log.jsonl", call(cache_read_tokens=0))

    run = spend("simulate", log, "--prices", own, "--budget", budget)

    [overall, chat] = [line.split() for line in run.out.splitlines() if line.endswith("x 5.00")]
    assert overall[:-6] == ["all", *told.split()]
    assert chat[:-6] == ["/chat", "from", "0.0%"]  # what was spent is all of it on Flash


@pytest.mark.endurance
def test_the_report_says_how_much_has_to_be_there_too(tmp_path: Path) -> None:
    own = write(tmp_path / "own.toml", CHEAPER_PRO)
    log = write(tmp_path / "log.jsonl", call(cache_read_tokens=0))

    spend("analyze", log, "--prices", own, "--report", tmp_path / "page.html")

    table = (
        (tmp_path / "page.html").read_text(encoding="utf-8").partition('id="break-evens"')[2].partition("</table>")[0]
    )
    assert table.count("from 0.0%") == 2


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
