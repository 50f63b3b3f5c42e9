"""Cards: what the named models cost from one instant to the next. Models: which names there are.

These are the facts of a price file as frozen values, each checked where it is read. What they mean together,
over a model's whole life, is the matter of :mod:`analyzer.prices.provider` and :mod:`analyzer.prices.offer`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from analyzer.errors import PriceError
from analyzer.prices.figure import units
from analyzer.prices.schedule import ALWAYS, WINDOWS, Schedule
from analyzer.prices.table import Table

CARD_KEYS = ("models", "from", "to", "schedule", "note", "prices")
MODEL_KEYS = ("id", "title", "family", "order", "retired", "successor", "names", "serves")
PRICE_KEYS = (
    "currency",
    "window",
    "input",
    "cache_read",
    "cache_write",
    "output",
    "certainty",
    "checked",
    "source",
)
CERTAINTIES = ("certain", "day", "inferred", "unknown")
FAMILIES = ("flash", "pro")


@dataclass(frozen=True, slots=True)
class Price:
    """What a card asks in one currency and window, in units of 1e-15 of the currency per token.

    Attributes:
        currency: ISO 4217 code of the provider's list.
        window: all, standard, off-peak or peak.
        input: Of an input token that missed the cache. None, like all figures, where no price was found.
        cache_read: Of an input token that was served from the cache.
        cache_write: Of an input token written to the cache; None where the provider bills no writes.
        output: Of an output token, reasoning included.
        certainty: certain, day (only the day of the change is known), inferred or unknown.
        checked: The day on which the source was last compared.
        source: The official page, or what kind of public record has it.
    """

    currency: str
    window: str
    input: int | None
    cache_read: int | None
    cache_write: int | None
    output: int | None
    certainty: str
    checked: date
    source: str


@dataclass(frozen=True, slots=True)
class Card:
    """The prices of some models, in every currency of the provider and every window of the schedule.

    Attributes:
        models: The names it holds for.
        start: The first instant, in UTC.
        day_only: Only the day of the start is known, and 00:00 UTC assumed.
        end: The first instant after it; None until the model's next card, or its retirement.
        schedule: When which window holds.
        note: What else a reader should know.
        prices: By currency and window.
        where: The place in the file, for errors.
    """

    models: tuple[str, ...]
    start: datetime
    day_only: bool
    end: datetime | None
    schedule: Schedule
    note: str
    prices: Mapping[tuple[str, str], Price]
    where: str


@dataclass(frozen=True, slots=True)
class Model:
    """A name that the provider sells, and what answered to it.

    Attributes:
        id: The name, as it stands in requests.
        title: The name for people.
        family: flash, pro, or none.
        order: The place in the family; of the members on sale the highest is the one in force.
        retired: The instant from which the name is refused; None while it is on sale.
        successor: The family whose card a price date after the retirement means; None leaves it unpriced.
        serves: From when which underlying model answered, ascending.
        names: Patterns of other names for it, such as dated ones.
    """

    id: str
    title: str
    family: str | None
    order: int
    retired: datetime | None
    successor: str | None
    serves: tuple[tuple[datetime, str], ...]
    names: tuple[str, ...] = ()


def read_model(table: Table) -> Model:
    """Read one ``[[model]]``.

    Raises:
        PriceError: A key is missing, unknown or malformed, or the identities are not in order.
    """
    identities = table.tables("serves", ("from", "model"))
    serves = tuple((identity.moment("from")[0], identity.text("model")) for identity in identities)
    if any(left[0] >= right[0] for left, right in pairwise(serves)):
        raise table.error("the identities in 'serves' are not in ascending order", "Put the earliest first.")
    return Model(
        id=table.text("id"),
        title=table.text("title"),
        family=table.choice("family", FAMILIES) if "family" in table else None,
        order=table.integer("order") if "family" in table else 0,
        retired=table.moment("retired")[0] if "retired" in table else None,
        successor=table.choice("successor", FAMILIES) if "successor" in table else None,
        serves=serves,
        names=table.texts("names") if "names" in table else (),
    )


def read_card(table: Table, schedules: Mapping[str, Schedule], currencies: tuple[str, ...]) -> Card:
    """Read one ``[[card]]`` of a provider that has these schedules and price lists.

    Raises:
        PriceError: A key is missing, unknown or malformed, or a price is missing, double or inconsistent.
    """
    schedule = schedules[table.choice("schedule", tuple(schedules))] if "schedule" in table else ALWAYS
    start, day_only = table.moment("from")
    end = table.moment("to")[0] if "to" in table else None
    if end is not None and end <= start:
        raise table.error(
            "'to' is not after 'from'", "Periods are half-open: from the first instant to the first after."
        )
    prices: dict[tuple[str, str], Price] = {}
    for entry in table.tables("prices", PRICE_KEYS):
        price = _read_price(entry, schedule, currencies, day_only=day_only)
        key = price.currency, price.window
        if key in prices:
            raise entry.error(f"a second {price.currency} price for window {price.window!r}", "Keep one of them.")
        prices[key] = price
    for currency in currencies:
        for window in sorted(schedule.windows):
            if (currency, window) not in prices:
                raise table.error(
                    f"no {currency} price for window {window!r}",
                    'Add it to prices; where none was found, with certainty = "unknown" and no figures.',
                )
    note = table.text("note") if "note" in table else ""
    return Card(table.texts("models"), start, day_only, end, schedule, note, prices, table.where)


def _read_price(table: Table, schedule: Schedule, currencies: tuple[str, ...], *, day_only: bool) -> Price:
    window = table.choice("window", WINDOWS)
    if window not in schedule.windows:
        raise table.error(
            f"schedule {schedule.id!r} has no window {window!r}",
            f"Use {', '.join(sorted(schedule.windows))}.",
        )
    certainty = table.choice("certainty", CERTAINTIES)
    if (certainty == "day" and not day_only) or (certainty == "certain" and day_only):
        raise table.error(
            f"certainty = {certainty!r} does not fit the card's 'from'",
            '"day" is for a date without an hour, "certain" for an instant.',
        )
    known = certainty != "unknown"
    figures = [key for key in ("input", "cache_read", "cache_write", "output") if key in table]
    if not known and figures:
        raise table.error(
            "a price of unknown certainty has figures", "Leave the figures out, or say how sure they are."
        )
    return Price(
        currency=table.choice("currency", currencies),
        window=window,
        input=_figure(table, "input") if known else None,
        cache_read=_figure(table, "cache_read") if known else None,
        cache_write=_figure(table, "cache_write") if "cache_write" in table else None,
        output=_figure(table, "output") if known else None,
        certainty=certainty,
        checked=table.day("checked"),
        source=table.text("source"),
    )


def _figure(table: Table, key: str) -> int:
    figure = table.text(key)
    try:
        return units(figure)
    except PriceError as error:
        raise table.error(f"{key}: {error}", error.remedy) from error
