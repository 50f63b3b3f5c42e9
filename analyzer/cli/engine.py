"""Who has the requests that a command is about: a ledger, or the table that ``--engine`` and ``--table`` reach."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from analyzer.cli import options

if TYPE_CHECKING:  # what it stands on is only there with the extra `spark`
    from analyzer.ledger import Ledger
    from analyzer.simulate.far import Far


@contextlib.contextmanager
def subject(given: dict[str, Any]) -> Iterator[tuple[Ledger, Far | None]]:
    """The ledger that a command works on, and who has its requests if that is another engine, until the context ends.

    Raises:
        EngineError: the engine cannot be reached, or has no such table.
        LedgerError: there is neither a ledger nor a LOG.
        UsageError: what was given does not go together.
    """
    if options.elsewhere(given["engine"], given["tables"], given["db"], given["logs"]):
        with reached(given["engine"], given["tables"]) as far:
            yield far.ledger, far
        return
    from analyzer.cli.subject import opened

    with opened(given["db"], given["logs"]) as ledger:
        yield ledger, None


@contextlib.contextmanager
def reached(engine: str, tables: tuple[str, ...]) -> Iterator[Far]:
    """The requests on another engine, until the context ends.

    Raises:
        EngineError: the engine cannot be reached, or has no such table.
        UsageError: ``--table`` is not understood.
    """
    from analyzer.engines.reach import reach
    from analyzer.engines.table import places
    from analyzer.ledger import Ledger

    where = places(tables)
    with reach(engine) as spark, Ledger.throwaway() as ledger:
        from analyzer.simulate.far import Far

        far = Far(spark, ledger, *where)
        context = click.get_current_context(silent=True)
        if far.duplicates and not (context and context.params.get("quiet")):
            click.echo(f"spend: note: {far.duplicates:,} records tell of a call again: each call counts once", err=True)
        yield far
