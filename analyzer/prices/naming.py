"""What the words of a log mean: which provider sold a request, and in which service tier."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

STANDARD = "standard"
NAMES = "names.toml"
# Behind the tier of a request that was to be answered in the United States alone (`placed_tier` of formats).
_IN_US = "/us"


@dataclass(frozen=True, slots=True)
class Sold:
    """What a log says was called: its own words, unknown where it has none.

    Attributes:
        model: the model.
        provider: who served it.
        service_tier: batch, flex, priority, ...; batch/us where it was to be answered in the United States alone.
    """

    model: str
    provider: str | None = None
    service_tier: str | None = None


@cache
def _names() -> Mapping[str, Mapping[str, object]]:
    return tomllib.loads(files("analyzer.prices").joinpath(NAMES).read_text(encoding="utf-8"))


def seller(provider: str) -> str:
    """The price book's word for a provider, lower-case; the word itself where it has no other."""
    word = provider.strip().lower()
    return str(_names()["providers"].get(word, word))


@cache
def _tiers() -> Mapping[str, str]:
    listed = _names()["tiers"].items()
    return {word: tier for tier, words in listed if isinstance(words, list) for word in words}


def tier(service_tier: str | None) -> str | None:
    """The tier that a word means, ``standard`` where there is none; None for a word that means none we know."""
    if service_tier is None or not service_tier.strip():
        return STANDARD
    return _tiers().get(service_tier.strip().lower().removesuffix(_IN_US))


def in_us(service_tier: str | None) -> bool:
    """Whether a request was to be answered in the United States alone, for which some ask more."""
    return service_tier is not None and service_tier.strip().lower().endswith(_IN_US)
