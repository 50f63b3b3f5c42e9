"""Logs that grew, in steps or beside their pieces, and logs that were changed: each call counts once."""

from pathlib import Path
from typing import ClassVar
from unittest.mock import patch

import pytest
from conftest import LoadLogs, Write, call, counts, load_paths, rows, write_lines
from hypothesis import given, settings
from hypothesis import strategies as st
from nameless import LOG, nameless
from support import ledger_of, spend

from analyzer.engines.query import named
from analyzer.ingest.forget import forget
from analyzer.ingest.known import Known, Part, Scan


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
