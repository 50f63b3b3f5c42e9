"""Content by its fingerprint: what the ledger has read before, and whether a log begins with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from analyzer.ingest.stretch import LONGEST_LINE, line_ends
from analyzer.ledger import Ledger

_OPENING = 1024  # bytes whose hash finds the logs that this one may be a longer version of


@dataclass(frozen=True)
class Part:
    """Content that the ledger already holds: its length, its lines, its fingerprint."""

    bytes: int
    lines: int | None  # None: not counted
    fingerprint: str


@dataclass
class Known:
    """What the ledger has read before, found by fingerprint or, for logs that may have grown, by their opening."""

    fingerprints: set[str] = field(default_factory=set)
    parts: dict[str, dict[int, dict[str, Part]]] = field(default_factory=dict)  # by opening, length and fingerprint
    short: dict[int, dict[str, Part]] = field(default_factory=dict)  # shorter than an opening

    @classmethod
    def of(cls, ledger: Ledger) -> "Known":
        """What a ledger has read."""
        known = cls()
        rows = ledger.connection.execute("SELECT opening, bytes, lines, fingerprint FROM sources").fetchall()
        for opening, size, lines, fingerprint in rows:
            known.add(opening, Part(size, lines, fingerprint))
        return known

    def add(self, opening: str, part: Part) -> None:
        """Remember a source that has been loaded."""
        self.fingerprints.add(part.fingerprint)
        alike = self.parts.setdefault(opening, {}) if part.bytes >= _OPENING else self.short
        alike.setdefault(part.bytes, {})[part.fingerprint] = part

    def beginnings(self, opening: str) -> list[tuple[int, Mapping[str, Part]]]:
        """What a log that opens so may begin with, by fingerprint for each length, the shortest first.

        Of thousands of short logs each may be the beginning of each other: looked at one by one, they would take a time
        that grows with the square of their number.
        """
        return [*sorted(self.short.items()), *sorted(self.parts.get(opening, {}).items())]


class Scan:
    """Hashes content block by block, keeping the state at the last line's end and at each known length.

    Args:
        known: what the ledger holds already.
        counted: whether to count line ends, too: while a block is at hand that takes a third of the time.
    """

    def __init__(self, known: Known, *, counted: bool = False) -> None:
        import blake3

        self._hash = blake3.blake3()
        self._at_line = self._hash.copy()
        self._known = known
        self._candidates: list[tuple[int, Mapping[str, Part]]] | None = None
        self._head = b""
        self._tail: list[bytes] = []
        self._tail_bytes = 0
        self._line_ends: int | None = 0 if counted else None
        self.line_end = 0
        self.length = 0
        self.opening = ""
        self.grown_from: Part | None = None

    def feed(self, block: bytes) -> None:
        """Go on with the next block; the first one is a whole one, or all there is."""
        if self._candidates is None:
            self._head = block[:_OPENING]
            self.opening = type(self._hash)(self._head).hexdigest()
            self._candidates = self._known.beginnings(self.opening)
        while self._candidates and self._candidates[0][0] <= self.length + len(block):
            length, parts = self._candidates.pop(0)
            cut = length - self.length
            self._update(block[:cut])
            block = block[cut:]
            self.grown_from = parts.get(self._hash.hexdigest(), self.grown_from)
        self._update(block)

    def _update(self, block: bytes) -> None:
        self.length += len(block)
        end = block.rfind(b"\n") + 1
        if self._line_ends is not None:
            self._line_ends += line_ends(block)
        view = memoryview(block)  # to cut it would copy it, which takes longer than to hash it
        if end:
            self._hash.update(view[:end])
            self._at_line = self._hash.copy()
            self.line_end = self.length - len(block) + end
            self._tail.clear()
            self._tail_bytes = 0
        if end < len(block):
            self._hash.update(view[end:])
            if self._tail_bytes <= LONGEST_LINE:
                self._tail.append(block[end:])
                self._tail_bytes += len(block) - end

    @property
    def lines(self) -> int | None:
        """How many lines there are, the last one with or without its end; None where they were not counted."""
        return None if self._line_ends is None else self._line_ends + (self.length > self.line_end)

    @property
    def tail(self) -> bytes:
        """What follows the last line end."""
        return b"".join(self._tail)

    def finish(self, *, whole: bool) -> tuple[int, str]:
        """Length and fingerprint of the content that counts: all of it, or all but a cut last line."""
        if whole:
            return self.length, self._hash.hexdigest()
        return self.line_end, self._at_line.hexdigest()
