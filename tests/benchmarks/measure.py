"""Running whole processes in turn, and what they cost. Imports nothing heavy: a child's peak memory starts from its parent's."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Run:
    """What one process cost.

    Attributes:
        cpu: CPU seconds, user and system, of all its threads.
        wall: seconds that passed.
        peak: greatest resident memory in MB.
        work: CPU seconds of the part that counts, where the process reports it; else ``cpu``.
    """

    cpu: float
    wall: float
    peak: float
    work: float


@dataclass(frozen=True)
class Command:
    """A process to measure.

    Attributes:
        words: its command line.
        before: done before each run, unmeasured.
        expected: a text its output must hold, so that a failure is never taken for speed.
    """

    words: Sequence[str]
    before: Callable[[], None] = lambda: None
    expected: str = ""


def python(module: str, *words: object) -> tuple[str, ...]:
    """The command line that runs a module of this checkout."""
    return (sys.executable, "-m", module, *map(str, words))


def run(command: Command) -> Run:
    """Run a process to its end and read off what it cost.

    Raises:
        RuntimeError: it failed, or did not print what it should.
    """
    command.before()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    begun = time.perf_counter()
    with subprocess.Popen(
        command.words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout and child.stderr
        out, err = child.stdout.read(), child.stderr.read()  # little is printed: neither pipe fills
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - begun
        child.returncode = os.waitstatus_to_exitcode(status)
    text = out.decode(errors="replace")
    if child.returncode or command.expected not in text:
        raise RuntimeError(f"{' '.join(command.words)}\n{text[-2000:]}{err.decode(errors='replace')[-4000:]}")
    cpu = usage.ru_utime + usage.ru_stime
    reported = [line.removeprefix("work=") for line in text.splitlines() if line.startswith("work=")]
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Run(cpu, wall, usage.ru_maxrss / unit, float(reported[-1]) if reported else cpu)


@dataclass(frozen=True)
class Spread:
    """A median with its extremes."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """The spread of some values."""
        return cls(statistics.median(values), min(values), max(values))

    def text(self, digits: int = 2) -> str:
        """As ``1.23 (1.20-1.31)``."""
        return f"{self.median:.{digits}f} ({self.least:.{digits}f}-{self.most:.{digits}f})"


@dataclass(frozen=True)
class Comparison:
    """Interleaved runs of two commands: A B A B ..."""

    ours: Sequence[Run]
    theirs: Sequence[Run]

    @property
    def ratio(self) -> Spread:
        """CPU of ours by theirs, pair by pair."""
        return Spread.of([mine.work / other.work for mine, other in zip(self.ours, self.theirs, strict=True)])

    def work(self, which: str) -> Spread:
        """CPU seconds of ``ours`` or ``theirs``."""
        return Spread.of([one.work for one in getattr(self, which)])

    def wall(self, which: str) -> Spread:
        """Seconds of ``ours`` or ``theirs``."""
        return Spread.of([one.wall for one in getattr(self, which)])

    @property
    def peak(self) -> float:
        """Greatest memory of ours."""
        return max(one.peak for one in self.ours)


def compare(ours: Command, theirs: Command, rounds: int) -> Comparison:
    """Run two commands in turn. The first pair warms the page cache and is not counted."""
    run(ours), run(theirs)
    pairs = [(run(ours), run(theirs)) for _ in range(rounds)]
    return Comparison([mine for mine, _ in pairs], [other for _, other in pairs])
