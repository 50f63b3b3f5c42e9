"""Ways to count replies of Anthropic, Bedrock and Gemini wrongly: each with the true total worked out from its records."""

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import LoadLogs, counts, rows, write_lines

WRAPPED: dict[str, Any] = {"ts": "2026-10-01T08:00:00Z"}
SUMS = "SELECT sum(input_tokens), sum(cache_read_tokens), sum(cache_write_tokens), sum(output_tokens) FROM requests"


def message(number: int, **usage: Any) -> dict[str, Any]:
    """A Messages reply in a record that gives the time."""
    return WRAPPED | {
        "response": {"type": "message", "id": f"msg_{number}", "model": "claude-sonnet-5", "usage": usage}
    }


def test_trap_02_cache_counts_beside_the_input_are_added(load_logs: LoadLogs, tmp_path: Path) -> None:
    """``input_tokens: 2`` of a cached prompt is not the prompt: 589,733 were read from the cache beside it."""
    usage = {
        "input_tokens": 2,
        "cache_read_input_tokens": 589_733,
        "cache_creation_input_tokens": 265,
        "output_tokens": 40,
    }
    true = 2 + 589_733 + 265
    assert true == 295_000 * usage["input_tokens"]
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", message(1, **usage)))
    assert rows(ledger, SUMS) == [(true, 589_733, 265, 40)]


def test_trap_02_the_total_of_bedrock_holds_the_cache_counts(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Converse's total is input, output, read and write together; to take the cache for a part loses most of the input."""
    usage = {
        "inputTokens": 4,
        "outputTokens": 6,
        "cacheReadInputTokens": 900,
        "cacheWriteInputTokens": 96,
        "totalTokens": 1006,
    }
    true = usage["totalTokens"] - usage["outputTokens"]
    assert true == 250 * usage["inputTokens"]
    reply = {"output": {"message": {"content": []}}, "stopReason": "end_turn", "usage": usage}
    record = WRAPPED | {"modelId": "anthropic.claude-sonnet-4-5-20250929-v1:0", "response": reply}
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", record))
    assert rows(ledger, SUMS) == [(true, 900, 96, 6)]


@pytest.mark.parametrize(("hour", "ended"), [(500, (1, 0)), (501, (0, 1))])
def test_trap_03_what_is_written_for_an_hour_is_a_part_of_what_is_written(
    hour: int, ended: tuple[int, int], load_logs: LoadLogs, tmp_path: Path
) -> None:
    """Were it more than the whole, the writes for five minutes would cost less than nothing."""
    split = {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": hour}
    used = {"input_tokens": 10, "cache_creation_input_tokens": 500, "cache_creation": split, "output_tokens": 9}
    _, outcome = load_logs(write_lines(tmp_path / "log.jsonl", message(1, **used)))
    assert [(one.requests, one.rejected) for one in outcome.loaded] == [ended]


def test_trap_03_written_tokens_are_not_also_cache_misses(load_logs: LoadLogs, tmp_path: Path) -> None:
    """What was written to the cache is billed as written only: the miss is what is neither read nor written."""
    ledger, _ = load_logs(
        write_lines(
            tmp_path / "log.jsonl",
            message(
                1, input_tokens=1_000, cache_read_input_tokens=0, cache_creation_input_tokens=14_000, output_tokens=9
            ),
        )
    )
    miss = "SELECT input_tokens - cache_read_tokens - cache_write_tokens, cache_write_tokens FROM requests"
    naive, true = 1_000 + 14_000, 1_000  # at the input price
    assert naive == 15 * true
    assert rows(ledger, miss) == [(true, 14_000)]


def test_trap_04_the_split_of_writes_by_lifetime_is_not_more_writes(load_logs: LoadLogs, tmp_path: Path) -> None:
    """``cache_creation`` says how long the written tokens live; to add it counts every write twice."""
    split = {"ephemeral_5m_input_tokens": 300, "ephemeral_1h_input_tokens": 200}
    naive, true = 500 + sum(split.values()), 500
    assert naive == 2 * true
    ledger, _ = load_logs(
        write_lines(
            tmp_path / "log.jsonl",
            message(
                1,
                input_tokens=10,
                cache_read_input_tokens=0,
                cache_creation_input_tokens=500,
                cache_creation=split,
                output_tokens=1,
            ),
        )
    )
    assert rows(ledger, "SELECT input_tokens, cache_write_tokens, cache_write_1h_tokens FROM requests") == [
        (10 + true, true, 200)
    ]


def test_trap_04_bedrock_tells_each_cache_count_twice(load_logs: LoadLogs, tmp_path: Path) -> None:
    """``cacheReadInputTokens`` and ``cacheReadInputTokenCount`` are one count under two names."""
    usage = {
        "inputTokens": 3,
        "outputTokens": 5,
        "totalTokens": 1208,
        "cacheReadInputTokens": 900,
        "cacheReadInputTokenCount": 900,
        "cacheWriteInputTokens": 300,
        "cacheWriteInputTokenCount": 300,
    }
    naive = sum(count for name, count in usage.items() if name.startswith("cache"))
    assert naive == 2 * (900 + 300)
    reply = {"output": {"message": {"content": []}}, "stopReason": "end_turn", "usage": usage}
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", WRAPPED | {"modelId": "amazon.nova-pro-v1:0"} | reply))
    assert rows(ledger, SUMS) == [(3 + 900 + 300, 900, 300, 5)]


def test_trap_06_usage_of_an_anthropic_stream_grows(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Every ``message_delta`` repeats the usage from the beginning, and server tools make the input grow: the last tells."""
    begun = {"id": "msg_1", "model": "claude-sonnet-5", "usage": {"input_tokens": 702, "output_tokens": 1}}
    told = [(702, 60), (1_591, 120), (1_591, 175)]
    ledger, _ = load_logs(
        write_lines(
            tmp_path / "log.jsonl",
            WRAPPED | {"type": "message_start", "message": begun},
            *(
                WRAPPED
                | {"type": "message_delta", "delta": {}, "usage": {"input_tokens": given, "output_tokens": made}}
                for given, made in told
            ),
            WRAPPED | {"type": "message_stop"},
        )
    )
    naive = 1 + sum(made for _, made in told)
    assert naive == pytest.approx(2.03 * 175, rel=0.01)
    assert rows(ledger, "SELECT input_tokens, output_tokens FROM requests") == [told[-1]]
    assert counts(ledger) == {"records": 5, "requests": 1, "duplicates": 0, "skipped": 4, "rejected": 0}


def test_trap_06_every_chunk_of_a_gemini_stream_repeats_the_usage(load_logs: LoadLogs, tmp_path: Path) -> None:
    """The counts of a chunk hold those of the chunks before: of one ``responseId`` the largest tells."""
    thoughts, answers = 200, [10, 20, 30, 40, 50]
    chunks = [
        {
            "responseId": "r-1",
            "modelVersion": "gemini-2.5-flash",
            "createTime": "2026-10-01T08:00:00Z",
            "candidates": [{"content": {}}],
            "usageMetadata": {
                "promptTokenCount": 100,
                "candidatesTokenCount": answer,
                "thoughtsTokenCount": thoughts,
                "totalTokenCount": 100 + answer + thoughts,
            },
        }
        for answer in answers
    ]
    naive, true = 5 * (100 + thoughts) + sum(answers), 100 + thoughts + 50
    assert naive == pytest.approx(4.71 * true, rel=0.01)
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *chunks))
    assert rows(ledger, "SELECT input_tokens, output_tokens FROM requests") == [(100, 50 + thoughts)]
    assert counts(ledger) == {"records": 5, "requests": 1, "duplicates": 4, "skipped": 0, "rejected": 0}


def test_trap_18_what_was_compacted_stands_only_in_the_iterations(load_logs: LoadLogs, tmp_path: Path) -> None:
    """The totals of a reply leave out the compaction before it: here 98 % of what the model read."""
    compaction = {
        "type": "compaction",
        "input_tokens": 60_385,
        "cache_read_input_tokens": 0,
        "cache_creation_input_tokens": 0,
        "output_tokens": 592,
    }
    answer = {
        "type": "message",
        "input_tokens": 682,
        "cache_read_input_tokens": 0,
        "cache_creation_input_tokens": 0,
        "output_tokens": 1_320,
    }
    reply = message(1, input_tokens=682, output_tokens=1_320, iterations=[compaction, answer])
    true = 60_385 + 682
    assert true == pytest.approx(89.5 * 682, rel=0.001)
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", reply))
    assert rows(ledger, "SELECT sum(input_tokens), sum(output_tokens) FROM requests") == [(true, 592 + 1_320)]
    assert counts(ledger) == {"records": 1, "requests": 1, "duplicates": 0, "skipped": 0, "rejected": 0}


def test_trap_18_an_advisor_is_another_model_with_counts_of_its_own(load_logs: LoadLogs, tmp_path: Path) -> None:
    """The totals are the sum of the reply's own messages; the advisor between them is billed beside, as its own model."""
    own = [
        {"type": "message", "input_tokens": 1_051, "output_tokens": 35},
        {"type": "message", "input_tokens": 1_363, "output_tokens": 3_165},
    ]
    advisor = {"type": "advisor_message", "model": "claude-opus-4-8", "input_tokens": 2_728, "output_tokens": 874}
    reply = message(1, input_tokens=2_414, output_tokens=3_200, iterations=[own[0], advisor, own[1]])
    assert (1_051 + 1_363, 35 + 3_165) == (2_414, 3_200)
    twice = write_lines(tmp_path / "log.jsonl", reply, reply)
    ledger, _ = load_logs(twice)
    assert rows(ledger, "SELECT model, input_tokens, output_tokens, records FROM requests ORDER BY model") == [
        ("claude-opus-4-8", 2_728, 874, 0),
        ("claude-sonnet-5", 2_414, 3_200, 1),
    ]
    assert counts(ledger) == {"records": 2, "requests": 1, "duplicates": 1, "skipped": 0, "rejected": 0}


@pytest.mark.parametrize(
    ("split", "written", "hour"), [({"1h": 100}, 100, 100), ({"5m": 40}, 40, None), ({"5m": 40, "1h": 60}, 100, 60)]
)
@pytest.mark.parametrize(
    "form",
    [
        "anthropic-messages",
        *(pytest.param(name, marks=pytest.mark.endurance) for name in ("anthropic-events", "claude-code", "generic")),
    ],
)
def test_writes_that_only_their_lifetimes_tell(
    form: str, split: dict[str, int], written: int, hour: int | None, load_logs: LoadLogs, tmp_path: Path
) -> None:
    """A lifetime that is left out has no tokens; their sum stands beside the input: 10 + 3 + the writes."""
    usage: dict[str, Any] = {
        "input_tokens": 10,
        "cache_read_input_tokens": 3,
        "cache_creation": {f"ephemeral_{life}_input_tokens": tokens for life, tokens in split.items()},
        "output_tokens": 1,
    }
    reply = {"type": "message", "id": "msg_1", "role": "assistant", "model": "claude-sonnet-5", "usage": usage}
    transcript = {"timestamp": WRAPPED["ts"], "type": "assistant", "sessionId": "s", "message": reply}
    records: dict[str, list[dict[str, Any]]] = {
        "anthropic-messages": [WRAPPED | {"response": reply}],
        "anthropic-events": [
            WRAPPED | {"type": "message_start", "message": reply},
            WRAPPED | {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 1}},
        ],
        "claude-code": [transcript],
        "generic": [WRAPPED | {"model": "claude-sonnet-5", "usage": usage}],
    }
    ledger, outcome = load_logs(write_lines(tmp_path / "log.jsonl", *records[form]))
    assert [loaded.format for loaded in outcome.loaded] == [form]
    found = (
        "SELECT input_tokens, cache_read_tokens, cache_write_tokens, cache_write_1h_tokens, output_tokens FROM requests"
    )
    assert rows(ledger, found) == [(13 + written, 3, written, hour, 1)]


@pytest.mark.parametrize(
    ("counts_told", "true"),
    [
        ({"input_tokens": 10, "cache_read_input_tokens": 5000, "cache_creation_input_tokens": 200}, (5210, 5000, 200)),
        ({"input_tokens": 4, "cache_read_input_tokens": 5}, (9, 5, None)),  # more than the input: beside it
        ({"input_tokens": 5, "cache_read_input_tokens": 5}, (5, 5, None)),  # no more: a part of it
        # Anthropic's own object at the top level: 5000 + 4000 + 200, however fresh the prompt was.
        (
            {"input_tokens": 5000, "cache_read_input_tokens": 4000, "cache_creation_input_tokens": 200},
            (9200, 4000, 200),
        ),
        ({"input_tokens": 5000, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0}, (5000, 0, 0)),
        # The prompt's tokens in OpenAI's word hold all of it, as LiteLLM tells them beside Anthropic's words.
        (
            {
                "prompt_tokens": 5000,
                "input_tokens": 800,
                "cache_read_input_tokens": 4000,
                "cache_creation_input_tokens": 200,
            },
            (5000, 4000, 200),
        ),
        # A total decides: 9205 - 5 is all of the input, and 5005 - 5 is, too, where it is told so.
        (
            {
                "input_tokens": 5000,
                "cache_read_input_tokens": 4000,
                "cache_creation_input_tokens": 200,
                "total_tokens": 5005,
            },
            (5000, 4000, 200),
        ),
        ({"input_tokens": 5000, "cache_read_input_tokens": 4000, "total_tokens": 9005}, (9000, 4000, None)),
        # Other words for the input are no object of Anthropic's.
        (
            {"prompt_tokens": 5000, "cache_read_input_tokens": 4000, "cache_creation_input_tokens": 200},
            (5000, 4000, 200),
        ),
        # Bedrock's, at the top level.
        ({"inputTokens": 5000, "cacheReadInputTokens": 4000}, (9000, 4000, None)),
    ],
)
def test_trap_02_flat_counts_in_anthropics_words(
    counts_told: dict[str, int], true: tuple[int | None, ...], load_logs: LoadLogs, tmp_path: Path
) -> None:
    record = WRAPPED | {"model": "claude-sonnet-5", "output_tokens": 5} | counts_told
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", record))
    assert rows(ledger, "SELECT input_tokens, cache_read_tokens, cache_write_tokens FROM requests") == [true]


def test_what_geminis_tools_put_into_the_prompt_is_input(load_logs: LoadLogs, tmp_path: Path) -> None:
    """The total holds it: 100 + 7 + 10 + 5 = 122. What is no count is refused."""
    usage = {"promptTokenCount": 100, "toolUsePromptTokenCount": 7, "candidatesTokenCount": 10, "thoughtsTokenCount": 5}
    sound = WRAPPED | {"model": "gemini-2.5-pro", "usage": usage | {"totalTokenCount": 122}}
    wrong = WRAPPED | {"model": "gemini-2.5-pro", "usage": usage | {"toolUsePromptTokenCount": 7.5}}
    ledger, outcome = load_logs(write_lines(tmp_path / "log.jsonl", sound, wrong))
    assert [loaded.format for loaded in outcome.loaded] == ["generic"]
    assert rows(ledger, "SELECT input_tokens, output_tokens, reasoning_tokens FROM requests") == [(107, 15, 5)]
    assert rows(ledger, "SELECT reason FROM rejected") == [("input_tokens is no whole number from 0 to 2^53 - 1: 7.5",)]


def grounded(number: int, model: str, *queries: str, **around: Any) -> dict[str, Any]:
    """A reply of Gemini that was grounded in what was found for the queries."""
    candidate = {"content": {}, "finishReason": "STOP", "groundingMetadata": {"webSearchQueries": list(queries)}}
    usage = {"promptTokenCount": 100, "candidatesTokenCount": 50, "totalTokenCount": 150}
    reply = {"responseId": f"r-{number}", "modelVersion": model, "candidates": [candidate], "usageMetadata": usage}
    return {"response": reply} | around


def test_searches_of_gemini_are_counted_as_they_are_billed(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Since Gemini 3 each query is billed, before that each grounded answer; none where nothing was searched for."""
    at = {"ts": "2026-10-01T08:00:00Z"}
    told = (("gemini-3.1-pro-preview", ("a", "b", "")), ("gemini-2.5-flash", ("a", "b")), ("gemini-2.5-flash", ()))
    log = [grounded(number, model, *queries, **at) for number, (model, queries) in enumerate(told)]
    kept = {
        "logging_time": at["ts"],
        "full_response": [{"responseId": "r-9"}, grounded(9, "gemini-3-flash", "a")["response"]],
    }
    logs = write_lines(tmp_path / "replies.jsonl", *log), write_lines(tmp_path / "kept.jsonl", kept)
    ledger, outcome = load_logs(*logs)
    assert {loaded.format for loaded in outcome.loaded} == {"gemini"}
    assert rows(ledger, "SELECT apart FROM requests ORDER BY request_id") == [
        ({"search": 2},),
        ({"search": 1},),
        (None,),
        ({"search": 1},),
    ]


def test_results_of_a_gemini_batch_are_of_its_tier(load_logs: LoadLogs, tmp_path: Path) -> None:
    """They cost half, and name neither tier nor time: only a key stands beside the response. With a time it is a logger's."""
    log = [
        grounded(1, "gemini-2.5-flash", key="job-1"),
        {"key": "job-2", "error": {"code": 3, "message": "CANARY"}},
        grounded(3, "gemini-2.5-flash", key="svc-search", ts="2026-10-01T08:00:00Z"),
        # Cut out of the list in which a batch's reply has its answers; a logger's metadata has no key.
        grounded(4, "gemini-2.5-flash", metadata={"key": "job-4"}),
        {"metadata": {"key": "job-5"}, "error": {"code": 3, "status": "INVALID_ARGUMENT", "message": "CANARY"}},
        grounded(6, "gemini-2.5-flash", metadata={"user": "u", "env": "CANARY"}),
        grounded(7, "gemini-2.5-flash", metadata="CANARY"),
    ]
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *log), given={"time": "2026-10-01T08:00:00Z"})
    assert rows(ledger, "SELECT request_id, service_tier FROM requests ORDER BY 1") == [
        ("r-1", "batch"),
        ("r-3", None),
        ("r-4", "batch"),
        ("r-6", None),
        ("r-7", None),
    ]
    assert counts(ledger) == {"records": 7, "requests": 5, "duplicates": 0, "skipped": 2, "rejected": 0}


def test_trap_20_an_embedding_in_ones_own_words_has_no_output(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Its row is measured: the other one's output is not known."""
    log = [WRAPPED | {"model": model, "input_tokens": 8} for model in ("text-embedding-3-small", "gpt-5-mini")]
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *log))
    assert rows(ledger, "SELECT input_tokens, output_tokens FROM requests ORDER BY model DESC") == [(8, 0), (8, None)]


def test_trap_03_claude_in_vertexs_log_says_how_long_its_writes_live(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Its reply is kept as Anthropic's: of 2,000 written 1,500 for an hour, twice as dear as fresh; two searches."""
    usage = {
        "input_tokens": 10,
        "cache_creation_input_tokens": 2000,
        "cache_creation": {"ephemeral_5m_input_tokens": 500, "ephemeral_1h_input_tokens": 1500},
        "output_tokens": 5,
        "server_tool_use": {"web_search_requests": 2},
    }
    reply = {"id": "msg_vrtx_1", "type": "message", "model": "claude-sonnet-4-5", "usage": usage}
    record = {"logging_time": "2026-10-01T08:00:00Z", "request_id": 7, "full_response": reply}
    ledger, outcome = load_logs(write_lines(tmp_path / "log.jsonl", record))
    assert [loaded.format for loaded in outcome.loaded] == ["gemini"]
    found = "SELECT input_tokens, cache_write_tokens, cache_write_1h_tokens, apart FROM requests"
    assert rows(ledger, found) == [(2010, 2000, 1500, {"search": 2})]


def test_a_batch_s_answers_are_its_own_and_the_operation_s_only_once(load_logs: LoadLogs, tmp_path: Path) -> None:
    """The operation holds them twice, and was asked for twice more: two answers of 100 tokens, at the price of a batch."""
    used = {"promptTokenCount": 100, "candidatesTokenCount": 10, "totalTokenCount": 110}
    answers = [{"response": {"responseId": f"answer-{n}", "usageMetadata": used}} for n in (1, 2)]
    held = {"inlinedResponses": {"inlinedResponses": answers}}
    told = {
        "model": "models/gemini-2.5-flash",
        "state": "BATCH_STATE_SUCCEEDED",
        "endTime": "2026-10-01T02:00:00Z",
        "output": held,
    }
    operation = {"name": "batches/abc", "metadata": told, "done": True, "response": held}
    waiting = {
        "name": "batches/abc",
        "metadata": {"model": told["model"], "state": "BATCH_STATE_PENDING", "createTime": "2026-10-01T01:00:00Z"},
    }
    whole = tmp_path / "operation.json"
    whole.write_text(json.dumps(operation, indent=2))
    ledger, outcome = load_logs(write_lines(tmp_path / "polls.jsonl", waiting, operation, operation), whole)
    assert {loaded.format for loaded in outcome.loaded} == {"gemini-batch"}
    assert counts(ledger) == {"records": 4, "requests": 1, "duplicates": 2, "skipped": 1, "rejected": 0}
    assert rows(ledger, "SELECT sum(input_tokens), count(*), min(model), min(service_tier) FROM requests") == [
        (200, 2, "gemini-2.5-flash", "batch")
    ]


def test_a_batch_s_answers_in_a_file_are_those_of_its_operation(load_logs: LoadLogs, tmp_path: Path) -> None:
    reply = {"responseId": "answer-1", "modelVersion": "gemini-2.5-flash", "candidates": [],
             "usageMetadata": {"promptTokenCount": 100, "candidatesTokenCount": 10, "totalTokenCount": 110}}  # fmt: skip
    told = {"model": "models/gemini-2.5-flash", "state": "BATCH_STATE_SUCCEEDED", "endTime": "2026-10-01T02:00:00Z"}
    held = {"inlinedResponses": {"inlinedResponses": [{"response": reply}]}}
    operation = write_lines(tmp_path / "operation.jsonl", {"name": "batches/abc", "metadata": told, "response": held})
    file = write_lines(tmp_path / "file.jsonl", {"key": "1", "response": reply})
    ledger, _ = load_logs(operation, file, given={"time": "2026-10-01T03:00:00Z"})
    assert counts(ledger)["requests"] == 1
