"""Statements that replay caches, over rows in memory: sessions and prefix blocks, each against plain Python."""

import random
from collections import defaultdict
from datetime import datetime, timedelta
from importlib import resources
from itertools import pairwise
from typing import Any

import duckdb
import pytest
from statements import APRIL, Line, Row, asked, groups, in_order, table

from analyzer.simulate.pricing import sql

HALF = timedelta(minutes=30)
TTL = timedelta(hours=1)
UNITS = {1: 128, 2: 64, 3: 1}
# Where calls are served, whether the whole of each moves there, and whether a part does.
PLACES = [
    (server, moved, moved or part) for server in UNITS for moved, part in ((False, False), (True, True), (False, True))
]
ENDPOINTS = [None, *(f"/{name}" for name in "abcdefghijklmnopqrst")]
TURNS = {
    **dict.fromkeys(("session", "session_check", "flow"), "BIGINT"), "logged_endpoint": "VARCHAR", "measured": "BOOLEAN",
    "serves": "VARCHAR", **dict.fromkeys(("server", "place", "cache_unit"), "BIGINT"), "moved": "BOOLEAN",
    "any_moved": "BOOLEAN", "started_at": "TIMESTAMP",
    **dict.fromkeys(("input_tokens", "output_tokens", "cache_read_tokens"), "BIGINT"),
}  # fmt: skip
KINDS = ", ".join(f"{name} {kind}" for name, kind in TURNS.items())


def turns(seed: int) -> list[Row]:
    """Requests of sessions, many of one instant, or just as long apart as a cache lives; few sessions have a move."""
    dice = random.Random(seed)
    rows: list[Row] = []
    for number in range(300):
        session = dice.randint(0, 30) if number % 3 else 100 + number  # a third of one turn each
        place = dice.randrange(len(PLACES)) if session < 15 else 3 * dice.randint(0, 2) + 2 * (session < 20)
        server, moved, any_moved = PLACES[place]
        endpoint, measured = dice.choice(ENDPOINTS), dice.random() < 0.8
        at = (
            APRIL + dice.choice([0, 1, 2, 3, 4, 5, 9, 10, 12]) * HALF + dice.choice([0, 0, 0, 1]) * timedelta(seconds=1)
        )
        counts = (dice.choice([100, 300, 1000]), dice.choice([10, 28, 500]), dice.choice([None, 0, 90, 290, 800]))
        flow = (place * len(ENDPOINTS) + ENDPOINTS.index(endpoint)) * 2 + measured
        rows.append(dict(zip(TURNS, (
            session, dice.randint(0, 1), flow, endpoint, measured, f"m{server}", server, place, UNITS[server], moved,
            any_moved, at, *(counts if measured else (counts[0], None, counts[2])),
        ), strict=True)))  # fmt: skip
    return rows


def order(row: Row) -> tuple[Any, ...]:
    hits = row["cache_read_tokens"]
    counts = (row["input_tokens"] or 0, row["output_tokens"] or 0, hits is None, hits or 0)
    return row["started_at"], *counts, row["place"], row["flow"]


def lay(memory: duckdb.DuckDBPyConnection, rows: list[Row]) -> None:
    table(memory, "turns", KINDS, [(*row.values(),) for row in rows])
    memory.execute("SET VARIABLE cache_ttl = ?", [TTL])


def shifts(memory: duckdb.DuckDBPyConnection, text: str) -> dict[int, tuple[int, int]]:
    found = memory.execute(text).fetchall()
    sums = {flow: (modelled, cold) for flow, modelled, cold in found}
    assert len(sums) == len(found)
    return {flow: both for flow, both in sums.items() if both != (0, 0)}


def summed(parts: list[tuple[int, int, int]]) -> dict[int, tuple[int, int]]:
    sums: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for flow, modelled, cold in parts:
        sums[flow] = (sums[flow][0] + modelled, sums[flow][1] + cold)
    return {flow: both for flow, both in sums.items() if both != (0, 0)}


@pytest.mark.parametrize("seed", range(2))
def test_sessions_hit_what_their_model_saw_last(memory: duckdb.DuckDBPyConnection, seed: int) -> None:
    """The prompt and the answer before at the same model, in whole units, within the time that a cache lives."""
    rows = turns(seed)
    lay(memory, rows)

    found = shifts(memory, sql("shifts_sessions").replace("{turns}", "turns"))

    parts = []
    for session in groups(rows, "session", "session_check").values():
        if not any(row["any_moved"] for row in session):
            continue
        replayed = any(row["moved"] for row in session)
        first = min(row["started_at"] for row in session)
        last: dict[int, Row] = {}
        for row in sorted((row for row in session if row["measured"]), key=order):
            before, kept = last.get(row["server"]), row["cache_read_tokens"] or 0
            last[row["server"]] = row
            hits = 0
            if not replayed or row["started_at"] == first:
                hits = kept
            elif before is not None and row["started_at"] - before["started_at"] <= TTL:
                whole = (before["input_tokens"] + before["output_tokens"]) // row["cache_unit"]
                hits = min(kept, whole * row["cache_unit"])
            parts.append((row["flow"], hits - kept, 0 if row["any_moved"] else -kept))
    assert found == summed(parts)


@pytest.mark.parametrize("seed", range(2))
def test_first_requests_of_sessions_miss_at_a_model_that_has_not_met_their_endpoint(
    memory: duckdb.DuckDBPyConnection, seed: int
) -> None:
    """Not at all, or for longer than a cache lives: where the whole of them moves there."""
    rows = turns(seed)
    lay(memory, rows)
    going = [
        (key[0], key[1], hour, measured, min(times), max(times))
        for (*key, hour, measured), times in {
            key: [row["started_at"] for row in some]
            for key, some in groups(
                [row | {"hour": row["started_at"].replace(minute=0, second=0)} for row in rows],
                "serves", "logged_endpoint", "hour", "measured",
            ).items()
        }.items()
    ]  # fmt: skip
    time = "started TIMESTAMP, measured BOOLEAN, first_started TIMESTAMP, last_started TIMESTAMP"
    memory.execute("DROP VIEW IF EXISTS going")
    table(memory, "summed_going", f"serves VARCHAR, logged_endpoint VARCHAR, {time}", going)
    memory.execute("CREATE VIEW going AS FROM summed_going")
    memory.execute(sql("cold_starts"))

    found = shifts(memory, sql("shifts_cold_starts"))

    memory.execute("DROP VIEW going")
    met = groups((row for row in rows if row["measured"]), "serves", "logged_endpoint")
    cold = {
        (*key, at)
        for key, some in met.items()
        for before, at in pairwise([datetime(1, 1, 1), *sorted({row["started_at"] for row in some})])
        if at - before > TTL
    }
    first = {
        key: min(row["started_at"] for row in some) for key, some in groups(rows, "session", "session_check").items()
    }
    parts = [
        (row["flow"], -(row["cache_read_tokens"] or 0), 0)
        for row in rows
        if row["measured"]
        and row["moved"]
        and row["started_at"] == first[row["session"], row["session_check"]]
        and (row["serves"], row["logged_endpoint"], row["started_at"]) in cold
    ]
    assert found == summed(parts) != {}


def test_an_endpoint_starts_cold_where_no_request_met_its_model_for_as_long_as_a_cache_lives(
    memory: duckdb.DuckDBPyConnection,
) -> None:
    """An hour to the instant is warm; a failure warms nothing; other models and endpoints know nothing of each other."""

    def at(minutes: int) -> datetime:
        return APRIL + timedelta(minutes=minutes)

    hours: list[Line] = [
        ("m", "/a", at(0), False, at(10), at(10)), ("m", "/a", at(0), True, at(40), at(50)),
        ("m", "/a", at(60), True, at(110), at(115)),  # 60 minutes after the one at 50
        ("m", "/a", at(180), True, at(180), at(210)),  # 65 after the one at 115
        ("m", "/a", at(240), True, at(270), at(270)),  # 60 after the last of the hour before, 90 after its first
        ("m", "/a", at(300), False, at(320), at(320)), ("m", "/a", at(360), True, at(360), at(360)),
        ("m", "/b", at(0), True, at(45), at(45)), ("n", "/a", at(0), True, at(46), at(46)), ("m", None, at(0), True, at(5), at(5)),
    ]  # fmt: skip
    time = "started TIMESTAMP, measured BOOLEAN, first_started TIMESTAMP, last_started TIMESTAMP"
    table(memory, "going", f"serves VARCHAR, logged_endpoint VARCHAR, {time}", hours)
    memory.execute("SET VARIABLE cache_ttl = ?", [TTL])

    memory.execute(sql("cold_starts"))

    found = memory.execute("FROM cold_starts ORDER BY ALL").fetchall()
    memory.execute("DROP TABLE going")
    assert found == [
        ("m", "/a", at(40)), ("m", "/a", at(180)), ("m", "/a", at(360)), ("m", "/b", at(45)), ("m", None, at(5)),
        ("n", "/a", at(46)),
    ]  # fmt: skip


def test_of_sessions_with_a_move_what_stays_is_cold_and_others_are_left_out(memory: duckdb.DuckDBPyConnection) -> None:
    rows = turns(0)
    lay(memory, rows)
    sessions = groups(rows, "session", "session_check").values()
    touched = [row for some in sessions if any(row["any_moved"] for row in some) for row in some]

    found = shifts(memory, sql("shifts_touched"))
    left = memory.execute(sql("turns_touched")).fetchall()

    kept = [row for row in touched if not row["any_moved"]]
    assert found == summed([(row["flow"], 0, -(row["cache_read_tokens"] or 0)) for row in kept])
    assert sorted(map(repr, left)) == sorted(repr((*row.values(),)) for row in touched)
    assert len(touched) < len(rows)


def test_the_self_test_tells_what_would_have_been_hit_of_those_that_follow(memory: duckdb.DuckDBPyConnection) -> None:
    rows = turns(1)
    lay(memory, rows)

    [found] = memory.execute(sql("self_test")).fetchall()

    known: list[tuple[int, int, int]] = []
    for some in groups((row for row in rows if row["measured"]), "session", "session_check", "server").values():
        for before, row in pairwise(sorted(some, key=order)):
            if row["cache_read_tokens"] is None:
                continue
            seen = (before["input_tokens"] + before["output_tokens"]) // row["cache_unit"] * row["cache_unit"]
            warm = row["started_at"] - before["started_at"] <= TTL
            hits = min(row["input_tokens"], seen) if warm else 0
            known.append((row["input_tokens"], row["cache_read_tokens"], hits))
    assert found == ("session", len(known), *map(sum, zip(*known, strict=True)))


def test_moves_are_counted_by_what_tells_of_the_cache(memory: duckdb.DuckDBPyConnection) -> None:
    """Three requests move in part, none as a whole; of sessions two do; where prompts have blocks nothing moves."""
    lines = [
        ("endpoint", False, True, 3), ("endpoint", False, False, 5), ("session", True, True, 2),
        ("session", False, True, 4), ("session", False, False, 1), ("blocks", False, False, 9),
    ]  # fmt: skip
    names = ("cache_basis", "moved", "any_moved", "requests")
    types = "cache_basis VARCHAR, moved BOOLEAN, any_moved BOOLEAN, requests BIGINT"

    found = asked(memory, sql("moves"), "going", types, [dict(zip(names, line, strict=True)) for line in lines])

    memory.execute("DROP TABLE going")
    expected = [("blocks", False, False, 0, 9), ("endpoint", False, True, 3, 8), ("session", True, True, 6, 7)]
    assert sorted((*row.values(),) for row in found) == expected


# ------------------------------------------------------------------------------------------------ prefix blocks

PLACED = {
    "row_id": "BIGINT", "source_id": "BIGINT", "flow": "BIGINT", "cache_basis": "VARCHAR", "server": "BIGINT",
    "measured": "BOOLEAN", "moved": "BOOLEAN", "any_moved": "BOOLEAN", "started_at": "TIMESTAMP", "request_id": "VARCHAR",
    "input_tokens": "BIGINT", "cache_read_tokens": "BIGINT", "block_size": "BIGINT", "prefix_blocks": "VARCHAR[]",
}  # fmt: skip
FIRST = {1: 1, 2: 1, 3: 3}  # the second log goes on where the first ended; of the fourth nothing is known


def name(path: str, kind: int) -> str:
    """A block by all that comes before it: a short number of its log, the longest such, or a hash of what it holds."""
    number = int(path.translate({97: "1", 98: "2"}))
    return str(number) if kind == 0 else f"{number:0>9}" if kind == 1 else f"{number:0>10}"


def prompts(seed: int) -> list[Row]:
    dice = random.Random(seed)
    rows: list[Row] = []
    for number in range(300):
        path = "".join(dice.choice("ab") for _ in range(dice.randint(1, 4)))
        size, measured, moved = dice.choice([100, 100, None]), dice.random() < 0.9, dice.random() < 0.1
        kind, log = dice.randint(0, 2), dice.randint(1, 4)
        tokens = len(path) * (size or 512) - dice.choice([0, 0, 60])
        rows.append(dict(zip(PLACED, (
            number, log, number % 7, dice.choice(["blocks"] * 6 + ["session"]), dice.randint(1, 2), measured,
            moved and kind < 2, (moved or dice.random() < 0.05) and log < 4,
            APRIL + dice.choice([0, 1, 2, 3, 5, 7, 9, 10]) * HALF, dice.choice(["r", "q"]),
            tokens if measured else None, dice.choice([None, 0, tokens // 2, tokens]) if measured else None, size,
            [name(path[: place + 1], kind) for place in [0] * (number % 9 == 0) + [*range(len(path))]],
        ), strict=True)))  # fmt: skip
        rows[-1]["any_moved"] |= rows[-1]["moved"]
    return rows


@pytest.mark.parametrize("seed", range(2))
def test_prompts_hit_the_leading_blocks_that_their_model_met(memory: duckdb.DuckDBPyConnection, seed: int) -> None:
    """Within the time that a cache lives; what a block of a mere number means hangs on the log, however that grew."""
    rows = prompts(seed)
    memory.execute(resources.files("analyzer.ledger").joinpath("macros.sql").read_text(encoding="utf-8"))
    table(memory, "log_beginnings", "source_id BIGINT, first_id BIGINT", [*FIRST.items()])
    memory.execute("SET VARIABLE cache_ttl = ?", [TTL])
    types = ", ".join(f"{column} {kind}" for column, kind in PLACED.items())

    found = asked(memory, sql("block_hits").replace("{key}", "row_id"), "placed", types, rows)

    told = [row for row in rows if row["cache_basis"] == "blocks"]
    for row in told:
        log = FIRST.get(row["source_id"], row["source_id"])
        row["domain"] = (log if len(row["prefix_blocks"][0]) < 10 else None, row["prefix_blocks"][0])
    domains = groups(told, "domain")
    last: dict[Any, datetime] = {}
    expected = []
    for row in sorted(told, key=lambda row: (row["started_at"], row["request_id"], row["row_id"])):
        if not row["measured"]:
            continue
        warm = 0
        for place, block in enumerate(row["prefix_blocks"]):
            key = (row["server"], row["domain"][0], block)
            own = block in row["prefix_blocks"][:place]  # what a prompt itself holds twice it did not meet
            warm += warm == place and not own and key in last and row["started_at"] - last[key] <= TTL
            last[key] = row["started_at"]
        domain = domains[row["domain"],]
        expected.append({
            "key": row["row_id"],
            "touched": any(one["any_moved"] for one in domain),
            "replayed": any(one["moved"] for one in domain),
            "hits": min(row["input_tokens"], warm * (row["block_size"] or 512)),
        })  # fmt: skip
    assert in_order(found) == in_order(expected)
    for which in ("touched", "replayed"):
        assert {row[which] for row in expected} == {True, False}

    # What that takes from the hits that were observed, and how well it would have told them.
    hits = {row["key"]: row for row in expected}
    lines = [(*row.values(),) for row in expected]
    table(memory, "block_hits", "key BIGINT, touched BOOLEAN, replayed BOOLEAN, hits BIGINT", lines)
    lost = shifts(memory, sql("shifts_blocks").replace("{key}", "row_id"))
    tested = memory.execute(sql("self_test_blocks").replace("{key}", "row_id")).fetchall()

    parts, sums = [], defaultdict(list)
    for row in told:
        if (hit := hits.get(row["row_id"])) is None:
            continue
        kept = row["cache_read_tokens"]
        sums["blocks, hits not logged" if kept is None else "blocks"].append((row["input_tokens"], kept, hit["hits"]))
        if hit["touched"] and kept:
            parts.append((row["flow"], min(hit["hits"], kept) - kept if hit["replayed"] else 0, -kept))
    assert lost == summed(parts)
    assert sorted(tested) == sorted(
        (basis, len(some), sum(t for t, _, _ in some), sum(k for _, k, _ in some) if basis == "blocks" else None,
         sum(h for _, _, h in some))
        for basis, some in sums.items()
    )  # fmt: skip


def test_a_log_begins_where_its_first_part_does(memory: duckdb.DuckDBPyConnection) -> None:
    """Three parts of one; the end of another whose beginning was forgotten; a copy of the first, and a log of its own."""
    logs: list[Line] = [
        (1, "a", None), (2, "ab", "a"), (3, "abc", "ab"), (4, "xy", "x"), (5, "xyz", "xy"), (6, "a", None), (7, "z", None),
    ]  # fmt: skip
    table(memory, "sources", "source_id BIGINT, fingerprint VARCHAR, continues VARCHAR", logs[::-1])

    memory.execute(sql("log_beginnings"))

    found = memory.execute("FROM log_beginnings ORDER BY source_id").fetchall()
    memory.execute("DROP TABLE log_beginnings")
    assert found == [
        (1, 1, "a"), (2, 1, "a"), (3, 1, "a"), (4, 4, "xy"), (5, 4, "xy"), (6, 6, "a"), (7, 7, "z"),
    ]  # fmt: skip
