"""``--map``: a log in its team's own words, told to the generic format in its."""

import csv
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from analyzer.errors import UsageError
from analyzer.ingest.format import Format, dig
from analyzer.ingest.source import Source

Words = Mapping[str, str]  # the generic format's column -> the path of the log's own value


def read_words(path: Path, generic: Format) -> Words:
    """Read a mapping file: ``ts = "when"``, ``input_tokens = "usage.in"``, ...

    Raises:
        UsageError: it cannot be read, or names a column that the generic format does not have.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:  # TOML's own errors are of value, as is a number too long
        raise UsageError(f"{path}: cannot be read: {error}", 'write lines such as input_tokens = "usage.in"') from error
    known = [name for name, kind in generic.columns.items() if kind in {"VARCHAR", "COUNT"}]
    for word, place in table.items():
        if word not in known:
            near = get_close_matches(word, known, n=3)
            raise UsageError(
                f"{path}: unknown column {word}", f"did you mean {', '.join(near) or 'ts, model, endpoint'}?"
            )
        if not isinstance(place, str) or not place:
            raise UsageError(f"{path}: {word} names no place in the log", f'write {word} = "name" or "name.inner"')
    return table


def mapped(source: Source, words: Words, generic: Format, copy: Path) -> Source:
    """The log as JSON lines in the generic format's words, record by record.

    Args:
        source: the log.
        words: what stands where.
        generic: the format that will read it; only its columns are copied.
        copy: the file to write.
    """
    with copy.open("w", encoding="utf-8") as out:
        for line in _told(source, words, frozenset(generic.columns)):
            out.write(line + "\n")
    return replace(source, file=copy, layout="newline_delimited", in_place=False)


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
