"""The terminal summary: 80 columns that say what was spent, where, and what the alternatives would have cost."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from analyzer.counted import counted
from analyzer.report.against import against, alike, digits
from analyzer.report.amounts import UNKNOWN, percent, places_for, plain, priced, rate, shown
from analyzer.report.breakdown import many
from analyzer.report.cells import added, amount, signed, tokens
from analyzer.report.listing import WIDTH, table
from analyzer.report.outlook import outlook
from analyzer.report.period import period
from analyzer.report.verdict import put_aside, straddling, uncertain_prices, verdict
from analyzer.report.visible import LONGEST, visible, width
from analyzer.simulate.analysis import Analysis

_ROWS = 12
_PRICED = ("request that is", "requests that are")
Row = Mapping[str, Any]


def summary(analysis: Analysis, report: Path | None) -> str:
    """All of it, as text without colours."""
    parts = [_head(analysis), _records(analysis)]
    if analysis.period:
        parts += [_endpoints(analysis), _models(analysis), _scenarios(analysis), verdict(analysis)]
    else:
        parts.append(verdict(analysis))
    parts += _notes(analysis)
    if report is not None:
        parts.append(f"Report: {visible(str(report), 1000)}")
    return "\n\n".join(_wrapped(part) for part in parts) + "\n"


def what_if(analysis: Analysis) -> str:
    """The what-if table, and everything that is asked of scenarios."""
    parts = (_scenarios(analysis), verdict(analysis), *outlook(analysis), *_notes(analysis))
    return "\n\n".join(_wrapped(part) for part in parts) + "\n"


def _head(analysis: Analysis) -> str:
    view, totals = analysis.view, analysis.totals
    cost = analysis.actual.cost
    spent = priced(plain(cost, places_for(cost)), view.currency) if cost is not None else UNKNOWN
    read, written = (tokens(totals, f"{side}_tokens") for side in ("input", "output"))
    used = f"{read} {'token' if read == '1' else 'tokens'} in, {written} out"
    hits = rate(_share(totals["cache_hit_rate"]))
    basis = "prices in force" if view.price_date is None else f"prices of {view.price_date}"
    return "\n".join(
        [
            f"Spent {spent}   {period(analysis)}",
            f"{counted(_int(totals['requests']), 'request')}, {used}, cache hit rate {hits}",
            f"{view.currency} list, {basis}, price book {analysis.price_book}",
            *(
                [f"Own prices over it: {'; '.join(map(visible, analysis.own_prices[:_ROWS]))}"]
                if analysis.own_prices
                else []
            ),
        ]
    )


def _records(analysis: Analysis) -> str:
    c, calls = analysis.counts, _int(analysis.totals["requests"])
    ended = (
        f"{counted(c.records, 'record')} in {counted(c.sources, 'log')} = {counted(c.requests, 'request')}"
        f" + {counted(c.duplicates, 'duplicate')}"
        f" + {c.skipped:,} skipped + {c.rejected:,} rejected"
    )
    whole = analysis.view.since is None and analysis.view.until is None and not c.set_aside
    if whole and c.requests != calls:
        ended += (
            f"\nThe {counted(c.requests, 'tells', 'tell')} of {counted(calls, 'call')}: a stream may take several"
            " records, and one of an export or of a session stands for many calls, or does not say for how many."
        )
    return (
        f"{ended}\nOf the calls: {c.unmeasured:,} unmeasured (without usage), {c.unpriced:,} unpriced,"
        f" {c.cache_unknown:,} with an unknown cache split"
    )


def _endpoints(analysis: Analysis) -> str:
    lengths = {row["endpoint"]: row for row in analysis.answers["token_distribution"].iter_rows(named=True)}

    def cells(row: Row) -> list[str]:
        long = lengths.get(row["endpoint"], {})
        spread = [_spread(long, f"{side}_tokens") for side in ("input", "output")]
        return [_name(row["endpoint"], LONGEST), f"{row['requests']:,}", rate(row["cache_hit_rate"], 0), *spread]

    word = analysis.view.endpoint_by.replace("_", " ")
    title = [word.capitalize(), "requests", "hits", "in p50/p90/p99", "out p50/p90/p99"]
    found = _costly(analysis, "endpoints", title, cells)
    if many(analysis) is not None:
        found += (
            "\nWhere ids stand in their paths, --endpoint-by endpoint_pattern takes those with the same path together."
        )
    if not analysis.summed:
        return found
    sums = counted(analysis.summed, "record that is a sum is", "records that are sums are")
    return f"{found}\np50/p90/p99 are of calls logged one by one; {sums} in none."


def _models(analysis: Analysis) -> str:
    def cells(row: Row) -> list[str]:
        hits = rate(row["cache_hit_rate"], 0)
        return [_name(row["model"], LONGEST), f"{row['requests']:,}", hits, f"{row['unpriced']:,}"]

    return _costly(analysis, "models", ["Model", "requests", "hits", "unpriced"], cells)


def _costly(analysis: Analysis, answer: str, title: Sequence[str], cells: Callable[[Row], list[str]]) -> str:
    """An answer with its costs, the costliest first; what is not listed is one line, so that the column adds up."""
    rows = list(analysis.answers[answer].iter_rows(named=True))
    listed, rest = rows[:_ROWS], rows[_ROWS:]
    costs = [*(row["cost"] for row in listed), *([added(rest)] if rest else [])]
    texts = shown(costs, places_for(analysis.actual.cost))
    lines = [[*cells(row), text] for row, text in zip(listed, texts, strict=False)]
    if rest:
        sums = {name: f"{sum(row[name] for row in rest):,}" for name in ("requests", "unpriced")}
        lines.append([f"{len(rest):,} more", *(sums.get(name, "") for name in title[1:]), texts[-1]])
    return table([*title, f"cost {analysis.view.currency}"], lines)


def _scenarios(analysis: Analysis) -> str:
    actual = analysis.actual
    places = digits(analysis.results)
    lines = []
    for result in analysis.results:
        difference = "" if result is actual else signed(against(result, actual, places), places)
        lines.append(
            [
                visible(result.scenario.name, 24) + ("*" if result.scenario.hindsight else ""),
                amount(result.cost, places), difference,
                "" if result is actual else percent(result.difference, result.compared_actual),
                amount(result.low, places), amount(result.high, places),
            ]
        )  # fmt: skip
    figures = table(["What if", f"cost {analysis.view.currency}", "difference", "", "low", "high"], lines)
    return "\n".join([figures, *_beside_scenarios(analysis)])


def _beside_scenarios(analysis: Analysis) -> list[str]:
    """What the columns of the what-if table mean here, and what is to be known of its figures."""
    actual = analysis.actual
    basis = {
        "blocks": "prefix",
        "session": "session",
        "endpoint": "endpoint",
        "mixed": "session (or prefix, or endpoint, as the log knows them)",
    }[actual.cache_basis]
    notes = [f"low: every request keeps its cache hits. high: the cache of every {basis} that a move touches is cold."]
    fewer = {result.compared_requests for result in analysis.results[1:] if not alike(result, actual)}
    if fewer:
        notes.append(f"Differences compare the {counted(min(fewer), *_PRICED)} priced both ways.")
    if any(result.scenario.hindsight for result in analysis.results):
        notes.append("* routes by the length of outputs, which nobody knows beforehand.")
    strangers = sorted({name for result in analysis.results for name in result.other_tokenizers})
    if strangers:
        names = ", ".join(visible(name, 40) for name in strangers[:5]) + (", ..." if len(strangers) > 5 else "")
        notes.append(
            f"Tokens of other makers' models count as they are ({names}): another tokenizer makes other numbers,"
            " which a scenario's input_ratio tells."
        )
    early = [
        f"{visible(result.scenario.name, 24)} {result.before_first_price:,}"
        for result in analysis.results
        if result.before_first_price
    ]
    if early:
        notes.append(f"Requests older than their target's first price, priced with that one: {', '.join(early)}.")
    return notes


def _notes(analysis: Analysis) -> list[str]:
    unpriced = list(analysis.answers["unpriced"].iter_rows(named=True))
    uncertain = sum(row["uncertain"] for row in analysis.answers["uncertain_days"].iter_rows(named=True))
    notes = list(filter(None, [put_aside(analysis)]))
    if unpriced:
        models = [row["model"] for row in unpriced]  # one may stand there for each provider and tier
        names = ", ".join(_unpriced(row, alone=models.count(row["model"]) == 1) for row in unpriced[:5])
        more = f" and {len(unpriced) - 5:,} more" if len(unpriced) > 5 else ""
        notes.append(
            f"No price is known for: {names}{more}. They are in no cost; `spend prices MODEL` says since when and for"
            " which provider and tier one is, and `--prices FILE` gives them one of yours."
        )
    if uncertain:
        notes.append(
            f"{counted(uncertain, 'request falls', 'requests fall')} on the day of a price change whose hour is not"
            " known (00:00 UTC assumed)."
        )
    exported, cost = uncertain_prices(analysis)
    if exported:
        money = priced(plain(cost, places_for(cost)), analysis.view.currency)
        notes.append(
            f"{counted(exported, 'call')} of usage exports, {money},"
            " with a price that no list has in their bucket, or with none where prices change: taken as of its start."
        )
    apart = [row for row in analysis.answers["apart"].iter_rows(named=True) if row["unlisted"]]
    # Nearly all lists have one price for text and images that are read.
    alone = [
        f"{_name(row['model'], 40)} ({row['unlisted']:,} {row['kind'].replace('_', ' ')})"
        for row in apart
        if not row["kind"].endswith("_image")
    ]
    if alone:
        notes.append(
            f"No price of its own is known for: {', '.join(sorted(alone)[:5])}. Tokens cost as text, others nothing."
        )
    if note := straddling(analysis):
        notes.append(note)
    return notes


def _wrapped(text: str) -> str:
    """Prose lines broken at 80 columns; tables fit already."""
    import textwrap

    return "\n".join(
        line if width(line) <= WIDTH else textwrap.fill(line, WIDTH, break_long_words=False, break_on_hyphens=False)
        for line in text.split("\n")
    )


def _name(name: str | None, longest: int) -> str:
    return "(none named)" if name is None else visible(name, longest)


def _unpriced(row: dict[str, object], *, alone: bool) -> str:
    """A model without a price; of one that stands there more than once also who sold it, and in which tier."""
    model = None if row["model"] is None else str(row["model"])
    parts = (("of", row["provider"]), ("in tier", row["service_tier"]))
    told = "".join(f" {word} {visible(str(value), 40)}" for word, value in parts if value is not None and not alone)
    return f"{_name(model, 40)}{told} ({row['requests']:,})"


def _spread(row: dict[str, float | None], name: str) -> str:
    values = [row.get(f"{name}_{mark}") for mark in ("p50", "p90", "p99")]
    return "/".join("-" if value is None else _short(value) for value in values)


def _short(value: float) -> str:
    """A count in at most four characters: 950, 1.2k, 24k, 1.1M."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.1f}{letter}" if value < 10 * size else f"{value / size:.0f}{letter}"
    return f"{value:.0f}"


def _int(value: object) -> int:
    return int(value) if isinstance(value, (int, float)) else 0


def _share(value: object) -> float | None:
    return value if isinstance(value, float) else None
