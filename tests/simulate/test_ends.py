"""The ends of what cost is linear in: what one pricing tells of them is what pricing anew comes to."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from made import make
from random_scenarios import drawn
from support import BOOK, scenario

from analyzer.errors import UsageError
from analyzer.ledger import Ledger
from analyzer.simulate.relations import View, prepare
from analyzer.simulate.scenario import ACTUAL, FLASH, PRO, Scenario
from analyzer.simulate.sensitivity import curves
from analyzer.simulate.whatif import Simulation


@pytest.fixture(scope="module")
def simulation() -> Iterator[Simulation]:
    with Ledger.throwaway() as ledger:
        make(ledger, 3_000)
        prepare(ledger, BOOK, View())
        yield Simulation(ledger, BOOK, View())


def told_as_priced(simulation: Simulation, whole: Scenario) -> bool:
    """Hold the ends that a result knows against scenarios that assume them; whether there was money in it."""
    try:
        result = simulation.price(whole)
    except UsageError:  # weights too fine for the sums: then nothing is told
        return False

    for rate, told in ((0, result.all_misses), (1, result.all_hits)):
        assert told == simulation.price(replace(whole, hit_rate=Decimal(rate))).cost, rate
    if result.moved:
        points = {point.value: point.cost for point in curves(result) if point.assumption == "output_ratio"}
        for ratio, told in points.items():
            if ratio in {Decimal("0.5"), Decimal(1), Decimal(2)}:
                assert told == simulation.price(replace(whole, output_ratio={"*": ratio})).cost, ratio
    return bool(result.cost and result.moved)


@pytest.mark.endurance
@pytest.mark.parametrize("whole", [FLASH, PRO], ids=["flash", "pro"])
def test_all_on_one_model(simulation: Simulation, whole: Scenario) -> None:
    assert told_as_priced(simulation, whole)


def test_reality_moves_nothing_but_has_a_hit_rate(simulation: Simulation) -> None:
    """Also where audio that was cached has a price of its own."""
    voice = '"gpt-4o-audio-preview" = { input_audio = "40", cache_read_audio = "3" }'
    own = scenario(f'name = "own"\n[prices]\n{voice}')

    assert not told_as_priced(simulation, ACTUAL)
    assert not told_as_priced(simulation, own)


@pytest.mark.endurance
def test_many_drawn_at_random(simulation: Simulation) -> None:
    assert sum(told_as_priced(simulation, scenario(drawn(seed))) for seed in range(60)) > 30
