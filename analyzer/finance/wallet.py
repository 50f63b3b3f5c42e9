"""The money file of DeepSeek's export (``cost-*.csv``): what was taken from which wallet, in which currency."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation, localcontext
from itertools import zip_longest

from analyzer.errors import SourceError
from analyzer.ingest.content import contents
from analyzer.ingest.header import rows_of

_NEEDED = {"wallet_type", "cost", "currency"}
_LINE = ("user_id", "utc_date", "start_time_iso", "end_time_iso", "model", "wallet_type", "cost", "currency")
_LARGEST = 20  # digits before the point, and twice as many behind it: no bill has more
_DIGITS = 4 * _LARGEST  # of a sum of such amounts, or of a hundredth of one


def wallets(paths: Iterable[str]) -> dict[tuple[str, str], Decimal]:
    """Money by wallet type and currency, exactly as the files say it; empty where no export holds such a file.

    A line that several exports hold, of the same time, model and wallet with the same cost, counts once.

    Raises:
        SourceError: a file cannot be read, or holds money that is no number.
    """
    found: dict[tuple[str, str], Decimal] = {}
    seen: set[tuple[str | None, ...]] = set()
    for path in paths:
        for content in contents(path):
            text = b"".join(content.blocks()).decode(errors="replace")
            rows = filter(None, rows_of(text, ","))
            names = next(rows, [])
            if not set(names) >= _NEEDED:
                continue
            for number, cells in enumerate(rows, 1):
                row = dict(zip_longest(names, cells))
                line = tuple(row.get(name) for name in _LINE)
                if line in seen:
                    continue
                seen.add(line)
                cost = amount_of(row["cost"])
                if cost is None:
                    raise SourceError(f"{content.path}, record {number}: cost is no number", "fetch the export again")
                place = (row["wallet_type"], row["currency"])
                add(found, place, cost)
    return found


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
