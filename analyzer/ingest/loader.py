"""The loader: a batch of logs of one format, many small ones or one large, in one transaction.

A batch goes through four steps: read and judge (``stage.sql``), keep what was refused with its address
(``refused.sql``), leave one row for each request (``repeats.sql``, ``duplicates.sql``), count (``tally.sql``).
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from analyzer.errors import SourceError
from analyzer.ingest.batch import Batch
from analyzer.ingest.claim import stage_text
from analyzer.ingest.discovery import size_of
from analyzer.ingest.format import Format
from analyzer.ingest.joint import together
from analyzer.ingest.kept import wanted
from analyzer.ingest.mending import Mended, mend
from analyzer.ingest.names import truths
from analyzer.ingest.outcome import Loaded, Manner, Outcome, Progress
from analyzer.ingest.reader import Reading, read_as_text, read_strictly
from analyzer.ingest.settle import Tally, begin, settle
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
    """Of several files some have more lines than rows came of them: blank ones, or some that DuckDB lost."""

    def __init__(self, places: Collection[int]) -> None:
        super().__init__()
        self.places = places  # of those files among the sources


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
        """Load logs quickly, or with care where any is broken."""
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
            reading = read_strictly(self._ledger.connection, form, sources, joint, whole=whole)
            self._load_read(form, sources, reading, whole=whole)
        finally:
            joint.unlink(missing_ok=True)

    def _load_read(self, form: Format, sources: Sequence[Source], reading: Reading, *, whole: bool) -> None:
        try:
            self._try(form, sources, reading)
        except _ChangedError:  # read what was fingerprinted, and leave the rest for the next time
            self._load_held(form, sources, whole=whole)
        except _UnsureError:
            self._load(form, sources, whole=True)
        except _LostError as lost:  # each of those by itself
            for place in sorted(lost.places):
                self._load(form, [sources[place]], whole=whole)
            if others := [source for place, source in enumerate(sources) if place not in lost.places]:
                self._load(form, others, whole=whole)
        except (_UncountedError, *_REFUSED) as error:
            raise_if_hopeless(self._ledger.path, error)
            self._load_carefully(form, sources, reading.names)

    def _load_by_halves(self, form: Format, sources: Sequence[Source], *, whole: bool) -> None:
        half = len(sources) // 2
        self._load(form, sources[:half], whole=whole)
        self._load(form, sources[half:], whole=whole)

    def _load_carefully(self, form: Format, sources: Sequence[Source], names: frozenset[str] | None) -> None:
        """Load logs of which some have lines that cannot be read the quick way; these names occur in them."""
        try:
            with TemporaryDirectory(dir=self._folder) as folder:
                mended = mend(self._ledger.connection, form, sources, Path(folder), names)
                self._load_mended(form, sources, mended, Path(folder) / "joint")
        except _ChangedError:
            self._load_held(form, sources, whole=True)
        except (_LostError, *_REFUSED) as error:
            raise_if_hopeless(self._ledger.path, error)
            if len(sources) > 1:
                self._load_by_halves(form, sources, whole=True)
                return
            problem = SourceError(
                f"{sources[0].path}: cannot be read as {form.name}", "name another format with --format"
            )
            problem.__cause__ = error
            self._outcome.errors.append(problem)

    def _load_mended(self, form: Format, sources: Sequence[Source], mended: Mended, joint: Path) -> None:
        """Load logs that were mended: quickly, unless what was mended is not what was wrong."""
        connection = self._ledger.connection
        if sources[0].container == "json" and mended.differ_from(sources):  # of a CSV all columns are texts anyway
            try:
                reading = read_strictly(connection, form, mended.sources, joint, whole=True, names=mended.names)
                self._try(form, sources, replace(reading, gaps=mended.gaps))
            except (_UncountedError, *_REFUSED) as error:
                raise_if_hopeless(self._ledger.path, error)
            else:
                return
        reading = read_as_text(connection, form, mended.sources, joint, names=mended.names)
        self._try(form, sources, replace(reading, gaps=mended.gaps))

    def _try(self, form: Format, sources: Sequence[Source], reading: Reading) -> None:
        """Load what is read, or nothing of it.

        Raises:
            _ChangedError, _LostError, _UncountedError, _UnsureError: it has to be read in another way.
            duckdb.Error: it cannot be read.
        """
        while True:
            try:
                tallies = self._stage(form, sources, reading)
                break
            except _REFUSED as error:
                names = wanted(error)
                if not names:
                    raise
                with self._ledger.transaction():
                    store(self._ledger.connection, names)
        self._tell(form, sources, tallies)

    def _stage(self, form: Format, sources: Sequence[Source], reading: Reading) -> list[Tally]:
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
            if len(reading.files) > 1 and reading.sources[0].layout == "newline_delimited":
                rows = [tally.records - len(reading.refused(place)) for place, tally in enumerate(tallies)]
                lost = {place for place, one in enumerate(reading.sources) if one.lines() != rows[place]}
                if lost:
                    raise _LostError(lost)
        return tallies

    def _tell(self, form: Format, sources: Sequence[Source], tallies: Sequence[Tally]) -> None:
        """Write down how it went."""
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
