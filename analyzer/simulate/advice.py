"""Advice: the decision table of a published guide, asked of each endpoint's own data.

The guide is "DeepSeek V4 Flash vs Pro: which one should you pay for": Flash by default; Pro where the work needs long
reasoning, chains of tools, big codebases or coherent outputs over 10K tokens; over a hit rate of 70% compare the costs;
under 1M output tokens a month cost hardly decides, over 10M it is a line of the budget. It has no measure of quality,
and neither has a log: what speaks for Pro is a reason to test, never a finding that Flash would do worse.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any, Literal

import polars as pl

from analyzer.counted import counted
from analyzer.simulate.breakeven import BreakEven
from analyzer.simulate.result import DECIMALS
from analyzer.simulate.routing import DIGITS

Verdict = Literal["flash", "pro", "either", "not enough data"]

ENOUGH = 30  # calls with usage: with fewer a 90th percentile is hardly one
LONG_OUTPUT = 10_000  # tokens, at the 90th percentile
BIG_INPUT = 100_000
WARM = 0.70  # cache hit rate
SMALL, LARGE = 1_000_000, 10_000_000  # output tokens a month
CHAINED = 0.5  # part of the calls that call tools
REASONED = 0.5  # part of the output that is reasoning
MONTH = 30 * 86400  # seconds


@dataclass(frozen=True)
class Advice:
    """What the guide would say of an endpoint, and on what evidence.

    Attributes:
        endpoint: the endpoint; None for those that the log does not name.
        verdict: ``flash``, ``pro``, ``either`` or ``not enough data``.
        evidence: what speaks for it, in words, the weightiest first.
        output_tokens_a_month: the volume by which cost weighs.
        volume: ``small``, ``middle`` or ``large``: under 1M output tokens a month, to 10M, over it.
        at_stake: cost of 30 days of all on Pro less all on Flash, caches modelled, to 1e-15; None where not priced.
        test: what would have to be tested before following it; empty where nothing would change.
    """

    endpoint: str | None
    verdict: Verdict
    evidence: tuple[str, ...]
    output_tokens_a_month: float
    volume: str
    at_stake: Decimal | None
    test: str


def advice(workloads: pl.DataFrame, outcomes: pl.DataFrame, break_evens: Iterable[BreakEven]) -> list[Advice]:
    """The decision table, the most money at stake first.

    Args:
        workloads: the answer of ``queries/workloads.sql``.
        outcomes: that of ``queries/outcomes.sql``.
        break_evens: of the same history, by endpoint.
    """
    costs = {each.endpoint: each for each in break_evens if not each.overall}
    failures: dict[str | None, list[Mapping[str, Any]]] = {}
    for row in outcomes.iter_rows(named=True):
        failures.setdefault(row["endpoint"], []).append(row)
    found = [
        _advice(row, failures.get(row["endpoint"], []), costs.get(row["endpoint"]))
        for row in workloads.iter_rows(named=True)
    ]
    return sorted(found, key=lambda one: (-abs(one.at_stake or Decimal(0)), one.endpoint or ""))


def undecided_share(table: Sequence[Advice]) -> float | None:
    """The part of all output tokens that small endpoints have, where cost hardly decides; None where there are none."""
    whole = sum(one.output_tokens_a_month for one in table)
    return sum(one.output_tokens_a_month for one in table if one.volume == "small") / whole if whole else None


def _advice(row: Mapping[str, Any], outcomes: Sequence[Mapping[str, Any]], costs: BreakEven | None) -> Advice:
    volume = (row["output_tokens"] or 0) * MONTH / row["seconds"]
    band = "small" if volume < SMALL else "middle" if volume <= LARGE else "large"
    monthly = _at_stake(costs, row["seconds"])
    for_pro = list(_for_pro(row))
    evidence = [*for_pro, *_about_caches(row, costs), _about_volume(volume, band), *_about_failures(outcomes)]
    if row["measured"] < ENOUGH:
        verdict: Verdict = "not enough data"
        evidence.insert(0, f"{counted(row['measured'], 'call')} with usage; at least {ENOUGH} are needed")
    elif for_pro:
        verdict = "pro"
    elif costs is not None and costs.flash is not None and costs.pro is not None and costs.pro <= costs.flash:
        verdict = "pro"
        evidence.insert(0, "Pro costs no more than Flash here")
    else:
        verdict = "either" if band == "small" else "flash"
    return Advice(row["endpoint"], verdict, tuple(evidence), volume, band, monthly, _test(verdict, for_pro))


def _at_stake(costs: BreakEven | None, seconds: int) -> Decimal | None:
    """What 30 days on Pro cost more than on Flash, half to even at the last decimal; None where either is unknown."""
    if costs is None or costs.pro is None or costs.flash is None:
        return None
    with localcontext(prec=DIGITS):
        return round((costs.pro - costs.flash) * MONTH / seconds, DECIMALS)


def _for_pro(row: Mapping[str, Any]) -> Iterable[str]:
    """The guide's reasons for Pro, as far as the log shows them."""
    if row["output_tokens_p90"] is not None and row["output_tokens_p90"] > LONG_OUTPUT:
        yield f"long outputs: one in ten is over {row['output_tokens_p90']:,.0f} tokens"
    if row["input_tokens_p90"] is not None and row["input_tokens_p90"] > BIG_INPUT:
        yield f"large prompts, as of big codebases: one in ten is over {row['input_tokens_p90']:,.0f} tokens"
    if row["tool_calls_known"] >= ENOUGH and row["tool_calls_chained"] > CHAINED * row["tool_calls_known"]:
        yield f"tools: {row['tool_calls_chained'] / row['tool_calls_known']:.0%} of the calls call some"
    if row["reasoning_known"] >= ENOUGH and (row["reasoning_share"] or 0) > REASONED:
        yield f"reasoning: {row['reasoning_share']:.0%} of the output"


def _about_caches(row: Mapping[str, Any], costs: BreakEven | None) -> Iterable[str]:
    rate = row["cache_hit_rate"]
    if rate is None or rate <= WARM:
        return
    if costs is None or costs.flash is None or costs.pro is None or costs.actual is None:
        yield f"hit rate {rate:.0%}: compare the costs, which have no price here"
        return
    dearer = "more" if costs.flash > costs.actual else "less"
    if costs.flash == costs.actual:
        yield f"hit rate {rate:.0%}: compared, Flash costs what was spent"
    else:
        yield f"hit rate {rate:.0%}: compared, Flash costs {dearer} than was spent"


def millions(tokens: float) -> str:
    """So many tokens in millions, as the guide counts them; few are not said to be none."""
    return f"{tokens / 1e6:,.2f}M" if tokens >= 10_000 or not tokens else "under 0.01M"


def _about_volume(volume: float, band: str) -> str:
    million = f"{millions(volume)} output tokens a month"
    return {
        "small": f"{million}: cost hardly decides",
        "middle": f"{million}",
        "large": f"{million}: a line of the budget",
    }[band]


def _about_failures(outcomes: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    told = [row for row in outcomes if row["requests"] >= ENOUGH]
    if any(row["failed"] for row in told):
        yield "failed: " + ", ".join(f"{row['failed'] / row['requests']:.1%} on {row['model']}" for row in told)


def _test(verdict: Verdict, for_pro: Sequence[str]) -> str:
    if verdict == "pro" and for_pro:
        return "whether Flash answers these as well: if it does, what is at stake is saved"
    if verdict == "flash":
        return "whether Flash's answers are good enough, on a sample with known outcomes"
    return ""
