"""Words of scenarios: values at the bounds of what they may be, which models they mean and when, and the example."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from support import BOOK, ROOT, scenario

from analyzer.errors import OutputError, UsageError
from analyzer.prices import Sold
from analyzer.simulate.example import pattern, quoted, write_example
from analyzer.simulate.idle import alike, nearest
from analyzer.simulate.meaning import Meanings, family_calls
from analyzer.simulate.routing import Called
from analyzer.simulate.scenario import Escalation, Plan, Wait
from analyzer.simulate.vocabulary import read

# ---------------------------------------------------------------------------------------------- bounds of values

RULE = '[[route]]\nto = "pro"\n'


@pytest.mark.parametrize(
    "text",
    [
        f"{RULE}share = 0",
        f"{RULE}share = 1.0",
        f"{RULE}share = 0.00000001",  # no part of a product
        f"{RULE}token_share = 0.000001",
        f"{RULE}min_input_tokens = 0",
        f"{RULE}max_input_tokens = {2**63 - 1}",
        f"{RULE}min_input_tokens = 10\nmax_input_tokens = 10",
        "[assume]\nhit_rate = 1",
        "[assume]\nhit_rate = 0.123456",
        "[assume]\noutput_ratio = { pro = 0 }",
        "[assume]\noutput_ratio = { pro = 1000 }",
        '[assume]\noutput_ratio = { "nothing-*" = 1 }',
        '[assume]\ninput_ratio = { "nothing" = 1.000001 }',
        '[assume]\ncache_ttl = "1m"',
        '[assume]\ncache_ttl = "3650d"',
        '[assume]\noff_peak = { max_wait = "0m" }',
        '[assume]\noff_peak = { max_wait = "168h" }',
        '[assume]\nfixed_fee = { amount = "999999999999.999999999999999" }',
        "[assume]\nfixed_fee = { amount = 0 }",
    ],
)
def test_values_just_inside_their_bounds_are_taken(text: str) -> None:
    assert scenario(text).name


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"{RULE}share = 1.000001", "route[1].share is no number from 0 to 1"),
        (f"{RULE}share = inf", "route[1].share is no number from 0 to 1"),
        (f"{RULE}token_share = 0.0000001", "route[1].token_share has more than 6 decimals"),
        (f"{RULE}max_input_tokens = {2**63}", "route[1].max_input_tokens is no whole number"),
        (f'{RULE}endpoint = ["a", 1]', "route[1].endpoint is no text and no list of texts"),
        ("[assume]\nhit_rate = 0.1234567", "assume.hit_rate has more than 6 decimals"),
        ("[assume]\noutput_ratio = { pro = 1000.1 }", "assume.output_ratio holds no ratio from 0 to 1000"),
        ("[assume]\noutput_ratio = { pro = -0.1 }", "assume.output_ratio holds no ratio from 0 to 1000"),
        ('[assume]\noutput_ratio = { pro = "1" }', "assume.output_ratio holds no ratio from 0 to 1000"),
        ("[assume]\ninput_ratio = { x = 1.0000001 }", "assume.input_ratio has more than 6 decimals"),
        ("[assume]\noutput_ratio = { nothing = 1 }", "assume.output_ratio names a model without a price: nothing"),
        ('[assume]\ncache_ttl = "0m"', "assume.cache_ttl is not between 1m and 3650d"),
        ('[assume]\ncache_ttl = "3651d"', "assume.cache_ttl is not between 1m and 3650d"),
        ('[assume]\ncache_ttl = "87601h"', "assume.cache_ttl is not between 1m and 3650d"),
        ("[assume]\ncache_ttl = 24", "assume.cache_ttl is no duration"),
        ('[assume]\ncache_ttl = "1 week"', "assume.cache_ttl is no duration"),
        ('[assume]\noff_peak = { max_wait = "10081m" }', "assume.off_peak.max_wait is not between 0m and 7d"),
        ("[assume]\noff_peak = {}", "assume.off_peak has no `max_wait`"),
        ('[assume]\nfixed_fee = { amount = "1000000000000" }', "assume.fixed_fee.amount is no amount of money"),
        ('[assume]\nfixed_fee = { amount = "1e3" }', "assume.fixed_fee.amount is no amount of money"),
        ('[assume]\nfixed_fee = { amount = "-1" }', "assume.fixed_fee.amount is no amount of money"),
        ("[assume]\nfixed_fee = { amount = -1 }", "assume.fixed_fee.amount is no amount of money"),
        ("[assume]\nfixed_fee = { amount = true }", "assume.fixed_fee.amount is no amount of money"),
        ('[assume]\nfixed_fee = { amount = "0.0000000000000001" }', "assume.fixed_fee.amount is no amount of money"),
        ('[assume]\nfixed_fee = { amount = "1", per = "year" }', "assume.fixed_fee.per is none of month"),
        ('[assume]\nescalate = { from = "as-logged", to = "pro", rate = 0.1 }', "assume.escalate.from names a model"),
        ('[assume]\nescalate = { from = "flash", to = "pro" }', "assume.escalate has no `rate`"),
        ("prices = 1", "prices is no table"),
        (f"{RULE}share = 0.1\ntoken_share = 0.1", "route[1].share and token_share exclude each other"),
    ],
)
def test_values_just_outside_their_bounds_are_refused(text: str, problem: str) -> None:
    with pytest.raises(UsageError) as raised:
        scenario(text)

    assert problem in str(raised.value)
    assert raised.value.remedy


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("[assume]\noutput_ratio = { deepseek-v4-por = 1 }", "nearest: deepseek-v4-pro, deepseek-v4-flash"),
        ("[assume]\noutput_ratio = { xyzzyq = 1 }", f"nearest: {', '.join(BOOK.models())}"),
        ('default = "xyzzyq"', f"nearest: {', '.join(BOOK.models())}; also flash, pro and as-logged"),
        (
            '[assume]\nescalate = { from = "deepseek-v4-por", to = "pro", rate = 0.1 }',
            "nearest: deepseek-v4-pro, deepseek-v4-flash; also flash and pro",
        ),
        ('[assume]\ncache = "zzz"', 'write cache = "modelled", say'),
        ('[assume]\ncache = "warm-cold"', "did you mean cold?"),
        ("zzz = 1", "known here: name, title, default, route, assume, prices"),
        ("nmae = 1", "did you mean name?"),
        ("ute = 1", "did you mean route?"),
        ("ti = 1", "did you mean title? known here: name, title, default, route, assume, prices"),  # hardly alike
    ],
)
def test_a_remedy_names_what_is_near_and_else_all_there_is(text: str, remedy: str) -> None:
    with pytest.raises(UsageError) as raised:
        scenario(text)

    assert raised.value.remedy == remedy


def test_scenarios_that_come_with_the_program_are_known_by_name() -> None:
    assert read("all-flash", BOOK).built_in
    with pytest.raises(UsageError, match="al-flash: no scenario of this name") as near:
        read("al-flash", BOOK)
    with pytest.raises(UsageError) as far:
        read("zzz.toml", BOOK)
    built_in = ", ".join(sorted(path.stem for path in (ROOT / "analyzer/simulate/scenarios").glob("*.toml")))
    known = f"built in: {built_in}; others are named by their file, such as mine.toml"
    assert (near.value.remedy, far.value.remedy) == (f"did you mean all-flash? {known}", known)


def test_own_prices_make_a_model_one_to_go_to() -> None:
    own = '[prices]\nacme-9 = { input = "1", output = "2" }'
    assert scenario(f'default = "acme-9"\n{own}').default == "acme-9"
    assert scenario(f"[assume]\noutput_ratio = {{ acme-9 = 2 }}\n{own}").output_ratio == {"acme-9": 2}


def test_what_is_left_out_has_its_default() -> None:
    plain = scenario("")
    assert (plain.default, plain.cache, plain.cache_ttl, plain.price_date) == (
        "as-logged", "modelled", timedelta(days=1), None,
    )  # fmt: skip
    assert (plain.hit_rate, plain.escalate, plain.off_peak, plain.fixed_fee, plain.prices) == (
        None,
        None,
        None,
        None,
        (),
    )


def test_every_assumption_is_what_was_written() -> None:
    whole = scenario(
        """
        [assume]
        price_date = "2026-04-24"
        cache = "cold"
        cache_ttl = "90m"
        hit_rate = 0.80
        output_ratio = { pro = 1.10 }
        input_ratio = { "claude-*" = 0.9 }
        escalate = { from = "flash", to = "pro", rate = 0.08 }
        off_peak = { endpoint = ["batch-*"], max_wait = "8h" }
        fixed_fee = { amount = "200.00", per = "month" }
        """
    )
    assert (whole.price_date, whole.cache, whole.cache_ttl) == (date(2026, 4, 24), "cold", timedelta(hours=1.5))
    assert (whole.hit_rate, whole.output_ratio, whole.input_ratio) == (
        Decimal("0.8"), {"pro": Decimal("1.1")}, {"claude-*": Decimal("0.9")},
    )  # fmt: skip
    assert whole.escalate == Escalation("flash", "pro", Decimal("0.08"))
    assert whole.off_peak == Wait(("batch-*",), timedelta(hours=8))
    assert whole.fixed_fee == Plan(Decimal(200), ("*",))
    assert scenario("[assume]\nprice_date = 2026-04-24").price_date == date(2026, 4, 24)
    assert scenario('[assume]\nprice_date = "in-force"').price_date is None


def test_a_rule_is_what_was_written_and_keys_are_masked_as_in_logs() -> None:
    [rule] = scenario(
        f'{RULE}endpoint = "/a/*"\nmodel = ["flash", "x"]\napi_key_name = "/a/sk-0123456789abcdef0123456789abcdef"\n'
        "min_output_tokens = 7\nmax_tool_calls = 3\nshare = 0.25"
    ).rules
    assert (rule.to, rule.least, rule.most) == ("pro", {"output_tokens": 7}, {"tool_calls": 3})
    assert (rule.share, rule.token_share) == (Decimal("0.25"), None)
    assert (rule.globs["endpoint"], rule.globs["model"]) == (("/a/*",), ("flash", "x"))
    assert rule.globs["api_key_name"] == ("/a/…cdef",)
    [other] = scenario(f'{RULE}user = "/a/sk-0123456789abcdef0123456789abcdef"').rules
    assert other.globs == {"user": ("/a/sk-…cdef",)}


@pytest.mark.parametrize(
    ("text", "hindsight"),
    [
        ("min_output_tokens = 1", True),
        ("max_output_tokens = 1", True),
        ("max_reasoning_tokens = 1", True),
        ("min_input_tokens = 1", False),
        ("min_tool_calls = 1", False),
        ("", False),
    ],
)
def test_who_looks_at_lengths_of_outputs_looks_back(text: str, hindsight: bool) -> None:
    assert scenario(RULE + text).hindsight is hindsight


def test_what_a_scenario_names() -> None:
    whole = scenario(
        'default = "as-logged"\n[[route]]\nto = "pro"\nmodel = "flash"\n[[route]]\nto = "as-logged"\n[[route]]\nto = "pro"\n'
        '[assume]\nescalate = { from = "flash", to = "deepseek-v4-pro", rate = 0.1 }\noutput_ratio = { pro = 1 }\n'
        'input_ratio = { x = 1 }\nfixed_fee = { amount = "1", covers = ["y"] }'
    )
    assert whole.destinations == ["pro"]
    assert whole.targets == ["deepseek-v4-pro", "flash", "pro"]
    assert whole.mentions == ["flash", "pro", "x", "y"]
    assert whole.families == ["flash"]
    plain = scenario("")
    assert (plain.destinations, plain.targets, plain.mentions, plain.assumes_models) == ([], [], [], False)
    escalate = 'escalate = { from = "flash", to = "pro", rate = 0.1 }'
    for words in ("output_ratio = { pro = 1 }", "input_ratio = { x = 1 }", 'fixed_fee = { amount = "1" }', escalate):
        assert scenario(f"[assume]\n{words}").assumes_models


# -------------------------------------------------------------------------------------- which models words mean

EVER, LAST = datetime(1, 1, 1), datetime(9999, 1, 1)
MAY, JUNE = datetime(2026, 5, 1), datetime(2026, 6, 1)
TARGETS = [
    ("flash", None, None, "A", EVER, MAY),
    ("flash", None, None, "B", MAY, LAST),
    ("pro", None, None, "P", EVER, LAST),
]
LOGGED = [
    ("old", None, None, "A", EVER, JUNE),
    ("old", None, None, "B", JUNE, LAST),
    ("new", "p", None, "p/new", EVER, LAST),
    ("pro", "q", None, "q/pro", EVER, LAST),  # what another seller calls so
]


@pytest.fixture(scope="module")
def answering() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        columns = (
            "name VARCHAR, provider VARCHAR, service_tier VARCHAR, serves VARCHAR, from_instant TIMESTAMP, "
            "to_instant TIMESTAMP"
        )
        for table, rows in (("served_targets", TARGETS), ("served_logged", LOGGED)):
            connection.execute(f"CREATE TABLE {table} ({columns})")
            connection.executemany(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?, ?)", rows[::-1])
        yield connection


@pytest.fixture(scope="module")
def meanings(answering: duckdb.DuckDBPyConnection) -> Meanings:
    called = [Sold("old"), Sold("new", "p"), Sold("pro", "q"), Sold("odd")]
    return Meanings(answering, called, ["flash", "pro"])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["flash"], {("A", EVER, MAY, "flash"), ("B", MAY, LAST, "flash")}),  # the member in force
        (["B", "flash"], {("A", EVER, MAY, "flash"), ("B", MAY, LAST, "B")}),  # of several the first
        (["flash", "B"], {("A", EVER, MAY, "flash"), ("B", MAY, LAST, "flash")}),
        (["A"], {("A", EVER, MAY, "A")}),  # nothing goes there later
        (["p*"], {("P", EVER, LAST, "p*")}),  # a glob, of what the model goes by
        (["*"], {("A", EVER, MAY, "*"), ("B", MAY, LAST, "*"), ("P", EVER, LAST, "*")}),
        (["old"], set()),  # a word of the logs, of which nothing goes anywhere
        ([], set()),
    ],
)
def test_words_for_what_serves(meanings: Meanings, words: list[str], expected: set[tuple[object, ...]]) -> None:
    assert {*meanings.moving_to(words)} == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["old"], {("old", "A", EVER, JUNE, "old"), ("old", "B", JUNE, LAST, "old")}),
        (["flash"], {("old", "A", EVER, MAY, "flash"), ("old", "B", JUNE, LAST, "flash")}),  # in May flash is B, old A
        (["A"], {("old", "A", EVER, JUNE, "A")}),
        (["odd"], {("odd", "odd", EVER, LAST, "odd")}),  # to which nobody is known to answer
        (["o*"], {("old", "A", EVER, JUNE, "o*"), ("old", "B", JUNE, LAST, "o*"), ("odd", "odd", EVER, LAST, "o*")}),
        (["p/*"], {("new", "p/new", EVER, LAST, "p/*")}),
        (["p/*", "new"], {("new", "p/new", EVER, LAST, "p/*")}),
        (["pro"], {("pro", "q/pro", EVER, LAST, "pro")}),  # the log's own word, whatever else goes by it
    ],
)
def test_words_for_what_was_called(meanings: Meanings, words: list[str], expected: set[tuple[object, ...]]) -> None:
    assert {*meanings.moving_from(words)} == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["old"], {("A", EVER, JUNE, "old"), ("B", JUNE, LAST, "old")}),
        (["flash"], {("A", EVER, MAY, "flash"), ("B", MAY, LAST, "flash")}),
        (["new", "pro"], {("p/new", EVER, LAST, "new"), ("P", EVER, LAST, "pro"), ("q/pro", EVER, LAST, "pro")}),
    ],
)
def test_words_for_what_a_plan_covers(meanings: Meanings, words: list[str], expected: set[tuple[object, ...]]) -> None:
    assert {*meanings.covered(words)} == expected


def test_calls_of_a_family_are_those_of_its_member_in_force(answering: duckdb.DuckDBPyConnection) -> None:
    """Until May flash is A, which old is until June; from May flash is B, which old is from June."""
    assert family_calls(answering, ["flash", "pro"]) == {
        "flash": [Called("old", None, None, EVER, MAY), Called("old", None, None, JUNE, LAST)],
        "pro": [],
    }


@pytest.mark.parametrize(
    ("word", "called", "near"),
    [
        ("gtp-4.1", ["gpt-4.1"], "gpt-4.1"),  # a slip; what was called goes before what has a price
        ("GPT-4.1", ["gpt-4.1"], "gpt-4.1"),  # logs ask for the case, prices do not
        ("gpt-4.1", ["gpt-4.1-mini"], None),  # a model of its own
        ("deepseek-v4-por", [], "deepseek-v4-pro"),  # of what has a price
        ("deepsek-*", [], None),  # prices have no globs
        ("deepsek-*", ["deepseek-chat"], "deepseek-chat"),
        ("gpt-*", ["gpt-4.1"], None),  # fits
        ("xyzzy", ["gpt-4.1"], None),
    ],
)
def test_the_name_that_a_word_may_have_meant(word: str, called: list[str], near: str | None) -> None:
    assert nearest(word, called, BOOK) == near


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("/chatt", "/chat"),
        ("/CHAT", "/chat"),
        ("/agnets/*", "/agents/run"),  # the beginning alone
        ("*summarise*", "summarize"),
        ("/agnets", None),  # a whole name is not like a much longer one
        ("/xyz", None),
    ],
)
def test_the_endpoint_that_a_glob_may_have_meant(word: str, near: str | None) -> None:
    assert alike(word, ["/chat", "/chat/2", "/agents/run", "summarize"]) == near


# ------------------------------------------------------------------------------------------------ the example


def test_the_example_is_a_scenario_of_the_costliest_endpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = [None, "/first", *(f"/{number}" for number in range(40))]

    path = write_example("mine", names, ["--table", "ns:a", "b c.jsonl", "it's"])

    assert path == Path("mine.toml")
    text = path.read_text(encoding="utf-8")
    assert '# Run it:  spend simulate --table ns:a "b c.jsonl" "it\'s" --scenario mine.toml\n' in text
    assert [line for line in text.splitlines() if line.startswith("#   ")] == [
        '#   "/first"', *(f'#   "/{number}"' for number in range(29)),
    ]  # fmt: skip
    made = scenario(text.replace("# off_peak", "off_peak"))
    assert (made.name, made.default, made.rules[0].to) == ("mine", "flash", "pro")
    assert made.rules[0].globs == {"endpoint": ("/first",)}
    assert made.off_peak == Wait(("/first",), timedelta(hours=8))
    with pytest.raises(OutputError, match="is there already"):
        write_example("mine.toml", names, [])


def test_the_example_of_a_history_without_endpoints_asks_for_big_prompts(tmp_path: Path) -> None:
    path = write_example(str(tmp_path / "mine"), [None], ["-"])
    made = scenario(path.read_text(encoding="utf-8").replace("# off_peak", "off_peak"))
    assert (made.rules[0].globs, made.rules[0].least) == ({}, {"input_tokens": 20_000})
    assert made.off_peak == Wait((), timedelta(hours=8))


@pytest.mark.parametrize("name", ["", " ", ".toml", " .toml", "actual", "actual.toml"])
def test_an_example_needs_a_name_of_its_own(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"no name|the name is taken"):
        write_example(name, ["/a"], [])
    assert not [*tmp_path.iterdir()]


def test_an_example_that_cannot_be_written_is_told_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        write_example(str(tmp_path / "no" / "such"), ["/a"], [])


def test_a_name_is_one_glob_and_one_line_whatever_is_in_it() -> None:
    assert pattern("a*b?c[d]\\") == "a[*]b[?]c[[]d][\\]"
    assert quoted("é\n\x7f\x85\u2028\u202e\u2066") == '"é\\n\\u007f\\u0085\\u2028\\u202e\\u2066"'
