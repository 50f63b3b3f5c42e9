"""The price book: dated cards compiled into half-open UTC intervals of one price each.

Two views of a name. ``logged`` prices what a log holds: nothing before the first price of a name or after
its retirement. ``target`` prices what a scenario asks: before its first price a target has its first card.
A price date turns both into the same: one card over all of time, its windows at each instant's own hour and
day.
"""

import shlex
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from functools import cached_property
from importlib.resources import files

from analyzer.errors import PriceError
from analyzer.prices.card import FAMILIES
from analyzer.prices.catalogue import Catalogue
from analyzer.prices.fee import Fee
from analyzer.prices.interval import Interval
from analyzer.prices.listed import CURRENCY, Listed
from analyzer.prices.naming import NAMES, STANDARD, Sold, tier
from analyzer.prices.others import Others
from analyzer.prices.overlay import Called, agreed, called, called_ever, called_on, covering, over
from analyzer.prices.own import Rate
from analyzer.prices.period import BEGINNING, LATEST, Period, period, period_of, shown_apart
from analyzer.prices.provider import Provider, read_provider
from analyzer.prices.version import version


class Book:
    """All prices known: own ones, over those of our price files, over those of all other providers."""

    def __init__(self, providers: Iterable[Provider], own: Sequence[Rate] = ()) -> None:
        self.own = tuple(own)
        self._ours = Catalogue(providers)
        self._others = Others(self._ours.ids)

    @classmethod
    def load(cls, own: Sequence[Rate] = ()) -> "Book":
        """Load the shipped price data, with own prices over it.

        Raises:
            PriceError: The data breaks one of its rules.
        """
        shipped = (file for file in files("analyzer.prices").iterdir() if file.name.endswith(".toml"))
        listed = (file for file in shipped if file.name != NAMES)
        return cls((read_provider(file.read_text(encoding="utf-8"), file.name) for file in listed), own)

    def over(self, own: Iterable[Rate], *, instead: bool = False) -> "Book":
        """The same book with more own prices, which win over those that it has, or stand ``instead`` of them."""
        other = copy(self)
        other.own = tuple(own) if instead else (*self.own, *own)
        other.__dict__.pop("version", None)
        return other

    def makes(self, model: str) -> bool:
        """Say whether a model or family of this name is one of the providers of whom we have price files."""
        return isinstance(self._find(Sold(model)), str)

    def family(self, model: str) -> str | None:
        """The family that a model is a member of; None where it is of none, or of another maker."""
        found = self._find(Sold(model))
        return self._ours.models[found].family if isinstance(found, str) and found in self._ours.models else None

    def cache_unit(self, sold: Sold) -> int:
        """Tokens by which the provider's prompt cache grows; 1 where no unit is known."""
        found = self._find(sold)
        return self._ours.sellers[found].cache_unit if isinstance(found, str) else 1

    def identities(self, sold: Sold) -> tuple[tuple[datetime, str], ...]:
        """From when which model answers to a name of ours, priced or not; the first also stands for the time before."""
        found = self._find(sold)
        return self._ours.offers[found].identities if isinstance(found, str) else ()

    @cached_property
    def version(self) -> str:
        """The latest day of checking, and a hash of the content, such as ``2026.11.23+3f9a``.

        The hash is that of what the files and the own prices say (not of their layout or comments), of the
        holidays from the first card to the year after the check, and of the version of the other providers'
        prices. Asking for it imports the ``holidays`` package.
        """
        return version(self._ours.providers, self.own, self._others.version)

    def models(self) -> list[str]:
        """Return all model names, sorted."""
        return sorted(self._ours.models)

    def other_models(self) -> list[str]:
        """Return the models of other providers that there are prices for, as ``provider/model``."""
        return list(self._others.models())

    def lists(self, rate: Rate) -> bool:
        """Say whether an own price is laid over some list price, or stands alone."""
        if "*" in rate.model:
            return True
        return not isinstance(self._find(Sold(rate.model, rate.provider)), Rate)

    def knows(self, model: str | Sold) -> bool:
        """Say whether a model or family of this name can be priced. A glob is none, even where own prices have it."""
        sold = Sold(model) if isinstance(model, str) else model
        return not {"*", "?"} & set(sold.model) and bool(self._find(sold))

    def nearest(self, model: str) -> list[str]:
        """Return up to three known names that resemble this one, most alike first."""
        ours = sorted(self._ours.offers)
        alike = get_close_matches(model, ours, n=3, cutoff=0.7)
        return alike or self._others.nearest(model) or get_close_matches(model, ours, n=3, cutoff=0.4)

    def logged(
        self,
        model: str,
        currency: str,
        start: datetime,
        end: datetime,
        *,
        price_date: date | None = None,
        provider: str | None = None,
        service_tier: str | None = None,
    ) -> list[Interval]:
        """Return the prices of what a log says was called, clipped to ``[start, end)``.

        Empty for what the book does not know: such requests are unpriced.
        """
        sold = Sold(model, provider, service_tier)
        return self._priced(sold, currency, start, end, price_date, early=False)

    def target(
        self, model: str, currency: str, start: datetime, end: datetime, *, price_date: date | None = None
    ) -> list[Interval]:
        """Return the prices of a scenario's target, a model or a family, clipped to ``[start, end)``.

        Raises:
            PriceError: The book does not know the name.
        """
        return self._priced(self._known(model), currency, start, end, price_date, early=True)

    def at(self, model: str | Sold, instant: datetime, currency: str) -> Interval | None:
        """Return the price of a name at an instant, its bounds within that UTC day; None where there is none.

        A model has none before its first price; a family has its launch card then. Where the price depends on how
        much is read, it is that of a small request.

        Raises:
            PriceError: The book does not know the name.
        """
        sold = self._known(model)
        day = instant.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        priced = self._priced(sold, currency, day, day + timedelta(days=1), None, early=sold.model in FAMILIES)
        return next((interval for interval in priced if interval.start <= instant < interval.end), None)

    def history(self, model: str | Sold, currency: str) -> list[Period]:
        """Return the price history of a model or family: one row per card and window.

        Raises:
            PriceError: The book does not know the name.
        """
        sold = self._known(model)
        found = self._find(sold)
        if not isinstance(found, str):
            return [period_of(one) for one in self._priced(sold, currency, BEGINNING, LATEST, None, early=False)]
        rows = [
            period(span, price)
            for span in self._ours.offers[found].spans
            for price in span.card.prices.values()
            if price.currency == currency and tier(sold.service_tier) == STANDARD  # our files list no other
        ]
        if not self.own:
            return rows
        stretches = called_ever(self._ours.offers[found], self._ours.offers)
        return agreed(rows, covering(self.own, stretches, sold, currency), sold)

    def period(self, model: str | Sold, instant: datetime, currency: str) -> Period | None:
        """Return the row of the price history that is in force at an instant; None where there is none.

        Raises:
            PriceError: The book does not know the name.
        """
        interval = self.at(model, instant, currency)
        if interval is None:
            return None
        rows = [row for row in self.history(model, currency) if row.window == interval.window]
        in_force = [row for row in rows if row.holds(instant)]
        row = (in_force or rows)[0]  # before a family's launch its first card holds
        return replace(row, certainty=interval.certainty, apart=shown_apart(interval.apart))

    def fees(self, model: str | Sold, currency: str) -> list[Fee]:
        """Return what requests cost that our provider of this model makes for it, or sells beside it, over all time."""
        found = self._find(self._known(model))
        if not isinstance(found, str):
            return []
        last = self._ours.offers[found].spans[-1].end
        return [fee for fee in self._ours.sellers[found].fees if fee.currency == currency and fee.start < last]

    def sold_by(self, sold: Sold) -> str | None:
        """Return who sold what was called, as people say it; None where neither the log nor the book tells."""
        found = self._find(sold)
        if isinstance(found, str):
            return self._ours.sellers[found].title
        return found.provider.name if isinstance(found, Listed) else sold.provider

    def _known(self, model: str | Sold) -> Sold:
        sold = Sold(model) if isinstance(model, str) else model
        if not self._find(sold):
            alike = self.nearest(sold.model)
            if sold.model in alike:
                told = f"no price of {sold.provider} is known for model {sold.model!r}"
                raise PriceError(told, f"`spend prices {shlex.quote(sold.model)}` says what is known of it elsewhere")
            near = f"Nearest: {', '.join(alike)}." if alike else "No known name resembles it."
            raise PriceError(
                f"no prices are known for model {sold.model!r}",
                f"{near} `spend prices` lists all; `--prices FILE` adds prices of yours.",
            )
        return sold

    def _find(self, sold: Sold) -> str | Listed | Rate | None:
        """Who prices what was called: one of our offers, by its name; another provider's list; or own prices alone."""
        own = (rate for rate in self.own if rate.covers(sold, rate.currency))
        return self._ours.find(sold) or self._others.find(sold) or next(own, None)

    def _priced(
        self, sold: Sold, currency: str, start: datetime, end: datetime, price_date: date | None, *, early: bool
    ) -> list[Interval]:
        if start.tzinfo is None or end.tzinfo is None:
            raise ValueError("start and end need a time zone")
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        found = self._find(sold)
        listed: list[Interval] = []
        if isinstance(found, str):
            if tier(sold.service_tier) == STANDARD:  # our files list no other
                listed = self._ours.intervals(found, currency, start, end, price_date, early=early)
        elif isinstance(found, Listed) and currency == CURRENCY:
            listed = found.intervals(sold.service_tier, start, end, price_date=price_date)
        if not self.own:
            return listed
        stretches: list[Called] = []
        if isinstance(found, str):
            if price_date is None:
                # Who answers does not hang on the currency or the tier, of which the book may have no list.
                answering = listed or self._ours.intervals(found, CURRENCY, start, end, None, early=early)
                stretches = called(((one.start, one.end, one.serves) for one in answering), self._ours.offers)
            else:
                stretches = called_on(price_date, self._ours.offer_on(found, price_date), self._ours.offers)
        return over(listed, covering(self.own, stretches, sold, currency), sold, start, end, price_date)
