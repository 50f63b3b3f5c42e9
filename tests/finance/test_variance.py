"""A change of cost and what drove it: by hand, and from logs."""

from fractions import Fraction
from pathlib import Path

import pytest
from support import BOOK, FLASH, PRO, call, cost, ledger_of, write
from variances import amounts, output

from analyzer.finance.apportion import apportion
from analyzer.finance.cell import Cell, cells
from analyzer.finance.entries import define_entries
from analyzer.finance.lines import named
from analyzer.finance.month import Month
from analyzer.finance.shapley import PARTS, shapley
from analyzer.finance.variance import DRIVERS, Variance, variance
from analyzer.prices import Book
from analyzer.prices.own import read_own
from analyzer.simulate.relations import View

# -------------------------------------------------------------------------------------------------------- by hand


def test_two_drivers_share_evenly_what_they_did_together() -> None:
    """10 calls of 100 tokens at 2 become 20 calls at 3: 2,000 become 6,000.

    Requests first: 10 x 100 x 2 = 2,000, then the price: 1 x 2,000 tokens = 2,000. The price first: 1,000, then requests:
    10 x 100 x 3 = 3,000. The means of both orders: 2,500 and 1,500.
    """
    found = variance([output(10, 1000, 2)], [output(20, 2000, 3)])

    assert amounts(found.drivers) == {"requests": 2500, "list price": 1500}
    assert [driver.name for driver in found.drivers] == list(DRIVERS)
    assert found.endpoints == (("/a", found.drivers),)


def test_routing_between_models_is_one_thing_and_their_prices_another() -> None:
    """Of 10 calls of one token 5 go to pro, at 9, instead of 2, and flash, at 1, has the others: 5 x 1 less 8 x 1, 45 less 18."""
    before = [output(8, 8, 1, line="flash"), output(2, 2, 9, line="pro")]
    after = [output(5, 5, 1, line="flash"), output(5, 5, 9, line="pro")]

    assert amounts(variance(before, after).drivers) == {"model routing": -3 + 27}


def test_a_line_that_was_not_there_is_routing_too() -> None:
    before, after = [output(10, 10, 1, line="flash")], [output(10, 10, 9, line="pro")]

    assert amounts(variance(before, after).drivers) == {"model routing": 80}


def test_endpoints_of_one_month_are_new_or_discontinued_as_a_whole() -> None:
    before = [output(10, 1000, 2, "/a"), output(3, 150, 2, "/gone")]
    after = [output(10, 1000, 3, "/a"), output(7, 200, 1, "/new")]

    found = variance(before, after)

    assert amounts(found.drivers) == {"list price": 1000, "new endpoints": 200, "discontinued endpoints": -300}
    assert [(endpoint, amounts(drivers)) for endpoint, drivers in found.endpoints] == [
        ("/a", {"list price": 1000}),
        ("/gone", {"discontinued endpoints": -300}),
        ("/new", {"new endpoints": 200}),
    ]


def test_endpoints_come_by_the_size_of_their_change_then_by_name() -> None:
    """Less is as large as more; of equals what the log does not name comes first."""
    before = {"/small": 10, "/less": 10, "/b": 10, "/a": 10, None: 10}
    after = {"/small": 11, "/less": 5, "/b": 8, "/a": 12, None: 12}
    old, new = (
        [output(10, tokens, 1)._replace(endpoint=name) for name, tokens in some.items()] for some in (before, after)
    )

    found = variance(old, new)

    assert [name for name, _ in found.endpoints] == ["/less", None, "/a", "/b", "/small"]
    assert [sum(driver.amount for driver in drivers) for _, drivers in found.endpoints] == [-5, 2, 2, -2, 1]


def test_drivers_are_called_as_the_page_of_the_review_explains_them() -> None:
    assert DRIVERS == (
        "requests", "endpoint mix", "model routing", "tokens per request", "cache hit rate", "time window", "list price",
        "new endpoints", "discontinued endpoints",
    )  # fmt: skip


def test_units_left_over_go_to_those_that_lost_most_and_of_equals_to_the_first() -> None:
    """One call, token and unit of price become two of each: 1 becomes 8, and each of the three drove 7/3."""
    up = variance([output(1, 1, 1)], [output(2, 4, 2)])
    down = variance([output(2, 4, 2)], [output(1, 1, 1)])

    assert amounts(up.drivers) == {"requests": 3, "tokens per request": 2, "list price": 2}
    assert amounts(down.drivers) == {"requests": -3, "tokens per request": -2, "list price": -2}


@pytest.mark.parametrize(
    ("parts", "of", "expected"),
    [
        ([5, 5], 10, [1, 0]),  # a half each: the first
        ([-5, -5], 10, [-1, 0]),
        ([4, 16], 10, [0, 2]),  # 0.4 and 1.6: the second lost more
        ([16, -6], 10, [1, 0]),  # both are cut toward zero, and nothing is left over
        ([7, -4, 7], 10, [1, 0, 0]),
        ([-4, 9, 5], 10, [0, 1, 0]),
        ([4, -9, -5], 10, [0, -1, 0]),
        ([0, 10], 10, [0, 1]),
    ],
)
def test_whole_units(parts: list[int], of: int, expected: list[int]) -> None:
    assert apportion(parts, of, sum(parts) // of) == expected


def test_price_volume_and_mix_by_hand() -> None:
    """Flash: 60 of 100 tokens at 2 become 150 of 200 at 2; pro: 40 of 100 at 20 become 50 of 200 at 16.

    Flash: volume 100 x (0.6 + 0.75) / 2 x 2 = 135, mix 0.15 x 150 x 2 = 45.
    Pro: volume 100 x (2 x 0.4 x 20 + 0.4 x 16 + 0.25 x 20 + 2 x 0.25 x 16) / 6 = 590,
    mix -0.15 x (2 x 100 x 20 + 100 x 16 + 200 x 20 + 2 x 200 x 16) / 6 = -400,
    price -4 x (2 x 100 x 0.4 + 100 x 0.25 + 200 x 0.4 + 2 x 200 x 0.25) / 6 = -190.
    """
    before = [output(1, 60, 2, line="flash"), output(1, 40, 20, line="pro"), output(1, 1, 7, line="old")]
    after = [output(1, 150, 2, line="flash"), output(1, 50, 16, line="pro"), output(1, 1, 5, line="new")]

    assert amounts(variance(before, after).price_volume_mix) == {
        "price": -190,
        "volume": 135 + 590,
        "mix": 45 - 400,
        "new lines": 5,
        "discontinued lines": -7,
    }


def test_tokens_that_cost_nothing_are_volume_and_have_a_share() -> None:
    """100 tokens at 2 stay, beside 100, then 300 at no price: of all tokens a half, then a quarter, and 200 both times.

    Volume first: 400 x 1/2 x 2 is 200 more, then the share: 200 less. The share first: 200 x 1/4 x 2 is 100 less, then
    volume: 100 more. The means: 150 and -150.
    """
    before = [output(10, 100, 2, line="sold"), output(10, 100, 0, line="own")]
    after = [output(10, 100, 2, line="sold"), output(10, 300, 0, line="own")]

    assert amounts(variance(before, after).price_volume_mix) == {"volume": 150, "mix": -150}


@pytest.mark.parametrize("kind", ["read", "write", "output"])
def test_volume_and_mix_are_of_the_tokens_of_all_classes(kind: str) -> None:
    """100 misses at 2 become 300, beside 100 tokens of another class at 4: 200 tokens become 400, at the same prices.

    Misses, a half and then three quarters: 200 x (1/2 + 3/4)/2 x 2 = 250 of volume, (200 + 400)/2 x 1/4 x 2 = 150 of mix.
    The others, a half and then a quarter: 200 x (1/2 + 1/4)/2 x 4 = 300 of volume, (200 + 400)/2 x -1/4 x 4 = -300 of mix.
    """
    beside = {f"{kind}_tokens": 100, f"{kind}_cost": 400}
    before, after = (
        Cell("/a", "flash", "all", 10, misses + (0 if kind == "output" else 100), miss_cost=2 * misses, **beside)
        for misses in (100, 300)
    )

    assert amounts(variance([before], [after]).price_volume_mix) == {"volume": 550, "mix": -150}


def test_what_is_charged_without_tokens_has_requests_for_its_quantity() -> None:
    """Two calls at a fee of 10 become four at 12: volume 2 x (10 + 12) / 2, price 2 x (2 + 4) / 2. No token takes part."""
    before = [Cell("/a", "search", "all", 2, request_cost=20)]
    after = [Cell("/a", "search", "all", 4, request_cost=48)]
    found = variance(before, after)

    assert amounts(found.price_volume_mix) == {"volume": 22, "price": 6}
    assert amounts(found.drivers) == {"requests": 22, "list price": 6}


def test_calls_that_cost_nothing_beside_their_tokens_are_no_volume() -> None:
    """Four times the calls for the same tokens at the same price: the same cost, and no unit of anything more."""
    assert amounts(variance([output(1, 100, 2)], [output(4, 100, 2)]).price_volume_mix) == {}
    # Nor do they take part in the volume of those that do cost something.
    before = [Cell("/a", "search", "all", 2, request_cost=20), output(98, 100, 2)]
    after = [Cell("/a", "search", "all", 4, request_cost=40), output(96, 100, 2)]
    assert amounts(variance(before, after).price_volume_mix) == {"volume": 20}


# ---------------------------------------------------------------------------------------------------- windows, lines


def test_the_providers_new_hours_are_a_price_and_no_choice_of_hours() -> None:
    """At 2 all day, then at 6 in peak hours and 3 in others: the price of the mean token rose from 2 to 4."""
    before = [output(30, 30, 2, window="all")]
    after = [output(10, 10, 6, window="peak"), output(20, 20, 3, window="off-peak")]

    assert amounts(variance(before, after).drivers) == {"list price": 60}


def test_a_month_within_which_the_hours_came_is_compared_by_the_line_as_a_whole() -> None:
    mixed = [output(5, 5, 2, window="all"), output(5, 5, 6, window="peak"), output(20, 20, 3, window="off-peak")]
    after = [output(10, 10, 6, window="peak"), output(20, 20, 3, window="off-peak")]

    assert amounts(variance(mixed, after).drivers) == {"list price": 120 - 100}
    # Another line, whose hours did not change, keeps its windows.
    steady = [output(10, 10, 6, line="pro", window="peak"), output(20, 20, 3, line="pro", window="off-peak")]
    moved = [output(20, 20, 6, line="pro", window="peak"), output(10, 10, 3, line="pro", window="off-peak")]
    assert amounts(variance([*mixed, *steady], [*after, *moved]).drivers) == {"list price": 20, "time window": 30}


def test_other_hours_of_the_same_list_are_a_time_window() -> None:
    """Ten calls leave the peak, at 6, for other hours, at 3."""
    before = [output(15, 15, 6, window="peak"), output(15, 15, 3, window="off-peak")]
    after = [output(5, 5, 6, window="peak"), output(25, 25, 3, window="off-peak")]

    assert amounts(variance(before, after).drivers) == {"time window": -30}
    assert amounts(variance(before, [output(30, 30, 3, window="off-peak")]).drivers) == {"time window": -45}


def test_lines_are_families_then_models_told_apart_by_tier_and_by_provider_where_there_are_several() -> None:
    called = {
        ("deepseek-v4-flash", "deepseek-v4-flash", None, None): "flash",
        ("deepseek-v4-flash", "deepseek-flash", None, None): "flash",
        ("deepseek-flash", "deepseek-flash", None, "default"): "flash",
        ("deepseek-v4-pro", "deepseek-v4-pro", "deepseek", None): "pro",
        ("deepseek-chat", "deepseek-v3.1", None, None): "deepseek-chat",  # no family then: the team chose that name
        ("gpt-4o", "gpt-4o", "openai", None): "gpt-4o, openai",
        ("gpt-4o", "gpt-4o", "azure_openai", None): "gpt-4o, azure",
        ("gpt-4o", "gpt-4o", "azure", None): "gpt-4o, azure",
        ("gpt-4o", "gpt-4o", None, None): "gpt-4o",
        ("o3", "o3", "openai", "batch"): "o3, batch",
        ("o3", "o3", "openai", " Strange "): "o3, strange",
        ("o3", "o3", None, None): "o3",
    }

    assert named(called, BOOK) == called


# ------------------------------------------------------------------------------------------------- what is not known


def test_a_class_without_a_price_in_one_month_takes_that_of_the_other() -> None:
    """100 tokens read at 10 each; then half of them come from the cache, at 1: nothing of that is a price."""
    before = [Cell("/a", "flash", "all", 1, input_tokens=100, miss_cost=1000)]
    after = [Cell("/a", "flash", "all", 1, input_tokens=100, read_tokens=50, miss_cost=500, read_cost=50)]

    assert amounts(variance(before, after).drivers) == {"cache hit rate": -450}


def test_usage_that_counts_no_calls_changes_no_requests_and_no_shares() -> None:
    """An export of tokens alone, at 2 each, beside a log whose calls did not change."""
    logged = output(10, 100, 3, "/log")
    before = [logged, output(0, 1000, 2, "/export")]
    after = [logged, output(0, 1500, 2, "/export"), output(0, 10, 5, "/export", line="pro")]

    assert amounts(variance(before, after).drivers) == {"tokens per request": 1000 + 50}


def test_calls_that_one_month_does_not_count_are_in_no_share_of_the_other() -> None:
    """10 calls at /log in both months. Those at /export are counted in the first only: 100 tokens more, at 2 each."""
    logged = output(10, 100, 3, "/log")

    found = variance([logged, output(30, 400, 2, "/export")], [logged, output(0, 500, 2, "/export")])

    assert amounts(found.drivers) == {"tokens per request": 200}


def test_a_cell_of_nothing_is_none_that_is_not_counted() -> None:
    """An export's row of 0 tokens of 0 calls at pro, where the next month has 5 of 10 calls: as if it was not there."""
    before = [output(10, 10, 1, line="flash"), output(0, 0, 9, line="pro")]
    after = [output(5, 5, 1, line="flash"), output(5, 5, 9, line="pro")]

    assert amounts(variance(before, after).drivers) == {"model routing": -5 + 45}


def test_cost_that_no_count_explains_is_what_requests_used() -> None:
    before, after = [Cell("/a", "x", "all", 2, apart_cost=10)], [Cell("/a", "x", "all", 2, apart_cost=16)]

    assert amounts(variance(before, after).drivers) == {"tokens per request": 6}
    # Nor does a count of hits in no input at all, which no sound log has.
    before, after = [Cell("/a", "x", "all", 2)], [Cell("/a", "x", "all", 2, read_tokens=9, read_cost=18)]
    assert amounts(variance(before, after).drivers) == {"tokens per request": 18}


def test_cost_of_which_nothing_is_counted_in_either_month_is_volume() -> None:
    """Searches in an export that counts no calls; in a month that has none of them they are a new line."""
    before, after = [Cell("/a", "x", "all", 0, apart_cost=10)], [Cell("/a", "x", "all", 0, apart_cost=16)]

    assert amounts(variance(before, after).price_volume_mix) == {"volume": 6}
    assert amounts(variance([output(1, 1, 1)], after).price_volume_mix) == {"new lines": 16, "discontinued lines": -1}


# ----------------------------------------------------------------------------- prices that depend on the size of the input


def sized(requests: int, tokens: int, price: int, size: int, *, window: str = "all") -> Cell:
    """Calls of a size that read so many tokens in all, and nothing else."""
    return Cell("/a", "x", window, requests, input_tokens=tokens, miss_cost=tokens * price, size=size)


def test_longer_prompts_that_are_dearer_by_the_same_list_are_tokens_per_request() -> None:
    """10 calls of 100 tokens at 1 become 10 of 300, which cost 2: 1,000 become 6,000."""
    before, after = [sized(10, 1000, 1, 0)], [sized(10, 3000, 2, 200)]

    assert amounts(variance(before, after).drivers) == {"tokens per request": 5000}
    assert amounts(variance(after, before).drivers) == {"tokens per request": -5000}


def test_a_shift_between_sizes_is_tokens_per_request_and_each_sizes_price_list_price() -> None:
    """Of 10 calls one more is large: 100 x 1 less, 300 x 2 more. Then the large ones become dearer by a half."""
    before, shifted = [sized(8, 800, 1, 0), sized(2, 600, 2, 200)], [sized(7, 700, 1, 0), sized(3, 900, 2, 200)]
    dearer = [sized(7, 700, 1, 0), sized(3, 900, 3, 200)]

    assert amounts(variance(before, shifted).drivers) == {"tokens per request": 500}
    assert amounts(variance(shifted, dearer).drivers) == {"list price": 900}


def test_sizes_are_shares_of_their_window() -> None:
    """All calls move to peak hours, at twice the price; a half of them is large there as here."""
    before = [sized(5, 500, 1, 0, window="off-peak"), sized(5, 1500, 2, 200, window="off-peak")]
    after = [sized(5, 500, 2, 0, window="peak"), sized(5, 1500, 4, 200, window="peak")]

    assert amounts(variance(before, after).drivers) == {"time window": 3500}


def test_nothing_at_all() -> None:
    nothing = variance([], [])

    assert [driver.amount for driver in nothing.drivers] == [0] * 9
    assert nothing.endpoints == ()
    assert amounts(variance([], [output(2, 2, 5)]).drivers) == {"new endpoints": 10}


# ---------------------------------------------------------------------------------------------------------- a ledger


def months_of(path: Path, *names: str, endpoint_by: str = "endpoint", book: Book = BOOK) -> list[tuple[Cell, ...]]:
    with ledger_of(path) as ledger:
        define_entries(ledger, book, View(endpoint_by=endpoint_by))
        return [cells(ledger.connection, book, Month.named(name)) for name in names]


def test_from_a_log_to_the_difference_of_two_months(tmp_path: Path) -> None:
    """May to June, at the same prices. Costs by hand, from the provider's page."""
    log = write(
        tmp_path / "calls.jsonl",
        call(request_id="1", ts="2026-05-03T10:00:00Z"),
        call(request_id="2", ts="2026-05-31T23:59:59Z", model="deepseek-v4-pro"),
        call(
            request_id="3",
            ts="2026-06-01T00:00:00Z",
            model="deepseek-v4-pro",
            input_tokens=9000,
            cache_read_tokens=1000,
        ),
        call(request_id="4", ts="2026-06-30T23:00:00Z", endpoint="/new"),
        call(request_id="5", ts="2026-06-30T23:00:00Z", endpoint=..., output_tokens=7),
        call(request_id="6", ts="2026-06-30T23:00:00Z", model="nobody-knows-it"),
        call(request_id="7", ts="2026-06-30T23:00:00Z", input_tokens=..., cache_read_tokens=..., output_tokens=...),
    )
    may, june = months_of(log, "2026-05", "2026-06")

    spent = cost(FLASH, 400, 600, 100) + cost(PRO, 400, 600, 100)
    later = cost(PRO, 8000, 1000, 100) + cost(FLASH, 400, 600, 100) + cost(FLASH, 400, 600, 7)
    found: Variance = variance(may, june)
    by_name = {driver.name: driver.amount for driver in found.drivers}
    assert sum(by_name.values()) == (later - spent).scaleb(15)
    assert by_name["new endpoints"] == (cost(FLASH, 400, 600, 100) + cost(FLASH, 400, 600, 7)).scaleb(15)
    assert by_name["list price"] == by_name["time window"] == by_name["discontinued endpoints"] == 0
    assert by_name["requests"] < 0 < by_name["model routing"]  # one call less, and the cheaper one
    assert {endpoint for endpoint, _ in found.endpoints} == {"/chat", "/new", None}


def test_the_providers_new_member_of_a_family_is_no_routing(tmp_path: Path) -> None:
    """The same call off-peak on 1 September and 1 October, after which `deepseek-flash` answers: 0.22, 0.007, 0.66, then 0.15, 0.003, 0.6."""
    log = write(
        tmp_path / "calls.jsonl",
        call(request_id="1", ts="2026-09-01T12:00:00Z"),
        call(request_id="2", ts="2026-10-01T12:00:00Z", model="deepseek-flash"),
    )
    september, october = months_of(log, "2026-09", "2026-10")

    change = 400 * (150 - 220) + 600 * (3 - 7) + 100 * (600 - 660)
    assert amounts(variance(september, october).drivers) == {"list price": change * 10**6}


def test_the_month_in_which_peak_hours_came_is_a_change_of_price(tmp_path: Path) -> None:
    """A call at 02:00 on 20 July at 0.14, 0.0028, 0.28; on 20 August in peak hours, at 0.44, 0.014, 1.32."""
    log = write(
        tmp_path / "calls.jsonl",
        call(request_id="1", ts="2026-07-20T02:00:00Z"),
        call(request_id="2", ts="2026-08-20T02:00:00Z"),
    )
    july, august = months_of(log, "2026-07", "2026-08")

    change = Fraction(400 * 300 + 600 * 112 // 10 + 100 * 1040)
    assert amounts(variance(july, august).drivers) == {"list price": int(change * 10**6)}


def test_a_prompt_beyond_the_size_at_which_a_model_is_dearer(tmp_path: Path) -> None:
    """Gemini 2.5 Pro: 150,000 tokens at 1.25 and 1,000 at 10, then 300,000 at 2.5 and 1,000 at 15."""
    short = call(request_id="1", model="gemini-2.5-pro", input_tokens=150_000, cache_read_tokens=0, output_tokens=1000)
    long = short | {"request_id": "2", "ts": "2026-06-03T10:00:00Z", "input_tokens": 300_000}
    may, june = months_of(write(tmp_path / "calls.jsonl", short, long), "2026-05", "2026-06")

    change = (300_000 * 2500 + 1000 * 15000) - (150_000 * 1250 + 1000 * 10000)
    assert amounts(variance(may, june).drivers) == {"tokens per request": change * 10**6}


def test_a_price_for_large_requests_that_is_new_is_list_price(tmp_path: Path) -> None:
    """The same calls in both months; from June on those of more than 200,000 tokens cost 0.28 instead of 0.14."""
    own = read_own(
        '[prices]\n"deepseek-v4-flash" = { input = "0.28", input_above = 200_000, from = 2026-06-01 }', "own.toml"
    )
    calls = [
        call(request_id=f"{month}-{size}", ts=f"2026-{month}-03T10:00:00Z", input_tokens=size, cache_read_tokens=0)
        for month in ("05", "06")
        for size in (1000, 300_000)
    ]
    may, june = months_of(write(tmp_path / "calls.jsonl", *calls), "2026-05", "2026-06", book=Book.load(own))

    assert amounts(variance(may, june).drivers) == {"list price": 300_000 * 140 * 10**6}


# ---------------------------------------------------------------------------------------------- the arithmetic alone


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ([14, 35, 51], [1, 4, 5]),  # 1.4, 3.5 and 5.1 are cut to 9: the tenth goes to what lost 0.5
        ([-14, -35, -51], [-1, -4, -5]),  # signs turned, signs turned
        ([25, 75, 0], [3, 7, 0]),  # of equals the first; nothing stays nothing
        ([-30, 55, 75], [-3, 6, 7]),
        ([10, 20, 70], [1, 2, 7]),
    ],
)
def test_what_is_left_over_goes_to_those_that_lost_most(parts: list[int], whole: list[int]) -> None:
    assert apportion(parts, 10, 10 if sum(parts) > 0 else -10) == whole


def test_four_drivers_that_double_share_alike() -> None:
    """1 x 1 x 1 x 1 become 2 x 2 x 2 x 2: 15 more, a quarter of it each, whichever of them scales all terms."""
    each = Fraction(15, 4) * PARTS

    assert shapley([(1, 2)], [((1, 2), (1, 2), (1, 2))]) == [each] * 4


def test_drivers_of_terms_are_told_apart() -> None:
    """Two terms, 2 x 1 x 1 that becomes 5 x 1 x 1 and 1 x 1 x 3 that becomes 1 x 1 x 7, and a scale that stays 1."""
    assert shapley([(1, 1)], [((2, 5), (1, 1), (1, 1)), ((1, 1), (1, 1), (3, 7))]) == [0, 3 * PARTS, 0, 4 * PARTS]
