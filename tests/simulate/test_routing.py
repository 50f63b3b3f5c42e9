"""Routing: which requests the rules of a scenario take, and how shares are drawn."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from support import (
    BOOK,
    FLASH,
    PRO,
    cost,
    fill,
    money,
    priced,
    request,
    scenario,
)

from analyzer.ledger import Ledger
from analyzer.simulate.relations import View, prepare
from analyzer.simulate.routing import AS_LOGGED, Rule, deciding, legs, route
from analyzer.simulate.vocabulary import read


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    with Ledger.throwaway() as made:
        yield made


def routed(ledger: Ledger, rule: str, rows: Sequence[dict[str, Any]]) -> list[bool]:
    """Which requests a rule takes."""
    fill(ledger, rows)
    prepare(ledger, BOOK, View())
    what_if = scenario(f'default = "as-logged"\n[[route]]\nto = "deepseek-v4-pro"\n{rule}')
    routes = ledger.connection.execute(f"SELECT {route(what_if.rules, {})} FROM stretches ORDER BY row_id").fetchall()
    return [taken == "0" for (taken,) in routes]


@pytest.mark.parametrize(
    ("more", "counted"),
    [
        ('[prices]\n"flash" = { input = "1", cache_read = "0.5", output = "2" }', 0),
        ('[prices]\n"flash" = { input = "1", output = "2" }', 1),  # hits at the price of the card
        ('[prices]\n"flash" = { discount = "10%" }', 1),
        ('[assume]\nfixed_fee = { amount = 1, covers = "flash" }', 0),
        ('[assume]\nfixed_fee = { amount = 1, covers = "pro" }', 1),
    ],
)
def test_what_the_first_card_does_not_price_is_not_counted(ledger: Ledger, more: str, counted: int) -> None:
    """Before the launch: own prices of a scenario and a subscription need no card."""
    _, result = priced(ledger, [request("gpt-5", "2026-03-01T10:00")], scenario(f'default = "flash"\n{more}'))

    assert (result.unpriced, result.before_first_price) == (0, counted)


def test_first_match_wins(ledger: Ledger) -> None:
    rules = '[[route]]\nto = "deepseek-v4-flash"\nendpoint = "/a"\n[[route]]\nto = "deepseek-v4-pro"\nendpoint = "*"\n'
    rows = [request("deepseek-chat", endpoint=endpoint) for endpoint in ("/a", "/b")]

    _, result = priced(ledger, rows, scenario('default = "as-logged"\n' + rules))

    by_endpoint = {row["endpoint"]: money(row["low"]) for row in result.endpoints.iter_rows(named=True)}
    assert by_endpoint == {"/a": cost(FLASH, 400, 600, 100), "/b": cost(PRO, 400, 600, 100)}


@pytest.mark.parametrize(
    ("rules", "idle"),
    [
        ([], ()),
        (['endpoint = "/chat"'], ()),
        (['endpoint = "/chta"'], (0,)),  # a slip of the pen
        (['endpoint = "/chta"', 'endpoint = "/chat"', "min_input_tokens = 1_001"], (0, 2)),
        (['model = "deepseek-v4-flash"', 'endpoint = "/chat"'], (1,)),  # the rule before takes them all
        (["share = 0"], (0,)),
        (["share = 1"], ()),
        (["token_share = 0.5", 'endpoint = "/chat"'], ()),  # half, and the rest of /chat
        (["token_share = 0"], (0,)),
        (["token_share = 1", "token_share = 0.5", 'endpoint = "/chat"'], (1, 2)),  # nothing is left
        (['endpoint = "*"', "token_share = 0.5"], (1,)),
    ],
)
@pytest.mark.endurance
def test_rules_by_which_no_request_goes_are_told(ledger: Ledger, rules: list[str], idle: tuple[int, ...]) -> None:
    rows = [request(endpoint="/chat"), request(endpoint="/code")]
    text = "\n".join(f'[[route]]\nto = "pro"\n{rule}' for rule in rules)

    _, result = priced(ledger, rows, scenario(f'default = "flash"\n{text}'))

    assert result.idle_rules == idle


def test_all_conditions_of_a_rule_must_hold(ledger: Ledger) -> None:
    rule = 'endpoint = "/a"\nmin_input_tokens = 1000\nmax_output_tokens = 100'
    rows = [
        request(endpoint="/a"),
        request(endpoint="/b"),
        request(endpoint="/a", misses=399),
        request(endpoint="/a", output=101),
    ]

    assert routed(ledger, rule, rows) == [True, False, False, False]


@pytest.mark.parametrize(
    ("patterns", "name", "matches"),
    [
        ('"/agents/*"', "/agents/plan", True),
        ('"/agents/*"', "/agent", False),
        ('["/x", "code-review"]', "code-review", True),
        ('["/x", "code-review"]', "code-reviews", False),
        ('"v?"', "v1", True),
        ('"v?"', "v12", False),
        ('"[ab]*"', "batch", True),
        ('"[ab]*"', "chat", False),
        ('"%"', "anything", False),
        ('"_"', "a", False),
        ('"/Chat"', "/chat", False),
        ('"\'; DROP TABLE requests; --"', "/chat", False),
    ],
)
def test_globs(ledger: Ledger, patterns: str, name: str, matches: bool) -> None:
    assert routed(ledger, f"endpoint = {patterns}", [request(endpoint=name)]) == [matches]


@pytest.mark.parametrize(
    ("word", "column"),
    [
        ("model", "model"),
        ("api_key_name", "api_key_name"),
        ("team", "team"),
        ("operation", "operation"),
        ("user", "user_name"),
        ("endpoint", "endpoint"),
    ],
)
def test_every_word_of_a_rule_looks_at_its_own_column(ledger: Ledger, word: str, column: str) -> None:
    rows = [request(**{column: "deepseek-chat"}), request(), request(**{column: "deepseek-reasoner"})]

    assert routed(ledger, f'{word} = "*chat"', rows) == [True, False, False]


@pytest.mark.parametrize("count", ["input_tokens", "output_tokens", "reasoning_tokens", "tool_calls"])
def test_ranges_hold_at_their_bounds(ledger: Ledger, count: str) -> None:
    """``min_`` and ``max_`` are both inclusive; what the log does not know is in no range."""
    rows = [request(misses=0, hits=0, output=0) | {count: value} for value in (9, 10, 11, None)]

    assert routed(ledger, f"min_{count} = 10", rows) == [False, True, True, False]
    assert routed(ledger, f"max_{count} = 10", rows) == [True, True, False, False]
    assert routed(ledger, f"min_{count} = 0", rows) == [True, True, True, False]


@pytest.mark.parametrize("bound", ["min_input_tokens = 10", "max_output_tokens = 2_000_000"])
def test_bounds_do_not_hold_for_the_sum_of_many_calls(ledger: Ledger, bound: str) -> None:
    """A day of an export tells what all of its calls read and wrote, not what one of them did."""
    day = {"bucket_end": datetime.fromisoformat("2026-05-02"), "calls": 917}
    rows = [request(misses=10**6, **day), request(at="2026-06-01", misses=10**6)]

    assert routed(ledger, bound, rows) == [False, True]
    assert routed(ledger, 'model = "*-flash"', rows) == [True, True]


@pytest.mark.parametrize(
    "rule", ['endpoint = "*"', 'team = "*"', 'user = "*"', "min_tool_calls = 0", "max_reasoning_tokens = 9"]
)
def test_unknown_values_never_match(ledger: Ledger, rule: str) -> None:
    assert routed(ledger, rule, [request()]) == [False]


@pytest.mark.parametrize(
    ("row", "to_pro"),
    [
        (request(output=10_000), False),
        (request(output=10_001), True),
        (request(misses=100_000, hits=0), False),
        (request(misses=100_001, hits=0), True),
        (request(endpoint="/agents/plan"), True),
        (request(endpoint="tool-runner"), True),
        (request(endpoint="/chat"), False),
        (request(), False),
    ],
)
def test_the_shipped_mix_follows_the_guide(ledger: Ledger, row: dict[str, Any], to_pro: bool) -> None:
    """Outputs over 10K tokens, inputs over 100K, and tool-chaining agents go to Pro; all else stays on Flash."""
    mixed = read("mixed", BOOK)

    _, result = priced(ledger, [row], mixed)

    assert (result.moved == 1) == to_pro
    assert mixed.hindsight
    assert not read("all-pro", BOOK).hindsight


def drawn(index: int, who: str) -> int:
    """The ruling: the first 8 hex digits of the MD5 of ``<rule index>:<session, else request>``."""
    return int(hashlib.md5(f"{index}:{who}".encode(), usedforsecurity=False).hexdigest()[:8], 16)


@pytest.mark.endurance
@pytest.mark.parametrize("share", ["0", "0.25", "0.5", "0.9999999999", "1"])
def test_share_is_drawn_by_session(ledger: Ledger, share: str) -> None:
    sessions = [f"session-{number}" for number in range(40)]
    rows = [request(endpoint=name, session_id=name) for name in sessions for _ in range(2)]
    rows += [request(endpoint=f"alone-{number}", request_id=f"alone-{number}") for number in range(20)]
    what_if = scenario(
        f'default = "as-logged"\n[[route]]\nto = "pro"\nendpoint = "nothing"\n[[route]]\nto = "pro"\nshare = {share}'
    )

    _, result = priced(ledger, rows, what_if)

    moved = {row["endpoint"]: row["moved"] for row in result.endpoints.iter_rows(named=True)}
    chosen = {who: Decimal(drawn(1, who)) / 2**32 < Decimal(share) for who in moved}
    assert moved == {who: (2 if who.startswith("session") else 1) * chosen[who] for who in moved}
    assert {"0": 0, "1": 100}.get(share, result.moved) == result.moved


def test_shares_count_their_rules_from_zero(ledger: Ledger) -> None:
    names = [f"s{number}" for number in range(50)]
    what_if = scenario('default = "as-logged"\n[[route]]\nto = "pro"\nshare = 0.5')

    _, result = priced(ledger, [request(session_id=name) for name in names], what_if)

    assert result.moved == sum(drawn(0, name) < 2**31 for name in names)


def test_a_rule_may_ask_for_the_calls_of_a_family(ledger: Ledger) -> None:
    """By any name of the member in force at the instant: V4.1 Flash from 2026-09-10T04:00Z, when V4 Flash, which a retired
    name still means, no longer is. A preview of its own identity is none until then. Other patterns are for names."""
    before, after = "2026-09-10T03:59", "2026-09-10T04:00"
    told = {
        ("deepseek-v4-flash", before): 1,
        ("deepseek-v4-flash", after): 1,
        ("deepseek-v4-flash-vision-exp", before): 0,
        ("deepseek-v4-flash-vision-exp", after): 1,
        ("deepseek-chat", "2026-04-23T23:59"): 0,
        ("deepseek-chat", "2026-04-24T00:00"): 1,
        ("deepseek-reasoner", before): 1,
        ("deepseek-reasoner", after): 0,
        ("deepseek/deepseek-v4-flash", after): 1,
        ("deepseek-v4-pro", after): 0,
        ("gpt-5", after): 1,
        ("it's a 'flash'", after): 0,
    }
    rows = [request(model, at, endpoint=f"{at} {model}") for model, at in told]
    rule = '[[route]]\nto = "claude-sonnet-4-5"\nmodel = ["flash", "gpt-*"]'

    _, result = priced(ledger, rows, scenario(f'default = "as-logged"\n{rule}'))

    moved = {row["endpoint"]: row["moved"] for row in result.endpoints.iter_rows(named=True)}
    assert moved == {f"{at} {model}": taken for (model, at), taken in told.items()}


def test_a_family_that_nobody_called_takes_nothing(ledger: Ledger) -> None:
    rows = [request(), request("it's a 'pro'")]

    _, result = priced(ledger, rows, scenario('default = "as-logged"\n[[route]]\nto = "flash"\nmodel = "pro"'))

    assert result.moved == 0


def rule(to: str, share: str | None) -> Rule:
    return Rule(to, {}, {}, {}, token_share=None if share is None else Decimal(share))


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        # A quarter, half of the rest, and what is left: a quarter, three eighths, three eighths.
        ("0,1,4", {0: "0.25", 1: "0.375", 4: "0.375"}),
        ("0,1,2", {0: "0.25", 1: "0.375", 2: "0.375"}),  # to the rule that takes the rest
        ("1,2", {1: "0.5", 2: "0.5"}),
        ("0,1,3,2", {0: "0.25", 1: "0.375", 2: "0.375"}),  # what stands behind that rule gets none
        ("3,4", {3: "1"}),  # a share of 1 leaves nothing,
        ("0,3,5,6", {0: "0.25", 3: "0.75"}),  # not for another share either
        ("2", {2: "1"}),
        ("4", {4: "1"}),
        ("5,6", {6: "1"}),  # a share of 0 takes nothing
    ],
)
def test_the_parts_of_a_route_are_those_that_shares_leave_to_each_other(path: str, parts: dict[int, str]) -> None:
    """Rules by their places, whose number stands for the default; those with a part are the ones that decide."""
    rules = [
        rule("a", "0.25"), rule("b", "0.5"), rule(AS_LOGGED, None), rule("d", "1"), rule("e", "0.1"), rule("f", "0"),
    ]  # fmt: skip
    rules = rules if path not in {"0,1,4", "4", "3,4"} else rules[:4]

    found = [leg for leg in legs(path, rules, "rest") if leg.weight]

    targets = dict(enumerate([*(None if each.to == AS_LOGGED else each.to for each in rules), "rest"]))
    assert sorted((str(leg.target), leg.weight) for leg in found) == sorted(
        (str(targets[place]), Decimal(part)) for place, part in parts.items()
    )
    assert {leg.number for leg in found if leg.target == targets[int(path.rpartition(",")[2])]} <= {0}
    assert deciding(path, rules) == {place for place in parts if place < len(rules)}
