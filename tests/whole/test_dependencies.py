"""What the program stands on: all of it locked with hashes, listed with its licence, and named with a lower bound."""

import re
import runpy
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import dependencies
import pytest
from dependencies import OF_TOOLS, PAGE, PERMISSIVE, USES, installed, rewritten, rows
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from support import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
LOCK = (ROOT / ".ci/requirements.txt").read_text(encoding="utf-8")
PINS = re.findall(
    r"^([\w.-]+)==(\S+)(?: ; (.+?))? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", LOCK, re.MULTILINE
)
# Of other systems than those that the table can be made on.
ELSEWHERE = {"colorama", "httpx2-jsfetch"}


def wanted(*lists: list[str]) -> Iterator[Requirement]:
    """The requirements of some lists, but for the project itself."""
    found = (Requirement(line) for some in lists for line in some)
    return (one for one in found if canonicalize_name(one.name) != dependencies.PROJECT)


# --- Licences ------------------------------------------------------------------------------------------------------------


def test_the_table_is_what_the_installed_packages_say() -> None:
    """If not: python -m tests.dependencies"""
    assert installed()
    assert rewritten(PAGE.read_text(encoding="utf-8")) == PAGE.read_text(encoding="utf-8")


def test_no_dependency_is_missing_in_the_table() -> None:
    listed = set(rows(PAGE.read_text(encoding="utf-8")))
    named = {canonicalize_name(one.name) for one in wanted(PROJECT["dependencies"], *EXTRAS.values())}
    locked = {canonicalize_name(name) for name, *_ in PINS}

    assert (named | locked) - listed == ELSEWHERE


def test_each_licence_asks_for_no_more_than_its_notices() -> None:
    """Of alternatives one has to do, of parts all."""

    def allowed(licence: str, known: set[str]) -> bool:
        return any(all(part in known for part in one.split(" AND ")) for one in licence.split(" OR "))

    table = rows(PAGE.read_text(encoding="utf-8"))
    given_away = {"running", "the extra `spark`"}
    odd = {
        name: licence
        for name, (licence, use) in table.items()
        if not allowed(licence, PERMISSIVE if use in given_away else OF_TOOLS)
    }

    assert odd == {}
    assert {use for _, use in table.values()} == set(USES)
    assert not allowed("GPL-3.0-only", OF_TOOLS)
    assert not allowed("MIT AND GPL-3.0-only", OF_TOOLS)
    assert allowed("GPL-3.0-only OR MIT", OF_TOOLS)


# --- The lock ------------------------------------------------------------------------------------------------------------


def test_the_lock_has_what_the_project_asks_for() -> None:
    """If not: .ci/lock"""
    pinned: dict[str, set[str]] = {}
    for name, version, *_ in PINS:
        pinned.setdefault(canonicalize_name(name), set()).add(version)
    lacking = [
        str(one)
        for one in wanted(PROJECT["dependencies"], EXTRAS["test"], EXTRAS["dev"])
        if not any(Version(version) in one.specifier for version in pinned.get(canonicalize_name(one.name), ()))
    ]

    assert lacking == []


def test_every_line_of_the_lock_is_a_version_with_hashes() -> None:
    """So it names no place to take anything from."""
    again = "".join(
        f"{name}=={version}{f' ; {marker}' if marker else ''} \\\n{hashes}" for name, version, marker, hashes in PINS
    )

    assert again == LOCK


# --- Lower bounds --------------------------------------------------------------------------------------------------------


def test_every_dependency_has_a_lower_bound_that_can_be_tested() -> None:
    lowest = runpy.run_path(str(ROOT / ".ci/lowest.py"))["lowest"]
    found = [Requirement(line) for line in lowest(PROJECT)]

    assert {one.name for one in found} == {one.name for one in wanted(PROJECT["dependencies"], EXTRAS["test"])}
    for pin, asked in zip(found, wanted(PROJECT["dependencies"], EXTRAS["test"]), strict=True):
        [one] = pin.specifier
        assert one.operator == "=="
        assert one.version in asked.specifier
        assert pin.marker == asked.marker


@pytest.mark.parametrize("requirement", ["duckdb", "duckdb<3", "duckdb~=2.0"])
def test_one_without_a_lower_bound_is_told(requirement: str) -> None:
    lowest = runpy.run_path(str(ROOT / ".ci/lowest.py"))["lowest"]

    with pytest.raises(ValueError, match="has no lower bound"):
        lowest({"dependencies": [requirement], "optional-dependencies": {"test": []}})


# --- The audit -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        (
            '{"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}]}',
            1,
            "1 of 1 locked packages were audited\na 1: CVE-1, mended in 2",
        ),
        ('{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}', 0, "1 of 1 locked packages were audited"),
        (
            '{"dependencies": [{"name": "a", "skip_reason": "not found"}]}',
            0,
            "0 of 1 locked packages were audited\nnot known to the database that could be reached: a",
        ),
        ("", 0, "no vulnerability database could be asked here: nothing was audited (no answer)"),
    ],
)
def test_the_audit_fails_for_a_vulnerability_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], answer: str, code: int, said: str
) -> None:
    """And says what it could not find out."""
    pip_audit = tmp_path / "pip-audit"
    pip_audit.write_text(f"#!/bin/sh\ncat <<'END'\n{answer}\nEND\n", encoding="utf-8")
    pip_audit.chmod(0o700)

    found = runpy.run_path(str(ROOT / ".ci/audit.py"))["main"](str(pip_audit))

    assert (found, capsys.readouterr().out.strip()) == (code, said)


def test_a_database_that_never_answers_is_said_and_fails_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def waits(words: list[str], *, timeout: float, **_: object) -> None:
        raise subprocess.TimeoutExpired(words, timeout)

    monkeypatch.setattr(subprocess, "run", waits)

    assert runpy.run_path(str(ROOT / ".ci/audit.py"))["main"]("pip-audit") == 0
    assert capsys.readouterr().out.strip() == (
        "no vulnerability database could be asked here: nothing was audited (no answer in five minutes)"
    )
