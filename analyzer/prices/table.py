"""One TOML table, read strictly: every key is known, every value has the type that is expected there.

An error names the file and the place in it, because price data is written by hand and a figure under a
mistyped key would otherwise be silently absent.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from difflib import get_close_matches

from analyzer.errors import PriceError


class Table:
    """The keys of one TOML table, and where the table stands (``deepseek.toml: card 3``)."""

    def __init__(self, data: object, where: str, known: Sequence[str]) -> None:
        self.where = where
        if not isinstance(data, Mapping):
            raise self.error("expected a table", f"Give it the keys {', '.join(known)}.")
        self._data: Mapping[str, object] = data
        for key in self._data:
            if key not in known:
                near = get_close_matches(key, known, n=1, cutoff=0)[0]
                raise self.error(f"unknown key {key!r}", f"Did you mean {near!r}? Known: {', '.join(known)}.")

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def error(self, problem: str, remedy: str) -> PriceError:
        """Make the error that says where the problem is."""
        return PriceError(f"{self.where}: {problem}", remedy)

    def text(self, key: str) -> str:
        """Return a text that must be there and not be empty."""
        value = self._value(key)
        if not isinstance(value, str) or not value.strip():
            raise self.error(f"{key!r} must be a text", f'Write {key} = "...".')
        return value

    def choice(self, key: str, options: Sequence[str]) -> str:
        """Return a text that must be one of ``options``."""
        return self.member(key, self.text(key), options)

    def member(self, key: str, value: str, options: Sequence[str]) -> str:
        """Return ``value``, found under ``key``, which must be one of ``options``."""
        if value not in options:
            near = get_close_matches(value, options, n=1, cutoff=0)[0]
            raise self.error(f"{key}: {value!r} is unknown", f"Did you mean {near!r}? Known: {', '.join(options)}.")
        return value

    def integer(self, key: str) -> int:
        """Return a whole number that must be there."""
        value = self._value(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.error(f"{key!r} must be a whole number", f"Write {key} = 1.")
        return value

    def flag(self, key: str) -> bool:
        """Return a truth value that must be there."""
        value = self._value(key)
        if not isinstance(value, bool):
            raise self.error(f"{key!r} must be true or false", f"Write {key} = true.")
        return value

    def day(self, key: str) -> date:
        """Return a date without an hour that must be there."""
        value = self._value(key)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.error(f"{key!r} must be a date", f"Write {key} = 2026-09-10, without quotes.")
        return value

    def moment(self, key: str) -> tuple[datetime, bool]:
        """Return an instant in UTC, and whether the file knows only its day (00:00 UTC is assumed)."""
        value = self._value(key)
        if isinstance(value, datetime) and value.tzinfo is not None:
            if value.second or value.microsecond:
                raise self.error(f"{key!r} is not on a whole minute", "Prices change on whole minutes.")
            try:
                return value.astimezone(UTC), False
            except OverflowError as error:
                raise self.error(f"{key!r} is out of all time in UTC", "Write a year from 2 to 9998.") from error
        if isinstance(value, date) and not isinstance(value, datetime):
            return datetime(value.year, value.month, value.day, tzinfo=UTC), True
        raise self.error(
            f"{key!r} must be an instant with its zone, or a date",
            f"Write {key} = 2026-09-10T04:00:00Z, without quotes.",
        )

    def items(self, key: str) -> Sequence[object]:
        """Return a list that must be there and not be empty."""
        value = self._value(key)
        if not isinstance(value, list) or not value:
            raise self.error(f"{key!r} must be a list", f"Write {key} = [...], with at least one item.")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        values = tuple(value for value in self.items(key) if isinstance(value, str))
        if len(values) != len(self.items(key)):
            raise self.error(f"{key!r} must hold texts only", f'Write {key} = ["...", "..."].')
        return values

    def mapping(self, key: str) -> Mapping[str, object]:
        """Return the table under ``key``, whose keys may be any."""
        value = self._value(key)
        if not isinstance(value, Mapping):
            raise self.error(f"{key!r} must be a table", f"Write [{key}] above its entries.")
        return value

    def table(self, key: str, known: Sequence[str]) -> "Table":
        """Return the table under ``key``."""
        return Table(self._value(key), f"{self.where}, {key}", known)

    def tables(self, key: str, known: Sequence[str]) -> "list[Table]":
        """Return the list of tables under ``key``, each knowing its number."""
        items = self.items(key)
        return [Table(item, f"{self.where}, {key} {number}", known) for number, item in enumerate(items, 1)]

    def _value(self, key: str) -> object:
        if key not in self._data:
            raise self.error(f"{key!r} is missing", f"Add {key} = ... there.")
        return self._data[key]
