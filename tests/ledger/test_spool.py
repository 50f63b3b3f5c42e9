"""What a command writes on its way goes with it, or with the next command where it was killed."""

import errno
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from analyzer.ledger import Ledger, spool
from analyzer.ledger.spool import Spool
from tests.support import call, command, spend, surroundings, told, write

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no locks that end with their process, no SIGKILL")


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files of its own, not swept yet."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    spool._sweep.cache_clear()
    yield place
    spool._sweep.cache_clear()


def test_a_folder_is_private_and_gone_with_its_owner(place: Path) -> None:
    with Spool() as folder:
        assert folder.parent == place
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "inner").mkdir()
        (folder / "inner" / "spilled").write_text("much")
    assert list(place.iterdir()) == []


def test_no_place_for_it_is_told_with_the_variable_that_names_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As in a container whose file system is read-only: the output was blamed, which nobody had named."""
    words = "No usable temporary directory found in ['/tmp', '/var/tmp']"

    def nowhere(**_: str) -> str:
        raise FileNotFoundError(errno.ENOENT, words)

    monkeypatch.setattr(tempfile, "mkdtemp", nowhere)
    ((said, remedy),) = told(spend("ingest", write(tmp_path / "a.jsonl", call()), "--db", tmp_path / "l.duckdb"))
    assert said == f"no folder for temporary files may be written to ({words})"
    assert remedy == "let TMPDIR name one, and run again"


def test_what_a_killed_process_left_goes_and_what_is_in_use_stays(place: Path) -> None:
    holding = (
        "import sys, time; from analyzer.ledger.spool import Spool; print(Spool().path, flush=True); time.sleep(60)"
    )
    others = [
        subprocess.Popen(
            (sys.executable, "-c", holding),
            env=surroundings({"TMPDIR": str(place)}),
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    killed, living = (Path(other.stdout.readline().strip()) for other in others if other.stdout)
    (killed / "spilled").write_text("much")
    others[0].kill()
    others[0].wait()
    assert killed.exists()
    try:
        with Spool():
            assert not killed.exists()
            assert living.exists()
    finally:
        for other in others:
            other.kill()
            other.communicate()


def test_nothing_goes_that_is_not_surely_a_left_folder(place: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / ".in-use").touch()
    (place / "spend-link").symlink_to(elsewhere)  # followed, it would have somebody's folder removed
    (place / "spend-unmarked").mkdir()  # just being made, or not ours
    (place / "spend-file").write_text("a file")
    strange = place / "spend-strange"
    strange.mkdir()
    (strange / ".in-use").symlink_to(elsewhere / ".in-use")

    with Spool():
        pass

    assert {item.name for item in place.iterdir()} == {"spend-link", "spend-unmarked", "spend-file", "spend-strange"}
    assert list(elsewhere.iterdir()) == [elsewhere / ".in-use"]


@pytest.mark.skipif(os.name == "nt" or os.getuid() != 0, reason="only root can remove what is somebody else's")
def test_what_is_somebody_elses_stays_also_for_root(place: Path) -> None:
    theirs = place / "spend-theirs"
    theirs.mkdir()
    (theirs / ".in-use").touch()
    os.chown(theirs, 65534, 65534)

    with Spool():
        assert theirs.exists()


def test_what_was_spilled_beside_a_ledger_goes_when_it_is_next_opened(tmp_path: Path) -> None:
    ledger, spilled = tmp_path / "spend.duckdb", tmp_path / "spend.duckdb.tmp"
    Ledger.open(ledger, create=True).close()
    spilled.mkdir()
    (spilled / "duckdb_temp_4711_0_storage_DEFAULT-0.tmp").write_bytes(b"much")

    Ledger.open(ledger).close()
    assert not spilled.exists()

    spilled.mkdir()
    (spilled / "duckdb_temp_4711_0_owner").touch()
    (spilled / "notes.txt").write_text("somebody's own")
    Ledger.open(ledger).close()
    assert [item.name for item in spilled.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), pytest.param(signal.SIGHUP, 129, marks=pytest.mark.endurance)]
)
def test_a_command_that_is_asked_to_end_puts_everything_away(
    number: int, code: int, place: Path, tmp_path: Path
) -> None:
    log = tmp_path / "big.jsonl"
    line = '{"ts": "2026-10-05T09:00:00Z", "model": "deepseek-flash", "input_tokens": 10, "output_tokens": 5}\n'
    log.write_text(line * 300_000, encoding="utf-8")
    with subprocess.Popen(
        command("analyze", log, "--no-report"),
        env=surroundings({"TMPDIR": str(place)}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # These tests may run under nohup themselves.
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # noqa: PLW1509  (no threads here)
    ) as running:
        while running.poll() is None and not any(place.iterdir()):
            time.sleep(0.01)
        time.sleep(0.2)
        running.send_signal(number)
        out, err = running.communicate(timeout=60)

    assert (running.returncode, out) == (code, "")
    assert err.lstrip("\n").startswith("spend: interrupted; ")
    assert list(place.iterdir()) == []


@pytest.mark.endurance
def test_a_command_under_nohup_does_not_mind_a_closed_terminal(place: Path, tmp_path: Path) -> None:
    log = tmp_path / "few.jsonl"
    log.write_text(
        '{"ts": "2026-10-05T09:00:00Z", "model": "deepseek-flash", "input_tokens": 10, "output_tokens": 5}\n'
    )
    script = "trap '' HUP; \"$@\" & sleep 0.2; kill -HUP $!; wait $!"
    run = subprocess.run(
        ("sh", "-c", script, "sh", *command("analyze", log, "--no-report", "--json")),
        env=surroundings({"TMPDIR": str(place)}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
