"""The ledger's state as text."""

from collections.abc import Mapping
from typing import Any

from analyzer.report.listing import table
from analyzer.report.visible import visible

_ROWS = 20


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
        f"Ledger {path}: {counts['records']:,} records = {counts['requests']:,} requests"
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


def _end(path: str, longest: int) -> str:
    """The end of a path, which tells it from the others of its folder."""
    return path if len(path) <= longest else "…" + path[1 - longest :]
