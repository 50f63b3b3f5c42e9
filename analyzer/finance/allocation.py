"""Allocation: which team and cost centre a call is charged to, by the rules of ``spend.toml``.

The first rule that takes a call decides; a call that none takes keeps the team that its log names; one without either
is not allocated, and stays visible as that. Rules hold for days of the reporting zone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import Any

import duckdb

from analyzer.errors import UsageError
from analyzer.ledger.rows import define_table
from analyzer.simulate import words
from analyzer.simulate.words import NotMeantError, Words

# What a rule may ask for, and the column of the ledger that answers.
ASKED = {
    "endpoint": "logged_endpoint",
    "api_key_name": "api_key_name",
    "user": "user_name",
    "team": "team",
    "model": "model",
}
_RULE_KEYS = ("to", "cost_center", *ASKED, "from", "until")
_SHARE_KEYS = ("of", "to", "by", "from", "until")
BASES = ("cost", "requests", "tokens")
UNALLOCATED = "unallocated"


@dataclass(frozen=True)
class Rule:
    """One ``[[allocation]]``.

    Attributes:
        team: who pays; None leaves it to the log.
        cost_center: the cost centre that is charged; None where there is none.
        patterns: globs by what they are asked of; all have to hold, of each any.
        since: the first day; None for all before.
        until: the first day on which it no longer holds; None for ever.
    """

    team: str | None
    cost_center: str | None
    patterns: Mapping[str, tuple[str, ...]]
    since: date | None = None
    until: date | None = None

    def takes(self, call: Mapping[str, str | None], day: date) -> bool:
        """Whether it is for a call of these words on that day. What a log does not name matches nothing."""
        if (self.since and day < self.since) or (self.until and day >= self.until):
            return False
        return all(
            (named := call.get(word)) is not None and any(fnmatchcase(named, glob) for glob in globs)
            for word, globs in self.patterns.items()
        )


@dataclass(frozen=True)
class Share:
    """One ``[[share]]``: what becomes of a common cost, in a column of its own beside what each team used itself.

    Attributes:
        of: the team whose cost is shared; ``unallocated`` for what is nobody's.
        to: parts by team, which add up to one; None for all other teams by what they used.
        by: what they are measured by then: cost, requests or tokens.
        since: the first day; None for all before.
        until: the first day on which it no longer holds; None for ever.
    """

    of: str
    to: Mapping[str, Decimal] | None
    by: str = "cost"
    since: date | None = None
    until: date | None = None

    def holds(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return not ((self.since and day < self.since) or (self.until and day >= self.until))

    def meets(self, first: date, after: date) -> bool:
        """Whether it is in force on any day from one to another, which is not in it."""
        return (self.since is None or self.since < after) and (self.until is None or first < self.until)


@dataclass(frozen=True)
class Allocation:
    """The rules of ``spend.toml``, in their order."""

    rules: tuple[Rule, ...] = ()
    shares: tuple[Share, ...] = ()

    def asks_for(self, word: str) -> bool:
        """Whether a rule is about that word of calls."""
        return any(word in rule.patterns for rule in self.rules)


def read_allocation(tables: Mapping[str, Any], where: str) -> Allocation:
    """Read ``[[allocation]]`` and ``[[share]]``.

    Raises:
        UsageError: names the file, the key and the nearest known word.
    """
    whole = Words(
        {key: tables[key] for key in ("allocation", "share") if key in tables}, where, "", ("allocation", "share")
    )
    return Allocation(
        tuple(_rule(one) for one in whole.tables("allocation", _RULE_KEYS)),
        tuple(_share(one) for one in whole.tables("share", _SHARE_KEYS)),
    )


def define_payers(connection: duckdb.DuckDBPyConnection, allocation: Allocation) -> str:
    """Define who pays for what, as the relation ``payers``, and say how ``entries.sql`` meets it.

    Only what the rules ask for tells calls apart: a log of a million users makes a million rows only where a rule is
    about users.
    """
    if not allocation.rules:
        return ", LATERAL (SELECT s.team AS team, CAST(NULL AS VARCHAR) AS cost_center) AS a"
    asked = [word for word in ASKED if word == "team" or allocation.asks_for(word)]
    columns = [ASKED[word] for word in asked]
    edges = sorted({day for rule in allocation.rules for day in (rule.since, rule.until) if day})
    stretches = list(pairwise([date.min, *edges, date.max]))
    called = connection.execute(f"SELECT DISTINCT {', '.join(columns)} FROM stretches ORDER BY ALL").fetchall()
    rows: list[tuple[object, ...]] = []
    for values in called:
        call = dict(zip(asked, values, strict=True))
        for first, after in stretches:
            rule = next((rule for rule in allocation.rules if rule.takes(call, first)), None)
            team = call["team"] if rule is None or rule.team is None else rule.team
            rows.append((*values, first, after, team, rule.cost_center if rule else None))
    shape = {f"asked_{column}": "VARCHAR" for column in columns}
    shape |= {"since": "DATE", "until": "DATE", "team": "VARCHAR", "cost_center": "VARCHAR"}
    define_table(connection, "payers", shape, rows)
    same = " AND ".join(f"a.asked_{column} IS NOT DISTINCT FROM s.{column}" for column in columns)
    return f"JOIN payers AS a ON {same} AND a.since <= s.hour AND s.hour < a.until"


def _rule(told: Words) -> Rule:
    team, center = (told.get(key, words.text, None) for key in ("to", "cost_center"))
    patterns = {word: told.need(word, words.patterns_of(word)) for word in ASKED if word in told.data}
    name = told.prefix.rstrip(".")
    if team == UNALLOCATED:
        raise UsageError(
            f"{told.where}: {name}.to names {UNALLOCATED}, which is no team", "a call that no rule takes is unallocated"
        )
    if team is None and center is None:
        raise UsageError(f"{told.where}: {name} says neither to nor cost_center", 'add to = "search", say')
    if not patterns:
        raise UsageError(f"{told.where}: {name} asks for nothing", f"add one of {', '.join(ASKED)}")
    since, until = _days(told)
    return Rule(team, center, patterns, since, until)


def _share(told: Words) -> Share:
    since, until = _days(told)
    parts: Mapping[str, Decimal] | None = told.get("to", _parts, None)
    name = told.prefix.rstrip(".")
    if parts is not None and "by" in told.data:
        raise UsageError(f"{told.where}: {name} says both to and by", "keep one: parts by team, or a measure for all")
    of = told.need("of", words.text)
    if parts and parts.get(of) == 1:
        raise UsageError(f"{told.where}: {name}.to gives all back to {of} itself", "name the teams that bear its cost")
    return Share(of, parts, told.get("by", words.choice(BASES), "cost"), since, until)


def _parts(value: object) -> Mapping[str, Decimal]:
    parts = {team: words.share(part) for team, part in words.table_of(value).items()}
    if UNALLOCATED in parts:
        raise NotMeantError(f"names {UNALLOCATED}, which is no team", "leave it out: who bears a cost is named")
    if sum(parts.values()) != 1:
        raise NotMeantError("has parts that do not add up to 1", "write {key} = { search = 0.6, chat = 0.4 }")
    return parts


def _days(told: Words) -> tuple[date | None, date | None]:
    since, until = (told.get(key, day, None) for key in ("from", "until"))
    if since and until and since >= until:
        name = told.prefix.rstrip(".")
        raise UsageError(f"{told.where}: {name} ends before it begins", "until is the first day after it")
    return since, until


def day(value: object) -> date:
    """A day, as TOML writes dates."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise NotMeantError("is no day", "write {key} = 2026-10-01")
