"""One request, two requests: what is said of a number fits it."""

from pathlib import Path

import pytest
from support import call, spend, write

from analyzer.counted import counted


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0 requests"), (1, "1 request"), (2, "2 requests"), (1000, "1,000 requests"), (-1, "-1 request")],
)
def test_a_number_has_its_noun(number: int, said: str) -> None:
    assert counted(number, "request") == said


def test_a_verb_may_go_with_it() -> None:
    assert (counted(1, "record is", "records are"), counted(2, "record is", "records are")) == (
        "1 record is",
        "2 records are",
    )


@pytest.mark.endurance
def test_one_of_each(tmp_path: Path) -> None:
    """One call, told twice by one log: two records of which one is a duplicate."""
    log, db = write(tmp_path / "log.jsonl", call(id="a"), call(id="a")), tmp_path / "spend.duckdb"

    analyzed = spend("analyze", log, "--no-report").out
    kept = spend("ingest", log, "--db", db)
    status = spend("status", "--db", db).out
    gone = spend("forget", log, "--db", db).out

    assert "2 records in 1 log = 1 request + 1 duplicate + 0 skipped + 0 rejected\n" in analyzed
    assert "\n1 request, 1,000 tokens in, 100 out, " in analyzed
    assert kept.code == 0
    assert "2 records = 1 request + 1 duplicate\n" in status
    assert "2 records went.\n" in gone
