"""Prefixed lines: JSON behind a time, a level or a name, as loggers and containers write it."""

import json
import re
from collections.abc import Iterable, Iterator

from analyzer.errors import SourceError

_INSTANT = re.compile(rb"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?)(?: ?(Z|[+-]\d\d:?\d\d))?")
_WORD = re.compile(rb"\w")  # the bracket of a list is no text
_STAMPED = re.compile(rb"[^\w\"]*\d{4}-\d\d-\d\dT?")  # no name of a column begins so


def is_prefixed(lines: Iterable[bytes]) -> bool:
    """Whether the first of some lines is an object behind some text, or begins with a time and a later one is such.

    The names and rows of a CSV are none: where a column holds JSON, others stand before it, and names before all.
    """
    first, *others = lines
    return _holds(first) or (_STAMPED.match(first) is not None and any(map(_holds, others)))


def _holds(line: bytes) -> bool:
    before, brace, rest = line.partition(b"{")
    if not brace or b'"' in before or not _WORD.search(before):
        return False
    try:
        return isinstance(json.loads(brace + rest), dict)
    except (ValueError, RecursionError):
        return False


def laid_out(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Each line as a record: the time before its object, and the object as text; what is blank stays so."""
    for line in lines:
        before, brace, rest = line.partition(b"{")
        found = _INSTANT.search(before)
        told = {"line": (brace + rest if brace else before).decode(errors="surrogateescape").strip()}
        if found:
            told["timestamp"] = b"".join(found.groups(b"")).decode()
        yield json.dumps(told).encode() + b"\n" if line.strip() else b"\n"


def refusal(path: str) -> SourceError:
    """What is to be said of such a log whose objects are no calls."""
    return SourceError(
        f"{path}: its lines have other text before their JSON", "take it off: sed 's/^[^{]*//' LOG > LOG.jsonl"
    )
