"""What is not known of a ledger's calls is found out once, and again when the ledger or the prices change."""

from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest
from conftest import call, load_paths, rows, write_lines

from analyzer.engines.query import base
from analyzer.ingest.forget import forget
from analyzer.ledger import Ledger
from analyzer.prices import Book
from analyzer.prices.own import rates
from analyzer.simulate import standing as standing_module
from analyzer.simulate.relations import keep_definitions
from analyzer.simulate.standing import counts_standing, standing

BOOK = Book.load()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Two calls, one of a model that nobody sells."""
    return write_lines(tmp_path / "a.jsonl", call(1), call(2, model="no-such-model"))


@pytest.fixture
def told(ledger: Ledger, log: Path) -> Ledger:
    """A ledger that holds them, of which the numbers that stand were made others to see whether they are used."""
    load_paths(ledger, log)
    assert counts_standing(ledger, BOOK).unpriced == 1
    rows(ledger, "UPDATE standing SET unpriced = 77")
    return ledger


def test_nothing_is_found_out_twice(told: Ledger) -> None:
    assert counts_standing(told, BOOK).unpriced == 77
    assert rows(told, "SELECT count(*) FROM standing") == [(1,)]


def test_a_known_log_changes_nothing(told: Ledger, log: Path) -> None:
    load_paths(told, log)
    assert counts_standing(told, BOOK).unpriced == 77


def test_another_log_does(told: Ledger, tmp_path: Path) -> None:
    load_paths(told, write_lines(tmp_path / "b.jsonl", call(3, model="no-such-model")))
    counts = counts_standing(told, BOOK)
    assert (counts.unpriced, counts.requests, counts.sources) == (2, 3, 2)


def test_forgetting_does(told: Ledger, log: Path) -> None:
    forget(told, [str(log)])
    assert counts_standing(told, BOOK).unpriced == 0


def test_other_prices_do(told: Ledger) -> None:
    own = rates({"no-such-model": {"input": "1", "output": "2"}}, "spend.toml")
    assert counts_standing(told, Book.load(own)).unpriced == 0
    assert counts_standing(told, BOOK).unpriced == 1


def test_definitions_of_other_prices_do(told: Ledger) -> None:
    keep_definitions(told, Book.load(rates({"no-such-model": {"input": "1", "output": "2"}}, "spend.toml")))
    assert counts_standing(told, BOOK).unpriced == 1


@pytest.mark.parametrize("what", ["a package", "a relation", "the code that lays prices out"])
def test_what_they_are_made_from_is_known_by_its_content(
    ledger: Ledger, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An update of the program, or of the packages with prices and holidays, may tell other numbers of the same ledger."""
    monkeypatch.setattr(standing_module, "keep_definitions", lambda ledger, book: None)
    before = standing_module.stand(ledger, BOOK)
    assert standing_module.stand(ledger, BOOK) == before

    if what == "a package":
        monkeypatch.setattr(standing_module, "version", lambda name: f"{name} of tomorrow")
    elif what == "a relation":
        usage = replace(base()["usage"], sql=base()["usage"].sql + " -- mended")
        monkeypatch.setattr(standing_module, "base", lambda: {**base(), "usage": usage})
    else:
        files = resources.files
        (tmp_path / "mended.sql").write_text("SELECT 1", encoding="utf-8")
        monkeypatch.setattr(resources, "files", lambda room: tmp_path if room == "analyzer.simulate" else files(room))

    assert standing_module.stand(ledger, BOOK) != before


def test_what_nobody_asks_for_is_not_counted(ledger: Ledger, log: Path) -> None:
    """How records ended stands in the ledger; what is unknown takes a look at every call."""
    load_paths(ledger, log)
    ended = standing(ledger, BOOK, wholly=False)
    assert vars(ended) == {"sources": 1, "records": 2, "requests": 2, "duplicates": 0, "skipped": 0, "rejected": 0}
    assert rows(ledger, "SELECT unmeasured, unpriced, cache_unknown, set_aside FROM standing") == [(None,) * 4]
    assert vars(standing(ledger, BOOK, wholly=True)) == vars(ended) | {
        "unmeasured": 0, "unpriced": 1, "cache_unknown": 0, "set_aside": 0
    }  # fmt: skip
    assert rows(ledger, "SELECT unpriced FROM standing") == [(1,)]
