"""The HTML report: one file that works offline, loads nothing, and reads the same with scripts off."""

from pathlib import Path
from string import Template

from analyzer.finance.review import Review
from analyzer.report import answer, bill, breakdown, prospects, sections
from analyzer.report.file import write
from analyzer.report.glossary import definitions
from analyzer.report.methods import methods
from analyzer.report.panel import rendered
from analyzer.report.panels import NAMES, panels
from analyzer.report.period import period
from analyzer.report.review import page as reviewed
from analyzer.report.script import allowed, application, asset, block, plotly, policy, styled
from analyzer.report.sliders import sliders
from analyzer.report.table import text
from analyzer.simulate.analysis import Analysis


def write_report(analysis: Analysis, path: Path) -> None:
    """Write the report, whole or not at all: what was there stays until the new one is complete.

    Raises:
        OutputError: it could not be written.
    """
    write(render(analysis).encode(), path, "--report", "report")


def render(analysis: Analysis, review: Review | None = None) -> str:
    """The report as text: the same for the same analysis, to the byte. With a review, it comes before the analysis."""
    shown = [*(reviewed.panels(review) if review else ()), *panels(analysis)] if analysis.period else []
    drawn, drawings = rendered(shown)
    style, app = asset("style.css"), application()
    tables = _tables(analysis)
    slots = {
        "heading": text(reviewed.heading(review) if review else "LLM spend"),
        "first_screen": _first_screen(analysis, tables["what_if"]),
        "review_links": "",
        "review": "",
        "period": text(period(analysis)),
        "facts": sections.facts(analysis),
        "basis": sections.basis(analysis),
        "bill": bill.bill(analysis),
        "quality": sections.quality(analysis),
        "glossary": definitions(),
        "methods": methods(review=review is not None),
        "style": style,
        "inputs": breakdown.inputs(analysis),
        "links": "",
        "sections": "",
        "scripts": "",
        "policy": "",
    }
    if analysis.period:
        slots["links"] = _links(tables["sliders"])
        slots["sections"] = Template(asset("sections.html")).substitute(
            {
                **tables,
                "what_if": tables["what_if"] if review else "",
                **{f"figure_{name}": drawn.get(name, "") for name in NAMES},
                "when_unpriced": "" if "hours" in drawn else "<p>No request has a price.</p>",
            }
        )
    if review:
        slots["first_screen"] = reviewed.first_screen(review, drawn.get("review_bridge", ""))
        slots["review_links"] = reviewed.links(review)
        slots["review"] = reviewed.sections(review, drawn)
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


def _first_screen(analysis: Analysis, what_if: str) -> str:
    return f'<dl class="cards">{sections.key_figures(analysis)}</dl>\n{answer.answers(analysis)}\n{what_if}'


# Where the analysis leads to; with no requests it has none of it.
_LINKS = {
    "where": "Where the money goes",
    "when": "When",
    "cache": "The prompt cache",
    "lengths": "Prompts and answers",
    "scenarios": "What if",
    "try": "Try it out",
    "next": "What to test next",
}


def _links(sliders_there: str) -> str:
    shown = [ident for ident in _LINKS if ident != "try" or sliders_there]
    return "".join(f'<a href="#{ident}">{text(_LINKS[ident])}</a>\n' for ident in shown)


def _tables(analysis: Analysis) -> dict[str, str]:
    """What needs at least one request."""
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
    return {name: section(analysis) if analysis.period else "" for name, section in asked.items()}
