"""Counts that a gateway or a tracer passes on under words of its own, and what they cost: worked out by hand."""

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import LoadLogs, counts, rows, write_lines
from support import spend

Line = dict[str, Any]
SPLIT = "SELECT input_tokens, cache_read_tokens, cache_write_tokens, cache_write_1h_tokens, output_tokens FROM requests"
TIERS = "SELECT service_tier FROM requests ORDER BY request_id"
FORMS = pytest.mark.parametrize("form", ["openai-chat", pytest.param("openai-wrapped", marks=pytest.mark.endurance)])
LONG = "chatcmpl-0d9f3c2b-5b0d-4c1e-9a53-7f2c9a1e7a"


def used(given: int, made: int) -> Line:
    return {"prompt_tokens": given, "completion_tokens": made, "total_tokens": given + made}


def reply(number: int, **usage: Any) -> Line:
    """A chat reply of a Claude model behind a gateway."""
    return {
        "id": f"{LONG}{number:02}",
        "object": "chat.completion",
        "created": 1790000000,
        "model": "claude-opus-4-6",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "..."}, "finish_reason": "stop"}],
        "usage": usage,
    }


def logged(form: str, *replies: Line) -> list[Line]:
    """The same replies in the log of a format."""
    if form == "openai-chat":
        return list(replies)
    at = {"ts": "2026-10-01T08:00:00Z"}
    if form == "openai-wrapped":
        return [at | {"response": line} for line in replies]
    if form == "generic":
        return [at | {"model": line["model"], "usage": line["usage"]} for line in replies]
    told = [
        {
            "model": line["model"],
            "call_type": "acompletion",
            "custom_llm_provider": "anthropic",
            "startTime": at["ts"],
            "endTime": at["ts"],
            **{key: line["usage"][key] for key in ("prompt_tokens", "completion_tokens", "total_tokens")},
        }
        for line in replies
    ]
    usages = [{"usage_object": line["usage"]} for line in replies]
    if form == "litellm-spend-logs":
        return [
            one | {"request_id": line["id"], "spend": 0.1, "metadata": json.dumps(usage)}
            for one, line, usage in zip(told, replies, usages, strict=True)
        ]
    return [
        one | {"id": line["id"], "response_cost": 0.1, "trace_id": "t", "metadata": usage}
        for one, line, usage in zip(told, replies, usages, strict=True)
    ]


@FORMS
def test_trap_03_what_a_gateway_says_was_written(form: str, load_logs: LoadLogs, tmp_path: Path) -> None:
    """Of 3,000 tokens 500 were read and 2,000 written: all inside, under whichever word, beside zeros under others."""
    told: tuple[Line, ...] = (
        {"cache_creation_tokens": 2000},
        {"cache_creation_input_tokens": 2000},
        {"cached_creation_tokens": 2000, "cache_write_tokens": 0},
    )
    replies = [
        reply(number, **used(3000, 50), prompt_tokens_details={"cached_tokens": 500} | words)
        for number, words in enumerate(told)
    ]
    ledger, outcome = load_logs(write_lines(tmp_path / "log.jsonl", *logged(form, *replies)))
    assert [loaded.format for loaded in outcome.loaded] == [form]
    assert rows(ledger, SPLIT) == [(3000, 500, 2000, None, 50)] * 3


@FORMS
def test_trap_03_a_gateway_says_what_was_written_for_an_hour(form: str, load_logs: LoadLogs, tmp_path: Path) -> None:
    """LiteLLM tells the writes in details and, once more, at the top: 2,000 of them, of which 1,500 for an hour."""
    details = {
        "cached_tokens": 500,
        "cache_creation_tokens": 2000,
        "cache_creation_token_details": {"ephemeral_5m_input_tokens": 500, "ephemeral_1h_input_tokens": 1500},
    }
    line = reply(
        1,
        **used(3000, 50),
        prompt_tokens_details=details,
        cache_creation_input_tokens=2000,
        cache_read_input_tokens=500,
    )
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *logged(form, line)))
    assert rows(ledger, SPLIT) == [(3000, 500, 2000, 1500, 50)]


@FORMS
def test_trap_02_a_gateway_that_leaves_the_cache_beside_the_prompt(
    form: str, load_logs: LoadLogs, tmp_path: Path
) -> None:
    """10 tokens of prompt cannot hold 2,500 of its cache: 2,510 were read. A total that says the same is no other rule."""
    cache = {"cache_creation_input_tokens": 2000, "cache_read_input_tokens": 500}
    bare = reply(1, **used(10, 50), **cache)
    summed = reply(2, **used(10, 50) | {"total_tokens": 2560}, **cache)
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *logged(form, bare, summed)))
    assert rows(ledger, SPLIT) == [(2510, 500, 2000, None, 50)] * 2
    assert counts(ledger)["rejected"] == 0


@pytest.mark.parametrize(
    "form",
    [
        "openai-chat",
        "generic",
        "litellm-spend-logs",
        pytest.param("openai-wrapped", marks=pytest.mark.endurance),
        pytest.param("litellm-standard-logging", marks=pytest.mark.endurance),
    ],
)
def test_trap_dearer_answers_behind_a_gateway(form: str, load_logs: LoadLogs, tmp_path: Path) -> None:
    """Fast mode, and an answer from the United States alone: what is dearer is no standard call."""
    lines = [
        reply(1, **used(1000, 100)),
        reply(2, **used(1000, 100), inference_geo="us"),
        reply(3, **used(1000, 100), speed="fast", service_tier="standard"),
        reply(4, **used(1000, 100), speed="standard", inference_geo="global", service_tier="batch"),
    ]
    ledger, outcome = load_logs(write_lines(tmp_path / "log.jsonl", *logged(form, *lines)))
    assert [loaded.format for loaded in outcome.loaded] == [form]
    tiers = rows(ledger, TIERS)
    assert tiers == [(None,), ("standard/us",), ("fast",), ("batch",)]


@pytest.mark.endurance
def test_what_was_written_behind_a_gateway_is_priced_as_written(tmp_path: Path) -> None:
    """Claude Sonnet 4.5 at 3, 3.75 and 15 USD per 1M tokens: as fresh input it would be a fifth less."""
    line = reply(1, **used(8855, 6), prompt_tokens_details={"cached_tokens": 0, "cache_creation_tokens": 8845})
    log = write_lines(tmp_path / "log.jsonl", line | {"model": "claude-sonnet-4-5-20250929"})
    found = spend("analyze", log, "--json", "--no-report").document["totals"]["cost"]
    assert found == "0.03328875"  # (10 × 3 + 8,845 × 3.75 + 6 × 15) / 1M


def test_images_of_a_log_in_ones_own_words_are_no_text(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Of the 1,500 tokens made 1,400 are an image, which costs four times and more of what text does."""
    usage = {
        "input_tokens": 1000,
        "input_tokens_details": {"text_tokens": 200, "image_tokens": 800},
        "output_tokens": 1500,
        "output_tokens_details": {"text_tokens": 100, "image_tokens": 1400},
        "total_tokens": 2500,
    }
    record = {"ts": "2026-10-01T08:00:00Z", "model": "gpt-image-1.5", "usage": usage}
    ledger, outcome = load_logs(write_lines(tmp_path / "log.jsonl", record))
    assert [loaded.format for loaded in outcome.loaded] == ["generic"]
    assert rows(ledger, "SELECT input_tokens, output_tokens, apart FROM requests") == [
        (1000, 1500, {"input_image": 800, "output_image": 1400})
    ]


def observation(number: int, model: str, **usage: int) -> Line:
    """A generation as Langfuse exports it."""
    return {
        "id": f"00000000-0000-4000-8000-{number:012}",
        "traceId": "tr-1",
        "type": "GENERATION",
        "name": "answer",
        "startTime": "2026-10-01T08:00:00.000Z",
        "parentObservationId": None,
        "model": model,
        "usageDetails": usage,
    }


LIVED = {"ephemeral_5m_input_tokens": 500, "ephemeral_1h_input_tokens": 1500}
EXCLUSIVE = {"input": 10, "output": 50}


def test_trap_03_written_tokens_in_langfuse_stand_in_whole_and_by_lifetime(load_logs: LoadLogs, tmp_path: Path) -> None:
    """10 fresh, 1,000 read, 2,000 written, of which 1,500 for an hour: 3,010 tokens however they are told."""
    usages = [
        # LangChain's details, each with the word `input_` before it; what was written stands under its lifetimes alone.
        EXCLUSIVE
        | {"total": 3060, "input_cache_read": 1000, "input_cache_creation": 0}
        | {f"input_{life}": tokens for life, tokens in LIVED.items()},
        # Older ones tell it in whole as well, and both were taken off the input: 3,010 - 1,000 - 2 × 2,000 is no count.
        {"input": 0, "output": 50, "total": 3060, "input_cache_read": 1000, "input_cache_creation": 2000}
        | {f"input_{life}": tokens for life, tokens in LIVED.items()},
        # Anthropic's own counts as the callback flattens them; the total is Langfuse's sum of all buckets.
        EXCLUSIVE
        | {"cache_read_input_tokens": 1000, "cache_creation_input_tokens": 2000}
        | {f"cache_creation_{life}": tokens for life, tokens in LIVED.items()}
        | {"total": 10 + 50 + 1000 + 2000 + 500 + 1500},
        # Langfuse's own reading of Vercel's spans: three buckets that exclude each other.
        EXCLUSIVE
        | {"input_cached_tokens": 1000, "input_cache_creation": 0, "input_cache_creation_5m": 500}
        | {"input_cache_creation_1h": 1500, "total": 3060},
    ]
    log = [observation(number, "claude-sonnet-4-5", **usage) for number, usage in enumerate(usages)]
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *log))
    assert rows(ledger, SPLIT) == [(3010, 1000, 2000, 1500, 50)] * len(usages)


def test_langfuse_gives_a_bucket_the_name_of_the_service_tier(load_logs: LoadLogs, tmp_path: Path) -> None:
    """1,000 tokens in, 400 of them cached, 200 out, 50 of them reasoning; only those of flex are taken off the rest."""
    log = [
        observation(number, "gpt-5.5", input=given, output=made, total=1200)
        for number, (given, made) in enumerate([(1000, 200), (0, 0)])
    ]
    for line, tier in zip(log, ("priority", "flex"), strict=True):
        line["usageDetails"] |= {f"input_{tier}": 600, f"input_{tier}_cache_read": 400}
        line["usageDetails"] |= {f"output_{tier}": 150, f"output_{tier}_reasoning": 50}
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *log))
    assert rows(
        ledger,
        "SELECT service_tier, input_tokens, cache_read_tokens, output_tokens, reasoning_tokens FROM requests "
        "ORDER BY request_id",
    ) == [("priority", 1000, 400, 200, 50), ("flex", 1000, 400, 200, 50)]


def test_trap_01_gemini_in_langfuse_tells_what_was_cached_twice(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Of 1,000 tokens in 400 were cached, in whole and by modality; 900 of others were audio, 300 of them cached."""
    text = {"input_modality_TEXT": 600, "cached_modality_TEXT": 400, "cached_content_token_count": 400}
    text |= {"output_modality_TEXT": 50, "thoughts_token_count": 30, "total": 1080}
    audio = {"input": 100, "input_modality_AUDIO": 600, "cached_modality_AUDIO": 300, "output": 50, "total": 1050}
    log = [observation(1, "gemini-2.5-flash", **text), observation(2, "gemini-2.5-flash", **audio)]
    ledger, _ = load_logs(write_lines(tmp_path / "log.jsonl", *log))
    found = "SELECT input_tokens, cache_read_tokens, output_tokens, apart FROM requests ORDER BY request_id"
    assert rows(ledger, found) == [
        (1000, 400, 80, None),
        (1000, 300, 50, {"input_audio": 900, "cache_read_audio": 300}),
    ]
