"""Exports: one total in every shape, exact numbers, and the columns that are documented."""

import json
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from exports import added, export, lines
from openpyxl import load_workbook
from support import CALM, FLASH, MILLION, PRO, ROOT, call, cost, spend, write

from analyzer.report import sheet

KINDS = ("costs", "hours", "requests")

pytestmark = pytest.mark.usefixtures("here")


@pytest.fixture(scope="module")
def totals(sampled: Path) -> dict[str, Any]:
    """What the plain analysis says of the same ledger."""
    run = spend("analyze", "--db", sampled, "--json", "--no-report", "--scenario", "all-flash")
    told: dict[str, Any] = run.document["totals"]
    return told


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
    export(log, "--parquet", "--what", "requests", "--partition", "--output", "lake")
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
