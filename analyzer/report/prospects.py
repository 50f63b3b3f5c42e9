"""What follows from the scenarios, as tables: bridges, sensitivity, break-evens, advice, waiting, the cache's test."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from analyzer.report.against import against, digits
from analyzer.report.amounts import UNKNOWN, plain, plus, rate, shown
from analyzer.report.cells import amount, signed
from analyzer.report.figures.bridge import DRIVERS, driver
from analyzer.report.figures.curves import percent
from analyzer.report.figures.swings import ASSUMPTIONS
from analyzer.report.outlook import exported_waits, pro_share
from analyzer.report.sections import word
from analyzer.report.table import Cell, Row, Table, name
from analyzer.simulate.analysis import Analysis
from analyzer.simulate.breakeven import BreakEven
from analyzer.simulate.outlook import PlanBreakEven

BESIDE = 50  # lines of a table beside that of the endpoints, which lists more
_VERDICTS = {"flash": "Flash", "pro": "Pro", "either": "either", "not enough data": "not enough data"}


def bridges(analysis: Analysis) -> str:
    """The steps from what was spent to each scenario; a line adds up to the difference."""
    found = analysis.outlook.bridges
    steps = {name_: {driver(step): step.amount for step in each} for name_, each in found.items() if each}
    words = [driver_ for driver_ in DRIVERS.values() if any(driver_ in each for each in steps.values())]
    words += sorted({driver_ for each in steps.values() for driver_ in each} - set(words))
    places = digits(analysis.results)
    lines: list[Row] = []
    for result in analysis.results[1:]:
        own = steps.get(result.scenario.name)
        if own is None:
            continue
        present = [driver_ for driver_ in words if driver_ in own]
        whole = against(result, analysis.actual, places)
        texts = dict(zip(present, shown([own[driver_] for driver_ in present], places, whole), strict=True))
        cells = [plus(texts[driver_]) if driver_ in texts else "" for driver_ in words]
        lines.append([result.scenario.name, *cells, signed(whole, places)])
    titles = ["Scenario", *(driver_.capitalize() for driver_ in words), "Against actual"]
    caption = f"Bridge from what was spent to each scenario, {analysis.view.currency}; the steps of a line add up"
    return Table("bridges", caption, titles, lines, query="what_if").html()


def swings(analysis: Analysis) -> str:
    """Each assumption at both of its ends, one at a time."""
    places, currency = digits(analysis.results), analysis.view.currency
    lines: list[Row] = [
        [
            swing.scenario, ASSUMPTIONS[swing.assumption], swing.low, amount(swing.cost_low, places),
            swing.high, amount(swing.cost_high, places),
        ]
        for swing in analysis.outlook.swings
    ]  # fmt: skip
    titles = ["Scenario", "Assumption", "At one end", f"Cost, {currency}", "At the other", f"Cost, {currency}"]
    return Table("sensitivity", "Sensitivity: one assumption at a time", titles, lines, query="what_if").html()


def break_evens(analysis: Analysis) -> str:
    """Where choices cost the same, overall and by endpoint; empty where nothing has a price."""
    by_name = {each.endpoint: each for each in analysis.outlook.break_evens if not each.overall}
    overall = [each for each in analysis.outlook.break_evens if each.overall and each.actual is not None]
    if not overall:
        return ""
    order = analysis.answers["endpoints"]["endpoint"].head(BESIDE)
    lines: list[Row] = [_break_even(name(each), by_name[each]) for each in order if each in by_name]
    rest = len(by_name) - len(lines)
    foot: list[Row] = [[f"{rest:,} more", *["–"] * 6]] if rest else []
    foot += [_break_even("All together", each) for each in overall]
    titles = [
        word(analysis).capitalize(), "Share of Pro", "Escalations", "Hit rate on Flash", "Hit rate on Pro",
        "Outputs on Flash, ×", "Outputs on Pro, ×",
    ]  # fmt: skip
    caption = "Break-even: where it costs as much as what was spent (escalations: as much as Pro alone)"
    return "<h3>Break-evens</h3>" + Table("break-evens", caption, titles, lines, foot, "what_if", cut=True).html()


def _break_even(first: str, found: BreakEven) -> list[str]:
    return [
        first,
        pro_share(found, _share, "any"),
        _share(found.escalation_rate, "none", "any"),
        _share(found.hit_rate_flash, "any", "none"),
        _share(found.hit_rate_pro, "any", "none"),
        _times(found.output_ratio_flash),
        _times(found.output_ratio_pro),
    ]


def _share(value: Fraction | None, below: str, above: str) -> str:
    """A share as percent; outside of 0 to 1, whether every share pays or none does."""
    if value is None:
        return "–"
    return below if value < 0 else above if value > 1 else percent(value)


def _times(value: Fraction | None) -> str:
    """How many times as long outputs may get; none, where it costs more without any."""
    return "–" if value is None else "none" if value < 0 else f"{Decimal(round(value * 100)).scaleb(-2):,.2f}"


def advice(analysis: Analysis) -> str:
    """What a published guide says of each endpoint's own data; empty where it says nothing."""
    found = analysis.outlook.advice
    if not found:
        return ""
    places, currency = digits(analysis.results), analysis.view.currency
    lines: list[Row] = [
        [
            name(each.endpoint),
            Cell(_VERDICTS[each.verdict], note=each.test),
            Cell(each.evidence[0] if each.evidence else "–", note="; ".join(each.evidence[1:])),
            UNKNOWN if each.at_stake is None else signed(each.at_stake, places),
        ]
        for each in found[:BESIDE]
    ]
    foot: list[Row] = [[f"{len(found) - BESIDE:,} more", "", "", ""]] if len(found) > BESIDE else []
    titles = [word(analysis).capitalize(), "The guide says", "Evidence", f"At stake in 30 days, {currency}"]
    caption = "What to test first: the most money at stake comes first"
    return Table("advice", caption, titles, lines, foot, "workloads", cut=True).html()


def waiting(analysis: Analysis) -> str:
    """What waiting for cheaper hours would have saved; empty where nothing would."""
    found = analysis.outlook.shifts
    if not found:
        return ""
    waits = sorted({shift.wait for shift in found})
    saved = {(shift.endpoint, shift.wait): shift.saving for shift in found}
    names = {shift.endpoint for shift in found}
    order = [each for each in analysis.answers["endpoints"]["endpoint"] if each in names]
    places = digits(analysis.results)
    lines: list[Row] = [
        # Each by itself: rounded together, more waiting would seem to save less now and then.
        [
            name(each),
            *(plain(saved.get((each, wait), Decimal(0)), places) for wait in waits),
        ]
        for each in order[:BESIDE]
    ]
    wholes = [sum((shift.saving for shift in found if shift.wait == wait), Decimal(0)) for wait in waits]
    rest = len(order) - BESIDE
    foot: list[Row] = [[f"{rest:,} more", *["–"] * len(waits)]] if rest > 0 else []
    foot += [[f"All {len(order):,}", *(plain(whole, places) for whole in wholes)]]
    titles = [
        word(analysis).capitalize(),
        *(f"Up to {wait // timedelta(hours=1)}\N{NO-BREAK SPACE}h" for wait in waits),
    ]
    caption = (
        f"What waiting for lower prices would have saved, by how long a request may wait, {analysis.view.currency}"
    )
    table = Table("waiting", caption, titles, lines, foot, "what_if", cut=True)
    note = f"<p>{exported_waits(analysis.exported)}</p>" if analysis.exported else ""
    return "<h3>If requests could wait</h3>" + table.html() + note


def self_test(analysis: Analysis) -> str:
    """The cache model against the history; empty where it can tell nothing."""
    rows = [row for row in analysis.outlook.self_test.iter_rows(named=True) if row["requests"]]
    if not rows:
        return ""
    lines: list[Row] = [
        [
            row["cache_basis"],
            f"{row['requests']:,}",
            f"{int(row['input_tokens']):,}",
            UNKNOWN if row["observed"] is None else f"{int(row['observed']):,}",
            f"{int(row['predicted']):,}",
            UNKNOWN if row["observed"] is None else rate(int(row["observed"]) / (int(row["input_tokens"]) or 1)),
            rate(int(row["predicted"]) / (int(row["input_tokens"]) or 1)),
        ]
        for row in rows
    ]
    titles = ["Known by", "Requests", "Input tokens", "Hits observed", "Hits predicted", "Rate observed", "Predicted"]
    caption = "How well the cache model of the scenarios tells the history as it was"
    return "<h3>The cache model against what happened</h3>" + Table("self-test", caption, titles, lines).html()


def plans(analysis: Analysis) -> str:
    """When subscriptions pay; empty where no scenario has one."""
    found = analysis.outlook.plans
    if not found:
        return ""
    places = digits(analysis.results)
    lines: list[Row] = [
        [
            plan.scenario,
            amount(plan.fee, places),
            amount(plan.replaced, places),
            f"{plan.unpriced:,} of {plan.covered:,}",
            "–" if plan.volume is None else f"{_most(plan)}× {plan.volume:,.2f}",
            "–" if plan.requests_a_month is None else f"{_most(plan)}{plan.requests_a_month:,.0f}",
        ]
        for plan in found
    ]
    currency = analysis.view.currency
    titles = [
        "Scenario",
        f"Fee, {currency}",
        f"It replaces, {currency}",
        "Of these calls without a price",
        "It pays from this volume",
        "Requests a month",
    ]
    return "<h3>Subscriptions</h3>" + Table("plans", "When a subscription pays", titles, lines).html()


def _most(plan: PlanBreakEven) -> str:
    """Calls without a price may cost something, and so much less volume may be enough."""
    return "at most " if plan.unpriced else ""
