"""Pages of an API: the records are those of the list within, whatever stands around it."""

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import LoadLogs, counts, empty, load_paths, rows, write_lines
from support import spend
from test_formats import NAMES, logs

from analyzer.ledger import Ledger

# Formats of one row a record, of several, and of rows made of many records: the other formats are as these.
USUAL = {"helicone", "mlflow", "openai-chat", "braintrust"}


def span(number: int) -> dict[str, Any]:
    """A call of DeepSeek's as Helicone logs it."""
    return {
        "request_id": f"r{number}",
        "request_created_at": "2026-05-01T10:00:00Z",
        "response_status": 200,
        "request_model": "deepseek-v4-flash",
        "prompt_tokens": 10 * number,
        "completion_tokens": number,
    }


def requests(ledger: Ledger) -> list[tuple[Any, ...]]:
    """All that is known of each; columns come in the order in which they were first needed."""
    names = sorted(name for name, *_ in rows(ledger, "DESCRIBE requests") if name != "source_id")
    return rows(ledger, f"SELECT {', '.join(names)} FROM requests ORDER BY ALL")


def around(text: str) -> str:
    """Records, one after the other or in a list, as a page of them."""
    records, place = [], 0
    while place < len(text.rstrip()):
        place += len(text[place:]) - len(text[place:].lstrip())
        begin, (record, place) = place, json.JSONDecoder().raw_decode(text, place)
        records.append(text[begin:place] if isinstance(record, dict) else text[begin + 1 : place - 1])
    return f'{{"object": "list", "more": {{"items": ["data"]}}, "data": [{",".join(records)}],\n "has_more": true}}\n'


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in USUAL else [pytest.mark.endurance]) for name in NAMES]
)
def test_the_records_of_every_format_are_found_in_a_page(
    name: str, load_logs: LoadLogs, shared: Ledger, tmp_path: Path
) -> None:
    plain = [path for path in logs(name) if path.suffix in {".json", ".jsonl"}]
    pages = [tmp_path / path.name for path in plain]
    for path, page in zip(plain, pages, strict=True):
        page.write_text(around(path.read_text(encoding="utf-8")), encoding="utf-8")
    empty(shared)
    load_paths(shared, *plain)
    ledger, outcome = load_logs(*pages)
    assert [loaded.format for loaded in outcome.loaded] == [name] * len(pages)
    assert requests(ledger) == requests(shared)
    assert counts(ledger) == counts(shared)


@pytest.mark.parametrize("missing", [None, "ts", "model", "usage"])
def test_in_common_words_a_list_of_calls_tells_a_time_a_model_and_a_usage(missing: str | None, tmp_path: Path) -> None:
    """Nearly any list of objects has one of them: that those are calls, the user has to say."""
    record = {"ts": "2026-05-01T10:00:00Z", "model": "m", "usage": {"input_tokens": 5, "output_tokens": 2}, "n": 1}
    page = write_lines(
        tmp_path / "page.json", {"page": 1, "items": [{k: v for k, v in record.items() if k != missing}]}
    )
    told = spend("ingest", "--db", tmp_path / "a.duckdb", page)
    assert told.code == (1 if missing else 0)
    if missing:
        assert "its records stand in a list within an object, under items" in told.err
        assert "jq -c '.items[]' LOG > LOG.jsonl" in told.err
        told = spend("ingest", "--db", tmp_path / "a.duckdb", "--format", "generic", page)
    assert f"1 record = {0 if missing in {'ts', 'model'} else 1} requests" in told.out.replace(
        "1 request ", "1 requests "
    )


@pytest.mark.endurance
def test_words_of_the_user_s_own_are_read_from_a_page(tmp_path: Path) -> None:
    mine = {"date": "2026-05-01T10:00:00Z", "engine": "deepseek-v4-flash", "read": 7, "written": 3}
    page = write_lines(tmp_path / "page.json", {"page": 1, "items": [mine]})
    words = tmp_path / "words.toml"
    words.write_text('time = "date"\nmodel = "engine"\ninput_tokens = "read"\noutput_tokens = "written"\n')
    told = spend("analyze", "--json", "--no-report", "--map", str(words), page).document
    assert told["ledger"]["requests"] == 1
    assert told["totals"]["input_tokens"] == 7


@pytest.mark.parametrize("indent", [None, 1])
def test_pages_one_after_the_other_are_one_log(indent: int | None, load_logs: LoadLogs, tmp_path: Path) -> None:
    """Whatever they are called with, in one list of several levels; what has no such list is a record that is rejected."""
    pages = [
        {"data": {"rows": [span(1), span(2)], "total": 3}, "rows": [{"request_id": "r9"}], "page": "data"},
        {"error": {"message": "rate limited", "rows": []}},
        {"data": {"rows": []}},
        {"data": {"rows": {"request_id": "r8", "n": 2}}},
        {"data": {"count": 1, "note": "rows", "rows": [span(3) | {"body": {"data": {"rows": [span(4)]}}}]}},
    ]
    log = tmp_path / "pages.json"
    log.write_text("\n".join(json.dumps(page, indent=indent) for page in pages))
    ledger, _ = load_logs(log)
    assert counts(ledger) == {"records": 5, "requests": 3, "duplicates": 0, "skipped": 0, "rejected": 2}
    assert rows(ledger, "SELECT input_tokens FROM requests ORDER BY ALL") == [(10,), (20,), (30,)]


def trace(*spans: tuple[str, list[str], int]) -> dict[str, Any]:
    """A page of Braintrust's: of each span the id, those above it, and its prompt."""
    rows = [
        {"root_span_id": "t", "span_id": span, "span_parents": above, "created": "2026-05-01T10:00:00Z", "_xact_id": "1",
         "is_root": not above, "span_attributes": {"name": span, "type": "llm"}, "metadata": {"model": "gpt-5-mini"},
         "metrics": {"prompt_tokens": prompt, "completion_tokens": 1, "tokens": prompt + 1}}
        for span, above, prompt in spans
    ]  # fmt: skip
    return {"events": rows, "cursor": None}


def test_pages_that_are_added_to_a_log_count_once_each(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Also where a later page has the call of which an earlier one has the sum."""
    plain, grouped = tmp_path / "plain.jsonl", tmp_path / "grouped.jsonl"
    first, then = {"data": [span(1)]}, {"data": [span(2), span(3)]}
    above, below = trace(("above", [], 40)), trace(("below", ["above"], 30))
    load_logs(write_lines(plain, first), write_lines(grouped, above))
    ledger, _ = load_logs(write_lines(plain, first, then), write_lines(grouped, above, below))
    found = "SELECT sum(input_tokens) FROM requests WHERE model = ?"
    assert rows(ledger, found, "deepseek-v4-flash") == [(60,)]
    assert rows(ledger, found, "gpt-5-mini") == [(30,)]


def test_an_empty_page_of_a_report_is_one(load_logs: LoadLogs, tmp_path: Path) -> None:
    empty = {"data": [], "has_more": False, "next_page": None}
    _, outcome = load_logs(write_lines(tmp_path / "page.json", empty))
    assert [(one.format, one.requests, one.rejected) for one in outcome.loaded] == [("anthropic-usage-api", 0, 0)]


def test_a_broken_element_spoils_no_other(load_logs: LoadLogs, tmp_path: Path) -> None:
    whole = json.dumps({"data": [span(1), span(2)]})
    log = write_lines(tmp_path / "pages.jsonl", whole, whole.replace('"r1"', "r1").replace("r2", "r3"))
    ledger, _ = load_logs(log)
    assert counts(ledger) == {"records": 4, "requests": 3, "duplicates": 0, "skipped": 0, "rejected": 1}
    assert rows(ledger, "SELECT record FROM rejected") == [(3,)]


def test_two_lists_of_calls_are_told_apart_by_nobody(load_logs: LoadLogs, tmp_path: Path) -> None:
    _, outcome = load_logs(write_lines(tmp_path / "page.json", {"own": [span(1)], "shared": [span(2)]}))
    (error,) = outcome.errors
    assert str(error).endswith("under own, shared")
    assert "jq -c '.own[], .shared[]' LOG > LOG.jsonl" in error.remedy


def test_a_large_page_is_cut_into_lines(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Small logs are read together, large ones alone."""
    spans = [span(number) | {"body": "x" * 3000} for number in range(1, 501)]
    ledger, _ = load_logs(write_lines(tmp_path / "page.json", {"data": spans}))
    assert rows(ledger, "SELECT count(*), sum(output_tokens) FROM requests") == [(500, 500 * 501 // 2)]


@pytest.mark.parametrize(
    ("told", "word"),
    [
        ({"has_more": True}, "has_more"),
        ({"links": {"next": "https://example.com/?page=2"}}, "next"),
        ({"has_more": False, "next_cursor": None, "next": ""}, None),
        ({}, None),
    ],
)
def test_a_page_after_which_there_are_more_is_told(
    told: dict[str, Any], word: str | None, load_logs: LoadLogs, tmp_path: Path
) -> None:
    _, outcome = load_logs(write_lines(tmp_path / "page.json", {"data": [span(1)]} | told))
    assert [str(one) for one in outcome.warnings] == (
        [f"{tmp_path}/page.json: a page after which there are more, it says ({word})"] if word else []
    )


def test_of_pages_in_one_file_the_last_one_tells(load_logs: LoadLogs, tmp_path: Path) -> None:
    pages = {"data": [span(1)], "has_more": True}, {"data": [span(2)], "has_more": False}
    _, outcome = load_logs(write_lines(tmp_path / "pages.jsonl", *pages))
    assert not outcome.warnings


def test_where_the_last_page_is_given_none_is_missing(load_logs: LoadLogs, tmp_path: Path) -> None:
    first = write_lines(tmp_path / "1.json", {"data": [span(1)], "has_more": True})
    last = write_lines(tmp_path / "2.json", {"data": [span(2)], "has_more": False})
    _, outcome = load_logs(last, first)
    assert not outcome.warnings


def test_formats_tells_where_the_records_stand(tmp_path: Path) -> None:
    told = spend("formats", write_lines(tmp_path / "page.json", {"data": {"rows": [span(1)]}})).out
    assert "page.json: helicone (" in told
    assert "  its records stand in a list, under data.rows\n" in told
