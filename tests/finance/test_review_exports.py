"""Rows of usage exports in a review: days that lie in two months, and prices of no list."""

import re
from pathlib import Path

import pytest
from reviews import review

from tests.support import EXPORT_HEAD, export, spend


def export_of(path: Path, *days: str, price: str = "0.00000014") -> Path:
    """A provider's daily export: a million uncached tokens in ten calls each day, on Flash."""
    lines = [
        line
        for day in days
        for line in (
            f"u,{day},deepseek-v4-flash,key,sk-***,input_cache_miss_tokens,{price},1000000",
            f"u,{day},deepseek-v4-flash,key,sk-***,request_count,,10",
        )
    ]
    return export(path / "amount.csv", EXPORT_HEAD, *lines)


@pytest.mark.endurance
def test_days_of_an_export_that_lie_in_two_months_are_told(tmp_path: Path) -> None:
    """In New York the UTC day of June 1 begins on May 31 at 20:00, and counts there."""
    log = export_of(tmp_path, "2026-05-01", "2026-05-20", "2026-06-01")

    here = review("2026-05", log, "--json", "--tz", "America/New_York")
    utc = review("2026-05", log, "--json")
    shown = review("2026-05", log, "--tz", "America/New_York")

    assert here.document["actual"] == "0.28", "May 20 and June 1"
    assert here.document["quality"]["month_edge"] == {
        "requests": 20,
        "cost_in_month": "0.14",
        "cost_in_other_months": "0.14",
    }
    assert utc.document["quality"]["month_edge"] == {
        "requests": 0,
        "cost_in_month": None,
        "cost_in_other_months": None,
    }
    assert "20 of exports across the month's edge." in " ".join(shown.out.split())
    page = tmp_path / "review.html"
    spend("review", "2026-05", log, "--tz", "America/New_York", "--report", page, "--no-workbook", "--quiet")
    said = "$0.140 counted in this month, $0.140 in others: their bucket is in two months of America/New_York"
    assert said in page.read_text(encoding="utf-8")


@pytest.mark.endurance
def test_export_rows_at_a_price_of_no_list_are_told(tmp_path: Path) -> None:
    log = export_of(tmp_path, "2026-05-20", price="0.00000019")

    found = review("2026-05", log, "--json").document
    shown = review("2026-05", log)
    analyzed = spend("analyze", log, "--no-report", "--quiet")

    (row,) = found["quality"]["uncertain_prices"]
    assert row == {"model": "deepseek-v4-flash", "requests": 10, "cost": "0.14"}
    assert "10 of exports at an uncertain price" in " ".join(shown.out.split())
    page = tmp_path / "review.html"
    spend("review", "2026-05", log, "--report", page, "--no-workbook", "--quiet")
    shown_page = page.read_text(encoding="utf-8")
    assert "$0.140: priced as of their bucket&#x27;s start" in shown_page
    # The review and the analysis below it both have a table of months; links lead to the first of a name.
    ids = re.findall(
        r' id="([^"]+)"', re.sub(r"<template.*?</template>|<script.*?</script>", "", shown_page, flags=re.DOTALL)
    )
    assert {"months", "review-months"} <= set(ids)
    assert len(ids) == len(set(ids))
    assert "10 calls of usage exports, $0.140, with a price" in " ".join(analyzed.out.split())
