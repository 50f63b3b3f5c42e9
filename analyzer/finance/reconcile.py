"""Reconciliation: a provider's usage export against the ledger, every difference with its cause.

Both sides are put into the export's own buckets of time, model and key. A bucket's difference has one cause, found by
asking in this order: is the bill in another currency; does the log name the model otherwise; would the other clock put
the same tokens there; is it the bill's last bucket; do the requests, the tokens, or only the prices differ.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from analyzer.errors import SourceError
from analyzer.finance.bucket import TYPES, UNEXPLAINED, Bucket, Key, Side
from analyzer.finance.sides import Bill, Sides, computed_rows, computed_sides, count, define_buckets
from analyzer.ledger import Ledger
from analyzer.prices import Book
from analyzer.simulate.pricing import define_days, define_prices, sold
from analyzer.simulate.requests import Here, Requests

_NOTHING = Side()
_SHOWN = 3  # names of exports in a message


@dataclass(frozen=True)
class Clock:
    """Which instant of a request the bill went by, as far as the requests that straddle a bucket's edge tell.

    Attributes:
        bill: ``completion``, ``start``, or ``unknown`` where they do not tell.
        straddling: requests that begin in one bucket and end in another.
        by: buckets in which the clocks differ that agree with the bill by each of them.
    """

    bill: str
    straddling: int
    by: Mapping[str, int]


@dataclass(frozen=True)
class Reconciliation:
    """A bill against the ledger, to the last digit, in units of 1e-15 of the currency.

    Attributes:
        currency: of the bill's price list, or the one that was asked for.
        bill_currency: of the bill's price list.
        clock: which the ledger was priced by.
        found: which the bill went by.
        keyed: whether keys were told apart: both sides name them.
        outside: the ledger's requests that lie before or after the bill's buckets.
        price_book: the version of the book.
        paid: what the export's money file says, by wallet and currency.
        buckets: all lines; their differences add up to the whole.
    """

    currency: str
    bill_currency: str
    clock: str
    found: Clock
    keyed: bool
    outside: int
    price_book: str
    paid: Mapping[tuple[str, str], Decimal]
    buckets: tuple[Bucket, ...]

    @property
    def billed(self) -> int:
        """What the export says was used, at its own prices."""
        return sum(bucket.billed for bucket in self.buckets)

    @property
    def computed(self) -> int:
        """What the ledger comes to in the same time."""
        return sum(bucket.computed for bucket in self.buckets)

    @property
    def explained(self) -> int:
        """The part of the billed money that the log accounts for: it has the tokens, though maybe at another hour."""
        if self.currency != self.bill_currency:
            return 0
        lacking = (max(0, bucket.difference) for bucket in self.buckets if bucket.cause in UNEXPLAINED)
        return self.billed - sum(lacking)

    @property
    def unknown(self) -> int:
        """Lines of which the money of a side is not known."""
        return sum(not bucket.known for bucket in self.buckets)

    def causes(self) -> dict[str, tuple[int, int]]:
        """Buckets and difference by cause."""
        told: dict[str, tuple[int, int]] = {}
        for bucket in self.buckets:
            count, amount = told.get(bucket.cause, (0, 0))
            told[bucket.cause] = (count + 1, amount + bucket.difference)
        return told


def reconcile(
    ledger: Ledger,
    bill: Ledger,
    book: Book,
    *,
    paid: Mapping[tuple[str, str], Decimal],
    currency: str | None,
    clock: str,
    requests: Requests | None = None,
) -> Reconciliation:
    """Hold a bill against a ledger.

    Args:
        ledger: holds the requests.
        bill: holds nothing but the export.
        book: prices the requests.
        paid: what the export's money file says, by wallet and currency; it may be empty.
        currency: price list for the ledger's side; None takes the bill's own.
        clock: which instant of a request decides its bucket and price.
        requests: who has the requests; None for the ledger itself.

    Raises:
        SourceError: the export holds no usage.
    """
    currencies = {code for _, code in paid}
    told = Bill(bill.connection, book, currencies.pop() if len(currencies) == 1 else None)
    if not told.rows:
        paths = bill.connection.execute("SELECT DISTINCT path FROM sources ORDER BY path").fetchall()
        named = ", ".join(path for (path,) in paths[:_SHOWN]) + (", ..." if len(paths) > _SHOWN else "")
        raise SourceError(
            f"{named or 'the export'}: no usage as a provider exports it",
            "give the provider's usage export (for DeepSeek the whole zip)",
        )
    wanted = currency or told.currency
    connection = ledger.connection
    define_buckets(connection, told.rows)
    define_days(connection)
    define_prices(connection, "prices", book, sold(connection), side="logged", currency=wanted, price_date=None)
    having = requests or Here(ledger)
    for table in ("bill_buckets", "prices"):
        having.send(table)
    rows = {name: computed_rows(having, name) for name in ("completion", "start")}
    keyed = told.names_keys_of(rows[clock])
    billed = told.sides(keyed=keyed)
    computed = {name: computed_sides(found, keyed=keyed) for name, found in rows.items()}
    other = computed["start" if clock == "completion" else "completion"]
    return Reconciliation(
        currency=wanted,
        bill_currency=told.currency,
        clock=clock,
        found=_clock(billed, computed, count(having, "straddling")),
        keyed=keyed,
        outside=count(having, "outside"),
        price_book=book.version,
        paid=dict(paid),
        buckets=tuple(_lines(billed, computed[clock], other, same_list=wanted == told.currency)),
    )


def _clock(billed: Sides, computed: Mapping[str, Sides], straddling: int) -> Clock:
    told = dict.fromkeys(computed, 0)
    for key, side in billed.items():
        mine = {name: sides.get(key, _NOTHING) for name, sides in computed.items()}
        if mine["completion"].same_tokens(mine["start"]):
            continue
        for name, one in mine.items():
            told[name] += one.same_tokens(side)
    best = max(told, key=lambda name: told[name])
    return Clock(best if told["completion"] != told["start"] else "unknown", straddling, told)


def _lines(billed: Sides, computed: Sides, other: Sides, *, same_list: bool) -> Iterable[Bucket]:
    last = max(key.end for key in billed)
    renamed = _renamed(billed, computed)
    for key in sorted({*billed, *computed} - set(renamed.values()), key=str):
        theirs, ours = billed.get(key, _NOTHING), computed.get(renamed.get(key, key), _NOTHING)
        if not theirs.itemised:
            ours = ours.in_one()
        cause = _cause(key, theirs, ours, other.get(key, _NOTHING), last, renamed=key in renamed, same_list=same_list)
        for kind in TYPES:
            known = [kind not in side.unknown for side in (theirs, ours)]
            if theirs.money[kind] or ours.money[kind] or theirs.tokens[kind] or ours.tokens[kind] or not all(known):
                same = all(known) and theirs.money[kind] == ours.money[kind]
                yield Bucket(
                    key.start, key.end, theirs.model or ours.model, key.api_key_name, kind,
                    theirs.money[kind], ours.money[kind], "match" if same else cause, *known,
                )  # fmt: skip


def _renamed(billed: Sides, computed: Sides) -> dict[Key, Key]:
    """Models that the bill has and the log has not, and those of the log with the very same tokens there."""
    pairs: dict[Key, Key] = {}
    free: dict[tuple[object, ...], list[Key]] = {}
    for key in sorted(computed.keys() - billed.keys(), key=str):
        free.setdefault(_place(key, computed[key]), []).append(key)
    for key in sorted(billed.keys() - computed.keys(), key=str):
        if same := free.get(_place(key, billed[key])):
            pairs[key] = same.pop(0)
    return pairs


def _place(key: Key, side: Side) -> tuple[object, ...]:
    return key.start, key.end, key.api_key_name, *side.tokens.values()


def _cause(  # noqa: PLR0911  (one return a cause reads best)
    key: Key, theirs: Side, ours: Side, by_other_clock: Side, last: datetime, *, renamed: bool, same_list: bool
) -> str:
    if not same_list:
        return "currency"
    if renamed:
        return "model-name"
    if theirs.unread:
        return "unknown"
    if theirs.same_tokens(ours):
        return "model-name" if theirs.unpriced or ours.unpriced else "price-window"
    if theirs.same_tokens(by_other_clock):
        return "price-window"
    if key.end == last and theirs.requests < ours.requests:
        return "late-settlement"
    if theirs.requests > ours.requests:
        return "missing-requests"
    if theirs.requests < ours.requests:
        return "extra-requests"
    return "tokens" if theirs.requests else "unknown"
