"""The words of the report and what they mean; wherever one stands in a heading, it links to its definition."""

import html
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from analyzer.report.script import asset


@dataclass(frozen=True)
class Word:
    """A word with its definition.

    Attributes:
        word: as its definition is headed.
        ident: the ``id`` of the definition in the page.
        means: the definition, as text.
    """

    word: str
    ident: str
    means: str


@cache
def words() -> Mapping[str, Word]:
    """All forms of all words, in small letters, in the order of the glossary."""
    found: dict[str, Word] = {}
    for entry in tomllib.loads(asset("glossary.toml"))["word"]:
        word = Word(
            entry["word"], "word-" + re.sub(r"[^a-z0-9]+", "-", entry["word"].lower()).strip("-"), entry["means"]
        )
        found |= dict.fromkeys(entry["names"], word)
    return found


@cache
def _forms() -> re.Pattern[str]:
    longest_first = sorted(words(), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b", re.IGNORECASE)


def linked(escaped: str, *, but: str = "") -> str:
    """Text that is HTML already, with the first of each word in it linked to its definition.

    Args:
        escaped: text of our own, escaped; never a name from a log, which must not become a link.
        but: the ``id`` of a word that is not linked.
    """
    seen = {but}

    def link(match: re.Match[str]) -> str:
        word = words()[match[0].lower()]
        if word.ident in seen:
            return match[0]
        seen.add(word.ident)
        return f'<a class="word" href="#{word.ident}">{match[0]}</a>'

    return _forms().sub(link, escaped)


def definitions() -> str:
    """The glossary itself, as the items of a ``<dl>``."""
    unique = dict.fromkeys(words().values())
    return "\n".join(
        f'<div><dt id="{word.ident}">{html.escape(word.word)}</dt>'
        f"<dd>{linked(html.escape(word.means), but=word.ident)}</dd></div>"
        for word in unique
    )
