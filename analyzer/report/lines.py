"""Costs that are linear in a share: of Pro, or of hits. What they come to, and where they meet what was spent."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import polars as pl

from analyzer.simulate.result import total
from analyzer.simulate.servings import FAMILIES

_UNIT = Fraction(1, 10**15)
WAYS = ("logged", *FAMILIES)


@dataclass(frozen=True)
class Line:
    """A cost by a share from 0 to 1, in the currency, exact.

    Attributes:
        none: at share 0.
        whole: at share 1.
    """

    none: Fraction
    whole: Fraction

    def at(self, share: Fraction) -> Fraction:
        """The cost at a share."""
        return self.none + (self.whole - self.none) * share

    def meets(self, cost: Fraction) -> Fraction | None:
        """The share at which it is this cost; None where it is at no share from 0 to 1, or at every one."""
        if self.none == self.whole:
            return None
        share = (cost - self.none) / (self.whole - self.none)
        return share if 0 <= share <= 1 else None


@dataclass(frozen=True)
class Lines:
    """The costs that the report draws, over the requests that have a price in reality.

    Attributes:
        spent: what they did cost.
        by_share: by the share of Pro, the others on Flash, with the hits that they had.
        by_hits: by the hit rate of all requests, as they were logged, all on Flash, all on Pro.
    """

    spent: Fraction
    by_share: Line
    by_hits: dict[str, Line]


def lines(servings: pl.DataFrame) -> Lines | None:
    """Read the lines of :class:`analyzer.simulate.servings.Servings`; None where nothing has a price."""
    if servings.is_empty():
        return None
    compared = servings.filter(pl.col("compared")).partition_by("serving", as_dict=True)
    by_way = {way: rows for (way,), rows in compared.items()}
    if not by_way.keys() >= set(WAYS):
        return None

    def cost(way: str, columns: Iterable[str]) -> Fraction:
        return _UNIT * sum(total(by_way[way], name) or 0 for name in columns)

    kept = ("miss_cost", "hit_cost", "write_cost", "output_cost", "request_cost")
    beside = ("output_cost", "request_cost")
    return Lines(
        spent=cost("logged", kept),
        by_share=Line(cost("flash", kept), cost("pro", kept)),
        by_hits={
            way: Line(cost(way, ("all_missed_cost", *beside)), cost(way, ("all_hit_cost", *beside))) for way in WAYS
        },
    )


def decimal(amount: Fraction) -> Decimal:
    """An exact amount to be shown: half to even at 1e-15, where it has more digits or no last one."""
    return Decimal(round(amount / _UNIT)).scaleb(-15)
