"""What scenarios cost, as `what_if.sql` sums it, against plain Python: leg by leg, over rows that tests make up.

Each figure is worked out here as the documents say it: tokens times price, with the hits of each of the four costs.
"""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from importlib import resources
from typing import Any

import duckdb
import pytest
from statements import MAY, Line, Row, table

from analyzer.simulate.pricing import sql

EVER, LAST = datetime(1, 1, 1), datetime(9999, 1, 1)
HALF, END = MAY + timedelta(minutes=30), MAY + timedelta(hours=1)
MOMENTS = (MAY, HALF - timedelta(microseconds=1), HALF, END)
STRETCHES = ((MAY, MAY, HALF), (MAY, HALF, END), (END, END, END + timedelta(hours=1)))  # hour, from, to
SIZES = ((0, 1000), (1000, 10**18))
ONE, ONE_RATIO, ONE_HIT = 4, 100, 10

SOLD = [("m", None, None), ("m", "p", None), ("m", None, "batch"), ("n", None, None), ("free", None, None)]
LOGGED: list[Line] = [
    ("m", None, None, EVER, HALF, "A"),
    ("m", None, None, HALF, LAST, "B"),
    ("m", "p", None, EVER, LAST, "P"),
    ("m", None, "batch", EVER, LAST, "Q"),
]
TARGETS: list[Line] = [
    ("to", EVER, HALF, "B"),
    ("to", HALF, LAST, "C"),
    ("first", EVER, LAST, "A"),
]
# Route, number, kind, target, weight over ONE, whose answers are asked again, and of which model they have to be.
LEGS: list[Line] = [
    ("0", 0, "served", None, 4, None, None),
    ("1", 0, "served", "to", 4, None, None),
    ("2", 0, "served", "to", 1, None, None),
    ("2", 1, "served", "first", 3, None, None),
    ("3", 0, "served", None, 3, None, None),
    ("3", 1, "served", "to", 1, None, None),
    ("3", 0, "escalated", "first", 2, None, "to"),
    ("3", 1, "escalated", "to", 1, "to", "to"),
    ("4", 0, "served", "lone", 4, None, None),
]
KINDS = (
    "input_audio",
    "cache_read_audio",
    "input_image",
    "cache_read_image",
    "output_audio",
    "search",
    "fetch",
    "file_search",
)
FIGURES = ("input", "cache_read", "cache_write", "cache_write_1h", "output", "request", "before_first", "apart")
WORDS = "provider VARCHAR, service_tier VARCHAR"
TIME = "from_instant TIMESTAMP, to_instant TIMESTAMP"
PRICES = (
    f"model VARCHAR, {WORDS}, hour TIMESTAMP, {TIME}, input_from BIGINT, input_to BIGINT, input BIGINT, "
    "cache_read BIGINT, cache_write BIGINT, cache_write_1h BIGINT, output BIGINT, request BIGINT, before_first BOOLEAN, "
    "apart MAP(VARCHAR, BIGINT)"
)
FLOW = (
    "flow", "endpoint", "logged_endpoint", "model", "provider", "service_tier", "moment", "month", "size", "measured",
    "split_known", "cache_basis", "route", "stretch", "summed_route", "requests", "input_tokens", "cache_read_tokens",
    "cache_write_tokens", "cache_write_1h_tokens", "output_tokens",
)  # fmt: skip
COSTS = ("transferred", "low", "modelled", "high", "all_misses", "all_hits")


def priced(dice: random.Random, names: Sequence[tuple[str | None, ...]]) -> list[Line]:
    """Prices of some names, for each half hour and size, a few without figures or not there at all."""
    lines: list[Line] = []
    for name in names:
        for at, start, end in STRETCHES:
            for least, most in SIZES:
                figures: list[Any] = [
                    dice.randint(20, 40),
                    *(dice.randint(1, 19) for _ in range(5)),
                    dice.random() < 0.2,
                ]
                apart = {kind: dice.randint(1, 9) for kind in KINDS if dice.random() < 0.8}
                chance = dice.random()
                if chance < 0.08:
                    figures[:6], apart = [None] * 5 + [0], {}
                if chance > 0.04:
                    lines.append((*name, at, start, end, least, most, *figures, apart or None))
    return lines


def flows(dice: random.Random) -> list[Row]:
    """Sums of requests: of a flow one or two, alike but for their counts."""
    rows = []
    for flow in range(60):
        model, provider, tier = dice.choice(SOLD)
        endpoint = dice.choice([*["/a", "/b", None] * 4, "/c", "/d", "/e", "/f"])  # some with hardly a call
        one = dict(zip(FLOW, (
            flow, endpoint, endpoint and endpoint + dice.choice("xy"), model, provider, tier, dice.choice(MOMENTS),
            datetime(2026, dice.randint(1, 12), 1), dice.choice([999, 1000]), dice.random() < 0.9, dice.random() < 0.8,
            dice.choice(["session", "blocks", "endpoint"]), dice.choice("01234"), flow // 2, f"s{flow % 2}",
        ), strict=False))  # fmt: skip
        for _ in range(dice.randint(1, 2)):
            hits, writes, rest = dice.choice([0, 9, 40]), dice.choice([0, 7]), dice.choice([0, 11])
            counts = (dice.choice([0, 1, 5]), hits + writes + rest, hits, writes, writes // 2, dice.randint(0, 30))
            rows.append(one | dict(zip(FLOW[-6:], counts, strict=True)))
    return rows


def holding(lines: Sequence[Line], moment: datetime, *words: object) -> list[Any] | None:
    """What stands behind words and a time in which a moment lies."""
    found = [
        [*line[len(words) + 2 :]]
        for line in lines
        if line[: len(words)] == words and line[len(words)] <= moment < line[len(words) + 1]
    ]
    assert len(found) < 2
    return found[0] if found else None


def price_of(lines: Sequence[Line], row: Row, *words: object) -> Row | None:
    """The price of some words for a flow's moment and size; None where there is none."""
    at = len(words)
    found = [
        dict(zip(FIGURES, line[at + 5 :], strict=True))
        for line in lines
        if line[:at] == words
        and line[at + 1] <= row["moment"] < line[at + 2]
        and line[at + 3] <= row["size"] < line[at + 4]
    ]
    assert len(found) < 2
    return found[0] if found else None


def has_figures(price: Row | None) -> bool:
    return price is not None and price["input"] is not None


def beside_text(row: Row, price: Row, opening: str, priced_as: str = "") -> int:
    """What audio, images or searches add; ``priced_as`` what of the fresh would add, had it been cached."""
    amounts, more = row["apart"] or {}, price["apart"] or {}
    if row["apart"] is None or price["apart"] is None:
        return 0
    return sum(
        amount * more.get(kind.replace(opening, priced_as, 1) if priced_as else kind, 0)
        for kind, amount in amounts.items()
        if kind.startswith(opening)
    )


def leg_costs(row: Row, price: Row, kind: str, number: int, hit_rate: int | None) -> tuple[dict[str, int], Row]:
    """The input of a flow at one leg, by which of it hits, and what stands beside: nothing of it weighted yet."""
    served, hits = kind == "served", row["cache_read_tokens"]
    tokens, saved = row["input_tokens"], price["input"] - price["cache_read"]
    missed = tokens * price["input"] + beside_text(row, price, "input_")
    cached, all_cached = beside_text(row, price, "cache_read_"), beside_text(row, price, "input_", "cache_read_")
    writes = row["cache_write_tokens"] * (price["cache_write"] - price["input"])
    writes += row["cache_write_1h_tokens"] * (price["cache_write_1h"] - price["cache_write"])

    def with_hits(hit: int, audio: int) -> int:
        return missed + writes - hit * saved + audio if served else missed

    kept, cold = hits + (row["modelled"] if number == 0 else 0), hits + row["cold"]
    inputs = {
        "transferred": with_hits(hits, cached),
        "low": with_hits(hits, cached)
        if row["split_known"]
        else with_hits(hits + tokens - row["cache_write_tokens"], all_cached),
        "modelled": with_hits(kept, cached if kept else 0),
        "high": with_hits(cold, cached if cold else 0),
    }
    if hit_rate is not None:
        assumed = missed - Fraction(hit_rate, ONE_HIT) * (tokens * saved - all_cached) if served else missed
        inputs = dict.fromkeys(inputs, assumed)
    inputs["all_misses"] = missed
    inputs["all_hits"] = missed - tokens * saved + all_cached if served else missed
    searches = sum(beside_text(row, price, opening) for opening in ("search", "fetch", "file_search"))
    return inputs, {
        "missed": missed + (writes if served else 0),
        "saved": tokens * saved,
        "output": row["output_tokens"] * price["output"] + beside_text(row, price, "output_"),
        "request": row["requests"] * price["request"] + searches,
    }


def plus(sums: Row, name: str, value: Any) -> None:
    sums[name] = value if sums.get(name) is None else sums[name] + value


@pytest.mark.parametrize(
    ("seed", "hit_rate"),
    [
        (0, None),
        (4, 3),
        *(pytest.param(*one, marks=pytest.mark.endurance) for one in ((1, None), (2, None), (3, None), (5, 10))),
    ],
)
def test_what_if_sums_the_legs_of_each_flow(memory: duckdb.DuckDBPyConnection, seed: int, hit_rate: int | None) -> None:
    dice = random.Random(seed)
    memory.execute(resources.files("analyzer.ledger").joinpath("macros.sql").read_text(encoding="utf-8"))
    rows = flows(dice)
    by_flow: dict[int, Row] = {}
    for row in rows:
        if row["flow"] not in by_flow:
            by_flow[row["flow"]] = dict(row)
        else:
            for name in FLOW[-6:]:
                by_flow[row["flow"]][name] += row[name]
    shifts: list[Line] = []
    apart: list[Line] = []
    for flow, row in by_flow.items():
        lost, cold = (dice.choice([0, row["cache_read_tokens"], row["cache_read_tokens"] // 3]) for _ in range(2))
        shifts += [(flow, -(lost - lost // 2), -cold), (flow, -(lost // 2), 0)] if dice.random() < 0.8 else []
        touched = any(line[0] == flow for line in shifts)
        row |= {"modelled": -lost if touched else 0, "cold": -cold if touched else 0}
        row["apart"] = (
            {kind: dice.randint(1, 9) for kind in KINDS if dice.random() < 0.6} if dice.random() < 0.7 else None
        )
        if row["apart"] is not None:
            apart.append((row["stretch"], row["summed_route"], row["apart"]))
    sides: list[Line] = []
    for side, names in (("logged", SOLD[:-1]), ("target", [(name, None, None) for name in ("to", "first", "lone")])):
        sides += [(side, waits, *line) for waits in (False, True) for line in priced(dice, names)]
    actual = priced(dice, SOLD[:-1])
    outputs: list[Line] = [("B", EVER, HALF, "w", 150), ("C", HALF, LAST, "w", 75), ("A", HALF, END, "w", 50)]
    inputs: list[Line] = [
        ("m", "A", EVER, HALF, "w", 90),
        ("m", "P", EVER, HALF, "w", 110),
        ("n", "n", HALF, LAST, "w", 30),
    ]
    covered: list[Line] = [
        ("C", END, LAST, "w", 1),
        ("Q", EVER, HALF, "w", 1),
        ("lone", EVER, HALF, "w", 1),
        ("free", EVER, LAST, "w", 1),
    ]
    shape = (
        f"flow BIGINT, endpoint VARCHAR, logged_endpoint VARCHAR, model VARCHAR, {WORDS}, moment TIMESTAMP, month TIMESTAMP, "
        "size BIGINT, measured BOOLEAN, split_known BOOLEAN, cache_basis VARCHAR, route VARCHAR, stretch BIGINT, "
        "summed_route VARCHAR, requests BIGINT, " + ", ".join(f"{name} HUGEINT" for name in FLOW[-5:])
    )
    table(memory, "flows", shape, [(*row.values(),) for row in rows])
    table(memory, "shifts", "flow BIGINT, modelled HUGEINT, cold HUGEINT", shifts)
    table(memory, "flows_apart", "stretch BIGINT, route VARCHAR, apart MAP(VARCHAR, HUGEINT)", apart)
    table(memory, "scenario_prices", f"side VARCHAR, waits BOOLEAN, {PRICES}", sides)
    table(memory, "prices", PRICES, actual)
    table(memory, "served_logged", f"name VARCHAR, {WORDS}, {TIME}, serves VARCHAR", LOGGED)
    table(memory, "served_targets", f"name VARCHAR, {TIME}, serves VARCHAR", TARGETS)
    table(memory, "output_ratios", f"serves VARCHAR, {TIME}, word VARCHAR, factor HUGEINT", outputs)
    table(memory, "input_ratios", f"model VARCHAR, served VARCHAR, {TIME}, word VARCHAR, factor HUGEINT", inputs)
    table(memory, "covered", f"serves VARCHAR, {TIME}, word VARCHAR, factor HUGEINT", covered)
    memory.execute("DROP TABLE IF EXISTS legs")
    memory.execute(sql("legs"))
    memory.executemany("INSERT INTO legs VALUES (?, ?, ?, ?, ?, ?, ?)", LEGS)
    for name, value in (("one_ratio", ONE_RATIO), ("one_hit", ONE_HIT), ("hit_rate", hit_rate)):
        memory.execute(f"SET VARIABLE {name} = CAST(? AS HUGEINT)", [value])

    text = sql("what_if").replace("{legged}", sql("legged").replace("{flows}", "numbered"))
    text = text.replace("{waits}", "coalesce(logged_endpoint LIKE '%x', false)").replace(
        "{apart}", sql("what_if_apart")
    )
    found = memory.execute(text)
    names = [column[0] for column in found.description or ()]
    told = [dict(zip(names, line, strict=True)) for line in found.fetchall()]

    expected: dict[str | None, Row] = {}
    for row in by_flow.values():
        plain = price_of(actual, row, row["model"], row["provider"], row["service_tier"])
        waits = (row["logged_endpoint"] or "").endswith("x")
        who = (holding(LOGGED, row["moment"], row["model"], row["provider"], row["service_tier"]) or [row["model"]])[0]
        whole: Row = dict.fromkeys(COSTS, 0) | {"priced": True, "moving_outputs": 0, "logged_outputs": 0}
        for route, number, kind, target, weight, of_target, escalates in LEGS:
            serves, first = (
                who if name is None else (holding(TARGETS, row["moment"], name) or [name])[0]
                for name in (target, of_target)
            )
            if route != row["route"] or (kind == "escalated" and [first] != holding(TARGETS, row["moment"], escalates)):
                continue
            sold = (row["model"], row["provider"], row["service_tier"]) if target is None else (target, None, None)
            price = price_of(sides, row, "logged" if target is None else "target", waits, *sold)
            plan = holding(covered, row["moment"], serves) is not None
            ratio = holding(inputs, row["moment"], row["model"], who) if serves != who else None
            longer = holding(outputs, row["moment"], serves) if serves != who else None
            by_input, by_output = (Fraction(one[1] if one else ONE_RATIO, ONE_RATIO) for one in (ratio, longer))
            whole["priced"] &= plan or has_figures(price)
            whole["moved"] = whole.get("moved", False) or serves != who
            whole["untold"] = whole.get("untold", False) or (serves != who and ratio is None)
            whole["covered"] = whole.get("covered", False) or plan
            whole["covered_unpriced"] = whole.get("covered_unpriced", False) or (plan and not has_figures(price))
            early = price is not None and price["before_first"] and target is not None and not plan
            whole["before_first"] = whole.get("before_first", False) or early
            if price is None or not has_figures(price):
                continue
            costs, beside = leg_costs(row, price, kind, number, hit_rate)
            fine = weight * ONE_RATIO * ONE_HIT
            extra = by_output * beside["output"] + beside["request"]
            for name in COSTS:
                amount = fine * (by_input * costs[name] + extra)
                if not plan:
                    whole[name] += amount
                elif name in ("transferred", "modelled", "high"):
                    plus(whole, f"replaced_{name}", amount)
            if serves != who and not plan:
                whole["moving_outputs"] += fine * by_output * beside["output"]
                whole["logged_outputs"] += fine * beside["output"]
            for name in ("missed", "saved", "output", "request"):
                plus(whole, f"compared_{name}", weight * beside[name])
            plus(whole, "compared_moved_output", weight * beside["output"] if serves != who else 0)
        add_up(expected.setdefault(row["endpoint"], start(row["endpoint"])), row, whole, plain)

    assert [row["endpoint"] for row in told] == [*sorted(expected.keys() - {None}), None]
    for row in told:
        for name in ("untold_models", "covered_months"):
            row[name] = set(row[name] or ())
        assert row == {name: expected[row["endpoint"]].get(name) for name in names}


def start(endpoint: str | None) -> Row:
    counts = (
        "requests", "unpriced", "compared_requests", "before_first_price", "moved", "in_sessions", "in_blocks",
        "covered_requests", "covered_unpriced", "covered_uncompared",
    )  # fmt: skip
    return {"endpoint": endpoint, "untold_models": set(), "covered_months": set()} | dict.fromkeys(counts, 0)


def add_up(sums: Row, row: Row, whole: Row, plain: Row | None) -> None:
    """Add a flow to its endpoint: its calls where something is true of it, and its money where it has a price."""
    measured, is_priced = row["measured"], row["measured"] and whole["priced"]
    paired = is_priced and has_figures(plain)
    for name, true in {
        "requests": True,
        "unpriced": measured and not is_priced,
        "compared_requests": paired,
        "before_first_price": is_priced and whole["before_first"],
        "moved": whole["moved"],
        "in_sessions": row["cache_basis"] == "session",
        "in_blocks": row["cache_basis"] == "blocks",
        "covered_requests": whole["covered"],
        "covered_unpriced": measured and whole["covered_unpriced"],
        "covered_uncompared": measured and whole["covered"] and not paired,
    }.items():
        sums[name] += row["requests"] if true else 0
    sums["untold_models"] |= {row["model"]} if whole["untold"] else set()
    sums["covered_months"] |= {f"{row['month']:%Y-%m}"} if whole["covered"] and row["requests"] else set()
    for name in ("transferred", "modelled", "high"):
        if measured and whole.get(f"replaced_{name}") is not None:
            plus(sums, f"replaced_{name}", whole[f"replaced_{name}"])
    if is_priced:
        for name in (*COSTS, "moving_outputs", "logged_outputs"):
            plus(sums, name, whole[name])
    if not paired or plain is None:
        return
    for name in ("transferred", "low", "modelled", "high"):
        plus(sums, f"compared_{name}", whole[name])
    for name in ("missed", "saved", "output", "moved_output", "request"):
        if whole.get(f"compared_{name}") is not None:
            plus(sums, f"compared_{name}", whole[f"compared_{name}"])
    tokens, hits, writes = (row[f"{name}_tokens"] for name in ("input", "cache_read", "cache_write"))
    cost = (tokens - hits - writes) * plain["input"] + hits * plain["cache_read"] + writes * plain["cache_write"]
    cost += row["cache_write_1h_tokens"] * (plain["cache_write_1h"] - plain["cache_write"])
    cost += row["output_tokens"] * plain["output"] + row["requests"] * plain["request"]
    plus(sums, "compared_actual", cost + beside_text(row, plain, ""))
    counts = {"input_tokens": tokens, "hits": hits, "output_tokens": row["output_tokens"]}
    counts |= {"modelled_hits": hits + row["modelled"], "cold_hits": hits + row["cold"]}
    for name, value in counts.items():
        plus(sums, f"compared_{name}", value)
