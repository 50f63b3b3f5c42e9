"""Every class of tokens and every kind that is billed apart, wherever tokens meet prices: one sum by hand for all of them."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from conftest import rows
from support import MILLION, fill

from analyzer.engines.query import queries
from analyzer.finance.entries import define_entries
from analyzer.finance.sides import computed_rows, define_buckets
from analyzer.ledger import Ledger
from analyzer.prices import Book
from analyzer.prices.own import read_own
from analyzer.simulate.relations import View
from analyzer.simulate.requests import Here
from analyzer.simulate.vocabulary import parse
from analyzer.simulate.whatif import Simulation

# Per 1M tokens, and per 1,000 searches: no two figures alike, so that none can stand in for another. June's hold from the 1st.
MAY = {
    "input": "2", "cache_read": "0.3", "cache_write": "2.5", "cache_write_1h": "4", "output": "7",
    "input_audio": "11", "cache_read_audio": "0.9", "input_image": "13", "cache_read_image": "1.1",
    "output_audio": "17", "output_image": "19", "search": "3", "fetch": "5", "file_search": "23",
}  # fmt: skip
JUNE = {
    "input": "3.1", "cache_read": "0.53", "cache_write": "4.1", "cache_write_1h": "6.7", "output": "10.3",
    "input_audio": "29", "cache_read_audio": "1.3", "input_image": "31", "cache_read_image": "1.7",
    "output_audio": "37", "output_image": "41", "search": "43", "fetch": "47", "file_search": "53",
}  # fmt: skip
FIRST_OF_JUNE = datetime(2026, 6, 1)

# Text is what is left: of the first call 250 tokens missed, 130 hit and 230 made; of the second, whose split is not known,
# 360 in and 20 made; the third has one kind alone. All of them begin in May and end in June.
TOLD: dict[str, Any] = {
    "model": "acme", "input_tokens": 1000, "cache_read_tokens": 210, "cache_write_tokens": 120, "cache_write_1h_tokens": 45,
    "output_tokens": 400,
    "apart": {"input_audio": 300, "cache_read_audio": 30, "input_image": 200, "cache_read_image": 50, "output_audio": 100,
              "output_image": 70, "search": 2, "fetch": 3, "file_search": 4},
}  # fmt: skip
UNTOLD: dict[str, Any] = {
    "model": "acme", "input_tokens": 500, "output_tokens": 50,
    "apart": {"input_audio": 60, "input_image": 80, "output_audio": 20, "output_image": 10, "search": 5},
}  # fmt: skip
FETCHED: dict[str, Any] = {
    "model": "acme", "input_tokens": 10, "cache_read_tokens": 0, "output_tokens": 1, "apart": {"fetch": 7},
}  # fmt: skip
# Like the first, on a model whose list knows text alone; and three calls of one whose list asks 12 per 1,000 of them.
PLAIN = TOLD | {"model": "plain"}
ASKED: dict[str, Any] = {
    "model": "sonar", "provider": "perplexity", "calls": 3, "input_tokens": 100, "cache_read_tokens": 0, "output_tokens": 10,
}  # fmt: skip


def told(price: dict[str, str]) -> Decimal:
    """What the first call costs: its hits and writes are known."""
    at = {kind: Decimal(figure) for kind, figure in price.items()}
    given = 250 * at["input"] + 130 * at["cache_read"] + 75 * at["cache_write"] + 45 * at["cache_write_1h"]
    heard = 270 * at["input_audio"] + 30 * at["cache_read_audio"]
    seen = 150 * at["input_image"] + 50 * at["cache_read_image"]
    made = 230 * at["output"] + 100 * at["output_audio"] + 70 * at["output_image"]
    asked = 2 * at["search"] + 3 * at["fetch"] + 4 * at["file_search"]
    return (given + heard + seen + made) / MILLION + asked / 1000


def untold(price: dict[str, str], hit: bool = False) -> Decimal:
    """What the second one costs, had all of it missed, or hit."""
    at = {kind: Decimal(figure) for kind, figure in price.items()}
    side = "cache_read" if hit else "input"
    given = 360 * at[side] + 60 * at[f"{side}_audio"] + 80 * at[f"{side}_image"]
    made = 20 * at["output"] + 20 * at["output_audio"] + 10 * at["output_image"]
    return (given + made) / MILLION + 5 * at["search"] / 1000


def fetched(price: dict[str, str]) -> Decimal:
    at = {kind: Decimal(figure) for kind, figure in price.items()}
    return (10 * at["input"] + at["output"]) / MILLION + 7 * at["fetch"] / 1000


def plain(price: dict[str, str]) -> Decimal:
    """What was written is a miss, what was heard and seen is text, and nothing is asked for searches."""
    at = {kind: Decimal(figure) for kind, figure in price.items()}
    return (790 * at["input"] + 210 * at["cache_read"] + 400 * at["output"]) / MILLION


def asked(price: dict[str, str]) -> Decimal:
    """The input is at our price, the output and the calls at those of the book: 1 per 1M, 12 per 1,000."""
    return (100 * Decimal(price["input"]) + 10) / MILLION + 3 * Decimal(12) / 1000


def by_model(price: dict[str, str]) -> dict[str, Decimal]:
    return {"acme": told(price) + untold(price) + fetched(price), "plain": plain(price), "sonar": asked(price)}


def units(cost: Decimal) -> int:
    """A cost in units of 1e-15 of the currency, of which it has whole ones."""
    found = int(cost.scaleb(15))
    assert Decimal(found).scaleb(-15) == cost
    return found


def figures(price: dict[str, str], kinds: Iterable[str]) -> str:
    return ", ".join(f'{kind} = "{price[kind]}"' for kind in kinds)


@pytest.fixture(scope="module")
def book() -> Book:
    text = ("input", "cache_read", "output")
    lists = {"acme": tuple(MAY), "plain": text, "sonar": ("input",)}
    return Book.load(
        read_own(
            "[prices]\n"
            + "\n".join(
                f"{model} = [{{ {figures(MAY, kinds)}, to = 2026-06-01 }}, {{ {figures(JUNE, kinds)}, from = 2026-06-01 }}]"
                for model, kinds in lists.items()
            )
            + f"\nbolt = {{ {figures(MAY, tuple(MAY))} }}\n",
            "own.toml",
        )
    )


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    """All calls, in the last and the first half minute of two months."""
    times = {"started_at": datetime(2026, 5, 31, 23, 59, 30), "completed_at": datetime(2026, 6, 1, 0, 0, 30)}
    calls = {"told": TOLD, "untold": UNTOLD, "fetched": FETCHED, "plain": PLAIN, "asked": ASKED}
    with Ledger.throwaway() as made:
        fill(made, [{"request_id": name, **times, **call} for name, call in calls.items()])
        yield made


CLOCKS = pytest.mark.parametrize(("clock", "price"), [("start", MAY), ("completion", JUNE)])


@CLOCKS
def test_calls_and_their_sums(ledger: Ledger, book: Book, clock: str, price: dict[str, str]) -> None:
    Here(ledger).prepare(book, View(clock=clock))

    costs = {
        "asked": asked(price), "fetched": fetched(price), "plain": plain(price), "told": told(price), "untold": untold(price),
    }  # fmt: skip
    least = costs | {"untold": untold(price, hit=True)}
    assert rows(ledger, "SELECT request_id, cost, cost_low FROM charges ORDER BY request_id") == [
        (name, units(costs[name]), units(least[name])) for name in costs
    ]
    assert rows(ledger, "SELECT sum(cost), sum(cost_low) FROM costs") == [
        (units(sum(costs.values(), Decimal(0))), units(sum(least.values(), Decimal(0))))
    ]


@CLOCKS
def test_entries_of_the_review(ledger: Ledger, book: Book, clock: str, price: dict[str, str]) -> None:
    define_entries(ledger, book, View(clock=clock))

    assert rows(ledger, "SELECT model, sum(cost), sum(requests) FROM entries GROUP BY model ORDER BY model") == [
        (model, units(cost), 1 if model == "plain" else 3) for model, cost in by_model(price).items()
    ]


@CLOCKS
def test_the_side_of_the_ledger_in_a_reconciliation(
    ledger: Ledger, book: Book, clock: str, price: dict[str, str]
) -> None:
    having = Here(ledger)
    having.define(book, View(clock=clock))
    months = [datetime(2026, 5, 1), FIRST_OF_JUNE, datetime(2026, 7, 1)]
    define_buckets(
        ledger.connection, [{"from_instant": first, "to_instant": after} for first, after in pairwise(months)]
    )

    sides = computed_rows(having, clock)

    assert {row["to_instant"] == FIRST_OF_JUNE for row in sides} == {clock == "start"}
    assert {
        row["model"]: sum(row[kind] * row[f"p_{kind}"] for kind in ("hits", "misses", "output")) + row["beside"]
        for row in sides
    } == {model: units(cost) for model, cost in by_model(price).items()}


def test_what_the_other_clock_would_make_of_them(ledger: Ledger, book: Book) -> None:
    having = Here(ledger)
    having.define(book, View())

    found = having.answer(queries()["straddling"]).rows_by_key("model", unique=True)

    before, after = by_model(MAY), by_model(JUNE)
    assert found == {
        model: (calls, after[model], before[model]) for model, calls in (("acme", 3), ("plain", 1), ("sonar", 3))
    }


def test_by_another_clock_a_sum_is_of_no_size_either() -> None:
    """Three calls of 300 tokens in all: none of them is large, where one of 300 is; of at least 101 each, all are."""
    prices = "".join(
        f'{{ input = "{small}", output = "1", {dates} }}, {{ input = "{large}", output = "1", input_above = 100, {dates} }}, '
        for small, large, dates in ((1, 5, "to = 2026-06-01"), (2, 9, "from = 2026-06-01"))
    )
    sized = Book.load(read_own(f"[prices]\nlong = [{prices}]\n", "own.toml"))
    times = {"started_at": datetime(2026, 5, 31, 23, 59, 30), "completed_at": datetime(2026, 6, 1, 0, 0, 30)}
    one = {"model": "long", "input_tokens": 300, "cache_read_tokens": 0, "output_tokens": 0, **times}
    for told, before, after in (({}, 5, 9), ({"calls": 3}, 1, 2), ({"calls": 3, "input_from": 101}, 5, 9)):
        with Ledger.throwaway() as made:
            fill(made, [one | told])
            having = Here(made)
            having.define(sized, View())
            (row,) = having.answer(queries()["straddling"]).rows()
            assert row[2:] == (300 * Decimal(after) / MILLION, 300 * Decimal(before) / MILLION)


def test_what_each_kind_adds(ledger: Ledger, book: Book) -> None:
    """What hit in the cache takes back what its kind adds to a miss, and adds its own to a hit of text."""
    having = Here(ledger)
    having.define(book, View())
    at = {kind: Decimal(figure) for kind, figure in JUNE.items()}
    amounts = {kind: sum(call["apart"].get(kind, 0) for call in (TOLD, UNTOLD, FETCHED)) for kind in TOLD["apart"]}
    adds = {kind: at[kind] / 1000 for kind in ("search", "fetch", "file_search")}
    for kind in ("audio", "image"):
        adds[f"input_{kind}"] = (at[f"input_{kind}"] - at["input"]) / MILLION
        adds[f"cache_read_{kind}"] = (at[f"cache_read_{kind}"] - at["cache_read"]) / MILLION - adds[f"input_{kind}"]
        adds[f"output_{kind}"] = (at[f"output_{kind}"] - at["output"]) / MILLION

    answer = having.answer(queries()["apart"]).iter_rows(named=True)

    found = {(row["model"], row["kind"]): (row["amount"], row["unlisted"], row["added"]) for row in answer}
    assert found == {
        **{("acme", kind): (amount, 0, amount * adds[kind]) for kind, amount in amounts.items()},
        **{("plain", kind): (amount, amount, None) for kind, amount in TOLD["apart"].items()},
    }


def test_scenarios(ledger: Ledger, book: Book) -> None:
    """All on another model, whose list is that of May: writes are written there, too. With a hit rate there is no other split."""
    Here(ledger).prepare(book, View())
    simulation = Simulation(ledger, book, View())

    actual, moved, missed = (
        simulation.price(parse(text, f"s{number}.toml", book))
        for number, text in enumerate(
            ('default = "as-logged"', 'default = "bolt"', 'default = "bolt"\n[assume]\nhit_rate = 0')
        )
    )

    at = {kind: Decimal(figure) for kind, figure in MAY.items()}
    june = sum(by_model(JUNE).values())
    assert (actual.cost, actual.low) == (june, june - untold(JUNE) + untold(JUNE, hit=True))
    kept = 2 * told(MAY) + fetched(MAY) + (100 * at["input"] + 10 * at["output"]) / MILLION  # the first and its like
    assert moved.low == kept + untold(MAY, hit=True)
    lost = 130 * (at["input"] - at["cache_read"])
    lost += 30 * (at["input_audio"] - at["cache_read_audio"]) + 50 * (at["input_image"] - at["cache_read_image"])
    assert moved.high == kept + untold(MAY) + 2 * lost / MILLION
    written = 75 * at["cache_write"] + 45 * at["cache_write_1h"] - 120 * at["input"]
    assert missed.cost == kept + untold(MAY) + 2 * (lost - written) / MILLION


def test_what_input_costs_and_what_it_would_without_a_cache(ledger: Ledger, book: Book) -> None:
    """All input as text; what is not known as misses."""
    having = Here(ledger)
    having.prepare(book, View())
    at = {kind: Decimal(figure) for kind, figure in JUNE.items()}
    given = 1000 + 500 + 10 + 1000 + 100

    [row] = having.answer(queries()["input_prices"]).iter_rows(named=True)

    misses = (1000 - 210 - 120) + 500 + 10 + (1000 - 210) + 100  # the writes of a model that bills none are misses
    paid = misses * at["input"] + 2 * 210 * at["cache_read"] + 75 * at["cache_write"] + 45 * at["cache_write_1h"]
    assert (row["input_tokens"], row["list_cost"]) == (given, given * at["input"] / MILLION)
    assert row["input_cost"] == paid / MILLION
