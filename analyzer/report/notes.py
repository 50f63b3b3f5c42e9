"""Notes beside an export: what it holds, how it was priced, and the exact total that its rows add up to."""

from collections.abc import Iterator, Sequence

from analyzer.counted import counted
from analyzer.finance.adjustment import Adjustment
from analyzer.finance.entries import UNITS, sql
from analyzer.ledger import Ledger
from analyzer.prices import Book
from analyzer.report.amounts import exact
from analyzer.simulate.counts import Counts
from analyzer.simulate.relations import View
from analyzer.simulate.result import exactly


def late_notes(late: Sequence[Adjustment]) -> Iterator[str]:
    """What came late for closed months and stands in no line of an export, in a sentence each without its stop."""
    for one in late:
        if not any(one.outside):
            continue
        calls, units, unpriced = one.outside
        said = f"{'+' if calls >= 0 else ''}{counted(calls, 'request')}"
        said += f" ({unpriced:,} without a price)" if unpriced else ""
        amount = exactly(units, UNITS)
        said = f"{one.month} is closed; what came since, {said}, {'+' if amount > 0 else ''}{exact(amount)},"
        if one.to_book:
            yield f"{said} is in no line yet: `spend review {one.booked_in} --close` takes it up"
        else:
            taken = " and ".join(one.taken_in)
            yield f"{said} was taken up in {taken} when that made no lines: --reopen and --close make them"


def notes(
    ledger: Ledger, book: Book, view: View, counts: Counts, *, of_table: bool = False, settled: bool = False
) -> list[tuple[str, str]]:
    """Titles and texts. The total is that of all rows, in full precision.

    Args:
        ledger: holds their sums.
        book: the prices.
        view: how they are looked at.
        counts: how records ended.
        settled: the rows are of ``entries``, in which closed months are as they were reported, and not of the calls.
        of_table: the calls are those of a table elsewhere, which tells of no records but its own.
    """
    if settled:
        calls, units, unmeasured, unpriced = ledger.connection.execute(sql("settled")).fetchall()[0]
    else:
        calls, units = ledger.connection.execute("SELECT sum(requests), sum(cost) FROM costs").fetchall()[0]
        unmeasured, unpriced = counts.unmeasured, counts.unpriced
    total = exact(None if units is None else exactly(units, UNITS)) or "unknown"
    return [
        ("Exact total", f"{total} {view.currency}"),
        ("Requests", f"{calls or 0:,}"),
        ("From", view.since.isoformat() if view.since else "the first"),
        ("Until", view.until.isoformat() if view.until else "the last"),
        ("Reporting zone", f"{view.tz}; instants are UTC"),
        ("Prices", f"{view.currency} list, {view.price_date or 'in force'}, price book {book.version}"),
        ("Price window by", f"{view.clock} of a request"),
        ("Without usage", f"{counted(unmeasured, 'request')}: in no cost"),
        ("Without a known price", f"{counted(unpriced, 'request')}: in no cost"),
        ("Unknown cache split", f"{counted(counts.cache_unknown, 'request')}: costed as all misses"),
        ("Rejected records", "not known of a table" if of_table else f"{counts.rejected:,}"),
        ("Prices of tokens", "per 1M tokens; of requests, for one"),
        ("Numbers", "a workbook holds 15 digits; exact amounts stand in --csv and --parquet"),
    ]
