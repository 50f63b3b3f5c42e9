"""Statements that tell who served a call, who would, at which prices and with which cache, each over rows in memory."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pytest
from statements import APRIL, MARCH, MAY, Line, Row, asked, in_order, table

from analyzer.simulate.pricing import sql as simulating

EVER, LAST = datetime(1, 1, 1), datetime(9999, 1, 1)


def test_every_name_has_the_model_that_answers_from_one_change_to_the_next(memory: duckdb.DuckDBPyConnection) -> None:
    """By the identities of our own names; of others by their prices, where one that says the same again is no change."""
    words = "provider VARCHAR, service_tier VARCHAR, from_instant TIMESTAMP, serves VARCHAR, cache_unit BIGINT"
    ever, last = datetime(1, 1, 1), datetime(9999, 1, 1)
    memory.execute(f"CREATE OR REPLACE TABLE price_identities (name VARCHAR, {words})")
    identities = [
        ("ours", None, None, ever, "a", 128),
        ("ours", None, None, APRIL, "b", 128),
        ("ours", None, "batch", ever, "a", 128),
        ("mine", None, None, ever, "m", 128),
        ("twin", None, None, ever, "m", 128),  # another name of the same
    ]
    memory.executemany("INSERT INTO price_identities VALUES (?, ?, ?, ?, ?, ?)", identities[::-1])
    prices = [
        ("ours", None, None, MARCH, "never", 1),  # identities go before prices
        ("mine", None, None, MARCH, "never", 1),
        ("alone", None, None, MARCH, "x", 1),  # what others are called tells nothing of it
        ("ours", "elsewhere", None, MARCH, "theirs", 1),  # but not those of another seller,
        ("ours", None, "flex", MARCH, "flexible", 1),  # and of another tier
        ("theirs", "p", None, MARCH, "p/x", 1),
        ("theirs", "p", None, MARCH, "p/x", 1),  # another size
        ("theirs", "p", None, APRIL, "p/x", 1),  # another price
        ("theirs", "p", None, MAY, "p/y", 1),
        ("theirs", "q", None, APRIL, "p/x", 1),  # the same of another seller
    ][::-1]
    rows = [
        dict(zip(("model", "provider", "service_tier", "from", "serves", "unit"), one, strict=True)) for one in prices
    ]

    asked(memory, simulating("served").replace("{table}", "who"), "price_intervals", f"model VARCHAR, {words}", rows)

    assert memory.execute("FROM who ORDER BY ALL").fetchall() == [
        ("alone", None, None, "x", 1, MARCH, last),
        ("mine", None, None, "m", 128, ever, last),
        ("ours", "elsewhere", None, "theirs", 1, MARCH, last),
        ("ours", None, "batch", "a", 128, ever, last),
        ("ours", None, "flex", "flexible", 1, MARCH, last),
        ("ours", None, None, "a", 128, ever, APRIL),
        ("ours", None, None, "b", 128, APRIL, last),
        ("theirs", "p", None, "p/x", 1, MARCH, MAY),
        ("theirs", "p", None, "p/y", 1, MAY, last),
        ("theirs", "q", None, "p/x", 1, APRIL, last),
        ("twin", None, None, "m", 128, ever, last),
    ]


def answering(lines: Sequence[Line], moment: datetime, *words: str | None) -> str | None:
    """Who answers to words at a moment, of lines that end with from when, until when, and who."""
    found = [who for *named, start, end, who in lines if (*named,) == words and start <= moment < end]
    assert len(found) < 2
    return found[0] if found else None


# What was called, each at the first instant of May and the last before it: names change what they mean there.
CALLED: list[Line] = [
    (route, model, provider, tier, moment)
    for route in ("0", "1")
    for model, provider, tier in (("old", None, None), ("old", "p", None), ("old", "p", "batch"), ("odd", None, None))
    for moment in (MAY - timedelta(microseconds=1), MAY)
] + [(route, "still", None, None, MAY) for route in ("2", "4")]
LOGGED: list[Line] = [
    ("old", None, None, EVER, MAY, "A"),
    ("old", None, None, MAY, LAST, "B"),
    ("old", "p", None, EVER, MAY, "P"),
    ("old", "p", None, MAY, LAST, "O"),
    ("old", "p", "batch", EVER, LAST, "Q"),
]
TARGETS: list[Line] = [
    ("to", EVER, MAY, "B"),
    ("to", MAY, LAST, "C"),
    ("first", EVER, LAST, "A"),
    ("late", MAY, LAST, "D"),
    ("alias", EVER, LAST, "nowhere"),
    ("strange", EVER, LAST, "odd"),
    ("before", EVER, LAST, "B"),
    ("later", EVER, LAST, "C"),
    ("fall", EVER, MAY, "Z"),
    ("fall", MAY, LAST, "Y"),
]
# Route, number, kind, target, weight, whose answers are asked again, and of which model they have to be.
LEGS: list[Line] = [
    ("0", 0, "served", None, 3, None, None),
    ("0", 0, "escalated", "to", 1, None, "first"),
    ("1", 0, "served", "late", 2, None, None),
    ("1", 1, "served", "first", 1, None, None),
    ("1", 1, "escalated", "to", 4, "first", "first"),
    ("1", 0, "escalated", "to", 5, "late", "first"),
    ("1", 0, "escalated", "first", 6, "to", "to"),
    ("1", 0, "escalated", "first", 7, "nowhere", "alias"),
    ("0", 0, "escalated", "first", 8, None, "strange"),
    ("1", 0, "escalated", "first", 9, "to", "later"),
    ("1", 0, "escalated", "first", 10, "later", "to"),
    ("1", 0, "escalated", "first", 11, "to", "before"),
    ("1", 0, "escalated", "first", 12, "before", "to"),
    ("1", 2, "served", "nowhere", 0, None, None),
    ("2", 0, "served", None, 1, None, None),
    ("4", 0, "served", "fall", 1, None, None),
]


def in_legs() -> Iterator[Row]:
    """Each call in the legs of its route: who answered, and who would; one that nobody answers to stands for itself."""
    for route, model, provider, tier, moment in CALLED:
        for leg_route, number, kind, target, weight, of_target, escalates in LEGS:
            served = answering(LOGGED, moment, model, provider, tier) or model
            serves, before = (
                served if name is None else answering(TARGETS, moment, name) or name for name in (target, of_target)
            )
            if leg_route == route and (kind == "served" or before == answering(TARGETS, moment, escalates)):
                yield {
                    "route": route, "model": model, "provider": provider, "service_tier": tier, "moment": moment,
                    "number": number, "kind": kind, "target": target, "weight": weight, "served": served, "serves": serves,
                }  # fmt: skip


def lay(memory: duckdb.DuckDBPyConnection) -> None:
    words = "provider VARCHAR, service_tier VARCHAR"
    time = "from_instant TIMESTAMP, to_instant TIMESTAMP"
    table(memory, "flows", f"route VARCHAR, model VARCHAR, {words}, moment TIMESTAMP", CALLED)
    table(memory, "served_logged", f"name VARCHAR, {words}, {time}, serves VARCHAR", LOGGED)
    table(memory, "served_targets", f"name VARCHAR, {time}, serves VARCHAR", TARGETS)
    memory.execute("DROP TABLE IF EXISTS legs")
    memory.execute(simulating("legs"))
    memory.executemany("INSERT INTO legs VALUES (?, ?, ?, ?, ?, ?, ?)", LEGS)


def test_calls_are_served_in_the_legs_of_their_routes(memory: duckdb.DuckDBPyConnection) -> None:
    lay(memory)

    found = memory.execute(simulating("legged").replace("{flows}", "flows"))

    names = [column[0] for column in found.description or ()]
    assert in_order(dict(zip(names, line, strict=True)) for line in found.fetchall()) == in_order(in_legs())


def test_places_are_who_served_and_who_would_in_each_stretch_of_time(memory: duckdb.DuckDBPyConnection) -> None:
    """By the leg that takes what no token share takes; what gets no part of the tokens serves nothing."""
    lay(memory)
    units = "from_instant TIMESTAMP, to_instant TIMESTAMP, serves VARCHAR, cache_unit BIGINT"
    logged = [(*line, 128 if line[-1] == "B" else 64) for line in LOGGED]
    targets = [(*line, 32) for line in TARGETS]
    table(memory, "served_logged", f"name VARCHAR, provider VARCHAR, service_tier VARCHAR, {units}", logged)
    table(memory, "served_targets", f"name VARCHAR, {units}", targets)
    memory.execute(
        "INSERT INTO legs VALUES ('3', 1, 'served', 'first', 1, NULL, NULL)"
    )  # all of it goes by token shares
    memory.execute("INSERT INTO flows VALUES ('3', 'old', NULL, NULL, TIMESTAMP '2026-05-01')")

    memory.execute(simulating("places"))

    found = memory.execute(
        "SELECT route, model, provider, service_tier, from_instant, to_instant, served, serves, cache_unit, moved, any_moved "
        "FROM places"
    ).fetchall()
    expected = []
    called = {line[:4] for line in CALLED} | {("3", "old", None, None)}
    for route, model, provider, tier in called:
        for start, end in ((EVER, MAY), (MAY, LAST)):
            own = [line for line in logged if line[:3] == (model, provider, tier) and line[3] <= start < line[4]]
            served, unit = own[0][-2:] if own else (model, 1)
            legs = {}
            for leg_route, number, kind, target, weight, *_ in [*LEGS, ("3", 1, "served", "first", 1, None, None)]:
                if leg_route == route and kind == "served" and weight:
                    there = [line for line in targets if line[0] == target and line[1] <= start < line[2]]
                    legs[number] = (served, unit) if target is None else there[0][-2:] if there else (target, 1)
            serves, cache_unit = legs.get(0, (served, 1))
            moves = any(who != served for who, _ in legs.values())
            expected.append(
                (route, model, provider, tier, start, end, served, serves, cache_unit, serves != served, moves)
            )
    assert sorted(found, key=repr) == sorted(expected, key=repr)
    assert {line[-2:] for line in found} == {(False, False), (True, True), (False, True)}
    numbers = memory.execute("SELECT serves, server, place FROM places").fetchall()
    servers = sorted({serves for serves, *_ in numbers})
    assert {(serves, server) for serves, server, _ in numbers} == {(one, servers.index(one) + 1) for one in servers}
    assert sorted(place for *_, place in numbers) == [*range(1, len(found) + 1)]
    memory.execute("DROP TABLE temp.places")  # it would hide the table of another test


def test_words_of_assumptions_are_met_by_what_moves_is_covered_or_asked_again(
    memory: duckdb.DuckDBPyConnection,
) -> None:
    """By what has a part of the tokens, at the time for which a word stands."""
    lay(memory)
    edges = [(EVER, MAY), (MAY, LAST)]
    words: list[Line] = [
        (one, *edge, f"{one} {edge[0].year}")
        for one in ("A", "B", "C", "D", "late", "E", "nowhere", "still")
        for edge in edges
    ]
    away: list[Line] = [
        (model, who, *edge, f"{model} as {who} {edge[0].year}")
        for model in ("old", "odd", "still")
        for who in ("A", "B", "P", "odd", "still")
        for edge in edges
    ]
    time = "from_instant TIMESTAMP, to_instant TIMESTAMP, word VARCHAR"
    table(memory, "output_ratios", f"serves VARCHAR, {time}", words)
    table(memory, "covered_by", f"serves VARCHAR, {time}", words)
    table(memory, "input_ratios", f"model VARCHAR, served VARCHAR, {time}", away)

    legged = simulating("legged").replace("{flows}", "called")
    found = memory.execute(simulating("met").replace("{legged}", legged)).fetchall()

    expected = set()
    for row in in_legs():
        if not row["weight"]:
            continue
        moves, moment = row["served"] != row["serves"], row["moment"]
        to = answering(words, moment, row["serves"])
        expected |= {("assume.fixed_fee.covers", to)} if to else set()
        expected |= {("assume.output_ratio", to)} if to and moves else set()
        word = answering(away, moment, row["model"], row["served"])
        expected |= {("assume.input_ratio", word)} if word and moves else set()
        expected |= {("assume.escalate.from", None)} if row["kind"] == "escalated" else set()
    assert sorted(found, key=repr) == sorted(expected, key=repr)
    assert len(expected) > 10

    memory.execute("DELETE FROM legs WHERE kind = 'escalated'")
    alone = memory.execute(simulating("met").replace("{legged}", legged)).fetchall()
    assert ("assume.escalate.from", None) in found
    assert ("assume.escalate.from", None) not in alone


def test_usage_has_the_prices_of_who_served_it_and_of_both_families(memory: duckdb.DuckDBPyConnection) -> None:
    """Prices change within an hour and with the size; the words of a call are its seller and tier, too."""
    hour = datetime(2026, 5, 2, 13)
    half, end = hour + timedelta(minutes=30), hour + timedelta(hours=1)
    words = "model VARCHAR, provider VARCHAR, service_tier VARCHAR"
    figures = (
        "input BIGINT, cache_read BIGINT, cache_write BIGINT, cache_write_1h BIGINT, output BIGINT, request BIGINT, "
        "apart MAP(VARCHAR, BIGINT)"
    )
    # What is billed apart, with the part of the cost that it belongs to.
    kinds = {
        "input_audio": "miss_cost", "cache_read_audio": "hit_cost", "output_image": "output_cost", "search": "request_cost",
        "file_search": "request_cost",
    }  # fmt: skip
    shape = f"{words}, hour TIMESTAMP, from_instant TIMESTAMP, to_instant TIMESTAMP, input_from BIGINT, input_to BIGINT"
    dice = random.Random(3)

    def prices(*sold: tuple[str, str | None, str | None], probe: int = 0, serves: bool = False) -> list[Line]:
        return [
            (*one, at, start, until, least, most, *numbers, added, *([dice.choice("ABP")] if serves else []))
            for one in sold
            for at, start, until in ((hour, hour, half), (hour, half, end), (end, end, end + timedelta(hours=1)))
            for least, most in ((0, 1000), (1000, 10**18))
            for numbers in [[probe or dice.randint(1, 9)] + [dice.randint(1, 9) for _ in range(5)]]
            for added in [{kind: dice.randint(-9, 9) for kind in kinds if dice.random() < 0.7}]
        ]

    ours, theirs, batch, unpriced = ("m", None, None), ("m", "p", None), ("m", None, "batch"), ("n", None, None)
    alike = ("o", None, None)  # another model in the same words
    priced = prices(ours, theirs, batch, alike)
    families = [  # Flash has none in one hour, and Pro none for long inputs
        line
        for line in prices(("flash", None, None), ("pro", None, None), serves=True)
        if not (line[0] == "flash" and line[3] == end) and not (line[0] == "pro" and line[6])
    ]
    probed = [*prices(ours, probe=777), *prices(theirs, probe=888), *prices(batch, alike)]
    table(memory, "prices", f"{shape}, {figures}", priced)
    table(memory, "families", f"{shape}, {figures}, serves VARCHAR", families)
    table(memory, "probed", f"{shape}, {figures}", probed)
    names = "name VARCHAR, provider VARCHAR, service_tier VARCHAR, from_instant TIMESTAMP, to_instant TIMESTAMP, serves VARCHAR"
    served: list[Line] = [(*ours, EVER, half, "A"), (*ours, half, LAST, "B"), (*theirs, EVER, LAST, "P")]
    table(memory, "served", names, served)
    moments = [hour, half - timedelta(microseconds=1), half, end]
    columns = (
        "model", "provider", "service_tier", "moment", "size", "endpoint", "measured", "requests", "input_tokens",
        "cache_read_tokens", "cache_write_tokens", "cache_write_1h_tokens", "output_tokens",
    )  # fmt: skip
    usage: list[Line] = [
        (*sold, moment, size, endpoint, measured, *(dice.randint(1, 99) for _ in range(6)))
        for sold in (ours, theirs, batch, unpriced, alike)
        for moment in moments
        for size in (999, 1000)
        for endpoint, measured in (("/a", True), ("/b", True), (None, True), ("/a", False))
    ]
    table(
        memory, "usage", f"{words}, moment TIMESTAMP, size BIGINT, endpoint VARCHAR, measured BOOLEAN, requests BIGINT, "
        + ", ".join(f"{name} HUGEINT" for name in columns[8:]), usage,
    )  # fmt: skip
    extras: list[Line] = [
        (*line[:7], kind, dice.randint(1, 99)) for line in usage for kind in kinds if dice.random() < 0.2
    ]
    table(
        memory, "serving_extras", f"{words}, moment TIMESTAMP, size BIGINT, endpoint VARCHAR, measured BOOLEAN, "
        "kind VARCHAR, amount HUGEINT", extras,
    )  # fmt: skip
    memory.execute("SET VARIABLE probe_flash = 777")
    memory.execute("SET VARIABLE probe_pro = 888")

    memory.execute(simulating("serving_usage"))
    found = memory.execute(simulating("servings"))
    told = [dict(zip([one[0] for one in found.description or ()], line, strict=True)) for line in found.fetchall()]

    def of(lines: Sequence[Line], row: Row, *sold: str | None) -> Line | None:
        fit = [
            line[8:]
            for line in lines
            if line[:3] == sold and line[4] <= row["moment"] < line[5] and line[6] <= row["size"] < line[7]
        ]
        assert len(fit) < 2
        return fit[0] if fit else None

    expected: dict[tuple[Any, ...], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for line in usage:
        row = dict(zip(columns, line, strict=True))
        if not row["measured"]:
            continue
        who = answering(served, row["moment"], *line[:3]) or row["model"]
        listed, probe = of(priced, row, *line[:3]), of(probed, row, *line[:3])
        family = {777: "flash", 888: "pro"}.get(probe[0] if probe else 0, "other")
        rest, hits, writes = (row[name] for name in ("input_tokens", "cache_read_tokens", "cache_write_tokens"))
        servings: list[tuple[tuple[Any, ...], Line, int, int, int]] = []
        if listed:
            miss, _, write, write_1h, _, request, _ = listed
            as_miss = family != "other" and write == miss  # where writes are not billed apart
            paid = 0 if as_miss else writes * write + row["cache_write_1h_tokens"] * (write_1h - write)
            servings.append(
                (("logged", family, False, True), listed, 0 if as_miss else writes, paid, row["requests"] * request)
            )
        for name in ("flash", "pro"):
            target = of(families, row, name, None, None)
            if target:
                servings.append(((name, name, target[-1] != who, listed is not None), target, 0, 0, 0))
        beside = [(kind, amount) for *called, kind, amount in extras if called == list(line[:7])]
        for key, (miss, hit, _, _, out, _, more, *_), apart, write_cost, request_cost in servings:
            sums = expected[row["endpoint"], *key]
            for kind, amount in beside:
                added = amount * more.get(kind, 0)
                sums[kinds[kind]] += added
                if kind == "input_audio":
                    sums["all_missed_cost"] += added
                    sums["all_hit_cost"] += added + amount * more.get("cache_read_audio", 0)
            for name, value in {
                "miss_tokens": rest - hits - apart,
                "hit_tokens": hits,
                "output_tokens": row["output_tokens"],
                "miss_cost": (rest - hits - apart) * miss,
                "hit_cost": hits * hit,
                "all_missed_cost": rest * miss,
                "all_hit_cost": rest * hit,
                "output_cost": row["output_tokens"] * out,
                "write_cost": write_cost,
                "request_cost": request_cost,
            }.items():
                sums[name] += value
    heads = ("endpoint", "serving", "priced_as", "moved", "compared")
    assert in_order(told) == in_order(dict(zip(heads, key, strict=True)) | sums for key, sums in expected.items())


# The last ones know changes of what is called elsewhere alone, which the first do not.
@pytest.mark.parametrize("seed", [*range(26), 283, 320, 323, 337])
def test_an_endpoint_that_a_move_leaves_to_several_models_at_a_time_is_cold(
    memory: duckdb.DuckDBPyConnection, seed: int
) -> None:
    """At a time: between two changes of who serves what is called there. Sessions that move are cold in the upper bound."""
    dice = random.Random(seed)
    times = [EVER, MARCH, APRIL, MAY]
    sold = [("m", None, None, "0"), ("m", "p", None, "0"), ("m", None, "batch", "1"), ("n", None, None, "0")]
    words = "model VARCHAR, provider VARCHAR, service_tier VARCHAR, route VARCHAR, "
    places: dict[Line, list[tuple[str, bool]]] = {}
    for one in sold:
        serves = dice.choices("AB", k=2)  # one change at most, at any of the times
        turn = dice.randrange(4)
        places[one] = [(serves[at >= turn], dice.random() < 0.7) for at in range(4)]
    lines = [(*one, times[at], who) for one, spans in places.items() for at, (who, _) in enumerate(spans)]
    table(memory, "places", f"{words} from_instant TIMESTAMP, serves VARCHAR", lines)
    going: list[Line] = []
    for flow in range(dice.randint(2, 8)):
        one, at = dice.choice(sold), dice.randrange(4)
        who, moved = places[one][at]
        basis = dice.choice([*["endpoint"] * 4, "session", "blocks"])
        going += [
            (
                *one, dice.choice(["/a", "/b", None]), basis, flow, times[at], who, moved, moved or dice.random() < 0.2,
                dice.choice([None, 1, 20, 300]),
            )
            for _ in range(dice.randint(1, 2))
        ]  # fmt: skip
    rest = (
        "logged_endpoint VARCHAR, cache_basis VARCHAR, flow BIGINT, span TIMESTAMP, serves VARCHAR, moved BOOLEAN, "
        "any_moved BOOLEAN, cache_read_tokens BIGINT"
    )
    table(memory, "flows", words + rest, going)
    memory.execute("CREATE OR REPLACE VIEW going AS FROM flows")

    found = memory.execute(simulating("shifts_flows")).fetchall()

    expected: dict[int, list[int]] = {}
    for _, _, _, _, endpoint, basis, flow, _, _, _, any_moved, hits in going:
        here = [row for row in going if row[4] == endpoint and row[5] == "endpoint"]
        called = {row[:4] for row in here}
        edges = [times[at] for one in called for at in (1, 2, 3) if places[one][at][0] != places[one][at - 1][0]]
        at_a_time = defaultdict(set)
        for row in here:
            at_a_time[sum(edge <= row[7] for edge in set(edges))].add(row[8])
        split = any(row[9] for row in here) and any(len(models) > 1 for models in at_a_time.values())
        cold = any(row[10] for row in here) if basis == "endpoint" else any_moved
        if basis != "blocks":
            sums = expected.setdefault(flow, [0, 0])
            sums[0] -= (hits or 0) if basis == "endpoint" and split else 0
            sums[1] -= (hits or 0) if cold else 0
    assert sorted(found) == sorted((flow, *sums) for flow, sums in expected.items())
