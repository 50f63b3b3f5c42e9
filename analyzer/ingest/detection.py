"""Detection: which format a log is in, from what its first records show."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from analyzer.errors import SourceError
from analyzer.ingest.evidence import Evidence, Record, lists
from analyzer.ingest.format import Format, formats

APART = "give each format a log of its own"


@dataclass(frozen=True)
class Choice:
    """The format taken for a log, and what else would have fitted, most specific first."""

    format: Format
    fitting: int
    of: int
    others: tuple[Format, ...]


@lru_cache(maxsize=1024)
def _possible(container: str, keys: frozenset[str]) -> tuple[tuple[str, tuple[Evidence, ...]], ...]:
    """Formats that a record with these keys may fit, by name, with what it must show for each.

    They are few of all, and the records of a log have few sets of keys.
    """
    candidates = (  # what is to have a value last: to look at the text of a whole object takes long
        (name, tuple(sorted((one.within(keys) for one in form.evidence), key=lambda one: bool(one.values))))
        for name, form in formats().items()
        if container in form.containers
    )
    return tuple((name, wanted) for name, wanted in candidates if all(evidence.paths for evidence in wanted))


def _fits(container: str, sample: Sequence[Record]) -> Counter[str]:
    """How many records show all the evidence of each format."""
    return Counter(
        name
        for record in sample
        for name, wanted in _possible(container, frozenset(record))
        if all(evidence.holds(record) for evidence in wanted)
    )


def fits(container: str, sample: Sequence[Record]) -> tuple[Format, ...]:
    """The formats whose evidence is shown by any of some records."""
    return tuple(formats()[name] for name in _fits(container, sample))


def strangers(container: str, sample: Sequence[Record], form: Format) -> tuple[str, ...]:
    """Formats of first records that do not show what the log's own format is known by, by name."""
    fits = (_fits(container, [record]).keys() for record in sample)
    names = {name for found in fits if form.name not in found for name in found}
    return tuple(sorted(name for name in names if not formats()[name].last_resort))


def _within(path: str, lists: Sequence[Sequence[str]]) -> SourceError:
    """What is to be said of a log whose records stand in lists within an object."""
    plain = all(key.isascii() and key.isidentifier() for under in lists for key in under)
    told = [".".join(under) for under in lists]
    lines = f"jq -c '{', '.join(f'.{under}[]' for under in told)}' LOG > LOG.jsonl" if plain else "give the list alone"
    return SourceError(
        f"{path}: its records stand in a list within an object, under {', '.join(under[:40] for under in told[:3])}",
        f"records must be a list at the top level, or one a line: {lines}",
    )


def detect(path: str, container: str, sample: Sequence[Record]) -> Choice:
    """The format of a log, from its first records.

    A format fits as well as the number of records that show all its evidence; of those that fit equally well the
    one with more evidence is taken. The format of last resort is taken when no other fits a quarter as many records as
    it does: of a log that mixes several providers' answers it can read most.

    Raises:
        SourceError: nothing fits, or two formats fit equally well with equally much evidence.
    """
    known = formats()
    fitting = [(known[name], count) for name, count in _fits(container, sample).items()]
    if not fitting:
        under = [keys for keys, records in lists(sample[0]) if _fits(container, records)] if sample else []
        if under:
            raise _within(path, under)
        # Capitals stand before small letters: of a CSV's names that stand there twice, the log's own is kept.
        spelled = {str(key).lower(): str(key)[:40] for record in sample[:1] for key in sorted(record, reverse=True)}
        keys = ", ".join(sorted(spelled.values())[:12]) or "none"
        raise SourceError(
            f"{path}: no format fits (keys of the first record: {keys})",
            "name one with --format, name its columns with --map, or see `spend formats`",
        )

    last = max((count for form, count in fitting if form.last_resort), default=0)

    def standing(item: tuple[Format, int]) -> tuple[bool, bool, int, int]:
        form, count = item
        return (not form.last_resort and 4 * count >= last, form.last_resort, count, len(form.evidence))

    fitting.sort(key=standing, reverse=True)
    best = fitting[0]
    ties = [form.name for form, count in fitting if standing((form, count)) == standing(best)]
    if len(ties) > 1:
        apart = strangers(container, sample, best[0])
        beside = f"; if it holds records of both, {APART}" if set(ties) & set(apart) else ""
        raise SourceError(f"{path}: fits {' and '.join(ties)} equally well", f"decide with --format {ties[0]}{beside}")
    return Choice(best[0], best[1], len(sample), tuple(form for form, _ in fitting[1:]))
