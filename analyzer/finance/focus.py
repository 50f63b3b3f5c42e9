"""FOCUS: costs as rows of the FinOps Open Cost and Usage Specification, dataset Cost and Usage.

The mapping, and what a log cannot tell, stands in ``docs/exports.md``. Specification: https://focus.finops.org
"""

from dataclasses import dataclass
from typing import Final

from analyzer.finance.adjustment import define_settled
from analyzer.finance.allocation import Allocation
from analyzer.finance.entries import sql
from analyzer.finance.export import Export
from analyzer.ledger import Ledger
from analyzer.ledger.rows import define_table
from analyzer.prices import Book, Sold
from analyzer.prices.naming import in_us, tier
from analyzer.simulate.pricing import define_prices
from analyzer.simulate.relations import View
from analyzer.simulate.requests import Requests

# Columns that a version does not have: 1.3 named the two parties anew, and 1.4 took the old names away.
_WITHOUT: Final = {
    "1.2": ("ServiceProviderName", "HostProviderName"),
    "1.4": ("ProviderName", "PublisherName"),
}
UNKNOWN_PROVIDER: Final = "unknown"


@dataclass(frozen=True)
class Terms:
    """How the usage is billed, which no log tells.

    Attributes:
        version: of the specification.
        billing_model: ``postpaid``: usage is invoiced; ``prepaid``: it is drawn from a balance that was paid before, so
            that its BilledCost is 0.
        account: the billing account at the provider; None for one named like the provider.
    """

    version: str = "1.2"
    billing_model: str = "postpaid"
    account: str | None = None


def define_focus(
    ledger: Ledger, book: Book, view: View, allocation: Allocation, terms: Terms, requests: Requests | None = None
) -> Export:
    """Define usage as FOCUS rows: an hour, the names and one price of a SKU each.

    Their EffectiveCost adds up to the cost of all entries. What has no price has no row. What a closed month took up of
    what came late for months before is billed in it, as a correction of the hour that it belongs to.
    """
    late = define_settled(ledger, book, view, allocation, requests)
    connection = ledger.connection
    connection.execute(sql("amounts"))
    settings = {
        "focus_currency": view.currency,
        "focus_prepaid": terms.billing_model == "prepaid",
        "focus_account": terms.account,
    }
    for name, value in settings.items():
        connection.execute(f"SET VARIABLE {name} = ?", [value])
    names = connection.execute("SELECT DISTINCT model, provider, service_tier FROM entries ORDER BY ALL").fetchall()
    called = [Sold(*row) for row in names]
    _define_names(ledger, book, called)
    # Without own prices, those of the entries are the list's.
    listed = called if book.own else []
    connection.execute(sql("focus_days"))
    bare = Book.load() if book.own else book
    define_prices(
        connection, "list_prices", bare, listed, side="logged", currency=view.currency, price_date=view.price_date
    )
    for relation in ("focus_list", "focus_moves", "focus_requests"):
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {relation} AS {sql(relation)}")
    without = ", ".join(_WITHOUT[terms.version])
    return Export("focus", f"SELECT * EXCLUDE ({without}) FROM ({sql('focus')})", late)


def _define_names(ledger: Ledger, book: Book, called: list[Sold]) -> None:
    """Who sold what was called, and in which service tier, in the words of the price book."""
    rows = [
        (
            sold.model, sold.provider, sold.service_tier, book.sold_by(sold) or UNKNOWN_PROVIDER,
            (tier(sold.service_tier) or str(sold.service_tier)) + ("-us" if in_us(sold.service_tier) else ""),
        )
        for sold in called
    ]  # fmt: skip
    names = ("model", "provider", "service_tier", "service_provider", "tier")
    define_table(ledger.connection, "focus_names", dict.fromkeys(names, "VARCHAR"), rows)
