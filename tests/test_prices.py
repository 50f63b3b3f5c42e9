"""The price book: its facts, the rules of its data, and what families, targets and price dates mean."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.errors import PriceError
from analyzer.prices import Book, Interval, per_million
from analyzer.prices.figure import units
from analyzer.prices.holiday import HolidayCalendar
from analyzer.prices.provider import read_provider

BOOK = Book.load()
SHIPPED = (files("analyzer.prices") / "deepseek.toml").read_text(encoding="utf-8")
NAMES = [*BOOK.models(), "flash", "pro"]


def at(text: str) -> datetime:
    """``2026-09-10`` or ``2026-09-10T04:00`` in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def content(interval: Interval) -> tuple[object, ...]:
    """All of an interval but its bounds."""
    fields = interval.__dataclass_fields__
    return tuple(getattr(interval, field) for field in fields if field not in ("start", "end"))


def only(intervals: list[Interval]) -> Interval:
    assert len(intervals) == 1
    return intervals[0]


# ------------------------------------------------------------------------------------------------ the facts

# from, to, window, USD hit miss output, CNY hit miss output: transcribed from the pages and bills.
FACTS = {
    "deepseek-chat": """
        2024-12-26       2025-02-08T16:00 all       0.014  0.14  0.28   0.1  1   2
        2025-02-08T16:00 2025-02-26T16:30 all       0.07   0.27  1.10   0.5  2   8
        2025-02-26T16:30 2025-09-05T16:00 standard  0.07   0.27  1.10   0.5  2   8
        2025-02-26T16:30 2025-09-05T16:00 off-peak  0.035  0.135 0.550  0.25 1   4
        2025-09-05T16:00 2025-09-29       all       0.07   0.56  1.68   -    -   -
        2025-09-29       2026-04-24       all       0.028  0.28  0.42   0.2  2   3
        2026-04-24       2026-04-26T12:15 all       0.028  0.14  0.28   0.2  1   2
        2026-04-26T12:15 2026-07-24T15:59 all       0.0028 0.14  0.28   0.02 1   2""",
    "deepseek-reasoner": """
        2025-01-20       2025-02-26T16:30 all       0.14   0.55  2.19   1    4   16
        2025-02-26T16:30 2025-09-05T16:00 standard  0.14   0.55  2.19   1    4   16
        2025-02-26T16:30 2025-09-05T16:00 off-peak  0.035  0.135 0.550  0.25 1   4
        2025-09-05T16:00 2025-09-29       all       0.07   0.56  1.68   -    -   -
        2025-09-29       2026-04-24       all       0.028  0.28  0.42   0.2  2   3
        2026-04-24       2026-04-26T12:15 all       0.028  0.14  0.28   0.2  1   2
        2026-04-26T12:15 2026-07-24T15:59 all       0.0028 0.14  0.28   0.02 1   2""",
    "deepseek-v3.2-speciale": """
        2025-12-01       2025-12-15T15:59 all       0.028  0.28  0.42   0.2  2   3""",
    "deepseek-v4-flash": """
        2026-04-24       2026-04-26T12:15 all       0.028  0.14  0.28   0.2  1   2
        2026-04-26T12:15 2026-08-16T16:00 all       0.0028 0.14  0.28   0.02 1   2
        2026-08-16T16:00 2026-08-22T16:00 peak      0.014  0.44  1.32   0.10 3.0 9.0
        2026-08-16T16:00 2026-08-22T16:00 off-peak  0.007  0.22  0.66   0.05 1.5 4.5
        2026-08-22T16:00 2026-09-10T04:00 peak      0.014  0.44  1.32   0.10 3.0 9.0
        2026-08-22T16:00 2026-09-10T04:00 off-peak  0.007  0.22  0.66   0.05 1.5 4.5
        2026-09-10T04:00 -                peak      0.006  0.3   1.2    0.04 2   8
        2026-09-10T04:00 -                off-peak  0.003  0.15  0.6    0.02 1   4""",
    "deepseek-v4-flash-vision-exp": """
        2026-08-21       2026-08-22T16:00 peak      0.014  0.44  1.32   0.10 3.0 9.0
        2026-08-21       2026-08-22T16:00 off-peak  0.007  0.22  0.66   0.05 1.5 4.5
        2026-08-22T16:00 2026-09-10T04:00 peak      0.014  0.44  1.32   0.10 3.0 9.0
        2026-08-22T16:00 2026-09-10T04:00 off-peak  0.007  0.22  0.66   0.05 1.5 4.5
        2026-09-10T04:00 -                peak      0.006  0.3   1.2    0.04 2   8
        2026-09-10T04:00 -                off-peak  0.003  0.15  0.6    0.02 1   4""",
    "deepseek-flash": """
        2026-09-10T04:00 -                peak      0.006  0.3   1.2    0.04 2   8
        2026-09-10T04:00 -                off-peak  0.003  0.15  0.6    0.02 1   4""",
    "deepseek-v4-pro": """
        2026-04-24       2026-04-25       all       0.145    1.74  3.48  1     12  24
        2026-04-25       2026-04-26T12:15 all       0.03625  0.435 0.87  0.25  3   6
        2026-04-26T12:15 2026-08-16T16:00 all       0.003625 0.435 0.87  0.025 3   6
        2026-08-16T16:00 2026-08-22T16:00 peak      0.044    1.32  3.96  0.30  9.0 27.0
        2026-08-16T16:00 2026-08-22T16:00 off-peak  0.022    0.66  1.98  0.15  4.5 13.5
        2026-08-22T16:00 2026-09-19       peak      0.044    1.32  3.96  0.30  9.0 27.0
        2026-08-22T16:00 2026-09-19       off-peak  0.022    0.66  1.98  0.15  4.5 13.5
        2026-09-19       -                peak      0.044    1.32  3.96  0.30  9.0 27.0
        2026-09-19       -                off-peak  0.022    0.66  1.98  0.15  4.5 13.5""",
}


@pytest.mark.parametrize("model", FACTS)
@pytest.mark.parametrize(("currency", "first"), [("USD", 3), ("CNY", 6)])
def test_history_is_the_published_one(model: str, currency: str, first: int) -> None:
    expected = []
    for line in FACTS[model].strip().splitlines():
        cells = line.split()
        hit, miss, output = (None if cell == "-" else Decimal(cell) for cell in cells[first : first + 3])
        end = None if cells[1] == "-" else at(cells[1])
        expected.append((at(cells[0]), end, cells[2], hit, miss, output))

    history = BOOK.history(model, currency)

    assert [(p.start, p.end, p.window, p.cache_read, p.input, p.output) for p in history] == expected
    assert all(p.source and p.rule and p.checked >= date(2026, 11, 23) for p in history)
    assert all(p.cache_write is None for p in history)


def test_models_are_those_of_the_facts() -> None:
    assert BOOK.models() == sorted(FACTS)


def test_peak_is_exactly_twice_off_peak_in_2026() -> None:
    for model in BOOK.models():
        for currency in ("USD", "CNY"):
            rows = {(p.start, p.window): p for p in BOOK.history(model, currency)}
            for (start, window), peak in rows.items():
                if window == "peak" and start.year == 2026:
                    half = rows[start, "off-peak"]
                    assert (peak.input, peak.cache_read, peak.output) == (
                        2 * half.input,  # type: ignore[operator]
                        2 * half.cache_read,  # type: ignore[operator]
                        2 * half.output,  # type: ignore[operator]
                    )


@pytest.mark.parametrize(
    ("model", "instant", "currency", "certainty"),
    [
        ("deepseek-chat", "2024-12-30", "USD", "day"),
        ("deepseek-chat", "2024-12-30", "CNY", "inferred"),
        ("deepseek-chat", "2025-03-01", "USD", "certain"),
        ("deepseek-chat", "2025-09-10", "CNY", "unknown"),
        ("deepseek-chat", "2025-10-10", "USD", "inferred"),
        ("deepseek-v4-flash", "2026-04-25", "USD", "day"),
        ("deepseek-v4-pro", "2026-04-25", "CNY", "inferred"),
        ("deepseek-flash", "2026-12-31T15:59", "USD", "certain"),
        ("deepseek-flash", "2026-12-31T16:00", "USD", "inferred"),  # 2027 in Beijing: no notice yet
    ],
)
def test_certainty(model: str, instant: str, currency: str, certainty: str) -> None:
    interval = BOOK.at(model, at(instant), currency)

    assert interval is not None
    assert interval.certainty == certainty


def test_unknown_price_is_none_and_not_zero() -> None:
    interval = BOOK.at("deepseek-reasoner", at("2025-09-10"), "CNY")

    assert interval is not None
    assert (interval.input, interval.cache_read, interval.output) == (None, None, None)


def test_day_start_marks_cards_whose_hour_is_unknown() -> None:
    interval = only(BOOK.logged("deepseek-chat", "USD", at("2025-09-29"), at("2025-09-30")))
    hourly = only(BOOK.logged("deepseek-chat", "USD", at("2025-02-10"), at("2025-02-11")))

    assert interval.day_start == at("2025-09-29")
    assert hourly.day_start is None


@pytest.mark.parametrize(
    ("name", "instant", "serves"),
    [
        ("deepseek-chat", "2025-09-05T15:59", "deepseek-v3"),
        ("deepseek-chat", "2025-09-05T16:00", "deepseek-v3.1"),
        ("deepseek-chat", "2025-09-29", "deepseek-v3.2"),
        ("deepseek-chat", "2026-07-24T15:58", "deepseek-v4-flash"),
        ("deepseek-reasoner", "2025-09-05T15:59", "deepseek-r1"),
        ("deepseek-reasoner", "2026-06-01", "deepseek-v4-flash"),
        ("deepseek-v4-flash", "2026-09-10T03:59", "deepseek-v4-flash"),
        ("deepseek-v4-flash", "2026-09-10T04:00", "deepseek-flash"),
        ("deepseek-v4-flash-vision-exp", "2026-09-10T03:59", "deepseek-v4-flash-vision-exp"),
        ("deepseek-v4-flash-vision-exp", "2026-09-10T04:00", "deepseek-flash"),
        ("flash", "2025-01-01", "deepseek-v4-flash"),
        ("flash", "2026-08-25", "deepseek-v4-flash"),
        ("flash", "2026-09-10T04:00", "deepseek-flash"),
        ("pro", "2026-09-14T06:00", "deepseek-v4-pro"),
    ],
)
def test_who_answers(name: str, instant: str, serves: str) -> None:
    interval = BOOK.at(name, at(instant), "USD")

    assert interval is not None
    assert interval.serves == serves


# ------------------------------------------------------------------------------- logged, target, price date


def test_logged_name_has_no_price_outside_its_life() -> None:
    intervals = BOOK.logged("deepseek-chat", "USD", at("2024-01-01"), at("2027-01-01"))

    assert intervals[0].start == at("2024-12-26")
    assert intervals[-1].end == at("2026-07-24T15:59")
    assert BOOK.logged("acme-5", "USD", at("2024-01-01"), at("2027-01-01")) == []
    assert BOOK.logged("deepseek-chat", "EUR", at("2024-01-01"), at("2027-01-01")) == []


def test_target_before_its_first_price_has_its_first_card_with_its_windows() -> None:
    peak = only(BOOK.target("deepseek-flash", "USD", at("2026-03-02T01:00"), at("2026-03-02T04:00")))
    weekend = only(BOOK.target("deepseek-flash", "USD", at("2026-03-01T01:00"), at("2026-03-01T04:00")))
    festival = only(BOOK.target("deepseek-flash", "USD", at("2026-02-17T01:00"), at("2026-02-17T04:00")))

    assert (peak.window, peak.input, peak.before_first) == ("peak", units("0.3"), True)
    assert (weekend.window, festival.window) == ("off-peak", "off-peak")
    assert peak.serves == "deepseek-flash"


def test_target_after_its_retirement_has_no_price() -> None:
    assert BOOK.target("deepseek-chat", "USD", at("2026-07-24T15:59"), at("2027-01-01")) == []


def test_before_first_ends_at_the_first_price() -> None:
    before, own = BOOK.target("deepseek-v4-pro", "USD", at("2026-04-23"), at("2026-04-25"))

    assert (before.before_first, before.end, before.input) == (True, at("2026-04-24"), units("1.74"))
    assert (own.before_first, own.start, own.input) == (False, at("2026-04-24"), units("1.74"))


@pytest.mark.parametrize(("family", "price"), [("flash", "0.14"), ("pro", "1.74")])
def test_family_before_v4_means_the_launch_card(family: str, price: str) -> None:
    interval = only(BOOK.target(family, "USD", at("2025-01-01"), at("2026-04-24")))

    assert (interval.input, interval.window, interval.before_first) == (units(price), "all", True)


def test_family_is_the_member_in_force() -> None:
    span = at("2026-04-24"), at("2026-09-10T04:00"), at("2026-12-01")

    for currency in ("USD", "CNY"):
        whole = BOOK.target("flash", currency, span[0], span[2])
        old = BOOK.logged("deepseek-v4-flash", currency, span[0], span[1])
        new = BOOK.logged("deepseek-flash", currency, span[1], span[2])

        assert whole == old + new
        assert BOOK.target("pro", currency, span[0], span[2]) == BOOK.logged(
            "deepseek-v4-pro", currency, span[0], span[2]
        )


def test_price_date_applies_one_card_with_its_windows_to_all_time() -> None:
    day = {"price_date": date(2026, 11, 1)}
    monday = only(BOOK.logged("deepseek-v4-pro", "USD", at("2026-06-01T01:00"), at("2026-06-01T04:00"), **day))
    holiday = only(BOOK.logged("deepseek-v4-pro", "USD", at("2026-06-19T01:00"), at("2026-06-19T04:00"), **day))

    assert (monday.window, monday.input, monday.before_first) == ("peak", units("1.32"), False)
    assert (holiday.window, holiday.input) == ("off-peak", units("0.66"))  # Dragon Boat Festival
    assert monday.day_start is None


def test_price_date_means_that_day_at_midnight() -> None:
    start, end = at("2026-05-01"), at("2026-05-02")
    on_the_day = only(BOOK.logged("deepseek-v4-flash", "USD", start, end, price_date=date(2026, 4, 26)))
    day_after = only(BOOK.logged("deepseek-v4-flash", "USD", start, end, price_date=date(2026, 4, 27)))

    assert (on_the_day.cache_read, day_after.cache_read) == (units("0.028"), units("0.0028"))


def test_price_date_takes_the_family_member_then_on_sale() -> None:
    start, end = at("2026-10-08"), at("2026-10-09")

    for view in (BOOK.logged, BOOK.target):
        interval = only(view("deepseek-flash", "USD", start, end, price_date=date(2026, 6, 1)))
        assert (interval.cache_read, interval.serves) == (units("0.0028"), "deepseek-flash")
        assert view("deepseek-flash", "USD", start, end, price_date=date(2025, 6, 1)) == []


def test_price_date_after_a_retirement_takes_the_successor_family() -> None:
    start, end = at("2026-06-08"), at("2026-06-09")

    interval = only(BOOK.logged("deepseek-chat", "USD", start, end, price_date=date(2026, 8, 1)))
    assert (interval.input, interval.serves) == (units("0.14"), "deepseek-v4-flash")
    assert BOOK.logged("deepseek-v3.2-speciale", "USD", start, end, price_date=date(2026, 8, 1)) == []
    assert BOOK.logged("deepseek-reasoner", "USD", start, end, price_date=date(2024, 12, 30)) == []


def test_price_date_before_v4_means_the_launch_card_for_a_family() -> None:
    intervals = BOOK.target("flash", "USD", at("2026-09-10"), at("2026-09-11"), price_date=date(2025, 1, 1))

    assert [(i.serves, i.input, i.before_first) for i in intervals] == [
        ("deepseek-v4-flash", units("0.14"), False),
        ("deepseek-flash", units("0.14"), False),
    ]
    assert intervals[1].start == at("2026-09-10T04:00")


def test_price_date_prices_logged_names_outside_their_life_too() -> None:
    intervals = BOOK.logged("deepseek-chat", "USD", at("2024-01-01"), at("2027-01-01"), price_date=date(2026, 7, 1))

    assert (intervals[0].start, intervals[0].serves) == (at("2024-01-01"), "deepseek-v3")
    assert (intervals[-1].end, intervals[-1].serves) == (at("2027-01-01"), "deepseek-v4-flash")
    assert {i.cache_read for i in intervals} == {units("0.0028")}


def test_unknown_target_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(PriceError, match="deepseek-v4-por") as error:
        BOOK.target("deepseek-v4-por", "USD", at("2026-01-01"), at("2026-01-02"))

    assert "deepseek-v4-pro" in error.value.remedy
    assert not BOOK.knows("deepseek-v4-por")
    assert BOOK.knows("flash")
    assert BOOK.nearest("deepseek-v4-por")[0] == "deepseek-v4-pro"


def test_period_is_the_card_in_force() -> None:
    period = BOOK.period("deepseek-v4-flash", at("2026-09-01T02:00"), "USD")
    launch = BOOK.period("flash", at("2025-01-01"), "USD")

    assert period is not None
    assert launch is not None
    assert (period.start, period.end, period.window) == (at("2026-08-22T16:00"), at("2026-09-10T04:00"), "peak")
    assert period.rule.startswith("Mon-Fri (Beijing)")
    assert launch.start == at("2026-04-24")
    assert BOOK.period("deepseek-flash", at("2025-01-01"), "USD") is None


def test_bounds_need_a_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        BOOK.logged("deepseek-chat", "USD", datetime(2026, 1, 1), at("2026-01-02"))


# ----------------------------------------------------------------------------------------------- properties

instants = st.datetimes(datetime(2024, 6, 1), datetime(2028, 6, 1), timezones=st.just(UTC))
price_dates = st.none() | st.dates(date(2024, 6, 1), date(2027, 6, 1))
lengths = st.timedeltas(timedelta(0), timedelta(days=200))


@settings(deadline=None)  # the first one imports the holidays
@given(st.sampled_from(NAMES), st.sampled_from(["USD", "CNY"]), instants, lengths, price_dates, st.booleans())
def test_intervals_partition_time(
    name: str, currency: str, start: datetime, length: timedelta, price_date: date | None, logged: bool
) -> None:
    """Ascending, within the bounds, no overlap, no gap inside a name's life, no two alike side by side."""
    view = BOOK.logged if logged else BOOK.target
    intervals = view(name, currency, start, start + length, price_date=price_date)

    assert all(interval.start < interval.end for interval in intervals)
    for left, right in pairwise(intervals):
        assert left.end == right.start
        assert content(left) != content(right)
    if intervals:
        assert start <= intervals[0].start
        assert intervals[-1].end <= start + length
        if price_date:
            assert (intervals[0].start, intervals[-1].end) == (start, start + length)


@settings(deadline=None)  # the first one imports the holidays
@given(st.sampled_from(BOOK.models()), st.sampled_from(["USD", "CNY"]), instants, lengths, lengths)
def test_at_agrees_with_the_interval_around_it(
    model: str, currency: str, instant: datetime, before: timedelta, after: timedelta
) -> None:
    after += timedelta(microseconds=1)
    around = [
        interval
        for interval in BOOK.logged(model, currency, instant - before, instant + after)
        if interval.start <= instant < interval.end
    ]
    interval = BOOK.at(model, instant, currency)

    assert [content(one) for one in around] == ([content(interval)] if interval else [])


@settings(deadline=None)  # the first one imports the holidays
@given(st.sampled_from(NAMES), instants, lengths, lengths)
def test_intervals_do_not_depend_on_where_the_question_is_cut(
    name: str, start: datetime, first: timedelta, second: timedelta
) -> None:
    middle, end = start + first, start + first + second
    whole = BOOK.target(name, "USD", start, end)
    parts = BOOK.target(name, "USD", start, middle) + BOOK.target(name, "USD", middle, end)
    if len(parts) > len(whole):  # one interval lay across the cut
        cut = next(i for i, one in enumerate(parts) if one.start == middle)
        assert content(parts[cut - 1]) == content(parts[cut])
        del parts[cut]

    assert [content(one) for one in parts] == [content(one) for one in whole]


@settings(deadline=None)  # the first one imports the holidays
@given(st.integers(0, 10**17))
def test_figures_survive_the_way_there_and_back(price: int) -> None:
    text = format(per_million(price), "f")

    assert units(text) == price
    assert "." not in text or not text.endswith("0")


# -------------------------------------------------------------------------------------- the rules of the data

SMALL = """
provider = "acme"
title = "Acme"
currencies = ["USD"]

[[schedule]]
id = "day"
hours = ["08:00-20:00"]
inside = "peak"
outside = "off-peak"
rule.peak = "by day"
rule.off-peak = "by night"

[[model]]
id = "acme-1"
title = "Acme One"
serves = [{ from = 2026-01-01T00:00:00Z, model = "acme-1" }]

[[card]]
models = ["acme-1"]
from = 2026-01-01T00:00:00Z
to = 2026-02-01T00:00:00Z
prices = [
    { currency = "USD", window = "all", input = "2", cache_read = "0.2", cache_write = "2.5", output = "4", certainty = "certain", checked = 2026-03-01, source = "https://acme.example/a" },
]

[[card]]
models = ["acme-1"]
from = 2026-02-01T00:00:00Z
schedule = "day"
prices = [
    { currency = "USD", window = "peak", input = "3", cache_read = "0.3", output = "6", certainty = "certain", checked = 2026-03-01, source = "https://acme.example/b" },
    { currency = "USD", window = "off-peak", input = "1.5", cache_read = "0.15", output = "3", certainty = "certain", checked = 2026-03-01, source = "https://acme.example/b" },
]
"""


def small(*changes: tuple[str, str]) -> Book:
    """The small price file after some replacements, each of which must apply."""
    text = SMALL
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return Book([read_provider(text, "acme.toml")])


def test_small_file_is_valid() -> None:
    first, *rest = small().logged("acme-1", "USD", at("2026-01-01"), at("2026-02-02"))

    assert (first.input, first.cache_write, first.window) == (units("2"), units("2.5"), "all")
    assert [interval.window for interval in rest] == ["off-peak", "peak", "off-peak"]


OFF_PEAK = SMALL.strip().splitlines()[-2]
UNKNOWN = '{ currency = "USD", window = "off-peak", certainty = "unknown", checked = 2026-03-01, source = "-" },'
CARD_2 = "from = 2026-02-01T00:00:00Z"
MODEL = 'title = "Acme One"'
SERVES = 'serves = [{ from = 2026-01-01T00:00:00Z, model = "acme-1" }]'
OPEN_PEAK = 'cache_read = "0.3", output = "6"'


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("cache_read = ", "cache_reed = ", "acme.toml, card 1, prices 1: unknown key 'cache_reed'"),
        (', source = "https://acme.example/a"', "", "'source' is missing"),
        ("checked = 2026-03-01, ", "", "'checked' is missing"),
        ("checked = 2026-03-01", "checked = 2026-03-01T10:00:00Z", "'checked' must be a date"),
        ('certainty = "certain", ', "", "'certainty' is missing"),
        ('certainty = "certain"', 'certainty = "sure"', "'sure' is unknown"),
        ('certainty = "certain"', 'certainty = "day"', "does not fit"),
        (CARD_2, "from = 2026-02-01", "does not fit"),
        ('certainty = "certain"', 'certainty = "unknown"', "unknown certainty has figures"),
        ('input = "2", ', "", "'input' is missing"),
        ('input = "2"', "input = 2.5", "'input' must be a text"),
        ('input = "2"', 'input = "-2"', "no price per 1M tokens"),
        ('input = "2"', 'input = "2e-3"', "no price per 1M tokens"),
        ('input = "2"', 'input = "0.0000000001"', "finer than 1e-15 per token"),
        (OFF_PEAK, "", "no USD price for window 'off-peak'"),
        (OFF_PEAK, OFF_PEAK * 2, "a second USD price for window 'off-peak'"),
        ('window = "all"', 'window = "peak"', "schedule 'always' has no window 'peak'"),
        ('window = "all"', 'window = "every"', "'every' is unknown"),
        ('currency = "USD", window = "all"', 'currency = "EUR", window = "all"', "'EUR' is unknown"),
        ('currencies = ["USD"]', 'currencies = ["USD", "CNY"]', "no CNY price"),
        ('currencies = ["USD"]', "currencies = [1]", "must hold texts only"),
        (CARD_2, "from = 2026-02-02T00:00:00Z", "leaves a gap after the card of acme-1"),
        (CARD_2, "from = 2026-01-31T00:00:00Z", "overlaps the card of acme-1"),
        (CARD_2, "from = 2025-12-31T00:00:00Z", "a later card before it"),
        (CARD_2, "from = 2026-02-01T00:00:00", "an instant with its zone"),
        ("to = 2026-02-01", "to = 2025-02-01", "'to' is not after 'from'"),
        (CARD_2, CARD_2 + "\nto = 2026-03-01T00:00:00Z", "the model is not retired"),
        (MODEL, MODEL + "\nretired = 2026-01-15T00:00:00Z", "does not retire within its last card"),
        (MODEL, MODEL + '\nfamily = "flesh"\norder = 1', "'flesh' is unknown"),
        (MODEL, MODEL + '\nfamily = "flash"', "'order' is missing"),
        (MODEL, MODEL + '\nfamily = "flash"\norder = "1"', "'order' must be a whole number"),
        (SERVES, SERVES.replace("2026-01", "2026-02"), "nothing in 'serves' answers"),
        (SERVES, SERVES.replace("}]", "}, { from = 2025-01-01, model = 'b' }]"), "ascending order"),
        (SERVES, SERVES.replace("}]", "}, { from = 2026-01-01, model = 'b' }]"), "ascending order"),
        ('id = "acme-1"', 'id = "flash"', "the name 'flash' is taken"),
        ('models = ["acme-1"]', 'models = ["acme-2"]', "'acme-2' is unknown"),
        ('schedule = "day"', 'schedule = "dya"', "'dya' is unknown"),
        ('id = "day"', 'id = "always"', "a second schedule"),
        ('hours = ["08:00-20:00"]', 'hours = ["8-20"]', "'8-20' are not understood"),
        ('hours = ["08:00-20:00"]', 'hours = ["08:00-20:00", "19:00-21:00"]', "overlap"),
        ('hours = ["08:00-20:00"]', "hours = []", "'hours' must be a list"),
        ('outside = "off-peak"', 'outside = "peak"', "the same window"),
        ('rule.peak = "by day"', 'rule.pike = "by day"', "unknown key 'pike'"),
        ('id = "day"', 'id = "day"\ndays = "weekdays"', "'weekdays' is unknown"),
        ('id = "day"', 'id = "day"\nutc_offset = "8"', "'utc_offset' is not understood"),
        ('id = "day"', 'id = "day"\nholidays = "CN"', "expected a table"),
        (
            'id = "day"',
            'id = "day"\nholidays = { country = "CN", confirmed_by_bills = ["x"] }',
            "must hold dates",
        ),
        ('title = "Acme"', "title = ", "no valid TOML"),
        ('title = "Acme"', 'title = ""', "'title' must be a text"),
    ],
)
def test_broken_rule_is_an_error_that_says_where(old: str, new: str, says: str) -> None:
    with pytest.raises(PriceError) as error:
        small((old, new))

    assert says in str(error.value)
    assert str(error.value).startswith("acme.toml") or "acme-1" in str(error.value)
    assert error.value.remedy


def test_mistyped_key_names_the_nearest() -> None:
    with pytest.raises(PriceError) as error:
        small(("cache_read = ", "cache_reed = "))

    assert "'cache_read'" in error.value.remedy


@pytest.mark.parametrize(
    "changes",
    [
        [('input = "2"', 'input = "0.000000001"')],
        [('input = "2"', 'input = "2.1000000000000"')],
        [('input = "2"', 'input = "0"')],
        [("to = 2026-02-01T00:00:00Z\n", "")],
        [("to = 2026-02-01T00:00:00Z\n", "to = 2026-02-01T08:00:00+08:00\n")],
        [(OFF_PEAK, UNKNOWN)],
        [(MODEL, MODEL + "\nretired = 2026-05-01T00:00:00Z")],
        [
            (MODEL, MODEL + "\nretired = 2026-05-01T00:00:00Z"),
            (CARD_2, CARD_2 + "\nto = 2026-05-01T00:00:00Z"),
        ],
        [(SERVES, SERVES.replace("2026-01-01T00:00:00Z", "2025-01-01"))],
        [('hours = ["08:00-20:00"]', 'hours = ["08:00-20:00", "22:00-02:00"]')],
        [('id = "day"', 'id = "day"\nutc_offset = "-05:00"\ndays = "mon-fri"')],
    ],
)
def test_data_just_inside_the_rules_is_taken(changes: list[tuple[str, str]]) -> None:
    assert small(*changes).models() == ["acme-1"]


def test_model_without_a_card_is_an_error() -> None:
    with pytest.raises(PriceError, match="'acme-2' has no card"):
        small(("[[card]]", MODEL.join(["[[model]]\nid = 'acme-2'\n", "\n" + SERVES + "\n[[card]]"])))


def test_model_of_two_files_is_an_error() -> None:
    provider = read_provider(SMALL, "acme.toml")

    with pytest.raises(PriceError, match="two price files"):
        Book([provider, provider])


def test_window_over_midnight_belongs_to_the_day_on_which_it_opens() -> None:
    """Friday's late hours run into Saturday; Sunday's do not open, in a calendar of weekdays."""
    book = small(('hours = ["08:00-20:00"]', 'hours = ["22:00-02:00"]\ndays = "mon-fri"'))
    peaks = [i for i in book.logged("acme-1", "USD", at("2026-02-06"), at("2026-02-10")) if i.window == "peak"]

    assert [(i.start, i.end) for i in peaks] == [
        (at("2026-02-06"), at("2026-02-06T02:00")),
        (at("2026-02-06T22:00"), at("2026-02-07T02:00")),
        (at("2026-02-09T22:00"), at("2026-02-10")),
    ]


def test_beside_a_price_off_peak_stands_what_the_same_card_asks_at_peak() -> None:
    """Of Pro on Wednesday 2026-10-21, peak from 01:00 to 04:00 UTC, at twice the price; in May one price holds all day."""
    off, peak = BOOK.logged("deepseek-v4-pro", "USD", at("2026-10-21"), at("2026-10-21T02:00"))
    calm = only(BOOK.logged("deepseek-v4-pro", "USD", at("2026-05-01"), at("2026-05-02")))

    assert off.dearer is not None
    assert (off.window, off.dearer.window, peak.window) == ("off-peak", "peak", "peak")
    dearer = off.dearer.input, off.dearer.cache_read, off.dearer.output
    assert dearer == (peak.input, peak.cache_read, peak.output) == (units("1.32"), units("0.044"), units("3.96"))
    assert (peak.dearer, calm.dearer) == (None, None)


@pytest.mark.parametrize(
    ("peak", "off_peak", "dearer"),
    [
        (("3", "6"), ("1.5", "6"), "3"),  # by input,
        (("3", "6"), ("3", "5.9"), "3"),  # and then by output
        (("3", "6"), ("3", "6"), None),
        (("1", "9"), ("1.5", "3"), None),  # the window that is called peak asks less
    ],
)
def test_dearer_is_what_asks_more_for_input_and_then_for_output(
    peak: tuple[str, str], off_peak: tuple[str, str], dearer: str | None
) -> None:
    prices = ('input = "3", cache_read = "0.3", output = "6"', 'input = "1.5", cache_read = "0.15", output = "3"')
    new = [f'input = "{miss}", cache_read = "0.1", output = "{out}"' for miss, out in (peak, off_peak)]
    night = only(
        small(*zip(prices, new, strict=True)).logged("acme-1", "USD", at("2026-02-02"), at("2026-02-02T01:00"))
    )

    assert night.window == "off-peak"
    assert (night.dearer and night.dearer.input) == (dearer and units(dearer))


def test_beside_a_price_that_is_not_known_stands_none() -> None:
    night = only(small((OFF_PEAK, UNKNOWN)).logged("acme-1", "USD", at("2026-02-02"), at("2026-02-02T01:00")))

    assert (night.window, night.input, night.dearer) == ("off-peak", None, None)


def test_two_cards_of_one_instant_are_an_error() -> None:
    with pytest.raises(PriceError, match="a later card before it"):
        small(("to = 2026-02-01T00:00:00Z\n", ""), (CARD_2, "from = 2026-01-01T00:00:00Z"))


FEE = """
[[fee]]
kind = "search"
from = 2026-01-01T00:00:00Z
to = 2026-02-01T00:00:00Z
prices = [{ currency = "USD", per_1000 = "2", certainty = "certain", checked = 2026-03-01, source = "https://acme.example/a" }]

[[fee]]
kind = "search"
from = 2026-02-01T12:00:00Z
prices = [{ currency = "USD", per_1000 = "0.5", certainty = "certain", checked = 2026-03-01, source = "https://acme.example/b" }]
"""


@pytest.mark.parametrize(
    ("instant", "price"),
    [
        ("2026-01-31T23:59", 2 * 10**12),
        ("2026-02-01T00:00", None),
        ("2026-02-01T11:59", None),
        ("2026-02-01T12:00", 5 * 10**11),
    ],
)
def test_a_fee_holds_from_its_first_instant_to_the_one_before_its_last(instant: str, price: int | None) -> None:
    found = Book([read_provider(SMALL + FEE, "acme.toml")]).at("acme-1", at(instant), "USD")

    assert found is not None
    assert dict(found.apart).get("search") == price


def test_a_price_date_takes_the_fee_of_that_day() -> None:
    book = Book([read_provider(SMALL + FEE, "acme.toml")])
    start, end = at("2026-03-01"), at("2026-03-02")

    for day, price in ((date(2026, 1, 15), 2 * 10**12), (date(2026, 2, 1), None), (date(2026, 2, 2), 5 * 10**11)):
        found = book.logged("acme-1", "USD", start, end, price_date=day)
        assert {dict(one.apart).get("search") for one in found} == {price}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('kind = "search"', 'kind = "serch"', "acme.toml, fee 1: kind: 'serch' is unknown"),
        ('kind = "search"', 'kind = "search"\ndirect = "yes"', "'direct' must be true or false"),
        ("to = 2026-02-01T00:00:00Z", "to = 2026-01-01T00:00:00Z", "'to' is not after 'from'"),
        ("to = 2026-02-01T00:00:00Z", "to = 2026-02-01T12:01:00Z", "two fees for search hold at once"),
        ("to = 2026-02-01T00:00:00Z\n", "", "two fees for search hold at once"),
        ("from = 2026-01-01T00:00:00Z", "from = 2026-01-01", "does not fit the fee's 'from'"),
        ('certainty = "certain"', 'certainty = "unknown"', "'unknown' is unknown"),
        ('certainty = "certain"', 'certainty = "day"', "does not fit the fee's 'from'"),
        ('currency = "USD"', 'currency = "EUR"', "'EUR' is unknown"),
        ('per_1000 = "2"', 'per_1000 = "-2"', "per_1000: '-2' is no price"),
        ('per_1000 = "2"', 'per_thousand = "2"', "unknown key 'per_thousand'"),
        ('source = "https://acme.example/a"', 'source = ""', "'source' must be a text"),
    ],
)
def test_a_broken_fee_is_an_error_that_says_where(old: str, new: str, says: str) -> None:
    assert old in FEE
    with pytest.raises(PriceError) as error:
        read_provider(SMALL + FEE.replace(old, new, 1), "acme.toml")

    assert says in str(error.value)
    assert error.value.remedy


def test_a_fee_is_in_every_list_of_the_provider() -> None:
    text = SHIPPED.replace('    { currency = "CNY", per_1000 = "5",    certainty = "day"', "    # { ", 1)
    with pytest.raises(PriceError, match="not one price in each currency"):
        read_provider(text, "deepseek.toml")


def test_fees_may_follow_one_another_without_a_gap() -> None:
    text = SMALL + FEE.replace("to = 2026-02-01T00:00:00Z", "to = 2026-02-01T12:00:00Z")
    assert [fee.price for fee in read_provider(text, "acme.toml").fees] == [2 * 10**12, 5 * 10**11]


# --------------------------------------------------------------------------------------- holidays and version


def test_holidays_package_agrees_with_the_bills() -> None:
    days = [date(2026, 9, 25), *(date(2026, 10, day) for day in (1, 2, 5, 6, 7))]
    calendar = HolidayCalendar("CN", frozenset(days))

    assert set(days) <= calendar.days(2026)
    assert date(2026, 10, 10) not in calendar.days(2026)
    assert calendar.official_through() >= 2026


def test_confirmed_day_that_the_package_denies_is_an_error() -> None:
    text = SHIPPED.replace("2026-09-25, 2026-10-01", "2026-09-24, 2026-10-01")
    book = Book([read_provider(text, "deepseek.toml")])

    with pytest.raises(PriceError, match="2026-09-24 was no holiday in CN"):
        book.at("deepseek-flash", at("2026-09-24T02:00"), "USD")
    with pytest.raises(PriceError, match="2026-09-24"):
        _ = book.version


def test_version_is_the_day_of_checking_and_a_hash() -> None:
    last = max(re.findall(r"checked = (\S+),", SHIPPED))
    assert BOOK.version.startswith(last.replace("-", ".") + "+")
    assert len(BOOK.version) == len("2026.11.23+3f9a")
    assert small().version.startswith("2026.03.01+")


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ('output = "1.2"', 'output = "1.21"', True),
        ("from = 2026-09-10T04:00:00Z\n", "from = 2026-09-10T04:01:00Z\n", True),
        ('hours = ["16:30-00:30"]', 'hours = ["16:30-00:31"]', True),
        ('days = "mon-fri"', 'days = "daily"', True),
        ('per_1000 = "5"', 'per_1000 = "6"', True),
        ("# How to read it", "# How to read this", False),
        ('output = "1.10"', 'output = "1.1"', False),
    ],
)
def test_version_changes_with_the_content_only(old: str, new: str, changes: bool) -> None:
    text = SHIPPED.replace("to = 2026-09-10T04:00:00Z\n", "")
    assert old in text
    plain = Book([read_provider(text, "deepseek.toml")]).version
    other = Book([read_provider(text.replace(old, new, 1), "deepseek.toml")]).version

    assert (other != plain) is changes


def test_version_is_the_same_in_every_process() -> None:
    code = "from analyzer.prices import Book; print(Book.load().version)"
    versions = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }

    assert versions == {BOOK.version}


def test_holidays_are_imported_only_for_prices_that_need_them() -> None:
    code = (
        "import sys; from datetime import *; from analyzer.prices import Book; b = Book.load();"
        "b.logged('deepseek-chat', 'USD', datetime(2025, 1, 1, tzinfo=UTC), datetime.now(UTC));"
        "b.history('deepseek-flash', 'USD'); print('holidays' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("view", [BOOK.logged, BOOK.target])
def test_no_price_is_a_float(view: Callable[..., list[Interval]]) -> None:
    for name in NAMES:
        for interval in view(name, "USD", at("2024-06-01"), at("2027-01-01")):
            prices = (interval.input, interval.cache_read, interval.cache_write, interval.output)
            assert {type(price) for price in prices} <= {int, type(None)}
