"""What some price lists bill apart: tokens that are no text, and requests that a provider makes for a model.

A log counts them beside its token counts. Tokens are in those counts as well: what one of them costs more, or less,
than the text that it was counted as, is what pricing adds.
"""

from collections.abc import Mapping
from typing import Final

# Of which price each kind of tokens is a part.
TOKENS: Final = {
    "input_audio": "input",
    "cache_read_audio": "cache_read",
    "input_image": "input",
    "cache_read_image": "cache_read",
    "output_audio": "output",
    "output_image": "output",
}
# Searches of the web, fetches of a page, searches of files: made by the provider while the model answers.
REQUESTS: Final = ("search", "fetch", "file_search")
UNITS_PER_KILO: Final = 10**12  # a price of 1 per 1,000 requests, in units of 1e-15 per request

Apart = tuple[tuple[str, int], ...]  # by kind, in units of 1e-15 of the currency per token or request


def added(prices: Mapping[str, int | None], apart: Apart) -> dict[str, int]:
    """What each unit adds to the price of the text that it was counted as; nothing of tokens that cost the same.

    Tokens that were read from the cache are among those of the input: they take back what those add, and add their own.
    Where they have no price of their own, they cost what a cached text token costs, or what the kind costs where a list
    knows no other price for hits.

    Args:
        prices: of text, by ``input``, ``cache_read`` and ``output``.
        apart: what is billed apart.
    """
    told = dict(apart)
    more: dict[str, int] = {}
    for kind, text in TOKENS.items():
        base = prices[text]
        if base is None:
            continue
        if text == "cache_read":
            fresh = kind.replace("cache_read", "input")
            hit = told.get(kind, told.get(fresh, base) if base == prices["input"] else base)
            more[kind] = hit - base - more.get(fresh, 0)
        elif kind in told:
            more[kind] = told[kind] - base
    more |= {kind: told[kind] for kind in REQUESTS if kind in told}
    return {kind: amount for kind, amount in more.items() if amount or kind in told}
