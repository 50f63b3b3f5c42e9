"""The ledger: one DuckDB file that holds every request, and the only room where a connection lives."""

from analyzer.ledger.ledger import Ledger

__all__ = ["Ledger"]
