"""A review in the terminal: 80 columns that say what a month came to, why, and who spent it."""

import textwrap
from collections.abc import Sequence

from analyzer.counted import counted
from analyzer.finance.adjustment import Adjustment
from analyzer.finance.review import Review
from analyzer.report.amounts import exact, places_for, plain, priced
from analyzer.report.listing import WIDTH, table
from analyzer.report.review.figures import money
from analyzer.report.review.listing import Column, Listing
from analyzer.report.review.sentences import known_until, verdict
from analyzer.report.review.tables import listings
from analyzer.report.verdict import uncertain_prices
from analyzer.report.visible import fitted, visible, width

_ROWS, _METRICS = 10, 20
# Which listings, and which of their columns, have room here; the page and the workbook have all.
_SHOWN: dict[str, tuple[int, ...]] = {
    "summary": (0, 1),
    "bridge": (0, 1),
    "budgets": (0, 1, 2, 3, 4, 6),
    "adjustments": (0, 1, 3, 4),
    "unit-economics": (0, 1, 2),
    "showback-team": (0, 1, 4, 5, 6),
    "showback-endpoint": (0, 1, 4, 5, 6),
    "anomalies": (0, 1, 3, 4, 5),
    "forecast-accuracy": (0, 2, 3, 4, 5),
    "scenarios": (0, 1, 2, 3, 4),
    "price-changes-in-force": (0, 1, 2),
    "reconciliation": (0, 1, 2),
}


def review_text(review: Review) -> str:
    """All of it, as text without colours."""
    parts = [_head(review), verdict(review)]
    found = {one.ident: one for one in listings(review)}
    parts += [_listing(found[ident], columns) for ident, columns in _SHOWN.items() if ident in found]
    parts.append(_foot(review))
    return "\n\n".join(_wrapped(part) for part in parts) + "\n"


def since_text(since: Adjustment, version: str) -> str:
    """What has become of a closed month, in a line or three."""
    lines = [f"spend: note: {since.month} is closed, with price book {since.price_book}; its review is as it was then"]
    if since.to_book:
        calls = f"{'+' if since.requests >= 0 else ''}{counted(since.requests, 'request')}"
        without = f" ({since.unpriced:,} without a price)" if since.unpriced > 0 else ""
        lines.append(f"  since then {calls}{without}, {_signed(since.late)}: to be booked in {since.booked_in}")
    if since.taken_in:
        lines.append(f"  what came late before was taken up in {', '.join(since.taken_in)}")
    if since.repriced:
        lines.append(f"  today's price book {version} would change it by {_signed(since.repriced)}; it does not")
    return "\n".join(lines) + "\n"


def _signed(units: int) -> str:
    amount = money(units)
    return f"{'+' if units > 0 else ''}{exact(amount)}"


def _head(review: Review) -> str:
    view, actual = review.analysis.view, money(review.actual)
    cost = "unknown" if actual is None else priced(plain(actual, places_for(actual)), view.currency)
    requests = review.units.requests if review.units else 0
    told = f"{cost} for {counted(requests, 'request')}"
    if not review.begun:
        told = ", ".join(filter(None, ("it has not begun", known_until(review))))
    elif not review.over:
        told += f", open: {known_until(review)}"
    elif not requests and actual is None:
        told = f"no call of {review.month} is logged"
    return (
        f"Review of {review.month}: {told}\n"
        f"{view.currency} list, days and months in {view.tz}, price book {review.analysis.price_book}"
    )


def _listing(listing: Listing, columns: tuple[int, ...]) -> str:
    if listing.columns[-2].title == "After sharing":
        columns = (0, 1, 4, len(listing.columns) - 3, len(listing.columns) - 2)
    texts = listing.texts()
    most = _METRICS if listing.columns[0].kind == "words" else _ROWS
    lines = [[_cell(row[place]) for place in columns] for row in texts[:most]]
    if len(texts) > most:
        lines.append([f"{len(texts) - most:,} more", *[""] * (len(columns) - 1)])
    total = listing.total_texts()
    if total:
        lines.append([_cell(total[place]) for place in columns])
    title = [_title(listing.columns[place]) for place in columns]
    if not title[0]:
        title[0] = listing.title.partition(",")[0]
    if _prose(listing, columns) is not None:
        return _sentences(listing, columns)
    return table(title, _fitted([listing.columns[place] for place in columns], title, lines))


def _fitted(columns: Sequence[Column], title: list[str], lines: list[list[str]]) -> list[list[str]]:
    """The lines, a name behind the first column cut to what the others leave: a table cuts the first one alone."""
    named = next((place for place, column in enumerate(columns) if place and column.kind == "name"), None)
    if named is None:
        return lines
    widths = [max(width(row[place]) for row in (title, *lines)) for place in range(len(columns))]
    room = WIDTH - 2 * (len(columns) - 1) - sum(each for place, each in enumerate(widths) if place != named)
    return [[fitted(cell, room) if place == named else cell for place, cell in enumerate(row)] for row in lines]


def _prose(listing: Listing, columns: tuple[int, ...]) -> int | None:
    """The place of a long text in the last column, which a table has no room for."""
    last = columns[-1]
    return last if listing.columns[last].kind == "words" and listing.ident == "price-changes-in-force" else None


def _sentences(listing: Listing, columns: tuple[int, ...]) -> str:
    rows = ["  ".join(_cell(row[place]) for place in columns) for row in listing.texts()[:_ROWS]]
    return "\n".join([listing.title, *rows])


def _title(column: Column) -> str:
    return column.title if column.kind in ("name", "words", "day") else column.title.lower()


def _cell(text: str) -> str:
    return visible(text)


def _foot(review: Review) -> str:
    c = review.analysis.counts
    doubtful, _ = uncertain_prices(review.analysis)
    more = (
        (doubtful, "of exports at an uncertain price"),
        (review.edge.requests, "of exports across the month's edge"),
    )
    said = "".join(f", {number:,} {what}" for number, what in more if number)
    return (
        f"{counted(c.records, 'record')} = {counted(c.requests, 'request')} + {counted(c.duplicates, 'duplicate')}"
        f" + {c.skipped:,} skipped"
        f" + {c.rejected:,} rejected. Of the month's calls: {c.unmeasured:,} unmeasured (without usage),"
        f" {c.unpriced:,} unpriced, {c.cache_unknown:,} with an unknown cache split{said}." + _idle(review)
    )


def _idle(review: Review) -> str:
    teams = ", ".join(visible(team, 60) for team in review.showback.idle)
    return f"\nNo call of team {teams}: there is nothing of it to share." if teams else ""


def _wrapped(text: str) -> str:
    return "\n".join(
        line if width(line) <= WIDTH else textwrap.fill(line, WIDTH, break_long_words=False, break_on_hyphens=False)
        for line in text.split("\n")
    )
