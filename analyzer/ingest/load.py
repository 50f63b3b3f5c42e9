"""Loading: logs of one format, many small ones or one large, in one transaction each.

A batch goes through four steps: read and judge (``stage.sql``), keep what was refused with its address
(``refused.sql``), leave one row for each request (``repeats.sql``, ``duplicates.sql``), count (``tally.sql``).
Nothing here knows any format.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from analyzer.errors import SourceError
from analyzer.ingest.batch import FULL_SIZE, Batch, Batches, recognised, sample_size
from analyzer.ingest.content import Content, contents
from analyzer.ingest.discovery import Found, spelled
from analyzer.ingest.format import Format
from analyzer.ingest.joint import SMALL, together
from analyzer.ingest.kept import wanted
from analyzer.ingest.known import Known
from analyzer.ingest.mapping import Astray, generic, mapped, respelled
from analyzer.ingest.opening import open_source
from analyzer.ingest.otherwise import with_remedy
from analyzer.ingest.outcome import Loaded, Manner, Outcome, Progress
from analyzer.ingest.reader import Reading, read_strictly, read_tolerantly
from analyzer.ingest.seen import Seen
from analyzer.ingest.settle import begin, settle, stage_text
from analyzer.ingest.source import KNOWN, Nothing, Source, gone
from analyzer.ledger import Ledger
from analyzer.ledger.columns import store
from analyzer.ledger.trouble import raise_if_hopeless, room_in

# Layouts of which several files are read at once: CSV readers tell of every broken row, and lines can be counted.
_COUNTABLE = {"newline_delimited", "csv"}
# What a statement that reads a log may raise. DuckDB cuts its messages by bytes, maybe within a letter of the log's.
_REFUSED = (duckdb.Error, UnicodeDecodeError)


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

    with (
        ledger.frugal(),
        room_in(ledger.spool),
        TemporaryDirectory(dir=ledger.spool, ignore_cleanup_errors=True) as folder,
    ):
        loader = _Loader(ledger, manner, Path(folder), outcome, progress)
        for number, item in enumerate(found):
            if seen.unchanged(item.path):
                outcome.nothing.append(Nothing(spelled(item.path), KNOWN))
                progress(item.path, _size(item.path), 0)
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
                    size = _size(item.path)
                    opened = _opened(
                        content, Path(folder) / f"{number}-{part}", known, manner, astray,
                        most=sample_size(manner.format, size), counted=len(found) > 1 and SMALL < size < FULL_SIZE,
                    )  # fmt: skip
                    if isinstance(opened, Nothing):
                        outcome.nothing.append(opened)
                        fingerprints.update(filter(None, [opened.fingerprint]))  # whether that will be there, or not
                        progress(item.path, _size(item.path), 0)
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


def _size(path: str) -> int:
    with suppress(OSError):
        return Path(path).stat().st_size
    return 0


class _ChangedError(Exception):
    """A log was written to while it was read."""


class _LostError(Exception):
    """A file has more lines than rows came of it: blank ones, or some that DuckDB lost."""


class _UnsureError(Exception):
    """A record has no usage where it was looked for, and a column that may hold some was left out."""


def _without_usage(connection: duckdb.DuckDBPyConnection, first: int) -> bool:
    """Whether a row that was just staged has no usage."""
    text = "FROM requests WHERE source_id >= ? AND (input_tokens IS NULL OR output_tokens IS NULL) LIMIT 1"
    return connection.execute(text, [first]).fetchone() is not None


class _Loader:
    """Loads batches and writes down how they went."""

    def __init__(self, ledger: Ledger, manner: Manner, folder: Path, outcome: Outcome, progress: Progress) -> None:
        self._ledger = ledger
        self._folder = folder
        self._outcome = outcome
        self._progress = progress
        for word in ("time", "model", "endpoint", "session", "team"):
            ledger.connection.execute(f"SET VARIABLE set_{word} = ?", [manner.given.get(word)])

    def load(self, batch: Batch) -> None:
        """Load a batch, and remove what was written for it."""
        try:
            self._load(batch.format, batch.sources)
        finally:
            for source in batch.sources:
                if source.file.parent == self._folder:
                    source.file.unlink(missing_ok=True)

    def _load(self, form: Format, sources: Sequence[Source], *, whole: bool = False) -> None:
        """Load logs quickly; where any is broken, by halves, and the broken one with care."""
        try:
            if not together(sources):
                with self._within_reach(sources) as reached:
                    self._load_these(form, reached, whole=whole)
            else:  # we read them ourselves, into one file
                self._load_these(form, sources, whole=whole)
        except (OSError, SourceError):  # cut, replaced or taken away while it was read
            if not any(one.in_place for one in sources):
                raise
            self._load_held(form, sources, whole=whole)

    def _load_held(self, form: Format, sources: Sequence[Source], *, whole: bool) -> None:
        """Load copies of logs, each as it was fingerprinted, without those that are not the same any more."""
        held: list[Source] = []
        for source in sources:
            try:
                held.append(source.pinned(self._folder))
            except SourceError as error:
                self._outcome.errors.append(error)
        if held:
            self._load(form, held, whole=whole)
        for copy in held:
            if copy not in sources:
                copy.file.unlink(missing_ok=True)

    @contextmanager
    def _within_reach(self, sources: Sequence[Source]) -> Iterator[Sequence[Source]]:
        """The logs where statements can read them, as copies where need be."""
        reached = [one if self._ledger.reaches(one.file) else one.pinned(self._folder) for one in sources]
        try:
            yield reached
        finally:
            for source, reachable in zip(sources, reached, strict=True):
                if reachable is not source:
                    reachable.file.unlink(missing_ok=True)

    def _load_these(self, form: Format, sources: Sequence[Source], *, whole: bool) -> None:
        joint = self._folder / "joint"
        if len(sources) > 1 and not together(sources) and sources[0].layout not in _COUNTABLE:
            self._load_by_halves(form, sources, whole=whole)
            return
        try:
            self._try(form, sources, read_strictly(self._ledger.connection, form, sources, joint, whole=whole))
        except _ChangedError:  # read what was fingerprinted, and leave the rest for the next time
            self._load_held(form, sources, whole=whole)
        except _UnsureError:
            self._load(form, sources, whole=True)
        except _LostError:
            self._load_by_halves(form, sources, whole=whole)
        except _REFUSED as error:
            if self._stored(error):
                self._load(form, sources, whole=whole)
                return
            raise_if_hopeless(self._ledger.path, error)
            if len(sources) == 1:
                self._load_carefully(form, sources[0])
                return
            self._load_by_halves(form, sources, whole=whole)
        finally:
            joint.unlink(missing_ok=True)

    def _load_by_halves(self, form: Format, sources: Sequence[Source], *, whole: bool) -> None:
        half = len(sources) // 2
        self._load(form, sources[:half], whole=whole)
        self._load(form, sources[half:], whole=whole)

    def _load_carefully(self, form: Format, source: Source) -> None:
        clean = self._folder / "clean"
        try:
            reading = read_tolerantly(self._ledger.connection, form, source, clean)
            self._try(form, [source], reading)
        except _ChangedError:
            self._load_carefully(form, source.pinned(self._folder))
        except _REFUSED as error:
            if self._stored(error):
                self._load_carefully(form, source)
                return
            raise_if_hopeless(self._ledger.path, error)
            problem = SourceError(f"{source.path}: cannot be read as {form.name}", "name another format with --format")
            problem.__cause__ = error
            self._outcome.errors.append(problem)
        finally:
            clean.unlink(missing_ok=True)

    def _stored(self, error: Exception) -> bool:
        """Store the columns that the error asks for; whether there are any."""
        names = wanted(error)
        if names:
            with self._ledger.transaction():
                store(self._ledger.connection, names)
        return bool(names)

    def _try(self, form: Format, sources: Sequence[Source], reading: Reading) -> None:
        connection = self._ledger.connection
        with self._ledger.transaction():
            statement = stage_text(connection, form, reading)
        with self._ledger.transaction():
            first = begin(connection, form, sources)
            connection.execute(statement, [first, *reading.parameters])
            if reading.left_out and _without_usage(connection, first):
                raise _UnsureError
            tallies = settle(connection, first, sources, form, reading)
            if any(source.changed() for source in sources):
                raise _ChangedError
            # Where one of several files has a broken line, DuckDB may stop reading it without a word.
            counted = len(sources) > 1 and not together(sources) and sources[0].layout == "newline_delimited"
            if counted and any(one.lines() != tally.records for one, tally in zip(sources, tallies, strict=True)):
                raise _LostError
        for source, tally in zip(sources, tallies, strict=True):
            loaded = Loaded(
                source.path, form.name, tally.records, tally.requests, tally.duplicates, tally.skipped, tally.rejected,
                source.pending, 0 if source.continues else tally.renewed, source.strangers,
            )  # fmt: skip
            self._outcome.loaded.append(loaded)
            self._progress(source.path, _size(source.path) or source.whole.bytes, loaded.records)
            if source.truncated:
                self._outcome.warnings.append(
                    SourceError(
                        f"{source.path}: ends before its compressed stream does; its whole records are kept",
                        "fetch it again",
                    )
                )
