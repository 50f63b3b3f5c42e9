"""Topics: which tables of a review stand on which sheet."""

from collections.abc import Iterable

from analyzer.report.review.listing import Listing

SUMMARY, CHECKS, COST_LINES = "Summary", "Checks", "Cost lines"

# In the order of the sheets; a sheet's tables stand one below the other.
_TOPICS = {
    SUMMARY: ("summary",),
    "Bridge": ("bridge", "price-volume-mix"),
    "Bridge by endpoint": ("bridge-endpoints",),
    "Unit economics": ("unit-economics",),
    "By team": ("showback-team",),
    "By cost centre": ("showback-cost-center",),
    "By endpoint": ("showback-endpoint",),
    "By key": ("showback-api-key-name",),
    "By model": ("showback-model",),
    "Budgets": ("budgets", "flexible-budget"),
    "Forecast": ("forecast-accuracy", "forecast"),
    "Anomalies": ("anomalies",),
    "Months": ("months",),
    "Scenarios": ("scenarios",),
    "Price changes": ("price-changes-in-force",),
    "Reconciliation": ("reconciliation", "reconciliation-lines"),
    "Adjustments": ("adjustments",),
    COST_LINES: ("cost-lines",),
    "Data quality": ("data-quality",),
    CHECKS: (),
    "Notes": ("notes",),
}


def topics(listings: Iterable[Listing]) -> dict[str, tuple[Listing, ...]]:
    """The sheets that there is something to show on, in order; a table that has no sheet here gets one of its own."""
    found = {one.ident: one for one in listings if one.rows}
    sheets = {sheet: tuple(found.pop(ident) for ident in idents if ident in found) for sheet, idents in _TOPICS.items()}
    own = {ident.replace("-", " ").capitalize()[:31]: (one,) for ident, one in found.items()}
    last = {name: sheets.pop(name) for name in (CHECKS, "Notes")}
    return {name: tables for name, tables in (sheets | own | last).items() if tables or name in (SUMMARY, CHECKS)}


def table_name(listing: Listing) -> str:
    """What a table is called in formulas: ASCII letters, unlike a cell's address."""
    return "".join(word.capitalize() for word in listing.ident.split("-")) + "Table"
