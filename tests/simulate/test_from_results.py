"""What is told of scenarios once they are priced: bridges, swings, lines, plans and waits, over results made by hand."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import duckdb
import polars as pl
import pytest
from support import BOOK

from analyzer.prices.own import read_own
from analyzer.simulate.bridge import Step, bridge
from analyzer.simulate.changes import PriceChange, changes
from analyzer.simulate.offpeak import WAITS, Shift, shifts
from analyzer.simulate.outlook import PlanBreakEven, _has_windows, _plan
from analyzer.simulate.result import Result
from analyzer.simulate.scenario import Escalation, Plan, Scenario, Wait
from analyzer.simulate.sensitivity import Point, Swing, curves, mix, swings
from analyzer.simulate.whatif import Simulation

PLAIN = Scenario("what-if", "What if", default="deepseek-v4-pro")
NOTHING = Result(
    scenario=PLAIN, requests=0, unpriced=0, compared_requests=0, compared_actual=None, difference=None,
    before_first_price=0, moved=0, cost=None, low=None, high=None, lost_cache=None, all_misses=None, all_hits=None,
    moving_outputs=None, logged_outputs=None, fee=Decimal(0), fee_months=0, covered=0, covered_unpriced=0,
    covered_uncompared=0, replaced=None, other_tokenizers=(), idle_rules=(), cache_basis="session", decimals=15,
    endpoints=pl.DataFrame(),
)  # fmt: skip


def came_to(scenario: Scenario = PLAIN, **figures: Any) -> Result:
    """A result of some figures; amounts may be written as texts."""
    told = {name: Decimal(value) if isinstance(value, str) else value for name, value in figures.items()}
    return replace(NOTHING, scenario=scenario, **told)


class Priced:
    """A simulation whose scenarios cost what a test says."""

    currency = "USD"
    price_date: date | None = None

    def __init__(self, price: Callable[[Scenario], Result]) -> None:
        self.price = price


def simulation(price: Callable[[Scenario], Result]) -> Simulation:
    return cast("Simulation", Priced(price))


# ------------------------------------------------------------------------------------------------------ the bridge

INGREDIENTS: dict[str, tuple[Mapping[str, object], str]] = {
    "price": ({"price_date": date(2026, 5, 1)}, "20"),
    "tokens": ({"input_ratio": {"*": Decimal(2)}}, "300"),
    "waiting": ({"off_peak": Wait((), timedelta(hours=1))}, "4000"),
    "escalation": ({"escalate": Escalation("flash", "pro", Decimal("0.1"))}, "50000"),
    "subscription": ({"fixed_fee": Plan(Decimal(9), ("*",))}, "600000"),
}


def whole(*left_out: str, **more: Any) -> Scenario:
    given: dict[str, Any] = {}
    for driver, (words, _) in INGREDIENTS.items():
        given |= {} if driver in left_out else words
    return replace(PLAIN, **given | more)


def dearer(scenario: Scenario) -> Decimal:
    """Routing costs 1 more, each ingredient another power of ten."""
    added = [amount for words, amount in INGREDIENTS.values() if all(getattr(scenario, word) for word in words)]
    return sum(map(Decimal, added), Decimal(1 if scenario.destinations else 0))


def test_each_ingredient_is_a_step_and_the_cache_the_last() -> None:
    """Of the whole 7 are lost hits; on the way each variant loses some, which count for nothing there."""

    def price(scenario: Scenario) -> Result:
        lost = Decimal(len(scenario.input_ratio) + 2)
        return came_to(scenario, difference=dearer(scenario) + lost, lost_cache=lost)

    last = came_to(whole(), difference=dearer(whole()) + 7, lost_cache="7")
    drivers = [("routing", "1"), *((driver, amount) for driver, (_, amount) in INGREDIENTS.items()), ("cache", "7")]
    assert bridge(simulation(price), last) == tuple(Step(driver, Decimal(amount)) for driver, amount in drivers)


@pytest.mark.parametrize("driver", INGREDIENTS)
def test_what_a_scenario_does_not_change_is_no_step(driver: str) -> None:
    asked: list[Scenario] = []

    def price(scenario: Scenario) -> Result:
        asked.append(scenario)
        return came_to(scenario, difference=dearer(scenario), lost_cache="0")

    scenario = whole(driver)
    steps = bridge(simulation(price), came_to(scenario, difference=dearer(scenario), lost_cache="0"))

    assert [step.driver for step in steps] == ["routing", *(name for name in INGREDIENTS if name != driver)]
    assert scenario not in asked, "it is priced already"


@pytest.mark.parametrize(
    ("words", "driver"),
    [
        ({"prices": tuple(read_own('[prices]\nm = { input = "1", output = "1" }', "own"))}, "price"),
        ({"output_ratio": {"*": Decimal(2)}}, "tokens"),
    ],
)
def test_either_word_is_an_ingredient(words: dict[str, Any], driver: str) -> None:
    scenario = replace(PLAIN, default="as-logged", **words)
    steps = bridge(simulation(came_to), came_to(scenario, difference="5", lost_cache="0"))
    assert steps == (Step(driver, Decimal(5)),)


@pytest.mark.parametrize("other", [{"compared_requests": 8}, {"compared_actual": "3"}])
def test_what_compares_other_requests_is_told_with_the_next(other: dict[str, Any]) -> None:
    """Before a subscription one request has no price."""

    def price(scenario: Scenario) -> Result:
        compared = {"compared_requests": 9, "compared_actual": "4"} | ({} if scenario.fixed_fee else other)
        return came_to(scenario, difference=dearer(scenario), lost_cache="0", **compared)

    scenario = whole("waiting", "escalation", "price")
    last = came_to(scenario, difference="600301", lost_cache="0", compared_requests=9, compared_actual="4")
    assert bridge(simulation(price), last) == (Step("routing and tokens and subscription", Decimal(600301)),)


def test_a_bridge_of_nothing_has_one_pier_and_of_the_unknown_none() -> None:
    still = replace(PLAIN, default="as-logged")
    assert bridge(simulation(came_to), came_to(still, difference="0", lost_cache="0")) == (Step("cache", Decimal(0)),)
    assert bridge(simulation(came_to), came_to(still)) == ()


def test_a_hit_rate_is_of_the_cache() -> None:
    """Until the last step the hits are those that were observed."""

    def price(scenario: Scenario) -> Result:
        assert scenario.hit_rate is None
        return came_to(scenario, difference="1", lost_cache="0")

    last = came_to(replace(PLAIN, hit_rate=Decimal(0)), difference="4", lost_cache="0")
    assert bridge(simulation(price), last) == (Step("routing", Decimal(1)), Step("cache", Decimal(3)))


# ------------------------------------------------------------------------------------------------ swings and lines

ENDS = {
    "all_misses": "9",
    "all_hits": "4",
    "cost": "6",
    "moving_outputs": "2",
    "logged_outputs": "1",
    "low": "5",
    "high": "8",
}


def test_lines_go_from_one_end_to_the_other() -> None:
    """9 with no hits, 4 with all; of 6 are 2 outputs of what moves, which were half as long: 4 without, and 1 for each length."""
    points = [*curves(came_to(moved=1, **ENDS))]
    rates = [Point("what-if", "hit_rate", Decimal(tenth) / 10, 9 - Decimal(tenth) / 2) for tenth in range(11)]
    lengths = [Decimal(text) for text in ("0.5", "0.75", "1", "1.25", "1.5", "1.75", "2")]
    assert points == [*rates, *(Point("what-if", "output_ratio", length, 4 + length) for length in lengths)]


def test_what_moves_nothing_has_no_outputs_that_could_be_longer() -> None:
    still = came_to(moved=0, **ENDS)
    assert {point.assumption for point in curves(still)} == {"hit_rate"}
    assert [swing.assumption for swing in swings(simulation(came_to), BOOK, still, None)] == ["cache", "hit_rate"]


@pytest.mark.parametrize("unknown", ["cost", "moving_outputs", "logged_outputs", "all_misses", "all_hits"])
def test_a_line_without_an_end_is_not_known(unknown: str) -> None:
    line = "hit_rate" if unknown.startswith("all") else "output_ratio"
    points = [*curves(came_to(moved=1, **ENDS | {unknown: None}))]
    assert {point.cost is None for point in points if point.assumption == line} == {True}
    assert {point.cost is None for point in points if point.assumption != line} == {False}


def test_a_share_of_pro_costs_that_part_of_both() -> None:
    """Flash 10, Pro 30, by endpoint and in units of 1e-15; what was modelled is no matter here."""
    frames = [pl.DataFrame({"transferred": [units, None, units], "modelled": [1, 2, 3]}) for units in (5, 15)]
    flash, pro = (came_to(endpoints=frame, decimals=0) for frame in frames)
    assert [*mix(flash, pro)] == [
        Point("flash and pro", "pro_share", Decimal(tenth) / 10, Decimal(10 + 2 * tenth)) for tenth in range(11)
    ]


MAY = date(2026, 5, 1)
MAY_FIRST = datetime(2026, 5, 1, tzinfo=UTC)
NEXT = date(2026, 8, 17)  # the card of 2026-08-16T16:00, by the first midnight that it has


def test_swings_of_a_scenario_that_moves() -> None:
    def price(scenario: Scenario) -> Result:
        assert scenario == replace(PLAIN, price_date=NEXT)
        return came_to(scenario, cost="7")

    found = [*swings(simulation(price), BOOK, came_to(moved=1, **ENDS), MAY_FIRST)]
    assert found == [
        Swing("what-if", "cache", "transferred", "cold", Decimal(5), Decimal(8)),
        Swing("what-if", "hit_rate", "100%", "0%", Decimal(4), Decimal(9)),
        Swing("what-if", "output_ratio", "x 0.75", "x 1.5", Decimal("4.75"), Decimal("5.5")),
        Swing("what-if", "price_date", "in-force", "2026-08-17", Decimal(6), Decimal(7)),
    ]


@pytest.mark.parametrize(
    ("scenario", "end"),
    [(PLAIN, None), (PLAIN, datetime(2026, 9, 19, 1, tzinfo=UTC)), (replace(PLAIN, price_date=MAY), MAY_FIRST)],
)
def test_without_a_next_card_or_with_a_date_of_its_own_prices_do_not_swing(
    scenario: Scenario, end: datetime | None
) -> None:
    found = swings(simulation(came_to), BOOK, came_to(scenario, **ENDS), end)
    assert [swing.assumption for swing in found] == ["cache", "hit_rate"]


@pytest.mark.parametrize(("currency", "dates"), [("USD", []), ("CNY", ["2026-07-01"])])
def test_the_next_price_is_of_the_list_that_is_looked_at(currency: str, dates: list[str]) -> None:
    """A model that is hosted at home, paid in yuan: in dollars it has no price, and none that changes."""
    entry = 'acme = [{ input = "1", output = "2", currency = "CNY" }, { input = "2", output = "2", currency = "CNY", from = 2026-07-01 }]'
    own = tuple(read_own(f"[prices]\n{entry}", "own.toml"))
    priced = Priced(lambda scenario: came_to(scenario, cost="1"))
    priced.currency = currency
    found = swings(
        cast("Simulation", priced), BOOK, came_to(replace(PLAIN, default="acme", prices=own), **ENDS), MAY_FIRST
    )
    assert [swing.high for swing in found if swing.assumption == "price_date"] == dates


# ------------------------------------------------------------------------------------------------- plans and waits


@pytest.mark.parametrize(
    ("fee", "months", "covered", "replaced", "volume", "monthly"),
    [
        ("20", 2, 100, "5", "4", "200.0"),
        ("10", 1, 7, "3", "3.333333333333333", "23.3"),
        ("20", 4, 1, "2", "10", "2.5"),
        ("0.0000000000000025", 1, 1, "1", "0.000000000000002", "0.0"),  # half to even
        ("20", 2, 100, "0", None, None),
        ("20", 2, 100, None, None, None),
        ("0", 0, 0, "5", None, None),
    ],
)
def test_a_plan_pays_where_its_fee_is_what_it_replaces(
    fee: str, months: int, covered: int, replaced: str | None, volume: str | None, monthly: str | None
) -> None:
    plan = _plan(came_to(fee=fee, fee_months=months, covered=covered, covered_unpriced=3, replaced=replaced))
    amounts = [None if text is None else Decimal(text) for text in (replaced, volume, monthly)]
    assert plan == PlanBreakEven("what-if", Decimal(fee), covered, 3, *amounts)


@pytest.mark.parametrize(
    ("windows", "has"), [(["all", None], False), ([], False), (["all", "standard"], True), (["peak"], True)]
)
def test_only_what_was_paid_by_the_hour_can_wait(windows: list[str | None], has: bool) -> None:
    assert _has_windows(pl.DataFrame({"price_window": windows}, schema={"price_window": pl.String})) is has


def test_a_wait_saves_what_an_endpoint_costs_less() -> None:
    """From two hours on /a is cheaper; /b never is, /c is dearer, and of two nothing is known."""
    costs: dict[str | None, tuple[int | None, int | None]] = {
        "/a": (10**16, 4 * 10**15), "/b": (5, 5), "/c": (5, 6), "/d": (None, 1), "/e": (5, None), None: (3, 2),
    }  # fmt: skip
    names = pl.Series("endpoint", [*costs], dtype=pl.String)
    before = pl.DataFrame({"endpoint": names, "cost": [cost for cost, _ in costs.values()]})
    after = pl.DataFrame({"endpoint": names, "cost": [cost for _, cost in costs.values()]})

    def price(scenario: Scenario) -> Result:
        assert scenario.off_peak is not None
        assert (scenario.off_peak.endpoints, scenario.destinations) == ((), [])
        late = scenario.off_peak.longest >= timedelta(hours=2)
        return came_to(scenario, endpoints=after if late else before)

    hours = [timedelta(hours=hours) for hours in (2, 4, 8, 12, 24)]
    assert (timedelta(hours=1), *hours) == WAITS
    assert shifts(simulation(price), came_to(endpoints=before)) == [
        Shift(endpoint, wait, saving)
        for wait in hours
        for endpoint, saving in (("/a", Decimal(6)), (None, Decimal("1e-15")))
    ]


# --------------------------------------------------------------------------------------------------- price changes

ALL_TIME = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))


def changed(
    model: str, currency: str = "USD", period: tuple[datetime, datetime] | None = ALL_TIME, own: str = ""
) -> list[tuple[str, str]]:
    book = BOOK.over(read_own(f"[prices]\n{own}", "own.toml")) if own else BOOK
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE usage (model VARCHAR, provider VARCHAR, service_tier VARCHAR)")
        connection.executemany("INSERT INTO usage VALUES (?, ?, ?)", [(model, None, None), ("acme-5", None, None)])
        found = changes(connection, book, currency, period)
    assert {change.model for change in found} <= {model}
    return [(f"{change.instant:%Y-%m-%dT%H:%M}", change.words) for change in found]


def test_changes_of_prices_are_told_by_window_and_token_class() -> None:
    """Two more cards of Pro change no price."""
    assert changed("deepseek-v4-pro") == [
        ("2026-04-25T00:00", "cache miss 1.74 → 0.435, cache hit 0.145 → 0.03625, output 3.48 → 0.87"),
        ("2026-04-26T12:15", "cache hit 0.03625 → 0.003625"),
        (
            "2026-08-16T16:00",
            "peak: cache miss 0.435 → 1.32, cache hit 0.003625 → 0.044, output 0.87 → 3.96; "
            "off-peak: cache miss 0.435 → 0.66, cache hit 0.003625 → 0.022, output 0.87 → 1.98",
        ),
    ]


def test_a_new_window_is_cut_from_the_standard_and_the_unknown_is_no_price() -> None:
    """In 2025 off-peak hours came and went; of what followed no list in yuan was found, nor so what it changed to."""
    dollars, yuan = (dict(changed("deepseek-chat", currency)) for currency in ("USD", "CNY"))
    assert dollars["2025-02-26T16:30"] == "off-peak: cache miss 0.27 → 0.135, cache hit 0.07 → 0.035, output 1.1 → 0.55"
    assert dollars["2025-09-05T16:00"] == "cache miss 0.27 → 0.56, output 1.1 → 1.68"
    assert "2025-09-05T16:00" not in yuan
    assert yuan["2025-09-29T00:00"] == "cache miss 2, cache hit 0.2, output 3"


def test_changes_are_those_within_the_time() -> None:
    """None that came with the first instant: nothing was paid at other prices."""
    turn = datetime(2026, 4, 26, 12, 15, tzinfo=UTC)
    minute = timedelta(minutes=1)
    assert changed("deepseek-v4-pro", period=(turn, turn + minute)) == []
    assert changed("deepseek-v4-pro", period=(turn - minute, turn)) == []
    assert len(changed("deepseek-v4-pro", period=(turn - minute, turn + minute))) == 1
    assert changed("deepseek-v4-pro", period=None) == []


def test_of_prices_by_size_those_of_small_requests_are_told() -> None:
    own = (
        'acme = [{ input = "1", output = "2" }, { input = "3", output = "4", input_from = 5 }, '
        '{ input = "2", output = "2", from = 2026-05-01 }]'
    )
    assert changed("acme", own=own) == [("2026-05-01T00:00", "cache miss 1 → 2")]  # a hit stays what it was


def test_a_price_too_fine_is_told_where_a_request_meets_it() -> None:
    assert changed("deepseek-v4-pro", own='deepseek-v4-pro = { discount = "33.333333333%" }') == []


def test_changes_come_by_time_and_then_by_model() -> None:
    one, two = (datetime(2026, 5, day, tzinfo=UTC) for day in (1, 2))
    assert sorted([PriceChange(two, "a", "x"), PriceChange(one, "b", "x"), PriceChange(one, "a", "x")]) == [
        PriceChange(one, "a", "x"),
        PriceChange(one, "b", "x"),
        PriceChange(two, "a", "x"),
    ]
