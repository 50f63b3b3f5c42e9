"""The sliders of the report, in a real browser: what the page computes is what the simulator computes, to the last digit."""

import json
import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from shown import HOSTILE, Page, analysis_of, filled, request
from support import BOOK, ROOT, fill, ledger_of
from test_report_browser import CHROMIUM, Opened, chromium, look

from analyzer.ledger import Ledger
from analyzer.report.against import against, digits
from analyzer.report.amounts import exact, percent, places_for, plain
from analyzer.report.cells import signed
from analyzer.report.sliders import sliders
from analyzer.simulate.analysis import Analysis
from analyzer.simulate.relations import View, prepare
from analyzer.simulate.vocabulary import parse
from analyzer.simulate.whatif import Simulation

__all__ = ["chromium", "look"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the PATH; .ci/run installs it"),
]

# Sets the controls as a reader would, and tells what the page made of it.
SET = """(settings) => settings.map((setting) => {
    const form = document.getElementById("tryout");
    for (const [name, value] of Object.entries(setting)) {
        const input = form.querySelector(`[name="${name}"]`);
        if (input.type === "checkbox") input.checked = value;
        else input.value = value;
    }
    form.dispatchEvent(new Event("input"));
    const set = Object.fromEntries([...form.querySelectorAll("input")].map((i) => [i.name, i.type === "checkbox" ? i.checked : i.value]));
    return {
        cost: form.dataset.cost,
        difference: form.dataset.difference,
        shown: form.querySelector("[name=cost]").textContent,
        said: form.querySelector("[name=difference]").textContent,
        column: [...form.querySelectorAll("tbody.tried tr")].map((row) => row.cells[2].textContent),
        toml: form.querySelector("[name=toml]").textContent,
        set,
    };
})"""


def tried(seen: Any, settings: list[dict[str, object]]) -> list[dict[str, Any]]:
    """What the page says of each setting, once it is there to be set: its figures are unpacked first."""
    seen.page.wait_for_selector("#tryout", state="visible")
    return list(seen.page.evaluate(SET, settings))


# Before the launch, at every change of a price since, on a holiday, on a weekend.
DAYS = [
    datetime.fromisoformat(day)
    for day in (
        "2026-04-20",
        "2026-04-24",
        "2026-04-26",
        "2026-08-16",
        "2026-08-22",
        "2026-09-10",
        "2026-10-01",
        "2026-11-02",
    )
]
MODELS = ("deepseek-v4-flash", "deepseek-v4-pro", "deepseek-flash", "DeepSeek-V4-Pro", "claude-sonnet-4-5", "acme-9b")


def traffic(chance: random.Random) -> list[dict[str, object]]:
    """Calls of every kind: hostile names, none, other providers with cache writes, unknown splits, before and at changes."""
    rows = []
    for number in range(220):
        model = chance.choice(MODELS)
        start = chance.choice(DAYS) + timedelta(seconds=chance.randrange(86400))
        read = chance.randrange(1, 10**6)
        hits = None if chance.random() < 0.1 else chance.randrange(read + 1)
        rows.append(
            request(
                number,
                endpoint=chance.choice([*HOSTILE, None, "/chat", "/chat", "/שירות", "a*b?[c]\\d"]),
                model=model,
                started_at=start,
                input_tokens=read,
                cache_read_tokens=hits,
                cache_write_tokens=chance.randrange(read - (hits or 0) + 1) if model.startswith("claude") else None,
                output_tokens=chance.randrange(10**5),
            )
        )
    return rows


def settings(chance: random.Random, endpoints: int) -> dict[str, object]:
    """Any setting that the controls allow."""

    def price() -> str:
        return "" if chance.random() < 0.7 else str(Decimal(chance.randrange(10**11)).scaleb(-9))

    controls: dict[str, object] = {
        "routed": chance.random() < 0.6,
        "share": chance.randrange(101),
        "hits": chance.random() < 0.4,
        "hit-rate": chance.randrange(201) / 2,
        **{f"ratio-{family}": str(Decimal(chance.randrange(3000)).scaleb(-3)) for family in ("flash", "pro")},
        **{f"{family}-{kind}": price() for family in ("flash", "pro") for kind in ("input", "cache_read", "output")},
    }
    for place in range(endpoints):
        controls |= {
            f"own-{place}": chance.random() < 0.2,
            f"share-{place}": chance.choice([0, 100, chance.randrange(101)]),
        }
    return controls


def computed(told: Mapping[str, Any], simulation: Simulation, analysis: Analysis) -> None:
    """Hold what the page says against what the simulator makes of the scenario that the page writes."""
    result = simulation.price(parse(told["toml"], "tried-out.toml", BOOK))

    assert (told["cost"] or None) == exact(result.cost), told["toml"]
    assert (told["difference"] or None) == exact(result.difference), told["toml"]
    # As a table of scenarios says it.
    places = digits(analysis.results)
    more = signed(against(result, analysis.actual, places), places)
    share = f" ({percent(result.difference, result.compared_actual)})" if result.compared_actual else ""
    beside = f"{more} {analysis.view.currency}{share} against actual"
    assert told["said"] == (beside if result.difference is not None else ""), told["toml"]


@pytest.fixture(scope="module")
def calls() -> Iterator[tuple[Ledger, Analysis]]:
    with ledger_of() as ledger:
        fill(ledger, traffic(random.Random(20261126)))
        yield ledger, analysis_of(ledger)


def settable(seen: Opened) -> int:
    """Endpoints with a slider of their own; the last line may be all the others."""
    return int(seen.page.evaluate("document.querySelectorAll('[name^=own-]').length"))


def test_300_settings_are_what_the_simulator_says(calls: tuple[Ledger, Analysis], look: Any) -> None:
    ledger, analysis = calls
    seen = look(analysis)
    count, chance = settable(seen), random.Random(300)
    assert count >= len(HOSTILE)
    told = tried(seen, [settings(chance, count) for _ in range(300)])

    simulation = Simulation(ledger, BOOK, View())
    prepare(ledger, BOOK, View())
    for each in told:
        computed(each, simulation, analysis)
    assert len({each["cost"] for each in told}) > 290
    assert seen.said == []
    assert seen.refused == []


@pytest.mark.parametrize(
    "view",
    [
        View(currency="CNY", tz="Asia/Shanghai"),
        View(price_date=datetime(2026, 9, 1).date()),
        View(clock="start", since=datetime(2026, 4, 25, tzinfo=UTC), until=datetime(2026, 9, 15, tzinfo=UTC)),
        View(endpoint_by="model"),
        View(endpoint_by="session_id"),
    ],
    ids=["CNY", "price date", "start", "by model", "by session"],
)
def test_the_page_looks_at_requests_as_the_command_line_does(look: Any, view: View) -> None:
    with ledger_of() as ledger:
        fill(ledger, traffic(random.Random(7)))
        analysis = analysis_of(ledger, view=view)
        seen = look(analysis)
        count, chance = settable(seen), random.Random(8)
        told = tried(seen, [settings(chance, count) for _ in range(12)])
        prepare(ledger, BOOK, view)
        simulation = Simulation(ledger, BOOK, view)
        for each in told:
            computed(each, simulation, analysis)
    # No word of the vocabulary names a session: there, one share holds for all.
    assert (count == 0) == (view.endpoint_by == "session_id")


def test_untouched_it_is_what_was_spent(calls: tuple[Ledger, Analysis], look: Any) -> None:
    _, analysis = calls
    seen = look(analysis)
    (told,) = tried(seen, [{}])

    assert analysis.actual.cost is not None
    assert told["cost"] == exact(analysis.actual.cost)
    assert told["difference"] == "0"
    assert told["shown"] == f"{plain(analysis.actual.cost, 2)} USD"
    # What no price covers is unknown here, too.
    assert told["column"].count("unknown") == sum(cost is None for cost in analysis.answers["endpoints"]["cost"])


def test_what_has_no_price_is_unknown_until_it_goes_where_there_is_one(look: Any) -> None:
    with ledger_of() as ledger:
        fill(ledger, [request(1, model="acme-9b")])
        analysis = analysis_of(ledger)
        seen = look(analysis)
        told = tried(seen, [{}, {"routed": True, "share": 50}])
        prepare(ledger, BOOK, View())
        simulation = Simulation(ledger, BOOK, View())
        for each in told:
            computed(each, simulation, analysis)

    assert [each["shown"] == "unknown" for each in told] == [True, False]


def test_the_column_adds_up(calls: tuple[Ledger, Analysis], look: Any) -> None:
    _, analysis = calls
    seen = look(analysis)
    chance = random.Random(9)
    for told in tried(seen, [settings(chance, settable(seen)) for _ in range(20)]):
        cells = [Decimal(cell.replace(",", "")) for cell in told["column"] if cell != "unknown"]
        places = places_for(analysis.actual.cost)
        assert sum(cells) == round(Decimal(told["cost"]), places)


def test_a_saved_scenario_comes_back_through_the_command_line(look: Any, tmp_path: Path) -> None:
    """From the button to the file, from the file through `spend simulate`, to the same digits."""
    from support import spend

    with ledger_of(ROOT / "sample_logs") as ledger:
        seen = look(analysis_of(ledger), accept_downloads=True)
    (told,) = seen.page.evaluate(
        SET, [{"routed": True, "share": 30, "own-0": True, "share-0": 75, "ratio-pro": "1.2", "pro-output": "1.5"}]
    )
    with seen.page.expect_download() as waiting:
        seen.page.get_by_role("button", name="Save as a scenario").click()
    saved = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(saved)
    assert saved.read_text(encoding="utf-8") == told["toml"]

    run = spend("simulate", ROOT / "sample_logs", "--scenario", saved, "--json", "--quiet")
    assert run.code == 0, run.err
    found = next(each for each in run.document["scenarios"] if each["name"] == "tried-out")
    assert (found["cost"], found["difference"]) == (told["cost"], told["difference"])


def test_sliders_work_by_keyboard_and_speak(calls: tuple[Ledger, Analysis], look: Any) -> None:
    _, analysis = calls
    seen = look(analysis)
    before = seen.page.locator("#tryout").get_attribute("data-cost")
    slider = seen.page.get_by_label("Share of Pro, percent of all tokens")
    slider.focus()
    for _ in range(3):
        seen.page.keyboard.press("ArrowRight")

    assert slider.get_attribute("aria-valuetext") == "3% of all tokens on Pro, the others on Flash"
    assert seen.page.locator("[name=routed]").is_checked()
    assert seen.page.locator("#tryout").get_attribute("data-cost") != before
    # One voice, once the reader rests: not one for each of the numbers and endpoints.
    said = [seen.page.locator(f"[name={name}]").inner_text() for name in ("cost", "difference")]
    seen.until(lambda: seen.page.locator("#tryout [role=status]").inner_text() == ", ".join(said))
    assert seen.page.locator("#tryout output:not([aria-live=off])").count() == 0
    seen.page.get_by_role("button", name="As it was").click()
    seen.until(lambda: seen.page.locator("#tryout").get_attribute("data-cost") == before)


@pytest.mark.parametrize(
    ("slider", "keys"),
    [
        ("share", ["Home"]),  # where it lies already
        ("share", ["ArrowLeft"]),
        ("share", ["End"]),
        ("share", ["PageUp", "ArrowRight", "ArrowUp"]),
        ("share", ["End", "PageDown", "ArrowDown", "ArrowLeft"]),
        ("hit-rate", ["Home"]),
        ("hit-rate", ["End"]),
        ("hit-rate", ["End", "ArrowLeft", "PageDown"]),
        ("share-0", ["Home"]),
        ("share-0", ["End"]),
    ],
)
def test_both_ends_are_reached_by_keyboard_and_are_what_the_simulator_says(
    calls: tuple[Ledger, Analysis], look: Any, slider: str, keys: list[str]
) -> None:
    ledger, analysis = calls
    seen = look(analysis)
    tried(seen, [{}])
    seen.page.locator(f"[name={slider}]").focus()
    for key in keys:
        seen.page.keyboard.press(key)
    box = {"share": "routed", "hit-rate": "hits", "share-0": "own-0"}[slider]
    seen.until(lambda: seen.page.locator(f"[name={box}]").is_checked())
    (told,) = tried(seen, [{}])

    prepare(ledger, BOOK, View())
    computed(told, Simulation(ledger, BOOK, View()), analysis)
    assert told["shown"] == f"{plain(Decimal(told['cost']), 2)} USD"
    ends = {("share", "Home"): "0", ("share", "End"): "100", ("hit-rate", "Home"): "0", ("hit-rate", "End"): "100"}
    assert told["set"][slider] == ends.get((slider, keys[-1]), told["set"][slider])


def test_the_ends_of_a_slider_say_what_they_come_to(calls: tuple[Ledger, Analysis], look: Any) -> None:
    """Before it is moved, and all else as it is set: what stands there is what it costs when the slider lies there."""
    seen = look(calls[1])
    hits = {"hits": True, "hit-rate": "40"}
    tried(seen, [hits])
    told = [seen.page.locator(f"[name={name}]").inner_text() for name in ("at-flash", "at-pro")]
    there = tried(seen, [{**hits, "routed": True, "share": share} for share in ("0", "100")])
    assert [f"{each} {calls[1].view.currency}" for each in told] == [each["shown"] for each in there]

    routed = {"routed": True, "share": "30", "hits": False}
    tried(seen, [routed])
    told = [seen.page.locator(f"[name={name}]").inner_text() for name in ("at-cold", "at-warm")]
    there = tried(seen, [{**routed, "hits": True, "hit-rate": rate} for rate in ("0", "100")])
    assert [f"{each} {calls[1].view.currency}" for each in told] == [each["shown"] for each in there]


@pytest.mark.parametrize("size", [{"width": 360, "height": 640}, {"width": 1280, "height": 800}], ids=["phone", "desk"])
def test_what_it_comes_to_is_in_sight_while_an_endpoint_is_set(
    calls: tuple[Ledger, Analysis], look: Any, size: dict[str, int]
) -> None:
    """Also where the last endpoint is far below; and it covers no control that has the focus."""
    seen = look(calls[1], viewport=size)
    seen.page.wait_for_selector("#tryout", state="visible")
    last = seen.page.locator("#tried input[type=range]").last
    last.focus()
    seen.page.keyboard.press("End")
    result, slider = seen.page.locator(".result").bounding_box(), last.bounding_box()

    assert 0 <= result["y"] < size["height"]
    assert slider["y"] >= result["y"] + result["height"]


def test_the_thumb_of_a_slider_sets_it_where_it_lies(calls: tuple[Ledger, Analysis], look: Any) -> None:
    _, analysis = calls
    seen = look(analysis)
    slider = seen.page.get_by_label("Share of Pro, percent of all tokens")
    slider.click(position={"x": 6, "y": 8})

    assert slider.input_value() == "0"
    seen.until(lambda: seen.page.locator("[name=routed]").is_checked())
    assert seen.page.locator("[name=share-said]").inner_text() == "0% of all tokens on Pro, the others on Flash"


def test_paper_says_what_was_tried_out_and_nothing_where_nothing_was(calls: tuple[Ledger, Analysis], look: Any) -> None:
    _, analysis = calls
    seen = look(analysis)
    tried(seen, [{}])
    seen.page.emulate_media(media="print")
    form = seen.page.locator("#tryout")
    assert not form.is_visible()

    (told,) = seen.page.evaluate(SET, [{"routed": True, "share": 25}])
    assert told["shown"] in form.inner_text()
    assert "token_share = 0.25" in form.inner_text()
    assert seen.page.locator("#tryout input:visible, #tryout button:visible, #tried:visible").count() == 0
    seen.page.evaluate(SET, [{"routed": False, "share": 0}])
    assert not form.is_visible()


@pytest.mark.parametrize("text", ["-1", "1e3", "0x10", "1,5", "0.0000000001", "1000001", "abc"])
def test_a_price_that_cannot_be_meant_is_marked_and_not_used(
    calls: tuple[Ledger, Analysis], look: Any, text: str
) -> None:
    _, analysis = calls
    seen = look(analysis)
    (told,) = tried(seen, [{"routed": True, "share": 50, "pro-output": text}])
    (list_price,) = tried(seen, [{"pro-output": ""}])

    assert told["cost"] == list_price["cost"]
    assert "[prices]" not in told["toml"]


def test_without_prices_of_both_families_there_are_no_sliders() -> None:
    """Nothing measured was called: there is nothing to add up."""
    assert sliders(filled([request(1, input_tokens=None, cache_read_tokens=None, output_tokens=None)])) == ""


def test_the_sums_are_small_and_hold_no_name_that_is_cut() -> None:
    page = Page(sliders(filled([request(number, endpoint=f"{number}" + "x" * 300) for number in range(300)])))
    data = json.loads(page.unpacked("servings"))

    assert [each["name"] for each in data["endpoints"]] == [None]
    assert data["endpoints"][0]["shown"] == "300 more"
