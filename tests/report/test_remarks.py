"""What is said beside a reconciliation."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
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
    time = (hours[0], hours[-1] + timedelta(hours=1)) if hours else None
    nothing = {
        "time": time,
        "part": False,
        "outside": 0,
        "elsewhere": 0,
        "exported": 0,
        "paid": {},
        "costs": {},
        "unfinished": (),
    }
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


def test_of_a_part_of_a_bill_the_edges_are_none_of_its_own() -> None:
    """The review of a month, of a bill that tells of the hours before and after it, too."""
    whole = found(["match", "missing-requests", "extra-requests", "match"])
    whole.buckets = whole.buckets[1:3]
    assert remarks(whole) == []


@pytest.mark.parametrize(
    ("part", "said"), [(True, ", in all of its time."), (False, ": what the usage billed comes to.")]
)
def test_a_cost_report_is_of_all_of_its_time(part: bool, said: str) -> None:
    whole = found(["match"])
    whole.part, whole.costs, whole.bill_currency, whole.billed = (
        part,
        {("costs", "USD"): Decimal("0.5")},
        "USD",
        5 * 10**14,
    )
    assert remarks(whole) == [f"The cost report says costs 0.5 USD{said}"]


def by_key(sums: Sequence[tuple[str | None, int, int]]) -> Any:
    """A reconciliation of an hour in the middle of others, by key: millionths billed and computed."""
    whole, million = found(["match"] * 3), 10**9
    hour = MIDNIGHT + timedelta(hours=1)
    whole.buckets = [
        *whole.buckets[:1],
        *(
            Bucket(hour, hour + timedelta(hours=1), "m", key, "output", billed * million, computed * million, "tokens")
            for key, billed, computed in sums
        ),
        *whole.buckets[2:],
    ]
    whole.currency = "USD"
    return whole


def test_keys_of_another_account_are_named_with_what_is_computed_for_them() -> None:
    beyond = "stands in its bill."
    assert remarks(by_key([("web", 5, 5), ("cn", 0, 7), ("cn", 0, 3)])) == [
        f"Nothing is billed for the key cn, for which 0.00001 USD are computed: a key of another account {beyond}"
    ]
    (told,) = remarks(by_key([("web", 5, 5), *((name, 0, 1) for name in "edcba")]))
    assert told.startswith("Nothing is billed for the keys a, b, c and 2 more, for which 0.000005 USD are computed: ")


@pytest.mark.parametrize(
    "sums",
    [
        [("web", 5, 5), ("cn", 1, 7)],  # something is billed for it: its calls are this bill's
        [("web", 5, 5), ("cn", 0, 0)],  # nothing is computed either
        [("web", 5, 5), (None, 0, 7)],  # calls without a key are no key's
    ],
)
def test_other_keys_are_not(sums: Sequence[tuple[str | None, int, int]]) -> None:
    assert remarks(by_key(sums)) == []
