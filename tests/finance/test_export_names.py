"""Names in CSV: no spreadsheet computes one, and all else is as it is; and the dialects of other programs."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from exports import export, lines
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support import FLASH, call, cost, spend, write

from analyzer.ledger import Ledger
from analyzer.report.dialect import Dialect, define_texts, write_csv
from analyzer.report.visible import visible

pytestmark = pytest.mark.usefixtures("here")


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "＋1", "－1", "＠x", "  =1", "\u00a0=1", "\u200b=1", "\ufeff=1"]
SPLIT = {"a;=1": "a;'=1", "a,=1": "a,'=1", "a|=1": "a|'=1", "a, -1": "a,' -1", "a\t@b": "a\\u0009'@b"}
BEGIN = ["\tx", "\rx", "\nx", "\0x"]


@pytest.fixture(scope="module")
def texts() -> Any:
    """Texts as CSV has them: a connection that knows how."""
    with Ledger.throwaway() as ledger:
        define_texts(ledger.connection)
        yield lambda text: ledger.connection.execute("SELECT csv_text(?)", [text]).fetchall()[0][0]


@pytest.mark.parametrize("name", FORMULAS + BEGIN)
def test_what_would_be_computed_gets_an_apostrophe(name: str, texts: Any) -> None:
    assert texts(name) == "'" + visible(name)


@pytest.mark.parametrize(("name", "told"), SPLIT.items())
def test_so_does_what_another_delimiter_would_bring_to_the_front(name: str, told: str, texts: Any) -> None:
    assert texts(name) == told


@pytest.mark.parametrize(
    "name", ["/chat", "a-b", "1-2", "x=1", "mail@example.org", "'", "", "C++", "ключ", "模型", "a b"]
)
def test_other_names_stay(name: str, texts: Any) -> None:
    assert texts(name) == name


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=12), st.sampled_from(",;|\t"))
@example("a,\u2028=x", ",")
@example("\x85=x", ",")
def test_no_cell_begins_with_a_formula(texts: Any, name: str, delimiter: str) -> None:
    """However the file is split: blanks and what is not seen aside, no part begins with a sign."""
    for cell in texts(name).split(delimiter):
        assert not re.match(r"\s*[=+\-@＝＋－＠]", cell)


def test_controls_are_spelled_out_as_on_a_terminal(texts: Any) -> None:
    """The same code points in both: what one shows, the other does."""
    for begin in range(0, 0x3000, 256):
        block = "".join(f"x{chr(point)}" for point in range(begin, begin + 256) if chr(point) not in "=+-@")
        assert texts(block) == visible(block, 2000)


def test_numbers_are_never_altered(ledger: Ledger, here: Path) -> None:
    """A sign is no formula where a number stands; nothing is rounded, and nothing has an exponent."""
    values = [Decimal("-0.05"), Decimal("0.000000000000001"), Decimal("12345678901234567890123.5"), Decimal(120), None]
    ledger.connection.execute("CREATE TEMP TABLE t (place INTEGER, x DECIMAL(38, 15), y BIGINT)")
    ledger.connection.executemany("INSERT INTO t VALUES (?, ?, -5)", list(enumerate(values)))
    asked = "SELECT x, y FROM t ORDER BY place"

    write_csv(ledger.connection, asked, here / "plain.csv")
    write_csv(ledger.connection, asked, here / "focus.csv", Dialect(pointed=True))

    plain = ["-0.05", "0.000000000000001", "12345678901234567890123.5", "120", ""]
    assert (here / "plain.csv").read_text() == "x,y\n" + "".join(f"{text},-5\n" for text in plain)
    assert [row["x"] for row in lines((here / "focus.csv").read_text())] == [*plain[:3], "120.0", ""]


def test_fields_are_quoted_as_rfc_4180_says(ledger: Ledger, here: Path) -> None:
    hostile = ['a"b', "a,b", "a\nb", "a\r\nb", '","', " blank ", "", "'=1"]
    ledger.connection.execute("CREATE TEMP TABLE t AS SELECT unnest(?::VARCHAR[]) AS name, 1 AS one", [hostile])

    write_csv(ledger.connection, "FROM t", here / "raw.csv", Dialect(raw=True))

    assert [row["name"] for row in lines((here / "raw.csv").read_bytes().decode())] == hostile


@pytest.mark.endurance
def test_raw_names_are_as_they_are(here: Path) -> None:
    names = [*FORMULAS, *SPLIT, "x\x1b[31m", "\u202eabc"]
    log = write(
        here / "a.jsonl", *(call(id=f"call-{n}", endpoint=f"/{name}", team=name) for n, name in enumerate(names))
    )

    words = (log, "--csv", "--what", "requests", "--output", "-")
    raw = {row["request_id"]: row for row in lines(export(*words, "--raw").out)}
    tame = {row["request_id"]: row for row in lines(export(*words).out)}

    assert {row["endpoint"] for row in raw.values()} == {f"/{name}" for name in names}
    assert {row["team"].strip("\ufeff\u200b") for row in raw.values()} == {
        name.strip().strip("\ufeff\u200b") for name in names
    }
    assert not [row for row in tame.values() if re.match(r"\s*[=+\-@＝＋－＠]", row["team"])]
    assert [key for key, row in tame.items() if row["endpoint"] == raw[key]["endpoint"]]


def test_questions_are_printed_by_the_same_rules(here: Path) -> None:
    db = here / "l.duckdb"
    spend("ingest", "--db", db, write(here / "a.jsonl", call(endpoint="＝1+1", id="call-1")))

    (row,) = lines(spend("query", "endpoints", "--db", db, "--format", "csv").out)

    assert row["endpoint"] == "'＝1+1"
    assert Decimal(row["cost"]) == cost(FLASH, 400, 600, 100)


def test_dialect_of_a_european_excel(here: Path) -> None:
    log = write(here / "a.jsonl", call(endpoint="a;b"))

    export(log, "--csv", "--decimal", ",", "--bom")
    written = Path("spend-export.csv").read_bytes()
    (row,) = lines(written.decode("utf-8-sig"), ";")

    assert written.startswith(b"\xef\xbb\xbfday;")
    assert (row["endpoint"], row["output_price"]) == ("a;b", "0,28")
    assert Decimal(row["cost"].replace(",", ".")) == cost(FLASH, 400, 600, 100)


def test_tabs_between_fields(here: Path) -> None:
    (row,) = lines(export(write(here / "a.jsonl", call()), "--csv", "--delimiter", "tab", "--output", "-").out, "\t")

    assert row["endpoint"] == "/chat"
