"""Words by which no request goes: a slip of the pen would otherwise look like a policy that changes nothing."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from support import BOOK, call, fill, scenario, spend, write

from analyzer.ledger import Ledger
from analyzer.prices import Book
from analyzer.prices.own import read_own
from analyzer.report.idle import idle_notes
from analyzer.simulate.analysis import analyze
from analyzer.simulate.relations import View, prepare
from analyzer.simulate.undrawn import Undrawn
from analyzer.simulate.whatif import Simulation


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    """Three calls of May 2026, when V4.1 Flash was not on sale: of support on Flash, of code on Pro, and on GPT."""
    with Ledger.throwaway() as made:
        fill(
            made,
            [
                _request("deepseek-v4-flash", endpoint="/chat/support", team="care"),
                _request("deepseek-v4-pro", endpoint="/agents/code", team="platform"),
                _request("gpt-5", endpoint=None, provider="openai"),
            ],
        )
        prepare(made, BOOK, View())
        yield made


def _request(model: str, **more: Any) -> dict[str, Any]:
    tokens = {"input_tokens": 1000, "cache_read_tokens": 600, "output_tokens": 100}
    return {"model": model, "started_at": datetime.fromisoformat("2026-05-01T10:00"), **tokens, **more}


def idle(ledger: Ledger, text: str) -> list[tuple[str, str, str | None]]:
    """Key, word and the name that is most like it, of each word by which nothing goes."""
    found = scenario(text)
    simulation = Simulation(ledger, BOOK, View())
    simulation.price(found)
    return [(each.key, each.word, each.nearest) for each in simulation.idle_words(found)]


@pytest.mark.endurance
@pytest.mark.parametrize(
    ("key", "value", "word", "nearest"),
    [
        ("off_peak", '{ endpoint = "/chat/*", max_wait = "8h" }', None, None),
        ("off_peak", '{ endpoint = ["/chta/*", "/agents/*"], max_wait = "8h" }', "/chta/*", "/chat/support"),
        ("off_peak", '{ endpoint = "/Chat/support", max_wait = "8h" }', "/Chat/support", "/chat/support"),
        ("off_peak", '{ endpoint = "nightly-*", max_wait = "8h" }', "nightly-*", None),
        ("off_peak", '{ max_wait = "8h" }', None, None),
        # Everything goes to Flash: what Pro and GPT served moves there, and nothing to Pro.
        ("output_ratio", '{ "deepseek-v4-flash" = 1.1 }', None, None),
        ("output_ratio", '{ "flash" = 1.1 }', None, None),
        ("output_ratio", '{ "deepsek-*" = 1.1 }', "deepsek-*", "deepseek-v4-flash"),
        ("output_ratio", '{ "deepseek-v4-pro" = 1.1 }', "deepseek-v4-pro", None),
        ("output_ratio", '{ "*" = 1.1, "flash" = 1.2 }', "flash", None),  # the first word that means it holds
        ("output_ratio", '{ "deepseek-flash" = 1.1 }', "deepseek-flash", None),  # on sale since September
        ("input_ratio", '{ "gpt-*" = 0.9, "pro" = 1.1 }', None, None),
        ("input_ratio", '{ "gtp-5" = 0.9 }', "gtp-5", "gpt-5"),
        ("input_ratio", '{ "deepseek-v4-flash" = 0.9 }', "deepseek-v4-flash", None),  # it stays
        ("escalate", '{ from = "flash", to = "pro", rate = 0.1 }', None, None),
        ("escalate", '{ from = "pro", to = "flash", rate = 0.1 }', "pro", None),
        ("fixed_fee", '{ amount = 5, covers = ["deepseek-*", "flash"] }', None, None),  # neither is said in vain
        ("fixed_fee", '{ amount = 5, covers = ["deepseek-v4-flsh", "flash"] }', "deepseek-v4-flsh", "deepseek-v4-flash"),
        ("fixed_fee", '{ amount = 5, covers = "gpt-5" }', "gpt-5", None),  # nothing is served by it any more
        ("fixed_fee", "{ amount = 5 }", None, None),
    ],
)  # fmt: skip
def test_words_of_assumptions(ledger: Ledger, key: str, value: str, word: str | None, nearest: str | None) -> None:
    inner = {"off_peak": ".endpoint", "escalate": ".from", "fixed_fee": ".covers"}.get(key, "")

    found = idle(ledger, f'default = "flash"\n[assume]\n{key} = {value}')

    assert found == ([] if word is None else [(f"assume.{key}{inner}", word, nearest)])


def test_a_ratio_of_a_model_that_keeps_its_calls_changes_nothing(ledger: Ledger) -> None:
    found = idle(ledger, '[assume]\noutput_ratio = { "pro" = 1.1 }\ninput_ratio = { "pro" = 0.9 }')

    assert [key for key, *_ in found] == ["assume.output_ratio", "assume.input_ratio"]


@pytest.mark.parametrize(
    ("condition", "word", "nearest"),
    [
        ('endpoint = ["/agents/*", "/agnts/code"]', "/agnts/code", "/agents/code"),
        ('model = ["flash", "deepseek-v4-por"]', "deepseek-v4-por", "deepseek-v4-pro"),
        ('model = ["flash", "claude-*"]', "claude-*", None),
        ('model = ["flash", "DeepSeek-V4-Pro"]', "DeepSeek-V4-Pro", "deepseek-v4-pro"),
        ('model = ["flash", "deepseek-flash"]', "deepseek-flash", None),  # a model, but none that was called
        ('team = ["care", "platfrom"]', "platfrom", None),
        ('user = "*"', "*", None),  # no log tells of users
    ],
)
def test_words_of_rules_that_take_something_by_another(
    ledger: Ledger, condition: str, word: str, nearest: str | None
) -> None:
    key = condition.partition(" ")[0]

    assert idle(ledger, f'[[route]]\nto = "pro"\n{condition}') == [(f"route[1].{key}", word, nearest)]


def test_names_with_brackets_are_told_as_globs_that_fit_them(shared: Ledger) -> None:
    """As a glob `[1m]` is one letter; a name that ends so fits `[[]1m]`."""
    fill(shared, [_request("claude-opus-4-5[1m]", endpoint="/chat/[id]"), _request("deepseek-v4-flash", endpoint="/")])
    prepare(shared, BOOK, View())
    rule, wait = '[[route]]\nto = "pro"\n', '[assume]\noff_peak = { endpoint = "/chat/[id]", max_wait = "8h" }'

    found = idle(shared, f'{rule}endpoint = ["/", "/chat/[id]"]\nmodel = ["*", "claude-opus-4-5[1m]"]\n{wait}')

    told = {key: near for key, _, near in found}
    assert told == {
        "route[1].endpoint": "/chat/[[]id]",
        "route[1].model": "claude-opus-4-5[[]1m]",
        "assume.off_peak.endpoint": "/chat/[[]id]",
    }
    for word, near in (("endpoint", "/chat/[[]id]"), ("model", "claude-opus-4-5[[]1m]")):
        what_if = scenario(f'{rule}{word} = "{near}"')
        simulation = Simulation(shared, BOOK, View())
        assert simulation.price(what_if).moved == 1
        assert simulation.idle_words(what_if) == ()


def test_words_for_endpoints_that_no_log_names(shared: Ledger) -> None:
    fill(shared, [_request("deepseek-v4-flash", endpoint=None)])
    prepare(shared, BOOK, View())

    found = idle(shared, '[[route]]\nto = "pro"\nendpoint = "/chat/*"')

    assert found == [("route[1].endpoint", "/chat/*", None)]


def test_a_share_of_calls_without_session_and_id_takes_none_and_says_so(shared: Ledger) -> None:
    """Nothing tells them apart, in no order that another reading of the log would have, too. All of them are all."""
    fill(shared, [_request("deepseek-v4-flash", request_id=None)] * 8)
    some, whole = (
        scenario(f'[[route]]\nto = "pro"\nshare = {share}', f"{share}") for share in (Decimal("0.9"), Decimal(1))
    )

    analysis = analyze(shared, BOOK, View(), [some, whole], look_ahead=False)

    assert [result.moved for result in analysis.results] == [0, 0, 8]
    assert [result.undrawn for result in analysis.results] == [(), (Undrawn(0, 8),), ()]
    [(said, remedy)] = idle_notes(analysis)
    assert said == (
        "scenario 0.9: the share of route[1] takes none of 8 requests without session and request id, by which it is drawn"
    )
    assert remedy == "they go by the rules after it; token_share takes a part of each request, and needs neither"


def test_calls_that_a_share_cannot_be_drawn_of_are_counted_where_the_rule_would_have_met_them(shared: Ledger) -> None:
    """Three of chat and five of code, none of which anything tells apart, one that has an id, and one with a session.

    Rule 1 means the chats; rule 2 a part of all tokens, whose rest goes on; rule 3 takes the code whole, so that rule 4
    meets the three chats alone; rule 5 is drawn of no one. Rule 6 has a length that no call has.
    """
    chat, code = ({"endpoint": endpoint, "request_id": None} for endpoint in ("/chat", "/code"))
    calls = [
        *[_request("deepseek-v4-flash", **chat)] * 3,
        *[_request("deepseek-v4-flash", **code)] * 5,
        _request("deepseek-v4-flash", **chat | {"request_id": "r1"}),
        _request("deepseek-v4-flash", **chat, session_id="s1"),
    ]
    fill(shared, calls)
    prepare(shared, BOOK, View())
    rules = [
        'endpoint = "/chat"\nshare = 0.5',
        "token_share = 0.5",
        'endpoint = "/code"',
        "share = 0.5",
        "share = 0",
        "share = 0.5\nmin_input_tokens = 1001",
    ]
    mine = scenario("".join(f'[[route]]\nto = "pro"\n{rule}\n' for rule in rules))

    (_, result) = analyze(shared, BOOK, View(), [mine], look_ahead=False).results

    assert result.undrawn == (Undrawn(0, 3), Undrawn(3, 3))


def test_what_a_share_cannot_be_drawn_of_is_told_in_the_terminal_in_json_and_in_the_report(tmp_path: Path) -> None:
    """Two of three calls tell of neither; the rule takes the third, or leaves it."""
    log = write(tmp_path / "log.jsonl", call(), call(session_id="s"), call())
    mine, page = tmp_path / "half.toml", tmp_path / "page.html"
    mine.write_text('[[route]]\nto = "pro"\nshare = 0.5\n', encoding="utf-8")

    run = spend("analyze", log, "--scenario", mine, "--report", page, "--json")

    said = "the share of route[1] takes none of 2 requests without session and request id, by which it is drawn"
    assert f"spend: note: scenario half: {said}\n" in run.err
    assert run.document["scenarios"][1]["undrawn"] == [{"rule": "route[1]", "requests": 2}]
    assert f"<p>Scenario half: {said}: they go by" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("entry", "nearest"),
    [
        ('"deepseek-v4-flash" = { input = "1" }', ...),
        ('"flash" = { input = "1" }', ...),
        ('"deepseek-*" = { discount = "10%" }', ...),
        ('"acme" = { input = "1", output = "2" }', None),
        ('"deepseek-v4-flsh" = { input = "1", output = "2" }', "deepseek-v4-flash"),
        ('"deepseek-v4-flash" = { input = "1", provider = "deepsek" }', None),
        ('"deepseek-v4-flash" = { input = "1", currency = "CNY" }', None),
        ('"gpt-5" = { input = "1" }', ...),  # it was called, wherever that goes
    ],
)
def test_own_prices_of_a_scenario(ledger: Ledger, entry: str, nearest: object) -> None:
    found = idle(ledger, f'default = "flash"\n[prices]\n{entry}')

    assert found == ([] if nearest is ... else [("prices", entry.split('"')[1], nearest)])


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ('"deepseek-v4-pro" = { discount = "10%" }', False),
        ('"deepseek-v4-pro" = { input = "1", to = 2026-01-01 }', False),  # of another time
        ('"claude-opus-4*" = { discount = "10%" }', False),  # known, and not called
        # Two that never meet; one upon the other would be too fine a price.
        (
            '"deepseek-v4-pro" = [{ discount = "33.3333%", to = 2026-06-01 }, { discount = "33.3333%", from = 2026-06-01 }]',
            False,
        ),
        ('"gpt-4o" = { discount = "10%", provider = "azure" }', False),
        ('"gpt-5" = { discount = "10%", service_tier = "batch" }', False),  # nothing was called at that tier
        ('"deepseek-v4-por" = { discount = "10%" }', True),
        ('"deepsek-*" = { discount = "10%" }', True),
        ('"deepseek-v4-pro" = { discount = "10%", provider = "deepsek" }', True),
        ('"gpt-5" = { discount = "10%", provider = "opnai" }', True),
        ('"acme" = { input = "1" }', True),  # without output it prices nothing, once it is called
        ('"deepseek-v4-pro" = { input = "1", currency = "EUR" }', True),
        ('"deepseek-v4-pro" = [{ input = "1", currency = "EUR" }, { input = "1" }]', False),
    ],
)
def test_own_prices_beside_scenarios(ledger: Ledger, entry: str, told: bool) -> None:
    """A price list holds what was not called: it is no slip. What no list knows, and what lies over nothing, may be."""
    book = Book.load(read_own(f"[prices]\n{entry}", "own.toml"))

    found = Simulation(ledger, book, View()).idle_prices([])

    assert [each.key for each in found] == ([f"own.toml: {entry.split(chr(34))[1]}"] if told else [])


@pytest.mark.endurance
def test_they_are_told_in_the_terminal_in_json_and_in_the_report(tmp_path: Path) -> None:
    """Of a rule that takes nothing its words are but held against the log's; a hostile word is shown, not obeyed."""
    log = write(tmp_path / "log.jsonl", call(endpoint="/agents/code"))
    mine, own, page = (tmp_path / name for name in ("mixed.toml", "own.toml", "page.html"))
    mine.write_text(
        '[[route]]\nto = "pro"\nendpoint = "/agnts/*"\n[assume]\noutput_ratio = { "<b>\\u202e" = 2 }', encoding="utf-8"
    )
    mine.write_text(mine.read_text().replace('"<b>\\u202e"', '"<b>\\u202e*"'), encoding="utf-8")
    own.write_text('[prices]\n"deepseek-v4-flsh" = { input = "1", output = "2" }\n', encoding="utf-8")

    run = spend("simulate", log, "--scenario", mine, "--prices", own, "--json")

    assert run.err.splitlines() == [
        'spend: note: scenario mixed: no request goes by route[1], assume.output_ratio "<b>\\u202e*"',
        '  did you mean /agents/code for "/agnts/*"? see whether its words are those of the log, and what the rules before'
        " it take",
        "spend: note: no request is priced by own.toml: deepseek-v4-flsh",
        '  did you mean deepseek-v4-flash for "deepseek-v4-flsh"? see whether name, provider, tier and currency are those of'
        " the calls; where no list has a price, input and output are needed",
    ]
    (_, told) = run.document["scenarios"]
    assert told["idle_rules"] == ["route[1]"]
    assert told["idle_words"] == [
        {"key": "route[1].endpoint", "word": "/agnts/*", "nearest": "/agents/code"},
        {"key": "assume.output_ratio", "word": "<b>\u202e*", "nearest": None},
    ]
    assert run.document["idle_prices"] == [
        {"key": "own.toml: deepseek-v4-flsh", "word": "deepseek-v4-flsh", "nearest": "deepseek-v4-flash"}
    ]

    again = spend("analyze", log, "--scenario", mine, "--prices", own, "--report", page, "--quiet")

    assert again.err == ""
    shown = page.read_text(encoding="utf-8")
    assert (
        "<p>Scenario mixed: no request goes by route[1], assume.output_ratio &quot;&lt;b&gt;\\u202e*&quot;: " in shown
    )
    assert "<p>No request is priced by own.toml: deepseek-v4-flsh: did you mean deepseek-v4-flash for" in shown
    assert "\u202e" not in shown


@pytest.mark.endurance
def test_of_scenarios_that_come_with_the_program_nothing_is_said(tmp_path: Path) -> None:
    log = write(tmp_path / "log.jsonl", call(endpoint="/chat"))

    run = spend("simulate", log, "--scenario", "mixed")

    assert (run.code, run.err) == (0, "")
