"""Which models the words of a scenario mean, and when: names, globs and families, by the identity timeline."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase

import duckdb

from analyzer.prices import Sold
from analyzer.simulate.pricing import sql
from analyzer.simulate.routing import Called

_EVER, _LAST = datetime(1, 1, 1), datetime(9999, 1, 1)  # noqa: DTZ001  (instants are naive in DuckDB)
Key = tuple[str, ...]
# A name, the provider and the tier that it was called at, who answers, from when and until when.
_Row = tuple[str, str | None, str | None, str, datetime, datetime]


@dataclass(frozen=True)
class _Span:
    """A stretch of time in which no name changes who answers to it.

    Attributes:
        start: first instant.
        called: who answered to what was called, as (name, model).
        answering: who would answer to what the scenario names.
    """

    start: datetime
    called: Set[tuple[str, str]]
    answering: Mapping[str, str]

    @property
    def names(self) -> Mapping[str, set[str]]:
        """What the scenario calls each model that would serve."""
        return _by_model(self.answering.items())

    @property
    def logged(self) -> Mapping[str, set[str]]:
        """What the logs call each model that did."""
        return _by_model(self.called)


# Keys, each with the model and the words that mean it.
_Keys = Iterable[tuple[Key, str, Set[str]]]


class Meanings:
    """What is said of models, by any of the names of who answers at the instant.

    A name means the model that answers to it then. Other words are those of the logs, and globs, which fit a model's
    own name or one that it goes by. Of several the first holds.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, called: Iterable[Sold], targets: Iterable[str]) -> None:
        """Read who answers, of ``served_targets`` and ``served_logged``.

        Args:
            connection: where they are.
            called: all that was called.
            targets: models and families that the scenario sends requests to.
        """
        asked, logged = (
            connection.execute(
                f"SELECT name, provider, service_tier, serves, from_instant, to_instant FROM {table}"
            ).fetchall()
            for table in ("served_targets", "served_logged")
        )
        wanted = [*map(Sold, targets), *(Sold(name) for name, *_ in asked)]
        edges = sorted({_EVER, *(start for *_, start, _ in (*asked, *logged))})
        every = list(called)
        self._spans = [
            _Span(
                start,
                {(sold.model, serves) for sold, serves in _answers(logged, every, start).items()},
                {sold.model: serves for sold, serves in _answers(asked, wanted, start).items()},
            )
            for start in edges
        ]

    def moving_to(self, words: Collection[str]) -> Iterator[tuple[object, ...]]:
        """Each model that serves and that a word means, from when and until when, and the first word that does."""
        return self._joined(words, lambda span: (((model,), model, set()) for model in span.names))

    def moving_from(self, words: Collection[str]) -> Iterator[tuple[object, ...]]:
        """The same of models as logged, each with the one that answered to it."""
        return self._joined(words, lambda span: (((name, model), model, {name}) for name, model in span.called))

    def covered(self, words: Collection[str]) -> Iterator[tuple[object, ...]]:
        """The same of models that serve, which the words of the logs mean, too."""

        def keys(span: _Span) -> _Keys:
            logged = span.logged
            return (((model,), model, logged.get(model, set())) for model in {*span.names, *logged})

        return self._joined(words, keys)

    def _joined(self, said: Collection[str], keys: Callable[[_Span], _Keys]) -> Iterator[tuple[object, ...]]:
        """Each key, from when to when, and the first word that means it."""
        since: dict[Key, tuple[datetime, str]] = {}
        for span in self._spans if said else ():
            names = span.names
            found = {
                key: _first(said, span, model, words, words | names.get(model, set()) | {model})
                for key, model, words in keys(span)
            }
            for key, (start, word) in list(since.items()):
                if found.get(key) != word:
                    yield *key, start, span.start, word
                    del since[key]
            since = {key: (span.start, word) for key, word in found.items() if word is not None} | since
        yield from ((*key, start, _LAST, word) for key, (start, word) in since.items())


def _answers(rows: Iterable[_Row], every: Iterable[Sold], instant: datetime) -> dict[Sold, str]:
    """Who answers to names at an instant; one to which nobody is known to answer stands for itself."""
    themselves = {sold: sold.model for sold in every}
    return themselves | {
        Sold(name, provider, tier): serves
        for name, provider, tier, serves, start, end in rows
        if start <= instant < end
    }


def _first(said: Iterable[str], span: _Span, model: str, words: Set[str], names: Set[str]) -> str | None:
    """The first word that means a model; None where none does.

    Args:
        said: the words.
        span: the time.
        model: the model.
        words: that the logs have for it.
        names: all that it goes by.
    """
    for word in said:
        means = span.answering.get(word)
        if word in words or means == model or (means is None and any(fnmatchcase(name, word) for name in names)):
            return word
    return None


def _by_model(pairs: Iterable[tuple[str, str]]) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, model in pairs:
        found.setdefault(model, set()).add(name)
    return found


def family_calls(connection: duckdb.DuckDBPyConnection, families: Iterable[str]) -> Mapping[str, Sequence[Called]]:
    """By which words of the logs some families were called, and when, of ``served_targets`` and ``served_logged``."""
    return {
        family: [Called(*row) for row in connection.execute(sql("family_calls"), [family]).fetchall()]
        for family in families
    }
