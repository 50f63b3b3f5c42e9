"""Chance that falls the same way every time.

All of it comes from `Random.random()` and whole numbers: nothing else in `random`, and no float function, is
promised to give the same digits on every machine and in every version of Python.
"""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

Item = TypeVar("Item")


class Dice:
    """A source of chance. Each service throws its own, so that a change to one leaves the others as they were."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random

    def between(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + int(self._random() * (high - low + 1))

    def once_in(self, times: int) -> bool:
        """True once in so many throws."""
        return self.between(1, times) == 1

    def pick(self, items: Sequence[Item]) -> Item:
        """One of the items."""
        return items[self.between(0, len(items) - 1)]

    def about(self, usual: int) -> int:
        """A size near the usual one, with the long tail that sizes of texts have."""
        size = self.between(usual // 2, usual * 5 // 4)
        while self.once_in(6):
            size = size * 8 // 5
        return size

    def hex(self, digits: int) -> str:
        """So many hexadecimal digits."""
        return "".join(self.pick("0123456789abcdef") for _ in range(digits))

    def uuid(self) -> str:
        """A random UUID."""
        return f"{self.hex(8)}-{self.hex(4)}-4{self.hex(3)}-{self.pick('89ab')}{self.hex(3)}-{self.hex(12)}"
