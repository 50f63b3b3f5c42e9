"""The loader: a batch of logs of one format, many small ones or one large, in one transaction.

A batch goes through four steps: read and judge (``stage.sql``), keep what was refused with its address
(``refused.sql``), leave one row for each request (``repeats.sql``, ``duplicates.sql``), count (``tally.sql``).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from analyzer.errors import SourceError
from analyzer.ingest.batch import Batch
from analyzer.ingest.claim import stage_text
from analyzer.ingest.discovery import size_of
from analyzer.ingest.format import Format
from analyzer.ingest.joint import together
from analyzer.ingest.kept import wanted
from analyzer.ingest.names import truths
from analyzer.ingest.outcome import Loaded, Manner, Outcome, Progress
from analyzer.ingest.reader import Reading, read_strictly, read_tolerantly
from analyzer.ingest.settle import begin, settle
from analyzer.ingest.source import Source
from analyzer.ledger import Ledger
from analyzer.ledger.columns import store
from analyzer.ledger.trouble import raise_if_hopeless

# Layouts of which several files are read at once: CSV readers tell of every broken row, and lines can be counted.
_COUNTABLE = {"newline_delimited", "csv"}
# What a statement that reads a log may raise. DuckDB cuts its messages by bytes, maybe within a letter of the log's.
_REFUSED = (duckdb.Error, UnicodeDecodeError)


class _ChangedError(Exception):
    """A log was written to while it was read."""


class _LostError(Exception):
    """A file has more lines than rows came of it: blank ones, or some that DuckDB lost."""


class _UnsureError(Exception):
    """A record has no usage where it was looked for, and a column that may hold some was left out."""


class _UncountedError(Exception):
    """Where a count is looked for stands ``true``, which was read as 1."""


def _may_be_truths(connection: duckdb.DuckDBPyConnection, first: int) -> bool:
    """Whether a row that was just staged has a count which may be none: few calls read, or say, a single token."""
    single = " OR ".join(f"{kind}_tokens = 1" for kind in ("input", "output", "cache_read", "cache_write", "reasoning"))
    text = f"FROM requests WHERE source_id >= ? AND ({single}) LIMIT 1"
    return connection.execute(text, [first]).fetchone() is not None


def _without_usage(connection: duckdb.DuckDBPyConnection, first: int) -> bool:
    """Whether a row that was just staged has no usage."""
    text = "FROM requests WHERE source_id >= ? AND (input_tokens IS NULL OR output_tokens IS NULL) LIMIT 1"
    return connection.execute(text, [first]).fetchone() is not None


class Loader:
    """Loads batches and writes down how they went."""

    def __init__(self, ledger: Ledger, manner: Manner, folder: Path, outcome: Outcome, progress: Progress) -> None:
        self._ledger = ledger
        self._folder = folder
        self._outcome = outcome
        self._progress = progress
        self._given = manner.told
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
        except _UncountedError:
            self._load_apart(form, sources, whole=whole)
        except _LostError:
            self._load_by_halves(form, sources, whole=whole)
        except _REFUSED as error:
            if self._stored(error):
                self._load(form, sources, whole=whole)
                return
            raise_if_hopeless(self._ledger.path, error)
            self._load_apart(form, sources, whole=whole)
        finally:
            joint.unlink(missing_ok=True)

    def _load_apart(self, form: Format, sources: Sequence[Source], *, whole: bool) -> None:
        """Of several logs find the one that cannot be read the quick way, and read that with care."""
        if len(sources) == 1:
            self._load_carefully(form, sources[0])
        else:
            self._load_by_halves(form, sources, whole=whole)

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
            # Not asked of known programs' logs, whose counts are numbers: many of their calls say a single token.
            numbers = form.last_resort and reading.count == "DOUBLE" and _may_be_truths(connection, first)
            if numbers and any(truths(file, form.columns) for file in reading.files):
                raise _UncountedError
            tallies = settle(connection, first, sources, form, reading, self._given)
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
            self._progress(source.path, size_of(source.path) or source.whole.bytes, loaded.records)
            if tally.unsettled:
                self._outcome.warnings.append(
                    SourceError(
                        f"{source.path}: has grown by records that may tell whether the cache counts of its earlier "
                        "ones are a part of the input, or the other way round; only the new ones were looked at",
                        "have it read as a whole: `spend forget` it, and ingest it again",
                    )
                )
            if source.truncated:
                self._outcome.warnings.append(
                    SourceError(
                        f"{source.path}: ends before its compressed stream does; its whole records are kept",
                        "fetch it again",
                    )
                )
