"""The ledger's state, as a document and as text."""

from collections.abc import Mapping
from typing import Any

from analyzer.engines.query import named
from analyzer.ingest.forget import Forgotten
from analyzer.ledger import Ledger
from analyzer.report.listing import table
from analyzer.report.visible import visible
from analyzer.simulate.counts import Records

_ROWS = 20


def status_document(ledger: Ledger, counts: Records) -> dict[str, Any]:
    """``spend status --json``, or with no more in it than its text needs."""
    return {
        "schema": "spend.status/1",
        "ledger": dict(vars(counts)),
        "sources": named("sources").rows(ledger.connection),
        "rejected": named("rejected").rows(ledger.connection),
    }


def status_text(document: Mapping[str, Any], path: str) -> str:
    """Sources and how their records ended, then the rejected records."""
    counts = document["ledger"]
    lines = [
        [
            _end(visible(source["path"], 1000), 26),
            source["format"][:18],
            *(f"{source[name]:,}" for name in ("requests", "duplicates", "skipped", "rejected")),
        ]
        for source in document["sources"][:_ROWS]
    ]
    if len(document["sources"]) > _ROWS:
        lines.append([f"{len(document['sources']) - _ROWS:,} more", *[""] * 5])
    parts = [
        f"Ledger {visible(path, 500)}: {counts['records']:,} records = {counts['requests']:,} requests"
        f" + {counts['duplicates']:,} duplicates\n+ {counts['skipped']:,} skipped + {counts['rejected']:,} rejected",
        table(["Source", "format", "requests", "dupl.", "skipped", "rejected"], lines),
    ]
    rejected = document["rejected"]
    parts += (
        [
            "\n".join(
                f"{visible(row['path'], 60)}, record {row['record']}: {visible(row['reason'])}"
                for row in rejected[:_ROWS]
            )
        ]
        if rejected
        else []
    )
    if len(rejected) > _ROWS:
        parts.append(f"{len(rejected) - _ROWS:,} more rejected records: spend status --json, or spend query rejected")
    return "\n\n".join(parts) + "\n"


def forgotten_text(gone: Forgotten, document: Mapping[str, Any], path: str) -> str:
    """What was taken out of a ledger, and what is left."""
    counts = document["ledger"]
    lines = [f"Forgot {visible(name, 500)}" for name in gone.paths[:_ROWS]]
    if len(gone.paths) > _ROWS:
        lines.append(f"and {len(gone.paths) - _ROWS:,} more")
    stays = f"; {gone.revived:,} records of other logs count as requests in their place" if gone.revived else ""
    lines.append(f"{gone.records:,} records went{stays}.")
    lines.append(
        f"Ledger {visible(path, 500)}: {counts['records']:,} records are left, {counts['requests']:,} of them requests."
    )
    return "\n".join(lines) + "\n"


def _end(path: str, longest: int) -> str:
    """The end of a path, which tells it from the others of its folder."""
    return path if len(path) <= longest else "…" + path[1 - longest :]
