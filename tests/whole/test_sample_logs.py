"""The sample logs: as their generator writes them, with every kind of record, counted by a second reader."""

import csv
import gzip
import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path

import pytest
from support import ROOT

from analyzer.cli.settings import read
from analyzer.finance.allocation import Share, read_allocation
from analyzer.ingest.discovery import find
from analyzer.ingest.load import Manner, Outcome, load
from analyzer.ledger import Ledger
from analyzer.prices import Book

FOLDER = ROOT / "sample_logs"
LOGS = sorted(path.name for path in FOLDER.iterdir() if path.suffix in {".jsonl", ".csv", ".gz"})
COUNTS = ("input_tokens", "cache_read_tokens", "output_tokens", "reasoning_tokens")
CACHE_UNIT = 128
PRICE_CHANGES = [datetime.fromisoformat(f"2026-{text}:00+00:00") for text in ("08-16T16", "08-22T16", "09-10T04")]
MID_AUTUMN = date(2026, 9, 25)
FIRST_DAY, LAST_DAY = date(2026, 8, 10), date(2026, 10, 31)


# ------------------------------------------------------------------------------------- the second reader


@dataclass(frozen=True)
class Told:
    """What one record says, in the words of the ledger."""

    id: str | None
    at: datetime
    endpoint: str
    model: str
    session: str | None
    counts: tuple[float | None, float | None, float | None, float | None]
    total: float | None
    key: str | None = None
    team: str | None = None
    own_cache: bool = False
    failed: bool = False

    @property
    def broken(self) -> bool:
        read, hit = self.counts[:2]
        fractional = any(count is not None and count != int(count) for count in self.counts)
        return fractional or (read is not None and hit is not None and hit > read)

    @property
    def measured(self) -> bool:
        return self.counts[0] is not None

    @property
    def day(self) -> date:
        return self.at.date()

    @property
    def month(self) -> str:
        return f"{self.at:%Y-%m}"


@dataclass
class Tally:
    records: int = 0
    duplicates: int = 0
    skipped: int = 0
    rejected: int = 0
    requests: list[Told] = field(default_factory=list)


def text(name: str) -> str:
    content = (FOLDER / name).read_bytes()
    return (gzip.decompress(content) if name.endswith(".gz") else content).decode()


def from_gateway(record: dict) -> Told:
    usage = record["usage"] or {}
    cached = usage.get("prompt_tokens_details", {}).get("cached_tokens")
    thought = usage.get("completion_tokens_details", {}).get("reasoning_tokens")
    counts = (usage.get("prompt_tokens"), cached, usage.get("completion_tokens"), thought)
    at = datetime.fromisoformat(record["ts"])
    names = (record["endpoint"], record["model"], record.get("session_id"))
    payer = (record["api_key_name"], record["team"])
    failed = record.get("status", 200) != 200
    return Told(record["request_id"], at, *names, counts, usage.get("total_tokens"), *payer, failed=failed)


def from_deepseek(record: dict) -> Told:
    usage = record["usage"] or {}
    if usage:
        assert usage["prompt_cache_hit_tokens"] + usage["prompt_cache_miss_tokens"] == usage["prompt_tokens"]
    at = datetime.fromtimestamp(record["created"], UTC).isoformat()
    return from_gateway(record | {"ts": at, "request_id": record["id"]})


def from_responses(record: dict) -> Told:
    usage = record["usage"] or {}
    cached = usage.get("input_tokens_details", {}).get("cached_tokens")
    thought = usage.get("output_tokens_details", {}).get("reasoning_tokens")
    counts = (usage.get("input_tokens"), cached, usage.get("output_tokens"), thought)
    at = datetime.fromtimestamp(record["created_at"], UTC)
    names = (record["endpoint"], record["model"], None)
    payer = (record["api_key_name"], record["team"])
    return Told(record["id"], at, *names, counts, usage.get("total_tokens"), *payer)


def from_litellm(row: dict[str, str]) -> Told:
    metadata = json.loads(row["metadata"])
    usage = metadata["usage_object"]
    record = {"ts": row["startTime"], "request_id": row["request_id"], "usage": usage}
    names = {"endpoint": metadata["user_api_key_request_route"], "model": row["model"].partition("/")[2]}
    payer = {"api_key_name": metadata["user_api_key_alias"], "team": row["team_id"]}
    told = from_gateway(record | names | payer)
    # The table says 0 where there is no usage.
    columns = (told.counts[0] or 0, told.counts[2] or 0, told.total or 0)
    assert columns == (int(row["prompt_tokens"]), int(row["completion_tokens"]), int(row["total_tokens"]))
    return replace(told, own_cache=row["cache_hit"] == "True", failed=row["status"] != "success")


def from_app(row: dict[str, str]) -> Told:
    read, hit, written = (
        float(row[name]) if row[name] else None for name in ("input_tokens", "cached_tokens", "output_tokens")
    )
    at = datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC)
    return Told(None, at, row["feature"], row["model"], None, (read, hit, written, None), None)


READERS = {
    "agents.jsonl.gz": from_deepseek,
    "app.csv": from_app,
    "gateway.jsonl.gz": from_gateway,
    "litellm_spend_logs.csv": from_litellm,
    "responses.jsonl": from_responses,
}


def records(name: str) -> Iterator[dict | None]:
    """The records of a log; None for one that is no JSON."""
    if name.endswith(".csv"):
        yield from csv.DictReader(text(name).splitlines())
        return
    for line in text(name).splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            yield None


def tally(name: str) -> Tally:
    """Every record of a log in its class, counted without the analyzer."""
    result = Tally()
    by_id: dict[object, Told] = {}
    for record in records(name):
        result.records += 1
        told = None if record is None else READERS[name](record)
        if told is None or told.broken:
            result.rejected += 1
        elif told.own_cache:
            result.skipped += 1
        else:
            key = told.id or result.records
            result.duplicates += key in by_id
            if key not in by_id or told.measured:
                by_id[key] = told
    result.requests = list(by_id.values())
    return result


@pytest.fixture(scope="module")
def tallies() -> dict[str, Tally]:
    return {name: tally(name) for name in READERS}


@pytest.fixture(scope="module")
def calls(tallies: dict[str, Tally]) -> list[Told]:
    return [told for each in tallies.values() for told in each.requests]


@pytest.fixture(scope="module")
def loaded() -> Iterator[tuple[Ledger, Outcome]]:
    with Ledger.throwaway() as ledger:
        found, errors = find((str(FOLDER),))
        assert not errors
        yield ledger, load(ledger, found, Manner())


# ------------------------------------------------------------------------------------- the files


def generate(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-B", str(folder / "generate.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_logs_are_those_of_the_generator() -> None:
    run = generate(FOLDER, "--check")
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_check_names_each_log_that_differs_and_writing_mends_it(tmp_path: Path) -> None:
    for name in ("generate.py", "workloads.py", "dice.py", *LOGS):
        shutil.copy(FOLDER / name, tmp_path)
    (tmp_path / "app.csv").write_bytes((FOLDER / "app.csv").read_bytes() + b"more\n")
    (tmp_path / "agents.jsonl.gz").unlink()
    run = generate(tmp_path, "--check")
    assert run.returncode == 1
    assert [line.partition(":")[0] for line in run.stdout.splitlines()] == ["agents.jsonl.gz", "app.csv"]
    assert not (tmp_path / "agents.jsonl.gz").exists()
    assert generate(tmp_path).returncode == 0
    assert generate(tmp_path, "--check").returncode == 0


def test_wrong_usage_is_refused() -> None:
    assert generate(FOLDER, "--chekc").returncode == 2


def test_every_log_is_read_and_nothing_else(loaded: tuple[Ledger, Outcome]) -> None:
    _, outcome = loaded
    assert sorted(READERS) == LOGS == [Path(item.path).name for item in outcome.loaded]
    assert [*outcome.errors, *outcome.warnings, *outcome.nothing] == []
    assert [item.pending for item in outcome.loaded] == [0] * len(LOGS)


def test_logs_are_small_and_plain() -> None:
    assert sum(len(text(name)) for name in LOGS) < 3_000_000
    assert sum((FOLDER / name).stat().st_size for name in LOGS) < 1_200_000
    for name in LOGS:
        assert text(name).isascii()
        assert "\r" not in text(name)
        assert text(name).endswith("\n")
        assert not re.search(r"\b(sk|pk|rk|xai|gsk|AIza|hf|eyJ)[-_A-Za-z0-9]{16,}|Bearer |@", text(name))


# ------------------------------------------------------------------------------------- two readers


def test_record_classes_agree_with_the_second_reader(loaded: tuple[Ledger, Outcome], tallies: dict[str, Tally]) -> None:
    for item in loaded[1].loaded:
        own = tallies[Path(item.path).name]
        expected = (own.records, len(own.requests), own.duplicates, own.skipped, own.rejected)
        assert (item.records, item.requests, item.duplicates, item.skipped, item.rejected) == expected, item.path
        assert item.records == item.requests + item.duplicates + item.skipped + item.rejected


def test_sums_agree_with_the_second_reader(loaded: tuple[Ledger, Outcome], tallies: dict[str, Tally]) -> None:
    columns = ", ".join(f"CAST(sum({name}) AS BIGINT), count({name})" for name in COUNTS)
    query = f"SELECT path, count(*), {columns} FROM requests JOIN sources USING (source_id) GROUP BY path"
    for path, requests, *sums in loaded[0].connection.execute(query).fetchall():
        own = tallies[Path(path).name].requests
        assert requests == len(own)
        known = [[told.counts[place] for told in own if told.counts[place] is not None] for place in range(len(COUNTS))]
        assert sums == [number for counts in known for number in (sum(counts) if counts else None, len(counts))], path


def test_names_and_instants_agree_with_the_second_reader(loaded: tuple[Ledger, Outcome], calls: list[Told]) -> None:
    query = """SELECT endpoint, model, session_id, api_key_name, team, date_trunc('day', started_at), count(*)
               FROM requests GROUP BY ALL"""
    rows = loaded[0].connection.execute(query).fetchall()
    own = Counter(
        (
            told.endpoint,
            told.model,
            told.session,
            told.key,
            told.team,
            told.at.replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0),
        )
        for told in calls
    )
    assert {tuple(names): count for *names, count in rows} == own


def test_every_record_class_appears(calls: list[Told], tallies: dict[str, Tally]) -> None:
    book = Book.load()
    counts = {
        "duplicates": sum(each.duplicates for each in tallies.values()),
        "skipped": sum(each.skipped for each in tallies.values()),
        "failed": sum(told.failed for told in calls),
        "rejected": sum(each.rejected for each in tallies.values()),
        "unmeasured": sum(not told.measured for told in calls),
        "unpriced": sum(told.measured and not book.knows(told.model) for told in calls),
        "cache_unknown": sum(told.measured and told.counts[1] is None for told in calls),
    }
    assert min(counts.values()) > 0, counts
    # A demo shows what is usual; faults are the exception.
    assert 5_000 <= len(calls) <= 7_000
    assert max(counts.values()) < len(calls) / 20, counts


# ------------------------------------------------------------------------------------- what they show


def test_counts_are_consistent(calls: list[Told]) -> None:
    for told in calls:
        read, hit, written, thought = told.counts
        if not told.measured:
            assert told.counts == (None,) * 4
            continue
        assert 0 < read <= 200_000
        assert written > 0
        assert (hit or 0) % CACHE_UNIT == 0
        assert (thought or 0) < written
        assert told.total in (None, read + written)


@pytest.mark.parametrize("change", PRICE_CHANGES, ids=str)
def test_price_changes_have_calls_on_both_sides(calls: list[Told], change: datetime) -> None:
    book, day = Book.load(), timedelta(days=1)
    for model in ("flash", "pro"):
        if model == "pro" and change == PRICE_CHANGES[2]:
            continue  # on that day only Flash changed
        cards = {(item.start, item.end) for item in book.target(model, "USD", change - day, change + day)}
        assert any(change in bounds for bounds in cards), "not a change of the book"
        near = [
            told.at for told in calls if ("pro" in told.model) == (model == "pro") and abs(told.at - change) < 3 * day
        ]
        assert min(near) < change <= max(near)


def test_each_price_window_is_used(calls: list[Told]) -> None:
    book = Book.load()
    windows = Counter()
    for told in calls:
        if book.knows(told.model):
            price = book.at(told.model, told.at, "USD")
            assert price is not None, told
            windows[told.model, price.window] += 1
    older = {"deepseek-v4-flash", "deepseek-v4-pro"}
    expected = {(model, window) for model in older for window in ("all", "peak", "off-peak")}
    expected |= {("deepseek-flash", "peak"), ("deepseek-flash", "off-peak")}
    assert set(windows) == expected
    assert min(windows.values()) > 20, windows


def days(first: date, last: date) -> list[date]:
    """Both ends included."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def test_span_and_calendar(calls: list[Told]) -> None:
    first, last = min(told.at for told in calls), max(told.at for told in calls)
    assert (first.date(), last.date()) == (FIRST_DAY, LAST_DAY)
    assert {told.day for told in calls} == set(days(FIRST_DAY, LAST_DAY))
    peak = {1, 2, 3, 6, 7, 8, 9}
    assert any(told.at.date() == MID_AUTUMN and told.at.hour in peak for told in calls)
    assert any(told.at.weekday() >= 5 and told.at.hour in peak for told in calls)


def test_the_new_name_is_used_from_its_first_instant_on(calls: list[Told]) -> None:
    renamed = PRICE_CHANGES[2]
    names = {(told.endpoint, told.model, told.at >= renamed) for told in calls if told.endpoint.startswith("/chat/")}
    assert ("/chat/support", "deepseek-v4-flash", False) in names
    assert ("/chat/support", "deepseek-flash", True) in names
    assert ("/chat/support", "deepseek-v4-flash", True) not in names
    assert ("/chat/intranet", "deepseek-v4-flash", True) in names
    assert not any(model == "deepseek-flash" and not later for _, model, later in names)


def hit_rate(calls: list[Told]) -> float:
    known = [told.counts for told in calls if told.counts[1] is not None]
    return sum(counts[1] for counts in known) / sum(counts[0] for counts in known)


def test_endpoints_differ_in_character(calls: list[Told]) -> None:
    def of(prefix: str) -> list[Told]:
        return [told for told in calls if told.endpoint.startswith(prefix)]

    assert {told.counts[1] for told in of("/rag/") if told.measured} == {0, 2944}
    assert max(told.counts[0] for told in of("/agents/code") if told.measured) > 150_000
    assert sum(told.counts[2] > 10_000 for told in of("/agents/code") if told.measured) > 5
    assert hit_rate(of("/batch/")) < 0.05
    assert {told.session for told in of("/batch/")} == {None}
    assert {told.model for told in of("/batch/")} == {"deepseek-v4-pro"}


def test_chat_sessions_grow_and_mostly_hit(calls: list[Told]) -> None:
    sessions: dict[str, list[Told]] = {}
    for told in sorted(calls, key=lambda told: told.at):
        if told.session and told.endpoint.startswith("/chat/") and not told.failed:
            sessions.setdefault(told.session, []).append(told)
    later_turns = []
    for turns in sessions.values():
        assert len({told.endpoint for told in turns}) == 1
        later_turns += turns[1:]
        for earlier, later in pairwise(turns):
            if earlier.measured and later.measured:
                # Prompts grow by what was said, and a cache holds no more than that.
                assert later.counts[0] > earlier.counts[0]
                assert later.counts[1] <= earlier.counts[0] + earlier.counts[2]
    assert 0.7 < hit_rate(later_turns) < 0.9


# ------------------------------------------------------------------------------------- what October tells


def of(calls: list[Told], endpoint: str, first: date = FIRST_DAY, last: date = LAST_DAY) -> list[Told]:
    """An endpoint's measured calls on days, both included."""
    return [told for told in calls if told.endpoint == endpoint and first <= told.day <= last and told.measured]


def cost(calls: list[Told]) -> Decimal:
    """USD at the instant of each call's start; an unknown split of the cache as all misses, as the program has it."""
    book, units = Book.load(), 0
    for told in calls:
        if told.measured and book.knows(told.model):
            price = book.at(told.model, told.at, "USD")
            assert price is not None
            read, hit, written = (int(count or 0) for count in told.counts[:3])
            units += (read - hit) * price.input + hit * price.cache_read + written * price.output
    return Decimal(units).scaleb(-15)


def cost_by_day(calls: list[Told], endpoint: str) -> dict[date, Decimal]:
    return {day: cost(of(calls, endpoint, day, day)) for day in days(FIRST_DAY, LAST_DAY)}


def test_one_endpoint_ends_with_september_and_another_begins_in_october(calls: list[Told]) -> None:
    months: dict[str, set[int]] = {}
    for told in calls:
        months.setdefault(told.endpoint, set()).add(told.day.month)
    all_along = {name for name, seen in months.items() if seen == {8, 9, 10}}

    assert max(told.day for told in calls if told.endpoint == "/chat/intranet") == date(2026, 9, 30)
    assert min(told.day for told in calls if told.endpoint == "/contracts/check") == date(2026, 10, 6)
    assert {name: seen for name, seen in months.items() if name not in all_along} == {
        "/chat/intranet": {8, 9},
        "/contracts/check": {10},
        "/chat/trial": {8, 10},
    }


def test_search_is_asked_more_every_week_of_october(calls: list[Told]) -> None:
    mondays = [day for day in days(FIRST_DAY, LAST_DAY) if day.weekday() == 0]
    asked = [
        sum(told.key == "svc-search" for told in of(calls, "/rag/answer", monday, monday + timedelta(days=4)))
        for monday in mondays
    ]
    place = mondays.index(date(2026, 10, 5))

    assert asked[place:] == sorted(set(asked[place:]))
    assert asked[-1] > max(asked[:place])
    assert asked[-1] > 1.5 * sum(asked[:place]) / place


def test_fewer_documents_and_no_peak_while_china_is_on_holiday(calls: list[Told]) -> None:
    """1 to 7 October 2026; a week later the same weekdays are as usual."""
    holiday = (date(2026, 10, 1), date(2026, 10, 7))
    later = tuple(day + timedelta(weeks=1) for day in holiday)
    book = Book.load()
    windows = {
        book.at(told.model, told.at, "USD").window
        for told in calls
        if holiday[0] <= told.day <= holiday[1] and book.knows(told.model)
    }

    assert windows == {"off-peak"}
    for endpoint in ("/batch/extract", "/app/translate"):
        assert 0 < len(of(calls, endpoint, *holiday)) < 0.7 * len(of(calls, endpoint, *later)), endpoint


def test_nights_of_extraction_leave_peak_hours_but_wednesdays_by_hand_do_not(calls: list[Told]) -> None:
    book, moved = Book.load(), date(2026, 10, 12)
    windows = Counter(
        (told.day >= moved, told.day.weekday() == 2, book.at(told.model, told.at, "USD").window)
        for told in of(calls, "/batch/extract", date(2026, 9, 1))
    )

    assert windows[False, False, "peak"] > 50
    assert windows[True, False, "peak"] == 0
    assert windows[True, False, "off-peak"] > 100
    assert windows[True, True, "peak"] > 20


def test_drafts_move_from_pro_to_flash_and_nothing_else_moves(calls: list[Told]) -> None:
    moved = date(2026, 10, 15)
    models = {(told.model, told.day >= moved) for told in calls if told.endpoint == "/reports/draft"}
    families: dict[str, set[bool]] = {}
    for told in calls:
        if told.key != "sandbox" and told.endpoint != "/reports/draft":
            families.setdefault(told.endpoint, set()).add("pro" in told.model)

    assert models == {("deepseek-v4-pro", False), ("deepseek-flash", True)}
    assert {len(seen) for seen in families.values()} == {1}


def test_coding_agents_lose_the_cache_for_two_days_and_it_shows(calls: list[Told]) -> None:
    cold = (date(2026, 10, 20), date(2026, 10, 21))
    within = of(calls, "/agents/code", *cold)
    around = [told for told in of(calls, "/agents/code") if told not in within]

    assert len(within) > 20
    assert hit_rate(within) == 0
    assert hit_rate(around) > 0.9
    spent = cost_by_day(calls, "/agents/code")
    usual = sorted(spent[day] for day in days(FIRST_DAY, LAST_DAY) if day not in cold and spent[day])
    assert min(spent[day] for day in cold) > 3 * usual[len(usual) // 2]
    assert min(spent[day] for day in cold) > usual[-1]


def test_a_storm_of_retries_is_most_of_what_failed_and_the_dearest_day_of_its_endpoint(calls: list[Told]) -> None:
    stormy = date(2026, 10, 28)
    failed = [told for told in calls if told.failed]
    storm = [told for told in failed if told.day == stormy and told.endpoint == "/batch/extract"]
    spent = cost_by_day(calls, "/batch/extract")

    assert len(storm) > 100
    assert len(storm) > 2 * (len(failed) - len(storm))
    assert 0.5 < sum(told.measured for told in storm) / len(storm) < 0.9
    assert not any(told.measured for told in failed if told not in storm)
    # The answers came in the end.
    assert any(not told.failed for told in of(calls, "/batch/extract", stormy, stormy))
    assert spent[stormy] > 5 * max(money for day, money in spent.items() if day != stormy)


def test_a_weekend_key_belongs_to_no_team(calls: list[Told]) -> None:
    alone = [told for told in calls if told.team is None and not told.endpoint.startswith("/app/")]

    assert {(told.key, told.day) for told in alone} == {
        ("sandbox", date(2026, 10, 17)),
        ("sandbox", date(2026, 10, 18)),
    }
    assert len(alone) < 30
    # The app's log knows neither keys nor teams.
    assert {(told.key, told.team) for told in calls if told.endpoint.startswith("/app/")} == {(None, None)}


# ------------------------------------------------------------------------------------- the example of spend.toml


@pytest.fixture(scope="module")
def example() -> dict:
    return tomllib.loads((FOLDER / "spend.toml").read_text(encoding="utf-8"), parse_float=Decimal)


def payer(example: dict, told: Told) -> str | None:
    """The team that the first fitting rule of the example names, else the log's."""
    asked = {"endpoint": told.endpoint, "api_key_name": told.key, "team": told.team, "model": told.model}
    for rule in example["allocation"]:
        if rule.get("from", date.min) <= told.day < rule.get("until", date.max) and all(
            asked[word] and any(fnmatchcase(asked[word], glob) for glob in rule[word]) for word in asked if word in rule
        ):
            return rule.get("to", told.team)
    return told.team


def test_the_example_is_read_by_its_readers_and_is_no_log() -> None:
    options, written = read(str(FOLDER / "spend.toml"), ["analyze"])
    allocation = read_allocation(written.tables, written.where)

    assert options["analyze"] == {"tz": "UTC", "currency": "USD"}
    assert set(written.tables) == {"allocation", "share", "budget"}
    assert allocation.shares == (Share("platform", None),)
    assert "spend.toml" not in {Path(item.path).name for item in find((str(FOLDER),))[0]}


def test_every_rule_of_the_example_takes_calls_and_only_the_weekend_key_is_left(
    calls: list[Told], example: dict
) -> None:
    for rule in example["allocation"]:
        alone = {"allocation": [rule | {"to": "taken"}]}
        assert any(payer(alone, told) == "taken" for told in calls), rule
    assert {told.key for told in calls if payer(example, told) is None} == {"sandbox"}
    october = {payer(example, told) for told in calls if told.month == "2026-10"}
    assert october == {"care", "finance", "knowledge", "legal", "platform", "product", None}
    assert {payer(example, told) for told in calls if told.endpoint == "/chat/intranet"} == {"it"}


def test_october_is_a_little_over_its_budget_and_one_endpoint_is_well_under(calls: list[Told], example: dict) -> None:
    budget = example["budget"]
    october = [told for told in calls if told.month == "2026-10"]

    def used(planned: str, found: list[Told]) -> Decimal:
        return cost(found) / Decimal(planned)

    assert 1 < used(budget["month"], october) < Decimal("1.1")
    assert 1 < len(october) / budget["requests"] < 1.2
    of_endpoint = {
        glob: used(planned, [told for told in october if fnmatchcase(told.endpoint, glob)])
        for glob, planned in budget["endpoint"].items()
    }
    assert 1 < of_endpoint["/agents/*"] < Decimal("1.1")
    assert 1 < of_endpoint["/batch/*"] < Decimal("1.25")
    assert Decimal("0.4") < of_endpoint["/reports/*"] < Decimal("0.9")
    ((team, planned),) = budget["team"].items()
    assert Decimal("0.5") < used(planned, [told for told in october if payer(example, told) == team]) < 1
