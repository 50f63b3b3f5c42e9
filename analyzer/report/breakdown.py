"""Where the money goes, as tables. Costs are rounded once for each table, so that columns add up."""

from collections.abc import Sequence
from decimal import Decimal

from analyzer.report import lengths
from analyzer.report.amounts import places_for, rate, shown
from analyzer.report.cells import added, amount, count, length, share, together, usage
from analyzer.report.sections import word
from analyzer.report.table import name, table
from analyzer.simulate.analysis import Analysis

LISTED = 200  # lines of a table; the rest is one line
_LENGTHS = [f"{side}_tokens_{mark}" for side in ("input", "output") for mark in ("p50", "p90", "p99")]


def endpoints(analysis: Analysis) -> str:
    """Costliest first; what comes after the first 200 is one line."""
    answers, currency = analysis.answers, analysis.view.currency
    spread = {row["endpoint"]: row for row in answers["token_distribution"].iter_rows(named=True)}
    rows = list(answers["endpoints"].iter_rows(named=True))
    listed, rest = rows[:LISTED], rows[LISTED:]
    lines = [
        [
            name(row["endpoint"]), *usage(row), rate(row["cache_hit_rate"]),
            *(length(spread.get(row["endpoint"], {}).get(column)) for column in _LENGTHS), f"{row['unpriced']:,}",
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
        *(f"{side} {mark}" for side in ("Input", "Output") for mark in ("p50", "p90", "p99")), "Unpriced",
        f"Cost, {currency}",
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
    lines = [[name(row[column]), *usage(row), rate(row["cache_hit_rate"]), f"{row['unpriced']:,}"] for row in listed]
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
            name(row["model"]), name(row["provider"]), name(row["service_tier"]), *usage(row),
            f"{row['first_instant']:%Y-%m-%d %H:%M}", f"{row['last_instant']:%Y-%m-%d %H:%M}",
        ]
        for row in listed
    ]  # fmt: skip
    if rest:
        lines.append([f"{len(rest):,} more", "–", "–", *usage(together(rest)), "–", "–"])
    titles = ["Model", "Provider", "Tier", "Requests", "Input tokens", "Output tokens", "First, UTC", "Last, UTC"]
    return "<h3>Without a known price</h3>" + table("unpriced", "Requests that are in no cost", titles, lines)


def uncertain(analysis: Analysis) -> str:
    """Days of a price change whose hour is not known; empty where there is none."""
    rows = list(analysis.answers["uncertain_days"].iter_rows(named=True))
    if not rows:
        return ""
    lines = [[name(row["model"]), row["day"].isoformat(), f"{row['uncertain']:,}"] for row in rows[:LISTED]]
    if len(rows) > LISTED:
        lines.append([f"{len(rows) - LISTED:,} more", "", f"{sum(row['uncertain'] for row in rows[LISTED:]):,}"])
    caption = "Days of a price change whose hour is not known; 00:00 UTC is assumed"
    return "<h3>Uncertain hours</h3>" + table("uncertain", caption, ["Model", "Day", "Requests"], lines)


def monthly_costs(analysis: Analysis) -> str:
    """What the figure of costs by endpoint and month draws, as a table."""
    rows = list(analysis.answers["endpoints_by_month"].iter_rows(named=True))
    order = [row["endpoint"] for row in analysis.answers["endpoints"].head(LISTED).iter_rows(named=True)]
    columns = sorted({row["month"] for row in rows})
    costs = {(row["endpoint"], row["month"]): row["cost"] for row in rows}
    keys = [(endpoint, month) for endpoint in order for month in columns if (endpoint, month) in costs]
    texts = dict(zip(keys, shown([costs[key] for key in keys], places_for(analysis.actual.cost)), strict=True))
    lines = [[name(endpoint), *(texts.get((endpoint, month), "") for month in columns)] for endpoint in order]
    caption = f"Cost by {word(analysis)} and month, {analysis.view.currency}; the cells are rounded together"
    return table("monthly-costs", caption, [word(analysis).capitalize(), *columns], lines)


def token_lengths(analysis: Analysis, side: str) -> str:
    """What the figure of lengths draws, as a table of requests."""
    answers = analysis.answers
    names, bins, counts = lengths.lengths(answers["endpoints"], answers["token_histogram"], side)
    lines = [[name(each), *(f"{count:,}" for count in row)] for each, row in zip(names, counts, strict=True)]
    caption = f"Requests by {side} tokens, logged one by one"
    return table(
        f"{side}-lengths",
        caption,
        [word(analysis).capitalize(), *(lengths.span(place) for place in bins)],
        lines,
    )


def priced_table(
    analysis: Analysis,
    ident: str,
    caption: str,
    titles: list[str],
    content: tuple[list[list[str]], Sequence[Decimal | None], list[str]],
) -> str:
    """A table whose last column is cost, rounded together; without ``Unpriced`` where every request has a price."""
    lines, costs, total = content
    places = places_for(analysis.actual.cost)
    if not analysis.totals["unpriced"]:
        titles, total, lines = [*titles[:-2], titles[-1]], total[:-1], [line[:-1] for line in lines]
    cells = [[*line, cost] for line, cost in zip(lines, shown(costs, places), strict=True)]
    return table(ident, caption, titles, cells, [*total, amount(analysis.actual.cost, places)])
