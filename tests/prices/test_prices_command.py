"""``spend prices`` as people and programs read it."""

from pathlib import Path

import pytest
from support import spend


def test_the_price_at_an_instant_says_why() -> None:
    """2026-11-20 is a Friday: 02:00 UTC is 10:00 in Beijing. When the card ends, a later one may say."""
    told = spend("prices", "deepseek-flash", "--at", "2026-11-20T02:00Z").out.splitlines()
    assert told[:3] == [
        "deepseek-flash at 2026-11-20 02:00 UTC, USD per 1M tokens (peak):",
        "  cache hit 0.006   cache miss 0.3   output 1.2",
        "  per 1,000 requests that it makes: fetch 0.75, search 0.75",
    ]
    assert told[3].startswith("  in force from 2026-09-10 04:00 UTC ")
    assert told[3].endswith(", Mon-Fri (Beijing) 01:00-04:00 and 06:00-10:00 UTC, excluding Chinese statutory holidays")
    assert told[4:] == ["  certain: https://api-docs.deepseek.com/news/news260910"]


def test_a_price_whose_end_nobody_knows_holds_from_its_beginning_on(tmp_path: Path) -> None:
    """Not "to now": whoever asks for a day to come would be told that it was over."""
    own = tmp_path / "own.toml"
    own.write_text('[prices]\n"acme-9b" = { input = "1", output = "2", from = 2026-09-19 }\n', encoding="utf-8")
    told = spend("prices", "acme-9b", "--prices", own, "--at", "2099-06-01").out
    assert "  in force from 2026-09-19 00:00 UTC on, " in told


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("deepseek-v4-pro --at 2026-11-20", "certain but for the hour of its start (00:00 UTC is assumed): https://"),
        ("deepseek-chat --at 2025-10-10", "inferred, from lists that others keep or by calculation: https://"),
        ("claude-haiku-4-5 --at 2026-11-20", "cache write 1.25 (for an hour 2)   output 5"),
        ("claude-sonnet-4-5 --at 2026-11-20", "input of fewer than 200,001 tokens"),
    ],
)
def test_certainty_writes_and_sizes_in_words(arguments: str, said: str) -> None:
    assert said in spend("prices", *arguments.split()).out


def test_the_document_has_the_fields_of_its_contract() -> None:
    document = spend("prices", "deepseek-v4-pro", "--at", "2026-06-01T12:00:00Z", "--json").document
    contract = {
        "schema": "spend.prices/1", "model": "deepseek-v4-pro", "at": "2026-06-01T12:00:00Z", "currency": "USD",
        "window": "all", "input": "0.435", "cache_read": "0.003625", "cache_write": None, "output": "0.87",
        "per_tokens": 1_000_000, "from": "2026-04-26T12:15:00Z", "to": "2026-08-16T16:00:00Z",
        "source": "https://api-docs.deepseek.com/quick_start/pricing", "certainty": "certain",
    }  # fmt: skip
    assert {name: document[name] for name in contract} == contract


def test_a_history_has_a_line_for_each_card_and_window_and_its_sources() -> None:
    told = spend("prices", "deepseek-v4-flash-vision-exp", "--currency", "CNY").out
    table, _, rest = told.partition("\n\nCNY per 1,000 requests")
    assert [line.split() for line in table.splitlines()[4:10]] == [  # the cards until now; later ones follow
        ["2026-08-21", "00:00", "peak", "0.1", "3", "9", "day", "[1]"],
        ["2026-08-21", "00:00", "off-peak", "0.05", "1.5", "4.5", "day", "[2]"],
        ["2026-08-22", "16:00", "peak", "0.1", "3", "9", "certain", "[1]"],
        ["2026-08-22", "16:00", "off-peak", "0.05", "1.5", "4.5", "certain", "[1]"],
        ["2026-09-10", "04:00", "peak", "0.04", "2", "8", "certain", "[3]"],
        ["2026-09-10", "04:00", "off-peak", "0.02", "1", "4", "certain", "[3]"],
    ]
    assert [line for line in rest.splitlines() if line.startswith("[")][:3] == [
        "[1] public usage export, 2026-07-31",
        "[2] public third-party records of the official page",
        "[3] https://api-docs.deepseek.com/zh-cn/quick_start/pricing",
    ]
    assert max(map(len, told.splitlines())) <= 80


def test_a_retired_name_says_so() -> None:
    assert "Not sold any more since 2026-07-24 15:59 UTC." in spend("prices", "deepseek-chat").out
    assert "Not sold" not in spend("prices", "deepseek-flash").out


def test_steps_by_size_stand_in_a_line_each() -> None:
    told = spend("prices", "claude-sonnet-4-5").out
    assert "all, input below 200,001" in told
    assert "all, input from 200,001" in told
    assert "write" in told.splitlines()[2]


@pytest.mark.parametrize("name", ["flash", "FLASH", "Flash"])
def test_a_family_in_any_case(name: str) -> None:
    document = spend("prices", name, "--at", "2026-11-20T12:00:00Z", "--json").document
    assert (document["input"], document["window"]) == ("0.15", "off-peak")


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [
        ("deepseek-v4-por", "deepseek-v4-pro, deepseek-v4-flash"),
        ("claude-sonet-4-5", "claude-sonnet-4-5"),
        ("sonar-pro", "perplexity/sonar-pro"),
        ("xyz", "No known name resembles it"),
    ],
)
def test_an_unknown_name_gets_the_nearest_and_no_price(asked: str, nearest: str) -> None:
    ended = spend("prices", asked)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"spend: no prices are known for model '{asked}'\n")
    assert nearest in ended.err


def test_a_price_that_always_held_is_a_line_in_the_chart_too(tmp_path: Path) -> None:
    """Thirty days of it, from an arbitrary day: the list says nothing of time."""
    spend("prices", "gpt-4.1", "--chart", tmp_path / "c.html")
    page = (tmp_path / "c.html").read_text(encoding="utf-8")
    assert "2026-01-01T00:00:00" in page
    assert "2026-01-31T00:00:00" in page


def test_own_prices_under_another_name_of_the_model_are_in_its_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On 2026-09-10 at 04:00 UTC `flash` begins to mean deepseek-flash; the entry of August is not about that one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "spend.toml").write_text(
        '[prices]\nflash = { input = "0.11", from = 2026-08-20 }\n"deepseek-v4-*" = { output = "0.44", from = 2026-11-01 }\n',
        encoding="utf-8",
    )

    periods = spend("prices", "deepseek-flash", "--json").document["periods"]

    told = {
        (one["from"], one["window"]): (one["input"], one["output"]) for one in periods if one["from"] < "2026-11-20"
    }
    assert told == {
        ("2026-09-10T04:00:00Z", "peak"): ("0.11", "1.2"),
        ("2026-09-10T04:00:00Z", "off-peak"): ("0.11", "0.6"),
        ("2026-11-01T00:00:00Z", "peak"): ("0.11", "0.44"),
        ("2026-11-01T00:00:00Z", "off-peak"): ("0.11", "0.44"),
    }
    told_then = spend("prices", "deepseek-flash", "--at", "2026-11-20T02:00Z", "--json").document
    assert (told_then["input"], told_then["output"], told_then["source"]) == (
        "0.11",
        "0.44",
        "spend.toml: deepseek-v4-*",
    )


@pytest.mark.parametrize("at", [[], ["--at", "2026-10-05"]])
def test_a_tier_that_no_list_has_is_no_price_and_its_remedy_runs(at: list[str], tmp_path: Path) -> None:
    """As in the analysis, where calls in such a tier are unpriced; an own price for it is one."""
    ended = spend("prices", "deepseek-flash", "--tier", "batch", *at)
    assert (ended.code, ended.out) == (1, "")
    assert "no USD price is known for deepseek-flash in tier batch" in ended.err.splitlines()[0]
    own = tmp_path / "own.toml"
    own.write_text('[prices]\n"deepseek-flash" = { input = "7", output = "9", service_tier = "batch" }\n')
    told = spend("prices", "deepseek-flash", "--tier", "batch", *at, "--prices", own)
    assert (told.code, "deepseek-flash" in told.out, " 7 " in told.out) == (0, True, True)


def test_a_seller_without_the_model_is_named() -> None:
    ended = spend("prices", "deepseek-flash", "--provider", "azure")
    assert (ended.code, ended.err.splitlines()) == (1, [
        "spend: no price of azure is known for model 'deepseek-flash'",
        "  `spend prices deepseek-flash` says what is known of it elsewhere",
    ])  # fmt: skip


def test_an_instant_needs_a_model() -> None:
    ended = spend("prices", "--at", "2026-10-01")
    assert (ended.code, ended.err.splitlines()) == (2, [
        "spend: --at needs a model", "  write spend prices flash --at 2026-10-01, say",
    ])  # fmt: skip
