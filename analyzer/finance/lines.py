"""Lines: what a team chose to call, so that a change from one line to another is a choice of theirs.

A line is the family of the model that answered, ``flash`` or ``pro``, because the provider, not the team, puts a new
member of a family behind a name; where the book knows no family, it is the model. A service tier that is not the
standard one tells lines apart, and so does the provider where the log names several for the same model.
"""

from collections.abc import Iterable, Mapping

import duckdb

from analyzer.finance.entries import sql
from analyzer.prices import Book
from analyzer.prices.naming import STANDARD, in_us, seller, tier

# The words of the log: model, the model that answered, provider, service tier.
Called = tuple[str, str, str | None, str | None]


def lines(connection: duckdb.DuckDBPyConnection, book: Book) -> Mapping[Called, str]:
    """The line of everything that ``entries`` holds, whatever the month, so that months speak of the same lines."""
    return named(connection.execute(sql("called")).fetchall(), book)


def named(called: Iterable[Called], book: Book) -> Mapping[Called, str]:
    """The line of each of them."""
    models: dict[Called, str] = {}
    sellers: dict[str, set[str]] = {}
    for one in called:
        model, serves, provider, _ = one
        # A name of our price files that is of no family stays itself: what answers to it is the provider's choice.
        models[one] = book.family(serves) or (model if book.makes(model) else serves)
        if provider and provider.strip():
            sellers.setdefault(models[one], set()).add(seller(provider))
    return {one: _line(line, one, several=len(sellers.get(line, ())) > 1) for one, line in models.items()}


def _line(model: str, called: Called, *, several: bool) -> str:
    _, _, provider, service_tier = called
    parts = [model]
    if several and provider and provider.strip():
        parts.append(seller(provider))
    known = tier(service_tier)
    if known != STANDARD:
        parts.append(known or str(service_tier).strip().lower())
    if in_us(service_tier):
        parts.append("us")
    return ", ".join(parts)
