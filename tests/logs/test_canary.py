"""No text of a prompt, an answer or a tool, and no key, comes out of a log: canaries die in the mine.

The samples in ``formats/`` have the word CANARY in their texts and keys. Here every other text that no format names as
one of its columns gets one too. Nothing that the program keeps or says may hold it.
"""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import load_paths, rows
from support import BOOK, spend
from test_formats import NAMES, SAMPLES, logs

from analyzer.engines.query import queries
from analyzer.ingest import format as formats
from analyzer.ingest.format import Format
from analyzer.ledger import Ledger
from analyzer.simulate.relations import View, prepare

CANARY = "CANARY"
_SETS = 8  # of formats that go into one ledger
# Formats of which the whole record is names and numbers: there is no text that could leak.
WITHOUT_TEXTS = {"deepseek-export", "deepseek-export-cost", "openrouter-activity-daily", "burstgpt"}


def planted(log: Path, form: Format, folder: Path) -> Path:
    """The log with a canary in each text of a JSON record that stands outside of the format's columns."""
    copy = folder / log.name
    if log.suffix == ".csv":
        with log.open(newline="", encoding="utf-8-sig") as file:
            header, *lines = csv.reader(file)
        named = {name.lower() for name in form.columns}
        free = [place for place, name in enumerate(header) if name.strip().lower() not in named]
        with copy.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(
                [header, *([f"{CANARY} cell" if n in free else cell for n, cell in enumerate(line)] for line in lines)]
            )
        return copy
    if log.suffix != ".jsonl":
        copy.write_bytes(log.read_bytes())
        return copy
    told = (_with_canaries(line, form) for line in log.read_text(encoding="utf-8").splitlines())
    copy.write_text("".join(f"{line}\n" for line in told), encoding="utf-8")
    return copy


def _with_canaries(line: str, form: Format) -> str:
    try:
        record = json.loads(line)
    except ValueError:
        return line
    if not isinstance(record, dict):
        return line
    told = {name: value if name in form.columns else _replaced(value) for name, value in record.items()}
    if "messages" not in form.columns:
        told["messages"] = [{"role": "user", "content": f"{CANARY} prompt"}]
    return json.dumps(told)


def _replaced(value: object) -> object:
    if isinstance(value, str):
        return f"{CANARY} text"
    if isinstance(value, Mapping):
        return {key: _replaced(inner) for key, inner in value.items()}
    return [_replaced(inner) for inner in value] if isinstance(value, list) else value


def everything(path: Path, ledger: Ledger) -> Iterator[tuple[str, str]]:
    """All that a ledger holds and answers, by where it stands."""
    for table in ("sources", "requests", "copies", "rejected", "skipped"):
        yield table, str(rows(ledger, f"FROM {table}"))
    ledger.connection.execute("CHECKPOINT")
    yield "the file", path.read_bytes().decode("latin-1")


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_has_canaries_in_its_texts(name: str) -> None:
    told = b"".join(log.read_bytes() for log in logs(name))
    assert (CANARY.encode() in told) == (name not in WITHOUT_TEXTS)


@pytest.mark.parametrize(
    "names",
    [pytest.param(NAMES[place::_SETS], marks=[pytest.mark.endurance] if place % 2 else []) for place in range(_SETS)],
)
def test_none_is_kept(names: Sequence[str], tmp_path: Path) -> None:
    """Several formats go into one ledger, and it is looked at after each."""
    path = tmp_path / "l.duckdb"
    with Ledger.open(path, create=True) as ledger:
        for name in names:
            folder = tmp_path / name
            folder.mkdir()
            form = formats.named(name)
            load_paths(ledger, *(planted(log, form, folder) for log in logs(name)), format=name)
            assert [(name, where) for where, what in everything(path, ledger) if CANARY in what] == []


@pytest.mark.endurance
def test_none_is_said(tmp_path: Path) -> None:
    """Summary, JSON, report, status, queries and messages, of all samples together."""
    ledger, report = tmp_path / "l.duckdb", tmp_path / "r.html"
    told: list[Any] = [
        spend("ingest", "--db", ledger, SAMPLES),
        spend("analyze", "--db", ledger, "--report", report),
        spend("analyze", "--db", ledger, "--json", "--no-report"),
        spend("status", "--db", ledger),
        spend("status", "--db", ledger, "--json"),
        spend("formats", SAMPLES),
        spend("query", "rejected", "--db", ledger, "--format", "json"),
    ]
    with Ledger.open(ledger) as opened:
        prepare(opened, BOOK, View())
        answers = [str(query.frame(opened.connection).rows()) for query in queries().values()]
    assert [ended.code for ended in told[1:3]] == [0, 0]
    assert [ended for ended in told if CANARY in ended.out + ended.err] == []
    assert [text for text in answers if CANARY in text] == []
    assert CANARY not in report.read_text(encoding="utf-8")
