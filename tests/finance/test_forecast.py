"""The forecast of an open month: by hand, and against a second arithmetic that goes request by request."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from forecasts import DAY, FLASH, HOUR, instant, made, million, of_price, pour, steady, sure, units
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import BOOK, fill

from analyzer.finance.month import Month
from analyzer.ledger import Ledger
from analyzer.ledger.columns import store
from analyzer.prices import Book, own_rates
from analyzer.simulate.relations import View

MORE = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    with Ledger.throwaway() as made:
        yield made


# ------------------------------------------------------------------------------------------------ by hand

# In these months a million misses of Flash cost $0.14 at every hour.


def test_working_days_and_weekends_as_they_always_were_complete_the_month_exactly(ledger: Ledger) -> None:
    """$1.40 on each of July's 23 working days and $0.14 on each of its 8 other days."""
    days = [instant("2026-05-04T10:20") + number * DAY for number in range(68)]  # a Monday, to Friday 2026-07-10
    fill(ledger, [million(day, 1 if day.weekday() >= 5 else 10) for day in days])

    found = sure(made(ledger, "2026-07", "2026-07-11"))

    assert found.method == "weekday profile"
    assert found.to_date == units("11.48")  # 8 working days and one weekend
    assert found.amount == units("33.32")
    by_day = {day.day: (day.actual, day.expected) for day in found.days}
    assert len(by_day) == 31
    assert by_day[date(2026, 7, 10)] == (units("1.40"), 0)
    assert by_day[date(2026, 7, 11)] == (0, units("0.14"))
    assert by_day[date(2026, 7, 13)] == (0, units("1.40"))
    assert (found.since, found.until) == (instant("2026-05-16"), instant("2026-07-11"))
    assert (found.history_days, found.unpriced_ahead, found.notes) == (67, 0, ())


def test_hours_without_requests_count_as_zeros(ledger: Ledger) -> None:
    """A million at noon of four Wednesdays of eight: half a million is what a Wednesday uses."""
    fill(ledger, [million(instant("2026-05-06T12:00") + 2 * week * 7 * DAY) for week in range(4)])

    found = sure(made(ledger, "2026-07", "2026-07-01"))

    assert found.since == instant("2026-05-06T12:00")
    # Eight Wednesdays at noon in the eight weeks before 1 July, itself a Wednesday; July has five: 2.5 million.
    assert found.amount == units("0.35")


@pytest.mark.parametrize(
    ("until", "method", "amount"),
    [
        # A million an hour since 10 May, 10:00: 153 hours of June are over after 27 days and 23 hours.
        ("2026-06-07T09:00", "run rate", units("100.80")),
        ("2026-06-07T10:00", "weekday profile", units("100.80")),
    ],
)
def test_four_weeks_of_history_make_a_profile(ledger: Ledger, until: str, method: str, amount: int) -> None:
    steady(ledger, "2026-05-10T10:00", until)

    found = sure(made(ledger, "2026-06", until))

    assert found.method == method
    assert found.amount == amount  # 720 hours at $0.14


def test_a_run_rate_is_month_to_date_over_the_time_elapsed(ledger: Ledger) -> None:
    """Three requests in 100 of 744 hours: 0.42 x 7.44, whenever in that time they were."""
    fill(ledger, [million(instant(at)) for at in ("2026-05-01T00:00", "2026-05-01T00:30", "2026-05-04T23:00")])

    found = sure(made(ledger, "2026-05", "2026-05-05T04:00"))

    assert found.method == "run rate"
    assert found.to_date == units("0.42")
    assert found.amount == units("3.1248")
    # 20 hours of the 5th at 0.0042 an hour, and 24 of each day after it.
    assert [day.expected for day in found.days[3:6]] == [0, units("0.084"), units("0.1008")]
    assert found.since == instant("2026-05-01")
    assert (found.low, found.high) == (None, None)
    assert found.few == "no earlier months tell of the method's errors at this point; a range takes 3"


def test_a_run_rate_says_that_the_logs_begin_within_the_month(ledger: Ledger) -> None:
    steady(ledger, "2026-05-03", "2026-05-05")

    found = sure(made(ledger, "2026-05", "2026-05-05"))

    assert found.amount == units("52.08")  # 48 x 0.14 over 4 of 31 days
    assert found.since == instant("2026-05-03")
    assert any("begin within the month" in note for note in found.notes)


def test_logs_that_begin_with_the_month_begin_before_none_of_it(ledger: Ledger) -> None:
    """A call in the very first hour: nothing of the month came before the logs."""
    steady(ledger, "2026-05-01", "2026-05-05")

    found = sure(made(ledger, "2026-05", "2026-05-05"))

    assert found.amount == units("104.16")  # 744 x 0.14
    assert not any("begin within the month" in note for note in found.notes)


def test_a_run_rate_goes_by_the_month_whatever_came_before(ledger: Ledger) -> None:
    """From 25 April on a call an hour at 0.14, of which May is 744."""
    steady(ledger, "2026-04-25", "2026-05-05")

    found = sure(made(ledger, "2026-05", "2026-05-05"))

    assert (found.since, found.to_date, found.amount) == (instant("2026-05-01"), units("13.44"), units("104.16"))
    assert found.history_days == 10
    assert found.notes == (
        "the logs hold less than four weeks: month to date over the time elapsed, for the whole month",
    )


def test_a_run_rate_of_what_is_no_longer_sold_looks_at_no_price_ahead(ledger: Ledger) -> None:
    """deepseek-chat was retired on 24 July: a run rate goes on, and tells of no part of it that it has no price."""
    steady(ledger, "2026-07-01", "2026-07-10", model="deepseek-chat")

    found = sure(made(ledger, "2026-07", "2026-07-10"))

    assert (found.method, found.amount, found.unpriced_ahead) == ("run rate", units("104.16"), 0)


def test_days_are_whole_units_that_add_up(ledger: Ledger) -> None:
    """A third of a unit a day is expected: the days still add up to the amount."""
    own = Book.load(own_rates({"one": {"input": "0.000000001", "output": "0"}}, "own.toml"))  # one unit a token
    fill(ledger, [million(instant("2026-05-01T00:00"), model="one", input_tokens=10)])

    found = sure(made(ledger, "2026-05", "2026-05-04", book=own))

    assert found.amount == 103  # 10 x 31 / 3 = 103.33
    assert {day.expected for day in found.days[3:]} == {3, 4}


def test_cost_is_expected_from_the_next_full_hour_on(ledger: Ledger) -> None:
    steady(ledger, "2026-05-01", "2026-07-11T10:00")

    found = sure(made(ledger, "2026-07", "2026-07-10T22:30"))

    assert found.until == instant("2026-07-10T23:00")
    assert found.amount == units("104.16")  # 744 hours: the last of the known ones is a whole one here
    assert any("next full hour" in note for note in found.notes)


def test_nothing_is_said_of_nothing(ledger: Ledger) -> None:
    fill(ledger, [])
    assert made(ledger, "2026-05", "2026-05-10") is None  # no request
    steady(ledger, "2026-04-20T12:00", "2026-05-01")
    assert made(ledger, "2026-05", "2026-05-01") is None  # no time elapsed, and no history for a profile
    assert made(ledger, "2026-05", "2026-04-30T23:00") is None  # before the month
    assert made(ledger, "2026-04", "2026-04-10") is None  # before the first request
    assert made(ledger, "2026-05", "2026-05-01T01:00") is not None


def test_with_history_a_month_is_forecast_at_its_first_instant(ledger: Ledger) -> None:
    steady(ledger, "2026-06-01", "2026-07-01")

    found = sure(made(ledger, "2026-07", "2026-07-01"))

    assert (found.to_date, found.amount) == (0, units("104.16"))


@pytest.mark.parametrize("tz", ["UTC", "Asia/Kolkata"])
def test_days_that_are_not_logged_are_expected_like_those_ahead(ledger: Ledger, tz: str) -> None:
    """A call an hour to the 25th of June, at 0.14: July is 31 x 24 of them, whatever is not known of the rest of June."""
    steady(ledger, "2026-04-25", "2026-06-25T01:00")

    found = sure(made(ledger, "2026-07", "2026-06-25T00:30", View(tz=tz)))

    assert (found.method, found.to_date, found.amount) == ("weekday profile", 0, units("104.16"))
    assert {day.expected for day in found.days} == {units("3.36")}
    assert found.notes == ("the logs end before the month: all of it is expected",)


def test_only_changes_of_prices_within_the_month_are_told_where_the_logs_end_before_it(ledger: Ledger) -> None:
    steady(ledger, "2026-07-01", "2026-08-15")

    found = sure(made(ledger, "2026-10", "2026-08-15"))

    # Of this name's changes after 2026-08-15 none is in October.
    assert found.price_changes_ahead == ()


def test_of_a_month_that_is_over_nothing_is_expected(ledger: Ledger) -> None:
    steady(ledger, "2026-06-01", "2026-08-05")

    found = sure(made(ledger, "2026-07", "2026-08-05"))

    assert (found.until, found.to_date, found.amount) == (instant("2026-08-01"), units("104.16"), units("104.16"))


# ------------------------------------------------------------------------------------------------ prices ahead


def test_a_change_of_prices_ahead_prices_the_rest_of_the_month(ledger: Ledger) -> None:
    """A million an hour; all that is known on 10 August was paid at $0.14.

    Until 16 August 16:00 160 hours at 0.14. Six days with 7 peak hours each: 42 at 0.44, 102 at 0.22. From 22 August
    16:00 on 224 hours, with peaks on six weekdays (24 to 28 and 31): 42 at 0.44, 182 at 0.22. Before: 216 at 0.14.
    """
    steady(ledger, "2026-06-01", "2026-08-10")

    found = sure(made(ledger, "2026-08", "2026-08-10"))

    assert found.to_date == units("30.24")
    assert found.amount == units("152.08")
    assert [(change.instant, change.model) for change in found.price_changes_ahead] == [
        (instant("2026-08-16T16:00"), FLASH)
    ]
    assert found.days[21].expected == units("6.82")  # Saturday 22nd: 7 peak hours, 17 others
    assert found.days[22].expected == units("5.28")  # Sunday 23rd: 24 others


def test_a_card_that_begins_within_the_month_brings_its_calendar(ledger: Ledger) -> None:
    """From 5 September: 124 hours of the old card, 24 of them peak (7th to 9th, and three of the 10th), then 500 of
    the new one. Of those 95 are peak: four of the 10th, and 13 working days; Friday the 25th is a holiday.
    """
    steady(ledger, "2026-07-01", "2026-09-05")

    found = sure(made(ledger, "2026-09", "2026-09-05"))

    assert found.to_date == units("27.28")  # four weekdays: 28 x 0.44 + 68 x 0.22
    rest = 24 * Decimal("0.44") + 100 * Decimal("0.22") + 95 * Decimal("0.30") + 405 * Decimal("0.15")
    assert found.amount == units("27.28") + units(str(rest))
    assert [change.instant for change in found.price_changes_ahead] == [instant("2026-09-10T04:00")]


def test_on_chinese_holidays_ahead_nothing_is_peak(ledger: Ledger) -> None:
    """October has 17 working days from the 8th on; on Saturday the 10th people work, but prices do not know it."""
    steady(ledger, "2026-08-01", "2026-10-01")

    found = sure(made(ledger, "2026-10", "2026-10-01"))

    assert found.amount == units(str(119 * Decimal("0.30") + 625 * Decimal("0.15")))
    expected = {day.day.day: day.expected for day in found.days}
    assert {expected[day] for day in range(1, 8)} == {units("3.60")}  # 24 x 0.15
    assert expected[8] == units("4.65")  # 7 x 0.30 + 17 x 0.15
    assert expected[10] == units("3.60")


def test_a_change_at_the_very_instant_is_ahead_and_one_before_is_not(ledger: Ledger) -> None:
    steady(ledger, "2026-07-01", "2026-08-17")

    at, after = (sure(made(ledger, "2026-08", until)) for until in ("2026-08-16T16:00", "2026-08-16T17:00"))

    assert len(at.price_changes_ahead) == 1
    assert after.price_changes_ahead == ()


def test_with_a_price_date_one_card_prices_what_is_ahead_as_well(ledger: Ledger) -> None:
    steady(ledger, "2026-06-01", "2026-08-10")

    found = sure(made(ledger, "2026-08", "2026-08-10", View(price_date=date(2026, 5, 1))))

    assert found.amount == units("104.16")
    assert found.price_changes_ahead == ()


def test_a_run_rate_says_that_it_knows_no_prices_ahead(ledger: Ledger) -> None:
    steady(ledger, "2026-08-01", "2026-08-10")

    found = sure(made(ledger, "2026-08", "2026-08-10"))

    assert found.amount == units("104.16")
    assert len(found.price_changes_ahead) == 1
    assert any("prices change" in note for note in found.notes)


def test_what_is_no_longer_sold_is_expected_to_cost_what_it_did(ledger: Ledger) -> None:
    """deepseek-chat was retired on 24 July at 15:59: 7 days, 8 hours and a minute of July have no price."""
    steady(ledger, "2026-05-01", "2026-07-10", model="deepseek-chat")

    found = sure(made(ledger, "2026-07", "2026-07-10"))

    assert found.amount == units("104.16")
    assert found.unpriced_ahead == round(Fraction(units("0.14") * (7 * 1440 + 8 * 60 + 1), 60))


def test_requests_without_a_price_are_in_no_cost_and_told_of(ledger: Ledger) -> None:
    days = [instant("2026-05-01T09:00") + number * DAY for number in range(61)]
    fill(ledger, [million(day, model="nobody-sells-this") for day in days] + [million(day) for day in days])

    found = sure(made(ledger, "2026-07", "2026-07-01"))

    assert found.amount == units("4.34")  # 31 x 0.14
    assert found.unpriced_ahead == 0
    assert found.notes == ("about 31 requests without a known price are expected besides, in no cost",)


def test_requests_of_a_size_keep_the_price_of_that_size(ledger: Ledger) -> None:
    """Each noon one of 100,000 tokens at $1.25 per million and one of 300,000 at $2.50, as Gemini 2.5 Pro costs."""
    days = [instant("2026-05-01T12:00") + number * DAY for number in range(61)]
    sizes = (100_000, 300_000)
    pour(ledger, [million(day, model="gemini-2.5-pro", input_tokens=size) for day in days for size in sizes])

    found = sure(made(ledger, "2026-07", "2026-07-01"))

    assert found.amount == units("27.125")  # 31 x (0.125 + 0.75)


def test_each_way_to_buy_a_model_keeps_its_price(ledger: Ledger) -> None:
    """GPT-5 costs $1.25 per million, half of that in batches, twice as much with priority; who else sells Flash for
    what is not known.
    """
    ways = [
        {"model": "gpt-5"},
        {"model": "gpt-5", "provider": "openai", "service_tier": "batch"},
        {"model": "gpt-5", "provider": "openai", "service_tier": "priority"},
        {"model": FLASH},
        {"model": FLASH, "provider": "openrouter"},
    ]
    days = [instant("2026-05-01T12:00") + number * DAY for number in range(61)]
    usual = {"provider": None, "service_tier": None}
    pour(ledger, [million(day, input_tokens=100_000, **(usual | way)) for day in days for way in ways])

    found = sure(made(ledger, "2026-07", "2026-07-01"))

    assert found.amount == units("13.9965")  # 31 x (0.125 + 0.0625 + 0.25 + 0.014)
    assert found.notes == ("about 31 requests without a known price are expected besides, in no cost",)


def test_searches_cost_what_they_did(ledger: Ledger) -> None:
    """A thousand searches a day for $0.75, which is not a price of tokens."""
    days = [instant("2026-11-01T12:00") + number * DAY for number in range(30)]
    fill(ledger, [])
    store(ledger.connection, ["apart"])
    fill(ledger, [million(day, input_tokens=0, apart="{search=1000}") for day in days])

    found = sure(made(ledger, "2026-12", "2026-12-01"))

    assert found.amount == units("23.25")  # 31 x 0.75


def test_where_clocks_change_by_half_an_hour_the_month_ends_within_one(ledger: Ledger) -> None:
    """On Lord Howe Island clocks go from 02:00 to 02:30 on 4 October: the month has 743.5 hours, at a million each."""
    zone = "Australia/Lord_Howe"
    month = Month.named("2026-10", zone)
    book = of_price("acme")
    steady(ledger, "2026-07-01", "2026-10-31", model="acme")

    found = sure(made(ledger, "2026-10", month.start.replace(tzinfo=None).isoformat(), View(tz=zone), book))

    assert month.end - month.start == timedelta(hours=743, minutes=30)
    assert (found.to_date, found.amount) == (0, units("104.09"))  # 743.5 x 0.14


# ------------------------------------------------------------------------------------------------ laws

ZONES = ("UTC", "Asia/Shanghai", "Asia/Kolkata", "America/New_York", "Europe/Berlin")
# One of each kind: with peaks, retired, dearer above 200,000 tokens, with paid cache writes, paid by request, unknown.
MODELS = (FLASH, "deepseek-chat", "gemini-2.5-pro", "claude-sonnet-4-5", "sonar", "nobody-sells-this")
PROVIDERS = {"sonar": "perplexity"}  # a name that is known only where it is sold


@dataclass(frozen=True)
class Call:
    """One request, as the second arithmetic prices it."""

    at: datetime
    model: str
    misses: int
    hits: int
    written: int
    written_1h: int
    output: int

    @property
    def size(self) -> int:
        return self.misses + self.hits + self.written + self.written_1h

    def row(self) -> dict[str, Any]:
        return million(
            self.at,
            model=self.model,
            provider=PROVIDERS.get(self.model),
            input_tokens=self.size,
            cache_read_tokens=self.hits,
            cache_write_tokens=self.written + self.written_1h,
            cache_write_1h_tokens=self.written_1h,
            output_tokens=self.output,
        )

    def cost(self, start: datetime, end: datetime) -> tuple[Fraction, Fraction]:
        """What it costs on average at the prices of a stretch of time, and for which part of it there are any."""
        money = known = Fraction(0)
        for price in BOOK.logged(self.model, "USD", start, end, provider=PROVIDERS.get(self.model)):
            if price.input_from <= self.size and (price.input_to is None or self.size < price.input_to):
                part = Fraction(
                    (price.end - price.start) // timedelta(seconds=1), (end - start) // timedelta(seconds=1)
                )
                assert price.input is not None and price.cache_read is not None and price.output is not None
                write = price.input if price.cache_write is None else price.cache_write
                hour = write if price.cache_write_1h is None else price.cache_write_1h
                money += part * (
                    self.misses * price.input + self.hits * price.cache_read + self.written * write
                    + self.written_1h * hour + self.output * price.output + price.request
                )  # fmt: skip
                known += part
        return money, known

    def paid(self) -> int | None:
        money, known = self.cost(self.at, self.at + timedelta(seconds=1))
        return int(money) if known else None


def calls(first: datetime, last: datetime) -> st.SearchStrategy[Call]:
    seconds = (last - first) // timedelta(seconds=1) - 1
    tokens = st.integers(0, 100_000)
    return st.builds(
        Call,
        st.integers(0, seconds).map(lambda number: first + timedelta(seconds=number)),
        st.sampled_from(MODELS),
        tokens, tokens, tokens, tokens, tokens,
    )  # fmt: skip


def second_opinion(known: Sequence[Call], month: Month, point: datetime) -> tuple[Fraction, Fraction, Fraction]:
    """Cost to date, expected cost and the unpriced part of that: hour by hour and request by request."""
    zone = ZoneInfo(month.tz)
    first = min(call.at for call in known).replace(minute=0, second=0)
    since = point
    while since > first and point - since < 56 * DAY:
        since -= HOUR

    def hour_of(at: datetime) -> tuple[int, int]:
        local = at.astimezone(zone)
        return local.weekday(), local.hour

    occurred = Counter(hour_of(since + number * HOUR) for number in range((point - since) // HOUR))
    to_date = sum(call.paid() or 0 for call in known if month.start <= call.at < point)
    rest = unpriced = Fraction(0)
    start = point
    while start < month.end:
        usual = [call for call in known if since <= call.at < point and hour_of(call.at) == hour_of(start)]
        for call in usual:
            money, priced = call.cost(start, start + HOUR)
            carried = (call.paid() or 0) * (1 - priced)
            rest += (money + carried) / occurred[hour_of(start)]
            unpriced += carried / occurred[hour_of(start)]
        start += HOUR
    return Fraction(to_date), rest, unpriced


@pytest.mark.endurance
@MORE
@given(data=st.data(), zone=st.sampled_from(ZONES), month=st.sampled_from(["2026-07", "2026-08", "2026-10", "2026-11"]))
def test_any_ledger_gives_what_hours_and_requests_give_one_by_one(
    ledger: Ledger, data: st.DataObject, zone: str, month: str
) -> None:
    named = Month.named(month, zone)
    point = named.start + data.draw(st.integers(0, named.days * 24 - 1)) * HOUR
    begin = point - data.draw(st.integers(28, 70)) * DAY
    known = data.draw(st.lists(calls(begin, point), min_size=1, max_size=25))
    known = [Call(begin, FLASH, 1, 2, 0, 0, 3), *known]
    pour(ledger, [call.row() for call in known])

    made_of = [call for call in known if call.at >= min(point - 56 * DAY, named.start)]
    maybe = made(ledger, month, point.replace(tzinfo=None).isoformat(), View(tz=zone))
    if made_of and all(call.paid() is None for call in made_of):
        assert maybe is None
        return
    found = sure(maybe)

    to_date, rest, unpriced = second_opinion(known, named, point)
    assert found.method == "weekday profile"
    assert (found.to_date, found.amount) == (to_date, round(to_date + rest))
    assert found.unpriced_ahead == round(unpriced)


def test_a_call_still_to_come_does_not_tell_that_a_month_without_calls_cost_nothing(ledger: Ledger) -> None:
    """One call in June, none in July, and a forecast of August: whether the logs went on is not known before it is over."""
    until = instant("2026-08-12T07:00")
    june, next_moment = (Call(at, FLASH, 1000, 0, 0, 0, 10) for at in (until - 59 * DAY, until))

    pour(ledger, [june.row()])
    before = made(ledger, "2026-08", "2026-08-12T07:00", View())
    pour(ledger, [june.row(), next_moment.row()])

    assert made(ledger, "2026-08", "2026-08-12T07:00", View()) == before


@pytest.mark.endurance
@MORE
@given(data=st.data(), zone=st.sampled_from(ZONES), back=st.integers(5, 80))
def test_a_forecast_does_not_know_what_comes_after_it(
    ledger: Ledger, data: st.DataObject, zone: str, back: int
) -> None:
    """Whatever the next moment, the rest of the month and the months after it bring, under whatever names."""
    at = "2026-08-12T07:30" if zone == "Asia/Kolkata" else "2026-08-12T07:00"  # a full hour there
    until = instant(at)
    known = data.draw(st.lists(calls(until - back * DAY, until), min_size=1, max_size=12))
    later = data.draw(st.lists(calls(until, until + 60 * DAY), max_size=8))
    next_moment = Call(until, FLASH, 1000, 0, 0, 0, 0)

    pour(ledger, [call.row() for call in known])
    before = made(ledger, "2026-08", at, View(tz=zone))
    pour(ledger, [call.row() for call in [*known, next_moment, *later]])
    after = made(ledger, "2026-08", at, View(tz=zone))

    assert before == after
