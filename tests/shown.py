"""Pages of the report for tests: made of rows or of logs, and read as a browser would read them."""

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest
from support import BOOK, fill, ledger_of, scenario

from analyzer.ledger import Ledger
from analyzer.report.amounts import UNKNOWN
from analyzer.simulate.analysis import Analysis, analyze
from analyzer.simulate.relations import View
from analyzer.simulate.scenario import Scenario
from analyzer.simulate.vocabulary import DEFAULTS, read

RUN = "document.documentElement.dataset.ran=1"
HOSTILE = [
    f"</script><script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f'"><svg onload="{RUN}">',
    "<!--<script>",
    '<a href="https://evil.example/">link</a>',
    f"javascript:{RUN}",
    '<span style="font-size:60px">big</span>',
    "\u202egnp.tekcit",
    "nul\x00 escape\x1b[31m c1\x9b line\u2028end",
    "x" * 10_000,
    "${period} $policy $$",
    "%{y}<extra>%{x}</extra>",
    "$x^2$",
    "__proto__",
    "&lt;b&gt; &amp; &#60;",
]


class Page(HTMLParser):
    """What a browser would see: tags, tables by id, texts of scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.styles: list[str] = []
        self.text = ""
        self._open = ""
        self._rows: list[list[str]] = []
        self._cell = False
        self._cut = False  # within a name that is cut in its middle; the whole of it follows
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open = tag
        if tag == "table":
            self._rows = self.tables.setdefault(dict(attrs)["id"] or "", [])
        elif tag == "tr":
            self._rows.append([])
        elif tag in {"th", "td"}:
            self._rows[-1].append("")
            self._cell = True
        elif tag == "summary":
            self._cut = True
        elif tag == "script":
            self.scripts.append((dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        self._open = ""
        if tag in {"th", "td"}:
            self._cell = False
        elif tag == "summary":
            self._cut = False

    def handle_data(self, data: str) -> None:
        if self._open == "script":
            attrs, text = self.scripts[-1]
            self.scripts[-1] = (attrs, text + data)
        elif self._open == "style":
            self.styles.append(data)
        else:
            self.text += data
            if self._cell and not self._cut:
                self._rows[-1][-1] += data

    def script(self, name: str) -> str:
        """A data block."""
        return next(text for attrs, text in self.scripts if attrs.get("id") == name)

    @property
    def figures(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.unpacked("figures"))
        return found

    def unpacked(self, name: str) -> str:
        """What a data block holds."""
        return gzip.decompress(base64.b64decode(self.script(name))).decode()

    @property
    def policy(self) -> dict[str, list[str]]:
        """The Content-Security-Policy by directive."""
        whole = next(a["content"] for _, a in self.tags if a.get("http-equiv") == "Content-Security-Policy")
        return {words[0]: words[1:] for part in (whole or "").split(";") for words in [part.split()]}


def analysis_of(ledger: Ledger, scenarios: Sequence[Scenario] | None = None, view: View | None = None) -> Analysis:
    chosen = [read(word, BOOK) for word in DEFAULTS] if scenarios is None else scenarios
    return analyze(ledger, BOOK, view or View(), chosen)


def request(number: int, **changes: object) -> dict[str, object]:
    """A row of the ledger, an hour after the one before it."""
    row: dict[str, object] = {
        "endpoint": "/chat",
        "started_at": datetime.fromisoformat("2026-05-01T00:00") + timedelta(hours=number),
        "input_tokens": 1000 + number,
        "cache_read_tokens": 512,
        "output_tokens": 100 + number,
    }
    return {**row, **changes}


def filled(rows: Sequence[Mapping[str, object]], **how: Any) -> Analysis:
    with ledger_of() as ledger:
        fill(ledger, rows)
        return analysis_of(ledger, **how)


def cents(texts: Sequence[str]) -> Decimal:
    return sum((Decimal(text.replace(",", "")) for text in texts if text != UNKNOWN), Decimal(0))


@pytest.fixture(scope="module")
def hostile() -> Analysis:
    """Hostile names wherever a log or a scenario can put one."""
    rows = [
        request(number, endpoint=name, model=model, session_id=name)
        for number, name in enumerate(HOSTILE)
        for model in ("deepseek-v4-flash", name)
    ]
    named = [scenario(f"name = {json.dumps(name)}\ntitle = {json.dumps(name)}\ndefault = 'pro'") for name in HOSTILE]
    return filled(rows, scenarios=named)
