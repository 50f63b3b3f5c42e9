"""Budgets in a review, and the gate that fails a run over one: what it says, and what it cannot judge."""

from decimal import Decimal
from pathlib import Path

import pytest
from reviews import MILLION, SHORT, plan, review

from analyzer.report.amounts import told_apart
from tests.support import EXPORT_HEAD, call, spend, write


@pytest.mark.parametrize(
    ("budget", "code"), [("0.27", 1), ("0.28", 0), pytest.param("0.29", 0, marks=pytest.mark.endurance)]
)
def test_a_budget_may_fail_the_run(tmp_path: Path, budget: str, code: int) -> None:
    log = write(tmp_path / "log.jsonl", call(**MILLION))
    config = plan(tmp_path, f'[budget]\nmonth = "{budget}"\n')

    ended = spend("--config", config, "review", "2026-05", log, *SHORT, "--fail-over-budget")

    assert ended.code == code
    assert ("over budget: all: $0.280 was spent, $0.270 was planned" in ended.err) == bool(code)


@pytest.mark.endurance
def test_a_gate_without_a_budget_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that runs in another folder than the one of its spend.toml would be told that all is well, for ever."""
    monkeypatch.chdir(tmp_path)
    log = write(tmp_path / "log.jsonl", call(**MILLION))

    ended = spend("review", "2026-05", log, *SHORT, "--fail-over-budget")

    assert ended.code == 0
    assert ended.err.splitlines() == [
        "spend: warning: no budget is set, so --fail-over-budget cannot fail",
        "  write [budget] into spend.toml, or name the file that has one with --config",
    ]


def test_the_gate_says_amounts_in_so_few_digits_that_they_differ() -> None:
    near = [Decimal("8.0000004"), Decimal(8)]

    assert told_apart([Decimal("1234.567"), Decimal(500)], "EUR") == ["EUR 1,234.57", "EUR 500.00"]
    assert told_apart(near, "CNY") == ["¥8.0000004", "¥8"]


@pytest.mark.endurance
def test_a_bill_that_cannot_be_read_is_told_to_be_one(tmp_path: Path) -> None:
    log, junk = write(tmp_path / "log.jsonl", call(**MILLION)), write(tmp_path / "junk.txt", "hello")
    bill = tmp_path / "usage.csv"
    bill.write_text(f"{EXPORT_HEAD}\nu,2026-05-01,deepseek-v4-flash,k,sk-1,request_count,0,1\n", encoding="utf-8")

    ended = spend("review", "2026-05", log, *SHORT, "--bill", junk)
    some = spend("review", "2026-05", log, *SHORT, "--bill", junk, "--bill", bill)

    assert ended.err.splitlines()[1:] == ["  give the provider's usage exports; `spend formats` lists what is known"]
    assert (ended.code, some.code) == (1, 1), "a bill of which a part cannot be read is no whole one"
    assert "Review of 2026-05" in some.out


@pytest.mark.endurance
def test_the_gate_says_what_it_cannot_judge(tmp_path: Path) -> None:
    calls = [call(model="nobody-sells-this", endpoint="/a", request_id="1"), call(endpoint="/b", **MILLION)]
    log = write(tmp_path / "log.jsonl", *calls)
    budget = '[budget]\nmonth = "1"\n[budget.endpoint]\n"/a" = "1"\n"/b" = "1"\n"/c" = "1"\n'
    config = plan(tmp_path, budget)

    ended = spend("--config", config, "review", "2026-05", log, *SHORT, "--fail-over-budget")

    assert ended.code == 0
    assert ended.err.splitlines() == [
        "spend: note: the budget of all is without 1 of its 2 calls: they have no price",
        "spend: note: the budget of endpoint /a cannot be judged; calls without a known cost: 1",
        "spend: note: the budget of endpoint /c matches nothing",
    ]
    states = [line.split()[-1] for line in ended.out.splitlines() if line.startswith(("all", "endpoint /"))]
    assert states[:4] == ["within", "unknown", "within", "nothing"]


@pytest.mark.endurance
@pytest.mark.parametrize(
    ("budget", "said"),
    [
        ("0.279999999999999", "Over the budget by less than $0.001."),
        ("0.28", "$0.000 of the budget is left."),
        ("0.278", "$0.002 over the budget."),
    ],
)
def test_a_budget_that_is_over_is_said_to_be_however_little(tmp_path: Path, budget: str, said: str) -> None:
    log = write(tmp_path / "log.jsonl", call(**MILLION))

    ended = spend("--config", plan(tmp_path, f'[budget]\nmonth = "{budget}"\n'), "review", "2026-05", log, *SHORT)

    assert said in " ".join(ended.out.split())


@pytest.mark.endurance
def test_what_a_team_bears_is_unknown_where_its_own_part_is(tmp_path: Path) -> None:
    calls = [
        call(team="platform", request_id="1", **MILLION),
        call(team="labs", request_id="2", model="nobody-sells-this"),
        call(team="care", request_id="3", **MILLION),
    ]
    rule = '[[share]]\nof = "platform"\nto = { labs = 0.5, care = 0.5 }\n'
    log = write(tmp_path / "log.jsonl", *calls)

    text = spend("--config", plan(tmp_path, rule), "review", "2026-05", log, *SHORT).out

    lines = {
        line.split()[0]: line.split()[-3:]
        for line in text.splitlines()
        if line.startswith(("platform", "labs", "care"))
    }
    assert lines == {
        "platform": ["0.280", "-0.280", "0.000"],
        "labs": ["unknown", "+0.140", "unknown"],
        "care": ["0.280", "+0.140", "0.420"],
    }


@pytest.mark.endurance
def test_a_team_that_is_called_as_nobody_is_is_told_from_it(tmp_path: Path) -> None:
    log = write(tmp_path / "log.jsonl", call(team="unallocated", request_id="1"), call(request_id="2"))

    text = review("2026-05", log).out

    assert [line.split()[0] for line in text.splitlines() if "unallocated" in line] == ['"unallocated"', "unallocated"]


@pytest.mark.endurance
def test_a_team_to_be_shared_that_nobody_knows_is_said(tmp_path: Path) -> None:
    log, config = write(tmp_path / "log.jsonl", call()), plan(tmp_path, '[[share]]\nof = "platfrom"\n')

    ended = spend("--config", config, "review", "2026-05", log, *SHORT)
    found = spend("--config", config, "review", "2026-05", log, *SHORT, "--json").document

    assert "No call of team platfrom" in ended.out
    assert found["quality"]["shared_without_calls"] == ["platfrom"]


@pytest.mark.endurance
def test_a_forecast_over_the_budget_fails_the_run_too(tmp_path: Path) -> None:
    # Ten days of 0.28 are 2.80; by run rate the month comes to about 8.7.
    days = [call(ts=f"2026-05-{day:02}T23:59:59Z", request_id=str(day), **MILLION) for day in range(1, 11)]
    log, config = write(tmp_path / "log.jsonl", *days), plan(tmp_path, '[budget]\nmonth = "5"\n')
    then = ("--as-of", "2026-05-11")

    within = spend("--config", config, "review", "2026-05", log, *SHORT, *then)
    ended = spend("--config", config, "review", "2026-05", log, *SHORT, *then, "--fail-over-budget")

    assert (within.code, ended.code) == (0, 1)
    assert "is the forecast, $5.00 was planned" in ended.err


@pytest.mark.endurance
def test_strict_finds_what_is_unpriced(tmp_path: Path) -> None:
    log = write(tmp_path / "log.jsonl", call(model="nobody-sells-this"))

    assert [review("2026-05", log, *more).code for more in ((), ("--strict",))] == [0, 1]


def test_of_a_month_of_which_nothing_is_known_no_budget_is_kept(tmp_path: Path) -> None:
    log = write(tmp_path / "log.jsonl", call(endpoint="/a"))
    config = plan(tmp_path, '[budget]\nmonth = "1"\n[budget.endpoint]\n"/a" = "1"\n')

    found = spend("--config", config, "review", "2026-07", log, *SHORT, "--json").document

    assert found["actual"] is None
    assert [(one["actual"], one["left"], one["over"]) for one in found["budgets"]] == [(None, None, None)] * 2
