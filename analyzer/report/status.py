"""The ledger's state, as a document and as text."""

import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from analyzer.counted import counted
from analyzer.engines.query import named
from analyzer.ingest.forget import Forgotten
from analyzer.ledger import Ledger
from analyzer.report.listing import WIDTH, table
from analyzer.report.visible import fitted_path, visible, width
from analyzer.simulate.counts import Records

_ROWS = 20

_REVIVED = ("record of other logs counts as a request", "records of other logs count as requests")


def status_document(ledger: Ledger, counts: Records) -> dict[str, Any]:
    """``spend status --json``, or with no more in it than its text needs."""
    return {
        "schema": "spend.status/1",
        "ledger": dict(vars(counts)),
        "sources": named("sources").rows(ledger.connection),
        "rejected": named("rejected").rows(ledger.connection),
        "skipped": named("skipped_reasons").rows(ledger.connection),
    }


def status_text(document: Mapping[str, Any], path: str) -> str:
    """Sources and how their records ended, then why some were skipped or rejected."""
    counts = document["ledger"]
    lines = [
        [
            visible(source["path"], 1000),
            visible(source["format"], 18),
            *(f"{source[name]:,}" for name in ("requests", "duplicates", "skipped", "rejected")),
        ]
        for source in document["sources"][:_ROWS]
    ]
    if len(document["sources"]) > _ROWS:
        lines.append([f"{len(document['sources']) - _ROWS:,} more", *[""] * 5])
    told = (
        f"Ledger {visible(path, 500)}: {counted(counts['records'], 'record')} ="
        f" {counted(counts['requests'], 'request')} + {counted(counts['duplicates'], 'duplicate')}"
    )
    rest = f"+ {counts['skipped']:,} skipped + {counts['rejected']:,} rejected"
    between = " " if width(f"{told} {rest}") <= WIDTH else "\n"
    parts = [
        f"{told}{between}{rest}",
        table(["Source", "format", "requests", "dupl.", "skipped", "rejected"], lines, fitted_path),
        *filter(None, map("\n".join, (_skipped(document["skipped"], path), _rejected(document["rejected"], path)))),
    ]
    return "\n\n".join(parts) + "\n"


def _skipped(rows: Sequence[Mapping[str, Any]], path: str) -> list[str]:
    """What the skipped records of all logs are, the most first."""
    found: Counter[str] = Counter()
    for row in rows:
        found[row["reason"]] += row["records"]
    ranked = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    told = [f"{records:,} skipped: {visible(reason)}" for reason, records in ranked[:_ROWS]]
    more = len(ranked) - _ROWS
    return [*told, _rest(more, "skipped_reasons", path)] if more > 0 else told


def _rejected(rows: Sequence[Mapping[str, Any]], path: str) -> list[str]:
    """Why records were rejected, by log."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        group = found.setdefault((row["path"], row["reason"]), {**row, "records": 0, "first": row["record"]})
        group["records"] += 1
    told = [rejection(group, 60) for group in most_first(found.values())[:_ROWS]]
    more = len(found) - _ROWS
    return [*told, _rest(more, "rejected_reasons", path)] if more > 0 else told


def rejection(group: Mapping[str, Any], longest: int) -> str:
    """Rejected records of one log and one reason, in a line.

    Args:
        group: a row of ``rejected_reasons``.
        longest: how many characters of the path are shown.
    """
    more = f" (and {group['records'] - 1:,} more)" if group["records"] > 1 else ""
    return f"{visible(group['path'], longest)}, record {group['first']}{more}: {visible(group['reason'], 500)}"


def _rest(more: int, query: str, path: str) -> str:
    """How many reasons are not listed, and the command that lists them, as a shell takes it."""
    return f"{more_reasons(more)}: spend query {query} --db {visible(shlex.quote(path), 500)}"


def more_reasons(number: int) -> str:
    """How many reasons are not listed."""
    return counted(number, "more reason")


def most_first(groups: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Rows of ``rejected_reasons``: what would bring most records back stands first."""
    return sorted(groups, key=lambda group: -group["records"])


def forgotten_text(gone: Forgotten, document: Mapping[str, Any], path: str) -> str:
    """What was taken out of a ledger, and what is left."""
    counts = document["ledger"]
    lines = [f"Forgot {visible(name, 500)}" for name in gone.paths[:_ROWS]]
    if len(gone.paths) > _ROWS:
        lines.append(f"and {len(gone.paths) - _ROWS:,} more")
    stays = f"; {counted(gone.revived, *_REVIVED)} in their place" if gone.revived else ""
    lines.append(f"{counted(gone.records, 'record')} went{stays}.")
    lines.append(
        f"Ledger {visible(path, 500)}: {counted(counts['records'], 'record is', 'records are')} left,"
        f" {counts['requests']:,} of them requests."
    )
    return "\n".join(lines) + "\n"
