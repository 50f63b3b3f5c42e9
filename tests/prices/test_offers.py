"""Offers: what a family costs and means while its members come and go, and who succeeds a model that is gone."""

from dataclasses import replace
from datetime import date

import pytest
from support import BOOK
from test_prices import at

from analyzer.prices import Book
from analyzer.prices.figure import units
from analyzer.prices.provider import read_provider

# A family that nobody sells in March; its first member, and one of another name that it succeeds, are gone by then.
GAP = """
provider = "acme"
title = "Acme"
currencies = ["USD"]

[[model]]
id = "old"
title = "Old"
family = "flash"
order = 1
retired = 2026-03-01T00:00:00Z
serves = [{ from = 2026-01-01T00:00:00Z, model = "old" }]

[[model]]
id = "new"
title = "New"
family = "flash"
order = 2
serves = [{ from = 2026-04-01T00:00:00Z, model = "new" }]

[[model]]
id = "guest"
title = "Guest"
retired = 2026-05-01T00:00:00Z
successor = "flash"
serves = [{ from = 2026-02-01T00:00:00Z, model = "guest" }]
""" + "".join(
    f"""
[[card]]
models = ["{model}"]
from = {begins}T00:00:00Z
prices = [{{ currency = "USD", window = "all", input = "{price}", cache_read = "{price}", output = "{price}", certainty = "certain", checked = 2026-06-01, source = "https://acme.example/a" }}]
"""
    for model, begins, price in (("old", "2026-01-01", 1), ("new", "2026-04-01", 2), ("guest", "2026-02-01", 3))
)


def test_a_family_has_no_price_while_none_of_its_members_is_on_sale() -> None:
    """In March; before its launch its first card holds, and a price date of March means none."""
    book = Book([read_provider(GAP, "acme.toml")])
    start, end = at("2025-12-01"), at("2026-05-01")

    found = [(one.start, one.end, one.serves, one.before_first) for one in book.target("flash", "USD", start, end)]

    assert found == [
        (start, at("2026-01-01"), "old", True),
        (at("2026-01-01"), at("2026-03-01"), "old", False),
        (at("2026-04-01"), end, "new", False),
    ]
    assert [(row.start, row.end) for row in book.history("flash", "USD")] == [
        (at("2026-01-01"), at("2026-03-01")),
        (at("2026-04-01"), None),
    ]
    assert book.target("flash", "USD", start, end, price_date=date(2026, 3, 15)) == []


@pytest.mark.parametrize(
    ("day", "paid"),
    [
        (date(2026, 1, 15), None),  # before it was on sale nothing succeeded it, though its successor was sold
        (date(2026, 2, 15), "3"),
        (date(2026, 4, 30), "3"),
        (date(2026, 5, 1), "2"),  # retired at this very instant
    ],
)
def test_a_model_is_succeeded_from_its_retirement_on(day: date, paid: str | None) -> None:
    book = Book([read_provider(GAP, "acme.toml")])
    found = book.logged("guest", "USD", at("2026-02-10"), at("2026-02-11"), price_date=day)

    assert [one.input for one in found] == ([units(paid)] if paid else [])


def test_a_family_has_the_history_of_its_members_in_force() -> None:
    """V4.1 Flash followed V4 Flash, whose name means it since: the rows are the same. Another member cuts none of them."""
    for currency in ("USD", "CNY"):
        rows = [replace(row, source="", note="") for row in BOOK.history("flash", currency)]
        assert rows == [replace(row, source="", note="") for row in BOOK.history("deepseek-v4-flash", currency)]


@pytest.mark.parametrize("currency", ["USD", "CNY"])
def test_names_of_one_model_cost_the_same(currency: str) -> None:
    """A new card is for the older names, too, that mean its model by then (`serves`); else they keep the price before."""
    changes = sorted({card.start for name in BOOK.models() for card in BOOK.history(name, currency)})
    paid = {
        (price.serves, instant, price.input, price.cache_read, price.output)
        for name in BOOK.models()
        for instant in changes
        if (price := BOOK.at(name, instant, currency)) is not None
    }

    models = [(model, instant) for model, instant, *_ in paid]
    assert [one for one in sorted(models) if models.count(one) > 1] == []
