"""Months that are over, open, ahead or before all logs: what a review knows of each, and from when to when."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from reviews import MILLION, SHORT, TELLING, amounts, document, plan, review

from tests.support import FLASH, call, cost, spend, write


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
