"""Known ways to miscount logs of OpenAI-compatible APIs: the true total by hand, and what the naive sum would be."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import LoadLogs, counts, rows, write_lines

from analyzer.ledger import Ledger

Line = dict[str, Any]
AT = 1790000000  # 2026-09-21T14:13:20Z
LONG = "chatcmpl-AbCdEfGhIjKlMnOpQrStUvWx"  # as long as OpenAI's ids, less the number behind it


def reply(number: int, usage: Line | None, **fields: Any) -> Line:
    """A chat reply, a minute after the one before."""
    return {
        "id": f"{LONG}{number:02}",
        "object": "chat.completion",
        "created": AT + 60 * number,
        "model": "gpt-5-mini",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "..."}, "finish_reason": "stop"}],
        "usage": usage,
    } | fields


def chunk(usage: Line | None, **fields: Any) -> Line:
    """A piece of a stream; all of one stream have the same id."""
    return reply(0, usage, object="chat.completion.chunk", choices=[{"index": 0, "delta": {"content": "."}}]) | fields


def used(given: int, made: int, **more: Any) -> Line:
    return {"prompt_tokens": given, "completion_tokens": made, "total_tokens": given + made} | more


def sums(ledger: Ledger, *columns: str) -> tuple[int, ...]:
    return tuple(rows(ledger, f"SELECT {', '.join(f'sum({column})' for column in columns)} FROM requests")[0])


def test_trap_01_cached_tokens_are_part_of_the_prompt(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Two prompts of 1,000 tokens, 900 of them cached: 2,000 were read; with the cached ones added it is 1.9 times that."""
    log = [reply(number, used(1000, 50, prompt_tokens_details={"cached_tokens": 900})) for number in (1, 2)]
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *log))
    usages = [line["usage"] for line in log]
    naive = sum(usage["prompt_tokens"] + usage["prompt_tokens_details"]["cached_tokens"] for usage in usages)
    assert naive / 2000 == 1.9
    assert sums(ledger, "input_tokens", "cache_read_tokens") == (2000, 1800)


def test_trap_04_one_count_under_two_names_is_one_count(load_logs: LoadLogs, tmp_path: Path) -> None:
    """DeepSeek's hit count and cached_tokens, Mistral's two names, Groq's usage and x_groq.usage: added they double."""
    deepseek = used(
        700, 90, prompt_tokens_details={"cached_tokens": 512}, prompt_cache_hit_tokens=512, prompt_cache_miss_tokens=188
    )
    mistral = used(200, 20, prompt_tokens_details={"cached_tokens": 64}, num_cached_tokens=64)
    groq = used(90, 10)
    log = [reply(1, deepseek), reply(2, mistral), reply(3, groq, x_groq={"id": "req_1", "usage": groq})]
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *log))
    naive_cache = 512 + 512 + 64 + 64
    assert naive_cache / (512 + 64) == 2
    assert sums(ledger, "input_tokens", "cache_read_tokens", "output_tokens") == (990, 512 + 64, 120)
    assert rows(ledger, "SELECT output_tokens FROM requests WHERE provider = 'groq'") == [(10,)]


def test_trap_04_usage_that_stands_in_x_groq_only_is_found(load_logs: LoadLogs, tmp_path: Path) -> None:
    """An older stream of Groq has its usage in x_groq alone: without it nothing is measured."""
    log = [chunk(None), chunk(None, x_groq={"id": "req_1", "usage": used(18, 73)})]
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *log))
    assert sums(ledger, "input_tokens", "output_tokens") == (18, 73)


def test_trap_05_reasoning_is_inside_except_where_the_total_says_beside(load_logs: LoadLogs, tmp_path: Path) -> None:
    """OpenAI's 300 hold the 128 reasoned. xAI's 1 holds none of its 290: read alone it would be 0.3 % of the 291 billed."""
    openai = used(100, 300, completion_tokens_details={"reasoning_tokens": 128})
    xai = {
        "prompt_tokens": 12,
        "completion_tokens": 1,
        "total_tokens": 12 + 1 + 290,
        "completion_tokens_details": {"reasoning_tokens": 290},
        "num_sources_used": 0,
    }
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", reply(1, openai), reply(2, xai, model="grok-3-mini")))
    assert (300 + 1, 300 + 128 + 1 + 290) == (301, 719)  # reasoning never added, always added: both are wrong
    assert sums(ledger, "output_tokens", "reasoning_tokens") == (300 + 291, 128 + 290)


def test_trap_06_cumulative_usage_is_counted_once(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Perplexity's chunks count 1, 5, 20, 30 tokens made so far: 30 were made, not 56, and 10 read, not 40."""
    log = [chunk(used(10, made), model="sonar") for made in (1, 5, 20, 30)]
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *log))
    assert sum(line["usage"]["completion_tokens"] for line in log) == 56
    assert sums(ledger, "input_tokens", "output_tokens") == (10, 30)
    assert counts(ledger) == {"records": 4, "requests": 1, "duplicates": 3, "skipped": 0, "rejected": 0}


def test_trap_06_a_stream_whose_pieces_have_ids_of_their_own_is_one_request(
    load_logs: LoadLogs, tmp_path: Path
) -> None:
    """Groq's compound gives each piece another id and the last one "stub": two streams, not five and a stub."""
    made_up = [f"chatcmpl-00000000-0000-4000-8000-00000000000{number}" for number in range(5)]
    last = [chunk(None, id="stub", x_groq={"usage": used(500, made)}) for made in (40, 50)]
    for line in last:
        line["choices"][0]["finish_reason"] = "stop"
    pieces = [chunk(None, id=identity) for identity in made_up]
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *pieces[:3], last[0], *pieces[3:], last[1]))
    assert len({line["id"] for line in (*pieces, *last)}) == 6
    assert counts(ledger) == {"records": 7, "requests": 2, "duplicates": 5, "skipped": 0, "rejected": 0}
    assert sums(ledger, "input_tokens", "output_tokens") == (1000, 90)


@pytest.mark.parametrize(
    "again",
    [
        lambda one, two: [line for line in (*one, *two) for _ in range(2)],
        lambda one, two: [*one, *two, *one, *two],
        lambda one, two: [*one, *one[1:2], *two],
        lambda one, two: [*one, *two, *one[1:]],
    ],
    ids=["every line twice", "the log twice", "a piece twice", "what came after a piece"],
)
def test_trap_10_pieces_with_ids_of_their_own_that_were_logged_again(
    again: Callable[[list[Line], list[Line]], list[Line]], load_logs: LoadLogs, tmp_path: Path
) -> None:
    """Two streams of Groq's compound; a call of each piece would be six, and the first stream's tokens would come twice."""
    ids = iter(f"chatcmpl-00000000-0000-4000-8000-00000000000{number}" for number in range(6))
    streams = [[chunk(None, id=next(ids)) for _ in range(3)] for _ in range(2)]
    for stream, made in zip(streams, (40, 50), strict=True):
        end = chunk(None, id="stub", x_groq={"usage": used(500, made)})
        end["choices"][0]["finish_reason"] = "stop"
        stream.append(end)
    lines = again(*streams)

    for log, records in (("b.jsonl", lines), ("a.jsonl", [*streams[0], *streams[1]])):
        ledger, _ = load_logs(write_lines(tmp_path / log, *records))
        assert counts(ledger)["requests"] == 2
        assert sums(ledger, "input_tokens", "output_tokens") == (1000, 90)


def payload(number: int, identity: str, given: int, made: int, **fields: Any) -> Line:
    """What LiteLLM logs of a call."""
    return {
        "id": identity,
        "litellm_call_id": f"00000000-0000-4000-8000-{number:012}",
        "call_type": "acompletion",
        "cache_hit": None,
        "status": "success",
        "custom_llm_provider": "openai",
        "startTime": AT + 60.0 * number,
        "endTime": AT + 60.0 * number + 1,
        "model": "gpt-5-mini",
        "metadata": {"user_api_key_alias": "svc-search", "usage_object": {}},
        "response_cost": 0.001,
        "prompt_tokens": given,
        "completion_tokens": made,
        "total_tokens": given + made,
    } | fields


def test_trap_13_a_gateway_s_log_and_the_provider_s_replies_are_the_same_calls(
    load_logs: LoadLogs, tmp_path: Path
) -> None:
    """Three calls in three logs (replies, LiteLLM, a batch file): 600 tokens were read, not 1,800."""
    replies = [reply(number, used(200, 20)) for number in (1, 2, 3)]
    gateway = [payload(number, line["id"], 200, 20) for number, line in enumerate(replies, 1)]
    batch = [
        {
            "id": f"batch_req_{line['id'][-16:]}",
            "custom_id": f"job-{number}",
            "response": {"status_code": 200, "request_id": f"req_{number}", "body": line},
            "error": None,
        }
        for number, line in enumerate(replies)
    ]
    logs = [
        write_lines(tmp_path / name, *log)
        for name, log in (("replies.jsonl", replies), ("gateway.jsonl", gateway), ("batch.jsonl", batch))
    ]
    ledger, outcome = load_logs(*logs)
    assert {loaded.format for loaded in outcome.loaded} == {"openai-chat", "litellm-standard-logging", "openai-batch"}
    assert sum(3 * 200 for _ in logs) == 3 * 600
    assert sums(ledger, "input_tokens", "output_tokens") == (600, 60)
    assert counts(ledger) == {"records": 9, "requests": 3, "duplicates": 6, "skipped": 0, "rejected": 0}
    assert rows(ledger, "SELECT DISTINCT api_key_name FROM requests") == [("svc-search",)]


def test_trap_15_an_answer_from_the_gateway_s_cache_is_no_call(load_logs: LoadLogs, tmp_path: Path) -> None:
    """One call and four repeats from LiteLLM's own cache: the repeats' tokens were never sent, 5 times would be wrong."""
    hits = [
        payload(number, f"{LONG}01_cache_hit{AT + number}.5", 400, 40, cache_hit=True, response_cost=0.0)
        for number in (2, 3, 4, 5)
    ]
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", payload(1, f"{LONG}01", 400, 40), *hits))
    assert 5 * 400 == 2000
    assert sums(ledger, "input_tokens", "output_tokens") == (400, 40)
    assert rows(ledger, "SELECT reason, sum(records) FROM skipped GROUP BY reason") == [
        ("answered from the gateway's own cache, no provider call", 4)
    ]


def test_trap_16_a_server_s_static_id_does_not_swallow_its_calls(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Four replies under one id, one of them told twice: four calls. By the id alone three would be lost."""
    log = [reply(number, used(100, number), id="chatcmpl-static") for number in (1, 2, 3, 4)]
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *log, log[-1]))
    assert len({line["id"] for line in log}) == 1
    assert counts(ledger) == {"records": 5, "requests": 4, "duplicates": 1, "skipped": 0, "rejected": 0}
    assert sums(ledger, "input_tokens", "output_tokens") == (400, 1 + 2 + 3 + 4)


def test_trap_16_the_gateway_s_own_id_tells_calls_of_a_static_id_apart(load_logs: LoadLogs, tmp_path: Path) -> None:
    """The same in LiteLLM's log, where its table would have lost the rows."""
    log = [payload(number, "chatcmpl-static", 100, 10) for number in (1, 2, 3)]
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *log, log[0]))
    assert counts(ledger)["requests"] == 3
    assert sums(ledger, "input_tokens") == (300,)


def test_trap_16_so_it_does_where_each_call_is_a_log_of_its_own(load_logs: LoadLogs, tmp_path: Path) -> None:
    """LiteLLM's log in a bucket is an object a call: alone in its log, a static id looks like any other."""
    logs = [write_lines(tmp_path / f"{n}.json", payload(n, "chatcmpl-static", 100, 10)) for n in (1, 2, 3)]
    ledger, _ = load_logs(*logs)
    assert counts(ledger)["requests"] == 3
    assert sums(ledger, "input_tokens") == (300,)


def test_trap_16_embeddings_have_no_id_and_equal_ones_both_count(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Three equal replies to three calls: 24 tokens, not the 8 of one."""
    embedding = {
        "object": "list",
        "data": [],
        "model": "text-embedding-3-small",
        "usage": {"prompt_tokens": 8, "total_tokens": 8},
    }
    log = write_lines(tmp_path / "log.jsonl", embedding, embedding, embedding)
    ledger, _ = load_logs(log, given={"time": "2026-10-01T00:00:00Z"})
    assert sums(ledger, "input_tokens", "output_tokens") == (24, 0)


def test_trap_19_ticks_and_one_s_own_key_are_read_in_their_units(load_logs: LoadLogs, tmp_path: Path) -> None:
    """1,466,250 ticks are 0.000146625 USD; with one's own key OpenRouter's fee stands beside the cost: never 0, never twice."""
    own_key = used(326, 91, cost=0.00001, is_byok=True, cost_details={"upstream_inference_cost": 0.0003253})
    shared = used(280, 40, cost=0.00004, is_byok=False, cost_details={"upstream_inference_cost": 0.00004})
    ticks = used(12, 1, num_sources_used=0, cost_in_usd_ticks=1466250)
    log = [
        reply(1, own_key, id="gen-1790000060-AbCdEfGhIjKlMnOp"),
        reply(2, shared, id="gen-1790000120-AbCdEfGhIjKlMnOp"),
        reply(3, ticks, model="grok-3-mini"),
    ]
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *log))
    stated = [Decimal("0.0003353"), Decimal("0.00004"), Decimal("0.000146625")]
    assert rows(ledger, "SELECT stated_cost, stated_currency FROM requests ORDER BY started_at") == [
        (cost, "USD") for cost in stated
    ]
    assert Decimal(0) + 2 * stated[1] != stated[0] + stated[1]  # only `cost`, or both added everywhere


def test_trap_20_a_stream_without_usage_is_unmeasured_not_zero(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Two calls, one measured: 100 tokens for each measured call, not 50 for each call."""
    stream = [chunk(None), chunk(None)]
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", reply(1, used(100, 10)), *stream))
    assert counts(ledger) == {"records": 3, "requests": 2, "duplicates": 1, "skipped": 0, "rejected": 0}
    assert rows(ledger, "SELECT avg(input_tokens), count(*) FILTER (WHERE input_tokens IS NULL) FROM requests") == [
        (100.0, 1)
    ]


def test_trap_20_what_a_gateway_could_not_count_is_unmeasured(load_logs: LoadLogs, tmp_path: Path) -> None:
    """LiteLLM writes 0 tokens for a stream without usage and for a failure: three calls, one measured."""
    unknown = payload(2, f"{LONG}02", 0, 0, response_cost=0.0)
    failed = payload(3, "00000000-0000-4000-8000-000000000003", 0, 0, status="failure", response_cost=0.0)
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", payload(1, f"{LONG}01", 100, 10), unknown, failed))
    assert rows(ledger, "SELECT avg(input_tokens), count(*) FILTER (WHERE output_tokens IS NULL) FROM requests") == [
        (100.0, 2)
    ]


def test_litellms_words_for_google_are_google(load_logs: LoadLogs, tmp_path: Path) -> None:
    """As in every other format; the word before the model's name goes, whichever it is."""
    words = ("vertex_ai", "vertex_ai_beta", "gemini")
    log = [
        payload(n, f"{LONG}{n:02}", 10, 5, model=f"{word}/gemini-2.5-pro", custom_llm_provider=word)
        for n, word in enumerate(words)
    ]
    spent = {"request_id": "r-1", "call_type": "acompletion", "startTime": "2026-10-01T08:00:00Z", "spend": 0.1}
    row = spent | {"custom_llm_provider": "vertex_ai", "model": "vertex_ai/gemini-2.5-pro", "prompt_tokens": 10}
    paths = write_lines(tmp_path / "payloads.jsonl", *log), write_lines(tmp_path / "rows.jsonl", row)
    ledger, outcome = load_logs(*paths)
    assert {loaded.format for loaded in outcome.loaded} == {"litellm-standard-logging", "litellm-spend-logs"}
    assert rows(ledger, "SELECT DISTINCT provider, model FROM requests") == [("google", "gemini-2.5-pro")]
    assert counts(ledger)["requests"] == 4
