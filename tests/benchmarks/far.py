"""The same work on a ledger, by DuckDB, and on a table, by a Spark cluster of processes on this machine.

What the cluster costs is the CPU of all its processes and of the program that asks it, and the memory that they have
together; wall time would tell more of what else the machine does. Needs Linux, which tells both.
"""

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests import cluster
from tests.benchmarks.data import make
from tests.benchmarks.measure import Command, Comparison, Run, python, run

WORK = ("costs", "percentiles", "analyze", "transferred", "modelled")
_TICKS = os.sysconf("SC_CLK_TCK")
_EVERY = 0.5  # seconds


def missing() -> str | None:
    """Why it cannot be measured here; None where it can."""
    return cluster.missing() if Path("/proc/self/smaps_rollup").exists() else "no /proc here"


def compared(folder: Path, records: int, work: str) -> Comparison:
    """One run of a piece of work on a cluster that has answered before, and one on the ledger."""
    ledger = make(folder, "ledger", records)
    table = _table(folder, ledger, records)
    with tempfile.TemporaryDirectory(dir=folder, prefix="cluster-") as scratch, cluster.started(Path(scratch)) as there:
        where = ("--engine", there.address, "--table", f"requests={table}")
        run(_asked("costs", *where))
        command = _asked(work, *where)
        with _gauged(there) as gauge:
            ours = run(command)
    more = gauge.spent
    return Comparison(
        [Run(ours.cpu + more, ours.wall, ours.peak + gauge.peak, ours.cpu + more)],
        [run(_asked(work, "--db", str(ledger)))],
    )


def _asked(work: str, *where: str) -> Command:
    if work == "costs":
        return Command(python("analyzer", "query", "endpoints_by_month", "--format", "json", *where), expected="rows")
    if work == "percentiles":
        return Command(python("analyzer", "query", "token_distribution", "--format", "json", *where), expected="rows")
    if work == "analyze":
        return Command(python("analyzer", "analyze", "--json", "--no-report", "--quiet", *where), expected="totals")
    return Command(python("tests.benchmarks.work", "what_if", "mixed", work, *where), expected="cost=")


def _table(folder: Path, ledger: Path, records: int) -> Path:
    path = folder / f"table-{records}"
    if not path.exists():
        part = path.with_name("making-" + path.name)
        laid = ("--parquet", "--what", "requests", "--partition", "--output", part)
        run(Command(python("analyzer", "export", *laid, "--db", ledger)))
        part.rename(path)
    return path


@dataclass
class _Gauge:
    """What the processes of a cluster cost since it was begun.

    Attributes:
        peak: the most memory that they had together, in MB; shared pages count once.
        spent: CPU seconds.
    """

    there: cluster.Cluster
    peak: float = 0
    _cpu: dict[int, float] = field(default_factory=dict)
    _before: dict[int, float] = field(default_factory=dict)

    def begin(self) -> None:
        """From here on."""
        self.look()
        self._before = dict(self._cpu)

    def look(self) -> None:
        """Read off where each process is; those that end are remembered."""
        together = 0.0
        for pid in self.there.everyone():
            with suppress(OSError):  # it has just ended
                told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                self._cpu[pid] = (int(told[11]) + int(told[12])) / _TICKS
                rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
                together += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) / 1024
        self.peak = max(self.peak, together)

    @property
    def spent(self) -> float:
        """See the class."""
        return sum(cpu - self._before.get(pid, 0) for pid, cpu in self._cpu.items())


@contextmanager
def _gauged(there: cluster.Cluster) -> Iterator[_Gauge]:
    gauge, over = _Gauge(there), threading.Event()
    gauge.begin()

    def watch() -> None:
        while not over.wait(_EVERY):
            gauge.look()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield gauge
    finally:
        over.set()
        watcher.join()
        gauge.look()
