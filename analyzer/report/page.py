"""The HTML report: one file that works offline, loads nothing, and reads the same with scripts off."""

import errno
import os
from pathlib import Path
from string import Template

from analyzer.errors import OutputError
from analyzer.report import breakdown, prospects, sections
from analyzer.report.glossary import definitions
from analyzer.report.methods import methods
from analyzer.report.panel import rendered
from analyzer.report.panels import NAMES, panels
from analyzer.report.script import allowed, application, asset, block, plotly, policy, styled
from analyzer.report.sliders import sliders
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
    drawn, drawings = rendered(panels(analysis)) if analysis.actual.requests else ({}, [])
    style, app = asset("style.css"), application()
    slots = {
        "period": text(sections.period(analysis)),
        "facts": sections.facts(analysis),
        "key_figures": sections.key_figures(analysis),
        "exactly": text(f"{sections.precise(analysis)} {analysis.view.currency}"),
        "verdict": text(verdict(analysis), 1000),
        "quality": sections.quality(analysis),
        "glossary": definitions(),
        "methods": methods(),
        "style": style,
        **_tables(analysis),
        **{f"figure_{name}": drawn.get(name, "") for name in NAMES},
        "when_unpriced": "" if "hours" in drawn else "<p>No request has a price.</p>",
        "scripts": "",
        "policy": "",
    }
    scripts = []
    if drawn:
        packed, bundle = plotly()
        scripts = [bundle, allowed(app)]
        held = "".join(f'<template id="{text(ident)}"></template>' for ident in styled())
        slots["scripts"] = Template(asset("scripts.html")).substitute(
            figures=block(drawings), plotly=packed, app=app, held=held
        )
    slots["policy"] = policy(scripts or ["'none'"], style)
    return Template(asset("template.html")).substitute(slots)


def _tables(analysis: Analysis) -> dict[str, str]:
    """The sections that need at least one request; the what-if table says by itself that there is none."""
    asked = {
        "what_if": sections.what_if,
        "what_if_details": sections.what_if_details,
        "sliders": sliders,
        "break_evens": prospects.break_evens,
        "advice": prospects.advice,
        "waiting": prospects.waiting,
        "self_test": prospects.self_test,
        "plans": prospects.plans,
        "endpoints": breakdown.endpoints,
        "models": breakdown.models,
        "months": breakdown.months,
        "price_changes": breakdown.price_changes,
        "unpriced": breakdown.unpriced,
        "uncertain": breakdown.uncertain,
    }
    tables = {"inputs": breakdown.inputs(analysis)}
    if analysis.actual.requests:
        return {**tables, **{name: section(analysis) for name, section in asked.items()}}
    return {**tables, **dict.fromkeys(asked, ""), "what_if": "<p>No requests.</p>", "endpoints": "<p>No requests.</p>"}
