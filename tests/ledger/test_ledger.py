"""The ledger file: private, bounded, never damaged, refused with a reason, readable with DuckDB's own shell."""

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import duckdb
import pytest
from conftest import call, counts, load_paths, rows, write_lines

from analyzer.errors import LedgerError
from analyzer.ingest.forget import forget
from analyzer.ledger import Ledger
from analyzer.ledger.columns import store, stored, virtual
from analyzer.ledger.file import remove_begun
from analyzer.ledger.memory import _granted, frugal_limit, memory_limit

ROOT = Path(__file__).parents[2]
SHELL = Path(sys.executable).with_name("duckdb")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a ledger may be made."""
    return tmp_path / "spend.duckdb"


@pytest.fixture
def usual_umask() -> Iterator[None]:
    """New files can be read by everybody, as on most machines."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def spend(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "analyzer", *map(str, arguments)]


def refused(path: Path, *, create: bool = False) -> LedgerError:
    with pytest.raises(LedgerError) as caught:
        Ledger.open(path, create=create)
    assert str(caught.value).startswith(f"{path}: ")
    assert caught.value.remedy
    return caught.value


class TestPrivacy:
    @pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")
    @pytest.mark.usefixtures("usual_umask")
    def test_only_its_owner_can_read_it_or_its_journal(self, path: Path, tmp_path: Path) -> None:
        with Ledger.open(path, create=True) as ledger:
            load_paths(ledger, write_lines(tmp_path / "app.jsonl", call(1)))
            files = [path, path.with_name(path.name + ".wal")]
            assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600, 0o600]

    def test_a_throwaway_ledger_leaves_nothing_behind(self) -> None:
        with Ledger.throwaway() as ledger:
            folder = ledger.path.parent
            assert ledger.path.exists()
        assert not folder.exists()

    def test_no_extension_is_ever_fetched(self, ledger: Ledger) -> None:
        told = rows(
            ledger,
            "SELECT name, value FROM duckdb_settings() "
            "WHERE name LIKE 'auto%known_extensions' OR name = 'allow_community_extensions'",
        )
        assert {value for _, value in told} == {"false"}
        assert len(told) == 3


class TestMemory:
    def test_it_takes_a_part_of_the_machine(self, ledger: Ledger) -> None:
        machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        assert memory_limit() <= max(machine // 4, 256 << 20)
        (limit,) = rows(ledger, "SELECT current_setting('memory_limit')")[0]
        number, unit = limit.split()
        assert float(number) * {"MiB": 1 << 20, "GiB": 1 << 30}[unit] <= 2 << 30

    def test_in_a_container_it_is_a_part_of_what_that_has(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It was a part of the machine: of 2 GB in a container of 1 GB the system ends what takes too much."""
        with monkeypatch.context() as patch:
            patch.setattr("analyzer.ledger.memory._machine", lambda: 64 << 30)
            patch.setattr("analyzer.ledger.memory._granted", lambda: iter([]))
            assert memory_limit() == 2 << 30
            patch.setattr("analyzer.ledger.memory._granted", lambda: iter([9223372036854771712, 3 << 30]))
            assert memory_limit() == 768 << 20  # a quarter
            assert frugal_limit() == 512 << 20
            patch.setattr("analyzer.ledger.memory._granted", lambda: iter([1 << 30, 512 << 20]))
            assert memory_limit() == frugal_limit() == 256 << 20  # the least that is of use

    @pytest.mark.parametrize(
        ("told", "files", "granted"),
        [
            # cgroup 2, seen from outside: of each group, and of those around it, "max" is no limit
            ("0::/app/job\n", {"app/job/memory.max": "max\n", "app/memory.max": "1073741824\n"}, [1 << 30]),
            # and from inside of a container, where the group is the root
            ("0::/\n", {"memory.max": "536870912\n"}, [1 << 29]),
            # cgroup 1: the path is the host's, and only its innermost group is mounted
            (
                "4:memory:/docker/1f\n3:cpuset:/docker/1f\n0::/\n",
                {"memory/memory.limit_in_bytes": "536870912\n"},
                [1 << 29],
            ),
            ("4:memory:/\n", {"memory/memory.limit_in_bytes": "no number"}, []),
            ("rubbish\n\n", {}, []),
        ],
    )
    def test_it_is_told_by_control_groups(
        self, told: str, files: dict[str, str], granted: list[int], tmp_path: Path
    ) -> None:
        (tmp_path / "cgroup").write_text(told, encoding="utf-8")
        for name, text in files.items():
            (tmp_path / "mount" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "mount" / name).write_text(text, encoding="utf-8")
        assert list(_granted(tmp_path / "cgroup", tmp_path / "mount")) == granted
        assert list(_granted(tmp_path / "none", tmp_path / "mount")) == []


class TestColumns:
    """A column in which no row says anything takes no room; nothing is lost when a row does."""

    def test_a_new_ledger_stores_what_logs_mostly_have(self, ledger: Ledger) -> None:
        assert {"request_id", "started_at", "model", "input_tokens", "fate"} <= set(stored(ledger.connection))
        assert {"operation", "tool_calls", "records", "calls", "bucket_end"} <= set(virtual(ledger.connection))

    def test_one_that_is_not_stored_reads_as_what_a_row_without_it_means(self, ledger: Ledger, tmp_path: Path) -> None:
        load_paths(ledger, write_lines(tmp_path / "a.jsonl", call(1)))
        assert rows(ledger, "SELECT operation, records, calls, bucket_end FROM requests") == [(None, 1, 1, None)]

    def test_the_first_row_that_fills_one_makes_it_stored(self, ledger: Ledger, tmp_path: Path) -> None:
        load_paths(ledger, write_lines(tmp_path / "a.jsonl", call(1)))
        plain = [call(number % 900, request_id=f"plain-{number}") for number in range(4_998)]
        load_paths(ledger, write_lines(tmp_path / "b.jsonl", *plain, call(2, provider="azure", tool_calls=3)))
        assert {"provider", "tool_calls"} <= set(stored(ledger.connection))
        assert "user_name" in virtual(ledger.connection)
        assert counts(ledger)["requests"] == 5_000
        assert rows(ledger, "SELECT provider, tool_calls, count(*) FROM requests GROUP BY ALL ORDER BY ALL") == [
            ("azure", 3, 1),
            (None, None, 4_999),
        ]

    def test_a_row_of_many_calls_does_so_for_their_number(self, ledger: Ledger) -> None:
        connection = ledger.connection
        rows(
            ledger,
            "INSERT INTO requests BY NAME SELECT 1 AS source_id, TIMESTAMP '2026-10-01' AS started_at, 'm' AS model",
        )
        store(connection, ["calls"])
        rows(
            ledger,
            "INSERT INTO requests BY NAME SELECT 2 AS source_id, TIMESTAMP '2026-10-01' AS started_at, 'm' AS model, 917 AS calls",
        )
        assert rows(ledger, "SELECT source_id, calls FROM requests ORDER BY ALL") == [(1, 1), (2, 917)]

    def test_what_stands_beside_a_forgotten_log_comes_back_whole(self, ledger: Ledger, tmp_path: Path) -> None:
        first = write_lines(tmp_path / "a.jsonl", call(1, provider="azure", user="ann"))
        other = write_lines(tmp_path / "b.jsonl", call(1, provider="azure"))
        load_paths(ledger, first)
        load_paths(ledger, other)
        assert forget(ledger, [str(first)]).revived == 1
        assert rows(ledger, "SELECT provider, user_name, records, calls FROM requests") == [("azure", None, 1, 1)]

    @pytest.mark.endurance
    def test_definitions_for_work_by_hand_survive_it(self, path: Path, tmp_path: Path) -> None:
        logs = [
            write_lines(tmp_path / "a.jsonl", call(1)),
            write_lines(tmp_path / "b.jsonl", call(2, provider="azure", service_tier="batch", user="ann")),
        ]
        for log in logs:
            subprocess.run(spend("ingest", "--db", path, log), check=True, capture_output=True, cwd=ROOT)
        with duckdb.connect(str(path), read_only=True) as connection:
            told = connection.execute("SELECT provider, calls FROM calls ORDER BY request_id").fetchall()
        assert told == [(None, 1), ("azure", 1)]


def test_a_ledger_of_an_earlier_version_is_brought_up_to_date(path: Path, tmp_path: Path) -> None:
    """One of version 3: all of its columns are stored, and it takes and answers what a new one does."""
    folder = ROOT / "analyzer" / "ledger" / "migrations"
    with duckdb.connect(str(path)) as earlier:
        for number, script in enumerate(sorted(folder.glob("000[123]_*.sql")), 1):
            earlier.execute(script.read_text(encoding="utf-8"))
            earlier.execute("UPDATE ledger SET version = ?", [number])
    with Ledger.open(path) as ledger:
        assert virtual(ledger.connection) == []
        load_paths(ledger, write_lines(tmp_path / "a.jsonl", call(1), call(2, provider="azure")))
        assert rows(ledger, "SELECT provider, records, calls FROM requests ORDER BY ALL") == [
            ("azure", 1, 1),
            (None, 1, 1),
        ]


class TestRefusal:
    def test_one_that_is_not_there(self, path: Path) -> None:
        assert "no ledger here" in str(refused(path))
        assert not path.exists()

    def test_a_folder(self, tmp_path: Path) -> None:
        assert "is a directory" in str(refused(tmp_path, create=True))

    @pytest.mark.parametrize("name", ["notes.txt", "lock permission denied newer version.txt"])
    def test_a_text_file(self, name: str, tmp_path: Path) -> None:
        (tmp_path / name).write_text("buy milk\n" * 1000)
        assert "no ledger (not a DuckDB file, or damaged)" in str(refused(tmp_path / name, create=True))
        assert (tmp_path / name).read_text() == "buy milk\n" * 1000

    @pytest.mark.parametrize(
        ("name", "text"),
        [("t.jsonl", '{"a": 1}\n{"a": 2}\n'), ("t.json", '[{"a": 1}]'), ("t.csv", "a,b\n1,2\n"), ("t.db", "DUCK")],
    )
    def test_a_log(self, name: str, text: str, tmp_path: Path) -> None:
        """DuckDB would open some of them as databases of their own."""
        (tmp_path / name).write_text(text)
        assert "no ledger (not a DuckDB file, or damaged)" in str(refused(tmp_path / name, create=True))
        assert (tmp_path / name).read_text() == text

    @pytest.mark.parametrize("begin", [3 * 4096, 0])
    def test_a_damaged_file(self, begin: int, path: Path) -> None:
        Ledger.open(path, create=True).close()
        content = bytearray(path.read_bytes())
        content[begin : begin + 200] = bytes(200)
        path.write_bytes(content)
        assert "no ledger (not a DuckDB file, or damaged)" in str(refused(path))

    @pytest.mark.parametrize(
        "table",
        [
            "requests (id INTEGER)",
            "ledger (application VARCHAR)",
            "ledger (application VARCHAR, version INTEGER)",
            "theirs.requests (id INTEGER)",
        ],
    )
    def test_somebody_elses_duckdb_file(self, table: str, path: Path) -> None:
        with duckdb.connect(str(path)) as theirs:
            theirs.execute("CREATE SCHEMA theirs")
            theirs.execute(f"CREATE TABLE {table}")
        before = path.read_bytes()
        assert "no ledger of spend" in str(refused(path, create=True))
        assert path.read_bytes() == before

    def test_another_programs_ledger(self, path: Path) -> None:
        with duckdb.connect(str(path)) as theirs:
            theirs.execute("CREATE TABLE ledger AS SELECT 'hledger' AS application, 3 AS version")
        assert "no ledger of spend" in str(refused(path))

    def test_a_file_that_holds_nothing_but_a_view(self, path: Path) -> None:
        with duckdb.connect(str(path)) as theirs:
            theirs.execute("CREATE VIEW one AS SELECT 1")
        assert "no ledger of spend" in str(refused(path, create=True))

    @pytest.mark.parametrize(
        ("error", "told"),
        [
            ("Failed to allocate block of 262144 bytes (bad allocation)", "there is not enough memory to open it"),
            ("Resource temporarily unavailable", "there is not enough memory to open it"),  # no more threads
            ("Cannot open file: Too many open files", "too many files are open"),
        ],
    )
    def test_what_is_no_fault_of_the_file_is_not_blamed_on_it(self, error: str, told: str, path: Path) -> None:
        with patch("duckdb.connect", side_effect=duckdb.Error(error)):
            assert told in str(refused(path, create=True))

    def test_a_path_whose_end_duckdb_would_take_for_settings(self, path: Path) -> None:
        asked = path.with_name("x?access_mode=read_only")
        assert "may have no question mark in it" in str(refused(asked, create=True))
        assert not asked.exists()

    def test_a_link_to_nothing_is_where_one_is_made(self, path: Path) -> None:
        place = path.with_name("elsewhere.duckdb")
        path.symlink_to(place)
        Ledger.open(path, create=True).close()
        assert path.is_symlink()
        assert stat.S_IMODE(place.stat().st_mode) == 0o600

    def test_one_of_a_newer_version(self, path: Path) -> None:
        with Ledger.open(path, create=True) as ledger:
            rows(ledger, "UPDATE ledger SET version = 1000")
        assert "written by a newer version of spend (schema 1000" in str(refused(path))

    def test_one_that_another_program_has_open(self, path: Path) -> None:
        Ledger.open(path, create=True).close()
        code = "import sys, duckdb; held = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
        holder = subprocess.Popen(
            [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        with holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            assert "another program has this ledger open" in str(refused(path))
        Ledger.open(path).close()


HOLDS = """
import fcntl, sys
with open(sys.argv[1], "r+b") as file:
    fcntl.lockf(file, fcntl.LOCK_EX)
    print("held", flush=True)
    sys.stdin.read()
"""


class TestBegun:
    """A ledger of which not even the head was written: by ``touch``, on a full disk, by a program that was killed."""

    @pytest.fixture
    def head(self, path: Path) -> bytes:
        Ledger.open(path, create=True).close()
        head = path.read_bytes()
        path.unlink()
        return head

    @pytest.mark.parametrize("size", [0, 4096, 8192])
    def test_it_is_begun_anew(self, size: int, head: bytes, path: Path, tmp_path: Path) -> None:
        """Each later run was refused: no ledger, or damaged."""
        path.write_bytes(head[:size])
        assert str(refused(path)).endswith("no ledger here")
        assert path.read_bytes() == head[:size]  # who only asks removes nothing
        with Ledger.open(path, create=True) as ledger:
            load_paths(ledger, write_lines(tmp_path / "app.jsonl", call(1)))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with Ledger.open(path) as ledger:
            assert counts(ledger)["requests"] == 1

    @pytest.mark.parametrize("content", [b"short", b"x" * 4096, b"\0" * 4096])
    def test_what_does_not_begin_as_one_stays(self, content: bytes, path: Path) -> None:
        path.write_bytes(content)
        refused(path, create=True)
        assert path.read_bytes() == content

    def test_one_that_has_its_head_stays(self, head: bytes, path: Path) -> None:
        path.write_bytes(head[: 3 * 4096])
        refused(path, create=True)
        assert path.stat().st_size == 3 * 4096

    @pytest.mark.skipif(os.name == "nt", reason="needs fcntl")
    def test_one_that_another_program_is_making_stays(self, head: bytes, path: Path) -> None:
        path.write_bytes(head[:4096])
        words = (sys.executable, "-c", HOLDS, str(path))
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holding:
            assert holding.stdout is not None
            assert holding.stdout.readline() == "held\n"
            assert not remove_begun(path)
            assert "another program has this ledger open" in str(refused(path, create=True))
            holding.communicate("")
        assert path.stat().st_size == 4096
        assert remove_begun(path)
        assert not path.exists()


@pytest.mark.skipif(not SHELL.exists(), reason="needs the package duckdb-cli")
class TestShell:
    """The DuckDB shell of the previous major version, which most people have."""

    def shell(self, path: Path, *arguments: object) -> str:
        told = subprocess.run(
            [SHELL, "-readonly", path, "-csv", "-noheader", *map(str, arguments)],
            capture_output=True,
            text=True,
            check=True,
        )
        return told.stdout

    def test_it_opens_a_ledger_and_answers_the_questions(self, path: Path, tmp_path: Path) -> None:
        log = write_lines(tmp_path / "app.jsonl", *map(call, range(3)))
        subprocess.run(spend("ingest", "--db", path, log), check=True, capture_output=True, cwd=ROOT)
        assert self.shell(path, "-c", "SELECT count(*) FROM requests") == "3\n"
        told = self.shell(path, "-f", ROOT / "queries" / "totals.sql")
        assert told.startswith("3,3003,1536,")  # calls, input tokens 1000 + 1001 + 1002, and 512 of each cached


@pytest.mark.endurance
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_killed_load_leaves_every_log_whole_or_out(path: Path, tmp_path: Path) -> None:
    """Killed at five moments; the last run finishes what is left."""
    size = 2000
    logs = [
        write_lines(
            tmp_path / f"{part}.jsonl",
            *(call(number % 900, request_id=f"{part}-{number}", note="x" * 100) for number in range(size)),
            "{broken}",
        )
        for part in "abc"
    ]
    command = spend("ingest", "--db", path, "--quiet", *logs)
    for moment in (0.02, 0.06, 0.12, 0.2, 0.3):
        run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
        while run.poll() is None and not path.with_name(path.name + ".wal").exists():
            time.sleep(0.005)
        time.sleep(moment)
        run.send_signal(signal.SIGKILL)
        run.wait()
        if path.exists():
            with Ledger.open(path) as ledger:
                counts(ledger)
                assert {records for (records,) in rows(ledger, "SELECT records FROM sources")} <= {size + 1}
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, cwd=ROOT)
    with Ledger.open(path) as ledger:
        assert counts(ledger) == {
            "records": 3 * size + 3,
            "requests": 3 * size,
            "duplicates": 0,
            "skipped": 0,
            "rejected": 3,
        }


class TestMigrations:
    def test_a_ledger_of_version_3_gets_the_column_and_keeps_its_copies(self, path: Path) -> None:
        """Copies have the columns of requests, in their order, then who holds the request: they are moved as they stand."""
        scripts = sorted(ROOT.glob("analyzer/ledger/migrations/000[123]_*.sql"))
        connection = duckdb.connect(str(path))
        for script in scripts:
            connection.execute(script.read_text(encoding="utf-8"))
        connection.execute("UPDATE ledger SET version = 3")
        for table, more in (("requests", ""), ("copies", ", kept_by")):
            connection.execute(
                f"INSERT INTO {table} (source_id, records, calls, request_id, started_at, model{more}) "
                f"VALUES (1, 1, 1, 'of {table}', TIMESTAMP '2026-05-01', 'm'{', 7' if more else ''})"
            )
        connection.close()

        with Ledger.open(path) as ledger:
            columns = {
                table: [name for name, *_ in rows(ledger, f"DESCRIBE {table}")] for table in ("requests", "copies")
            }
            assert columns["copies"] == [*columns["requests"], "kept_by", "place"]
            assert columns["requests"][-2:] == ["apart", "input_from"]
            assert rows(ledger, "SELECT request_id, apart, kept_by FROM copies") == [("of copies", None, 7)]
            assert rows(ledger, "SELECT request_id, apart FROM requests") == [("of requests", None)]
