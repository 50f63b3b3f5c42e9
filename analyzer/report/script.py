"""Scripts and data of the page: Plotly from its installed package, figures as data, and what may run."""

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Iterable
from functools import cache
from importlib import resources

# Plotly puts an empty <style> in the page and fills it by script; a policy knows it by the hash of nothing.
_NOTHING = ""
# Before it puts in the style of its maps, Plotly looks for an element of this id.
_MAP_STYLE = re.compile(r'getElementById\("([0-9a-f]{64})"\)')


@cache
def plotly() -> tuple[str, str]:
    """Plotly's script as gzip in base64, and the hash that allows it to run."""
    from plotly.offline import get_plotlyjs

    script = get_plotlyjs()
    return _packed(script), allowed(script)


@cache
def styled() -> list[str]:
    """Ids that keep Plotly from adding styles of figures that no report has, which the policy would refuse."""
    from plotly.offline import get_plotlyjs

    return sorted(set(_MAP_STYLE.findall(get_plotlyjs())))


# In this order they are one script: each may use what those before it define.
_PARTS = ("page", "tables", "exact", "sliders", "figures")


@cache
def application() -> str:
    """The page's own script."""
    return "\n".join(asset(f"scripts/{part}.js") for part in _PARTS)


def asset(file: str) -> str:
    """A file that lies beside this module, as text."""
    return resources.files("analyzer.report").joinpath(file).read_text(encoding="utf-8")


def allowed(source: str) -> str:
    """A script or style as a Content-Security-Policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode('ascii')}'"


def policy(scripts: Iterable[str], style: str) -> str:
    """The Content-Security-Policy: these scripts and this style run; nothing is loaded, sent or embedded.

    Args:
        scripts: their hashes.
        style: the style itself.
    """
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {' '.join(scripts)}",
            f"style-src {allowed(style)} {allowed(_NOTHING)}",
            "img-src data: blob:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def block(value: object) -> str:
    """Data as gzip in base64: short, whatever names are in it, and without a character that means something in HTML."""
    return _packed(json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False))


def _packed(text: str) -> str:
    # zlib's own gzip header has no time stamp; that of the module `gzip` is another one from Python 3.13 on.
    return base64.b64encode(zlib.compress(text.encode(), level=9, wbits=zlib.MAX_WBITS | 16)).decode("ascii")
