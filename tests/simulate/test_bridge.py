"""The bridge by hand: each ingredient alone, and the steps add up."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from assumed import AS_LOGGED, request, simulated
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import BOOK, FLASH, MILLION, PRO, call, cost, fill, scenario, spend, write

from analyzer.ledger import Ledger
from analyzer.prices import own_rates
from analyzer.simulate.bridge import bridge
from analyzer.simulate.relations import View, prepare
from analyzer.simulate.scenario import ACTUAL
from analyzer.simulate.whatif import Simulation

SLOW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    with Ledger.throwaway() as made:
        yield made


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


@pytest.mark.endurance
def test_a_scenario_of_its_own_prices_has_a_bridge(tmp_path: Path) -> None:
    """Where only own prices know the target, routing and price are one step."""
    log = write(tmp_path / "log.jsonl", call())
    mine = tmp_path / "mine.toml"
    mine.write_text('default = "my-model"\n[prices]\n"my-model" = { input = "1", output = "1" }\n')

    [_, told] = spend("simulate", log, "--scenario", mine, "--json").document["scenarios"]

    assert [step["driver"] for step in told["bridge"]] == ["routing and price"]
    assert told["bridge"][0]["amount"] == told["difference"]
