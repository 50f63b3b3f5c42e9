"""Faults of the machine: a power cut, a full disk, places that may not be written to, two programs at once.

Afterwards the ledger opens, each log is there whole or not at all, and to run again ends with the usual result.
"""

import errno
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import duckdb
import pytest
from conftest import call, counts, load_paths, rows, write_lines

from analyzer.errors import LedgerError
from analyzer.ingest import loader
from analyzer.ledger import Ledger
from analyzer.ledger.trouble import trouble
from tests.endurance.crashes import Logs, State, sound, state
from tests.support import BOUND, command, program, spend

pytestmark = pytest.mark.endurance

SHELL = Path(sys.executable).with_name("duckdb")


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[int], list[State]]:
    """A ledger as the power cut found it, the length that its journal had after each log, and the states then."""
    folder = tmp_path_factory.mktemp("journal")
    logs = Logs(folder / "logs", 60)
    logs.folder.mkdir()
    path, lengths, states = folder / "l.duckdb", [], []
    wal = path.with_name(f"{path.name}.wal")
    # On a slow machine a log may be old enough that its state is written down, too: a commit of its own behind the log's.
    with patch("analyzer.ingest.seen._SETTLED_NS", 1 << 62), Ledger.open(path, create=True) as ledger:
        for write in (logs.first, logs.later):
            write()
            for log in sorted(logs.folder.iterdir()):
                load_paths(ledger, log)
                lengths.append(wal.stat().st_size)
                states.append(state(ledger))
        shutil.copy(path, folder / "cut.duckdb")
        shutil.copy(wal, folder / "cut.duckdb.wal")
    return folder / "cut.duckdb", lengths, states


class TestPowerCuts:
    @pytest.mark.parametrize("after", ["nothing", "zeros", "rubbish"])
    def test_a_journal_is_read_as_far_as_it_is_whole(
        self, after: str, journal: tuple[Path, list[int], list[State]], tmp_path: Path
    ) -> None:
        """Cut at the ends of transactions, one byte around them, and anywhere: each commit is kept or was not made."""
        cut, lengths, states = journal
        text = cut.with_name(f"{cut.name}.wal").read_bytes()
        dice = random.Random(4)
        places = {0, len(text), *lengths[:4], *(dice.choice(lengths) + by for by in (-9, -1, 1, 20))}
        places |= {dice.randrange(lengths[0], len(text)) for _ in range(6)}
        more = {"nothing": b"", "zeros": bytes(4096), "rubbish": dice.randbytes(4096)}[after]
        path = tmp_path / "l.duckdb"
        wal = tmp_path / "l.duckdb.wal"
        for place in sorted(place for place in places if place <= len(text)):
            shutil.copy(cut, path)
            wal.write_bytes(text[:place] + (more if place else b""))
            if not place:
                wal.unlink()
            with Ledger.open(path) as ledger:
                sound(ledger)
                reached = sum(length <= place for length in lengths)
                now = state(ledger)
            whole = [found for length, found in zip(lengths, states, strict=True) if length <= place]
            # What comes after the last whole log may be a commit that changes no content, such as a new column.
            assert now == (whole[-1] if whole else now), (place, reached)
            assert whole or now[0][0] == "requests"  # no source

    def test_it_says_so_and_keeps_what_it_cut_off(
        self, journal: tuple[Path, list[int], list[State]], tmp_path: Path
    ) -> None:
        cut, lengths, states = journal
        path = tmp_path / "l.duckdb"
        shutil.copy(cut, path)
        torn = cut.with_name(f"{cut.name}.wal").read_bytes()[: lengths[2] + 30] + bytes(512)
        (tmp_path / "l.duckdb.wal").write_bytes(torn)
        kept = tmp_path / "l.duckdb.wal.damaged"
        ended = spend("status", "--db", path)
        assert ended.code == 0
        assert (
            "the end of its journal was damaged, as by a power cut; all that was whole before it is kept" in ended.err
        )
        assert f"the journal as it was is {kept}" in ended.err
        assert kept.read_bytes() == torn
        assert kept.stat().st_mode & 0o777 == 0o600
        assert spend("status", "--db", path).err == ""
        with Ledger.open(path) as ledger:
            assert state(ledger) == states[2]

    def test_a_journal_that_was_never_written_is_none(self, tmp_path: Path) -> None:
        path = tmp_path / "l.duckdb"
        with Ledger.open(path, create=True) as ledger:
            load_paths(ledger, write_lines(tmp_path / "a.jsonl", call(1)))
        (tmp_path / "l.duckdb.wal").write_bytes(bytes(4096))
        with Ledger.open(path) as ledger:
            assert counts(ledger)["records"] == 1

    def test_one_whose_beginning_is_damaged_is_refused_and_left_alone(
        self, journal: tuple[Path, list[int], list[State]], tmp_path: Path
    ) -> None:
        """That is no end of one: nobody knows what it held."""
        cut, _, _ = journal
        path, wal = tmp_path / "l.duckdb", tmp_path / "l.duckdb.wal"
        shutil.copy(cut, path)
        text = cut.with_name(f"{cut.name}.wal").read_bytes()
        wal.write_bytes(text[:2] + bytes(8) + text[10:])
        with pytest.raises(LedgerError, match=r"its journal, l\.duckdb\.wal, is damaged") as caught:
            Ledger.open(path)
        assert "move the journal away" in caught.value.remedy
        assert wal.read_bytes()[10:] == text[10:]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", place], check=False, capture_output=True
    ) if shutil.which("mount") and sys.platform == "linux" else None  # fmt: skip
    if made is None or made.returncode:
        pytest.skip("a small disk needs Linux, and the right to mount one")
    yield place
    subprocess.run(["umount", place], check=True)


@pytest.fixture(scope="module")
def big_logs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A log that fits beside a new ledger, and one that does not."""
    dice = random.Random(1)
    tmp_path = tmp_path_factory.mktemp("logs")
    return [
        write_lines(
            tmp_path / f"{name}.jsonl",
            *(
                call(n % 900, request_id=f"{name}{n}-{dice.random()}", session_id=str(dice.random()))
                for n in range(size)
            ),
        )
        for name, size in (("small", 900), ("large", 25_000))
    ]


class TestFullDisks:
    def test_what_was_read_before_is_kept_and_the_rest_is_read_when_there_is_room(
        self, big_logs: list[Path], small_disk: Path, tmp_path: Path
    ) -> None:
        path = small_disk / "l.duckdb"
        assert spend("ingest", "--db", path, big_logs[0]).code == 0
        ended = spend("ingest", "--db", path, "--quiet", *big_logs)
        assert ended.code == 1
        assert (
            ended.err
            == f"spend: {path}: the disk is full; what was read before is kept\n  free some space and run again\n"
        )
        told = spend("status", "--json", "--db", path).document["ledger"]
        assert (told["sources"], told["requests"]) == (1, 900)
        subprocess.run(["mount", "-o", "remount,size=60m", small_disk], check=True)
        assert spend("ingest", "--db", path, "--quiet", *big_logs).code == 0
        spend("ingest", "--db", tmp_path / "calm.duckdb", *big_logs)
        with Ledger.open(path) as ledger, Ledger.open(tmp_path / "calm.duckdb") as calm:
            sound(ledger)
            assert state(ledger) == state(calm)

    def test_a_full_folder_for_temporary_files_is_named(
        self, big_logs: list[Path], small_disk: Path, tmp_path: Path
    ) -> None:
        packed = subprocess.run(["gzip", "-kf", big_logs[1]], check=True)
        assert packed.returncode == 0
        ended = program(
            "ingest", "--db", tmp_path / "l.duckdb", big_logs[1].with_name("large.jsonl.gz"),
            cwd=tmp_path, environment={"TMPDIR": str(small_disk)},
        )  # fmt: skip
        assert ended.code == 1
        assert f"spend: {small_disk}" in ended.err
        assert "the disk is full; what was read before is kept" in ended.err
        assert "TMPDIR" in ended.err
        assert list(small_disk.iterdir()) == []

    def test_a_report_is_whole_or_stays_as_it_was(self, big_logs: list[Path], small_disk: Path) -> None:
        report = small_disk / "r.html"
        report.write_text("the one of last week")
        (small_disk / "films").write_bytes(bytes(2 << 20))
        ended = spend("analyze", "--report", report, big_logs[0])
        assert ended.code == 1
        assert "No space left on device" in ended.err
        assert report.read_text() == "the one of last week"
        assert sorted(file.name for file in small_disk.iterdir()) == ["films", "r.html"]

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
    @pytest.mark.parametrize("option", ["--report", "--db"])
    def test_the_device_that_is_always_full(self, option: str, big_logs: list[Path]) -> None:
        ended = spend("analyze", option, "/dev/full", big_logs[0])
        assert ended.code == 1
        assert ended.err.startswith("spend: /dev/full")
        assert len(ended.err.splitlines()) == 2

    @pytest.mark.parametrize(
        ("error", "told"),
        [
            (duckdb.IOException(f"Could not write file: {os.strerror(errno.ENOSPC)}"), "the disk is full"),
            (duckdb.FatalException(f"fsync failed: {os.strerror(errno.ENOSPC)}"), "the disk is full"),
            (duckdb.OutOfMemoryException("could not allocate block"), "could not allocate block"),
            (duckdb.IOException("Could not read from file: Input/output error"), "cannot be read or written"),
            (
                duckdb.TransactionException("Failed to commit: x.wal: Permission denied"),
                "nothing may be written beside",
            ),
            (duckdb.PermissionException("Cannot access file"), "reaches for other files"),
            (
                duckdb.Error("Corrupt database file: computed checksum 1 does not match"),
                "read or written: Corrupt database",
            ),
        ],
    )
    def test_each_trouble_has_its_words_and_a_remedy(self, error: Exception, told: str) -> None:
        found = trouble(error)
        assert found is not None
        assert told in str(found)
        assert found.remedy

    def test_our_own_mistakes_are_none(self) -> None:
        assert trouble(duckdb.BinderException("no such column")) is None


@pytest.fixture(scope="module")
def sound_one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    log = write_lines(folder / "a.jsonl", *map(call, range(100)), "no JSON")
    spend("ingest", log, "--db", folder / "l.duckdb")
    return folder / "l.duckdb"


class TestDamage:
    """A disk that returns something else than was written: DuckDB's checksums tell, block by block."""

    @pytest.mark.parametrize("words", ["status", "analyze --no-report", "ingest b.jsonl", "forget *a.jsonl"])
    def test_whatever_block_is_damaged_the_ledger_is_named_and_nothing_else(
        self, words: str, sound_one: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        write_lines(tmp_path / "b.jsonl", *map(call, range(100, 120)))
        copy, told = tmp_path / "l.duckdb", set()
        for block in range(3 * 4096, sound_one.stat().st_size, 1 << 18):
            shutil.copy(sound_one, copy)
            with copy.open("r+b") as file:
                file.seek(block + 100)
                file.write(b"\xa5" * 3000)
            ended = spend(
                *words.split(), "--db", copy, "--quiet" if "ingest" in words or "analyze" in words else "--json"
            )
            if ended.code:  # blocks that hold nothing that is asked for may be as they like
                told.add(ended.err.splitlines()[0])
        assert any("Corrupt database file" in each for each in told)
        assert all(each.startswith((f"spend: {copy}: ", "spend: the ledger: ")) for each in told)

    def test_a_ledger_that_is_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "l.duckdb")
        ended = program("status", "--db", "l.duckdb", cwd=tmp_path)
        assert ended.code == 1
        assert ended.err.startswith("spend: l.duckdb: no ledger")


@pytest.mark.skipif(
    not shutil.which("setpriv") or subprocess.run([*BOUND, "true"], check=False, capture_output=True).returncode != 0,
    reason="root may write everywhere, and cannot give that up here",
)
class TestReadOnlyPlaces:
    @pytest.fixture
    def place(self, tmp_path: Path) -> Iterator[Path]:
        """A folder with a ledger of one call; whatever a test does to it can be undone."""
        folder = tmp_path / "place"
        folder.mkdir()
        spend("ingest", "--db", folder / "l.duckdb", write_lines(tmp_path / "a.jsonl", call(1)))
        write_lines(tmp_path / "b.jsonl", call(2))
        yield folder
        folder.chmod(0o700)

    @pytest.mark.parametrize("words", [("ingest", "../b.jsonl"), ("status",), ("forget", "*")])
    def test_a_ledger_that_may_not_be_written(self, words: tuple[str, ...], place: Path) -> None:
        (place / "l.duckdb").chmod(0o400)
        ended = program(*words, "--db", "l.duckdb", cwd=place, before=BOUND)
        assert ended == replace(ended, code=1, out="")
        assert (
            ended.err == "spend: l.duckdb: may not be opened for writing\n"
            "  copy it to a place you may write to, and name the copy with --db\n"
        )

    @pytest.mark.parametrize("words", [("ingest", "../b.jsonl"), ("forget", "*")])
    def test_a_folder_that_may_not_be_written(self, words: tuple[str, ...], place: Path) -> None:
        """The journal has no place; the log is not to blame."""
        before = (place / "l.duckdb").read_bytes()
        place.chmod(0o500)
        ended = program(*words, "--db", "l.duckdb", cwd=place, before=BOUND)
        assert ended.code == 1
        assert "nothing may be written beside it, where its journal goes" in ended.err
        assert len(ended.err.splitlines()) == 2
        assert (place / "l.duckdb").read_bytes() == before
        assert program("query", "totals", "--db", "l.duckdb", cwd=place, before=BOUND).code == 0


class TestTogether:
    """One program at a time has a ledger; the other is told so, and nothing happens to the first."""

    @pytest.fixture
    def logs(self, tmp_path: Path) -> list[Path]:
        return [
            write_lines(tmp_path / f"{name}.jsonl", *(call(n % 900, request_id=f"{name}{n}") for n in range(500)))
            for name in "ab"
        ]

    def test_two_ingests_and_a_reader(self, logs: list[Path], tmp_path: Path) -> None:
        path = tmp_path / "l.duckdb"
        with Ledger.open(path, create=True) as ledger:  # an ingest that takes its time
            load_paths(ledger, logs[0])
            for words in (("ingest", *logs), ("query", "totals"), ("status",), ("forget", "*")):
                ended = program(*words, "--db", path, cwd=tmp_path)
                assert (ended.code, ended.out) == (1, "")
                assert ended.err == (
                    f"spend: {path}: another program has this ledger open\n  close it (or wait for it) and try again\n"
                )
            if SHELL.exists():
                asked = subprocess.run(
                    [SHELL, "-readonly", path, "-c", "FROM requests"], capture_output=True, check=False, text=True
                )
                assert asked.returncode != 0
                assert "lock" in asked.stderr
            load_paths(ledger, logs[1])
            assert counts(ledger)["requests"] == 1_000

    def test_both_at_once_end_as_one_after_the_other(self, logs: list[Path], tmp_path: Path) -> None:
        path = tmp_path / "l.duckdb"
        both = [subprocess.Popen(command("ingest", "--quiet", "--db", path, *logs), stdout=-1, stderr=-1) for _ in "12"]
        codes = []
        for run in both:
            _, err = run.communicate(timeout=60)
            codes.append(run.returncode)
            assert run.returncode == 0 or b"another program has this ledger open" in err
        assert 0 in codes
        with Ledger.open(path) as ledger:
            assert counts(ledger) == {"records": 1_000, "requests": 1_000, "duplicates": 0, "skipped": 0, "rejected": 0}

    @pytest.mark.skipif(not SHELL.exists(), reason="needs the package duckdb-cli")
    def test_an_ingest_while_somebody_reads_is_refused_and_the_reader_goes_on(
        self, logs: list[Path], tmp_path: Path
    ) -> None:
        path = tmp_path / "l.duckdb"
        spend("ingest", "--db", path, logs[0])
        reader = subprocess.Popen(
            [SHELL, "-readonly", "-csv", "-noheader", path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert reader.stdin is not None
        assert reader.stdout is not None
        reader.stdin.write("SELECT count(*) FROM requests;\n")
        reader.stdin.flush()
        assert reader.stdout.readline() == "500\n"
        assert "another program has this ledger open" in spend("ingest", "--db", path, logs[1]).err
        told, _ = reader.communicate("SELECT count(*) FROM requests;\n", timeout=30)
        assert told == "500\n"
        assert spend("ingest", "--db", path, "--quiet", logs[1]).code == 0


def test_rows_that_the_reader_lost_are_noticed(tmp_path: Path) -> None:
    """Of several large files, one with a broken line, DuckDB 2.0 may give some of the rows and no error at all."""
    size = 4_200
    logs = [
        write_lines(
            tmp_path / f"{name}.jsonl",
            *(call(n % 900, request_id=f"{name}{n}", note="x" * 100) for n in range(size)),
            *(["{broken}"] if name == "a" else []),
        )
        for name in "abc"
    ]
    assert all(log.stat().st_size > 1 << 20 for log in logs)

    def losing(*arguments: object, **more: object) -> object:
        reading = strictly(*arguments, **more)  # type: ignore[arg-type]
        if len(arguments[2]) == 1:  # type: ignore[arg-type]
            return reading
        text = f"SELECT * FROM ({reading.text}) WHERE request_id NOT IN ('a4190', 'c7')"
        return replace(reading, text=text.replace("format =", "ignore_errors = true, format ="))

    strictly = loader.read_strictly
    with Ledger.throwaway() as ledger, patch.object(loader, "read_strictly", losing):
        load_paths(ledger, *logs)
        assert counts(ledger) == {
            "records": 3 * size + 1, "requests": 3 * size, "duplicates": 0, "skipped": 0, "rejected": 1,
        }  # fmt: skip
        assert rows(ledger, "SELECT record FROM rejected") == [(size + 1,)]


def test_a_clock_that_runs_backwards_changes_nothing(tmp_path: Path) -> None:
    log = write_lines(tmp_path / "a.jsonl", call(1))
    later = time.time() + 400 * 86_400
    os.utime(log, (later, later))
    with Ledger.throwaway() as ledger:
        load_paths(ledger, log)
        load_paths(ledger, log)
        assert counts(ledger)["records"] == 1
