"""Statements of closed months, of what exports come to and of what a bill is held against, each over rows in memory."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product
from zoneinfo import ZoneInfo

import duckdb
import pytest
from statements import APRIL, MARCH, MAY, MONEY, TOKENS, Row, added, asked, drawn, groups, in_order, table

from analyzer.finance.entries import sql

JUNE = datetime(2026, 6, 1)
HOUR = timedelta(hours=1)
KNOWN = "requests BIGINT, measured BOOLEAN, priced BOOLEAN, cost HUGEINT"


def known(*, requests: list[int]) -> Row:
    """Columns of entries, as `drawn` takes them: what has no usage has no price, and what has no price no cost."""
    return {
        "requests": requests,
        "measured": [True, True, False],
        "priced": lambda row: row["measured"] and row["requests"] != 3,
        "cost": lambda row: MONEY[row["requests"] * 10**15 + 7] if row["priced"] else None,
    }


def test_a_closed_month_is_held_against_what_there_is_now(memory: duckdb.DuckDBPyConnection) -> None:
    """Four closings: of one there is no call left, one had none, and one has neither."""
    months = {11: MARCH, 12: APRIL, 13: MAY, 14: JUNE}
    amounts = known(requests=[1, 2, 3, 5])
    closed = drawn(40, closing_id=[11, 12, 9], month=lambda row: months.get(row["closing_id"], MARCH), **amounts)
    pinned = drawn(50, month=[APRIL, MAY], **amounts)
    # Another view's closing (9) took up some, too: that is no line of this view.
    lines = drawn(30, closing_id=[12, 13, 9], month=[MARCH, APRIL], **amounts)
    today = drawn(45, month=[APRIL, MAY, datetime(2026, 7, 1)], **amounts)
    table(memory, "closed_months", "closing_id INTEGER, month TIMESTAMP", [*months.items()][::-1])
    for name, rows in (("closed_entries", closed), ("pinned_entries", pinned), ("taken_entries", lines)):
        key = "closing_id INTEGER, month TIMESTAMP" if "closing_id" in rows[0] else "month TIMESTAMP"
        table(memory, name, f"{key}, {KNOWN}", [(*row.values(),) for row in rows])

    found = asked(memory, sql("late"), "entries", f"month TIMESTAMP, {KNOWN}", today, view_closings=[*months])

    def told(rows: list[Row]) -> tuple[int, int, int]:
        unpriced = sum(row["requests"] for row in rows if row["measured"] and not row["priced"])
        return added(rows, "requests") or 0, unpriced, added(rows, "cost") or 0

    expected = []
    for ident, month in months.items():
        then = told([row for row in closed if row["closing_id"] == ident])
        now = told([row for row in pinned if row["month"] == month])
        taken = told([row for row in lines if row["month"] == month and row["closing_id"] in months])
        repriced = told([row for row in today if row["month"] == month])[2] - now[2]
        expected.append((ident, *(a - b for a, b in zip(now, then, strict=True)), *taken, repriced))
    assert [tuple(row.values()) for row in found] == expected, "in the order of the months"


@pytest.mark.parametrize("tz", ["UTC", "Asia/Kolkata", "America/St_Johns", "Asia/Shanghai"])
def test_entries_are_cut_where_they_begin_on_the_clocks_of_the_zone(memory: duckdb.DuckDBPyConnection, tz: str) -> None:
    """An hour of UTC lies in two hours of a zone that is half an hour off: an entry of the second begins within it."""
    first = datetime(2026, 5, 10, 8)
    begun = {}  # of each entry, by its hours of UTC and of the zone
    for minutes in range(0, 6 * 60, 15):
        instant = first + timedelta(minutes=minutes)
        local = instant.replace(tzinfo=UTC).astimezone(ZoneInfo(tz)).replace(tzinfo=None)
        begun.setdefault((instant.replace(minute=0), local.replace(minute=0)), instant)
    edges = [None, *(first + timedelta(minutes=minutes) for minutes in (60, 90, 105, 120))]
    memory.execute("SET VARIABLE tz = ?", [tz])
    for since, until in product(edges, edges):
        table(memory, "entries", "hour TIMESTAMP, local_hour TIMESTAMP", [*begun])
        for name, edge in (("since", since), ("until", until)):
            memory.execute(f"SET VARIABLE {name} = CAST(? AS TIMESTAMP)", [edge])

        memory.execute(sql("outside"))

        kept = {
            hours for hours, at in begun.items() if (since is None or since <= at) and (until is None or at < until)
        }
        assert set(memory.execute("FROM entries").fetchall()) == kept


def test_an_export_comes_to_its_calls_their_cost_and_those_without_one(memory: duckdb.DuckDBPyConnection) -> None:
    rows = drawn(40, **known(requests=[1, 2, 3, 5]))

    [found] = asked(memory, sql("settled"), "entries", KNOWN, rows)
    [sound] = asked(memory, sql("settled"), "entries", KNOWN, [row for row in rows if row["priced"]])

    assert found == {
        "requests": added(rows, "requests"),
        "cost": added(rows, "cost"),
        "unmeasured": sum(row["requests"] for row in rows if not row["measured"]),
        "unpriced": sum(row["requests"] for row in rows if row["measured"] and not row["priced"]),
    }
    assert (sound["unmeasured"], sound["unpriced"]) == (0, 0)


def test_what_teams_used_of_each_day_is_what_is_shared_by(memory: duckdb.DuckDBPyConnection) -> None:
    rows = drawn(
        60,
        month=[MAY, MAY, APRIL, JUNE],
        day=lambda row: (row["month"] + timedelta(days=len(row))).date(),
        team=["care", "=1+1", None],
        input_tokens=TOKENS,
        output_tokens=TOKENS,
        **known(requests=[0, 1, 3, 5]),
    )
    rows += [
        rows[0] | {"month": MAY, "team": "no price", "requests": 3, "measured": True, "priced": False, "cost": None}
    ]
    types = f"month TIMESTAMP, day DATE, team VARCHAR, input_tokens HUGEINT, output_tokens HUGEINT, {KNOWN}"

    found = asked(memory, sql("team_days"), "entries", types, rows, month=MAY)

    assert in_order(found) == in_order(
        {
            "day": day,
            "team": team,
            "requests": added(some, "requests"),
            "tokens": sum(row["input_tokens"] + row["output_tokens"] for row in some),
            "cost": added(some, "cost") or 0,
        }
        for (day, team), some in groups((row for row in rows if row["month"] == MAY), "day", "team").items()
    )


CALLED = "model VARCHAR, provider VARCHAR, service_tier VARCHAR, calls BIGINT, bucket_end TIMESTAMP"


def test_what_is_held_is_single_calls_and_rows_of_exports_apart(memory: duckdb.DuckDBPyConnection) -> None:
    rows = drawn(
        60, model=["m", "n"], provider=["p", None], service_tier=[None, "batch"], calls=[1, 917], bucket_end=[None, MAY]
    )
    rows += [
        rows[0] | {"model": "exported alone", "bucket_end": MAY},
        rows[0] | {"model": "single", "bucket_end": None},
    ]

    found = asked(memory, sql("held"), "requests", CALLED, rows)

    names = ("model", "provider", "service_tier")
    assert in_order(found) == in_order(
        dict(zip(names, key, strict=True))
        | {
            "requests": sum(row["calls"] for row in some if row["bucket_end"] is None),
            "exported": sum(row["calls"] for row in some if row["bucket_end"] is not None),
        }
        for key, some in groups(rows, *names).items()
    )


def test_calls_straddle_where_they_begin_in_one_bucket_and_end_in_another(memory: duckdb.DuckDBPyConnection) -> None:
    """At the very end of one begins the next: a call that ends there ends in the next one."""
    noon, two = MAY.replace(hour=12), MAY.replace(hour=14)
    moments = [None, *(noon + timedelta(minutes=minutes) for minutes in (-1, 0, 59, 60, 61, 119, 120, 121))]
    rows = [
        {"model": "m", "provider": None, "service_tier": None, "calls": 1 + place, "bucket_end": bucket_end}
        | {"started_at": start, "completed_at": end}
        for place, (start, end, bucket_end) in enumerate(product(moments[1:], moments, [None, None, two]))
        if end is None or start <= end
    ]
    buckets = [(noon, noon + HOUR), (noon + HOUR, two)]
    table(memory, "bill_buckets", "from_instant TIMESTAMP, to_instant TIMESTAMP", buckets)

    found = asked(
        memory, sql("straddling"), "requests", f"{CALLED}, started_at TIMESTAMP, completed_at TIMESTAMP", rows
    )

    def place(moment: datetime) -> int:
        """0 before the buckets, 1 and 2 in them, 3 after them."""
        return sum(moment >= edge for edge in (noon, noon + HOUR, two))

    calls = [row for row in rows if row["bucket_end"] is None and row["completed_at"] is not None]
    apart = [row["calls"] for row in calls if place(row["started_at"]) != place(row["completed_at"])]
    beyond = [row["calls"] for row in calls if (place(row["started_at"]), place(row["completed_at"])) == (0, 3)]
    assert sum(row["requests"] for row in found) == sum(apart) - sum(beyond)
    both = [row for row in found if row["ends_from"] is not None]
    assert [(row["from_instant"], row["ends_from"], -row["requests"]) for row in both] == [
        (
            noon,
            noon + HOUR,
            sum(row["calls"] for row in calls if (place(row["started_at"]), place(row["completed_at"])) == (1, 2)),
        )
    ]


LINE_NAMES = (
    "endpoint", "api_key_name", "team", "cost_center", "model", "provider", "service_tier", "serves", "window", "outcome",
    "measured", "priced",
)  # fmt: skip
LINE_TOKENS = ("input", "miss", "read", "write", "write_1h", "output", "reasoning")
LINE_PRICES = ("miss", "read", "write", "write_1h", "output", "request")
LINE_COSTS = ("miss", "read", "write", "output", "other")
LINE_TYPES = (
    "day DATE, booked_day DATE, endpoint VARCHAR, api_key_name VARCHAR, team VARCHAR, cost_center VARCHAR, model VARCHAR, "
    'provider VARCHAR, service_tier VARCHAR, serves VARCHAR, "window" VARCHAR, outcome VARCHAR, measured BOOLEAN, '
    "priced BOOLEAN, split_known BOOLEAN, requests BIGINT"
    + "".join(f", {name}_tokens HUGEINT" for name in LINE_TOKENS)
    + "".join(f", p_{name} BIGINT" for name in LINE_PRICES)
    + "".join(f", {name}_cost HUGEINT" for name in LINE_COSTS)
    + ", cost HUGEINT"
)


def line(**told: object) -> Row:
    """An entry of an export: 3 calls with usage and a price on 2 May, no two of its numbers alike."""
    usual: Row = {
        "day": date(2026, 5, 2),
        "booked_day": None,
        "endpoint": "/chat",
        **dict.fromkeys(LINE_NAMES[1:], "x"),
    }
    usual |= {"measured": True, "priced": True, "split_known": True, "requests": 3}
    usual |= {f"{name}_tokens": 10 + place for place, name in enumerate(LINE_TOKENS)}
    usual |= {f"p_{name}": 20 + place for place, name in enumerate(LINE_PRICES)}
    usual |= {f"{name}_cost": 30 + place for place, name in enumerate(LINE_COSTS)}
    return {**usual, "cost": sum(range(30, 35)), **told}


def exported(memory: duckdb.DuckDBPyConnection, *rows: Row) -> list[Row]:
    memory.execute(sql("amounts"))
    text = sql("export_costs").replace("{time}", "coalesce(booked_day, day) AS day").replace("{when}", "day")
    return asked(memory, text, "entries", LINE_TYPES, rows, export_currency="USD")


def test_a_cost_line_is_what_agrees_in_names_and_price(memory: duckdb.DuckDBPyConnection) -> None:
    """Two entries alike are one line of twice the sums, at the same prices: of a million tokens, and of one request."""
    [found] = exported(memory, line(), line())

    unit = Decimal(1).scaleb(-15)
    tokens = ("input", "cache_miss", "cache_read", "cache_write", "cache_write_1h", "output", "reasoning")
    prices = ("cache_miss", "cache_read", "cache_write", "cache_write_1h", "output")
    costs = ("cache_miss", "cache_read", "cache_write", "output", "other")
    assert found == {
        "day": date(2026, 5, 2),
        **{name: line()[name] for name in LINE_NAMES},
        "requests": 6,
        "cache_unknown": 0,
        **{f"{name}_tokens": 2 * (10 + place) for place, name in enumerate(tokens)},
        **{f"{name}_price": (20 + place) * 10**6 * unit for place, name in enumerate(prices)},
        "request_price": 25 * unit,
        **{f"{name}_cost": 2 * (30 + place) * unit for place, name in enumerate(costs)},
        "cost": 2 * sum(range(30, 35)) * unit,
        "currency": "USD",
        "corrects": None,
    }
    other = [line(**{name: False if isinstance(line()[name], bool) else "y"}) for name in LINE_NAMES]
    other += [line(**{f"p_{name}": 1}) for name in LINE_PRICES]
    assert len(exported(memory, line(), *other)) == 1 + len(other), "whatever it differs in, it is another line"


def test_what_no_log_tells_of_a_cost_line_is_empty(memory: duckdb.DuckDBPyConnection) -> None:
    """Exports may cost something and count no calls; calls without usage may have tokens that such rows told."""
    nothing = {f"{name}_tokens": 0 for name in LINE_TOKENS}
    unpriced = {"priced": False, "cost": None}
    unmeasured = {"measured": False, **unpriced, **nothing}
    lines = exported(
        memory,
        line(endpoint="cached in part", split_known=False, read_tokens=0),
        line(endpoint="cached in part", requests=4),
        line(endpoint="no split", split_known=False, read_tokens=0),
        line(endpoint="no split but hits", split_known=False),
        line(endpoint="no price", **unpriced),
        line(endpoint="no usage", **unmeasured, split_known=False),
        line(endpoint="output alone", **unmeasured | {"output_tokens": 9}, split_known=False),
        line(endpoint="input alone", **unmeasured | {"input_tokens": 8}, split_known=False),
    )

    told = {
        row["endpoint"]: [row["cache_unknown"], *(row[f"{name}_tokens"] for name in ("input", "cache_read", "cache_write", "output"))]
        for row in lines
    }  # fmt: skip
    assert told == {
        "cached in part": [3, 20, 12, 26, 30],
        "no split": [3, 10, None, 13, 15],
        "no split but hits": [3, 10, 12, 13, 15],
        "no price": [0, 10, 12, 13, 15],
        "no usage": [3, None, None, None, None],
        "output alone": [3, None, None, None, 9],
        "input alone": [3, 8, None, 0, None],
    }
    parts = [f"{name}_cost" for name in ("cache_miss", "cache_read", "cache_write", "output", "other")]
    without = {row["endpoint"] for row in lines if all(row[name] is None for name in (*parts, "cost"))}
    assert without == {"no price", "no usage", "output alone", "input alone"}
    for name, without in (
        ("reasoning", {"no usage", "input alone"}),
        ("cache_miss", {"no usage", "output alone"}),
        ("cache_write_1h", {"no usage", "output alone"}),
    ):
        assert {row["endpoint"] for row in lines if row[f"{name}_tokens"] is None} == without


def test_a_correction_is_a_line_of_its_own_and_what_came_to_nothing_is_none(memory: duckdb.DuckDBPyConnection) -> None:
    booked = {"booked_day": date(2026, 5, 31)}
    back = {name: -value for name, value in line().items() if name.endswith(("_tokens", "cost", "requests"))}
    none = dict.fromkeys(back, 0)
    rows = exported(
        memory,
        line(day=date(2026, 5, 31)),
        line(**booked),
        line(**booked, day=date(2026, 5, 3)),
        line(**booked, endpoint="/forgotten again"),
        line(**booked, endpoint="/forgotten again", **back),
        *(line(**booked, endpoint=name, **none | {name: 1}) for name in ("requests", "input_tokens", "output_tokens", "cost")),
        line(endpoint="/nothing, but of its own day", **none),
    )  # fmt: skip

    assert [(row["day"].day, row["endpoint"], row["corrects"] and row["corrects"].day) for row in rows] == [
        (2, "/nothing, but of its own day", None),
        (31, "/chat", 2),
        (31, "/chat", 3),
        (31, "/chat", None),
        (31, "cost", 2),
        (31, "input_tokens", 2),
        (31, "output_tokens", 2),
        (31, "requests", 2),
    ]
