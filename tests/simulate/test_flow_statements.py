"""Statements that sum requests to flows and stretches, over rows in memory: against the same sums in plain Python."""

from datetime import datetime, timedelta
from typing import Any

import duckdb
import pytest
from statements import APRIL, MARCH, MAY, Row, added, asked, drawn, groups, in_order, table

from analyzer.simulate.pricing import sql

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TOKENS = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "cache_write_1h_tokens", "output_tokens")
NAMES = ("endpoint", "logged_endpoint", "model", "provider", "service_tier")
TOLD = ("moment", "month", "size", "measured", "split_known")
PAYERS = ("api_key_name", "team", "user_name", "outcome")
COLUMNS = {
    **dict.fromkeys((*NAMES, *PAYERS, "cache_basis", "session_id"), "VARCHAR"),
    **dict.fromkeys(("moment", "hour", "month", "started_at"), "TIMESTAMP"),
    **dict.fromkeys(("measured", "split_known"), "BOOLEAN"),
    **dict.fromkeys(("stretch", "size", "calls", *TOKENS, "reasoning_tokens"), "BIGINT"),
    "apart": "MAP(VARCHAR, BIGINT)",
}
STRETCHES = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())


def stretches(number: int) -> list[Row]:
    """Requests; of each column few values, so that many are alike but for one."""
    tokens = [None, 0, 7, 10**15]
    columns: dict[str, Any] = {name: ["a", "b"] for name in ("endpoint", "model")}
    columns |= {name: [None, "x"] for name in ("logged_endpoint", "provider", "service_tier", *PAYERS)}
    columns |= {
        "cache_basis": ["session", "endpoint"], "session_id": [None, "s"], "stretch": [0], "moment": [MARCH, APRIL],
        "hour": [MARCH], "month": [MARCH], "started_at": [MARCH, MARCH + HOUR / 2, MARCH + HOUR], "size": [0, 5],
        "measured": [True], "split_known": [True, False], "calls": [1, 3],
    }  # fmt: skip
    columns |= dict.fromkeys((*TOKENS, "reasoning_tokens"), tokens)
    columns["apart"] = [None, None, {"search": 2}, {"search": 1, "input_audio": 10**15}]
    return [{name: row[name] for name in COLUMNS} for row in drawn(number, **columns)]


def hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def test_flows_are_sums_of_requests_that_are_alike(memory: duckdb.DuckDBPyConnection) -> None:
    """Alike in all that tells stretches apart, in the hour of their start, and in their route: here their session."""
    rows = [row | {"team": None} for row in stretches(400)]
    numbers: dict[tuple[Any, ...], int] = {}
    for row in rows:
        row["stretch"] = numbers.setdefault(tuple(row[name] for name in (*NAMES, *TOLD, "cache_basis")), len(numbers))
    alike = ("stretch", *NAMES, *TOLD, "cache_basis", "started", "route")
    text = sql("flows").replace("{grain}", "hour").replace("{route}", "coalesce(session_id, 'none')")

    found = asked(memory, text, "stretches", STRETCHES, rows)

    for row in rows:
        row |= {"started": hour(row["started_at"]), "route": row["session_id"] or "none"}
    expected = [
        dict(zip(alike, key, strict=True))
        | {
            "first_started": min(row["started_at"] for row in part),
            "last_started": max(row["started_at"] for row in part),
        }
        | {"requests": sum(row["calls"] for row in part)}
        | {name: added(part, name) or 0 for name in TOKENS}
        for key, part in groups(rows, *alike).items()
    ]
    assert in_order(found) == in_order(expected)


def test_what_is_billed_apart_of_flows_is_summed_by_kind(memory: duckdb.DuckDBPyConnection) -> None:
    rows = [row | {"stretch": number % 5} for number, row in enumerate(stretches(60))]
    text = sql("flows_kinds").replace("{route}", "coalesce(session_id, 'none')")

    found = asked(memory, text, "stretches", STRETCHES, rows)

    sums: dict[tuple[int, str, str], int] = {}
    for row in rows:
        for kind, amount in (row["apart"] or {}).items():
            key = (row["stretch"], row["session_id"] or "none", kind)
            sums[key] = sums.get(key, 0) + amount
    assert {(row["stretch"], row["route"], row["kind"]): row["amount"] for row in found} == sums
    table(
        memory,
        "made_kinds",
        "stretch BIGINT, route VARCHAR, kind VARCHAR, amount HUGEINT",
        [(*key, n) for key, n in sums.items()],
    )
    memory.execute(sql("flows_apart").replace("{table}", "made"))
    maps: dict[tuple[int, str], dict[str, int]] = {}
    for (stretch, route, kind), amount in sums.items():
        maps.setdefault((stretch, route), {})[kind] = amount
    assert {(stretch, route): apart for stretch, route, apart in memory.execute("FROM made_apart").fetchall()} == maps


@pytest.mark.parametrize("user", ["user_name", "CAST(NULL AS VARCHAR)"])
def test_what_is_gathered_of_stretches_adds_up(memory: duckdb.DuckDBPyConnection, user: str) -> None:
    """Sums of what bills and budgets ask about; what is billed apart follows in rows that count no calls."""
    rows = stretches(300)
    alike = (*NAMES, *TOLD, "hour", *PAYERS)
    counts = (*TOKENS, "reasoning_tokens")

    gathered = asked(memory, sql("gathered").replace("{user}", user), "stretches", STRETCHES, rows)
    kinds = memory.execute(sql("gathered_kinds").replace("{user}", user)).fetchall()

    for row in rows:
        row["user_name"] = row["user_name"] if user == "user_name" else None
    expected = [
        dict(zip(alike, key, strict=True))
        | {"calls": sum(row["calls"] for row in part)}
        | {name: added(part, name) for name in counts}
        for key, part in groups(rows, *alike).items()
    ]
    assert in_order(gathered) == in_order(expected)
    apart: dict[tuple[Any, ...], int] = {}
    order = (*NAMES, "moment", "hour", "month", "size", "measured", "split_known", *PAYERS)
    for row in rows:
        for kind, amount in (row["apart"] or {}).items():
            key = (*(row[name] for name in order), kind)
            apart[key] = apart.get(key, 0) + amount
    assert {tuple(line[:-1]): line[-1] for line in kinds} == apart
    assert len(kinds) == len(apart)


def test_a_flow_goes_where_its_name_and_route_say_at_its_moment(memory: duckdb.DuckDBPyConnection) -> None:
    """Places of two sellers and two tiers, of two routes, in two stretches of time; a flow at each edge of each."""
    sold = [("m", None, None), ("m", "p", None), ("m", None, "batch"), ("n", None, None)]
    spans = [(MARCH, APRIL), (APRIL, MAY)]
    places = [
        (*one, route, *span, f"{one}{route}{span[0]}", number, number, 128, True, True)
        for number, (one, route, span) in enumerate(
            (one, route, span) for one in sold for route in "01" for span in spans
        )
    ]
    table(
        memory, "places",
        "model VARCHAR, provider VARCHAR, service_tier VARCHAR, route VARCHAR, from_instant TIMESTAMP, to_instant TIMESTAMP, "
        "serves VARCHAR, server BIGINT, place BIGINT, cache_unit BIGINT, moved BOOLEAN, any_moved BOOLEAN", places,
    )  # fmt: skip
    moments = {MARCH: MARCH, APRIL - HOUR: MARCH, APRIL: APRIL, MAY - HOUR: APRIL}
    flows = [
        (*one, route, at, f"{one}{route}{begun}") for one in sold for route in "01" for at, begun in moments.items()
    ]
    words = "model VARCHAR, provider VARCHAR, service_tier VARCHAR, route VARCHAR, moment TIMESTAMP, wanted VARCHAR"
    table(memory, "flows", words, [*flows, ("m", None, None, "0", MAY, "nowhere")])

    memory.execute(sql("going"))

    assert memory.execute("SELECT count(*), bool_and(serves = wanted) FROM going").fetchall() == [(len(flows), True)]
    memory.execute("DROP VIEW going")


def test_the_time_of_the_calls_ends_with_the_last_bucket_or_call(memory: duckdb.DuckDBPyConnection) -> None:
    """A single call, a sum that is of no export, and two days of one; one row of it has no usage."""
    told = "instant TIMESTAMP, until TIMESTAMP, exported BOOLEAN, calls BIGINT, measured BOOLEAN, summed BOOLEAN"
    names = ("instant", "until", "exported", "calls", "measured", "summed")
    lines = [
        (APRIL + HOUR, APRIL + HOUR, False, 1, True, False),
        (APRIL + 9 * DAY, APRIL + 9 * DAY, False, 5, True, True),
        (APRIL, APRIL + DAY, True, 40, True, True),
        (APRIL + DAY, APRIL + 2 * DAY, True, 2, False, True),
    ]

    def spanned(which: list[tuple[Any, ...]]) -> tuple[Any, ...]:
        [row] = asked(memory, sql("spanned"), "calls", told, [dict(zip(names, line, strict=True)) for line in which])
        return tuple(row[name] for name in ("first", "last", "closed", "exported", "summed"))

    assert spanned(lines) == (APRIL, APRIL + 9 * DAY, APRIL + 2 * DAY, 42, 2)
    assert spanned(lines[:1]) == (APRIL + HOUR, APRIL + HOUR, None, 0, 0)
    assert spanned(lines[2:]) == (APRIL, APRIL + 2 * DAY, APRIL + 2 * DAY, 42, 1)


def test_flows_that_share_a_number_are_found(memory: duckdb.DuckDBPyConnection) -> None:
    """Two flows that differ in one of all that tells them apart, with one number; the hours of a flow are one flow."""
    kinds = ", ".join(f"{name} {COLUMNS[name]}" for name in (*NAMES, *TOLD, "cache_basis"))
    one = next(iter(stretches(1)))
    usual = {name: one[name] for name in (*NAMES, *TOLD, "cache_basis")} | {"route": "0", "flow": 1}
    others: Row = {name: f"not {usual[name]}" for name, kind in COLUMNS.items() if name in usual and kind == "VARCHAR"}
    others |= {"moment": MAY, "month": MAY, "size": 77, "measured": False, "split_known": not usual["split_known"]}
    text = sql("clashes")

    def clashes(*rows: Row) -> list[tuple[int, ...]]:
        return [(*row.values(),) for row in asked(memory, text, "flows", f"{kinds}, route VARCHAR, flow BIGINT", rows)]

    assert clashes(usual, usual, usual | {"model": "z", "flow": 2}) == [(0,)]
    for name, value in (others | {"route": "1"}).items():
        assert clashes(usual, usual | {name: value}) == [(1,)], name
    assert len(others) == len(usual) - 2


def test_what_was_called_is_known_with_its_first_and_last_minute(memory: duckdb.DuckDBPyConnection) -> None:
    told = ("model", "provider", "service_tier", "moment")
    called = [
        ("m", "p", None, APRIL), ("m", "p", None, MARCH), ("m", "p", None, MAY), ("m", None, None, APRIL),
        ("m", "p", "batch", MAY), ("l", None, None, MAY),
    ]  # fmt: skip
    rows = [dict(zip(told, one, strict=True)) for one in called]

    found = asked(memory, sql("uses"), "usage", ", ".join(f"{name} {COLUMNS[name]}" for name in told), rows)

    minute = timedelta(minutes=1)
    assert [(*row.values(),) for row in found] == [
        ("l", None, None, MAY, MAY + minute),
        ("m", "p", "batch", MAY, MAY + minute),
        ("m", "p", None, MARCH, MAY + minute),
        ("m", None, None, APRIL, APRIL + minute),
    ]
