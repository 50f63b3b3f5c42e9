"""What is said beside a reconciliation."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from analyzer.finance.bucket import Bucket
from analyzer.report.remarks import remarks

MIDNIGHT = datetime(2026, 10, 1)


def found(causes: Sequence[str]) -> Any:
    """A reconciliation of one bucket an hour, each with its cause, of which nothing else is to be said."""
    hours = [MIDNIGHT + timedelta(hours=number) for number in range(len(causes))]
    buckets = [
        Bucket(hour, hour + timedelta(hours=1), "m", None, "output", 1, 1, cause)
        for hour, cause in zip(hours, causes, strict=True)
    ]
    nothing = {"outside": 0, "elsewhere": 0, "exported": 0, "paid": {}, "costs": {}, "unfinished": ()}
    return SimpleNamespace(buckets=buckets, found=SimpleNamespace(straddling=0), keyed=True, **nothing)


@pytest.mark.parametrize(
    ("causes", "where"),
    [
        (["missing-requests", "match", "match"], "first bucket, before"),
        (["match", "match", "extra-requests"], "last bucket, after"),
        (["missing-requests", "match", "extra-requests"], "first and the last bucket, before and after"),
        (["match", "missing-requests", "match"], None),
        (["match", "extra-requests", "match"], None),
        (["extra-requests", "match", "missing-requests"], None),
        ([], None),
    ],
)
def test_what_the_edges_of_a_bill_cannot_tell(causes: Sequence[str], where: str | None) -> None:
    """The log lacks calls that were billed first, or has calls that were billed after the last bucket."""
    told = remarks(found(causes))
    if where is None:
        assert told == []
    else:
        which, beside = where.split(", ")
        assert told == [
            f"In the bill's {which}, calls may have been booked across its edge: give the export of the time {beside} it"
            " as well, to see."
        ]
