"""The examples of docs/numbers.md, by hand: each figure there is worked out here and asked of the program."""

import re
import zipfile
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from pathlib import Path
from statistics import mean, median
from typing import Any

import pytest
from pages import blocks
from support import EXPORT_HEAD, FLASH, PRO, ROOT, call, spend, write

from analyzer.finance.anomalies import score
from analyzer.finance.apportion import apportion
from analyzer.finance.cell import Cell
from analyzer.finance.forecast import _range
from analyzer.finance.month import Month
from analyzer.finance.price_volume_mix import price_volume_mix
from analyzer.finance.profile import Point
from analyzer.finance.projection import RUN_RATE, Projection
from analyzer.finance.shapley import PARTS, shapley
from analyzer.report.amounts import difference, nearest, rounded

PAGE = ROOT / "docs/numbers.md"
TEXT = PAGE.read_text(encoding="utf-8")
LOG = next(block.text for block in blocks(PAGE) if block.kind == "json")
SECTIONS = dict(re.findall(r"^### ([^\n]+)\n(.*?)(?=^##|\Z)", TEXT, re.DOTALL | re.MULTILINE))
FIGURE = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?![\w])")
TOLD: set[str] = set()
Test = Callable[..., None]


def example(title: str) -> Callable[[Test], Test]:
    """Mark the test of a section's example."""
    TOLD.add(title)
    return lambda test: test


def figures(text: str) -> set[str]:
    return {figure.replace(",", "") for figure in FIGURE.findall(text)}


def plain(figure: object) -> str:
    """A figure as a page has it: amounts without trailing zeros, texts as they are."""
    text = f"{figure:f}" if isinstance(figure, Decimal) else str(figure)
    return text.rstrip("0").rstrip(".") if isinstance(figure, Decimal) and "." in text else text


def tells(title: str, computed: Iterable[object], given: str = "") -> None:
    """The example has each of the figures that were computed, and no other but those that are given or in the log.

    Args:
        title: of the section.
        computed: what was worked out here.
        given: what the example starts from, as a text.
    """
    told = figures(SECTIONS[title].split("**Example.**")[1].split("\n\n")[0])
    wanted = {plain(figure) for figure in computed}

    assert wanted - told == set(), "not told"
    assert told - wanted - figures(given) - figures(LOG) == set(), "out of nowhere"


def millionths(price: tuple[Decimal, Decimal, Decimal], misses: int, hits: int, output: int) -> Decimal:
    """The cost in millionths of a dollar: prices are of a million tokens."""
    miss, hit, out = price
    return misses * miss + hits * hit + output * out


def of(amount: object) -> Decimal:
    """An amount of a document in millionths."""
    return Decimal(str(amount)) * 1_000_000


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the program says of the page's log, with the scenario that moves c."""
    folder = tmp_path_factory.mktemp("numbers")
    log = folder / "log.jsonl"
    log.write_text(LOG, encoding="utf-8")
    one_turn = folder / "one-turn.toml"
    one_turn.write_text(
        '[[route]]\nto = "pro"\nendpoint = "/chat"\nmin_input_tokens = 1400\nmax_input_tokens = 1400\n',
        encoding="utf-8",
    )
    return spend(
        "simulate", log, "--scenario", "all-flash", "--scenario", "all-pro", "--scenario", one_turn, "--json"
    ).document


@pytest.fixture
def scenarios(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in answer["scenarios"]}


A, B, C, D = (millionths(FLASH, 1000, 0, 100), millionths(FLASH, 176, 1024, 100), millionths(FLASH, 120, 1280, 100),
              millionths(FLASH, 192, 1408, 100))  # fmt: skip
E, F = millionths(PRO, 10_000, 0, 1000), millionths(PRO, 1120, 10_880, 500)
G, G_HITS = millionths(FLASH, 2000, 0, 200), millionths(FLASH, 0, 2000, 200)
SPENT = A + B + C + D + E + F + G
# All on Flash: e, f with its hits and without, h.
E_FLASH, F_FLASH, F_COLD = (millionths(FLASH, 10_000, 0, 1000), millionths(FLASH, 1120, 10_880, 500),
                            millionths(FLASH, 12_000, 0, 500))  # fmt: skip
H_FLASH = millionths(FLASH, 500, 0, 50)
ON_FLASH = A + B + C + D + E_FLASH + F_FLASH + G  # the compared ones


def test_every_section_has_an_example_that_is_tested() -> None:
    assert set(SECTIONS) == TOLD


def test_every_file_that_it_names_is_there() -> None:
    assert len(re.findall(r"\*Computed in\*", TEXT)) == len(SECTIONS)  # the links are followed by test_docs


@example("Totals")
def test_totals(answer: dict[str, Any]) -> None:
    totals, ledger = answer["totals"], answer["ledger"]

    assert (totals["requests"], ledger["unmeasured"], ledger["cache_unknown"]) == (9, 1, 1)
    assert totals["input_tokens"] == 1000 + 1200 + 1400 + 1600 + 10_000 + 12_000 + 2000 + 500
    assert totals["output_tokens"] == 4 * 100 + 1000 + 500 + 200 + 50
    tells("Totals", [9, totals["input_tokens"], totals["output_tokens"], 1])


@example("Cache hit rate")
def test_hit_rate(answer: dict[str, Any]) -> None:
    hits, known = 1024 + 1280 + 1408 + 10_880, 29_700 - 2000
    rates = [0, 1024 / 1200, 1280 / 1400, 1408 / 1600, 0, 10_880 / 12_000, 0]

    assert answer["totals"]["cache_hit_rate"] == hits / known
    tells("Cache hit rate", [hits, known, f"{100 * hits / known:.1f}", f"{100 * mean(rates):.1f}"])


@example("Percentiles")
def test_percentiles(answer: dict[str, Any]) -> None:
    chat = next(one for one in answer["endpoints"] if one["endpoint"] == "/chat")
    lengths = [1000, 1200, 1400, 1600]

    def percentile(k: int) -> Decimal:
        whole, part = divmod(Decimal(k) * (len(lengths) - 1) / 100, 1)
        return lengths[int(whole)] + part * (lengths[int(whole) + 1] - lengths[int(whole)])

    found = [percentile(k) for k in (50, 90, 99)]
    assert [chat[f"input_tokens_p{k}"] for k in (50, 90, 99)] == [float(one) for one in found]
    tells("Percentiles", [*found, "1.5", "2.7", "2.97"], "90 99")


@example("Cost")
def test_cost(answer: dict[str, Any]) -> None:
    assert of(answer["totals"]["cost"]) == SPENT
    tells(
        "Cost", [A, B, C, D, E, F, G, SPENT, answer["totals"]["cost"]], "0.14 0.0028 0.28 0.435 0.003625 0.87 176 1120"
    )


@example("Unpriced")
def test_unpriced(answer: dict[str, Any]) -> None:
    [row] = answer["unpriced"]
    trial = next(one for one in answer["endpoints"] if one["endpoint"] == "/trial")

    assert (row["model"], row["requests"], trial["cost"]) == ("acme-chat", 1, None)
    tells("Unpriced", [row["input_tokens"], row["output_tokens"]])


@example("The bounds of a scenario")
def test_bounds(scenarios: dict[str, dict[str, Any]]) -> None:
    low = A + B + C + D + E_FLASH + F_FLASH + H_FLASH + G_HITS
    high = A + B + C + D + E_FLASH + F_COLD + H_FLASH + G

    assert (of(scenarios["all-flash"]["low"]), of(scenarios["all-flash"]["high"])) == (low, high)
    tells(
        "The bounds of a scenario", [E_FLASH, F_FLASH, F_COLD, H_FLASH, A + B + C + D, G, G_HITS, low, high]
    )  # fmt: skip


@example("The modelled cache")
def test_modelled_cache(scenarios: dict[str, dict[str, Any]]) -> None:
    """Of prompt and answer of b, 1,300 tokens, ten whole units of 128 are hit by d."""
    units = (1200 + 100) // 128
    c, d = millionths(PRO, 1400, 0, 100), millionths(FLASH, 1600 - units * 128, units * 128, 100)
    whole = SPENT - C - D + c + d
    kept = SPENT - C + millionths(PRO, 120, 1280, 100)

    found = scenarios["one-turn"]
    assert (of(found["cost"]), of(found["lost_cache"])) == (whole, whole - kept)
    tells("The modelled cache", [c, C, d, D, whole, whole - kept, units, units * 128], "128")


@example("Compared requests")
def test_compared_requests(scenarios: dict[str, dict[str, Any]]) -> None:
    found = scenarios["all-flash"]

    assert (found["compared_requests"], found["requests"] - found["unpriced"]) == (7, 9)  # i has a price, but no usage
    assert (of(found["cost"]), of(found["difference"])) == (ON_FLASH + H_FLASH, ON_FLASH - SPENT)
    tells("Compared requests", [7, 8, ON_FLASH + H_FLASH, ON_FLASH, SPENT, ON_FLASH - SPENT, H_FLASH])


@example("Break-evens")
def test_break_evens(answer: dict[str, Any]) -> None:
    [whole, *_] = answer["break_evens"]
    pro = (
        millionths(PRO, 1000, 0, 100) + millionths(PRO, 176, 1024, 100) + millionths(PRO, 120, 1280, 100)
        + millionths(PRO, 192, 1408, 100) + E + F + millionths(PRO, 2000, 0, 200)
    )  # fmt: skip
    cold_pro = millionths(PRO, 29_200, 0, 2100)
    cold_flash, spread = millionths(FLASH, 29_200, 0, 2100), 29_200 * (FLASH[0] - FLASH[1])
    moved = 1500 * FLASH[2]  # the outputs of e and f
    expected = {
        "pro_share": (SPENT - ON_FLASH) / (pro - ON_FLASH),
        "escalation_rate": (pro - ON_FLASH) / cold_pro,
        "hit_rate_flash": (cold_flash - SPENT) / spread,
        "output_ratio_flash": (SPENT - (ON_FLASH - moved)) / moved,
    }

    assert {name: whole[name] for name in expected} == pytest.approx(
        {name: float(one) for name, one in expected.items()}
    )
    tells(
        "Break-evens",
        [
            SPENT, ON_FLASH, pro, SPENT - ON_FLASH, pro - ON_FLASH, cold_pro, cold_flash, spread, moved, ON_FLASH - moved,
            *(f"{value:.4f}" for value in expected.values()),
        ],
    )  # fmt: skip


@example("Sensitivity")
def test_sensitivity(answer: dict[str, Any]) -> None:
    swings = {one["assumption"]: one for one in answer["sensitivity"] if one["scenario"] == "all-flash"}
    none, every = millionths(FLASH, 29_700, 0, 2150), millionths(FLASH, 0, 29_700, 2150)
    moved = (1000 + 500 + 50) * FLASH[2]
    shorter = ON_FLASH + H_FLASH - moved / 4

    assert (of(swings["hit_rate"]["high"]["cost"]), of(swings["hit_rate"]["low"]["cost"])) == (none, every)
    assert of(swings["output_ratio"]["low"]["cost"]) == shorter
    tells(
        "Sensitivity",
        [none, every, 2150 * FLASH[2], moved, ON_FLASH + H_FLASH, shorter, 29_700, 2150],
        "0 100 0.14 0.28 0.0028 0.75 4",
    )


PEAK, OFF_PEAK = (Decimal("0.3"), Decimal("0.006"), Decimal("1.2")), (Decimal("0.15"), Decimal("0.003"), Decimal("0.6"))


@pytest.mark.endurance
@example("Waiting for off-peak hours")
@example("Saved by off-peak hours")
def test_waiting_and_saved(tmp_path: Path) -> None:
    """04:00 UTC is the end of the peak hours from 01:00."""
    usual = {"model": "deepseek-flash", "input_tokens": 1000, "cache_read_tokens": 0, "output_tokens": 100}
    peak = write(tmp_path / "peak.jsonl", call(**usual, ts="2026-10-21T02:00:00Z"))
    off_peak = write(tmp_path / "off-peak.jsonl", call(**usual, ts="2026-10-21T04:00:00Z"))
    dear, cheap = millionths(PEAK, 1000, 0, 100), millionths(OFF_PEAK, 1000, 0, 100)

    waits = {one["wait"]: of(one["saving"]) for one in spend("simulate", peak, "--json").document["off_peak"]}
    review = spend(
        "review", "2026-10", off_peak, "--as-of", "2026-11-01", "--json", "--no-report", "--no-workbook"
    ).document

    assert (waits.get("1h"), waits["2h"]) == (None, dear - cheap)
    assert of(review["unit_economics"][-1]["off_peak_saving"]) == dear - cheap
    tells("Waiting for off-peak hours", [dear, cheap, dear - cheap], "02:00 2026-10-21 1000 100 0.3 1.2 2 04:00")
    tells("Saved by off-peak hours", [dear, cheap, dear - cheap], "04:00")


@example("Why a month changed")
def test_why_a_month_changed() -> None:
    old, new = {"calls": 100, "price": 1}, {"calls": 120, "price": 2}
    values = dict.fromkeys(old, Fraction(0))
    for order in permutations(old):
        at = dict(old)
        for driver in order:
            before = at["calls"] * at["price"]
            at[driver] = new[driver]
            values[driver] += Fraction(at["calls"] * at["price"] - before, 2)

    calls, *_, price = shapley([(100, 120)], [((1, 1), (1, 1), (1, 2))])
    assert (calls, price) == (values["calls"] * PARTS, values["price"] * PARTS)
    change = sum(values.values())
    tells("Why a month changed", [change, values["calls"], values["price"]], "100 1 120 2 20 3 220")


@example("Price, volume and mix")
def test_price_volume_mix() -> None:
    """One line of uncached input; a cent is the unit."""
    before, after = (
        Cell("/chat", "flash", "all", 1, input_tokens=tokens, miss_cost=cost)
        for tokens, cost in ((100, 100), (200, 300))
    )
    volume = Decimal(100) * (Decimal("0.01") + Decimal("0.015")) / 2
    price = Decimal("0.005") * 300 / 2

    found = price_volume_mix({before.key: before}, {after.key: after})
    assert {name: amount for name, amount in found.items() if amount} == {"volume": volume * 100, "price": price * 100}
    tells("Price, volume and mix", [volume, price, 0, volume + price], "100 1 200 3 0.01 0.015 2 0.005 300")


@example("The range of a forecast")
def test_range_of_a_forecast() -> None:
    month, spent = Month(date(2026, 10, 1)), 3100
    rate = Fraction(spent, 10)
    ahead = {date(2026, 10, 11) + timedelta(days=number): rate for number in range(21)}
    point = Point(month, month.start + timedelta(days=10))
    now = Projection(point, RUN_RATE, spent, ahead, spent)
    earlier = [
        Projection(point, RUN_RATE, 0, {date(2026, 9, 11): Fraction(1000)}, total) for total in (900, 1100, 1200)
    ]

    low, high, few = _range(now, earlier)
    assert (now.amount, few) == (9610, None)
    rest = now.amount - spent
    assert (low, high) == (spent + rest * Fraction(9, 10), spent + rest * Fraction(12, 10))
    dollars = [
        f"{float(one) / 1000:.3f}" for one in (rest * Fraction(9, 10), rest * Fraction(12, 10), low or 0, high or 0)
    ]
    tells("The range of a forecast", [*dollars, "9.61", "6.51", "0.31"], "3.10 31 0.9 1.1 1.2")


@example("Days out of the ordinary")
def test_days_out_of_the_ordinary() -> None:
    before, cost = [10, 10, 11, 11, 12, 12, 13, 13], 20
    usual = median(before)
    mad = median([abs(one - usual) for one in before])

    found = score(cost, before)
    assert found == (Fraction(23, 2), Fraction(85, 10) / Fraction(14826, 10000))
    assert (usual, mad) == (11.5, 1)
    tells(
        "Days out of the ordinary",
        [usual, "1", cost - usual, f"{(cost - usual) / 1.4826:.2f}"],
        "10 11 12 13 20 1.4826",
    )


@example("Showback and shared costs")
def test_shared_costs() -> None:
    shares = apportion([100, 100, 100], 3, 100)

    assert shares == [34, 33, 33]
    tells("Showback and shared costs", [100, *set(shares)])


@pytest.mark.endurance
@example("Reconciliation")
def test_reconciliation(tmp_path: Path) -> None:
    calls = [
        call(id=f"r{number}", ts="2026-05-04T10:00:00Z", model="deepseek-v4-pro", input_tokens=1000, cache_read_tokens=0, output_tokens=0)
        for number in range(9)
    ]  # fmt: skip
    bill = "".join(
        f"{line}\r\n"
        for line in (
            EXPORT_HEAD,
            "u,2026-05-04,deepseek-v4-pro,k,sk-***,input_cache_miss_tokens,0.000000435,10000",
            "u,2026-05-04,deepseek-v4-pro,k,sk-***,request_count,,10",
            "u,2026-05-05,deepseek-v4-flash,k,sk-***,request_count,,0",  # a later bucket: the first is settled
            "u,2026-05-05,deepseek-v4-flash,k,sk-***,input_cache_miss_tokens,0.00000014,0",
        )
    )
    with zipfile.ZipFile(tmp_path / "usage.zip", "w") as packed:
        packed.writestr("amount-2026-5.csv", "\ufeff" + bill)
    db = tmp_path / "spend.duckdb"
    assert spend("ingest", write(tmp_path / "log.jsonl", *calls), "--db", db).code == 0

    found = spend("reconcile", tmp_path / "usage.zip", "--db", db, "--json").document

    billed, computed = millionths(PRO, 10_000, 0, 0), millionths(PRO, 9000, 0, 0)
    assert (of(found["billed"]), of(found["computed"]), of(found["difference"])) == (
        billed,
        computed,
        billed - computed,
    )
    assert [one["cause"] for one in found["buckets"] if one["billed"] != one["computed"]] == ["missing-requests"]
    assert found["explained_share"] == 0.9
    tells("Reconciliation", [billed, computed, billed - computed, "90"], "10 10000 0.435 9 9000")


@example("Rounding to cents")
def test_rounding_to_cents() -> None:
    amounts = [Decimal("0.004")] * 3

    shown = rounded(amounts)
    assert shown == [Decimal("0.01"), Decimal("0.00"), Decimal("0.00")]
    tells("Rounding to cents", ["0.01", "0.00", sum(amounts)], "0.004")


@example("Differences of shown amounts")
def test_a_difference_of_shown_amounts() -> None:
    spent, scenario = Decimal("10.006"), Decimal("10.0025")

    shown = [nearest(amount, 2) for amount in (spent, scenario)]
    assert shown == [Decimal("10.01"), Decimal("10.00")]
    assert difference(scenario, spent, 2) == shown[1] - shown[0] == Decimal("-0.01")
    assert nearest(scenario - spent, 2) == 0
    tells(
        "Differences of shown amounts", ["10.01", "10.00", Decimal("-0.01"), scenario - spent, "0.00"], "10.006 10.0025"
    )
