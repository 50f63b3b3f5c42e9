"""``--map``: a log in its team's own words, told to the generic format in its."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from analyzer.errors import SourceError, UsageError
from analyzer.ingest.elements import elementwise
from analyzer.ingest.evidence import Record, dig
from analyzer.ingest.format import Format, named
from analyzer.ingest.source import Source
from analyzer.ledger.file import text_of, toml_of

# The words that most logs need, of all that mean the same.
_USUAL = ("ts", "model", "endpoint", "input_tokens", "cache_read_tokens", "output_tokens", "session_id")

Words = Mapping[str, str]  # the generic format's column -> the path of the log's own value


def generic() -> Format:
    """The format whose columns are named."""
    return named("generic")


def read_words(path: Path) -> Words:
    """Read a mapping file: ``ts = "when"``, ``input_tokens = "usage.in"``, ...

    Raises:
        UsageError: it cannot be read, or names a column that the generic format does not have.
    """
    table = toml_of(text_of(path, "check --map"), str(path))
    known = _plain(generic())
    for word, place in table.items():
        if word not in known:
            near = list(dict.fromkeys([one for one in _USUAL if word in one] + get_close_matches(word, known, n=3)))[:3]
            raise UsageError(f"{path}: unknown column {word}", f"did you mean {', '.join(near or _USUAL)}?")
        if not isinstance(place, str) or not place:
            raise UsageError(f"{path}: {word} names no place in the log", f'write {word} = "name" or "name.inner"')
    return table


class Astray:
    """The words of a mapping whose places no log has: misspelt ones would look like what the logs leave out."""

    def __init__(self, words: Words | None) -> None:
        """Of a mapping, or of none."""
        self._left = dict(words or {})
        self._keys: tuple[str, ...] = ()

    def see(self, source: Source) -> None:
        """Look at the first records of a log that the mapping is for."""
        csv_names = source.header if source.layout == "csv" else ()
        self._keys = csv_names or tuple(dict.fromkeys(path for record in source.sample for path in _paths(record)))
        for word, place in list(self._left.items()):
            there = any(place in record or dig(record, place) is not None for record in source.sample)
            if place in csv_names if csv_names else there:
                del self._left[word]

    def warnings(self) -> list[SourceError]:
        """One for all of them."""
        if not self._left or not self._keys:
            return []
        near = [name for place in self._left.values() for name in get_close_matches(place, self._keys, n=1)]
        hint = (
            f"did you mean {', '.join(near)}?"
            if near
            else f"they have {', '.join(key[:40] for key in self._keys[:12])}"
        )
        told = ", ".join(f'{word} = "{place}"' for word, place in self._left.items())
        return [SourceError(f"--map: the first records have no {told}", f"check the names: {hint}")]


def _paths(record: Mapping[str, object]) -> Iterator[str]:
    """Where a record has values: those of objects as ``name.inner``."""
    for key, value in record.items():
        yield from (f"{key}.{inner}" for inner in value) if isinstance(value, dict) else [key]


def respelled(source: Source, form: Format) -> Words:
    """Where a log's own words are those of the format of last resort but for their case: ``TIMESTAMP``, ``Model``.

    CSV is read so anyhow. JSON takes longer then, so this is for logs of whose first records any names no time or no
    model in the format's own spelling: it would be rejected.
    """
    if not form.last_resort or source.layout == "csv" or not any(_misspelt(record, form) for record in source.sample):
        return {}
    own: set[str] = set()
    others: dict[str, str] = {}
    for record in source.sample:
        there = {key.lower() for key in record if key in form.columns}
        told = {key.lower(): key for key in record if key not in form.columns}
        own |= there & told.keys()  # where both stand in one record
        others |= told
    return {name: others[name.lower()] for name in _plain(form) if name.lower() in others.keys() - own}


def _misspelt(record: Record, form: Format) -> bool:
    keys = {key.lower() for key in record}
    wanted = (form.time_words, form.model_words)
    return any(
        not any(word in record for word in words) and any(word.lower() in keys for word in words) for words in wanted
    )


def _plain(form: Format) -> list[str]:
    """Columns that are no objects."""
    return [name for name, kind in form.columns.items() if kind in {"VARCHAR", "COUNT"}]


def mapped(source: Source, words: Words, form: Format, copy: Path) -> Source:
    """The log as JSON lines in the generic format's words, record by record.

    Args:
        source: the log.
        words: what stands where.
        form: the format that will read it; only its columns are copied.
        copy: the file to write.
    """
    if source.layout not in {"csv", "newline_delimited"}:
        source = elementwise(source, copy.with_suffix(".lines"))
    with copy.open("w", encoding="utf-8") as out:
        for line in _told(source, words, frozenset(form.columns)):
            out.write(line + "\n")
    return replace(source, file=copy, layout="newline_delimited", in_place=False, counted=None)


def _told(source: Source, words: Words, columns: frozenset[str]) -> Iterator[str]:
    """One line a record; what is no record stays as it is, so that it is rejected in its place."""
    with source.file.open(encoding="utf-8", errors="replace", newline="" if source.layout == "csv" else None) as text:
        if source.layout == "csv":
            rows = csv.DictReader(text, delimiter=source.delimiter)
            for row in rows:
                yield _line({name: value for name, value in row.items() if name}, words, columns)
            return
        for line in text:
            try:
                record = json.loads(line)
            except (ValueError, RecursionError):
                record = None
            yield _line(record, words, columns) if isinstance(record, dict) else line.rstrip("\n")


def _line(record: Mapping[str, object], words: Words, columns: frozenset[str]) -> str:
    kept = {name: value for name, value in record.items() if name in columns}
    told = {
        word: value for word, place in words.items() if (value := record.get(place, dig(record, place))) is not None
    }
    return json.dumps({**kept, **told})
