"""What a scenario file may not say of rules and assumptions, and what is told instead."""

from collections.abc import Iterator

import pytest
from assumed import AS_LOGGED, priced, request
from support import scenario

from analyzer.errors import UsageError
from analyzer.ledger import Ledger


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    with Ledger.throwaway() as made:
        yield made


def test_a_glob_is_no_model_to_go_to() -> None:
    with pytest.raises(UsageError, match=r"default names a model without a price: acme-\*"):
        scenario('default = "acme-*"\n[prices]\n"acme-*" = { input = "1", output = "1" }')


@pytest.mark.parametrize(
    ("text", "problem", "remedy"),
    [
        ("[assume]\nhit_rate = 1.01", "assume.hit_rate is no number from 0 to 1", "hit_rate = 0.25"),
        ("[assume]\nhit_rate = 0.1234567", "assume.hit_rate has more than 6 decimals", "0.123457"),
        ("[assume]\nhit_rte = 0.5", "unknown key assume.hit_rte", "assume.hit_rate"),
        ('[assume]\ncache_ttl = "0h"', "assume.cache_ttl is not between 1m and", "24h"),
        ('[assume]\ncache_ttl = "1 week"', "assume.cache_ttl is no duration", "90m"),
        ("[assume]\noutput_ratio = { prx = 1.1 }", "output_ratio names a model without a price: prx", "pro"),
        ('[[route]]\nto = "pro"\nmin_input_tokens = 9223372036854775808', "is no whole number", "10_000"),
        ("[assume]\noutput_ratio = 1.1", "assume.output_ratio is no table", "output_ratio = {"),
        ("[assume]\noutput_ratio = { pro = -1 }", "assume.output_ratio holds no ratio", "1.10"),
        ('[assume]\nescalate = { from = "flash", to = "pro" }', "assume.escalate has no `rate`", "rate"),
        ('[assume]\nescalate = { from = "as-logged", to = "pro", rate = 1 }', "names a model without a price", "flash"),
        ('[assume]\noff_peak = { max_wait = "8d" }', "assume.off_peak.max_wait is not between", "24h"),
        ('[assume]\nfixed_fee = { amount = "lots" }', "assume.fixed_fee.amount is no amount of money", "200.00"),
        ('[assume]\ncache_ttl = "٢h"', "assume.cache_ttl is no duration", "8h"),
        ('[assume]\nfixed_fee = { amount = "2e2" }', "assume.fixed_fee.amount is no amount of money", "200.00"),
        ('[assume]\nfixed_fee = { amount = "2_00" }', "assume.fixed_fee.amount is no amount of money", "200.00"),
        ('[assume]\nfixed_fee = { amount = "-0" }', "assume.fixed_fee.amount is no amount of money", "200.00"),
        ('[assume]\nfixed_fee = { amount = " 200" }', "assume.fixed_fee.amount is no amount of money", "200.00"),
        ('[assume]\nfixed_fee = { amount = "٢٠٠" }', "assume.fixed_fee.amount is no amount of money", "200.00"),
        ('[assume]\nfixed_fee = { amount = 1, per = "year" }', "assume.fixed_fee.per is none of month", "month"),
        ('[[route]]\nto = "pro"\nshare = 0.1\ntoken_share = 0.1', "exclude each other", "leave one"),
        ('[[route]]\nto = "pro"\ntoken_share = 2', "route[1].token_share is no number from 0 to 1", "0.25"),
        ('[prices]\n"pro" = { inputs = "1" }', "unknown key 'inputs'", "input"),
    ],
)
def test_errors_name_the_file_the_key_and_what_would_do(text: str, problem: str, remedy: str) -> None:
    with pytest.raises(UsageError) as raised:
        scenario(text, "mine")

    assert str(raised.value).startswith("mine.toml: ")
    assert problem in str(raised.value)
    assert remedy in raised.value.remedy


@pytest.mark.endurance
def test_a_rule_may_name_thousands_of_endpoints(ledger: Ledger) -> None:
    names = ", ".join(f'"/e{number}"' for number in range(3000))

    [result] = priced(
        ledger,
        [request(endpoint="/e2999"), request(endpoint="/e3000")],
        scenario(f'{AS_LOGGED}[[route]]\nto = "pro"\nendpoint = [{names}]'),
    )

    assert result.moved == 1


def test_numbers_too_fine_for_the_sums_are_refused_with_a_remedy(ledger: Ledger) -> None:
    """Seven shares of six decimals each would need money in units of 1e-57."""
    rules = "".join('[[route]]\nto = "pro"\ntoken_share = 0.999999\n' for _ in range(7))

    with pytest.raises(UsageError, match="too fine") as raised:
        priced(ledger, [request(10**9, 10**9, 10**9)], scenario(AS_LOGGED + rules))

    assert "fewer decimals" in raised.value.remedy
