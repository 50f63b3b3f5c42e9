"""Whatever people do to a CSV: rows that can be read are read, the others are rejected in their places, none is lost."""

from pathlib import Path

import pytest
from conftest import LoadLogs, counts, empty, load_paths, rows
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analyzer.ingest import rows as csv_rows
from analyzer.ledger import Ledger

pytestmark = pytest.mark.endurance

HEADER = "request_id,ts,model,input_tokens,output_tokens,note"


def row(number: int, note: str = "x", delimiter: str = ",") -> str:
    return delimiter.join((f"r{number}", "2026-10-01T08:00:00Z", "m", "10", "5", note))


SOUND = [row(number) for number in range(1, 4)]
LEFT_OPEN = "a quote is not closed"


def told(ledger: Ledger, log: Path, text: str | bytes) -> tuple[list[str], list[tuple[int, str]]]:
    """The ids of the requests, and what was rejected, where, and why."""
    log.write_bytes(text if isinstance(text, bytes) else text.encode())
    empty(ledger)
    outcome = load_paths(ledger, log)
    assert not outcome.errors
    counts(ledger)
    ids = [request for (request,) in rows(ledger, "SELECT request_id FROM requests ORDER BY request_id")]
    return ids, rows(ledger, "SELECT record, reason FROM rejected ORDER BY record")


@pytest.mark.parametrize(
    ("note", "read"),
    [
        ('"said ""no"""', True),
        ('"two\nlines"', True),
        ('"two\r\nlines, and ""three"""', True),
        ('"a,b;c|d\te"', True),
        ('a"b', True),
        ('a""b', True),
        ('"a"b', True),  # what stands behind a quoted text belongs to it, as spreadsheets have it
        ('"a" ', True),
        ("'a'", True),
        ("a\0b", True),
        ("\ufeff", True),
        ("\x1a", True),
        ('""', True),
        ("a,b", False),
        ('"a","b"', False),
    ],
)
def test_quotes_in_one_field(note: str, read: bool, shared: Ledger, tmp_path: Path) -> None:
    ids, rejected = told(shared, tmp_path / "a.csv", "\n".join((HEADER, row(1), row(2, note), row(3), "")))
    assert ids == (["r1", "r2", "r3"] if read else ["r1", "r3"])
    assert rejected == ([] if read else [(2, "has 7 fields where the header has 6")])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("blanks", [0, 2])
def test_delimiters_line_ends_and_blank_lines(
    delimiter: str, end: str, blanks: int, shared: Ledger, tmp_path: Path
) -> None:
    lines = [HEADER.replace(",", delimiter), *(row(number, delimiter=delimiter) for number in (1, 2, 3))]
    text = "".join(line + end * (1 + blanks) for line in lines)
    assert told(shared, tmp_path / "a.csv", text) == (["r1", "r2", "r3"], [])


def test_line_ends_of_all_kinds_in_one_log(shared: Ledger, tmp_path: Path) -> None:
    text = f"{HEADER}\r\n{SOUND[0]}\n{SOUND[1]}\r\n{SOUND[2]}\r{row(4)}\n"
    assert told(shared, tmp_path / "a.csv", text) == (["r1", "r2", "r3", "r4"], [])


@pytest.mark.parametrize("size", [3, 3_000])
def test_a_quote_that_is_never_closed_spoils_its_own_row(size: int, shared: Ledger, tmp_path: Path) -> None:
    """It would make one field of all that follows."""
    lines = [HEADER, row(1), row(2, '"open'), *(row(number) for number in range(3, size + 1))]
    ids, rejected = told(shared, tmp_path / "a.csv", "\n".join(lines) + "\n")
    assert len(ids) == size - 1
    assert rejected == [(2, LEFT_OPEN)]


def test_nor_does_one_that_a_later_one_closes(shared: Ledger, tmp_path: Path) -> None:
    lines = [HEADER, row(1), row(2, '"open'), row(3), row(4, '"open'), row(5), row(6), ""]
    ids, rejected = told(shared, tmp_path / "a.csv", "\n".join(lines))
    assert ids == ["r1", "r3", "r5", "r6"]
    assert [place for place, _ in rejected] == [2, 4]
    assert all(reason.startswith(LEFT_OPEN) for _, reason in rejected)


def test_one_that_a_later_one_closes_as_it_should_makes_one_field(shared: Ledger, tmp_path: Path) -> None:
    """Nobody can tell it from a text of several lines."""
    text = "\n".join((HEADER, row(1), row(2, '"open'), row(3, 'closed"'), row(4), ""))
    assert told(shared, tmp_path / "a.csv", text) == (["r1", "r2", "r4"], [])


def test_a_row_of_several_lines_that_is_too_short_is_one(shared: Ledger, tmp_path: Path) -> None:
    """Its second line is no row by itself."""
    text = "\n".join((HEADER, row(1), 'r2,2026-10-01T08:00:00Z,"a\nb\nc"', row(3), ""))
    assert told(shared, tmp_path / "a.csv", text) == (["r1", "r3"], [(2, "has 3 fields where the header has 6")])


def test_what_an_open_quote_may_reach_is_limited(
    shared: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """256 MB; here 1,000 characters."""
    monkeypatch.setattr(csv_rows, "LONGEST_LINE", 1_000)
    lines = [
        HEADER,
        row(1),
        row(2, '"open'),
        *(row(number) for number in range(3, 100)),
        row(100, "y" * 2_000),
        row(101),
    ]
    ids, rejected = told(shared, tmp_path / "a.csv", "\n".join(lines) + "\n")
    assert len(ids) == 99
    assert rejected == [(2, "a quote is not closed within 256 MB"), (100, "a row of more than 256 MB")]


@pytest.mark.parametrize(
    ("line", "fields"),
    [("r2", 1), ("r2,2026-10-01,m,10,5", 5), (row(2) + ",y", 7), (row(2) + "," * 500 + "y", 506), (",", 2)],
)
def test_ragged_rows(line: str, fields: int, shared: Ledger, tmp_path: Path) -> None:
    ids, rejected = told(shared, tmp_path / "a.csv", "\n".join((HEADER, row(1), line, row(3), "")))
    assert ids == ["r1", "r3"]
    assert rejected == [(2, f"has {fields} fields where the header has 6")]


@pytest.mark.parametrize("broken", [False, True])
@pytest.mark.parametrize("more", [1, 500])
def test_empty_fields_at_the_end_are_a_habit(more: int, broken: bool, shared: Ledger, tmp_path: Path) -> None:
    lines = [HEADER, row(1), row(2) + "," * more, row(3), *["r4"] * broken, ""]
    ids, rejected = told(shared, tmp_path / "a.csv", "\n".join(lines))
    assert ids == ["r1", "r2", "r3"]
    assert len(rejected) == broken


@pytest.mark.parametrize(
    "header",
    [
        "request_id,ts,model,input_tokens,output_tokens,",
        "request_id,ts,model,input_tokens,output_tokens,model",  # the first one counts
        "request_id,ts,model,input_tokens,output_tokens,MODEL",
        " Request_ID , TS,model ,Input_Tokens,output_tokens,''",
        '"request_id","ts","model","input_tokens","output_tokens","no\nte, ""x"""',
        '"request_id","ts","model","input_tokens","output_tokens","no\r\nte"',
        "\n\r\nrequest_id,ts,model,input_tokens,output_tokens,note",
        "\ufeffrequest_id,ts,model,input_tokens,output_tokens,note",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_headers(header: str, end: str, shared: Ledger, tmp_path: Path) -> None:
    """DuckDB loses rows behind some of them, without a word."""
    assert told(shared, tmp_path / "a.csv", end.join((header, *SOUND, ""))) == (["r1", "r2", "r3"], [])
    assert rows(shared, "SELECT DISTINCT model FROM requests") == [("m",)]


def test_a_header_of_several_lines_when_the_log_has_grown(load_logs: LoadLogs, tmp_path: Path) -> None:
    """What is new is read under the same names."""
    log = tmp_path / "a.csv"
    header = HEADER.replace("note", '"a\nnote"')
    log.write_text("\n".join((header, *SOUND, "")))
    load_logs(log)
    log.write_text("\n".join((header, *SOUND, row(4), "broken", "")))
    ledger, _ = load_logs(log)
    assert counts(ledger) == {"records": 5, "requests": 4, "duplicates": 0, "skipped": 0, "rejected": 1}


def test_bytes_that_are_no_text(shared: Ledger, tmp_path: Path) -> None:
    text = "\n".join((HEADER, row(1), row(2, "\xe9"), row(3), "")).encode("latin-1")
    assert told(shared, tmp_path / "a.csv", text) == (["r1", "r2", "r3"], [])


@pytest.mark.parametrize("broken", [False, True])
def test_rows_may_be_very_long(broken: bool, shared: Ledger, tmp_path: Path) -> None:
    """Longer than the 128 kB that Python, and the 2 MB that DuckDB take for the longest one unless told otherwise."""
    lines = [HEADER, row(1), row(2, '"' + "long, " * 50_000 + '"'), row(3, "long " * 600_000), *["r4"] * broken, ""]
    ids, rejected = told(shared, tmp_path / "a.csv", "\n".join(lines))
    assert ids == ["r1", "r2", "r3"]
    assert len(rejected) == broken


def test_ten_thousand_columns(shared: Ledger, tmp_path: Path) -> None:
    more = 10_000
    lines = [HEADER + "".join(f",c{n}" for n in range(more)), *(line + ",0" * more for line in SOUND), SOUND[0], ""]
    ids, rejected = told(shared, tmp_path / "a.csv", "\n".join(lines))
    assert ids == ["r1", "r2", "r3"]
    assert rejected == [(4, "has 6 fields where the header has 10006")]


MESS = st.text(alphabet='ab,"\n\r ;\0é', max_size=40)


@settings(deadline=None, max_examples=60)
@given(MESS, MESS)
@example('"', "")
@example("\r", '"\n"')
@example("", '"";,"')
def test_whatever_stands_between_sound_rows_they_are_read(
    shared: Ledger, tmp_path_factory: pytest.TempPathFactory, before: str, after: str
) -> None:
    """The last rows come after an even number of quotes, or after an odd one, whose row they are not part of."""
    log = tmp_path_factory.getbasetemp() / "mess.csv"
    lines = [
        HEADER,
        row(1),
        *before.split("\n"),
        row(2),
        *after.split("\n"),
        *(row(number) for number in range(3, 9)),
        "",
    ]
    ids, _ = told(shared, log, "\n".join(lines))
    assert {"r1", "r5", "r6", "r7", "r8"} <= set(ids)


@pytest.mark.parametrize(
    ("delimiter", "count", "read"),
    [
        (";", "1.000", None),  # one, or a thousand: nobody can tell
        (";", "1.234.567", None),
        (";", "398.000", None),
        (";", "1398.0", 1398),
        (";", "1398.000", 1398),
        (";", "0.000", 0),
        (";", "398", 398),
        (",", "398.000", 398),
        (",", '"1,398"', 1398),
        (",", '" 12,345,678 "', 12_345_678),
        (",", '"1,39"', None),
        (",", '"0,398"', None),
        (",", '"1,398.5"', None),
        (";", "1,398", None),  # some one and a half, or a thousand
    ],
)
def test_marks_between_thousands_are_not_taken_for_decimals(
    delimiter: str, count: str, read: int | None, shared: Ledger, tmp_path: Path
) -> None:
    head, line = HEADER.split(","), ["r1", "2026-10-01T08:00:00Z", "m", count, "5", "x"]
    text = "".join(f"{delimiter.join(fields)}\n" for fields in (head, line))
    ids, rejected = told(shared, tmp_path / "log.csv", text)
    if read is None:
        assert (ids, [place for place, _ in rejected]) == ([], [1])
        assert rejected[0][1].startswith("input_tokens is no whole number")
    else:
        assert rows(shared, "SELECT input_tokens FROM requests") == [(read,)]
