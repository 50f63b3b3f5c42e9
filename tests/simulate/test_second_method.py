"""What scenarios cost, by a second method: one call after the other in plain Python, in fractions, against the program.

Histories and scenarios are drawn at random. Nothing here is taken from the program: prices stand below as they were
published, and the rules are those of docs/simulator.md.
"""

import hashlib
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from fractions import Fraction
from typing import Any

import pytest
from support import BOOK, fill, scenario

from analyzer.ledger import Ledger
from analyzer.simulate.breakeven import break_evens
from analyzer.simulate.relations import View, prepare
from analyzer.simulate.scenario import ACTUAL
from analyzer.simulate.whatif import Simulation

pytestmark = pytest.mark.endurance

MINUTE = timedelta(minutes=1)
NEW_FLASH = datetime(2026, 9, 10, 4)  # from here on V4.1 Flash answers to the name of V4 Flash, too
# USD per 1M tokens off-peak, a miss, a hit and output, from each of these instants on; peak hours cost twice as much.
CARDS = [
    (datetime(2026, 4, 26, 12, 15), "never", ("0.14", "0.0028", "0.28"), ("0.435", "0.003625", "0.87")),
    (datetime(2026, 8, 16, 16), "daily", ("0.22", "0.007", "0.66"), ("0.66", "0.022", "1.98")),
    (datetime(2026, 8, 22, 16), "weekdays", ("0.22", "0.007", "0.66"), ("0.66", "0.022", "1.98")),
    (NEW_FLASH, "weekdays", ("0.15", "0.003", "0.6"), ("0.66", "0.022", "1.98")),
]
NATIONAL_DAY = range(1, 8)  # of October: the one holiday that the histories touch
# Where histories begin: in the calm, at changes of prices and of months, at edges of peak hours.
BEGINNINGS = [datetime(2026, 5, 4, 10), datetime(2026, 5, 31, 23, 58), datetime(2026, 10, 1), datetime(2026, 10, 21, 1)]
BEGINNINGS += [edge - 2 * MINUTE for edge, *_ in CARDS[1:]] + [datetime(2026, 10, 21, 9, 58)]


@dataclass
class Call:
    """A call as a log tells it; its tokens are None where it has no usage, ``hits`` also where the split is unknown."""

    request_id: str
    started_at: datetime
    model: str
    endpoint: str
    session_id: str | None
    prefix_blocks: list[str] | None
    input_tokens: int | None
    cache_read_tokens: int | None
    output_tokens: int | None

    @property
    def domain(self) -> tuple[str, str]:
        """Which calls can share a prefix: those that begin with the same block, else the session, else the endpoint."""
        if self.prefix_blocks:
            return "blocks", self.prefix_blocks[0]
        return ("session", self.session_id) if self.session_id else ("endpoint", self.endpoint)


@dataclass
class Policy:
    """A scenario: its rules, and what it assumes."""

    default: str
    rules: Sequence[Mapping[str, Any]]
    cache: str
    ttl: timedelta
    assume: Mapping[str, Any]

    def text(self) -> str:
        """The same as a file."""
        lines = [f'default = "{self.default}"']
        for rule in self.rules:
            lines += ["[[route]]", *(f"{key} = {_toml(value)}" for key, value in rule.items())]
        lines += ["[assume]", f'cache = "{self.cache}"', f'cache_ttl = "{self.ttl // MINUTE}m"']
        return "\n".join(lines + [f"{key} = {_toml(value)}" for key, value in self.assume.items()])


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_toml(one)}' for key, one in value.items())} }}"
    return f'"{value}"' if isinstance(value, str) else str(value)


# ------------------------------------------------------------------------------------------------ the second method


def served(name: str, at: datetime) -> str:
    """Which model answers to a name."""
    if name in {"pro", "deepseek-v4-pro"}:
        return "pro"
    return "V4.1 Flash" if at >= NEW_FLASH else "V4 Flash"


def price(name: str, at: datetime) -> list[Fraction]:
    """Of a token: a miss, a hit, output."""
    _, when, flash, pro = [card for card in CARDS if card[0] <= at][-1]
    peak = 1 <= at.hour < 4 or 6 <= at.hour < 10
    working = at.weekday() < 5 and not (at.month == 10 and at.day in NATIONAL_DAY)  # the same day in Beijing then
    dear = peak and (when == "daily" or (when == "weekdays" and working))
    return [Fraction(figure) * (2 if dear else 1) / 10**6 for figure in (pro if served(name, at) == "pro" else flash)]


def lowest(name: str, at: datetime, wait: timedelta) -> list[Fraction]:
    """The lowest price from an instant to the end of the wait; prices change at full and at quarter hours alone."""
    quarter = at - (at - datetime(2026, 1, 1)) % (15 * MINUTE)
    instants = [at, *(quarter + number * 15 * MINUTE for number in range(1, wait // (15 * MINUTE) + 2))]
    return min(price(name, instant) for instant in instants if instant <= at + wait)


def takes(rule: Mapping[str, Any], index: int, call: Call) -> bool:
    """Whether all conditions hold; none does of what is not known."""
    drawn = hashlib.md5(f"{index}:{call.session_id or call.request_id}".encode()).hexdigest()[:8]
    known = call.input_tokens is not None
    return (
        fnmatchcase(call.endpoint, rule.get("endpoint", "*"))
        and fnmatchcase(call.model, rule.get("model", "*"))
        and ("min_input_tokens" not in rule or (known and call.input_tokens >= rule["min_input_tokens"]))
        and Fraction(int(drawn, 16), 2**32) < Fraction(str(rule.get("share", 1)))
    )


def parts(policy: Policy, call: Call) -> list[tuple[Fraction, str, bool]]:
    """Which part of a call goes to which name, and whether a token share takes it. Only the last can be a rest."""
    found, left = [], Fraction(1)
    ends = [*policy.rules, {"to": policy.default}]
    for index, rule in enumerate(ends):
        if index == len(policy.rules) or takes(rule, index, call):
            part = Fraction(str(rule.get("token_share", 1))) * left
            to = call.model if rule["to"] == "as-logged" else rule["to"]
            found.append((part, to, "token_share" in rule))
            left -= part
    return [one for one in found if one[0]]  # after a rule that takes the rest there is nothing left


def hits(policy: Policy, calls: Sequence[Call], cache: str) -> dict[str, int]:
    """The hits of what no token share takes (in ``cold`` of all of it), by call; of those whose split is known."""
    server = {call.request_id: served(_rest(policy, call), call.started_at) for call in calls}
    moves = {call.request_id: server[call.request_id] != served(call.model, call.started_at) for call in calls}
    domains = defaultdict(list)
    for call in calls:
        domains[call.domain].append(call)
    met: dict[tuple[object, ...], Any] = {}
    kept = {}
    for call in sorted(calls, key=lambda call: call.started_at):
        name, kind, alike = call.request_id, call.domain[0], domains[call.domain]
        observed, model, now = call.cache_read_tokens or 0, server[call.request_id], call.started_at

        def warm(*what: object, now: datetime = now) -> bool:
            return what in met and now - met[what][0] <= policy.ttl

        if cache == "cold" and any(_any_moves(policy, one) for one in alike):
            kept[name] = 0
        elif cache != "modelled" or not any(moves[one.request_id] for one in alike):
            kept[name] = observed
        elif kind == "blocks":
            leading = [warm(block, model) for block in call.prefix_blocks or ()]
            kept[name] = min(observed, 512 * ([*leading, False]).index(False))
        elif kind == "endpoint":
            # Cold if its calls go to two models at a time; that one Flash follows the other is no split.
            times = (
                {server[one.request_id] for one in alike if (one.started_at >= NEW_FLASH) == late}
                for late in (False, True)
            )
            kept[name] = 0 if any(len(models) > 1 for models in times) else observed
        elif call is min(alike, key=lambda one: one.started_at):
            kept[name] = 0 if moves[name] and not warm("prefix", call.endpoint, model) else observed
        else:
            kept[name] = min(observed, met[call.domain, model][1] // 128 * 128) if warm(call.domain, model) else 0
        if call.input_tokens is not None:  # what has no usage is no turn of a cache
            for what in (("prefix", call.endpoint, model), *((block, model) for block in call.prefix_blocks or ())):
                met[what] = (now,)
            met[call.domain, model] = (now, call.input_tokens + (call.output_tokens or 0))
    return kept


def _rest(policy: Policy, call: Call) -> str:
    """Where goes what no token share takes; a call of which nothing is left over stays."""
    _, to, shared = parts(policy, call)[-1]
    return call.model if shared else to


def _any_moves(policy: Policy, call: Call) -> bool:
    return any(served(to, call.started_at) != served(call.model, call.started_at) for _, to, _ in parts(policy, call))


def costs(
    policy: Policy, calls: Sequence[Call], cache: str, unknown: str = "missed"
) -> tuple[dict[str, Fraction], Fraction]:
    """What each call with usage costs, and the fee of a subscription."""
    assume, kept, found, months = policy.assume, hits(policy, calls, cache), {}, set()

    def bill(name: str, call: Call, hit: Fraction) -> Fraction:
        at, stays = call.started_at, served(name, call.started_at) == served(call.model, call.started_at)
        if "fixed_fee" in assume and served(name, at) == "pro":
            months.add((at.year, at.month))
            return Fraction(0)
        miss_price, hit_price, price_out = (
            lowest(name, at, 2 * 60 * MINUTE) if "off_peak" in assume else price(name, at)
        )
        longer = "output_ratio" in assume and served(name, at) == "pro" and not stays
        ratio = Fraction(str(assume["output_ratio"]["pro"])) if longer else 1
        whole, out = call.input_tokens or 0, (call.output_tokens or 0) * ratio
        return (whole - hit) * miss_price + hit * hit_price + out * price_out

    for call in calls:
        whole, total = call.input_tokens or 0, Fraction(0)
        for part, name, shared in parts(policy, call):
            hit = Fraction(call.cache_read_tokens or 0 if shared and cache != "cold" else kept[call.request_id])
            if call.cache_read_tokens is None and unknown == "hit":
                hit = Fraction(whole)
            if "hit_rate" in assume:
                hit = whole * Fraction(str(assume["hit_rate"]))
            total += part * bill(name, call, hit)
            cascade = assume.get("escalate")
            if cascade and served(name, call.started_at) == served(cascade["from"], call.started_at):
                total += part * Fraction(str(cascade["rate"])) * bill(cascade["to"], call, Fraction(0))
        if call.input_tokens is not None:
            found[call.request_id] = total
    return found, Fraction(assume["fixed_fee"]["amount"]) * len(months) if "fixed_fee" in assume else Fraction(0)


def total(policy: Policy, calls: Sequence[Call], cache: str | None = None, unknown: str = "missed") -> Fraction:
    found, fee = costs(policy, calls, cache or policy.cache, unknown)
    return sum(found.values(), fee)


# ------------------------------------------------------------------------------------------------ what is drawn


def history(draw: random.Random, kinds: str) -> list[Call]:
    """A few calls of sessions (s), of prefix blocks (b) or of neither (e), seconds to days apart."""
    now, prompts, seen, calls = draw.choice(BEGINNINGS), defaultdict[str | None, int](int), ["b"], []
    for number in range(draw.randint(2, 10)):
        now += timedelta(seconds=draw.choice((1, 60, 119, 600, 3600, 7201, 86400)))
        kind = draw.choice(kinds)
        session = draw.choice(("s1", "s2")) if kind == "s" else None
        blocks = None
        whole = draw.choice((0, 1, 128, 5000, 200_000, 2**53 - 1))
        if kind == "s":
            whole = prompts[session] = prompts[session] + draw.choice((0, 1, 300, 5000))
        if kind == "b":
            path = draw.choice(seen)
            path = path[: draw.randint(1, len(path))] + "".join(draw.choices("xyz", k=draw.randrange(3)))
            seen.append(path)
            blocks = [path[: place + 1] for place in range(len(path))]  # a block's name stands for all before it, too
            whole = len(blocks) * 512 - draw.choice((0, 5, 511))
        hit = draw.choice((None, 0, whole, whole // 2))
        usage = (whole, hit, draw.choice((0, 1, 100, 20_000))) if draw.random() < 0.9 else (None, None, None)
        model = draw.choice(("deepseek-v4-flash", "deepseek-v4-pro"))
        endpoint = draw.choice(("/chat", "/agents/code"))
        calls.append(Call(f"r{number}", now, model, endpoint, session, blocks, *usage))
    return calls


def policies(draw: random.Random) -> Iterator[Policy]:
    for _ in range(4):
        rules = []
        for _ in range(draw.randrange(3)):
            rule: dict[str, Any] = {"to": draw.choice(("flash", "pro", "as-logged", "deepseek-v4-flash"))}
            for word, values in (
                ("endpoint", ("/ag*", "*")),
                ("model", ("*-pro",)),
                ("min_input_tokens", (0, 128, 5001)),
            ):
                if draw.random() < 0.3:
                    rule[word] = draw.choice(values)
            share = draw.choice(("", "", "share", "token_share"))
            rules.append(rule | ({share: draw.choice((0, 0.25, 0.5, 1))} if share else {}))
        words = {
            "hit_rate": draw.choice((0, 0.8, 0.123456, 1)),
            "output_ratio": {"pro": draw.choice((0, 1.1, 3))},
            "escalate": {"from": "flash", "to": "pro", "rate": draw.choice((0.08, 1))},
            "off_peak": {"max_wait": "2h"},
            "fixed_fee": {"amount": "19.999", "covers": "pro"},
        }
        assume = {word: value for word, value in words.items() if draw.random() < 0.2}
        ttl = draw.choice((1, 10, 60, 1440)) * MINUTE
        yield Policy(
            draw.choice(("as-logged", "flash", "pro")),
            rules,
            draw.choice(("modelled", "modelled", "cold", "transferred")),
            ttl,
            assume,
        )


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    with Ledger.throwaway() as made:
        yield made


def simulation(ledger: Ledger, calls: Sequence[Call]) -> Simulation:
    fill(ledger, [vars(call) for call in calls])
    prepare(ledger, BOOK, View())
    return Simulation(ledger, BOOK, View())


@pytest.mark.parametrize("kinds", ["s", "b", "e", "sbe"])
@pytest.mark.parametrize("seed", range(8))
def test_scenarios_cost_what_they_cost_call_by_call(ledger: Ledger, seed: int, kinds: str) -> None:
    draw = random.Random(f"{seed} {kinds}")
    calls = history(draw, kinds)
    program = simulation(ledger, calls)
    assert program.price(ACTUAL).cost in {None, total(Policy("as-logged", (), "modelled", MINUTE, {}), calls)}

    for policy in policies(draw):
        told = program.price(scenario(policy.text()))

        if told.cost is None:
            assert not costs(policy, calls, policy.cache)[0]
            continue
        assert Fraction(told.cost) == total(policy, calls), policy.text()
        assert told.low is not None and Fraction(told.low) == total(policy, calls, "transferred", "hit"), policy.text()
        assert told.high is not None and Fraction(told.high) == total(policy, calls, "cold"), policy.text()


@pytest.mark.parametrize("seed", range(12))
def test_break_evens_are_where_two_costs_meet(ledger: Ledger, seed: int) -> None:
    """Each cost is linear in the quantity: the line through its costs at 0 and at 1 meets the other cost there, or nowhere."""
    calls = history(random.Random(seed), "sbe")
    program = simulation(ledger, calls)
    flash, pro = (program.price(scenario(f'default = "{family}"')) for family in ("flash", "pro"))

    def cost(default: str, cache: str = "transferred", part: Sequence[Call] = calls, **assume: object) -> Fraction:
        within = {call.request_id for call in part}
        found = costs(Policy(default, (), cache, 1440 * MINUTE, assume), calls, cache)[0]
        return sum((each for name, each in found.items() if name in within), Fraction(0))

    def meets(at_0: Fraction, at_1: Fraction, other: Fraction) -> Fraction | None:
        return None if at_0 == at_1 else (other - at_0) / (at_1 - at_0)

    for told in break_evens(flash, pro):
        part = [call for call in calls if told.overall or call.endpoint == told.endpoint]
        if all(call.input_tokens is None for call in part):
            assert told.actual is None
            continue
        actual, on_flash, on_pro = (cost(to, part=part) for to in ("as-logged", "flash", "pro"))
        again = {rate: {"from": "flash", "to": "pro", "rate": rate} for rate in (0, 1)}
        assert told.pro_share == meets(on_flash, on_pro, actual)
        assert told.escalation_rate == meets(
            *(cost("flash", part=part, escalate=each) for each in again.values()), on_pro
        )
        for family, rate in (("flash", told.hit_rate_flash), ("pro", told.hit_rate_pro)):
            assert rate == meets(*(cost(family, part=part, hit_rate=each) for each in (0, 1)), actual)
        longer = (cost("pro", "modelled", part, output_ratio={"pro": each}) for each in (0, 1))
        assert told.output_ratio_pro == meets(*longer, actual)
