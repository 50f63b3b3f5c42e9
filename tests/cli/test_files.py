"""What is named to be read, or to be written to, and is no log, no ledger, or may not be touched."""

import errno
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import load_paths
from support import BOUND, Ended, call, program, spend, told, write

from analyzer.ledger import Ledger

pytestmark = pytest.mark.usefixtures("good")


def _text(path: Path) -> None:
    path.write_text("These are no logs\nbut lines of prose.\n", encoding="utf-8")


def _image(path: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 8)


def _package(path: Path) -> None:
    path.write_text('{\n "name": "app",\n "version": "1.0.0",\n "scripts": {"test": "x"}\n}\n', encoding="utf-8")


def _folder(path: Path) -> None:
    path.mkdir()
    (path / "notes.txt").touch()


def _workbook(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")


def _begins(text: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(text) and None


def _nothing(path: Path) -> None:
    assert not path.exists()


NO_LOGS: dict[str, tuple[Callable[[Path], None], str]] = {
    "notes.txt": (_text, "notes.txt: neither JSON lines nor CSV"),
    "image.png": (_image, "image.png: neither JSON lines nor CSV"),
    "usage.xlsx": (_workbook, "usage.xlsx: a workbook"),
    "usage.parquet": (_begins(b"PAR1\x15\x04\x15, {"), "usage.parquet: a Parquet file"),
    "spend.duckdb": (_begins(bytes(8) + b"DUCK" + bytes(4084)), "spend.duckdb: a DuckDB file"),
    "logs.db": (_begins(b"SQLite format 3\0, {\n"), "logs.db: an SQLite database"),
    "app.log": (_begins(b'2026-10-05 INFO {"model": "m", "n": 1}\n' * 2), "app.log: its lines have other text before"),
    "package.json": (_package, "package.json: no format fits"),
    "logs": (_folder, "logs: no logs in this folder"),
    "missing.jsonl": (_nothing, "missing.jsonl: no such file"),
    "missing/*.jsonl": (_nothing, "missing/*.jsonl: matches no file"),
}


@pytest.fixture(scope="module")
def among_others(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """A sound log between all kinds of things that are none."""
    folder = tmp_path_factory.mktemp("others")
    for name, (make, _) in NO_LOGS.items():
        make(folder / name)
    write(folder / "sound.jsonl", call())
    return program("analyze", *NO_LOGS, "sound.jsonl", "--no-report", "--json", cwd=folder)


@pytest.mark.parametrize("name", NO_LOGS)
def test_what_is_no_log_is_named_with_a_remedy(among_others: Ended, name: str) -> None:
    problem = NO_LOGS[name][1]

    assert [bool(remedy) for said, remedy in told(among_others) if said.startswith(problem)] == [True]


def test_the_rest_is_read_all_the_same(among_others: Ended) -> None:
    assert len(told(among_others)) == len(NO_LOGS)
    assert among_others.code == 1
    assert among_others.document["totals"]["requests"] == 1


def test_nothing_readable_prints_no_result() -> None:
    run = spend("analyze", "missing.jsonl", "also-missing.jsonl", "--no-report", "--json")

    assert [problem for problem, _ in told(run)] == [
        "missing.jsonl: no such file",
        "also-missing.jsonl: no such file",
        "none of the logs could be read",
    ]
    assert (run.code, run.out) == (1, "")


@pytest.mark.parametrize("others", [(), ("empty.jsonl",)], ids=["alone", "beside one that holds nothing"])
def test_one_log_that_cannot_be_read_is_said_once(others: tuple[str, ...]) -> None:
    """One line and one remedy: that nothing could be read would only repeat it."""
    Path("empty.jsonl").touch()

    run = spend("analyze", "missing.jsonl", *others, "--no-report", "--json")

    assert told(run) == [("missing.jsonl: no such file", "check the path")]
    assert (run.code, run.out) == (1, "")


def test_an_empty_file_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()

    run = spend("analyze", "empty.jsonl", "--no-report")

    assert run.code == 0
    assert run.err == "spend: note: empty.jsonl: is empty; it adds nothing\n"
    assert "0 requests" in run.out
    assert "No requests were found" in run.out


def _bound() -> tuple[str, ...]:
    """Words before the command that make permissions bind; skips where nothing does."""
    if os.geteuid() != 0:
        return ()
    if not shutil.which("setpriv") or subprocess.run([*BOUND, "true"], check=False, capture_output=True).returncode:
        pytest.skip("root, and no way to give up its rights over files")
    return BOUND


@pytest.mark.endurance
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret.jsonl", call())
    secret.chmod(0o000)

    run = program("analyze", "secret.jsonl", "good.jsonl", "--no-report", "--json", cwd=tmp_path, before=_bound())

    assert told(run) == [("secret.jsonl: cannot be read (Permission denied)", "check the file and its permissions")]
    assert run.code == 1
    assert run.document["totals"]["requests"] == 1


@pytest.mark.endurance
def test_of_many_logs_that_add_nothing_the_first_are_named(tmp_path: Path) -> None:
    """Ten of eleven; of one in a throwaway ledger nobody says that it is in a ledger."""
    for number in range(11):
        write(tmp_path / f"{number:02}.log", call(id=str(number)))
    assert spend("ingest", *sorted(tmp_path.glob("*.log")), "--db", "l.duckdb").err == ""
    again = spend("ingest", *sorted(tmp_path.glob("*.log")), "--db", "l.duckdb").err.splitlines()
    assert again[0] == f"spend: note: {tmp_path / '00.log'}: is in the ledger already; it adds nothing"
    assert (len(again), again[-1]) == (11, "spend: note: 1 more log adds nothing")

    (tmp_path / "copy.jsonl").write_bytes((tmp_path / "good.jsonl").read_bytes())
    copied = spend("analyze", "good.jsonl", "copy.jsonl", "--no-report").err
    assert copied == "spend: note: copy.jsonl: holds what another log holds; it adds nothing\n"


def test_a_place_that_cannot_be_written_is_found_before_the_work(tmp_path: Path) -> None:
    """Nothing is said of the record that cannot be understood: the log was not read yet."""
    (tmp_path / "a.jsonl").write_text("no JSON\n", encoding="utf-8")

    told = spend("analyze", "-q", "a.jsonl", "--report", "missing/report.html")

    assert told.err == (
        "spend: missing/report.html: the report could not be written: No such file or directory\n"
        "  make its folder first, or name another place with --report\n"
    )


@pytest.mark.endurance
@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ("analyze", "spend.duckdb: no ledger here"),
        ("status", "spend.duckdb: no ledger here"),
        ("query totals --db missing.duckdb", "missing.duckdb: no ledger here"),
        ("prices deepseek-v4-por", "no prices are known for model 'deepseek-v4-por'"),
        ("prices deepseek-v4-pro --at 2020-01-01", "no USD price is known for deepseek-v4-pro at 2020-01-01"),
        ("prices deepseek-chat --at 2025-09-10 --currency CNY", "no CNY price is known for deepseek-chat"),
        ("analyze good.jsonl --report folder", "folder: the report could not be written"),
        ("analyze good.jsonl --report missing/report.html", "missing/report.html: the report could not be written"),
        ("report good.jsonl --report folder", "folder: the report could not be written"),
        ("ingest good.jsonl --db folder", "folder: is a directory, not a ledger"),
        ("ingest good.jsonl --db good.jsonl/spend.duckdb", "good.jsonl/spend.duckdb: cannot be made"),
        ("ingest good.jsonl --db image.png", "image.png: no ledger"),
    ],
)
def test_what_cannot_be_done_exits_1(tmp_path: Path, arguments: str, problem: str) -> None:
    (tmp_path / "folder").mkdir()
    _image(tmp_path / "image.png")
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}

    run = spend(*arguments.split())

    ((said, _),) = told(run)
    assert said.startswith(problem)
    assert (run.code, run.out) == (1, "")
    assert {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


@pytest.mark.endurance
@pytest.mark.parametrize(
    "arguments", ["analyze good.jsonl --report closed/report.html", "ingest good.jsonl --db closed/spend.duckdb"]
)
def test_a_folder_that_may_not_be_written(tmp_path: Path, arguments: str) -> None:
    (tmp_path / "closed").mkdir(mode=0o555)

    run = program(*arguments.split(), cwd=tmp_path, before=_bound())

    ((said, _),) = told(run)
    assert said.startswith("closed/")
    assert "ermission denied" in said
    assert run.code == 1
    assert list((tmp_path / "closed").iterdir()) == []


@pytest.mark.parametrize(
    "pattern",
    [
        "logs/**/*.jsonl",
        "[l]ogs/a/one.jsonl",
        *(pytest.param(more, marks=pytest.mark.endurance) for more in ("*.jsonl", "l?gs", "logs")),
    ],
)
def test_globs_that_the_shell_did_not_expand(tmp_path: Path, pattern: str) -> None:
    (tmp_path / "logs" / "a").mkdir(parents=True)
    write(tmp_path / "logs" / "a" / "one.jsonl", call(endpoint="/one"))

    run = spend("analyze", pattern, "--no-report", "--json", "--scenario", "all-flash")

    assert [each["endpoint"] for each in run.document["endpoints"]] == (["/chat"] if pattern == "*.jsonl" else ["/one"])


def test_a_ledger_that_is_not_there_is_told_how_to_be_made() -> None:
    """By all commands in the same words, also by those that take no LOG."""
    runs = [spend("status", "--db", "mine.duckdb"), spend("forget", "x", "--db", "mine.duckdb")]
    assert [told(run) for run in runs] == [
        [
            (
                "mine.duckdb: no ledger here",
                "make one: spend ingest LOG... --db mine.duckdb; or name another with --db;"
                " spend analyze LOG... needs none",
            )
        ]
    ] * 2


@pytest.mark.parametrize("name", [":memory:", "md:mine", "sqlite:mine"])
def test_a_ledger_is_the_file_of_that_name(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some of these mean something else to DuckDB: what was read into the first was gone at once."""
    monkeypatch.chdir(tmp_path)
    with Ledger.open(Path(name), create=True) as ledger:
        load_paths(ledger, write(tmp_path / "good.jsonl", call()))
    assert (tmp_path / name).is_file()
    with Ledger.open(Path(name)) as ledger:
        assert ledger.sources() == 1


def test_a_ledger_is_not_somewhere_on_the_net(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run = spend("ingest", write(tmp_path / "good.jsonl", call()), "--db", "s3://bucket/l.duckdb")
    assert (run.code, run.err.splitlines()[0]) == (1, "spend: s3://bucket/l.duckdb: an address, and no file")
    assert [item.name for item in tmp_path.iterdir()] == ["good.jsonl"]


def test_a_ledger_in_a_ring_of_links_and_one_whose_name_is_no_text(tmp_path: Path) -> None:
    """Both ended in a traceback."""
    (tmp_path / "ring.duckdb").symlink_to("ring.duckdb")
    ((said, _),) = told(spend("ingest", "good.jsonl", "--db", "ring.duckdb"))
    assert said == f"{tmp_path / 'ring.duckdb'}: cannot be made ({os.strerror(errno.EEXIST)})"
    ((said, remedy),) = told(spend("ingest", "good.jsonl", "--db", os.fsdecode(b"lat\xe9.duckdb")))
    assert (said.partition(": ")[2], remedy) == ("the path of a ledger must be text in UTF-8", "name another with --db")
