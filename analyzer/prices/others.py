"""All providers that have no file here: which of their models a log means, by the package ``genai-prices``.

Those of a provider that has a file here are never taken from it, nor for another seller of its models. What its models
cost is told by ``listed.py``; nothing else knows that package.
"""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING

from analyzer.prices.listed import Listed
from analyzer.prices.naming import Sold, seller

if TYPE_CHECKING:  # its data takes long to import; only what meets another provider's model should pay for it
    from genai_prices.data_snapshot import DataSnapshot

ANY_CLIENT = "openai"  # what clients call every server that speaks OpenAI's protocol
# Before the names of Google's models as resources of its APIs: https://google.aip.dev/122
_RESOURCE = re.compile(r"(?:.*\bpublishers/google/)?models/")
# Names that only Amazon Bedrock gives: the maker's before the model's, a geography's before both. Makers that it lists:
# https://docs.aws.amazon.com/bedrock/latest/userguide/models-supported.html
_BEDROCK = re.compile(
    r"(?:(?:apac|au|ca|eu|global|jp|us|us-gov)\.)?"
    r"(?P<maker>ai21|amazon|anthropic|cohere|deepseek|google|meta|minimax|mistral|moonshotai?|nvidia|openai|qwen|writer|zai)"
    r"\.[^/]+"
)


class Others:
    """The package's price list, without those of the providers that have a file here."""

    def __init__(self, ours: frozenset[str]) -> None:
        self._ours = ours

    @cached_property
    def _snapshot(self) -> "DataSnapshot":
        from genai_prices.data_snapshot import get_snapshot

        return get_snapshot()

    @cached_property
    def _our_models(self) -> frozenset[int]:
        """Which of its models are ours: for some sellers it falls back on the list of a model's maker."""
        mine = (provider for provider in self._snapshot.providers if provider.id in self._ours)
        return frozenset(id(model) for provider in mine for model in provider.models)

    @property
    def version(self) -> str:
        """The package's version: what its data is known by."""
        return f"genai-prices {version('genai-prices')}"

    def models(self) -> Iterator[str]:
        """All names that it lists, as ``provider/model``."""
        for provider in self._snapshot.providers:
            if provider.id not in self._ours:
                yield from (f"{provider.id}/{model.id}" for model in provider.models)

    def nearest(self, model: str) -> list[str]:
        """Up to three names that resemble this one, as ``provider/model``, most alike first."""
        by_length = sorted(self.models(), key=len, reverse=True)  # of several sellers the plainest name
        full = {name.rpartition("/")[2]: name for name in by_length}
        return [full[name] for name in get_close_matches(model.rpartition("/")[2], full, n=3, cutoff=0.7)]

    def find(self, sold: Sold) -> Listed | None:
        """The model that a log's words mean; None where they name none, or none without a guess."""
        name = sold.model.strip().lower()
        if resource := _RESOURCE.match(name):
            name = name[resource.end() :]
        bedrock = _BEDROCK.fullmatch(name)
        if bedrock and (sold.provider is None or seller(sold.provider) in (ANY_CLIENT, bedrock["maker"])):
            return self._sold_by("aws", name)
        if sold.provider is not None:
            word = seller(sold.provider)
            found = self._sold_by(word, name) or self._sold_by(word, name.removeprefix(f"{word}/"))
            return found if found or word != ANY_CLIENT else self.find(Sold(name))
        prefix, slash, rest = name.partition("/")
        if slash and (found := self._sold_by(seller(prefix), rest)):
            return found
        # The package's words for what is OpenAI's leave its embeddings and what one has tuned there out.
        return self._sold_by(ANY_CLIENT if name.startswith(("text-embedding-", "ft:")) else None, name)

    def _sold_by(self, provider: str | None, name: str) -> Listed | None:
        if provider in self._ours or not name:
            return None
        try:
            seller_of, model = self._snapshot.find_provider_model(name, None, provider, None)
        except LookupError:
            return None
        return None if seller_of.id in self._ours or id(model) in self._our_models else Listed(seller_of, model)
