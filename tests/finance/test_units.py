"""Unit economics: each ratio by hand."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from analyzer.finance.entries import define_entries
from analyzer.finance.units import Units, units
from analyzer.prices import Book
from analyzer.prices.own import read_own
from analyzer.simulate.relations import View
from tests.support import BOOK, call, ledger_of, write

UNIT = 10**15


@contextmanager
def month_of(
    path: Path, *records: Mapping[str, object], view: View | None = None, book: Book = BOOK
) -> Iterator[Units]:
    """The unit economics of the one month in which some calls were made."""
    look = view or View()
    with ledger_of(write(path / "log.jsonl", *records)) as ledger:
        define_entries(ledger, book, look)
        (found,) = units(ledger.connection)
        yield found


def dollars(text: str) -> Fraction:
    return Fraction(Decimal(text)) * UNIT


def test_ratios_divide_sums_by_sums(tmp_path: Path) -> None:
    # On Flash in May: a miss 0.14, a hit 0.0028, output 0.28 per million.
    long = call(input_tokens=3_000_000, cache_read_tokens=2_000_000, output_tokens=1_000_000)
    short = call(input_tokens=1_000_000, cache_read_tokens=0, output_tokens=0)

    with month_of(tmp_path, long, short) as found:
        # Two million misses 0.28, two million hits 0.0056, a million out 0.28.
        assert found.cost == dollars("0.5656")
        assert found.per_thousand_requests == dollars("282.8")
        assert found.per_million_tokens == dollars("0.11312")
        assert found.input_price == dollars("0.2856") / 4
        assert found.output_price == dollars("0.28")
        assert found.hit_rate == Fraction(1, 2), "of the tokens, not the mean of two thirds and nothing"
        assert found.cache_saving == dollars("0.2744"), "two million times 0.1372"
        assert found.cache_premium == 0


def test_a_success_bears_the_cost_of_the_failures_around_it(tmp_path: Path) -> None:
    fine = call(status="success", input_tokens=0, cache_read_tokens=0, output_tokens=1000)
    failed = call(status="500", input_tokens=0, cache_read_tokens=0, output_tokens=1000)
    untold = call(input_tokens=0, cache_read_tokens=0, output_tokens=5000)

    with month_of(tmp_path, fine, fine | {"output_tokens": 3000}, failed, untold) as found:
        assert found.per_success == dollars("0.0014") / 2, "0.00028 for 5,000 tokens of three calls that tell"
        assert found.failed_cost == dollars("0.00028")
        assert found.failed_share == Fraction(1, 5)


def test_where_no_log_tells_how_calls_ended_nothing_is_said_of_it(tmp_path: Path) -> None:
    with month_of(tmp_path, call()) as found:
        assert found.per_success is None
        assert found.failed_cost is None
        assert found.failed_share is None


def test_calls_without_a_price_are_in_no_ratio_of_money(tmp_path: Path) -> None:
    with month_of(tmp_path, call(output_tokens=1000), call(model="nobody-sells-this")) as found:
        # 400 misses, 600 hits, 1,000 out.
        assert found.per_thousand_requests == dollars("0.00033768") * 1000
        assert found.requests == 2
        assert found.sums["unpriced"] == 1


def test_where_nothing_is_priced_money_is_unknown(tmp_path: Path) -> None:
    with month_of(tmp_path, call(model="nobody-sells-this")) as found:
        assert (found.cost, found.per_thousand_requests, found.input_price, found.cache_saving) == (None,) * 4
        assert found.input_cost is None


def test_tokens_are_those_of_all_calls_that_tell_any(tmp_path: Path) -> None:
    one = call(input_tokens=1000, output_tokens=30)
    untold = call(input_tokens=..., cache_read_tokens=..., output_tokens=...)

    with month_of(tmp_path, one, call(input_tokens=2000, output_tokens=5), untold) as found:
        assert (found.input_tokens, found.output_tokens) == (3000, 35)


def test_of_calls_that_tell_no_tokens_their_number_is_unknown(tmp_path: Path) -> None:
    with month_of(tmp_path, call(input_tokens=..., cache_read_tokens=..., output_tokens=...)) as found:
        assert (found.input_tokens, found.output_tokens, found.split_unknown) == (None, None, None)


def test_a_month_in_which_nothing_was_called_used_nothing() -> None:
    found = Units.of_nothing(date(2026, 5, 1))

    assert (found.cost, found.requests, found.input_tokens, found.output_tokens) == (0, 0, 0, 0)
    assert (found.per_thousand_requests, found.input_price, found.hit_rate, found.split_unknown) == (None,) * 4


def test_the_part_without_a_cache_split_is_of_the_calls_whose_usage_is_told(tmp_path: Path) -> None:
    """Of four calls one tells no usage; of the other three one tells nothing of the cache."""
    untold = call(input_tokens=..., cache_read_tokens=..., output_tokens=...)

    with month_of(tmp_path, call(), call(output_tokens=7), call(cache_read_tokens=...), untold) as found:
        assert found.split_unknown == Fraction(1, 3)


def test_an_unknown_cache_split_is_in_no_hit_rate(tmp_path: Path) -> None:
    with month_of(tmp_path, call(), call(cache_read_tokens=..., input_tokens=9000)) as found:
        assert found.hit_rate == Fraction(6, 10)


def test_off_peak_saves_the_difference_to_the_peak_of_the_same_card(tmp_path: Path) -> None:
    # 2026-10-12 is a Monday. Pro: peak 0.044/1.32/3.96, off-peak half of it.
    off_peak = call(
        ts="2026-10-12T12:00:00Z", model="deepseek-v4-pro", input_tokens=2_000_000, cache_read_tokens=1_000_000
    )
    peak = off_peak | {"ts": "2026-10-12T02:00:00Z"}

    with month_of(tmp_path, off_peak | {"output_tokens": 1_000_000}, peak) as found:
        assert found.off_peak_saving == dollars("0.022") + dollars("0.66") + dollars("1.98")


def test_a_month_of_one_price_all_day_saved_nothing_by_the_hour(tmp_path: Path) -> None:
    with month_of(tmp_path, call()) as found:
        assert found.off_peak_saving is None


@pytest.mark.parametrize(("tz", "month"), [("UTC", date(2026, 5, 31)), ("Asia/Shanghai", date(2026, 6, 1))])
def test_months_are_those_of_the_reporting_zone(tmp_path: Path, tz: str, month: date) -> None:
    with month_of(tmp_path, call(ts="2026-05-31T20:00:00Z"), view=View(tz=tz)) as found:
        assert found.month == month.replace(day=1)


def test_with_the_card_of_one_day_its_own_peak_is_what_counts(tmp_path: Path) -> None:
    # In May one price held all day; priced with the card of October a night call is off-peak.
    night = call(
        ts="2026-05-11T20:00:00Z", model="deepseek-v4-pro", input_tokens=0, cache_read_tokens=0, output_tokens=1_000_000
    )

    with month_of(tmp_path, night, view=View(price_date=date(2026, 10, 1))) as found:
        assert found.cost == dollars("1.98")
        assert found.off_peak_saving == dollars("1.98")


# USD of one million uncached tokens: off-peak, and what they would have cost at the dearest hours of the same card.
@pytest.mark.parametrize(
    ("model", "moment", "day", "cost", "dearer"),
    [
        # A name of a family that was not on sale that day takes the card of its member that was.
        ("deepseek-flash", "2026-10-12T12:00:00Z", date(2026, 9, 1), "0.22", "0.44"),
        # A retired name takes the card of its successor: Flash at 0.15 and 0.30.
        ("deepseek-chat", "2026-05-11T12:00:00Z", date(2026, 11, 1), "0.15", "0.3"),
        # In 2025 the dearer window was called standard: at 18:00 half of 0.27.
        ("deepseek-chat", "2025-03-05T18:00:00Z", None, "0.135", "0.27"),
    ],
)
def test_off_peak_is_held_against_the_card_that_priced_the_call(
    tmp_path: Path, model: str, moment: str, day: date | None, cost: str, dearer: str
) -> None:
    one = call(model=model, ts=moment, input_tokens=1_000_000, cache_read_tokens=0, output_tokens=0)

    with month_of(tmp_path, one, view=View(price_date=day)) as found:
        assert found.cost == dollars(cost)
        assert found.off_peak_saving == dollars(dearer) - dollars(cost)


def test_the_dearer_window_of_2025_counts_for_input_and_output(tmp_path: Path) -> None:
    # 0.27 and 1.10 by day, half of each off-peak.
    one = call(
        model="deepseek-chat", ts="2025-03-05T18:00:00Z", input_tokens=10**6, cache_read_tokens=0, output_tokens=10**6
    )

    with month_of(tmp_path, one) as found:
        assert found.off_peak_saving == dollars("0.685")


def test_an_own_price_that_begins_within_the_hour_holds_for_both_windows(tmp_path: Path) -> None:
    # Pro's miss: 0.66 off-peak, 1.32 at peak; from 12:30 half of each.
    own = read_own('[prices]\n"deepseek-v4-pro" = { discount = "50%", from = 2026-10-12T12:30:00Z }', "own.toml")
    early = call(
        ts="2026-10-12T12:10:00Z", model="deepseek-v4-pro", input_tokens=10**6, cache_read_tokens=0, output_tokens=0
    )
    late = early | {"ts": "2026-10-12T12:50:00Z"}

    with month_of(tmp_path, early, late, book=Book.load(own)) as found:
        assert found.cost == dollars("0.99")
        assert found.off_peak_saving == dollars("0.66") + dollars("0.33")


def test_an_own_price_for_all_hours_leaves_nothing_to_save_by_the_hour(tmp_path: Path) -> None:
    own = read_own('[prices]\n"deepseek-v4-pro" = { input = "1", cache_read = "1", output = "1" }', "own.toml")
    night = call(ts="2026-10-12T12:00:00Z", model="deepseek-v4-pro")

    with month_of(tmp_path, night, book=Book.load(own)) as found:
        assert found.off_peak_saving == 0


def test_what_is_written_to_the_cache_is_held_against_its_own_price_at_peak(tmp_path: Path) -> None:
    """Pro off-peak, half of its peak: a write is a miss there, at 0.66 and 1.32, but one for an hour costs 1 whenever, by an
    own price. Of a million written 400,000 are for an hour; two calls alike share the hour."""
    own = read_own('[prices]\n"deepseek-v4-pro" = { cache_write_1h = "1" }', "own.toml")
    one = call(
        ts="2026-10-12T12:00:00Z",
        model="deepseek-v4-pro",
        input_tokens=1_000_000,
        cache_read_tokens=0,
        cache_write_tokens=1_000_000,
        cache_write_1h_tokens=400_000,
        output_tokens=0,
    )

    with month_of(tmp_path, one, one | {"ts": "2026-10-12T12:01:00Z"}, book=Book.load(own)) as found:
        assert found.cost == 2 * (dollars("0.66") * 6 / 10 + dollars("1") * 4 / 10)
        assert found.off_peak_saving == 2 * dollars("0.66") * 6 / 10


def test_hits_that_no_log_tells_of_saved_an_unknown_amount(tmp_path: Path) -> None:
    with month_of(tmp_path, call(cache_read_tokens=...)) as found:
        assert found.cache_saving is None
    with month_of(tmp_path, call(cache_read_tokens=0), call(cache_read_tokens=...)) as found:
        assert found.cache_saving == 0, "of the call that tells"
