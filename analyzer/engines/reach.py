"""How another engine is reached: by its address, with what it takes loaded only then."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from analyzer.errors import EngineError

if TYPE_CHECKING:  # only who has another engine has it installed
    from analyzer.engines.spark import Spark


@contextlib.contextmanager
def reach(address: str) -> Iterator[Spark]:
    """The engine at an address, ``sc://host:port[/;token=...;use_ssl=true]``, until the context ends.

    Raises:
        EngineError: what it takes is not installed, the address is none, or nothing usable answers there.
    """
    scheme, separator, _ = address.partition("://")
    if scheme != "sc":  # what it takes need not be there to tell
        raise EngineError(
            f"--engine {scheme + '://...' if separator else '...'}: no address of an engine",
            "write duckdb, or sc://host:port for Spark Connect, with /;token=...;use_ssl=true where it wants them",
        )
    try:
        from analyzer.engines.spark import Spark
    except ImportError as error:
        raise EngineError(
            f"--engine: what it takes to speak to Spark is not installed ({error.name})",
            "pip install 'spend-analyzer[spark]'",
        ) from error
    with Spark.connect(address) as engine:
        yield engine
