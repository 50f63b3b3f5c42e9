"""Prices as text, and as a step chart."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from analyzer.errors import OutputError
from analyzer.prices import Period
from analyzer.prices.apart import REQUESTS, UNITS_PER_KILO
from analyzer.prices.fee import Fee
from analyzer.report.amounts import UNKNOWN, exact
from analyzer.report.listing import table

_COLOURS = {"cache hit": "#2a9d5c", "cache miss": "#3366cc", "output": "#c0504d"}
_DASHES = ("solid", "dash", "dot", "dashdot")
_CERTAINTY = {
    "certain": "certain",
    "day": "certain but for the hour of its start (00:00 UTC is assumed)",
    "inferred": "inferred, from lists that others keep or by calculation",
    "unknown": "not found",
}


def period_text(model: str, currency: str, moment: datetime, row: Period) -> str:
    """The price in force at an instant."""
    until = f"to {row.end:%Y-%m-%d %H:%M} UTC" if row.end else "on"
    since = f"{row.start:%Y-%m-%d %H:%M} UTC" if row.start else "the beginning"
    written = f"   cache write {exact(row.cache_write)}" if _bills_writes([row]) else ""
    hour = f" (for an hour {exact(row.cache_write_1h)})" if row.cache_write_1h != row.cache_write else ""
    return (
        f"{model} at {moment:%Y-%m-%d %H:%M} UTC, {currency} per 1M tokens ({row.window}):\n"
        f"  cache hit {exact(row.cache_read)}   cache miss {exact(row.input)}{written}{hour if written else ''}"
        f"   output {exact(row.output)}\n"
        + "".join(f"  {line}\n" for line in _apart(row))
        + f"  in force from {since} {until}, {row.rule}\n"
        f"  {_CERTAINTY[row.certainty]}: {row.source}\n"
    )


def history_table(model: str, currency: str, rows: Sequence[Period], fees: Sequence[Fee] = ()) -> str:
    """All prices of a model, one line for each card and window, with what is billed beside them and the sources."""
    sources = list(dict.fromkeys(row.source for row in rows))
    writes = _bills_writes(rows)
    lines = [
        [
            f"{row.start:%Y-%m-%d %H:%M}" if row.start else "always",
            row.window + _size(row),
            *(exact(price) or UNKNOWN for price in (row.cache_read, row.input)),
            *([exact(row.cache_write) or UNKNOWN] if writes else []),
            exact(row.output) or UNKNOWN,
            row.certainty,
            f"[{sources.index(row.source) + 1}]",
        ]
        for row in rows
    ]
    title = ["from UTC", "window", "hit", "miss", *(["write"] if writes else []), "output", "certainty", "source"]
    parts = [f"{model}, {currency} per 1M tokens", table(title, lines)]
    if last := rows[-1].end:
        parts.append(f"Not sold any more since {last:%Y-%m-%d %H:%M} UTC.")
    if beside := list(dict.fromkeys(line for row in rows for line in _apart(row))):
        parts.append("\n".join(beside))
    if fees:
        parts.append(_fees(currency, fees))
    parts.append("\n".join(f"[{number}] {source}" for number, source in enumerate(sources, 1)))
    return "\n\n".join(parts) + "\n"


def _size(row: Period) -> str:
    low = f", input from {row.input_from:,}" if row.input_from else ""
    return low + (f", input below {row.input_to:,}" if row.input_to else "")


def _bills_writes(rows: Sequence[Period]) -> bool:
    return any(row.cache_write not in (None, row.input) for row in rows)


def _apart(row: Period) -> list[str]:
    """What is billed apart from text tokens, in words."""
    tokens = [f"{kind.replace('_', ' ')} {exact(price)}" for kind, price in row.apart if kind not in REQUESTS]
    asked = [f"{kind.replace('_', ' ')} {exact(price)}" for kind, price in row.apart if kind in REQUESTS]
    lines = [f"apart from text: {', '.join(tokens)}"] if tokens else []
    lines += [f"per 1,000 requests that it makes: {', '.join(asked)}"] if asked else []
    return lines + ([f"per request: {exact(row.request)}"] if row.request else [])


def _fees(currency: str, fees: Sequence[Fee]) -> str:
    lines = [
        [
            f"{fee.start:%Y-%m-%d %H:%M}",
            fee.kind,
            "called directly" if fee.direct else "while a model answers",
            exact(Decimal(fee.price) / UNITS_PER_KILO) or "",
            fee.certainty,
        ]
        for fee in fees
    ]
    title = ["from UTC", "request", "made", "price", "certainty"]
    sources = "\n".join(dict.fromkeys(fee.source for fee in fees))
    return f"{currency} per 1,000 requests that succeed, beside the tokens\n\n{table(title, lines)}\n{sources}"


def write_chart(model: str, currency: str, rows: Sequence[Period], path: Path) -> None:
    """Write the history as one page that works offline: a line for each token class and window.

    Raises:
        OutputError: it could not be written.
    """
    import plotly.graph_objects as go

    from analyzer.report.drawing import label

    figure = go.Figure()
    first = min((row.start for row in rows if row.start), default=datetime(2026, 1, 1, tzinfo=UTC))
    last = max(row.start or first for row in rows)
    after = last + max((last - first) / 10, timedelta(days=30))
    lines: dict[tuple[str, str], list[Period]] = {}
    for row in rows:
        for kind in ("cache hit", "cache miss", "output"):
            name = row.window if not row.rule.startswith("input of") else row.rule
            lines.setdefault((kind, name), []).append(row)
    windows = list(dict.fromkeys(window for _, window in lines))
    for (kind, window), periods in lines.items():
        instants: list[datetime] = []
        prices: list[str | None] = []
        for row in periods:
            price = {"cache hit": row.cache_read, "cache miss": row.input, "output": row.output}[kind]
            if instants and instants[-1] != row.start:
                instants.append(instants[-1])
                prices.append(None)  # a gap: the next one does not begin here
            instants += [row.start or first, row.end or after]
            prices += [exact(price)] * 2
        line = {"shape": "hv", "color": _COLOURS[kind], "dash": _DASHES[windows.index(window) % len(_DASHES)]}
        figure.add_scatter(x=instants, y=prices, mode="lines", name=f"{kind}, {window}", line=line, connectgaps=False)
    figure.update_layout(
        title=f"{label(model)}: {currency} per 1M tokens", yaxis={"type": "log", "title": f"{currency} per 1M"}
    )
    try:
        path.write_text(figure.to_html(include_plotlyjs=True), encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}", "name another place with --chart") from error
