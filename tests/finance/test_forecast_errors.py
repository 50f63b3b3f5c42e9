"""What was wrong with forecasts at the same point of earlier months: the range that it makes, and the accuracy told."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest
from forecasts import DAY, FLASH, UTC_VIEW, instant, made, million, of_price, pour, steady, sure, units
from support import BOOK, fill

from analyzer.finance.entries import define_entries
from analyzer.finance.forecast import Accuracy, accuracy
from analyzer.finance.month import Month
from analyzer.ledger import Ledger
from analyzer.prices import Book


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    with Ledger.throwaway() as made:
        yield made


def completed(tokens: Sequence[int], first: date, month: Month, day: int) -> tuple[int, Fraction, int]:
    """A second method for one request a day: cost before a day of the month, the rest expected, the whole month's.

    The mean of a weekday is that of its last eight days, or of all there are: all of them at noon.
    """
    by_day = {first + number * DAY: Fraction(each * 140_000_000) for number, each in enumerate(tokens)}
    point = month.first + (day - 1) * DAY
    days = [month.first + number * DAY for number in range(month.days)]
    rest = Fraction(0)
    for ahead in days:
        if ahead >= point:
            past = [one for one in by_day if one < point and one.weekday() == ahead.weekday()][-8:]
            rest += sum(by_day[one] for one in past) / len(past)
    to_date = sum(by_day[one] for one in days if one < point)
    return int(to_date), rest, int(sum(by_day.get(one, Fraction(0)) for one in days))


# From New Year to 10 July: growing, with weekends, and no two days alike.
GROWING = [1000 + 37 * number + (400 if number % 7 in (2, 3) else 0) + number**2 % 101 for number in range(190)]
NEW_YEAR = date(2026, 1, 1)


def grown(ledger: Ledger, tokens: Sequence[int] = GROWING, first: date = NEW_YEAR) -> Book:
    pour(
        ledger,
        [
            million(
                datetime(first.year, first.month, first.day, 12, tzinfo=UTC) + number * DAY,
                model="acme",
                input_tokens=each,
            )
            for number, each in enumerate(tokens)
        ],
    )
    return of_price("acme")


def scored(ledger: Ledger, book: Book, month: str, at: str) -> list[Accuracy]:
    define_entries(ledger, book, UTC_VIEW)
    return list(accuracy(ledger.connection, book, UTC_VIEW, Month.named(month), instant(at)))


def test_a_range_is_what_was_wrong_at_the_same_point_of_earlier_months(ledger: Ledger) -> None:
    """On 10 July: of February to June, since in January there were no four weeks yet."""
    book = grown(ledger)
    to_date, rest, _ = completed(GROWING, NEW_YEAR, Month.named("2026-07"), 10)
    ratios = []
    for month in range(2, 7):
        before, expected, whole = completed(GROWING, NEW_YEAR, Month(date(2026, month, 1)), 10)
        ratios.append((whole - before) / expected)

    found = sure(made(ledger, "2026-07", "2026-07-10", book=book))

    assert min(ratios) > 1  # it grows: the method has always said too little, and the low end is what it says now
    assert found.amount == round(to_date + rest)
    assert found.low == found.amount
    assert found.high == round(to_date + rest * max(ratios))
    assert found.few is None


def test_a_range_reaches_down_where_too_much_was_forecast(ledger: Ledger) -> None:
    falling = [10_000 - each for each in GROWING]
    book = grown(ledger, falling)
    to_date, rest, _ = completed(falling, NEW_YEAR, Month.named("2026-07"), 10)
    ratios = []
    for month in range(2, 7):
        before, expected, whole = completed(falling, NEW_YEAR, Month(date(2026, month, 1)), 10)
        ratios.append((whole - before) / expected)

    found = sure(made(ledger, "2026-07", "2026-07-10", book=book))

    assert max(ratios) < 1
    assert (found.low, found.high) == (round(to_date + rest * min(ratios)), found.amount)


@pytest.mark.parametrize(("month", "few"), [("2026-04", True), ("2026-05", False)])
def test_three_earlier_months_make_a_range(ledger: Ledger, month: str, few: bool) -> None:
    """February is the first with four weeks of history: in April two months tell, in May three."""
    book = grown(ledger)

    found = sure(made(ledger, month, f"{month}-10", book=book))

    told = "2 earlier months tell of the method's errors at this point; a range takes 3"
    assert found.few == (told if few else None)
    assert (found.low is None, found.high is None) == (few, few)


def test_months_of_which_nothing_was_expected_do_not_tell(ledger: Ledger) -> None:
    """Nothing was called before 20 May: 0 was expected in April, and no ratio to it is known."""
    tokens = [0] * 139 + [1000] * 51
    book = grown(ledger, tokens)

    found = sure(made(ledger, "2026-07", "2026-07-10", book=book))

    # Of May 0 was expected, too; of June alone there is something to tell.
    assert found.few == "1 earlier month tells of the method's errors at this point; a range takes 3"


def test_a_month_of_which_nothing_could_be_forecast_tells_nothing_of_errors(ledger: Ledger) -> None:
    """On 1 March: at the first instant of January nothing was logged yet; at that of February there were 31 days."""
    book = grown(ledger, GROWING[:59])

    found = sure(made(ledger, "2026-03", "2026-03-01", book=book))

    assert found.few == "1 earlier month tells of the method's errors at this point; a range takes 3"


def test_the_twelve_months_before_tell_and_none_before_them(ledger: Ledger) -> None:
    """The same each day, but for a dearer end of May 2025, 13 months before June 2026: that is no part of the range."""
    days = (date(2026, 6, 10) - date(2025, 1, 1)).days
    book = grown(ledger, [5000 if 140 <= number < 151 else 1000 for number in range(days)], date(2025, 1, 1))

    told = [one.month for one in scored(ledger, book, "2026-06", "2026-06-10")]
    after = sure(made(ledger, "2026-06", "2026-06-10", book=book))
    before = sure(made(ledger, "2026-05", "2026-05-10", book=book))

    assert told == [f"2025-{month:02}" for month in range(6, 13)] + [f"2026-{month:02}" for month in range(1, 6)]
    assert after.amount == units("0.0042")  # 30 days of 1,000 tokens at 0.14 a million
    assert after.high == after.amount
    assert before.high is not None and before.high > before.amount


def test_the_point_is_clipped_to_shorter_months(ledger: Ledger) -> None:
    book = grown(ledger, [1000] * 365)

    told = {one.month: one.at for one in scored(ledger, book, "2026-10", "2026-10-31T06:00")}

    assert told["2026-08"] == instant("2026-08-31T06:00")
    assert told["2026-09"] == instant("2026-10-01")
    assert told["2026-02"] == instant("2026-03-01")


def test_accuracy_is_what_would_have_been_forecast_then(ledger: Ledger) -> None:
    book = grown(ledger)

    found = scored(ledger, book, "2026-07", "2026-07-10")

    assert [one.month for one in found] == ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06"]
    january = found[0]
    assert (january.method, january.at) == ("run rate", instant("2026-01-10"))
    nine = sum(GROWING[:9]) * 140_000_000
    assert january.forecast == round(Fraction(nine * 31, 9))
    for one in found[1:]:
        before, expected, whole = completed(GROWING, NEW_YEAR, Month.named(one.month), 10)
        assert one.method == "weekday profile"
        assert (one.forecast, one.actual) == (round(before + expected), whole)
        assert one.error == Fraction(abs(round(before + expected) - whole), whole)


def test_of_a_month_that_is_over_accuracy_is_that_of_its_half(ledger: Ledger) -> None:
    book = grown(ledger)

    found = scored(ledger, book, "2026-06", "2026-07-10")

    assert [one.month for one in found] == ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06"]
    assert {one.at.day for one in found} == {16}
    before, expected, whole = completed(GROWING, NEW_YEAR, Month.named("2026-06"), 16)
    assert (found[-1].forecast, found[-1].actual) == (round(before + expected), whole)


def test_a_month_that_cost_nothing_has_no_error(ledger: Ledger) -> None:
    book = grown(ledger, [0] * 190)

    assert {(one.forecast, one.actual, one.error) for one in scored(ledger, book, "2026-07", "2026-07-10")} == {
        (0, 0, None)
    }


def test_what_a_month_without_a_price_cost_is_unknown_and_tells_nothing_of_errors(ledger: Ledger) -> None:
    """A thousand million tokens a day: in March nothing was called, in April under a name that has no price.

    One such call among those of June leaves what they cost known.
    """
    days = [datetime(2026, 1, 1, 12, tzinfo=UTC) + number * DAY for number in range(190)]
    names = {4: "nobody-sells-this"}
    named = [million(day, 1000, model=names.get(day.month, "acme")) for day in days if day.month != 3]
    pour(ledger, [*named, million(datetime(2026, 6, 20, 13, tzinfo=UTC), model="nobody-sells-this")])
    book = of_price("acme")

    found = {one.month: one for one in scored(ledger, book, "2026-07", "2026-07-10")}
    may, july = (sure(made(ledger, month, f"{month}-10", book=book)) for month in ("2026-05", "2026-07"))

    assert {name: one.actual for name, one in found.items()} == {
        "2026-01": units("4340"), "2026-02": units("3920"), "2026-03": 0,
        "2026-04": None, "2026-05": units("4340"), "2026-06": units("4200"),
    }  # fmt: skip
    assert (found["2026-04"].forecast is None, found["2026-04"].error) == (False, None)
    assert may.few == "2 earlier months tell of the method's errors at this point; a range takes 3"
    assert july.few is None


@pytest.mark.parametrize("usage", [{"model": "nobody-sells-this"}, {"input_tokens": None, "output_tokens": None}])
@pytest.mark.parametrize("first", [date(2026, 6, 20), pytest.param(date(2026, 2, 1), marks=pytest.mark.endurance)])
def test_of_calls_without_a_price_or_usage_no_cost_is_forecast(
    ledger: Ledger, usage: dict[str, Any], first: date
) -> None:
    """Neither by the run rate of days nor by the profile of weeks: not known is no 0. One call with a price is a cost."""
    days = [
        datetime(first.year, first.month, first.day, 12, tzinfo=UTC) + number * DAY
        for number in range((date(2026, 7, 10) - first).days)
    ]
    unknown = [million(day, **{"model": FLASH, **usage}) for day in days]

    pour(ledger, unknown)
    nothing = made(ledger, "2026-07", "2026-07-10")
    untold = scored(ledger, BOOK, "2026-07", "2026-07-10")
    pour(ledger, [*unknown, million(days[-1])])

    assert nothing is None
    assert {one.forecast for one in untold} <= {None}
    assert sure(made(ledger, "2026-07", "2026-07-10")).to_date == units("0.14")


def test_what_a_month_cost_that_no_log_reaches_is_unknown(ledger: Ledger) -> None:
    """The logs end on 20 March: of April nothing tells whether it was called, or not logged."""
    book = grown(ledger, GROWING[:79])

    found = {one.month: one for one in scored(ledger, book, "2026-04", "2026-07-10")}

    assert found["2026-04"].actual is None
    assert found["2026-03"].actual == sum(GROWING[59:79]) * 140_000_000


@pytest.mark.parametrize(("first", "months"), [(NEW_YEAR, ["2026-01", "2026-02"]), (date(2026, 1, 2), ["2026-02"])])
def test_a_month_within_which_the_ledger_begins_is_not_whole(ledger: Ledger, first: date, months: list[str]) -> None:
    book = grown(ledger, GROWING[:80], first)

    assert [one.month for one in scored(ledger, book, "2026-03", "2026-03-10")] == months


@pytest.mark.parametrize(
    ("since", "months"), [("2026-01-01T23:00", ["2026-01", "2026-02"]), ("2026-01-02", ["2026-02"])]
)
def test_a_ledger_that_begins_with_the_second_day_lacks_the_first(
    ledger: Ledger, since: str, months: list[str]
) -> None:
    steady(ledger, since, "2026-03-10", model="acme")

    assert [one.month for one in scored(ledger, of_price("acme"), "2026-03", "2026-03-10")] == months


def test_nothing_elapsed_and_no_history_is_no_forecast_of_the_past(ledger: Ledger) -> None:
    book = grown(ledger, GROWING[:80])

    january, february = scored(ledger, book, "2026-03", "2026-03-01")

    assert (january.forecast, january.error) == (None, None)
    assert february.forecast is not None  # 31 days of history


def test_without_a_ledger_there_is_no_accuracy(ledger: Ledger) -> None:
    fill(ledger, [])

    assert scored(ledger, BOOK, "2026-03", "2026-03-01") == []
