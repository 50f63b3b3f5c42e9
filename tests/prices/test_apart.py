"""Audio, images and searches: read from logs as each of them tells it, and priced apart where a list does so."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import LoadLogs, rows
from genai_prices import Usage
from genai_prices.data_snapshot import get_snapshot
from support import BOOK, FLASH, MILLION, call, cost, ledger_of, spend, write

from analyzer.engines.query import queries
from analyzer.ingest.forget import forget
from analyzer.ledger import Ledger
from analyzer.prices import Interval, Sold
from analyzer.prices.apart import TOKENS, added
from analyzer.prices.listed import Listed
from analyzer.simulate.relations import View, prepare

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
UNIT = Decimal(1).scaleb(-15)


def parts(**usage: int) -> dict[str, dict[str, int]]:
    """The halves of a usage object of OpenAI's that tell of what is no text: ``input_audio=5, output_image=7``."""
    sides: dict[str, dict[str, int]] = {"prompt_tokens_details": {}, "completion_tokens_details": {}}
    for name, tokens in usage.items():
        side, kind = name.split("_")
        sides["prompt_tokens_details" if side == "input" else "completion_tokens_details"][f"{kind}_tokens"] = tokens
    return sides


def chat(model: str, given: int, made: int, cached: int | None = 0, **usage: int) -> dict[str, Any]:
    """A reply of OpenAI's chat API."""
    sides = parts(**usage)
    if cached is not None:
        sides["prompt_tokens_details"]["cached_tokens"] = cached
    return {
        "id": "chatcmpl-Ab12Cd34Ef56Gh78", "object": "chat.completion", "created": 1795521600, "model": model,
        "choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": "CANARY"}}],
        "usage": {"prompt_tokens": given, "completion_tokens": made, "total_tokens": given + made, **sides},
    }  # fmt: skip


def message(model: str, **asked: int) -> dict[str, Any]:
    """A reply of Anthropic's Messages API that searched or fetched: 100 tokens in, 10 out."""
    usage = {"input_tokens": 100, "cache_read_input_tokens": 0, "output_tokens": 10, "server_tool_use": asked}
    return {"id": "msg_01AbCdEfGh23456789", "type": "message", "role": "assistant", "model": model, "usage": usage}


def gemini(model: str, prompt: dict[str, int], answer: dict[str, int], cached: dict[str, int] | None = None) -> Any:
    """A reply of Gemini's API by modality, in a record with a time."""

    def told(counts: dict[str, int]) -> list[dict[str, object]]:
        return [{"modality": kind, "tokenCount": tokens} for kind, tokens in counts.items()]

    usage: dict[str, object] = {
        "promptTokenCount": sum(prompt.values()), "promptTokensDetails": told(prompt),
        "candidatesTokenCount": sum(answer.values()), "candidatesTokensDetails": told(answer),
        "totalTokenCount": sum(prompt.values()) + sum(answer.values()),
    }  # fmt: skip
    if cached:
        usage |= {"cachedContentTokenCount": sum(cached.values()), "cacheTokensDetails": told(cached)}
    reply = {
        "responseId": "r-1",
        "modelVersion": model,
        "candidates": [{"finishReason": "STOP"}],
        "usageMetadata": usage,
    }
    return {"ts": "2026-11-20T12:00:00Z", "endpoint": "x", "response": reply}


# ------------------------------------------------------------------------------------------------ out of the logs

SEARCHED = {"web_search_requests": 2, "web_fetch_requests": 1}
CLAUDE_CODE = {
    "type": "assistant", "timestamp": "2026-11-20T12:00:00Z", "uuid": "00000000-0000-4000-8000-000000000001",
    "sessionId": "s", "requestId": "req_1", "message": message("claude-haiku-4-5", **SEARCHED),
}  # fmt: skip
RESPONSE = {
    "id": "resp_0123456789abcdef", "object": "response", "created_at": 1795521600, "model": "gpt-5", "status": "completed",
    "output": [
        {"type": "web_search_call", "action": {"type": "search", "query": "CANARY"}},
        {"type": "web_search_call", "action": {"type": "open_page", "url": "CANARY"}},
        {"type": "web_search_call"},
        {"type": "file_search_call"},
        {"type": "message"},
    ],
    "usage": {"input_tokens": 9, "output_tokens": 3, "total_tokens": 12},
}  # fmt: skip
LITELLM = {
    "id": "chatcmpl-Ab12Cd34Ef56Gh78", "call_type": "acompletion", "startTime": 1795521600.0, "endTime": 1795521601.0,
    "response_cost": 0.1, "trace_id": "t", "model": "gpt-audio", "custom_llm_provider": "openai", "total_tokens": 30,
    "prompt_tokens": 20, "completion_tokens": 10,
    "metadata": {"usage_object": {**parts(input_audio=5, output_audio=7), "server_tool_use": SEARCHED}},
}  # fmt: skip
LOGS = {
    "openai-chat": (chat("gpt-audio", 20, 10, input_audio=5, output_audio=7, output_image=1),
                    {"input_audio": 5, "output_audio": 7, "output_image": 1}),
    "openai-wrapped": ({"ts": "2026-11-20T12:00:00Z", "response": chat("gpt-audio", 20, 10, input_image=5)}, {"input_image": 5}),
    "openai-batch": ({"id": "batch_req_1", "custom_id": "c", "error": None,
                      "response": {"status_code": 200, "body": chat("gpt-audio", 20, 10, input_audio=5)}}, {"input_audio": 5}),
    "openai-responses": (RESPONSE, {"search": 2, "file_search": 1}),
    "openai-responses-events": ({"type": "response.completed", "sequence_number": 9, "response": RESPONSE},
                                {"search": 2, "file_search": 1}),
    "gemini": (gemini("gemini-2.5-flash", {"TEXT": 5, "AUDIO": 20}, {"TEXT": 3, "IMAGE": 9}, {"AUDIO": 4}),
               {"input_audio": 20, "cache_read_audio": 4, "output_image": 9}),
    "anthropic-messages": ({"ts": "2026-11-20T12:00:00Z", "response": message("claude-haiku-4-5", **SEARCHED)},
                           {"search": 2, "fetch": 1}),
    "claude-code": (CLAUDE_CODE, {"search": 2, "fetch": 1}),
    "litellm-standard-logging": (LITELLM, {"input_audio": 5, "output_audio": 7, "search": 2, "fetch": 1}),
    "generic": (call(usage={**parts(input_audio=5, output_audio=7), "server_tool_use": SEARCHED}),
                {"input_audio": 5, "output_audio": 7, "search": 2, "fetch": 1}),
    "openai-usage-api": ({"object": "bucket", "start_time": 1795521600, "end_time": 1795608000, "results": [
        {"object": "organization.usage.completions.result", "input_tokens": 20, "output_tokens": 10, "input_cached_tokens": 6,
         "input_audio_tokens": 5, "input_cached_audio_tokens": 2, "output_audio_tokens": 7, "num_model_requests": 1,
         "model": "gpt-audio"}]}, {"input_audio": 5, "cache_read_audio": 2, "output_audio": 7}),
    "anthropic-usage-api": ({"starting_at": "2026-11-20T00:00:00Z", "ending_at": "2026-11-21T00:00:00Z", "results": [
        {"uncached_input_tokens": 20, "cache_read_input_tokens": 0, "output_tokens": 10, "model": "claude-haiku-4-5",
         "server_tool_use": {"web_search_requests": 3}}]}, {"search": 3}),
}  # fmt: skip


@pytest.mark.endurance
@pytest.mark.parametrize("name", LOGS)
def test_each_format_tells_of_it(name: str, load_logs: LoadLogs, tmp_path: Path) -> None:
    record, apart = LOGS[name]
    ledger, outcome = load_logs(write(tmp_path / "a.jsonl", record))
    assert [loaded.format for loaded in outcome.loaded] == [name]
    assert rows(ledger, "SELECT apart FROM requests") == [(apart,)]


def test_a_spend_log_of_litellm_tells_of_it(load_logs: LoadLogs, tmp_path: Path) -> None:
    row = {
        "request_id": "r-1", "call_type": "acompletion", "startTime": "2026-11-20T12:00:00Z", "endTime": "2026-11-20T12:00:01Z",
        "model": "gpt-audio", "spend": 0.1, "prompt_tokens": 20, "completion_tokens": 10, "total_tokens": 30,
        "metadata": json.dumps({"usage_object": {**parts(input_audio=5, output_image=7), "server_tool_use": SEARCHED}}),
    }  # fmt: skip
    ledger, _ = load_logs(write(tmp_path / "a.jsonl", row))
    assert rows(ledger, "SELECT apart FROM requests") == [
        ({"input_audio": 5, "output_image": 7, "search": 2, "fetch": 1},)
    ]


def test_a_stream_of_anthropics_tells_of_its_last_word(load_logs: LoadLogs, tmp_path: Path) -> None:
    begun = {**message("claude-haiku-4-5"), "usage": {"input_tokens": 100, "output_tokens": 1}}
    ledger, _ = load_logs(
        write(
            tmp_path / "a.jsonl",
            {"ts": "2026-11-20T12:00:00Z", "type": "message_start", "message": begun},
            {"type": "message_delta", "delta": {}, "usage": {"output_tokens": 5, "server_tool_use": {"web_search_requests": 1}}},
            {"type": "message_delta", "delta": {}, "usage": {"output_tokens": 9, "server_tool_use": SEARCHED}},
        )
    )  # fmt: skip
    assert rows(ledger, "SELECT apart FROM requests") == [({"search": 2, "fetch": 1},)]


def test_nothing_of_it_is_nothing_not_zeros(load_logs: LoadLogs, tmp_path: Path) -> None:
    ledger, _ = load_logs(write(tmp_path / "a.jsonl", chat("gpt-4o", 20, 10, input_audio=0, output_audio=0)))
    assert rows(ledger, "SELECT apart FROM requests") == [(None,)]


@pytest.mark.parametrize(
    ("usage", "reason"),
    [
        (parts(input_audio=21), "audio and image tokens are more than the tokens that they are part of"),
        (parts(input_audio=15, input_image=6), "audio and image tokens are more than the tokens that they are part of"),
        (parts(output_audio=11), "audio and image tokens are more than the tokens that they are part of"),
        (parts(output_audio=-1), "a count of audio or image tokens is no whole number from 0 to 2^53 - 1"),
    ],
)
def test_what_cannot_be_is_rejected(usage: dict[str, Any], reason: str, load_logs: LoadLogs, tmp_path: Path) -> None:
    reply = chat("gpt-audio", 20, 10)
    reply["usage"] |= usage
    ledger, _ = load_logs(write(tmp_path / "a.jsonl", reply))
    assert rows(ledger, "SELECT reason FROM rejected") == [(reason,)]


@pytest.mark.parametrize(("audio", "cached", "sound"), [(60, 60, True), (61, 61, False), (60, 59, False)])
def test_cached_audio_is_a_part_of_the_audio_and_of_what_was_cached(
    audio: int, cached: int, sound: bool, load_logs: LoadLogs, tmp_path: Path
) -> None:
    """Of a prompt of 100 tokens 60 are audio."""
    record = gemini("gemini-2.5-flash", {"TEXT": 40, "AUDIO": 60}, {"TEXT": 1}, {"AUDIO": audio})
    record["response"]["usageMetadata"]["cachedContentTokenCount"] = cached
    ledger, _ = load_logs(write(tmp_path / "a.jsonl", record))
    told = [] if sound else [("cached audio and image tokens are more than those that were read or cached",)]
    assert rows(ledger, "SELECT reason FROM rejected") == told


def test_all_of_it_may_be_audio(load_logs: LoadLogs, tmp_path: Path) -> None:
    ledger, _ = load_logs(write(tmp_path / "a.jsonl", chat("gpt-audio", 20, 10, input_audio=20, output_audio=10)))
    assert rows(ledger, "SELECT apart FROM requests") == [({"input_audio": 20, "output_audio": 10},)]


@pytest.mark.endurance
@pytest.mark.parametrize(
    ("cached", "audio", "of_it"),
    [(80, 100, 80), (80, 30, 10), (80, 20, None), (80, 19, None), (0, 100, None), (None, 100, None)],
)
def test_as_few_as_can_be_were_cached_where_the_log_does_not_say(
    cached: int | None, audio: int, of_it: int | None, load_logs: LoadLogs, tmp_path: Path
) -> None:
    """Of 100 tokens the rest is text, which may have been what was cached."""
    ledger, _ = load_logs(write(tmp_path / "a.jsonl", chat("gpt-audio", 100, 1, cached, input_audio=audio)))
    assert rows(ledger, "SELECT apart['cache_read_audio'] FROM requests") == [(of_it,)]


def test_a_copy_that_takes_the_place_of_a_forgotten_one_brings_it(
    ledger: Ledger, load_logs: LoadLogs, tmp_path: Path
) -> None:
    reply = chat("gpt-audio", 20, 10, input_audio=5)
    first = write(tmp_path / "a.jsonl", reply)
    second = write(tmp_path / "b.jsonl", {"ts": "2026-11-20T12:00:00Z", "user": "u", "response": reply})
    load_logs(first)
    load_logs(second)
    kept = "a" if rows(ledger, "SELECT user_name FROM requests") == [(None,)] else "b"
    forget(ledger, [str(tmp_path / f"{kept}.jsonl")])
    assert rows(ledger, "SELECT count(*), any_value(apart) FROM requests") == [(1, {"input_audio": 5})]


# ------------------------------------------------------------------------------------------------------ the prices


def test_what_a_unit_adds_by_hand() -> None:
    """Text 4 and 0.4 cached, audio 32 and 0.4 cached, output 16 and 64."""
    text: dict[str, int | None] = {"input": 4, "cache_read": 1, "output": 16}
    apart = (("cache_read_audio", 2), ("input_audio", 32), ("output_audio", 64), ("search", 7))
    # 10 tokens in, all audio, 4 of them cached: 6 x 32 + 4 x 2 = 200; as text 6 x 4 + 4 x 1 = 28.
    more = added(text, apart)
    assert more == {"input_audio": 28, "cache_read_audio": -27, "output_audio": 48, "search": 7}
    assert 28 + 10 * more["input_audio"] + 4 * more["cache_read_audio"] == 200


def test_cached_audio_without_a_price_of_its_own() -> None:
    """It costs what a cached text token costs; where a list knows no price for hits, what audio costs."""
    hits = added({"input": 4, "cache_read": 1, "output": 9}, (("input_audio", 32),))
    none = added({"input": 4, "cache_read": 4, "output": 9}, (("input_audio", 32),))
    assert hits == {"input_audio": 28, "cache_read_audio": -28}
    assert none == {"input_audio": 28}


KEYS = {
    "input_audio": ("input_audio_mtok", "input_audio_tokens"),
    "cache_read_audio": ("cache_audio_read_mtok", "cache_audio_read_tokens"),
    "input_image": ("input_image_mtok", "input_image_tokens"),
    "cache_read_image": ("cache_image_read_mtok", "cache_image_read_tokens"),
    "output_audio": ("output_audio_mtok", "output_audio_tokens"),
    "output_image": ("output_image_mtok", "output_image_tokens"),
    "search": ("web_searches_kcount", "web_searches"),
    "file_search": ("storage_searches_kcount", "storage_searches"),
}
TEXT = {"input_mtok", "cache_read_mtok", "cache_write_mtok", "cache_write_1h_mtok", "output_mtok"}
COUNTS = {
    "input_audio": 400, "cache_read_audio": 30, "input_image": 200, "cache_read_image": 10, "output_audio": 50,
    "output_image": 40, "search": 3, "file_search": 2,
}  # fmt: skip


@pytest.mark.parametrize("context", [None, "batch"])
def test_every_models_cost_is_that_of_the_peers_own_calculator(context: str | None) -> None:
    """All models with a price for something apart and for nothing that the ledger does not count."""
    checked, kinds = 0, set()
    for provider in get_snapshot().providers:
        for model in provider.models:
            when = {"processing": context} if context else None
            prices = model.get_prices(NOON, when)
            names = {name for name, value in vars(prices).items() if value is not None}
            priced = {kind for kind, (key, _) in KEYS.items() if key in names}
            if not priced or not names <= TEXT | {key for key, _ in KEYS.values()} or provider.id == "deepseek":
                continue
            intervals = Listed(provider, model).intervals(context, NOON, NOON + timedelta(seconds=1))
            if context and not intervals:
                continue
            counts = {kind: COUNTS[kind] for kind in priced}
            usage = Usage(
                input_tokens=1000,
                output_tokens=100,
                cache_read_tokens=300 if "cache_read_mtok" in names else 0,
                **{KEYS[kind][1]: counts[kind] for kind in priced},
            )
            theirs = model.calc_price(usage, provider, genai_request_timestamp=NOON, price_context=when).total_price
            hits = 300 if "cache_read_mtok" in names else 0
            assert spent(intervals[0], 1000, hits, 100, counts) == theirs, f"{provider.id}/{model.id}"
            checked += 1
            kinds |= priced
    assert checked > (20 if context else 90)
    assert kinds >= (set(KEYS) if not context else set(TOKENS) - {"output_audio"})


def spent(one: Interval, given: int, hits: int, made: int, counts: dict[str, int]) -> Decimal:
    """Cost of a request at a price."""
    more = added({"input": one.input, "cache_read": one.cache_read, "output": one.output}, one.apart)
    plain = (given - hits) * (one.input or 0) + hits * (one.cache_read or 0) + made * (one.output or 0)
    return (plain + sum(amount * more.get(kind, 0) for kind, amount in counts.items())) * UNIT


# ------------------------------------------------------------------------------------------------ from log to cost


def costs(path: Path, *options: str) -> dict[str, Any]:
    """The document of an analysis, with one scenario beside reality: quicker than with all of them."""
    return spend("analyze", "--no-report", "--json", "--scenario", "all-flash", *options, path).document


def spent_on(log: Path, currency: str = "USD") -> Decimal:
    """What a log costs: the one question, quicker than an analysis."""
    with ledger_of(log) as ledger:
        prepare(ledger, BOOK, View(currency=currency))
        found = queries()["totals"].frame(ledger.connection).row(0, named=True)["cost"]
    assert isinstance(found, Decimal)
    return found


def cost_of(document: dict[str, Any]) -> Decimal:
    return Decimal(document["totals"]["cost"])


def test_audio_in_and_out(tmp_path: Path) -> None:
    """gpt-audio: text 2.50 and 10, audio 32 and 64."""
    document = costs(write(tmp_path / "a.jsonl", chat("gpt-audio", 1000, 200, input_audio=900, output_audio=150)))
    assert cost_of(document) == (100 * Decimal("2.5") + 900 * 32 + 50 * 10 + 150 * 64) / MILLION
    told = {row["kind"]: (row["amount"], row["unlisted"], Decimal(row["added"])) for row in document["apart"]}
    assert told == {
        "input_audio": (900, 0, 900 * Decimal("29.5") / MILLION),
        "output_audio": (150, 0, 150 * Decimal(54) / MILLION),
    }


def test_cached_audio_and_an_image_made(tmp_path: Path) -> None:
    """gemini-2.5-flash: text 0.30, cached 0.03, audio 1, cached 0.10; gemini-2.5-flash-image: output 2.50, an image 30."""
    heard = gemini("gemini-2.5-flash", {"TEXT": 40, "AUDIO": 60}, {"TEXT": 10}, {"TEXT": 5, "AUDIO": 20})
    drawn = gemini("gemini-2.5-flash-image", {"TEXT": 40}, {"TEXT": 10, "IMAGE": 1290})
    drawn["response"]["responseId"] = "r-2"
    by_hand = 35 * Decimal("0.3") + 5 * Decimal("0.03") + 40 * 1 + 20 * Decimal("0.1") + 10 * Decimal("2.5")
    by_hand += 40 * Decimal("0.3") + 10 * Decimal("2.5") + 1290 * 30
    assert spent_on(write(tmp_path / "a.jsonl", heard, drawn)) == by_hand / MILLION


def test_an_unknown_split_is_all_misses_or_all_hits(tmp_path: Path) -> None:
    """gpt-realtime: text 4 and cached 0.40, audio 32 and cached 0.40, output 16."""
    log = write(tmp_path / "a.jsonl", chat("gpt-realtime", 100, 10, None, input_audio=60))
    actual = costs(log)["scenarios"][0]
    assert Decimal(actual["cost"]) == (40 * 4 + 60 * 32 + 10 * 16) / MILLION
    assert Decimal(actual["low"]) == (100 * Decimal("0.4") + 10 * 16) / MILLION


def test_searches_are_paid_by_the_piece(tmp_path: Path) -> None:
    """Claude Haiku 4.5: 1 and 5 per 1M, 10 per 1,000 searches; a fetch is free."""
    log = write(
        tmp_path / "a.jsonl", {"ts": "2026-11-20T12:00:00Z", "response": message("claude-haiku-4-5", **SEARCHED)}
    )
    assert spent_on(log) == (100 * 1 + 10 * 5) / MILLION + 2 * Decimal("0.01")


@pytest.mark.parametrize(
    ("moment", "fee"),
    [("2026-10-31T15:59:59Z", "0"), ("2026-10-31T16:00:00Z", "0.00075"), ("2026-11-20T12:00:00Z", "0.00075")],
)
@pytest.mark.parametrize("currency", ["USD", "CNY"])
def test_searches_and_fetches_of_deepseek(moment: str, fee: str, currency: str, tmp_path: Path) -> None:
    """Off-peak Flash: 0.15 and 0.60, in yuan 1 and 4; two searches and a fetch, free until 2026-10-31T16:00Z, then 5 yuan."""
    line = CLAUDE_CODE | {"timestamp": moment, "message": message("deepseek-flash", **SEARCHED)}
    paid = spent_on(write(tmp_path / "a.jsonl", line), currency)
    miss, made = (Decimal("0.15"), Decimal("0.6")) if currency == "USD" else (Decimal(1), Decimal(4))
    each = Decimal(fee) if currency == "USD" or fee == "0" else Decimal("0.005")
    assert paid == (100 * miss + 10 * made) / MILLION + 3 * each


@pytest.mark.endurance
def test_a_price_that_is_not_known_is_told(tmp_path: Path) -> None:
    """Before DeepSeek had searches no price for one is known; nor is one of audio for this preview of OpenAI's."""
    line = CLAUDE_CODE | {"timestamp": "2026-06-01T12:00:00Z", "message": message("deepseek-v4-flash", **SEARCHED)}
    log = write(tmp_path / "a.jsonl", line)
    document = costs(log)
    assert cost_of(document) == cost(FLASH, 100, 0, 10)
    assert [(row["kind"], row["amount"], row["unlisted"], row["added"]) for row in document["apart"]] == [
        ("fetch", 1, 1, None),
        ("search", 2, 2, None),
    ]
    told = " ".join(spend("analyze", "--no-report", log).out.split())
    assert "No price of its own is known for: deepseek-v4-flash (1 fetch), deepseek-v4-flash (2 search)." in told


def test_what_if_it_moved(tmp_path: Path) -> None:
    """On Flash audio is text: 1,000 in and 200 out at 0.15 and 0.60, off-peak. Actual stays what it was."""
    log = write(tmp_path / "a.jsonl", chat("gpt-audio", 1000, 200, input_audio=900, output_audio=150))
    actual, flash, *_ = costs(log)["scenarios"]
    assert Decimal(actual["cost"]) == (100 * Decimal("2.5") + 900 * 32 + 50 * 10 + 150 * 64) / MILLION
    assert Decimal(flash["cost"]) == (1000 * Decimal("0.15") + 200 * Decimal("0.6")) / MILLION


@pytest.mark.endurance
def test_what_if_the_cache_is_lost(tmp_path: Path) -> None:
    """gpt-realtime-mini: text 0.60, cached 0.06, output 2.40; audio 10, cached 0.30."""
    log = write(
        tmp_path / "a.jsonl",
        gemini("gemini-2.5-flash", {"TEXT": 40, "AUDIO": 60}, {"TEXT": 10}, {"TEXT": 5, "AUDIO": 20}),
    )
    (tmp_path / "s.toml").write_text('name = "s"\ndefault = "gpt-realtime-mini"\n', encoding="utf-8")
    _, moved = spend("simulate", "--json", "--scenario", tmp_path / "s.toml", log).document["scenarios"]
    kept = 35 * Decimal("0.6") + 5 * Decimal("0.06") + 40 * 10 + 20 * Decimal("0.3") + 10 * Decimal("2.4")
    lost = 40 * Decimal("0.6") + 60 * 10 + 10 * Decimal("2.4")
    assert (Decimal(moved["low"]), Decimal(moved["high"])) == (kept / MILLION, lost / MILLION)


@pytest.mark.endurance
def test_own_prices_may_name_it(tmp_path: Path) -> None:
    log = write(tmp_path / "a.jsonl", chat("gpt-audio", 1000, 200, input_audio=900, output_audio=150))
    own = tmp_path / "own.toml"
    own.write_text('[prices]\n"gpt-audio" = { input_audio = "20" }\n', encoding="utf-8")
    paid = cost_of(costs(log, "--prices", str(own)))
    assert paid == (100 * Decimal("2.5") + 900 * 20 + 50 * 10 + 150 * 64) / MILLION
    own.write_text('[prices]\n"gpt-audio" = { discount = "50%" }\n', encoding="utf-8")
    paid = cost_of(costs(log, "--prices", str(own)))
    assert paid == (100 * Decimal("2.5") + 900 * 32 + 50 * 10 + 150 * 64) / MILLION / 2


def test_own_searches_are_per_thousand(tmp_path: Path) -> None:
    line = CLAUDE_CODE | {"message": message("acme", **SEARCHED)}
    own = tmp_path / "own.toml"
    own.write_text('[prices]\nacme = { input = "1", output = "2", search = "4", fetch = "0.5" }\n', encoding="utf-8")
    paid = cost_of(costs(write(tmp_path / "a.jsonl", line), "--prices", str(own)))
    assert paid == (100 * 1 + 10 * 2) / MILLION + 2 * Decimal("0.004") + Decimal("0.0005")


def test_requests_and_sums_agree(tmp_path: Path) -> None:
    """What each request costs adds up to what the sums cost, at both ends of an unknown split."""
    replies = []
    for number, cached in enumerate([None, 0, 30, 80]):
        reply = chat("gpt-realtime", 100, 10, cached, input_audio=60, output_audio=4)
        replies.append(reply | {"id": f"chatcmpl-Ab12Cd34Ef56Gh7{number}", "created": 1795521600 + number * 1800})
    with ledger_of(write(tmp_path / "a.jsonl", *replies)) as ledger:
        prepare(ledger, BOOK, View())
        sums = [rows(ledger, f"SELECT sum(cost), sum(cost_low) FROM {relation}") for relation in ("charges", "costs")]
    assert sums[0] == sums[1]


# --------------------------------------------------------------------------------------------------- spend prices


def test_spend_prices_tells_it() -> None:
    at = spend("prices", "gpt-audio", "--at", "2026-11-20").out
    assert "apart from text: input audio 32, output audio 64" in at
    assert (
        "per 1,000 requests that it makes: fetch 0.75, search 0.75" in spend("prices", "pro", "--at", "2026-11-20").out
    )
    document = spend("prices", "flash", "--at", "2026-10-31T15:59:59Z", "--json").document
    assert (document["search_per_1000"], document["fetch_per_1000"]) == ("0", "0")


def test_spend_prices_lists_the_fees_with_source_and_certainty() -> None:
    document = spend("prices", "deepseek-flash", "--currency", "CNY", "--json").document
    assert [
        (fee["kind"], fee["direct"], fee["from"], fee["per_1000"], fee["certainty"]) for fee in document["fees"]
    ] == [
        ("fetch", False, "2026-10-17T00:00:00Z", "0", "day"),
        ("fetch", False, "2026-10-31T16:00:00Z", "5", "certain"),
        ("search", False, "2026-10-17T00:00:00Z", "0", "day"),
        ("search", False, "2026-10-31T16:00:00Z", "5", "certain"),
        ("fetch", True, "2026-10-17T00:00:00Z", "5", "day"),
        ("search", True, "2026-10-17T00:00:00Z", "5", "day"),
    ]
    assert all(fee["source"].startswith("https://") for fee in document["fees"])
    assert "while a model answers" in spend("prices", "deepseek-flash").out


def test_a_name_that_was_retired_before_has_no_fees() -> None:
    assert BOOK.fees("deepseek-chat", "USD") == []
    assert BOOK.fees(Sold("gpt-4.1"), "USD") == []
