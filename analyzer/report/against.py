"""Scenarios against what was spent: the differences between them as they are shown, the same wherever they stand."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from analyzer.report.amounts import difference, nearest, places_for
from analyzer.simulate.result import Result


def digits(results: Sequence[Result]) -> int:
    """Decimals that show what was spent; where nothing of it is priced, what the first scenario costs that is."""
    return places_for(next((result.cost for result in results if result.cost is not None), None))


def against(result: Result, actual: Result, places: int) -> Decimal | None:
    """What a scenario costs more than was spent, as it is shown beside both costs. None is unknown.

    Where it is over other calls than they are (see :func:`alike`) it is not their difference, and stands for itself:
    whoever shows it says over which calls it is.
    """
    if result.difference is None:
        return None
    return difference(result.cost, actual.cost, places) if alike(result, actual) else nearest(result.difference, places)


def alike(result: Result, actual: Result) -> bool:
    """Whether the difference is that of the costs: it is not where calls have a price in one of them alone."""
    if result.difference is None or result.cost is None or actual.cost is None:
        return result.difference is None
    # Amounts may have more digits than arithmetic of decimals keeps.
    return Fraction(result.cost) - Fraction(actual.cost) == Fraction(result.difference)


def at_worst(result: Result, actual: Result, places: int) -> Decimal | None:
    """The same with cold caches, beside the high cost."""
    least, beyond = against(result, actual, places), difference(result.high, result.cost, places)
    return None if least is None or beyond is None else least + beyond
