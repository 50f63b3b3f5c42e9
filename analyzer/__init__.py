"""`spend`: what LLM API usage logs say was spent, and what other models would have cost."""

__version__ = "0.1.0"
