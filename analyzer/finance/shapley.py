r"""Shapley values of a product of drivers, exact, in whole numbers.

The Shapley value of a driver is the mean, over all orders in which the drivers may go from the old to the new, of what
its own step adds (Shapley, A value for n-person games, 1953). No driver comes first, so no order is preferred.

A cost that is a product of drivers, or a sum of such products, needs no list of the 2^n coalitions: with all drivers a
share ``z`` of the way from old to new, the value of a driver is the integral over ``z`` from 0 to 1 of its own change
times all the others as they are at ``z`` (Owen, Multilinear extensions of games, 1972). That is a polynomial, whose
integral is a sum of fractions with small denominators.
"""

from collections.abc import Sequence
from functools import reduce
from itertools import accumulate

# Old and new value of a driver, as whole numbers over one denominator.
Pair = tuple[int, int]
Polynomial = list[int]  # coefficients, the constant first
PARTS = 840  # the least common multiple of 1 to 8: the integrals of eight drivers are whole in it


def pair(old: int, old_of: int, new: int, new_of: int) -> tuple[Pair, int]:
    """Two ratios over one denominator. One that is unknown, of nothing, is as the other, so that it does not change."""
    if old_of and new_of:
        return ((old, new), old_of) if old_of == new_of else ((old * new_of, new * old_of), old_of * new_of)
    if new_of:
        return (new, new), new_of
    return (old, old), old_of or 1


def shapley(scales: Sequence[Pair], terms: Sequence[tuple[Pair, Pair, Pair]]) -> list[int]:
    """Split the change of ``product of scales * sum over terms of (first * second * third)``.

    Args:
        scales: drivers that multiply everything, five at most.
        terms: of each, the values of three more drivers, which may be others in each term.

    Returns:
        the values of the scales and of the three drivers, in units of 1 / ``PARTS`` of the product's.
    """
    lines = [(old, new - old) for old, new in scales]
    scale = reduce(_times, lines, [1])
    inner, parts = _inner(terms)
    # Everything but one scale: those before it times those after it.
    before = list(accumulate(lines, _times, initial=[1]))
    after = list(accumulate(reversed(lines), _times, initial=[1]))[::-1]
    found = [
        change * _integral(_product(before[place], after[place + 1]), inner) if change else 0
        for place, (_, change) in enumerate(lines)
    ]
    weights = [sum(PARTS // (one + two + 1) * value for one, value in enumerate(scale)) for two in range(3)]
    found += [sum(weight * value for weight, value in zip(weights, part, strict=False)) for part in parts]
    return found


def _inner(terms: Sequence[tuple[Pair, Pair, Pair]]) -> tuple[Polynomial, tuple[Polynomial, ...]]:
    """The sum of the terms on the way, and what each of its three drivers adds to that there."""
    whole_sum, first, second, third = [0, 0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]
    for (a, a_new), (b, b_new), (c, c_new) in terms:
        da, db, dc = a_new - a, b_new - b, c_new - c
        bc, ac, ab = (
            (b * c, b * dc + db * c, db * dc),
            (a * c, a * dc + da * c, da * dc),
            (a * b, a * db + da * b, da * db),
        )
        for power in range(3):
            first[power] += da * bc[power]
            second[power] += db * ac[power]
            third[power] += dc * ab[power]
            whole_sum[power] += a * bc[power]
            whole_sum[power + 1] += da * bc[power]
    return whole_sum, (first, second, third)


def _times(polynomial: Polynomial, line: Pair) -> Polynomial:
    """A polynomial times ``constant + change * z``."""
    constant, change = line
    if not change:
        return [constant * value for value in polynomial]
    return [
        *map(
            int.__add__, [constant * value for value in polynomial], [0, *(change * value for value in polynomial[:-1])]
        ),
        change * polynomial[-1],
    ]


def _product(one: Polynomial, two: Polynomial) -> Polynomial:
    found = [0] * (len(one) + len(two) - 1)
    for place, value in enumerate(one):
        for other, factor in enumerate(two):
            found[place + other] += value * factor
    return found


def _integral(one: Polynomial, two: Polynomial) -> int:
    """The integral of a product from 0 to 1, in units of 1 / ``PARTS``."""
    return sum(
        PARTS // (place + other + 1) * value * factor
        for place, value in enumerate(one)
        for other, factor in enumerate(two)
    )
