"""Wrong usage: what is wrong, the remedy, exit code 2, and nothing is written."""

from pathlib import Path

import pytest
from support import call, spend, told, write

pytestmark = pytest.mark.usefixtures("good")


@pytest.mark.parametrize(
    ("arguments", "problem", "remedy"),
    [
        ("analyze good.jsonl --format litelm", "unknown format: litelm", "litellm-spend-logs"),
        (
            "analyze good.jsonl --set model=a --set model=b",
            "--set model=a and --set model=b: only one can hold",
            "leave one out",
        ),
        ("formats --markdown good.jsonl", "--markdown is for the list of all formats, and goes without LOGs", "--help"),
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


@pytest.mark.parametrize("log", ["nowhere.jsonl", pytest.param("words.txt", marks=pytest.mark.endurance)])
def test_where_nothing_is_read_no_ledger_is_made(log: str, tmp_path: Path) -> None:
    """One that was there before stays, and so does one of whose logs any was read."""
    Path("words.txt").write_text("no log\n")
    for command in ("ingest", "analyze"):
        assert spend(command, log, "--db", "new.duckdb").code == 1
        assert not list(tmp_path.glob("new.duckdb*"))
    assert spend("ingest", log, "good.jsonl", "--db", "some.duckdb").code == 1
    assert spend("ingest", log, "--db", "some.duckdb").code == 1
    assert "1 request" in spend("status", "--db", "some.duckdb").out


@pytest.mark.endurance
def test_a_ledger_that_was_there_or_took_a_log_stays_when_a_command_fails() -> None:
    """The one has lost all of its logs, the other has just been made."""
    spend("ingest", "good.jsonl", "--db", "emptied.duckdb")
    spend("forget", "good.jsonl", "--db", "emptied.duckdb")
    assert spend("ingest", "nowhere.jsonl", "--db", "emptied.duckdb").code == 1
    assert spend("status", "--db", "emptied.duckdb").code == 0
    assert spend("export", "--csv", "good.jsonl", "--db", "made.duckdb", "--output", "nowhere/costs.csv").code == 1
    assert "1 request" in spend("status", "--db", "made.duckdb").out


@pytest.mark.endurance
def test_a_device_takes_several_outputs() -> None:
    words = ("--report", "/dev/null", "--workbook", "/dev/null", "--quiet")

    assert spend("review", "2026-05", "good.jsonl", *words).code == 0


def test_a_missing_price_names_the_nearest_model() -> None:
    ((_, remedy),) = told(spend("prices", "deepseek-v4-por"))

    assert "deepseek-v4-pro" in remedy


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


def test_checking_prices_has_no_document() -> None:
    run = spend("prices", "--check", "--json")
    assert (run.code, run.out, run.err.splitlines()[0]) == (2, "", "spend: --check goes without --json")


@pytest.mark.parametrize(("address", "shown"), [("foo", "..."), ("http://h:1/;token=secret", "http://...")])
def test_an_engine_that_is_none_is_told_without_what_engines_need(address: str, shown: str) -> None:
    run = spend("query", "totals", "--engine", address, "--table", "requests=x")
    assert (run.code, run.err.splitlines()[0]) == (1, f"spend: --engine {shown}: no address of an engine")
