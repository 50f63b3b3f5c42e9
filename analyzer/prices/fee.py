"""Fees: what a provider asks for a request that its server makes for a model, such as a search, beside the tokens."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from itertools import pairwise

from analyzer.errors import PriceError
from analyzer.prices.apart import REQUESTS
from analyzer.prices.card import CERTAINTIES
from analyzer.prices.figure import units
from analyzer.prices.interval import Interval, append
from analyzer.prices.offer import EVER
from analyzer.prices.table import Table

FEE_KEYS = ("kind", "direct", "from", "to", "note", "prices")
_PRICE_KEYS = ("currency", "per_1000", "certainty", "checked", "source")
PER = 1_000
_DEAREST = 10**15  # units: a million per 1,000. What DuckDB's BIGINT holds is not ten times as much


@dataclass(frozen=True, slots=True)
class Fee:
    """What requests of one kind cost in one currency, over a half-open time.

    Attributes:
        kind: ``search``, ``fetch`` or ``file_search``.
        direct: of calls to the tool's own address. They are no calls of a model and no log that is known counts them;
            the others are made while a model answers, and some logs count them beside its tokens.
        start: first instant, in UTC.
        end: first instant after it.
        note: what else a reader should know.
        currency: ISO 4217 code of the list.
        price: units of 1e-15 of the currency per request.
        certainty: certain, day or inferred.
        checked: the day on which the source was last compared.
        source: where it was read.
    """

    kind: str
    direct: bool
    start: datetime
    end: datetime
    note: str
    currency: str
    price: int
    certainty: str
    checked: date
    source: str

    def holds(self, instant: datetime) -> bool:
        """Whether it is in force at an instant."""
        return self.start <= instant < self.end


def read_fee(table: Table, currencies: Sequence[str]) -> list[Fee]:
    """Read one ``[[fee]]``: the same in every currency of the provider.

    Raises:
        PriceError: a key is missing, unknown or malformed, or a currency is missing or double.
    """
    start, day_only = table.moment("from")
    end = table.moment("to")[0] if "to" in table else EVER
    if end <= start:
        raise table.error("'to' is not after 'from'", "Periods are half-open: to is the first instant after it.")
    fees = []
    for entry in table.tables("prices", _PRICE_KEYS):
        certainty = entry.choice("certainty", CERTAINTIES[:-1])
        if (certainty == "day" and not day_only) or (certainty == "certain" and day_only):
            raise entry.error(
                f"certainty = {certainty!r} does not fit the fee's 'from'",
                '"day" is for a date without an hour, "certain" for an instant.',
            )
        fees.append(
            Fee(
                kind=table.choice("kind", REQUESTS),
                direct=table.flag("direct") if "direct" in table else False,
                start=start,
                end=end,
                note=table.text("note") if "note" in table else "",
                currency=entry.choice("currency", currencies),
                price=per_request(entry, "per_1000"),
                certainty=certainty,
                checked=entry.day("checked"),
                source=entry.text("source"),
            )
        )
    if sorted(fee.currency for fee in fees) != sorted(currencies):
        raise table.error("not one price in each currency of the provider", f"Give {', '.join(currencies)}, each once.")
    return fees


def per_request(table: Table, key: str) -> int:
    """A price per 1,000 requests as units of 1e-15 of the currency per request.

    Raises:
        PriceError: it is no plain decimal number, finer than 1e-12 per 1,000, or over a million.
    """
    try:
        found = units(table.text(key))
    except PriceError as error:
        raise table.error(f"{key}: {error}", error.remedy) from error
    if found > _DEAREST:
        raise table.error(f"{key} is over 1,000,000 per 1,000", f'Write {key} = "5.00", say: a price of 1,000.')
    return found * PER


def ordered(fees: Sequence[Fee], where: str) -> tuple[Fee, ...]:
    """The fees of a provider by kind and time.

    Raises:
        PriceError: two of a kind hold at once.
    """
    found = sorted(fees, key=lambda fee: (fee.direct, fee.kind, fee.currency, fee.start))
    for fee, later in pairwise(found):
        same = (fee.direct, fee.kind, fee.currency) == (later.direct, later.kind, later.currency)
        if same and later.start < fee.end:
            raise PriceError(f"{where}: two fees for {fee.kind} hold at once", "Let the earlier one end with 'to'.")
    return tuple(found)


def with_fees(
    intervals: Iterable[Interval], fees: Sequence[Fee], currency: str, price_date: date | None
) -> list[Interval]:
    """Put the fees of requests made for a model into its prices, cut where one begins or ends.

    With a price date those of that day hold all the time.
    """
    mine = [fee for fee in fees if fee.currency == currency and not fee.direct]
    if not mine:
        return list(intervals)
    day = None if price_date is None else datetime.combine(price_date, time(), UTC)
    edges = sorted({edge for fee in mine for edge in (fee.start, fee.end)}) if day is None else []
    merged: list[Interval] = []
    for interval in intervals:
        if edges and interval.end <= edges[0]:
            merged.append(interval)
            continue
        inside = [edge for edge in edges if interval.start < edge < interval.end]
        for start, end in zip([interval.start, *inside], [*inside, interval.end], strict=True):
            apart = tuple((fee.kind, fee.price) for fee in mine if fee.holds(day or start))
            append(merged, replace(interval, start=start, end=end, apart=apart))
    return merged
