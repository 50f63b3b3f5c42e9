"""Real spans, pages and traces: what the ledger holds of them against sums worked out here, record by record."""

import csv
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import LoadLogs, counts, rows

SAMPLES = Path(os.environ.get("SPEND_SAMPLES", ""))
SPANS = SAMPLES / "otel-genai"
TRACES = SAMPLES / "flat-traces"
CLASSES = ("usage.input_tokens", "usage.output_tokens", "usage.cache_read.input_tokens")
# The same counts as OpenInference names them.
SEEN = ("token_count.prompt", "token_count.completion", "token_count.prompt_details.cache_read")
SUMS = "SELECT sum(input_tokens), sum(output_tokens), sum(coalesce(cache_read_tokens, 0)) FROM requests"
CALLS = ("chat", "text_completion", "generate_content", "embeddings")

pytestmark = pytest.mark.skipif("SPEND_SAMPLES" not in os.environ, reason="SPEND_SAMPLES names no folder of real logs")

Told = Mapping[str, Any]


def attributes(log: Path) -> Iterator[Told]:
    """The attributes of every span of an OTLP log, with the span's own address."""
    for line in log.read_text(encoding="utf-8").splitlines():
        for resource in json.loads(line)["resourceSpans"]:
            for scope in resource["scopeSpans"]:
                for span in scope["spans"]:
                    told = {one["key"]: next(iter(one["value"].values())) for one in span["attributes"]}
                    yield told | {"address": span["traceId"] + span["spanId"]}


def calls(log: Path) -> dict[str, tuple[int, ...]]:
    """Every call of a model with usage once, by the provider's id or else by its span."""
    found = {}
    for told in attributes(log):
        if told.get("gen_ai.operation.name") in CALLS and "gen_ai.usage.input_tokens" in told:
            usage = tuple(int(told.get(f"gen_ai.{name}", 0)) for name in CLASSES)
            found[told.get("gen_ai.response.id", told["address"])] = usage
        elif told.get("openinference.span.kind") == "LLM" and "llm.token_count.prompt" in told:
            found[told["address"]] = tuple(int(told.get(f"llm.{name}", 0)) for name in SEEN)
    return found


@pytest.mark.parametrize(
    ("name", "total"),
    # The collector replayed one recording of pydantic-ai's three times: 18,923 are 15,929 and twice 1,497.
    [("traceloop", 86_609), ("openinference", 87_498), ("pydantic_ai", 18_923 - 2 * 1_497)],
)
def test_every_call_of_a_model_counts_once(name: str, total: int, load_logs: LoadLogs) -> None:
    log = SPANS / f"{name}.otlp.jsonl"
    ledger, outcome = load_logs(log)
    assert [loaded.format for loaded in outcome.loaded] == ["otlp-spans"]
    expected = tuple(sum(column) for column in zip(*calls(log).values(), strict=True))
    assert rows(ledger, SUMS) == [expected]
    assert expected[0] == total
    ended = counts(ledger)
    assert ended["records"] == sum(1 for _ in attributes(log))
    assert ended["rejected"] == 0


def test_spans_of_three_instrumentations_are_one_call_each(load_logs: LoadLogs) -> None:
    """The same replies were recorded by three libraries: each counts once, by the provider's id."""
    ledger, _ = load_logs(*sorted(SPANS.glob("*.otlp.jsonl")))
    told = rows(
        ledger, "SELECT request_id FROM requests WHERE input_tokens IS NOT NULL AND request_id LIKE '%\\_%' ESCAPE '\\'"
    )
    assert len(told) == len(set(told))
    known = {identity for name in ("traceloop", "pydantic_ai") for identity in calls(SPANS / f"{name}.otlp.jsonl")}
    assert known <= {identity for (identity,) in rows(ledger, "SELECT request_id FROM requests")}


def test_spans_of_the_javascript_sdk(load_logs: LoadLogs) -> None:
    """Vercel's outer spans repeat the inner ones, which are the calls."""
    log = SPANS / "vercel_ai_sdk_v6_all-spans.json"
    spans = json.loads(log.read_text(encoding="utf-8"))
    inner = [span["attributes"] for span in spans if ".do" in span["name"]]
    read = sum(a.get("ai.usage.inputTokens", a.get("ai.usage.promptTokens", a.get("ai.usage.tokens"))) for a in inner)
    made = sum(a.get("ai.usage.outputTokens", a.get("ai.usage.completionTokens", 0)) for a in inner)
    ledger, outcome = load_logs(log)
    assert [loaded.format for loaded in outcome.loaded] == ["otlp-spans"]
    assert rows(ledger, SUMS) == [(read, made, 0)]
    assert counts(ledger) == {"records": 10, "requests": 5, "duplicates": 0, "skipped": 5, "rejected": 0}


def test_a_page_of_the_organization_usage_api(load_logs: LoadLogs) -> None:
    """It was not grouped by model: the user says which one it was."""
    log = SAMPLES / "openai-org-api" / "usage_completions_doc_example.json"
    results = [result for bucket in json.loads(log.read_text(encoding="utf-8"))["data"] for result in bucket["results"]]
    ledger, outcome = load_logs(log, given={"model": "gpt-5"})
    assert [loaded.format for loaded in outcome.loaded] == ["openai-usage-api"]
    keys = ("input_tokens", "output_tokens", "input_cached_tokens")
    assert rows(ledger, SUMS) == [tuple(sum(result[key] for result in results) for key in keys)]
    assert rows(ledger, "SELECT sum(calls) FROM requests") == [
        (sum(result["num_model_requests"] for result in results),)
    ]


def test_azures_trace_loses_no_row(load_logs: LoadLogs) -> None:
    log = next(TRACES.glob("AzureLLM*.csv"))
    with log.open(newline="", encoding="utf-8") as file:
        logged = list(csv.DictReader(file))
    ledger, outcome = load_logs(log, given={"model": "gpt-4"})
    assert [loaded.format for loaded in outcome.loaded] == ["generic"]
    expected = (sum(int(row["ContextTokens"]) for row in logged), sum(int(row["GeneratedTokens"]) for row in logged), 0)
    assert rows(ledger, SUMS) == [expected]
    assert counts(ledger)["requests"] == len(logged)


def test_mooncakes_trace_keeps_its_prefix_blocks(load_logs: LoadLogs) -> None:
    log = TRACES / "mooncake_synthetic_trace.jsonl"
    logged = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    ledger, outcome = load_logs(log, given={"model": "kimi-k2", "time": "2026-10-01T00:00:00Z"})
    assert [loaded.format for loaded in outcome.loaded] == ["generic"]
    expected = (sum(line["input_length"] for line in logged), sum(line["output_length"] for line in logged), 0)
    assert rows(ledger, SUMS) == [expected]
    assert rows(ledger, "SELECT sum(len(prefix_blocks)) FROM requests") == [
        (sum(len(line["hash_ids"]) for line in logged),)
    ]
    assert counts(ledger)["requests"] == len(logged)
