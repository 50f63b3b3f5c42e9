"""Waiting: the lowest price within reach, against a look at every price for every instant and size."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from analyzer.prices import Interval
from analyzer.simulate.waiting import waited

BEGIN = datetime(2026, 10, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
SIZES = (0, 4, 5, 199_999, 200_000, 10**9)


def price(start: int, end: int, least: int, most: int | None, figures: tuple[int | None, ...]) -> Interval:
    """A price from an hour to an hour: of a miss, of output, of a hit. All other figures hang on these three."""
    miss, output, hit = figures
    mark = 100 * (miss or 0) + 10 * (output or 0) + (hit or 0)
    bare = Interval(
        BEGIN + start * HOUR, BEGIN + end * HOUR, f"{miss} {output} {hit}", miss, hit, 1000 + mark, output,
        "m", "certain", None, False, "-", 2000 + mark, 3000 + mark, least, most, (("search", 4000 + mark),),
    )  # fmt: skip
    return replace(bare, dearer=replace(bare, start=BEGIN, end=BEGIN, input_from=0, input_to=None))


def lists(dice: random.Random) -> Iterator[Interval]:
    """Prices one after the other, some apart by the size of the input, with a gap now and then."""
    hour = 0
    for _ in range(dice.randint(1, 6)):
        hour += dice.choice([0, 0, 0, 2])
        end = hour + dice.randint(1, 4)
        bounds = [0, *dice.choice([(), (5,), (200_000,), (5, 200_000)]), None]
        for least, most in pairwise(bounds):
            figures = tuple(dice.choice([1, 2, 3, 3, None if dice.random() < 0.2 else 4]) for _ in range(3))
            yield price(hour, end, least or 0, most, figures)
        hour = end


def in_force(intervals: list[Interval], instant: datetime, size: int) -> list[Interval]:
    return [one for one in intervals if one.start <= instant < one.end and holds(one, size)]


def holds(one: Interval, size: int) -> bool:
    return one.input_from <= size and (one.input_to is None or size < one.input_to)


def dearness(one: Interval) -> tuple[bool, int, int, int]:
    """By miss, then output, then hit; what has an unknown one comes after all others."""
    unknown = None in {one.input, one.output, one.cache_read}
    return unknown, one.input or 0, one.output or 0, one.cache_read or 0


@pytest.mark.parametrize("seed", range(40))
def test_the_lowest_price_within_reach_is_taken(seed: int) -> None:
    """At every half hour and in every size; it may begin at the very last instant. Where nothing holds, nothing does."""
    dice = random.Random(seed)
    intervals, longest, end = list(lists(dice)), dice.randint(0, 6) * HOUR, BEGIN + dice.randint(1, 24) * HOUR

    found = waited(intervals, longest, end)

    for half in range(60):
        instant = BEGIN + half * HOUR / 2
        for size in SIZES:
            here = in_force(intervals, instant, size) if instant < end else []
            taken = in_force(found, instant, size)
            reached = [
                one for one in intervals if holds(one, size) and one.start <= instant + longest and instant < one.end
            ]
            assert len(taken) == len(here)
            if taken:
                best = min(reached, key=dearness)
                assert replace(taken[0], start=best.start, end=best.end, input_from=0, input_to=None) == replace(
                    best, input_from=0, input_to=None
                )
