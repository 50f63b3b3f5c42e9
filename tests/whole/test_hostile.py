"""Hostile input is data everywhere: names that want to be code, archives that want to be elsewhere, keys in any field."""

import csv
import gzip
import io
import json
import os
import re
import stat
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import duckdb
import pytest
from conftest import call as sound_call
from conftest import counts, load_paths, rows, write_lines
from openpyxl import load_workbook
from shown import Page

from analyzer.engines.query import queries
from analyzer.ingest import packing
from analyzer.ledger import Ledger
from analyzer.report import summary
from analyzer.report.dialect import write_csv
from analyzer.report.listing import as_table
from analyzer.report.visible import spelled, visible
from analyzer.simulate.relations import View, prepare
from tests.naughty import ALL, NAUGHTY
from tests.support import BOOK, Ended, spend

pytestmark = pytest.mark.endurance

FIELDS = (
    "endpoint", "model", "session_id", "api_key_name", "team", "user", "request_id", "status", "provider",
    "service_tier", "operation",
)  # fmt: skip
# Written by hand and not taken from the program: what a terminal obeys, and what makes two names look alike.
OBEYED = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)
FORMULA = re.compile("^ *[=+@\t\r\n\uff1d\uff0b\uff0d\uff20]|^ *-(?!\\d*\\.?\\d*$)")


def naughty_log(path: Path, texts: list[str]) -> Path:
    """A call for each text, which stands in all of its fields; every second one goes to a model that has a price."""
    records = (
        {
            **dict.fromkeys(FIELDS, text),
            "model": text if number % 2 else "deepseek-v4-flash",
            "ts": f"2026-10-{number % 28 + 1:02}T{number % 24:02}:00:00Z",
            "input_tokens": 1000 + number, "output_tokens": 10, "cached_tokens": 5,
        }
        for number, text in enumerate(texts)
    )  # fmt: skip
    return write_lines(path, *records)


@pytest.fixture(scope="module")
def everywhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a ledger of all naughty names."""
    folder = tmp_path_factory.mktemp("everywhere")
    ended = spend("ingest", "--db", folder / "l.duckdb", naughty_log(folder / "h.jsonl", ALL))
    assert ended.code == 0
    return folder


@pytest.fixture
def beside(everywhere: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """That folder as the working directory; nothing that a name asks for has happened afterwards."""
    monkeypatch.chdir(everywhere)
    yield everywhere
    assert not Path("/tmp/spend-naughty").exists()
    with Ledger.open(everywhere / "l.duckdb") as ledger:
        counts(ledger)
        assert len(rows(ledger, "FROM sources")) == 1


def obeys_nothing(ended: Ended) -> None:
    assert ended.code == 0, ended.err
    for told in (ended.out, ended.err):
        assert OBEYED.findall(told) == []


class TestNames:
    def test_each_is_a_request_or_rejected_with_a_reason(self, beside: Path) -> None:
        with Ledger.open(beside / "l.duckdb") as ledger:
            told = counts(ledger)
            reasons = {reason for (reason,) in rows(ledger, "SELECT DISTINCT reason FROM rejected")}
        assert told["records"] == len(ALL)
        # Lone surrogates are no text; a model of nothing but white space is none.
        assert {reason.partition(" (")[0] for reason in reasons} <= {
            "JSON with characters that no text may hold, or with a number that is none",
            "no model",
        }
        assert told["rejected"] <= len(NAUGHTY["surrogates"]) + 2

    def test_on_a_terminal(self, beside: Path) -> None:
        """All of them, where usually the dearest are shown."""
        with patch.object(summary, "_ROWS", 1_000):
            ended = spend("analyze", "--no-report", "--db", beside / "l.duckdb")
        obeys_nothing(ended)
        assert ended.out.count("\n") > 200  # usually about 40

    @pytest.mark.parametrize(
        "words",
        [
            ("status",),
            ("analyze", "--no-report", "--endpoint-by", "user", "--json"),
            ("status", "--json"),
            ("review", "2026-10", "--no-workbook", "--no-report", "--json"),
            ("review", "2026-10", "--no-workbook", "--no-report"),
        ],
        ids=" ".join,
    )
    def test_of_a_ledger(self, words: tuple[str, ...], beside: Path) -> None:
        if words[0] == "review":
            pytest.importorskip("analyzer.report.workbook.book")
        ended = spend(*words, "--db", beside / "l.duckdb")
        obeys_nothing(ended)
        if "--json" in words:
            assert ended.document["schema"] == f"spend.{words[0]}/1"

    def test_documents_hold_names_as_they_are(self, beside: Path) -> None:
        document = spend("query", "endpoints", "--db", beside / "l.duckdb", "--format", "json").document
        told = {row["endpoint"] for row in document["rows"]}
        # Those that are kept as they stand: no white space around them, no bracket in front, no query in an address.
        plain = {
            text
            for text in ALL
            if text == text.strip() and text.isascii() and text.isprintable() and len(text) < 1000
            and not re.search(r"^[\[{]|[?#]|://", text) and len(text) < 20
        }  # fmt: skip
        assert len(plain) > 50
        assert plain <= told
        assert {"\x1bc", "\u202eesrever", "tag\U000e0041\U000e007f"} <= told

    def test_answers_as_table_and_csv(self, beside: Path, tmp_path: Path) -> None:
        """Of every query: rows keep their cells, no cell is a formula, nothing is obeyed."""
        with Ledger.open(beside / "l.duckdb") as ledger:
            prepare(ledger, BOOK, View())
            for query in queries().values():
                frame = query.frame(ledger.connection)
                table = as_table(frame)
                assert OBEYED.findall(table) == []
                assert table.count("\n") == frame.height + 1
                write_csv(ledger.connection, query.sql, tmp_path / "answer.csv")
                text = (tmp_path / "answer.csv").read_bytes().decode()
                assert OBEYED.findall(text) == []
                parsed = list(csv.reader(io.StringIO(text)))
                assert parsed[0] == frame.columns
                assert len(parsed) == frame.height + 1
                assert {len(row) for row in parsed} == {frame.width}
                assert [cell for row in parsed for cell in row if FORMULA.search(cell)] == []

    def test_the_report_has_no_tag_of_theirs(self, beside: Path, tmp_path: Path) -> None:
        assert spend("analyze", "--db", beside / "l.duckdb", "--report", tmp_path / "r.html").code == 0
        text = (tmp_path / "r.html").read_text(encoding="utf-8")
        page = Page(text)
        assert not {tag for tag, _ in page.tags} & {"img", "iframe", "object", "embed", "base"}
        assert len(page.scripts) == 4
        assert not [attrs for _, attrs in page.tags if "src" in attrs]
        assert not [attrs for _, attrs in page.tags if not (attrs.get("href") or "#").startswith("#")]
        assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]
        assert not OBEYED.findall(text.replace("\t", ""))

    @pytest.mark.parametrize("what", ["costs", "hours", "requests", "focus"])
    def test_exports_as_csv(self, what: str, beside: Path, tmp_path: Path) -> None:
        words = ["--focus"] if what == "focus" else ["--csv", "--what", what]
        ended = spend("export", *words, "--db", beside / "l.duckdb", "--output", tmp_path / "e.csv")
        obeys_nothing(ended)
        text = (tmp_path / "e.csv").read_bytes().decode()
        assert OBEYED.findall(text) == []
        head, *lines = csv.reader(io.StringIO(text, newline=""))
        assert {len(line) for line in lines} == {len(head)}
        assert [cell for line in lines for cell in line if FORMULA.search(cell)] == []
        with Ledger.open(beside / "l.duckdb") as ledger:
            assert what != "requests" or len(lines) == counts(ledger)["requests"]

    @pytest.mark.parametrize("what", ["costs", "hours", "requests"])
    def test_exports_as_parquet_hold_names_as_they_are(self, what: str, beside: Path, tmp_path: Path) -> None:
        words = ("--what", what, "--db", beside / "l.duckdb", "--output", tmp_path / "e.parquet")
        obeys_nothing(spend("export", "--parquet", *words))
        told = duckdb.execute("SELECT endpoint FROM read_parquet(?)", [str(tmp_path / "e.parquet")]).fetchall()
        with Ledger.open(beside / "l.duckdb") as ledger:
            names = {name for (name,) in rows(ledger, "SELECT DISTINCT endpoint FROM requests")}
            assert what != "requests" or len(told) == counts(ledger)["requests"]
        assert len(names) > 120
        assert {name for (name,) in told} == names

    @pytest.mark.parametrize("what", ["costs", "hours", "requests"])
    def test_exports_as_workbook_compute_nothing(self, what: str, beside: Path, tmp_path: Path) -> None:
        path = tmp_path / "e.xlsx"
        obeys_nothing(spend("export", "--xlsx", "--what", what, "--db", beside / "l.duckdb", "--output", path))
        cells = [cell for sheet in load_workbook(path) for line in sheet.iter_rows() for cell in line]
        assert {cell.data_type for cell in cells} <= {"s", "n", "d", "b"}
        assert not [cell for cell in cells if cell.hyperlink]
        assert not [cell.value for cell in cells if OBEYED.search(str(cell.value))]
        assert len([cell for cell in cells if cell.data_type == "s"]) > 100

    def test_the_workbook_computes_our_formulas_alone(self, beside: Path, tmp_path: Path) -> None:
        """Each is what it is without any name: cells, sheets of ours and functions, and no text of a log."""
        path = tmp_path / "r.xlsx"
        words = ("--workbook", path, "--report", tmp_path / "r.html", "--db", beside / "l.duckdb")
        obeys_nothing(spend("review", "2026-10", *words))
        cells = [cell for sheet in load_workbook(path) for line in sheet.iter_rows() for cell in line]
        formulas = [str(cell.value) for cell in cells if cell.data_type == "f"]
        ours = re.compile(r"=(SUM|ROUND|IF|MAX|\(?SUMPRODUCT|'?[A-Z][a-z ]+'?!\$[A-Z]+\$\d+|[A-Z]\d+)")
        assert len(formulas) > 20
        assert [formula for formula in formulas if not ours.match(formula)] == []
        assert [(text, formula) for formula in formulas for text in NAUGHTY["formulas"] if text[:4] in formula] == []
        assert not [cell for cell in cells if cell.hyperlink]
        assert not [cell.value for cell in cells if OBEYED.search(str(cell.value))]
        shown = {cell.value for cell in cells if cell.data_type == "s"}
        assert shown >= {"=1+1", "@SUM(1)", "+1+1", "'; DROP TABLE requests; --"}

    @pytest.mark.endurance
    def test_a_scenario_made_of_them_is_one(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        log = naughty_log(tmp_path / "h.jsonl", ALL[::5])
        obeys_nothing(spend("simulate", log, "--init", "mine"))
        text = Path("mine.toml").read_text(encoding="utf-8")
        assert tomllib.loads(text)["name"] == "mine"
        assert not OBEYED.findall(text)
        obeys_nothing(spend("simulate", log, "--scenario", "mine.toml"))


class TestValues:
    """What the user writes is no SQL either; a wrong value is an error of two lines."""

    EVIL = "x'); DROP TABLE requests; COPY (SELECT 1) TO '/tmp/spend-naughty'; --\x1b[2J"

    @pytest.mark.parametrize("option", ["--tz", "--month", "--since", "--currency", "--price-date", "--clock", "--scenario", "--format", "--map", "--prices", "--endpoint-by", "--set"])  # fmt: skip
    @pytest.mark.usefixtures("beside")
    def test_of_options(self, option: str) -> None:
        value = self.EVIL if option != "--set" else f"model={self.EVIL}"
        log = () if option not in {"--set", "--format", "--map"} else ("h.jsonl",)
        ended = spend("analyze", "--no-report", "--db", "l.duckdb", *log, option, value)
        assert OBEYED.findall(ended.out + ended.err) == []
        if option != "--set":
            assert ended.code in {1, 2}
            assert ended.out == ""
            assert len(ended.err.splitlines()) == 2

    @pytest.mark.parametrize("word", ["model", "endpoint", "session", "team"])
    def test_what_logs_leave_out(self, word: str, tmp_path: Path) -> None:
        log = write_lines(tmp_path / "a.jsonl", {"ts": "2026-10-01", "model": "m", "input_tokens": 1, "output_tokens": 1}, {"ts": "2026-10-02", "input_tokens": 1, "output_tokens": 2})  # fmt: skip
        with Ledger.throwaway() as ledger:
            load_paths(ledger, log, given={"model": "m", word: self.EVIL})
            column = "session_id" if word == "session" else word
            assert self.EVIL in {value for (value,) in rows(ledger, f"SELECT {column} FROM requests")}
            assert counts(ledger)["requests"] == 2

    @pytest.mark.parametrize(
        "text",
        [
            "tz = {evil}",
            "currency = {evil}",
            "endpoint_by = {evil}",
            "clock = {evil}",
            "price_date = {evil}",
            "scenario = {evil}",
            "{evil} = 1",
            "[prices]\n{evil} = {{ input = {evil} }}",
            '[prices]\n"m" = {{ input = "1", output = "2", currency = {evil} }}',
        ],
    )
    @pytest.mark.usefixtures("beside")
    def test_of_spend_toml(self, text: str) -> None:
        Path("own.toml").write_text(text.format(evil=json.dumps(self.EVIL)), encoding="utf-8")
        ended = spend("--config", "own.toml", "analyze", "--no-report", "--db", "l.duckdb")
        assert ended.code in {1, 2}
        assert len(ended.err.splitlines()) == 2
        assert OBEYED.findall(ended.out + ended.err) == []

    @pytest.mark.parametrize(
        "text",
        [
            "name = {evil}\ntitle = {evil}\ndefault = 'pro'",
            "name = 'a'\ndefault = {evil}",
            "name = 'a'\ndefault = 'pro'\n[[route]]\nto = 'flash'\nendpoint = [{evil}, \"'; --\", '*']",
            "name = 'a'\ndefault = 'pro'\n[assume]\noutput_ratio = {{ {evil} = 1.5 }}",
            "name = 'a'\ndefault = 'pro'\n[prices]\n{evil} = {{ input = '1', output = '2' }}",
            "name = 'a'\ndefault = 'pro'\n{evil} = 1",
        ],
    )
    def test_of_scenarios(self, text: str, tmp_path: Path) -> None:
        file = tmp_path / "s.toml"
        file.write_text(text.format(evil=json.dumps(self.EVIL)), encoding="utf-8")
        ended = spend("analyze", "--no-report", write_lines(tmp_path / "a.jsonl", sound_call(1)), "--scenario", file)
        assert ended.code in {0, 2}
        assert ended.code == 0 or len(ended.err.splitlines()) == 2
        assert OBEYED.findall(ended.out + ended.err) == []

    @pytest.mark.parametrize("text", [f"a = {'[' * 20_000}", f"a = {'9' * 20_000}"], ids=["deep", "long"])
    @pytest.mark.parametrize("option", ["--config", "--map", "--prices", "--scenario"])
    def test_toml_that_goes_too_far(self, option: str, text: str, tmp_path: Path) -> None:
        file = tmp_path / "own.toml"
        file.write_text(text, encoding="utf-8")
        words = ["analyze", "--no-report", write_lines(tmp_path / "a.jsonl", sound_call(1))]
        ended = spend(option, file, *words) if option == "--config" else spend(*words, option, file)
        assert ended.code in {1, 2}
        assert len(ended.err.splitlines()) == 2
        assert file.name in ended.err.splitlines()[0]

    def test_of_a_mapping(self, tmp_path: Path) -> None:
        (tmp_path / "map.toml").write_text(f"ts = 'ts'\nendpoint = {json.dumps(self.EVIL)}\n", encoding="utf-8")
        log = write_lines(tmp_path / "a.jsonl", sound_call(1, endpoint=None) | {self.EVIL: "found"})
        words = ("--map", tmp_path / "map.toml", "--scenario", "all-flash")
        ended = spend("analyze", "--json", "--no-report", *words, log)
        assert [row["endpoint"] for row in ended.document["endpoints"]] == ["found"]


class TestArchives:
    @pytest.fixture
    def packed(self, tmp_path: Path) -> Path:
        return tmp_path / "packed.zip"

    @pytest.mark.parametrize(
        "name",
        [
            "../../escaped.jsonl",
            "/tmp/spend-naughty",
            "a/../../b.jsonl",
            "\x1b[2J\n.jsonl",
        ],
    )
    def test_members_are_read_where_they_lie(self, name: str, packed: Path, tmp_path: Path) -> None:
        line = json.dumps(sound_call(1)) + "\n"
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(name, line)
        before = sorted(tmp_path.parent.rglob("*"))
        ended = spend("ingest", "--db", packed.with_suffix(".duckdb"), packed)
        obeys_nothing(ended)
        assert "1 record = 1 request" in ended.out
        assert sorted(tmp_path.parent.rglob("*")) == sorted([*before, packed.with_suffix(".duckdb")])
        assert not Path("/tmp/spend-naughty").exists()

    def test_a_link_leads_nowhere(self, packed: Path) -> None:
        link = zipfile.ZipInfo("link.jsonl")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(link, "/etc/passwd")
        ended = spend("analyze", "--no-report", packed)
        assert ended.code == 1
        assert "root:" not in ended.out + ended.err

    def test_an_archive_in_an_archive_is_no_log(self, packed: Path) -> None:
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w") as archive:
            archive.writestr("a.jsonl", json.dumps(sound_call(1)))
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("inner.zip", inner.getvalue())
        ended = spend("analyze", "--no-report", packed)
        assert ended.code == 1
        assert len(ended.err.splitlines()) == 2

    def test_one_file_that_is_no_log_stops_no_other(self, packed: Path) -> None:
        with zipfile.ZipFile(packed, "w") as archive:
            for name, text in (("a.txt", "no log"), ("b.jsonl", json.dumps(sound_call(1))), ("c.txt", "nor this")):
                archive.writestr(name, text)
        ended = spend("ingest", "--db", packed.with_suffix(".duckdb"), packed)
        assert ended.code == 1
        assert [f"{name}: neither JSON lines nor CSV" in ended.err for name in ("a.txt", "c.txt")] == [True, True]
        assert "1 record = 1 request" in ended.out
        assert "b.jsonl: generic" in spend("formats", packed).out

    @pytest.mark.parametrize("place", ["name", "name in the list", "version"])
    def test_a_damaged_one_says_so(self, place: str, packed: Path) -> None:
        """A bit is another one: a name that is no UTF-8, or a version that nobody has."""
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("ä.jsonl", json.dumps(sound_call(1)))
        data = bytearray(packed.read_bytes())
        listed = data.index(b"PK\x01\x02")
        at = {
            "name": data.index("ä".encode()),
            "name in the list": data.index("ä".encode(), listed),
            "version": listed + 6,
        }[place]
        data[at] |= 0x80
        data[at] ^= 0x40
        packed.write_bytes(data)
        ended = spend("analyze", "--no-report", packed)
        assert ended.code == 1
        assert len(ended.err.splitlines()) == 2

    def test_one_that_needs_a_password_says_so(self, packed: Path) -> None:
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("a.jsonl", json.dumps(sound_call(1)))
        data = bytearray(packed.read_bytes())
        data[6] |= 1
        data[data.index(b"PK\x01\x02") + 8] |= 1
        packed.write_bytes(data)
        ended = spend("analyze", "--no-report", packed)
        assert ended.code == 1
        assert "cannot be unpacked" in ended.err
        assert "password" in ended.err

    @pytest.mark.parametrize("kind", ["gzip", "zip", "many"])
    def test_bombs_are_put_out(self, kind: str, tmp_path: Path) -> None:
        """With a limit of 4 MB instead of 1 GB: what is small enough is read, however well it packs."""
        path, size = tmp_path / "bomb", 3 << 20
        line = json.dumps(sound_call(1)) + "\n"
        if kind == "gzip":
            path.write_bytes(gzip.compress(line.encode() + b" " * (2 * size) + b"\n"))
        else:
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                for number in range(1 if kind == "zip" else 3):
                    archive.writestr(f"{number}.jsonl", line + " " * (2 * size if kind == "zip" else size // 2) + "\n")
        assert path.stat().st_size * packing.MOST_TIMES < 4 << 20
        with patch.object(packing, "ALWAYS_FINE", 4 << 20):
            ended = spend("ingest", path, "--db", tmp_path / "l.duckdb")
        assert ended.code == 1
        assert f"{path}: unpacks to more than 4 MB, 250 times its size" in ended.err
        assert "unpack it by hand" in ended.err
        assert spend("ingest", path, "--db", tmp_path / "l.duckdb").code == 0


class TestPlaces:
    @pytest.mark.parametrize("option", ["--db", "--report", "--config", "--map", "--prices", "--scenario"])
    def test_a_folder_where_a_file_is_meant(self, option: str, tmp_path: Path) -> None:
        log = write_lines(tmp_path / "a.jsonl", sound_call(1))
        words = ("--config", tmp_path, "analyze", log) if option == "--config" else ("analyze", log, option, tmp_path)
        ended = spend(*words)
        assert ended.code in {1, 2}
        assert len(ended.err.splitlines()) == 2

    @pytest.mark.parametrize(
        "name",
        ["two\nlines\x1b[2J'; DROP TABLE requests; --", pytest.param("[x]*%s\u202egpj", marks=pytest.mark.endurance)],
    )
    def test_any_name_of_a_ledger_and_of_a_report(self, name: str, tmp_path: Path) -> None:
        log = write_lines(tmp_path / f"{name}.jsonl", sound_call(1))
        for words in (("ingest", log), ("status",), ("analyze", "--report", tmp_path / f"{name}.html"), ("forget", str(log)), ("status",)):  # fmt: skip
            obeys_nothing(spend(*words, "--db", tmp_path / name))
        assert (tmp_path / name).exists()
        assert (tmp_path / f"{name}.html").exists()

    def test_a_path_with_nul_is_an_error_like_others(self, tmp_path: Path) -> None:
        for words in (("analyze", "a\0b"), ("analyze", tmp_path, "--db", "a\0b"), ("status", "--db", "a\0b")):
            ended = spend(*words)
            assert ended.code in {1, 2}
            assert len(ended.err.splitlines()) in {2, 4}

    def test_all_that_is_written_is_its_owners(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        before = os.umask(0)
        try:
            log = write_lines(tmp_path / "a.jsonl", *map(sound_call, range(9)))
            log.chmod(0o644)
            spend("analyze", log, "--db", "l.duckdb", "--report", "r.html")
            spend("simulate", log, "--init", "mine")
        finally:
            os.umask(before)
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir() if file != log}
        assert modes == {"l.duckdb": 0o600, "r.html": 0o600, "mine.toml": 0o600}


KEYS = [
    "sk-0123456789abcdef0123456789abcdef",  # DeepSeek's and OpenAI's older ones
    "sk-proj-AbCd0123efGH4567ijKL8901mnOP",
    "sk-ant-api03-AbCd0123efGH4567ijKL8901-AA",
    "sk-or-v1-0123456789abcdef0123456789abcdef0123456789abcdef",
    "xai-AbCd0123efGH4567ijKL8901mnOP",
    "gsk_AbCd0123efGH4567ijKL8901mnOP",
    "AIzaSyA0123456789abcdefghijklmnopqrstuv",
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_0123456789abcdefghijABCDEFGHIJ456789",
    "hf_AbCd0123efGH4567ijKL8901mnOP",
    "xoxb-123456789012-AbCd0123efGH4567",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl",
    "Bearer AbCd0123efGH4567ijKL8901mnOP",
]


class TestKeys:
    @pytest.mark.parametrize("key", [*KEYS[:2], *(pytest.param(key, marks=pytest.mark.endurance) for key in KEYS[2:])])
    def test_none_of_a_known_kind_is_kept_in_any_name(self, key: str, tmp_path: Path) -> None:
        """Only a request's own id is kept as it is: it tells one call from another, and is shown nowhere."""
        fields = [field for field in FIELDS if field != "request_id"]
        records = (sound_call(number, **{field: key}) for number, field in enumerate(fields))
        # The commonest kind is found wherever it stands, others where a name begins with them.
        inside = sound_call(50, endpoint=f"/v1/{key}/chat" if key.startswith("sk-") else "/v1", user="ann:" + KEYS[0])
        path = tmp_path / "l.duckdb"
        with Ledger.open(path, create=True) as ledger:
            load_paths(ledger, write_lines(tmp_path / "a.jsonl", *records, inside))
            assert counts(ledger)["requests"] == len(fields) + 1
            for table in ("requests", "sources", "rejected", "skipped", "copies"):
                assert key not in str(rows(ledger, f"FROM {table}"))
            rows(ledger, "CHECKPOINT")
        assert key.encode() not in path.read_bytes()

    @pytest.mark.parametrize(
        "name",
        [
            "task-0123456789-risk-assessment",
            "/v1/chat/completions",
            "550e8400-e29b-41d4-a716-446655440000",
            "sk-bratislava-support-team",
            "anthropic/claude-sonnet-4-5-20250929",
            "eyJust-a-name",
            "github_actions",
            "projects/1234567890123/locations/global",
        ],
    )
    def test_names_are_left_as_they_are(self, name: str, ledger: Ledger) -> None:
        assert rows(ledger, "SELECT unkeyed(?)", name) == [(name,)]

    def test_two_keys_stay_two_names(self, ledger: Ledger) -> None:
        one, other = rows(ledger, "SELECT unkeyed(?), unkeyed(?)", KEYS[0], KEYS[0][:-4] + "0000")[0]
        assert (one, other) == ("sk-…cdef", "sk-…0000")


class TestSpelling:
    @pytest.mark.parametrize("text", ["\x1b[0m", "\u202ex", "\U000e0041", "\ud800", "\x9b", "a\u00adb"])
    def test_it_is_the_same_text_in_json(self, text: str) -> None:
        assert json.loads(f'"{spelled(text)}"') == text
        assert OBEYED.findall(visible(text)) == []

    @pytest.mark.parametrize("text", ["Größe", "表格", "\U0001f600", "e\u0301", "\u05e9\u05dc", "a b"])
    def test_what_can_be_seen_stays(self, text: str) -> None:
        assert visible(text) == text
