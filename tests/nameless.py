"""Calls without an id: what one log told and another tells again is found by the run in which it stands."""

from typing import Any

from conftest import call, rows

from analyzer.ledger import Ledger


def nameless(number: int, **fields: object) -> dict[str, object]:
    """A call without an id."""
    return call(number, request_id=None, **fields)


LOG = [nameless(number) for number in range(10)]


def content(ledger: Ledger) -> list[tuple[Any, ...]]:
    """Requests, apart from which log told of them."""
    return rows(ledger, "SELECT * EXCLUDE (source_id) FROM requests ORDER BY ALL")
