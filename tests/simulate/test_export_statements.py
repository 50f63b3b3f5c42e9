"""Statements about rows of usage exports, over rows in memory: at which price, and whether calls are there one by one."""

import random
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pytest
from statements import APRIL, Line, Row, asked, table

from analyzer.simulate.pricing import named_sql, sql

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SOLD = "model VARCHAR, provider VARCHAR, service_tier VARCHAR"
STATED = ("stated_input", "stated_cache_read", "stated_output")


def test_a_row_takes_the_first_period_of_its_bucket_whose_price_is_its_own(memory: duckdb.DuckDBPyConnection) -> None:
    """What it does not state decides nothing; one that states nothing, or no price of any list, takes its beginning."""
    dice = random.Random(5)
    periods: list[Line] = [
        (*sold, APRIL + start * HOUR, APRIL + end * HOUR, *figures)
        for sold in (("m", None, None), ("m", "p", None), ("m", None, "batch"), ("n", None, None))
        for start, end in ((-5, 2), (2, 5), (5, 24), (24, 40))
        for figures in [[dice.choice([1, 2]) for _ in STATED] if dice.random() < 0.9 else [None] * 3]
    ]
    time = "from_instant TIMESTAMP, to_instant TIMESTAMP"
    table(memory, "price_lists", f"{SOLD}, {time}, input BIGINT, cache_read BIGINT, output BIGINT", periods)
    columns = ("model", "provider", "service_tier", "started_at", "bucket_end", *STATED)
    rows: list[Row] = [
        dict(zip(columns, (
            *dice.choice(periods)[:3], APRIL + start * HOUR, end and APRIL + end * HOUR,
            *(dice.choice([None, 1, 2, 2]) for _ in STATED),
        ), strict=True))
        for start, end in ((0, 2), (0, 24), (2, 3), (1, 3), (4, 24), (5, 24), (39, 40), (40, 41), (3, None))
        for _ in range(25)
    ]  # fmt: skip
    types = f"{SOLD}, started_at TIMESTAMP, bucket_end TIMESTAMP, " + ", ".join(f"{one} BIGINT" for one in STATED)

    found = asked(memory, sql("export_instants"), "requests", types, rows)

    expected = {}
    for place, row in enumerate(rows):
        if row["bucket_end"] is None:
            continue
        fitting = [
            max(row["started_at"], line[3])
            for line in periods
            if line[:3] == (row["model"], row["provider"], row["service_tier"])
            and line[3] < row["bucket_end"]
            and row["started_at"] < line[4]
            and None not in line[5:]
            and any(row[name] is not None for name in STATED)
            and all(row[name] in (None, figure) for name, figure in zip(STATED, line[5:], strict=True))
        ]
        expected[place] = (min(fitting, default=row["started_at"]), fitting != [])
    assert {row["row_id"]: (row["instant"], row["certain"]) for row in found} == expected
    assert len(found) == len(expected)
    assert {certain for _, certain in expected.values()} == {True, False}


# Two names of one model, one that has no price, and another model.
SERVES: list[Line] = [("old", "a"), ("new", "a"), ("a", "a"), ("other", "b"), ("late", None)]


def drawn(seed: int) -> list[Row]:
    """Rows of exports, a day or an hour each, and calls one by one about their edges; some without usage."""
    dice = random.Random(seed)
    rows: list[Row] = []
    for _ in range(40):
        start = APRIL + dice.randint(0, 9) * DAY
        begun = start + (dice.choice([0, 3, 23]) * HOUR if dice.random() < 0.5 else timedelta(0))
        end = start + DAY if begun == start else begun + HOUR
        exported = dice.random() < 0.5
        at = begun + dice.choice([timedelta(0), -MINUTE, HOUR - MINUTE, HOUR, DAY - MINUTE / 2, DAY, MINUTE / 2])
        rows.append({
            "model": dice.choice(["old", "new", "other", "late", "lone"]),
            "started_at": begun if exported else at, "bucket_end": end if exported else None,
            "input_tokens": dice.choice([None, 0, 7, 7]), "calls": dice.choice([1, 2, 900]),
        })  # fmt: skip
    return rows


def names(model: str) -> set[str]:
    return {model} | {serves for one, serves in SERVES if one == model and serves}


def minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


@pytest.mark.parametrize("seed", range(8))
def test_rows_are_set_aside_where_calls_of_their_model_began_in_their_bucket(
    memory: duckdb.DuckDBPyConnection, seed: int
) -> None:
    """Under any name of it, with usage. Both are counted: what those rows stand for, and what is there in their place."""
    rows = drawn(seed)
    table(memory, "prices", "model VARCHAR, serves VARCHAR", SERVES)
    types = "model VARCHAR, started_at TIMESTAMP, bucket_end TIMESTAMP, input_tokens BIGINT, calls BIGINT"

    found = asked(memory, named_sql("summarised"), "requests", types, rows)
    table(memory, "summarised", "row_id BIGINT", [(row["row_id"],) for row in found] or [(-1,)])
    [counted] = memory.execute(named_sql("set_aside")).fetchall()

    single = [row for row in rows if row["bucket_end"] is None and row["input_tokens"] is not None]

    def within(call: Row, row: Row) -> bool:
        same = names(call["model"]) & names(row["model"])
        return bool(same) and minute(row["started_at"]) <= minute(call["started_at"]) < row["bucket_end"]

    aside = {
        place: row for place, row in enumerate(rows) if row["bucket_end"] and any(within(call, row) for call in single)
    }
    there = [call for call in single if any(within(call, row) for row in aside.values())]
    assert sorted(row["row_id"] for row in found) == [*aside]
    assert counted == (
        sum(row["calls"] for row in aside.values()) if aside else None,
        sum(call["calls"] for call in there) if there else None,
    )


@pytest.mark.parametrize(("at", "logged"), [(-MINUTE, None), (timedelta(0), 1), (DAY - MINUTE, 1), (DAY, None)])
def test_a_bucket_begins_with_its_first_instant_and_ends_before_its_last(
    memory: duckdb.DuckDBPyConnection, at: timedelta, logged: int | None
) -> None:
    """One day of an export, and one call. A second day of it, with a call of its own, has the later edge in it."""
    columns = ("model", "started_at", "bucket_end", "input_tokens", "calls")
    days = [("other", APRIL, APRIL + DAY, 7, 5), ("lone", APRIL + 3 * DAY, APRIL + 4 * DAY, 7, 6)]
    calls = [("other", APRIL + at, None, 7, 1), ("lone", APRIL + 3 * DAY, None, 7, 1)]
    rows = [dict(zip(columns, line, strict=True)) for line in (*days, *calls)]
    table(memory, "prices", "model VARCHAR, serves VARCHAR", SERVES)
    types = "model VARCHAR, started_at TIMESTAMP, bucket_end TIMESTAMP, input_tokens BIGINT, calls BIGINT"

    found = asked(memory, named_sql("summarised"), "requests", types, rows)
    assert sorted(row["row_id"] for row in found) == ([0, 1] if logged else [1])
    table(memory, "summarised", "row_id BIGINT", [(0,), (1,)])

    assert memory.execute(named_sql("set_aside")).fetchall() == [(5 + 6, 1 + (logged or 0))]


def test_prices_are_laid_out_for_every_day_of_a_bucket_and_both_ends_of_a_call(
    memory: duckdb.DuckDBPyConnection,
) -> None:
    """With a day before and after each: of what was called on it, and, for what calls may be routed to, of all of it."""
    rows: list[dict[str, Any]] = [
        dict(zip(("model", "provider", "service_tier", "started_at", "completed_at", "bucket_end"), line, strict=True))
        for line in (
            ("a", "p", None, APRIL + HOUR, None, None),
            ("b", None, "batch", APRIL + 10 * DAY - MINUTE, APRIL + 11 * DAY + MINUTE, None),
            ("c", None, None, APRIL + 20 * DAY, None, APRIL + 23 * DAY),
        )
    ]
    types = f"{SOLD}, started_at TIMESTAMP, completed_at TIMESTAMP, bucket_end TIMESTAMP"

    asked(memory, sql("busy_days"), "requests", types, rows)

    days = {
        ("a", "p", None): range(-1, 2), ("b", None, "batch"): range(8, 13), ("c", None, None): range(19, 25),
    }  # fmt: skip
    expected: list[Line] = [(*sold, APRIL + day * DAY) for sold, some in days.items() for day in some]
    expected += [(None, None, None, APRIL + day * DAY) for some in days.values() for day in some]
    assert memory.execute("FROM busy_days ORDER BY ALL").fetchall() == expected
    memory.execute("DROP TABLE busy_days")
