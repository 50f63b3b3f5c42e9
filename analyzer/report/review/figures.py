"""Figures of a review as amounts: units and fractions of them become decimals, here and nowhere else."""

from decimal import Decimal
from fractions import Fraction

from analyzer.finance.entries import UNITS
from analyzer.report.amounts import nearest
from analyzer.simulate.result import exactly


def money(units: int | None) -> Decimal | None:
    """Units of 1e-15 of the currency as an amount, exactly; None stays None."""
    return None if units is None else exactly(units, UNITS)


def per(units: Fraction | None) -> Decimal | None:
    """A price or another ratio of money, rounded to 1e-15 of the currency, half to even: it seldom ends by itself."""
    return None if units is None else exactly(round(units), UNITS)


def rounded(units: int, places: int) -> Decimal:
    """Units of 1e-15 of the currency as an amount that is shown by itself, half to even."""
    return nearest(exactly(units, UNITS), places)
