"""The report in a real browser: figures are drawn, nothing is refused, nothing from a log runs."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from support import ROOT, ledger_of
from test_report import RUN, Page, analysis_of, hostile

from analyzer.report.page import render
from analyzer.simulate.analysis import Analysis

__all__ = ["hostile"]

CHROMIUM = shutil.which("chromium")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the PATH; .ci/run installs it"),
]


def opened(page: Path, profile: Path, *more: str) -> tuple[str, list[str]]:
    """The document after its scripts ran, and what the browser said on its console."""
    done = subprocess.run(
        [
            CHROMIUM or "",
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--no-first-run",
            "--window-size=1280,4000",
            "--virtual-time-budget=20000",
            "--enable-logging=stderr",
            "--v=0",
            f"--user-data-dir={profile}",
            *more,
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        timeout=120,
        check=True,
    )
    said = [line for line in done.stderr.decode(errors="replace").splitlines() if "CONSOLE" in line]
    return done.stdout.decode(), said


def written(analysis: Analysis, folder: Path) -> Path:
    page = folder / "report.html"
    page.write_text(render(analysis), encoding="utf-8")
    return page


@pytest.fixture
def sample() -> Analysis:
    with ledger_of(ROOT / "sample_logs") as ledger:
        return analysis_of(ledger)


def test_figures_are_drawn_without_a_complaint(sample: Analysis, tmp_path: Path) -> None:
    document, said = opened(written(sample, tmp_path), tmp_path / "profile")
    endpoints = len(sample.answers["endpoints"])

    assert said == []
    assert 'data-figures="drawn"' in document
    for number, figure in enumerate(Page(render(sample)).figures):
        start = document.index(f'id="figure-{number}"')
        drawn = document[start : document.find("</figure>", start)]
        assert 'class="main-svg"' in drawn
        assert figure["layout"]["yaxis"]["ticktext"][0] in drawn
    # A bar each for the hit rate of every endpoint that has a known one, at least.
    assert document.count('class="point"') >= endpoints


def test_the_console_is_really_read(sample: Analysis, tmp_path: Path) -> None:
    """What the tests rely on: a foreign script is refused, and the refusal is seen."""
    page = written(sample, tmp_path)
    page.write_text(page.read_text(encoding="utf-8").replace("</body>", f"<script>{RUN}</script></body>"), "utf-8")
    document, said = opened(page, tmp_path / "profile")

    assert any("Content Security Policy" in line for line in said)
    assert "data-ran" not in document.partition(">")[2].partition("<head")[0]
    assert not re.search(r"<html[^>]*data-ran", document)


def test_nothing_from_a_log_runs(hostile: Analysis, tmp_path: Path) -> None:
    document, said = opened(written(hostile, tmp_path), tmp_path / "profile")
    seen = Page(document)

    assert said == []
    assert re.search(r'<html[^>]*data-figures="drawn"', document)
    assert not re.search(r"<html[^>]*data-ran", document)
    assert not [attrs for tag, attrs in seen.tags if tag == "img" or "onerror" in attrs or "onload" in attrs]
    links = [attrs.get(name) or "" for _, attrs in seen.tags for name in ("href", "xlink:href", "src")]
    assert not [link for link in links if link and not link.startswith(("#", "data:image/png"))]
    assert not [attrs for _, attrs in seen.tags if "60px" in (attrs.get("style") or "")]


def test_a_phone_needs_no_sideways_scrolling(hostile: Analysis, tmp_path: Path) -> None:
    """Wide tables scroll in their own boxes; the page does not."""
    written(hostile, tmp_path)
    phone = tmp_path / "phone.html"
    phone.write_text(
        '<iframe src="report.html" width="390" height="3000"></iframe><script>'
        "setTimeout(() => { const page = document.querySelector('iframe').contentDocument.documentElement;"
        "document.documentElement.dataset.drawn = page.dataset.figures;"
        "document.documentElement.dataset.wide = page.scrollWidth; }, 15000)</script>"
    )
    document, _ = opened(phone, tmp_path / "profile", "--allow-file-access-from-files")
    found = re.search(r'data-drawn="drawn" data-wide="(\d+)"', document)

    assert found is not None
    assert int(found[1]) <= 390
