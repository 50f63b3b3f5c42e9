"""Sections of the page: the analysis in, HTML out. Costs are rounded once for each table, so that columns add up."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from analyzer.report import figures
from analyzer.report.amounts import UNKNOWN, exact, percent, places_for, plain, priced, rate, shown
from analyzer.report.table import Cell, Row, name, table, text
from analyzer.simulate.analysis import Analysis, Result, money

LISTED = 200  # lines of a table; the rest is one line
_LENGTHS = [f"{side}_tokens_{mark}" for side in ("input", "output") for mark in ("p50", "p90", "p99")]
_BASIS = {
    "session": "session",
    "endpoint": "endpoint",
    "mixed": "session, else endpoint",
}


def word(analysis: Analysis) -> str:
    """What the analysis is grouped by, as a word."""
    return analysis.view.endpoint_by.removesuffix("_id").removesuffix("_name").replace("_", " ")


def period(analysis: Analysis) -> str:
    """First and last instant."""
    if analysis.period is None:
        return "no requests"
    first, last = analysis.period
    return f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC"


def facts(analysis: Analysis) -> str:
    """What the numbers are of: period, prices, zone, clock."""
    view = analysis.view
    clock = "completion of a request" if view.clock == "completion" else "start of a request"
    prices = "in force at each request" if view.price_date is None else f"of {view.price_date.isoformat()}"
    lines = {
        "Period": period(analysis),
        "Currency": f"{view.currency} price list",
        "Days and months in": view.tz,
        "Prices": prices,
        "Price window by": clock,
        "Price book": analysis.price_book,
    }
    return "".join(f"<div><dt>{text(term)}</dt><dd>{text(value)}</dd></div>" for term, value in lines.items())


def key_figures(analysis: Analysis) -> str:
    """The first thing to see: cost, requests, tokens, hit rate."""
    totals, cost, currency = analysis.totals, analysis.actual.cost, analysis.view.currency
    amount = UNKNOWN if cost is None else priced(plain(cost, places_for(cost)), currency)
    unpriced = analysis.counts.unpriced
    without = f"without {unpriced:,} unpriced requests" if unpriced else f"all in {currency}, at list prices"
    read = f"{count(totals['cache_read_tokens'])} tokens read from cache"
    cards = [
        ("Cost", amount, without if cost is not None else "nothing could be priced"),
        ("Requests", count(totals["requests"]), f"{analysis.counts.unmeasured:,} without usage"),
        ("Input tokens", count(totals["input_tokens"]), "cached or not"),
        (
            "Output tokens",
            count(totals["output_tokens"]),
            f"{count(totals['reasoning_tokens'])} on reasoning",
        ),
        ("Cache hit rate", rate(share(totals["cache_hit_rate"])), read),
    ]
    return "".join(
        f"<div><dt>{text(title)}</dt><dd>{text(value)}<small>{text(note)}</small></dd></div>"
        for title, value, note in cards
    )


def what_if(analysis: Analysis) -> str:
    """The scenarios against what was spent."""
    actual, currency = analysis.actual, analysis.view.currency
    places = places_for(actual.cost)
    rows: list[Row] = []
    for result in analysis.results:
        scenario = result.scenario
        itself = result is actual
        tone = "" if itself or not result.difference else "less" if result.difference < 0 else "more"
        rows.append(
            [
                Cell(scenario.name, note=scenario.title, badge="hindsight" if scenario.hindsight else ""),
                amount(result.cost, places),
                "" if itself else Cell(signed(result.difference, places), tone=tone),
                "" if itself else Cell(percent(result.difference, compared(result)), tone=tone),
                amount(result.low, places),
                amount(result.high, places),
                f"{result.moved:,}",
                f"{result.unpriced:,}",
                f"{result.before_first_price:,}",
                _BASIS.get(result.cache_basis, result.cache_basis),
            ]
        )
    titles = [
        "Scenario", f"Cost, {currency}", "Against actual", "in %", "Low", "High",
        "Requests moved", "Unpriced", "Before first price", "Cache by",
    ]  # fmt: skip
    return table("what-if", f"What the same requests would have cost, {currency}", titles, rows)


def quality(analysis: Analysis) -> str:
    """How the records ended, and what is not known of the requests."""
    c = analysis.counts
    logs = "log" if c.sources == 1 else "logs"
    days = analysis.answers["uncertain_days"]
    uncertain = sum(days["uncertain"])
    dates = len(set(days["day"]))
    on = f"{dates:,} day" if dates == 1 else f"{dates:,} days"
    records = (
        f"{c.records:,} records in {c.sources:,} {logs} = {c.requests:,} requests + {c.duplicates:,} duplicates"
        f" + {c.skipped:,} skipped + {c.rejected:,} rejected"
    )
    unknown = [
        f"{c.unmeasured:,} unmeasured",
        f"{c.unpriced:,} unpriced",
        f"{c.cache_unknown:,} with an unknown cache split",
        f"{uncertain:,} at an uncertain price ({on} of a change whose hour is not known)",
    ]
    return f"<p>{text(records)}</p><p>Of the requests: {text(', '.join(unknown))}.</p>"


def endpoints(analysis: Analysis) -> str:
    """Costliest first; what comes after the first 200 is one line."""
    answers, currency = analysis.answers, analysis.view.currency
    lengths = {row["endpoint"]: row for row in answers["token_distribution"].iter_rows(named=True)}
    rows = list(answers["endpoints"].iter_rows(named=True))
    listed, rest = rows[:LISTED], rows[LISTED:]
    lines = [
        [
            name(row["endpoint"]), *usage(row), rate(row["cache_hit_rate"]),
            *(length(lengths.get(row["endpoint"], {}).get(column)) for column in _LENGTHS), f"{row['unpriced']:,}",
        ]
        for row in listed
    ]  # fmt: skip
    dashes = ["–"] * len(_LENGTHS)
    if rest:
        unpriced = sum(row["unpriced"] for row in rest)
        lines.append([f"{len(rest):,} more", *usage(together(rest)), "–", *dashes, f"{unpriced:,}"])
    totals = analysis.totals
    total = [
        "Total",
        *usage(totals),
        rate(share(totals["cache_hit_rate"])),
        *dashes,
        count(totals["unpriced"]),
    ]
    title = word(analysis)
    titles = [
        title.capitalize(), "Requests", "Input tokens", "Output tokens", "Cache hit rate",
        *(f"{side} {mark}" for side in ("Input", "Output") for mark in ("p50", "p90", "p99")), "Unpriced", f"Cost, {currency}",
    ]  # fmt: skip
    costs = [row["cost"] for row in listed] + ([added(rest)] if rest else [])
    return priced_table(
        analysis, "endpoints", f"Usage and cost by {title}, costliest first", titles, (lines, costs, total)
    )


def models(analysis: Analysis) -> str:
    """Models as logged."""
    return _grouped(analysis, "models", "model", "Usage and cost by model, as logged")


def months(analysis: Analysis) -> str:
    """Months of the reporting zone."""
    return _grouped(analysis, "months", "month", f"Usage and cost by month ({analysis.view.tz})")


def _grouped(analysis: Analysis, answer: str, column: str, caption: str) -> str:
    rows = list(analysis.answers[answer].iter_rows(named=True))
    listed, rest = rows[:LISTED], rows[LISTED:]
    lines = [
        [name(row[column]), *usage(row), rate(row["cache_hit_rate"]), f"{row['unpriced']:,}"]
        for row in listed
    ]
    if rest:
        unpriced = sum(row["unpriced"] for row in rest)
        lines.append([f"{len(rest):,} more", *usage(together(rest)), "–", f"{unpriced:,}"])
    totals = analysis.totals
    total = ["Total", *usage(totals), rate(share(totals["cache_hit_rate"])), count(totals["unpriced"])]
    titles = [column.capitalize(), "Requests", "Input tokens", "Output tokens", "Cache hit rate", "Unpriced"]
    titles.append(f"Cost, {analysis.view.currency}")
    costs = [row["cost"] for row in listed] + ([added(rest)] if rest else [])
    return priced_table(analysis, answer, caption, titles, (lines, costs, total))


def unpriced(analysis: Analysis) -> str:
    """Models that no price covers; empty where every request has one."""
    rows = list(analysis.answers["unpriced"].iter_rows(named=True))
    if not rows:
        return ""
    listed, rest = rows[:LISTED], rows[LISTED:]
    lines = [
        [
            name(row["model"]), *usage(row),
            f"{row['first_instant']:%Y-%m-%d %H:%M}", f"{row['last_instant']:%Y-%m-%d %H:%M}",
        ]
        for row in listed
    ]  # fmt: skip
    if rest:
        lines.append([f"{len(rest):,} more", *usage(together(rest)), "–", "–"])
    titles = ["Model", "Requests", "Input tokens", "Output tokens", "First, UTC", "Last, UTC"]
    return "<h3>Without a known price</h3>" + table("unpriced", "Requests that are in no cost", titles, lines)


def uncertain(analysis: Analysis) -> str:
    """Days of a price change whose hour is not known; empty where there is none."""
    rows = list(analysis.answers["uncertain_days"].iter_rows(named=True))
    if not rows:
        return ""
    lines = [[row["day"].isoformat(), name(row["model"]), f"{row['uncertain']:,}"] for row in rows[:LISTED]]
    if len(rows) > LISTED:
        lines.append(
            [f"{len(rows) - LISTED:,} more", "", f"{sum(row['uncertain'] for row in rows[LISTED:]):,}"]
        )
    caption = "Days of a price change whose hour is not known; 00:00 UTC is assumed"
    return "<h3>Uncertain hours</h3>" + table("uncertain", caption, ["Day", "Model", "Requests"], lines)


def monthly_costs(analysis: Analysis) -> str:
    """What the figure of costs by endpoint and month draws, as a table."""
    rows = list(analysis.answers["endpoints_by_month"].iter_rows(named=True))
    order = [row["endpoint"] for row in analysis.answers["endpoints"].head(LISTED).iter_rows(named=True)]
    columns = sorted({row["month"] for row in rows})
    costs = {(row["endpoint"], row["month"]): row["cost"] for row in rows}
    keys = [(endpoint, month) for endpoint in order for month in columns if (endpoint, month) in costs]
    texts = dict(
        zip(keys, shown([costs[key] for key in keys], places_for(analysis.actual.cost)), strict=True)
    )
    lines = [[name(endpoint), *(texts.get((endpoint, month), "") for month in columns)] for endpoint in order]
    caption = f"Cost by {word(analysis)} and month, {analysis.view.currency}; the cells are rounded together"
    return table("monthly-costs", caption, [word(analysis).capitalize(), *columns], lines)


def lengths(analysis: Analysis, side: str) -> str:
    """What the figure of lengths draws, as a table of requests."""
    answers = analysis.answers
    names, bins, counts = figures.lengths(answers["endpoints"], answers["token_histogram"], side)
    lines = [[name(each), *(f"{count:,}" for count in row)] for each, row in zip(names, counts, strict=True)]
    caption = f"Requests by {side} tokens, logged one by one"
    return table(
        f"{side}-lengths",
        caption,
        [word(analysis).capitalize(), *(figures.span(place) for place in bins)],
        lines,
    )


def priced_table(
    analysis: Analysis,
    ident: str,
    caption: str,
    titles: list[str],
    content: tuple[list[list[str]], Sequence[Decimal | None], list[str]],
) -> str:
    """A table whose last column is cost, rounded together, and, if every request has a price, left without ``Unpriced``."""
    lines, costs, total = content
    places = places_for(analysis.actual.cost)
    if not analysis.totals["unpriced"]:
        titles, total, lines = [*titles[:-2], titles[-1]], total[:-1], [line[:-1] for line in lines]
    cells = [[*line, cost] for line, cost in zip(lines, shown(costs, places), strict=True)]
    return table(ident, caption, titles, cells, [*total, amount(analysis.actual.cost, places)])


def usage(row: Mapping[str, Any]) -> list[str]:
    """Requests, input and output of a row."""
    return [count(row[column]) for column in ("requests", "input_tokens", "output_tokens")]


def together(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """The usage of several rows."""
    return {
        column: sum(row[column] or 0 for row in rows)
        for column in ("requests", "input_tokens", "output_tokens")
    }


def added(rows: Sequence[Mapping[str, Any]]) -> Decimal | None:
    """The cost of several rows, of those that have one; None if none has."""
    known = [row["cost"] for row in rows if row["cost"] is not None]
    return sum(known, Decimal(0)) if known else None


def compared(result: Result) -> Decimal | None:
    """What was spent on the requests that the scenario, too, has a price for."""
    known = [int(units) for units in result.endpoints["compared_actual"] if units is not None]
    return money(sum(known)) if known else None


def count(value: object) -> str:
    """A count; a sum over nothing is 0."""
    return f"{value:,}" if isinstance(value, int) else "0"


def share(value: object) -> float | None:
    """A rate as the totals hold it."""
    return value if isinstance(value, float) else None


def length(value: float | None) -> str:
    """A percentile in tokens, to the tenth; a dash where no request was logged by itself."""
    return "–" if value is None else f"{value:,.1f}".removesuffix(".0")


def amount(value: Decimal | None, places: int) -> str:
    """An amount that stands by itself."""
    return UNKNOWN if value is None else plain(value, places)


def signed(value: Decimal | None, places: int) -> str:
    """A difference, with its sign."""
    return UNKNOWN if value is None else ("+" if value > 0 else "") + plain(value, places)


def precise(analysis: Analysis) -> str:
    """The total to its last digit."""
    return exact(analysis.actual.cost) or UNKNOWN
