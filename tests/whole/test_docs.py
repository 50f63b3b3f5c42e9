"""What the documentation says is what the program does. Every block of every page is run or read; see ``pages.py``."""

import contextlib
import json
import re
import shlex
import tomllib
from decimal import Decimal
from pathlib import Path

import click
import duckdb
import pages
import pytest
import reference
from pages import PAGES, Block, blocks
from support import BOOK, CALM, ROOT, ledger_of, spend, write

from analyzer.cli.settings import KNOWN, TABLES, read
from analyzer.engines.query import queries
from analyzer.finance.allocation import read_allocation
from analyzer.finance.plan import read_budgets
from analyzer.finance.settings import read_settings
from analyzer.ingest.discovery import Found
from analyzer.ingest.format import Format, formats
from analyzer.ingest.load import Manner, load
from analyzer.ingest.mapping import read_words
from analyzer.prices.own import rates
from analyzer.simulate.vocabulary import parse

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = [block for page in PAGES for block in blocks(page)]
SHELLS = ("sh", "crontab")


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    """A folder with what the pages' commands are about."""
    pages.lay_out(tmp_path)
    return tmp_path


# --- Every block, without running it -------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_block_is_overlooked(page: Path) -> None:
    assert pages.fences(page) == 2 * sum(not block.hidden for block in blocks(page))


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.place)
def test_each_block_is_of_a_kind_that_is_checked(block: Block, tmp_path: Path) -> None:
    if block.kind in SHELLS:
        for words in block.commands:
            assert words[0] in {"spend", "duckdb"}, f"no rule runs {shlex.join(words)}: see ELSEWHERE"
            if words[0] == "spend":
                pages.check_words(words)
    elif block.kind == "text":
        assert command_of(block) is not None
    elif block.kind == "json":
        check_json(block, tmp_path)
    elif block.kind == "toml":
        check_toml(block, tmp_path)
    elif block.kind == "sql":
        check_sql(block)
    elif block.kind == "":
        assert [word for word in first_words(block) if not (ROOT / word).exists()] == []
    else:
        pytest.fail(f"{block.place}: no rule covers a block of the kind {block.kind}")


def command_of(block: Block) -> Block | None:
    """The shell block that a text is shown of: the last before it on its page."""
    before = [one for one in blocks(block.page) if one.kind == "sh" and not one.hidden and one.line < block.line]
    return before[-1] if before else None


def check_json(block: Block, folder: Path) -> None:
    """A document has fields that the reference tells, with their types; records of a log are read as one request each."""
    if '"schema"' in block.text:
        document = json.loads(block.text)
        command = document["schema"].partition(".")[2].partition("/")[0]
        told = reference.fields(reference.PAGE.read_text(encoding="utf-8"), command)
        wrong = {path: value for path, value in reference.shape(document) if not reference.is_of(value, told[path])}
        assert wrong == {}
        return
    log = folder / "told.jsonl"
    log.write_text(block.text, encoding="utf-8")
    records = block.text.splitlines()
    assert all(isinstance(json.loads(record), dict) for record in records)
    with ledger_of(log) as ledger:
        assert ledger.connection.execute("SELECT count(*) FROM requests").fetchone() == (len(records),)


def check_toml(block: Block, folder: Path) -> None:
    """Which file it is shows in its keys; that file's own reader takes it."""
    table = tomllib.loads(block.text, parse_float=Decimal)
    file = folder / "told.toml"
    file.write_text(block.text, encoding="utf-8")
    if {"route", "assume", "default"} & set(table):
        parse(block.text, file.name, BOOK)
    elif {key.replace("-", "_") for key in table} <= {*KNOWN, *TABLES}:
        _, written = read(str(file), ())
        read_allocation(written.tables, written.where)
        read_budgets(written.tables.get("budget", {}), written.where)
        read_settings(written.tables, written.where)
        rates(written.tables.get("prices", {}), written.where)
    else:
        read_words(file)


def check_sql(block: Block) -> None:
    """A format has the head of one; other statements are understood by DuckDB."""
    name = re.match(r"-- name: +(\S+)\n", block.text)
    if name:
        Format.parse(name[1], block.text)
    else:
        assert duckdb.extract_statements(block.text)


def test_the_format_that_contributors_are_shown_reads_such_a_log(tmp_path: Path) -> None:
    """A call of 1000 tokens, 512 more of which its gateway writes beside them, a heartbeat, and a count that is none."""
    (text,) = (block.text for block in BLOCKS if block.page.name == "CONTRIBUTING.md" and block.kind == "sql")
    usage = {"in": 1000, "cached": 512, "out": 10}
    sound = {"gateway": "my-gateway", "asked_at": CALM, "call_id": "a", "model": "m", "route": "/chat", "usage": usage}
    log = write(tmp_path / "log.jsonl", sound, sound | {"heartbeat": True}, sound | {"usage": {"in": 1.5}})
    with ledger_of() as ledger:
        outcome = load(ledger, [Found(str(log), named=True)], Manner(Format.parse("my-gateway", text)))
        found = ledger.connection.execute(
            "SELECT request_id, endpoint, model, input_tokens, cache_read_tokens, output_tokens FROM requests"
        ).fetchall()
    assert [(one.requests, one.skipped, one.rejected) for one in outcome.loaded] == [(1, 1, 1)]
    assert found == [("a", "/chat", "m", 1000 + 512, 512, 10)]


def first_words(block: Block) -> list[str]:
    return [line.split()[0] for line in block.text.splitlines() if line]


def test_what_is_run_elsewhere_is_there() -> None:
    lines = [line for block in BLOCKS if block.kind in SHELLS for line in block.text.splitlines()]
    commands = [words for line in lines for words in pages._split(line)]

    told = {pages.elsewhere(words) for words in commands}

    assert set(pages.ELSEWHERE.values()) <= told


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_the_text_are_understood(page: Path) -> None:
    named = re.findall(r"`(spend [a-z][^`]*)`", pages.prose(page))

    for words in (shlex.split(text.replace("…", "")) for text in named):
        if words[1] != "COMMAND" and "[OPTIONS]" not in words:  # which the reference's synopses have
            with contextlib.suppress(click.MissingParameter):  # where only the options are what is told
                pages.check_words(words)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    lost = []
    for target in re.findall(r"\]\(([^)\s]+)\)", pages.prose(page)):
        if re.match(r"https?:", target):
            continue
        path, _, part = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (part and part not in headings(there)):
            lost.append(target)

    assert lost == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_a_page_names_by_their_path_are_there(page: Path) -> None:
    """Those of this repository, but for names that stand for many (`queries/NAME.sql`)."""
    named = re.findall(
        r"`((?:analyzer|queries|tests|docs|sample_logs)/[^`\s]+\.\w+)`", page.read_text(encoding="utf-8")
    )
    assert [path for path in named if not re.search("[A-Z]{4}|[*]", path) and not (ROOT / path).exists()] == []


def headings(page: Path) -> set[str]:
    """The anchors of a page, as renderers of Markdown make them."""
    found = re.findall(r"^#+ (.+)$", pages.prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in found}


# --- What is run ---------------------------------------------------------------------------------------------------------


@pytest.mark.endurance
@pytest.mark.parametrize(
    "block", [one for one in blocks(PAGES[0]) if one.kind == "text"], ids=lambda block: block.place
)
def test_what_the_readme_shows_is_what_the_program_prints(block: Block, scene: Path) -> None:
    command = command_of(block)
    assert command is not None

    printed = pages.run(command, scene)

    pages.assert_shown(block, printed)
    assert [file.name for file in scene.glob("spend-re*.html")] != []


@pytest.mark.endurance
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_page_runs_from_its_beginning_to_its_end(page: Path, scene: Path) -> None:
    printed = everything = ""
    for block in blocks(page):
        if block.kind in SHELLS:
            told = pages.run(block, scene)
            everything += told
            printed = printed if block.hidden else told
        elif block.kind == "text":
            pages.assert_shown(block, printed)
        elif block.file:
            (scene / block.file).write_text(block.text, encoding="utf-8")
        elif block.kind == "json" and '"schema"' in block.text:
            *_, last = printed.split('{\n "schema"')  # of all that was printed the last document
            shown, real = (dict(reference.shape(json.loads(text))) for text in (block.text, '{ "schema"' + last))
            assert set(shown) == set(real)
        elif block.kind == "sql" and not block.text.startswith("-- name:"):
            with contextlib.chdir(scene):
                for statement in duckdb.extract_statements(block.text):
                    assert duckdb.sql(statement.query).fetchall()
    if page.name == "tutorial.md":
        made_up = set(figures(pages.prose(page))) - set(figures(everything))
        assert made_up == set()


def figures(text: str) -> list[str]:
    """The figures in a text: dates, amounts, counts, percentages. Cents are told as what they are of a whole."""
    plain = re.sub(r"`[^`]*`|\]\([^)]*\)|^#.*$", "", text, flags=re.MULTILINE)
    plain = re.sub(r"\b(\d+) cents?\b", lambda found: f"0.{int(found[1]):02}", plain)
    return re.findall(r"\d{4}-\d\d(?:-\d\d)?|\d[\d,]*(?:\.\d+)?%?", plain.replace(",\n", "\n").replace(", ", " "))


def test_its_two_commands_are_those_that_ci_runs() -> None:
    ci = (ROOT / ".ci/run").read_text(encoding="utf-8")
    commands = [block.text.strip() for block in blocks(PAGES[0]) if block.kind == "sh"][:2]

    assert [command in ci for command in commands] == [True, True]


# --- Its lists -----------------------------------------------------------------------------------------------------------


def test_its_table_of_formats_is_that_of_the_format_files() -> None:
    """If not: python -m tests.reference"""
    table = [line for line in README.splitlines() if line.startswith("| `")]
    printed = spend("formats", "--markdown").out.splitlines()

    assert table == [line for line in printed if line.startswith("| `")]
    assert len(table) == len(formats())
    assert f"<summary>All {len(table)} formats</summary>" in README


def test_its_example_scenario_says_what_the_text_says() -> None:
    text = next(block.text for block in blocks(PAGES[0]) if block.file == "code-on-pro.toml")
    scenario = parse(text, "code-on-pro.toml", BOOK)

    assert (scenario.name, scenario.default, [rule.to for rule in scenario.rules]) == (
        "code-on-pro",
        "flash",
        ["pro", "pro"],
    )


def test_the_queries_that_pages_name_exist() -> None:
    told = "\n".join(block.text for block in BLOCKS if block.kind in SHELLS)
    named = {word for pair in re.findall(r"spend query (\w+)|queries/(\w+)\.sql", told) for word in pair if word}

    assert named <= set(queries())
    assert named
