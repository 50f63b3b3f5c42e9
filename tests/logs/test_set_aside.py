"""Exports beside the requests that they summarise: kept for reconciliation, never added to them."""

import json
from pathlib import Path
from typing import Any

import pytest
from support import EXPORT_HEAD, call, export, spend, write

DAY = "2026-05-01"
KEY = "app,sk-***1234"


def day_of_export(day: str, model: str, hits: int, misses: int, output: int, calls: int) -> list[str]:
    """The four lines of one day, at the prices of May 2026."""
    hit, miss, out = {
        "deepseek-v4-flash": ("0.0000000028", "0.00000014", "0.00000028"),
        "deepseek-v4-pro": ("0.000000003625", "0.000000435", "0.00000087"),
    }[model]
    head = f"u-1,{day},{model},{KEY}"
    return [
        f"{head},input_cache_hit_tokens,{hit},{hits}",
        f"{head},input_cache_miss_tokens,{miss},{misses}",
        f"{head},output_tokens,{out},{output}",
        f"{head},request_count,,{calls}",
    ]


def analysis(*logs: Path) -> dict[str, Any]:
    ended = spend("analyze", *logs, "--json", "--no-report", "--quiet", "--scenario", "all-pro")
    assert ended.code == 0, ended.err
    return ended.document


@pytest.fixture
def requests(tmp_path: Path) -> Path:
    """Two calls of Flash on the first of May: 2,000 tokens in, 1,200 of them hits, 200 out."""
    return write(tmp_path / "calls.jsonl", call(id="a"), call(id="b", ts=f"{DAY}T23:59:59.9Z"))


def test_the_export_of_the_same_day_and_model_adds_nothing(tmp_path: Path, requests: Path) -> None:
    both = export(tmp_path / "amount.csv", EXPORT_HEAD, *day_of_export(DAY, "deepseek-v4-flash", 1200, 800, 200, 2))
    alone, together = analysis(requests), analysis(requests, both)
    assert together["totals"] == alone["totals"]
    assert together["scenarios"] == alone["scenarios"]
    assert together["ledger"]["set_aside"] == 4
    assert together["ledger"]["requests"] == 6  # its records are there all the same


@pytest.mark.endurance
def test_another_day_and_another_model_count(tmp_path: Path, requests: Path) -> None:
    other = export(
        tmp_path / "amount.csv",
        EXPORT_HEAD,
        *day_of_export(DAY, "deepseek-v4-flash", 1200, 800, 200, 2),
        *day_of_export("2026-05-02", "deepseek-v4-flash", 0, 10, 1, 1),
        *day_of_export(DAY, "deepseek-v4-pro", 0, 100, 10, 3),
    )
    together = analysis(requests, other)
    assert together["totals"]["requests"] == 2 + 1 + 3
    assert together["totals"]["input_tokens"] == 2000 + 10 + 100
    assert together["ledger"]["set_aside"] == 4


@pytest.mark.endurance
def test_a_request_under_the_models_other_name_counts_as_the_same(tmp_path: Path) -> None:
    """On 2026-05-01 `deepseek-chat` was served by V4 Flash."""
    log = write(tmp_path / "calls.jsonl", call(id="a", model="deepseek-chat"))
    both = export(tmp_path / "amount.csv", EXPORT_HEAD, *day_of_export(DAY, "deepseek-v4-flash", 600, 400, 100, 1))
    assert analysis(log, both)["totals"]["requests"] == 1


@pytest.mark.endurance
def test_a_call_without_usage_does_not_push_the_export_aside(tmp_path: Path) -> None:
    """A failure tells nothing that the export could tell again."""
    log = write(tmp_path / "calls.jsonl", call(id="a", input_tokens=..., cache_read_tokens=..., output_tokens=...))
    both = export(tmp_path / "amount.csv", EXPORT_HEAD, *day_of_export(DAY, "deepseek-v4-flash", 600, 400, 100, 1))
    together = analysis(log, both)
    assert (together["totals"]["input_tokens"], together["ledger"]["set_aside"]) == (1000, 0)


@pytest.mark.endurance
@pytest.mark.parametrize(
    ("calls", "said"),
    [
        (2, "4 records of usage exports (2 calls) are set aside, kept for reconciliation and in no total: calls of the same "
            "models and times are here one by one (2)."),
        (1800, "4 records of usage exports (1,800 calls) are set aside, kept for reconciliation and in no total: calls of the "
            "same models and times are here one by one (2). The totals lack those that were not logged."),
    ],
)  # fmt: skip
def test_the_summary_and_the_report_say_so(calls: int, said: str, tmp_path: Path, requests: Path) -> None:
    """Somebody who logs only a part of the calls sees it. Calls of another day, and of another model, are not counted."""
    others = write(
        tmp_path / "others.jsonl", call(id="c", ts="2026-05-02T00:00:00Z"), call(id="d", model="deepseek-v4-pro")
    )
    both = export(tmp_path / "amount.csv", EXPORT_HEAD, *day_of_export(DAY, "deepseek-v4-flash", 1200, 800, 200, calls))
    report = tmp_path / "r.html"
    ended = spend("analyze", requests, others, both, "--report", report)
    told = " ".join(ended.out.split())
    assert said in told
    assert said in report.read_text(encoding="utf-8")
    assert ("not logged" in told) == (calls > 2)


@pytest.mark.endurance
def test_calls_under_another_name_are_there_as_well(tmp_path: Path, requests: Path) -> None:
    """On 2026-05-01 `deepseek-chat` was served by V4 Flash: three calls are there, told once for each key of the export."""
    chat = write(tmp_path / "chat.jsonl", call(id="e", model="deepseek-chat"))
    day = day_of_export(DAY, "deepseek-v4-flash", 1200, 800, 200, 4)
    both = export(tmp_path / "amount.csv", EXPORT_HEAD, *day, *(line.replace(KEY, "web,sk-***5678") for line in day))
    told = " ".join(spend("analyze", requests, chat, both, "--no-report").out.split())
    assert "8 records of usage exports (8 calls) are set aside" in told
    assert "are here one by one (3)." in told


@pytest.mark.endurance
def test_the_order_of_reading_does_not_matter(tmp_path: Path, requests: Path) -> None:
    both = export(tmp_path / "amount.csv", EXPORT_HEAD, *day_of_export(DAY, "deepseek-v4-flash", 1200, 800, 200, 2))
    one, other = tmp_path / "one.duckdb", tmp_path / "other.duckdb"
    for ledger, order in ((one, (requests, both)), (other, (both, requests))):
        for log in order:
            spend("ingest", "--db", ledger, log)
    answers = [json.loads(spend("analyze", "--db", ledger, "--json", "--no-report").out) for ledger in (one, other)]
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("command", "asked", "told"),
    [
        ("analyze", (), True),
        ("analyze", ("--currency", "CNY"), False),
        ("analyze", ("--quiet",), False),
        pytest.param("review", (), True, marks=pytest.mark.endurance),
        pytest.param("export", (), True, marks=pytest.mark.endurance),
    ],
)
@pytest.mark.endurance
def test_an_export_in_another_currency_than_that_of_the_list_is_told(
    command: str, asked: tuple[str, ...], told: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A million misses of Flash cost 1 yuan in May 2026: whoever was billed yuan does not look for dollars."""
    monkeypatch.chdir(tmp_path)
    line = f"u-1,{DAY},deepseek-v4-flash,{KEY}"
    export(
        tmp_path / "amount-2026-5.csv",
        EXPORT_HEAD,
        f"{line},input_cache_miss_tokens,0.000001,5000",
        f"{line},request_count,,3",
    )
    words = {"analyze": ("--no-report",), "review": ("2026-05",), "export": ("--csv",)}[command]
    run = spend(command, *words, "amount-2026-5.csv", *asked)

    assert run.code == 0
    note = "spend: note: the usage exports state prices in CNY, and these amounts are in USD\n  --currency CNY gives "
    assert (note in run.err) == told


@pytest.mark.parametrize(("currency", "other"), [("USD", "CNY"), ("CNY", "USD")])
def test_exports_of_accounts_in_two_currencies_are_told_whichever_is_looked_at(
    currency: str, other: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Misses of Flash cost 1 yuan or 0.14 dollars a million in May 2026. Three days are in dollars, one is in yuan."""
    monkeypatch.chdir(tmp_path)
    for name, price, days in (("usd", "0.00000014", (4, 5, 6)), ("cny", "0.000001", (7,))):
        lines = (f"{name},2026-05-{day:02},deepseek-v4-flash,{KEY}" for day in days)
        told = [(f"{line},input_cache_miss_tokens,{price},5000", f"{line},request_count,,3") for line in lines]
        export(tmp_path / f"amount-{name}.csv", EXPORT_HEAD, *(line for pair in told for line in pair))

    run = spend("analyze", "amount-usd.csv", "amount-cny.csv", "--no-report", "--currency", currency)

    assert run.code == 0
    assert run.err == (
        f"spend: note: some of the usage exports state prices in {other}, and these amounts are in {currency}\n"
        "  each account's exports by themselves, with --currency, give what was billed; nothing is converted\n"
    )
