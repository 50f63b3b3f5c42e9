"""Each request once: logs without ids that come in parts, logs that were changed, logs that are forgotten."""

import os
import shlex
from collections.abc import Callable, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import patch

import pytest
from conftest import LoadLogs, call, counts, load_paths, rows, write_lines
from hypothesis import given, settings
from hypothesis import strategies as st
from support import ledger_of, spend

from analyzer.engines.query import named
from analyzer.errors import SourceError
from analyzer.ingest.discovery import spelled
from analyzer.ingest.forget import forget
from analyzer.ingest.known import Known, Part, Scan
from analyzer.ingest.seen import Seen
from analyzer.ledger import Ledger
from analyzer.report.visible import visible


def nameless(number: int, **fields: object) -> dict[str, object]:
    """A call without an id."""
    return call(number, request_id=None, **fields)


LOG = [nameless(number) for number in range(10)]

Write = Callable[..., Path]


@pytest.fixture
def log(tmp_path: Path) -> Write:
    """``log("name", record, ...)`` writes a log."""
    return lambda name, *records: write_lines(tmp_path / name, *records)


def content(ledger: Ledger) -> list[tuple[Any, ...]]:
    """Requests, apart from which log told of them."""
    return rows(ledger, "SELECT * EXCLUDE (source_id) FROM requests ORDER BY ALL")


class TestNamelessLogs:
    """Logs whose records have no id: a run of them that lies in another log was read before."""

    @pytest.mark.endurance
    @pytest.mark.parametrize("order", list(permutations(["whole", "first half", "second half"])))
    def test_a_log_and_its_halves_count_once(self, order: Sequence[str], log: Write, load_logs: LoadLogs) -> None:
        paths = {"whole": log("whole", *LOG), "first half": log("a", *LOG[:5]), "second half": log("b", *LOG[5:])}
        for name in order:
            ledger, _ = load_logs(paths[name])
        assert counts(ledger)["requests"] == len(LOG)

    def test_in_one_command_as_well(self, log: Write, load_logs: LoadLogs) -> None:
        ledger, _ = load_logs(log("a", *LOG[:5]), log("b", *LOG[5:]), log("whole", *LOG))
        assert counts(ledger)["requests"] == len(LOG)

    def test_a_piece_from_the_middle_adds_nothing(self, log: Write, load_logs: LoadLogs) -> None:
        load_logs(log("whole", *LOG))
        ledger, _ = load_logs(log("piece", *LOG[3:7]))
        assert counts(ledger) == {"records": 14, "requests": 10, "duplicates": 4, "skipped": 0, "rejected": 0}

    def test_equal_calls_of_one_log_all_count(self, log: Write, load_logs: LoadLogs) -> None:
        ledger, _ = load_logs(log("twice", LOG[0], LOG[0], LOG[1]))
        assert counts(ledger)["requests"] == 3

    def test_calls_of_two_logs_that_look_the_same_both_count(self, log: Write, load_logs: LoadLogs) -> None:
        """Two services with one call each in common: neither log lies within the other."""
        ledger, _ = load_logs(log("a", *LOG[:5]), log("b", LOG[2], *LOG[5:]))
        assert counts(ledger)["requests"] == 11

    def test_a_call_appended_that_looks_like_an_earlier_one_counts(self, log: Write, load_logs: LoadLogs) -> None:
        load_logs(log("grows", *LOG))
        ledger, outcome = load_logs(log("grows", *LOG, LOG[-1]))
        assert counts(ledger)["requests"] == 11
        assert [loaded.renewed for loaded in outcome.loaded] == [0]

    def test_one_count_that_differs_makes_another_log(self, log: Write, load_logs: LoadLogs) -> None:
        ledger, _ = load_logs(log("whole", *LOG), log("other", *LOG[:4], nameless(4, output_tokens=1)))
        assert counts(ledger)["requests"] == 15


class TestSnapshots:
    """Rows of one call with unequal counts: it grew, and its last snapshot tells."""

    @pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0)])
    @pytest.mark.parametrize("named", [{"service_tier": "default"}, {"session_id": "s", "team": "t", "user": "u"}])
    def test_names_that_an_early_one_has_do_not_outweigh_its_counts(
        self, order: Sequence[int], named: dict[str, object], log: Write, load_logs: LoadLogs
    ) -> None:
        told = [call(1, output_tokens=1, **named), call(1, output_tokens=50), call(1, output_tokens=99)]
        ledger, _ = load_logs(log("app", *(told[place] for place in order)))
        assert rows(ledger, "SELECT output_tokens FROM requests") == [(99,)]

    def test_nor_do_they_where_it_stands_in_another_log(self, log: Write, load_logs: LoadLogs) -> None:
        load_logs(log("final", call(1, output_tokens=99)))
        ledger, _ = load_logs(log("begun", call(1, output_tokens=1, team="t", session_id="s")))
        assert rows(ledger, "SELECT output_tokens FROM requests") == [(99,)]

    def test_of_equal_counts_the_one_with_more_names(self, log: Write, load_logs: LoadLogs) -> None:
        ledger, _ = load_logs(log("a", call(1, team="t")), log("b", call(1)), log("c", call(1, team="t", user="u")))
        assert rows(ledger, "SELECT team, user_name FROM requests") == [("t", "u")]

    def test_a_known_cache_split_goes_before_larger_counts(self, log: Write, load_logs: LoadLogs) -> None:
        """A gateway that counts for itself does not know what was cached."""
        ledger, _ = load_logs(log("provider", call(1)), log("gateway", call(1, cached_tokens=None, output_tokens=103)))
        assert rows(ledger, "SELECT cache_read_tokens, output_tokens FROM requests") == [(512, 101)]


class TestGrownLogs:
    """A log without ids that was read in steps is one log: what lies across the steps was read before."""

    def grow(self, log: Write, load_logs: LoadLogs, *lengths: int) -> None:
        for length in lengths:
            load_logs(log("app.jsonl", *LOG[:length]))

    def test_it_grew_and_is_split(self, log: Write, load_logs: LoadLogs) -> None:
        """The first half goes on where the first step ended; five of ten rows lie across the steps."""
        self.grow(log, load_logs, 3, 10)
        ledger, _ = load_logs(log("a", *LOG[:5]), log("b", *LOG[5:]))
        assert counts(ledger) == {"records": 17, "requests": 10, "duplicates": 7, "skipped": 0, "rejected": 0}

    @pytest.mark.parametrize(
        "lengths",
        [
            (2, 4, 10),
            *(pytest.param(more, marks=pytest.mark.endurance) for more in ((2, 10), (2, 4, 6, 10), (1, 7, 8, 10))),
        ],
    )
    def test_a_piece_across_the_steps_adds_nothing(
        self, lengths: tuple[int, ...], log: Write, load_logs: LoadLogs
    ) -> None:
        self.grow(log, load_logs, *lengths)
        ledger, _ = load_logs(log("piece", *LOG[1:9]))
        assert counts(ledger)["requests"] == 10

    def test_many_small_logs_take_no_more_work_each_than_one(self) -> None:
        """What a log may have grown from is looked up by its length; a thousand others of that length are one look."""
        known, prints = Known(), []
        for number in range(1000):
            scan = Scan(known)
            with patch.object(Scan, "_update", autospec=True, side_effect=Scan._update) as hashed:
                scan.feed(f"{number:03}\n".encode())
            assert hashed.call_count <= 2
            size, fingerprint = scan.finish(whole=True)
            prints.append(fingerprint)
            known.add(scan.opening, Part(size, None, fingerprint))
        grown = Scan(known)
        grown.feed(b"123\n124\n")
        assert grown.grown_from == Part(4, None, prints[123])

    def test_the_longest_beginning_that_was_read_is_what_a_log_grew_from(self) -> None:
        known, steps = Known(), [b"a" * 600 + b"\n", b"b" * 600 + b"\n", b"c" * 600 + b"\n"]
        for length in (1, 3, 2):
            scan = Scan(known)
            scan.feed(b"".join(steps[:length]))
            size, fingerprint = scan.finish(whole=True)
            known.add(scan.opening, Part(size, None, fingerprint))
        grown = Scan(known)
        grown.feed(b"".join(steps[:2]) + b"other\n")
        assert grown.grown_from is not None
        assert grown.grown_from.bytes == 1202

    def test_what_grows_over_a_piece_that_was_read_before(self, log: Write, load_logs: LoadLogs) -> None:
        load_logs(log("piece", *LOG[2:7]))
        self.grow(log, load_logs, 4)  # neither lies within the other
        self.grow(log, load_logs, 10)
        ledger, _ = load_logs(log("rest", *LOG[4:]))
        assert counts(ledger)["requests"] == 10

    def test_what_was_found_in_another_log_leaves_no_gap(self, log: Write, load_logs: LoadLogs) -> None:
        """The whole log's second half counts as the other one's; a piece of both halves is still one run of it."""
        load_logs(log("half", *LOG[5:]))
        load_logs(log("whole", *LOG))
        ledger, _ = load_logs(log("piece", *LOG[3:8]))
        assert counts(ledger) == {"records": 20, "requests": 10, "duplicates": 10, "skipped": 0, "rejected": 0}

    def test_two_logs_that_grow_side_by_side_both_count(self, log: Write, load_logs: LoadLogs) -> None:
        others = [nameless(number, output_tokens=7) for number in range(10)]
        for length in (4, 10):
            self.grow(log, load_logs, length)
            ledger, _ = load_logs(log("other.jsonl", *others[1:length]))
        assert counts(ledger)["requests"] == 10 + 9

    def test_of_logs_of_one_length_each_goes_on_from_itself(self, log: Write, load_logs: LoadLogs) -> None:
        """So short that nothing but their fingerprints tells them apart: each is known, and its second call is new."""
        names = ("a.jsonl", "b.jsonl", "c.jsonl")
        begun = {name: nameless(1, endpoint=f"/{name}") for name in names}
        assert len({log(name, first).stat().st_size for name, first in begun.items()}) == 1
        load_logs(*(log(name, first) for name, first in begun.items()))
        ledger, outcome = load_logs(*(log(name, first, nameless(2)) for name, first in begun.items()))
        assert [loaded.records for loaded in outcome.loaded] == [1, 1, 1]
        assert counts(ledger)["records"] == 6

    def test_the_piece_stays_when_the_log_is_forgotten(self, log: Write, load_logs: LoadLogs, tmp_path: Path) -> None:
        self.grow(log, load_logs, 3, 10)
        ledger, _ = load_logs(log("piece", *LOG[1:9]))
        gone = forget(ledger, [str(tmp_path / "app.jsonl")])
        assert gone.revived == 8
        assert counts(ledger) == {"records": 8, "requests": 8, "duplicates": 0, "skipped": 0, "rejected": 0}


def test_short_logs_are_looked_for_by_their_lengths() -> None:
    """Thousands of them may be the beginning of each other: the work is that of their lengths, not of their number."""
    known = Known()
    for number in range(999):
        known.add("", Part(100 + number % 3, None, f"short {number}"))
    known.add("same opening", Part(5000, None, "long"))
    known.add("another one", Part(6000, None, "other"))
    assert [length for length, _ in known.beginnings("same opening")] == [100, 101, 102, 5000]


@pytest.mark.endurance
@settings(max_examples=40, deadline=None)
@given(st.integers(2, 12), st.data())
def test_a_log_and_its_pieces_that_all_grow_count_once(
    tmp_path_factory: pytest.TempPathFactory, length: int, data: st.DataObject
) -> None:
    """A log and pieces that it was split into, each read in steps, in any order: in the end each row counts once."""
    folder = tmp_path_factory.mktemp("logs")
    cuts = sorted(data.draw(st.sets(st.integers(1, length - 1), max_size=3)))
    pieces = [(0, length), *zip([0, *cuts], [*cuts, length], strict=True)]
    steps = [
        (start, end, name)
        for name, (start, last) in enumerate(pieces)
        for end in [*sorted(data.draw(st.sets(st.integers(start + 1, last), max_size=2)) - {last}), last]
    ]
    order = data.draw(st.permutations(steps))
    reached = dict.fromkeys(range(len(pieces)), 0)
    with ledger_of() as ledger:
        for start, end, name in order:
            if end > reached[name]:  # a log that is read when it is longer is never shorter again
                reached[name] = end
                records = (nameless(number) for number in range(start, end))
                load_paths(ledger, write_lines(folder / f"{name}.jsonl", *records))
                counts(ledger)
        assert counts(ledger)["requests"] == length


class TestGrownSessions:
    """A log whose rows are made of many records: what its beginning alone told may be told otherwise by the whole."""

    USAGE: ClassVar[dict[str, int]] = {"inputTokens": 70, "cacheReadTokens": 30, "outputTokens": 5}

    def step(self, number: int, **told: object) -> dict[str, object]:
        data = {"turn": 1, "step": number, **told}
        kind = "assistant/message" if "message" in told else "assistant/chunk"
        return {"type": kind, "seq": number, "time": 1_790_000_000_000 + number, "data": data}

    @property
    def lines(self) -> list[dict[str, object]]:
        """A session of two steps, whose usage comes twice each: with the last piece of a stream, and with the message."""
        told: list[dict[str, object]] = [{"type": "session", "id": "s-1", "delegationDepth": 0}]
        for number in (1, 2):
            told.append(self.step(number, chunk={"type": "usage", "usage": self.USAGE}))
            message = {"id": f"00000000-0000-4000-8000-{number:012}", "source": {"model": "deepseek-v4-flash"}}
            told.append(self.step(number, message=message, usage=self.USAGE))
        return told

    def test_what_its_beginning_told_counts_no_more(self, log: Write, load_logs: LoadLogs) -> None:
        """Read before its second message came, the session has a step that was broken off; the whole one has none."""
        for length in (4, 5):
            ledger, _ = load_logs(log("session.jsonl", *self.lines[:length]), given={"model": "deepseek-v4-flash"})
            assert rows(ledger, "SELECT count(*), sum(input_tokens), sum(output_tokens) FROM requests") == [
                (2, 200, 10)
            ]
            assert counts(ledger) == {
                "records": length, "requests": 2, "duplicates": 0, "skipped": length - 2, "rejected": 0
            }  # fmt: skip
        listed = named("sources").rows(ledger.connection)
        assert [(source["records"], source["requests"]) for source in listed] == [
            (5, 2)
        ]  # nothing is left of the first reading
        _, outcome = load_logs(log("earlier copy.jsonl", *self.lines[:4]))
        assert [nothing.known for nothing in outcome.nothing] == [True]

    @pytest.mark.endurance
    def test_what_another_log_told_as_well_counts_on(self, log: Write, load_logs: LoadLogs, tmp_path: Path) -> None:
        first = {"request_id": "00000000-0000-4000-8000-000000000001", "input_tokens": 100, "output_tokens": 5}
        load_logs(log("gateway.jsonl", call(1, **first, endpoint=None, cached_tokens=None)))
        for length in (2, 3, 5):
            ledger, _ = load_logs(log("session.jsonl", *self.lines[:length]), given={"model": "deepseek-v4-flash"})
        assert counts(ledger) == {"records": 6, "requests": 2, "duplicates": 1, "skipped": 3, "rejected": 0}
        forget(ledger, [str(tmp_path / "session.jsonl")])
        assert counts(ledger) == {"records": 1, "requests": 1, "duplicates": 0, "skipped": 0, "rejected": 0}


class TestChangedLogs:
    """A log whose middle is another than when it was read."""

    def test_what_stayed_counts_once_and_it_is_said(self, log: Write, load_logs: LoadLogs) -> None:
        load_logs(log("app.jsonl", *LOG))
        ledger, outcome = load_logs(log("app.jsonl", *LOG[:4], nameless(99), *LOG[5:]))
        assert counts(ledger) == {"records": 20, "requests": 11, "duplicates": 9, "skipped": 0, "rejected": 0}
        assert [loaded.renewed for loaded in outcome.loaded] == [9]

    def test_with_ids_too(self, log: Write, load_logs: LoadLogs) -> None:
        load_logs(log("app.jsonl", *map(call, range(5))))
        _, outcome = load_logs(log("app.jsonl", *map(call, (0, 1, 9, 3, 4))))
        assert [loaded.renewed for loaded in outcome.loaded] == [4]

    def test_the_command_says_so(self, log: Write, tmp_path: Path) -> None:
        ledger = tmp_path / "l.duckdb"
        spend("ingest", "--db", ledger, log("app.jsonl", *LOG))
        ended = spend("ingest", "--db", ledger, log("app.jsonl", *LOG[:4], nameless(99), *LOG[5:]))
        assert ended.code == 0
        assert "app.jsonl: has changed since it was read, not just grown: 9 of its records were known" in ended.err

    def test_a_new_log_under_an_old_name_is_no_change(self, log: Write, load_logs: LoadLogs) -> None:
        """Rotation: nothing of it was there before."""
        load_logs(log("app.jsonl", *LOG[:5]))
        ledger, outcome = load_logs(log("app.jsonl", *LOG[5:]))
        assert counts(ledger)["requests"] == 10
        assert [loaded.renewed for loaded in outcome.loaded] == [0]


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


class TestFilesSeen:
    """A file that stands on the disk as it did when it was read is not opened again."""

    @pytest.fixture
    def settled(self, log: Write) -> Path:
        """A log of two calls that was written a while ago."""
        path = log("a.jsonl", call(1), call(2))
        os.utime(path, (1_700_000_000, 1_700_000_000))
        return path

    @staticmethod
    def rewrite(path: Path, *, seconds: int) -> None:
        """Other content of the same length, in the same place, as of a time."""
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('"input_tokens": 1', '"input_tokens": 2'), encoding="utf-8")
        assert path.stat().st_size == len(text)
        assert path.read_text(encoding="utf-8") != text
        os.utime(path, (seconds, seconds))

    def test_it_is_known_by_its_size_and_time(self, settled: Path, load_logs: LoadLogs) -> None:
        load_logs(settled)
        self.rewrite(settled, seconds=1_700_000_000)
        ledger, outcome = load_logs(settled)
        assert [nothing.reason for nothing in outcome.nothing] == ["is in the ledger already"]
        assert counts(ledger)["records"] == 2

    def test_another_time_makes_it_another_file(self, settled: Path, load_logs: LoadLogs) -> None:
        load_logs(settled)
        self.rewrite(settled, seconds=1_700_000_001)
        ledger, _ = load_logs(settled)
        assert counts(ledger)["records"] == 4

    def test_a_file_written_just_now_is_read(self, log: Write, load_logs: LoadLogs) -> None:
        """Its time would not tell that it was written to again."""
        path = log("a.jsonl", call(1), call(2))
        state = path.stat()
        load_logs(path)
        self.rewrite(path, seconds=int(state.st_mtime))
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
        ledger, _ = load_logs(path)
        assert counts(ledger)["records"] == 4

    def test_what_was_forgotten_is_read_again(self, settled: Path, load_logs: LoadLogs) -> None:
        ledger, _ = load_logs(settled)
        forget(ledger, [str(settled)])
        load_logs(settled)
        assert counts(ledger)["requests"] == 2

    def test_a_file_that_could_not_be_read_is_tried_again(self, log: Write, load_logs: LoadLogs) -> None:
        path = log("a.jsonl", '{"nothing": "we know"}')
        os.utime(path, (1_700_000_000, 1_700_000_000))
        for _ in range(2):
            _, outcome = load_logs(path)
            assert len(outcome.errors) == 1

    def test_a_device_is_none_of_them(self, ledger: Ledger) -> None:
        """It looks the same whatever comes out of it."""
        seen = Seen(ledger)
        seen.begin(os.devnull)
        seen.keep([])
        assert not Seen(ledger).unchanged(os.devnull)


def test_of_two_records_of_a_call_the_one_that_knows_more_is_kept(load_logs: LoadLogs, tmp_path: Path) -> None:
    """Usage before none, then a known cache split, then more output, then more input, then one name more; whichever is read
    first, and though the other one ended later."""
    pairs: list[tuple[dict[str, object], dict[str, object]]] = [
        ({"output_tokens": 1, "cached_tokens": None}, {"input_tokens": 9999, "output_tokens": None}),
        ({"cached_tokens": 0}, {"cached_tokens": None, "output_tokens": 9999}),
        ({"output_tokens": 200}, {"input_tokens": 9999, "output_tokens": 199}),
        ({"input_tokens": 2000}, {"input_tokens": 1999, "user": "u"}),
        ({}, {"endpoint": None}),
        *(({name: "it"}, {}) for name in ("session_id", "api_key_name", "team", "user")),
    ]
    logs: tuple[list[dict[str, object]], ...] = ([], [])
    for number, pair in enumerate(pairs):
        for turned in (0, 1):
            for place, (fields, status) in enumerate(zip(pair, ("stop", "length"), strict=True)):
                ended = {"end_time": f"2026-10-01T12:00:0{place}Z", "status": status}
                logs[place ^ turned].append(call(number, **fields, **ended, request_id=f"call-{number}-{turned}"))

    ledger, _ = load_logs(
        *(write_lines(tmp_path / f"{name}.jsonl", *log) for name, log in zip("ab", logs, strict=True))
    )

    kept = dict(rows(ledger, "SELECT request_id, status FROM requests"))
    assert kept == {f"call-{number}-{turned}": "stop" for number in range(len(pairs)) for turned in (0, 1)}
