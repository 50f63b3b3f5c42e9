"""Names without keys in them: what a ledger holds of a name, for names that a user writes to be held against it.

The same as the macros ``unkeyed`` and ``masked`` of ``macros.sql``. A key that somebody writes into ``spend.toml`` or a
scenario is shown nowhere, and means what logs tell under that key.
"""

import re

_SHORT = 20  # bytes; no key is shorter
_LONG = 24
_KINDS = r"(?:sk|pk|rk|xai|glpat|xox[abeprs])-|(?:gsk|gh[opsu]|ghr|github_pat|hf|r8)_|AIza|AKIA|ASIA|eyJ|ya29\.|Bearer "
_OPENINGS = ("pk", "rk", "xa", "gs", "AI", "AK", "AS", "gh", "gi", "gl", "xo", "hf", "r8", "ey", "ya", "Be")
_INSIDE = re.compile(rf"\b(?:{_KINDS})[-_A-Za-z0-9.=]{{16,}}", re.ASCII)
_REPLACED = re.compile(rf"\b({_KINDS})[-_A-Za-z0-9.=]{{12,}}([-_A-Za-z0-9.=]{{4}})", re.ASCII)
_KEY = re.compile(r"(?:Bearer\s+)?(?:sk|pk|rk|xai|gsk|AIza|key|ak|hf|r8|eyJ)[-_A-Za-z0-9.]{12,}", re.ASCII)
_FILE = re.compile(r"\.[a-z]{2,8}(?:\.(?:gz|zst))?")
_RANDOM = re.compile(r"[A-Za-z0-9+/=_.-]+")
_WORDS = re.compile(r"[a-z]{3,}[-_. ][a-z]{3,}")
# In a path the endings stay, and what is written in words or is a date is no key.
_IN_PATH = re.compile(rf"\b({_KINDS})[-_A-Za-z0-9=]{{12,}}([-_A-Za-z0-9=]{{4}})", re.ASCII)
_RUN = re.compile(r"[A-Za-z0-9]{12,}")
_DIGIT = re.compile(r"[0-9]")
_LETTER = re.compile(r"[A-Za-z]")


def unkeyed(name: str) -> str:
    """A name without keys of known kinds in it."""
    if len(name.encode("utf-8", "surrogatepass")) < _SHORT or not ("sk-" in name or name[:2] in _OPENINGS):
        return name
    return _REPLACED.sub(r"\1…\2", name) if _INSIDE.search(name) and _DIGIT.search(name) else name


def unkeyed_path(path: str) -> str:
    """A path without keys of known kinds; what stands behind a dot stays.

    A path is what a log is known by: only what is plainly drawn by chance is taken for a key. See :func:`keyless`.
    """
    return _IN_PATH.sub(lambda found: f"{found[1]}…{found[2]}" if _is_drawn(found[0]) else found[0], path)


def _is_drawn(text: str) -> bool:
    """Whether there are letters mixed with digits for as long as in no word and no date."""
    return any(_DIGIT.search(run) and _LETTER.search(run) for run in _RUN.findall(text))


def keyless(sentence: str) -> str:
    """A sentence without keys of known kinds in it, wherever they stand; of the name of a file the ending stays."""

    def shortened(match: re.Match[str]) -> str:
        found = match[0]
        name = any(_FILE.fullmatch(found, place) for place, letter in enumerate(found) if letter == ".")
        if name:
            return unkeyed_path(found)
        return _REPLACED.sub(r"\1…\2", found) if _DIGIT.search(found) else found

    return _INSIDE.sub(shortened, sentence)


def masked(name: str) -> str:
    """A key's name: what looks like a secret as a whole is its first three and last four characters."""
    told = name.strip(" ")
    drawn = len(told) >= _LONG and _RANDOM.fullmatch(told) and _DIGIT.search(told) and _LETTER.search(told)
    if _KEY.fullmatch(told) or (drawn and not _WORDS.search(told)):
        return f"{told[:3]}…{told[-4:]}"
    return unkeyed(told)
