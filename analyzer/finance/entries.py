"""Entries: the relation that the monthly review and the exports of costs ask; see ``entries.sql`` for its columns."""

from functools import cache
from importlib import resources
from typing import Any

import duckdb
import polars as pl

from analyzer.engines.query import frame
from analyzer.finance.allocation import Allocation, define_payers
from analyzer.ledger import Ledger
from analyzer.prices import Book
from analyzer.simulate.relations import View
from analyzer.simulate.requests import Here, Requests

UNITS = 15  # decimals of money in entries: units of 1e-15 of the currency


@cache
def sql(name: str) -> str:
    """A statement of this room."""
    return resources.files("analyzer.finance").joinpath(f"{name}.sql").read_text(encoding="utf-8")


def define_entries(
    ledger: Ledger,
    book: Book,
    view: View,
    allocation: Allocation | None = None,
    requests: Requests | None = None,
) -> str:
    """Define the relation ``entries`` over what a view holds, and all that :func:`prepare` defines.

    Args:
        ledger: the ledger.
        book: the prices.
        view: how the ledger is looked at.
        allocation: who pays, by the rules of ``spend.toml``; None for whom the logs name.
        requests: who has the requests; None for the ledger itself.

    Returns:
        how ``entries.sql`` meets those who pay.
    """
    rules = allocation or Allocation()
    having = requests or Here(ledger)
    having.define(book, view)
    having.gather(users=rules.asks_for("user"))
    allocated = define_payers(ledger.connection, rules)
    ledger.connection.execute(f"CREATE OR REPLACE TEMP TABLE entries AS {entries_of(allocated)}")
    return allocated


def entries_of(allocated: str, *, prices: str = "prices", which: str = "true") -> str:
    """The statement of ``entries``, with other prices or for some of the calls (``s``)."""
    text = sql("entries").replace("{allocated}", allocated)
    return text.replace("{prices}", prices).replace("{which}", which)


def asked(connection: duckdb.DuckDBPyConnection, name: str, **variables: Any) -> pl.DataFrame:
    """The answer of one of this room's questions.

    Args:
        connection: where ``entries`` is defined.
        name: the file, without its ending.
        variables: what the statement gets with ``getvariable``.
    """
    for variable, value in variables.items():
        connection.execute(f"SET VARIABLE {variable} = ?", [value])
    return frame(connection, sql(name))
