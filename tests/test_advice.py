"""The guide's decision table, on both sides of its bounds."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support import EXPORT_HEAD, export, spend

from analyzer.simulate.advice import Advice, advice, undecided_share
from analyzer.simulate.breakeven import BreakEven


def told(**changes: Any) -> Advice:
    """Advice for an endpoint with 30 days of 100 calls, plain but for the changes; Pro costs $10 more than Flash."""
    row = {
        "endpoint": "/x", "requests": 100, "measured": 100, "seconds": 30 * 86400, "output_tokens": 5_000_000,
        "output_tokens_p90": 900.0, "input_tokens_p90": 9000.0, "cache_hit_rate": 0.5, "tool_calls_known": 0,
        "tool_calls_chained": 0, "reasoning_known": 0, "reasoning_share": None,
    }  # fmt: skip
    even = BreakEven(
        "/x", False, *[None] * 6, actual=Decimal(12), flash=Decimal(5), pro=Decimal(changes.pop("pro", 15))
    )
    outcomes = pl.DataFrame(
        [{"endpoint": "/x", "model": "m", "requests": 100, "failed": changes.pop("failed", 0)}],
    )
    [found] = advice(pl.DataFrame([row | changes]), outcomes, [even])
    return found


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, "flash"),
        ({"measured": 29}, "not enough data"),
        ({"measured": 30}, "flash"),
        ({"output_tokens": 999_999}, "either"),
        ({"output_tokens": 1_000_000}, "flash"),
        ({"output_tokens_p90": 10_000.0}, "flash"),
        ({"output_tokens_p90": 10_000.1}, "pro"),
        ({"input_tokens_p90": 100_000.0}, "flash"),
        ({"input_tokens_p90": 100_000.5}, "pro"),
        ({"tool_calls_known": 100, "tool_calls_chained": 50}, "flash"),
        ({"tool_calls_known": 100, "tool_calls_chained": 51}, "pro"),
        ({"tool_calls_known": 29, "tool_calls_chained": 29}, "flash"),
        ({"reasoning_known": 100, "reasoning_share": 0.5}, "flash"),
        ({"reasoning_known": 100, "reasoning_share": 0.51}, "pro"),
        ({"pro": 5}, "pro"),  # costs no more than Flash
        ({"output_tokens_p90": 10_001.0, "output_tokens": 10}, "pro"),  # cost does not decide; the work does
    ],
)
def test_the_guides_table_on_both_sides_of_its_bounds(changes: dict[str, Any], verdict: str) -> None:
    assert told(**changes).verdict == verdict


@pytest.mark.parametrize(
    ("tokens", "volume"), [(999_999, "small"), (1_000_000, "middle"), (10_000_000, "middle"), (10_000_001, "large")]
)
def test_volumes_are_of_30_days(tokens: int, volume: str) -> None:
    assert told(output_tokens=tokens).volume == volume
    assert told(output_tokens=tokens * 2, seconds=60 * 86400).volume == volume


def test_a_stake_of_thousands_of_millions_of_millions_is_exact() -> None:
    """10^16 and its last decimal are more digits than decimals have by themselves. A day of it is a thirtieth of 30."""
    pro = Decimal("10000000000000005.000000000000001")
    assert told(pro=pro, seconds=86400).at_stake == Decimal("300000000000000000.000000000000030")


def test_evidence_names_what_produced_it() -> None:
    found = told(cache_hit_rate=0.71, failed=3, output_tokens_p90=12_000.0)

    assert found.evidence[0].startswith("long outputs")
    assert "hit rate 71%: compared, Flash costs less than was spent" in found.evidence
    assert "failed: 3.0% on m" in found.evidence
    assert "hit rate" not in " ".join(told(cache_hit_rate=0.70).evidence)


def test_stakes_are_of_a_month_and_the_highest_come_first() -> None:
    """$10 more on Pro in 60 days are $5 in 30."""
    assert told(seconds=60 * 86400).at_stake == 5


def test_the_share_of_work_where_cost_does_not_decide() -> None:
    small, large = told(output_tokens=500_000), told(output_tokens=2_000_000)

    assert undecided_share([small, large]) == pytest.approx(0.2)
    assert undecided_share([]) is None


@pytest.mark.endurance
def test_volumes_of_exports_are_of_their_buckets(tmp_path: Path) -> None:
    """Two days of a usage export, a million tokens of output each: thirty million in thirty days."""
    log = export(
        tmp_path / "amount-2026-5.csv", EXPORT_HEAD,
        *(f"u,2026-05-0{day},deepseek-v4-flash,k,sk-***,{kind},{price},{amount}" for day in (1, 2) for kind, price, amount in (
            ("input_cache_miss_tokens", "0.00000014", 100), ("output_tokens", "0.00000028", 1_000_000), ("request_count", "", 40))),
    )  # fmt: skip

    document = spend("simulate", log, "--json").document

    assert document["period"] == {"from": "2026-05-01T00:00:00Z", "to": "2026-05-03T00:00:00Z"}
    [told] = document["advice"]
    assert (told["output_tokens_a_month"], told["volume"]) == (30_000_000, "large")
