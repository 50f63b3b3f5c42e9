"""Showback: what each endpoint, team, cost centre, key and model used in a month, beside the month before.

What nobody is named for is a line of its own, and is never spread: only a rule that says so shares it, in a column
beside what each team used itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import duckdb

from analyzer.finance.allocation import UNALLOCATED, Allocation, Share
from analyzer.finance.apportion import apportion
from analyzer.finance.entries import asked
from analyzer.finance.month import Month
from analyzer.simulate import words

DIMENSIONS = ("endpoint", "team", "cost_center", "api_key_name", "model")


@dataclass(frozen=True)
class Line:
    """One line of a showback. Money is units of 1e-15 of the currency; None where nothing is priced.

    Attributes:
        name: of the endpoint, team, ...; None is what is not allocated.
        requests: calls.
        unpriced: calls with usage that no price covers.
        input_tokens: tokens; None where no log tells those of any call.
        output_tokens: likewise.
        cost: what was used cost, also what counts no calls; 0 where nothing was used.
        before: what the same name cost in the month before, in the same way; None where nothing is known of that month.
        shared: what rules for common costs put on it, or take from it; they add up to nothing. What has no known cost
            cannot be shared.
    """

    name: str | None
    requests: int
    unpriced: int
    input_tokens: int | None
    output_tokens: int | None
    cost: int | None
    before: int | None
    shared: int = 0


@dataclass(frozen=True)
class Showback:
    """Lines by dimension.

    Attributes:
        lines: by ``endpoint``, ``team``, ``cost_center``, ``api_key_name`` and ``model``, the dearest first, what is
            not allocated last.
        sharing: whether a rule shares common costs.
        idle: teams whose cost a rule of this month would share, and of which there is no call.
    """

    lines: Mapping[str, tuple[Line, ...]]
    sharing: bool = False
    idle: tuple[str, ...] = ()

    def allocated(self, dimension: str) -> Fraction | None:
        """The part of the cost that has a name there; None where nothing is priced."""
        known = [(line.name, line.cost) for line in self.lines[dimension] if line.cost is not None]
        whole = sum(cost for _, cost in known)
        return Fraction(sum(cost for name, cost in known if name is not None), whole) if whole else None


def showback(
    connection: duckdb.DuckDBPyConnection, month: Month, allocation: Allocation, *, known_before: bool = False
) -> Showback:
    """Who used what in a month.

    Args:
        connection: where ``entries`` is defined.
        month: the month.
        allocation: the rules for common costs.
        known_before: the month before is known, even if nothing was called in it.
    """
    found = asked(connection, "showback", month=month.local_start, before=month.previous().local_start)
    rows = [dict(row) for row in found.iter_rows(named=True)]
    told_before = known_before or any(row["entries_before"] for row in rows)
    for row in rows:  # who used nothing spent nothing, and that is known
        if not row["entries_now"]:
            row.update(cost=0, input_tokens=0, output_tokens=0)
        if not row["entries_before"] and told_before:
            row["before"] = 0
    shared = _shared(asked(connection, "team_days", month=month.local_start).iter_rows(named=True), allocation.shares)
    used = {row["name"] for row in rows if row["dimension"] == "team"}
    rows += [{**_NOTHING, "name": team, "before": 0 if told_before else None} for team in shared if team not in used]
    lines = {
        dimension: tuple(
            _line(row, shared.get(row["name"], 0) if dimension == "team" else 0)
            for row in sorted(rows, key=lambda row: row["name"] is None)
            if row["dimension"] == dimension and _told(row, shared)
        )
        for dimension in DIMENSIONS
    }
    common = {share.of for share in allocation.shares if share.meets(month.first, month.next().first)}
    active = {UNALLOCATED, *(row["name"] for row in rows if row["dimension"] == "team" and row["entries_now"])}
    return Showback(lines, sharing=any(shared.values()), idle=tuple(sorted(common - active)))


# A team that has used nothing, and only bears a part of what others did.
_NOTHING = {
    "dimension": "team", "requests": 0, "unpriced": 0, "input_tokens": 0, "output_tokens": 0,
    "cost": 0, "entries_now": 0, "entries_before": 0,
}  # fmt: skip


_UNITS = ("input_tokens", "output_tokens", "cost", "before")  # what may be unknown of a line


def _told(row: Mapping[str, Any], shared: Mapping[str | None, int]) -> bool:
    """Whether there is anything to say of it."""
    mine = row["dimension"] == "team" and row["name"] in shared
    return bool(row["entries_now"] or row["entries_before"] or mine)


def _line(row: Mapping[str, Any], shared: int) -> Line:
    known = {name: None if row[name] is None else int(row[name]) for name in _UNITS}
    return Line(
        name=row["name"],
        requests=row["requests"],
        unpriced=row["unpriced"],
        **known,
        shared=shared,
    )


def _payer(share: Share) -> str | None:
    return None if share.of == UNALLOCATED else share.of


def _shared(days: Any, shares: Sequence[Share]) -> dict[str | None, int]:
    """What the rules move from team to team: each moves what a team used itself, on the days on which it holds."""
    days = list(days)
    moved: dict[str | None, int] = {}
    common = {_payer(share) for share in shares}
    for place, share in enumerate(shares):
        earlier = [one for one in shares[:place] if one.of == share.of]  # the first rule in force on a day wins
        mine = [row for row in days if share.holds(row["day"]) and not any(one.holds(row["day"]) for one in earlier)]
        payer = _payer(share)
        amount = sum(int(row["cost"]) for row in mine if row["team"] == payer)
        parts: dict[str, int] = {}
        if share.to is not None:
            parts = {team: int(part.scaleb(words.DECIMALS)) for team, part in share.to.items()}
        else:
            for row in mine:
                if row["team"] is not None and row["team"] not in common:
                    parts[row["team"]] = parts.get(row["team"], 0) + int(row[share.by])
        whole = sum(parts.values())
        if not amount or not whole:
            continue  # nothing to share, or nobody to share it with: it stays where it is, in sight
        given = apportion([amount * part for part in parts.values()], whole, amount)
        for team, one in zip(parts, given, strict=True):
            moved[team] = moved.get(team, 0) + one
        moved[payer] = moved.get(payer, 0) - amount
    return moved
