"""Requests in a folder a month: what a query engine reads of it, and what of an earlier export stays there."""

from pathlib import Path
from typing import Any

import duckdb
import pytest
from exports import export
from support import call, spend, write

from analyzer.errors import OutputError
from analyzer.ledger import Ledger
from analyzer.report.parquet import months_in, write_partitions

pytestmark = pytest.mark.usefixtures("here")


def partitioned(*words: str | Path) -> list[tuple[Any, ...]]:
    """What a query engine reads of the folder: ids by month."""
    export(*words, "--parquet", "--what", "requests", "--partition", "--output", "lake")
    return duckdb.sql(
        "SELECT month, request_id FROM read_parquet('lake/*/*.parquet', hive_partitioning = true, hive_types_autocast = false) ORDER BY ALL"
    ).fetchall()


def test_requests_lie_in_the_folder_of_their_month(here: Path) -> None:
    log = write(
        here / "a.jsonl", call(id="call-1", ts="2026-05-31T23:59:59Z"), call(id="call-2", ts="2026-06-01T00:00:00Z")
    )

    assert partitioned(log) == [("2026-05", "call-1"), ("2026-06", "call-2")]
    assert sorted(path.name for path in Path("lake").iterdir()) == ["month=2026-05", "month=2026-06"]


def test_a_month_is_put_in_place_of_an_earlier_export(here: Path) -> None:
    log = write(here / "a.jsonl", call(id="call-1"), call(id="call-2", ts="2026-06-01T00:00:00Z"))
    partitioned(log)
    (here / "lake" / "README").touch()
    other = write(here / "b.jsonl", call(id="call-3"))

    assert partitioned(other) == [("2026-05", "call-3"), ("2026-06", "call-2")]
    assert (here / "lake" / "README").exists()


@pytest.mark.endurance
@pytest.mark.parametrize(
    ("words", "told"),
    [((), "month=2026-05, month=2026-07"), (("--since", "2026-06-01"), None), (("--until", "2026-08-01"), None)],
)
def test_months_that_stay_though_the_ledger_has_none_of_them_are_told(
    here: Path, words: tuple[str, ...], told: str | None
) -> None:
    """What reads the folder would count them; where a period was asked for, others are meant to stay."""
    partition = ("--parquet", "--what", "requests", "--partition", "--output", "lake")
    export(
        write(here / "a.jsonl", *(call(id=f"c-{month}", ts=f"2026-{month:02}-02") for month in (5, 6, 7))), *partition
    )
    june = write(here / "b.jsonl", call(id="c-6", ts="2026-06-02"))

    notes = [line for line in spend("export", june, *partition, *words).err.splitlines() if "still has" in line]

    assert notes == ([f"spend: note: lake still has {told}, of which this ledger has no request"] if told else [])


def test_files_of_others_are_not_replaced(here: Path) -> None:
    strange = here / "lake" / "month=2026-05" / "mine.parquet"
    strange.parent.mkdir(parents=True)
    strange.write_text("mine")

    run = spend(
        "export", write(here / "a.jsonl", call()), "--parquet", "--what", "requests", "--partition", "--output", "lake"
    )

    assert (run.code, strange.read_text()) == (1, "mine")
    assert "holds files that no export wrote" in run.err
    assert [path.name for path in (here / "lake").iterdir()] == ["month=2026-05"]


MONTHS = "SELECT * FROM (VALUES ('2026-05', 1), ('2026-06', 2), ('2026-06', 3)) AS t(\"month\", number)"


@pytest.mark.parametrize("stranger", ["part-0.parquet.bak", "my-part-0.parquet", "part-.parquet", None])
def test_nothing_is_replaced_where_one_month_holds_a_file_of_others(
    shared: Ledger, tmp_path: Path, stranger: str | None
) -> None:
    """Nor is any month before it; the stranger may be the place itself."""
    (tmp_path / "month=2026-05").mkdir()
    (tmp_path / "month=2026-05" / "part-0.parquet").write_text("earlier")
    place = tmp_path / "month=2026-06"
    if stranger is None:
        place.write_text("mine")
    else:
        place.mkdir()
        (place / stranger).write_text("mine")

    with pytest.raises(OutputError, match="month=2026-06: holds files that no export wrote"):
        write_partitions(shared.connection, MONTHS, tmp_path)

    assert (tmp_path / "month=2026-05" / "part-0.parquet").read_text() == "earlier"
    assert {path.name for path in tmp_path.iterdir()} == {"month=2026-05", "month=2026-06"}


def test_of_an_earlier_export_no_part_stays(shared: Ledger, tmp_path: Path) -> None:
    """However many parts it had; the folder may be a link to another, which may not be there yet, or not be there itself."""
    (tmp_path / "real" / "month=2026-06").mkdir(parents=True)
    (tmp_path / "lake").symlink_to("real")
    (tmp_path / "link").symlink_to("later")
    for part in (0, 9, 10, 123):
        (tmp_path / "real" / "month=2026-06" / f"part-{part}.parquet").write_text("earlier")

    rows = [write_partitions(shared.connection, MONTHS, tmp_path / name) for name in ("lake", "link", "new")]

    assert rows == [3, 3, 3]
    for folder in ("real", "later", "new"):
        names = sorted(str(path.relative_to(tmp_path / folder)) for path in (tmp_path / folder).rglob("*.parquet"))
        assert names == ["month=2026-05/part-0.parquet", "month=2026-06/part-0.parquet"]
    assert (tmp_path / "lake").is_symlink()


def test_months_are_folders_that_another_export_changes(shared: Ledger, tmp_path: Path) -> None:
    write_partitions(shared.connection, MONTHS, tmp_path)
    (tmp_path / "month=notes").write_text("mine")
    before = months_in(tmp_path)
    write_partitions(shared.connection, f"{MONTHS} WHERE number = 1", tmp_path)

    kept = before.items() & months_in(tmp_path).items()

    assert (set(before), [name for name, _ in kept]) == ({"month=2026-05", "month=2026-06"}, ["month=2026-06"])
    with pytest.raises(NotADirectoryError):
        write_partitions(shared.connection, MONTHS, tmp_path / "month=notes")


def test_its_columns_are_those_of_the_ledger(here: Path) -> None:
    """Names and types: another engine reads it as it would read the ledger."""
    record = call(
        id="call-1", hash_ids=["deep-0007", "deep-0008"], block_size=512, cost="0.25", team="x", latency_ms=1500
    )
    db = here / "l.duckdb"
    spend("ingest", "--db", db, write(here / "a.jsonl", record))
    partitioned("--db", db)

    with Ledger.open(db) as ledger:
        kept = {row[0]: row[1] for row in ledger.connection.execute("DESCRIBE requests").fetchall()}
        held = ledger.connection.execute("SELECT prefix_blocks, completed_at, stated_cost FROM requests").fetchall()
    written = {row[0]: row[1] for row in duckdb.sql("DESCRIBE FROM 'lake/*/*.parquet'").fetchall()}

    assert {name: kept[name] for name in written if name != "month"} == {
        name: kind for name, kind in written.items() if name != "month"
    }
    assert set(kept) - set(written) == {"source_id", "record", "records", "fate"}
    assert duckdb.sql("SELECT prefix_blocks, completed_at, stated_cost FROM 'lake/*/*.parquet'").fetchall() == held


@pytest.mark.endurance
def test_blocks_that_are_mere_numbers_stay_their_logs(here: Path) -> None:
    """Two logs that both number their blocks from 0, in one table: their contents' fingerprints tell them apart."""
    db = here / "l.duckdb"
    for number in (1, 2):
        log = write(here / f"{number}.jsonl", call(id=f"call-{number}", hash_ids=[0, 1]))
        spend("ingest", "--db", db, log)
    partitioned("--db", db)

    with Ledger.open(db) as ledger:
        prints = ledger.connection.execute("SELECT left(fingerprint, 16) FROM sources ORDER BY source_id").fetchall()
    written = duckdb.sql("SELECT prefix_blocks FROM 'lake/*/*.parquet' ORDER BY request_id").fetchall()
    assert prints[0] != prints[1]
    assert written == [([f"{one}:0", f"{one}:1"],) for (one,) in prints]
