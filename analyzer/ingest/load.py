"""Loading: the logs that were found are opened, told apart, gathered in batches, and handed to the loader.

Nothing here knows any format.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from analyzer.errors import SourceError
from analyzer.ingest.batch import FULL_SIZE, Batch, Batches, recognised, sample_size
from analyzer.ingest.content import Content, contents
from analyzer.ingest.discovery import Found, size_of, spelled
from analyzer.ingest.elements import elementwise
from analyzer.ingest.format import Format
from analyzer.ingest.joint import SMALL
from analyzer.ingest.known import Known
from analyzer.ingest.loader import Loader
from analyzer.ingest.mapping import Astray, generic, mapped, respelled
from analyzer.ingest.opening import open_source
from analyzer.ingest.otherwise import with_remedy
from analyzer.ingest.outcome import Manner, Outcome, Progress
from analyzer.ingest.pages import Unended
from analyzer.ingest.sample import AS_RECORDS
from analyzer.ingest.seen import Seen
from analyzer.ingest.source import KNOWN, Nothing, Source, gone
from analyzer.ingest.unread import Unread
from analyzer.ingest.wrapped import unwrapped
from analyzer.ledger import Ledger
from analyzer.ledger.trouble import room_in


def load(ledger: Ledger, found: Sequence[Found], manner: Manner, progress: Progress = lambda *_: None) -> Outcome:
    """Read logs into the ledger; each is there whole or not at all, and one that is there already adds nothing.

    A log that cannot be read is an error in the outcome; the rest is read all the same.
    """
    outcome = Outcome()
    seen = Seen(ledger)
    with (
        ledger.frugal(),
        room_in(ledger.spool),
        TemporaryDirectory(dir=ledger.spool, ignore_cleanup_errors=True) as folder,
    ):
        loader = Loader(ledger, manner, Path(folder), outcome, progress)
        intake = _Intake(Known.of(ledger), seen, manner, Path(folder), outcome, progress)
        for batch in intake.batches(found):
            loader.load(batch)
    seen.keep(intake.failed)
    outcome.warnings.extend([*intake.astray.warnings(), *intake.unended.warnings(), *intake.unread.warnings()])
    if manner.otherwise:
        outcome.nothing = with_remedy(ledger, outcome.nothing, manner)
    outcome.loaded.sort(key=lambda loaded: loaded.path)
    return outcome


class _Intake:
    """Opens logs one by one, and gathers those that add something in batches."""

    def __init__(
        self, known: Known, seen: Seen, manner: Manner, folder: Path, outcome: Outcome, progress: Progress
    ) -> None:
        self.failed: list[str] = []  # paths of logs that could not be read
        self.astray = Astray(manner.words)
        self.unended = Unended()
        self.unread = Unread()
        self._known = known
        self._seen = seen
        self._manner = manner
        self._folder = folder
        self._outcome = outcome
        self._progress = progress

    def batches(self, found: Sequence[Found]) -> Iterator[Batch]:
        """Each batch as soon as it is full, then the others."""
        gathered = Batches()
        for number, item in enumerate(found):
            if self._seen.unchanged(item.path, by_name=self._manner.otherwise):
                self._pass_over(item, Nothing(spelled(item.path), KNOWN))
                continue
            fingerprints = self._seen.begin(item.path)
            try:
                streams = contents(item.path, named=item.named)
            except SourceError as error:
                self._refuse(item, error)
                continue
            for part, content in enumerate(streams):  # one that cannot be read stops no other
                full: Batch | None = None
                try:
                    ready = self._ready(item, content, f"{number}-{part}", many=len(found) > 1)
                    if isinstance(ready, Nothing):
                        self._pass_over(item, ready)
                        fingerprints.update(filter(None, [ready.fingerprint]))  # whether that will be there, or not
                        continue
                    source, form = ready
                    self.unended.see(source, form)
                    self._known.add(source.opening, source.whole)
                    fingerprints.add(source.whole.fingerprint)
                    full = gathered.add(form, source.told(form))
                except SourceError as error:
                    self._refuse(item, error)
                except OSError as error:
                    self.failed.append(item.path)
                    self._outcome.errors.append(gone(content.path, error))
                if full:
                    yield full
        yield from gathered.rest()

    def _ready(self, item: Found, content: Content, name: str, *, many: bool) -> tuple[Source, Format] | Nothing:
        """A log and its format, ready to be read."""
        manner, place, size = self._manner, self._folder / name, size_of(item.path)
        most, counted = sample_size(manner.format, size), many and SMALL < size < FULL_SIZE
        in_words = generic() if manner.words is not None else None
        source = open_source(content, place.with_suffix(".log"), self._known, most, counted=counted)
        if isinstance(source, Nothing):
            return source
        source, form = recognised(source, manner.format, in_words)
        # Where rows are made of many records, or read in their light, a longer log has better rows.
        if source.continues and form.read_anew(source.sample):
            again = open_source(content, place.with_suffix(".log"), Known())
            if isinstance(again, Source):
                source = replace(recognised(again, form)[0], continues=source.continues, anew=True)
        if source.within or source.layout in AS_RECORDS:
            with self._held(source) as held:
                if held.within:
                    source = unwrapped(held, form, place.with_suffix(".calls"))
                else:
                    source = elementwise(held, place.with_suffix(".lines"))
        if form == in_words:
            self.astray.see(source)
        words = (manner.words if form == in_words else None) or respelled(source, form)
        self.unread.see(source, form, words.values())
        if words:
            with self._held(source) as held:
                source = mapped(held, words, form, place.with_suffix(".mapped"))
        return source, form

    @contextmanager
    def _held(self, source: Source) -> Iterator[Source]:
        """A log as it was fingerprinted, while it is written anew: whoever else writes to it."""
        held = source.pinned(self._folder)
        try:
            yield held
        finally:
            if held is not source:
                held.file.unlink(missing_ok=True)

    def _pass_over(self, item: Found, nothing: Nothing) -> None:
        self._outcome.nothing.append(nothing)
        self._progress(item.path, size_of(item.path), 0)

    def _refuse(self, item: Found, error: SourceError) -> None:
        self.failed.append(item.path)
        # What else lies in a folder may be no log; but a log that may not be read, or is damaged, is missing.
        cause = error.__cause__
        withheld = isinstance(cause, (OSError, EOFError)) and not isinstance(cause, FileNotFoundError)
        (self._outcome.errors if item.named or withheld else self._outcome.warnings).append(error)
