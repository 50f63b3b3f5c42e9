"""The page's first screen: the analysis in, HTML out."""

import hashlib
from collections.abc import Mapping

from analyzer.counted import counted
from analyzer.report.against import against, alike, digits
from analyzer.report.amounts import UNKNOWN, percent, places_for, plain, priced, rate
from analyzer.report.cells import amount, count, share, signed, tokens
from analyzer.report.glossary import linked
from analyzer.report.idle import idle_notes
from analyzer.report.period import period
from analyzer.report.table import Cell, Row, Table, text
from analyzer.report.verdict import put_aside, straddling, uncertain_prices
from analyzer.simulate.analysis import Analysis

_BASIS = {
    "session": "session",
    "endpoint": "endpoint",
    "mixed": "session, else endpoint",
}

_SHORT = 11  # characters that a card shows in large type: $123,456.78, 152,102,537


def word(analysis: Analysis) -> str:
    """What the analysis is grouped by, as a word."""
    return analysis.view.endpoint_by.removesuffix("_id").removesuffix("_name").replace("_", " ")


def facts(analysis: Analysis) -> str:
    """What the numbers are of, as far as every reader must know: period, prices, zone."""
    view = analysis.view
    when = "in force at each request" if view.price_date is None else f"of {view.price_date.isoformat()}"
    lines = {"Period": period(analysis), "Prices": f"{view.currency} list, {when}", "Days and months in": view.tz}
    if analysis.own_prices:
        lines["Own prices over it"] = "; ".join(analysis.own_prices)
    return _pairs(lines)


def basis(analysis: Analysis) -> str:
    """What is needed to compute the numbers again."""
    by = "completion of a request" if analysis.view.clock == "completion" else "start of a request"
    return _pairs(
        {
            "Price book": analysis.price_book,
            "Price window by": by,
            "Fingerprint of the logs": fingerprint(analysis),
        }
    )


def _pairs(lines: Mapping[str, str]) -> str:
    return "".join(f"<div><dt>{linked(text(term))}</dt><dd>{text(value)}</dd></div>" for term, value in lines.items())


def fingerprint(analysis: Analysis) -> str:
    """One hash of the contents of all logs, whatever their names and order; of a table elsewhere none is known."""
    if analysis.of_table:
        return UNKNOWN
    return hashlib.sha256("\n".join(analysis.fingerprints).encode()).hexdigest()[:16]


def key_figures(analysis: Analysis) -> str:
    """The first thing to see: cost, requests, tokens, hit rate."""
    totals, cost, currency = analysis.totals, analysis.actual.cost, analysis.view.currency
    spent = UNKNOWN if cost is None else priced(plain(cost, places_for(cost)), currency)
    unpriced = analysis.counts.unpriced
    kind = "own and list prices" if analysis.own_prices else "list prices"
    without = f"without {counted(unpriced, 'unpriced request')}" if unpriced else f"all in {currency}, at {kind}"
    rate_known = totals["cache_hit_rate"] is not None or not totals["requests"]
    read = f"{counted(int(str(totals['cache_read_tokens'] or 0)), 'token')} read from cache"
    reasoning = f"{count(totals['reasoning_tokens'])} on reasoning" if totals["reasoning_tokens"] else ""
    cards = [
        (
            "Cost",
            spent,
            without if cost is not None else "nothing could be priced" if totals["requests"] else "no requests",
        ),
        ("Requests", count(totals["requests"]), f"{analysis.counts.unmeasured:,} without usage"),
        ("Input tokens", tokens(totals, "input_tokens"), "cached or not"),
        (
            "Output tokens",
            tokens(totals, "output_tokens"),
            reasoning or "reasoning included",
        ),
        (
            "Cache hit rate",
            rate(share(totals["cache_hit_rate"])),
            read if rate_known else "no log tells what was cached",
        ),
    ]
    return "".join(card(*each) for each in cards)


def card(title: str, value: str, note: str) -> str:
    """A figure of the first screen. A long one is smaller, and breaks between its thousands or nowhere."""
    size = ' class="long"' if len(value) > _SHORT else ""
    shown = text(value).replace(",", ",<wbr>")
    return f"<div><dt>{linked(text(title))}</dt><dd{size}>{shown}<small>{text(note)}</small></dd></div>"


def what_if(analysis: Analysis) -> str:
    """The scenarios against what was spent, with their bounds."""
    actual, currency = analysis.actual, analysis.view.currency
    places = digits(analysis.results)
    # A cost of other requests than its difference is over would not add up unexplained.
    fewer = [result for result in analysis.results[1:] if not alike(result, actual)]
    the_same = len({result.compared_requests for result in fewer}) == 1
    rows: list[Row] = []
    for result in analysis.results:
        scenario = result.scenario
        itself = result is actual
        over = f"over {counted(result.compared_requests, 'request')}" if result in fewer and not the_same else ""
        difference = against(result, actual, places)
        tone = "" if itself or not difference else "less" if difference < 0 else "more"
        rows.append(
            [
                Cell(scenario.name, note=scenario.title, badge="hindsight" if scenario.hindsight else ""),
                amount(result.cost, places),
                "" if itself else Cell(signed(difference, places), note=over, tone=tone),
                "" if itself else Cell(percent(result.difference, result.compared_actual), tone=tone),
                amount(result.low, places),
                amount(result.high, places),
            ]
        )
    titles = ["Scenario", f"Cost, {currency}", "Against actual", "in %", "Low", "High"]
    caption = f"What the same requests would have cost, {currency}"
    table = Table("what-if", caption, titles, rows, query="what_if").html()
    notes = ["Low: all requests keep their cache hits. High: what shares a cache with one that moves starts cold."]
    if the_same:
        notes.append(f"Against actual: over the {counted(fewer[0].compared_requests, 'request')} priced both ways.")
    return f'{table}<p class="note">{linked(text(" ".join(notes)))}</p>'


def what_if_details(analysis: Analysis) -> str:
    """What the scenarios' costs are made of: requests moved, unpriced, before their target's first price."""
    rows: list[Row] = [
        [
            Cell(result.scenario.name, note=result.scenario.title),
            f"{result.requests:,}",
            f"{result.moved:,}",
            f"{result.unpriced:,}",
            f"{result.before_first_price:,}",
            _BASIS.get(result.cache_basis, result.cache_basis),
        ]
        for result in analysis.results
    ]
    titles = ["Scenario", "Requests", "Moved", "Unpriced", "Before first price", "Cache by"]
    table = Table("scenario-requests", "What the scenarios do with the requests", titles, rows, query="what_if").html()
    notes = (f"{note[0].upper()}{note[1:]}: {remedy}." for note, remedy in idle_notes(analysis))
    return table + "".join(f"<p>{text(said, 2000)}</p>" for said in notes)


def quality(analysis: Analysis) -> str:
    """How the records ended, and what is not known of the requests."""
    c = analysis.counts
    days = analysis.answers["uncertain_days"]
    uncertain = sum(days["uncertain"])
    exported, _ = uncertain_prices(analysis)
    dates = len(set(days["day"]))
    on = f" ({counted(dates, 'day')} of a change whose hour is not known)" if dates else ""
    records = (
        f"{counted(c.records, 'record')} in {counted(c.sources, 'log')} = {counted(c.requests, 'request')}"
        f" + {counted(c.duplicates, 'duplicate')} + {c.skipped:,} skipped + {c.rejected:,} rejected"
    )
    unknown = [
        f"{c.unmeasured:,} unmeasured",
        f"{c.unpriced:,} unpriced",
        f"{c.cache_unknown:,} with an unknown cache split",
        f"{uncertain:,} at an uncertain price{on}",
        *([f"{exported:,} of usage exports priced as of their bucket's start"] if exported else []),
    ]
    said = put_aside(analysis)
    aside = f"<p>{text(said, 1000)}</p>" if said else ""
    clocks = straddling(analysis)
    between = f"<p>{linked(text(clocks, 1000))}</p>" if clocks else ""
    calls = int(str(analysis.totals["requests"] or 0))
    narrowed = analysis.view.since is not None or analysis.view.until is not None
    of = f"the {counted(calls, 'request')} of this period" if narrowed else "the requests"
    said = f"{records}. Of {of}: {', '.join(unknown)}. Price book {analysis.price_book}."
    return f"<p>{linked(text(said, 2000))}</p>{aside}{between}"
