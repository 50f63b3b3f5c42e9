"""Own prices: negotiated rates, discounts, self-hosted models and other currencies, laid over the book."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import BOOK, FLASH, MILLION, PRO, call, cost, program, spend, write

from analyzer.errors import UsageError
from analyzer.prices import Book, Interval
from analyzer.prices.own import read_own

CALM = datetime(2026, 5, 1, 10, tzinfo=UTC)


def own(*lines: str) -> Book:
    """The shipped book with a ``[prices]`` table over it."""
    return Book.load(read_own("\n".join(["[prices]", *lines]), "own.toml"))


def at(book: Book, model: str, moment: datetime = CALM, currency: str = "USD") -> tuple[str, ...] | None:
    """Miss, hit and output per 1M tokens."""
    found = book.at(model, moment, currency)
    return None if found is None else tuple(per_million(found))


def per_million(one: Interval) -> list[str]:
    return [f"{Decimal(price or 0).scaleb(-9).normalize():f}" for price in (one.input, one.cache_read, one.output)]


def test_figures_replace_those_of_the_book_and_the_others_stay() -> None:
    book = own('"deepseek-v4-pro" = { input = "0.40", output = "0.80" }')
    assert at(book, "deepseek-v4-pro") == ("0.4", "0.003625", "0.8")
    assert at(book, "deepseek-v4-flash") == ("0.14", "0.0028", "0.28")


@pytest.mark.parametrize(
    ("moment", "paid"),
    [
        ("2026-04-30T23:59:59", "0.435"),
        ("2026-05-01T00:00:00", "0.4"),
        ("2026-05-31T23:59:59", "0.4"),
        ("2026-06-01T00:00:00", "0.435"),
    ],
)
def test_a_rate_holds_from_its_first_instant_to_the_one_before_its_last(moment: str, paid: str) -> None:
    book = own('"deepseek-v4-pro" = { input = "0.40", from = 2026-05-01, to = 2026-06-01 }')
    found = at(book, "deepseek-v4-pro", datetime.fromisoformat(moment).replace(tzinfo=UTC))
    assert found is not None
    assert found[0] == paid


def test_a_list_of_rates_follows_one_another() -> None:
    book = own(
        '"acme" = [{ input = "1", output = "2", to = 2026-06-01 }, { input = "3", output = "4", from = 2026-06-01 }]'
    )
    assert at(book, "acme") == ("1", "1", "2")
    assert at(book, "acme", datetime(2026, 6, 1, tzinfo=UTC)) == ("3", "3", "4")


def test_a_discount_holds_in_every_window() -> None:
    """Peak and off-peak of 2026-09-01: 1.32 and 0.66 for a miss of Pro."""
    book = own('"deepseek-*" = { discount = "12.5%" }')
    peak, off = (datetime(2026, 9, 1, hour, tzinfo=UTC) for hour in (7, 12))
    assert at(book, "deepseek-v4-pro", peak) == ("1.155", "0.0385", "3.465")
    assert at(book, "deepseek-v4-pro", off) == ("0.5775", "0.01925", "1.7325")


def test_a_rate_of_one_provider_leaves_the_others() -> None:
    book = own('"gpt-4.1" = { discount = "50%", provider = "azure" }')
    prices = {
        provider: book.logged("gpt-4.1", "USD", CALM, CALM + timedelta(hours=1), provider=provider)[0].input
        for provider in ("azure", "openai")
    }
    assert prices == {"azure": 10**9, "openai": 2 * 10**9}


@pytest.mark.parametrize(
    ("bound", "last_below"),
    [("input_above = 200_000", 200_000), ("input_from = 200_000", 199_999), ("input_above = 0", 0)],
)
def test_a_rate_for_large_inputs_holds_for_the_whole_request(bound: str, last_below: int) -> None:
    """A request above the bound pays it for all its tokens; the other figures stay."""
    book = own('"deepseek-v4-pro" = { input = "1", ' + bound + " }")
    low, high = book.logged("deepseek-v4-pro", "USD", CALM, CALM + timedelta(hours=1))
    assert (low.input_from, low.input_to, high.input_from, high.input_to) == (0, last_below + 1, last_below + 1, None)
    assert (per_million(low), per_million(high)) == (["0.435", "0.003625", "0.87"], ["1", "0.003625", "0.87"])


def test_steps_follow_one_another_and_those_of_the_book() -> None:
    """The book's own step for Claude Sonnet 4.5 is above 200,000."""
    book = own(
        '"claude-sonnet-4-5" = [{ output = "1", input_above = 100_000 }, { output = "2", input_above = 300_000 }]',
        '"acme" = [{ input = "1", output = "2" }, { input = "3", output = "4", input_from = 5 }]',
    )
    for model, steps in (
        ("claude-sonnet-4-5", [(0, "3", "15"), (100_001, "3", "1"), (200_001, "6", "1"), (300_001, "6", "2")]),
        ("acme", [(0, "1", "2"), (5, "3", "4")]),
    ):
        found = book.logged(model, "USD", CALM, CALM + timedelta(hours=1))
        assert [(one.input_from, per_million(one)[0], per_million(one)[2]) for one in found] == steps
        assert [one.input_to for one in found] == [*(first for first, *_ in steps[1:]), None]


def test_both_sides_of_a_step_in_a_log(tmp_path: Path) -> None:
    own_file = tmp_path / "own.toml"
    own_file.write_text(
        '[prices]\nacme = [{ input = "1", output = "2" }, { input = "3", output = "4", input_above = 1000 }]\n',
        encoding="utf-8",
    )
    log = write(
        tmp_path / "a.jsonl",
        call(model="acme", endpoint="at", input_tokens=1000, cache_read_tokens=0),
        call(model="acme", endpoint="over", input_tokens=1001, cache_read_tokens=0),
    )
    document = spend("analyze", "--no-report", "--json", "--scenario", "all-pro", "--prices", own_file, log).document
    assert {row["endpoint"]: Decimal(row["cost"]) for row in document["endpoints"]} == {
        "at": (1000 * 1 + 100 * 2) / MILLION,
        "over": (1001 * 3 + 100 * 4) / MILLION,
    }


def test_another_currency_is_another_list() -> None:
    book = own('"acme" = { input = "1", output = "2", currency = "EUR" }')
    assert at(book, "acme", currency="EUR") == ("1", "1", "2")
    assert at(book, "acme", currency="USD") is None


@pytest.mark.parametrize("name", ["flash", "deepseek-v4-flash"])
def test_a_name_means_the_same_where_the_book_has_no_list(name: str) -> None:
    """Of a call of `deepseek-v4-flash` in May, in euros or in a batch, by the family or by its own name; none of Pro."""
    call = ("deepseek-v4-flash", "EUR", CALM, CALM + timedelta(hours=1))
    euros = own(f'{name} = {{ input = "1", output = "2", currency = "EUR" }}')
    batch = own(f'{name} = {{ input = "1", output = "2", service_tier = "batch" }}')
    other = own('pro = { input = "1", output = "2", currency = "EUR" }')

    assert [per_million(one) for one in euros.logged(*call)] == [["1", "1", "2"]]
    assert [per_million(one) for one in batch.logged(call[0], "USD", *call[2:], service_tier="batch")] == [
        ["1", "1", "2"]
    ]
    assert other.logged(*call) == []


# Off-peak, Wednesday 2026-10-21 20:00 and Friday 2026-05-01 20:00 in Beijing: 0.15 for a miss of V4.1 Flash, which had no
# price before 2026-09-10T04:00Z. `deepseek-v4-flash` is a name of it since then, and meant V4 Flash before.
OCTOBER, MAY = datetime(2026, 10, 21, 12, tzinfo=UTC), datetime(2026, 5, 1, 12, tzinfo=UTC)
HALF = '= { input = "0.5", cache_read = "0.5", output = "0.5" }'


def inputs(intervals: list[Interval], *moments: datetime) -> list[str]:
    """The price of a miss per 1M tokens at each of these instants."""
    return [per_million(one)[0] for at in moments for one in intervals if one.start <= at < one.end]


@pytest.mark.parametrize("opens", [MAY, datetime(2026, 9, 10, 3, 59, tzinfo=UTC), datetime(2026, 9, 10, 4, tzinfo=UTC)])
@pytest.mark.parametrize(
    ("entry", "paid"),
    [
        (f'"deepseek-v4-flash" {HALF}', "0.5"),
        (f'"flash" {HALF}', "0.5"),
        ('"deepseek-v4-flash" = { discount = "20%" }', "0.12"),
        (f'"deepseek-v4-flash" {HALF[:-2]}, from = 2026-10-22 }}', "0.15"),
        (f'"deepseek-chat" {HALF}', "0.15"),
    ],
)
def test_what_a_name_means_does_not_hang_on_where_a_history_begins(entry: str, paid: str, opens: datetime) -> None:
    target = own(entry).target("deepseek-flash", "USD", opens, OCTOBER + timedelta(hours=1))
    assert inputs(target, OCTOBER) == [paid]
    if opens == MAY:
        assert inputs(target, MAY) == ["0.15"]


def test_the_last_instant_before_a_name_means_another_model() -> None:
    turn, moment = datetime(2026, 9, 10, 4, tzinfo=UTC), timedelta(microseconds=1)
    target = own(f'"deepseek-v4-flash" {HALF}').target("deepseek-flash", "USD", MAY, OCTOBER)
    # Thursday in Beijing, at 12:00: until then peak, at twice the price, and again from 14:00.
    assert inputs(target, turn - moment, turn, turn + timedelta(hours=2)) == ["0.3", "0.5", "0.5"]


def test_an_entry_for_another_model_cuts_no_price() -> None:
    """Nor does one whose time is over before its name means this model."""
    listed = BOOK.target("deepseek-flash", "USD", MAY, OCTOBER)
    for entry in (f'"deepseek-v4-pro" {HALF}', f'"deepseek-v4-flash" {HALF[:-2]}, to = 2026-09-10 }}'):
        assert own(entry).target("deepseek-flash", "USD", MAY, OCTOBER) == listed


@pytest.mark.parametrize(
    ("day", "entry", "paid"),
    [
        (date(2026, 10, 21), f'"deepseek-v4-flash" {HALF}', "0.5"),  # a name of what deepseek-flash is that day
        (date(2026, 10, 21), f'"deepseek-v4-pro" {HALF}', "0.15"),
        (date(2026, 6, 1), f'"deepseek-v4-flash" {HALF}', "0.5"),  # the card is its card: not on sale yet
        (date(2026, 6, 1), '"deepseek-chat" = { discount = "50%" }', "0.07"),  # of 0.14: it means V4 Flash that day
        (date(2026, 6, 1), f'"deepseek-v4-flash-vision-exp" {HALF}', "0.14"),  # means itself that day
    ],
)
def test_with_a_price_date_names_mean_what_they_meant_that_day(day: date, entry: str, paid: str) -> None:
    for opens in (MAY, OCTOBER):
        target = own(entry).target("deepseek-flash", "USD", opens, OCTOBER + timedelta(hours=1), price_date=day)
        assert set(inputs(target, opens, OCTOBER)) == {paid}


@pytest.mark.parametrize("opens", [MAY, datetime(2026, 8, 1, tzinfo=UTC)])
def test_a_name_that_is_retired_has_its_own_price_whatever_was_called_before(opens: datetime) -> None:
    """Deepseek-chat retired in July: the book has no price for October."""
    for entry, paid in ((f'"deepseek-chat" {HALF}', ["0.5"]), ('"deepseek-chat" = { discount = "5%" }', [])):
        logged = own(entry).logged("deepseek-chat", "USD", opens, OCTOBER + timedelta(hours=1))
        assert inputs(logged, OCTOBER) == paid


def test_an_own_price_may_hold_before_the_list_begins() -> None:
    """Pro has a list price from 2026-04-24 on. The entry's own time is from the 20th on."""
    days = [datetime(2026, 4, day, tzinfo=UTC) for day in (19, 20, 23, 24, 25)]
    book = own(f'"deepseek-v4-pro" {HALF[:-2]}, from = 2026-04-20 }}')

    logged = book.logged("deepseek-v4-pro", "USD", days[0], days[-1] + timedelta(days=1))

    assert inputs(logged, days[0]) == []
    assert inputs(logged, *days[1:]) == ["0.5"] * 4


@pytest.mark.parametrize(
    ("day", "paid"),
    [
        (date(2026, 10, 1), "0.5"),
        (date(2026, 10, 31), "0.5"),
        (date(2026, 9, 30), "0.15"),
        (date(2026, 11, 1), "0.15"),
    ],
)
def test_with_a_price_date_an_entry_of_that_day_holds_all_the_time_and_others_never(day: date, paid: str) -> None:
    """It holds for October; off-peak the list says 0.15 for a miss of V4.1 Flash on all of these days."""
    book = own(f'"deepseek-flash" {HALF[:-2]}, from = 2026-10-01, to = 2026-11-01 }}')
    target = book.target("deepseek-flash", "USD", MAY, OCTOBER + timedelta(hours=1), price_date=day)

    assert set(inputs(target, MAY, OCTOBER)) == {paid}


def test_with_a_price_date_after_a_life_without_successor_own_prices_of_others_are_none() -> None:
    """Speciale was sold in December 2025 alone: a date in August means no card, but an entry of its own name holds."""
    span, day = (MAY, MAY + timedelta(hours=1)), date(2026, 8, 1)
    for entry, paid in ((f'"deepseek-v4-pro" {HALF}', []), (f'"deepseek-v3.2-speciale" {HALF}', ["0.5"])):
        assert inputs(own(entry).logged("deepseek-v3.2-speciale", "USD", *span, price_date=day), MAY) == paid


def test_rows_of_a_history_that_no_entry_lies_over_are_the_list_s_own() -> None:
    """With the words, the source and the day of checking of the list."""
    book = own('"deepseek-v4-pro" = { input = "0.40", from = 2026-10-01 }')
    turn = datetime(2026, 10, 1, tzinfo=UTC)

    rows, listed = (each.history("deepseek-v4-pro", "USD") for each in (book, BOOK))

    before = [row for row in listed if row.end is not None and row.end <= turn]
    assert len(before) == 7  # the launch, a day later, the calm, and off-peak and peak of both weeks and months
    assert [row for row in rows if row.end is not None and row.end < turn] == before


def test_a_rate_that_begins_and_ends_within_a_list_price_leaves_the_rest_of_it() -> None:
    """In one question over the long calm, from end to end and without a gap."""
    book = own('"deepseek-v4-pro" = { input = "0.40", from = 2026-05-01, to = 2026-06-01 }')
    edges = [datetime(2026, *day, tzinfo=UTC) for day in ((4, 27), (5, 1), (6, 1), (7, 1))]

    found = book.logged("deepseek-v4-pro", "USD", edges[0], edges[-1])

    assert [(one.start, one.end, per_million(one)[0]) for one in found] == [
        (edges[0], edges[1], "0.435"),
        (edges[1], edges[2], "0.4"),
        (edges[2], edges[3], "0.435"),
    ]


def test_a_step_of_one_s_own_where_the_list_has_one_is_one_step() -> None:
    """Claude Sonnet 4.5 costs 3 up to 200,000 tokens of input and 6 above, by its list."""
    found = own('"claude-sonnet-4-5" = { output = "1", input_from = 200_001 }').logged(
        "claude-sonnet-4-5", "USD", CALM, CALM + timedelta(hours=1)
    )
    assert [(one.input_from, one.input_to, *per_million(one)[::2]) for one in found] == [
        (0, 200_001, "3", "15"),
        (200_001, None, "6", "1"),
    ]


def test_the_price_of_a_family_has_no_seam_where_another_member_begins_to_answer() -> None:
    """`flash` is V4 Flash before 2026-09-10T04:00Z and V4.1 Flash after; in euros there is no list that would change."""
    span = datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)
    found = own('flash = { input = "1", output = "2", currency = "EUR" }').logged("deepseek-v4-flash", "EUR", *span)
    assert [(one.start, one.end) for one in found] == [span]


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["deepseek-flash", "deepseek-v4-flash", "deepseek-chat", "deepseek-reasoner", "flash", "pro"]),
    st.sampled_from(["deepseek-flash", "deepseek-v4-flash", "deepseek-chat", "flash", "pro", "deepseek-*"]),
    st.sampled_from(['{ discount = "20%" }', HALF[2:], '{ input = "0.5" }']),
    st.datetimes(datetime(2025, 7, 1), datetime(2026, 12, 1), timezones=st.just(UTC)),
    st.integers(0, 500),
    st.none() | st.dates(date(2025, 1, 1), date(2026, 12, 1)),
    st.booleans(),
)
def test_a_price_at_an_instant_is_the_same_in_every_stretch(
    model: str, named: str, entry: str, moment: datetime, days: int, day: date | None, logged: bool
) -> None:
    book = own(f'"{named}" = {entry}')
    view = book.logged if logged else book.target
    wide = view(model, "USD", moment - timedelta(days=days), moment + timedelta(hours=1), price_date=day)
    alone = view(model, "USD", moment, moment + timedelta(microseconds=1), price_date=day)
    found = [one for one in wide if one.start <= moment < one.end]
    assert [replace(one, start=moment, end=moment) for one in found] == [
        replace(one, start=moment, end=moment) for one in alone
    ]


@given(st.integers(0, 10**9 * 1000), st.integers(0, 100))
def test_a_whole_percentage_of_a_price_in_nano_dollars_is_exact_or_refused(figure: int, percent: int) -> None:
    text = f"{Decimal(figure).scaleb(-9):f}"
    book = Book.load(
        read_own(f'[prices]\nacme = [{{ input = "{text}", output = "0" }}, {{ discount = "{percent}%" }}]', "own.toml")
    )
    if figure * (100 - percent) % 100:
        with pytest.raises(UsageError, match="finer"):
            book.at("acme", CALM, "USD")
    else:
        found = book.at("acme", CALM, "USD")
        assert found is not None
        assert found.input == figure * (100 - percent) // 100


@pytest.mark.parametrize(
    ("entry", "problem", "remedy"),
    [
        ('acme = { input = "1", outptu = "2" }', "unknown key 'outptu'", "output"),
        ('acme = { input = 1.5, output = "2" }', "'input' must be a text", "input ="),
        ('acme = { input = "-1", output = "2" }', "no price per 1M tokens", "0.435"),
        ('acme = { input = "0.0000000001", output = "2" }', "finer than", "9 decimals"),
        ("acme = { }", "needs either figures or a discount", "12.5%"),
        ('acme = { input = "1", discount = "5%" }', "needs either figures or a discount", "12.5%"),
        ('acme = { discount = "5" }', "'5' is no discount", "12.5%"),
        ('acme = { discount = "101%" }', "'101%' is no discount", "100"),
        ('acme = { discount = "5%", from = 2026-05-01, to = 2026-05-01 }', "'to' is not after 'from'", "half-open"),
        ('acme = { discount = "5%", currency = "euro" }', "'euro' is no currency", "EUR"),
        ('acme = { discount = "5%", service_tier = "turbo" }', "unknown service_tier", "batch"),
        ('acme = { input = "1", input_above = 5, input_from = 6 }', "one bound of the input", "input_above"),
        ('acme = { input = "1", input_above = -1 }', "one bound of the input", "input_above"),
        ('acme = { input = "1", input_from = "5" }', "'input_from' must be a whole number", "input_from = 1"),
        ('acme = { input = "1", search = "x" }', "search: 'x' is no price", "0.435"),
        (f'acme = {{ input = "1", input_above = {10**12} }}', "one bound of the input", "input_above"),
        (f'acme = {{ input = "1", input_from = {10**40} }}', "one bound of the input", "input_above"),
        ('acme = { input = "1", search = "1000000.000000001" }', "search is over 1,000,000 per 1,000", "5.00"),
        ("acme = 5", "expected a table", "input"),
        ('"" = { input = "1", output = "2" }', "a price without a model", "Name it"),
        ("acme = []", "acme: an empty list of prices", "leave it out"),
        ('acme = { discount = "٥٠%" }', "'٥٠%' is no discount", "12.5%"),
        ("acme = ", "no valid TOML", "mend the line"),
    ],
)
def test_a_mistake_is_named_with_its_place(entry: str, problem: str, remedy: str) -> None:
    with pytest.raises(UsageError) as error:
        read_own(f"[prices]\n{entry}\n", "own.toml")
    assert str(error.value).startswith("own.toml")
    assert problem in str(error.value)
    assert remedy in error.value.remedy


class TestCommands:
    """The same through the command line."""

    @pytest.mark.endurance
    def test_the_largest_figures_are_summed_exactly(self, tmp_path: Path) -> None:
        """Two calls that read and write what a double can count, at a billion per 1M tokens."""
        most = 2**53 - 1
        used = {"input_tokens": most, "cache_read_tokens": 0, "output_tokens": most}
        log = write(tmp_path / "a.jsonl", call(id="a", **used), call(id="b", **used))
        figures = 'input = "999999999.999999999", output = "999999999.999999999", search = "1000000"'
        prices = tmp_path / "own.toml"
        prices.write_text(f'[prices]\n"deepseek-v4-flash" = {{ {figures}, input_from = {10**12} }}\n', encoding="utf-8")

        document = spend("analyze", "--no-report", "--json", "--prices", prices, log).document

        with localcontext(prec=60):
            assert Decimal(document["totals"]["cost"]) == 4 * most * Decimal("999999999.999999999") / MILLION

    @pytest.mark.parametrize("name", ["deepseek-v4-flash", "deepseek-*"])
    def test_a_check_finds_a_discount_that_no_price_can_bear(self, name: str, tmp_path: Path) -> None:
        """A third of $0.0028 per 1M has more than nine decimals."""
        prices = tmp_path / "own.toml"
        prices.write_text(f'[prices]\n"{name}" = {{ discount = "33.333333333%" }}\n', encoding="utf-8")
        told = spend("prices", "--check", "--prices", prices)
        assert (told.code, told.out) == (2, "")
        assert told.err.startswith(f"spend: own.toml: {name}: the discount makes a price finer than 1e-15 per token\n")

    @pytest.mark.parametrize("option", ["--prices", "--config"])
    def test_a_file_that_begins_with_a_byte_order_mark(self, option: str, tmp_path: Path) -> None:
        prices = tmp_path / "own.toml"
        prices.write_text('\ufeff[prices]\nacme = { input = "1", output = "2" }\n', encoding="utf-8")
        before, after = ((), (option, prices)) if option == "--prices" else ((option, prices), ())
        told = spend(*before, "prices", "--check", *after)
        assert told.out.startswith("own.toml: acme: input, output")

    @pytest.mark.parametrize("option", ["--prices", "--config"])
    def test_a_file_that_is_no_utf_8(self, option: str, tmp_path: Path) -> None:
        prices = tmp_path / "own.toml"
        prices.write_text('[prices]\nacme = { input = "1", output = "2" }\n', encoding="utf-16")
        before, after = ((), (option, prices)) if option == "--prices" else ((option, prices), ())
        told = spend(*before, "prices", "--check", *after)
        assert told.code == 2
        assert told.err == f"spend: {prices}: is no UTF-8 text, from byte 1 on\n  save it as UTF-8\n"

    @pytest.mark.endurance
    def test_the_summary_names_what_was_overridden(self, tmp_path: Path) -> None:
        log = write(tmp_path / "a.jsonl", call(model="deepseek-v4-pro"))
        prices = tmp_path / "own.toml"
        prices.write_text('[prices]\n"deepseek-v4-pro" = { output = "0.80" }\n', encoding="utf-8")
        miss, hit, _ = PRO
        document = spend("analyze", "--no-report", "--json", "--prices", prices, log).document
        assert document["own_prices"] == ["own.toml: deepseek-v4-pro: output"]
        assert Decimal(document["totals"]["cost"]) == cost((miss, hit, Decimal("0.80")), 400, 600, 100)
        told = spend("analyze", "--no-report", "--prices", prices, log).out
        assert "Own prices over it: own.toml: deepseek-v4-pro: output" in told

    @pytest.mark.endurance
    def test_the_version_of_the_book_tells_them(self, tmp_path: Path) -> None:
        log = write(tmp_path / "a.jsonl", call())
        prices = tmp_path / "own.toml"
        command = ("analyze", "--no-report", "--json", "--scenario", "all-flash", log)
        versions = set()
        for figure in ("0.80", "0.81"):
            prices.write_text(f'[prices]\n"deepseek-v4-pro" = {{ output = "{figure}" }}\n', encoding="utf-8")
            versions.add(spend(*command, "--prices", prices).document["price_book"])
        versions.add(spend(*command).document["price_book"])
        assert len(versions) == 3

    @pytest.mark.endurance
    def test_those_of_spend_toml_hold_without_being_named(self, tmp_path: Path) -> None:
        write(tmp_path / "a.jsonl", call(model="acme"))
        (tmp_path / "spend.toml").write_text('[prices]\nacme = { input = "1", output = "2" }\n', encoding="utf-8")
        ended = program("analyze", "--no-report", "--json", "a.jsonl", cwd=tmp_path)
        assert Decimal(ended.document["totals"]["cost"]) == (1000 * 1 + 100 * 2) / MILLION

    def test_scenarios_may_name_them(self, tmp_path: Path) -> None:
        log = write(tmp_path / "a.jsonl", call())
        (tmp_path / "own.toml").write_text('[prices]\nacme = { input = "1", output = "2" }\n', encoding="utf-8")
        (tmp_path / "s.toml").write_text('name = "hosted"\ndefault = "acme"\n', encoding="utf-8")
        ended = spend("simulate", "--json", "--prices", tmp_path / "own.toml", "--scenario", tmp_path / "s.toml", log)
        actual, hosted = ended.document["scenarios"]
        assert Decimal(actual["cost"]) == cost(FLASH, 400, 600, 100)
        assert Decimal(hosted["cost"]) == (1000 * 1 + 100 * 2) / MILLION

    @pytest.mark.endurance
    def test_an_earlier_call_leaves_the_own_price(self, tmp_path: Path) -> None:
        """1,000 misses of October at the agreed 0.5, and 1,000 of May at the 0.15 of the list."""
        (tmp_path / "own.toml").write_text(f'[prices]\n"deepseek-v4-flash" {HALF}\n', encoding="utf-8")
        (tmp_path / "s.toml").write_text('default = "deepseek-flash"\n', encoding="utf-8")
        rows = [call(ts=f"{at:%FT%TZ}", model="gpt-5", cache_read_tokens=0, output_tokens=0) for at in (MAY, OCTOBER)]
        log = write(tmp_path / "a.jsonl", *rows)
        ended = spend("simulate", "--json", "--prices", tmp_path / "own.toml", "--scenario", tmp_path / "s.toml", log)
        assert ended.document["scenarios"][1]["cost"] == "0.00065"

    def test_check_lists_them_and_says_what_stands_alone(self, tmp_path: Path) -> None:
        prices = tmp_path / "own.toml"
        prices.write_text(
            '[prices]\nacme = { input = "1", output = "2" }\n"claude-*" = { discount = "5%" }\n', encoding="utf-8"
        )
        told = spend("prices", "--check", "--prices", prices).out
        assert "acme: input, output  (no list price under this name: it stands alone)" in told
        assert "claude-*: 5% off\n" in told
        assert "2 own prices, all sound" in told

    def test_a_mistake_ends_the_command_with_two_lines(self, tmp_path: Path) -> None:
        prices = tmp_path / "own.toml"
        prices.write_text('[prices]\nacme = { input = "x" }\n', encoding="utf-8")
        ended = spend("prices", "--check", "--prices", prices)
        assert ended.code == 2
        assert ended.err.startswith("spend: own.toml: acme: input: 'x' is no price per 1M tokens\n  ")

    def test_a_history_has_the_rate_in_its_place(self, tmp_path: Path) -> None:
        prices = tmp_path / "own.toml"
        prices.write_text('[prices]\n"deepseek-v4-pro" = { input = "0.40", from = 2026-10-01 }\n', encoding="utf-8")
        rows = spend("prices", "deepseek-v4-pro", "--prices", prices, "--json").document["periods"]
        assert [(row["from"], row["input"]) for row in rows if row["window"] == "peak"] == [
            ("2026-08-16T16:00:00Z", "1.32"),
            ("2026-08-22T16:00:00Z", "1.32"),
            ("2026-09-19T00:00:00Z", "1.32"),
            ("2026-10-01T00:00:00Z", "0.4"),
        ]

    def test_a_chart_is_one_file_that_loads_nothing(self, tmp_path: Path) -> None:
        chart = tmp_path / "c.html"
        spend("prices", "deepseek-v4-pro", "--chart", chart)
        page = chart.read_text(encoding="utf-8")
        assert "deepseek-v4-pro: USD per 1M tokens" in page
        assert "<script src=" not in page
