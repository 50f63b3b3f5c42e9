"""The version of a price book: what its figures are known by, in every output."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict

from analyzer.prices.own import Rate
from analyzer.prices.provider import Provider


def version(providers: Sequence[Provider], own: Sequence[Rate], others: str) -> str:
    """The latest day of checking, and a hash of all that decides a price.

    Args:
        providers: our price files.
        own: own prices over them.
        others: the version of the other providers' prices.
    """
    cards = [card for provider in providers for card in provider.cards]
    checked = max(price.checked for card in cards for price in card.prices.values())
    years = range(min(card.start for card in cards).year, checked.year + 2)
    calendars = {card.schedule.holidays for card in cards} - {None}
    days = {
        calendar.country: [day for year in years for day in sorted(calendar.days(year))]
        for calendar in calendars
        if calendar
    }
    content = [[_content(provider) for provider in providers], days, others, [asdict(rate) for rate in own]]
    canonical = json.dumps(content, sort_keys=True, default=_plain)
    return f"{checked:%Y.%m.%d}+{hashlib.sha256(canonical.encode()).hexdigest()[:4]}"


def _content(provider: Provider) -> list[object]:
    """Return what a price file says, in an order that its layout does not change."""
    cards = [
        [
            sorted(card.models),
            card.start,
            card.day_only,
            card.end,
            asdict(card.schedule),
            card.note,
            [asdict(price) for _, price in sorted(card.prices.items())],
        ]
        for card in provider.cards
    ]
    return [
        provider.id,
        provider.title,
        provider.currencies,
        [asdict(model) for model in provider.models],
        cards,
        [asdict(fee) for fee in provider.fees],
    ]


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else str(value)
