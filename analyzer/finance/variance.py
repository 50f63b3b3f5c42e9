"""Variance: the change of cost from one month to another, split exactly into what drove it.

The cost of a cell (an endpoint, a line, a window, a size) is a product of drivers::

    requests * share of the endpoint * share of the line in it * share of the window in that * share of the size in that
        * (input per request * sum over miss, read, write of (share of the input * price) + output per request * price
           + what is billed apart per request + price of a request)

with requests counted over all endpoints that are there in both months. The change of every cell is split into the
Shapley values of its factors (:mod:`analyzer.finance.shapley`), so that no order is preferred, swapping the months
turns every sign, and a driver that did not change gets exactly 0. Prices are what was paid per token on average in the
cell. What a month does not know is taken as in the other month: the price of cache hits in a month without hits, say.

The size is that of a request's input, where a list has other prices for large ones. Its share is a driver of its own
in the product, and counts to tokens per request: longer prompts that are dearer by the same list are no change of the
list.

An endpoint that is there in only one month is new or discontinued as a whole. Usage exports that count no calls have
their tokens in place of tokens per request, and change neither requests nor any share of them. An unknown cache split
counts as all misses, here as in the cost.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import gcd, lcm

from analyzer.finance.apportion import apportion
from analyzer.finance.cell import Cell, Key, by_endpoint, comparable
from analyzer.finance.price_volume_mix import price_volume_mix
from analyzer.finance.shapley import PARTS, Pair, pair, shapley

DRIVERS = (
    "requests",
    "endpoint mix",
    "model routing",
    "tokens per request",
    "cache hit rate",
    "time window",
    "list price",
    "new endpoints",
    "discontinued endpoints",
)
_PRODUCT = 7  # the drivers before new and discontinued endpoints, which are not part of the product
# Where `shapley` has each of them: the scales come first there, then what the terms are made of. The share of the size
# is part of tokens per request.
_PLACES = ((0,), (1,), (2,), (5, 4), (6,), (3,), (7,))


@dataclass(frozen=True)
class Driver:
    """A part of a change.

    Attributes:
        name: what drove it.
        amount: units of 1e-15 of the currency.
    """

    name: str
    amount: int


@dataclass(frozen=True)
class Variance:
    """A change of cost and what drove it; every split adds up exactly.

    Attributes:
        drivers: all of ``DRIVERS``, in their order; their sum is the cost of the later month less that of the earlier.
        endpoints: the same for each endpoint, the largest change first, whatever its sign.
        price_volume_mix: the classic split of the whole change; see :mod:`analyzer.finance.price_volume_mix`.
    """

    drivers: tuple[Driver, ...]
    endpoints: tuple[tuple[str | None, tuple[Driver, ...]], ...]
    price_volume_mix: tuple[Driver, ...]


def variance(before: Sequence[Cell], after: Sequence[Cell]) -> Variance:
    """Split the change of cost from one month to another.

    Args:
        before: the cells of the earlier month.
        after: those of the later one.
    """
    old, new = comparable(before, after)
    old_costs, new_costs = by_endpoint(old), by_endpoint(new)
    found = {endpoint: [0] * len(DRIVERS) for endpoint in {**old_costs, **new_costs}}
    for endpoint, amounts in found.items():
        if endpoint not in old_costs:
            amounts[_PRODUCT] = new_costs[endpoint]
        elif endpoint not in new_costs:
            amounts[_PRODUCT + 1] = -old_costs[endpoint]
    both = old_costs.keys() & new_costs.keys()
    for endpoint, parts in _split(_of(old, both), _of(new, both)):
        amounts = found[endpoint]
        for place, part in enumerate(parts):
            amounts[place] += part
    whole_change = [sum(column) for column in zip(*found.values(), strict=True)] or [0] * len(DRIVERS)
    ranked = sorted(found.items(), key=lambda one: (-abs(sum(one[1])), one[0] is not None, one[0] or ""))
    return Variance(
        _named(whole_change),
        tuple((endpoint, _named(amounts)) for endpoint, amounts in ranked),
        tuple(Driver(name, amount) for name, amount in price_volume_mix(old, new).items()),
    )


def _named(amounts: Iterable[int]) -> tuple[Driver, ...]:
    return tuple(Driver(name, amount) for name, amount in zip(DRIVERS, amounts, strict=True))


def _of(some: Mapping[Key, Cell], endpoints: Iterable[str | None]) -> dict[Key, Cell]:
    wanted = set(endpoints)
    return {key: cell for key, cell in some.items() if cell.endpoint in wanted}


class _Counts:
    """Requests of a month: of all, by endpoint, by endpoint and line, and by those and window."""

    def __init__(self, counted: Iterable[Cell]) -> None:
        self.all = 0
        self.endpoints: dict[str | None, int] = {}
        self.lines: dict[tuple[str | None, str], int] = {}
        self.windows: dict[tuple[str | None, str, str], int] = {}
        for cell in counted:
            number = cell.requests
            self.all += number
            self.endpoints[cell.endpoint] = self.endpoints.get(cell.endpoint, 0) + number
            self.lines[cell[:2]] = self.lines.get(cell[:2], 0) + number
            self.windows[cell[:3]] = self.windows.get(cell[:3], 0) + number


def _split(before: Mapping[Key, Cell], after: Mapping[Key, Cell]) -> Iterable[tuple[str | None, list[int]]]:
    """The parts of every cell's change, in the order of ``DRIVERS``."""
    # Not counted in one month, they cannot be compared by calls: they stand apart in both.
    uncounted = {cell.key for some in (before, after) for cell in some.values() if not cell.requests and cell.used}
    old_counts, new_counts = (
        _Counts(cell for key, cell in some.items() if key not in uncounted) for some in (before, after)
    )
    for key in {**before, **after}:
        old, new = (some.get(key) or Cell.empty(key) for some in (before, after))
        scales: list[Pair] = [(1, 1)] * 5
        denominator = 1
        if key not in uncounted:
            scales, denominator = _scales(old, new, old_counts, new_counts)
        terms, of = _terms(old, new, counted=key not in uncounted)
        parts = shapley(scales, terms)
        total = new.cost - old.cost
        yield (
            old.endpoint,
            apportion([sum(parts[place] for place in places) for places in _PLACES], denominator * of * PARTS, total),
        )


def _scales(old: Cell, new: Cell, before: _Counts, after: _Counts) -> tuple[list[Pair], int]:
    """Requests of all, and shares of the endpoint, the line, the window and the size; and their common denominator."""
    endpoint, line, window = old.endpoint, old[:2], old[:3]
    counts = [
        (before.all, after.all),
        (before.endpoints.get(endpoint, 0), after.endpoints.get(endpoint, 0)),
        (before.lines.get(line, 0), after.lines.get(line, 0)),
        (before.windows.get(window, 0), after.windows.get(window, 0)),
        (old.requests, new.requests),
    ]
    scales, denominator = [counts[0]], 1
    for (old_of, new_of), (old_part, new_part) in pairwise(counts):
        share, of = pair(old_part, old_of, new_part, new_of)
        scales.append(share)
        denominator *= of
    return scales, denominator


def _terms(old: Cell, new: Cell, *, counted: bool) -> tuple[list[tuple[Pair, Pair, Pair]], int]:
    """What a request costs, as terms of tokens per request, share of the input and price; and their denominator."""
    one, two = _Use.of(old, counted=counted), _Use.of(new, counted=counted)
    known = [_price(*costs) for costs in zip(one.classes, two.classes, strict=True)]
    prices = lcm(*(of for _, of in known))
    per_token = [(a * (prices // of), b * (prices // of)) for (a, b), of in known]
    requests = one.requests, two.requests

    def each(old_amount: int, new_amount: int) -> tuple[Pair, int]:
        return pair(old_amount, requests[0], new_amount, requests[1])

    read, of_requests = each(one.input, two.input)
    written, _ = each(one.output, two.output)
    apart, _ = each(one.apart, two.apart)
    splits = [pair(a, one.input, b, two.input) for (a, _), (b, _) in zip(one.classes[:3], two.classes[:3], strict=True)]
    of_input = splits[0][1]
    unit: Pair = (of_input, of_input)
    terms = [(read, share, price) for (share, _), price in zip(splits, per_token, strict=False) if any(price)]
    terms += [(written, unit, per_token[3]), (apart, unit, (prices, prices))]
    if any(per_token[4]):
        terms.append(((of_requests, of_requests), unit, per_token[4]))
    return terms, of_requests * of_input * prices


@dataclass(frozen=True, slots=True)
class _Use:
    """A cell such that all its cost is a price times a number of something, or apart.

    Attributes:
        requests: calls; 1 where they are not counted, so that what is per request is all there is.
        input: input tokens.
        output: output tokens.
        apart: cost that no count explains.
        classes: number and cost of missed, read, written and output tokens, and of requests.
    """

    requests: int
    input: int
    output: int
    apart: int
    classes: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, cell: Cell, *, counted: bool) -> "_Use":
        classes = [
            (cell.miss_tokens, cell.miss_cost),
            (cell.read_tokens, cell.read_cost),
            (cell.write_tokens, cell.write_cost),
            (cell.output_tokens, cell.output_cost),
            (cell.requests if counted else 0, cell.request_cost),
        ]
        if not cell.input_tokens:
            classes[:3] = [(0, cost) for _, cost in classes[:3]]
        apart = cell.apart_cost + sum(cost for number, cost in classes if not number)
        requests = cell.requests if counted else 1
        return cls(
            requests,
            cell.input_tokens,
            cell.output_tokens,
            apart,
            tuple((number, cost if number else 0) for number, cost in classes),
        )


def _price(old: tuple[int, int], new: tuple[int, int]) -> tuple[Pair, int]:
    """The price of one of something in both months, reduced: mostly a list price, which is whole."""
    ratios = [(cost // part, number // part) for number, cost in (old, new) for part in (gcd(number, cost) or 1,)]
    (old_cost, old_number), (new_cost, new_number) = ratios
    return pair(old_cost, old_number, new_cost, new_number)
