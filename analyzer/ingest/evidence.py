"""Evidence: what a record of a format must show, and finding it there."""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

Record = Mapping[str, object]


@dataclass(frozen=True)
class Evidence:
    """One thing a record must show: any of some paths, or a path with one of some values.

    A key with dots in it stands in quotation marks, and may be one of an object that is told as text. A step ``key[]``
    is the first element of a list; one without elements speaks for nothing and against nothing.
    """

    paths: tuple[str, ...]
    values: tuple[str, ...] = ()

    @cached_property
    def _steps(self) -> tuple[tuple[str, ...], ...]:
        return tuple(_steps(path) for path in self.paths)

    @classmethod
    def parse(cls, text: str) -> "Evidence":
        """Read ``a.b | c`` or ``a.b = x | y*``."""
        left, equals, right = text.partition(" = ")
        values = tuple(word.strip() for word in right.split("|")) if equals else ()
        return cls(tuple(word.strip() for word in left.split("|")), values)

    @cached_property
    def _plain(self) -> frozenset[str]:
        return frozenset(value for value in self.values if "*" not in value)

    @cached_property
    def _pieces(self) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(value.split("*")) for value in self.values if "*" in value)

    def within(self, keys: Collection[str]) -> "Evidence":
        """What of it a record with these keys may show: mostly one path of many, or none."""
        return Evidence(tuple(path for path in self.paths if _steps(path)[0].removesuffix("[]") in keys), self.values)

    def holds(self, record: Record) -> bool:
        """Whether the record shows it."""
        for steps in self._steps:
            value = _value(record, steps)
            if value is not None and (not self.values or self._is_meant(str(value))):
                return True
        return False

    def _is_meant(self, text: str) -> bool:
        return text in self._plain or any(_is_made_of(text, pieces) for pieces in self._pieces)

    def met(self, records: Sequence[Record]) -> "Evidence":
        """What of it any of some records show."""
        each = [(path, value) for path in self.paths for value in self.values or [""]]
        one = [(Evidence((path,), (value,) if value else ()), path, value) for path, value in each]
        shown = [(path, value) for evidence, path, value in one if any(map(evidence.holds, records))]
        paths, values = (tuple(dict.fromkeys(part)) for part in (zip(*shown, strict=True) if shown else ((), ())))
        return Evidence(paths, values if self.values else ())

    def __str__(self) -> str:
        return " | ".join(self.paths) + (f" = {' | '.join(self.values)}" if self.values else "")


def _is_made_of(text: str, pieces: Sequence[str]) -> bool:
    """Whether a text is some pieces, with anything between them: a pattern over long texts takes ten times as long."""
    first, *inner, last = pieces
    end = len(text) - len(last)
    if end < len(first) or not text.startswith(first) or not text.endswith(last):
        return False
    place = len(first)
    for piece in inner:
        found = text.find(piece, place, end)
        if found < 0:
            return False
        place = found + len(piece)
    return True


_DEEPEST = 3  # objects around a list that is looked for, as in ``data.account.logs``


def lists(record: Record, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], tuple[Record, ...]]]:
    """The lists of objects within a record, but not in its lists: the keys that each stands under, and the objects."""
    for key, value in record.items():
        if isinstance(value, list):
            found = tuple(one for one in value if isinstance(one, dict))
            if found:
                yield (*above, str(key)), found
        elif isinstance(value, dict) and len(above) + 1 < _DEEPEST:
            yield from lists(value, (*above, str(key)))


_STEP = re.compile(r'"[^"]*"(?:\[\])?|[^."]+')


def _steps(path: str) -> tuple[str, ...]:
    return tuple(step.replace('"', "") for step in _STEP.findall(path))


def dig(record: Record, path: str) -> object:
    """The value at ``a.b.c``; None when it is not there."""
    return _value(record, path.split("."))


def _object(text: str) -> object:
    """What a text that may be JSON of an object holds; None where it is none."""
    try:
        return json.loads(text) if text.lstrip().startswith("{") else None
    except (ValueError, RecursionError):
        return None


def _value(record: Record, steps: Sequence[str]) -> object:
    value: object = record
    for step in steps:
        if "." in step and isinstance(value, str):
            value = _object(value)
        if not isinstance(value, dict):
            return None
        value = value.get(step.removesuffix("[]"))
        if step.endswith("[]"):
            if not isinstance(value, list):
                return None
            if not value:
                return ""
            value = value[0]
    return value
