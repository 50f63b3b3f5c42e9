"""How the numbers were computed: the queries that gave them, word for word."""

from analyzer.engines.query import base, queries
from analyzer.finance.entries import sql as finance_sql
from analyzer.report.table import text
from analyzer.simulate.pricing import sql

_LONGEST = 20_000  # characters of a line of a query: all of it
# Statements of the review, the same.
_OF_REVIEWS = {
    "entries": "What was used and charged in each hour, by all that a review asks about?",
    "month_sums": "What did each month use and cost, as far as unit economics ask?",
    "showback": "Who used what in two months?",
}
# Statements of the simulator that answer no question by themselves, with what they are for.
_STATEMENTS = {
    "what_if": "What would the requests have cost under one scenario, by endpoint?",
    "legged": "In which parts requests are served, and by which model.",
    "flows": "What the scenarios price: requests summed to where neither price nor route nor cache differs.",
    "servings": "What would usage have cost as it was, on Flash and on Pro, in parts linear in what one may change?",
    "serving_usage": "Usage with the prices that it has, and would have on Flash and on Pro at the same moment.",
}


def method(query: str) -> str:
    """A line that leads to a query."""
    asked = f", also <code>spend query {text(query)}</code>" if query in queries() else ""
    return f'<p>Query <a href="#how-{text(query)}"><code>{text(query)}</code></a>{asked}</p>'


def methods(*, review: bool = False) -> str:
    """The queries that the report shows answers of, and the relations that they read, to unfold."""
    # What only the ledger is asked about (its logs, rejected records) is in no number of the report.
    shown = (query for query in queries().values() if not {"rejected", "skipped"} & set(query.reads))
    asked = [(query.name, query.question, query.sql) for query in (*base().values(), *shown)]
    said = [(name, meaning, sql(name)) for name, meaning in _STATEMENTS.items()]
    if review:
        said += [(name, meaning, finance_sql(name)) for name, meaning in _OF_REVIEWS.items()]
    return "\n".join(
        f"<details><summary><code>{text(name)}</code> {text(meaning)}</summary>"
        f'<pre id="how-{text(name)}" tabindex="0">{_plain(statement)}</pre></details>'
        for name, meaning, statement in (*asked, *said)
    )


def _plain(statement: str) -> str:
    return "\n".join(text(line, _LONGEST) for line in statement.rstrip().split("\n"))
