"""The price book: its facts, and what families, targets and price dates mean."""

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
    assert (before.day_start, own.day_start) == (
        None,
        at("2026-04-24"),
    )  # a card's day is known to be that of its start
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

    assert [(i.serves, i.input, i.cache_read, i.before_first) for i in intervals] == [
        ("deepseek-v4-flash", units("0.14"), units("0.028"), False),
        ("deepseek-flash", units("0.14"), units("0.028"), False),
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


@pytest.mark.parametrize("view", [BOOK.logged, BOOK.target])
def test_no_price_is_a_float(view: Callable[..., list[Interval]]) -> None:
    for name in NAMES:
        for interval in view(name, "USD", at("2024-06-01"), at("2027-01-01")):
            prices = (interval.input, interval.cache_read, interval.cache_write, interval.output)
            assert {type(price) for price in prices} <= {int, type(None)}
