"""Many logs of which some are broken: read together they give what each gives by itself, in a few statements."""

import json
from pathlib import Path

import pytest
from conftest import call, empty, load_paths, rows, write_lines
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzer.ingest.loader import Loader
from analyzer.ledger import Ledger

SOUND = [json.dumps(call(number)) for number in range(40)]
# What may stand between records, and for how many records that counts.
BROKEN = ["Traceback (most recent call last):", '{"ts": ', "[1, 2]", "", "\f", "\ufeff" + SOUND[7], SOUND[8] + SOUND[9],
          SOUND[10] + '{"ts": ', json.dumps(call(11) | {"usage": {"prompt_tokens": "many", "completion_tokens": 1}}),
          json.dumps(call(12) | {"usage": {"prompt_tokens": True, "completion_tokens": 5}}), "{}",
          json.dumps(call(13))[:-1] + ', "team": "\\ud800"}']  # fmt: skip
LARGE = "x" * (1 << 20)  # a log with such a line is not joined with others

logs_of_lines = st.lists(
    st.lists(st.sampled_from([*SOUND[:7], *BROKEN]), min_size=1, max_size=6).map(lambda lines: [SOUND[0], *lines, SOUND[1]]),
    min_size=2,
    max_size=5,
)  # fmt: skip


def ends(ledger: Ledger, *logs: Path) -> set[object]:
    """How the records of logs ended: by log how many in which way, and each that was rejected."""
    empty(ledger)
    load_paths(ledger, *logs)
    sources = "SELECT path, records, skipped, rejected, requests + duplicates FROM sources"
    refused = """
        SELECT path, record, CASE WHEN starts_with(reason, 'no JSON object') THEN 'no time' ELSE left(reason, 7) END
        FROM rejected JOIN sources USING (source_id)
    """
    return {*rows(ledger, sources), *rows(ledger, refused)}


@pytest.mark.parametrize("large", [False, pytest.param(True, marks=pytest.mark.endurance)], ids=["small", "large"])
@given(logs=logs_of_lines)
@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_log_ends_as_it_does_by_itself(large: bool, logs: list[list[str]], shared: Ledger, tmp_path: Path) -> None:
    """But for the words for a line that is JSON and no record, which by itself may be a record without a time."""
    note = LARGE if large else ""
    paths = [
        write_lines(tmp_path / f"{number}.jsonl", *lines, call(100 + number, note=note))  # none is another's copy
        for number, lines in enumerate(logs)
    ]
    assert ends(shared, *paths) == set().union(*(ends(shared, path) for path in paths))


MANY = json.dumps(call(50) | {"input_tokens": "many"})
LONG = json.dumps(call(51) | {"note": LARGE})
HEAD = "request_id,ts,model,input_tokens,output_tokens"
ROW = "r{},2026-10-01T00:00:00Z,deepseek-flash,5,2"


@pytest.mark.parametrize(
    ("lines", "counts"),
    [
        ((SOUND[0], "broken"), ["DOUBLE", "DOUBLE"]),  # as they are; and without what is broken, as quickly
        ((LONG, "broken"), ["DOUBLE", "DOUBLE"]),  # each in a file of its own
        ((SOUND[0], MANY), ["DOUBLE", "VARCHAR"]),  # what is no number is told from text
        ((HEAD, ROW, "x,y"), ["VARCHAR", "VARCHAR"]),  # of a CSV all is text
        ((HEAD.replace(",", ";"), ROW.replace(",", ";"), "x;y"), ["VARCHAR", "VARCHAR"]),
    ],
    ids=["broken", "large", "mistyped", "csv", "semicolons"],
)
def test_they_are_read_in_a_few_statements(
    lines: tuple[str, ...], counts: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each statement takes a tenth of a second to plan: were logs read one by one, hundreds would take minutes."""
    staged: list[tuple[int, str]] = []
    stage = Loader._stage
    monkeypatch.setattr(Loader, "_stage", lambda self, form, sources, reading: (
        staged.append((len(sources), reading.count)), stage(self, form, sources, reading))[1])  # fmt: skip
    own = [[line.replace("call-", f"{number}-").replace("r{}", f"r{number}") for line in lines] for number in range(4)]
    logs = [write_lines(tmp_path / str(number), *told) for number, told in enumerate(own)]
    with Ledger.throwaway() as ledger:
        load_paths(ledger, *logs)
        assert rows(ledger, "SELECT sum(requests), sum(rejected) FROM sources") == [(4, 4)]
        assert rows(ledger, "SELECT DISTINCT record FROM rejected") == [(2,)]
    assert staged == [(4, count) for count in counts]


def test_what_is_no_count_is_found_behind_a_broken_line_as_well(shared: Ledger, tmp_path: Path) -> None:
    """``true`` and ``false`` are read as 1 and 0 the quick way: a call of a single token may be none."""
    odd = [json.dumps(call(number) | {"output_tokens": value}) for number, value in ((1, True), (2, False), (3, 1))]
    empty(shared)
    load_paths(shared, write_lines(tmp_path / "a.jsonl", "broken", *odd))
    assert rows(shared, "SELECT record FROM rejected ORDER BY record") == [(1,), (2,), (3,)]
    assert rows(shared, "SELECT request_id, output_tokens FROM requests") == [("call-3", 1)]


@pytest.mark.parametrize("note", ["", LARGE], ids=["small", "large"])
def test_records_keep_their_numbers_where_rows_are_made_of_many(note: str, shared: Ledger, tmp_path: Path) -> None:
    """Codex tells the model first, and its counts later: a row knows its record's number, here with two lines taken out."""
    model = {
        "timestamp": "2026-10-01T08:00:00Z",
        "type": "turn_context",
        "payload": {"model": "gpt-5-codex", "note": note},
    }

    def counted(input_tokens: int) -> dict[str, object]:
        usage = {"input_tokens": input_tokens, "output_tokens": 5, "total_tokens": input_tokens + 5}
        info = {"total_token_usage": usage, "last_token_usage": usage}
        return {
            "timestamp": "2026-10-01T08:00:01Z",
            "type": "event_msg",
            "payload": {"type": "token_count", "info": info},
        }

    logs = [
        write_lines(tmp_path / f"{number}.jsonl", model, *["broken"] * number, "", counted(-1), counted(100 + number))
        for number in range(3)
    ]
    empty(shared)
    load_paths(shared, *logs)
    refused = rows(shared, "SELECT path, record FROM rejected JOIN sources USING (source_id) ORDER BY path, record")
    # The model's line, as many broken ones as the log's name says, a blank one, and then the count that is none.
    assert [(Path(path).name, record) for path, record in refused] == [
        ("0.jsonl", 3), ("1.jsonl", 2), ("1.jsonl", 4), ("2.jsonl", 2), ("2.jsonl", 3), ("2.jsonl", 5),
    ]  # fmt: skip
    assert rows(shared, "SELECT input_tokens FROM requests ORDER BY input_tokens") == [(100,), (101,), (102,)]
