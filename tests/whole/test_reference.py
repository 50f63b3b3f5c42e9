"""The reference tells every option, word and field that there is, and no other."""

import json
import re
from pathlib import Path

import pages
import pytest
import reference
from reference import PAGE, fields, is_of, rewritten, shape
from support import ROOT, call, spend, write

from analyzer.cli.settings import KNOWN, TABLES
from analyzer.engines.query import named
from analyzer.finance import allocation, plan, settings
from analyzer.prices import own
from analyzer.simulate import vocabulary

TEXT = PAGE.read_text(encoding="utf-8")
# Lists of rows that are the answers of queries: their columns stand in the heads.
ANSWERS = ("unpriced", "apart", "straddling", "uncertain_days", "uncertain_prices")


def test_its_options_are_those_of_the_commands() -> None:
    """If not: python -m tests.reference"""
    assert rewritten(TEXT) == TEXT


def test_every_command_has_a_section() -> None:
    told = re.findall(r"^<!-- options: (\w+) -->$", TEXT, re.MULTILINE)

    assert told == list(reference.commands())


def words(title: str) -> set[str]:
    """The words in the first table after a title in bold, or a heading."""
    after = TEXT.split(title, 1)[1]
    table = re.search(r"^\| word \|.*\n\|[ |-]+\|\n((?:\|.*\n)+)", after, re.MULTILINE)
    assert table
    return {word for row in table[1].splitlines() for word in re.findall(r"`([^`]+)`", row.split(" | ")[0])}


@pytest.mark.parametrize(
    ("title", "known"),
    [
        ("**`[prices]`**", own.KEYS),
        ("**`[[allocation]]`**", allocation._RULE_KEYS),
        ("**`[[share]]`**", allocation._SHARE_KEYS),
        ("**`[budget]`**", (*plan._KEYS, '"2026-12"')),
        ("**`[review]`**", settings._KEYS),
        ("## Scenario files", vocabulary._KEYS),
        ("**`[[route]]`**", vocabulary._RULE_KEYS),
        ("**`[assume]`**", vocabulary._ASSUME_KEYS),
    ],
)
def test_its_words_are_those_of_the_readers(title: str, known: tuple[str, ...]) -> None:
    assert words(title) == set(known)


def test_it_tells_the_options_and_tables_of_spend_toml() -> None:
    told = re.search(r"\*\*Options\*\*.*?:(.*?)\. A hyphen", TEXT, re.DOTALL)
    assert told

    assert set(re.findall(r"`(\w+)`", told[1])) == set(KNOWN)
    assert set(re.findall(r"^\*\*`\[+(\w+)\]+`\*\*", TEXT.split("## spend.toml")[1], re.MULTILINE)) >= set(TABLES)


def test_the_program_reads_no_variable_of_the_environment() -> None:
    reading = [
        str(module.relative_to(ROOT))
        for module in sorted((ROOT / "analyzer").rglob("*.py"))
        if re.search(r"\benviron\b|\bgetenv\b|auto_envvar_prefix|\benvvar\b", module.read_text(encoding="utf-8"))
    ]

    assert reading == []


# --- Fields of documents -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of a bit of everything, with a closed month to which a call came late."""
    folder = tmp_path_factory.mktemp("reference")
    flash = {"model": "deepseek-v4-flash", "team": "care"}
    usual = [
        call(
            **flash,
            request_id=f"{month}-{day}-{hour}",
            ts=f"2026-{month:02}-{day:02}T{hour:02}:00:00Z",
            session_id=f"s{day}",
        )
        for month in (8, 9)
        for day in range(1, 29)
        for hour in (2, 3)
    ]
    odd = [
        call(**flash, request_id="across", ts="2026-09-01T03:59:59Z", end_time="2026-09-01T04:00:09Z"),
        call(request_id="unknown", ts="2026-09-02T00:00:00Z", model="acme-chat"),
        call(request_id="", ts="2026-09-02T00:02:00Z"),  # of no session either: no share of it can be drawn
        call(request_id="failed", ts="2026-09-02T00:01:00Z", status="500"),
        # The hour of this change is not known: 2026-04-25, Pro's promotion.
        call(request_id="uncertain", ts="2026-04-25T10:00:00Z", model="deepseek-v4-pro"),
        {
            "request_id": "heard", "ts": "2026-09-03T00:00:00Z", "model": "gpt-4o-audio-preview", "provider": "openai",
            "usage": {
                "prompt_tokens": 100, "completion_tokens": 50, "prompt_tokens_details": {"audio_tokens": 40, "cached_tokens": 0},
            },
        },
    ]  # fmt: skip
    later = [call(**flash, request_id="late", ts="2026-08-09T02:00:00Z")]
    db = folder / "spend.duckdb"
    for name, records in (("usual", usual), ("odd", [*odd, '{"broken": '])):
        assert spend("ingest", write(folder / f"{name}.jsonl", *records), "--db", db).code == 0
    assert spend("review", "2026-08", "--db", db, "--close", "--no-report", "--no-workbook").code == 0
    assert spend("ingest", write(folder / "later.jsonl", *later), "--db", db).code == 0
    (folder / "plan.toml").write_text(
        'name = "plan"\ndefault = "flash"\n[[route]]\nto = "pro"\nshare = 0.5\n'
        '[assume]\nfixed_fee = { amount = "1", covers = ["*", "gpt-none"] }\n',
        encoding="utf-8",
    )
    (folder / "spend.toml").write_text(
        '[budget]\nmonth = "1"\nrequests = 10\n[prices]\n"gpt-nobody" = { input = "1", output = "1" }\n',
        encoding="utf-8",
    )
    return db


def compare(command: str, *documents: dict[str, object], unseen: frozenset[str] = frozenset()) -> None:
    """All fields of the documents are told, with their types; and each that is told is in one of them.

    Args:
        command: whose section tells them.
        documents: what it printed.
        unseen: fields that none of these documents has.
    """
    told = fields(TEXT, command)
    real: dict[str, list[object]] = {path: [] for document in documents for path in document}
    for path, value in (pair for document in documents for pair in shape(document)):
        if value is not ... or path in told:  # an empty list of rows has no fields to compare
            real.setdefault(path, []).append(value)
    columns = {f"{name}[].{column.name}" for name in ANSWERS for column in named(name).returns}
    granted = {path for path in told if path.removeprefix("quality.") in columns}

    objects = {path.split(".")[0].removesuffix("[]") for path in told if "." in path or path.endswith("[]")}
    assert sorted(set(real) - set(told) - objects) == []
    assert sorted(set(told) - set(real) - granted - unseen) == []
    wrong = {path: one for path, values in real.items() for one in values if not is_of(one, told[path])}
    assert wrong == {}


@pytest.mark.endurance
def test_the_fields_of_analyze(ledger: Path) -> None:
    config, plan = ledger.parent / "spend.toml", ledger.parent / "plan.toml"
    scenarios = ("--scenario", "all-flash", "--scenario", plan)

    compare(
        "analyze", spend("--config", config, "analyze", "--db", ledger, "--json", "--no-report", *scenarios).document
    )


@pytest.mark.endurance
def test_the_fields_of_simulate_are_those_of_analyze(ledger: Path) -> None:
    one, other = (
        spend(*words, "--db", ledger, "--json").document for words in (("analyze", "--no-report"), ("simulate",))
    )

    assert other == {**one, "schema": "spend.simulate/1"}


@pytest.mark.endurance
def test_the_fields_of_review(ledger: Path) -> None:
    asked = ("--db", ledger, "--json", "--no-report", "--no-workbook")
    closed, over, open_, apart = (
        spend("--config", ledger.parent / "spend.toml", "review", *words, *asked).document
        for words in (
            ("2026-08",), ("2026-09",), ("2026-09", "--as-of", "2026-09-05"), ("2026-04",),
        )
    )  # fmt: skip

    of_own_scenarios = frozenset(
        f"scenarios[].{name}"
        for name in (
            "idle_words[].key",
            "idle_words[].word",
            "idle_words[].nearest",
            "undrawn[].rule",
            "undrawn[].requests",
        )
    )
    compare("review", closed, over, open_, apart, unseen=of_own_scenarios)


@pytest.mark.endurance
def test_the_fields_of_reconcile(ledger: Path) -> None:
    pages.lay_out(ledger.parent)
    costs = ledger.parent / "costs.csv"
    costs.write_text("usage_date_utc,model,token_type,cost_usd\n2026-09-01,Claude,output,0.5\n", encoding="utf-8")
    day = {"starting_at": "2026-09-01T00:00:00Z", "ending_at": "2026-09-02T00:00:00Z", "results": []}
    pages_of_more = [ledger.parent / name for name in ("page.json", "empty.json")]
    for path, data in zip(pages_of_more, ([day], []), strict=True):
        path.write_text(json.dumps({"data": data, "has_more": True}), encoding="utf-8")
    documents = [
        spend("reconcile", ledger.parent / "usage.zip", costs, *pages_of_more, "--db", ledger, "--json", *more).document
        for more in ((), ("--clock", "start"))
    ]

    compare("reconcile", *documents)


def test_the_fields_of_prices() -> None:
    asked = (
        (), ("flash",), ("flash", "--at", "2026-10-01"), ("openai/gpt-4o-audio-preview",), ("gemini-2.5-flash",),
        ("claude-sonnet-4-5",), ("deepseek-v4-pro", "--currency", "CNY"),
    )  # fmt: skip

    documents = [spend("prices", *words, "--json").document for words in asked]

    compare("prices", *documents, unseen=frozenset(path for path in fields(TEXT, "prices") if is_rare(path)))


def is_rare(path: str) -> bool:
    """Prices that few lists have; ``test_prices_command`` looks at them."""
    return any(word in path for word in ("image", "audio", "_per_1000", "request", "cache_write_1h", "input_"))


@pytest.mark.endurance
def test_the_fields_of_status_ingest_and_forget(ledger: Path) -> None:
    log = ledger.parent / "session.jsonl"  # of an agent: most of its lines are no calls
    log.write_bytes(min((ROOT / "tests/formats/dsh").glob("*.jsonl")).read_bytes())

    compare(
        "status",
        *(
            spend(*words, "--db", ledger, "--json").document
            for words in (("ingest", log), ("status",), ("forget", log))
        ),
    )


@pytest.mark.endurance
def test_the_fields_of_query(ledger: Path) -> None:
    document = spend("query", "endpoints", "--db", ledger, "--format", "json").document

    assert set(document) == {path.removesuffix("[]") for path in fields(TEXT, "query")}
    assert set(document["rows"][0]) == {column.name for column in named("endpoints").returns}
