"""Buckets: what a bill and a ledger say of the same time, model and key, and why they differ.

All money is in units of 1e-15 of the bill's currency.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

# Money that is none of hits, misses and output is "other"; its tokens are those that were written to a cache.
TYPES = ("input_cache_hit_tokens", "input_cache_miss_tokens", "output_tokens", "other")
HITS, MISSES, OUTPUT, OTHER = TYPES

# Every cause, in the order in which they are told. A difference has one of them, a bucket without any is a match.
CAUSES = {
    "match": "billed as computed",
    "missing-requests": "requests that the log has not",
    "extra-requests": "requests that the bill has not",
    "tokens": "other counts of tokens, or of searches",
    "price-window": "the same tokens, another clock or price",
    "model-name": "a name that no price is known for",
    "currency": "another currency's list",
    "late-settlement": "billed in a later bucket, or not yet",
    "unknown": "no cause found",
}


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

    Attributes:
        unknown: types whose money is not known, or not all of it: no price is, or a line cannot be read.
        itemised: whether its money is told by type of tokens.
        tells_hits: whether it tells which of the input was read from a cache,
        tells_writes: and which was written to one; else both are among its misses.
        spread: the least and the most that its money may be off by, by type, where a bill states tokens alone and list
            prices differ by the hour or by how much a request reads: it does not tell at which of them they were used.
    """

    model: str = ""
    requests: int = 0
    tokens: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TYPES, 0))
    money: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TYPES, 0))
    unpriced: bool = False
    unread: bool = False
    unknown: set[str] = field(default_factory=set)
    itemised: bool = True
    tells_hits: bool = False
    tells_writes: bool = False
    spread: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(
        self, model: str, requests: int, tokens: Mapping[str, int], prices: Mapping[str, int | None], other: int | None
    ) -> None:
        """Count a row of it; ``other`` is money that is none of the tokens', None where it is not known."""
        self.model = self.model or model
        self.requests += requests
        self.money[OTHER] += other or 0
        for kind, amount in tokens.items():
            price = other if kind == OTHER else prices[kind]
            self.tokens[kind] += amount
            if amount and price is None:
                self.unpriced = True
                self.unknown.add(kind)
            if kind != OTHER:
                self.money[kind] += amount * (price or 0)

    def lacks(self, kinds: Iterable[str]) -> None:
        """Take money of these types for unknown: not all lines that tell it could be read."""
        for kind in kinds:
            self.unknown.add(kind)
            self.unread = True

    def widen(self, off: Mapping[str, tuple[int, int]]) -> None:
        """Add to what its money may be off by."""
        for kind, (least, most) in off.items():
            low, high = self.spread.get(kind, (0, 0))
            self.spread[kind] = low + least, high + most

    def settled(self, other: "Side") -> "Side":
        """With the other side's money where only that tells at which prices the very same tokens were used."""
        if not self.spread or self.tokens != other.tokens or self.unknown or other.unknown:
            return self
        for kind in TYPES:
            least, most = self.spread.get(kind, (0, 0))
            if not least <= other.money[kind] - self.money[kind] <= most:
                return self
        return replace(self, money=dict(other.money))

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
        """Whether the token counts agree, type by type, as far as both tell them apart."""
        return not any(self.less(other).values())

    def less(self, other: "Side") -> dict[str, int]:
        """Tokens by type that this side has more than the other one, as far as both tell them apart."""
        hits, writes = self.tells_hits and other.tells_hits, self.tells_writes and other.tells_writes
        more = {kind: self.tokens[kind] - other.tokens[kind] for kind in TYPES}
        for kind, told in ((HITS, hits), (OTHER, writes)):
            if not told:
                more[MISSES] += more.pop(kind)
        return more


@dataclass(frozen=True, slots=True)
class Bucket:
    """One line of a reconciliation: a type of tokens of a model and key in a time.

    Money that is not known counts as nothing, and the line is no match. ``explained`` is what of the billed money the
    log accounts for.
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
    explained: int = 0

    @property
    def difference(self) -> int:
        """Billed less computed."""
        return self.billed - self.computed

    @property
    def known(self) -> bool:
        """Whether the money of both sides is."""
        return self.billed_known and self.computed_known
