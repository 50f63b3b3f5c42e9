"""``spend.toml``: options of the command line, written down."""

import tomllib
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path

from analyzer.errors import UsageError

# Options that a file may set, for every command that knows them.
KNOWN = (
    "db", "report", "format", "endpoint_by", "since", "until", "month", "tz", "currency", "price_date", "clock",
    "prices", "scenario", "strict", "quiet", "no_progress",
)  # fmt: skip
# Where an option's parameter is called otherwise.
_PARAMETERS = {"format": "format_name", "scenario": "scenarios", "no_progress": "quiet", "prices": "own_prices"}
_REPEATABLE = {"scenarios", "own_prices"}
_COMMANDS = ("analyze", "ingest", "report", "simulate", "reconcile", "query", "prices", "formats", "status")


def read(config: str | None) -> tuple[dict[str, dict[str, object]], tuple[str, dict[str, object]]]:
    """Read ``config`` or, if it is there, ``spend.toml`` in the working directory.

    Returns:
        defaults for all commands, and own prices: the file's name and its ``[prices]``.

    Raises:
        UsageError: the file named is not there, is not TOML, or sets an unknown option.
    """
    path = Path(config or "spend.toml")
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except FileNotFoundError as error:
        if config is None:
            return {}, ("", {})
        raise UsageError(f"{path}: no such file", "check --config") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}", "see the README for what it may hold") from error
    prices = table.pop("prices") if isinstance(table.get("prices"), dict) else {}
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
    return dict.fromkeys(_COMMANDS, options), (path.name, prices)
