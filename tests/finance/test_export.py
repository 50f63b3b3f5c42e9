"""Exports: one total in every shape, exact numbers, names that no spreadsheet computes, files whole or not at all."""

import csv
import errno
import gzip
import io
import json
import os
import re
import shutil
import stat
import threading
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from support import CALM, EXPORT_HEAD, FLASH, MILLION, PRO, ROOT, Ended, call, cost, ledger_of, spend, write
from support import export as bill_of

from analyzer.errors import OutputError
from analyzer.ledger import Ledger
from analyzer.ledger.columns import store
from analyzer.report import sheet
from analyzer.report.dialect import Dialect, define_texts, write_csv
from analyzer.report.file import copy, write_whole
from analyzer.report.parquet import months_in, write_partitions
from analyzer.report.visible import visible

SAMPLES = ROOT / "sample_logs"
KINDS = ("costs", "hours", "requests")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own, where exports land."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def sampled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of the sample logs."""
    path = tmp_path_factory.mktemp("ledger") / "spend.duckdb"
    assert spend("ingest", "--db", path, SAMPLES).code == 0
    return path


@pytest.fixture(scope="module")
def totals(sampled: Path) -> dict[str, Any]:
    """What the plain analysis says of the same ledger."""
    run = spend("analyze", "--db", sampled, "--json", "--no-report", "--scenario", "all-flash")
    told: dict[str, Any] = run.document["totals"]
    return told


def export(*words: str | Path) -> Ended:
    """An export that works."""
    run = spend("export", *words)
    assert run.code == 0, run.err
    return run


def lines(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    """A CSV's rows by column."""
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def added(rows: list[dict[str, str]], column: str = "cost") -> Decimal:
    """The exact sum of what is known in a column."""
    return sum((Decimal(row[column]) for row in rows if row[column]), Decimal(0))


# ------------------------------------------------------------------------------------------------ one total


@pytest.mark.parametrize("what", KINDS)
def test_csv_adds_up_to_the_analysis(what: str, sampled: Path, totals: dict[str, Any]) -> None:
    rows = lines(export("--db", sampled, "--csv", "--what", what, "--output", "-").out)
    calls = "calls" if what == "requests" else "requests"

    assert added(rows) == Decimal(totals["cost"])
    assert sum(int(row[calls]) for row in rows) == totals["requests"]
    for column in ("input_tokens", "cache_read_tokens", "output_tokens", "reasoning_tokens"):
        assert sum(int(row[column] or 0) for row in rows) == totals[column], column


@pytest.mark.parametrize("what", KINDS)
def test_parquet_adds_up_to_the_analysis(what: str, sampled: Path, totals: dict[str, Any]) -> None:
    export("--db", sampled, "--parquet", "--what", what)

    told = duckdb.sql("SELECT sum(cost), typeof(any_value(cost)) FROM 'spend-export.parquet'").fetchall()

    assert told == [(Decimal(totals["cost"]), "DECIMAL(38,15)")]


@pytest.mark.endurance
@pytest.mark.parametrize("what", KINDS)
def test_workbook_adds_up_to_the_analysis(what: str, sampled: Path, totals: dict[str, Any]) -> None:
    """To the cent in numbers, which have 15 digits, and to the last digit in the notes."""
    export("--db", sampled, "--xlsx", "--what", what)

    book = load_workbook("spend-export.xlsx", read_only=True)
    head, *rows = book[what.capitalize()].iter_rows(values_only=True)
    place = head.index("cost")
    summed = sum(Decimal(str(row[place])) for row in rows if row[place] is not None)

    assert abs(summed - Decimal(totals["cost"])) < Decimal("1e-12")
    assert dict(book["Notes"].iter_rows(values_only=True))["Exact total"] == f"{totals['cost']} USD"  # type: ignore[arg-type]


@pytest.mark.parametrize("version", ["1.2", "1.4"])
def test_focus_adds_up_to_the_analysis(version: str, sampled: Path, totals: dict[str, Any]) -> None:
    rows = lines(export("--db", sampled, "--focus", "--focus-version", version, "--output", "-").out)

    assert added(rows, "EffectiveCost") == added(rows, "BilledCost") == Decimal(totals["cost"])


def test_parts_of_a_cost_line_add_up(sampled: Path) -> None:
    parts = ("cache_miss_cost", "cache_read_cost", "cache_write_cost", "output_cost", "other_cost")

    for row in lines(export("--db", sampled, "--csv", "--output", "-").out):
        if row["priced"] == "true":
            assert sum(Decimal(row[part]) for part in parts) == Decimal(row["cost"])
            assert int(row["cache_miss_tokens"]) * Decimal(row["cache_miss_price"]) / MILLION == Decimal(
                row["cache_miss_cost"]
            )
        else:
            assert {row[part] for part in (*parts, "cost")} == {""}


# ------------------------------------------------------------------------------------------------ what stands there


def test_a_request_shows_its_price_and_cost(here: Path) -> None:
    log = write(
        here / "a.jsonl", call(id="one", session_id="s-1", api_key_name="ci", end_time="2026-05-01T10:00:02.5Z")
    )

    (row,) = lines(export(log, "--csv", "--what", "requests", "--output", "-").out)

    told = {
        "request_id": "one", "session_id": "s-1", "started_at": CALM, "completed_at": "2026-05-01T10:00:02.500000Z",
        "priced_at": "2026-05-01T10:00:02.500000Z", "bucket_end": "", "calls": "1", "endpoint": "/chat",
        "api_key_name": "ci", "window": "all", "priced": "true", "input_tokens": "1000", "cache_read_tokens": "600",
        "cache_write_tokens": "", "output_tokens": "100", "cache_miss_price": "0.14", "cache_read_price": "0.0028",
        "output_price": "0.28", "request_price": "0", "currency": "USD", "stated_cost": "",
    }  # fmt: skip
    assert {name: row[name] for name in told} == told
    assert Decimal(row["cost"]) == cost(FLASH, 400, 600, 100)


def test_what_is_not_known_is_empty_and_not_zero(here: Path) -> None:
    log = write(
        here / "a.jsonl",
        call(model="nobody-knows-it", id="call-1"),
        call(input_tokens=..., cache_read_tokens=..., output_tokens=..., status="500", id="call-2"),
        call(id="call-3", cost_usd="0.5"),
    )

    by_id = {row["request_id"]: row for row in lines(export(log, "--csv", "--what", "requests", "--output", "-").out)}
    costs = lines(export(log, "--csv", "--output", "-").out)
    export(log, "--parquet")
    nulls = duckdb.sql("SELECT count(*), count(cost), count(team) FROM 'spend-export.parquet'").fetchall()

    assert [by_id[f"call-{number}"]["cost"] for number in (1, 2)] == ["", ""]
    assert by_id["call-2"]["input_tokens"] == ""
    assert by_id["call-3"]["stated_cost"] == "0.5"
    assert sorted((row["priced"], row["measured"], bool(row["cost"])) for row in costs) == [
        ("false", "false", False),
        ("false", "true", False),
        ("true", "true", True),
    ]
    assert nulls == [(3, 1, 0)]


@pytest.mark.endurance
def test_unpriced_requests_are_told_of(here: Path) -> None:
    log = write(here / "a.jsonl", call(), call(model="nobody-knows-it"))

    told, quiet, strict = (
        export(log, "--csv"),
        export(log, "--csv", "--quiet"),
        spend("export", log, "--csv", "--strict"),
    )

    assert "1 request has no known price" in told.err
    assert quiet.err == ""
    assert (strict.code, "--strict" in strict.err, Path("spend-export.csv").exists()) == (1, True, True)


def test_cost_lines_are_by_day_and_hour_of_their_zone(here: Path) -> None:
    """23:30 UTC is the next day in Berlin, and two calls of one hour are one line."""
    log = write(here / "a.jsonl", *(call(id=f"call-{minute}", ts=f"2026-05-01T23:{minute}:00Z") for minute in (10, 50)))

    (daily,) = lines(export(log, "--csv", "--tz", "Europe/Berlin", "--output", "-").out)
    (hourly,) = lines(export(log, "--csv", "--tz", "Europe/Berlin", "--what", "hours", "--output", "-").out)

    assert (daily["day"], daily["requests"]) == ("2026-05-02", "2")
    assert (hourly["hour"], hourly["day"]) == ("2026-05-01T23:00:00Z", "2026-05-02")
    assert Decimal(daily["cost"]) == 2 * cost(FLASH, 400, 600, 100)


def test_a_month_alone(here: Path) -> None:
    log = write(
        here / "a.jsonl",
        call(id="call-1"),
        call(id="call-2", ts="2026-05-31T23:59:59Z"),
        call(id="call-3", ts="2026-06-01T00:00:00Z"),
    )

    rows = lines(export(log, "--csv", "--month", "2026-05", "--output", "-").out)

    assert sum(int(row["requests"]) for row in rows) == 2


def test_rules_of_allocation_hold(here: Path) -> None:
    (here / "spend.toml").write_text('[[allocation]]\nto = "search"\ncost_center = "4711"\nendpoint = "/rag/*"\n')
    log = write(here / "a.jsonl", call(id="call-1", endpoint="/rag/answer", team="x"), call(id="call-2", team="x"))

    for what in KINDS:
        rows = lines(export(log, "--csv", "--what", what, "--output", "-").out)
        assert {(row["endpoint"], row["team"], row["cost_center"]) for row in rows} == {
            ("/rag/answer", "search", "4711"),
            ("/chat", "x", ""),
        }


def test_own_prices_hold(here: Path) -> None:
    (here / "own.toml").write_text('[prices]\n"deepseek-v4-flash" = { output = "1" }\n')
    log = write(here / "a.jsonl", call())

    (row,) = lines(export(log, "--csv", "--prices", "own.toml", "--output", "-").out)

    assert Decimal(row["cost"]) == cost((FLASH[0], FLASH[1], Decimal(1)), 400, 600, 100)


@pytest.mark.endurance
def test_no_text_of_a_prompt_is_in_any_export(here: Path) -> None:
    record = call(messages=[{"role": "user", "content": "CANARY"}], response="CANARY")
    log = write(here / "a.jsonl", record)

    for words in (["--csv", "--what", "requests"], ["--parquet", "--what", "requests"], ["--xlsx"], ["--focus"]):
        export(log, *words)
    export(log, "--parquet", "--what", "requests", "--partition", "--output", "lake")

    made = [path for path in here.rglob("*") if path.is_file() and path != log]
    assert len(made) == 5
    assert not [path for path in made if b"CANARY" in path.read_bytes()]


# ------------------------------------------------------------------------------------------------ names in CSV

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


# ------------------------------------------------------------------------------------------------ files


@pytest.mark.endurance
def test_files_are_private(here: Path) -> None:
    log = write(here / "a.jsonl", call())

    for words in (["--csv"], ["--parquet"], ["--xlsx"], ["--focus"]):
        export(log, *words)
    export(log, "--parquet", "--what", "requests", "--partition", "--output", "lake")

    made = [path for path in here.rglob("*") if path != log]
    assert len(made) == 7  # four files, and a folder with one folder with one file
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in made} == {0}


@pytest.mark.parametrize("shape", ["csv", "parquet", "xlsx", "focus"])
@pytest.mark.endurance
def test_the_same_ledger_gives_the_same_bytes(shape: str, sampled: Path, here: Path) -> None:
    for name in ("a", "b"):
        export("--db", sampled, f"--{shape}", "--output", name)

    assert (here / "a").read_bytes() == (here / "b").read_bytes()


def test_requests_stand_in_the_order_of_their_logs(here: Path) -> None:
    """Called in no order of time, so that prices by the hour would mix them; calls of an export come last."""
    hours = [f"2026-0{3 + number % 7}-{1 + number % 28:02}T{number * 7 % 24:02}:00:00Z" for number in range(500)]
    calls = [call(request_id=f"r{number}", ts=hour) for number, hour in enumerate(hours)]
    bill = bill_of(
        here / "a-bill.csv", EXPORT_HEAD, "u,2025-11-01,deepseek-chat,k,sk-***,request_count,,5",
        "u,2025-11-01,deepseek-chat,k,sk-***,output_tokens,0.00000042,1000",
    )  # fmt: skip
    logs = [bill, write(here / "b.jsonl", *calls[:300]), write(here / "c.jsonl", *calls[300:])]

    rows = lines(export(*logs, "--csv", "--what", "requests", "--output", "-").out)

    *singly, last = rows
    assert [row["request_id"] for row in singly] == [f"r{number}" for number in range(len(calls))]
    assert last["calls"] == "5"


@pytest.mark.endurance
@pytest.mark.parametrize("shape", ["csv", "parquet"])
def test_many_requests_stand_in_their_order_without_being_sorted(shape: str, here: Path) -> None:
    """More than two threads take at once, all of one day, so that prices are few."""
    many = 400_000
    with Ledger.open(here / "l.duckdb", create=True) as ledger:
        store(ledger.connection, {"records", "calls"})
        ledger.connection.execute(
            "INSERT INTO requests (source_id, records, calls, request_id, started_at, model, input_tokens, output_tokens)"
            " SELECT 1, 1, 1, CAST(i AS VARCHAR), TIMESTAMP '2026-05-01' + to_seconds(i * 7919 % 86400), 'deepseek-v4-pro', i, i"
            f" FROM range({many}) AS t(i)"
        )

    export("--db", "l.duckdb", f"--{shape}", "--what", "requests", "--output", "out")

    read = "read_csv('out')" if shape == "csv" else "read_parquet('out')"
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT CAST(request_id AS BIGINT) FROM {read}").fetchall()
    assert found == [(number,) for number in range(many)]


@pytest.mark.endurance
def test_any_name_will_do(here: Path) -> None:
    """Quotes in a path are no SQL."""
    log = write(here / "a.jsonl", call())
    folder = here / 'it\'s "mine"; --'
    folder.mkdir()

    for words in (["--csv"], ["--parquet"], ["--parquet", "--what", "requests", "--partition"]):
        export(log, *words, "--output", folder / f"it's {len(words)}{words[0]}")

    assert len(list(folder.iterdir())) == 3


def test_a_packed_name_is_packed(here: Path) -> None:
    log = write(here / "a.jsonl", call())

    export(log, "--csv", "--output", "costs.csv.gz")

    assert lines(gzip.decompress(Path("costs.csv.gz").read_bytes()).decode())[0]["endpoint"] == "/chat"


def test_what_was_there_stays_until_the_new_one_is_whole(here: Path) -> None:
    def fail(path: Path) -> int:
        path.write_text("half")
        raise OSError(28, "No space left on device")

    (here / "costs.csv").write_text("before")

    with pytest.raises(OSError, match="No space"):
        write_whole(here / "costs.csv", fail)

    assert (here / "costs.csv").read_text() == "before"
    assert list(here.iterdir()) == [here / "costs.csv"]


def test_a_link_still_points_to_the_file(here: Path) -> None:
    log = write(here / "a.jsonl", call())
    (here / "link.csv").symlink_to(here / "costs.csv")

    export(log, "--csv", "--output", "link.csv")

    assert (here / "link.csv").is_symlink()
    assert (here / "costs.csv").read_text().startswith("day,")


def test_a_pipe_gets_the_rows(here: Path) -> None:
    log = write(here / "a.jsonl", call())
    os.mkfifo(here / "pipe")
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append((here / "pipe").read_text()))
    reader.start()

    export(log, "--csv", "--output", "pipe")
    reader.join(10)

    assert read[0].startswith("day,")


@pytest.mark.endurance
@pytest.mark.parametrize(
    ("shape", "place", "told"),
    [
        ("csv", "no/such/x", "make its folder first"),
        ("xlsx", "no/such/x", "make its folder first"),
        ("parquet", ".", "name a file, not a folder"),
        ("csv", "/dev/full", "free some space"),
        ("xlsx", "/dev/full", "free some space"),
        ("focus", "x" * 300, "name a shorter path"),
    ],
)
def test_where_nothing_can_be_written_it_says_so(shape: str, place: str, told: str, here: Path) -> None:
    log = write(here / "a.jsonl", call())

    run = spend("export", log, f"--{shape}", "--output", place)

    problem, remedy = run.err.splitlines()
    assert run.code == 1
    assert problem.startswith(f"spend: {place}: the export could not be written: ")
    assert remedy.startswith(f"  {told}")
    assert remedy.endswith("with --output")
    assert [path.name for path in here.iterdir()] == ["a.jsonl"]


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--csv", "--xlsx"],
        ["--csv", "--billing-model", "prepaid"],
        ["--xlsx", "--delimiter", ";"],
        ["--parquet", "--raw"],
        ["--focus", "--decimal", ","],
        ["--focus", "--what", "requests"],
        ["--parquet", "--partition", "--output", "x"],
        ["--parquet", "--what", "requests", "--partition"],
        ["--xlsx", "--output", "-"],
        ["--csv", "--decimal", ",", "--delimiter", ","],
        ["--csv", "--month", "2026-13"],
        ["--csv", "--what", "tokens"],
    ],
)
def test_what_does_not_go_together_is_refused(words: list[str], here: Path) -> None:
    run = spend("export", write(here / "a.jsonl", call()), *words)

    assert run.code == 2
    assert len(run.err.splitlines()) == 2
    assert [path.name for path in here.iterdir()] == ["a.jsonl"]


# ------------------------------------------------------------------------------------------------ a folder a month


def partitioned(*words: str | Path) -> list[tuple[Any, ...]]:
    """What a query engine reads of the folder: ids by month."""
    export(*words, "--parquet", "--what", "requests", "--partition", "--output", "lake")
    return duckdb.sql(
        "SELECT month, request_id FROM read_parquet('lake/*/*.parquet', hive_partitioning = true, hive_types_autocast = false) ORDER BY ALL"
    ).fetchall()


def test_requests_lie_in_the_folder_of_their_month(here: Path) -> None:
    log = write(
        here / "a.jsonl", call(id="call-1", ts="2026-05-31T23:59:59Z"), call(id="call-2", ts="2026-06-01T00:00:00Z")
    )

    assert partitioned(log) == [("2026-05", "call-1"), ("2026-06", "call-2")]
    assert sorted(path.name for path in Path("lake").iterdir()) == ["month=2026-05", "month=2026-06"]


def test_a_month_is_put_in_place_of_an_earlier_export(here: Path) -> None:
    log = write(here / "a.jsonl", call(id="call-1"), call(id="call-2", ts="2026-06-01T00:00:00Z"))
    partitioned(log)
    (here / "lake" / "README").touch()
    other = write(here / "b.jsonl", call(id="call-3"))

    assert partitioned(other) == [("2026-05", "call-3"), ("2026-06", "call-2")]
    assert (here / "lake" / "README").exists()


@pytest.mark.endurance
@pytest.mark.parametrize(
    ("words", "told"),
    [((), "month=2026-05, month=2026-07"), (("--since", "2026-06-01"), None), (("--until", "2026-08-01"), None)],
)
def test_months_that_stay_though_the_ledger_has_none_of_them_are_told(
    here: Path, words: tuple[str, ...], told: str | None
) -> None:
    """What reads the folder would count them; where a period was asked for, others are meant to stay."""
    partition = ("--parquet", "--what", "requests", "--partition", "--output", "lake")
    export(
        write(here / "a.jsonl", *(call(id=f"c-{month}", ts=f"2026-{month:02}-02") for month in (5, 6, 7))), *partition
    )
    june = write(here / "b.jsonl", call(id="c-6", ts="2026-06-02"))

    notes = [line for line in spend("export", june, *partition, *words).err.splitlines() if "still has" in line]

    assert notes == ([f"spend: note: lake still has {told}, of which this ledger has no request"] if told else [])


def test_files_of_others_are_not_replaced(here: Path) -> None:
    strange = here / "lake" / "month=2026-05" / "mine.parquet"
    strange.parent.mkdir(parents=True)
    strange.write_text("mine")

    run = spend(
        "export", write(here / "a.jsonl", call()), "--parquet", "--what", "requests", "--partition", "--output", "lake"
    )

    assert (run.code, strange.read_text()) == (1, "mine")
    assert "holds files that no export wrote" in run.err
    assert [path.name for path in (here / "lake").iterdir()] == ["month=2026-05"]


MONTHS = "SELECT * FROM (VALUES ('2026-05', 1), ('2026-06', 2), ('2026-06', 3)) AS t(\"month\", number)"


@pytest.mark.parametrize("stranger", ["part-0.parquet.bak", "my-part-0.parquet", "part-.parquet", None])
def test_nothing_is_replaced_where_one_month_holds_a_file_of_others(
    shared: Ledger, tmp_path: Path, stranger: str | None
) -> None:
    """Nor is any month before it; the stranger may be the place itself."""
    (tmp_path / "month=2026-05").mkdir()
    (tmp_path / "month=2026-05" / "part-0.parquet").write_text("earlier")
    place = tmp_path / "month=2026-06"
    if stranger is None:
        place.write_text("mine")
    else:
        place.mkdir()
        (place / stranger).write_text("mine")

    with pytest.raises(OutputError, match="month=2026-06: holds files that no export wrote"):
        write_partitions(shared.connection, MONTHS, tmp_path)

    assert (tmp_path / "month=2026-05" / "part-0.parquet").read_text() == "earlier"
    assert {path.name for path in tmp_path.iterdir()} == {"month=2026-05", "month=2026-06"}


def test_of_an_earlier_export_no_part_stays(shared: Ledger, tmp_path: Path) -> None:
    """However many parts it had; the folder may be a link to another, which may not be there yet, or not be there itself."""
    (tmp_path / "real" / "month=2026-06").mkdir(parents=True)
    (tmp_path / "lake").symlink_to("real")
    (tmp_path / "link").symlink_to("later")
    for part in (0, 9, 10, 123):
        (tmp_path / "real" / "month=2026-06" / f"part-{part}.parquet").write_text("earlier")

    rows = [write_partitions(shared.connection, MONTHS, tmp_path / name) for name in ("lake", "link", "new")]

    assert rows == [3, 3, 3]
    for folder in ("real", "later", "new"):
        names = sorted(str(path.relative_to(tmp_path / folder)) for path in (tmp_path / folder).rglob("*.parquet"))
        assert names == ["month=2026-05/part-0.parquet", "month=2026-06/part-0.parquet"]
    assert (tmp_path / "lake").is_symlink()


def test_months_are_folders_that_another_export_changes(shared: Ledger, tmp_path: Path) -> None:
    write_partitions(shared.connection, MONTHS, tmp_path)
    (tmp_path / "month=notes").write_text("mine")
    before = months_in(tmp_path)
    write_partitions(shared.connection, f"{MONTHS} WHERE number = 1", tmp_path)

    kept = before.items() & months_in(tmp_path).items()

    assert (set(before), [name for name, _ in kept]) == ({"month=2026-05", "month=2026-06"}, ["month=2026-06"])
    with pytest.raises(NotADirectoryError):
        write_partitions(shared.connection, MONTHS, tmp_path / "month=notes")


def test_its_columns_are_those_of_the_ledger(here: Path) -> None:
    """Names and types: another engine reads it as it would read the ledger."""
    record = call(
        id="call-1", hash_ids=["deep-0007", "deep-0008"], block_size=512, cost="0.25", team="x", latency_ms=1500
    )
    db = here / "l.duckdb"
    spend("ingest", "--db", db, write(here / "a.jsonl", record))
    partitioned("--db", db)

    with Ledger.open(db) as ledger:
        kept = {row[0]: row[1] for row in ledger.connection.execute("DESCRIBE requests").fetchall()}
        held = ledger.connection.execute("SELECT prefix_blocks, completed_at, stated_cost FROM requests").fetchall()
    written = {row[0]: row[1] for row in duckdb.sql("DESCRIBE FROM 'lake/*/*.parquet'").fetchall()}

    assert {name: kept[name] for name in written if name != "month"} == {
        name: kind for name, kind in written.items() if name != "month"
    }
    assert set(kept) - set(written) == {"source_id", "record", "records", "fate"}
    assert duckdb.sql("SELECT prefix_blocks, completed_at, stated_cost FROM 'lake/*/*.parquet'").fetchall() == held


@pytest.mark.endurance
def test_blocks_that_are_mere_numbers_stay_their_logs(here: Path) -> None:
    """Two logs that both number their blocks from 0, in one table: their contents' fingerprints tell them apart."""
    db = here / "l.duckdb"
    for number in (1, 2):
        log = write(here / f"{number}.jsonl", call(id=f"call-{number}", hash_ids=[0, 1]))
        spend("ingest", "--db", db, log)
    partitioned("--db", db)

    with Ledger.open(db) as ledger:
        prints = ledger.connection.execute("SELECT left(fingerprint, 16) FROM sources ORDER BY source_id").fetchall()
    written = duckdb.sql("SELECT prefix_blocks FROM 'lake/*/*.parquet' ORDER BY request_id").fetchall()
    assert prints[0] != prints[1]
    assert written == [([f"{one}:0", f"{one}:1"],) for (one,) in prints]


# ------------------------------------------------------------------------------------------------ workbook


def test_workbook_holds_real_values(here: Path) -> None:
    hostile = [
        '=HYPERLINK("http://x.example")',
        "http://x.example/",
        "{=1}",
        "00012",
        "a\u202eb\x07",
        "mailto:a@b.example",
    ]
    log = write(
        here / "a.jsonl",
        *(call(id=f"call-{n}", endpoint=name) for n, name in enumerate(hostile)),
        call(model="unknown"),
    )

    export(log, "--xlsx")
    page = load_workbook("spend-export.xlsx")["Costs"]
    head = [cell.value for cell in page[1]]
    place = {name: number for number, name in enumerate(head)}
    rows = list(page.iter_rows(min_row=2))

    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref.startswith("A1:")
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n", "d", "b"}
    assert not [cell for row in rows for cell in row if cell.hyperlink]
    named = {row[place["endpoint"]].value for row in rows}
    assert named >= {name for name in hostile if "\x07" not in name} | {"a\\u202eb\\u0007"}
    first = next(row for row in rows if row[place["endpoint"]].value == "00012")
    assert first[place["day"]].value in {datetime(2026, 5, 1), date(2026, 5, 1)}
    assert first[place["cost"]].value == float(cost(FLASH, 400, 600, 100))
    assert first[place["cost"]].number_format == "#,##0.000000"
    assert {row[place["cost"]].value for row in rows if row[place["model"]].value == "unknown"} == {None}


@pytest.mark.endurance
def test_too_many_rows_for_a_sheet(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MOST", 2)
    calls = [call(id=f"call-{day}", ts=f"2026-05-0{day}T10:00:00Z") for day in (1, 2, 3)]

    assert export(write(here / "a.jsonl", *calls[:2]), "--xlsx").code == 0
    run = spend("export", write(here / "b.jsonl", *calls), "--xlsx", "--output", "b.xlsx")

    assert run.code == 1
    assert "a sheet holds 2 rows, and there are 3" in run.err
    assert "--parquet or --csv" in run.err
    assert not Path("b.xlsx").exists()


# ------------------------------------------------------------------------------------------------ documented


@pytest.mark.endurance
def test_the_documented_columns_are_those_that_are_written(here: Path) -> None:
    """Each table of docs/exports.md names the columns of its file, in their order."""
    text = (ROOT / "docs" / "exports.md").read_text(encoding="utf-8")
    tables = {
        title: re.findall(r"^\| `(\w+)` \|", part, flags=re.MULTILINE)
        for title, part in re.findall(r"^### (.+?)\n(.*?)(?=^##|\Z)", text, flags=re.MULTILINE | re.DOTALL)
    }
    log = write(here / "a.jsonl", call())

    def head(*words: str) -> list[str]:
        return export(log, *words, "--output", "-").out.splitlines()[0].split(",")

    assert tables["Cost lines"] == head("--csv")
    assert ["hour", *tables["Cost lines"]] == head("--csv", "--what", "hours")
    assert tables["Requests"] == head("--csv", "--what", "requests")
    partitioned(log)
    assert tables["Requests for another engine"] == [
        row[0] for row in duckdb.sql("DESCRIBE FROM 'lake/*/*.parquet'").fetchall()
    ]
    focus = dict.fromkeys(head("--focus") + head("--focus", "--focus-version", "1.4"))
    assert sorted(tables["Columns"]) == sorted(focus)


@pytest.mark.endurance
def test_the_documented_statements_run(sampled: Path, totals: dict[str, Any]) -> None:
    """The SQL of docs/exports.md reads what `spend export` wrote, exactly."""
    text = (ROOT / "docs" / "exports.md").read_text(encoding="utf-8")
    for words in (["--csv"], ["--parquet"], ["--focus"]):
        export("--db", sampled, *words)
    export("--db", sampled, "--parquet", "--what", "requests", "--partition", "--output", "lake")
    statements = [
        one
        for block in re.findall(r"```sql\n(.*?)```", text, flags=re.DOTALL)
        for one in block.split(";")
        if one.strip()
    ]

    answers = [duckdb.sql(statement).fetchall() for statement in statements]

    assert len(answers) >= 3
    for statement, rows in zip(statements, answers, strict=True):
        assert rows, statement
        if "sum(" in statement and "cost" in statement.lower():
            assert sum(row[-1] for row in rows if row[-1] is not None) == Decimal(totals["cost"]), statement


def test_it_stands_in_the_help() -> None:
    run = spend("--help")

    assert "export" in run.out
    assert run.out.index("reconcile") < run.out.index("export") < run.out.index("query")


def test_options_may_stand_in_spend_toml(here: Path) -> None:
    (here / "spend.toml").write_text('month = "2026-06"\n')
    log = write(
        here / "a.jsonl", call(id="call-1"), call(id="call-2", ts="2026-06-01T00:00:00Z", model="deepseek-v4-pro")
    )

    (row,) = lines(export(log, "--csv", "--output", "-").out)

    assert Decimal(row["cost"]) == cost(PRO, 400, 600, 100)


@pytest.mark.endurance
def test_a_ledger_is_added_to_as_elsewhere(here: Path) -> None:
    """LOGs with --db are read into it first; without LOGs the ledger is the subject."""
    db = here / "l.duckdb"
    export(write(here / "a.jsonl", call(id="call-1")), "--db", db, "--csv")
    export(write(here / "b.jsonl", call(id="call-2")), "--db", db, "--csv")

    assert sum(int(row["requests"]) for row in lines(Path("spend-export.csv").read_text())) == 2
    assert json.loads(spend("status", "--db", db, "--json").out)["ledger"]["requests"] == 2


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EFBIG])
def test_a_folder_that_does_not_fit_is_said_in_a_word_and_not_in_a_list_of_its_files(
    number: int, tmp_path: Path
) -> None:
    """It is moved from where DuckDB wrote it, file by file where that is another disk."""
    listed = shutil.Error([("made/part-0", "x/part-0", f"[Errno {number}] {os.strerror(number)}: 'made/part-0'")])
    with ledger_of() as ledger, patch("analyzer.report.file.shutil.move", side_effect=listed):
        with pytest.raises(OSError, match=os.strerror(number)) as caught:
            copy(ledger.connection, "SELECT 1 AS one", tmp_path / "x", "FORMAT csv")
        assert (caught.value.errno, caught.value.strerror) == (number, os.strerror(number))
