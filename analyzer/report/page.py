"""The HTML report: one file that works offline, loads nothing, and reads the same with scripts off."""

import errno
import os
from pathlib import Path
from string import Template

from analyzer.errors import OutputError
from analyzer.report import breakdown, figures, lengths, sections
from analyzer.report.script import allowed, asset, block, plotly, policy, styled
from analyzer.report.table import text
from analyzer.report.verdict import verdict
from analyzer.simulate.analysis import Analysis

_REMEDIES = {
    errno.ENOSPC: "free some space, or name another place with --report",
    errno.EDQUOT: "free some space, or name another place with --report",
    errno.EACCES: "name a place you may write to with --report",
    errno.EPERM: "name a place you may write to with --report",
    errno.EROFS: "name a place you may write to with --report",
    errno.ENOENT: "make its folder first, or name another place with --report",
    errno.ENOTDIR: "name a file in a folder with --report",
    errno.EISDIR: "name a file, not a folder, with --report",
    errno.ENAMETOOLONG: "name a shorter path with --report",
}


def write_report(analysis: Analysis, path: Path) -> None:
    """Write the report, whole or not at all: what was there stays until the new one is complete.

    Raises:
        OutputError: it could not be written.
    """
    page = render(analysis).encode()
    try:
        _write(page, path)
    except OSError as error:
        remedy = _REMEDIES.get(error.errno or 0, "name another place with --report")
        raise OutputError(f"{path}: the report could not be written: {error.strerror or error}", remedy) from error


def _write(page: bytes, path: Path) -> None:
    # A link is followed, so that it still points to the report afterwards.
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if target.exists() and not target.is_file():
        # A pipe or a device has nothing that could be replaced.
        target.write_bytes(page)
        return
    beside = target.with_name(f".spend-{os.getpid()}.tmp")
    try:
        beside.write_bytes(page)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def render(analysis: Analysis) -> str:
    """The report as text: the same for the same analysis, to the byte."""
    drawn = _figures(analysis) if analysis.actual.requests else {}
    style, app = asset("style.css"), asset("app.js")
    slots = {
        "period": text(sections.period(analysis)),
        "facts": sections.facts(analysis),
        "key_figures": sections.key_figures(analysis),
        "exactly": text(f"{sections.precise(analysis)} {analysis.view.currency}"),
        "verdict": text(verdict(analysis), 1000),
        "quality": sections.quality(analysis),
        "style": style,
        **_tables(analysis),
        **{f"figure_{name}": drawn[name][0] if name in drawn else "" for name in _NAMES},
        "scripts": "",
        "policy": "",
    }
    scripts = []
    if drawn:
        packed, bundle = plotly()
        scripts = [bundle, allowed(app)]
        data = block([figure for _, figure in drawn.values()])
        held = "".join(f'<template id="{text(ident)}"></template>' for ident in styled())
        slots["scripts"] = Template(asset("scripts.html")).substitute(figures=data, plotly=packed, app=app, held=held)
    slots["policy"] = policy(scripts or ["'none'"], style)
    return Template(asset("template.html")).substitute(slots)


_NAMES = ("scenarios", "costs", "hits", "input", "output")


def _tables(analysis: Analysis) -> dict[str, str]:
    """The sections that need at least one request."""
    asked = {
        "what_if": sections.what_if,
        "endpoints": breakdown.endpoints,
        "models": breakdown.models,
        "months": breakdown.months,
        "unpriced": breakdown.unpriced,
        "uncertain": breakdown.uncertain,
    }
    nothing = "" if analysis.actual.requests else "<p>No requests.</p>"
    found = {name: nothing or section(analysis) for name, section in asked.items()}
    return found if not nothing else {**found, "unpriced": "", "uncertain": ""}


def _figures(analysis: Analysis) -> dict[str, tuple[str, object]]:
    """Each figure that there is something to draw for: its place in the page, and what is drawn there."""
    answers, currency, word = analysis.answers, analysis.view.currency, sections.word(analysis)
    endpoints, histogram = answers["endpoints"], answers["token_histogram"]
    made = {
        "scenarios": figures.scenarios(analysis.results, currency),
        "costs": figures.cost_by_month(endpoints, answers["endpoints_by_month"], currency, word),
        "hits": figures.hit_rates(endpoints, word),
        "input": lengths.token_lengths(endpoints, histogram, "input", word),
        "output": lengths.token_lengths(endpoints, histogram, "output", word),
    }
    tables = {
        "scenarios": ("what-if", ""),
        "costs": ("monthly-costs", breakdown.monthly_costs(analysis)),
        "hits": ("endpoints", ""),
        "input": ("input-lengths", breakdown.token_lengths(analysis, "input")),
        "output": ("output-lengths", breakdown.token_lengths(analysis, "output")),
    }
    place = Template(asset("figure.html"))
    found: dict[str, tuple[str, object]] = {}
    for name, figure in made.items():
        if figure is None:
            continue
        drawing = figure.to_dict()
        # The page shows the title itself: there it wraps on a phone and is read aloud.
        title = text(drawing["layout"].pop("title")["text"])
        ident, table = tables[name]
        fold = f"<details><summary>The same as a table</summary>{table}</details>" if table else ""
        html = place.substitute(number=len(found), title=title, table=ident, fold=fold)
        found[name] = (html, drawing)
    return found
