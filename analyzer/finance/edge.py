"""The edge of a month: rows of usage exports of which nobody knows how much belongs to it.

An export sums what it tells by buckets, mostly days of UTC. Where the reporting zone has another midnight, the first or
the last bucket lies in two months; its rows are counted whole in the one in which the instant lies that decides their
price.
"""

from dataclasses import dataclass

from analyzer.finance.entries import sql
from analyzer.finance.month import Month
from analyzer.simulate.requests import Requests


@dataclass(frozen=True)
class Edge:
    """Rows of exports whose bucket crosses an edge of a month. Money is units of 1e-15 of the currency.

    Attributes:
        requests: their calls.
        inside: the cost of those that are counted in the month; None where none is, or none is priced.
        outside: of those that are counted in the month before or after it, in the same way.
    """

    requests: int = 0
    inside: int | None = None
    outside: int | None = None


def edge(requests: Requests, month: Month) -> Edge:
    """What lies across the edges of a month, by the relation ``charges``."""
    requests.set(edge_from=month.start.replace(tzinfo=None), edge_until=month.end.replace(tzinfo=None))
    row = requests.ask(sql("edge"), "analyzer/finance/edge.sql").row(0, named=True)
    costs = (None if row[name] is None else int(row[name]) for name in ("inside", "outside"))
    return Edge(row["requests"], *costs)
