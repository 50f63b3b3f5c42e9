"""What the ledger stores of a row: all that it says, and no column in which no row says anything."""

import re

import duckdb

from analyzer.ledger import columns

_WANTED = "columns to store:"


def kept(connection: duckdb.DuckDBPyConnection) -> str:
    """What of a judged row goes into the ledger, as the list of a SELECT.

    A row that says something in a column that is not stored raises an error, which :func:`wanted` reads. Where DuckDB
    can prove that no row does, as it mostly can, it leaves the question out.
    """
    virtual = columns.virtual(connection)
    if not virtual:
        return "*"
    said = [f"CASE WHEN {name} IS DISTINCT FROM {columns.empty(name)} THEN '{name}' END" for name in virtual]
    any_said = " OR ".join(f"{name} IS DISTINCT FROM {columns.empty(name)}" for name in virtual)
    return (
        f"* EXCLUDE ({', '.join(virtual)}) REPLACE (CASE WHEN {any_said} "
        f"THEN error('{_WANTED} ' || concat_ws(' ', {', '.join(said)})) ELSE fate END AS fate)"
    )


def wanted(error: Exception) -> list[str]:
    """The columns that a row could not be kept without; none where the error is about something else."""
    found = re.search(rf"{_WANTED} ([a-z0-9_ ]+)", str(error))
    return found[1].split() if found else []
