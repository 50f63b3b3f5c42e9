"""Batches: logs of one kind that are read together, and how a log's kind is told."""

from contextlib import suppress
from dataclasses import dataclass, field, replace

from analyzer.errors import SourceError
from analyzer.ingest.detection import Choice, detect, fits, strangers
from analyzer.ingest.format import Format
from analyzer.ingest.joint import SMALL, joins
from analyzer.ingest.mapping import generic
from analyzer.ingest.pages import opened
from analyzer.ingest.prefixed import refusal
from analyzer.ingest.sample import SAMPLE_RECORDS
from analyzer.ingest.source import Source
from analyzer.ingest.wrapped import is_wrapped, tells_call, within

FULL_SIZE = 256 << 20  # a log of so many bytes is read alone
_FILES = 256
_SMALL_FILES = 4096
_FEW_RECORDS = 6  # of thousands of small logs this is what there is time for


@dataclass
class Batch:
    """Logs of one format and layout, all small ones or all others."""

    format: Format
    small: bool
    sources: list[Source] = field(default_factory=list)
    size: int = 0

    def add(self, source: Source) -> None:
        """Take one more log."""
        self.sources.append(source)
        self.size += source.whole.bytes

    @property
    def full(self) -> bool:
        """Whether it is time to read it."""
        most = _SMALL_FILES if self.small else _FILES
        return len(self.sources) >= most or self.size >= FULL_SIZE


class Batches:
    """Batches that are being gathered, by kind."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[object, ...], Batch] = {}

    def add(self, form: Format, source: Source) -> Batch | None:
        """Take one more log; give back its batch when that is full."""
        small = joins(source)
        kind = (form.name, small or source.layout, source.header, source.delimiter)
        batch = self._waiting.setdefault(kind, Batch(form, small))
        batch.add(source)
        return self._waiting.pop(kind) if batch.full else None

    def rest(self) -> list[Batch]:
        """Those that are not full."""
        return list(self._waiting.values())


def sample_size(form: Format | None, size: int) -> int:
    """How many records to look at first in a file of so many bytes."""
    return SAMPLE_RECORDS if form or size > SMALL else _FEW_RECORDS


def recognised(source: Source, form: Format | None, otherwise: Format | None = None) -> tuple[Source, Format]:
    """A log, with what its format knows of it, and the format: a given one, or that which its first records show.

    A page of an API is read as the records in its list, where it is no record of a known format itself; and a logger's
    record as the call within it, where it is none itself. A few records are enough where they all look alike and fit.

    Args:
        source: the log.
        form: the format that was asked for.
        otherwise: the format of logs that fit none.

    Raises:
        SourceError: no format fits, or two do equally well.
    """
    if form is not None:
        source = opened(source, form)
        fit = not form.last_resort and form in fits(source.container, source.sample)
        return plain(source if fit else within(source, form)), form
    try:
        source, choice = chosen(source, deeper=otherwise is None)
    except SourceError:
        if otherwise is None:
            raise
        return plain(opened(source, otherwise)), otherwise
    return source, choice.format


def chosen(source: Source, *, deeper: bool = True) -> tuple[Source, Choice]:
    """A log, with what was found out of it, and the format that its first records show, see :func:`recognised`.

    Args:
        source: the log.
        deeper: whether to look for calls within its records, where these are none in words that are known.

    Raises:
        SourceError: no format fits, or two do equally well.
    """
    if len(source.sample) <= _FEW_RECORDS:
        if len({frozenset(record) for record in source.sample}) == 1:
            with suppress(SourceError):
                choice = detect(source.path, source.container, source.sample)
                odd = choice.format.last_resort and is_wrapped(source)
                if choice.fitting == choice.of and not (deeper and odd):
                    return source, choice
        source = source.sampled()
    try:
        choice = detect(source.path, source.container, source.sample)
    except SourceError:
        page = opened(source)
        unknown = not fits(page.container, page.sample)
        if unknown and any(map(tells_call, page.sample)):  # in the field's words, but for their case
            return plain(page), Choice(generic(), len(page.sample), len(page.sample), ())
        if unknown and deeper:
            page = within(page)
        if page is source:
            plain(source)
            raise
        source, choice = page, detect(page.path, page.container, page.sample)
    if deeper and choice.format.last_resort and (inner := within(source)) is not source:
        source, choice = inner, detect(inner.path, inner.container, inner.sample)
    apart = strangers(source.container, source.sample, choice.format) if choice.fitting < choice.of else ()
    return replace(plain(source), strangers=apart), choice


def plain(source: Source) -> Source:
    """A log whose records are as they stand there, or hold calls.

    Raises:
        SourceError: there is other text before them, and they hold none.
    """
    if source.layout == "prefixed" and not source.within:
        raise refusal(source.path)
    return source
