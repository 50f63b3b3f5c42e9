"""``spend review MONTH --json``: a review as one document, money in full precision, unknown as null."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from analyzer.finance.adjustment import Adjustment
from analyzer.finance.anomalies import Anomaly
from analyzer.finance.budget import Budget
from analyzer.finance.forecast import Accuracy, Forecast
from analyzer.finance.review import Review
from analyzer.finance.showback import DIMENSIONS, Line
from analyzer.finance.units import Units
from analyzer.finance.variance import Driver
from analyzer.report.amounts import exact
from analyzer.report.document import counts_document, instant, rows_document, scenario_document
from analyzer.report.reconcile import reconciliation_document
from analyzer.report.review.figures import money, per


def review_document(review: Review) -> dict[str, Any]:
    """The whole of it. The amounts of ``variance`` add up to ``actual`` less ``previous``, to the last digit."""
    analysis, variance = review.analysis, review.variance
    whole = review.whole_budget
    return {
        "schema": "spend.review/1",
        "month": str(review.month),
        "open": not review.over,
        "until": instant(review.until),
        "currency": analysis.view.currency,
        "timezone": analysis.view.tz,
        "clock": analysis.view.clock,
        "price_date": analysis.view.price_date.isoformat() if analysis.view.price_date else "in-force",
        "price_book": analysis.price_book,
        "own_prices": list(analysis.own_prices),
        "idle_prices": [vars(entry) for entry in analysis.idle_prices],
        "ledger": counts_document(analysis.counts),
        "actual": _amount(review.actual),
        "previous": _amount(review.previous),
        "budget": _amount(whole.amount if whole else None),
        "forecast": _amount(review.forecast.amount if review.forecast else None),
        "difference": _amount(review.difference),
        "variance": _drivers(variance.drivers if variance else ()),
        "variance_by_endpoint": [
            {"endpoint": endpoint, "amount": _amount(sum(one.amount for one in drivers)), "drivers": _drivers(drivers)}
            for endpoint, drivers in (variance.endpoints if variance else ())
        ],
        "price_volume_mix": _drivers(variance.price_volume_mix if variance else ()),
        "unit_economics": [_units(one) for one in review.history],
        "showback": {dimension: [_line(line) for line in review.showback.lines[dimension]] for dimension in DIMENSIONS},
        "anomalies": [_anomaly(one) for one in review.anomalies],
        "forecast_detail": _forecast(review.forecast),
        "forecast_accuracy": [_accuracy(one) for one in review.accuracy],
        "budgets": [_budget(one) for one in review.budgets],
        "flexible_budget": _flexible(whole),
        "adjustments": [_adjustment(one) for one in review.adjustments],
        "price_changes": [
            {"at": instant(one.instant), "model": one.model, "change": one.words} for one in analysis.price_changes
        ],
        "scenarios": [scenario_document(result) for result in analysis.results],
        "quality": _quality(review),
        "reconciliation": review.reconciliation and reconciliation_document(review.reconciliation),
        "inputs": list(analysis.fingerprints),
    }


def _amount(units: int | None) -> str | None:
    return exact(money(units))


def _drivers(drivers: Sequence[Driver]) -> list[dict[str, Any]]:
    return [{"driver": one.name, "amount": _amount(one.amount)} for one in drivers]


def _rate(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _units(one: Units) -> dict[str, Any]:
    sums = one.sums
    return {
        "month": f"{one.month:%Y-%m}",
        "cost": _amount(one.cost),
        **{name: sums[name] for name in ("requests", "unmeasured", "unpriced", "cache_unknown", "succeeded", "failed")},
        **{name: int(sums[name]) for name in ("input_tokens", "output_tokens")},
        "cache_hit_rate": _rate(one.hit_rate),
        "cost_per_1000_requests": exact(per(one.per_thousand_requests)),
        "cost_per_successful_request": exact(per(one.per_success)),
        "cost_per_1m_tokens": exact(per(one.per_million_tokens)),
        "input_price_per_1m": exact(per(one.input_price)),
        "output_price_per_1m": exact(per(one.output_price)),
        "cache_saving": _amount(one.cache_saving),
        "cache_write_premium": _amount(one.cache_premium),
        "off_peak_saving": _amount(one.off_peak_saving),
        "failed_cost": _amount(one.failed_cost),
        "failed_share": _rate(one.failed_share),
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "name": line.name,
        "requests": line.requests,
        "unpriced": line.unpriced,
        "input_tokens": line.input_tokens or 0,
        "output_tokens": line.output_tokens or 0,
        "cost": _amount(line.cost),
        "previous": _amount(line.before),
        "shared": _amount(line.shared),
    }


def _anomaly(one: Anomaly) -> dict[str, Any]:
    return {
        "day": one.day.isoformat(),
        "endpoint": one.endpoint,
        "line": one.line,
        "new": one.new,
        "cost": _amount(one.cost),
        "usual": _amount(one.usual),
        "impact": _amount(one.impact),
        "score": _rate(one.score),
        "drivers": _drivers(one.drivers),
    }


def _forecast(one: Forecast | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "method": one.method,
        "until": instant(one.until),
        "to_date": _amount(one.to_date),
        "amount": _amount(one.amount),
        "low": _amount(one.low),
        "high": _amount(one.high),
        "no_range": one.few,
        "unpriced_ahead": _amount(one.unpriced_ahead),
        "history_days": one.history_days,
        "days": [
            {"day": day.day.isoformat(), "actual": _amount(day.actual), "expected": _amount(day.expected)}
            for day in one.days
        ],
        "price_changes": [
            {"at": instant(each.instant), "model": each.model, "change": each.words} for each in one.price_changes_ahead
        ],
        "notes": list(one.notes),
    }


def _accuracy(one: Accuracy) -> dict[str, Any]:
    return {
        "month": one.month,
        "at": instant(one.at),
        "method": one.method,
        "forecast": _amount(one.forecast),
        "actual": _amount(one.actual),
        "error": _rate(one.error),
    }


def _adjustment(one: Adjustment) -> dict[str, Any]:
    return {
        "month": one.month,
        "requests": one.requests,
        "unpriced": one.unpriced,
        "late": _amount(one.late),
        "repriced": _amount(one.repriced),
        "price_book": one.price_book,
    }


def _quality(review: Review) -> dict[str, Any]:
    """What is not known, or not sure."""
    asked = ("unpriced", "uncertain_days", "straddling", "uncertain_prices")
    return {
        "quiet_days": [day.isoformat() for day in review.quiet_days],
        "shared_without_calls": list(review.showback.idle),
        **{name: rows_document(review.analysis.answers[name]) for name in asked},
        "month_edge": {
            "requests": review.edge.requests,
            "cost_in_month": _amount(review.edge.inside),
            "cost_in_other_months": _amount(review.edge.outside),
        },
    }


def _flexible(whole: Budget | None) -> dict[str, Any] | None:
    if whole is None or whole.flexible is None:
        return None
    return {"activity": _amount(whole.flexible.activity), "efficiency": _amount(whole.flexible.efficiency)}


def _budget(one: Budget) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "name": one.name,
        "amount": _amount(one.amount),
        "actual": _amount(one.actual),
        "forecast": _amount(one.forecast),
        "left": _amount(one.left),
        "over": one.over,
        "will_be_over": one.will_be_over,
        "requests": one.requests,
        "unpriced": one.unpriced,
        "without_cost": one.without_cost,
        "matches": one.matches,
    }
