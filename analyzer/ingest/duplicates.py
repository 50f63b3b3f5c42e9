"""Each request once: of the records that tell of it, in whatever logs, one row stays."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import duckdb

from analyzer.ledger.rows import add_rows


@dataclass(frozen=True)
class Lost:
    """Records of a source that were duplicates."""

    source_id: int
    records: int
    renewed: int  # of them those that an earlier version of the same log had told already


New = tuple[int, str, str, str, str | None]  # source id, path, opening, fingerprint, what it continues


@cache
def sql(name: str) -> str:
    """A statement of this room."""
    return resources.files("analyzer.ingest").joinpath(f"{name}.sql").read_text(encoding="utf-8")


def drop_duplicates(connection: duckdb.DuckDBPyConnection, new: Sequence[New]) -> list[Lost]:
    """Leave one row for each request, in the new sources and, where a new row is better, in the old ones.

    Args:
        connection: the ledger, with the new sources' rows in it, judged; ``first_source`` is set.
        new: the new sources, which have no row in ``sources`` yet.

    Returns:
        What the new sources lost. The counts of old ones are put right here.
    """
    first = new[0][0]
    connection.execute(sql("repeats"))
    repeated, unnamed = connection.execute(
        "SELECT EXISTS (FROM repeats), "
        "EXISTS (FROM requests WHERE source_id >= $first AND request_id IS NULL AND fate IS NULL)",
        {"first": first},
    ).fetchall()[0]
    if first == 1 and len(new) == 1:
        unnamed = False  # requests without an id are looked for in other logs, and there is none
    if not repeated and not unnamed and not _restated(connection):
        return []
    name_logs(connection, new)
    lost = find_duplicates(connection, range(first, first + len(new)) if unnamed else (), first)
    return [source for source in lost if source.source_id >= first]


def name_logs(connection: duckdb.DuckDBPyConnection, new: Sequence[New] = ()) -> None:
    """Define ``logs``: every source, those that are just being read included."""
    connection.execute(sql("logs"))
    add_rows(connection, "logs", ("INTEGER", *["VARCHAR"] * 4, "BIGINT"), ((*one, None) for one in new))


def find_duplicates(connection: duckdb.DuckDBPyConnection, fresh: Iterable[int], first: int = 0) -> list[Lost]:
    """Of the rows whose ids are in ``repeats``, and of the nameless rows of ``fresh`` sources, leave one each.

    Of the rows that restate what another log tells, where one of the two is a source from ``first`` on, leave none.

    Returns:
        What each source lost. Those that stand in ``sources`` are put right there.
    """
    connection.execute(sql("begin_duplicates"))
    connection.execute(sql("duplicates"))
    if _restated(connection):
        connection.execute(sql("restating"), {"first": first})
    nameless = list(fresh)
    if nameless:
        connection.execute("INSERT INTO fresh_sources SELECT unnest(?::INTEGER[])", [nameless])
        _gather_units(connection, nameless)
        connection.execute(sql("runs"))
    connection.execute(sql("copies"))
    connection.execute("DELETE FROM requests WHERE rowid IN (SELECT row_id FROM duplicates)")
    lost = [Lost(*row) for row in connection.execute(sql("lost")).fetchall()]
    move_counts(connection, [(source.source_id, -source.records) for source in lost])
    return lost


def _restated(connection: duckdb.DuckDBPyConnection) -> bool:
    return connection.execute("FROM restated LIMIT 1").fetchone() is not None


def _gather_units(connection: duckdb.DuckDBPyConnection, fresh: Collection[int]) -> None:
    """Fill ``units``: each log with all the sources that it was read in as it grew, from its beginning to an end."""
    connection.execute(sql("single_logs"))
    grown = connection.execute(sql("grown_logs")).fetchall()
    if not grown:
        return
    ids = {fingerprint: source_id for source_id, fingerprint, _ in grown}
    before = {source_id: ids[continues] for source_id, _, continues in grown if continues in ids}
    units = [(-source_id, source_id, True) for source_id in before if source_id in fresh]
    for end in set(ids.values()).difference(before.values()):
        source_id: int | None = end
        while source_id is not None:
            units.append((end, source_id, False))
            source_id = before.get(source_id)
    add_rows(connection, "units", ("INTEGER", "INTEGER", "BOOLEAN"), units)


def move_counts(connection: duckdb.DuckDBPyConnection, gained: Iterable[tuple[int, int]]) -> None:
    """Count records of sources as requests that were duplicates, or, where negative, the other way round."""
    moved = list(gained)
    if moved:
        ids, records = zip(*moved, strict=True)
        connection.execute(sql("moved"), {"ids": list(ids), "records": list(records)})
