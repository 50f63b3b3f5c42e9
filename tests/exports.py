"""Exports as tests read them: one that works, its rows by column, and what a column adds up to."""

import csv
import io
from decimal import Decimal
from pathlib import Path

from support import Ended, spend


def export(*words: str | Path) -> Ended:
    """An export that works."""
    run = spend("export", *words)
    assert run.code == 0, run.err
    return run


def lines(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    """A CSV's rows by column."""
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def added(rows: list[dict[str, str]], column: str = "cost") -> Decimal:
    """The exact sum of what is known in a column."""
    return sum((Decimal(row[column]) for row in rows if row[column]), Decimal(0))
