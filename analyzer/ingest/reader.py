"""How DuckDB reads the files of a format: quickly and strictly, or with care when that fails."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from pathlib import Path

import duckdb

from analyzer.ingest.elements import elementwise
from analyzer.ingest.faults import USUAL_LINE, Gap, clean_json, short_lined, unglued, unmarked
from analyzer.ingest.format import Format, fields, is_struct
from analyzer.ingest.header import has_within, place_of
from analyzer.ingest.joint import join, together
from analyzer.ingest.names import all_names, narrowed, occurring, widened, worth_a_search
from analyzer.ingest.rows import MOST_BYTES, clean_csv
from analyzer.ingest.source import Source

_CSV = "header = true, auto_detect = false, quote = '\"', escape = '\"', compression = 'none'"
_LONG = f", max_line_size = {MOST_BYTES}"


@dataclass(frozen=True)
class Reading:
    """A ``SELECT`` over files, its parameters, and the lines of the files that are no rows."""

    text: str
    parameters: list[object]
    count: str  # the type that stands for COUNT
    gaps: list[Gap] = field(default_factory=list)
    files: Sequence[Path] = ()
    left_out: frozenset[str] = frozenset()  # columns that the first records show to be plain texts

    @property
    def refused(self) -> list[Gap]:
        """The lines that are records, and cannot be read; only a source that is read alone has gaps."""
        return [gap for gap in self.gaps if gap.reason is not None]


def read_strictly(
    connection: duckdb.DuckDBPyConnection, form: Format, sources: Sequence[Source], joint: Path, *, whole: bool = False
) -> Reading:
    """The fast way: typed columns, any broken line raises.

    Args:
        connection: is told which line of several small logs is whose.
        form: the format to read.
        sources: logs of one layout, all small ones or all others.
        joint: a file that may be written: several small logs together.
        whole: read also the columns that the first records show to be plain texts.
    """
    texts = frozenset() if whole else _texts(sources)
    if sources[0].layout == "pages" and len(sources) == 1:
        sources = [elementwise(sources[0], joint)]
    files = [source.file for source in sources]
    joined = together(sources)
    if joined:
        join(connection, sources, joint)
        files = [joint]
        sources = [replace(source, layout="newline_delimited") for source in sources]
    found = _occurring(form, sources, files)
    return _reading(form, sources, files, strict=True, texts=texts, found=found, joint=joined)


def _occurring(form: Format, sources: Sequence[Source], files: Sequence[Path]) -> frozenset[str] | None:
    """The names of the format that occur in some files; None where looking for them does not pay."""
    names = all_names(form.columns)
    if sources[0].layout != "newline_delimited" or not worth_a_search(names, files[0]):
        return None
    return frozenset().union(*(occurring(file, names) for file in files))


def read_tolerantly(connection: duckdb.DuckDBPyConnection, form: Format, source: Source, clean: Path) -> Reading:
    """The careful way: refuse broken lines one by one, with the reason, and read the rest as text.

    Args:
        connection: used to find the broken lines.
        form: the format to read.
        source: the log.
        clean: a file that may be written: the log without its broken lines.
    """
    if source.layout == "csv":
        gaps = list(clean_csv(source, form, clean))
        return _reading(form, [source], [clean], strict=False, gaps=gaps)
    if source.layout != "newline_delimited":
        source = elementwise(source, clean.with_suffix(".lines"))
    source = unmarked(source, clean.with_suffix(".unmarked"))
    source = short_lined(source, form, clean.with_suffix(".short"))
    source = unglued(source, clean.with_suffix(".unglued"))
    suspects = _void_lines(connection, form, source)
    gaps = list(clean_json(source.file, suspects, form, clean)) if suspects else []
    file = clean if gaps else source.file
    return _reading(form, [source], [file], strict=False, gaps=gaps)


def _reading(
    form: Format,
    sources: Sequence[Source],
    files: Sequence[Path],
    *,
    strict: bool,
    texts: frozenset[str] = frozenset(),
    found: frozenset[str] | None = None,
    joint: bool = False,
    gaps: list[Gap] | None = None,
) -> Reading:
    layout = sources[0].layout
    paths = [_literal_path(file) for file in files]
    if layout == "csv":
        columns = ", ".join(_csv_column(name, kind, sources[0]) for name, kind in form.columns.items())
        fields = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(sources[0].header)))
        text = (
            f"SELECT {columns}, {_number(form, sources, joint=False)}? + file_index AS source_id "
            f"FROM read_csv(?, columns = {{{fields}}}, delim = ?, {_CSV}{'' if strict else _LONG})"
        )
        delimiter = "," if not strict else sources[0].delimiter
        return Reading(_numbered(text, form, sources), [paths, delimiter], "VARCHAR", gaps or [])
    count = "DOUBLE" if strict else "VARCHAR"
    kinds = {name: kind.replace("COUNT", count) for name, kind in form.columns.items()}
    read = kinds if found is None else narrowed(kinds, found) or dict([next(iter(kinds.items()))])
    columns = ", ".join(
        _json_column(name, kind, None if name in texts else read.get(name)) for name, kind in kinds.items()
    )
    struct = "{" + ", ".join(f"'{name}': '{kind}'" for name, kind in read.items() if name not in texts) + "}"
    # DuckDB makes a buffer of twice this size for each file: for thousands of small ones that is all the work.
    longest = min(USUAL_LINE, max(file.stat().st_size for file in files)) + 2
    tolerant = "" if strict or layout != "newline_delimited" else ", ignore_errors = true"
    place, owners = ("source_place", " POSITIONAL JOIN owners") if joint else ("file_index", "")
    text = (
        f"SELECT {columns}, {_number(form, sources, joint=joint)}? + {place} AS source_id "
        f"FROM read_json(?, format = '{layout}', columns = {struct}, "
        f"compression = 'none', maximum_object_size = {longest}{tolerant}){owners}"
    )
    numbered = text if joint else _numbered(text, form, sources)
    return Reading(numbered, [paths], count, gaps or [], files, texts)


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


def _literal_path(file: Path) -> str:
    """A path that DuckDB takes as it is: absolute, with the wildcards' own characters in brackets."""
    return re.sub(r"([*?\[])", r"[\1]", str(file.absolute()))


def _void_lines(connection: duckdb.DuckDBPyConnection, form: Format, source: Source) -> list[int]:
    """Places, blank lines not counted, of the lines that gave nothing at all."""
    reading = _reading(form, [source], [source.file], strict=False)
    filled = ", ".join(f'"{name}" IS NOT NULL' for name in form.columns)
    text = (
        f"SELECT place FROM (SELECT row_number() OVER () AS place, {' OR '.join(filled.split(', '))} AS filled "
        f"FROM ({reading.text})) WHERE NOT filled"
    )
    return [place for (place,) in connection.execute(text, [0, *reading.parameters]).fetchall()]
