"""The sound rows of a CSV that is broken somewhere, and what is wrong with the others."""

import csv
import itertools
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from analyzer.ingest.faults import Gap
from analyzer.ingest.format import Format
from analyzer.ingest.header import rows_of, spellings
from analyzer.ingest.source import Source
from analyzer.ingest.stretch import LONGEST_LINE

USUAL_ROW = 1 << 20  # characters: what is longer is cut down to what is read of it
MOST_BYTES = 32 << 20  # of a row that is left; DuckDB takes 2 MB for the longest one unless told otherwise
_MOST = MOST_BYTES // 8  # characters: each has up to four bytes, and quotes are doubled


_OPEN = "a quote is not closed"
_TOO_LONG = "a row of more than 256 MB"


class _TooLongError(Exception):
    """A row, or what an open quote makes of the rest of the log, is longer than any may be."""


class _Lines:
    """Lines for a CSV reader, which take note of those of the present row, and can be had again."""

    def __init__(self, text: IO[str]) -> None:
        self._text = text
        self._again: deque[str] = deque()
        self.row: list[str] = []
        self.ended = False  # the reader asked for more than there is
        self.length = 0  # of the present row, in characters

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.length > LONGEST_LINE:
            raise _TooLongError
        line = self._again.popleft() if self._again else self._read()
        if not line:
            self.ended = True
            raise StopIteration
        self.row.append(line)
        self.length += len(line)
        return line.replace("\0", "\ufffd")

    def _read(self) -> str:
        """The next line; of one that is longer than any may be only the beginning."""
        line = rest = self._text.readline(LONGEST_LINE + 1)
        while len(line) > LONGEST_LINE and rest and not rest.endswith(("\n", "\r")):
            rest = self._text.readline(USUAL_ROW)
        return line

    def begin(self) -> None:
        """A row begins."""
        self.row.clear()
        self.length = 0

    def back(self, lines: int) -> None:
        """All but so many of the row's lines are still to be read."""
        self._again.extendleft(reversed(self.row[lines:]))
        self.ended = False


def clean_csv(source: Source, form: Format, clean: Path) -> Iterator[Gap]:
    """Write a CSV anew with only its sound rows; give back the others.

    A quote that is never closed, or only by one of a later row, would make one row of many. It spoils its own line: the
    next one is read by itself where it is a row.
    """
    width = len(source.header)
    read = {name.lower() for name in form.columns}
    unread = [at for at, title in enumerate(source.header) if read.isdisjoint(spellings(title))]
    with (
        source.file.open(newline="", encoding="utf-8", errors="replace") as text,
        clean.open("w", newline="", encoding="utf-8") as out,
    ):
        # All are quoted: DuckDB takes the first line end that it sees for that of rows.
        writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
        lines = _Lines(text)
        numbers = itertools.count()  # 0 is the header
        for row in _rows(lines, source.delimiter, width):
            place = next(numbers)
            if isinstance(row, str):
                yield Gap(place, row)
            else:
                writer.writerow(row if sum(map(len, row)) <= USUAL_ROW else _shortened(row, unread))


def _rows(lines: _Lines, delimiter: str, width: int) -> Iterator[list[str] | str]:
    """Rows of the right width, and what is wrong with the others."""
    reader = rows_of(lines, delimiter, strict=True)
    while True:
        lines.begin()
        try:
            row = next(reader, None)
        except (_TooLongError, csv.Error) as error:
            too_long = isinstance(error, _TooLongError) or lines.length > LONGEST_LINE
            row, fault = _again(lines, delimiter, width, too_long=too_long)
            reader = rows_of(lines, delimiter, strict=True)
        else:
            if row is None:
                return
            if not row:
                continue  # a blank line
            fault = _fault(row, width) if lines.length <= LONGEST_LINE else _TOO_LONG
            if fault and len(lines.row) > 1 and _is_row(lines.row[1], delimiter, width):
                fault = _OPEN
                lines.back(1)
                reader = rows_of(lines, delimiter, strict=True)
        yield fault or row[:width]


def _again(lines: _Lines, delimiter: str, width: int, *, too_long: bool) -> tuple[list[str], str | None]:
    """A row whose quotes are not as they should be, and what is wrong with it: mostly its first line alone."""
    several = len(lines.row) > 1
    if too_long or lines.ended:
        lines.back(1)
        return [], _OPEN if not too_long else f"{_OPEN} within 256 MB" if several else _TOO_LONG
    if several and _is_row(lines.row[1], delimiter, width):
        lines.back(1)
        return [], _OPEN
    # As spreadsheets read it: what stands behind a quoted text belongs to it.
    lines.back(0)
    lines.begin()
    row = next(rows_of(lines, delimiter))
    if lines.ended:  # a later one is open
        lines.back(1)
        return [], _OPEN
    return row, _fault(row, width)


def _fault(row: Sequence[str], width: int) -> str | None:
    """What is wrong with the number of fields; empty ones at the end are no more than a habit of some writers."""
    sound = len(row) >= width and not any(row[width:])
    return None if sound else f"has {len(row)} fields where the header has {width}"


def _is_row(line: str, delimiter: str, width: int) -> bool:
    return len(line) <= LONGEST_LINE and _fault(next(rows_of([line], delimiter)), width) is None


def _shortened(row: Sequence[str], unread: Sequence[int]) -> list[str]:
    """A very long row without what is not read, and, where that is not enough, without its longest texts."""
    short = [*row]
    for place in unread:
        short[place] = ""
    for most in (_MOST, USUAL_ROW, 0):
        if sum(map(len, short)) > _MOST:
            short = [cell if len(cell) <= most else "" for cell in short]
    return short
