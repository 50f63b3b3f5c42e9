"""The report on small screens, on paper, and with amounts of any size: nothing is cut, torn or on top of another."""

import re
from fractions import Fraction
from itertools import cycle, pairwise
from typing import Any

import pytest
from shown import filled, request
from support import BOOK, fill, ledger_of
from test_report_browser import CHROMIUM, DESK, PHONE, Opened, chromium, look, sample

from analyzer.prices import Book
from analyzer.prices.own import read_own
from analyzer.report.figures.lengths import size
from analyzer.report.lines import Line
from analyzer.report.page import render
from analyzer.report.panels import NAMES
from analyzer.simulate.analysis import Analysis, analyze
from analyzer.simulate.relations import View
from analyzer.simulate.vocabulary import DEFAULTS, read

__all__ = ["chromium", "look", "sample"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the PATH; .ci/run installs it"),
]

SMALL = {"width": 320, "height": 640}
MOST = 2**53 - 1  # tokens that a record may have


@pytest.fixture(scope="module")
def huge() -> Analysis:
    """60 calls of the longest outputs there are at 100,000 a million: 5.4e16 in all."""
    own = "".join(f'"{model}" = {{ input = "9", output = "100000" }}\n' for model in ("*-flash", "*-pro"))
    rows = [
        request(n, endpoint=f"/{n % 3}", model=model, output_tokens=MOST)
        for n in range(30)
        for model in ("deepseek-v4-flash", "deepseek-v4-pro")
    ]
    rows = [{**row, "request_id": f"h{place}"} for place, row in enumerate(rows)]
    book = Book.load(read_own(f"[prices]\n{own}", "own.toml"))
    with ledger_of() as ledger:
        fill(ledger, rows)
        return analyze(ledger, book, View(), [read(word, BOOK) for word in DEFAULTS])


@pytest.fixture(scope="module")
def tiny() -> Analysis:
    return filled([request(1, input_tokens=1, cache_read_tokens=1, output_tokens=0)])


def lines_of_cards(seen: Opened) -> list[list[str]]:
    """The numbers of the first screen, each as the lines that it takes."""
    found: list[list[str]] = seen.page.evaluate(
        """() => [...document.querySelectorAll("dl.cards dd")].map((dd) => {
            const lines = new Map();
            for (const node of [...dd.childNodes].filter((each) => each.nodeType === 3))
                for (let at = 0; at < node.data.length; at += 1) {
                    const range = document.createRange();
                    range.setStart(node, at);
                    range.setEnd(node, at + 1);
                    const top = Math.round(range.getBoundingClientRect().top);
                    lines.set(top, (lines.get(top) ?? "") + node.data[at]);
                }
            return [...lines.values()];
        })"""
    )
    return found


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1440])
def test_numbers_of_the_first_screen_are_never_torn(huge: Analysis, tiny: Analysis, look: Any, width: int) -> None:
    """They break between their thousands, or not at all."""
    for analysis in (huge, tiny):
        for lines in lines_of_cards(look(analysis, viewport={"width": width, "height": 800})):
            assert all(line.endswith(",") for line in lines[:-1]), lines
            assert len(lines) <= 3


def test_thousands_of_millions_of_millions_fit_the_smallest_phone(huge: Analysis, look: Any) -> None:
    seen = look(huge, viewport=SMALL)
    seen.all_drawn()

    assert seen.said == []
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]
    # What the page computes itself is in its place, too.
    box = seen.page.locator("[name=cost]").bounding_box()
    assert box["x"] + box["width"] <= SMALL["width"]


@pytest.mark.parametrize(
    ("tokens", "words"), [(1 << 29, "512M"), (1 << 30, "1G"), (1 << 40, "1T"), (1 << 50, "1P"), (1 << 52, "4P")]
)
def test_lengths_have_short_names(tokens: int, words: str) -> None:
    assert size(tokens) == words


def test_axes_of_money_are_short_where_it_is_large(sample: Analysis, huge: Analysis, look: Any) -> None:
    """Numbers as they are for dollars; K, M, B and T for millions; the power of ten beyond."""
    ticks = "[...document.querySelectorAll('#figure-0 .ytick text')].map((text) => text.textContent)"
    rows = [request(n, model="deepseek-v4-pro", output_tokens=MOST // 300) for n in range(3)]
    for analysis, form in (
        (sample, r"[\d.]+"),
        (filled(rows), r"0|[\d.]+[KMB]"),  # 3 x 26 million
        (huge, r"0|[\d.]+e\+1\d"),
    ):
        seen = look(analysis)
        seen.first_drawn()
        assert all(re.fullmatch(form, tick) for tick in seen.page.evaluate(ticks)), seen.page.evaluate(ticks)
        assert seen.said == []


def test_every_scenario_stands_whole_on_a_phone(sample: Analysis, look: Any) -> None:
    """Scenario, cost, difference and both bounds, without moving the table."""
    seen = look(sample, viewport=PHONE)
    inside = seen.page.evaluate(
        "(() => { const box = document.getElementById('what-if').parentElement; return box.scrollWidth <= box.clientWidth; })()"
    )
    assert inside


@pytest.mark.parametrize("size", [SMALL, PHONE, DESK], ids=["small", "phone", "desk"])
def test_what_a_table_shows_is_read_without_moving_it(sample: Analysis, look: Any, size: dict[str, int]) -> None:
    seen = look(sample, viewport=size)
    seen.first_drawn()
    cut = seen.page.evaluate(
        """[...document.querySelectorAll(".caption")]
            .filter((title) => title.checkVisibility())
            .filter((title) => title.getBoundingClientRect().right > innerWidth || title.scrollWidth > title.clientWidth)
            .map((title) => title.textContent)"""
    )
    assert cut == []
    untitled = "[...document.querySelectorAll('table[aria-labelledby]')].filter((t) => !document.getElementById(t.getAttribute('aria-labelledby'))).length"
    assert seen.page.evaluate(untitled) == 0


@pytest.mark.parametrize("width", [320, 390, 1024])
def test_what_is_unfolded_is_no_wider_than_the_page(sample: Analysis, look: Any, width: int) -> None:
    """A wide table moves in its own box, also below a figure."""
    seen = look(sample, viewport={"width": width, "height": 800})
    seen.page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [360, 390, 768, 1024, 1280])
def test_own_prices_stand_whole_beside_each_other(sample: Analysis, look: Any, width: int) -> None:
    seen = look(sample, viewport={"width": width, "height": 800})
    seen.page.wait_for_selector("#tryout", state="visible")
    inside = "(() => { const box = document.getElementById('own-prices').parentElement; return box.scrollWidth <= box.clientWidth; })()"
    assert seen.page.evaluate(inside)


@pytest.mark.parametrize("width", [320, 360, 768])
def test_what_stands_beside_a_bar_is_whole(
    sample: Analysis, huge: Analysis, tiny: Analysis, look: Any, width: int
) -> None:
    """Within the figure, and on no name of a row."""
    for analysis in (sample, huge, tiny):
        seen = look(analysis, viewport={"width": width, "height": 800})
        seen.all_drawn()
        torn = seen.page.evaluate(
            """[...document.querySelectorAll(".plot")].filter((plot) => plot.querySelector(".ytick")).flatMap((plot) => {
                const right = plot.getBoundingClientRect().right;
                const names = Math.max(...[...plot.querySelectorAll(".ytick text")].map((e) => e.getBoundingClientRect().right));
                return [...plot.querySelectorAll(".bartext, .textpoint text")]
                    .map((text) => [text.textContent, text.getBoundingClientRect()])
                    .filter(([, box]) => box.right > right + 1 || box.left < names - 1)
                    .map(([words]) => `${plot.getAttribute("aria-label")}: ${words}`);
            })"""
        )
        assert torn == []


TOUCHING = """() => [...document.querySelectorAll(".plot")].flatMap((plot) => {
    const whole = plot.getBoundingClientRect();
    const texts = [...plot.querySelectorAll(".textpoint text, .bartext, .xtick text, .ytick text, .legendtext, .xtitle, .ytitle")];
    const lines = texts.flatMap((text) => {
        const parts = [...text.querySelectorAll(".line")];  // of a label that takes several lines
        return (parts.length ? parts : [text]).filter((part) => part.textContent.trim());
    });
    const upright = (line) => !(line.closest("[transform*=rotate]") ?? line).getAttribute("transform")?.match(/rotate\\((?!0[,)])/);
    const seen = (line) => line.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    const boxes = lines.filter((line) => seen(line) && upright(line)).map((line) => [line.textContent.trim(), line.getBoundingClientRect()]);
    return boxes.flatMap(([words, box], place) => [
        ...(box.left < whole.left - 1 || box.right > whole.right + 1 ? [`${words} is cut`] : []),
        ...boxes.slice(place + 1)
            .filter(([, other]) => Math.min(box.right, other.right) - Math.max(box.left, other.left) > -1
                && Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top) > 3)
            .map(([others]) => `${words} and ${others}`),
    ]).map((said) => `${plot.getAttribute("aria-label")}: ${said}`);
})"""


@pytest.mark.parametrize("width", [320, 390, 1024])
def test_no_words_of_a_figure_lie_on_others(
    sample: Analysis, huge: Analysis, tiny: Analysis, look: Any, width: int
) -> None:
    for analysis in (sample, huge, tiny):
        seen = look(analysis, viewport={"width": width, "height": 800})
        seen.all_drawn()
        assert seen.page.evaluate(TOUCHING) == []


@pytest.mark.parametrize("shares", [(75, 84, 92), (40, 41, 42), (1, 2, 3), (97, 98, 99), (20, 50, 53), (0, 50, 100)])
def test_break_evens_that_are_near_each_other_are_read_by_themselves(
    sample: Analysis, look: Any, shares: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = cycle(Fraction(share, 100) for share in shares)
    monkeypatch.setattr(Line, "meets", lambda *_: next(given))
    page = render(sample)
    for width in (320, 390):
        seen = look(sample, page, viewport={"width": width, "height": 800})
        seen.all_drawn()
        marks = seen.page.locator(f"#figure-{NAMES.index('by_hits')} .textpoint text").all_text_contents()
        assert [float(mark.strip().rstrip("%\xa0")) for mark in marks] == [float(share) for share in shares]
        assert seen.page.evaluate(TOUCHING) == []


def test_a_day_has_its_name_below_its_bar(look: Any) -> None:
    """And not at the line between it and the day before: 1 to 6 May, a bar each."""
    seen = look(filled([request(24 * day) for day in range(6)] + [request(30, endpoint="/b")]))
    seen.first_drawn()
    middle = "(e) => { const box = e.getBoundingClientRect(); return (box.left + box.right) / 2; }"
    bars = [
        bar.evaluate(middle) for bar in seen.page.locator("#figure-0 .trace.bars").first.locator(".point path").all()
    ]
    ticks = {
        (tick.text_content() or "").strip(): tick.evaluate(middle)
        for tick in seen.page.locator("#figure-0 .xtick text").all()
    }
    named = [day for day in range(1, 7) if f"{day} May" in ticks]

    assert len(bars) == 6
    assert len(named) >= 3
    assert all(abs(ticks[f"{day} May"] - bars[day - 1]) < 3 for day in named)


LONG = "a" * 100 + "b" * 100


def test_a_name_without_a_break_is_short_and_unfolds(look: Any) -> None:
    """200 characters on a phone: both ends in a few lines, all of it when asked for, by keyboard too; all of it on paper."""
    seen = look(filled([request(1, endpoint=LONG), request(2)]), viewport=PHONE)
    row = seen.page.locator("#endpoints tbody tr", has_text="aaa")
    whole = row.locator("details > bdi")

    assert row.locator("summary").inner_text() == f"{'a' * 29}…{'b' * 30}"
    assert row.bounding_box()["height"] < 180
    assert not whole.is_visible()
    row.locator("summary").focus()
    seen.page.keyboard.press("Enter")
    assert whole.inner_text() == LONG
    seen.page.keyboard.press("Enter")
    seen.page.emulate_media(media="print")
    assert whole.is_visible()
    assert not row.locator("summary").is_visible()


def test_sentences_of_a_table_are_read_on_a_phone_without_moving_it(sample: Analysis, look: Any) -> None:
    seen = look(sample, viewport=PHONE)
    wide = "[...document.querySelectorAll('table.said')].map((t) => t.parentElement.scrollWidth - t.parentElement.clientWidth)"
    moved = seen.page.evaluate(wide)
    assert len(moved) >= 2
    assert max(moved) <= 0
    # Each cell says which column it is of.
    assert "At stake" in seen.page.evaluate(
        "getComputedStyle(document.querySelector('#advice td:last-child'), '::before').content"
    )


def test_many_rows_have_a_box_of_their_own(look: Any) -> None:
    """The page is not made of one table; on paper all of it is there."""
    seen = look(filled([request(n, endpoint=f"/{n}") for n in range(100)]))
    box = seen.page.locator("#endpoints").locator("..")

    assert box.bounding_box()["height"] <= 640
    seen.page.emulate_media(media="print")
    assert box.bounding_box()["height"] > 1000


def test_paths_break_after_their_slashes(look: Any) -> None:
    """A name is as wide as its longest part, where there is room; it is not torn within a word."""
    seen = look(filled([request(1, endpoint="/v1/chat/completions"), request(2)]))
    for width, height in ((1280, 30), (390, 60)):
        seen.page.set_viewport_size({"width": width, "height": 800})
        name = seen.page.locator("#endpoints tbody th bdi", has_text="completions")
        assert name.inner_text().replace("\n", "") == "/v1/chat/completions"
        assert name.bounding_box()["height"] < height


def test_on_a_phone_the_legend_is_below_the_axis(sample: Analysis, look: Any) -> None:
    seen = look(sample, viewport=PHONE)
    seen.all_drawn()
    crossed = seen.page.evaluate(
        """[...document.querySelectorAll(".plot")].filter((plot) => {
            const [legend, title] = [plot.querySelector(".legend"), plot.querySelector(".xtitle")];
            return legend && title && legend.getBoundingClientRect().top < title.getBoundingClientRect().bottom - 1;
        }).map((plot) => plot.getAttribute("aria-label"))"""
    )
    assert crossed == []


def test_on_paper_no_name_beside_a_bar_lies_on_another(sample: Analysis, look: Any) -> None:
    seen = look(sample)
    seen.first_drawn()
    seen.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    seen.until(lambda: bool(seen.page.evaluate("document.querySelectorAll('.main-svg').length > 26")))
    crossed = seen.page.evaluate(
        """[...document.querySelectorAll(".plot")].flatMap((plot) => {
            const boxes = [...plot.querySelectorAll(".ytick text")].map((text) => text.getBoundingClientRect());
            boxes.sort((one, other) => one.top - other.top);
            return boxes.slice(1).filter((box, place) => box.top < boxes[place].bottom - 3).map(() => plot.ariaLabel);
        })"""
    )
    assert crossed == []


def test_headings_are_in_order_and_controls_have_names(sample: Analysis, look: Any) -> None:
    seen = look(sample)
    levels = seen.page.evaluate("[...document.querySelectorAll('h1, h2, h3, h4')].map((h) => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - before <= 1 for before, later in pairwise(levels))
    nameless = seen.page.evaluate(
        """[...document.querySelectorAll("input, button")]
            .filter((e) => !e.getAttribute("aria-label") && !e.textContent.trim() && !e.labels?.length).length"""
    )
    assert nameless == 0


def test_buttons_are_large_enough_to_be_hit(sample: Analysis, look: Any) -> None:
    """24 by 24 pixels, the least that WCAG 2.2 asks for (2.5.8)."""
    seen = look(sample)
    for box in [each.bounding_box() for each in seen.page.locator("#endpoints .sort").all()]:
        assert min(box["width"], box["height"]) >= 24


def test_only_boxes_that_move_are_stops_for_the_keyboard(sample: Analysis, look: Any) -> None:
    """Without scripts every box is one: what moves can then be moved by keyboard, too."""
    seen = look(sample)
    box = "document.getElementById('models').parentElement"
    named = f"[...['tabindex', 'role', 'aria-label'].map((key) => {box}.getAttribute(key))]"
    caption = "Usage and cost by model, as logged"
    seen.until(lambda: seen.page.evaluate(named) == [None] * 3)
    seen.page.set_viewport_size(SMALL)
    seen.until(lambda: seen.page.evaluate(named) == ["0", "region", caption])

    plain = look(sample, java_script_enabled=False).page
    assert plain.locator("#what-if").locator("..").get_attribute("tabindex") == "0"
