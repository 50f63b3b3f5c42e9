"""The edge of a month: rows of usage exports of which nobody knows how much belongs to it.

An export sums what it tells by buckets, mostly days of UTC. Where the reporting zone has another midnight, the first or
the last bucket lies in two months; its rows are counted whole in the one in which the instant lies that decides their
price.
"""

from dataclasses import dataclass

import duckdb

from analyzer.finance.entries import asked
from analyzer.finance.month import Month


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


def edge(connection: duckdb.DuckDBPyConnection, month: Month) -> Edge:
    """What lies across the edges of a month, by the relation ``charges``."""
    bounds = {
        name: moment.replace(tzinfo=None) for name, moment in (("edge_from", month.start), ("edge_until", month.end))
    }
    row = asked(connection, "edge", **bounds).row(0, named=True)
    costs = (None if row[name] is None else int(row[name]) for name in ("inside", "outside"))
    return Edge(row["requests"], *costs)
