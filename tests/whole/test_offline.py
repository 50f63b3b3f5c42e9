"""The program never calls the network: tried with every way there closed, and with none there at all."""

import ast
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any, NoReturn

import pytest
from support import ROOT, command, spend, surroundings

SAMPLES = ROOT / "sample_logs"
LOG = SAMPLES / "responses.jsonl"
COMMANDS = [
    ("analyze", LOG, "--quiet"),
    ("report", LOG, "--quiet"),
    ("review", "2026-10", LOG, "--quiet"),
    ("simulate", LOG, "--json"),
    ("export", "--csv", LOG, "--output", "-"),
    ("prices", "openai/gpt-5"),
    ("formats", LOG),
]
WAYS = ("connect", "connect_ex", "bind", "listen", "sendto", "sendmsg")
# What opens connections. Spark Connect is another engine's, and used with --engine alone.
CALLERS = {
    "socket",
    "ssl",
    "urllib",
    "http",
    "ftplib",
    "smtplib",
    "requests",
    "httpx",
    "httpx2",
    "aiohttp",
    "asyncio",
    "grpc",
}


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was tried of the network; nothing of it works."""
    found: list[str] = []

    def refuse(name: str) -> Any:
        def refused(*words: object, **_: object) -> NoReturn:
            found.append(f"{name}{words[1:]}")
            raise OSError("no network here")

        return refused

    class Closed(socket.socket):
        """A socket that goes nowhere."""

    for way in WAYS:
        monkeypatch.setattr(Closed, way, refuse(way), raising=False)
    monkeypatch.setattr(socket, "socket", Closed)
    for name in ("getaddrinfo", "gethostbyname", "create_connection", "create_server"):
        monkeypatch.setattr(socket, name, refuse(name))
    return found


def test_the_ways_are_closed(tried: list[str]) -> None:
    """Else nothing below would tell anything."""
    with socket.socket() as one, pytest.raises(OSError, match="no network here"):
        one.connect(("127.0.0.1", 9))
    with pytest.raises(OSError, match="no network here"):
        socket.create_connection(("127.0.0.1", 9))
    with pytest.raises(OSError, match="no network here"):
        socket.getaddrinfo("localhost", 9)

    assert len(tried) == 3


@pytest.mark.endurance
@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_nothing_is_tried(words: tuple[str | Path, ...], tried: list[str], tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    ended = spend(*words)

    assert ended.code == 0, ended.err
    assert ended.out
    assert tried == []


@pytest.mark.endurance
@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_it_works_where_there_is_no_network(words: tuple[str | Path, ...], tmp_path: Path) -> None:
    """In a network namespace of its own, without even a loopback that is up: DuckDB and all it links have none, either."""
    alone = shutil.which("unshare")
    if alone is None or subprocess.run([alone, "-rn", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no network namespace can be made here")

    done = subprocess.run(
        [alone, "-rn", *command(*words)],
        cwd=tmp_path,
        env=surroundings(),
        capture_output=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout


def test_no_module_imports_what_opens_connections() -> None:
    calling = {
        str(module.relative_to(ROOT)): name
        for module in sorted((ROOT / "analyzer").rglob("*.py"))
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""])
        if name.split(".")[0] in CALLERS
    }

    assert set(calling) <= {"analyzer/engines/server.py", "analyzer/engines/spark.py"}
