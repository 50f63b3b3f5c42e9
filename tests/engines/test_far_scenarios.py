"""Scenarios drawn at random on another engine: every figure of every endpoint is DuckDB's."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from elsewhere import VIEWS, sail, same_scenarios
from made import lay_down, make
from random_scenarios import drawn
from support import scenario

from analyzer.ledger import Ledger
from analyzer.simulate.routing import GLOBS, RANGES

__all__ = ["sail"]  # fixtures

DRAWN = 50
# A million takes minutes for each ten scenarios: docs/spark.md says what came of it.
REQUESTS = int(os.environ.get("SPEND_FAR_REQUESTS", "20000"))


def test_the_whole_vocabulary_is_drawn() -> None:
    """Each word in some scenario that is compared, each kind of cache and of part; most are files of their own."""
    texts = [drawn(seed) for seed in range(DRAWN)]
    read = [scenario(text) for text in texts]
    rules = [rule for each in read for rule in each.rules]

    assert len(set(texts)) == DRAWN
    assert {each.cache for each in read} == {"modelled", "transferred", "cold"}
    for word in ("hit_rate", "escalate", "off_peak", "fixed_fee", "price_date"):
        assert {getattr(each, word) is None for each in read} == {True, False}, word
    for word in ("output_ratio", "input_ratio", "prices"):
        assert {bool(getattr(each, word)) for each in read} == {True, False}, word
    assert len({each.cache_ttl for each in read}) > 5
    assert {word for rule in rules for word in rule.globs} == set(GLOBS)
    for ends in ([rule.least for rule in rules], [rule.most for rule in rules]):
        assert {word for end in ends for word in end} == set(RANGES)
    for word in ("share", "token_share"):
        assert {getattr(rule, word) is None for rule in rules} == {True, False}, word


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Any]]:
    """Requests in a ledger and as a table."""
    with Ledger.throwaway() as ledger:
        make(ledger, REQUESTS)
        yield {"ledger": ledger, "table": lay_down(ledger, tmp_path_factory.mktemp("tables") / "made")}


@pytest.mark.sail
@pytest.mark.parametrize(("view", "seeds"), [("usual", range(35)), ("other", range(35, DRAWN))], ids=["usual", "other"])
def test_scenarios_drawn_at_random(sail: str, made: Mapping[str, Any], view: str, seeds: range) -> None:
    ledger: Ledger = made["ledger"]
    table: Path = made["table"]
    same_scenarios(sail, ledger, table, VIEWS[view], seeds)
