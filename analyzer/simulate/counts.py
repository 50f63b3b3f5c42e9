"""How all records of a ledger ended, and what is not known of its calls."""

from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.ledger import Ledger
from analyzer.simulate.pricing import named_sql


@dataclass(frozen=True)
class Records:
    """How all records of the ledger ended."""

    sources: int
    records: int
    requests: int
    duplicates: int
    skipped: int
    rejected: int


@dataclass(frozen=True)
class Counts(Records):
    """How all records of the ledger ended, and what is not known of its calls.

    ``set_aside`` are the records of exports that stand in no total, because the calls that they summarise are there one
    by one.
    """

    unmeasured: int
    unpriced: int
    cache_unknown: int
    set_aside: int


def counts(ledger: Ledger) -> Counts:
    """How all records ended, and what is not known of the calls that ``prepare`` defined."""
    return counted(ledger, unknown(ledger))


def counted(ledger: Ledger, not_known: Sequence[int]) -> Counts:
    """How all records ended, beside what is not known."""
    return Counts(*vars(ended(ledger)).values(), *not_known)


def ended(ledger: Ledger) -> Records:
    """How all records ended. That stands in the ledger, and no call is looked at."""
    records = ledger.connection.execute(
        "SELECT count(*), sum(records), sum(requests), sum(duplicates), sum(skipped), sum(rejected) FROM sources"
    ).fetchall()[0]
    return Records(*(int(value or 0) for value in records))


def unknown(ledger: Ledger) -> tuple[int, ...]:
    """The last four of the counts: unmeasured, unpriced, cache unknown, set aside."""
    calls = ledger.connection.execute(
        "SELECT sum(requests) - sum(measured), sum(unpriced), sum(cache_unknown) FROM costs"
    ).fetchall()[0]
    aside = ledger.connection.execute(
        "SELECT sum(records) FROM requests WHERE rowid IN (SELECT row_id FROM summarised)"
    ).fetchall()[0]
    return tuple(int(value or 0) for value in (*calls, *aside))


@dataclass(frozen=True)
class SetAside:
    """What usage exports told of calls that are in the ledger one by one, too.

    Attributes:
        exported: calls that the records set aside stand for.
        logged: calls of the same models and times that are there one by one, and stand in the totals instead.
    """

    exported: int = 0
    logged: int = 0


def set_aside(ledger: Ledger) -> SetAside:
    """Calls behind ``Counts.set_aside``, once the relations are defined."""
    row = ledger.connection.execute(named_sql("set_aside")).fetchall()[0]
    return SetAside(*(int(value or 0) for value in row))
