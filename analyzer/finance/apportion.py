"""Apportioning: exact parts as whole numbers that add up to a whole one."""

from collections.abc import Sequence
from fractions import Fraction


def apportion(whole: int, parts: Sequence[Fraction]) -> list[int]:
    """Round parts whose sum is ``whole`` so that they still add up to it.

    Each is cut toward zero, and what is left goes, one unit each, to those that lost most in its direction; of equals
    to the first. So parts of the other sign come out the same, with the other sign.
    """
    cut = [int(part) for part in parts]  # toward zero
    left = whole - sum(cut)
    sign = 1 if left > 0 else -1
    lost = [(part - floor) * sign for part, floor in zip(parts, cut, strict=True)]
    for place in sorted(range(len(cut)), key=lambda place: -lost[place])[: abs(left)]:
        cut[place] += sign
    return cut
