"""Prices as text."""

from collections.abc import Sequence
from datetime import datetime

from analyzer.prices import Period
from analyzer.report.amounts import UNKNOWN, exact
from analyzer.report.listing import table


def period_text(model: str, currency: str, moment: datetime, row: Period) -> str:
    """The price in force at an instant."""
    until = f"{row.end:%Y-%m-%d %H:%M} UTC" if row.end else "now"
    return (
        f"{model} at {moment:%Y-%m-%d %H:%M} UTC, {currency} per 1M tokens ({row.window}):\n"
        f"  cache hit {exact(row.cache_read)}   cache miss {exact(row.input)}   output {exact(row.output)}\n"
        f"  in force from {row.start:%Y-%m-%d %H:%M} UTC to {until}, {row.rule}\n"
        f"  {row.certainty}: {row.source}\n"
    )


def history_table(model: str, currency: str, rows: Sequence[Period]) -> str:
    """All prices of a model, one line for each card and window."""
    lines = [
        [
            f"{row.start:%Y-%m-%d %H:%M}",
            row.window,
            *(exact(price) or UNKNOWN for price in (row.cache_read, row.input, row.output)),
            row.certainty,
        ]
        for row in rows
    ]
    title = [f"{model}, from UTC", "window", "hit", "miss", "output", "certainty"]
    return f"{currency} per 1M tokens\n\n{table(title, lines)}\n"
