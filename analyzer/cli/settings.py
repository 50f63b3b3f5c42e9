"""``spend.toml``: options of the command line, written down."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from analyzer.errors import UsageError

# Options that a file may set, for every command that knows them.
KNOWN = (
    "db", "report", "format", "endpoint_by", "since", "until", "month", "tz", "currency", "price_date", "clock",
    "prices", "scenario", "strict", "quiet", "no_progress",
)  # fmt: skip
# Where an option's parameter is called otherwise.
_PARAMETERS = {"format": "format_name", "scenario": "scenarios", "no_progress": "quiet", "prices": "own_prices"}
_REPEATABLE = {"scenarios", "own_prices"}
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
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except FileNotFoundError as error:
        if config is None:
            return {}, Written()
        raise UsageError(f"{path}: no such file", "check --config") from error
    except (OSError, ValueError, RecursionError) as error:  # TOML's own errors are of value, as is a number too long
        raise UsageError(f"{path}: cannot be read: {error}", "see the README for what it may hold") from error
    tables = {
        name: _table(table.pop(name), name, path) for name in TABLES if name in table and not _option(table, name)
    }
    for key in table:
        if key.replace("-", "_") not in KNOWN:
            near = get_close_matches(key, KNOWN, n=1)
            raise UsageError(
                f"{path}: unknown option {key}", f"did you mean {near[0]}?" if near else f"known: {', '.join(KNOWN)}"
            )
    options: dict[str, object] = {}
    for key, value in table.items():
        word = key.replace("-", "_")
        parameter = _PARAMETERS.get(word, word)
        plain = str(value) if isinstance(value, date) else value
        options[parameter] = [plain] if parameter in _REPEATABLE and not isinstance(plain, list) else plain
    return dict.fromkeys(commands, options), Written(path.name, tables)


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
    if name in _LISTS:
        raise UsageError(f"{path}: {name} is no list of tables", f"write each under its own [[{name}]]")
    raise UsageError(f"{path}: {name} is no table", f"write its keys under one [{name}], in single brackets")
