"""Time in a figure: days while there are few, months when there are many, with what was used in each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from analyzer.report.drawing import DAILY

OTHERS = 8  # the place that `costliest_by_day` gives to all other endpoints together


@dataclass
class Used:
    """What an endpoint used in one day or month; a cost of nothing priced is None."""

    requests: int = 0
    known_input_tokens: int = 0
    cache_read_tokens: int = 0
    cost: Decimal | None = None

    def add(self, row: Mapping[str, Any]) -> None:
        """Put a row of ``costliest_by_day`` to it."""
        self.requests += row["requests"]
        self.known_input_tokens += row["known_input_tokens"] or 0
        self.cache_read_tokens += row["cache_read_tokens"] or 0
        if row["cost"] is not None:
            self.cost = (self.cost or Decimal(0)) + row["cost"]

    @property
    def hit_rate(self) -> float | None:
        """Token-weighted; None where no cache split is known."""
        return self.cache_read_tokens / self.known_input_tokens if self.known_input_tokens else None


@dataclass
class Times:
    """The answer of ``costliest_by_day``, ready to draw.

    Attributes:
        monthly: whether a step is a month and not a day.
        steps: first days of the steps with requests, in order.
        places: places with requests, 1 for the costliest; ``OTHERS`` last.
        names: endpoints by place, as logged.
        used: what was used, by place and step.
    """

    monthly: bool
    steps: list[date] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    names: dict[int, str | None] = field(default_factory=dict)
    used: dict[tuple[int, date], Used] = field(default_factory=dict)

    def at(self, place: int, step: date) -> Used:
        """What was used; nothing where nothing was."""
        return self.used.get((place, step), Used())

    def whole(self, step: date) -> Used:
        """All endpoints together."""
        return _sum(self.at(place, step) for place in self.places)


def times(answer: pl.DataFrame) -> Times:
    """Read the answer of ``costliest_by_day``."""
    rows = list(answer.iter_rows(named=True))
    days = [row["day"] for row in rows]
    found = Times(monthly=bool(days) and (max(days) - min(days)).days >= DAILY)
    for row in rows:
        step = row["day"].replace(day=1) if found.monthly else row["day"]
        found.names[row["place"]] = row["endpoint"]
        found.used.setdefault((row["place"], step), Used()).add(row)
    found.places = sorted(found.names)
    found.steps = sorted({step for _, step in found.used})
    return found


def _sum(parts: Iterable[Used]) -> Used:
    whole = Used()
    for part in parts:
        whole.add(vars(part))
    return whole
