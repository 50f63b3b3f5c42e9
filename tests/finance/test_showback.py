"""Who spent it: rules of allocation, common costs, and what nobody is named for."""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from math import lcm
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.errors import UsageError
from analyzer.finance.allocation import Allocation, Share, read_allocation
from analyzer.finance.apportion import apportion
from analyzer.finance.entries import define_entries
from analyzer.finance.month import Month
from analyzer.finance.showback import Line, Showback, showback
from analyzer.ledger import Ledger
from analyzer.simulate.relations import View
from tests.support import BOOK, call, fill, ledger_of, write

MAY = Month.named("2026-05")
# 1,000 tokens of output on Flash: 0.28 per million.
EACH = Decimal("0.00028")


@pytest.fixture(scope="module")
def shared_ledger() -> Iterator[Ledger]:
    with Ledger.throwaway() as made:
        yield made


def plan(text: str) -> Allocation:
    return read_allocation(tomllib.loads(text, parse_float=Decimal), "spend.toml")


def teams(path: Path, text: str, *records: Mapping[str, object], tz: str = "UTC") -> dict[str | None, Line]:
    """The lines by team of calls that cost ``EACH`` unless they say otherwise."""
    log, may = write(path / "log.jsonl", *records), Month(MAY.first, tz)
    with ledger_of(log) as ledger:
        define_entries(ledger, BOOK, View(tz=tz), plan(text))
        return {line.name: line for line in showback(ledger.connection, may, plan(text)).lines["team"]}


def used(**changes: object) -> dict[str, object]:
    return call(input_tokens=0, cache_read_tokens=0, output_tokens=1000, **changes)


def units(amount: Decimal) -> int:
    return int(amount.scaleb(15))


def test_without_rules_a_call_belongs_to_the_team_that_its_log_names(tmp_path: Path) -> None:
    found = teams(tmp_path, "", used(team="care"), used(team="care"), used())

    assert found["care"].cost == units(EACH * 2)
    assert found[None].cost == units(EACH)
    assert list(found)[-1] is None, "what is not allocated stands at the end"


def test_the_first_rule_that_takes_a_call_decides(tmp_path: Path) -> None:
    rules = """
        [[allocation]]
        to = "agents"
        endpoint = ["/agents/*"]
        [[allocation]]
        to = "others"
        endpoint = "*"
    """

    found = teams(tmp_path, rules, used(endpoint="/agents/code", team="care"), used(endpoint="/chat"))

    assert {name: line.requests for name, line in found.items()} == {"agents": 1, "others": 1}


def test_all_conditions_of_a_rule_have_to_hold(tmp_path: Path) -> None:
    rule = """
        [[allocation]]
        to = "search"
        endpoint = "/chat"
        api_key_name = ["svc-*", "ci-*"]
    """

    found = teams(
        tmp_path,
        rule,
        used(api_key_name="svc-search"),
        used(api_key_name="ci-1"),
        used(api_key_name="dev"),
        used(endpoint="/other", api_key_name="svc-search"),
    )

    assert found["search"].requests == 2
    assert found[None].requests == 2


def test_a_condition_on_what_the_log_does_not_name_never_holds(tmp_path: Path) -> None:
    found = teams(tmp_path, '[[allocation]]\nto = "search"\nuser = "*"', used(user="ann"), used())

    assert found["search"].requests == found[None].requests == 1


@pytest.mark.parametrize(("tz", "offset"), [("UTC", "Z"), ("Asia/Kolkata", "+05:30"), ("America/New_York", "-04:00")])
def test_rules_hold_from_a_day_until_a_day_of_the_reporting_zone(tmp_path: Path, tz: str, offset: str) -> None:
    rule = """
        [[allocation]]
        to = "search"
        endpoint = "*"
        from = 2026-05-02
        until = 2026-05-04
    """
    edges = {
        "before": "2026-05-01T23:59:59", "first": "2026-05-02T00:00:00", "last": "2026-05-03T23:59:59",
        "after": "2026-05-04T00:00:00",
    }  # fmt: skip

    found = teams(tmp_path, rule, *(used(ts=edge + offset, team=team) for team, edge in edges.items()), tz=tz)

    assert {name: line.requests for name, line in found.items()} == {"before": 1, "search": 2, "after": 1}


def test_names_in_rules_are_of_the_same_case_as_in_logs(tmp_path: Path) -> None:
    rule = '[[allocation]]\nto = "search"\nteam = "Care*"'

    found = teams(tmp_path, rule, used(team="Care-1"), used(team="care-1"))

    assert {name: line.requests for name, line in found.items()} == {"search": 1, "care-1": 1}


def test_a_rule_may_name_a_cost_centre_alone(tmp_path: Path) -> None:
    rule = '[[allocation]]\ncost_center = "CC-7"\nteam = "care"'
    log = write(tmp_path / "log.jsonl", used(team="care"), used())

    with ledger_of(log) as ledger:
        define_entries(ledger, BOOK, View(), plan(rule))
        lines = showback(ledger.connection, MAY, plan(rule)).lines

    assert [(line.name, line.requests) for line in lines["cost_center"]] == [("CC-7", 1), (None, 1)]
    assert [(line.name, line.requests) for line in lines["team"]] == [("care", 1), (None, 1)]


def test_a_common_cost_is_shared_by_parts_in_a_column_of_its_own(tmp_path: Path) -> None:
    share = '[[share]]\nof = "platform"\nto = { care = 0.75, search = 0.25 }'

    found = teams(tmp_path, share, used(team="platform"), used(team="care"), used())

    # A quarter of 0.00028 is 0.00007.
    assert found["platform"].cost == units(EACH)
    assert found["platform"].shared == -units(EACH)
    assert found["care"].shared == units(Decimal("0.00021"))
    assert found[None].shared == 0, "what nobody is named for is never spread silently"
    assert sum(line.shared for line in found.values()) == 0


def test_who_takes_a_share_without_having_used_anything_is_a_line_too(tmp_path: Path) -> None:
    share = '[[share]]\nof = "platform"\nto = { care = 0.75, search = 0.25 }'

    found = teams(tmp_path, share, used(team="platform"), used(team="care"))

    assert found["search"].requests == 0
    assert found["search"].shared == units(Decimal("0.00007"))


@pytest.mark.parametrize(
    ("by", "care"), [("requests", Fraction(2, 3)), ("cost", Fraction(2, 5)), ("tokens", Fraction(2, 5))]
)
def test_a_common_cost_is_shared_by_what_others_used(tmp_path: Path, by: str, care: Fraction) -> None:
    share = f'[[share]]\nof = "platform"\nby = "{by}"'
    chat = call(team="chat", input_tokens=0, cache_read_tokens=0, output_tokens=3000)

    found = teams(tmp_path, share, used(team="platform"), used(team="care"), used(team="care"), chat, used())

    assert abs(found["care"].shared - care * units(EACH)) < 1
    assert found["care"].shared + found["chat"].shared == units(EACH)


def test_what_nobody_is_named_for_is_shared_only_by_a_rule_that_says_so(tmp_path: Path) -> None:
    found = teams(tmp_path, '[[share]]\nof = "unallocated"\nby = "cost"', used(team="care"), used())

    assert found[None].cost == units(EACH)
    assert found[None].shared == -units(EACH)
    assert found["care"].shared == units(EACH)


def test_of_two_rules_for_the_same_cost_the_first_in_force_on_a_day_wins(tmp_path: Path) -> None:
    rules = """
        [[share]]
        of = "platform"
        to = { care = 1.0 }
        until = 2026-05-03
        [[share]]
        of = "platform"
        to = { search = 1.0 }
    """
    days = [used(team="platform", ts=f"2026-05-0{day}T10:00:00Z") for day in (2, 3, 4)]

    found = teams(tmp_path, rules, *days)
    again = teams(tmp_path, rules.replace("until = 2026-05-03", ""), *days)

    shared = {name: line.shared for name, line in found.items()}
    assert shared == {"platform": -units(EACH * 3), "care": units(EACH), "search": units(EACH * 2)}
    assert {name: line.shared for name, line in again.items()} == {
        "platform": -units(EACH * 3),
        "care": units(EACH * 3),
    }


@pytest.mark.endurance
@pytest.mark.parametrize(
    ("rule", "idle"),
    [
        ('of = "platfrom"', ("platfrom",)),
        ('of = "platform"', ()),
        ('of = "gone"', ("gone",)),
        ('of = "unallocated"', ()),
        ('of = "platfrom"\nuntil = 2026-05-01', ()),
        ('of = "platfrom"\nuntil = 2026-05-02', ("platfrom",)),
        ('of = "platfrom"\nfrom = 2026-05-31', ("platfrom",)),
        ('of = "platfrom"\nfrom = 2026-06-01', ()),
    ],
)
def test_a_team_to_be_shared_of_which_there_is_no_call_is_told(
    tmp_path: Path, rule: str, idle: tuple[str, ...]
) -> None:
    rules = plan(f"[[share]]\n{rule}")
    calls = used(team="platform"), used(team="care"), used(team="gone", ts="2026-04-30T10:00:00Z")
    with ledger_of(write(tmp_path / "log.jsonl", *calls)) as ledger:
        define_entries(ledger, BOOK, View(), rules)

        assert showback(ledger.connection, MAY, rules).idle == idle


def test_a_share_holds_from_its_first_day_to_the_one_before_its_end() -> None:
    """And so it meets a month of which it holds a single day, and none that begins when it is over."""
    second, fourth, may = date(2026, 5, 2), date(2026, 5, 4), (date(2026, 5, 1), date(2026, 6, 1))
    days = [date(2026, 5, number) for number in range(1, 6)]

    assert [Share("x", None, since=second, until=fourth).holds(day) for day in days] == [
        False,
        True,
        True,
        False,
        False,
    ]
    for since, until, meets in (
        (None, None, True),
        (date(2026, 5, 31), None, True),
        (date(2026, 6, 1), None, False),
        (None, second, True),
        (None, date(2026, 5, 1), False),
        (date(2026, 4, 1), date(2026, 7, 1), True),
    ):
        assert Share("x", None, since=since, until=until).meets(*may) is meets


def test_what_a_team_used_in_the_month_before_may_be_unknown(tmp_path: Path) -> None:
    """Nothing at all is 0; calls without a price are not. Of who only bears a share nothing is known without that month."""
    rule = '[[share]]\nof = "care"\nto = { sales = 1 }'
    april = {"ts": "2026-04-28T10:00:00Z"}
    (tmp_path / "more").mkdir()

    found = teams(tmp_path / "more", rule, used(team="care"), used(team="ghost", model="nobody-sells-this", **april))
    alone = teams(tmp_path, rule, used(team="care"))

    assert {name: line.before for name, line in found.items()} == {"care": 0, "ghost": None, "sales": 0}
    assert {name: line.before for name, line in alone.items()} == {"care": None, "sales": None}


def test_what_has_no_known_cost_shares_nothing(tmp_path: Path) -> None:
    share = '[[share]]\nof = "platform"\nby = "requests"'

    found = teams(tmp_path, share, used(team="platform", model="nobody-sells-this"), used(team="care"))

    assert [(line.cost, line.shared) for line in found.values()] == [(units(EACH), 0), (None, 0)]


def test_what_counts_no_calls_costs_what_it_costs_all_the_same() -> None:
    """As in exports of aggregates: a million tokens of output for 0.28, and no word of how many calls they were."""
    with Ledger.throwaway() as ledger:
        export = {"calls": 0, "output_tokens": 1_000_000, "input_tokens": 0, "cache_read_tokens": 0}
        fill(
            ledger, [{**export, "api_key_name": "bot"}, {**export, "started_at": datetime(2026, 4, 30), "team": "care"}]
        )
        define_entries(ledger, BOOK, View())
        lines = showback(ledger.connection, MAY, Allocation()).lines
        define_entries(
            ledger,
            BOOK,
            View(),
            rules := plan('[[allocation]]\nto = "bot"\napi_key_name = "bot"\n[[share]]\nof = "bot"'),
        )
        idle = showback(ledger.connection, MAY, rules).idle

    dollars = units(Decimal("0.28"))
    assert idle == (), "there is something of it to share"
    told = {key: [(line.name, line.requests, line.cost, line.before) for line in lines[key]] for key in lines}
    assert told["endpoint"] == told["cost_center"] == [(None, 0, dollars, dollars)]
    assert told["api_key_name"] == [("bot", 0, dollars, 0), (None, 0, 0, dollars)]
    assert told["team"] == [("care", 0, 0, dollars), (None, 0, dollars, 0)]


@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, "a", "b"]),
            st.sampled_from([0, 1, 3]),
            st.sampled_from([None, 0, 1_000]),
            st.sampled_from(["deepseek-v4-flash", "nobody-sells-this"]),
            st.sampled_from([4, 5]),
        ),
        max_size=6,
    )
)
@settings(max_examples=15, deadline=None)
def test_every_showback_adds_up_to_the_month(
    shared_ledger: Ledger, rows: list[tuple[str | None, int, int | None, str, int]]
) -> None:
    fill(
        shared_ledger,
        [
            {"team": team, "api_key_name": team, "calls": calls, "input_tokens": 0, "cache_read_tokens": 0,
             "output_tokens": tokens, "model": model, "started_at": datetime(2026, month, 30)}
            for team, calls, tokens, model, month in rows
        ],
    )  # fmt: skip
    define_entries(shared_ledger, BOOK, View())

    found = showback(shared_ledger.connection, MAY, Allocation())

    # 0.28 a million: 280,000,000 units for each of the tokens that a price covers.
    for month, name in ((5, "cost"), (4, "before")):
        whole = sum(
            (tokens or 0) * 280_000_000 for _, _, tokens, model, when in rows if model[0] == "d" and when == month
        )
        for lines in found.lines.values():
            assert sum(getattr(line, name) or 0 for line in lines) == whole


def test_a_share_without_anyone_to_take_it_stays_where_it_is(tmp_path: Path) -> None:
    found = teams(tmp_path, '[[share]]\nof = "platform"\nby = "cost"', used(team="platform"), used())

    assert found["platform"].shared == 0


def test_whose_cost_is_unknown_is_in_no_part_that_is_allocated() -> None:
    """Of the 4 that are known a team has 3; what the other team cost, nobody knows."""
    lines = [Line(name, 1, 0, 10, 5, cost, None) for name, cost in (("care", 3), ("lab", None), (None, 1))]
    assert Showback({"team": tuple(lines)}).allocated("team") == Fraction(3, 4)
    assert Showback({"team": (lines[1],)}).allocated("team") is None


def test_the_part_that_is_allocated_is_told(tmp_path: Path) -> None:
    log = write(tmp_path / "log.jsonl", used(team="care"), used(team="care"), used(team="care"), used())

    with ledger_of(log) as ledger:
        define_entries(ledger, BOOK, View())
        found = showback(ledger.connection, MAY, Allocation())

    assert found.allocated("team") == Fraction(3, 4)
    assert found.allocated("endpoint") == 1


@pytest.mark.parametrize(
    ("text", "problem", "remedy"),
    [
        ('[[allocation]]\nto = "a"\nendpiont = "x"', "unknown key allocation[1].endpiont", "did you mean allocation[1].endpoint?"),
        ('[[allocation]]\nendpoint = "x"', "says neither to nor cost_center", 'add to = "search", say'),
        ('[[allocation]]\nto = "a"', "asks for nothing", "add one of endpoint"),
        ('[[allocation]]\nto = "a"\nendpoint = 3', "is no text and no list of texts", "write endpoint ="),
        ('[[allocation]]\nto = "a"\nendpoint = "x"\nfrom = "soon"', "from is no day", "write from = 2026-10-01"),
        ('[[allocation]]\nto = "a"\nendpoint = "x"\nfrom = 2026-02-01\nuntil = 2026-02-01', "ends before it begins", "until is"),
        ('[[share]]\nof = "a"\nto = { b = 0.5 }', "do not add up to 1", "write to ="),
        ('[[share]]\nof = "a"\nby = "money"', "is none of cost, requests, tokens", 'write by = "cost", say'),
        ('[[share]]\nof = "a"\nby = "token"', "is none of cost, requests, tokens", "did you mean tokens?"),
        ('[[share]]\nof = "a"\nto = { a = 1 }', "share[1].to gives all back to a itself", "name the teams"),
        ('[[share]]\nof = "a"\nto = { b = 1.0 }\nby = "cost"', "share[1] says both to and by", "keep one"),
        ('[[share]]\nof = "a"\nto = { unallocated = 1.0 }', "names unallocated, which is no team", "leave it out"),
        ('[[allocation]]\nto = "unallocated"\nendpoint = "*"', "to names unallocated, which is no team", "a call that no rule takes"),
        ("[share]\nof = 1", "is no list of tables", "write each under its own [[share]]"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_meant_is_refused_by_name(text: str, problem: str, remedy: str) -> None:
    with pytest.raises(UsageError) as refused:
        plan(text)

    assert problem in str(refused.value)
    assert str(refused.value).startswith("spend.toml: ")
    assert remedy in refused.value.remedy


@given(st.lists(st.fractions(-1000, 1000), min_size=1, max_size=8))
def test_parts_add_up_as_whole_numbers_whatever_their_signs(parts: list[Fraction]) -> None:
    parts.append(-sum(parts, Fraction(0)) + 17)

    of = lcm(*(part.denominator for part in parts))
    counts = [int(part * of) for part in parts]

    found = apportion(counts, of, 17)

    assert sum(found) == 17
    assert all(abs(one - part) < 1 for one, part in zip(found, parts, strict=True))
    assert apportion([-count for count in counts], of, -17) == [-one for one in found]
