"""Listings: money is rounded once, so that columns add up, and every way of showing one shows the same."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from analyzer.report.amounts import rounded
from analyzer.report.review.listing import Cell, Column, Listing, alone

THIRD = Decimal("0.333333333333333")


def thirds(**changes: object) -> Listing:
    columns = (Column("Team", "name"), Column("Cost", "money"))
    rows = (("a", THIRD), ("b", THIRD), (None, THIRD + Decimal("0.000000000000001")))
    return Listing("x", "X", columns, rows, **{"total": ("in all", Decimal(1)), **changes})  # type: ignore[arg-type]


def test_a_column_of_money_adds_up_to_its_total() -> None:
    assert [row[1] for row in thirds().texts()] == ["0.33", "0.33", "0.34"]
    assert thirds().total_texts() == ["in all", "1.00"]


def test_a_total_that_was_rounded_elsewhere_is_what_a_column_adds_up_to() -> None:
    # As where a difference is that of two rounded amounts.
    listing = thirds(wholes=((1, Decimal("0.99")),))

    assert [row[1] for row in listing.texts()] == ["0.33", "0.33", "0.33"]
    assert listing.total_texts() == ["in all", "0.99"]


def test_an_amount_that_stands_alone_is_rounded_alone() -> None:
    listing = Listing(
        "x", "X", (Column("", "words"), Column("", "money")), (("a", alone(THIRD, 2)), ("b", alone(None, 2)))
    )

    assert listing.texts() == [["a", "0.33"], ["b", "unknown"]]


def test_what_has_no_name_says_so() -> None:
    assert thirds().texts()[2][0] == "(none named)"
    assert thirds(nameless="unallocated").texts()[2][0] == "unallocated"


def test_every_kind_is_written_as_people_read_it() -> None:
    kinds = (
        ("count", 1234567, "1,234,567"),
        ("rate", Fraction(1, 3), "33.3%"),
        ("rate", None, "unknown"),
        ("price", Decimal("1234.5678901"), "1,234.567890"),
        ("change", Decimal("1.5"), "+1.50"),
        ("change", Decimal("-1.5"), "-1.50"),
        ("change", Decimal(0), "0.00"),
        ("day", date(2026, 10, 3), "2026-10-03"),
        ("words", None, ""),
    )
    columns = tuple(Column(str(place), kind) for place, (kind, _, _) in enumerate(kinds))  # type: ignore[arg-type]

    (row,) = Listing("x", "X", columns, (tuple(value for _, value, _ in kinds),)).texts()

    assert row == [text for _, _, text in kinds]


def test_a_cell_may_hold_something_else_than_its_column_says() -> None:
    columns = (Column("", "words"), Column("", "money"))

    assert Listing("x", "X", columns, (("hits", Cell(Fraction(1, 2), "rate")),)).texts() == [["hits", "50.0%"]]


amounts = st.decimals(-1000, 1000, places=6, allow_nan=False)


@given(st.lists(st.none() | amounts, min_size=1, max_size=12), st.integers(0, 4), st.integers(-1, 1))
def test_rounding_keeps_the_sum_and_moves_nothing_by_a_whole_unit(
    given_amounts: list[Decimal | None], places: int, off: int
) -> None:
    unit = Decimal(1).scaleb(-places)
    known = [amount for amount in given_amounts if amount is not None]
    whole = round(sum(known, Decimal(0)), places)
    aim = whole + off * unit if len(known) > 1 else whole

    found = rounded(given_amounts, places, aim)

    shown = [amount for amount in found if amount is not None]
    assert [amount is None for amount in found] == [amount is None for amount in given_amounts]
    assert sum(shown, Decimal(0)) == (aim if known else 0)
    assert all(abs(one - exact) < 2 * unit for one, exact in zip(shown, known, strict=True))
