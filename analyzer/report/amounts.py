"""Money as people read it. Exact amounts are rounded once for each shown table, so that its columns add up."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

UNKNOWN = "unknown"
_SIGNS = {"USD": "$", "CNY": "¥"}


def exact(amount: Decimal | None) -> str | None:
    """Full precision in plain notation without trailing zeros; None stays None."""
    if amount is None:
        return None
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def places_for(total: Decimal | None) -> int:
    """Decimals that show an amount: cents, or as many as give a small amount three digits."""
    if not total or abs(total) >= 1:
        return 2
    return max(2, min(15, 2 - total.adjusted()))


def rounded(amounts: Sequence[Decimal | None], places: int = 2, whole: Decimal | None = None) -> list[Decimal | None]:
    """Amounts of one column, rounded by largest remainder so that they add up; unknown ones stay unknown.

    Each is within one last digit of its exact value.

    Args:
        amounts: exact.
        places: decimals that are shown.
        whole: what they add up to as it is shown; None for their own sum, rounded half to even.
    """
    unit = Decimal(1).scaleb(-places)
    known = [amount for amount in amounts if amount is not None]
    floors = [amount.quantize(unit, ROUND_FLOOR) for amount in known]
    target = sum(known, Decimal(0)).quantize(unit, ROUND_HALF_EVEN) if whole is None else whole
    missing = int((target - sum(floors, Decimal(0))) / unit)
    by_remainder = sorted(range(len(known)), key=lambda place: known[place] - floors[place], reverse=missing >= 0)
    for number in range(abs(missing) if known else 0):  # seldom more than there are amounts
        floors[by_remainder[number % len(known)]] += unit if missing >= 0 else -unit
    found = iter(floors)
    return [None if amount is None else next(found) for amount in amounts]


def shown(amounts: Sequence[Decimal | None], places: int = 2, whole: Decimal | None = None) -> list[str]:
    """The same as texts. An unknown amount says so."""
    return [UNKNOWN if amount is None else plain(amount, places) for amount in rounded(amounts, places, whole)]


def nearest(amount: Decimal, places: int) -> Decimal:
    """One amount that adds up with nothing around it, half to even at the last place."""
    return amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)


def difference(amount: Decimal | None, other: Decimal | None, places: int) -> Decimal | None:
    """An amount less another as it is shown where both are: a reader who subtracts them finds the same.

    Every shown difference of two shown amounts comes from here. It is that of the amounts as they are shown, never the
    exact one rounded for itself, which may be a last digit more or less.
    Where the amounts stand in columns that add up they were rounded by :func:`rounded`, and are taken as they came out
    of it. Then the differences add up as well, to that of the totals, and are not to be rounded by largest remainder
    once more: only one of the two can hold, the lines' or their own remainders, and a reader sees the lines.

    Args:
        amount: exact, or rounded as it is shown.
        other: likewise; None is unknown.
        places: decimals that are shown of both.
    """
    return None if amount is None or other is None else nearest(amount, places) - nearest(other, places)


def plain(amount: Decimal, places: int) -> str:
    """One amount with thousands separators, half to even at the last place; never a negative zero."""
    rounded = nearest(amount, places)
    return f"{rounded or abs(rounded):,.{places}f}"


def plus(text: str) -> str:
    """An amount as text with the sign that a difference has; nothing has none."""
    return text if text.startswith("-") or not text.strip("0.,") else f"+{text}"


def priced(text: str, currency: str) -> str:
    """An amount with its currency's sign before it: ``$1.20``, ``-¥3.00``; the word unknown as it is."""
    if text == UNKNOWN:
        return text
    sign = _SIGNS.get(currency, currency + " ")
    return f"-{sign}{text[1:]}" if text.startswith("-") else sign + text


def trace(places: int, currency: str) -> str:
    """What an amount is less than that is something and yet shown as nothing."""
    return f"less than {priced(plain(Decimal(1).scaleb(-places), places), currency)}"


def told_apart(amounts: Sequence[Decimal], currency: str) -> list[str]:
    """Amounts with their currency, as they are shown; in full precision where they would look the same else."""
    places = max(map(places_for, amounts))
    texts = [plain(amount, places) for amount in amounts]
    if len(set(texts)) < len(set(amounts)):
        texts = [exact(amount) or UNKNOWN for amount in amounts]
    return [priced(text, currency) for text in texts]


def rate(share: float | None, places: int = 1) -> str:
    """A rate from 0 to 1 as percent."""
    return UNKNOWN if share is None else f"{share * 100:.{places}f}%"


def percent(part: Decimal | None, whole: Decimal | None) -> str:
    """A difference in percent of a whole, with its sign; unknown when either is, or the whole is nothing."""
    if part is None or not whole:
        return UNKNOWN
    share = f"{part / whole * 100:+,.1f}"
    return f"{share if share.strip('+-0.') else share[1:]}%"
