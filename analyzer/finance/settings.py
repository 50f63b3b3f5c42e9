"""``[review]`` of ``spend.toml``: how a review looks at a month."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from analyzer.finance.entries import UNITS
from analyzer.simulate import words
from analyzer.simulate.words import NotMeantError, Words

_KEYS = ("anomaly_floor", "anomaly_score")


@dataclass(frozen=True)
class ReviewSettings:
    """How a review looks at a month.

    Attributes:
        anomaly_floor: how far from the usual the cost of a day must be to be told, in units of 1e-15 of the currency;
            None for a hundredth of the month's cost.
        anomaly_score: and how far as a robust score.
    """

    anomaly_floor: int | None = None
    anomaly_score: Fraction = Fraction(7, 2)


def read_settings(tables: Mapping[str, Any], where: str) -> ReviewSettings:
    """Read ``[review]``.

    Raises:
        UsageError: names the file, the key and the nearest known word.
    """
    whole = Words({key: tables[key] for key in ("review",) if key in tables}, where, "", ("review",))
    told = whole.table("review", _KEYS)
    usual = ReviewSettings()
    return ReviewSettings(
        told.get("anomaly_floor", _units, usual.anomaly_floor), told.get("anomaly_score", _score, usual.anomaly_score)
    )


def _units(value: object) -> int:
    return int(words.amount(value).scaleb(UNITS))


def _score(value: object) -> Fraction:
    if not isinstance(value, bool) and isinstance(value, (int, Decimal)):
        number = Decimal(value)
        if number.is_finite() and 0 < number <= 1000 and number == round(number, words.DECIMALS):
            return Fraction(number)
    raise NotMeantError(
        f"is no number above 0, up to 1000, of {words.DECIMALS} decimals at most", "write {key} = 3.5, say"
    )
