"""Keys that users write where names are meant: shown nowhere, and the same as what logs tell under them."""

from pathlib import Path

import pytest
from conftest import LoadLogs, call, rows, write_lines
from hypothesis import given, settings
from hypothesis import strategies as st
from support import BOOK, ledger_of, scenario, spend

from analyzer.errors import UsageError
from analyzer.finance.allocation import read_allocation
from analyzer.finance.plan import read_budgets
from analyzer.ledger import Ledger
from analyzer.ledger.masking import keyless, masked, unkeyed, unkeyed_path
from analyzer.simulate.relations import View, prepare
from analyzer.simulate.whatif import Simulation

KEY = "sk-proj-Zx81kQm0Lw7Pn5Rt3Vb9"  # made up
KEYS = [
    KEY,
    "AIzaSyD3m0Ab1cd2Ef3gh4Ij5kl6Mn7",
    "AKIAIOSFODNN7EXAMPLE",
    "0f9c8b7a6d5e4f3a2b1c0d9e8f7a6b5c",
    f"Bearer {KEY}",
]
NAMES = ["svc-3", "key accounts", "marketing-team-key-2026-quarter", "sk-", "/agents/*", "*", "ключ для тестов 2026"]
PIECES = [
    "sk-",
    "AKIA",
    "Bearer ",
    "eyJ",
    "key",
    "hf_",
    "-",
    "_",
    "=",
    "*",
    " ",
    "a1B2c3D4e5F6",
    "0123456789",
    "é",
    "team",
    "\n",
]


def said(ledger: Ledger, names: list[str]) -> list[tuple[object, ...]]:
    """What a ledger would hold of names: as a key's, and as any other."""
    text = """
        SELECT unkeyed(masked(named(name))), unkeyed(name)
        FROM (SELECT unnest($1) AS name, unnest(range(len($1))) AS place)
        ORDER BY place
    """
    return rows(ledger, text, names)


class TestTheSameAsInALedger:
    def test_of_keys_and_names(self) -> None:
        with ledger_of() as ledger:
            assert [(masked(name), unkeyed(name)) for name in KEYS + NAMES] == said(ledger, KEYS + NAMES)

    @pytest.mark.endurance
    def test_of_whatever_looks_like_them(self) -> None:
        with ledger_of() as ledger:

            @given(
                st.lists(
                    st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join), min_size=1, max_size=50
                )
            )
            @settings(max_examples=40, deadline=None)
            def check(names: list[str]) -> None:
                assert [(masked(name) or None, unkeyed(name)) for name in names] == said(ledger, names)

            check()

    @pytest.mark.parametrize("key", KEYS)
    def test_keys_are_shown_by_their_ends(self, key: str) -> None:
        assert masked(key).endswith(f"…{key[-4:]}")
        assert len(masked(key)) < 20

    @pytest.mark.parametrize("name", NAMES)
    def test_other_names_stay(self, name: str) -> None:
        assert (masked(name), unkeyed(name)) == (name, name)


class TestInPaths:
    @pytest.mark.parametrize(
        ("path", "told"),
        [
            (f"logs/{KEY}.jsonl", f"logs/sk-…{KEY[-4:]}.jsonl"),
            (f"logs/{KEY}/app.jsonl.gz", f"logs/sk-…{KEY[-4:]}/app.jsonl.gz"),
            (f"a of {KEY}.zip/b.jsonl: no such file", f"a of sk-…{KEY[-4:]}.zip/b.jsonl: no such file"),
            ("xoxb-123456789012-a1B2c3D4e5F6g7.log", "xoxb-…F6g7.log"),
        ],
    )
    def test_keys_are_masked_and_the_rest_stays(self, path: str, told: str) -> None:
        assert unkeyed_path(path) == told
        assert unkeyed_path(told) == told

    @pytest.mark.parametrize(
        "path",
        ["logs/app-2026-10-01.jsonl", "task-force-of-2026-10-01.log", "sk-learn-experiments-of-2026-10-01.jsonl",
         "hf_datasets_2026_10_01.csv", "/var/log/sk-/x.jsonl", "disk-aaaaaaaaaaaaaaaaaaaaaaa1.jsonl"],
    )  # fmt: skip
    def test_words_and_dates_are_no_keys(self, path: str) -> None:
        assert unkeyed_path(path) == path

    @pytest.mark.endurance
    def test_a_log_that_is_named_after_a_key_is_shown_and_kept_without_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        log, shown = write_lines(Path(f"{KEY}.jsonl"), call(1), "no JSON"), f"sk-…{KEY[-4:]}.jsonl"
        read = spend("ingest", log, "--db", "l.duckdb")
        assert f"spend: rejected: {shown}, record 2" in read.err
        again = spend("ingest", log, "--db", "l.duckdb")
        assert again.err == f"spend: note: {shown}: is in the ledger already; it adds nothing\n"
        missing = spend("ingest", f"{KEY}.csv", "--db", "l.duckdb")
        assert missing.err.startswith(f"spend: sk-…{KEY[-4:]}.csv: no such file\n")
        assert [one["path"] for one in sources_of("l.duckdb")] == [shown]
        assert KEY.encode() not in Path("l.duckdb").read_bytes()
        for name in (str(log), shown):  # by the name that it has, and by the one that is shown
            assert spend("forget", name, "--db", "l.duckdb").out.startswith(f"Forgot {shown}\n")
            spend("ingest", log, "--db", "l.duckdb")


def sources_of(ledger: str) -> list[dict[str, str]]:
    """The sources that a ledger shows."""
    found: list[dict[str, str]] = spend("status", "--json", "--db", ledger).document["sources"]
    return found


class TestWhereUsersWriteThem:
    def test_rules_of_allocation(self) -> None:
        told = {"to": f"team {KEY}", "cost_center": KEY, "api_key_name": KEY, "team": KEY}
        (rule,) = read_allocation({"allocation": [told]}, "spend.toml").rules
        assert KEY not in repr(rule)
        assert rule.patterns["api_key_name"] == (masked(KEY),)

    def test_budgets(self) -> None:
        plan = read_budgets({"api_key_name": {KEY: "10"}, "team": {KEY: "5"}}, "spend.toml")
        assert {part.kind: part.name for part in plan.parts} == {"api_key_name": masked(KEY), "team": unkeyed(KEY)}

    def test_budgets_of_two_keys_that_are_one_once_masked(self) -> None:
        other = KEY.replace("Zx81", "Ab27")
        with pytest.raises(UsageError, match="two keys that are the same once masked"):
            read_budgets({"api_key_name": {KEY: "10", other: "20"}}, "spend.toml")

    def test_what_is_wrong_with_one(self) -> None:
        with pytest.raises(UsageError, match=f"budget.api_key_name.{masked(KEY)} "):
            read_budgets({"api_key_name": {KEY: "much"}}, "spend.toml")

    def test_a_rule_takes_the_calls_of_a_key_that_the_log_holds_whole(
        self, load_logs: LoadLogs, tmp_path: Path
    ) -> None:
        text = f'''
            name = "{KEY}"
            title = "all of {KEY}"
            [[route]]
            to = "pro"
            api_key_name = "{KEY}"
        '''
        asked = scenario(text, name="keys")
        assert KEY not in repr(asked)
        ledger, _ = load_logs(
            write_lines(
                tmp_path / "app.jsonl",
                call(1, api_key_name=KEY),
                call(2, api_key_name=KEY),
                call(3, api_key_name="svc"),
            )
        )
        prepare(ledger, BOOK, View())
        endpoints = Simulation(ledger, BOOK, View()).price(asked).endpoints
        assert endpoints["moved"].sum() == 2


class TestInWhatIsSaid:
    @pytest.mark.parametrize(
        "line",
        [
            f'[prices]\n"deepseek-v4-pro" = {{ input = "{KEY}" }}',
            f'[prices]\n"deepseek-v4-pro" = {{ discount = "{KEY}" }}',
            pytest.param(
                f'[prices]\n"deepseek-v4-pro" = {{ input = "1", currency = "{KEY}" }}', marks=pytest.mark.endurance
            ),
            pytest.param(f'[prices]\n"deepseek-v4-pro" = {{ {KEY} = "1" }}', marks=pytest.mark.endurance),
            pytest.param(f'[prices]\n"{KEY}" = {{ input = "much" }}', marks=pytest.mark.endurance),
            f'[budget]\n{KEY} = "1"',
            pytest.param(f'[review]\n{KEY} = "1"', marks=pytest.mark.endurance),
            pytest.param(f'[[allocation]]\n{KEY} = ["*"]', marks=pytest.mark.endurance),
            f"[{KEY}]\na = 1",
            pytest.param(f'{KEY} = "1"', marks=pytest.mark.endurance),
            f'tz = "{KEY}"',
            f'currency = "{KEY}"',
        ],
    )
    def test_a_mistake_is_told_without_the_key_in_it(
        self, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "spend.toml").write_text(line + "\n", encoding="utf-8")

        ended = spend("review", "2026-05", "none.jsonl", "--no-report", "--no-workbook")

        assert ended.code == 2
        assert KEY not in ended.err
        assert f"sk-…{KEY[-4:]}" in ended.err
        assert len(ended.err.splitlines()) == 2

    def test_own_prices_are_listed_without_keys_and_controls(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        own = {KEY: "sk-…3Vb9", "\\u202eorp": "\\u202eorp"}
        lines = [f'"{name}" = {{ input = "1", output = "2" }}' for name in own]
        (tmp_path / "spend.toml").write_text("[prices]\n" + "\n".join(lines) + "\n", encoding="utf-8")

        told = spend("prices", "--check").out.splitlines()

        assert [line.split(":")[1].strip() for line in told[:-1]] == list(own.values())

    @pytest.mark.parametrize(
        "sentence",
        [
            "no file sk-2026-10-01-of-all-teams.jsonl",
            "logs/sk-2026-10-01-of-all-teams.csv.gz: empty",
            "sk-all-of-the-teams-there-are",
        ],
    )
    def test_names_of_files_stay(self, sentence: str) -> None:
        assert keyless(sentence) == sentence

    def test_a_key_in_the_midst_of_a_sentence(self) -> None:
        assert (
            keyless(f"'{KEY}' is no price, nor is hf_0123456789abcdefGHIJ.")
            == "'sk-…3Vb9' is no price, nor is hf_…HIJ."
        )
