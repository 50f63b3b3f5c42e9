"""The house: imports only go down, modules stay small, formats are no branches in code, SQL lives in its own files."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from support import ROOT

PACKAGE = ROOT / "analyzer"
MODULES = sorted(PACKAGE.rglob("*.py"))
EACH = pytest.mark.parametrize("module", MODULES, ids=[str(module.relative_to(ROOT)) for module in MODULES])

GROUND = {"errors", "counted"}  # modules that all rooms stand on
# What each room may import, itself and the ground aside. A room that is not here fails the test.
BELOW = {
    "errors": set[str](),
    "counted": set[str](),
    "ledger": set[str](),
    "engines": {"ledger"},
    "prices": {"ledger"},
    "ingest": {"ledger"},
    "lake": {"ingest", "engines", "ledger"},
    "simulate": {"lake", "ingest", "prices", "engines", "ledger"},
    "finance": {"simulate", "ingest", "prices", "engines", "ledger"},
    "report": {"finance", "simulate", "ingest", "prices", "engines", "ledger"},
    "cli": {"report", "finance", "simulate", "ingest", "prices", "engines", "ledger"},
}

# What SQL in a text looks like. Short statements may stand in Python: one table, a few columns, no grouping.
STATEMENT = re.compile(r"\b(SELECT|INSERT INTO|GROUP BY|WITH \w+ AS|CREATE (OR REPLACE )?(TEMP )?(TABLE|VIEW))\b")
GROUPING = re.compile(r"\b(GROUP BY|PARTITION BY|JOIN)\b")
TRIVIAL = 170  # characters


@cache
def tree(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"))


def room(module: Path) -> str:
    """The room that a module stands in; the package's own two modules belong to the command line."""
    place = module.relative_to(PACKAGE).parts[0]
    return {"__init__.py": "errors", "__main__.py": "cli"}.get(place, place.removesuffix(".py"))


def imported(module: Path) -> Iterator[str]:
    """All modules of the package that a module names in an import, wherever the import stands."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            if node.module == "analyzer":
                yield from (f"analyzer.{alias.name}" for alias in node.names)
            else:
                yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def texts(module: Path) -> Iterator[tuple[int, str]]:
    """All texts of a module that are no docstrings, f-strings with their slots empty, and their lines."""
    whole = tree(module)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    skipped: set[int] = {
        id(node.body[0].value)
        for node in ast.walk(whole)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(whole):
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in node.values}
            yield (
                node.lineno,
                "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values),
            )
    for node in ast.walk(whole):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.lineno, node.value


@EACH
def test_imports_only_go_down(module: Path) -> None:
    here = room(module)
    others = {name.split(".")[1] for name in imported(module) if name.startswith("analyzer.")} - {
        here,
        *GROUND,
        "__version__",
    }

    assert others <= BELOW[here], f"{here} imports {others - BELOW[here]}"


def test_rooms_make_no_circle() -> None:
    """No room may be reached from one that it may import."""
    for name, below in BELOW.items():
        assert all(name not in BELOW[other] for other in below)


def test_modules_make_no_circle() -> None:
    """Nor a module from one that it imports, wherever the import stands; a room's ``__init__`` only hands names on."""
    names = {".".join(module.relative_to(ROOT).with_suffix("").parts): module for module in MODULES}
    below = {name: [other for other in imported(module) if other in names] for name, module in names.items()}
    sorter = TopologicalSorter(below)

    sorter.prepare()  # or it names the circle


@EACH
def test_modules_are_small(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 300


@EACH
def test_nothing_is_named_for_having_no_name(module: Path) -> None:
    assert module.stem not in {"utils", "util", "helpers", "helper", "common", "misc"}


@EACH
def test_no_branch_asks_for_a_format(module: Path) -> None:
    """A format is one SQL file: no code compares a format, or its name, with a text."""
    for node in ast.walk(tree(module)):
        if not isinstance(node, ast.Compare):
            continue
        sides = [node.left, *node.comparators]
        names = {ast.unparse(side).rpartition(".")[2] for side in sides if isinstance(side, (ast.Name, ast.Attribute))}
        about = any(ast.unparse(side).endswith(("form.name", "format.name")) for side in sides)
        literal = any(
            isinstance(part, ast.Constant) and isinstance(part.value, str) for side in sides for part in ast.walk(side)
        )
        assert not (literal and (about or names & {"format", "form", "format_name"})), (
            f"line {node.lineno}: {ast.unparse(node)}"
        )


def inline_sql(module: Path) -> list[int]:
    """Lines of SQL of some size: a long statement, or one that groups or joins."""
    found = list(texts(module))
    long = [line for line, text in found if len(text) > TRIVIAL and STATEMENT.search(text)]
    return long + [line for line, text in found if len(text) > TRIVIAL / 2 and GROUPING.search(text)]


@EACH
def test_sql_lives_in_its_own_files(module: Path) -> None:
    assert inline_sql(module) == []


def test_the_connection_lives_in_the_ledger_only() -> None:
    """No other room opens a database."""
    opening = {
        module.relative_to(PACKAGE).parts[0]
        for module in MODULES
        for name in [module.read_text(encoding="utf-8")]
        if re.search(r"duckdb\.connect\(|import connect\b", name)
    }

    assert opening == {"ledger"}


def test_the_command_line_alone_writes_to_the_terminal() -> None:
    """Errors become text in one place; nothing else prints or leaves."""
    for module in MODULES:
        if room(module) == "cli":
            continue
        called = {ast.unparse(node.func) for node in ast.walk(tree(module)) if isinstance(node, ast.Call)}
        assert not called & {"print", "click.echo", "sys.exit", "os._exit", "exit"}, module


def test_help_needs_no_heavy_import() -> None:
    """What the command line imports at once is light: the rest comes where it is used."""
    heavy = {"polars", "plotly", "duckdb", "rich", "holidays"}
    first = [PACKAGE / "__init__.py", PACKAGE / "__main__.py", PACKAGE / "errors.py", PACKAGE / "cli" / "__init__.py"]

    for module in first:
        at_once = {
            alias.name.split(".")[0]
            for node in tree(module).body
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        at_once |= {(node.module or "").split(".")[0] for node in tree(module).body if isinstance(node, ast.ImportFrom)}
        assert not at_once & heavy, module
