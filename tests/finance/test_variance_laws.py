"""The laws that a split of a change must keep, and the same split by another arithmetic."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations, permutations, product
from math import factorial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from variances import amounts, output, total

from analyzer.finance.cell import Cell
from analyzer.finance.variance import DRIVERS, Driver, variance

PRODUCT = DRIVERS[:7]


# ----------------------------------------------------------------------------------------------------------- laws

numbers = st.integers(0, 60)
costs = st.one_of(st.just(0), st.integers(1, 10**9))
keys = st.tuples(
    st.sampled_from([None, "/a", "/b"]), st.sampled_from(["flash", "pro"]), st.sampled_from(["peak", "off-peak", "all"])
)


@st.composite
def a_month(draw: st.DrawFn) -> list[Cell]:
    """Any cells, also of no calls, of cost without tokens, of tokens without cost."""
    made = []
    for key, size in draw(st.lists(st.tuples(keys, st.sampled_from([0, 0, 200_001])), max_size=5, unique=True)):
        read, written = draw(numbers), draw(numbers)
        whole_input = draw(st.one_of(numbers.map(lambda missed, cached=read + written: missed + cached), numbers))
        made.append(
            Cell(
                *key,
                draw(st.integers(0, 4)),
                whole_input,
                read,
                written,
                draw(numbers),
                *(draw(costs) for _ in range(6)),
                size=size,
            )
        )
    return made


@given(a_month(), a_month())
@settings(max_examples=150, deadline=None)
def test_every_split_adds_up_and_swapping_the_months_turns_every_sign(before: list[Cell], after: list[Cell]) -> None:
    found, swapped = variance(before, after), variance(after, before)

    assert sum(driver.amount for driver in found.drivers) == total(after) - total(before)
    assert sum(part.amount for part in found.price_volume_mix) == total(after) - total(before)
    for endpoint, drivers in found.endpoints:
        change = [total(cell for cell in some if cell.endpoint == endpoint) for some in (before, after)]
        assert sum(driver.amount for driver in drivers) == change[1] - change[0]
    for place, driver in enumerate(found.drivers):
        assert driver.amount == sum(drivers[place].amount for _, drivers in found.endpoints)

    assert turned(swapped.drivers) == {driver.name: driver.amount for driver in found.drivers}
    assert turned(swapped.price_volume_mix) == {part.name: part.amount for part in found.price_volume_mix}
    assert {endpoint: turned(drivers) for endpoint, drivers in swapped.endpoints} == {
        endpoint: {driver.name: driver.amount for driver in drivers} for endpoint, drivers in found.endpoints
    }


def turned(drivers: Iterable[Driver]) -> dict[str, int]:
    """The same with all signs turned; what was new in one direction is discontinued in the other."""
    names = {"new": "discontinued", "discontinued": "new"}
    return {
        " ".join([names.get(driver.name.split()[0], driver.name.split()[0]), *driver.name.split()[1:]]): -driver.amount
        for driver in drivers
    }


@given(a_month())
@settings(max_examples=50, deadline=None)
def test_a_month_against_itself_is_nothing(month: list[Cell]) -> None:
    found = variance(month, month)

    assert amounts(found.drivers) == {}
    assert amounts(found.price_volume_mix) == {}


@dataclass(frozen=True)
class Made:
    """A month made of its drivers, so that one can be changed alone: 10 parts of an endpoint's calls by line, of a line's by window."""

    requests: int
    endpoints: tuple[int, ...]  # parts of 10
    lines: tuple[int, ...]
    windows: tuple[int, ...]
    use: tuple[int, int, int]  # input and output per request, and what is billed apart
    split: tuple[int, int]  # of 10 tokens read: hits, writes
    prices: tuple[int, ...]  # miss, read, write, output, request; twice that in peak hours, three times for pro

    def cells(self) -> list[Cell]:
        made = []
        for (place, endpoint), (line, by_line), (window, by_window) in product(
            enumerate(self.endpoints), enumerate(self.lines), enumerate(self.windows)
        ):
            calls = self.requests * endpoint * by_line * by_window
            read, written = (10 * calls * self.use[0] * part // 10 for part in self.split)
            answered = calls * self.use[1] * (place + 1)
            miss, hit, write_price, out, fee = (price * (window + 1) * (1 + 2 * line) for price in self.prices)
            whole_input = 10 * calls * self.use[0]
            made.append(
                Cell(
                    f"/{place}",
                    ("flash", "pro")[line],
                    ("off-peak", "peak")[window],
                    calls,
                    whole_input,
                    read,
                    written,
                    answered,
                    (whole_input - read - written) * miss,
                    read * hit,
                    written * write_price,
                    answered * out,
                    calls * fee,
                    calls * self.use[2],
                )
            )
        return [cell for cell in made if cell.requests]


def parts(least: int, of: int = 10) -> st.SearchStrategy[tuple[int, ...]]:
    return st.integers(least, of - least).map(lambda first: (first, of - first))


made_months = st.builds(
    Made,
    requests=st.integers(1, 50),
    endpoints=parts(1),
    lines=parts(0),
    windows=parts(0),
    use=st.tuples(*[st.integers(1, 30)] * 3),
    split=st.tuples(st.integers(0, 5), st.integers(0, 5)),
    prices=st.tuples(*[st.integers(1, 1000)] * 5),
)
ONE = dict(zip(PRODUCT, ("requests", "endpoints", "lines", "use", "split", "windows", "prices"), strict=True))


@pytest.mark.parametrize("driver", PRODUCT)
@given(made_months, made_months)
@settings(max_examples=25, deadline=None)
def test_a_change_in_one_driver_alone_lands_in_that_driver_alone(driver: str, one: Made, other: Made) -> None:
    before = one.cells()
    after = replace(one, **{ONE[driver]: getattr(other, ONE[driver])}).cells()

    change = total(after) - total(before)
    assert amounts(variance(before, after).drivers) == ({driver: change} if change else {})


# ------------------------------------------------------------------------------------------ by another arithmetic

Factors = dict[str, Callable[[Cell], Fraction | None]]


def per(part: int, of: int) -> Fraction | None:
    return Fraction(part, of) if of else None


def factors(month: Sequence[Cell], key: tuple[Any, ...]) -> list[list[Fraction | None]]:
    """The seven drivers of a cell as its month knows them, each a list of figures."""
    cell = next((cell for cell in month if cell.key[:3] == key[:3]), Cell(*key[:3], 0))
    of = [sum(other.requests for other in month if other.key[:length] == key[:length]) for length in range(4)]
    splits = (cell.miss_tokens, cell.read_tokens, cell.write_tokens)
    paid = (cell.miss_cost, cell.read_cost, cell.write_cost, cell.output_cost)
    return [
        [Fraction(of[0])],
        [per(of[1], of[0])],
        [per(of[2], of[1])],
        [per(cell.input_tokens, of[3]), per(cell.output_tokens, of[3])],
        [per(number, cell.input_tokens) for number in splits],
        [per(of[3], of[2])],
        [per(money, number) for money, number in zip(paid, (*splits, cell.output_tokens), strict=True)],
    ]


def value(chosen: list[list[Fraction]]) -> Fraction:
    (requests,), (endpoint,), (line,), (read, written), split, (window,), price = chosen
    a_call = read * sum(a * b for a, b in zip(split, price, strict=False)) + written * price[3]
    return requests * endpoint * line * window * a_call


def corners(before: Sequence[Cell], after: Sequence[Cell], key: tuple[Any, ...]) -> Callable[[Iterable[int]], Fraction]:
    """What a cell costs when some drivers, by their numbers, are those of the later month."""
    old, new = factors(before, key), factors(after, key)

    def known(mine: list[list[Fraction | None]], others: list[list[Fraction | None]]) -> list[list[Fraction]]:
        return [
            [next((x for x in (a, b) if x is not None), Fraction(0)) for a, b in zip(x, y, strict=True)]
            for x, y in zip(mine, others, strict=True)
        ]

    sides = known(old, new), known(new, old)
    return lambda some: value([sides[place in set(some)][place] for place in range(7)])


def textbook(before: Sequence[Cell], after: Sequence[Cell], key: tuple[Any, ...]) -> Iterator[Fraction]:
    """Shapley values by their definition: all coalitions, each with its weight."""
    worth = corners(before, after, key)
    for player in range(7):
        others = [place for place in range(7) if place != player]
        yield sum(
            (
                Fraction(factorial(size) * factorial(6 - size), factorial(7)) * (worth({*some, player}) - worth(some))
                for size in range(7)
                for some in combinations(others, size)
            ),
            Fraction(0),
        )


@st.composite
def plain_months(draw: st.DrawFn) -> tuple[list[Cell], list[Cell]]:
    """Months of calls that are all counted, in the same endpoints, and whose cost is all for tokens."""

    def month() -> list[Cell]:
        made = []
        chosen = draw(
            st.lists(
                st.tuples(st.sampled_from(["flash", "pro"]), st.sampled_from(["peak", "off-peak"])),
                min_size=1,
                max_size=2,
                unique=True,
            )
        )
        for endpoint, (line, window) in [("/a", one) for one in chosen] + [("/b", chosen[0])]:
            tokens = [draw(numbers) for _ in range(4)]
            money = [draw(costs) if number else 0 for number in tokens]
            made.append(Cell(endpoint, line, window, draw(st.integers(1, 5)), sum(tokens[:3]), *tokens[1:], *money))
        return made

    return month(), month()


@given(plain_months())
@settings(max_examples=40, deadline=None)
@pytest.mark.endurance
def test_the_parts_are_the_textbooks_to_the_unit(months: tuple[list[Cell], list[Cell]]) -> None:
    before, after = months
    found = variance(before, after)

    for endpoint in ("/a", "/b"):
        cells_there = {cell.key for cell in (*before, *after) if cell.endpoint == endpoint}
        exact = [sum(column) for column in zip(*(textbook(before, after, key) for key in cells_there), strict=True)]
        there = dict(found.endpoints)[endpoint]
        for driver, expected in zip(there[:7], exact, strict=True):
            assert abs(driver.amount - expected) < len(cells_there)


def test_the_parts_are_the_means_over_all_5040_orders() -> None:
    """Every driver changes; in each order each driver is charged with what its own step adds."""
    before = [
        Cell("/a", "pro", "peak", 3, 100, 40, 10, 20, 5000, 400, 150, 4000),
        output(2, 9, 5, line="pro", window="off-peak"),
        output(1, 5, 5),
        output(4, 9, 5, "/b"),
    ]
    after = [
        Cell("/a", "pro", "peak", 7, 300, 90, 21, 70, 9450, 450, 630, 21000),
        output(1, 9, 5, line="pro", window="off-peak"),
        output(4, 5, 5),
        output(5, 9, 5, "/b"),
    ]
    worth = corners(before, after, ("/a", "pro", "peak"))
    known = {frozenset(some): worth(some) for size in range(8) for some in combinations(range(7), size)}
    sums = [Fraction(0)] * 7
    for order in permutations(range(7)):
        done: frozenset[int] = frozenset()
        for driver in order:
            sums[driver] += known[done | {driver}] - known[done]
            done |= {driver}
    exact = [part / factorial(7) for part in sums]

    assert exact == list(textbook(before, after, ("/a", "pro", "peak")))
    assert sum(exact) == 31530 - 9550
    assert all(exact)
    scale = 10**12  # so that whole units show twelve more digits of the parts
    money = [[Cell(*cell[:8], *(scale * part for part in cell[8:14])) for cell in month] for month in (before, after)]
    others = [[cell for cell in month if cell.key[:3] != ("/a", "pro", "peak")] for month in money]
    found = variance(*money)
    rest = [
        sum(column)
        for column in zip(
            *(textbook(*money, key) for key in {cell.key for month in others for cell in month}), strict=True
        )
    ]
    for driver, expected, beside in zip(found.drivers[:7], exact, rest, strict=True):
        assert abs(driver.amount - scale * expected - beside) < 4
