"""``python -m tests.endurance [--kills 200]``: kill the program at random moments, and print what stood there then."""

import argparse
import platform
import sys
import tempfile
import time
from pathlib import Path

from tests.endurance.crashes import Logs, changes, ingests, undisturbed


def main() -> int:
    """Kill it; 0 when no ledger broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.endurance", description="Kills at random moments.")
    parser.add_argument("--kills", type=int, default=200, help="in all (default 200)")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    print(f"{platform.platform()}, Python {platform.python_version()}, seed {asked.seed}")
    parts = {"ingest, 9k records": (2_000, 0.3), "ingest, 225k records": (50_000, 0.5)}
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="spend-endurance-") as temporary:
        for number, (what, (size, share)) in enumerate(parts.items()):
            toll = ingests(
                Path(temporary) / str(size), size=size, kills=round(asked.kills * share), seed=asked.seed + number
            )
            print(f"{what:<22} {toll.kills:>4} kills  {dict(sorted(toll.found.items()))}", flush=True)
        before = Path(temporary) / "before.duckdb"
        logs = Logs(Path(temporary) / "changed", 10_000)
        logs.folder.mkdir()
        logs.first()
        undisturbed("ingest", "--quiet", "--db", before, logs.folder)
        for name, words in COMMANDS.items():
            toll = changes(
                Path(temporary), name, before, lambda ledger, words=words: [*words(logs), "--db", ledger],
                kills=round(asked.kills * 0.1), seed=asked.seed,
            )  # fmt: skip
            print(f"{name:<22} {toll.kills:>4} kills  {dict(sorted(toll.found.items()))}", flush=True)
    print(f"no ledger broke; {time.monotonic() - began:.0f} s")
    return 0


COMMANDS = {
    "forget": lambda logs: ["forget", logs.folder / "a.jsonl"],
    "review --close": lambda _: [
        "review", "2026-10", "--close", "--no-report", "--no-workbook", "--as-of", "2026-11-02T00:00:00Z",
    ],
}  # fmt: skip

if __name__ == "__main__":
    sys.exit(main())
