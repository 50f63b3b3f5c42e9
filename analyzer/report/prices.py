"""Prices as text, and as a step chart."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from analyzer.errors import OutputError
from analyzer.prices import Period
from analyzer.report.amounts import UNKNOWN, exact
from analyzer.report.listing import table


def period_text(model: str, currency: str, moment: datetime, row: Period) -> str:
    """The price in force at an instant."""
    until = f"{row.end:%Y-%m-%d %H:%M} UTC" if row.end else "now"
    since = f"{row.start:%Y-%m-%d %H:%M} UTC" if row.start else "the beginning"
    return (
        f"{model} at {moment:%Y-%m-%d %H:%M} UTC, {currency} per 1M tokens ({row.window}):\n"
        f"  cache hit {exact(row.cache_read)}   cache miss {exact(row.input)}   output {exact(row.output)}\n"
        f"  in force from {since} to {until}, {row.rule}\n"
        f"  {row.certainty}: {row.source}\n"
    )


def history_table(model: str, currency: str, rows: Sequence[Period]) -> str:
    """All prices of a model, one line for each card and window."""
    lines = [
        [
            f"{row.start:%Y-%m-%d %H:%M}" if row.start else "always",
            row.window + (f", {row.rule}" if row.input_from or row.input_to else ""),
            *(exact(price) or UNKNOWN for price in (row.cache_read, row.input, row.output)),
            row.certainty,
        ]
        for row in rows
    ]
    title = [f"{model}, from UTC", "window", "hit", "miss", "output", "certainty"]
    return f"{currency} per 1M tokens\n\n{table(title, lines)}\n"


def write_chart(model: str, currency: str, rows: Sequence[Period], path: Path) -> None:
    """Write the history as one page that works offline: a line for each token class and window.

    Raises:
        OutputError: it could not be written.
    """
    import plotly.graph_objects as go

    from analyzer.report.figures import label

    figure = go.Figure()
    first = min((row.start for row in rows if row.start), default=datetime(2026, 1, 1, tzinfo=UTC))
    last = max(row.start or first for row in rows)
    after = last + (last - first) / 10
    lines: dict[tuple[str, str], list[Period]] = {}
    for row in rows:
        for kind in ("cache hit", "cache miss", "output"):
            name = row.window if not row.rule.startswith("input of") else row.rule
            lines.setdefault((kind, name), []).append(row)
    for (kind, window), periods in lines.items():
        instants: list[datetime] = []
        prices: list[str | None] = []
        for row in periods:
            price = {"cache hit": row.cache_read, "cache miss": row.input, "output": row.output}[kind]
            instants += [row.start or first, row.end or after]
            prices += [exact(price)] * 2
            instants.append(instants[-1])
            prices.append(None)  # a gap, should the next one not begin here
        figure.add_scatter(
            x=instants, y=prices, mode="lines", name=f"{kind}, {window}", line={"shape": "hv"}, connectgaps=False
        )
    figure.update_layout(
        title=f"{label(model)}: {currency} per 1M tokens", yaxis={"type": "log", "title": f"{currency} per 1M"}
    )
    try:
        path.write_text(figure.to_html(include_plotlyjs=True), encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}", "name another place with --chart") from error
