"""Waiting for lower prices, by hand: what a scenario's requests take, and what the outlook says that it would save."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from assumed import AS_LOGGED, DEAR_FLASH, DEAR_PRO, PEAK, priced, request, simulated
from support import BOOK, EXPORT_HEAD, ZONED_HEAD, call, cost, export, fill, scenario, spend, write

from analyzer.ledger import Ledger
from analyzer.simulate.analysis import analyze
from analyzer.simulate.bridge import bridge
from analyzer.simulate.relations import View
from analyzer.simulate.scenario import ACTUAL


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    with Ledger.throwaway() as made:
        yield made


# Flash on Monday 2026-10-12, peak 01:00 to 04:00 and 06:00 to 10:00 UTC at twice the price of the other hours.
@pytest.mark.endurance
@pytest.mark.parametrize(
    ("at", "wait", "waits"),
    [
        ("2026-10-12T01:00", "3h", True),  # the edge is reached at the very end of the wait
        ("2026-10-12T01:00", "179m", False),
        ("2026-10-12T00:59", "8h", False),  # cheap already: nothing to gain
        ("2026-10-12T03:59", "1m", True),
        ("2026-10-12T06:00", "3h", False),
        ("2026-10-12T06:00", "4h", True),
        ("2026-10-12T06:30", "210m", True),
        ("2026-10-12T06:29", "210m", False),
    ],
)
def test_requests_that_wait_take_the_lowest_price_within_reach(ledger: Ledger, at: str, wait: str, waits: bool) -> None:
    rows = [request(model="deepseek-flash", started_at=datetime.fromisoformat(at), endpoint="batch-nightly")]
    what_if = scenario(f'{AS_LOGGED}[assume]\noff_peak = {{ endpoint = ["batch-*"], max_wait = "{wait}" }}')

    actual, result = priced(ledger, rows, ACTUAL, what_if)

    assert actual.cost is not None
    assert result.cost == (actual.cost / 2 if waits else actual.cost)
    assert result.moved == 0


def test_without_endpoints_all_requests_wait(ledger: Ledger) -> None:
    """Those that name no endpoint as well."""
    rows = [request(model="deepseek-flash", started_at=datetime(2026, 10, 12, 9), endpoint=None)]

    actual, result = priced(ledger, rows, ACTUAL, scenario(f'{AS_LOGGED}[assume]\noff_peak = {{ max_wait = "1h" }}'))

    assert actual.cost is not None
    assert result.cost == actual.cost / 2


def test_only_the_endpoints_that_are_named_wait(ledger: Ledger) -> None:
    peak = datetime(2026, 10, 12, 2)
    rows = [request(model="deepseek-flash", started_at=peak, endpoint=name) for name in ("batch-a", "/chat", None)]
    what_if = scenario(f'{AS_LOGGED}[assume]\noff_peak = {{ endpoint = "batch-*", max_wait = "8h" }}')

    actual, result = priced(ledger, rows, ACTUAL, what_if)

    assert actual.cost is not None
    assert result.cost == actual.cost * 5 / 6


def test_what_is_asked_again_waits_with_its_request(ledger: Ledger) -> None:
    """At a peak, where both models cost twice: each of the two answers takes the lower price, or neither does."""
    rows = [request(misses=1000, hits=0, **PEAK, endpoint=name) for name in ("batch-1", "/chat")]
    again = 'escalate = { from = "flash", to = "pro", rate = 1 }'
    simulation = simulated(ledger, rows)
    result = simulation.price(
        scenario(f'{AS_LOGGED}[assume]\n{again}\noff_peak = {{ endpoint = "batch-*", max_wait = "8h" }}')
    )

    both = cost(DEAR_FLASH, 1000, 0, 100) + cost(DEAR_PRO, 1000, 0, 100)
    assert result.cost == both + both / 2
    assert {step.driver: step.amount for step in bridge(simulation, result)} == {
        "waiting": -cost(DEAR_FLASH, 1000, 0, 100) / 2,
        "escalation": cost(DEAR_PRO, 1000, 0, 100) * Decimal("1.5"),
    }


@pytest.mark.parametrize(
    ("entry", "large"),
    [
        ('{ discount = "12.5%", FROM }', [Decimal(figure) * 7 / 8 for figure in ("0.66", "0.022", "1.98")]),
        ('{ input = "9", cache_read = "9", output = "9", FROM }', [Decimal(f) for f in ("1.32", "0.044", "3.96")]),
    ],
)
def test_prices_that_come_to_hang_on_the_size_hold_for_what_waits(
    ledger: Ledger, entry: str, large: list[Decimal]
) -> None:
    """At peak hours two calls wait, past 02:30, from when large ones cost less by agreement, or more than at once."""
    at = datetime(2026, 10, 21, 1, 29)
    rows = [
        request(model="deepseek-v4-pro", started_at=at, input_tokens=whole, cache_read_tokens=100, output_tokens=10)
        for whole in (5_000, 200_000)
    ]
    own = entry.replace("FROM", "from = 2026-10-21T02:30:00Z, input_from = 10_000")
    what_if = f'{AS_LOGGED}[assume]\noff_peak = {{ max_wait = "8h" }}\n[prices]\n"deepseek-v4-pro" = {own}'

    [result] = priced(ledger, rows, scenario(what_if))

    calm = [Decimal("0.66"), Decimal("0.022"), Decimal("1.98")]
    assert result.cost == cost(calm, 4_900, 100, 10) + cost(large, 199_900, 100, 10)


def test_a_wait_is_never_dearer(ledger: Ledger) -> None:
    """Any hour of a week, any wait: the lowest price within reach is at most the one in force."""
    hours = [datetime(2026, 10, 9) + timedelta(hours=hour, minutes=30) for hour in range(0, 168, 5)]
    rows = [request(model="deepseek-v4-pro", started_at=hour, endpoint=hour.isoformat()) for hour in hours]
    actual, *waited = priced(
        ledger,
        rows,
        ACTUAL,
        *(scenario(f'{AS_LOGGED}[assume]\noff_peak = {{ max_wait = "{wait}" }}') for wait in ("0m", "90m", "8h", "3d")),
    )

    by_hour = [
        {row["endpoint"]: row["cost"] for row in each.endpoints.iter_rows(named=True)} for each in (actual, *waited)
    ]
    for hour in by_hour[0]:
        costs = [each[hour] for each in by_hour]
        assert costs[0] == costs[1]
        assert costs == sorted(costs, reverse=True)


def test_waiting_saves_at_most_half_of_what_was_paid_at_peak(ledger: Ledger) -> None:
    """Monday 2026-10-12, 09:00 UTC: peak until 10:00. An hour's wait halves the price."""
    rows = [
        request(model="deepseek-flash", started_at=datetime(2026, 10, 12, 9), endpoint="/late"),
        request(model="deepseek-flash", started_at=datetime(2026, 10, 12, 7), endpoint="/early"),
        request(model="deepseek-flash", started_at=datetime(2026, 10, 12, 12), endpoint="/cheap"),
    ]
    fill(ledger, rows)
    analysis = analyze(ledger, BOOK, View(), [])

    peak = {row["endpoint"]: row["cost"] for row in analysis.answers["endpoints"].iter_rows(named=True)}
    saved = {(shift.endpoint, shift.wait): shift.saving for shift in analysis.outlook.shifts}

    assert saved["/late", timedelta(hours=1)] == peak["/late"] / 2
    assert ("/early", timedelta(hours=2)) not in saved
    assert saved["/early", timedelta(hours=4)] == saved["/early", timedelta(hours=24)] == peak["/early"] / 2
    assert not any(endpoint == "/cheap" for endpoint, _ in saved)


AT_PEAK: dict[str, Any] = {"model": "deepseek-flash", "ts": "2026-10-12T07:00:00Z"}


def off_peak(tmp_path: Path, *options: str, **fields: Any) -> list[str]:
    """What the terminal says of hours: a million tokens out, once."""
    log = write(
        tmp_path / "log.jsonl", call(**{"input_tokens": 0, "cache_read_tokens": 0, "output_tokens": 10**6, **fields})
    )
    lines = " ".join(spend("simulate", log, "--quiet", *options).out.split())
    return [
        words for words in ("other hours of the same list save half of it, $0.60", "Waiting saves") if words in lines
    ]


@pytest.mark.endurance
def test_the_ceiling_of_waiting_is_of_the_list_alone(tmp_path: Path) -> None:
    """Flash asks 1.20 for a million at peak hours. With an own price for all hours, no hour is cheaper."""
    own = write(tmp_path / "own.toml", "[prices]", '"deepseek-flash" = { output = "1.20" }')

    assert off_peak(tmp_path, **AT_PEAK) == ["other hours of the same list save half of it, $0.60", "Waiting saves"]
    assert off_peak(tmp_path, "--prices", str(own), **AT_PEAK) == []


@pytest.mark.endurance
def test_waiting_from_standard_hours_is_told(tmp_path: Path) -> None:
    """In 2025 nights were cheaper, and nothing was called peak."""
    assert off_peak(tmp_path, model="deepseek-reasoner", ts="2025-05-05T12:00:00Z") == ["Waiting saves"]


@pytest.mark.endurance
def test_a_day_of_an_export_waits_from_the_first_hour_at_its_price(tmp_path: Path) -> None:
    """2026-10-21 is a Wednesday with peak hours from 01:00 to 04:00 UTC. Nobody knows at which of them the calls were."""
    price = {"input_cache_miss_tokens": "0.0000003", "output_tokens": "0.0000012", "request_count": ""}
    rows = [
        f"u,{{at}}deepseek-flash,k,sk-***,{kind},{price[kind]},{amount}"
        for kind, amount in (("input_cache_miss_tokens", 1000), ("output_tokens", 100), ("request_count", 7))
    ]
    days = export(tmp_path / "amount-days.csv", EXPORT_HEAD, *(row.format(at="2026-10-21,") for row in rows))
    at = "2026-10-21T03:00:00Z,2026-10-21T04:00:00Z,"
    hours = export(tmp_path / "amount-hours.csv", ZONED_HEAD, *(row.format(at=at) for row in rows))

    told = {log: spend("simulate", log, "--json").document["off_peak"] for log in (days, hours)}

    assert [one["wait"] for one in told[days]] == ["4h", "8h", "12h", "24h"]
    assert [one["wait"] for one in told[hours]] == ["1h", "2h", "4h", "8h", "12h", "24h"]
    assert {one["saving"] for one in (*told[days], *told[hours])} == {"0.00021"}
    said = "7 calls of usage exports wait from the first instant of their bucket at their price"
    assert said in " ".join(spend("simulate", days).out.split())
