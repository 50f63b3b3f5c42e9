"""Wrapped logs: a logger or a log store puts each call into a record of its own, as an object or as JSON in a text.

Where the calls stand, their own words tell: no logger is known here by its name.
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path

from analyzer.ingest.detection import fits
from analyzer.ingest.elements import elementwise
from analyzer.ingest.evidence import Record
from analyzer.ingest.format import Format, formats
from analyzer.ingest.sample import first_records
from analyzer.ingest.source import Source

Keys = tuple[str, ...]

_DEEPEST = 3  # keys that a call stands under, as in `data.attributes.message`
_MANY = 4096  # records that are looked at: programs tell of much before their first call
_SOME = 32  # of those that hold a call
_NEAR = re.compile(r"^[@_]+")  # before a word of the field: `_time`
_LOGGERS = "name"  # what a logger calls itself, and not the call


def within(source: Source, form: Format | None = None) -> Source:
    """A log whose records hold the calls, with the keys that these stand under, and the first of them as its sample.

    Args:
        source: the log. One whose own records name a model or counts holds no others: it is given back as it is.
        form: the format that was asked for; else it is told by the calls.
    """
    if source.within or not is_wrapped(source):
        return source
    sample = source.sample
    if not source.under:
        sample = first_records(source.file, source.layout, source.header, source.delimiter, most=_MANY)
        if not is_wrapped(replace(source, sample=sample)):
            return source
    found: Counter[Keys] = Counter()
    for record in sample:
        found.update(path for path, inner in _objects(record) if _is_call(record, path, inner, form))
    if not found:
        return source
    (path, _), *_ = found.most_common(1)
    inner = [(record, _at(record, path)) for record in sample]
    calls = tuple(told for record, call in inner if call is not None and (told := carried(record, path, call)))[:_SOME]
    return replace(source, within=path, sample=calls)


def is_wrapped(source: Source) -> bool:
    """Whether a log may be a wrapped one: none of its first records names a model or counts."""
    return not any(_tells(record, ("model", "usage")) for record in source.sample)


def tells_call(record: Record) -> bool:
    """Whether a record names a model and counts in the field's words, in whatever case."""
    return _tells(record, ("model", "usage"), every=True)


def holds_calls(records: Sequence[Record]) -> bool:
    """Whether any of some records holds a call."""
    return any(_is_call(record, path, inner, None) for record in records for path, inner in _objects(record))


def _is_call(record: Record, path: Keys, inner: Record, form: Format | None) -> bool:
    told = carried(record, path, inner)
    found = fits("json", [told])
    if form is not None and not form.last_resort:
        return form in found
    known = any(not one.last_resort for one in found)
    return (known and form is None) or (tells_call(told) and _tells(inner, ("model",)))


def _objects(record: Record, above: Keys = ()) -> Iterator[tuple[Keys, Record]]:
    """The objects within a record, and those that its texts hold as JSON: the keys that each stands under, and it."""
    for key, value in record.items():
        inner = _object(value)
        if inner is not None:
            yield (*above, str(key)), inner
            if len(above) + 1 < _DEEPEST:
                yield from _objects(inner, (*above, str(key)))


def _object(value: object) -> Record | None:
    if isinstance(value, str) and value.lstrip()[:1] == "{":
        value = _read(value)
    return value if isinstance(value, dict) else None


def _read(text: str) -> object:
    """JSON, with its fractions as they are written; None where it is none."""
    try:
        return json.loads(text, parse_float=str, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _refuse(word: str) -> None:
    raise ValueError(word)


def _at(record: Record, path: Keys) -> Record | None:
    inner: Record | None = record
    for key in path:
        inner = _object(inner.get(key)) if inner is not None else None
    return inner


def carried(record: Record, path: Keys, inner: Record) -> dict[str, object]:
    """A call with what the records around it tell of it: of each meaning that it has no word for, the nearest word.

    Args:
        record: the outermost.
        path: the keys under which the call stands.
        inner: the call.
    """
    around = [record, *(one for place in range(1, len(path)) if (one := _at(record, path[:place])) is not None)]
    near = [_spelled(one) for one in reversed(around)]
    told = dict(inner)
    spelled = {_plain(key) for key, value in inner.items() if value is not None}
    for words in _meanings():
        if spelled.isdisjoint(words):
            values = (_told(one, words) for one in near)
            told |= next(({words[0]: value} for value in values if value is not None), {})
    return told


def _spelled(record: Record) -> dict[str, object]:
    """A record by its keys in plain; of several that are one in plain the first."""
    return {_plain(key): value for key, value in reversed(list(record.items()))}


def _told(plain: Mapping[str, object], words: Sequence[str]) -> object:
    """What a record, its keys in plain, tells in the first of some words that it has; of an object the word in it."""
    for word in words:
        value = plain.get(word)
        if isinstance(value, dict):
            value = _told(_spelled(value), words)
        if isinstance(value, (str, int, float)) and not isinstance(value, bool) and value != "":
            return value
    return None


@lru_cache(maxsize=4096)  # asked of every key of every record, which mostly are the same
def _plain(key: str) -> str:
    return _NEAR.sub("", str(key)).lower()


@cache
def _meanings() -> tuple[tuple[str, ...], ...]:
    """The words that mean one thing each: those of ``envelope.sql``, without models and ends, and of ids."""
    text = resources.files("analyzer.ingest").joinpath("envelope.sql").read_text(encoding="utf-8")
    lists = re.findall(r"coalesce\(([^()]*)\) AS (\w+)", text)
    named = {of: [word.strip(' \n"') for word in words.split(",")] for words, of in lists if of != "model_text"}
    named["id"] = ["id", "request_id", "response_id", "generation_id"]
    return tuple(tuple(dict.fromkeys(_plain(word) for word in words if word != _LOGGERS)) for words in named.values())


@cache
def _words(what: str) -> frozenset[str]:
    """The words for a model, or for counts, of the format of last resort."""
    (form,) = (one for one in formats().values() if one.last_resort)
    models = {_plain(word) for word in form.model_words}
    if what == "model":
        return frozenset(models)
    counts = {name for name, kind in form.columns.items() if kind == "COUNT"}
    return frozenset(map(_plain, {*counts, "usage", "token_usage", "usage_metadata", "usageMetadata"}))


def _tells(record: Record, what: Sequence[str], *, every: bool = False) -> bool:
    spelled = {_plain(key) for key, value in record.items() if value is not None}
    return (all if every else any)(not spelled.isdisjoint(_words(one)) for one in what)


def unwrapped(source: Source, form: Format, copy: Path) -> Source:
    """The calls of a wrapped log as JSON lines, record by record.

    Args:
        source: the log.
        form: the format of the calls; only its columns are copied.
        copy: the file to write.
    """
    if source.layout not in {"csv", "newline_delimited"}:
        source = elementwise(source, copy.with_suffix(".lines"))
    columns = frozenset(map(_plain, form.columns))
    with copy.open("w", encoding="utf-8", errors="surrogateescape") as out:
        for line, record in _records(source):
            call = _at(record, source.within) if record is not None else None
            if record is None or call is None:  # rejected in its place, for what it lacks
                out.write(line + "\n")
                continue
            told = carried(record, source.within, call)
            out.write(json.dumps({key: value for key, value in told.items() if _plain(key) in columns}) + "\n")
    return replace(source, file=copy, layout="newline_delimited", header=(), in_place=False, counted=None)


def _records(source: Source) -> Iterator[tuple[str, Record | None]]:
    """The lines of a log, and the record of each; what is none stays as it is."""
    if source.layout == "csv":
        with source.file.open(encoding="utf-8", errors="replace", newline="") as text:
            for row in csv.DictReader(text, delimiter=source.delimiter):
                record = {name: value for name, value in row.items() if name}
                yield json.dumps(record), record
        return
    with source.file.open("rb") as lines:
        for raw in lines:
            line = raw.decode(errors="surrogateescape").rstrip("\n")
            found = _read(line)
            yield line, found if isinstance(found, dict) else None
