"""How fast the program is, against what one could do by hand: ``python -m tests.benchmarks``."""
