"""The report in a real browser: what people see, with scripts and without, on screen, phone and paper."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from shown import HOSTILE, RUN, analysis_of, filled, hostile, request
from support import ROOT, call, ledger_of, write

from analyzer.report.amounts import places_for, plain
from analyzer.report.page import render
from analyzer.report.panels import NAMES
from analyzer.report.verdict import verdict
from analyzer.report.visible import visible
from analyzer.simulate.analysis import Analysis

__all__ = ["hostile"]

CHROMIUM = shutil.which("chromium")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the PATH; .ci/run installs it"),
]

DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
# Told by the page before any script of its own: what the policy refuses.
WATCH = """
window.refused = [];
document.addEventListener("securitypolicyviolation", (event) => refused.push(event.violatedDirective + " " + event.blockedURI));
new MutationObserver((_, watching) => {
    if (!document.querySelector(".main-svg")) return;
    window.figureAt = performance.now();
    watching.disconnect();
}).observe(document, { childList: true, subtree: true });
"""


class Opened:
    """A page that was opened, and what the browser said about it."""

    def __init__(self, context: Any, path: Path, before: str = "") -> None:
        self.page = context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda asked: self.asked.append(asked.url))
        self.page.add_init_script(WATCH + before)
        self.page.goto(path.as_uri())

    def first_drawn(self) -> None:
        self.page.wait_for_selector("#figure-0 .main-svg", state="attached")

    def all_drawn(self) -> None:
        """Go down the page, as a reader does, until every figure is there."""
        self.first_drawn()
        for place in range(len(self.page.query_selector_all(".plot"))):
            self.page.locator(f"#figure-{place}").scroll_into_view_if_needed()
            self.page.wait_for_selector(f"#figure-{place} .main-svg", state="attached")
        self.page.wait_for_selector('html[data-figures="drawn"]', state="attached")

    def until(self, true: Callable[[], bool]) -> None:
        """Wait until something holds; the page's policy forbids Playwright's own way, which evaluates texts."""
        for _ in range(100):
            if true():
                return
            self.page.wait_for_timeout(50)
        raise AssertionError("it never held")

    @property
    def refused(self) -> list[str]:
        return list(self.page.evaluate("refused"))

    def drawn(self) -> int:
        return int(
            self.page.evaluate("[...document.querySelectorAll('.plot')].filter((p) => p.querySelector('svg')).length")
        )


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def look(chromium: Any, tmp_path: Path) -> Iterator[Any]:
    """``look(analysis, **how)`` opens the report of an analysis from a file; ``how`` is how Playwright opens it.

    ``before`` is a script that runs before those of the page.
    """
    contexts = []

    def open_it(analysis: Analysis, page: str | None = None, before: str = "", **how: Any) -> Opened:
        path = tmp_path / "report.html"
        path.write_text(page or render(analysis), encoding="utf-8")
        contexts.append(chromium.new_context(**{"viewport": DESK, **how}))
        return Opened(contexts[-1], path, before)

    yield open_it
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def sample() -> Iterator[Analysis]:
    with ledger_of(ROOT / "sample_logs") as ledger:
        yield analysis_of(ledger)


# ------------------------------------------------------------------------------------------------ on screen


def test_figures_are_drawn_without_a_complaint(sample: Analysis, look: Any) -> None:
    seen = look(sample)
    seen.all_drawn()

    assert seen.drawn() == len(NAMES)
    assert seen.said == []
    assert seen.refused == []
    assert [url for url in seen.asked if not url.startswith(("file:", "data:", "blob:"))] == []
    # A bar each for the hit rate of every endpoint.
    assert seen.page.locator(f"#figure-{NAMES.index('hits')} .point").count() >= len(sample.answers["endpoints"])


def test_the_console_and_the_policy_are_really_watched(sample: Analysis, look: Any) -> None:
    """What the other tests rely on: a foreign script is refused, and the refusal is seen."""
    foreign = render(sample).replace("</body>", f"<script>{RUN}</script></body>")
    seen = look(sample, foreign)
    seen.first_drawn()

    assert any("Content Security Policy" in said for said in seen.said)
    assert seen.refused
    assert seen.page.evaluate("document.documentElement.dataset.ran") is None


def test_numbers_are_painted_before_any_figure_and_figures_soon(sample: Analysis, look: Any) -> None:
    """Measured on two quiet cores: the page at 0.2 s, the first figure at 1.4 s. The bounds are for busy ones."""
    seen = look(sample)
    seen.first_drawn()
    painted = seen.page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    figure = seen.page.evaluate("figureAt")

    assert painted < figure < 25_000
    assert painted < 10_000


@pytest.mark.parametrize("idle", [True, False])
def test_figures_are_drawn_in_idle_moments_or_as_they_come_into_view(sample: Analysis, look: Any, idle: bool) -> None:
    """Of a browser that does not tell when it is idle, too: it draws what is looked at."""
    seen = look(sample, before="" if idle else "delete window.requestIdleCallback;")
    seen.first_drawn()
    if idle:
        seen.page.wait_for_selector('html[data-figures="drawn"]', state="attached")
        assert seen.page.evaluate("scrollY") == 0
    else:
        seen.page.wait_for_timeout(500)
        assert 1 <= seen.drawn() < len(NAMES)
        seen.all_drawn()
    assert seen.drawn() == len(NAMES)


def first_screen(seen: Opened) -> str:
    """The text that stands within the window, without scrolling."""
    shown = """() => {
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
        for (let node; (node = walker.nextNode());) {
            const range = document.createRange();
            range.selectNodeContents(node);
            const box = range.getBoundingClientRect();
            if (box.height > 0 && box.top >= 0 && box.bottom <= innerHeight && box.right <= innerWidth) found.push(node.data);
        }
        return found.join("").replace(/\\s+/g, " ");
    }"""
    return str(seen.page.evaluate(shown))


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_the_first_screen_answers_without_scrolling(sample: Analysis, look: Any, scripts: bool) -> None:
    seen = look(sample, java_script_enabled=scripts)
    text = first_screen(seen) if scripts else seen.page.locator("section").first.inner_text()
    if not scripts:
        box = seen.page.locator("section").first.bounding_box()
        assert box["y"] + box["height"] <= DESK["height"]
        text = re.sub(r"\s+", " ", text)
    c = sample.counts

    assert sample.actual.cost is not None
    assert f"${plain(sample.actual.cost, 2)}" in text
    assert verdict(sample) in text
    for result in sample.results:
        assert result.cost is not None
        assert result.low is not None
        assert result.high is not None
        assert result.scenario.name in text
        for amount in (result.cost, result.low, result.high):
            assert plain(amount, places_for(sample.actual.cost)) in text
    assert f"{c.records:,} records" in text
    assert f"{c.rejected:,} rejected" in text
    assert f"{c.unpriced:,} unpriced" in text
    assert f"Price book {sample.price_book}" in text
    assert f"{sample.totals['cache_hit_rate']:.1%}" in text


def test_without_scripts_every_number_is_there(sample: Analysis, look: Any) -> None:
    """No empty frame of a figure, no button that does nothing, and a table behind the title of each, which unfolds."""
    seen = look(sample, java_script_enabled=False)

    assert seen.page.locator(".plot:visible").count() == 0
    assert seen.page.locator("figcaption:visible").count() == len(NAMES)
    assert seen.page.locator("noscript .note").is_visible()
    assert seen.page.locator("button:visible, input:visible").count() == 0
    behind = seen.page.locator("#costs-over-time")
    assert not behind.is_visible()
    seen.page.locator(".behind summary").first.click()
    assert behind.is_visible()


# ------------------------------------------------------------------------------------------------ hostile names


def test_nothing_from_a_log_runs(hostile: Analysis, look: Any) -> None:
    seen = look(hostile)
    seen.all_drawn()
    links = seen.page.evaluate(
        "[...document.querySelectorAll('*')].flatMap((e) => ['href', 'xlink:href', 'src'].map((n) => e.getAttribute(n)))"
    )
    whole = "(names) => names.map((name) => [...name.querySelectorAll('bdi')].at(-1).innerText)"  # a long one unfolds
    seen.page.evaluate("document.querySelectorAll('details.name').forEach((name) => { name.open = true; })")
    names = seen.page.locator("#endpoints tbody th").evaluate_all(whole)

    assert seen.said == []
    assert seen.refused == []
    assert seen.page.evaluate("document.documentElement.dataset.ran") is None
    assert [link for link in links if link and not link.startswith(("#", "data:image/png"))] == []
    assert seen.page.locator("main img, main iframe, main object").count() == 0
    assert seen.page.locator('[style*="size:60px"], [style*="size: 60px"]').count() == 0
    assert sorted(names) == sorted(re.sub(r"\s+", " ", visible(name)).strip() for name in HOSTILE)


def test_five_thousand_endpoints_make_a_page_that_opens(look: Any, tmp_path: Path) -> None:
    """200 are listed and one line stands for the others; the whole file stays small, however the names are made."""
    calls = [
        call(
            id=f"c{number}",
            endpoint=f"/{number:04}/{'<😀' * 150}",
            model=f"{number % 250}{'<😀' * 150}" if number % 9 else "deepseek-v4-pro",
        )
        for number in range(5000)
    ]
    with ledger_of(write(tmp_path / "calls.jsonl", *calls)) as ledger:
        analysis = analysis_of(ledger)
    whole = render(analysis)
    seen = look(analysis, whole)
    seen.all_drawn()

    assert len(whole.encode()) < 3_000_000
    assert seen.page.locator("#endpoints tbody tr").count() == 200
    assert seen.page.locator("#endpoints tfoot th").first.inner_text() == "4,800 more"
    assert seen.said == []


def test_names_from_right_to_left_turn_nothing_else_around(look: Any) -> None:
    """A Hebrew name stands in its cell from the left on, as all names do, and the numbers keep their places."""
    seen = look(filled([request(1, endpoint="שירות/צ'אט"), request(2)]))
    cell = seen.page.locator("#endpoints tbody tr", has_text="שירות").locator("th")

    assert cell.evaluate("(cell) => getComputedStyle(cell).textAlign") == "left"
    assert cell.locator("bdi").evaluate("(name) => getComputedStyle(name).direction") == "rtl"
    assert seen.page.locator("#endpoints tbody tr", has_text="שירות").locator("td").nth(1).inner_text() == "1"


# ------------------------------------------------------------------------------------------------ people


def test_the_endpoint_table_is_sorted_and_searched_by_keyboard(sample: Analysis, look: Any) -> None:
    seen = look(sample)
    names = seen.page.locator("#endpoints tbody th")
    requests = seen.page.get_by_role("button", name="Sort by Requests")
    requests.focus()
    seen.page.keyboard.press("Enter")
    by_requests = [
        int(text.replace(",", "")) for text in seen.page.locator("#endpoints tbody td:nth-child(3)").all_inner_texts()
    ]

    assert by_requests == sorted(by_requests, reverse=True)
    assert seen.page.locator("#endpoints th[aria-sort]").get_attribute("aria-sort") == "descending"
    seen.page.keyboard.press("Enter")
    assert seen.page.locator("#endpoints th[aria-sort]").get_attribute("aria-sort") == "ascending"

    # The cost of /chat/trial is unknown: it comes last in either order.
    cost = seen.page.get_by_role("button", name="Sort by Cost")
    for _ in range(2):
        cost.press("Enter")
        assert names.last.inner_text() == "/chat/trial"

    seen.page.get_by_label("Find endpoint").fill("agents")
    assert names.locator("visible=true").all_inner_texts() == ["/agents/review", "/agents/code"]
    assert seen.page.locator("output.found").inner_text().startswith(f"2 of {names.count()} shown")


def test_a_word_leads_to_its_meaning_and_a_table_to_its_query(sample: Analysis, look: Any) -> None:
    seen = look(sample)
    seen.page.locator("dl.cards a", has_text="Cache hit rate").click()
    assert seen.page.evaluate("document.querySelector(':target').textContent") == "Cache hit rate"
    sql = seen.page.locator("#how-endpoints")
    assert not sql.is_visible()
    seen.page.locator("#endpoints-caption .how").click()
    seen.until(sql.is_visible)
    assert "FROM costs" in sql.inner_text()


def test_figures_speak_to_screen_readers(sample: Analysis, look: Any) -> None:
    seen = look(sample)
    seen.first_drawn()
    for plot in seen.page.query_selector_all(".plot"):
        table = plot.get_attribute("aria-describedby")
        # One image until it is drawn; then a group, of which the button that saves it can be reached.
        inside = plot.query_selector_all(".main-svg")
        assert plot.get_attribute("role") == ("group" if inside else "img")
        assert all(svg.get_attribute("aria-hidden") == "true" for svg in inside)
        assert plot.get_attribute("aria-label") == plot.evaluate(
            "(plot) => plot.parentElement.querySelector('figcaption').textContent"
        )
        assert seen.page.locator(f"#{table}").count() == 1


def test_a_phone_needs_no_sideways_scrolling(hostile: Analysis, look: Any) -> None:
    """Wide tables scroll in their own boxes; the page does not."""
    seen = look(hostile, viewport=PHONE)
    seen.all_drawn()

    assert seen.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_dark_figures_are_dark_and_follow_the_reader(sample: Analysis, look: Any) -> None:
    seen = look(sample, color_scheme="dark")
    seen.first_drawn()
    bar = "getComputedStyle(document.querySelector('#figure-0 .point path, #figure-0 .points path')).fill"
    dark = seen.page.evaluate(bar)
    seen.page.emulate_media(color_scheme="light")
    seen.until(lambda: seen.page.evaluate(bar) != dark)

    style = seen.page.evaluate("document.querySelector('style').textContent")
    series = re.findall(r"--s1: (#\w{6});", style)
    assert dark == f"rgb({', '.join(str(int(series[1][at : at + 2], 16)) for at in (1, 3, 5))})"


def test_paper_is_light_whole_and_small(sample: Analysis, look: Any) -> None:
    """Printed from a dark screen before anything was scrolled to: black text, all figures, no tools."""
    seen = look(sample, color_scheme="dark")
    seen.first_drawn()
    paper = seen.page.pdf(prefer_css_page_size=True)

    assert paper.startswith(b"%PDF")
    assert len(paper) < 1_000_000
    assert seen.drawn() == len(NAMES)
    seen.page.emulate_media(media="print")
    assert seen.page.evaluate("getComputedStyle(document.querySelector('.main-svg text')).fill") == "rgb(0, 0, 0)"
    assert seen.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert seen.page.locator("nav:visible, input:visible, .sort:visible, .behind:visible").count() == 0
    assert seen.said == []


def test_paper_without_scripts_has_the_tables(sample: Analysis, look: Any) -> None:
    seen = look(sample, java_script_enabled=False)
    seen.page.emulate_media(media="print")

    assert seen.page.locator("#costs-over-time").is_visible()
    assert seen.page.locator("#hours").is_visible()
    # Each has a title of its own, and no words point to one.
    assert seen.page.locator("figcaption:visible").count() == 0
    assert seen.page.get_by_text("As a table", exact=True).locator("visible=true").count() == 0


def test_the_figures_have_no_way_to_upload_or_share(sample: Analysis, look: Any) -> None:
    seen = look(sample)
    seen.first_drawn()
    buttons = seen.page.locator("#figure-0 .modebar-btn")

    assert buttons.count() == 1
    assert "PNG" in (buttons.first.get_attribute("data-title") or "")
