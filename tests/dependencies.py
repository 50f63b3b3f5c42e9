"""``docs/dependencies.md``: every package that the program or its development needs, and its licence.

    python -m tests.dependencies       writes its table anew, from what the installed packages say of themselves

Rows of packages that are not installed stay as they are: an extra's, another system's.
"""

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/dependencies.md"
PROJECT = "spend-analyzer"
# What a package is needed for: the first of these that needs it.
USES = {
    "running": "", "the extra `spark`": "spark", "tests": "test", "development": "dev", "tests on Spark": "sail",
    "fuzzing": "fuzz",
}  # fmt: skip
# Whoever installs the program takes on nothing but notices to keep; tools of development may be under more.
PERMISSIVE = {"MIT", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "Apache-2.0", "PSF-2.0", "CC0-1.0", "Zlib"}
OF_TOOLS = PERMISSIVE | {"MPL-2.0"}
# Words of those that have no SPDX expression yet.
_SPOKEN = {
    "MIT License": "MIT", "Apache 2.0": "Apache-2.0", "Apache Software License": "Apache-2.0",
    "3-Clause BSD License": "BSD-3-Clause", "BSD License": "BSD-3-Clause",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}  # fmt: skip
_ROW = re.compile(r"^\| `(?P<name>[^`]+)` \| (?P<licence>[^|]+) \| (?P<use>[^|]+) \|$", re.MULTILINE)

_TABLE = re.compile(r"(\| --- \| --- \| --- \|\n)(?:\|.*\|\n)*")

Rows = dict[str, tuple[str, str]]  # licence and use, by canonical name


def rows(text: str) -> Rows:
    """The rows of the page."""
    return {match["name"]: (match["licence"], match["use"]) for match in _ROW.finditer(text)}


def installed() -> Rows:
    """The rows of all packages that are here and needed for something."""
    found: Rows = {}
    for use, extra in USES.items():
        for one in _needed(PROJECT, {extra}, set()):
            found.setdefault(canonicalize_name(one.name), (licence(one), use))
    return found


def licence(package: Distribution) -> str:
    """The licence that a package states of itself, as an SPDX expression; empty where it states none that is known."""
    told = package.metadata
    if told.get("License-Expression"):
        return str(told["License-Expression"])
    classifiers = [one.split(" :: ")[-1] for one in told.get_all("Classifier") or [] if one.startswith("License :: ")]
    spoken = classifiers or [str(told.get("License") or "").splitlines()[0] if told.get("License") else ""]
    return " OR ".join(_SPOKEN.get(one, one) for one in spoken if one) or _licence_in_full(package)


def _licence_in_full(package: Distribution) -> str:
    """The licence whose text comes with a package that names none."""
    texts = [one.read_text() for one in package.files or () if ".dist-info/" in str(one) and "LICENSE" in one.name]
    apache = re.compile(r"\s*Apache License\s+Version 2\.0, January 2004")
    return "Apache-2.0" if texts and all(map(apache.match, texts)) else ""


def rewritten(text: str) -> str:
    """The page with the rows of what is installed as they are now."""
    all_rows = rows(text) | installed()
    order = list(USES)
    table = "".join(
        f"| `{name}` | {of} | {use} |\n"
        for name, (of, use) in sorted(all_rows.items(), key=lambda row: (order.index(row[1][1]), row[0]))
    )
    return _TABLE.sub(lambda head: head[1] + table, text)


def _needed(name: str, extras: set[str], seen: set[tuple[str, str]]) -> Iterator[Distribution]:
    """The packages that a package needs here, whatever they need among them."""
    try:
        package = distribution(name)
    except PackageNotFoundError:
        return
    for line in package.requires or ():
        wanted = Requirement(line)
        if wanted.marker and not any(wanted.marker.evaluate({"extra": extra}) for extra in extras or {""}):
            continue
        key = canonicalize_name(wanted.name), ",".join(sorted(wanted.extras))
        if key in seen:
            continue
        seen.add(key)
        if key[0] != PROJECT:
            try:
                yield distribution(wanted.name)
            except PackageNotFoundError:
                continue
        yield from _needed(wanted.name, set(wanted.extras), seen)


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
