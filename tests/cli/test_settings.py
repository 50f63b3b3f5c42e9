"""Options in ``spend.toml`` and in files like it: what is wrong in them, and what wins."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from support import call, spend, told, write

from analyzer.errors import SpendError
from analyzer.finance.allocation import read_allocation
from analyzer.finance.plan import read_budgets
from analyzer.finance.settings import read_settings
from analyzer.prices.own import rates

pytestmark = pytest.mark.usefixtures("good")


@pytest.mark.parametrize(
    ("text", "problem", "remedy"),
    [
        ('[[budget]]\nmonth = "1"', "budget is no table", "one [budget], in single brackets"),
        ('[[prices]]\n"m" = { input = "1" }', "prices is no table", "one [prices], in single brackets"),
        ("[[review]]\nanomaly_score = 3", "review is no table", "one [review], in single brackets"),
        ('prices = ["own.toml", 3]', "prices holds what is no text", 'write prices = ["negotiated.toml"]'),
        ("prices = 3", "prices is no table", "one [prices], in single brackets"),
        ('budget = "5"', "budget is no table", "one [budget], in single brackets"),
        ('budget = ["5"]', "budget is no table", "one [budget], in single brackets"),
        ('[share]\nof = "a"', "share is no list of tables", "write each under its own [[share]]"),
        ("share = 1", "share is no list of tables", "write each under its own [[share]]"),
        ('allocation = "a"', "allocation is no list of tables", "write each under its own [[allocation]]"),
        ('allocation = ["a"]', "allocation[1] is no table", "write its keys under [[allocation]]"),
        (f"tz = {'9' * 5000}", "a number in it is too long", "fewer digits"),
        (f"tz = {'[' * 5000}", "its lists or tables are nested too deeply", "fewer inside another"),
    ],
)
def test_a_table_that_is_none_is_named(tmp_path: Path, text: str, problem: str, remedy: str) -> None:
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")

    run = spend("--config", "mine.toml", "review", "2026-05", "good.jsonl", "--no-report", "--no-workbook", "--quiet")

    ((said, how),) = told(run)
    assert said.startswith(f"mine.toml: {problem}")
    assert remedy in how
    assert (run.code, run.out) == (2, "")


@pytest.mark.parametrize(
    ("text", "problem", "remedy"),
    [
        ("db = 5", "db is no text", 'write db = "spend.duckdb"'),
        ('db = ["a"]', "db is no text", 'write db = "spend.duckdb"'),
        ("db = { a = 1 }", "db is no text", 'write db = "spend.duckdb"'),
        ("report = 7", "report is no text", 'write report = "spend-report.html"'),
        ("tz = 2026-05-01", "tz is no text", 'write tz = "Europe/Berlin"'),
        ("since = 12:00:00", "since is no text", 'write since = "2026-10-01"'),
        ("scenario = [1]", "scenario is no text and no list of texts", 'write scenario = ["all-flash", "mixed"]'),
        ('strict = "yes"', "strict is neither true nor false", "write strict = true, without quotes"),
        ("quiet = 1", "quiet is neither true nor false", "write quiet = true, without quotes"),
        ('endpoint-by = "team"\nendpoint_by = "user"', "endpoint-by and endpoint_by are one", "leave one of them out"),
        ("quiet = true\nno_progress = true", "quiet and no_progress are one", "leave one of them out"),
        ("[reviwe]\nanomaly_score = 3", "unknown table [reviwe]", "did you mean review?"),
        ("price_dat = 1", "unknown option price_dat", "did you mean price_date?"),
        ('tz = "X"', "tz X: no such time zone", "Europe/Berlin"),
        ('month = "2026-13"', "month 2026-13: no month", "2026-10"),
        ('since = "soon"', "since soon: no day", "2026-10-01"),
        ('price_date = "soon"', "price_date soon: no day", "in-force"),
        ('currency = "usd"', "currency usd: no prices", "did you mean USD?"),
        ('clock = "now"', "Invalid value for '--clock'", "analyze --help"),
        ('format = "litelm"', "format: unknown format: litelm", "litellm"),
        ('prices = "missing.toml"', "prices: missing.toml: no such file", "check mine.toml: prices"),
        ('scenario = "al-flash"', "scenario: al-flash: no scenario", "all-flash"),
        ('[prices]\nm = { input = 1 }', "m: 'input' must be a text", 'input = "..."'),
        ("tz = ", "no valid TOML", "mend the line that is named"),
    ],
)  # fmt: skip
def test_what_is_written_wrong_is_named_with_its_file(tmp_path: Path, text: str, problem: str, remedy: str) -> None:
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")

    run = spend("--config", "mine.toml", "analyze", "good.jsonl", "--no-report")

    ((said, how),) = told(run)
    assert said.startswith(f"mine.toml: {problem}")
    assert remedy in how
    assert (run.code, run.out) == (2, "")


def test_what_is_wrong_on_the_command_line_is_not_put_down_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "spend.toml").write_text('tz = "UTC"\nclock = "start"\nprices = []', encoding="utf-8")

    for arguments in (("--tz", "X"), ("--clock", "now"), ("--prices", "none.toml")):
        ((said, _),) = told(spend("analyze", "good.jsonl", "--no-report", *arguments))
        assert "spend.toml" not in said


@pytest.mark.parametrize(
    "text",
    [
        "quiet = false",
        "since = 2026-05-01",
        *(
            pytest.param(text, marks=pytest.mark.endurance)
            for text in ("until = 2026-06-01T00:00:00Z", "scenario = []")
        ),
    ],
)
def test_what_is_written_right_is_taken(tmp_path: Path, text: str) -> None:
    (tmp_path / "spend.toml").write_text(text, encoding="utf-8")

    assert spend("analyze", "good.jsonl", "--no-report").code == 0


@pytest.mark.endurance
def test_no_report_and_json_can_be_written_too_and_a_report_asked_for_is_made(tmp_path: Path) -> None:
    (tmp_path / "spend.toml").write_text("no_report = true\njson = true", encoding="utf-8")

    alone, asked = spend("analyze", "good.jsonl"), spend("analyze", "good.jsonl", "--report", "mine.html")

    assert (alone.document["schema"], asked.document) == ("spend.analyze/1", alone.document)
    assert sorted(path.name for path in tmp_path.glob("*.html")) == ["mine.html"]


def test_a_fault_in_own_prices_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('[prices]\nm = { discount = "5" }', encoding="utf-8")

    run = spend("prices", "--check", "--prices", "own.toml")

    assert (run.code, told(run)[0][0]) == (2, "own.toml: m: '5' is no discount")


@pytest.mark.endurance
def test_paths_of_prices_stay_an_option(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('[prices]\n"deepseek-v4-flash" = { output = "9" }', encoding="utf-8")

    for value in ('"own.toml"', '["own.toml"]'):
        (tmp_path / "mine.toml").write_text(f"prices = {value}", encoding="utf-8")

        # 400 misses at 0.14, 600 hits at 0.0028 and 100 tokens out at 9 for a million.
        assert "Spent $0.000958 " in spend("--config", "mine.toml", "analyze", "good.jsonl", "--no-report").out


# What TOML can hold where a table, a text or a number is expected.
_NAMES = st.sampled_from(
    ["of", "to", "by", "from", "until", "month", "2026-05", "2026-99", "requests", "amount", "endpoint", "team", "user",
     "cost_center", "model", "anomaly_floor", "anomaly_score", "input", "discount", "currency", "input_above", "search",
     "provider", "service_tier", "a", "", "*", "{key}"]
)  # fmt: skip
_PLAIN = st.one_of(
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.decimals(allow_nan=True),
    st.sampled_from([Decimal(text) for text in ("1e-999999999", "1e999999999", "0e-999999999", "0e999999999", "0.5")]),
    st.text(max_size=5),
    st.sampled_from(
        ["0.40", "12.5%", "1e-999999999", "0e999999999", "sNaN", "unallocated", "2026-10-01", "EUR", "cost"]
    ),
    st.dates(),
    st.times(),
    st.datetimes(),
    st.sampled_from([datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))]),
)
_ANY = st.recursive(
    _PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3), max_leaves=8
)
_TABLES = st.dictionaries(_NAMES, _ANY, max_size=4)


@given(table=_TABLES, rules=st.lists(_TABLES | _PLAIN, max_size=2))
@example({"m": {"input": "1", "from": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))}}, [])
@example({"anomaly_score": Decimal("1e-999999999"), "month": "0e999999999"}, ["sNaN"])
@hypothesis_settings(max_examples=200, deadline=None)
def test_whatever_stands_in_a_table_is_read_or_named(table: dict[str, object], rules: list[object]) -> None:
    """As :func:`analyzer.cli.settings.read` hands it on: a table, or a list of them."""
    readers: list[Callable[[], object]] = [
        lambda: read_budgets(table, "spend.toml"),
        lambda: read_settings({"review": table}, "spend.toml"),
        lambda: rates(table, "spend.toml"),
        lambda: read_allocation({"allocation": rules}, "spend.toml"),
        lambda: read_allocation({"share": rules}, "spend.toml"),
    ]
    errors = []
    for reader in readers:
        try:
            reader()
        except SpendError as error:
            errors.append(error)

    assert all(str(error).startswith("spend.toml: ") and error.remedy for error in errors)


@pytest.mark.endurance
@pytest.mark.parametrize(
    ("written", "typed", "calls"),
    [
        ('since = "2026-05-01"', "--month 2026-06", 2),
        ('month = "2026-05"', "--since 2026-06-03", 1),
        ('month = "2026-05"', "--month 2026-06", 2),
        ('since = "2026-05-01"\nuntil = "2026-05-09"', "--until 2026-07-01", 4),
        ('since = "2026-05-01"\nuntil = "2026-05-09"', "", 1),
    ],
)
def test_a_period_on_the_command_line_wins_over_the_written_one(
    tmp_path: Path, written: str, typed: str, calls: int
) -> None:
    """As a whole: nothing of the written one bounds it. The calls are of April 20th, May 5th, June 2nd and 20th."""
    days = ("2026-04-20", "2026-05-05", "2026-06-02", "2026-06-20")
    write(tmp_path / "days.jsonl", *(call(ts=f"{day}T10:00:00Z") for day in days))
    (tmp_path / "spend.toml").write_text(written, encoding="utf-8")
    run = spend("analyze", "days.jsonl", "--no-report", "--json", "--scenario", "all-flash", *typed.split())
    assert run.document["totals"]["requests"] == calls


def test_a_written_period_is_one_as_well(tmp_path: Path) -> None:
    (tmp_path / "spend.toml").write_text('since = "2026-05-01"\nmonth = "2026-05"', encoding="utf-8")
    run = spend("analyze", "good.jsonl", "--no-report")
    assert (run.code, told(run)[0][0]) == (2, "spend.toml: month goes without --since and --until")


def test_a_ledger_named_in_the_file_is_forgets_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "a.jsonl", call(), call())
    (tmp_path / "spend.toml").write_text('db = "own.duckdb"', encoding="utf-8")
    assert spend("ingest", "a.jsonl").code == 0

    run = spend("forget", "a.jsonl", "--json")

    assert (run.code, run.document["ledger"]["requests"]) == (0, 0)
    assert not (tmp_path / "spend.duckdb").exists()


def test_an_empty_word_in_the_file_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "spend.toml").write_text('db = ""', encoding="utf-8")
    run = spend("status")
    assert (run.code, run.err) == (2, "spend: spend.toml: db is empty\n  give it a value, or leave it out\n")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs /dev/zero")
@pytest.mark.parametrize(
    "words",
    [
        ["--config", "/dev/zero", "status"],
        ["analyze", "good.jsonl", "--prices", "/dev/zero"],
        ["analyze", "good.jsonl", "--scenario", "/dev/zero"],
        ["analyze", "good.jsonl", "--map", "/dev/zero"],
    ],
)
def test_a_file_of_yours_that_never_ends_is_not_read_for_ever(words: list[str]) -> None:
    """It took all memory there was."""
    run = spend(*words)
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith("spend: /dev/zero: ")
    assert len(run.err.splitlines()) == 2
