"""Waiting: the lowest price that a request meets within the time that it can wait."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby, pairwise

from analyzer.prices import Interval


def waited(intervals: Iterable[Interval], longest: timedelta, end: datetime) -> list[Interval]:
    """The prices of requests that may wait, by the instant at which they begin to.

    Args:
        intervals: prices in force, up to ``longest`` after ``end``.
        longest: how long a request may wait; it may also begin at that very instant.
        end: no request begins to wait at or after this.

    Returns:
        Intervals with the price, and its window, of the cheapest of those within reach: the lowest by input, then
        output, then cache reads. What else is known of an instant stays as it was.
    """
    by_size = sorted(_banded(list(intervals)), key=lambda one: (one.input_from, one.start))
    return [
        found
        for _, same in groupby(by_size, key=lambda one: one.input_from)
        for found in _one_size(list(same), longest, end)
    ]


def _banded(intervals: list[Interval]) -> Iterator[Interval]:
    """The same, cut wherever any of them begins or ends to hold by the input's size.

    Prices may come to hang on the size while a request waits: then those before have to be told by the same sizes.
    """
    bounds = sorted({bound for one in intervals for bound in (one.input_from, one.input_to) if bound})
    for one in intervals:
        inside = [at for at in bounds if one.input_from < at and (one.input_to is None or at < one.input_to)]
        for least, most in zip((one.input_from, *inside), (*inside, one.input_to), strict=True):
            yield replace(one, input_from=least, input_to=most) if inside else one


def _one_size(intervals: list[Interval], longest: timedelta, end: datetime) -> Iterator[Interval]:
    opens = [one.start - longest for one in intervals]
    edges = sorted({edge for one in intervals for edge in (one.start, one.end)} | set(opens))
    here = reach = 0
    for begin, until in pairwise(edges):
        while intervals[here].end <= begin:  # the last ends with the last edge
            here += 1
        while reach < len(intervals) and intervals[reach].start <= begin + longest:
            reach += 1
        if not intervals[here].start <= begin < end:
            continue
        best = min(intervals[here:reach], key=_dearness)
        yield replace(
            intervals[here],
            start=begin,
            end=min(until, end),
            window=best.window,
            input=best.input,
            cache_read=best.cache_read,
            cache_write=best.cache_write,
            cache_write_1h=best.cache_write_1h,
            output=best.output,
            request=best.request,
            apart=best.apart,
            dearer=best.dearer,
        )


def _dearness(interval: Interval) -> tuple[bool, tuple[int, ...]]:
    """Unknown prices come last."""
    figures = (interval.input, interval.output, interval.cache_read)
    return any(figure is None for figure in figures), tuple(figure or 0 for figure in figures)
