"""An example scenario, written from a history's own endpoints."""

import json
import re
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from string import Template

from analyzer.errors import OutputError, UsageError
from analyzer.simulate.scenario import ACTUAL

_LISTED = 30
# No glob fits an endpoint that a log does not name: a rule of one would take nothing.
_WITHOUT_ENDPOINTS = {
    "whom": "big prompts",
    "condition": "min_input_tokens = 20_000",
    "endpoints": "# This history names no endpoints, which rules could ask for.\n",
    "waiting": 'max_wait = "8h"',
}
_COLUMN = 67  # where the remarks of the example stand


def write_example(name: str, endpoints: Sequence[str | None], logs: Sequence[str]) -> Path:
    """Write a commented scenario to start from.

    Args:
        name: the scenario's name, or the path of its file; ``.toml`` is added where it lacks.
        endpoints: of the history, the costliest first; None for the one that the log does not name.
        logs: the words by which the user named the history, for the command to run.

    Returns:
        where it was written.

    Raises:
        OutputError: there is such a file already, or it cannot be written.
        UsageError: no scenario may have this name.
    """
    path = Path(name if name.endswith(".toml") else f"{name}.toml")
    if not path.stem.strip() or path.stem == ".toml":
        raise UsageError("--init: no name", "write --init NAME; the scenario is written to NAME.toml")
    if path.stem == ACTUAL.name:
        raise UsageError("--init actual: the name is taken", "actual is what was used; name the scenario otherwise")
    named = [quoted(pattern(endpoint)) for endpoint in endpoints if endpoint is not None]
    told = _of_endpoints(named) if named else _WITHOUT_ENDPOINTS
    text = Template(
        resources.files("analyzer.simulate").joinpath("example.toml").read_text(encoding="utf-8")
    ).substitute(
        name=quoted(path.stem),
        file=_shown(str(path)),
        logs=" ".join(map(_shown, logs)),
        **{**told, "waiting": f"# off_peak = {{ {told['waiting']} }} ".ljust(_COLUMN)},
    )
    try:
        with path.open("x", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError as error:
        raise OutputError(f"{path}: is there already", "name another one, or remove it first") from error
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror})", "name another place with --init") from error
    return path


def _of_endpoints(named: Sequence[str]) -> dict[str, str]:
    """What the example says of endpoints, as TOML writes their globs, the costliest first."""
    listed = "".join(f"#   {endpoint}\n" for endpoint in named[:_LISTED])
    return {
        "whom": "the costliest endpoint",
        "condition": f"endpoint = [{named[0]}]",
        "endpoints": f"# The endpoints of this history, costliest first:\n{listed}",
        "waiting": f'endpoint = [{named[0]}], max_wait = "8h"',
    }


def pattern(name: str) -> str:
    """A glob that fits this name alone."""
    return re.sub(r"[*?\[\\]", lambda found: f"[{found[0]}]", name)


def quoted(text: str) -> str:
    """A text as TOML writes it, on one line whatever it holds."""
    return re.sub(
        r"[\x7f-\x9f\u2028-\u202e\u2066-\u2069]",
        lambda found: f"\\u{ord(found[0]):04x}",
        json.dumps(text, ensure_ascii=False),
    )


def _shown(text: str) -> str:
    """A word of a command in a comment; a name with a space in it would be two."""
    return quoted(text) if re.search(r"[^\w./:*-]", text) else text
