"""The summary: what the bounds leave of a saving, what is not listed, which records tell of which calls."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from support import EXPORT_HEAD, FLASH, call, cost, export, spend, write

pytestmark = pytest.mark.endurance


@pytest.mark.parametrize(
    ("input_price", "saved", "doubt"),
    [
        ("0.04", "0.0000280", "; cheaper even with cold caches."),
        ("0.05", "0.0000240", "; with cold caches it would have cost the same."),
        ("0.06", "0.0000200", "; with cold caches it would have cost more, not less."),
    ],
)
def test_what_cold_caches_leave_of_a_saving(input_price: str, saved: str, doubt: str, tmp_path: Path) -> None:
    """1000 tokens in, 600 of them hits, 100 out: 85.68 millionths on Flash. On Pro, all missed, at 0.05 and 0.3568: the
    same."""
    assert cost(FLASH, 400, 600, 100) == cost((Decimal("0.05"), Decimal(0), Decimal("0.3568")), 1000, 0, 100)
    prices = f'{{ input = "{input_price}", cache_read = "0.01", output = "0.3568" }}'
    (tmp_path / "x.toml").write_text(
        f'default = "pro"\n[assume]\ncache = "transferred"\n[prices]\n"deepseek-v4-pro" = {prices}\n'
    )
    out = spend("analyze", write(tmp_path / "log.jsonl", call()), "--scenario", tmp_path / "x.toml", "--no-report").out
    said = " ".join(out.split())
    assert f"Cheapest: x, ${saved} less than was spent" in said
    assert doubt in said


def test_all_of_the_cheapest_are_named(tmp_path: Path) -> None:
    """A call of Pro without a long output: `mixed` does with it what `all-flash` does."""
    log = write(tmp_path / "log.jsonl", call(model="deepseek-v4-pro", session_id="s"))
    said = " ".join(spend("analyze", log, "--no-report").out.split())
    assert re.search(r"Cheapest: all-flash and mixed, \$[0-9.]+ less than was spent", said)
    assert "Whether their answers would have been as good, no log can tell." in said


def test_a_scenario_s_name_turns_no_sentence_around(tmp_path: Path) -> None:
    """Of the cheapest, and of those that price calls from before their target was sold."""
    (tmp_path / "x.toml").write_text('name = "x\\u202e"\ndefault = "deepseek-flash"\n')
    log = write(tmp_path / "log.jsonl", call(ts="2026-06-01T12:00:00Z"))
    cheap = write(tmp_path / "cheap.jsonl", call(ts="2026-10-01T12:00:00Z", model="deepseek-flash"))
    for each, told in ((log, r"priced with that one: x\u202e 1."), (cheap, r"Cheapest: actual use and x\u202e;")):
        out = spend("analyze", each, "--scenario", tmp_path / "x.toml", "--no-report").out
        assert "\u202e" not in out
        assert told in " ".join(out.split())


def test_small_costs_are_seen_also_where_nothing_spent_has_a_price(tmp_path: Path) -> None:
    """One token in and one out, all missed: 0.42 millionths on Flash, 1.305 on Pro, in no table 0.00."""
    log = write(tmp_path / "log.jsonl", call(model="acme", input_tokens=1, cache_read_tokens=0, output_tokens=1))
    table = spend("simulate", log).out.partition("If it were otherwise")[2]
    assert re.search(r"all-flash: hit rate .* 0%  0\.000000420\n", table)
    assert re.search(r"all-pro: hit rate .* 0%  0\.000001305\n", table)


def test_costs_that_are_not_listed_are_one_line_with_which_the_column_adds_up(tmp_path: Path) -> None:
    """14 endpoints and models of $0.125: with cents for twelve and for the sum of the other two it is $1.75 again."""
    own = write(tmp_path / "own.toml", '[prices]\n"m*" = { input = "1", output = "1" }')
    used = {"input_tokens": 0, "cache_read_tokens": 0, "output_tokens": 125_000}
    log = write(tmp_path / "log.jsonl", *(call(endpoint=f"/e{n}", model=f"m{n}", **used) for n in range(14)))
    out = spend("analyze", log, "--prices", own, "--no-report").out
    for title in ("Endpoint", "Model"):
        *listed, rest = re.search(rf"^{title} .*\n.*\n((?:.+\n)+)", out, re.MULTILINE)[1].splitlines()  # type: ignore[index]
        assert (len(listed), rest.split()[:3], rest.split()[-1]) == (12, ["2", "more", "2"], "0.25")
        assert sum(Decimal(line.split()[-1]) for line in [*listed, rest]) == Decimal("1.75")


def test_records_that_are_no_calls_one_by_one_say_so(tmp_path: Path) -> None:
    """An export's four rows stand for 917 calls. Where each record is a call there is nothing to say."""
    types = ("input_cache_hit_tokens,0.0028,600", "input_cache_miss_tokens,0.14,400", "output_tokens,0.28,100")
    rows = [f"u,2026-05-01,deepseek-v4-flash,k,sk-x,{one}" for one in (*types, "request_count,,917")]
    usage = export(tmp_path / "amount-2026-5.csv", EXPORT_HEAD, *rows)
    alone = spend("analyze", write(tmp_path / "log.jsonl", call()), "--no-report").out
    exported = " ".join(spend("analyze", usage, "--no-report").out.split())
    assert "4 records in 1 log = 4 requests" in exported
    assert "The 4 tell of 917 calls:" in exported
    assert " tell of " not in alone


def test_a_period_without_requests_is_told_from_logs_without_any(tmp_path: Path) -> None:
    """One call, of May."""
    log = write(tmp_path / "log.jsonl", call(), call(id="b", model=...))
    june = spend("analyze", log, "--month", "2026-06", "--no-report").out
    none = spend("analyze", write(tmp_path / "none.jsonl", call(model=...)), "--no-report").out
    assert june.splitlines()[-1] == "No request lies in this period (1 in all), so there is nothing to compare."
    assert none.splitlines()[-1] == "No requests were found, so there is nothing to compare."
