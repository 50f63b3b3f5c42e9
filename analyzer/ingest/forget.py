"""Forgetting: a source and what came from it out of the ledger again, as if it had never been read."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from glob import escape

import duckdb

from analyzer.errors import SourceError
from analyzer.ingest.discovery import spelled
from analyzer.ingest.duplicates import find_duplicates, move_counts, name_logs, sql
from analyzer.ingest.format import Format
from analyzer.ingest.source import Source
from analyzer.ledger import Ledger
from analyzer.ledger.columns import stored


@dataclass(frozen=True)
class Forgotten:
    """What went: logs, records of theirs, and requests that other logs told of as well, which stay."""

    paths: tuple[str, ...]
    records: int
    revived: int


def forget(ledger: Ledger, names: Sequence[str]) -> Forgotten:
    """Take the sources of some logs out of a ledger, all or none.

    Args:
        ledger: the ledger.
        names: paths as ``spend status`` shows them, or patterns with ``*``.

    Raises:
        SourceError: a name fits no source.
    """
    connection = ledger.connection
    sources = connection.execute("SELECT source_id, path, records FROM sources ORDER BY source_id").fetchall()
    chosen = [source_id for name in names for source_id in _fitting(name, sources, str(ledger.path))]
    with ledger.transaction():
        connection.execute("CREATE OR REPLACE TEMP TABLE named AS SELECT unnest(?::INTEGER[]) AS source_id", [chosen])
        connection.execute(sql("forget"))
        gone = {source_id for (source_id,) in connection.execute("FROM forgotten").fetchall()}
        revived = _take_out(connection)
    return Forgotten(
        tuple(dict.fromkeys(path for source_id, path, _ in sources if source_id in gone)),
        sum(records for source_id, _, records in sources if source_id in gone),
        revived,
    )


def forget_outgrown(connection: duckdb.DuckDBPyConnection, form: Format, sources: Sequence[Source]) -> None:
    """Take out what earlier versions of logs told that are now read as wholes again: it may be told otherwise.

    Rows of a grouping format are made of many records. A piece of a stream whose end had not come yet, or a parent
    whose children had not, was a request then, and is none now. And what some words mean, later records may tell.

    Args:
        connection: the ledger, in the transaction that reads the logs.
        form: their format.
        sources: the logs.
    """
    grown = [source for source in sources if source.anew]
    if not grown:
        return
    connection.execute(
        sql("outgrown"),
        {
            "paths": [one.path for one in grown],
            "continued": [one.continues for one in grown],
            "format": form.name,
            "anywhere": form.grain != "group",
        },
    )
    connection.execute(sql("emptied"))
    _take_out(connection)


def _take_out(connection: duckdb.DuckDBPyConnection) -> int:
    """Take out what came of the sources in ``forgotten``; give back how many records of other logs count again."""
    connection.execute(sql("take_out").replace("{stored}", ", ".join(stored(connection))))
    back = connection.execute("FROM revived_by_source").fetchall()
    move_counts(connection, [(source_id, records) for source_id, records, _ in back])
    name_logs(connection)
    lost = find_duplicates(connection, [source_id for source_id, _, nameless in back if nameless])
    return sum(int(records) for _, records, _ in back) - sum(source.records for source in lost)


# As `spend status` shows what cannot be seen.
_SHOWN = re.compile(r"(?:\\u[0-9a-f]{4})+")


def _fitting(name: str, sources: Sequence[tuple[int, str, int]], place: str) -> list[int]:
    name = spelled(name)
    names = {name, _SHOWN.sub(lambda shown: _seen(shown[0]), name)}
    found = [source_id for source_id, path, _ in sources if path in names or spelled(path) in names]
    found = found or [source_id for source_id, path, _ in sources if fnmatchcase(path, name)]
    folder = f"{name.rstrip('/')}/"
    if not found and any(path.startswith(folder) for _, path, _ in sources):
        command = f"spend forget {shlex.quote(f'{escape(folder)}*')} --db {shlex.quote(place)}"
        raise SourceError(f"{name}: a folder of logs, and no log", f"all that was read of it goes with: {command}")
    if not found:
        near = get_close_matches(name, [path for _, path, _ in sources], n=3, cutoff=0.4)
        hint = f"did you mean {', '.join(near)}? " if near else ""
        lists = f"`spend status --db {shlex.quote(place)}` lists them"
        raise SourceError(f"no source of the ledger is called {name}", f"{hint}{lists}")
    return found


def _seen(shown: str) -> str:
    return bytes.fromhex(shown.replace("\\u", "")).decode("utf-16-be", "surrogatepass")
