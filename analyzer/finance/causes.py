"""Causes: why a bill and a ledger differ in a bucket. Each difference gets one, asked for in a fixed order.

Is the bill in another currency; does the log name the model otherwise; can a line of the bill not be read; are the
tokens the same; would the other clock put the same tokens there; does the bill book calls later; do the requests, or
only the tokens, differ.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from analyzer.finance.bucket import OTHER, TYPES, Bucket, Key, Side
from analyzer.finance.sides import Sides

NOTHING = Side(tells_hits=True, tells_writes=True)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Compared:
    """What both sides say of a bucket; ``elsewhen`` is what the ledger's other clock puts there."""

    key: Key
    theirs: Side
    ours: Side
    elsewhen: Side
    renamed: bool


def lines(
    billed: Sides,
    computed: Sides,
    other: Sides,
    renamed: Mapping[Key, Side],
    *,
    same_list: bool,
    as_of: datetime | None,
) -> Iterable[Bucket]:
    """All lines of a reconciliation, in the order of time, model and key.

    Args:
        billed: what the bill says.
        computed: what the ledger comes to by the clock that was asked for.
        other: what it comes to by the other one.
        renamed: buckets of the bill that the log has under another name, with what it has there.
        same_list: whether both sides are in the same currency.
        as_of: a bucket that ends after this naive instant of UTC is not over; None takes all of them to be.
    """
    places = [
        Compared(
            key,
            billed.get(key, NOTHING),
            renamed.get(key) or computed.get(key, NOTHING),
            other.get(key, NOTHING),
            key in renamed,
        )
        for key in sorted({*billed, *computed}, key=str)
    ]
    late = _late(places, as_of)
    for place in places:
        yield from _told(place, _cause(place, same_list=same_list, late=place.key in late))


def renames(billed: Sides, computed: Sides, elsewhere: Sides) -> dict[Key, Key]:
    """Buckets of the bill that the log has not, and those that it has with the very same tokens under another name.

    ``elsewhere`` are calls of other sellers, or of nobody knows whom: a log may name them otherwise.
    """
    pairs: dict[Key, Key] = {}
    free: dict[tuple[object, ...], list[Key]] = {}
    ours = {**elsewhere, **computed}
    for key in sorted(ours.keys() - billed.keys(), key=str):
        free.setdefault(_place(key, ours[key]), []).append(key)
    for key in sorted(billed.keys() - computed.keys(), key=str):
        alike = free.get(_place(key, billed[key]), [])
        same = next((one for one in alike if billed[key].same_tokens(ours[one])), None)
        if same is not None and any(billed[key].tokens.values()):
            alike.remove(same)
            pairs[key] = same
    return pairs


def _place(key: Key, side: Side) -> tuple[object, ...]:
    output = side.tokens["output_tokens"]
    return key.start, key.end, key.api_key_name, sum(side.tokens.values()) - output, output


def _late(places: Sequence[Compared], as_of: datetime | None) -> set[Key]:
    """Buckets of calls that the bill books later than the log has them.

    Either the bucket is not settled yet, for all that a bill can tell, and has no more than the log; or what it lacks,
    the buckets right after it have too much, to the token.
    """
    found: set[Key] = set()
    ends = max((place.key.end for place in places if place.theirs is not NOTHING), default=None)
    apart = [
        place
        for place in places
        if not place.renamed
        and not place.theirs.unread
        and not place.theirs.same_tokens(place.ours)
        and not place.theirs.same_tokens(place.elsewhen)
    ]
    apart.sort(key=lambda place: (place.key.serves, str(place.key.api_key_name), place.key.start))
    for _, group in groupby(apart, key=lambda place: (place.key.serves, place.key.api_key_name)):
        series = list(group)
        counted = any(place.theirs.requests for place in series)
        run: list[Key] = []
        lacking: dict[str, int] = {}
        for place in series:
            if run and place.key.start != run[-1].end:
                run, lacking = [], {}
            more = place.ours.less(place.theirs)
            if counted:
                more["requests"] = place.ours.requests - place.theirs.requests
            if _unsettled(place.key, ends, as_of) and min(more.values()) >= 0:
                found.add(place.key)
            lacking = {kind: lacking.get(kind, 0) + more.get(kind, 0) for kind in {*lacking, *more}}
            run.append(place.key)
            if min(lacking.values()) < 0:
                run, lacking = [], {}
            elif not any(lacking.values()):
                found.update(run)
                run, lacking = [], {}
    return found


def _unsettled(key: Key, ends: datetime | None, as_of: datetime | None) -> bool:
    """Whether a bucket is not over, or is the bill's last hour: of that the rest stands in the export to come."""
    return (as_of is not None and key.end > as_of) or (key.end == ends and key.end - key.start <= _HOUR)


def _cause(place: Compared, *, same_list: bool, late: bool) -> str:  # noqa: PLR0911  (one return a cause reads best)
    theirs, ours = place.theirs, place.ours
    if not same_list:
        return "currency"
    if place.renamed:
        return "model-name"
    if theirs.unread:
        return "unknown"
    if theirs.same_tokens(ours):
        if theirs.unpriced or ours.unpriced:
            return "model-name"
        beside = theirs.itemised and all(theirs.money[kind] == ours.money[kind] for kind in TYPES if kind != OTHER)
        return "tokens" if beside else "price-window"  # of what is billed beside them there are other counts
    if theirs.same_tokens(place.elsewhen):
        return "price-window"
    if late:
        return "late-settlement"
    if not theirs.requests and any(theirs.tokens.values()):  # a bill that does not count calls
        return "tokens" if ours.requests else "missing-requests"
    if theirs.requests != ours.requests:
        return "missing-requests" if theirs.requests > ours.requests else "extra-requests"
    return "tokens" if theirs.requests else "unknown"


def _told(place: Compared, cause: str) -> Iterable[Bucket]:
    """The lines of a bucket: one for each type of tokens, or one for all where the bill states one sum."""
    key, theirs, ours, elsewhen = place.key, place.theirs, place.ours, place.elsewhen
    if not theirs.itemised:
        ours, elsewhen = ours.in_one(), elsewhen.in_one()
    by_clock = cause == "price-window" and not theirs.same_tokens(ours)
    for kind in TYPES if theirs.itemised else (OTHER,):
        told, known = (kind not in side.unknown for side in (theirs, ours))
        yours, mine = theirs.money[kind], ours.money[kind]
        if yours or mine or theirs.tokens[kind] or ours.tokens[kind] or not (told and known and theirs.itemised):
            same = told and known and yours == mine
            explained = _explained(cause, yours, elsewhen.money[kind] if by_clock else mine)
            yield Bucket(
                key.start, key.end, theirs.model or ours.model, key.api_key_name, kind,
                yours, mine, "match" if same else cause, told, known, explained,
            )  # fmt: skip


def _explained(cause: str, billed: int, computed: int) -> int:
    """What of the billed money the log accounts for: it has the tokens, at this or another time, and their price."""
    if cause == "currency" or billed <= 0:
        return 0
    return billed if cause == "late-settlement" else max(0, min(billed, computed))
