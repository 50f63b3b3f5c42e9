"""Where files go that a command makes: to the place that was named, or to standard output."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from analyzer.cli.settings import place
from analyzer.errors import UsageError

STANDARD = "-"
_FILES = {"--report": "report", "--workbook": "workbook", "--chart": "chart"}  # an export may be a folder


def apart(outputs: Mapping[str, Path | str | None], given: Mapping[str, Any]) -> None:
    """See to it, before anything is written, that no output is another one, the ledger, or a file that is read.

    Args:
        outputs: where files go, by option; None where none is written. Pipes and devices may take several.
        given: the command's options, of which these tell what it reads.

    Raises:
        UsageError: one is.
        OutputError: there is no folder for one.
    """
    from analyzer.cli.subject import DEFAULT_LEDGER
    from analyzer.report.file import ready

    logs = given.get("logs", ())
    ledger = given.get("db") or (None if logs or "db" not in given else DEFAULT_LEDGER)
    named = [("a bill", bill) for bill in given.get("bills", ())] + [("a LOG", log) for log in logs]
    named += [("what --prices names", file) for file in given.get("own_prices", ())]
    named += [("what --scenario names", file) for file in given.get("scenarios", ())]
    named += [("what --map names", given.get("words")), ("where options are read", _settings())]
    taken = {os.path.realpath(path): what for what, path in [*named, ("the ledger", ledger)] if path}
    for option, path in outputs.items():
        if path is None:
            continue
        if str(path) == STANDARD:
            if option != "--output":
                raise UsageError(f"{place(option)} -: does not go to standard output", f"name a file with {option}")
            continue
        real = os.path.realpath(path)
        if real in taken:
            raise UsageError(f"{place(option)} {path}: is {taken[real]}", f"name another place with {option}")
        device = os.path.exists(real) and not os.path.isfile(real)  # noqa: PTH110, PTH113  (no name is too long)
        if not device:
            taken[real] = f"where {option} goes, too"
        if option in _FILES:
            ready(Path(path), _FILES[option], option)


def _settings() -> str | None:
    """The file of settings."""
    context = click.get_current_context(silent=True)
    return None if context is None else context.find_root().params.get("config") or "spend.toml"


def to_standard_output(write: Callable[[Path], int]) -> int:
    """Let ``write`` make a file in a private folder, and send it to standard output when it is whole.

    Returns:
        what ``write`` returns.
    """
    import shutil

    from analyzer.ledger.spool import Spool

    with Spool() as folder:
        made = folder / "made"
        found = write(made)
        sys.stdout.flush()
        with made.open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer)
    sys.stdout.flush()
    return found
