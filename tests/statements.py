"""Statements asked over rows in memory, to hold their answers against the same sums in plain Python.

Rows are drawn with few values a column, so that many meet in each group, and what may be NULL is.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import duckdb

Row = dict[str, Any]
Line = tuple[Any, ...]
MARCH, APRIL, MAY = datetime(2026, 3, 1), datetime(2026, 4, 1), datetime(2026, 5, 1)
TOKENS = range(1, 10**6)
MONEY = range(1, 10**17)  # a sum of two is no number of 64 bits' worth of digits that a float could hold


def drawn(number: int, **columns: Sequence[Any] | Callable[[Row], Any]) -> list[Row]:
    """Rows, each column one of its values, or what follows from the columns before it."""
    dice = random.Random(7)
    rows = []
    for _ in range(number):
        row: Row = {}
        for name, values in columns.items():
            row[name] = values(row) if callable(values) else dice.choice(values)
        rows.append(row)
    return rows


def asked(
    memory: duckdb.DuckDBPyConnection,
    statement: str,
    table: str,
    types: str,
    rows: Sequence[Row],
    **variables: object,
) -> list[Row]:
    """The answer of a statement over a table of these rows."""
    memory.execute(f"CREATE OR REPLACE TABLE {table} ({types})")
    memory.executemany(
        f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", [[*row.values()] for row in rows]
    )
    for name, value in variables.items():
        memory.execute(f"SET VARIABLE {name} = ?", [value])
    found = memory.execute(statement)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, line, strict=True)) for line in found.fetchall()]


def groups(rows: Iterable[Row], *names: str) -> Mapping[tuple[Any, ...], list[Row]]:
    found: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        found[tuple(row[name] for name in names)].append(row)
    return found


def added(rows: Iterable[Row], name: str) -> int | None:
    """The sum of what is known; None where nothing is."""
    known = [row[name] for row in rows if row[name] is not None]
    return sum(known) if known else None


def in_order(rows: Iterable[Row]) -> list[list[tuple[str, str]]]:
    return sorted(sorted((name, repr(value)) for name, value in row.items()) for row in rows)


def table(memory: duckdb.DuckDBPyConnection, name: str, types: str, lines: Sequence[Line]) -> None:
    memory.execute(f"CREATE OR REPLACE TABLE {name} ({types})")
    memory.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(lines[0]))})", lines)
