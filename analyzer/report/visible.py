"""Text from logs, made safe to look at: what would act on a terminal or turn the text around is shown, not obeyed."""

import re
import unicodedata

LONGEST = 200

# C0 and C1 controls, line and paragraph separators, bidi controls, and lone surrogates.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def visible(text: str, longest: int = LONGEST) -> str:
    """The text with its control characters spelled out, cut to at most ``longest`` characters."""
    spelled = _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text[: longest + 1])
    return spelled if len(spelled) <= longest else spelled[: longest - 1] + "…"


def width(text: str) -> int:
    """Columns that the text takes on a terminal."""
    return sum(
        2 if unicodedata.east_asian_width(char) in "WF" else 0 if unicodedata.combining(char) else 1 for char in text
    )
