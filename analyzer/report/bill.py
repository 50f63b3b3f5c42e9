"""From the records of the logs to the provider's bill: what each step counts, and what is in no list price."""

from analyzer.counted import counted
from analyzer.report.amounts import exact
from analyzer.report.glossary import linked
from analyzer.report.table import text
from analyzer.simulate.analysis import Analysis


def bill(analysis: Analysis) -> str:
    """The steps, each with its numbers, as HTML."""
    steps = [_records(analysis), _prices(analysis), _sums(analysis), _invoice(analysis)]
    lines = "\n".join(f"<li>{linked(text(step, 1000))}</li>" for step in steps if step)
    again = (
        "<p>Every number of the provider's usage export is held against these by <code>spend reconcile EXPORT</code>:"
        " by time, model and key, each difference with its cause, all of them to the last digit.</p>"
    )
    return f'<h3 id="to-the-bill">From the logs to the bill</h3>\n<ol class="steps">\n{lines}\n</ol>\n{again}'


def _records(analysis: Analysis) -> str:
    c = analysis.counts
    if analysis.of_table:
        parts = f"{counted(c.requests, 'request')} and {counted(c.duplicates, 'duplicate')}"
        return (
            f"{counted(c.records, 'record of a table was', 'records of a table were')} read: {parts}. What was skipped"
            " or rejected before they came into it is not known."
        )
    return (
        f"{counted(c.records, 'record was', 'records were')} read, and each is exactly one of:"
        f" {counted(c.requests, 'request')},"
        f" {counted(c.duplicates, 'duplicate')}, {c.skipped:,} skipped, {c.rejected:,} rejected."
    )


def _prices(analysis: Analysis) -> str:
    list_of = f"the {analysis.view.currency} price list"
    own = ", with own prices over it" if analysis.own_prices else ""
    day = analysis.view.price_date
    when = "in force at its own instant" if day is None else f"of {day}, at its own hour and weekday"
    return f"The tokens of each request are multiplied by the prices {when}: {list_of}{own}. Nothing is converted."


def _sums(analysis: Analysis) -> str:
    cost = exact(analysis.actual.cost)
    if cost is None:
        return "No total is known."
    return (
        f"The total is {cost} {analysis.view.currency} to its last digit. Tables of costs add up to it, each"
        " rounded once as a whole."
    )


def _invoice(analysis: Analysis) -> str:
    exported = (
        f" {counted(analysis.exported, 'request')} of this total are told by the provider's own usage export."
        if analysis.exported
        else ""
    )
    return (
        "An invoice also has what no list price tells: credits, taxes, discounts and fees, requests that are in none of"
        f" these logs, and those that are unmeasured or unpriced here.{exported}"
    )
