"""A scenario: where each request would have gone, and on what assumptions. A TOML file in a closed vocabulary."""

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
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

from analyzer.errors import UsageError
from analyzer.prices import Book

AS_LOGGED = "as-logged"
DEFAULTS = ("all-flash", "all-pro", "mixed")
CACHES = ("modelled", "transferred", "cold")

# Words of a rule, and the columns they speak of.
_GLOBS = {
    "endpoint": "logged_endpoint",
    "model": "model",
    "api_key_name": "api_key_name",
    "team": "team",
    "operation": "operation",
    "user": "user_name",
}
_RANGES = ("input_tokens", "output_tokens", "reasoning_tokens", "tool_calls")
_RULE_KEYS = ("to", *_GLOBS, *(f"{end}_{count}" for count in _RANGES for end in ("min", "max")), "share")
_KEYS = ("name", "title", "default", "route", "assume")
_ASSUME_KEYS = ("price_date", "cache")


@dataclass(frozen=True)
class Rule:
    """One ``[[route]]``: all its conditions must hold. A condition on something the log does not know never does."""

    to: str
    globs: Mapping[str, tuple[str, ...]]
    least: Mapping[str, int]
    most: Mapping[str, int]
    share: Decimal | None

    def condition(self, index: int) -> Expression:
        """The rule as a condition over a row of ``calls``.

        Args:
            index: its place among the scenario's rules, from 0: part of what a share is drawn by.
        """
        parts: list[Expression] = []
        for word, patterns in self.globs.items():
            column = ColumnExpression(_GLOBS[word])
            fits = [FunctionExpression("~~~", column, ConstantExpression(pattern)) for pattern in patterns]
            parts.append(_any(fits))
        parts += [ColumnExpression(word) >= ConstantExpression(bound) for word, bound in self.least.items()]
        parts += [ColumnExpression(word) <= ConstantExpression(bound) for word, bound in self.most.items()]
        if self.share is not None:
            parts.append(_drawn(index) < ConstantExpression(math.ceil(self.share * 2**32)))
        whole = parts[0] if parts else ConstantExpression(True)
        for part in parts[1:]:
            whole = whole & part
        return whole


def _any(parts: Iterable[Expression]) -> Expression:
    first, *rest = parts
    for part in rest:
        first = first | part
    return first


def _drawn(index: int) -> Expression:
    """A whole number from 0 to 2^32 - 1, the same for all requests of a session, on every machine and engine."""
    who = CoalesceOperator(ColumnExpression("session_id"), ColumnExpression("request_id"))
    digest = FunctionExpression("md5", FunctionExpression("||", ConstantExpression(f"{index}:"), who))
    return FunctionExpression(
        "||", ConstantExpression("0x"), FunctionExpression("left", digest, ConstantExpression(8))
    ).cast(duckdb.sqltypes.BIGINT)


@dataclass(frozen=True)
class Scenario:
    """A routing policy plus assumptions. With no rules and ``as-logged`` it changes nothing."""

    name: str
    title: str
    default: str = AS_LOGGED
    rules: tuple[Rule, ...] = ()
    price_date: date | None = None  # None: that of the analysis
    cache: str = "modelled"

    @property
    def targets(self) -> list[str]:
        """Models and families that requests are routed to."""
        return sorted({rule.to for rule in self.rules} | {self.default} - {AS_LOGGED})

    @property
    def hindsight(self) -> bool:
        """Whether a rule looks at the length of an output, which nobody knows beforehand."""
        return any(
            word in {"output_tokens", "reasoning_tokens"} for rule in self.rules for word in (*rule.least, *rule.most)
        )

    def target(self) -> str:
        """The SQL expression for where a row of ``calls`` goes; NULL leaves it where it was."""
        otherwise = ConstantExpression(None if self.default == AS_LOGGED else self.default)
        if not self.rules:
            return f"CAST({otherwise} AS VARCHAR)"
        case: Any = None
        for index, rule in enumerate(self.rules):
            to = ConstantExpression(None if rule.to == AS_LOGGED else rule.to)
            condition = rule.condition(index)
            case = CaseExpression(condition, to) if case is None else case.when(condition, to)
        return f"CAST({case.otherwise(otherwise)} AS VARCHAR)"


ACTUAL = Scenario("actual", "What was used")


def read(word: str, book: Book) -> Scenario:
    """A scenario by its file, or one of the built-in ones by name.

    Raises:
        UsageError: there is no such file or name, or the file says something that is not in the vocabulary.
    """
    shipped = resources.files("analyzer.simulate").joinpath("scenarios")
    names = sorted(item.name.removesuffix(".toml") for item in shipped.iterdir() if item.name.endswith(".toml"))
    if word in names:
        return parse(shipped.joinpath(f"{word}.toml").read_text(encoding="utf-8"), word, book)
    path = Path(word)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        near = ", ".join(get_close_matches(word, names, n=2)) or ", ".join(names)
        raise UsageError(
            f"{word}: no scenario of this name and no readable file", f"built-in scenarios: {near}"
        ) from error
    return parse(text, word, book)


def parse(text: str, where: str, book: Book) -> Scenario:
    """Read a scenario.

    Raises:
        UsageError: names the file, the key and the nearest known word.
    """
    try:
        table = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{where}: not valid TOML: {error}", "see the scenarios in the README") from error
    _closed(where, "", table, _KEYS)
    assume = _table(where, "assume", table.get("assume", {}))
    _closed(where, "assume.", assume, _ASSUME_KEYS)
    rules = table.get("route", [])
    if not isinstance(rules, list):
        raise UsageError(f"{where}: route is no list of rules", "write each rule under its own [[route]]")
    name = _text(where, "name", table.get("name", Path(where).stem))
    if name == ACTUAL.name:
        raise UsageError(f"{where}: the name actual is taken", "actual is what was used; name the scenario otherwise")
    return Scenario(
        name=name,
        title=_text(where, "title", table.get("title", name)),
        default=_model(where, "default", table.get("default", AS_LOGGED), book),
        rules=tuple(_rule(where, f"route[{place}]", rule, book) for place, rule in enumerate(rules, 1)),
        price_date=_price_date(where, assume.get("price_date", "in-force")),
        cache=_choice(where, "assume.cache", assume.get("cache", "modelled"), CACHES),
    )


def _rule(where: str, key: str, rule: object, book: Book) -> Rule:
    table = _table(where, key, rule)
    _closed(where, f"{key}.", table, _RULE_KEYS)
    if "to" not in table:
        raise UsageError(f"{where}: {key} has no `to`", "say where the requests of this rule go")
    share = table.get("share")
    if share is not None and not _is_share(share):
        raise UsageError(f"{where}: {key}.share is no number from 0 to 1", "write a share such as 0.25")
    return Rule(
        to=_model(where, f"{key}.to", table["to"], book),
        globs={word: _patterns(where, f"{key}.{word}", table[word]) for word in _GLOBS if word in table},
        least={
            count: _count(where, f"{key}.min_{count}", table[f"min_{count}"])
            for count in _RANGES
            if f"min_{count}" in table
        },
        most={
            count: _count(where, f"{key}.max_{count}", table[f"max_{count}"])
            for count in _RANGES
            if f"max_{count}" in table
        },
        share=None if share is None else Decimal(share),
    )


def _is_share(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return False
    return Decimal(value).is_finite() and 0 <= value <= 1


def _closed(where: str, prefix: str, table: Mapping[str, object], known: Iterable[str]) -> None:
    for key in table:
        if key not in known:
            near = get_close_matches(key, list(known), n=1, cutoff=0.4)
            remedy = f"did you mean {prefix}{near[0]}?" if near else f"known here: {', '.join(known)}"
            raise UsageError(f"{where}: unknown key {prefix}{key}", remedy)


def _table(where: str, key: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise UsageError(f"{where}: {key} is no table", f"write its keys under [{key}]")
    return value


def _text(where: str, key: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f"{where}: {key} is no text", f'write {key} = "..."')
    return value


def _choice(where: str, key: str, value: object, known: tuple[str, ...]) -> str:
    if value not in known:
        near = get_close_matches(str(value), known, n=1, cutoff=0.0)
        raise UsageError(f"{where}: {key} is none of {', '.join(known)}", f"did you mean {near[0]}?")
    return str(value)


def _model(where: str, key: str, value: object, book: Book) -> str:
    name = _text(where, key, value)
    if name != AS_LOGGED and not book.knows(name):
        near = ", ".join(book.nearest(name)) or ", ".join(book.models())
        raise UsageError(
            f"{where}: {key} names a model without a price: {name}", f"nearest: {near}; also flash, pro and {AS_LOGGED}"
        )
    return name


def _patterns(where: str, key: str, value: object) -> tuple[str, ...]:
    patterns = [value] if isinstance(value, str) else value
    if not isinstance(patterns, list) or not patterns or not all(isinstance(pattern, str) for pattern in patterns):
        word = key.rsplit(".", maxsplit=1)[-1]
        raise UsageError(f"{where}: {key} is no text and no list of texts", f'write {word} = ["..."]')
    return tuple(patterns)


def _count(where: str, key: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise UsageError(f"{where}: {key} is no whole number", "write a count of tokens such as 10_000")
    return value


def _price_date(where: str, value: object) -> date | None:
    if value == "in-force":
        return None
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    elif isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise UsageError(f'{where}: assume.price_date is no date and not "in-force"', "write a day such as 2026-04-24")
