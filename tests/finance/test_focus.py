"""FOCUS: rows that validators pass, and what validators do not see: products, sums, periods, and ids that stay."""

import csv
import io
import json
import os
import re
import subprocess
from calendar import monthrange
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support import BOOK, CALM, FLASH, PRO, ROOT, call, cost, spend, write

SAMPLES = ROOT / "sample_logs"
Row = dict[str, str]

# The rules of the official validator that no file can pass: two halves of an either-or, of which one always fails.
FALSE_ALARMS = {"InvoiceId-C-004-C", "InvoiceId-C-005-C"}
CRITERIA = (
    "UNIT_PRICING_SUPPORTED", "PUBLIC_PRICE_LIST_SUPPORTED", "USAGE_MEASUREMENT_SUPPORTED", "TAGGING_SUPPORTED",
    "SUB_ACCOUNT_SUPPORTED", "NEGOTIATED_PRICING_SUPPORTED",
)  # fmt: skip

HOSTILE = ["=1+1", '"; DROP TABLE x; --', "a,b\nc", "<script>", 'x{"a": 1}', "x" * 300]
OWN = """[prices]
"deepseek-v4-pro" = { discount = "50%" }
"gpt-realtime" = { input_audio = "20" }
acme = { input = "1", output = "2", search = "4", fetch = "0.5" }
"""


def audio(number: int, cached: int | None) -> dict[str, object]:
    """A reply with audio: 100 tokens in, 60 of them audio, 10 out, 4 of them audio."""
    given: dict[str, int] = {"audio_tokens": 60} | ({} if cached is None else {"cached_tokens": cached})
    return call(
        id=f"audio-{number}", ts=f"2026-11-20T12:{number:02}:00Z", model="gpt-realtime", endpoint="/voice",
        input_tokens=..., cache_read_tokens=..., output_tokens=...,
        usage={
            "prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110, "prompt_tokens_details": given,
            "completion_tokens_details": {"audio_tokens": 4},
        },
    )  # fmt: skip


SEARCHED = call(
    id="searched", ts="2026-11-20T12:00:00Z", model="acme", input_tokens=..., cache_read_tokens=..., output_tokens=...,
    usage={"input_tokens": 100, "output_tokens": 10, "server_tool_use": {"web_search_requests": 2, "web_fetch_requests": 1}},
)  # fmt: skip
MIXED = [
    *(call(id=f"hostile-{n}", endpoint=name, team=name, api_key_name=name) for n, name in enumerate(HOSTILE)),
    *(audio(number, cached) for number, cached in enumerate([None, 0, 30, 80])),
    SEARCHED,
    call(id="small", ts="2026-10-12T02:10:00Z", model="gemini-2.5-pro", input_tokens=3000),
    call(id="large", ts="2026-10-12T02:10:00Z", model="gemini-2.5-pro", input_tokens=300_000),
    call(id="written", ts="2026-10-12T02:10:00Z", model="claude-sonnet-4-5", provider="anthropic",
         usage={"input_tokens": 300, "cache_read_input_tokens": 600, "cache_creation_input_tokens": 100, "output_tokens": 9,
                "cache_creation": {"ephemeral_5m_input_tokens": 60, "ephemeral_1h_input_tokens": 40}},
         input_tokens=..., cache_read_tokens=..., output_tokens=...),
    call(id="peak", ts="2026-10-12T02:10:00Z", model="deepseek-v4-pro", team="search"),
    call(id="failed", ts="2026-10-12T02:20:00Z", model="deepseek-v4-pro", team="search", status="500"),
    call(id="nobody", model="nobody-knows-it"),
    call(id="nothing", input_tokens=..., cache_read_tokens=..., output_tokens=...),
    call(id="leap", ts="2028-02-29T23:59:59Z"),
    call(id="year", ts="2026-12-31T23:00:00Z", team=None, endpoint=None),
]  # fmt: skip


pytestmark = pytest.mark.usefixtures("here")


@pytest.fixture(scope="module")
def subjects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, ...]]:
    """What is exported, as the words of a command: the sample logs, and one that has everything else."""
    folder = tmp_path_factory.mktemp("mixed")
    (folder / "own.toml").write_text(OWN, encoding="utf-8")
    samples, mixed = folder / "samples.duckdb", folder / "mixed.duckdb"
    spend("ingest", "--db", samples, SAMPLES)
    spend("ingest", "--db", mixed, write(folder / "mixed.jsonl", *MIXED))
    return {"samples": ("--db", str(samples)), "mixed": ("--db", str(mixed), "--prices", str(folder / "own.toml"))}


@pytest.fixture(scope="module")
def totals(subjects: dict[str, tuple[str, ...]]) -> dict[str, dict[str, Any]]:
    """What the totals of each are; that those are the analysis's, test_export.py sees to."""
    asked = {name: spend("query", "totals", *words, "--format", "json") for name, words in subjects.items()}
    return {name: run.document["rows"][0] for name, run in asked.items()}


@pytest.fixture(scope="module")
def exported(subjects: dict[str, tuple[str, ...]]) -> dict[str, list[Row]]:
    """The rows of each."""
    return {name: focus(*words) for name, words in subjects.items()}


def focus(*words: str | Path) -> list[Row]:
    run = spend("export", *words, "--focus", "--output", "-")
    assert run.code == 0, run.err
    return list(csv.DictReader(io.StringIO(run.out, newline="")))


def number(row: Mapping[str, str], column: str) -> Decimal:
    return Decimal(row[column])


EACH = pytest.mark.parametrize("name", ["samples", "mixed"])


# ------------------------------------------------------------------------------------------------ invariants


@EACH
def test_quantity_times_price_is_the_cost(name: str, exported: dict[str, list[Row]]) -> None:
    """Exactly, in every row."""
    assert exported[name]
    for row in exported[name]:
        quantity = number(row, "PricingQuantity")
        assert quantity * number(row, "ListUnitPrice") == number(row, "ListCost")
        assert quantity * number(row, "ContractedUnitPrice") == number(row, "ContractedCost")
        size = int(row["PricingUnit"].split()[0])
        assert quantity * size == number(row, "ConsumedQuantity") > 0
        assert row["PricingUnit"].split()[1] == row["ConsumedUnit"]
        assert number(row, "ListUnitPrice") >= 0


@EACH
def test_costs_add_up_to_the_total(
    name: str, exported: dict[str, list[Row]], totals: dict[str, dict[str, Any]]
) -> None:
    for column in ("BilledCost", "EffectiveCost", "ContractedCost"):
        assert sum(number(row, column) for row in exported[name]) == Decimal(totals[name]["cost"])


@EACH
def test_calls_add_up(name: str, exported: dict[str, list[Row]], totals: dict[str, dict[str, Any]]) -> None:
    """Those that have a cost: each hour's number stands on one row."""
    assert sum(int(row["x_RequestCount"]) for row in exported[name]) == totals[name]["priced"]


@EACH
def test_tokens_add_up(name: str, exported: dict[str, list[Row]], subjects: dict[str, tuple[str, ...]]) -> None:
    """Text, audio and images, read, missed and written, are all of the input, and none of it twice."""
    run = spend("export", *subjects[name], "--csv", "--output", "-")
    lines = [row for row in csv.DictReader(io.StringIO(run.out)) if row["priced"] == "true"]

    for meter, column in (("Input Tokens", "input_tokens"), ("Output Tokens", "output_tokens")):
        metered = sum(number(row, "ConsumedQuantity") for row in exported[name] if row["SkuMeter"] == meter)
        assert metered == sum(int(line[column]) for line in lines)


@EACH
def test_periods_are_utc_hours_and_months(name: str, exported: dict[str, list[Row]]) -> None:
    for row in exported[name]:
        texts = [row[f"{kind}Period{end}"] for kind in ("Charge", "Billing") for end in ("Start", "End")]
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:00:00Z", text) for text in texts)
        start, end, opens, closes = map(datetime.fromisoformat, texts)
        assert end - start == timedelta(hours=1)
        assert opens == datetime(start.year, start.month, 1, tzinfo=UTC)
        assert closes - opens == timedelta(days=monthrange(start.year, start.month)[1])
        assert opens <= start < end <= closes


@EACH
def test_numbers_are_plain_decimals(name: str, exported: dict[str, list[Row]]) -> None:
    """No exponent, no sign, and always a point: a validator reads what has none as a count."""
    columns = [name for name in exported[name][0] if re.search("Cost$|Quantity$|UnitPrice$", name)]

    assert len(columns) == 11
    for row in exported[name]:
        assert all(re.fullmatch(r"\d+\.\d+", row[column]) for column in columns)


@EACH
def test_a_price_belongs_to_one_sku(name: str, exported: dict[str, list[Row]]) -> None:
    by_price: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    meters: dict[str, set[str]] = defaultdict(set)
    for row in exported[name]:
        by_price[row["SkuPriceId"]].add((row["SkuId"], row["SkuPriceDetails"], row["PricingUnit"]))
        meters[row["SkuId"]].add(row["SkuMeter"])

    assert {len(found) for found in [*by_price.values(), *meters.values()]} == {1}


@EACH
def test_a_price_is_one_at_an_hour(name: str, exported: dict[str, list[Row]]) -> None:
    """Unless the list changed within that hour."""
    prices: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in exported[name]:
        prices[row["SkuPriceId"], row["ChargePeriodStart"]].add(row["ListUnitPrice"])

    assert {len(found) for found in prices.values()} == {1}


# ------------------------------------------------------------------------------------------------ by hand


def test_one_call_by_hand(here: Path) -> None:
    """1,000 tokens in, 600 of them from the cache, 100 out, on Flash: three rows."""
    rows = focus(write(here / "a.jsonl", call(api_key_name="ci", team="search")))

    told = {row["SkuPriceId"]: (row["ConsumedQuantity"], row["PricingQuantity"], row["ListUnitPrice"]) for row in rows}
    assert told == {
        "deepseek-v4-flash/input-tokens/uncached/all": ("400.0", "0.0004", "0.14"),
        "deepseek-v4-flash/input-tokens/cache-read/all": ("600.0", "0.0006", "0.0028"),
        "deepseek-v4-flash/output-tokens/all": ("100.0", "0.0001", "0.28"),
    }
    assert sum(number(row, "BilledCost") for row in rows) == cost(FLASH, 400, 600, 100)
    output = next(row for row in rows if row["SkuMeter"] == "Output Tokens")
    same = {
        "BillingAccountId": "DeepSeek", "BillingCurrency": "USD", "ChargeCategory": "Usage", "ChargeClass": "",
        "ChargeDescription": "deepseek-v4-flash output tokens, all", "ChargeFrequency": "Usage-Based",
        "ChargePeriodStart": "2026-05-01T10:00:00Z", "BillingPeriodEnd": "2026-06-01T00:00:00Z", "InvoiceId": "",
        "InvoiceIssuerName": "DeepSeek", "ProviderName": "DeepSeek", "PublisherName": "DeepSeek", "PricingUnit": "1000000 Tokens",
        "ResourceId": "ci", "ResourceType": "API Key", "ServiceCategory": "AI and Machine Learning",
        "ServiceSubcategory": "Generative AI", "SkuId": "deepseek-v4-flash/output-tokens", "SubAccountId": "search",
        "SubAccountType": "Team", "Tags": '{"endpoint":"/chat"}', "x_RequestCount": "1", "PricingCategory": "Standard",
    }  # fmt: skip
    assert {column: output[column] for column in same} == same
    assert json.loads(output["SkuPriceDetails"]) == {
        "x_ModelId": "deepseek-v4-flash", "x_TokenDirection": "Output", "x_TokenModality": "Text", "x_PriceWindow": "all",
        "x_ServiceTier": "standard",
    }  # fmt: skip


def test_a_price_change_keeps_the_id(here: Path) -> None:
    """Pro cost 3.48 for its first day, 0.87 after: the same id, the new price."""
    log = write(
        here / "a.jsonl",
        call(id="before", model="deepseek-v4-pro", ts="2026-04-24T12:00:00Z"),
        call(id="after", model="deepseek-v4-pro", ts="2026-05-01T12:00:00Z"),
    )

    prices = {row["ListUnitPrice"] for row in focus(log) if row["SkuPriceId"] == "deepseek-v4-pro/output-tokens/all"}

    assert prices == {"3.48", "0.87"}


def test_a_change_within_the_hour_makes_two_rows(here: Path) -> None:
    """Hits on Pro fell from 0.03625 to 0.003625 on 2026-04-26 at 12:15."""
    moments = ("12:14:59", "12:15:00")
    log = write(
        here / "a.jsonl", *(call(id=f"at-{at}", model="deepseek-v4-pro", ts=f"2026-04-26T{at}Z") for at in moments)
    )

    hits = [row for row in focus(log) if row["SkuPriceId"] == "deepseek-v4-pro/input-tokens/cache-read/all"]

    assert [(row["ListUnitPrice"], row["ConsumedQuantity"]) for row in hits] == [
        ("0.003625", "600.0"),
        ("0.03625", "600.0"),
    ]


def test_windows_are_prices_of_their_own(here: Path) -> None:
    times = ("2026-10-12T02:00:00Z", "2026-10-12T20:00:00Z")  # a Monday, at 10:00 and at 04:00 in Beijing
    log = write(here / "a.jsonl", *(call(id=f"at-{at}", model="deepseek-v4-pro", ts=at) for at in times))

    outputs = {row["SkuPriceId"]: row["ListUnitPrice"] for row in focus(log) if row["SkuMeter"] == "Output Tokens"}

    assert outputs == {
        "deepseek-v4-pro/output-tokens/peak": "3.96",
        "deepseek-v4-pro/output-tokens/off-peak": "1.98",
    }


def test_audio_stands_apart(exported: dict[str, list[Row]]) -> None:
    """Of 4 x 100 tokens in 4 x 60 are audio; 110 were read from the cache, the log does not say of which kind."""
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    for row in exported["mixed"]:
        if row["x_Model"] == "openai/gpt-realtime":
            amounts[row["SkuPriceId"].removeprefix("openai/gpt-realtime/")] += number(row, "ConsumedQuantity")

    assert sum(amount for name, amount in amounts.items() if "audio" in name and "input" in name) == 240
    assert sum(amount for name, amount in amounts.items() if "cache-read" in name) == 110
    assert amounts["output-tokens/audio/all"] == 16
    assert amounts["output-tokens/all"] == 24


def test_searches_are_rows_of_their_own(exported: dict[str, list[Row]]) -> None:
    found = {
        row["SkuPriceId"]: (row["ConsumedQuantity"], row["PricingUnit"], row["ListUnitPrice"], row["ListCost"])
        for row in exported["mixed"]
        if row["x_Model"] == "acme" and row["ConsumedUnit"] == "Requests"
    }

    assert found == {
        "acme/web-searches/all": ("2.0", "1000 Requests", "4.0", "0.008"),
        "acme/page-fetches/all": ("1.0", "1000 Requests", "0.5", "0.0005"),
    }


def test_large_inputs_are_a_price_of_their_own(exported: dict[str, list[Row]]) -> None:
    outputs = {
        row["SkuPriceId"]: row["ListUnitPrice"]
        for row in exported["mixed"]
        if row["x_Model"] == "google/gemini-2.5-pro" and row["SkuMeter"] == "Output Tokens"
    }

    assert outputs == {
        "google/gemini-2.5-pro/output-tokens/all": "10.0",
        "google/gemini-2.5-pro/output-tokens/all/from-200001": "15.0",
    }


def test_own_prices_are_contracted_and_the_book_s_are_listed(exported: dict[str, list[Row]]) -> None:
    """Half of the list price, for two calls."""
    peak = [row for row in exported["mixed"] if row["x_Model"] == "deepseek-v4-pro"]

    assert len(peak) == 3
    for row in peak:
        assert number(row, "ContractedUnitPrice") * 2 == number(row, "ListUnitPrice")
        assert row["BilledCost"] == row["ContractedCost"] == row["EffectiveCost"] != row["ListCost"]
        assert row["PricingCurrencyEffectiveCost"] == row["EffectiveCost"]


def test_a_price_that_is_only_ours_is_both(exported: dict[str, list[Row]]) -> None:
    for row in exported["mixed"]:
        if row["x_Model"] == "acme":
            assert row["ListCost"] == row["ContractedCost"]
            assert row["InvoiceIssuerName"] == "unknown"


def test_a_list_price_that_is_not_told_is_ours(here: Path) -> None:
    """Own prices hold all day, while the list changed within the hour: which of both it was, sums do not tell."""
    (here / "own.toml").write_text('[prices]\n"deepseek-v4-pro" = { input = "1", cache_read = "1", output = "1" }\n')
    log = write(
        here / "a.jsonl", call(model="deepseek-v4-pro", ts="2026-04-26T12:10:00Z"), call(model="deepseek-v4-pro")
    )

    prices = {
        (row["ChargePeriodStart"], row["SkuMeter"], row["ListUnitPrice"]) for row in focus(log, "--prices", "own.toml")
    }

    assert ("2026-04-26T12:00:00Z", "Output Tokens", "1.0") in prices
    assert ("2026-05-01T10:00:00Z", "Output Tokens", str(PRO[2])) in prices


def test_prepaid_usage_is_not_billed_again(here: Path) -> None:
    log = write(here / "a.jsonl", call())

    rows = focus(log, "--billing-model", "prepaid", "--billing-account", "acct-7")

    assert {row["BilledCost"] for row in rows} == {"0.0"}
    assert sum(number(row, "EffectiveCost") for row in rows) == cost(FLASH, 400, 600, 100)
    assert {(row["BillingAccountId"], row["BillingAccountName"]) for row in rows} == {("acct-7", "acct-7")}


def test_yuan_are_another_currency(here: Path) -> None:
    price = BOOK.at("deepseek-v4-flash", datetime.fromisoformat(CALM), "CNY")
    assert price is not None
    assert price.input
    assert price.cache_read
    assert price.output

    rows = focus(write(here / "a.jsonl", call()), "--currency", "CNY")

    assert {(row["BillingCurrency"], row["PricingCurrency"]) for row in rows} == {("CNY", "CNY")}
    units = 400 * price.input + 600 * price.cache_read + 100 * price.output
    assert sum(number(row, "BilledCost") for row in rows) == Decimal(units).scaleb(-15)


@pytest.mark.endurance
def test_versions_name_the_parties_otherwise(here: Path) -> None:
    log = write(here / "a.jsonl", call())

    old, new = (set(focus(log, "--focus-version", version)[0]) for version in ("1.2", "1.4"))

    assert old - new == {"ProviderName", "PublisherName"}
    assert new - old == {"ServiceProviderName", "HostProviderName"}


def test_own_columns_come_last_with_their_prefix(exported: dict[str, list[Row]]) -> None:
    own = [column.startswith("x_") for column in exported["samples"][0]]

    assert own == sorted(own)
    assert own.count(True) == 8


def test_without_names_there_is_no_resource(here: Path) -> None:
    rows = focus(write(here / "a.jsonl", call(endpoint=...)))

    empty = ("ResourceId", "ResourceName", "ResourceType", "SubAccountId", "SubAccountName", "SubAccountType", "Tags")
    assert {row[column] for row in rows for column in empty} == {""}


def test_hostile_names_stay_names(here: Path) -> None:
    """As JSON, as CSV, and to a spreadsheet; raw they are what they were."""
    names = [*HOSTILE, "\u202egnp", "团队"]
    log = write(here / "a.jsonl", *(call(id=f"call-{n}", endpoint=name, team=name) for n, name in enumerate(names)))

    tame, raw = focus(log), focus(log, "--raw")

    assert {row["x_Endpoint"] for row in raw} == {json.loads(row["Tags"])["endpoint"] for row in raw} == set(names)
    assert {row["x_Team"] for row in raw} == set(names)
    assert "'=1+1" in {row["x_Endpoint"] for row in tame}
    assert not [row for row in tame for text in row.values() if re.match(r"\s*[=+\-@]|.*[\n\u202e]", text)]
    assert all(json.loads(row["Tags"]) for row in tame)


def test_nothing_priced_is_a_file_of_no_rows(here: Path) -> None:
    log = write(here / "a.jsonl", call(model="nobody-knows-it"))

    run = spend("export", log, "--focus")

    assert (run.code, len(Path("spend-export.focus.csv").read_text().splitlines())) == (0, 1)
    assert "1 request has no known price" in run.err


def test_parquet_holds_the_same(subjects: dict[str, tuple[str, ...]], exported: dict[str, list[Row]]) -> None:
    assert spend("export", *subjects["mixed"], "--focus", "--output", "focus.parquet").code == 0

    kinds = {row[0]: row[1] for row in duckdb.sql("DESCRIBE FROM 'focus.parquet'").fetchall()}
    costs = duckdb.sql("SELECT BilledCost, PricingQuantity FROM 'focus.parquet'").fetchall()

    assert {kinds[name] for name in kinds if name.endswith(("Cost", "UnitPrice")) or name == "PricingQuantity"} == {
        "DECIMAL(38,15)"
    }
    assert {kinds[name] for name in kinds if "Period" in name} == {"TIMESTAMP WITH TIME ZONE"}
    assert costs == [(number(row, "BilledCost"), number(row, "PricingQuantity")) for row in exported["mixed"]]


def test_day_rows_of_usage_exports_have_costs_too(here: Path) -> None:
    """One row of DeepSeek's export that stands for three calls: 200 misses, 300 hits, 50 out."""
    from support import EXPORT_HEAD, export

    log = export(
        here / "amount-2026-5.csv", EXPORT_HEAD,
        "u,2026-05-01,deepseek-v4-flash,k,sk-1***2,input_cache_miss_tokens,0.00000014,200",
        "u,2026-05-01,deepseek-v4-flash,k,sk-1***2,input_cache_hit_tokens,0.0000000028,300",
        "u,2026-05-01,deepseek-v4-flash,k,sk-1***2,output_tokens,0.00000028,50",
        "u,2026-05-01,deepseek-v4-flash,k,sk-1***2,request_count,,3",
    )  # fmt: skip

    rows = focus(log)

    assert sum(number(row, "EffectiveCost") for row in rows) == cost(FLASH, 200, 300, 50)
    assert sum(int(row["x_RequestCount"]) for row in rows) == 3
    assert {row["ResourceId"] for row in rows} == {"k"}


# ------------------------------------------------------------------------------------------------ validators


def tool(variable: str) -> Path:
    """A validator's program: in an environment of its own, because what it needs does not go with what we need."""
    named = os.environ.get(variable)
    if not named:
        pytest.skip(f"{variable} does not name a validator; .ci/run installs it where a Python for it is at hand")
    return Path(named)


@pytest.mark.focus
@pytest.mark.parametrize(
    ("name", "ending", "words"),
    [
        ("samples", "csv", ()),
        ("mixed", "csv", ("--billing-model", "prepaid")),
        ("mixed", "csv", ("--raw",)),
        ("mixed", "parquet", ()),
    ],
)
def test_the_official_validator_passes_it(
    name: str, ending: str, words: tuple[str, ...], subjects: dict[str, tuple[str, ...]], here: Path
) -> None:
    """All rules of 1.2 that apply. It tells failures in its text only: its exit code is always 0.

    It takes the specification's "valid Unicode" for ASCII: names are those that it lets pass.
    """
    validator = tool("SPEND_FOCUS_VALIDATOR")
    file = here / f"focus.{ending}"
    assert spend("export", *subjects[name], "--focus", "--output", file, *words).code == 0

    told = validated(validator, file)

    total = re.search(r"Total: (\d+) \| Pass: (\d+) \| Fail: (\d+)", told)
    failed = {*re.findall(r"(\S+): FAIL\b", told)}
    assert total is not None, told[-2000:]
    assert failed <= FALSE_ALARMS
    assert int(total[3]) == len(failed)
    assert int(total[2]) > 200


@pytest.fixture
def corrected(here: Path) -> tuple[str, ...]:
    """A ledger of two closed months, of which the later took up a call that came late and one that was forgotten."""
    ledger = ("--db", str(here / "corrected.duckdb"))
    briefly = ("--no-report", "--no-workbook", "--quiet", "--scenario", "all-flash", "--close")
    calls = [call(id=name, team=name, output_tokens=100 * n) for n, name in enumerate(("first", "extra", "late"), 1)]
    logs = {str(one["team"]): write(here / f"{one['team']}.jsonl", one) for one in calls}
    spend("ingest", logs["first"], logs["extra"], *ledger)
    spend("review", "2026-05", *ledger, *briefly)
    spend("forget", str(logs["extra"]), *ledger)
    spend("ingest", logs["late"], *ledger)
    spend("review", "2026-06", *ledger, *briefly)
    return ledger


@pytest.mark.focus
def test_validators_pass_corrections(corrected: tuple[str, ...], here: Path) -> None:
    for version in ("1.2", "1.4"):
        spend("export", *corrected, "--focus", "--focus-version", version, "--output", here / f"{version}.csv")
    rows = list(csv.DictReader((here / "1.2.csv").read_text(encoding="utf-8").splitlines()))
    signs = {(row["ChargeClass"], row["SubAccountId"], number(row, "BilledCost") < 0) for row in rows}
    assert signs == {
        ("", "first", False),
        ("", "extra", False),
        ("Correction", "extra", True),
        ("Correction", "late", False),
    }

    told = validated(tool("SPEND_FOCUS_VALIDATOR"), here / "1.2.csv")
    run = linted(tool("SPEND_FOCUS_TOOLKIT"), here / "1.4.csv")

    assert {*re.findall(r"(\S+): FAIL\b", told)} <= FALSE_ALARMS
    assert "Total:" in told
    assert (run.returncode, "OK" in run.stdout) == (0, True), run.stdout


@pytest.mark.focus
def test_the_official_validator_would_notice(subjects: dict[str, tuple[str, ...]], here: Path) -> None:
    """A file with a wrong unit, and one with a price under two SKUs, are refused."""
    validator = tool("SPEND_FOCUS_VALIDATOR")
    text = spend("export", *subjects["samples"], "--focus", "--output", "-").out
    for number_, wrong in enumerate(
        [text.replace("1000000 Tokens", "1M Tokens"), text.replace("v4-pro/output-tokens,", "x,", 1)]
    ):
        file = here / f"wrong-{number_}.csv"
        file.write_text(wrong, encoding="utf-8")
        assert {*re.findall(r"(\S+): FAIL\b", validated(validator, file))} - FALSE_ALARMS


def validated(validator: Path, file: Path) -> str:
    """What the validator says. It opens its own files from where it is installed, and is to load nothing."""
    python = validator.with_name("python")
    told = subprocess.run(
        [python, "-c", "import focus_validator, os; print(os.path.dirname(os.path.dirname(focus_validator.__file__)))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    words = ["--data-file", file, "--validate-version", "1.2.0.1", "--block-download"]
    run = subprocess.run(
        [validator, *words, "--applicability-criteria", ",".join(CRITERIA)],
        cwd=told.stdout.strip(), capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    return run.stdout + run.stderr


@pytest.mark.focus
@pytest.mark.parametrize("words", [("--raw",), ("--billing-model", "prepaid")], ids=["raw", "prepaid"])
@EACH
def test_the_lint_of_1_4_passes_it(
    name: str, words: tuple[str, ...], subjects: dict[str, tuple[str, ...]], here: Path
) -> None:
    toolkit = tool("SPEND_FOCUS_TOOLKIT")
    file = here / "focus.csv"
    spend("export", *subjects[name], "--focus", "--focus-version", "1.4", "--output", file, *words)

    run = linted(toolkit, file)

    assert run.returncode == 0, run.stdout
    assert "OK" in run.stdout


@pytest.mark.focus
def test_the_lint_would_notice(subjects: dict[str, tuple[str, ...]], here: Path) -> None:
    """A version that has other columns."""
    toolkit = tool("SPEND_FOCUS_TOOLKIT")
    spend("export", *subjects["samples"], "--focus", "--focus-version", "1.2", "--output", here / "focus.csv")

    assert linted(toolkit, here / "focus.csv").returncode == 1


def linted(toolkit: Path, file: Path) -> "subprocess.CompletedProcess[str]":
    words = ["validate", str(file), "--dataset", "cost-and-usage", "--supports", "SupportsUnitPricing"]
    return subprocess.run([toolkit, *words], capture_output=True, text=True, check=False, timeout=120)
