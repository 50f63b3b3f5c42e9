"""Where files go that a command makes: to the place that was named, or to standard output."""

import sys
from collections.abc import Callable
from pathlib import Path

STANDARD = "-"


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
