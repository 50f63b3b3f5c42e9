"""A real Spark cluster of processes on this machine: the authority on what Spark answers."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import cluster
import pytest
from elsewhere import VIEWS, ledgers, same_answers, same_blocks, same_bytes, same_scenarios, tables
from support import BOOK, ROOT, spend, write
from test_far_finance import Both

from analyzer.engines.query import named
from analyzer.engines.reach import reach
from analyzer.ledger import Ledger
from analyzer.report.file import copy
from analyzer.simulate.relations import View, prepare

__all__ = ["ledgers", "tables"]  # fixtures

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(cluster.missing() is not None, reason=str(cluster.missing())),
]
# Of those that `test_far_scenarios.py` compares: every glob, with shares of sessions and of tokens and a replayed cache; a cascade
# with cold caches; a subscription with own prices; requests that wait.
SCENARIOS = (11, 14, 16, 23)


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[cluster.Cluster]:
    """One cluster for all tests; the last of them ends its server."""
    with cluster.started(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.mark.parametrize(("data", "view"), [("made", "usual"), ("samples", "other")])
def test_every_answer_is_duckdbs(
    spark: cluster.Cluster, ledgers: Mapping[str, Ledger], tables: Mapping[str, Path], data: str, view: str
) -> None:
    same_answers(spark.address, ledgers[data], tables[data], VIEWS[view])


def test_what_is_printed_is_the_same_to_the_byte(
    spark: cluster.Cluster, ledgers: Mapping[str, Ledger], tmp_path: Path
) -> None:
    same_bytes(spark.address, ledgers["samples"], tmp_path)


def test_scenarios_drawn_at_random(
    spark: cluster.Cluster, ledgers: Mapping[str, Ledger], tables: Mapping[str, Path]
) -> None:
    same_scenarios(spark.address, ledgers["made"], tables["made"], VIEWS["usual"], SCENARIOS)


def test_the_cache_of_prefix_blocks_is_duckdbs(spark: cluster.Cluster, tmp_path: Path) -> None:
    same_blocks(spark.address, tmp_path)


def test_reviews_and_exports_are_the_same(spark: cluster.Cluster, tmp_path: Path) -> None:
    both = Both(tmp_path, spark.address, ROOT / "sample_logs")

    here, there = both.reviewed("2026-10", "--as-of", "2026-11-03")
    exported = both.ask("export", "--focus", "--output", "-")

    assert json.dumps(there) == json.dumps(here)
    assert exported[0] == exported[1]


def test_a_query_survives_the_loss_of_an_executor(
    spark: cluster.Cluster, ledgers: Mapping[str, Ledger], tables: Mapping[str, Path]
) -> None:
    """One of the two is killed in the middle; the answer is the same."""
    from analyzer.simulate.far import Far

    prepare(ledgers["made"], BOOK, View())
    query = named("endpoints")
    with reach(spark.address) as there, Ledger.throwaway() as outline:
        far = Far(there, outline, str(tables["made"]))
        far.define(BOOK, View())
        far.answer(query)  # once, so that executors run
        executors = spark.executors()
        assert len(executors) == 2
        killer = threading.Timer(0.3, os.kill, [executors[0], signal.SIGKILL])
        begun = time.monotonic()
        killer.start()
        found = far.answer(query)
        took = time.monotonic() - begun
        killer.join()

    assert took > 0.3, "the query was over before the executor was lost"
    assert executors[0] not in spark.executors()
    assert found.rows() == query.frame(ledgers["made"].connection).rows()


def test_parts_under_one_glob_count_each_call_once(
    spark: cluster.Cluster, ledgers: Mapping[str, Ledger], tmp_path: Path
) -> None:
    """All requests in one folder, and those with an identity in another one, too."""
    connection = ledgers["samples"].connection
    for name, condition in (("all", "true"), ("again", "request_id IS NOT NULL")):
        (tmp_path / name).mkdir()
        file = tmp_path / name / "part.parquet"
        copy(connection, f"SELECT * FROM requests WHERE {condition}", file, "FORMAT parquet")
    prepare(ledgers["samples"], BOOK, View())

    ended = spend(
        "query", "totals", "--format", "json", "--engine", spark.address, "--table", f"requests={tmp_path}/*/"
    )

    (totals,) = ended.document["rows"]
    expected = named("totals").frame(connection).row(0, named=True)
    assert (totals["requests"], totals["input_tokens"]) == (expected["requests"], expected["input_tokens"])
    assert "tell of a call again: each call counts once" in ended.err


def test_a_table_that_is_none_has_one_message(
    spark: cluster.Cluster, ledgers: Mapping[str, Ledger], tmp_path: Path
) -> None:
    """It lacks a column, or holds something else."""
    lacking = "SELECT * EXCLUDE (model) FROM requests"
    copy(ledgers["samples"].connection, lacking, tmp_path / "lacking.parquet", "FORMAT parquet")
    (tmp_path / "logs").mkdir()
    write(tmp_path / "logs" / "2026-10-01", "words")

    for place, said in (
        ("lacking.parquet", "lacks the column model"),
        ("logs/", "neither JSON lines nor CSV there"),
        ("none/", "cannot be read by"),
    ):
        ended = spend("query", "totals", "--engine", spark.address, "--table", f"requests={tmp_path / place}/")
        assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 2)
        assert said in ended.err


def test_a_server_that_goes_away_leaves_nothing_behind(
    spark: cluster.Cluster, tables: Mapping[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed in the middle of an analysis, when it is asked the tenth question: one message, no report."""
    from analyzer.engines.spark import Spark

    asked: list[str] = []
    ask = Spark.ask

    def counted(self: Spark, sql: str, origin: str) -> object:
        asked.append(origin)
        if len(asked) == 10:
            os.kill(spark.processes["connect"].pid, signal.SIGKILL)
        return ask(self, sql, origin)

    monkeypatch.setattr(Spark, "ask", counted)
    monkeypatch.setattr("analyzer.engines.spark._PATIENCE", {"max_retries": 3})
    page = tmp_path / "page.html"
    ended = spend(
        "analyze", "--engine", spark.address, "--table", f"requests={tables['made']}", "--report", page, "--quiet"
    )

    assert len(asked) == 10
    assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 2), ended
    assert "the server does not answer as a Spark Connect server, or went away" in ended.err
    assert "nothing was written" in ended.err
    assert not list(tmp_path.iterdir())
