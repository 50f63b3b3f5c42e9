"""Days that cost something else than usual: by hand, on both sides of every bound, and what is none."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import BOOK, fill

from analyzer.errors import UsageError
from analyzer.finance.anomalies import DRIVERS, Anomaly, anomalies, score
from analyzer.finance.entries import define_entries
from analyzer.finance.month import Month
from analyzer.finance.settings import ReviewSettings, read_settings
from analyzer.ledger import Ledger
from analyzer.simulate.relations import View

# July 2026: a whole day at one price, 0.28 per 1M tokens written by flash, 0.87 by pro; eight weeks before are in May.
JULY = Month.named("2026-07")
LAST = date(2026, 7, 31)
FLASH, PRO = 280_000_000, 870_000_000  # units of 1e-15 per token
WEDNESDAY = date(2026, 7, 8)
SCORE = Fraction(7, 2)

Row = dict[str, object]
Found = Callable[..., tuple[Anomaly, ...]]


def day_of(day: date, tokens: int, **more: object) -> Row:
    """A call that wrote so many tokens, at noon."""
    at = datetime.combine(day, time(12))
    return {"started_at": at, "endpoint": "/a", "input_tokens": 0, "output_tokens": tokens, **more}


def weeks_before(day: date, *tokens: int, **more: object) -> list[Row]:
    """The same weekday, one, two, ... weeks before."""
    return [day_of(day - timedelta(weeks=number), amount, **more) for number, amount in enumerate(tokens, 1)]


@pytest.fixture(scope="module")
def found() -> Iterator[Found]:
    """The anomalies of July among some calls, in a log that goes on; of no least amount unless one is given."""
    with Ledger.throwaway() as ledger:

        def ask(
            rows: Sequence[Row], floor: int | None = 0, threshold: Fraction = SCORE, **more: Any
        ) -> tuple[Anomaly, ...]:
            fill(ledger, [*rows, day_of(more.pop("logged", date(2026, 8, 5)), 1, endpoint="/beside")])
            define_entries(ledger, BOOK, View(tz=more.pop("tz", "UTC"), currency=more.pop("currency", "USD")))
            given = {"month": JULY, "through": LAST, **more}
            month = given.pop("month")
            return anomalies(ledger.connection, month, BOOK, floor=floor, threshold=threshold, **given)

        yield ask


# Four days of 90,000 and four of 110,000: the median is 100,000, and all lie 10,000 from it, which is the MAD.
# A score of 3.5 is then 3.5 x 1.4826 x 10,000 = 51,891 tokens away.
EIGHT = (90_000, 110_000, 90_000, 110_000, 90_000, 110_000, 90_000, 110_000)
STEADY = (100_000,) * 8


def on(day: date, some: Sequence[Anomaly]) -> list[Anomaly]:
    """Those of a day: the weeks after an odd one are without calls here, which is odd, too."""
    return [one for one in some if one.day == day]


def test_a_spike_by_hand(found: Found) -> None:
    """200,000 tokens on a Wednesday, after eight of 100,000 in the median: 100,000 more, a score of 100,000 / 14,826."""
    (spike,) = on(WEDNESDAY, found([*weeks_before(WEDNESDAY, *EIGHT), day_of(WEDNESDAY, 200_000)]))

    assert (spike.endpoint, spike.line, spike.new) == ("/a", "flash", False)
    assert (spike.cost, spike.usual, spike.impact) == (200_000 * FLASH, 100_000 * FLASH, 100_000 * FLASH)
    assert spike.score == Fraction(100_000, 14_826)
    assert [driver.name for driver in spike.drivers] == list(DRIVERS)
    assert {driver.name: driver.amount for driver in spike.drivers if driver.amount} == {
        "tokens per request": 100_000 * FLASH  # one call, as ever; the mean is the median here
    }


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("away", "told"), [(51_891, False), (51_892, True)])
def test_both_sides_of_the_score(found: Found, sign: int, away: int, told: bool) -> None:
    some = found([*weeks_before(WEDNESDAY, *EIGHT), day_of(WEDNESDAY, 100_000 + sign * away)])

    assert bool(on(WEDNESDAY, some)) is told


@pytest.mark.parametrize(("floor", "told"), [(100_000 * FLASH, True), (100_000 * FLASH + 1, False)])
@pytest.mark.parametrize("earlier", [EIGHT, STEADY])
def test_both_sides_of_the_floor(found: Found, earlier: Sequence[int], floor: int, told: bool) -> None:
    some = found([*weeks_before(WEDNESDAY, *earlier), day_of(WEDNESDAY, 200_000)], floor)

    assert bool(on(WEDNESDAY, some)) is told


def test_without_a_floor_a_hundredth_of_the_month_counts(found: Found) -> None:
    """100 tokens where there are none usually, beside 9,900 of another endpoint, or one more: 1 % of the month, or less."""
    for more, told in ((9_900, True), (9_901, False)):
        rows = [*weeks_before(WEDNESDAY, *(0,) * 8), day_of(WEDNESDAY, 100)]
        rows.append(day_of(date(2026, 7, 1), more, endpoint="/b"))
        assert bool(on(WEDNESDAY, found(rows, None))) is told


def test_where_the_usual_never_varied_money_alone_decides(found: Found) -> None:
    (spike,) = on(WEDNESDAY, found([*weeks_before(WEDNESDAY, *STEADY), day_of(WEDNESDAY, 100_001)]))

    assert (spike.impact, spike.score) == (FLASH, None)
    assert on(WEDNESDAY, found([*weeks_before(WEDNESDAY, *STEADY), day_of(WEDNESDAY, 100_000)])) == []


def test_quiet_weekends_are_usual(found: Found) -> None:
    """From May to July, 100,000 tokens on working days and 40,000 on weekends, a little up and down: nothing is odd."""
    first = date(2026, 5, 1)
    rows = [
        day_of(day, (100_000 if day.weekday() < 5 else 40_000) + 1_000 * (number // 7 % 3))
        for number in range(92)
        for day in (first + timedelta(days=number),)
    ]

    assert found(rows) == ()
    # A Sunday like a working day is.
    rows = [row for row in rows if row["started_at"] != datetime(2026, 7, 12, 12)]
    assert [one.day for one in found([*rows, day_of(date(2026, 7, 12), 100_000)])] == [date(2026, 7, 12)]


def test_a_day_without_calls_costs_nothing_which_may_be_odd(found: Found) -> None:
    some = found(weeks_before(WEDNESDAY, *EIGHT))

    (quiet, *_) = on(WEDNESDAY, some)
    assert (quiet.cost, quiet.impact) == (0, -100_000 * FLASH)
    assert {driver.name: driver.amount for driver in quiet.drivers if driver.amount} == {"requests": -100_000 * FLASH}


def test_days_after_the_last_call_of_all_are_not_known_to_be_quiet(found: Found) -> None:
    rows = weeks_before(WEDNESDAY, *EIGHT)

    assert on(WEDNESDAY, found(rows, logged=WEDNESDAY))
    assert on(WEDNESDAY, found(rows, logged=WEDNESDAY - timedelta(days=1))) == []


def test_drivers_are_against_the_mean_of_the_days_and_add_up_to_that(found: Found) -> None:
    """Two calls of 30 tokens each after four days of one call of 10, 10, 10 and 11: usually 10, in the mean 10.25.

    Tokens per call go from 10.25 to 30: requests 1 x (10.25 + 30) / 2, tokens 19.75 x (1 + 2) / 2.
    """
    rows = [*weeks_before(WEDNESDAY, 10, 10, 10, 11), *[day_of(WEDNESDAY, 30) for _ in range(2)]]
    (spike,) = on(WEDNESDAY, found(rows))

    assert (spike.usual, spike.impact) == (10 * FLASH, 50 * FLASH)
    parts = {driver.name: Fraction(driver.amount, FLASH) for driver in spike.drivers}
    assert parts["requests"] == Fraction("20.125")
    assert parts["tokens per request"] == Fraction("29.625")
    assert sum(parts.values()) == Fraction("49.75")


def test_units_are_cut_only_at_the_end(found: Found) -> None:
    """Days of 0, 0, 0, 0, 0, 0 and 1 tokens: the mean is a seventh of a token."""
    rows = [*weeks_before(WEDNESDAY, 0, 0, 0, 1, 0, 0, 0), day_of(WEDNESDAY, 5)]
    (spike,) = on(WEDNESDAY, found(rows))

    assert sum(driver.amount for driver in spike.drivers) == int(Fraction(34, 7) * FLASH)


def test_hit_rate_and_price_are_told_apart(found: Found) -> None:
    """In July and before: 0.14 a miss, 0.0028 a hit, per 1M. A prompt that no longer hits costs what the misses do."""
    usual = {"input_tokens": 1_000, "cache_read_tokens": 1_000}
    (spike,) = on(
        WEDNESDAY,
        found(
            [
                *weeks_before(WEDNESDAY, *STEADY, **usual),
                day_of(WEDNESDAY, 100_000, input_tokens=1_000, cache_read_tokens=0),
            ]
        ),
    )

    assert {driver.name: driver.amount for driver in spike.drivers if driver.amount} == {
        "cache hit rate": 1_000 * (140_000_000 - 2_800_000)
    }


@pytest.mark.parametrize(("days", "told"), [(3, False), (4, True)])
def test_no_verdict_without_four_days_to_compare(found: Found, days: int, told: bool) -> None:
    rows = [*weeks_before(WEDNESDAY, *STEADY[:days]), day_of(WEDNESDAY, 900_000)]

    assert bool(on(WEDNESDAY, found(rows))) is told


def test_days_before_the_eight_weeks_say_only_that_it_had_begun(found: Found) -> None:
    """One call in April; then nothing, which is usual, until July."""
    rows = [day_of(date(2026, 4, 28), 7), day_of(WEDNESDAY, 100_000)]
    (spike,) = found(rows)

    assert (spike.day, spike.usual, spike.score, spike.new) == (WEDNESDAY, 0, None, False)
    # Nine weeks before is not among the eight: with a ninth day of 110,000 that would be usual.
    rows = [*weeks_before(WEDNESDAY, *EIGHT, 110_000), day_of(WEDNESDAY, 900_000)]
    assert [one.usual for one in on(WEDNESDAY, found(rows))] == [100_000 * FLASH]


def test_what_began_within_the_month_is_told_once_as_new(found: Found) -> None:
    old = [day_of(date(2026, 6, 30), 10, endpoint="/old")]
    new = [day_of(date(2026, 7, 14), 100), day_of(date(2026, 7, 20), 300)]
    (told,) = [one for one in found([*old, *new]) if one.new]

    assert (told.day, told.endpoint, told.cost, told.impact) == (date(2026, 7, 14), "/a", 400 * FLASH, 400 * FLASH)
    assert (told.usual, told.score) == (0, None)
    assert [(driver.name, driver.amount) for driver in told.drivers] == [("new series", 400 * FLASH)]
    assert [one for one in found([*old, *new], 400 * FLASH) if one.new] == [told]
    assert [one for one in found([*old, *new], 400 * FLASH + 1) if one.new] == []
    # Another line of an endpoint that was there is new, too; another name of the same family is not.
    pro = [day_of(date(2026, 7, 14), 1, endpoint="/old", model="deepseek-v4-pro")]
    assert [(one.endpoint, one.line) for one in found([*old, *pro]) if one.new] == [("/old", "pro")]
    same = [day_of(date(2026, 7, 14), 1, endpoint="/old", model="deepseek-chat")]
    assert [one for one in found([*old, *same]) if one.new] == []


def test_nothing_is_new_in_a_ledger_that_begins_with_the_month(found: Found) -> None:
    assert found([day_of(date(2026, 7, 1), 100), day_of(date(2026, 7, 14), 100, endpoint="/b")]) == ()


def test_what_a_day_cost_without_a_known_price_is_not_taken_for_nothing(found: Found) -> None:
    """In CNY no price of `deepseek-chat` is known from 5 to 29 September 2025: on 22 October three Wednesdays are left."""
    rows = [
        day_of(date(2025, 9, 10) + timedelta(weeks=number), 900_000 if number >= 6 else 100_000, model="deepseek-chat")
        for number in range(8)
    ]
    some = found(rows, month=Month.named("2025-10"), through=date(2025, 10, 31), currency="CNY")

    assert [(one.day, one.usual) for one in some] == [(date(2025, 10, 29), 100_000 * 3 * 10**9)]
    # Nor is 10 September odd after five Wednesdays whose cost is known.
    rows = weeks_before(date(2025, 9, 17), *STEADY[:6], model="deepseek-chat")
    assert found(rows, month=Month.named("2025-09"), through=date(2025, 9, 16), currency="CNY") == ()


def test_days_that_are_not_over_are_left_out(found: Found) -> None:
    rows = [*weeks_before(WEDNESDAY, *STEADY), day_of(WEDNESDAY, 5)]

    assert [one.day for one in found(rows, through=WEDNESDAY)] == [WEDNESDAY]
    assert found(rows, through=WEDNESDAY - timedelta(days=1)) == ()
    assert found(rows, through=date(2026, 6, 30)) == ()


def test_days_are_those_of_the_reporting_zone(found: Found) -> None:
    """22:30 UTC on Tuesdays is half past midnight on Wednesdays in Berlin."""
    late = time(22, 30)
    days = [WEDNESDAY - timedelta(weeks=number) for number in range(9)]
    rows = [day_of(day, 100, started_at=datetime.combine(day - timedelta(days=1), late)) for day in days]
    berlin = {"tz": "Europe/Berlin", "month": Month(JULY.first, "Europe/Berlin"), "through": WEDNESDAY}

    assert found(rows, **berlin) == ()
    assert [one.day for one in found(rows[1:], **berlin)] == [WEDNESDAY]
    assert [one.day for one in found(rows[1:], through=WEDNESDAY)] == [WEDNESDAY - timedelta(days=1)]


def test_the_largest_comes_first_whatever_its_sign(found: Found) -> None:
    rows = [*weeks_before(WEDNESDAY, *STEADY), day_of(WEDNESDAY, 150_000)]
    rows += weeks_before(WEDNESDAY, *STEADY, endpoint="/b")
    rows += [
        *weeks_before(WEDNESDAY, *STEADY, endpoint=None, model="deepseek-v4-pro"),
        day_of(WEDNESDAY, 40_000, endpoint=None, model="deepseek-v4-pro"),
    ]

    assert [(one.endpoint, one.impact) for one in on(WEDNESDAY, found(rows))] == [
        (None, -60_000 * PRO),
        ("/b", -100_000 * FLASH),
        ("/a", 50_000 * FLASH),
    ]


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**9), min_size=4, max_size=8), st.integers(1, 1000))
@settings(max_examples=100, deadline=None)
def test_scores_are_exact_and_know_no_currency(cost: int, earlier: list[int], factor: int) -> None:
    exact = [Fraction(one) for one in earlier]
    spread = Fraction("1.4826") * median(abs(one - median(exact)) for one in exact)

    usual, far = score(cost, earlier)
    assert usual == median(exact)
    assert far == ((cost - usual) / spread if spread else None)
    assert score(cost * factor, [one * factor for one in earlier]) == (usual * factor, far)


# -------------------------------------------------------------------------------------------------------- settings


def test_settings_are_exact() -> None:
    told = read_settings({"review": {"anomaly_floor": "5.00", "anomaly_score": Decimal("3.1")}}, "spend.toml")

    assert told == ReviewSettings(5 * 10**15, Fraction(31, 10))
    assert read_settings({}, "spend.toml") == ReviewSettings(None, Fraction(7, 2))
    assert read_settings({"review": {"anomaly_score": 4}}, "spend.toml").anomaly_score == 4


@pytest.mark.parametrize(
    ("table", "message", "remedy"),
    [
        ({"anomaly_flor": "5"}, "unknown key review.anomaly_flor", "did you mean review.anomaly_floor?"),
        ({"anomaly_floor": "-1"}, "review.anomaly_floor is no amount of money", 'write anomaly_floor = "200.00"'),
        (
            {"anomaly_score": 0},
            "review.anomaly_score is no number above 0, up to 1000",
            "write anomaly_score = 3.5, say",
        ),
        ({"anomaly_score": "x"}, "review.anomaly_score is no number", "write anomaly_score = 3.5, say"),
        ({"anomaly_score": Decimal("NaN")}, "review.anomaly_score is no number", "write anomaly_score = 3.5, say"),
        ({"anomaly_score": True}, "review.anomaly_score is no number", "write anomaly_score = 3.5, say"),
        (
            {"anomaly_score": Decimal("1e-999999999")},
            "review.anomaly_score is no number",
            "write anomaly_score = 3.5, say",
        ),
    ],
)
def test_a_wrong_setting_is_named(table: Mapping[str, object], message: str, remedy: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        read_settings({"review": table}, "spend.toml")
    assert str(caught.value).startswith("spend.toml: ")
    assert caught.value.remedy == remedy
