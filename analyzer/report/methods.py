"""How the numbers were computed: the queries that gave them, word for word."""

from collections.abc import Iterator

from analyzer.engines.query import Query, base, queries
from analyzer.report.glossary import linked
from analyzer.report.table import text

_LONGEST = 20_000  # characters of a query: all of it


def method(query: str) -> str:
    """A line that leads to a query."""
    return (
        f'<p>Query <a href="#how-{text(query)}"><code>{text(query)}</code></a>, also '
        f"<code>spend query {text(query)}</code></p>"
    )


def methods() -> str:
    """The queries that the report shows answers of, and the relations that they read, to unfold."""
    return "\n".join(_unfold(query) for query in (*base().values(), *_shown()))


def _shown() -> Iterator[Query]:
    # What only the ledger is asked about (its logs, rejected records) is in no number of the report.
    return (query for query in queries().values() if not {"rejected", "skipped"} & set(query.reads))


def _unfold(query: Query) -> str:
    return (
        f"<details><summary><code>{text(query.name)}</code> {linked(text(query.question))}</summary>"
        f'<pre id="how-{text(query.name)}" tabindex="0">{_plain(query.sql)}</pre></details>'
    )


def _plain(sql: str) -> str:
    return "\n".join(text(line, _LONGEST) for line in sql.rstrip().split("\n"))
