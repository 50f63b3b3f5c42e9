"""Files that stand on the disk as they did when they were read."""

import os
from pathlib import Path

import pytest
from conftest import LoadLogs, Write, call, counts

from analyzer.ingest.forget import forget
from analyzer.ingest.seen import Seen
from analyzer.ledger import Ledger


class TestFilesSeen:
    """A file that stands on the disk as it did when it was read is not opened again."""

    @pytest.fixture
    def settled(self, log: Write) -> Path:
        """A log of two calls that was written a while ago."""
        path = log("a.jsonl", call(1), call(2))
        os.utime(path, (1_700_000_000, 1_700_000_000))
        return path

    @staticmethod
    def rewrite(path: Path, *, seconds: int) -> None:
        """Other content of the same length, in the same place, as of a time."""
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('"input_tokens": 1', '"input_tokens": 2'), encoding="utf-8")
        assert path.stat().st_size == len(text)
        assert path.read_text(encoding="utf-8") != text
        os.utime(path, (seconds, seconds))

    def test_it_is_known_by_its_size_and_time(self, settled: Path, load_logs: LoadLogs) -> None:
        load_logs(settled)
        self.rewrite(settled, seconds=1_700_000_000)
        ledger, outcome = load_logs(settled)
        assert [nothing.reason for nothing in outcome.nothing] == ["is in the ledger already"]
        assert counts(ledger)["records"] == 2

    def test_another_time_makes_it_another_file(self, settled: Path, load_logs: LoadLogs) -> None:
        load_logs(settled)
        self.rewrite(settled, seconds=1_700_000_001)
        ledger, _ = load_logs(settled)
        assert counts(ledger)["records"] == 4

    def test_a_file_written_just_now_is_read(self, log: Write, load_logs: LoadLogs) -> None:
        """Its time would not tell that it was written to again."""
        path = log("a.jsonl", call(1), call(2))
        state = path.stat()
        load_logs(path)
        self.rewrite(path, seconds=int(state.st_mtime))
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
        ledger, _ = load_logs(path)
        assert counts(ledger)["records"] == 4

    def test_what_was_forgotten_is_read_again(self, settled: Path, load_logs: LoadLogs) -> None:
        ledger, _ = load_logs(settled)
        forget(ledger, [str(settled)])
        load_logs(settled)
        assert counts(ledger)["requests"] == 2

    def test_a_file_that_could_not_be_read_is_tried_again(self, log: Write, load_logs: LoadLogs) -> None:
        path = log("a.jsonl", '{"nothing": "we know"}')
        os.utime(path, (1_700_000_000, 1_700_000_000))
        for _ in range(2):
            _, outcome = load_logs(path)
            assert len(outcome.errors) == 1

    def test_a_device_is_none_of_them(self, ledger: Ledger) -> None:
        """It looks the same whatever comes out of it."""
        seen = Seen(ledger)
        seen.begin(os.devnull)
        seen.keep([])
        assert not Seen(ledger).unchanged(os.devnull)
