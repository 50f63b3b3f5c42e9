"""Routing: rules that say where a request goes, as SQL over a request, and the legs in which it is served."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Any

import duckdb
from duckdb import (
    CaseExpression,
    CoalesceOperator,
    ColumnExpression,
    ConstantExpression,
    Expression,
    FunctionExpression,
)

from analyzer.prices.card import FAMILIES

AS_LOGGED = "as-logged"
DIGITS = 120  # of exact arithmetic: enough that no product or difference of amounts and shares is rounded

# Words of a rule, and the columns they speak of.
GLOBS = {
    "endpoint": "logged_endpoint",
    "model": "model",
    "api_key_name": "api_key_name",
    "team": "team",
    "operation": "operation",
    "user": "user_name",
}
RANGES = ("input_tokens", "output_tokens", "reasoning_tokens", "tool_calls")
# What is known of a sum of requests as well as of each of them.
_OF_FLOWS = {"endpoint", "model"}
ROUTE_ALWAYS = "'0'"
_EVER, _LAST = datetime(1, 1, 1), datetime(9999, 1, 1)  # noqa: DTZ001  (instants are naive in DuckDB)


@dataclass(frozen=True)
class Called:
    """What a family was called by, and when.

    Attributes:
        model: as logged.
        provider: as logged, who served it.
        service_tier: as logged.
        start: first instant.
        end: first instant after it.
    """

    model: str
    provider: str | None
    service_tier: str | None
    start: datetime
    end: datetime

    @property
    def condition(self) -> Expression:
        """Whether a row of ``stretches`` is such a call."""
        whole = ColumnExpression("model") == ConstantExpression(self.model)
        for column, value in (("provider", self.provider), ("service_tier", self.service_tier)):
            known = ColumnExpression(column)
            whole = whole & (known.isnull() if value is None else known == ConstantExpression(value))
        if self.start > _EVER:
            whole = whole & (ColumnExpression("moment") >= ConstantExpression(self.start))
        if self.end < _LAST:
            whole = whole & (ColumnExpression("moment") < ConstantExpression(self.end))
        return whole


Families = Mapping[str, Sequence[Called]]


@dataclass(frozen=True)
class Rule:
    """One ``[[route]]``: all its conditions must hold. A condition on something the log does not know never does.

    Attributes:
        to: model or family that its requests go to.
        globs: patterns by word, any of which must fit; the words of families, in ``model``, are no patterns but mean
            the member in force.
        least: least count by word.
        most: greatest count by word.
        share: only this part of the sessions, by a stable hash; less than 1 takes none that has neither session nor id.
        token_share: instead of the requests, this part of the tokens of each of them.
    """

    to: str
    globs: Mapping[str, tuple[str, ...]]
    least: Mapping[str, int]
    most: Mapping[str, int]
    share: Decimal | None = None
    token_share: Decimal | None = None

    @property
    def of_flows(self) -> bool:
        """Whether the rule takes all requests of the same endpoint and model alike."""
        return not (self.least or self.most) and self.share is None and self.globs.keys() <= _OF_FLOWS

    @property
    def draws(self) -> bool:
        """Whether it takes some of the sessions and leaves others, for which it has to tell them apart."""
        return self.share is not None and 0 < self.share < 1

    @property
    def families(self) -> list[str]:
        """The families whose calls it asks for."""
        return [word for word in self.globs.get("model", ()) if word in FAMILIES]

    def condition(self, index: int, families: Families) -> Expression:
        """The rule as a condition over a row of ``stretches``.

        Args:
            index: its place among the scenario's rules, from 0: part of what a share is drawn by.
            families: the calls of those that it asks for.
        """
        parts = [self._named(word, patterns, families) for word, patterns in self.globs.items()]
        parts += [ColumnExpression(word) >= ConstantExpression(bound) for word, bound in self.least.items()]
        parts += [ColumnExpression(word) <= ConstantExpression(bound) for word, bound in self.most.items()]
        if self.least or self.most:
            parts.append(~ColumnExpression("summed"))
        if self.share is not None and self.share < 1:  # all are all, also those by which nothing can be drawn
            parts.append(_drawn(index) < ConstantExpression(math.ceil(self.share * 2**32)))
        whole = parts[0] if parts else ConstantExpression(True)
        for part in parts[1:]:
            whole = whole & part
        return whole

    def _named(self, word: str, patterns: Sequence[str], families: Families) -> Expression:
        asked = self.families if word == "model" else []
        parts = [call.condition for family in asked for call in families[family]]
        parts += _fitting(GLOBS[word], (pattern for pattern in patterns if pattern not in asked))
        return _any(parts) if parts else ConstantExpression(False)


def fits(column: str, patterns: Iterable[str]) -> Expression:
    """Whether a column fits one of some globs."""
    return _any(_fitting(column, patterns))


def _fitting(column: str, patterns: Iterable[str]) -> list[Expression]:
    return [FunctionExpression("~~~", ColumnExpression(column), ConstantExpression(pattern)) for pattern in patterns]


def _any(parts: list[Expression]) -> Expression:
    while len(parts) > 1:  # in pairs, so that a thousand patterns nest ten deep
        parts = [left | right for left, right in zip(parts[::2], parts[1::2], strict=False)] + parts[len(parts) & ~1 :]
    return parts[0]


def _drawn(index: int) -> Expression:
    """A whole number from 0 to 2^32 - 1, the same for all requests of a session, on every machine and engine."""
    who = CoalesceOperator(ColumnExpression("session_id"), ColumnExpression("request_id"))
    digest = FunctionExpression("md5", FunctionExpression("||", ConstantExpression(f"{index}:"), who))
    return FunctionExpression(
        "||", ConstantExpression("0x"), FunctionExpression("left", digest, ConstantExpression(8))
    ).cast(duckdb.sqltypes.BIGINT)


def route(rules: Sequence[Rule], families: Families) -> str:
    """The SQL expression for a request's route: the rules that take it, as text.

    Args:
        rules: the scenario's.
        families: the calls of the families that they ask for.

    The places of the token shares that fit, then that of the rule that takes the rest, the number of rules standing for
    the default: ``0,2`` for a request of which rule 0 has a part and rule 2 the rest.
    """
    if not rules:
        return ROUTE_ALWAYS
    last: Any = None
    parts: list[Expression] = []
    for index, rule in enumerate(rules):
        condition, place = rule.condition(index, families), ConstantExpression(str(index))
        if rule.token_share is not None:
            parts.append(CaseExpression(condition, place))
        else:
            last = CaseExpression(condition, place) if last is None else last.when(condition, place)
    otherwise = ConstantExpression(str(len(rules)))
    parts.append(otherwise if last is None else last.otherwise(otherwise))
    if len(parts) == 1:  # a text already, which takes no time to put together
        return str(parts[0])
    return f"CAST({FunctionExpression('concat_ws', ConstantExpression(','), *parts)} AS VARCHAR)"


@dataclass(frozen=True)
class Leg:
    """A part of the requests of a route, and where it is served.

    Attributes:
        route: the route.
        number: 0 for the leg that takes what no token share takes.
        target: model or family; None leaves requests with the model that they were logged with.
        weight: which part of their tokens.
    """

    route: str
    number: int
    target: str | None
    weight: Decimal


def legs(path: str, rules: Sequence[Rule], default: str) -> Iterator[Leg]:
    """The legs of a route; their weights add up to 1.

    A token share takes its part of what the rules before it left. One that stands after the rule that takes the
    requests gets none of them.
    """
    *parts, last = (int(place) for place in path.split(","))
    with localcontext(prec=DIGITS):
        yield from _legs(path, parts, last, rules, default)


def _legs(path: str, parts: Sequence[int], last: int, rules: Sequence[Rule], default: str) -> Iterator[Leg]:
    left = Decimal(1)
    for number, place in enumerate((place for place in parts if place < last), 1):
        share = rules[place].token_share or Decimal(0)
        yield Leg(path, number, _target(rules[place].to), left * share)
        left *= 1 - share
    yield Leg(path, 0, _target(rules[last].to if last < len(rules) else default), left)


def deciding(path: str, rules: Sequence[Rule]) -> set[int]:
    """The rules, by their places, that have a part of the requests of a route."""
    *parts, last = (int(place) for place in path.split(","))
    shares = {place: rules[place].token_share or Decimal(0) for place in parts if place < last}
    whole = next((place for place, share in shares.items() if share == 1), None)
    found = {place for place, share in shares.items() if share and (whole is None or place <= whole)}
    return found if whole is not None or last == len(rules) else found | {last}


def _target(to: str) -> str | None:
    return None if to == AS_LOGGED else to
