"""Budgets: a month set against what :mod:`analyzer.finance.plan` says that it may cost, in all and by its parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from fractions import Fraction
from typing import Any

import duckdb

from analyzer.finance.entries import sql
from analyzer.finance.forecast import Forecast
from analyzer.finance.month import Month
from analyzer.finance.plan import KINDS, Budgets

ALL = "all"
_COLUMNS = (*KINDS, "cost", "requests", "priced_requests", "used", "priced", "unpriced", "before", "profile_cost")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Flexible:
    """The split of what a month cost over its budget. Both add up to actual less budget, in units of 1e-15.

    Calls are those with a price, as the cost is: one without a known cost is neither activity nor efficiency.

    Attributes:
        activity: (calls - planned calls) x budget per planned call, rounded to a unit: more or fewer calls.
        efficiency: calls x (cost per call - budget per planned call): dearer or cheaper calls.
    """

    activity: int
    efficiency: int


@dataclass(frozen=True)
class Budget:
    """One budget and what became of it, in units of 1e-15 of the review's currency.

    Attributes:
        kind: ``all``, or what the glob is asked of: endpoint, team, api_key_name, model, cost_center.
        name: the glob; empty for all.
        amount: the budget.
        actual: the month's cost so far; None where nothing of it has a known cost.
        forecast: the same at completion; None without a forecast, or where nothing is known to base it on. Of a part:
            its cost so far, and of what the forecast expects besides the share that it had in the time that the
            forecast looks back on.
        left: the budget less the cost so far; below zero when it is exceeded, None where that is unknown.
        over: whether it is exceeded; exactly reached it is not. None where that is unknown.
        will_be_over: whether it will be; None without a forecast.
        unpriced: calls of the month without a known price, which are in no cost.
        flexible: the split by planned calls; None for parts, without planned calls, and where the calls are not known
            that the cost is of. In an open month it sets what was so far against the plan of the whole month.
        requests: calls of the month.
        without_cost: of these, those without a known cost: without a price, or without usage.
        matches: whether anything that is known has such a name, in this month or those before.
    """

    kind: str
    name: str
    amount: int
    actual: int | None
    forecast: int | None
    left: int | None
    over: bool | None
    will_be_over: bool | None
    unpriced: int
    flexible: Flexible | None = None
    requests: int = 0
    without_cost: int = 0
    matches: bool = True


def budgets(
    plan: Budgets,
    connection: duckdb.DuckDBPyConnection,
    month: Month,
    *,
    forecast: Forecast | None = None,
    known: bool = True,
) -> tuple[Budget, ...]:
    """Set a month against its budgets: all first, then the parts in their order.

    Args:
        plan: the budgets.
        connection: where ``entries`` is defined.
        month: the month.
        forecast: the month's, while it is open.
        known: whether where nothing was called nothing was spent; else that is unknown.
    """
    whole = plan.plan(month)
    if whole.amount is None and not plan.parts:
        return ()
    rows = _used(connection, month, forecast)
    found = []
    if whole.amount is not None:
        line = _budget(ALL, "", whole.amount, rows, forecast.amount if forecast else None, known=known)
        calls = line.requests - line.without_cost
        # A cost without calls is that of exports that do not count them: what one cost cannot be said.
        if whole.requests and line.actual is not None and (calls or not line.actual):
            line = replace(line, flexible=flexible(whole.amount, whole.requests, line.actual, calls))
        found.append(line)
    looked_at = sum(row["profile_cost"] for row in rows)
    for part in plan.parts:
        own = [row for row in rows if row[part.kind] is not None and fnmatchcase(row[part.kind], part.name)]
        expected = None
        rest = forecast.amount - forecast.to_date if forecast else None
        if rest is not None and (looked_at or not rest):
            share = Fraction(sum(row["profile_cost"] for row in own), looked_at or 1)
            expected = sum(row["before"] for row in own) + round(rest * share)
        found.append(_budget(part.kind, part.name, part.amount, own, expected, known=known))
    return tuple(found)


def over(lines: Sequence[Budget]) -> bool:
    """Whether any budget is exceeded by what was spent already."""
    return any(line.over for line in lines)


def flexible(amount: int, planned: int, actual: int, requests: int) -> Flexible:
    """Split what a month cost over its budget into more calls and dearer ones.

    Args:
        amount: the budget, in units of 1e-15.
        planned: the calls that it was made for, at least one.
        actual: the cost, in units of 1e-15.
        requests: the calls that there were, of which it is the cost.
    """
    activity = round(Fraction((requests - planned) * amount, planned))
    return Flexible(activity, actual - amount - activity)


def _used(connection: duckdb.DuckDBPyConnection, month: Month, forecast: Forecast | None) -> list[Row]:
    since, until = (forecast.since, forecast.until) if forecast else (None, None)
    variables = {"month": month.local_start, "profile_since": since, "profile_until": until}
    for name, value in variables.items():
        plain = value.replace(tzinfo=None) if value else None
        connection.execute(f"SET VARIABLE {name} = CAST(? AS TIMESTAMP)", [plain])
    return [dict(zip(_COLUMNS, row, strict=True)) for row in connection.execute(sql("budget_used")).fetchall()]


def _budget(kind: str, name: str, amount: int, rows: Sequence[Row], forecast: int | None, *, known: bool) -> Budget:
    used, priced, requests = (sum(row[name] for row in rows) for name in ("used", "priced", "requests"))
    actual = sum(row["cost"] for row in rows) if priced or (known and not used) else None
    if actual is None and not forecast:
        forecast = None  # nothing that has a price is expected: what is expected is not known
    return Budget(
        kind=kind,
        name=name,
        amount=amount,
        actual=actual,
        forecast=forecast,
        left=None if actual is None else amount - actual,
        over=None if actual is None else actual > amount,
        will_be_over=None if forecast is None else forecast > amount,
        unpriced=sum(row["unpriced"] for row in rows),
        requests=requests,
        without_cost=requests - sum(row["priced_requests"] for row in rows),
        matches=bool(rows) or kind == ALL,
    )
