"""Cost lines: the month as quantities and prices, down to what each price is for."""

from collections.abc import Mapping
from typing import Any

from analyzer.finance.review import Review
from analyzer.report.amounts import UNKNOWN
from analyzer.report.review.change import line_places
from analyzer.report.review.figures import money
from analyzer.report.review.listing import NAMELESS, Column, Kind, Listing
from analyzer.report.review.who import UNALLOCATED

MILLION = 1_000_000
OTHERS = "others"

# Names: the column of the relation, its title, and what a line without one says.
_NAMES = (
    ("endpoint", "Endpoint", NAMELESS),
    ("team", "Team", UNALLOCATED),
    ("cost_center", "Cost centre", UNALLOCATED),
    ("api_key_name", "Key", UNALLOCATED),
    ("model", "Model", NAMELESS),
    ("provider", "Provider", NAMELESS),
    ("service_tier", "Service tier", NAMELESS),
    ("serves", "Served by", NAMELESS),
    ("window", "Price window", UNKNOWN),
)
_ALWAYS = ("endpoint", "team", "model")

# Numbers: the column of the relation, its title, its kind, and whether it is left out where all of it is nothing.
_NUMBERS: tuple[tuple[str, str, Kind, bool], ...] = (
    ("requests", "Requests", "count", False),
    ("input_tokens", "Input tokens", "count", False),
    ("miss_tokens", "Cache misses", "count", False),
    ("read_tokens", "Cache hits", "count", False),
    ("write_tokens", "Cache writes", "count", True),
    ("write_1h_tokens", "of these for an hour", "count", True),
    ("output_tokens", "Output tokens", "count", False),
    ("reasoning_tokens", "of these reasoning", "count", True),
    ("p_miss", "Price of 1M misses", "price", False),
    ("p_read", "Price of 1M hits", "price", False),
    ("p_write", "Price of 1M writes", "price", True),
    ("p_write_1h", "Price of 1M writes for an hour", "price", True),
    ("p_output", "Price of 1M output", "price", False),
    ("p_request", "Price of a request", "price", True),
    ("miss_cost", "Cost of misses", "money", False),
    ("read_cost", "Cost of hits", "money", False),
    ("write_cost", "Cost of writes", "money", True),
    ("output_cost", "Cost of output", "money", False),
    ("other_cost", "Other cost", "money", True),
    ("cost", "Cost", "money", False),
)
# A price is of no use where nothing was bought at it.
_BOUGHT = {"p_write": "write_tokens", "p_write_1h": "write_1h_tokens"}


def cost_lines(review: Review) -> Listing | None:
    """The month's lines, the dearest first; None where nothing was called.

    Columns that hold nothing in any line are left out. Unknown is None.
    """
    rows = list(review.cost_lines.iter_rows(named=True))
    if not rows:
        return None
    names = [one for one in _NAMES if one[0] in _ALWAYS or any(row[one[0]] is not None for row in rows)]
    numbers = [one for one in _NUMBERS if not one[3] or any(row[_BOUGHT.get(one[0], one[0])] for row in rows)]
    lines = tuple(
        (
            *_words(row, [(name, nameless) for name, _, nameless in names]),
            *(_number(row, one[0], one[2]) for one in numbers),
        )
        for row in rows
    )
    total = ("in all", *[""] * (len(names) - 1), *(_total(rows, name, kind) for name, _, kind, _ in numbers))
    return Listing(
        "cost-lines",
        f"Quantities, prices and costs of {review.month}, {review.analysis.view.currency}",
        (*(Column(title, "name") for _, title, _ in names), *(Column(title, kind) for _, title, kind, _ in numbers)),
        lines,
        total=total,
        places=line_places(review),
        note=_note(rows),
    )


def _words(row: Mapping[str, Any], names: list[tuple[str, str]]) -> list[str]:
    if not row["alone"]:
        return [OTHERS, *["various"] * (len(names) - 1)]
    return [nameless if row[name] is None else row[name] for name, nameless in names]


def _number(row: Mapping[str, Any], name: str, kind: Kind) -> object:
    value = row[name]
    if kind == "price" and not row["alone"]:
        return ""  # many prices, none of its own
    if value is None or kind == "count":
        return None if value is None else int(value)
    return money(int(value) * (1 if kind == "money" or name == "p_request" else MILLION))


def _total(rows: list[dict[str, Any]], name: str, kind: Kind) -> object:
    if kind == "price":
        return ""
    known = [int(row[name]) for row in rows if row[name] is not None]
    if not known:
        return None
    return sum(known) if kind == "count" else money(sum(known))


def _note(rows: list[dict[str, Any]]) -> str:
    said = (
        "Where a log does not tell which input came from the cache, all of it costs as misses. Other cost is that of"
        " requests themselves and of what is billed apart."
    )
    if not rows[-1]["alone"]:
        alone, more = len(rows) - 1, rows[-1]["lines"]
        said += f" The {alone:,} dearest lines stand alone; {more:,} more are one line at the end, {OTHERS}."
    return said
