"""Killing the program at random moments, and what its ledger must be afterwards."""

from __future__ import annotations

import gzip
import json
import multiprocessing
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from analyzer.ledger import Ledger

# What a run imports before it does anything that could break. A process is forked from one that has it all, so that
# a run takes as long as its work.
_LOADED = (
    "analyzer.cli.analyze", "analyzer.cli.book", "analyzer.cli.forget", "analyzer.cli.ingest", "analyzer.cli.review",
    "analyzer.cli.subject", "analyzer.finance.closing", "analyzer.report.status", "analyzer.simulate.standing",
    "analyzer.ledger.columns", "analyzer.ledger.confinement", "analyzer.prices.holiday", "analyzer.simulate.vocabulary",
    "blake3", "duckdb", "holidays", "holidays.countries", "tests.endurance.crashes",
)  # fmt: skip

State = tuple[Any, ...]


@dataclass
class Toll:
    """How often the program was killed, and what stood there then."""

    kills: int = 0
    late: int = 0  # it had finished already
    found: dict[str, int] = field(default_factory=dict)

    def saw(self, what: str) -> None:
        """Count one more ledger that was found so."""
        self.found[what] = self.found.get(what, 0) + 1


def _run(words: Sequence[str]) -> None:
    """The program, in a process of its own."""
    from analyzer.cli import main

    sys.stdout = sys.stderr = Path("/dev/null").open("w", encoding="utf-8")  # noqa: SIM115  (the process ends with it)
    with patch.object(sys, "argv", ["spend", *words]):
        main()


def start(*words: str | Path) -> multiprocessing.process.BaseProcess:
    """Start the program; it is told apart from a fresh one only by being quick."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_LOADED))
    process = context.Process(target=_run, args=([str(word) for word in words],))
    process.start()
    return process


def undisturbed(*words: str | Path) -> float:
    """Run it to its end; the seconds that it took.

    Raises:
        RuntimeError: it failed.
    """
    before = time.monotonic()
    process = start(*words)
    process.join()
    if process.exitcode != 0:
        raise RuntimeError(f"spend {' '.join(map(str, words))}: exit code {process.exitcode}")
    return time.monotonic() - before


def killed(toll: Toll, seconds: float, *words: str | Path) -> None:
    """Start it, and kill it after so many seconds, as ``kill -9`` does."""
    process = start(*words)
    process.join(seconds)
    toll.late += process.exitcode is not None
    toll.kills += process.exitcode is None
    process.kill()
    process.join()


def state(ledger: Ledger) -> State:
    """All that a ledger knows, but for the numbers that it gives to sources and the order of rows."""
    ask = ledger.connection.execute
    told: list[Any] = ask("SELECT * EXCLUDE (source_id, lines) FROM sources ORDER BY ALL").fetchall()
    for table in ("requests", "copies", "skipped", "rejected"):
        # Columns that come to be stored move to the end.
        columns = sorted(name for name, *_ in ask(f"DESCRIBE {table}").fetchall())
        named = ", ".join(f"t.{name}" for name in columns if name not in {"source_id", "kept_by"})
        rows = f"SELECT s.fingerprint, {named} FROM {table} AS t JOIN sources AS s USING (source_id)"
        told += ask(f"SELECT '{table}', count(*), sum(hash(r)) FROM ({rows}) AS r").fetchall()
    for table in ("closings", "closed_entries", "closed_prices", "taken_entries"):
        told += ask(f"SELECT '{table}', count(*), sum(hash(r)) FROM (FROM {table}) AS r").fetchall()
    return tuple(told)


def sound(ledger: Ledger) -> None:
    """The law of accounting, by each source and over all; nothing of a source that is not there; no row half judged.

    Raises:
        AssertionError: it does not hold.
    """
    ask = ledger.connection.execute
    for records, requests, duplicates, skipped, rejected in ask(
        "SELECT records, requests, duplicates, skipped, rejected FROM sources"
    ).fetchall():
        assert records == requests + duplicates + skipped + rejected
    ((told, kept),) = ask(
        "SELECT (SELECT (coalesce(sum(requests), 0), coalesce(sum(skipped), 0), coalesce(sum(rejected), 0)) FROM sources),"
        " ((SELECT coalesce(sum(records), 0) FROM requests), (SELECT coalesce(sum(records), 0) FROM skipped),"
        " (SELECT count(*) FROM rejected))"
    ).fetchall()
    assert told == kept
    assert ask("SELECT count(*) FROM requests WHERE fate IS NOT NULL").fetchall() == [(0,)]
    for table in ("requests", "copies", "skipped", "rejected"):
        lost = ask(f"SELECT count(*) FROM {table} WHERE source_id NOT IN (SELECT source_id FROM sources)").fetchall()
        assert lost == [(0,)], table


def ledger_state(path: Path) -> State | None:
    """What a ledger holds after a kill, checked; None where there is none yet."""
    if not path.exists():
        return None
    with Ledger.open(path) as ledger:
        sound(ledger)
        return state(ledger)


@dataclass(frozen=True)
class Logs:
    """Logs as they are read first, and what becomes of them until they are read again."""

    folder: Path
    size: int  # records of the largest

    def first(self) -> None:
        """Write logs of several formats: the same calls in two of them, broken lines, a packed one, a CSV."""
        size = self.size
        self._write("a.jsonl", (_call(number) for number in range(size)), "{broken}\n")
        self._write("b.jsonl", (_call(number, endpoint="/b") for number in range(size // 2, size + size // 2)))
        with gzip.open(self.folder / "c.jsonl.gz", "wt", encoding="utf-8") as out:
            out.writelines(_call(number) for number in range(2 * size, 2 * size + size // 2))
        with (self.folder / "d.csv").open("w", encoding="utf-8") as out:
            out.write("request_id,ts,model,input_tokens,output_tokens,team\n")
            out.writelines(
                f"r{number},2026-10-0{number % 9 + 1}T10:00:00Z,deepseek-v4-pro,{number},7,ops\n"
                for number in range(3 * size, 3 * size + size // 2)
            )

    def later(self) -> None:
        """Let one grow, with a column that was not stored; one more comes, and one is copied."""
        size = self.size
        with (self.folder / "a.jsonl").open("a", encoding="utf-8") as out:
            out.writelines(_call(number, provider="azure") for number in range(4 * size, 4 * size + size // 2))
        self._write("e.jsonl", (_call(number, user="ann") for number in range(size // 4, size)))
        (self.folder / "f.jsonl").write_bytes((self.folder / "b.jsonl").read_bytes())

    def _write(self, name: str, lines: Iterator[str], *more: str) -> None:
        with (self.folder / name).open("w", encoding="utf-8") as out:
            out.writelines(lines)
            out.writelines(more)


def _call(number: int, **more: str) -> str:
    record = {
        "request_id": f"r{number}", "ts": f"2026-10-{number % 28 + 1:02}T{number % 24:02}:00:00Z",
        "model": "deepseek-v4-flash", "endpoint": "/chat", "input_tokens": 1000 + number, "cached_tokens": 512,
        "output_tokens": 100 + number, "note": "x" * 100, **more,
    }  # fmt: skip
    return json.dumps(record) + "\n"


def ingests(folder: Path, *, size: int, kills: int, seed: int) -> Toll:
    """Kill first and later ingests of logs of a size, half of the kills each; the last run must give the usual result.

    Raises:
        AssertionError: a ledger broke, or its end is not that of an undisturbed run.
    """
    toll, dice = Toll(), random.Random(seed)
    logs = Logs(folder / "logs", size)
    logs.folder.mkdir(parents=True)
    calm, torn = folder / "calm.duckdb", folder / "torn.duckdb"
    logs.first()
    for grow in (False, True):
        if grow:
            logs.later()
        seconds = undisturbed("ingest", "--quiet", "--db", calm, logs.folder)
        with Ledger.open(calm) as ledger:
            goal = state(ledger)
        wholes = {row[:4] + row[5:6] for row in goal if len(row) > 3}
        goal_kills = toll.kills + kills // 2
        while toll.kills < goal_kills:
            killed(toll, dice.uniform(0.1, 1.0) * seconds, "ingest", "--quiet", "--db", torn, logs.folder)
            found = ledger_state(torn)
            sources = [row for row in found or () if len(row) > 3]
            # Path, format, opening, fingerprint and records: each source is there as a whole.
            assert {row[:4] + row[5:6] for row in sources} <= wholes
            toll.saw("no ledger yet" if found is None else f"{len(sources)} of {len(wholes)} sources")
            if found == goal and dice.random() < 0.7:  # it is done: from the state before, if there is one
                torn.unlink()
                if grow:
                    torn.write_bytes((folder / "before.duckdb").read_bytes())
        undisturbed("ingest", "--quiet", "--db", torn, logs.folder)
        assert ledger_state(torn) == goal
        (folder / "before.duckdb").write_bytes(torn.read_bytes())
    return toll


def changes(folder: Path, name: str, before: Path, words: Callable[[Path], Sequence[str | Path]], **how: int) -> Toll:
    """Kill a command that changes a ledger in one transaction: what it found stands there, or what it should leave.

    Args:
        folder: where it happens.
        name: of the command, for files.
        before: the ledger that it finds.
        words: its command line, for a ledger.
        how: ``kills`` and ``seed``.

    Raises:
        AssertionError: a ledger is neither, or the command does not end it as an undisturbed one.
    """
    toll, dice = Toll(), random.Random(how["seed"])
    calm, torn = folder / f"{name}-calm.duckdb", folder / f"{name}-torn.duckdb"
    calm.write_bytes(before.read_bytes())
    began = ledger_state(calm)
    seconds = undisturbed(*words(calm))
    goal = ledger_state(calm)
    assert began != goal
    while toll.kills < how["kills"]:
        torn.with_name(f"{torn.name}.wal").unlink(missing_ok=True)
        torn.write_bytes(before.read_bytes())
        killed(toll, dice.uniform(0.05, 1.1) * seconds, *words(torn))
        found = ledger_state(torn)
        assert found in (began, goal)
        toll.saw("as before" if found == began else "done")
        if found == began:
            undisturbed(*words(torn))
            assert ledger_state(torn) == goal
    return toll
