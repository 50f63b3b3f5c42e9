"""Whose bill it is: a ledger holds calls of many providers, and a bill tells of its own alone."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import pairwise
from typing import Any

from analyzer.errors import SourceError
from analyzer.finance.bucket import Key
from analyzer.prices import Book, Sold
from analyzer.prices.naming import seller

Row = Mapping[str, Any]
Span = tuple[datetime, datetime]


class Sellers:
    """The providers that a bill is of, and the buckets that it has of each.

    Attributes:
        keyed: of each, whether keys are told apart: bill and log have one in common.
    """

    def __init__(self, book: Book, billed: Sequence[Row], computed: Iterable[Row]) -> None:
        """Look at the rows of a bill, and at those of a ledger in its buckets.

        Raises:
            SourceError: two buckets of one seller overlap: what lies in both would count twice.
        """
        self._told = cache(lambda sold: _named(book.sold_by(sold)))
        self._spans: dict[str | None, set[Span]] = {}
        for row in billed:
            self._spans.setdefault(self._of(row), set()).add(_span(row))
        for name, spans in self._spans.items():
            _apart(name, spans)
        theirs = self._keys(billed)
        ours = self._keys(row for row in computed if self.owns(row))
        self.keyed = {name: bool(theirs.get(name, set()) & ours.get(name, set())) for name in self._spans}

    def bills(self, row: Row) -> bool:
        """Whether what was called is sold by one whose bill it is; whoever nobody knows is where there is but one."""
        return self._mine(row) in self._spans

    def owns(self, row: Row) -> bool:
        """Whether it is, and lies in one of that seller's buckets."""
        return _span(row) in self._spans.get(self._mine(row), ())

    def key(self, row: Row, serves: str) -> Key:
        """The bucket of a row."""
        keyed = self.keyed.get(self._mine(row), any(self.keyed.values()))
        return Key(row["from_instant"], row["to_instant"], serves, row["api_key_name"] if keyed else None)

    def _mine(self, row: Row) -> str | None:
        name = self._of(row)
        return next(iter(self._spans)) if name is None and len(self._spans) == 1 else name

    def _of(self, row: Row) -> str | None:
        return self._told(Sold(row["model"], row["provider"], row["service_tier"]))

    def _keys(self, rows: Iterable[Row]) -> dict[str | None, set[str]]:
        found: dict[str | None, set[str]] = {}
        for row in rows:
            if row["api_key_name"] is not None:
                found.setdefault(self._mine(row), set()).add(row["api_key_name"])
        return found


def _named(told: str | None) -> str | None:
    return None if told is None else seller(told)


def _span(row: Row) -> Span:
    return row["from_instant"], row["to_instant"]


def _apart(name: str | None, spans: Iterable[Span]) -> None:
    for (start, end), (begins, ends) in pairwise(sorted(spans)):
        if begins < end:
            shown = [f"{one:%Y-%m-%d %H:%M}" for one in (start, end, begins, ends)]
            raise SourceError(
                f"the exports of {name or 'one provider'} overlap: {shown[0]} to {shown[1]} and"
                f" {shown[2]} to {shown[3]} UTC hold the same calls",
                "give each time once: the export by days, or the one by hours",
            )
