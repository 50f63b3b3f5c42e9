"""Archives and what is packed: nothing of them is lost without a word, and what is no log is told as what it is."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from conftest import LoadLogs, as_line, call, counts, rows
from support import spend, told

CALLS = b"".join(as_line(call(number)) for number in range(3))


def archive(path: Path, members: Iterable[tuple[str, bytes]]) -> Path:
    """A zip archive; of its members several may have one name."""
    with zipfile.ZipFile(path, "w") as made:
        for name, text in members:
            made.writestr(name, text)
    return path


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_of_one_name_are_all_read(load_logs: LoadLogs, tmp_path: Path) -> None:
    """The last one was read twice, the first one not at all; that one "is in the ledger already" was said of it."""
    members = [("a.jsonl", as_line(call(number))) for number in range(3)]
    ledger, outcome = load_logs(archive(tmp_path / "logs.zip", members))
    assert outcome.nothing == []
    assert counts(ledger)["requests"] == 3
    assert rows(ledger, "SELECT DISTINCT path FROM sources") == [(f"{tmp_path}/logs.zip/a.jsonl",)]


@pytest.mark.parametrize("members", [[], [("folder/", b"")]])
def test_an_archive_of_nothing_is_empty(members: list[tuple[str, bytes]], tmp_path: Path) -> None:
    run = spend("analyze", archive(tmp_path / "none.zip", members), "--no-report")
    assert (run.code, run.err) == (0, f"spend: note: {tmp_path}/none.zip: is empty; it adds nothing\n")


def _tar(compression: str) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=f"w:{compression}") as tar:
        member = tarfile.TarInfo("a.jsonl")
        member.size = len(CALLS)
        tar.addfile(member, io.BytesIO(CALLS))
    return made.getvalue()


@pytest.mark.parametrize("compression", ["", "gz", "xz"])
def test_a_tar_archive_is_told_as_such(compression: str, tmp_path: Path) -> None:
    """It was read as JSON lines: the first record of each file in it was one line with that file's head."""
    (tmp_path / "logs.tar").write_bytes(_tar(compression))
    problems = told(spend("analyze", tmp_path / "logs.tar", "--no-report"))
    remedy = "unpack it (tar -xf ARCHIVE -C FOLDER), and name the folder"
    assert problems[0] == (f"{tmp_path}/logs.tar: a tar archive", remedy)


def test_a_text_with_the_word_in_its_place_is_none(load_logs: LoadLogs, tmp_path: Path) -> None:
    line = as_line(call(1, note=""))
    spaces = 257 - line.index(b'"note": "') - len(b'"note": "')
    text = line.replace(b'"note": "', b'"note": "' + b" " * spaces + b"ustar")
    assert text[257:262] == b"ustar"
    (tmp_path / "a.jsonl").write_bytes(text)
    ledger, _ = load_logs(tmp_path / "a.jsonl")
    assert counts(ledger)["requests"] == 1


def test_what_is_packed_more_than_once_is_told_as_such(tmp_path: Path) -> None:
    twice = tmp_path / "twice.gz"
    twice.write_bytes(gzip.compress(gzip.compress(CALLS)))
    inner = archive(tmp_path / "logs.zip", [("a.jsonl.gz", gzip.compress(CALLS))])
    problems = told(spend("analyze", twice, inner, "--no-report"))
    assert [problem for problem, _ in problems[:2]] == [
        f"{twice}: packed more than once",
        f"{inner}/a.jsonl.gz: packed more than once",
    ]


def _cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _behind(data: bytes) -> bytes:
    return data + b"something else"


def _wrong_sum(data: bytes) -> bytes:
    return data[:-8] + bytes(4) + data[-4:]


@pytest.mark.parametrize(
    ("pack", "spoil", "problem"),
    [
        (gzip.compress, _cut, "is cut or damaged: no whole record can be unpacked of it"),
        *(
            pytest.param(
                pack, _cut, "is cut or damaged: no whole record can be unpacked of it", marks=pytest.mark.endurance
            )
            for pack in (lzma.compress, bz2.compress)
        ),
        (gzip.compress, _behind, "cannot be unpacked (Not a gzipped file"),
        (gzip.compress, _wrong_sum, "cannot be unpacked (CRC check failed"),
        pytest.param(bz2.compress, _wrong_sum, "cannot be unpacked (Invalid data stream", marks=pytest.mark.endurance),
    ],
)
def test_what_is_damaged_is_no_empty_log(
    pack: Callable[[bytes], bytes], spoil: Callable[[bytes], bytes], problem: str, tmp_path: Path
) -> None:
    """Of a short one that was cut it was said that it is empty, with the exit code of success, in a folder as well."""
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "b.jsonl").write_bytes(as_line(call(9)))
    (folder / "a.jsonl.gz").write_bytes(spoil(pack(as_line(call(1)))))
    run = spend("ingest", folder, "--db", tmp_path / "l.duckdb")
    ((said, remedy),) = told(run)
    assert said.startswith(f"{folder}/a.jsonl.gz: {problem}")
    assert remedy.startswith("fetch it again")
    assert run.code == 1
    assert "1 record = 1 request" in run.out
