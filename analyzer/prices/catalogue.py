"""The catalogue: what all our price files list, by the names of models and families."""

from collections.abc import Iterable
from datetime import date, datetime
from fnmatch import fnmatchcase

from analyzer.errors import PriceError
from analyzer.prices.card import FAMILIES, Card
from analyzer.prices.fee import with_fees
from analyzer.prices.interval import Interval, append, intervals
from analyzer.prices.naming import Sold, seller
from analyzer.prices.offer import Offer, Span, family_offer, midnight, offer_on
from analyzer.prices.others import ANY_CLIENT
from analyzer.prices.provider import Provider


class Catalogue:
    """Our price files together.

    Attributes:
        providers: the files, by the providers' ids.
        ids: the providers' ids.
        models: all models, by id.
        offers: what each model and each family cost and meant.
        sellers: who sells each of them; a family is sold by whoever sells its highest member.
    """

    def __init__(self, providers: Iterable[Provider]) -> None:
        self.providers = sorted(providers, key=lambda provider: provider.id)
        self.ids = frozenset(provider.id for provider in self.providers)
        self.models = {model.id: model for provider in self.providers for model in provider.models}
        self.offers = {name: offer for provider in self.providers for name, offer in provider.offers.items()}
        self.sellers = {name: provider for provider in self.providers for name in provider.offers}
        if len(self.models) < sum(len(provider.models) for provider in self.providers):
            raise PriceError("two price files name the same model", "Keep it in one of them.")
        for family in FAMILIES:
            members = [model for model in self.models.values() if model.family == family]
            if members:
                members.sort(key=lambda model: model.order, reverse=True)
                self.offers[family] = family_offer([self.offers[model.id] for model in members])
                self.sellers[family] = self.sellers[members[0].id]

    def find(self, sold: Sold) -> str | None:
        """The model or family that was called; None where another provider sold it, or no file lists it."""
        if sold.provider is not None and seller(sold.provider) not in {*self.ids, ANY_CLIENT}:
            return None
        prefix, slash, rest = sold.model.partition("/")
        name = rest if slash and prefix in self.ids else sold.model
        if name in self.offers:
            return name
        lowered = name.lower()
        if lowered in self.offers:
            return lowered
        for model in self.models.values():
            if lowered == model.id or any(fnmatchcase(lowered, pattern) for pattern in model.names):
                return model.id
        return None

    def intervals(
        self, name: str, currency: str, start: datetime, end: datetime, price_date: date | None, *, early: bool
    ) -> list[Interval]:
        """What a model or family costs by its list, clipped to ``[start, end)``.

        Args:
            name: the model or family.
            currency: which of the provider's lists.
            start: first instant, UTC.
            end: first instant after it, UTC.
            price_date: price with the card of this day; None with those in force.
            early: let the first card hold before it, too.
        """
        offer = self.offers[name]
        first = offer.spans[0]
        merged: list[Interval] = []
        if price_date is not None:
            card = self._card_on(name, price_date)
            pieces = [(Span(start, end, card), False)] if card else []
        else:
            pieces = [(Span(start, first.start, first.card), True)] if early else []
            pieces += [(span, False) for span in offer.spans]
        for span, before_first in pieces:
            left, right = max(span.start, start), min(span.end, end)
            day_start = span.card.start if span.card.day_only and not before_first and price_date is None else None
            for opens, closes, serves in offer.by_identity(left, right):
                for interval in intervals(
                    span.card,
                    currency,
                    opens,
                    closes,
                    serves=serves,
                    day_start=day_start,
                    before_first=before_first,
                ):
                    append(merged, interval)
        return with_fees(merged, self.sellers[name].fees, currency, price_date)

    def offer_on(self, name: str, day: date) -> Offer | None:
        """Whose card a price date means for a name; None where it means none."""
        return offer_on(name, self.models.get(name), self.offers, day)

    def _card_on(self, name: str, day: date) -> Card | None:
        """The one card that a price date means for a name; before a family's launch its first."""
        offer = self.offer_on(name, day)
        if offer and name in FAMILIES and midnight(day) < offer.spans[0].start:
            return offer.spans[0].card
        return offer.card_at(midnight(day)) if offer else None
