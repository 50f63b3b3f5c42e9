"""Who has the requests that a command is about: a ledger, or the table that ``--engine`` and ``--table`` reach."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from analyzer.cli import options
from analyzer.errors import UsageError
from analyzer.report.visible import visible

if TYPE_CHECKING:  # what it stands on is only there with the extra `spark`
    from analyzer.ledger import Ledger
    from analyzer.simulate.far import Far

_SHOWN = 10


@contextlib.contextmanager
def subject(given: dict[str, Any]) -> Iterator[tuple[Ledger, Far | None]]:
    """The ledger that a command works on, and who has its requests if that is another engine, until the context ends.

    Raises:
        EngineError: the engine cannot be reached, or has no such table.
        LedgerError: there is neither a ledger nor a LOG.
        UsageError: what was given does not go together.
    """
    if options.elsewhere(given["engine"], given["tables"], given["db"], given["logs"]):
        with reached(given["engine"], given["tables"], given) as far:
            yield far.ledger, far
        return
    from analyzer.cli.subject import opened

    with opened(given["db"], given["logs"]) as ledger:
        yield ledger, None


@contextlib.contextmanager
def reached(engine: str, tables: tuple[str, ...], given: Mapping[str, Any] = MappingProxyType({})) -> Iterator[Far]:
    """The requests on another engine, until the context ends.

    Args:
        engine: its address.
        tables: what ``--table`` says.
        given: all options; those of how logs are read count where logs lie in the place of a table.

    Raises:
        EngineError: the engine cannot be reached, or has no such table.
        UsageError: ``--table`` is not understood, or what was given does not go together.
    """
    from analyzer.engines.reach import reach
    from analyzer.engines.table import places
    from analyzer.ledger import Ledger

    where = places(tables)
    how = _manner(given)
    with reach(engine) as spark, Ledger.throwaway() as ledger:
        from analyzer.simulate.far import Far

        far = Far(spark, ledger, *where, manner=how)
        context = click.get_current_context(silent=True)
        _tell(far, quiet=bool(context and context.params.get("quiet")))
        yield far


def _manner(given: Mapping[str, Any]) -> Any:
    from analyzer.cli.subject import manner

    if given.get("words") is not None:
        raise UsageError(
            "--map does not go with --engine", "`spend ingest` such logs, and export the requests as Parquet"
        )
    return manner(given.get("format_name"), given.get("given", ()), None)


def _tell(far: Far, *, quiet: bool) -> None:
    """What was rejected always; notes unless they are not wanted."""
    from analyzer.counted import counted
    from analyzer.report.status import more_reasons

    duplicates = far.duplicates + sum(one.duplicates for one in far.logs)
    if duplicates and not quiet:
        told = counted(duplicates, "record tells", "records tell")
        click.echo(f"spend: note: {told} of a call again: each call counts once", err=True)
    for one in far.logs:
        if one.copies and not quiet:
            more = f" and {len(one.copies) - 1:,} more" if len(one.copies) > 1 else ""
            click.echo(
                f"spend: note: {visible(one.copies[0], 500)}{more}: copies of other logs; they add nothing", err=True
            )
        for log, reason, records in one.reasons[:_SHOWN]:
            number = f" ({records:,} records)" if records > 1 else ""
            click.echo(f"spend: rejected: {visible(log, 500)}: {visible(reason, 500)}{number}", err=True)
        if len(one.reasons) > _SHOWN:
            click.echo(f"spend: rejected: {more_reasons(len(one.reasons) - _SHOWN)}", err=True)
        if one.reasons:
            click.echo("  they are in no total; mend them and ask again, or give what is missing with --set", err=True)
