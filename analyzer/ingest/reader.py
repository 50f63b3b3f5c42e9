"""How DuckDB reads the files of a format: quickly and strictly, or as text when that fails."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from pathlib import Path

import duckdb

from analyzer.ingest.elements import elementwise
from analyzer.ingest.faults import USUAL_LINE, Gap
from analyzer.ingest.format import Format, fields, is_struct
from analyzer.ingest.header import has_within, place_of
from analyzer.ingest.joint import join, together
from analyzer.ingest.names import all_names, narrowed, occurring, widened, worth_a_search
from analyzer.ingest.rows import MOST_BYTES
from analyzer.ingest.source import Source

_CSV = "header = true, auto_detect = false, quote = '\"', escape = '\"', compression = 'none'"
_LONG = f", max_line_size = {MOST_BYTES}"


@dataclass(frozen=True)
class Reading:
    """A ``SELECT`` over files, its parameters, and the lines of the sources that are no rows.

    Attributes:
        text: the statement; its first parameter is the number of the first source, the others follow.
        parameters: those others.
        count: the type that stands for COUNT.
        sources: what is read, as it is read.
        files: where it stands: a file for each source, or one with them all.
        asked: the columns that are read; the others say nothing.
        left_out: columns that the first records show to be plain texts, which are not read.
        gaps: by the place of a source, its lines that are no rows.
        names: those names of the format that occur in the files; None where that is not known.
    """

    text: str
    parameters: list[object]
    count: str
    sources: Sequence[Source]
    files: Sequence[Path]
    asked: Collection[str] = ()
    left_out: frozenset[str] = frozenset()
    gaps: Mapping[int, Sequence[Gap]] = field(default_factory=dict)
    names: frozenset[str] | None = None

    def refused(self, place: int) -> list[tuple[int, str]]:
        """The lines of a source that are records, and cannot be read: where they stand, and why."""
        return [(gap.place, gap.reason) for gap in self.gaps.get(place, ()) if gap.reason is not None]


def read_strictly(
    connection: duckdb.DuckDBPyConnection,
    form: Format,
    sources: Sequence[Source],
    joint: Path,
    *,
    whole: bool = False,
    names: frozenset[str] | None = None,
) -> Reading:
    """The fast way: typed columns, any broken line raises.

    Args:
        connection: is told which line of several small logs is whose.
        form: the format to read.
        sources: logs of one layout, all small ones or all others.
        joint: a file that may be written: several small logs together.
        whole: read also the columns that the first records show to be plain texts.
        names: those names of the format that occur, if they have been looked for.
    """
    texts = frozenset() if whole else _texts(sources)
    if sources[0].layout == "pages" and len(sources) == 1:
        sources = [elementwise(sources[0], joint)]
    return _reading(connection, form, sources, joint, strict=True, texts=texts, found=names)


def read_as_text(
    connection: duckdb.DuckDBPyConnection,
    form: Format,
    sources: Sequence[Source],
    joint: Path,
    *,
    names: frozenset[str] | None = None,
) -> Reading:
    """The patient way: what is read may be anything, and is judged later. A broken line gives a row that says nothing.

    Args:
        connection: is told which line of several small logs is whose.
        form: the format to read.
        sources: logs of one layout, JSON lines or CSV, all small ones or all others.
        joint: a file that may be written: several small logs together.
        names: those names of the format that occur, if they have been looked for.
    """
    return _reading(connection, form, sources, joint, strict=False, found=names)


def _occurring(form: Format, sources: Sequence[Source], files: Sequence[Path]) -> frozenset[str] | None:
    """The names of the format that occur in some files; None where looking for them does not pay."""
    names = all_names(form.columns)
    if sources[0].layout != "newline_delimited" or not worth_a_search(names, files[0]):
        return None
    return frozenset().union(*(occurring(file, names) for file in files))


def _reading(
    connection: duckdb.DuckDBPyConnection,
    form: Format,
    sources: Sequence[Source],
    joint: Path,
    *,
    strict: bool,
    texts: frozenset[str] = frozenset(),
    found: frozenset[str] | None = None,
) -> Reading:
    if sources[0].layout == "csv":
        return _csv_reading(form, sources, strict=strict)
    files, joined = [source.file for source in sources], together(sources)
    if joined:
        join(connection, sources, joint)
        files = [joint]
        sources = [replace(source, layout="newline_delimited") for source in sources]
    found = found or _occurring(form, sources, files)
    layout = sources[0].layout
    count = "DOUBLE" if strict else "VARCHAR"
    kinds = {name: kind.replace("COUNT", count) for name, kind in form.columns.items()}
    read = kinds if found is None else narrowed(kinds, found) or dict([next(iter(kinds.items()))])
    columns = ", ".join(
        _json_column(name, kind, None if name in texts else read.get(name)) for name, kind in kinds.items()
    )
    asked = {name: kind for name, kind in read.items() if name not in texts}
    struct = "{" + ", ".join(f"'{name}': '{kind}'" for name, kind in asked.items()) + "}"
    # DuckDB makes a buffer of twice this size for each file: for thousands of small ones that is all the work.
    longest = min(USUAL_LINE, max(file.stat().st_size for file in files)) + 2
    tolerant = "" if strict or layout != "newline_delimited" else ", ignore_errors = true"
    place, owners = ("source_place", " POSITIONAL JOIN owners") if joined else ("file_index", "")
    text = (
        f"SELECT {columns}, {_number(form, sources, joint=joined)}? + {place} AS source_id "
        f"FROM read_json(?, format = '{layout}', columns = {struct}, "
        f"compression = 'none', maximum_object_size = {longest}{tolerant}){owners}"
    )
    numbered = text if joined else _numbered(text, form, sources)
    return Reading(numbered, [_literal_paths(files)], count, sources, files, asked.keys(), texts, names=found)


def _csv_reading(form: Format, sources: Sequence[Source], *, strict: bool) -> Reading:
    columns = ", ".join(_csv_column(name, kind, sources[0]) for name, kind in form.columns.items())
    fields = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(sources[0].header)))
    text = (
        f"SELECT {columns}, {_number(form, sources, joint=False)}? + file_index AS source_id "
        f"FROM read_csv(?, columns = {{{fields}}}, delim = ?, {_CSV}{'' if strict else _LONG})"
    )
    files = [source.file for source in sources]
    delimiter = sources[0].delimiter if strict else ","
    return Reading(_numbered(text, form, sources), [_literal_paths(files), delimiter], "VARCHAR", sources, files)


def _number(form: Format, sources: Sequence[Source], *, joint: bool) -> str:
    """The column of a record's number in its own source, where the format asks for it, or of its number among all."""
    if not form.numbered:
        return ""
    if joint:
        return "owners.record, "
    earlier = _earlier(sources)
    if earlier is None:
        return "row_number() OVER () AS number, "
    before = f" - {earlier}[CAST(file_index AS BIGINT) + 1]" if len(sources) > 1 else ""
    return f"row_number() OVER (){before} AS record, "


def _numbered(text: str, form: Format, sources: Sequence[Source]) -> str:
    """Rows with their number in their own source, where the format asks for it."""
    if not form.numbered or _earlier(sources) is not None:
        return text
    number = "number - min(number) OVER (PARTITION BY source_id) + 1 AS record"
    return f"SELECT * EXCLUDE (number), {number} FROM ({text})"


def _earlier(sources: Sequence[Source]) -> list[int] | None:
    """How many rows come before those of each source; None where lines were not counted, which are its rows.

    Should one have another number of rows, as for a blank line, the loader sees it, and reads it again by itself. To
    look for each one's first row instead, DuckDB has to hold all that it reads.
    """
    if len(sources) > 1 and sources[0].layout != "newline_delimited":
        return None
    if any(source.counted is None for source in sources[:-1]):
        return None
    return [*accumulate((source.counted or 0 for source in sources[:-1]), initial=0)]


def _texts(sources: Sequence[Source]) -> frozenset[str]:
    """Columns that would be objects with usage in them, but are texts (``"response": "Dear ..."``) in these logs."""
    texts = frozenset().union(*(source.texts for source in sources))
    return texts.difference(*(source.objects for source in sources))


def _json_column(name: str, kind: str, read: str | None) -> str:
    """A column as it is read, with all its fields; NULL when it is not."""
    if read is None:
        return f'CAST(NULL AS {kind}) AS "{name}"'
    column = f'"{name}"'
    return f"{widened(column, kind, read)} AS {column}"


def _csv_column(name: str, kind: str, source: Source) -> str:
    """A column by its header's name, whatever its place and case; NULL when the file has none."""
    return f'{_csv_value(name, kind, source)} AS "{name}"'


def _csv_value(name: str, kind: str, source: Source) -> str:
    plain, place = kind.replace("COUNT", "VARCHAR"), place_of(name, source.header)
    if place is None and is_struct(kind) and has_within(name, source.header):
        inner = (f"'{field}': {_csv_value(f'{name}.{field}', of, source)}" for field, of in fields(kind).items())
        return f"{{{', '.join(inner)}}}"
    if place is None or "[" in plain:
        return f"CAST(NULL AS {plain})"
    value = f"nullif(c{place}, '')"
    if kind == "COUNT" and source.delimiter == ";":
        # Where fields end with semicolons points may stand between thousands: 1.000 is one, or a thousand, so none.
        value = f"CASE WHEN {_thousands(value, '[.]')} THEN '?' || {value} ELSE {value} END"
    elif kind == "COUNT" and source.delimiter == ",":
        # Where fields end with commas no decimals have one: 1,398 is some thousand.
        value = f"CASE WHEN {_thousands(value, ',')} THEN replace({value}, ',', '') ELSE {value} END"
    elif is_struct(kind):  # as JSON, which databases export so
        value = f"TRY_CAST({value} AS JSON)"
    return value if plain == "VARCHAR" else f"TRY_CAST({value} AS {plain})"


def _thousands(value: str, mark: str) -> str:
    return rf"regexp_full_match({value}, '\s*[1-9]\d{{0,2}}({mark}\d{{3}})+\s*')"


def _literal_paths(files: Sequence[Path]) -> list[str]:
    """Paths that DuckDB takes as they are: absolute, with the wildcards' own characters in brackets."""
    return [re.sub(r"([*?\[])", r"[\1]", str(file.absolute())) for file in files]
