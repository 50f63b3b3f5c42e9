"""Mutations that know what a log is: records, fields, cells, encodings, packings. The same dice give the same mutant."""

import bz2
import csv
import gzip
import io
import json
import lzma
import random
import sys
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

from tests.fuzz.seeds import LARGEST, zipped

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# Written into the text as they stand: JSON has no word for most of them.
NUMBERS = (
    "0", "-0", "-1", "1.5", "1e3", "1E400", "-1e400", "1e-400", "9007199254740993", "9223372036854775807",
    "9223372036854775808", "18446744073709551615", "18446744073709551616", "1" + "0" * 30, "1" + "0" * 400, "0.1" * 2,
    "01", "+1", ".5", "5.", "0x10", "NaN", "Infinity", "-Infinity", "true", "null", "1_000", "0.30000000000000004",
)  # fmt: skip
INSTANTS = (
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "10000-01-01T00:00:00Z", "1999-12-31T23:59:59Z",
    "2000-01-01T00:00:00Z", "2099-12-31T23:59:59.999999Z", "2100-01-01", "2016-12-31T23:59:60Z", "2026-02-30", "2026-10-01",
    "2026-10-01T00:00:00+14:00", "2026-10-01T00:00:00-23:59", "2026-10-01 08:00:00 Europe/Berlin", "2026-W40-4", "24:00:00",
    "infinity", "-infinity", "epoch", "now", "294247-01-10T04:00:54.775807Z", "290309-12-22 (BC) 00:00:00", "1790812800", "-1", "1e10",
    "1790812800000", "1790812800000000000", "-62135596800", "253402300800", "9223372036854775807", "2026-10-01T08:00:00.123456789Z", "",
)  # fmt: skip
TEXTS = (
    "", " ", "\u0000", "x" * 1001, "\ud800", "\udfff\ud800", "\ufeff", "\u202e", "a,b", 'a"b', "a\nb", "\r", "=1+1", "12", "12 tokens", "nan",
    "{}", "[]", '{"a": 1}', "[1, 2]", '[1, "x"]', "null", "true", "\x1b[2J", "'; DROP TABLE requests; --", "/v1/x?key=1", "https://a:b@c/d",
    "ä" * 500, "\U0001f600", "deepseek-v4-flash", "sk-0123456789abcdef0123456789abcdef", "%s{0}$1", "\\", "too long",
)  # fmt: skip
_RAW = "\u2400raw:"  # a text that begins so is written without its quotes

Dice = random.Random


def mutate(data: bytes, dice: Dice, others: Sequence[bytes] = ()) -> bytes:
    """A mutant of a log, by one to four steps.

    Args:
        data: the log.
        dice: decides.
        others: logs of which parts may be taken.
    """
    for _ in range(dice.choice((1, 1, 2, 4))):
        data = _step(data, dice, others)
    return data[: LARGEST * 2]


def _step(data: bytes, dice: Dice, others: Sequence[bytes]) -> bytes:
    unpacked = _unpacked(data)
    if unpacked is not None:
        inner, pack = unpacked
        if dice.random() < 0.6:
            return pack(_step(inner, dice, others))
        return dice.choice((_flip, _cut, _repeat))(data, dice)
    roll = dice.random()
    if roll < 0.55:
        try:
            return (_json_step if data.lstrip()[:1] in b"{[" else _csv_step)(data, dice)
        except RecursionError:  # a mutant of a mutant
            return _cut(data, dice)
    if roll < 0.7:
        return _lines_step(data, dice)
    if roll < 0.8 and others:
        return _mixed(data, dice.choice(others), dice)
    if roll < 0.86:
        return _encoded(data, dice)
    return dice.choice((_flip, _flip, _cut, _repeat, _insert))(data, dice)


def _unpacked(data: bytes) -> tuple[bytes, Callable[[bytes], bytes]] | None:
    kinds = (
        (b"\x1f\x8b", gzip.decompress, gzip.compress), (b"\x28\xb5\x2f\xfd", zstd.decompress, zstd.compress),
        (b"BZh", bz2.decompress, bz2.compress), (b"\xfd7zXZ\x00", lzma.decompress, lzma.compress),
        (b"PK\x03\x04", _member, zipped),
    )  # fmt: skip
    for mark, unpack, pack in kinds:
        if data.startswith(mark):
            try:
                return unpack(data)[: LARGEST * 2], pack
            except Exception:  # noqa: BLE001  (it is damaged; so be it)
                return None
    return None


def _member(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(archive.namelist()[0])


def _bytes(text: str) -> bytes:
    """The text, in which bytes that are no text may stand, or halves of a character."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


# ---- JSON


class _Pairs(list[Any]):
    """An object as its pairs, in order: a name may stand there twice."""


def _parsed(text: str) -> Any:
    return json.loads(text, object_pairs_hook=lambda pairs: _Pairs([list(pair) for pair in pairs]))


def _written(value: Any) -> str:
    if isinstance(value, _Pairs):
        return "{" + ", ".join(f"{json.dumps(name)}: {_written(inner)}" for name, inner in value) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    if isinstance(value, str) and value.startswith(_RAW):
        return value.removeprefix(_RAW)
    return json.dumps(value)


def _json_step(data: bytes, dice: Dice) -> bytes:
    """One record, somewhere inside, becomes another one."""
    text = data.decode("utf-8", "surrogateescape")
    whole = text.lstrip()[:1] == "[" or text.lstrip().partition("\n")[0].strip() == "{"
    lines = [text] if whole else text.split("\n")
    number = dice.randrange(len(lines))
    try:
        record = _parsed(lines[number])
    except (ValueError, RecursionError):
        return _flip(data, dice)
    holder = [record]
    for _ in range(dice.choice((1, 1, 1, 3))):
        _change(holder, dice)
    lines[number] = _written(holder[0]) if not whole or dice.random() < 0.7 else json.dumps(_plain(holder[0]), indent=1)
    return _bytes("\n".join(lines))


def _plain(value: Any) -> Any:
    if isinstance(value, _Pairs):
        return {name: _plain(inner) for name, inner in value}
    return list(map(_plain, value)) if isinstance(value, list) else value


def _places(value: Any, found: list[tuple[list[Any], int]]) -> list[tuple[list[Any], int]]:
    """Where values stand: a list and a place in it."""
    for place, inner in enumerate(value):
        holder, at = (inner, 1) if isinstance(value, _Pairs) else (value, place)
        found.append((holder, at))
        if isinstance(holder[at], list):
            _places(holder[at], found)
    return found


def _change(holder: list[Any], dice: Dice) -> None:
    places = _places(holder, [])
    objects = [place[at] for place, at in places if isinstance(place[at], _Pairs) and place[at]]
    if objects and dice.random() < 0.4:
        _change_object(dice.choice(objects), dice)
        return
    # Names and numbers more often than the root, which stands first.
    place, at = dice.choice(places)
    place[at] = _retyped(place[at], dice)


def _change_object(pairs: _Pairs, dice: Dice) -> None:
    at = dice.randrange(len(pairs))
    name, value = pairs[at]
    match dice.randrange(7):
        case 0:
            del pairs[at]
        case 1:
            pairs.insert(dice.randrange(len(pairs) + 1), [name, value])
        case 2:
            pairs.insert(at, [name, _retyped(value, dice)])
        case 3:
            pairs[at][0] = dice.choice((name.upper(), name + " ", "", name[:-1], name + "\u0000", "a.b", '"', "\ud800"))
        case 4:  # names change places, values stay
            other = dice.randrange(len(pairs))
            pairs[at][0], pairs[other][0] = pairs[other][0], pairs[at][0]
        case 5:
            dice.shuffle(pairs)
        case _:
            pairs.append(
                [dice.choice(("usage", "response", "body", "id", "error", "model", "timestamp", "data")), value]
            )


def _retyped(value: Any, dice: Dice) -> Any:
    match dice.randrange(12):
        case 0 | 1 | 2:
            return _RAW + dice.choice(NUMBERS)
        case 3 | 4:
            return dice.choice(INSTANTS)
        case 5:
            return dice.choice(TEXTS)
        case 6:
            return _written(value)  # the same as a text
        case 7:
            return [value]
        case 8:
            return _Pairs([["value", value]])
        case 9:
            depth = dice.choice((2, 50, 600, 1500))
            return _RAW + "[" * depth + "]" * depth
        case 10:
            return dice.choice((None, True, [], _Pairs(), [None, 1, "x"], [_Pairs([["a", 1]])]))
        case _:
            return (
                value * 2
                if isinstance(value, (list, int)) and not isinstance(value, (bool, _Pairs))
                else _RAW + dice.choice(NUMBERS)
            )


# ---- CSV


def _csv_step(data: bytes, dice: Dice) -> bytes:
    text = data.decode("utf-8", "surrogateescape")
    delimiter = max(",;\t|", key=text.partition("\n")[0].count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        return _flip(data, dice)
    if not rows or not any(rows):
        return _insert(data, dice)
    row = dice.choice([row for row in rows if row])
    at = dice.randrange(len(row))
    change = dice.randrange(9)
    if change < 4:
        row[at] = dice.choice((*NUMBERS, *INSTANTS, *TEXTS, '"', 'a"b"c', '"x" y', "x\r\ny", "\x00"))
    elif change == 4:
        row.append(dice.choice(TEXTS))
    elif change == 5:
        del row[at]
    elif change == 6:
        row[at] = dice.choice(row)
    elif change == 7:
        dice.shuffle(row)
    else:
        delimiter = dice.choice(",;\t|: ")
    if dice.random() < 0.25:  # by hand: what csv would quote is not quoted
        out = "\n".join(delimiter.join(cells) for cells in rows)
    else:
        buffer = io.StringIO(newline="")
        csv.writer(buffer, delimiter=delimiter, lineterminator=dice.choice(("\n", "\r\n", "\n\n", "\r"))).writerows(
            rows
        )
        out = buffer.getvalue()
    return _bytes(out)


# ---- lines, bytes, encodings


def _lines_step(data: bytes, dice: Dice) -> bytes:
    lines = data.split(b"\n")
    at = dice.randrange(len(lines))
    match dice.randrange(8):
        case 0:
            del lines[at]
        case 1:
            lines.insert(dice.randrange(len(lines) + 1), lines[at])
        case 2:
            dice.shuffle(lines)
        case 3:
            lines[at] = lines[at][: dice.randrange(len(lines[at]) + 1)]
        case 4:
            lines[at] += lines[(at + 1) % len(lines)]
        case 5:
            lines.insert(
                at,
                dice.choice(
                    (
                        b"",
                        b" ",
                        b"\r",
                        b"\x0c",
                        b"\x0b",
                        b"null",
                        b"[]",
                        b"{}",
                        b'"x"',
                        b"1",
                        b"too long",
                        b"\xff",
                        b"\x00",
                        b"\xef\xbb\xbf",
                        b",",
                    )
                ),
            )
        case 6:
            lines[at] = dice.choice((b"\xef\xbb\xbf", b" ", b"\t", b",", b"[")) + lines[at]
        case _:
            lines[at] += dice.choice((b"\r", b" ", b",", b"]", b"}", b"\x00", b'"', b"\x85", b"\xe2\x80\xa8"))
    return b"\n".join(lines)


def _mixed(data: bytes, other: bytes, dice: Dice) -> bytes:
    if dice.random() < 0.4:
        return data + dice.choice((b"", b"\n")) + other
    lines, more = data.split(b"\n"), other.split(b"\n")
    for line in dice.sample(more, min(len(more), 3)):
        lines.insert(dice.randrange(len(lines) + 1), line)
    return b"\n".join(lines)


def _encoded(data: bytes, dice: Dice) -> bytes:
    text = data.decode("utf-8", "replace")
    kind = dice.choice(
        ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "latin-1", "utf-7", "gzip", "zip", "zst")
    )
    packings: dict[str, Callable[[bytes], bytes]] = {
        "gzip": gzip.compress, "zst": zstd.compress, "zip": lambda content: zipped(content, data[: len(data) // 2])
    }  # fmt: skip
    return packings[kind](data) if kind in packings else text.encode(kind, "replace")


def _flip(data: bytes, dice: Dice) -> bytes:
    if not data:
        return data
    out = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 8))):
        out[dice.randrange(len(out))] ^= 1 << dice.randrange(8)
    return bytes(out)


def _cut(data: bytes, dice: Dice) -> bytes:
    at = dice.randrange(len(data) + 1)
    return data[:at] if dice.random() < 0.7 else data[at:]


def _repeat(data: bytes, dice: Dice) -> bytes:
    start = dice.randrange(len(data) + 1)
    end = min(len(data), start + dice.choice((1, 8, 200)))
    return data[:end] + data[start:end] * dice.choice((1, 2, 30)) + data[end:]


def _insert(data: bytes, dice: Dice) -> bytes:
    at = dice.randrange(len(data) + 1)
    marks = (
        b'"',
        b"\\",
        b"\x00",
        b"\xff",
        b"\n",
        b"\r",
        b"\r\n",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b"\xed\xa0\x80",
        b"\xef\xbb\xbf",
        b"\\u0000",
        b"\\ud800",
        b"//",
        b"\xc0\x80",
    )
    return data[:at] + dice.choice(marks) + data[at:]
