"""The colours of the report: contrast on their grounds, and far enough apart for colour-blind eyes.

Contrast by WCAG 2.2 (relative luminance). Colour blindness by Machado, Oliveira and Fernandes, "A Physiologically-based
Model for Simulation of Color Vision Deficiency" (2009), matrices for full severity; distances in CIELAB (1976).
"""

import math
import re
from itertools import combinations, pairwise

import pytest

from analyzer.report.script import asset

SEEN_AS = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
SERIES = [f"s{number}" for number in range(1, 9)]
TEXTS = ["ink", "soft", "accent", "less", "more"]


def themes() -> dict[str, dict[str, str]]:
    """Colours by name: of the light page, the dark one, and of paper."""
    blocks = re.findall(r":root[^{]*\{([^}]*)\}", asset("style.css"))
    light, dark, paper = ({**dict(re.findall(r"--(\w+): (#\w{6});", block))} for block in blocks)
    return {"light": light, "dark": {**light, **dark}, "paper": {**light, **paper}}


def linear(colour: str) -> list[float]:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def contrast(one: str, other: str) -> float:
    light = [0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in (linear(one), linear(other))]
    return (max(light) + 0.05) / (min(light) + 0.05)


def lab(colour: str, eyes: str) -> tuple[float, float, float]:
    red, green, blue = (
        min(1.0, max(0.0, sum(weight * part for weight, part in zip(row, linear(colour), strict=True))))
        for row in SEEN_AS[eyes]
    )
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    f = [part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z)]
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


def test_black_on_white_has_the_contrast_that_the_standard_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark", "paper"])
def test_series_stand_out_from_their_ground(theme: str) -> None:
    colours = themes()[theme]
    assert [name for name in SERIES if contrast(colours[name], colours["ground"]) < 3] == []


@pytest.mark.parametrize("theme", ["light", "dark", "paper"])
@pytest.mark.parametrize("ground", ["ground", "card"])
def test_texts_can_be_read(theme: str, ground: str) -> None:
    colours = themes()[theme]
    assert [name for name in TEXTS if contrast(colours[name], colours[ground]) < 4.5] == []


@pytest.mark.parametrize("theme", ["light", "dark", "paper"])
def test_the_palest_field_is_told_from_none_and_numbers_are_read_on_all(theme: str) -> None:
    """From little to much in three steps; where numbers stand in fields, these are of the first two."""
    colours = themes()[theme]
    assert contrast(colours["h1"], colours["ground"]) > 1.25
    assert min(contrast(colours["ink"], colours[field]) for field in ("h1", "h2")) >= 4.5
    steps = [contrast(colours[field], colours["ground"]) for field in ("h1", "h2", "h3")]
    assert all(more > 1.5 * less for less, more in pairwise(steps)), steps


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("eyes", SEEN_AS)
def test_series_are_told_apart_by_all_eyes(theme: str, eyes: str) -> None:
    """A distance of 2.3 is just noticeable; side by side in a stack, these have more than five times that."""
    colours = themes()[theme]
    near = {
        (one, other): distance
        for one, other in combinations(SERIES, 2)
        for distance in [math.dist(lab(colours[one], eyes), lab(colours[other], eyes))]
        if distance < 12
    }
    assert near == {}
