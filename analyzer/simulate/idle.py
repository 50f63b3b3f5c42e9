"""Words of a scenario by which no request goes: a slip of the pen, or a name that the history does not have."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from glob import escape

import duckdb
from duckdb import Expression

from analyzer.prices import Book
from analyzer.simulate.meaning import family_calls
from analyzer.simulate.pricing import sql
from analyzer.simulate.requests import Requests
from analyzer.simulate.routing import GLOBS, Families, Rule, fits
from analyzer.simulate.scenario import Scenario

_OF_FLOWS = ("endpoint", "model")  # words of rules that the sums tell
_LOOKED_AT = 1000  # endpoints, for the one that is most alike
_MANY = "*?[]!"


@dataclass(frozen=True)
class IdleWord:
    """A word that nothing in the history goes by.

    Attributes:
        key: where it stands: ``assume.off_peak.endpoint``; of an entry of own prices the place in its file.
        word: as it is written.
        nearest: a name that is there, or has prices, and is much like it, for a glob as a glob; None where none is.
    """

    key: str
    word: str
    nearest: str | None

    def __str__(self) -> str:
        return f'{self.key} "{self.word}"'


def idle_words(requests: Requests, scenario: Scenario, book: Book) -> Iterator[IdleWord]:
    """The words of a scenario that is defined, but for its prices, by which no request goes.

    A glob of a rule, or of what may wait, fits no name that is there. By a name in an assumption goes what it changes:
    by a ratio requests that move, by ``covers`` those that a plan pays for, by ``escalate.from`` those asked again.
    """
    connection = requests.ledger.connection
    endpoints, models = (_names(connection, column) for column in ("logged_endpoint", "model"))
    for key, word in _globs(requests, scenario):
        near = None
        if key.endswith(".endpoint"):
            near = alike(word, endpoints)
        elif key.endswith(".model"):
            near = nearest(word, models, book)
        # As a glob: a name such as `claude-opus-4-5[1m]` does not fit itself.
        yield IdleWord(key, word, near and escape(near))
    met = set(connection.execute(_met()).fetchall()) if scenario.assumes_models else set()
    for key, word in _named(scenario):
        if (key, word) not in met and (key, None) not in met:
            yield IdleWord(key, word, nearest(word, models, book))


def nearest(word: str, called: Sequence[str], book: Book) -> str | None:
    """The model that was called, or else that has a price, whose name is most like a word that means none of them."""
    if any(fnmatchcase(name, word) for name in called):
        return None
    found = alike(word, called)
    if book.knows(word):  # prices ask for no case, logs do
        return found if found and found.lower() == word.lower() else None
    return found if found or set(word) & set(_MANY) else next(iter(book.nearest(word)), None)


def alike(word: str, names: Sequence[str]) -> str | None:
    """The name that is most like a word, or whose beginning is most like what a glob begins with."""
    core = word.strip(_MANY).lower()
    heads = {name.lower()[: len(core)]: name for name in reversed(names)} if core != word.lower() else {}
    wholes = {name.lower(): name for name in reversed(names)}
    for known in (heads, wholes):
        for near in get_close_matches(core, known, n=1, cutoff=0.7):
            return known[near]
    return None


def _met() -> str:
    return sql("met").replace("{legged}", sql("legged").replace("{flows}", "called"))


def _names(connection: duckdb.DuckDBPyConnection, column: str) -> list[str]:
    rows = connection.execute(f"SELECT DISTINCT {column} FROM flows ORDER BY ALL LIMIT {_LOOKED_AT}").fetchall()
    return [name for (name,) in rows if name is not None]


def _named(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """The names in assumptions, with their keys."""
    yield from (("assume.output_ratio", word) for word in scenario.output_ratio)
    yield from (("assume.input_ratio", word) for word in scenario.input_ratio)
    if scenario.fixed_fee:
        yield from (("assume.fixed_fee.covers", word) for word in scenario.fixed_fee.covers)
    if scenario.escalate:
        yield "assume.escalate.from", scenario.escalate.source


def _globs(requests: Requests, scenario: Scenario) -> Iterator[tuple[str, str]]:
    """The globs that fit nothing, with their keys."""
    families = family_calls(requests.ledger.connection, scenario.families)
    summed: dict[tuple[str, str], Expression] = {}
    others: dict[tuple[str, str], Expression] = {}
    for place, rule in enumerate(scenario.rules, 1):
        for word, patterns in rule.globs.items():
            asked = summed if word in _OF_FLOWS else others
            asked |= {
                (f"route[{place}].{word}", pattern): _fitting(rule, word, pattern, families) for pattern in patterns
            }
    if scenario.off_peak:
        key = "assume.off_peak.endpoint"
        summed |= {(key, pattern): fits(GLOBS["endpoint"], (pattern,)) for pattern in scenario.off_peak.endpoints}
    if summed:
        rows = requests.ledger.connection.execute(f"SELECT {_any(summed.values())} FROM flows").fetchall()
        yield from (each for each, found in zip(summed, rows[0], strict=True) if not found)
    if others:
        row = requests.ask(f"SELECT {_any(others.values())} FROM calls", "analyzer/simulate/idle.py").row(0)
        yield from (each for each, found in zip(others, row, strict=True) if not found)


def _fitting(rule: Rule, word: str, pattern: str, families: Families) -> Expression:
    return Rule(rule.to, {word: (pattern,)}, {}, {}).condition(0, families)


def _any(conditions: Iterable[Expression]) -> str:
    return ", ".join(f"bool_or({condition}) AS fits_{place}" for place, condition in enumerate(conditions))
