"""The cache belongs to a model: replayed sessions and prefix blocks against a brute-force replay, closed forms and cases by hand."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import BOOK, FLASH, PRO, call, cost, fill, scenario, spend, write

from analyzer.ledger import Ledger
from analyzer.simulate import flows
from analyzer.simulate.relations import View, prepare
from analyzer.simulate.result import Result, total
from analyzer.simulate.scenario import ACTUAL, Scenario
from analyzer.simulate.whatif import Simulation

UNIT = 128  # tokens by which DeepSeek's cache grows
DAY = timedelta(days=1)
BEGIN = datetime(2026, 5, 1, 10)  # the long calm: one price all day, and each name is a model of its own
FLASH_NAME, PRO_NAME = "deepseek-v4-flash", "deepseek-v4-pro"
LONG_TO_PRO = scenario('default = "as-logged"\n[[route]]\nto = "pro"\nmin_output_tokens = 1000')
SLOW = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    with Ledger.throwaway() as made:
        yield made


def priced(ledger: Ledger, rows: Sequence[dict[str, Any]], *scenarios: Scenario) -> list[Result]:
    fill(ledger, rows)
    prepare(ledger, BOOK, View())
    simulation = Simulation(ledger, BOOK, View())
    return [simulation.price(each) for each in scenarios]


def turn(
    minute: float, prompt: int, hits: int | None, output: int = 100, model: str = FLASH_NAME, **more: Any
) -> dict[str, Any]:
    """A request of session ``s`` to endpoint ``/chat``, so many minutes after the beginning."""
    return {
        "model": model,
        "started_at": BEGIN + timedelta(minutes=minute),
        "endpoint": "/chat",
        "session_id": "s",
        "input_tokens": prompt,
        "cache_read_tokens": hits,
        "output_tokens": output,
        **more,
    }


def hits(result: Result, kind: str = "modelled_") -> int:
    """Cache hits of a scenario, in tokens."""
    return total(result.endpoints, f"compared_{kind}hits") or 0


# ------------------------------------------------------------------------------------------------ by hand


def test_a_turn_that_moves_alone_meets_a_cold_cache_and_leaves_the_rest_warm(ledger: Ledger) -> None:
    """Pro sees the fourth turn only: it misses all. The fifth, back on Flash, hits what Flash saw last, the third."""
    rows = [
        turn(0, 1000, 0),
        turn(1, 1200, 1024),
        turn(2, 1400, 1280),
        turn(3, 1600, 1408, output=5000),
        turn(4, 6800, 6528),
    ]

    [result] = priced(ledger, rows, LONG_TO_PRO)

    seen = 1400 + 100  # by Flash, before the fifth turn: prompt and answer of the third
    assert hits(result) == 0 + 1024 + 1280 + 0 + seen // UNIT * UNIT
    assert result.cost == (
        cost(FLASH, 1000, 0, 100)
        + cost(FLASH, 176, 1024, 100)
        + cost(FLASH, 120, 1280, 100)
        + cost(PRO, 1600, 0, 5000)
        + cost(FLASH, 6800 - 1408, 1408, 100)
    )


def test_scenarios_that_differ_in_one_word_share_nothing_that_hangs_on_it(ledger: Ledger) -> None:
    """Of one routing: caches that are cold or live for less; where the rest goes; where the rule sends; a part of tokens."""
    rows = [
        turn(0, 1000, 0),
        turn(1, 1200, 1024, output=5000),
        turn(90, 7400, 6144, output=5000),
        turn(91, 12_600, 12_288),
        turn(93, 13_000, 12_672),
        turn(92, 12_800, 12_672, session_id="t", model=PRO_NAME),
    ]
    rule = LONG_TO_PRO.rules[0]
    others = [
        replace(LONG_TO_PRO, cache="cold"),
        LONG_TO_PRO,
        replace(LONG_TO_PRO, cache_ttl=timedelta(hours=1)),
        replace(LONG_TO_PRO, default="flash"),
        replace(LONG_TO_PRO, rules=(replace(rule, to="flash"),)),
        replace(LONG_TO_PRO, rules=(replace(rule, token_share=Decimal("0.5")),)),
    ]

    together = priced(ledger, rows, *others)
    alone = [Simulation(ledger, BOOK, View()).price(one) for one in others]

    figures = [[(one.cost, one.low, one.high, one.lost_cache) for one in results] for results in (together, alone)]
    assert figures[0] == figures[1]
    assert len(set(figures[1])) == len(others)


def test_moving_a_warm_session_can_cost_more_than_staying(ledger: Ledger) -> None:
    """At a hit rate of 95% a turn on Pro costs less than the same turn on Flash with a cold cache.

    10,000 tokens in, 9,500 of them hits, 200 out, in May 2026: on Pro 500 misses at 0.435, the hits at 0.003625 and the
    answer at 0.87 make $0.0004259 a call; on Flash all 10,000 are misses at 0.14, and with 0.28 for the answer it is
    $0.001456. The move pays from the second turn on only, and only if the session stays there.
    """
    stay, leave = cost(PRO, 500, 9500, 200), cost(FLASH, 10_000, 0, 200)
    assert stay < leave

    rows = [turn(minute, 10_000, 9_472, 200, PRO_NAME) for minute in range(2)]
    one_turn = scenario('default = "as-logged"\n[[route]]\nto = "flash"\nmin_output_tokens = 200\nendpoint = "/cheap"')
    rows[1]["endpoint"] = "/cheap"
    [moved] = priced(ledger, rows, one_turn)

    assert moved.difference == cost(FLASH, 10_000, 0, 200) - cost(PRO, 528, 9_472, 200) > 0


@pytest.mark.parametrize(
    ("seen", "kept"),
    [(127, 0), (128, 128), (255, 128), (256, 256), (10_000, 896)],
    ids=["under-a-unit", "a-unit", "under-two", "two", "never-more-than-observed"],
)
def test_hits_are_whole_units_of_what_the_model_saw(ledger: Ledger, seen: int, kept: int) -> None:
    """The second Pro turn follows one of so many tokens, prompt and answer together."""
    rows = [
        turn(0, 500, 0, output=10),
        turn(1, seen - 10, 0, output=10, model=PRO_NAME, endpoint="/pro"),
        turn(2, 1000, 896, output=2000),
    ]
    to_pro = scenario('default = "as-logged"\n[[route]]\nto = "pro"\nmin_output_tokens = 1000')

    [result] = priced(ledger, rows, to_pro)

    assert hits(result) == kept


@pytest.mark.parametrize(("after", "kept"), [(timedelta(0), 1024), (timedelta(microseconds=1), 0)])
def test_a_cache_lives_as_long_as_it_is_told_to(ledger: Ledger, after: timedelta, kept: int) -> None:
    """The last instant still hits. Turn 1 stays on Flash, turns 2 and 3 move to Pro, an hour apart and a little more."""
    rows = [
        turn(0, 500, 0, output=10),
        turn(1, 1100, 384, output=1000),
        turn(61, 1400, 1024, output=1000),
    ]
    rows[2]["started_at"] += after
    what_if = replace(LONG_TO_PRO, cache_ttl=timedelta(hours=1))

    [result] = priced(ledger, rows, what_if)

    assert hits(result) == kept


@pytest.mark.parametrize(("gap", "kept"), [(timedelta(hours=24), 512), (timedelta(hours=24, microseconds=1), 0)])
def test_a_first_request_hits_its_endpoints_prefix_where_the_model_knows_the_endpoint(
    ledger: Ledger, gap: timedelta, kept: int
) -> None:
    """Two sessions of one turn move as wholes: the first meets an endpoint that Pro never saw, the second one that it did."""
    rows = [
        turn(0, 600, 512, session_id="a"),
        turn(0, 600, 512, session_id="b") | {"started_at": BEGIN + gap},
    ]

    [result] = priced(ledger, rows, scenario('default = "pro"'))

    assert hits(result, "") == 1024
    assert hits(result) == kept


def test_a_session_that_moves_as_a_whole_meets_a_cache_that_lives_as_long_as_it_is_told_to(ledger: Ledger) -> None:
    """Five hours after its first turn the second one hits nothing where caches live for an hour."""
    rows = [turn(0, 1000, 0), turn(300, 1500, 1024)]

    day, hour = priced(
        ledger, rows, scenario('default = "pro"'), scenario('default = "pro"\n[assume]\ncache_ttl = "1h"', "hour")
    )

    assert (hits(day), hits(hour)) == (1024, 0)


def test_requests_of_the_same_instant_have_one_order(ledger: Ledger) -> None:
    """Whichever stands first in the log, the one with fewer hits is taken to come first."""
    rows = [turn(0, 1000, 0), turn(1, 1000, 0, output=1000), turn(1, 1000, 896, output=1000)]

    costs = {priced(ledger, order, LONG_TO_PRO)[0].cost for order in (rows, rows[::-1])}

    assert len(costs) == 1


def test_sessions_that_no_move_touches_keep_every_hit(ledger: Ledger) -> None:
    """Whatever was observed, however unlikely."""
    rows = [turn(0, 100, 100, session_id="odd"), turn(5000, 90, 90, session_id="odd"), turn(1, 700, 0, output=9000)]

    [result] = priced(ledger, rows, LONG_TO_PRO)

    assert hits(result) == 190


def test_where_few_requests_move_the_sessions_that_none_touches_are_left_out(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And looking at all sessions tells the same: the session that moves loses what Pro has not seen, the others nothing."""
    rows = [turn(0, 1000, 0, output=9000), turn(1, 11_000, 9984), turn(2, 11_200, 128, output=9000)]
    rows += [turn(3 + place, 500, 500, session_id=f"other {place}") for place in range(20)]

    few = priced(ledger, rows, LONG_TO_PRO)[0]
    monkeypatch.setattr(flows, "_FEW", 1)
    all_of_them = priced(ledger, rows, LONG_TO_PRO)[0]

    assert hits(few) == hits(all_of_them) == 20 * 500 + 128
    assert few.endpoints.equals(all_of_them.endpoints)


def test_whether_an_endpoint_is_split_hangs_on_what_is_called_there_alone(ledger: Ledger) -> None:
    """Without sessions. Pro in May and V4.1 Flash in October are two models, whoever else changed in between; `flash` on either
    side of 2026-09-10T04:00Z is one after the other."""
    end = datetime(2026, 9, 10, 4)
    rows = [
        turn(0, 1000, 512, model=PRO_NAME, session_id=None),
        turn(0, 1000, 256, model="gpt-5", session_id=None, started_at=datetime(2026, 10, 12, 12)),
    ]
    elsewhere = turn(
        0, 1000, 0, model="deepseek-v4-flash-vision-exp", session_id=None, endpoint="/else", started_at=end
    )
    handed = [
        turn(0, 1000, 256, model="gpt-5", session_id=None, started_at=at) for at in (end - timedelta(hours=1), end)
    ]
    stays = '[[route]]\nto = "as-logged"\nmodel = "*-pro"'
    split, whole = scenario(f'default = "deepseek-flash"\n{stays}'), scenario('default = "flash"')

    found = [priced(ledger, each, split)[0] for each in (rows, [*rows, elsewhere])]
    [kept] = priced(ledger, handed, whole)

    assert [hits(result) for result in found] == [0, 0]
    assert (kept.moved, hits(kept)) == (2, 512)


# ------------------------------------------------------------------------------------------------ laws

MINUTES = st.integers(0, 40) | st.sampled_from([1440, 1441, 1480, 2880, 2921])
TOKENS = st.integers(0, 3000)


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A few sessions on two models and two endpoints, some of their requests at the same instant or a day apart."""
    rows = []
    for number in range(draw(st.integers(1, 10))):
        observed = draw(st.none() | TOKENS)
        rows.append(
            turn(
                draw(MINUTES),
                draw(TOKENS) + (observed or 0),
                observed,
                draw(st.sampled_from([1, 130, 999, 1000, 4000])),
                draw(st.sampled_from([FLASH_NAME, PRO_NAME])),
                session_id=draw(st.sampled_from(["a", "b", None])),
                endpoint=draw(st.sampled_from(["/chat", "/code", None])),
                request_id=f"r{number}",
            )
        )
    return rows


RULES = st.sampled_from(
    [
        'default = "flash"',
        'default = "pro"',
        'default = "as-logged"\n[[route]]\nto = "pro"\nmin_output_tokens = 1000',
        'default = "flash"\n[[route]]\nto = "pro"\nendpoint = "/code"',
        'default = "as-logged"\n[[route]]\nto = "flash"\nmax_input_tokens = 1500',
    ]
)


def goes_to(rule: str, row: dict[str, Any]) -> str:
    """Where a rule of RULES sends a request, in Python."""
    flash, pro = FLASH_NAME, PRO_NAME
    if rule.startswith('default = "pro"'):
        return pro
    if "min_output_tokens" in rule:
        return pro if row["output_tokens"] >= 1000 else row["model"]
    if "max_input_tokens" in rule:
        return flash if row["input_tokens"] <= 1500 else row["model"]
    return pro if "/code" in rule and row["endpoint"] == "/code" else flash


def replayed(rows: list[dict[str, Any]], rule: str) -> int:
    """Hits by a plain replay, one request after the other."""
    after = {id(row): goes_to(rule, row) for row in rows}
    moved = {id(row): after[id(row)] != row["model"] for row in rows}
    found = 0
    for row in rows:
        observed = row["cache_read_tokens"]
        if observed is None:
            continue
        session = row["session_id"]
        mates = [other for other in rows if other["session_id"] == session]
        if session is None:
            mates = [other for other in mates if other["endpoint"] == row["endpoint"]]
        touched = any(moved[id(mate)] for mate in mates)
        if session is None:
            several = len({after[id(mate)] for mate in mates}) > 1
            found += 0 if touched and several else observed
        elif row["started_at"] == min(mate["started_at"] for mate in mates):
            known = [
                other
                for other in rows
                if after[id(other)] == after[id(row)]
                and other["endpoint"] == row["endpoint"]
                and timedelta(0) < row["started_at"] - other["started_at"] <= DAY
            ]
            found += observed if known or not moved[id(row)] else 0
        elif not touched:
            found += observed
        else:
            order = [mate for mate in mates if after[id(mate)] == after[id(row)]]
            order.sort(key=lambda mate: (mate["started_at"], mate["input_tokens"], mate["output_tokens"]))
            place = next(index for index, mate in enumerate(order) if mate is row)
            if place and row["started_at"] - order[place - 1]["started_at"] <= DAY:
                seen = order[place - 1]["input_tokens"] + order[place - 1]["output_tokens"]
                found += min(observed, seen // UNIT * UNIT)
    return found


def ties(rows: list[dict[str, Any]]) -> bool:
    """Whether two requests of a session cannot be told apart in order, so that either may come first."""
    keys = [(row["session_id"], row["started_at"], row["input_tokens"], row["output_tokens"]) for row in rows]
    return len(set(keys)) < len(keys)


@SLOW
@given(rows=histories().filter(lambda rows: not ties(rows)), rule=RULES)
def test_a_plain_replay_agrees(ledger: Ledger, rows: list[dict[str, Any]], rule: str) -> None:
    [result] = priced(ledger, rows, scenario(rule))

    assert hits(result) == replayed(rows, rule)


@SLOW
@given(rows=histories(), rule=RULES)
def test_transferred_modelled_and_cold_are_in_order(ledger: Ledger, rows: list[dict[str, Any]], rule: str) -> None:
    """In missed tokens, that is in hits the other way round."""
    [result] = priced(ledger, rows, scenario(rule))

    assert 0 <= hits(result, "cold_") <= hits(result) <= hits(result, "")


@SLOW
@given(rows=histories(), names=st.sampled_from(["as-logged", "same"]))
def test_a_scenario_that_moves_nothing_reproduces_the_observed_hits(
    ledger: Ledger, rows: list[dict[str, Any]], names: str
) -> None:
    """Even one that routes every request, if only to the model that it had."""
    rules = "".join(f'[[route]]\nto = "{name}"\nmodel = "{name}"\n' for name in (FLASH_NAME, PRO_NAME))
    what_if = scenario('default = "as-logged"\n' + (rules if names == "same" else ""))

    actual, result = priced(ledger, rows, ACTUAL, what_if)

    assert result.moved == 0
    assert hits(result) == hits(result, "cold_") == sum(row["cache_read_tokens"] or 0 for row in rows)
    assert result.cost == actual.cost


@pytest.mark.endurance
@SLOW
@given(data=st.data())
def test_misses_of_a_growing_session_telescope(ledger: Ledger, data: st.DataObject) -> None:
    """A model's misses are its last prompt less its own earlier outputs, whichever turns it takes.

    Each turn asks more than all that came before, and reality hit all of that; in whole units nothing is rounded.
    """
    grown = data.draw(
        st.lists(st.tuples(st.integers(0, 9), st.integers(1, 20), st.booleans()), min_size=2, max_size=12)
    )
    rows, prompt, before = [], 0, 0
    for minute, (asked, answered, to_pro) in enumerate(grown):
        prompt += asked * UNIT
        rows.append(turn(minute, prompt, before, answered * UNIT, team="pro" if to_pro else "flash"))
        before = prompt + answered * UNIT
        prompt = before
    what_if = scenario('default = "as-logged"\n[[route]]\nto = "pro"\nteam = "pro"\n[assume]\ncache_ttl = "3650d"')

    [result] = priced(ledger, rows, what_if)

    expected = 0
    for team in ("pro", "flash"):
        own = [row for row in rows if row["team"] == team]
        if own:
            expected += own[-1]["input_tokens"] - sum(row["output_tokens"] for row in own[:-1])
    assert sum(row["input_tokens"] for row in rows) - hits(result) == expected


# ------------------------------------------------------------------------------------------------ prefix blocks


def blocks(
    minute: float, path: str, observed: int | None = None, tokens: int | None = None, **more: Any
) -> dict[str, Any]:
    """A request whose prompt is made of blocks of 100 tokens, one a letter, each named by all letters up to it.

    Unless something else was observed all of it was hit, so that nothing but the blocks decides.
    """
    names = [path[: place + 1].ljust(12, ".") for place in range(len(path))]
    prompt = len(path) * 100 if tokens is None else tokens
    return turn(
        minute,
        prompt,
        prompt if observed is None else observed,
        session_id=None,
        block_size=100,
        **({"prefix_blocks": names} | more),
    )


def test_blocks_are_hit_where_the_model_met_them_before(ledger: Ledger) -> None:
    """Leading blocks only, as many whole blocks as there are, and never more than the prompt."""
    rows = [
        blocks(0, "abc"),
        blocks(1, "abd"),  # a and b
        blocks(2, "adc"),  # a alone: what follows the first miss is no prefix
        blocks(3, "abc", tokens=250),  # all three, of which the last is cut short
        blocks(4, "bc"),  # another opening: nothing met
    ]

    [result] = priced(ledger, rows, scenario('default = "pro"'))

    assert hits(result) == 0 + 200 + 100 + 250 + 0
    assert result.cache_basis == "blocks"


def test_observed_hits_are_the_most_that_blocks_can_give(ledger: Ledger) -> None:
    rows = [blocks(0, "abc", observed=0), blocks(1, "abc", observed=150)]

    [result] = priced(ledger, rows, scenario('default = "pro"'))

    assert hits(result) == 150


def test_without_counted_hits_blocks_cost_as_misses_and_the_self_test_tells_them(ledger: Ledger) -> None:
    """Whether they move or stay, so that a move saves nothing by being better known."""
    rows = [blocks(minute, "abc") | {"cache_read_tokens": None, "model": PRO_NAME} for minute in range(3)]
    fill(ledger, rows)
    prepare(ledger, BOOK, View())
    simulation = Simulation(ledger, BOOK, View())

    result = simulation.price(scenario('default = "flash"'))
    [told] = [row for row in simulation.self_test().rows(named=True) if row["requests"]]

    assert result.cost == 3 * cost(FLASH, 300, 0, 100)
    assert result.low == 3 * cost(FLASH, 0, 300, 100)
    assert (told["cache_basis"], told["observed"], int(told["predicted"])) == ("blocks, hits not logged", None, 600)


@pytest.mark.endurance
def test_what_moves_without_usage_moves_its_blocks(ledger: Ledger) -> None:
    """An answer that failed at Pro: the prompt that began as it did, and stayed, is cold in the upper bound alone."""
    failed = blocks(0, "ab", user_name="u") | dict.fromkeys(("input_tokens", "cache_read_tokens", "output_tokens"))
    rows = [blocks(0, "a"), blocks(1, "ab"), blocks(2, "z"), failed]

    [result] = priced(ledger, rows, scenario('default = "as-logged"\n[[route]]\nto = "pro"\nuser = "u"'))

    assert result.moved == 1
    assert hits(result) == 0 + 100 + 100  # the last begins as no other: no move touches it
    assert result.high == cost(FLASH, 300, 100, 300)


@pytest.mark.endurance
def test_a_part_of_the_tokens_leaves_blocks_as_they_were(ledger: Ledger) -> None:
    """As it leaves sessions: cost is linear in the share. What a replay would deny, the first hit, stays."""
    rows = [blocks(0, "ab"), blocks(1, "abc")]

    [result] = priced(ledger, rows, scenario('default = "as-logged"\n[[route]]\nto = "pro"\ntoken_share = 0.25'))

    assert result.cost == (3 * cost(FLASH, 0, 500, 200) + cost(PRO, 0, 500, 200)) / 4


def test_blocks_that_are_mere_numbers_belong_to_their_log(ledger: Ledger) -> None:
    """Two traces that both number their blocks from 0 share nothing; two that hash content do."""
    numbers = [blocks(0, "ab", prefix_blocks=["0", "1"], source_id=log) for log in (1, 2)]
    hashes = [blocks(minute, "ab", source_id=log) for minute, log in ((0, 1), (1, 2))]

    assert hits(priced(ledger, numbers, scenario('default = "pro"'))[0]) == 0
    assert hits(priced(ledger, hashes, scenario('default = "pro"'))[0]) == 200


@pytest.mark.endurance
@SLOW
@given(
    requests=st.lists(st.tuples(st.integers(0, 5000), st.text("ab", min_size=1, max_size=4)), max_size=8),
    split=st.booleans(),
)
def test_a_plain_block_cache_agrees(ledger: Ledger, requests: list[tuple[int, str]], split: bool) -> None:
    """Blocks live for a day; there are two models, or one."""
    rows = []
    for number, (minute, path) in enumerate(requests):
        rows.append(blocks(minute + number / 100, path, output=1000 if split and path[-1] == "b" else 1))
    rule = 'default = "pro"\n' + ('[[route]]\nto = "as-logged"\nmin_output_tokens = 1000' if split else "")

    [result] = priced(ledger, rows, scenario(rule))

    met: dict[tuple[str, str], datetime] = {}
    expected, moved = 0, {row["prefix_blocks"][0] for row in rows if row["output_tokens"] < 1000}
    for row in sorted(rows, key=lambda row: row["started_at"]):
        server = FLASH_NAME if row["output_tokens"] >= 1000 else PRO_NAME
        warm = 0
        for place, name in enumerate(row["prefix_blocks"]):
            last = met.get((server, name))
            if warm == place and last is not None and row["started_at"] - last <= DAY:
                warm += 1
            met[server, name] = row["started_at"]
        touched = row["prefix_blocks"][0] in moved
        expected += 100 * warm if touched else row["cache_read_tokens"]
    assert hits(result) == expected


@pytest.mark.endurance
def test_a_log_that_grew_costs_what_it_costs_when_it_is_read_at_once(tmp_path: Path) -> None:
    """Each part that was appended is a source of its own, whose numbers go on with those of the first."""
    calls = [
        call(ts=f"2026-05-01T10:0{minute}:00Z", request_id=f"r{minute}", input_tokens=2048, cache_read_tokens=2048 if minute else 0,
             output_tokens=100, hash_ids=[1, 2, 3, 4], block_size=512)
        for minute in range(6)
    ]  # fmt: skip
    for name, parts in (("grown", (2, 4, 6)), ("whole", (6,))):
        for part in parts:
            write(tmp_path / f"{name}.jsonl", *calls[:part])
            assert spend("ingest", tmp_path / f"{name}.jsonl", "--db", tmp_path / f"{name}.duckdb").code == 0
    told = {}
    for name in ("grown", "whole"):
        db = tmp_path / f"{name}.duckdb"
        told[name] = spend("simulate", "--scenario", "all-pro", "--db", db, "--json").document["scenarios"]
        run = spend("export", "--parquet", "--what", "requests", "--partition", "--output", tmp_path / name, "--db", db)
        assert run.code == 0, run.err
        names = pl.read_parquet(tmp_path / name / "**" / "*.parquet")["prefix_blocks"].to_list()
        assert len({one[0] for one in names}) == 1

    assert told["grown"] == told["whole"]
    # The first is all misses; the others hit the four blocks of the one before, at Pro as they did at Flash.
    assert Decimal(told["whole"][1]["cost"]) == cost(PRO, 2048, 5 * 2048, 600)
