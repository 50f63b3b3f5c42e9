"""Every field of every format's samples with every hostile value in it: no value spoils another record.

A log of thousands of such records is read at once. Were one of them more than its format can bear, the log could not be
read at all.
"""

import csv
import io
import json
import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from conftest import counts, empty, load_paths, write_lines
from test_formats import NAMES, logs

from analyzer.ledger import Ledger

pytestmark = pytest.mark.endurance

# As they stand in the log.
VALUES = (
    "null", "true", "0", "-0", "-1", "1.5", "1e400", "-1e400", "1e-400", "9223372036854775807", "9223372036854775808", "18446744073709551616",
    "1" + "0" * 40, "NaN", '""', '" "', '"x"', '"12"', '"-1"', '"1e400"', '"NaN"', '"infinity"', '"-infinity"', '"epoch"', '"now"',
    '"0001-01-01T00:00:00Z"', '"9999-12-31T23:59:59Z"', '"10000-01-01"', '"294247-01-10T04:00:54.775806Z"', '"2016-12-31T23:59:60Z"', '"2026-10-01T08:00:00+14:00"',
    "-62135596800", "253402300800", "1790812800000000000", r'"\u0000"', '"{}"', '"[]"', '"{"', r'"{\"a\": 1}"', r'"[null, 1]"', "[]", "{}", "[null]", "[[]]", "[{}]", '{"": null}',
    '[1, "x", null, {}]', '{"a": {"b": []}}', '[[1, 2], "x"]', "[" * 60 + "]" * 60,
)  # fmt: skip
HERE = "\u2400here"
MOST = 2_000  # records of a log: of more, so many by lot


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where values stand in a record, those in texts of JSON, too."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value[:3]):
            yield (*path, key)
            yield from places(inner, (*path, key))
    elif isinstance(value, str) and value[:1] in {"{", "["}:
        try:
            yield from places(json.loads(value), (*path, None))
        except ValueError:
            return


def replaced(value: Any, path: tuple[Any, ...], token: str) -> Any:
    """The record with a token of JSON in one place."""
    if not path:
        return HERE + token
    if path[0] is None:
        return written(replaced(json.loads(value), path[1:], token))
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], token)
    return copy


def written(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {written(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, str) and value.startswith(HERE):
        return value.removeprefix(HERE)
    return json.dumps(value)


def records(log: Path) -> list[dict[str, Any]]:
    text = log.read_text(encoding="utf-8")
    found: list[Any] = []
    if text.startswith(("[", "{\n")):
        decoder, at = json.JSONDecoder(), 0
        while at < len(text):
            value, at = decoder.raw_decode(text, at)
            found += value if isinstance(value, list) else [value]
            at += len(text[at:]) - len(text[at:].lstrip())
    else:
        for line in text.splitlines():
            with suppress(ValueError):
                found.append(json.loads(line))
    return [record for record in found if isinstance(record, dict)]


@pytest.mark.parametrize("name", NAMES)
def test_no_value_of_a_field_spoils_another_record(name: str, shared: Ledger, tmp_path: Path) -> None:
    """Read the quick way, and, with a broken line more, the careful way: both find the same."""
    dice = random.Random(name)
    for log in logs(name):
        made = tmp_path / f"a{'.csv' if log.suffix == '.csv' else '.jsonl'}"
        lines = _cells(log, dice) if log.suffix == ".csv" else _lines(log, dice)
        found = []
        for broken in ([], ["broken" if log.suffix == ".csv" else "{broken}"]):
            write_lines(made, *lines, *broken)
            empty(shared)
            outcome = load_paths(shared, made, format=name)
            assert [(str(error), error.__cause__) for error in outcome.errors] == []
            found.append(counts(shared))
        quickly, carefully = found
        assert quickly["requests"] + quickly["skipped"] > 0
        assert carefully == quickly | {"records": quickly["records"] + 1, "rejected": quickly["rejected"] + 1}
        # A document can hold several records, or none.
        assert quickly["records"] >= len(lines) * (0.5 if log.suffix == ".json" else 0.9)


def _lines(log: Path, dice: random.Random) -> list[str]:
    sound = records(log)
    varied = [(record, path, value) for record in sound for path in places(record) for value in VALUES]
    chosen = dice.sample(varied, min(MOST, len(varied)))
    return [*map(written, sound), *(written(replaced(*one)) for one in chosen)]


def _cells(log: Path, dice: random.Random) -> list[str]:
    with log.open(newline="", encoding="utf-8-sig") as file:
        header, *told = csv.reader(file)
    varied = [(cells, at, value) for cells in told for at in range(len(cells)) for value in VALUES]
    chosen = [
        [*cells[:at], value[1:-1] if value[0] == '"' else value, *cells[at + 1 :]]
        for cells, at, value in dice.sample(varied, min(MOST, len(varied)))
    ]
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows([header, *told, *chosen])
    return out.getvalue().rstrip("\n").split("\n")
