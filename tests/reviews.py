"""Reviews as tests ask for them: short ones, without their files."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from support import ROOT, Ended, spend, write

SHORT = ("--no-report", "--no-workbook", "--quiet")
TELLING = ("--no-report", "--no-workbook", "--scenario", "all-flash")  # notes as well
SAMPLES = ROOT / "sample_logs"
# A million tokens of output on Flash in May and June: 0.28.
MILLION = {"input_tokens": 0, "cache_read_tokens": 0, "output_tokens": 1_000_000}


def review(month: str, *arguments: str | Path) -> Ended:
    return spend("review", month, *arguments, *SHORT, "--scenario", "all-flash")


def document(path: Path, month: str, *records: Mapping[str, object], more: tuple[str, ...] = ()) -> dict[str, Any]:
    return review(month, write(path / "log.jsonl", *records), "--json", *more).document


def amounts(lines: list[dict[str, Any]], key: str = "amount") -> Decimal:
    return sum((Decimal(line[key]) for line in lines if line[key] is not None), Decimal(0))


def plan(path: Path, text: str) -> Path:
    """A ``spend.toml`` in a folder, under another name."""
    path.joinpath("plan.toml").write_text(text, encoding="utf-8")
    return path / "plan.toml"
