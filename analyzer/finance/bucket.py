"""Buckets: what a bill and a ledger say of the same time, model and key, and why they differ.

All money is in units of 1e-15 of the bill's currency.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

TYPES = ("input_cache_hit_tokens", "input_cache_miss_tokens", "output_tokens", "other")
OTHER = TYPES[-1]

# Every cause, in the order in which they are told. A difference has one of them, a bucket without any is a match.
CAUSES = {
    "match": "billed as computed",
    "missing-requests": "requests that the log has not",
    "extra-requests": "requests that the bill has not",
    "tokens": "the same requests, other token counts",
    "price-window": "the same tokens, another clock or price",
    "model-name": "a name that no price is known for",
    "currency": "another currency's list",
    "late-settlement": "the bill's last bucket is not settled yet",
    "unknown": "no cause found",
}

# Money under these the log does not account for; of the others it has the tokens.
UNEXPLAINED = frozenset({"missing-requests", "tokens", "model-name", "unknown"})


@dataclass(frozen=True, slots=True)
class Key:
    """What a bucket is of. ``serves`` is the model that answered: a bill may list it under another of its names."""

    start: datetime
    end: datetime
    serves: str
    api_key_name: str | None


@dataclass
class Side:
    """One side's say on a bucket: requests, tokens by type, money by type.

    ``unknown`` are the types whose money is not known, or not all of it: no price is, or a line cannot be read.
    """

    model: str = ""
    requests: int = 0
    tokens: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TYPES, 0))
    money: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TYPES, 0))
    unpriced: bool = False
    unread: bool = False
    unknown: set[str] = field(default_factory=set)
    itemised: bool = True  # its money is told by type of tokens

    def add(
        self, model: str, requests: int, tokens: Mapping[str, int], prices: Mapping[str, int | None], other: int = 0
    ) -> None:
        """Count a row of it; ``other`` is money that is none of the tokens'."""
        self.model = self.model or model
        self.requests += requests
        self.money[OTHER] += other
        for kind, amount in tokens.items():
            price = prices[kind]
            self.tokens[kind] += amount
            if amount and price is None:
                self.unpriced = True
                self.unknown.add(kind)
            self.money[kind] += amount * (price or 0)

    def lacks(self, kinds: Iterable[str]) -> None:
        """Take tokens of these types for unknown: not all lines that tell them could be read."""
        for kind in kinds:
            self.unknown.add(kind)
            self.unread = True

    @property
    def total(self) -> int:
        """Its money."""
        return sum(self.money.values())

    def in_one(self) -> "Side":
        """The same with all its money in one, as a bill has it that states nothing else."""
        return replace(
            self,
            money={**dict.fromkeys(TYPES, 0), OTHER: self.total},
            unknown={OTHER} if self.unknown else set(),
            itemised=False,
        )

    def same_tokens(self, other: "Side") -> bool:
        """Whether the token counts agree, type by type."""
        return self.tokens == other.tokens


@dataclass(frozen=True, slots=True)
class Bucket:
    """One line of a reconciliation: a type of tokens of a model and key in a time.

    Money that is not known counts as nothing, and the line is no match.
    """

    start: datetime
    end: datetime
    model: str
    api_key_name: str | None
    type: str
    billed: int
    computed: int
    cause: str
    billed_known: bool = True
    computed_known: bool = True

    @property
    def difference(self) -> int:
        """Billed less computed."""
        return self.billed - self.computed

    @property
    def known(self) -> bool:
        """Whether the money of both sides is."""
        return self.billed_known and self.computed_known
