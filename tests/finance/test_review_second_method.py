"""Reviews, exports and reconciliations of random histories, worked out call by call with plain fractions.

The prices are those of the provider's page, written down here once more; nothing of the program's takes part but its
command line.
"""

import csv
import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fnmatch import fnmatchcase
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support import EXPORT_HEAD, export, spend, write

pytestmark = pytest.mark.endurance

UNIT = Fraction(1, 10**15)
HISTORIES = range(12)
FLASH, PRO, HOUSE = "deepseek-v4-flash", "deepseek-v4-pro", "house-model"

# USD per 1M tokens at off-peak hours: first instant, hit, miss, output; whether peak hours cost twice as much.
LISTS = {
    FLASH: [
        (datetime(2026, 4, 26, 12, 15, tzinfo=UTC), "0.0028", "0.14", "0.28", False),
        (datetime(2026, 8, 16, 16, tzinfo=UTC), "0.007", "0.22", "0.66", True),
        (datetime(2026, 9, 10, 4, tzinfo=UTC), "0.003", "0.15", "0.6", True),
    ],
    PRO: [
        (datetime(2026, 4, 26, 12, 15, tzinfo=UTC), "0.003625", "0.435", "0.87", False),
        (datetime(2026, 8, 16, 16, tzinfo=UTC), "0.022", "0.66", "1.98", True),
    ],
}
WORKDAYS_ONLY = datetime(2026, 8, 22, 16, tzinfo=UTC)  # from here on weekends have no peak,
HOLIDAYS_OFF = {FLASH: datetime(2026, 9, 10, 4, tzinfo=UTC), PRO: datetime(2026, 9, 19, tzinfo=UTC)}  # nor these:
HOLIDAYS = {date(2026, 9, 25), *(date(2026, 10, day) for day in range(1, 8))}
BEIJING = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Call:
    """A call, as its log tells it."""

    at: datetime
    model: str
    endpoint: str | None
    team: str | None
    key: str | None
    user: str | None
    input: int | None  # None where the usage is not known
    hits: int | None  # None where the split is not known
    output: int | None

    def record(self) -> dict[str, object]:
        told = {
            "ts": self.at.isoformat().replace("+00:00", "Z"), "model": self.model, "endpoint": self.endpoint,
            "team": self.team, "api_key_name": self.key, "user": self.user, "input_tokens": self.input,
            "cache_read_tokens": self.hits, "output_tokens": self.output,
        }  # fmt: skip
        return {name: value for name, value in told.items() if value is not None}

    @property
    def prices(self) -> tuple[Fraction, Fraction, Fraction] | None:
        """Of one token that hits, misses, is written."""
        if self.model not in LISTS:
            return None
        *_, (_, *figures, by_hour) = (one for one in LISTS[self.model] if one[0] <= self.at)
        twice = 2 if by_hour and _peak(self.model, self.at) else 1
        hit, miss, output = (Fraction(figure) * twice / 10**6 for figure in figures)
        return hit, miss, output

    @property
    def cost(self) -> Fraction | None:
        if self.prices is None or self.input is None or self.output is None:
            return None
        hit, miss, output = self.prices
        return (self.hits or 0) * hit + (self.input - (self.hits or 0)) * miss + self.output * output

    @property
    def unpriced(self) -> bool:
        return self.input is not None and self.prices is None


def _peak(model: str, at: datetime) -> bool:
    here = at.astimezone(BEIJING)
    if at >= WORKDAYS_ONLY and here.isoweekday() > 5:
        return False
    if at >= HOLIDAYS_OFF[model] and here.date() in HOLIDAYS:
        return False
    return 9 <= here.hour < 12 or 14 <= here.hour < 18


@dataclass(frozen=True)
class Rule:
    to: str | None
    center: str | None
    asks: dict[str, list[str]]
    first: date | None
    after: date | None

    def takes(self, one: Call, day: date) -> bool:
        told = {
            "endpoint": one.endpoint,
            "api_key_name": one.key,
            "user": one.user,
            "team": one.team,
            "model": one.model,
        }
        return (
            (self.first is None or self.first <= day)
            and (self.after is None or day < self.after)
            and all(
                told[word] is not None and any(fnmatchcase(str(told[word]), glob) for glob in globs)
                for word, globs in self.asks.items()
            )
        )

    def text(self) -> str:
        lines = ["[[allocation]]"]
        lines += [f"{word} = {json.dumps(globs)}" for word, globs in self.asks.items()]
        told = {
            "to": json.dumps(self.to),
            "cost_center": json.dumps(self.center),
            "from": self.first,
            "until": self.after,
        }
        given = {"to": self.to, "cost_center": self.center, "from": self.first, "until": self.after}
        lines += [f"{word} = {value}" for word, value in told.items() if given[word] is not None]
        return "\n".join(lines)


@dataclass(frozen=True)
class Share:
    of: str
    parts: dict[str, Fraction] | None
    by: str
    first: date | None
    after: date | None

    def holds(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.after is None or day < self.after)

    def text(self) -> str:
        lines = ["[[share]]", f'of = "{self.of}"']
        if self.parts is None:
            lines.append(f'by = "{self.by}"')
        else:
            inner = ", ".join(f"{team} = {float(part)}" for team, part in self.parts.items())
            lines.append(f"to = {{ {inner} }}")
        days = {"from": self.first, "until": self.after}
        return "\n".join([*lines, *(f"{word} = {day}" for word, day in days.items() if day is not None)])


class History:
    """A random one: calls of two months and a few days around them, rules and budgets."""

    def __init__(self, seed: int) -> None:
        dice = random.Random(f"review {seed}")
        self.dice = dice
        self.zone = ZoneInfo(
            dice.choice(["UTC", "Asia/Kolkata", "America/St_Johns", "Asia/Shanghai", "Pacific/Kiritimati"])
        )
        year, number = 2026, dice.choice([6, 7, 8, 9, 9, 10, 10])
        self.first, self.before = date(year, number, 1), date(year, number - 1, 1)
        self.after = date(year, number + 1, 1)
        edges = [self._instant(day) for day in (self.before, self.first, self.after)]
        self.calls = [self._call(edges) for _ in range(dice.choice([30, 120, 400]))]
        self.calls += [self._call(edges, at=edge + timedelta(seconds=s)) for edge in edges for s in (-1, 0, 1)]
        self.rules = [self._rule() for _ in range(dice.randrange(4))]
        self.shares = [self._share() for _ in range(dice.randrange(3))]
        self.budgets = [
            (kind, dice.choice(globs), Decimal(dice.randrange(1, 10**6)).scaleb(-9))
            for kind, globs in {
                "endpoint": ["/chat", "/*", "*"], "team": ["blue", "*e*"], "api_key_name": ["k-[12]", "nobody"],
                "model": ["*flash", HOUSE], "cost_center": ["CC-*"],
            }.items()
            if dice.random() < 0.6
        ]  # fmt: skip
        self.budget = Decimal(dice.randrange(1, 10**6)).scaleb(-8)
        self.planned = dice.randrange(1, 500)

    def _instant(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)

    def _call(self, edges: list[datetime], at: datetime | None = None) -> Call:
        dice = self.dice
        start, end = edges[0] - timedelta(days=2), edges[-1] + timedelta(days=2)
        at = at or start + timedelta(seconds=dice.randrange(int((end - start).total_seconds())))
        read = None if dice.random() < 0.05 else dice.choice([0, 1, 999, 12_345, dice.randrange(10**6)])
        return Call(
            at=at,
            model=dice.choice([FLASH, FLASH, PRO, PRO, HOUSE] if dice.random() < 0.3 else [FLASH, PRO]),
            endpoint=dice.choice(["/chat", "/search", "/agents/x", None]),
            team=dice.choice(["blue", "green", "red", None]),
            key=dice.choice(["k-1", "k-2", "k-3", None]),
            user=dice.choice(["ann", "bob", None]),
            input=read,
            hits=None if read is None or dice.random() < 0.1 else dice.randrange(read + 1),
            output=None if read is None else dice.choice([0, 1, 777, dice.randrange(10**5)]),
        )

    def _days(self) -> tuple[date | None, date | None]:
        days = sorted(self.before + timedelta(days=self.dice.randrange(62)) for _ in range(2))
        if days[0] == days[1]:
            return None, None
        return self.dice.choice([(None, None), (days[0], None), (None, days[1]), (days[0], days[1])])

    def _rule(self) -> Rule:
        dice = self.dice
        words = {
            "endpoint": ["/chat", "/a*", "/s*ch"], "api_key_name": ["k-?", "k-1"], "user": ["a*"],
            "team": ["blue", "[!b]*"], "model": ["*-flash", "*pro"],
        }  # fmt: skip
        asked = dice.sample(list(words), dice.choice([1, 1, 2]))
        to = dice.choice(["blue", "pink", None])
        return Rule(
            to,
            dice.choice(["CC-1", "CC-2", None]) if to else "CC-3",
            {word: dice.sample(words[word], dice.choice([1, len(words[word])])) for word in asked},
            *self._days(),
        )

    def _share(self) -> Share:
        of = self.dice.choice(["blue", "green", "unallocated"])
        parts = self.dice.choice(
            [
                None,
                None,
                {"red": Fraction(1, 2), "pink": Fraction(1, 2)},
                {"red": Fraction(1, 4), "new": Fraction(3, 4)},
            ]
        )
        return Share(of, parts, self.dice.choice(["cost", "requests", "tokens"]), *self._days())

    def settings(self) -> str:
        lines = [f'tz = "{self.zone.key}"', *(one.text() for one in (*self.rules, *self.shares))]
        lines += ["[budget]", f'month = "{self.budget:f}"', f"requests = {self.planned}"]
        lines += [f'[budget.{kind}]\n"{glob}" = "{amount:f}"' for kind, glob, amount in self.budgets]
        return "\n".join(lines) + "\n"

    # What is known of a call by the rules.

    def day(self, one: Call) -> date:
        return one.at.astimezone(self.zone).date()

    def month(self, one: Call) -> date:
        return self.day(one).replace(day=1)

    def payer(self, one: Call) -> tuple[str | None, str | None]:
        rule = next((rule for rule in self.rules if rule.takes(one, self.day(one))), None)
        return (one.team if rule is None or rule.to is None else rule.to), (rule.center if rule else None)

    def of(self, month: date) -> list[Call]:
        return [one for one in self.calls if self.month(one) == month]


def total(some: Iterable[Call]) -> Fraction | None:
    known = [one.cost for one in some if one.cost is not None]
    return sum(known, Fraction(0)) if known else None


def money(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


@pytest.mark.parametrize("seed", HISTORIES)
def test_a_month_is_what_its_calls_are(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    history = History(seed)
    write(tmp_path / "log.jsonl", *(one.record() for one in history.calls))
    (tmp_path / "spend.toml").write_text(history.settings(), encoding="utf-8")
    assert spend("ingest", "log.jsonl", "--db", "l.duckdb").code == 0

    found = spend(
        "review", f"{history.first:%Y-%m}", "--db", "l.duckdb", "--no-report", "--no-workbook", "--json"
    ).document
    reviewed(history, found)
    exported(history)
    billed(history, tmp_path)


def reviewed(history: History, found: dict[str, Any]) -> None:
    now, then = history.of(history.first), history.of(history.before)
    assert money(found["actual"]) == total(now)
    assert money(found["previous"]) == total(then)
    changes = [found["variance"], found["price_volume_mix"]]
    if total(now) is None or total(then) is None:
        assert found["difference"] is None
    else:
        difference = (total(now) or 0) - (total(then) or 0)
        assert money(found["difference"]) == difference
        assert [sum(Fraction(one["amount"]) for one in change) for change in changes] == [difference] * 2
        by_endpoint(history, found)
    showback(history, found["showback"])
    budgets(history, found)
    units(history, found["unit_economics"])


def by_endpoint(history: History, found: dict[str, Any]) -> None:
    sides = []
    for month in (history.before, history.first):
        costs: dict[str | None, Fraction] = defaultdict(Fraction)
        for one in history.of(month):
            if one.cost is not None:
                costs[one.endpoint] += one.cost
        sides.append(costs)
    then, now = sides
    told = {one["endpoint"]: one for one in found["variance_by_endpoint"]}
    assert told.keys() == {*then, *now}
    for endpoint, one in told.items():
        assert Fraction(one["amount"]) == now.get(endpoint, 0) - then.get(endpoint, 0)
        assert sum(Fraction(driver["amount"]) for driver in one["drivers"]) == Fraction(one["amount"])
    drivers = {one["driver"]: Fraction(one["amount"]) for one in found["variance"]}
    assert drivers["new endpoints"] == sum(cost for endpoint, cost in now.items() if endpoint not in then)
    assert drivers["discontinued endpoints"] == -sum(cost for endpoint, cost in then.items() if endpoint not in now)


def showback(history: History, found: dict[str, list[dict[str, Any]]]) -> None:
    asked: dict[str, Callable[[Call], str | None]] = {
        "endpoint": lambda one: one.endpoint, "team": lambda one: history.payer(one)[0],
        "cost_center": lambda one: history.payer(one)[1], "api_key_name": lambda one: one.key,
        "model": lambda one: one.model,
    }  # fmt: skip
    shared = shares(history)
    for dimension, name in asked.items():
        lines = {line["name"]: line for line in found[dimension]}
        now, then = (by(name, history.of(month)) for month in (history.first, history.before))
        named = {*now, *then} | ({team for team, amount in shared.items() if amount} if dimension == "team" else set())
        assert lines.keys() - named <= set(shared), dimension
        assert named <= lines.keys(), dimension
        for who, line in lines.items():
            mine = now.get(who, [])
            assert line["requests"] == len(mine)
            assert line["unpriced"] == sum(one.unpriced for one in mine)
            assert line["input_tokens"] == sum(one.input or 0 for one in mine)
            assert line["output_tokens"] == sum(one.output or 0 for one in mine)
            assert money(line["cost"]) == (total(mine) if mine else 0), (dimension, who)
            assert money(line["previous"]) == (total(then[who]) if who in then else 0), (dimension, who)
        if dimension == "team":
            assert sum(Fraction(line["shared"]) for line in lines.values() if line["shared"] is not None) == 0
            for who, line in lines.items():
                if line["shared"] is not None:  # each share rounds once
                    assert abs(Fraction(line["shared"]) - shared.get(who, 0)) <= len(history.shares) * UNIT, who


def by(name: Callable[[Call], str | None], some: Iterable[Call]) -> dict[str | None, list[Call]]:
    found: dict[str | None, list[Call]] = defaultdict(list)
    for one in some:
        found[name(one)].append(one)
    return found


def shares(history: History) -> dict[str | None, Fraction]:
    """What each team takes on, or gives away."""
    moved: dict[str | None, Fraction] = defaultdict(Fraction)
    common = {one.of for one in history.shares}
    calls = [(history.day(one), history.payer(one)[0], one) for one in history.of(history.first)]
    for place, share in enumerate(history.shares):
        before = [one for one in history.shares[:place] if one.of == share.of]
        held = [(team, one) for day, team, one in calls if share.holds(day) and not any(b.holds(day) for b in before)]
        payer = None if share.of == "unallocated" else share.of
        amount = sum((one.cost or Fraction(0) for team, one in held if team == payer), Fraction(0))
        parts: dict[str, Fraction] = defaultdict(Fraction)
        if share.parts is not None:
            parts.update(share.parts)
        else:
            measure: dict[str, Callable[[Call], Fraction | int]] = {
                "cost": lambda one: one.cost or 0, "requests": lambda _: 1,
                "tokens": lambda one: (one.input or 0) + (one.output or 0),
            }  # fmt: skip
            for team, one in held:
                if team is not None and team not in common:
                    parts[team] += measure[share.by](one)
        whole = sum(parts.values())
        if whole and amount:
            for team, part in parts.items():
                moved[team] += amount * part / whole
            moved[payer] -= amount
    return moved


def budgets(history: History, found: dict[str, Any]) -> None:
    now = history.of(history.first)
    whole, *parts = found["budgets"]
    assert money(found["budget"]) == Fraction(history.budget)
    priced = [one for one in now if one.cost is not None]
    for line, mine, amount in [
        (whole, now, history.budget),
        *((line, [one for one in now if _matches(history, one, line)], None) for line in parts),
    ]:
        planned = amount or _planned(history, line)
        spent = total(mine) if mine else Fraction(0)
        assert money(line["actual"]) == spent, line
        assert line["requests"] == len(mine)
        assert line["unpriced"] == sum(one.unpriced for one in mine)
        assert line["without_cost"] == sum(one.cost is None for one in mine)
        assert line["over"] == (None if spent is None else spent > Fraction(planned))
        assert money(line["left"]) == (None if spent is None else Fraction(planned) - spent)
    assert len(parts) == len(history.budgets)
    if priced:
        split = {name: Fraction(one) for name, one in found["flexible_budget"].items()}
        each = Fraction(history.budget) / history.planned
        assert abs(split["activity"] - (len(priced) - history.planned) * each) <= UNIT
        assert split["activity"] + split["efficiency"] == (total(now) or 0) - Fraction(history.budget)


def _planned(history: History, line: dict[str, Any]) -> Decimal:
    (amount,) = [one for kind, glob, one in history.budgets if (kind, glob) == (line["kind"], line["name"])]
    return amount


def _matches(history: History, one: Call, line: dict[str, Any]) -> bool:
    team, center = history.payer(one)
    told = {"endpoint": one.endpoint, "team": team, "api_key_name": one.key, "model": one.model, "cost_center": center}
    name = told[line["kind"]]
    return name is not None and fnmatchcase(name, line["name"])


def units(history: History, found: list[dict[str, Any]]) -> None:
    for line in found:
        calls = [one for one in history.calls if f"{history.month(one):%Y-%m}" == line["month"]]
        priced = [one for one in calls if one.cost is not None]
        assert money(line["cost"]) == total(calls)
        assert line["requests"] == len(calls)
        assert line["unmeasured"] == sum(one.input is None for one in calls)
        assert line["unpriced"] == sum(one.unpriced for one in calls)
        if priced:
            cost = total(priced) or Fraction(0)
            tokens = sum((one.input or 0) + (one.output or 0) for one in priced)
            near(line["cost_per_1000_requests"], 1000 * cost / len(priced))
            near(line["cost_per_1m_tokens"], 10**6 * cost / tokens if tokens else None)
            saved = [
                (one.hits or 0) * (one.prices[1] - one.prices[0])
                for one in priced
                if one.prices and (one.hits is not None)
            ]
            assert money(line["cache_saving"]) == (sum(saved) if saved else None)


def near(told: str | None, exact: Fraction | None) -> None:
    if told is None or exact is None:
        assert told == exact
    else:
        assert abs(Fraction(told) - exact) <= UNIT


def exported(history: History) -> None:
    """Costs and FOCUS rows of the month add up to it."""
    month = f"{history.first:%Y-%m}"
    now = history.of(history.first)
    for name, words, column in [
        ("costs.csv", ("--csv",), "cost"),
        ("hours.csv", ("--csv", "--what", "hours"), "cost"),
        ("requests.csv", ("--csv", "--what", "requests"), "cost"),
        ("focus.csv", ("--focus",), "BilledCost"),
    ]:
        ended = spend("export", *words, "--db", "l.duckdb", "--month", month, "--output", name)
        assert ended.code == 0, ended.err
        with Path(name).open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
        assert sum((Fraction(row[column]) for row in rows if row[column]), Fraction(0)) == (total(now) or 0), name
        if name == "costs.csv":
            found: dict[tuple[str, str, str], Fraction] = defaultdict(Fraction)
            expected: dict[tuple[str, str, str], Fraction] = defaultdict(Fraction)
            for row in rows:
                found[row["day"], row["team"], row["cost_center"]] += Fraction(row["cost"] or 0)
            for one in now:
                team, center = history.payer(one)
                expected[str(history.day(one)), team or "", center or ""] += one.cost or 0
            assert found == expected
        if name == "focus.csv":
            assert sum((Fraction(row["EffectiveCost"]) for row in rows), Fraction(0)) == (total(now) or 0)
            for row in rows:
                assert Fraction(row["PricingQuantity"]) * Fraction(row["ListUnitPrice"]) == Fraction(row["ListCost"])


def billed(history: History, path: Path) -> None:
    """A bill of the same calls agrees to the last digit; of those that it lacks it is short by what they cost."""
    dice = history.dice
    sold = [one for one in history.calls if one.cost is not None]
    kept = [one for one in sold if dice.random() < dice.choice([0.9, 1])]
    amounts: dict[tuple[Any, ...], int] = defaultdict(int)
    for one in kept:
        hit, miss, output = one.prices or ()
        place = f"{one.at:%Y-%m-%d}", one.model, one.key or ""
        amounts[*place, "input_cache_hit_tokens", hit] += one.hits or 0
        amounts[*place, "input_cache_miss_tokens", miss] += (one.input or 0) - (one.hits or 0)
        amounts[*place, "output_tokens", output] += one.output or 0
        amounts[*place, "request_count", None] += 1
    lines = [
        f"u,{day},{model},{key},sk-***,{kind},{'' if price is None else format(Decimal(price.numerator) / price.denominator, 'f')},{number}"
        for (day, model, key, kind, price), number in amounts.items()
    ]
    dice.shuffle(lines)
    bill = export(path / "amount.csv", EXPORT_HEAD, *lines)
    ended = spend("reconcile", bill, "--db", "l.duckdb", "--json")
    assert ended.code == 0, ended.err
    found = ended.document
    days = {f"{one.at:%Y-%m-%d}" for one in kept}
    inside = [one for one in sold if f"{one.at:%Y-%m-%d}" in days]
    assert Fraction(found["billed"]) == (total(kept) or 0)
    assert Fraction(found["computed"]) == (total(inside) or 0)
    assert Fraction(found["difference"]) == (total(kept) or 0) - (total(inside) or 0)
    told = [Fraction(line["billed"]) - Fraction(line["computed"]) for line in found["buckets"]]
    assert sum(told) == Fraction(found["difference"])
    assert sum(Fraction(one["amount"]) for one in found["causes"]) == Fraction(found["difference"])
