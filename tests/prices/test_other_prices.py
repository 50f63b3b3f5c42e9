"""Prices of providers that have no file of ours: what a log's words mean, and what the request then costs."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from genai_prices import Usage
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ModelInfo
from support import BOOK, MILLION, call, spend, write

from analyzer.errors import PriceError
from analyzer.prices import Interval, Sold
from analyzer.prices.listed import Listed

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
UNIT = Decimal(1).scaleb(-15)

SONNET = 100_000  # input of a request below its price step
CLASSES = {"input_mtok", "cache_read_mtok", "cache_write_mtok", "cache_write_1h_mtok", "output_mtok"}


def price(model: str, provider: str | None = None, tier: str | None = None) -> Interval | None:
    """The price at noon of a small request."""
    return BOOK.at(Sold(model, provider, tier), NOON, "USD") if BOOK.knows(model) or provider else None


def serves(model: str, provider: str | None = None, tier: str | None = None) -> str | None:
    """Who answers at noon; None where nothing is known."""
    found = BOOK.logged(model, "USD", NOON, NOON + timedelta(hours=1), provider=provider, service_tier=tier)
    return found[0].serves if found else None


# ------------------------------------------------------------------------------------------------------ the names


@pytest.mark.parametrize(
    ("model", "provider", "answers"),
    [
        # The model alone says who sells it.
        ("claude-sonnet-4-5-20250929", None, "anthropic/claude-sonnet-4-5"),
        ("gemini-2.5-flash", None, "google/gemini-2.5-flash"),
        ("gpt-4.1-2025-04-14", None, "openai/gpt-4.1"),
        ("text-embedding-3-small", None, "openai/text-embedding-3-small"),
        ("text-embedding-3-small", "azure", "azure/text-embedding-3-small"),
        ("ft:gpt-4o-mini-2024-07-18:acme::9xyzABC", None, "openai/ft:gpt-4o-mini"),
        ("ft:mistral-small:acme::9xyz", None, None),
        ("models/gemini-2.5-pro", None, "google/gemini-2.5-pro"),
        ("projects/p/locations/us/publishers/google/models/gemini-2.5-flash", "openai", "google/gemini-2.5-flash"),
        ("publishers/acme/models/gemini-2.5-flash", None, None),  # somebody else's of that name
        ("text-embedding-004", None, None),  # Google's, which nobody lists
        # The provider does, in the words of OpenTelemetry, of LiteLLM, of a cloud.
        ("gpt-4.1", "azure.ai.openai", "azure/gpt-4.1"),
        ("gpt-4.1", "azure_openai", "azure/gpt-4.1"),
        ("grok-4.5", "x_ai", "x-ai/grok-4.5"),
        ("openai/gpt-oss-120b", "groq", "groq/openai/gpt-oss-120b"),
        # A prefix does.
        ("azure/gpt-4.1", None, "azure/gpt-4.1"),
        ("groq/openai/gpt-oss-120b", None, "groq/openai/gpt-oss-120b"),
        ("anthropic/claude-sonnet-4-5", "anthropic", "anthropic/claude-sonnet-4-5"),
        # Bedrock's names are nobody else's: with a geography, with the maker where a log tells a seller.
        ("anthropic.claude-3-haiku-20240307-v1:0", None, "aws/regional.anthropic.claude-3-haiku-20240307-v1:0"),
        (
            "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            None,
            "aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0",
        ),
        ("global.anthropic.claude-sonnet-4-6-v1:0", "anthropic", "aws/global.anthropic.claude-sonnet-4-6-v1:0"),
        ("EU.amazon.nova-pro-v1:0", "openai", "aws/amazon.nova-pro-v1:0"),
        ("us.deepseek.r1-v1:0", None, "aws/deepseek.r1-v1:0"),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "our-gateway", None),
        ("mars.anthropic.claude-sonnet-4-5-20250929-v1:0", None, None),
        ("acme.nova-pro-v1:0", None, None),
        # A reseller's DeepSeek is not DeepSeek's.
        ("deepseek/deepseek-chat", "openrouter", "openrouter/deepseek/deepseek-chat"),
        ("openrouter/deepseek/deepseek-chat", None, "openrouter/deepseek/deepseek-chat"),
        ("deepseek/deepseek-v4-pro", None, "deepseek-v4-pro"),
        ("deepseek-v4-pro", "deepseek", "deepseek-v4-pro"),
        # A dated id is the model, at its price of the day.
        ("deepseek-v4-pro-0813", None, "deepseek-v4-pro"),
        ("deepseek-v4-flash-0731", "deepseek", "deepseek-flash"),
        ("deepseek-v4-flash-20260731", None, "deepseek-flash"),
        # Clients call every server that speaks OpenAI's protocol "openai".
        ("claude-sonnet-4-5", "openai", "anthropic/claude-sonnet-4-5"),
        # No guess: an unknown seller, an unknown model, weights that many host.
        ("gpt-4.1", "our-gateway", None),
        ("gpt-99", "openai", None),
        ("deepseek-ai/DeepSeek-R1", None, None),
        ("deepseek-v4-pro-turbo", None, None),
        ("deepseek-v4-pro", "ollama", None),
        # A cloud that resells models of many makers, whose own list of DeepSeek's is DeepSeek's.
        ("deepseek-v4-pro", "azure", None),
        ("", None, None),
    ],
)
def test_who_sells_what_a_log_names(model: str, provider: str | None, answers: str | None) -> None:
    assert serves(model, provider) == answers


def test_a_clients_openai_that_is_deepseek() -> None:
    """An OpenAI client with DeepSeek's base URL; its instrumentation says `openai`."""
    assert serves("deepseek-v4-pro", "openai") == "deepseek-v4-pro"


@pytest.mark.parametrize(
    ("tier", "figure"),
    # OpenAI's page for gpt-4.1: 2.00 standard, half in a batch, 3.50 priority.
    [(None, "2"), ("default", "2"), ("auto", "2"), ("batch", "1"), ("priority", "3.5"), ("scale", None)],
)
def test_service_tiers(tier: str | None, figure: str | None) -> None:
    found = BOOK.logged("gpt-4.1", "USD", NOON, NOON + timedelta(hours=1), service_tier=tier)
    assert [Decimal(one.input).scaleb(-9) for one in found if one.input is not None] == (
        [] if figure is None else [Decimal(figure)]
    )


def test_a_tier_that_the_model_is_not_sold_in_is_unpriced() -> None:
    assert serves("llama-3.1-8b-instant", "groq", "priority") is None
    assert serves("deepseek-v4-pro", "deepseek", "batch") is None


def test_only_dollars() -> None:
    assert BOOK.logged("gpt-4.1", "CNY", NOON, NOON + timedelta(hours=1)) == []


def test_an_unknown_name_gets_the_nearest_ones() -> None:
    with pytest.raises(PriceError, match="claude-sonet-4-5") as error:
        BOOK.history("claude-sonet-4-5", "USD")
    assert "claude-sonnet-4-5" in error.value.remedy


# ----------------------------------------------------------------------------------- against the peer's calculator


def listed() -> list[tuple[str, ModelInfo]]:
    """Every model that is billed by tokens alone and is not DeepSeek's own."""
    found = []
    for provider in get_snapshot().providers:
        for model in provider.models:
            names = {name for name, value in vars(model.get_prices(NOON)).items() if value is not None}
            if provider.id != "deepseek" and "input_mtok" in names and names <= CLASSES:
                found.append((provider.id, model))
    return found


@pytest.mark.parametrize("size", [1_000, 300_000])
def test_every_models_cost_is_that_of_the_peers_own_calculator(size: int) -> None:
    """Same figures, another arithmetic: theirs in Decimal by token class, ours in integers over intervals."""
    checked = 0
    reads, writes, hours, output = size // 2, size // 4, size // 8, 777
    for provider_id, model in listed():
        provider = next(one for one in get_snapshot().providers if one.id == provider_id)
        usage = Usage(
            input_tokens=size,
            cache_read_tokens=reads,
            cache_write_tokens=writes,
            cache_write_1h_tokens=hours,
            output_tokens=output,
        )
        theirs = model.calc_price(usage, provider, genai_request_timestamp=NOON).total_price
        intervals = Listed(provider, model).intervals(None, NOON, NOON + timedelta(seconds=1))
        (ours,) = [one for one in intervals if one.input_from <= size and (not one.input_to or size < one.input_to)]
        assert ours.cache_write is not None
        assert ours.cache_write_1h is not None
        cost = (
            (size - reads - writes) * (ours.input or 0)
            + reads * (ours.cache_read or 0)
            + (writes - hours) * ours.cache_write
            + hours * ours.cache_write_1h
            + output * (ours.output or 0)
        ) * UNIT
        # Figures that a binary fraction left (0.18000000000000002) are rounded at 1e-9 per 1M tokens.
        assert abs(cost - theirs) <= size * Decimal("1e-15"), f"{provider_id}/{model.id}"
        checked += 1
    assert checked > 1500


def test_a_step_by_size_is_above_its_start_and_for_the_whole_request() -> None:
    """Both sides of every step of every model: what the peer's calculator asks for one token more."""
    steps = 0
    for provider in get_snapshot().providers:
        for model in provider.models if provider.id != "deepseek" else []:
            prices = vars(model.get_prices(NOON))
            starts = {level.start for price in prices.values() for level in getattr(price, "tiers", ())}
            intervals = Listed(provider, model).intervals(None, NOON, NOON + timedelta(seconds=1))
            for size in sorted({size for start in starts for size in (start, start + 1)}):
                usage = Usage(input_tokens=size, output_tokens=1000, cache_read_tokens=0)
                theirs = model.calc_price(usage, provider, genai_request_timestamp=NOON).total_price
                (one,) = [
                    one for one in intervals if one.input_from <= size and (not one.input_to or size < one.input_to)
                ]
                assert (size * (one.input or 0) + 1000 * (one.output or 0) + one.request) * UNIT == theirs, model.id
                steps += 1
    assert steps >= 300


# ------------------------------------------------------------------------------------------------- from log to cost


def costs(path: Path, *options: str) -> dict[str, Any]:
    """Cost by endpoint."""
    document = spend("analyze", "--no-report", "--json", "--scenario", "all-flash", *options, path).document
    return {row["endpoint"]: row["cost"] and Decimal(row["cost"]) for row in document["endpoints"]}


def test_prices_by_the_size_of_the_input(tmp_path: Path) -> None:
    """Claude Sonnet 4.5: above 200,000 tokens of input the whole request costs 6 and 22.5 instead of 3 and 15."""
    common = {"model": "claude-sonnet-4-5", "cache_read_tokens": 0, "output_tokens": 1000}
    log = write(
        tmp_path / "a.jsonl",
        call(endpoint="at", input_tokens=200_000, **common),
        call(endpoint="over", input_tokens=200_001, **common),
    )
    assert costs(log) == {
        "at": (200_000 * 3 + 1000 * 15) / MILLION,
        "over": (200_001 * 6 + 1000 * Decimal("22.5")) / MILLION,
    }


@pytest.mark.parametrize(
    ("told", "factor"),
    [
        pytest.param({}, Decimal(1), marks=pytest.mark.endurance),
        pytest.param({"inference_geo": "global"}, Decimal(1), marks=pytest.mark.endurance),
        ({"inference_geo": "us"}, Decimal("1.1")),
        ({"inference_geo": "us", "service_tier": "batch"}, Decimal("0.55")),
    ],
)
def test_answers_from_the_united_states_alone_cost_a_tenth_more(
    told: dict[str, str], factor: Decimal, tmp_path: Path
) -> None:
    """Claude Opus 4.6: 5, hits 0.50, written 6.25 and 10, output 25; a batch half of it; a search 0.01."""
    usage = {
        "input_tokens": 100, "cache_read_input_tokens": 1000, "cache_creation_input_tokens": 300, "output_tokens": 10,
        "cache_creation": {"ephemeral_5m_input_tokens": 200, "ephemeral_1h_input_tokens": 100},
        "server_tool_use": {"web_search_requests": 1}, **told,
    }  # fmt: skip
    reply = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-opus-4-6", "usage": usage}
    log = write(tmp_path / "a.jsonl", {"ts": "2026-11-20T12:00:00Z", "endpoint": "x", "response": reply})
    tokens = 100 * 5 + 1000 * Decimal("0.5") + 200 * Decimal("6.25") + 100 * 10 + 10 * 25
    assert costs(log) == {"x": factor * tokens / MILLION + Decimal("0.01")}


def test_it_stands_beside_fast_mode() -> None:
    """Claude Opus 5.5 in fast mode: 8 and 40."""
    at = [price("claude-opus-5-5", "anthropic", tier) for tier in ("fast", "fast/us", "slow/us")]
    assert [one and (one.input, one.output) for one in at] == [
        (8_000_000_000, 40_000_000_000), (8_800_000_000, 44_000_000_000), None,
    ]  # fmt: skip


def test_only_anthropic_asks_more_for_it() -> None:
    """Bedrock has other names for models that stay in a region."""
    at = [
        price("claude-opus-4-6", provider, tier)
        for provider in ("anthropic", "google")
        for tier in (None, "standard/us")
    ]
    assert [one and one.output for one in at] == [25_000_000_000, 27_500_000_000, 25_000_000_000, 25_000_000_000]


CLASSED = (
    "usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,"
    "usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens"
)


def console(folder: Path, *rows: tuple[str, str], model: str = "claude-sonnet-4-5") -> Path:
    """The console's export: of each class of sizes (its text, and the key) 500,000 misses, 300,000 hits, 40,000 out."""
    lines = [f"2026-03-02,{model},{key},w,standard,{size},500000,0,0,300000,40000" for size, key in rows]
    (folder / "u.csv").write_text("\n".join([CLASSED, *lines, ""]), encoding="utf-8")
    return folder / "u.csv"


def usage_report(folder: Path, *rows: tuple[str | None, str], model: str = "claude-sonnet-4-5") -> Path:
    """The same from the Admin API."""
    results = [
        {
            "model": model, "api_key_id": key, "context_window": size, "service_tier": "standard",
            "uncached_input_tokens": 500_000, "cache_read_input_tokens": 300_000, "output_tokens": 40_000,
        }
        for size, key in rows
    ]  # fmt: skip
    bucket = {"starting_at": "2026-03-02T00:00:00Z", "ending_at": "2026-03-03T00:00:00Z", "results": results}
    return write(folder / "u.json", {"data": [bucket], "has_more": False})


# Claude Sonnet 4.5: 3, 0.30 and 15; of calls that read more than 200,000 tokens all tokens cost 6, 0.60 and 22.50.
SMALL = (500_000 * 3 + 300_000 * Decimal("0.3") + 40_000 * 15) / MILLION
LARGE = (500_000 * 6 + 300_000 * Decimal("0.6") + 40_000 * Decimal("22.5")) / MILLION


@pytest.mark.parametrize(
    ("export", "large", "small"),
    [
        (
            console,
            ["> 200k", ">200K", "200k-1M", "200k – 1M"],
            ["≤ 200k", "", "not_available", "200k", "> 20000000000k"],
        ),
        (usage_report, ["200k-1M"], ["0-200k", None]),
    ],
)
def test_exports_tell_the_size_of_their_calls_by_classes(
    export: Callable[..., Path], large: list[str], small: list[str | None], tmp_path: Path
) -> None:
    """How many tokens a row sums says nothing of it: 840,000 may be of a hundred calls."""
    sizes = [*large, *small]
    log = export(tmp_path, *((size, f"key-{number}") for number, size in enumerate(sizes)))
    assert costs(log, "--endpoint-by", "api_key_name") == {
        f"key-{number}": LARGE if size in large else SMALL for number, size in enumerate(sizes)
    }


def test_a_class_of_sizes_holds_where_a_list_has_a_step_below_it(tmp_path: Path) -> None:
    """Haiku 5.5 costs five times as much beyond 100,000 tokens: calls beyond 200,000 are there, others may be below."""
    log = usage_report(tmp_path, ("200k-1M", "large"), ("0-200k", "small"), model="claude-haiku-5-5")
    price = 500_000 * Decimal("0.1") + 300_000 * Decimal("0.01") + 40_000 * Decimal("0.5")
    assert costs(log, "--endpoint-by", "api_key_name") == {"large": 5 * price / MILLION, "small": price / MILLION}


def test_a_table_of_requests_keeps_the_class(tmp_path: Path) -> None:
    """What another engine reads from Parquet has the size by which it prices."""
    log = usage_report(tmp_path, ("200k-1M", "large"), ("0-200k", "small"))
    lake = tmp_path / "lake"
    assert spend("export", log, "--parquet", "--what", "requests", "--partition", "--output", lake).code == 0
    held = duckdb.sql(f"SELECT api_key_name, input_from FROM '{lake}/*/*.parquet' ORDER BY ALL").fetchall()
    assert held == [("large", 200_001), ("small", None)]


def test_writes_for_five_minutes_and_for_an_hour(tmp_path: Path) -> None:
    """Claude Haiku 4.5: input 1, hit 0.10, written for five minutes 1.25, for an hour 2, output 5."""
    usage = {
        "input_tokens": 100,
        "cache_read_input_tokens": 1000,
        "cache_creation_input_tokens": 300,
        "cache_creation": {"ephemeral_5m_input_tokens": 200, "ephemeral_1h_input_tokens": 100},
        "output_tokens": 10,
    }
    reply = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-haiku-4-5", "usage": usage}
    log = write(tmp_path / "a.jsonl", {"ts": "2026-11-20T12:00:00Z", "endpoint": "x", "response": reply})
    by_hand = 100 * 1 + 1000 * Decimal("0.1") + 200 * Decimal("1.25") + 100 * 2 + 10 * 5
    assert costs(log) == {"x": by_hand / MILLION}


def test_what_is_unpriced_is_told_with_provider_and_tier(tmp_path: Path) -> None:
    log = write(tmp_path / "a.jsonl", call(model="gpt-4.1", provider="our-gateway"), call(model="gpt-4.1"))
    document = spend("analyze", "--no-report", "--json", "--scenario", "all-flash", log).document
    assert document["ledger"]["unpriced"] == 1
    assert [(row["model"], row["provider"], row["requests"]) for row in document["unpriced"]] == [
        ("gpt-4.1", "our-gateway", 1)
    ]
