"""What several test modules need: records, logs, ledgers with given requests, and the program itself."""

import bz2
import contextlib
import gzip
import io
import json
import lzma
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain, groupby
from pathlib import Path
from typing import Any
from unittest.mock import patch

from analyzer.cli import main, moments
from analyzer.ingest.discovery import find
from analyzer.ingest.load import Manner, load
from analyzer.ledger import Ledger
from analyzer.ledger.columns import store
from analyzer.prices import Book
from analyzer.simulate.relations import View, prepare
from analyzer.simulate.result import Result
from analyzer.simulate.scenario import ACTUAL, Scenario
from analyzer.simulate.vocabulary import parse
from analyzer.simulate.whatif import Simulation

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ROOT = Path(__file__).parents[1]
BOOK = Book.load()
MILLION = Decimal(1_000_000)
# When tests take place that run the program in their own process: after all that their logs tell.
NOW = datetime(2029, 1, 1, tzinfo=UTC)

# 2026-05-01 and 2026-06-01: the long calm after the launch, one price all day.
CALM = "2026-05-01T10:00:00Z"
LATER = "2026-05-02T10:00:00Z"
# USD per 1M tokens then: miss, hit, output.
FLASH = (Decimal("0.14"), Decimal("0.0028"), Decimal("0.28"))
PRO = (Decimal("0.435"), Decimal("0.003625"), Decimal("0.87"))

EXPORT_HEAD = "user_id,utc_date,model,api_key_name,api_key,type,price,amount"
ZONED_HEAD = "user_id,start_time_iso,end_time_iso,model,api_key_name,api_key,type,price,amount"

# Root may read and write anything; without these two capabilities permissions bind it as well.
BOUND = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--inh-caps", "-dac_override,-dac_read_search")


@dataclass(frozen=True)
class Ended:
    """How a run of the program ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """Standard output as the one JSON document that it must be."""
        found: dict[str, Any] = json.loads(self.out)
        return found


def call(**changes: object) -> dict[str, object]:
    """A record of one call; a value of ... leaves the key out."""
    record: dict[str, object] = {
        "ts": CALM,
        "model": "deepseek-v4-flash",
        "endpoint": "/chat",
        "input_tokens": 1000,
        "cache_read_tokens": 600,
        "output_tokens": 100,
    }
    record.update(changes)
    return {key: value for key, value in record.items() if value is not ...}


def write(path: Path, *records: Mapping[str, object] | str) -> Path:
    """A JSONL log; a text is a line as it stands."""
    lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def told(run: Ended) -> list[tuple[str, str]]:
    """The errors of a run, each with its remedy. Notes and rejected records are none."""
    assert "Traceback" not in run.err + run.out
    lines = [line for line in run.err.splitlines() if not line.startswith("spend: note: ")]
    problems, remedies = lines[::2], lines[1::2]
    assert len(problems) == len(remedies), run.err
    assert all(line.startswith("spend: ") for line in problems), run.err
    assert all(line.startswith("  ") and line.strip() for line in remedies), run.err
    return [
        (problem.removeprefix("spend: "), remedy.strip()) for problem, remedy in zip(problems, remedies, strict=True)
    ]


def cost(price: Sequence[Decimal], misses: int, hits: int, output: int) -> Decimal:
    """The cost by hand: each token class times its price per 1M tokens."""
    miss, hit, out = price
    return (misses * miss + hits * hit + output * out) / MILLION


def money(units: int | None) -> Decimal | None:
    """Money from whole units of 1e-15."""
    return None if units is None else Decimal(int(units)).scaleb(-15)


def spend(*arguments: str | Path, now: datetime = NOW) -> Ended:
    """The program in this process: its command line, from the words to the exit code.

    Args:
        arguments: its command line.
        now: what its clock says, so that no test hangs on the day it is run.
    """
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with (
        patch.object(sys, "argv", ["spend", *map(str, arguments)]),
        patch.object(os, "_exit", new=_leave),
        patch.object(moments, "now", new=lambda: now),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as left:
            code = left.code
    for stream in (out, err):
        stream.flush()
    texts = [stream.buffer.getvalue().decode() for stream in (out, err)]  # type: ignore[attr-defined]
    assert isinstance(code, int)
    return Ended(code, *texts)


def _leave(code: int) -> None:
    raise SystemExit(code)


def program(
    *arguments: str | Path,
    cwd: Path,
    stdin: str | None = None,
    environment: Mapping[str, str] | None = None,
    before: Sequence[str] = (),
) -> Ended:
    """The program as a process of its own, in a folder of its own.

    Args:
        arguments: its command line.
        cwd: where it runs.
        stdin: what it reads; None for nothing.
        environment: added to this process's.
        before: words before the command, such as those of ``setpriv``.
    """
    done = subprocess.run(
        [*before, *command(*arguments)],
        cwd=cwd,
        env=surroundings(environment),
        input=(stdin or "").encode(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


def command(*arguments: str | Path) -> list[str]:
    """The words that start the program."""
    return [sys.executable, "-m", "analyzer", *map(str, arguments)]


def surroundings(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment, in which the package is found from any folder."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **(more or {})}


@contextlib.contextmanager
def ledger_of(*logs: Path) -> Iterator[Ledger]:
    """A throwaway ledger that holds some logs."""
    with Ledger.throwaway() as ledger:
        if logs:
            found, errors = find(tuple(map(str, logs)))
            outcome = load(ledger, found, Manner())
            assert not errors
            assert not outcome.errors
        yield ledger


def fill(ledger: Ledger, rows: Sequence[Mapping[str, object]]) -> None:
    """Let the ledger hold exactly these requests; what a row leaves out is unknown."""
    connection = ledger.connection
    connection.execute("DELETE FROM requests")
    connection.execute("DELETE FROM sources")
    usual = {"source_id": 1, "records": 1, "calls": 1, "model": "deepseek-v4-flash"}
    usual["started_at"] = datetime.fromisoformat("2026-05-01T10:00")
    given = [{**usual, "request_id": f"r{number}", **row} for number, row in enumerate(rows)]
    store(connection, set().union(*given))
    for columns, alike in groupby(given, key=tuple):
        values = [list(row.values()) for row in alike]
        slots = ", ".join([f"({', '.join('?' * len(columns))})"] * len(values))
        connection.execute(
            f"INSERT INTO requests ({', '.join(columns)}) VALUES {slots}", list(chain.from_iterable(values))
        )


def scenario(text: str, name: str = "what-if") -> Scenario:
    """A scenario from its text."""
    return parse(text, f"{name}.toml", BOOK)


def export(path: Path, head: str, *lines: str) -> Path:
    """A usage export of DeepSeek, as the platform writes it: a byte-order mark, CRLF."""
    path.write_bytes(("\ufeff" + "".join(f"{line}\r\n" for line in (head, *lines))).encode())
    return path


def _zipped(data: bytes, path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("folder/log.jsonl", data)


# How a log may be packed: what writes it so.
PACKINGS: dict[str, Callable[[bytes, Path], object]] = {
    "gz": lambda data, path: path.write_bytes(gzip.compress(data)),
    "bz2": lambda data, path: path.write_bytes(bz2.compress(data)),
    "xz": lambda data, path: path.write_bytes(lzma.compress(data)),
    "zst": lambda data, path: path.write_bytes(zstd.compress(data)),
    "zst frames": lambda data, path: path.write_bytes(zstd.compress(data[:700]) + zstd.compress(data[700:])),
    "zip": _zipped,
}


def request(
    model: str = "deepseek-v4-flash",
    at: str = "2026-05-01T10:00",
    misses: int = 400,
    hits: int = 600,
    output: int = 100,
    **more: Any,
) -> dict[str, Any]:
    """A request whose tokens are given by class."""
    return {
        "model": model,
        "started_at": datetime.fromisoformat(at),
        "input_tokens": misses + hits,
        "cache_read_tokens": hits,
        "output_tokens": output,
        **more,
    }


def priced(
    ledger: Ledger, rows: Sequence[dict[str, Any]], *scenarios: Scenario, view: View | None = None
) -> list[Result]:
    """What scenarios come to over some requests, reality first."""
    fill(ledger, rows)
    view = view or View()
    prepare(ledger, BOOK, view)
    simulation = Simulation(ledger, BOOK, view)
    return [simulation.price(each) for each in (ACTUAL, *scenarios)]
