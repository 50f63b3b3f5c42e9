"""Which price holds at which hour: whole weeks drawn by hand, and every edge of every day against a second reading.

The second reading takes figures from the table of facts and windows from the rules as the provider words them.
"""

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import BOOK
from test_prices import FACTS

from analyzer.prices import Interval, per_million

SECOND = timedelta(seconds=1)
BEIJING = timedelta(hours=8)
UNTIL = datetime(2026, 11, 24, tzinfo=UTC)
# Working days on which the offices of China were closed, by the State Council's notice and by bills.
HOLIDAYS = {date(2026, 9, 25), *(date(2026, 10, day) for day in (1, 2, 5, 6, 7))}

WORK = ".###..####.............."  # 01-04 and 06-10 UTC: 09-12 and 14-18 in Beijing
REST = "." * 24
WEEKS = {
    # Peak prices begin on Monday in Beijing. Saturday has them, too; from Sunday on weekends have none.
    "2026-08-17, the first": [WORK] * 6 + [REST],
    "2026-08-24, the rule for weekends": [WORK] * 5 + [REST] * 2,
    "2026-09-21, the Mid-Autumn Festival on its Friday": [WORK] * 4 + [REST] * 3,
    "2026-09-28, the National Day from its Thursday": [WORK] * 3 + [REST] * 4,
    "2026-10-05, its last days, and a Saturday to work on": [REST] * 3 + [WORK] * 2 + [REST] * 2,
    "2026-11-16, a normal one": [WORK] * 5 + [REST] * 2,
}


def on_sale(instant: datetime) -> list[str]:
    return [model for model in BOOK.models() if BOOK.at(model, instant, "USD") is not None]


@pytest.mark.parametrize("week", WEEKS)
def test_all_168_hours_of_a_week(week: str) -> None:
    """Every model on sale, at the first second of each hour and at the last."""
    monday = datetime.fromisoformat(week.partition(",")[0]).replace(tzinfo=UTC)
    assert monday.weekday() == 0
    models = on_sale(monday)
    assert {"deepseek-v4-flash", "deepseek-v4-pro"} <= set(models)
    for model in models:
        for second in (timedelta(0), timedelta(hours=1) - SECOND):
            found = [BOOK.at(model, monday + timedelta(hours=hour) + second, "USD") for hour in range(168)]
            drawn = "".join("#" if one and one.window == "peak" else "." for one in found)
            assert [drawn[day * 24 : day * 24 + 24] for day in range(7)] == WEEKS[week], model


# ---------------------------------------------------------------------------------------- a second reading, everywhere


def window(kinds: set[str], instant: datetime) -> str:
    """The window by the provider's own words."""
    minute = instant.hour * 60 + instant.minute
    if kinds == {"all"}:
        return "all"
    if kinds == {"standard", "off-peak"}:
        return "off-peak" if minute >= 16 * 60 + 30 or minute < 30 else "standard"
    day = (instant + BEIJING).date()
    everyday = instant < datetime(2026, 8, 22, 16, tzinfo=UTC)
    working = everyday or (day.weekday() < 5 and day not in HOLIDAYS)
    return "peak" if working and (60 <= minute < 240 or 360 <= minute < 600) else "off-peak"


Row = tuple[datetime, datetime, str, list[Decimal | None]]


def facts(model: str, first: int) -> list[Row]:
    """From, to, window and the three figures of one currency, as the table of facts has them."""
    rows = []
    for line in FACTS[model].strip().splitlines():
        start, end, name, *figures = line.split()
        chosen = [None if cell == "-" else Decimal(cell) for cell in figures[first : first + 3]]
        until = datetime(9999, 1, 1) if end == "-" else datetime.fromisoformat(end)
        rows.append((datetime.fromisoformat(start).replace(tzinfo=UTC), until.replace(tzinfo=UTC), name, chosen))
    return rows


def expected(rows: list[Row], instant: datetime) -> tuple[str, list[Decimal | None]] | None:
    """Window, and hit, miss and output; None where the model was not on sale."""
    holding = [row for row in rows if row[0] <= instant < row[1]]
    if not holding:
        return None
    name = window({row[2] for row in holding}, instant)
    (figures,) = [row[3] for row in holding if row[2] == name]
    return name, figures


def told(
    intervals: list[Interval], starts: list[datetime], instant: datetime
) -> tuple[str, list[Decimal | None]] | None:
    place = bisect_right(starts, instant) - 1
    if place < 0 or instant >= intervals[place].end:
        return None
    one = intervals[place]
    prices = (one.cache_read, one.input, one.output)
    return one.window, [None if price is None else per_million(price) for price in prices]


@pytest.mark.parametrize(("currency", "first"), [("USD", 0), ("CNY", 3)])
@pytest.mark.parametrize("model", FACTS)
def test_a_second_before_at_and_after_every_edge(model: str, currency: str, first: int) -> None:
    """Every edge of a window on every day, and every change, from before the first price until after the last check."""
    rows = facts(model, first)
    begin = rows[0][0] - timedelta(days=2)
    intervals = BOOK.logged(model, currency, begin, UNTIL)
    starts = [one.start for one in intervals]
    clocks = [time(0, 30), time(1), time(4), time(6), time(10), time(16, 30), time(16)]
    days = [(begin + timedelta(days=day)).date() for day in range((UNTIL - begin).days)]
    edges = {datetime.combine(day, clock, UTC) for day in days for clock in clocks}
    edges |= {edge for row in rows for edge in row[:2] if edge < UNTIL}
    wrong = [
        (instant, told(intervals, starts, instant), expected(rows, instant))
        for edge in sorted(edges)
        for instant in (edge - SECOND, edge, edge + SECOND)
        if instant < UNTIL and told(intervals, starts, instant) != expected(rows, instant)
    ]
    assert wrong == []


@settings(deadline=None)
@given(
    st.sampled_from(sorted(FACTS)),
    st.sampled_from([("USD", 0), ("CNY", 3)]),
    st.datetimes(datetime(2024, 6, 1), datetime(2026, 11, 23), timezones=st.just(UTC)),
)
def test_exactly_one_interval_at_every_instant(model: str, currency: tuple[str, int], instant: datetime) -> None:
    """One while the model is on sale, else none; and it is the one that the second reading names."""
    code, first = currency
    intervals = BOOK.logged(model, code, instant - timedelta(days=40), instant + timedelta(days=40))
    holding = [one for one in intervals if one.start <= instant < one.end]
    by_rule = expected(facts(model, first), instant)
    assert len(holding) == (by_rule is not None)
    if by_rule is not None:
        assert told(holding, [holding[0].start], instant) == by_rule
    assert all(left.end == right.start for left, right in pairwise(intervals))
