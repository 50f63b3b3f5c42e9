"""Counts that a log in its team's own words may tell under names that the format of last resort does not read.

What nothing reads is unknown in every total, and that alone does not say why: the name does.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from analyzer.counted import counted
from analyzer.errors import SourceError
from analyzer.ingest.evidence import Record
from analyzer.ingest.format import Format, fields, is_struct
from analyzer.ingest.header import spellings
from analyzer.ingest.source import Source

_TOKENS = re.compile(r"tok|usage|prompt|completion|eval_count|(^|\.)(input|output)$", re.IGNORECASE)
_CACHED = re.compile(r"cach", re.IGNORECASE)
# What stands beside counts and is none: limits, prices, rates, instants, ids, versions.
_NO_COUNT = re.compile(
    r"max|limit|budget|remain|left|quota|window|per_|price|cost|usd|rate|ratio|percent|latency|duration|time|_ms$|ttl|_at$|"
    r"id$|version|temperature|penalty|length|chars|size",
    re.IGNORECASE,
)
_MOST = 6  # names that are told


_USAGE = "token counts"
_SPLIT = "cached tokens"


class Unread:
    """Logs of the format of last resort whose first records tell counts that it does not read."""

    def __init__(self) -> None:
        """Of no log yet."""
        self._logs: dict[tuple[str, tuple[str, ...]], list[str]] = {}

    def see(self, source: Source, form: Format, mapped: Collection[str] = ()) -> None:
        """Look at the first records of a log.

        Args:
            source: the log, as it was opened.
            form: its format.
            mapped: the places that ``--map`` names, or that are spelled otherwise: they are read.
        """
        if not form.last_resort:
            return
        usage, found = fields(form.columns["usage"]), dict[str, list[str]]()
        kinds, records = _as_spelled(source, form) if source.layout == "csv" else (form.columns, source.sample)
        for record in records:
            numbers = [(place, "COUNT" if place in mapped else kind) for place, kind in _numbers(record, kinds, usage)]
            if missing := _missing(numbers):
                unread = (place for place, kind in numbers if kind is None and _like(missing, place))
                found.setdefault(missing, []).extend(unread)
        for missing, told in found.items():
            if told:
                self._logs.setdefault((missing, tuple(dict.fromkeys(told))), []).append(source.path)

    def warnings(self) -> list[SourceError]:
        """One for each set of names."""
        return [
            _warning(missing, [place[:40] for place in places], paths)
            for (missing, places), paths in self._logs.items()
        ]


def _as_spelled(source: Source, form: Format) -> tuple[Mapping[str, str], Sequence[Record]]:
    """What is read of a CSV's columns, and its first records, by the names that stand there."""
    titles = [title.strip() for title in source.header]
    kinds = {title: kind for title in titles if (kind := _kind(spellings(title), form.columns))}
    return kinds, [{title: record.get(title) for title in titles} for record in source.sample]


def _kind(titles: Collection[str], columns: Mapping[str, str]) -> str | None:
    """As what a column is read, also as one of an object: ``usage.input_tokens``; None where it is not."""
    for name, kind in columns.items():
        if name.lower() in titles:
            return kind
        within = [title.removeprefix(f"{name.lower()}.") for title in titles if title.startswith(f"{name.lower()}.")]
        if within and is_struct(kind):
            return _kind(within, fields(kind))
    return None


def _warning(missing: str, places: Sequence[str], paths: Sequence[str]) -> SourceError:
    more = f" and {counted(len(paths) - 1, 'log')} more" if paths[1:] else ""
    word = "input_tokens" if missing == _USAGE else "cached_tokens"
    return SourceError(
        f"{paths[0]}{more}: {missing} under no name that is known, but numbers that nothing reads: "
        f"{', '.join(places[:_MOST])}",
        f'if they are such counts, `spend forget` the log and read it with --map FILE: {word} = "{places[0]}"',
    )


def _missing(numbers: Sequence[tuple[str, str | None]]) -> str | None:
    """What a record seems not to tell, from its numbers and what they are read as."""
    if not any(kind == "COUNT" for _, kind in numbers):
        return _USAGE
    return None if any(kind and _CACHED.search(place) for place, kind in numbers) else _SPLIT


def _like(missing: str, place: str) -> bool:
    return bool((_TOKENS if missing == _USAGE else _CACHED).search(place)) and not _NO_COUNT.search(place)


def _numbers(
    record: Record, kinds: Mapping[str, str], usage: Mapping[str, str], under: str = ""
) -> Iterator[tuple[str, str | None]]:
    """Where a record has numbers that may be counts, and as what each is read; None where it is not.

    Args:
        record: it, or an object in it.
        kinds: the columns, or fields, that are read of it.
        usage: what is read of an object that is read as text: it is some provider's usage.
        under: where the object stands, with a dot behind.
    """
    for key, value in record.items():
        kind = kinds.get(key)
        if isinstance(value, dict):
            inner = {} if kind is None else fields(kind) if is_struct(kind) else usage
            yield from _numbers(value, inner, usage, f"{under}{key}.")
        elif _number(value) and not (under and "." in key):  # no mapping could name such a place
            yield f"{under}{key}", kind


def _number(value: object) -> bool:
    """Whether it is a whole number; 0 and 1 may stand for yes and no."""
    text = value if isinstance(value, str) else str(value) if isinstance(value, int) else ""
    return text.isascii() and text.isdecimal() and len(text) <= 16 and int(text) > 1
