"""A result: what one scenario comes to, exactly."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import cast

import polars as pl

from analyzer.simulate.idle import IdleWord
from analyzer.simulate.routing import DIGITS
from analyzer.simulate.scenario import Scenario
from analyzer.simulate.undrawn import Undrawn

DECIMALS = 15  # costs are counted in units of 1e-15 of the currency, or finer where ratios ask for it


@dataclass(frozen=True)
class Result:
    """What one scenario comes to. Money is exact, in the view's currency; None where nothing is priced.

    Attributes:
        scenario: the scenario.
        requests: calls in the view.
        unpriced: calls with usage that it has no price for.
        compared_requests: calls priced both here and in reality.
        compared_actual: cost in reality, over those.
        difference: cost here less cost in reality, over those.
        before_first_price: calls priced with the first card of a target that was not on sale yet.
        moved: calls that another model would have served, in whole or in part.
        cost: the cost.
        low: with the caches transferred: every call keeps its hits, and an unknown split is all hits.
        high: with the caches cold: every call misses that shares a domain with one that moved.
        lost_cache: the part of the difference that is lost hits: cost less cost with the hits that were observed.
        all_misses: cost if no input came from a cache,
        all_hits: and if all of it did, but for what a cascade asks again.
        moving_outputs: the part of the cost that is outputs of requests that move,
        logged_outputs: and what these would cost at their logged length, whatever the scenario's ``output_ratio``.
        fee: the part of the cost that is a subscription.
        fee_months: for how many months it is paid.
        covered: calls that it covers, in whole or in part.
        covered_unpriced: of these, calls with usage that no price by tokens is known for here,
        covered_uncompared: and those whose cost in reality is not known: the fee pays for them, too, and the difference
            does not count them.
        replaced: what it covers would have cost by tokens, as far as that is known; None where none of it is.
        other_tokenizers: models as logged, of other makers than what serves their requests now, whose tokens are taken
            as they were: no ``input_ratio`` was given for them.
        idle_rules: rules that take no part of any request, by their places.
        idle_words: words by which no request goes.
        undrawn: calls of which a rule's share cannot be drawn, by rule.
        cache_basis: what a cache's domain was: ``blocks``, ``session``, ``endpoint``, or ``mixed``.
        decimals: what the money of ``endpoints`` is counted in: 15 for units of 1e-15 of the currency, or finer.
        endpoints: the same figures by endpoint, without the fee; see ``what_if.sql``.
    """

    scenario: Scenario
    requests: int
    unpriced: int
    compared_requests: int
    compared_actual: Decimal | None
    difference: Decimal | None
    before_first_price: int
    moved: int
    cost: Decimal | None
    low: Decimal | None
    high: Decimal | None
    lost_cache: Decimal | None
    all_misses: Decimal | None
    all_hits: Decimal | None
    moving_outputs: Decimal | None
    logged_outputs: Decimal | None
    fee: Decimal
    fee_months: int
    covered: int
    covered_unpriced: int
    covered_uncompared: int
    replaced: Decimal | None
    other_tokenizers: tuple[str, ...]
    idle_rules: tuple[int, ...]
    cache_basis: str
    decimals: int
    endpoints: pl.DataFrame
    idle_words: tuple[IdleWord, ...] = ()
    undrawn: tuple[Undrawn, ...] = ()

    def money(self, units: int | None) -> Decimal | None:
        """A figure of ``endpoints`` as an amount; None stays None."""
        return None if units is None else exactly(units, self.decimals)


def result_of(
    scenario: Scenario, endpoints: pl.DataFrame, finer: int, strangers: tuple[str, ...], idle: tuple[int, ...]
) -> Result:
    """Add a scenario's endpoints up.

    Args:
        scenario: the scenario.
        endpoints: the answer of ``what_if.sql``.
        finer: by how many decimals its money is finer than 1e-15 of the currency.
        strangers: see ``other_tokenizers``.
        idle: see ``idle_rules``.
    """
    texts = {"endpoint", "covered_months", "untold_models"}
    whole = {name: total(endpoints, name) for name in endpoints.columns if name not in texts}
    plan = scenario.fixed_fee
    months = {month for months in endpoints["covered_months"] if months is not None for month in months}
    with localcontext(prec=DIGITS):
        fee = plan.amount * len(months) if plan else Decimal(0)
        fee_units = int(fee.scaleb(DECIMALS)) * 10**finer
    places = DECIMALS + finer

    def units(name: str) -> int | None:
        found = whole[name]
        return None if found is None else found + fee_units

    def amount(found: int | None, less: int | None = 0) -> Decimal | None:
        return None if found is None or less is None else exactly(found - less, places)

    chosen = {"modelled": "modelled", "transferred": "transferred", "cold": "high"}[scenario.cache]
    actual = whole["compared_actual"]
    actual_units = None if actual is None else actual * 10**finer
    return Result(
        scenario=scenario,
        requests=whole["requests"] or 0,
        unpriced=whole["unpriced"] or 0,
        compared_requests=whole["compared_requests"] or 0,
        compared_actual=amount(actual_units),
        difference=amount(units(f"compared_{chosen}"), actual_units),
        before_first_price=whole["before_first_price"] or 0,
        moved=whole["moved"] or 0,
        cost=amount(units(chosen)),
        low=amount(units("low")),
        high=amount(units("high")),
        lost_cache=amount(units(f"compared_{chosen}"), units("compared_transferred")),
        all_misses=amount(units("all_misses")),
        all_hits=amount(units("all_hits")),
        moving_outputs=amount(whole["moving_outputs"]),
        logged_outputs=amount(whole["logged_outputs"]),
        fee=fee,
        fee_months=len(months),
        covered=whole["covered_requests"] or 0,
        covered_unpriced=whole["covered_unpriced"] or 0,
        covered_uncompared=whole["covered_uncompared"] or 0,
        replaced=amount(whole[f"replaced_{chosen}"]),
        other_tokenizers=strangers,
        idle_rules=idle,
        cache_basis=_basis(whole),
        decimals=places,
        endpoints=endpoints.with_columns(cost=pl.col(chosen), compared_cost=pl.col(f"compared_{chosen}")),
    )


def _basis(whole: Mapping[str, int | None]) -> str:
    requests, sessions, blocks = (whole[name] or 0 for name in ("requests", "in_sessions", "in_blocks"))
    if requests and sessions == requests:
        return "session"
    if requests and blocks == requests:
        return "blocks"
    return "mixed" if sessions or blocks else "endpoint"


def total(table: pl.DataFrame, column: str) -> int | None:
    """A column's exact sum; None when nothing in it is known."""
    known = table[column].drop_nulls().cast(pl.Int128)
    if known.is_empty():
        return None
    greatest = cast("int", known.abs().max())
    # A sum of 128 bits that runs over says nothing. One in Python cannot, but takes ten times as long.
    return int(known.sum()) if greatest * len(known) < 2**127 else sum(known.to_list())


def exactly(units: int, decimals: int) -> Decimal:
    """A whole number of units as an amount, whatever its length; arithmetic would round it to 28 digits."""
    return Decimal(f"{int(units)}E-{decimals}")


def decimals(*numbers: Decimal) -> int:
    """How many decimals the finest of some numbers has."""
    return max((max(0, -int(number.normalize().as_tuple().exponent)) for number in numbers), default=0)
