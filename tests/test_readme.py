"""What the README says is what the program does."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from support import spend

from analyzer.engines.query import queries
from analyzer.ingest.format import formats

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, flags=re.DOTALL)


def test_the_first_screen_shows_what_the_program_prints(tmp_path: Path) -> None:
    shown = next(text for kind, text in BLOCKS if kind == "text")

    # The words of the first command, run from another folder so that its report lands there.
    run = subprocess.run(
        [sys.executable, "-m", "analyzer", "analyze", str(ROOT / "sample_logs")],
        capture_output=True, text=True, check=True, cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PATH": "", "LC_ALL": "C.UTF-8"},
    )  # fmt: skip

    # The book's version tells, besides our own prices, which release of genai-prices is installed.
    version = re.compile(r"\+[0-9a-f]{4}$", re.MULTILINE)
    assert version.sub("", run.stdout) == version.sub("", shown)
    assert (tmp_path / "spend-report.html").stat().st_size > 0


def test_the_review_that_it_shows_is_what_the_program_prints() -> None:
    shown = [text for kind, text in BLOCKS if kind == "text"][1].removesuffix("…\n")

    printed = spend(
        "--config", ROOT / "sample_logs/spend.toml", "review", "2026-10", ROOT / "sample_logs",
        "--no-report", "--no-workbook", "--quiet",
    ).out  # fmt: skip

    version = re.compile(r"\+[0-9a-f]{4}$", re.MULTILINE)
    assert version.sub("", printed).startswith(version.sub("", shown))


def test_its_two_commands_are_those_that_ci_runs() -> None:
    ci = (ROOT / ".ci/run").read_text(encoding="utf-8")
    commands = [text.strip() for kind, text in BLOCKS if kind == "sh"][:2]

    assert [command in ci for command in commands] == [True, True]


def test_its_table_of_formats_is_that_of_the_format_files() -> None:
    """`spend formats --markdown` prints it: each format's name, its source, what it needs."""
    table = [line for line in README.splitlines() if line.startswith("| `")]
    printed = spend("formats", "--markdown").out.splitlines()

    assert table == [line for line in printed if line.startswith("| `")]
    assert len(table) == len(formats())


@pytest.mark.parametrize(
    "words",
    sorted(
        {
            line.split("#")[0].strip()
            for kind, text in BLOCKS
            if kind == "sh"
            for line in text.splitlines()
            if line.startswith("spend ")
        }
    ),
)
def test_each_command_it_shows_has_the_options_it_uses(words: str) -> None:
    _, *given = shlex.split(words)
    command, *rest = given[2:] if given[0] == "--config" else given  # that one is the program's own

    help_text = subprocess.run(
        [sys.executable, "-m", "analyzer", command, "--help"], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout

    assert [option for option in rest if option.startswith("--") and option not in help_text] == []


def test_its_example_scenario_is_valid() -> None:
    from analyzer.prices import Book
    from analyzer.simulate.vocabulary import parse

    scenario = parse(
        next(text for kind, text in BLOCKS if kind == "toml" and "[[route]]" in text), "code-on-pro.toml", Book.load()
    )

    assert (scenario.name, scenario.default, [rule.to for rule in scenario.rules]) == (
        "code-on-pro",
        "flash",
        ["pro", "pro"],
    )


def test_the_queries_it_names_exist() -> None:
    named = {
        word
        for kind, text in BLOCKS
        if kind == "sh"
        for word in re.findall(r"spend query (\w+)|queries/(\w+)\.sql", text)
    }

    assert {one or other for one, other in named} <= set(queries())
