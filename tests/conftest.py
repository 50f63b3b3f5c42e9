"""What the tests share: a throwaway ledger, loading logs into it, writing logs, asking the ledger."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
import support
from hypothesis import HealthCheck, settings

from analyzer.ingest import format as formats
from analyzer.ingest.discovery import find
from analyzer.ingest.load import Manner, Outcome, load
from analyzer.ledger import Ledger

CLASSES = ("records", "requests", "duplicates", "skipped", "rejected")

LoadLogs = Callable[..., tuple[Ledger, Outcome]]
Write = Callable[..., Path]

# How long an example takes is no property of the program: on a busy machine anything may take long.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """An empty ledger, gone after the test."""
    with Ledger.throwaway() as made:
        yield made


@pytest.fixture(scope="module")
def shared() -> Iterator[Ledger]:
    """One ledger for all tests of a module, which empty it themselves: that is quicker than another."""
    with Ledger.throwaway() as made:
        yield made


@pytest.fixture(scope="module")
def memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory, for statements over rows that tests make up."""
    with duckdb.connect() as connection:
        yield connection


@pytest.fixture(scope="module")
def sampled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of the sample logs, to be read."""
    path = tmp_path_factory.mktemp("ledger") / "spend.duckdb"
    assert support.spend("ingest", "--db", path, support.ROOT / "sample_logs").code == 0
    return path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own, in which the test runs."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sound log of one call, in the working directory."""
    monkeypatch.chdir(tmp_path)
    return support.write(tmp_path / "good.jsonl", support.call())


@pytest.fixture
def load_logs(ledger: Ledger) -> LoadLogs:
    """``load_logs(*paths, format=None, given=None)`` reads logs into the test's ledger, as one command would."""

    def load_into(*paths: Path | str, **manner: Any) -> tuple[Ledger, Outcome]:
        return ledger, load_paths(ledger, *paths, **manner)

    return load_into


@pytest.fixture
def log(tmp_path: Path) -> Write:
    """``log("name", record, ...)`` writes a log."""
    return lambda name, *records: write_lines(tmp_path / name, *records)


def load_paths(
    ledger: Ledger,
    *paths: Path | str,
    format: str | None = None,  # noqa: A002
    given: Mapping[str, str] | None = None,
) -> Outcome:
    """Read logs into a ledger, as one command would; a path that does not exist fails the test."""
    found, errors = find(tuple(map(str, paths)))
    assert not errors
    return load(ledger, found, Manner(formats.named(format) if format else None, dict(given or {})))


def rows(ledger: Ledger, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    """What a query of the ledger gives."""
    return ledger.connection.execute(sql, list(parameters)).fetchall()


def counts(ledger: Ledger) -> dict[str, int]:
    """How all records in the ledger ended. Checks the law that every record is in exactly one class."""
    by_source = rows(ledger, f"SELECT {', '.join(CLASSES)} FROM sources")
    for records, requests, duplicates, skipped, rejected in by_source:
        assert records == requests + duplicates + skipped + rejected
    told = rows(
        ledger,
        "SELECT (SELECT coalesce(sum(records), 0) FROM requests), (SELECT coalesce(sum(records), 0) FROM skipped), "
        "(SELECT count(*) FROM rejected), (SELECT count(*) FROM requests WHERE fate IS NOT NULL)",
    )
    total = (
        dict(zip(CLASSES, (sum(column) for column in zip(*by_source, strict=True)), strict=True))
        if by_source
        else dict.fromkeys(CLASSES, 0)
    )
    assert told == [(total["requests"], total["skipped"], total["rejected"], 0)]
    return total


def empty(ledger: Ledger) -> None:
    """Forget everything that was read: quicker than another ledger."""
    for table in ("requests", "copies", "rejected", "skipped", "sources", "seen"):
        ledger.connection.execute(f"DELETE FROM {table}")


def write_lines(path: Path, *lines: Mapping[str, object] | str | bytes) -> Path:
    """Write a log, one record or text a line."""
    path.write_bytes(b"".join(as_line(line) for line in lines))
    return path


def as_line(line: Mapping[str, object] | str | bytes) -> bytes:
    """A record, or a text as it stands, as one line."""
    if isinstance(line, bytes):
        return line + b"\n"
    return (line if isinstance(line, str) else json.dumps(line)).encode() + b"\n"


def text_of(lines: Iterable[Mapping[str, object] | str | bytes]) -> bytes:
    """Records, or texts as they stand, as the bytes of a log."""
    return b"".join(map(as_line, lines))


def call(number: int, **fields: object) -> dict[str, object]:
    """A sound record of the generic format: call ``number``, made that many minutes after 2026-10-01T08:00Z."""
    record: dict[str, object] = {
        "request_id": f"call-{number}",
        "ts": f"2026-10-01T{8 + number // 60:02}:{number % 60:02}:00Z",
        "model": "deepseek-v4-flash",
        "endpoint": "/chat",
        "input_tokens": 1000 + number,
        "cached_tokens": 512,
        "output_tokens": 100 + number,
    }
    return {name: value for name, value in (record | fields).items() if value is not None}
