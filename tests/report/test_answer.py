"""The first screen in sentences: where the money went, what the last whole month did, which saving is sure."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from shown import Page, filled, request
from support import scenario

from analyzer.report.answer import certainty, change, sure, where
from analyzer.report.page import render
from analyzer.report.period import period
from analyzer.report.verdict import verdict
from analyzer.simulate.relations import View

pytestmark = pytest.mark.endurance

# A million tokens out on Flash, in the calm of May and June: $0.28.
MILLION = {"input_tokens": 0, "cache_read_tokens": 0, "output_tokens": 1_000_000}


def spent(*calls: tuple[str, str]) -> list[dict[str, object]]:
    """Calls of $0.28, each an instant and an endpoint."""
    return [
        request(number, started_at=datetime.fromisoformat(at), endpoint=endpoint, **MILLION)
        for number, (at, endpoint) in enumerate(calls)
    ]


def said(*calls: tuple[str, str]) -> str:
    analysis = filled(spent(*calls))
    return Page(f"{where(analysis)} {change(analysis)}").text.strip()


MAY = [("2026-05-01T00:00", "/a"), ("2026-05-20T00:00", "/b")]
JUNE = [("2026-06-01T00:00", "/a"), ("2026-06-02T00:00", "/b"), ("2026-06-30T12:00", "/b")]


def test_where_the_money_went_and_what_moved_the_last_month() -> None:
    """May: 0.28 + 0.28. June: 0.28 + 2 x 0.28, half as much again, all of it at /b. 1.40 in all: three fifths at /b."""
    assert said(*MAY, *JUNE) == (
        "Most of it went to /b $0.84 (60.0%) and /a $0.56 (40.0%). 2026-06 cost $0.84, $0.28 more than 2026-05 (+50.0%),"
        " most at /b (+$0.28). It had 3 requests instead of 2 (+50.0%). spend review 2026-06 splits the change by its"
        " causes."
    )


def test_a_fall_names_what_fell() -> None:
    """June without /a and with /b once: half of May. Less than a dollar in all has three digits."""
    assert "2026-06 cost $0.280, $0.280 less than 2026-05 (-50.0%), most at /a (-$0.280)" in said(
        *MAY, ("2026-06-30T12:00", "/b")
    )


def test_months_alike_say_so() -> None:
    assert said(*MAY, ("2026-06-01T00:00", "/a"), ("2026-06-30T12:00", "/b")).endswith(
        "2026-06 cost $0.56, as much as 2026-05."
    )


@pytest.mark.parametrize(
    "calls",
    [
        [("2026-05-02T00:00", "/a"), *JUNE],  # May lacks its first day
        [*MAY, *JUNE[:2], ("2026-06-29T23:59:59", "/b")],  # June lacks its last
        [*MAY, ("2026-07-31T12:00", "/b")],  # no June at all
        MAY,
    ],
)
def test_only_whole_months_in_a_row_are_compared(calls: list[tuple[str, str]]) -> None:
    assert " than " not in said(*calls)


def test_a_month_that_has_begun_leaves_those_before_it_to_be_compared() -> None:
    assert "2026-06 cost $0.84, $0.28 more than 2026-05" in said(*MAY, *JUNE, ("2026-07-01T00:00", "/a"))


def test_the_january_after_a_december_is_the_next_month() -> None:
    """Midnight in UTC is morning in China, off-peak on both days; both days are worked."""
    told = said(("2026-12-01T00:00", "/a"), ("2026-12-31T20:00", "/b"), ("2027-01-31T20:00", "/a"))
    assert "2027-01 cost " in told
    assert " than 2026-12" in told


def test_what_else_differs_between_the_months_is_told() -> None:
    """Half of May's input came from the cache, none of June's; Flash became cheaper on 10 September 2026."""
    may = [request(n, started_at=datetime.fromisoformat(at), cache_read_tokens=500, input_tokens=1000)
           for n, at in enumerate(("2026-05-01T00:00", "2026-05-31T12:00"))]  # fmt: skip
    june = [request(n, started_at=datetime.fromisoformat(at), cache_read_tokens=0, input_tokens=1000)
            for n, at in enumerate(("2026-06-01T00:00", "2026-06-30T12:00"), 2)]  # fmt: skip
    assert "It had a cache hit rate of 0.0% instead of 50.0%." in change(filled([*may, *june]))
    told = said(
        ("2026-08-01T00:00", "/a"), ("2026-08-31T12:00", "/a"), ("2026-09-01T00:00", "/a"), ("2026-09-30T12:00", "/a")
    )
    assert "It had other prices from 2026-08-16 and 2026-09-10 on." in told


def test_a_month_that_is_cheaper_for_want_of_prices_says_so() -> None:
    """June's second call is of a model that nobody sells."""
    rows = spent(*MAY, ("2026-06-01T00:00", "/a"), ("2026-06-30T12:00", "/b"))
    told = change(filled([*rows[:-1], {**rows[-1], "model": "of-another-world"}]))

    assert "$0.280 less than 2026-05" in told
    assert "Not in it: 1 request of these months without a known price." in told


def test_how_sure_the_cost_is() -> None:
    """Of four calls one left no usage, one has no price, and one does not say what came from the cache.

    Known: 1000 in with 600 hits and 100 out, 85.68 millionths; unknown: 1000 x 0.14 + 100 x 0.28 = 168 at most, and
    1000 x 0.0028 + 28 = 30.8 at least. Together 253.68, or 116.48.
    """
    nothing = dict.fromkeys(("input_tokens", "cache_read_tokens", "output_tokens"))
    rows = [
        request(1, **CALL),
        request(2, **{**CALL, "cache_read_tokens": None}),
        request(3, **CALL, model="of-another-world"),
        request(4, **nothing),
    ]
    told = Page(certainty(filled(rows))).text
    assert told == (
        "The cost is exact for 2 of 4 requests; 1 left no usage and 1 has no known price, and are in no cost. 1 does not"
        " say what came from the cache and costs as if nothing did; had all of it, the cost is $0.000116. These are list"
        " prices, not an invoice: From the logs to the bill."
    )
    assert Page(certainty(filled(rows[:1]))).text.startswith("The cost of the one request is exact.")
    assert certainty(filled(rows[3:])) == ""


def test_prices_of_ones_own_are_told_to_be_that() -> None:
    analysis = filled([request(1), request(2)])
    own = replace(analysis, own_prices=("spend.toml: deepseek-v4-flash: input",))
    for one, kind in ((analysis, "list prices"), (own, "own and list prices")):
        assert f" These are {kind}, not an invoice: " in certainty(one)


def test_many_small_endpoints_share_it() -> None:
    """Nine of equal cost: the first three are a third."""
    told = said(*((f"2026-05-0{day}T00:00", f"/{day}") for day in range(1, 10)))
    assert told == "9 endpoints share it; the costliest: /1 $0.28 (11.1%), /2 $0.28 (11.1%) and /3 $0.28 (11.1%)."


def test_one_endpoint_needs_no_sentence() -> None:
    assert said(("2026-05-01T00:00", "/a")) == ""


def test_names_in_a_sentence_are_text_and_short() -> None:
    page = where(filled(spent(("2026-05-01T00:00", "<b>x"), ("2026-05-02T00:00", "y" * 300))))
    assert "<bdi>&lt;b&gt;x</bdi>" in page
    assert f"<bdi>{'y' * 19}…{'y' * 19}…</bdi>" in page


# A call of 1000 tokens in, 600 of them hits, and 100 out costs 85.68 millionths on Flash (test_verdict.py).
CALL = {"input_tokens": 1000, "cache_read_tokens": 600, "output_tokens": 100}
PRO = 'default = "pro"\n[assume]\ncache = "transferred"\n[prices]\n"deepseek-v4-pro" = {{ {} }}\n'
# 400 x 0.06 + 600 x 0.01 + 100 x 0.3568 = 65.68; all missed 60 + 35.68 = 95.68: a saving that cold caches eat.
DOUBTFUL = PRO.format('input = "0.06", cache_read = "0.01", output = "0.3568"')
# 1000 x 0.05 + 100 x 0.2568 = 75.68, hits or not: 10 less than Flash.
SURE = PRO.format('input = "0.05", cache_read = "0.05", output = "0.2568"')
# 60 + 15.68 without a hit: the 10 that are sure; 30 + 15.68 with those that there were.
BOTH = PRO.format('input = "0.06", cache_read = "0.01", output = "0.1568"')


@pytest.mark.parametrize(
    ("scenarios", "sentence"),
    [
        ({"x": DOUBTFUL, "y": SURE}, "Cheaper even with cold caches: y, by $0.0000100 or more."),
        ({"x": DOUBTFUL}, "No scenario is cheaper with cold caches."),
        ({"x": BOTH, "y": SURE}, ""),  # the cheapest is sure: the verdict says so already
        ({"x": 'default = "pro"\n'}, ""),  # nothing is saved
    ],
)
def test_the_saving_that_is_sure_is_named_where_the_cheapest_is_not(scenarios: dict[str, str], sentence: str) -> None:
    chosen = [scenario(text, name) for name, text in scenarios.items()]
    assert sure(filled([request(1, **CALL)], scenarios=chosen)) == sentence


@pytest.mark.parametrize(
    ("scenarios", "cheapest"),
    [
        ({"pro": 'default = "pro"\n'}, "actual use"),
        ({"pro": 'default = "pro"\n', "x": 'default = "flash"\n'}, "actual use and x"),
        ({"x": 'default = "flash"\n', "y": 'default = "as-logged"\n'}, "actual use, x and y"),
    ],
)
def test_all_that_cost_the_same_are_the_cheapest(scenarios: dict[str, str], cheapest: str) -> None:
    """A call on Flash, where all of Flash costs what was spent."""
    chosen = [scenario(text, name) for name, text in scenarios.items()]
    said = verdict(filled([request(1, **CALL)], scenarios=chosen))
    assert said == f"Cheapest: {cheapest}; no scenario would have cost less."


def test_without_requests_no_section_is_empty_and_every_link_leads_somewhere() -> None:
    seen = Page(render(filled([])))
    places = {attrs["id"] for _, attrs in seen.tags if "id" in attrs}
    links = [(attrs["href"] or "")[1:] for tag, attrs in seen.tags if tag == "a"]

    assert set(links) <= places
    assert "Where the money goes" not in seen.text
    assert "No total is known." in seen.text


def test_the_period_is_told_on_the_clocks_of_the_reporting_zone() -> None:
    """Berlin's October of 2026 begins two hours before that of UTC, and ends one hour before it."""
    october = View(
        tz="Europe/Berlin", since=datetime(2026, 9, 30, 22, tzinfo=UTC), until=datetime(2026, 10, 31, 23, tzinfo=UTC)
    )
    calls = filled([request(0, started_at=datetime(2026, 10, 9))], view=october)
    assert period(calls) == "2026-10-01 00:00 to 2026-11-01 00:00 Europe/Berlin"
    assert f"Period{period(calls)}" in Page(render(calls)).text.replace("\n", "")
