"""Records that cannot be understood, are not whole or have no price, as the program tells of them."""

import json
from pathlib import Path

import pytest
from support import LATER, Ended, call, program, spend, told, write

from analyzer.report.status import status_text
from analyzer.report.visible import width

pytestmark = pytest.mark.usefixtures("good")

WRONG: list[tuple[dict[str, object] | str, str]] = [
    ('{"ts": "2026-05-01T10:00:00Z", "model"', "not valid JSON"),
    ("null", "no JSON object"),
    ("[1, 2]", "no JSON object"),
    (call(input_tokens="five"), "input_tokens is no whole number from 0 to 2^53 - 1: not a number"),
    (call(output_tokens={}), "output_tokens is no whole number"),
    (call(input_tokens=[1]), "input_tokens is no whole number"),
    (call(output_tokens=True), "output_tokens is no whole number"),
    (call(input_tokens=-5), "input_tokens is no whole number from 0 to 2^53 - 1: -5"),
    (call(output_tokens=1.5), "output_tokens is no whole number from 0 to 2^53 - 1: 1.5"),
    (call(input_tokens=2**60), "input_tokens is no whole number from 0 to 2^53 - 1"),
    (call(cache_read_tokens=1001), "cache_read_tokens 1001 and cache_write_tokens 0 exceed input_tokens 1000"),
    (call(reasoning_tokens=101), "reasoning_tokens 101 exceed output_tokens 100"),
    (call(ts=...), "no time (looked for ts, timestamp"),
    (call(ts="yesterday"), "its time is neither ISO 8601 nor a Unix time"),
    (call(ts="2999-01-01T00:00:00Z"), "its time is not between 2000 and 2100"),
    (call(model=...), "no model (looked for model, model_name"),
    (call(model=""), "no model"),
]
NAMES = [problem if isinstance(record, str) else f"{record} {problem}"[-60:] for record, problem in WRONG]


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended]:
    """A log of one wrong record after the other, sound ones between them, read by the real program."""
    folder = tmp_path_factory.mktemp("broken")
    sound = (call(endpoint=f"/sound/{number}") for number in range(len(WRONG) + 1))
    write(folder / "broken.jsonl", next(sound), *(each for record, _ in WRONG for each in (record, next(sound))))
    return folder, program("ingest", "broken.jsonl", "--db", "spend.duckdb", "--json", cwd=folder)


@pytest.mark.parametrize(
    ("place", "problem"), [(2 * place + 2, problem) for place, (_, problem) in enumerate(WRONG)], ids=NAMES
)
def test_a_wrong_record_is_rejected_with_its_line_and_reason(
    broken: tuple[Path, Ended], place: int, problem: str
) -> None:
    assert problem in _rejected(broken)[place]


@pytest.mark.endurance
@pytest.mark.parametrize("gap", [":", ": "])
@pytest.mark.parametrize("body", ["", "x" * 9000])  # of long records names are not searched for beforehand
def test_true_is_no_count_also_where_all_others_are_numbers(gap: str, body: str, tmp_path: Path) -> None:
    """A call of one token is one, also beside words that are true."""
    records = [call(output_tokens=1, stream=True, body=body), call(input_tokens=2000, output_tokens=True)]
    lines = [json.dumps(record, separators=(",", gap)) for record in records]
    run = spend("ingest", write(tmp_path / "log.jsonl", *lines), "--db", tmp_path / "l.duckdb", "--json")
    assert _rejected((tmp_path, run)) == {2: "output_tokens is no whole number from 0 to 2^53 - 1: not a number"}
    assert run.document["ledger"]["requests"] == 1


@pytest.mark.parametrize(("name", "between"), [("nine.duck", " "), ("ten.duckdb", "\n")])
def test_how_records_ended_stands_in_one_line_of_80_columns_where_it_fits(name: str, between: str) -> None:
    ended = {"records": 7, "requests": 6, "duplicates": 0, "skipped": 1, "rejected": 0}
    text = status_text({"ledger": ended, "sources": [], "skipped": [], "rejected": []}, name)
    first, rest = f"Ledger {name}: 7 records = 6 requests + 0 duplicates", "+ 1 skipped + 0 rejected"
    assert (len(f"{first} {rest}") <= 80) == (between == " ")
    assert text.startswith(f"{first}{between}{rest}\n")


@pytest.mark.parametrize(
    ("record", "given"), [(call(ts=...), True), (call(model=""), True), (call(input_tokens=-5), False)]
)
def test_what_a_record_lacks_can_be_given(record: dict[str, object], given: bool, tmp_path: Path) -> None:
    run = spend("ingest", write(tmp_path / "log.jsonl", record), "--db", tmp_path / "l.duckdb")
    [remedy] = [line for line in run.err.splitlines() if line.startswith("  ")]
    assert ("give what is missing with --set time=... or model=..." in remedy) == given


def _rejected(broken: tuple[Path, Ended]) -> dict[int, str]:
    return {row["record"]: row["reason"] for row in broken[1].document["rejected"]}


def test_the_sound_records_are_kept_all(broken: tuple[Path, Ended]) -> None:
    folder, run = broken
    counts = run.document["ledger"]

    assert run.code == 0
    assert "Traceback" not in run.err
    assert "broken.jsonl, record 2: not valid JSON" in run.err
    assert counts["records"] == 2 * len(WRONG) + 1 == counts["requests"] + counts["rejected"]
    kept = spend("analyze", "--db", folder / "spend.duckdb", "--no-report", "--json", "--scenario", "all-flash")
    endpoints = kept.document["endpoints"]
    assert {f"/sound/{number}" for number in range(len(WRONG) + 1)} <= {each["endpoint"] for each in endpoints}


def test_a_cut_last_line_waits(good: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.jsonl"
    cut.write_text(good.read_text() + good.read_text()[:40], encoding="utf-8")

    run = spend("analyze", cut, "--no-report", "--json", "--scenario", "all-flash")

    assert run.code == 0
    assert run.err == f"spend: note: {cut}: a cut last line (40 bytes) waits for its rest\n"
    assert run.document["ledger"]["records"] == run.document["ledger"]["requests"] == 1


def test_a_model_nobody_knows_is_unpriced(tmp_path: Path) -> None:
    log = write(tmp_path / "other.jsonl", call(), call(model="gpt-99", ts=LATER))

    run = spend("analyze", log, "--no-report")

    assert (run.code, run.err) == (0, "")
    assert "No price is known for: gpt-99 (1)" in run.out


def test_of_an_unpriced_model_that_several_sell_it_is_told_who(tmp_path: Path) -> None:
    """Two lines that read alike tell nobody which price is lacking."""
    sold = [
        call(model="gpt-99", provider="azure"),
        call(model="gpt-99", provider="azure", ts=LATER, service_tier="batch"),
    ]
    log = write(tmp_path / "other.jsonl", *sold, call(model="gpt-99"), call(model="gpt-98", provider="groq", ts=LATER))

    told = " ".join(spend("analyze", log, "--no-report").out.split())

    names = "gpt-98 (1), gpt-99 of azure in tier batch (1), gpt-99 of azure (1), gpt-99 (1)."
    assert f"No price is known for: {names}" in told


@pytest.mark.endurance
@pytest.mark.parametrize(
    ("record", "problem"),
    [
        (call(input_tokens=-5), ("--strict: 1 record rejected, 0 requests unpriced", "mend the records, or leave")),
        (call(model="gpt-99"), ("--strict: 0 records rejected, 1 request unpriced", "give prices under [prices]")),
        (call(), None),
    ],
    ids=["rejected", "unpriced", "sound"],
)
@pytest.mark.parametrize("verb", ["analyze", "simulate", "ingest"])
def test_strict(tmp_path: Path, verb: str, record: dict[str, object], problem: tuple[str, str] | None) -> None:
    log = write(tmp_path / "log.jsonl", call(ts=LATER), record)
    options = {
        "analyze": ("--scenario", "all-flash", "--no-report"),
        "simulate": ("--scenario", "all-flash"),
        "ingest": ("--db", str(tmp_path / "l.duckdb")),
    }[verb]

    lax, strict = (spend(verb, log, "--json", *options, *more) for more in ((), ("--strict",)))

    assert lax.code == 0
    assert strict.code == (1 if problem else 0)
    assert strict.out == lax.out
    found = [(said, remedy) for said, remedy in told(strict) if said.startswith("--strict")]
    assert [said for said, _ in found] == ([problem[0]] if problem else [])
    assert all(remedy.startswith(problem[1]) for _, remedy in found if problem)


@pytest.mark.endurance
def test_what_was_rejected_has_a_remedy_that_fits_where_it_was_read(tmp_path: Path) -> None:
    write(tmp_path / "bad.jsonl", call(), '{"model": "deepseek-flas')
    write(tmp_path / "end.jsonl", call())
    alone, kept = spend("analyze", "bad.jsonl", "--no-report"), spend("ingest", "bad.jsonl", "--db", "l.duckdb")
    assert "`spend ingest LOG... --db LEDGER` keeps a list of them" in alone.err
    assert "spend forget" not in alone.err
    assert "see them all with `spend status --db LEDGER`" in kept.err


CHAT = {
    "id": "chatcmpl-1", "object": "chat.completion", "created": 1_790_000_000, "model": "deepseek-v4-flash",
    "choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 5},
}  # fmt: skip
MESSAGE = {
    "time": "2026-09-21T10:00:00Z",
    "body": {
        "id": "msg_1",
        "type": "message",
        "model": "claude-sonnet-5",
        "usage": {"input_tokens": 3, "output_tokens": 4},
    },
}


def test_records_of_another_format_are_told_to_be(tmp_path: Path) -> None:
    """Where what they lack stands in places that only their own format knows; else nothing is said of formats."""
    mixed = write(tmp_path / "mixed.jsonl", *(CHAT | {"id": f"c{number}"} for number in range(3)), MESSAGE)
    alike = write(tmp_path / "alike.jsonl", CHAT, CHAT | {"id": "c1", "model": None})

    apart, lacking = (spend("ingest", log, "--db", tmp_path / f"{log.stem}.duckdb") for log in (mixed, alike))

    assert "record 4: no time" in apart.err
    assert f"some of {mixed} look like anthropic-messages: give each format a log of its own; or mend them" in apart.err
    assert "no model" in lacking.err
    assert "look like" not in lacking.err


def test_a_tie_of_formats_that_have_records_each_says_so(tmp_path: Path) -> None:
    reply = {
        "id": "resp_1",
        "object": "response",
        "created_at": 1_790_000_000,
        "model": "gpt-5",
        "output": [],
        "usage": None,
    }
    tied = write(tmp_path / "tied.jsonl", CHAT, reply)

    run = spend("formats", tied)

    assert "fits openai-chat and openai-responses equally well" in run.err
    assert "decide with --format openai-chat; if it holds records of both, give each format a log of its own" in run.err


def test_a_long_path_is_shown_by_its_end() -> None:
    """Two logs of one folder are told apart, beside the longest name of a format; a line has 80 columns."""
    counts = dict.fromkeys(("records", "requests", "duplicates", "skipped", "rejected"), 1)
    names = ("app-2026-10-01.jsonl", "app-2026-10-02.jsonl", "日志-2026-10-03.jsonl")
    sources = [{"path": f"{'/folder' * 9}/{name}", "format": "litellm-spend-logs", **counts} for name in names]
    text = status_text({"ledger": counts, "sources": sources, "skipped": [], "rejected": []}, "spend.duckdb")

    lines = [line for line in text.splitlines() if "litellm" in line]
    assert [line.split()[0].rpartition("/")[2] for line in lines] == list(names)
    assert all(line.startswith("…") for line in lines)
    assert {width(line) for line in lines} == {80}
