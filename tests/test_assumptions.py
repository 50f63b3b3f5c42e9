"""What a scenario may assume, each by hand: hit rates, ratios, cascades, waiting, subscriptions, own prices, token shares."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import BOOK, FLASH, MILLION, PRO, cost, fill, scenario

from analyzer.errors import UsageError
from analyzer.ledger import Ledger
from analyzer.prices import own_rates
from analyzer.simulate.bridge import bridge
from analyzer.simulate.relations import View, prepare
from analyzer.simulate.result import Result
from analyzer.simulate.scenario import ACTUAL, Scenario
from analyzer.simulate.whatif import Simulation

SLOW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
AS_LOGGED = 'default = "as-logged"\n'
ALL_PRO = 'default = "pro"\n'

# Wednesday 2026-10-21, 02:00 UTC: a peak, at which both models cost twice. USD per 1M tokens then: miss, hit, output.
PEAK = {"model": "deepseek-v4-flash", "started_at": datetime(2026, 10, 21, 2)}
DEAR_FLASH = (Decimal("0.30"), Decimal("0.006"), Decimal("1.20"))
DEAR_PRO = (Decimal("1.32"), Decimal("0.044"), Decimal("3.96"))


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    with Ledger.throwaway() as made:
        yield made


def simulated(ledger: Ledger, rows: Sequence[dict[str, Any]], view: View | None = None) -> Simulation:
    fill(ledger, rows)
    view = view or View()
    prepare(ledger, BOOK, view)
    return Simulation(ledger, BOOK, view)


def priced(
    ledger: Ledger, rows: Sequence[dict[str, Any]], *scenarios: Scenario, view: View | None = None
) -> list[Result]:
    simulation = simulated(ledger, rows, view)
    return [simulation.price(each) for each in scenarios]


def request(misses: int = 400, hits: int | None = 600, output: int = 100, **more: Any) -> dict[str, Any]:
    """A Flash request of the long calm of May 2026, its tokens by class."""
    return {
        "started_at": datetime(2026, 5, 1, 10),
        "endpoint": "/chat",
        "input_tokens": misses + (hits or 0),
        "cache_read_tokens": hits,
        "output_tokens": output,
        **more,
    }


def prices(figures: Sequence[Decimal], misses: Decimal | int, hits: Decimal | int, output: Decimal | int) -> Decimal:
    """The cost by hand of tokens that need not be whole."""
    return (misses * figures[0] + hits * figures[1] + output * figures[2]) / MILLION


# ------------------------------------------------------------------------------------------------ tokens


def test_a_hit_rate_takes_the_place_of_the_logs_own(ledger: Ledger) -> None:
    """For all requests, moved or not, split known or not; and then no cache question is left."""
    rows = [request(), request(hits=None, misses=1000), request(endpoint="/code")]
    what_if = scenario(f'{AS_LOGGED}[[route]]\nto = "pro"\nendpoint = "/code"\n[assume]\nhit_rate = 0.8')

    [result] = priced(ledger, rows, what_if)

    assert result.cost == result.low == result.high == 2 * cost(FLASH, 200, 800, 100) + cost(PRO, 200, 800, 100)


def test_the_guides_effective_price_at_a_hit_rate_of_80_percent(ledger: Ledger) -> None:
    """At launch Pro's input then costs $0.464 per 1M tokens: 0.2 x 1.74 + 0.8 x 0.145. The guide said $0.145."""
    [result] = priced(
        ledger,
        [request(misses=1_000_000, hits=0, output=0)],
        scenario(f'{ALL_PRO}[assume]\nhit_rate = 0.8\nprice_date = "2026-04-24"'),
    )

    assert result.cost == Decimal("0.464")


def test_output_ratio_is_for_what_moves_to_that_model(ledger: Ledger) -> None:
    """One tenth more output on Pro for the request that moves there, not for the one that was there."""
    rows = [request(), request(model="deepseek-v4-pro")]

    [result] = priced(
        ledger,
        rows,
        scenario(f'{ALL_PRO}[assume]\noutput_ratio = {{ "deepseek-v4-pro" = 1.10 }}\ncache = "transferred"'),
    )

    assert result.cost == prices(PRO, 400, 600, 110) + cost(PRO, 400, 600, 100)


@pytest.mark.parametrize("key", ["pro", "deepseek-v4-*", "*"])
def test_ratios_name_a_model_by_family_or_glob(ledger: Ledger, key: str) -> None:
    [result] = priced(
        ledger, [request()], scenario(f'{ALL_PRO}[assume]\noutput_ratio = {{ "{key}" = 2 }}\ncache = "transferred"')
    )

    assert result.cost == cost(PRO, 400, 600, 200)


def test_input_ratio_is_for_what_moves_away_from_that_model(ledger: Ledger) -> None:
    """Another tokenizer: nine tenths of the tokens, hits and misses alike."""
    rows = [request(model="claude-sonnet-4-5", provider="anthropic"), request()]

    [result] = priced(
        ledger, rows, scenario(f'{ALL_PRO}[assume]\ninput_ratio = {{ "claude-*" = 0.9 }}\ncache = "transferred"')
    )

    assert result.cost == prices(PRO, 360, 540, 100) + cost(PRO, 400, 600, 100)


def test_ratios_of_what_moves_away_know_all_names_of_its_model(ledger: Ledger) -> None:
    """In October two names and the family mean V4.1 Flash: half of a thousand tokens are read on Pro."""
    rows = [request(misses=1000, hits=0, **{**PEAK, "model": name}) for name in ("deepseek-v4-flash", "deepseek-flash")]
    keys = ("flash", "deepseek-flash", "deepseek-v4-flash", "deepseek-*flash")

    found = priced(
        ledger, rows, *(scenario(f'{ALL_PRO}[assume]\ninput_ratio = {{ "{key}" = 0.5 }}', key) for key in keys)
    )

    assert [result.cost for result in found] == [2 * cost(DEAR_PRO, 500, 0, 100)] * len(keys)


def test_ratios_of_both_sides_by_family(ledger: Ledger) -> None:
    """From Pro to Flash: half the tokens in, twice as many out."""
    rows = [request(misses=1000, hits=0, **{**PEAK, "model": "deepseek-v4-pro"})]
    ratios = "input_ratio = { pro = 0.5 }\noutput_ratio = { flash = 2 }"

    [result] = priced(ledger, rows, scenario(f'default = "flash"\n[assume]\n{ratios}'))

    assert result.cost == cost(DEAR_FLASH, 500, 0, 200)


def test_ratios_ask_who_answers_at_the_instant(ledger: Ledger) -> None:
    """Until 2026-09-10T04:00Z V4 Flash does, which `deepseek-flash` has never meant. Pro is at its peak until then, too."""
    instants = [datetime(2026, 9, 10, 3, 59), datetime(2026, 9, 10, 4)]
    rows = [request(misses=1000, hits=0, output=0, started_at=at, endpoint=str(at)) for at in instants]
    keys = ("deepseek-flash", "deepseek-v4-flash", "flash")

    found = priced(
        ledger, rows, *(scenario(f'{ALL_PRO}[assume]\ninput_ratio = {{ "{key}" = 3 }}', key) for key in keys)
    )

    peak, then = cost(DEAR_PRO, 1000, 0, 0), cost(DEAR_PRO, 1000, 0, 0) / 2
    costs = [[result.money(row["cost"]) for row in result.endpoints.iter_rows(named=True)] for result in found]
    assert costs == [[peak, 3 * then], [3 * peak, 3 * then], [3 * peak, 3 * then]]


@pytest.mark.parametrize(("key", "factor"), [("deepseek-v4-flash", 1), ("deepseek-flash", 1), ("deepseek-chat", 3)])
def test_a_name_means_who_answers_to_it_and_no_other(ledger: Ledger, key: str, factor: int) -> None:
    """In October the retired name is still V4 Flash, and V4 Flash's own name V4.1 Flash."""
    rows = [request(misses=1000, hits=0, output=0, **{**PEAK, "model": "deepseek-chat"})]

    [result] = priced(ledger, rows, scenario(f'{ALL_PRO}[assume]\ninput_ratio = {{ "{key}" = 3 }}'))

    assert result.cost == factor * cost(DEAR_PRO, 1000, 0, 0)


def test_fractions_of_tokens_are_not_rounded(ledger: Ledger) -> None:
    """A ratio of six decimals on one token of output: 1e-15 of a dollar is not fine enough for it, and no digit is lost."""
    [result] = priced(ledger, [request(0, 0, 1)], scenario(f"{ALL_PRO}[assume]\noutput_ratio = {{ pro = 1.000001 }}"))

    assert result.cost == Decimal("0.87") / MILLION * Decimal("1.000001")


# ------------------------------------------------------------------------------------------------ token shares


def test_token_shares_take_parts_in_order(ledger: Ledger) -> None:
    """A quarter to Pro, half of the rest to the launch-day name, what is left stays: 0.25, 0.375, 0.375."""
    rules = (
        '[[route]]\nto = "pro"\ntoken_share = 0.25\n[[route]]\nto = "deepseek-v4-flash"\ntoken_share = 0.5\n'
        '[[route]]\nto = "deepseek-v4-pro"\nendpoint = "/code"\n'
    )
    rows = [request(), request(endpoint="/code")]

    [result] = priced(ledger, rows, scenario(AS_LOGGED + rules))

    on_pro, on_flash = cost(PRO, 400, 600, 100), cost(FLASH, 400, 600, 100)
    chat = on_pro * Decimal("0.25") + on_flash * Decimal("0.75")
    code = on_pro * Decimal("0.625") + on_flash * Decimal("0.375")
    assert result.low == result.cost - result.lost_cache if result.lost_cache is not None else None
    assert result.low == chat + code


@pytest.mark.parametrize(
    "ends",
    [
        '[[route]]\nto = "pro"\ntoken_share = 0\n[assume]\nfixed_fee = { amount = 200, covers = "pro" }',
        '[assume]\nescalate = { from = "flash", to = "pro", rate = 0 }\nfixed_fee = { amount = 200, covers = "pro" }',
    ],
)
def test_what_gets_no_part_of_the_tokens_decides_nothing(ledger: Ledger, ends: str) -> None:
    [result] = priced(ledger, [request()], scenario(AS_LOGGED + ends))

    assert (result.cost, result.fee, result.moved) == (cost(FLASH, 400, 600, 100), 0, 0)


def test_a_token_share_of_all_needs_no_price_for_what_was(ledger: Ledger) -> None:
    [result] = priced(
        ledger, [request(model="acme-chat-9b")], scenario(f'{AS_LOGGED}[[route]]\nto = "flash"\ntoken_share = 1.0')
    )

    assert (result.unpriced, result.low) == (0, cost(FLASH, 400, 600, 100))


def test_a_token_share_leaves_hits_where_they_were(ledger: Ledger) -> None:
    """A warm request on Pro of which a thousandth goes to Flash: 999 parts of it cost what they did. Flash, which has not seen
    the session, misses in its part, for it is what no share takes; in the second scenario a share takes it, with its hits."""
    rows = [request(model="deepseek-v4-pro", session_id="s")]
    most = scenario('default = "flash"\n[[route]]\nto = "pro"\ntoken_share = 0.999')
    least = scenario(f'{AS_LOGGED}[[route]]\nto = "flash"\ntoken_share = 0.001')

    on_flash, few = priced(ledger, rows, most, least)

    stays = cost(PRO, 400, 600, 100) * Decimal("0.999")
    assert on_flash.cost == stays + cost(FLASH, 1000, 0, 100) * Decimal("0.001")
    assert few.cost == stays + cost(FLASH, 400, 600, 100) * Decimal("0.001")


def test_a_token_share_replays_no_session_and_its_bounds_are_those_of_its_parts(ledger: Ledger) -> None:
    """The second prompt hit more than a replay of the first would give it. Where it is cold, both parts of both calls are."""
    first = request(100, 0, 10, session_id="s")
    second = request(session_id="s", started_at=datetime(2026, 5, 1, 10, 1))
    what_if = scenario(f'{AS_LOGGED}[[route]]\nto = "pro"\ntoken_share = 0.25')

    [result] = priced(ledger, [first, second], what_if)

    def mixed(misses: int, hits: int) -> Decimal:
        return sum(
            (cost(price, 100, 0, 10) + cost(price, misses, hits, 100)) * part
            for price, part in ((FLASH, Decimal("0.75")), (PRO, Decimal("0.25")))
        )

    assert (result.low, result.cost, result.high) == (mixed(400, 600), mixed(400, 600), mixed(1000, 0))


def test_a_call_of_which_one_part_has_no_price_is_in_no_sum(ledger: Ledger) -> None:
    """Half of both goes to Pro. What is left of the first has no price, so no half of it counts: not in the cost, nor at its
    ends; those of the other one are halves of both models."""
    rules = f'{AS_LOGGED}[[route]]\nto = "pro"\ntoken_share = 0.5\n'
    what_if, warm = scenario(rules), scenario(f'{rules}[assume]\ncache = "transferred"')

    result, kept = priced(ledger, [request(model="acme-chat-9b", output=7), request()], what_if, warm)

    def halves(misses: int, hits: int) -> Decimal:
        return (cost(FLASH, misses, hits, 100) + cost(PRO, misses, hits, 100)) / 2

    assert (result.unpriced, result.compared_requests, result.moved) == (1, 1, 2)
    assert (result.low, result.cost, result.high) == (halves(400, 600), halves(400, 600), halves(1000, 0))
    assert kept.cost == halves(400, 600)
    assert (result.all_hits, result.all_misses) == (halves(0, 1000), halves(1000, 0))
    assert (result.moving_outputs, result.logged_outputs) == (cost(PRO, 0, 0, 50), cost(PRO, 0, 0, 50))


def test_a_token_share_after_the_rule_that_takes_a_request_gets_nothing(ledger: Ledger) -> None:
    rules = '[[route]]\nto = "deepseek-v4-flash"\nendpoint = "/chat"\n[[route]]\nto = "pro"\ntoken_share = 1\n'

    [result] = priced(ledger, [request()], scenario(AS_LOGGED + rules))

    assert (result.cost, result.moved) == (cost(FLASH, 400, 600, 100), 0)


@pytest.mark.endurance
@SLOW
@given(
    share=st.decimals(0, 1, places=6),
    rows=st.lists(
        st.builds(request, st.integers(0, 10**6), st.none() | st.integers(0, 10**6), st.integers(0, 10**6)),
        min_size=1,
        max_size=4,
    ),
    cache=st.sampled_from(["transferred", "modelled"]),
    session=st.sampled_from([None, "s-1"]),
)
def test_cost_is_linear_in_a_token_share(
    ledger: Ledger, share: Decimal, rows: list[dict[str, Any]], cache: str, session: str | None
) -> None:
    """Between nothing and all of it on Pro, to the last digit: what the share leaves meets the cache of Flash, as it would
    without a share; its own part has the hits that were observed."""
    rows = [{**row, "session_id": session} for row in rows]

    def shared(part: Decimal | int) -> Scenario:
        return scenario(f'default = "flash"\n[[route]]\nto = "pro"\ntoken_share = {part}\n[assume]\ncache = "{cache}"')

    none, some, every = (result.cost for result in priced(ledger, rows, shared(0), shared(share), shared(1)))

    assert none is not None
    assert every is not None
    assert some == none * (1 - share) + every * share


# ------------------------------------------------------------------------------------------------ cascades


def test_a_cascade_pays_both_and_the_second_starts_cold(ledger: Ledger) -> None:
    """Flash answers all; 8% are asked again of Pro, which misses the whole prompt. A request on Pro is not asked again."""
    rows = [request(), request(endpoint="/code")]
    rules = 'default = "flash"\n[[route]]\nto = "pro"\nendpoint = "/code"\n'
    what_if = scenario(
        f'{rules}[assume]\ncache = "transferred"\nescalate = {{ from = "flash", to = "pro", rate = 0.08 }}'
    )

    [result] = priced(ledger, rows, what_if)

    chat = cost(FLASH, 400, 600, 100) + cost(PRO, 1000, 0, 100) * Decimal("0.08")
    assert result.cost == chat + cost(PRO, 400, 600, 100)
    assert result.requests == 2


def test_a_cascade_starts_cold_at_any_hit_rate(ledger: Ledger) -> None:
    """All of a million tokens hit on Flash, and miss on Pro, which is asked every time."""
    what_if = scenario('default = "flash"\n[assume]\nhit_rate = 1\nescalate = { from = "flash", to = "pro", rate = 1 }')

    [result] = priced(ledger, [request(1_000_000, 0, 0)], what_if)

    assert result.cost == FLASH[1] + PRO[0]


def test_a_cascade_knows_its_model_by_what_serves_it(ledger: Ledger) -> None:
    """As logged, on a name that is Flash by the identity timeline: after September 10 three names are one model."""
    rows = [request(model="deepseek-v4-flash", started_at=datetime(2026, 10, 3, 12))]
    what_if = scenario(f'{AS_LOGGED}[assume]\nescalate = {{ from = "deepseek-flash", to = "pro", rate = 0.5 }}')

    actual, result = priced(ledger, rows, ACTUAL, what_if)

    # A Saturday, off-peak, from 2026-09-19 on: Pro costs 0.66 a million misses and 1.98 out.
    price = BOOK.at("pro", datetime.fromisoformat("2026-10-03T12:00:00+00:00"), "USD")
    assert price is not None
    again = Decimal((price.input or 0) * 1000 + (price.output or 0) * 100).scaleb(-15)
    assert actual.cost is not None
    assert result.cost == actual.cost + again / 2


# ------------------------------------------------------------------------------------------------ waiting


# Flash on Monday 2026-10-12, peak 01:00 to 04:00 and 06:00 to 10:00 UTC at twice the price of the other hours.
@pytest.mark.parametrize(
    ("at", "wait", "waits"),
    [
        ("2026-10-12T01:00", "3h", True),  # the edge is reached at the very end of the wait
        ("2026-10-12T01:00", "179m", False),
        ("2026-10-12T00:59", "8h", False),  # cheap already: nothing to gain
        ("2026-10-12T03:59", "1m", True),
        ("2026-10-12T06:00", "3h", False),
        ("2026-10-12T06:00", "4h", True),
        ("2026-10-12T06:30", "210m", True),
        ("2026-10-12T06:29", "210m", False),
    ],
)
def test_requests_that_wait_take_the_lowest_price_within_reach(ledger: Ledger, at: str, wait: str, waits: bool) -> None:
    rows = [request(model="deepseek-flash", started_at=datetime.fromisoformat(at), endpoint="batch-nightly")]
    what_if = scenario(f'{AS_LOGGED}[assume]\noff_peak = {{ endpoint = ["batch-*"], max_wait = "{wait}" }}')

    actual, result = priced(ledger, rows, ACTUAL, what_if)

    assert actual.cost is not None
    assert result.cost == (actual.cost / 2 if waits else actual.cost)
    assert result.moved == 0


def test_without_endpoints_all_requests_wait(ledger: Ledger) -> None:
    """Those that name no endpoint as well."""
    rows = [request(model="deepseek-flash", started_at=datetime(2026, 10, 12, 9), endpoint=None)]

    actual, result = priced(ledger, rows, ACTUAL, scenario(f'{AS_LOGGED}[assume]\noff_peak = {{ max_wait = "1h" }}'))

    assert actual.cost is not None
    assert result.cost == actual.cost / 2


def test_only_the_endpoints_that_are_named_wait(ledger: Ledger) -> None:
    peak = datetime(2026, 10, 12, 2)
    rows = [request(model="deepseek-flash", started_at=peak, endpoint=name) for name in ("batch-a", "/chat", None)]
    what_if = scenario(f'{AS_LOGGED}[assume]\noff_peak = {{ endpoint = "batch-*", max_wait = "8h" }}')

    actual, result = priced(ledger, rows, ACTUAL, what_if)

    assert actual.cost is not None
    assert result.cost == actual.cost * 5 / 6


def test_what_is_asked_again_waits_with_its_request(ledger: Ledger) -> None:
    """At a peak, where both models cost twice: each of the two answers takes the lower price, or neither does."""
    rows = [request(misses=1000, hits=0, **PEAK, endpoint=name) for name in ("batch-1", "/chat")]
    again = 'escalate = { from = "flash", to = "pro", rate = 1 }'
    simulation = simulated(ledger, rows)
    result = simulation.price(
        scenario(f'{AS_LOGGED}[assume]\n{again}\noff_peak = {{ endpoint = "batch-*", max_wait = "8h" }}')
    )

    both = cost(DEAR_FLASH, 1000, 0, 100) + cost(DEAR_PRO, 1000, 0, 100)
    assert result.cost == both + both / 2
    assert {step.driver: step.amount for step in bridge(simulation, result)} == {
        "waiting": -cost(DEAR_FLASH, 1000, 0, 100) / 2,
        "escalation": cost(DEAR_PRO, 1000, 0, 100) * Decimal("1.5"),
    }


# ------------------------------------------------------------------------------------------------ subscriptions


def test_a_subscription_stands_for_the_tokens_of_every_month_it_touches(ledger: Ledger) -> None:
    """Two requests of May and one of July are covered: two fees. What is not covered is paid by tokens."""
    rows = [
        request(),
        request(),
        request(started_at=datetime(2026, 7, 1, 12)),
        request(model="deepseek-v4-pro", started_at=datetime(2026, 6, 1, 12)),
    ]
    plan = 'fixed_fee = { amount = "20.00", per = "month", covers = ["*-flash"] }'

    [result] = priced(ledger, rows, scenario(f"{AS_LOGGED}[assume]\n{plan}"))

    assert result.fee == 40
    assert result.cost == 40 + cost(PRO, 400, 600, 100)


def test_months_of_a_subscription_are_those_of_the_reporting_zone(ledger: Ledger) -> None:
    """2026-05-31T20:00Z is June in Shanghai."""
    rows = [request(), request(started_at=datetime(2026, 5, 31, 20))]
    plan = scenario(f'{AS_LOGGED}[assume]\nfixed_fee = {{ amount = 10, covers = ["*"] }}')

    assert priced(ledger, rows, plan)[0].fee == 10
    assert priced(ledger, rows, plan, view=View(tz="Asia/Shanghai"))[0].fee == 20


@pytest.mark.parametrize(
    ("entry", "large"),
    [
        ('{ discount = "12.5%", FROM }', [Decimal(figure) * 7 / 8 for figure in ("0.66", "0.022", "1.98")]),
        ('{ input = "9", cache_read = "9", output = "9", FROM }', [Decimal(f) for f in ("1.32", "0.044", "3.96")]),
    ],
)
def test_prices_that_come_to_hang_on_the_size_hold_for_what_waits(
    ledger: Ledger, entry: str, large: list[Decimal]
) -> None:
    """At peak hours two calls wait, past 02:30, from when large ones cost less by agreement, or more than at once."""
    at = datetime(2026, 10, 21, 1, 29)
    rows = [
        request(model="deepseek-v4-pro", started_at=at, input_tokens=whole, cache_read_tokens=100, output_tokens=10)
        for whole in (5_000, 200_000)
    ]
    own = entry.replace("FROM", "from = 2026-10-21T02:30:00Z, input_from = 10_000")
    what_if = f'{AS_LOGGED}[assume]\noff_peak = {{ max_wait = "8h" }}\n[prices]\n"deepseek-v4-pro" = {own}'

    [result] = priced(ledger, rows, scenario(what_if))

    calm = [Decimal("0.66"), Decimal("0.022"), Decimal("1.98")]
    assert result.cost == cost(calm, 4_900, 100, 10) + cost(large, 199_900, 100, 10)


def test_what_a_subscription_covers_needs_no_price(ledger: Ledger) -> None:
    rows = [request(model="acme-chat-9b")]

    [result] = priced(
        ledger, rows, scenario(f'{AS_LOGGED}[assume]\nfixed_fee = {{ amount = "1.50", covers = "acme-*" }}')
    )

    assert (result.unpriced, result.cost) == (0, Decimal("1.50"))
    assert (result.covered, result.covered_unpriced, result.covered_uncompared, result.replaced) == (1, 1, 1, None)


@pytest.mark.parametrize("glob", ["acme-*", "acme-chat-??", "*"])
def test_a_glob_stays_one_where_own_prices_have_the_same(ledger: Ledger, glob: str) -> None:
    """One call of a model of one's own, that no list has: it is covered, and half its input counts where it moves."""
    rows = [request(model="acme-chat-9b")]
    own = f'[prices]\n"{glob}" = {{ input = "1", cache_read = "1", output = "1" }}'
    plan = f'{AS_LOGGED}[assume]\nfixed_fee = {{ amount = 5, covers = "{glob}" }}\n{own}'
    away = f'default = "pro"\n[assume]\ncache = "transferred"\ninput_ratio = {{ "{glob}" = 0.5 }}\n'

    covered, moved = priced(ledger, rows, scenario(plan), scenario(away + own.replace(glob, "acme-*"), "away"))

    assert (covered.cost, covered.covered) == (5, 1)
    assert moved.cost == cost(PRO, 200, 300, 100)


def test_a_glob_is_no_model_to_go_to() -> None:
    with pytest.raises(UsageError, match=r"default names a model without a price: acme-\*"):
        scenario('default = "acme-*"\n[prices]\n"acme-*" = { input = "1", output = "1" }')


def test_what_a_subscription_replaces_is_what_is_covered_and_has_a_price(ledger: Ledger) -> None:
    """Of three covered calls one has no price; what a cascade asks again of Pro is not covered, and no part of it."""
    rows = [request(), request(), request(model="acme-chat-9b"), request(model="deepseek-v4-pro")]
    again = 'escalate = { from = "flash", to = "pro", rate = 0.5 }'
    plan = 'fixed_fee = { amount = 20, covers = ["acme-*", "*-flash"] }'

    [result] = priced(ledger, rows, scenario(f"{AS_LOGGED}[assume]\n{plan}\n{again}"))

    assert result.replaced == 2 * cost(FLASH, 400, 600, 100)
    assert (result.covered, result.covered_unpriced, result.covered_uncompared) == (3, 1, 1)
    asked_again = cost(PRO, 1000, 0, 100) / 2
    assert result.cost == 20 + 2 * asked_again + cost(PRO, 400, 600, 100)


def test_a_subscription_covers_who_answers_at_the_instant(ledger: Ledger) -> None:
    """In November `flash` is V4.1 Flash, by its old name, too; the retired name of V4 Flash has no price, and is not covered."""
    rows = [
        request(model=name, started_at=datetime(2026, 11, 2, 9)) for name in ("deepseek-v4-flash", "deepseek-reasoner")
    ]

    [result] = priced(ledger, rows, scenario(f'{AS_LOGGED}[assume]\nfixed_fee = {{ amount = 7, covers = "flash" }}'))

    assert (result.cost, result.unpriced) == (7, 1)


# ------------------------------------------------------------------------------------------------ prices


def test_own_prices_of_a_scenario_are_for_it_alone(ledger: Ledger) -> None:
    own = '[prices]\n"deepseek-v4-pro" = { input = "0.50", cache_read = "0.01", output = "1.50" }\n'
    what_if = scenario(f'default = "deepseek-v4-pro"\n{own}[assume]\ncache = "transferred"')
    listed = scenario('default = "deepseek-v4-pro"\n[assume]\ncache = "transferred"', "listed")

    result, by_list = priced(ledger, [request()], what_if, listed)

    assert result.cost == cost((Decimal("0.50"), Decimal("0.01"), Decimal("1.50")), 400, 600, 100)
    assert by_list.cost == cost(PRO, 400, 600, 100)


@pytest.mark.parametrize("key", ["pro", "deepseek-v4-pro", "deepseek-*"])
@pytest.mark.parametrize("target", ["pro", "deepseek-v4-pro"])
def test_own_prices_of_a_model_hold_where_its_family_means_it(ledger: Ledger, key: str, target: str) -> None:
    """By either name, or a glob: they mean the same model."""
    own = f'[prices]\n"{key}" = {{ output = "1.50" }}\n'

    [result] = priced(ledger, [request()], scenario(f'default = "{target}"\n{own}[assume]\ncache = "transferred"'))

    assert result.cost == cost((PRO[0], PRO[1], Decimal("1.50")), 400, 600, 100)


def test_own_prices_of_a_member_end_where_the_family_means_another(ledger: Ledger) -> None:
    """Until 2026-09-10T04:00Z `flash` is V4 Flash, from then on V4.1 Flash, which the old name means as well."""
    rows = [request(started_at=datetime.fromisoformat(f"2026-09-10T{time}")) for time in ("03:59", "04:00")]
    own = '[prices]\n"deepseek-flash" = { output = "9" }\n'

    [dear, listed] = priced(
        ledger, rows, scenario(f'default = "flash"\n{own}[assume]\ncache = "transferred"'),
        scenario('default = "flash"\n[assume]\ncache = "transferred"', "listed"),
    )  # fmt: skip

    price = BOOK.at("flash", datetime.fromisoformat("2026-09-10T04:00:00+00:00"), "USD")
    assert price is not None
    assert dear.cost is not None
    assert listed.cost is not None
    assert dear.cost - listed.cost == 100 * (Decimal(9) / MILLION - Decimal(price.output or 0).scaleb(-15))


def test_a_scenario_may_go_to_a_model_that_only_its_own_prices_know(ledger: Ledger) -> None:
    own = '[prices]\n"acme-chat-9b" = { input = "0.05", output = "0.05" }\n'

    [result] = priced(ledger, [request(hits=0, misses=1000)], scenario(f'default = "acme-chat-9b"\n{own}'))

    assert result.cost == cost((Decimal("0.05"), Decimal("0.05"), Decimal("0.05")), 1000, 0, 100)


@pytest.mark.parametrize(
    ("may", "expected"),
    [
        ([], "0.0005"),  # 1,000 misses of October at the agreed 0.5 per 1M
        ([0], "0.0005"),
        ([1000], "0.00065"),  # and as many of May at the list price of 0.15: then the name meant V4 Flash
    ],
)
def test_an_own_price_holds_whatever_else_was_called(ledger: Ledger, may: list[int], expected: str) -> None:
    agreed = '"deepseek-v4-flash" = { input = "0.5", cache_read = "0.5", output = "0.5" }'
    rows = [request(misses, 0, 0, model="gpt-5", started_at=datetime(2026, 5, 1, 12)) for misses in may]
    rows.append(request(1000, 0, 0, model="gpt-5", started_at=datetime(2026, 10, 21, 12)))

    [result] = priced(ledger, rows, scenario(f'default = "deepseek-flash"\n[prices]\n{agreed}'))

    assert result.cost == Decimal(expected)
    assert result.before_first_price == len(may)


# ------------------------------------------------------------------------------------------------ the bridge


def test_own_prices_move_no_money_where_nothing_moves(ledger: Ledger) -> None:
    """A log all on Pro, with an agreed price for it: all on Pro costs the same, by whatever word."""
    agreed = own_rates({"deepseek-v4-pro": {"input": "0.2", "cache_read": "0.001", "output": "0.4"}}, "agreed.toml")
    book = BOOK.over(agreed)
    fill(ledger, [request(model="deepseek-v4-pro"), request(model="deepseek-v4-pro", misses=7)])
    prepare(ledger, book, View())
    simulation = Simulation(ledger, book, View())

    actual, result = simulation.price(ACTUAL), simulation.price(scenario('default = "pro"'))

    figures = (Decimal("0.2"), Decimal("0.001"), Decimal("0.4"))
    assert result.cost == actual.cost == cost(figures, 407, 1200, 200)
    assert (result.moved, result.difference) == (0, 0)


def test_a_bridge_may_pass_through_nothing(ledger: Ledger) -> None:
    """Own prices take back exactly what the routing added; what the cache costs is still its own."""
    flash = '{ input = "0.14", cache_read = "0.0028", output = "0.28" }'
    what_if = scenario(
        f'{AS_LOGGED}[[route]]\nto = "deepseek-v4-pro"\nmin_output_tokens = 1000\n[prices]\n"deepseek-v4-pro" = {flash}'
    )
    rows = [request(session_id="s"), request(session_id="s", started_at=datetime(2026, 5, 1, 11), output=2000)]
    simulation = simulated(ledger, rows)
    result = simulation.price(what_if)

    steps = {step.driver: step.amount for step in bridge(simulation, result)}

    routed = cost(PRO, 400, 600, 2000) - cost(FLASH, 400, 600, 2000)
    assert steps == {"routing": routed, "price": -routed, "cache": 600 * (FLASH[0] - FLASH[1]) / MILLION}
    assert sum(steps.values()) == result.difference


def test_the_bridge_takes_each_ingredient_alone(ledger: Ledger) -> None:
    """Routing, own prices, longer outputs, a cascade and lost hits, one after the other, each step by hand."""
    rows = [request(session_id="s"), request(session_id="s", started_at=datetime(2026, 5, 1, 11), output=2000)]
    what_if = scenario(
        f'{AS_LOGGED}[[route]]\nto = "deepseek-v4-pro"\nmin_output_tokens = 1000\n'
        '[prices]\n"deepseek-v4-pro" = { output = "1.00" }\n'
        '[assume]\noutput_ratio = { pro = 1.5 }\nescalate = { from = "deepseek-v4-pro", to = "flash", rate = 0.1 }'
    )
    simulation = simulated(ledger, rows)

    steps = {step.driver: step.amount for step in bridge(simulation, simulation.price(what_if))}

    assert steps == {
        "routing": cost(PRO, 400, 600, 2000) - cost(FLASH, 400, 600, 2000),
        "price": (Decimal("1.00") - PRO[2]) * 2000 / MILLION,
        "tokens": Decimal("1.00") * 1000 / MILLION,
        "escalation": cost(FLASH, 1000, 0, 2000) / 10,
        "cache": 600 * (PRO[0] - PRO[1]) / MILLION,
    }


VOCABULARY = st.fixed_dictionaries(
    {},
    optional={
        "price_date": st.just('"2026-04-24"'),
        "hit_rate": st.just("0.35"),
        "output_ratio": st.just("{ pro = 1.1 }"),
        "off_peak": st.just('{ max_wait = "8h" }'),
        "escalate": st.just('{ from = "flash", to = "pro", rate = 0.08 }'),
        "fixed_fee": st.just('{ amount = "3.21", covers = ["*-pro"] }'),
        "cache": st.sampled_from(['"cold"', '"transferred"']),
    },
)


@pytest.mark.endurance
@SLOW
@given(
    assume=VOCABULARY,
    default=st.sampled_from(["flash", "pro", "as-logged"]),
    rows=st.lists(
        st.builds(
            request,
            st.integers(0, 999),
            st.none() | st.integers(0, 999),
            st.sampled_from([10, 5000]),
            model=st.sampled_from(["deepseek-v4-flash", "deepseek-v4-pro", "acme-chat-9b"]),
            session_id=st.sampled_from([None, "a"]),
            started_at=st.sampled_from(
                [datetime(2026, 5, 1, 10), datetime(2026, 9, 3, 2), datetime(2026, 10, 12, 7, 15)]
            ),
        ),
        min_size=1,
        max_size=5,
    ),
)
def test_every_bridge_adds_up(ledger: Ledger, assume: dict[str, str], default: str, rows: list[dict[str, Any]]) -> None:
    lines = "".join(f"{key} = {value}\n" for key, value in assume.items())
    simulation = simulated(ledger, rows)
    result = simulation.price(
        scenario(f'default = "{default}"\n[[route]]\nto = "pro"\nmin_output_tokens = 1000\n[assume]\n{lines}')
    )

    steps = bridge(simulation, result)

    if result.difference is None:
        assert steps == ()
    else:
        assert sum((step.amount for step in steps), Decimal(0)) == result.difference


# ------------------------------------------------------------------------------------------------ words


@pytest.mark.parametrize(
    ("text", "problem", "remedy"),
    [
        ("[assume]\nhit_rate = 1.01", "assume.hit_rate is no number from 0 to 1", "hit_rate = 0.25"),
        ("[assume]\nhit_rate = 0.1234567", "assume.hit_rate has more than 6 decimals", "0.123457"),
        ("[assume]\nhit_rte = 0.5", "unknown key assume.hit_rte", "assume.hit_rate"),
        ('[assume]\ncache_ttl = "0h"', "assume.cache_ttl is not between 1m and", "24h"),
        ('[assume]\ncache_ttl = "1 week"', "assume.cache_ttl is no duration", "90m"),
        ("[assume]\noutput_ratio = { prx = 1.1 }", "output_ratio names a model without a price: prx", "pro"),
        ('[[route]]\nto = "pro"\nmin_input_tokens = 9223372036854775808', "is no whole number", "10_000"),
        ("[assume]\noutput_ratio = 1.1", "assume.output_ratio is no table", "output_ratio = {"),
        ("[assume]\noutput_ratio = { pro = -1 }", "assume.output_ratio holds no ratio", "1.10"),
        ('[assume]\nescalate = { from = "flash", to = "pro" }', "assume.escalate has no `rate`", "rate"),
        ('[assume]\nescalate = { from = "as-logged", to = "pro", rate = 1 }', "names a model without a price", "flash"),
        ('[assume]\noff_peak = { max_wait = "8d" }', "assume.off_peak.max_wait is not between", "24h"),
        ('[assume]\nfixed_fee = { amount = "lots" }', "assume.fixed_fee.amount is no amount of money", "200.00"),
        ('[assume]\ncache_ttl = "٢h"', "assume.cache_ttl is no duration", "8h"),
        ('[assume]\nfixed_fee = { amount = "2e2" }', "assume.fixed_fee.amount is no amount of money", "200.00"),
        ('[assume]\nfixed_fee = { amount = "2_00" }', "assume.fixed_fee.amount is no amount of money", "200.00"),
        ('[assume]\nfixed_fee = { amount = "-0" }', "assume.fixed_fee.amount is no amount of money", "200.00"),
        ('[assume]\nfixed_fee = { amount = " 200" }', "assume.fixed_fee.amount is no amount of money", "200.00"),
        ('[assume]\nfixed_fee = { amount = "٢٠٠" }', "assume.fixed_fee.amount is no amount of money", "200.00"),
        ('[assume]\nfixed_fee = { amount = 1, per = "year" }', "assume.fixed_fee.per is none of month", "month"),
        ('[[route]]\nto = "pro"\nshare = 0.1\ntoken_share = 0.1', "exclude each other", "leave one"),
        ('[[route]]\nto = "pro"\ntoken_share = 2', "route[1].token_share is no number from 0 to 1", "0.25"),
        ('[prices]\n"pro" = { inputs = "1" }', "unknown key 'inputs'", "input"),
    ],
)
def test_errors_name_the_file_the_key_and_what_would_do(text: str, problem: str, remedy: str) -> None:
    with pytest.raises(UsageError) as raised:
        scenario(text, "mine")

    assert str(raised.value).startswith("mine.toml: ")
    assert problem in str(raised.value)
    assert remedy in raised.value.remedy


@pytest.mark.endurance
def test_a_rule_may_name_thousands_of_endpoints(ledger: Ledger) -> None:
    names = ", ".join(f'"/e{number}"' for number in range(3000))

    [result] = priced(
        ledger,
        [request(endpoint="/e2999"), request(endpoint="/e3000")],
        scenario(f'{AS_LOGGED}[[route]]\nto = "pro"\nendpoint = [{names}]'),
    )

    assert result.moved == 1


def test_tokens_of_other_makers_are_told_of(ledger: Ledger) -> None:
    """Unless a ratio says how many they are, or nothing moves to another maker."""
    rows = [request(model="claude-sonnet-4-5", provider="anthropic"), request()]
    away = 'default = "claude-sonnet-4-5"\n'
    found = priced(
        ledger,
        rows,
        scenario(ALL_PRO, "plain"),
        scenario(f'{ALL_PRO}[assume]\ninput_ratio = {{ "claude-*" = 0.9 }}', "told"),
        scenario(away, "away"),
        scenario(f"{away}[assume]\ninput_ratio = {{ flash = 0.9 }}", "away-told"),
        ACTUAL,
    )

    untold = [("claude-sonnet-4-5",), (), ("deepseek-v4-flash",), (), ()]
    assert [each.other_tokenizers for each in found] == untold


def test_a_rule_that_leaves_requests_where_they_are_sends_them_to_no_other_maker(ledger: Ledger) -> None:
    [result] = priced(
        ledger,
        [request(endpoint="/agents"), request(endpoint="/chat")],
        scenario('default = "pro"\n[[route]]\nto = "as-logged"\nendpoint = "/agents"'),
    )

    assert (result.moved, result.other_tokenizers) == (1, ())


def test_numbers_too_fine_for_the_sums_are_refused_with_a_remedy(ledger: Ledger) -> None:
    """Seven shares of six decimals each would need money in units of 1e-57."""
    rules = "".join('[[route]]\nto = "pro"\ntoken_share = 0.999999\n' for _ in range(7))

    with pytest.raises(UsageError, match="too fine") as raised:
        priced(ledger, [request(10**9, 10**9, 10**9)], scenario(AS_LOGGED + rules))

    assert "fewer decimals" in raised.value.remedy


def test_a_wait_is_never_dearer(ledger: Ledger) -> None:
    """Any hour of a week, any wait: the lowest price within reach is at most the one in force."""
    hours = [datetime(2026, 10, 9) + timedelta(hours=hour, minutes=30) for hour in range(0, 168, 5)]
    rows = [request(model="deepseek-v4-pro", started_at=hour, endpoint=hour.isoformat()) for hour in hours]
    actual, *waited = priced(
        ledger,
        rows,
        ACTUAL,
        *(scenario(f'{AS_LOGGED}[assume]\noff_peak = {{ max_wait = "{wait}" }}') for wait in ("0m", "90m", "8h", "3d")),
    )

    by_hour = [
        {row["endpoint"]: row["cost"] for row in each.endpoints.iter_rows(named=True)} for each in (actual, *waited)
    ]
    for hour in by_hour[0]:
        costs = [each[hour] for each in by_hour]
        assert costs[0] == costs[1]
        assert costs == sorted(costs, reverse=True)
