"""``python -m tests.benchmarks.load``: how the program bears a ledger that grows to 200M requests.

Logs are made, read and deleted in parts, so that the disk holds one of them beside the ledger. Where the ledger has
reached a size that is looked at, it is analysed, simulated and reported on. Each step is a process of its own; a line is
printed for it when it ends, so that a run that is broken off has told something, too. It goes on from the ledger that it
finds.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.benchmarks.measure import Command, Run, python, run

PART = 10_000_000
SIZES = (1_000_000, 10_000_000, 50_000_000, 200_000_000)
# Sessions of eight requests on the average, some thousands of them at a time; one keeps its endpoint and its model.
_LOG = """
COPY (
    SELECT
        md5('request ' || i) AS request_id,
        strftime(TIMESTAMP '2026-05-01' + to_milliseconds(i * 86), '%Y-%m-%dT%H:%M:%S.%gZ') AS ts,
        ['/v1/chat/completions', '/agents/code', '/rag/answer', '/batch/extract', '/search', 'summarise'][1 + whose % 6] AS endpoint,
        CASE WHEN whose // 6 % 3 = 0 THEN 'deepseek-v4-pro' ELSE 'deepseek-v4-flash' END AS model,
        format('sess-{:08x}', session) AS session_id,
        'svc-' || whose % 9 AS api_key_name,
        ['search', 'support', 'code', 'data'][1 + whose % 4] AS team,
        200 AS status,
        100 + draw % 30000 AS latency_ms,
        {
            'prompt_tokens': prompt,
            'completion_tokens': answer,
            'total_tokens': prompt + answer,
            'prompt_tokens_details': {'cached_tokens': prompt * (draw // 19 % 100) // 100 // 128 * 128},
            'completion_tokens_details': {'reasoning_tokens': answer // 3}
        } AS usage
    FROM (
        SELECT i, draw, session, CAST(hash(session) % 1000003 AS BIGINT) AS whose, 200 + draw // 17 % 60000 AS prompt, 10 + draw // 23 % 4000 AS answer
        FROM (SELECT i, draw, i // 65536 * 8192 + draw // 11 % 8192 AS session FROM (
            SELECT i, (i * 2654435761 + 12345) % 4294967296 * 40503 % 4294967291 AS draw FROM range({first}, {last}) AS t(i)))
    )
) TO '{path}' (FORMAT json)
"""


def write_part(path: Path, first: int, last: int) -> None:
    """The records from one number up to another."""
    import duckdb

    text = _LOG
    for slot, value in (("first", first), ("last", last), ("path", path)):
        text = text.replace("{" + slot + "}", str(value))
    duckdb.sql(text)


def parts(held: int, requests: int, sizes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """From and to which record each part goes: none is longer than ``PART``, and one ends at each size looked at."""
    ends = sorted({*range(PART, requests, PART), *(size for size in sizes if size < requests), requests})
    yield from ((first, last) for first, last in zip([0, *ends], ends, strict=False) if first >= held)


def _held(ledger: Path) -> int:
    """How many requests the ledger has."""
    if not ledger.exists():
        return 0
    words = python("analyzer", "status", "--db", ledger, "--json")
    told = subprocess.run(words, capture_output=True, check=True, text=True).stdout
    return int(json.loads(told)["ledger"]["requests"])


def _told(size: int, step: str, one: Run, more: str = "") -> None:
    print(f"{size:>12,}  {step:<28} {one.cpu:>9.1f} {one.wall:>9.1f} {one.peak:>9.0f}  {more}", flush=True)


def look(folder: Path, ledger: Path, size: int) -> None:
    """Analyse a ledger, with the three usual scenarios in it; price these alone; write the report."""
    report = folder / "load.html"
    common = ("--db", ledger, "--quiet")
    steps = (
        ("analyze", ("analyze", *common, "--no-report", "--json")),
        ("report", ("report", *common, "--report", report)),
        ("simulate", ("simulate", *common, "--json")),
    )
    for name, words in steps:
        one = run(Command(python("analyzer", *words)))
        _told(size, name, one, f"{report.stat().st_size / 1e6:.2f} MB" if name == "report" else "")


def bear(folder: Path, requests: int, sizes: Sequence[int]) -> None:
    """Grow a ledger, and look at it."""
    ledger, log = folder / "load.duckdb", folder / "part.jsonl"
    print(f"{'requests':>12}  {'step':<28} {'CPU s':>9} {'s':>9} {'MB':>9}", flush=True)
    for first, last in parts(_held(ledger), requests, sizes):
        write_part(log, first, last)
        size = log.stat().st_size
        expected = f"{last:,} records = {last:,} requests"
        one = run(Command(python("analyzer", "ingest", "--quiet", "--db", ledger, log), expected=expected))
        log.unlink()
        more = f"{size / 1e9:.2f} GB of log; ledger {ledger.stat().st_size / 1e9:.2f} GB"
        _told(last, f"ingest of {last - first:,}", one, more)
        if last in sizes or last == requests:
            look(folder, ledger, last)


def main() -> int:
    """Run it with the sizes that are asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.load", description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", help="where it is looked at (default 1M, 10M, 50M, 200M)")
    parser.add_argument("--requests", type=int, default=SIZES[-1], help="how far the ledger grows (default 200M)")
    parser.add_argument(
        "--data", type=Path, help="where ledger and logs lie, about 25 GB at 200M; else a temporary folder"
    )
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="spend-load-") as temporary:
        folder = asked.data or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        bear(folder, asked.requests, asked.sizes or SIZES)
    return 0


if __name__ == "__main__":
    sys.exit(main())
