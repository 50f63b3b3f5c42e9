"""A scenario of the reader's own: the sums that the page computes with, and the form around them."""

from collections.abc import Mapping
from string import Template
from typing import Any

import polars as pl

from analyzer.report.against import digits
from analyzer.report.breakdown import LISTED
from analyzer.report.cells import share
from analyzer.report.period import period
from analyzer.report.script import asset, block
from analyzer.report.sections import word
from analyzer.report.table import middle_cut, name, text
from analyzer.report.visible import LONGEST, visible
from analyzer.simulate.analysis import Analysis
from analyzer.simulate.servings import FAMILIES

# Columns that the vocabulary of scenarios has a word for: only by those can a rule name an endpoint.
_KEYS = ("endpoint", "model", "api_key_name", "team", "operation", "user")
_SUMS = (
    "miss_tokens", "hit_tokens", "output_tokens", "miss_cost", "hit_cost", "all_missed_cost", "all_hit_cost",
    "output_cost", "write_cost", "request_cost",
)  # fmt: skip
_WAYS = ("serving", "priced_as", "moved", "compared")

Lines = dict[tuple[object, ...], list[int]]


def sliders(analysis: Analysis) -> str:
    """The form with its sums; empty where a family has no price for some of the requests."""
    lines = _by_endpoint(analysis)
    if not lines or not _whole(lines):
        return ""
    view, noun = analysis.view, word(analysis)
    data = {
        "currency": view.currency,
        "places": digits(analysis.results),
        "key": view.endpoint_by if view.endpoint_by in _KEYS else None,
        "period": period(analysis),
        "price_date": view.price_date.isoformat() if view.price_date else "in-force",
        "options": _options(analysis),
        "endpoints": _endpoints(analysis, lines),
    }
    hits = share(analysis.totals["cache_hit_rate"])
    return Template(asset("sliders.html")).substitute(
        currency=text(view.currency),
        word=text(noun),
        title=text(noun.capitalize()),
        hit_rate=f"{round((hits or 0) * 200) / 2:.1f}",
        data=block(data),
    )


def _by_endpoint(analysis: Analysis) -> dict[str | None, Lines]:
    found: dict[str | None, Lines] = {}
    for endpoint, *told in analysis.servings.lines.select(
        "endpoint", *_WAYS, pl.col(_SUMS).cast(pl.Int128)
    ).iter_rows():
        ways, sums = tuple(told[: len(_WAYS)]), told[len(_WAYS) :]
        found.setdefault(endpoint, {})[ways] = sums
    return found


def _whole(lines: Mapping[str | None, Lines]) -> bool:
    """Whether both families have a price for every request that has one in reality: then shares of them have a cost."""
    written = dict.fromkeys(("logged", *FAMILIES), 0)
    for each in lines.values():
        for (serving, _, _, compared), sums in each.items():
            written[str(serving)] += sums[_SUMS.index("output_tokens")] if compared else 0
    return len(set(written.values())) == 1


def _endpoints(analysis: Analysis, lines: Mapping[str | None, Lines]) -> list[dict[str, Any]]:
    """Costliest first, with a name of its own where a rule can tell it; all others together come last."""
    order = [each for each in analysis.answers["endpoints"]["endpoint"] if each in lines]
    listed = [each for each in order[:LISTED] if each is not None and len(each) <= LONGEST]
    alone = set(listed)
    others = [each for each in order if each not in alone]
    found: list[dict[str, Any]] = [{"name": each, "lines": _packed([lines[each]])} for each in listed]
    for each in found:
        shown = middle_cut(visible(each["name"]))
        if shown != each["name"]:
            each["shown"] = shown
    if others:
        said = name(None) if others == [None] else f"{len(others):,} more"
        found.append({"name": None, "shown": said, "lines": _packed([lines[each] for each in others])})
    return found


def _packed(parts: list[Lines]) -> list[list[object]]:
    """Lines as lists; sums are texts, since they are larger than a number of JSON can be."""
    pooled: Lines = {}
    for part in parts:
        for ways, sums in part.items():
            pooled[ways] = [one + other for one, other in zip(pooled.get(ways, [0] * len(sums)), sums, strict=True)]
    return [[*ways, *map(str, sums)] for ways, sums in sorted(pooled.items(), key=str)]


def _options(analysis: Analysis) -> str:
    """What the command line needs to look at the same requests in the same way, where it is not the default."""
    view = analysis.view
    said = [
        f"--currency {view.currency}" if view.currency != "USD" else "",
        f"--clock {view.clock}" if view.clock != "completion" else "",
        f"--endpoint-by {view.endpoint_by}" if view.endpoint_by != "endpoint" else "",
        f"--since {view.since:%Y-%m-%dT%H:%M:%SZ}" if view.since else "",
        f"--until {view.until:%Y-%m-%dT%H:%M:%SZ}" if view.until else "",
    ]
    return "".join(f" {word}" for word in said if word)
