"""Public traces: the block cache against the figure of the trace's own project, where the samples are at hand."""

import os
from pathlib import Path

import pytest
from support import BOOK, scenario

from analyzer.ingest.discovery import find
from analyzer.ingest.load import Manner, load
from analyzer.ledger import Ledger
from analyzer.simulate.relations import View, prepare
from analyzer.simulate.whatif import Simulation, total

TRACE = Path(os.environ.get("SPEND_SAMPLES", "")) / "flat-traces" / "mooncake_synthetic_trace.jsonl"
pytestmark = pytest.mark.skipif(not TRACE.is_file(), reason="SPEND_SAMPLES names no folder of real logs")


def test_the_block_cache_hits_what_the_mooncake_trace_is_known_to_hit() -> None:
    """65.12% of all input tokens of the synthetic trace, when nothing expires; hits are not logged there."""
    with Ledger.throwaway() as ledger:
        found, _ = find((str(TRACE),))
        load(ledger, found, Manner(None, {"model": "gpt-4o", "time": "2026-10-01 00:00:00"}))
        prepare(ledger, BOOK, View())
        simulation = Simulation(ledger, BOOK, View())

        result = simulation.price(scenario('default = "flash"\n[assume]\ncache_ttl = "3650d"'))
        estimated = simulation.self_test().row(0, named=True)

    hits = total(result.endpoints, "compared_modelled_hits") or 0
    assert result.cache_basis == "blocks"
    assert round(hits / (total(result.endpoints, "compared_input_tokens") or 1), 4) == 0.6512
    assert (estimated["observed"], int(estimated["predicted"])) == (None, hits)
