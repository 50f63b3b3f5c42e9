"""The program as people meet it: exit codes, what goes to which stream, errors of two lines, never a traceback."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

import pytest
from conftest import load_paths
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from support import Ended, call, command, program, spend, surroundings, write

from analyzer.engines.query import queries
from analyzer.errors import SpendError
from analyzer.finance.allocation import read_allocation
from analyzer.finance.budget import read_budgets
from analyzer.finance.settings import read_settings
from analyzer.ingest.format import formats
from analyzer.ledger import Ledger
from analyzer.prices.own import rates

COMMANDS = (
    "analyze",
    "ingest",
    "report",
    "simulate",
    "review",
    "reconcile",
    "export",
    "query",
    "prices",
    "formats",
    "status",
)
LATER = "2026-05-02T10:00:00Z"

# Root may read and write anything; without these two capabilities permissions bind it as well.
BOUND = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--inh-caps", "-dac_override,-dac_read_search")


def told(run: Ended) -> list[tuple[str, str]]:
    """The errors of a run, each with its remedy. Notes and rejected records are none."""
    assert "Traceback" not in run.err + run.out
    lines = [line for line in run.err.splitlines() if not line.startswith("spend: note: ")]
    problems, remedies = lines[::2], lines[1::2]
    assert len(problems) == len(remedies), run.err
    assert all(line.startswith("spend: ") for line in problems), run.err
    assert all(line.startswith("  ") and line.strip() for line in remedies), run.err
    return [
        (problem.removeprefix("spend: "), remedy.strip()) for problem, remedy in zip(problems, remedies, strict=True)
    ]


@pytest.fixture(autouse=True)
def good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sound log of one call, in the working directory."""
    monkeypatch.chdir(tmp_path)
    return write(tmp_path / "good.jsonl", call())


# ------------------------------------------------------------------------------------------------ files


def _text(path: Path) -> None:
    path.write_text("These are no logs\nbut lines of prose.\n", encoding="utf-8")


def _image(path: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 8)


def _package(path: Path) -> None:
    path.write_text('{\n "name": "app",\n "version": "1.0.0",\n "scripts": {"test": "x"}\n}\n', encoding="utf-8")


def _folder(path: Path) -> None:
    path.mkdir()
    (path / "notes.txt").touch()


def _nothing(path: Path) -> None:
    assert not path.exists()


NO_LOGS: dict[str, tuple[Callable[[Path], None], str]] = {
    "notes.txt": (_text, "notes.txt: neither JSON lines nor CSV"),
    "image.png": (_image, "image.png: neither JSON lines nor CSV"),
    "package.json": (_package, "package.json: no format fits"),
    "logs": (_folder, "logs: no logs in this folder"),
    "missing.jsonl": (_nothing, "missing.jsonl: no such file"),
    "missing/*.jsonl": (_nothing, "missing/*.jsonl: matches no file"),
}


@pytest.fixture(scope="module")
def among_others(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """A sound log between all kinds of things that are none."""
    folder = tmp_path_factory.mktemp("others")
    for name, (make, _) in NO_LOGS.items():
        make(folder / name)
    write(folder / "sound.jsonl", call())
    return program("analyze", *NO_LOGS, "sound.jsonl", "--no-report", "--json", cwd=folder)


@pytest.mark.parametrize("name", NO_LOGS)
def test_what_is_no_log_is_named_with_a_remedy(among_others: Ended, name: str) -> None:
    problem = NO_LOGS[name][1]

    assert [bool(remedy) for said, remedy in told(among_others) if said.startswith(problem)] == [True]


def test_the_rest_is_read_all_the_same(among_others: Ended) -> None:
    assert len(told(among_others)) == len(NO_LOGS)
    assert among_others.code == 1
    assert among_others.document["totals"]["requests"] == 1


def test_nothing_readable_prints_no_result() -> None:
    run = spend("analyze", "missing.jsonl", "also-missing.jsonl", "--no-report", "--json")

    assert [problem for problem, _ in told(run)] == [
        "missing.jsonl: no such file",
        "also-missing.jsonl: no such file",
        "none of the logs could be read",
    ]
    assert (run.code, run.out) == (1, "")


def test_an_empty_file_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()

    run = spend("analyze", "empty.jsonl", "--no-report")

    assert run.code == 0
    assert run.err == "spend: note: empty.jsonl: is empty; it adds nothing\n"
    assert "0 requests" in run.out
    assert "No requests were found" in run.out


def _bound() -> tuple[str, ...]:
    """Words before the command that make permissions bind; skips where nothing does."""
    if os.geteuid() != 0:
        return ()
    if not shutil.which("setpriv") or subprocess.run([*BOUND, "true"], check=False, capture_output=True).returncode:
        pytest.skip("root, and no way to give up its rights over files")
    return BOUND


@pytest.mark.endurance
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret.jsonl", call())
    secret.chmod(0o000)

    run = program("analyze", "secret.jsonl", "good.jsonl", "--no-report", "--json", cwd=tmp_path, before=_bound())

    assert told(run) == [("secret.jsonl: cannot be read (Permission denied)", "check the file and its permissions")]
    assert run.code == 1
    assert run.document["totals"]["requests"] == 1


# ------------------------------------------------------------------------------------------------ records

WRONG: list[tuple[dict[str, object] | str, str]] = [
    ('{"ts": "2026-05-01T10:00:00Z", "model"', "not valid JSON"),
    ("null", "no JSON object"),
    ("[1, 2]", "no JSON object"),
    (call(input_tokens="five"), "input_tokens is no whole number from 0 to 2^53 - 1: not a number"),
    (call(output_tokens={}), "output_tokens is no whole number"),
    (call(input_tokens=[1]), "input_tokens is no whole number"),
    (call(output_tokens=True), "output_tokens is no whole number"),
    (call(input_tokens=-5), "input_tokens is no whole number from 0 to 2^53 - 1: -5"),
    (call(output_tokens=1.5), "output_tokens is no whole number from 0 to 2^53 - 1: 1.5"),
    (call(input_tokens=2**60), "input_tokens is no whole number from 0 to 2^53 - 1"),
    (call(cache_read_tokens=1001), "cache_read_tokens 1001 and cache_write_tokens 0 exceed input_tokens 1000"),
    (call(reasoning_tokens=101), "reasoning_tokens 101 exceed output_tokens 100"),
    (call(ts=...), "no time (looked for ts, timestamp"),
    (call(ts="yesterday"), "its time is neither ISO 8601 nor a Unix time"),
    (call(ts="2999-01-01T00:00:00Z"), "its time is not between 2000 and 2100"),
    (call(model=...), "no model (looked for model, model_name"),
    (call(model=""), "no model"),
]
NAMES = [problem if isinstance(record, str) else f"{record} {problem}"[-60:] for record, problem in WRONG]


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended]:
    """A log of one wrong record after the other, sound ones between them, read by the real program."""
    folder = tmp_path_factory.mktemp("broken")
    sound = (call(endpoint=f"/sound/{number}") for number in range(len(WRONG) + 1))
    write(folder / "broken.jsonl", next(sound), *(each for record, _ in WRONG for each in (record, next(sound))))
    return folder, program("ingest", "broken.jsonl", "--db", "spend.duckdb", "--json", cwd=folder)


@pytest.mark.parametrize(
    ("place", "problem"), [(2 * place + 2, problem) for place, (_, problem) in enumerate(WRONG)], ids=NAMES
)
def test_a_wrong_record_is_rejected_with_its_line_and_reason(
    broken: tuple[Path, Ended], place: int, problem: str
) -> None:
    assert problem in _rejected(broken)[place]


@pytest.mark.parametrize(
    ("record", "given"), [(call(ts=...), True), (call(model=""), True), (call(input_tokens=-5), False)]
)
def test_what_a_record_lacks_can_be_given(record: dict[str, object], given: bool, tmp_path: Path) -> None:
    run = spend("ingest", write(tmp_path / "log.jsonl", record), "--db", tmp_path / "l.duckdb")
    [remedy] = [line for line in run.err.splitlines() if line.startswith("  ")]
    assert ("give what is missing with --set time=... or model=..." in remedy) == given


def _rejected(broken: tuple[Path, Ended]) -> dict[int, str]:
    return {row["record"]: row["reason"] for row in broken[1].document["rejected"]}


def test_the_sound_records_are_kept_all(broken: tuple[Path, Ended]) -> None:
    folder, run = broken
    counts = run.document["ledger"]

    assert run.code == 0
    assert "Traceback" not in run.err
    assert "broken.jsonl, record 2: not valid JSON" in run.err
    assert counts["records"] == 2 * len(WRONG) + 1 == counts["requests"] + counts["rejected"]
    kept = spend("analyze", "--db", folder / "spend.duckdb", "--no-report", "--json", "--scenario", "all-flash")
    endpoints = kept.document["endpoints"]
    assert {f"/sound/{number}" for number in range(len(WRONG) + 1)} <= {each["endpoint"] for each in endpoints}


def test_a_cut_last_line_waits(good: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.jsonl"
    cut.write_text(good.read_text() + good.read_text()[:40], encoding="utf-8")

    run = spend("analyze", cut, "--no-report", "--json", "--scenario", "all-flash")

    assert run.code == 0
    assert run.err == f"spend: note: {cut}: a cut last line (40 bytes) waits for its rest\n"
    assert run.document["ledger"]["records"] == run.document["ledger"]["requests"] == 1


def test_a_model_nobody_knows_is_unpriced(tmp_path: Path) -> None:
    log = write(tmp_path / "other.jsonl", call(), call(model="gpt-99", ts=LATER))

    run = spend("analyze", log, "--no-report")

    assert (run.code, run.err) == (0, "")
    assert "No price is known for: gpt-99 (1)" in run.out


@pytest.mark.endurance
@pytest.mark.parametrize(
    ("record", "problem"),
    [
        (call(input_tokens=-5), "--strict: 1 record rejected, 0 requests unpriced"),
        (call(model="gpt-99"), "--strict: 0 records rejected, 1 request unpriced"),
        (call(), None),
    ],
    ids=["rejected", "unpriced", "sound"],
)
@pytest.mark.parametrize("verb", ["analyze", "simulate", "ingest"])
def test_strict(tmp_path: Path, verb: str, record: dict[str, object], problem: str | None) -> None:
    log = write(tmp_path / "log.jsonl", call(ts=LATER), record)
    options = {
        "analyze": ("--scenario", "all-flash", "--no-report"),
        "simulate": ("--scenario", "all-flash"),
        "ingest": ("--db", str(tmp_path / "l.duckdb")),
    }[verb]

    lax, strict = (spend(verb, log, "--json", *options, *more) for more in ((), ("--strict",)))

    assert lax.code == 0
    assert strict.code == (1 if problem else 0)
    assert strict.out == lax.out
    assert [said for said, _ in told(strict) if said.startswith("--strict")] == ([problem] if problem else [])


# ------------------------------------------------------------------------------------------------ wrong usage


@pytest.mark.parametrize(
    ("arguments", "problem", "remedy"),
    [
        ("analyze good.jsonl --format litelm", "unknown format: litelm", "litellm-spend-logs"),
        ("analyze good.jsonl --format deepseek", "unknown format: deepseek", "deepseek-export"),
        (
            "analyze good.jsonl --currency EUR",
            "--currency EUR: no prices are known in it",
            "known: CNY, USD; own prices may be in any: give them with --prices",
        ),
        ("analyze good.jsonl --currency usd", "--currency usd: no prices are known in it", "did you mean USD? known: "),
        ("analyze good.jsonl --tz Mars/Phobos", "--tz Mars/Phobos: no such time zone", "Europe/Berlin"),
        ("analyze good.jsonl --tz ../../etc/passwd", "--tz ../../etc/passwd: no such time zone", "UTC"),
        ("analyze good.jsonl --tz localtime", "--tz localtime: no such time zone", "UTC"),
        ("analyze good.jsonl --tz right/UTC", "--tz right/UTC: no such time zone", "UTC"),
        ("simulate good.jsonl --init .toml", "--init: no name", "NAME.toml"),
        ("prices flash --at 9999-12-31", "--at 9999-12-31: no price list", "9998-12-31"),
        ("analyze good.jsonl --month 2026-13", "--month 2026-13: no month", "2026-10"),
        ("analyze good.jsonl --month October", "--month October: no month", "2026-10"),
        ("analyze good.jsonl --month 9999-12", "--month 9999-12: no month", "2026-10"),
        (
            "analyze good.jsonl --month 2026-10 --since 2026-10-01",
            "--month goes without --since and --until",
            "one or the other",
        ),
        ("analyze good.jsonl --since soon", "--since soon: no day and no instant", "2026-10-01"),
        (
            "analyze good.jsonl --since 2026-10-02 --until 2026-10-02",
            "--since 2026-10-02 is not before --until",
            "half-open",
        ),
        ("analyze good.jsonl --price-date yesterday", "--price-date yesterday: no day", "2026-04-24"),
        ("analyze good.jsonl --scenario al-flash", "al-flash: no scenario of this name, and no such file", "all-flash"),
        ("analyze good.jsonl --scenario .", ".: is a folder, and no file", "mixed"),
        ("analyze good.jsonl --scenario mine.toml", "mine.toml: unknown key defualt", "did you mean default?"),
        ("analyze good.jsonl --prices missing.toml", "missing.toml: no such file", "check --prices"),
        ("analyze good.jsonl --map missing.toml", "missing.toml: no such file", "check --map"),
        ("analyze good.jsonl --clock now", "Invalid value for '--clock'", "analyze --help"),
        ("analyze good.jsonl --endpoint-by colour", "Invalid value for '--endpoint-by'", "analyze --help"),
        ("analyze good.jsonl --set colour=red", "--set colour=red: not understood", "endpoint"),
        ("analyze good.jsonl --set model", "--set model: not understood", "WORD=VALUE"),
        ("analyze good.jsonl --set time=noon", "--set time noon: no day and no instant", "2026-10-01"),
        ("analyze good.jsonl --bogus", "No such option", "analyze --help"),  # its name in click's own words
        ("simulate good.jsonl --scenario mine.toml", "mine.toml: unknown key defualt", "did you mean default?"),
        ("ingest", "name at least one LOG", "ingest --help"),
        ("query totls", "unknown query: totls", "totals"),
        ("query mine.sql", "unknown query: mine.sql", "duckdb -readonly LEDGER -f FILE.sql"),
        ("analys good.jsonl", "no such command: analys. did you mean analyze?", "spend --help"),
        ("frobnicate", "no such command: frobnicate. commands: analyze", "spend --help"),
        ("--config missing.toml status", "missing.toml: no such file", "--config"),
        ("analyze good.jsonl --prices .", ".: is a folder, and no file", "check --prices"),
        ("analyze good.jsonl --prices good.jsonl/own.toml", "good.jsonl/own.toml: no such file", "check --prices"),
        ("--config mine.toml status", "mine.toml: unknown option defualt", "known: db"),
        ("--config good.jsonl status", "good.jsonl: no valid TOML", "mend the line that is named"),
    ],
)
def test_wrong_usage_is_named_and_exits_2(tmp_path: Path, arguments: str, problem: str, remedy: str) -> None:
    (tmp_path / "mine.toml").write_text('defualt = "flash"\n', encoding="utf-8")

    run = spend(*arguments.split())

    ((said, how),) = told(run)
    assert said.startswith(problem)
    assert remedy in how
    assert (run.code, run.out) == (2, "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["good.jsonl", "mine.toml"]


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
    "text", ["quiet = false", "since = 2026-05-01", "until = 2026-06-01T00:00:00Z", "scenario = []"]
)
def test_what_is_written_right_is_taken(tmp_path: Path, text: str) -> None:
    (tmp_path / "spend.toml").write_text(text, encoding="utf-8")

    assert spend("analyze", "good.jsonl", "--no-report").code == 0


@pytest.mark.parametrize(
    ("arguments", "problem", "remedy"),
    [
        ("review 2026-05 good.jsonl --report x --workbook x", "--workbook x: is where --report goes", "--workbook"),
        ("review 2026-05 good.jsonl --report x --workbook ./x", "--workbook x: is where --report goes", "--workbook"),
        ("review 2026-05 good.jsonl --db l.duckdb --report l.duckdb", "--report l.duckdb: is the ledger", "--report"),
        ("review 2026-05 --report spend.duckdb", "--report spend.duckdb: is the ledger", "--report"),
        ("review 2026-05 good.jsonl --workbook b.csv --bill b.csv", "--workbook b.csv: is a bill", "--workbook"),
        ("analyze good.jsonl --report good.jsonl", "--report good.jsonl: is a LOG", "another place"),
        ("report good.jsonl --report link", "--report link: is a LOG", "another place"),
        ("export --csv --output spend.duckdb", "--output spend.duckdb: is the ledger", "--output"),
        ("prices --chart c.html", "--chart needs a model", "spend prices flash --chart c.html"),
        ("prices flash --check --chart c.html", "--chart needs a model", "spend prices flash --chart c.html"),
        ("prices flash --at 2026-05-01 --chart c.html", "--chart goes without --at", "leave one of them out"),
    ],
)
def test_no_output_lies_on_another_or_on_what_is_read(
    tmp_path: Path, arguments: str, problem: str, remedy: str
) -> None:
    (tmp_path / "link").symlink_to("good.jsonl")

    run = spend(*arguments.split())

    ((said, how),) = told(run)
    assert said.startswith(problem)
    assert remedy in how
    assert (run.code, run.out) == (2, "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["good.jsonl", "link"]


@pytest.mark.endurance
def test_a_device_takes_several_outputs() -> None:
    words = ("--report", "/dev/null", "--workbook", "/dev/null", "--quiet")

    assert spend("review", "2026-05", "good.jsonl", *words).code == 0


def test_a_fault_in_own_prices_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('[prices]\nm = { discount = "5" }', encoding="utf-8")

    run = spend("prices", "--check", "--prices", "own.toml")

    assert (run.code, told(run)[0][0]) == (2, "own.toml: m: '5' is no discount")


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


def test_a_ledger_that_is_not_there_is_told_how_to_be_made() -> None:
    """By all commands in the same words, also by those that take no LOG."""
    runs = [spend("status", "--db", "mine.duckdb"), spend("forget", "x", "--db", "mine.duckdb")]
    assert [told(run) for run in runs] == [
        [
            (
                "mine.duckdb: no ledger here",
                "make one: spend ingest LOG... --db mine.duckdb; or name another with --db;"
                " spend analyze LOG... needs none",
            )
        ]
    ] * 2


@pytest.mark.endurance
def test_of_many_logs_that_add_nothing_the_first_are_named(tmp_path: Path) -> None:
    """Ten of eleven; of one in a throwaway ledger nobody says that it is in a ledger."""
    for number in range(11):
        write(tmp_path / f"{number:02}.log", call(id=str(number)))
    assert spend("ingest", *sorted(tmp_path.glob("*.log")), "--db", "l.duckdb").err == ""
    again = spend("ingest", *sorted(tmp_path.glob("*.log")), "--db", "l.duckdb").err.splitlines()
    assert again[0] == f"spend: note: {tmp_path / '00.log'}: is in the ledger already; it adds nothing"
    assert (len(again), again[-1]) == (11, "spend: note: 1 more log adds nothing")

    (tmp_path / "copy.jsonl").write_bytes((tmp_path / "good.jsonl").read_bytes())
    copied = spend("analyze", "good.jsonl", "copy.jsonl", "--no-report").err
    assert copied == "spend: note: copy.jsonl: holds what another log holds; it adds nothing\n"


@pytest.mark.endurance
def test_what_was_rejected_has_a_remedy_that_fits_where_it_was_read(tmp_path: Path) -> None:
    write(tmp_path / "bad.jsonl", call(), '{"model": "deepseek-flas')
    write(tmp_path / "end.jsonl", call())
    alone, kept = spend("analyze", "bad.jsonl", "--no-report"), spend("ingest", "bad.jsonl", "--db", "l.duckdb")
    assert "`spend ingest LOG... --db LEDGER` keeps a list of them" in alone.err
    assert "spend forget" not in alone.err
    assert "see them all with `spend status --db LEDGER`" in kept.err


@pytest.mark.endurance
@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ("analyze", "spend.duckdb: no ledger here"),
        ("status", "spend.duckdb: no ledger here"),
        ("query totals --db missing.duckdb", "missing.duckdb: no ledger here"),
        ("prices deepseek-v4-por", "no prices are known for model 'deepseek-v4-por'"),
        ("prices deepseek-v4-pro --at 2020-01-01", "no USD price is known for deepseek-v4-pro at 2020-01-01"),
        ("prices deepseek-chat --at 2025-09-10 --currency CNY", "no CNY price is known for deepseek-chat"),
        ("analyze good.jsonl --report folder", "folder: the report could not be written"),
        ("analyze good.jsonl --report missing/report.html", "missing/report.html: the report could not be written"),
        ("report good.jsonl --report folder", "folder: the report could not be written"),
        ("ingest good.jsonl --db folder", "folder: is a directory, not a ledger"),
        ("ingest good.jsonl --db good.jsonl/spend.duckdb", "good.jsonl/spend.duckdb: cannot be made"),
        ("ingest good.jsonl --db image.png", "image.png: no ledger"),
    ],
)
def test_what_cannot_be_done_exits_1(tmp_path: Path, arguments: str, problem: str) -> None:
    (tmp_path / "folder").mkdir()
    _image(tmp_path / "image.png")
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}

    run = spend(*arguments.split())

    ((said, _),) = told(run)
    assert said.startswith(problem)
    assert (run.code, run.out) == (1, "")
    assert {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


def test_a_missing_price_names_the_nearest_model() -> None:
    ((_, remedy),) = told(spend("prices", "deepseek-v4-por"))

    assert "deepseek-v4-pro" in remedy


@pytest.mark.endurance
@pytest.mark.parametrize(
    "arguments", ["analyze good.jsonl --report closed/report.html", "ingest good.jsonl --db closed/spend.duckdb"]
)
def test_a_folder_that_may_not_be_written(tmp_path: Path, arguments: str) -> None:
    (tmp_path / "closed").mkdir(mode=0o555)

    run = program(*arguments.split(), cwd=tmp_path, before=_bound())

    ((said, _),) = told(run)
    assert said.startswith("closed/")
    assert "ermission denied" in said
    assert run.code == 1
    assert list((tmp_path / "closed").iterdir()) == []


# ------------------------------------------------------------------------------------------------ full disks


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A disk with no room but for a few pages."""
    folder = tmp_path / "full"
    folder.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if not mounted or mounted.returncode:
        pytest.skip("no small disk can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.endurance
@pytest.mark.parametrize(
    "arguments",
    [
        "report good.jsonl --report full/report.html",
        "ingest many.jsonl --db full/spend.duckdb",
    ],
)
def test_a_full_disk(full: Path, arguments: str) -> None:
    write(full.parent / "many.jsonl", *(call(id=f"c{number}") for number in range(5000)))

    run = program(*arguments.split(), cwd=full.parent)

    ((said, _),) = told(run)
    assert said.startswith("full/")
    assert "full" in said.removeprefix("full/") or "No space" in said
    assert run.code == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("arguments", ["analyze good.jsonl --no-report", "prices deepseek-v4-pro --json"])
def test_output_that_cannot_be_written(good: Path, arguments: str) -> None:
    with Path("/dev/full").open("wb") as nowhere:
        done = subprocess.run(
            command(*arguments.split()),
            cwd=good.parent,
            env=surroundings(),
            stdout=nowhere,
            stderr=subprocess.PIPE,
            check=False,
        )

    ((said, _),) = told(Ended(done.returncode, "", done.stderr.decode()))
    assert said == "output: No space left on device"
    assert done.returncode == 1


# ------------------------------------------------------------------------------------------------ streams


@pytest.mark.endurance
def test_a_reader_that_goes_away_is_no_error(good: Path) -> None:
    """As ``head`` does."""
    for reads in (0, 1):
        with subprocess.Popen(
            command("analyze", good, "--no-report"),
            cwd=good.parent,
            env=surroundings(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as running:
            assert running.stdout is not None
            assert running.stderr is not None
            assert [running.stdout.readline().startswith(b"Spent $") for _ in range(reads)] == [True] * reads
            running.stdout.close()
            assert running.stderr.read() == b""
        assert running.returncode == 0


def test_json_is_one_document_and_nothing_else(tmp_path: Path) -> None:
    """Reports are written all the same, and what there is to say stands on standard error."""
    write(tmp_path / "bad.jsonl", call(ts=LATER), call(input_tokens=-1))

    run = program("analyze", ".", "--json", cwd=tmp_path)

    assert run.document["schema"] == "spend.analyze/1"
    assert run.out.endswith("}\n")
    assert "rejected: bad.jsonl, record 2" in run.err
    assert (tmp_path / "spend-report.html").is_file()


def test_quiet_says_errors_only(tmp_path: Path) -> None:
    cut = write(tmp_path / "cut.jsonl", call(ts=LATER))
    cut.write_text(cut.read_text() + '{"ts": "2026', encoding="utf-8")
    (tmp_path / "empty.jsonl").touch()

    loud, quiet = (spend("analyze", ".", "missing.jsonl", "--no-report", *more) for more in ((), ("--quiet",)))

    assert quiet.out == loud.out
    assert loud.err.count("spend: note: ") == 2
    assert quiet.err == "spend: missing.jsonl: no such file\n  check the path\n"


def test_standard_input(good: Path) -> None:
    options = ("--no-report", "--json", "--scenario", "all-flash")
    piped = program("analyze", "-", *options, cwd=good.parent, stdin=good.read_text())

    assert (piped.code, piped.err) == (0, "")
    assert piped.out == spend("analyze", good, *options).out


@pytest.mark.parametrize("pattern", ["*.jsonl", "logs/**/*.jsonl", "l?gs", "logs", "[l]ogs/a/one.jsonl"])
def test_globs_that_the_shell_did_not_expand(tmp_path: Path, pattern: str) -> None:
    (tmp_path / "logs" / "a").mkdir(parents=True)
    write(tmp_path / "logs" / "a" / "one.jsonl", call(endpoint="/one"))

    run = spend("analyze", pattern, "--no-report", "--json", "--scenario", "all-flash")

    assert [each["endpoint"] for each in run.document["endpoints"]] == (["/chat"] if pattern == "*.jsonl" else ["/one"])


@pytest.mark.endurance
def test_the_same_bytes_everywhere(tmp_path: Path) -> None:
    """Whatever the zone, the language and the order of hashes; and again from the same process."""
    write(
        tmp_path / "more.jsonl",
        *(
            call(id=f"m{number}", endpoint=f"/é/{number % 5}", ts=f"2026-08-{number:02}T23:30:00Z")
            for number in range(1, 29)
        ),
    )
    places = (
        {"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "1"},
        {"TZ": "America/Lima", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2"},
    )

    for options in (("--json",), ()):
        here = [
            program("analyze", "good.jsonl", "more.jsonl", "--no-report", *options, cwd=tmp_path, environment=place)
            for place in places
        ]
        again = spend("analyze", "good.jsonl", "more.jsonl", "--no-report", *options)

        assert {run.code for run in here} == {0}
        assert here[0].out == here[1].out == again.out
        assert {run.err for run in here} == {""}


@pytest.mark.skipif(os.name == "nt", reason="a shell that closes it is needed")
def test_closed_standard_output_is_no_fault(good: Path) -> None:
    run = subprocess.run(
        ("sh", "-c", 'exec "$@" >&-', "sh", *command("formats", good)), capture_output=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, b"")


# ------------------------------------------------------------------------------------------------ interrupts


def test_ctrl_c_leaves_the_ledger_usable(good: Path, tmp_path: Path) -> None:
    """What was read before is there whole, the log that was being read not at all."""
    assert spend("ingest", good).code == 0
    big, spool = tmp_path / "big.jsonl", tmp_path / "spool"
    big.write_text(good.read_text() * 400_000, encoding="utf-8")
    spool.mkdir()

    with subprocess.Popen(
        command("ingest", big),
        cwd=tmp_path,
        env=surroundings({"TMPDIR": str(spool)}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        while running.poll() is None and not any(spool.iterdir()):  # until it begins to read
            time.sleep(0.01)
        time.sleep(0.3)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)

    # On a terminal the line with ^C is ended first.
    ((said, _),) = told(Ended(running.returncode, out, err.lstrip("\n")))
    assert said.startswith("interrupted")
    assert (running.returncode, out) == (130, "")
    big.unlink()
    write(tmp_path / "next.jsonl", call(ts=LATER))
    counts = spend("ingest", "next.jsonl", "--json").document["ledger"]
    assert (counts["sources"], counts["records"], counts["requests"]) == (2, 2, 2)


# ------------------------------------------------------------------------------------------------ help


def test_help_lists_every_command(tmp_path: Path) -> None:
    run = program("--help", cwd=tmp_path)

    assert (run.code, run.err) == (0, "")
    assert run.out.startswith("Usage: spend ")
    assert "\\" not in run.out  # marks for whoever lays the text out
    assert [line.split()[0] for line in run.out.partition("Commands:")[2].splitlines() if line.strip()[:1].islower()][
        : len(COMMANDS)
    ] == list(COMMANDS)


@pytest.mark.parametrize("name", ["query", "formats"])
def test_what_can_be_asked_for_is_listed_in_80_columns(name: str) -> None:
    lines = spend(name).out.splitlines()

    assert max(map(len, lines)) <= 80
    assert len([line for line in lines if line[0] != " "]) == len({"query": queries, "formats": formats}[name]())


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_command_has_help(name: str, option: str) -> None:
    run = spend(name, option)

    assert (run.code, run.err) == (0, "")
    assert run.out.startswith(f"Usage: spend {name}")
    assert "--help" in run.out


def test_without_a_command_it_shows_its_help() -> None:
    run = spend()

    assert run.code == 2
    assert "Commands:" in run.out + run.err


def test_version() -> None:
    run = spend("--version")

    assert run.code == 0
    assert run.out.startswith("spend")


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    """The quick path stays quick: no reader of data is imported to show help."""
    code = """
import sys
from analyzer.cli import cli
cli.main(["--help"], standalone_mode=False)
print(sorted({"duckdb", "polars", "plotly", "rich", "holidays"} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=surroundings(), capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "[]"


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


# ------------------------------------------------------------------------------------------------ nothing at all


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["analyze", "good.jsonl", "--db", ""], "--db is empty"),
        (["analyze", "good.jsonl", "--since", ""], "--since is empty"),
        (["analyze", "good.jsonl", "--format", ""], "--format is empty"),
        (["analyze", "good.jsonl", "--prices", ""], "--prices is empty"),
        (["analyze", "good.jsonl", ""], "LOG is empty"),
        (["ingest", ""], "LOG is empty"),
        (["formats", ""], "LOG is empty"),
        (["reconcile", ""], "EXPORT is empty"),
        (["review", "2026-10", "--report", ""], "--report is empty"),
        (["export", "--csv", "--output", ""], "--output is empty"),
        (["forget", ""], "SOURCE is empty"),
        (["query", ""], "NAME is empty"),
        (["--config", "", "status"], "--config is empty"),
    ],
)
def test_an_empty_word_is_no_word(words: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a variable of the shell that is not set: it would mean the usual ledger, or the folder one is in."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "good.jsonl", call())
    run = spend(*words)
    assert (run.code, run.out, run.err) == (2, "", f"spend: {told}\n  give it a value, or leave it out\n")
    assert [item.name for item in tmp_path.iterdir()] == ["good.jsonl"]


def test_an_empty_word_in_the_file_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "spend.toml").write_text('db = ""', encoding="utf-8")
    run = spend("status")
    assert (run.code, run.err) == (2, "spend: spend.toml: db is empty\n  give it a value, or leave it out\n")


@pytest.mark.parametrize("words", [["analyze", "--report", "-"], ["review", "2026-10", "--workbook", "-"]])
def test_pages_and_workbooks_do_not_go_to_standard_output(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They went to a file called ``-``."""
    monkeypatch.chdir(tmp_path)
    run = spend(*words, write(tmp_path / "good.jsonl", call()))
    assert (run.code, run.err) == (
        2, f"spend: {words[-2]} -: does not go to standard output\n  name a file with {words[-2]}\n"
    )  # fmt: skip
    assert not (tmp_path / "-").exists()


@pytest.mark.endurance
def test_letters_that_an_encoding_lacks_are_spelled_out(tmp_path: Path) -> None:
    """In JSON as JSON does it, beyond 16 bits as well."""
    write(tmp_path / "good.jsonl", call(endpoint="/é→\U0001f600"))
    with subprocess.Popen(
        command("analyze", "good.jsonl", "--no-report", "--json"),
        cwd=tmp_path,
        env=surroundings({"PYTHONIOENCODING": "latin-1"}),
        stdout=subprocess.PIPE,
    ) as running:
        out, _ = running.communicate(timeout=60)
    assert running.returncode == 0
    assert json.loads(out.decode("latin-1"))["endpoints"][0]["endpoint"] == "/é→\U0001f600"


@pytest.mark.endurance
def test_a_name_that_the_locale_cannot_write_is_said(tmp_path: Path) -> None:
    run = program(
        "analyze", "ü.jsonl", cwd=tmp_path,
        environment={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert (run.code in {1, 2}, run.out) == (True, "")  # by the machine, it is no name, or that of no file
    assert all(line.startswith(("spend: ", "  ")) for line in run.err.splitlines())


@pytest.mark.endurance
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("shape", ["table", "csv", "json", "parquet"])
def test_an_answer_that_finds_no_room_is_an_error_of_two_lines(shape: str, tmp_path: Path) -> None:
    spend("ingest", write(tmp_path / "good.jsonl", call()), "--db", tmp_path / "l.duckdb")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command("query", "totals", "--db", tmp_path / "l.duckdb", "--format", shape),
            env=surroundings(), stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("spend: output: No space left on device\n")
    assert len(done.stderr.splitlines()) == 2


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


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("analyze good.jsonl --prices own.toml --report own.toml", "--report own.toml: is what --prices names"),
        ("report good.jsonl --scenario own.toml --report ./own.toml", "--report ./own.toml: is what --scenario names"),
        ("analyze good.jsonl --map own.toml --report own.toml", "--report own.toml: is what --map names"),
        ("export --csv --output spend.toml", "--output spend.toml: is where options are read"),
        ("--config own.toml export --csv --output own.toml", "--output own.toml: is where options are read"),
        ("prices flash --prices own.toml --chart own.toml", "--chart own.toml: is what --prices names"),
    ],
)
def test_nothing_is_written_over_what_is_read(
    words: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "good.jsonl", call())
    for name in ("own.toml", "spend.toml"):
        (tmp_path / name).write_text("# mine\n", encoding="utf-8")
    run = spend(*words.split())
    assert (run.code, run.err.splitlines()[0]) == (2, f"spend: {told}")
    assert (tmp_path / "own.toml").read_text() == (tmp_path / "spend.toml").read_text() == "# mine\n"


@pytest.mark.parametrize("name", [":memory:", "md:mine", "sqlite:mine"])
def test_a_ledger_is_the_file_of_that_name(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some of these mean something else to DuckDB: what was read into the first was gone at once."""
    monkeypatch.chdir(tmp_path)
    with Ledger.open(Path(name), create=True) as ledger:
        load_paths(ledger, write(tmp_path / "good.jsonl", call()))
    assert (tmp_path / name).is_file()
    with Ledger.open(Path(name)) as ledger:
        assert ledger.sources() == 1


def test_a_ledger_is_not_somewhere_on_the_net(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run = spend("ingest", write(tmp_path / "good.jsonl", call()), "--db", "s3://bucket/l.duckdb")
    assert (run.code, run.err.splitlines()[0]) == (1, "spend: s3://bucket/l.duckdb: an address, and no file")
    assert [item.name for item in tmp_path.iterdir()] == ["good.jsonl"]


def test_checking_prices_has_no_document() -> None:
    run = spend("prices", "--check", "--json")
    assert (run.code, run.out, run.err.splitlines()[0]) == (2, "", "spend: --check goes without --json")


@pytest.mark.parametrize(("address", "shown"), [("foo", "..."), ("http://h:1/;token=secret", "http://...")])
def test_an_engine_that_is_none_is_told_without_what_engines_need(address: str, shown: str) -> None:
    run = spend("query", "totals", "--engine", address, "--table", "requests=x")
    assert (run.code, run.err.splitlines()[0]) == (1, f"spend: --engine {shown}: no address of an engine")


def test_too_little_memory_is_said_and_no_traceback() -> None:
    with patch("analyzer.cli.book.the_book", side_effect=MemoryError):
        run = spend("prices")
    assert (run.code, run.err) == (
        1, "spend: there is not enough memory\n  let the program have more, and run again\n"
    )  # fmt: skip
