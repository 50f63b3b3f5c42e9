"""Help, versions and lists: what can be asked for, and that to ask is quick."""

import subprocess
import sys
from pathlib import Path

import pytest
from support import program, spend, surroundings

from analyzer.engines.query import queries
from analyzer.ingest.format import formats

pytestmark = pytest.mark.usefixtures("good")

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


def test_help_lists_every_command(tmp_path: Path) -> None:
    run = program("--help", cwd=tmp_path)

    assert (run.code, run.err) == (0, "")
    assert run.out.startswith("Usage: spend ")
    assert "\\" not in run.out  # marks for whoever lays the text out
    assert not [line for line in run.out.splitlines() if line.endswith("...") and "[ARGS]" not in line]  # cut short
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
