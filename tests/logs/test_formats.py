"""Each format by example: ``formats/<name>/`` holds small logs, the rows they become and how their records end.

``golden.csv`` and ``counts.csv`` were worked out by hand from the logs. An empty field is NULL. A row of
``counts.csv`` is one log; they are read together, in that order.
"""

import csv
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import counts, empty, load_paths, rows
from hypothesis import given
from hypothesis import strategies as st
from support import ROOT, spend, write

from analyzer.ingest import format as formats
from analyzer.ingest.discovery import find
from analyzer.ingest.load import Manner, Outcome, load
from analyzer.ledger import Ledger

SAMPLES = ROOT / "tests/formats"
NAMES = sorted(folder.name for folder in SAMPLES.iterdir())


def table(path: Path) -> tuple[list[str], list[tuple[str | None, ...]]]:
    with path.open(newline="", encoding="utf-8") as file:
        header, *lines = csv.reader(file)
    return header, [tuple(field or None for field in line) for line in lines]


def in_order(lines: list[tuple[str | None, ...]]) -> list[tuple[str | None, ...]]:
    return sorted(lines, key=lambda line: [field or "" for field in line])


def logs(name: str) -> list[Path]:
    return [SAMPLES / name / str(line[0]) for line in table(SAMPLES / name / "counts.csv")[1]]


def test_every_format_has_a_sample() -> None:
    assert sorted(formats.formats()) == NAMES


@pytest.fixture(scope="module")
def reading() -> Iterator[Ledger]:
    """One ledger for the logs of all formats, one after another."""
    with Ledger.throwaway() as made:
        yield made


@pytest.fixture(scope="module", params=NAMES)
def read(request: pytest.FixtureRequest, reading: Ledger) -> tuple[str, Ledger, Outcome]:
    """A format, and a ledger that its logs were read into."""
    empty(reading)
    return request.param, reading, load_paths(reading, *logs(request.param))


def test_every_log_is_recognised_as_its_format(read: tuple[str, Ledger, Outcome]) -> None:
    name, _, outcome = read
    assert not outcome.errors
    assert {(Path(loaded.path).name, loaded.format) for loaded in outcome.loaded} == {
        (path.name, name) for path in logs(name)
    }


def test_rows_are_the_golden_ones(read: tuple[str, Ledger, Outcome]) -> None:
    name, ledger, _ = read
    header, golden = table(SAMPLES / name / "golden.csv")
    # 0.001200 is 0.0012 and 08:00:00.250 is 08:00:00.25
    as_text = ", ".join(
        f"regexp_replace(CAST({column} AS VARCHAR), '(\\.[0-9]*[1-9])0+$|\\.0+$', '\\1')"
        if column.endswith(("_at", "cost"))
        else f"CAST({column} AS VARCHAR)"
        for column in header
    )
    assert in_order(rows(ledger, f"SELECT {as_text} FROM requests")) == in_order(golden)


def test_every_record_ends_in_one_class(read: tuple[str, Ledger, Outcome]) -> None:
    name, ledger, _ = read
    header, golden = table(SAMPLES / name / "counts.csv")
    found = rows(ledger, f"SELECT path, {', '.join(header[1:])} FROM sources ORDER BY source_id")
    assert sorted((Path(path).name, *map(str, numbers)) for path, *numbers in found) == sorted(golden)
    counts(ledger)


def test_reading_the_logs_again_adds_nothing(read: tuple[str, Ledger, Outcome]) -> None:
    name, ledger, _ = read
    before = counts(ledger), rows(ledger, "SELECT * FROM requests ORDER BY ALL")
    again = load_paths(ledger, *reversed(logs(name)))
    assert not again.loaded
    assert (counts(ledger), rows(ledger, "SELECT * FROM requests ORDER BY ALL")) == before


def each_log() -> Iterator[Any]:
    """Every log; in the tests that take long, those of formats with rows of one record and a format's second and further ones."""
    for name in NAMES:
        plain = formats.formats()[name].grain != "group" and name not in {"generic", "openai-responses", "openai-chat"}
        for place, path in enumerate(logs(name)):
            yield pytest.param(path, id=f"{name}/{path.name}", marks=[pytest.mark.endurance] if place or plain else [])


@pytest.mark.endurance
@pytest.mark.parametrize("log", list(each_log()))
def test_one_more_broken_line_does_not_change_what_the_others_mean(log: Path, shared: Ledger, tmp_path: Path) -> None:
    """The careful reading of a log with a broken line gives the same rows as the quick reading without it."""
    broken = tmp_path / log.name
    broken.write_bytes(log.read_bytes() + (b'{"id": }\n' if log.suffix == ".jsonl" else b"one field\r\n"))
    meant = "SELECT * EXCLUDE (source_id) FROM requests ORDER BY ALL"
    empty(shared)
    load_paths(shared, log)
    quick = counts(shared), rows(shared, meant)
    empty(shared)
    load_paths(shared, broken)
    careful = counts(shared), rows(shared, meant)
    more = {"records": quick[0]["records"] + 1, "rejected": quick[0]["rejected"] + 1}
    assert careful == (quick[0] | more, quick[1])


def test_a_transcript_that_is_cut_is_no_other_agents(tmp_path: Path) -> None:
    """One strange line among three is no reason to ask: it has neither an id nor pi's own counts."""
    whole = SAMPLES / "claude-code" / "first-versions.jsonl"
    (tmp_path / "cut.jsonl").write_text("".join(whole.read_text().splitlines(keepends=True)[-3:]))

    run = spend("formats", tmp_path / "cut.jsonl")

    assert (run.code, run.err) == (0, "")
    assert ": claude-code (" in run.out


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("-- model:     model\n", "", "formats/openai-embeddings.sql: its head lacks model"),
        ("-- title: ", "-- titel: ", "formats/openai-embeddings.sql: its head has titel, which nothing reads"),
        (
            "-- name:      openai-",
            "-- name:      my-",
            "formats/openai-embeddings.sql: its head calls it my-embeddings",
        ),
        ("container: json", "container: jsonl", "formats/openai-embeddings.sql: its container is .* and not jsonl"),
        ("AS started_at", "AS starts_at", "gives starts_at, which nothing reads .nearest: started_at"),
        ("    source_id,\n", "", "formats/openai-embeddings.sql: does not hand source_id through"),
    ],
)
def test_a_misspelt_word_of_a_format_is_named(old: str, new: str, says: str, ledger: Ledger) -> None:
    """Else it would be as if the log did not say."""
    text = (ROOT / "analyzer/formats/openai-embeddings.sql").read_text(encoding="utf-8")
    assert old in text
    found, _ = find(tuple(map(str, logs("openai-embeddings"))))
    with pytest.raises(ValueError, match=says):
        load(ledger, found, Manner(formats.Format.parse("openai-embeddings", text.replace(old, new, 1))))


def test_of_a_statement_that_is_none_the_file_is_named(ledger: Ledger) -> None:
    text = (ROOT / "analyzer/formats/openai-embeddings.sql").read_text(encoding="utf-8").replace("SELECT", "SELCT", 1)
    found, _ = find(tuple(map(str, logs("openai-embeddings"))))
    with pytest.raises(duckdb.ParserException) as raised:
        load(ledger, found, Manner(formats.Format.parse("openai-embeddings", text)))
    assert raised.value.__notes__ == ["in formats/openai-embeddings.sql"]


@pytest.mark.parametrize(("replies", "taken"), [(2, "generic"), (3, "openai-chat")])
def test_of_a_log_that_mixes_words_the_last_resort_reads_most(replies: int, taken: str, tmp_path: Path) -> None:
    """It fits all ten; a format that fits less than a quarter of them leaves the log to it."""
    reply = {"object": "chat.completion", "created": 1790000000, "model": "m", "usage": {"prompt_tokens": 1}}
    own = {"ts": "2026-10-01T00:00:00Z", "model": "m", "tokens_in": 5, "tokens_out": 2}
    log = write(tmp_path / "mixed.jsonl", *[own] * (10 - replies), *[reply] * replies)
    assert f": {taken} (" in spend("formats", log).out


def test_what_a_log_shows_is_named_and_not_all_that_it_might(tmp_path: Path) -> None:
    """Of the many words for a time and for usage, those that stand in this log."""
    record = '{"when": "x", "ts": "2026-10-01T00:00:00Z", "model": "deepseek-flash", "tokens_in": 5, "tokens_out": 2}\n'
    (tmp_path / "own.jsonl").write_text(record * 2)
    told = spend("formats", tmp_path / "own.jsonl").out.splitlines()
    assert told[1] == "  all of its first 2 records show: model | ts | tokens_in"


def test_of_the_values_that_a_format_knows_those_that_stand_there_are_named(tmp_path: Path) -> None:
    """`object` may be one of three: the one is told that the log has."""
    record = '{"object": "chat.completion", "created": 1790000000, "model": "deepseek-flash", "usage": {}}\n'
    (tmp_path / "chat.jsonl").write_text(record)
    told = spend("formats", tmp_path / "chat.jsonl").out.splitlines()
    assert told[1] == "  its first record shows: object = chat.completion; created; model"


@given(st.text("ab*", min_size=1, max_size=6), st.text("ab\n", max_size=7))
def test_a_value_of_evidence_has_wildcards_as_a_shell_does(value: str, told: str) -> None:
    assert formats.Evidence(("type",), (value,)).holds({"type": told}) == fnmatchcase(told, value)
