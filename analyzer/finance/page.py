"""Pages of usage and cost reports from the APIs of OpenAI and Anthropic, and which of them are not the last."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from importlib import resources
from typing import Any

import duckdb

from analyzer.ingest.content import contents

FORMATS = frozenset({"anthropic-usage-api", "openai-usage-api"})  # of the logs that are such pages
_ENDS = ("end_time", "ending_at")
_STARTS = ("start_time", "starting_at")


@dataclass(frozen=True)
class Unfinished:
    """A page after which there is more, of which nothing is given.

    Attributes:
        path: of the file.
        after: the end of its last bucket, UTC; None where it has none.
    """

    path: str
    after: datetime | None


def unfinished(paths: Iterable[str]) -> tuple[Unfinished, ...]:
    """Pages that say that there is more (``has_more``) where no page of the same report goes on from their end.

    Rows that have a ``group`` come by rank, not by time: of them the first page is named, unless the last is there.

    Raises:
        SourceError: a file cannot be read.
    """
    waiting: dict[tuple[str, str | None], str] = {}
    begun: set[tuple[str, str | None]] = set()
    for path in paths:
        for content in contents(path):
            text = b"".join(content.blocks()).decode(errors="replace")
            for page in documents(text) if '"has_more"' in text else ():
                buckets = list(objects(page.get("data")))
                report, starts, ends = _report(buckets), _told(buckets, _STARTS), _told(buckets, _ENDS)
                ranked, more = any("group" in bucket for bucket in buckets), page.get("has_more") is True
                begun |= {(report, start) for start in starts} if not ranked else set() if more else {(report, None)}
                if more:
                    waiting.setdefault((report, ends[-1] if ends and not ranked else None), content.path)
    reports = {"", *(report for report, _ in begun)}  # buckets without a result do not tell of which they are
    return tuple(
        Unfinished(path, _instant(after))
        for (report, after), path in waiting.items()
        if not any((other, after) in begun for other in ((report, "") if report else reports))
    )


def followed(connection: duckdb.DuckDBPyConnection, page: Unfinished) -> bool:
    """Whether a ledger, in which a page is, has usage that begins where it ends."""
    if page.after is None:
        return False
    sql = resources.files("analyzer.finance").joinpath("followed.sql").read_text(encoding="utf-8")
    told = connection.execute(sql, {"after": page.after.replace(tzinfo=None), "path": page.path}).fetchone()
    return bool(told and told[0])


def documents(text: str) -> Iterator[dict[str, Any]]:
    """One document, a list of them, or one a line; what is no JSON is the reader's to refuse."""
    try:
        whole = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        for line in text.splitlines():
            try:
                yield from objects([json.loads(line, parse_float=Decimal)])
            except (ValueError, RecursionError):
                continue
    else:
        yield from objects(whole if isinstance(whole, list) else [whole])


def objects(found: object) -> Iterator[dict[str, Any]]:
    """The objects of a list; nothing where it is none."""
    return (one for one in found if isinstance(one, dict)) if isinstance(found, list) else iter(())


def _report(buckets: Iterable[dict[str, Any]]) -> str:
    """Which report it is: of usage, by its kind where that is told, or of costs."""
    for bucket in buckets:
        if "group" in bucket:
            return "costs by rank" if "cost" in bucket else "usage by rank"
        for result in objects(bucket.get("results")):
            return str(result.get("object") or ("costs" if "amount" in result else "usage"))
    return ""


def _told(buckets: Iterable[dict[str, Any]], names: tuple[str, ...]) -> list[str]:
    return [str(bucket[name]) for bucket in buckets for name in names if bucket.get(name) is not None]


def _instant(told: str | None) -> datetime | None:
    """Seconds since 1970, or a text; None where it is neither."""
    if told is None:
        return None
    try:
        found = datetime.fromtimestamp(int(told), UTC) if told.isdecimal() else datetime.fromisoformat(told)
    except (ValueError, OverflowError, OSError):
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
