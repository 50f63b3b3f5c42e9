"""What tests of other engines share: requests in a ledger and in a table, and that both give the same."""

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from made import lay_down, make
from random_scenarios import drawn
from support import BOOK, ROOT, fill, ledger_of, scenario, spend

from analyzer.engines.query import queries
from analyzer.engines.reach import reach
from analyzer.errors import SpendError
from analyzer.ledger import Ledger
from analyzer.ledger.columns import store, virtual
from analyzer.report.document import analysis_document, text
from analyzer.report.file import copy
from analyzer.simulate.analysis import analyze
from analyzer.simulate.pricing import sql
from analyzer.simulate.relations import View, prepare
from analyzer.simulate.result import Result
from analyzer.simulate.vocabulary import DEFAULTS, read
from analyzer.simulate.whatif import Simulation

MADE = 50_000
VIEWS = {
    "usual": View(),
    "other": View(
        currency="CNY",
        clock="start",
        tz="America/New_York",  # summer time ends within the period
        endpoint_by="api_key_name",
        since=datetime(2026, 9, 1, tzinfo=UTC),
        until=datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
    ),
    "one card": View(price_date=datetime(2026, 10, 20, tzinfo=UTC).date(), endpoint_by="user"),
}
# A replayed cache, routes by what a sum of requests does not tell, a share of sessions, a part of tokens.
MODELLED = scenario(
    """
    default = "as-logged"
    [[route]]
    to = "flash"
    endpoint = ["/agents/*", "/endpoint/[2-4]", "key-?"]
    max_output_tokens = 900
    [[route]]
    to = "pro"
    share = 0.4
    [[route]]
    to = "flash"
    token_share = 0.25
    [assume]
    cache = "modelled"
    cache_ttl = "6h"
    """,
    "modelled",
)
ASKED = {name: query for name, query in queries().items() if not {"sources", "rejected"} & set(query.reads)}
SAMPLES = sorted(path for path in (ROOT / "sample_logs").iterdir() if path.suffix in {".gz", ".csv", ".jsonl"})


@pytest.fixture(scope="module")
def sail() -> Iterator[str]:
    """The address of a Spark Connect server in this process."""
    server = pytest.importorskip("pysail.spark", reason="the extra `sail` is not installed").SparkConnectServer()
    server.start(background=True)
    host, port = server.listening_address
    yield f"sc://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def ledgers() -> Iterator[Mapping[str, Ledger]]:
    with Ledger.throwaway() as made, ledger_of(*SAMPLES) as samples:
        make(made, MADE)
        yield {"made": made, "samples": samples}


@pytest.fixture(scope="module")
def tables(ledgers: Mapping[str, Ledger], tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Their requests as an export lays them down: one as a file, one as a folder by month."""
    folder = tmp_path_factory.mktemp("tables")
    lay_down(ledgers["made"], folder / "made")
    copy(ledgers["samples"].connection, "SELECT * FROM requests", folder / "samples.parquet", "FORMAT parquet")
    return {"made": folder / "made", "samples": folder / "samples.parquet"}


def same_blocks(address: str, folder: Path) -> None:
    """Prompts that grow and branch, in two logs that number their blocks and one that hashes them; a day is their life."""
    dice = random.Random(11)
    rows: list[dict[str, object]] = []
    for number in range(1500):
        log, depth = number % 3, dice.randint(1, 6)
        path = "".join(dice.choice("ab") for _ in range(depth))
        names = [path[: place + 1] for place in range(depth)]
        tokens = depth * 100 - dice.randint(0, 99)
        rows.append(
            {
                "source_id": log + 1,
                "started_at": datetime(2026, 9, 1) + timedelta(minutes=dice.randint(0, 6000)),
                "endpoint": dice.choice(["/agents/a", "/endpoint/3", "/other"]),
                "model": dice.choice(["deepseek-v4-flash", "deepseek-v4-pro"]),
                "input_tokens": tokens,
                "cache_read_tokens": None if number % 7 == 0 else tokens // dice.randint(1, 3),
                "output_tokens": dice.randint(1, 1200),
                "block_size": 100,
                # In two of three logs a block's number, else a hash of all letters up to it.
                "prefix_blocks": [str(int(f"1{name}".translate({97: "0", 98: "1"}), 2)) for name in names]
                if log < 2
                else [name.rjust(12, ".") for name in names],
            }
        )
    with Ledger.throwaway() as ledger:
        fill(ledger, rows)
        copy(ledger.connection, "SELECT * FROM requests", folder / "blocks.parquet", "FORMAT parquet")
        found = analyze(ledger, BOOK, View(), [MODELLED], look_ahead=False).results[1]
        same_analysis(address, ledger, folder / "blocks.parquet", View(), look_ahead=True)

    assert found.cache_basis == "blocks"
    assert found.low < found.cost < found.high, "the cache decides"


def same_answers(address: str, ledger: Ledger, table: Path, view: View) -> None:
    """Every query: values, types, names and order."""
    from analyzer.simulate.far import Far

    prepare(ledger, BOOK, view)
    with reach(address) as spark, Ledger.throwaway() as outline:
        far = Far(spark, outline, str(table))
        far.define(BOOK, view)
        for query in ASKED.values():
            here, there = query.frame(ledger.connection), far.answer(query)
            assert there.schema == here.schema, query.name
            assert there.rows() == here.rows(), query.name


def same_analysis(address: str, ledger: Ledger, table: Path, view: View, *, look_ahead: bool) -> None:
    """Totals, percentiles, scenarios with transferred, cold and modelled caches and, looking ahead, what follows."""
    from analyzer.simulate.far import Far

    scenarios = [*(read(name, BOOK) for name in DEFAULTS), MODELLED]
    here = analysis_document(analyze(ledger, BOOK, view, scenarios, look_ahead=look_ahead))
    with reach(address) as spark, Ledger.throwaway() as outline:
        far = Far(spark, outline, str(table))
        there = analysis_document(analyze(outline, BOOK, view, scenarios, look_ahead=look_ahead, requests=far))

    lost = sum(here["ledger"][name] for name in ("duplicates", "skipped", "rejected"))
    if here["ledger"]["records"]:  # what became no request, no table of requests tells
        assert there["ledger"]["records"] == here["ledger"]["records"] - lost
    for name in ("unmeasured", "unpriced", "cache_unknown", "set_aside"):
        assert there["ledger"][name] == here["ledger"][name]
    del here["ledger"], there["ledger"]
    assert text(there) == text(here)


def same_scenarios(address: str, ledger: Ledger, table: Path, view: View, seeds: Iterable[int]) -> None:
    """Scenarios drawn at random: every figure of every endpoint."""
    from analyzer.simulate.far import Far

    prepare(ledger, BOOK, view)
    with reach(address) as spark, Ledger.throwaway() as outline:
        far = Far(spark, outline, str(table))
        far.prepare(BOOK, view)
        here, there = Simulation(ledger, BOOK, view), Simulation(outline, BOOK, view, far)
        for seed in seeds:
            assert _figures(there, drawn(seed)) == _figures(here, drawn(seed)), drawn(seed)


def _figures(simulation: Simulation, text: str) -> dict[str, Any]:
    """All that a scenario comes to, or why it cannot be told."""
    try:
        result = simulation.price(scenario(text))
    except SpendError as error:
        return {"error": str(error)}
    whole = {field.name: getattr(result, field.name) for field in fields(Result)}
    rows = result.endpoints.sort("endpoint", nulls_last=True).to_dicts()
    lists = ({name: sorted(value) if isinstance(value, list) else value for name, value in row.items()} for row in rows)
    idle = sorted(map(str, simulation.idle_words(result.scenario)))
    return {**whole, "endpoints": list(lists), "idle": idle}


def same_bytes(address: str, ledger: Ledger, folder: Path) -> None:
    """What ``analyze --json`` and ``simulate --json`` print, of a ledger's requests and of their export.

    The ledger that is asked holds the requests alone, as a table does: nothing was rejected, skipped or told twice.
    """
    table, alone, asked = folder / "requests.parquet", folder / "alone.duckdb", folder / "asked.toml"
    laid = "SELECT * EXCLUDE (source_id, record, records, fate) FROM requests"
    copy(ledger.connection, laid, table, "FORMAT parquet")
    with Ledger.open(alone, create=True) as made, made.transaction():
        store(made.connection, virtual(made.connection))
        made.connection.register("laid", ledger.connection.sql(laid).to_arrow_table())
        made.connection.execute("INSERT INTO requests BY NAME SELECT 1 AS source_id, 1 AS records, * FROM laid")
        count = made.connection.execute("SELECT count(*) FROM requests").fetchall()[0][0]
        made.connection.execute(sql("far_source"), [str(table), count, count, 0, 0, 0])
    asked.write_text(drawn(28), encoding="utf-8")
    there = ("--engine", address, "--table", f"requests={table}")
    for words in (("analyze", "--no-report"), ("simulate", "--scenario", asked)):
        told, expected = spend(*words, *there, "--json"), spend(*words, "--db", alone, "--json")
        assert (told.code, told.err) == (expected.code, expected.err)  # of a rule that takes nothing both tell
        assert expected.code == 0
        assert told.out == expected.out
