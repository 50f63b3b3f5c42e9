"""``--map``: a log in its team's own words, told to the generic format in its."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from analyzer.errors import UsageError
from analyzer.ingest.elements import elementwise
from analyzer.ingest.format import Format, dig, named
from analyzer.ingest.source import Source
from analyzer.ledger.file import text_of, toml_of

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
            near = get_close_matches(word, known, n=3)
            raise UsageError(
                f"{path}: unknown column {word}", f"did you mean {', '.join(near) or 'ts, model, endpoint'}?"
            )
        if not isinstance(place, str) or not place:
            raise UsageError(f"{path}: {word} names no place in the log", f'write {word} = "name" or "name.inner"')
    return table


def respelled(source: Source, form: Format) -> Words:
    """Where a log's own words are those of the format of last resort but for their case: ``TIMESTAMP``, ``Model``.

    CSV is read so anyhow. JSON takes longer then, so this is for logs whose first records name no time or no model in
    the format's own spelling: they would be rejected.
    """
    keys = dict.fromkeys(key for record in source.sample for key in record)
    sound = all(any(word in keys for word in words) for words in (form.time_words, form.model_words))
    if not form.last_resort or source.layout == "csv" or sound:
        return {}
    there = {key.lower() for key in keys if key in form.columns}
    others = {key.lower(): key for key in keys if key not in form.columns}
    return {name: others[name.lower()] for name in _plain(form) if name.lower() in others.keys() - there}


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
