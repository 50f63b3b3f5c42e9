"""Records judged: which are requests, which are rejected with their place and why, and what the user may add."""

from datetime import datetime
from pathlib import Path
from typing import ClassVar

import pytest
from conftest import LoadLogs, call, counts, empty, rows, write_lines

from analyzer.ingest.claim import _OF_NULL, CLAIM, _admit
from analyzer.ingest.discovery import find
from analyzer.ingest.load import Manner, load
from analyzer.ledger import Ledger

HEADER = "ts,model,endpoint,input_tokens,output_tokens"


@pytest.fixture
def ledger(shared: Ledger) -> Ledger:
    """An empty ledger: the shared one, emptied, which is quicker than another."""
    empty(shared)
    return shared


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

    @pytest.mark.parametrize(
        "together",
        [pytest.param(False, id="each alone", marks=pytest.mark.endurance), pytest.param(True, id="together")],
    )
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


def test_a_unix_time_is_no_offset_even_where_an_origin_is_given(tmp_path: Path) -> None:
    log = '{"ts": 1791190800, "model": "m", "input_tokens": 1, "output_tokens": 1}\n{"ts": 1500, "model": "m", "input_tokens": 1, "output_tokens": 1}\n'
    (tmp_path / "log.jsonl").write_text(log)

    with Ledger.throwaway() as ledger:
        load(ledger, find((str(tmp_path / "log.jsonl"),))[0], Manner(given={"time": "2026-10-01 00:00:00"}))
        begun = ledger.connection.execute("SELECT epoch_us(started_at) FROM requests ORDER BY started_at").fetchall()

    origin = 1790812800  # 2026-10-01T00:00:00Z
    assert begun == [(origin * 1_000_000 + 1_500_000,), (1791190800 * 1_000_000,)]


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


def test_a_total_tells_what_a_record_leaves_out_and_what_stands_beside(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Of 100 read and 30 written, 60 of those read from the cache and 20 of these reasoning, where they are inside."""
    usage: list[tuple[dict[str, object], tuple[int, int] | None]] = [
        ({"input_tokens": 100, "total_tokens": 130}, (100, 30)),
        ({"output_tokens": 30, "total_tokens": 130}, (100, 30)),
        ({"input_tokens": 100, "output_tokens": 30, "total_tokens": 130}, (100, 30)),
        ({"input_tokens": 100, "output_tokens": 10, "total_tokens": 130}, (100, 30)),  # reasoning is beside
        ({"input_tokens": 40, "output_tokens": 30, "total_tokens": 130}, (100, 30)),  # so is what was cached
        ({"input_tokens": 40, "output_tokens": 10, "total_tokens": 130}, (100, 30)),  # both
        ({"input_tokens": 100, "output_tokens": 30, "total_tokens": 131}, None),
        ({"input_tokens": 131, "total_tokens": 130}, None),
        ({"output_tokens": 131, "total_tokens": 130}, None),
    ]
    nothing: dict[str, object] = {
        "input_tokens": None,
        "output_tokens": None,
        "cached_tokens": 60,
        "reasoning_tokens": 20,
    }
    records = [call(number, **{**nothing, **told}) for number, (told, _) in enumerate(usage)]

    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *records))

    kept = [(f"call-{number}", *tokens) for number, (_, tokens) in enumerate(usage) if tokens]
    assert rows(ledger, "SELECT request_id, input_tokens, output_tokens FROM requests ORDER BY ALL") == kept
    assert rows(ledger, "SELECT record FROM rejected ORDER BY record") == [(7,), (8,), (9,)]


def test_calls_are_of_this_century(load_logs: LoadLogs, tmp_path: Path) -> None:
    """From its first instant to its last: both sides of both."""
    inside = ["2000-01-01T00:00:00Z", "2099-12-31T23:59:59.999999Z"]
    outside = ["1999-12-31T23:59:59.999999Z", "2100-01-01T00:00:00Z"]
    records = [call(number, ts=ts) for number, ts in enumerate([*inside, *outside])]

    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *records))

    assert rows(ledger, "SELECT request_id FROM requests ORDER BY ALL") == [("call-0",), ("call-1",)]
    assert rows(ledger, "SELECT record FROM rejected ORDER BY record") == [(3,), (4,)]


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
