"""From what the user typed to the files that are meant."""

import glob
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from analyzer.errors import SourceError

_ENDINGS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".log")
_PACKED = ("", ".gz", ".zst", ".bz2", ".xz")
_ARCHIVE = ".zip"
_SMALL = 1 << 20

STANDARD_INPUT = "-"


@dataclass(frozen=True)
class Found:
    """One file to read, or standard input (``-``)."""

    path: str
    named: bool  # the user named this very file; one found in a folder may be something else


def find(logs: tuple[str, ...]) -> tuple[list[Found], list[SourceError]]:
    """Files named, files in named folders (by their endings), and globs that the shell did not expand.

    A path given twice counts once. What is not there comes back as errors, so that the rest can be read.
    """
    found: dict[str, Found] = {}
    errors: list[SourceError] = []
    for log in logs:
        try:
            for item in _expand(log):
                found.setdefault(item.path, item)
        except SourceError as error:
            errors.append(error)
    return list(found.values()), errors


def spelled(path: str) -> str:
    """A path as text that any program can take: bytes that are no characters are spelled out."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def where_they_lie(paths: Iterable[str]) -> list[Path]:
    """The files that are so large that they had better be read where they lie: copies of others cost nothing."""
    return [Path(path) for path in paths if path != STANDARD_INPUT and _large(path)]


def _large(path: str) -> bool:
    try:
        return Path(path).stat().st_size > _SMALL
    except (OSError, ValueError):
        return False


def _expand(log: str) -> list[Found]:
    if log == STANDARD_INPUT:
        return [Found(log, named=True)]
    path = Path(log)
    if path.is_dir():
        return _search(path)
    if path.exists() or not glob.has_magic(log):
        if not path.exists():
            raise SourceError(f"{log}: no such file", "check the path")
        return [Found(log, named=True)]
    matches = sorted(glob.glob(log, recursive=True))  # noqa: PTH207  (pathlib refuses absolute patterns)
    if not matches:
        raise SourceError(f"{log}: matches no file", "check the pattern")
    return [
        item
        for match in matches
        for item in (_search(Path(match)) if Path(match).is_dir() else [Found(match, named=True)])
    ]


def _search(folder: Path) -> list[Found]:
    """All files below a folder whose ending is that of a log; links to folders are not followed."""
    endings = (*(ending + packed for ending in _ENDINGS for packed in _PACKED), _ARCHIVE)
    refused: list[OSError] = []
    found = [
        Found(str(Path(where) / name), named=False)
        for where, _, names in os.walk(folder, onerror=refused.append)
        for name in names
        if name.lower().endswith(endings)
    ]
    if refused:
        raise SourceError(f"{refused[0].filename}: cannot be searched ({refused[0].strerror})", "check its permissions")
    if not found:
        raise SourceError(
            f"{folder}: no logs in this folder", f"logs end in {', '.join(_ENDINGS)}, also with .gz or .zst"
        )
    return sorted(found, key=lambda item: item.path)
