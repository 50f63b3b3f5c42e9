"""Ledgers that somebody has changed by hand: one line that says what, one that says what to do, never a traceback."""

import shutil
from pathlib import Path

import duckdb
import pytest
from conftest import call, write_lines
from support import spend

from analyzer.errors import LedgerError
from analyzer.ledger import Ledger
from analyzer.ledger.schema import migrations
from analyzer.ledger.shape import changed

REMEDY = "  somebody has changed it; make a new one from your logs with spend ingest\n"


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of one log, priced once, so that it holds all that the program leaves in one."""
    folder = tmp_path_factory.mktemp("usual")
    log = write_lines(folder / "a.jsonl", call(1), call(2), "no JSON")
    spend("ingest", log, "--db", folder / "l.duckdb", "--quiet")
    spend("query", "totals", "--db", folder / "l.duckdb")
    return folder / "l.duckdb"


@pytest.fixture
def ledger(usual: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copy(usual, tmp_path / "l.duckdb"))


def change(ledger: Path, *statements: str) -> None:
    with duckdb.connect(str(ledger)) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.mark.endurance
@pytest.mark.parametrize(
    ("statements", "told"),
    [
        (["UPDATE ledger SET version = 0"], "its version, 0, is none that a ledger can have"),
        (["UPDATE ledger SET version = -1"], "its version, -1, is none that a ledger can have"),
        (
            ["ALTER TABLE ledger ALTER version DROP NOT NULL", "UPDATE ledger SET version = NULL"],
            "its version, None, is none that a ledger can have",
        ),
        (
            ["ALTER TABLE ledger ALTER version TYPE VARCHAR", "UPDATE ledger SET version = 'last'"],
            "its version, last, is none that a ledger can have",
        ),
        (
            ["ALTER TABLE ledger ALTER version TYPE DOUBLE", "UPDATE ledger SET version = 'nan'"],
            "its version, nan, is none that a ledger can have",
        ),
        (["UPDATE ledger SET version = 1"], "its tables are not those of version 1, which it says to have"),
        (["UPDATE ledger SET version = 5"], "its tables are not those of version 5, which it says to have"),
        (["DROP TABLE sources"], "it has no table sources"),
        (["ALTER TABLE sources DROP COLUMN path"], "its table sources has no column path"),
        (
            ["ALTER TABLE sources ALTER records TYPE VARCHAR"],
            "its column sources.records is of type VARCHAR, not BIGINT",
        ),
        (
            ["ALTER TABLE sources ALTER path DROP NOT NULL", "UPDATE sources SET path = NULL"],
            "its column sources.path holds nothing, where something must stand",
        ),
        (
            ["ALTER TABLE skipped RENAME TO s", "CREATE VIEW skipped AS SELECT source_id, records FROM s"],
            "its skipped is a view, and no table",
        ),
    ],
)
def test_status_says_what_is_wrong(statements: list[str], told: str, ledger: Path) -> None:
    change(ledger, *statements)
    ended = spend("status", "--db", ledger)
    assert (ended.code, ended.out, ended.err) == (1, "", f"spend: {ledger}: {told}\n{REMEDY}")


@pytest.mark.endurance
@pytest.mark.parametrize(
    ("statements", "words", "told"),
    [
        (["DROP TABLE requests"], ["query", "totals"], "it has no table requests"),
        (["DROP TABLE closings"], ["export", "--csv", "--output", "-"], "it has no table closings"),
        (
            ["ALTER TABLE requests ADD COLUMN mine INTEGER"],
            ["forget", "*a.jsonl"],
            "its table requests has a column mine that no ledger has",
        ),
        (
            ["UPDATE requests SET input_tokens = 9223372036854775807"],
            ["simulate"],
            "its column requests.input_tokens holds a count that no log may tell",
        ),
    ],
)
def test_other_commands_do_so_where_they_meet_it(
    statements: list[str], words: list[str], told: str, ledger: Path
) -> None:
    change(ledger, *statements)
    ended = spend(*words, "--db", ledger)
    assert (ended.code, ended.err) == (1, f"spend: {ledger}: {told}\n{REMEDY}")


@pytest.mark.endurance
def test_nothing_is_wrong_with_one_that_was_used(ledger: Path) -> None:
    with Ledger.open(ledger) as opened:
        assert changed(opened.connection, tuple(migrations().values()), "it") is None


class TestAnEmptyOne:
    """The same, of a ledger that nothing was read into."""

    @pytest.fixture
    def empty(self, tmp_path: Path) -> Path:
        Ledger.open(tmp_path / "l.duckdb", create=True).close()
        return tmp_path / "l.duckdb"

    @pytest.mark.parametrize("version", ["0", "-1", "5"])
    def test_a_version_that_is_none_is_refused_and_nothing_changed(self, version: str, empty: Path) -> None:
        change(empty, f"UPDATE ledger SET version = {version}")
        before = empty.read_bytes()
        with pytest.raises(LedgerError, match=r"its (version, .*, is none|tables are not those of version 5)"):
            Ledger.open(empty)
        assert empty.read_bytes() == before

    def test_what_fails_over_one_says_what_is_wrong_with_it(self, empty: Path) -> None:
        change(empty, "DROP TABLE sources")
        with pytest.raises(LedgerError, match="it has no table sources"), Ledger.open(empty) as opened:
            opened.sources()

    def test_a_mistake_of_ours_stays_one(self, empty: Path) -> None:
        """Else it would be blamed on whoever has the ledger."""
        with pytest.raises(duckdb.BinderException), Ledger.open(empty) as opened:
            opened.connection.execute("SELECT nonesuch FROM requests")
