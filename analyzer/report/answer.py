"""The first screen in sentences: where the money went, what changed, what else it would have cost, how sure that is."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from analyzer.counted import counted
from analyzer.report.against import at_worst, digits
from analyzer.report.amounts import difference, percent, places_for, plain, priced, rate, trace
from analyzer.report.table import middle_cut, name, text
from analyzer.report.verdict import verdict
from analyzer.report.visible import visible
from analyzer.simulate.analysis import Analysis

_NAMED = 3  # endpoints at most
_MOST = Decimal("0.75")  # of the cost: enough of it is told when so much is
_LONGEST = 40  # characters of a name in a sentence


def answers(analysis: Analysis) -> str:
    """A question and its answer each, as HTML; those without an answer are left out."""
    found = {
        "Where it went": where(analysis),
        "What changed": change(analysis),
        "What else it would have cost": text(f"{verdict(analysis)} {sure(analysis)}".strip(), 1000),
        "How sure that is": certainty(analysis),
    }
    lines = "".join(f"<div><dt>{question}</dt><dd>{said}</dd></div>\n" for question, said in found.items() if said)
    return f'<dl class="answers">\n{lines}</dl>'


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
    places = digits(analysis.results)
    least = at_worst(
        next(result for result in analysis.results if result.scenario.name == surest), analysis.actual, places
    )
    by = f"{_money(-least, analysis)} or more" if least else trace(places, analysis.view.currency)
    return f"Cheaper even with cold caches: {surest}, by {by}."


def where(analysis: Analysis) -> str:
    """Where the money went; empty of one endpoint alone."""
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
        return f"{len(rows):,} endpoints share it; the costliest: {listed(parts)}."
    return f"Most of it went to {listed(parts)}."


def change(analysis: Analysis) -> str:
    """How the last whole month differs from the one before, and what else did; empty where no two are whole."""
    pair = _whole_months(analysis)
    if pair is None:
        return ""
    rows = {row["month"]: row for row in analysis.answers["months"].iter_rows(named=True)}
    before, after = (rows[month]["cost"] for month in pair)
    unpriced = sum(rows[month]["unpriced"] for month in pair)
    without = f" Not in it: {counted(unpriced, 'request')} of these months without a known price." if unpriced else ""
    moved = after - before
    shown = difference(after, before, places_for(analysis.actual.cost))
    if not shown:
        return f"{pair[1]} cost {_money(after, analysis)}, as much as {pair[0]}.{without}"
    more = "more" if moved > 0 else "less"
    sentence = (
        f"{pair[1]} cost {_money(after, analysis)}, {_money(abs(shown), analysis)} {more} than {pair[0]}"
        f" ({percent(moved, before)})"
    )
    told = text(sentence) + _driver(analysis, pair, moved) + "." + text(_besides(analysis, pair, rows) + without)
    return f"{told} <code>spend review {pair[1]}</code> splits the change by its causes."


def _besides(analysis: Analysis, pair: Sequence[str], rows: Mapping[str, Mapping[str, Any]]) -> str:
    """What else differs between two months and moves their cost: how many requests, how well cached, prices."""
    before, after = (rows[month] for month in pair)
    found = []
    if before["requests"] and before["requests"] != after["requests"]:
        more = percent(Decimal(after["requests"] - before["requests"]), Decimal(before["requests"]))
        found.append(f"{counted(after['requests'], 'request')} instead of {before['requests']:,} ({more})")
    rates = [rate(row["cache_hit_rate"]) for row in (before, after) if row["cache_hit_rate"] is not None]
    if len(rates) == 2 and rates[0] != rates[1]:
        found.append(f"a cache hit rate of {rates[1]} instead of {rates[0]}")
    zone = ZoneInfo(analysis.view.tz)
    days = sorted({f"{each.instant.astimezone(zone):%Y-%m-%d}" for each in analysis.price_changes})
    if changed := [day for day in days if day[:7] in pair]:
        found.append(f"other prices from {listed(changed)} on")
    return f" It had {listed(found)}." if found else ""


def certainty(analysis: Analysis) -> str:
    """Of how many requests the cost is known, what hangs on what the logs do not tell, and how it ties to the bill."""
    c, actual, calls = analysis.counts, analysis.actual, int(str(analysis.totals["requests"] or 0))
    if actual.cost is None:
        return ""
    priced_here = calls - c.unmeasured - c.unpriced
    if priced_here == calls:
        said = f"Every one of {counted(calls, 'request')} has a price, and its cost is exact." if calls > 1 else (
            "The cost of the one request is exact."
        )  # fmt: skip
    else:
        missing = [
            f"{c.unmeasured:,} left no usage" if c.unmeasured else "",
            f"{c.unpriced:,} {'has' if c.unpriced == 1 else 'have'} no known price" if c.unpriced else "",
        ]
        rest = listed(list(filter(None, missing)))
        said = f"The cost is exact for {priced_here:,} of {counted(calls, 'request')}; {rest}, and are in no cost."
    if actual.low is not None and actual.low < actual.cost:
        one = c.cache_unknown == 1
        said += (
            f" {c.cache_unknown:,} {'does' if one else 'do'} not say what came from the cache and"
            f" {'costs' if one else 'cost'} as if nothing did; had all of it, the cost is"
            f" {_money(actual.low, analysis)}."
        )
    bill = '<a href="#to-the-bill">From the logs to the bill</a>'
    kind = "own and list prices" if analysis.own_prices else "list prices"
    return f"{text(said, 1000)} These are {kind}, not an invoice: {bill}."


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
    return f"<bdi>{text(middle_cut(visible(name(endpoint)), _LONGEST))}</bdi>"


def listed(parts: Sequence[str]) -> str:
    """Words of a sentence: one, two and three."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
