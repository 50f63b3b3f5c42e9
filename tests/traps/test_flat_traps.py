"""Flat cache counts whose words leave open whether they are a part of the input: the log and model settle it."""

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import LoadLogs, counts, rows, write_lines

INPUTS = "SELECT request_id, input_tokens FROM requests ORDER BY request_id"


def told(name: str, read: int, fresh: int = 100, model: str = "claude-sonnet-5", **more: Any) -> dict[str, Any]:
    """A call that tells what was read from the cache in Anthropic's word alone, and nothing of what was written."""
    return {
        "request_id": f"call-{name}",
        "ts": f"2026-10-01T08:00:0{len(name)}Z",
        "model": model,
        "input_tokens": fresh,
        "cache_read_input_tokens": read,
        "output_tokens": 5,
    } | more


@pytest.mark.parametrize(
    "evidence",
    [
        told("b", 101),  # more than the input cannot be a part of it
        told("b", 50, total_tokens=155),  # 100 + 50 + 5
        told("b", 50, reasoning_tokens=3, total_tokens=158),  # and what was thought stands beside the output
        told("b", 50, cache_creation_input_tokens=0),  # only Anthropic tells what was written
    ],
)
def test_trap_02_one_record_tells_how_a_log_counts(
    evidence: dict[str, Any], load_logs: LoadLogs, tmp_path: Path
) -> None:
    """The mostly fresh prompts of a log count as its warm ones do, a total of their own aside."""
    log = [told("a", 60), evidence, told("c", 100), {"model": "broken"}, told("d", 60, total_tokens=105)]
    ledger, outcome = load_logs(write_lines(tmp_path / "log.jsonl", *log))
    beside = 100 + evidence["cache_read_input_tokens"]
    assert rows(ledger, INPUTS) == [("call-a", 160), ("call-b", beside), ("call-c", 200), ("call-d", 100)]
    assert rows(ledger, "SELECT record FROM rejected") == [(4,)]
    assert outcome.warnings == []


def test_trap_02_what_was_written_stands_beside_as_well(load_logs: LoadLogs, tmp_path: Path) -> None:
    """In words that others have taken over: 100 + 60 + 30 where the record shows nothing, 100 + 700 where it does."""
    log = [
        {("cacheReadTokens" if key == "cache_read_input_tokens" else key): value for key, value in one.items()}
        for one in (told("a", 60, cacheWriteTokens=30), told("b", 700))
    ]
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *log))
    assert rows(ledger, INPUTS) == [("call-a", 190), ("call-b", 800)]


def test_trap_02_without_evidence_they_are_a_part(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Neither another model nor another log speaks for them, nor a record that has no cache count at all."""
    one = write_lines(tmp_path / "one.jsonl", told("a", 60), told("b", 700, model="claude-haiku-5"), told("c", 0))
    other = write_lines(tmp_path / "other.jsonl", told("d", 700))
    ledger, _ = load_logs(one, other)
    assert rows(ledger, INPUTS) == [("call-a", 100), ("call-b", 800), ("call-c", 100), ("call-d", 800)]


@pytest.mark.parametrize("renamed", [False, True])
def test_trap_02_evidence_that_comes_later_settles_what_was_read_before(
    renamed: bool, load_logs: LoadLogs, tmp_path: Path
) -> None:
    """A log that has grown is read as a whole again, also under the name that rotation gave it; calls have no id here."""
    calls = [told(name, read) for name, read in (("a", 60), ("aa", 700), ("aaa", 60))]
    for one in calls:
        del one["request_id"]
    log = write_lines(tmp_path / "app.jsonl", calls[0])
    ledger, _ = load_logs(log)
    inputs = "SELECT input_tokens FROM requests ORDER BY started_at"
    assert rows(ledger, inputs) == [(100,)]
    for grown, sums in ((calls[:2], [160, 800]), (calls, [160, 800, 160])):
        if renamed:
            log = log.rename(log.with_name(f"old-{log.name}"))
        write_lines(log, *grown)
        _, outcome = load_logs(log)
        assert rows(ledger, inputs) == [(one,) for one in sums]
        assert outcome.warnings == []
        assert counts(ledger)["records"] == len(grown)


def test_trap_02_what_cannot_be_settled_is_told(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Where the words come late in what is new, the log's beginning is not read again."""
    log = tmp_path / "app.jsonl"
    write_lines(log, told("a", 60))
    plain = [{key: value for key, value in told(f"{n}", 0).items() if "cache" not in key} for n in range(40)]
    load_logs(log)
    write_lines(log, told("a", 60), *plain, told("z", 700))
    _, outcome = load_logs(log)
    (warning,) = outcome.warnings
    assert str(warning).startswith(f"{log}: has grown by records that may tell")
    assert "spend forget" in warning.remedy


def test_trap_02_rows_of_a_csv_count_alike(load_logs: LoadLogs, tmp_path: Path) -> None:
    """The words are the same there."""
    calls = [told("a", 60), told("b", 700)]
    lines = [",".join(calls[0]), *(",".join(json.dumps(v).strip('"') for v in call.values()) for call in calls)]
    ledger, _ = load_logs(write_lines(tmp_path / "log.csv", *lines))
    assert rows(ledger, INPUTS) == [("call-a", 160), ("call-b", 800)]
