"""The ledger against the provider's export: zero where they agree, and every fault found by its cause, to the digit.

The export is made here, by another arithmetic than the program's: Decimal, one request at a time, prices from the
provider's page of 2026-09-01 (a Tuesday: peak 01:00-04:00 and 06:00-10:00 UTC).
"""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from support import BOOK, EXPORT_HEAD, Ended, ledger_of, spend, write
from support import export as bill_of

from analyzer.finance.reconcile import reconcile
from analyzer.finance.wallet import wallets
from analyzer.report.document import text as dumped
from analyzer.report.reconcile import line_places, reconciliation_document

DAY = datetime(2026, 9, 1, tzinfo=UTC)
PEAK = {1, 2, 3, 6, 7, 8, 9}
# Hit, miss, output per 1M tokens off-peak; peak is twice that, exactly.
LISTS = {
    "USD": {"deepseek-v4-flash": ("0.007", "0.22", "0.66"), "deepseek-v4-pro": ("0.022", "0.66", "1.98")},
    "CNY": {"deepseek-v4-flash": ("0.05", "1.5", "4.5"), "deepseek-v4-pro": ("0.15", "4.5", "13.5")},
}
TYPES = ("input_cache_hit_tokens", "input_cache_miss_tokens", "output_tokens")
HEAD = ["user_id", "start_time_iso", "end_time_iso", "model", "api_key_name", "api_key", "type", "price", "amount"]
COST_HEAD = ["user_id", "start_time_iso", "end_time_iso", "model", "wallet_type", "cost", "currency"]


@dataclass(frozen=True)
class Call:
    """One request as it was."""

    id: str
    start: datetime
    seconds: int
    model: str
    key: str
    hits: int
    misses: int
    output: int

    @property
    def end(self) -> datetime:
        return self.start + timedelta(seconds=self.seconds)

    def record(self) -> dict[str, object]:
        return {
            "request_id": self.id,
            "ts": f"{self.start:%Y-%m-%dT%H:%M:%SZ}",
            "end_time": f"{self.end:%Y-%m-%dT%H:%M:%SZ}",
            "model": self.model,
            "api_key_name": self.key,
            "endpoint": "/x",
            "input_tokens": self.hits + self.misses,
            "cache_read_tokens": self.hits,
            "output_tokens": self.output,
        }


def prices(model: str, moment: datetime, currency: str = "USD") -> list[Decimal]:
    """Hit, miss and output per token."""
    twice = 2 if moment.hour in PEAK else 1
    return [Decimal(price) * twice / 1_000_000 for price in LISTS[currency][model]]


def cost(call: Call, moment: datetime | None = None, currency: str = "USD") -> Decimal:
    """What a call costs at an instant; at its completion unless another is given."""
    hit, miss, output = prices(call.model, moment or call.end, currency)
    return call.hits * hit + call.misses * miss + call.output * output


def day() -> list[Call]:
    """Three calls an hour, of two models and two keys, and one of a third key; two that straddle a window's edge."""
    calls = [
        Call(
            f"c-{hour}-{place}", DAY + timedelta(hours=hour, minutes=5 + 20 * place), 7,
            ("deepseek-v4-flash", "deepseek-v4-pro", "deepseek-v4-pro")[place], ("app", "app", "batch")[place],
            128 * (hour + place), 100 + 37 * hour + place, 50 + 11 * hour,
        )
        for hour in range(24)
        for place in range(3)
    ]  # fmt: skip
    calls.append(Call("lab", DAY + timedelta(hours=16, minutes=50), 5, "deepseek-v4-pro", "lab", 256, 1000, 99))
    for name, hour in (("down", 4), ("up", 6)):
        start = DAY + timedelta(hours=hour) - timedelta(seconds=10)
        calls.append(Call(name, start, 20, "deepseek-v4-pro", "app", 1280, 4321, 777))
    return calls


@dataclass
class World:
    """What happened, what the log tells of it, and how the provider bills it."""

    calls: list[Call]
    log: list[Call]
    billed: list[Call]
    clock: str = "completion"
    currency: str = "USD"
    granted: Decimal = Decimal(0)
    as_of: datetime | None = None
    options: list[str] = field(default_factory=list)

    def lines(self) -> Iterable[list[object]]:
        """The amounts of the hourly export."""
        cells: dict[tuple[datetime, str, str], list[Call]] = {}
        for call in self.billed:
            moment = call.end if self.clock == "completion" else call.start
            cells.setdefault((moment.replace(minute=0, second=0), call.model, call.key), []).append(call)
        for (hour, model, key), calls in cells.items():
            common = ["u", hour.isoformat(), (hour + timedelta(hours=1)).isoformat(), model, key, "sk-***"]
            sums = [sum(getattr(call, name) for call in calls) for name in ("hits", "misses", "output")]
            for kind, price, amount in zip(TYPES, prices(model, hour, self.currency), sums, strict=True):
                yield [*common, kind, f"{price:f}", amount]
            yield [*common, "request_count", "", len(calls)]

    def export(self, path: Path) -> Path:
        """The provider's zip."""
        lines = list(self.lines())
        total = sum((Decimal(str(line[7])) * int(str(line[8])) for line in lines if line[7]), Decimal(0))
        money = [("Paid", total - self.granted), *([("Granted", self.granted)] if self.granted else [])]
        common = ["u", DAY.isoformat(), (DAY + timedelta(days=1)).isoformat(), "deepseek-v4-pro"]
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("amount-2026-09-01_2026-09-02.csv", "\ufeff" + text(HEAD, lines))
            costs = [[*common, wallet, f"{amount:.16f}", self.currency] for wallet, amount in money]
            archive.writestr("cost-2026-09-01_2026-09-02.csv", "\ufeff" + text(COST_HEAD, costs))
        return path

    def document(self, folder: Path, clock: str = "completion", currency: str | None = None) -> dict[str, Any]:
        """The export held against a ledger of the log: what ``--json`` prints."""
        export = str(self.export(folder / "usage.zip"))
        log = write(folder / "log.jsonl", *(call.record() for call in self.log))
        with ledger_of(log) as ledger, ledger_of(Path(export)) as bill:
            result = reconcile(
                ledger, bill, BOOK, paid=wallets([export]), costs={}, currency=currency, clock=clock, as_of=self.as_of
            )
        found: dict[str, Any] = json.loads(dumped(reconciliation_document(result)))
        return found

    def run(self, folder: Path, *options: str) -> Ended:
        """The same by the program: ingest the log, and hold the export against it."""
        log = write(folder / "log.jsonl", *(call.record() for call in self.log))
        db = folder / "l.duckdb"
        assert spend("ingest", "--quiet", "--db", db, log).code == 0
        return spend("reconcile", "--db", db, *self.options, *options, self.export(folder / "usage.zip"))


def text(head: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([head, *lines])
    return out.getvalue()


def world() -> World:
    return World(day(), day(), day())


Expected = dict[str, Decimal]
Fault = Callable[[World], Expected]


def named(calls: list[Call], name: str) -> Call:
    return next(call for call in calls if call.id == name)


def dropped(w: World) -> Expected:
    w.log = [call for call in w.log if call.id != "c-10-1"]
    return {"missing-requests": cost(named(w.calls, "c-10-1"))}


def doubled(w: World) -> Expected:
    twice = named(w.calls, "c-12-0")
    w.log.append(replace(twice, id="again", start=twice.start + timedelta(seconds=1)))
    return {"extra-requests": -cost(twice)}


def altered(w: World) -> Expected:
    w.log = [replace(call, output=call.output + 50) if call.id == "c-14-2" else call for call in w.log]
    return {"tokens": -50 * prices("deepseek-v4-pro", DAY + timedelta(hours=14))[2]}


def other_clock(w: World) -> Expected:
    w.clock = "start"
    moved = [named(w.calls, name) for name in ("down", "up")]
    return {"price-window": sum((cost(call, call.start) - cost(call, call.end) for call in moved), Decimal(0))}


def renamed(w: World) -> Expected:
    w.log = [replace(call, model="our-pro") if call.id == "lab" else call for call in w.log]
    return {"model-name": cost(named(w.calls, "lab"))}


def unsettled(w: World) -> Expected:
    late = named(w.calls, "c-23-1")
    kept = replace(late, id="kept", output=1)
    w.billed = [call for call in w.billed if call.id != late.id]
    w.calls, w.log, w.billed = [*w.calls, kept], [*w.log, kept], [*w.billed, kept]
    return {"late-settlement": -cost(late)}


def granted(w: World) -> Expected:
    w.granted = Decimal("0.001")
    return {}


FAULTS: list[Fault] = [dropped, doubled, altered, other_clock, renamed, unsettled, granted]


def causes(document: dict[str, Any]) -> Expected:
    """Difference by cause, where there is any."""
    found = {row["cause"]: Decimal(row["amount"]) for row in document["causes"]}
    return {cause: amount for cause, amount in found.items() if cause != "match"}


def check(document: dict[str, Any]) -> None:
    """The laws: everything sums, exactly."""
    billed, computed, difference = (Decimal(document[name]) for name in ("billed", "computed", "difference"))
    assert billed - computed == difference
    assert sum((Decimal(row["billed"]) for row in document["buckets"]), Decimal(0)) == billed
    assert sum((Decimal(row["computed"]) for row in document["buckets"]), Decimal(0)) == computed
    assert sum((Decimal(row["amount"]) for row in document["causes"]), Decimal(0)) == difference


def test_a_bill_of_the_very_same_requests_agrees_to_the_last_digit(tmp_path: Path) -> None:
    w = world()
    document = w.document(tmp_path)
    check(document)
    total = sum((cost(call) for call in w.calls), Decimal(0))
    assert Decimal(document["billed"]) == Decimal(document["computed"]) == total
    assert {row["cause"] for row in document["buckets"]} == {"match"}
    assert document["explained_share"] == 1
    assert (document["currency"], document["bill_currency"]) == ("USD", "USD")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_by_its_cause_and_exact_amount(fault: Fault, tmp_path: Path) -> None:
    w = world()
    expected = fault(w)
    document = w.document(tmp_path)
    check(document)
    assert causes(document) == expected


def pairs() -> Iterable[Any]:
    """All pairs of faults: every second one with the next, and in the tests that take long with all others."""
    for pair in combinations(FAULTS, 2):
        first, second = map(FAULTS.index, pair)
        marks = [] if second - first == 1 and first % 2 == 0 else [pytest.mark.endurance]
        yield pytest.param(pair, id="-".join(fault.__name__ for fault in pair), marks=marks)


@pytest.mark.endurance
@pytest.mark.parametrize("pair", list(pairs()))
def test_two_faults_are_told_apart(pair: tuple[Fault, Fault], tmp_path: Path) -> None:
    w = world()
    expected = pair[0](w) | pair[1](w)
    document = w.document(tmp_path)
    check(document)
    assert causes(document) == expected


def test_another_clock_leaves_the_bill_explained(tmp_path: Path) -> None:
    """The log has every token of it, at another hour."""
    w = world()
    other_clock(w)
    assert w.document(tmp_path)["explained_share"] == 1


def test_the_share_that_the_log_explains(tmp_path: Path) -> None:
    w = world()
    (lost,) = dropped(w).values()
    total = sum((cost(call) for call in w.calls), Decimal(0))
    document = w.document(tmp_path)
    assert document["explained_share"] == pytest.approx(float((total - lost) / total), abs=1e-12)


@pytest.mark.endurance
class TestLateSettlement:
    """The provider books a call into a later bucket than that of its instant."""

    def later(self, w: World, name: str, hours: int) -> Call:
        """Let the provider book a call so many hours late."""
        late = named(w.calls, name)
        w.billed = [
            replace(call, start=call.start + timedelta(hours=hours)) if call == late else call for call in w.billed
        ]
        return late

    def test_what_a_bucket_lacks_the_next_one_has_too_much(self, tmp_path: Path) -> None:
        w = world()
        late = self.later(w, "c-3-1", 1)  # from the last hour of peak into the first after it
        document = w.document(tmp_path)
        check(document)
        assert causes(document) == {"late-settlement": cost(late, late.end + timedelta(hours=1)) - cost(late)}
        hours = {row["from"][11:13] for row in document["buckets"] if row["cause"] == "late-settlement"}
        assert (hours, document["explained_share"]) == ({"03", "04"}, 1)

    def test_two_late_calls_of_hours_that_follow(self, tmp_path: Path) -> None:
        w = world()
        for name in ("c-12-1", "c-13-1"):
            self.later(w, name, 1)
        document = w.document(tmp_path)
        assert (causes(document), Decimal(document["difference"])) == ({"late-settlement": 0}, 0)

    def test_a_call_that_another_hour_has_too_much_is_not_late(self, tmp_path: Path) -> None:
        """Hours lie between: one call is missing here, another one there."""
        w = world()
        late = self.later(w, "c-12-1", 3)
        assert causes(w.document(tmp_path)) == {"extra-requests": -cost(late), "missing-requests": cost(late)}

    def test_a_call_that_another_key_has_too_much_is_not_late(self, tmp_path: Path) -> None:
        w = world()
        late = self.later(w, "c-12-1", 1)
        w.billed = [replace(call, key="zz") if call.id == late.id else call for call in w.billed]
        assert causes(w.document(tmp_path)) == {"extra-requests": -cost(late), "missing-requests": cost(late)}

    @pytest.mark.parametrize("name", ["c-22-1", "c-23-1"])
    def test_the_last_hour_is_settled_in_an_export_to_come(self, name: str, tmp_path: Path) -> None:
        """Long after, too; of an hour before it the next one would have what it lacks."""
        w = world()
        lost = named(w.calls, name)
        w.calls, kept = [*w.calls, replace(lost, id="kept", output=1)], replace(lost, id="kept", output=1)
        w.log, w.billed = [*w.log, kept], [*(call for call in w.billed if call.id != name), kept]
        w.as_of = DAY + timedelta(days=60)
        cause = "late-settlement" if name == "c-23-1" else "extra-requests"
        assert causes(w.document(tmp_path)) == {cause: -cost(lost)}

    def test_any_hour_is_settled_when_it_is_over(self, tmp_path: Path) -> None:
        for minute, cause in ((59, "late-settlement"), (60, "extra-requests")):
            w = world()
            lost = named(w.calls, "c-12-1")
            w.billed = [call for call in w.billed if call.id != lost.id]
            w.as_of = DAY + timedelta(hours=12, minutes=minute)
            assert causes(w.document(tmp_path)) == {cause: -cost(lost)}

    def test_that_a_bill_has_more_is_no_late_settlement(self, tmp_path: Path) -> None:
        w = world()
        w.log = [call for call in w.log if call.id != "c-23-1"]
        assert causes(w.document(tmp_path)) == {"missing-requests": cost(named(w.calls, "c-23-1"))}


class TestClock:
    """Which instant the bill went by."""

    @pytest.mark.parametrize("clock", ["completion", "start"])
    def test_the_straddling_requests_tell(self, clock: str, tmp_path: Path) -> None:
        w = world()
        w.clock = clock
        found = w.document(tmp_path)["bill_clock"]
        # Two requests straddle an edge: each decides two hours.
        assert (found["clock"], found["straddling"], found[f"buckets_by_{clock}"]) == (clock, 2, 4)

    @pytest.mark.parametrize("clock", ["completion", "start"])
    @pytest.mark.parametrize("hours", [0, 24], ids=["before it", "after it"])
    def test_one_that_straddles_the_bills_own_edge_is_one_of_them(self, clock: str, hours: int, tmp_path: Path) -> None:
        """By one of the clocks it is in the bill's first or last hour, by the other one it is in none."""
        w = world()
        edge = DAY + timedelta(hours=hours)
        w.calls = [call for call in w.calls if call.id not in {"up", "down"}]
        w.log = [*w.calls, Call("edge", edge - timedelta(seconds=3), 7, "deepseek-v4-pro", "app", 128, 99, 9)]
        moments = {"completion": lambda call: call.end, "start": lambda call: call.start}
        w.billed = [call for call in w.log if DAY <= moments[clock](call) < DAY + timedelta(days=1)]
        w.clock = clock
        found = w.document(tmp_path)["bill_clock"]
        assert (found["clock"], found["straddling"], found[f"buckets_by_{clock}"]) == (clock, 1, 1)

    def test_with_none_of_them_nothing_is_told(self, tmp_path: Path) -> None:
        w = world()
        for name in ("calls", "log", "billed"):
            setattr(w, name, [call for call in getattr(w, name) if call.id not in {"up", "down"}])
        assert w.document(tmp_path)["bill_clock"]["clock"] == "unknown"

    def test_the_bills_own_clock_leaves_no_difference(self, tmp_path: Path) -> None:
        w = world()
        other_clock(w)
        assert causes(w.document(tmp_path, clock="start")) == {}


def test_prices_that_a_bill_states_are_never_those_of_the_log(tmp_path: Path) -> None:
    """A day of off-peak prices, 0.007, 0.22 and 0.66, of the very tokens that the log has at peak, for twice as much."""
    prices, tokens = (Decimal("0.007"), Decimal("0.22"), Decimal("0.66")), (600, 400, 100)
    told = {"model": "deepseek-v4-flash", "api_key_name": "k", "cache_read_tokens": 600, "output_tokens": 100}
    log = write(tmp_path / "log.jsonl", {**told, "ts": "2026-09-08T03:10:00Z", "input_tokens": 1000})
    lines = [
        f"u,2026-09-08,deepseek-v4-flash,k,sk-***,{kind},{price / 10**6:f},{amount}"
        for kind, price, amount in zip(TYPES, prices, tokens, strict=True)
    ]
    calls = "u,2026-09-08,deepseek-v4-flash,k,sk-***,request_count,,1"
    export = bill_of(tmp_path / "amount-2026-09.csv", EXPORT_HEAD, *lines, calls)

    with ledger_of(log) as ledger, ledger_of(export) as bill:
        result = reconcile(ledger, bill, BOOK, paid={}, costs={}, currency=None, clock="completion")
    found = reconciliation_document(result)

    stated = sum(price * amount for price, amount in zip(prices, tokens, strict=True)) / 10**6
    assert (Decimal(found["billed"]), Decimal(found["computed"])) == (stated, 2 * stated)
    assert causes(found) == {"price-window": -stated}


@pytest.mark.parametrize("later", ["deepseek-v4-flash", "deepseek-flash"])
def test_a_day_on_which_a_name_gets_another_model(later: str, tmp_path: Path) -> None:
    """2026-09-10: V4 Flash at peak until 04:00 UTC, V4.1 Flash under the old name since. The bill's day is one bucket."""
    # Per 1M tokens, hit, miss and output: at 03:00, and at 12:00, off-peak.
    old, new = (Decimal("0.014"), Decimal("0.44"), Decimal("1.32")), (Decimal("0.003"), Decimal("0.15"), Decimal("0.6"))
    tokens = (600, 400, 100), (600, 1400, 70)
    common = {"model": "deepseek-v4-flash", "api_key_name": "k", "cache_read_tokens": 600}
    log = write(
        tmp_path / "log.jsonl",
        {**common, "ts": "2026-09-10T03:10:00Z", "input_tokens": 1000, "output_tokens": 100},
        {**common, "ts": "2026-09-10T12:10:00Z", "input_tokens": 2000, "output_tokens": 70},
    )
    lines = [
        f"u,2026-09-10,{name},k,sk-***,{kind},{price / 10**6:f},{amount}"
        for name, prices, amounts in (("deepseek-v4-flash", old, tokens[0]), (later, new, tokens[1]))
        for kind, price, amount in zip(TYPES, prices, amounts, strict=True)
    ]
    calls = [f"u,2026-09-10,{name},k,sk-***,request_count,,1" for name in ("deepseek-v4-flash", later)]
    if later == "deepseek-v4-flash":
        calls = ["u,2026-09-10,deepseek-v4-flash,k,sk-***,request_count,,2"]
    export = bill_of(tmp_path / "amount-2026-09.csv", EXPORT_HEAD, *lines, *calls)

    with ledger_of(log) as ledger, ledger_of(export) as bill:
        result = reconcile(ledger, bill, BOOK, paid={}, costs={}, currency=None, clock="completion")
    found = reconciliation_document(result)

    spent = (
        sum(
            price * amount
            for prices, amounts in zip((old, new), tokens, strict=True)
            for price, amount in zip(prices, amounts, strict=True)
        )
        / 10**6
    )
    assert (Decimal(found["billed"]), Decimal(found["computed"])) == (spent, spent)
    assert (causes(found), found["explained_share"]) == ({}, 1)


@pytest.mark.endurance
class TestCurrency:
    """The two lists are never converted into each other."""

    def test_the_bills_own_list_is_taken(self, tmp_path: Path) -> None:
        w = world()
        w.currency = "CNY"
        document = w.document(tmp_path)
        total = sum((cost(call, currency="CNY") for call in w.calls), Decimal(0))
        assert (document["currency"], Decimal(document["computed"]), causes(document)) == ("CNY", total, {})

    def test_another_list_is_the_cause_of_all_differences(self, tmp_path: Path) -> None:
        w = world()
        w.currency = "CNY"
        document = w.document(tmp_path, currency="USD")
        check(document)
        yuan = sum((cost(call, currency="CNY") for call in w.calls), Decimal(0))
        dollars = sum((cost(call) for call in w.calls), Decimal(0))
        assert causes(document) == {"currency": yuan - dollars}
        assert document["explained_share"] == 0

    @pytest.mark.parametrize("files", [("USD amount", "CNY amount"), ("USD amount", "CNY cost")])
    def test_exports_in_two_are_refused(self, files: tuple[str, ...], tmp_path: Path) -> None:
        """Dollars and yuan are never added up: two accounts' exports, or the money file of another one."""
        w = world()
        db = tmp_path / "l.duckdb"
        log = write(tmp_path / "log.jsonl", *(call.record() for call in w.log))
        assert spend("ingest", "--quiet", "--db", db, log).code == 0
        exports = []
        for currency, which in map(str.split, files):
            w.currency = currency
            zipped = w.export(tmp_path / f"{currency}.zip")
            with zipfile.ZipFile(zipped) as archive:
                (name,) = (name for name in archive.namelist() if name.startswith(which))
                exports.append(tmp_path / f"{currency}-{name}")
                exports[-1].write_bytes(archive.read(name).replace(b"u,", currency.encode() + b","))

        ended = spend("reconcile", "--db", db, *exports)

        assert (ended.code, ended.out) == (1, "")
        assert ended.err == (
            "spend: the exports are in CNY and in USD, which are never added up\n"
            "  reconcile what is in each currency by itself\n"
        )


@pytest.mark.parametrize(
    ("amounts", "places"),
    [
        (["-4.281359366", "0.052728"], 6),  # as unit prices have
        (["1234567.1", "12"], 6),
        (["-0.000001", "3"], 6),
        (["0.00000042", "-3"], 7),  # of six decimals none would be left of it
        (["-0.000000003625"], 9),
        (["0", "0.1"], 6),
        ([], 6),
    ],
)
def test_differences_of_lines_have_as_many_decimals_as_each_other(amounts: Sequence[str], places: int) -> None:
    assert line_places([Decimal(amount) for amount in amounts]) == places


class TestCommand:
    """What the program says."""

    def test_points_of_amounts_stand_below_each_other(self, tmp_path: Path) -> None:
        w = world()
        dropped(w)
        lines = w.run(tmp_path).out.split("From, UTC")[1].splitlines()
        points = {re.search(r"(\.)\d+  +missing", line).start(1) for line in lines if "missing" in line}  # type: ignore[union-attr]
        assert len(points) == 1

    @pytest.mark.endurance
    def test_its_options_are_those_of_the_function(self, tmp_path: Path) -> None:
        w = world()
        w.clock, w.currency = "start", "CNY"
        printed = w.run(tmp_path, "--json", "--clock", "start", "--currency", "CNY").document
        assert printed == w.document(tmp_path, clock="start", currency="CNY")

    def test_the_verdict_comes_first(self, tmp_path: Path) -> None:
        assert world().run(tmp_path).out.startswith("The log explains the whole bill, to the last digit.\n")

    def test_causes_in_words(self, tmp_path: Path) -> None:
        w = world()
        dropped(w)
        out = w.run(tmp_path).out
        assert out.startswith("The log explains 9")
        assert "requests that the log has not" in out

    @pytest.mark.endurance
    def test_what_the_log_has_beyond_the_bill_is_no_part_of_what_it_explains(self, tmp_path: Path) -> None:
        """All of the bill is there, and a call twice: to say 100% alone would pass for agreement."""
        w = world()
        (more,) = (-amount for amount in doubled(w).values())
        first = w.run(tmp_path).out.split("\n\n")[0]
        told = re.fullmatch(r"The log explains 100% of the billed money\. In all it comes to (\S+) USD more\s.*", first)
        assert told is not None
        assert abs(Decimal(told[1]) - more) < more / 100

    @pytest.mark.endurance
    def test_a_bill_of_no_known_format_has_a_remedy_that_this_command_takes(self, tmp_path: Path) -> None:
        write(tmp_path / "bill.jsonl", {"nothing": "we know"})
        w = world()
        w.run(tmp_path)
        ended = spend("reconcile", tmp_path / "bill.jsonl", "--db", next(tmp_path.glob("*.duckdb")))
        assert ended.code == 1
        assert "--format" not in ended.err
        assert "as they come; `spend formats` lists those that are known" in ended.err

    def test_wallets(self, tmp_path: Path) -> None:
        w = world()
        granted(w)
        out = " ".join(w.run(tmp_path).out.split())
        assert "Granted 0.001 USD, Paid" in out
        assert "which is what its amounts come to" in out

    def test_an_export_without_usage_is_an_error(self, tmp_path: Path) -> None:
        w = world()
        w.billed = []
        ended = w.run(tmp_path)
        assert ended.code == 1
        assert ended.err.count("\n") >= 2
        assert "Traceback" not in ended.err

    @pytest.mark.endurance
    def test_a_log_in_place_of_an_export_is_named(self, tmp_path: Path) -> None:
        world().run(tmp_path)
        ended = spend("reconcile", tmp_path / "log.jsonl", "--db", next(tmp_path.glob("*.duckdb")))
        assert (ended.code, ended.out) == (1, "")
        assert ended.err.startswith(f"spend: {tmp_path / 'log.jsonl'}: no usage as a provider exports it\n")
