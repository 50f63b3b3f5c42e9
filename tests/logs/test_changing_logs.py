"""Logs that are cut, replaced, taken away or written on while they are read, as by whoever rotates them.

What a ledger says to hold of a log it holds: else the same content under its next name would add nothing, and be lost.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest
from support import call, write

from analyzer.errors import LedgerError
from analyzer.ingest import load as loading
from analyzer.ingest.discovery import find, where_they_lie
from analyzer.ingest.load import load
from analyzer.ingest.outcome import Manner, Outcome
from analyzer.ledger import Ledger

Change = Callable[[Path], object]


def log(path: Path, calls: int) -> Path:
    return write(path, *(call(request_id=f"{path.stem}{number}", endpoint="/chat" * 9) for number in range(calls)))


def read(ledger: Ledger, *paths: Path, change: Change = lambda _: None) -> Outcome:
    """Read logs into a ledger; once the log called b has been looked at, something happens to it."""
    usual = loading.recognised

    def recognised(source, *rest):  # type: ignore[no-untyped-def]
        found = usual(source, *rest)
        if source.path.endswith("b.jsonl"):
            change(Path(source.path))
        return found

    found, errors = find(tuple(map(str, paths)))
    assert not errors
    with patch.object(loading, "recognised", recognised):
        return load(ledger, found, Manner())


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def replace(path: Path) -> None:
    """By as many bytes."""
    path.write_bytes(path.read_bytes().replace(b'"b', b'"z'))


def grow(path: Path) -> None:
    with path.open("a") as file:
        file.write(path.read_text().replace('"b', '"y'))


FEW = 3
MANY = 12_000  # more than a megabyte: DuckDB reads it where it lies


@pytest.mark.parametrize("calls", [FEW, pytest.param(MANY, marks=pytest.mark.endurance)])
class TestEachSize:
    @pytest.mark.parametrize(
        ("change", "told"),
        [
            (cut, "was cut or replaced while it was read; nothing of it was taken"),
            (replace, "was cut or replaced while it was read; nothing of it was taken"),
            (lambda path: path.write_bytes(b""), "was cut or replaced while it was read; nothing of it was taken"),
            (Path.unlink, "cannot be read any more (No such file or directory)"),
        ],
    )
    def test_what_is_not_the_same_any_more_is_an_error_and_the_others_are_read(
        self, change: Change, told: str, calls: int, tmp_path: Path
    ) -> None:
        logs = [log(tmp_path / f"{name}.jsonl", calls) for name in "abc"]
        whole = logs[1].read_bytes()
        with Ledger.throwaway(where_they_lie(map(str, logs))) as ledger:
            outcome = read(ledger, *logs, change=change)
            assert [Path(one.path).name for one in outcome.loaded] == ["a.jsonl", "c.jsonl"]
            assert [str(error) for error in outcome.errors] == [f"{logs[1]}: {told}"]
            assert not outcome.warnings
            # What it held comes under the name that it was rotated to.
            (tmp_path / "b.jsonl.1").write_bytes(whole)
            again = read(ledger, tmp_path / "b.jsonl.1")
            assert [one.requests for one in again.loaded] == [calls]

    def test_what_was_written_on_is_read_as_far_as_it_was(self, calls: int, tmp_path: Path) -> None:
        logs = [log(tmp_path / f"{name}.jsonl", calls) for name in "abc"]
        with Ledger.throwaway(where_they_lie(map(str, logs))) as ledger:
            outcome = read(ledger, *logs, change=grow)
            assert ([one.requests for one in outcome.loaded], outcome.errors) == ([calls] * 3, [])
            assert [one.requests for one in read(ledger, *logs).loaded] == [calls]  # the rest

    def test_one_that_was_only_touched_is_read(self, calls: int, tmp_path: Path) -> None:
        logs = [log(tmp_path / f"{name}.jsonl", calls) for name in "ab"]
        with Ledger.throwaway(where_they_lie(map(str, logs))) as ledger:
            outcome = read(ledger, *logs, change=lambda path: os.utime(path, ns=(1, 1)))
            assert ([one.requests for one in outcome.loaded], outcome.errors) == ([calls] * 2, [])


# Logs that are written anew before they are read: in other words, or as the records that stand in theirs.
ANEW = {
    "in capitals": lambda told: json.dumps({key.upper(): value for key, value in told.items()}),
    "wrapped": lambda told: json.dumps({"level": "info", "extra": told}),
    "prefixed": lambda told: f"2026-10-01 08:00:00 INFO {json.dumps(told)}",
    "logfmt": lambda told: " ".join(f"{key}={value}" for key, value in told.items()),
}


@pytest.mark.parametrize("written", ANEW.values(), ids=ANEW)
class TestWrittenAnew:
    def made(self, path: Path, written: Callable[[dict[str, object]], str]) -> Path:
        """Three calls without ids: were a record read twice, it would count twice."""
        told = {"ts": "2026-10-01T08:00:00Z", "model": "deepseek-flash", "prompt_tokens": 5, "completion_tokens": 2}
        path.write_text("".join(f"{written(told | {'prompt_tokens': number})}\n" for number in (5, 6, 7)))
        return path

    def test_what_was_written_on_is_read_once(self, written: Callable[..., str], tmp_path: Path) -> None:
        path = self.made(tmp_path / "b.jsonl", written)
        with Ledger.throwaway() as ledger:
            outcome = read(ledger, path, change=grow)
            assert ([one.requests for one in outcome.loaded], outcome.errors) == ([3], [])
            assert [one.requests for one in read(ledger, path).loaded] == [3]  # the rest

    def test_what_is_not_the_same_any_more_is_an_error(self, written: Callable[..., str], tmp_path: Path) -> None:
        path = self.made(tmp_path / "b.jsonl", written)
        with Ledger.throwaway() as ledger:
            outcome = read(ledger, path, change=cut)
            assert outcome.loaded == []
            assert [str(error) for error in outcome.errors] == [
                f"{path}: was cut or replaced while it was read; nothing of it was taken"
            ]


def test_a_copy_of_one_that_was_cut_is_read_the_next_time(tmp_path: Path) -> None:
    """As `copytruncate` leaves it: the log that it is a copy of never came into the ledger."""
    logs = [log(tmp_path / "b.jsonl", FEW), tmp_path / "b.jsonl.1"]
    logs[1].write_bytes(logs[0].read_bytes())
    os.utime(logs[1], ns=(1, 1))  # long ago: the next time its state alone would tell that it is known
    with Ledger.throwaway() as ledger:
        assert read(ledger, *logs, change=cut).loaded == []
        assert [one.requests for one in read(ledger, logs[1]).loaded] == [FEW]


def test_a_log_that_was_looked_at_and_did_not_come_in_is_read_the_next_time(tmp_path: Path) -> None:
    made = log(tmp_path / "b.jsonl", FEW)
    os.utime(made, ns=(1, 1))  # long ago, as above
    with Ledger.throwaway() as ledger:
        with patch("analyzer.ingest.loader.Loader.load"):
            assert read(ledger, made).loaded == []
        assert [one.requests for one in read(ledger, made).loaded] == [FEW]


def test_a_full_disk_is_not_blamed_on_a_log(tmp_path: Path) -> None:
    logs = [log(tmp_path / f"{name}.jsonl", FEW) for name in "ab"]

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with (
        Ledger.throwaway() as ledger,
        patch("analyzer.ingest.load.recognised", new=full),
        pytest.raises(LedgerError, match="the disk is full"),
    ):
        load(ledger, find(tuple(map(str, logs)))[0], Manner())
