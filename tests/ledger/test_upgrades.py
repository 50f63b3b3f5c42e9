"""Ledgers of every version that was released: they open, give the same numbers as ever, and go on being ledgers."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import duckdb
import pytest
from conftest import call as sound_call
from conftest import counts, load_paths, rows, write_lines

from analyzer.ingest.forget import forget
from analyzer.ledger import Ledger
from analyzer.ledger import ledger as opening
from tests.support import FLASH, PRO, ROOT, cost, spend

SHELL = Path(sys.executable).with_name("duckdb")  # the previous major version of DuckDB
SCRIPTS = sorted((ROOT / "analyzer" / "ledger" / "migrations").glob("*.sql"))
VERSIONS = range(1, len(SCRIPTS) + 1)

# A ledger is what these scripts make of it, so one of version 3 is the first three and some rows. That holds as long as
# none is changed once it was released.
RELEASED = {
    "0001_begin.sql": "f37060fcf8162199",
    "0002_every_log.sql": "80cc3444d7e4384f",
    "0003_seen.sql": "411e91efb00f3414",
    "0004_billed_apart.sql": "dc7726795b323692",
    "0005_standing.sql": "2d8d42d789606278",
    "0006_closings.sql": "6ef361eaa79f9de9",
    "0007_standing_later.sql": "6b273941804796c4",
    "0008_places.sql": "564554df9fd26125",
    "0009_taken_up.sql": "cb529ce1405ac7da",
}

# Two logs as version 1 kept them: two requests, a duplicate, a skipped record and a rejected one; and one of an export.
ROWS = """
INSERT INTO sources (source_id, path, format, opening, fingerprint, bytes, lines, records, requests, duplicates, skipped, rejected, pending)
VALUES (1, 'logs/a.jsonl', 'generic', 'opening-a', 'fingerprint-a', 500, 5, 5, 2, 1, 1, 1, 0),
       (2, 'logs/b.jsonl', 'generic', 'opening-b', 'fingerprint-b', 100, 1, 1, 1, 0, 0, 0, 7);
INSERT INTO requests (source_id, records, calls, request_id, started_at, endpoint, model, session_id, api_key_name, team, user_name,
    status, input_tokens, cache_read_tokens, output_tokens, reasoning_tokens)
VALUES (1, 1, 1, 'r1', TIMESTAMP '2026-05-01 10:00:00', '/chat', 'deepseek-v4-flash', 's1', 'ci', 'red', 'ann', '200', 1000, 600, 100, 40),
       (1, 1, 1, 'r2', TIMESTAMP '2026-05-01 11:00:00', '/chat', 'deepseek-v4-pro', 's1', 'ci', 'red', 'ann', '200', 2000, 0, 300, NULL),
       (2, 1, 1, NULL, TIMESTAMP '2026-05-02 10:00:00', '/other', 'unheard-of', NULL, NULL, NULL, NULL, NULL, 5, NULL, 5, NULL);
INSERT INTO rejected VALUES (1, 4, 'not valid JSON at character 2 of the line: Expecting property name');
INSERT INTO skipped VALUES (1, 'a user turn', 1);
"""


def written(version: int, path: Path) -> Path:
    """A ledger of a version, written by the previous major version of DuckDB where that is here."""
    steps = [f"{script.read_text(encoding='utf-8')}\nUPDATE ledger SET version = {number};"
             for number, script in enumerate(SCRIPTS[:version], 1)]  # fmt: skip
    text = "\n".join([*steps, ROWS])
    if SHELL.exists():
        subprocess.run([SHELL, path], input=text, check=True, capture_output=True, text=True)
    else:
        with duckdb.connect(str(path)) as connection:
            connection.execute(text)
    return path


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_no_released_migration_was_changed(script: Path) -> None:
    """A new one gets a line in RELEASED when it is released, and stays."""
    if script.name in RELEASED:
        assert hashlib.sha256(script.read_bytes()).hexdigest()[:16] == RELEASED[script.name]


def test_there_is_a_ledger_of_every_version() -> None:
    assert [int(script.name[:4]) for script in SCRIPTS] == list(VERSIONS)
    assert list(RELEASED) == [script.name for script in SCRIPTS][: len(RELEASED)]


@pytest.mark.parametrize(
    "version",
    [
        pytest.param(version, marks=[] if version in {min(VERSIONS), max(VERSIONS)} else [pytest.mark.endurance])
        for version in VERSIONS
    ],
)
class TestEachVersion:
    def test_it_gives_the_same_numbers(self, version: int, tmp_path: Path) -> None:
        path = written(version, tmp_path / "l.duckdb")
        ended = spend("status", "--db", path, "--json")
        assert ended.err == ""
        told = ended.document["ledger"]
        assert {name: told[name] for name in ("sources", "records", "requests", "duplicates", "skipped", "rejected")} == {
            "sources": 2, "records": 6, "requests": 3, "duplicates": 1, "skipped": 1, "rejected": 1,
        }  # fmt: skip
        assert (told["unpriced"], told["unmeasured"], told["cache_unknown"]) == (1, 0, 1)
        models = spend("query", "models", "--db", path, "--format", "json").document["rows"]
        found = {row["model"]: row["cost"] for row in models}
        assert found == {
            "deepseek-v4-flash": str(cost(FLASH, 400, 600, 100).normalize()),
            "deepseek-v4-pro": str(cost(PRO, 2000, 0, 300).normalize()),
            "unheard-of": None,
        }
        assert ended.document["rejected"][0]["reason"].startswith("not valid JSON at character 2")

    @pytest.mark.endurance
    def test_it_takes_logs_and_forgets_them(self, version: int, tmp_path: Path) -> None:
        path = written(version, tmp_path / "l.duckdb")
        log = write_lines(tmp_path / "a.jsonl", sound_call(1, request_id="r1", provider="azure"), sound_call(2))
        with Ledger.open(path) as ledger:
            load_paths(ledger, log)
            assert counts(ledger) == {"records": 8, "requests": 4, "duplicates": 2, "skipped": 1, "rejected": 1}
            forget(ledger, [str(log)])
            assert counts(ledger) == {"records": 6, "requests": 3, "duplicates": 1, "skipped": 1, "rejected": 1}
            assert rows(ledger, "SELECT version FROM ledger") == [(len(SCRIPTS),)]
        with Ledger.open(path) as ledger:
            assert counts(ledger)["requests"] == 3

    @pytest.mark.endurance
    def test_an_upgrade_that_breaks_off_goes_on_the_next_time(self, version: int, tmp_path: Path) -> None:
        path = written(version, tmp_path / "l.duckdb")
        if version == len(SCRIPTS):
            pytest.skip("there is nothing to do")
        scripts = dict(opening.migrations())
        last = max(scripts)
        broken = scripts | {last: scripts[last] + "\nSELECT error('the power went');"}
        with (
            patch.object(opening, "migrations", return_value=broken),
            pytest.raises(duckdb.Error, match="the power went"),
        ):
            Ledger.open(path)
        with Ledger.open(path) as ledger:
            assert counts(ledger)["requests"] == 3
            assert rows(ledger, "SELECT version FROM ledger") == [(last,)]


def test_a_newer_one_is_refused_politely_and_left_alone(tmp_path: Path) -> None:
    path = written(len(SCRIPTS), tmp_path / "l.duckdb")
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE ledger SET version = 999")
        connection.execute("CREATE TABLE from_the_future (x INTEGER)")
    before = path.read_bytes()
    for words in (("status",), ("query", "totals"), ("ingest", write_lines(tmp_path / "a.jsonl", sound_call(1))), ("forget", "*")):  # fmt: skip
        ended = spend(*words, "--db", path)
        assert ended.code == 1
        assert re.fullmatch(
            rf"spend: .*l\.duckdb: written by a newer version of spend \(schema 999, this program knows {len(SCRIPTS)}\)\n"
            r"  update with: pip install --upgrade spend-analyzer\n",
            ended.err,
        )
    assert path.read_bytes() == before
