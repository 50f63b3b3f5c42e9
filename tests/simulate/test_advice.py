"""The guide's decision table, on both sides of its bounds."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support import EXPORT_HEAD, export, spend

from analyzer.simulate.advice import Advice, advice, undecided_share
from analyzer.simulate.breakeven import BreakEven

NO_OUTCOMES = pl.DataFrame(schema={"endpoint": pl.String, "model": pl.String, "requests": pl.Int64, "failed": pl.Int64})


def told(*, priced: bool = True, outcomes: Sequence[tuple[str, int, int]] = (("m", 100, 0),), **changes: Any) -> Advice:
    """Advice for an endpoint with 30 days of 100 calls, plain but for the changes; Pro costs $10 more than Flash.

    Args:
        priced: whether anything of it has a price.
        outcomes: by model, its calls and how many of them failed.
        changes: of its row, and of what was spent or would be (12 in all, 5 on Flash, 15 on Pro).
    """
    row = {
        "endpoint": "/x", "requests": 100, "measured": 100, "seconds": 30 * 86400, "output_tokens": 5_000_000,
        "output_tokens_p90": 900.0, "input_tokens_p90": 9000.0, "cache_hit_rate": 0.5, "tool_calls_known": 0,
        "tool_calls_chained": 0, "reasoning_known": 0, "reasoning_share": None,
    }  # fmt: skip
    usual = {"actual": 12, "flash": 5, "pro": 15}
    costs = {name: Decimal(changes.pop(name, amount)) if priced else None for name, amount in usual.items()}
    even = BreakEven("/x", False, *[None] * 6, **costs)
    ended = [{"endpoint": "/x", "model": model, "requests": calls, "failed": bad} for model, calls, bad in outcomes]
    [found] = advice(pl.DataFrame([row | changes]), pl.DataFrame(ended), [even])
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
        ({"tool_calls_known": 30, "tool_calls_chained": 16}, "pro"),
        ({"reasoning_known": 100, "reasoning_share": 0.5}, "flash"),
        ({"reasoning_known": 29, "reasoning_share": 0.9}, "flash"),
        ({"reasoning_known": 30, "reasoning_share": 0.9}, "pro"),
        ({"reasoning_known": 100, "reasoning_share": None}, "flash"),
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
    """The weightiest first: that there is too little, or that Pro costs no more; then the work, the cache, the volume."""
    assert told().evidence == ("5.00M output tokens a month",)
    assert told(output_tokens_p90=12_000.0, cache_hit_rate=0.71, outcomes=[("m", 100, 3)]).evidence == (
        "long outputs: one in ten is over 12,000 tokens",
        "hit rate 71%: compared, Flash costs less than was spent",
        "5.00M output tokens a month",
        "failed: 3.0% on m",
    )
    assert told(measured=29, input_tokens_p90=100_001.0).evidence == (
        "29 calls with usage; at least 30 are needed",
        "large prompts, as of big codebases: one in ten is over 100,001 tokens",
        "5.00M output tokens a month",
    )
    assert told(pro=5, output_tokens=20_000_000).evidence == (
        "Pro costs no more than Flash here",
        "20.00M output tokens a month: a line of the budget",
    )
    assert told(tool_calls_known=40, tool_calls_chained=30, output_tokens=0).evidence == (
        "tools: 75% of the calls call some",
        "0.00M output tokens a month: cost hardly decides",
    )
    assert told(reasoning_known=30, reasoning_share=0.6).evidence[0] == "reasoning: 60% of the output"


@pytest.mark.parametrize(
    ("flash", "words"),
    [
        ("11.99", "compared, Flash costs less than was spent"),
        ("12", "compared, Flash costs what was spent"),
        ("12.01", "compared, Flash costs more than was spent"),
    ],
)
def test_over_a_hit_rate_of_70_percent_costs_are_compared(flash: str, words: str) -> None:
    """What was spent is $12."""
    assert told(cache_hit_rate=0.71, flash=flash).evidence[0] == f"hit rate 71%: {words}"
    assert "hit rate" not in " ".join(told(cache_hit_rate=0.70, flash=flash).evidence)


def test_without_a_price_there_is_nothing_to_compare() -> None:
    found = told(priced=False, cache_hit_rate=0.71)

    assert (found.verdict, found.at_stake) == ("flash", None)
    assert found.evidence[0] == "hit rate 71%: compare the costs, which have no price here"


def test_failures_are_told_of_models_with_calls_enough() -> None:
    """A model on which nothing failed stands beside one on which something did; 29 calls tell no rate."""
    calls = [("a", 30, 3), ("b", 29, 29), ("c", 200, 0)]

    assert told(outcomes=calls).evidence[-1] == "failed: 10.0% on a, 0.0% on c"
    assert told(outcomes=calls[1:]).evidence == ("5.00M output tokens a month",)


@pytest.mark.parametrize(
    ("changes", "begins"),
    [
        ({}, "whether Flash's answers are good enough"),
        ({"output_tokens_p90": 10_001.0}, "whether Flash answers these as well"),
        ({"pro": 5}, ""),  # for its price, not for the work
        ({"output_tokens": 10}, ""),
        ({"measured": 29, "output_tokens_p90": 10_001.0}, ""),
    ],
    ids=["flash", "pro", "pro-costs-no-more", "either", "not-enough-data"],
)
def test_what_would_have_to_be_tested(changes: dict[str, Any], begins: str) -> None:
    found = told(**changes).test

    assert found.startswith(begins)
    assert bool(found) == bool(begins)


def test_the_highest_stakes_come_first_of_equal_ones_by_name() -> None:
    """All have the same 30 days: what is at stake is what Pro costs more, or less."""
    names = ["/a", "/less", "/z", None, "/most"]
    pros = [6, 2, 6, 6, 9]
    row = {
        "requests": 1, "measured": 1, "seconds": 30 * 86400, "output_tokens": None, "output_tokens_p90": None,
        "input_tokens_p90": None, "cache_hit_rate": None, "tool_calls_known": 0, "tool_calls_chained": 0,
        "reasoning_known": 0, "reasoning_share": None,
    }  # fmt: skip
    evens = [
        BreakEven(name, False, *[None] * 6, actual=Decimal(5), flash=Decimal(5), pro=Decimal(pro))
        for name, pro in zip(names, pros, strict=True)
    ]
    overall = BreakEven(None, True, *[None] * 6, actual=Decimal(5), flash=Decimal(5), pro=Decimal(500))

    found = advice(pl.DataFrame([row | {"endpoint": name} for name in reversed(names)]), NO_OUTCOMES, [*evens, overall])

    assert [(one.endpoint, one.at_stake) for one in found] == [
        ("/most", 4),
        ("/less", -3),
        (None, 1),
        ("/a", 1),
        ("/z", 1),
    ]
    assert {one.output_tokens_a_month for one in found} == {0}


def test_stakes_are_of_a_month() -> None:
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
