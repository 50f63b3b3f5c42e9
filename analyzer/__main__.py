"""``python -m analyzer`` is ``spend``."""

from analyzer.cli import main

main()
