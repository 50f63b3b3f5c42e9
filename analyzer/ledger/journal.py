"""The journal beside a ledger, after a power cut: its end may be zeros or rubbish that was never written.

DuckDB leaves out an entry that is cut off, but refuses a journal with a wrong entry in it. Everything before that entry
is sound, and whole transactions of it are kept: a ledger then stands as it did some moments earlier, and the logs that
were read since are read again.
"""

import os
import re
import shutil
from pathlib import Path

DAMAGED = ".damaged"


def mend(ledger: Path, refusal: str) -> Path | None:
    """Cut the journal of a ledger off where it stops to make sense.

    Args:
        ledger: whose journal it is.
        refusal: what DuckDB said when it read the journal.

    Returns:
        where the journal is kept as it was; None where the refusal is not about such a journal.
    """
    journal = ledger.with_name(f"{ledger.name}.wal")
    if "replaying WAL" not in refusal or not journal.exists():
        return None
    found = re.search(r"byte position (\d+)", refusal)
    sound = int(found[1]) if found else 0
    if not found and not _blank(journal):
        return None
    kept = journal.with_name(journal.name + DAMAGED)
    kept.unlink(missing_ok=True)
    with journal.open("rb") as whole, open(os.open(kept, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as copy:  # noqa: PTH123
        shutil.copyfileobj(whole, copy)
        copy.flush()
        os.fsync(copy.fileno())
    os.truncate(journal, sound)
    return kept


def _blank(journal: Path) -> bool:
    """Whether nothing of it was ever written."""
    with journal.open("rb") as file:
        return not any(any(block) for block in iter(lambda: file.read(1 << 16), b""))
