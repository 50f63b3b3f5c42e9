"""Names that occur nowhere in a log are not looked for in its records; no other name is ever left out."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import call, empty, load_paths, rows, write_lines
from hypothesis import given, settings
from hypothesis import strategies as st
from support import ROOT

from analyzer.ingest import names, reader
from analyzer.ingest.format import formats
from analyzer.ingest.names import all_names, narrowed, occurring, truths, widened, worth_a_search
from analyzer.ledger import Ledger

FORMATS = ROOT / "tests/formats"
GENERIC = all_names(formats()["generic"].columns)


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


@pytest.mark.parametrize("told", ["true", "false"])
class TestTruths:
    """DuckDB reads `true` as 1 and `false` as 0, where a count is looked for; neither is one."""

    @pytest.mark.parametrize("before", ['"output_tokens":', '"output_tokens": ', '"usage": {"reasoning" : '])
    def test_one_in_the_place_of_a_count_is_seen(self, before: str, told: str, tmp_path: Path) -> None:
        log = written(tmp_path / "log", f'{{"ts": 1}}\n{{{before}{told}, "model": "m"}}\n')
        assert truths(log, formats()["generic"].columns)

    def test_elsewhere_they_are_what_they_say(self, told: str, tmp_path: Path) -> None:
        log = written(tmp_path / "log", f'{{"stream": {told}, "output_tokens": 0, "note": "tokens {told}"}}\n')
        assert not truths(log, formats()["generic"].columns)


class TestOccurring:
    def test_keys_on_any_level_are_found_and_nothing_else(self, tmp_path: Path) -> None:
        log = write_lines(tmp_path / "log", {"ts": 1, "usage": {"details": {"cached_tokens": 2}}, "note": "model"})
        assert occurring(log, GENERIC) >= {"ts", "usage", "cached_tokens"}
        assert "input_tokens" not in occurring(log, GENERIC)

    def test_a_value_in_the_words_of_a_name_may_be_taken_for_it(self, tmp_path: Path) -> None:
        """A name too many costs time, no truth."""
        assert "model" in occurring(write_lines(tmp_path / "log", {"note": "model"}), GENERIC)

    @pytest.mark.parametrize("spelled", [r"\u006dodel", r"mod\u0065l", r"\u006D\u006f\u0064el"])
    def test_a_key_spelled_with_escapes_is_not_overlooked(self, spelled: str, tmp_path: Path) -> None:
        log = written(tmp_path / "log", f'{{"{spelled}": "x"}}\n')
        assert json.loads(log.read_text()) == {"model": "x"}
        assert "model" in occurring(log, GENERIC)

    def test_escapes_of_other_characters_hide_nothing(self, tmp_path: Path) -> None:
        log = written(tmp_path / "log", '{"model": "\\u00e9\\u4f60\\n"}\n')
        assert occurring(log, GENERIC) == {"model"}

    @pytest.mark.parametrize("shift", range(-9, 3))
    def test_a_name_across_the_edge_of_two_blocks(
        self, shift: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(names, "_BLOCK", 64)
        log = written(tmp_path / "log", " " * (3 * 64 + shift) + '{"model": 1}')
        assert occurring(log, {"model", "ts"}) == {"model"}

    @given(
        found=st.lists(st.sampled_from(sorted(GENERIC)), max_size=8),
        texts=st.lists(st.text(max_size=5), max_size=8),
        compact=st.booleans(),
        ascii_only=st.booleans(),
        block=st.integers(4, 40),
    )
    @settings(deadline=None)
    def test_no_key_is_ever_overlooked(
        self, found: list[str], texts: list[str], compact: bool, ascii_only: bool, block: int, tmp_path_factory: Any
    ) -> None:
        record: dict[str, object] = dict.fromkeys(texts, 1)
        for name in found:
            record = {name: record, "other": texts}
        separators = (",", ":") if compact else (", ", " : ")
        log = tmp_path_factory.getbasetemp() / "random.log"
        log.write_text(json.dumps(record, separators=separators, ensure_ascii=ascii_only), encoding="utf-8")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(names, "_BLOCK", block)
            assert set(found) <= occurring(log, GENERIC)


class TestNarrowed:
    COLUMNS: Mapping[str, str] = {
        "a": "VARCHAR",
        "b": "STRUCT(c DOUBLE, d STRUCT(e DOUBLE, f VARCHAR))",
        "g": "STRUCT(h DOUBLE)[]",
    }

    def test_all_names_are_those_of_columns_and_fields(self) -> None:
        assert all_names(self.COLUMNS) == set("abcdefg")

    def test_what_does_not_occur_is_left_out(self) -> None:
        assert narrowed(self.COLUMNS, set("abdf")) == {"a": "VARCHAR", "b": 'STRUCT("d" STRUCT("f" VARCHAR))'}

    def test_an_object_without_any_field_keeps_one(self) -> None:
        assert narrowed(self.COLUMNS, {"b"}) == {"b": 'STRUCT("c" DOUBLE)'}

    def test_a_list_stays_as_it_is(self) -> None:
        assert narrowed(self.COLUMNS, {"g"}) == {"g": "STRUCT(h DOUBLE)[]"}

    def test_what_was_left_out_is_null_and_what_is_null_stays_it(self, ledger: Ledger) -> None:
        kind, read = self.COLUMNS["b"], narrowed(self.COLUMNS, set("bdf"))["b"]
        wide = widened("v", kind, read)
        told = rows(
            ledger, f"SELECT {wide} FROM (SELECT unnest([{{'d': {{'f': 'x'}}}}, {{'d': NULL}}, NULL]::{read}[]) AS v)"
        )
        assert told == [({"c": None, "d": {"e": None, "f": "x"}},), ({"c": None, "d": None},), (None,)]


class TestWorth:
    def test_short_records_and_many_names(self, tmp_path: Path) -> None:
        assert worth_a_search(GENERIC, write_lines(tmp_path / "log", *map(call, range(100))))

    def test_long_records_are_dearer_to_search_than_to_read(self, tmp_path: Path) -> None:
        long = (call(number, messages="x" * 10_000) for number in range(100))
        assert not worth_a_search(GENERIC, write_lines(tmp_path / "log", *long))


def loaded(ledger: Ledger, path: Path, monkeypatch: pytest.MonkeyPatch, *, narrow: bool) -> list[tuple[Any, ...]]:
    """What a log gives when its names are looked for, or are not."""
    monkeypatch.setattr(reader, "worth_a_search", lambda *_: narrow)
    empty(ledger)
    load_paths(ledger, path)
    return [
        rows(ledger, f"SELECT * EXCLUDE (source_id) FROM {table} ORDER BY ALL")
        for table in ("requests", "rejected", "skipped")
    ]


@pytest.mark.endurance
@pytest.mark.parametrize("sample", sorted(path.name for path in FORMATS.iterdir()))
def test_a_log_gives_the_same_rows_either_way(sample: str, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = FORMATS / sample
    wide = loaded(ledger, folder, monkeypatch, narrow=False)
    assert any(wide)
    assert loaded(ledger, folder, monkeypatch, narrow=True) == wide


def test_a_word_that_only_the_last_of_many_records_has_is_read(ledger: Ledger, tmp_path: Path) -> None:
    log = write_lines(
        tmp_path / "log.jsonl",
        *(call(number % 900, request_id=f"c{number}", cached_tokens=None) for number in range(4_000)),
        call(1, cached_tokens=None, usage={"prompt_tokens_details": {"cached_tokens": 77}}),
    )
    assert log.stat().st_size > 2 * names._BLOCK
    load_paths(ledger, log)
    assert rows(ledger, "SELECT cache_read_tokens, count(*) FROM requests GROUP BY ALL ORDER BY ALL") == [
        (77, 1),
        (None, 4_000),
    ]
