"""What statements can reach of the machine: the ledger, its spool and the logs that were named; nothing else, for good."""

import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from conftest import call, counts, load_paths, rows, write_lines
from support import spend

from analyzer.ledger import Ledger

LOCKED = "the configuration has been locked"


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A file that no statement has any business with."""
    path = tmp_path / "secret.json"
    path.write_text('{"key": "sk-canary"}\n', encoding="utf-8")
    return path


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "l.duckdb", create=True) as ledger:
        yield ledger


class TestStatements:
    @pytest.mark.parametrize(
        "statement",
        [
            "FROM read_json('{outside}')",
            "FROM read_csv('{outside}')",
            "FROM read_text('{outside}')",
            "FROM read_blob('{outside}')",
            "FROM read_parquet('{outside}')",
            "FROM '{outside}'",
            "FROM glob('{folder}/*')",
            "FROM read_text('{spool}/../secret.json')",
            "FROM read_text('{spool}/link')",
            "FROM read_text('/dev/stdin')",
            "FROM read_csv('https://example.com/x.csv')",
            "COPY (SELECT 1) TO '{folder}/made'",
            "COPY (SELECT 1) TO '{outside}'",
            "COPY requests FROM '{outside}'",
            "EXPORT DATABASE '{folder}/made'",
            "IMPORT DATABASE '{folder}'",
            "ATTACH '{folder}/made'",
            "INSTALL httpfs",
            "LOAD httpfs",
            "LOAD '{outside}'",
            "CREATE PERSISTENT SECRET (TYPE s3)",
        ],
    )
    def test_none_reaches_a_file(self, statement: str, opened: Ledger, outside: Path, tmp_path: Path) -> None:
        (opened.spool / "link").symlink_to(outside)
        words = {"outside": outside, "folder": tmp_path, "spool": opened.spool}
        with pytest.raises(
            (
                duckdb.PermissionException,
                duckdb.BinderException,
                duckdb.CatalogException,
            )
        ):
            rows(opened, statement.format(**words))
        assert not (tmp_path / "made").exists()
        assert outside.read_text(encoding="utf-8") == '{"key": "sk-canary"}\n'

    @pytest.mark.parametrize(
        "setting",
        [
            "enable_external_access = true",
            "lock_configuration = false",
            "allowed_directories = ['/']",
            "allowed_paths = ['/etc/passwd']",
            "allowed_configs = ['enable_external_access']",
            "temp_directory = '/'",
            "threads = 1",
            "autoload_known_extensions = true",
            "allow_community_extensions = true",
        ],
    )
    def test_none_undoes_it(self, setting: str, opened: Ledger) -> None:
        with pytest.raises(duckdb.InvalidInputException, match=f"{LOCKED}|Cannot change"):
            rows(opened, f"SET {setting}")

    def test_python_objects_are_no_tables(self, opened: Ledger) -> None:
        import polars as pl

        here = pl.DataFrame({"a": [1]})
        with pytest.raises(duckdb.CatalogException):
            rows(opened, "FROM here")
        assert here.height == 1

    def test_the_spool_is_private_and_goes_away(self, opened: Ledger) -> None:
        assert opened.spool.stat().st_mode & 0o777 == 0o700
        rows(opened, f"COPY (SELECT 1) TO '{opened.spool / 'made'}'")
        assert (opened.spool / "made").exists()
        spool = opened.spool
        opened.close()
        assert not spool.exists()

    def test_somebody_elses_view_reads_nothing(self, tmp_path: Path, outside: Path) -> None:
        """A ledger may come from anybody; what it holds under our names is not run with our rights."""
        path = tmp_path / "theirs.duckdb"
        Ledger.open(path, create=True).close()
        with duckdb.connect(str(path)) as theirs:
            theirs.execute("ALTER TABLE rejected RENAME TO rejected_then")
            theirs.execute(
                "CREATE VIEW rejected AS SELECT 1 AS source_id, 1 AS record, content AS reason"
                f" FROM read_text('{outside}')"
            )
        ended = spend("query", "rejected", "--db", path)
        assert "sk-canary" not in ended.out + ended.err
        assert ended.code == 1


class TestLogs:
    """Logs are read where they lie when they are named and large, else from the spool."""

    @pytest.mark.parametrize(
        "name", ["a.jsonl", "a[1]*?.jsonl", "it's; DROP TABLE sources--.jsonl", "two\nlines.jsonl"]
    )
    @pytest.mark.parametrize("size", [pytest.param(1, marks=pytest.mark.endurance), 2_000])
    def test_any_name_is_read(self, name: str, size: int, tmp_path: Path) -> None:
        log = write_lines(
            tmp_path / name, *(call(number % 900, request_id=f"r{number}", note="x" * 600) for number in range(size))
        )
        ended = spend("ingest", "--db", tmp_path / "l.duckdb", "--json", log)
        assert (ended.code, ended.document["ledger"]["requests"]) == (0, size)

    @pytest.mark.endurance
    @pytest.mark.skipif(os.name == "nt", reason="Windows has Unicode names only")
    def test_a_name_that_is_no_text_is_read(self, tmp_path: Path) -> None:
        log = write_lines(tmp_path / os.fsdecode(b"\xff\xfe.jsonl"), call(1))
        ended = spend("analyze", "--no-report", "--json", log)
        assert ended.document["ledger"]["requests"] == 1

    def test_one_behind_a_link_is_read(self, tmp_path: Path) -> None:
        (tmp_path / "current.jsonl").symlink_to(
            write_lines(tmp_path / "a.jsonl", *map(call, range(900)), "x" * (1 << 20))
        )
        ended = spend("ingest", "--db", tmp_path / "l.duckdb", "--json", tmp_path / "current.jsonl")
        assert ended.document["ledger"]["requests"] == 900

    def test_one_that_was_not_named_at_first_is_read_as_a_copy(self, opened: Ledger, tmp_path: Path) -> None:
        load_paths(opened, write_lines(tmp_path / "a.jsonl", call(1)))
        load_paths(opened, write_lines(tmp_path / "b.csv", "ts,model,input_tokens,output_tokens", "2026-10-01,m,1,1"))
        assert counts(opened)["requests"] == 2
        assert [item.name for item in opened.spool.iterdir()] == [".in-use"]
