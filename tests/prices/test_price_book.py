"""The price book asked one thing at a time: who sells a name, its family, cache and fees, and own prices over it."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from genai_prices.types import (
    ClauseEquals,
    ConditionalPrice,
    ModelInfo,
    ModelPrice,
    Provider,
    StartDateConstraint,
    Tier,
    TieredPrices,
    TimeOfDateConstraint,
)
from test_price_files import FEE, MODEL, SMALL

from analyzer.errors import PriceError, UsageError
from analyzer.prices import Book, Sold
from analyzer.prices.fee import with_fees
from analyzer.prices.figure import units
from analyzer.prices.listed import Listed
from analyzer.prices.offer import EVER
from analyzer.prices.overlay import Called, called, covering
from analyzer.prices.own import Rate, read_own
from analyzer.prices.provider import read_provider

BOOK = Book.load()
CALM = datetime(2026, 5, 1, 10, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def small(*changes: tuple[str, str], more: str = "") -> Book:
    """The small price file after some replacements, each of which must apply."""
    text = SMALL + more
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return Book([read_provider(text, "acme.toml")])


def peaks(book: Book, start: str, end: str) -> list[tuple[datetime, datetime]]:
    return [(one.start, one.end) for one in book.logged("acme-1", "USD", at(start), at(end)) if one.window == "peak"]


# ------------------------------------------------------------------------------------------ who sells what, and how


@pytest.mark.parametrize(
    ("name", "family", "unit", "seller"),
    [
        ("deepseek-v4-pro", "pro", 128, "DeepSeek"),
        ("deepseek-v4-flash-vision-exp", "flash", 128, "DeepSeek"),
        ("deepseek-chat", None, 128, "DeepSeek"),
        ("flash", None, 128, "DeepSeek"),  # a family is a member of none
        ("gpt-4.1", None, 1, "OpenAI"),
        ("acme-5", None, 1, None),
    ],
)
def test_what_a_name_is(name: str, family: str | None, unit: int, seller: str | None) -> None:
    assert (BOOK.family(name), BOOK.cache_unit(Sold(name)), BOOK.sold_by(Sold(name))) == (family, unit, seller)


def test_who_sells_what_no_list_has_is_as_the_log_says() -> None:
    assert BOOK.sold_by(Sold("acme-5", "acme")) == "acme"


def test_identities_are_those_of_our_models_alone() -> None:
    assert BOOK.identities(Sold("deepseek-v4-flash")) == (
        (at("2026-04-24"), "deepseek-v4-flash"),
        (at("2026-09-10T04:00"), "deepseek-flash"),
    )
    assert BOOK.identities(Sold("gpt-4.1")) == ()


def test_own_prices_make_the_names_known_that_they_are_for_and_no_other() -> None:
    book = Book.load(read_own('[prices]\n"acme-*" = { input = "1", output = "2" }', "own.toml"))

    assert book.knows("acme-5")
    assert not book.knows("acme-*")
    assert not book.knows("other-5")


def test_more_own_prices_stand_over_those_before_or_instead_of_them() -> None:
    one, two = (read_own(f'[prices]\n{name} = {{ input = "1", output = "2" }}', "own.toml") for name in ("one", "two"))
    book = Book.load(one)
    known = book.version
    both, other = book.over(two), book.over(two, instead=True)

    assert [[book.knows(name) for name in ("one", "two")] for book in (both, other)] == [[True, True], [False, True]]
    assert len({known, both.version, other.version}) == 3
    assert book.version == known


def test_up_to_three_names_are_near() -> None:
    assert len(BOOK.nearest("deepseek-v4-flush")) == 3
    assert len(BOOK.nearest("d-v4-f")) <= 3


@pytest.mark.parametrize("currency", ["USD", "CNY"])
def test_fees_are_those_of_the_list(currency: str) -> None:
    fees = BOOK.fees("deepseek-v4-pro", currency)
    assert {fee.currency for fee in fees} == {currency}
    assert {fee.price for fee in fees} == {0, {"USD": 75 * 10**10, "CNY": 5 * 10**12}[currency]}


@pytest.mark.parametrize(("retired", "fees"), [("2026-02-01T12:00:00Z", 1), ("2026-02-01T12:01:00Z", 2)])
def test_a_fee_that_begins_when_a_model_is_retired_is_none_of_its(retired: str, fees: int) -> None:
    assert len(small((MODEL, f"{MODEL}\nretired = {retired}"), more=FEE).fees("acme-1", "USD")) == fees


# ------------------------------------------------------------------------------------------------ instants and bounds


def test_the_price_at_an_instant_is_bound_by_its_day_in_utc() -> None:
    """07:00 in Beijing on Wednesday is 23:00 UTC on Tuesday 2026-09-01: off-peak since 10:00."""
    found = BOOK.at("deepseek-v4-pro", datetime(2026, 9, 2, 7, tzinfo=timezone(8 * HOUR)), "USD")

    assert found is not None
    assert (found.start, found.end, found.window) == (at("2026-09-01T10:00"), at("2026-09-02"), "off-peak")


def test_intervals_are_told_in_utc() -> None:
    start = datetime(2026, 9, 2, 7, tzinfo=timezone(8 * HOUR))
    for name in ("deepseek-v4-pro", "gpt-4.1"):
        found = BOOK.logged(name, "USD", start, start + HOUR)
        assert [(one.start.tzinfo, one.end.tzinfo) for one in found] == [(UTC, UTC)]


@pytest.mark.parametrize("naive", [0, 1])
def test_each_bound_needs_a_zone(naive: int) -> None:
    bounds = [CALM, CALM + HOUR]
    bounds[naive] = bounds[naive].replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        BOOK.target("deepseek-v4-pro", "USD", bounds[0], bounds[1])


@pytest.mark.parametrize("name", ["deepseek-v4-pro", "gpt-4.1"])
def test_no_time_has_no_price(name: str) -> None:
    assert BOOK.logged(name, "USD", CALM, CALM) == []
    assert BOOK.logged(name, "USD", CALM, CALM - HOUR) == []


def test_a_stretch_that_ends_where_hours_open_has_none_of_them() -> None:
    """Peak opens at 01:00 UTC."""
    found = BOOK.logged("deepseek-v4-pro", "USD", at("2026-09-02"), at("2026-09-02T01:00"))
    assert [(one.start, one.end, one.window) for one in found] == [
        (at("2026-09-02"), at("2026-09-02T01:00"), "off-peak")
    ]


# ------------------------------------------------------------------------------------------------ hours and calendars

HOURS = 'hours = ["08:00-20:00"]'


def test_hours_that_close_when_they_open_are_the_whole_day() -> None:
    book = small((HOURS, 'hours = ["08:00-08:00"]\ndays = "mon-fri"'))
    assert peaks(book, "2026-02-06", "2026-02-09") == [(at("2026-02-06"), at("2026-02-07T08:00"))]


def test_hours_may_open_when_those_before_close() -> None:
    assert peaks(small((HOURS, 'hours = ["08:00-09:00", "09:00-10:00"]')), "2026-02-06", "2026-02-07") == [
        (at("2026-02-06T08:00"), at("2026-02-06T10:00"))
    ]


@pytest.mark.parametrize("first", ["22:00-02:00", "21:00-21:00"])
def test_nothing_opens_after_hours_over_midnight(first: str) -> None:
    with pytest.raises(PriceError, match="overlap the hours before"):
        small((HOURS, f'hours = ["{first}", "23:00-23:30"]'))


@pytest.mark.parametrize(
    ("offset", "opens", "days"),
    [
        ("+08:00", "22:00", (1, 2, 3, 4, 5)),  # 06:00 of the next day there
        ("-05:00", "02:00", (3, 4, 5, 6, 7)),  # 21:00 of the day before
        ("+01:45", "22:20", (1, 2, 3, 4, 5)),  # 00:05 of the next day
        ("+01:35", "22:20", (2, 3, 4, 5, 6)),  # 23:55 of the same
        ("-00:30", "00:29", (3, 4, 5, 6, 7)),  # 23:59 of the day before
        ("-00:30", "00:30", (2, 3, 4, 5, 6)),
    ],
)
def test_weekdays_are_those_of_the_calendars_own_clock(offset: str, opens: str, days: tuple[int, ...]) -> None:
    """2026-02-01 is a Sunday; a week from it, by the date of the opening in UTC."""
    closes = f"{opens[:3]}59"
    book = small((HOURS, f'hours = ["{opens}-{closes}"]\nutc_offset = "{offset}"\ndays = "mon-fri"'))
    assert tuple(start.day for start, _ in peaks(book, "2026-02-01", "2026-02-08")) == days


def test_confirmed_holidays_are_days() -> None:
    text = 'id = "day"\nholidays = { country = "CN", confirmed_by_bills = [2026-10-01T00:00:00Z] }'
    with pytest.raises(PriceError, match="must hold dates"):
        small(('id = "day"', text))


# ------------------------------------------------------------------------------------------ models of other providers


def listed(*prices: ConditionalPrice | ModelPrice, **more: Any) -> Listed:
    """A model of another provider at these prices."""
    model = ModelInfo(
        id="acme-1",
        match=ClauseEquals("acme-1"),
        prices=list(prices) if isinstance(prices[0], ConditionalPrice) else prices[0],  # type: ignore[arg-type]
        **more,
    )
    return Listed(Provider(id="acme", name="Acme", api_pattern="acme", models=[model]), model)


def mtok(given: str, made: str, **more: Any) -> ModelPrice:
    return ModelPrice(input_mtok=Decimal(given), output_mtok=Decimal(made), **more)


def told(one: Listed, start: str, end: str, tier: str | None = None) -> list[tuple[datetime, datetime, int | None]]:
    return [(each.start, each.end, each.input) for each in one.intervals(tier, at(start), at(end))]


def test_hours_of_the_day_of_another_provider() -> None:
    """Cheaper from 16:30 to 00:30 UTC, as DeepSeek's were in 2025; in the clock of the hours, which may be another."""
    night = TimeOfDateConstraint(start_time=time(16, 30, tzinfo=UTC), end_time=time(0, 30, tzinfo=UTC))
    one = listed(ConditionalPrice(prices=mtok("2", "3")), ConditionalPrice(night, prices=mtok("1", "2")))

    assert told(one, "2026-03-01T12:00", "2026-03-02T12:00") == [
        (at("2026-03-01T12:00"), at("2026-03-01T16:30"), units("2")),
        (at("2026-03-01T16:30"), at("2026-03-02T00:30"), units("1")),
        (at("2026-03-02T00:30"), at("2026-03-02T12:00"), units("2")),
    ]
    assert told(one, "2026-03-01T16:30", "2026-03-02T00:30") == [
        (at("2026-03-01T16:30"), at("2026-03-02T00:30"), units("1"))
    ]
    assert told(one, "2026-03-01T20:00", "2026-03-02T00:31")[0][:2] == (at("2026-03-01T20:00"), at("2026-03-02T00:30"))


def test_a_price_of_another_provider_begins_at_midnight() -> None:
    dated = ConditionalPrice(StartDateConstraint(date(2026, 3, 2)), prices=mtok("1", "2"))
    one = listed(ConditionalPrice(prices=mtok("2", "3")), dated)

    assert told(one, "2026-03-01T12:00", "2026-03-02T12:00") == [
        (at("2026-03-01T12:00"), at("2026-03-02"), units("2")),
        (at("2026-03-02"), at("2026-03-02T12:00"), units("1")),
    ]
    for start, end, price in (("2026-03-01", "2026-03-02", "2"), ("2026-03-02", "2026-03-03", "1")):
        assert told(one, start, end) == [(at(start), at(end), units(price))]
    day = [each.input for each in one.intervals(None, at("2026-03-01"), at("2026-03-05"), price_date=date(2026, 3, 1))]
    assert day == [units("2")]


def test_a_step_of_another_provider_is_above_its_bound() -> None:
    """Up to 200,000 tokens of input the first price, over it the second, for all of them."""
    prices = TieredPrices(
        base=Decimal(1), tiers=[Tier(start=200_000, price=Decimal(2)), Tier(start=500_000, price=Decimal(4))]
    )
    found = listed(ModelPrice(input_mtok=prices, output_mtok=Decimal(3))).intervals(None, CALM, CALM + HOUR)

    assert [(one.input_from, one.input_to, one.input, one.output) for one in found] == [
        (0, 200_001, units("1"), units("3")),
        (200_001, 500_001, units("2"), units("3")),
        (500_001, None, units("4"), units("3")),
    ]


def test_what_another_provider_does_not_bill_apart() -> None:
    """Hits and writes are input, one-hour writes are writes; a search is paid by the thousand, a call as well."""
    plain = listed(mtok("1", "2")).intervals(None, CALM, CALM + HOUR)[0]
    writes = listed(mtok("1", "2", cache_write_mtok=Decimal("1.25"), requests_kcount=Decimal(3))).intervals(
        None, CALM, CALM + HOUR
    )[0]
    free = listed(ModelPrice(input_mtok=Decimal(1))).intervals(None, CALM, CALM + HOUR)[0]

    assert (plain.cache_read, plain.cache_write, plain.cache_write_1h) == (units("1"),) * 3
    assert (writes.cache_write, writes.cache_write_1h, writes.request) == (units("1.25"), units("1.25"), 3 * 10**12)
    assert (free.output, plain.request, plain.apart) == (0, 0, ())
    assert listed(ModelPrice(output_mtok=Decimal(1))).intervals(None, CALM, CALM + HOUR) == []


@pytest.mark.parametrize(("figure", "units_"), [("0.0000000015", 2), ("0.0000000025", 2), ("0.00000000251", 3)])
def test_a_figure_too_fine_is_rounded_half_to_even(figure: str, units_: int) -> None:
    assert listed(mtok(figure, "1")).intervals(None, CALM, CALM + HOUR)[0].input == units_


# ----------------------------------------------------------------------------------------------------- own prices


def rate(text: str) -> Rate:
    (found,) = read_own(f"[prices]\n{text}", "own.toml")
    return found


EARLY = (at("2026-03-01"), at("2026-03-02"))  # before the first card of V4


@pytest.mark.parametrize(
    ("own", "early"),
    [
        ('input = "1", cache_read = "1", output = "1"', False),
        ('input = "1", cache_read = "1", output = "1", cache_write = "1"', False),
        ('input = "1", output = "1"', True),
        ('cache_read = "1", output = "1"', True),
        ('discount = "10%"', True),
    ],
)
def test_own_prices_leave_nothing_of_the_first_card_where_they_say_all_three_figures(own: str, early: bool) -> None:
    book = Book.load([rate(f'"deepseek-v4-pro" = {{ {own} }}')])
    found = book.target("deepseek-v4-pro", "USD", *EARLY)
    later = book.target("deepseek-v4-pro", "USD", CALM, CALM + HOUR)

    assert [one.before_first for one in (*found, *later)] == [early, False]


def test_own_prices_hold_for_the_dearest_window_too() -> None:
    """A discount of 10% on Pro off-peak and at peak: 0.66 and 1.32."""
    book = Book.load([rate('"deepseek-v4-pro" = { discount = "10%" }')])
    found = book.at("deepseek-v4-pro", at("2026-09-02T12:00"), "USD")

    assert found is not None
    assert found.dearer is not None
    assert (found.input, found.dearer.input) == (units("0.594"), units("1.188"))


def test_a_discount_is_on_what_is_billed_apart_and_figures_leave_it() -> None:
    half = Book.load([rate('"*" = { discount = "50%" }')])
    own = Book.load([rate('"deepseek-v4-pro" = { search = "9", file_search = "1" }')])
    noon = at("2026-11-20T12:00")

    for book, apart in ((half, {"fetch": 375 * 10**9, "search": 375 * 10**9}),
                        (own, {"fetch": 75 * 10**10, "file_search": 10**12, "search": 9 * 10**12})):  # fmt: skip
        found = book.at("deepseek-v4-pro", noon, "USD")
        assert found is not None
        assert found.apart == tuple(sorted(apart.items()))
        assert (found.input, found.certainty) == (units("0.33") if book is half else units("0.66"), "certain")


@pytest.mark.parametrize(
    ("entry", "sold", "covers"),
    [
        ("", Sold("ACME-5"), True),
        ("", Sold("acme-6"), False),
        (', provider = "azure"', Sold("acme-5"), False),
        (', provider = "azure"', Sold("acme-5", "Azure"), True),
        (', provider = "azure"', Sold("acme-5", "openai"), False),
        (', service_tier = "batch"', Sold("acme-5"), False),
        (', service_tier = "batch"', Sold("acme-5", None, "batch"), True),
        (', service_tier = "standard"', Sold("acme-5"), True),
        (', service_tier = "standard"', Sold("acme-5", None, "flex"), False),
    ],
)
def test_what_an_own_price_is_for(entry: str, sold: Sold, covers: bool) -> None:
    one = rate(f'"Acme-5" = {{ input = "1", output = "2"{entry} }}')
    assert one.covers(sold, "USD") is covers
    assert not one.covers(sold, "CNY")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('" " = { input = "1", output = "2" }', "a price without a model"),
        ('acme = { input = "1", output = "2", input_from = 1_000_000_000_001 }', "one bound of the input"),
        ('acme = { input = "1", output = "2", input_above = 1_000_000_000_000 }', "one bound of the input"),
        ('acme = { input = "1", output = "2", input_from = 0 }', "one bound of the input"),
        ('acme = { input = "1", output = "2", input_from = 2, input_above = 1 }', "one bound of the input"),
        ('acme = { input = "1", output = "2", discount = "1%" }', "either figures or a discount"),
        ('acme = { discount = "100.1%" }', "is no discount"),
        ('acme = { input = "1", output = "2", from = 2026-05-01, to = 2026-05-01 }', "'to' is not after 'from'"),
        ('acme = { search = "1000000.000000001" }', "over 1,000,000"),
    ],
)
def test_own_prices_just_outside_the_rules_are_refused(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        rate(text)


@pytest.mark.parametrize(
    ("text", "least"),
    [
        ("input_from = 1_000_000_000_000", 10**12),
        ("input_above = 999_999_999_999", 10**12),
        ("input_from = 1", 1),
        ("input_above = 0", 1),
    ],
)
def test_own_prices_just_inside_the_rules_are_taken(text: str, least: int) -> None:
    one = rate(f'acme = {{ search = "1000000", {text} }}')
    assert (one.least, one.figures) == (least, MappingProxyType({"search": 10**18}))
    assert str(one) == f"own.toml: acme: search, from {least:,} tokens of input"


def test_own_prices_say_what_they_are() -> None:
    assert str(rate('acme = { input = "1", output = "2" }')) == "own.toml: acme: input, output"
    assert str(rate('acme = { discount = "1%" }')) == "own.toml: acme: 1% off"


# ------------------------------------------------------------------------------------------- laying prices over others


def test_an_entry_under_another_name_holds_while_that_name_means_the_same() -> None:
    """One stretch of neighbours, two where time is between; an entry under the log's own word holds all its time."""
    flash = rate('flash = { discount = "1%", from = 2026-05-01T00:00:00Z, to = 2026-05-10T00:00:00Z }')
    first = at("2026-04-20")
    days = [(first + number * DAY, first + (number + 1) * DAY) for number in (0, 1, 15, 16, 18, 40)]
    named = [{"flash"}, {"flash"}, {"flash"}, {"flash", "x"}, {"flash"}, {"flash"}]
    stretches = [Called(*day, frozenset(names)) for day, names in zip(days, named, strict=True)]

    held = [(one.start, one.end) for one in covering([flash], stretches, Sold("m"), "USD")]

    assert [one for one in held if one[0] < one[1]] == [
        (at("2026-05-05"), at("2026-05-07")),
        (at("2026-05-08"), at("2026-05-09")),
    ]
    assert [*covering([flash], stretches, Sold("flash"), "USD")] == [flash]
    assert [*covering([flash], stretches, Sold("m"), "CNY")] == []


def test_names_mean_who_answers_from_one_change_to_the_next() -> None:
    """Prices change where nobody else begins to answer; what begins to mean another model ends a stretch."""
    offers = {
        name: BOOK._ours.offers[name] for name in ("deepseek-v4-flash", "deepseek-flash", "flash", "deepseek-v4-pro")
    }
    turn = at("2026-09-10T04:00")
    calm, then = at("2026-09-01"), at("2026-09-20")
    answered = [
        (calm, at("2026-09-05"), "deepseek-v4-flash"),
        (at("2026-09-05"), turn, "deepseek-v4-flash"),
        (turn, then, "deepseek-flash"),
        (then + DAY, then + 2 * DAY, "deepseek-flash"),
    ]

    before, after = (
        frozenset({"deepseek-v4-flash", "flash"}),
        frozenset({"deepseek-v4-flash", "deepseek-flash", "flash"}),
    )
    assert called(answered, offers) == [
        Called(calm, turn, before),
        Called(turn, then, after),
        Called(then + DAY, then + 2 * DAY, after),
    ]
    across = called([(calm, then, "deepseek-v4-flash")], offers)
    assert [(one.start, one.end) for one in across] == [(calm, turn), (turn, then)]


def test_a_fee_begins_within_a_price_and_ends_within_another() -> None:
    book = small(more=FEE)
    found = book.logged("acme-1", "USD", at("2025-12-31"), at("2026-02-02"))
    assert [(one.start, one.end, dict(one.apart).get("search")) for one in found] == [
        (at("2026-01-01"), at("2026-02-01"), 2 * 10**12),
        (at("2026-02-01"), at("2026-02-01T08:00"), None),
        (at("2026-02-01T08:00"), at("2026-02-01T12:00"), None),
        (at("2026-02-01T12:00"), at("2026-02-01T20:00"), 5 * 10**11),
        (at("2026-02-01T20:00"), at("2026-02-02"), 5 * 10**11),
    ]
    assert with_fees([found[0]], book.fees("acme-1", "USD"), "CNY", None) == [found[0]]
    assert max(fee.end for fee in book.fees("acme-1", "USD")) == EVER


@pytest.mark.parametrize(("day", "fee"), [(date(2026, 10, 31), 0), (date(2026, 11, 1), 750_000_000_000)])
@pytest.mark.parametrize("when", ["2026-10-20T12:00", "2026-11-20T12:00"])
def test_on_a_price_date_the_fees_of_that_day_hold_all_the_time(day: date, fee: int, when: str) -> None:
    """Searches made for a model cost $0.75 per 1,000 from 2026-10-31T16:00Z, and were free before."""
    found = BOOK.logged("deepseek-flash", "USD", at(when), at(when) + HOUR, price_date=day)

    assert [dict(one.apart).get("search") for one in found] == [fee]
