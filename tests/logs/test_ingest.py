"""From logs to requests: each exactly once, every record accounted for, nothing kept that must not be."""

import itertools
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar
from uuid import UUID

import pytest
from conftest import LoadLogs, as_line, call, counts, empty, load_paths, rows, text_of, write_lines
from hypothesis import given, settings
from hypothesis import strategies as st
from support import PACKINGS

from analyzer.ingest.discovery import find
from analyzer.ingest.load import Manner, load
from analyzer.ledger import Ledger

CALLS = [call(number) for number in range(12)]
NAMELESS = [call(number, request_id=None) for number in range(12)]
HEADER = "ts,model,endpoint,input_tokens,output_tokens"
SECRETS = [
    "sk-0123456789abcdef0123456789abcdef",
    "Bearer sk-proj-AbCdEfGhIjKlMnOpQrSt_uVwXyZ",
    "AIzaSyA0123456789abcdefghijklmnopqrstu",
    "0123456789abcdef0123456789abcdef",
]


@pytest.fixture
def ledger(shared: Ledger) -> Ledger:
    """An empty ledger: the shared one, emptied, which is quicker than another."""
    empty(shared)
    return shared


class TestExactlyOnce:
    def test_the_same_log_again_adds_nothing(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        log = write_lines(tmp_path / "app.jsonl", *CALLS)
        ledger, first = load_logs(log)
        assert [(loaded.records, loaded.requests) for loaded in first.loaded] == [(12, 12)]
        _, second = load_logs(log)
        assert [(nothing.path, nothing.reason) for nothing in second.nothing] == [
            (str(log), "is in the ledger already")
        ]
        assert counts(ledger)["records"] == 12

    def test_one_command_that_names_a_log_twice_reads_it_once(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        log = write_lines(tmp_path / "app.jsonl", *CALLS)
        ledger, _ = load_logs(log, log, tmp_path)
        assert counts(ledger)["records"] == 12

    @pytest.mark.parametrize("lines", [CALLS, NAMELESS], ids=["with ids", "without ids"])
    def test_a_copy_under_another_name_adds_nothing(
        self, lines: list[dict[str, object]], load_logs: LoadLogs, tmp_path: Path
    ) -> None:
        ledger, _ = load_logs(write_lines(tmp_path / "app.jsonl", *lines))
        load_logs(write_lines(tmp_path / "copy.log", *lines))
        assert counts(ledger) == {"records": 12, "requests": 12, "duplicates": 0, "skipped": 0, "rejected": 0}

    @pytest.mark.parametrize("packing", PACKINGS)
    def test_a_packed_copy_adds_nothing(self, packing: str, load_logs: LoadLogs, tmp_path: Path) -> None:
        packed = tmp_path / "packed"
        PACKINGS[packing](text_of(NAMELESS), packed)
        ledger, _ = load_logs(packed)
        assert counts(ledger)["requests"] == 12
        load_logs(write_lines(tmp_path / "app.jsonl", *NAMELESS))
        assert counts(ledger)["records"] == 12

    def test_the_halves_of_a_log_add_nothing_to_the_whole(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        halves = [write_lines(tmp_path / "a.jsonl", *CALLS[6:]), write_lines(tmp_path / "b.jsonl", *CALLS[:6])]
        ledger, _ = load_logs(write_lines(tmp_path / "app.jsonl", *CALLS))
        load_logs(*halves)
        assert counts(ledger)["requests"] == 12

    def test_the_whole_adds_nothing_to_its_halves(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        halves = [write_lines(tmp_path / "a.jsonl", *CALLS[6:]), write_lines(tmp_path / "b.jsonl", *CALLS[:6])]
        ledger, _ = load_logs(*halves)
        load_logs(write_lines(tmp_path / "app.jsonl", *CALLS))
        assert counts(ledger)["requests"] == 12

    @pytest.mark.parametrize("lines", [CALLS, NAMELESS], ids=["with ids", "without ids"])
    @pytest.mark.parametrize("first", [1, 3, 9])
    def test_of_a_grown_log_only_the_new_lines_are_read(
        self, lines: list[dict[str, object]], first: int, load_logs: LoadLogs, tmp_path: Path
    ) -> None:
        log = write_lines(tmp_path / "app.jsonl", *lines[:first])
        ledger, _ = load_logs(log)
        write_lines(log, *lines)
        _, outcome = load_logs(log)
        assert [loaded.records for loaded in outcome.loaded] == [12 - first]
        assert counts(ledger) == {"records": 12, "requests": 12, "duplicates": 0, "skipped": 0, "rejected": 0}

    def test_a_grown_log_may_be_packed_and_renamed_meanwhile(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        ledger, _ = load_logs(write_lines(tmp_path / "app.jsonl", *NAMELESS[:8]))
        PACKINGS["gz"](text_of(NAMELESS), tmp_path / "app.jsonl.1.gz")
        load_logs(tmp_path / "app.jsonl.1.gz")
        assert counts(ledger)["records"] == 12

    def test_a_grown_csv_is_read_on(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        row = "2026-10-01T08:00:00Z,deepseek-v4-pro,/chat,10,1"
        log = write_lines(tmp_path / "app.csv", HEADER, row, row)
        ledger, _ = load_logs(log)
        write_lines(log, HEADER, row, row, row)
        load_logs(log)
        assert counts(ledger)["requests"] == 3

    def test_a_grown_export_of_which_a_line_was_cut_is_whole_again(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        """An export makes one row of several records, so a longer one is no mere addition."""
        head = "user_id,utc_date,model,api_key_name,api_key,type,price,amount\n"
        key = "account-1,2026-06-01,deepseek-v4-pro,key-a,sk-a***"
        told = ["request_count,,9", "input_cache_miss_tokens,0.000001,700", "output_tokens,0.000002,30"]
        whole = head + "".join(f"{key},{one}\n" for one in told)
        log = tmp_path / "amount-2026-6.csv"
        log.write_text(whole[:-20])
        ledger, _ = load_logs(log)
        log.write_text(whole)
        load_logs(log)
        assert rows(ledger, "SELECT calls, input_tokens, output_tokens FROM requests") == [(9, 700, 30)]
        counts(ledger)

    def test_a_cut_last_line_waits_for_its_rest(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        data = text_of(NAMELESS)
        log = tmp_path / "app.jsonl"
        log.write_bytes(data[:-30])
        ledger, outcome = load_logs(log)
        assert [(loaded.records, loaded.pending) for loaded in outcome.loaded] == [
            (11, len(as_line(NAMELESS[-1])) - 30)
        ]
        log.write_bytes(data)
        load_logs(log)
        assert counts(ledger) == {"records": 12, "requests": 12, "duplicates": 0, "skipped": 0, "rejected": 0}

    def test_a_log_that_is_all_one_cut_line_adds_nothing_yet(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        log = tmp_path / "app.jsonl"
        log.write_bytes(as_line(call(1))[:-30])
        ledger, outcome = load_logs(log)
        assert [nothing.reason for nothing in outcome.nothing] == ["holds no whole line yet"]
        assert counts(ledger)["records"] == 0

    def test_a_last_line_without_an_end_is_a_record_when_it_is_whole(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        log = tmp_path / "app.jsonl"
        log.write_bytes(text_of(NAMELESS[:5]).rstrip(b"\n"))
        ledger, _ = load_logs(log)
        assert counts(ledger)["requests"] == 5
        write_lines(log, *NAMELESS)
        load_logs(log)
        assert counts(ledger) == {"records": 12, "requests": 12, "duplicates": 0, "skipped": 0, "rejected": 0}

    def test_a_cut_last_row_of_a_csv_waits_too(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        log = tmp_path / "app.csv"
        log.write_text(f"{HEADER}\n2026-10-01T08:00:00Z,deepseek-v4-pro,/chat,10,1\n2026-10-01T08:01:00Z,deepseek-v4-")
        ledger, outcome = load_logs(log)
        assert [(loaded.requests, loaded.pending > 0) for loaded in outcome.loaded] == [(1, True)]
        log.write_text(
            f"{HEADER}\n2026-10-01T08:00:00Z,deepseek-v4-pro,/chat,10,1\n2026-10-01T08:01:00Z,deepseek-v4-flash,/chat,20,2\n"
        )
        load_logs(log)
        assert rows(ledger, "SELECT model, input_tokens FROM requests ORDER BY ALL") == [
            ("deepseek-v4-flash", 20),
            ("deepseek-v4-pro", 10),
        ]


class TestOneRowForEachRequest:
    UNMEASURED = call(1, input_tokens=None, cached_tokens=None, output_tokens=None)

    @pytest.mark.parametrize("turn", [1, -1])
    def test_usage_is_better_than_none(self, turn: int, load_logs: LoadLogs, tmp_path: Path) -> None:
        told = [call(1), self.UNMEASURED][::turn]
        ledger, _ = load_logs(write_lines(tmp_path / "app.jsonl", *told))
        assert rows(ledger, "SELECT output_tokens FROM requests") == [(101,)]
        assert counts(ledger)["duplicates"] == 1

    @pytest.mark.parametrize("turn", [1, -1])
    def test_the_larger_output_wins(self, turn: int, load_logs: LoadLogs, tmp_path: Path) -> None:
        told = [call(1, output_tokens=count) for count in (5, 80, 20)][::turn]
        ledger, _ = load_logs(write_lines(tmp_path / "app.jsonl", *told))
        assert rows(ledger, "SELECT output_tokens FROM requests") == [(80,)]
        assert counts(ledger)["duplicates"] == 2

    def test_a_better_record_of_a_later_log_takes_the_place_of_the_first(
        self, load_logs: LoadLogs, tmp_path: Path
    ) -> None:
        first = write_lines(tmp_path / "first.jsonl", self.UNMEASURED)
        ledger, _ = load_logs(first)
        second = write_lines(tmp_path / "second.jsonl", call(1))
        load_logs(second)
        told = "SELECT path, records, requests, duplicates FROM sources ORDER BY source_id"
        assert rows(ledger, told) == [(str(first), 1, 0, 1), (str(second), 1, 1, 0)]
        assert rows(ledger, "SELECT output_tokens FROM requests") == [(101,)]

    BARE: ClassVar = dict.fromkeys(("input_tokens", "output_tokens", "cached_tokens"))

    @pytest.mark.parametrize(
        ("told", "tier"),
        [
            ({"usage": {"prompt_tokens": 50, "completion_tokens": 5}, "service_tier": "flex"}, "flex"),
            ({"usage": {"input_tokens": 50, "output_tokens": 5, "service_tier": "batch"}}, "batch"),
            (
                {"response": {"usage": {"prompt_tokens": 50, "completion_tokens": 5}, "service_tier": "priority"}},
                "priority",
            ),
            ({"usage": {"input_tokens": 50, "output_tokens": 5, "service_tier": "standard", "speed": "fast"}}, "fast"),
            ({}, None),
        ],
    )
    def test_a_record_of_one_s_own_tells_its_service_tier(
        self, told: dict[str, object], tier: str | None, load_logs: LoadLogs, tmp_path: Path
    ) -> None:
        ledger, outcome = load_logs(write_lines(tmp_path / "app.jsonl", call(1, **(self.BARE if told else {}), **told)))
        assert outcome.loaded[0].format == "generic"
        assert rows(ledger, "SELECT service_tier FROM requests") == [(tier,)]

    def test_a_record_of_one_s_own_tells_how_long_what_was_written_lives(
        self, load_logs: LoadLogs, tmp_path: Path
    ) -> None:
        """Anthropic's counts stand beside its input: 10 + 30 + 100 + 200, of which 300 were written, 200 for an hour."""
        lived = {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200}
        usage = {"input_tokens": 10, "output_tokens": 5, "cache_read_input_tokens": 30}
        summed = {**usage, "cache_creation_input_tokens": 300, "cache_creation": lived}
        logs = [
            write_lines(tmp_path / "sum.jsonl", call(1, **self.BARE, usage=summed)),
            write_lines(
                tmp_path / "parts.jsonl",
                call(
                    2,
                    **self.BARE,
                    usage={**usage, "cache_creation": lived},
                ),
            ),
        ]
        ledger, _ = load_logs(*logs)
        told = "SELECT input_tokens, cache_read_tokens, cache_write_tokens, cache_write_1h_tokens FROM requests"
        assert rows(ledger, told) == [(340, 30, 300, 200)] * 2

    CODE: ClassVar = {"timestamp": "2026-10-01T08:00:00Z", "model": "deepseek-v4-pro"}
    PAGE: ClassVar = {"created_at": 1790841600, "model_name": "deepseek-v4-pro"}
    USAGE: ClassVar = {"prompt_tokens": 50, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 20}}

    @pytest.mark.parametrize(
        "told",
        [
            # As Claude Code's lines, but for the model's place.
            CODE | {"session_id": "s-1", "message": {"role": "assistant", "content": "CANARY", "usage": USAGE}},
            CODE | {"requestId": "r-1", "type": "llm", "message": {"usage": USAGE}},
            # As a page of new-api's, but for its list.
            PAGE | {"type": "llm", "data": {"usage": USAGE}},
            # As an empty page of Anthropic's report, but for the word that there are more.
            {"created": 1790841600, "model": "deepseek-v4-pro", "data": [], "usage": USAGE},
        ],
    )
    def test_a_record_of_one_s_own_is_read_though_it_looks_like_another_s(
        self, told: dict[str, object], load_logs: LoadLogs, tmp_path: Path
    ) -> None:
        ledger, _ = load_logs(write_lines(tmp_path / "app.jsonl", told))
        found = "SELECT model, input_tokens, cache_read_tokens, output_tokens FROM requests"
        assert rows(ledger, found) == [("deepseek-v4-pro", 50, 20, 5)]

    def test_a_provider_s_id_is_one_call_in_whatever_format(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        usage = {"prompt_tokens": 50, "completion_tokens": 5, "total_tokens": 55}
        reply = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1790000000, "model": "m", "usage": usage}
        wrapped = {"ts": "2026-09-21T14:13:20Z", "model": "m", "endpoint": "/chat", "response": reply}
        logs = [write_lines(tmp_path / "raw.jsonl", reply), write_lines(tmp_path / "wrapped.jsonl", wrapped)]
        ledger, outcome = load_logs(*logs)
        assert {loaded.format for loaded in outcome.loaded} == {"openai-chat", "generic"}
        assert rows(ledger, "SELECT request_id, input_tokens FROM requests") == [("chatcmpl-1", 50)]

    def test_records_without_an_id_are_never_taken_for_duplicates(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        ledger, _ = load_logs(write_lines(tmp_path / "app.jsonl", NAMELESS[0], NAMELESS[0], NAMELESS[0]))
        assert counts(ledger)["requests"] == 3

    def test_running_numbers_of_two_logs_are_no_ids(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        logs = [write_lines(tmp_path / f"{number}.jsonl", call(number, request_id=None, id=1)) for number in (1, 2)]
        ledger, _ = load_logs(*logs)
        assert counts(ledger)["requests"] == 2

    @pytest.mark.parametrize(
        "no_id", [" ", "-", "N/A", "null", "None", "unknown", "undefined", "0" * 32, f"{UUID(int=0)}"]
    )
    def test_what_stands_where_there_is_no_id_is_none(self, no_id: str, load_logs: LoadLogs, tmp_path: Path) -> None:
        ledger, _ = load_logs(write_lines(tmp_path / "app.jsonl", *(call(n, request_id=no_id) for n in (1, 2, 3))))
        assert rows(ledger, "SELECT request_id FROM requests") == [(None,)] * 3

    def test_an_id_that_begins_like_one_is_one(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        ledger, _ = load_logs(write_lines(tmp_path / "app.jsonl", *(call(1, request_id="unknown-17") for _ in "ab")))
        assert rows(ledger, "SELECT request_id FROM requests") == [("unknown-17",)]

    TOLD: ClassVar = [
        call(1),
        call(1, output_tokens=7),
        call(1, session_id="s-1"),
        call(1, session_id="s-2"),
        call(1, input_tokens=None, output_tokens=None, cached_tokens=None, user="u-1", team="t-1", session_id="s-3"),
        call(2, user="u-1"),
        call(2, user="u-2", status="stop"),
        call(2, user="u-2", status="length"),
        call(3, cost="0.001"),
        call(3, cost="0.002"),
        call(4, model=None),
        call(5, input_tokens=-1),
    ]

    @pytest.mark.endurance
    @settings(max_examples=15, deadline=None)
    @given(
        order=st.permutations(range(len(TOLD))),
        cuts=st.sets(st.integers(1, len(TOLD) - 1), max_size=3),
        at_once=st.booleans(),
    )
    def test_neither_order_nor_split_changes_the_requests(
        self, shared: Ledger, order: list[int], cuts: set[int], at_once: bool
    ) -> None:
        lines = [{**self.TOLD[place], "note": place} for place in order]
        bounds = [0, *sorted(cuts), len(lines)]
        empty(shared)
        with TemporaryDirectory() as folder:
            logs = [
                write_lines(Path(folder) / f"{place}.jsonl", *lines[start:end])
                for place, (start, end) in enumerate(itertools.pairwise(bounds))
            ]
            for command in [logs] if at_once else [[log] for log in logs]:
                load_paths(shared, *command)
        assert counts(shared) == {"records": 12, "requests": 3, "duplicates": 7, "skipped": 0, "rejected": 2}
        asked = (
            "SELECT request_id, session_id, user_name, status, output_tokens, CAST(stated_cost AS DOUBLE) FROM requests"
        )
        assert sorted(rows(shared, asked)) == [
            ("call-1", "s-1", None, None, 101, None),
            ("call-2", None, "u-1", None, 102, None),
            ("call-3", None, None, None, 103, 0.001),
        ]


def test_an_export_of_a_day_that_began_in_the_peak_tier_and_went_on_off_peak(tmp_path: Path) -> None:
    """Rows are known by their price: the second export adds the off-peak row and does not take it for the first one."""
    head = "user_id,start_time_iso,end_time_iso,model,api_key_name,api_key,type,price,amount"
    day = "u,2026-08-20T00:00:00+08:00,2026-08-21T00:00:00+08:00,deepseek-v4-flash,k,sk-***"
    peak = [f"{day},input_cache_miss_tokens,0.000003,400", f"{day},output_tokens,0.000009,80"]
    calm = [f"{day},input_cache_miss_tokens,0.0000015,200", f"{day},output_tokens,0.0000045,20"]
    (tmp_path / "early.csv").write_text("\n".join([head, *peak]) + "\n")
    (tmp_path / "late.csv").write_text("\n".join([head, *calm, *peak]) + "\n")

    with Ledger.throwaway() as ledger:
        for name in ("early.csv", "late.csv"):
            load(ledger, find((str(tmp_path / name),))[0], Manner())
        sums = ledger.connection.execute(
            "SELECT sum(input_tokens), sum(output_tokens), count(*) FROM requests"
        ).fetchone()

    assert sums == (200 + 400, 20 + 80, 2)


class TestWhatTheLedgerHolds:
    def kept(self, path: Path, *logs: Path) -> bytes:
        """The bytes of a ledger after these logs, and everything that can be asked of it."""
        with Ledger.open(path, create=True) as ledger:
            load_paths(ledger, *logs)
            counts(ledger)
            ledger.connection.execute("CHECKPOINT")
            told = "".join(
                str(rows(ledger, f"FROM {table}")) for table in ("sources", "requests", "rejected", "skipped")
            )
        return path.read_bytes() + told.encode()

    def test_hostile_names_are_only_names(self, load_logs: LoadLogs, tmp_path: Path) -> None:
        names = [
            "'; DROP TABLE requests; --",
            '"quoted"',
            "<script>alert(1)</script>",
            "=1+1",
            "\u202eright to left",
            "bell \a and escape \x1b[31m",
            "nul \0 within",
            "{0}%s$1",
        ]
        lines = [call(number, endpoint=name) for number, name in enumerate(names)]
        ledger, _ = load_logs(write_lines(tmp_path / "app.jsonl", *lines))
        assert rows(ledger, "SELECT endpoint FROM requests ORDER BY started_at") == [(name,) for name in names]

    @pytest.mark.parametrize("word", ["api_key", "key_name", "api_key_name"])
    def test_keys_are_masked(self, word: str, tmp_path: Path) -> None:
        lines = [call(number, **{word: key}) for number, key in enumerate([*SECRETS, "svc-search"])]
        kept = self.kept(tmp_path / "spend.duckdb", write_lines(tmp_path / "app.jsonl", *lines))
        assert b"svc-search" in kept
        assert [secret for secret in SECRETS if secret.encode()[4:-4] in kept] == []

    def test_keys_in_an_address_are_left_out(self, tmp_path: Path) -> None:
        lines = [
            call(1, endpoint=None, url="https://host.example/v1/models/m:generate?key=AIzaSyA0123456789abcdefghijk"),
            call(2, endpoint=None, url="https://login:AIzaSyA0123456789abcdefghijk@host.example/v1/chat"),
            call(3, endpoint="/v1/chat?key=AIzaSyA0123456789abcdefghijk"),
        ]
        kept = self.kept(tmp_path / "spend.duckdb", write_lines(tmp_path / "app.jsonl", *lines))
        assert b"https://host.example/v1/models/m:generate" in kept
        assert b"AIzaSy" not in kept

    def test_texts_of_prompts_and_answers_are_not_kept(self, tmp_path: Path) -> None:
        words = ("prompt", "answer", "argument", "error", "system", "reply")
        said = {word: f"canary-{word}-2f6c" for word in words}
        plain = call(
            1,
            messages=[{"role": "user", "content": said["prompt"]}],
            system=said["system"],
            completion=said["answer"],
            response={"choices": [{"message": {"content": said["reply"]}}]},
            error={"message": said["error"]},
            endpoint=None,
            function={"name": "look", "arguments": said["argument"]},
        )
        tool_call = {"id": "c", "function": {"name": "look", "arguments": said["argument"]}}
        reply = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1790000000,
            "model": "m",
            "choices": [{"message": {"content": said["answer"], "tool_calls": [tool_call]}}],
            "usage": {"prompt_tokens": 5, "completion_tokens": 5},
        }
        rejected = call(2, model=None, prompt=said["prompt"], output_tokens=said["answer"])
        broken = f'{{"prompt": "{said["prompt"]}", "answer": "{said["answer"]}'
        logs = [
            write_lines(tmp_path / "plain.jsonl", plain, call(3, endpoint="canary-endpoint")),
            write_lines(tmp_path / "chat.jsonl", reply),
            write_lines(tmp_path / "broken.jsonl", broken, rejected, plain, call(4)),
        ]
        kept = self.kept(tmp_path / "spend.duckdb", *logs)
        assert b"canary-endpoint" in kept
        assert [word for word, text in said.items() if text.encode() in kept] == []
