"""Fuzzing of all that reads logs: ``python -m tests.fuzz --seconds 60 --seed 1``; what must hold is in ``laws.py``."""
