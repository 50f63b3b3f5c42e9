"""Numbers and instants at their ends, as logs write them: read exactly, or rejected in their place, in all ways of reading.

A log is read quickly where it is sound, with care where a line is broken, and as a CSV; all three must judge alike.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import call, counts, empty, load_paths, rows, write_lines

from analyzer.ledger import Ledger

pytestmark = pytest.mark.endurance

WAYS = ["quickly", "with care", "csv"]

# As they stand in the log; None: no count.
NUMBERS: list[tuple[str, int | None]] = [
    ("0", 0), ("-0", 0), ("-0.0", 0), ("1e3", 1000), ("1E+3", 1000), ("12.0", 12), ("120e-1", 12), ('"12"', 12), ('" 12 "', 12),
    ('"1e3"', 1000), ("9007199254740991", 2**53 - 1), ('"9007199254740991"', 2**53 - 1), ("9007199254740992", None), ('"9007199254740993"', None),
    ("1.5", None), ('"1.5"', None), ("-1", None), ("0.1", None), ("1e-400", 0),
    ("1e400", None), ("-1e400", None), ("9223372036854775807", None), ("9223372036854775808", None), ("18446744073709551616", None),
    ("1" + "0" * 30, None), ("1" + "0" * 400, None), ('"1e400"', None), ('"NaN"', None), ('"Infinity"', None), ('"0x10"', None), ('"1,000"', None), ('"١٢"', None),
    ("true", None), ('"true"', None), ('""', None),
]  # fmt: skip

# What stands under `ts`, and the instant in UTC; None: none between 2000 and 2100.
INSTANTS: list[tuple[str, str | None]] = [
    ('"2026-10-01T08:00:00Z"', "2026-10-01 08:00:00"), ('"2026-10-01"', "2026-10-01 00:00:00"), ('"2026-10-01 08:00"', "2026-10-01 08:00:00"),
    ('"2026-10-01T08:00:00.1234567Z"', "2026-10-01 08:00:00.123456"), ('"2026-10-01T08:00:00.123456789Z"', "2026-10-01 08:00:00.123456"),
    ('"2026-10-01T08:00:00+14:00"', "2026-09-30 18:00:00"), ('"2026-10-01T08:00:00-12:00"', "2026-10-01 20:00:00"), ('"2026-10-01T08:00:00+05:45"', "2026-10-01 02:15:00"),
    ('"2024-02-29T12:00:00Z"', "2024-02-29 12:00:00"), ('"2000-01-01T00:00:00Z"', "2000-01-01 00:00:00"), ('"2099-12-31T23:59:59.999999Z"', "2099-12-31 23:59:59.999999"),
    ('"1999-12-31T23:59:59Z"', None), ('"2100-01-01T00:00:00Z"', None), ('"2000-01-01T00:00:00+00:01"', None), ('"2099-12-31T23:59:59-00:01"', None),
    ('"0001-01-01T00:00:00Z"', None), ('"0000-01-01T00:00:00Z"', None), ('"-0001-01-01T00:00:00Z"', None), ('"9999-12-31T23:59:59Z"', None), ('"10000-01-01T00:00:00Z"', None),
    ('"294247-01-10T04:00:54.775806Z"', None), ('"294248-01-01T00:00:00Z"', None), ('"290309-12-22 (BC) 00:00:00"', None), ('"infinity"', None), ('"-infinity"', None), ('"epoch"', None),
    ('"2025-02-29T00:00:00Z"', None), ('"2026-13-01"', None), ('"2026-10-32"', None), ('"2026-10-01T25:00:00Z"', None), ('"2026-10-01T08:60:00Z"', None),
    ('"2026-10-01T08:00:00+99:00"', "2026-09-27 05:00:00"), ('"now"', None), ('"today"', None), ('""', None), ('"Thu, 01 Oct 2026 08:00:00 GMT"', None),
    ('"20261001T080000Z"', "2026-10-01 08:00:00"), ('"20261001T080000"', "2026-10-01 08:00:00"), ('"20261001T0800Z"', "2026-10-01 08:00:00"), ('"20261001T08"', "2026-10-01 08:00:00"),
    ('"20261001T080000.25+0200"', "2026-10-01 06:00:00.25"), ('"20261001T080000.123456789Z"', "2026-10-01 08:00:00.123456"), ('"20261001T080000,5-0230"', "2026-10-01 10:30:00.5"),
    ('"2026-10-01T08Z"', "2026-10-01 08:00:00"), ('"2026-10-01T08"', "2026-10-01 08:00:00"), ('"2026-10-01T08+02"', "2026-10-01 06:00:00"), ('"2026-10-01t08:00:00z"', "2026-10-01 08:00:00"),
    ('"2026-10-01 08:00:00z"', "2026-10-01 08:00:00"), ('"2026-10-01T08:00:00,5Z"', "2026-10-01 08:00:00.5"), ('"2026-10-01t08:00:00.5+05:45"', "2026-10-01 02:15:00.5"),
    ('"2026-02-29T08Z"', None), ('"2026-02-29t08:00:00z"', None), ('"20260229T080000Z"', None),
    ('"20261301T080000Z"', None), ('"20261001T250000Z"', None), ('"20261001T086000Z"', None), ('"20261001T080"', None), ('"2026101T080000Z"', None), ('"20261001T080000Zz"', None),
    ('"19991231T235959Z"', None), ('"21000101T000000Z"', None), ('"20261001"', None), ('"20261001080000"', None), ('"2026-10-01T8Z"', None), ('"2026-10-01T"', None),
    ("1790812800", "2026-10-01 00:00:00"), ("1790812800.25", "2026-10-01 00:00:00.25"), ('"1790812800"', "2026-10-01 00:00:00"), ("1790812800000", "2026-10-01 00:00:00"),
    ("1790812800000000", "2026-10-01 00:00:00"), ("1790812800000000000", "2026-10-01 00:00:00"), ("1.7908128e9", "2026-10-01 00:00:00"), ("946684800", "2000-01-01 00:00:00"),
    ("946684799", None), ("4102444800", None), ("0", None), ("-1", None), ("-62135596800", None), ("253402300800", None), ("9223372036854775807", None), ("9223372036854775808", None),
    ("-9223372036854775808", None), ("18446744073709551616", None), ("1e30", None), ("1e400", None), ("-1e400", None), ("1" + "0" * 400, None), ("1e-400", None), ("true", None), ("[]", None), ("{}", None),
]  # fmt: skip


def read(ledger: Ledger, folder: Path, field: str, values: list[str], way: str) -> dict[int, Any]:
    """Requests by number, each of which has one of the values in a field."""
    if way == "csv":
        names = ["request_id", "ts", "model", "input_tokens", "output_tokens"]
        cells = [
            {
                "request_id": f"call-{number}",
                "ts": "2026-10-01T08:00:00Z",
                "model": "m",
                "input_tokens": "10",
                "output_tokens": "5",
            }
            | {field: value[1:-1] if value.startswith('"') else value}
            for number, value in enumerate(values)
        ]
        lines = [",".join(names), *(",".join(f'"{cell[name]}"' for name in names) for cell in cells)]
        log = write_lines(folder / "a.csv", *lines)
    else:
        lines = [
            json.dumps(call(number) | {field: "HERE"}).replace('"HERE"', value) for number, value in enumerate(values)
        ]
        log = write_lines(folder / "a.jsonl", *lines, *["{broken}"] * (way == "with care"))
    empty(ledger)
    outcome = load_paths(ledger, log)
    assert not outcome.errors
    assert counts(ledger)["records"] == len(values) + (way == "with care")
    column = "CAST(started_at AS VARCHAR)" if field == "ts" else field
    found = {
        int(one.partition("-")[2]): value for one, value in rows(ledger, f"SELECT request_id, {column} FROM requests")
    }
    rejected = {record - 1 for (record,) in rows(ledger, "SELECT record FROM rejected")}
    assert rejected | found.keys() == set(range(counts(ledger)["records"]))
    assert not rejected & found.keys()
    return found


@pytest.mark.parametrize("way", WAYS)
def test_counts(way: str, shared: Ledger, tmp_path: Path) -> None:
    expected = {number: count for number, (_, count) in enumerate(NUMBERS) if count is not None}
    if way == "csv":  # an empty cell says nothing, and where fields end with commas one may stand between thousands
        written = [value for value, _ in NUMBERS]
        expected |= {written.index('""'): None, written.index('"1,000"'): 1000}  # type: ignore[dict-item]
    assert read(shared, tmp_path, "output_tokens", [value for value, _ in NUMBERS], way) == expected


@pytest.mark.parametrize("way", WAYS)
def test_instants(way: str, shared: Ledger, tmp_path: Path) -> None:
    expected = {number: instant for number, (_, instant) in enumerate(INSTANTS) if instant is not None}
    assert read(shared, tmp_path, "ts", [value for value, _ in INSTANTS], way) == expected


@pytest.mark.parametrize("way", WAYS)
def test_a_leap_second_is_the_next_one(way: str, shared: Ledger, tmp_path: Path) -> None:
    """Or the record is rejected: what counts is that it is the same in all ways, and that no other one suffers."""
    values = ['"2016-12-31T23:59:60Z"', '"2026-10-01T08:00:00Z"']
    found = read(shared, tmp_path, "ts", values, way)
    assert found[1] == "2026-10-01 08:00:00"
    assert found.get(0) in {None, "2017-01-01 00:00:00"}


@pytest.mark.parametrize(
    "field", ["completed_at", "latency_ms", "cost", "block_size", "tool_calls", "status", "cached_tokens"]
)
@pytest.mark.parametrize("way", WAYS[:2])
def test_extreme_values_of_other_fields_spoil_no_other_record(
    field: str, way: str, shared: Ledger, tmp_path: Path
) -> None:
    """Each record is a request or rejected; an instant or a duration that is none is unknown."""
    values = ["1", *(value for value, _ in NUMBERS), *(value for value, _ in INSTANTS), '"nan"', "[1]", '{"a": 1}']
    lines = [json.dumps(call(number) | {field: "HERE"}).replace('"HERE"', value) for number, value in enumerate(values)]
    empty(shared)
    outcome = load_paths(shared, write_lines(tmp_path / "a.jsonl", *lines, *["{broken}"] * (way == "with care")))
    assert not outcome.errors
    found = counts(shared)
    assert found["records"] == len(values) + (way == "with care")
    assert found["requests"] + found["rejected"] == found["records"]
    assert found["requests"] > (0 if field == "cached_tokens" else 50)


@pytest.mark.parametrize("broken", [False, True], ids=["sound otherwise", "with a broken line"])
@pytest.mark.parametrize("form", ["generic", "openai-wrapped"])
def test_a_wrong_count_inside_of_a_reply_is_rejected(form: str, broken: bool, shared: Ledger, tmp_path: Path) -> None:
    """Where usage is taken out of JSON, too: it is no call without usage."""
    tokens = ["12", '"x"', "[1]", '""', "null", '"12"']
    body = '{{"id": "chatcmpl-{0}", "object": "chat.completion", "usage": {{"prompt_tokens": {1}, "completion_tokens": 4}}}}'
    lines = [
        f'{{"ts": "2026-10-01T08:00:0{number}Z", "model": "m", "response": {body.format(number, token)}}}'
        for number, token in enumerate(tokens)
    ]
    empty(shared)
    load_paths(shared, write_lines(tmp_path / "a.jsonl", *lines, *["{broken}"] * broken), format=form)
    assert rows(shared, "SELECT input_tokens FROM requests ORDER BY started_at") == [(12,), (None,), (12,)]
    assert [record for (record,) in rows(shared, "SELECT record FROM rejected ORDER BY record")] == [
        2,
        3,
        4,
        *[7] * broken,
    ]
