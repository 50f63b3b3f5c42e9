"""What a command is about: logs by themselves, or a ledger with the new logs added to it."""

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from analyzer.cli import moments, say
from analyzer.cli.options import given_values
from analyzer.cli.pages import tell_read
from analyzer.cli.progress import bar
from analyzer.cli.settings import placed
from analyzer.counted import counted
from analyzer.engines import query as questions
from analyzer.errors import LedgerError, SourceError, SpendError, UsageError
from analyzer.ingest import format as formats
from analyzer.ingest.detection import APART
from analyzer.ingest.discovery import find, spelled, where_they_lie
from analyzer.ingest.load import load
from analyzer.ingest.mapping import generic, read_words
from analyzer.ingest.outcome import Loaded, Manner, Outcome
from analyzer.ingest.source import Nothing
from analyzer.ledger import Ledger
from analyzer.report.status import more_reasons, most_first, rejection
from analyzer.report.visible import visible
from analyzer.simulate.relations import View

DEFAULT_LEDGER = "spend.duckdb"
LOGS = "API usage logs"
BILLS = "the provider's usage exports"
_SHOWN = 10
_FEW = 3


@contextlib.contextmanager
def opened(db: str | None, logs: tuple[str, ...]) -> Iterator[Ledger]:
    """The ledger that a command works on: the one named, the one in the folder, or a throwaway one for LOGs alone.

    Raises:
        LedgerError: there is neither a ledger nor a LOG.
    """
    reads = where_they_lie(found.path for found in find(logs)[0]) if logs else ()
    if db is None and logs:
        with Ledger.throwaway(reads) as ledger:
            yield ledger
        return
    if db is not None and "://" in db:
        raise LedgerError(f"{db}: an address, and no file", "name a file of this machine with --db")
    path = Path(db or DEFAULT_LEDGER)
    if not logs and not path.exists():
        raise LedgerError(
            f"{path}: no ledger here",
            f"make one: spend ingest LOG... --db {path}; or name another with --db; spend analyze LOG... needs none",
        )
    place, empty = Path(os.path.realpath(path)), False  # also where links go round in a ring
    begun = not os.path.lexists(place)
    try:
        with Ledger.open(path, create=bool(logs), reads=reads) as ledger:
            for warning in ledger.warnings:
                say(warning, "spend: warning")
            try:
                yield ledger
            except SpendError:
                empty = begun and not ledger.sources()
                raise
    finally:
        if empty:  # of what failed nothing is left, which the next command would take for a ledger
            place.unlink(missing_ok=True)


def view_of(given: Mapping[str, Any]) -> View:
    """How the view options want the ledger looked at; a command without a period looks at all of it.

    Raises:
        UsageError: one of them is not understood.
    """
    since, until, month = moments.period_words(given)
    period = moments.period(since, until, month, given["tz"])
    return View(
        currency=given["currency"],
        price_date=moments.price_day(given["price_date"]),
        clock=given["clock"],
        tz=given["tz"],
        endpoint_by=given["endpoint_by"],
        since=period.since,
        until=period.until,
    )


def manner(format_name: str | None, given: tuple[str, ...], words: str | None) -> Manner:
    """How ``--format``, ``--set`` and ``--map`` want logs to be read.

    Raises:
        UsageError: one of them is not understood, or the format is not the one that ``--map`` is for.
    """
    with placed("--format"):
        form = formats.named(format_name) if format_name else None
    if words is None:
        return Manner(form, given_values(given))
    if format_name not in {None, generic().name}:
        raise UsageError(f"--map does not go with --format {format_name}", "it names columns for the generic format")
    return Manner(form, given_values(given), read_words(Path(words)))


def read_logs(ledger: Ledger, logs: tuple[str, ...], how: Manner, *, quiet: bool, what: str = LOGS) -> bool:
    """Read logs into a ledger, telling of what went wrong on standard error; False if a LOG could not be read.

    Args:
        ledger: takes them.
        logs: as they were named.
        how: they are read.
        quiet: say only what went wrong.
        what: they are, in the words of errors.

    Raises:
        SourceError: not one of them could be read, and the ledger is empty.
    """
    if not logs:
        return True
    passed: list[str] = []
    found, errors = find(logs, passed)
    with bar(ledger, found, quiet=quiet) as progress:
        outcome = load(ledger, found, how, progress)
    outcome.errors[:0] = errors
    if what != LOGS:
        outcome.errors[:] = [SourceError(str(one), _of_bills(one.remedy)) for one in outcome.errors]
    if passed and not quiet:
        _tell_passed(passed)
    nothing_read = bool(outcome.errors) and not ledger.sources()
    only = outcome.errors.pop() if nothing_read and len(outcome.errors) == 1 else None
    _tell(ledger, outcome, quiet=quiet, bills=what != LOGS)
    if what == LOGS:
        tell_read(ledger, found, outcome.loaded)
    if only is not None:
        raise SourceError(str(only), only.remedy)
    if nothing_read:
        told = "the logs" if what == LOGS else what
        raise SourceError(f"none of {told} could be read", "see the lines above")
    return not outcome.errors


def _tell_passed(paths: Sequence[str]) -> None:
    """Files in folders that were not taken for logs."""
    names = ", ".join(visible(spelled(path), 200) for path in paths[:_FEW]) + (", ..." if len(paths) > _FEW else "")
    one = len(paths) == 1
    told = "1 file with another ending was" if one else f"{len(paths):,} files with other endings were"
    click.echo(
        f"spend: note: {told} passed over: {names}; name {'it' if one else 'them'} to read {'it' if one else 'them'}",
        err=True,
    )


def _of_bills(remedy: str) -> str:
    """A remedy in the words of commands that take bills, and no options on how to read them."""
    if "--format" in remedy:
        return f"give {BILLS} as they come; `spend formats` lists those that are known"
    return remedy.replace(LOGS, BILLS)


def _tell(ledger: Ledger, outcome: Outcome, *, quiet: bool, bills: bool) -> None:
    """Errors and rejected records always; notes unless they are not wanted."""
    for error in outcome.errors:
        say(error)
    for warning in outcome.warnings:
        say(warning, "spend: warning")
    if not quiet:
        _tell_nothing(ledger, outcome.nothing)
    for loaded in outcome.loaded:
        if loaded.pending and not quiet:
            note = f"a cut last line ({loaded.pending:,} bytes) waits for its rest"
            click.echo(f"spend: note: {visible(loaded.path, 500)}: {note}", err=True)
    for loaded in outcome.loaded:
        if loaded.renewed and not quiet:
            note = f"has changed since it was read, not just grown: {loaded.renewed:,} of its records were known"
            click.echo(f"spend: note: {visible(loaded.path, 500)}: {note}", err=True)
    if any(loaded.rejected for loaded in outcome.loaded):
        _tell_rejected(ledger, [loaded for loaded in outcome.loaded if loaded.rejected], bills=bills)


def _tell_nothing(ledger: Ledger, found: Sequence[Nothing]) -> None:
    """Logs that add nothing: the first ones, and how many more; a folder that is read every night is full of them."""
    for nothing in found[:_SHOWN]:
        reason = nothing.reason if ledger.kept or not nothing.known else "holds what another log holds"
        click.echo(f"spend: note: {visible(nothing.path, 500)}: {reason}; it adds nothing", err=True)
        if nothing.remedy:
            click.echo(f"  {visible(nothing.remedy, 1000)}", err=True)
    if (more := len(found) - _SHOWN) > 0:
        click.echo(f"spend: note: {counted(more, 'more log adds', 'more logs add')} nothing", err=True)


def _tell_rejected(ledger: Ledger, logs: Sequence[Loaded], *, bills: bool) -> None:
    """The rejected records of the logs just read, those with the same reason together."""
    paths = {log.path for log in logs}
    rows = questions.named("rejected_reasons").rows(ledger.connection)
    groups = most_first(row for row in rows if row["path"] in paths)
    for row in groups[:_SHOWN]:
        click.echo(f"spend: rejected: {rejection(row, 500)}", err=True)
    if len(groups) > _SHOWN:
        click.echo(f"spend: rejected: {more_reasons(len(groups) - _SHOWN)}", err=True)
    lacking = {row["path"] for row in groups if row["reason"].startswith(("no time", "no model"))}
    given = (
        ", or give what is missing with --set time=... or model=..., or say where it stands with --map FILE"
        if lacking
        else ""
    )
    mixed = [log for log in logs if log.path in lacking and log.strangers][:_FEW]
    if bills:
        remedy = "mend them, or fetch the export again"
    elif ledger.kept:
        remedy = (
            f"mend them and read the log again{given} (`spend forget` it first for another --set, --map or --format), "
            "or see them all with `spend status --db LEDGER`"
        )
    else:
        remedy = f"mend them and read the log again{given}; `spend ingest LOG... --db LEDGER` keeps a list of them"
    if mixed:
        alike = "; ".join(f"some of {visible(log.path, 200)} look like {' or '.join(log.strangers)}" for log in mixed)
        remedy = f"{alike}: {APART}; or {remedy}"
    click.echo(f"  they are in no total; {remedy}", err=True)
