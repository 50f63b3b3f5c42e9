"""Logs that are forgotten, and logs that are read otherwise than before."""

import os
import shlex
from pathlib import Path

import pytest
from conftest import LoadLogs, Write, call, counts, rows, write_lines
from hypothesis import given, settings
from hypothesis import strategies as st
from nameless import content, nameless
from support import ledger_of, spend

from analyzer.errors import SourceError
from analyzer.ingest.discovery import spelled
from analyzer.ingest.forget import forget
from analyzer.report.visible import visible


class TestForgetting:
    """`spend forget`: as if the log had never been read."""

    def test_a_log_that_tells_alone(self, log: Write, load_logs: LoadLogs) -> None:
        one, two = log("one", *map(call, range(3))), log("two", *map(call, range(3, 5)), "broken")
        ledger, _ = load_logs(one, two)
        forget(ledger, [str(two)])
        assert counts(ledger) == {"records": 3, "requests": 3, "duplicates": 0, "skipped": 0, "rejected": 0}

    def test_what_another_log_told_as_well_stays(self, log: Write, load_logs: LoadLogs) -> None:
        """The gateway's log knows the endpoint and is believed; without it the other log's word counts."""
        gateway = log("gateway", call(1))
        plain = log("plain", call(1, endpoint=None), call(2))
        load_logs(gateway)
        ledger, _ = load_logs(plain)
        assert rows(ledger, "SELECT endpoint FROM requests WHERE request_id = 'call-1'") == [("/chat",)]
        gone = forget(ledger, [str(gateway)])
        assert gone.revived == 1
        assert rows(ledger, "SELECT endpoint FROM requests WHERE request_id = 'call-1'") == [(None,)]
        assert counts(ledger) == {"records": 2, "requests": 2, "duplicates": 0, "skipped": 0, "rejected": 0}

    def test_a_log_that_was_forgotten_can_be_read_again(self, log: Write, load_logs: LoadLogs) -> None:
        path = log("one", *map(call, range(3)))
        ledger, _ = load_logs(path)
        before = content(ledger)
        forget(ledger, [str(path)])
        assert content(ledger) == []
        load_logs(path)
        assert content(ledger) == before

    def test_a_grown_log_goes_as_a_whole(self, log: Write, load_logs: LoadLogs) -> None:
        path = log("app", *map(call, range(3)))
        load_logs(path)
        ledger, _ = load_logs(log("app", *map(call, range(6))))
        assert counts(ledger)["requests"] == 6
        forget(ledger, [str(path)])
        assert counts(ledger)["records"] == 0
        load_logs(path)
        assert counts(ledger)["requests"] == 6

    def test_what_went_on_from_it_under_another_name_goes_too(self, log: Write, load_logs: LoadLogs) -> None:
        """Only the new part of a longer log was read: without its beginning it would be half a log."""
        one, two = log("app.1", call(1)), log("app", call(1), call(2))
        load_logs(one)
        ledger, _ = load_logs(two)
        assert forget(ledger, [str(one)]).paths == (str(one), str(two))
        load_logs(two)
        assert counts(ledger)["requests"] == 2

    def test_a_pattern_names_several(self, log: Write, load_logs: LoadLogs, tmp_path: Path) -> None:
        ledger, _ = load_logs(log("a.1", call(1)), log("a.2", call(2)), log("b.1", call(3)))
        assert len(forget(ledger, [f"{tmp_path}/a.*"]).paths) == 2
        assert counts(ledger)["records"] == 1

    @pytest.mark.parametrize("name", ["\udcff\n.jsonl", "\x1b[31m\U000e0041.jsonl"])
    def test_one_whose_name_cannot_be_shown_goes_by_the_name_and_as_it_is_shown(
        self, name: str, load_logs: LoadLogs, tmp_path: Path
    ) -> None:
        path = write_lines(tmp_path / name, call(1))
        for word in (str(path), visible(spelled(str(path)), 1000)):
            ledger, _ = load_logs(path)
            assert len(forget(ledger, [word]).paths) == 1
            assert counts(ledger)["records"] == 0

    def test_a_name_that_looks_like_a_pattern_is_that_log(
        self, log: Write, load_logs: LoadLogs, tmp_path: Path
    ) -> None:
        ledger, _ = load_logs(
            *(log(name, call(number)) for number, name in enumerate(("a[1].jsonl", "a1.jsonl", "a*")))
        )
        gone = [forget(ledger, [str(tmp_path / name)]).paths for name in ("a*", "a[1].jsonl")]
        assert gone == [(str(tmp_path / "a*"),), (str(tmp_path / "a[1].jsonl"),)]
        assert counts(ledger)["requests"] == 1

    def test_an_unknown_name_changes_nothing(self, log: Write, load_logs: LoadLogs) -> None:
        path = log("one", call(1))
        ledger, _ = load_logs(path)
        with pytest.raises(SourceError, match="no source of the ledger is called"):
            forget(ledger, [str(path), "two"])
        assert counts(ledger)["records"] == 1

    def test_the_folder_of_logs_is_said_to_be_one_and_the_remedy_runs(self, log: Write, tmp_path: Path) -> None:
        ledger, folder = tmp_path / "l.duckdb", tmp_path / "logs [1]"
        folder.mkdir()
        write_lines(folder / "a.jsonl", call(1))
        spend("ingest", "--db", ledger, folder, log("other", call(2)))
        ended = spend("forget", "--db", ledger, f"{folder}/")
        assert (ended.code, ended.err.splitlines()[0]) == (1, f"spend: {folder}/: a folder of logs, and no log")
        _, found, command = ended.err.splitlines()[1].partition(": spend ")
        assert found
        done = spend(*shlex.split(command))
        assert (done.code, "1 record is left" in done.out) == (0, True)

    def test_the_command(self, log: Write, tmp_path: Path) -> None:
        ledger, path = tmp_path / "l.duckdb", log("one", call(1))
        spend("ingest", "--db", ledger, path, log("two", call(2), call(1)))
        ended = spend("forget", "--db", ledger, path)
        assert ended.code == 0
        assert f"Forgot {path}" in ended.out
        assert "2 records are left, 2 of them requests" in ended.out
        again = spend("forget", "--db", ledger, path)
        assert (again.code, again.out) == (1, "")
        assert again.err.startswith(f"spend: no source of the ledger is called {path}\n  ")
        assert f"`spend status --db {ledger}` lists them" in again.err  # the command runs as it stands
        kept = spend("analyze", "--db", ledger, "--json", "--no-report", "--scenario", "all-flash")
        assert kept.document["ledger"]["requests"] == 2


@pytest.mark.endurance
@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3), st.booleans()), max_size=6), min_size=2, max_size=4
    ),
    st.data(),
)
def test_forgetting_a_log_leaves_what_the_others_alone_would_have_given(
    tmp_path_factory: pytest.TempPathFactory, logs: list[list[tuple[int, int, bool]]], data: st.DataObject
) -> None:
    """A log may tell of a call several times, and several logs of one call, with other counts and names."""
    folder = tmp_path_factory.mktemp("logs")
    paths = [
        write_lines(
            folder / f"{place}.jsonl",
            call(50 + place, input_tokens=-1),  # is rejected, and makes each log another one
            *(
                call(number, output_tokens=100 + more, endpoint="/chat" if named else None)
                for number, more, named in log
            ),
        )
        for place, log in enumerate(logs)
    ]
    gone = data.draw(st.integers(0, len(paths) - 1))
    with ledger_of(*paths) as ledger:
        forget(ledger, [str(paths[gone])])
        counts(ledger)
        left = content(ledger)
    with ledger_of(*(path for path in paths if path != paths[gone])) as ledger:
        assert content(ledger) == left


@pytest.mark.endurance
class TestReadOtherwise:
    """A log that the ledger has already is not read again in another manner; what to do is said, and helps."""

    UNTIMED = (nameless(1, ts=None), nameless(2, ts=None), nameless(3))

    def test_rejected_records_are_read_once_the_log_was_forgotten(self, log: Write, tmp_path: Path) -> None:
        ledger, path = tmp_path / "l.duckdb", log("app.jsonl", *self.UNTIMED)
        first = spend("ingest", "--db", ledger, path)
        assert "(`spend forget` it first for another --set, --map or --format)" in first.err
        again = spend("ingest", "--db", ledger, path, "--set", "time=2026-10-01")
        assert again.err.splitlines() == [
            f"spend: note: {path}: is in the ledger already, with 2 of its records rejected; it adds nothing",
            f"  to read it anew in this way, first take it out: spend forget {path} --db {ledger}",
        ]
        assert "3 records = 1 request" in again.out
        assert spend("forget", str(path), "--db", ledger).code == 0
        assert "3 records = 3 requests" in spend("ingest", "--db", ledger, path, "--set", "time=2026-10-01").out

    @pytest.mark.parametrize("name", ["app.jsonl", pytest.param("copy.jsonl", marks=pytest.mark.endurance)])
    @pytest.mark.parametrize(
        ("word", "told"),
        [
            ("endpoint", "an endpoint"),
            pytest.param("session", "a session", marks=pytest.mark.endurance),
            pytest.param("team", "a team", marks=pytest.mark.endurance),
        ],
    )
    def test_what_is_given_comes_too_late_for_calls_that_lack_it(
        self, word: str, told: str, name: str, log: Write, load_logs: LoadLogs
    ) -> None:
        """Under its own name or another: two calls lack it, one has its own, and after a reading with it none does."""
        has = {"endpoint": "/x", "session_id": "s", "team": "t"}
        lacks = dict.fromkeys(has)
        records = (nameless(1, **lacks), nameless(2, **lacks), nameless(3, **has))
        path = log("app.jsonl", *records)
        load_logs(path)

        again = log(name, *records)
        os.utime(again, (1_700_000_000, 1_700_000_000))  # not written to any more: the second time it need not be read
        for _ in range(2):
            ledger, outcome = load_logs(again, given={word: "y"})
            assert [(one.reason, one.remedy) for one in outcome.nothing] == [
                (
                    f"is in the ledger already, with 2 of its calls without {told}",
                    f"to read it anew in this way, first take it out: spend forget {path} --db {ledger.path}",
                )
            ]

        forget(ledger, [str(path)])
        load_logs(path, given={word: "y"})
        _, outcome = load_logs(again, given={word: "y"})
        assert [(one.reason, one.remedy) for one in outcome.nothing] == [("is in the ledger already", "")]

    def test_another_value_than_the_log_was_read_with(self, log: Write, load_logs: LoadLogs) -> None:
        """Only the words that are given again, with another value; a key in one is kept nowhere."""
        path = log("app.jsonl", nameless(1, endpoint=None))
        key = "sk-4f9d0e21c7b8a6530f1e2d3c4b5a6978"
        load_logs(path, given={"team": "red", "endpoint": f"/a b/{key}"})

        ledger, outcome = load_logs(path, given={"team": "blue"})
        assert [(one.reason, one.remedy) for one in outcome.nothing] == [
            (
                "is in the ledger already, read with --set team=red",
                f"to read it anew in this way, first take it out: spend forget {path} --db {ledger.path}",
            )
        ]
        for words, told in (
            ({"team": "red"}, ""),
            ({"model": "m"}, ""),  # which the log names itself
            ({"team": "red", "endpoint": "/b"}, ", read with --set 'endpoint=/a b/sk-…6978'"),
        ):
            _, outcome = load_logs(path, given=words)
            assert [one.reason for one in outcome.nothing] == [f"is in the ledger already{told}"], words
        assert key not in str(rows(ledger, "SELECT given FROM sources"))

    def test_another_format(self, log: Write, load_logs: LoadLogs) -> None:
        path = log("app.jsonl", nameless(1))
        load_logs(path)
        ledger, outcome = load_logs(path, format="openai-chat")
        assert [one.reason for one in outcome.nothing] == ["is in the ledger already, read as generic"]
        assert [one.remedy for one in outcome.nothing] == [
            f"to read it anew in this way, first take it out: spend forget {path} --db {ledger.path}"
        ]

    def test_calls_without_usage(self, log: Write, load_logs: LoadLogs) -> None:
        path = log("app.jsonl", nameless(1), nameless(2, output_tokens=None))
        load_logs(path)
        _, outcome = load_logs(path, format="generic")
        assert [one.reason for one in outcome.nothing] == [
            "is in the ledger already, with 1 of its calls without usage"
        ]

    def test_a_file_that_was_not_opened_again_and_one_that_grew(self, log: Write, load_logs: LoadLogs) -> None:
        path = log("app.jsonl", *self.UNTIMED)
        load_logs(path)
        path = log("app.jsonl", *self.UNTIMED, nameless(4), nameless(5, ts=None))
        os.utime(path, (1_700_000_000, 1_700_000_000))
        load_logs(path)
        _, outcome = load_logs(path, given={"time": "2026-10-01"})
        assert [one.reason for one in outcome.nothing] == ["is in the ledger already, with 3 of its records rejected"]

    def test_where_all_was_read_nothing_more_is_said(self, log: Write, load_logs: LoadLogs) -> None:
        path, other = log("app.jsonl", nameless(3)), log("other.jsonl", *self.UNTIMED)
        load_logs(path, other)
        for manner in ({}, {"given": {"time": "2026-10-01"}}):
            _, outcome = load_logs(path, **manner)
            assert [(one.reason, one.remedy) for one in outcome.nothing] == [("is in the ledger already", "")]

    def test_no_log_that_is_gone_is_told_to_be_forgotten(self, log: Write, load_logs: LoadLogs) -> None:
        """The log was rotated: of what its name stood for before, nothing is left but in the ledger."""
        load_logs(log("app.jsonl", nameless(8), nameless(9)))
        path = log("app.jsonl", *self.UNTIMED)
        load_logs(path)
        _, outcome = load_logs(path, given={"time": "2026-10-01"})
        assert [one.remedy for one in outcome.nothing] == [
            "other logs of its name are in the ledger, too: `spend forget` would take them all out"
        ]
