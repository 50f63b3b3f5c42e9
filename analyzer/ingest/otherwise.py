"""Logs that the ledger has already, named with a manner of reading that may read them better."""

import shlex
from collections.abc import Sequence
from dataclasses import replace
from importlib import resources

from analyzer.ingest.discovery import spelled
from analyzer.ingest.format import Format
from analyzer.ingest.source import Nothing
from analyzer.ledger import Ledger


def with_remedy(ledger: Ledger, nothing: Sequence[Nothing], form: Format | None, *, other_words: bool) -> list[Nothing]:
    """Say of each log that is in the ledger already what its reading left open, and how to read it anew.

    Args:
        ledger: the ledger.
        nothing: logs that added nothing to it.
        form: the format that was asked for.
        other_words: whether counts may be found now where none were: the format or the places of columns are given.
    """
    known = [one for one in nothing if one.known]
    if not known:
        return list(nothing)
    text = resources.files("analyzer.ingest").joinpath("otherwise.sql").read_text(encoding="utf-8")
    parameters = {
        "paths": [spelled(one.path) for one in known],
        "fingerprints": [one.fingerprint for one in known],
        "other_words": other_words or form is not None,
    }
    found = {row[0]: row[1:] for row in ledger.connection.execute(text, parameters).fetchall()}
    told = []
    for one in nothing:
        row = found.get(spelled(one.path)) if one.known else None
        open_ends = _open_ends(row[1], row[2], row[3], form) if row else ""
        if row and open_ends:
            taken_out = f"spend forget {shlex.quote(row[0])} --db {shlex.quote(str(ledger.path))}"
            remedy = f"to read it anew in this way, first take it out: {taken_out}"
            if not row[4]:  # what is forgotten is not all there any more
                remedy = "other logs of its name are in the ledger, too: `spend forget` would take them all out"
            told.append(replace(one, reason=f"{one.reason}, {open_ends}", remedy=remedy))
        else:
            told.append(one)
    return told


def _open_ends(format_name: str, rejected: int, unmeasured: int, form: Format | None) -> str:
    """What may come out otherwise, in words; empty where nothing would."""
    ends = [f"read as {format_name}"] if form is not None and form.name != format_name else []
    ends += [f"with {rejected:,} of its records rejected"] if rejected else []
    ends += [f"with {unmeasured:,} of its calls without usage"] if unmeasured else []
    return " and ".join(ends)
