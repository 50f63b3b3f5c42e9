"""The tables behind the figures: the same numbers for readers without figures."""

from decimal import Decimal

from analyzer.report.amounts import UNKNOWN, places_for, plain, rate, rounded, shown
from analyzer.report.drawing import day_words
from analyzer.report.figures import curves, lengths, windows
from analyzer.report.figures.curves import percent
from analyzer.report.figures.hits import LINES
from analyzer.report.figures.input_prices import InputPrice
from analyzer.report.lines import Line, Lines, decimal
from analyzer.report.sections import word
from analyzer.report.table import Cell, Row, Table, name
from analyzer.report.times import OTHERS, Times
from analyzer.simulate.analysis import Analysis


def costs_over_time(analysis: Analysis, times: Times) -> str:
    """Cost by day or month and endpoint; all cells are rounded together, so that they add up to the total."""
    keys = [key for step in times.steps for key in ((place, step) for place in times.places) if key in times.used]
    texts = dict(
        zip(keys, shown([times.used[key].cost for key in keys], places_for(analysis.actual.cost)), strict=True)
    )
    places, digits = times.places, places_for(analysis.actual.cost)
    lines: list[Row] = []
    for step in times.steps:
        cells = [texts.get((place, step), "") for place in places]
        known = [Decimal(cell.replace(",", "")) for cell in cells if cell not in {"", UNKNOWN}]
        total = plain(sum(known, Decimal(0)), digits) if known else UNKNOWN
        lines.append([day_words(step, monthly=times.monthly), *cells, total])
    titles = [
        "Month" if times.monthly else "Day",
        *(_place(analysis, times, place) for place in places),
        f"Cost, {analysis.view.currency}",
    ]
    caption = f"Cost over time by {word(analysis)}, {analysis.view.currency}; the cells are rounded together"
    return Table("costs-over-time", caption, titles, lines, query="costliest_by_day").html()


def hit_rates_over_time(analysis: Analysis, times: Times) -> str:
    """Cache hit rate by day or month: all together and the costliest endpoints."""
    places = [place for place in times.places if place < OTHERS][:LINES]
    lines = [
        [
            day_words(step, monthly=times.monthly),
            rate(times.whole(step).hit_rate),
            *(rate(times.at(place, step).hit_rate) if (place, step) in times.used else "" for place in places),
        ]
        for step in times.steps
    ]
    titles = ["Month" if times.monthly else "Day", "All", *(_place(analysis, times, place) for place in places)]
    return Table("hits-over-time", "Cache hit rate over time", titles, lines, query="costliest_by_day").html()


def input_prices(analysis: Analysis, rows: list[InputPrice]) -> str:
    """What 1M input tokens cost by endpoint, and what the cache saved."""
    currency = analysis.view.currency
    saved = shown([row.saved for row in rows], places_for(analysis.actual.cost))
    lines = [
        [name(row.endpoint), f"{row.tokens:,}", f"{row.effective:.6f}", f"{row.listed:.6f}", amount]
        for row, amount in zip(rows, saved, strict=True)
    ]
    titles = [
        word(analysis).capitalize(), "Input tokens", f"Effective input price, {currency} per 1M",
        f"List price without cache, {currency} per 1M", f"Saved by the cache, {currency}",
    ]  # fmt: skip
    caption = f"What input cost after cache hits, by {word(analysis)}"
    return Table("input-prices", caption, titles, lines, query="input_prices", cut=True).html()


def hours(analysis: Analysis, cells: windows.Spent) -> str:
    """Cost by hour of the day and price window; lines and columns add up as they are shown."""
    present = [window for window in windows.WINDOWS if any(key[2] == window for key in cells)]
    places = places_for(windows.part(cells)[0])
    keys = [(hour, window) for hour in range(24) for window in present]
    costs = rounded([windows.part(cells, hour=hour, window=window)[0] for hour, window in keys], places)
    by_key = dict(zip(keys, costs, strict=True))

    def line(first: str, requests: int, hours_of_it: range) -> Row:
        columns = [[by_key[hour, window] or Decimal(0) for hour in hours_of_it] for window in present]
        sums = [sum(column, Decimal(0)) for column in columns]
        return [first, f"{requests:,}", *(plain(amount, places) for amount in (*sums, sum(sums, Decimal(0))))]

    lines = [
        line(f"{hour}:00 to {hour + 1}:00", windows.part(cells, hour=hour)[1], range(hour, hour + 1))
        for hour in range(24)
    ]
    foot = [line("All hours", windows.part(cells)[1], range(24))]
    titles = ["Hour", "Requests", *(f"{windows.WORDS[window].capitalize()}" for window in present), "Together"]
    caption = (
        f"Cost by hour of the day ({analysis.view.tz}) and price window, {analysis.view.currency}; "
        "the cells are rounded together"
    )
    return Table("hours", caption, titles, lines, foot, query="week_hours").html()


def week(analysis: Analysis, cells: windows.Spent) -> str:
    """Cost by hour and weekday."""
    keys = [(day, hour) for hour in range(24) for day in range(1, 8)]
    places = places_for(windows.part(cells)[0])
    costs = shown([windows.part(cells, day=day, hour=hour)[0] for day, hour in keys], places)
    by_key = dict(zip(keys, costs, strict=True))
    lines = [[f"{hour}:00 to {hour + 1}:00", *(by_key[day, hour] for day in range(1, 8))] for hour in range(24)]
    caption = f"Cost by hour of the week ({analysis.view.tz}), {analysis.view.currency}; the cells are rounded together"
    return Table("week", caption, ["Hour", *windows.DAYS], lines, query="week_hours").html()


def token_lengths(analysis: Analysis, side: str) -> str:
    """Requests by doubling lengths."""
    answers = analysis.answers
    names, bins, counts = lengths.lengths(answers["endpoints"], answers["token_histogram"], side)
    lines = [[name(each), *(f"{count:,}" for count in row)] for each, row in zip(names, counts, strict=True)]
    titles = [word(analysis).capitalize(), *(lengths.span(place) for place in bins)]
    caption = f"Requests by {side} tokens, logged one by one; percentiles stand in the table of all {word(analysis)}s"
    return Table(f"{side}-lengths", caption, titles, lines, query="token_histogram", cut=True).html()


def _place(analysis: Analysis, times: Times, place: int) -> str | Cell:
    """The title of a column: a name from a log, or the others."""
    return f"All other {word(analysis)}s" if place == OTHERS else Cell(name(times.names[place]))


def by_share(analysis: Analysis, found: Lines) -> str:
    """Cost by share of Pro, in steps of a tenth, and where it is what was spent."""
    currency, places = analysis.view.currency, places_for(analysis.actual.cost)
    lines = [[percent(step), plain(decimal(found.by_share.at(step)), places)] for step in curves.STEPS[::2]]
    foot = [[f"Break-even: as much as was spent ({plain(decimal(found.spent), places)})", _met(found.by_share, found)]]
    titles = ["Share of Pro", f"Cost, {currency}"]
    return Table("by-share", "Cost by share of Pro", titles, lines, foot, "servings").html()


def by_hits(analysis: Analysis, found: Lines) -> str:
    """Cost by hit rate, in steps of a tenth, and where it is what was spent."""
    currency, places = analysis.view.currency, places_for(analysis.actual.cost)
    lines = [
        [percent(step), *(plain(decimal(line.at(step)), places) for line in found.by_hits.values())]
        for step in curves.STEPS[::2]
    ]
    met = [_met(line, found) for line in found.by_hits.values()]
    foot = [[f"Break-even: as much as was spent ({plain(decimal(found.spent), places)})", *met]]
    titles = ["Hit rate", *(f"{curves.WORDS[way].capitalize()}, {currency}" for way in found.by_hits)]
    return Table("by-hits", "Cost by cache hit rate", titles, lines, foot, "servings").html()


def _met(line: Line, found: Lines) -> str:
    share = line.meets(found.spent)
    return "not reachable" if share is None else f"at {percent(share)}"
