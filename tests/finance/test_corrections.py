"""What came late for a closed month, in exports: said at first, then lines of the month that took it up."""

import json
import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from closings import MILLION, exported, first, late, ledger, review, total

from analyzer.ledger import Ledger
from tests.support import call, spend, write

__all__ = ["first", "ledger"]  # fixtures


@pytest.mark.endurance
def test_an_export_says_what_came_late_and_is_in_no_line(ledger: Path) -> None:
    acme = call(ts="2026-05-20T10:00:00Z", model="acme-9", request_id="acme", **MILLION)
    spend("ingest", late(ledger), write(ledger / "acme.jsonl", acme), "--db", "spend.duckdb", "--quiet")

    rows, said = exported("--csv")
    _, of_june = exported("--csv", "--month", "2026-06")
    _, of_some = exported("--csv", "--since", "2026-05-02", "--until", "2026-06-01")
    requests, of_requests = exported("--csv", "--what", "requests")

    assert "2026-05 is closed; what came since, +2 requests (1 without a price), +0.28, is in no line yet" in said
    assert "`spend review 2026-06 --close` takes it up" in said
    assert "no known price" not in said, "of the file's three calls all have one"
    assert "is closed" not in of_june + of_some + of_requests
    assert "1 request has no known price" in of_requests
    assert (total(rows), total(requests)) == (Decimal("0.84"), Decimal("1.12"))


@pytest.mark.endurance
def test_what_was_taken_up_is_lines_of_the_month_that_took_it_up(ledger: Path) -> None:
    review("2026-06", late(ledger), "--close")
    spend("ingest", late(ledger, "2026-05-21T10:00:00Z", "later"), "--db", "spend.duckdb", "--quiet")
    before, said = exported("--csv")
    review("2026-07", "--close", "--as-of", "2026-08-01")

    after, nothing = exported("--csv")

    corrections = [(row["day"], row["corrects"], row["endpoint"], row["cost"]) for row in after if row["corrects"]]
    assert corrections == [
        ("2026-06-30", "2026-05-20", "/late", "0.28"),
        ("2026-07-31", "2026-05-21", "/late", "0.28"),
    ]
    assert [row for row in after if row["day"] < "2026-07-31"] == before, "what was given out stays"
    assert ("+1 request, +0.28, is in no line yet" in said, "is closed" in nothing) == (True, False)
    assert total(after) == total(exported("--csv", "--what", "requests")[0]) == Decimal("1.40")


@pytest.mark.endurance
@pytest.mark.parametrize("shape", [("--csv", "--what", "hours"), ("--focus",)], ids=["csv", "focus"])
def test_exports_of_parts_are_the_export_of_all(ledger: Path, shape: tuple[str, ...]) -> None:
    review("2026-06", late(ledger), "--close")
    last = "2026-06-30T23:00"
    periods = [("--month", "2026-05"), ("--since", "2026-06-01", "--until", last), ("--since", last)]

    parts = [exported(*shape, *period)[0] for period in periods]

    assert [len(part) for part in parts] == [1, 2, 1]
    assert sorted(map(str, exported(*shape)[0])) == sorted(str(row) for part in parts for row in part)


@pytest.mark.endurance
def test_focus_bills_what_was_taken_up_as_a_correction(ledger: Path) -> None:
    # June ends there at 04:00 UTC of 1 July, and is billed as June all the same.
    zone = ("--tz", "America/New_York")
    shutil.copy("open.duckdb", "spend.duckdb")
    review("2026-05", "--close", *zone)
    review("2026-06", late(ledger), "--close", *zone)

    rows, _ = exported("--focus", *zone)

    (correction,) = (row for row in rows if row["ChargeClass"])
    assert (correction["ChargeClass"], correction["ChargePeriodStart"]) == ("Correction", "2026-05-20T10:00:00Z")
    assert correction["BillingPeriodStart"] == "2026-06-01T00:00:00Z"
    assert correction["BillingPeriodEnd"] == "2026-07-01T00:00:00Z"
    assert (correction["BilledCost"], correction["x_RequestCount"]) == ("0.28", "1")
    assert total(rows, "BilledCost") == Decimal("1.12")


@pytest.mark.endurance
def test_own_prices_of_what_was_taken_up_stand_beside_those_of_the_list(ledger: Path) -> None:
    own = ("--prices", "own.toml")
    Path("own.toml").write_text('[prices."deepseek-v4-flash"]\ndiscount = "50%"\n', encoding="utf-8")
    shutil.copy("open.duckdb", "spend.duckdb")
    review("2026-05", "--close", *own)
    review("2026-06", late(ledger), "--close", *own)

    rows, _ = exported("--focus", *own, "--month", "2026-06")

    (correction,) = (row for row in rows if row["ChargeClass"])
    assert (Decimal(correction["ListCost"]), Decimal(correction["ContractedCost"])) == (
        Decimal("0.28"),
        Decimal("0.14"),
    )


@pytest.mark.endurance
def test_what_was_forgotten_comes_back_as_negative_lines(ledger: Path) -> None:
    extra = late(ledger)
    shutil.copy("open.duckdb", "spend.duckdb")
    review("2026-05", extra, "--close")
    spend("forget", str(extra), "--db", "spend.duckdb")
    _, said = exported("--csv")
    review("2026-06", "--close")

    rows, _ = exported("--csv", "--month", "2026-06")
    billed, _ = exported("--focus")

    assert "-1 request, -0.28, is in no line yet" in said
    assert [
        (row["corrects"], row["requests"], row["output_tokens"], row["cost"]) for row in rows if row["corrects"]
    ] == [("2026-05-20", "-1", "-1000000", "-0.28")]
    assert total(rows) == Decimal("0.28")
    assert total(billed, "BilledCost") == Decimal("0.84")


@pytest.mark.endurance
def test_what_came_late_and_is_billed_apart_is_taken_up_whole(ledger: Path) -> None:
    # 60 of 100 input tokens and 4 of 10 output tokens are audio.
    usage = {
        "prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110, "prompt_tokens_details": {"audio_tokens": 60},
        "completion_tokens_details": {"audio_tokens": 4},
    }  # fmt: skip
    counted = {"input_tokens": ..., "cache_read_tokens": ..., "output_tokens": ..., "usage": usage}
    voice = call(ts="2026-05-20T10:00:00Z", request_id="voice", model="gpt-realtime", **counted)
    review("2026-06", write(ledger / "voice.jsonl", voice), "--close")

    rows, billed = exported("--csv")[0], exported("--focus")[0]

    amounts = {
        (row["SkuMeter"], json.loads(row["SkuPriceDetails"])["x_TokenModality"]): Decimal(row["ConsumedQuantity"])
        for row in billed
        if row["ChargeClass"]
    }
    assert amounts == {
        ("Input Tokens", "Audio"): 60, ("Input Tokens", "Text"): 40, ("Output Tokens", "Audio"): 4,
        ("Output Tokens", "Text"): 6,
    }  # fmt: skip
    assert total(rows) == total(billed, "EffectiveCost") == total(exported("--csv", "--what", "requests")[0])
    assert total(rows) > Decimal("0.84")


@pytest.mark.endurance
def test_another_rule_of_who_pays_is_nothing_that_came_late(ledger: Path) -> None:
    (ledger / "spend.toml").write_text('[[allocation]]\nto = "new"\nendpoint = "*"\n', encoding="utf-8")
    review("2026-06", late(ledger), "--close")

    rows, _ = exported("--csv", "--until", "2026-07-01")

    told = [
        (row["corrects"], row["endpoint"], row["team"]) for row in rows if row["corrects"] or row["day"] < "2026-06"
    ]
    assert told == [("", "/chat", ""), ("2026-05-20", "/late", "new")]


@pytest.mark.endurance
def test_a_month_that_is_reopened_gives_its_corrections_up(ledger: Path) -> None:
    review("2026-06", late(ledger), "--close")
    review("2026-06", "--reopen")

    rows, said = exported("--csv")

    assert [row["corrects"] for row in rows] == ["", "", ""]
    assert "+1 request, +0.28, is in no line yet: `spend review 2026-06 --close`" in said


@pytest.mark.endurance
def test_what_was_taken_up_before_there_were_lines_is_told(ledger: Path) -> None:
    review("2026-06", late(ledger), "--close")
    with Ledger.open(Path("spend.duckdb")) as kept:
        kept.connection.execute("DELETE FROM taken_entries")

    _, said = exported("--csv")

    assert (
        "2026-05 is closed; what came since, +1 request, +0.28, was taken up in 2026-06 when that made no lines" in said
    )
