"""Which models the words of a scenario mean, and when: names, globs and families, by the identity timeline."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from itertools import chain

import duckdb

from analyzer.simulate.pricing import sql
from analyzer.simulate.routing import Called

_EVER, _LAST = datetime(1, 1, 1), datetime(9999, 1, 1)  # noqa: DTZ001  (instants are naive in DuckDB)
Key = tuple[str, ...]
_Row = tuple[str, str, datetime, datetime]  # a name, who answers, from when and until when


@dataclass(frozen=True)
class _Span:
    """A stretch of time in which no name changes who answers to it.

    Attributes:
        start: first instant.
        called: who answered to what was called, as (name, model).
        answering: the names of the scenario by the model that would answer to them.
        logged: the names of the logs, likewise.
    """

    start: datetime
    called: frozenset[tuple[str, str]]
    answering: Mapping[str, set[str]]
    logged: Mapping[str, set[str]]

    @property
    def models(self) -> set[str]:
        """All that may serve here. A name to which nobody is known to answer stands for itself."""
        return {*self.answering, *self.logged, *chain(*self.answering.values(), *self.logged.values())}

    def names(self, model: str) -> set[str]:
        """What a scenario may call a model here, its own name among it."""
        return {model, *self.answering.get(model, ())}


class Meanings:
    """What is said of models, by any of the names of who answers at the instant.

    A word of a scenario means a model if it is, or as a glob fits, one of those names. Of several the first holds.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, called: Iterable[str]) -> None:
        """Read who answers, of ``served_targets`` and ``served_logged``.

        Args:
            connection: where they are.
            called: all models as logged.
        """
        targets, logged = (
            connection.execute(f"SELECT DISTINCT name, serves, from_instant, to_instant FROM {table}").fetchall()
            for table in ("served_targets", "served_logged")
        )
        logged += [(model, model, _EVER, _LAST) for model in called]
        edges = sorted({_EVER, *(start for _, _, start, _ in (*targets, *logged))})
        self._spans = [_span(start, targets, logged) for start in edges]

    def moving_to(self, ratios: Mapping[str, Decimal]) -> Iterator[tuple[object, ...]]:
        """Ratios by the model that serves, each from when and until when."""
        return self._joined(ratios, lambda span: {(model,): span.names(model) for model in span.models})

    def moving_from(self, ratios: Mapping[str, Decimal]) -> Iterator[tuple[object, ...]]:
        """Ratios by the model as logged and the one that answered to it."""
        return self._joined(
            ratios, lambda span: {(name, model): {name, *span.names(model)} for name, model in span.called}
        )

    def covered(self, patterns: Iterable[str]) -> Iterator[tuple[object, ...]]:
        """1 for each model that serves and that one of some words means, by the words of the logs, too."""
        return self._joined(
            dict.fromkeys(patterns, Decimal(1)),
            lambda span: {(model,): span.names(model) | span.logged.get(model, set()) for model in span.models},
        )

    def _joined(
        self, ratios: Mapping[str, Decimal], names: Callable[[_Span], Mapping[Key, set[str]]]
    ) -> Iterator[tuple[object, ...]]:
        """The ratio of each key, from when to when."""
        since: dict[Key, tuple[datetime, Decimal]] = {}
        for span in self._spans if ratios else ():
            found = {key: _first(ratios, words) for key, words in names(span).items()}
            for key, (start, ratio) in list(since.items()):
                if found.get(key) != ratio:
                    yield *key, start, span.start, ratio
                    del since[key]
            since = {key: (span.start, ratio) for key, ratio in found.items() if ratio is not None} | since
        yield from ((*key, start, _LAST, ratio) for key, (start, ratio) in since.items())


def family_calls(connection: duckdb.DuckDBPyConnection, families: Iterable[str]) -> Mapping[str, Sequence[Called]]:
    """By which words of the logs some families were called, and when, of ``served_targets`` and ``served_logged``."""
    return {
        family: [Called(*row) for row in connection.execute(sql("family_calls"), [family]).fetchall()]
        for family in families
    }


def _span(start: datetime, targets: Iterable[_Row], logged: Iterable[_Row]) -> _Span:
    answering, called = (
        {(name, serves) for name, serves, opens, closes in rows if opens <= start < closes}
        for rows in (targets, logged)
    )
    return _Span(start, frozenset(called), _by_model(answering), _by_model(called))


def _by_model(pairs: Iterable[tuple[str, str]]) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, model in pairs:
        found.setdefault(model, set()).add(name)
    return found


def _first(ratios: Mapping[str, Decimal], names: set[str]) -> Decimal | None:
    """The first ratio whose name or glob fits one of some names; None where none does."""
    fitting = (ratio for pattern, ratio in ratios.items() if any(fnmatchcase(name, pattern) for name in names))
    return next(fitting, None)
