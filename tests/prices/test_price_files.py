"""Price files: the rules of their data, fees, holidays, and the version that what they say is known by."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files

import pytest

from analyzer.errors import PriceError
from analyzer.prices import Book, Interval, Sold
from analyzer.prices.figure import from_per_million, units
from analyzer.prices.holiday import HolidayCalendar
from analyzer.prices.period import BEGINNING, LATEST, period_of
from analyzer.prices.provider import read_provider

BOOK = Book.load()
SHIPPED = (files("analyzer.prices") / "deepseek.toml").read_text(encoding="utf-8")


def at(text: str) -> datetime:
    """``2026-09-10`` or ``2026-09-10T04:00`` in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def only(intervals: list[Interval]) -> Interval:
    assert len(intervals) == 1
    return intervals[0]


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
        ("checked = 2026-03-01", 'checked = "2026-03-01"', "'checked' must be a date"),
        (MODEL, MODEL + '\nfamily = "flash"\norder = true', "'order' must be a whole number"),
        (CARD_2, "from = 2026-02-01T00:00:01Z", "'from' is not on a whole minute"),
        (CARD_2, "from = 2026-02-01T00:00:00.000001Z", "'from' is not on a whole minute"),
        (CARD_2, 'from = "2026-02-01"', "an instant with its zone"),
        ("from = 2026-01-01T00:00:00Z\nto", "from = 0001-01-01T00:00:00+08:00\nto", "'from' is out of all time"),
        ("to = 2026-02-01", "to = 2026-01-01", "'to' is not after 'from'"),
        ('models = ["acme-1"]', 'models = "acme-1"', "'models' must be a list"),
        ("[[card]]", f"[[model]]\nid = 'acme-1'\n{MODEL}\n{SERVES}\n[[card]]", "the name 'acme-1' is taken"),
        ('title = "Acme"', 'title = "Acme"\ncache_unit = 0', "'cache_unit' is less than 1"),
        ('title = "Acme"', 'title = " "', "'title' must be a text"),
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
        [('title = "Acme"', 'title = "Acme"\ncache_unit = 1')],
    ],
)
def test_data_just_inside_the_rules_is_taken(changes: list[tuple[str, str]]) -> None:
    assert small(*changes).models() == ["acme-1"]


SECOND = (
    "[[card]]",
    """[[model]]
id = "acme-2"
title = "Acme Two"
family = "flash"
order = 2
serves = [{ from = 2026-01-10T00:00:00Z, model = "acme-2" }]

[[card]]
models = ["acme-2"]
from = 2026-01-10T00:00:00Z
note = "from the blog"
prices = [
    { currency = "USD", window = "all", input = "9", cache_read = "0.9", output = "9", certainty = "certain", checked = 2026-03-01, source = "-" },
]

[[card]]""",
)


def test_a_family_is_its_member_of_highest_order_wherever_that_stands_in_the_file() -> None:
    book = small((MODEL, f'{MODEL}\nfamily = "flash"\norder = 1'), SECOND)
    found = book.logged("flash", "USD", at("2026-01-09"), at("2026-01-11"))

    assert [(one.start, one.serves) for one in found] == [(at("2026-01-09"), "acme-1"), (at("2026-01-10"), "acme-2")]
    assert [row.note for row in book.history("acme-2", "USD")] == ["from the blog"]
    assert {row.note for row in book.history("acme-1", "USD")} == {""}
    with pytest.raises(PriceError, match="a second flash of order 2"):
        small((MODEL, f'{MODEL}\nfamily = "flash"\norder = 2'), SECOND)


def test_a_name_may_say_who_sells_it_or_when_it_was_made() -> None:
    book = small((MODEL, f'{MODEL}\nnames = ["acme-1-*"]'))
    known = {name: book.knows(name) for name in ("acme/acme-1", "ACME-1", "acme-1-0301", "other/acme-1", "acme-2-0301")}
    assert [name for name, there in known.items() if there] == ["acme/acme-1", "ACME-1", "acme-1-0301"]
    assert not small().knows("acme-1-0301")


def test_no_cache_unit_is_one_token() -> None:
    assert small().cache_unit(Sold("acme-1")) == 1
    assert small(('title = "Acme"', 'title = "Acme"\ncache_unit = 64')).cache_unit(Sold("acme-1")) == 64


def test_instants_of_any_zone_are_told_in_utc() -> None:
    first, *_ = small(("to = 2026-02-01T00:00:00Z\n", "to = 2026-02-01T08:00:00+08:00\n")).history("acme-1", "USD")
    there = small((CARD_2, "from = 2026-02-01T08:00:00+08:00")).history("acme-1", "USD")[1]
    assert (first.end, there.start) == (at("2026-02-01"), at("2026-02-01"))
    assert there.start is not None
    assert there.start.tzinfo == UTC


def test_a_row_of_a_history_holds_from_its_first_instant_to_the_one_before_its_last() -> None:
    first, *_, last = small().history("acme-1", "USD")
    moments = [at(text) for text in ("2025-12-31T23:59", "2026-01-01", "2026-01-31T23:59", "2026-02-01")]
    assert [first.holds(moment) for moment in moments] == [False, True, True, False]
    assert [last.holds(moment) for moment in (moments[2], moments[3], at("2099-01-01"))] == [False, True, True]
    assert replace(first, start=None, end=None).holds(moments[0])


def test_rows_of_what_is_no_card_tell_its_sizes_and_what_a_call_costs() -> None:
    """1e12 units are 0.001 of a dollar for a call; no row says a size or a cost that is not there."""
    plain = only(small().logged("acme-1", "USD", at("2026-01-01"), at("2026-01-02")))
    sized = replace(
        plain, input_from=1_001, input_to=20_000, request=10**12, apart=(("output_audio", 10**9), ("search", 10**12))
    )

    assert (period_of(plain).rule, period_of(plain).request, period_of(plain).apart) == ("at all times", None, ())
    row = period_of(sized)
    assert row.rule == "input of at least 1,001 tokens, input of fewer than 20,000 tokens"
    assert (row.request, row.apart) == (Decimal("0.001"), (("output_audio", Decimal(1)), ("search", Decimal(1))))
    assert (row.start, row.end) == (at("2026-01-01"), at("2026-01-02"))
    assert (
        period_of(replace(plain, start=BEGINNING, end=LATEST)).start,
        period_of(replace(plain, end=LATEST)).end,
    ) == (None, None)


def test_a_price_finer_than_a_unit_is_none() -> None:
    assert from_per_million(Decimal("0.000000001")) == 1
    with pytest.raises(ValueError, match="finer"):
        from_per_million(Decimal("0.0000000001"))


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


def test_fees_may_be_inferred_and_have_notes() -> None:
    text = FEE.replace('certainty = "certain"', 'certainty = "inferred"', 1).replace(
        '"search"', '"search"\nnote = "by day"', 1
    )
    first, later = read_provider(SMALL + text, "acme.toml").fees
    assert [(fee.certainty, fee.note, fee.direct) for fee in (first, later)] == [
        ("inferred", "by day", False),
        ("certain", "", False),
    ]


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


def test_version_does_not_hang_on_the_order_of_files() -> None:
    one, two = (read_provider(SMALL.replace("acme", name).replace("Acme", name), name) for name in ("acme", "best"))
    assert Book([one, two]).version == Book([two, one]).version


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
