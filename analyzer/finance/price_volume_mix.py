"""Price, volume and mix: the classic split of a change of cost, below that into drivers.

A line here is one token class (uncached input, cache read, cache write, output) of one endpoint, line, window and
size; its unit is a token. What is charged without tokens (the price of requests themselves, searches, audio) is a
class of its own, whose unit is a request; volume and mix are taken among like units only.

Of lines with a quantity in both months, ``cost = volume * share * price``: the quantity of all such lines, the line's
share of that, and its cost per unit. The change is split by the Shapley values of these three::

    volume = (Q1 - Q0) * (2 m0 p0 + m0 p1 + m1 p0 + 2 m1 p1) / 6        and so on for mix (m) and price (p)

The textbook takes volume at the old share and price, ``(Q1 - Q0) m0 p0``, then mix at the old price, and price at the
new quantity, ``q1 (p1 - p0)``, which gives what all three share in to price; swapping the months then gives other
figures. Here it is shared evenly, so that swapping the months turns every sign and nothing else.

Tokens of unlike classes are added up in the volume, so that mix holds the shifts between models, classes and windows;
the split into drivers tells those apart.
"""

from collections.abc import Iterator, Mapping

from analyzer.finance.apportion import apportion
from analyzer.finance.cell import Cell, Key
from analyzer.finance.shapley import PARTS, pair, shapley

NAMES = ("price", "volume", "mix", "new lines", "discontinued lines")


def price_volume_mix(before: Mapping[Key, Cell], after: Mapping[Key, Cell]) -> dict[str, int]:
    """Split the change of cost between two months' comparable cells; the parts add up to it exactly."""
    found = dict.fromkeys(NAMES, 0)
    like: list[tuple[bool, int, int, int, int]] = []
    totals = {True: [0, 0], False: [0, 0]}
    for key in {**before, **after}:
        empty = Cell.empty(key)
        for (tokens, old, old_cost), (_, new, new_cost) in zip(
            _classes(before.get(key, empty)), _classes(after.get(key, empty)), strict=True
        ):
            if old_cost == new_cost == 0 and not tokens:
                continue  # no charge beside the tokens: its requests are no quantity
            if old > 0 and new > 0:
                like.append((tokens, old, new, old_cost, new_cost))
                totals[tokens][0] += old
                totals[tokens][1] += new
            elif old <= 0 and new <= 0 and old_cost and new_cost:
                # Nothing is counted in either month: there was more or less of it.
                found["volume"] += new_cost - old_cost
            else:
                found["new lines"] += new_cost
                found["discontinued lines"] -= old_cost
    for tokens, old, new, old_cost, new_cost in like:
        old_total, new_total = totals[tokens]
        share, shares = pair(old, old_total, new, new_total)
        price, prices = pair(old_cost, old, new_cost, new)
        volume, _, mix, cost = shapley([(old_total, new_total)], [((1, 1), share, price)])
        parts = apportion([cost, volume, mix], shares * prices * PARTS, new_cost - old_cost)
        for name, part in zip(NAMES, parts, strict=False):
            found[name] += part
    return found


def _classes(cell: Cell) -> Iterator[tuple[bool, int, int]]:
    """Of each class: whether it counts tokens, how many units, and their cost."""
    yield True, cell.miss_tokens, cell.miss_cost
    yield True, cell.read_tokens, cell.read_cost
    yield True, cell.write_tokens, cell.write_cost
    yield True, cell.output_tokens, cell.output_cost
    yield False, cell.requests, cell.request_cost + cell.apart_cost
