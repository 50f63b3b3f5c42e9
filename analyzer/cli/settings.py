"""``spend.toml``: options of the command line, written down."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from analyzer.errors import UsageError
from analyzer.ledger.file import text_of, toml_of

# Options that a file may set, for every command that knows them, and how each may be written.
EXAMPLES = {
    "db": '"spend.duckdb"', "report": '"spend-report.html"', "format": '"litellm-spend-logs"', "endpoint_by": '"team"',
    "since": '"2026-10-01"', "until": '"2026-11-01"', "month": '"2026-10"', "tz": '"Europe/Berlin"',
    "currency": '"USD"', "price_date": '"in-force"', "clock": '"completion"', "prices": '["negotiated.toml"]',
    "scenario": '["all-flash", "mixed"]', "strict": "true", "quiet": "true", "no_progress": "true",
    "no_report": "true", "json": "true",
}  # fmt: skip
KNOWN = tuple(EXAMPLES)
# Where an option's parameter is called otherwise.
_PARAMETERS = {
    "format": "format_name", "scenario": "scenarios", "no_progress": "quiet", "prices": "own_prices", "json": "as_json",
}  # fmt: skip
_REPEATABLE = {"prices", "scenario"}
_FLAGS = {"strict", "quiet", "no_progress", "no_report", "json"}
_DAYS = {"since", "until", "price_date"}
# Tables that are no options: each is read by the room that knows its words.
TABLES = ("prices", "allocation", "share", "budget", "review")
_LISTS = ("allocation", "share")  # of these there may be several


@dataclass(frozen=True)
class Written:
    """What ``spend.toml`` says beside options.

    Attributes:
        where: the file's name; empty where there is none.
        tables: own prices, rules of allocation, budgets and how a review looks at them, by the names of their tables.
    """

    where: str = ""
    tables: Mapping[str, Any] = field(default_factory=dict)


def read(config: str | None, commands: Iterable[str]) -> tuple[dict[str, dict[str, object]], Written]:
    """Read ``config`` or, if it is there, ``spend.toml`` in the working directory.

    Returns:
        defaults for all of the commands, and the tables that are no options.

    Raises:
        UsageError: the file named is not there, is not TOML, or sets an unknown option.
    """
    path = Path(config or "spend.toml")
    if config is None and not path.exists():
        return {}, Written()
    remedy = "check --config" if config else "a file of this name in the working directory is read by every command"
    table = toml_of(text_of(path, remedy), str(path))
    tables = {
        name: _table(table.pop(name), name, path) for name in TABLES if name in table and not _option(table, name)
    }
    return dict.fromkeys(commands, _options(table, path)), Written(path.name, tables)


def _options(table: Mapping[str, object], path: Path) -> dict[str, object]:
    """The options that are written, by the names of their parameters.

    Raises:
        UsageError: one is unknown, given twice, or is not of its kind.
    """
    options: dict[str, object] = {}
    first: dict[str, str] = {}
    for key, value in table.items():
        word = key.replace("-", "_")
        if word not in EXAMPLES:
            near = get_close_matches(word, (*TABLES, *KNOWN), n=1)
            known = f"known: {', '.join(KNOWN)}; tables: {', '.join(TABLES)}"
            what = f"table [{key}]" if isinstance(value, dict) else f"option {key}"
            raise UsageError(f"{path}: unknown {what}", f"did you mean {near[0]}?" if near else known)
        parameter = _PARAMETERS.get(word, word)
        if parameter in options:
            raise UsageError(f"{path}: {first[parameter]} and {key} are one option", "leave one of them out")
        first[parameter] = key
        options[parameter] = _meant(word, key, value, path)
    return options


def _meant(word: str, key: str, value: object, path: Path) -> object:
    """What an option is set to.

    Raises:
        UsageError: it is not of the option's kind.
    """
    if word in _FLAGS:
        if isinstance(value, bool):
            return value
        raise UsageError(f"{path}: {key} is neither true nor false", f"write {key} = {EXAMPLES[word]}, without quotes")
    if word in _DAYS and isinstance(value, date):
        return str(value)
    if word in _REPEATABLE and isinstance(value, list) and all(isinstance(one, str) for one in value):
        return value
    if isinstance(value, str):
        return [value] if word in _REPEATABLE else value
    what = "no text and no list of texts" if word in _REPEATABLE else "no text"
    raise UsageError(f"{path}: {key} is {what}", f"write {key} = {EXAMPLES[word]}")


def place(option: str) -> str:
    """Where an option was set: ``--tz``, or ``spend.toml: tz``; what is wrong with it is mended there."""
    word = option.removeprefix("--").replace("-", "_")
    context = click.get_current_context(silent=True)
    source = context and context.get_parameter_source(_PARAMETERS.get(word, word))
    if context is None or source is not click.core.ParameterSource.DEFAULT_MAP:
        return option
    return f"{context.find_root().obj.where}: {word}"


def outdone(flag: str, option: str) -> bool:
    """Whether a flag stands in the file alone, and the option that it rules out on the command line, which wins."""
    context, source = click.get_current_context(), click.core.ParameterSource
    set_at = (context.get_parameter_source(flag), context.get_parameter_source(option))
    return set_at == (source.DEFAULT_MAP, source.COMMANDLINE)


@contextlib.contextmanager
def placed(option: str) -> Iterator[None]:
    """Let what is said of an option's value name the file that it stands in, if it does.

    Raises:
        UsageError: it is wrong.
    """
    try:
        yield
    except UsageError as error:
        where = place(option)
        if where == option:
            raise
        raise UsageError(f"{where}: {error}", error.remedy.replace(option, where)) from error


def _option(table: Mapping[str, object], name: str) -> bool:
    """Whether this is a path or a list of them, as the option of the same name takes."""
    value = table[name]
    paths = value if isinstance(value, list) else [value]
    return name in KNOWN and all(isinstance(path, str) for path in paths)


def _table(value: object, name: str, path: Path) -> object:
    """What is a table, or a list of tables where there may be several.

    Raises:
        UsageError: it is something else.
    """
    if isinstance(value, dict) or (name in _LISTS and isinstance(value, list)):
        return value
    if name in KNOWN and isinstance(value, list) and any(isinstance(one, str) for one in value):
        raise UsageError(f"{path}: {name} holds what is no text", f"write {name} = {EXAMPLES[name]}")
    if name in _LISTS:
        raise UsageError(f"{path}: {name} is no list of tables", f"write each under its own [[{name}]]")
    raise UsageError(f"{path}: {name} is no table", f"write its keys under one [{name}], in single brackets")
