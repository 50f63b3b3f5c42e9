"""Costs that are linear in a share: their ends are what the simulator says, and break-evens are where it says what was spent."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction

import pytest
from shown import Page, analysis_of, filled, request
from support import BOOK, fill, ledger_of, scenario

from analyzer.report.figures import curves
from analyzer.report.lines import Line, Lines, lines
from analyzer.report.page import render
from analyzer.simulate.relations import View, prepare
from analyzer.simulate.whatif import Simulation


@pytest.fixture(scope="module")
def simulated() -> Iterator[tuple[Lines, Simulation]]:
    """Fifty calls of several models, across changes of price, some of them without a known split, some with more than text."""
    chance = random.Random(1)
    beside = {
        "deepseek-v4-pro": {"search": 2, "fetch": 1},
        "claude-sonnet-4-5": {"search": 3},
        "gemini-2.5-flash": {"input_audio": 700, "cache_read_audio": 300},
    }
    rows = [
        request(
            number,
            model=model,
            apart=beside.get(model) if number % 2 else None,
            started_at=datetime(2026, 8, 15) + timedelta(hours=42 * number),
            input_tokens=chance.randrange(1000, 10**6),
            cache_read_tokens=512
            if model in ("gemini-2.5-flash", "deepseek-v4-flash")
            else chance.choice([None, 0, 512]),
            output_tokens=chance.randrange(10**5),
        )
        for number in range(50)
        for model in [chance.choice(["deepseek-v4-flash", *beside])]
    ]
    with ledger_of() as ledger:
        fill(ledger, rows)
        found = lines(analysis_of(ledger, []).servings.lines)
        assert found is not None
        prepare(ledger, BOOK, View())
        yield found, Simulation(ledger, BOOK, View())


@pytest.mark.parametrize("share", ["0", "1", "0.25", "0.123456"])
def test_the_line_of_shares_is_the_simulators(simulated: tuple[Lines, Simulation], share: str) -> None:
    found, simulation = simulated
    asked = f"default = 'flash'\n[[route]]\nto = 'pro'\ntoken_share = {share}\n[assume]\ncache = 'transferred'"

    assert found.by_share.at(Fraction(share)) == Fraction(simulation.price(scenario(asked)).cost or 0)


@pytest.mark.parametrize("way", ["as-logged", "flash", "pro"])
@pytest.mark.parametrize("rate", ["0", "1", "0.5", "0.8125"])
def test_the_lines_of_hit_rates_are_the_simulators(simulated: tuple[Lines, Simulation], way: str, rate: str) -> None:
    found, simulation = simulated
    line = found.by_hits[way.removeprefix("as-")]

    asked = f"default = '{way}'\n[assume]\nhit_rate = {rate}"

    assert line.at(Fraction(rate)) == Fraction(simulation.price(scenario(asked)).cost or 0)


def test_what_was_spent_is_what_was_spent(simulated: tuple[Lines, Simulation]) -> None:
    found, simulation = simulated

    assert found.spent == Fraction(simulation.price(scenario("", "nothing")).cost or 0)


@pytest.mark.parametrize(
    ("line", "cost", "share"),
    [
        (Line(Fraction(2), Fraction(10)), 4, Fraction(1, 4)),
        (Line(Fraction(10), Fraction(2)), 4, Fraction(3, 4)),
        (Line(Fraction(2), Fraction(10)), 2, Fraction(0)),
        (Line(Fraction(2), Fraction(10)), 10, Fraction(1)),
        (Line(Fraction(2), Fraction(10)), 11, None),
        (Line(Fraction(2), Fraction(10)), 1, None),
        (Line(Fraction(3), Fraction(3)), 3, None),
    ],
)
def test_a_break_even_lies_between_nothing_and_all(line: Line, cost: int, share: Fraction | None) -> None:
    assert line.meets(Fraction(cost)) == share


@pytest.mark.endurance
def test_break_evens_are_marked_in_the_figure_and_named_in_its_table() -> None:
    """Half the calls on Flash, half on Pro, all alike and at the same instant: it breaks even at half and half."""
    rows = [request(1, model=model) for model in ("deepseek-v4-flash", "deepseek-v4-pro")]
    analysis = filled(rows)
    found = lines(analysis.servings.lines)
    assert found is not None
    figure = curves.by_share(found, "USD")
    (mark,) = [trace for trace in figure.data if trace.name == "break-even"]

    assert list(mark.x) == [50]
    assert list(mark.text) == ["50.0%"]
    assert Page(render(analysis)).tables["by-share"][-1][1] == "at 50.0%"
    assert Page(render(filled(rows[:1]))).tables["by-share"][-1][1] == "at 0.0%"


@pytest.mark.endurance
def test_nothing_priced_has_no_lines() -> None:
    assert lines(filled([request(1, model="acme")]).servings.lines) is None


@pytest.mark.parametrize(
    ("shares", "texts", "places"),
    [
        ("", "", ""),
        ("50", "50.0%", "top center"),
        ("2", "2.0%", "top right"),
        ("98", "98.0%", "top left"),
        ("40 42", "40.0% 42.0%", "top center, bottom center"),
        ("17 84 86", "17.0% 84.0% 86.0%", "top center, bottom center, top center"),
        ("40 50 60", "40.0% 50.0% 60.0%", "top left, bottom center, top right"),
        ("75 84 92", "75.0% 84.0% 92.0%^", "top center, bottom center, top center"),  # right of 92 it would be cut
        ("10 20 30", "10.0% 20.0% 30.0%^", "top center, bottom center, top center"),
        ("1 2 3", "1.0% 2.0% 3.0%^", "top right, bottom right, top right"),
    ],
)
def test_labels_of_break_evens_are_apart(shares: str, texts: str, places: str) -> None:
    """By turns above and below; of two above that are near, one is moved to either side, or a line higher (^)."""
    found = curves.labels([Fraction(int(share), 100) for share in shares.split()])
    assert ([text.replace("<br>\u00a0", "^") for text in found[0]], ", ".join(found[1])) == (texts.split(), places)
