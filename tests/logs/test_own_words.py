"""Logs in words that teams really use: shapes seen in public code, each with what it means worked out by hand."""

import json
from pathlib import Path
from typing import Any

from conftest import LoadLogs, rows, write_lines
from support import spend

AT = "2026-09-01T10:00:00Z"
CLAUDE, GPT, GEMINI = "claude-sonnet-4-5", "gpt-4o", "gemini-2.5-pro"

# What a record or a CSV says; model, input, cached, written, output, reasoning.
SHAPES: dict[str, tuple[dict[str, Any] | str, tuple[Any, ...]]] = {
    # ------------------------------------------------------------------ flat columns
    "Codex's words in a CSV": (
        f"timestamp,model,input_tokens,output_tokens,cached_input_tokens,cost_usd\n{AT},{GPT},1000,100,600,0.01\n",
        (GPT, 1000, 600, None, 100, None),
    ),
    "what stands beside the input, in short words": (
        f"timestamp,model,input_tokens,output_tokens,cache_read,cache_create\n{AT},{CLAUDE},10,100,600,50\n",
        (CLAUDE, 10 + 600 + 50, 600, 50, 100, None),
    ),
    "the same, no more than the input: a part of it": (
        f"timestamp,model,input_tokens,output_tokens,cache_read,cache_write\n{AT},{CLAUDE},1000,100,600,50\n",
        (CLAUDE, 1000, 600, 50, 100, None),
    ),
    "Anthropic's writes beside a canonical read": (
        {"timestamp": AT, "model": CLAUDE, "input_tokens": 10, "output_tokens": 20, "cache_read_tokens": 500, "cache_creation_tokens": 70},
        (CLAUDE, 10 + 500 + 70, 500, 70, 20, None),
    ),
    "the same in one word": (
        {"timestamp": AT, "model": CLAUDE, "inputTokens": 10, "outputTokens": 20, "cacheReadTokens": 500, "cacheCreationTokens": 70},
        (CLAUDE, 10 + 500 + 70, 500, 70, 20, None),
    ),
    "titles as people write them, and marks between thousands": (
        f'Timestamp,Model Name,Prompt Tokens,Cached-Tokens,Completion Tokens,Total Cost (USD)\n{AT},{GPT},"1,250",64,20,$0.01\n',
        (GPT, 1250, 64, None, 20, None),
    ),
    "of two titles that are alike the one that is spelled so": (
        f"timestamp,model,input tokens,input_tokens,output_tokens\n{AT},{GPT},7,100,20\n",
        (GPT, 100, None, None, 20, None),
    ),
    "an object in a field, as databases export it": (
        f'timestamp,model,usage\n{AT},{GPT},"{{""prompt_tokens"": 100, ""completion_tokens"": 20, ""queued"": 0.5, '
        '""prompt_tokens_details"": {""cached_tokens"": 64}}"\n',
        (GPT, 100, 64, None, 20, None),
    ),
    "an object as columns, as data frames have it": (
        f"timestamp,model,usage.input_tokens,usage.cache_read_input_tokens,usage.cache_creation_input_tokens,Usage.Output_Tokens\n"
        f"{AT},{CLAUDE},10,3,,20\n",
        (CLAUDE, 10 + 3, 3, None, 20, None),
    ),
    "an object within it": (
        f"timestamp,model,usage.prompt_tokens,usage.completion_tokens,usage.prompt_tokens_details.cached_tokens\n{AT},{GPT},100,20,64\n",
        (GPT, 100, 64, None, 20, None),
    ),
    "thoughts beside the candidates": (
        f"timestamp,model,prompt_tokens,thoughts_tokens,candidates_tokens,total_tokens\n{AT},{GEMINI},1000,300,200,1500\n",
        (GEMINI, 1000, None, None, 300 + 200, 300),
    ),
    "thoughts beside them, without a total": (
        f"timestamp,model,prompt_tokens,thoughts_tokens,candidates_tokens\n{AT},{GEMINI},1000,300,200\n",
        (GEMINI, 1000, None, None, 300 + 200, 300),
    ),
    "thinking that the total shows beside the output": (
        f"timestamp,model,prompt_tokens,output_tokens,thinking_tokens,total_tokens\n{AT},{GEMINI},43,20,7,70\n",
        (GEMINI, 43, None, None, 20 + 7, 7),
    ),
    "tokens first": (
        {"ts": 1_788_256_800, "model": GPT, "tokens_input": 100, "tokens_output": 20},
        (GPT, 100, None, None, 20, None),
    ),
    "tokens last": ({"ts": AT, "model": GPT, "in_tokens": 100, "out_tokens": 20}, (GPT, 100, None, None, 20, None)),
    "counts": (
        {"timestamp": AT, "model_id": GPT, "input_token_count": 100, "output_token_count": 20},
        (GPT, 100, None, None, 20, None),
    ),
    "a logger's own keys": (
        {"asctime": "2026-09-01 10:00:00,000", "levelname": "INFO", "model": GPT, "prompt_tokens": 100, "completion_tokens": 20,
         "cached_prompt_tokens": 60},
        (GPT, 100, 60, None, 20, None),
    ),
    "Elastic's time": ({"@timestamp": AT, "model": GPT, "prompt_tokens": 1, "completion_tokens": 2}, (GPT, 1, None, None, 2, None)),
    "a cache of answers that missed": (
        {"timestamp": AT, "model": GPT, "input_tokens": 100, "output_tokens": 20, "cache_read": False, "cache_write": True},
        (GPT, 100, None, None, 20, None),
    ),
    # ------------------------------------------------------------------ objects
    "LangChain": (
        {"timestamp": AT, "model": GPT, "usage_metadata": {
            "input_tokens": 100, "output_tokens": 20, "total_tokens": 120, "input_token_details": {"cache_read": 60},
            "output_token_details": {"reasoning": 5}}},
        (GPT, 100, 60, None, 20, 5),
    ),
    "LangChain of Claude, read and written": (
        {"timestamp": AT, "model": CLAUDE, "usage_metadata": {
            "input_tokens": 100, "output_tokens": 20, "total_tokens": 120,
            "input_token_details": {"cache_read": 60, "cache_creation": 30}}},
        (CLAUDE, 100, 60, 30, 20, None),
    ),
    "LangChain of old": (
        {"timestamp": AT, "model": GPT, "token_usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}},
        (GPT, 100, None, None, 20, None),
    ),
    "Google's SDK for Python": (
        {"timestamp": AT, "model": GEMINI, "usage_metadata": {
            "prompt_token_count": 100, "candidates_token_count": 20, "thoughts_token_count": 30, "tool_use_prompt_token_count": 7,
            "cached_content_token_count": 40, "total_token_count": 157}},
        (GEMINI, 100 + 7, 40, None, 20 + 30, 30),
    ),
    "tokens of an agent, its cache beside": (
        {"timestamp": AT, "model": CLAUDE, "tokens": {"input": 10, "output": 20, "cache_read": 500, "cache_write": 70}},
        (CLAUDE, 10 + 500 + 70, 500, 70, 20, None),
    ),
    "tokens and their total": (
        {"timestamp": AT, "modelId": GPT, "tokens": {"prompt": 100, "completion": 20, "reasoning": 5, "total": 125}},
        (GPT, 100, None, None, 20 + 5, 5),
    ),
    "a number of tokens, and a list of them": (
        {"timestamp": AT, "model": GPT, "tokens": 120, "tokens_used": ["a"], "prompt_tokens": 100, "completion_tokens": 20},
        (GPT, 100, None, None, 20, None),
    ),
    "a number of tokens beside what they were used for": (
        {"timestamp": AT, "model": GPT, "tokens": 120, "tokens_used": {"input": 100, "output": 20}},
        (GPT, 100, None, None, 20, None),
    ),
    "Vercel's words of old": (
        {"timestamp": AT, "modelId": GPT, "usage": {
            "promptTokens": 100, "completionTokens": 20, "totalTokens": 120, "cachedPromptTokens": 64}},
        (GPT, 100, 64, None, 20, None),
    ),
}  # fmt: skip


def test_a_team_s_own_words_are_read(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Each log is one call of a second of its own, and all of them are read by the format of last resort."""
    logs = []
    for number, (said, _) in enumerate(SHAPES.values()):
        text = said if isinstance(said, str) else json.dumps(said) + "\n"
        text = text.replace("10:00:00", f"10:00:{number:02}").replace("1788256800", str(1_788_256_800 + number))
        logs.append(tmp_path / f"{number:02}.log")
        logs[-1].write_text(text)
    ledger, outcome = load_logs(*logs)
    assert {loaded.format for loaded in outcome.loaded} == {"generic"}
    assert not outcome.warnings
    found = rows(
        ledger,
        "SELECT epoch(started_at - TIMESTAMP '2026-09-01 10:00:00'), model, input_tokens, cache_read_tokens, cache_write_tokens, "
        "output_tokens, reasoning_tokens FROM requests ORDER BY started_at",
    )
    assert [row[0] for row in found] == list(range(len(SHAPES)))
    assert {name: row[1:] for name, row in zip(SHAPES, found, strict=True)} == {
        name: meant for name, (_, meant) in SHAPES.items()
    }


SAID: list[tuple[dict[str, Any], str, str | None]] = [
    ({"sessionId": "s-1", "trace_id": "t-9"}, "session_id", "s-1"),
    ({"conversationId": "c-1"}, "session_id", "c-1"),
    ({"userId": "u-1"}, "user_name", "u-1"),
    ({"statusCode": 503}, "status", "503"),
    ({"durationMs": 1500}, "completed_at", "2026-09-01 10:00:01.5"),
    ({"elapsed": 2.5}, "completed_at", "2026-09-01 10:00:02.5"),
    ({"completedAt": "2026-09-01T10:00:07Z"}, "completed_at", "2026-09-01 10:00:07"),
    ({"caller": "handleMessage", "service": "backend"}, "endpoint", "handleMessage"),
    ({"feature": "search", "agent": "planner"}, "endpoint", "search"),
    ({"agent": {"name": "planner"}}, "endpoint", None),  # an object is no name
    ({"costUSD": 0.25}, "stated_cost", "0.250000000000000"),
]


def test_what_else_is_said_of_a_call(load_logs: LoadLogs, tmp_path: Path) -> None:
    counted = {"ts": AT, "model": GPT, "completion_tokens": 20}
    records = [counted | {"prompt_tokens": number} | said for number, (said, _, _) in enumerate(SAID, 1)]
    ledger, _ = load_logs(write_lines(tmp_path / "app.jsonl", *records))
    for number, (_, column, meant) in enumerate(SAID, 1):
        found = f"SELECT CAST({column} AS VARCHAR) FROM requests WHERE input_tokens = ?"
        assert rows(ledger, found, number) == [(meant,)], column


# -------------------------------------------------------------------------------------- words that nothing reads


def warned(load_logs: LoadLogs, *logs: Path) -> list[tuple[str, str]]:
    """What is said of logs, and its remedy."""
    _, outcome = load_logs(*logs)
    return [(str(warning), warning.remedy) for warning in outcome.warnings]


UNKNOWN: list[tuple[dict[str, Any], str, str]] = [
    ({"tok_sent": 100, "tok_made": 20}, "token counts", "tok_sent, tok_made"),
    ({"input": 100, "output": 20}, "token counts", "input, output"),
    ({"input": 7, "attributes": {"gen_ai.usage.input_tokens": 100}}, "token counts", "input"),
    ({"input": "a question", "llm": {"usage": {"prompt_tokens": 100}}}, "token counts", "llm.usage.prompt_tokens"),
    ({"data": {"prompt_tokens": 100, "max_tokens": 500}}, "token counts", "data.prompt_tokens"),
    ({"prompt_tokens": 100, "completion_tokens": 20, "from_cache": 60}, "cached tokens", "from_cache"),
    ({"usage": {"prompt_tokens": 100, "completion_tokens": 20, "cached": 60}}, "cached tokens", "usage.cached"),
]
NO_COUNTS: list[dict[str, Any]] = [
    {},  # a call that tells nothing
    {"max_tokens": 500, "token_limit": 9000, "tokens_per_second": 70, "prompt_version": 12, "prompt_id": 77},
    {"input": "100 apples", "output": "20 pears"},
    {"usage": {"prompt_tokens": 100, "completion_tokens": 20}, "cache_hit": 1, "cache_ttl": 300, "cache_age_ms": 5000},
    {"usage": {"prompt_tokens": 100, "completion_tokens": 20, "prompt_tokens_details": {"cached_tokens": 64}}, "cached": 64},
    {"response": {"usage": {"prompt_tokens": 100, "completion_tokens": 20}}},
    {"prompt_tokens": 100, "completion_tokens": 20},
    {"Model": GPT, "Prompt_Tokens": 100, "Completion_Tokens": 20},  # read whatever its case
    {"token_name": 4711},  # the name of a key
    # Of another format, whose words are its own.
    {"id": "chatcmpl-1", "object": "chat.completion", "created": 1_788_256_800, "choices": [{"index": 0, "finish_reason": "stop"}],
     "usage": {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10}, "from_cache": 60},
]  # fmt: skip


def test_counts_under_unknown_names_are_told(load_logs: LoadLogs, tmp_path: Path) -> None:
    """A warning for each log that has some, in their order, and none for what is no count."""
    logs = [
        write_lines(
            tmp_path / f"{number:02}.jsonl", ({"ts": AT} if "Model" in said else {"ts": AT, "model": GPT}) | said
        )
        for number, said in enumerate([*(said for said, _, _ in UNKNOWN), *NO_COUNTS])
    ]
    told = warned(load_logs, *logs)
    assert [warning for warning, _ in told] == [
        f"{log}: {missing} under no name that is known, but numbers that nothing reads: {names}"
        for log, (_, missing, names) in zip(logs, UNKNOWN, strict=False)
    ]
    for (_, remedy), (_, missing, names) in zip(told, UNKNOWN, strict=True):
        word = "input_tokens" if missing == "token counts" else "cached_tokens"
        assert remedy.endswith(f'--map FILE: {word} = "{names.partition(",")[0]}"')


def test_logs_of_the_same_words_are_told_once(load_logs: LoadLogs, tmp_path: Path) -> None:
    logs = [
        write_lines(tmp_path / f"{day}.jsonl", {"ts": f"2026-09-0{day}T10:00:00Z", "model": GPT, "tok_sent": 100 + day})
        for day in (1, 2, 3)
    ]
    [(warning, _)] = warned(load_logs, *logs)
    assert warning.startswith(f"{logs[0]} and 2 logs more: token counts under no name")


def test_what_a_mapping_names_is_read(tmp_path: Path) -> None:
    """The remedy helps: with it nothing is left to tell."""
    log = write_lines(
        tmp_path / "app.jsonl", {"ts": AT, "model": GPT, "llm": {"sent": 100, "got": 20, "tokens_cached": 60}}
    )
    words = tmp_path / "words.toml"
    words.write_text('input_tokens = "llm.sent"\noutput_tokens = "llm.got"\n')
    assert "nothing reads: llm.tokens_cached" in spend("ingest", log, "--db", tmp_path / "a.duckdb").err
    assert "nothing reads: llm.tokens_cached" in spend("ingest", log, "--db", tmp_path / "b.duckdb", "--map", words).err
    words.write_text(words.read_text() + 'cached_tokens = "llm.tokens_cached"\n')
    assert spend("ingest", log, "--db", tmp_path / "c.duckdb", "--map", words).err == ""
