"""Dated list prices: what a token of a model cost at an instant, in the provider's own currency lists.

The facts are the ``*.toml`` files beside this page, one provider each. :class:`Book` compiles them into
half-open UTC intervals of integer prices, in units of 1e-15 of the currency per token.
"""

from analyzer.prices.book import Book
from analyzer.prices.figure import UNITS_PER_CURRENCY, per_million
from analyzer.prices.interval import Interval
from analyzer.prices.naming import Sold
from analyzer.prices.own import Rate
from analyzer.prices.own import rates as own_rates
from analyzer.prices.period import Period

__all__ = ["UNITS_PER_CURRENCY", "Book", "Interval", "Period", "Rate", "Sold", "own_rates", "per_million"]
