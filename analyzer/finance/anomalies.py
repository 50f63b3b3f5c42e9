"""Anomalies: days on which an endpoint cost something else with a line than it usually does on that weekday.

What is usual is the median of the same weekday in the eight weeks before, without days on which the endpoint had not
begun to use the line, or on which its cost is not known because a price is missing. A day without calls cost 0. The
score of a day is robust, because one odd day does not move a median much::

    score = (cost - median) / (1.4826 * MAD),    MAD = median of |cost of each of those days - median|

where 1.4826 MAD estimates the standard deviation of a normal distribution (Iglewicz and Hoaglin, How to Detect and
Handle Outliers, 1993, who advise 3.5). Told are days beyond a score that are also beyond an amount of money. Where more
than half of the days cost the same the MAD is 0: the amount alone decides. With less than four such days there is no
verdict; an endpoint's line that began within the month is told once, as new.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

import duckdb

from analyzer.finance.apportion import apportion
from analyzer.finance.cell import Cell, daily_cells, summed
from analyzer.finance.entries import sql
from analyzer.finance.lines import lines
from analyzer.finance.month import Month
from analyzer.finance.variance import Driver, variance
from analyzer.prices import Book

WEEKS = 8
LEAST_DAYS = 4
FLOOR = Fraction(1, 100)  # of the month's cost, where no floor is given
SCALE = Fraction(14826, 10000)
# What can drive the cost of one endpoint and line.
DRIVERS = ("requests", "tokens per request", "cache hit rate", "time window", "list price")
NEW = "new series"
_BEFORE = [timedelta(weeks=number) for number in range(1, WEEKS + 1)]
Series = tuple[str | None, str]


@dataclass(frozen=True)
class Anomaly:
    """A day that cost something else than usual, or something new. Money is in units of 1e-15 of the currency.

    Attributes:
        day: in the reporting zone; of something new its first.
        endpoint: as the review groups them; None where the log names none.
        line: what the team chose; see :mod:`analyzer.finance.lines`.
        cost: of that day; of something new that of the month.
        usual: the median of the weekday, half a unit cut off; 0 for something new.
        impact: cost less what is usual.
        score: the robust score; None where the MAD is 0, and for something new.
        new: the endpoint did not use the line before the month.
        drivers: what drove the cost away from the mean, not the median, of the same days: a median has no calls and no
            tokens that could be compared. They add up to cost less that mean, cut to whole units; something new has
            one, with all of its cost.
    """

    day: date
    endpoint: str | None
    line: str
    cost: int
    usual: int
    impact: int
    score: Fraction | None
    new: bool
    drivers: tuple[Driver, ...]


@dataclass
class _History:
    """What an endpoint cost by day with a line."""

    begun: date = date.max
    costs: dict[date, int] = field(default_factory=dict)
    unknown: set[date] = field(default_factory=set)

    def earlier(self, day: date) -> list[date]:
        """The days that say what is usual on a day."""
        before = (day - weeks for weeks in _BEFORE)
        return [one for one in before if one >= self.begun and one not in self.unknown]


def anomalies(
    connection: duckdb.DuckDBPyConnection,
    month: Month,
    book: Book,
    *,
    through: date,
    floor: int | None = None,
    threshold: Fraction = Fraction(7, 2),
) -> tuple[Anomaly, ...]:
    """The anomalies of a month, from ``entries``, the largest impact first, whatever its sign.

    Args:
        connection: where ``entries`` is defined, with the eight weeks before the month as far as there are any.
        month: the month.
        book: the price book, which knows the families of models.
        through: the last day that is over; later days are left out, and so are those after the ledger's last call, of
            which no log tells.
        floor: the least impact that is told, in units of 1e-15; None for a hundredth of the month's cost up to then.
        threshold: the score beyond which a day is told.
    """
    (logged,) = connection.execute("SELECT max(day) FROM entries").fetchone() or (None,)
    last = min(through, month.next().first - timedelta(days=1), logged or through)
    start = month.first - timedelta(weeks=WEEKS)
    histories = _histories(connection, book, start, last)
    spent = {
        series: sum(cost for day, cost in history.costs.items() if day >= month.first)
        for series, history in histories.items()
    }
    least = FLOOR * sum(spent.values()) if floor is None else Fraction(floor)
    odd = [
        (series, day, *judged)
        for series, history in histories.items()
        if max(history.costs.values(), default=0) >= least  # else no day can be that far from any other
        for day in _days(max(month.first, history.begun), last)
        for judged in _odd(history, day, least, threshold)
    ]
    # Cells are many: those of days are asked for only where one is odd.
    cells = daily_cells(connection, book, start, last, {series[0] for series, *_ in odd}) if odd else {}
    by_series: dict[tuple[date | None, str | None, str], list[Cell]] = {}
    for some_day, some in cells.items():
        for cell in some:
            by_series.setdefault((some_day, *cell[:2]), []).append(cell)
    found = _new(histories, spent, month, least)
    for series, day, usual, score in odd:
        history = histories[series]
        before = [cell for one in history.earlier(day) for cell in by_series.get((one, *series), ())]
        cost = history.costs.get(day, 0)
        drivers = _drivers(before, by_series.get((day, *series), ()), len(history.earlier(day)))
        found.append(Anomaly(day, *series, cost, usual, cost - usual, score, new=False, drivers=drivers))
    return tuple(sorted(found, key=lambda one: (-abs(one.impact), one.day, one.endpoint or "", one.line)))


def score(cost: int, earlier: Sequence[int]) -> tuple[Fraction, Fraction | None]:
    """The median of earlier days, and the robust score of a cost against them; None where their MAD is 0."""
    usual = _twice_median(earlier)
    spread = _twice_median([abs(2 * one - usual) for one in earlier])  # four times the MAD
    return Fraction(usual, 2), Fraction(2 * (2 * cost - usual)) / (SCALE * spread) if spread else None


def _histories(connection: duckdb.DuckDBPyConnection, book: Book, start: date, last: date) -> Mapping[Series, _History]:
    line_of = lines(connection, book)
    for name, value in (("daily_from", start), ("daily_through", last)):
        connection.execute(f"SET VARIABLE {name} = ?", [value])
    found: dict[Series, _History] = {}
    for day, endpoint, model, serves, provider, service_tier, cost, unpriced in connection.execute(
        sql("daily")
    ).fetchall():
        history = found.setdefault((endpoint, line_of[model, serves, provider, service_tier]), _History())
        history.begun = min(history.begun, day or date.min)
        if day:
            history.costs[day] = history.costs.get(day, 0) + cost
            if unpriced:
                history.unknown.add(day)
    return found


def _new(
    histories: Mapping[Series, _History], spent: Mapping[Series, int], month: Month, least: Fraction
) -> list[Anomaly]:
    """What began within the month; of a ledger that does so itself nobody can say what is new."""
    if all(history.begun >= month.first for history in histories.values()):
        return []
    return [
        Anomaly(history.begun, *series, cost, 0, cost, None, new=True, drivers=(Driver(NEW, cost),))
        for series, history in histories.items()
        for cost in (spent[series],)
        if history.begun >= month.first and cost and cost >= least
    ]


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _odd(history: _History, day: date, least: Fraction, threshold: Fraction) -> Iterator[tuple[int, Fraction | None]]:
    """What is usual on a day and its score, if the day is to be told."""
    earlier = history.earlier(day)
    if len(earlier) < LEAST_DAYS or day in history.unknown:
        return
    cost = history.costs.get(day, 0)
    costs = [history.costs.get(one, 0) for one in earlier]
    if max(cost - min(costs), max(costs) - cost) < least:
        return  # most days, at little expense
    usual, far = score(cost, costs)
    if cost != usual and abs(cost - usual) >= least and (far is None or abs(far) > threshold):
        yield int(usual), far


def _twice_median(values: Sequence[int]) -> int:
    """Twice the median, which is whole where the median may be half a unit."""
    ranked, half = sorted(values), len(values) // 2
    return 2 * ranked[half] if len(values) % 2 else ranked[half - 1] + ranked[half]


def _drivers(before: Sequence[Cell], after: Sequence[Cell], days: int) -> tuple[Driver, ...]:
    """What drove the cost of a day away from the mean of some days."""
    # Both as often as there are days, so that no mean has to be cut before the end.
    change = variance(tuple(summed(before).values()), [cell.times(days) for cell in after])
    parts = {driver.name: driver.amount for driver in change.drivers}
    # From no calls to some, or to none: nothing but their number is known to have changed.
    parts["requests"] += parts["new endpoints"] + parts["discontinued endpoints"]
    amounts = [parts[name] for name in DRIVERS]
    total = sum(amounts)
    cut = total // days if total >= 0 else -(-total // days)
    return tuple(Driver(name, amount) for name, amount in zip(DRIVERS, apportion(amounts, days, cut), strict=True))
