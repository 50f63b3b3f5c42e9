"""Figures of money: a decimal string per 1M tokens in the files, an integer per token in the program.

One unit is 1e-15 of the currency per token, so a price per 1M tokens times 10**9 is its number of units.
Integers add and multiply without rounding, and DuckDB sums them exactly in HUGEINT.
"""

import re
from decimal import Decimal

from analyzer.errors import PriceError

UNITS_PER_CURRENCY = 10**15
_DECIMALS = 9  # of a price per 1M tokens: 1e-15 per token
_PLAIN = re.compile(r"(\d{1,9})(?:\.(\d+))?", re.ASCII)


def units(figure: str) -> int:
    """Turn a price per 1M tokens (plain decimal notation) into units of 1e-15 of the currency per token.

    Raises:
        PriceError: The text is no plain decimal number, or is finer than 1e-9 per 1M tokens.
    """
    plain = _PLAIN.fullmatch(figure)
    if plain is None:
        raise PriceError(
            f"{figure!r} is no price per 1M tokens",
            'Write a plain, non-negative decimal number as a string, such as "0.435".',
        )
    whole, fraction = plain[1], (plain[2] or "").rstrip("0")
    if len(fraction) > _DECIMALS:
        raise PriceError(
            f"{figure} per 1M tokens is finer than 1e-15 per token",
            f"Give at most {_DECIMALS} decimals per 1M tokens.",
        )
    return int(whole + fraction.ljust(_DECIMALS, "0"))


def from_per_million(price: Decimal) -> int:
    """Turn an exact price per 1M tokens, of at most 9 decimals, into units of 1e-15 of the currency per token."""
    figure = price.scaleb(_DECIMALS)
    if figure != int(figure):
        raise ValueError(f"{price} per 1M tokens is finer than 1e-15 per token")
    return int(figure)


def per_million(price: int) -> Decimal:
    """Turn units of 1e-15 of the currency per token back into the price per 1M tokens.

    Exact, without trailing zeros. Print it with ``format(value, "f")``: ``str`` may turn to exponents.
    """
    whole, fraction = divmod(price, 10**_DECIMALS)
    return Decimal(f"{whole}.{fraction:0{_DECIMALS}d}".rstrip("0").rstrip("."))
