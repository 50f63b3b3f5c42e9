"""Tables of several parts on another engine: a call that stands in two of them counts once, the same one as in a ledger."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from elsewhere import sail
from support import call, spend, write

from analyzer.engines.reach import reach
from analyzer.engines.table import places
from analyzer.errors import UsageError
from analyzer.ledger import Ledger
from analyzer.report.file import copy

pytestmark = pytest.mark.sail
pytest.importorskip("pyspark", reason="the extra `sail` is not installed")

__all__ = ["sail"]  # fixtures

# What two machines read. Both met call 2 (a stream's snapshot and its end), call 3 (with and without its team) and call 4,
# each a call without an identity.
FIRST = [
    call(id="chatcmpl-1", session="s"),
    call(id="chatcmpl-2", output_tokens=10),
    call(id="chatcmpl-3", team="a", endpoint="/told"),
    call(id="chatcmpl-4", endpoint="/b"),
    call(id=..., input_tokens=7, cache_read_tokens=0),
]
SECOND = [
    call(id="chatcmpl-2", output_tokens=90),
    call(id="chatcmpl-3"),
    call(id="chatcmpl-4", endpoint="/a"),
    call(id="chatcmpl-5", endpoint=...),
    call(id=..., input_tokens=8, cache_read_tokens=0),
]


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """A ledger of all logs, and each machine's export."""
    folder = tmp_path_factory.mktemp("parts")
    for name, records in (("first", FIRST), ("second", SECOND)):
        log, ledger = write(folder / f"{name}.jsonl", *records), folder / f"{name}.duckdb"
        assert spend("ingest", log, "--db", ledger, "--quiet").code == 0
        assert spend("ingest", log, "--db", folder / "whole.duckdb", "--quiet").code == 0
        laid = ("--parquet", "--what", "requests", "--partition", "--output", folder / name)
        assert spend("export", *laid, "--db", ledger).code == 0
    return {"whole": folder / "whole.duckdb", "first": folder / "first", "second": folder / "second"}


@pytest.mark.parametrize(
    "order", [("first", "second"), ("second", "first"), ("first", "second", "first"), ("{first,second}",)]
)
def test_a_call_of_two_parts_counts_once(sail: str, parts: Mapping[str, Path], order: tuple[str, ...]) -> None:
    """Named one by one, in any order, or with one glob. What identifies no call counts in each part."""
    named = [f"--table=requests={parts['first'].parent / part}/" for part in order]

    here = spend("analyze", "--db", parts["whole"], "--json", "--no-report").document
    there = spend("analyze", "--engine", sail, *named, "--json", "--no-report")

    told = there.document
    # 2 + 3 + 4: a record each of which the other part tells.
    assert told.pop("ledger")["duplicates"] == 3
    assert "3 records tell of a call again: each call counts once" in there.err
    ledger = here.pop("ledger")
    assert (ledger["duplicates"], here["totals"]["requests"]) == (3, 7)
    assert json.dumps(told) == json.dumps(here)


def test_one_part_has_each_call_once_already(sail: str, parts: Mapping[str, Path]) -> None:
    ended = spend("query", "totals", "--engine", sail, "--table", f"requests={parts['first']}/")

    assert (ended.code, ended.err) == (0, "")


def test_who_wants_no_notes_gets_none(sail: str, parts: Mapping[str, Path]) -> None:
    tables = (f"--table=requests={parts[name]}/" for name in ("first", "second"))
    ended = spend("simulate", "--scenario", "all-pro", "--engine", sail, *tables, "--quiet")

    assert (ended.code, ended.err) == (0, "")


# ------------------------------------------------------------------------------------------------ what is named


def test_tables_may_be_named_several_times() -> None:
    assert places(("requests=/a/", "requests=b.c", "requests=/a/")) == ("/a/", "b.c")
    with pytest.raises(UsageError, match="calls=/b/: not understood"):
        places(("requests=/a/", "calls=/b/"))


def test_each_of_several_tables_must_have_the_columns(sail: str, parts: Mapping[str, Path], tmp_path: Path) -> None:
    with Ledger.throwaway() as ledger:
        copy(ledger.connection, "SELECT 1 AS request_id", tmp_path / "odd.parquet", "FORMAT parquet")
    tables = (f"--table=requests={parts['first']}/", f"--table=requests={tmp_path / 'odd.parquet'}")

    ended = spend("query", "totals", "--engine", sail, *tables)

    assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 2)
    assert f"--table requests={tmp_path / 'odd.parquet'}: lacks the columns started_at, completed_at" in ended.err


@pytest.mark.parametrize("name", ["calls.jsonl", "calls.jsonl.gz", "*.csv", "calls.json.zst", "2026.log", "folder/"])
def test_logs_as_they_were_written_are_not_read_where_a_server_tells_no_files(
    sail: str, tmp_path: Path, name: str
) -> None:
    """By their names, or by what lies in a folder: one message, and the way to go."""
    (tmp_path / "folder").mkdir()
    write(tmp_path / "folder" / "2026-10-01", call())

    ended = spend("query", "totals", "--engine", sail, "--table", f"requests={tmp_path}/{name}")

    assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 2)
    assert f"--table requests={tmp_path}/{name}: logs cannot be read there: " in ended.err
    assert "`spend export --parquet --what requests --partition" in ended.err


def test_a_table_of_the_catalog_may_be_called_a_log(sail: str, parts: Mapping[str, Path]) -> None:
    from analyzer.engines.source import table

    with reach(sail) as spark:
        spark.session.read.parquet(str(parts["first"])).createOrReplaceTempView("log")
        assert table(spark, "log") is not None
        assert table(spark, "calls.jsonl") is None
