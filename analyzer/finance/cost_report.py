"""Cost reports of OpenAI and Anthropic, as CSV or from the API: the money that was asked for, beside the usage exports.

They hold what no call explains: searches, credits, taxes, fees. Their sums stand beside what the usage comes to.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import zip_longest
from typing import Final

from analyzer.errors import SourceError
from analyzer.finance.page import documents, objects
from analyzer.finance.wallet import add, amount_of
from analyzer.ingest.content import contents
from analyzer.ingest.header import rows_of

_OPENAI: Final = {"amount_value", "amount_currency"}
_ANTHROPIC: Final = {"cost_usd", "token_type"}
_ALL: Final = "costs"  # the kind where a report tells none
_CENTS: Final = Decimal(100)  # what Anthropic's API states amounts in

# Kind of cost, currency, amount as it is written, and what that is to be divided by.
Line = tuple[str | None, str | None, object, Decimal | int]


def cost_reports(paths: Iterable[str]) -> dict[tuple[str, str], Decimal]:
    """Money by kind of cost and currency, exactly as the reports say it; empty where no export is such a report.

    A line that comes again, the same in all that it says, counts once.

    Raises:
        SourceError: a file cannot be read, or holds money that is no number.
    """
    found: dict[tuple[str, str], Decimal] = {}
    seen: set[str] = set()
    for path in paths:
        for content in contents(path):
            text = b"".join(content.blocks()).decode(errors="replace")
            for number, (line, (kind, currency, written, parts)) in enumerate(_lines(text), 1):
                if line in seen:
                    continue
                seen.add(line)
                amount = amount_of(None if written is None else str(written))
                if amount is None:
                    what = f"{content.path}, cost {number}: its amount is no number"
                    raise SourceError(what, "fetch the export again")
                add(found, (str(kind or _ALL), str(currency or "USD").upper()), amount, parts)
    return found


def _lines(text: str) -> Iterator[tuple[str, Line]]:
    """The lines of a report, each with all that it says; none where a text is something else."""
    opening = text.lstrip()[:1]
    if opening in {"{", "["}:
        return _of_pages(text) if '"amount"' in text else iter(())
    return _of_rows(text)


def _of_rows(text: str) -> Iterator[tuple[str, Line]]:
    rows = filter(None, rows_of(text, ","))
    names = next(rows, [])
    openai, anthropic = set(names) >= _OPENAI, set(names) >= _ANTHROPIC
    for cells in rows if openai or anthropic else ():
        row = dict(zip_longest(names, cells))
        if openai and row["amount_value"]:  # a day without costs is a row, too
            yield repr(cells), (None, row["amount_currency"], row["amount_value"], 1)
        elif anthropic:
            yield repr(cells), (row.get("cost_type"), "USD", row["cost_usd"], 1)


def _of_pages(text: str) -> Iterator[tuple[str, Line]]:
    for page in documents(text):
        for bucket in objects(page.get("data", [page])):
            place = [bucket.get(name) for name in ("start_time", "end_time", "starting_at", "ending_at")]
            cost, group = bucket.get("cost"), bucket.get("group")
            if isinstance(cost, dict) and isinstance(group, dict):
                line = repr((place, sorted(group.items(), key=str), sorted(cost.items(), key=str)))
                yield line, (group.get("cost_type"), cost.get("currency"), cost.get("amount"), _CENTS)
            for result in objects(bucket.get("results")):
                amount = result.get("amount")
                line = repr((place, sorted(result.items(), key=str)))
                if isinstance(amount, dict):
                    yield line, (None, amount.get("currency"), amount.get("value"), 1)
                elif "amount" in result:
                    yield line, (result.get("cost_type"), result.get("currency"), amount, _CENTS)
