"""Reconciliation: a provider's usage export against the ledger, every difference with its cause.

Both sides are put into the export's own buckets of time, model and key; calls of sellers whose bill it is not stay out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from analyzer.errors import SourceError
from analyzer.finance.bucket import Bucket
from analyzer.finance.causes import NOTHING, lines, renames
from analyzer.finance.page import Unfinished
from analyzer.finance.sellers import Row, Sellers
from analyzer.finance.sides import Bill, Sides, asked, computed_rows, computed_sides, define_buckets
from analyzer.ledger import Ledger
from analyzer.prices import Book
from analyzer.simulate.pricing import define_days, define_prices, sold
from analyzer.simulate.requests import Here, Requests

_ENDS = ("records", "requests", "duplicates", "skipped", "rejected")
_SHOWN = 3  # names of exports in a message


@dataclass(frozen=True)
class Clock:
    """Which instant of a request the bill went by, as far as the requests that straddle a bucket's edge tell.

    Attributes:
        bill: ``completion``, ``start``, or ``unknown`` where they do not tell.
        straddling: requests that begin in one bucket of time and end in another, one of them at least the bill's.
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
        outside: the ledger's requests of the bill's sellers that lie in none of its buckets.
        elsewhere: the ledger's requests of other sellers; they are not compared.
        exported: the ledger's calls that an export tells of: neither are they.
        read: how the bill's records ended: ``records``, ``requests``, ``duplicates``, ``skipped``, ``rejected``.
        price_book: the version of the book.
        paid: what the export's money file says, by wallet and currency.
        costs: what cost reports beside it say, by kind of cost and currency.
        buckets: all lines; their differences add up to the whole.
        unfinished: its pages after which there is more, of which nothing is given.
        time: from when to when all of its buckets are, of which these may be a part; None where there are none.
    """

    currency: str
    bill_currency: str
    clock: str
    found: Clock
    keyed: bool
    outside: int
    elsewhere: int
    exported: int
    read: Mapping[str, int]
    price_book: str
    paid: Mapping[tuple[str, str], Decimal]
    costs: Mapping[tuple[str, str], Decimal]
    buckets: tuple[Bucket, ...]
    unfinished: tuple[Unfinished, ...] = ()
    time: tuple[datetime, datetime] | None = None

    @property
    def part(self) -> bool:
        """Whether there are buckets of the bill before or after these."""
        if self.time is None:
            return False
        inside = [moment for one in self.buckets for moment in (one.start, one.end)]
        return not inside or self.time != (min(inside), max(inside))

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
        """The part of the charges that the log accounts for: it has the tokens, at some hour, at that price."""
        return sum(bucket.explained for bucket in self.buckets)

    @property
    def charged(self) -> int:
        """What the bill asks for, before what it gives back."""
        return sum(max(0, bucket.billed) for bucket in self.buckets)

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
    costs: Mapping[tuple[str, str], Decimal],
    currency: str | None,
    clock: str,
    as_of: datetime | None = None,
    requests: Requests | None = None,
    unfinished: Sequence[Unfinished] = (),
) -> Reconciliation:
    """Hold a bill against a ledger.

    Args:
        ledger: holds the requests.
        bill: holds nothing but the export.
        book: prices the requests.
        paid: what the export's money file says, by wallet and currency; it may be empty.
        costs: what cost reports beside the export say, by kind and currency; it may be empty.
        currency: price list for the ledger's side; None takes the bill's own.
        clock: which instant of a request decides its bucket and price.
        as_of: when the bill is looked at: what ends after it is not over. None takes all of it to be over.
        requests: who has the requests; None for the ledger itself.
        unfinished: the bill's pages after which there is more.

    Raises:
        SourceError: the export holds no usage, or the exports overlap, or are in more than one currency.
    """
    told = _told(bill, book, paid, costs)
    wanted = currency or told.currency
    having = requests or Here(ledger)
    _lay_out(ledger, having, book, told, wanted)
    rows = {name: computed_rows(having, name) for name in ("completion", "start")}
    sellers = Sellers(book, told.rows, rows[clock])
    billed = told.sides(sellers)
    computed = {name: computed_sides(found, sellers, billed) for name, found in rows.items()}
    mine, others = computed[clock]
    billed = {key: side.settled(mine[key]) if key in mine else side for key, side in billed.items()}
    other, _ = computed["start" if clock == "completion" else "completion"]
    straddling = sum(row["requests"] for row in asked(having, "straddling") if _straddles(row, sellers))
    found = _clock(billed, {name: sides for name, (sides, _) in computed.items()}, straddling)
    pairs = renames(billed, mine, others)
    renamed = {theirs: mine.pop(ours) if ours in mine else others[ours] for theirs, ours in pairs.items()}
    compared = sum(side.requests for side in (*mine.values(), *renamed.values()))
    held = asked(having, "held")
    outside = sum(row["requests"] for row in held if sellers.bills(row))
    outside -= sum(row["requests"] for row in rows[clock] if sellers.owns(row))
    all_lines = tuple(
        lines(
            billed,
            mine,
            other,
            renamed,
            same_list=wanted == told.currency,
            as_of=None if as_of is None else as_of.astimezone(UTC).replace(tzinfo=None),
        )
    )
    return Reconciliation(
        currency=wanted,
        bill_currency=told.currency,
        clock=clock,
        found=found,
        keyed=all(sellers.keyed.values()),
        outside=outside,
        elsewhere=sum(row["requests"] for row in held) - compared - outside,
        exported=sum(row["exported"] for row in held),
        read=_read(bill),
        price_book=book.version,
        paid=dict(paid),
        costs=dict(costs),
        unfinished=tuple(unfinished),
        buckets=all_lines,
        time=(min(one.start for one in all_lines), max(one.end for one in all_lines)) if all_lines else None,
    )


def _lay_out(ledger: Ledger, having: Requests, book: Book, told: Bill, currency: str) -> None:
    """Tell whoever has the requests the buckets of a bill, and the prices of what lies in the ledger."""
    connection = ledger.connection
    define_buckets(connection, told.rows)
    define_days(connection)
    define_prices(connection, "prices", book, sold(connection), side="logged", currency=currency, price_date=None)
    for table in ("bill_buckets", "prices"):
        having.send(table)


def _told(
    bill: Ledger, book: Book, paid: Mapping[tuple[str, str], Decimal], costs: Mapping[tuple[str, str], Decimal]
) -> Bill:
    """What a bill says, in its one currency.

    Raises:
        SourceError: it says nothing of usage, or is in more than one currency.
    """
    wallets = {code for _, code in paid}
    known = wallets if len(wallets) == 1 else set()
    told = Bill(bill.connection, book, next(iter(known), None))
    if not told.rows:
        paths = bill.connection.execute("SELECT DISTINCT path FROM sources ORDER BY path").fetchall()
        named = ", ".join(path for (path,) in paths[:_SHOWN]) + (", ..." if len(paths) > _SHOWN else "")
        raise SourceError(
            f"{named or 'the export'}: no usage as a provider exports it",
            "give the usage export beside its costs"
            if costs
            else "give the provider's usage export (for DeepSeek the whole zip)",
        )
    if len(mixed := told.currencies() | known) > 1:
        raise SourceError(
            f"the exports are in {' and in '.join(sorted(mixed))}, which are never added up",
            "reconcile what is in each currency by itself",
        )
    return told


def _straddles(row: Row, sellers: Sellers) -> bool:
    """Whether the buckets that a row names, one or both, are those of its own seller."""
    ends = {"from_instant": row["ends_from"], "to_instant": row["ends_to"]}
    return sellers.owns(row) and (row["ends_from"] is None or sellers.owns({**row, **ends}))


def _clock(billed: Sides, computed: Mapping[str, Sides], straddling: int) -> Clock:
    """Which instant a bill goes by: in buckets that differ by the clock it has the tokens of the one or the other."""
    told = dict.fromkeys(computed, 0)
    for key, side in billed.items():
        mine = {name: sides.get(key, NOTHING) for name, sides in computed.items()}
        if mine["completion"].same_tokens(mine["start"]):
            continue
        for name, one in mine.items():
            told[name] += one.same_tokens(side)
    best = max(told, key=lambda name: told[name])
    return Clock(best if told["completion"] != told["start"] else "unknown", straddling, told)


def _read(bill: Ledger) -> dict[str, int]:
    """How the records of the exports ended."""
    sums = ", ".join(f"CAST(sum({name}) AS BIGINT)" for name in _ENDS)
    return dict(zip(_ENDS, bill.connection.execute(f"SELECT {sums} FROM sources").fetchall()[0], strict=True))
