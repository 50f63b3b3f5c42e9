"""Where prices change within an hour or with the size of a prompt, calls are summed no coarser than that; each by hand."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from assumed import priced, request
from statements import APRIL, Line, asked, in_order, table
from support import BOOK, PRO, cost, fill, scenario

from analyzer.ledger import Ledger
from analyzer.simulate.pricing import sql
from analyzer.simulate.relations import View, prepare

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
EDGES = "from_instant TIMESTAMP, to_instant TIMESTAMP, input_from BIGINT"
MOST = 2**63 - 1
# Until 12:15 UTC on 2026-04-26 a hit cost ten times as much; a miss and output cost the same before and after.
CHANGE = datetime(2026, 4, 26, 12, 15)


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    with Ledger.throwaway() as made:
        yield made


def interval(start: datetime, end: datetime, size: int = 0) -> dict[str, Any]:
    """A price from one instant to another, for inputs of this size and more."""
    return {"from_instant": start, "to_instant": end, "input_from": size}


def test_hours_within_which_a_price_begins_or_ends_are_known_once(memory: duckdb.DuckDBPyConnection) -> None:
    table(memory, "odd_hours", "hour TIMESTAMP", [(APRIL - DAY,)])
    prices = [
        interval(APRIL, APRIL + HOUR),  # on full hours
        interval(APRIL + HOUR, APRIL + 3 * HOUR + MINUTE),
        interval(APRIL + 3 * HOUR + MINUTE, APRIL + 4 * HOUR - MINUTE),
        interval(APRIL + 4 * HOUR - MINUTE, APRIL + 9 * HOUR),
        interval(APRIL - DAY + MINUTE, APRIL),  # in an hour that is known already
    ]

    for _ in range(2):
        asked(memory, sql("odd_hours"), "price_intervals", EDGES, prices)

        assert memory.execute("FROM odd_hours ORDER BY ALL").fetchall() == [(APRIL - DAY,), (APRIL + 3 * HOUR,)]


def test_sizes_go_from_one_step_to_the_next(memory: duckdb.DuckDBPyConnection) -> None:
    table(memory, "price_sizes", "size_from BIGINT, size_to BIGINT", [(0, 100), (100, MOST)])
    prices = [interval(APRIL, APRIL + DAY, size) for size in (0, 5, 100, 5, 200_001)]

    asked(memory, sql("price_sizes").replace("{kind}", ""), "price_intervals", EDGES, prices)

    steps = [(0, 5), (5, 100), (100, 200_001), (200_001, MOST)]
    assert memory.execute("FROM price_sizes ORDER BY ALL").fetchall() == steps


def test_prices_are_laid_out_for_the_days_of_calls_and_their_neighbours(memory: duckdb.DuckDBPyConnection) -> None:
    """A call that ends on a day may have begun on the one before, or the other way round; both clocks are compared."""
    told = "model VARCHAR, provider VARCHAR, service_tier VARCHAR, moment TIMESTAMP"
    called = [("a", "p", "batch", APRIL), ("a", "p", "batch", APRIL + DAY - MINUTE), ("b", None, None, APRIL + DAY)]
    rows = [dict(zip(("model", "provider", "service_tier", "moment"), one, strict=True)) for one in called]

    asked(memory, sql("summed_days"), "usage", told, rows)

    of_a = [("a", "p", "batch", APRIL + at * DAY) for at in (-1, 0, 1)]
    of_b = [("b", None, None, APRIL + at * DAY) for at in (0, 1, 2)]
    of_all = [(None, None, None, APRIL + at * DAY) for at in (-1, 0, 1, 2)]  # each once, whatever was called on it
    assert memory.execute("FROM busy_days ORDER BY ALL").fetchall() == of_a + of_b + of_all
    memory.execute("DROP TABLE busy_days")


def test_calls_of_one_hour_before_and_after_a_change_are_told_apart(ledger: Ledger) -> None:
    """Two calls within a minute of it, both on Flash in reality and on Pro in the scenario."""
    rows = [request(started_at=CHANGE - timedelta(seconds=1)), request(started_at=CHANGE)]
    before = (PRO[0], 10 * PRO[1], PRO[2])

    [result] = priced(ledger, rows, scenario('default = "pro"'))

    assert result.compared_actual == sum(
        cost((Decimal("0.14"), Decimal(hit), Decimal("0.28")), 400, 600, 100) for hit in ("0.028", "0.0028")
    )
    assert result.low == cost(before, 400, 600, 100) + cost(PRO, 400, 600, 100)


FIGURES = ("input", "cache_read", "cache_write", "cache_write_1h", "output")
HOURLY = {
    **dict.fromkeys(("model", "provider", "service_tier"), "VARCHAR"),
    **dict.fromkeys(("from_instant", "to_instant"), "TIMESTAMP"),
    "window": "VARCHAR",
    **dict.fromkeys((*FIGURES, "request", "input_from", "input_to"), "BIGINT"),
    "serves": "VARCHAR",
    **dict.fromkeys(("before_first", "on_uncertain_day"), "BOOLEAN"),
    "apart": "MAP(VARCHAR, BIGINT)",
    **dict.fromkeys((f"dearer_{name}" for name in FIGURES), "BIGINT"),
}


@pytest.mark.parametrize("logged", [True, False])
def test_prices_are_laid_out_by_the_hours_of_busy_days(memory: duckdb.DuckDBPyConnection, logged: bool) -> None:
    """An hour with a change inside has two rows. Names of a log have their own days, by seller and tier; targets all of them.

    A write that has no price is a miss, and one for an hour that has none a write.
    """
    sold = [("m", None, None), ("m", "p", None), ("m", None, "batch"), ("n", None, None)]
    change = APRIL + DAY + 5 * HOUR + 15 * MINUTE
    stretches = [(APRIL - 3 * DAY, APRIL + DAY), (APRIL + DAY, change), (change, APRIL + 9 * DAY)]
    writes = [(None, None), (7, None), (7, 9)]
    intervals = [
        dict(zip(HOURLY, (
            *one, *stretch, "all", 5, 1, *write, 8, place, 0, place or None, one[0], False, place == 1, None,
            *((20, 2, *(figure and 10 * figure for figure in write), 30) if one[0] == "m" else [None] * 5),
        ), strict=True))
        for one in sold
        for place, (stretch, write) in enumerate(zip(stretches, writes, strict=True))
    ]  # fmt: skip
    days: list[Line] = [
        (*one, APRIL + at * DAY) for one, some in zip(sold, [(0, 1), (2,), (9,), (-4,)], strict=True) for at in some
    ]
    days += [(None, None, None, APRIL + at * DAY) for at in (0, 1)]
    table(memory, "busy_days", "model VARCHAR, provider VARCHAR, service_tier VARCHAR, day TIMESTAMP", days)
    types = ", ".join(f'"{name}" {kind}' for name, kind in HOURLY.items())

    found = asked(memory, sql("hourly_prices").replace("{logged}", str(logged)), "price_intervals", types, intervals)

    expected = []
    for one in intervals:
        key = (one["model"], one["provider"], one["service_tier"]) if logged else (None, None, None)
        for day in (line[3] for line in days if line[:3] == key):
            for hour in (day + number * HOUR for number in range(24)):
                if one["from_instant"] < hour + HOUR and hour < one["to_instant"]:
                    row = one | {"hour": hour, "input_to": one["input_to"] or MOST}
                    for beside in ("", "dearer_"):
                        row[f"{beside}cache_write"] = row[f"{beside}cache_write"] or row[f"{beside}input"]
                        row[f"{beside}cache_write_1h"] = row[f"{beside}cache_write_1h"] or row[f"{beside}cache_write"]
                    expected.append(row)
    assert in_order(found) == in_order(expected)
    assert len([row for row in found if row["hour"] == change.replace(minute=0)]) == (2 if logged else 8)


def test_a_day_whose_hour_is_not_known_is_uncertain_only_where_a_price_changed(ledger: Ledger) -> None:
    """Vision came at some hour of 2026-08-21. On 2026-09-19 Pro's page first told of holidays, and every price stayed."""
    calls = [
        request(model=model, started_at=datetime.fromisoformat(at), endpoint=at)
        for model, at in (
            ("deepseek-v4-flash-vision-exp", "2026-08-21T23:59"),
            ("deepseek-v4-flash-vision-exp", "2026-08-22T00:00"),
            ("deepseek-v4-pro", "2026-09-19T12:00"),
            ("deepseek-v4-pro", "2026-09-18T12:00"),
        )
    ]
    fill(ledger, calls)
    prepare(ledger, BOOK, View())

    found = ledger.connection.execute("SELECT endpoint FROM charges WHERE on_uncertain_day").fetchall()

    assert found == [("2026-08-21T23:59",)]
