"""Results as one JSON document: money as decimal strings in full precision, unknown as null."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from analyzer.prices import Period
from analyzer.prices.apart import REQUESTS, UNITS_PER_KILO
from analyzer.prices.fee import Fee
from analyzer.prices.offer import EVER
from analyzer.report.amounts import exact
from analyzer.report.outlook_document import outlook_document
from analyzer.report.visible import spelled
from analyzer.simulate.analysis import Analysis
from analyzer.simulate.bridge import Step
from analyzer.simulate.counts import Counts
from analyzer.simulate.result import Result

_USAGE = ("requests", "input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")


def text(document: Mapping[str, Any]) -> str:
    """The document as text: the same bytes for the same content, and none that a terminal would obey."""
    lines = json.dumps(document, ensure_ascii=False, indent=1, default=_plain).split("\n")
    return "\n".join(map(spelled, lines)) + "\n"


def analysis_document(analysis: Analysis) -> dict[str, Any]:
    """``spend analyze --json``."""
    answers = analysis.answers
    lengths = {row["endpoint"]: row for row in answers["token_distribution"].iter_rows(named=True)}
    return {
        "schema": "spend.analyze/1",
        "ledger": counts_document(analysis.counts),
        "price_book": analysis.price_book,
        "own_prices": list(analysis.own_prices),
        "idle_prices": [vars(entry) for entry in analysis.idle_prices],
        "currency": analysis.view.currency,
        "timezone": analysis.view.tz,
        "clock": analysis.view.clock,
        "price_date": analysis.view.price_date.isoformat() if analysis.view.price_date else "in-force",
        "period": {"from": instant(analysis.period[0]), "to": instant(analysis.period[1])} if analysis.period else None,
        "totals": _usage(analysis.totals),
        "endpoints": [
            {
                "endpoint": row["endpoint"],
                **_usage(row),
                **_lengths(lengths.get(row["endpoint"], {})),
                "cost": exact(row["cost"]),
            }
            for row in answers["endpoints"].iter_rows(named=True)
        ],
        "models": [{"model": row["model"], **_usage(row)} for row in answers["models"].iter_rows(named=True)],
        "months": [{"month": row["month"], **_usage(row)} for row in answers["months"].iter_rows(named=True)],
        "unpriced": [_row(row) for row in answers["unpriced"].iter_rows(named=True)],
        "apart": [_row(row) for row in answers["apart"].iter_rows(named=True)],
        "straddling": [_row(row) for row in answers["straddling"].iter_rows(named=True)],
        "scenarios": [
            {**scenario_document(result), "bridge": _bridge(analysis.outlook.bridges.get(result.scenario.name, ()))}
            for result in analysis.results
        ],
        **outlook_document(analysis.outlook),
    }


def counts_document(counts: Counts) -> dict[str, int]:
    """How the records of the ledger ended."""
    return dict(vars(counts))


def rows_document(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Any answer, row by row."""
    return [_row(row) for row in frame.iter_rows(named=True)]


def instant(moment: datetime) -> str:
    """ISO 8601 in UTC with ``Z``; fractions only where there are some."""
    utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return utc.replace(tzinfo=None).isoformat() + "Z"


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) if isinstance(value, (Decimal, datetime)) else value for name, value in row.items()}


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return exact(value)
    return instant(value) if isinstance(value, datetime) else str(value)


def _usage(row: Mapping[str, Any]) -> dict[str, Any]:
    """Counts, hit rate and cost; a sum over nothing is 0, a rate or a cost of nothing is null."""
    return {
        **{name: row[name] or 0 for name in _USAGE},
        "cache_hit_rate": row["cache_hit_rate"],
        "cost": exact(row["cost"]),
    }


def _lengths(row: Mapping[str, Any]) -> dict[str, Any]:
    names = (f"{side}_tokens_{mark}" for side in ("input", "output") for mark in ("p50", "p90", "p99", "mean", "max"))
    return {name: _whole(row.get(name)) for name in names}


def _whole(value: float | None) -> float | int | None:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def scenario_document(result: Result) -> dict[str, Any]:
    """One scenario."""
    return {
        "name": result.scenario.name,
        "title": result.scenario.title,
        "requests": result.requests,
        "unpriced": result.unpriced,
        "compared_requests": result.compared_requests,
        "before_first_price": result.before_first_price,
        "moved": result.moved,
        "cost": exact(result.cost),
        "difference": exact(result.difference),
        "low": exact(result.low),
        "high": exact(result.high),
        "cache_basis": result.cache_basis,
        "other_tokenizers": list(result.other_tokenizers),
        "idle_rules": [f"route[{place + 1}]" for place in result.idle_rules],
        "idle_words": [vars(word) for word in result.idle_words],
        "undrawn": [{"rule": f"route[{one.place + 1}]", "requests": one.requests} for one in result.undrawn],
        "hindsight": result.scenario.hindsight,
        "lost_cache": exact(result.lost_cache),
        "fixed_fee": exact(result.fee),
        "covered_uncompared": result.covered_uncompared,
    }


def _bridge(steps: Sequence[Step]) -> list[dict[str, Any]]:
    return [{"driver": step.driver, "amount": exact(step.amount)} for step in steps]


def simulation_document(analysis: Analysis) -> dict[str, Any]:
    """``spend simulate --json``."""
    return {**analysis_document(analysis), "schema": "spend.simulate/1"}


def period_document(row: Period) -> dict[str, Any]:
    """One row of a price history, per 1M tokens. What few providers have stands there only where it is."""
    rare = {
        "cache_write_1h": exact(row.cache_write_1h),
        "request": exact(row.request),
        "input_from": row.input_from or None,
        "input_to": row.input_to,
    }
    return {
        "window": row.window,
        "input": exact(row.input),
        "cache_read": exact(row.cache_read),
        "cache_write": exact(row.cache_write),
        "output": exact(row.output),
        "per_tokens": 1_000_000,
        "from": instant(row.start) if row.start else None,
        "to": instant(row.end) if row.end else None,
        "rule": row.rule,
        "source": row.source,
        "certainty": row.certainty,
        **{name: value for name, value in rare.items() if value is not None},
        **{kind + ("_per_1000" if kind in REQUESTS else ""): exact(price) for kind, price in row.apart},
    }


def fee_document(fee: Fee) -> dict[str, Any]:
    """What requests beside the tokens cost: one kind over one time."""
    return {
        "kind": fee.kind,
        "direct": fee.direct,
        "per_1000": exact(Decimal(fee.price) / UNITS_PER_KILO),
        "from": instant(fee.start),
        "to": None if fee.end == EVER else instant(fee.end),
        "note": fee.note,
        "source": fee.source,
        "certainty": fee.certainty,
    }
