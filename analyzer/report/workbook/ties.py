"""Ties: what of a review's workbook must be equal to what, each as a check."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from analyzer.finance.review import Review
from analyzer.report.amounts import nearest
from analyzer.report.review.change import line_places, places
from analyzer.report.review.figures import money
from analyzer.report.review.who import WORDS, ident_of
from analyzer.report.workbook.checks import Check
from analyzer.report.workbook.cost_lines import MILLION
from analyzer.report.workbook.placed import Placed

# A class of tokens: its name, its cost, the columns of quantities and prices, and whether a product is taken off.
_Products = tuple[tuple[str, str, int], ...]
_CLASSES: tuple[tuple[str, str, _Products], ...] = (
    ("cache misses", "miss_cost", (("Cache misses", "Price of 1M misses", 1),)),
    ("cache hits", "read_cost", (("Cache hits", "Price of 1M hits", 1),)),
    (
        "cache writes",
        "write_cost",
        (
            ("Cache writes", "Price of 1M writes", 1),
            ("of these for an hour", "Price of 1M writes for an hour", 1),
            ("of these for an hour", "Price of 1M writes", -1),
        ),
    ),
    ("output", "output_cost", (("Output tokens", "Price of 1M output", 1),)),
)


def ties(review: Review, tables: Mapping[str, Placed]) -> tuple[Check, ...]:
    """All that can be checked in the tables that there are, by what they are called."""
    spent, counted = (*_spent(review, tables), *_ways(review, tables)), (*_requests(review, tables), *_records(tables))
    return (
        *spent,
        *counted,
        *_showbacks(review, tables),
        *_products(review, tables),
        *(check for placed in tables.values() for check in _totals(placed)),
    )


def _spent(review: Review, tables: Mapping[str, Placed]) -> Iterator[Check]:
    """What was spent in the month, wherever it stands."""
    actual, digits = money(review.actual), places(review)
    if actual is None:
        return
    whole = next((line for line, one in enumerate(review.budgets) if one.kind == "all"), None)
    cells = (
        ("summary", "spent in the month", 0, "Amount"),
        ("unit-economics", "cost of the month", 1, str(review.month)),
        ("months", "cost of the month", len(review.history) - 1, "Cost"),
        ("scenarios", "cost of actual use", 0, "Cost"),
        ("budgets", "spent of the budget for all", whole, "Spent"),
    )
    for ident, what, line, title in cells:
        placed = tables.get(ident)
        place = placed.place(title) if placed else None
        if placed is None or place is None or line is None:
            continue
        live = placed.amount(line, place)
        if live is not None:
            cell = placed.cell(line, place)
            yield Check(placed.sheet, what, cell, live, actual, nearest(actual, digits), places=digits)
    lines = tables.get("cost-lines")
    place = lines.place("Cost") if lines else None
    if lines is not None and place is not None:
        digits = line_places(review)
        formula, live = f"SUM({lines.column(place)})", lines.sum(place)
        shown = nearest(actual, digits)
        yield Check(lines.sheet, "all lines = spent in the month", formula, live, actual, shown, places=digits)


def _ways(review: Review, tables: Mapping[str, Placed]) -> Iterator[Check]:
    """From last month to this one, by every split of the change."""
    actual, digits, summary = money(review.actual), places(review), tables.get("summary")
    if actual is None or summary is None:
        return
    before = summary.amount(1, 1)
    for ident, what in (
        ("bridge", "last month + drivers"),
        ("price-volume-mix", "last month + price, volume and mix"),
        ("bridge-endpoints", "last month + endpoints"),
    ):
        placed = tables.get(ident)
        place = placed.place("Change") if placed else None
        if placed is None or place is None or before is None:
            continue
        formula = f"{summary.cell(1, 1)}+SUM({placed.column(place)})"
        live, shown = before + placed.sum(place), nearest(actual, digits)
        yield Check(placed.sheet, f"{what} = spent in the month", formula, live, actual, shown, places=digits)


def _requests(review: Review, tables: Mapping[str, Placed]) -> Iterator[Check]:
    """The month's requests, wherever they stand or add up."""
    if review.units is None:
        return
    exactly = review.units.requests
    for ident, line in (("unit-economics", 0), ("months", len(review.history) - 1)):
        placed = tables.get(ident)
        place = placed.place(str(review.month) if ident == "unit-economics" else "Requests") if placed else None
        if placed is not None and place is not None:
            live = placed.amount(line, place) or 0
            cell = placed.cell(line, place)
            yield Check(placed.sheet, "requests of the month", cell, live, exactly, exactly, "count")
    placed = tables.get("cost-lines")
    place = placed.place("Requests") if placed else None
    if placed is not None and place is not None:
        formula, live = f"SUM({placed.column(place)})", placed.sum(place)
        yield Check(placed.sheet, "all requests = those of the month", formula, live, exactly, exactly, "count")


def _showbacks(review: Review, tables: Mapping[str, Placed]) -> Iterator[Check]:
    """The month by each thing that it is charged to: one that is not in the workbook comes to nothing, and is no OK."""
    if review.units is None:
        return
    actual, digits, requests = money(review.actual), places(review), review.units.requests
    for dimension, word in WORDS.items():
        if dimension == "cost_center" and all(line.name is None for line in review.showback.lines[dimension]):
            continue
        placed = tables.get(ident_of(dimension))
        sheet = placed.sheet if placed else f"By {word}"
        formula, live = _summed(placed, "Requests")
        yield Check(sheet, "all requests = those of the month", formula, live, requests, requests, "count")
        if actual is not None:
            formula, live = _summed(placed, "Cost")
            shown = nearest(actual, digits)
            yield Check(sheet, "all lines = spent in the month", formula, live, actual, shown, places=digits)


def _summed(placed: Placed | None, title: str) -> tuple[str, Decimal]:
    place = placed.place(title) if placed else None
    return ("0", Decimal(0)) if placed is None or place is None else (f"SUM({placed.column(place)})", placed.sum(place))


def _records(tables: Mapping[str, Placed]) -> Iterator[Check]:
    """Every record ended in one way."""
    placed = tables.get("data-quality")
    if placed is None:
        return
    lines = {str(row[0]): line for line, row in enumerate(placed.values)}
    parts = [lines[name] for name in ("Requests", "Duplicates", "Skipped", "Rejected")]
    whole = int(placed.amount(lines["Records"], 1) or 0)
    formula, live = "+".join(placed.cell(line, 1) for line in parts), sum(placed.amount(line, 1) or 0 for line in parts)
    yield Check(placed.sheet, "requests and all else = records", formula, live, whole, whole, "count")


def _products(review: Review, tables: Mapping[str, Placed]) -> Iterator[Check]:
    """Quantities times prices against what they cost, over the lines that have prices of their own."""
    placed = tables.get("cost-lines")
    if placed is None or review.actual is None:
        return
    alone = sum(review.cost_lines["alone"])  # the first ones
    formulas, lives, costs = [], [], []
    for what, cost, products in _CLASSES:
        parts, live = [], Decimal(0)
        for quantity, price, sign in products:
            q, p = placed.place(quantity), placed.place(price)
            if q is None or p is None:
                continue
            cells = ",".join(placed.column(place, lines=alone) for place in (q, p))
            parts.append(f"{'-' if sign < 0 else '+'}SUMPRODUCT({cells})")
            live += sign * _product(placed, q, p, alone)
        if not parts:
            continue
        formulas.append(f"({''.join(parts).lstrip('+')})/{MILLION}")
        lives.append(live / MILLION)
        costs.append(money(sum(int(one) for one in review.cost_lines[cost][:alone] if one is not None)) or Decimal(0))
        yield _product_check(
            review, placed.sheet, f"{what}: quantity x price = cost", formulas[-1], lives[-1], costs[-1]
        )
    all_of_it = ("all token classes: quantity x price = cost", "+".join(formulas), sum(lives), sum(costs))
    yield _product_check(review, placed.sheet, *all_of_it)  # type: ignore[arg-type]


def _product_check(review: Review, sheet: str, what: str, formula: str, live: Decimal, cost: Decimal) -> Check:
    return Check(sheet, what, formula, live, cost, cost, places=line_places(review))


def _product(placed: Placed, quantity: int, price: int, lines: int) -> Decimal:
    found = Decimal(0)
    for line in range(lines):
        many, each = placed.amount(line, quantity), placed.amount(line, price)
        if many is not None and each is not None:
            found += many * each
    return found


def _totals(placed: Placed) -> Iterator[Check]:
    """Each column of money against its total."""
    listing = placed.listing
    exactly, shown = listing.total, listing.totals()
    if exactly is None or shown is None:
        return
    what = listing.title.rpartition(",")[0]
    for place, column in enumerate(listing.columns):
        whole, rounded = exactly[place], shown[place]
        if column.kind in ("money", "change") and isinstance(whole, Decimal) and isinstance(rounded, Decimal):
            formula, live = f"SUM({placed.column(place)})", placed.sum(place)
            words = f"{what}: {column.title[:1].lower()}{column.title[1:]}"
            yield Check(placed.sheet, words, formula, live, whole, rounded, column.kind, listing.places)
