"""Loading: the logs that were found are opened, told apart, gathered in batches, and handed to the loader.

Nothing here knows any format.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from analyzer.errors import SourceError
from analyzer.ingest.batch import FULL_SIZE, Batch, Batches, recognised, sample_size
from analyzer.ingest.content import Content, contents
from analyzer.ingest.discovery import Found, size_of, spelled
from analyzer.ingest.format import Format
from analyzer.ingest.joint import SMALL
from analyzer.ingest.known import Known
from analyzer.ingest.loader import Loader
from analyzer.ingest.mapping import Astray, generic, mapped, respelled
from analyzer.ingest.opening import open_source
from analyzer.ingest.otherwise import with_remedy
from analyzer.ingest.outcome import Manner, Outcome, Progress
from analyzer.ingest.seen import Seen
from analyzer.ingest.source import KNOWN, Nothing, Source, gone
from analyzer.ledger import Ledger
from analyzer.ledger.trouble import room_in


def load(ledger: Ledger, found: Sequence[Found], manner: Manner, progress: Progress = lambda *_: None) -> Outcome:
    """Read logs into the ledger; each is there whole or not at all, and one that is there already adds nothing.

    A log that cannot be read is an error in the outcome; the rest is read all the same.
    """
    outcome = Outcome()
    known, seen = Known.of(ledger), Seen(ledger)
    failed: list[str] = []
    batches = Batches()
    astray = Astray(manner.words)

    def refuse(item: Found, error: SourceError) -> None:
        failed.append(item.path)
        # What else lies in a folder may be no log; but a log that may not be read, or is damaged, is missing.
        cause = error.__cause__
        withheld = isinstance(cause, (OSError, EOFError)) and not isinstance(cause, FileNotFoundError)
        (outcome.errors if item.named or withheld else outcome.warnings).append(error)

    def pass_over(item: Found, nothing: Nothing) -> None:
        outcome.nothing.append(nothing)
        progress(item.path, size_of(item.path), 0)

    with (
        ledger.frugal(),
        room_in(ledger.spool),
        TemporaryDirectory(dir=ledger.spool, ignore_cleanup_errors=True) as folder,
    ):
        loader = Loader(ledger, manner, Path(folder), outcome, progress)
        for number, item in enumerate(found):
            if seen.unchanged(item.path):
                pass_over(item, Nothing(spelled(item.path), KNOWN))
                continue
            fingerprints = seen.begin(item.path)
            try:
                streams = contents(item.path, named=item.named)
            except SourceError as error:
                refuse(item, error)
                continue
            for part, content in enumerate(streams):  # one that cannot be read stops no other
                full: Batch | None = None
                try:
                    size = size_of(item.path)
                    opened = _opened(
                        content, Path(folder) / f"{number}-{part}", known, manner, astray,
                        most=sample_size(manner.format, size), counted=len(found) > 1 and SMALL < size < FULL_SIZE,
                    )  # fmt: skip
                    if isinstance(opened, Nothing):
                        pass_over(item, opened)
                        fingerprints.update(filter(None, [opened.fingerprint]))  # whether that will be there, or not
                        continue
                    source, form = opened
                    known.add(source.opening, source.whole)
                    fingerprints.add(source.whole.fingerprint)
                    full = batches.add(form, source.told(form))
                except SourceError as error:
                    refuse(item, error)
                except OSError as error:
                    failed.append(item.path)
                    outcome.errors.append(gone(content.path, error))
                if full:
                    loader.load(full)
        for batch in batches.rest():
            loader.load(batch)
    seen.keep(failed)
    outcome.warnings.extend(astray.warnings())
    if manner.format or manner.given or manner.words is not None:
        outcome.nothing = with_remedy(ledger, outcome.nothing, manner.format, other_words=manner.words is not None)
    outcome.loaded.sort(key=lambda loaded: loaded.path)
    return outcome


def _opened(
    content: Content, place: Path, known: Known, manner: Manner, astray: Astray, *, most: int, counted: bool
) -> tuple[Source, Format] | Nothing:
    """A log and its format, ready to be read."""
    in_words = generic() if manner.words is not None else None
    source = open_source(content, place.with_suffix(".log"), known, most, counted=counted)
    if isinstance(source, Nothing):
        return source
    source, form = recognised(source, manner.format, in_words)
    if form.grain == "group" and source.continues:  # its rows are made of many records: a longer log has better rows
        again = open_source(content, place.with_suffix(".log"), Known())
        source = replace(again, continues=source.continues) if isinstance(again, Source) else source
    if form == in_words:
        astray.see(source)
    if words := (manner.words if form == in_words else None) or respelled(source, form):
        source = mapped(source, words, form, place.with_suffix(".mapped"))
    return source, form
