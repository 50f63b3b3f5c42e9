"""The JSON document: keys and types as the reference tells them, figures by hand, plain money, null for what is not known."""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from support import CALM, FLASH, PRO, call, cost, spend, write

from analyzer.report.amounts import exact, places_for, plain, shown
from analyzer.report.document import instant
from analyzer.report.status import status_text

PLAIN = re.compile(r"-?(0|[1-9]\d*)(\.\d*[1-9])?")
USAGE = {
    "requests": int,
    "input_tokens": int,
    "cache_read_tokens": int,
    "cache_write_tokens": int,
    "output_tokens": int,
    "reasoning_tokens": int,
    "cache_hit_rate": (float, int, type(None)),
    "cost": (str, type(None)),
}
NUMBER = (int, float, type(None))
PERCENTILES = {f"{side}_tokens_{mark}": NUMBER for side in ("input", "output") for mark in ("p50", "p90", "p99")}

LOG = [
    call(id="a", session_id="s", input_tokens=1000, cache_read_tokens=600, output_tokens=100, reasoning_tokens=40),
    call(
        id="b",
        session_id="s",
        input_tokens=2000,
        cache_read_tokens=1000,
        output_tokens=300,
        ts="2026-05-01T10:00:01.5Z",
    ),
    call(
        id="b",
        session_id="s",
        input_tokens=2000,
        cache_read_tokens=1000,
        output_tokens=300,
        ts="2026-05-01T10:00:01.5Z",
    ),
    call(
        id="c",
        session_id="s",
        endpoint="/code",
        model="deepseek-v4-pro",
        input_tokens=10,
        cache_read_tokens=...,
        output_tokens=1,
        ts="2026-06-01T00:00:00Z",
    ),
    call(id="d", session_id="s", endpoint=..., model="nobody", input_tokens=3, output_tokens=2, cache_read_tokens=0),
    call(id="e", session_id="s", endpoint=..., input_tokens=..., output_tokens=..., cache_read_tokens=...),
    call(id="f", input_tokens="five"),
]


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    run = spend("analyze", write(tmp_path_factory.mktemp("logs") / "calls.jsonl", *LOG), "--no-report", "--json")
    assert run.code == 0
    return run.document


def text(amount: Decimal) -> str:
    return format(amount.normalize(), "f")


CHAT = cost(FLASH, 400, 600, 100) + cost(FLASH, 1000, 1000, 300)
CODE = cost(PRO, 10, 0, 1)


def test_begins_with_its_schema(document: dict[str, Any]) -> None:
    assert next(iter(document.items())) == ("schema", "spend.analyze/1")


def test_how_the_records_ended(document: dict[str, Any]) -> None:
    assert document["ledger"] == {
        "sources": 1,
        "records": 7,
        "requests": 5,
        "duplicates": 1,
        "skipped": 0,
        "rejected": 1,
        "unmeasured": 1,
        "unpriced": 1,
        "cache_unknown": 1,
        "set_aside": 0,
    }


def test_view_and_book(document: dict[str, Any]) -> None:
    assert re.fullmatch(r"\d{4}\.\d\d\.\d\d\+[0-9a-f]{4}", document["price_book"])
    assert document["currency"] == "USD"
    # Half-open: the last request is at 2026-06-01T00:00:00Z.
    assert document["period"] == {"from": "2026-05-01T10:00:00Z", "to": "2026-06-01T00:00:01Z"}


def test_totals(document: dict[str, Any]) -> None:
    assert document["totals"] == {
        "requests": 5,
        "input_tokens": 3013,
        "cache_read_tokens": 1600,
        "cache_write_tokens": 0,
        "output_tokens": 403,
        "reasoning_tokens": 40,
        "cache_hit_rate": 1600 / 3003,
        "cost": text(CHAT + CODE),
    }


def test_endpoints(document: dict[str, Any]) -> None:
    """Dearest first; where nothing is priced, the cost is null, and so is the name where there is none."""
    chat, code, nameless = document["endpoints"]

    assert [each["endpoint"] for each in document["endpoints"]] == ["/chat", "/code", None]
    assert [each["cost"] for each in document["endpoints"]] == [text(CHAT), text(CODE), None]
    assert [each["cache_hit_rate"] for each in document["endpoints"]] == [1600 / 3000, None, 0]
    assert [each["requests"] for each in document["endpoints"]] == [2, 1, 2]
    # Between 1000 and 2000, and between 100 and 300, at 50%, 90% and 99% of the way.
    assert [chat[f"input_tokens_{mark}"] for mark in ("p50", "p90", "p99")] == [1500, 1900, 1990]
    assert [chat[f"output_tokens_{mark}"] for mark in ("p50", "p90", "p99")] == [200, 280, 298]
    assert (code["input_tokens_p50"], nameless["input_tokens_p50"], nameless["output_tokens_p50"]) == (10, 3, 2)


def test_models_and_months(document: dict[str, Any]) -> None:
    models = {each["model"]: (each["requests"], each["cost"]) for each in document["models"]}
    months = {each["month"]: (each["requests"], each["cost"]) for each in document["months"]}

    assert models == {"deepseek-v4-flash": (3, text(CHAT)), "deepseek-v4-pro": (1, text(CODE)), "nobody": (1, None)}
    assert months == {"2026-05": (4, text(CHAT)), "2026-06": (1, text(CODE))}


def test_scenarios(document: dict[str, Any]) -> None:
    scenarios = {each["name"]: each for each in document["scenarios"]}
    actual, flash = scenarios["actual"], scenarios["all-flash"]

    assert list(scenarios) == ["actual", "all-flash", "all-pro", "mixed"]
    assert (actual["cost"], actual["unpriced"], actual["compared_requests"]) == (text(CHAT + CODE), 1, 3)
    # One session, some of which moves to Flash as a whole: every request ends on one model, so hits are kept.
    warm = CHAT + cost(FLASH, 10, 0, 1) + cost(FLASH, 3, 0, 2)
    assert (flash["requests"], flash["unpriced"], flash["compared_requests"], flash["before_first_price"]) == (
        5,
        0,
        3,
        0,
    )
    assert flash["cost"] == text(warm)
    assert flash["low"] == text(CHAT + cost(FLASH, 0, 10, 1) + cost(FLASH, 3, 0, 2))
    assert flash["high"] == text(
        cost(FLASH, 1000, 0, 100) + cost(FLASH, 2000, 0, 300) + cost(FLASH, 10, 0, 1) + cost(FLASH, 3, 0, 2)
    )
    assert flash["cache_basis"] == "session"
    assert flash["difference"] == text(cost(FLASH, 10, 0, 1) - CODE)


def test_keys_and_types(document: dict[str, Any]) -> None:
    shapes = {
        "endpoints": {"endpoint": (str, type(None)), **USAGE, **PERCENTILES},
        "models": {"model": str, "requests": int, "cost": (str, type(None))},
        "months": {"month": str, "requests": int, "cost": (str, type(None))},
        "scenarios": {"name": str, "requests": int, "unpriced": int, "cost": (str, type(None))},
    }
    for part, shape in shapes.items():
        for row in document[part]:
            assert {name: type(row[name]) for name in shape if not isinstance(row[name], shape[name])} == {}, part
    for row in document["scenarios"][1:]:
        assert isinstance(row["compared_requests"], int)
        assert isinstance(row["before_first_price"], int)
        assert {type(row[name]) for name in ("low", "high")} <= {str, type(None)}
        assert row["cache_basis"] in {"session", "endpoint", "mixed"}
    assert set(USAGE) <= set(document["totals"])


def test_all_money_is_plain(document: dict[str, Any]) -> None:
    parts = [
        document["totals"],
        *(row for part in ("endpoints", "models", "months", "scenarios") for row in document[part]),
    ]
    money = [
        row.get(name) for row in parts for name in ("cost", "low", "high", "difference") if row.get(name) is not None
    ]

    assert len(money) > 10
    assert all(PLAIN.fullmatch(amount) for amount in money)


@pytest.mark.parametrize(
    ("hits", "model", "amount"),
    [
        (1, "deepseek-v4-pro", "0.000000003625"),  # 0.003625 per 1M
        pytest.param(1, "deepseek-v4-flash", "0.0000000028", marks=pytest.mark.endurance),
        (1_000_000_000_000, "deepseek-v4-pro", "3625"),
        (0, "deepseek-v4-pro", "0"),
    ],
)
def test_money_to_the_last_digit(tmp_path: Path, hits: int, model: str, amount: str) -> None:
    log = write(tmp_path / "one.jsonl", call(model=model, input_tokens=hits, cache_read_tokens=hits, output_tokens=0))

    document = spend("analyze", log, "--no-report", "--json", "--scenario", "all-flash").document

    assert document["totals"]["cost"] == amount
    assert document["scenarios"][0]["low"] == document["scenarios"][0]["high"] == amount


def test_nothing_at_all_is_null_not_zero(tmp_path: Path) -> None:
    log = write(tmp_path / "none.jsonl", call(input_tokens="five"))

    document = spend("analyze", log, "--no-report", "--json").document

    assert document["period"] is None
    assert (document["totals"]["requests"], document["totals"]["cost"], document["totals"]["cache_hit_rate"]) == (
        0,
        None,
        None,
    )
    assert document["endpoints"] == document["models"] == document["months"] == []
    assert {(each["requests"], each["cost"], each["low"], each["high"]) for each in document["scenarios"]} == {
        (0, None, None, None)
    }


@pytest.mark.endurance
def test_simulate_has_the_same_figures(tmp_path: Path, document: dict[str, Any]) -> None:
    run = spend("simulate", write(tmp_path / "calls.jsonl", *LOG), "--json")

    assert run.document == {**document, "schema": "spend.simulate/1"}


def test_prices_document() -> None:
    run = spend("prices", "deepseek-v4-pro", "--at", "2026-05-01T00:00", "--json")

    document = run.document
    source = document.pop("source")
    rule = document.pop("rule")
    assert source.startswith("https://")
    assert isinstance(rule, str)
    assert document == {
        "schema": "spend.prices/1",
        "model": "deepseek-v4-pro",
        "at": "2026-05-01T00:00:00Z",
        "currency": "USD",
        "window": "all",
        "input": "0.435",
        "cache_read": "0.003625",
        "cache_write": None,
        "output": "0.87",
        "per_tokens": 1_000_000,
        "from": "2026-04-26T12:15:00Z",
        "to": "2026-08-16T16:00:00Z",
        "certainty": "certain",
    }


def test_prices_history_document() -> None:
    periods = spend("prices", "deepseek-flash", "--json", "--currency", "CNY").document["periods"]

    assert [(each["window"], each["input"], each["cache_read"], each["output"], each["to"]) for each in periods] == [
        ("peak", "2", "0.04", "8", None),
        ("off-peak", "1", "0.02", "4", None),
    ]


def test_status_document(tmp_path: Path) -> None:
    log, ledger = write(tmp_path / "calls.jsonl", *LOG), tmp_path / "spend.duckdb"
    spend("ingest", log, "--db", ledger)

    document = spend("status", "--db", ledger, "--json").document

    assert document["schema"] == "spend.status/1"
    assert document["ledger"]["records"] == 7
    (source,) = document["sources"]
    assert source == {
        "path": str(log),
        "format": "generic",
        "records": 7,
        "requests": 5,
        "duplicates": 1,
        "skipped": 0,
        "rejected": 1,
    }
    (rejected,) = document["rejected"]
    assert (rejected["path"], rejected["record"]) == (str(log), 7)
    assert "input_tokens" in rejected["reason"]
    assert document["skipped"] == []
    assert "five" not in json.dumps(document)


def test_of_many_reasons_the_rest_is_counted() -> None:
    """One after the twenty that are listed, and two."""
    for number, told in ((21, "1 more reason: "), (22, "2 more reasons: ")):
        rows = [{"path": "a.jsonl", "record": at, "reason": f"reason {at}"} for at in range(number)]
        ended = dict.fromkeys(("records", "requests", "duplicates", "skipped", "rejected"), number)
        document = {"ledger": ended, "sources": [], "skipped": [], "rejected": rows}
        lines = status_text(document, "my l.duckdb").splitlines()
        assert lines[-2].startswith("a.jsonl, record 19: ")
        assert lines[-1] == f"{told}spend query rejected_reasons --db 'my l.duckdb'"


@pytest.mark.endurance
def test_status_tells_why_records_were_skipped_or_rejected(tmp_path: Path) -> None:
    """Three answers of a gateway's own cache in two logs, two counts that are none, and a call of no known model."""
    head = {"created_at": CALM, "provider": "openai", "model": "gpt-5-mini", "success": True, "cost": 0.1}
    entry = head | {"path": "chat", "cached": True, "step": 0, "tokens_in": 100, "tokens_out": 10}
    one = write(tmp_path / "one.jsonl", entry | {"id": "a"}, entry | {"id": "b"})
    two = write(tmp_path / "two.jsonl", entry | {"id": "c"})
    bad = write(tmp_path / "bad.jsonl", call(), call(model=...), call(input_tokens=1.5), call(input_tokens=1.5))
    ledger, reason = tmp_path / "spend.duckdb", "answered from the gateway's own cache, no provider call"

    ingested = spend("ingest", one, two, bad, "--db", ledger, "--quiet")
    document = spend("status", "--db", ledger, "--json").document

    assert document["ledger"]["skipped"] == 3
    assert document["skipped"] == [
        {"path": str(one), "reason": reason, "records": 2},
        {"path": str(two), "reason": reason, "records": 1},
    ]
    *_, skipped, rejected = ingested.out.split("\n\n")
    assert skipped == f"3 skipped: {reason}"
    # The two come first, though they stand behind the other one.
    lines = [line.partition(", record ")[2] for told in (rejected, ingested.err) for line in told.splitlines()]
    first = "3 (and 1 more): input_tokens is no whole number from 0 to 2^53 - 1: 1.5"
    words = "model, model_name, response_model, request_model, model_id, modelId, modelName, model_version, llm_model"
    second = f"2: no model (looked for {words})"
    assert lines == [first, second, first, second, ""]


# ------------------------------------------------------------------------------------------------ amounts


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("0.000000003625000", "0.000000003625"),
        ("1E+3", "1000"),
        ("100", "100"),
        ("-0.50", "-0.5"),
        ("0.000000000000000", "0"),
        ("1E-15", "0.000000000000001"),
    ],
)
def test_exact(amount: str, expected: str) -> None:
    assert exact(Decimal(amount)) == expected
    assert exact(None) is None


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        (["0.333", "0.333", "0.334"], ["0.33", "0.33", "0.34"]),
        (["0.005", "0.005"], ["0.01", "0.00"]),
        (["10.004", None, "0.004", "0.004"], ["10.01", "unknown", "0.00", "0.00"]),
        (["-0.005", "0.005"], ["0.00", "0.00"]),
        ([], []),
        ([None], ["unknown"]),
    ],
)
def test_columns_add_up_to_their_rounded_sum(amounts: list[str | None], expected: list[str]) -> None:
    found = shown([None if amount is None else Decimal(amount) for amount in amounts])

    known = [Decimal(each) for each in found if each != "unknown"]
    exactly = sum((Decimal(amount) for amount in amounts if amount is not None), Decimal(0))
    assert sum(known, Decimal(0)) == exactly.quantize(Decimal("0.01"))
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize(
    ("total", "places"), [("12.3", 2), ("1", 2), ("0.5", 3), ("0.0123", 4), ("0.00000994", 8), ("0", 2), (None, 2)]
)
def test_small_totals_show_three_digits(total: str | None, places: int) -> None:
    assert places_for(None if total is None else Decimal(total)) == places


def test_plain_has_no_negative_zero() -> None:
    assert plain(Decimal("-0.001"), 2) == "0.00"
    assert plain(Decimal("1234567.895"), 2) == "1,234,567.90"


def test_instants_are_utc_with_z() -> None:
    from datetime import UTC, datetime, timedelta, timezone

    assert instant(datetime(2026, 10, 1, 9, tzinfo=timezone(timedelta(hours=8)))) == "2026-10-01T01:00:00Z"
    assert instant(datetime(2026, 10, 1, 9, 0, 0, 500_000, tzinfo=UTC)) == "2026-10-01T09:00:00.500000Z"
