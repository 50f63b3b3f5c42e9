"""Months of a reporting zone."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import UsageError
from analyzer.finance.month import Month


def test_a_month_is_named_as_finance_names_it() -> None:
    month = Month.named("2026-10")

    assert month.first == date(2026, 10, 1)
    assert str(month) == "2026-10"
    assert month.days == 31
    assert (str(month.previous()), str(month.next())) == ("2026-09", "2026-11")


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "2026", "October", "", "2026-10-01", "9999-12", "0001-01"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no month"):
        Month.named(text)


def test_its_edges_are_midnights_of_the_zone() -> None:
    # Berlin leaves summer time on 2026-10-25: the month begins two hours before UTC's and ends one before.
    month = Month.named("2026-10", "Europe/Berlin")

    assert month.start == datetime(2026, 9, 30, 22, tzinfo=UTC)
    assert month.end == datetime(2026, 10, 31, 23, tzinfo=UTC)
    assert month.local_start == datetime(2026, 10, 1)


def test_years_turn() -> None:
    assert str(Month.named("2026-01").previous()) == "2025-12"
    assert str(Month.named("2026-12").next()) == "2027-01"
    assert str(Month.named("2026-03").back(12)) == "2025-03"


@given(st.dates(date(2, 1, 1), date(9998, 12, 31)), st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York"]))
def test_months_lie_end_to_end(day: date, tz: str) -> None:
    month = Month(day.replace(day=1), tz)

    assert month.next().previous() == month
    assert month.end == month.next().start
    assert month.start < month.end
