"""How the lines of logs are laid out, and how Spark takes one apart: JSON, or the rows of a CSV."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from analyzer.errors import SourceError
from analyzer.ingest.evidence import Record
from analyzer.ingest.format import fields, is_struct
from analyzer.ingest.header import has_within, header_of, place_of
from analyzer.ingest.layout import layout_of
from analyzer.ingest.sample import sample_of
from analyzer.lake.claims import Claims, spark_kind
from analyzer.lake.odd import JSON_LINES

# As strict as the ledger's own reader.
_JSON = {
    "mode": "PERMISSIVE",
    "columnNameOfCorruptRecord": "log_broken",
    "allowSingleQuotes": "false",
    "allowNonNumericNumbers": "false",
    "allowComments": "false",
    "allowUnquotedFieldNames": "false",
    "allowNumericLeadingZeros": "false",
    "allowBackslashEscapingAnyCharacter": "false",
}
_CSV = {"mode": "PERMISSIVE", "columnNameOfCorruptRecord": "log_broken", "quote": '"', "escape": '"'}


@dataclass(frozen=True)
class Layout:
    """A layout.

    Attributes:
        container: ``json`` or ``csv``.
        records: the first of the logs, for their format.
        opening: the line that each log begins with, if they are CSV.
        header: the names in it.
        delimiter: what separates them.
    """

    container: str
    records: Sequence[Record] = ()
    opening: str = ""
    header: tuple[str, ...] = ()
    delimiter: str = field(default=",")

    @property
    def anchor(self) -> Sequence[str]:
        """What a log of odd lines begins with: so that it is laid out so, and a line that is always rejected."""
        return JSON_LINES if self.container == "json" else (self.opening, "?")

    def parsed(self, how: Claims) -> str:
        """Each line as a record ``r``, in Spark's own SQL."""
        if self.container == "json":
            schema = f"{how.schema}, log_broken STRING".replace("'", "\\'")
            return f"SELECT value, file, from_json(value, '{schema}', map({_words(_JSON)})) AS r FROM log_lines"
        told = ", ".join(f"'{name}', {self._field(name, kind)}" for name, kind in how.kinds.items())
        schema = ", ".join([*(f"c{place} STRING" for place in range(len(self.header))), "log_broken STRING"])
        options = _words(_CSV | {"sep": self.delimiter.replace("\t", "\\t")})
        fields = f"SELECT value, file, from_csv(value, '{schema}', map({options})) AS c FROM log_lines"
        return f"SELECT value, file, c.log_broken AS log_broken, named_struct({told}) AS r FROM ({fields})"

    @property
    def broken(self) -> str:
        """Whether a line is not as it should be, in Spark's own SQL."""
        if self.container == "json":
            # Spark reads the first of several objects on a line, and takes no notice of the others.
            return (
                "r IS NULL OR r.log_broken IS NOT NULL OR NOT startswith(ltrim(value), '{') "
                "OR coalesce(json_array_length(concat('[', value, ']')), 0) <> 1"
            )
        sep = "\\t" if self.delimiter == "\t" else f"[{self.delimiter}]"
        one = rf'("[^"]*+(?:""[^"]*+)*+"|[^"{self.delimiter}]*+)'.replace("\t", "\\t")
        pattern = rf"^{one}(?:{sep}{one})*+\z".replace("\\", "\\\\")
        return f"log_broken IS NOT NULL OR (contains(value, '\"') AND NOT value RLIKE '{pattern}')"

    def _field(self, name: str, kind: str) -> str:
        place = place_of(name, self.header)
        if place is None and is_struct(kind) and has_within(name, self.header):
            inner = (f"'{field}', {self._field(f'{name}.{field}', of)}" for field, of in fields(kind).items())
            return f"named_struct({', '.join(inner)})"
        if place is None or "[" in kind:
            return f"CAST(NULL AS {spark_kind(kind)})"
        value = f"nullif(c.c{place}, '')"
        if is_struct(kind):
            return f"from_json({value}, '{spark_kind(kind)}', map({_words(_JSON)}))"
        return value if kind in {"VARCHAR", "COUNT", "INTEGER"} else f"CAST(NULL AS {spark_kind(kind)})"


def laid_out(place: str, lines: Sequence[str]) -> Layout | None:
    """The layout of logs by their first lines; None where it is none that is read there."""
    records = [record for line in lines if (record := _record(line)) is not None]
    if records:
        return Layout("json", records)
    text = "\n".join(lines)
    try:
        layout, delimiter = layout_of(place, text.encode())
    except SourceError:
        return None
    if layout != "csv":
        return None
    header = header_of(lines[0].encode(), delimiter)
    return Layout("csv", [*sample_of(text.encode(), "csv", header, delimiter)], lines[0], header, delimiter)


def _words(options: Mapping[str, str]) -> str:
    return ", ".join(f"'{name}', '{value}'" for name, value in options.items())


def _record(line: str) -> Record | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
