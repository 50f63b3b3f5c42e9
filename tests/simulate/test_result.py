"""A result: the endpoints of a scenario added up, its fee, and what its caches stand on."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from analyzer.simulate.result import Result, decimals, exactly, result_of
from analyzer.simulate.scenario import Plan, Scenario, Wait

PLAIN = Scenario("what-if", "What if")
KINDS = ("transferred", "low", "modelled", "high")
COUNTS = (
    "requests", "unpriced", "compared_requests", "before_first_price", "moved", "in_sessions", "in_blocks",
    "covered_requests", "covered_unpriced", "covered_uncompared",
)  # fmt: skip
MONEY = (
    *KINDS, "all_misses", "all_hits", "moving_outputs", "logged_outputs", "compared_actual",
    *(f"compared_{kind}" for kind in KINDS), *(f"replaced_{kind}" for kind in ("transferred", "modelled", "high")),
)  # fmt: skip


def endpoints(months: list[list[str] | None], **columns: list[int | None]) -> pl.DataFrame:
    """An answer of two endpoints; each figure is another number, so that none can stand for another."""
    told: dict[str, Any] = {"endpoint": ["/a", None], "covered_months": months, "untold_models": [None, None]}
    told |= {name: [place, 100 * place] for place, name in enumerate((*COUNTS, *MONEY), 1)}
    return pl.DataFrame(told | columns, schema_overrides=dict.fromkeys(columns, pl.Int64))


def summed(name: str) -> int:
    return 101 * ([*COUNTS, *MONEY].index(name) + 1)


@pytest.mark.parametrize(
    ("cache", "chosen"), [("modelled", "modelled"), ("transferred", "transferred"), ("cold", "high")]
)
@pytest.mark.parametrize("finer", [0, 2])
def test_endpoints_add_up_and_the_fee_is_paid_once_a_month(cache: str, chosen: str, finer: int) -> None:
    """Months are told by each endpoint; what was spent is in units of 1e-15, all else finer where ratios ask for it."""
    plan = replace(PLAIN, cache=cache, fixed_fee=Plan(Decimal("0.01"), ("*",)))

    found = result_of(plan, endpoints([["2026-05"], ["2026-06", "2026-05"]], in_sessions=[0, 0]), finer, (), ())

    def money(name: str) -> Decimal:
        return Decimal(summed(name)).scaleb(-15 - finer)

    fee = Decimal("0.02")
    assert (found.fee, found.fee_months, found.decimals) == (fee, 2, 15 + finer)
    assert found.cost == money(chosen) + fee
    assert (found.low, found.high) == (money("low") + fee, money("high") + fee)
    assert (found.all_misses, found.all_hits) == (money("all_misses") + fee, money("all_hits") + fee)
    assert found.compared_actual == Decimal(summed("compared_actual")).scaleb(-15)
    assert found.difference == money(f"compared_{chosen}") + fee - found.compared_actual
    assert found.lost_cache == money(f"compared_{chosen}") - money("compared_transferred")
    assert (found.moving_outputs, found.logged_outputs) == (money("moving_outputs"), money("logged_outputs"))
    assert found.replaced == money(f"replaced_{chosen}")
    assert [found.requests, found.unpriced, found.compared_requests, found.before_first_price, found.moved] == [
        summed(name) for name in COUNTS[:5]
    ]
    assert [found.covered, found.covered_unpriced, found.covered_uncompared] == [summed(name) for name in COUNTS[7:]]
    by_endpoint = found.endpoints.select("cost", "compared_cost").rows()
    assert by_endpoint == found.endpoints.select(chosen, f"compared_{chosen}").rows()


def test_what_one_endpoint_does_not_know_is_in_no_sum_and_what_none_knows_is_unknown() -> None:
    unknown = dict.fromkeys(("high", "compared_actual", "compared_modelled", "replaced_modelled"), (None, None))
    columns = {name: [*values] for name, values in unknown.items()}

    found = result_of(PLAIN, endpoints([None, None], modelled=[None, 7], **columns), 0, (), ())

    assert found.cost == Decimal("7e-15")
    assert (found.high, found.compared_actual, found.difference, found.lost_cache, found.replaced) == (None,) * 5
    assert (found.fee, found.fee_months) == (0, 0)


def test_of_no_calls_nothing_is_counted_and_no_cost_is_known() -> None:
    """Neither is a fee paid, for no month is touched."""
    plan = replace(PLAIN, fixed_fee=Plan(Decimal(20), ("*",)))

    found = result_of(plan, endpoints([None, None]).clear(), 0, (), ())

    counts = (found.requests, found.unpriced, found.compared_requests, found.before_first_price, found.moved)
    assert counts == (found.covered, found.covered_unpriced, found.covered_uncompared, 0, 0) == (0, 0, 0, 0, 0)
    assert (found.cost, found.difference, found.fee, found.cache_basis) == (None, None, 0, "endpoint")


@pytest.mark.parametrize(
    ("requests", "sessions", "blocks", "basis"),
    [
        (3, 3, 0, "session"),
        (3, 0, 3, "blocks"),
        (3, 0, 0, "endpoint"),
        (3, 2, 0, "mixed"),
        (3, 0, 2, "mixed"),
        (3, 2, 1, "mixed"),
        (0, 0, 0, "endpoint"),
    ],
)
def test_caches_stand_on_what_all_calls_have_or_on_a_mixture(
    requests: int, sessions: int, blocks: int, basis: str
) -> None:
    columns = {"requests": [requests, 0], "in_sessions": [sessions, 0], "in_blocks": [0, blocks]}

    found: Result = result_of(PLAIN, endpoints([None, None], **columns), 0, (), ())

    assert found.cache_basis == basis


def test_an_amount_is_exact_whatever_its_length() -> None:
    """Forty digits: arithmetic would keep 28 of them."""
    assert str(exactly(10**39 + 1, 15)) == "1000000000000000000000000.000000000000001"


@pytest.mark.parametrize(
    ("numbers", "finest"), [((), 0), (("1",), 0), (("10",), 0), (("0.5", "0.25"), 2), (("1.10",), 1), (("1e3",), 0)]
)
def test_the_finest_of_some_numbers_decides_how_fine_money_is(numbers: tuple[str, ...], finest: int) -> None:
    assert decimals(*map(Decimal, numbers)) == finest


def test_scenarios_are_the_same_where_only_where_they_come_from_differs() -> None:
    """So that what was priced once is not priced again; a wait is none of it."""
    assert replace(PLAIN, built_in=True) == PLAIN
    assert replace(PLAIN, off_peak=Wait((), timedelta(hours=1))) != PLAIN
