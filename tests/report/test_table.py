"""Tables of the page, and of the terminal: how their columns are set."""

import pytest
from shown import Page

from analyzer.report.listing import WIDTH, table
from analyzer.report.table import Table
from analyzer.report.visible import fitted, width


def test_numbers_stand_to_the_right_words_to_the_left_and_sentences_in_lines() -> None:
    page = Page(
        Table(
            "t",
            "things",
            ["Name", "Number", "Word", "Sentence", "Share", "Nothing"],
            [["a", "1,000", "session", "w" * 41, "any", ""], ["b", "unknown", "2", "", "5.0%", "–"]],
        ).html()
    )
    heads = [attrs.get("class") for tag, attrs in page.tags if tag == "th" and attrs["scope"] == "col"]
    cells = [attrs.get("class") for tag, attrs in page.tags if tag == "td"]

    # One word of two is no column of words.
    assert heads == [None, None, None, "long words", None, None]
    assert cells == heads[1:] * 2


def test_a_column_of_words_is_one_of_which_more_than_half_are() -> None:
    page = Page(Table("t", "things", ["Name", "Kind"], [["a", "x"], ["b", "y"], ["c", "3"]]).html())
    assert [attrs.get("class") for tag, attrs in page.tags if tag == "td"] == ["words"] * 3


def test_a_column_without_a_word_has_no_head() -> None:
    page = Page(Table("t", "things", ["", "Spent", ""], [["a", "1", "within"]]).html())
    heads = [(tag, attrs.get("scope")) for tag, attrs in page.tags if tag in {"th", "td"}][:3]
    assert heads == [("td", None), ("th", "col"), ("td", None)]


@pytest.mark.parametrize(
    ("name", "columns", "shown"),
    [
        ("/agents/code", 12, "/agents/code"),
        ("/agents/code", 11, "/agen…/code"),
        ("/agents/code", 10, "/age…/code"),
        ("ab", 1, "…"),
        ("日本語日本語", 9, "日本…本語"),  # two columns each
        ("日本語日本語", 8, "日…本語"),
    ],
)
def test_a_name_without_room_keeps_both_ends(name: str, columns: int, shown: str) -> None:
    assert fitted(name, columns) == shown
    assert width(shown) <= columns


def test_names_that_begin_alike_are_told_apart_on_a_terminal() -> None:
    """As routes of one service do: cut at the end, all of these would be one."""
    lines = table(["Endpoint", "cost"], [[f"/{'services/' * 10}{place}/v2", "1.00"] for place in range(12)]).split("\n")

    assert len(set(lines)) == 14
    assert all(width(line) <= WIDTH for line in lines)
    assert lines[2].endswith("/0/v2  1.00")
