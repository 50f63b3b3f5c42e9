"""Bills of other providers than DeepSeek against ledgers whose costs are worked out here, by hand.

Per 1M tokens, miss, hit, output: GPT-4.1 costs 2, 0.50 and 8; Claude Haiku 4.5 1, 0.10 and 5, writes 1.25, for an hour
2, half of it all as a batch; Claude Sonnet 4.5 3, 0.30 and 15.
"""

import json
import os
import threading
import zipfile
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from support import EXPORT_HEAD, ZONED_HEAD, Ended, program, spend, told, write

from analyzer.finance.cost_report import cost_reports
from analyzer.finance.page import unfinished

DAY = ("2026-10-05T00:00:00Z", "2026-10-06T00:00:00Z")
MICRO = Decimal(1).scaleb(-6)


def openai(**told: object) -> dict[str, object]:
    """A result of OpenAI's usage API: one call of 400 misses, 600 hits and 100 tokens out, 0.0019."""
    return {
        "object": "organization.usage.completions.result", "model": "gpt-4.1", "input_tokens": 1000,
        "input_cached_tokens": 600, "output_tokens": 100, "num_model_requests": 1, **told,
    }  # fmt: skip


def openai_page(path: Path, *results: Mapping[str, object], start: int = 1791158400, seconds: int = 86400) -> Path:
    """A page of it, of 2026-10-05 unless another time is given."""
    bucket = {"object": "bucket", "start_time": start, "end_time": start + seconds, "results": results}
    path.write_text(json.dumps({"object": "page", "data": [bucket], "has_more": False}), encoding="utf-8")
    return path


def anthropic_page(path: Path, *results: Mapping[str, object], day: tuple[str, str] = DAY) -> Path:
    bucket = {"starting_at": day[0], "ending_at": day[1], "results": results}
    path.write_text(json.dumps({"data": [bucket], "has_more": False}), encoding="utf-8")
    return path


def anthropic(**told: object) -> dict[str, object]:
    """A result of Anthropic's usage report, which counts no calls."""
    return {"model": "claude-haiku-4-5", "uncached_input_tokens": 1000, "output_tokens": 100, **told}


def ranked(model: str = "claude-haiku-4-5", **told: object) -> dict[str, object]:
    """A row of the newer usage report: two calls of what ``anthropic`` tells, unless more is."""
    usage = {"uncached_input_tokens": 1000, "output_tokens": 100, "requests": 2, **told}
    return {"starting_at": DAY[0], "ending_at": DAY[1], "group": {"model": model, "api_key_id": None}, "usage": usage}


def gpt(name: str, **told: object) -> dict[str, object]:
    """The call that ``openai`` bills."""
    return {
        "request_id": name, "ts": "2026-10-05T10:00:00Z", "model": "gpt-4.1", "input_tokens": 1000,
        "cache_read_tokens": 600, "output_tokens": 100, **told,
    }  # fmt: skip


def haiku(number: int, **told: object) -> dict[str, object]:
    """A reply of Claude Haiku 4.5."""
    usage = {"input_tokens": 1000, "output_tokens": 100, **told}
    reply = {"id": f"msg_01{number:08}", "type": "message", "role": "assistant", "model": "claude-haiku-4-5"}
    return {"ts": "2026-10-05T10:00:00Z", "response": {**reply, "usage": usage}}


class Held:
    """A ledger of some calls, and bills that are held against it."""

    def __init__(self, folder: Path, *calls: Mapping[str, object]) -> None:
        self.folder = folder
        self.db = folder / "l.duckdb"
        assert spend("ingest", "--quiet", "--db", self.db, write(folder / "log.jsonl", *calls)).code == 0

    def run(self, *words: str | Path) -> Ended:
        return spend("reconcile", "--db", self.db, *words)

    def document(self, *words: str | Path) -> dict[str, Any]:
        """What ``--json`` says, with all sums tied out."""
        found = self.run("--json", *words).document
        billed, computed = (sum(Decimal(row[side]) for row in found["buckets"]) for side in ("billed", "computed"))
        assert (Decimal(found["billed"]), Decimal(found["computed"])) == (billed, computed)
        assert (
            Decimal(found["difference"]) == billed - computed == sum(Decimal(one["amount"]) for one in found["causes"])
        )
        bill = found["bill"]
        assert bill["records"] == sum(bill[end] for end in ("requests", "duplicates", "skipped", "rejected"))
        return found


def causes(document: Mapping[str, Any]) -> dict[str, Decimal]:
    found = {one["cause"]: Decimal(one["amount"]) for one in document["causes"]}
    return {cause: amount for cause, amount in found.items() if cause != "match"}


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


class TestPages:
    """Answers of an API come in pages: a bill is whole when the last of them is there, and all before it."""

    def pages(self, folder: Path, *numbers: int, last: int = 3, report: str = "usage") -> list[Path]:
        """Pages of a day each from 2026-10-05 on, of which the last one says that it is."""
        told = anthropic() if report == "usage" else {"currency": "USD", "amount": "0.15", "cost_type": "tokens"}
        made = []
        for number in numbers:
            day = (f"2026-10-{4 + number:02}T00:00:00Z", f"2026-10-{5 + number:02}T00:00:00Z")
            page = anthropic_page(folder / f"{report}-{number}.json", told, day=day)
            if number < last:
                text = page.read_text(encoding="utf-8").replace(
                    '"has_more": false', '"has_more": true, "next_page": "p"'
                )
                page.write_text(text, encoding="utf-8")
            made.append(page)
        return made

    @pytest.mark.parametrize(
        ("given", "ends"),
        [
            ((1, 2, 3), []),
            ((3, 2, 1), []),
            ((1,), ["2026-10-06T00:00:00Z"]),
            ((1, 3), ["2026-10-06T00:00:00Z"]),
            ((1, 2), ["2026-10-07T00:00:00Z"]),
        ],
    )
    def test_a_page_that_is_missing_is_found(self, given: tuple[int, ...], ends: list[str], tmp_path: Path) -> None:
        assert ended(self.pages(tmp_path, *given)) == ends

    def test_it_is_told_with_its_remedy(self, tmp_path: Path) -> None:
        pages = self.pages(tmp_path, 1)
        held = Held(tmp_path, haiku(1))
        run = held.run(*pages)
        assert "it is not the whole bill" in " ".join(run.out.split())
        assert told(run) == [
            (
                f"warning: {pages[0]}: not the last page of its report (has_more). What follows 2026-10-06 00:00 UTC is"
                " not given.",
                "fetch the pages that follow (page=..., its next_page), and give all of them",
            )
        ]
        assert held.document(*pages)["unfinished_pages"] == ["2026-10-06T00:00:00Z"]

    @pytest.mark.endurance
    def test_it_is_told_where_pages_are_read_as_logs(self, tmp_path: Path) -> None:
        """One note; a page that follows, here or in the ledger, ends it."""
        first, second, third = self.pages(tmp_path, 1, 2, 3)
        note = (
            "warning: {}: not the last page of its report (has_more). What follows 2026-10-{:02} 00:00 UTC is not given.",
            "fetch the pages that follow (page=..., its next_page), and give all of them",
        )
        db = tmp_path / "kept.duckdb"

        assert told(spend("analyze", "--no-report", first)) == [(note[0].format(first, 6), note[1])]
        assert told(spend("analyze", "--no-report", first, second, third)) == []
        assert told(spend("ingest", "--quiet", "--db", db, second)) == [(note[0].format(second, 7), note[1])]
        assert told(spend("ingest", "--db", db, first)) == []
        assert told(spend("ingest", "--db", db, tmp_path)) == []

    @pytest.mark.endurance
    def test_pages_within_an_archive_are_told_as_well(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "pages.zip", "w") as archive:
            archive.write(*self.pages(tmp_path, 1), "one.json")
        (found,) = told(spend("analyze", "--no-report", tmp_path / "pages.zip"))
        assert "one.json: not the last page of its report (has_more)" in found[0]

    @pytest.mark.endurance
    def test_the_fourth_and_more_are_counted(self, tmp_path: Path) -> None:
        found = told(spend("analyze", "--no-report", *self.pages(tmp_path, 1, 3, 5, 7, 9, last=10)))
        assert len(found) == 4
        assert found[3] == ("warning: so are 2 pages more", "fetch what follows them, too")

    def test_pages_of_another_report_do_not_go_on(self, tmp_path: Path) -> None:
        pages = [*self.pages(tmp_path, 1), *self.pages(tmp_path, 2, 3, report="cost")]
        assert ended(pages) == ["2026-10-06T00:00:00Z"]

    def test_a_page_without_a_result_goes_on_with_any(self, tmp_path: Path) -> None:
        empty = anthropic_page(tmp_path / "empty.json", day=("2026-10-06T00:00:00Z", "2026-10-07T00:00:00Z"))
        assert ended([*self.pages(tmp_path, 1), empty]) == []

    def test_rows_by_rank_go_on_until_the_last_page(self, tmp_path: Path) -> None:
        """Of the newer report: its second page may begin where the first did, and ends the report."""
        pages = []
        for number, more in ((1, True), (2, True), (3, False)):
            page = {"data": [ranked(model=f"m{number}")], "has_more": more}
            pages.append(write(tmp_path / f"{number}.json", page))
        assert [one.after for one in unfinished(map(str, pages[:2]))] == [None]
        assert unfinished(map(str, pages)) == ()

    def test_pages_of_openai(self, tmp_path: Path) -> None:
        page = openai_page(tmp_path / "u.json", openai())
        page.write_text(page.read_text(encoding="utf-8").replace("false}", "true}"), encoding="utf-8")
        assert ended([page]) == ["2026-10-06T00:00:00Z"]


@pytest.mark.endurance
def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    """Nobody writes to it again: what else may stand in a bill is not waited for, and that is said."""
    held = Held(tmp_path, haiku(1))
    page = anthropic_page(tmp_path / "page.json", anthropic()).read_bytes()
    os.mkfifo(pipe := tmp_path / "pipe.json")
    threading.Thread(target=pipe.write_bytes, args=[page], daemon=True).start()

    run = program("reconcile", pipe, "--db", held.db, cwd=tmp_path)

    assert run.out.startswith("The log explains the whole bill, to the last digit.")
    assert "spend: note: what comes through a pipe is read once" in run.err


def ended(pages: Sequence[Path]) -> list[str]:
    """Where pages end after which something is missing."""
    return [f"{one.after:%Y-%m-%dT%H:%M:%SZ}" for one in unfinished(map(str, pages))]


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
        calls.write_text(
            f"{TestMoney.CALLS}\nb,2026-10-05 10:00:00,0.001,0,500,100,deepseek-v4-pro\n", encoding="utf-8"
        )

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


@pytest.mark.endurance
class TestMoney:
    """Bills that state what each call, or each day, has cost."""

    CALLS = "generation_id,created_at,cost_total,byok_usage_inference,tokens_prompt,tokens_completion,model_permaslug"
    DAYS = "Date,Slug,Usage,BYOK Usage,Requests,Prompt Tokens,Completion Tokens,Reasoning Tokens"

    def held(self, folder: Path) -> Held:
        """Two calls of Claude Sonnet 4.5 through OpenRouter, 1,000 tokens in and 100 out: 0.0045 each."""
        told = {"model": "anthropic/claude-sonnet-4.5", "provider": "openrouter", "cache_read_tokens": 0}
        return Held(folder, gpt("gen-1", **told), gpt("gen-2", **told))

    def calls(self, folder: Path, *costs: str) -> Path:
        rows = [
            f"gen-{number},2026-10-05 10:00:00,{cost},1000,100,anthropic/claude-sonnet-4.5"
            for number, cost in enumerate(costs, 1)
        ]
        (folder / "a.csv").write_text("\n".join([self.CALLS, *rows]) + "\n", encoding="utf-8")
        return folder / "a.csv"

    def test_a_fee_is_not_explained(self, tmp_path: Path) -> None:
        """The log has all tokens, and they do not cost so much."""
        found = self.held(tmp_path).document(self.calls(tmp_path, "0.0045,0", "0.0145,0"))
        assert causes(found) == {"price-window": Decimal("0.01")}
        assert found["explained_share"] == pytest.approx(9 / 19, abs=1e-12)

    @pytest.mark.endurance
    @pytest.mark.parametrize("cost", [",0", "much,0", "0.0045,much", "NaN,0"])
    def test_money_that_is_no_number_is_not_known(self, cost: str, tmp_path: Path) -> None:
        found = self.held(tmp_path).document(self.calls(tmp_path, "0.0045,0", cost))
        assert (found["unknown_lines"], [row["known"] for row in found["buckets"]]) == (1, [False])
        assert (found["billed"], found["computed"], set(causes(found))) == ("0.0045", "0.009", {"unknown"})

    @pytest.mark.endurance
    @pytest.mark.parametrize(
        ("usage", "byok", "known"),
        [("0.004", "0.005", True), ("x", "0", False), ("0.009", "x", False), ("", "", False)],
    )
    def test_money_of_a_day(self, usage: str, byok: str, known: bool, tmp_path: Path) -> None:
        row = f"2026-10-05 00:00:00,anthropic/claude-sonnet-4.5,{usage},{byok},2,2000,200,0"
        (tmp_path / "d.csv").write_text(f"{self.DAYS}\n{row}\n", encoding="utf-8")
        found = self.held(tmp_path).document(tmp_path / "d.csv")
        assert (found["billed"], found["unknown_lines"]) == (("0.009", 0) if known else ("0", 1))

    def test_a_day_that_does_not_tell_what_was_cached(self, tmp_path: Path) -> None:
        """The log does: 600 of each 1,000 tokens were hits. They are the same tokens, at another price."""
        told = {"model": "anthropic/claude-sonnet-4.5", "provider": "openrouter"}
        row = "2026-10-05 00:00:00,anthropic/claude-sonnet-4.5,0.01,0,2,2000,200,0"
        (tmp_path / "d.csv").write_text(f"{self.DAYS}\n{row}\n", encoding="utf-8")
        found = Held(tmp_path, gpt("a", **told), gpt("b", **told)).document(tmp_path / "d.csv")
        assert causes(found) == {"price-window": Decimal("0.01") - 2 * (400 * 3 + 600 * Decimal("0.3") + 1500) * MICRO}

    def test_a_refund_of_all_that_was_asked(self, tmp_path: Path) -> None:
        held, bill = self.held(tmp_path), self.calls(tmp_path, "0.0045,0", "-0.009,0")
        found = held.document(bill)
        assert (found["billed"], found["difference"], found["explained_share"]) == ("-0.0045", "-0.0135", None)
        assert held.run(bill).out.startswith("The bill asks for nothing, and gives money back.\n")

    @pytest.mark.endurance
    @pytest.mark.parametrize("key", ['=HYPERLINK("x")', "<script>alert(1)</script>", "\u202egpj.exe", "-1+2", "a,b"])
    def test_keys_are_data(self, key: str, tmp_path: Path) -> None:
        told = {"model": "anthropic/claude-sonnet-4.5", "provider": "openrouter", "cache_read_tokens": 0}
        held = Held(tmp_path, gpt("gen-1", api_key_name=key, **told))
        quoted = key.replace('"', '""')
        row = f'gen-1,2026-10-05 10:00:00,0.0145,0,1000,100,anthropic/claude-sonnet-4.5,"{quoted}"'
        (tmp_path / "a.csv").write_text(f"{self.CALLS},api_key_name\n{row}\n", encoding="utf-8")
        found = held.document(tmp_path / "a.csv")
        assert [row["api_key_name"] for row in found["buckets"]] == [key]
        assert "\u202e" not in held.run(tmp_path / "a.csv").out


@pytest.mark.endurance
class TestCostReports:
    """What was asked for, credits and all, beside what the usage comes to."""

    def test_openai(self, tmp_path: Path) -> None:
        costs = [
            {"object": "organization.costs.result", "line_item": item, "amount": {"value": value, "currency": "usd"}}
            for item, value in (("gpt-4.1, input", 0.0019), ("credit", -0.5), ("tax", 0.1))
        ]
        report = openai_page(tmp_path / "c.json", *costs)
        held, usage = Held(tmp_path, gpt("a")), openai_page(tmp_path / "u.json", openai())
        again = openai_page(tmp_path / "again.json", *costs[:2])
        found = held.document(usage, report, again)
        assert found["cost_reports"] == [{"type": "costs", "currency": "USD", "cost": "-0.3981"}]
        assert (found["billed"], found["bill"]["skipped"]) == ("0.0019", 5)
        assert "0.4 USD less than the usage billed comes to" in " ".join(held.run(usage, report).out.split())

    def test_openai_s_dashboard(self, tmp_path: Path) -> None:
        report = tmp_path / "c.csv"
        report.write_text(
            "start_time,end_time,amount_value,amount_currency,line_item\n"
            'a,b,0.0019,usd,"gpt-4.1, input"\na,b,-0.5,usd,credit\nb,c,,,\n',
            encoding="utf-8",
        )
        found = Held(tmp_path, gpt("a")).document(openai_page(tmp_path / "u.json", openai()), report)
        assert found["cost_reports"] == [{"type": "costs", "currency": "USD", "cost": "-0.4981"}]

    def test_every_digit_of_many(self, tmp_path: Path) -> None:
        """More than the 28 that arithmetic keeps unless it is told otherwise."""
        report = tmp_path / "c.csv"
        amounts = ("12345678901234.5678901234567890123", "0.0000000000000000000000000000000007")
        report.write_text(
            "start_time,end_time,amount_value,amount_currency\n" + "".join(f"a,b,{one},usd\n" for one in amounts),
            encoding="utf-8",
        )
        (found,) = cost_reports([str(report)]).values()
        assert Fraction(found) == sum(map(Fraction, amounts))

    def test_anthropic_in_cents(self, tmp_path: Path) -> None:
        costs = [
            {"currency": "USD", "amount": amount, "cost_type": kind}
            for kind, amount in (("tokens", "0.15"), ("web_search", "2"), ("tokens", "-0.05"))
        ]
        held, usage = Held(tmp_path, haiku(1)), anthropic_page(tmp_path / "u.json", anthropic())
        found = held.document(usage, anthropic_page(tmp_path / "c.json", *costs))
        assert found["cost_reports"] == [
            {"type": "tokens", "currency": "USD", "cost": "0.001"},
            {"type": "web_search", "currency": "USD", "cost": "0.02"},
        ]

    def test_anthropic_by_rank(self, tmp_path: Path) -> None:
        """The newer reports: two calls of 500 and 50 tokens, $0.001500 at list; fractions of cents by kind of cost."""
        held = Held(
            tmp_path, haiku(1, input_tokens=500, output_tokens=50), haiku(2, input_tokens=500, output_tokens=50)
        )
        costs = [
            {"starting_at": DAY[0], "ending_at": DAY[1], "group": {"cost_type": kind},
             "cost": {"amount": amount, "currency": "USD", "list_amount": "9", "requests": None}}
            for kind, amount in (("tokens", "0.15"), ("web_search", "1.25"))
        ]  # fmt: skip
        found = held.document(
            write(tmp_path / "usage.json", {"data": [ranked()], "has_more": False}),
            write(tmp_path / "costs.json", {"data": costs, "has_more": False}),
        )
        assert (Decimal(found["billed"]), causes(found)) == (1500 * MICRO, {})
        assert {one["type"]: one["cost"] for one in found["cost_reports"]} == {
            "tokens": "0.0015",
            "web_search": "0.0125",
        }

    def test_anthropic_s_console(self, tmp_path: Path) -> None:
        report = tmp_path / "c.csv"
        report.write_text(
            "usage_date_utc,model,token_type,cost_usd,list_price_usd,cost_type\n"
            "2026-10-05,Claude Haiku 4.5,input_no_cache,0.001,0.002,token\n"
            "2026-10-05,Claude Haiku 4.5,output,0.0005,0.001,token\n",
            encoding="utf-8",
        )
        held, usage = Held(tmp_path, haiku(1)), anthropic_page(tmp_path / "u.json", anthropic())
        assert held.document(usage, report)["cost_reports"] == [{"type": "token", "currency": "USD", "cost": "0.0015"}]
        assert "token 0.0015 USD: what the usage billed comes to" in " ".join(held.run(usage, report).out.split())

    @pytest.mark.endurance
    @pytest.mark.parametrize("amount", ["NaN", "1e400", "much", None])
    def test_money_that_is_no_number(self, amount: str | None, tmp_path: Path) -> None:
        report = anthropic_page(tmp_path / "c.json", {"currency": "USD", "amount": amount})
        ended = Held(tmp_path, haiku(1)).run(anthropic_page(tmp_path / "u.json", anthropic()), report)
        assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 2)
        assert "c.json, cost 1: its amount is no number" in ended.err

    def test_costs_alone_are_no_usage(self, tmp_path: Path) -> None:
        ended = Held(tmp_path, haiku(1)).run(anthropic_page(tmp_path / "c.json", {"currency": "USD", "amount": "1"}))
        assert (ended.code, ended.err.splitlines()[-1]) == (1, "  give the usage export beside its costs")
