"""Rows from here into a table, all in one statement: one for each of thousands takes longer than what they are for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # duckdb takes 0.2 s to import; only what opens a ledger should pay for it
    import duckdb


def add_rows(
    connection: duckdb.DuckDBPyConnection, table: str, kinds: Iterable[str], rows: Iterable[Iterable[object]]
) -> None:
    """Add rows to a table.

    Args:
        connection: where the table is.
        table: its name.
        kinds: the types of its columns, in their order.
        rows: a value for each of them.
    """
    columns = [list(column) for column in zip(*rows, strict=True)]
    if columns:
        unnested = ", ".join(f"unnest(?::{kind}[])" for kind in kinds)
        connection.execute(f"INSERT INTO {table} SELECT {unnested}", columns)


def define_table(
    connection: duckdb.DuckDBPyConnection, table: str, shape: Mapping[str, str], rows: Iterable[Iterable[object]]
) -> None:
    """Make a table of this connection alone, in place of one of its name.

    Args:
        connection: where it will be.
        table: its name.
        shape: the types of its columns by their names.
        rows: a value for each of them.
    """
    columns = ", ".join(f'"{name}" {kind}' for name, kind in shape.items())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} ({columns})")
    add_rows(connection, table, shape.values(), rows)
