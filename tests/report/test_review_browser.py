"""The page of a review in a real browser: on its first screen without scripts, drawn with them, harmless, on paper."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from support import ROOT, ZONED_HEAD, call, export, spend, write
from test_report_browser import CHROMIUM, DESK, PHONE, chromium, look

__all__ = ["chromium", "look"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the PATH; .ci/run installs it"),
]

HOURS = timedelta(hours=24)
TOKENS = {"input_tokens": 987_654, "cache_read_tokens": 0, "output_tokens": 123_456}
SAMPLES = ROOT / "sample_logs"
FIGURES = 16  # three of the review, thirteen of the analysis; a month that is over has no forecast to draw


def paged(folder: Path, month: str, *arguments: str | Path) -> str:
    """The page of a review, as the program writes it."""
    path = folder / "review.html"
    ended = spend(*arguments, "--report", path, "--no-workbook", "--quiet")
    assert ended.code == 0, (month, ended.err)
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """October, reviewed after its end."""
    words = ("--config", SAMPLES / "spend.toml", "review", "2026-10", SAMPLES, "--as-of", "2026-11-03")
    return paged(tmp_path_factory.mktemp("closed"), "2026-10", *words)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> str:
    """October, as it was known on the 21st."""
    words = ("--config", SAMPLES / "spend.toml", "review", "2026-10", SAMPLES, "--as-of", "2026-10-21")
    return paged(tmp_path_factory.mktemp("running"), "2026-10", *words)


def test_all_figures_are_drawn_without_a_complaint(closed: str, running: str, look) -> None:
    for page, figures in ((closed, FIGURES - 1), (running, FIGURES)):
        seen = look(None, page)
        seen.all_drawn()

        assert seen.drawn() == figures
        assert seen.refused == []
        assert seen.said == []
        assert [url for url in seen.asked if not url.startswith("file:")] == []


def test_without_scripts_the_first_screen_says_what_the_month_came_to(closed: str, look) -> None:
    seen = look(None, closed, java_script_enabled=False)
    text = seen.page.inner_text("main")

    for word in ("Spent", "$11.38", "+$1.93", "$11.00", "of $9.45"):
        assert word in text
    drivers = seen.page.locator("#bridge tbody tr").all_inner_texts()
    assert len(drivers) == 9


def test_the_bridge_that_is_drawn_is_the_one_of_the_table(closed: str, look) -> None:
    seen = look(None, closed)
    seen.first_drawn()
    drawn = seen.page.locator("#figure-0 .textpoint text").all_text_contents()
    table = [row.split("\t")[-1] for row in seen.page.locator("#bridge tbody tr").all_inner_texts()]

    assert sorted(text.strip() for text in drawn) == sorted([*table, "9.45", "11.38"])


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_drivers_that_lead_below_nothing_are_drawn_whole(look, tmp_path: Path, size: dict[str, int]) -> None:
    """Ten calls in May, in June one by its second day, twice as long and without a hit.

    A call costs twice as much or more, so that nine fewer, on average over all orders, take more than the ten did cost;
    what longer prompts and fewer hits add leads back.
    """
    usual = {"input_tokens": 1_000_000, "cache_read_tokens": 640_000, "output_tokens": 100_000}
    long = {"input_tokens": 2_000_000, "cache_read_tokens": 0, "output_tokens": 200_000}
    may = [call(ts=f"2026-05-{day:02}T10:00:00Z", request_id=f"m{day}", **usual) for day in range(1, 11)]
    log = write(tmp_path / "log.jsonl", *may, call(ts="2026-06-01T10:00:00Z", request_id="june", **long))
    page = paged(tmp_path, "2026-06", "review", "2026-06", log, "--as-of", "2026-06-02")
    seen = look(None, page, viewport=size)
    seen.first_drawn()

    drivers = dict(row.split("\t") for row in seen.page.locator("#bridge tbody tr").all_inner_texts())
    spent = seen.page.locator("#unit-economics tbody tr", has_text="Cost").first.inner_text().split("\t")[1]
    assert Decimal(drivers["requests"]) < -Decimal(spent)
    amounts = seen.page.locator("#figure-0 .textpoint text")
    assert amounts.count() == len(drivers) + 2
    names = max(box["x"] + box["width"] for box in boxes(seen, "#figure-0 .ytick text"))
    bars = boxes(seen, "#figure-0 .trace.bars .point path")
    assert len(bars) == len(drivers) + 2
    assert min(box["x"] for box in bars) > names, "none is cut where the names begin"


def boxes(seen, which: str) -> list[dict[str, float]]:
    return [each.bounding_box() for each in seen.page.locator(which).all()]


def test_a_table_shows_the_cost_first_and_no_empty_column(closed: str, running: str, look) -> None:
    """A month that is over has no forecast; one that runs has."""
    heads = {
        name: look(None, page, java_script_enabled=False).page.locator(f"#{ident} thead th").all_inner_texts()
        for name, page, ident in (
            ("team", closed, "showback-team"), ("over", closed, "budgets"), ("open", running, "budgets"),
        )
    }  # fmt: skip
    assert heads["team"][:3] == ["Team", "Cost", "Requests"]
    assert "Forecast" not in heads["over"]
    assert "Forecast" in heads["open"]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_nothing_is_wider_than_the_screen(running: str, look, size: dict[str, int]) -> None:
    seen = look(None, running, viewport=size)
    seen.first_drawn()

    assert seen.page.evaluate("document.documentElement.scrollWidth") <= size["width"]


@pytest.fixture(scope="module")
def billed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """October 2026 of two keys, with a bill by days of Beijing on which each line costs a third more than here."""
    folder = tmp_path_factory.mktemp("billed")
    days = [datetime(2026, 10, day, 4, tzinfo=UTC) for day in range(1, 11)]  # off-peak: 0.66 and 1.98 a million
    keys = ("batch-of-the-night", "support-chat")
    calls = [
        call(ts=f"{day:%FT%TZ}", request_id=f"{key}{day}", api_key_name=key, model="deepseek-v4-pro", **TOKENS)
        for day in days
        for key in keys
    ]
    lines = [
        f"u,{day - HOURS:%FT16:00:00Z},{day:%FT16:00:00Z},deepseek-v4-pro,{key},sk-***,{told}"
        for day in days
        for key in keys
        for told in (
            "input_cache_miss_tokens,0.00000088,987654",
            "output_tokens,0.00000264,123456",
            "request_count,,1",
        )
    ]
    bill = export(folder / "amount.csv", ZONED_HEAD, *lines)
    log = write(folder / "log.jsonl", *calls)
    return paged(folder, "2026-10", "review", "2026-10", log, "--tz", "Asia/Shanghai", "--bill", bill)


@pytest.mark.parametrize("paper", [False, True], ids=["screen", "paper"])
def test_why_a_line_of_the_bill_differs_is_in_sight(billed: str, look, paper: bool) -> None:
    """At 1024 pixels, and within the 273 mm between the margins of a page of A4; instants stand in one line."""
    seen = look(None, billed, viewport={"width": 1032 if paper else 1024, "height": 768})
    seen.first_drawn()
    seen.page.locator("details:has(#reconciliation-lines) > summary").click()
    if paper:
        seen.page.emulate_media(media="print")
    table = seen.page.locator("#reconciliation-lines")
    cells = table.locator("tbody tr").first.locator("> *")

    assert cells.all_inner_texts()[2:5] == ["deepseek-v4-pro", "batch-of-the-night", "miss"]
    assert cells.last.inner_text() == "the same tokens, another clock or price"
    whole = table.locator("..").bounding_box()
    assert table.bounding_box()["width"] <= whole["width"]
    one = """(e) => {
        const range = document.createRange();
        range.selectNodeContents(e);
        return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size;
    }"""
    assert {each.evaluate(one) for each in table.locator("tbody tr > :nth-child(-n + 2)").all()} == {1}


def test_names_do_nothing(tmp_path: Path, look) -> None:
    names = ["<img src=x onerror=alert(1)>", "</script><script>alert(2)</script>", "\u202eevil", "<a href=//evil>x</a>"]
    calls = [
        call(ts=f"2026-{month}-10T10:00:00Z", endpoint=name, team=name, api_key_name=name, request_id=f"{name}{month}")
        for name in names
        for month in ("04", "05")
    ]
    page = paged(tmp_path, "2026-05", "review", "2026-05", write(tmp_path / "log.jsonl", *calls))
    asked: list[str] = []

    seen = look(None, page)
    seen.page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    seen.all_drawn()

    assert (asked, seen.refused) == ([], [])
    assert seen.page.locator("a[href*=evil]").count() == 0
    assert seen.page.locator("img").count() == 0


def test_paper_has_what_is_unfolded_and_no_word_of_what_is_not(running: str, look) -> None:
    seen = look(None, running)
    seen.first_drawn()
    folded = seen.page.locator("section > details")
    folded.first.locator("summary").click()
    seen.page.emulate_media(media="print")

    shown = [each.is_visible() for each in folded.all()]
    assert len(shown) > 1
    assert shown == [True] + [False] * (len(shown) - 1)
