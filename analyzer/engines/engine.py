"""Engines: what runs SQL over named tables and gives back Arrow. DuckDB in process is one, Spark behind a port another.

A statement is DuckDB's; an engine of another dialect translates it, or refuses it with the place and the way to write
it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import duckdb

if TYPE_CHECKING:  # only who has another engine has it installed
    import pyarrow as pa

Setting = str | int | datetime | timedelta | None


class Engine(Protocol):
    """Takes named tables and queries, gives back Arrow."""

    def define(self, name: str, table: pa.Table) -> None:
        """Let a small table be known by a name; one of that name before is gone."""

    def view(self, name: str, sql: str, origin: str) -> None:
        """Let a query be known by a name; what it asks for with ``getvariable`` must be set and stay so.

        ``origin`` is its file, for messages.
        """

    def ask(self, sql: str, origin: str) -> pa.Table:
        """The answer of a query."""

    def set(self, **settings: Setting) -> None:
        """Say what ``getvariable`` gives from now on; instants are UTC."""


class DuckDB:
    """The engine of this process, over a connection of the ledger's."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def define(self, name: str, table: pa.Table) -> None:
        """See :class:`Engine`. Whole numbers of 128 bits travel as decimals without places."""
        wide = [field.name for field in table.schema if str(field.type) == "decimal128(38, 0)"]
        casts = ", ".join(f'CAST("{column}" AS HUGEINT) AS "{column}"' for column in wide)
        columns = f"* REPLACE ({casts})" if casts else "*"
        self._connection.register("arriving", table)
        self._connection.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS SELECT {columns} FROM arriving')
        self._connection.unregister("arriving")

    def view(self, name: str, sql: str, origin: str) -> None:  # noqa: ARG002
        """See :class:`Engine`."""
        self._connection.execute(f'CREATE OR REPLACE TEMP VIEW "{name}" AS {sql}')

    def ask(self, sql: str, origin: str) -> pa.Table:  # noqa: ARG002
        """See :class:`Engine`."""
        return self._connection.sql(sql).to_arrow_table()

    def set(self, **settings: Setting) -> None:
        """See :class:`Engine`."""
        for name, value in settings.items():
            told = value.replace(tzinfo=None) if isinstance(value, datetime) else value
            self._connection.execute(f"SET VARIABLE {name} = ?", [told])
