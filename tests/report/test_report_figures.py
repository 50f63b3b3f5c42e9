"""What the figures say where there is little, much, or nothing known to draw."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from shown import Page, filled, request

from analyzer.report.drawing import short, time_layout
from analyzer.report.figures.costs import costs
from analyzer.report.figures.lengths import TICKS, position, token_lengths
from analyzer.report.figures.scenarios import scenarios
from analyzer.report.figures.steps import Bar, steps
from analyzer.report.figures.swings import SHOWN, swings
from analyzer.report.figures.windows import by_week, spent
from analyzer.report.page import render
from analyzer.report.times import times
from analyzer.simulate.analysis import Analysis
from analyzer.simulate.sensitivity import Swing


def drawn(analysis: Analysis):
    return costs(times(analysis.answers["costliest_by_day"]), (), "USD", "UTC", "endpoint")


@pytest.mark.endurance
def test_one_day_is_drawn_by_endpoint_and_not_on_an_axis_of_days() -> None:
    """Two of three calls are at /b, which is the costlier endpoint and stands on top."""
    figure = drawn(filled([request(1, endpoint="/a"), request(2, endpoint="/b"), request(3, endpoint="/b")]))
    (bars,) = figure.data

    assert list(figure.layout.yaxis.ticktext) == ["/b", "/a"]
    assert bars.orientation == "h"
    assert figure.layout.title.text == "Cost by endpoint, 1 May 2026, USD"


@pytest.mark.endurance
def test_one_endpoint_on_one_day_is_no_figure() -> None:
    """One bar would say what stands above it; what is drawn of such a day is its hours."""
    analysis = filled([request(1), request(2)])

    assert drawn(analysis) is None
    assert "Cost by endpoint" not in render(analysis)
    assert "Cost by hour of the day" in render(analysis)


@pytest.mark.endurance
def test_one_weekday_is_no_week() -> None:
    """1 and 8 May 2026 are Fridays."""
    weeks = [request(1), request(2, started_at=datetime(2026, 5, 8))]
    assert by_week(spent(filled(weeks).answers["week_hours"]), "USD", "UTC") is None
    weeks.append(request(3, started_at=datetime(2026, 5, 9)))
    assert by_week(spent(filled(weeks).answers["week_hours"]), "USD", "UTC") is not None


def test_a_scenarios_line_reaches_to_a_bound_of_nothing() -> None:
    """Free had all of it been a hit: the line goes to 0. A bound that nobody knows has none."""
    free = replace(filled([request(1)]).actual, cost=Decimal(2), low=Decimal(0), high=Decimal(5))
    figure = scenarios([free, replace(free, low=None, high=None)], "USD")

    assert (list(figure.data[0].x), figure.data[0].error_x.arrayminus) == ([2, 2], (2, 0))
    assert figure.data[0].error_x.array == (3, 0)


@pytest.mark.endurance
def test_a_day_of_no_known_cost_is_marked_and_not_left_empty() -> None:
    """Unknown is not zero: 2 May has a call whose model has no price."""
    figure = drawn(filled([request(1), request(24, model="of-another-world"), request(48)]))
    marks = next(trace for trace in figure.data if trace.name == "no cost known")

    assert list(marks.x) == ["2026-05-02"]
    assert "2 May 2026: no cost is known<br>1 request" in marks.customdata[0]
    assert not [trace for trace in drawn(filled([request(1), request(24)])).data if trace.name == "no cost known"]


@pytest.mark.parametrize(
    ("first", "last", "monthly", "told"),
    [
        ((2026, 5, 1), (2026, 5, 3), False, ["1 May", "2 May", "3 May"]),
        (
            (2026, 2, 27),
            (2026, 3, 20),
            False,
            ["27 Feb", "2 Mar", "5 Mar", "8 Mar", "11 Mar", "14 Mar", "17 Mar", "20 Mar"],
        ),
        ((2025, 11, 1), (2026, 2, 1), True, ["Nov 2025", "Dec 2025", "Jan 2026", "Feb 2026"]),
        ((9999, 12, 30), (9999, 12, 31), False, ["30 Dec", "31 Dec"]),
    ],
)
def test_ticks_name_days_and_months(
    first: tuple[int, int, int], last: tuple[int, int, int], monthly: bool, told: list[str]
) -> None:
    """22 days have every third named, so that ten at most are."""
    axis = time_layout("", [date(*first), date(*last)], monthly=monthly)["xaxis"]
    assert axis["ticktext"] == told
    assert len(axis["tickvals"]) == len(told)


def test_a_tick_stands_in_the_middle_of_its_month() -> None:
    """February has 28 days: its middle is the 15th at 00:00."""
    assert time_layout("", [date(2026, 2, 1)], monthly=True)["xaxis"]["tickvals"] == ["2026-02-15T00:00:00"]


@pytest.mark.parametrize(
    ("text", "amount", "shown"),
    [
        ("9,999.99", "9999.99", "9,999.99"),
        ("+1,234.56", "1234.56", "+1,234.56"),
        ("100,000.00", "100000", "100.0K"),
        ("-12,345,678.90", "-12345678.9", "-12.3M"),
        ("+2,500,000,000.00", "2500000000", "+2.5B"),
        ("54,043,195,528,445,947.29", "54043195528445947.29", "5.40e+16"),
        ("0.0000000580", "0.000000058", "5.80e-8"),
        ("0.0000000000", "0", "0"),
    ],
)
def test_an_amount_beside_a_bar_is_short(text: str, amount: str, shown: str) -> None:
    assert short(text, Decimal(amount)) == shown


@pytest.mark.endurance
def test_the_sensitivity_shows_whole_scenarios_and_says_how_many() -> None:
    """Three rows each: five scenarios have room in 16 rows, the sixth would be drawn in part."""
    analysis = filled([request(1)])
    found = [
        Swing(f"s{number}", assumption, "100%", "0%", Decimal(1), Decimal(2))
        for number in range(7)
        for assumption in ("cache", "hit_rate", "output_ratio")
    ]
    results = [replace(analysis.actual)]
    figure = swings(found, results, "USD")

    assert SHOWN == 16
    assert len(figure.layout.yaxis.ticktext) == 15
    assert figure.layout.title.text.startswith("What the first 5 scenarios cost")
    assert figure.layout.yaxis.ticktext[1] == "s0: hit rate, 100% or 0%"
    assert swings(found[:6], results, "USD").layout.title.text.startswith("What each scenario costs")


def test_no_two_parts_of_a_page_have_one_name() -> None:
    page = Page(render(filled([request(1), request(30, endpoint="/b", model="?")])))
    named = [attrs["id"] for _, attrs in page.tags if "id" in attrs]

    assert len(named) == len(set(named))


@pytest.mark.endurance
@pytest.mark.parametrize(("first", "last"), [(1000, 90_000), (1, 2**40), (0, 3000)])
def test_lengths_are_named_where_they_lie(first: int, last: int) -> None:
    """A mark at 2,048 tokens stands at the name 2k, and 90,000 to the right of 64k: names are edges of the fields."""
    analysis = filled([request(1, input_tokens=first, cache_read_tokens=0), request(2, input_tokens=last)])
    answers = [analysis.answers[name] for name in ("endpoints", "token_histogram", "token_distribution")]
    axis = token_lengths(*answers, "input", "endpoint").layout.xaxis
    named = dict(zip(axis.ticktext, axis.tickvals, strict=True))

    for text, tokens in {"1": 1, "1k": 1024, "2k": 2048, "64k": 65_536, "1G": 2**30}.items():
        if text in named:
            assert named[text] == position(tokens)
    assert ("0" in named) == (first == 0)
    assert "64k" in named or last != 90_000
    assert 2 <= len(named) <= TICKS + 1
    # Every name is within the figure.
    assert axis.range[0] <= min(named.values()) <= max(named.values()) <= axis.range[1]


@pytest.mark.parametrize(
    ("parts", "lowest"),
    [
        ((2.0, -3.0), 0.0),  # 10, 12, 9: never below nothing
        ((-9.9, -0.4, 1.1), -0.3),  # 10, 0.1, -0.3, 0.8: as in the first days of a month
        ((-12.0, 13.0), -2.0),
        ((-10.0, 0.0), 0.0),
    ],
)
def test_steps_that_lead_below_nothing_are_seen_whole(parts: tuple[float, ...], lowest: float) -> None:
    reached = [10.0]
    for part in parts:
        reached.append(reached[-1] + part)
    bars = [
        Bar("before", 0.0, 10.0, "cost", "", ""),
        *(Bar("", base, part, "more", "", "") for base, part in zip(reached, parts, strict=False)),
        Bar("after", 0.0, reached[-1], "cost", "", ""),
    ]
    axis = steps(bars, "", "USD", {"cost": "spent", "less": "less", "more": "more"}).layout.xaxis

    assert min(0.0, *reached) == pytest.approx(lowest)
    assert axis.range[0] == 0 if lowest == 0 else axis.range[0] < min(reached)
    assert axis.range[1] > max(reached)
    assert bool(axis.zeroline) == (lowest < 0)
