"""The generated parts of the pages: synopses and tables of options in ``docs/reference.md``, the formats in ``README.md``.

    python -m tests.reference       writes them anew

What stands in the reference between ``<!-- options: COMMAND -->`` and ``<!-- end -->`` is generated, the rest is written by hand. The same
page's tables of JSON fields are read here, too: ``fields`` gives them, ``shape`` what a document really has.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import click
from click.testing import CliRunner

from analyzer.cli import cli

README = Path(__file__).parents[1] / "README.md"
PAGE = Path(__file__).parents[1] / "docs/reference.md"
_PART = re.compile(r"(<!-- options: (?P<name>\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_FORMATS = re.compile(r"(?<=<summary>All )\d+( formats</summary>\n\n).*?(?=\n</details>)", re.DOTALL)
_DEFAULT = re.compile(r"\s*(?:\[default: (?P<told>[^\]]+)\]|Default: (?P<said>[^.]+(?:\.\w+)*)\.)$")

Fields = Mapping[str, str]  # path of a field -> type, as the page tells it


def commands() -> dict[str, click.Command]:
    """The commands in the order in which help lists them; ``spend`` itself first."""
    context = click.Context(cli, info_name="spend", **cli.context_settings)
    found = {name: cli.get_command(context, name) for name in cli.list_commands(context)}
    return {"spend": cli, **{name: command for name, command in found.items() if command is not None}}


def rewritten(text: str) -> str:
    """The page with its generated parts as the commands are now."""
    known = commands()
    return _PART.sub(lambda part: f"{part[1]}{_generated(part['name'], known[part['name']])}{part[3]}", text)


def with_formats(text: str) -> str:
    """The README with its table of formats, and how many there are, as ``spend formats --markdown`` has them."""
    table = CliRunner().invoke(cli, ["formats", "--markdown"], catch_exceptions=False).stdout
    many = sum(line.startswith("| `") for line in table.splitlines())
    return _FORMATS.sub(lambda part: f"{many}{part[1]}{table}", text)


def _generated(name: str, command: click.Command) -> str:
    called = "spend" if name == "spend" else f"spend {name}"
    context = click.Context(command, info_name=called, **cli.context_settings)  # commands keep what help is asked by
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    rows = [_row(one, context) for one in command.params if isinstance(one, click.Option)]
    table = "| option | default | meaning |\n| --- | --- | --- |\n" + "".join(rows)
    return f"`{usage}`\n\n{table}\n"


def _row(option: click.Option, context: click.Context) -> str:
    words = ", ".join(f"`{word}`" for word in option.opts)
    takes = "" if option.is_flag else f" `{_takes(option, context)}`"
    told = option.help or ""
    match = _DEFAULT.search(told)
    if match:
        default, told = match["told"] or match["said"], told[: match.start()]
    elif option.is_flag:
        default = "off"
    elif option.multiple:
        default = "none"
    else:
        default = f"`{option.default}`" if option.show_default and option.default is not None else "none"
    cells = (words + takes, default, told)
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |\n"


def _takes(option: click.Option, context: click.Context) -> str:
    if isinstance(option.type, click.Choice):
        return "|".join(option.type.choices)
    return option.metavar or option.make_metavar(context).replace("[", "").replace("]", "")


# --- Fields of JSON documents --------------------------------------------------------------------------------------------


def section(text: str, command: str) -> str:
    """What the page says of a command."""
    match = re.search(rf"^## spend {command}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    assert match, f"{PAGE.name} has no section on {command}"
    return match[1]


def fields(text: str, command: str) -> Fields:
    """The fields of a command's document by their paths: ``a.b[].c``, with braces where several are told at once."""
    table = re.search(
        r"^\| field \| type \| meaning \|\n\|[ |-]+\|\n((?:\|.*\n)+)", section(text, command), re.MULTILINE
    )
    found: dict[str, str] = {}
    for row in table[1].splitlines() if table else ():
        cells = [cell.strip() for cell in row.strip("|").split(" | ")]
        for path in re.findall(r"`([^`]+)`", cells[0]):
            for one in _unfolded(path):
                assert one not in found, f"{one} is told twice"
                found[one] = cells[1]
    return found


def _unfolded(path: str) -> Iterator[str]:
    parts = re.split(r"\{([^}]*)\}", path)
    choices = [part.split(",") if place % 2 else [part] for place, part in enumerate(parts)]
    return map("".join, product(*choices))


def shape(value: object, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every field of a document with its value; of lists each element's."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from shape(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        plain = [one for one in value if not isinstance(one, dict)]
        if plain or not value:
            yield f"{path}[]", plain[0] if plain else ...
        for one in value:
            if isinstance(one, dict):
                yield from shape(one, f"{path}[]")
    else:
        yield path, value


_MONEY = re.compile(r"-?\d+(\.\d*[1-9])?")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_IS = {
    "money": lambda value: isinstance(value, str) and _MONEY.fullmatch(value),
    "decimal": lambda value: isinstance(value, str) and _MONEY.fullmatch(value),
    "instant": lambda value: isinstance(value, str) and _INSTANT.fullmatch(value),
    "day": lambda value: isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value),
    "month": lambda value: isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d", value),
    "text": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "rate": lambda value: isinstance(value, (int, float)) and 0 <= value <= 1,
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
}


def is_of(value: object, type_: str) -> bool:
    """Whether a value is of a type as the page tells it: ``money``, ``text or null``, ``list of text``, ..."""
    if value is ...:  # an empty list
        return type_.startswith("list")
    first, _, other = type_.removeprefix("list of ").partition(" or ")
    return (value is None and other == "null") or bool(_IS[first](value))


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    README.write_text(with_formats(README.read_text(encoding="utf-8")), encoding="utf-8")
