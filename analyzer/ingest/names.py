"""Which of the names that a format looks for occur in a log at all.

A name that is looked for in every record costs time even where it never stands there, and a format of common words has
a hundred of them. That none of a log's keys is such a name can be proven without reading any JSON: its bytes do not
hold the name in quotes, nor an escape with which it could be spelled.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from ahocorasick_rs import BytesAhoCorasick, Implementation

from analyzer.ingest.format import fields, is_struct

# Names without a character that JSON can spell in another way than the escapes below.
_PLAIN = re.compile(r"[A-Za-z0-9_.$@ -]+")
# How an escape begins that stands for a character of such a name.
_ESCAPES = tuple(rf"\u00{digit}".encode() for digit in range(2, 8))
_BLOCK = 256 << 10
_GAPS = (":", ": ", " : ", " :")  # between a name and its value, as programs write them
# A name that never occurs costs a record as much as the search for all of them costs ten bytes.
_WORTH = 10


def all_names(columns: Mapping[str, str]) -> frozenset[str]:
    """The names of columns and of all fields within them.

    Args:
        columns: types by name.
    """
    inner = (all_names(fields(kind)) for kind in columns.values() if is_struct(kind))
    return frozenset(columns).union(*inner)


def truths(file: Path, columns: Mapping[str, str]) -> bool:
    """Whether ``true`` or ``false`` may stand where a count is looked for: DuckDB casts them to 1 and 0.

    Args:
        file: JSON.
        columns: types by name, as a format has them.
    """
    words = ("true", "false")
    tokens = [f'"{name}"{gap}{word}'.encode() for name in _counts(columns) for gap in _GAPS for word in words]
    search: BytesAhoCorasick | None = None
    for block in _blocks(file, max(map(len, tokens), default=1)):
        if b"true" not in block and b"false" not in block:  # a tenth of the cost
            continue
        search = search or BytesAhoCorasick(tokens, implementation=Implementation.DFA)
        if search.find_matches_as_indexes(block):
            return True
    return False


def _counts(columns: Mapping[str, str]) -> frozenset[str]:
    kinds = (kind.removesuffix("[]") for kind in columns.values())
    inner = (_counts(fields(kind)) for kind in kinds if is_struct(kind))
    return frozenset(name for name, kind in columns.items() if kind == "COUNT").union(*inner)


def narrowed(columns: Mapping[str, str], names: Collection[str]) -> dict[str, str]:
    """The columns, and of those that are objects the fields, whose names are among some.

    An object of which no field is left keeps one: whether it is there at all may mean something.
    """
    return {name: _narrowed(kind, names) for name, kind in columns.items() if name in names}


def widened(place: str, kind: str, read: str) -> str:
    """An expression of type ``kind`` for a value read as ``read``, a narrowed ``kind``: NULL what was left out.

    A cast would do as well, but DuckDB sees through this, and drops what is computed from a NULL.
    """
    if read == kind:
        return place
    left = fields(read)
    inner = (
        f"'{name}': " + (widened(f'{place}."{name}"', of, left[name]) if name in left else f"CAST(NULL AS {of})")
        for name, of in fields(kind).items()
    )
    return f"CASE WHEN {place} IS NOT NULL THEN {{{', '.join(inner)}}} END"


def _narrowed(kind: str, names: Collection[str]) -> str:
    if not is_struct(kind):
        return kind
    inner = fields(kind)
    left = narrowed(inner, names) or dict([next(iter(inner.items()))])
    return "STRUCT(" + ", ".join(f'"{name}" {of}' for name, of in left.items()) + ")"


def worth_a_search(names: Collection[str], file: Path) -> bool:
    """Whether a search through a file of JSON lines saves more than it costs, if most of the names do not occur."""
    with file.open("rb") as stream:
        head = stream.read(_BLOCK)
    return len(names) * _WORTH * head.count(b"\n") > len(head)


def occurring(file: Path, names: Iterable[str]) -> frozenset[str]:
    """Those of the names that may be keys in a file of JSON lines, on whatever level. The others are not."""
    wanted = frozenset(names)
    sought = {f'"{name}"'.encode(): name for name in wanted if _PLAIN.fullmatch(name)}
    longest = max(map(len, sought), default=1)
    tokens: list[bytes] = []
    search: BytesAhoCorasick | None = None
    for block in _blocks(file, longest):
        if search is None:  # at the beginning, and when there is less to look for
            tokens = [*sought, *_ESCAPES]
            search = BytesAhoCorasick(tokens, implementation=Implementation.DFA)
        found = {tokens[place] for place, *_ in search.find_matches_as_indexes(block)}
        if not found.isdisjoint(_ESCAPES):
            return wanted
        if found:
            sought = {token: name for token, name in sought.items() if token not in found}
            search = None
    return wanted - frozenset(sought.values())


def _blocks(file: Path, longest: int) -> Iterator[bytes]:
    """The bytes of a file, the end of each block again at the beginning of the next: no token is cut."""
    tail = b""
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK):
            yield tail + block
            tail = (tail + block)[-longest:]
