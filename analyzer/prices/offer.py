"""Offers: which card a name had, and which model answered to it, over the name's whole life.

A model and a family are the same thing here, so that ``flash`` is priced by the code that prices
``deepseek-flash``: at each instant a family is its member of highest order that is on sale.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import pairwise

from analyzer.errors import PriceError
from analyzer.prices.card import Card, Model

EVER = datetime.max.replace(tzinfo=UTC)  # the end of what has no end yet


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open period in which one card holds for a name."""

    start: datetime
    end: datetime
    card: Card


@dataclass(frozen=True, slots=True)
class Offer:
    """What a name cost and meant.

    Attributes:
        spans: The cards, ascending; without a gap, except in a family none of whose members was on sale.
        identities: From when which model answered, ascending. The first also stands for the time before it.
    """

    spans: tuple[Span, ...]
    identities: tuple[tuple[datetime, str], ...]

    def card_at(self, instant: datetime) -> Card | None:
        """Return the card in force at an instant; None where the name was not on sale."""
        return next((span.card for span in self.spans if span.start <= instant < span.end), None)

    def identity_at(self, instant: datetime) -> str:
        """Return the model that answers at an instant."""
        earlier = [model for start, model in self.identities if start <= instant]
        return earlier[-1] if earlier else self.identities[0][1]

    def by_identity(self, start: datetime, end: datetime) -> Iterable[tuple[datetime, datetime, str]]:
        """Cut ``[start, end)`` where another model begins to answer."""
        edges = [start, *(at for at, _ in self.identities if start < at < end), end]
        return [(left, right, self.identity_at(left)) for left, right in pairwise(edges) if left < right]


def model_offer(model: Model, cards: Sequence[Card]) -> Offer:
    """Put a model's cards, in the order of their file, on one line of time.

    Raises:
        PriceError: There is none, they are not ascending, leave a gap, overlap, or do not fit the retirement.
    """
    if not cards:
        raise PriceError(f"model {model.id!r} has no card", "Add a [[card]] with its prices.")
    for card, later in pairwise(cards):
        if later.start <= card.start:
            raise PriceError(
                f"{later.where}: {model.id} has a later card before it", "Put the cards in ascending order."
            )
        if card.end is not None and card.end != later.start:
            problem = "leaves a gap after" if card.end < later.start else "overlaps"
            raise PriceError(
                f"{later.where}: {problem} the card of {model.id} that ends {card.end:%Y-%m-%dT%H:%M:%SZ}",
                "Let 'from' be that instant, or add a card between them (certainty may be unknown).",
            )
    last = cards[-1]
    if model.retired is not None and not last.start < model.retired <= (last.end or EVER):
        raise PriceError(
            f"{last.where}: {model.id} does not retire within its last card", "Mend 'retired' or the card."
        )
    if model.retired is None and last.end is not None:
        raise PriceError(
            f"{last.where}: the prices of {model.id} end, but the model is not retired",
            "Add its next card, or `retired` to the model.",
        )
    if model.serves[0][0] > cards[0].start:
        raise PriceError(
            f"{cards[0].where}: nothing in 'serves' answers to {model.id} yet",
            "Let it begin with the first card.",
        )
    ends = [*(card.start for card in cards[1:]), model.retired or EVER]
    return Offer(tuple(Span(card.start, end, card) for card, end in zip(cards, ends, strict=True)), model.serves)


def family_offer(members: Sequence[Offer]) -> Offer:
    """Put the members of a family, highest order first, together to the life of the family word."""
    edges = sorted({edge for member in members for span in member.spans for edge in (span.start, span.end)})
    spans: list[Span] = []
    identities: list[tuple[datetime, str]] = []
    for start, end in pairwise(edges):
        leader = next((member for member in members if member.card_at(start)), None)
        card = leader.card_at(start) if leader else None
        if leader is None or card is None:
            continue
        if spans and spans[-1].card is card and spans[-1].end == start:
            spans[-1] = Span(spans[-1].start, end, card)
        else:
            spans.append(Span(start, end, card))
        for left, _, model in leader.by_identity(start, end):
            if not identities or identities[-1][1] != model:
                identities.append((left, model))
    return Offer(tuple(spans), tuple(identities))


def midnight(day: date) -> datetime:
    """The instant that a price date means."""
    return datetime.combine(day, time(), UTC)


def offer_on(name: str, model: Model | None, offers: Mapping[str, Offer], day: date) -> Offer | None:
    """Return whose card a price date means for a name: its own, or that of its family where it was not on sale.

    Args:
        name: a model or a family.
        model: the model; None for a family.
        offers: all models and families, by name.
        day: the price date.
    """
    instant = midnight(day)
    if model is None or offers[name].card_at(instant):
        return offers[name]
    succeeded = model.retired is not None and instant >= model.retired
    family = model.family or (model.successor if succeeded else None)
    return offers[family] if family else None
