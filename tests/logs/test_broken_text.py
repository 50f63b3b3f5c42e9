"""Texts that are not laid out as they should be, on their way to DuckDB: what each record becomes, before it is judged."""

import csv
import json
from pathlib import Path
from unittest.mock import patch

import pytest
from conftest import LoadLogs, call, counts
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import SourceError
from analyzer.ingest import faults
from analyzer.ingest.content import contents
from analyzer.ingest.elements import elements
from analyzer.ingest.faults import clean_json
from analyzer.ingest.format import named
from analyzer.ingest.header import header_end, plain_header
from analyzer.ingest.known import Known
from analyzer.ingest.layout import ends_whole
from analyzer.ingest.opening import open_source
from analyzer.ingest.rows import clean_csv
from analyzer.ingest.source import Nothing, Source
from analyzer.ingest.stretch import may_have_blank_lines

A, B, C = (f'{{"a": [{number}, "}},{{", {{}}]}}' for number in "123")
DEEP = 5_000


def opened(path: Path, text: str | bytes) -> Source:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    (content,) = contents(str(path))
    source = open_source(content, path.with_name("spool"), Known())
    assert not isinstance(source, Nothing)
    return source


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", *(f"utf-{bits}{order}" for bits in (16, 32) for order in ("", "-le", "-be"))]
)
@pytest.mark.parametrize("text", ['{"a": "ä"}\n', "[{}]", "ts,model\r\nä,b\r\n", '{\n"a": "\U0001f600"}'])
def test_every_encoding_of_unicode_is_read(text: str, encoding: str, tmp_path: Path) -> None:
    """With a byte-order mark (those without an order in their name) or without."""
    assert opened(tmp_path / "log", text.encode(encoding)).file.read_bytes() == text.encode()


def test_what_is_no_unicode_at_all_is_no_log(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="neither JSON lines nor CSV"):
        opened(tmp_path / "log", '{"a": 1}\n'.encode("cp037"))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (f"[{A},{B}]", [A, B]),
        (f"[{A},{B},]", [A, B]),
        (f"[{A},,{B}]", [A, B]),
        (f"[{A},{B}", [A, B]),
        (f"[{A},{B[:9]}", [A, B[:9]]),
        (f"[{A} {B},{C}]", [f"{A} {B}", C]),
        (f"[[{A},{B}],{C}]", [f"[{A},{B}]", C]),
        (f"[{A}]\n[{B},{C}]\n", [A, B, C]),
        (f"[{A}]\n{B}\n{C}\n", [A, B, C]),
        (f"[{A}]{B}[{C}]", [A, B, C]),
        (f"[{A}]x{B}", [A, "x", B]),
        (f"[{A}]]{B}", [A, "]", B]),
        (f"[{A}]\n\ufeff[{B}]", [A, B]),
        ('[1, null, [], "a,b"]', ["1", "null", "[]", '"a,b"']),
        (f"{{\n{A[1:]},\n{B}\n{C}", [A, B, C]),
        (f"{{\n{A[1:]} x {B}", [A, "x", B]),
    ],
)
def test_lists_and_objects_one_after_the_other(text: str, parts: list[str], tmp_path: Path) -> None:
    source = opened(tmp_path / "log", text)
    assert source.layout in {"array", "unstructured"}
    assert [part.decode().strip().replace("{ ", "{") for part in elements(source)] == parts


def test_marks_between_logs_that_were_put_together_are_left_out(tmp_path: Path) -> None:
    log, clean = tmp_path / "log", tmp_path / "clean"
    log.write_bytes(f'{A}\n\ufeff{{"ts": 2}}\n\ufeff\n{C}\n'.encode())
    gaps = clean_json(log, [2, 3], named("generic"), clean)
    assert clean.read_text() == f'{A}\n{{"ts": 2}}\n{C}\n'
    assert [(gap.place, gap.reason) for gap in gaps] == [(3, None)]  # a mark alone says no more than a blank line


@pytest.mark.parametrize(
    ("tail", "whole"),
    [(b'{"a":' * DEEP, False), (b'{"a":' * DEEP + b"1" + b"}" * DEEP, True), (b"[" * DEEP, True), (b'{"a": 1', False)],
)
def test_a_cut_line_may_be_nested_deeply(tail: bytes, whole: bool) -> None:
    assert ends_whole(tail, "newline_delimited", 0, ",") == whole


def test_a_pretty_record_may_be_nested_deeply(tmp_path: Path) -> None:
    """Too deeply to be looked at: it is read line by line then, and rejected."""
    assert opened(tmp_path / "log", '{"a":\n' * DEEP + "}" * DEEP).layout == "newline_delimited"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("header", "plain"),
    [("a,b", "a,b"), ('"x\ny",b', "x y,b"), ('"x\r\n, ""y""",b', '"x , ""y""",b')],
)
@pytest.mark.parametrize("before", ["", "\n", "\r\n\r\n"])
def test_names_of_columns_become_the_first_line(before: str, header: str, plain: str, end: str) -> None:
    head = f"{before}{header}{end}1,2{end}".encode()
    names = next(csv.reader([header]))
    assert head[header_end(head, ",") :] == f"1,2{end}".encode()
    assert plain_header(head, names, ",") == f"{plain}{end}".encode()


OPEN = "a quote is not closed"


@pytest.mark.parametrize(
    ("rows", "kept", "refused"),
    [
        (["1,2", "3,4"], ["12", "34"], []),
        (["1,2", "", "3"], ["12"], [(2, "has 1 fields where the header has 2")]),
        (["1,2,", "3,4,,,"], ["12", "34"], []),
        (["1,2,x"], [], [(1, "has 3 fields where the header has 2")]),
        (['1,"2', "3,4", "5,6"], ["34", "56"], [(1, OPEN)]),
        (['1,"2', "3,4", '5,"6', "7,8"], ["34", "78"], [(1, OPEN), (3, OPEN)]),
        (['1,"2"x', '3,"4'], ["12x"], [(2, OPEN)]),
        (['"1', 'x"', '2","3"'], ['2"3'], [(1, "has 1 fields where the header has 2")]),
        (["1,\0", "2,é"], ["1\ufffd", "2é"], []),
    ],
)
def test_a_broken_row_spoils_no_other(
    rows: list[str], kept: list[str], refused: list[tuple[int, str]], tmp_path: Path
) -> None:
    source = opened(tmp_path / "log.csv", "\n".join(("ts,model", *rows, "")))
    gaps = list(clean_csv(source, named("generic"), tmp_path / "clean"))
    with (tmp_path / "clean").open(newline="", encoding="utf-8") as file:
        assert ["".join(row) for row in csv.reader(file)] == ["tsmodel", *kept]
    assert [(gap.place, gap.reason) for gap in gaps] == refused


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ('{"ts": 1}{"ts": 2}', ['{"ts": 1}', '{"ts": 2}']),
        ('{"a": {"b": 1}}{"a": "}{"}{}', ['{"a": {"b": 1}}', '{"a": "}{"}', "{}"]),
        ('{"a": "}{"}', ['{"a": "}{"}']),
        ('{"a": 1}{"a": ', ['{"a": 1}{"a": ']),  # one of them is cut: the line is one broken record
        ('{"a": 1}{"a": 2} x', ['{"a": 1}{"a": 2} x']),
        ('{"a": 1}{"a": 2}[3]', ['{"a": 1}{"a": 2}[3]']),
    ],
)
def test_records_on_one_line_are_records_each(line: str, parts: list[str], tmp_path: Path) -> None:
    """What stands below moves on by as many; a broken one of them is told at its own place, and so is the line below."""
    log, clean = tmp_path / "log.jsonl", tmp_path / "clean"
    log.write_text(f'{{"ts": 0}}\n\n{line}\n{{"ts": \n{{"ts": 9}}\n')
    gaps = clean_json(log, [2, 3], named("generic"), clean)
    sound = [part for part in parts if _is_json(part)]
    assert clean.read_text(encoding="utf-8").splitlines() == ['{"ts": 0}', *sound, '{"ts": 9}']
    broken = [3 + place for place, part in enumerate(parts) if not _is_json(part)]
    assert [(gap.place, gap.reason is None) for gap in gaps] == [
        (2, True),
        *((place, False) for place in broken),
        (3 + len(parts), False),
    ]


def _is_json(text: str) -> bool:
    try:
        return json.loads(text) is not None
    except ValueError:
        return False


@pytest.mark.parametrize("blank", [0, 1, 7])
@pytest.mark.parametrize("broken", [[1], [399], [400], [60, 61, 250], [1, 51, 102, 400], list(range(1, 401))])
def test_what_is_left_of_a_log_is_every_line_but_the_broken_ones(broken: list[int], blank: int, tmp_path: Path) -> None:
    """Long stretches between broken lines are copied by the block, short ones line by line: no line may get lost."""
    told = {
        number: "{" if number in broken else f'{{"ts": {number}, "note": "{"x" * number}"}}' for number in range(1, 401)
    }
    lines = [
        line for number, text in told.items() for line in [text, *([" "] if blank and number % blank == 0 else [])]
    ]
    log, clean = tmp_path / "log.jsonl", tmp_path / "clean"
    log.write_text("\n".join(lines) + "\n", encoding="utf-8")
    gaps = clean_json(log, broken, named("generic"), clean)
    assert clean.read_text(encoding="utf-8").splitlines() == [text for text in told.values() if text != "{"]
    assert [gap.place for gap in gaps if gap.reason] == [at for at, line in enumerate(lines, 1) if line == "{"]
    assert [gap.place for gap in gaps if not gap.reason] == [at for at, line in enumerate(lines, 1) if line == " "]


@pytest.mark.parametrize("number", range(60, 70))
def test_a_broken_line_goes_as_a_whole_wherever_a_block_ends(number: int, tmp_path: Path) -> None:
    """A block of 64 kB ends within line 67 of these."""
    told = [f'{{"ts": {place:980}}}' for place in range(1, 131)]
    told[number - 1] = "{" + "x" * 985
    assert {len(line) for line in told} == {988, 986}
    log, clean = tmp_path / "log.jsonl", tmp_path / "clean"
    log.write_text("\n".join(told) + "\n", encoding="utf-8")
    assert [gap.place for gap in clean_json(log, [number], named("generic"), clean)] == [number]
    assert clean.read_text(encoding="utf-8").splitlines() == [line for line in told if "x" not in line]


@given(lengths=st.lists(st.integers(0, 14), max_size=9), ended=st.booleans())
def test_a_line_is_long_wherever_it_stands(
    lengths: list[int], ended: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = "\n".join("x" * length for length in lengths) + ("\n" if ended else "")
    log = tmp_path_factory.mktemp("long") / "log"
    log.write_text(text, encoding="utf-8")
    with patch.object(faults, "USUAL_LINE", 10):
        assert faults._has_long_line(log) == any(len(line) > 10 for line in text.splitlines(keepends=True))


@pytest.mark.parametrize(
    ("blocks", "found"),
    [
        ([b"a\nb\n", b"c\n"], False),
        ([b"a\n\nb"], True),
        ([b"a\n", b"\nb\n"], True),  # between two blocks
        ([b"\na\n"], True),  # at the beginning
        ([b"a\n \t\r\nb"], True),
        ([b"a\n", b" b\n"], True),  # it may be: the line has to be looked at
        ([b"a b\n"], False),
        ([], False),
    ],
)
def test_where_a_blank_line_may_be(blocks: list[bytes], found: bool) -> None:
    assert may_have_blank_lines(blocks) == found


@pytest.mark.parametrize("before", [1, 0])
def test_logs_that_were_put_together_without_a_line_end(before: int, load_logs: LoadLogs, tmp_path: Path) -> None:
    """As `cat` does when the first one ends without: the last call of one and the first of the other share a line."""
    one, two = ("".join(f"{json.dumps(call(number))}\n" for number in part) for part in (range(before + 1), (7, 8)))
    log = tmp_path / "both.jsonl"
    log.write_text(one.rstrip("\n") + two, encoding="utf-8")
    ledger, _ = load_logs(log)
    assert counts(ledger) == {
        "records": before + 3,
        "requests": before + 3,
        "duplicates": 0,
        "skipped": 0,
        "rejected": 0,
    }


def test_the_first_column_may_have_a_line_end_in_its_name(load_logs: LoadLogs, tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text('"request\nid",ts,model,input_tokens,output_tokens\nr1,2026-10-01T00:00:00Z,deepseek-flash,5,2\n')
    ledger, _ = load_logs(log)
    assert counts(ledger)["requests"] == 1


def test_a_name_that_goes_on_behind_its_quotes_hides_no_row(load_logs: LoadLogs, tmp_path: Path) -> None:
    """DuckDB 2.0 reads no row of such a file, and raises no error."""
    log = tmp_path / "log.csv"
    log.write_text('ts,model,input_tokens,output_tokens,"x" y\n' + "2026-10-01T00:00:00Z,deepseek-flash,5,2,z\n" * 2)
    ledger, _ = load_logs(log)
    assert counts(ledger)["requests"] == 2


def test_a_wrong_count_may_be_cut_within_a_letter_where_a_message_quotes_it(
    load_logs: LoadLogs, tmp_path: Path
) -> None:
    """DuckDB cuts what it quotes by bytes; what is left of a letter is no text, and Python's error is no longer DuckDB's."""
    log = tmp_path / "log.jsonl"
    wrong = call(1) | {"input_tokens": '000000"""' + "\x1f" * 6 + "\x80"}
    log.write_text("".join(json.dumps(one) + "\n" for one in (wrong, call(2))), encoding="utf-8")

    ledger, outcome = load_logs(log)

    assert not outcome.errors
    assert (counts(ledger)["rejected"], counts(ledger)["requests"]) == (1, 1)
