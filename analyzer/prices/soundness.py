"""Whether own prices are sound: not as they are written alone, but laid over the lists that they mean."""

from contextlib import suppress
from fnmatch import filter as matching

from analyzer.errors import PriceError
from analyzer.prices.book import Book
from analyzer.prices.naming import Sold


def prove(book: Book) -> None:
    """Lay every own price over the lists of our models that its name means, or over that of another of this name.

    Raises:
        UsageError: a discount makes a price finer than can be counted.
    """
    for rate in book.own:
        for name in matching(book.models(), rate.model) or [rate.model]:
            with suppress(PriceError):  # nobody lists it: the entry stands alone
                book.history(Sold(name, rate.provider, rate.service_tier), rate.currency)
