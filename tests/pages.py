"""The pages of the documentation: their blocks, the folder in which these run, and what they must show.

A block is what stands between two fences. What may be done with one follows from its kind:

========  ==============================================================================================================
sh        each command is run; see ``ELSEWHERE`` for those that are not, and why
crontab   likewise, from the sixth word of a line
text      what the ``sh`` block before it prints; a line of ``…`` stands for any lines
json      a document of ``--json``, whose keys are those of the program; or records of a log, which the program reads
toml      a scenario, a mapping, own prices, or ``spend.toml``: read by the program's own readers
sql       a format by its head; else statements, run by DuckDB where the page's exports lie
(none)    a list of paths, which must be there
========  ==============================================================================================================

``<!-- run: spend ... -->`` in a page is run where it stands and not shown. ``sh exit=1`` is a block whose last command
exits so, ``toml NAME`` a file of that name in the folder.
"""

import contextlib
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import click
from support import EXPORT_HEAD, ROOT, spend

from analyzer.cli import cli

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / ".github").glob("*.md"))]

# Commands that are not run here, each with the reason and the place where they are.
ELSEWHERE = {
    r"(python3 -m venv|(\.venv/bin/)?pip install) .*": "want a package registry; .ci/run has the same words",
    r"\.venv/bin/python -m pytest\b.*": "is this suite",
    r"spend (query|analyze|simulate|report|review|export) .*--engine .*": "want a Spark server; tests/engines/test_cluster.py brings one",
}
_SKIPPED = re.compile(r"cd /srv/spend")  # of crontab: the folder is this one
_FENCE = re.compile(r"^(?P<dent> *)```(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=dent)```$", re.DOTALL | re.MULTILINE)
_HIDDEN = re.compile(r"^<!-- run: (?P<text>.*?) -->", re.DOTALL | re.MULTILINE)
_TODAY = re.compile(r"\$\(date [^)]*\)")
# The book's version tells, besides our own prices, which release of genai-prices is installed.
_VERSION = re.compile(r"(?<=\d\d\d\d\.\d\d\.\d\d\+)[0-9a-f]{4}\b")


@dataclass(frozen=True)
class Block:
    """A block of a page; a hidden one is only run, one with a file is put there."""

    page: Path
    line: int
    kind: str
    text: str
    exits: int = 0
    file: str = ""
    hidden: bool = False

    @property
    def place(self) -> str:
        return f"{self.page.name}:{self.line}"

    @property
    def commands(self) -> list[list[str]]:
        """The commands of a shell block, as words; those that are run elsewhere left out."""
        lines = self.text.replace("\\\n", " ").splitlines()
        if self.kind == "crontab":
            lines = [line.split(None, 5)[5].replace("\\%", "%") for line in lines]
        found = [words for line in lines for words in _split(line) if not _SKIPPED.fullmatch(shlex.join(words))]
        return [words for words in found if elsewhere(words) is None]


def blocks(page: Path) -> list[Block]:
    """The blocks of a page in their order."""
    text = page.read_text(encoding="utf-8")
    found: list[tuple[int, Block]] = []
    for match in _FENCE.finditer(text):
        kind, *more = match["info"].split() or [""]
        exits = int(more[0].removeprefix("exit=")) if more and kind == "sh" else 0
        file = more[0] if more and kind == "toml" else ""
        line = text.count("\n", 0, match.start()) + 1
        found.append((match.start(), Block(page, line, kind, dedent(match["text"]), exits, file)))
    for match in _HIDDEN.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        found.append((match.start(), Block(page, line, "sh", match["text"] + "\n", hidden=True)))
    return [block for _, block in sorted(found, key=lambda pair: pair[0])]


def prose(page: Path) -> str:
    """A page without its blocks."""
    return _HIDDEN.sub("", _FENCE.sub("", page.read_text(encoding="utf-8")))


def fences(page: Path) -> int:
    """How many lines begin or end a block."""
    return len(re.findall(r"^ *```", page.read_text(encoding="utf-8"), re.MULTILINE))


def elsewhere(words: Sequence[str]) -> str | None:
    """Why a command is not run here, if it is not."""
    told = " ".join(words)
    return next((reason for pattern, reason in ELSEWHERE.items() if re.fullmatch(pattern, told)), None)


def _split(line: str) -> Iterator[list[str]]:
    """The commands of a line, joined by ``&&`` there."""
    reader = shlex.shlex(_TODAY.sub("2026-10", line), posix=True, punctuation_chars="&|<>")
    reader.whitespace_split = True
    words: list[str] = []
    for word in [*reader, "&&"]:
        if word != "&&":
            words.append(word)
            continue
        if words:
            yield ["spend", *words[1:]] if words[0] == ".venv/bin/spend" else words
        words = []


def check_words(words: Sequence[str]) -> None:
    """Whether the program has such a command and such options.

    Raises:
        click.ClickException: it has not.
    """
    group = click.Context(cli, info_name="spend", **cli.context_settings)
    rest = list(words[1:])
    if rest[:1] == ["--config"]:  # that one is the program's own
        rest = rest[2:]
    if rest[0] in {"--version", "--help"}:
        return
    command = cli.get_command(group, rest[0])
    if command is None:
        raise click.UsageError(f"no such command: {rest[0]}")
    with contextlib.suppress(click.exceptions.Exit):  # as --help does
        command.make_context(rest[0], rest[1:], parent=group)


def lay_out(folder: Path) -> None:
    """Make what the pages' commands are about: sample logs, a few of them as ``logs``, queries, scenarios, a bill."""
    (folder / "sample_logs").symlink_to(ROOT / "sample_logs")
    (folder / "queries").symlink_to(ROOT / "queries")
    (folder / "logs").mkdir()
    shutil.copy(ROOT / "sample_logs/responses.jsonl", folder / "logs")
    scenario = next(block for block in blocks(PAGES[0]) if block.file == "code-on-pro.toml")
    (folder / scenario.file).write_text(scenario.text, encoding="utf-8")
    bill = [
        EXPORT_HEAD,
        "u,2026-09-01,deepseek-v4-pro,svc-reports,sk-***,input_cache_miss_tokens,0.00000066,1000000",
        "u,2026-09-01,deepseek-v4-pro,svc-reports,sk-***,request_count,,10",
    ]
    for name in ("usage_data_2026-09-01_2026-09-30.zip", "usage.zip"):
        with zipfile.ZipFile(folder / name, "w") as packed:
            packed.writestr("amount-2026-9.csv", "\ufeff" + "".join(f"{line}\r\n" for line in bill))
            packed.writestr(
                "cost-2026-9.csv",
                "\ufeffuser_id,utc_date,model,wallet_type,cost,currency\r\nu,2026-09-01,deepseek-v4-pro,Paid,0.66,USD\r\n",
            )


def run(block: Block, folder: Path) -> str:
    """Run a shell block in a folder; what it printed on standard output.

    Raises:
        AssertionError: a command failed, or there is no way to run it here.
    """
    printed = ""
    for number, words in enumerate(block.commands, 1):
        with contextlib.chdir(folder):
            code, out, err = _ran(words)
        wanted = block.exits if number == len(block.commands) else 0
        assert code == wanted, f"{block.place}: {shlex.join(words)} exits with {code}: {err}"
        printed += out
    return printed


def _ran(words: Sequence[str]) -> tuple[int, str, str]:
    if words[0] == "spend":
        ended = spend(*words[1:])
        return ended.code, ended.out, ended.err
    assert words[0] == "duckdb", f"no rule runs {shlex.join(words)}"
    shell = Path(sys.executable).with_name("duckdb")  # of the package duckdb-cli
    done = subprocess.run([shell, *words[1:]], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def assert_shown(block: Block, printed: str) -> None:
    """A ``text`` block must be what was printed; ``…`` on a line of its own stands for any lines."""
    shown, told = (_VERSION.sub("····", text) for text in (block.text, printed))
    parts = re.split(r"^…\n", shown, flags=re.MULTILINE)
    if len(parts) == 1:
        assert told == shown, block.place
    else:
        pattern = ".*?".join(map(re.escape, parts))
        assert re.fullmatch(pattern, told, re.DOTALL), f"{block.place}: does not stand so in\n{told}"
