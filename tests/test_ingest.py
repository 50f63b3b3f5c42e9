"""From logs to requests: each exactly once, every record accounted for, nothing kept that must not be."""

import bz2
import gzip
import itertools
import json
import lzma
import random
import re
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar
from uuid import UUID

import pytest
from conftest import LoadLogs, as_line, call, counts, empty, load_paths, rows, write_lines
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.errors import SourceError
from analyzer.ingest.claim import _OF_NULL, CLAIM, _admit
from analyzer.ingest.discovery import find
from analyzer.ingest.layout import line_ends
from analyzer.ingest.load import Manner, load
from analyzer.ledger import Ledger

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

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
    "zst": lambda data, path: path.write_bytes(zstd.compress(data)),
    "zst frames": lambda data, path: path.write_bytes(zstd.compress(data[:700]) + zstd.compress(data[700:])),
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

    BARE: ClassVar = dict.fromkeys(("input_tokens", "output_tokens", "cached_tokens"))

    @pytest.mark.parametrize(
        ("told", "tier"),
        [
            ({"usage": {"prompt_tokens": 50, "completion_tokens": 5}, "service_tier": "flex"}, "flex"),
            ({"usage": {"input_tokens": 50, "output_tokens": 5, "service_tier": "batch"}}, "batch"),
            (
                {"response": {"usage": {"prompt_tokens": 50, "completion_tokens": 5}, "service_tier": "priority"}},
                "priority",
            ),
            ({"usage": {"input_tokens": 50, "output_tokens": 5, "service_tier": "standard", "speed": "fast"}}, "fast"),
            ({}, None),
        ],
    )
    def test_a_record_of_one_s_own_tells_its_service_tier(
        self, told: dict[str, object], tier: str | None, load_logs: LoadLogs, tmp_path: Path
    ) -> None:
        ledger, outcome = load_logs(write_lines(tmp_path / "app.jsonl", call(1, **(self.BARE if told else {}), **told)))
        assert outcome.loaded[0].format == "generic"
        assert rows(ledger, "SELECT service_tier FROM requests") == [(tier,)]

    def test_a_record_of_one_s_own_tells_how_long_what_was_written_lives(
        self, load_logs: LoadLogs, tmp_path: Path
    ) -> None:
        """Anthropic's counts stand beside its input: 10 + 30 + 100 + 200, of which 300 were written, 200 for an hour."""
        lived = {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200}
        usage = {"input_tokens": 10, "output_tokens": 5, "cache_read_input_tokens": 30}
        summed = {**usage, "cache_creation_input_tokens": 300, "cache_creation": lived}
        logs = [
            write_lines(tmp_path / "sum.jsonl", call(1, **self.BARE, usage=summed)),
            write_lines(
                tmp_path / "parts.jsonl",
                call(
                    2,
                    **self.BARE,
                    usage={**usage, "cache_creation": lived},
                ),
            ),
        ]
        ledger, _ = load_logs(*logs)
        told = "SELECT input_tokens, cache_read_tokens, cache_write_tokens, cache_write_1h_tokens FROM requests"
        assert rows(ledger, told) == [(340, 30, 300, 200)] * 2

    def test_a_provider_s_id_is_one_call_in_whatever_format(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        usage = {"prompt_tokens": 50, "completion_tokens": 5, "total_tokens": 55}
        reply = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1790000000, "model": "m", "usage": usage}
        wrapped = {"ts": "2026-09-21T14:13:20Z", "model": "m", "endpoint": "/chat", "response": reply}
        logs = [write_lines(tmp_path / "raw.jsonl", reply), write_lines(tmp_path / "wrapped.jsonl", wrapped)]
        ledger, outcome = load_logs(*logs)
        assert {loaded.format for loaded in outcome.loaded} == {"openai-chat", "generic"}
        assert rows(ledger, "SELECT request_id, input_tokens FROM requests") == [("chatcmpl-1", 50)]

    def test_records_without_an_id_are_never_taken_for_duplicates(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        ledger, _ = load_logs(write_lines(tmp_path / "app.jsonl", NAMELESS[0], NAMELESS[0], NAMELESS[0]))
        assert counts(ledger)["requests"] == 3

    def test_running_numbers_of_two_logs_are_no_ids(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        logs = [write_lines(tmp_path / f"{number}.jsonl", call(number, request_id=None, id=1)) for number in (1, 2)]
        ledger, _ = load_logs(*logs)
        assert counts(ledger)["requests"] == 2

    @pytest.mark.parametrize(
        "no_id", [" ", "-", "N/A", "null", "None", "unknown", "undefined", "0" * 32, f"{UUID(int=0)}"]
    )
    def test_what_stands_where_there_is_no_id_is_none(self, no_id: str, load_logs: LoadLogs, tmp_path: Path) -> None:
        ledger, _ = load_logs(write_lines(tmp_path / "app.jsonl", *(call(n, request_id=no_id) for n in (1, 2, 3))))
        assert rows(ledger, "SELECT request_id FROM requests") == [(None,)] * 3

    def test_an_id_that_begins_like_one_is_one(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        ledger, _ = load_logs(write_lines(tmp_path / "app.jsonl", *(call(1, request_id="unknown-17") for _ in "ab")))
        assert rows(ledger, "SELECT request_id FROM requests") == [("unknown-17",)]

    TOLD: ClassVar = [
        call(1),
        call(1, output_tokens=7),
        call(1, session_id="s-1"),
        call(1, session_id="s-2"),
        call(1, input_tokens=None, output_tokens=None, cached_tokens=None, user="u-1", team="t-1", session_id="s-3"),
        call(2, user="u-1"),
        call(2, user="u-2", status="stop"),
        call(2, user="u-2", status="length"),
        call(3, cost="0.001"),
        call(3, cost="0.002"),
        call(4, model=None),
        call(5, input_tokens=-1),
    ]

    @pytest.mark.endurance
    @settings(max_examples=15, deadline=None)
    @given(
        order=st.permutations(range(len(TOLD))),
        cuts=st.sets(st.integers(1, len(TOLD) - 1), max_size=3),
        at_once=st.booleans(),
    )
    def test_neither_order_nor_split_changes_the_requests(
        self, shared: Ledger, order: list[int], cuts: set[int], at_once: bool
    ) -> None:
        lines = [{**self.TOLD[place], "note": place} for place in order]
        bounds = [0, *sorted(cuts), len(lines)]
        empty(shared)
        with TemporaryDirectory() as folder:
            logs = [
                write_lines(Path(folder) / f"{place}.jsonl", *lines[start:end])
                for place, (start, end) in enumerate(itertools.pairwise(bounds))
            ]
            for command in [logs] if at_once else [[log] for log in logs]:
                load_paths(shared, *command)
        assert counts(shared) == {"records": 12, "requests": 3, "duplicates": 7, "skipped": 0, "rejected": 2}
        asked = (
            "SELECT request_id, session_id, user_name, status, output_tokens, CAST(stated_cost AS DOUBLE) FROM requests"
        )
        assert sorted(rows(shared, asked)) == [
            ("call-1", "s-1", None, None, 101, None),
            ("call-2", None, "u-1", None, 102, None),
            ("call-3", None, None, None, 103, 0.001),
        ]


class TestText:
    CSV = (
        f"{HEADER}\n2026-10-01T08:00:00Z,deepseek-v4-pro,/chät,10,1\n2026-10-01T08:01:00Z,deepseek-v4-pro,/chät,20,2\n"
    )
    JSON = text_of([call(1, endpoint="/chät"), call(2, endpoint="/chät")]).decode()

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    @pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
    @pytest.mark.parametrize("text", [CSV, JSON], ids=["csv", "json"])
    def test_encodings_and_line_ends(
        self, text: str, end: str, encoding: str, load_logs: LoadLogs, tmp_path: Path
    ) -> None:
        log = tmp_path / "log"
        log.write_bytes(text.replace("\n", end).encode(encoding))
        ledger, _ = load_logs(log)
        assert rows(ledger, "SELECT endpoint FROM requests") == [("/chät",), ("/chät",)]
        assert counts(ledger)["records"] == 2

    def test_utf_16_of_the_other_byte_order(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        log = tmp_path / "log.jsonl"
        log.write_bytes(b"\xfe\xff" + self.JSON.encode("utf-16-be"))
        ledger, _ = load_logs(log)
        assert counts(ledger)["requests"] == 2

    def test_blank_lines_are_no_records(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", "", call(1), "", "  ", call(2), "\r"))
        assert counts(ledger) == {"records": 2, "requests": 2, "duplicates": 0, "skipped": 0, "rejected": 0}

    @pytest.mark.parametrize("indent", [None, 2])
    @pytest.mark.parametrize("as_list", [True, False], ids=["list", "one after the other"])
    def test_json_that_is_not_one_record_a_line(
        self, as_list: bool, indent: int | None, load_logs: LoadLogs, tmp_path: Path
    ) -> None:
        one_by_one = "\n".join(json.dumps(record, indent=indent) for record in CALLS)
        (tmp_path / "log.json").write_text(json.dumps(CALLS, indent=indent) if as_list else one_by_one)
        ledger, _ = load_logs(tmp_path / "log.json")
        assert counts(ledger)["requests"] == 12

    def test_an_empty_log_adds_nothing(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        logs = [write_lines(tmp_path / "empty.jsonl"), write_lines(tmp_path / "app.jsonl", call(1))]
        ledger, outcome = load_logs(*logs)
        assert [nothing.reason for nothing in outcome.nothing] == ["is empty"]
        assert counts(ledger)["requests"] == 1

    @pytest.mark.parametrize(
        "text",
        ["ts,model,input_tokens,output_tokens\n", "ts;model\r\n\r\n", "ts,model", "[]", "[ ]\n", "\n", " \n\t\r\n"],
    )
    def test_a_log_without_rows_adds_nothing(self, text: str, load_logs: LoadLogs, tmp_path: Path) -> None:
        log = tmp_path / "log.csv"
        log.write_bytes(text.encode())
        _, outcome = load_logs(log)
        assert not outcome.errors
        assert [nothing.reason for nothing in outcome.nothing] == ["holds no records"]

    def test_a_row_without_names_above_it_is_no_header(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        log = tmp_path / "log.csv"
        log.write_text("2026-10-01T00:00:00Z,deepseek-v4-pro,10,20\n")
        _, outcome = load_logs(log)
        assert ["no format fits" in str(error) for error in outcome.errors] == [True]

    @pytest.mark.parametrize("before", ["", "event: x\n", ": hello\n\nid: 7\nevent: x\n"])
    def test_an_event_stream_as_it_came_is_told_with_what_helps(
        self, before: str, load_logs: LoadLogs, tmp_path: Path
    ) -> None:
        """No text of the log is shown; the remedy leaves the objects alone, which are read."""
        usage = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
        chunk = {"object": "chat.completion.chunk", "id": "chatcmpl-abcdefghijklmnopqrstuv1", "created": 1_790_812_800}
        record = json.dumps(chunk | {"model": "gpt-5-mini", "choices": [], "usage": usage})
        stream = f"{before}data: {record}\n\ndata: [DONE]\n"
        _, outcome = load_logs(write_lines(tmp_path / "stream.log", stream))
        (error,) = outcome.errors
        assert str(error).endswith("stream.log: a raw event stream (lines of data: ...), not JSON lines")
        assert "sed -n 's/^data: *{/{/p'" in error.remedy
        left = [line for line in re.sub("(?m)^data: *{", "{", stream).splitlines() if line.startswith("{")]
        ledger, _ = load_logs(write_lines(tmp_path / "events.jsonl", *left))
        assert rows(ledger, "SELECT input_tokens, output_tokens FROM requests") == [(5, 2)]

    @pytest.mark.parametrize(
        ("key", "helps"), [("data", "jq -c '.data[]' LOG > LOG.jsonl"), ("my data", "one a line: give the list alone")]
    )
    def test_records_within_an_object_are_told(self, key: str, helps: str, load_logs: LoadLogs, tmp_path: Path) -> None:
        _, outcome = load_logs(write_lines(tmp_path / "log.json", {"page": 1, key: [call(1), 5]}))
        (error,) = outcome.errors
        assert str(error).endswith(f"its records stand in a list within an object, under {key}")
        assert error.remedy.endswith(helps)
        ledger, _ = load_logs(write_lines(tmp_path / "list.json", [call(1)]))
        assert counts(ledger)["requests"] == 1

    def test_a_csv_whose_first_rows_come_later_is_read_then(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        log = tmp_path / "log.csv"
        names = "ts,model,input_tokens,output_tokens\n"
        log.write_text(names)
        load_logs(log)
        log.write_text(f"{names}2026-10-01T00:00:00Z,deepseek-v4-pro,10,20\n")
        ledger, _ = load_logs(log)
        assert counts(ledger)["requests"] == 1

    @pytest.mark.parametrize(
        "name", ["a[1]*'.jsonl", 'say "hi"?.jsonl', "a;b, c.jsonl", "\u202egnp.jsonl", "%s{0}$x.jsonl"]
    )
    def test_any_file_name_will_do(self, name: str, load_logs: LoadLogs, tmp_path: Path) -> None:
        write_lines(tmp_path / "a1x'.jsonl", call(9))
        ledger, _ = load_logs(write_lines(tmp_path / name, call(1)))
        assert rows(ledger, "SELECT path, requests FROM sources") == [(str(tmp_path / name), 1)]
        assert rows(ledger, "SELECT request_id FROM requests") == [("call-1",)]

    @pytest.mark.parametrize("packing", ["gz", "xz", "bz2", "zst"])
    def test_a_packed_log_that_was_cut_gives_its_whole_records_and_a_warning(
        self, packing: str, load_logs: LoadLogs, tmp_path: Path
    ) -> None:
        dice = random.Random(1)
        PACKINGS[packing](
            text_of([call(number, salt=dice.getrandbits(6000)) for number in range(900)]), tmp_path / "app"
        )
        packed = (tmp_path / "app").read_bytes()
        (tmp_path / "app").write_bytes(packed[: len(packed) * 9 // 10])
        ledger, outcome = load_logs(tmp_path / "app")
        assert 300 < counts(ledger)["requests"] < 900
        assert ["ends before its compressed stream does" in str(warning) for warning in outcome.warnings] == [True]

    @pytest.mark.parametrize("packing", ["gz", "xz", "bz2", "zst", "zip"])
    def test_a_damaged_packed_log_does_not_stop_the_others(
        self, packing: str, load_logs: LoadLogs, tmp_path: Path
    ) -> None:
        PACKINGS[packing](text_of(CALLS), tmp_path / "packed")
        content = bytearray((tmp_path / "packed").read_bytes())
        content[60:160] = bytes(100)
        (tmp_path / "packed").write_bytes(content)
        ledger, outcome = load_logs(tmp_path / "packed", write_lines(tmp_path / "app.jsonl", call(100)))
        assert len(outcome.errors) + len(outcome.nothing) + len(outcome.warnings) >= 1
        assert rows(ledger, "SELECT count(*) FROM requests WHERE request_id = 'call-100'") == [(1,)]

    def test_what_is_no_log_is_an_error_and_the_rest_is_read(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").write_text("buy milk\n")
        (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(100))
        log = write_lines(tmp_path / "app.jsonl", call(1))
        ledger, outcome = load_logs(tmp_path / "notes.txt", tmp_path / "picture.png", log)
        assert [type(error) for error in outcome.errors] == [SourceError, SourceError]
        assert counts(ledger)["requests"] == 1


class TestRejected:
    TOLD = "SELECT record, reason FROM rejected ORDER BY record"

    def numbers(self, ledger: Ledger) -> list[int]:
        return [record for record, _ in rows(ledger, self.TOLD)]

    def test_a_record_is_found_by_its_line(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        lines = ["", "", call(1), "", call(2, model=None), call(3), call(4, ts=None)]
        ledger, _ = load_logs(write_lines(tmp_path / "app.jsonl", *lines))
        assert self.numbers(ledger) == [5, 7]
        assert counts(ledger) == {"records": 4, "requests": 2, "duplicates": 0, "skipped": 0, "rejected": 2}

    def test_also_when_other_lines_are_broken(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        lines = ["", call(1), "{broken", "", call(2, model=None), '{"also": broken}', call(3), "", call(4, ts=None)]
        ledger, _ = load_logs(write_lines(tmp_path / "app.jsonl", *lines))
        assert self.numbers(ledger) == [3, 5, 6, 9]
        assert counts(ledger)["requests"] == 2

    def test_also_in_a_log_that_has_grown(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        lines = [call(1), "", call(2), call(3, model=None)]
        log = write_lines(tmp_path / "app.jsonl", *lines)
        ledger, _ = load_logs(log)
        write_lines(log, *lines, "", "{broken}", call(4, model=None))
        load_logs(log)
        assert self.numbers(ledger) == [4, 6, 7]

    @pytest.mark.parametrize("broken", [[], ["one field"]], ids=["sound otherwise", "with a broken row"])
    def test_a_row_of_a_csv_is_found_by_its_number_below_the_header(
        self, broken: list[str], load_logs: LoadLogs, tmp_path: Path
    ) -> None:
        sound = '2026-10-01T08:00:00Z,deepseek-v4-pro,"two\nlines, ""quoted""",10,1'
        bad = "2026-10-01T08:01:00Z,,/chat,10,1"
        ledger, _ = load_logs(write_lines(tmp_path / "app.csv", HEADER, sound, bad, sound, bad, *broken))
        assert self.numbers(ledger) == [2, 4, 5][: 2 + len(broken)]
        assert counts(ledger)["requests"] == 2

    @pytest.mark.parametrize("broken", [[], ["one field"]], ids=["sound otherwise", "with a broken row"])
    def test_blank_lines_of_a_csv_do_not_count(self, broken: list[str], load_logs: LoadLogs, tmp_path: Path) -> None:
        sound, bad = "2026-10-01T08:00:00Z,deepseek-v4-pro,/chat,10,1", "2026-10-01T08:01:00Z,,/chat,10,1"
        ledger, _ = load_logs(write_lines(tmp_path / "app.csv", HEADER, sound, "", "", bad, sound, *broken))
        assert self.numbers(ledger) == [2, 4][: 1 + len(broken)]
        assert counts(ledger)["requests"] == 2

    def test_also_in_a_csv_that_has_grown(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        sound, bad = '2026-10-01T08:00:00Z,deepseek-v4-pro,"a\nb",10,1', "2026-10-01T08:01:00Z,,/chat,10,1"
        log = write_lines(tmp_path / "app.csv", HEADER, sound, bad)
        ledger, _ = load_logs(log)
        write_lines(log, HEADER, sound, bad, sound, bad)
        load_logs(log)
        assert self.numbers(ledger) == [2, 4]

    def test_broken_lines_do_not_take_the_sound_ones_with_them(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        broken: list[str | bytes] = [
            '{"ts": "2026-10-01T08:',
            "no JSON at all",
            "[1, 2]",
            '"text"',
            "null",
            b'{"ts": "\xff\xfe"}',
            '{"ts": NaN}',
            "{" * 5000,
        ]
        lines = [line for number, bad in enumerate(broken) for line in (bad, call(number))]
        ledger, _ = load_logs(write_lines(tmp_path / "app.jsonl", *lines))
        assert counts(ledger) == {"records": 16, "requests": 8, "duplicates": 0, "skipped": 0, "rejected": 8}
        assert self.numbers(ledger) == [1, 3, 5, 7, 9, 11, 13, 15]

    COUNTS: ClassVar[list[tuple[object, int | None]]] = [
        (0, 0), (12, 12), ("12", 12), (12.0, 12), (1e3, 1000), (2**53 - 1, 2**53 - 1),
        (-1, None), (5.7, None), (2**53, None), (str(2**53 + 1), None), (1e300, None),
        ("12 tokens", None), ("", None), ([1], None), ({"n": 1}, None),
    ]  # fmt: skip

    @pytest.mark.parametrize("together", [False, True], ids=["each alone", "all together"])
    def test_only_whole_numbers_are_counts(self, together: bool, load_logs: LoadLogs, tmp_path: Path) -> None:
        """Alone most are read the quick way, together with a broken one the careful way: both judge alike."""
        lines = [call(number, output_tokens=value) for number, (value, _) in enumerate(self.COUNTS)]
        logs = [lines] if together else [[line] for line in lines]
        for number, log in enumerate(logs):
            ledger, _ = load_logs(write_lines(tmp_path / f"{number}.jsonl", *log))
        told = dict(rows(ledger, "SELECT request_id, output_tokens FROM requests"))
        assert told == {f"call-{number}": count for number, (_, count) in enumerate(self.COUNTS) if count is not None}
        assert counts(ledger)["records"] == len(self.COUNTS)

    def test_reasons_name_the_trouble(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        lines = [
            call(1, ts=None),
            call(2, ts="yesterday"),
            call(3, ts=12),
            call(4, model=None),
            call(5, cached_tokens=99999),
            call(6, reasoning_tokens=99999),
        ]
        ledger, _ = load_logs(write_lines(tmp_path / "app.jsonl", *lines))
        reasons = [reason for _, reason in rows(ledger, self.TOLD)]
        beginnings = [
            "no time (looked for ts,",
            "its time is neither ISO 8601 nor a Unix time",
            "its time is not between 2000 and 2100",
            "no model (looked for model,",
            "cache_read_tokens 99999",
            "reasoning_tokens 99999 exceed output_tokens 106",
        ]
        assert [reason[: len(beginning)] for reason, beginning in zip(reasons, beginnings, strict=True)] == beginnings


class TestGiven:
    def test_values_that_a_log_leaves_out(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        lines = [call(1, model=None, endpoint=None), call(2, session_id="own", team="own")]
        log = write_lines(tmp_path / "app.jsonl", *lines)
        given = {"model": "deepseek-v4-pro", "endpoint": "/given", "session": "given", "team": "given"}
        ledger, _ = load_logs(log, given=given)
        assert rows(ledger, "SELECT model, endpoint, session_id, team FROM requests ORDER BY started_at") == [
            ("deepseek-v4-pro", "/given", "given", "given"),
            ("deepseek-v4-flash", "/chat", "own", "own"),
        ]

    def test_offsets_count_from_the_given_time(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        """Whole numbers are milliseconds, fractions are seconds."""
        trace = [
            {"timestamp": 0, "input_length": 600, "output_length": 52, "hash_ids": [0, 1]},
            {"timestamp": 27482, "input_length": 6955, "output_length": 52, "hash_ids": [0, 7]},
            {"timestamp": 5.25, "input_length": 512, "output_length": 1, "hash_ids": [0]},
        ]
        given = {"time": "2026-10-01 00:00:00", "model": "deepseek-v4-flash"}
        ledger, _ = load_logs(write_lines(tmp_path / "trace.jsonl", *trace), given=given)
        told = rows(
            ledger, "SELECT CAST(started_at AS VARCHAR), prefix_blocks, block_size FROM requests ORDER BY started_at"
        )
        assert told == [
            ("2026-10-01 00:00:00", ["0", "1"], 512),
            ("2026-10-01 00:00:05.25", ["0"], 512),
            ("2026-10-01 00:00:27.482", ["0", "7"], 512),
        ]

    def test_a_log_without_any_time_takes_the_given_one(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        log = write_lines(tmp_path / "app.jsonl", call(1, ts=None))
        ledger, _ = load_logs(log, given={"time": "2026-10-01 00:00:00"})
        assert rows(ledger, "SELECT CAST(started_at AS VARCHAR) FROM requests") == [("2026-10-01 00:00:00",)]

    def test_what_was_given_for_one_command_does_not_hold_for_the_next(
        self, load_logs: LoadLogs, tmp_path: Path
    ) -> None:
        load_logs(write_lines(tmp_path / "a.jsonl", call(1, model=None)), given={"model": "deepseek-v4-pro"})
        ledger, _ = load_logs(write_lines(tmp_path / "b.jsonl", call(2, model=None)))
        assert counts(ledger)["rejected"] == 1


SECRETS = [
    "sk-0123456789abcdef0123456789abcdef",
    "Bearer sk-proj-AbCdEfGhIjKlMnOpQrSt_uVwXyZ",
    "AIzaSyA0123456789abcdefghijklmnopqrstu",
    "0123456789abcdef0123456789abcdef",
]


class TestWhatTheLedgerHolds:
    def kept(self, path: Path, *logs: Path) -> bytes:
        """The bytes of a ledger after these logs, and everything that can be asked of it."""
        with Ledger.open(path, create=True) as ledger:
            load_paths(ledger, *logs)
            counts(ledger)
            ledger.connection.execute("CHECKPOINT")
            told = "".join(
                str(rows(ledger, f"FROM {table}")) for table in ("sources", "requests", "rejected", "skipped")
            )
        return path.read_bytes() + told.encode()

    def test_hostile_names_are_only_names(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        names = [
            "'; DROP TABLE requests; --",
            '"quoted"',
            "<script>alert(1)</script>",
            "=1+1",
            "\u202eright to left",
            "bell \a and escape \x1b[31m",
            "nul \0 within",
            "{0}%s$1",
        ]
        lines = [call(number, endpoint=name) for number, name in enumerate(names)]
        ledger, _ = load_logs(write_lines(tmp_path / "app.jsonl", *lines))
        assert rows(ledger, "SELECT endpoint FROM requests ORDER BY started_at") == [(name,) for name in names]

    @pytest.mark.parametrize("word", ["api_key", "key_name", "api_key_name"])
    def test_keys_are_masked(self, word: str, tmp_path: Path) -> None:
        lines = [call(number, **{word: key}) for number, key in enumerate([*SECRETS, "svc-search"])]
        kept = self.kept(tmp_path / "spend.duckdb", write_lines(tmp_path / "app.jsonl", *lines))
        assert b"svc-search" in kept
        assert [secret for secret in SECRETS if secret.encode()[4:-4] in kept] == []

    def test_keys_in_an_address_are_left_out(self, tmp_path: Path) -> None:
        lines = [
            call(1, endpoint=None, url="https://host.example/v1/models/m:generate?key=AIzaSyA0123456789abcdefghijk"),
            call(2, endpoint=None, url="https://login:AIzaSyA0123456789abcdefghijk@host.example/v1/chat"),
            call(3, endpoint="/v1/chat?key=AIzaSyA0123456789abcdefghijk"),
        ]
        kept = self.kept(tmp_path / "spend.duckdb", write_lines(tmp_path / "app.jsonl", *lines))
        assert b"https://host.example/v1/models/m:generate" in kept
        assert b"AIzaSy" not in kept

    def test_texts_of_prompts_and_answers_are_not_kept(self, tmp_path: Path) -> None:
        words = ("prompt", "answer", "argument", "error", "system", "reply")
        said = {word: f"canary-{word}-2f6c" for word in words}
        plain = call(
            1,
            messages=[{"role": "user", "content": said["prompt"]}],
            system=said["system"],
            completion=said["answer"],
            response={"choices": [{"message": {"content": said["reply"]}}]},
            error={"message": said["error"]},
            endpoint=None,
            function={"name": "look", "arguments": said["argument"]},
        )
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


def test_an_export_of_a_day_that_began_in_the_peak_tier_and_went_on_off_peak(tmp_path: Path) -> None:
    """Rows are known by their price: the second export adds the off-peak row and does not take it for the first one."""
    head = "user_id,start_time_iso,end_time_iso,model,api_key_name,api_key,type,price,amount"
    day = "u,2026-08-20T00:00:00+08:00,2026-08-21T00:00:00+08:00,deepseek-v4-flash,k,sk-***"
    peak = [f"{day},input_cache_miss_tokens,0.000003,400", f"{day},output_tokens,0.000009,80"]
    calm = [f"{day},input_cache_miss_tokens,0.0000015,200", f"{day},output_tokens,0.0000045,20"]
    (tmp_path / "early.csv").write_text("\n".join([head, *peak]) + "\n")
    (tmp_path / "late.csv").write_text("\n".join([head, *calm, *peak]) + "\n")

    with Ledger.throwaway() as ledger:
        for name in ("early.csv", "late.csv"):
            load(ledger, find((str(tmp_path / name),))[0], Manner())
        sums = ledger.connection.execute(
            "SELECT sum(input_tokens), sum(output_tokens), count(*) FROM requests"
        ).fetchone()

    assert sums == (200 + 400, 20 + 80, 2)


def test_a_unix_time_is_no_offset_even_where_an_origin_is_given(tmp_path: Path) -> None:
    log = '{"ts": 1791190800, "model": "m", "input_tokens": 1, "output_tokens": 1}\n{"ts": 1500, "model": "m", "input_tokens": 1, "output_tokens": 1}\n'
    (tmp_path / "log.jsonl").write_text(log)

    with Ledger.throwaway() as ledger:
        load(ledger, find((str(tmp_path / "log.jsonl"),))[0], Manner(given={"time": "2026-10-01 00:00:00"}))
        begun = ledger.connection.execute("SELECT epoch_us(started_at) FROM requests ORDER BY started_at").fetchall()

    origin = 1790812800  # 2026-10-01T00:00:00Z
    assert begun == [(origin * 1_000_000 + 1_500_000,), (1791190800 * 1_000_000,)]


@pytest.mark.parametrize("later", [False, True])
def test_answers_as_texts_do_not_hide_usage(tmp_path: Path, later: bool) -> None:
    """Where the first records show a text, a later object in its place is still looked into."""
    plain = {
        "ts": "2026-10-05T09:00:00Z",
        "model": "m",
        "response": "Dear all",
        "usage": {"input_tokens": 5, "output_tokens": 2},
    }
    inside = {
        "ts": "2026-10-05T09:00:00Z",
        "model": "m",
        "response": {"usage": {"input_tokens": 7, "output_tokens": 3}},
    }
    records = [plain] * 100 + [inside] * later
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))

    with Ledger.throwaway() as ledger:
        load(ledger, find((str(tmp_path / "log.jsonl"),))[0], Manner())
        sums = ledger.connection.execute("SELECT sum(input_tokens), sum(output_tokens) FROM requests").fetchone()

    assert sums == (500 + 7 * later, 200 + 3 * later)


def test_lines_may_be_very_long(load_logs: LoadLogs, tmp_path: Path) -> None:
    """A body of 40 MB, more than DuckDB takes for one object, between two short ones; a name stays what it is."""
    body = "CANARY " * (40 << 20 >> 3)
    log = write_lines(tmp_path / "long.jsonl", call(1), call(2, messages=body), '{"id": }', call(3))
    ledger, _ = load_logs(log)
    assert counts(ledger) == {"records": 4, "requests": 3, "duplicates": 0, "skipped": 0, "rejected": 1}
    assert rows(ledger, "SELECT record FROM rejected") == [(3,)]
    assert rows(ledger, "SELECT request_id, endpoint FROM requests ORDER BY 1") == [
        (f"call-{number}", "/chat") for number in (1, 2, 3)
    ]


def test_a_line_of_more_than_256_mb_is_rejected(
    load_logs: LoadLogs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limits are made small here: the real ones take seconds."""
    monkeypatch.setattr("analyzer.ingest.faults.LONGEST_LINE", 2000)
    monkeypatch.setattr("analyzer.ingest.faults.USUAL_LINE", 1000)
    log = write_lines(
        tmp_path / "long.jsonl", call(1), call(2, note="x" * 1500), call(3, note="x" * 5000), call(4), "{"
    )
    ledger, _ = load_logs(log)
    assert rows(ledger, "SELECT record, reason FROM rejected ORDER BY 1")[0] == (3, "a line of more than 256 MB")
    assert rows(ledger, "SELECT request_id FROM requests ORDER BY 1") == [("call-1",), ("call-2",), ("call-4",)]


def test_a_record_of_several_calls_is_rejected_as_a_whole_when_one_is_wrong(
    load_logs: LoadLogs, tmp_path: Path
) -> None:
    """A Weave call with usage of two models, one of which counts half a token."""
    usage = {"a": {"prompt_tokens": 5, "completion_tokens": 1}, "b": {"prompt_tokens": 0.5, "completion_tokens": 1}}
    record = {
        "id": "0199-weave-1",
        "trace_id": "t",
        "parent_id": None,
        "op_name": "openai.chat.completions.create",
        "started_at": "2026-10-01T08:00:00Z",
        "ended_at": "2026-10-01T08:00:02Z",
        "summary": {"usage": usage},
    }
    ledger, _ = load_logs(write_lines(tmp_path / "weave.jsonl", record), format="weave")
    assert counts(ledger) == {"records": 1, "requests": 0, "duplicates": 0, "skipped": 0, "rejected": 1}


@pytest.mark.parametrize("width", [1, 100, 1000, 10_000])
def test_line_ends_are_counted_in_long_lines_and_short_ones(width: int) -> None:
    assert line_ends(b"") == line_ends(b"x" * width) == 0
    assert line_ends((b"x" * width + b"\n") * 50 + b"x") == 50


@pytest.mark.parametrize("blank", [False, True], ids=["", "a blank line"])
@pytest.mark.parametrize("padding", [10, 600_000], ids=["small logs", "large logs"])
def test_records_of_logs_read_at_once_have_their_place_in_their_own(
    padding: int, blank: bool, load_logs: LoadLogs, tmp_path: Path
) -> None:
    """Transcripts of three records each: in the one named `a` the first is wrong, in `b` the second, in `c` the third."""

    def record(name: str, place: int) -> dict[str, object]:
        usage = {"input_tokens": 0.5 if place == "abc".index(name) else 5, "output_tokens": 1}
        return {
            "type": "assistant", "timestamp": "2026-10-01T08:00:00Z", "sessionId": name, "padding": "x" * padding,
            "message": {"id": f"msg_{name}{place}", "model": "claude-sonnet-4-5", "usage": usage},
        }  # fmt: skip

    for name in "abc":
        first, *others = (record(name, place) for place in range(3))
        write_lines(tmp_path / f"{name}.jsonl", first, *([""] if blank else []), *others)
    ledger, _ = load_logs(tmp_path)
    # A blank line is none of the records, but counts where somebody looks for a rejected one in the file.
    wrong = {"a": 1, "b": 3 if blank else 2, "c": 4 if blank else 3}
    assert rows(ledger, "SELECT path[-7:-7], record FROM rejected JOIN sources USING (source_id) ORDER BY ALL") == [
        *wrong.items()
    ]
    kept = [(f"msg_{name}{place}", place + 1) for name in "abc" for place in range(3) if place != "abc".index(name)]
    assert rows(ledger, "SELECT request_id, record FROM requests ORDER BY ALL") == kept


def test_a_large_pretty_printed_record_is_recognised(load_logs: LoadLogs, tmp_path: Path) -> None:
    """One record over many lines, longer than the first look at a log."""
    log = tmp_path / "call.json"
    log.write_text(json.dumps(call(1) | {"messages": ["y" * 1000] * 400}, indent=1), encoding="utf-8")
    ledger, _ = load_logs(log)
    assert counts(ledger)["requests"] == 1


class TestCutCsv:
    """A CSV whose last row is still being written, told by its quotes and its fields."""

    HEADER = "request_id,ts,model,input_tokens,output_tokens,note\n"
    ROW = 'r{},2026-10-01T08:00:00Z,deepseek-v4-flash,10,5,"said ""no"", twice\nin two lines"\n'

    PLACES = f" {ROW.format(2)} "

    # Within a name or a number each place is as the next: those are tried where all is.
    @pytest.mark.parametrize(
        "size",
        [
            pytest.param(size, marks=[] if size == 0 or re.search('[",\n]', around) else [pytest.mark.endurance])
            for size, around in enumerate(map("".join, itertools.pairwise(PLACES)))
        ],
    )
    def test_wherever_it_is_cut_each_row_counts_once_when_it_is_whole(
        self, size: int, tmp_path: Path, load_logs: LoadLogs
    ) -> None:
        log = tmp_path / "grows.csv"
        whole = self.HEADER + self.ROW.format(1).replace("\n", " ", 1) + self.ROW.format(2).replace("\n", " ", 1)
        cut = len(whole) - len(self.ROW.format(2)) + size
        log.write_text(whole[:cut])
        load_logs(log)
        log.write_text(whole)
        ledger, _ = load_logs(log)
        assert rows(ledger, "SELECT request_id FROM requests ORDER BY ALL") == [("r1",), ("r2",)]

    def test_a_last_row_that_ends_in_a_quoted_line_is_whole(self, tmp_path: Path, load_logs: LoadLogs) -> None:
        log = tmp_path / "done.csv"
        log.write_text(self.HEADER + self.ROW.format(1).removesuffix("\n"))
        ledger, outcome = load_logs(log)
        assert [loaded.pending for loaded in outcome.loaded] == [0]
        assert rows(ledger, "SELECT request_id FROM requests") == [("r1",)]


@pytest.mark.parametrize(
    ("end", "ended"),
    [("1999-12-31T23:59:59Z", (0, 1)), ("2000-01-01T00:00:00Z", (1, 0)), ("2099-12-31T23:59:59Z", (1, 0)),
     ("2100-01-01T00:00:00Z", (0, 1))],
)  # fmt: skip
def test_a_completion_out_of_this_century_is_rejected_also_behind_a_sound_start(
    end: str, ended: tuple[int, int], load_logs: LoadLogs, tmp_path: Path
) -> None:
    _, outcome = load_logs(write_lines(tmp_path / "log.jsonl", call(1, end_time=end)))
    assert [(one.requests, one.rejected) for one in outcome.loaded] == [ended]


@pytest.mark.parametrize(("latency", "start"), [(1500, "08:00:58.5"), (0, "08:01:00"), (-1500, "08:01:00")])
def test_a_start_is_told_by_the_completion_and_a_latency_that_can_be(
    latency: int, start: str, load_logs: LoadLogs, tmp_path: Path
) -> None:
    """A call that took less than no time began when it ended. A word without a unit is of seconds."""
    record = call(1, ts=None, end_time="2026-10-01T08:01:00Z", latency_ms=latency)
    by_seconds = call(2, ts=None, end_time="2026-10-01T08:01:00Z", latency=latency / 1000)
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", record), write_lines(tmp_path / "s.jsonl", by_seconds))
    assert rows(ledger, "SELECT started_at FROM requests") == [(datetime.fromisoformat(f"2026-10-01T{start}"),)] * 2


@pytest.mark.parametrize(("word", "said"), _OF_NULL.items())
def test_what_stands_for_a_word_over_a_column_that_no_row_has_is_what_it_says_of_null(
    word: str, said: str, ledger: Ledger
) -> None:
    """In value and type, for the types of all columns that are judged by it."""
    whole = _admit(frozenset(CLAIM))
    kinds = {kind for column, kind in CLAIM.items() if f"{word}({column})" in whole}
    for kind in kinds:
        text = f"{word}(v) IS NOT DISTINCT FROM {said}, typeof({word}(v)) = typeof({said})"
        assert rows(ledger, f"SELECT {text} FROM (SELECT CAST(NULL AS {kind}) AS v)") == [(True, True)]
    assert kinds
