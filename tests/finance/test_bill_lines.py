"""Lines of a bill: what cannot be read of one is no 0, how long its bucket may be, and which line is a copy."""

from decimal import Decimal
from pathlib import Path

import pytest
from support import EXPORT_HEAD, ZONED_HEAD, Ended, export, ledger_of, spend, write

from analyzer.finance.wallet import wallets


@pytest.mark.endurance
class TestUnknownMoney:
    """A line whose money is not known on a side is no match and no 0; that it is not is said."""

    # Of two calls on 2026-05-25, on Flash at 0.0028, 0.14 and 0.28 per 1M.
    LINES = (
        "input_cache_hit_tokens,0.0000000028,1200",
        "input_cache_miss_tokens,0.00000014,800",
        "output_tokens,0.00000028,200",
        "request_count,,2",
    )

    def bill(self, path: Path, *lines: str) -> Path:
        rows = [f"u,2026-05-25,deepseek-v4-flash,k,sk-***,{line}" for line in lines]
        return export(path / "amount-2026-5.csv", EXPORT_HEAD, *rows)

    def reconciled(self, path: Path, *exports: Path, model: str = "deepseek-v4-flash") -> Ended:
        calls = [
            {"ts": f"2026-05-25T0{hour}:00:00Z", "model": model, "api_key_name": "k", "input_tokens": 1000,
             "cache_read_tokens": 600, "output_tokens": 100}
            for hour in (1, 2)
        ]  # fmt: skip
        db = path / "l.duckdb"
        assert spend("ingest", write(path / "log.jsonl", *calls), "--db", db).code == 0
        ended = spend("reconcile", *exports, "--db", db, "--json")
        return ended if ended.code else Ended(0, ended.out, spend("reconcile", *exports, "--db", db).out)

    @pytest.mark.parametrize(
        ("broken", "amount"),
        [
            (0, "-5"),
            *(
                pytest.param(broken, amount, marks=pytest.mark.endurance)
                for broken in range(3)
                for amount in ("1,5", "NaN", "9" * 40, "=1+1")
            ),
        ],
    )
    def test_a_line_of_the_bill_that_cannot_be_read(self, broken: int, amount: str, tmp_path: Path) -> None:
        lines = list(self.LINES)
        lines[broken] = f'{lines[broken].rpartition(",")[0]},"{amount}"'

        ended = self.reconciled(tmp_path, self.bill(tmp_path, *lines))

        # What of the input is refused leaves all of it unknown: nobody knows what the line was of.
        hits, misses, output = Decimal("0.00000336"), Decimal("0.000112"), Decimal("0.000056")
        known = hits + misses if broken == 2 else output
        document = ended.document
        assert Decimal(document["billed"]) == known
        assert Decimal(document["computed"]) == hits + misses + output
        assert document["unknown_lines"] == (1 if broken == 2 else 2)
        assert {(row["cause"], row["known"]) for row in document["buckets"]} == {("match", True), ("unknown", False)}
        assert "the money of a side is not known" in " ".join(ended.err.split())

    def test_a_model_that_has_no_price_explains_nothing(self, tmp_path: Path) -> None:
        """Both sides tell of the very same tokens, of which nobody knows what they cost."""
        usage = export(
            tmp_path / "usage.csv",
            "start_time,end_time,num_model_requests,project_id,api_key_name,model,input_tokens,output_tokens,input_cached_tokens",
            "1779667200,1779753600,2,p,k,gpt-nobody-knows,2000,200,1200",
        )

        ended = self.reconciled(tmp_path, usage, model="gpt-nobody-knows")

        document = ended.document
        assert (document["billed"], document["computed"], document["explained_share"]) == ("0", "0", None)
        assert {(row["cause"], row["known"]) for row in document["buckets"]} == {("model-name", False)}
        assert document["unknown_lines"] == len(document["buckets"]) == 3
        assert ended.err.startswith("No money of the bill is known. Of 3 of 3 lines")

    def money(self, path: Path, cost: str, currency: str = "USD") -> Path:
        head = "user_id,utc_date,model,wallet_type,cost,currency"
        return export(path, head, f"u,2026-05-25,deepseek-v4-flash,Paid,{cost},{currency}")

    @pytest.mark.endurance
    def test_a_money_file_that_is_given_twice_counts_once(self, tmp_path: Path) -> None:
        money = [self.money(tmp_path / name, "0.00017136") for name in ("cost-2026-5.csv", "copy.csv")]

        ended = self.reconciled(tmp_path, self.bill(tmp_path, *self.LINES), *money)

        assert ended.document["wallets"] == [{"wallet_type": "Paid", "currency": "USD", "cost": "0.00017136"}]
        assert "which is what its amounts come to" in " ".join(ended.err.split())

    def test_a_money_file_that_tells_the_day_in_another_zone_counts_once(self, tmp_path: Path) -> None:
        spans = ("2026-05-25T00:00:00Z,2026-05-26T00:00:00Z", "2026-05-25T08:00:00+08:00,2026-05-26T08:00:00+08:00")
        zoned = [
            export(
                tmp_path / f"cost-{number}.csv",
                "user_id,start_time_iso,end_time_iso,model,wallet_type,cost,currency",
                f"u,{span},deepseek-v4-flash,Paid,0.00017136,USD",
            )
            for number, span in enumerate(spans)
        ]
        day = self.money(tmp_path / "cost-2026-5.csv", "0.00017136")

        assert wallets(map(str, [day, *zoned])) == {("Paid", "USD"): Decimal("0.00017136")}

    @pytest.mark.parametrize(
        "cost", ["NaN", *(pytest.param(one, marks=pytest.mark.endurance) for one in ("1e400", "1e-400", "", "much"))]
    )
    def test_money_that_is_no_number(self, cost: str, tmp_path: Path) -> None:
        ended = self.reconciled(
            tmp_path, self.bill(tmp_path, *self.LINES), self.money(tmp_path / "cost-2026-5.csv", cost)
        )

        assert ended.code == 1
        assert ended.err.splitlines()[0].endswith("cost-2026-5.csv, record 1: cost is no number")


@pytest.mark.parametrize(
    ("begins", "ends", "sound"),
    [
        pytest.param("2026-05-25T00:00:00Z", "2026-05-25T01:00:00Z", True, marks=pytest.mark.endurance),
        pytest.param("2026-05-25T00:00:00Z", "2026-05-25T00:00:00Z", False, marks=pytest.mark.endurance),
        ("2026-05-26T00:00:00+08:00", "2026-05-25T00:00:00+08:00", False),
        pytest.param("2026-05-25T00:00:00Z", "2027-05-26T00:00:00Z", True, marks=pytest.mark.endurance),
        ("2026-05-25T00:00:00Z", "2027-05-26T00:00:01Z", False),
        pytest.param("2026-05-25T00:00:00Z", "2099-12-31T00:00:00Z", False, marks=pytest.mark.endurance),
    ],
)
def test_a_bucket_ends_after_it_begins_and_within_a_year(begins: str, ends: str, sound: bool, tmp_path: Path) -> None:
    rows = [
        f"u,{begins},{ends},deepseek-v4-flash,k,sk-***,{line}"
        for line in ("input_cache_miss_tokens,0.00000014,800", "output_tokens,0.00000028,200")
    ]

    with ledger_of(export(tmp_path / "amount-2026-5.csv", ZONED_HEAD, *rows)) as ledger:
        found = ledger.connection.execute("SELECT records, requests, rejected FROM sources").fetchall()
        reasons = ledger.connection.execute("SELECT DISTINCT reason FROM rejected").fetchall()

    assert found == [(2, 2, 0) if sound else (2, 0, 2)]
    assert sound or reasons == [("its bucket of time ends before it begins, with it, or more than a year later",)]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        # Lines that come again beside the three of the first; what is a request, what is a copy, calls, tokens out.
        (("miss,800", "out,200", "calls,2"), (3, 3, 2, 200)),
        (("out,200",), (3, 1, 2, 200)),
        (("miss,900", "out,210", "calls,2"), (6, 0, 4, 410)),  # another key of the same name, with as many calls
    ],
)
def test_a_line_that_comes_again_is_a_copy(
    more: tuple[str, ...], expected: tuple[int, int, int, int], tmp_path: Path
) -> None:
    words = {
        "miss": "input_cache_miss_tokens,0.00000014", "out": "output_tokens,0.00000028", "calls": "request_count,",
    }  # fmt: skip
    rows = [
        f"u,2026-05-25,deepseek-v4-flash,k,sk-***,{words[kind]},{amount}"
        for kind, amount in (line.split(",") for line in ("miss,800", "out,200", "calls,2", *more))
    ]

    with ledger_of(export(tmp_path / "amount-2026-5.csv", EXPORT_HEAD, *rows)) as ledger:
        ended = ledger.connection.execute("SELECT requests, duplicates FROM sources").fetchall()
        told = ledger.connection.execute("SELECT sum(calls), sum(output_tokens) FROM requests").fetchall()

    assert (*ended[0], *map(int, told[0])) == expected
