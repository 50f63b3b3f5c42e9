"""Whatever mix of logs is read, in whatever order, copied, packed or cut: every record ends in one class, each request
counts once."""

import bz2
import gzip
import lzma
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from conftest import counts, empty, load_paths, rows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_formats import NAMES, logs

from analyzer.ledger import Ledger

LOGS = [log for name in NAMES for log in logs(name)]
PACKINGS: list[Callable[[bytes], bytes]] = [bytes, gzip.compress, bz2.compress, lzma.compress]

Told = list[tuple[object, ...]]


def requests(ledger: Ledger) -> Told:
    """The requests, apart from where they were read."""
    return rows(ledger, "SELECT * EXCLUDE (source_id, record, records) FROM requests ORDER BY ALL")


@cache
def content(log: Path) -> bytes:
    return log.read_bytes()


@pytest.mark.endurance
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.integers(0, len(LOGS) - 1), min_size=1, max_size=6, unique=True),
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from(PACKINGS)), max_size=3),
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_copies_packings_and_order_change_no_request(
    shared: Ledger,
    chosen: list[int],
    copied: list[tuple[int, Callable[[bytes], bytes]]],
    at_once: bool,
    random: st.randoms,  # type: ignore[valid-type]
) -> None:
    empty(shared)
    load_paths(shared, *(LOGS[number] for number in chosen))
    counts(shared)
    once = requests(shared)
    with TemporaryDirectory() as folder:
        paths = [LOGS[number] for number in chosen]
        for number, (which, pack) in enumerate(copied):
            copy = Path(folder) / f"{number}.log"
            copy.write_bytes(pack(content(LOGS[chosen[which % len(chosen)]])))
            paths.append(copy)
        random.shuffle(paths)  # type: ignore[attr-defined]
        empty(shared)
        for command in [paths] if at_once else [[path] for path in paths]:
            load_paths(shared, *command)
        counts(shared)
        assert requests(shared) == once


@pytest.mark.endurance
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(0, len(LOGS) - 1),
    st.floats(0, 1),
    st.sampled_from(PACKINGS),
    st.sampled_from([b"", b"\n", b'{"id": }\n']),
)
def test_a_log_that_is_cut_anywhere_keeps_the_law(
    shared: Ledger, number: int, share: float, pack: Callable[[bytes], bytes], more: bytes
) -> None:
    """Cut, then whole again: nothing is lost, and nothing counts twice."""
    log = LOGS[number]
    empty(shared)
    load_paths(shared, log)
    whole = requests(shared)
    with TemporaryDirectory() as folder:
        path = Path(folder) / log.name
        cut = content(log)[: int(share * len(content(log)))] + more
        path.write_bytes(pack(cut))
        empty(shared)
        load_paths(shared, path)
        counts(shared)
        path.write_bytes(pack(content(log)))
        load_paths(shared, path)
        counts(shared)
        assert {row[1] for row in requests(shared)} >= {row[1] for row in whole}
