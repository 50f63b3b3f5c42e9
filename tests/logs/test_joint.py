"""Small logs are read together, and each stands in the ledger as if it had been read alone."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import call, load_paths, rows
from hypothesis import given, settings
from hypothesis import strategies as st
from support import ledger_of

from analyzer.ledger import Ledger

Write = Callable[[Sequence[dict[str, object]]], str]


def lines(records: Sequence[dict[str, object]]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def spaced(records: Sequence[dict[str, object]]) -> str:
    return "\n\n" + "\r\n  \r\n".join(json.dumps(record) for record in records)


def listed(records: Sequence[dict[str, object]]) -> str:
    return json.dumps(records, indent=1)


def pretty(records: Sequence[dict[str, object]]) -> str:
    return "\n".join(json.dumps(record, indent=2) for record in records)


def broken(records: Sequence[dict[str, object]]) -> str:
    return (
        lines(records[:1]) + "\n{broken\n" + lines(records[1:]) + '{"model": "m", "ts": "never", "input_tokens": 1}\n'
    )


WAYS: tuple[Write, ...] = (lines, spaced, listed, pretty, broken)


def told(ledger: Ledger) -> dict[str, list[tuple[Any, ...]]]:
    """What the ledger says of each log: its counts, its requests, its rejected records with their places."""
    path = "split_part(path, '/', -1)"
    return {
        "sources": rows(ledger, f"SELECT {path}, records, requests, duplicates, rejected FROM sources ORDER BY 1"),
        "requests": rows(
            ledger,
            f"SELECT {path}, request_id, r.input_tokens FROM requests AS r JOIN sources USING (source_id) ORDER BY ALL",
        ),
        "rejected": rows(
            ledger, f"SELECT {path}, record, reason FROM rejected JOIN sources USING (source_id) ORDER BY ALL"
        ),
    }


@pytest.mark.endurance
@settings(deadline=None, max_examples=8)
@given(st.lists(st.tuples(st.sampled_from(WAYS), st.integers(1, 5)), min_size=2, max_size=7))
def test_logs_read_together_are_those_read_one_by_one(
    tmp_path_factory: pytest.TempPathFactory, logs: list[tuple[Write, int]]
) -> None:
    folder: Path = tmp_path_factory.mktemp("logs")
    paths = []
    for place, (write, size) in enumerate(logs):
        path = folder / f"{place}.log"
        records = [call(100 * place + number, request_id=f"r-{place}-{number}") for number in range(size)]
        path.write_text(write(records), encoding="utf-8", newline="")
        paths.append(path)
    with ledger_of(*paths) as together, Ledger.throwaway() as alone:
        for path in paths:
            load_paths(alone, path)
        assert told(together) == told(alone)
