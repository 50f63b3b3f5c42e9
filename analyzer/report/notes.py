"""Notes beside an export: what it holds, how it was priced, and the exact total that its rows add up to."""

from analyzer.ledger import Ledger
from analyzer.prices import Book
from analyzer.report.amounts import exact
from analyzer.simulate.counts import Counts
from analyzer.simulate.relations import View
from analyzer.simulate.result import exactly


def notes(ledger: Ledger, book: Book, view: View, counts: Counts, *, of_table: bool = False) -> list[tuple[str, str]]:
    """Titles and texts. The total is that of all calls which the view holds, in full precision.

    Args:
        ledger: holds their sums.
        book: the prices.
        view: how they are looked at.
        counts: how records ended.
        of_table: the calls are those of a table elsewhere, which tells of no records but its own.
    """
    calls, units = ledger.connection.execute("SELECT sum(requests), sum(cost) FROM costs").fetchall()[0]
    total = exact(None if units is None else exactly(units, 15)) or "unknown"
    return [
        ("Exact total", f"{total} {view.currency}"),
        ("Requests", f"{calls or 0:,}"),
        ("From", view.since.isoformat() if view.since else "the first"),
        ("Until", view.until.isoformat() if view.until else "the last"),
        ("Reporting zone", f"{view.tz}; instants are UTC"),
        ("Prices", f"{view.currency} list, {view.price_date or 'in force'}, price book {book.version}"),
        ("Price window by", f"{view.clock} of a request"),
        ("Without usage", f"{counts.unmeasured:,} requests: in no cost"),
        ("Without a known price", f"{counts.unpriced:,} requests: in no cost"),
        ("Unknown cache split", f"{counts.cache_unknown:,} requests: costed as all misses"),
        ("Rejected records", "not known of a table" if of_table else f"{counts.rejected:,}"),
        ("Prices of tokens", "per 1M tokens; of requests, for one"),
        ("Numbers", "a workbook holds 15 digits; exact amounts stand in --csv and --parquet"),
    ]
