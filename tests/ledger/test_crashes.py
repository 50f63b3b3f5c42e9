"""The program is killed at random moments: the ledger opens, each log is there whole or not at all, and the last run ends
with what an undisturbed one ends with. ``python -m tests.endurance`` does the same 200 times, with larger logs."""

import os
from pathlib import Path

import pytest

from tests.endurance.__main__ import COMMANDS
from tests.endurance.crashes import Logs, changes, ingests, undisturbed

pytestmark = [pytest.mark.endurance, pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")]


def test_ingests_of_new_and_of_grown_logs(tmp_path: Path) -> None:
    toll = ingests(tmp_path, size=1_000, kills=20, seed=9)
    assert toll.kills == 20


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_that_change_a_ledger(name: str, tmp_path: Path) -> None:
    if name == "review --close":
        pytest.importorskip("analyzer.report.workbook.book")
    logs = Logs(tmp_path / "logs", 1_000)
    logs.folder.mkdir()
    logs.first()
    before = tmp_path / "before.duckdb"
    undisturbed("ingest", "--quiet", "--db", before, logs.folder)
    toll = changes(tmp_path, "changed", before, lambda ledger: [*COMMANDS[name](logs), "--db", ledger], kills=4, seed=9)
    assert toll.kills == 4
