"""Ways to count the logs of gateways and tracers wrongly: each with the true total worked out from its records."""

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import LoadLogs, counts, rows, write_lines

SUMS = "SELECT sum(input_tokens), sum(cache_read_tokens), sum(cache_write_tokens), sum(output_tokens) FROM requests"
COUNTED = "SELECT sum(input_tokens), sum(output_tokens) FROM requests"
OWN_CACHE = "answered from the gateway's own cache, no provider call"


def uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def observation(number: int, **usage: int) -> dict[str, Any]:
    """A generation as Langfuse exports it."""
    return {
        "id": uuid(number),
        "traceId": "tr-1",
        "type": "GENERATION",
        "name": "answer",
        "startTime": "2026-10-01T08:00:00.000Z",
        "parentObservationId": None,
        "model": "gpt-5-mini",
        "usageDetails": usage,
    }


def run(number: int, run_type: str = "llm", *above: int, **fields: Any) -> dict[str, Any]:
    """A run as LangSmith gives it, below the runs ``above``, the root first."""
    order = ".".join(f"20261001T080000000000Z{uuid(step)}" for step in (*above, number))
    return {
        "id": uuid(number),
        "trace_id": uuid((*above, number)[0]),
        "parent_run_id": uuid(above[-1]) if above else None,
        "dotted_order": order,
        "name": "ChatOpenAI",
        "run_type": run_type,
        "start_time": "2026-10-01T08:00:00.000000",
        "extra": {"metadata": {"ls_model_name": "gpt-5-mini"}},
    } | fields


def used(read: int, made: int) -> dict[str, int]:
    return {"prompt_tokens": read, "completion_tokens": made, "total_tokens": read + made}


def entry(number: int, read: int, made: int, **fields: Any) -> dict[str, Any]:
    """A row of the table ``logs`` of new-api."""
    return {
        "id": number,
        "user_id": 7,
        "created_at": 1_790_000_000,
        "type": 2,
        "username": "ann",
        "model_name": "gpt-5-mini",
        "quota": 500,
        "prompt_tokens": read,
        "completion_tokens": made,
        "other": "{}",
    } | fields


def kong(number: int, **proxy: Any) -> dict[str, Any]:
    """A line of Kong's log plugins."""
    meta = {"provider_name": "openai", "request_model": "gpt-5-mini", "response_model": "gpt-5-mini"}
    return {
        "started_at": 1_790_000_000_000 + number,
        "request": {"id": f"{number:032x}"},
        "response": {"status": 200},
        "ai": {"proxy": {"meta": meta, "usage": {**used(100, 10), "cost": 0}, **proxy}},
    }


def cloudflare(number: int, **fields: Any) -> dict[str, Any]:
    """An entry of Cloudflare's AI Gateway."""
    return {
        "id": f"01K6FQ{number:020}",
        "created_at": "2026-10-01T08:00:00Z",
        "provider": "openai",
        "model": "gpt-5-mini",
        "path": "chat/completions",
        "cached": False,
        "success": True,
        "step": 0,
        "tokens_in": 100,
        "tokens_out": 10,
        "cost": 0.0001,
    } | fields


def helicone(number: int, **fields: Any) -> dict[str, Any]:
    """A request as Helicone exports it."""
    return {
        "request_id": uuid(number),
        "request_created_at": "2026-10-01T08:00:00Z",
        "response_status": 200,
        "response_model": "gpt-5-mini",
        "provider": "OPENAI",
        "cache_reference_id": "00000000-0000-0000-0000-000000000000",
    } | (used(100, 10) | fields)


def weave(number: int, above: int | None, **usage: dict[str, int]) -> dict[str, Any]:
    """A call as Weave exports it, its usage keyed by model (with ``_`` for ``-``)."""
    return {
        "id": uuid(number),
        "trace_id": "tr-1",
        "parent_id": None if above is None else uuid(above),
        "op_name": "weave:///acme/shop/op/answer:abc",
        "started_at": "2026-10-01T08:00:00Z",
        "inputs": {},
        "summary": {"usage": {model.replace("_", "-"): told for model, told in usage.items()}},
    }


def test_trap_01_the_total_tells_that_the_cached_part_is_inside(load_logs: LoadLogs, tmp_path: Path) -> None:
    """A writer put OpenAI's inclusive prompt beside a cached bucket: to add the two is nearly twice the input."""
    inclusive = observation(1, input=1000, input_cached_tokens=900, output=50, total=1050)
    true = 1050 - 50
    naive = 1000 + 900
    assert naive == 1.9 * true
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", inclusive))
    assert rows(ledger, SUMS) == [(true, 900, None, 50)]


@pytest.mark.parametrize("total", [{"total": 1050}, {}], ids=["with its total", "without a total"])
def test_trap_01_buckets_exclude_each_other(total: dict[str, int], load_logs: LoadLogs, tmp_path: Path) -> None:
    """As Langfuse means it the cached bucket stands beside ``input``: to leave it out loses nine tenths."""
    exclusive = observation(1, input=100, input_cached_tokens=900, output=50, **total)
    true = 100 + 900
    assert true == 10 * exclusive["usageDetails"]["input"]
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", exclusive))
    assert rows(ledger, SUMS) == [(true, 900, None, 50)]


def test_trap_02_claudes_cache_stands_beside_the_prompt(load_logs: LoadLogs, tmp_path: Path) -> None:
    """new-api shows 2 prompt tokens; 589,733 more were read from the cache, because the row says claude."""
    other = {"claude": True, "cache_tokens": 589_733, "cache_creation_tokens": 265}
    true = 2 + 589_733 + 265
    assert true == 295_000 * 2
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", entry(1, 2, 40, other=json.dumps(other))))
    assert rows(ledger, SUMS) == [(true, 589_733, 265, 40)]


def test_trap_02_elsewhere_the_cache_is_inside_the_prompt(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Without that word the same columns mean OpenAI's rule: to add the cached part is 1.9 times the input."""
    other = {"cache_tokens": 900}
    assert 1000 + other["cache_tokens"] == 1.9 * 1000
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", entry(1, 1000, 40, other=json.dumps(other))))
    assert rows(ledger, SUMS) == [(1000, 900, None, 40)]


def test_trap_02_older_runs_of_claude_leave_the_cache_out_of_input_and_total(
    load_logs: LoadLogs, tmp_path: Path
) -> None:
    """LangSmith had Anthropic's number as it was: 4, with 954 read and written beside it and beside the total."""
    details = {"cache_read": 904, "cache_creation": 50, "ephemeral_5m_input_tokens": 50}
    usage = {"input_tokens": 4, "output_tokens": 20, "total_tokens": 24, "input_token_details": details}
    true = 4 + 904 + 50  # the 50 that live 5 minutes are the 50 that were written
    assert true - 4 == 954
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", run(1, usage_metadata=usage)))
    assert rows(ledger, SUMS) == [(true, 904, 50, 20)]


def test_trap_11_parents_restate_what_their_children_used(load_logs: LoadLogs, tmp_path: Path) -> None:
    """A chain, an llm run around another llm run, and that one: one call told three times."""
    log = write_lines(
        tmp_path / "log.jsonl",
        run(1, "chain", **used(1000, 100)),
        run(2, "llm", 1, **used(1000, 100)),
        run(3, "tool", 1, 2),
        run(4, "llm", 1, 2, **used(1000, 100)),
    )
    naive = 3 * 1000
    ledger, _ = load_logs(log)
    assert rows(ledger, COUNTED) == [(naive // 3, 100)]
    assert counts(ledger) == {"records": 4, "requests": 1, "duplicates": 0, "skipped": 3, "rejected": 0}


def test_trap_11_every_ancestor_in_weave_holds_the_sum_of_its_subtree(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Three levels: the sums of all calls are three times what the two leaves used, one of them on two models."""
    both = {"gpt_5_mini": used(1030, 104), "gpt_5_nano": used(70, 6)}
    log = write_lines(
        tmp_path / "log.jsonl",
        weave(1, None, **both),
        weave(2, 1, **both),
        weave(3, 2, gpt_5_mini=used(1000, 100)),
        weave(4, 2, gpt_5_mini=used(30, 4), gpt_5_nano=used(70, 6)),
    )
    naive = 3 * (1000 + 30 + 70)
    ledger, _ = load_logs(log)
    assert rows(ledger, COUNTED) == [(naive // 3, 110)]
    by_model = "SELECT model, sum(input_tokens) FROM requests GROUP BY model ORDER BY model"
    assert rows(ledger, by_model) == [("gpt-5-mini", 1030), ("gpt-5-nano", 70)]
    assert counts(ledger) == {"records": 4, "requests": 2, "duplicates": 0, "skipped": 2, "rejected": 0}


def test_trap_11_a_root_alone_stands_for_its_calls(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Of roots alone nothing is told twice: they count, as many calls as they say."""
    ledger, _ = load_logs(
        write_lines(tmp_path / "log.jsonl", weave(1, None, gpt_5_mini={**used(900, 90), "requests": 3}))
    )
    assert rows(ledger, "SELECT input_tokens, calls FROM requests") == [(900, 3)]


@pytest.mark.parametrize(
    "log",
    [
        [kong(1, cache={"cache_status": "Miss"}), kong(2, cache={"cache_status": "Hit"})],
        [cloudflare(1), cloudflare(2, cached=True, cost=0)],
        [helicone(1), helicone(2, cache_reference_id=uuid(1))],
    ],
    ids=["kong", "cloudflare", "helicone"],
)
def test_trap_15_answers_from_the_gateways_cache_are_no_calls(
    log: list[dict[str, Any]], load_logs: LoadLogs, tmp_path: Path
) -> None:
    """A hit repeats the tokens of the answer that it gives again: to count them doubles what the provider was asked."""
    naive = 2 * 100
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *log))
    assert rows(ledger, COUNTED) == [(naive // 2, 10)]
    assert rows(ledger, "SELECT reason FROM skipped") == [(OWN_CACHE,)]


def test_trap_16_an_id_modulo_1024_identifies_nothing(load_logs: LoadLogs, tmp_path: Path) -> None:
    """A user's list shows ids modulo 1024: of calls 1 and 1025 one would be lost, and that would be half of the input."""
    listed = [entry(number % 1024, 100, 10, created_at=1_790_000_000 + number) for number in (1, 1025)]
    assert listed[0]["id"] == listed[1]["id"]
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *listed))
    assert rows(ledger, COUNTED) == [(2 * 100, 20)]


def test_trap_16_a_users_list_and_an_administrators_tell_of_the_same_calls(load_logs: LoadLogs, tmp_path: Path) -> None:
    """The administrator sees 2049 where the user sees 1: the same call, which would count twice by its id."""
    mine = write_lines(tmp_path / "mine.jsonl", entry(1, 100, 10))
    theirs = write_lines(tmp_path / "theirs.jsonl", entry(2049, 100, 10, channel_name="upstream"))
    ledger, _ = load_logs(mine, theirs)
    assert rows(ledger, COUNTED) == [(100, 10)]
    assert counts(ledger)["duplicates"] == 1


@pytest.mark.endurance
def test_trap_16_an_empty_id_is_no_id(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Two calls each in logs that leave the id empty: taken for an identity, it would lose half of them."""
    at = ("2026-10-01T08:00:00Z", "2026-10-01T08:01:00Z")
    logs = {
        "envoy": {"x-request-id": "", "response_code": 200, "route_name": "chat", "gen_ai.request.model": "gpt-5-mini"},
        "bedrock": {"schemaType": "ModelInvocationLog", "requestId": "", "modelId": "amazon.nova-micro-v1:0"},
        "apim": {"CorrelationId": "", "DeploymentName": "gpt", "SequenceNumber": 0, "PromptTokens": 5},
        "copilot": {"type": "span", "traceId": "t", "name": "chat gpt-5-mini"},
    }
    clocks = {"envoy": "start_time", "bedrock": "timestamp", "apim": "TimeGenerated", "copilot": "endTime"}
    answer = {"gen_ai.operation.name": "chat", "gen_ai.response.id": "", "gen_ai.request.model": "gpt-5-mini"}
    for name, record in logs.items():
        calls = [record | {clocks[name]: instant} for instant in at]
        spans = [
            call | {"spanId": call["endTime"], "attributes": answer} if name == "copilot" else call for call in calls
        ]
        ledger, _ = load_logs(write_lines(tmp_path / f"{name}.jsonl", *spans))
    assert counts(ledger)["requests"] == 2 * len(logs)


@pytest.mark.endurance
def test_trap_16_a_number_below_a_thousand_is_no_response_id(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Ollama draws its ids anew: two calls each, in two logs, under one id.

    In logs of no known source such an id joins a call with its reply elsewhere: there only a word in place of one is none.
    """
    drawn = "chatcmpl-417"
    for number in (1, 2):
        at = f"2026-10-01T08:00:0{number}Z"
        units = {"req_units": 100, "res_units": 10}
        answered = {"event.name": "qwen-code.api_response", "event.timestamp": at, "response_id": drawn, "model": "m"}
        attributes = {"gen_ai.operation.name": "chat", "gen_ai.response.id": drawn, "gen_ai.request.model": "m"}
        logs = {
            "langsmith": run(number, outputs={"id": drawn}),
            "portkey": {"id": uuid(10 + number), "created_at": at, "ai_model": "m", "response": {"id": drawn}} | units,
            "qwen": {"type": "system", "timestamp": at, "sessionId": at, "systemPayload": {"uiEvent": answered}},
            "copilot": {"type": "span", "traceId": at, "name": "chat m", "endTime": at, "attributes": attributes},
            "helicone": helicone(20 + number, response_body={"id": drawn}),
            "llm": {
                "id": f"01k6{number}",
                "datetime_utc": at,
                "model": "m",
                "duration_ms": 5,
                "response_json": {"id": drawn},
            },
            "batch": {
                "id": f"batch_req_{number}",
                "custom_id": "a",
                "response": {
                    "status_code": 200,
                    "body": {"id": drawn, "object": "chat.completion", "created": at, "model": "m"},
                },
            },
            "generic": {"id": "chatcmpl-static", "ts": at, "model": "m", "input_tokens": 100, "output_tokens": 10},
        }
        for name, record in logs.items():
            ledger, _ = load_logs(write_lines(tmp_path / f"{name}-{number}.jsonl", record))
    assert counts(ledger)["requests"] == 2 * len(logs)


def test_the_calls_of_a_gateway_are_found_behind_its_other_traffic(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Kong logs all requests: of 41 lines the last alone called a model."""
    other = {name: value for name, value in kong(1).items() if name != "ai"} | {"latencies": {"kong": 1, "proxy": 9}}
    ledger, outcome = load_logs(write_lines(tmp_path / "log.jsonl", *[other] * 40, kong(2)))
    assert [loaded.format for loaded in outcome.loaded] == ["kong-ai-gateway"]
    assert rows(ledger, COUNTED) == [(100, 10)]
    assert counts(ledger)["skipped"] == 40


def test_trap_17_targets_tried_in_vain_are_no_calls(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Three targets were tried and the last one answered: once 100 tokens, not three times."""
    tried = [{"provider": name, "model": "gpt-5-mini"} for name in ("azure", "azure", "openai")]
    naive = len(tried) * 100
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", kong(1, tried_targets=tried)))
    assert rows(ledger, COUNTED) == [(naive // 3, 10)]


def test_trap_17_steps_that_failed_are_counted_without_tokens(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Each step of a fallback is an entry; the two that failed have no usage, which is not the same as 0."""
    failed = {"success": False, "status_code": 500, "tokens_in": 0, "tokens_out": 0}
    steps = [cloudflare(1, **failed), cloudflare(2, step=1, **failed), cloudflare(3, step=2)]
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *steps))
    assert rows(ledger, COUNTED) == [(100, 10)]
    assert rows(ledger, "SELECT count(*) FROM requests WHERE input_tokens IS NULL") == [(2,)]
    assert rows(ledger, "SELECT avg(input_tokens) FROM requests") == [(100,)]  # with zeros it would be a third


def test_trap_17_attempts_of_one_request_share_its_id(load_logs: LoadLogs, tmp_path: Path) -> None:
    """new-api writes an error for each channel that failed, then the call: one request of three rows."""
    attempts = [entry(number, 0, 0, type=5, quota=0, request_id="r-1") for number in (1, 2)]
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *attempts, entry(3, 100, 10, request_id="r-1")))
    assert rows(ledger, "SELECT count(*), sum(input_tokens) FROM requests") == [(1, 100)]


def test_trap_19_quota_is_no_money(load_logs: LoadLogs, tmp_path: Path) -> None:
    """500,000 units are one dollar: read as dollars, or as cents, the bill is 500,000 or 5,000 times as high."""
    log = write_lines(
        tmp_path / "log.jsonl",
        entry(1, 100, 10, quota=1_250_000),
        entry(2, 0, 0, type=6, quota=750_000),  # given back: no call
        entry(3, 0, 0, type=1, quota=5_000_000, model_name=""),  # a top-up
    )
    ledger, _ = load_logs(log)
    told = rows(ledger, "SELECT CAST(sum(stated_cost) AS DECIMAL(18, 6)), any_value(stated_currency) FROM requests")
    assert [(str(cost), currency) for cost, currency in told] == [("2.500000", "USD")]
    assert counts(ledger)["skipped"] == 2


def test_searches_and_images_of_new_api_are_billed_apart(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Three searches of two kinds and one of files; older rows have numbers. 40 of the prompt's 100 tokens are an image."""
    surcharges = [
        {"name": "web_search", "count": 2, "price": 10},
        {"name": "google_search", "count": 1, "price": 14},
        {"name": "file_search", "count": 1, "price": 2.5},
        {"name": "image_generation", "count": 9, "price": 150},
    ]
    others: list[dict[str, Any]] = [
        {"tool_surcharges": surcharges},
        {"web_search": True, "web_search_call_count": 4, "file_search_call_count": 5},
        {"image": True, "image_ratio": 2, "image_output": 40},
        {"image": True, "image_ratio": 2, "image_output": 4000},  # more than the prompt: not what it says it is
    ]
    log = [entry(number, 100, 10, other=json.dumps(other)) for number, other in enumerate(others)]
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *log))
    assert rows(ledger, "SELECT apart FROM requests ORDER BY record") == [
        ({"search": 3, "file_search": 1},),
        ({"search": 4, "file_search": 5},),
        ({"input_image": 40},),
        (None,),
    ]


def test_trap_19_portkeys_cost_is_in_cents(load_logs: LoadLogs, tmp_path: Path) -> None:
    """0.25 is a quarter of a cent: read as dollars it would be a hundred times as much."""
    record = {
        "id": uuid(1),
        "created_at": "2026-10-01T08:00:00Z",
        "ai_org": "openai",
        "ai_model": "gpt-5-mini",
        "req_units": 100,
        "res_units": 10,
        "total_units": 110,
        "cost": 0.25,
        "cost_currency": "USD",
    }
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", record))
    assert rows(ledger, "SELECT CAST(stated_cost AS DOUBLE) FROM requests") == [(0.25 / 100,)]


def test_trap_16_a_static_id_in_both_of_litellms_logs(load_logs: LoadLogs, tmp_path: Path) -> None:
    """A server of one's own gives each reply one id: in the table as in the payloads LiteLLM's own id tells calls apart."""
    told = [
        {"call_type": "acompletion", "model": "llama", "startTime": at} | used(100, 10)
        for at in (1_790_000_000.5, 1_790_000_060.5)
    ]
    ids = [uuid(1), uuid(2)]
    payloads = [
        one | {"id": "chatcmpl-1", "litellm_call_id": call, "response_cost": 0}
        for one, call in zip(told, ids, strict=True)
    ]
    by_column = told[0] | {"request_id": "chatcmpl-1", "litellm_call_id": ids[0], "spend": 0, "metadata": "{}"}
    by_metadata = told[1] | {
        "request_id": "chatcmpl-1",
        "spend": 0,
        "metadata": json.dumps({"litellm_call_id": ids[1]}),
    }
    table = write_lines(tmp_path / "table.jsonl", by_column, by_metadata)
    ledger, outcome = load_logs(table, write_lines(tmp_path / "payloads.jsonl", *payloads))
    assert {loaded.format for loaded in outcome.loaded} == {"litellm-spend-logs", "litellm-standard-logging"}
    assert rows(ledger, COUNTED) == [(200, 20)]
    assert counts(ledger) == {"records": 4, "requests": 2, "duplicates": 2, "skipped": 0, "rejected": 0}


def test_an_embedding_of_langsmith_is_a_call_where_it_names_a_model(load_logs: LoadLogs, tmp_path: Path) -> None:
    measured = run(1, "embedding", usage_metadata={"input_tokens": 100, "total_tokens": 100})
    above = run(3, "llm", usage_metadata={"input_tokens": 30, "output_tokens": 3, "total_tokens": 33})
    nameless = run(4, "embedding", extra={"metadata": {}})
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", measured, run(2, "embedding", 3), above, nameless))
    assert rows(ledger, "SELECT operation, input_tokens, output_tokens FROM requests ORDER BY request_id") == [
        ("embeddings", 100, 0),
        ("embeddings", None, None),
        (None, 30, 3),
    ]
    assert rows(ledger, "SELECT reason, records FROM skipped") == [("a step of a trace, no model call", 1)]


def test_langchain_gives_details_the_name_of_the_service_tier(load_logs: LoadLogs, tmp_path: Path) -> None:
    """600 of 1,000 read were cached and 40 of 100 made were thought, under names that begin with the tier's."""
    usage = {"input_tokens": 1_000, "output_tokens": 100, "total_tokens": 1_100}
    flex = {
        "input_token_details": {"flex_cache_read": 600, "flex": 400},
        "output_token_details": {"flex_reasoning": 40, "flex": 60},
    }
    plain = {"input_token_details": {"cache_read": 600}, "output_token_details": {"reasoning": 40}}
    runs = (
        run(1, usage_metadata=usage | flex),
        run(2, outputs={"service_tier": "priority", "usage_metadata": usage | plain}),
    )
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *runs))
    told = "SELECT service_tier, input_tokens, cache_read_tokens, output_tokens, reasoning_tokens FROM requests ORDER BY request_id"
    assert rows(ledger, told) == [("flex", 1_000, 600, 100, 40), ("priority", 1_000, 600, 100, 40)]
