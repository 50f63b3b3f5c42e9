"""Token shares by hand: parts of every request, in order, each where it goes."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from assumed import AS_LOGGED, priced, request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import FLASH, PRO, cost, scenario

from analyzer.ledger import Ledger
from analyzer.simulate.scenario import Scenario

SLOW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    with Ledger.throwaway() as made:
        yield made


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
