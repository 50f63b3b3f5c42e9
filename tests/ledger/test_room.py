"""Too little room: on the disk, for the output, in memory."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from support import Ended, call, command, program, spend, surroundings, told, write

pytestmark = pytest.mark.usefixtures("good")


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A disk with no room but for a few pages."""
    folder = tmp_path / "full"
    folder.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if not mounted or mounted.returncode:
        pytest.skip("no small disk can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.endurance
@pytest.mark.parametrize(
    "arguments",
    [
        "report good.jsonl --report full/report.html",
        "ingest many.jsonl --db full/spend.duckdb",
    ],
)
def test_a_full_disk(full: Path, arguments: str) -> None:
    write(full.parent / "many.jsonl", *(call(id=f"c{number}") for number in range(5000)))

    run = program(*arguments.split(), cwd=full.parent)

    ((said, _),) = told(run)
    assert said.startswith("full/")
    assert "full" in said.removeprefix("full/") or "No space" in said
    assert run.code == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize(
    "arguments",
    ["analyze good.jsonl --no-report", pytest.param("prices deepseek-v4-pro --json", marks=pytest.mark.endurance)],
)
def test_output_that_cannot_be_written(good: Path, arguments: str) -> None:
    with Path("/dev/full").open("wb") as nowhere:
        done = subprocess.run(
            command(*arguments.split()),
            cwd=good.parent,
            env=surroundings(),
            stdout=nowhere,
            stderr=subprocess.PIPE,
            check=False,
        )

    ((said, _),) = told(Ended(done.returncode, "", done.stderr.decode()))
    assert said == "output: No space left on device"
    assert done.returncode == 1


@pytest.mark.endurance
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("shape", ["table", "csv", "json", "parquet"])
def test_an_answer_that_finds_no_room_is_an_error_of_two_lines(shape: str, tmp_path: Path) -> None:
    spend("ingest", write(tmp_path / "good.jsonl", call()), "--db", tmp_path / "l.duckdb")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command("query", "totals", "--db", tmp_path / "l.duckdb", "--format", shape),
            env=surroundings(), stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("spend: output: No space left on device\n")
    assert len(done.stderr.splitlines()) == 2


def test_too_little_memory_is_said_and_no_traceback() -> None:
    with patch("analyzer.cli.book.the_book", side_effect=MemoryError):
        run = spend("prices")
    assert (run.code, run.err) == (
        1, "spend: there is not enough memory\n  let the program have more, and run again\n"
    )  # fmt: skip
