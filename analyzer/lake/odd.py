"""Records that another engine does not judge: read here, as any log is, and their requests as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from analyzer.engines.engine import DuckDB
from analyzer.engines.source import COLUMNS
from analyzer.errors import EngineError
from analyzer.ingest.discovery import Found
from analyzer.ingest.format import Format
from analyzer.ingest.load import load
from analyzer.ingest.outcome import Manner
from analyzer.ledger import Ledger
from analyzer.ledger.spool import Spool

Rows = Sequence[Mapping[str, Any]]
# What a log begins with that is to be read as JSON lines, whatever comes behind it: a line that is always rejected.
JSON_LINES = ("{} ?",)


@dataclass(frozen=True)
class Odd:
    """What became of them.

    Attributes:
        requests: the calls that they tell of, with the ledger's columns.
        records: how many there are; objects that lie on one line are several.
        duplicates: how many tell of a call again.
        skipped: how many are no provider call.
        rejected: how many could not be understood.
        reasons: log, reason and number of those.
    """

    requests: pa.Table = field(default_factory=lambda: pa.table({}))
    records: int = 0
    duplicates: int = 0
    skipped: int = 0
    rejected: int = 0
    reasons: Sequence[tuple[str, str, int]] = ()


def judged_here(rows: Rows, form: Format, given: Mapping[str, str], anchor: Sequence[str] = JSON_LINES) -> Odd:
    """Judge records as those of any other log.

    Args:
        rows: each with its line in bytes, and the name and number of its log.
        form: their format.
        given: what ``--set`` says.
        anchor: what comes before them, to tell how they are laid out; the last of it is a record that is rejected.

    Raises:
        EngineError: some could not be read at all.
    """
    logs = sorted({(row["log_file"], row["source_id"]) for row in rows})
    judged = _judged(rows, form, given, anchor)
    blocks = judged.requests.num_rows - judged.requests["prefix_blocks"].null_count
    # Blocks that are mere numbers are told apart by log; with several records on a line no number tells whose one is.
    if len(logs) == 1 or (not blocks and judged.records == len(rows)):
        return judged
    each = [_judged([row for row in rows if row["source_id"] == one], form, given, anchor) for _, one in logs]
    return Odd(
        pa.concat_tables([one.requests for one in each]),
        records=sum(one.records for one in each),
        duplicates=sum(one.duplicates for one in each),
        skipped=sum(one.skipped for one in each),
        rejected=sum(one.rejected for one in each),
        reasons=[reason for one in each for reason in one.reasons],
    )


def _judged(rows: Rows, form: Format, given: Mapping[str, str], anchor: Sequence[str]) -> Odd:
    """All of them as one log: in several, equal ones that nothing identifies would pass for copies."""
    rows = sorted(rows, key=lambda row: (row["log_file"], row["log_line"]))
    with Spool() as folder, Ledger.throwaway() as ledger:
        log = folder / "odd.jsonl"
        lines = [*(line.encode() for line in anchor), *(row["log_line"] for row in rows), b""]
        log.write_bytes(b"\n".join(lines))
        outcome = load(ledger, [Found(str(log), named=True)], Manner(form, dict(given)))
        for error in outcome.errors:
            raise EngineError(str(error).replace(str(log), "odd records"), error.remedy)
        names = ", ".join(f"{rows[0]['source_id']} AS {name}" if name == "source_id" else name for name in COLUMNS)
        requests = DuckDB(ledger.connection).ask(f"SELECT {names} FROM requests", "requests")
        rejected = ledger.connection.execute("SELECT record, reason FROM rejected WHERE record > 1").fetchall()
    (loaded,) = outcome.loaded
    records = loaded.records - 1
    whose = [row["log_file"] for row in (rows if records == len(rows) else rows[:1] * records)]
    reasons = Counter((whose[record - 2], reason) for record, reason in rejected)
    return Odd(
        requests, records, loaded.duplicates, loaded.skipped, loaded.rejected - 1,
        [(*why, number) for why, number in sorted(reasons.items(), key=lambda one: (-one[1], one[0]))],
    )  # fmt: skip
