"""Which figures the page has, with the tables behind them and how they are computed."""

from collections.abc import Iterator

from analyzer.report import behind, prospects
from analyzer.report.cells import share
from analyzer.report.drawing import DAILY
from analyzer.report.figures.bridge import bridge
from analyzer.report.figures.costs import costs
from analyzer.report.figures.curves import by_hits, by_share
from analyzer.report.figures.hits import hit_rates, hit_rates_over_time
from analyzer.report.figures.input_prices import input_prices, prices
from analyzer.report.figures.lengths import token_lengths
from analyzer.report.figures.scenarios import scenarios
from analyzer.report.figures.swings import swings
from analyzer.report.figures.windows import by_hour, by_week, spent
from analyzer.report.lines import lines
from analyzer.report.panel import Panel
from analyzer.report.sections import word
from analyzer.report.times import Times, times
from analyzer.simulate.analysis import Analysis

NAMES = (
    "costs",
    "hours",
    "week",
    "hits",
    "hits_over_time",
    "input_prices",
    "input",
    "output",
    "scenarios",
    "bridge",
    "by_share",
    "by_hits",
    "sensitivity",
)


def panels(analysis: Analysis) -> list[Panel]:
    """Each panel that there is something to draw for, in the order of the page."""
    return [panel for panel in _all(analysis) if panel.figure is not None]


def _all(analysis: Analysis) -> Iterator[Panel]:
    over_time = times(analysis.answers["costliest_by_day"])
    yield from _of_costs(analysis, over_time)
    yield from _of_the_cache(analysis, over_time)
    yield from _of_lengths(analysis)
    yield from _of_scenarios(analysis)
    yield from _of_shares(analysis)
    yield from _of_assumptions(analysis)


def _of_costs(analysis: Analysis, over_time: Times) -> Iterator[Panel]:
    """When money was spent."""
    currency, tz, noun = analysis.view.currency, analysis.view.tz, word(analysis)
    yield Panel(
        "costs",
        costs(over_time, analysis.price_changes, currency, tz, noun),
        f"The cost of every request, added up by day in the time zone {tz}. A time of {DAILY} days or more is shown"
        f" by month. The seven costliest {noun}s have colours of their own. A dashed line marks a price change.",
        "costliest_by_day",
        "costs-over-time",
        behind.costs_over_time(analysis, over_time),
    )
    cells = spent(analysis.answers["week_hours"])
    yield Panel(
        "hours",
        by_hour(cells, currency, tz),
        f"The cost of priced requests by the hour, in the time zone {tz}, that decides their price, and by the price"
        " window that they fell in. Windows are the provider's own hours, not those of this time zone.",
        "week_hours",
        "hours",
        behind.hours(analysis, cells) if cells else "",
    )
    yield Panel(
        "week",
        by_week(cells, currency, tz),
        f"The cost of priced requests by weekday and hour, in the time zone {tz}, over the whole period.",
        "week_hours",
        "week",
        behind.week(analysis, cells) if len({day for day, _, _ in cells}) > 1 else "",
    )


def _of_the_cache(analysis: Analysis, over_time: Times) -> Iterator[Panel]:
    """What of the input was served from the cache, and what input cost with it."""
    endpoints, noun = analysis.answers["endpoints"], word(analysis)
    yield Panel(
        "hits",
        hit_rates(endpoints, noun),
        "Input tokens served from the cache divided by all input tokens of the requests whose cache split is known.",
        "endpoints",
        "endpoints",
    )
    yield Panel(
        "hits_over_time",
        hit_rates_over_time(over_time, noun),
        "The cache hit rate of each day or month: the tokens of all its requests together, never a mean of rates.",
        "costliest_by_day",
        "hits-over-time",
        behind.hit_rates_over_time(analysis, over_time),
    )
    rows = prices(endpoints, analysis.answers["input_prices"])
    yield Panel(
        "input_prices",
        input_prices(rows, analysis.view.currency, noun),
        "The cost of misses, hits and cache writes divided by input tokens, beside the list price of the same tokens"
        " had every one missed the cache. Both are weighted by the tokens of each request.",
        "input_prices",
        "input-prices",
        behind.input_prices(analysis, rows),
    )


def _of_lengths(analysis: Analysis) -> Iterator[Panel]:
    """How long inputs and outputs were."""
    answers = analysis.answers
    told = (answers["endpoints"], answers["token_histogram"], answers["token_distribution"])
    for side in ("input", "output"):
        yield Panel(
            side,
            token_lengths(*told, side, word(analysis)),
            "Requests that were logged one by one, counted by doubling lengths. The marks are exact percentiles with"
            " linear interpolation over the lengths themselves, not over the counts: p50, p90, p99.",
            "token_histogram",
            f"{side}-lengths",
            behind.token_lengths(analysis, side),
        )


def _of_scenarios(analysis: Analysis) -> Iterator[Panel]:
    """What scenarios cost, and why."""
    currency = analysis.view.currency
    yield Panel(
        "scenarios",
        scenarios(analysis.results, currency),
        "Each scenario prices all requests anew, with the same code as what was spent. The dot is its cost; the line"
        " reaches from low to high. The dashed line is what was spent.",
        "what_if",
        "what-if",
    )
    yield Panel(
        "bridge",
        bridge(analysis.outlook.bridges, analysis.results, currency),
        "The scenario is built up step by step, and each step priced anew: first the same tokens with the same cache"
        " hits on the models that it routes to, then its prices and lengths, last the cache hits that its moves take or"
        " give. The steps add up to the difference against actual, to the last digit.",
        "what_if",
        "bridges",
        prospects.bridges(analysis),
    )


def _of_shares(analysis: Analysis) -> Iterator[Panel]:
    """What other shares of Pro and other hit rates cost."""
    found, currency = lines(analysis.servings.lines), analysis.view.currency
    yield Panel(
        "by_share",
        by_share(found, currency),
        "The cost of the priced requests if this part of the tokens of each went to Pro and the others to Flash, at the"
        " prices of its own instant and with the cache hits that it had. The cost is linear in the share. Break-even is"
        " the share at which it is what was spent.",
        "servings",
        "by-share",
        behind.by_share(analysis, found) if found else "",
    )
    yield Panel(
        "by_hits",
        by_hits(found, share(analysis.totals["cache_hit_rate"]), currency),
        "The cost of the priced requests if this part of the input of each came from the cache, at the prices of its"
        " own instant: with the models as they were, all on Flash, and all on Pro. Break-even is the hit rate at which"
        " it is what was spent. The upright dashed line is the hit rate that there was.",
        "servings",
        "by-hits",
        behind.by_hits(analysis, found) if found else "",
    )


def _of_assumptions(analysis: Analysis) -> Iterator[Panel]:
    """How far what is assumed moves what scenarios cost."""
    yield Panel(
        "sensitivity",
        swings(analysis.outlook.swings, analysis.results, analysis.view.currency),
        "Each scenario is priced again with one assumption at either end and all others held: the cache from kept hits"
        " to cold, the hit rate from 100% to 0%, outputs of requests that move from three quarters to one and a half"
        " times as long, and the prices that are known to come next.",
        "what_if",
        "sensitivity",
        prospects.swings(analysis),
    )
