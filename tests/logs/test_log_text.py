"""The text of a log: encodings, line ends, fields, long lines, what of it is not written to its end."""

import itertools
import json
import random
import re
from pathlib import Path

import pytest
from conftest import LoadLogs, call, counts, empty, rows, text_of, write_lines
from support import PACKINGS

from analyzer.errors import SourceError
from analyzer.ingest.discovery import find
from analyzer.ingest.load import Manner, load
from analyzer.ingest.stretch import line_ends
from analyzer.ledger import Ledger

HEADER = "ts,model,endpoint,input_tokens,output_tokens"
CALLS = [call(number) for number in range(12)]


@pytest.fixture
def ledger(shared: Ledger) -> Ledger:
    """An empty ledger: the shared one, emptied, which is quicker than another."""
    empty(shared)
    return shared


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
        _, outcome = load_logs(write_lines(tmp_path / "log.json", {"page": 1, key: [{"date": "2026-10-01"}, 5]}))
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

    @pytest.mark.endurance
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


class TestCutCsv:
    """A CSV whose last row is still being written, told by its quotes and its fields."""

    HEADER = "request_id,ts,model,input_tokens,output_tokens,note\n"
    ROW = 'r{},2026-10-01T08:00:00Z,deepseek-v4-flash,10,5,"said ""no"", twice\nin two lines"\n'

    PLACES = f" {ROW.format(2)} "

    # Within a field each place is as the next: those are tried where all is.
    @pytest.mark.parametrize(
        "size",
        [
            pytest.param(size, marks=[] if size == 0 or re.search('["\n]', around) else [pytest.mark.endurance])
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


@pytest.mark.parametrize("width", [1, 100, 1000, 10_000])
def test_line_ends_are_counted_in_long_lines_and_short_ones(width: int) -> None:
    assert line_ends(b"") == line_ends(b"x" * width) == 0
    assert line_ends((b"x" * width + b"\n") * 50 + b"x") == 50


def test_a_large_pretty_printed_record_is_recognised(load_logs: LoadLogs, tmp_path: Path) -> None:
    """One record over many lines, longer than the first look at a log."""
    log = tmp_path / "call.json"
    log.write_text(json.dumps(call(1) | {"messages": ["y" * 1000] * 400}, indent=1), encoding="utf-8")
    ledger, _ = load_logs(log)
    assert counts(ledger)["requests"] == 1
