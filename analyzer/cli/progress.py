"""What people see while they wait: on a terminal only, on standard error, and gone when there is an answer."""

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from analyzer.ingest.discovery import Found
from analyzer.ingest.outcome import Progress
from analyzer.ledger import Ledger


@contextlib.contextmanager
def line(*, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show what is being worked on; what is given back is told it."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress as Display
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    from analyzer.report.visible import visible

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Display(*columns, console=Console(stderr=True), transient=True) as display:
        task = display.add_task("")
        yield lambda text: display.update(task, description=visible(text, 60))


@contextlib.contextmanager
def bar(ledger: Ledger, found: Sequence[Found], *, quiet: bool) -> Iterator[Progress]:
    """Show files, bytes, records a second and the time left while logs are read."""
    if quiet or not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Display

    total = sum(Path(item.path).stat().st_size for item in found if Path(item.path).is_file())
    columns = (
        TextColumn("{task.fields[files]:,}/{task.fields[of]:,} logs"), BarColumn(), DownloadColumn(),
        TextColumn("{task.fields[records]:,} records"), TextColumn("{task.fields[rate]:,}/s"), TimeRemainingColumn(),
    )  # fmt: skip
    display = Display(*columns, console=Console(stderr=True), transient=True)
    task = display.add_task("", total=total or None, files=0, of=len(found), records=0, rate=0)
    state = {"bytes": 0, "files": 0, "records": 0}
    stop = threading.Event()

    def done(_path: str, size: int, records: int) -> None:
        state["bytes"] += size
        state["files"] += 1
        state["records"] += records
        elapsed = display.tasks[0].elapsed or 1
        display.update(
            task,
            completed=state["bytes"],
            files=state["files"],
            records=state["records"],
            rate=int(state["records"] / elapsed),
        )

    def watch() -> None:
        """A large log is one statement: move the bar by what DuckDB says of it."""
        while not stop.wait(0.25):
            share = ledger.connection.query_progress()
            if len(found) == 1 and share > 0:
                display.update(task, completed=total * share / 100)

    watcher = threading.Thread(target=watch, daemon=True)
    with display:
        watcher.start()
        try:
            yield done
        finally:
            stop.set()
            watcher.join()
