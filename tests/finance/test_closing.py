"""Closed months stay closed: the same bytes, whatever comes later, and what came later said beside them."""

import csv
import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

import pytest
from closings import MILLION, exported, first, late, ledger, review, total
from openpyxl import load_workbook

from analyzer.errors import LedgerError
from analyzer.finance import adjustment, closing
from analyzer.finance.entries import sql
from analyzer.finance.month import Month
from analyzer.ledger import Ledger
from analyzer.prices import Book
from analyzer.prices.own import read_file
from analyzer.simulate.relations import View
from tests.support import call, spend, write

__all__ = ["first", "ledger"]  # fixtures


def test_a_closed_month_gives_the_same_bytes_whatever_came_later(ledger: Path) -> None:
    files = {name: (ledger / f"spend-review-2026-05.{name}").read_bytes() for name in ("html", "xlsx")}

    again = spend("review", "2026-05", late(ledger), "--json", "--db", "spend.duckdb")

    assert again.code == 0
    assert again.out == (ledger / "closed.json").read_text(encoding="utf-8")
    for name, content in files.items():
        assert (ledger / f"spend-review-2026-05.{name}").read_bytes() == content
    assert "2026-05 is closed" in again.err
    assert "since then +1 request, +0.28: to be booked in 2026-06" in again.err


def test_what_came_late_is_an_adjustment_of_the_open_month_and_in_none_of_its_figures(ledger: Path) -> None:
    june = review("2026-06", late(ledger)).document

    assert june["adjustments"] == [
        {
            "month": "2026-05",
            "requests": 1,
            "unpriced": 0,
            "late": "0.28",
            "repriced": "0",
            "price_book": june["price_book"],
        }
    ]
    assert (june["actual"], june["previous"]) == ("0.56", "0.28")
    assert sum(float(line["cost"]) for line in june["showback"]["endpoint"]) == 0.56


def test_what_is_to_be_booked_is_to_the_cent_what_the_exports_of_the_closed_month_add_up_to(ledger: Path) -> None:
    """June: 0.56 and 1,593,000 tokens at 0.28 a million are 1.00604. Late: 600,000 are 0.168. In all 1.17404.

    Shown by themselves they are 1.01, 0.17 and 1.17, of which no two give the third. What was spent and what is booked
    stand elsewhere, too; what lies between them is 0.16, here and in the table of closed months.
    """
    tokens = {"may": ("2026-05-20T10:00:00Z", 600_000), "june": ("2026-06-21T10:00:00Z", 1_593_000)}
    logs = [
        write(ledger / f"{name}.jsonl", call(ts=day, request_id=name, **{**MILLION, "output_tokens": count}))
        for name, (day, count) in tokens.items()
    ]
    ended = spend("review", "2026-06", *logs, "--db", "spend.duckdb", "--close")

    amounts = dict(
        re.findall(
            r"^(Spent in 2026-06|Came late .*?|To be booked .*?|2026-05)  +(?:1 +)?([+\d.]+)", ended.out, re.MULTILINE
        )
    )
    booked = {"Spent in 2026-06": "1.01", "Came late for closed months": "+0.16", "To be booked in 2026-06": "1.17"}
    assert amounts == {**booked, "2026-05": "+0.16"}
    spend("export", "--csv", "--month", "2026-06", "--output", "june.csv", "--db", "spend.duckdb")
    with (ledger / "june.csv").open(encoding="utf-8", newline="") as file:
        assert sum(Decimal(row["cost"]) for row in csv.DictReader(file)) == Decimal("1.17404")
    summary = dict(load_workbook("spend-review-2026-06.xlsx", data_only=True)["Summary"].iter_rows(values_only=True))
    assert [summary[name] for name in booked] == [1.01, 0.16, 1.17]


@pytest.mark.endurance
def test_an_adjustment_is_taken_up_once(ledger: Path) -> None:
    review("2026-06", late(ledger), "--close")
    july = write(ledger / "july.jsonl", call(ts="2026-07-01T10:00:00Z", request_id="july", **MILLION))

    first = review("2026-07", july).document
    second = review("2026-07", late(ledger, name="later")).document

    assert first["adjustments"] == []
    assert [(one["requests"], one["late"]) for one in second["adjustments"]] == [(1, "0.28")]
    assert "what came late before was taken up in 2026-06" in review("2026-05").err


def test_newer_prices_change_no_closed_month_and_what_they_would_change_is_said(ledger: Path) -> None:
    (ledger / "own.toml").write_text(
        '[prices."deepseek-v4-flash"]\ninput = "1"\ncache_read = "1"\noutput = "1"\n', encoding="utf-8"
    )

    may = review("2026-05", "--prices", "own.toml")
    june = review("2026-06", "--prices", "own.toml").document

    assert may.out == (ledger / "closed.json").read_text(encoding="utf-8")
    assert "would change it by +0.72" in may.err
    assert june["previous"] == "0.28"
    assert [(one["late"], one["repriced"]) for one in june["adjustments"]] == [("0", "0.72")]


def test_late_records_are_priced_as_their_month_was(ledger: Path) -> None:
    (ledger / "own.toml").write_text(
        '[prices."deepseek-v4-flash"]\ninput = "1"\ncache_read = "1"\noutput = "1"\n', encoding="utf-8"
    )

    june = review("2026-06", late(ledger), "--prices", "own.toml").document

    assert [(one["late"], one["repriced"]) for one in june["adjustments"]] == [("0.28", "1.44")]


@pytest.mark.endurance
def test_a_model_that_only_late_records_name_takes_the_price_of_today(ledger: Path) -> None:
    other = write(ledger / "pro.jsonl", call(ts="2026-05-20T10:00:00Z", model="deepseek-v4-pro", **MILLION))

    june = review("2026-06", other).document

    assert [one["late"] for one in june["adjustments"]] == ["0.87"]


@pytest.mark.endurance
def test_what_is_forgotten_of_a_closed_month_is_taken_back_in_the_open_one(ledger: Path) -> None:
    extra = late(ledger)
    shutil.copy("open.duckdb", "spend.duckdb")
    review("2026-05", extra, "--close")

    spend("forget", str(extra), "--db", "spend.duckdb")
    june = review("2026-06").document

    assert [(one["requests"], one["late"]) for one in june["adjustments"]] == [(-1, "-0.28")]
    assert june["previous"] == "0.56"


@pytest.mark.usefixtures("ledger")
def test_a_month_is_closed_once() -> None:
    again = review("2026-05", "--close")

    assert again.code == 1
    assert again.err == "spend: 2026-05 is closed already\n  its review is what was reported; --reopen gives that up\n"


def test_nor_is_it_closed_twice_where_that_is_not_asked_before(ledger: Path) -> None:
    """By whoever calls the function itself."""
    with Ledger.open(ledger / "spend.duckdb") as opened, pytest.raises(LedgerError, match="2026-05 is closed already"):
        closing.close(opened, Month.named("2026-05"), View(), Book.load(), {}, closing.Pack("{}", "", b"", b""))


@pytest.mark.endurance
@pytest.mark.usefixtures("ledger")
def test_a_month_that_is_not_over_cannot_be_closed() -> None:
    early = review("2026-06", "--close", "--as-of", "2026-06-30T23:59:59")
    in_time = review("2026-06", "--close", "--as-of", "2026-07-01")

    assert (early.code, in_time.code) == (2, 0)
    assert "2026-06 is not over" in early.err


@pytest.mark.usefixtures("ledger")
@pytest.mark.endurance
def test_no_instant_to_come_makes_a_month_over() -> None:
    clock = datetime(2026, 6, 27, 12, tzinfo=UTC)
    asked = ("review", "2026-06", "--db", "spend.duckdb", "--no-report", "--no-workbook", "--quiet")

    then = spend(*asked, "--close", "--as-of", "2026-07-01", now=clock)
    usual = spend(*asked, "--close", now=clock)
    alone = spend(*asked, "--as-of", "2026-06-27T12:00:01", now=clock)
    just = spend(*asked, "--as-of", "2026-06-27T12:00:00", now=clock)

    assert [one.code for one in (then, usual, alone, just)] == [2, 2, 2, 0]
    assert then.err == (
        "spend: --as-of 2026-07-01: is in the future\n  leave it out to review the month as it is known now\n"
    )
    assert "2026-06 is not over" in usual.err
    assert "so far" in just.out, "the month is open still"


@pytest.mark.endurance
def test_a_month_is_reopened_from_the_latest_on(ledger: Path) -> None:
    review("2026-06", late(ledger), "--close")

    refused = review("2026-05", "--reopen")
    june = review("2026-06", "--reopen")
    may = review("2026-05", "--reopen").document

    assert (refused.code, june.code) == (1, 0)
    assert "reopen 2026-06 first" in refused.err
    assert may["actual"] == "0.56", "now the late call is one of the month's"


@pytest.mark.usefixtures("ledger")
def test_what_was_never_closed_cannot_be_reopened() -> None:
    assert (
        "2026-06 is not closed as USD, UTC, by endpoint, clock completion, prices in-force"
        in review("2026-06", "--reopen").err
    )


@pytest.mark.usefixtures("ledger")
def test_another_look_at_a_closed_month_is_computed_and_says_so() -> None:
    other = review("2026-05", "--currency", "CNY")

    assert other.document["currency"] == "CNY"
    assert "2026-05 is closed as USD, UTC, by endpoint, clock completion, prices in-force; this is another" in other.err


def test_closing_needs_a_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    log = write(tmp_path / "log.jsonl", call())

    ended = spend("review", "2026-05", str(log), "--close")

    assert ended.code == 2
    assert "name one with --db" in ended.err


@pytest.mark.usefixtures("ledger")
def test_a_closing_keeps_what_it_was_made_of() -> None:
    with Ledger.open(Path("spend.duckdb")) as kept:
        (found,) = closing.closings(kept, View())
        inputs, book, clock, prices = kept.connection.execute(
            "SELECT inputs, price_book, clock, price_date FROM closings"
        ).fetchall()[0]

    assert found.month == Month.named("2026-05")
    assert found.price_book == Book.load().version
    assert len(json.loads(inputs)) == 1
    assert (book, clock, prices) == (found.price_book, "completion", "in-force")


@pytest.mark.usefixtures("ledger")
def test_a_closing_that_is_interrupted_leaves_the_month_open() -> None:
    shutil.copy("open.duckdb", "spend.duckdb")

    with patch("analyzer.finance.closing.json.dumps", side_effect=KeyboardInterrupt):
        review("2026-05", "--close")

    with Ledger.open(Path("spend.duckdb")) as kept:
        assert closing.closings(kept, View()) == ()
        assert kept.connection.execute("SELECT count(*) FROM closed_entries").fetchall() == [(0,)]


@pytest.mark.endurance
def test_what_comes_late_for_a_month_that_was_closed_without_a_call_is_not_lost(ledger: Path) -> None:
    july = write(ledger / "july.jsonl", call(ts="2026-08-01T10:00:00Z", request_id="aug", **MILLION))
    review("2026-07", july, "--close")

    august = review("2026-08", late(ledger, "2026-07-15T10:00:00Z")).document

    assert [(one["month"], one["requests"], one["late"]) for one in august["adjustments"]] == [("2026-07", 1, "0.28")]
    assert august["previous"] == "0"


@pytest.mark.endurance
def test_months_closed_out_of_order_take_up_a_late_call_once(ledger: Path) -> None:
    extra = [call(ts=f"2026-{month}-01T10:00:00Z", request_id=month, **MILLION) for month in ("07", "08")]
    review("2026-06", late(ledger), write(ledger / "more.jsonl", *extra))  # open: June is where it is to be booked

    review("2026-07", "--close")  # it is not booked in July, as June is open before it
    june = review("2026-06", "--close").document
    august = review("2026-08").document

    assert [one["late"] for one in june["adjustments"]] == ["0.28"]
    assert august["adjustments"] == []


@pytest.mark.endurance
def test_a_late_call_is_to_be_booked_in_one_month_only(ledger: Path) -> None:
    july = write(ledger / "july.jsonl", call(ts="2026-07-01T10:00:00Z", request_id="july", **MILLION))
    review("2026-06", late(ledger), july)

    found = {month: review(month).document["adjustments"] for month in ("2026-06", "2026-07")}

    assert [one["late"] for one in found["2026-06"]] == ["0.28"]
    assert found["2026-07"] == []


@pytest.mark.endurance
def test_a_zone_half_an_hour_off_keeps_the_prices_of_its_first_half_hour(ledger: Path) -> None:
    # In Kolkata May begins at 18:30 UTC of the last of April.
    early = write(ledger / "early.jsonl", call(ts="2026-04-30T18:45:00Z", request_id="early", **MILLION))
    zone = ("--tz", "Asia/Kolkata")
    review("2026-05", early, "--close", *zone)
    (ledger / "own.toml").write_text('[prices."deepseek-v4-flash"]\noutput = "1"\n', encoding="utf-8")

    june = review("2026-06", "--prices", "own.toml", *zone).document

    assert [(one["requests"], one["late"], one["repriced"]) for one in june["adjustments"]] == [(0, "0", "1.44")]


@pytest.mark.endurance
def test_months_that_share_an_hour_are_kept_apart(ledger: Path) -> None:
    # In Kolkata June begins at 18:30 UTC: of this hour both months have a call, and both know its prices.
    edge = [call(ts=f"2026-05-31T18:{minute}:00Z", request_id=f"m{minute}", **MILLION) for minute in (15, 45)]
    zone = ("--tz", "Asia/Kolkata")
    shutil.copy("open.duckdb", "spend.duckdb")
    review("2026-05", write(ledger / "edge.jsonl", *edge), "--close", *zone)
    review("2026-06", "--close", *zone)

    july = review("2026-07", late(ledger, "2026-05-31T18:20:00Z"), "--close", "--as-of", "2026-08-01", *zone).document
    parts = {
        month: exported("--csv", "--what", "hours", "--month", month, *zone)[0]
        for month in ("2026-05", "2026-06", "2026-07")
    }

    assert [(one["month"], one["late"], one["repriced"]) for one in july["adjustments"]] == [("2026-05", "0.28", "0")]
    assert {month: total(rows) for month, rows in parts.items()} == {
        "2026-05": Decimal("0.56"), "2026-06": Decimal("0.84"), "2026-07": Decimal("0.28"),
    }  # fmt: skip
    # What was taken up stands in the last hour of July, which ends at 18:30 UTC.
    assert [(row["hour"], row["corrects"]) for row in parts["2026-07"]] == [("2026-07-31T18:00:00Z", "2026-05-31")]


@pytest.mark.endurance
def test_what_one_of_them_lost_does_not_hide_what_the_other_got_late(ledger: Path) -> None:
    """In one hour a call of May 31 is forgotten, and one of June 1 is told: alike in all but the month."""
    zone = ("--tz", "Asia/Kolkata")
    shutil.copy("open.duckdb", "spend.duckdb")
    may = write(ledger / "edge.jsonl", call(ts="2026-05-31T18:15:00Z", request_id="m15", endpoint="/late", **MILLION))
    review("2026-05", may, "--close", *zone)
    review("2026-06", "--close", *zone)
    spend("forget", may, "--db", "spend.duckdb")

    july = review("2026-07", late(ledger, "2026-05-31T18:45:00Z"), "--close", "--as-of", "2026-08-01", *zone).document
    taken = exported("--csv", "--what", "hours", "--month", "2026-07", *zone)[0]

    assert [(one["month"], one["late"]) for one in july["adjustments"]] == [("2026-05", "-0.28"), ("2026-06", "0.28")]
    assert sorted((row["corrects"], Decimal(row["cost"])) for row in taken) == [
        ("2026-05-31", Decimal("-0.28")), ("2026-06-01", Decimal("0.28")),
    ]  # fmt: skip


@pytest.mark.endurance
def test_a_price_that_comes_for_what_had_none_changes_no_closed_month(ledger: Path) -> None:
    shutil.copy("open.duckdb", "spend.duckdb")
    other = write(ledger / "acme.jsonl", call(ts="2026-05-20T10:00:00Z", model="acme-9", request_id="acme", **MILLION))
    review("2026-05", other, "--close")
    (ledger / "own.toml").write_text('[prices."acme-9"]\ninput = "1"\noutput = "1"\n', encoding="utf-8")

    june = review("2026-06", "--prices", "own.toml").document

    assert [(one["late"], one["repriced"]) for one in june["adjustments"]] == [("0", "1")]


@pytest.mark.endurance
def test_late_calls_without_a_price_say_so(ledger: Path) -> None:
    other = write(ledger / "acme.jsonl", call(ts="2026-05-20T10:00:00Z", model="acme-9", request_id="acme", **MILLION))

    june = review("2026-06", other).document

    assert [(one["requests"], one["unpriced"], one["late"]) for one in june["adjustments"]] == [(1, 1, "0")]
    assert "+1 request (1 without a price)" in review("2026-05").err


@pytest.mark.parametrize(
    "program", ["this", pytest.param("before unpriced calls were kept", marks=pytest.mark.endurance)]
)
@pytest.mark.endurance
def test_calls_without_a_price_are_taken_up_once(ledger: Path, program: str) -> None:
    acme = write(ledger / "acme.jsonl", call(ts="2026-05-20T10:00:00Z", model="acme-9", request_id="acme", **MILLION))
    june = review("2026-06", acme, "--close").document
    if program != "this":  # closings of then kept calls and units alone
        with Ledger.open(Path("spend.duckdb")) as kept:
            kept.connection.execute(
                "UPDATE closings SET taken = '{\"2026-05\": [1, 0]}' WHERE month = DATE '2026-06-01'"
            )

    july = review("2026-07", late(ledger)).document

    assert [(one["requests"], one["unpriced"]) for one in june["adjustments"]] == [(1, 1)]
    assert [(one["requests"], one["unpriced"], one["late"]) for one in july["adjustments"]] == [(1, 0, "0.28")]
    assert "since then +1 request, +0.28: to be booked in 2026-07" in review("2026-05").err


@pytest.mark.endurance
def test_a_month_closed_long_ago_is_not_taken_back(ledger: Path) -> None:
    # All months after May are closed, too, without a call, up to the one that is looked at: May is 14 months before it.
    log = write(ledger / "next.jsonl", call(ts="2027-07-10T10:00:00Z", request_id="next", **MILLION))
    spend("ingest", log, "--db", "spend.duckdb", "--quiet")
    with Ledger.open(Path("spend.duckdb")) as kept:
        kept.connection.execute(
            "INSERT INTO closings SELECT closings.* REPLACE (1 + n AS closing_id,"
            " CAST(month + to_months(CAST(n AS INTEGER)) AS DATE) AS month) FROM closings, range(1, 14) AS later(n)"
        )

    found = review("2027-07", "--as-of", "2027-08-01").document["adjustments"]

    assert [one["month"] for one in found] == []


@pytest.mark.endurance
@pytest.mark.usefixtures("ledger")
def test_a_month_priced_with_the_cards_of_a_day_is_another_view() -> None:
    shutil.copy("open.duckdb", "spend.duckdb")
    review("2026-05", "--close", "--price-date", "2026-10-01")

    in_force = review("2026-05")

    assert in_force.document["actual"] == "0.28"
    assert "prices 2026-10-01; this is another view" in in_force.err


def test_options_that_change_nothing_of_a_closed_month_say_so(ledger: Path) -> None:
    (ledger / "own.toml").write_text('[prices."deepseek-v4-flash"]\noutput = "1"\n', encoding="utf-8")

    ended = review("2026-05", "--prices", "own.toml", "--as-of", "2026-05-02")

    assert "--scenario, --as-of, --prices: it is not looked at anew" in ended.err


@pytest.mark.usefixtures("ledger")
@pytest.mark.endurance
def test_closing_after_a_month_that_is_open_says_what_that_means() -> None:
    shutil.copy("open.duckdb", "spend.duckdb")

    ended = review("2026-06", "--close")

    assert "2026-05 is not closed: what comes late for it changes no figure of 2026-06 any more" in ended.err


@pytest.mark.endurance
def test_what_cannot_be_written_is_not_closed(ledger: Path) -> None:
    shutil.copy("open.duckdb", "spend.duckdb")
    nowhere = ("--report", ledger / "none" / "x.html", "--no-workbook", "--db", "spend.duckdb")

    ended = spend("review", "2026-05", "--close", *nowhere)

    assert ended.code == 1
    with Ledger.open(Path("spend.duckdb")) as kept:
        assert closing.closings(kept, View()) == ()


@pytest.mark.usefixtures("ledger")
@pytest.mark.endurance
def test_an_analysis_of_a_closed_month_says_that_it_is_computed_anew() -> None:
    ended = spend("analyze", "--db", "spend.duckdb", "--month", "2026-05", "--no-report")
    june = spend("analyze", "--db", "spend.duckdb", "--month", "2026-06", "--no-report")

    assert "2026-05 is closed; here it is computed anew" in ended.err
    assert "is closed" not in june.err


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize("command", [("analyze", "--no-report"), ("export", "--csv"), ("export", "--focus")])
@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), False),
        (("--tz", "Asia/Shanghai"), True),
        (("--currency", "CNY", "--month", "2026-05"), True),
        (("--tz", "Asia/Shanghai", "--since", "2026-06-01T08:00"), False),  # the first instant after it: May was UTC's
        (("--tz", "Asia/Shanghai", "--since", "2026-06-01T07:59"), True),
        (("--tz", "Asia/Shanghai", "--quiet"), False),
    ],
)
def test_another_view_of_a_closed_month_says_which_one_was_reported(
    command: tuple[str, ...], options: tuple[str, ...], told: bool
) -> None:
    """Else a month of Beijing would pass for the one that was closed in UTC."""
    ended = spend(*command, "--db", "spend.duckdb", *options)

    note = (
        "spend: note: 2026-05 is closed as USD, UTC, by endpoint, clock completion, prices in-force; this is another view,"
        " computed anew\n  `spend review` and exports with these options give a closed month as it was reported\n"
    )
    assert ended.code == 0
    assert (note in ended.err) == told
    assert ("is closed as" in ended.err) == told


@pytest.mark.endurance
@pytest.mark.parametrize(("shape", "column"), [("--csv", "cost"), ("--focus", "BilledCost")])
def test_exports_hold_a_closed_month_as_it_was_reported(ledger: Path, shape: str, column: str) -> None:
    spend("ingest", late(ledger), "--db", "spend.duckdb", "--quiet")

    def exported(*period: str) -> Decimal:
        ended = spend("export", shape, "--output", "-", "--db", "spend.duckdb", "--quiet", *period)
        return sum((Decimal(row[column]) for row in csv.DictReader(ended.out.splitlines())), Decimal(0))

    assert exported("--month", "2026-05") == Decimal("0.28")
    assert exported() == Decimal("0.84"), "May as it was closed, and both calls of June"
    assert exported("--until", "2026-05-10T10:00") == 0
    assert exported("--since", "2026-05-10T10:00", "--until", "2026-05-11") == Decimal("0.28")


def test_own_prices_are_read_as_the_tests_mean_them(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('[prices."deepseek-v4-flash"]\noutput = "1"\n', encoding="utf-8")

    assert [rate.model for rate in read_file(path)] == ["deepseek-v4-flash"]


@pytest.mark.endurance
def test_a_workbook_says_what_its_own_rows_come_to(ledger: Path) -> None:
    spend("ingest", late(ledger), "--db", "spend.duckdb", "--quiet")

    spend("export", "--xlsx", "--output", "x.xlsx", "--db", "spend.duckdb")

    notes = dict(load_workbook("x.xlsx")["Notes"].iter_rows(values_only=True, max_col=2))
    assert (notes["Exact total"], notes["Requests"]) == ("0.84 USD", "3")


SUMS = (
    "requests", "input_tokens", "miss_tokens", "read_tokens", "write_tokens", "write_1h_tokens", "output_tokens",
    "reasoning_tokens", "miss_cost", "read_cost", "write_cost", "output_cost", "other_cost", "cost", "peak_cost",
)  # fmt: skip


def entry(times: int, **more: object) -> dict[str, object]:
    """An entry of May whose sums are so many times 1, 2, 3, ..., no two alike."""
    usual = {
        "hour": datetime(2026, 5, 10, 10), "month": datetime(2026, 5, 1), "endpoint": "/chat", "model": "deepseek-v4-flash",
        "measured": True, "priced": True, "split_known": True,
    }  # fmt: skip
    return {**usual, **{name: times * number for number, name in enumerate(SUMS, 1)}, **more}


def test_what_is_taken_up_is_what_is_there_now_less_what_was_told_before() -> None:
    """Of ten times the sums three were closed with and three taken up by another closing: four are left, in every column."""
    may, given_up, june, july = range(1, 5)
    other = {"month": datetime(2026, 4, 1), "hour": datetime(2026, 4, 10)}
    now = [
        entry(10),
        entry(4, endpoint="/same"),
        entry(6, endpoint="/payer", team="new"),
        entry(1, endpoint="/new", cost=None, priced=False),
        entry(9, **other),
        entry(6, endpoint="/tier", service_tier="batch"),
        *(entry(0, endpoint=f"/{name}", **{name: 1}) for name in ("input_tokens", "output_tokens", "cost")),
    ]
    closed = [
        entry(3, closing_id=may),
        entry(4, endpoint="/same", closing_id=may),
        entry(6, endpoint="/payer", team="old", closing_id=may),  # another one pays: nothing came
        entry(8, endpoint="/gone", closing_id=may),
        entry(6, endpoint="/tier", service_tier="flex", closing_id=may),
        entry(7, closing_id=given_up),
    ]
    taken = [entry(3, closing_id=june), entry(7, closing_id=given_up)]
    with Ledger.throwaway() as made:
        connection = made.connection
        connection.execute(
            "CREATE TEMP TABLE pinned_entries AS SELECT * EXCLUDE (closing_id) FROM closed_entries LIMIT 0"
        )
        for table, lines in (("pinned_entries", now), ("closed_entries", closed), ("taken_entries", taken)):
            for line in lines:
                slots = ", ".join("?" * len(line))
                connection.execute(f"INSERT INTO {table} ({', '.join(line)}) VALUES ({slots})", list(line.values()))
        for name, value in (("taker", july), ("closings", [may, june]), ("months", [datetime(2026, 5, 1)])):
            connection.execute(f"SET VARIABLE {name} = ?", [value])

        connection.execute(sql("take_up"))

        asked = f"SELECT endpoint, {', '.join(SUMS)} FROM taken_entries WHERE closing_id = {july} ORDER BY endpoint, service_tier"
        lines = connection.execute(asked).fetchall()
    numbers = range(1, len(SUMS) + 1)
    assert lines == [
        ("/chat", *(4 * number for number in numbers)),
        ("/cost", *(int(each == "cost") for each in SUMS)),
        ("/gone", *(-8 * number for number in numbers)),
        ("/input_tokens", *(int(each == "input_tokens") for each in SUMS)),
        ("/new", *(None if name == "cost" else number for name, number in zip(SUMS, numbers, strict=True))),
        ("/output_tokens", *(int(each == "output_tokens") for each in SUMS)),
        ("/tier", *(6 * number for number in numbers)),
        ("/tier", *(-6 * number for number in numbers)),
    ]


def kept(ledger: Ledger, ident: int, month: str, taken: str = "{}", document: str = "{}", **seen: str) -> None:
    """Keep a closing without entries, as the usual view has it but for ``seen``."""
    look = {"tz": "UTC", "currency": "USD", "endpoint_by": "endpoint", "clock": "completion", "price_date": "in-force"}
    values = (f"{month}-01", *(look | seen).values(), "book", "1", "[]", taken, document, "", b"", b"")
    ledger.connection.execute(f"INSERT INTO closings VALUES ({ident}, {', '.join('?' * len(values))})", [*values])


def test_the_closings_of_a_view_are_told_in_the_order_of_their_months() -> None:
    """In whatever order they were made; those of any other look are of another view."""
    others = {
        "tz": "Asia/Kolkata",
        "currency": "CNY",
        "endpoint_by": "team",
        "clock": "start",
        "price_date": "2026-05-01",
    }
    with Ledger.throwaway() as made:
        for ident, month in ((1, "2026-07"), (2, "2026-05"), (3, "2026-06")):
            kept(made, ident, month)
        for ident, (name, value) in enumerate(others.items(), 4):
            kept(made, ident, "2026-08", **{name: value})

        assert [(one.ident, str(one.month)) for one in closing.closings(made, View())] == [
            (2, "2026-05"), (3, "2026-06"), (1, "2026-07"),
        ]  # fmt: skip
        assert [one.ident for one in closing.closings(made, View(clock="start"))] == [7]
        assert len(closing.otherwise_closed(made, Month.named("2026-08"), View(clock="start"))) == 4
        assert closing.otherwise_closed(made, Month.named("2026-06"), View()) == []


def test_what_several_months_took_up_is_reopened_from_the_last() -> None:
    with Ledger.throwaway() as made:
        kept(made, 1, "2026-05")
        for ident, month in ((2, "2026-07"), (3, "2026-06")):
            kept(made, ident, month, taken='{"2026-05": [1, 5, 0]}')

        with pytest.raises(LedgerError, match="taken up in 2026-06, which is closed") as refused:
            closing.reopen(made, Month.named("2026-05"), View())

    assert refused.value.remedy == "reopen 2026-07 first"


def test_closings_that_kept_no_calls_without_a_price_have_them_from_what_they_told() -> None:
    """Their documents tell all that had come by then: 3 by June, 7 by July; August keeps its own 2."""
    told = '{{"adjustments": [{{"month": "2026-05", "unpriced": {}}}]}}'
    with Ledger.throwaway() as made:
        kept(made, 1, "2026-05")
        kept(made, 2, "2026-06", '{"2026-05": [4, 50]}', told.format(3))
        kept(made, 3, "2026-07", '{"2026-05": [5, 60]}', told.format(7))
        kept(made, 4, "2026-08", '{"2026-05": [2, 0, 2]}', told.format(9))

        found = [one.taken.get("2026-05") for one in closing.closings(made, View())]

    assert found == [None, (4, 50, 3), (5, 60, 4), (2, 0, 2)]


def test_a_view_holds_a_month_whose_edges_are_its_own() -> None:
    june = Month.named("2026-06")
    moment = timedelta(microseconds=1)
    for since, until, held, met in (
        (None, None, True, True),
        (june.start, june.end, True, True),
        (june.start + moment, None, False, True),
        (None, june.end - moment, False, True),
        (june.end - moment, None, False, True),
        (june.end, None, False, False),
        (None, june.start + moment, False, True),
        (None, june.start, False, False),
    ):
        view = View(since=since, until=until)
        assert (adjustment.holds(view, june), adjustment.overlaps(june, view)) == (held, met)


@pytest.mark.parametrize(
    ("changed", "booked", "told"),
    [
        ({}, False, False), ({"requests": 1}, True, True), ({"unpriced": -1}, True, True), ({"late": -1}, True, True),
        ({"repriced": 1}, False, True),
    ],
)  # fmt: skip
def test_an_adjustment_of_any_kind_is_told_and_only_what_came_is_booked(
    changed: dict[str, int], booked: bool, told: bool
) -> None:
    """Calls that one log took back and another brought may cost something, and be none."""
    counts = {"requests": 0, "unpriced": 0, "late": 0, "repriced": 0} | changed
    one = adjustment.Adjustment("2026-05", "2026-06", (), price_book="book", outside=closing.Taken(0, 0, 0), **counts)

    assert (one.to_book, one.anything) == (booked, told)
