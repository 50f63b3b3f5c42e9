"""The names of a CSV's columns, and its rows, as plain text."""

import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from analyzer.ingest.stretch import LONGEST_LINE


def rows_of(lines: str | Iterable[str], delimiter: str, *, strict: bool = False) -> Iterator[list[str]]:
    """The rows of a CSV, whichever its line ends are, with fields of any length; blank lines are empty rows.

    Args:
        lines: the text.
        delimiter: what separates fields.
        strict: raise ``csv.Error`` where something stands between a quoted text and the next delimiter.
    """
    csv.field_size_limit(LONGEST_LINE)
    text = io.StringIO(lines, newline="") if isinstance(lines, str) else lines
    return csv.reader(text, delimiter=delimiter, strict=strict)


def header_of(head: bytes, delimiter: str) -> tuple[str, ...]:
    """The names of a CSV's columns."""
    line = head.lstrip(b"\r\n").decode(errors="replace")
    return tuple(next(rows_of(line, delimiter), ()))


def spellings(title: str) -> tuple[str, str]:
    """How a column may be looked for: in small letters, and with ``_`` where people write a space or a hyphen."""
    lowered = title.strip().lower()
    return lowered, re.sub(r"[\s-]+", "_", lowered)


def place_of(name: str, header: tuple[str, ...]) -> int | None:
    """Where a column stands, whatever its case; None where there is none of that name."""
    return _places(header).get(name.lower())


def has_within(name: str, header: tuple[str, ...]) -> bool:
    """Whether an object is laid out as columns: ``usage.input_tokens`` is in ``usage``."""
    return any(title.startswith(f"{name.lower()}.") for title in _places(header))


@lru_cache(maxsize=64)
def _places(header: tuple[str, ...]) -> Mapping[str, int]:
    """Where each spelling stands first; what is spelled so itself goes before what is only like it."""
    lowered, joined = ([spellings(title)[way] for title in header] for way in (0, 1))
    return {title: place for titles in (joined, lowered) for place, title in reversed(list(enumerate(titles)))}


def header_end(head: bytes, delimiter: str) -> int:
    """Where the row of names ends, its line end included."""
    text = head.decode("latin-1")  # a character for each byte
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    next(filter(None, rows), None)
    return sum(map(len, itertools.islice(io.StringIO(text, newline=""), rows.line_num)))


def are_names_alone(text: bytes, header: Sequence[str], delimiter: str) -> bool:
    """Whether a CSV is the names of its columns and no row; what begins with a digit is a value, and no name."""
    named = bool(header) and not any(name.strip()[:1].isdigit() for name in header)
    return named and not text[header_end(text, delimiter) :].strip()


def is_plain(head: bytes, header: Sequence[str], delimiter: str) -> bool:
    """Whether the names of a CSV's columns are its first line, soundly quoted: else DuckDB 2.0 loses rows unsaid."""
    if head[:1] in b"\r\n" or any(end in name for name in header for end in "\r\n"):
        return False
    try:
        return bool(
            next(rows_of(head[: header_end(head, delimiter)].decode(errors="replace"), delimiter, strict=True), ())
        )
    except csv.Error:
        return False


def plain_header(head: bytes, header: Sequence[str], delimiter: str) -> bytes:
    """The names of a CSV's columns as its first line, with the line end that it has."""
    told = head[: header_end(head, delimiter)]
    if is_plain(head, header, delimiter):
        return told
    line = io.StringIO(newline="")
    csv.writer(line, delimiter=delimiter, lineterminator="").writerow(" ".join(name.splitlines()) for name in header)
    return line.getvalue().encode() + told[len(told.rstrip(b"\r\n")) :]
