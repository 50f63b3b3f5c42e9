"""Whether an own price is laid over anything: one by which nothing is priced may be a slip of the pen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase

from analyzer.errors import UsageError
from analyzer.prices.book import Book
from analyzer.prices.card import FAMILIES
from analyzer.prices.naming import Sold
from analyzer.prices.offer import EVER
from analyzer.prices.own import Rate

_EARLIEST = datetime.min.replace(tzinfo=UTC)
_MARK = "\0"  # no place in a file


@dataclass(frozen=True, slots=True)
class Use:
    """What was called, or would be.

    Attributes:
        sold: the words for it.
        start: when first.
        end: the first instant after that.
        target: it is a scenario's target.
    """

    sold: Sold
    start: datetime
    end: datetime
    target: bool = False


def without_effect(
    book: Book, rates: Sequence[Rate], uses: Sequence[Use], currency: str, price_date: date | None
) -> list[Rate]:
    """The own prices by which nothing is priced, were they the last to be laid, and held all the time.

    An entry of another time is no slip: a price list holds many. Neither is one in another currency that stands beside
    one in this currency under the same name.

    Args:
        book: what they are laid over.
        rates: in their order.
        uses: what has to be priced.
        currency: in which list.
        price_date: price with the cards of this day; None with those in force.
    """
    named = [(use, _names(book, use.sold)) for use in uses]
    here = {rate.model for rate in rates if rate.currency == currency}
    found = []
    for place, rate in enumerate(rates):
        if rate.currency != currency and rate.model in here:
            continue
        laid = book.over((*rates[:place], replace(rate, where=_MARK, start=_EARLIEST, end=EVER)))
        if not any(_means(rate, use, names) and _lies(laid, use, currency, price_date) for use, names in named):
            found.append(rate)
    return found


def is_known_elsewhere(rate: Rate, book: Book, uses: Iterable[Use]) -> bool:
    """Whether an own price is for something that has a list price, and that none of some uses is.

    Args:
        rate: the own price.
        book: the lists.
        uses: what has to be priced.
    """
    if any(_means(rate, use, _names(book, use.sold)) for use in uses):
        return False
    if book.knows(Sold(rate.model, rate.provider)):
        return True
    if not set("*?[") & set(rate.model):
        return False
    names = (*book.models(), *(name.partition("/")[2] for name in book.other_models()))
    return any(book.knows(Sold(name, rate.provider)) for name in names if fnmatchcase(name.lower(), rate.model))


def _names(book: Book, sold: Sold) -> set[str]:
    """By which names own prices may call what was called, at some time."""
    mine = {model for _, model in book.identities(sold)}
    ours = (*book.models(), *FAMILIES) if mine else ()
    return {sold.model.lower(), *(name for name in ours if mine & {model for _, model in book.identities(Sold(name))})}


def _means(rate: Rate, use: Use, names: Iterable[str]) -> bool:
    """Whether it is for what is used, in whatever currency."""
    return any(rate.covers(replace(use.sold, model=name), rate.currency) for name in names)


def _lies(laid: Book, use: Use, currency: str, price_date: date | None) -> bool:
    """Whether any price of what is used is the one that is marked."""
    sold = use.sold
    try:
        found = (
            laid.target(sold.model, currency, use.start, use.end, price_date=price_date)
            if use.target
            else laid.logged(
                sold.model,
                currency,
                use.start,
                use.end,
                price_date=price_date,
                provider=sold.provider,
                service_tier=sold.service_tier,
            )
        )
    except UsageError:  # discounts that never meet, laid over each other here, are too fine: but they do lie there
        return True
    return any(one.source == _MARK for one in found)
