"""Ratios and hit rates that a scenario may assume, by hand: whose tokens they change, and by which names models go."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import pytest
from assumed import ALL_TO_PRO, AS_LOGGED, DEAR_FLASH, DEAR_PRO, PEAK, priced, prices, request
from support import FLASH, MILLION, PRO, cost, scenario

from analyzer.ledger import Ledger
from analyzer.simulate.scenario import ACTUAL


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    with Ledger.throwaway() as made:
        yield made


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
        scenario(f'{ALL_TO_PRO}[assume]\nhit_rate = 0.8\nprice_date = "2026-04-24"'),
    )

    assert result.cost == Decimal("0.464")


def test_output_ratio_is_for_what_moves_to_that_model(ledger: Ledger) -> None:
    """One tenth more output on Pro for the request that moves there, not for the one that was there."""
    rows = [request(), request(model="deepseek-v4-pro")]

    [result] = priced(
        ledger,
        rows,
        scenario(f'{ALL_TO_PRO}[assume]\noutput_ratio = {{ "deepseek-v4-pro" = 1.10 }}\ncache = "transferred"'),
    )

    assert result.cost == prices(PRO, 400, 600, 110) + cost(PRO, 400, 600, 100)


@pytest.mark.parametrize("key", ["pro", "deepseek-v4-*", "*"])
def test_ratios_name_a_model_by_family_or_glob(ledger: Ledger, key: str) -> None:
    [result] = priced(
        ledger, [request()], scenario(f'{ALL_TO_PRO}[assume]\noutput_ratio = {{ "{key}" = 2 }}\ncache = "transferred"')
    )

    assert result.cost == cost(PRO, 400, 600, 200)


def test_input_ratio_is_for_what_moves_away_from_that_model(ledger: Ledger) -> None:
    """Another tokenizer: nine tenths of the tokens, hits and misses alike."""
    rows = [request(model="claude-sonnet-4-5", provider="anthropic"), request()]

    [result] = priced(
        ledger, rows, scenario(f'{ALL_TO_PRO}[assume]\ninput_ratio = {{ "claude-*" = 0.9 }}\ncache = "transferred"')
    )

    assert result.cost == prices(PRO, 360, 540, 100) + cost(PRO, 400, 600, 100)


def test_ratios_of_what_moves_away_know_all_names_of_its_model(ledger: Ledger) -> None:
    """In October two names and the family mean V4.1 Flash: half of a thousand tokens are read on Pro."""
    rows = [request(misses=1000, hits=0, **{**PEAK, "model": name}) for name in ("deepseek-v4-flash", "deepseek-flash")]
    keys = ("flash", "deepseek-flash", "deepseek-v4-flash", "deepseek-*flash")

    found = priced(
        ledger, rows, *(scenario(f'{ALL_TO_PRO}[assume]\ninput_ratio = {{ "{key}" = 0.5 }}', key) for key in keys)
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
        ledger, rows, *(scenario(f'{ALL_TO_PRO}[assume]\ninput_ratio = {{ "{key}" = 3 }}', key) for key in keys)
    )

    peak, then = cost(DEAR_PRO, 1000, 0, 0), cost(DEAR_PRO, 1000, 0, 0) / 2
    costs = [[result.money(row["cost"]) for row in result.endpoints.iter_rows(named=True)] for result in found]
    assert costs == [[peak, 3 * then], [3 * peak, 3 * then], [3 * peak, 3 * then]]


@pytest.mark.parametrize(("key", "factor"), [("deepseek-v4-flash", 1), ("deepseek-flash", 1), ("deepseek-chat", 3)])
def test_a_name_means_who_answers_to_it_and_no_other(ledger: Ledger, key: str, factor: int) -> None:
    """In October the retired name is still V4 Flash, and V4 Flash's own name V4.1 Flash."""
    rows = [request(misses=1000, hits=0, output=0, **{**PEAK, "model": "deepseek-chat"})]

    [result] = priced(ledger, rows, scenario(f'{ALL_TO_PRO}[assume]\ninput_ratio = {{ "{key}" = 3 }}'))

    assert result.cost == factor * cost(DEAR_PRO, 1000, 0, 0)


def test_fractions_of_tokens_are_not_rounded(ledger: Ledger) -> None:
    """A ratio of six decimals on one token of output: 1e-15 of a dollar is not fine enough for it, and no digit is lost."""
    [result] = priced(
        ledger, [request(0, 0, 1)], scenario(f"{ALL_TO_PRO}[assume]\noutput_ratio = {{ pro = 1.000001 }}")
    )

    assert result.cost == Decimal("0.87") / MILLION * Decimal("1.000001")


def test_tokens_of_other_makers_are_told_of(ledger: Ledger) -> None:
    """Unless a ratio says how many they are, or nothing moves to another maker."""
    rows = [request(model="claude-sonnet-4-5", provider="anthropic"), request()]
    away = 'default = "claude-sonnet-4-5"\n'
    found = priced(
        ledger,
        rows,
        scenario(ALL_TO_PRO, "plain"),
        scenario(f'{ALL_TO_PRO}[assume]\ninput_ratio = {{ "claude-*" = 0.9 }}', "told"),
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
