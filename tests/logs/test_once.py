"""Each request once: logs without ids that come in parts, and of several records of a call the one that knows most."""

from collections.abc import Sequence
from itertools import permutations
from pathlib import Path

import pytest
from conftest import LoadLogs, Write, call, counts, rows, write_lines
from nameless import LOG, nameless


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
