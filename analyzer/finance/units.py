"""Unit economics: what a request, a success and a million tokens cost in a month, and what caching and waiting saved.

Each is defined once, here, after the FinOps Framework's unit economics: a ratio of sums, never a mean of ratios, and
None where its divisor is nothing. Unpriced and unmeasured calls are in no ratio of money.

What off-peak hours saved is held against the dearest window of the very card that priced each call: the book gives
every off-peak price together with that one (``Interval.dearer``), own prices are laid over both, and ``entries`` has
the cost by either. So it does not matter whose card it is (a family's, a successor's, one of a price date), what the
dearer window is called, or whether prices change within an hour; a closed month keeps what it was reported with.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import duckdb

from analyzer.finance.entries import asked

MILLION = 1_000_000


@dataclass(frozen=True)
class Units:
    """The unit economics of one month. Money is units of 1e-15 of the currency; rates of money are fractions of them.

    Attributes:
        month: its first day.
        sums: the answer of ``month_sums.sql``.
    """

    month: date
    sums: Mapping[str, Any]

    @classmethod
    def of_nothing(cls, month: date) -> "Units":
        """Those of a month in which nothing was called, and that is known: sums of 0, and no ratios."""
        return cls(month, defaultdict(int))

    @property
    def cost(self) -> int | None:
        """All of the month's cost; None where nothing is priced."""
        return self._money("cost")

    @property
    def requests(self) -> int:
        """Calls, priced or not."""
        return int(self.sums["requests"])

    @property
    def input_tokens(self) -> int | None:
        """Tokens read; None where calls were made and no log tells those of any."""
        return self._tokens("input")

    @property
    def output_tokens(self) -> int | None:
        """Likewise tokens of output."""
        return self._tokens("output")

    @property
    def per_thousand_requests(self) -> Fraction | None:
        """1,000 x cost / priced calls."""
        return _ratio(self.cost, self.sums["priced_requests"], 1000)

    @property
    def per_success(self) -> Fraction | None:
        """Cost of the calls whose log tells how they ended, failed ones included, by those that succeeded."""
        return _ratio(self._money("cost_of_known_outcome"), self.sums["priced_succeeded"])

    @property
    def per_million_tokens(self) -> Fraction | None:
        """10^6 x cost / tokens in and out."""
        return _ratio(self.cost, self.sums["priced_input_tokens"] + self.sums["priced_output_tokens"], MILLION)

    @property
    def input_price(self) -> Fraction | None:
        """The effective price of input per million: misses, hits and writes as they were paid."""
        return _ratio(self.input_cost, self.sums["priced_input_tokens"], MILLION)

    @property
    def output_price(self) -> Fraction | None:
        """The same of output."""
        return _ratio(self._money("output_cost"), self.sums["priced_output_tokens"], MILLION)

    @property
    def input_cost(self) -> int | None:
        """What input cost."""
        parts = [self._money(name) for name in ("miss_cost", "read_cost", "write_cost")]
        known = [part for part in parts if part is not None]
        return sum(known) if known else None

    @property
    def hit_rate(self) -> Fraction | None:
        """Token-weighted, over the calls whose cache split is known."""
        return _ratio(self.sums["read_tokens"], self.sums["known_input_tokens"])

    @property
    def split_unknown(self) -> Fraction | None:
        """The part of the measured calls of which no log tells what was cached."""
        return _ratio(self.sums["cache_unknown"], self.requests - self.sums["unmeasured"])

    @property
    def cache_saving(self) -> int | None:
        """What hits cost less than misses, at the price of each; None where no priced call tells what was cached."""
        return self._money("cache_saving")

    @property
    def cache_premium(self) -> int | None:
        """What writes to the cache cost more than misses; None where no priced call tells what was cached."""
        return self._money("cache_premium")

    @property
    def off_peak_saving(self) -> int | None:
        """What off-peak calls would have cost more in the dearest window of the same card; None where none were."""
        return self._money("off_peak_saving")

    @property
    def failed_cost(self) -> int | None:
        """What failed calls cost; None where no log tells how a priced call ended, or none failed at a cost."""
        if self._money("cost_of_known_outcome") is None:
            return None
        return self._money("failed_cost") or 0

    @property
    def failed_share(self) -> Fraction | None:
        """The part of the cost of calls of known outcome that went to failed ones."""
        return _ratio(self.failed_cost, self._money("cost_of_known_outcome") or 0)

    def _tokens(self, side: str) -> int | None:
        told = self.sums[f"{side}_told"] or not self.requests
        return int(self.sums[f"{side}_tokens"]) if told else None

    def _money(self, name: str) -> int | None:
        value = self.sums[name]
        return None if value is None else int(value)


def units(connection: duckdb.DuckDBPyConnection) -> tuple[Units, ...]:
    """The unit economics of every month that ``entries`` holds, in order."""
    return tuple(Units(row["month"].date(), row) for row in asked(connection, "month_sums").iter_rows(named=True))


def _ratio(part: int | None, whole: int, times: int = 1) -> Fraction | None:
    return None if part is None or not whole else Fraction(int(part) * times, int(whole))
