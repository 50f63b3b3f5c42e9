"""Subscriptions by hand: what they cover, the months they cost, and what they stand for."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import pytest
from assumed import AS_LOGGED, priced, request
from support import BOOK, FLASH, PRO, cost, fill, scenario

from analyzer.ledger import Ledger
from analyzer.report.outlook import plans as plans_told
from analyzer.report.verdict import verdict
from analyzer.simulate.analysis import analyze
from analyzer.simulate.relations import View, prepare


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    with Ledger.throwaway() as made:
        yield made


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


def test_the_dearest_subscription_is_exact(ledger: Ledger) -> None:
    """The highest amount that a scenario takes, for 16 months: 28 digits, which is what decimals keep, are one too few."""
    amount = "999999999999.999999999999999"
    months = [datetime(2025 + number // 12, number % 12 + 1, 3) for number in range(16)]
    plan = scenario(f'[assume]\nfixed_fee = {{ amount = "{amount}", covers = ["*"] }}')

    [result] = priced(ledger, [request(started_at=month) for month in months], plan)

    assert result.fee == result.cost == Decimal(f"{16 * (10**27 - 1)}E-15")


def test_months_of_a_subscription_are_those_of_the_reporting_zone(ledger: Ledger) -> None:
    """2026-05-31T20:00Z is June in Shanghai."""
    rows = [request(), request(started_at=datetime(2026, 5, 31, 20))]
    plan = scenario(f'{AS_LOGGED}[assume]\nfixed_fee = {{ amount = 10, covers = ["*"] }}')

    assert priced(ledger, rows, plan)[0].fee == 10
    assert priced(ledger, rows, plan, view=View(tz="Asia/Shanghai"))[0].fee == 20


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
