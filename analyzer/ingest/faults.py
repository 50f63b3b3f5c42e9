"""What is wrong with lines that cannot be read, and logs without them."""

import codecs
import json
import mmap
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import IO

from analyzer.ingest.format import Format
from analyzer.ingest.source import Source
from analyzer.ingest.stretch import LONGEST_LINE, blocks, may_have_blank_lines

USUAL_LINE = 16 << 20  # what DuckDB takes for the longest JSON object unless told otherwise
_LONGEST_TEXT = 1 << 20  # within a longer line: no name is as long, and no JSON in a text of which names are read
_BLOCK = 64 << 10
_FEW = 50  # lines, which are quicker read one by one than found in a block
_TOO_LONG = b"\0too long"  # no line of a text


@dataclass(frozen=True)
class Gap:
    """A line that is no row: blank, or refused by the reader for a reason."""

    place: int  # number of the line (JSON) or of the row below the header (CSV), from 1
    reason: str | None


def clean_json(file: Path, suspects: Sequence[int], form: Format, clean: Path) -> list[Gap]:
    """Write a log without its broken lines, and with each record on a line: logs may have been put together.

    Args:
        file: JSON lines.
        suspects: the lines that gave nothing, by their places, blank ones not counted.
        form: says which columns are read.
        clean: the file to write.

    Returns:
        the broken lines and the blank ones, which are not there any more. Records of one line count as lines.
    """
    gaps: list[Gap] = []
    blank = [gap.place for gap in blank_lines(file)]
    numbers = sorted([*blank, *_numbers(suspects, blank)])
    with file.open("rb") as lines, clean.open("wb") as out:
        more = 0  # lines than there were
        for earlier, number in zip([0, *numbers], numbers, strict=False):
            _copy_lines(lines, number - earlier - 1, out)
            line = lines.readline()
            # A log that begins with a byte-order mark, and was put behind another one.
            records = _records_of(line.removeprefix(codecs.BOM_UTF8))
            for place, record in enumerate(records, number + more):
                reason = _fault(record, form, alone=record == line) if record.strip() else None
                if reason or not record.strip():
                    gaps.append(Gap(place, reason))
                else:
                    out.write(record)
            more += len(records) - 1
        shutil.copyfileobj(lines, out, _BLOCK)
    return gaps


def _numbers(places: Sequence[int], blank: Sequence[int]) -> Iterator[int]:
    """The numbers of lines that are known by their places among those that are not blank."""
    earlier = 0
    for place in places:
        while earlier < len(blank) and blank[earlier] <= place + earlier:
            earlier += 1
        yield place + earlier


def _copy_lines(lines: IO[bytes], number: int, out: IO[bytes]) -> None:
    """Copy the next lines, as far as possible by the block."""
    while number > _FEW:
        start = lines.tell()
        block = lines.read(_BLOCK)
        ends = block.count(b"\n")
        if ends >= number or not block:
            lines.seek(start)
            break
        out.write(block)
        number -= ends
    out.writelines(islice(lines, number))


def _fault(line: bytes, form: Format, *, alone: bool) -> str | None:  # noqa: PLR0911  (one return a fault reads best)
    """What is wrong with a line that DuckDB could not read; None if it is sound: says nothing, or stood not alone."""
    if line.rstrip() == _TOO_LONG:
        return "a line of more than 256 MB"
    try:
        record = json.loads(line.rstrip(b"\r\n"))
    except UnicodeDecodeError as error:
        return f"not UTF-8 at byte {error.start + 1} of the line"
    except json.JSONDecodeError as error:
        what = error.msg.removesuffix(" starting at")
        return f"not valid JSON at character {error.pos + 1} of the line: {what}"
    except RecursionError:
        return "JSON nested too deeply"
    except ValueError:
        return "not valid JSON: a number too large to read"
    if not isinstance(record, dict):
        kind = "a list" if isinstance(record, list) else "a text" if isinstance(record, str) else "a single value"
        return f"no JSON object but {kind}"
    if alone and any(record.get(name) is not None for name in form.columns):
        return "JSON with characters that no text may hold, or with a number that is none"
    return None


def blank_lines(file: Path) -> list[Gap]:
    """Blank lines of a file, found without reading it line by line in Python where there are none."""
    if not may_have_blank_lines(blocks(file, 0, file.stat().st_size)):
        return []
    with file.open("rb") as stream:
        return [Gap(number, None) for number, line in enumerate(stream, 1) if not line.strip()]


def short_lined(source: Source, form: Format, short: Path) -> Source:
    """The same log with its very long lines cut down to what the format reads of them; itself where it has none.

    DuckDB would hold several times the longest line for each thread.

    Args:
        source: JSON lines.
        form: says which columns are read.
        short: the file to write.
    """
    if not _has_long_line(source.file):
        return source
    with short.open("wb") as out:
        for line in _lines(source.file):
            out.write(line if len(line) <= USUAL_LINE else _shortened(line, form))
    return replace(source, file=short, in_place=False)


def _has_long_line(file: Path) -> bool:
    """Whether a file has a line that is longer than usual, end included."""
    size = file.stat().st_size
    if size <= USUAL_LINE:
        return False
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as view:
        start = 0
        while size - start > USUAL_LINE:
            end = view.rfind(b"\n", start, start + USUAL_LINE)
            if end < 0:
                return True
            start = end + 1
    return False


def _records_of(line: bytes) -> list[bytes]:
    """The records that make up a line, as lines; the line itself where it is not made up of several."""
    if b"}{" not in line:
        return [line]
    text = line.decode(errors="surrogateescape")
    decoder = json.JSONDecoder()
    parts: list[str] = []
    place = 0
    while rest := text[place : place + 1].strip():
        try:
            _, end = decoder.raw_decode(text, place) if rest == "{" else (None, 0)
        except (ValueError, RecursionError):
            end = 0
        if not end:
            return [line]
        parts.append(text[place:end])
        place = end
    whole = len(parts) > 1 and not text[place:].strip()
    return [f"{part}\n".encode(errors="surrogateescape") for part in parts] if whole else [line]


def _lines(file: Path) -> Iterator[bytes]:
    """Lines with their ends; of one that is longer than any may be only the beginning."""
    with file.open("rb") as stream:
        while line := stream.readline(LONGEST_LINE + 1):
            yield line
            if len(line) > LONGEST_LINE:
                _skip_line(line, stream)


def _skip_line(line: bytes, stream: IO[bytes]) -> None:
    while line and not line.endswith(b"\n"):
        line = stream.readline(1 << 20)


def _shortened(line: bytes, form: Format) -> bytes:
    if len(line) > LONGEST_LINE:
        return _TOO_LONG + b"\n"
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return line[:_LONGEST_TEXT].rstrip(b"\n") + b"\n"  # broken, and still broken
    if not isinstance(record, dict):
        return b"[]\n"
    kept = {name: value for name, value in record.items() if name in form.columns}
    return json.dumps(_without_texts(kept)).encode() + b"\n"


def _without_texts(value: object) -> object:
    """The value without texts that are too long to be read."""
    if isinstance(value, str):
        return value if len(value) <= _LONGEST_TEXT else None
    if isinstance(value, Mapping):
        return {name: _without_texts(inner) for name, inner in value.items()}
    return [_without_texts(inner) for inner in value] if isinstance(value, list) else value
