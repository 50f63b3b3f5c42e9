"""A ledger of two months, the first of them closed; what comes late for it; and the reviews of both."""

import contextlib
import csv
import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from reviews import MILLION
from support import Ended, call, spend, write

Rows = list[dict[str, str]]


def two_months(folder: Path) -> Path:
    """A ledger of two months, one call in May and two in June; and the same with May closed, and what that printed."""
    days = ["2026-05-10T10:00:00Z", "2026-06-10T10:00:00Z", "2026-06-20T10:00:00Z"]
    log = write(folder / "log.jsonl", *(call(ts=day, request_id=f"r{day}", **MILLION) for day in days))
    with contextlib.chdir(folder):
        spend("ingest", log, "--db", "open.duckdb", "--quiet")
        shutil.copy("open.duckdb", "spend.duckdb")
        ended = spend("review", "2026-05", "--quiet", "--json", "--db", "spend.duckdb", "--close")
    assert ended.code == 0
    (folder / "closed.json").write_text(ended.out, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return two_months(tmp_path_factory.mktemp("first"))


@pytest.fixture
def ledger(first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with both ledgers; the one with May closed is the usual one."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(first, tmp_path, dirs_exist_ok=True)
    return tmp_path


def late(folder: Path, day: str = "2026-05-20T10:00:00Z", name: str = "late") -> Path:
    """A log of one call of the closed month that was not there when it was closed."""
    return write(folder / f"{name}.jsonl", call(ts=day, request_id=name, endpoint="/late", **MILLION))


def review(month: str, *arguments: str | Path) -> Ended:
    """The document of a month, without its files."""
    short = ("--no-report", "--no-workbook", "--json", "--scenario", "all-flash")
    return spend("review", month, *short, "--db", "spend.duckdb", *arguments)


def exported(*words: str | Path) -> tuple[Rows, str]:
    """The rows of an export of the ledger, and what is said beside."""
    ended = spend("export", *words, "--output", "-", "--db", "spend.duckdb")
    assert ended.code == 0, ended.err
    return list(csv.DictReader(ended.out.splitlines())), ended.err


def total(rows: Rows, column: str = "cost") -> Decimal:
    return sum((Decimal(row[column] or 0) for row in rows), Decimal(0))
