"""Faults that take long to try often enough: ``python -m tests.endurance``. The default suite tries each a few times."""
