"""Logs as they were written, read by another engine where they lie."""
