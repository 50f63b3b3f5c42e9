"""Money that a bill states without prices, tokens that it states without money, and cost reports beside it."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from bills import ACTIVITY, DAY, MICRO, Held, anthropic, anthropic_page, causes, gpt, haiku, openai, openai_page, ranked
from support import spend, write
from test_reconcile import check

from analyzer.finance.cost_report import cost_reports


@pytest.mark.endurance
class TestOtherBills:
    """Exports that state money without prices, or tokens without money."""

    HEAD = "generation_id,created_at,cost_total,tokens_prompt,tokens_completion,tokens_cached,model_permaslug,provider_name,api_key_name"

    def held(self, folder: Path, *lines: str) -> dict[str, Any]:
        """OpenRouter's activity against a ledger of two calls of Claude Sonnet 4.5 through it: 3 and 15 per 1M."""
        calls = [
            {"request_id": name, "ts": f"2026-11-20T12:0{minute}:00Z", "model": "anthropic/claude-sonnet-4.5",
             "provider": "openrouter", "input_tokens": 1000, "cache_read_tokens": 0, "output_tokens": 100}
            for minute, name in enumerate(("gen-1", "gen-2"))
        ]  # fmt: skip
        db = folder / "l.duckdb"
        spend("ingest", "--quiet", "--db", db, write(folder / "log.jsonl", *calls))
        export = folder / "activity.csv"
        export.write_text("\n".join([self.HEAD, *lines]) + "\n", encoding="utf-8")
        return spend("reconcile", "--db", db, "--json", export).document

    def test_money_alone_is_compared_as_a_whole(self, tmp_path: Path) -> None:
        line = "{},2026-11-20 12:0{}:00,0.0045,1000,100,0,anthropic/claude-sonnet-4.5,Anthropic,k"
        document = self.held(tmp_path, line.format("gen-1", 0), line.format("gen-2", 1))
        check(document)
        assert (document["billed"], document["computed"], causes(document)) == ("0.009", "0.009", {})

    def test_money_of_any_length_keeps_its_digits(self, tmp_path: Path) -> None:
        line = "{},2026-11-20 12:0{}:00,{},1000,100,0,anthropic/claude-sonnet-4.5,Anthropic,k"
        dear = "12345678901234567.000000000000001"
        document = self.held(tmp_path, line.format("gen-1", 0, dear), line.format("gen-2", 1, "0.0045"))
        assert document["billed"] == "12345678901234567.004500000000001"

    def test_a_fee_on_top_of_the_same_tokens(self, tmp_path: Path) -> None:
        line = "{},2026-11-20 12:0{}:00,{},1000,100,0,anthropic/claude-sonnet-4.5,Anthropic,k"
        document = self.held(tmp_path, line.format("gen-1", 0, "0.0045"), line.format("gen-2", 1, "0.0145"))
        check(document)
        assert causes(document) == {"price-window": Decimal("0.01")}

    def test_tokens_alone_are_priced_by_the_book(self, tmp_path: Path) -> None:
        """OpenAI's usage: buckets of tokens. GPT-4.1 costs 2, a hit 0.50, output 8."""
        db = tmp_path / "l.duckdb"
        log = write(
            tmp_path / "log.jsonl",
            {"request_id": "r", "ts": "2026-11-20T12:00:00Z", "model": "gpt-4.1", "input_tokens": 1000,
             "cache_read_tokens": 600, "output_tokens": 100},
        )  # fmt: skip
        spend("ingest", "--quiet", "--db", db, log)
        start = int(datetime(2026, 11, 20, tzinfo=UTC).timestamp())
        result = {
            "object": "organization.usage.completions.result", "model": "gpt-4.1", "input_tokens": 1000,
            "input_cached_tokens": 600, "output_tokens": 150, "num_model_requests": 1, "project_id": None,
            "user_id": None, "api_key_id": None, "batch": None,
        }  # fmt: skip
        bucket = {"object": "bucket", "start_time": start, "end_time": start + 86400, "results": [result]}
        page = {"object": "page", "data": [bucket], "has_more": False, "next_page": None}
        export = tmp_path / "usage.json"
        export.write_text(json.dumps(page), encoding="utf-8")
        document = spend("reconcile", "--db", db, "--json", export).document
        check(document)
        assert Decimal(document["billed"]) == (400 * 2 + 600 * Decimal("0.5") + 150 * 8) / Decimal(10**6)
        assert causes(document) == {"tokens": 50 * 8 / Decimal(10**6)}

    def test_searches_are_on_both_sides(self, tmp_path: Path) -> None:
        """Anthropic's usage report counts them, and so does a reply: 2 at 0.01, beside 100 tokens at 1 and 10 at 5."""
        usage = {"input_tokens": 100, "output_tokens": 10, "server_tool_use": {"web_search_requests": 2}}
        reply = {
            "id": "msg_01AbCdEfGh",
            "type": "message",
            "role": "assistant",
            "model": "claude-haiku-4-5",
            "usage": usage,
        }
        db = tmp_path / "l.duckdb"
        log = write(tmp_path / "log.jsonl", {"ts": "2026-11-20T12:00:00Z", "response": reply})
        spend("ingest", "--quiet", "--db", db, log)
        result = {
            "model": "claude-haiku-4-5", "uncached_input_tokens": 100, "cache_read_input_tokens": 0, "output_tokens": 10,
            "server_tool_use": {"web_search_requests": 2},
        }  # fmt: skip
        bucket = {"starting_at": "2026-11-20T00:00:00Z", "ending_at": "2026-11-21T00:00:00Z", "results": [result]}
        export = tmp_path / "usage.json"
        export.write_text(json.dumps({"data": [bucket], "has_more": False}), encoding="utf-8")
        document = spend("reconcile", "--db", db, "--json", export).document
        assert Decimal(document["billed"]) == (100 * 1 + 10 * 5) / Decimal(10**6) + 2 * Decimal("0.01")
        assert document["computed"] == document["billed"]


@pytest.mark.endurance
class TestMoney:
    """Bills that state what each call, or each day, has cost."""

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
        (folder / "a.csv").write_text("\n".join([ACTIVITY, *rows]) + "\n", encoding="utf-8")
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
        (tmp_path / "a.csv").write_text(f"{ACTIVITY},api_key_name\n{row}\n", encoding="utf-8")
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
