"""The monthly review: what it says adds up, and says only what is known."""

import html
import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from reviews import MILLION, SAMPLES, SHORT, amounts, document, plan, review

from analyzer.finance.entries import asked, define_entries
from analyzer.report.visible import width
from analyzer.simulate.relations import View
from tests.support import BOOK, EXPORT_HEAD, FLASH, PRO, call, export, ledger_of, spend, write


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
def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    one, other = (write(tmp_path / f"{name}.jsonl", call(endpoint=f"/{name}", request_id=name)) for name in "ab")

    assert review("2026-05", one, other, "--json").out == review("2026-05", other, one, "--json").out


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


def test_of_a_bill_of_two_months_a_review_tells_what_its_own_was_taken_from(tmp_path: Path) -> None:
    """Two days of 0.28: the last of April is granted, of the first of May 0.18 are; the rest is paid."""
    days = ("2026-04-30", "2026-05-01")
    line = "deepseek-v4-flash,k,sk-x"
    usage = export(
        tmp_path / "amount.csv",
        EXPORT_HEAD,
        *(f"u,{day},{line},output_tokens,0.00000028,1000000" for day in days),
        *(f"u,{day},{line},request_count,,1" for day in days),
    )
    money = export(
        tmp_path / "cost.csv",
        "user_id,utc_date,model,wallet_type,cost,currency",
        "u,2026-04-30,deepseek-v4-flash,Granted,0.28,USD",
        "u,2026-05-01,deepseek-v4-flash,Granted,0.18,USD",
        "u,2026-05-01,deepseek-v4-flash,Paid,0.10,USD",
    )
    calls = [call(ts=f"{day}T10:00:00Z", request_id=day, api_key_name="k", **MILLION) for day in days]
    log = write(tmp_path / "log.jsonl", *calls)
    page = tmp_path / "review.html"

    words = (log, "--bill", usage, "--bill", money, "--json", "--no-workbook", "--report", page)
    found = spend("review", "2026-05", *words).document["reconciliation"]

    assert found["wallets"] == [
        {"wallet_type": "Granted", "currency": "USD", "cost": "0.18"},
        {"wallet_type": "Paid", "currency": "USD", "cost": "0.1"},
    ]
    assert found["billed"] == "0.28"
    said = "The export's money file says Granted 0.18 USD, Paid 0.1 USD, which is what its amounts come to."
    assert said in html.unescape(page.read_text(encoding="utf-8"))


def test_a_review_is_one_json_document_and_nothing_else(tmp_path: Path) -> None:
    ended = review("2026-05", write(tmp_path / "log.jsonl", call()), "--json")

    found = json.loads(ended.out)
    assert found["schema"] == "spend.review/1"
    assert {"actual", "previous", "budget", "forecast", "variance"} <= set(found)
    assert date.fromisoformat(f"{found['month']}-01") == date(2026, 5, 1)


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
