"""From what the user typed to the files that are meant."""

import glob
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from analyzer.errors import SourceError
from analyzer.ledger.masking import unkeyed_path

_ENDINGS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".log", ".logfmt")
_PACKED = ("", ".gz", ".zst", ".zstd", ".bz2", ".xz")
_ARCHIVE = ".zip"
# What logrotate (app.log.1, app.log-20261001), Python's handlers (app.log.2026-10-01_13) and others append.
_ROTATED = r"\.\d{1,5}|[-._]\d{4}-?\d\d-?\d\d(?:[-_.t]?\d\d(?:[-:.]?\d\d){0,2})?|[-.]\d{10}"
_LOG = re.compile(
    rf".*(?:(?:{'|'.join(map(re.escape, _ENDINGS))})(?:{_ROTATED})?(?:{'|'.join(map(re.escape, _PACKED))})"
    rf"|{re.escape(_ARCHIVE)})",
    re.DOTALL,
)
# Files that say themselves that they are something else, and our own.
_NO_LOG = re.compile(
    r"\..*|spend[-.].*|.*\.(?:duckdb(?:\.wal)?|xlsx|parquet|html?|pdf|md|rst|toml|ya?ml|py|js|sh|sql|png|jpe?g|svg)",
    re.DOTALL,
)
_SMALL = 1 << 20

STANDARD_INPUT = "-"


@dataclass(frozen=True)
class Found:
    """One file to read, or standard input (``-``)."""

    path: str
    named: bool  # the user named this very file; one found in a folder may be something else


def find(logs: tuple[str, ...], passed: list[str] | None = None) -> tuple[list[Found], list[SourceError]]:
    """Files named, files in named folders (by their endings), and globs that the shell did not expand.

    A path given twice counts once. What is not there comes back as errors, so that the rest can be read.

    Args:
        logs: what was named.
        passed: is given the files in folders that do not end as logs do, but might be some.
    """
    found: dict[str, Found] = {}
    errors: list[SourceError] = []
    for log in logs:
        try:
            for item in _expand(log, passed if passed is not None else [], errors):
                found.setdefault(item.path, item)
        except SourceError as error:
            errors.append(error)
        except OSError as error:  # a folder above it may not be looked into, or the name is too long
            told = f"{spelled(log)}: cannot be read ({error.strerror or error})"
            errors.append(SourceError(told, "check the path and its permissions"))
        except RecursionError:
            errors.append(
                SourceError(f"{log}: too many folders, each in another", "name the files, or an inner folder")
            )
    return list(found.values()), errors


def spelled(path: str) -> str:
    """A path as text that any program can take, and anybody may read.

    Bytes that are no characters are spelled out, and keys that somebody named a file after are masked.
    """
    return unkeyed_path(path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"))


def where_they_lie(paths: Iterable[str]) -> list[Path]:
    """The files that are so large that they had better be read where they lie: copies of others cost nothing."""
    return [Path(path) for path in paths if path != STANDARD_INPUT and size_of(path) > _SMALL]


def size_of(path: str) -> int:
    """The bytes of a log as it lies there; 0 where there is no such file."""
    with suppress(OSError, ValueError):  # the latter of a name that no file can have
        return Path(path).stat().st_size
    return 0


def _expand(log: str, passed: list[str], errors: list[SourceError]) -> list[Found]:
    if log == STANDARD_INPUT:
        return [Found(log, named=True)]
    path = Path(log)
    if path.is_dir():
        return _search(path, passed, errors)
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
        for item in (_search(Path(match), passed, errors) if Path(match).is_dir() else [Found(match, named=True)])
    ]


def _search(folder: Path, passed: list[str], errors: list[SourceError]) -> list[Found]:
    """All files below a folder whose ending is that of a log; links to folders are not followed.

    Folders that cannot be looked into become errors; the others are searched all the same.
    """
    refused: list[OSError] = []
    found: list[Found] = []
    others: list[str] = []
    for where, _, names in os.walk(folder, onerror=refused.append):
        hidden = any(part.startswith(".") for part in Path(where).relative_to(folder).parts)
        for name in names:
            if _LOG.fullmatch(name.lower()):
                found.append(Found(str(Path(where) / name), named=False))
            elif not (hidden or _NO_LOG.fullmatch(name.lower())):
                others.append(str(Path(where) / name))
    errors.extend(
        SourceError(
            f"{spelled(os.fsdecode(one.filename))}: cannot be searched ({one.strerror})", "check its permissions"
        )
        for one in refused
    )
    if not found and not refused:
        raise SourceError(
            f"{folder}: no logs in this folder",
            f"logs end in {', '.join(_ENDINGS)}, rotated and packed ones too; name others to read them",
        )
    passed.extend(sorted(others))
    return sorted(found, key=lambda item: item.path)
