"""Break-evens in closed form: where one choice begins to cost more than another, overall and by endpoint.

All of them are quotients of exact sums over the requests that have a price in reality, on Flash and on Pro. With A what
was spent, and F and P the cost of all of it on Flash and on Pro, each with the cache hits that were observed (in the
last, with those modelled, as in a scenario with an ``output_ratio``):

=====================  =====================================================  ================================
pro_share              part of the tokens on Pro, the rest on Flash, that     (B - F) / (P - F)
                       costs as much as the budget B (A, unless one is given)
escalation_rate        part of Flash's answers asked again of Pro, which has  (P - F) / (P with all misses)
                       not seen them, that costs as much as Pro alone
hit_rate               of a target: cache hit rate at which the move costs    (all misses - A) / (misses - hits)
                       as much as staying
output_ratio           of a target: how many times as long the outputs of     (A - all other cost)
                       calls that move may get before the move costs as       / cost of those outputs
                       much as staying
=====================  =====================================================  ================================
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from analyzer.simulate.result import DECIMALS, Result, total

_PARTS = (
    "compared_requests", "compared_actual", "compared_transferred", "compared_modelled", "compared_missed",
    "compared_saved", "compared_output", "compared_moved_output", "compared_request",
)  # fmt: skip
# Of an endpoint only what is asked for, as whole numbers: endpoints may be many, and other rows and decimals take time.
_ROW = ("endpoint", pl.col(_PARTS).cast(pl.Int128))


@dataclass(frozen=True)
class BreakEven:
    """Where choices cost the same. A value outside of what can be (a share over 1, a negative ratio) stands as it is.

    None where nothing has a price, or nothing changes with the quantity.

    Attributes:
        endpoint: the endpoint; None together with ``overall`` for those that the log does not name.
        overall: whether this is about all endpoints.
        pro_share: see the module.
        escalation_rate: see the module.
        hit_rate_flash: hit rate at which all of it on Flash costs what was spent; under 0 it always costs less.
        hit_rate_pro: the same on Pro; over 1 it always costs more.
        output_ratio_flash: ratio of output tokens of calls that move at which all of it on Flash costs what was spent;
            None where none moves.
        output_ratio_pro: the same on Pro.
        actual: what was spent, in the currency.
        flash: cost of all of it on Flash, caches modelled.
        pro: cost of all of it on Pro, caches modelled.
    """

    endpoint: str | None
    overall: bool
    pro_share: Fraction | None
    escalation_rate: Fraction | None
    hit_rate_flash: Fraction | None
    hit_rate_pro: Fraction | None
    output_ratio_flash: Fraction | None
    output_ratio_pro: Fraction | None
    actual: Decimal | None
    flash: Decimal | None
    pro: Decimal | None

    @property
    def pro_is_dearer(self) -> bool:
        """Whether ``pro_share`` is the most that may be on Pro; with own prices it can be the least that has to be."""
        return self.escalation_rate is None or self.escalation_rate >= 0


def break_evens(flash: Result, pro: Result, budget: Decimal | None = None) -> list[BreakEven]:
    """All break-evens: overall first, then by endpoint in the order of their names.

    Args:
        flash: everything on Flash, without other assumptions.
        pro: everything on Pro, without other assumptions.
        budget: what ``pro_share`` may cost in all; by endpoint, and without one, it is what was spent.
    """
    units = None if budget is None else Fraction(budget) * 10**DECIMALS
    whole_flash, whole_pro = ({name: total(result.endpoints, name) for name in _PARTS} for result in (flash, pro))
    flashes, pros = (
        {row.pop("endpoint"): row for row in result.endpoints.select(_ROW).iter_rows(named=True)}
        for result in (flash, pro)
    )
    return [
        _break_even(None, True, whole_flash, whole_pro, units),
        *(_break_even(endpoint, False, row, pros[endpoint], None) for endpoint, row in flashes.items()),
    ]


def _break_even(
    endpoint: str | None, overall: bool, flash: Mapping[str, Any], pro: Mapping[str, Any], budget: Fraction | None
) -> BreakEven:
    same = flash["compared_requests"] == pro["compared_requests"] and flash["compared_actual"] is not None
    if not same:  # priced on one of them only, or not at all: no quotient would compare like with like
        nothing = dict.fromkeys(_PARTS)
        flash, pro = nothing, nothing
    actual = flash["compared_actual"]
    on_flash, on_pro = flash["compared_transferred"], pro["compared_transferred"]
    cold_pro = _sum(pro["compared_missed"], pro["compared_output"], pro["compared_request"])
    return BreakEven(
        endpoint=endpoint,
        overall=overall,
        pro_share=_quotient(_less(actual if budget is None else budget, on_flash), _less(on_pro, on_flash)),
        escalation_rate=_quotient(_less(on_pro, on_flash), cold_pro),
        hit_rate_flash=_hit_rate(flash, actual),
        hit_rate_pro=_hit_rate(pro, actual),
        output_ratio_flash=_output_ratio(flash, actual),
        output_ratio_pro=_output_ratio(pro, actual),
        actual=_money(actual),
        flash=_money(flash["compared_modelled"]),
        pro=_money(pro["compared_modelled"]),
    )


def _hit_rate(parts: Mapping[str, Any], actual: int | None) -> Fraction | None:
    cold = _sum(parts["compared_missed"], parts["compared_output"], parts["compared_request"])
    return _quotient(_less(cold, actual), parts["compared_saved"])


def _output_ratio(parts: Mapping[str, Any], actual: int | None) -> Fraction | None:
    beside = _less(parts["compared_modelled"], parts["compared_moved_output"])
    return _quotient(_less(actual, beside), parts["compared_moved_output"])


def _sum(*parts: int | None) -> int | None:
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None


def _less(part: int | Fraction | None, other: int | Fraction | None) -> int | Fraction | None:
    return None if part is None or other is None else part - other


def _quotient(part: int | Fraction | None, whole: int | Fraction | None) -> Fraction | None:
    return None if part is None or not whole else Fraction(part, whole)


def _money(units: int | None) -> Decimal | None:
    return None if units is None else Decimal(f"{units}E-{DECIMALS}")
