"""The same logs give the same bytes: in whatever order, on whatever machine, in whatever zone and language."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import surroundings

# All documents of a run, in one process of its own: the program starts once for all of them.
DRIVER = """
import contextlib, hashlib, io, json, os, sys
from datetime import UTC, datetime
from unittest.mock import patch
import duckdb
from analyzer.cli import main, moments
moments.now = lambda: datetime(2026, 11, 2, tzinfo=UTC)
connect, threads = duckdb.connect, os.environ.get("THREADS")
def told(path, config): return connect(path, config={**config, **({"threads": threads} if threads else {})})
def run(*words):
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    def leave(code): raise SystemExit(code)
    with patch.object(sys, "argv", ["spend", *words]), patch.object(os, "_exit", leave), contextlib.redirect_stdout(out):
        try: main()
        except SystemExit: pass
    out.flush()
    return hashlib.sha256(out.buffer.getvalue()).hexdigest() + f" of {len(out.buffer.getvalue())}"
logs, bill = sys.argv[1].split("|"), sys.argv[2]
with patch.object(duckdb, "connect", told):
    documents = {"analyze": run("analyze", *logs, "--json", "--report", "r.html", "--tz", "Europe/Berlin")}
    if sys.argv[3] == "all":
        documents["simulate"] = run("simulate", *logs, "--json")
        run("ingest", "--quiet", *logs, "--db", "l.duckdb")
        documents["query"] = run("query", "endpoints_by_month", "--db", "l.duckdb", "--format", "csv")
        documents["reconcile"] = run("reconcile", bill, "--db", "l.duckdb", "--json")
        documents["review"] = run("review", "2026-09", "--db", "l.duckdb", "--json", "--no-workbook")
for page in ("r.html", "spend-review-2026-09.html"):
    if os.path.exists(page):
        documents[page] = hashlib.sha256(open(page, "rb").read()).hexdigest()
print(json.dumps(documents))
"""


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], Path]:
    """Logs that tell of the same calls in other words, with sessions that cross them; and a bill."""
    folder = tmp_path_factory.mktemp("logs")
    logs = []
    for name in ("a", "b", "c"):
        lines = [
            json.dumps(
                {
                    "request_id": f"r{number}", "ts": f"2026-09-{number % 28 + 1:02}T{number % 24:02}:59:59.9Z",
                    "duration_ms": number, "model": ("deepseek-v4-flash", "deepseek-v4-pro", "gpt-5", "acme")[number % 4],
                    "endpoint": ("/İstanbul", "/ıspanak", "/Äpfel", "/zoo", "/chat")[number % 5],
                    "session_id": f"s{number % 17}", "team": f"team {number % 3}",
                    "input_tokens": 900 + number * 7, "cached_tokens": number % 900, "output_tokens": number % 77,
                    **({"user": name} if number % 2 else {}),
                }
            )
            for number in range(ord(name) % 5 * 20, 200 + ord(name) % 7 * 30)
        ]  # fmt: skip
        log = folder / f"{name}.jsonl"
        log.write_text("\n".join([*lines, "{broken}"]) + "\n", encoding="utf-8")
        logs.append(log)
    bill = folder / "amount-2026-9.csv"
    bill.write_text(
        "user_id,utc_date,model,api_key_name,api_key,type,price,amount\n"
        + "".join(
            f"u,2026-09-0{day},deepseek-v4-flash,,,{kind},{price},{100 * day}\n"
            for day in range(1, 9)
            for kind, price in (("request_count", ""), ("output_tokens", "0.00000028"))
        ),
        encoding="utf-8",
    )
    return logs, bill


USUAL = {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8", "THREADS": "2"}
ELSEWHERE = {"PYTHONHASHSEED": "4711", "TZ": "Pacific/Chatham", "LC_ALL": "tr_TR.UTF-8", "THREADS": "1"}
LARGER = {"PYTHONHASHSEED": "1", "TZ": "America/St_Johns", "LC_ALL": "C", "LANG": "de_DE", "THREADS": "8"}


def documents(folder: Path, logs: list[Path], bill: Path, which: str, environment: dict[str, str]) -> dict[str, str]:
    """What a run printed and wrote, as digests by name."""
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, "|".join(map(str, logs)), str(bill), which],
        cwd=folder, env=surroundings(environment), capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: dict[str, str] = json.loads(done.stdout)
    assert hashlib.sha256(b"").hexdigest() not in {digest.partition(" ")[0] for digest in told.values()}
    return told


@pytest.mark.endurance
def test_the_same_logs_give_the_same_analysis_and_report(inputs: tuple[list[Path], Path], tmp_path: Path) -> None:
    logs, bill = inputs
    usual = documents(tmp_path / "usual", logs, bill, "some", USUAL)
    assert set(usual) == {"analyze", "r.html"}
    assert documents(tmp_path / "elsewhere", logs[::-1], bill, "some", ELSEWHERE) == usual


@pytest.mark.endurance
@pytest.mark.parametrize("environment", [ELSEWHERE, LARGER])
def test_so_does_every_other_command(
    environment: dict[str, str], inputs: tuple[list[Path], Path], tmp_path: Path
) -> None:
    pytest.importorskip("analyzer.report.workbook.book")
    logs, bill = inputs
    usual = documents(tmp_path / "usual", logs, bill, "all", USUAL)
    assert {"simulate", "query", "reconcile", "review", "spend-review-2026-09.html"} <= set(usual)
    assert documents(tmp_path / "other", logs[1:] + logs[:1], bill, "all", environment) == usual
