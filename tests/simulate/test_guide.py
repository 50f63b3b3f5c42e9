"""The arithmetic of the guide that readers come from, through the real program, in both of the provider's price lists.

The guide is of the launch day, 2026-04-24: Flash 0.14 / 0.028 / 0.28 and Pro 1.74 / 0.145 / 3.48 USD per 1M tokens
(miss / hit / output); 1 / 0.2 / 2 and 12 / 1 / 24 CNY.
"""

from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from support import MILLION, call, spend, write

LAUNCH = ("--price-date", "2026-04-24", "--no-report", "--json", "--scenario", "all-flash", "--scenario", "all-pro")


@cache
def costs(log: Path, *options: str) -> dict[str, Decimal]:
    """Cost by scenario; of a log that is there already, worked out once."""
    run = spend("analyze", log, *LAUNCH, *options)
    assert run.code == 0, run.err
    return {each["name"]: Decimal(each["cost"]) for each in run.document["scenarios"]}


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten million output tokens and no input, in ten calls of one million."""
    calls = [
        call(id=f"o{number}", input_tokens=0, cache_read_tokens=0, output_tokens=1_000_000) for number in range(10)
    ]
    return write(tmp_path_factory.mktemp("logs") / "outputs.jsonl", *calls)


@pytest.mark.parametrize(
    ("currency", "flash", "pro"),
    [("USD", "2.80", "34.80"), pytest.param("CNY", "20", "240", marks=pytest.mark.endurance)],
)
def test_ten_million_output_tokens(outputs: Path, currency: str, flash: str, pro: str) -> None:
    found = costs(outputs, "--currency", currency)

    assert found["actual"] == Decimal(flash)
    assert found["all-flash"] == Decimal(flash)
    assert found["all-pro"] == Decimal(pro)


@pytest.mark.parametrize(
    ("currency", "effective"),
    # misses x price + hits x price: 0.2 x 1.74 + 0.8 x 0.145, and 0.2 x 12 + 0.8 x 1
    [("USD", "0.464"), pytest.param("CNY", "3.2", marks=pytest.mark.endurance)],
)
def test_pro_input_price_at_eighty_percent_hits(tmp_path: Path, currency: str, effective: str) -> None:
    calls = [
        call(id=f"i{number}", model="deepseek-v4-pro", input_tokens=200_000, cache_read_tokens=160_000, output_tokens=0)
        for number in range(5)
    ]
    log = write(tmp_path / "inputs.jsonl", *calls)

    found = costs(log, "--currency", currency)

    assert found["actual"] * MILLION / (5 * 200_000) == Decimal(effective)


@pytest.mark.parametrize(("currency", "ratio"), [("USD", "12.43"), ("CNY", "12.00")])
def test_output_of_pro_against_flash(outputs: Path, currency: str, ratio: str) -> None:
    found = costs(outputs, "--currency", currency)

    assert (found["all-pro"] / found["all-flash"]).quantize(Decimal("0.01")) == Decimal(ratio)


def test_the_terminal_says_the_same(outputs: Path) -> None:
    run = spend("analyze", outputs, "--price-date", "2026-04-24", "--no-report")

    lines = {line.split()[0]: line.split()[1] for line in run.out.splitlines() if line.startswith("all-")}
    assert lines == {"all-flash": "2.80", "all-pro": "34.80"}
    assert "prices of 2026-04-24" in run.out
