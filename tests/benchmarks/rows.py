"""The rows of the table: what is measured, against what, and what must be reached."""

import json
import math
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.benchmarks import far
from tests.benchmarks.data import make
from tests.benchmarks.measure import Command, Comparison, compare, python, run


@dataclass(frozen=True)
class Setting:
    """Where data lies, and how much is measured how often. ``records`` None means each row's own number."""

    folder: Path
    records: int | None
    rounds: int

    def count(self, usual: int, share: float = 1.0) -> int:
        """The number of records of a row."""
        return usual if self.records is None else max(int(self.records * share), 100)

    def fresh(self, name: str) -> tuple[Path, Callable[[], None]]:
        """A ledger's place, and how to clear it."""
        path = self.folder / f"{name}.duckdb"
        return (
            path,
            lambda: [other.unlink(missing_ok=True) for other in (path, path.with_name(path.name + ".wal"))] and None,
        )


class SkippedError(Exception):
    """A row that cannot be measured here, and why."""


@dataclass(frozen=True)
class Reached:
    """One line of the table."""

    figure: float  # compared with the goal
    text: str
    peak: float
    against: Comparison


@dataclass(frozen=True)
class Row:
    """One promise."""

    name: str
    work: str
    goal: float
    unit: str
    measure: Callable[[Setting], Reached]
    usual: bool = True  # measured when no row is named


def _ratio(comparison: Comparison) -> Reached:
    ratio = comparison.ratio
    return Reached(ratio.median, f"{ratio.text()}x", comparison.peak, comparison)


def _ingest(log: Path, db: Path, before: Callable[[], None]) -> Command:
    return Command(python("analyzer", "ingest", "--quiet", "--db", db, log), before, "requests")


def _by_hand(log: Path, db: Path, before: Callable[[], None]) -> Command:
    return Command(python("tests.benchmarks.work", "by_hand", log, db), before)


def _against_hand(setting: Setting, kind: str, usual: int, share: float) -> Reached:
    log = make(setting.folder, kind, setting.count(usual, share))
    return _ratio(
        compare(_ingest(log, *setting.fresh("ours")), _by_hand(log, *setting.fresh("theirs")), setting.rounds)
    )


def _again(setting: Setting) -> Reached:
    log = make(setting.folder, "log", setting.count(2_200_000))
    db, clear = setting.fresh("ours")
    clear()
    again = _ingest(log, db, lambda: None)  # the first, uncounted run fills the ledger
    comparison = compare(again, Command(("sh", "-c", 'cat "$0" > /dev/null', str(log))), setting.rounds)
    wall, size = comparison.wall("ours"), log.stat().st_size / 1e9
    return Reached(
        wall.median / size, f"{wall.text()} s for {size:.2f} GB", max(one.peak for one in comparison.ours), comparison
    )


def _files(setting: Setting) -> Reached:
    records = setting.count(1_000_000)
    files = min(5_000, records)
    folder, log = make(setting.folder, "folder", records, files), make(setting.folder, "log", records)
    return _ratio(
        compare(_ingest(folder, *setting.fresh("ours")), _ingest(log, *setting.fresh("theirs")), setting.rounds)
    )


def _broken(setting: Setting, usual: int, files: int) -> Reached:
    records = setting.count(usual)
    broken, sound = (make(setting.folder, kind, records, files) for kind in ("broken", "folder"))
    return _ratio(
        compare(_ingest(broken, *setting.fresh("ours")), _ingest(sound, *setting.fresh("theirs")), setting.rounds)
    )


def _agents(setting: Setting) -> Reached:
    """Against ccusage, which reads, prices and sums such logs and keeps nothing; both must find the same tokens."""
    ccusage = shutil.which("ccusage")
    if ccusage is None:
        raise SystemExit("the row `agents` needs ccusage on the PATH: npm install --global ccusage")
    records = setting.count(250_000)
    folder = make(setting.folder, "agents", records, max(records // 625, 1))
    db, clear = setting.fresh("ours")
    theirs = Command(("env", f"CLAUDE_CONFIG_DIR={folder}", ccusage, "claude", "daily", "--json", "--offline"))
    comparison = compare(_ingest(folder, db, clear), theirs, setting.rounds)
    told = subprocess.run(theirs.words, capture_output=True, check=True, text=True).stdout
    totals = json.loads(told)["totals"]
    expected = [totals[name] for name in ("inputTokens", "cacheCreationTokens", "cacheReadTokens", "outputTokens")]
    run(Command(python("tests.benchmarks.work", "same_tokens", db, *expected)))
    return _ratio(comparison)


def _memory(setting: Setting, usual: int) -> Reached:
    log = make(setting.folder, "log", setting.count(usual))
    small = make(setting.folder, "log", setting.count(usual, 0.1) if setting.records else usual // 10)
    comparison = compare(_ingest(log, *setting.fresh("ours")), _ingest(small, *setting.fresh("theirs")), 1)
    tenth = comparison.theirs[0].peak
    size = log.stat().st_size / 1e9
    return Reached(
        comparison.peak,
        f"{comparison.peak:.0f} MB at {size:.2f} GB, {tenth:.0f} MB at a tenth",
        comparison.peak,
        comparison,
    )


def _ledger(setting: Setting, usual: int = 20_000_000) -> Path:
    return make(setting.folder, "ledger", setting.count(usual, usual / 1_000_000))


def _work(*words: object) -> Command:
    return Command(python("tests.benchmarks.work", *words), expected="work=")


def _pricing(setting: Setting, usual: int = 20_000_000) -> Reached:
    ledger = _ledger(setting, usual)
    return _ratio(compare(_work("pricing", ledger), _work("rollup", ledger), setting.rounds))


def _scenario(setting: Setting, cache: str, against: tuple[str, ...]) -> Reached:
    ledger = _ledger(setting)
    theirs = _work(against[0], ledger, *against[1:])
    return _ratio(compare(_work("scenario", ledger, "mixed", cache), theirs, setting.rounds))


def _far(setting: Setting, work: str, usual: int) -> Reached:
    reason = far.missing()
    if reason:
        raise SkippedError(reason)
    comparison = far.compared(setting.folder, setting.count(usual, usual / 1_000_000), work)
    wall = comparison.wall("ours").median
    return Reached(
        comparison.ratio.median, f"{comparison.ratio.median:.0f}x, {wall:.0f} s", comparison.peak, comparison
    )


def _help(setting: Setting) -> Reached:
    comparison = compare(
        Command(python("analyzer", "--help"), expected="Commands"),
        Command((sys.executable, "-c", "pass")),
        max(setting.rounds, 7),
    )
    more = comparison.wall("ours").median - comparison.wall("theirs").median
    return Reached(more, f"{more:.3f} s more", comparison.peak, comparison)


_ACTUAL = ("scenario", "actual", "modelled")

ROWS = (
    Row(
        "lean",
        "ingest of 1M records of 460 bytes / CREATE TABLE AS by hand",
        1.15,
        "x",
        partial(_against_hand, kind="log", usual=1_000_000, share=1),
    ),
    Row(
        "fat",
        "ingest of 60k records of 10 kB / the same",
        1.15,
        "x",
        partial(_against_hand, kind="fat", usual=60_000, share=0.06),
    ),
    Row("again", "ingest of a log that the ledger holds, 1 GB", 0.5, "s/GB", _again),
    Row("files", "ingest of 5,000 files / of one file", 1.5, "x", _files),
    Row(
        "broken",
        "ingest of 1M records, one broken line among them / of the same without",
        2.0,
        "x",
        partial(_broken, usual=1_000_000, files=1),
    ),
    Row(
        "broken-files",
        "ingest of 300 logs, each with a broken line / of the same without",
        2.0,
        "x",
        partial(_broken, usual=60_000, files=300),
    ),
    Row("agents", "ingest of 250k messages of Claude Code, 1 GB / ccusage", 1.0, "x", _agents, usual=False),
    Row("memory", "peak memory of an ingest of 1 GB", 700, "MB", partial(_memory, usual=2_200_000)),
    Row(
        "memory-large", "peak memory of an ingest of 10 GB", 700, "MB", partial(_memory, usual=22_000_000), usual=False
    ),
    Row("pricing", "20M requests priced by endpoint and month / their tokens summed", 2.0, "x", _pricing),
    Row("pricing-large", "the same of 200M", 2.0, "x", partial(_pricing, usual=200_000_000), usual=False),
    Row(
        "transferred",
        "a scenario, caches transferred / pricing",
        1.5,
        "x",
        partial(_scenario, cache="transferred", against=("pricing",)),
    ),
    Row("cold", "a scenario, caches cold / pricing", 1.5, "x", partial(_scenario, cache="cold", against=("pricing",))),
    Row(
        "transferred-path",
        "the same / reality as a scenario",
        1.5,
        "x",
        partial(_scenario, cache="transferred", against=_ACTUAL),
    ),
    Row("cold-path", "the same / reality as a scenario", 1.5, "x", partial(_scenario, cache="cold", against=_ACTUAL)),
    Row(
        "modelled",
        "a scenario, caches modelled by session / one bare lag()",
        1.5,
        "x",
        partial(_scenario, cache="modelled", against=("lag",)),
    ),
    Row("help", "spend --help / python -c pass", 0.25, "s", _help),
    *(
        Row(
            f"spark-{work}{ending}",
            f"{work} of {usual // 1_000_000}M requests on a Spark cluster / on a ledger",
            math.inf,
            "x",
            partial(_far, work=work, usual=usual),
            usual=False,
        )
        for usual, ending in ((5_000_000, ""), (20_000_000, "-large"))
        for work in far.WORK
    ),
)
