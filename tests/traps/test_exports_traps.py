"""Ways to count exports and traces wrongly: each with the true total worked out from its rows."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from conftest import LoadLogs, counts, empty, rows
from support import EXPORT_HEAD, ZONED_HEAD, export

MODEL = "deepseek-v4-flash"
PRICES = {"input_cache_hit_tokens": "0.00000002", "input_cache_miss_tokens": "0.000001", "output_tokens": "0.000002"}
OPENROUTER = (
    "generation_id,created_at,cost_total,cost_web_search,cost_cache,cost_file_processing,byok_usage_inference,"
    "tokens_prompt,tokens_completion,tokens_reasoning,tokens_cached,model_permaslug,provider_name"
)


def window(begin: str, calls: int, *, hit: int, miss: int, made: int) -> list[str]:
    """The four rows of one window, model and key of DeepSeek's export."""
    amounts = dict(zip(PRICES, (hit, miss, made), strict=True))
    lines = [f"u-1,{begin},{MODEL},svc,sk-***,{kind},{PRICES[kind]},{amount}" for kind, amount in amounts.items()]
    return [*lines, f"u-1,{begin},{MODEL},svc,sk-***,request_count,,{calls}"]


def test_trap_14_exports_of_a_day_that_goes_on(load_logs: LoadLogs, tmp_path: Path) -> None:
    """The open day stands in three exports, each time with more calls: the last one holds what the others held."""
    closed = window("2026-09-30", 1000, hit=50_000, miss=20_000, made=9_000)
    snapshots = [(2, 100, 40, 10), (55, 2_900, 1_000, 300), (66, 3_500, 1_200, 360)]
    files = [
        export(
            tmp_path / f"amount-2026-09-01_2026-10-0{number}.csv",
            EXPORT_HEAD,
            *closed,
            *window("2026-10-01", calls, hit=hit, miss=miss, made=made),
        )
        for number, (calls, hit, miss, made) in enumerate(snapshots, 1)
    ]
    true = (1000 + 66, 70_000 + 3_500 + 1_200, 9_000 + 360)
    sums = "SELECT sum(calls), sum(input_tokens), sum(output_tokens) FROM requests"
    ledger, _ = load_logs(*reversed(files))
    assert 3 * 1000 + 2 + 55 + 66 == 3123 != true[0]
    assert rows(ledger, sums) == [true]
    # 3 files of 8 rows; 2 windows of 4 rows are requests.
    assert counts(ledger) == {"records": 24, "requests": 8, "duplicates": 16, "skipped": 0, "rejected": 0}


def test_trap_14_a_window_that_exports_tell_in_other_zones(load_logs: LoadLogs, tmp_path: Path) -> None:
    """A day of UTC by its name, and by its edges; an hour on the clocks of Beijing and of Berlin."""
    amounts = {"hit": 50_000, "miss": 20_000, "made": 9_000}
    files = [
        export(tmp_path / f"{number}.csv", head, *window(begin, 1000, **amounts))
        for number, (head, begin) in enumerate(
            [
                (EXPORT_HEAD, "20260930"),
                (ZONED_HEAD, "2026-09-30T00:00:00Z,2026-10-01T00:00:00Z"),
                (ZONED_HEAD, "2026-09-30T08:00:00+08:00,2026-10-01T02:00:00+02:00"),
                (ZONED_HEAD, "2026-10-01T08:00:00+08:00,2026-10-01T09:00:00+08:00"),
                (ZONED_HEAD, "2026-10-01T02:00:00+02:00,2026-10-01T03:00:00+02:00"),
            ]
        )
    ]
    ledger, _ = load_logs(*files)
    assert rows(ledger, "SELECT sum(calls), sum(input_tokens), sum(output_tokens) FROM requests") == [
        (2 * 1000, 2 * 70_000, 2 * 9_000)
    ]
    assert counts(ledger) == {"records": 20, "requests": 8, "duplicates": 12, "skipped": 0, "rejected": 0}


def test_trap_14_the_open_day_comes_into_a_cheaper_tier(load_logs: LoadLogs, tmp_path: Path) -> None:
    """The calls of a window stand in its cheapest tier, which is another one now; the dear tier's tokens are as before."""
    begun = window("2026-10-01", 10, hit=1000, miss=100, made=50)
    halved = {"0.00000002": "0.00000001", "0.000001": "0.0000005", "0.000002": "0.000001"}
    cheaper = [
        ",".join([*line.split(",")[:-2], halved[line.split(",")[-2]], amount])
        for line, amount in zip(begun[:3], ("2000", "200", "70"), strict=True)
    ]
    first = export(tmp_path / "first.csv", EXPORT_HEAD, *begun)
    later = export(tmp_path / "later.csv", EXPORT_HEAD, *begun[:3], *cheaper, begun[3].replace(",10", ",25"))
    for order in ((first, later), (later, first)):
        ledger, _ = load_logs(*order)
        assert rows(ledger, "SELECT sum(calls), sum(input_tokens), sum(output_tokens) FROM requests") == [
            (25, 1100 + 2200, 50 + 70)
        ]
        # The dear day by hand: 0.00002 + 0.0001 + 0.0001; the cheap one: 0.00002 + 0.0001 + 0.00007.
        assert rows(ledger, "SELECT sum(stated_cost) FROM requests") == [(Decimal("0.00041"),)]
        empty(ledger)


def test_trap_14_the_open_day_comes_into_a_dearer_tier(load_logs: LoadLogs, tmp_path: Path) -> None:
    """The cheap tier is closed: its row is the same but for the calls, of which the larger number is the later one."""
    begun = window("2026-10-01", 10, hit=1000, miss=100, made=50)
    dear = [
        f"u-1,2026-10-01,{MODEL},svc,sk-***,input_cache_hit_tokens,0.00000004,30",
        f"u-1,2026-10-01,{MODEL},svc,sk-***,input_cache_miss_tokens,0.000002,20",
        f"u-1,2026-10-01,{MODEL},svc,sk-***,output_tokens,0.000004,10",
    ]
    first = export(tmp_path / "first.csv", EXPORT_HEAD, *begun)
    later = export(tmp_path / "later.csv", EXPORT_HEAD, *begun[:3], *dear, begun[3].replace(",10", ",12"))
    for order in ((first, later), (later, first)):
        ledger, _ = load_logs(*order)
        assert rows(ledger, "SELECT sum(calls), sum(input_tokens), sum(output_tokens) FROM requests") == [
            (12, 1100 + 50, 50 + 10)
        ]
        empty(ledger)


def test_trap_14_a_tier_that_has_no_hits_yet(load_logs: LoadLogs, tmp_path: Path) -> None:
    """The day before tells which prices belong together: the hits stay with the cheap tier, and count once."""

    def dear(day: str, *amounts: int | None) -> list[str]:
        return [
            f"u-1,{day},{MODEL},svc,sk-***,{kind},{2 * Decimal(PRICES[kind]):f},{amount}"
            for kind, amount in zip(PRICES, amounts, strict=True)
            if amount is not None
        ]

    before = [*window("2026-09-30", 4, hit=7, miss=5, made=3), *dear("2026-09-30", 70, 50, 30)]
    cheap = window("2026-10-01", 10, hit=2000, miss=200, made=70)
    snapshots = [
        cheap,
        [*cheap[:3], *dear("2026-10-01", None, 20, 5), cheap[3].replace(",10", ",12")],
        [*cheap[:3], *dear("2026-10-01", 300, 40, 9), cheap[3].replace(",10", ",15")],
    ]
    files = [export(tmp_path / f"{place}.csv", EXPORT_HEAD, *before, *lines) for place, lines in enumerate(snapshots)]
    sums = (
        "SELECT sum(calls), sum(input_tokens), sum(cache_read_tokens), sum(output_tokens) FROM requests "
        "WHERE started_at = '2026-10-01'"
    )
    true = {
        1: (10, 2200, 2000, 70),
        2: (12, 2200 + 20, 2000, 70 + 5),
        3: (15, 2200 + 340, 2000 + 300, 70 + 9),
    }
    for read, told in true.items():
        for order in (files[:read], files[:read][::-1]):
            ledger, _ = load_logs(*order)
            assert rows(ledger, sums) == [told]
            empty(ledger)


def test_input_of_old_exports_has_no_known_split(load_logs: LoadLogs, tmp_path: Path) -> None:
    """``input_tokens`` holds hits and misses; 100 at 0.000001 and 50 at 0.000002 are 0.0002."""
    lines = [line for line in window("2025-01-05", 3, hit=0, miss=100, made=50) if "cache_hit" not in line]
    old = [line.replace("input_cache_miss_tokens", "input_tokens") for line in lines]
    ledger, _ = load_logs(export(tmp_path / "amount.csv", EXPORT_HEAD, *old))
    found = "SELECT calls, input_tokens, cache_read_tokens, output_tokens, stated_cost FROM requests"
    assert rows(ledger, found) == [(3, 100, None, 50, Decimal("0.0002"))]
    assert counts(ledger) == {"records": 3, "requests": 3, "duplicates": 0, "skipped": 0, "rejected": 0}


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        ("input_cache_hit_tokens", (None, None, 50)),
        ("input_cache_miss_tokens", (None, None, 50)),
        ("output_tokens", (1100, 1000, None)),
        ("request_count", (1100, 1000, 50)),
    ],
)
def test_a_count_whose_line_was_refused_is_unknown(
    kind: str, known: tuple[int | None, ...], load_logs: LoadLogs, tmp_path: Path
) -> None:
    """It is not 0, which would be a claim."""
    sound = window("2026-10-01", 10, hit=1000, miss=100, made=50)
    broken = [",".join([*line.split(",")[:-1], "1.5"]) if f",{kind}," in line else line for line in sound]
    found = "SELECT input_tokens, cache_read_tokens, output_tokens FROM requests"
    ledger, _ = load_logs(export(tmp_path / "broken.csv", EXPORT_HEAD, *broken))
    assert rows(ledger, found) == [known]
    assert counts(ledger)["rejected"] == 1


def test_trap_16_equal_rows_of_a_trace_are_calls_of_their_own(load_logs: LoadLogs, tmp_path: Path) -> None:
    """A trace without ids has equal rows: to drop them as duplicates halves this one."""
    log = tmp_path / "trace.csv"
    row = "2023-11-16 18:17:03.9799600,4808,10\n"
    log.write_text("TIMESTAMP,ContextTokens,GeneratedTokens\n" + row + row, encoding="utf-8")
    ledger, outcome = load_logs(log, given={"model": MODEL})
    assert [loaded.format for loaded in outcome.loaded] == ["generic"]
    assert rows(ledger, "SELECT count(*), sum(input_tokens), sum(output_tokens) FROM requests") == [
        (2, 2 * 4808, 2 * 10)
    ]


def test_trap_19_money_of_own_keys_stands_beside_openrouters(load_logs: LoadLogs, tmp_path: Path) -> None:
    """With an own key the provider's money is beside `cost_total`; what `cost_total` is made of is inside it."""
    own = "gen-1-a,2026-10-01 08:00:00.000,0.001,0,0,0,0.05,1000,100,0,0,openai/gpt-5.6-luna,OpenAI"
    paid = "gen-2-b,2026-10-01 08:01:00.000,0.02,0.01,-0.004,0,0,1000,100,0,800,openai/gpt-5.6-luna,OpenAI"
    log = tmp_path / "activity.csv"
    log.write_text(f"{OPENROUTER}\n{own}\n{paid}\n", encoding="utf-8")
    ledger, _ = load_logs(log)
    true = Decimal("0.001") + Decimal("0.05") + Decimal("0.02")
    without_own, parts_added = Decimal("0.001") + Decimal("0.02"), true + Decimal("0.01") - Decimal("0.004")
    assert true not in (without_own, parts_added)
    assert rows(ledger, "SELECT sum(stated_cost) FROM requests") == [(true,)]


def test_trap_19_reasoning_is_never_more_than_the_output(load_logs: LoadLogs, tmp_path: Path) -> None:
    """A provider's count of reasoning exceeds the output: the output is what is billed, and the call is not lost."""
    log = tmp_path / "activity.csv"
    row = "gen-1-a,2026-10-01 08:00:00.000,0.001,0,0,0,0,1000,148,157,0,deepseek/deepseek-v4-flash-20260423,DeepSeek"
    log.write_text(f"{OPENROUTER}\n{row}\n", encoding="utf-8")
    ledger, _ = load_logs(log)
    assert rows(ledger, "SELECT output_tokens, reasoning_tokens FROM requests") == [(148, 148)]


def test_trap_22_days_of_beijing_begin_at_16_utc(load_logs: LoadLogs, tmp_path: Path) -> None:
    """DeepSeek's day of 1 October at +08:00 begins in September: a third of its hours are of the month before."""
    day = "2026-10-01T00:00:00+08:00,2026-10-02T00:00:00+08:00"
    log = export(tmp_path / "amount.csv", ZONED_HEAD, *window(day, 24, hit=0, miss=2400, made=240))
    ledger, _ = load_logs(log)
    begin, end = rows(ledger, "SELECT started_at, bucket_end FROM requests")[0]
    assert begin == datetime(2026, 9, 30, 16) != datetime(2026, 10, 1)
    assert end == datetime(2026, 10, 1, 16)
    assert (datetime(2026, 10, 1) - begin) / (end - begin) == 8 / 24


def test_trap_22_days_of_utc_and_of_beijing_are_different_days(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Both generations of the export in one ledger: each keeps its own days."""
    utc = export(tmp_path / "utc.csv", EXPORT_HEAD, *window("2026-05-01", 1, hit=0, miss=100, made=10))
    zoned = "2026-06-01T00:00:00+08:00,2026-06-02T00:00:00+08:00"
    beijing = export(tmp_path / "beijing.csv", ZONED_HEAD, *window(zoned, 2, hit=0, miss=200, made=20))
    ledger, _ = load_logs(utc, beijing)
    assert rows(ledger, "SELECT started_at, calls FROM requests ORDER BY started_at") == [
        (datetime(2026, 5, 1), 1),
        (datetime(2026, 5, 31, 16), 2),
    ]


def test_a_trace_in_seconds_needs_its_origin(load_logs: LoadLogs, tmp_path: Path) -> None:
    """BurstGPT's whole numbers are seconds, not milliseconds, and a call without a response has no usage to count."""
    log = tmp_path / "burst.csv"
    log.write_text(
        "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
        "5,ChatGPT,472,18,490,Conversation log\n120,GPT-4,300,0,300,API log\n",
        encoding="utf-8",
    )
    ledger, _ = load_logs(log, given={"time": "2026-10-01T00:00:00Z"})
    assert rows(ledger, "SELECT started_at, input_tokens, output_tokens FROM requests ORDER BY started_at") == [
        (datetime(2026, 10, 1, 0, 0, 5), 472, 18),
        (datetime(2026, 10, 1, 0, 2), None, None),
    ]
