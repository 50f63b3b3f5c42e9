"""What the history cost, and what it would have cost."""
