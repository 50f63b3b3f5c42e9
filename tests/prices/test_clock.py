"""The clock: requests that began in one price window and ended in another, and sums that are priced as requests are."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import BOOK, MILLION, call, ledger_of, spend, write

from analyzer.engines.query import frame
from analyzer.ledger import Ledger
from analyzer.prices import Book
from analyzer.prices.own import read_own
from analyzer.simulate.relations import View, prepare

# Pro on 2026-09-01, a Tuesday: peak 01:00-04:00 and 06:00-10:00 UTC at twice the off-peak miss, hit and output.
OFF = (Decimal("0.66"), Decimal("0.022"), Decimal("1.98"))


def pro(start: str, end: str, **more: object) -> dict[str, object]:
    return call(model="deepseek-v4-pro", ts=f"2026-09-01T{start}Z", end_time=f"2026-09-01T{end}Z", **more)


def off_peak() -> Decimal:
    """The call of the tests, 400 misses, 600 hits and 100 output tokens, at the off-peak price."""
    miss, hit, output = OFF
    return (400 * miss + 600 * hit + 100 * output) / MILLION


class TestStraddling:
    """What the other clock would make of it."""

    def analyzed(self, path: Path, *records: dict[str, object], options: tuple[str, ...] = ()) -> dict[str, Any]:
        log = write(path / "a.jsonl", *records)
        return spend("analyze", "--no-report", "--json", "--scenario", "all-flash", *options, log).document

    def test_counted_with_the_money_at_stake(self, tmp_path: Path) -> None:
        document = self.analyzed(
            tmp_path,
            pro("03:59:59", "04:00:00", id="leaves the peak"),
            pro("05:59:59", "06:00:00", id="enters it"),
            pro("05:59:50", "06:00:10", id="enters it, too"),
            pro("03:59:58", "03:59:59", id="stays in it"),
            pro("04:00:00", "05:59:59", id="stays out of it, over an hour's end"),
            pro("02:30:00", "03:30:00", id="stays in it, over an hour's end"),
        )
        (row,) = document["straddling"]
        assert (row["model"], row["requests"]) == ("deepseek-v4-pro", 3)
        assert Decimal(row["cost_by_completion"]) == (1 + 2 + 2) * off_peak()
        assert Decimal(row["cost_by_start"]) == (2 + 1 + 1) * off_peak()

    @pytest.mark.parametrize(
        ("clock", "other", "word"), [("completion", "start", "less"), ("start", "completion", "more")]
    )
    @pytest.mark.endurance
    def test_in_words(self, clock: str, other: str, word: str, tmp_path: Path) -> None:
        log = write(tmp_path / "a.jsonl", pro("05:59:59", "06:00:00"))
        told = " ".join(spend("analyze", "--no-report", "--clock", clock, log).out.split())
        assert f"priced by {clock}; by {other} all of it would cost $" in told
        assert f" {word}." in told

    @pytest.mark.endurance
    def test_an_edge_within_an_hour(self, tmp_path: Path) -> None:
        """2025's discount nights began at 16:30 UTC."""
        document = self.analyzed(
            tmp_path,
            call(id="a", model="deepseek-chat", ts="2025-05-01T16:29:59Z", end_time="2025-05-01T16:30:00Z"),
            call(id="b", model="deepseek-chat", ts="2025-05-01T16:30:00Z", end_time="2025-05-01T16:30:01Z"),
        )
        assert [row["requests"] for row in document["straddling"]] == [1]

    @pytest.mark.endurance
    def test_none_is_nothing(self, tmp_path: Path) -> None:
        assert self.analyzed(tmp_path, pro("05:00:00", "05:00:01"))["straddling"] == []


# Edges of prices within hours, and a size at which one changes.
EDGES = (
    "2025-05-01T16:30:00",
    "2025-05-02T00:30:00",
    "2026-04-26T12:15:00",
    "2026-07-24T15:59:00",
    "2026-09-01T04:00:00",
)
MODELS = ("deepseek-chat", "deepseek-v4-pro", "claude-sonnet-4-5", "gpt-realtime", "acme")
OWN = Book.load(
    read_own(
        '[prices]\nacme = [{ input = "1", output = "2", to = 2026-04-26T12:16:00Z },'
        ' { input = "3", output = "4", from = 2026-04-26T12:16:00Z }, { input = "5", input_above = 1000 }]\n',
        "own.toml",
    )
)
CALLS = st.builds(
    dict,
    model=st.sampled_from(MODELS),
    ts=st.builds(
        lambda edge, seconds: (
            datetime.fromisoformat(edge).replace(tzinfo=UTC) + timedelta(seconds=seconds)
        ).isoformat(),
        st.sampled_from(EDGES),
        st.integers(-90, 90),
    ),
    input_tokens=st.sampled_from([0, 1, 1000, 200_000, 200_001, ...]),
    cache_read_tokens=st.sampled_from([0, ...]),
    output_tokens=st.sampled_from([0, 77]),
    endpoint=st.sampled_from(["a", "b"]),
    usage=st.sampled_from(
        [
            ...,
            {"prompt_tokens_details": {"audio_tokens": 1}, "server_tool_use": {"web_search_requests": 2}},
            {"prompt_tokens_details": {"audio_tokens": 1000}, "completion_tokens_details": {"audio_tokens": 77}},
        ]
    ),
)


@pytest.mark.endurance
@settings(max_examples=15, deadline=None)
@given(st.lists(CALLS, min_size=1, max_size=25), st.sampled_from(["UTC", "Asia/Kolkata"]))
def test_sums_are_priced_as_the_requests_in_them_are(
    tmp_path_factory: pytest.TempPathFactory, calls: list[dict[str, object]], tz: str
) -> None:
    log = tmp_path_factory.mktemp("logs") / "a.jsonl"
    with ledger_of(write(log, *(call(id=f"c{n}", **one) for n, one in enumerate(calls)))) as ledger:
        for book in (BOOK, OWN):
            prepare(ledger, book, View(tz=tz))
            assert summed(ledger, "charges") == summed(ledger, "costs")


def summed(ledger: Ledger, relation: str) -> list[tuple[object, ...]]:
    """Cost, cost at most hits, and calls by endpoint, model, hour and window, of either relation."""
    hour, calls, priced = (
        ("date_trunc('hour', local)", "calls", "CASE WHEN priced THEN calls ELSE 0 END")
        if relation == "charges"
        else ("hour", "requests", "priced")
    )
    text = (
        f'SELECT endpoint, model, {hour} AS hour, "window", sum(cost) AS cost, sum(cost_low) AS low, '
        f"sum({calls}) AS calls, sum({priced}) AS priced FROM {relation} GROUP BY ALL"
    )
    return sorted(frame(ledger.connection, text).rows(), key=str)
