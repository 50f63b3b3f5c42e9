"""Ways to count the records of observers and gateways wrongly: each with the true total worked out from its records."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from conftest import LoadLogs, counts, empty, rows, write_lines
from support import ROOT

Record = Mapping[str, object]
SUMS = "SELECT sum(calls), sum(input_tokens), sum(output_tokens) FROM requests"


CLAUDE = "claude-sonnet-4-5"


def uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def event(number: int, kind: str, model: str, read: int, made: int, **fields: object) -> Record:
    """An event of PostHog's."""
    told = {"model": model, "input_tokens": read, "output_tokens": made, "trace_id": "t"} | fields
    return {
        "uuid": uuid(number),
        "event": f"$ai_{kind}",
        "distinct_id": "ann",
        "timestamp": "2026-10-01T08:00:00Z",
        "properties": {f"$ai_{name}": value for name, value in told.items()},
    }


def span(number: int, above: int | None, kind: str | None, read: int, made: int, **metrics: int) -> Record:
    """A span of Braintrust's, of the trace whose root is the first one."""
    told = {"prompt_tokens": read, "completion_tokens": made, "tokens": read + made} if read else {}
    return {
        "id": uuid(100 + number),
        "span_id": uuid(number),
        "root_span_id": uuid(1),
        "span_parents": [uuid(above)] if above else None,
        "span_attributes": {"name": "step", "type": kind},
        "metadata": {"model": "gpt-5-mini"},
        "metrics": {"start": 1_790_841_600.5} | told | metrics,
    }


def entry(number: int, kind: str, amount: int, **fields: object) -> Record:
    """A record of LibreChat's transactions, as mongoexport writes it."""
    return {
        "_id": {"$oid": f"66f0{number:020x}"},
        "user": {"$oid": "65aa" + "0" * 20},
        "conversationId": "c",
        "tokenType": kind,
        "model": "gpt-5-mini",
        "context": "message",
        "rawAmount": -amount,
        "createdAt": {"$date": f"2026-10-01T08:00:00.{number:03}Z"},
    } | fields


def line(summary: Record, uri: str = "/v1/chat/completions") -> Record:
    """What a log plugin of APISIX writes."""
    return {
        "start_time": 1_790_841_600_000,
        "route_id": "ai",
        "request": {"uri": uri},
        "response": {"status": 200},
        "llm_summary": summary,
    }


def used(model: str, read: int, made: int, cached: int, written: int = 0) -> Record:
    """A summary of APISIX's: its total is that of the other two."""
    counted = {"prompt_tokens": read, "completion_tokens": made, "total_tokens": read + made}
    return counted | {"model": model, "cache_read_input_tokens": cached, "cache_creation_input_tokens": written}


# Spans: an agent's sum of 1600 and 90, a framework's call around its client's, a client's call, a tool.
AGENT = [
    span(1, None, "task", 1600, 90),
    span(2, 1, "llm", 1000, 50),
    span(3, 2, "llm", 1000, 50),
    span(4, 1, "tool", 0, 0),
    span(5, 1, "llm", 600, 40),
]
TRACE = span(1, None, "task", 1600, 90, llm_calls=2)


def opik(number: int, above: int | None, kind: str, read: int, made: int, **told: int) -> Record:
    """A span of Opik's: the provider's own counts are beside those that it made of them."""
    usage = {"prompt_tokens": read, "completion_tokens": made, "total_tokens": read + made}
    return {
        "id": uuid(number),
        "trace_id": uuid(1),
        "parent_span_id": uuid(above) if above else None,
        "project_id": uuid(9),
        "start_time": "2026-10-01T08:00:00Z",
        "type": kind,
        "model": CLAUDE,
        "usage": usage | {f"original_usage.{name}": count for name, count in told.items()},
    }


def mlflow(place: int, shape: str, read: int, made: int, **told: int) -> Record:
    """A span of MLflow's, below the one before it: its attributes are JSON text."""
    usage = {"input_tokens": read, "output_tokens": made, "total_tokens": read + made} | told
    attributes: Record = {
        "mlflow.spanType": "CHAT_MODEL",
        "mlflow.llm.model": CLAUDE,
        "mlflow.message.format": shape,
        "mlflow.chat.tokenUsage": usage,
    }
    return {
        "span_id": f"s{place}",
        "parent_span_id": f"s{place - 1}" if place > 1 else None,
        "start_time_unix_nano": 1_790_841_600_000_000_000,
        "attributes": {name: json.dumps(value) for name, value in attributes.items()},
    }


CACHED = {"input_tokens": 100, "output_tokens": 50, "cache_read_input_tokens": 800, "cache_creation_input_tokens": 100}


@pytest.mark.parametrize(
    ("form", "records", "true"),
    [
        # 1000 with 800 of the cache inside; 500 with 400 of it beside; 1000 with 900 inside, as the flag says.
        (
            "posthog",
            [
                event(1, "generation", "gpt-5-mini", 1000, 50, cache_read_input_tokens=800),
                event(2, "generation", CLAUDE, 500, 50, cache_read_input_tokens=300, cache_creation_input_tokens=100),
                event(3, "generation", CLAUDE, 1000, 50, cache_read_input_tokens=900, cache_reporting_exclusive=False),
                event(4, "span", "gpt-5-mini", 1000, 50),
            ],
            (3, 1000 + (500 + 400) + 1000, 3 * 50),
        ),
        ("braintrust", AGENT, (2, 1000 + 600, 50 + 40)),
        ("braintrust", [TRACE], (2, 1600, 90)),
        # Two calls in four records, of which the first has 800 of its 1000 from the cache and is there again; and money.
        (
            "librechat",
            [
                entry(1, "prompt", 1000, inputTokens=-100, writeTokens=-100, readTokens=-800),
                entry(2, "prompt", 300),
                entry(3, "completion", 50),
                entry(4, "completion", 40),
                entry(5, "credits", -1_000_000),
                entry(1, "prompt", 1000, inputTokens=-100, writeTokens=-100, readTokens=-800),
            ],
            (2, 1000 + 300, 50 + 40),
        ),
        # 100 with 900 of the cache beside, of which Opik has 800 in the prompt and 100 in the completion; and an agent's sum.
        ("opik", [opik(1, None, "general", 900, 150), opik(2, 1, "llm", 900, 150, **CACHED)], (1, 100 + 900, 50)),
        # The framework has the cache inside of the same call's 1000, and the client beside its 100.
        (
            "mlflow",
            [
                {
                    "info": {"trace_id": "tr-1", "request_time": "2026-10-01T08:00:00Z"},
                    "data": {
                        "spans": [
                            mlflow(1, "langchain", 1000, 50, cache_read_input_tokens=900),
                            mlflow(2, "anthropic", 100, 50, cache_read_input_tokens=900),
                        ]
                    },
                }
            ],
            (1, 100 + 900, 50),
        ),
        # OpenAI's protocol, Anthropic's, and a stream that the gateway translated.
        (
            "apisix",
            [
                line(used("gpt-5-mini", 1000, 50, 800)),
                line(used(CLAUDE, 100, 50, 80, 20), "/v1/messages"),
                line({**used("gpt-5-mini", 1000, 50, 800), "stream": "true"}, "/v1/messages"),
            ],
            (3, 1000 + (100 + 80 + 20) + 1000, 3 * 50),
        ),
    ],
)
def test_trap_what_is_told_twice_or_beside_counts_once(
    form: str, records: list[Record], true: tuple[int, ...], load_logs: LoadLogs, tmp_path: Path
) -> None:
    ledger, outcome = load_logs(write_lines(tmp_path / "log.jsonl", *records))
    assert [loaded.format for loaded in outcome.loaded] == [form]
    assert rows(ledger, SUMS) == [true]


@pytest.mark.parametrize("traces_first", [True, False])
def test_trap_11_the_sum_of_a_trace_beside_its_spans(traces_first: bool, load_logs: LoadLogs, tmp_path: Path) -> None:
    """Braintrust exports traces, with the sums of their calls, and spans: a ledger of both has each call once."""
    logs = [write_lines(tmp_path / "traces.jsonl", TRACE), write_lines(tmp_path / "spans.jsonl", *AGENT)]
    for log in logs if traces_first else logs[::-1]:
        ledger, _ = load_logs(log)
    assert rows(ledger, SUMS) == [(2, 1600, 90)]
    # The sum is the one that goes, whichever came first.
    assert counts(ledger) == {"records": 6, "requests": 2, "duplicates": 1, "skipped": 3, "rejected": 0}


def test_trap_a_call_that_a_log_was_cut_within(load_logs: LoadLogs, tmp_path: Path) -> None:
    """The prompt ends one export of LibreChat's, its completion begins the next, and a third has both."""
    prompt, completion = entry(1, "prompt", 1000), entry(2, "completion", 50)
    parts = [write_lines(tmp_path / "1.jsonl", prompt), write_lines(tmp_path / "2.jsonl", completion)]
    whole = write_lines(tmp_path / "whole.jsonl", prompt, completion)
    for order in ([*parts, whole], [whole, *parts]):
        for log in order:
            ledger, _ = load_logs(log)
        assert rows(ledger, "SELECT sum(input_tokens), sum(output_tokens) FROM requests") == [(1000, 50)]
        empty(ledger)


def test_a_log_of_higress_is_not_taken_for_one_of_envoys(load_logs: LoadLogs, tmp_path: Path) -> None:
    """It has all that Envoy's has, and its counts in a text: as Envoy's all of it would be other traffic."""
    told = '{"model":"claude-sonnet-4-5","input_token":100,"output_token":50,"total_token":1050,"input_token_details":{"cache_read_input_tokens":900}}'
    envoy = {"start_time": "2026-10-01T08:00:00Z", "response_code": "200", "route_name": "ai", "response_flags": "-"}
    ledger, outcome = load_logs(write_lines(tmp_path / "access.jsonl", envoy | {"ai_log": told, "request_id": uuid(1)}))
    assert [loaded.format for loaded in outcome.loaded] == ["higress"]
    assert rows(ledger, SUMS) == [(1, 1000, 50)]


def test_a_step_of_a_trace_is_no_call_where_nothing_else_is_put_aside(load_logs: LoadLogs) -> None:
    """A trace is one record: two calls, and a step behind them, whose row counts for no record."""
    ledger, _ = load_logs(ROOT / "tests/formats/opik/trace.json")
    assert counts(ledger) == {"records": 1, "requests": 1, "duplicates": 0, "skipped": 0, "rejected": 0}
    assert rows(ledger, "SELECT count(*), sum(input_tokens) FROM requests") == [(2, 400)]
