"""CSV: the rows of a statement as text that spreadsheets, databases and people read alike."""

from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

import duckdb

from analyzer.report.file import IN_ORDER, copy

DELIMITERS: Final = {",": ",", ";": ";", "tab": "\t", "|": "|"}
DECIMALS: Final = (".", ",")
_BOM = "\ufeff"


@dataclass(frozen=True)
class Dialect:
    """How a CSV is written. Fields are quoted as RFC 4180 says, lines end with a line feed, unknown values are empty.

    Attributes:
        delimiter: between fields.
        decimal: before the decimals of a number.
        bom: begin with a byte-order mark, which Excel wants in order to read UTF-8.
        raw: texts as they are. Otherwise those that a spreadsheet would compute get an apostrophe before them, and
            control characters are spelled out.
        pointed: exact numbers that are whole have a decimal, too: ``12.0``.
    """

    delimiter: str = ","
    decimal: str = "."
    bom: bool = False
    raw: bool = False
    pointed: bool = False


PLAIN = Dialect()


def define_texts(connection: duckdb.DuckDBPyConnection) -> None:
    """Define how values become text."""
    connection.execute(resources.files("analyzer.report").joinpath("dialect.sql").read_text(encoding="utf-8"))


def write_csv(
    connection: duckdb.DuckDBPyConnection, sql: str, path: Path, dialect: Dialect = PLAIN, compression: str = "none"
) -> int:
    """Write the rows of a statement, as they come, to a file; ``compression`` may be gzip or zstd.

    Returns:
        how many there are.

    Raises:
        OSError: it could not be written.
    """
    define_texts(connection)
    described = connection.execute(f"DESCRIBE {sql}").fetchall()
    columns = [_written(name, kind, dialect) for name, kind, *_ in described]
    if dialect.bom:
        first = described[0][0]
        columns[0] = columns[0].removesuffix(_quoted(first)) + _quoted(_BOM + first)
    options = f"FORMAT csv, HEADER, DELIMITER '{dialect.delimiter}', QUOTE '\"', ESCAPE '\"', COMPRESSION {compression}"
    return copy(connection, f"SELECT {', '.join(columns)} FROM ({sql})", path, f"{options}, {IN_ORDER}")


def _written(name: str, kind: str, dialect: Dialect) -> str:
    """A column as text, by its type: only texts are ever changed."""
    column = _quoted(name)
    if kind.startswith("DECIMAL") or kind in {"DOUBLE", "FLOAT"}:
        number = f"CAST({column} AS VARCHAR)"
        if kind.startswith("DECIMAL") and not kind.endswith(",0)"):
            number = f"{'csv_pointed' if dialect.pointed else 'csv_decimal'}({column})"
        text = number if dialect.decimal == "." else f"replace({number}, '.', '{dialect.decimal}')"
    elif kind == "TIMESTAMP WITH TIME ZONE":
        text = f"csv_instant({column})"
    elif kind == "TIMESTAMP":
        text = f"csv_clock({column})"
    elif kind in {"BOOLEAN", "DATE"} or kind.endswith(("INT", "INTEGER")):
        text = column
    else:
        text = f"CAST({column} AS VARCHAR)" if dialect.raw else f"csv_text(CAST({column} AS VARCHAR))"
    return f"{text} AS {column}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
