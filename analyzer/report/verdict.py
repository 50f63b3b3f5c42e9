"""Sentences: what the what-ifs say, and what hangs on the clock."""

from collections.abc import Sequence
from decimal import Decimal

from analyzer.counted import counted
from analyzer.report.against import against, digits
from analyzer.report.amounts import places_for, plain, priced, trace
from analyzer.report.visible import visible
from analyzer.simulate.analysis import Analysis
from analyzer.simulate.result import Result


def verdict(analysis: Analysis) -> str:
    """Name the cheapest scenario against what was spent, and whether its bounds leave that in doubt."""
    actual = analysis.actual
    if analysis.period is None:
        some = analysis.counts.requests - analysis.counts.set_aside
        found = f"No request lies in this period ({some:,} in all)" if some > 0 else "No requests were found"
        return f"{found}, so there is nothing to compare."
    if len(analysis.results) == 1:
        return "No other policy was asked for, so there is nothing to compare."
    compared = [result for result in analysis.results[1:] if result.difference is not None]
    if actual.cost is None or not compared:
        return "No request could be priced, so the scenarios cannot be compared with what was spent."
    best = min(compared, key=lambda result: result.difference or Decimal(0))
    difference = best.difference or Decimal(0)
    if difference >= 0:
        alike = ["actual use", *(each.scenario.name for each in compared if each.difference == 0)]
        return f"Cheapest: {_listed(alike)}; no scenario would have cost less.{_paid_besides(compared)}"
    share = f" ({-difference / best.compared_actual * 100:.1f}%)" if best.compared_actual else ""
    places, currency = digits(analysis.results), analysis.view.currency
    saved = against(best, actual, places)  # as the table beside it says it
    less = f"by {trace(places, currency)}"
    if saved:
        less = f"{priced(plain(-saved, places), currency)} less than was spent"
    alike = [each.scenario.name for each in compared if (each.difference, each.high) == (best.difference, best.high)]
    sentence = f"Cheapest: {_listed(alike)}, {less}{share}{_doubt(best, difference)}.{_paid_besides(compared)}"
    whose = "its" if len(alike) == 1 else "their"
    return f"{sentence} Whether {whose} answers would have been as good, no log can tell."


def _listed(names: Sequence[str]) -> str:
    *others, last = (visible(name, 24) for name in names)
    return " and ".join(filter(None, (", ".join(others), last)))


def _paid_besides(compared: Sequence[Result]) -> str:
    """What the fees of scenarios pay for besides, whose cost is in no comparison because nobody knows it."""
    found = [
        f"the fee of {visible(result.scenario.name, 24)} also pays for {counted(result.covered_uncompared, 'call')}"
        f" whose cost is not known, and not counted here"
        for result in compared
        if result.covered_uncompared
    ]
    told = "; ".join(found)
    return f" {told[:1].upper()}{told[1:]}." if found else ""


def _doubt(best: Result, difference: Decimal) -> str:
    """What the cold-cache bound does to the saving."""
    if best.high is None or best.cost is None:
        return ""
    worst = difference + best.high - best.cost
    if worst == 0:
        return "; with cold caches it would have cost the same"
    return "; with cold caches it would have cost more, not less" if worst > 0 else "; cheaper even with cold caches"


def uncertain_prices(analysis: Analysis) -> tuple[int, Decimal]:
    """Calls of usage exports that are priced as of their bucket's start, for want of a better price, and their cost."""
    found = analysis.answers["uncertain_prices"]
    return sum(found["requests"]), sum(found["cost"], Decimal(0))


def straddling(analysis: Analysis) -> str:
    """How many requests began and ended in windows of different prices, and what hangs on it; empty where none did."""
    rows = list(analysis.answers["straddling"].iter_rows(named=True))
    if not rows:
        return ""
    requests = sum(row["requests"] for row in rows)
    ends, starts = (sum((row[f"cost_by_{clock}"] for row in rows), Decimal(0)) for clock in ("completion", "start"))
    clock, other = analysis.view.clock, "start" if analysis.view.clock == "completion" else "completion"
    stake = (starts - ends) * (1 if clock == "completion" else -1)
    amount = priced(plain(abs(stake), places_for(stake)), analysis.view.currency)
    return (
        f"{counted(requests, 'request')} began and ended in windows of different prices and"
        f" {'is' if requests == 1 else 'are'} priced by {clock}; by {other} all of it would cost {amount}"
        f" {'more' if stake >= 0 else 'less'}."
    )


def put_aside(analysis: Analysis) -> str:
    """What usage exports told that is in no total, and how much of it is there otherwise; empty where nothing was."""
    records, aside = analysis.counts.set_aside, analysis.aside
    if not records:
        return ""
    calls = counted(aside.exported, "call")
    said = (
        f"{counted(records, 'record')} of usage exports ({calls})"
        f" {'is' if records == 1 else 'are'} set aside, kept for reconciliation and in no total: calls"
        f" of the same models and times are here one by one"
    )
    if analysis.of_table:  # they are there, and only whether there are some came here
        return f"{said}."
    said += f" ({aside.logged:,})."
    return said + (" The totals lack those that were not logged." if aside.logged < aside.exported else "")
