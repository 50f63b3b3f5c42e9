"""Own prices of a scenario, by hand: for it alone, and for which names."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import pytest
from assumed import priced, request
from support import BOOK, MILLION, PRO, cost, scenario

from analyzer.ledger import Ledger
from analyzer.simulate.relations import View


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    with Ledger.throwaway() as made:
        yield made


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


def test_a_scenarios_day_goes_before_that_of_the_analysis(ledger: Ledger) -> None:
    """Of July 2026, priced by cards of three days: of launch, of after the promotion, of May. USD per 1M: miss, hit, output."""
    launch, promoted = [
        tuple(map(Decimal, prices)) for prices in (("1.74", "0.145", "3.48"), ("0.435", "0.03625", "0.87"))
    ]
    days = {"2026-04-24": launch, "2026-04-26": promoted, "2026-05-02": PRO, None: launch}
    rows = [request(started_at=datetime(2026, 7, 1, 10), model="deepseek-v4-pro")]
    scenarios = [scenario(f'[assume]\nprice_date = "{day}"' if day else "", f"{day}") for day in days]
    own = scenario('[prices]\n"deepseek-v4-pro" = { output = "9" }', "own")

    results = priced(ledger, rows, *scenarios, own, view=View(price_date=date(2026, 4, 24)))

    assert [one.cost for one in results[:4]] == [cost(figures, 400, 600, 100) for figures in days.values()]
    assert results[4].cost == cost((*launch[:2], Decimal(9)), 400, 600, 100)
