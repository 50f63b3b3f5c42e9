"""A provider: one price file, read strictly and checked as a whole."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from analyzer.errors import PriceError
from analyzer.prices.card import CARD_KEYS, FAMILIES, MODEL_KEYS, Card, Model, read_card, read_model
from analyzer.prices.fee import FEE_KEYS, Fee, ordered, read_fee
from analyzer.prices.offer import Offer, model_offer
from analyzer.prices.schedule import ALWAYS, KEYS, Schedule, read_schedule
from analyzer.prices.table import Table


@dataclass(frozen=True, slots=True)
class Provider:
    """The content of one price file.

    Attributes:
        id: Short name.
        title: The name for people.
        currencies: The provider's price lists; every card fills each of them.
        cache_unit: Tokens by which its prompt cache grows.
        schedules: By name.
        models: In the order of the file.
        cards: In the order of the file.
        offers: By model, the cards on the line of time.
        fees: What requests made for a model cost, by kind and time.
    """

    id: str
    title: str
    currencies: tuple[str, ...]
    cache_unit: int
    schedules: Mapping[str, Schedule]
    models: tuple[Model, ...]
    cards: tuple[Card, ...]
    offers: Mapping[str, Offer]
    fees: tuple[Fee, ...] = ()


def read_provider(text: str, where: str) -> Provider:
    """Read a price file.

    Args:
        text: The TOML.
        where: Its name, for errors.

    Raises:
        PriceError: It is no TOML, or breaks one of the rules of price data.
    """
    try:
        data = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:  # a number may be too long, tables may be nested too deeply
        raise PriceError(f"{where}: no valid TOML: {error}", "Mend the line that is named.") from error
    file = Table(data, where, ("provider", "title", "currencies", "cache_unit", "schedule", "model", "card", "fee"))
    schedules, models = _schedules(file), _models(file)
    currencies = file.texts("currencies")
    cards = []
    for table in file.tables("card", CARD_KEYS):
        card = read_card(table, schedules, currencies)
        for name in card.models:
            table.member("models", name, tuple(models))
        cards.append(card)
    offers = {
        model.id: model_offer(model, [card for card in cards if model.id in card.models]) for model in models.values()
    }
    listed = file.tables("fee", FEE_KEYS) if "fee" in file else []
    fees = [fee for table in listed for fee in read_fee(table, currencies)]
    return Provider(
        file.text("provider"),
        file.text("title"),
        currencies,
        _cache_unit(file),
        schedules,
        tuple(models.values()),
        tuple(cards),
        offers,
        ordered(fees, where),
    )


def _schedules(file: Table) -> dict[str, Schedule]:
    found = {ALWAYS.id: ALWAYS}
    for table in file.tables("schedule", KEYS) if "schedule" in file else []:
        schedule = read_schedule(table)
        if schedule.id in found:
            raise table.error(f"a second schedule {schedule.id!r}", "Give it another id.")
        found[schedule.id] = schedule
    return found


def _models(file: Table) -> dict[str, Model]:
    found: dict[str, Model] = {}
    for table in file.tables("model", MODEL_KEYS):
        model = read_model(table)
        if model.id in found or model.id in FAMILIES:
            raise table.error(f"the name {model.id!r} is taken", "Every model has one [[model]], and no family's name.")
        if any(model.family and (model.family, model.order) == (m.family, m.order) for m in found.values()):
            raise table.error(f"a second {model.family} of order {model.order}", "Give each its own place.")
        found[model.id] = model
    return found


def _cache_unit(file: Table) -> int:
    if "cache_unit" not in file:
        return 1
    unit = file.integer("cache_unit")
    if unit < 1:
        raise file.error("'cache_unit' is less than 1", "Leave it out where no unit is known.")
    return unit
