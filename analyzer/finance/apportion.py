"""Apportioning: exact parts as whole units that add up to a whole one."""

from collections.abc import Sequence


def apportion(parts: Sequence[int], denominator: int, total: int) -> list[int]:
    """Round parts to whole units that add up to a total, which is their exact sum.

    All are cut toward zero; what is left over goes, unit by unit, to those that lost most in its direction, of equals
    to the first. With all signs turned the result is the same with its signs turned, and a part of 0 stays 0.
    """
    cut = [part // denominator if part >= 0 else -(-part // denominator) for part in parts]
    left = total - sum(cut)
    if left:
        sign = 1 if left > 0 else -1
        lost = [sign * (part - units * denominator) for part, units in zip(parts, cut, strict=True)]
        for place in sorted(range(len(parts)), key=lambda place: -lost[place])[: abs(left)]:
            cut[place] += sign
    return cut
