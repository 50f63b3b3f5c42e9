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
from elsewhere import VIEWS, ledgers, same_analysis, same_answers, same_blocks, tables
from support import BOOK, ROOT
from test_far_finance import Both

from analyzer.engines.engine import reach
from analyzer.engines.query import named
from analyzer.ledger import Ledger
from analyzer.simulate.relations import View

__all__ = ["ledgers", "tables"]  # fixtures

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(cluster.missing() is not None, reason=str(cluster.missing())),
]
pytest.importorskip("pyspark", reason="the extra `spark` is not installed")


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[cluster.Cluster]:
    with cluster.started(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.mark.parametrize(("data", "view"), [("made", "usual"), ("samples", "other")])
def test_every_answer_is_duckdbs(
    spark: cluster.Cluster, ledgers: Mapping[str, Ledger], tables: Mapping[str, Path], data: str, view: str
) -> None:
    same_answers(spark.address, ledgers[data], tables[data], VIEWS[view])


@pytest.mark.parametrize("data", ["made", "samples"])
def test_every_number_of_the_analysis_is_duckdbs(
    spark: cluster.Cluster, ledgers: Mapping[str, Ledger], tables: Mapping[str, Path], data: str
) -> None:
    same_analysis(spark.address, ledgers[data], tables[data], VIEWS["usual"], look_ahead=data == "samples")


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
    from analyzer.simulate.relations import prepare

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
