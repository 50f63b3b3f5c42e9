"""Where the money goes, as tables. Costs are rounded once for each table, so that columns add up."""

from collections.abc import Mapping, Sequence
from typing import Any

from analyzer.report.amounts import UNKNOWN, places_for, rate, shown
from analyzer.report.cells import added, amount, count, length, share, together, usage
from analyzer.report.sections import word
from analyzer.report.table import Row, Table, name
from analyzer.simulate.analysis import Analysis

LISTED = 200  # lines of a table; the rest is one line
MANY = 1000  # endpoints, of which nobody has so many: there are ids in their names
_LENGTHS = [f"{side}_tokens_{mark}" for side in ("input", "output") for mark in ("p50", "p90", "p99")]


def endpoints(analysis: Analysis) -> str:
    """Costliest first; what comes after the first 200 is one line."""
    spread = {row["endpoint"]: row for row in analysis.answers["token_distribution"].iter_rows(named=True)}
    title = word(analysis)
    titles = [f"{side} {mark}" for side in ("Input", "Output") for mark in ("p50", "p90", "p99")]

    def lengths(row: Mapping[str, Any]) -> list[str]:
        return [length(spread.get(row["endpoint"], {}).get(column)) for column in _LENGTHS]

    caption = f"Usage and cost by {title}, costliest first"
    if len(analysis.answers["endpoints"]) > LISTED:
        caption += f"; the first {LISTED} are listed, spend query endpoints lists all"
    table = _grouped(analysis, "endpoints", title, caption, more=(titles, lengths), key="endpoint", sortable=title)
    if (found := many(analysis)) is not None:
        other = "<code>--endpoint-by endpoint_pattern</code>"
        told = f"{found:,} endpoints: where ids stand in their paths, {other} takes those with the same path together."
        return f'{table}<p class="note">{told}</p>'
    if analysis.view.endpoint_by != "endpoint" or set(analysis.answers["endpoints"]["endpoint"]) != {None}:
        return table
    other = "<code>--endpoint-by api_key_name</code>, or <code>team</code>, or <code>model</code>"
    return f'{table}<p class="note">These logs name no endpoint; {other} groups by what they name.</p>'


def many(analysis: Analysis) -> int | None:
    """The number of endpoints where it is so large that ids stand in their names; else None."""
    count = len(analysis.answers["endpoints"])
    return count if analysis.view.endpoint_by == "endpoint" and count > MANY else None


def models(analysis: Analysis) -> str:
    """Models as logged."""
    return _grouped(analysis, "models", "model", "Usage and cost by model, as logged")


def months(analysis: Analysis) -> str:
    """Months of the reporting zone."""
    return _grouped(analysis, "months", "month", f"Usage and cost by month ({analysis.view.tz})")


def _grouped(
    analysis: Analysis,
    answer: str,
    column: str,
    caption: str,
    *,
    more: tuple[list[str], Any] | None = None,
    key: str = "",
    sortable: str = "",
) -> str:
    """An answer by its first column; without ``Unpriced`` where every request has a price."""
    titles, cells = more or ([], lambda _: [])
    rows = list(analysis.answers[answer].iter_rows(named=True))
    listed, rest = rows[:LISTED], rows[LISTED:]
    without = bool(analysis.totals["unpriced"])
    places = places_for(analysis.actual.cost)
    costs = shown([*(row["cost"] for row in listed), *([added(rest)] if rest else [])], places)

    def line(first: str, used: Mapping[str, Any], hits: float | None, own: Sequence[str], cost: str) -> list[str]:
        unpriced = [count(used["unpriced"])] if without else []
        return [first, cost, *usage(used), "–" if hits is None and first != "Total" else rate(hits), *own, *unpriced]

    lines = [
        [
            name(row[key or column]), cost, *usage(row), rate(row["cache_hit_rate"]), *cells(row),
            *([count(row["unpriced"])] if without else []),
        ]
        for row, cost in zip(listed, costs, strict=False)
    ]  # fmt: skip
    dashes = ["–"] * len(titles)
    foot: list[Row] = []
    if rest:
        pooled = together(rest)
        foot.append(line(f"{len(rest):,} more", pooled, None, dashes, costs[-1]))
    totals = analysis.totals
    whole = amount(analysis.actual.cost, places)
    foot.append(line("Total", totals, share(totals["cache_hit_rate"]), dashes, whole))
    # The cost comes first: on a phone the last columns are out of sight.
    heads = [column.capitalize(), f"Cost, {analysis.view.currency}", "Requests", "Input tokens", "Output tokens"]
    heads += ["Cache hit rate", *titles, *(["Unpriced"] if without else [])]
    return Table(answer, caption, heads, lines, foot, answer, sortable).html()


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
    foot = [[f"{len(rest):,} more", "–", "–", *usage(together(rest)), "–", "–"]] if rest else []
    titles = ["Model", "Provider", "Tier", "Requests", "Input tokens", "Output tokens", "First, UTC", "Last, UTC"]
    caption = "Unpriced requests: they are in no cost"
    own = "<code>--prices FILE</code>, or <code>spend.toml</code>"
    return (
        "<h3>Without a known price</h3>"
        + Table("unpriced", caption, titles, lines, foot, "unpriced").html()
        + (f'<p class="note">Prices of your own give them a cost: {own}.</p>')
    )


def uncertain(analysis: Analysis) -> str:
    """Days of a price change whose hour is not known; empty where there is none."""
    rows = list(analysis.answers["uncertain_days"].iter_rows(named=True))
    if not rows:
        return ""
    lines = [[name(row["model"]), row["day"].isoformat(), f"{row['uncertain']:,}"] for row in rows[:LISTED]]
    rest = rows[LISTED:]
    foot = [[f"{len(rest):,} more", "", f"{sum(row['uncertain'] for row in rest):,}"]] if rest else []
    caption = "Days of a price change whose hour is not known; 00:00 UTC is assumed"
    table = Table("uncertain", caption, ["Model", "Day", "Requests"], lines, foot, "uncertain_days")
    return "<h3>Uncertain hours</h3>" + table.html()


def price_changes(analysis: Analysis) -> str:
    """Price changes within the period; empty where there is none."""
    changes = analysis.price_changes
    if not changes:
        return ""
    lines = [[f"{change.instant:%Y-%m-%d %H:%M}", name(change.model), change.words] for change in changes[:LISTED]]
    rest = len(changes) - LISTED
    foot = [[f"{rest:,} more", "", ""]] if rest > 0 else []
    caption = f"Price changes in the period, {analysis.view.currency} per 1M tokens, times in UTC"
    titles = ["From, UTC", "Model", "What changed"]
    return "<h3>Price changes</h3>" + Table("price-changes", caption, titles, lines, foot).html()


def inputs(analysis: Analysis) -> str:
    """The logs that the report is made of, by their content."""
    rows = list(analysis.answers["inputs"].iter_rows(named=True))
    lines = [
        # The same log is the same, wherever it lies.
        [row["path"].replace("\\", "/").rpartition("/")[2], row["format"],
         UNKNOWN if analysis.of_table else f"{row['bytes']:,}", f"{row['records']:,}",
         row["fingerprint"][:16] or UNKNOWN]
        for row in rows[:LISTED]
    ]  # fmt: skip
    rest = rows[LISTED:]
    foot = [[f"{len(rest):,} more", "", "", f"{sum(row['records'] for row in rest):,}", ""]] if rest else []
    titles = ["Log", "Format", "Bytes", "Records", "Fingerprint"]
    caption = "The logs that this report is made of; fingerprints are the first 16 digits of BLAKE3"
    return Table("inputs", caption, titles, lines, foot, "inputs").html()
