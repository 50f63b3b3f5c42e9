"""The money file of DeepSeek's export (``cost-*.csv``): what was taken from which wallet, in which currency."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation, localcontext
from itertools import zip_longest

from analyzer.errors import SourceError
from analyzer.ingest.content import contents
from analyzer.ingest.header import rows_of

_NEEDED = {"wallet_type", "cost", "currency"}
_LINE = ("user_id", "model", "wallet_type", "cost", "currency")
_LARGEST = 20  # digits before the point, and twice as many behind it: no bill has more
_DIGITS = 4 * _LARGEST  # of a sum of such amounts, or of a hundredth of one


def wallets(paths: Iterable[str], within: tuple[datetime, datetime] | None = None) -> dict[tuple[str, str], Decimal]:
    """Money by wallet type and currency, exactly as the files say it; empty where no export holds such a file.

    A line that several exports hold, of the same time, model and wallet with the same cost, counts once, in whichever
    zone they tell the time.

    Args:
        paths: the exports.
        within: lines whose time begins before the first instant, or not before the second, are left out.

    Raises:
        SourceError: a file cannot be read, or holds money that is no number.
    """
    found: dict[tuple[str, str], Decimal] = {}
    seen: set[tuple[object, ...]] = set()
    for path in paths:
        for content in contents(path):
            text = b"".join(content.blocks()).decode(errors="replace")
            rows = filter(None, rows_of(text, ","))
            names = next(rows, [])
            if not set(names) >= _NEEDED:
                continue
            for number, cells in enumerate(rows, 1):
                row = dict(zip_longest(names, cells))
                window = _window(row)
                line = (window, *(row.get(name) for name in _LINE))
                if line in seen:
                    continue
                seen.add(line)
                cost = amount_of(row["cost"])
                if cost is None:
                    raise SourceError(f"{content.path}, record {number}: cost is no number", "fetch the export again")
                begin = window[0]
                if within is None or not isinstance(begin, datetime) or within[0] <= begin < within[1]:
                    add(found, (row["wallet_type"], row["currency"]), cost)
    return found


def _window(row: Mapping[str, str | None]) -> tuple[object, object]:
    """The time that a line is of, as instants where it can be read as such; a day without an end is one of UTC."""
    begin, end = _instant(row.get("start_time_iso") or row.get("utc_date")), _instant(row.get("end_time_iso"))
    return begin, begin + timedelta(days=1) if end is None and isinstance(begin, datetime) else end


def _instant(text: str | None) -> datetime | str | None:
    try:
        found = datetime.fromisoformat(text or "")
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return text


def add(
    sums: dict[tuple[str, str], Decimal], place: tuple[str, str], amount: Decimal, parts: Decimal | int = 1
) -> None:
    """Add an amount, or what it is divided by ``parts``, a power of ten, to a sum: all of its digits."""
    with localcontext(prec=_DIGITS):
        sums[place] = sums.get(place, Decimal(0)) + amount / parts


def amount_of(text: str | None) -> Decimal | None:
    """Money as it is written; None where it is no number that a bill can have."""
    try:
        cost = Decimal(text or "")
    except InvalidOperation:
        return None
    sound = cost.is_finite() and cost.adjusted() < _LARGEST and int(cost.as_tuple().exponent) >= -2 * _LARGEST
    return cost if sound else None
