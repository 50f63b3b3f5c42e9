"""The monthly review: what it says adds up, and says only what is known."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from analyzer.finance.entries import asked, define_entries
from analyzer.report.amounts import told_apart
from analyzer.report.visible import width
from analyzer.simulate.relations import View
from tests.support import BOOK, EXPORT_HEAD, FLASH, PRO, ROOT, Ended, call, cost, export, ledger_of, spend, write

SHORT = ("--no-report", "--no-workbook", "--quiet")
TELLING = ("--no-report", "--no-workbook", "--scenario", "all-flash")  # notes as well
SAMPLES = ROOT / "sample_logs"
# A million tokens of output on Flash in May and June: 0.28.
MILLION = {"input_tokens": 0, "cache_read_tokens": 0, "output_tokens": 1_000_000}


def review(month: str, *arguments: str | Path) -> Ended:
    return spend("review", month, *arguments, *SHORT, "--scenario", "all-flash")


def document(path: Path, month: str, *records: Mapping[str, object], more: tuple[str, ...] = ()) -> dict[str, Any]:
    return review(month, write(path / "log.jsonl", *records), "--json", *more).document


def amounts(lines: list[dict[str, Any]], key: str = "amount") -> Decimal:
    return sum((Decimal(line[key]) for line in lines if line[key] is not None), Decimal(0))


@pytest.fixture(scope="module")
def october() -> dict[str, Any]:
    return spend(
        "--config", SAMPLES / "spend.toml", "review", "2026-10", SAMPLES, "--as-of", "2026-11-03", "--json", *SHORT
    ).document


def test_the_month_is_what_the_analysis_of_the_month_says(october: dict[str, Any]) -> None:
    analysis = spend("analyze", SAMPLES, "--month", "2026-10", "--json", "--no-report", "--quiet").document

    assert october["actual"] == analysis["totals"]["cost"]
    assert october["price_book"] == analysis["price_book"]
    shared = ("name", "cost", "low", "high", "difference", "unpriced")
    assert [{key: one[key] for key in shared} for one in october["scenarios"]] == [
        {key: one[key] for key in shared} for one in analysis["scenarios"]
    ]


@pytest.mark.endurance
def test_the_month_before_is_what_its_own_review_says(october: dict[str, Any]) -> None:
    september = review("2026-09", SAMPLES, "--json", "--as-of", "2026-11-03").document

    assert october["previous"] == september["actual"]


def test_all_splits_of_the_change_add_up_to_it(october: dict[str, Any]) -> None:
    change = Decimal(october["actual"]) - Decimal(october["previous"])

    assert amounts(october["variance"]) == change
    assert amounts(october["price_volume_mix"]) == change
    assert amounts(october["variance_by_endpoint"]) == change
    assert all(Decimal(one["amount"]) == amounts(one["drivers"]) for one in october["variance_by_endpoint"])
    for one in october["variance"]:
        parts = [each for endpoint in october["variance_by_endpoint"] for each in endpoint["drivers"]]
        assert amounts([each for each in parts if each["driver"] == one["driver"]]) == Decimal(one["amount"])


@pytest.mark.parametrize("dimension", ["endpoint", "team", "cost_center", "api_key_name", "model"])
def test_every_showback_adds_up_to_both_months(october: dict[str, Any], dimension: str) -> None:
    lines = october["showback"][dimension]

    assert amounts(lines, "cost") == Decimal(october["actual"])
    assert amounts(lines, "previous") == Decimal(october["previous"])
    assert amounts(lines, "shared") == 0
    assert sum(line["requests"] for line in lines) == next(
        one["requests"] for one in october["unit_economics"] if one["month"] == "2026-10"
    )


def test_what_no_rule_allocates_stays_in_sight(october: dict[str, Any]) -> None:
    # The key `sandbox` belongs to no team: see the story in sample_logs/workloads.py.
    (unallocated,) = [line for line in october["showback"]["team"] if line["name"] is None]
    (sandbox,) = [line for line in october["showback"]["api_key_name"] if line["name"] == "sandbox"]

    assert unallocated["cost"] == sandbox["cost"]
    assert unallocated["shared"] == "0"


def test_the_story_of_october_is_found(october: dict[str, Any]) -> None:
    # As workloads.py tells it: a template with the time first on the 20th and 21st, a storm of retries on the 28th.
    days = {(one["day"], one["endpoint"]) for one in october["anomalies"]}
    drivers = {one["driver"]: Decimal(one["amount"]) for one in october["variance"]}

    assert {("2026-10-21", "/agents/code"), ("2026-10-28", "/batch/extract")} <= days
    assert drivers["new endpoints"] == next(
        Decimal(line["cost"]) for line in october["showback"]["endpoint"] if line["name"] == "/contracts/check"
    )
    assert drivers["discontinued endpoints"] < 0
    assert drivers["model routing"] < 0
    assert drivers["cache hit rate"] > 0


@pytest.mark.endurance
def test_a_month_that_is_over_has_no_forecast_and_one_that_is_open_has(october: dict[str, Any]) -> None:
    then = review("2026-10", SAMPLES, "--as-of", "2026-10-20", "--json").document

    assert (october["open"], october["forecast"], october["forecast_detail"]) == (False, None, None)
    assert then["open"] is True
    assert Decimal(then["actual"]) < Decimal(then["forecast"])
    assert then["until"] <= "2026-10-20T00:00:00Z"


@pytest.mark.endurance
def test_how_good_forecasts_were_is_told_month_by_month(october: dict[str, Any]) -> None:
    then = review("2026-10", SAMPLES, "--as-of", "2026-10-20", "--json").document

    told = {one["month"]: one for one in october["forecast_accuracy"]}
    assert list(told) == ["2026-09", "2026-10"], "August is not whole in the ledger"
    assert {one["at"] for one in told.values()} == {"2026-09-16T00:00:00Z", "2026-10-16T00:00:00Z"}, "after the 15th"
    assert told["2026-10"]["actual"] == october["actual"]
    assert [one["month"] for one in then["forecast_accuracy"]] == ["2026-09"], "October is not over then"


@pytest.mark.endurance
def test_as_of_a_day_nothing_later_is_known(tmp_path: Path) -> None:
    log = [call(ts=f"2026-05-{day:02}T10:00:00Z", request_id=str(day), **MILLION) for day in (4, 5, 20)]

    then = document(tmp_path, "2026-05", *log, more=("--as-of", "2026-05-06"))

    assert (then["actual"], then["until"]) == ("0.56", "2026-05-05T10:00:01Z")


def test_a_month_that_the_ledger_does_not_reach_back_to_is_unknown(tmp_path: Path) -> None:
    found = document(tmp_path, "2026-05", call(**MILLION))

    assert (found["actual"], found["previous"], found["difference"], found["variance"]) == ("0.28", None, None, [])


@pytest.mark.endurance
def test_a_month_without_calls_between_others_cost_nothing(tmp_path: Path) -> None:
    calls = [call(ts=f"2026-{month}-10T10:00:00Z", **MILLION) for month in ("04", "06")]

    june, may = (document(tmp_path, month, *calls) for month in ("2026-06", "2026-05"))

    assert (june["actual"], june["previous"], amounts(june["variance"])) == ("0.28", "0", Decimal("0.28"))
    assert may["actual"] == "0"


@pytest.mark.endurance
def test_a_month_before_without_calls_is_nothing_everywhere(tmp_path: Path) -> None:
    log = write(
        tmp_path / "log.jsonl", *(call(ts=f"2026-{month}-10T10:00:00Z", **MILLION) for month in ("04", "06", "07"))
    )

    known, unknown = (review(month, log, "--json").document for month in ("2026-06", "2026-04"))
    rows = {line[:40].strip(): line[40:].split() for line in review("2026-06", log).out.splitlines()}

    assert [(one["cost"], one["previous"]) for one in known["showback"]["endpoint"]] == [("0.28", "0")]
    assert [one["previous"] for one in unknown["showback"]["endpoint"]] == [None]
    assert rows["Requests"] == ["0", "1"]
    assert (rows["Cost"], rows["Saved by cache hits"]) == (["0.000", "0.280"], ["0.000", "0.000"])
    assert rows["Cost per 1,000 requests"] == ["unknown", "280.000000"], "nothing by nothing"


def test_a_month_after_the_last_call_is_unknown(tmp_path: Path) -> None:
    found = document(tmp_path, "2026-07", call(**MILLION))

    assert (found["actual"], found["previous"]) == (None, None)


@pytest.mark.endurance
def test_where_nothing_is_priced_nothing_is_claimed(tmp_path: Path) -> None:
    calls = [call(ts=f"2026-{month}-10T10:00:00Z", model="nobody-sells-this") for month in ("04", "05")]

    found = document(tmp_path, "2026-05", *calls)
    text = review("2026-05", tmp_path / "log.jsonl").out

    assert (found["actual"], found["variance"], found["ledger"]["unpriced"]) == (None, [], 1)
    assert "Nothing in 2026-05 has a price." in text


@pytest.mark.endurance
@pytest.mark.parametrize(("calls", "said"), [(1, "its one call has no known price"), (2, "none of its 2 calls has a")])
def test_a_month_before_without_a_price_is_not_taken_for_one_before_the_ledger(
    tmp_path: Path, calls: int, said: str
) -> None:
    before = [call(ts="2026-04-10T10:00:00Z", model="nobody-sells-this", request_id=f"r{one}") for one in range(calls)]
    log = write(tmp_path / "log.jsonl", *before, call(ts="2026-05-10T10:00:00Z", **MILLION))

    text = " ".join(review("2026-05", log).out.split())
    first = " ".join(review("2026-05", write(tmp_path / "may.jsonl", call(**MILLION))).out.split())

    assert f"What 2026-04 cost is not known: {said}" in text
    assert "What 2026-04 cost is not known: the ledger does not reach back so far." in first
    assert "Review of 2026-05: $0.280 for 1 request USD" in text


@pytest.mark.endurance
def test_a_month_that_has_not_begun_and_one_before_all_logs_are_told_to_be(tmp_path: Path) -> None:
    calls = [call(ts=f"2026-{month}-10T10:00:00Z", request_id=month, **MILLION) for month in ("05", "06", "08")]
    log = write(tmp_path / "log.jsonl", *calls)
    page = tmp_path / "page.html"

    to_come = spend("review", "2026-07", log, "--as-of", "2026-06-20", "--quiet", "--no-workbook", "--report", page)
    found = review("2026-07", log, "--as-of", "2026-06-20", "--json").document
    before = review("2026-04", log).out

    # The call of August is not known by then: it does not make a July without calls one that cost nothing.
    assert (found["actual"], found["open"]) == (None, True)
    assert to_come.out.startswith("Review of 2026-07: it has not begun, the logs end at 2026-06-10 10:00 UTC\n")
    assert "2026-07 has not begun" in to_come.out.partition("\n\n")[2]
    assert "so far" not in to_come.out
    shown = page.read_text(encoding="utf-8")
    assert "<small>the month has not begun, the logs end at 2026-06-10 10:00 UTC</small>" in shown
    assert before.startswith("Review of 2026-04: no call of 2026-04 is logged\n")
    assert "has a price" not in before


@pytest.mark.endurance
def test_a_month_ahead_says_what_it_comes_to_or_why_it_does_not(tmp_path: Path) -> None:
    """A call each Monday for four weeks and an hour: four of July's Mondays, to the digits that so little takes."""
    mondays = [f"2026-{day}T10:00:00Z" for day in ("04-27", "05-04", "05-11", "05-18", "05-25")]
    log = write(tmp_path / "log.jsonl", *(call(ts=ts, request_id=ts) for ts in mondays))

    told, early = (" ".join(review("2026-07", log, "--as-of", day).out.split()) for day in ("2026-05-26", "2026-05-20"))

    comes_to = 4 * cost(FLASH, misses=400, hits=600, output=100)
    assert comes_to == Decimal("0.00034272")
    assert "2026-07 has not begun; by the weekday profile it comes to $0.000343." in told
    assert "2026-07 has not begun, and the logs tell too little to forecast it" in early
    assert "that takes four weeks of calls." in early


@pytest.mark.endurance
def test_the_page_of_an_open_month_says_until_when_it_is_known(tmp_path: Path) -> None:
    log = write(tmp_path / "log.jsonl", call(ts="2026-05-10T10:00:00Z", **MILLION))
    page = tmp_path / "page.html"
    asked = ("review", "2026-05", log, "--quiet", "--no-workbook", "--report", page)

    spend(*asked, "--as-of", "2026-05-11")
    open_ = page.read_text(encoding="utf-8")
    spend(*asked)

    assert "<small>1 request, known until 2026-05-10 10:00 UTC</small>" in open_
    assert "<small>1 request</small>" in page.read_text(encoding="utf-8")


@pytest.mark.endurance
def test_calls_after_what_the_clock_says_are_told(tmp_path: Path) -> None:
    """A clock that stands in spring: of May it knows nothing. Asked as of a day, nobody asks what comes after it."""
    log = write(
        tmp_path / "log.jsonl", *(call(ts=f"2026-05-{day:02}T10:00:00Z", request_id=f"{day}") for day in (1, 2))
    )
    words = ("review", "2026-05", log, *SHORT[:2])

    wrong = spend(*words, now=datetime(2026, 3, 1, 12, tzinfo=UTC))
    right = spend(*words, now=datetime(2026, 5, 2, 12, tzinfo=UTC))
    then = spend(*words, "--as-of", "2026-05-02", now=datetime(2026, 5, 2, 12, tzinfo=UTC))

    said = "it is 2026-03-01 12:00 UTC by this machine's clock, and the logs tell of 2 calls after that, in no figure"
    assert said in wrong.err
    assert "machine's clock" not in right.err + then.err


@pytest.mark.endurance
def test_days_without_a_call_are_named(tmp_path: Path) -> None:
    days = [day for day in range(1, 32) if day not in (9, 24)]
    log = [call(ts=f"2026-05-{day:02}T10:00:00Z", request_id=str(day)) for day in days]

    found = document(tmp_path, "2026-05", *log)

    assert found["quality"]["quiet_days"] == ["2026-05-09", "2026-05-24"]


@pytest.mark.endurance
def test_logs_that_end_before_an_open_month_are_said_to_and_its_days_are_not_without_cost(tmp_path: Path) -> None:
    # 0.28 at each noon of the 32 days to 10 June: in the 31 days of July as much each, which is more than the budget.
    days = [date(2026, 5, 10) + timedelta(days=number) for number in range(32)]
    log = write(tmp_path / "log.jsonl", *(call(ts=f"{day}T12:00:00Z", request_id=str(day), **MILLION) for day in days))
    config = plan(tmp_path, '[budget]\nmonth = "8"\n')

    ended = spend(
        "--config", config, "review", "2026-07", log, *TELLING, "--as-of", "2026-07-05", "--json", "--fail-over-budget"
    )

    found = ended.document
    assert (found["actual"], found["forecast"], found["until"]) == (None, "8.68", "2026-06-10T12:00:01Z")
    assert "the logs end at 2026-06-10 12:00 UTC, 25 days before" in ended.err
    assert (ended.code, "$8.68 is the forecast, $8.00 was planned" in ended.err) == (1, True)


@pytest.mark.endurance
def test_where_the_logs_ended_is_known_from_all_that_was_ever_called(tmp_path: Path) -> None:
    log = write(tmp_path / "log.jsonl", call(ts="2026-05-10T10:00:00Z", **MILLION))

    ended = spend("review", "2028-07", log, "--as-of", "2028-07-05", "--json", *TELLING)
    nothing = spend("review", "2026-04", log, "--as-of", "2026-04-15", "--json", *TELLING)

    assert ended.document["until"] == "2026-05-10T10:00:01Z"
    assert "the logs end at 2026-05-10 10:00 UTC, 787 days before" in ended.err  # 2 x 365 + 1 + 56
    assert "the logs hold no call before 2026-04-15 00:00 UTC" in nothing.err


@pytest.mark.endurance
@pytest.mark.parametrize(
    ("without", "said"),
    [
        ((9, 10), ""),
        ((9, 11, 12, 14), ""),
        ((9, 11, 12, 13), "no call on 4 of the 31 days of 2026-05, 2026-05-11 to 2026-05-13 among them"),
        (tuple(range(12, 32)), "no call on 20 of the 31 days of 2026-05, 2026-05-12 to 2026-05-31:"),
    ],
)
def test_three_days_in_a_row_without_a_call_are_told(tmp_path: Path, without: tuple[int, ...], said: str) -> None:
    days = [day for day in range(1, 32) if day not in without]
    log = write(tmp_path / "log.jsonl", *(call(ts=f"2026-05-{day:02}T10:00:00Z", request_id=str(day)) for day in days))

    ended = spend("review", "2026-05", log, *TELLING)

    assert (said in " ".join(ended.out.split())) and (said in ended.err)
    assert ("hold no call" in ended.out) == ("hold no call" in ended.err) == bool(said)


@pytest.mark.endurance
def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    one, other = (write(tmp_path / f"{name}.jsonl", call(endpoint=f"/{name}", request_id=name)) for name in "ab")

    assert review("2026-05", one, other, "--json").out == review("2026-05", other, one, "--json").out


def plan(path: Path, text: str) -> Path:
    path.joinpath("plan.toml").write_text(text, encoding="utf-8")
    return path / "plan.toml"


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


@pytest.mark.endurance
def test_the_files_are_written_where_they_are_wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    log = write(tmp_path / "log.jsonl", call())

    usual = spend("review", "2026-05", log, "--quiet")
    named = spend("review", "2026-05", log, "--quiet", "--report", "a.html", "--workbook", "b.xlsx")

    assert usual.out.endswith("Written: spend-review-2026-05.html, spend-review-2026-05.xlsx\n")
    assert named.out.endswith("Written: a.html, b.xlsx\n")
    assert {path.name for path in tmp_path.iterdir()} == {
        "a.html", "b.xlsx", "log.jsonl", "spend-review-2026-05.html", "spend-review-2026-05.xlsx"
    }  # fmt: skip


@pytest.mark.endurance
def test_a_place_that_cannot_be_written_is_said_with_its_remedy(tmp_path: Path) -> None:
    log = write(tmp_path / "log.jsonl", call())

    ended = spend("review", "2026-05", log, "--quiet", "--no-report", "--workbook", tmp_path / "none" / "b.xlsx")

    assert ended.code == 1
    assert "make its folder first, or name another place with --workbook" in ended.err


@pytest.mark.endurance
def test_names_are_data_on_every_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = ["<img src=x onerror=alert(1)>", "=1+1", "\u202eevil", "a\tb", "$(rm)", "{{x}}"]
    calls = [
        call(ts=f"2026-{month}-10T10:00:00Z", endpoint=name, team=name, api_key_name=name, request_id=f"{name}{month}")
        for name in names
        for month in ("04", "05")
    ]
    log = write(tmp_path / "log.jsonl", *calls)

    ended = spend("review", "2026-05", log, "--quiet")
    page = (tmp_path / "spend-review-2026-05.html").read_text(encoding="utf-8")

    assert ended.code == 0
    assert "<img" not in page
    assert "\u202e" not in page + ended.out
    assert "\\u202eevil" in ended.out


@pytest.mark.endurance
def test_long_names_of_any_script_leave_room_for_the_figures(tmp_path: Path) -> None:
    """Four quiet Mondays and one of a thousandfold use: a table of days out of the ordinary, and all others."""
    names = ["検索" * 20, "/v1/" + "search" * 12]
    days = [("2026-05-04", 1), ("2026-05-11", 1), ("2026-05-18", 1), ("2026-05-25", 1), ("2026-06-01", 10**6)]
    calls = [
        call(ts=f"{day}T10:00:00Z", endpoint=name, team=name, input_tokens=1000 * times, request_id=f"{name}{day}")
        for day, times in days
        for name in names
    ]

    lines = spend("review", "2026-06", write(tmp_path / "log.jsonl", *calls), *SHORT).out.splitlines()

    assert [line for line in lines if width(line) > 80] == []
    out_of_the_ordinary = [line for line in lines if line.startswith("2026-06-01 ")]
    assert len(out_of_the_ordinary) == len(names)
    assert all("…" in line and " 140.00 " in line for line in out_of_the_ordinary)


def test_cents_in_the_terminal_add_up(tmp_path: Path) -> None:
    # Three teams of a third of a cent more than a dollar: 1.00, 1.00 and 1.01 make 3.01.
    third = {"input_tokens": 0, "cache_read_tokens": 0, "output_tokens": 3_583_334}
    log = write(tmp_path / "log.jsonl", *(call(team=team, request_id=team, **third) for team in "abc"))

    text = review("2026-05", log).out

    lines = [line.split() for line in text.splitlines() if line[:2] in ("a ", "b ", "c ")]
    assert sorted(line[2] for line in lines) == ["1.00", "1.00", "1.01"]


def test_a_day_out_of_the_ordinary_is_off_by_what_a_reader_finds(tmp_path: Path) -> None:
    # 340,000 tokens of output a day are 0.0952; 4,730,000 are 1.3244, which is 1.2292 more: by cents, 1.32 - 0.10.
    usual = [date(2026, 4, 25) + timedelta(days=number) for number in range(60)]
    amounts_by_day = [*((day, 340_000) for day in usual), (date(2026, 6, 24), 4_730_000)]
    calls = [
        call(ts=f"{day}T10:00:00Z", request_id=str(day), **{**MILLION, "output_tokens": tokens})
        for day, tokens in amounts_by_day
    ]
    log, book = write(tmp_path / "log.jsonl", *calls), tmp_path / "review.xlsx"

    ended = spend("review", "2026-06", log, "--no-report", "--workbook", book, "--scenario", "all-flash")
    rows = load_workbook(book)["Anomalies"].iter_rows(values_only=True)

    assert ["2026-06-24", "/chat", "1.32", "0.10", "+1.22"] in [line.split() for line in ended.out.splitlines()]
    assert [row[3:6] for row in rows if row[1] == "/chat"] == [(1.32, 0.1, 1.22)]


def test_errors_of_the_plan_name_file_and_key(tmp_path: Path) -> None:
    log = write(tmp_path / "log.jsonl", call())

    ended = spend("--config", plan(tmp_path, '[budget]\nmonht = "5"\n'), "review", "2026-05", log, *SHORT)

    assert ended.code == 2
    assert "plan.toml: unknown key budget.monht" in ended.err
    assert "did you mean budget.month?" in ended.err


@pytest.mark.endurance
def test_the_bill_is_reconciled_in_the_pack(tmp_path: Path) -> None:
    from tests.support import EXPORT_HEAD, export

    bill = export(
        tmp_path / "usage.csv",
        EXPORT_HEAD,
        "u,2026-05-01,deepseek-v4-flash,k,sk-x,output_tokens,0.00000028,1000000",
        "u,2026-05-01,deepseek-v4-flash,k,sk-x,request_count,,1",
    )
    log = write(tmp_path / "log.jsonl", call(api_key_name="k", **MILLION))

    ended = review("2026-05", log, "--bill", bill)
    found = review("2026-05", log, "--bill", bill, "--json").document["reconciliation"]
    april = review("2026-04", log, "--bill", bill, "--json").document["reconciliation"]

    assert (found["billed"], found["computed"], found["difference"]) == ("0.28", "0.28", "0")
    assert (april["billed"], april["buckets"]) == ("0", []), "a bill's other months are in no review of this one"
    assert "billed as computed" in ended.out


def test_a_review_is_one_json_document_and_nothing_else(tmp_path: Path) -> None:
    ended = review("2026-05", write(tmp_path / "log.jsonl", call()), "--json")

    found = json.loads(ended.out)
    assert found["schema"] == "spend.review/1"
    assert {"actual", "previous", "budget", "forecast", "variance"} <= set(found)
    assert date.fromisoformat(f"{found['month']}-01") == date(2026, 5, 1)


def export_of(path: Path, *days: str, price: str = "0.00000014") -> Path:
    """A provider's daily export: a million uncached tokens in ten calls each day, on Flash."""
    lines = [
        line
        for day in days
        for line in (
            f"u,{day},deepseek-v4-flash,key,sk-***,input_cache_miss_tokens,{price},1000000",
            f"u,{day},deepseek-v4-flash,key,sk-***,request_count,,10",
        )
    ]
    return export(path / "amount.csv", EXPORT_HEAD, *lines)


@pytest.mark.endurance
def test_days_of_an_export_that_lie_in_two_months_are_told(tmp_path: Path) -> None:
    """In New York the UTC day of June 1 begins on May 31 at 20:00, and counts there."""
    log = export_of(tmp_path, "2026-05-01", "2026-05-20", "2026-06-01")

    here = review("2026-05", log, "--json", "--tz", "America/New_York")
    utc = review("2026-05", log, "--json")
    shown = review("2026-05", log, "--tz", "America/New_York")

    assert here.document["actual"] == "0.28", "May 20 and June 1"
    assert here.document["quality"]["month_edge"] == {
        "requests": 20,
        "cost_in_month": "0.14",
        "cost_in_other_months": "0.14",
    }
    assert utc.document["quality"]["month_edge"] == {
        "requests": 0,
        "cost_in_month": None,
        "cost_in_other_months": None,
    }
    assert "20 of exports across the month's edge." in " ".join(shown.out.split())
    page = tmp_path / "review.html"
    spend("review", "2026-05", log, "--tz", "America/New_York", "--report", page, "--no-workbook", "--quiet")
    said = "$0.140 counted in this month, $0.140 in others: their bucket is in two months of America/New_York"
    assert said in page.read_text(encoding="utf-8")


@pytest.mark.endurance
def test_export_rows_at_a_price_of_no_list_are_told(tmp_path: Path) -> None:
    log = export_of(tmp_path, "2026-05-20", price="0.00000019")

    found = review("2026-05", log, "--json").document
    shown = review("2026-05", log)
    analyzed = spend("analyze", log, "--no-report", "--quiet")

    (row,) = found["quality"]["uncertain_prices"]
    assert row == {"model": "deepseek-v4-flash", "requests": 10, "cost": "0.14"}
    assert "10 of exports at an uncertain price" in " ".join(shown.out.split())
    page = tmp_path / "review.html"
    spend("review", "2026-05", log, "--report", page, "--no-workbook", "--quiet")
    shown_page = page.read_text(encoding="utf-8")
    assert "$0.140: priced as of their bucket&#x27;s start" in shown_page
    # The review and the analysis below it both have a table of months; links lead to the first of a name.
    ids = re.findall(
        r' id="([^"]+)"', re.sub(r"<template.*?</template>|<script.*?</script>", "", shown_page, flags=re.DOTALL)
    )
    assert {"months", "review-months"} <= set(ids)
    assert len(ids) == len(set(ids))
    assert "10 calls of usage exports, $0.140, with a price" in " ".join(analyzed.out.split())


@pytest.mark.endurance
@pytest.mark.parametrize(("unknown", "told"), [(1, True), (0, False)])
def test_a_cache_split_that_became_known_is_no_better_cache(tmp_path: Path, unknown: int, told: bool) -> None:
    """Of 20 calls of May one, the twentieth part, does not tell what was cached; all of June do."""
    calls = [
        call(id=f"{month}-{number}", ts=f"2026-{month}-11T10:00:00Z", cache_read_tokens=... if number < least else 600)
        for month, least in (("05", unknown), ("06", 0))
        for number in range(20)
    ]
    log = write(tmp_path / "log.jsonl", *calls)

    said = " ".join(review("2026-06", log).out.split())

    assert ("Of 5.0% of the calls of 2026-05 no log tells what was cached" in said) is told


@pytest.mark.endurance
def test_what_hits_saved_is_unknown_where_no_log_tells_of_them(tmp_path: Path) -> None:
    found = document(tmp_path, "2026-05", call(cache_read_tokens=...))

    assert found["unit_economics"][0]["cache_saving"] is None


def test_lines_beyond_the_most_are_one_without_a_name_whose_unknowns_stay_unknown(tmp_path: Path) -> None:
    """Of four lines the dearest stands alone. The others: one whose split is not known, one without a price, one without
    usage; what they come to is of those that tell."""
    told = call(model="deepseek-v4-pro")
    untold = call(cache_read_tokens=...)
    unpriced = call(model="nobody-sells-this", input_tokens=10, cache_read_tokens=4, output_tokens=1)
    failed = call(input_tokens=..., cache_read_tokens=..., output_tokens=..., status="error")
    with ledger_of(write(tmp_path / "log.jsonl", told, untold, unpriced, failed)) as ledger:
        define_entries(ledger, BOOK, View())
        may = datetime(2026, 5, 1)
        alone = list(asked(ledger.connection, "cost_lines", month=may, most=4).iter_rows(named=True))
        first, rest = asked(ledger.connection, "cost_lines", month=may, most=1).iter_rows(named=True)

    def units(price: Decimal, tokens: int) -> int:
        return int((price * tokens / 1_000_000).scaleb(15))

    by_known = [(row["input_tokens"], row["read_tokens"], row["miss_cost"], row["cost"] is None) for row in alone]
    assert by_known[1:] == [
        (1000, None, units(FLASH[0], 1000), False),
        (None, None, None, True),
        (10, 4, None, True),
    ]
    names = ("endpoint", "model", "serves", "window", "p_miss", "p_read", "p_write", "p_output", "p_request")
    assert (first["lines"], first["alone"], first["model"]) == (1, True, "deepseek-v4-pro")
    assert first["cost"] == units(PRO[0], 400) + units(PRO[1], 600) + units(PRO[2], 100)
    assert (rest["number"], rest["lines"], rest["alone"], rest["requests"]) == (2, 3, False, 3)
    assert {rest[name] for name in names} == {None}
    tokens = (rest["input_tokens"], rest["miss_tokens"], rest["read_tokens"], rest["output_tokens"])
    assert tokens == (1010, 1006, 4, 101)
    assert (rest["miss_cost"], rest["read_cost"], rest["other_cost"]) == (units(FLASH[0], 1000), 0, 0)
    assert rest["cost"] == units(FLASH[0], 1000) + units(FLASH[2], 100)
