"""Plans: what a month may cost, in all and by endpoint, team, key, model or cost centre, from ``spend.toml``.

A ``[budget]`` table says it in the currency of the review, whichever that is::

    [budget]
    month = "500.00"                                      # every month
    "2026-12" = "650.00"                                  # but this in December; or { amount = ..., requests = ... }
    requests = 120_000                                    # planned calls a month

    [budget.endpoint]                                     # globs, every month; likewise team, api_key_name, model, ...
    "/agents/*" = "200.00"

A glob takes what it matches, whatever the others take; what the logs do not name none matches. An endpoint is the
logged one, as in rules of allocation.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from analyzer.errors import UsageError
from analyzer.finance.entries import UNITS
from analyzer.finance.month import Month
from analyzer.simulate import words
from analyzer.simulate.words import NotMeantError, Words

KINDS = ("endpoint", "team", "api_key_name", "model", "cost_center")
_KEYS = ("month", "requests", *KINDS)
_PLAN = ("amount", "requests")
_DATED = re.compile(r"\d{4}-\d{2}")
_CUTOFF = 0.6  # how alike a word must be to be meant


@dataclass(frozen=True)
class Plan:
    """What a month is planned to come to.

    Attributes:
        amount: its cost, in units of 1e-15 of the review's currency; None where no budget is set.
        requests: its calls; None where none are planned.
    """

    amount: int | None = None
    requests: int | None = None


@dataclass(frozen=True)
class Part:
    """A budget of some: a glob over one kind of names, and what they may cost in a month, in units of 1e-15."""

    kind: str
    name: str
    amount: int


@dataclass(frozen=True)
class Budgets:
    """The ``[budget]`` of ``spend.toml``.

    Attributes:
        usual: the plan of every month,
        months: but of these, by names such as ``2026-12``.
        parts: budgets by glob, in their order.
    """

    usual: Plan = Plan()
    months: Mapping[str, Plan] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()

    def plan(self, month: Month) -> Plan:
        """What is planned for a month; calls are those of every month where the month itself plans none."""
        own = self.months.get(str(month))
        return Plan(own.amount, self.usual.requests if own.requests is None else own.requests) if own else self.usual


def read_budgets(table: Mapping[str, Any], where: str) -> Budgets:
    """Read ``[budget]``.

    Args:
        table: the table.
        where: the file's name.

    Raises:
        UsageError: names the file, the key and the nearest known word.
    """
    dated = [key for key in table if key[:1].isdigit()]
    told = Words(table, where, "budget.", (*_KEYS, *dated), cutoff=_CUTOFF)
    usual = Plan(told.get("month", _units, None), told.get("requests", _calls, None))
    months = {key: _plan(told, key) for key in dated}
    if usual.requests and usual.amount is None and not months:
        raise UsageError(f"{where}: budget.requests is planned for no cost", 'add month = "500.00" beside it, say')
    return Budgets(usual, months, tuple(_parts(told)))


def _plan(told: Words, key: str) -> Plan:
    try:
        Month.named(key if _DATED.fullmatch(key) else "")
    except UsageError as error:
        raise UsageError(f"{told.where}: budget.{key} is no month", 'write it as "2026-10"') from error
    if isinstance(told.data[key], dict):
        inner = told.table(key, _PLAN)
        return Plan(inner.need("amount", _units), inner.get("requests", _calls, None))
    return Plan(told.need(key, _units))


def _parts(told: Words) -> Iterator[Part]:
    for kind in KINDS:
        known: dict[str, Any] = told.get(kind, words.table_of, {})
        named = {name: amount for key, amount in known.items() for name in words.patterns_of(kind)(key)}
        if len(named) < len(known):
            raise UsageError(
                f"{told.where}: budget.{kind} has two keys that are the same once masked",
                "name one of them as `spend query endpoints --endpoint-by api_key_name` shows it, for both",
            )
        inner = Words(named, told.where, f"budget.{kind}.", named)
        for name in named:
            yield Part(kind, name, inner.need(name, _units))


def _units(value: object) -> int:
    try:
        return int(words.amount(value).scaleb(UNITS))
    except NotMeantError as error:  # names of globs need quotes
        kind = "an amount is a text or a number here: " if isinstance(value, dict) else ""
        raise NotMeantError(str(error), f'{kind}write "{{key}}" = "200.00"') from error


def _calls(value: object) -> int:
    try:
        found = words.count(value)
    except NotMeantError:
        found = 0
    if not found:
        raise NotMeantError("is no whole number from 1", "write a count of calls such as {key} = 120_000")
    return found
