"""A format: one ``.sql`` file whose head says how its logs look and whose SELECT says what they mean.

The head is comments of the form ``-- key: value``; a comment line without a key continues the one before.

=========  ==============================================================================================
name       how ``--format`` and the ledger call it
title      one line for people
source     where the shape is documented
container  ``json``, ``csv``, or both
evidence   what a record must show, one line each: a path, alternatives joined by ``|``, or ``path = value | value``
           with ``*`` as wildcard; ``key[]`` is the first element of a list, and a key with dots in it stands in
           quotation marks. More lines make a format more specific.
time       the words looked for, named when a record has none; likewise ``model``
needs      what such a log leaves out and the user must give, if anything
columns    what is read of a record, with types; ``COUNT`` is a token count, which is a number where all of them are
           numbers, else text. Nothing else is ever read.
let        a short name for a type in ``columns``. In the SELECT ``COUNT_CAST`` makes one of JSON: where a count is no
           number it raises an error, and the log is read with care, where counts are text
envelope   ``common`` where a team's own record may stand around or beside what is read: ``envelope.sql`` adds its
           columns, and to ``records`` the words that they come to (``from_text``, ``endpoint_text``, ...)
grain      ``record`` (one row a record, in order; what is left out means this), ``split`` (a record can give several
           rows) or ``group`` (a row can be made of several records). The SELECT of the last two is given each
           record's number as ``record`` and gives it back, with ``records`` as the number of records that a row
           counts for: 0 for all but one of the rows of a split record. Several logs are read at once: windows and
           groups are partitioned by ``source_id``.
anew       what a record shows that other records of the log say more of, as ``evidence``: a log with such in its first
           records is read as a whole again when it has grown, as those of the grain ``group`` always are
onto       a format whose SELECT reads on from what this one's gives: the same records, kept otherwise. Of that one's
           columns it gives those that it has, and it hands ``source_id`` and ``record`` through
rank       ``last`` for the format of last resort
=========  ==============================================================================================
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from importlib import resources
from types import MappingProxyType

from analyzer.errors import UsageError
from analyzer.ingest.evidence import Evidence, Record

_NEEDED = frozenset({"name", "title", "source", "container", "evidence", "time", "model", "columns"})
_KEYS = _NEEDED | {"needs", "let", "envelope", "grain", "anew", "onto", "rank"}
_HEAD_LINE = re.compile(r"--\s*(?:(?P<key>[a-z]+):\s+)?(?P<value>.*)$")

_STRUCT = "STRUCT("


@dataclass(frozen=True)
class Format:
    """One log format, as its file states it."""

    name: str
    title: str
    source: str
    containers: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    time_words: tuple[str, ...]
    model_words: tuple[str, ...]
    needs: str
    columns: Mapping[str, str]
    grain: str
    anew: tuple[Evidence, ...]
    onto: str | None
    last_resort: bool
    enveloped: bool
    select: str

    @classmethod
    def parse(cls, name: str, text: str) -> "Format":
        """Read one format file.

        Raises:
            ValueError: its head is incomplete or says what nothing reads. Formats are ours; a test reads them all.
        """
        head = _head(text)
        containers = " ".join(head.get("container", [])).replace(",", " ").split()
        wrong = {
            f"its head has {', '.join(sorted(set(head) - _KEYS))}, which nothing reads": set(head) - _KEYS,
            f"its head lacks {', '.join(sorted(_NEEDED - set(head)))}": _NEEDED - set(head),
            f"its head calls it {' '.join(head.get('name', []))}": head.get("name") != [name],
            f"its container is json, csv or both, and not {' '.join(containers)}": set(containers) - {"json", "csv"},
        }
        if told := next((what for what, holds in wrong.items() if holds), None):
            raise ValueError(f"formats/{name}.sql: {told}")
        lets = dict(line.split(" = ", 1) for line in head.get("let", []))
        enveloped = head.get("envelope") == ["common"]
        around = _columns(_head(_envelope())["columns"][0]) if enveloped else {}
        columns = around | _columns(" ".join(head["columns"]))
        select = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
        for let, meaning in reversed(lets.items()):
            columns = {column: re.sub(rf"\b{let}\b", meaning, kind) for column, kind in columns.items()}
            select = re.sub(rf"\b{let}\b", meaning, select)
        return cls(
            name=name,
            title=head["title"][0],
            source=head["source"][0],
            containers=tuple(containers),
            evidence=tuple(Evidence.parse(line) for line in head["evidence"]),
            time_words=_words(head["time"][0]),
            model_words=_words(head["model"][0]),
            needs=head.get("needs", [""])[0],
            columns=columns,
            grain=head.get("grain", ["record"])[0],
            anew=tuple(Evidence.parse(line) for line in head.get("anew", [])),
            onto=head.get("onto", [None])[0],
            last_resort=head.get("rank") == ["last"],
            enveloped=enveloped,
            select=select,
        )

    def records(self, reading: str) -> str:
        """The rows that its SELECT reads, from those of the reader."""
        if not self.enveloped:
            return reading
        select = "\n".join(line for line in _envelope().splitlines() if not line.startswith("--"))
        return select.replace("{records}", reading)

    @cached_property
    def objects(self) -> frozenset[str]:
        """The columns that are read as objects."""
        return frozenset(name for name, kind in self.columns.items() if is_struct(kind))

    def read_anew(self, sample: Sequence[Record]) -> bool:
        """Whether a log that begins, or goes on, with these records is read as a whole again when it has grown."""
        return self.grain == "group" or any(shown.holds(record) for shown in self.anew for record in sample)

    @property
    def numbered(self) -> bool:
        """Whether its SELECT handles record numbers itself."""
        return self.grain != "record"


@cache
def _envelope() -> str:
    return resources.files("analyzer.ingest").joinpath("envelope.sql").read_text(encoding="utf-8")


def _head(text: str) -> dict[str, list[str]]:
    """The ``-- key: value`` lines before the first blank comment or statement."""
    head: dict[str, list[str]] = {}
    key = ""
    for line in text.splitlines():
        match = _HEAD_LINE.match(line)
        if match is None or not match["value"]:
            break
        if match["key"]:
            key = match["key"]
            head.setdefault(key, []).append(match["value"].strip())
        else:
            head[key][-1] += " " + match["value"].strip()
    return head


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split("|"))


def _columns(text: str) -> dict[str, str]:
    """Split ``a VARCHAR, b STRUCT(c COUNT, d COUNT)`` at its outer commas."""
    columns: dict[str, str] = {}
    depth, start = 0, 0
    for place, char in enumerate(text + ","):
        if char == "," and depth == 0:
            name, _, kind = text[start:place].strip().partition(" ")
            if name.startswith('"'):  # "Prompt Tokens" COUNT
                name, _, kind = text[start:place].strip()[1:].partition('"')
            columns[name] = kind.strip()
            start = place + 1
        depth += {"(": 1, ")": -1}.get(char, 0)
    return columns


def is_struct(kind: str) -> bool:
    """Whether a type is an object with fields, not a list of such."""
    return kind.startswith(_STRUCT) and kind.endswith(")")


@lru_cache(maxsize=1024)  # asked of every object in the first records of every log
def fields(kind: str) -> Mapping[str, str]:
    """Fields of a struct, and their types."""
    return MappingProxyType(_columns(kind[len(_STRUCT) : -1]))


@cache
def formats() -> Mapping[str, Format]:
    """All formats by name."""
    folder = resources.files("analyzer").joinpath("formats")
    names = sorted(item.name.removesuffix(".sql") for item in folder.iterdir() if item.name.endswith(".sql"))
    texts = {name: folder.joinpath(f"{name}.sql").read_text(encoding="utf-8") for name in names}
    return {name: _onto(Format.parse(name, text), texts) for name, text in texts.items()}


def _onto(form: Format, texts: Mapping[str, str]) -> Format:
    """The format with the SELECT that reads on from its own, if its head names one."""
    if form.onto is None:
        return form
    further = Format.parse(form.onto, texts[form.onto])
    columns = ", ".join(f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in further.columns.items())
    laid = f"SELECT * FROM (\n{form.select}\n) UNION ALL BY NAME SELECT {columns} WHERE false"
    first, rest = re.sub(r"\bFROM records\b", "FROM laid", further.select).split("WITH RECURSIVE ", 1)
    return replace(form, select=f"{first}WITH RECURSIVE laid AS MATERIALIZED (\n{laid}\n), {rest}")


def named(name: str) -> Format:
    """The format that ``--format`` names.

    Raises:
        UsageError: there is none of that name.
    """
    from difflib import get_close_matches

    known = formats()
    if name not in known:
        near = get_close_matches(name, known, n=3, cutoff=0.3) or sorted(known)
        raise UsageError(f"unknown format: {name}", f"did you mean {', '.join(near)}? `spend formats` lists them all")
    return known[name]
