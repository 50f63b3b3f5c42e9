"""Budgets of ``spend.toml``: read with every error told, set against a month, and split into activity and efficiency."""

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import BOOK, fill

from analyzer.errors import UsageError
from analyzer.finance.allocation import read_allocation
from analyzer.finance.budget import Budget, Flexible, budgets, flexible, over
from analyzer.finance.entries import define_entries
from analyzer.finance.forecast import Forecast, forecast
from analyzer.finance.month import Month
from analyzer.finance.plan import Budgets, Part, Plan, read_budgets
from analyzer.ledger import Ledger
from analyzer.prices import Book, own_rates
from analyzer.simulate.relations import View

MAY = Month(date(2026, 5, 1))
NOON = datetime(2026, 5, 1, 12)


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    with Ledger.throwaway() as made:
        yield made


def units(amount: str) -> int:
    """An amount of money in units of 1e-15."""
    return int(Decimal(amount).scaleb(15))


def read(text: str) -> Budgets:
    return read_budgets(tomllib.loads(text, parse_float=Decimal)["budget"], "spend.toml")


def request(millions: int = 1, **more: Any) -> dict[str, Any]:
    """A call that costs $0.14 for every million tokens that miss the cache: Flash, in May 2026."""
    return {
        "started_at": NOON,
        "model": "deepseek-v4-flash",
        "input_tokens": millions * 1_000_000,
        "cache_read_tokens": 0,
        "output_tokens": 0,
        **more,
    }


def told(ledger: Ledger, text: str, *rows: dict[str, Any], expected: Forecast | None = None) -> tuple[Budget, ...]:
    tables = tomllib.loads(text, parse_float=Decimal)
    fill(ledger, rows)
    define_entries(ledger, BOOK, View(), read_allocation(tables, "spend.toml"))
    return budgets(read_budgets(tables["budget"], "spend.toml"), ledger.connection, MAY, forecast=expected)


# ------------------------------------------------------------------------------------------------ reading


def test_a_table_of_budgets_is_read_whole() -> None:
    found = read("""
        [budget]
        month = "500.00"
        requests = 120_000
        "2026-12" = 650.5
        2027-01 = { amount = "700", requests = 150_000 }
        [budget.endpoint]
        "/agents/*" = "200.00"
        "/chat" = 10
        [budget.cost_center]
        "4*" = "0.000000000000001"
    """)

    assert found == Budgets(
        Plan(units("500"), 120_000),
        {"2026-12": Plan(units("650.50")), "2027-01": Plan(units("700"), 150_000)},
        (
            Part("endpoint", "/agents/*", units("200")),
            Part("endpoint", "/chat", units("10")),
            Part("cost_center", "4*", 1),
        ),
    )


def test_a_month_of_its_own_wins_and_keeps_the_usual_calls_where_it_plans_none() -> None:
    found = read("""
        [budget]
        month = "500"
        requests = 1000
        "2026-12" = "650"
        "2027-01" = { amount = "700", requests = 2000 }
    """)

    plans = [found.plan(Month.named(month)) for month in ("2026-11", "2026-12", "2027-01")]

    assert plans == [Plan(units("500"), 1000), Plan(units("650"), 1000), Plan(units("700"), 2000)]


@pytest.mark.parametrize(
    ("line", "problem", "remedy"),
    [
        ("mont = 1", "unknown key budget.mont", "did you mean budget.month?"),
        ("endpoints = {}", "unknown key budget.endpoints", "did you mean budget.endpoint?"),
        ('"2026-13" = 1', "budget.2026-13 is no month", 'write it as "2026-10"'),
        ('"2026-1" = 1', "budget.2026-1 is no month", 'write it as "2026-10"'),
        ('"20261001" = 1', "budget.20261001 is no month", 'write it as "2026-10"'),
        ('month = "much"', "budget.month is no amount of money", 'write "month" = "200.00"'),
        ('month = "-1"', "budget.month is no amount of money", 'write "month" = "200.00"'),
        ("month = true", "budget.month is no amount of money", 'write "month" = "200.00"'),
        ("month = nan", "budget.month is no amount of money", 'write "month" = "200.00"'),
        ('month = "0.0000000000000001"', "budget.month is no amount of money", 'write "month" = "200.00"'),
        ("requests = 0", "budget.requests is no whole number from 1", "write a count of calls such as requests = 120_000"),
        ("requests = 1.5", "budget.requests is no whole number from 1", "write a count of calls such as requests = 120_000"),
        ('"2026-12" = { requests = 1 }', "budget.2026-12 has no `amount`", "add amount = ... there"),
        ('"2026-12" = { amount = 1, request = 1 }', "unknown key budget.2026-12.request", "did you mean budget.2026-12.requests?"),
        ('team = "200"', "budget.team is no table", "write its keys under [budget.team], or as team = { ... }"),
        ("requests = 5", "budget.requests is planned for no cost", 'add month = "500.00" beside it, say'),
        ('user = { ann = "1" }', "unknown key budget.user", "known here: month, requests, endpoint, team, api_key_name, model, cost_center"),
        ('endpoint = { "/a" = { amount = 1 } }', "budget.endpoint./a is no amount of money",
         'an amount is a text or a number here: write "/a" = "200.00"'),
        ('model = { "a*" = "b" }', "budget.model.a* is no amount of money", 'write "a*" = "200.00"'),
    ],
)  # fmt: skip
def test_what_is_not_meant_is_told_with_its_place_and_a_remedy(line: str, problem: str, remedy: str) -> None:
    with pytest.raises(UsageError) as raised:
        read(f"[budget]\n{line}")

    assert str(raised.value) == f"spend.toml: {problem}"
    assert raised.value.remedy == remedy


# ------------------------------------------------------------------------------------------------ a month


@pytest.mark.parametrize(
    ("budget", "left", "exceeded"),
    [
        ("0.420000000000001", 1, False),
        ("0.42", 0, False),  # exactly reached is not exceeded
        ("0.419999999999999", -1, True),
    ],
)
def test_a_budget_is_exceeded_by_a_single_unit(ledger: Ledger, budget: str, left: int, exceeded: bool) -> None:
    [line] = told(ledger, f'[budget]\nmonth = "{budget}"', request(1), request(2))

    assert (line.kind, line.name, line.actual, line.left, line.over) == ("all", "", units("0.42"), left, exceeded)
    assert (line.forecast, line.will_be_over) == (None, None)
    assert over([line]) is exceeded


def test_only_the_month_itself_counts(ledger: Ledger) -> None:
    outside = [request(started_at=datetime(2026, 4, 30, 23, 59)), request(started_at=datetime(2026, 6, 1))]

    [line] = told(ledger, '[budget]\nmonth = "1"', request(), *outside)

    assert line.actual == units("0.14")


def test_a_budget_of_another_month_is_none_of_this(ledger: Ledger) -> None:
    assert told(ledger, '[budget]\n"2026-12" = "1"', request()) == ()


def test_globs_take_what_they_match_and_nothing_that_is_not_named(ledger: Ledger) -> None:
    lines = told(
        ledger,
        """
        [budget.endpoint]
        "/agents/*" = "0.42"
        "/agents/code" = "0.30"
        "*" = "9"
        "/AGENTS/*" = "1"
        [budget.team]
        "search" = "1"
        [budget.api_key_name]
        "prod-?" = "1"
        [budget.model]
        "deepseek-*" = "1"
        [budget.cost_center]
        "41*" = "1"
        [[allocation]]
        to = "search"
        cost_center = "4100"
        endpoint = "/find"
        """,
        request(1, endpoint="/agents/mail"),
        request(2, endpoint="/agents/code", api_key_name="prod-1"),
        request(4, endpoint="/find", api_key_name="prod-12", team="other"),
        request(8, endpoint=None),
    )

    assert [(line.kind, line.name, line.actual) for line in lines] == [
        ("endpoint", "/agents/*", units("0.42")),
        ("endpoint", "/agents/code", units("0.28")),
        ("endpoint", "*", units("0.98")),  # 1 + 2 + 4; what has no endpoint is in none
        ("endpoint", "/AGENTS/*", 0),
        ("team", "search", units("0.56")),
        ("api_key_name", "prod-?", units("0.28")),
        ("model", "deepseek-*", units("2.10")),
        ("cost_center", "41*", units("0.56")),
    ]
    assert [line.over for line in lines] == [False, False, False, False, False, False, True, False]
    assert over(lines)
    assert not over(lines[:6])


def test_a_budget_of_an_endpoint_is_of_the_logged_one_whatever_stands_for_it(ledger: Ledger) -> None:
    fill(ledger, [request(1, endpoint="/a", team="care"), request(2, endpoint="/b", team="/a")])
    define_entries(ledger, BOOK, View(endpoint_by="team"))

    lines = budgets(read('[budget.endpoint]\n"/a" = "1"\n"care" = "1"'), ledger.connection, MAY)

    assert [line.actual for line in lines] == [units("0.14"), 0]


def test_calls_without_a_price_are_counted_beside(ledger: Ledger) -> None:
    lines = told(
        ledger,
        '[budget]\nmonth = "1"\n[budget.endpoint]\n"/a" = "1"\n"/b" = "1"',
        request(endpoint="/a"),
        request(endpoint="/a", model="nobody-sells-this"),
        request(endpoint="/a", model="nobody-sells-this", started_at=datetime(2026, 6, 1)),
        request(endpoint="/b", output_tokens=None),  # unmeasured, which is another thing
    )

    assert [(line.actual, line.requests, line.unpriced, line.without_cost) for line in lines] == [
        (units("0.14"), 3, 1, 2),
        (units("0.14"), 2, 1, 1),
        (None, 1, 0, 1),
    ]
    assert (lines[2].left, lines[2].over) == (None, None)


def test_where_nothing_that_was_called_has_a_price_nothing_is_judged(ledger: Ledger) -> None:
    unsold = request(endpoint="/a", model="nobody-sells-this")
    budget = '[budget]\nmonth = "1"\nrequests = 2\n[budget.endpoint]\n"/a" = "0"\n"/none" = "1"'

    whole, part, none = told(ledger, budget, unsold, unsold)

    assert (whole.actual, whole.left, whole.over, whole.requests, whole.flexible) == (None, None, None, 2, None)
    assert (part.actual, part.over, part.matches) == (None, None, True)
    assert (none.actual, none.over, none.matches) == (0, False, False)
    assert not over([whole, part, none])


def test_exports_that_count_no_calls_are_judged_by_what_they_cost(ledger: Ledger) -> None:
    """They are no calls at a planned price: how much of it is activity cannot be said."""
    [line] = told(ledger, '[budget]\nmonth = "0.13"\nrequests = 2', request(calls=0))

    assert (line.actual, line.over, line.requests, line.flexible) == (units("0.14"), True, 0, None)


def test_a_month_of_which_nothing_is_known_keeps_no_budget(ledger: Ledger) -> None:
    """No call of May, and no log that tells of the time after it: that is no $0."""
    fill(ledger, [request(endpoint="/a", started_at=datetime(2026, 4, 30))])
    define_entries(ledger, BOOK, View())
    plan = read('[budget]\nmonth = "1"\nrequests = 2\n[budget.endpoint]\n"/a" = "1"\n"/b" = "1"')

    lines = budgets(plan, ledger.connection, MAY, known=False)

    assert [(line.actual, line.left, line.over, line.flexible) for line in lines] == [(None, None, None, None)] * 3
    assert [line.matches for line in lines] == [True, True, False]


def test_where_nothing_was_ever_called_the_month_still_has_its_budget(ledger: Ledger) -> None:
    whole, part = told(ledger, '[budget]\nmonth = "1"\n[budget.endpoint]\n"/a" = "1"')

    assert (whole.actual, whole.left, whole.matches) == (0, units("1"), True)
    assert (part.actual, part.left, part.matches) == (0, units("1"), False)


def test_a_name_of_the_months_before_is_no_name_that_nothing_has(ledger: Ledger) -> None:
    [line] = told(ledger, '[budget.endpoint]\n"/a" = "1"', request(endpoint="/a", started_at=datetime(2026, 4, 30)))

    assert (line.actual, line.matches) == (0, True)


# ------------------------------------------------------------------------------------------------ a month that is open


def test_a_forecast_tells_which_budgets_will_be_exceeded(ledger: Ledger) -> None:
    """From 1 June at each noon $0.42 at /a and $0.14 at /b: by 10 July ten days of $0.56, and 21 days to come."""
    noons = [datetime(2026, 6, 1, 12) + timedelta(days=number) for number in range(40)]
    rows = [request(much, started_at=noon, endpoint=name) for noon in noons for name, much in (("/a", 3), ("/b", 1))]
    july = Month(date(2026, 7, 1))
    fill(ledger, rows)
    define_entries(ledger, BOOK, View())
    expected = forecast(ledger.connection, BOOK, View(), july, datetime(2026, 7, 11, tzinfo=UTC))
    assert expected is not None
    plan = read('[budget]\nmonth = "17.36"\n[budget.endpoint]\n"/a" = "13.01"\n"/b" = "4.35"\n"/c" = "0"')

    lines = budgets(plan, ledger.connection, july, forecast=expected)

    assert [(line.actual, line.forecast, line.will_be_over) for line in lines] == [
        (units("5.60"), units("17.36"), False),  # exactly on it
        (units("4.20"), units("13.02"), True),
        (units("1.40"), units("4.34"), False),
        (0, 0, False),
    ]
    assert not over(lines)


def test_parts_look_back_on_what_the_forecast_does_where_hours_begin_at_half_past(ledger: Ledger) -> None:
    """From 2 May on, in Kolkata, $0.14 a day at /a at 00:15 (18:45 UTC), and at /b at 17:30: each half of the 56 days."""
    times = [datetime(2026, 5, 1, 18, 45) + timedelta(days=number) for number in range(70)]
    rows = [request(started_at=time, endpoint="/a") for time in times]
    rows += [request(started_at=time + timedelta(hours=17, minutes=15), endpoint="/b") for time in times]
    july, view = Month(date(2026, 7, 1), "Asia/Kolkata"), View(tz="Asia/Kolkata")
    fill(ledger, rows)
    define_entries(ledger, BOOK, view)
    expected = forecast(ledger.connection, BOOK, view, july, datetime(2026, 7, 10, 18, 30, tzinfo=UTC))

    lines = budgets(
        read('[budget]\nmonth = "9"\n[budget.endpoint]\n"/a" = "5"\n"/b" = "5"'),
        ledger.connection,
        july,
        forecast=expected,
    )

    assert [line.forecast for line in lines] == [31 * units("0.28"), 31 * units("0.14"), 31 * units("0.14")]


def test_what_comes_after_a_forecast_is_not_in_that_of_a_part(ledger: Ledger) -> None:
    """$0.14 in each of two days of May, and a run rate of them: $4.34, though a third day is in the ledger by now."""
    fill(ledger, [request(started_at=NOON + timedelta(days=day), endpoint="/a") for day in range(3)])
    define_entries(ledger, BOOK, View())
    expected = forecast(ledger.connection, BOOK, View(), MAY, datetime(2026, 5, 3, tzinfo=UTC))

    whole, part = budgets(
        read('[budget]\nmonth = "1"\n[budget.endpoint]\n"*" = "1"'), ledger.connection, MAY, forecast=expected
    )

    assert (whole.actual, whole.forecast) == (units("0.42"), units("4.34"))
    assert (part.actual, part.forecast) == (units("0.42"), units("4.34"))


def test_of_what_has_no_price_neither_the_whole_nor_a_part_is_forecast(ledger: Ledger) -> None:
    fill(ledger, [request(endpoint="/a", model="nobody-sells-this")])
    define_entries(ledger, BOOK, View())
    expected = forecast(ledger.connection, BOOK, View(), MAY, datetime(2026, 5, 3, tzinfo=UTC))
    assert expected is None

    whole, part = budgets(
        read('[budget]\nmonth = "1"\n[budget.endpoint]\n"/a" = "1"'), ledger.connection, MAY, forecast=expected
    )

    assert (whole.forecast, whole.will_be_over) == (None, None)
    assert (part.forecast, part.will_be_over) == (None, None)


def test_what_is_called_for_nothing_is_expected_to_cost_nothing(ledger: Ledger) -> None:
    """An own model at no price: its days are a known $0, those ahead too, and so are those of each part."""
    free = Book.load(own_rates({"own": {"input": "0", "output": "0"}}, "own.toml"))
    fill(ledger, [request(started_at=NOON + timedelta(days=day), endpoint="/a", model="own") for day in range(2)])
    define_entries(ledger, free, View())
    expected = forecast(ledger.connection, free, View(), MAY, datetime(2026, 5, 3, tzinfo=UTC))

    whole, part = budgets(
        read('[budget]\nmonth = "1"\n[budget.endpoint]\n"/a" = "0"'), ledger.connection, MAY, forecast=expected
    )

    assert (whole.actual, whole.forecast, whole.will_be_over) == (0, 0, False)
    assert (part.actual, part.forecast, part.will_be_over) == (0, 0, False)


def test_of_what_was_for_nothing_so_far_and_will_cost_no_part_is_known(ledger: Ledger) -> None:
    """$0 in the time looked back on, and $1 to come: nothing tells whose it will be."""
    free = Book.load(own_rates({"own": {"input": "0", "output": "0"}}, "own.toml"))
    fill(ledger, [request(endpoint="/a", model="own")])
    define_entries(ledger, free, View())
    expected = forecast(ledger.connection, free, View(), MAY, datetime(2026, 5, 3, tzinfo=UTC))
    assert expected is not None

    whole, part = budgets(
        read('[budget]\nmonth = "2"\n[budget.endpoint]\n"/a" = "0"'),
        ledger.connection,
        MAY,
        forecast=replace(expected, amount=units("1")),
    )

    assert (whole.forecast, whole.will_be_over) == (units("1"), False)
    assert (part.actual, part.forecast, part.will_be_over) == (0, None, None)


def test_what_a_part_without_a_price_comes_to_is_what_it_had_before(ledger: Ledger) -> None:
    """Looked back on: $0.42 in April, of which /a had $0.28 and /c nothing, and $0.14 of /b in May.

    All of them are called without a price in May, but /b. So of $5.60 to come, /a has $0.28 of $0.56, a half, /b a half,
    too, and /c, which never had a price, nothing that is known.
    """
    april = datetime(2026, 4, 30, 12)
    unsold = [request(endpoint=name, model="nobody-sells-this") for name in ("/a", "/c")]
    fill(ledger, [request(2, endpoint="/a", started_at=april), request(1, endpoint="/b", started_at=april),
                  request(1, endpoint="/b"), *unsold])  # fmt: skip
    define_entries(ledger, BOOK, View())
    expected = forecast(ledger.connection, BOOK, View(), MAY, datetime(2026, 5, 3, tzinfo=UTC))
    assert expected is not None

    plan = read('[budget.endpoint]\n"/a" = "2"\n"/b" = "2.94"\n"/c" = "1"')
    since = datetime(2026, 4, 30, tzinfo=UTC)
    lines = budgets(
        plan,
        ledger.connection,
        MAY,
        forecast=replace(expected, since=since, amount=expected.to_date + units("5.60")),
    )

    assert [(line.actual, line.forecast, line.will_be_over) for line in lines] == [
        (None, units("2.80"), True),
        (units("0.14"), units("2.94"), False),
        (None, None, None),
    ]


def test_a_part_of_a_forecast_is_the_nearest_whole_unit(ledger: Ledger) -> None:
    """7 units to come, of which /a had a third of what was looked back on, /b two: 2.33 and 4.67, beside 1 and 2 so far."""
    one_a_token = Book.load(own_rates({"own": {"input": "0.000000001", "output": "0"}}, "own.toml"))
    fill(ledger, [request(endpoint=name, model="own", input_tokens=much) for name, much in (("/a", 1), ("/b", 2))])
    define_entries(ledger, one_a_token, View())
    expected = forecast(ledger.connection, one_a_token, View(), MAY, datetime(2026, 5, 3, tzinfo=UTC))
    assert expected is not None

    lines = budgets(
        read('[budget.endpoint]\n"/a" = "1"\n"/b" = "1"'),
        ledger.connection,
        MAY,
        forecast=replace(expected, amount=expected.to_date + 7),
    )

    assert [line.forecast for line in lines] == [1 + 2, 2 + 5]


# ------------------------------------------------------------------------------------------------ activity and efficiency


def test_more_calls_that_are_cheaper_each(ledger: Ledger) -> None:
    """Planned: 2 calls for $0.50, $0.25 each. There were 3, for $0.42: one more, but each $0.11 cheaper."""
    [line] = told(ledger, '[budget]\nmonth = "0.50"\nrequests = 2', *[request()] * 3)

    assert line.flexible == Flexible(units("0.25"), units("-0.33"))


def test_calls_without_a_known_cost_are_neither_activity_nor_efficiency(ledger: Ledger) -> None:
    """Planned: 2 calls for $0.50. Two have a cost, $0.14 each: no activity, and $0.22 less for the two of them."""
    others = [request(model="nobody-sells-this"), request(output_tokens=None)]
    [line] = told(ledger, '[budget]\nmonth = "0.50"\nrequests = 2', request(), request(), *others)

    assert line.flexible == Flexible(0, units("-0.22"))
    assert (line.requests, line.without_cost) == (4, 2)


def test_a_month_without_calls_is_less_activity_alone(ledger: Ledger) -> None:
    [line] = told(ledger, '[budget]\nmonth = "0.50"\nrequests = 2', request(started_at=datetime(2026, 6, 1)))

    assert line.flexible == Flexible(units("-0.50"), 0)


def test_without_planned_calls_there_is_no_split(ledger: Ledger) -> None:
    lines = told(ledger, '[budget]\nmonth = "0.50"\n[budget.model]\n"*" = "1"', request())

    assert [line.flexible for line in lines] == [None, None]


def test_a_part_of_a_unit_goes_to_efficiency() -> None:
    """A budget of 100 for 3 calls, and 4 were made: one third of 100 is 33, and the rest is the other's."""
    assert flexible(100, 3, 140, 4) == Flexible(33, 7)
    assert flexible(100, 3, 140, 5) == Flexible(67, -27)  # two thirds are 66.67
    assert flexible(100, 3, 140, 2) == Flexible(-33, 73)


@given(
    amount=st.integers(0, 10**27),
    planned=st.integers(1, 10**9),
    actual=st.integers(0, 10**27),
    calls=st.integers(0, 10**9),
)
def test_activity_and_efficiency_add_up(amount: int, planned: int, actual: int, calls: int) -> None:
    split = flexible(amount, planned, actual, calls)

    assert split.activity + split.efficiency == actual - amount
    # As many calls as planned is no activity; calls at the planned price each are no inefficiency.
    assert flexible(amount, planned, actual, planned).activity == 0
    assert flexible(amount * planned, planned, amount * calls, calls).efficiency == 0


def test_calls_may_be_planned_for_the_one_month_that_has_an_amount() -> None:
    plan = read('[budget]\nrequests = 100\n"2026-05" = "5.00"').plan(MAY)

    assert (plan.amount, plan.requests) == (units("5.00"), 100)
