"""The outlook in the terminal: where differences come from, break-evens, advice, sensitivity, off-peak."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from analyzer.counted import counted
from analyzer.report.against import against, digits
from analyzer.report.amounts import UNKNOWN, plain, plus, priced, rate, shown
from analyzer.report.listing import table
from analyzer.report.visible import visible
from analyzer.simulate.advice import millions, undecided_share
from analyzer.simulate.analysis import Analysis
from analyzer.simulate.breakeven import BreakEven

ROWS = 12
_BASES = {
    "session": ("request that follows another of its session", "requests that follow another of their session"),
    "blocks": ("request with prefix blocks", "requests with prefix blocks"),
    "blocks, hits not logged": (
        "request with prefix blocks, whose hits were not logged",
        "requests with prefix blocks, whose hits were not logged",
    ),
}


def outlook(analysis: Analysis) -> list[str]:
    """Paragraphs, each a table with its notes or a few sentences."""
    parts = (bridges, self_test, break_evens, plans, advice, sensitivity, off_peak)
    return [text for text in (part(analysis) for part in parts) if text]


def bridges(analysis: Analysis) -> str:
    """Which part of each scenario's difference comes from what."""
    found = analysis.outlook.bridges
    drivers = list(dict.fromkeys(step.driver for steps in found.values() for step in steps))
    if not drivers:
        return ""
    places = digits(analysis.results)
    wholes = {result.scenario.name: against(result, analysis.actual, places) for result in analysis.results[1:]}
    lines = []
    for name, steps in found.items():
        texts = shown([step.amount for step in steps], places, wholes.get(name))
        amounts = {step.driver: plus(text) for step, text in zip(steps, texts, strict=True)}
        lines.append([visible(name, 24), *(amounts.get(driver, "") for driver in drivers)])
    return table([f"Difference, {analysis.view.currency}", *(f"by {driver}" for driver in drivers)], lines)


def self_test(analysis: Analysis) -> str:
    """How well the cache model tells the history as it was."""
    lines = []
    for row in analysis.outlook.self_test.iter_rows(named=True):
        if not row["requests"]:
            continue
        predicted = _share(row["predicted"], row["input_tokens"])
        who = counted(row["requests"], *_BASES[row["cache_basis"]])
        if row["observed"] is None:
            lines.append(
                f"Of the {who}, {predicted} of the input would have hit a cache, by their blocks: a scenario's hit_rate"
                " can assume that; without one they cost as misses."
            )
        else:
            observed = _share(row["observed"], row["input_tokens"])
            lines.append(f"Self-test of the cache model: of the {who}, it tells {predicted} hits; {observed} were.")
    return (
        "\n".join(lines)
        or "Self-test of the cache model: no session's second request and no prefix blocks to try it on."
    )


def break_evens(analysis: Analysis) -> str:
    """Where choices cost the same."""
    found = [each for each in analysis.outlook.break_evens if each.actual is not None]
    if not found:
        return ""
    overall, *others = found
    others.sort(key=lambda each: each.actual or Decimal(0), reverse=True)
    lines = [*(_break_even(each) for each in (overall, *others[:ROWS])), *_more(len(others), 7)]
    title = ["Break-even", "Pro share", "asked again", "hits Flash", "hits Pro", "out Flash", "out Pro"]
    note = (
        "Pro share: part of the tokens on Pro, the rest on Flash, that costs what was spent (of all: the budget, if one"
        " is given). asked again: part of Flash's answers asked again of Pro at which Pro alone is cheaper. hits, out:"
        " cache hit rate and length of outputs at which all of it there costs what was spent."
    )
    return f"{table(title, lines)}\n{note}"


def plans(analysis: Analysis) -> str:
    """When subscriptions pay."""
    places, currency = digits(analysis.results), analysis.view.currency
    lines = []
    for plan in analysis.outlook.plans:
        text = f"{visible(plan.scenario, 24)}: a fee of {priced(plain(plan.fee, places), currency)}"
        if not plan.covered:
            lines.append(f"{text} covers nothing here.")
            continue
        stands = [] if plan.replaced is None else [f"{priced(plain(plan.replaced, places), currency)} by tokens"]
        if plan.unpriced:
            stands.append(f"{plan.unpriced:,} of {counted(plan.covered, 'call')} whose price by tokens is not known")
        text += f" stands for {' and '.join(stands) or 'calls without usage'}"
        if plan.volume is None or plan.requests_a_month is None:
            lines.append(
                f"{text}; when it pays is not known." if plan.replaced is None else f"{text}; it saves nothing."
            )
        else:
            monthly = f"{counted(round(plan.requests_a_month), 'call')} a month"
            most = ", at most" if plan.unpriced else ""
            lines.append(f"{text}; it pays from {plan.volume:,.2f} times this volume, {monthly}{most}.")
    return "\n".join(lines)


def advice(analysis: Analysis) -> str:
    """The guide's decision table."""
    found = analysis.outlook.advice
    if not found:
        return ""
    places = digits(analysis.results)
    lines = [
        [
            "(none named)" if each.endpoint is None else visible(each.endpoint), each.verdict,
            _amount(each.at_stake, places), millions(each.output_tokens_a_month),
        ]
        for each in found[:ROWS]
    ]  # fmt: skip
    lines += _more(len(found), 4)
    parts = [table(["The guide says", "take", f"stake {analysis.view.currency}/month", "output/month"], lines)]
    parts += [
        f"{visible(each.endpoint or '(none named)', 40)}: {'; '.join(each.evidence)}."
        + (f" To be tested: {each.test}." if each.test else "")
        for each in found[:ROWS]
    ]
    if (share := undecided_share(found)) is not None:
        parts.append(
            f"stake: all of it on Pro less all of it on Flash. {rate(share, 0)} of the output is of endpoints with"
            " under 1M output tokens a month, where cost hardly decides. No log tells whether the answers would have"
            " been as good."
        )
    return "\n".join(parts)


def sensitivity(analysis: Analysis) -> str:
    """Each assumption's low and high."""
    places = digits(analysis.results)
    lines = [
        [
            f"{visible(each.scenario, 24)}: {each.assumption.replace('_', ' ')}",
            each.low, _amount(each.cost_low, places), each.high, _amount(each.cost_high, places),
        ]
        for each in analysis.outlook.swings
    ]  # fmt: skip
    currency = analysis.view.currency
    return table(["If it were otherwise", "at", f"cost {currency}", "at", f"cost {currency}"], lines) if lines else ""


def off_peak(analysis: Analysis) -> str:
    """What waiting saves."""
    peak = sum(
        (row["cost"] for row in analysis.answers["windows"].iter_rows(named=True) if row["price_window"] == "peak"),
        Decimal(0),
    )
    if not peak and not analysis.outlook.shifts:
        return ""
    places, currency = digits(analysis.results), analysis.view.currency
    found = {(each.endpoint, each.wait): each.saving for each in analysis.outlook.shifts}
    waits = sorted({wait for _, wait in found})
    longest = waits[-1] if waits else timedelta(0)
    names = sorted({name for name, _ in found}, key=lambda name: (-found.get((name, longest), Decimal(0)), name or ""))
    lines = [
        [
            "(none named)" if name is None else visible(name),
            *(_amount(found.get((name, wait), Decimal(0)), places) for wait in waits),
        ]
        for name in names[:ROWS]
    ]
    lines += _more(len(names), 1 + len(waits))
    sentences = []
    if peak:
        said = f"{priced(plain(peak, places), currency)} was paid at peak prices"
        # Peak prices are DeepSeek's alone, and twice those of its other hours (deepseek.toml). Own prices may not be.
        if not analysis.own_prices:
            said += f"; other hours of the same list save half of it, {priced(plain(peak / 2, places), currency)}"
        sentences.append(f"{said}.")
    if lines:
        sentences.append("Columns: saved if every request may wait so long, which may be until a cheaper price list.")
        if analysis.exported:
            sentences.append(exported_waits(analysis.exported))
    titles = [f"Waiting saves, {currency}", *(f"{wait // timedelta(hours=1)}h" for wait in waits)]
    return "\n".join([table(titles, lines), " ".join(sentences)] if lines else sentences)


def exported_waits(calls: int) -> str:
    """What is not known of rows of usage exports that wait."""
    one = "call of a usage export waits from the first instant of its bucket at its price"
    many = "calls of usage exports wait from the first instant of their bucket at their price"
    return (
        f"{counted(calls, one, many)}: of the rows of days, no log tells the hours, and short waits save more than is"
        " shown here."
    )


def _more(found: int, columns: int) -> list[list[str]]:
    """The line for what a table does not list."""
    return [[f"{found - ROWS:,} more", *[""] * (columns - 1)]] if found > ROWS else []


def _break_even(each: BreakEven) -> Sequence[str]:
    name = "all" if each.overall else "(none named)" if each.endpoint is None else visible(each.endpoint)
    return [
        name, pro_share(each, _part, "all"), _part(each.escalation_rate, "none", "any"),
        _part(each.hit_rate_flash, "any", "never"), _part(each.hit_rate_pro, "any", "never"),
        _ratio(each.output_ratio_flash), _ratio(each.output_ratio_pro),
    ]  # fmt: skip


def pro_share(each: BreakEven, told: Callable[[Fraction | None, str, str], str], most: str) -> str:
    """How much may be on Pro; where Pro is the cheaper one, how much has to be.

    Args:
        each: the break-even.
        told: a share in words, with those for one below 0 and for one above 1.
        most: the word for all that may be.
    """
    if each.pro_is_dearer:
        return told(each.pro_share, "none", most)
    least = told(each.pro_share, "any", "none")
    return f"from {least}" if least.endswith("%") else least


def _part(share: Fraction | None, under: str, over: str) -> str:
    if share is None:
        return "–"
    return under if share < 0 else over if share > 1 else f"{float(share) * 100:.1f}%"


def _ratio(ratio: Fraction | None) -> str:
    if ratio is None:
        return "–"
    return "never" if ratio < 0 else f"x {float(ratio):,.2f}"


def _share(part: int | None, whole: int) -> str:
    return rate(int(part or 0) / int(whole) if whole else None)


def _amount(amount: Decimal | None, places: int) -> str:
    return UNKNOWN if amount is None else plain(amount, places)
