"""How logs are to be read, and what became of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from analyzer.errors import SpendError
from analyzer.ingest.format import Format
from analyzer.ingest.mapping import Words
from analyzer.ingest.source import Nothing
from analyzer.ledger.masking import unkeyed

Progress = Callable[[str, int, int], None]  # path, bytes read of it, records found in it


@dataclass(frozen=True)
class Loaded:
    """One source that is now in the ledger, and how its records ended."""

    path: str
    format: str
    records: int
    requests: int
    duplicates: int
    skipped: int
    rejected: int
    pending: int
    renewed: int  # duplicates of what an earlier version of the log had told, if it has changed and not just grown
    strangers: tuple[str, ...] = ()  # formats that some of its first records have, and it has not


@dataclass
class Outcome:
    """What became of all the logs of one command."""

    loaded: list[Loaded] = field(default_factory=list)
    nothing: list[Nothing] = field(default_factory=list)
    warnings: list[SpendError] = field(default_factory=list)
    errors: list[SpendError] = field(default_factory=list)


@dataclass(frozen=True)
class Manner:
    """How the user wants logs to be read.

    Attributes:
        format: read every log as this format; None detects it.
        given: values for what a log leaves out (``time``, ``model``, ``endpoint``, ``session``, ``team``).
        words: where a log in its own words, which no other format fits, has the generic format's columns.
    """

    format: Format | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    words: Words | None = None

    @property
    def otherwise(self) -> bool:
        """Whether it may read a log in another way than it was read before."""
        return self.format is not None or bool(self.given) or self.words is not None

    @property
    def told(self) -> str | None:
        """What is given, as it may be kept: one ``WORD=VALUE`` a line, without keys; None where nothing is."""
        return "\n".join(f"{word}={unkeyed(value)}" for word, value in sorted(self.given.items())) or None
