"""Text from logs, made safe to look at: what would act on a terminal or turn the text around is shown, not obeyed."""

import re
import unicodedata

LONGEST = 200

# C0 and C1 controls, line and paragraph separators, bidi controls, what takes no room (soft hyphens, joiners, fillers,
# annotations, tags), and lone surrogates: names that differ in them would look alike.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def visible(text: str, longest: int = LONGEST) -> str:
    """The text with its control characters spelled out, cut to at most ``longest`` characters."""
    shown = spelled(text[: longest + 1])
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def spelled(text: str) -> str:
    r"""The text, however long, with what cannot be seen written as ``\u001b``, or ``\udb40\udc41`` beyond 16 bits.

    Within a JSON document that is JSON's own way: the value stays the same.
    """
    return _UNSEEN.sub(lambda match: escaped(match[0]), text)


def escaped(text: str) -> str:
    """Every character as JSON escapes it."""
    units = text.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place : place + 2].hex()}" for place in range(0, len(units), 2))


def width(text: str) -> int:
    """Columns that the text takes on a terminal."""
    return sum(
        2 if unicodedata.east_asian_width(char) in "WF" else 0 if unicodedata.combining(char) else 1 for char in text
    )


def fitted(text: str, columns: int) -> str:
    """The text, without its middle where it has more than so many columns of a terminal: names differ at either end."""
    if width(text) <= columns:
        return text
    head, tail = "", ""
    while True:
        for end in (True, False):
            head, tail = (head, text[-len(tail) - 1] + tail) if end else (head + text[len(head)], tail)
            if width(head) + width(tail) > columns - 1:
                return f"{head}…{tail[1:]}" if end else f"{head[:-1]}…{tail}"


def fitted_path(path: str, columns: int) -> str:
    """The path, cut in front: its end tells it from the others of its folder."""
    if width(path) <= columns:
        return path
    while path and width(path) > columns - 1:
        path = path[1:]
    return "…" + path
