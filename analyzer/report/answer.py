"""The first screen in sentences: where the money went, how the last month differs, and which saving is sure."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from analyzer.report.amounts import percent, places_for, plain, priced
from analyzer.report.table import name, text
from analyzer.simulate.analysis import Analysis

_NAMED = 3  # endpoints at most
_MOST = Decimal("0.75")  # of the cost: enough of it is told when so much is
_LONGEST = 40  # characters of a name in a sentence


def where_and_why(analysis: Analysis) -> str:
    """Where the money went and how the last whole month differs from the one before, as HTML; empty of one alone."""
    said = " ".join(filter(None, (_where(analysis), _change(analysis))))
    return f'<p class="also">{said}</p>\n' if said else ""


def sure(analysis: Analysis) -> str:
    """Which scenario saves something even with cold caches, where the cheapest does not; else empty."""
    worst = {
        result.scenario.name: result.difference + result.high - result.cost
        for result in analysis.results[1:]
        if result.difference is not None and result.high is not None and result.cost is not None
    }
    best = min(
        (result for result in analysis.results[1:] if result.scenario.name in worst),
        key=lambda result: result.difference or Decimal(0),
        default=None,
    )
    if best is None or (best.difference or 0) >= 0 or worst[best.scenario.name] < 0:
        return ""
    surest = min(worst, key=lambda each: worst[each])
    if worst[surest] >= 0:
        return "No scenario is cheaper with cold caches."
    return f"Cheaper even with cold caches: {surest}, by {_money(-worst[surest], analysis)} or more."


def _where(analysis: Analysis) -> str:
    whole = analysis.actual.cost
    rows = [row for row in analysis.answers["endpoints"].iter_rows(named=True) if row["cost"]]
    if not whole or len(rows) < 2:
        return ""
    parts, told = [], Decimal(0)
    for row in rows[:_NAMED]:
        share = percent(row["cost"], whole).removeprefix("+")
        parts.append(f"{_name(row['endpoint'])} {text(_money(row['cost'], analysis))} ({share})")
        told += row["cost"]
        if told >= whole * _MOST:
            break
    if told < whole / 2:
        return f"{len(rows):,} endpoints share it; the costliest: {_listed(parts)}."
    return f"Most of it went to {_listed(parts)}."


def _change(analysis: Analysis) -> str:
    pair = _whole_months(analysis)
    if pair is None:
        return ""
    costs = {row["month"]: row["cost"] for row in analysis.answers["months"].iter_rows(named=True)}
    before, after = (costs[month] for month in pair)
    change = after - before
    if not change:
        return f"{pair[1]} cost {_money(after, analysis)}, as much as {pair[0]}."
    more = "more" if change > 0 else "less"
    sentence = (
        f"{pair[1]} cost {_money(after, analysis)}, {_money(abs(change), analysis)} {more} than {pair[0]}"
        f" ({percent(change, before)})"
    )
    return text(sentence) + _driver(analysis, pair, change) + f": <code>spend review {pair[1]}</code> says why."


def _driver(analysis: Analysis, pair: Sequence[str], change: Decimal) -> str:
    """The endpoint that moved the cost the most in the direction that it went."""
    moved: dict[str | None, Decimal] = {}
    for row in analysis.answers["endpoints_by_month"].iter_rows(named=True):
        if row["month"] in pair and row["cost"] is not None:
            way = 1 if row["month"] == pair[1] else -1
            moved[row["endpoint"]] = moved.get(row["endpoint"], Decimal(0)) + way * row["cost"]
    if len(moved) < 2:
        return ""
    most = max(moved, key=lambda each: moved[each] if change > 0 else -moved[each])
    sign = "+" if change > 0 else "-"
    return f", most at {_name(most)} ({sign}{text(_money(abs(moved[most]), analysis))})"


def _whole_months(analysis: Analysis) -> tuple[str, str] | None:
    """The last two months in a row that the logs reach over from the first day to the last; both have a cost."""
    if analysis.period is None:
        return None
    zone = ZoneInfo(analysis.view.tz)
    first, last = (instant.astimezone(zone) for instant in analysis.period)
    rows = list(analysis.answers["months"].iter_rows(named=True))
    known = sorted(row["month"] for row in rows if row["cost"])
    if first.day > 1:
        known = [month for month in known if month != f"{first:%Y-%m}"]
    # The end of a period is its last instant, or the first one after it.
    end = last - timedelta(microseconds=1)
    if end.day < monthrange(end.year, end.month)[1]:
        known = [month for month in known if month < f"{end:%Y-%m}"]
    if len(known) < 2:
        return None
    (year, month), after = map(int, known[-2].split("-")), known[-1]
    following = f"{year + month // 12:04}-{month % 12 + 1:02}"
    return (known[-2], after) if following == after else None


def _money(amount: Decimal, analysis: Analysis) -> str:
    return priced(plain(amount, places_for(analysis.actual.cost)), analysis.view.currency)


def _name(endpoint: str | None) -> str:
    return f"<bdi>{text(name(endpoint), _LONGEST)}</bdi>"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
