"""Scenarios: laws that hold for every log, what moves, caches by hand, and what is compared."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import (
    BOOK,
    EXPORT_HEAD,
    FLASH,
    MILLION,
    PRO,
    call,
    cost,
    export,
    fill,
    money,
    priced,
    request,
    scenario,
    spend,
    write,
)

from analyzer.errors import SpendError, UsageError
from analyzer.ledger import Ledger
from analyzer.simulate import scenario as scenario_module
from analyzer.simulate.analysis import Analysis, analyze
from analyzer.simulate.relations import View, prepare
from analyzer.simulate.requests import Here
from analyzer.simulate.servings import define_servings
from analyzer.simulate.vocabulary import read

AS_LOGGED = scenario('default = "as-logged"', "empty")


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    with Ledger.throwaway() as made:
        yield made


# ------------------------------------------------------------------------------------------------ laws

MODELS = ("deepseek-v4-flash", "deepseek-flash", "deepseek-v4-pro", "deepseek-chat", "deepseek-reasoner", "gpt-nobody")
# Minutes around every change of price in 2026, and the edges of peak windows.
INSTANTS = [
    datetime.fromisoformat(text) + timedelta(minutes=minutes)
    for text in (
        "2026-04-24T00:00",
        "2026-04-26T12:15",
        "2026-07-24T15:59",
        "2026-08-16T16:00",
        "2026-08-22T16:00",
        "2026-09-10T04:00",
        "2026-09-19T00:00",
        "2026-10-12T01:00",
        "2026-03-01T00:00",
    )
    for minutes in (-1, 0, 1)
]
COUNT = st.integers(0, 10**6)


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """A request, now and then without usage, or with an unknown cache split."""
    hits, writes = draw(st.none() | COUNT), draw(st.sampled_from([None, None, 0, 17]))
    rest = draw(COUNT)
    measured = draw(st.integers(0, 9)) > 0
    started = draw(st.sampled_from(INSTANTS))
    return {
        "model": draw(st.sampled_from(MODELS)),
        "started_at": started,
        "completed_at": draw(st.sampled_from([None, started, started + timedelta(minutes=1)])),
        "endpoint": draw(st.sampled_from([None, "/chat", "/agents/code"])),
        "session_id": draw(st.sampled_from([None, "s1", "s2"])),
        "input_tokens": rest + (hits or 0) + (writes or 0) if measured else None,
        "cache_read_tokens": hits if measured else None,
        "cache_write_tokens": writes if measured else None,
        "output_tokens": draw(COUNT) if measured else None,
    }


LOGS = st.lists(requests(), min_size=1, max_size=6)
VIEWS = st.builds(
    View,
    currency=st.sampled_from(["USD", "CNY"]),
    clock=st.sampled_from(["completion", "start"]),
    price_date=st.sampled_from([None, date(2026, 4, 24), date(2026, 11, 1)]),
)
SLOW = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SLOW
@given(rows=LOGS, view=VIEWS)
def test_the_empty_scenario_is_the_plain_analysis(ledger: Ledger, rows: list[dict[str, Any]], view: View) -> None:
    """To the last digit, and in every count."""
    fill(ledger, rows)

    analysis = analyze(ledger, BOOK, view, [AS_LOGGED], look_ahead=False)

    empty = analysis.results[1]
    assert empty.cost == analysis.totals["cost"] == analysis.actual.cost
    assert empty.requests == analysis.totals["requests"] == len(rows)
    assert empty.unpriced == analysis.counts.unpriced == analysis.totals["unpriced"]
    assert empty.compared_requests == analysis.totals["priced"]
    assert (empty.moved, empty.before_first_price) == (0, 0)
    assert empty.difference == (None if empty.cost is None else 0)
    by_endpoint = dict(analysis.answers["endpoints"].select("endpoint", "cost").iter_rows())
    assert {row["endpoint"]: money(row["cost"]) for row in empty.endpoints.iter_rows(named=True)} == by_endpoint


@SLOW
@given(
    rows=LOGS,
    view=VIEWS,
    cache=st.sampled_from(["modelled", "transferred", "cold"]),
    target=st.sampled_from(["flash", "pro", "deepseek-v4-pro", "as-logged"]),
)
@pytest.mark.endurance
def test_the_bounds_enclose_the_cost(
    ledger: Ledger, rows: list[dict[str, Any]], view: View, cache: str, target: str
) -> None:
    rule = '[[route]]\nto = "pro"\nendpoint = "*agent*"\n'
    what_if = replace(scenario(f'default = "{target}"\n{rule}'), cache=cache)

    actual, result = priced(ledger, rows, what_if, view=view)

    for each in (actual, result):
        assert (each.cost is None) == (each.low is None) == (each.high is None)
        if each.cost is not None and each.low is not None and each.high is not None:
            assert each.low <= each.cost <= each.high
    known = all(row["cache_read_tokens"] is not None for row in rows if row["input_tokens"] is not None)
    if result.cost is not None and cache != "modelled" and known:
        assert result.cost == (result.low if cache == "transferred" else result.high)
    assert result.requests == len(rows)
    assert result.compared_requests <= result.requests - result.unpriced


# ------------------------------------------------------------------------------------------------ what moves


def test_a_name_that_has_no_price_any_more_is_the_model_that_it_was(ledger: Ledger) -> None:
    """deepseek-chat was retired on 2026-07-24 as Flash. Whether calls of before are looked at changes nothing of it."""
    later = request("deepseek-chat", "2026-08-10T12:00", session_id="b")
    earlier = request("deepseek-chat", "2026-07-10T12:00", session_id="a")
    flash = scenario('default = "flash"')

    _, alone = priced(ledger, [later], flash)
    _, before = priced(ledger, [earlier], flash)
    _, both = priced(ledger, [earlier, later], flash)

    assert (alone.moved, before.moved, both.moved) == (0, 0, 0)
    for bound in ("low", "cost", "high"):
        assert getattr(alone, bound) + getattr(before, bound) == getattr(both, bound)
    prepare(ledger, BOOK, View())
    lines = define_servings(Here(ledger), BOOK, "USD", None).lines  # what the report's sliders add up
    assert lines.filter((pl.col("serving") == "flash") & pl.col("moved")).is_empty()


@pytest.mark.parametrize("target", ["deepseek-flash", "deepseek-v4-flash", "flash"])
def test_another_name_of_the_same_model_moves_nothing(ledger: Ledger, target: str) -> None:
    """After 2026-09-10T04:00Z three names are one model, at one price, with one cache."""
    rows = [
        request("deepseek-v4-flash", "2026-09-10T04:00", session_id="s"),
        request("deepseek-flash", "2026-10-12T02:00", session_id="s"),
        request("deepseek-v4-flash-vision-exp", "2026-11-01T12:00"),
    ]

    actual, result = priced(ledger, rows, scenario(f'default = "{target}"'))

    assert result.moved == 0
    assert result.low == result.cost == result.high == actual.cost


def test_the_same_names_before_that_day_are_two_models(ledger: Ledger) -> None:
    """A request from before V4.1 Flash moves there, and is priced with its first card."""
    rows = [request("deepseek-v4-flash", "2026-09-10T03:59")]

    _, result = priced(ledger, rows, scenario('default = "deepseek-flash"'))

    assert (result.moved, result.before_first_price) == (1, 1)


@pytest.mark.parametrize(
    ("family", "miss", "hit", "output"),
    [("flash", "0.14", "0.028", "0.28"), ("pro", "1.74", "0.145", "3.48")],
)
def test_families_before_v4_mean_their_launch_card(
    ledger: Ledger, family: str, miss: str, hit: str, output: str
) -> None:
    rows = [
        request("deepseek-chat", "2025-11-01T12:00", misses=1000, hits=128, output=7),
        request("deepseek-chat", "2026-04-24T00:00", misses=1000, hits=128, output=7),
    ]

    _, result = priced(ledger, rows, scenario(f'default = "{family}"\n[assume]\ncache = "transferred"'))

    launch = (Decimal(miss), Decimal(hit), Decimal(output))
    assert result.before_first_price == 1
    assert result.cost == 2 * cost(launch, 1000, 128, 7)


# ------------------------------------------------------------------------------------------------ caches


@pytest.fixture(scope="module")
def two_sessions() -> list[dict[str, Any]]:
    """Session ``moves`` has a long third turn, session ``stays`` has none; tokens are misses, hits, output."""
    return [
        request(session_id="moves", misses=1000, hits=0, output=10, at="2026-05-01T10:00"),
        request(session_id="moves", misses=200, hits=896, output=20, at="2026-05-01T10:01"),
        request(session_id="moves", misses=300, hits=1024, output=9000, at="2026-05-01T10:02"),
        request(session_id="stays", misses=500, hits=0, output=30, at="2026-05-01T10:00"),
        request(session_id="stays", misses=100, hits=512, output=40, at="2026-05-01T10:01"),
    ]


def test_caches_by_session_by_hand(ledger: Ledger, two_sessions: list[dict[str, Any]]) -> None:
    """One turn of one session goes to Pro, which has not seen that session: its hits are lost, those before it are not."""
    rule = 'default = "as-logged"\n[[route]]\nto = "deepseek-v4-pro"\nmin_output_tokens = 1000\n'

    actual, modelled, transferred, cold = priced(
        ledger,
        two_sessions,
        *(scenario(f'{rule}[assume]\ncache = "{cache}"') for cache in ("modelled", "transferred", "cold")),
    )

    stays = cost(FLASH, 500, 0, 30) + cost(FLASH, 100, 512, 40)
    warm = cost(FLASH, 1000, 0, 10) + cost(FLASH, 200, 896, 20) + cost(PRO, 300, 1024, 9000) + stays
    without_hits = cost(FLASH, 1000, 0, 10) + cost(FLASH, 1096, 0, 20) + cost(PRO, 1324, 0, 9000) + stays
    assert actual.cost == cost(FLASH, 1000, 0, 10) + cost(FLASH, 200, 896, 20) + cost(FLASH, 300, 1024, 9000) + stays
    assert transferred.cost == warm
    assert cold.cost == without_hits
    lost = cost(FLASH, 1000, 0, 10) + cost(FLASH, 200, 896, 20) + cost(PRO, 1324, 0, 9000) + stays
    assert modelled.cost == lost
    assert modelled.lost_cache == lost - warm
    assert {(each.low, each.high) for each in (modelled, transferred, cold)} == {(warm, without_hits)}
    assert {each.moved for each in (modelled, transferred, cold)} == {1}
    assert {each.cache_basis for each in (modelled, transferred, cold)} == {"session"}
    assert modelled.difference == lost - actual.cost


def test_a_session_that_moves_as_a_whole_keeps_its_hits(ledger: Ledger, two_sessions: list[dict[str, Any]]) -> None:
    """Its cache is built again at the new model, turn by turn; only the cold bound says otherwise."""
    _, result = priced(ledger, two_sessions, scenario('default = "deepseek-v4-pro"'))

    tokens = [(1000, 0, 10), (200, 896, 20), (300, 1024, 9000), (500, 0, 30), (100, 512, 40)]
    assert result.low == result.cost == sum(cost(PRO, *each) for each in tokens)
    assert result.high == sum(cost(PRO, misses + hits, 0, output) for misses, hits, output in tokens)


def test_without_sessions_the_endpoint_is_the_domain(ledger: Ledger) -> None:
    rows = [request(endpoint="/a", output=10), request(endpoint="/a", output=2000), request(endpoint="/b", output=10)]

    _, result = priced(ledger, rows, scenario('default = "as-logged"\n[[route]]\nto = "pro"\nmin_output_tokens = 1000'))

    by_endpoint = {row["endpoint"]: money(row["cost"]) for row in result.endpoints.iter_rows(named=True)}
    assert result.cache_basis == "endpoint"
    assert by_endpoint == {
        "/a": cost(FLASH, 1000, 0, 10) + cost(PRO, 1000, 0, 2000),
        "/b": cost(FLASH, 400, 600, 10),
    }


def test_an_unknown_cache_split_costs_as_misses_and_its_low_is_all_hits(ledger: Ledger) -> None:
    rows = [request(misses=1000, hits=0) | {"cache_read_tokens": None}]

    (actual,) = priced(ledger, rows)

    assert actual.low == cost(FLASH, 0, 1000, 100)
    assert actual.cost == actual.high == cost(FLASH, 1000, 0, 100)


def test_cache_writes_are_misses_on_deepseek(ledger: Ledger) -> None:
    rows = [request(misses=400, hits=600) | {"cache_write_tokens": 300}]

    (actual,) = priced(ledger, rows)

    assert actual.cost == cost(FLASH, 400, 600, 100)


# ------------------------------------------------------------------------------------------------ comparing


def test_differences_compare_what_both_can_price(ledger: Ledger) -> None:
    """What reality cannot price a scenario may: it is in the scenario's cost, and in no difference."""
    rows = [
        request(),
        request("gpt-nobody"),
        request() | {"input_tokens": None, "cache_read_tokens": None, "output_tokens": None},
    ]

    actual, stays, moves = priced(ledger, rows, AS_LOGGED, scenario('default = "pro"\n[assume]\ncache = "transferred"'))

    flash, pro = cost(FLASH, 400, 600, 100), cost(PRO, 400, 600, 100)
    assert [(each.requests, each.unpriced, each.compared_requests) for each in (actual, stays, moves)] == [
        (3, 1, 1),
        (3, 1, 1),
        (3, 0, 1),
    ]
    assert (actual.cost, stays.cost, moves.cost) == (flash, flash, 2 * pro)
    assert (moves.compared_actual, moves.difference) == (flash, pro - flash)


def test_a_scenario_may_price_less_than_reality(ledger: Ledger) -> None:
    """No CNY list is known for the weeks of V3.1: what stays there is unpriced, what moves is not."""
    rows = [request("deepseek-chat", "2025-09-10T12:00"), request("deepseek-v4-flash", "2026-05-01T10:00")]
    on_chat = scenario('default = "deepseek-chat"')

    actual, result = priced(ledger, rows, on_chat, view=View(currency="CNY"))

    assert (actual.unpriced, result.unpriced, result.compared_requests) == (1, 1, 1)
    assert result.moved == 0  # deepseek-chat was V4 Flash in May


def test_nothing_priced_is_null(ledger: Ledger) -> None:
    actual, same = priced(ledger, [request("gpt-nobody")], AS_LOGGED)

    for each in (actual, same):
        assert (each.cost, each.low, each.high, each.difference, each.compared_actual) == (None,) * 5
        assert (each.requests, each.unpriced, each.compared_requests) == (1, 1, 0)


# ------------------------------------------------------------------------------------------------ price dates


@pytest.mark.parametrize(
    ("model", "day", "expected"),
    [
        # not sold that day yet: the card of its family's member that was
        ("deepseek-flash", date(2026, 5, 1), ("0.14", "0.0028", "0.28")),
        # retired that day: the card of the family that serves what it served, at the request's own hour
        ("deepseek-chat", date(2026, 8, 18), ("0.22", "0.007", "0.66")),
        ("deepseek-reasoner", date(2026, 11, 2), ("0.15", "0.003", "0.6")),
        # on sale that day
        ("deepseek-v4-pro", date(2026, 4, 24), ("1.74", "0.145", "3.48")),
        ("deepseek-chat", date(2026, 1, 1), ("0.28", "0.028", "0.42")),
        # no member of the family was on sale
        ("deepseek-v4-flash", date(2026, 4, 23), None),
        ("gpt-nobody", date(2026, 5, 1), None),
    ],
)
def test_price_date(ledger: Ledger, model: str, day: date, expected: tuple[str, str, str] | None) -> None:
    (actual,) = priced(ledger, [request(model)], view=View(price_date=day))

    card = None if expected is None else tuple(map(Decimal, expected))
    assert actual.cost == (None if card is None else cost(card, 400, 600, 100))
    assert actual.unpriced == (1 if card is None else 0)


def test_windows_of_a_price_date_apply_at_the_requests_own_hour(ledger: Ledger) -> None:
    """The card of Tuesday 2026-08-18 knows peak hours, 01:00-04:00 and 06:00-10:00 UTC."""
    rows = [
        request(at=f"2026-05-01T{hour}", endpoint=hour)
        for hour in ("00:59", "01:00", "03:59", "04:00", "06:00", "10:00")
    ]
    view = View(price_date=date(2026, 8, 18))

    (actual,) = priced(ledger, rows, view=view)

    peak, off_peak = (
        cost(tuple(map(Decimal, card)), 400, 600, 100)
        for card in (("0.44", "0.014", "1.32"), ("0.22", "0.007", "0.66"))
    )
    found = {row["endpoint"]: money(row["cost"]) for row in actual.endpoints.iter_rows(named=True)}
    assert found == {
        "00:59": off_peak,
        "01:00": peak,
        "03:59": peak,
        "04:00": off_peak,
        "06:00": peak,
        "10:00": off_peak,
    }


def test_a_scenario_has_its_own_price_date(ledger: Ledger) -> None:
    launch = scenario('default = "as-logged"\n[assume]\nprice_date = 2026-04-24')

    actual, result, again = priced(ledger, [request()], launch, AS_LOGGED)

    assert actual.cost == again.cost == cost(FLASH, 400, 600, 100)
    assert result.cost == (400 * Decimal("0.14") + 600 * Decimal("0.028") + 100 * Decimal("0.28")) / MILLION
    assert result.difference == result.cost - actual.cost


def test_what_break_evens_compare_is_not_priced_twice() -> None:
    """All on Flash and all on Pro are scenarios of break-evens, and come with the program."""
    assert [read(name, BOOK) for name in ("all-flash", "all-pro")] == [scenario_module.FLASH, scenario_module.PRO]


def test_the_analysis_has_every_scenario_in_the_order_given(ledger: Ledger) -> None:
    fill(ledger, [request()])

    told: list[str] = []
    chosen = [read(name, BOOK) for name in ("mixed", "all-pro")]

    found: Analysis = analyze(ledger, BOOK, View(), chosen, tell=told.append)

    assert [each.scenario.name for each in found.results] == ["actual", "mixed", "all-pro"]
    assert [text for text in told if text.startswith("pricing ")] == [
        "pricing actual",
        "pricing mixed",
        "pricing all-pro",
    ]
    assert found.period == (datetime(2026, 5, 1, 10, tzinfo=UTC), datetime(2026, 5, 1, 10, 0, 1, tzinfo=UTC))
    assert issubclass(UsageError, SpendError)


@pytest.mark.parametrize(
    "column", ["team", *(pytest.param(name, marks=pytest.mark.endurance) for name in ("endpoint", "model"))]
)
def test_grouping_by_another_column_changes_no_cost(ledger: Ledger, column: str) -> None:
    """`--endpoint-by` groups what is shown; rules still look at the endpoint of the log."""
    rows = [request(endpoint="/agents/x", team="red"), request(endpoint="/chat", team="agents")]
    mixed = read("mixed", BOOK)

    _, plain = priced(ledger, rows, mixed)
    _, grouped = priced(ledger, rows, mixed, view=View(endpoint_by=column))

    assert plain.moved == 1
    assert (grouped.cost, grouped.moved) == (plain.cost, plain.moved)


@pytest.mark.endurance
def test_actual_may_be_named_and_is_there_once(tmp_path: Path) -> None:
    log = write(tmp_path / "log.jsonl", call())

    run = spend("simulate", log, "--scenario", "actual", "--scenario", "all-pro", "--json")

    assert [each["name"] for each in run.document["scenarios"]] == ["actual", "all-pro"]
    alone = spend("simulate", log, "--scenario", "actual")
    assert alone.code == 0
    assert "all-flash" not in alone.out
    assert "No other policy was asked for" in alone.out


@pytest.mark.endurance
def test_a_rule_by_which_nothing_goes_is_told_of(tmp_path: Path) -> None:
    """A slip of the pen in a name would otherwise look like a policy that changes nothing."""
    log = write(tmp_path / "log.jsonl", call(endpoint="/agents/code"))
    mine = tmp_path / "mine.toml"
    mine.write_text('[[route]]\nto = "pro"\nendpoint = "/agnts/*"\n[[route]]\nto = "pro"\nmin_input_tokens = 1\n')

    run = spend("simulate", log, "--scenario", mine, "--scenario", "mixed", "--json")

    assert run.err.splitlines()[0] == "spend: note: scenario mine: no request goes by route[1]"
    assert len(run.err.splitlines()) == 2, "of the shipped mix, and of rules that take something, nothing is said"
    assert {each["name"]: each["idle_rules"] for each in run.document["scenarios"]} == {
        "actual": [],
        "mine": ["route[1]"],
        "mixed": ["route[1]", "route[2]"],  # short, and by the name of an agent's endpoint
    }
    assert spend("simulate", log, "--scenario", mine, "--quiet").err == ""


@pytest.mark.endurance
def test_a_review_labels_what_routes_by_hindsight(tmp_path: Path) -> None:
    log = write(tmp_path / "log.jsonl", call())

    lines = spend("review", "2026-05", log, "--no-report", "--no-workbook").out.splitlines()

    table = lines[next(place for place, line in enumerate(lines) if line.startswith("Scenario ")) :]
    names = [line.split("  ")[0] for line in table[2:6]]
    assert names == ["actual", "all-flash", "all-pro", "mixed (hindsight)"]


@pytest.mark.endurance
def test_percentiles_say_which_calls_they_leave_out(tmp_path: Path) -> None:
    """Of the calls behind a row of an export only the sum is known: three here, beside one that was logged by itself."""
    kinds = ("input_cache_miss_tokens,0.00000014,3000", "output_tokens,0.00000028,30", "request_count,,3")
    rows = (f"u,2026-05-05,deepseek-v4-flash,k,sk-***,{kind}" for kind in kinds)
    export(tmp_path / "amount-2026-5.csv", EXPORT_HEAD, *rows)
    alone = write(tmp_path / "log.jsonl", call())

    both = spend("analyze", alone, tmp_path / "amount-2026-5.csv", "--no-report").out
    logged = spend("analyze", alone, "--no-report").out

    assert "p50/p90/p99 are of calls logged one by one; 1 record that is a sum is in none.\n" in both
    assert "logged one by one" not in logged


@pytest.mark.endurance
def test_the_sum_of_a_session_is_no_long_call(tmp_path: Path) -> None:
    """Factory's droid tells 5,000,000 tokens of a session, of nobody knows how many calls: none need have been a long one."""
    used = {
        "inputTokens": 5_000_000,
        "outputTokens": 50_000,
        "cacheReadTokens": 0,
        "cacheCreationTokens": 0,
        "thinkingTokens": 0,
    }
    at = {"providerLock": "acme", "providerLockTimestamp": "2026-10-01T08:00:00Z"}
    log = write(tmp_path / "a.jsonl", {"model": "acme-1", **at, "tokenUsage": used})
    own, rule = tmp_path / "own.toml", tmp_path / "long.toml"
    dear = '{ input = "9", cache_read = "9", output = "9", input_above = 200_000 }'
    own.write_text(f'[prices]\nacme-1 = [{{ input = "1", cache_read = "1", output = "2" }}, {dear}]\n')
    rule.write_text('[[route]]\nto = "deepseek-v4-pro"\nmin_output_tokens = 10_000\n')

    run = spend("analyze", log, "--no-report", "--prices", own, "--scenario", rule, "--json")

    (endpoint,) = run.document["endpoints"]
    assert endpoint["cost"] == "5.1", "5 million at 1 and 50,000 at 2 a million"
    assert endpoint["output_tokens_p90"] is None
    assert [each["cost"] for each in run.document["scenarios"]] == ["5.1", "5.1"], "no rule about long outputs takes it"
    told = spend("analyze", log, "--no-report", "--prices", own, "--quiet").out
    assert "p50/p90/p99 are of calls logged one by one; 1 record that is a sum is in none.\n" in told
