"""Folders: which files in them are logs, and that the others are not passed over without a word."""

import os
from pathlib import Path
from unittest.mock import patch

import pytest
from conftest import call, write_lines
from support import spend

from analyzer.errors import SourceError
from analyzer.ingest.content import contents
from analyzer.ingest.discovery import find


def names(folder: Path) -> set[str]:
    """The files that a folder is searched for."""
    return {Path(item.path).name for item in find((str(folder),))[0]}


@pytest.mark.parametrize("ending", [".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".log"])
@pytest.mark.parametrize(
    "rotated",
    [
        "", ".1", ".12", ".2.gz", ".gz", ".zst", "-20261001", "-20261001.gz", "-2026100113", "-1790000000", ".2026-10-01",
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
