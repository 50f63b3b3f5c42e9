"""A workbook of one export: real numbers with formats, a frozen header, and notes with the exact total."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from analyzer.errors import OutputError
from analyzer.finance.export import Export
from analyzer.report.visible import visible

MOST = 1_048_575  # rows of a sheet, without its header
_BATCH = 10_000
_MADE = datetime(2026, 1, 1, tzinfo=UTC)  # a fixed date: the same rows give the same bytes
_LONGEST = 32_000  # of a text; a cell holds 32,767 characters
_FORMATS = {
    "price": "#,##0.000000",
    "cost": "#,##0.000000",
    "count": "#,##0",
    "day": "yyyy-mm-dd",
    "instant": "yyyy-mm-dd hh:mm:ss",
}


def write_sheet(
    connection: duckdb.DuckDBPyConnection, export: Export, path: Path, notes: Sequence[tuple[str, str]] = ()
) -> int:
    """Write an export to a workbook; its rows never are in memory all at once.

    Args:
        connection: where it is defined.
        export: what is written.
        path: the file.
        notes: what stands in the sheet beside it, by title.

    Returns:
        how many rows there are.

    Raises:
        OutputError: they are more than a sheet holds.
        OSError: it could not be written.
    """
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    sql = export.sql
    found = connection.execute(f"SELECT count(*) FROM ({sql})").fetchall()[0][0]
    if found > MOST:
        raise OutputError(
            f"{path}: a sheet holds {MOST:,} rows, and there are {found:,}",
            "export them with --parquet or --csv, or fewer of them with --month",
        )
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = Workbook(str(path), {**options, "constant_memory": True, "default_date_format": _FORMATS["instant"]})
    book.set_properties({"created": _MADE, "author": "spend"})
    shown = {kind: book.add_format({"num_format": text}) for kind, text in _FORMATS.items()}
    bold = book.add_format({"bold": True})
    sheet = book.add_worksheet(export.name.capitalize())
    described = connection.execute(f"DESCRIBE {sql}").fetchall()
    _write_head(sheet, [row[0] for row in described], found, bold)
    formats = [shown.get(_format(column, kind) or "") for column, kind, *_ in described]
    instants = [row[0] for row in described if row[1] == "TIMESTAMP WITH TIME ZONE"]
    local = ", ".join(f'"{column}" AT TIME ZONE \'UTC\' AS "{column}"' for column in instants)
    asked = connection.execute(f"SELECT * REPLACE ({local}) FROM ({sql})" if local else sql)
    line = 0
    while batch := asked.fetchmany(_BATCH):
        for row in batch:
            line += 1
            for place, value in enumerate(row):
                _write(sheet, line, place, value, formats[place])
    _write_notes(book.add_worksheet("Notes"), notes, bold)
    try:
        book.close()
    except FileCreateError as error:
        raise error.args[0] from error
    return line


def _write_head(sheet: Any, columns: Sequence[str], rows: int, bold: Any) -> None:
    for place, column in enumerate(columns):
        sheet.set_column(place, place, max(10, len(column) + 2))
        sheet.write_string(0, place, column, bold)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(rows, 1), len(columns) - 1)


def _write_notes(sheet: Any, notes: Sequence[tuple[str, str]], bold: Any) -> None:
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 60)
    for place, (title, text) in enumerate(notes):
        sheet.write_string(place, 0, title, bold)
        sheet.write_string(place, 1, visible(text, _LONGEST))


def _format(column: str, kind: str) -> str | None:
    if kind.startswith("DECIMAL"):
        return "price" if column.endswith("price") else "cost"
    if kind.startswith("TIMESTAMP"):
        return "instant"
    return {"DATE": "day", "BIGINT": "count"}.get(kind)


def _write(sheet: Any, line: int, place: int, value: object, form: Any) -> None:
    """One cell; what is unknown stays blank."""
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(line, place, value)
    elif isinstance(value, (int, Decimal)):
        sheet.write_number(line, place, float(value), form)
    elif isinstance(value, (datetime, date)):
        sheet.write_datetime(line, place, value, form)
    else:
        sheet.write_string(line, place, visible(str(value), _LONGEST))
