"""Logs in words that nobody else uses."""

import json
from pathlib import Path

import pytest

from analyzer.cli.subject import manner
from analyzer.errors import UsageError
from analyzer.ingest.discovery import find
from analyzer.ingest.load import Outcome, load
from analyzer.ledger import Ledger

WORDS = """
ts = "when"
model = "llm.name"
input_tokens = "usage.in"
output_tokens = "usage.out"
"""
RECORD = '{"when": "2026-10-05T09:00:00Z", "llm": {"name": "deepseek-v4-pro"}, "usage": {"in": 100, "out": 10}, "text": "canary"}\n'


def read(folder: Path, name: str, log: str, words: str = WORDS) -> tuple[Outcome, list[tuple[object, ...]]]:
    (folder / "words.toml").write_text(words)
    (folder / name).write_text(log)
    with Ledger.throwaway() as ledger:
        outcome = load(ledger, find((str(folder / name),))[0], manner(None, (), str(folder / "words.toml")))
        columns = "strftime(started_at, '%Y-%m-%d %H:%M'), model, input_tokens, output_tokens"
        return outcome, ledger.connection.execute(f"SELECT {columns} FROM requests").fetchall()


def test_a_mapping_says_where_the_columns_are(tmp_path: Path) -> None:
    outcome, rows = read(tmp_path, "own.jsonl", RECORD)

    assert rows == [("2026-10-05 09:00", "deepseek-v4-pro", 100, 10)]
    assert outcome.loaded[0].format == "generic"


CHAT = (
    '{"id": "c-1", "object": "chat.completion", "created": 1790845200, "model": "deepseek-v4-flash", "choices": [], '
    '"usage": {"prompt_tokens": 70, "completion_tokens": 7, "total_tokens": 77}}\n'
)
COMMON = '{"ts": "2026-10-06T09:00:00Z", "model": "deepseek-v4-flash", "input_tokens": 5, "output_tokens": 6}\n'


def mixed(folder: Path, format_name: str | None) -> dict[str, tuple[str, int, int]]:
    """Three logs, one of them in its team's own words, in one command; their formats, requests and rejected records."""
    (folder / "words.toml").write_text(WORDS)
    for name, log in (("own", RECORD), ("chat", CHAT), ("common", COMMON)):
        (folder / f"{name}.jsonl").write_text(log)
    with Ledger.throwaway() as ledger:
        how = manner(format_name, (), str(folder / "words.toml"))
        loaded = load(ledger, find((str(folder),))[0], how).loaded
    return {Path(one.path).stem: (one.format, one.requests, one.rejected) for one in loaded}


def test_a_log_that_another_format_fits_keeps_it(tmp_path: Path) -> None:
    assert mixed(tmp_path, None) == {
        "own": ("generic", 1, 0),
        "chat": ("openai-chat", 1, 0),
        "common": ("generic", 1, 0),
    }


def test_a_word_of_the_map_is_nothing_to_a_log_that_another_format_fits(tmp_path: Path) -> None:
    reply = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1790000000,
        "model": "deepseek-v4-pro",
        "choices": [],
    }
    log = json.dumps({**reply, "system_fingerprint": "fp_1", "usage": {"prompt_tokens": 100, "completion_tokens": 10}})

    outcome, rows = read(tmp_path, "chat.jsonl", f"{log}\n", 'model = "system_fingerprint"\n')

    assert outcome.loaded[0].format == "openai-chat"
    assert [row[1:] for row in rows] == [("deepseek-v4-pro", 100, 10)]


def test_with_the_generic_format_named_all_logs_are_in_these_words(tmp_path: Path) -> None:
    assert {name: form for name, (form, _, _) in mixed(tmp_path, "generic").items()} == {
        "own": "generic",
        "chat": "generic",
        "common": "generic",
    }


def test_it_reads_csv_too(tmp_path: Path) -> None:
    words = 'ts = "when"\nmodel = "m"\ninput_tokens = "read"\noutput_tokens = "written"\n'

    _, rows = read(tmp_path, "own.csv", "when;m;read;written\n2026-10-05T09:00:00Z;deepseek-v4-pro;100;10\n", words)

    assert rows == [("2026-10-05 09:00", "deepseek-v4-pro", 100, 10)]


@pytest.mark.parametrize("log", [f"[{RECORD},\n {RECORD}]", f"{RECORD}\n{RECORD}".replace('", "', '",\n "')])
def test_it_reads_lists_and_pretty_printed_json_too(log: str, tmp_path: Path) -> None:
    _, rows = read(tmp_path, "own.json", log)

    assert rows == [("2026-10-05 09:00", "deepseek-v4-pro", 100, 10)] * 2


@pytest.mark.parametrize(
    "record",
    [
        # The columns of Azure's traces, and a record that shouts.
        '{"TIMESTAMP": "2026-10-05T09:00:00Z", "model": "deepseek-v4-pro", "ContextTokens": 100, "GeneratedTokens": 10}',
        '{"TIMESTAMP": "2026-10-05T09:00:00Z", "MODEL": "deepseek-v4-pro", "Input_Tokens": 100, "output_tokens": 10}',
    ],
)
@pytest.mark.parametrize("form", ["{0}\n", "[{0}]"])
def test_words_in_another_case_are_read(record: str, form: str, tmp_path: Path) -> None:
    outcome, rows = read(tmp_path, "own.json", form.format(record), words="")

    assert rows == [("2026-10-05 09:00", "deepseek-v4-pro", 100, 10)]
    assert outcome.loaded[0].format == "generic"


def test_records_of_either_case_are_read(tmp_path: Path) -> None:
    """Each has its own time: none is taken for another one's."""
    rest = '"model": "deepseek-v4-pro", "input_tokens": 100, "output_tokens": 10'
    log = "".join(
        f'{{"{word}": "2026-10-05T09:0{minute}:00Z", {rest}}}\n'
        for minute, word in enumerate(("timestamp", "TIMESTAMP", "ts"))
    )
    _, rows = read(tmp_path, "own.jsonl", log, words="")
    assert [row[0] for row in rows] == [f"2026-10-05 09:0{minute}" for minute in range(3)]


def test_a_word_that_stands_there_as_it_is_wins(tmp_path: Path) -> None:
    record = '{"ts": "2026-10-05T09:00:00Z", "MODEL": "loud", "Model": "m", "input_tokens": 1, "INPUT_TOKENS": 9, "output_tokens": 2}'
    _, rows = read(tmp_path, "own.jsonl", f"{record}\n", words="")

    assert [row[2:] for row in rows] == [(1, 2)]


def test_broken_records_keep_their_place(tmp_path: Path) -> None:
    outcome, rows = read(tmp_path, "own.jsonl", RECORD + "no json\n" + RECORD.replace("100", "1.5") + RECORD)

    assert len(rows) == 2
    assert (outcome.loaded[0].records, outcome.loaded[0].rejected) == (4, 2)


@pytest.mark.parametrize(
    ("name", "log", "remedy"),
    [
        ("own.jsonl", RECORD.replace('"in"', '"inn"'), "check the names: did you mean usage.inn?"),
        ("own.jsonl", RECORD.replace('"usage"', '"n"'), "check the names: they have when, llm.name, n.in, n.out, text"),
        (
            "own.csv",
            "when,llm.name,usage.In,usage.out\n2026-10-05T09:00:00Z,deepseek-v4-pro,100,10\n",
            "did you mean usage.In?",
        ),
    ],
)
def test_a_place_that_no_log_has_is_told(name: str, log: str, remedy: str, tmp_path: Path) -> None:
    """Else a misspelt column would look like one that the log leaves out: usage that nobody knows."""
    (warning,) = read(tmp_path, name, log)[0].warnings

    assert str(warning).startswith('--map: the first records have no input_tokens = "usage.in"')
    assert remedy in warning.remedy


def test_a_place_that_one_of_the_logs_has_is_there(tmp_path: Path) -> None:
    """`session_id` stands in one of two logs only; `chat` is read as what it is, and has no say."""
    (tmp_path / "words.toml").write_text(WORDS + 'session_id = "talk"\n')
    for name, log in (("own", RECORD), ("more", RECORD.replace("canary", 'x", "talk": "s-1')), ("chat", CHAT)):
        (tmp_path / f"{name}.jsonl").write_text(log)
    with Ledger.throwaway() as ledger:
        outcome = load(ledger, find((str(tmp_path),))[0], manner(None, (), str(tmp_path / "words.toml")))

    assert (len(outcome.loaded), outcome.warnings) == (3, [])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ('input_tokns = "usage.in"', "unknown column input_tokns"),
        ("ts = 5", "ts names no place"),
        ("ts = ", "no valid TOML"),
    ],
)
def test_a_mapping_that_is_wrong_says_where(tmp_path: Path, words: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read(tmp_path, "own.jsonl", RECORD, words)


@pytest.mark.parametrize(("word", "meant"), [("input", "input_tokens"), ("session", "session_id"), ("modle", "model")])
def test_of_many_words_that_mean_the_same_the_usual_one_is_told_first(word: str, meant: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        read(tmp_path, "own.jsonl", RECORD, f'{word} = "x"')
    assert raised.value.remedy.startswith(f"did you mean {meant}")


def test_it_does_not_go_with_another_format(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--map does not go with --format openai-chat"):
        manner("openai-chat", (), str(tmp_path / "words.toml"))
