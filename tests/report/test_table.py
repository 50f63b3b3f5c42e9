"""Tables of the page: how their columns are set."""

from shown import Page

from analyzer.report.table import Table


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
