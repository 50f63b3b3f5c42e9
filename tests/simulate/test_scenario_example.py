"""The scenario that `spend simulate --init` writes, for a log of one's own."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from support import call, scenario, spend, write

from analyzer.simulate.scenario import Wait


@pytest.mark.endurance
def test_init_writes_a_scenario_that_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the endpoints are called: names are data, and the example fits its costliest endpoint alone."""
    monkeypatch.chdir(tmp_path)
    hostile = 'a\\*"]\nto = "x"\n# \u202e[b]?'
    log = write(
        tmp_path / "log.jsonl", call(id="1", endpoint=hostile, input_tokens=10**6), call(id="2", endpoint="a-other")
    )

    made = spend("simulate", log, "--init", "mine", "--quiet")
    again = spend("simulate", log, "--init", "mine", "--quiet")
    run = spend("simulate", log, "--scenario", "mine.toml", "--json").document

    assert made.out == "mine.toml: a scenario to start from\n"
    assert (again.code, again.err.splitlines()[-2]) == (1, "spend: mine.toml: is there already")
    assert [each["name"] for each in run["scenarios"]] == ["actual", "mine"]
    assert run["scenarios"][1]["moved"] == 1
    text = (tmp_path / "mine.toml").read_text(encoding="utf-8")
    assert "\u202e" not in text
    commented = "\n".join(
        line.removeprefix("# ")
        for line in text.splitlines()
        if line.startswith(("# hit_rate =", "# output_ratio =", "# off_peak ="))
    )
    assert scenario(text.replace("[assume]", "[assume]\n" + commented, 1)).hit_rate == Decimal("0.80")


@pytest.mark.endurance
def test_init_asks_for_no_endpoint_where_a_log_names_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No glob fits what a log does not name: the rule would take nothing."""
    monkeypatch.chdir(tmp_path)
    log = write(
        tmp_path / "log.jsonl",
        call(id="1", endpoint=..., input_tokens=20_000),
        call(id="2", endpoint=..., input_tokens=19_999),
    )

    assert spend("simulate", log, "--init", "mine", "--quiet").code == 0
    run = spend("simulate", log, "--scenario", "mine.toml", "--json").document

    assert (run["scenarios"][1]["moved"], run["scenarios"][1]["idle_rules"]) == (1, [])
    text = (tmp_path / "mine.toml").read_text(encoding="utf-8")
    waiting = text.replace("# off_peak =", "off_peak =")
    assert scenario(waiting).off_peak == Wait((), timedelta(hours=8))


@pytest.mark.endurance
def test_init_speaks_of_endpoints_whatever_the_analysis_groups_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    log = write(tmp_path / "log.jsonl", call(endpoint="/chat", team="growth"))

    assert spend("simulate", log, "--endpoint-by", "team", "--init", "mine", "--quiet").code == 0

    text = (tmp_path / "mine.toml").read_text(encoding="utf-8")
    assert 'endpoint = ["/chat"]' in text
    assert "growth" not in text
