"""The vocabulary of scenarios is closed: what is not known is an error with the nearest word."""

from importlib import resources

import pytest
from support import BOOK, scenario

from analyzer.errors import UsageError
from analyzer.simulate.vocabulary import read


@pytest.mark.parametrize(
    ("text", "problem", "remedy"),
    [
        ('defualt = "flash"', "unknown key defualt", "did you mean default?"),
        ("xyzzy = 1", "unknown key xyzzy", "known here: name, title"),
        ("[assume]\nprice_dat = 1", "unknown key assume.price_dat", "did you mean assume.price_date?"),
        ('[[route]]\nto = "pro"\nendpont = "x"', "unknown key route[1].endpont", "did you mean route[1].endpoint?"),
        (
            '[[route]]\nto = "pro"\n[[route]]\nto = "pro"\nmin_tool_call = 1',
            "unknown key route[2].min_tool_call",
            "min_tool_calls",
        ),
        ('[[route]]\nendpoint = "x"', "route[1] has no `to`", "add to = "),
        ('default = "flsh"', "default names a model without a price: flsh", "nearest: flash"),
        ('[[route]]\nto = "deepseek-v4-por"', "route[1].to names a model without a price", "deepseek-v4-pro"),
        ("default = 1", "default is no text", 'default = "..."'),
        ('name = " "', "name is no text", 'name = "..."'),
        ('name = "actual"', "the name actual is taken", "otherwise"),
        ('name = " actual "', "the name actual is taken", "otherwise"),
        ("assume = 1", "assume is no table", "[assume]"),
        ("[assume]\noutput_ratio = 1", "assume.output_ratio is no table", "[assume.output_ratio]"),
        ('[assume]\nescalate = "pro"', "assume.escalate is no table", "[assume.escalate]"),
        # Nothing here is called like it: the nearest word alone would be of no help.
        (
            '[[route]]\nto = "pro"\nsession_id = "s"',
            "unknown key route[1].session_id",
            "known here: to, endpoint, model",
        ),
        ('route = "x"', "route is no list of tables", "[[route]]"),
        ("route = [1]", "route[1] is no table", "[[route]]"),
        (
            '[[route]]\nto = "pro"\nendpoint = 1',
            "route[1].endpoint is no text and no list of texts",
            'endpoint = ["..."]',
        ),
        ('[[route]]\nto = "pro"\nendpoint = []', "route[1].endpoint is no text", 'endpoint = ["..."]'),
        ('[[route]]\nto = "pro"\nmin_input_tokens = -1', "route[1].min_input_tokens is no whole number", "10_000"),
        ('[[route]]\nto = "pro"\nmax_input_tokens = 1.5', "route[1].max_input_tokens is no whole number", "10_000"),
        ('[[route]]\nto = "pro"\nmin_output_tokens = true', "route[1].min_output_tokens is no whole number", "10_000"),
        (
            '[[route]]\nto = "pro"\nmin_input_tokens = 11\nmax_input_tokens = 10',
            "route[1].min_input_tokens is over max_input_tokens: nothing is between",
            "write min_input_tokens = 10 and max_input_tokens = 11",
        ),
        ('[[route]]\nto = "pro"\nshare = 1.01', "route[1].share is no number from 0 to 1", "0.25"),
        ('[[route]]\nto = "pro"\nshare = -0.1', "route[1].share is no number", "0.25"),
        ('[[route]]\nto = "pro"\nshare = "half"', "route[1].share is no number", "0.25"),
        ('[[route]]\nto = "pro"\nshare = true', "route[1].share is no number", "0.25"),
        ('[[route]]\nto = "pro"\nshare = nan', "route[1].share is no number", "0.25"),
        ('[assume]\nprice_date = "soon"', "assume.price_date is no date", "2026-04-24"),
        ("[assume]\nprice_date = 1", "assume.price_date is no date", "2026-04-24"),
        ("[assume]\nprice_date = 2026-04-24T10:00:00Z", "assume.price_date is no date", "2026-04-24"),
        ('[assume]\ncache = "model"', "assume.cache is none of modelled, transferred, cold", "did you mean modelled?"),
        ("[assume]\ncache = []", "assume.cache is none of", 'write cache = "modelled", say'),
        ("default = ", "no valid TOML", "mend the line"),
        ('name = "a"\nname = "b"', "no valid TOML", "mend the line"),
    ],
)
def test_errors_name_the_file_the_key_and_the_nearest_word(text: str, problem: str, remedy: str) -> None:
    with pytest.raises(UsageError) as raised:
        scenario(text, "mine")

    assert str(raised.value).startswith("mine.toml: ")
    assert problem in str(raised.value)
    assert remedy in raised.value.remedy
    assert raised.value.exit_code == 2


def test_names_and_titles_have_their_defaults() -> None:
    found = scenario('default = "pro"', "tomorrow")

    assert (found.name, found.title, found.cache, found.price_date) == ("tomorrow", "tomorrow", "modelled", None)


@pytest.mark.parametrize("name", ["all-flash", "all-pro", "mixed"])
def test_shipped_scenarios_can_be_read(name: str) -> None:
    shipped = resources.files("analyzer.simulate").joinpath("scenarios", f"{name}.toml")

    assert read(name, BOOK).name == name
    assert shipped.is_file()
