"""Exact sums of a column, whatever their size."""

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.simulate.result import total

MOST = 10**38 - 1  # what a column of DuckDB's largest decimals holds

units = st.one_of(st.none(), st.integers(-MOST, MOST), st.integers(-9, 9))


@given(st.lists(units, max_size=8))
def test_a_sum_is_that_of_whole_numbers_without_what_is_unknown(values: list[int | None]) -> None:
    """Two of the largest do not fit 128 bits, where a sum would run over and say nothing."""
    told = [None if value is None else Decimal(value) for value in values]
    table = pl.DataFrame({"cost": pl.Series(told, dtype=pl.Decimal(38, 0))})
    known = [value for value in values if value is not None]
    assert total(table, "cost") == (sum(known) if known else None)


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("sign", [1, -1])
def test_sums_at_the_edge_of_128_bits(count: int, sign: int) -> None:
    table = pl.DataFrame({"cost": pl.Series([Decimal(sign * MOST)] * count, dtype=pl.Decimal(38, 0))})
    assert total(table, "cost") == sign * count * MOST


def test_counts_are_summed_as_well() -> None:
    table = pl.DataFrame({"requests": [2**63 - 1, None, 2**63 - 1]})
    assert total(table, "requests") == 2**64 - 2
