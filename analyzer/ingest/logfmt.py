"""Lines of pairs, ``level=info model=m prompt_tokens=5``, as programs in Go and on Heroku write them (logfmt)."""

import json
import re
from collections.abc import Iterable, Iterator

_PAIR = rb'([\w.@/-]+)=("(?:[^"\\]|\\.)*"|[^\s"]*)(?:\s+|$)'
_PAIRS = re.compile(_PAIR)
_LINE = re.compile(rb"\s*(?:" + _PAIR + rb"){3,}")


def is_logfmt(line: bytes) -> bool:
    """Whether a line is made of pairs alone, of three at the least; the names of a CSV are none."""
    return _LINE.fullmatch(line) is not None


def laid_out(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Each line as a record of its pairs, as texts; what is blank stays so."""
    for line in lines:
        told = {name.decode(): _text(value) for name, value in _PAIRS.findall(line)}
        yield json.dumps(told).encode() + b"\n" if line.strip() else b"\n"


def _text(value: bytes) -> str:
    text = value.decode(errors="surrogateescape")
    if not text.startswith('"'):
        return text
    try:
        return str(json.loads(text))
    except ValueError:  # an escape that JSON does not know
        return text[1:-1]
