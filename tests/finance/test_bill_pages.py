"""Pages of a bill: one that is missing is found, in whatever it is given, and said with its remedy."""

import os
import threading
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from bills import Held, anthropic, anthropic_page, haiku, openai, openai_page, ranked
from support import program, spend, told, write

from analyzer.finance.page import unfinished


class TestPages:
    """Answers of an API come in pages: a bill is whole when the last of them is there, and all before it."""

    def pages(self, folder: Path, *numbers: int, last: int = 3, report: str = "usage") -> list[Path]:
        """Pages of a day each from 2026-10-05 on, of which the last one says that it is."""
        told = anthropic() if report == "usage" else {"currency": "USD", "amount": "0.15", "cost_type": "tokens"}
        made = []
        for number in numbers:
            day = (f"2026-10-{4 + number:02}T00:00:00Z", f"2026-10-{5 + number:02}T00:00:00Z")
            page = anthropic_page(folder / f"{report}-{number}.json", told, day=day)
            if number < last:
                text = page.read_text(encoding="utf-8").replace(
                    '"has_more": false', '"has_more": true, "next_page": "p"'
                )
                page.write_text(text, encoding="utf-8")
            made.append(page)
        return made

    @pytest.mark.parametrize(
        ("given", "ends"),
        [
            ((1, 2, 3), []),
            ((3, 2, 1), []),
            ((1,), ["2026-10-06T00:00:00Z"]),
            ((1, 3), ["2026-10-06T00:00:00Z"]),
            ((1, 2), ["2026-10-07T00:00:00Z"]),
        ],
    )
    def test_a_page_that_is_missing_is_found(self, given: tuple[int, ...], ends: list[str], tmp_path: Path) -> None:
        assert ended(self.pages(tmp_path, *given)) == ends

    def test_it_is_told_with_its_remedy(self, tmp_path: Path) -> None:
        pages = self.pages(tmp_path, 1)
        held = Held(tmp_path, haiku(1))
        run = held.run(*pages)
        assert "it is not the whole bill" in " ".join(run.out.split())
        assert told(run) == [
            (
                f"warning: {pages[0]}: not the last page of its report (has_more). What follows 2026-10-06 00:00 UTC is"
                " not given.",
                "fetch the pages that follow (page=..., its next_page), and give all of them",
            )
        ]
        assert held.document(*pages)["unfinished_pages"] == ["2026-10-06T00:00:00Z"]

    @pytest.mark.endurance
    def test_it_is_told_where_pages_are_read_as_logs(self, tmp_path: Path) -> None:
        """One note; a page that follows, here or in the ledger, ends it."""
        first, second, third = self.pages(tmp_path, 1, 2, 3)
        note = (
            "warning: {}: not the last page of its report (has_more). What follows 2026-10-{:02} 00:00 UTC is not given.",
            "fetch the pages that follow (page=..., its next_page), and give all of them",
        )
        db = tmp_path / "kept.duckdb"

        assert told(spend("analyze", "--no-report", first)) == [(note[0].format(first, 6), note[1])]
        assert told(spend("analyze", "--no-report", first, second, third)) == []
        assert told(spend("ingest", "--quiet", "--db", db, second)) == [(note[0].format(second, 7), note[1])]
        assert told(spend("ingest", "--db", db, first)) == []
        assert told(spend("ingest", "--db", db, tmp_path)) == []

    @pytest.mark.endurance
    def test_pages_within_an_archive_are_told_as_well(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "pages.zip", "w") as archive:
            archive.write(*self.pages(tmp_path, 1), "one.json")
        (found,) = told(spend("analyze", "--no-report", tmp_path / "pages.zip"))
        assert "one.json: not the last page of its report (has_more)" in found[0]

    @pytest.mark.endurance
    def test_the_fourth_and_more_are_counted(self, tmp_path: Path) -> None:
        found = told(spend("analyze", "--no-report", *self.pages(tmp_path, 1, 3, 5, 7, 9, last=10)))
        assert len(found) == 4
        assert found[3] == ("warning: so are 2 pages more", "fetch what follows them, too")

    def test_pages_of_another_report_do_not_go_on(self, tmp_path: Path) -> None:
        pages = [*self.pages(tmp_path, 1), *self.pages(tmp_path, 2, 3, report="cost")]
        assert ended(pages) == ["2026-10-06T00:00:00Z"]

    def test_a_page_without_a_result_goes_on_with_any(self, tmp_path: Path) -> None:
        empty = anthropic_page(tmp_path / "empty.json", day=("2026-10-06T00:00:00Z", "2026-10-07T00:00:00Z"))
        assert ended([*self.pages(tmp_path, 1), empty]) == []

    def test_rows_by_rank_go_on_until_the_last_page(self, tmp_path: Path) -> None:
        """Of the newer report: its second page may begin where the first did, and ends the report."""
        pages = []
        for number, more in ((1, True), (2, True), (3, False)):
            page = {"data": [ranked(model=f"m{number}")], "has_more": more}
            pages.append(write(tmp_path / f"{number}.json", page))
        assert [one.after for one in unfinished(map(str, pages[:2]))] == [None]
        assert unfinished(map(str, pages)) == ()

    def test_pages_of_openai(self, tmp_path: Path) -> None:
        page = openai_page(tmp_path / "u.json", openai())
        page.write_text(page.read_text(encoding="utf-8").replace("false}", "true}"), encoding="utf-8")
        assert ended([page]) == ["2026-10-06T00:00:00Z"]


@pytest.mark.endurance
def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    """Nobody writes to it again: what else may stand in a bill is not waited for, and that is said."""
    held = Held(tmp_path, haiku(1))
    page = anthropic_page(tmp_path / "page.json", anthropic()).read_bytes()
    os.mkfifo(pipe := tmp_path / "pipe.json")
    threading.Thread(target=pipe.write_bytes, args=[page], daemon=True).start()

    run = program("reconcile", pipe, "--db", held.db, cwd=tmp_path)

    assert run.out.startswith("The log explains the whole bill, to the last digit.")
    assert "spend: note: what comes through a pipe is read once" in run.err


def ended(pages: Sequence[Path]) -> list[str]:
    """Where pages end after which something is missing."""
    return [f"{one.after:%Y-%m-%dT%H:%M:%SZ}" for one in unfinished(map(str, pages))]
