"""What must hold of any bytes that are called a log."""

import codecs
import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analyzer.errors import SourceError, SpendError
from analyzer.ingest.batch import recognised
from analyzer.ingest.content import contents
from analyzer.ingest.elements import elements, elementwise
from analyzer.ingest.faults import clean_json
from analyzer.ingest.format import Format, named
from analyzer.ingest.joint import _lines
from analyzer.ingest.known import Known
from analyzer.ingest.load import Outcome
from analyzer.ingest.names import all_names, occurring
from analyzer.ingest.opening import open_source
from analyzer.ingest.rows import clean_csv
from analyzer.ingest.sample import AS_RECORDS
from analyzer.ingest.source import Nothing, Source
from analyzer.ingest.stretch import LONGEST_LINE
from analyzer.ingest.wrapped import unwrapped
from analyzer.ledger import Ledger
from tests.endurance.crashes import sound

CANARY = "CANARY"
_EMPTY = {"is empty", "holds no whole line yet", "holds no records"}
# Formats of which one JSON document can hold several records: pages of an API, sessions, batches of spans.
_CONTAINERS = {
    "amp", "anthropic-usage-api", "bedrock-invocation-logs", "cline-session", "cloudflare-ai-gateway", "gemini-cli", "langfuse",
    "langsmith", "new-api", "openai-usage-api", "opencode", "openhands", "otlp-spans",
}  # fmt: skip
_MANY = 1 << 40


class BrokenLawError(Exception):
    """Something that must hold does not."""


def law(holds: bool, what: str) -> None:
    """It must hold.

    Raises:
        BrokenLawError: it does not.
    """
    if not holds:
        raise BrokenLawError(what)


@dataclass
class Look:
    """What is known of one text in a log without DuckDB: its format, and its records counted a second way."""

    path: str
    form: str
    layout: str
    records: tuple[int, int]  # at least, at most
    places: frozenset[int] | None  # where a rejected record may stand; None where that was not worked out
    telling: bool  # a canary stands where names stand, and may well be kept
    sound: bool  # JSON all of which can be read, or a CSV


@dataclass
class Seen:
    """What a file held, by the Python half of the program."""

    looks: list[Look] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def look(file: Path, folder: Path) -> Seen:
    """All of the reading that is written in Python, each part with its law.

    Raises:
        BrokenLawError: one does not hold.
        Exception: whatever the program raised that is none of its own errors.
    """
    seen = Seen()
    try:
        streams = contents(str(file))
    except SourceError as error:
        seen.errors.append(_two_lines(error))
        return seen
    for number, content in enumerate(streams):
        try:
            source = open_source(content, folder / f"{number}.log", Known())
            if isinstance(source, Nothing):
                text = b"".join(content.blocks())
                law(source.reason in _EMPTY, f"a new log is {source.reason}")
                law(source.reason != "is empty" or not text, "a log with a text is empty")
                law(source.reason == "holds no records" or b"\n" not in text, "a log with a whole line has none")
                rows = [line for line in text.splitlines() if line.strip()]
                blank = len(rows) <= 1 or b'"' in text or b"".join(text.split()) == b"[]"
                law(source.reason != "holds no records" or blank, "a log with several rows holds none")
                continue
            source, form = recognised(source, None)
        except SourceError as error:
            seen.errors.append(_two_lines(error))
            continue
        seen.looks.append(_looked(source, form, folder))
    return seen


def _two_lines(error: SpendError) -> str:
    law(bool(str(error).strip()) and bool(error.remedy), "an error without a reason or a remedy")
    law(CANARY not in str(error).partition("(keys of")[0], "an error tells a text of the log")
    return type(error).__name__ + ":" + re.sub(r".*?: ", "", str(error), count=1)[:30]


def _looked(source: Source, form: Format, folder: Path) -> Look:
    if source.within:
        source = unwrapped(source, form, folder / "calls")
    elif source.layout in AS_RECORDS:
        source = elementwise(source, folder / "records")
    text = source.file.read_bytes()
    if source.layout == "csv":
        return _looked_csv(source, form, text, folder)
    lines = text if source.layout == "newline_delimited" else b"".join(elements(source))
    parts = [line for line in lines.split(b"\n") if line.strip()]
    told = _counted(text, source)
    law(told is None or told == len(parts), f"{told} records, cut into {len(parts)} lines")
    law(_lines(source).count(b"\n") == len(parts), "another number of lines where several logs are joined")
    log, clean = folder / "lines", folder / "clean"
    log.write_bytes(lines)
    gaps = clean_json(log, range(1, len(parts) + 1), form, clean)
    kept = [line for line in clean.read_bytes().split(b"\n") if line.strip()]
    glued = sum(part.count(b"}{") for part in parts)  # so many records more there may be, each on a line with another
    marks = sum(part.strip() == codecs.BOM_UTF8 for part in parts)
    told = len(kept) + sum(gap.reason is not None for gap in gaps)
    law(len(parts) - marks <= told <= len(parts) + glued, "a broken line is lost")
    law(not any(CANARY in (gap.reason or "") for gap in gaps), "a reason tells a text of the log")
    if log.stat().st_size:
        occurring(log, all_names(form.columns))
    return Look(
        source.path,
        form.name,
        source.layout,
        (
            sum(part.strip() != codecs.BOM_UTF8 for part in parts),
            _MANY if form.name in _CONTAINERS else len(parts) + glued,
        ),
        frozenset(
            number + before
            for number, line in enumerate(lines.split(b"\n"), 1)
            if line.strip()
            for before in range(glued + 1)
        ),
        _telling(parts, form),
        not any(gap.reason for gap in gaps) and _is_json(parts),
    )


def _is_json(parts: list[bytes]) -> bool:
    try:
        return all(isinstance(json.loads(part, parse_constant=_no_number), dict) for part in parts)
    except (ValueError, RecursionError):
        return False


def _no_number(word: str) -> None:
    raise ValueError(word)


def _counted(text: bytes, source: Source) -> int | None:
    """The records of a JSON text by another parser; None where it is none, or has a key twice."""
    if source.layout == "newline_delimited":
        return sum(bool(line.strip()) for line in text.split(b"\n"))
    decoder, at, count = json.JSONDecoder(object_pairs_hook=_once), 0, 0
    try:
        words = text.decode()
        while at < len(words):
            if words[at] in " \t\r\n":
                at += 1
                continue
            value, at = decoder.raw_decode(words, at)
            if not isinstance(value, (dict, list)):
                return None  # what stands between brackets is one record, whatever it is
            for key in source.under:
                value = value.get(key) if isinstance(value, dict) else None
            listed = isinstance(value, list) and source.layout in {"array", "pages"}
            count += len(value) if listed else 1
    except (ValueError, RecursionError):
        return None
    return count


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(pairs)
    return found


def _looked_csv(source: Source, form: Format, text: bytes, folder: Path) -> Look:
    clean = folder / "clean"
    gaps = list(clean_csv(source, form, clean))
    with clean.open(newline="", encoding="utf-8") as file:
        csv.field_size_limit(LONGEST_LINE)
        kept = sum(1 for _ in csv.reader(file)) - 1
    words = text.decode(errors="replace").replace("\0", "x")
    rows = list(filter(None, csv.reader(io.StringIO(words, newline=""), delimiter=source.delimiter)))
    many = len(rows) - 1
    lines = sum(bool(line.strip("\r\n")) for line in re.split(r"\r\n?|\n", words)) - 1
    law(kept + len(gaps) >= many, f"{many} rows, {kept} kept and {len(gaps)} refused")
    law(kept + len(gaps) <= max(lines, many), f"{lines} lines, {kept} rows kept and {len(gaps)} refused")
    if b'"' not in text:
        law(kept + len(gaps) == many, f"{many} rows without quotes, {kept} kept and {len(gaps)} refused")
    named_columns = {name.lower() for name in form.columns}
    places = [at for at, title in enumerate(source.header) if title.strip().lower() in named_columns]
    telling = any(CANARY in row[at] for row in rows for at in places if at < len(row))
    several = b'"' in text
    return Look(source.path, form.name, "csv", (many, max(lines, many) if several else many), None, telling, sound=True)


def _telling(parts: list[bytes], form: Format) -> bool:
    """Whether a canary stands under a word that the format's statement speaks of."""
    words = _words(form.name)

    def told(pairs: list[tuple[str, Any]]) -> bool:
        return any(
            (name in words and isinstance(value, str) and CANARY in value)
            or (
                isinstance(value, list)
                and name in words
                and any(isinstance(one, str) and CANARY in one for one in value)
            )
            or value is _TOLD
            or (isinstance(value, list) and _TOLD in value)
            for name, value in pairs
        )

    for part in parts:
        if CANARY.encode() not in part:
            continue
        try:
            if json.loads(part, object_pairs_hook=lambda pairs: _TOLD if told(pairs) else None) is _TOLD:
                return True
        except (ValueError, RecursionError):
            continue  # what is broken is not read at all
    return False


_TOLD = object()
_known_words: dict[str, frozenset[str]] = {}


def _words(form: str) -> frozenset[str]:
    if form not in _known_words:
        known = named(form)
        _known_words[form] = frozenset(re.findall(r"\w+", known.select + str(dict(known.columns))))
    return _known_words[form]


@contextmanager
def _accounting() -> Iterator[None]:
    try:
        yield
    except AssertionError as error:
        raise BrokenLawError(f"the law of accounting: {error}") from error


def settled(ledger: Ledger, outcome: Outcome, looks: dict[str, Look], *, detected: bool) -> dict[str, tuple[int, ...]]:
    """The laws of what was loaded, by source; gives back how the records of each ended.

    Args:
        ledger: holds nothing else.
        outcome: of the load.
        looks: what is known of each text, by its path.
        detected: no format was named.

    Raises:
        BrokenLawError: one does not hold.
    """
    ask = ledger.connection.execute
    with _accounting():
        sound(ledger)
    for error in (*outcome.errors, *outcome.warnings):
        _two_lines(error)
        law(
            not (detected and "cannot be read as" in str(error)), f"{str(error).rpartition(': ')[2]}: {error.__cause__}"
        )
    ended: dict[str, tuple[int, ...]] = {}
    columns = "records, requests, duplicates, skipped, rejected, pending"
    for path, source_id, continues, *counts in ask(
        f"SELECT path, source_id, continues, {columns} FROM sources"
    ).fetchall():
        ended[path] = tuple(counts)
        known = looks.get(path)
        if known is None or continues is not None:  # of one that goes on from another only the rest is counted
            continue
        if detected:
            least, most = known.records
            law(least <= counts[0] <= most, f"{known.layout}: {counts[0]} records where there are {least} to {most}")
        told = [record for (record,) in ask("SELECT record FROM rejected WHERE source_id = ?", [source_id]).fetchall()]
        law(all(1 <= record <= max(counts[0], *(known.places or {0})) for record in told), f"rejected at {told[:9]}")
        if detected and known.places is not None:
            law(known.places.issuperset(told), f"a blank line is rejected: {sorted(set(told) - known.places)[:9]}")
    spoken = [str(error) for error in (*outcome.errors, *outcome.warnings)]
    for path in looks:
        quiet = path in ended or any(nothing.path == path for nothing in outcome.nothing)
        law(quiet or any(path in text for text in spoken), "a log went without a word")
    if detected and not any(known.telling for known in looks.values()):
        for table in ("requests", "rejected", "skipped", "copies"):
            found = re.search(rf".{{0,60}}{CANARY}.{{0,20}}", str(ask(f"FROM {table}").fetchall()))
            law(found is None, f"a text of the log is in {table}: {found and found[0]}")
    return ended
