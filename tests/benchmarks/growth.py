"""``python -m tests.benchmarks.growth``: draws ``docs/growth.svg`` from the figures of a run of ``tests.benchmarks.load``."""

import csv
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

FIGURES = Path(__file__).with_name("growth.csv")
DRAWING = Path(__file__).parents[2] / "docs/growth.svg"
_STEPS = {"ingest": "#1f77b4", "analyze": "#d62728", "report": "#2ca02c", "simulate": "#9467bd"}
_WIDTH, _HEIGHT, _LEFT, _TOP = 360, 220, 55, 40


@dataclass(frozen=True)
class Step:
    """What one step took when the ledger had so many requests, of which an ingest had just brought ``new``."""

    requests: int
    name: str
    new: int
    cpu: float
    peak: int


def steps() -> list[Step]:
    """The figures of the run."""
    with FIGURES.open(newline="", encoding="utf-8") as file:
        return [
            Step(int(row["requests"]), row["step"], int(row["new"] or 0), float(row["cpu_s"]), int(row["peak_mb"]))
            for row in csv.DictReader(file)
        ]


def drawing(found: list[Step]) -> str:
    """Two panels: CPU seconds for a million requests, and peak memory, both by the size of the ledger."""
    panels = (
        ("CPU seconds for a million requests", 10.0, lambda one: one.cpu / (one.new or one.requests) * 1e6),
        ("peak memory, MB", 3000.0, lambda one: float(one.peak)),
    )
    width = len(panels) * (_WIDTH + _LEFT + 20)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_HEIGHT + 100}" font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{_HEIGHT + 100}" fill="#fff"/>',
    ]
    for place, (title, most, value) in enumerate(panels):
        parts += _panel(place * (_WIDTH + _LEFT + 20) + _LEFT, title, most, value, found)
    for place, (name, colour) in enumerate(_STEPS.items()):
        parts.append(f'<text x="{_LEFT + place * 90}" y="{_HEIGHT + 90}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(left: int, title: str, most: float, value: Callable[[Step], float], found: list[Step]) -> Iterator[str]:
    """Axes with their names, a line and its points for each step; the size of the ledger is on a scale of powers of ten."""
    bottom = _TOP + _HEIGHT

    def across(requests: int) -> float:
        return left + (math.log10(requests) - 6) / (math.log10(2e8) - 6) * _WIDTH

    yield f'<text x="{left}" y="{_TOP - 15}" font-weight="bold">{title}</text>'
    yield f'<path d="M{left} {_TOP}V{bottom}H{left + _WIDTH}" fill="none" stroke="#888"/>'
    for size in (1, 10, 50, 200):
        yield f'<text x="{across(size * 1_000_000):.0f}" y="{bottom + 16}" text-anchor="middle">{size}M</text>'
    for part in (0.0, 0.5, 1.0):
        yield f'<text x="{left - 6}" y="{bottom - part * _HEIGHT + 4:.0f}" text-anchor="end">{part * most:g}</text>'
    yield f'<text x="{left + _WIDTH / 2:.0f}" y="{bottom + 32}" text-anchor="middle">requests in the ledger</text>'
    for name, colour in _STEPS.items():
        points = [(across(one.requests), bottom - value(one) / most * _HEIGHT) for one in found if one.name == name]
        if points:
            line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            yield f'<polyline points="{line}" fill="none" stroke="{colour}"/>'
            yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>' for x, y in points)


if __name__ == "__main__":
    DRAWING.write_text(drawing(steps()), encoding="utf-8")
