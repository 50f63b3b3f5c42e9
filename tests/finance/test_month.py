"""Months of a reporting zone."""

import json
from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import UsageError
from analyzer.finance.month import Month
from tests.support import call, program, write


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


@pytest.mark.endurance
def test_zones_are_those_of_the_packages_and_not_of_an_old_machine(tmp_path: Path) -> None:
    """A machine that knows nothing of Tokyo's nine hours: SQL does, and all figures go by one of them."""
    old = tmp_path / "zoneinfo" / "Asia"
    old.mkdir(parents=True)
    (old / "Tokyo").write_bytes(resources.files("tzdata.zoneinfo").joinpath("UTC").read_bytes())
    late = call(ts="2026-05-31T20:00:00Z", request_id="in June of Tokyo")
    log = write(tmp_path / "log.jsonl", call(ts="2026-06-10T10:00:00Z", request_id="in June"), late)

    words = ("review", "2026-06", log, "--tz", "Asia/Tokyo", "--no-report", "--no-workbook", "--json")
    found = json.loads(program(*words, cwd=tmp_path, environment={"PYTHONTZPATH": str(old.parent)}).out)

    actual = next(one for one in found["scenarios"] if one["name"] == "actual")
    assert (actual["requests"], actual["cost"]) == (2, found["actual"])
