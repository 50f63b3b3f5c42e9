"""The outlook in JSON."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from analyzer.report.amounts import exact
from analyzer.simulate.outlook import Outlook


def outlook_document(outlook: Outlook) -> dict[str, Any]:
    """What follows from the scenarios; bridges stand with the scenarios themselves."""
    return {
        "self_test": [
            {
                **row,
                "predicted": int(row["predicted"]),
                "input_tokens": int(row["input_tokens"]),
                "observed": _whole(row["observed"]),
            }
            for row in outlook.self_test.iter_rows(named=True)
        ],
        "break_evens": [_plain(vars(each)) for each in outlook.break_evens],
        "plans": [_plain(vars(each)) for each in outlook.plans],
        "sensitivity": [
            {
                "scenario": each.scenario,
                "assumption": each.assumption,
                "low": {"value": each.low, "cost": exact(each.cost_low)},
                "high": {"value": each.high, "cost": exact(each.cost_high)},
            }
            for each in outlook.swings
        ],
        "curves": [{**_plain(vars(each)), "value": float(each.value)} for each in outlook.points],
        "advice": [_plain(vars(each)) for each in outlook.advice],
        "off_peak": [_plain(vars(each)) for each in outlook.shifts],
    }


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in values.items()}


def _value(value: object) -> object:
    if isinstance(value, Decimal):
        return exact(value)
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, timedelta):
        return f"{value // timedelta(hours=1)}h"
    return list(value) if isinstance(value, tuple) else value


def _whole(value: Decimal | None) -> int | None:
    return None if value is None else int(value)
