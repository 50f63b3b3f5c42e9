"""Bills of other providers than DeepSeek against ledgers whose costs are worked out here, by hand; see ``bills.py``."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from bills import ACTIVITY, MICRO, Held, anthropic, anthropic_page, causes, gpt, haiku, openai, openai_page
from support import EXPORT_HEAD, ZONED_HEAD, spend


@pytest.mark.endurance
class TestPrices:
    """A bill that states tokens alone is priced as the ledger is: by tier, and by how long a write was kept."""

    def test_a_batch_costs_half(self, tmp_path: Path) -> None:
        found = Held(tmp_path, haiku(1, service_tier="batch")).document(
            anthropic_page(tmp_path / "u.json", anthropic(service_tier="batch"))
        )
        assert Decimal(found["billed"]) == (1000 * 1 + 100 * 5) * MICRO / 2
        assert (causes(found), found["explained_share"]) == ({}, 1)

    def test_writes_for_an_hour_cost_more(self, tmp_path: Path) -> None:
        kept = {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200}
        held = Held(tmp_path, haiku(1, cache_creation_input_tokens=300, cache_creation=kept, cache_read_input_tokens=0))
        found = held.document(anthropic_page(tmp_path / "u.json", anthropic(cache_creation=kept)))
        assert Decimal(found["billed"]) == (1000 * 1 + 100 * Decimal("1.25") + 200 * 2 + 100 * 5) * MICRO
        assert causes(found) == {}

    def test_writes_of_a_model_without_a_price_are_not_known(self, tmp_path: Path) -> None:
        written = {"ephemeral_5m_input_tokens": 500, "ephemeral_1h_input_tokens": 0}
        page = anthropic_page(tmp_path / "u.json", anthropic(model="claude-nobody-knows", cache_creation=written))
        found = Held(tmp_path, gpt("a")).document(page)
        assert {row["type"]: (row["billed"], row["known"]) for row in found["buckets"]} == {
            "input_cache_miss_tokens": ("0", False), "output_tokens": ("0", False), "other": ("0", False),
        }  # fmt: skip

    def test_writes_that_the_log_does_not_tell_are_other_tokens(self, tmp_path: Path) -> None:
        kept = {"ephemeral_5m_input_tokens": 100}
        found = Held(tmp_path, haiku(1)).document(anthropic_page(tmp_path / "u.json", anthropic(cache_creation=kept)))
        assert causes(found) == {"tokens": 125 * MICRO}

    def test_what_was_written_and_what_was_missed_are_other_tokens(self, tmp_path: Path) -> None:
        """As much input in all: of 1,100 tokens that the log has as misses the bill has 100 as written, at 1.25."""
        kept = {"ephemeral_5m_input_tokens": 100}
        held = Held(tmp_path, haiku(1, input_tokens=1100))
        found = held.document(anthropic_page(tmp_path / "u.json", anthropic(cache_creation=kept)))
        assert causes(found) == {"tokens": 25 * MICRO}

    def test_hits_and_misses_are_other_tokens(self, tmp_path: Path) -> None:
        """As much input in all: of the bill's 600 hits, at 0.50, the log has 100 as misses, at 2."""
        found = Held(tmp_path, gpt("a", cache_read_tokens=500)).document(openai_page(tmp_path / "u.json", openai()))
        assert causes(found) == {"tokens": 100 * (Decimal("0.5") - 2) * MICRO}

    def test_a_run_of_several_calls_has_the_prices_of_small_ones(self, tmp_path: Path) -> None:
        """Two calls of 150,000 tokens, which a log sums up: beyond 200,000 a token of Sonnet 4.5 costs twice as much."""
        usage = {"inputTokens": 300_000, "outputTokens": 100, "totalTokens": 300_100}
        run = {
            "timestamp": "2026-10-05T10:00:00Z", "provider": "anthropic.messages", "modelId": "claude-sonnet-4-5",
            "finishReason": "stop", "usage": usage, "totalUsage": usage, "steps": [{}, {}], "response": {"id": "run-1"},
        }  # fmt: skip
        told = anthropic(model="claude-sonnet-4-5", uncached_input_tokens=300_000)

        found = Held(tmp_path, run).document(anthropic_page(tmp_path / "u.json", told))

        assert Decimal(found["computed"]) == (300_000 * 3 + 100 * 15) * MICRO
        assert causes(found) == {}

    @pytest.mark.parametrize(
        ("tier", "tokens", "found"),
        [
            ("standard", 300_000, {}),
            # The log knows of no batch: half the price of the small size, a quarter of that of the large one.
            ("batch", 300_000, {"price-window": (300_000 * 3 + 100 * 15) * MICRO / 2 - (300_000 * 6 + 2250) * MICRO}),
            ("standard", 300_001, {"tokens": (300_001 * 3 + 100 * 15) * MICRO - (300_000 * 6 + 2250) * MICRO}),
        ],
    )
    def test_a_bucket_does_not_tell_how_much_its_requests_read(
        self, tier: str, tokens: int, found: dict[str, Decimal], tmp_path: Path
    ) -> None:
        """Beyond 200,000 tokens Sonnet 4.5 costs 6 and 22.50: the call of the log tells, if it is of the very tokens."""
        call = {
            "request_id": "a", "ts": "2026-10-05T10:00:00Z", "model": "claude-sonnet-4-5", "provider": "anthropic",
            "input_tokens": 300_000, "cache_read_tokens": 0, "output_tokens": 100,
        }  # fmt: skip
        told = anthropic(model="claude-sonnet-4-5", uncached_input_tokens=tokens, service_tier=tier)

        document = Held(tmp_path, call).document(anthropic_page(tmp_path / "u.json", told))

        assert causes(document) == found
        assert Decimal(document["computed"]) == (300_000 * 6 + 2250) * MICRO

    def test_a_bucket_does_not_tell_when_its_requests_were_either(self, tmp_path: Path) -> None:
        """A price that falls at noon, from 4 and 8 to 1 and 2: the call of the log was made after that."""
        own = tmp_path / "own.toml"
        own.write_text(
            "[prices]\n"
            'acme-9 = [{ input = "4", output = "8", to = 2026-10-05T12:00:00Z },'
            ' { input = "1", output = "2", from = 2026-10-05T12:00:00Z }]\n',
            encoding="utf-8",
        )
        told = {"model": "acme-9", "provider": "openai", "cache_read_tokens": 0}
        page = openai_page(tmp_path / "u.json", openai(model="acme-9", input_cached_tokens=0))

        found = Held(tmp_path, gpt("a", ts="2026-10-05T13:00:00Z", **told)).document(page, "--prices", own)

        assert Decimal(found["billed"]) == Decimal(found["computed"]) == (1000 * 1 + 100 * 2) * MICRO
        assert causes(found) == {}

    @pytest.mark.parametrize(("tokens", "found"), [(300_000, {}), (300_001, {"tokens": 6 * MICRO})])
    def test_a_bucket_of_large_requests_is_at_their_price(
        self, tokens: int, found: dict[str, Decimal], tmp_path: Path
    ) -> None:
        """A report that was asked by `context_window` tells the size, if not of which very call."""
        call = {
            "request_id": "a", "ts": "2026-10-05T10:00:00Z", "model": "claude-sonnet-4-5", "provider": "anthropic",
            "input_tokens": 300_000, "cache_read_tokens": 0, "output_tokens": 100,
        }  # fmt: skip
        small = {**call, "request_id": "b", "input_tokens": 1000}
        page = anthropic_page(
            tmp_path / "u.json",
            anthropic(model="claude-sonnet-4-5", uncached_input_tokens=tokens, context_window="200k-1M"),
            anthropic(model="claude-sonnet-4-5", context_window="0-200k"),
        )

        document = Held(tmp_path, call, small).document(page)

        # The call above 200,000 costs 6 and 22.50, the one below 3 and 15.
        assert Decimal(document["billed"]) == (tokens * 6 + 2250 + 1000 * 3 + 1500) * MICRO
        assert causes(document) == found

    def test_searches_of_the_console_s_export(self, tmp_path: Path) -> None:
        """Two at 0.01, of which the log knows none: no other price of the same tokens."""
        export = tmp_path / "u.csv"
        export.write_text(
            "usage_date_utc,model_version,api_key,workspace,usage_type,usage_input_tokens_no_cache,"
            "usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,"
            "usage_output_tokens,web_search_count\n"
            "2026-10-05,claude-haiku-4-5-20251001,k,w,standard,1000,0,0,0,100,2\n",
            encoding="utf-8",
        )
        assert causes(Held(tmp_path, haiku(1)).document(export)) == {"tokens": Decimal("0.02")}


@pytest.mark.endurance
class TestUncounted:
    """A bill that does not count calls tells of tokens; a call more or less is not to be seen in it."""

    @pytest.mark.parametrize(("tokens", "amount"), [(9000, 8000), (400, -600)])
    def test_other_tokens_are_other_tokens(self, tokens: int, amount: int, tmp_path: Path) -> None:
        page = anthropic_page(tmp_path / "u.json", anthropic(uncached_input_tokens=tokens))
        found = Held(tmp_path, haiku(1)).document(page)
        assert causes(found) == {"tokens": amount * MICRO}
        # Of what is billed the log has at most what it has itself.
        share = Decimal(min(tokens, 1000) + 500) / (tokens + 500)
        assert found["explained_share"] == pytest.approx(float(share), abs=1e-12)

    def test_a_bucket_without_a_call_in_the_log_is_missing(self, tmp_path: Path) -> None:
        page = anthropic_page(tmp_path / "u.json", anthropic(), day=("2026-10-06T00:00:00Z", "2026-10-07T00:00:00Z"))
        found = Held(tmp_path, haiku(1)).document(page)
        assert causes(found) == {"missing-requests": 1500 * MICRO}
        assert (found["requests_outside"], found["explained_share"]) == (1, 0)


class TestSellers:
    """A bill is held against the calls of its own provider alone."""

    def test_calls_of_others_are_counted_and_not_compared(self, tmp_path: Path) -> None:
        held = Held(tmp_path, gpt("a"), gpt("b", model="deepseek-v4-pro"), gpt("c", model="claude-haiku-4-5"))
        found = held.document(openai_page(tmp_path / "u.json", openai()))
        assert (found["computed"], causes(found)) == ("0.0019", {})
        assert (found["requests_elsewhere"], found["requests_outside"]) == (2, 0)
        assert "2 requests of the ledger are of other providers" in held.run(tmp_path / "u.json").out

    def test_a_name_that_nobody_knows_is_compared(self, tmp_path: Path) -> None:
        found = Held(tmp_path, gpt("a", model="our-gpt")).document(openai_page(tmp_path / "u.json", openai()))
        assert (causes(found), found["requests_elsewhere"]) == ({"model-name": Decimal("0.0019")}, 0)

    def test_bills_of_two_providers_by_days_and_by_hours(self, tmp_path: Path) -> None:
        """DeepSeek V4 Pro at 10:00 of a holiday: 0.022, 0.66 and 1.98 per 1M. Its bill names keys, the other one none."""
        held = Held(tmp_path, gpt("a", api_key_name="k"), gpt("b", model="deepseek-v4-pro", api_key_name="k"))
        lines = (
            "input_cache_hit_tokens,0.000000022,600", "input_cache_miss_tokens,0.00000066,400",
            "output_tokens,0.00000198,100", "request_count,,1",
        )  # fmt: skip
        common = "u,2026-10-05T10:00:00+00:00,2026-10-05T11:00:00+00:00,deepseek-v4-pro,k,sk-***"
        amounts = tmp_path / "amount.csv"
        amounts.write_text("\n".join([ZONED_HEAD, *(f"{common},{line}" for line in lines)]) + "\n", encoding="utf-8")
        found = held.document(openai_page(tmp_path / "u.json", openai()), amounts)
        deepseek = (600 * Decimal("0.022") + 400 * Decimal("0.66") + 100 * Decimal("1.98")) * MICRO
        assert Decimal(found["billed"]) == Decimal(found["computed"]) == Decimal("0.0019") + deepseek
        assert causes(found) == {}

    def test_a_call_lies_in_a_bucket_of_its_own_seller_alone(self, tmp_path: Path) -> None:
        """The same name from DeepSeek, billed by days, and through OpenRouter, billed by calls: no price of ours is its."""
        held = Held(
            tmp_path,
            gpt("a", model="deepseek-v4-pro"),
            gpt("b", model="deepseek-v4-pro", provider="openrouter", input_tokens=500, cache_read_tokens=0),
        )
        lines = (
            "input_cache_hit_tokens,0.000000022,600", "input_cache_miss_tokens,0.00000066,400",
            "output_tokens,0.00000198,100", "request_count,,1",
        )  # fmt: skip
        amounts = tmp_path / "amount.csv"
        rows = [f"u,2026-10-05,deepseek-v4-pro,k,sk-***,{line}" for line in lines]
        amounts.write_text("\n".join([EXPORT_HEAD, *rows]) + "\n", encoding="utf-8")
        calls = tmp_path / "calls.csv"
        calls.write_text(f"{ACTIVITY}\nb,2026-10-05 10:00:00,0.001,0,500,100,deepseek-v4-pro\n", encoding="utf-8")

        found = held.document(amounts, calls)

        deepseek = (600 * Decimal("0.022") + 400 * Decimal("0.66") + 100 * Decimal("1.98")) * MICRO
        assert (Decimal(found["billed"]), Decimal(found["computed"])) == (deepseek + Decimal("0.001"), deepseek)
        assert causes(found) == {"model-name": Decimal("0.001")}
        assert (found["requests_outside"], found["requests_elsewhere"]) == (0, 0)

    @pytest.mark.endurance
    def test_an_export_in_the_ledger_is_no_log_to_compare_it_with(self, tmp_path: Path) -> None:
        page = openai_page(tmp_path / "u.json", openai())
        held = Held(tmp_path, gpt("a", ts="2026-10-04T00:00:00Z"))
        assert spend("ingest", "--quiet", "--db", held.db, page).code == 0
        found = held.document(page)
        assert (causes(found), found["requests_exported"]) == ({"missing-requests": Decimal("0.0019")}, 1)
        assert "1 request of the ledger is told by usage exports" in " ".join(held.run(page).out.split())

    def test_a_bill_of_nothing(self, tmp_path: Path) -> None:
        amounts = tmp_path / "amount.csv"
        common = "u,2026-10-05T10:00:00+00:00,2026-10-05T11:00:00+00:00,deepseek-v4-pro,k,sk-***"
        amounts.write_text(f"{ZONED_HEAD}\n{common},request_count,,0\n", encoding="utf-8")
        held = Held(tmp_path, gpt("a"))
        assert held.document(amounts)["buckets"] == []
        assert held.run(amounts).out.startswith("The bill tells of nothing in this time.\n")

    def test_exports_that_overlap_are_refused(self, tmp_path: Path) -> None:
        day = openai_page(tmp_path / "day.json", openai())
        hour = openai_page(tmp_path / "hour.json", openai(), start=1791158400 + 10 * 3600, seconds=3600)
        ended = Held(tmp_path, gpt("a")).run(day, hour)
        assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 2)
        assert "2026-10-05 00:00 to 2026-10-06 00:00 and 2026-10-05 10:00 to 2026-10-05 11:00 UTC" in ended.err

    def test_the_same_bucket_twice_counts_once(self, tmp_path: Path) -> None:
        pages = [openai_page(tmp_path / name, openai()) for name in ("a.json", "b.json")]
        spaced = json.dumps(json.loads(pages[1].read_text(encoding="utf-8")), indent=1)
        pages[1].write_text(spaced, encoding="utf-8")
        found = Held(tmp_path, gpt("a")).document(*pages)
        assert (found["billed"], found["bill"]["duplicates"]) == ("0.0019", 1)


class TestRefused:
    """A record of the bill that cannot be read is in no sum: that is said, and is a failure for those who ask for it."""

    def page(self, folder: Path) -> Path:
        return openai_page(folder / "u.json", openai(), openai(model=None), openai(input_tokens=-5, project_id="p"))

    def test_it_is_said_beside_the_verdict(self, tmp_path: Path) -> None:
        held, page = Held(tmp_path, gpt("a")), self.page(tmp_path)
        assert held.document(page)["bill"] == {
            "records": 3, "requests": 1, "duplicates": 0, "skipped": 0, "rejected": 2,
        }  # fmt: skip
        ended = held.run(page)
        assert (ended.code, ended.err.count("spend: rejected:")) == (0, 2)
        assert "2 records of the bill could not be read, and are in no sum." in " ".join(ended.out.split())
        assert "the whole bill" not in ended.out

    @pytest.mark.endurance
    def test_it_fails_a_strict_comparison(self, tmp_path: Path) -> None:
        held, page = Held(tmp_path, gpt("a")), self.page(tmp_path)
        ended = held.run(page, "--strict")
        assert (ended.code, ended.err.splitlines()[-2]) == (
            1,
            "spend: --strict: 2 records of the bill rejected, 0 lines of unknown money",
        )
        assert held.run(openai_page(tmp_path / "sound.json", openai()), "--strict").code == 0

    @pytest.mark.endurance
    def test_it_fails_a_strict_review(self, tmp_path: Path) -> None:
        held, page = Held(tmp_path, gpt("a")), self.page(tmp_path)
        words = ["review", "2026-10", "--db", held.db, "--no-report", "--no-workbook", "--strict"]
        assert spend(*words).code == 0
        assert spend(*words, "--bill", page).code == 1
