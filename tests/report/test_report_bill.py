"""What the page says of where its numbers come from, and how they tie out to the provider's bill."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from shown import Page, filled, request

from analyzer.report.amounts import exact
from analyzer.report.page import render
from analyzer.simulate.relations import View


def words(page: str) -> str:
    return re.sub(r"\s+", " ", Page(page).text)


def test_the_way_from_the_logs_to_the_bill_has_its_numbers() -> None:
    analysis = filled([request(1), request(2, model="of-another-world")])
    told = words(render(analysis))

    assert f"The total is {exact(analysis.actual.cost)} USD to its last digit." in told
    assert "prices in force at its own instant: the USD price list. Nothing is converted." in told
    assert "credits, taxes, discounts and fees" in told
    assert "spend reconcile EXPORT" in told
    assert 'href="#to-the-bill"' in render(analysis).partition("<nav")[0]  # from the first screen


@pytest.mark.endurance
def test_one_record_was_read() -> None:
    """And an endpoint of a few output tokens is not said to have none: 10 in one day are 300 in 30."""
    analysis = filled([request(1)])
    told = words(render(replace(analysis, counts=replace(analysis.counts, records=1, requests=1))))

    assert "1 record was read, and each is exactly one of: 1 request" in told
    assert "under 0.01M output tokens a month" in told


@pytest.mark.endurance
def test_who_has_no_price_is_told_how_to_give_one() -> None:
    remedy = "Prices of your own give them a cost: --prices FILE, or spend.toml."

    assert remedy in words(render(filled([request(1, model="of-another-world")])))
    assert remedy not in words(render(filled([request(1)])))


@pytest.mark.endurance
def test_a_day_of_prices_is_named() -> None:
    day = View(price_date=datetime(2026, 4, 24).date())
    assert "the prices of 2026-04-24, at its own hour and weekday" in words(render(filled([request(1)], view=day)))


@pytest.mark.endurance
def test_counts_of_a_period_are_those_of_its_requests() -> None:
    """Two of three requests lie in it, one of them without usage; the records are those of all logs."""
    nothing = dict.fromkeys(("input_tokens", "cache_read_tokens", "output_tokens"))
    rows = [request(1), request(2, **nothing), request(30)]
    until = View(until=datetime(2026, 5, 2, tzinfo=UTC))

    assert "Of the 2 requests of this period: 1 unmeasured" in words(render(filled(rows, view=until)))
    assert "Of the requests: 1 unmeasured" in words(render(filled(rows)))


@pytest.mark.endurance
def test_logs_without_endpoints_say_how_to_group_them() -> None:
    hint = "These logs name no endpoint"
    assert hint in words(render(filled([request(1, endpoint=None)])))
    assert hint not in words(render(filled([request(1, endpoint=None), request(2)])))
    assert hint not in words(render(filled([request(1)], view=View(endpoint_by="api_key_name"))))
