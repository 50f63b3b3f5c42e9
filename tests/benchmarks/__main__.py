"""``python -m tests.benchmarks [ROW ...]``: measure, and print the table."""

import argparse
import math
import os
import platform
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.rows import ROWS, Setting, SkippedError


def main() -> int:
    """Measure the rows that are asked for; 0 when all reach their goals."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="How fast the program is, row by row."
    )
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"one or more of {', '.join(row.name for row in ROWS)}")
    parser.add_argument(
        "--data", type=Path, help="keep the data in this folder and find it there again; else it is temporary"
    )
    parser.add_argument(
        "--records", type=int, help="as if a log had so many records: a quick look, whose fixed costs weigh more"
    )
    parser.add_argument("--rounds", type=int, default=5, help="interleaved pairs of runs (default 5)")
    asked = parser.parse_args()
    unknown = set(asked.rows) - {row.name for row in ROWS}
    if unknown:
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    print(
        f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n"
    )
    print(f"{'row':<17} {'goal':>9}  {'reached':<38} {'memory':>7}  {'ours, CPU s':<22} theirs, CPU s")
    reached = True
    with tempfile.TemporaryDirectory(prefix="spend-bench-") as temporary:
        folder = asked.data or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        setting = Setting(folder, asked.records, asked.rounds)
        for row in ROWS:
            if row.name in asked.rows or (row.usual and not asked.rows):
                try:
                    result = row.measure(setting)
                except SkippedError as skipped:
                    print(f"{row.name:<17} skipped: {skipped}", flush=True)
                    continue
                met = result.figure <= row.goal
                reached &= met
                goal = "none" if math.isinf(row.goal) else f"{row.goal:g} {row.unit}"
                ours, theirs = result.against.work("ours").text(), result.against.work("theirs").text()
                print(
                    f"{row.name:<17} {goal:>9}  {result.text + ('' if met else '  MISSED'):<38} "
                    f"{result.peak:>4.0f} MB  {ours:<22} {theirs}",
                    flush=True,
                )
    return 0 if reached else 1


sys.exit(main())
