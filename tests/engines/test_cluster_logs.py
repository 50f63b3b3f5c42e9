"""Logs as they were written, read by a real Spark cluster: what a ledger of them says, and what is refused."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

import cluster
import pytest
from conftest import call, load_paths
from support import ROOT, spend
from test_lake import JUDGED, ODD, PLAIN, is_portable, record

from analyzer.engines.engine import DuckDB
from analyzer.engines.reach import reach
from analyzer.errors import EngineError
from analyzer.ingest.format import formats
from analyzer.ingest.load import Manner
from analyzer.ledger import Ledger

pytest.importorskip("pyarrow", reason="the extra `spark` is not installed")

from analyzer.lake import logs
from analyzer.simulate.far import Far

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(cluster.missing() is not None, reason=str(cluster.missing())),
]
LOGS = [
    *(ROOT / "sample_logs" / name for name in ("app.csv", "gateway.jsonl.gz", "responses.jsonl")),
    *(
        log
        for name in sorted(formats())
        if is_portable(name)
        for log in sorted((ROOT / "tests" / "formats" / name).iterdir())
        if log.suffix in {".jsonl", ".csv"} and log.stem not in {"golden", "counts"}
    ),
]


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[cluster.Cluster]:
    """One cluster for all tests."""
    with cluster.started(tmp_path_factory.mktemp("cluster")) as running:
        yield running


def same(address: str, place: Path | str, *, read: list[Path]) -> Far:
    """Logs at a place are there what they are in a ledger: every request, and how all records ended."""
    with reach(address) as engine, Ledger.throwaway() as outline, Ledger.throwaway() as ledger:
        far = Far(engine, outline, str(place))
        there = engine.ask(f"SELECT {JUDGED} FROM requests", "requests").to_pylist()
        load_paths(ledger, *read)
        here = DuckDB(ledger.connection).ask(f"SELECT {JUDGED} FROM requests", "requests").to_pylist()
        assert sorted(map(str, there)) == sorted(map(str, here))
        (one,) = far.logs
        ends = "SELECT sum(records), sum(duplicates), sum(skipped), sum(rejected) FROM sources"
        assert ledger.connection.sql(ends).fetchall() == [
            (one.records, far.duplicates + one.duplicates, one.skipped, one.rejected)
        ]
        return far


@pytest.mark.parametrize("log", LOGS, ids=[f"{log.parent.name}/{log.name}" for log in LOGS])
def test_a_log_is_what_it_is_in_a_ledger(spark: cluster.Cluster, log: Path) -> None:
    same(spark.address, log, read=[log])


def test_whatever_a_record_says_it_is_what_it_is_in_a_ledger(spark: cluster.Cluster, tmp_path: Path) -> None:
    """All plain and odd ways to write a value, and pairs of them; lines that are glued, no objects, or not UTF-8."""
    dice = random.Random(8)
    said = [*PLAIN, *ODD, *(dice.choice(PLAIN) | dice.choice([*PLAIN, *ODD]) for _ in range(300))]
    # Usage that is text until it is taken apart, and a count of which only a sum is told.
    said += [
        {
            "input_tokens": None,
            "output_tokens": None,
            "response": {"usage": {"prompt_tokens": 5, "completion_tokens": 2}},
        },
        {"usage": {"input_tokens": 9, "output_tokens": 5, "cache_creation": {"ephemeral_5m_input_tokens": "1e1"}}},
    ]
    lines = [json.dumps(record(number, **one)).encode() for number, one in enumerate(said)]
    lines += [
        json.dumps(call(1)).encode() + json.dumps(call(2)).encode(),
        json.dumps(call(3)).encode() + b",",
        json.dumps(call(4)).encode()[:-9],
        b"[" + json.dumps(call(5)).encode() + b"]",
        b"{'ts': 1790000000}",
        b"",
        b'{"ts": 1790000000, "model": "m\xe9"}',
        json.dumps(call(6) | {"usage": "none", "response": "Dear sir", "messages": [{"content": "}{"}]}).encode(),
    ]
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\n".join(lines) + b"\n")

    assert same(spark.address, log, read=[log]).logs[0].rejected > 10


def test_rows_of_a_csv_that_are_not_as_they_should_be(spark: cluster.Cluster, tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    rows = [
        "request_id;ts;Model;Endpoint;input_tokens;output_tokens",
        "request-number-1;2026-10-01T08:00:00Z;deepseek-v4-pro;/chat;10;1",
        'request-number-2;2026-10-01T08:00:00Z;deepseek-v4-pro;"/a;""b""";10;1',
        "request-number-3;2026-10-01T08:00:00Z;deepseek-v4-pro;/chat;10",
        "request-number-4;2026-10-01T08:00:00Z;deepseek-v4-pro;/chat;10;1;;",
        "request-number-5;2026-10-01T08:00:00Z;deepseek-v4-pro;/chat;1.000;1",
        'request-number-6;2026-10-01T08:00:00Z;deepseek-v4-pro;/a"b"c;10;1',
        "",
        'request-number-7;2026-10-01T08:00:00Z;deepseek-v4-pro;"";10;""',
        'request-number-8;2026-10-01T08:00:00Z;deepseek-v4-pro;"/a"b;10;1',
        'request-number-9;2026-10-01T08:00:00Z;deepseek-v4-pro;"/a" ;10;1',
        "request-number-10;2026-10-01T08:00:00Z;deepseek-v4-pro;/caf\xe9;10;1",  # no UTF-8
    ]
    log.write_text("\n".join(rows) + "\n", encoding="latin-1")

    assert same(spark.address, log, read=[log]).logs[0].rejected >= 2


@pytest.mark.parametrize(
    ("titles", "row"),
    [
        (
            "Request ID,Timestamp,Model Name,Prompt Tokens,Cached-Tokens,Completion Tokens",
            'r-{n},{at},m,"1,25{n}",64,20',
        ),
        ("request_id,timestamp,model,usage", 'r-{n},{at},m,"{{""prompt_tokens"": 10{n}, ""completion_tokens"": 20}}"'),
        ("request_id,timestamp,model,usage", "r-{n},{at},m,no object"),
        (
            "request_id,timestamp,model,usage.prompt_tokens,usage.completion_tokens,usage.prompt_tokens_details.cached_tokens",
            "r-{n},{at},m,10{n},20,6{n}",
        ),
    ],
)
def test_a_csv_s_titles_and_objects_are_what_they_are_in_a_ledger(
    spark: cluster.Cluster, tmp_path: Path, titles: str, row: str
) -> None:
    log = tmp_path / "log.csv"
    log.write_text("\n".join([titles, *(row.format(n=n, at=f"2026-10-01T08:00:0{n}Z") for n in range(5))]) + "\n")
    same(spark.address, log, read=[log])


def test_copies_add_nothing_and_calls_of_several_logs_count_once(spark: cluster.Cluster, tmp_path: Path) -> None:
    """Without ids a copied log is known by what it holds, with ids a call by its own."""
    nameless = [json.dumps({key: value for key, value in call(n).items() if key != "request_id"}) for n in range(5)]
    odd = json.dumps({"ts": "20261001T080000Z", "model": "deepseek-v4-pro", "input_tokens": 7, "output_tokens": 1})
    named = [json.dumps(call(n)) for n in range(20, 25)]
    files = {"a": [*nameless, odd], "b": [*nameless, odd], "c": named, "d": [*named[2:], json.dumps(call(30))]}
    for name, lines in files.items():
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")

    far = same(spark.address, tmp_path / "*.jsonl", read=sorted(tmp_path.iterdir()))

    assert (len(far.logs[0].copies), far.duplicates) == (1, 3)


def flat(number: int, read: int, **more: object) -> dict[str, object]:
    """A call whose cache count may be a part of its input, or stand beside it."""
    told = {"ts": f"2026-10-01T08:00:0{number}Z", "model": "claude-sonnet-5", "input_tokens": 100, "output_tokens": 5}
    return {"request_id": f"call-{number}", **told, "cache_read_input_tokens": read} | more


def test_what_a_log_tells_of_its_cache_counts_holds_for_all_of_it(spark: cluster.Cluster, tmp_path: Path) -> None:
    """100 and 60 are 160 in the log that has 100 and 700, and 100 in the other one; what is told by an odd record is refused."""
    told = {
        "a": [flat(1, 60), flat(2, 700), flat(3, 60, model="m")],
        "b": [flat(4, 60)],
        "c": [flat(5, 7, ts="1790000000.")],
    }
    for name, records in told.items():
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")

    same(spark.address, tmp_path / "[ab].jsonl", read=[tmp_path / "a.jsonl", tmp_path / "b.jsonl"])
    with reach(spark.address) as engine, pytest.raises(EngineError, match="are a part of the input is told by records"):
        logs.read_logs(engine, str(tmp_path / "c.jsonl"), Manner())


def test_several_places_each_with_logs_of_their_own(spark: cluster.Cluster, tmp_path: Path) -> None:
    """One begins with a byte order mark, each has an odd record."""
    odd = {"ts": "20261001T080000Z", "model": "deepseek-v4-pro", "input_tokens": 7, "output_tokens": 1}
    lines = "\n".join(map(json.dumps, (call(1), call(2), odd))) + "\n"
    (tmp_path / "a.jsonl").write_text(lines, encoding="utf-8-sig")
    (tmp_path / "b.csv").write_text(
        "id,ts,model,input_tokens,output_tokens\n"
        "request-number-3,2026-10-01T08:00:00Z,deepseek-v4-pro,30,3\n"
        "request-number-4,2026-10-01,deepseek-v4-pro,40,4\n",
        encoding="utf-8",
    )

    with reach(spark.address) as engine, Ledger.throwaway() as outline, Ledger.throwaway() as ledger:
        far = Far(engine, outline, str(tmp_path / "a.jsonl"), str(tmp_path / "b.csv"))
        there = engine.ask(f"SELECT {JUDGED} FROM requests", "requests").to_pylist()
        load_paths(ledger, *sorted(tmp_path.iterdir()))
        here = DuckDB(ledger.connection).ask(f"SELECT {JUDGED} FROM requests", "requests").to_pylist()

    assert [one.records for one in far.logs] == [3, 2]
    assert len(here) == 5
    assert sorted(map(str, there)) == sorted(map(str, here))


def test_what_is_printed_is_the_same_to_the_byte(spark: cluster.Cluster) -> None:
    log = ROOT / "sample_logs" / "gateway.jsonl.gz"

    there = spend("analyze", "--no-report", "--json", "--engine", spark.address, "--table", f"requests={log}")
    here = spend("analyze", "--no-report", "--json", log)

    assert (there.code, there.out) == (0, here.out)
    assert there.err.count("spend: rejected: ") == here.err.count("spend: rejected: ") == 2


CHAT = {"id": "chatcmpl-abcdefghijklmnopqr", "object": "chat.completion", "created": 1790000000, "model": "gpt-5"}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.jsonl", json.dumps(CHAT), "logs of the format openai-chat are not read on Spark: formats/openai-chat.sql"),
        ("a.json", '{\n"ts": 1\n}', "neither JSON lines nor CSV there"),
        ("a.log", '{"a": 1}', "no format fits"),
        ("a.csv", 'ts,model,endpoint,input_tokens\n1790000000,m,"a\nb",1', "a text with line ends in it"),
    ],
)
def test_what_is_not_read_has_one_message(
    spark: cluster.Cluster, tmp_path: Path, name: str, text: str, said: str
) -> None:
    (tmp_path / name).write_text(text + "\n", encoding="utf-8")

    ended = spend("query", "totals", "--engine", spark.address, "--table", f"requests={tmp_path / name}")

    assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 2)
    assert said in ended.err


def test_logs_of_two_headers_are_refused_and_so_are_too_many_odd_records(
    spark: cluster.Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, header in (("a", "ts,model,input_tokens"), ("b", "model,ts,input_tokens")):
        (tmp_path / f"{name}.csv").write_text(f"{header}\n1790000000,m,1.5\n", encoding="utf-8")
    monkeypatch.setattr(logs, "MOST_ODD", 0)

    with reach(spark.address) as engine:
        with pytest.raises(EngineError, match="other names of columns than the others"):
            logs.read_logs(engine, str(tmp_path / "*.csv"), Manner())
        with pytest.raises(EngineError, match="1 of 1 records of the format generic are not written as plainly"):
            logs.read_logs(engine, str(tmp_path / "a.csv"), Manner())
