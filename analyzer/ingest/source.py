"""A source: one log, known by its content, ready for DuckDB to read."""

from dataclasses import dataclass, replace
from pathlib import Path

from analyzer.errors import SourceError
from analyzer.ingest.evidence import Record
from analyzer.ingest.format import Format
from analyzer.ingest.known import Part
from analyzer.ingest.sample import first_records
from analyzer.ingest.stretch import count, first_blocks, read_part
from analyzer.ledger.file import FULL

_AGAIN = "run again to read it as it is then"
KNOWN = "is in the ledger already"


@dataclass(frozen=True)
class Source:
    """One log and how to read it. ``file`` is plain UTF-8 and ends with a whole line."""

    path: str
    file: Path
    layout: str  # newline_delimited | array | unstructured | pages | prefixed | logfmt (JSON), csv
    sample: tuple[Record, ...]
    header: tuple[str, ...]
    delimiter: str
    opening: str
    whole: Part  # the content up to its last whole line, earlier parts included
    continues: str | None  # the fingerprint of the earlier part
    start: int  # lines of the earlier part, which the ledger has already
    pending: int  # bytes of a cut last line
    truncated: bool
    in_place: bool  # `file` is the log itself, not a copy
    modified_ns: int = 0  # when it was written to last before it was fingerprinted, as the file system says
    texts: frozenset[str] = frozenset()  # what is a text in the sample that the format takes for an object
    objects: frozenset[str] = frozenset()  # what is one
    counted: int | None = None  # lines of `file`, where they are known
    under: tuple[str, ...] = ()  # the keys under which the records of pages stand
    within: tuple[str, ...] = ()  # the keys under which the call stands in each record, where it is not the whole of it
    more: str = ""  # the word by which the last of them says that there are more
    anew: bool = False  # it has grown, and is read as a whole again: `file` has the earlier part, too
    strangers: tuple[str, ...] = ()  # other formats, which records of the sample have instead of the log's

    def sampled(self) -> "Source":
        """The same log, with all the records that are looked at."""
        return replace(self, sample=first_records(self.file, self.layout, self.header, self.delimiter))

    def told(self, form: Format) -> "Source":
        """The same log, with what is known of it for a format in place of the sample, which takes room."""
        texts: set[str] = set()
        objects: set[str] = set()
        for record in self.sample:
            for name in form.objects & record.keys():
                if record[name] is not None:
                    (objects if isinstance(record[name], dict) else texts).add(name)
        return replace(self, sample=(), texts=frozenset(texts), objects=frozenset(objects))

    def changed(self) -> bool:
        """Whether the log was written to, or taken away, since it was fingerprinted."""
        if not self.in_place:
            return False
        try:
            found = self.file.stat()
        except OSError:
            return True
        return (found.st_size, found.st_mtime_ns) != (self.whole.bytes, self.modified_ns)

    def lines(self) -> int:
        """How many lines ``file`` has, the last one with or without its end."""
        if self.counted is not None:
            return self.counted
        size = self.file.stat().st_size
        open_end = size > 0 and read_part(self.file, size - 1, 1) != b"\n"
        return count(self.file, 0, size, b"\n") + open_end

    def pinned(self, folder: Path) -> "Source":
        """The same content as a copy that nobody writes to.

        Raises:
            SourceError: it is not the same any more.
        """
        if not self.in_place:
            return self
        import blake3

        copy = folder / f"{self.whole.fingerprint}.log"
        content = blake3.blake3()
        try:
            stream = self.file.open("rb")
        except OSError as error:
            raise gone(self.path, error) from error
        with stream, copy.open("wb") as out:
            for block in first_blocks(stream, self.whole.bytes):
                content.update(block)
                out.write(block)
        if content.hexdigest() != self.whole.fingerprint:
            copy.unlink()
            raise not_the_same(self.path)
        return replace(self, file=copy, in_place=False)

    @property
    def container(self) -> str:
        """``json`` or ``csv``; what stands within a field of a CSV is JSON."""
        return "csv" if self.layout == "csv" and not self.within else "json"


@dataclass(frozen=True)
class Nothing:
    """A log that adds nothing, and why.

    Attributes:
        path: the log.
        reason: in words.
        remedy: what to do to have it add something, where there is such.
        fingerprint: of what the ledger has already, where it was read again to know.
    """

    path: str
    reason: str
    remedy: str = ""
    fingerprint: str | None = None

    @property
    def known(self) -> bool:
        """Whether it is in the ledger."""
        return self.reason == KNOWN


def gone(path: str, error: OSError) -> SourceError:
    """What is to be said of a log that could be opened, and now cannot be read.

    Raises:
        OSError: it is a disk that is full.
    """
    if error.errno in FULL:
        raise error
    problem = SourceError(f"{path}: cannot be read any more ({error.strerror or error})", _AGAIN)
    problem.__cause__ = error
    return problem


def not_the_same(path: str) -> SourceError:
    """What is to be said of a log whose content is not what was fingerprinted."""
    return SourceError(f"{path}: was cut or replaced while it was read; nothing of it was taken", _AGAIN)
