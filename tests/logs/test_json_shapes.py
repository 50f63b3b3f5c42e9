"""Every shape that a line of JSON can have, between two sound records: those count, and so does what JSON allows.

By the classes of test suites for JSON parsers: what every parser must take, what none may, and what RFC 8259 leaves open.
"""

import json
from pathlib import Path

import pytest
from conftest import LoadLogs, call, counts, empty, load_paths, rows, write_lines

from analyzer.ledger import Ledger

DEEP = 100_000

# Values of a field that nothing reads: the record counts.
VALID_VALUES = {
    "zero": "0", "minus zero": "-0", "minus zero as a fraction": "-0.0", "exponent": "1e3", "capital exponent": "1E3",
    "plus in the exponent": "1E+2", "fraction and exponent": "12.5e-7", "2^53 + 1": "9007199254740993",
    "2^63": "9223372036854775808", "2^64": "18446744073709551616", "a digit more than doubles have": "0.10000000000000000001",
    "true": "true", "false": "false", "null": "null", "empty list": "[]", "empty object": "{}", "empty text": '""',
    "empty key": '{"": 0}', "list of one null": "[null]", "lists in lists": "[[[[[]]]]]", "list with many kinds": '[1, "a", null, {"b": []}]',
    "nested a hundred times": "[" * 100 + "]" * 100, "duplicate keys within": '{"a": 1, "a": 2}', "all escapes": r'"\"\\\/\b\f\n\r\t"',
    "escaped letter": r'"\u0061"', "escaped key": r'{"\u0061": 1}', "escaped pair": r'"\ud83d\ude00"', "escaped noncharacter": r'"\uffff"',
    "private use": '"\U0010ffff"', "noncharacter": '"\ufdd0"', "zero width": '"\u200b\u2060"', "line separator": '"\u2028"',
    "paragraph separator": '"\u2029"', "next line": '"\u0085"', "del": '"\u007f"', "mark within a text": '"\ufeff"', "solidus": '"a/b"',
    "spaces everywhere": " [ 1 , { \"a\" : 2 } ] ", "tabs": "\t[\t1\t]\t", "carriage returns": "\r[\r1\r]\r", "other planes": '"\U0001f600 \U00020000"',
    "text with brackets": '"}]{["', "text with an escaped quote at its end": r'"\\\""', "combining": '"e\u0301"', "comment in a text": '"/* no */ // no"',
}  # fmt: skip

# Values that are none: the record is rejected.
INVALID_VALUES = {
    "leading zero": "01", "minus alone": "-", "plus": "+1", "no digit before the point": ".5", "no digit after it": "5.",
    "exponent without digits": "1e", "exponent without digits but with a sign": "1e+", "two points": "1.2.3", "hexadecimal": "0x1F",
    "underscore": "1_000", "full-width digit": "\uff11", "minus and a letter": "-x", "two numbers": "1 2",
    "capital true": "True", "None": "None", "undefined": "undefined", "nul": "nul", "bare word": "word",
    "single quotes": "'a'", "no quote at the end": '"a', "no quote at the beginning": 'a"', "backslash at the end": '"\\"',
    "unknown escape": r'"\a"', "hex escape": r'"\x41"', "octal escape": r'"\101"', "short unicode escape": r'"\u00a"', "no digits in it": r'"\u"',
    "capital U": r'"\U00000041"', "tab within a text": '"a\tb"', "control within a text": '"\u0001"', "NUL within a text": '"\u0000"',
    "comma first": "[,1]", "two commas": "[1,,2]", "no comma": "[1 2]", "colon in a list": '["a": 1]',
    "open list": "[1", "closed too often": "[1]]", "wrong bracket": "[1}",
    "no colon": '{"a" 1}', "two colons": '{"a":: 1}', "no value": '{"a":}', "no key": "{: 1}", "bare key": "{a: 1}", "key with single quotes": "{'a': 1}",
    "number as a key": "{1: 1}", "comma alone": ",", "no value at all": "", "comment": "/* a */ 1", "comment at the end of the line": "1 // a",
    "hash comment": "1 # a", "form feed": "\f1", "no-break space": "\u00a01", "mark before a value": "\ufeff1", "function": "f(1)", "template": "`a`",
}  # fmt: skip

# DuckDB's reader takes these all the same. Nothing in them can be read in two ways.
TAKEN_VALUES = {"minus NaN": "-NaN", "trailing comma in a list": "[1,]", "trailing comma in an object": '{"a": 1,}'}

# Whole lines.
INVALID_LINES = {
    "list": b"[]", "list of objects": b'[{"a": 1}]', "text": b'"text"', "number": b"12", "null": b"null", "word": b"word", "comma": b",",
    "open object": b"{", "closed object": b"}", "open list": b"[", "open text": b'"', "two objects": b'{"a": 1} {"b": 2}', "object and a comma": b'{"a": 1},',
    "object and a bracket": b'{"a": 1}]', "object and a NUL": b'{"a": 1}\0', "NUL alone": b"\0", "lone byte of UTF-8": b'{"a": "\xe9"}', "bytes of UTF-16": '{"a": 1}'.encode("utf-16-le"),
    "overlong slash": b'{"a": "\xc0\xaf"}', "surrogate in UTF-8": b'{"a": "\xed\xa0\x80"}', "beyond Unicode": b'{"a": "\xf4\x90\x80\x80"}', "cut UTF-8": b'{"a": "\xe2\x82"}',
    "bytes that are none": b"\xff\xfe", "key alone": b'{"a"}', "cut in a key": b'{"ts', "cut in a value": b'{"ts": "2026-10-', "cut after a comma": b'{"ts": 1,',
    "nested lists, open": b"[" * DEEP, "nested objects, open": b'{"a":' * DEEP, "lists of objects, open": b'[{"":' * DEEP, "nested lists": b"[" * DEEP + b"]" * DEEP,
    "words too long": b"too long", "curly quotes": "{“a”: 1}".encode(), "key of a list": b'{["a"]: 1}',
}  # fmt: skip

# RFC 8259 lets a parser choose: the record counts or is rejected, and nothing else is.
OPEN_VALUES = {
    "beyond double": "1e400", "below double": "-1e400", "tiny": "1e-400", "400 digits": "1" * 400, "5,000 digits": "1" * 5_000, "huge exponent": "1e" + "9" * 30,
    "NaN": "NaN", "Infinity": "Infinity", "minus Infinity": "-Infinity", "lone high surrogate": r'"\ud800"', "lone low surrogate": r'"\udc00"', "pair the wrong way round": r'"\ude00\ud83d"',
    "two high ones": r'"\ud800\ud800"', "high one and a letter": r'"\ud800a"', "key with a lone one": r'{"\ud800": 1}', "escaped NUL": r'"\u0000"', "escaped NUL in a key": r'{"a\u0000b": 1}',
    "nested 500 times": "[" * 500 + "]" * 500, "nested 5,000 times": "[" * 5_000 + "]" * 5_000, "nested 100,000 times": '{"a":' * DEEP + "1" + "}" * DEEP,
}  # fmt: skip


def with_value(number: int, value: str) -> bytes:
    return (json.dumps(call(number))[:-1] + ', "note": ' + value + "}").encode()


SHAPES = {
    **{f"valid: {name}": (with_value(900, value), {"requests"}) for name, value in VALID_VALUES.items()},
    **{f"invalid: {name}": (with_value(900, value), {"rejected"}) for name, value in INVALID_VALUES.items()},
    **{f"taken: {name}": (with_value(900, value), {"requests"}) for name, value in TAKEN_VALUES.items()},
    **{f"invalid line: {name}": (line, {"rejected"}) for name, line in INVALID_LINES.items()},
    **{f"open: {name}": (with_value(900, value), {"requests", "rejected"}) for name, value in OPEN_VALUES.items()},
    "mark before a record": (b"\xef\xbb\xbf" + with_value(900, "1"), {"requests"}),
    "valid: spaces around a record": (b" \t" + with_value(900, "1") + b" \t\r", {"requests"}),
    "valid: carriage returns between": (with_value(900, "1").replace(b", ", b",\r"), {"requests"}),
}


@pytest.mark.endurance
@pytest.mark.parametrize("name", SHAPES)
def test_between_two_sound_records(name: str, shared: Ledger, tmp_path: Path) -> None:
    line, ends = SHAPES[name]
    ended = told(shared, write_lines(tmp_path / "app.jsonl", call(1), line, call(2)))
    assert ended in ends


def test_all_together(load_logs: LoadLogs, tmp_path: Path) -> None:
    """The same shapes in one log: each is rejected in its own line, or counts."""
    lines: list[bytes | dict[str, object]] = [call(0)]
    for number, (line, _) in enumerate(SHAPES.values(), 1):
        lines += [line.replace(b"call-900", f"shape-{number}".encode()), call(number)]
    ledger, outcome = load_logs(write_lines(tmp_path / "app.jsonl", *lines))
    assert not outcome.errors
    counted = {request for (request,) in rows(ledger, "SELECT request_id FROM requests")}
    assert counts(ledger)["records"] == len(lines)
    assert counted >= {f"call-{number}" for number in range(len(SHAPES) + 1)}
    rejected = {record for (record,) in rows(ledger, "SELECT record FROM rejected")}
    for number, (name, (_, ends)) in enumerate(SHAPES.items(), 1):
        ended = {
            end
            for end, seen in (("requests", f"shape-{number}" in counted), ("rejected", 2 * number in rejected))
            if seen
        }
        assert len(ended) == 1, name
        assert ended <= ends, name
    assert counts(ledger)["rejected"] == len(rejected)


def told(ledger: Ledger, log: Path) -> str:
    """How the record in the middle of three ended; the others are requests."""
    empty(ledger)
    outcome = load_paths(ledger, log)
    assert not outcome.errors
    assert {"call-1", "call-2"} <= {request for (request,) in rows(ledger, "SELECT request_id FROM requests")}
    found = counts(ledger)
    assert (found["records"], found["requests"] + found["rejected"]) == (3, 3)
    assert [record for (record,) in rows(ledger, "SELECT record FROM rejected")] == [2] * found["rejected"]
    return "rejected" if found["rejected"] else "requests"
