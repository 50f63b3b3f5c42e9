"""From logs to requests: each exactly once, every record accounted for, nothing kept that must not be."""

import bz2
import gzip
import itertools
import json
import lzma
import random
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

import pytest
import zstandard
from conftest import LoadLogs, as_line, call, counts, empty, load_paths, rows, write_lines
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.errors import SourceError
from analyzer.ledger import Ledger

CALLS = [call(number) for number in range(12)]
NAMELESS = [call(number, request_id=None) for number in range(12)]
HEADER = "ts,model,endpoint,input_tokens,output_tokens"


def text_of(lines: Sequence[Mapping[str, object] | str | bytes]) -> bytes:
    return b"".join(map(as_line, lines))


def zipped(data: bytes, path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("folder/log.jsonl", data)


PACKINGS: dict[str, Callable[[bytes, Path], object]] = {
    "gz": lambda data, path: path.write_bytes(gzip.compress(data)),
    "bz2": lambda data, path: path.write_bytes(bz2.compress(data)),
    "xz": lambda data, path: path.write_bytes(lzma.compress(data)),
    "zst": lambda data, path: path.write_bytes(zstandard.compress(data)),
    "zst frames": lambda data, path: path.write_bytes(zstandard.compress(data[:700]) + zstandard.compress(data[700:])),
    "zip": zipped,
}


@pytest.fixture(scope="module")
def shared() -> Iterator[Ledger]:
    """One ledger for many examples."""
    with Ledger.throwaway() as ledger:
        yield ledger


@pytest.fixture
def ledger(shared: Ledger) -> Ledger:
    """An empty ledger: the shared one, emptied, which is quicker than another."""
    empty(shared)
    return shared


class TestExactlyOnce:
    def test_the_same_log_again_adds_nothing(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        log = write_lines(tmp_path / "app.jsonl", *CALLS)
        ledger, first = load_logs(log)
        assert [(loaded.records, loaded.requests) for loaded in first.loaded] == [(12, 12)]
        _, second = load_logs(log)
        assert [(nothing.path, nothing.reason) for nothing in second.nothing] == [
            (str(log), "is in the ledger already")
        ]
        assert counts(ledger)["records"] == 12

    def test_one_command_that_names_a_log_twice_reads_it_once(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        log = write_lines(tmp_path / "app.jsonl", *CALLS)
        ledger, _ = load_logs(log, log, tmp_path)
        assert counts(ledger)["records"] == 12

    @pytest.mark.parametrize("lines", [CALLS, NAMELESS], ids=["with ids", "without ids"])
    def test_a_copy_under_another_name_adds_nothing(
        self, lines: list[dict[str, object]], load_logs: LoadLogs, tmp_path: Path
    ) -> None:
        ledger, _ = load_logs(write_lines(tmp_path / "app.jsonl", *lines))
        load_logs(write_lines(tmp_path / "copy.log", *lines))
        assert counts(ledger) == {"records": 12, "requests": 12, "duplicates": 0, "skipped": 0, "rejected": 0}

    @pytest.mark.parametrize("packing", PACKINGS)
    def test_a_packed_copy_adds_nothing(self, packing: str, load_logs: LoadLogs, tmp_path: Path) -> None:
        packed = tmp_path / "packed"
        PACKINGS[packing](text_of(NAMELESS), packed)
        ledger, _ = load_logs(packed)
        assert counts(ledger)["requests"] == 12
        load_logs(write_lines(tmp_path / "app.jsonl", *NAMELESS))
        assert counts(ledger)["records"] == 12

    def test_the_halves_of_a_log_add_nothing_to_the_whole(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        halves = [write_lines(tmp_path / "a.jsonl", *CALLS[6:]), write_lines(tmp_path / "b.jsonl", *CALLS[:6])]
        ledger, _ = load_logs(write_lines(tmp_path / "app.jsonl", *CALLS))
        load_logs(*halves)
        assert counts(ledger)["requests"] == 12

    def test_the_whole_adds_nothing_to_its_halves(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        halves = [write_lines(tmp_path / "a.jsonl", *CALLS[6:]), write_lines(tmp_path / "b.jsonl", *CALLS[:6])]
        ledger, _ = load_logs(*halves)
        load_logs(write_lines(tmp_path / "app.jsonl", *CALLS))
        assert counts(ledger)["requests"] == 12

    @pytest.mark.parametrize("lines", [CALLS, NAMELESS], ids=["with ids", "without ids"])
    @pytest.mark.parametrize("first", [1, 3, 9])
    def test_of_a_grown_log_only_the_new_lines_are_read(
        self, lines: list[dict[str, object]], first: int, load_logs: LoadLogs, tmp_path: Path
    ) -> None:
        log = write_lines(tmp_path / "app.jsonl", *lines[:first])
        ledger, _ = load_logs(log)
        write_lines(log, *lines)
        _, outcome = load_logs(log)
        assert [loaded.records for loaded in outcome.loaded] == [12 - first]
        assert counts(ledger) == {"records": 12, "requests": 12, "duplicates": 0, "skipped": 0, "rejected": 0}

    def test_a_grown_log_may_be_packed_and_renamed_meanwhile(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        ledger, _ = load_logs(write_lines(tmp_path / "app.jsonl", *NAMELESS[:8]))
        PACKINGS["gz"](text_of(NAMELESS), tmp_path / "app.jsonl.1.gz")
        load_logs(tmp_path / "app.jsonl.1.gz")
        assert counts(ledger)["records"] == 12

    def test_a_grown_csv_is_read_on(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        row = "2026-10-01T08:00:00Z,deepseek-v4-pro,/chat,10,1"
        log = write_lines(tmp_path / "app.csv", HEADER, row, row)
        ledger, _ = load_logs(log)
        write_lines(log, HEADER, row, row, row)
        load_logs(log)
        assert counts(ledger)["requests"] == 3

    def test_a_grown_export_of_which_a_line_was_cut_is_whole_again(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        """An export makes one row of several records, so a longer one is no mere addition."""
        head = "user_id,utc_date,model,api_key_name,api_key,type,price,amount\n"
        key = "account-1,2026-06-01,deepseek-v4-pro,key-a,sk-a***"
        told = ["request_count,,9", "input_cache_miss_tokens,0.000001,700", "output_tokens,0.000002,30"]
        whole = head + "".join(f"{key},{one}\n" for one in told)
        log = tmp_path / "amount-2026-6.csv"
        log.write_text(whole[:-20])
        ledger, _ = load_logs(log)
        log.write_text(whole)
        load_logs(log)
        assert rows(ledger, "SELECT calls, input_tokens, output_tokens FROM requests") == [(9, 700, 30)]
        counts(ledger)

    def test_a_cut_last_line_waits_for_its_rest(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        data = text_of(NAMELESS)
        log = tmp_path / "app.jsonl"
        log.write_bytes(data[:-30])
        ledger, outcome = load_logs(log)
        assert [(loaded.records, loaded.pending) for loaded in outcome.loaded] == [
            (11, len(as_line(NAMELESS[-1])) - 30)
        ]
        log.write_bytes(data)
        load_logs(log)
        assert counts(ledger) == {"records": 12, "requests": 12, "duplicates": 0, "skipped": 0, "rejected": 0}

    def test_a_log_that_is_all_one_cut_line_adds_nothing_yet(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        log = tmp_path / "app.jsonl"
        log.write_bytes(as_line(call(1))[:-30])
        ledger, outcome = load_logs(log)
        assert [nothing.reason for nothing in outcome.nothing] == ["holds no whole line yet"]
        assert counts(ledger)["records"] == 0

    def test_a_last_line_without_an_end_is_a_record_when_it_is_whole(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        log = tmp_path / "app.jsonl"
        log.write_bytes(text_of(NAMELESS[:5]).rstrip(b"\n"))
        ledger, _ = load_logs(log)
        assert counts(ledger)["requests"] == 5
        write_lines(log, *NAMELESS)
        load_logs(log)
        assert counts(ledger) == {"records": 12, "requests": 12, "duplicates": 0, "skipped": 0, "rejected": 0}

    def test_a_cut_last_row_of_a_csv_waits_too(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        log = tmp_path / "app.csv"
        log.write_text(f"{HEADER}\n2026-10-01T08:00:00Z,deepseek-v4-pro,/chat,10,1\n2026-10-01T08:01:00Z,deepseek-v4-")
        ledger, outcome = load_logs(log)
        assert [(loaded.requests, loaded.pending > 0) for loaded in outcome.loaded] == [(1, True)]
        log.write_text(
            f"{HEADER}\n2026-10-01T08:00:00Z,deepseek-v4-pro,/chat,10,1\n2026-10-01T08:01:00Z,deepseek-v4-flash,/chat,20,2\n"
        )
        load_logs(log)
        assert rows(ledger, "SELECT model, input_tokens FROM requests ORDER BY ALL") == [
            ("deepseek-v4-flash", 20),
            ("deepseek-v4-pro", 10),
        ]


class TestOneRowForEachRequest:
    UNMEASURED = call(1, input_tokens=None, cached_tokens=None, output_tokens=None)

    @pytest.mark.parametrize("turn", [1, -1])
    def test_usage_is_better_than_none(self, turn: int, load_logs: LoadLogs, tmp_path: Path) -> None:
        told = [call(1), self.UNMEASURED][::turn]
        ledger, _ = load_logs(write_lines(tmp_path / "app.jsonl", *told))
        assert rows(ledger, "SELECT output_tokens FROM requests") == [(101,)]
        assert counts(ledger)["duplicates"] == 1

    @pytest.mark.parametrize("turn", [1, -1])
    def test_the_larger_output_wins(self, turn: int, load_logs: LoadLogs, tmp_path: Path) -> None:
        told = [call(1, output_tokens=count) for count in (5, 80, 20)][::turn]
        ledger, _ = load_logs(write_lines(tmp_path / "app.jsonl", *told))
        assert rows(ledger, "SELECT output_tokens FROM requests") == [(80,)]
        assert counts(ledger)["duplicates"] == 2

    def test_a_better_record_of_a_later_log_takes_the_place_of_the_first(
        self, load_logs: LoadLogs, tmp_path: Path
    ) -> None:
        first = write_lines(tmp_path / "first.jsonl", self.UNMEASURED)
        ledger, _ = load_logs(first)
        second = write_lines(tmp_path / "second.jsonl", call(1))
        load_logs(second)
        told = "SELECT path, records, requests, duplicates FROM sources ORDER BY source_id"
        assert rows(ledger, told) == [(str(first), 1, 0, 1), (str(second), 1, 1, 0)]
        assert rows(ledger, "SELECT output_tokens FROM requests") == [(101,)]

    def test_a_provider_s_id_is_one_call_in_whatever_format(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        usage = {"prompt_tokens": 50, "completion_tokens": 5, "total_tokens": 55}
        tool_call = {"id": "c", "function": {"name": "look", "arguments": said["argument"]}}
        reply = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1790000000,
            "model": "m",
            "choices": [{"message": {"content": said["answer"], "tool_calls": [tool_call]}}],
            "usage": {"prompt_tokens": 5, "completion_tokens": 5},
        }
        rejected = call(2, model=None, prompt=said["prompt"], output_tokens=said["answer"])
        broken = f'{{"prompt": "{said["prompt"]}", "answer": "{said["answer"]}'
        logs = [
            write_lines(tmp_path / "plain.jsonl", plain, call(3, endpoint="canary-endpoint")),
            write_lines(tmp_path / "chat.jsonl", reply),
            write_lines(tmp_path / "broken.jsonl", broken, rejected, plain, call(4)),
        ]
        kept = self.kept(tmp_path / "spend.duckdb", *logs)
        assert b"canary-endpoint" in kept
        assert [word for word, text in said.items() if text.encode() in kept] == []
