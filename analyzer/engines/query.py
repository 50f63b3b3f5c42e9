"""A query: one ``.sql`` file of ``queries/``, whose head says what it asks, reads and returns.

The head is checked against what DuckDB says of the statement by a test, so it can be relied on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from analyzer.errors import UsageError

if TYPE_CHECKING:  # most of an ingest of a small log would go to importing polars, for a few rows
    import polars as pl

_RETURNS = re.compile(r"^(?P<name>\w+)\s+(?P<type>[A-Z]+(?:\([^)]+\)|\[\])?)\s+(?P<meaning>.+)$")


@dataclass(frozen=True)
class Column:
    """One column of an answer."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True)
class Query:
    """A question and its SQL."""

    name: str
    question: str
    reads: tuple[str, ...]
    returns: tuple[Column, ...]
    grain: str
    sql: str

    @classmethod
    def parse(cls, name: str, sql: str) -> Query:
        """Read one query file.

        Raises:
            ValueError: its head is not whole. Queries are ours; a test reads them all.
        """
        head: dict[str, list[str]] = {}
        key = ""
        for line in sql.splitlines()[1:]:
            match = re.match(r"--(?: (?P<key>[A-Z][a-z]+):\s+|\s+)(?P<value>.+)$", line)
            if match is None:
                break
            key = match["key"] or key
            head.setdefault(key, []).append(match["value"].strip())
        columns = [_RETURNS.match(line) for line in head.get("Returns", [])]
        if not {"Question", "Reads", "Returns", "Grain"} <= set(head) or not all(columns):
            raise ValueError(f"queries/{name}.sql: its head is not whole")
        return cls(
            name=name,
            question=" ".join(head["Question"]),
            reads=tuple(word.strip() for word in head["Reads"][0].split(",")),
            returns=tuple(Column(match["name"], match["type"], match["meaning"]) for match in columns if match),
            grain=head["Grain"][0],
            sql=sql,
        )

    def frame(self, connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
        """Ask it of a connection on which the tables it reads are defined."""
        return frame(connection, self.sql)

    def rows(self, connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
        """The same for a short answer, without polars: its rows by column name."""
        names = [column.name for column in self.returns]
        return [dict(zip(names, row, strict=True)) for row in connection.execute(self.sql).fetchall()]


class _Stream:
    """A relation as nothing but an Arrow stream: of the relation itself polars would keep DuckDB's types alive."""

    def __init__(self, relation: duckdb.DuckDBPyRelation) -> None:
        self._relation = relation

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._relation.__arrow_c_stream__(requested_schema)


def frame(connection: duckdb.DuckDBPyConnection, sql: str) -> pl.DataFrame:
    """The rows of a statement. Arrow carries them, so that wide integers and decimals stay exact."""
    import polars as pl

    return pl.DataFrame(_Stream(connection.sql(sql)))


def _folder() -> Traversable:
    """``queries/``: inside the package in a wheel, beside it in a checkout."""
    shipped = resources.files("analyzer").joinpath("queries")
    return shipped if shipped.is_dir() else Path(__file__).parents[2] / "queries"


@cache
def queries() -> Mapping[str, Query]:
    """All questions by name."""
    return _read(_folder())


@cache
def base() -> Mapping[str, Query]:
    """The relations that questions read, by name, each defined by those it reads: calls, charges, usage, costs."""
    return _read(_folder() / "base")


def _read(folder: Traversable) -> dict[str, Query]:
    files = sorted((item for item in folder.iterdir() if item.name.endswith(".sql")), key=lambda item: item.name)
    return {
        name: Query.parse(name, file.read_text(encoding="utf-8"))
        for file in files
        for name in [file.name.removesuffix(".sql")]
    }


def named(name: str) -> Query:
    """The query of that name.

    Raises:
        UsageError: there is none.
    """
    if name not in queries():
        near = ", ".join(get_close_matches(name, queries(), n=3, cutoff=0.3)) or "none is like it"
        own = "; a file of your own runs in the DuckDB CLI: duckdb -readonly LEDGER -f FILE.sql"
        raise UsageError(
            f"unknown query: {name}",
            f"nearest: {near}; `spend query` lists them all{own if name.endswith('.sql') else ''}",
        )
    return queries()[name]
