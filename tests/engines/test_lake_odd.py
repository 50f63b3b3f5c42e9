"""Odd records of logs that another engine reads: judged here as any other, their requests a table for there."""

import json

import pytest
from test_lake import record

from analyzer.ingest.format import named

pytestmark = pytest.mark.sail
pytest.importorskip("pyarrow", reason="the extra `spark` is not installed")

from analyzer.lake.odd import judged_here  # noqa: E402  (what it stands on is only there with the extra)


def test_odd_records_are_judged_here() -> None:
    """Two logs hold the same odd records, which nothing identifies: they are two calls each, and one line of each is broken."""
    odd = {"ts": "20261001T080000Z", "model": "deepseek-v4-pro", "input_tokens": 1, "output_tokens": 1}
    offset = json.dumps(odd).encode()
    rows = [
        {"log_file": log, "source_id": number, "log_line": line}
        for number, log in ((7, "a.jsonl"), (9, "b.jsonl"))
        for line in (offset, offset, b'{"ts": ')
    ]

    judged = judged_here(rows, named("generic"), {})

    assert judged.requests.num_rows == 4
    assert set(judged.requests["input_tokens"].to_pylist()) == {1}
    assert (judged.duplicates, judged.skipped, judged.rejected) == (0, 0, 2)
    assert [(log, records) for log, reason, records in judged.reasons if "not valid JSON" in reason] == [
        ("a.jsonl", 1),
        ("b.jsonl", 1),
    ]


def test_odd_records_alone_are_judged_even_if_they_look_like_something_else() -> None:
    """The only odd line of a log is a list: of JSON lines that is a broken record, and no list of records."""
    row = {"log_file": "a.jsonl", "source_id": 1, "log_line": b'[{"ts": 1790000000, "model": "m"}]'}

    odd = judged_here([row], named("generic"), {})

    assert (odd.requests.num_rows, odd.rejected) == (0, 1)


def test_objects_on_one_line_are_records_each_and_the_log_of_a_rejected_one_is_named() -> None:
    glued = json.dumps(record(1)).encode() + json.dumps(record(2)).encode()
    rows = [
        {"log_file": "a.jsonl", "source_id": 1, "log_line": glued},
        {"log_file": "b.jsonl", "source_id": 2, "log_line": b'{"ts": '},
    ]

    judged = judged_here(rows, named("generic"), {})

    assert (judged.records, judged.duplicates, judged.skipped, judged.rejected) == (3, 0, 0, 1)
    assert judged.requests["source_id"].to_pylist() == [1, 1]
    assert [log for log, *_ in judged.reasons] == ["b.jsonl"]


def test_a_record_of_two_calls_is_both() -> None:
    """What a response had drawn is another model's: there the record would be one row."""
    response = {
        "id": "resp_AbCdEfGhIjKlMnOp", "object": "response", "created_at": 1790000000, "model": "gpt-5.4",
        "usage": {"input_tokens": 100, "output_tokens": 10, "total_tokens": 110},
        "tool_usage": {"image_gen": {"input_tokens": 5, "output_tokens": 9, "total_tokens": 14}},
    }  # fmt: skip
    row = {"log_file": "a.jsonl", "source_id": 3, "log_line": json.dumps(response).encode()}

    judged = judged_here([row], named("openai-responses"), {})

    calls = judged.requests.select(["model", "input_tokens", "records"]).to_pylist()
    assert sorted(tuple(call.values()) for call in calls) == [("gpt-5.4", 100, 1), ("image-generation", 5, 0)]
    assert judged.records == 1
