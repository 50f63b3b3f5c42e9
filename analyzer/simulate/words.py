"""The words of a scenario file: a table whose keys are all known, and what a value may be.

Every error names the file, the key and the nearest known word.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, TypeVar

from analyzer.errors import UsageError
from analyzer.ledger.masking import masked, unkeyed

DECIMALS = 6  # of shares, rates and ratios: with so few their products stay exact in whole numbers
_DURATION = re.compile(r"(\d{1,6})\s*([mhd])", re.ASCII)
_PLAIN = re.compile(r"\d+(\.\d+)?", re.ASCII)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
KEY_NAME = "api_key_name"  # the word of calls that names their key
T = TypeVar("T")


class Words:
    """One table of a scenario, of which every key is known."""

    def __init__(
        self, data: Mapping[str, Any], where: str, prefix: str, known: Iterable[str], *, cutoff: float = 0.4
    ) -> None:
        self.data, self.where, self.prefix = data, where, prefix
        for key in data:
            if key not in known:
                near = get_close_matches(key, list(known), n=1, cutoff=cutoff)
                remedies = [f"did you mean {prefix}{near[0]}?"] if near else []
                if not near or not get_close_matches(key, near, n=1):  # not so near that it must be what was meant
                    remedies.append(f"known here: {', '.join(known)}")
                remedy = " ".join(remedies)
                raise UsageError(f"{where}: unknown key {prefix}{key}", remedy)

    def get(self, key: str, meaning: Callable[[Any], T], otherwise: T) -> T:
        """A value, read by ``meaning``, which raises :class:`NotMeantError` for what it cannot take."""
        return self.need(key, meaning) if key in self.data else otherwise

    def need(self, key: str, meaning: Callable[[Any], T]) -> T:
        """A value that must be there."""
        if key not in self.data:
            where = self.prefix.rstrip(".") or "the scenario"
            raise UsageError(f"{self.where}: {where} has no `{key}`", f"add {key} = ... there")
        try:
            return meaning(self.data[key])
        except NotMeantError as error:
            remedy = error.remedy.replace("{key}", key).replace("{place}", f"{self.prefix}{key}")
            raise UsageError(f"{self.where}: {self.prefix}{key} {error}", remedy) from error

    def table(self, key: str, known: Iterable[str]) -> "Words":
        """The table under a key; an empty one where there is none."""
        return Words(self.get(key, table_of, {}), self.where, f"{self.prefix}{key}.", known)

    def tables(self, key: str, known: Iterable[str]) -> "list[Words]":
        """The list of tables under a key, each known by its number."""
        found: list[Any] = self.get(key, list_of, [])
        named = [(f"{self.prefix}{key}[{place}]", item) for place, item in enumerate(found, 1)]
        for name, item in named:
            if not isinstance(item, dict):
                raise UsageError(f"{self.where}: {name} is no table", f"write its keys under [[{self.prefix}{key}]]")
        return [Words(item, self.where, f"{name}.", known) for name, item in named]


class NotMeantError(Exception):
    """A value that a word cannot have: what is wrong, after the name of the key, and the remedy."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.remedy = remedy


def table_of(value: object) -> dict[str, Any]:
    """A table."""
    if not isinstance(value, dict):
        raise NotMeantError("is no table", "write its keys under [{place}], or as {key} = { ... }")
    return value


def list_of(value: object) -> list[Any]:
    """A list of tables."""
    if not isinstance(value, list):
        raise NotMeantError("is no list of tables", "write each under its own [[{place}]]")
    return value


def text(value: object) -> str:
    """A text that is not empty, without keys in it."""
    if not isinstance(value, str) or not value.strip():
        raise NotMeantError("is no text", 'write {key} = "..."')
    return unkeyed(value)


def choice(known: tuple[str, ...]) -> Callable[[object], str]:
    """One of some words."""

    def chosen(value: object) -> str:
        if not isinstance(value, str) or value not in known:
            near = get_close_matches(value, known, n=1) if isinstance(value, str) else ()
            remedy = f"did you mean {near[0]}?" if near else f'write {{key}} = "{known[0]}", say'
            raise NotMeantError(f"is none of {', '.join(known)}", remedy)
        return value

    return chosen


def patterns(value: object) -> tuple[str, ...]:
    """One glob or several, without keys in them."""
    return tuple(map(unkeyed, _globs(value)))


def patterns_of(word: str) -> Callable[[object], tuple[str, ...]]:
    """Globs for what a word of calls names: of keys, as logs tell them."""
    return (lambda value: tuple(map(masked, _globs(value)))) if word == KEY_NAME else patterns


def _globs(value: object) -> list[str]:
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not found or not all(isinstance(pattern, str) for pattern in found):
        raise NotMeantError("is no text and no list of texts", 'write {key} = ["..."]')
    return found


def count(value: object) -> int:
    """A whole number from 0."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        raise NotMeantError("is no whole number", "write a count of tokens such as 10_000")
    return value


def part(value: object) -> Decimal:
    """A number from 0 to 1, exactly as it is written."""
    number = _number(value)
    if number is None or not 0 <= number <= 1:
        raise NotMeantError("is no number from 0 to 1", "write {key} = 0.25, say")
    return number


def share(value: object) -> Decimal:
    """A number from 0 to 1 of so few decimals that it can be multiplied exactly."""
    return _few(part(value))


def ratios(value: object) -> dict[str, Decimal]:
    """What tokens are multiplied by, by model."""
    return {model: _ratio(ratio) for model, ratio in table_of(value).items()}


def amount(value: object) -> Decimal:
    """An amount of money, as a text or a number."""
    number = _number(_decimal(value) if isinstance(value, str) else value)
    if number is None or not 0 <= number < 10**12 or number != round(number, 15):
        raise NotMeantError("is no amount of money", 'write {key} = "200.00"')
    return number


def duration(least: timedelta, most: timedelta) -> Callable[[object], timedelta]:
    """A length of time, in minutes, hours or days."""

    def length(value: object) -> timedelta:
        found = _DURATION.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise NotMeantError("is no duration", 'write {key} = "8h", or "90m" or "2d"')
        given = int(found[1]) * _UNITS[found[2]]
        if not least <= given <= most:
            raise NotMeantError(f"is not between {_written(least)} and {_written(most)}", 'write {key} = "24h", say')
        return given

    return length


def price_date(value: object) -> date | None:
    """A day whose card prices everything; None for ``in-force``."""
    if value == "in-force":
        return None
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    elif isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise NotMeantError('is no date and not "in-force"', "write a day such as 2026-04-24")


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    number = Decimal(value)
    return number if number.is_finite() else None


def _decimal(value: str) -> Decimal | None:
    """A text in plain notation: what money is written in, and no more that Python reads as a number."""
    return Decimal(value) if _PLAIN.fullmatch(value) else None


def _few(number: Decimal) -> Decimal:
    if number != round(number, DECIMALS):
        raise NotMeantError(f"has more than {DECIMALS} decimals", f"write {{key}} = {round(number, DECIMALS)}")
    return number


def _ratio(value: object) -> Decimal:
    number = _number(value)
    if number is None or not 0 <= number <= 1000:
        raise NotMeantError("holds no ratio from 0 to 1000", 'write {key} = { "deepseek-v4-pro" = 1.10 }')
    return _few(number)


def _written(length: timedelta) -> str:
    return f"{length.days}d" if length.days else f"{length.seconds // 60}m"
