"""The same questions on another engine: every answer equal to DuckDB's, cell by cell, and one message for every fault."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from concurrent import futures
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from elsewhere import SAMPLES, VIEWS, ledgers, sail, same_analysis, same_answers, same_blocks, tables
from support import CALM, PRO, call, cost, spend, write

from analyzer.engines.engine import DuckDB
from analyzer.engines.reach import reach
from analyzer.errors import EngineError
from analyzer.ledger import Ledger
from analyzer.report.file import copy
from analyzer.simulate.relations import View

pytestmark = pytest.mark.sail
pytest.importorskip("pyspark", reason="the extra `sail` is not installed")

__all__ = ["ledgers", "sail", "tables"]  # fixtures


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS.keys())
@pytest.mark.parametrize("data", ["made", "samples"])
def test_every_answer_is_duckdbs(
    sail: str, ledgers: Mapping[str, Ledger], tables: Mapping[str, Path], data: str, view: View
) -> None:
    same_answers(sail, ledgers[data], tables[data], view)


def test_both_engines_are_of_one_make(sail: str, ledgers: Mapping[str, Ledger]) -> None:
    """A table goes there and comes back as it was; a view knows the settings."""
    import pyarrow as pa

    noon = datetime(2026, 10, 1, 12)
    table = pa.table({"a": [2, 1, None], "seen": [noon, None, noon], "name": ["x", None, "y'\\"]})
    with reach(sail) as spark:
        for engine in (spark, DuckDB(ledgers["made"].connection)):
            engine.set(least=2, since=noon)
            engine.define("things", table)
            engine.view("large", "SELECT * FROM things WHERE a >= getvariable('least')", "here")

            assert engine.ask("SELECT a, seen, name FROM things ORDER BY a", "here").to_pylist() == [
                {"a": 1, "seen": None, "name": None},
                {"a": 2, "seen": noon, "name": "x"},
                {"a": None, "seen": noon, "name": "y'\\"},
            ]
            assert engine.ask("SELECT a FROM large", "here").to_pylist() == [{"a": 2}]
            assert engine.ask("SELECT a FROM things WHERE seen = getvariable('since') ORDER BY a", "here")[
                "a"
            ].to_pylist() == [2, None]
            engine.define("things", table.slice(0, 0))
            assert engine.ask("SELECT count(*) AS n FROM things", "here").to_pylist() == [{"n": 0}]


class Rows:
    """Rows that a cluster may keep; what happens to them is written down."""

    def __init__(self, said: list[str], text: str) -> None:
        self.said, self.text = said, text

    def persist(self) -> Rows:
        self.said.append(f"keep {self.text}")
        return self

    def unpersist(self) -> None:
        self.said.append(f"release {self.text}")

    def createOrReplaceTempView(self, name: str) -> None:  # noqa: N802
        self.said.append(f"name {name}")


class Session:
    """A session that only writes down."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def sql(self, text: str) -> Rows:
        return Rows(self.said, text)


def test_what_is_kept_is_released() -> None:
    """The room is the cluster's: what takes a name that was kept releases what had it, and in the end all goes."""
    from analyzer.engines.spark import Spark

    session = Session()
    spark = Spark(session, "sc://here:1")
    spark.keep("large", "SELECT a FROM t", "here")
    spark.keep("large", "SELECT b FROM t", "here")
    spark.keep("small", "SELECT c FROM large", "here")
    spark.release()
    spark.release()

    assert [one.replace("`", "") for one in session.said] == [
        "keep SELECT a FROM t",
        "name large",
        "keep SELECT b FROM t",
        "release SELECT a FROM t",
        "name large",
        "keep SELECT c FROM large",
        "name small",
        "release SELECT b FROM t",
        "release SELECT c FROM large",
    ]


# ------------------------------------------------------------------------------------------------ the command


def test_the_command_prints_the_same(sail: str, tables: Mapping[str, Path], tmp_path: Path) -> None:
    options = ("query", "endpoints", "--format", "json", "--month", "2026-09")
    ledger = tmp_path / "spend.duckdb"
    assert spend("ingest", *SAMPLES, "--db", ledger, "--quiet").code == 0

    here = spend(*options, "--db", ledger)
    there = spend(*options, "--engine", sail, "--table", f"requests={tables['samples']}")

    assert (there.code, there.err) == (0, "")
    assert there.out == here.out
    assert len(here.document["rows"]) > 3


def test_what_an_export_lays_down_is_read(sail: str, tmp_path: Path) -> None:
    """A ledger's requests, in a folder a month; in every shape of an answer."""
    ledger, folder = tmp_path / "spend.duckdb", tmp_path / "requests"
    assert spend("ingest", *SAMPLES, "--db", ledger, "--quiet").code == 0
    laid = ("--parquet", "--what", "requests", "--partition", "--output", folder)
    assert spend("export", *laid, "--db", ledger).code == 0
    assert len(list(folder.glob("month=*/*.parquet"))) > 1

    for shape in ("table", "csv", "json"):
        asked = ("query", "week_hours", "--format", shape, "--tz", "Asia/Shanghai")
        there = spend(*asked, "--engine", sail, "--table", f"requests={folder}")
        assert (there.code, there.out) == (0, spend(*asked, "--db", ledger).out)


def test_ids_in_paths_are_taken_together_by_both(sail: str, tmp_path: Path) -> None:
    paths = ["/a/1/2/x", "/a/3/4/x", "/v1/chat", "/t/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/m/gpt-4o-2024-08-06/7", "/a//9"]
    calls = [call(request_id=f"r{place}", endpoint=path) for place, path in enumerate(paths)]
    log = write(tmp_path / "log.jsonl", *calls)
    ledger, folder = tmp_path / "spend.duckdb", tmp_path / "requests"
    assert spend("ingest", log, "--db", ledger, "--quiet").code == 0
    laid = ("--parquet", "--what", "requests", "--partition", "--output", folder)
    assert spend("export", *laid, "--db", ledger).code == 0

    asked = ("query", "endpoints", "--format", "json", "--endpoint-by", "endpoint_pattern")
    here, there = spend(*asked, "--db", ledger), spend(*asked, "--engine", sail, "--table", f"requests={folder}")

    assert (there.code, there.out) == (0, here.out)
    patterns = {row["endpoint"]: row["requests"] for row in here.document["rows"]}
    assert patterns == {"/a/*/*/x": 2, "/v1/chat": 1, "/t/*": 1, "/m/gpt-4o-2024-08-06/*": 1, "/a//*": 1}


@pytest.mark.parametrize("view", [VIEWS["usual"], VIEWS["other"]], ids=["usual", "other"])
@pytest.mark.parametrize("data", ["made", "samples"])
def test_every_number_of_the_analysis_is_duckdbs(
    sail: str, ledgers: Mapping[str, Ledger], tables: Mapping[str, Path], data: str, view: View
) -> None:
    same_analysis(sail, ledgers[data], tables[data], view, look_ahead=data == "samples")


def test_the_analysis_is_printed_as_for_a_ledger(sail: str, tables: Mapping[str, Path], tmp_path: Path) -> None:
    """All but the lines on records, of which a table tells less."""
    here = spend("analyze", *SAMPLES, "--no-report", "--quiet")
    there = spend(
        "analyze", "--engine", sail, "--table", f"requests={tables['samples']}", "--report", tmp_path / "far.html"
    )

    assert there.code == 0, there.err
    mark = "Of the calls: "
    told = there.out.partition("Report: ")[0]
    assert told.partition(mark)[2].strip() == here.out.partition(mark)[2].strip()
    assert told.splitlines()[:3] == here.out.splitlines()[:3]
    assert (tmp_path / "far.html").stat().st_size > 100_000


def test_logs_and_ledgers_go_without_an_engine(sail: str, tmp_path: Path) -> None:
    table = ("--table", "requests=/x/")

    assert "goes without LOGs" in spend("analyze", *SAMPLES, "--engine", sail, *table).err
    assert "goes without --db" in spend("query", "totals", "--db", tmp_path / "a.duckdb", "--engine", sail, *table).err
    assert "--table goes with --engine" in spend("analyze", *SAMPLES, *table).err
    assert "no --table says" in spend("analyze", "--engine", sail).err
    assert "not understood" in spend("analyze", "--engine", sail, "--table", "calls=/x/").err


def test_a_ledger_of_the_configuration_gives_way(sail: str, tables: Mapping[str, Path], tmp_path: Path) -> None:
    (tmp_path / "far.toml").write_text(f'db = "{tmp_path / "none.duckdb"}"\n')

    ended = spend(
        "--config",
        tmp_path / "far.toml",
        "query",
        "totals",
        "--engine",
        sail,
        "--table",
        f"requests={tables['samples']}",
    )

    assert (ended.code, ended.err) == (0, "")
    assert not (tmp_path / "none.duckdb").exists()


# ------------------------------------------------------------------------------------------------ prefix blocks


def test_the_cache_of_prefix_blocks_is_duckdbs(sail: str, tmp_path: Path) -> None:
    same_blocks(sail, tmp_path)


def test_blocks_that_are_mere_numbers_stay_their_logs(sail: str, tmp_path: Path) -> None:
    """As exported: 1,000 tokens in two blocks of 512 at Flash, all hits as logged; asked of Pro, only the own log's are."""
    ledger, folder = tmp_path / "spend.duckdb", tmp_path / "requests"
    for name in ("one", "two"):
        records = [
            call(id=f"{name}{n}", hash_ids=[0, 1], cache_read_tokens=1000, ts=f"2026-05-01T10:0{n}:00Z") for n in (0, 1)
        ]
        assert spend("ingest", write(tmp_path / f"{name}.jsonl", *records), "--db", ledger, "--quiet").code == 0
    assert (
        spend("export", "--parquet", "--what", "requests", "--partition", "--output", folder, "--db", ledger).code == 0
    )
    asked = ("simulate", "--scenario", "all-pro", "--json")

    here, there = spend(*asked, "--db", ledger), spend(*asked, "--engine", sail, "--table", f"requests={folder}")

    assert (there.code, there.document["scenarios"]) == (0, here.document["scenarios"])
    pro = there.document["scenarios"][1]
    assert Decimal(pro["cost"]) == 2 * (cost(PRO, 1000, 0, 100) + cost(PRO, 0, 1000, 100)), (
        "the first of each log misses"
    )


# ------------------------------------------------------------------------------------------------ faults


def refused(*words: str | Path) -> tuple[str, str]:
    """The two lines of an error."""
    ended = spend("query", "totals", *words)
    lines = ended.err.splitlines()
    assert (ended.code, ended.out, len(lines)) == (1, "", 2), ended
    return lines[0], lines[1]


def written(folder: Path, columns: str) -> str:
    """A table of one request, with some columns."""
    with Ledger.throwaway() as ledger:
        copy(ledger.connection, f"SELECT {columns}", folder / "table.parquet", "FORMAT parquet")
    return f"requests={folder / 'table.parquet'}"


NEEDED = (
    f"'1' AS request_id, TIMESTAMP '{CALM[:-1]}' AS started_at, NULL::TIMESTAMP AS completed_at, '/a' AS endpoint, "
    "'deepseek-v4-flash' AS model, NULL::VARCHAR AS provider, NULL::VARCHAR AS service_tier, NULL::VARCHAR AS session_id, "
    "1000 AS input_tokens, 600 AS cache_read_tokens, 100 AS output_tokens, NULL::BIGINT AS reasoning_tokens"
)


def test_a_table_of_the_needed_columns_is_enough(sail: str, tmp_path: Path) -> None:
    """400 x 0.14 + 600 x 0.0028 + 100 x 0.28 USD per million."""
    ended = spend("query", "totals", "--engine", sail, "--table", written(tmp_path, NEEDED), "--format", "json")

    (row,) = ended.document["rows"]
    assert (row["requests"], row["cost"]) == (1, "0.00008568")


def test_a_row_that_does_not_say_its_calls_is_one_call(sail: str, tmp_path: Path) -> None:
    """As where a column came later, and what lay there before has nothing in it."""
    columns = f"{NEEDED}, NULL::BIGINT AS calls, NULL::BIGINT AS records"
    ended = spend("query", "totals", "--engine", sail, "--table", written(tmp_path, columns), "--format", "json")

    (row,) = ended.document["rows"]
    assert (row["requests"], row["cost"]) == (1, "0.00008568")


@pytest.mark.parametrize(("column", "kind"), [("started_at", "TIMESTAMP"), ("model", "VARCHAR")])
def test_rows_without_what_every_request_has_are_refused(column: str, kind: str, sail: str, tmp_path: Path) -> None:
    columns = ", ".join(
        f"NULL::{kind} AS {column}" if part.endswith(f" AS {column}") else part for part in NEEDED.split(", ")
    )

    said, remedy = refused("--engine", sail, "--table", written(tmp_path, columns))

    assert said.endswith("table.parquet: some of its rows have no started_at or no model")
    assert "view" in remedy


def test_missing_columns_are_named(sail: str, tmp_path: Path) -> None:
    columns = NEEDED.replace("AS model", "AS modell").replace("AS output_tokens", "AS tokens_out")

    said, remedy = refused("--engine", sail, "--table", written(tmp_path, columns))

    assert said.endswith("table.parquet: lacks the columns model, output_tokens")
    assert "request_id, started_at, completed_at, endpoint, model" in remedy


def test_columns_of_another_type_are_named(sail: str, tmp_path: Path) -> None:
    """A number in a text would be read otherwise by every engine."""
    columns = NEEDED.replace("1000 AS input_tokens", "'1000' AS input_tokens").replace(
        "100 AS output_tokens", "1e2 AS output_tokens"
    )

    said, _ = refused("--engine", sail, "--table", written(tmp_path, columns))

    assert said.endswith("input_tokens is string, not BIGINT; output_tokens is double, not BIGINT")


def test_requests_with_prefix_blocks_have_names_of_their_own(sail: str, tmp_path: Path) -> None:
    """Else nobody could tell which of two hits what."""
    one = NEEDED.replace("'1' AS", "NULL::VARCHAR AS") + ", ['a', 'b'] AS prefix_blocks, 512 AS block_size"
    blocks = written(tmp_path, f"{one} UNION ALL SELECT {one}")

    priced = spend("query", "totals", "--engine", sail, "--table", blocks, "--format", "json")
    ended = spend("analyze", "--no-report", "--engine", sail, "--table", blocks)

    assert priced.document["rows"][0]["cost"] == "0.00017136"
    assert (ended.code, ended.out) == (1, "")
    assert "of 2 requests with prefix blocks only 0 have a request_id of their own" in ended.err
    assert "leave prefix_blocks out" in ended.err


@pytest.mark.parametrize("place", ["/no/such/folder/", "no_such_table", "catalog.db.no_such_table"])
def test_a_table_that_is_not_there(sail: str, place: str) -> None:
    said, remedy = refused("--engine", sail, "--table", f"requests={place}")

    assert f"--table requests={place}: cannot be read by {sail}" in said
    assert "catalog" in remedy


def test_what_only_a_ledger_tells(sail: str, tables: Mapping[str, Path]) -> None:
    ended = spend("query", "rejected", "--engine", sail, "--table", f"requests={tables['samples']}")

    assert ended.code == 1
    assert "query rejected: reads rejected, sources" in ended.err


def test_nothing_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    said, remedy = refused("--engine", f"sc://127.0.0.1:{port}", "--table", "requests=/x/")

    assert f"sc://127.0.0.1:{port}: cannot be reached" in said
    assert "port" in remedy


def test_something_else_answers() -> None:
    """A server that is none of Spark's: it takes connections and closes them."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=hang_up, args=[server], daemon=True).start()

        said, remedy = refused("--engine", f"sc://127.0.0.1:{server.getsockname()[1]}", "--table", "requests=/x/")

    assert "does not answer as a Spark Connect server" in said
    assert "use_ssl" in remedy


def hang_up(server: socket.socket) -> None:
    while True:
        try:
            server.accept()[0].close()
        except OSError:
            return


@pytest.mark.parametrize(
    ("code", "version", "words"),
    [
        ("UNAUTHENTICATED", "", "the server refused the token"),
        ("PERMISSION_DENIED", "", "the server refused the token"),
        ("UNIMPLEMENTED", "", "no Spark Connect server answers there"),
        (None, "3.4.1", "its Spark is of version 3.4.1, too old"),
        ("INTERNAL", "", "the query failed there: a "),
    ],
)
def test_a_server_that_refuses(code: str | None, version: str, words: str) -> None:
    """One message, in which the token is not; what the server says is shown without its control characters."""
    with Answering(code, version) as port:
        said, _ = refused("--engine", f"sc://127.0.0.1:{port}", "--table", "requests=/x/")

    assert words in said
    assert "\x1b" not in said


class Answering:
    """A server of the protocol that says but one thing, to whatever it is asked."""

    def __init__(self, code: str | None, version: str) -> None:
        import grpc
        from pyspark.sql.connect import proto

        def answer(data: bytes, context: grpc.ServicerContext) -> Any:
            if code is None:
                session = proto.AnalyzePlanRequest.FromString(data).session_id
                return proto.AnalyzePlanResponse(session_id=session, spark_version={"version": version})
            context.abort(grpc.StatusCode[code], "a \x1b[31mstrange\x1b[0m reason")
            raise AssertionError

        handler = grpc.unary_unary_rpc_method_handler(
            answer, lambda data: data, lambda message: message.SerializeToString()
        )

        class All(grpc.GenericRpcHandler):
            def service(self, _: object) -> Any:
                return handler

        self._server = grpc.server(futures.ThreadPoolExecutor(2), handlers=[All()])
        self._port = self._server.add_insecure_port("127.0.0.1:0")

    def __enter__(self) -> int:
        self._server.start()
        return self._port

    def __exit__(self, *_: object) -> None:
        self._server.stop(None)


def test_the_token_is_in_no_message() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    for address in (f"sc://127.0.0.1:{port}/;token=SECRET;use_ssl=true", "sc://[:1/;token=SECRET", "token=SECRET"):
        with pytest.raises(EngineError) as raised, reach(address):
            pass
        assert "SECRET" not in f"{raised.value} {raised.value.remedy}"
