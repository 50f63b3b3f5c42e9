"""Records that another engine does not judge: read here, as any log is, and their requests as a table."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

import pyarrow as pa

from analyzer.engines.engine import DuckDB
from analyzer.engines.source import COLUMNS
from analyzer.errors import EngineError
from analyzer.ingest.discovery import Found
from analyzer.ingest.format import Format
from analyzer.ingest.load import Manner, load
from analyzer.ledger import Ledger
from analyzer.ledger.spool import Spool

_PLACES = 20  # of a number in spaces and tabs


@dataclass(frozen=True)
class Odd:
    """What became of them.

    Attributes:
        requests: the calls that they tell of, with the ledger's columns.
        duplicates: how many tell of a call again.
        skipped: how many are no provider call.
        rejected: how many could not be understood.
        reasons: log, reason and number of those.
    """

    requests: pa.Table = field(default_factory=lambda: pa.table({}))
    duplicates: int = 0
    skipped: int = 0
    rejected: int = 0
    reasons: Sequence[tuple[str, str, int]] = ()


def judged_here(rows: Sequence[Mapping[str, Any]], form: Format, given: Mapping[str, str]) -> Odd:
    """Judge records as those of any other log.

    Args:
        rows: each with its line, and the name and number of its log.
        form: their format.
        given: what ``--set`` says.

    Raises:
        EngineError: some could not be read at all.
    """
    logs: dict[tuple[str, int], list[str]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row["log_file"], row["log_line"])):
        logs[row["log_file"], row["source_id"]].append(row["log_line"])
    with Spool() as folder, Ledger.throwaway() as ledger:
        files = {str(folder / f"{number}.jsonl"): log for number, log in enumerate(logs)}
        for number, lines in enumerate(logs.values()):
            (folder / f"{number}.jsonl").write_text("\n".join([_first(number), *lines, ""]), encoding="utf-8")
        outcome = load(ledger, [Found(file, named=True) for file in files], Manner(form, dict(given)))
        for error in outcome.errors:
            told = str(error)
            for file, (log, _) in files.items():
                told = told.replace(file, log)
            raise EngineError(told, error.remedy)
        connection = ledger.connection
        connection.execute("CREATE TEMP TABLE odd_logs (path VARCHAR, log VARCHAR, number BIGINT)")
        connection.executemany("INSERT INTO odd_logs VALUES (?, ?, ?)", [[file, *log] for file, log in files.items()])
        names = ", ".join("number AS source_id" if name == "source_id" else f"r.{name}" for name in COLUMNS)
        requests = DuckDB(connection).ask(_sql("odd_requests").replace("{columns}", names), "odd_requests")
        reasons = connection.execute(_sql("odd_reasons")).fetchall()
    ends = Counter[str]()
    for loaded in outcome.loaded:
        ends.update(duplicates=loaded.duplicates, skipped=loaded.skipped, rejected=loaded.rejected - 1)
    return Odd(requests, ends["duplicates"], ends["skipped"], ends["rejected"], reasons)


def _first(number: int) -> str:
    """A line that is always rejected, for a log of odd records: it begins like JSON lines, whatever comes behind it.

    Two logs may have the same odd records, or one the first of another's, and are no copies: no two lines are alike.
    """
    return "{} ?" + f"{number:0{_PLACES}b}".translate({ord("0"): " ", ord("1"): "\t"})


def _sql(name: str) -> str:
    return resources.files("analyzer.lake").joinpath(f"{name}.sql").read_text(encoding="utf-8")
