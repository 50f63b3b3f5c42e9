"""What tests of variances share: cells of a few calls, and what drove a change."""

from collections.abc import Iterable

from analyzer.finance.cell import Cell
from analyzer.finance.variance import Driver


def amounts(drivers: Iterable[Driver]) -> dict[str, int]:
    """The drivers that drove anything."""
    return {driver.name: driver.amount for driver in drivers if driver.amount}


def total(some: Iterable[Cell]) -> int:
    return sum(cell.cost for cell in some)


def output(
    requests: int, tokens: int, price: int, endpoint: str = "/a", line: str = "flash", window: str = "all"
) -> Cell:
    """Calls that wrote so many tokens in all, and nothing else."""
    return Cell(endpoint, line, window, requests, output_tokens=tokens, output_cost=tokens * price)
