"""Which calls failed: one rule, whatever asks."""

import json
from pathlib import Path

from analyzer.engines.query import queries
from analyzer.finance.entries import define_entries
from analyzer.ledger import Ledger
from analyzer.simulate.relations import View, prepare
from tests.support import BOOK, call, ledger_of, write

FAILED = """
400|401|403|404|408|422|429|429.0|499|500|502|503|504|529|1004
HTTP 503|HTTP/1.1 503 Service Unavailable|503 Service Unavailable|429 Too Many Requests|status_500|http404
error|api_error|server_error|overloaded_error|internal server error|tool error|ERROR_TOXIC|2 errors|10 errors
exception|ValueException|fail|failed|failure|FAILED_PRECONDITION|model failed
timeout|timed out|timed_out|time-out|gateway timeout|DEADLINE_EXCEEDED
cancelled|canceled|USER_CANCEL|abort|aborted|turn_aborted|interrupted|disconnected|expired|killed|crashed
rejected|request rejected|denied|PERMISSION_DENIED|forbidden|unauthorized|UNAUTHENTICATED|invalid_request|INVALID_ARGUMENT
bad request|bad gateway|not found|NOT_FOUND|UNIMPLEMENTED|payment required|internal|INTERNAL
unavailable|UNAVAILABLE|service unavailable|overloaded|rate_limited|rate limit|ratelimited|too many requests|throttled
quota|insufficient_quota|insufficient_system_resource|RESOURCE_EXHAUSTED|unsuccessful|not ok|false
"""
WENT_WELL = """
200|200 OK|HTTP 200|HTTP/1.1 200 OK|201|204|302|399|0|1|ok|OK|success|succeeded|completed|done|finished|true
stop|end_turn|stop_sequence|tool_use|tool_calls|TOO_MANY_TOOL_CALLS|length|max_tokens|MAX_TOKENS|incomplete|pause_turn
model_context_window_exceeded|content_filter|content_filtered|guardrail_intervened|refusal|SAFETY|RECITATION|eos_token
no error|no errors|NO_ERROR|no-error|0 errors|completed with 0 errors|without error|without any errors|zero failures
error-free|failover|gpt-4500|took 4.50 s|v1.500|1400ms
"""


def words(text: str) -> list[str]:
    return [word for line in text.split("\n") for word in line.split("|") if word]


def outcomes(ledger: Ledger) -> list[str | None]:
    return [row[0] for row in ledger.connection.execute("SELECT outcome FROM calls ORDER BY row_id").fetchall()]


def test_each_status_is_a_failure_or_none(tmp_path: Path) -> None:
    failed, well = words(FAILED), words(WENT_WELL)
    log = write(tmp_path / "log.jsonl", *(call(id=f"call-{word}", status=word) for word in (*failed, *well)))

    with ledger_of(log) as ledger:
        prepare(ledger, BOOK, View())
        found = dict(ledger.connection.execute("SELECT request_id[6:], outcome FROM calls").fetchall())

    assert [word for word in failed if found[word] != "failed"] == []
    assert [word for word in well if found[word] != "ok"] == []


def test_all_who_ask_mean_the_same(tmp_path: Path) -> None:
    statuses = ["rate_limited", "HTTP 503", "no error", "length"]
    with ledger_of(write(tmp_path / "log.jsonl", *(call(id=f"r-{each}", status=each) for each in statuses))) as ledger:
        define_entries(ledger, BOOK, View())
        counted = queries()["outcomes"].frame(ledger.connection).row(0, named=True)
        summed = ledger.connection.execute("SELECT sum(requests) FROM entries WHERE outcome = 'failed'").fetchall()
        charged = ledger.connection.execute("SELECT sum(calls) FROM charges WHERE outcome = 'failed'").fetchall()

    assert (counted["requests"], counted["failed"]) == (4, 2)
    assert summed == charged == [(2,)]


NO_ERRORS = [False, 0, 0.0, "", " ", None, {}, [], "false", "False", "0", "null", "None", "no error", "-"]
ERRORS = [True, 1, 503, "boom", "true", {"code": "x"}, [1], "no such model", "10 errors"]


def test_an_error_that_says_that_there_was_none_says_nothing(tmp_path: Path) -> None:
    with ledger_of(write(tmp_path / "log.jsonl", *(call(error=error) for error in NO_ERRORS))) as ledger:
        prepare(ledger, BOOK, View())
        assert list(zip(NO_ERRORS, outcomes(ledger), strict=True)) == [(error, None) for error in NO_ERRORS]


def test_an_error_is_a_failure(tmp_path: Path) -> None:
    with ledger_of(write(tmp_path / "log.jsonl", *(call(error=error) for error in ERRORS))) as ledger:
        prepare(ledger, BOOK, View())
        assert list(zip(ERRORS, outcomes(ledger), strict=True)) == [(error, "failed") for error in ERRORS]


def test_errors_of_a_csv(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    cells = ["false", "0", "", "boom", "no error"]
    rows = [f"2026-05-01T10:00:0{number}Z,deepseek-v4-flash,10,5,{cell}" for number, cell in enumerate(cells)]
    log.write_text("\n".join(["ts,model,input_tokens,output_tokens,error", *rows]) + "\n", encoding="utf-8")

    with ledger_of(log) as ledger:
        prepare(ledger, BOOK, View())
        assert outcomes(ledger) == [None, None, None, "failed", None]


def test_an_empty_status_hides_nothing(tmp_path: Path) -> None:
    lines = [
        json.dumps(call(id="one-of-them", status="", status_code=503)),
        json.dumps(call(id="two-of-them", status="", finish_reason="", error="boom")),
    ]
    with ledger_of(write(tmp_path / "log.jsonl", *lines)) as ledger:
        prepare(ledger, BOOK, View())
        assert outcomes(ledger) == ["failed", "failed"]
