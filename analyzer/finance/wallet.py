"""The money file of DeepSeek's export (``cost-*.csv``): what was taken from which wallet, in which currency."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from itertools import zip_longest

from analyzer.errors import SourceError
from analyzer.ingest.content import contents
from analyzer.ingest.layout import rows_of

_NEEDED = {"wallet_type", "cost", "currency"}


def wallets(paths: Iterable[str]) -> dict[tuple[str, str], Decimal]:
    """Money by wallet type and currency, exactly as the files say it; empty where no export holds such a file.

    Raises:
        SourceError: a file cannot be read, or holds money that is no number.
    """
    found: dict[tuple[str, str], Decimal] = {}
    for path in paths:
        for content in contents(path):
            text = b"".join(content.blocks()).decode(errors="replace")
            rows = filter(None, rows_of(text, ","))
            names = next(rows, [])
            if not set(names) >= _NEEDED:
                continue
            for number, cells in enumerate(rows, 1):
                row = dict(zip_longest(names, cells))
                try:
                    cost = Decimal(row["cost"])
                except (InvalidOperation, TypeError) as error:
                    raise SourceError(
                        f"{content.path}, record {number}: cost is no number", "fetch the export again"
                    ) from error
                place = (row["wallet_type"], row["currency"])
                found[place] = found.get(place, Decimal(0)) + cost
    return found
