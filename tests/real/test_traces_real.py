"""Public traces: the block cache against the figure of the trace's own project, where the samples are at hand."""

import os
from pathlib import Path

import pytest
from support import BOOK

from analyzer.ingest.discovery import find
from analyzer.ingest.load import Manner, load
from analyzer.ledger import Ledger
from analyzer.simulate.relations import View, prepare
from analyzer.simulate.whatif import Simulation

TRACE = Path(os.environ.get("SPEND_SAMPLES", "")) / "flat-traces" / "mooncake_synthetic_trace.jsonl"
pytestmark = pytest.mark.skipif(not TRACE.is_file(), reason="SPEND_SAMPLES names no folder of real logs")


def test_the_block_cache_hits_what_the_mooncake_trace_is_known_to_hit() -> None:
    """65.12% of all input tokens of the synthetic trace; hits are not logged there, and it is shorter than a day."""
    with Ledger.throwaway() as ledger:
        found, _ = find((str(TRACE),))
        load(ledger, found, Manner(None, {"model": "gpt-4o", "time": "2026-10-01 00:00:00"}))
        prepare(ledger, BOOK, View())
        simulation = Simulation(ledger, BOOK, View())

        [told] = [row for row in simulation.self_test().rows(named=True) if row["requests"]]

    assert (told["cache_basis"], told["requests"], told["observed"]) == ("blocks, hits not logged", 3993, None)
    assert round(int(told["predicted"]) / int(told["input_tokens"]), 4) == 0.6512
