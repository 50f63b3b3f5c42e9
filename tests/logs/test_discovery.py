"""Folders: which files in them are logs, and that the others are not passed over without a word."""

import contextlib
import errno
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, cast
from unittest.mock import patch

import pytest
from conftest import call, write_lines
from support import spend

from analyzer.errors import SourceError
from analyzer.ingest import opening
from analyzer.ingest.content import Content, contents
from analyzer.ingest.discovery import find
from analyzer.ingest.known import Known
from analyzer.ingest.load import Manner, load
from analyzer.ingest.stretch import LONGEST_LINE
from analyzer.ledger import Ledger


def names(folder: Path) -> set[str]:
    """The files that a folder is searched for."""
    return {Path(item.path).name for item in find((str(folder),))[0]}


@pytest.mark.parametrize("ending", [".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".log", ".logfmt"])
@pytest.mark.parametrize(
    "rotated",
    [
        "", ".1", ".12", ".2.gz", ".gz", ".zst", ".zstd", "-20261001", "-20261001.gz", "-2026100113", "-1790000000", ".2026-10-01",
        ".2026-10-01.bz2", ".2026-10-01_13", ".2026-10-01_13-05-09", "-20261001-130509.xz", ".20261001", "-2026-10-01",
    ],
)  # fmt: skip
def test_logs_are_taken_rotated_and_packed(ending: str, rotated: str, tmp_path: Path) -> None:
    (tmp_path / f"App{ending.upper()}{rotated}").touch()
    assert names(tmp_path) == {f"App{ending.upper()}{rotated}"}


@pytest.mark.parametrize(
    "other",
    ["app.log.bak", "app.log.1.txt", "app.txt", "log", "app.logs", "applog.1", "app.1", "app.log-old", "a.log.123456"],
)
def test_other_files_are_not(other: str, tmp_path: Path) -> None:
    (tmp_path / "app.log").touch()
    (tmp_path / other).touch()
    passed: list[str] = []
    assert [Path(item.path).name for item in find((str(tmp_path),), passed)[0]] == ["app.log"]
    assert passed == [str(tmp_path / other)]


def test_a_rotated_log_counts(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    write_lines(tmp_path / "logs" / "app.log", call(3))
    write_lines(tmp_path / "logs" / "app.log.1", call(1), call(2))
    ended = spend("analyze", tmp_path / "logs", "--no-report")
    assert (ended.code, ended.err) == (0, "")
    assert "3 records in 2 logs = 3 requests" in ended.out


@pytest.mark.endurance
def test_a_note_tells_of_files_that_were_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    for inner in (".git", "sub"):
        (folder / inner).mkdir(parents=True)
    write_lines(folder / "app.log", call(1))
    for name in ("b.txt", ".hidden", "README.md", "spend-report.html", "l.duckdb", ".git/config"):
        write_lines(folder / name)
    one = spend("analyze", folder, "--no-report")
    assert one.err == (f"spend: note: 1 file with another ending was passed over: {folder}/b.txt; name it to read it\n")
    for name in ("a.out", "c.txt", "sub/d.txt"):
        write_lines(folder / name)
    several = spend("analyze", folder, "--no-report")
    assert several.err == (
        "spend: note: 4 files with other endings were passed over: "
        f"{folder}/a.out, {folder}/b.txt, {folder}/c.txt, ...; name them to read them\n"
    )
    assert spend("analyze", folder, "--no-report", "--quiet").err == ""


def test_a_name_that_no_file_can_have_stops_no_other(tmp_path: Path) -> None:
    good = write_lines(tmp_path / "good.jsonl", call(1))
    found, errors = find(("n" * 300, str(good)))
    assert [one.path for one in found] == [str(good)]
    assert [str(error).partition(":")[0] for error in errors] == ["n" * 300]


def test_folders_too_deep_to_be_searched_stop_no_other(tmp_path: Path) -> None:
    """As before Python 3.12, where a folder within a folder is a call within a call."""
    good = write_lines(tmp_path / "good.jsonl", call(1))
    with patch("analyzer.ingest.discovery.os.walk", side_effect=RecursionError):
        found, errors = find((str(tmp_path), str(good)))
    assert [one.path for one in found] == [str(good)]
    assert [error.remedy for error in errors] == ["name the files, or an inner folder"]


@pytest.mark.parametrize("names", [["good.jsonl"], []])
def test_a_folder_that_may_not_be_looked_into_hides_no_other(names: list[str], tmp_path: Path) -> None:
    """Where there is nothing else it is said alone: what it holds is not known."""

    def walk(folder: Path, onerror: Callable[[OSError], None]) -> Iterator[tuple[str, list[str], list[str]]]:
        onerror(PermissionError(errno.EACCES, "Permission denied", f"{folder}/no"))
        yield str(folder), [], names

    with patch("analyzer.ingest.discovery.os.walk", new=walk):
        found, errors = find((str(tmp_path),))
    assert [one.path for one in found] == [str(tmp_path / name) for name in names]
    assert [str(error) for error in errors] == [f"{tmp_path}/no: cannot be searched (Permission denied)"]


def test_a_log_in_a_folder_that_cannot_be_opened_is_missing_and_other_things_are_not(tmp_path: Path) -> None:
    """One that was there a moment ago, and text that is no log, are warnings."""
    good = write_lines(tmp_path / "good.jsonl", call(1))
    (tmp_path / "gone.jsonl").symlink_to(tmp_path / "nowhere")
    (tmp_path / "text.log").write_text("words\n")
    found, _ = find((str(tmp_path),))
    with Ledger.throwaway() as ledger:
        outcome = load(ledger, found, Manner())
    assert ([one.path for one in outcome.loaded], outcome.errors, len(outcome.warnings)) == ([str(good)], [], 2)
    (tmp_path / "circle.jsonl").symlink_to(tmp_path / "circle.jsonl")
    found, _ = find((str(tmp_path),))
    with Ledger.throwaway() as ledger:
        (error,) = load(ledger, found, Manner()).errors
    assert str(error).startswith(f"{tmp_path}/circle.jsonl: cannot be read (Too many levels")


class _Flow(io.RawIOBase):
    """A stream that never ends, of one line."""

    def __init__(self, begin: bytes) -> None:
        self._next = begin
        self.given = 0

    def read1(self, most: int) -> bytes:
        part, self._next = self._next[:most].ljust(most, b"x"), b""
        self.given += most
        return part


@pytest.mark.parametrize(
    ("begin", "told"),
    [
        (b"\0", "flow: neither JSON lines nor CSV"),  # as /dev/zero
        (b"y", "flow: neither JSON lines nor CSV"),  # as `yes | tr -d '\\n'`
        (b'{"a": "', "flow: a line of more than 3 MB, whose end has not come"),
        (b"a,b,", "flow: a line of more than 3 MB, whose end has not come"),
        (b'{"a": 1}\n{"a": "', "flow: a line of more than 3 MB, whose end has not come"),
    ],
)
def test_a_stream_without_lines_is_not_read_for_ever(
    begin: bytes, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "ENDLESS", 3 << 20)
    flow = _Flow(begin)
    content = Content("flow", lambda: contextlib.nullcontext(cast("IO[bytes]", flow)), None, flowing=True)
    with pytest.raises(SourceError) as caught:
        opening.open_source(content, tmp_path / "spool", Known())
    assert str(caught.value) == told
    assert flow.given <= 5 << 20


def test_a_line_that_is_longer_than_any_is_no_end_of_what_follows() -> None:
    assert opening.ENDLESS > LONGEST_LINE  # it is rejected, and the rest is read: tests/logs/test_long_lines.py


def test_a_pipe_that_is_named_is_read_once_and_whole() -> None:
    """As shells make them of `<(zcat app.log.gz)`."""
    end, begin = os.pipe()
    try:
        os.write(begin, b'{"model": "a"}\n')
        os.close(begin)
        (content,) = contents(f"/dev/fd/{end}")
        assert b"".join(content.blocks()) == b'{"model": "a"}\n'
    finally:
        os.close(end)


def test_a_pipe_in_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "app.jsonl")
    with pytest.raises(SourceError, match="is a pipe or a device, no file"):
        contents(str(tmp_path / "app.jsonl"), named=False)


def test_standard_input_that_is_closed_is_an_error_like_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    ended = spend("analyze", "-", "--no-report")
    assert ended.code == 1
    assert ended.err.startswith("spend: -: standard input is closed\n")
