"""Own prices: negotiated rates, discounts and self-hosted models, laid over the book.

A ``[prices]`` table names models, with ``*`` where several are meant, and for each what it costs per 1M tokens, or how
much less than its list price::

    [prices]
    "deepseek-v4-pro" = { input = "0.40", cache_read = "0.003", output = "0.80", from = 2026-10-01 }
    "claude-*"        = { discount = "12.5%", provider = "anthropic" }
    "acme-llama"      = { input = "0.05", output = "0.05" }
    "acme-voice"      = { input = "1", output = "2", input_audio = "10", search = "5" }  # a search: per 1,000

A figure that is left out stays what the book says. Of two entries for a request the later one wins. An entry with
``input_above = 200_000`` is for requests whose input is larger than that, ``input_from`` for those of at least so much;
it holds for the whole request. Prices for a part of a request's input (marginal ones) cannot be written: no list that
is known has any, and none says which of the tokens a hit would belong to.
"""

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from fractions import Fraction
from pathlib import Path
from typing import Any

from analyzer.errors import PriceError, UsageError
from analyzer.ledger.file import text_of, toml_of
from analyzer.ledger.masking import unkeyed
from analyzer.prices.apart import REQUESTS, TOKENS
from analyzer.prices.fee import per_request
from analyzer.prices.figure import units
from analyzer.prices.interval import Interval
from analyzer.prices.naming import Sold, seller, tier
from analyzer.prices.offer import EVER
from analyzer.prices.table import Table

TEXT = ("input", "cache_read", "cache_write", "cache_write_1h", "output")
FIGURES = (*TEXT, *TOKENS)
KEYS = (
    *FIGURES,
    *REQUESTS,
    "discount",
    "currency",
    "provider",
    "service_tier",
    "input_above",
    "input_from",
    "from",
    "to",
)
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,9})?)\s*%", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}")
_MOST_INPUT = 10**12  # tokens of one request: far more than any model takes
_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rate:
    """One entry: what some models cost by agreement.

    Attributes:
        model: name, or a pattern with ``*``.
        provider: only what this provider served; None for all.
        service_tier: only requests of this tier; None for all.
        currency: ISO 4217 code of the list that it belongs to.
        figures: units of 1e-15 of the currency per token or request, by kind; what is not in it stays as it was.
        discount: as it is written; empty where figures are given.
        start: first instant.
        end: first instant after it.
        where: the place in the file.
        least: only requests with at least so much input.
    """

    model: str
    provider: str | None
    service_tier: str | None
    currency: str
    figures: Mapping[str, int]
    discount: str
    start: datetime
    end: datetime
    where: str
    least: int = 0

    def __str__(self) -> str:
        what = ", ".join(self.figures) if self.figures else f"{self.discount} off"
        return f"{self.where}: {what}" + (f", from {self.least:,} tokens of input" if self.least else "")

    def covers(self, sold: Sold, currency: str) -> bool:
        """Whether it is for what was called, whenever that was."""
        return (
            currency == self.currency
            and fnmatchcase(sold.model.lower(), self.model)
            and (self.provider is None or (sold.provider is not None and seller(sold.provider) == self.provider))
            and (self.service_tier is None or tier(sold.service_tier) == self.service_tier)
        )

    def applied(self, interval: Interval) -> Interval:
        """The same stretch of time at the agreed price."""
        changed: dict[str, Any] = {name: figure for name, figure in self.figures.items() if name in TEXT}
        apart = dict(interval.apart) | {name: one for name, one in self.figures.items() if name not in TEXT}
        if self.discount:
            listed = {name: getattr(interval, name) for name in (*TEXT, "request")}
            changed = {name: self._paid(figure) for name, figure in listed.items() if figure is not None}
            apart = {name: self._paid(figure) for name, figure in apart.items()}
        changed["apart"] = tuple(sorted(apart.items()))
        dearer = interval.dearer and self.applied(interval.dearer)
        # With all figures agreed nothing is left of a card from before the model was on sale.
        early = interval.before_first and (
            bool(self.discount) or not changed.keys() >= {"input", "cache_read", "output"}
        )
        return replace(interval, **changed, certainty="certain", source=self.where, dearer=dearer, before_first=early)

    def _paid(self, figure: int) -> int:
        paid = figure * (1 - Fraction(self.discount.rstrip("% ")) / 100)
        if paid.denominator != 1:
            raise UsageError(
                f"{self.where}: the discount makes a price finer than 1e-15 per token",
                "Give the figures themselves, rounded as your contract says.",
            )
        return int(paid)


def read_own(text: str, where: str) -> list[Rate]:
    """Read the own prices in a TOML file that holds nothing else.

    Raises:
        UsageError: it is no TOML, or breaks a rule; the message names the entry.
    """
    data = toml_of(text, where)
    with _of_the_user():
        file = Table(data, where, ("prices",)).mapping("prices")
    return rates(file, where)


def read_file(path: Path) -> list[Rate]:
    """Read a file that ``--prices`` names.

    Raises:
        UsageError: it cannot be read, is no TOML, or breaks a rule.
    """
    return read_own(text_of(path, "check --prices"), path.name)


def rates(table: Mapping[str, object], where: str) -> list[Rate]:
    """The entries of a ``[prices]`` table; one model may have a list of them, for one period each.

    Raises:
        UsageError: an entry breaks a rule.
    """
    with _of_the_user():
        return [_rate(model, entry) for model, entries in table.items() for entry in _entries(model, entries, where)]


def _entries(model: str, entries: object, where: str) -> list[Table]:
    """The entry of a model, or those of a list, which is not empty."""
    place = f"{where}: {unkeyed(model)}"
    if not model.strip():
        raise PriceError(f"{where}: a price without a model", 'Name it: "deepseek-v4-pro" = { input = "0.40", ... }.')
    if entries == []:
        raise PriceError(f"{place}: an empty list of prices", 'Write { input = "0.40", ... }, or leave it out.')
    return [Table(entry, place, KEYS) for entry in (entries if isinstance(entries, list) else [entries])]


@contextlib.contextmanager
def _of_the_user() -> Iterator[None]:
    """Take what is wrong with prices for what it is in own ones: a mistake of whoever wrote them.

    Raises:
        UsageError: something is.
    """
    try:
        yield
    except PriceError as error:
        raise UsageError(str(error), error.remedy) from error


def _rate(model: str, entry: Table) -> Rate:
    figures = {name: _figure(entry, name) for name in FIGURES if name in entry}
    figures |= {name: per_request(entry, name) for name in REQUESTS if name in entry}
    if ("discount" in entry) == bool(figures):
        raise entry.error("needs either figures or a discount", 'Write input = "0.40", ... or discount = "12.5%".')
    start = entry.moment("from")[0] if "from" in entry else _EARLIEST
    end = entry.moment("to")[0] if "to" in entry else EVER
    if start >= end:
        raise entry.error("'to' is not after 'from'", "Periods are half-open: to is the first instant after it.")
    currency = entry.text("currency") if "currency" in entry else "USD"
    if not _CURRENCY.fullmatch(currency):
        raise entry.error(f"{currency!r} is no currency", "Write its three letters, such as EUR.")
    service_tier = tier(entry.text("service_tier")) if "service_tier" in entry else None
    if "service_tier" in entry and service_tier is None:
        raise entry.error("an unknown service_tier", "Known: standard, batch, flex, priority, fast.")
    return Rate(
        model=model.lower(),
        provider=seller(entry.text("provider")) if "provider" in entry else None,
        service_tier=service_tier,
        currency=currency,
        figures=figures,
        discount=_discount(entry) if "discount" in entry else "",
        start=start,
        end=end,
        where=entry.where,
        least=_least(entry),
    )


def _least(entry: Table) -> int:
    bounds = [entry.integer(key) + more for key, more in (("input_above", 1), ("input_from", 0)) if key in entry]
    if len(bounds) > 1 or any(not 1 <= bound <= _MOST_INPUT for bound in bounds):
        raise entry.error(
            "needs one bound of the input, above 0 and in sight",
            "Write input_above = 200_000, or input_from = 200_001.",
        )
    return bounds[0] if bounds else 0


def _figure(entry: Table, name: str) -> int:
    try:
        return units(entry.text(name))
    except PriceError as error:
        if error.args and str(error).startswith(entry.where):
            raise
        raise entry.error(f"{name}: {error}", error.remedy) from error


def _discount(entry: Table) -> str:
    text = entry.text("discount")
    match = _PERCENT.fullmatch(text)
    if match is None or Fraction(match[1]) > 100:
        raise entry.error(f"{text!r} is no discount", 'Write a percentage from 0 to 100, such as "12.5%".')
    return text
