"""What ``--engine`` and ``--table`` reach."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what it stands on is only there with the extra `spark`
    from analyzer.simulate.far import Far


@contextlib.contextmanager
def reached(engine: str, tables: tuple[str, ...]) -> Iterator[Far]:
    """The requests on another engine, until the context ends.

    Raises:
        EngineError: the engine cannot be reached, or has no such table.
        UsageError: ``--table`` is not understood.
    """
    from analyzer.engines.engine import reach
    from analyzer.engines.table import place
    from analyzer.ledger import Ledger

    where = place(tables)
    with reach(engine) as spark, Ledger.throwaway() as ledger:
        from analyzer.simulate.far import Far

        yield Far(spark, ledger, where)
