"""A review on the page: its own first screen and sections, before those of the analysis of the same month."""

from collections.abc import Sequence
from decimal import Decimal

from analyzer.counted import counted
from analyzer.finance.review import Review
from analyzer.report.against import against, at_worst
from analyzer.report.amounts import UNKNOWN, percent, plain, priced, trace
from analyzer.report.answer import certainty
from analyzer.report.glossary import linked
from analyzer.report.panel import Panel
from analyzer.report.review.change import difference, places
from analyzer.report.review.drawing import days, months, waterfall
from analyzer.report.review.figures import money
from analyzer.report.review.listing import Listing, opened
from analyzer.report.review.sentences import known_until, standing, verdict
from analyzer.report.review.tables import listings
from analyzer.report.sections import card
from analyzer.report.table import Cell, Row, Table, text

NAMES = ("review_bridge", "review_days", "review_months")
_OTHERWISE = {"months": "review-months"}  # ids that the analysis on the same page has, too
LISTED = 200  # lines of a table; the rest is one line
# The sections, and the tables and figures that stand in each.
_SECTIONS = (
    ("why", "Why it changed", ("bridge", "bridge-endpoints", "price-volume-mix")),
    (
        "plan",
        "Plan and outlook",
        ("budgets", "flexible-budget", "review_days", "forecast", "forecast-accuracy", "adjustments"),
    ),
    ("units", "What a unit of work cost", ("unit-economics", "review_months", "months")),
    (
        "who",
        "Who spent it",
        ("showback-team", "showback-cost-center", "showback-endpoint", "showback-api-key-name", "showback-model"),
    ),
    ("odd", "Out of the ordinary", ("anomalies",)),
    ("bill", "The bill", ("reconciliation", "reconciliation-lines")),
    ("trust", "How far to trust it", ("data-quality", "notes")),
)  # fmt: skip
_FOLDED = {"forecast", "price-volume-mix", "reconciliation-lines"}  # long, or for who wants to know more


def heading(review: Review) -> str:
    """The page's title."""
    return f"LLM spend, review of {review.month}{'' if review.over else ', open'}"


def panels(review: Review) -> list[Panel]:
    """The figures that there is something to draw for."""
    currency = review.analysis.view.currency
    drawn = [
        Panel(
            "review_bridge",
            waterfall(review),
            "The cost of a month is the product of how many requests there were, which endpoints they were for, which"
            " models served them, how long they were, how much of the input was cached, when they were made and what a"
            " token cost. Each driver's part is what its change adds on average over all orders in which they may"
            " change.",
            "entries",
            "bridge",
        ),
        Panel(
            "review_days",
            days(review, currency),
            "What each day cost, and what is expected of the days to come: the usage of the same hours of the weeks"
            " before, at the prices that will be in force.",
            "entries",
            "forecast",
        ),
        Panel(
            "review_months",
            months(review, currency),
            "The cost of each month that the ledger knows, in the reporting zone; of an open one, the forecast, too.",
            "month_sums",
            _OTHERWISE["months"],
        ),
    ]
    return [panel for panel in drawn if panel.figure is not None]


def first_screen(review: Review, bridge: str) -> str:
    """What a reader sees first: the figures, why, and the way from last month to this."""
    cards = "".join(card(*each) for each in _cards(review))
    told = certainty(review.analysis)
    sure = f'<p class="also">{told}</p>\n' if told else ""
    return f'<dl class="cards">{cards}</dl>\n<p class="verdict">{text(verdict(review), 1000)}</p>\n{sure}{bridge}'


def links(review: Review) -> str:
    """The links to the review's sections."""
    found = {one.ident for one in listings(review)}
    return "\n".join(f'<a href="#{ident}">{text(title)}</a>' for ident, title, parts in _SECTIONS if found & set(parts))


def sections(review: Review, drawn: dict[str, str]) -> str:
    """The sections, each with its figures and tables; those without any are left out."""
    found = {one.ident: one for one in listings(review)}
    mine = {
        name: drawn[name] for name in NAMES if name in drawn
    }  # other figures of the page may be called as a table is
    out = []
    for ident, title, parts in _SECTIONS:
        inside = [
            mine[part] if part in mine else _table(found[part]) for part in parts if part in mine or part in found
        ]
        if inside and found.keys() & set(parts):
            out.append(f'<section>\n<h2 id="{ident}">{text(title)}</h2>\n{"".join(inside)}</section>\n')
    return "\n".join(out)


def _cards(review: Review) -> list[tuple[str, str, str]]:
    digits = places(review)

    def shown(units: int | None) -> str:
        value = money(units)
        return UNKNOWN if value is None else priced(plain(value, digits), review.analysis.view.currency)

    change, before, planned, ahead = difference(review), money(review.previous), review.whole_budget, review.forecast
    requests = review.units.requests if review.units else 0
    note = counted(requests, "request") if review.begun else "the month has not begun"
    if not review.over:
        note = ", ".join(filter(None, (note, known_until(review))))
    so_far = " so far" if review.begun and not review.over else ""
    cards = [(f"Spent{so_far}", shown(review.actual), note)]
    moved = UNKNOWN if change is None else _signed(change, review)
    share = percent(money(review.difference), before)
    cards.append((f"Against {review.month.previous()}", moved, f"{share} of {shown(review.previous)}"))
    if planned:
        cards.append(("Budget", shown(planned.amount), standing(review, planned, "left")))
    else:
        cards.append(("Budget", "none set", "[budget] in spend.toml sets one"))
    if ahead:
        span = f"{shown(ahead.low)} to {shown(ahead.high)}" if ahead.low is not None else f"by {ahead.method}"
        cards.append(("Forecast", shown(ahead.amount), span))
    best = min(
        (one for one in review.analysis.results[1:] if one.difference is not None),
        key=lambda one: one.difference or Decimal(0),
        default=None,
    )
    if best is not None and best.difference is not None and best.difference < 0:
        less, currency = against(best, review.analysis.actual, digits), review.analysis.view.currency
        saving = priced(plain(-less, digits), currency) if less else trace(digits, currency)
        worst = at_worst(best, review.analysis.actual, digits)
        warm = " and caches warm" if worst is not None and worst >= 0 else ""
        cards.append(("Might have saved", saving, f"as {best.scenario.name}, if answers had been as good{warm}"))
    return cards[:5]


def _signed(amount: Decimal, review: Review) -> str:
    told = priced(plain(amount, places(review)), review.analysis.view.currency)
    return f"+{told}" if amount > 0 else told


def _table(listing: Listing) -> str:
    rows = [_row(listing, row, texts) for row, texts in zip(listing.values(), listing.texts(), strict=True)]
    titles = [column.title for column in listing.columns]
    # A column without a word in it says nothing; a cost stands beside its name, where it is seen on a phone, too.
    kept = [place for place in range(len(titles)) if not rows or any(_words(row[place]) for row in rows)]
    kept.sort(key=lambda place: (place > 0, titles[place] != "Cost", place))

    def seen(lines: Sequence[Row]) -> list[Row]:
        return [[line[place] for place in kept] for line in lines]

    table = Table(
        _OTHERWISE.get(listing.ident, listing.ident),
        listing.title,
        [titles[place] for place in kept],
        seen(rows[:LISTED]),
        foot=seen(_foot(listing)),
    ).html()
    note = f'<p class="note">{linked(text(listing.note, 2000))}</p>' if listing.note else ""
    if listing.ident in _FOLDED:
        return f"<details><summary>{text(listing.title)}</summary>{table}{note}</details>\n"
    return f"{table}{note}\n"


def _words(cell: str | Cell) -> str:
    return cell.text if isinstance(cell, Cell) else cell


def _row(listing: Listing, values: list[object], texts: list[str]) -> Row:
    cells: list[str | Cell] = []
    for value, shown, column in zip(values, texts, listing.columns, strict=True):
        inner = opened(value, column.kind)
        tone = ""
        if inner.kind == "change" and isinstance(inner.value, Decimal) and listing.ident not in _NEUTRAL:
            tone = "more" if inner.value > 0 else "less" if inner.value < 0 else ""
        cells.append(Cell(shown, tone=tone))
    return cells


_NEUTRAL = {"budgets", "summary", "showback-team"}  # there more is not worse


def _foot(listing: Listing) -> list[Row]:
    lines: list[Row] = []
    rows = listing.values()
    if len(rows) > LISTED:
        rest = rows[LISTED:]
        cells = [f"{len(rest):,} more"]
        for place, column in enumerate(listing.columns[1:], 1):
            inside = [opened(row[place], column.kind).value for row in rest]
            known = [Decimal(value) for value in inside if isinstance(value, (int, Decimal))]
            adds = column.kind in ("count", "money", "change") and known
            whole = sum(known, Decimal(0))
            cells.append(listing.text(int(whole) if column.kind == "count" else whole, column.kind) if adds else "")
        lines.append(cells)
    totals = listing.total_texts()
    return [*lines, totals] if totals else lines
