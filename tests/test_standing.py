"""What is not known of a ledger's calls is found out once, and again when the ledger or the prices change."""

from pathlib import Path

import pytest
from conftest import call, load_paths, rows, write_lines

from analyzer.ingest.forget import forget
from analyzer.ledger import Ledger
from analyzer.prices import Book
from analyzer.prices.own import rates
from analyzer.simulate.relations import keep_definitions
from analyzer.simulate.standing import stand

BOOK = Book.load()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Two calls, one of a model that nobody sells."""
    return write_lines(tmp_path / "a.jsonl", call(1), call(2, model="no-such-model"))


@pytest.fixture
def told(ledger: Ledger, log: Path) -> Ledger:
    """A ledger that holds them, of which the numbers that stand were made others to see whether they are used."""
    load_paths(ledger, log)
    assert stand(ledger, BOOK).unpriced == 1
    rows(ledger, "UPDATE standing SET unpriced = 77")
    return ledger


def test_nothing_is_found_out_twice(told: Ledger) -> None:
    assert stand(told, BOOK).unpriced == 77
    assert rows(told, "SELECT count(*) FROM standing") == [(1,)]


def test_a_known_log_changes_nothing(told: Ledger, log: Path) -> None:
    load_paths(told, log)
    assert stand(told, BOOK).unpriced == 77


def test_another_log_does(told: Ledger, tmp_path: Path) -> None:
    load_paths(told, write_lines(tmp_path / "b.jsonl", call(3, model="no-such-model")))
    counts = stand(told, BOOK)
    assert (counts.unpriced, counts.requests, counts.sources) == (2, 3, 2)


def test_forgetting_does(told: Ledger, log: Path) -> None:
    forget(told, [str(log)])
    assert stand(told, BOOK).unpriced == 0


def test_other_prices_do(told: Ledger) -> None:
    own = rates({"no-such-model": {"input": "1", "output": "2"}}, "spend.toml")
    assert stand(told, Book.load(own)).unpriced == 0
    assert stand(told, BOOK).unpriced == 1


def test_definitions_of_other_prices_do(told: Ledger) -> None:
    keep_definitions(told, Book.load(rates({"no-such-model": {"input": "1", "output": "2"}}, "spend.toml")))
    assert stand(told, BOOK).unpriced == 1
