"""Print the lowest versions that pyproject.toml allows, as constraints for pip: ``duckdb==2.0`` of ``duckdb>=2.0``."""

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

EXTRAS = ("test",)  # what the tests of lowest versions need


def lowest(project: dict[str, Any]) -> list[str]:
    """The constraints.

    Raises:
        ValueError: a dependency has no lower bound.
    """
    wanted = [*project["dependencies"], *(one for extra in EXTRAS for one in project["optional-dependencies"][extra])]
    found = []
    for requirement in wanted:
        words, _, marker = requirement.partition(";")
        match = re.match(r"([\w.-]+)(?:\[[^\]]*\])?\s*(?:>=|==)\s*([\w.]+)", words)
        if match is None:
            raise ValueError(f"{requirement} has no lower bound")
        found.append(f"{match[1]}=={match[2]}" + (f" ;{marker}" if marker else ""))
    return found


if __name__ == "__main__":
    text = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    sys.stdout.write("\n".join(lowest(tomllib.loads(text)["project"])) + "\n")
