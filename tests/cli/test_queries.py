"""The questions: heads say what DuckDB says, sums agree, percentiles are exact, exports weigh as calls."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support import BOOK, CALM, EXPORT_HEAD, FLASH, ROOT, ZONED_HEAD, call, cost, export, fill, ledger_of, spend, write

from analyzer.cli.options import GROUPS
from analyzer.engines.query import Query, base, frame, named, queries
from analyzer.errors import UsageError
from analyzer.ledger import Ledger
from analyzer.simulate import analysis
from analyzer.simulate.analysis import analyze
from analyzer.simulate.relations import View, prepare

ALL = {**base(), **queries()}
# What questions may read: the ledger's tables, what prices are compiled to, and the relations of queries/base.
KNOWN = {
    "requests", "sources", "rejected", "skipped", "prices", "export_instants", "summarised", "odd_hours", "price_sizes",
    *base(),
}  # fmt: skip
LEDGERS = {"rejected", "rejected_reasons", "skipped_reasons", "sources"}  # questions about logs, not about calls
EACH = pytest.mark.parametrize("query", ALL.values(), ids=ALL.keys())

CALLS = [
    call(id="1", endpoint="/chat", input_tokens=1000, cache_read_tokens=600, output_tokens=100),
    call(
        id="2", endpoint="/chat", ts="2026-05-31T23:30:00Z", input_tokens=3000, cache_read_tokens=0, output_tokens=250
    ),
    call(
        id="3",
        endpoint="/code",
        ts="2026-06-01T00:30:00Z",
        model="deepseek-v4-pro",
        input_tokens=7,
        cache_read_tokens=...,
        output_tokens=9,
    ),
    call(id="4", endpoint=..., ts="2026-04-24T12:00:00Z", input_tokens=50, cache_read_tokens=50, output_tokens=0),
    call(id="5", endpoint="/chat", model="somebody-else", input_tokens=11, cache_read_tokens=..., output_tokens=1),
    call(id="6", endpoint="/chat", input_tokens=..., cache_read_tokens=..., output_tokens=..., status="error"),
    call(
        id="7", endpoint="/code", ts="2026-10-12T02:00:00Z", input_tokens=800, cache_read_tokens=128, output_tokens=77
    ),
    "no record",
]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    with ledger_of(write(tmp_path_factory.mktemp("logs") / "calls.jsonl", *CALLS)) as made:
        yield made


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """Another one, looked at as usual, for tests that only ask."""
    with ledger_of(write(tmp_path_factory.mktemp("logs") / "calls.jsonl", *CALLS)) as made:
        prepare(made, BOOK, View())
        yield made


def rows(query: Query, ledger: Ledger) -> list[dict[str, Any]]:
    return list(query.frame(ledger.connection).iter_rows(named=True))


# ------------------------------------------------------------------------------------------------ heads


@EACH
def test_head_is_what_duckdb_says(query: Query, prepared: Ledger) -> None:
    """Names, types and order of the columns."""
    described = prepared.connection.execute(f"DESCRIBE {query.sql}").fetchall()

    assert [(column.name, column.type) for column in query.returns] == [(row[0], row[1]) for row in described]


@EACH
def test_grain_is_unique(query: Query, prepared: Ledger) -> None:
    """No two rows agree in the columns of the grain; `one row` is one row."""
    found = query.frame(prepared.connection)
    grain = re.fullmatch(r"one row(?: per (?:request|source_id|\((?P<several>[\w, ]+)\)|(?P<one>\w+)))?", query.grain)

    assert grain is not None, query.grain
    columns = (grain["several"] or grain["one"] or "").replace(" ", "").split(",")
    if columns != [""]:
        keys = found.select(columns)
        assert keys.n_unique() == len(keys)
    elif query.grain == "one row":
        assert len(found) == 1
    else:
        table = {"one row per request": "requests", "one row per source_id": "sources"}[query.grain]
        assert prepared.connection.execute(f"SELECT count(*) FROM {table}").fetchall() == [(len(found),)]


@EACH
def test_reads_are_those_of_the_sql(query: Query) -> None:
    """No more, no fewer, and nothing but the ledger's tables, prices, and the relations of ``queries/base``."""
    with duckdb.connect() as empty:  # where nothing is defined, no view is looked through
        assert set(query.reads) == empty.get_table_names(query.sql)
    assert set(query.reads) <= KNOWN


@EACH
def test_money_is_never_a_double(query: Query) -> None:
    money = [column for column in query.returns if re.search("cost|price$|spend", column.name)]

    assert all(column.type in {"HUGEINT", "DECIMAL(38,15)"} for column in money)


@EACH
def test_head_asks_and_explains(query: Query) -> None:
    assert query.sql.startswith(f"-- {query.name}.sql\n")
    assert query.question.endswith("?")
    assert all(column.meaning.strip() for column in query.returns)


def test_unknown_query_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="totls") as raised:
        named("totls")

    assert "totals" in raised.value.remedy


def test_half_a_head_is_refused() -> None:
    with pytest.raises(ValueError, match="head is not whole"):
        Query.parse("x", "-- x.sql\n-- Question: What?\nSELECT 1")


# ------------------------------------------------------------------------------------------------ by hand


@pytest.mark.endurance
def test_questions_run_by_hand(tmp_path: Path) -> None:
    """On the ledger file alone, with no variable set, they give what the program gives with its defaults."""
    log, path = write(tmp_path / "calls.jsonl", *CALLS), tmp_path / "spend.duckdb"
    assert spend("ingest", log, "--db", path, "--quiet").code == 0

    with Ledger.open(path) as ledger:
        expected = {name: answer.rows() for name, answer in analyze(ledger, BOOK, View(), []).answers.items()}
        for name in sorted(set(queries()) - set(expected) - LEDGERS):  # shown of no analysis
            expected[name] = named(name).frame(ledger.connection).rows()
    with duckdb.connect(str(path), read_only=True) as connection:
        found = {name: frame(connection, query.sql).rows() for name, query in queries().items()}

    assert {name: found[name] for name in expected} == expected
    assert set(found) == set(expected) | LEDGERS
    assert [record for _, record, _ in found["rejected"]] == [len(CALLS)]


@pytest.mark.endurance
def test_a_question_of_ones_own_is_one_file_and_makes_no_analysis_longer(
    prepared: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lies in `queries/`, and is asked by `spend query` alone."""
    mine = Query.parse(
        "mine", "-- mine.sql\n-- Question: How many?\n-- Reads: calls\n-- Returns: n BIGINT calls\n-- Grain: one row\n"
    )
    monkeypatch.setattr(analysis, "queries", lambda: {**queries(), "mine": mine})

    assert "mine" not in analyze(prepared, BOOK, View(), []).answers


@pytest.mark.endurance
def test_no_question_is_asked_whose_answer_nothing_shows(prepared: Ledger) -> None:
    readers = [path for room in ("simulate", "finance", "report") for path in (ROOT / "analyzer" / room).rglob("*.py")]
    read = "".join(path.read_text(encoding="utf-8") for path in readers if path.name != "far.py")

    asked = analyze(prepared, BOOK, View(), []).answers

    assert [name for name in asked if f'answers["{name}"]' not in read and f'(analysis, "{name}"' not in read] == []


# ------------------------------------------------------------------------------------------------ sums

SUMMED = (
    "requests",
    "priced",
    "unpriced",
    "input_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "output_tokens",
    "reasoning_tokens",
)
GRAINS = ("endpoints", "models", "months", "endpoints_by_month", "days", "hours", "windows")


@pytest.mark.parametrize(
    "view",
    [View(), View(currency="CNY"), View(tz="Asia/Shanghai"), View(endpoint_by="model")],
    ids=["USD", "CNY", "zone", "grouped"],
)
def test_every_grain_adds_up_to_the_totals(ledger: Ledger, view: View) -> None:
    prepare(ledger, BOOK, view)
    (totals,) = rows(named("totals"), ledger)

    for grain in GRAINS:
        parts = rows(named(grain), ledger)
        for name in SUMMED:
            assert sum(part[name] or 0 for part in parts) == (totals[name] or 0), (grain, name)
        assert sum(part["cost"] for part in parts if part["cost"] is not None) == totals["cost"], grain


def test_totals_by_hand(prepared: Ledger) -> None:
    """Seven calls: one is nobody's model, one has no usage, two do not say how much was cached."""
    (totals,) = rows(named("totals"), prepared)

    usd = (
        cost(FLASH, 400, 600, 100)
        + cost(FLASH, 3000, 0, 250)
        + cost((Decimal("0.435"), Decimal(0), Decimal("0.87")), 7, 0, 9)
        + cost((Decimal("0.14"), Decimal("0.028"), Decimal("0.28")), 0, 50, 0)  # the launch card
        + cost((Decimal("0.3"), Decimal("0.006"), Decimal("1.2")), 672, 128, 77)  # a Monday at peak
    )
    assert totals["cost"] == usd
    assert (totals["requests"], totals["priced"], totals["unpriced"]) == (7, 5, 1)
    assert (totals["input_tokens"], totals["cache_read_tokens"], totals["output_tokens"]) == (4868, 778, 437)
    assert totals["cache_hit_rate"] == 778 / (1000 + 3000 + 50 + 800)


def test_where_nothing_was_called_that_is_known() -> None:
    """Not one call: 0 of them. What they read and cost, nobody tells."""
    with ledger_of() as ledger:
        prepare(ledger, BOOK, View())
        (row,) = named("totals").rows(ledger.connection)
    assert {name for name, value in row.items() if value == 0} == {"requests", "priced", "unpriced"}
    assert {value for value in row.values() if value != 0} == {None}


PATTERNS = {
    "/users/17/chat": "/users/*/chat",
    "/users/17/18/chat/19": "/users/*/*/chat/*",
    "17": "*",
    "https://app.example/o/550e8400-e29b-41d4-a716-446655440000": "https://app.example/o/*",
    "/v1/threads/thread_abc123DEF456/runs": "/v1/threads/*/runs",
    "/t/01ARZ3NDEKTSV4RRFFQ69G5FAV": "/t/*",  # a ULID
    "/blobs/9f86d081884c7d659a2feaa0c55ad015": "/blobs/*",
    "/a//1": "/a//*",
    **dict.fromkeys(
        (
            "/v1/chat/completions", "summarise", "/openai/deployments/gpt-4o-2024-08-06/chat/completions", "/v2/x",
            "/models/text-embedding-3-large", "/model/claude-sonnet-4-5-20250929/invoke", "nightly-2026", "/17b/x", "/a//b",
            "search_recommendations", "",
        )
    ),
}  # fmt: skip


def test_ids_in_paths_are_taken_together() -> None:
    """What is None above stays as it is: versions, models and words are no ids."""
    with Ledger.throwaway() as ledger:
        fill(ledger, [{"endpoint": path} for path in PATTERNS])
        prepare(ledger, BOOK, View(endpoint_by="endpoint_pattern"))
        found = dict(ledger.connection.execute("SELECT logged_endpoint, endpoint FROM calls").fetchall())
    assert found == {path: path if pattern is None else pattern for path, pattern in PATTERNS.items()}


@pytest.mark.endurance
def test_endpoints_may_be_any_column_that_the_option_names() -> None:
    """Each word shows its own column; what rules of scenarios look at stays the endpoint."""
    columns = {word: "user_name" if word == "user" else word for word in GROUPS if word != "endpoint_pattern"}
    with Ledger.throwaway() as ledger:
        fill(ledger, [{column: f"its {word}" for word, column in columns.items()}])
        for word in columns:
            prepare(ledger, BOOK, View(endpoint_by=word))
            found = ledger.connection.execute("SELECT endpoint, logged_endpoint FROM calls").fetchall()
            assert found == [(f"its {word}", "its endpoint")]


def test_half_of_a_usage_is_none() -> None:
    """A call whose input is known and whose output is not has no cost, nor one the other way round."""
    with Ledger.throwaway() as ledger:
        fill(ledger, [{"input_tokens": 1000}, {"output_tokens": 100}, {"input_tokens": 1000, "output_tokens": 100}])
        prepare(ledger, BOOK, View())
        [totals] = rows(queries()["totals"], ledger)
        [paid] = rows(queries()["input_prices"], ledger)

    assert (totals["requests"], totals["priced"], totals["unpriced"]) == (3, 1, 0)
    assert totals["cost"] == cost(FLASH, 1000, 0, 100)
    assert (paid["input_tokens"], paid["input_cost"]) == (1000, cost(FLASH, 1000, 0, 0))


def test_months_and_days_are_those_of_the_zone(ledger: Ledger) -> None:
    """23:30 UTC on the last of May is June in Shanghai."""
    prepare(ledger, BOOK, View())
    utc = {row["month"]: row["requests"] for row in rows(named("months"), ledger)}
    prepare(ledger, BOOK, View(tz="Asia/Shanghai"))
    shanghai = {row["month"]: row["requests"] for row in rows(named("months"), ledger)}

    assert utc == {"2026-04": 1, "2026-05": 4, "2026-06": 1, "2026-10": 1}
    assert shanghai == {"2026-04": 1, "2026-05": 3, "2026-06": 2, "2026-10": 1}


def test_failures_and_unpriced_are_listed(prepared: Ledger) -> None:
    (failure,) = rows(named("failures"), prepared)
    (unpriced,) = rows(named("unpriced"), prepared)

    assert (failure["endpoint"], failure["status"], failure["requests"]) == ("/chat", "error", 1)
    assert (unpriced["model"], unpriced["requests"], unpriced["input_tokens"]) == ("somebody-else", 1, 11)


def test_the_day_of_a_change_is_uncertain(prepared: Ledger) -> None:
    """The launch day is known, its hour is not."""
    assert [(str(row["day"]), row["uncertain"]) for row in rows(named("uncertain_days"), prepared)] == [
        ("2026-04-24", 1)
    ]


# ------------------------------------------------------------------------------------------------ distributions


def interpolated(values: Sequence[int], share: Fraction) -> Fraction:
    """A percentile by linear interpolation between the two closest ranks."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = place.numerator // place.denominator
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


@pytest.mark.parametrize("size", [1, 2, 7, 100, 101])
def test_percentiles_are_exact(tmp_path: Path, size: int) -> None:
    inputs = [(number * 7919) % 1013 for number in range(size)]
    outputs = [number * number for number in range(size)]
    calls = [
        call(id=f"c{place}", input_tokens=into, cache_read_tokens=0, output_tokens=out)
        for place, (into, out) in enumerate(zip(inputs, outputs, strict=True))
    ]
    with ledger_of(write(tmp_path / "calls.jsonl", *calls)) as ledger:
        prepare(ledger, BOOK, View())
        (found,) = rows(named("token_distribution"), ledger)

    for side, values in (("input", inputs), ("output", outputs)):
        for mark in (50, 90, 99):
            assert found[f"{side}_tokens_p{mark}"] == pytest.approx(
                float(interpolated(values, Fraction(mark, 100))), rel=1e-12
            )
        assert found[f"{side}_tokens_max"] == max(values)
        assert found[f"{side}_tokens_mean"] == pytest.approx(sum(values) / size, rel=1e-12)


def test_histogram_bins_are_powers_of_two(tmp_path: Path) -> None:
    lengths = [0, 1, 2, 3, 4, 7, 8, 2**40, 2**40 - 1]
    calls = [
        call(id=f"c{place}", input_tokens=length, cache_read_tokens=0, output_tokens=0)
        for place, length in enumerate(lengths)
    ]
    with ledger_of(write(tmp_path / "calls.jsonl", *calls)) as ledger:
        prepare(ledger, BOOK, View())
        found = {(row["side"], row["bin"]): row["requests"] for row in rows(named("token_histogram"), ledger)}

    assert found == {
        ("input", -1): 1,
        ("input", 0): 1,
        ("input", 1): 2,
        ("input", 2): 2,
        ("input", 3): 1,
        ("input", 39): 1,
        ("input", 40): 1,
        ("output", -1): len(lengths),
    }


# ------------------------------------------------------------------------------------------------ exports

ONE_DAY = (
    "u,2026-04-30,deepseek-v4-flash,key-b,sk-***,output_tokens,0.000002,299034",
    "u,2026-04-30,deepseek-v4-flash,key-b,sk-***,request_count,,917",
    "u,2026-04-30,deepseek-v4-flash,key-b,sk-***,input_cache_hit_tokens,0.00000002,45372800",
    "u,2026-04-30,deepseek-v4-flash,key-b,sk-***,input_cache_miss_tokens,0.000001,2047494",
)
DAY = "u,2026-08-20T00:00:00+08:00,2026-08-21T00:00:00+08:00,deepseek-v4-flash,k,sk-***"
TWO_TIERS = (
    f"{DAY},input_cache_hit_tokens,0.00000005,61626240",
    f"{DAY},input_cache_hit_tokens,0.0000001,79207296",
    f"{DAY},input_cache_miss_tokens,0.0000015,1000001",
    f"{DAY},input_cache_miss_tokens,0.000003,2000003",
    f"{DAY},output_tokens,0.0000045,500005",
    f"{DAY},output_tokens,0.000009,700007",
    f"{DAY},request_count,,1234",
)


def billed(lines: Sequence[str]) -> Decimal:
    """The bill: price times amount, line by line."""
    cells = [line.split(",")[-2:] for line in lines]
    return sum((Decimal(price) * int(amount) for price, amount in cells if price), Decimal(0))


@pytest.mark.endurance
def test_export_rows_weigh_as_calls(tmp_path: Path) -> None:
    """Four records are one row of 917 calls, of which no single length is known."""
    log = export(tmp_path / "amount-2026-4.csv", EXPORT_HEAD, *ONE_DAY)
    alone = call(  # on another day than the export's
        id="alone", ts="2026-04-29T10:00:00Z", endpoint=..., input_tokens=10, cache_read_tokens=0, output_tokens=2
    )

    run = spend("analyze", log, write(tmp_path / "one.jsonl", alone), "--currency", "CNY", "--no-report", "--json")

    document = run.document
    assert (document["ledger"]["records"], document["ledger"]["requests"]) == (5, 5)
    assert document["totals"]["requests"] == 918
    (endpoint,) = document["endpoints"]
    assert (endpoint["requests"], endpoint["input_tokens_p50"], endpoint["output_tokens_p99"]) == (918, 10, 2)
    assert document["totals"]["input_tokens"] == 45372800 + 2047494 + 10
    assert all(each["requests"] == 918 for each in (*document["models"], *document["months"], *document["scenarios"]))


@pytest.mark.parametrize(
    ("head", "lines", "bill"),
    [(EXPORT_HEAD, ONE_DAY, "3.553018"), pytest.param(ZONED_HEAD, TWO_TIERS, None, marks=pytest.mark.endurance)],
    ids=["one day", "two tiers"],
)
def test_the_bill_is_the_cost_to_the_last_digit(
    tmp_path: Path, head: str, lines: tuple[str, ...], bill: str | None
) -> None:
    """In the list's own currency; both tiers of a day are priced by their own price."""
    log = export(tmp_path / "amount.csv", head, *lines)

    with ledger_of(log) as ledger:
        analysis = analyze(ledger, BOOK, View(currency="CNY"), [])
        stated = ledger.connection.execute("SELECT sum(stated_cost) FROM requests").fetchone()

    assert analysis.totals["cost"] == billed(lines) == (Decimal(bill) if bill else billed(lines))
    assert stated == (billed(lines),)
    assert analysis.counts.unpriced == 0


def test_each_tier_falls_in_its_own_window(tmp_path: Path) -> None:
    with ledger_of(export(tmp_path / "amount.csv", ZONED_HEAD, *TWO_TIERS)) as ledger:
        prepare(ledger, BOOK, View(currency="CNY"))
        windows = {
            row["price_window"]: (row["cache_read_tokens"], row["cost"]) for row in rows(named("windows"), ledger)
        }
        certain = ledger.connection.execute("SELECT bool_and(certain), sum(calls) FROM calls").fetchone()

    cheap, dear = [line for line in TWO_TIERS[::2] if ",," not in line], TWO_TIERS[1::2]
    assert windows == {"off-peak": (61626240, billed(cheap)), "peak": (79207296, billed(dear))}
    assert certain == (True, 1234)


def test_an_export_in_the_other_list_takes_the_same_windows(tmp_path: Path) -> None:
    """A CNY export priced with the USD list: the prices say which window, the list says what it costs."""
    with ledger_of(export(tmp_path / "amount.csv", ZONED_HEAD, *TWO_TIERS)) as ledger:
        prepare(ledger, BOOK, View(currency="USD"))
        (totals,) = rows(named("totals"), ledger)

    off_peak = cost(tuple(map(Decimal, ("0.22", "0.007", "0.66"))), 1000001, 61626240, 500005)
    peak = cost(tuple(map(Decimal, ("0.44", "0.014", "1.32"))), 2000003, 79207296, 700007)
    assert totals["cost"] == off_peak + peak


def test_a_price_of_no_list_is_flagged(tmp_path: Path) -> None:
    """A row whose own price no period has takes that of its bucket's start."""
    lines = [line.replace("0.000001,", "0.000017,") for line in ONE_DAY]
    with ledger_of(export(tmp_path / "amount.csv", EXPORT_HEAD, *lines)) as ledger:
        prepare(ledger, BOOK, View(currency="CNY"))
        found = ledger.connection.execute(
            "SELECT certain, strftime(instant, '%Y-%m-%dT%H:%M:%SZ') FROM calls"
        ).fetchall()

        doubtful = rows(named("uncertain_prices"), ledger)
        (totals,) = rows(named("totals"), ledger)

    assert found == [(False, "2026-04-30T00:00:00Z")]
    assert [(row["model"], row["requests"]) for row in doubtful] == [(ONE_DAY[0].split(",")[2], 917)]
    assert doubtful[0]["cost"] == totals["cost"]
    assert found[0][1] < CALM


@pytest.mark.parametrize(("day", "flagged"), [("2026-05-01", False), ("2026-10-12", True)])
def test_a_window_without_a_price_is_flagged_where_prices_change_in_it(tmp_path: Path, day: str, flagged: bool) -> None:
    """In May one price holds all day; on a Monday in October there are peak hours."""
    lines = [f"u,{day},deepseek-v4-pro,key,sk-***,request_count,,4"]
    with ledger_of(export(tmp_path / "amount.csv", EXPORT_HEAD, *lines)) as ledger:
        prepare(ledger, BOOK, View())
        assert [row["requests"] for row in rows(named("uncertain_prices"), ledger)] == ([4] if flagged else [])
