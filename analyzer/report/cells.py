"""Values of an answer as the text of a cell."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from analyzer.report.amounts import UNKNOWN, plain, plus


def usage(row: Mapping[str, Any]) -> list[str]:
    """Requests, input and output of a row."""
    return [count(row["requests"]), *(tokens(row, column) for column in ("input_tokens", "output_tokens"))]


def tokens(row: Mapping[str, Any], column: str) -> str:
    """Tokens of a row; unknown where it is of calls of none of which a log tells them."""
    return UNKNOWN if row["requests"] and row[column] is None else count(row[column])


def together(rows: Sequence[Mapping[str, Any]]) -> dict[str, int | None]:
    """The usage of several rows, None where it is known of none, and of how many of their calls it has a price."""
    counted = [name for name in ("priced", "unpriced") if name in rows[0]]
    names = ("requests", "input_tokens", "output_tokens", *counted)
    known = {name: [row[name] for row in rows if row[name] is not None] for name in names}
    return {name: sum(values) if values else None for name, values in known.items()}


def added(rows: Sequence[Mapping[str, Any]]) -> Decimal | None:
    """The cost of several rows, of those that have one; None if none has."""
    known = [row["cost"] for row in rows if row["cost"] is not None]
    return sum(known, Decimal(0)) if known else None


def count(value: object) -> str:
    """A count; a sum over nothing is 0."""
    return f"{value:,}" if isinstance(value, int) else "0"


def share(value: object) -> float | None:
    """A rate as the totals hold it."""
    return value if isinstance(value, float) else None


def length(value: float | None) -> str:
    """A percentile in whole tokens; a dash where no request was logged by itself."""
    return "–" if value is None else f"{value:,.0f}"


def amount(value: Decimal | None, places: int) -> str:
    """An amount that stands by itself."""
    return UNKNOWN if value is None else plain(value, places)


def signed(value: Decimal | None, places: int) -> str:
    """A difference, with its sign."""
    return UNKNOWN if value is None else plus(plain(value, places))
