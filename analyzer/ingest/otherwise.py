"""Logs that the ledger has already, named with a manner of reading that may read them better."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import resources
from typing import Any

from analyzer.ingest.discovery import spelled
from analyzer.ingest.outcome import Manner
from analyzer.ingest.source import Nothing
from analyzer.ledger import Ledger

# What `--set` gives to calls of logs that leave it out; a record without a time or a model is rejected.
_GIVEN = {"endpoint": "an endpoint", "session": "a session", "team": "a team"}


def with_remedy(ledger: Ledger, nothing: Sequence[Nothing], manner: Manner) -> list[Nothing]:
    """Say of each log that is in the ledger already what its reading left open, and how to read it anew.

    Args:
        ledger: the ledger.
        nothing: logs that added nothing to it.
        manner: how they were to be read now. Counts may be found where none were when it has a format or the places of
            columns.
    """
    known = [one for one in nothing if one.known]
    if not known:
        return list(nothing)
    text = resources.files("analyzer.ingest").joinpath("otherwise.sql").read_text(encoding="utf-8")
    parameters = {
        "paths": [spelled(one.path) for one in known],
        "fingerprints": [one.fingerprint for one in known],
        "other_words": manner.words is not None or manner.format is not None,
        **{word: word in manner.given for word in _GIVEN},
    }
    answer = ledger.connection.execute(text, parameters)
    columns = [column[0] for column in answer.description or ()]
    found = {row[0]: dict(zip(columns, row, strict=True)) for row in answer.fetchall()}
    told = []
    for one in nothing:
        row = found.get(spelled(one.path)) if one.known else None
        open_ends = _open_ends(row, manner) if row else ""
        if row and open_ends:
            taken_out = f"spend forget {shlex.quote(row['path'])} --db {shlex.quote(str(ledger.path))}"
            remedy = f"to read it anew in this way, first take it out: {taken_out}"
            if not row["alone"]:  # what is forgotten is not all there any more
                remedy = "other logs of its name are in the ledger, too: `spend forget` would take them all out"
            told.append(replace(one, reason=f"{one.reason}, {open_ends}", remedy=remedy))
        else:
            told.append(one)
    return told


def _open_ends(row: Mapping[str, Any], manner: Manner) -> str:
    """What may come out otherwise, in words; empty where nothing would."""
    form, before = manner.format, row["format"]
    ends = [f"read as {before}"] if form is not None and form.name != before else []
    now = (manner.told or "").split("\n")
    words = {pair.partition("=")[0] for pair in now}
    then = sorted({pair for told in row["given"] or () for pair in told.split("\n")} - set(now))
    ends += [f"read with --set {shlex.quote(pair)}" for pair in then if pair.partition("=")[0] in words]
    ends += [f"with {row['rejected']:,} of its records rejected"] if row["rejected"] else []
    ends += [f"with {row['unmeasured']:,} of its calls without usage"] if row["unmeasured"] else []
    ends += [f"with {row[word]:,} of its calls without {name}" for word, name in _GIVEN.items() if row[word]]
    return " and ".join(ends)
