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
from analyzer.simulate.relations import View, prepare

UNITS = 15  # decimals of money in entries: units of 1e-15 of the currency


@cache
def sql(name: str) -> str:
    """A statement of this room."""
    return resources.files("analyzer.finance").joinpath(f"{name}.sql").read_text(encoding="utf-8")


def define_entries(ledger: Ledger, book: Book, view: View, allocation: Allocation | None = None) -> str:
    """Define the relation ``entries`` over what a view holds, and all that :func:`prepare` defines.

    Returns:
        how ``entries.sql`` meets those who pay.
    """
    prepare(ledger, book, view)
    allocated = define_payers(ledger.connection, allocation or Allocation())
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
