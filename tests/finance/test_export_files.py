"""Files of exports: private, the same bytes from the same ledger, in their order, whole or not at all."""

import errno
import gzip
import os
import shutil
import stat
import threading
from pathlib import Path
from unittest.mock import patch

import duckdb
import pytest
from exports import export, lines
from support import EXPORT_HEAD, call, ledger_of, spend, write
from support import export as bill_of

from analyzer.ledger import Ledger
from analyzer.ledger.columns import store
from analyzer.report.file import copy, write_whole

pytestmark = pytest.mark.usefixtures("here")


@pytest.mark.endurance
def test_files_are_private(here: Path) -> None:
    log = write(here / "a.jsonl", call())

    for words in (["--csv"], ["--parquet"], ["--xlsx"], ["--focus"]):
        export(log, *words)
    export(log, "--parquet", "--what", "requests", "--partition", "--output", "lake")

    made = [path for path in here.rglob("*") if path != log]
    assert len(made) == 7  # four files, and a folder with one folder with one file
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in made} == {0}


@pytest.mark.parametrize("shape", ["csv", "parquet", "xlsx", "focus"])
@pytest.mark.endurance
def test_the_same_ledger_gives_the_same_bytes(shape: str, sampled: Path, here: Path) -> None:
    for name in ("a", "b"):
        export("--db", sampled, f"--{shape}", "--output", name)

    assert (here / "a").read_bytes() == (here / "b").read_bytes()


def test_requests_stand_in_the_order_of_their_logs(here: Path) -> None:
    """Called in no order of time, so that prices by the hour would mix them; calls of an export come last."""
    hours = [f"2026-0{3 + number % 7}-{1 + number % 28:02}T{number * 7 % 24:02}:00:00Z" for number in range(500)]
    calls = [call(request_id=f"r{number}", ts=hour) for number, hour in enumerate(hours)]
    bill = bill_of(
        here / "a-bill.csv", EXPORT_HEAD, "u,2025-11-01,deepseek-chat,k,sk-***,request_count,,5",
        "u,2025-11-01,deepseek-chat,k,sk-***,output_tokens,0.00000042,1000",
    )  # fmt: skip
    logs = [bill, write(here / "b.jsonl", *calls[:300]), write(here / "c.jsonl", *calls[300:])]

    rows = lines(export(*logs, "--csv", "--what", "requests", "--output", "-").out)

    *singly, last = rows
    assert [row["request_id"] for row in singly] == [f"r{number}" for number in range(len(calls))]
    assert last["calls"] == "5"


@pytest.mark.endurance
@pytest.mark.parametrize("shape", ["csv", "parquet"])
def test_many_requests_stand_in_their_order_without_being_sorted(shape: str, here: Path) -> None:
    """More than two threads take at once, all of one day, so that prices are few."""
    many = 400_000
    with Ledger.open(here / "l.duckdb", create=True) as ledger:
        store(ledger.connection, {"records", "calls"})
        ledger.connection.execute(
            "INSERT INTO requests (source_id, records, calls, request_id, started_at, model, input_tokens, output_tokens)"
            " SELECT 1, 1, 1, CAST(i AS VARCHAR), TIMESTAMP '2026-05-01' + to_seconds(i * 7919 % 86400), 'deepseek-v4-pro', i, i"
            f" FROM range({many}) AS t(i)"
        )

    export("--db", "l.duckdb", f"--{shape}", "--what", "requests", "--output", "out")

    read = "read_csv('out')" if shape == "csv" else "read_parquet('out')"
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT CAST(request_id AS BIGINT) FROM {read}").fetchall()
    assert found == [(number,) for number in range(many)]


@pytest.mark.endurance
def test_any_name_will_do(here: Path) -> None:
    """Quotes in a path are no SQL."""
    log = write(here / "a.jsonl", call())
    folder = here / 'it\'s "mine"; --'
    folder.mkdir()

    for words in (["--csv"], ["--parquet"], ["--parquet", "--what", "requests", "--partition"]):
        export(log, *words, "--output", folder / f"it's {len(words)}{words[0]}")

    assert len(list(folder.iterdir())) == 3


def test_a_packed_name_is_packed(here: Path) -> None:
    log = write(here / "a.jsonl", call())

    export(log, "--csv", "--output", "costs.csv.gz")

    assert lines(gzip.decompress(Path("costs.csv.gz").read_bytes()).decode())[0]["endpoint"] == "/chat"


def test_what_was_there_stays_until_the_new_one_is_whole(here: Path) -> None:
    def fail(path: Path) -> int:
        path.write_text("half")
        raise OSError(28, "No space left on device")

    (here / "costs.csv").write_text("before")

    with pytest.raises(OSError, match="No space"):
        write_whole(here / "costs.csv", fail)

    assert (here / "costs.csv").read_text() == "before"
    assert list(here.iterdir()) == [here / "costs.csv"]


def test_a_link_still_points_to_the_file(here: Path) -> None:
    log = write(here / "a.jsonl", call())
    (here / "link.csv").symlink_to(here / "costs.csv")

    export(log, "--csv", "--output", "link.csv")

    assert (here / "link.csv").is_symlink()
    assert (here / "costs.csv").read_text().startswith("day,")


def test_a_pipe_gets_the_rows(here: Path) -> None:
    log = write(here / "a.jsonl", call())
    os.mkfifo(here / "pipe")
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append((here / "pipe").read_text()))
    reader.start()

    export(log, "--csv", "--output", "pipe")
    reader.join(10)

    assert read[0].startswith("day,")


@pytest.mark.endurance
@pytest.mark.parametrize(
    ("shape", "place", "told"),
    [
        ("csv", "no/such/x", "make its folder first"),
        ("xlsx", "no/such/x", "make its folder first"),
        ("parquet", ".", "name a file, not a folder"),
        ("csv", "/dev/full", "free some space"),
        ("xlsx", "/dev/full", "free some space"),
        ("focus", "x" * 300, "name a shorter path"),
    ],
)
def test_where_nothing_can_be_written_it_says_so(shape: str, place: str, told: str, here: Path) -> None:
    log = write(here / "a.jsonl", call())

    run = spend("export", log, f"--{shape}", "--output", place)

    problem, remedy = run.err.splitlines()
    assert run.code == 1
    assert problem.startswith(f"spend: {place}: the export could not be written: ")
    assert remedy.startswith(f"  {told}")
    assert remedy.endswith("with --output")
    assert [path.name for path in here.iterdir()] == ["a.jsonl"]


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--csv", "--xlsx"],
        ["--csv", "--billing-model", "prepaid"],
        ["--xlsx", "--delimiter", ";"],
        ["--parquet", "--raw"],
        ["--focus", "--decimal", ","],
        ["--focus", "--what", "requests"],
        ["--parquet", "--partition", "--output", "x"],
        ["--parquet", "--what", "requests", "--partition"],
        ["--xlsx", "--output", "-"],
        ["--csv", "--decimal", ",", "--delimiter", ","],
        ["--csv", "--month", "2026-13"],
        ["--csv", "--what", "tokens"],
    ],
)
def test_what_does_not_go_together_is_refused(words: list[str], here: Path) -> None:
    run = spend("export", write(here / "a.jsonl", call()), *words)

    assert run.code == 2
    assert len(run.err.splitlines()) == 2
    assert [path.name for path in here.iterdir()] == ["a.jsonl"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EFBIG])
def test_a_folder_that_does_not_fit_is_said_in_a_word_and_not_in_a_list_of_its_files(
    number: int, tmp_path: Path
) -> None:
    """It is moved from where DuckDB wrote it, file by file where that is another disk."""
    listed = shutil.Error([("made/part-0", "x/part-0", f"[Errno {number}] {os.strerror(number)}: 'made/part-0'")])
    with ledger_of() as ledger, patch("analyzer.report.file.shutil.move", side_effect=listed):
        with pytest.raises(OSError, match=os.strerror(number)) as caught:
            copy(ledger.connection, "SELECT 1 AS one", tmp_path / "x", "FORMAT csv")
        assert (caught.value.errno, caught.value.strerror) == (number, os.strerror(number))
